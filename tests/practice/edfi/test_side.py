"""The Ed-Fi side of the practice district beside its OneRoster side: one process, two systems."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.practice.edfi.vocabulary import RESOURCES as SERVED
from tests.practice.client import Client, serving, speaking, start
from tests.practice.edfi.client import Client as EdFi
from tests.practice.edfi.client import speaking as asking

DATA = Path(__file__).parents[4] / "shared" / "data" / "edfi"
Lines = dict[str, list[dict[str, Any]]]
RESOURCES = (
    "schools",
    "sections",
    "students",
    "staffs",
    "contacts",
    "studentSchoolAssociations",
    "studentSectionAssociations",
    "gradebookEntries",
)


@pytest.fixture(scope="module")
def unchanged() -> Iterator[dict[str, Any]]:
    """What a service announced that no test may change."""
    with serving(students=300, seed=7) as ready:
        yield ready


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state file that is not there yet."""
    return tmp_path / "practice.state"


def everything(ods: EdFi, resource: str) -> list[dict[str, Any]]:
    """Every document of a resource."""
    found: list[dict[str, Any]] = []
    while page := ods.list(resource, limit=500, offset=len(found)):
        found += page
    return found


def whole(ods: EdFi) -> dict[str, list[dict[str, Any]]]:
    """What it has of each resource, ids and moments included."""
    return {resource: everything(ods, resource) for resource in RESOURCES}


def settled(sis: Client, path: str, **asked: Any) -> dict[str, Any]:
    """What a day changed."""
    answer = sis.control("POST", path, json=asked)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_both_sides_have_the_same_people(unchanged: dict[str, Any]) -> None:
    """One district: the numbers of OneRoster are the unique ids of Ed-Fi."""
    with speaking(unchanged) as sis, asking(unchanged) as ods:
        users = sis.everything("users")
        numbers = Counter(each["identifier"] for each in users)
        for role, resource, name in (
            ("student", "students", "studentUniqueId"),
            ("parent", "contacts", "contactUniqueId"),
            ("teacher", "staffs", "staffUniqueId"),
        ):
            told = {each[name] for each in everything(ods, resource)}
            wanted = {
                each["identifier"]
                for each in users
                if role in {told["role"] for told in each["roles"]}
            }
            assert wanted
            assert wanted <= told <= numbers.keys()


def test_a_client_of_one_school_sees_that_school(unchanged: dict[str, Any]) -> None:
    """The narrower clients that are announced are good for what they say."""
    with asking(unchanged) as ods, asking(unchanged, "school") as one:
        assert 0 < len(everything(one, "students")) < len(everything(ods, "students"))


def test_a_write_on_one_side_stays_there() -> None:
    """Two systems: neither hears of what is written in the other."""
    with serving(students=60, seed=3) as ready, speaking(ready) as sis, asking(ready) as ods:
        before, rosters = whole(ods), sis.rosters()
        sis.pass_day()
        assert whole(ods) == before
        changed = sis.rosters()
        assert changed != rosters
        settled(sis, "edfi/day")
        assert sis.rosters() == changed
        assert whole(ods) != before


def test_newcomers_and_leavers_on_both_sides() -> None:
    """`edfi` true: those who come and leave on a day do so in both systems."""
    with serving(students=60, seed=3) as ready, speaking(ready) as sis, asking(ready) as ods:
        known = {each["sourcedId"]: each["identifier"] for each in sis.everything("users")}
        sizes = {"new": 2, "leavers": 3, "vanish": 1, "moves": 0, "renames": 0, "teachers": 0}
        users = settled(sis, "day", edfi=True, **sizes)["changed"]["users"]
        pupils = {each["studentUniqueId"]: each for each in everything(ods, "students")}
        schools = everything(ods, "studentSchoolAssociations")
        left = {
            each["studentReference"]["studentUniqueId"]
            for each in schools
            if "exitWithdrawDate" in each
        }
        assert left == {known[key] for key in users["removed"] if known[key] in pupils}
        assert len(left) == 4
        came = [each for each in sis.everything("users") if each["sourcedId"] in users["created"]]
        new = {each["identifier"] for each in came if each["roles"][0]["role"] == "student"}
        assert len(new) == 2
        assert new <= pupils.keys()
        seats = Counter(
            each["studentReference"]["studentUniqueId"]
            for each in everything(ods, "studentSectionAssociations")
        )
        keys = {each["sourcedId"]: each["identifier"] for each in came}
        enrolled = Counter(
            keys[each["user"]["sourcedId"]]
            for each in sis.everything("enrollments")
            if each["user"]["sourcedId"] in keys
        )
        assert {unique: seats[unique] for unique in new} == dict(enrolled)


