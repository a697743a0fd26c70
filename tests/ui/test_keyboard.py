"""All of it without a mouse."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.ui.desktop.keys_page import KeysSheet
from app.ui.window import Window
from tests.ui.stage import WAIT_MS, District, newest_run, ready, wait_for_state

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def active(qtbot: QtBot, window: Window) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)


def test_a_sync_is_started_by_key_and_its_details_are_copied_by_key(qtbot: QtBot, window: Window):
    """F5 syncs, Shift+F5 reads everything, Ctrl+C copies the row, Ctrl+Shift+C the details."""
    active(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    wait_for_state(qtbot, window, "completed")
    qtbot.keyClick(window, Qt.Key.Key_F5, SHIFT)
    qtbot.waitUntil(lambda: len(window.work.history.table.runs.ids) == 2, timeout=WAIT_MS)
    wait_for_state(qtbot, window, "completed")
    run = newest_run(window)
    assert run.mode == "full"
    qtbot.keyClick(window, Qt.Key.Key_R, CTRL)
    qtbot.waitUntil(lambda: len(window.work.history.table.runs.ids) == 3, timeout=WAIT_MS)
    wait_for_state(qtbot, window, "completed")
    window.work.history.table.setFocus()
    qtbot.keyClick(window.work.history.table, Qt.Key.Key_C, CTRL)
    assert "#3" in QGuiApplication.clipboard().text()
    qtbot.waitUntil(
        lambda: "#3 of Lincoln: Completed" in window.work.history.sync.title.text(), timeout=WAIT_MS
    )
    qtbot.keyClick(window, Qt.Key.Key_C, CTRL | SHIFT)
    assert "oneroster" not in QGuiApplication.clipboard().text()
    assert "users: " in QGuiApplication.clipboard().text()


def test_escape_cancels_a_sync(
    qtbot: QtBot, make_district: Callable[..., District], open_window: Callable[..., Window]
):
    """Esc while it syncs is Cancel."""
    district = make_district(students=300, page_size=10)
    window = ready(qtbot, open_window(district.options, district.vault))
    active(qtbot, window)
    assert window.session is not None
    with qtbot.waitSignal(window.session.progressed, timeout=WAIT_MS):
        qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.work.headline.bar.syncing, timeout=WAIT_MS)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    wait_for_state(qtbot, window, "cancelled")


def test_tab_reaches_everything_and_comes_back(qtbot: QtBot, window: Window):
    """From the button through list, history and details and around again, each once."""
    active(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    wait_for_state(qtbot, window, "completed")
    qtbot.waitUntil(lambda: window.work.history.sync.streams.isVisible(), timeout=WAIT_MS)
    start = window.connectors.list
    start.setFocus()
    seen: list[QWidget] = []
    for _ in range(30):
        focus = QApplication.focusWidget()
        assert focus is not None
        if seen and focus is start:
            break
        seen.append(focus)
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    wanted = [
        window.connectors.list, window.work.headline.bar.run_button, window.work.history.table,
        window.work.history.sync.copy, window.work.history.sync.streams,
    ]  # fmt: skip
    assert [widget for widget in seen if widget in wanted] == wanted
    assert len(set(map(id, seen))) == len(seen)
    assert QApplication.focusWidget() is start


def test_the_focus_stays_at_the_button_through_a_sync(qtbot: QtBot, window: Window):
    """Run Sync Now, Cancel, Run Sync Now: the same place, so the same key works again."""
    active(qtbot, window)
    button = window.work.headline.bar.run_button
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    wait_for_state(qtbot, window, "completed")
    assert QApplication.focusWidget() is button


def test_enter_presses_the_button_that_has_the_focus(qtbot: QtBot, window: Window):
    """Enter does what Space does."""
    active(qtbot, window)
    window.work.headline.bar.run_button.setFocus()
    qtbot.keyClick(window.work.headline.bar.run_button, Qt.Key.Key_Return)
    wait_for_state(qtbot, window, "completed")


def test_arrows_choose_a_sync(qtbot: QtBot, window: Window):
    """Down in the history shows the sync before."""
    for count in (1, 2):
        window.run_sync()
        qtbot.waitUntil(
            lambda c=count: len(window.work.history.table.runs.ids) == c,  # type: ignore[misc]
            timeout=WAIT_MS,
        )
        wait_for_state(qtbot, window, "completed")
    active(qtbot, window)
    window.work.history.table.setFocus()
    qtbot.keyClick(window.work.history.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: "#1 " in window.work.history.sync.title.text(), timeout=WAIT_MS)


def test_help_tells_every_key_of_the_menus(qtbot: QtBot, window: Window):
    """F1 opens a sheet of all actions, with their keys, that can be searched."""
    active(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    [sheet] = window.findChildren(KeysSheet)
    model = sheet.table.model()

    def rows() -> dict[str, str]:
        places = range(model.rowCount())
        return {model.index(row, 0).data(): model.index(row, 1).data() for row in places}

    for action in (window.menus.run, window.menus.waits, window.menus.quality):
        assert action.shortcut().toString() in rows()[action.text().replace("&", "").rstrip("…")]
    qtbot.keyClicks(sheet.field, "F7")
    assert list(rows()) == ["The registrar’s list", "Where the SIS disagree"]
    sheet.close()
