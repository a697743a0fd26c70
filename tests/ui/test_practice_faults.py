"""The faults of the practice SIS, switched on and off in the window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidgetItem
from pytestqt.qtbot import QtBot

from app.compose import Options
from app.ui.practice.faults import fault_told
from app.ui.window import Window
from tests.ui.stage import CLICK, WAIT_MS, ready, sync, wait_for_state


@pytest.fixture
def practice(qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path) -> Window:
    """A window in practice with the list of faults open."""
    window = ready(qtbot, open_window(Options(data_dir=data_dir, practice=True)))
    window.menus.faults.trigger()
    qtbot.waitUntil(window.practice_faults.isVisible, timeout=WAIT_MS)
    return window


def item(window: Window, title: str) -> QListWidgetItem:
    """The fault of that title."""
    faults = window.practice_faults.list
    found = faults.findItems(title, Qt.MatchFlag.MatchStartsWith)
    assert len(found) == 1, title
    return found[0]


def tick(qtbot: QtBot, window: Window, title: str) -> None:
    """Ticks a fault by the keyboard and waits until the band tells so."""
    faults, said = window.practice_faults.list, window.band.faults_button.text()
    faults.setCurrentItem(item(window, title))
    QTest.keyClick(faults, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.band.faults_button.text() != said, timeout=WAIT_MS)


def test_a_fault_that_is_ticked_fails_the_sync_until_all_are_off(qtbot: QtBot, practice: Window):
    """The band says how many are on, the sync says what went wrong, and All off ends it."""
    band, faults = practice.band, practice.practice_faults
    assert not band.faults_button.isVisible()
    assert not faults.off_button.isEnabled()
    tick(qtbot, practice, "Login page")
    assert (band.faults_button.text(), band.faults_button.isVisible()) == ("1 fault on", True)
    tick(qtbot, practice, "Missing headers")
    assert band.faults_button.text() == "2 faults on"
    practice.run_sync()
    wait_for_state(qtbot, practice, "failed")
    qtbot.mouseClick(faults.off_button, CLICK)
    qtbot.waitUntil(lambda: not band.faults_button.isVisible(), timeout=WAIT_MS)
    assert item(practice, "Login page").checkState() is Qt.CheckState.Unchecked
    faults.close()
    sync(qtbot, practice)


def test_a_fault_can_go_while_a_sync_runs_into_it(qtbot: QtBot, practice: Window):
    """A sync that is asked to wait ends well as soon as the SIS no longer asks."""
    tick(qtbot, practice, "Rate limited (")
    practice.run_sync()
    qtbot.waitUntil(lambda: practice.work.headline.bar.syncing, timeout=WAIT_MS)
    tick(qtbot, practice, "Rate limited (")
    assert practice.work.headline.bar.syncing
    wait_for_state(qtbot, practice, "completed")


def test_a_sync_is_started_and_cancelled_from_the_list_of_faults(qtbot: QtBot, practice: Window):
    """With the list in front, F5 syncs, Escape cancels that, and F9 lets a school day pass."""
    faults, bar = practice.practice_faults, practice.work.headline.bar
    tick(qtbot, practice, "Rate limited (")
    qtbot.waitUntil(faults.isActiveWindow, timeout=WAIT_MS)
    qtbot.keyClick(faults.list, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: bar.syncing, timeout=WAIT_MS)
    qtbot.keyClick(faults.list, Qt.Key.Key_Escape)
    wait_for_state(qtbot, practice, "cancelled")
    assert faults.isVisible()
    qtbot.keyClick(faults.list, Qt.Key.Key_F9)
    qtbot.waitUntil(practice.work.notice.isVisible, timeout=WAIT_MS)
    qtbot.keyClick(faults.list, Qt.Key.Key_Escape)
    assert not faults.isVisible()


def test_the_list_leaves_in_sight_what_it_asks_to_watch(qtbot: QtBot, practice: Window):
    """It opens beside the headline, and a second time where a person has put it."""
    faults, headline = practice.practice_faults, practice.work.headline
    corner = headline.mapToGlobal(headline.rect().topLeft())
    assert not faults.frameGeometry().intersects(headline.rect().translated(corner))
    faults.move(20, 30)
    faults.close()
    practice.menus.faults.trigger()
    qtbot.waitUntil(faults.isVisible, timeout=WAIT_MS)
    assert faults.pos().toTuple() == (20, 30)


def test_the_band_leads_to_the_faults_and_leaving_ends_them(qtbot: QtBot, practice: Window):
    """The count is a button to the list; outside practice there is neither list nor menu."""
    tick(qtbot, practice, "Slow")
    practice.practice_faults.close()
    qtbot.mouseClick(practice.band.faults_button, CLICK)
    qtbot.waitUntil(practice.practice_faults.isVisible, timeout=WAIT_MS)
    assert item(practice, "Slow").checkState() is Qt.CheckState.Checked
    assert practice.menus.in_practice.isVisible()
    practice.leave_practice()
    qtbot.waitUntil(lambda: practice.stack.currentWidget() is practice.welcome, timeout=WAIT_MS)
    assert not practice.practice_faults.isVisible()
    assert not practice.menus.in_practice.isVisible()
    assert not practice.menus.faults.isEnabled()


def test_a_fault_is_told_by_its_name_its_deed_and_its_number():
    """What is on tells its own number, what is off the usual one."""
    number = {"means": "seconds", "usual": 2.0}
    fault = {"name": "very-slow", "does": "takes its time", "number": number, "on": None}
    assert fault_told(fault) == "Very slow (seconds: 2)\nTakes its time."
    fault["on"] = {"value": 0.5, "collection": None, "left": None}
    assert fault_told(fault).startswith("Very slow (seconds: 0.5)\n")
    assert fault_told({**fault, "number": None}) == "Very slow\nTakes its time."
