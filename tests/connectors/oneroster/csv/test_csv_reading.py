"""Files as SIS write them: what is read, what is doubted, what each oddity costs."""

import csv
import io
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from app.connectors.contract import Row
from app.connectors.oneroster.csv.lines import Rows
from app.roster.values import UNSAID
from tests.connectors.oneroster.csv.desk import Desk, doubts, last
from tests.connectors.oneroster.csv.district import Tables, files, put, tables, text


def desk(folder: Path, told: dict[str, bytes], **settings: Any) -> Desk:
    """A connector to a folder with these files."""
    return Desk(put(folder, told), settings)


def with_lines(body: bytes, *lines: str) -> bytes:
    """A file with these lines after its own."""
    return body + "".join(f"{line}\r\n" for line in lines).encode()


# -- what is read ---------------------------------------------------------------------------------


def test_users_and_their_roles_become_people(tmp_path: Path):
    """In 1.2 the roles of a person stand in a file of their own (SEMANTICS A5)."""
    made = tables()
    made["roles"].append(
        {
            "sourcedId": "extra",
            "userSourcedId": "u001",
            "roleType": "secondary",
            "role": "Aide",
            "orgSourcedId": "s1",
            "beginDate": "2026-09-01T00:00:00Z",
        }
    )
    people = desk(tmp_path, files(made)).values("users")
    assert len(people) == 63
    assert people["u001"]["roles"] == (
        ("aide", "s1", "secondary", "2026-09-01", None),
        ("student", "s2", "primary", None, None),
    )
    assert people["u000"]["given_name"] == "Ana 0, Jr"
    assert people["u000"]["user_ids"] == (("State", "7000"),)
    assert people["u000"]["grades"] == ("09",)


def test_a_role_and_organizations_become_roles(tmp_path: Path):
    """In 1.1 a user has one role, which is the primary one at each of several organizations."""
    made = tables("1.1")
    made["users"][0]["orgSourcedIds"] = "s1,s2"
    people = desk(tmp_path, files(made, "1.1")).values("users")
    assert people["u000"]["roles"] == (
        ("student", "s1", "primary", None, None),
        ("student", "s2", "primary", None, None),
    )
    assert people["u000"]["pronouns"] is UNSAID


def test_roles_of_1_2_that_stand_among_the_users_are_taken(tmp_path: Path):
    """As in 1.1, where there is no file of roles; it is told. With such a file it counts."""
    made = tables()
    roles = made.pop("roles")
    told = files(made)
    lines = told["users.csv"].decode().split("\r\n")
    lines[0] += ",role,orgSourcedIds"
    for number in range(1, len(lines) - 1):
        lines[number] += ',aide,"s1,s2"'
    told["users.csv"] = "\r\n".join(lines).encode()
    read = desk(tmp_path / "without", told)
    assert read.values("users")["u001"]["roles"] == (
        ("aide", "s1", "primary", None, None),
        ("aide", "s2", "primary", None, None),
    )
    assert [one.column for one in read.problems() if one.rule == "role_among_users"] == ["role"]
    with_file = {**files({**made, "roles": roles}), "users.csv": told["users.csv"]}
    both = desk(tmp_path / "with", with_file)
    assert both.values("users")["u001"]["roles"] == (("student", "s2", "primary", None, None),)


def test_demographics_go_by_the_person(tmp_path: Path):
    """The key of the row is the person's; they are read only where that is switched on."""
    switched = desk(tmp_path, files(tables()), demographics="read")
    assert switched.values("demographics")["u003"]["user"] == "u003"
    assert "demographics" not in desk(tmp_path, {}).open().capabilities()


def test_resources_come_to_the_records_they_are_for(tmp_path: Path):
    """Each of three files says of its records which resources they have."""
    made = tables()
    made["resources"] = [{"sourcedId": "b1", "title": "Book", "vendorResourceId": "v1"}]
    for name, owner, key in (
        ("userResources", "userSourcedId", "u001"),
        ("classResources", "classSourcedId", "k1"),
        ("courseResources", "courseSourcedId", "c1"),
    ):
        made[name] = [{"sourcedId": f"x{name}", owner: key, "resourceSourcedId": "b1"}]
    read = desk(tmp_path, files(made), resources="read")
    assert read.values("users")["u001"]["resources"] == ("b1",)
    assert read.values("users")["u002"]["resources"] is None
    assert read.values("classes")["k1"]["resources"] == ("b1",)
    assert read.values("courses")["c1"]["resources"] == ("b1",)
    assert read.values("resources")["b1"]["vendor_resource_id"] == "v1"
    assert "resources" not in desk(tmp_path, {}).values("users")["u001"]


