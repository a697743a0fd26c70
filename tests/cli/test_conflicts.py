"""`conflicts` and `policy`: what differs, who decides, and what is decided (DESIGN §9)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.roster.entities import ENTITIES
from tests.cli.conftest import Ended
from tests.engine.toy import District, district

Call = Callable[..., Ended]


@pytest.fixture
def differing(toy: District) -> District:
    """Where three people were named both here and at the SIS, and one changed schools twice."""
    for n in range(3):
        record = toy.id("users", f"u00{n}")
        toy.engine.edit("users", record, {"given_name": f"Ours {n}"}, "Ana")
        toy.sis.change("users", f"u00{n}", given_name=f"Theirs {n}")
    record = toy.id("users", "u003")
    toy.engine.edit("users", record, {"primary_org": toy.id("orgs", "o1")}, "Ana")
    toy.sis.change("users", "u003", primary_org="o2")
    toy.sync()
    return toy


def listed(call: Call) -> list[dict[str, Any]]:
    """What `conflicts list` tells a script."""
    found: list[dict[str, Any]] = call("conflicts", "list", "--json").document
    return found


def test_differences_are_an_array_with_fixed_names(differing: District, call: Call) -> None:
    """§9: the values of a field, who set ours, and which sync brought theirs."""
    first = listed(call)[0]
    assert list(first)[:13] == [
        "id", "kind", "connector", "entity", "record", "field", "ours", "sis", "base",
        "ours_by", "ours_at", "sis_run", "sis_at",
    ]  # fmt: skip
    assert (first["kind"], first["connector"], first["entity"]) == ("both_changed", "toy", "users")
    assert (first["field"], first["base"], first["ours"], first["sis"]) == (
        "given_name", "Given 0", "Ours 0", "Theirs 0",
    )  # fmt: skip
    assert (first["ours_by"], first["revision"]) == ("Ana", 1)
    shown = call("conflicts", "show", first["id"], "--json").document
    assert shown == {**first, "alike": 2}


def test_differences_are_told_to_people(differing: District, call: Call) -> None:
    """Labels, titles and the name of the connector, never a code or a key."""
    told = call("conflicts", "list")
    assert "School 1 (#" in told.out
    assert "Given name" in told.out
    assert told.out.splitlines()[-2:] == [
        "4 differences.",
        "To decide: conflicts resolve ID… --take ours|sis",
    ]
    shown = call("conflicts", "show", 1).out
    assert "Ours: by Ana" in shown
    assert "2 more are like this" in shown


def test_ours_is_told_as_what_a_person_did(toy: District, call: Call) -> None:
    """G1: what an undo brought back is that person's word, not that of the SIS of the sync."""
    toy.sis.change("users", "u000", given_name="Newer")
    newer = toy.sync()
    toy.engine.undo(newer.id, author="Ana")
    toy.sis.change("users", "u000", given_name="Newest")
    toy.sync()
    (found,) = listed(call)
    assert (found["ours"], found["sis"], found["ours_by"]) == ("Given 0", "Newest", "Ana")
    assert f"Ours: by Ana (undo of #{newer.id}), " in call("conflicts", "show", found["id"]).out
    call("conflicts", "resolve", found["id"], "--take", "base", "--author", "Ben")
    told = call("records", "history", "users", toy.id("users", "u000")).out
    lines = [line for line in told.splitlines() if "Given name" in line]
    assert ["Ben (decision)" in lines[0], f"Ana (undo of #{newer.id})" in lines[1]] == [True, True]
    assert " toy " in lines[2]


def test_the_list_can_be_narrowed(differing: District, call: Call) -> None:
    """By connector, record type and kind; --limit says how many."""
    for arguments, count in (
        (["--connector", "toy"], 4),
        (["--entity", "enrollments"], 0),
        (["--kind", "both_changed", "--limit", "3"], 3),
    ):
        assert len(call("conflicts", "list", "--json", *arguments).document) == count
    for wrong in (["--connector", "nobody"], ["--entity", "wizards"], ["--kind", "odd"]):
        assert call("conflicts", "list", *wrong).code == 2
    empty = call("conflicts", "list", "--entity", "orgs")
    assert (empty.code, empty.out) == (0, "There are no differences to decide.\n")


