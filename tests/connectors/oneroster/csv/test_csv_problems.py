"""The problem report: each fault by file, line, column, value, rule and what was done."""

from pathlib import Path

from app.connectors.contract import Harm, Problem
from app.text import SENTENCES, meaning, topic
from tests.connectors.oneroster.csv.desk import Desk
from tests.connectors.oneroster.csv.district import files, manifest, put, tables, text


def problems(folder: Path, told: dict[str, bytes]) -> list[Problem]:
    """What is wrong with these files; every rule of it has words."""
    found = Desk(put(folder, told), {"demographics": "read", "resources": "read"}).problems()
    for one in found:
        assert one.rule in SENTENCES, one
        assert one.done in SENTENCES, one
        assert "{" not in str(SENTENCES[one.rule]) + str(SENTENCES[one.done])
        assert topic(one.rule) == "Files", one
        assert meaning(one.rule, {"count": 1})
    return found


def test_nothing_is_wrong_with_what_is_right(tmp_path: Path):
    """Of either version."""
    assert problems(tmp_path / "new", files(tables())) == []
    assert problems(tmp_path / "old", files(tables("1.1"), "1.1")) == []


def test_every_fault_stands_where_it_is(tmp_path: Path):
    """Lines are counted from the heading on, as an editor counts them."""
    made = tables("1.1")
    made["users"][0] |= {"status": "active", "dateLastModified": "2026-09-01"}
    made["users"][1] |= {"enabledUser": "maybe", "role": "Hero", "agentSourcedIds": "nobody"}
    made["users"][2] |= {"familyName": "", "email": "a\nb"}
    made["users"][3] |= {"status": "inactive", "phone": "none"}
    told = files(made, "1.1")
    told["users.csv"] += b'u1,,,true,s1\r\nu2,,,"x\r\n,,,true,s1,student,a,,A,B,,,,,,,,\r\n'
    told["users.csv"] += told["users.csv"].split(b"\r\n")[1] + b"\r\n"
    found = [
        (one.line, one.column, one.value, one.rule)
        for one in problems(tmp_path, told)
        if one.file == "users.csv"
    ]
    assert found == [
        (2, "status", "active", "filled_in_bulk"),
        (2, "dateLastModified", "2026-09-01", "day_without_time"),
        (3, "enabledUser", "maybe", "odd_boolean"),
        (3, "role", "Hero", "word_unknown"),
        (3, "agentSourcedIds", "nobody", "reference_missing"),
        (4, "familyName", "", "value_missing"),
        (6, "status", "inactive", "odd_status"),
        (6, "phone", "none", "odd_phone"),
        (66, "", "5 ≠ 18", "fields_missing"),
        (67, "", "u2", "row_quotes"),
        (68, "sourcedId", "", "row_without_key"),
        (69, "sourcedId", "u000", "key_twice"),
    ]


def test_what_is_wrong_with_files_and_columns_is_told(tmp_path: Path):
    """Of the manifest, of names, of headings."""
    told = files(tables())
    told["manifest.csv"] = manifest("1.2", {**dict.fromkeys(tables(), "bulk"), "courses": "full"})
    del told["roles.csv"]
    told["ORGS.csv"] = told.pop("orgs.csv").replace(b"identifier,", b"name,", 1)
    told["courses.csv"] = told["courses.csv"].replace(b"subjects,", b"Subjects ,colour,", 1)
    told["resources.csv"] = text("resources", [])
    found = {(one.file, one.column, one.rule) for one in problems(tmp_path, told)}
    assert found >= {
        ("manifest.csv", "file.courses", "manifest_value"),
        ("roles.csv", "", "file_missing"),
        ("ORGS.csv", "", "file_called_otherwise"),
        ("resources.csv", "", "file_said_absent"),
        ("ORGS.csv", "identifier", "column_missing"),
        ("ORGS.csv", "name", "column_twice"),
        ("courses.csv", "subjects", "column_called_otherwise"),
        ("courses.csv", "colour", "column_unknown"),
    }


def test_a_set_of_changes_has_to_say_when_and_what(tmp_path: Path):
    """There the columns that are blank in a bulk file are filled."""
    told = files({"orgs": tables()["orgs"][:1]}, says="delta")
    rules = [(one.line, one.column, one.rule) for one in problems(tmp_path, told)]
    assert rules == [
        (2, "status", "blank_in_delta"),
        (2, "dateLastModified", "blank_in_delta"),
    ]


