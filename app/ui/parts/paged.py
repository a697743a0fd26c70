"""Lists of any length: the model holds ids; a row is read when it is seen."""

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

Index = QModelIndex | QPersistentModelIndex
BLOCK = 64
"""Rows are read so many at a time,"""
BLOCKS = 4
"""of the last few places looked at: what was scrolled past is not worth reading."""

Id = TypeVar("Id")
Row = TypeVar("Row")


class PagedModel(QAbstractTableModel, Generic[Id, Row]):
    """Ids in their order, and the rows of those that were looked at.

    A subclass gives the ``headings`` and says in ``cell`` what stands in a cell of a row that has
    been read; of a row that has not, ``blank``. Whoever hears ``wanted`` reads the rows of those
    ids and hands them to ``put``.
    """

    wanted = Signal(list)
    """Ids whose rows are to be read."""

    headings: Sequence[str] = ()
    """Translated."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[Id] = []
        self._places: dict[Id, int] = {}
        self._rows: dict[Id, Row] = {}
        self._blocks: dict[int, None] = {}
        self._asked: set[Id] = set()
        """What was asked for: a row that never comes is not asked for at every painting."""
        self._asking = QTimer(self)
        self._asking.setSingleShot(True)
        self._asking.timeout.connect(self._ask)

    # -- of the subclass --

    def cell(self, row: Row, column: int, role: int) -> object:
        """What stands in a cell."""
        raise NotImplementedError

    def blank(self, id_: Id, column: int, role: int) -> object:
        """What stands in a cell until its row has been read."""
        return None

    # -- contents --

    def show(self, ids: Sequence[Id]) -> None:
        """These rows, in this order; what was read of them stays, for as long as it is not asked.

        Where some came in above the rest, whoever selected one of the rest keeps it.
        """
        ids = list(ids)
        new = len(ids) - len(self.ids)
        if ids == self.ids:
            return
        if self.ids and new > 0 and ids[new:] == self.ids:
            self.beginInsertRows(QModelIndex(), 0, new - 1)
            self._take(ids)
            self.endInsertRows()
        else:
            self.beginResetModel()
            self._take(ids)
            self._rows = {id_: row for id_, row in self._rows.items() if id_ in self._places}
            self.endResetModel()

    def put(self, rows: Mapping[Id, Row]) -> None:
        """These rows have been read."""
        places = sorted(self._places[id_] for id_ in rows if id_ in self._places)
        self._rows.update(rows)
        self._asked -= rows.keys()
        if places:
            self.dataChanged.emit(
                self.index(places[0], 0), self.index(places[-1], self.columnCount() - 1)
            )

    def stale(self) -> None:
        """What was read may have changed: it stays in sight until it is read again."""
        seen = [id_ for id_ in self.ids if id_ in self._rows][: BLOCK * BLOCKS]
        self._rows = {id_: self._rows[id_] for id_ in seen}
        self._asked.clear()
        if seen:
            self.wanted.emit(seen)

    def row(self, place: int) -> Row | None:
        """The row at a place, once it has been read."""
        return self._rows.get(self.ids[place]) if 0 <= place < len(self.ids) else None

    def place(self, id_: Id) -> int | None:
        """Where an id stands."""
        return self._places.get(id_)

    # -- what Qt asks --

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802, RUF100
        """One row an id."""
        return 0 if parent.isValid() else len(self.ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802, RUF100
        """The columns of ``headings``."""
        return 0 if parent.isValid() else len(self.headings)

    def headerData(  # noqa: N802, RUF100
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The headings."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.headings[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What stands in a cell; a row that was not read yet is asked for."""
        id_ = self.ids[index.row()]
        row = self._rows.get(id_)
        if row is None:
            self._want(index.row())
            return self.blank(id_, index.column(), role)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = self.cell(row, index.column(), Qt.ItemDataRole.DisplayRole)
            return f"{self.headings[index.column()]}: {words or ''}"
        return self.cell(row, index.column(), role)

    def _take(self, ids: list[Id]) -> None:
        self.ids = ids
        self._places = {id_: place for place, id_ in enumerate(ids)}

    def _want(self, place: int) -> None:
        block = place // BLOCK
        self._blocks.pop(block, None)
        self._blocks[block] = None  # the newest last
        if not self._asking.isActive():
            self._asking.start(0)

    def _ask(self) -> None:
        blocks, self._blocks = sorted(list(self._blocks)[-BLOCKS:]), {}
        ids = [
            id_
            for block in blocks
            for id_ in self.ids[block * BLOCK : (block + 1) * BLOCK]
            if id_ not in self._rows and id_ not in self._asked
        ]
        if ids:
            self._asked = set(ids)  # only the newest question is answered
            self.wanted.emit(ids)
