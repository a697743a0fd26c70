"""A person's first hour with the program: practice, a failure, and a SIS of one's own."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.e2e.program import practice_sis
from tests.keyring.desktop import Desktop
from tests.tour.person import Person
from tests.tour.reader import State
from tests.tour.screen import Screen
from tests.tour.window import opened

STUDENTS = 5_000
"""So many that a sync can be watched."""
FEW_STUDENTS = 60


def processes(data_dir: Path) -> int:
    """How many processes work on the data folder."""
    found = 0
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has just ended
            found += str(data_dir).encode() in command.read_bytes()
    return found


def test_the_first_hour(
    person: Person, desktop: Desktop, shown: Screen, data_dir: Path, tmp_path: Path
) -> None:
    """Practice, trouble and an own SIS: each click and key brings what a person expects of it."""
    with practice_sis(data_dir / "practice", STUDENTS) as sis:
        practice = sis["counts"]
    with practice_sis(tmp_path / "sis", FEW_STUDENTS) as sis, opened(data_dir, shown):
        practises(person, practice)
        meets_trouble(person, practice)
        assert processes(data_dir) == 2, "the window, and the practice SIS"
        leaves_practice(person)
        assert processes(data_dir) == 1
        connects(person, sis)
        makes_it_small(person)
        person.presses("ctrl+q")
    assert processes(data_dir) == 0
    (entry,) = desktop.entries()
    assert "north/client_secret" in entry
    secret = sis["client_secret"].encode()
    written = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert "app.log" in {path.name for path in written}
    assert not [path for path, what in written.items() if secret in what or b"Traceback" in what]


def practises(person: Person, counts: Mapping[str, int]) -> None:
    """The first start, the first sync in practice, and Today."""
    person.reads("Nothing is connected yet")
    person.keeps_picture("welcome")
    person.clicks("push button", "Go on practicing")
    person.reads("“practice” has never been synced")
    person.keeps_picture("never-synced")
    person.presses("F5")
    person.reads(r"^\d+,\d{3} of [\d,]+ records")
    person.keeps_picture("syncing")
    person.sees("progress bar", "Progress of the sync")
    person.reads("All is well with “practice”")
    person.reads(f"People {counts['users']:,}")
    person.reads("^All schools, Students: ")
    person.keeps_picture("today")
    person.presses("ctrl+2")
    person.reads(r"^Nothing waits for you\.")
    person.keeps_picture("nothing-waits")
    person.presses("ctrl+1")


def meets_trouble(person: Person, counts: Mapping[str, int]) -> None:
    """A fault of the SIS fails a sync and takes nothing away; without it, all is well again."""
    person.clicks("menu item", "Practice")
    person.sees("menu item", "Faults of the SIS…")
    person.keeps_picture("practice-menu")
    person.clicks("menu item", "Faults of the SIS…")
    person.clicks("list", "Faults of the practice SIS")
    person.types("login")
    person.sees("list item", "Login page", State.FOCUSED)
    person.presses("space")
    person.sees("list item", "Login page", State.CHECKED)
    person.sees("push button", "1 fault on")
    person.keeps_picture("a-fault")
    person.clicks("push button", "Close")
    person.clicks("push button", "Run Sync Now")
    person.reads("The sync of “practice” failed.")
    person.reads("Nothing was removed.")
    person.reads(f"People {counts['users']:,}")
    person.keeps_picture("failed")
    looks(person, "Dark")
    person.sees_brightness(0, 0.3)
    person.keeps_picture("failed-in-the-dark")
    looks(person, "Light")
    person.sees_brightness(0.6, 1)
    knows_about_it(person)
    person.clicks("push button", "1 fault on")
    person.clicks("push button", "All off")
    person.sees_no("push button", "1 fault on")
    person.clicks("push button", "Close")
    person.clicks("push button", "Run Sync Now")
    person.reads("All is well with “practice”")


def knows_about_it(person: Person) -> None:
    """What is known, until a day and with a reason, is not told as urgent."""
    person.presses("ctrl+shift+k")
    person.sees("text", "Why it is known", State.FOCUSED)
    person.types("The vendor mends it over the holidays")
    person.keeps_picture("marked-as-known")
    person.clicks("push button", "Keep it quiet until then")
    person.reads("^practice, Known until ")
    person.reads("Known until .*: The vendor mends it over the holidays")
    person.keeps_picture("known")


def looks(person: Person, name: str) -> None:
    """Another appearance, by the menu."""
    person.clicks("menu item", "View")
    person.clicks("menu item", "Appearance")
    person.clicks("menu item", name)


def leaves_practice(person: Person) -> None:
    """Back to the own rosters, of which there are none."""
    person.clicks("push button", "Leave practice")
    person.reads("Nothing is connected yet")


def connects(person: Person, sis: Mapping[str, Any]) -> None:
    """An own SIS, step by step: nothing comes in before it was looked at."""
    person.clicks("push button", "Connect your SIS…")
    person.sees("text", "Search for your SIS", State.FOCUSED)
    person.keeps_picture("your-sis")
    person.types("another")
    person.presses("Return")
    person.clicks("text", "Address")
    person.types(sis["base_url"])
    person.clicks("text", "Name")
    person.presses("ctrl+a")
    person.types("north")
    person.clicks("text", "Client ID")
    person.types(sis["client_id"])
    person.clicks("text", "Client secret")
    person.types(sis["client_secret"])
    person.reads("Kept in .*keyring.* and in no file of this program")
    person.keeps_picture("credentials")
    person.clicks("push button", "Test connection")
    person.reads("“north” works")
    person.reads(f"People can be read: {sis['counts']['users']:,}")
    person.keeps_picture("connection-tested")
    person.clicks("push button", "Next")
    person.reads("What should come in")
    person.keeps_picture("what-is-read")
    person.clicks("push button", "Next")
    person.sees("radio button", "My SIS decides about rosters (usual)", State.CHECKED)
    person.keeps_picture("who-is-in-charge")
    person.clicks("push button", "Next")
    person.sees("table", "What would be here, by school")
    person.sees("cell", "Riverside High School", State.CHECKED)
    person.keeps_picture("first-look")
    person.clicks("push button", "Looks right: bring them in")
    person.clicks("push button", "Go to Today")
    person.reads("All is well with “north”")
    person.reads(f"People {sis['counts']['users']:,}")


def makes_it_small(person: Person) -> None:
    """In a small window, the one button is in sight all the same."""
    person.sizes("MindKindler Sync", 1024, 640)
    assert person.sees("push button", "Run Sync Now") in person.sees("frame", "MindKindler Sync")
    person.keeps_picture("small")