def test_both_sides_come_back(state: Path) -> None:
    """Days of both and writes of clients survive a restart: ids, moments and change versions."""
    with (
        serving(students=60, seed=3, state=str(state)) as ready,
        speaking(ready) as sis,
        asking(ready) as ods,
    ):
        sis.pass_day()
        settled(sis, "edfi/day", sessions=1, recreated=3)
        [told] = ods.list("students", limit=1)
        told["lastSurname"] = "Renamed"
        id_ = told.pop("id")
        assert ods.data("PUT", f"students/{id_}", json=told).status_code == 204
        settled(sis, "day", edfi=True)
        [entry] = ods.list("studentGradebookEntries", limit=1)
        gone = ods.data("DELETE", f"studentGradebookEntries/{entry['id']}")
        assert gone.status_code == 204
        documents, version, rosters = whole(ods), ods.newest(), sis.rosters()
        deletes = ods.list("studentGradebookEntries/deletes")
    written = state.read_bytes()
    for client in ready["edfi_clients"].values():
        assert client["secret"].encode() not in written
    with serving(state=str(state)) as again, speaking(again) as sis, asking(again) as ods:
        assert whole(ods) == documents
        assert ods.newest() == version
        assert ods.list("studentGradebookEntries/deletes") == deletes
        assert sis.rosters() == rosters
        assert settled(sis, "edfi/day")["day"] == 2
    assert state.read_bytes().startswith(written)


def test_a_state_from_before_there_was_an_ed_fi_side_goes_on(state: Path) -> None:
    """Its days have no word of it; the side is made when it is first asked for."""
    origin = (
        b'{"type":"origin","seed":3,"students":60,"today":"2026-03-03","format":1,"generator":1}'
    )
    sizes = b'{"moves":1,"new":1,"leavers":1,"renames":1,"teachers":1,"vanish":0}'
    day = b'{"type":"day","at":1772611200000,"sizes":' + sizes + b"}"
    state.write_bytes(origin + b"\n" + day + b"\n")
    with serving(state=str(state)) as ready, asking(ready) as ods:
        assert ready["day"] == 1
        assert len(everything(ods, "students")) == 60


def test_what_cannot_be_kept_does_not_happen(state: Path) -> None:
    """A write that the state file does not take is refused, and changes nothing."""
    with serving(students=60, state=str(state)) as ready, asking(ready) as ods:
        [told] = ods.list("students", limit=1)
        version = ods.newest()
        state.write_bytes(state.read_bytes() + b"{}\n")
        id_ = told.pop("id")
        answer = ods.data("PUT", f"students/{id_}", json={**told, "lastSurname": "Renamed"})
        assert answer.status_code == 500
        assert ods.newest() == version
        assert ods.get(f"students/{id_}").json()["lastSurname"] == told["lastSurname"]


def test_a_day_that_cannot_be_is_told(unchanged: dict[str, Any]) -> None:
    """400 with a sentence, and only for whoever started the service."""
    with speaking(unchanged) as sis:
        answer = sis.control("POST", "edfi/day", json={"strikes": 1})
        assert answer.status_code == 400
        assert "has no 'strikes'" in answer.text
        assert sis.call("POST", "/practice/edfi/day").status_code == 401


