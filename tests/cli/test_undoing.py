"""`runs undo`, and what else than syncs is in the history (DESIGN §9, SEMANTICS G)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.compose import Options, program
from tests.cli.conftest import NAME, Ended
from tests.engine.test_unsaying import united
from tests.engine.toy import ToySis, district, fill

Call = Callable[..., Ended]


@pytest.fixture
def synced(connected: Call) -> Call:
    """``connected``, after a first sync."""
    ended = connected("sync", NAME)
    assert ended.code == 0, ended.err
    return connected


@pytest.fixture
def edited(synced: Call) -> tuple[Call, dict[str, object], int]:
    """A person whose given name was edited: the call, the person before, the change set."""
    [user] = synced("records", "list", "users", "--limit", 1, "--json").document
    ended = synced("records", "edit", "users", user["id"], "--set", "given_name=Mimi")
    assert ended.code == 0, ended.err
    [newest] = synced("runs", "list", "--all", "--limit", 1, "--json").document
    assert newest["kind"] == "edit"
    return synced, user, newest["id"]


def name_of(call: Call, user: dict[str, object]) -> object:
    """The given name that the person has now."""
    return call("records", "show", "users", user["id"], "--json").document["values"]["given_name"]


def test_the_whole_history_has_every_kind(edited: tuple[Call, dict[str, object], int]) -> None:
    """G1: edits and undos beside the syncs, with who made them and of how many records."""
    call, _, edit = edited
    undone = call("runs", "undo", edit, "--json").document["id"]
    found = call("runs", "list", "--all", "--json").document
    assert [(one["id"], one["kind"], one["of"]) for one in found] == [
        (undone, "undo", edit),
        (edit, "edit", None),
        (1, "sync", None),
    ]
    assert [one["changed"] for one in found] == [1, 1, 0]
    assert found[2]["connector"] == NAME
    assert found[2]["created"] > 80
    shown = call("runs", "list", "--all").out
    assert "Undo" in shown
    assert f"#{edit}" in shown
    assert call("runs", "list", "--all", "--connector", NAME, "--json").document == [found[2]]
    assert [run["run"] for run in call("runs", "list", "--json").document] == [1]


def test_an_edit_is_shown_as_a_sync_is(edited: tuple[Call, dict[str, object], int]) -> None:
    """`runs show ID`: who, when, and what changed, before and after."""
    call, user, edit = edited
    found = call("runs", "show", edit, "--json").document
    assert found["changes"] == [
        {
            "entity": "users",
            "id": user["id"],
            "what": "changed",
            "twin": None,
            "before": {"given_name": user["given_name"]},
            "after": {"given_name": "Mimi"},
            "discarded": {},
        }
    ]
    shown = call("runs", "show", edit).out
    for told in (
        "Edit by",
        "Given name",
        str(user["given_name"]),
        "Mimi",
        str(user["family_name"]),
    ):
        assert told in shown


def test_an_edit_is_undone(edited: tuple[Call, dict[str, object], int]) -> None:
    """§9: `{"id", "of", "applied", "left_out"}`; the undo can be undone."""
    call, user, edit = edited
    ended = call("runs", "undo", edit, "--json")
    assert ended.code == 0
    document = ended.document
    assert list(document) == ["id", "of", "applied", "left_out"]
    assert (document["of"], document["applied"], document["left_out"]) == (edit, 1, [])
    assert name_of(call, user) == user["given_name"]
    again = call("runs", "undo", document["id"])
    assert (again.code, name_of(call, user)) == (0, "Mimi")
    assert f"#{document['id']} is undone: 1 record." in again.out


def test_a_preview_says_what_would_come_back(edited: tuple[Call, dict[str, object], int]) -> None:
    """§9: the same shape with no id, and what would be sent back; nothing is changed."""
    call, user, edit = edited
    ended = call("runs", "undo", edit, "--preview", "--json")
    assert ended.document == {"id": None, "of": edit, "applied": 1, "left_out": [], "sends": []}
    told = call("runs", "undo", edit, "--preview")
    assert told.code == 0
    assert "Nothing was changed" in told.out
    assert "get values back" in told.out
    assert name_of(call, user) == "Mimi"


def test_what_is_newer_is_left_and_told(edited: tuple[Call, dict[str, object], int]) -> None:
    """G2: exit code 4, with who changed it since."""
    call, user, edit = edited
    call("records", "edit", "users", user["id"], "--set", "given_name=Momo")
    for preview in (["--preview"], []):
        left = call("runs", "undo", edit, *preview, "--json")
        assert left.code == 4
        assert left.document["left_out"] == [
            {"entity": "users", "id": user["id"], "reason": "newer"}
        ]
        told = call("runs", "undo", edit, *preview)
        assert told.code == 4
        assert "Somebody changed it since" in told.out
        assert f"#{edit + 1}" in told.out
    assert name_of(call, user) == "Momo"


def test_more_than_a_limit_allows_is_3_until_it_is_approved(synced: Call) -> None:
    """G2: the undo of a first sync would remove everybody."""
    preview = synced("runs", "undo", 1, "--preview")
    assert preview.code == 3
    ended = synced("runs", "undo", 1, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (3, "undo_held")
    assert "would lose" in ended.err
    assert "runs undo 1 --approve" in ended.err
    assert len(synced("runs", "list", "--all", "--json").document) == 1
    done = synced("runs", "undo", 1, "--approve", "--json")
    assert done.code == 0
    assert done.document["applied"] > 80
    assert synced("records", "list", "users", "--json").document == []
    assert synced("sync", NAME, "--full").code == 0
    assert synced("records", "list", "users", "--json").document == []


def test_what_cannot_be_undone_is_2(synced: Call) -> None:
    """§9: an unknown id, and what changed no record, are usage errors in one sentence."""
    first = synced("records", "list", "users", "--json").document[0]["id"]
    assert synced("records", "protect", "users", first).code == 0
    assert synced("records", "unprotect", "users", first).code == 0
    for id_, code in ((3, "undo_of_settings"), (99, "run_unknown"), (10**30, "run_unknown")):
        for preview in ([], ["--preview"]):
            ended = synced("runs", "undo", id_, *preview, "--json")
            assert (ended.code, ended.document["error"]["code"]) == (2, code)


def test_while_its_connector_is_synced_an_undo_is_5(synced: Call, data_dir: Path) -> None:
    """H1: another process holds the connector's lock."""
    with program(Options(data_dir=data_dir)) as other:
        other.engine.start(NAME)
        ended = synced("runs", "undo", 1, "--approve", "--json")
        other.loop.run(until=lambda: not other.engine.busy)
    assert (ended.code, ended.document["error"]["code"]) == (5, "connector_busy")


