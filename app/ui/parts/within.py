"""A menu of a button that stays inside its window."""

from PySide6.QtCore import QPoint
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QMenu, QWidget


class WithinMenu(QMenu):
    """Opens under its button, and as far beside it as the window has no room."""

    def __init__(self, button: QWidget) -> None:
        super().__init__(button)
        self._button = button

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, RUF100
        """Moves it in before it is seen."""
        window = self._button.window()
        left = window.mapToGlobal(QPoint(0, 0)).x()
        at = min(self.x(), left + window.width() - self.width())
        self.move(max(at, left), self.y())
        super().showEvent(event)