def test_what_is_alike_is_one_line(differing: District, call: Call) -> None:
    """With the id that decides about all of it; for scripts as an array."""
    told = call("conflicts", "list", "--causes", "--json").document
    assert [(one["cause"], one["field"], one["count"], one["first"]) for one in told] == [
        ("Given name: changed on both sides", "given_name", 3, 1),
        ("Primary school: changed on both sides", "primary_org", 1, 4),
    ]
    assert "Given name: changed on both sides" in call("conflicts", "list", "--causes").out
    assert call("conflicts", "list", "--causes", "--entity", "classes", "--json").document == []
    call("conflicts", "resolve", 1, "--like", "--take", "sis")
    assert len(call("conflicts", "list", "--causes", "--json").document) == 1


def test_one_is_decided(differing: District, call: Call) -> None:
    """§9: `resolve ID --take sis`; the person is named in the history."""
    ended = call("conflicts", "resolve", 1, "--take", "sis", "--author", "Bo", "--json")
    assert (ended.code, ended.document["applied"], ended.document["left_out"]) == (0, 1, [])
    record = differing.id("users", "u000")
    found = call("records", "show", "users", record, "--json").document
    assert found["values"]["given_name"] == "Theirs 0"
    change = found["history"][0]
    assert (change["change_set"], change["kind"], change["author"]) == (
        ended.document["id"], "decision", "Bo",
    )  # fmt: skip


def test_all_like_one_are_decided(differing: District, call: Call) -> None:
    """`--like` takes the three names, and leaves the school alone."""
    ended = call("conflicts", "resolve", 1, "--like", "--take", "ours")
    assert ended.code == 0
    assert "3 differences are decided" in ended.out
    assert [one["field"] for one in listed(call)] == ["primary_org"]


def test_a_value_of_ones_own_is_given(differing: District, call: Call) -> None:
    """§9: `--set FIELD=VALUE`, in the normal form of the field."""
    assert call("conflicts", "resolve", 1, "--set", "given_name= Own ").code == 0
    school = differing.id("orgs", "o2")
    assert call("conflicts", "resolve", 4, "--set", f"primary_org={school}").code == 0
    assert differing.values("users", "u000")["given_name"] == "Own"
    assert differing.values("users", "u003")["primary_org"] == school


def test_what_moved_is_left_out_and_told(differing: District, call: Call) -> None:
    """§9: exit code 4, because differences stand."""
    record = differing.id("users", "u000")
    assert call("records", "edit", "users", record, "--set", "given_name=Newer").code == 0
    ended = call("conflicts", "resolve", 1, "--take", "sis", "--revision", 1, "--json")
    assert (ended.code, ended.document["id"], ended.document["applied"]) == (4, None, 0)
    [left] = ended.document["left_out"]
    assert (left["id"], left["reason"]) == (1, "conflict_moved")
    assert left["message"] in call("conflicts", "resolve", 1, "--take", "sis", "--revision", 1).err
    assert call("conflicts", "resolve", 1, "--take", "sis", "--revision", 2).code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show", "99"], "conflict_unknown"),
        (["resolve", "99", "--take", "sis"], "conflict_unknown"),
        (["resolve", "1"], "decide_one_way"),
        (["resolve", "1", "--take", "sis", "--set", "given_name=A"], "decide_one_way"),
        (["resolve", "1", "2", "--take", "sis", "--revision", "1"], "revision_of_one"),
        (["resolve", "1", "--take", "base", "--always"], "always_needs_a_side"),
        (["resolve", "1", "--set", "given_name"], "field_not_a_pair"),
        (["resolve", "1", "--take", "mine"], "usage"),
        (["resolve", "--take", "sis"], "usage"),
    ],
)
def test_what_cannot_be_decided_so_is_2(
    differing: District, call: Call, arguments: list[str], code: str
) -> None:
    """§9: usage errors, and nothing is decided."""
    ended = call("conflicts", *arguments, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, code)
    assert len(listed(call)) == 4