def test_nothing_is_left_to_undo_twice(edited: tuple[Call, dict[str, object], int]) -> None:
    """It says so, and makes no change set."""
    call, _, edit = edited
    call("runs", "undo", edit)
    again = call("runs", "undo", edit, "--json")
    assert (again.code, again.document) == (
        0,
        {"id": None, "of": edit, "applied": 0, "left_out": []},
    )
    assert "nothing" in call("runs", "undo", edit).out


def test_what_a_sis_did_not_take_back_is_told_with_the_undo(data_dir: Path, call: Call) -> None:
    """G2: it was changed there since; the history of the undo says so, and the sync's log."""
    sis = fill(ToySis(), people=1)
    sis.put("line_items", "l0", title="Quiz")
    sis.writable = {"line_items": ("update",)}
    with district(data_dir, sis) as d:
        d.without_limits()
        d.sync()
        d.engine.edit("line_items", d.id("line_items", "l0"), {"title": "Test"}, "Ana")
        undone = d.engine.undo(d.sync().id)
        assert undone is not None
        sis.change("line_items", "l0", title="Exam")
        run = d.sync().id
    told = f"What undo #{undone.id} was to take back of 1 record was not taken back at “toy”"
    assert told in call("runs", "show", undone.id).out
    [line] = call("runs", "show", undone.id, "--json").document["told"]
    assert line.startswith(told)
    assert line in [one["message"] for one in call("runs", "log", run, "--json").document]


def test_who_refers_to_what_is_to_go_is_told_first(data_dir: Path, call: Call) -> None:
    """D4: a line item with a mark stays, and the preview says why."""
    sis = fill(ToySis(), people=1)
    sis.put("line_items", "l0", title="Quiz")
    with district(data_dir, sis) as d:
        d.without_limits()
        d.sync()
        sis.put("line_items", "l1", title="Test")
        run = d.sync().id
        sis.put("results", "r1", line_item="l1", student="u000", score=7.0)
        d.sync()
    shown = call("runs", "undo", run, "--preview")
    assert "1 other record refers to it, so it stays" in shown.out
    assert (shown.code, call("runs", "undo", run).code) == (4, 4)


def test_a_preview_names_what_is_sent_back_to_whom(data_dir: Path, call: Call) -> None:
    """Of two who were said to be one: the system that was sent the other's word gets it back."""
    with united(data_dir) as (d, said):
        record = d.id("users", "b-z")
    ended = call("runs", "undo", said, "--preview", "--json")
    (back,) = ended.document["sends"]
    assert (back["connector"], back["record"], back["title"]) == ("other", record, "Zoe Okafor")
    assert {"field": "phone", "from": "+15550100", "to": None} in back["fields"]
    shown = call("runs", "undo", said, "--preview").out
    assert "Sent back by the next sync" in shown
    assert "+15550100" in shown
