"""The picture of the last days, and the table behind it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.engine.today import Day
from app.ui.places import ToSyncs
from app.ui.today.days import Days, brief, tallest, told

FIRST = date(2026, 9, 7)
QUIET = [Day(FIRST + timedelta(days=n)) for n in range(12)]
LIVELY = Day(date(2026, 9, 19), added=3, changed=20, removed=1, syncs=2, runs=[8, 9])
FAILED = Day(date(2026, 9, 20), syncs=2, failed=1, waiting=1, runs=[10, 11])


@pytest.fixture
def days(qtbot: QtBot) -> Days:
    """Fourteen days, of which two were lively."""
    made = Days()
    qtbot.addWidget(made)
    made.show_days([*QUIET, LIVELY, FAILED], "Lincoln")
    made.resize(840, 240)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_a_day_is_told_in_a_sentence():
    """What was done; what failed and waited only where something did."""
    assert told(LIVELY) == "Sat 19 Sep: 3 added, 20 changed, 1 removed, 2 syncs."
    assert told(FAILED).endswith("2 syncs, 1 failed, 1 waited for approval.")
    assert told(QUIET[0]) == "Mon 7 Sep: no sync."


def test_the_keys_choose_a_day_and_enter_leads_to_its_syncs(qtbot: QtBot, days: Days):
    """From the newest back; a screen reader says each."""
    chart = days.chart
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.accessibleDescription() == told(FAILED)
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.accessibleDescription() == told(LIVELY)
    with qtbot.waitSignal(days.go) as led:
        qtbot.keyClick(chart, Qt.Key.Key_Return)
    assert led.args == [ToSyncs((9, 8))]


def test_a_click_on_a_day_leads_to_its_syncs(qtbot: QtBot, days: Days):
    """On one without any it leads nowhere."""
    chart = days.chart

    def middle_of(place: int) -> QPoint:
        return QPoint(round((place + 0.5) * chart.width() / 14), chart.height() // 2)

    left = Qt.MouseButton.LeftButton
    with qtbot.waitSignal(days.go) as led:
        qtbot.mouseClick(chart, left, pos=middle_of(13))
    assert led.args == [ToSyncs((11, 10))]
    with qtbot.assertNotEmitted(days.go):
        qtbot.mouseClick(chart, left, pos=middle_of(6))


def test_a_screen_reader_hears_the_lively_days_before_any_is_chosen(days: Days):
    """The days on which nothing was so are left out."""
    assert days.chart.accessibleDescription() == f"{told(LIVELY)} {told(FAILED)}"


def test_the_same_stands_in_a_table(qtbot: QtBot, days: Days):
    """One click, or Space, from the picture; the newest day first; rows lead to the syncs."""
    days.button.setFocus()
    qtbot.keyClick(days.button, Qt.Key.Key_Space)
    assert days.table.isVisible()
    assert not days.chart.isVisible()
    assert days.button.text() == "Show as picture"
    rows = [[str(days.model.index(row, c).data()) for c in range(7)] for row in range(2)]
    assert rows == [
        ["Sun 20 Sep", "0", "0", "0", "2", "1", "1"],
        ["Sat 19 Sep", "3", "20", "1", "2", "0", "0"],
    ]
    days.table.setCurrentIndex(days.model.index(1, 0))
    with qtbot.waitSignal(days.go) as led:
        QTest.keyClick(days.table, Qt.Key.Key_Return)
    assert led.args == [ToSyncs((9, 8))]


def test_the_heading_says_whose_days_they_are(days: Days):
    """Of one connector its name; of all none."""
    assert days.title.text() == "Syncs of the last 14 days: Lincoln"
    days.show_days([LIVELY], None)
    assert days.title.text() == "Syncs of the last 14 days"


@pytest.mark.parametrize(
    ("counts", "most"),
    [([], 0), ([7], 7), ([10, 40], 40), ([10, 41], 40), ([150_000, 2_000, 3], 8_000), ([5, 0], 5),
     ([150_000, 20, 3], 150_000)],
)  # fmt: skip
def test_one_day_that_dwarfs_the_others_is_cut_off(counts: list[int], most: int):
    """So that what happened on the others can be told apart; where that compares at all."""
    assert tallest([replace(LIVELY, added=n, changed=0, removed=0) for n in counts]) == most


def test_few_removals_do_not_look_like_many():
    """Both sides have one scale: beside 5,100 that came, 4 that left are next to nothing."""
    came, left = (replace(LIVELY, added=n, changed=0, removed=4) for n in (5_100, 0))
    assert tallest([came, left]) == 5_100


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (4567, "4.6k"), (9999, "10k"), (150_000, "150k")],
)
def test_a_number_over_a_bar_is_short(count: int, words: str):
    """There is room for four letters."""
    assert brief(count) == words
