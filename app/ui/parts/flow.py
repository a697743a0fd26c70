"""Small things side by side, in as many lines as they need."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QLayout, QLayoutItem, QWidget

from app.ui import theme


class Flow(QLayout):
    """Lays out from where reading begins, and goes on in the next line where there is no room."""

    def __init__(self, parent: QWidget | None = None, spacing: int = theme.SPACE // 2) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802, RUF100
        """One more, at the end."""
        self._items.append(item)

    def count(self) -> int:
        """How many there are."""
        return len(self._items)

    def itemAt(self, place: int) -> QLayoutItem | None:  # noqa: N802, RUF100
        """One of them."""
        return self._items[place] if 0 <= place < len(self._items) else None

    def takeAt(self, place: int) -> QLayoutItem | None:  # noqa: N802, RUF100
        """One of them, taken out."""
        return self._items.pop(place) if 0 <= place < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802, RUF100
        """It takes no more than it needs."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802, RUF100
        """The narrower, the more lines."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802, RUF100
        """The height of all the lines."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, where: QRect) -> None:  # noqa: N802, RUF100
        """Puts everything in its place."""
        super().setGeometry(where)
        self._arrange(where, move=True)

    def sizeHint(self) -> QSize:  # noqa: N802, RUF100
        """What all need in one line."""
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(one.width() + self.spacing() for one in shown)
        return QSize(width, max((one.height() for one in shown), default=0))

    def minimumSize(self) -> QSize:  # noqa: N802, RUF100
        """What the largest needs."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, where: QRect, *, move: bool) -> int:
        """The height that is needed at that width."""
        direction = QApplication.layoutDirection()
        x = y = line = 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if x and x + size.width() > where.width():
                x, y, line = 0, y + line + self.spacing(), 0
            if move:
                place = QRect(where.topLeft() + QPoint(x, y), size)
                item.setGeometry(_mirrored(direction, where, place))
            x += size.width() + self.spacing()
            line = max(line, size.height())
        return y + line


def _mirrored(direction: Qt.LayoutDirection, within: QRect, place: QRect) -> QRect:
    if direction == Qt.LayoutDirection.RightToLeft:
        place.moveRight(within.right() - (place.left() - within.left()))
    return place
