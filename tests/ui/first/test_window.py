"""The guide in the window: how one comes to it, leaves it, and goes on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.compose import Options, PracticeSis
from app.ui.connectors.form import TextField
from app.ui.today.room import TodayRoom
from app.ui.window import Window
from app.vault import MemoryVault
from tests.ui.stage import CLICK, WAIT_MS, District, ready


def guided(qtbot: QtBot, window: Window) -> None:
    """Until the guide is in sight."""
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.guide, timeout=WAIT_MS)


def step(qtbot: QtBot, window: Window) -> None:
    """Presses *Next*, and waits for another page."""
    guide, before = window.guide, window.guide.step
    qtbot.waitUntil(guide.next_button.isEnabled, timeout=WAIT_MS)
    qtbot.mouseClick(guide.next_button, CLICK)
    qtbot.waitUntil(lambda: guide.step is not before, timeout=WAIT_MS)


def connected(qtbot: QtBot, window: Window, sis: PracticeSis) -> None:
    """From the welcome to the connector that is stored."""
    qtbot.mouseClick(window.welcome.second_button, CLICK)
    guided(qtbot, window)
    qtbot.keyClicks(window.guide.sis.search, "another")
    step(qtbot, window)
    filling = window.guide.connect_.filling
    assert filling is not None
    for name in ("base_url", "token_url", "client_id"):
        field = filling.settings[name]
        assert isinstance(field, TextField)
        field.editor.setText(sis.settings[name])
    filling.secrets["client_secret"].editor.setText(sis.ready.client_secret)
    qtbot.mouseClick(filling.test_button, CLICK)
    qtbot.waitUntil(lambda: filling.tested and not filling.busy, timeout=WAIT_MS)
    step(qtbot, window)


def test_from_the_welcome_to_the_first_day(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path, sis: PracticeSis
):
    """All steps; at the end the window shows *Today*, and the records are here."""
    window = open_window(Options(data_dir=data_dir), MemoryVault())
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.welcome, timeout=WAIT_MS)
    connected(qtbot, window, sis)
    for _each in range(2):
        step(qtbot, window)
    qtbot.waitUntil(lambda: window.guide.look.look is not None, timeout=WAIT_MS)
    assert window.stack.currentWidget() is window.guide  # whatever is read meanwhile
    step(qtbot, window)
    qtbot.waitUntil(lambda: bool(window.guide.bring.outcome.text()), timeout=WAIT_MS)
    qtbot.mouseClick(window.guide.next_button, CLICK)
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.sides, timeout=WAIT_MS)
    assert isinstance(window.work.room, TodayRoom)
    assert window.connectors.name == "SIS"
    bar = window.work.headline.bar
    qtbot.waitUntil(lambda: not bar.syncing, timeout=WAIT_MS)  # the window has read its end, too
    assert bar.step_button.text() != "Go on setting up…"


def test_what_was_left_is_gone_on_with_by_the_button_beside_run_sync_now(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path, sis: PracticeSis
):
    """The connector is in the list already; the button leads back to the same step."""
    window = open_window(Options(data_dir=data_dir), MemoryVault())
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.welcome, timeout=WAIT_MS)
    connected(qtbot, window, sis)
    qtbot.mouseClick(window.guide.leave_button, CLICK)
    assert isinstance(window.work.room, TodayRoom)
    ready(qtbot, window)
    button = window.work.headline.bar.step_button
    qtbot.waitUntil(lambda: button.text() == "Go on setting up…", timeout=WAIT_MS)
    told = window.work.headline.title.text()
    assert told == "Go on setting up “SIS”: nothing has come in yet."
    qtbot.mouseClick(button, CLICK)
    guided(qtbot, window)
    assert window.guide.step is window.guide.reading


def test_a_window_that_was_closed_in_the_middle_opens_there_again(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path, sis: PracticeSis
):
    """At the same step, with what was found."""
    vault = MemoryVault()
    first = open_window(Options(data_dir=data_dir), vault)
    qtbot.waitUntil(lambda: first.stack.currentWidget() is first.welcome, timeout=WAIT_MS)
    connected(qtbot, first, sis)
    session = first.session
    assert session is not None
    first.close()
    qtbot.waitUntil(lambda: not isValid(session) or session.over, timeout=WAIT_MS)
    again = open_window(Options(data_dir=data_dir), vault)
    guided(qtbot, again)
    assert again.guide.step is again.guide.reading


def test_another_sis_is_connected_by_the_plus_and_by_a_key(
    qtbot: QtBot, window: Window, district: District
):
    """The guide begins anew beside what is connected; *Leave for now* leads back."""
    qtbot.mouseClick(window.connectors.add_button, CLICK)
    guided(qtbot, window)
    assert window.guide.step is window.guide.sis
    qtbot.mouseClick(window.guide.leave_button, CLICK)
    ready(qtbot, window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_N, both)
    guided(qtbot, window)
    assert not window.menus.run.isEnabled()


@pytest.mark.parametrize("told", ["garbage", "null", "[1, 2]", '["oneroster", "x", [1]]'])
def test_what_was_remembered_and_is_damaged_is_as_good_as_nothing(
    qtbot: QtBot,
    open_window: Callable[..., Window],
    settings: QSettings,
    data_dir: Path,
    told: str,
):
    """The guide begins at its beginning."""
    settings.setValue("first/draft", told)
    window = open_window(Options(data_dir=data_dir), MemoryVault())
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.welcome, timeout=WAIT_MS)
    qtbot.mouseClick(window.welcome.second_button, CLICK)
    guided(qtbot, window)
    assert window.guide.step is window.guide.sis
