"""What the registrar of each school should mend: a table to narrow, sort, copy and save."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush, QGuiApplication, QKeyEvent, QKeySequence
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

from app.engine.quality import HEADINGS, Grade, Report, report, told
from app.engine.saving import save_table
from app.errors import SyncError
from app.store.database import Database
from app.text import _, plural, sentence
from app.ui import badges, theme
from app.ui.badges import Look
from app.ui.connectors.form import Choices
from app.ui.parts.dialog import Dialog, choose_csv
from app.ui.parts.label import Label, tip
from app.ui.parts.wrapping import Wrapping
from app.ui.reports import printing
from app.ui.session import Session
from app.ui.wording import day, number

Index = QModelIndex | QPersistentModelIndex

AT_ONCE = 2000
"""Lines that are put in words for one question, so that other questions are answered between."""
SCHOOL, GRADE = 0, 1
MOST = {HEADINGS.index("Key"): 120}
"""Nobody reads a key; whoever needs it copies the row, or makes the column wider."""
ALL = None
"""In place of a school: every one."""

LOOKS = {
    Grade.FAULT: Look("octagon", "bad", ""),
    Grade.NOTE: Look("triangle", "warn", ""),
}


class Row(NamedTuple):
    """A line as the table shows it."""

    school: int
    grade: Grade
    words: tuple[str, ...]
    sought: str
    """All of its words in one, as a search compares them."""


@dataclass(frozen=True)
class Seen:
    """A report, or why there is none."""

    report: Report | None
    trouble: SyncError | None = None


def look(database: Database) -> Seen:
    """Makes the report; on the reader's thread."""
    try:
        return Seen(report(database, datetime.now(UTC).date().isoformat()))
    except SyncError as error:
        return Seen(None, error)


def put_in_words(database: Database, seen: Report, start: int) -> list[Row]:
    """The next lines from a place on; on the reader's thread."""
    lines = seen.lines[start : start + AT_ONCE]
    rows = []
    for line, words in zip(lines, told(database, lines, seen.schools), strict=True):
        texts = astuple(words)
        rows.append(Row(line.school, line.grade, texts, "\n".join(texts).casefold()))
    return rows


def save(path: Path, rows: Sequence[Row]) -> int | SyncError:
    """Saves rows as CSV; how many, or why not."""
    try:
        return save_table(path, [_(one) for one in HEADINGS], [row.words for row in rows])
    except SyncError as error:
        return error


