"""How long the window's event loop is held up while a first sync fills the database.

The whole window, as the program opens it, with the history and the sync under way in view. A timer
ticks all the while; a gap is the time between two ticks, which is what a click would have to wait.
"""

import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app import ui
from app.compose import PRACTICE, Options, program
from app.ui import application
from app.ui.window import Window
from app.vault import environment_name
from benchmarks.measuring import service, tell
from benchmarks.ours import GOOD_ENDS

TICK_MS = 2
AFTERWARDS_MS = 1000
"""What the window shows anew right after a sync is part of it."""


class Gaps:
    """Watches the event loop from the command to sync until the end is shown."""

    def __init__(self) -> None:
        self.milliseconds: list[float] = []
        self._last = 0.0
        self._timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)

    def begin(self) -> None:
        """From here on every gap counts."""
        self._last = time.perf_counter()
        self._timer.start()

    def end(self) -> None:
        """No gap counts any more."""
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.milliseconds.append((now - self._last) * 1000)
        self._last = now

    def share(self, of: float) -> float:
        """The gap that so large a part of all gaps does not exceed, in milliseconds."""
        return sorted(self.milliseconds)[int(of * (len(self.milliseconds) - 1))]


def the_window() -> Window:
    """The program's own window."""
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, Window))


def main() -> None:
    """Syncs once in a window on the new data folder of the first argument."""
    folder = Path(sys.argv[1])
    sis = service()
    options = Options(data_dir=folder)
    with program(options, sis.vault) as ours:
        ours.engine.save_connector(PRACTICE, "oneroster", sis.settings)
    os.environ[environment_name(PRACTICE, "client_secret")] = sis.client_secret
    # What the window remembers of its user is neither used nor changed.
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    app = application.made()
    gaps = Gaps()
    ends: list[str] = []

    def watch() -> None:
        window = the_window()
        assert window.session is not None
        # Once, when all is shown; later the window is settled again and again.
        window.settled.connect(sync, Qt.ConnectionType.SingleShotConnection)
        window.session.ended.connect(lambda told: ended(told.state))

    def sync() -> None:
        gaps.begin()
        the_window().run_sync()

    def ended(state: str) -> None:
        ends.append(state)
        QTimer.singleShot(AFTERWARDS_MS, gaps.end)
        QTimer.singleShot(AFTERWARDS_MS, the_window().close)

    QTimer.singleShot(0, app, watch)  # as soon as the event loop runs, with the window there
    ui.main(options)
    assert [end in GOOD_ENDS for end in ends] == [True], ends
    tell(p99=gaps.share(0.99), longest=max(gaps.milliseconds))


if __name__ == "__main__":
    main()
