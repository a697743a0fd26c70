"""The rows of a report: a model of tables that can be narrowed and sorted, and saved."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.engine.saving import save_table
from app.errors import SyncError
from app.text import _
from app.ui.parts.label import tip

Index = QModelIndex | QPersistentModelIndex


class Row(NamedTuple):
    """A line as the table shows it."""

    line: Any
    """What the report has: it says in its ``school`` where it is told."""
    words: tuple[str, ...]
    sought: str
    """All of its words in one, as a search compares them."""


def row_of(line: Any, words: Sequence[str]) -> Row:
    """A line with its words."""
    return Row(line, tuple(words), "\n".join(words).casefold())


class Seen(NamedTuple):
    """A report: its lines, and what the schools are called in which they are told."""

    lines: Sequence[Any]
    schools: Mapping[int, str]
    report: Any = None
    """All that the report's own dialog wants to know besides."""


def save(path: Path, headings: Sequence[str], rows: Sequence[Row]) -> int | SyncError:
    """Saves rows as CSV; how many, or why not."""
    try:
        return save_table(path, headings, [row.words for row in rows])
    except SyncError as error:
        return error


class LinesModel(QAbstractTableModel):
    """All rows, and those that are shown, in the order in which they are."""

    def __init__(self, headings: Sequence[str]) -> None:
        super().__init__()
        self.headings = list(headings)
        self.rows: list[Row] = []
        self.shown: list[Row] = []
        self._fits: Callable[[Any], bool] = lambda _line: True
        self._word = ""
        self._by = -1, Qt.SortOrder.AscendingOrder

    def clear(self, headings: Sequence[str] | None = None) -> None:
        """There are none; under other headings, where they are given."""
        self.beginResetModel()
        self.rows, self.shown = [], []
        if headings is not None and list(headings) != self.headings:
            self.headings = list(headings)
            self._by = -1, Qt.SortOrder.AscendingOrder
        self.endResetModel()

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

    def narrow(self, fits: Callable[[Any], bool], word: str) -> None:
        """Shows those whose line fits, and that have a word in them."""
        self._fits, self._word = fits, word.strip().casefold()
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Shows them by a column; without one as they came."""
        self._by = column, order
        self._arrange()

    def _wanted(self, row: Row) -> bool:
        return self._fits(row.line) and self._word in row.sought

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
        """One a heading."""
        return 0 if parent.isValid() else len(self.headings)

    def headerData(  # noqa: N802, RUF100
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """The headings."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.headings[section]
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
            return f"{self.headings[column]}: {row.words[column] or _('blank')}"
        return None
