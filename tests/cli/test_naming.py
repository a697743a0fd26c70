"""Record types, schools and records by the names that people have for them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ended
from tests.engine.toy import District, ToySis, district, fill

Call = Callable[..., Ended]


def ids(call: Call, *arguments: object) -> list[int]:
    """The ids that ``records list`` finds."""
    found: list[dict[str, Any]] = call("records", "list", *arguments, "--json").document
    return [one["id"] for one in found]


@pytest.mark.parametrize("word", ["users", "People", "person", "USERS"])
def test_a_record_type_is_called_as_the_screen_does(toy: District, call: Call, word: str) -> None:
    """By its code or by its label, in any case."""
    assert ids(call, word) == ids(call, "users")


def test_an_unknown_record_type_is_2_and_both_names_are_told(call: Call) -> None:
    """Whoever mistypes is told the code and the label."""
    ended = call("records", "list", "wizards")
    assert (ended.code, "users (People)" in ended.err) == (2, True)


def test_a_school_is_named_by_id_name_or_key(toy: District, call: Call) -> None:
    """The same records are found each way."""
    school = toy.id("orgs", "o1")
    found = ids(call, "users", "--school", school)
    assert found
    assert len(found) < len(ids(call, "users"))
    for word in ("School 1", "school 1", "o1", f"#{school}"):
        assert ids(call, "users", "--school", word) == found


def test_an_unknown_school_is_2(toy: District, call: Call) -> None:
    """A usage error, wherever a school can be named."""
    for command in (
        ("records", "list", "users"),
        ("runs", "approve", "1"),
        ("runs", "refuse", "1"),
        ("runs", "waiting", "1"),
        ("runs", "show", "1"),
        ("limits", "set", "toy", "removals=20%"),
        ("policy", "set", "toy", "users", "sis"),
    ):
        ended = call(*command, "--school", "Nowhere High", "--json")
        assert (ended.code, ended.document["error"]["code"]) == (2, "school_unknown")


def test_a_name_of_several_schools_is_not_guessed(toy: District, call: Call) -> None:
    """Their ids are told."""
    second = toy.id("orgs", "o2")
    assert call("records", "edit", "orgs", second, "--set", "name=School 1").code == 0
    ended = call("records", "list", "users", "--school", "School 1")
    assert (ended.code, str(second) in ended.err) == (2, True)


def test_records_are_found_by_a_word(toy: District, call: Call) -> None:
    """In a text, in the whole name, or as the key at a SIS; a percent sign is no wildcard."""
    record = toy.id("users", "u001")
    values = toy.values("users", "u001")
    assert ids(call, "users", "--find", "u001") == [record]
    assert record in ids(call, "users", "--find", values["given_name"].upper())
    assert record in ids(call, "users", "--find", f"{values['given_name']} {values['family_name']}")
    assert ids(call, "users", "--find", "%") == []


def test_ended_and_protected_records_are_found(toy: District, call: Call) -> None:
    """`--ended` and `--protected` narrow the list."""
    record = toy.id("users", "u001")
    assert ids(call, "users", "--ended") == ids(call, "users", "--protected") == []
    call("records", "protect", "users", record)
    assert ids(call, "users", "--protected") == [record]
    call("records", "end", "users", record)
    assert ids(call, "users", "--ended") == [record]
    assert record not in ids(call, "users")


def test_people_are_listed_by_role(toy: District, call: Call) -> None:
    """Any of their roles counts; whoever asks for teachers as a type is told how."""
    school = toy.id("orgs", "o1")
    aide = toy.id("users", "u001")
    roles = f'[{{"role": "student", "org": {school}}}, {{"role": "aide", "org": {school}}}]'
    assert call("records", "edit", "users", aide, "--set", f"roles={roles}").code == 0
    assert ids(call, "users", "--role", "Aide") == [aide]
    assert ids(call, "users", "--role", "student") == ids(call, "users")
    for arguments, code in (
        (("users", "--role", "wizard"), "role_unknown"),
        (("orgs", "--role", "aide"), "role_of_people"),
        (("Teachers",), "entity_is_role"),
    ):
        ended = call("records", "list", *arguments, "--json")
        assert (ended.code, ended.document["error"]["code"]) == (2, code)
    assert "records list users --role teacher" in call("records", "list", "teachers").err


def test_people_are_listed_by_what_they_are_looked_for(toy: District, call: Call) -> None:
    """Name, role, school and key in one line."""
    shown = call("records", "list", "People", "--find", "u001").out
    heading, line = shown.splitlines()[:2]
    assert all(word in heading for word in ("Name", "Role", "School", "Key"))
    assert all(
        word in line for word in ("School", "u001", toy.values("users", "u001")["given_name"])
    )


def test_an_edit_names_the_person_and_the_way_back(toy: District, call: Call) -> None:
    """Who, what, and how to undo it; without a value it says what is missing."""
    record = toy.id("users", "u001")
    shown = call("records", "edit", "People", record, "--set", "given_name=Jadwiga").out
    assert shown.startswith("Jadwiga ")
    assert f"(person #{record}): changed (Given name). Undo: runs undo " in shown
    assert "“toy” does not take it: it stays a local correction (Given name).\n" in shown
    nothing = call("records", "edit", "users", record)
    assert (nothing.code, "--set email=" in nothing.err) == (2, True)


@pytest.mark.parametrize(
    ("pair", "form"),
    [
        ("enabled_user=perhaps", "yes or no"),
        ("primary_org=School 1", "id of a record of the type “orgs”"),
        ("roles=teacher", 'such as [{"role": "teacher", "org": 12}]'),
        ("email=nobody", "an email address"),
        ("Family Name=", "“Family name” of a record"),
        ("colour=red", "primary_org (Primary school)"),
    ],
)
def test_a_value_that_does_not_fit_is_told_its_form(
    toy: District, call: Call, pair: str, form: str
) -> None:
    """What would fit is in the sentence."""
    ended = call("records", "edit", "users", toy.id("users", "u001"), "--set", pair)
    assert (ended.code, form in ended.err) == (2, True)


def test_who_was_changed_is_told_by_name(toy: District, call: Call) -> None:
    """`runs show --records`: who came, changed and went, narrowed by type and school."""
    toy.sis.change("users", "u001", given_name="Another")
    toy.sync()
    run = call("runs", "list", "--json").document[0]["run"]
    [one] = call("runs", "show", run, "--records", "--json").document["records"]
    assert (one["entity"], one["id"], one["what"]) == ("users", toy.id("users", "u001"), "changed")
    assert one["after"] == {"given_name": "Another"}
    assert "Another" in call("runs", "show", run, "--records").out
    assert "records" not in call("runs", "show", run, "--json").document
    assert call("runs", "show", run, "--entity", "orgs", "--json").document["records"] == []
    people = call("runs", "show", 1, "--entity", "People", "--json").document["records"]
    assert {one["what"] for one in people} == {"created"}
    there = call(
        "runs", "show", 1, "--entity", "People", "--school", "School 1", "--json"
    ).document["records"]
    assert 0 < len(there) < len(people)


def test_what_the_sis_takes_is_announced(data_dir: Path, call: Call) -> None:
    """After an edit, and for a record of our own, which no connector knows yet."""
    sis = fill(ToySis(), people=1)
    sis.put("line_items", "l0", title="Quiz 0")
    sis.writable = {"line_items": ("create", "update")}
    with district(data_dir, sis) as d:
        d.sync()
        record = d.id("line_items", "l0")
        edited = call("records", "edit", "line_items", record, "--set", "Title=Quiz 1").out
        assert "“toy” is told of it with the next sync (Title).\n" in edited
        assert (
            "“toy” is told of it with the next sync.\n"
            in call("records", "add", "line_items", "--set", "title=Project").out
        )
        made = ids(call, "line_items")[-1]
        assert (
            "No connector knows this record yet" in call("records", "show", "line_items", made).out
        )


def test_what_has_ended_is_told_apart_from_what_never_was(toy: District, call: Call) -> None:
    """With the way to have it back."""
    record = toy.id("users", "u001")
    call("records", "end", "users", record)
    ended = call("records", "edit", "users", record, "--set", "given_name=Jo")
    assert (ended.code, f"“records restore users {record}” brings it back" in ended.err) == (
        2,
        True,
    )
    unknown = call("records", "restore", "users", 99999)
    assert (unknown.code, unknown.err) == (2, "There is no record 99999 of type “users”.\n")


def test_what_is_referred_to_and_never_came_is_told(toy: District, call: Call) -> None:
    """A dangling reference is an id, and said to be one."""
    toy.sis.put("orgs", "o9", name="School 9", type="school", parent="nowhere")
    toy.sync()
    record = toy.id("orgs", "o9")
    parent = call("records", "show", "orgs", record, "--json").document["values"]["parent"]
    assert f"#{parent} (not in the roster)" in call("records", "show", "orgs", record).out
