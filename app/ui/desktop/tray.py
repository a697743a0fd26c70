"""The program in the tray: its state as a shape and in words, and what is done from there."""

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.engine.health import Badge
from app.text import _
from app.ui import badges
from app.ui.desktop.matters import News
from app.ui.places import Place

MESSAGE_MS = 10_000


class Tray(QObject):
    """Absent where the desktop has no tray. Nothing it says names a person of the roster."""

    open = Signal()
    """The window is wanted."""
    go = Signal(object)
    """A notification was clicked that leads to this ``Place``."""

    def __init__(self, run: QAction, quit_: QAction, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icon = QSystemTrayIcon(self)
        self._place: Place | None = None
        self._badge: Badge | None = None
        self._menu = QMenu()
        shown = self._menu.addAction(_("&Open MindKindler Sync"))
        shown.triggered.connect(self.open)
        self._menu.setDefaultAction(shown)
        self._menu.addAction(run)
        self._menu.addSeparator()
        self._menu.addAction(quit_)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(self._clicked)

    @staticmethod
    def there() -> bool:
        """Whether the desktop has a tray."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show(self) -> None:
        """Appears, where there is a tray."""
        if self.there():
            self.show_state(self._badge, "")
            self._icon.show()

    def hide(self) -> None:
        """Goes."""
        self._icon.hide()

    @property
    def shown(self) -> bool:
        """Whether it can be seen."""
        return self._icon.isVisible()

    def show_state(self, badge: Badge | None, words: str) -> None:
        """The badge of the most urgent connector, and how things are in a sentence."""
        if badge is not self._badge or self._icon.icon().isNull():
            self._badge = badge
            self._icon.setIcon(_drawn(badge))
        told = f"MindKindler Sync – {_(badge.value)}" if badge is not None else "MindKindler Sync"
        self._icon.setToolTip(f"{told}\n{words}" if words else told)

    def tell(self, news: News) -> None:
        """Notifies; a click on it leads to its place."""
        self._place = news.place
        self._icon.showMessage(
            news.title, news.words, QSystemTrayIcon.MessageIcon.NoIcon, MESSAGE_MS
        )

    def forget(self) -> None:
        """What the last notification led to is not there any more."""
        self._place = None

    def _clicked(self) -> None:
        self.open.emit()
        if self._place is not None:
            self.go.emit(self._place)

    def _activated(self, why: QSystemTrayIcon.ActivationReason) -> None:
        reason = QSystemTrayIcon.ActivationReason
        if why in (reason.Trigger, reason.DoubleClick):
            self.open.emit()


def _drawn(badge: Badge | None) -> QIcon:
    """The program's icon with the badge's shape in its corner."""
    emblem, made = badges.emblem(), QIcon()
    for side in (16, 22, 32, 64):
        drawing = QPixmap(side, side)
        drawing.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawing)
        emblem.paint(painter, drawing.rect())
        if badge is not None and badge is not Badge.HEALTHY:
            part = side * 0.62
            corner = QRectF(QPointF(side - part, side - part), QPointF(side, side))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(Qt.GlobalColor.white)
            painter.drawEllipse(corner)
            badges.paint(painter, corner.adjusted(1, 1, -1, -1), badges.BADGES[badge])
        painter.end()
        made.addPixmap(drawing)
    return made
