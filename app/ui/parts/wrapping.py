"""Tables whose sentences wrap: columns share the width there is, rows are as high as their text."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from app.ui import theme

_JOINTS = re.compile(r"(?<=[@./\\_-])(?=\w{3})")
LEAST = 90
"""A column is no narrower, unless all of its words find room in less."""
SAMPLE = 50
"""So many rows tell how wide a column would like to be."""


class Wrapping(QObject):
    """Lays out a table for reading, and anew as it is resized, filled, sorted or scrolled.

    Where there is not room for all, short columns keep what they need and the others share the rest
    evenly; ``most`` has the widths that columns of codes make do with, ``kept`` are columns of
    numbers, which are never cut. Columns that a person has moved stay as they are. With ``whole``
    all rows are measured, not only those in sight.
    """

    fitted = Signal()
    """Rows are as high as they need to be."""

    def __init__(
        self,
        table: QTableView,
        most: Mapping[int, int] | None = None,
        *,
        whole: bool = False,
        kept: Collection[int] = (),
    ) -> None:
        super().__init__(table)
        self._table = table
        self._most = most or {}
        self._whole = whole
        self._kept = kept
        self._by_hand = self._fitting = self._resized_since = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._look)
        table.setItemDelegate(Padded(table))
        table.setWordWrap(True)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        head = table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        head.setResizeContentsPrecision(SAMPLE)
        head.sectionResized.connect(self._moved)
        table.verticalScrollBar().valueChanged.connect(self._look_soon)
        model = table.model()
        for changed in (model.layoutChanged, model.modelReset, model.rowsInserted):
            changed.connect(self._look_soon)
        table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802, RUF100
        """Sentences break elsewhere when the table is wider or narrower."""
        if event.type() is QEvent.Type.Resize:
            self._resized_since = True
            self._look_soon()  # not at once: to set a width may show or hide a scroll bar
        return super().eventFilter(watched, event)

    def fit(self) -> None:
        """Shares the width, and gives the rows in sight the height of their text."""
        self._resized_since = False
        if not self._by_hand:
            self._fitting = True
            for column, width in self._widths().items():
                self._table.setColumnWidth(column, width)
            self._fitting = False
        self.fit_rows()

    def fit_rows(self) -> None:
        """Gives the rows in sight the height of their text."""
        for row in self._in_sight():
            height = max(self._table.sizeHintForRow(row) + theme.SPACE, theme.TARGET)
            if height != self._table.rowHeight(row):
                self._table.setRowHeight(row, height)
        self.fitted.emit()

    def _widths(self) -> dict[int, int]:
        table = self._table
        shown = [
            column
            for column in range(table.model().columnCount())
            if not table.isColumnHidden(column)
        ]
        wanted = {column: self._wanted(column) for column in shown}
        room = table.viewport().width()
        cut = {column: width for column, width in wanted.items() if column not in self._kept}
        left = room - sum(wanted.values()) + sum(cut.values())
        widest = max(LEAST, _share(list(cut.values()), left))
        found = {**wanted, **{column: min(width, widest) for column, width in cut.items()}}
        if shown and (spare := room - sum(found.values())) > 0:
            found[shown[-1]] += spare
        return found

    def _wanted(self, column: int) -> int:
        table, head = self._table, self._table.horizontalHeader()
        heading = head.sectionSizeHint(column)
        words = table.sizeHintForColumn(column) + theme.SPACE
        return max(heading, min(words, self._most.get(column, words)))

    def _in_sight(self) -> Iterator[int]:
        """Rows from the first in sight on, as long as there is room for the next one."""
        table, rows = self._table, self._table.model().rowCount()
        row = 0 if self._whole else max(0, table.rowAt(0))
        while row < rows and (
            self._whole or table.rowViewportPosition(row) <= table.viewport().height()
        ):
            yield row
            row += 1

    def _moved(self, _column: int, before: int, after: int) -> None:
        shown_or_hidden = 0 in (before, after)
        self._by_hand |= not (self._fitting or shown_or_hidden) and self._table.isVisible()
        self._look_soon()

    def _look(self) -> None:
        if self._resized_since:
            self.fit()
        else:
            self.fit_rows()

    def _look_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start(0)


def breakable(text: str, metrics: QFontMetrics | None = None, width: int = 0) -> str:
    """The text, which may also break inside addresses, paths and keys.

    With ``metrics``, also inside a word that is wider than ``width``.
    """
    joined = _JOINTS.sub("\u200b", text)
    if metrics is None or width <= 0:
        return joined
    return "".join(
        "\u200b".join(word) if metrics.horizontalAdvance(word) > width else word
        for word in re.split("([\\s\u200b]+)", joined)
    )


class Padded(QStyledItemDelegate):
    """Breaks lines where they are drawn to break: a style sheet's padding counts."""

    def displayText(self, value: Any, locale: QLocale | QLocale.Language) -> str:  # noqa: N802, RUF100
        """The text, breakable."""
        return breakable(super().displayText(value, locale))

    def sizeHint(  # noqa: N802, RUF100
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """The room that the text of a cell takes at the width of its column."""
        narrow = QStyleOptionViewItem(option)
        narrow.rect = option.rect.adjusted(0, 0, -2 * theme.CELL, 0)
        return super().sizeHint(narrow, index)


def _share(wanted: Sequence[int], room: int) -> int:
    """The width at which columns are cut so that together they find room."""
    left = len(wanted)
    for width in sorted(wanted):
        if width * left > room:
            return room // left
        room, left = room - width, left - 1
    return max(wanted, default=0)