def test_first_contacts_are_one_question_for_people(data_dir: Path, call: Call) -> None:
    """B3: who is right to begin with is one line a stream; a script gets each of them."""
    with district(data_dir) as d:
        spoken = ENTITIES["users"].field_names
        d.sis.fields["users"] = tuple(name for name in spoken if name != "given_name")
        d.sync()
        for n in range(3):
            d.engine.edit("users", d.id("users", f"u00{n}"), {"given_name": f"Ours {n}"}, "Ana")
        d.sis.fields["users"], d.kind.mapping = spoken, "2"
        d.sync()
    assert [one["base"] for one in listed(call)] == [None] * 3
    told = call("conflicts", "list").out.splitlines()
    assert told == [
        "People of “toy”: who is right to begin with?",
        "  3 differences: conflicts resolve 1 --like --take ours|sis",
    ]
    assert call("conflicts", "resolve", 1, "--like", "--take", "sis").code == 0
    assert listed(call) == []


def test_a_decision_becomes_a_policy_only_when_asked(differing: District, call: Call) -> None:
    """B5: `--always` lays it down for that part of the connector."""
    call("conflicts", "resolve", 1, "--take", "sis")
    assert call("policy", "list", "--json").document[0]["rows"] == []
    call("conflicts", "resolve", 2, "--take", "sis", "--always", "--author", "Bo")
    [row] = call("policy", "list", "toy", "--json").document[0]["rows"]
    assert (row["entity"], row["school"], row["part"], row["decides"], row["author"]) == (
        "users", None, "given_name", "sis", "Bo",
    )  # fmt: skip


# -- policy -----------------------------------------------------------------------------------


def test_who_decides_is_laid_down_and_taken_away(differing: District, call: Call) -> None:
    """§9: what becomes of what is open already is said."""
    ended = call("policy", "set", "toy", "classes", "sis")
    assert (ended.code, "open difference" in ended.out) == (0, False)
    assert call("policy", "clear", "toy", "classes").code == 0
    ended = call("policy", "set", "toy", "users", "ask")
    assert (ended.code, "4 open differences are asked as before" in ended.out) == (0, True)
    ended = call("policy", "set", "toy", "users", "sis")
    assert (ended.code, "4 open differences will be decided so" in ended.out) == (0, True)
    assert "asked as before" not in ended.out
    differing.sync(full=True)
    assert listed(call) == []
    told = call("records", "history", "users", differing.id("users", "u000")).out
    assert "Ours 0" in told
    school = differing.id("orgs", "o1")
    ended = call(
        "policy", "set", "toy", "enrollments", "newest", "--school", school, "--part",
        "begin_date", "--json",
    )  # fmt: skip
    rows = ended.document["rows"]
    assert [(row["entity"], row["school"], row["part"], row["decides"]) for row in rows] == [
        ("enrollments", school, "dates", "newest"),
        ("users", None, None, "sis"),
    ]
    told = call("policy", "list").out
    assert "School 1" in told
    assert "the newer change" in told
    assert call("policy", "clear", "toy", "users").code == 0
    again = call("policy", "clear", "toy", "users", "--json")
    assert (again.code, again.document["error"]["code"]) == (2, "policy_unknown")


def test_a_connector_is_switched(toy: District, call: Call) -> None:
    """B5, D4: what blanks do, and whether ends are sent."""
    [found] = call("policy", "list", "--json").document
    assert (found["connector"], found["blanks"], found["deletes"]) == ("toy", "overwrite", "keep")
    ended = call("policy", "set", "toy", "--blanks", "keep", "--deletes", "send", "--json")
    assert (ended.code, ended.document["id"]) == (0, None)
    [found] = call("policy", "list", "--json").document
    assert (found["blanks"], found["deletes"]) == ("keep", "send")
    assert "never overwrites" in call("policy", "list").out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["set", "toy"], "policy_incomplete"),
        (["set", "toy", "users"], "policy_incomplete"),
        (["set", "toy", "--blanks", "keep", "--part", "email"], "policy_incomplete"),
        (["set", "nobody", "users", "sis"], "connector_unknown"),
        (["set", "toy", "wizards", "sis"], "entity_unknown"),
        (["set", "toy", "users", "sis", "--part", "nickname"], "field_unknown"),
        (["set", "toy", "users", "sis", "--school", "99999"], "school_unknown"),
        (["set", "toy", "users", "me"], "usage"),
        (["list", "nobody"], "connector_unknown"),
    ],
)
def test_a_policy_that_cannot_be_is_2(
    toy: District, call: Call, arguments: list[str], code: str
) -> None:
    """§9: usage errors, and nothing is laid down."""
    ended = call("policy", *arguments, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, code)
    [found] = call("policy", "list", "--json").document
    assert (found["rows"], found["blanks"]) == ([], "overwrite")


