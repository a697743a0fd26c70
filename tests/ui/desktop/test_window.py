"""The window as its desktop has it: closed, started again, woken up."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from app import compose
from app.compose import PRACTICE
from app.ui.desktop.staying import Staying
from app.ui.window import Window
from tests.ui.stage import NAME, WAIT_MS, District, ready

HAS_TRAY = "isSystemTrayAvailable"


@pytest.fixture
def with_schedule(district: District) -> District:
    """The district syncs by itself."""
    with compose.program(district.options, district.vault) as program:
        program.engine.set_schedule(NAME, "06:30")
    return district


def test_without_a_tray_closing_ends(
    qtbot: QtBot, open_window: Callable[..., Window], with_schedule: District
):
    """Nobody is asked about what there is not."""
    window = ready(qtbot, open_window(with_schedule.options, with_schedule.vault))
    assert window.session is not None
    with qtbot.waitSignal(window.session.closed, timeout=WAIT_MS):
        window.close()
    assert not window.isVisible()


def test_the_first_close_asks_whether_the_schedule_goes_on(
    qtbot: QtBot,
    open_window: Callable[..., Window],
    with_schedule: District,
    settings: QSettings,
    monkeypatch: pytest.MonkeyPatch,
):
    """In the tray the session goes on, and the next close asks no more."""
    monkeypatch.setattr(QSystemTrayIcon, HAS_TRAY, lambda: True)
    window = ready(qtbot, open_window(with_schedule.options, with_schedule.vault))
    window.close()
    assert window.isVisible()
    assert isinstance(window.dialog, Staying)
    window.dialog.chosen.emit(True)
    assert not window.isVisible()
    assert window.session is not None
    assert not window.session.over
    window.asked_again("")
    assert window.isVisible()
    window.close()
    assert not window.isVisible()
    window.quit()
    qtbot.waitUntil(lambda: window.session is None or window.session.over, timeout=WAIT_MS)


def test_without_a_schedule_nobody_is_asked(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
):
    """There is nothing that would stop."""
    monkeypatch.setattr(QSystemTrayIcon, HAS_TRAY, lambda: True)
    window.close()
    assert not window.isVisible()
    assert window.dialog is None


def test_started_again_for_practice_the_window_goes_there(qtbot: QtBot, window: Window):
    """The words of the second start are heeded."""
    window.asked_again(PRACTICE)
    qtbot.waitUntil(lambda: window.practice, timeout=WAIT_MS)
    ready(qtbot, window)


def test_started_again_for_practice_an_open_dialog_keeps_its_rosters(qtbot: QtBot, window: Window):
    """What it asks about is the own rosters; they stay until it is answered."""
    window.menus.remove.trigger()
    assert window.dialog is not None
    window.asked_again(PRACTICE)
    qtbot.wait(50)
    assert not window.practice
    assert window.dialog.isVisible()
    window.dialog.close()


def test_awake_a_sync_that_failed_for_want_of_the_network_begins_at_once(
    qtbot: QtBot, open_window: Callable[..., Window], with_schedule: District
):
    """It does not wait for its next time."""
    with compose.program(with_schedule.options, with_schedule.vault) as program:
        program.engine.start(NAME)
        program.loop.run(until=lambda: not program.engine.busy)
        address = with_schedule.sis.settings
        program.engine.save_connector(
            NAME, "oneroster", {**address, "base_url": "http://127.0.0.1:9/"}
        )
        program.engine.start(NAME)
        program.loop.run(until=lambda: not program.engine.busy)
        program.engine.save_connector(NAME, "oneroster", address)
    window = ready(qtbot, open_window(with_schedule.options, with_schedule.vault))
    assert window.session is not None
    with qtbot.waitSignal(window.session.ended, timeout=WAIT_MS) as ended:
        window.desk.awake.emit()
    assert ended.args is not None
    assert ended.args[0].state == "completed"