def test_the_gradebook_is_joined_from_its_files(tmp_path: Path):
    """Score scales and learning objectives of a line item stand in files of their own."""
    made: Tables = {
        **tables(),
        "categories": [{"sourcedId": "g1", "title": "Homework", "weight": "0.5"}],
        "scoreScales": [
            {
                "sourcedId": "sc",
                "title": "Letters",
                "type": "grade",
                "classSourcedId": "k1",
                "scoreScaleValue": "{A:90-100},{B:80-89}",
            }
        ],
        "lineItems": [
            {
                "sourcedId": "l1",
                "title": "Quiz",
                "assignDate": "2026-09-01",
                "dueDate": "2026-09-08",
                "classSourcedId": "k1",
                "categorySourcedId": "g1",
                "resultValueMax": "10",
            }
        ],
        "lineItemScoreScales": [
            {"sourcedId": "ls", "lineItemSourcedId": "l1", "scoreScaleSourcedId": "sc"}
        ],
        "lineItemLearningObjectiveIds": [
            {
                "sourcedId": "lo",
                "lineItemSourcedId": "l1",
                "source": "case",
                "learningObjectiveId": "obj",
            }
        ],
        "results": [
            {
                "sourcedId": "r1",
                "lineItemSourcedId": "l1",
                "studentSourcedId": "u001",
                "scoreStatus": "fully graded",
                "score": "9.5",
                "scoreDate": "2026-09-09",
            }
        ],
    }
    read = desk(tmp_path, files(made), gradebook="read")
    item = read.values("line_items")["l1"]
    assert item["score_scale"] == "sc"
    assert item["learning_objectives"] == (("case", "obj"),)
    assert (item["assign_date"], item["result_value_max"]) == ("2026-09-01T00:00:00Z", 10.0)
    assert read.values("score_scales")["sc"]["score_scale_value"] == (
        ("A", "90-100"),
        ("B", "80-89"),
    )
    assert read.values("results")["r1"]["score"] == 9.5


def test_own_words_of_a_sis_are_understood(tmp_path: Path):
    """Grades, roles and types of classes are mapped as over REST."""
    made = tables("1.1")
    made["users"][0] |= {"role": "Pupil", "grades": "Year Nine"}
    made["classes"][0]["classType"] = "advisory"
    read = desk(
        tmp_path,
        files(made, "1.1"),
        role_map="pupil=student",
        grade_map="Year Nine=09",
        class_type_map="advisory=homeroom",
    )
    assert read.values("users")["u000"]["roles"][0][0] == "student"
    assert read.values("users")["u000"]["grades"] == ("09",)
    assert read.values("classes")["k0"]["class_type"] == "homeroom"


# -- how files are written ------------------------------------------------------------------------


def _quoted(body: bytes) -> bytes:
    lines = body.decode().split("\r\n")
    return "\r\n".join(
        line if '"' in line or not line else ",".join(f'"{cell}"' for cell in line.split(","))
        for line in lines
    ).encode()


def _separated(body: bytes, separator: str) -> bytes:
    """As a spreadsheet saves it that puts ``separator`` between the columns."""
    out = io.StringIO()
    rows = csv.reader(io.StringIO(body.decode(), newline=""))
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue().encode()


