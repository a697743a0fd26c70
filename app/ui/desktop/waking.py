"""Notices that the computer slept, and that the network went or came."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QNetworkInformation

LOOK_MS = 10_000
SLEPT_SECONDS = 30.0
"""A look that comes so much later than it should has been slept through."""


class Waking(QObject):
    """``woke`` and ``network`` come as signals; where the system tells nothing, the clock does.

    A gap between two looks at the wall clock needs no system service and no bus: a computer that
    slept, or a virtual machine that was paused, shows it on every platform.
    """

    woke = Signal(float)
    """The computer slept about so many seconds."""
    network = Signal(bool)
    """The network came, or went."""

    def __init__(
        self, parent: QObject | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._looked = clock()
        self.online = True
        """False only where the system says that there is no network."""
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Looks from now on."""
        self._looked = self._clock()
        self._timer.start()
        if (information := _information()) is not None:
            information.reachabilityChanged.connect(self._reachable)
            self.online = _is_there(information.reachability())

    def look(self) -> None:
        """Looks at the clock."""
        now = self._clock()
        slept = now - self._looked - LOOK_MS / 1000
        self._looked = now
        if slept > SLEPT_SECONDS:
            self.woke.emit(slept)

    def stop(self) -> None:
        """Looks no more."""
        self._timer.stop()

    def _reachable(self, reachability: QNetworkInformation.Reachability) -> None:
        online = _is_there(reachability)
        if online is not self.online:
            self.online = online
            self.network.emit(online)


def _information() -> QNetworkInformation | None:
    if not QNetworkInformation.loadBackendByFeatures(QNetworkInformation.Feature.Reachability):
        return None
    return QNetworkInformation.instance()


def _is_there(reachability: QNetworkInformation.Reachability) -> bool:
    # A SIS may stand in the local network, so only "disconnected" counts as offline.
    return reachability != QNetworkInformation.Reachability.Disconnected
