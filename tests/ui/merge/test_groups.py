"""One group of differences at a time: what is settled of it, what is taken back, what is next."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.ui.merge import words
from app.ui.places import ToDifferences
from tests.ui.merge.stage import Merging, Open, Stage, staged

USERNAME = "Username: written differently"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Two people with another name, and three with another username."""
    stage = staged(tmp_path_factory.mktemp("groups") / "data")
    stage.differ(
        ("u000", {"given_name": "Mine"}, {"given_name": "Yours"}),
        ("u001", {"given_name": "Mine"}, {"given_name": "Yours"}),
        *((f"u00{n}", {"username": f"S-{n}00"}, {"username": f"s{n}00"}) for n in (2, 3, 4)),
    )
    return stage


@pytest.fixture
def merging(made: Stage, tmp_path: Path, open_merge: Open) -> Merging:
    """The first group on a copy."""
    merging = open_merge(made.copy(tmp_path / "data"))
    ids = next(one.ids for one in merging.room.account.causes if one.count == 2)
    merging.window.work.go(ToDifferences(ids))
    merging.until(lambda: merging.room.left == 2 and merging.room.quiet)
    merging.room.start()
    return merging


def settle(merging: Merging) -> None:
    """Both of the group."""
    merging.press("1")
    merging.accept()
    merging.press("1", Qt.Key.Key_Return)
    merging.until(merging.room.finished.isVisible)


def test_a_group_alone_shows_whom_it_is_about(merging: Merging) -> None:
    """Not its cause once more."""
    assert merging.room.queue.content.rowCount() == 3


def test_when_a_group_is_settled_the_next_is_a_key_away(merging: Merging) -> None:
    """It is told that others wait; the focus is on the button that leads there."""
    settle(merging)
    finished = merging.room.finished
    merging.until(lambda: finished.title.text() == "This group is settled.")
    assert f"3 other differences wait: {USERNAME} (3)" in finished.words.text()
    merging.until(finished.on_button.hasFocus)
    QTest.keyClick(finished.on_button, Qt.Key.Key_Return)
    merging.until(lambda: merging.room.left == 3)
    merging.until(merging.grid.hasFocus)


def test_escape_leads_from_the_end_to_the_inbox(merging: Merging) -> None:
    """As from everywhere in the room."""
    settle(merging)
    merging.until(merging.room.finished.on_button.hasFocus)
    QTest.keyClick(merging.room.finished.on_button, Qt.Key.Key_Escape)
    decide = merging.window.work.decide
    merging.until(lambda: decide.shown is decide.inbox)


def test_what_is_taken_back_is_asked_again_in_its_group(merging: Merging) -> None:
    """It is shown, and the counters are about what stands."""
    settle(merging)
    merging.window.menus.undo.trigger()
    merging.until(lambda: merging.room.left == 1)
    merging.until(merging.grid.isVisible)
    assert merging.room.panel.progress.text() == "1 settled · 1 left"
    assert merging.room.queue.heading.text() == "1 difference"


@pytest.mark.parametrize(
    ("text", "other", "told"),
    [
        ("short@x.example", "other@x.example", "short@x.example"),
        (
            "a.very.long.name.that.goes.on@students.mail.north.practice-district.example",
            "a.very.long.name.that.goes.on@students.mail.south.practice-district.example",
            "a.very.lo",
        ),
    ],
)
def test_a_long_value_on_a_button_keeps_what_differs(text: str, other: str, told: str) -> None:
    """What is common is cut in its middle."""
    shown = words.short(text, other)
    assert shown.startswith(told)
    assert ("…" in shown, "nor" in shown) == (text != told, text != told)
