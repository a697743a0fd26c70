"""`runs` and `records`: what happened, and what there is (DESIGN §9)."""

from collections.abc import Callable
from datetime import datetime

import pytest

from app.compose import PracticeSis
from app.roster.entities import ENTITIES
from tests.cli.conftest import NAME, SECRET, Ended

Call = Callable[..., Ended]


@pytest.fixture
def synced(connected: Call) -> Call:
    """``connected``, after a first sync."""
    ended = connected("sync", NAME)
    assert ended.code == 0, ended.err
    return connected


# -- runs -------------------------------------------------------------------------------------


def test_the_history_is_an_array_with_the_newest_first(synced: Call) -> None:
    """§9: a plain array, the runs told as `sync` tells them."""
    synced("sync", NAME)
    found = synced("runs", "list", "--json").document
    assert [run["run"] for run in found] == [2, 1]
    assert [run["mode"] for run in found] == ["incremental", "full"]
    synced_now = set(synced("sync", NAME, "--json").document)
    assert synced_now - {"waiting_total", "conflicts_total"} <= set(found[0])
    for run in found:
        assert datetime.fromisoformat(run["started_at"]).tzinfo is not None


def test_the_history_can_be_paged_and_narrowed(synced: Call) -> None:
    """--limit and --before page through it; --connector names one."""
    synced("sync", NAME)
    assert [run["run"] for run in synced("runs", "list", "--limit", 1, "--json").document] == [2]
    assert [run["run"] for run in synced("runs", "list", "--before", 2, "--json").document] == [1]
    assert len(synced("runs", "list", "--connector", NAME, "--json").document) == 2
    assert synced("runs", "list", "--connector", "nobody").code == 2


def test_the_history_for_a_person_is_in_local_time(synced: Call) -> None:
    """Times are shown in local time; ISO 8601 stands in JSON."""
    [run] = synced("runs", "list", "--json").document
    local = datetime.fromisoformat(run["started_at"]).astimezone()
    assert local.strftime("%Y-%m-%d %H:%M") in synced("runs", "list").out


def test_one_run_is_shown_with_its_streams(synced: Call) -> None:
    """§9: `runs show ID`."""
    found = synced("runs", "show", 1, "--json").document
    assert (found["run"], found["state"], found["error"]) == (1, "completed", None)
    shown = synced("runs", "show", 1)
    assert "People" in shown.out
    assert "started by" in shown.out


def test_the_log_of_a_failed_run_says_why(synced: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """§9: `runs log ID` is a plain array of sentences with codes."""
    monkeypatch.setenv(SECRET, "made-up-and-wrong")
    assert synced("sync", NAME).code == 1
    lines = synced("runs", "log", 2, "--json").document
    assert lines[-1]["level"] == "error"
    assert set(lines[-1]) == {"at", "level", "entity", "code", "parameters", "message"}
    assert lines[-1]["message"] in synced("runs", "log", 2).out


@pytest.mark.parametrize("command", ["show", "log"])
def test_an_unknown_run_is_2(call: Call, command: str) -> None:
    """§9: a usage error, told with where the runs are listed."""
    ended = call("runs", command, 99)
    assert ended.code == 2
    assert "runs list" in ended.err


def test_an_empty_history_is_told(call: Call) -> None:
    """§9: an empty array, or a sentence."""
    assert call("runs", "list", "--json").document == []
    assert call("runs", "list").out == "Nothing has been synced yet.\n"


# -- records ----------------------------------------------------------------------------------


def test_records_are_listed_by_id_a_page_at_a_time(synced: Call, sis: PracticeSis) -> None:
    """§9: exported records carry `id`; --limit and --offset page through all of them, once."""
    ids: list[int] = []
    while page := synced(
        "records", "list", "users", "--limit", 100, "--offset", len(ids), "--json"
    ).document:
        assert list(page[0]) == ["id", *ENTITIES["users"].field_names]
        ids += [record["id"] for record in page]
    assert len(set(ids)) == len(ids) == sis.ready.counts["users"]


def test_a_list_names_what_records_refer_to(synced: Call) -> None:
    """A reference is told by the title of what it points to."""
    [seat] = synced("records", "list", "enrollments", "--limit", 1, "--json").document
    [class_] = [
        one
        for one in synced("records", "list", "classes", "--limit", 1000, "--json").document
        if one["id"] == seat["class"]
    ]
    listed = synced("records", "list", "enrollments", "--limit", 1).out
    assert f"{class_['title']} (#{class_['id']})" in listed


def test_a_record_is_shown_with_where_it_comes_from(synced: Call) -> None:
    """`records show`: values under their labels, links with connector and key, history."""
    [user] = synced("records", "list", "users", "--limit", 1, "--json").document
    found = synced("records", "show", "users", user["id"], "--json").document
    assert {"id": found["id"], **found["values"]} == user
    assert (found["entity"], found["alive"], found["created_in"]) == ("users", True, 1)
    [link] = found["links"]
    assert (link["connector"], link["alive"], found["history"]) == (NAME, True, [])
    shown = synced("records", "show", "users", user["id"]).out
    assert user["family_name"] in shown
    assert "Family name" in shown
    assert link["key"] in shown


def test_a_change_is_in_the_history_of_its_record(call: Call) -> None:
    """`records show` tells before and after of each change, and in which sync it came."""
    assert call("demo", "--students", 60).code == 0
    for user in call("records", "list", "users", "--limit", 1000, "--practice", "--json").document:
        found = call("records", "show", "users", user["id"], "--practice", "--json").document
        if found["history"]:
            break
    [change] = found["history"]
    assert (change["kind"], change["connector"], change["change_set"]) == ("sync", "practice", 3)
    assert change["before"].keys() == change["after"].keys()
    assert change["before"] != change["after"]
    for name, value in change["after"].items():
        assert found["values"][name] == value
    shown = call("records", "show", "users", user["id"], "--practice").out
    label = ENTITIES["users"].by_name[next(iter(change["after"]))].label
    assert any("#3" in line and label in line for line in shown.splitlines())


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["list", "wizards"], "entity_unknown"),
        (["show", "wizards", "1"], "entity_unknown"),
        (["show", "users", "999999"], "record_unknown"),
        (["show", "users", "Zoë"], "usage"),
    ],
)
def test_what_is_not_there_is_2(call: Call, arguments: list[str], code: str) -> None:
    """§9: usage errors, as a document too."""
    ended = call("records", *arguments, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, code)
    assert ended.document["run"] is None
    assert ended.err.strip() == ended.document["error"]["message"]


@pytest.mark.parametrize("number", [2**63, 10**24, -(10**24), 10**300])
def test_a_number_beyond_the_database_is_2(call: Call, number: int) -> None:
    """An id that cannot be is not there; a count that cannot be is usage. No fault of ours."""
    assert call("runs", "list").code == 0
    for command in (("runs", "show"), ("runs", "log"), ("records", "show", "users")):
        ended = call(*command, "--json", "--", number)
        assert ended.code == 2
        assert ended.document["error"]["code"] == f"{command[0].removesuffix('s')}_unknown"
        assert str(number) in ended.err
    for command in (("records", "list", "users"), ("runs", "list")):
        for option in ("--limit", "--offset" if command[0] == "records" else "--before"):
            ended = call(*command, f"{option}={number}")
            assert (ended.code, len(ended.err.splitlines())) == (2, 1)
