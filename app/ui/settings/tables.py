"""A table of a few rows on a page: sentences that wrap, and a row to do something with."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from app.ui.parts.wrapping import Wrapping

TALLEST = 12
"""So many lines are shown without scrolling."""


class Rows(QTableWidget):
    """Rows of texts, each with the value that it stands for."""

    chosen = Signal()
    """Another row is chosen, or none."""
    wanted = Signal()
    """Enter or a double click on a row: its change is wanted."""
    unwanted = Signal()
    """The Delete key on a row."""

    def __init__(self, name: str, headings: Sequence[str], tallest: int = TALLEST) -> None:
        super().__init__(0, len(headings))
        self._tallest = tallest
        self.values: list[object] = []
        self.setHorizontalHeaderLabels(list(headings))
        self.setAccessibleName(name)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._wrapping = Wrapping(self, whole=True)
        self._wrapping.fitted.connect(self._fit)
        self.itemSelectionChanged.connect(self.chosen)
        self.cellDoubleClicked.connect(self.wanted)

    @property
    def value(self) -> object | None:
        """What the chosen row stands for."""
        rows = self.selectionModel().selectedRows()
        return self.values[rows[0].row()] if rows else None

    def show_rows(
        self,
        rows: Sequence[tuple[object, Sequence[str]]],
        same: Callable[[Any], object] = lambda value: value,
    ) -> None:
        """Shows these values by their texts; whoever chose a row keeps it, and no other.

        Two values are the ``same`` row where that says the same of them.
        """
        before = self.value
        self.values = [value for value, _texts in rows]
        self.setRowCount(len(rows))
        for row, (_value, texts) in enumerate(rows):
            for column, text in enumerate(texts):
                item = self.item(row, column)
                if item is None:
                    self.setItem(row, column, QTableWidgetItem(text))
                elif item.text() != text:
                    item.setText(text)
        chosen = None if before is None else same(before)
        places = [place for place, one in enumerate(self.values) if same(one) == chosen]
        if places:
            self.selectRow(places[0])
        else:
            self.selectionModel().clear()
        self._wrapping.fit()
        self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, RUF100
        """Enter changes the row, Delete takes it away."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.value is not None:
            self.wanted.emit()
        elif event.key() == Qt.Key.Key_Delete and self.value is not None:
            self.unwanted.emit()
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        """As high as its rows, up to a point: the page scrolls, not the table in it."""
        heights = [self.rowHeight(row) for row in range(self.rowCount())]
        whole = self.horizontalHeader().sizeHint().height() + 2 * self.frameWidth()
        self.setFixedHeight(whole + sum(heights[: self._tallest]))
