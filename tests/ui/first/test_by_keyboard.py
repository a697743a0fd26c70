"""From the first start to ten settled differences, by keyboard alone: the presses are counted.

Each key goes to whatever has the focus then, as a person's would.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.compose import Options, PracticeSis
from app.ui.decide.inbox import InboxRoom
from app.ui.window import Window
from tests.ui.stage import WAIT_MS

SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
STUDENTS = 200


class Keyboard:
    """Counts what is pressed."""

    def __init__(self, qtbot: QtBot, window: Window) -> None:
        self.qtbot = qtbot
        self.window = window
        self.pressed = 0

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
        """Presses a key where the focus is."""
        self.pressed += 1
        self.qtbot.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def until(self, true: Callable[[], bool]) -> None:
        """Waits, as a person looks at the screen."""
        self.qtbot.waitUntil(true, timeout=WAIT_MS)


@pytest.fixture
def keyboard(qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path) -> Keyboard:
    """Before a window that was never opened before."""
    start = partial(PracticeSis, students=STUDENTS)
    window = open_window(Options(data_dir=data_dir), start_sis=start)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.welcome, timeout=WAIT_MS)
    return Keyboard(qtbot, window)


def comes_to_its_differences(keyboard: Keyboard) -> None:
    """Enter: practice · F5: first sync · Shift+F9: the office edits · F5 · F6: what waits."""
    window, bar = keyboard.window, keyboard.window.work.headline.bar
    keyboard.press(Qt.Key.Key_Return)
    keyboard.until(lambda: window.stack.currentWidget() is window.sides and not bar.syncing)
    keyboard.until(window.menus.run.isEnabled)
    keyboard.press(Qt.Key.Key_F5)
    keyboard.until(window.menus.office.isEnabled)
    keyboard.press(Qt.Key.Key_F9, SHIFT)
    keyboard.until(window.work.notice.isVisible)
    keyboard.press(Qt.Key.Key_F5)
    keyboard.until(lambda: "wait for you" in window.work.headline.title.text())
    keyboard.until(window.menus.waits.isEnabled)
    keyboard.press(Qt.Key.Key_F6)
    keyboard.until(lambda: isinstance(window.work.decide.shown, InboxRoom))
    keyboard.until(lambda: QApplication.focusWidget() is window.work.decide.inbox.list)
    keyboard.until(lambda: window.work.decide.inbox.quiet)


def opens(keyboard: Keyboard, what: str) -> None:
    """Down to the cause of that name, and Enter into it."""
    decide = keyboard.window.work.decide
    rows = decide.inbox.list
    for _each in range(rows.model().rowCount()):
        if what in str(rows.currentIndex().data()):
            break
        keyboard.press(Qt.Key.Key_Down)
    keyboard.press(Qt.Key.Key_Return)
    keyboard.until(lambda: decide.shown is decide.merge and decide.merge.quiet)
    keyboard.until(lambda: QApplication.focusWidget() is decide.merge.grid)


def test_ten_differences_are_settled_one_by_one_by_27_keys(keyboard: Keyboard):
    """Two keys each, once the first is in sight: whose value, and Enter."""
    comes_to_its_differences(keyboard)
    opens(keyboard, "Phone")
    merge = keyboard.window.work.decide.merge
    begun = merge.left
    for settled in range(1, 11):
        keyboard.press(Qt.Key.Key_2)
        keyboard.press(Qt.Key.Key_Return)
        keyboard.until(lambda n=settled: merge.left == begun - n and merge.quiet)  # type: ignore[misc]
    assert keyboard.pressed == 27


def test_all_of_one_cause_are_settled_at_once_by_10_keys(keyboard: Keyboard):
    """Whose value, A for all like it, Enter in the question: more than ten at once."""
    comes_to_its_differences(keyboard)
    opens(keyboard, "Phone")
    merge = keyboard.window.work.decide.merge
    begun = merge.left
    keyboard.press(Qt.Key.Key_2)
    keyboard.press(Qt.Key.Key_A)
    keyboard.until(lambda: QApplication.activeModalWidget() is not None)
    keyboard.press(Qt.Key.Key_Return)
    keyboard.until(lambda: merge.left == 0)
    assert begun >= 10
    assert keyboard.pressed == 10
