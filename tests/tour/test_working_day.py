"""A day of an administrator's work: merge, approve, look back, look up, set."""

import re
from pathlib import Path

from tests.e2e.program import practice_sis
from tests.tour.person import Person
from tests.tour.reader import State
from tests.tour.screen import Screen
from tests.tour.window import opened

STUDENTS = 600


def test_a_working_day(person: Person, shown: Screen, data_dir: Path) -> None:
    """What waits is settled, history and people are looked at, settings are made."""
    with practice_sis(data_dir / "practice", STUDENTS):
        pass
    with opened(data_dir, shown, "--practice"):
        person.reads("“practice” has never been synced")
        person.presses("F5")
        person.reads("All is well with “practice”")
        merges(person)
        approves(person)
        looks_back(person)
        looks_up(person)
        makes_settings(person)
        person.presses("ctrl+q")


def merges(person: Person) -> None:
    """Differences of one cause, by keyboard alone: two one by one, the rest at once; and undo."""
    person.presses("shift+F9")
    person.reads("^The office of .* changed")
    person.presses("F5")
    asked = int(person.reads(r"“practice”: (\d+) differences need your decision")[1])
    person.keeps_picture("needs-you")
    person.presses("F6")
    phones = int(person.reads(r"^Differences: Phone: changed on both sides \((\d+) people\)")[1])
    person.keeps_picture("inbox")
    person.presses("Down", "Return")
    person.reads("^Phone; Ours: .* Result: undecided, choose$")
    person.keeps_picture("a-difference")
    person.presses("2")
    person.reads("^Phone; Ours: .* chosen by you$")
    person.keeps_picture("chosen")
    person.presses("Return")
    person.reads(f"^1 settled · {phones - 1} left")
    person.reads("Result: undecided, choose$")
    person.presses("1", "Return")
    person.reads(f"^2 settled · {phones - 2} left")
    person.reads("Result: undecided, choose$")
    person.presses("2", "a")
    person.reads(f"^The same for these {phones - 2} differences")
    person.keeps_picture("same-for-all")
    person.presses("Return")
    person.reads(f"{asked - phones} differences need your decision")
    person.reads("ll settled|are settled")
    person.keeps_picture("settled")
    person.presses("ctrl+z")
    person.reads("^Taken back")
    person.reads(f"{asked - 2} differences need your decision")


def approves(person: Person) -> None:
    """What a safety limit has held back is refused, and nothing has gone."""
    person.clicks("menu item", "Practice")
    person.sees("menu item", "A school loses its classes")
    person.keeps_picture("practice-menu")
    person.clicks("menu item", "A school loses its classes")
    lost = person.reads(r"^At the practice SIS, .* lost ([\d,]+) enrollments")[1]
    person.presses("F5")
    person.reads(f"{lost} removals or changes wait for your approval; none of them was made")
    person.presses("F6")
    person.reads(f"^{lost} enrollments would be removed$")
    person.sees("push button", f"Remove {lost} enrollments")
    person.keeps_picture("approval")
    person.clicks("page tab", re.compile("Classes left empty"))
    person.keeps_picture("classes-left-empty")
    person.clicks("push button", f"Keep {lost} enrollments as they are")
    person.reads(f"^{lost} enrollments are kept here")
    person.sees("push button", "Undo")
    person.keeps_picture("refused")


def looks_back(person: Person) -> None:
    """Whom a sync has changed, and what taking it back would do."""
    person.presses("F9")
    person.reads("^A school day passed")
    person.presses("ctrl+3")
    person.presses("F5")
    person.reads(r"^Sync #\d+ of practice")
    person.clicks("page tab", "Who was changed")
    person.reads("^Now teaches |^Joined |^New: ")
    person.keeps_picture("who-was-changed")
    person.clicks("push button", "Undo…")
    person.reads("Come back into the roster: ")
    person.keeps_picture("undo-previewed")
    person.clicks("push button", re.compile(r"Undo for \d+ records"))
    person.reads(r"^#\d+ is undone, as #\d+")
    person.keeps_picture("undone")


def looks_up(person: Person) -> None:
    """A class is found, its SIS is asked right now, and it leads to a student."""
    person.presses("ctrl+k")
    person.sees("text", "Search people, classes and everything else", State.FOCUSED)
    person.types("biology")
    person.reads("^Biology - Period 3, ")
    person.keeps_picture("found")
    person.types(" period 3")
    person.sees_no("list item", re.compile("Courses: "))
    person.presses("Return")
    person.reads("^Class · ")
    person.sees("table", "Roll of the class")
    person.keeps_picture("a-class")
    person.clicks("push button", "Ask the SIS right now")
    person.reads("^“practice” was asked")
    person.reads(r"students are here, of whom “practice” right now does not list \d+")
    person.keeps_picture("asked-right-now")
    person.presses("Tab")
    person.sees("table", "Roll of the class", State.FOCUSED)
    person.presses("Down", "Return")
    person.reads("^Person · ")
    person.keeps_picture("a-student")
    person.clicks("page tab", "Time line")
    person.reads("^Came into the roster")


def makes_settings(person: Person) -> None:
    """When it syncs, what waits for approval, who decides; and all keys."""
    person.presses("ctrl+5")
    person.clicks("radio button", "Every")
    person.reads(r"^The next sync is (today|tomorrow|\w+ \d)")
    person.keeps_picture("schedule")
    person.clicks("list item", "Safety limits")
    person.reads("may go in a day without your approval")
    person.keeps_picture("safety-limits")
    person.clicks("list item", "Who decides")
    person.clicks("push button", "Add a rule…")
    person.sees("dialog", "Who decides")
    person.keeps_picture("who-decides")
    person.presses("Escape")
    person.presses("F1")
    person.sees("dialog", "Keys")
    person.keeps_picture("keys")
    person.presses("Escape")
