"""Everything twice as large, as somebody with poor eyesight has it; in the dark."""

from pathlib import Path

import pytest

from tests.e2e.program import practice_sis
from tests.tour.person import Person
from tests.tour.reader import State
from tests.tour.screen import Screen, Size
from tests.tour.window import opened

STUDENTS = 200
WINDOW = "PRACTICE – MindKindler Sync"


@pytest.fixture
def size() -> Size:
    """The screen of an ordinary laptop, at 200 %."""
    return Size(1920, 1080, scale=2)


def test_all_is_in_sight_at_200_percent(person: Person, shown: Screen, data_dir: Path) -> None:
    """At 200 % the window fits the screen, and the button that matters is in sight everywhere."""
    with practice_sis(data_dir / "practice", STUDENTS):
        pass
    with opened(data_dir, shown, "--practice"):
        person.reads("“practice” has never been synced")
        person.presses("F5")
        person.reads("All is well with “practice”")
        in_sight(person, "Run Sync Now")
        person.keeps_picture("today")
        person.presses("shift+F9")
        person.reads("^The office of .* changed")
        person.presses("F5")
        person.reads("differences need your decision")
        person.presses("F6")
        person.reads("^Differences: Phone: ")
        person.presses("Down", "Return")
        person.reads("Result: undecided, choose$")
        in_sight(person, "Run Sync Now", "Accept and next")
        person.keeps_picture("a-difference")
        person.presses("alt+v", "a", "d")
        person.sees_brightness(0, 0.35)
        person.keeps_picture("a-difference-in-the-dark")
        person.presses("ctrl+5")
        person.sees("text", "Search the settings", State.FOCUSED)
        person.keeps_picture("settings")
        person.presses("ctrl+q")


def in_sight(person: Person, *buttons: str) -> None:
    """The window lies in the screen, and these buttons in the window."""
    window = person.sees("frame", WINDOW)
    assert window in person.screen, window
    for button in buttons:
        assert person.sees("push button", button) in window
