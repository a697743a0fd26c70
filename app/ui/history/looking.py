"""What looking back has in common: moments, a table by school, and a way to save."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)
from shiboken6 import isValid

from app.errors import SyncError
from app.store.database import Database
from app.text import _, sentence
from app.ui import theme
from app.ui.history.moments import When
from app.ui.parts.dialog import Dialog, choose_csv
from app.ui.parts.label import Label
from app.ui.places import ToRecord
from app.ui.session import Session
from app.ui.wording import saved

COUNTED = 3
"""So many record types are counted by school; of every one it can be listed who there was."""
FEW = COUNTED + 1
"""With no more columns than these the names of the schools give way, and nothing is scrolled."""
ALL_SCHOOLS = None
"""In place of a school: every one."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class LookingBack(Dialog):
    """What both dialogs have: moments, a table by school, a way to save."""

    go = Signal(object)
    """A ``ToRecord`` that a click leads to."""
    settled = Signal()
    """What was asked last is shown."""

    def __init__(self, parent: QWidget | None, session: Session, name: str, words: str) -> None:
        super().__init__(parent, name, name, words)
        self._session = session
        self.chooser: QFileDialog | None = None
        self.whens = QHBoxLayout()
        self.whens.setSpacing(theme.SPACE)
        self.body.addLayout(self.whens)
        self.schools = _table(_("By school"))
        self.told = Label()
        self.told.setProperty("quiet", True)
        self.told.setWordWrap(True)
        self.close_button = QPushButton(_("C&lose"))
        self.close_button.clicked.connect(self.reject)
        self.buttons.addWidget(self.told, 1)
        self.buttons.addWidget(self.close_button)

    def add_when(self, words: str, when: When) -> None:
        """A moment to choose, with its label."""
        label = Label(words)
        label.setBuddy(when.choice)
        self.whens.addWidget(label)
        self.whens.addWidget(when, 1)

    def ask(
        self, topic: str, question: Callable[[Database], object], then: Callable[..., None]
    ) -> None:
        """Asks the database; a dialog that has gone is told nothing, and an error is shown."""

        def asked(database: Database) -> object:
            try:
                return question(database)
            except SyncError as error:
                return error

        def answered(found: object) -> None:
            if not isValid(self):
                return
            if isinstance(found, SyncError):
                self.say(sentence(found.code, found.parameters), wrong=True)
            else:
                then(found)
            self.settled.emit()

        self._session.ask(f"looking back: {topic}", asked, answered)

    def say(self, words: str, *, wrong: bool = False) -> None:
        """A line beside the buttons."""
        theme.mark(self.told, "wrong", wrong)
        self.told.setText(words)

    def fill(
        self, headings: Sequence[str], rows: Sequence[tuple[int | None, Sequence[str]]]
    ) -> None:
        """The table by school: the schools, ``None`` for all of them, and what stands there."""
        chosen = self.school()
        with QSignalBlocker(self.schools.selectionModel()):
            self.schools.setColumnCount(len(headings))
            self.schools.setHorizontalHeaderLabels(list(headings))
            for column in range(len(headings)):
                heading = self.schools.horizontalHeaderItem(column)
                assert heading is not None
                heading.setTextAlignment(_RIGHT if column else LEFT)
            self.schools.setRowCount(len(rows))
            for row, (school, texts) in enumerate(rows):
                for column, text in enumerate(texts):
                    cell = QTableWidgetItem(text)
                    cell.setData(Qt.ItemDataRole.UserRole, school)
                    cell.setTextAlignment(_RIGHT if column else LEFT)
                    self.schools.setItem(row, column, cell)
            places = [place for place, (school, _texts) in enumerate(rows) if school == chosen]
            self.schools.setCurrentCell(places[0] if places else 0, 0)
        head, mode = self.schools.horizontalHeader(), QHeaderView.ResizeMode
        head.setStretchLastSection(False)
        head.setSectionResizeMode(mode.ResizeToContents)
        if len(headings) <= FEW:
            head.setSectionResizeMode(0, mode.Stretch)

    def school(self) -> int | None:
        """The school that is chosen; ``None``: all."""
        cell = self.schools.item(self.schools.currentRow(), 0)
        found: int | None = cell.data(Qt.ItemDataRole.UserRole) if cell else ALL_SCHOOLS
        return found

    def save_as(self, name: str, save: Callable[[Path, Database], int]) -> None:
        """Asks for a file, and has it written."""

        def chosen(path: Path) -> None:
            self.ask("save", lambda db: save(path, db), lambda count: self.say(saved(count, path)))

        self.chooser = choose_csv(self, name, chosen)

    def follow(self, place: ToRecord) -> None:
        """Goes there, and closes."""
        self.accept()
        self.go.emit(place)


def _table(name: str) -> QTableWidget:
    table = QTableWidget()
    table.setAccessibleName(name)
    quiet(table)
    return table


def quiet(table: QTableView) -> None:
    """A table that is read and chosen from, without lines."""
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setStretchLastSection(True)