SPELLINGS = {
    "as it is": lambda body: body,
    "a mark": lambda body: b"\xef\xbb\xbf" + body,
    "line feeds": lambda body: body.replace(b"\r\n", b"\n"),
    "carriage returns": lambda body: body.replace(b"\r\n", b"\r"),
    "no last line end": lambda body: body.removesuffix(b"\r\n"),
    "blank lines": lambda body: body.replace(b"\r\n", b"\r\n\r\n") + b",,,,,,\r\n",
    "all quoted": _quoted,
    "UTF-16": lambda body: body.decode().encode("utf-16"),
    "UTF-16 without a mark": lambda body: body.decode().encode("utf-16-be"),
    "semicolons": lambda body: _separated(body, ";"),
    "tabs, in UTF-16": lambda body: _separated(body, "\t").decode().encode("utf-16"),
    "Windows-1252": lambda body: body.decode().encode("cp1252"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_however_a_file_is_written_it_says_the_same(tmp_path: Path, spelling: str):
    """Marks, line ends, quotes and encodings change no value, and cost no proof."""
    plain = desk(tmp_path / "plain", files(tables())).pull("users")
    told = {
        name: body if name == "manifest.csv" else SPELLINGS[spelling](body)
        for name, body in files(tables()).items()
    }
    read = desk(tmp_path / "odd", told).pull("users")
    assert read.rows == plain.rows
    assert read.uncertainties() == []


def test_another_encoding_is_told(tmp_path: Path):
    """In the log of the sync and among the problems, once a file."""
    told = files(tables())
    told["users.csv"] = told["users.csv"].decode().encode("cp1252")
    read = desk(tmp_path, told)
    assert [note.code for note in last(read.pull("users")).notes] == ["encoding_noticed"]
    assert [one.value for one in read.problems() if one.rule == "encoding_other"] == ["cp1252"]


def test_other_separators_are_told(tmp_path: Path):
    """In the log of the sync and among the problems, once a file."""
    told = files(tables())
    told["users.csv"] = _separated(told["users.csv"], ";")
    told["orgs.csv"] = _separated(told["orgs.csv"], "\t")
    read = desk(tmp_path, told)
    assert [note.code for note in last(read.pull("users")).notes] == ["semicolons_noticed"]
    assert [note.code for note in last(read.pull("orgs")).notes] == ["tabs_noticed"]
    assert {(one.file, one.rule, one.done) for one in read.problems()} == {
        ("users.csv", "separated_by_semicolons", "done_read_all_the_same"),
        ("orgs.csv", "separated_by_tabs", "done_read_all_the_same"),
    }


def test_among_semicolons_a_damaged_row_costs_itself(tmp_path: Path):
    """Whatever commas it has; its key is known where the front of it is whole."""
    told = files({"orgs": tables()["orgs"]})
    told["orgs.csv"] = (
        _separated(told["orgs.csv"], ";")
        + b's3;;;"East;school;;\r\ns,4;;;"West;school;;\r\n'
        + 's5;;;"Ost, ""Süd""\nund West";school;;\r\n'.encode()
    )
    read = desk(tmp_path, told)
    pulled = read.pull("orgs")
    assert [one.key for page in pulled.pages for one in page.unreadable] == ["s3", None]
    assert read.values("orgs")["s5"]["name"] == 'Ost, "Süd"\nund West'
    assert [one.line for one in read.problems() if one.rule == "row_quotes"] == [5, 6]


def test_of_a_file_that_names_no_key_no_number_is_told(tmp_path: Path):
    """So that nobody is told that rows were expected and did not come."""
    told = files(tables())
    told["users.csv"] = told["users.csv"].replace(b"sourcedId,", b"id,", 1)
    pulled = desk(tmp_path, told).pull("users")
    assert last(pulled).total is None
    assert "file_without_key_column" in doubts(pulled)


def test_an_older_encoding_hides_no_key(tmp_path: Path):
    """Wherever the key stands, also in a file whose rows are parts of records."""
    told = files(tables())
    told["orgs.csv"] = "name,sourcedId,type,größe\r\nZoë,s1,school,\r\n".encode("cp1252")
    told["roles.csv"] = told["roles.csv"].replace(b",student,", "é,student,".encode("cp1252"), 1)
    read = desk(tmp_path, told)
    assert read.values("orgs")["s1"]["name"] == "Zoë"
    assert read.pull("orgs").uncertainties() == []
    assert read.values("users")["u001"]["roles"] == (("student", "s2", "primary", None, None),)


def test_wrong_bytes_in_a_file_that_is_utf_8_cost_their_row(tmp_path: Path):
    """They are not taken for another encoding: nothing is mangled."""
    told = files(tables())
    lines = told["users.csv"].split(b"\r\n")
    lines[4] = lines[4].replace("ú".encode(), b"\xfa")
    told["users.csv"] = b"\r\n".join(lines)
    read = desk(tmp_path, told).pull("users")
    [unreadable] = [one for page in read.pages for one in page.unreadable]
    assert unreadable.key == "u003"
    assert doubts(read) == []


def test_half_a_character_costs_its_row(tmp_path: Path):
    """Of UTF-16 as well, nothing is made up."""
    told = files(tables())
    lone = told["orgs.csv"].decode().replace("North", "N\ud800rth")
    told["orgs.csv"] = b"\xff\xfe" + lone.encode("utf-16-le", "surrogatepass")
    read = desk(tmp_path, told).pull("orgs")
    assert [one.key for page in read.pages for one in page.unreadable] == ["s1"]
    assert set(read.rows) == {"d1", "s2"}


def test_values_over_several_lines_are_one(tmp_path: Path):
    """A quoted value may hold line ends, commas and quotes."""
    made = tables()
    made["orgs"][1]["name"] = 'North,\n"the old" school'
    read = desk(tmp_path, files(made))
    assert read.values("orgs")["s1"]["name"] == 'North,\n"the old" school'
    assert read.pull("orgs").uncertainties() == []


def test_names_of_files_in_another_case_are_taken(tmp_path: Path):
    """And told."""
    told = files(tables())
    told["USERS.CSV"] = told.pop("users.csv")
    read = desk(tmp_path, told)
    assert len(read.pull("users").rows) == 63
    assert ("USERS.CSV", "file_called_otherwise") in [
        (one.file, one.rule) for one in read.problems()
    ]


def test_without_a_manifest_every_file_is_whole(tmp_path: Path):
    """As in OneRoster 1.0, with its names of columns."""
    made = tables("1.1")
    told = files(made, "1.1")
    del told["manifest.csv"]
    told["users.csv"] = told["users.csv"].replace(b",grades,", b",grade,")
    told["demographics.csv"] = told["demographics.csv"].replace(b"sourcedId", b"userSourcedId", 1)
    read = desk(tmp_path, told, demographics="read")
    assert read.values("users")["u001"]["grades"] == ("09",)
    assert read.values("demographics")["u001"]["user"] == "u001"
    assert read.pull("users").uncertainties() == []


@pytest.mark.parametrize("said", ["1", "1.0", "2"])
def test_the_version_of_the_manifest_changes_nothing(tmp_path: Path, said: str):
    """``manifest.version,1`` has been seen."""
    told = files(tables())
    told["manifest.csv"] = told["manifest.csv"].replace(
        b"manifest.version,1.0", f"manifest.version,{said}".encode()
    )
    assert desk(tmp_path, told).pull("users").uncertainties() == []


# -- columns --------------------------------------------------------------------------------------


def test_columns_in_any_order_and_more_of_them(tmp_path: Path):
    """Those of ``metadata.`` are the standard's own; others are passed over and told once."""
    told = files(tables())
    told["orgs.csv"] = (
        b"name,metadata.city,sourcedId,type,colour,status,dateLastModified,identifier,"
        b"parentSourcedId\r\nNorth,Town,s1,school,red,,,17,\r\n"
    )
    read = desk(tmp_path, told)
    assert read.values("orgs")["s1"] == {
        "name": "North",
        "type": "school",
        "identifier": "17",
        "parent": None,
    }
    page = last(read.pull("orgs"))
    assert [(note.code, note.parameters["columns"]) for note in page.notes] == [
        ("columns_unknown", "colour")
    ]


def test_columns_called_nearly_right_are_taken(tmp_path: Path):
    """Case and spaces are no reason to lose a column."""
    told = files(tables())
    told["orgs.csv"] = told["orgs.csv"].replace(b"sourcedId,status", b" SourcedID ,STATUS", 1)
    read = desk(tmp_path, told).pull("orgs")
    assert len(read.rows) == 3
    assert [note.code for note in last(read).notes] == ["columns_near"]
    assert read.uncertainties() == []


def test_a_missing_column_leaves_its_field_alone(tmp_path: Path):
    """Of every row; what is missing says nothing (SEMANTICS A2)."""
    told = files(tables())
    told["orgs.csv"] = b"sourcedId,status,dateLastModified,name,type\r\ns1,,,North,school\r\n"
    read = desk(tmp_path, told)
    assert read.values("orgs")["s1"]["identifier"] is UNSAID
    assert read.pull("orgs").uncertainties() == []


def test_without_a_column_that_has_to_be_there_a_file_proves_nothing(tmp_path: Path):
    """What it says is taken all the same; other files prove what they prove."""
    told = files(tables())
    told["orgs.csv"] = b"sourcedId,status,dateLastModified,name\r\ns1,,,North\r\n"
    read = desk(tmp_path, told)
    assert read.values("orgs")["s1"]["name"] == "North"
    assert doubts(read.pull("orgs")) == ["columns_missing"]
    assert doubts(read.pull("users")) == []


def test_a_damaged_heading_proves_nothing_anywhere(tmp_path: Path):
    """It once meant a mass removal: no column of keys, no deletes in the whole set."""
    told = files(tables())
    told["enrollments.csv"] = told["enrollments.csv"].split(b"\r\n", 1)[1]
    read = desk(tmp_path, told)
    assert "file_without_key_column" in doubts(read.pull("enrollments"))
    assert "file_without_key_column" in doubts(read.pull("users"))
    assert read.pull("enrollments").rows == {}
    [bad] = [one for one in read.check() if one.grade.value == "bad"]
    assert bad.parameters["file"] == "enrollments.csv"


# -- files ----------------------------------------------------------------------------------------


def test_a_file_that_should_be_there_and_is_not_casts_doubt_on_the_set(tmp_path: Path):
    """On every stream of it, and *Test connection* says so (SEMANTICS C5)."""
    told = files(tables())
    del told["classes.csv"]
    read = desk(tmp_path, told)
    assert doubts(read.pull("users")) == ["file_not_there"]
    assert doubts(read.pull("classes")) == ["file_not_there"]
    [bad] = [one for one in read.check() if one.grade.value == "bad"]
    assert bad.code == "file_missing"


def test_what_the_manifest_says_is_absent_is_left_out(tmp_path: Path):
    """Under a scope of its own, so that it is never taken for an empty answer."""
    made = tables()
    del made["courses"]
    read = desk(tmp_path, files(made)).pull("courses")
    assert last(read).scope == "courses (absent)"
    assert [note.code for note in last(read).notes] == ["file_absent"]
    assert doubts(read) == []


def test_a_file_with_a_heading_alone_is_an_empty_answer(tmp_path: Path):
    """The limits judge it (SEMANTICS E1)."""
    made = tables()
    made["enrollments"] = []
    read = desk(tmp_path, files(made)).pull("enrollments")
    assert (read.rows, last(read).total, doubts(read)) == ({}, 0, [])


@pytest.mark.parametrize("body", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b"\0" * 500])
def test_a_file_without_anything_proves_nothing(tmp_path: Path, body: bytes):
    """It has not even a heading."""
    told = files(tables())
    told["enrollments.csv"] = body
    read = desk(tmp_path, told).pull("enrollments")
    assert read.rows == {}
    assert "file_without_key_column" in doubts(read)


def test_a_broken_manifest_proves_nothing(tmp_path: Path):
    """What is there is read."""
    told = files(tables())
    told["manifest.csv"] = b"<!doctype html><title>Sign in</title>"
    read = desk(tmp_path, told).pull("orgs")
    assert len(read.rows) == 3
    assert doubts(read) == ["file_not_there"]


# -- rows -----------------------------------------------------------------------------------------


def test_a_row_without_a_key_voids_the_proof_of_its_file(tmp_path: Path):
    """Nobody knows who it is (SEMANTICS C6)."""
    told = files(tables())
    told["orgs.csv"] = with_lines(told["orgs.csv"], ",,,Nameless,school,,")
    read = desk(tmp_path, told).pull("orgs")
    assert [one.key for page in read.pages for one in page.unreadable] == [None]
    assert doubts(read) == ["keys_unreadable"]


@pytest.mark.parametrize(
    "line",
    [
        "s9,,,North",
        's9,,,"North,school,,',
        "s9,,,North,school,,,,17",
        "s9,,,North, the,school,,",
        's9,,,"No"rth,school,,',
    ],
)
def test_a_damaged_row_costs_that_row(tmp_path: Path, line: str):
    """Its key protects its record; the rows around it are read."""
    told = files(tables())
    told["orgs.csv"] = with_lines(told["orgs.csv"], line, "s10,,,East,school,,")
    read = desk(tmp_path, told).pull("orgs")
    assert [one.key for page in read.pages for one in page.unreadable] == ["s9"]
    assert isinstance(read.rows["s10"], Row)
    assert doubts(read) == []


def test_a_blank_too_many_at_the_end_costs_nothing(tmp_path: Path):
    """Some systems end some of their rows with a comma."""
    told = files(tables())
    told["orgs.csv"] = with_lines(told["orgs.csv"], "s9,,,North,school,,,")
    assert desk(tmp_path, told).values("orgs")["s9"]["name"] == "North"


def test_a_quote_in_the_middle_of_a_value_is_a_quote(tmp_path: Path):
    """As in 12" rulers."""
    told = files(tables())
    told["orgs.csv"] = with_lines(told["orgs.csv"], 's9,,,12" School,school,,')
    assert desk(tmp_path, told).values("orgs")["s9"]["name"] == '12" School'


def test_a_key_that_stands_twice_voids_the_proof(tmp_path: Path):
    """One of the two may have been somebody else's; the first counts."""
    told = files(tables())
    told["orgs.csv"] = with_lines(told["orgs.csv"], "s1,,,Another,school,,")
    read = desk(tmp_path, told)
    assert read.values("orgs")["s1"]["name"] == "North"
    assert doubts(read.pull("orgs")) == ["keys_twice"]


def test_odd_values_cost_themselves_alone(tmp_path: Path):
    """The field is left as it is, with a warning; a status of its own is alive."""
    made = tables("1.1")
    made["users"][1] |= {"enabledUser": "maybe", "userIds": "abc", "status": "inactive"}
    made["academicSessions"][0] |= {"startDate": "2026-08-01T00:00:00Z", "endDate": "30.6.27"}
    read = desk(tmp_path, files(made, "1.1"))
    row = read.pull("users").rows["u001"]
    assert isinstance(row, Row)
    assert row.warnings == (
        ("enabled_user", "odd_boolean"),
        ("user_ids", "odd_list"),
        ("status", "odd_status"),
    )
    year = read.values("academic_sessions")["y"]
    assert (year["start_date"], year["end_date"]) == ("2026-08-01", UNSAID)


def test_the_standards_own_word_ends_a_record(tmp_path: Path):
    """In a bulk file too, where it should not stand."""
    made = tables()
    made["orgs"][2]["status"] = "ToBeDeleted"
    read = desk(tmp_path, files(made)).pull("orgs")
    assert read.tombstones == {"s2"}
    assert last(read).total == 3


def test_references_that_lead_nowhere_are_kept(tmp_path: Path):
    """They lead somewhere as soon as there is such a row (SEMANTICS A3)."""
    made = tables()
    made["classes"][0]["termSourcedIds"] = "t1,gone"
    assert desk(tmp_path, files(made)).values("classes")["k0"]["terms"] == ("gone", "t1")


def test_a_damaged_row_of_roles_leaves_all_roles_alone(tmp_path: Path):
    """Nobody knows whose it was, so none of them may be taken for gone (SEMANTICS A5)."""
    told = files(tables())
    told["roles.csv"] = with_lines(told["roles.csv"], "r999,,,u001")
    read = desk(tmp_path, told)
    assert {row["roles"] for row in read.values("users").values()} == {UNSAID}
    assert doubts(read.pull("users")) == ["rows_damaged"]


def test_passwords_are_read_by_nobody(tmp_path: Path):
    """Neither a row nor what is kept of an unreadable one has them."""
    made = tables("1.1")
    made["users"][1]["password"] = "open-sesame"
    told = files(made, "1.1")
    told["users.csv"] = with_lines(told["users.csv"], "u998,,,true,open-sesame")
    read = desk(tmp_path, told)
    pulled = read.pull("users")
    assert [one.key for page in pulled.pages for one in page.unreadable] == ["u998"]
    assert "open-sesame" not in repr([pulled.pages, pulled.rows, read.problems()])


# -- files without bounds --------------------------------------------------------------------------


def test_a_row_without_an_end_is_damaged(tmp_path: Path):
    """And told with its line; the rows after it are read, and the room it takes is small."""
    told = files(tables())
    endless = b"s8,,,North" + b"x" * (20 << 20) + b"\r\n"
    told["orgs.csv"] += endless + b"s9,,,East,school,,\r\n"
    read = desk(tmp_path, told)
    tracemalloc.start()
    pulled = read.pull("orgs")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 8 << 20
    assert [one.key for page in pulled.pages for one in page.unreadable] == ["s8"]
    assert isinstance(pulled.rows["s9"], Row)
    assert doubts(pulled) == []
    [one] = [one for one in read.problems() if one.rule == "row_too_long"]
    assert (one.file, one.line) == ("orgs.csv", 5)


def test_lines_that_never_end_cost_no_more_time_than_others():
    """Each byte is looked at a few times, however much of the line has come before it."""
    rows, piece = Rows(), b"x" * 1000
    for _ in range(50_000):
        assert rows.feed(piece, last=False) == []
    [row] = rows.feed(b"", last=True)
    assert len(row) == 1000


@pytest.mark.parametrize("quote", [b"", b'"'])
def test_a_value_longer_than_any_is_not_taken(tmp_path: Path, quote: bytes):
    """The field stays as it is here, with a warning, and stands among the problems."""
    told = files(tables("1.1"), "1.1")
    lines = told["users.csv"].split(b"\r\n")
    for number, name in ((1, b"user0"), (2, b"student")):
        lines[number] = lines[number].replace(name, quote + b"y" * 70_000 + quote, 1)
    told["users.csv"] = b"\r\n".join(lines)
    read = desk(tmp_path, told)
    people = read.values("users")
    assert people["u000"]["username"] is UNSAID
    assert people["u001"]["roles"] is UNSAID
    row = read.pull("users").rows["u000"]
    assert isinstance(row, Row)
    assert row.warnings == (("username", "odd_length"),)
    found = {(one.line, one.column) for one in read.problems() if one.rule == "odd_length"}
    assert found == {(2, "username"), (3, "role")}


# -- files that move ------------------------------------------------------------------------------


def test_what_has_not_changed_is_not_read_again(tmp_path: Path):
    """A pull of changes finds nothing new, and says nothing of what is missing."""
    read = desk(tmp_path, files(tables()))
    state = last(read.pull("users")).state
    again = read.pull("users", state)
    assert (again.rows, again.pages[-1].full, len(again.pages)) == ({}, False, 1)


def test_the_same_files_written_again_are_no_news(tmp_path: Path):
    """What counts is what they hold."""
    read = desk(tmp_path, files(tables()))
    first = last(read.pull("users"))
    put(tmp_path, files(tables()))
    os.utime(tmp_path / "users.csv", (1, 1))
    again = read.pull("users", first.state)
    assert (again.rows, last(again).full) == ({}, False)
    assert last(read.pull("users")).evidence == first.evidence


def test_other_files_are_read_whole(tmp_path: Path):
    """A new bulk file is a new whole answer, also when only changes were asked for."""
    read = desk(tmp_path, files(tables()))
    first = last(read.pull("users"))
    put(tmp_path, files(tables(students=50)))
    again = read.pull("users", first.state)
    assert (len(again.rows), last(again).full) == (53, True)
    assert last(again).evidence != first.evidence


def test_a_file_that_changes_while_it_is_read_ends_the_reading(tmp_path: Path):
    """For a reason that passes by itself."""
    asked = []

    def spoil(url: str) -> None:
        asked.append(url)
        if sum(one.endswith("orgs.csv") for one in asked) == 2:  # looked through, now to be read
            put(tmp_path, {"orgs.csv": text("orgs", [])})

    pulled = desk(tmp_path, files(tables())).pull("orgs", before=spoil)
    assert pulled.error is not None
    assert (pulled.error.code, pulled.error.category) == ("file_changed", "transient")


def test_a_row_whose_quotes_lead_nowhere_is_damaged(tmp_path: Path):
    """Though their number is even."""
    told = files(tables())
    told["orgs.csv"] = with_lines(told["orgs.csv"], 's9,,,"a"b"",school,,')
    read = desk(tmp_path, told).pull("orgs")
    assert [one.key for page in read.pages for one in page.unreadable] == ["s9"]
    assert all(isinstance(row, Row) for row in read.rows.values())
