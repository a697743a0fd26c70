"""From an empty window into the practice district, a school day there, and out again."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.compose import Options
from app.store import reads
from app.store.database import Database, Location
from app.store.reads import RunRow
from app.ui.practice.band import day_told
from app.ui.window import Window
from tests.ui.stage import CLICK, WAIT_MS, newest_run, ready, sync, wait_for_state


def welcomed(qtbot: QtBot, window: Window) -> None:
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.welcome, timeout=WAIT_MS)


def test_an_empty_window_leads_into_practice_and_out_again(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path
):
    """With no connector the first button opens practice, marked so; leaving it is as easy."""
    window = open_window(Options(data_dir=data_dir))
    welcomed(qtbot, window)
    assert not window.band.isVisible()
    assert window.welcome.first_button.text() == "Try the practice district"
    qtbot.mouseClick(window.welcome.first_button, CLICK)
    ready(qtbot, window)
    assert window.band.isVisible()
    assert window.windowTitle().startswith("PRACTICE")
    sync(qtbot, window)
    assert "All is well" in window.work.headline.title.text()
    qtbot.mouseClick(window.band.leave_button, CLICK)
    welcomed(qtbot, window)
    assert not window.band.isVisible()
    assert "PRACTICE" not in window.windowTitle()
    assert window.welcome.first_button.text() == "Go on practicing"


def test_practice_is_entered_once_however_often_it_is_asked_for(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path
):
    """Also between the end of what was open and its saying so."""
    window = open_window(Options(data_dir=data_dir))
    welcomed(qtbot, window)
    own = window.session
    assert own is not None
    window.enter_practice()
    own.wait()  # over, and what says so is still on its way
    window.enter_practice()
    entered = window.session
    ready(qtbot, window)
    assert window.session is entered
    sync(qtbot, window)


def test_a_school_day_says_what_changed_and_the_next_sync_brings_it(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path
):
    """The day's account names what changed and suggests to sync; the sync then finds changes."""
    window = ready(qtbot, open_window(Options(data_dir=data_dir, practice=True)))
    sync(qtbot, window)
    qtbot.mouseClick(window.band.day_button, CLICK)
    qtbot.waitUntil(lambda: window.work.notice.isVisible(), timeout=WAIT_MS)
    words = window.work.notice.words.text()
    assert words.startswith("A school day passed at the practice SIS: ")
    assert "joined, " in words
    assert words.endswith("Run Sync Now brings it here.")
    window.run_sync()
    qtbot.waitUntil(lambda: len(window.work.history.table.runs.ids) == 2, timeout=WAIT_MS)
    wait_for_state(qtbot, window, "completed", "waiting", "warnings")
    run = newest_run(window)
    assert run.total("created") + run.total("updated") > 0
    qtbot.waitUntil(lambda: window.band.steps.text().count("(done)") == 2, timeout=WAIT_MS)
    assert window.band.steps.isVisible()
    window.band.set_low(True)
    assert not window.band.steps.isVisible()
    assert window.band.steps.text() in window.band.mark.toolTip()
    assert not window.work.notice.isVisible()


def test_the_practice_button_is_off_while_it_syncs(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path
):
    """No school day passes in the middle of a sync."""
    window = ready(qtbot, open_window(Options(data_dir=data_dir, practice=True, page_size=5)))
    window.run_sync()
    qtbot.waitUntil(lambda: window.work.headline.bar.syncing, timeout=WAIT_MS)
    assert not window.band.day_button.isEnabled()
    wait_for_state(qtbot, window, "completed")
    assert window.band.day_button.isEnabled()


def test_a_practice_that_does_not_start_says_so_and_can_be_tried_again(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path
):
    """A practice SIS that cannot start leaves a page with the reason and a way to try again."""
    from app.errors import TransientError

    tried: list[Path] = []

    def start(folder: Path) -> object:
        tried.append(folder)
        raise TransientError("practice_not_started")

    window = open_window(Options(data_dir=data_dir, practice=True), start_sis=start)
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.trouble, timeout=WAIT_MS)
    assert "practice district did not start" in window.trouble.words.text()
    qtbot.mouseClick(window.trouble.first_button, CLICK)
    qtbot.waitUntil(lambda: len(tried) == 2, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.trouble, timeout=WAIT_MS)


