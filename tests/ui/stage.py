"""What the window's tests play on: a district behind a real practice SIS, and waiting for it."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import compose
from app.compose import Options, PracticeSis
from app.store.database import Database, Location
from app.store.reads import RunRow
from app.ui.window import Window
from app.ui.workplace import NAMES
from app.vault import MemoryVault

STUDENTS = 40
WAIT_MS = 20_000
NAME = "Lincoln"
CLICK = Qt.MouseButton.LeftButton


@dataclass
class District:
    """A practice SIS as a process, and a data folder with a connector to it."""

    sis: PracticeSis
    vault: MemoryVault
    options: Options

    def database(self) -> Database:
        """The database, opened anew; to be closed."""
        return Database(Location.of(self.options.folder))

    def sync(self, *, full: bool = False) -> None:
        """Syncs once without the window."""
        with compose.program(self.options, self.vault) as program:
            program.engine.start(NAME, full=full)
            program.loop.run(until=lambda: not program.engine.busy)


def ready(qtbot: QtBot, window: Window) -> Window:
    """The window once its content is shown, in the room of the history."""
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.sides, timeout=WAIT_MS)
    enter(window, "history")
    return window


def enter(window: Window, room: str) -> None:
    """Has the room in sight."""
    window.work.tabs.setCurrentIndex(NAMES.index(room))


def newest_run(window: Window) -> RunRow:
    """The newest run in the history, which has been read."""
    entry = window.work.history.table.runs.row(0)
    assert entry is not None
    assert entry.run is not None
    return entry.run


def state_of_newest(window: Window) -> str:
    """The state of the newest run in the history; empty while it is not read."""
    entry = window.work.history.table.runs.row(0)
    return entry.run.state if entry and entry.run else ""


def wait_for_state(qtbot: QtBot, window: Window, *states: str) -> None:
    """Until the newest run is in one of the states and the button is back."""
    bar = window.work.headline.bar
    qtbot.waitUntil(lambda: state_of_newest(window) in states and not bar.syncing, timeout=WAIT_MS)


def sync(qtbot: QtBot, window: Window) -> None:
    """Clicks Run Sync Now and waits for a good end."""
    qtbot.mouseClick(window.work.headline.bar.run_button, CLICK)
    wait_for_state(qtbot, window, "completed", "waiting", "warnings")


def cell(window: Window, column: int) -> str:
    """What stands in the newest row of the history."""
    return str(window.work.history.table.runs.index(0, column).data())