def test_of_a_file_that_cannot_be_read_the_cause_alone_is_told(tmp_path: Path):
    """Neither its rows nor what refers to them; that nobody looked there is told once."""
    told = files(tables())
    told["users.csv"] = told["users.csv"].replace(b"sourcedId,", b"id,", 1)
    found = problems(tmp_path, told)
    assert [(one.file, one.line, one.rule, one.done, one.harm) for one in found] == [
        ("users.csv", 0, "references_unexamined", "done_kept", Harm.NOTE),
        ("users.csv", 1, "column_missing", "done_file_left_out", Harm.SERIOUS),
    ]
    assert found[1].value.startswith("id, status, ")


def test_changes_alone_do_not_tell_where_references_lead(tmp_path: Path):
    """What they refer to may have come with an earlier set."""
    made = {"status": "active", "dateLastModified": "2026-09-01T00:00:00Z"}
    told = files({"orgs": [{**tables()["orgs"][1], **made, "parentSourcedId": "d9"}]}, says="delta")
    assert problems(tmp_path, told) == []


def test_a_damaged_row_is_known_to_whoever_refers_to_it(tmp_path: Path):
    """The fault is told where it is, and not once more where it leads."""
    told = files(tables())
    told["users.csv"] = told["users.csv"].replace(b"Ana 1,", b'"Ana 1,', 1)
    assert [one.rule for one in problems(tmp_path, told)] == ["row_quotes"]


def test_how_bad_it_is_goes_by_what_it_costs(tmp_path: Path):
    """The file or its proof, a row or a value, or nothing."""
    made = tables()
    made["orgs"][0] |= {"status": "active"}
    made["users"][1] |= {"enabledUser": "maybe"}
    made["roles"].append(dict(made["roles"][0]))
    told = files(made)
    told["roles.csv"] += b"r9,,\r\n"
    told["courses.csv"] += b"c9,,,y,Smith, John,,,d1,,7\r\n"
    told["classes.csv"] = told["classes.csv"].replace(b"termSourcedIds", b"terms", 1)
    told["enrollments.csv"] = told["enrollments.csv"].replace(b"primary", b"first", 1)
    assert {(one.file, one.rule): one.harm for one in problems(tmp_path, told)} == {
        ("orgs.csv", "filled_in_bulk"): Harm.NOTE,
        ("users.csv", "odd_boolean"): Harm.LOST,
        ("roles.csv", "key_twice"): Harm.SERIOUS,
        ("roles.csv", "fields_missing"): Harm.SERIOUS,
        ("courses.csv", "fields_too_many"): Harm.LOST,
        ("classes.csv", "column_missing"): Harm.SERIOUS,
        ("classes.csv", "column_unknown"): Harm.NOTE,
        ("enrollments.csv", "column_missing"): Harm.NOTE,
        ("enrollments.csv", "column_unknown"): Harm.NOTE,
    }


def test_a_word_of_the_sis_is_told_once_and_where_to_explain_it(tmp_path: Path):
    """Of grades, roles and types of classes; of others, that they were kept."""
    made = tables("1.1")
    for one in made["users"][:3]:
        one |= {"grades": "Jr K", "role": "profesor"}
    made["classes"][1] |= {"classType": "club", "grades": "09,Yr 13"}
    made["orgs"][1] |= {"type": "academy"}
    found = problems(tmp_path, files(made, "1.1"))
    assert sorted((one.file, one.line, one.value, one.rule, one.done) for one in found) == [
        ("classes.csv", 3, "Yr 13", "word_unknown", "done_grade_kept"),
        ("classes.csv", 3, "club", "word_unknown", "done_class_type_kept"),
        ("orgs.csv", 3, "academy", "word_unknown", "done_kept_as_it_stands"),
        ("users.csv", 2, "Jr K", "word_unknown", "done_grade_kept"),
        ("users.csv", 2, "profesor", "word_unknown", "done_role_kept"),
    ]


def test_trying_tells_how_many_sets_are_read_where_there_are_sets(tmp_path: Path):
    """Of a plain folder it would say nothing."""
    put(tmp_path / "plain", files(tables()))
    put(tmp_path / "watched" / "2026-09-01", files(tables()))
    changes = files({"orgs": tables()["orgs"][:1]}, says="delta")
    put(tmp_path / "watched" / "2026-09-02", changes)
    assert Desk(tmp_path / "plain").check()[0].code == "files_found"
    [first, *_] = Desk(tmp_path / "watched").check()
    assert (first.code, first.parameters["sets"]) == ("sets_found", 2)
