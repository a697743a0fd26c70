"""What is wrong in the files that a connector reads: a table, and all of it as a file."""

import threading
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)
from shiboken6 import isValid

from app.engine.examining import HEADINGS, Problems, in_words
from app.errors import Cancelled, SyncError
from app.text import _, plural, sentence
from app.ui.parts.dialog import Dialog, choose_csv
from app.ui.parts.label import Label, tip
from app.ui.parts.wrapping import Wrapping
from app.ui.session import Session
from app.ui.wording import number

LINE = HEADINGS.index("Line")


class ProblemsDialog(Dialog):
    """Examines the files as it opens, and shows the first problems; closed, it stops."""

    settled = Signal()
    """What was asked of the engine is done, and shown."""

    def __init__(self, parent: QWidget | None, session: Session, connector: str) -> None:
        title = _("Problems in the files")
        words = _(
            "Where the files of “{name}” are not as OneRoster has them, and what was done about "
            "it. Give the list to whoever makes the files."
        )
        super().__init__(parent, title, title, words.format(name=connector))
        self._session, self._connector = session, connector
        self._under_way: threading.Event | None = None
        self.chooser: QFileDialog | None = None
        """Where it is asked which file, since that was asked."""
        self.table = QTableWidget(0, len(HEADINGS))
        self.table.setHorizontalHeaderLabels([_(one) for one in HEADINGS])
        self.table.setAccessibleName(title)
        self._wrapping = Wrapping(self.table)
        self.told = Label()
        self.told.setWordWrap(True)
        self.save_button = QPushButton(_("&Save as CSV…"))
        self.save_button.setToolTip(_("Saves all problems, for a spreadsheet"))
        self.save_button.clicked.connect(self._choose_file)
        close = QPushButton(_("Close"))
        close.clicked.connect(self.accept)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.told)
        self.buttons.addWidget(self.save_button)
        self.buttons.addStretch(1)
        self.buttons.addWidget(close)
        self.fit(1160, 680)
        self._examine(None)

    def _examine(self, out: Path | None) -> None:
        self.told.setText(_("The files are looked through…"))
        self.save_button.setEnabled(False)
        self._under_way = self._session.request(
            "examine", self._connector, then=lambda found: self._found(found, out), out=out
        )

    def _found(self, found: Problems | SyncError, out: Path | None) -> None:
        if not isValid(self):
            return
        self._under_way = None
        if isinstance(found, SyncError):
            if not isinstance(found, Cancelled):
                self.told.setText(sentence(found.code, found.parameters))
        else:
            self._show(found)
            if out is not None:
                self.told.setText(_("Saved to {path}.").format(path=out))
        self.settled.emit()

    def _show(self, found: Problems) -> None:
        self.save_button.setEnabled(found.count > 0)
        self.table.setSortingEnabled(False)  # or rows would move while they are filled
        self.table.setRowCount(len(found.first))
        for row, one in enumerate(found.first):
            for column, text in enumerate(in_words(one)):
                item = QTableWidgetItem()
                told = int(text) if column == LINE and text else text  # line 9 is before line 10
                item.setData(Qt.ItemDataRole.DisplayRole, told)
                item.setToolTip(tip(text))
                self.table.setItem(row, column, item)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.setSortingEnabled(True)
        self._wrapping.fit()
        words = plural("{n} problem was found.", "{n} problems were found.", found.count)
        if found.count > len(found.first):
            more = _("The first {n} are shown; the saved file has all.")
            words = f"{words} {more.format(n=number(len(found.first)))}"
        self.told.setText(words if found.count else _("Nothing is wrong in the files."))

    def _choose_file(self) -> None:
        self.chooser = choose_csv(self, _("problems.csv"), self._examine)

    def done(self, result: int) -> None:
        """Closes; what is under way stops."""
        if self._under_way is not None:
            self._under_way.set()
        super().done(result)
