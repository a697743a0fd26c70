"""Cells that lead elsewhere: by a click, as links do, or by Enter on their line."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QTableWidget, QTableWidgetItem

from app.text import _
from app.ui import theme


class Links(QObject):
    """The cells of one column lead somewhere where ``leads`` says so of their row."""

    def __init__(
        self,
        table: QTableWidget,
        column: int,
        leads: Callable[[int], bool],
        follow: Callable[[int], None],
    ) -> None:
        super().__init__(table)
        self._table, self._column, self._leads, self._follow = table, column, leads, follow
        table.setMouseTracking(True)
        table.entered.connect(self._hover)
        table.viewportEntered.connect(self._leave)
        table.clicked.connect(self._clicked)
        table.activated.connect(lambda index: self._go(index.row()))

    def mark(self, item: QTableWidgetItem) -> None:
        """Has a cell look like a link."""
        item.setForeground(QColor(theme.colours().active))
        item.setToolTip(_("A click, or Enter on the line, goes there"))

    def _hover(self, index: QModelIndex) -> None:
        if index.column() == self._column and self._leads(index.row()):
            self._table.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self._leave()

    def _leave(self) -> None:
        self._table.viewport().unsetCursor()

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == self._column:
            self._go(index.row())

    def _go(self, row: int) -> None:
        if self._leads(row):
            self._follow(row)
