"""What a sync and its log say of odd values and joined rows, in words (DESIGN §9)."""

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Ended
from tests.connectors.oneroster.csv.district import Tables, files, put, tables

Call = Callable[..., Ended]


def added(call: Call, tmp_path: Path, made: Tables, *settings: str) -> None:
    """Adds a connector to a folder of these files."""
    path = put(tmp_path / "sets", files(made, "1.1"))
    told = [part for one in (f"path={path}", *settings) for part in ("--set", one)]
    ended = call("connectors", "add", "north", "--kind", "oneroster-csv", *told)
    assert ended.code == 0, ended.err


def test_a_value_that_was_not_understood_is_told_in_words(call: Call, tmp_path: Path) -> None:
    """The field by its name, what is wrong with it, and of how many records."""
    made = tables("1.1", students=10)
    made["users"][0]["enabledUser"] = "maybe"
    added(call, tmp_path, made)
    run = call("sync", "north", "--json").document["run"]
    log = call("runs", "log", run).out
    assert "“Enabled” of 1 record: This is neither true nor false" in log
    assert "odd_boolean" not in log


def test_words_that_no_standard_has_are_told_with_the_sync(call: Call, tmp_path: Path) -> None:
    """Once, where to say what they mean; and no more when that is said."""
    made = tables("1.1", students=10)
    for one in made["users"][:3]:
        one["grades"] = "Jr K"
    made["users"][3]["grades"] = "Yr 13"
    added(call, tmp_path, made)
    said = call("sync", "north").out
    assert said.count("Jr K (3), Yr 13 (1)") == 1
    assert "“Grades” in the connector's settings" in said
    assert "Jr K" not in call("sync", "north").out
    call("connectors", "edit", "north", "--set", "grade_map=Jr K=PK; Yr 13=13")
    assert "OneRoster does not have" not in call("sync", "north").out


def test_a_sync_that_joins_says_how_many_people_the_rows_are(call: Call, tmp_path: Path) -> None:
    """For whoever wonders where the others have gone."""
    made = tables("1.1", students=10)
    made["users"] += [
        {**one, "sourcedId": f"{one['sourcedId']} again"} for one in made["users"][:4]
    ]
    added(call, tmp_path, made, "one_person=identifier")
    assert "People: 17 rows are 13 people." in call("sync", "north").out
