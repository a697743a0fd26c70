"""What the window is on its desktop: in the tray, told of, woken up, opened once."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget

from app.engine.overview import Overview
from app.text import sentence
from app.ui.desktop.matters import KINDS, Matters
from app.ui.desktop.tray import Tray
from app.ui.desktop.waking import Waking

IN_TRAY = "in_tray"
"""The setting: whether the program goes on in the tray when its window is closed."""
TOLD = "told/{kind}"
"""The setting of one kind of notification: whether it is told."""


class Desk(QObject):
    """The tray, its notifications, sleep and network of one window."""

    go = Signal(object)
    """A notification leads to this ``Place``."""
    awake = Signal()
    """The computer woke up, or the network came: what failed for want of it is worth a try."""
    network = Signal(bool)
    """The network came, or went."""

    def __init__(
        self,
        window: QWidget,
        settings: QSettings,
        run: QAction,
        quit_: QAction,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings
        self._now = now
        self._matters = Matters()
        self._first = True
        self.tray = Tray(run, quit_, self)
        self.tray.open.connect(self.bring_up)
        self.tray.go.connect(self.go)
        self.waking = Waking(self)
        self.waking.woke.connect(self.awake)
        self.waking.network.connect(self._network)

    def start(self) -> None:
        """Appears in the tray, and notices sleep and network from now on."""
        self.tray.show()
        self.waking.start()

    @property
    def goes_on(self) -> bool | None:
        """Whether closing the window leaves the program in the tray; ``None``: nobody has said."""
        if not self.tray.there():
            return False
        said = self._settings.value(IN_TRAY)
        return None if said is None else str(said).lower() == "true"

    def set_goes_on(self, on: bool) -> None:
        """Remembers it."""
        self._settings.setValue(IN_TRAY, on)

    @property
    def told(self) -> frozenset[str]:
        """The kinds of notification that are wanted; all, unless told otherwise."""
        value = self._settings.value
        return frozenset(one for one in KINDS if value(TOLD.format(kind=one), True, type=bool))

    def set_told(self, kind: str, on: bool) -> None:
        """Whether notifications of that kind are wanted."""
        self._settings.setValue(TOLD.format(kind=kind), on)

    def show_overview(self, overview: Overview) -> None:
        """How things are now: shown in the tray, and told where the window is not looked at."""
        health = overview.health
        self.tray.show_state(health.badge, sentence(health.code, health.parameters))
        news = self._matters.news(overview, self._now(), wanted=self.told)
        looked_at = self._window.isActiveWindow() or (self._first and self._window.isVisible())
        self._first = False
        if news is not None and self.tray.shown and not looked_at:
            self.tray.tell(news)

    def forget(self) -> None:
        """Another roster is opened: what was told of the one before is no matter any more."""
        self._matters, self._first = Matters(), True
        self.tray.forget()

    def bring_up(self) -> None:
        """Shows the window in front of the others."""
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        QApplication.setQuitOnLastWindowClosed(True)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def close(self) -> None:
        """The program ends."""
        self.waking.stop()
        self.tray.hide()

    def _network(self, online: bool) -> None:
        self.network.emit(online)
        if online:
            self.awake.emit()
