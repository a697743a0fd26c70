"""Several rows of one person: how it is shown, split, joined again and approved (SEMANTICS A5)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    return [
        one["id"] for one in call("records", "list", "users", "--limit", 500, "--json").document
    ]


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
    assert "a further row of the same person" in north("runs", "waiting", run).out
    assert north("runs", "approve", run).code == 0
    assert len(people(north)) == 13


def test_hundreds_of_rows_can_be_kept_apart_and_then_no_more(north: Call) -> None:
    """Far more than happen to be wrong; that it is enough is said as what it is."""
    one = the_one(north)
    for count, code in ((400, 0), (500, 2)):
        apart = " ".join(f"{n:059}" for n in range(count))
        assert north("connectors", "edit", "north", "--set", f"apart={apart}").code == 0
        ended = north("records", "split", "users", one, "--row", "u001")
        assert ended.code == code, ended.err
    assert "are kept apart that no more can be" in ended.err


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


# -- told as what it is -----------------------------------------------------------------------


@pytest.fixture
def twice(call: Call, tmp_path: Path) -> Call:
    """``call``, with sixteen of sixty students in two rows each, synced as people of their own."""
    made = tables("1.1", students=60)
    for number, one in enumerate(made["users"][:16]):
        other = "s1" if one["orgSourcedIds"] == "s2" else "s2"
        made["users"].append({**one, "sourcedId": f"v{number:03d}", "orgSourcedIds": other})
        seat = made["enrollments"][number]
        made["enrollments"].append(
            {**seat, "sourcedId": f"f{number:03d}", "userSourcedId": f"v{number:03d}"}
        )
    path = put(tmp_path / "sets", files(made, "1.1"))
    added = call("connectors", "add", "north", "--kind", "oneroster-csv", "--set", f"path={path}")
    assert added.code == 0, added.err
    assert call("sync", "north").code == 0
    assert len(people(call)) == 79
    return call


def by_rule(call: Call, rule: str) -> Ended:
    """A sync after the rows are joined by another rule."""
    edited = call("connectors", "edit", "north", "--set", f"one_person={rule}")
    assert edited.code == 0, edited.err
    return call("sync", "north")


def newest(call: Call) -> dict[str, Any]:
    """The newest run."""
    found: dict[str, Any] = call("runs", "list", "--json").document[0]
    return found


def test_what_waits_to_be_joined_is_no_removal(twice: Call) -> None:
    """Neither in the summary of the sync, nor one by one, where the other is named."""
    ended = by_rule(twice, "identifier")
    assert ended.code == 3
    assert "to be joined with another of the same person: 16 people" in ended.out
    assert "to be removed" not in ended.out
    run = newest(twice)["run"]
    waits = twice("runs", "waiting", run, "--json").document
    assert {one["what"] for one in waits} == {"joined"}
    whom = twice("records", "show", "users", waits[0]["twin"], "--json").document
    assert whom["values"]["identifier"] == "9000"
    assert f"joined with #{waits[0]['twin']}" in twice("runs", "waiting", run).out


def test_what_was_joined_is_counted_and_listed_as_joined(twice: Call) -> None:
    """By the approval, in the history, and where it is undone; nothing of it was removed."""
    by_rule(twice, "identifier")
    approved = twice("runs", "approve", newest(twice)["run"])
    assert "16 people joined with another of the same person" in approved.out
    assert "removed" not in approved.out
    run = newest(twice)
    counts = run["streams"]["users"]
    assert (counts["read"], counts["joined"], counts["deleted"]) == (16, 16, 0)
    told = twice("runs", "show", run["run"], "--records", "--json").document["records"]
    assert {one["what"] for one in told} == {"joined"}
    assert f"joined with #{told[0]['twin']}" in twice("runs", "show", run["run"], "--records").out
    preview = twice("runs", "undo", run["run"], "--preview").out
    assert "are taken apart" in preview
    assert "come back" not in preview
    undone = twice("runs", "undo", run["run"], "--json").document["id"]
    assert f"taken apart from #{told[0]['twin']}" in twice("runs", "show", undone).out
    assert len(people(twice)) == 79
    again = twice("runs", "undo", undone, "--preview")
    assert (again.code, "become one again" in again.out) == (0, True)


def test_what_is_taken_apart_is_no_removal(twice: Call) -> None:
    """Each school has as many as before, so no limit holds it, and the sync says what it did."""
    by_rule(twice, "identifier")
    twice("runs", "approve", newest(twice)["run"])
    ended = by_rule(twice, "off")
    assert ended.code == 0, ended.out
    assert "16 rows are joined with others no more" in ended.out
    assert len(people(twice)) == 79
    run = newest(twice)
    counts = run["streams"]["users"]
    assert (counts["updated"], counts["deleted"], counts["waiting"]) == (32, 0, 0)
    told = twice("runs", "show", run["run"], "--records", "--json").document["records"]
    assert sorted(one["what"] for one in told) == ["changed"] * 16 + ["parted"] * 16


def test_what_was_never_joined_is_taken_apart_all_the_same(twice: Call) -> None:
    """Where the rule ends while the joins wait, who has both schools until then loses nobody."""
    by_rule(twice, "identifier")
    ended = by_rule(twice, "off")
    assert ended.code == 0, ended.out
    assert len(people(twice)) == 79


def test_what_waits_to_be_taken_apart_stays_that(twice: Call) -> None:
    """Where a limit of changes holds it, the syncs after find it waiting for the same reason."""
    by_rule(twice, "identifier")
    twice("runs", "approve", newest(twice)["run"])
    assert twice("limits", "set", "north", "changes=5%").code == 0
    assert "to be taken apart: 16 people" in by_rule(twice, "off").out
    for _ in range(2):
        again = twice("sync", "north")
        assert (again.code, "to be taken apart: 16 people" in again.out) == (3, True)
        waits = twice("runs", "waiting", newest(twice)["run"], "--json").document
        assert {(one["what"], *one["rules"]) for one in waits} == {("parted", "changes")}


def test_a_split_says_how_it_is_taken_back(north: Call) -> None:
    """Word by word, and it is so before the next sync and after it, by either of the records."""
    one, before = the_one(north), set(people(north))
    split = ("records", "split", "users", one, "--row", "u001")
    line = north(*split).out.splitlines()[-1].split()
    assert line == ["records", "join", "users", str(one), "--row", "u001"]
    assert north(*line).code == 0
    assert north(*split).code == 0
    assert north("sync", "north").code == 0
    [other] = set(people(north)) - before
    assert north(*line).code == 0
    assert north(*split).code == 2
    assert north("records", "split", "users", other, "--row", "u001").code == 2


def test_only_what_is_kept_apart_is_joined_again(north: Call) -> None:
    """Otherwise it is said what is, or that nothing is."""
    one = the_one(north)
    nothing = north("records", "join", "users", one, "--row", "u001")
    assert (nothing.code, "No row is kept apart" in nothing.err) == (2, True)
    assert north("records", "split", "users", one, "--row", "u001").code == 0
    other = north("records", "join", "users", one, "--row", "u002")
    assert (other.code, "(u001)" in other.err) == (2, True)


def test_what_is_only_missing_needs_nobody(north: Call, tmp_path: Path) -> None:
    """It is said that the next whole answer settles it, and not that it stays until approved."""
    path = tmp_path / "sets" / "users.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if not line.startswith(b"u009")))
    ended = north("sync", "north")
    assert ended.code == 3
    assert "taken as gone without you once the next whole answer lacks it" in ended.out
    assert "until you approve or refuse" not in ended.out


# -- and what is exported meanwhile -----------------------------------------------------------


def test_an_export_while_joins_wait_says_so(twice: Call, tmp_path: Path) -> None:
    """One that was asked for has all of them, and says that; by itself none is written."""
    out = tmp_path / "after"
    assert twice("export", "--after-sync", out).code == 0
    by_rule(twice, "identifier")
    assert not out.exists()
    words = "16 records wait for approval to be joined with others of the same people"
    assert f"No export was written: {words}" in twice("connectors", "list").out
    assert f"No export was written: {words}" in twice("connectors", "show", "north").out
    told = ("--format", "oneroster-csv", "--out", tmp_path / "now")
    asked = twice("export", "--all", *told)
    assert (asked.code, f"{words}; all are in the files" in asked.out) == (0, True)