def test_the_account_of_a_day_uses_the_words_of_the_screen():
    """Collections of the standard are told as record types, people first, empty ones never."""
    told = day_told(
        {
            "academicSessions": {"created": [], "updated": ["x"], "removed": ["y"]},
            "users": {"created": ["a", "b"], "updated": ["c"], "removed": []},
            "orgs": {"created": [], "updated": [], "removed": []},
        }
    )
    assert "2 people joined, 1 person changed; Academic sessions: 1 changed, 1 gone." in told
    assert "Schools" not in told


def synced(qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path) -> Window:
    """Practice after its first sync, once its lessons can be given."""
    window = ready(qtbot, open_window(Options(data_dir=data_dir, practice=True)))
    assert not window.menus.office.isEnabled()
    sync(qtbot, window)
    qtbot.waitUntil(window.menus.office.isEnabled, timeout=WAIT_MS)
    return window


def test_the_office_makes_differences_to_merge(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path
):
    """What is edited here and there is told, and the next sync finds a difference for each."""
    window = synced(qtbot, open_window, data_dir)
    window.menus.office.trigger()
    qtbot.waitUntil(lambda: window.work.notice.isVisible(), timeout=WAIT_MS)
    words = window.work.notice.words.text()
    assert "The office of " in words
    assert words.endswith("settle the differences under Decide.")
    run = newest_after(qtbot, window)
    told = int(words.split(" changed ")[1].split(" ")[0])
    assert told > 10
    assert run.total("conflicts") == told


def test_a_lesson_can_be_given_again_while_its_differences_stand(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path
):
    """What is here already as the lesson wants it is left out, and is no trouble."""
    window = synced(qtbot, open_window, data_dir)
    for _time in range(3):
        window.work.notice.hide()
        window.menus.office.trigger()
        qtbot.waitUntil(lambda: window.work.notice.isVisible(), timeout=WAIT_MS)
        assert "The office of " in window.work.notice.words.text()
    assert newest_after(qtbot, window).total("conflicts") > 10


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs the processes that Linux tells")
def test_practice_is_left_at_once_though_its_sis_stands_still(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path
):
    """Nobody waits for the answer of a SIS that is to go anyway."""
    before = _children()
    window = ready(qtbot, open_window(Options(data_dir=data_dir, practice=True)))
    [sis] = _children() - before
    os.kill(sis, signal.SIGSTOP)
    window.school_day()
    with qtbot.waitSignal(window.session.closed, timeout=5000):  # type: ignore[union-attr]
        window.leave_practice()
    assert sis not in _children()
    assert window.faults.dialog is None


def _children() -> set[int]:
    """The processes that were started from this one, by whichever thread."""
    told = (one.read_text() for one in Path("/proc/self/task").glob("*/children"))
    return {int(pid) for pids in told for pid in pids.split()}


def test_a_school_that_loses_its_classes_waits_for_approval(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path
):
    """E1: so much goes nowhere before a person has looked at it."""
    window = synced(qtbot, open_window, data_dir)
    window.menus.classes.trigger()
    qtbot.waitUntil(lambda: window.work.notice.isVisible(), timeout=WAIT_MS)
    assert "what waits for you under Decide" in window.work.notice.words.text()
    run = newest_after(qtbot, window)
    assert run.state == "waiting"
    assert (run.total("deleted"), run.total("waiting") > 20) == (0, True)


def newest_after(qtbot: QtBot, window: Window) -> RunRow:
    """The sync that is run now, at its end."""
    window.run_sync()
    qtbot.waitUntil(lambda: _newest(window).mode == "incremental", timeout=WAIT_MS)
    qtbot.waitUntil(lambda: _newest(window).ended_at is not None, timeout=WAIT_MS)
    return _newest(window)


def _newest(window: Window) -> RunRow:
    """Read from the database: the room of the history is not the matter here."""
    with Database(Location.of(window.session.options.folder)) as database:  # type: ignore[union-attr]
        return reads.runs(database, limit=1)[0]
