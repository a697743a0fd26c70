"""One district in a OneRoster SIS and in an Ed-Fi service: what is asked, and where they differ."""

from pathlib import Path

from tests.e2e.program import Program, practice_sis
from tests.tour.person import Person
from tests.tour.screen import Screen
from tests.tour.window import opened

STUDENTS = 300


def test_two_systems(person: Person, shown: Screen, data_dir: Path) -> None:
    """Who is right to begin with, whom both know, and the report of what they tell otherwise."""
    with practice_sis(data_dir.parent / "practice", STUDENTS) as ready:
        secrets = {
            "MINDKINDLER_SECRET_SIS_CLIENT_SECRET": ready["client_secret"],
            "MINDKINDLER_SECRET_ODS_SECRET": ready["edfi_secret"],
        }
        program = Program(data_dir, {**shown.environment, **secrets})
        for words in (
            ["sis", "--kind", "oneroster", "--set", f"base_url={ready['base_url']}",
             "--set", f"client_id={ready['client_id']}"],
            ["ods", "--preset", "ods-api", "--set", f"base_url={ready['edfi_url']}",
             "--set", f"key={ready['edfi_key']}"],
        ):  # fmt: skip
            program.run("connectors", "add", *words)
        program.run("sync", "sis")
        program.run("sync", "ods", expects=4)
        with opened(data_dir, shown):
            person.reads("“ods”: 4 decisions wait for you")
            person.keeps_picture("two-systems")
            person.presses("F6")
            person.reads("^Differences: Classes: who is right to begin with")
            person.keeps_picture("who-is-right")
            person.presses("Return")
            person.reads("Ours: .*Result: undecided, choose$")
            person.keeps_picture("to-begin-with")
            person.presses("shift+F7")
            person.reads("Where the SIS disagree")
            person.keeps_picture("where-they-disagree")
            person.presses("Escape", "ctrl+q")
