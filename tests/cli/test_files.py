"""A connector that reads files, from the command line."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ended
from tests.connectors.oneroster.csv.district import files, put, tables


@pytest.fixture
def reading(call: Callable[..., Ended], tmp_path: Path) -> Callable[..., Ended]:
    """``call``, with the connector ``north`` to a folder with one fault in its files."""
    made = tables(students=3)
    made["classes"][0]["termSourcedIds"] = "=nowhere"
    source = put(tmp_path / "set", files(made))
    added = call("connectors", "add", "north", "--kind", "oneroster-csv", "--set", f"path={source}")
    assert added.code == 0, added.err
    return call


def test_files_are_tried_read_and_read_again(reading: Callable[..., Ended]) -> None:
    """They need no secret; a second sync finds nothing new."""
    checked = reading("connectors", "check", "north")
    assert checked.code == 0
    assert "OneRoster 1.2" in checked.out
    first = reading("--json", "sync", "north").document
    assert (first["state"], first["streams"]["users"]["created"]) == ("completed", 6)
    again = reading("--json", "sync", "north").document
    assert (again["mode"], again["streams"]["users"]["read"]) == ("incremental", 0)


def test_problems_are_told_by_file_line_and_column(reading: Callable[..., Ended]) -> None:
    """On the screen, and as a document."""
    told = reading("connectors", "problems", "north")
    assert told.code == 0
    assert "classes.csv" in told.out
    assert "=nowhere" in told.out
    document = reading("--json", "connectors", "problems", "north").document
    assert document["rules"] == {"reference_missing": 1}
    [problem] = document["problems"]
    assert problem == {
        "file": "classes.csv",
        "line": 2,
        "column": "termSourcedIds",
        "value": "=nowhere",
        "rule": "reference_missing",
        "done": "done_kept",
        "harm": "note",
    }


def test_problems_are_saved_for_a_spreadsheet(
    reading: Callable[..., Ended], tmp_path: Path
) -> None:
    """With what a spreadsheet would run made harmless."""
    out = tmp_path / "problems.csv"
    assert reading("connectors", "problems", "north", "--out", out).code == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        heading, row = csv.reader(file)
    assert (heading[0], row[0]) == ("How bad", "note")
    assert (heading[4], row[4]) == ("Value", "'=nowhere")


def test_what_cannot_be_examined_says_so(reading: Callable[..., Ended], tmp_path: Path) -> None:
    """No folder any more, a connector without files, a place that cannot be written."""
    (tmp_path / "set").rename(tmp_path / "elsewhere")
    gone = reading("connectors", "problems", "north")
    assert (gone.code, "is not there" in gone.err) == (1, True)
    assert reading("connectors", "check", "north").code == 1
    failed = reading("--json", "sync", "north")
    assert (failed.code, failed.document["error"]["code"]) == (1, "path_missing")
    assert reading("connectors", "problems", "nobody").code == 2
    (tmp_path / "elsewhere").rename(tmp_path / "set")
    nowhere = tmp_path / "set" / "users.csv" / "x.csv"
    assert reading("connectors", "problems", "north", "--out", nowhere).code == 1


def test_the_worst_stands_first(call: Callable[..., Ended], tmp_path: Path) -> None:
    """In the table, the document and the saved file, wherever in the files it is."""
    made = tables(students=3)
    made["orgs"][0]["status"] = "active"
    made["classes"][0]["periods"] = made["users"][0]["enabledUser"] = "maybe"
    made["users"].append(dict(made["users"][1]))
    source = put(tmp_path / "set", files(made))
    call("connectors", "add", "north", "--kind", "oneroster-csv", "--set", f"path={source}")
    rules = ["key_twice", "odd_boolean", "filled_in_bulk"]
    document = call("--json", "connectors", "problems", "north").document
    assert list(document["rules"]) == [one["rule"] for one in document["problems"]] == rules
    assert [one["harm"] for one in document["problems"]] == ["serious", "lost", "note"]
    told = call("connectors", "problems", "north").out
    assert 0 < told.index("serious") < told.index("something lost") < told.index("note")
    out = tmp_path / "problems.csv"
    call("connectors", "problems", "north", "--out", out)
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert [row[0] for row in csv.reader(file)][1:] == ["serious", "something lost", "note"]


def test_trying_names_the_command_that_tells_more(reading: Callable[..., Ended]) -> None:
    """The findings themselves name no command: the window shows them too."""
    told = reading("connectors", "check", "north").out
    assert "connectors problems north" in told
    assert all(
        "connectors problems" not in (one["means"] or "")
        for one in reading("--json", "connectors", "check", "north").document["findings"]
    )


def test_a_folder_is_found_again_from_anywhere(
    call: Callable[..., Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it was named when the connector was added."""
    put(tmp_path / "here" / "set", files(tables(students=3)))
    monkeypatch.chdir(tmp_path / "here")
    call("connectors", "add", "north", "--kind", "oneroster-csv", "--set", "path=set")
    monkeypatch.chdir(tmp_path)
    assert call("connectors", "check", "north").code == 0
