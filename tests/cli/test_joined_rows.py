"""Several rows of one person: how it is shown, split, joined again and approved (SEMANTICS A5)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ended
from tests.connectors.oneroster.csv.district import files, put, tables

Call = Callable[..., Ended]


@pytest.fixture
def north(call: Call, tmp_path: Path) -> Call:
    """``call``, with a folder in which one student stands in two schools, synced."""
    made = tables("1.1", students=10)
    again = {**made["users"][1], "sourcedId": "u001 south", "orgSourcedIds": "s1", "email": ""}
    made["users"].append(again)
    made["enrollments"].append(
        {**made["enrollments"][0], "sourcedId": "e again", "userSourcedId": "u001 south"}
    )
    path = put(tmp_path / "sets", files(made, "1.1"))
    told = ("--set", f"path={path}", "--set", "one_person=identifier")
    added = call("connectors", "add", "north", "--kind", "oneroster-csv", *told)
    assert added.code == 0, added.err
    synced = call("sync", "north")
    assert synced.code == 0, synced.out + synced.err
    return call


def people(call: Call) -> list[int]:
    """Their ids."""
    return [one["id"] for one in call("records", "list", "users", "--json").document]


def the_one(call: Call) -> int:
    """The id of the person told by two rows."""
    [found] = call("records", "list", "users", "--find", "u001", "--json").document
    return int(found["id"])


def test_a_record_says_which_rows_tell_of_it(north: Call) -> None:
    """In words where there are several, and for a script always."""
    assert len(people(north)) == 13
    one = the_one(north)
    shown = north("records", "show", "users", one)
    assert "Told by 2 rows of “north”: u001 (main), u001 south" in shown.out
    document = north("records", "show", "users", one, "--json").document
    assert document["links"][0]["rows"] == ["u001", "u001 south"]
    assert len(document["values"]["roles"]) == 2
    seats = north("records", "list", "enrollments", "--json").document
    assert sum(seat["user"] == one for seat in seats) == 2


def test_a_record_is_split_and_joined_again(north: Call) -> None:
    """The next sync makes two of it; joined again, the sync after asks before it makes one."""
    one = the_one(north)
    made = north("records", "split", "users", one, "--row", "u001")
    assert "sync north" in made.out
    assert north("sync", "north").code == 0
    assert len(people(north)) == 14
    joined = north("records", "join", "users", one, "--row", "u001", "--json")
    assert joined.document["connectors"] == ["north"]
    waiting = north("sync", "north", "--json")
    assert waiting.code == 3
    run = waiting.document["run"]
    assert "to become one with another" in north("runs", "waiting", run).out
    assert north("runs", "approve", run).code == 0
    assert len(people(north)) == 13


def test_only_rows_of_the_record_can_be_split_off(north: Call) -> None:
    """Others are named as what they are; nothing changes."""
    one = the_one(north)
    refused = north("records", "split", "users", one, "--row", "u002")
    assert refused.code == 2
    assert "u001, u001 south" in refused.err
    spaced = north("records", "split", "users", one, "--row", "u001 south")
    assert (spaced.code, "has a space in it" in spaced.err) == (2, True)
    assert north("records", "join", "users", one, "--row", "u001").code == 2
    assert north("sync", "north").code == 0
    assert len(people(north)) == 13
