"""A report in lines: it opens at once, fills up, and can be narrowed, copied and saved."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTableView,
    QWidget,
)
from shiboken6 import isValid

from app.errors import SyncError
from app.store.database import Database
from app.text import _, plural, sentence
from app.ui import theme
from app.ui.connectors.form import Choices
from app.ui.parts.dialog import Dialog, choose_csv
from app.ui.parts.label import Label
from app.ui.parts.wrapping import Wrapping
from app.ui.reports import printing
from app.ui.reports.rows import LinesModel, Row, Seen, save
from app.ui.session import Session
from app.ui.wording import day, number

AT_ONCE = 2000
"""Lines that are put in words for one question, so that other questions are answered between."""
ALL = None
"""In place of a school: every one."""


class LinesDialog(Dialog):
    """What is narrowed is what is copied, saved and printed.

    A subclass reads the report in ``question`` and ``put_in_words``, both on the reader's thread,
    and says in ``counted``, ``nothing`` and ``file_name`` what is its own.
    """

    settled = Signal()
    """All lines have come, or none will."""
    saved = Signal()
    """A file was written, or could not be."""

    file_name = "report.csv"
    topic = "report"

    def __init__(
        self,
        parent: QWidget | None,
        session: Session,
        title: str,
        words: str,
        lines: LinesModel,
        name: str,
        most: Mapping[int, int],
    ) -> None:
        """``name`` is what a screen reader calls the table; ``most`` is as of ``Wrapping``."""
        super().__init__(parent, title, title, words)
        self.session = session
        self.seen: Seen | None = None
        self.chooser: QFileDialog | None = None
        """Where it is asked which file, since that was asked."""
        self.paper: QPrintDialog | None = None
        """Where it is asked which printer, since that was asked."""
        self.lines = lines
        self.school = Choices()
        self.school.setAccessibleName(_("School"))
        self.school.setSizeAdjustPolicy(Choices.SizeAdjustPolicy.AdjustToContents)
        self.school.setMaximumWidth(420)
        self.school.currentIndexChanged.connect(self.narrow)
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search"))
        self.search.setAccessibleName(_("Search in all columns"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.narrow)
        self.count = Label()
        self.count.setProperty("quiet", True)
        self.table = self._table(name, most)
        self.instead = Label()
        self.instead.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.instead.setWordWrap(True)
        self.trouble = Label()
        self.trouble.setProperty("wrong", True)
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        self.save_button = QPushButton(_("&Save as CSV…"))
        self.save_button.setToolTip(_("Saves what the table shows, for a spreadsheet"))
        self.print_button = QPushButton(_("&Print…"))
        self.print_button.setToolTip(_("Prints what the table shows"))
        self.print_button.clicked.connect(self._choose_printer)
        self.again_button = QPushButton(_("&Look again"))
        self.save_button.clicked.connect(self._choose_file)
        self.again_button.clicked.connect(self.look)
        self.above = QHBoxLayout()
        self.above.setSpacing(theme.SPACE)
        self.above.addWidget(self.school)
        self.above.addWidget(self.search, 1)
        self.above.addWidget(self.count)
        self.place = QStackedWidget()
        self.place.addWidget(self.table)
        self.place.addWidget(self.instead)
        self.body.addLayout(self.above)
        self.body.addWidget(self.place, 1)
        self.body.addWidget(self.trouble)
        self.close_button = QPushButton(_("Close"))
        self.close_button.clicked.connect(self.accept)
        for button in (self.save_button, self.print_button, self.again_button, self.close_button):
            button.setAutoDefault(False)  # Enter belongs to the search
            if button is self.close_button:
                self.buttons.addStretch(1)
            self.buttons.addWidget(button)
        self.fit(1160, 680)

    def _table(self, name: str, most: Mapping[int, int]) -> QTableView:
        table = QTableView()
        table.setModel(self.lines)
        table.setAccessibleName(name)
        self.wrapping = Wrapping(table, most)
        head = table.horizontalHeader()
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSortIndicatorClearable(True)  # and they stand as they came again
        table.setSortingEnabled(True)
        return table

    # -- of the subclass --

    def question(self) -> Callable[[Database], Seen]:
        """Makes the report."""
        raise NotImplementedError

    def put_in_words(self, database: Database, seen: Seen, start: int) -> list[Row]:
        """The next ``AT_ONCE`` lines from a place on; touches no widget."""
        raise NotImplementedError

    def fits(self) -> Callable[[Any], bool]:
        """Which lines are shown, as it is chosen now."""
        school = self.school.currentData()
        return lambda line: school in (ALL, line.school)

    def hidden(self) -> Sequence[int]:
        """The columns that say the same of all that is shown."""
        return ()

    def counted(self, shown: Sequence[Row]) -> str:
        """How many there are, in words."""
        return plural("{n} line", "{n} lines", len(shown))

    def nothing(self) -> str:
        """What stands there where the report has no line."""
        raise NotImplementedError

    def arrived(self, seen: Seen) -> None:
        """The report is here, and is put in words next."""

    # -- reading --

    def look(self) -> None:
        """Makes the report anew."""
        self.seen = None
        self.again_button.setEnabled(False)
        self.lines.clear()
        self.show_lines()
        question = self.question()

        def asked(database: Database) -> Seen | SyncError:
            try:
                return question(database)
            except SyncError as error:
                return error

        self.session.ask(self.topic, asked, self._found)

    def _found(self, found: Seen | SyncError) -> None:
        if not isValid(self):
            return
        self.say(found if isinstance(found, SyncError) else None)
        self.seen = Seen((), {}) if isinstance(found, SyncError) else found
        self.arrived(self.seen)
        self._offer_schools(self.seen)
        self._more()

    def _offer_schools(self, seen: Seen) -> None:
        chosen = self.school.currentData()
        counted: dict[int, int] = {}
        for line in seen.lines:
            counted[line.school] = counted.get(line.school, 0) + 1
        with QSignalBlocker(self.school):
            self.school.clear()
            self.school.addItem(_("All schools ({n})").format(n=number(len(seen.lines))), ALL)
            for school, count in counted.items():
                self.school.addItem(f"{seen.schools[school]} ({number(count)})", school)
            self.school.setCurrentIndex(max(0, self.school.findData(chosen)))
        self.narrow()

    def _more(self) -> None:
        seen, start = self.seen, len(self.lines.rows)
        if seen is None:
            return
        if start < len(seen.lines):
            self.session.ask(
                self.topic, lambda db: (seen, self.put_in_words(db, seen, start)), self._put
            )
        else:
            self.again_button.setEnabled(True)
            self.show_lines()
            self.settled.emit()

    def _put(self, found: tuple[Seen, list[Row]]) -> None:
        seen, rows = found
        if not isValid(self) or seen is not self.seen:
            return
        first = not self.lines.rows
        self.lines.add(rows)
        self.show_lines()
        if first:
            self.wrapping.fit()
        self._more()

    # -- showing --

    def narrow(self) -> None:
        """Shows what is chosen."""
        hidden = self.hidden()
        for column in range(self.lines.columnCount()):
            self.table.setColumnHidden(column, column in hidden)
        self.lines.narrow(self.fits(), self.search.text())
        self.show_lines()
        self.wrapping.fit()

    def show_lines(self) -> None:
        """Says how many there are, or why there is none."""
        shown = self.lines.shown
        self.count.setText(self.counted(shown) if shown else "")
        self.save_button.setEnabled(bool(shown))
        self.print_button.setEnabled(bool(shown))
        if self.seen is None:
            words = _("Looking…")
        elif not self.seen.lines:
            words = self.nothing()
        else:
            words = _("Nothing of it has that in it. Search for something else.")
        self.instead.setText(words)
        self.instead.setAccessibleDescription(words)
        self.place.setCurrentWidget(self.table if shown else self.instead)

    def say(self, trouble: SyncError | None) -> None:
        """What went wrong, if anything did."""
        self.trouble.setText(sentence(trouble.code, trouble.parameters) if trouble else "")
        self.trouble.setVisible(trouble is not None)

    # -- taking it elsewhere --

    def chosen(self) -> list[Row]:
        """The rows that are chosen, in their order."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        return [self.lines.shown[row] for row in rows]

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, RUF100
        """Copies the chosen rows by the usual key."""
        if event.matches(QKeySequence.StandardKey.Copy):
            lines = ["\t".join(row.words) for row in self.chosen()]
            QGuiApplication.clipboard().setText("\n".join(lines))
        else:
            super().keyPressEvent(event)

    def _choose_printer(self) -> None:
        paper = self.paper = QPrintDialog(self)
        printing.lay_across(paper.printer())
        paper.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        paper.accepted.connect(self._print)
        paper.setWindowModality(Qt.WindowModality.WindowModal)
        paper.show()

    def _print(self, printer: QPrinter) -> None:
        rows = [row.words for row in self.lines.shown]
        words = f"{self.school.currentText()} · {day(datetime.now(UTC))}"
        printing.table(self.windowTitle(), words, self.lines.headings, rows).print_(printer)

    def _choose_file(self) -> None:
        self.chooser = choose_csv(self, _(self.file_name), self._save)

    def _save(self, path: Path) -> None:
        headings, rows = list(self.lines.headings), list(self.lines.shown)
        self.save_button.setEnabled(False)
        self.session.ask("save", lambda _database: save(path, headings, rows), self._written)

    def _written(self, found: int | SyncError) -> None:
        if not isValid(self):
            return
        self.save_button.setEnabled(True)
        self.say(found if isinstance(found, SyncError) else None)
        if not isinstance(found, SyncError):
            self.count.setText(plural("{n} line was saved.", "{n} lines were saved.", found))
        self.saved.emit()