class LinesModel(QAbstractTableModel):
    """All rows, and those that are shown, in the order in which they are."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.shown: list[Row] = []
        self._school: int | None = ALL
        self._word = ""
        self._by = -1, Qt.SortOrder.AscendingOrder

    def clear(self) -> None:
        """There are none."""
        self.rows = []
        self._arrange()

    def add(self, rows: list[Row]) -> None:
        """More of them have come."""
        self.rows += rows
        column, _order = self._by
        new = [row for row in rows if self._wanted(row)]
        if column >= 0:
            self._arrange()
        elif new:
            first = len(self.shown)
            self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
            self.shown += new
            self.endInsertRows()

    def narrow(self, school: int | None, word: str) -> None:
        """Shows those of one school, or of all, that have a word in them."""
        self._school, self._word = school, word.strip().casefold()
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Shows them by a column; without one as they came."""
        self._by = column, order
        self._arrange()

    def _wanted(self, row: Row) -> bool:
        return self._school in (ALL, row.school) and self._word in row.sought

    def _arrange(self) -> None:
        self.beginResetModel()
        self.shown = [row for row in self.rows if self._wanted(row)]
        column, order = self._by
        if column >= 0:
            down = order == Qt.SortOrder.DescendingOrder
            self.shown.sort(key=lambda row: row.words[column].casefold(), reverse=down)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802, RUF100
        """One row a line."""
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802, RUF100
        """The columns of ``HEADINGS``."""
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(  # noqa: N802, RUF100
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """The headings."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _(HEADINGS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What stands in a cell."""
        row, column = self.shown[index.row()], index.column()
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(row.words[column])
        if role == Qt.ItemDataRole.DisplayRole:
            return row.words[column]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{_(HEADINGS[column])}: {row.words[column] or _('blank')}"
        if column == GRADE and role == Qt.ItemDataRole.DecorationRole:
            return badges.icon(LOOKS[row.grade])
        if column == GRADE and role == Qt.ItemDataRole.ForegroundRole:
            return QBrush(LOOKS[row.grade].ink())
        return None


class QualityDialog(Dialog):
    """Opens at once and fills up; what is narrowed is what is copied and saved."""

    settled = Signal()
    """All lines have come, or none will."""
    saved = Signal()
    """A file was written, or could not be."""

    def __init__(self, parent: QWidget | None, session: Session) -> None:
        words = _(
            "What the registrar of each school should mend: what does not add up in the roster, "
            "and what is corrected here alone. Mend it in the SIS, and the next sync brings it "
            "here."
        )
        title = _("The registrar’s list")
        super().__init__(parent, title, title, words)
        self._session = session
        self._seen: Report | None = None
        self.chooser: QFileDialog | None = None
        """Where it is asked which file, since that was asked."""
        self.paper: QPrintDialog | None = None
        """Where it is asked which printer, since that was asked."""
        self.lines = LinesModel()
        self.school = Choices()
        self.school.setAccessibleName(_("School"))
        self.school.setSizeAdjustPolicy(Choices.SizeAdjustPolicy.AdjustToContents)
        self.school.setMaximumWidth(420)
        self.school.currentIndexChanged.connect(self._narrow)
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search"))
        self.search.setAccessibleName(_("Search in all columns"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._narrow)
        self.count = Label()
        self.count.setProperty("quiet", True)
        self.table = self._table()
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
        self._lay_out()
        self.look()

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(theme.SPACE)
        above.addWidget(self.school)
        above.addWidget(self.search, 1)
        above.addWidget(self.count)
        self.place = QStackedWidget()
        self.place.addWidget(self.table)
        self.place.addWidget(self.instead)
        self.body.addLayout(above)
        self.body.addWidget(self.place, 1)
        self.body.addWidget(self.trouble)
        close = QPushButton(_("Close"))
        close.clicked.connect(self.accept)
        for button in (self.save_button, self.print_button, self.again_button, close):
            button.setAutoDefault(False)  # Enter belongs to the search
        self.buttons.addWidget(self.save_button)
        self.buttons.addWidget(self.print_button)
        self.buttons.addWidget(self.again_button)
        self.buttons.addStretch(1)
        self.buttons.addWidget(close)
        self.fit(1160, 680)

    def _table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.lines)
        table.setAccessibleName(_("What is to be mended"))
        self._wrapping = Wrapping(table, MOST)
        head = table.horizontalHeader()
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSortIndicatorClearable(True)  # and they stand by school again
        table.setSortingEnabled(True)
        return table

    # -- reading --

    def look(self) -> None:
        """Makes the report anew."""
        self._seen = None
        self.again_button.setEnabled(False)
        self.lines.clear()
        self._show()
        self._session.ask("quality", look, self._found)

    def _found(self, seen: Seen) -> None:
        if not isValid(self):
            return
        self._say(seen.trouble)
        self._seen = seen.report or Report((), {})
        self._offer_schools(self._seen)
        self._more()

    def _offer_schools(self, seen: Report) -> None:
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
        self._narrow()

    def _more(self) -> None:
        seen, start = self._seen, len(self.lines.rows)
        if seen is None:
            return
        if start < len(seen.lines):
            self._session.ask("quality", lambda db: put_in_words(db, seen, start), self._put)
        else:
            self.again_button.setEnabled(True)
            self._show()
            self.settled.emit()

    def _put(self, rows: list[Row]) -> None:
        if not isValid(self):
            return
        first = not self.lines.rows
        self.lines.add(rows)
        self._show()
        if first:
            self._wrapping.fit()
        self._more()

    # -- showing --

    def _narrow(self) -> None:
        school = self.school.currentData()
        self.table.setColumnHidden(SCHOOL, school is not ALL)
        self.lines.narrow(school, self.search.text())
        self._show()
        self._wrapping.fit()

    def _show(self) -> None:
        shown = self.lines.shown
        faults = sum(row.grade is Grade.FAULT for row in shown)
        told = (
            plural("{n} fault", "{n} faults", faults),
            plural("{n} note", "{n} notes", len(shown) - faults),
        )
        self.count.setText(" · ".join(told) if shown else "")
        self.save_button.setEnabled(bool(shown))
        self.print_button.setEnabled(bool(shown))
        if self._seen is None:
            words = _("Looking…")
        elif not self._seen.lines:
            words = _("All is well: nothing is to be mended.")
        else:
            words = _("Nothing of it has that in it. Search for something else.")
        self.instead.setText(words)
        self.instead.setAccessibleDescription(words)
        self.place.setCurrentWidget(self.table if shown else self.instead)

    def _say(self, trouble: SyncError | None) -> None:
        self.trouble.setText(sentence(trouble.code, trouble.parameters) if trouble else "")
        self.trouble.setVisible(trouble is not None)

    # -- taking it elsewhere --

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, RUF100
        """Copies the chosen rows by the usual key."""
        if event.matches(QKeySequence.StandardKey.Copy):
            rows = sorted({index.row() for index in self.table.selectedIndexes()})
            lines = ["\t".join(self.lines.shown[row].words) for row in rows]
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
        headings = [_(one) for one in HEADINGS]
        rows = [row.words for row in self.lines.shown]
        words = f"{self.school.currentText()} · {day(datetime.now(UTC))}"
        printing.table(self.windowTitle(), words, headings, rows).print_(printer)

    def _choose_file(self) -> None:
        self.chooser = choose_csv(self, _("registrar.csv"), self._save)

    def _save(self, path: Path) -> None:
        rows = list(self.lines.shown)
        self.save_button.setEnabled(False)
        self._session.ask("save", lambda _database: save(path, rows), self._written)

    def _written(self, found: int | SyncError) -> None:
        if not isValid(self):
            return
        self.save_button.setEnabled(True)
        self._say(found if isinstance(found, SyncError) else None)
        if not isinstance(found, SyncError):
            self.count.setText(plural("{n} line was saved.", "{n} lines were saved.", found))
        self.saved.emit()