def test_a_snapshot_may_be_there_from_the_start(unchanged: dict[str, Any]) -> None:
    """A switch that is about the documents finds them, however early it is on."""
    frozen = {"Use-Snapshot": "true"}
    with asking(unchanged) as ods:
        assert ods.data("GET", "students", headers=frozen).status_code == 404
    with serving(students=60, edfi_switches=["snapshots"]) as ready, asking(ready) as ods:
        assert ods.data("GET", "students", headers=frozen).status_code == 200


# A folder of files.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A few documents, one of which refers to nothing."""
    made = tmp_path / "data"
    made.mkdir()
    student = {
        "studentUniqueId": "1",
        "firstName": "A",
        "lastSurname": "B",
        "birthDate": "2010-01-01",
    }
    seat = {
        "entryDate": "2025-08-18",
        "entryGradeLevelDescriptor": "uri://ed-fi.org/GradeLevelDescriptor#Ninth grade",
        "schoolReference": {"schoolId": 7},
        "studentReference": {"studentUniqueId": "1"},
    }
    lost = {**seat, "studentReference": {"studentUniqueId": "2"}}
    lines: Lines = {"students": [student], "studentSchoolAssociations": [seat, lost]}
    for name, documents in lines.items():
        text = "".join(json.dumps(document) + "\n" for document in documents)
        (made / f"{name}.jsonl").write_text(text)
    return made


def test_a_folder_is_served_in_place_of_the_district(folder: Path) -> None:
    """Every line is a document, also one that refers to what is not there."""
    with serving(students=60, edfi_data=str(folder)) as ready, asking(ready) as ods:
        assert len(everything(ods, "studentSchoolAssociations")) == 2
        assert [each["studentUniqueId"] for each in everything(ods, "students")] == ["1"]


def test_another_district_shares_no_day(folder: Path) -> None:
    """`edfi` true is refused where the Ed-Fi side is no part of the practice district."""
    with serving(students=60, edfi_data=str(folder)) as ready, speaking(ready) as sis:
        answer = sis.control("POST", "day", json={"edfi": True})
        assert answer.status_code == 400
        assert "another district" in answer.text


def test_a_folder_is_remembered(folder: Path, state: Path) -> None:
    """The state tells where the documents are; another folder is refused with a sentence."""
    with serving(students=60, edfi_data=str(folder), state=str(state)):
        pass
    with serving(state=str(state)) as ready, asking(ready) as ods:
        assert len(everything(ods, "students")) == 1
    with start(state=str(state), edfi_data=str(folder.parent)) as program:
        _, errors = program.communicate(timeout=20)
    assert program.returncode == 1
    assert "has its Ed-Fi side from" in errors


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("students.jsonl", '{"studentUniqueId": "1"', "Line 1 of .* is no document"),
        ("students.jsonl", '\n{"firstName": "A"}', "Line 2 of .* natural key"),
        ("pupils.jsonl", "{}", "is of no resource"),
        ("students.csv", "a,b", "There is no Ed-Fi data in"),
    ],
)
def test_a_folder_that_cannot_be_served_is_told(
    tmp_path: Path, name: str, text: str, sentence: str
) -> None:
    """One sentence and exit code 1, before anything is served."""
    (tmp_path / name).write_text(text)
    with start(students=60, edfi_data=str(tmp_path)) as program:
        output, errors = program.communicate(timeout=20)
    assert (program.returncode, output) == (1, "")
    assert "Traceback" not in errors
    assert re.search(sentence, errors)


@pytest.mark.skipif(not DATA.is_dir(), reason="the real records are not beside the checkout")
def test_real_records_are_served_whole() -> None:
    """Grand Bend: as many documents of each resource as there are natural keys in its lines."""
    with serving(students=60, edfi_data=str(DATA)) as ready, asking(ready) as ods:
        for path in sorted(DATA.glob("*.jsonl")):
            key = SERVED[path.stem].key_in
            keys = {key(json.loads(line)) for line in path.read_text().splitlines()}
            answer = ods.get(path.stem, limit=0, totalCount="true")
            assert answer.headers["Total-Count"] == str(len(keys)), path.stem