# -- records ----------------------------------------------------------------------------------


def test_a_record_is_edited(toy: District, call: Call) -> None:
    """§9: text, blank, a yes or no, a list, elements and a reference; the history names who."""
    record, o1, o2 = toy.id("users", "u001"), toy.id("orgs", "o1"), toy.id("orgs", "o2")
    roles = json.dumps([{"role": "aide", "org": o1}, {"role": "student", "org": o2}])
    ended = call(
        "records", "edit", "users", record, "--author", "Bo", "--json",
        *(word for pair in (
            "given_name= Zoë ", "email=null", "phone=", "Enabled=no",
            "grades=10, 11", f"roles={roles}", f"primary_org={o2}",
        ) for word in ("--set", pair)),
    )  # fmt: skip
    assert (ended.code, ended.document["id"], ended.document["error"]) == (0, record, None)
    values = toy.values("users", "u001")
    assert [values[name] for name in ("given_name", "email", "phone", "enabled_user")] == [
        "Zoë", None, None, False,
    ]  # fmt: skip
    assert (values["grades"], values["primary_org"]) == (("10", "11"), o2)
    assert [role[:2] for role in values["roles"]] == [("aide", o1), ("student", o2)]
    [change, made] = call("records", "history", "users", record, "--json").document
    assert (change["change_set"], change["author"]) == (ended.document["change_set"], "Bo")
    assert (made["kind"], made["author"]) == ("created", "toy")


def test_a_record_of_our_own_is_made_and_shown(toy: District, call: Call) -> None:
    """No connector knows it, and no sync removes it."""
    names = ("--set", "given_name=Sub", "--set", "family_name=Stitute")
    ended = call("records", "add", "users", *names, "--author", "Bo", "--json")
    record = ended.document["id"]
    toy.sync(full=True)
    found = call("records", "show", "users", record, "--json").document
    assert (found["local_only"], found["alive"], found["created_in"]) == (
        True, True, ended.document["change_set"],
    )  # fmt: skip
    assert "no sync removes it" in call("records", "show", "users", record).out


def test_a_removal_that_was_refused_is_told_in_words(toy: District, call: Call) -> None:
    """Nothing changed, so the sets tell the record as kept; its history says what was not done."""
    call("limits", "set", "toy", "additions-only=on")
    toy.sis.end("users", "u001")
    record, run = toy.id("users", "u001"), toy.sync()
    narrowed = call("runs", "waiting", run.id, "--entity", "People", "--school", "School 2").out
    answer = f"“runs refuse {run.id} --entity users --school {toy.id('orgs', 'o2')}”"
    assert answer in narrowed
    refused = call("runs", "refuse", run.id, "--json").document["id"]
    assert "kept, though the SIS removed it" in call("records", "history", "users", record).out
    [change] = call("runs", "show", refused, "--json").document["changes"]
    assert (change["id"], change["what"]) == (record, "kept")
    listed_ = call("runs", "list", "--all", "--json").document[0]
    assert (listed_["id"], listed_["changed"], listed_["kept"]) == (refused, 0, 1)


def test_a_record_ends_comes_back_and_is_protected(toy: District, call: Call) -> None:
    """§9: each is a change set of its own, and `show` tells how it stands."""
    record = toy.id("users", "u001")
    for command, alive, protected in (
        ("end", False, False),
        ("restore", True, False),
        ("protect", True, True),
        ("unprotect", True, False),
    ):
        assert call("records", command, "users", record).code == 0
        found = call("records", "show", "users", record, "--json").document
        assert (found["alive"], found["protected"]) == (alive, protected)


