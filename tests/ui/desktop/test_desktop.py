"""Sleep, autostart, crash traces and the page that sets them."""

import plistlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from app.errors import StoreError
from app.ui.desktop import autostart, matters
from app.ui.desktop.crashes import Crashes
from app.ui.desktop.desk import Desk
from app.ui.desktop.keys_page import KeysPage
from app.ui.desktop.page import DesktopPage
from app.ui.desktop.waking import LOOK_MS, Waking
from app.ui.keys import Keys


def test_a_gap_in_the_clock_is_a_sleep(qtbot: QtBot):
    """A look that comes an hour late has been slept through; one that comes in time has not."""
    now = [1000.0]
    waking = Waking(clock=lambda: now[0])
    heard: list[float] = []
    waking.woke.connect(heard.append)
    now[0] += LOOK_MS / 1000 + 1
    waking.look()
    assert heard == []
    now[0] += 3600
    waking.look()
    assert heard == [pytest.approx(3600 - LOOK_MS / 1000)]


@pytest.mark.skipif(sys.platform != "linux", reason="The file is that of Linux desktops.")
def test_autostart_is_a_file_that_desktops_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It stands in the autostart folder, starts this very program in the tray, and goes again."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    found = autostart.of_this_system()
    assert not found.is_on()
    found.set(True)
    assert found.is_on()
    [entry] = (tmp_path / "autostart").iterdir()
    lines = dict(line.split("=", 1) for line in entry.read_text().splitlines() if "=" in line)
    assert lines["Type"] == "Application"
    assert lines["Exec"].startswith(sys.executable)
    assert lines["Exec"].endswith("--in-tray")
    found.set(False)
    assert not found.is_on()


def test_autostart_of_a_mac_is_a_launch_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A property list that runs the program at load."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "darwin")
    autostart.of_this_system().set(True)
    [agent] = (tmp_path / "Library" / "LaunchAgents").iterdir()
    told = plistlib.loads(agent.read_bytes())
    assert told["RunAtLoad"] is True
    assert told["ProgramArguments"][0] == sys.executable


def test_a_crash_leaves_a_trace_without_anybodys_name(tmp_path: Path):
    """Where it happened is told by places in code; folders are left out."""
    crash = (
        "import sys, faulthandler; from pathlib import Path\n"
        "from app.ui.desktop.crashes import Crashes\n"
        "Crashes(Path(sys.argv[1])).watch(); faulthandler._sigabrt()"
    )
    script = tmp_path / "Ada Park.py"
    script.write_text(crash)
    ended = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "data")], check=False, cwd=Path.cwd(),
        env={"PYTHONPATH": str(Path.cwd())}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert ended.returncode != 0
    trace = Crashes(tmp_path / "data").last()
    assert "Fatal Python error: Aborted" in trace
    assert str(tmp_path) not in trace


def test_a_good_end_leaves_no_trace(tmp_path: Path):
    """Nothing is offered at the next start."""
    crashes = Crashes(tmp_path)
    crashes.watch()
    crashes.close()
    assert Crashes(tmp_path).last() == ""


class _Refusing:
    def is_on(self) -> bool:
        return False

    def set(self, on: bool) -> None:
        raise StoreError("autostart_refused", path="/there")


def test_of_two_actions_with_the_same_key_the_later_one_loses_it(qtbot: QtBot, settings: QSettings):
    """As from a file that somebody has edited: the page of keys says so, until it has others."""
    settings.setValue("keys/run", "Ctrl+Z")
    keys, undo, run = Keys(settings), QAction("&Undo"), QAction("&Run")
    keys.bind(undo, "undo", "Ctrl+Z")
    keys.bind(run, "run", "F5")
    assert (undo.shortcuts(), run.shortcuts()) == ([QKeySequence("Ctrl+Z")], [])
    page = KeysPage(keys)
    qtbot.addWidget(page)
    assert page.words.text().startswith("“Run” has lost Ctrl+Z, as “Undo” has it.")
    keys.reset()
    assert run.shortcuts() == [QKeySequence("F5")]
    assert keys.lost == []


@pytest.fixture
def desk(qtbot: QtBot, settings: QSettings) -> Iterator[Desk]:
    """What a window has of its desktop."""
    window = QMainWindow()
    qtbot.addWidget(window)
    found = Desk(window, settings, QAction(window), QAction(window))
    yield found
    found.close()


@pytest.fixture
def page(qtbot: QtBot, desk: Desk) -> DesktopPage:
    """Its page of settings, in sight."""
    found = DesktopPage(desk, _Refusing())
    qtbot.addWidget(found)
    found.show()
    return found


def test_choices_of_the_page_hold_at_once(qtbot: QtBot, desk: Desk, page: DesktopPage):
    """A kind of notification that is switched off is off for the next news, too."""
    page.told[matters.LATE].setFocus()
    qtbot.keyClick(page.told[matters.LATE], Qt.Key.Key_Space)
    assert desk.told == frozenset(matters.KINDS) - {matters.LATE}


def test_a_refused_autostart_is_told_and_not_shown_as_on(qtbot: QtBot, page: DesktopPage):
    """The tick goes back, and a sentence says why."""
    qtbot.keyClick(page.start, Qt.Key.Key_Space)
    assert not page.start.isChecked()
    assert page.refusal.isVisible()
    assert "/there" in page.refusal.text()
