"""The problem report: each fault by file, line, column, value, rule and what was done."""

from pathlib import Path

from app.connectors.contract import Problem
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
        (2, "dateLastModified", "2026-09-01", "filled_in_bulk"),
        (2, "dateLastModified", "2026-09-01", "day_without_time"),
        (3, "enabledUser", "maybe", "odd_boolean"),
        (3, "role", "Hero", "word_unknown"),
        (3, "agentSourcedIds", "nobody", "reference_missing"),
        (4, "familyName", "", "value_missing"),
        (6, "status", "inactive", "odd_status"),
        (6, "phone", "none", "odd_phone"),
        (66, "", "5", "row_length"),
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