def test_a_local_correction_is_shown_with_what_the_sis_says(toy: District, call: Call) -> None:
    """F6: kept here, and told with the SIS's value."""
    record = toy.id("users", "u001")
    call("records", "edit", "users", record, "--set", "given_name=Right")
    found = call("records", "show", "users", record, "--json").document
    assert found["corrections"] == [
        {"connector": "toy", "field": "given_name", "ours": "Right", "sis": "Given 1",
         "fate": "correction"},
    ]  # fmt: skip
    shown = call("records", "show", "users", record).out
    assert "local correction" in shown


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["edit", "users", "99999", "--set", "given_name=A"], "record_unknown"),
        (["edit", "users", str(2**70), "--set", "given_name=A"], "record_unknown"),
        (["edit", "users", "1", "--set", "=A"], "field_not_a_pair"),
        (["edit", "users", "1", "--set", "roles=[{"], "value_not_json"),
        (["edit", "wizards", "1", "--set", "name=A"], "entity_unknown"),
        (["add", "users"], "record_blank"),
        (["add", "users", "--set", "nickname=A"], "field_unknown"),
        (["add", "users", "--set", "primary_org=o1"], "value_unfit"),
        (["restore", "users", "99999"], "record_unknown"),
        (["history", "users", "99999"], "record_unknown"),
    ],
)
def test_what_cannot_be_changed_is_2(
    toy: District, call: Call, arguments: list[str], code: str
) -> None:
    """§9: usage errors, told before anything is changed."""
    ended = call("records", *arguments, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, code)


def test_a_stale_id_among_others_decides_nothing(differing: District, call: Call) -> None:
    """§9: and that is said."""
    ended = call("conflicts", "resolve", 1, 99, "--take", "sis")
    assert (ended.code, "Nothing was decided." in ended.err) == (2, True)
    assert len(listed(call)) == 4
    assert "decided." not in call("conflicts", "show", 99).err


def test_an_answer_to_another_question_is_told_what_fits(differing: District, call: Call) -> None:
    """“same” is for newcomers alone."""
    ended = call("conflicts", "resolve", 1, "--take", "same")
    assert (ended.code, "choose one of ours, sis, base" in ended.err) == (4, True)


def test_what_holds_from_now_on_is_told(differing: District, call: Call) -> None:
    """`--always` says who is right about what."""
    shown = call("conflicts", "resolve", 1, "--take", "ours", "--always").out
    assert "1 difference is decided" in shown
    assert "From now on what stands here is right about “Given name” of people" in shown
    (undo,) = {line.partition("runs undo ")[2].rstrip("”.") for line in shown.splitlines()}
    preview = call("runs", "undo", undo, "--preview").out
    assert "Who decides would be as it was before in 1 case" in preview
    assert call("runs", "undo", undo).code == 0
    [found] = call("policy", "list", "--json").document
    assert found["rows"] == []


def test_one_difference_is_one(differing: District, call: Call) -> None:
    """Words follow the number."""
    call("conflicts", "resolve", 1, "--like", "--take", "sis")
    assert (
        "1 difference needs your decision. See “conflicts list”" in call("connectors", "list").out
    )
    assert "1 difference.\n" in call("conflicts", "list").out


def test_a_decision_is_shown_with_what_was_thrown_away(differing: District, call: Call) -> None:
    """`runs show`: whose value was kept, and what the SIS had said."""
    done = call("conflicts", "resolve", 1, "--take", "ours", "--json").document
    [change] = call("runs", "show", done["id"], "--json").document["changes"]
    assert (change["what"], change["discarded"]) == ("kept", {"given_name": "Theirs 0"})
    listed_ = call("runs", "list", "--all", "--json").document[0]
    assert (listed_["id"], listed_["changed"], listed_["kept"]) == (done["id"], 0, 1)
    shown = call("runs", "show", done["id"]).out
    assert "Thrown away" in shown
    assert "Theirs 0" in shown


def test_a_connector_goes_with_its_differences_only_where_that_is_meant(
    differing: District, call: Call
) -> None:
    """What would be forgotten is counted first."""
    refused = call("connectors", "remove", "toy")
    assert (refused.code, "4 open differences" in refused.err) == (2, True)
    assert refused.err.endswith("connectors remove toy --yes. Nothing was changed.\n")
    assert len(listed(call)) == 4
    assert call("connectors", "remove", "toy", "--yes").code == 0


def test_a_preview_tells_of_differences(toy: District, call: Call) -> None:
    """E4: a sync that would only ask is no sync that would do nothing."""
    record = toy.id("users", "u000")
    toy.engine.edit("users", record, {"given_name": "Ours"}, "Ana")
    toy.sis.change("users", "u000", given_name="Theirs")
    run = toy.engine.start("toy", preview=True)
    toy.loop.run(until=lambda: not toy.engine.busy)
    shown = call("runs", "show", run).out
    assert "A sync would change no record." in shown
    assert "1 difference for your decision" in shown
