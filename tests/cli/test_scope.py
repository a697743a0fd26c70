"""`connectors edit --scope` and `archive`: what is kept in step (DESIGN §9, SEMANTICS D2)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import NAME, Ended

Call = Callable[..., Ended]


@pytest.fixture
def synced(connected: Call) -> Call:
    """``connected``, and synced once."""
    assert connected("sync", NAME).code == 0
    return connected


def _listed(call: Call) -> dict[str, Any]:
    [one] = call("connectors", "list", "--json").document
    return dict(one)


def _school(call: Call) -> dict[str, Any]:
    orgs = call("records", "list", "orgs", "--limit", 100, "--json").document
    return next(dict(org) for org in orgs if org["type"] == "school")


def _of(call: Call, entity: str, school: int) -> int:
    rows = call("records", "list", entity, "--limit", 10000, "--json").document
    return sum(row["school"] == school for row in rows)


def _whole(synced: Call) -> dict[str, int]:
    run = synced("runs", "show", 1, "--json").document
    return {entity: stream["created"] for entity, stream in run["streams"].items()}


def test_one_school_is_kept_in_step_and_nothing_is_removed(synced: Call) -> None:
    """Chosen by its name; the next sync reads everything, tells what is outside, and keeps it."""
    school, whole = _school(synced), _whole(synced)
    edited = synced("connectors", "edit", NAME, "--scope", f"schools={school['name']}")
    assert edited.code == 0, edited.err
    assert "keeps in step only these schools" in edited.out
    ended = synced("sync", NAME, "--json")
    run = ended.document
    assert (ended.code, run["mode"], run["state"]) == (0, "full", "completed")
    classes = run["streams"]["classes"]
    assert classes["read"] == classes["unchanged"] == _of(synced, "classes", school["id"])
    assert classes["read"] + classes["outside"] == whole["classes"]
    assert sum(stream["deleted"] + stream["waiting"] for stream in run["streams"].values()) == 0
    listed = _listed(synced)
    assert list(listed["scope"]) == ["schools"]
    assert listed["outside"]["classes"] == classes["outside"]
    told = synced("connectors", "list").out
    assert "are out of its scope and stay as they are" in told
    assert "out of scope" in synced("sync", NAME, "--full").out


def test_a_record_out_of_scope_is_shown_as_such(synced: Call) -> None:
    """`records show` says so, in words and in JSON."""
    synced("connectors", "edit", NAME, "--scope", f"leave-out={_school(synced)['name']}")
    synced("sync", NAME)
    left_out = _school(synced)["id"]
    [link] = synced("records", "show", "orgs", left_out, "--json").document["links"]
    assert (link["alive"], link["outside"]) == (True, True)
    assert "out of scope" in synced("records", "show", "orgs", left_out).out


def test_none_keeps_everything_in_step_again(synced: Call) -> None:
    """Cleared, the next sync finds every record as it was."""
    document = synced("connectors", "edit", NAME, "--scope", "roles=teacher", "--json").document
    assert document["scope"] == {"roles": ["teacher"]}
    synced("sync", NAME)
    assert _listed(synced)["outside"]["users"] > 0
    assert synced("connectors", "edit", NAME, "--scope", "none").code == 0
    run = synced("sync", NAME, "--json").document
    assert (_listed(synced)["scope"], _listed(synced)["outside"]) == ({}, {})
    for stream in run["streams"].values():
        assert stream["read"] == stream["unchanged"]


def test_a_scope_that_means_nothing_is_2_and_saves_nothing(synced: Call) -> None:
    """§9: a usage error says what could have been meant; neither scope nor settings are saved."""
    before = _listed(synced)
    for word, told in [
        ("schools=Nowhere", "records list orgs"),
        ("roles=janitor", "teacher"),
        ("buildings=1", "leave-out"),
    ]:
        ended = synced("connectors", "edit", NAME, "--set", "scope=x", "--scope", word)
        assert (ended.code, told in ended.err) == (2, True)
    assert _listed(synced) == before


def test_archiving_waits_for_approval_over_a_limit(synced: Call) -> None:
    """Exit code 3 and nothing done; approved, the records end, and can be brought back."""
    synced("connectors", "edit", NAME, "--scope", f"leave-out={_school(synced)['name']}")
    synced("sync", NAME)
    outside = _listed(synced)["outside"]
    refused = synced("connectors", "archive", NAME, "--json")
    assert (refused.code, refused.document["error"]["code"]) == (3, "archive_held")
    assert _listed(synced)["outside"] == outside
    done = synced("connectors", "archive", NAME, "--approve", "--json").document
    assert done["archived"] == outside
    assert (done["kept"], _listed(synced)["outside"]) == ({}, {})
    assert synced("runs", "undo", done["id"], "--approve").code == 0
    assert _listed(synced)["outside"] == outside
    held = synced("connectors", "archive", NAME, "classes").err
    assert held.endswith(f"connectors archive {NAME} classes --approve\n")
    one = synced("connectors", "archive", NAME, "classes", "--approve")
    assert (one.code, "put away" in one.out, "Undo: runs undo " in one.out) == (0, True, True)
    nothing = synced("connectors", "archive", NAME, "classes")
    assert (nothing.code, "sync first" in nothing.out) == (0, True)


def test_what_a_limit_holds_is_told_a_type_a_line(synced: Call) -> None:
    """A few lines, and what to type to do it all the same."""
    synced("connectors", "edit", NAME, "--scope", f"leave-out={_school(synced)['name']}")
    synced("sync", NAME)
    told = synced("connectors", "archive", NAME).err.splitlines()
    assert told[0].endswith("over a safety limit of “Springfield”:")
    assert told[-1].endswith(f"connectors archive {NAME} --approve")
    assert len(told) > 3


def test_straight_after_a_scope_was_chosen_nothing_is_out_of_it(synced: Call) -> None:
    """No mistake: a sync has to come first."""
    synced("connectors", "edit", NAME, "--scope", "roles=teacher")
    ended = synced("connectors", "archive", NAME, "--json")
    assert (ended.code, ended.document["id"], ended.document["archived"]) == (0, None, {})
    assert "sync first" in synced("connectors", "archive", NAME).out


def test_a_scope_names_its_schools(synced: Call) -> None:
    """By name beside the key, whether they were given by name or by id."""
    school = _school(synced)
    for word in (school["name"], school["id"], f"#{school['id']}"):
        shown = synced("connectors", "edit", NAME, "--scope", f"schools={word}").out
        assert f"only these schools: {school['name']} (" in shown


def test_a_grade_that_nobody_has_is_noticed(synced: Call) -> None:
    """It may be a slip; it is saved, since somebody may be to come who has it."""
    ended = synced(
        "connectors", "edit", NAME, "--scope", "grades=99,09", "--scope", "roles=proctor"
    )
    assert (ended.code, _listed(synced)["scope"]) == (
        0,
        {"grades": ["09", "99"], "roles": ["proctor"]},
    )
    assert [line for line in ended.err.splitlines() if "so far" in line] == [
        f"Nobody in the roster has “{value}” among their {part} so far. Check how it is written, "
        "unless somebody is to come who has."
        for value, part in (("99", "grades"), ("proctor", "roles"))
    ]
