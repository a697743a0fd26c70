"""Tables whose cells lead to what they count, by a click or by Enter."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from app.ui import theme

Index = QModelIndex | QPersistentModelIndex
PLACE = int(Qt.ItemDataRole.UserRole) + 1
"""The role of the ``Place`` that a cell leads to; ``None`` where it leads nowhere."""
VALUE = int(Qt.ItemDataRole.UserRole) + 2
"""The role of what a cell is sorted by."""
NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
WORDS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


AROUND = 4 * theme.CELL
"""What stands free around the words of a cell, and the arrow of a heading."""
ICON = 22
"""What a mark takes beside them."""
GIVE = 5
"""What of it is given up where numbers would lie behind a scroll bar otherwise."""
NAME = 150
"""How wide the names are where there is hardly any room."""
SAMPLE = 60
"""So many rows tell how wide a column is."""


class Leading(QTableView):
    """A table of numbers, as high as its rows; the first column has the names.

    Arrows go from cell to cell, Enter or a click goes where the cell leads.
    """

    go = Signal(object)
    """The ``Place`` of the cell that was chosen."""
    spared: Sequence[int] = ()
    """Columns that are away where there is no room, and the first row counts nothing in them."""

    def __init__(self, model: QAbstractItemModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(_Underlined(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setDefaultSectionSize(max(theme.TARGET - 2, self.fontMetrics().height() + 12))
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.clicked.connect(self._lead)
        for changed in (model.modelReset, model.dataChanged, model.rowsInserted, model.rowsRemoved):
            changed.connect(self._fit)
        model.modelReset.connect(self._see_where)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """The names have the room that the numbers leave."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Numbers have the room they need, names the rest; of plenty, numbers stand in theirs."""
        widths = {column: self._needed(column) for column in range(self.model().columnCount())}
        name, wide = widths.pop(0), self.viewport().width()
        lack = min(name, NAME) + sum(widths.values()) - wide
        for column in self.spared:
            nothing = lack > GIVE * len(widths) and self.model().index(0, column).data(VALUE) == 0
            self.setColumnHidden(column, nothing)
            lack -= widths.pop(column) if nothing else 0
        spare = max(0, wide - name - sum(widths.values())) // len(widths)
        give = min(GIVE, lack // len(widths) + 1) if lack > 0 else 0
        for column, width in widths.items():
            widths[column] = width + min(width, spare) - give
        left = self.viewport().width() - sum(widths.values())
        for column, width in {0: max(left, min(name, NAME)), **widths}.items():
            self.setColumnWidth(column, width)
        self.updateGeometry()

    def _see_where(self) -> None:
        """The cell that the keys are about is seen to be."""
        if self.hasFocus() and not self.selectionModel().hasSelection():
            self.setCurrentIndex(self.model().index(max(0, self.currentIndex().row()), 0))

    def _needed(self, column: int) -> int:
        bold = QFontMetrics(_bold(self.font()))
        heading = str(self.model().headerData(column, Qt.Orientation.Horizontal))
        needed = QFontMetrics(self.font()).horizontalAdvance(heading) + AROUND
        for row in range(min(self.model().rowCount(), SAMPLE)):
            index = self.model().index(row, column)
            words = bold.horizontalAdvance(str(index.data())) + AROUND
            marked = index.data(Qt.ItemDataRole.DecorationRole) is not None
            needed = max(needed, words + (ICON if marked else 0))
        return needed

    def sizeHint(self) -> QSize:  # noqa: N802, RUF100
        """The height of all rows."""
        rows = self.model().rowCount() * self.verticalHeader().defaultSectionSize()
        around = self.horizontalHeader().sizeHint().height() + 2 * self.frameWidth() + 2
        return QSize(super().sizeHint().width(), rows + around)

    def minimumSizeHint(self) -> QSize:  # noqa: N802, RUF100
        """The heading and three rows, where there are so many."""
        most = 4 * self.verticalHeader().defaultSectionSize()
        around = self.horizontalHeader().sizeHint().height()
        return QSize(200, min(self.sizeHint().height(), most + around))

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802, RUF100
        """With the focus comes a chosen cell."""
        super().focusInEvent(event)
        self._see_where()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, RUF100
        """Enter goes where the cell leads."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._lead(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802, RUF100
        """The pointer tells which cells lead somewhere."""
        leads = self.indexAt(event.position().toPoint()).data(PLACE) is not None
        shape = Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        super().mouseMoveEvent(event)

    def _lead(self, index: QModelIndex) -> None:
        if (place := index.data(PLACE)) is not None:
            self.go.emit(place)


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold


class _Underlined(QStyledItemDelegate):
    """What the pointer is on looks like a link where it is one."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802, RUF100
        super().initStyleOption(option, index)
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_MouseOver and index.data(PLACE) is not None:
            font = QFont(option.font)
            font.setUnderline(True)
            option.font = font
