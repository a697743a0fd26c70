"""A part that is scrolled where there is not even the least room for it."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class Fitting(QScrollArea):
    """Gives a widget the room there is, and never less than it needs: the window stays as it is.

    A ``QScrollArea`` that resizes its widget would give one with wrapping words the height it
    would like, not the least; so a table would be as long as its rows, and never scroll itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(self.focusPolicy().NoFocus)

    def hold(self, widget: QWidget) -> None:
        """Shows that widget from now on."""
        self.setWidget(widget)
        widget.installEventFilter(self)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """Shares out the new room."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802, RUF100
        """What is inside needs more, or less, than before."""
        if event.type() is QEvent.Type.LayoutRequest and watched is self.widget():
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        inside = self.widget()
        layout = inside.layout() if inside is not None else None
        if inside is None or layout is None:
            return
        room, least = self.maximumViewportSize(), inside.minimumSizeHint()
        width = max(room.width(), least.width())
        tall = layout.hasHeightForWidth()
        height = layout.minimumHeightForWidth(width) if tall else least.height()
        if height > room.height():  # its bar takes some of the width
            width = max(room.width() - self.verticalScrollBar().sizeHint().width(), least.width())
            height = layout.minimumHeightForWidth(width) if tall else least.height()
        inside.resize(width, max(room.height(), height))
