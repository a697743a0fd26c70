"""Lessons: the office of a school edits contact data; a school loses its classes."""

from pathlib import Path
from typing import Any

from tests.practice.client import Client, serving, speaking


def lesson(client: Client, name: str) -> dict[str, Any]:
    answer = client.control("POST", "lessons", json={"name": name})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_the_office_changes_one_field_of_some_people_of_one_school(own: Client):
    """Just the fields that are told, of people of the school that is told."""
    before = own.rosters()
    told = lesson(own, "office")
    after = own.rosters()
    [school] = [key for key, org in before["orgs"].items() if org["name"] == told["school"]]
    assert told["changed"] == {
        "users": {**told["changed"]["users"], "updated": sorted(told["fields"])}
    }
    assert set(told["fields"].values()) == {"phone", "email", "preferredFirstName"}
    for key, field in told["fields"].items():
        was, now = before["users"][key], after["users"][key]
        assert school in {role["org"]["sourcedId"] for role in now["roles"]}
        changed = {name for name in now if now[name] != was.get(name)}
        assert changed == {field, "dateLastModified"}
    untouched = before["users"].keys() - told["fields"].keys()
    assert all(before["users"][key] == after["users"][key] for key in untouched)


def test_a_school_loses_nine_of_ten_enrollments_of_its_students(own: Client):
    """They are tombstones then; teachers and other schools keep theirs."""
    before = own.rosters()
    told = lesson(own, "classes")
    after = own.rosters()["enrollments"]
    [school] = [key for key, org in before["orgs"].items() if org["name"] == told["school"]]
    gone = {key for key, seat in after.items() if seat["status"] == "tobedeleted"}
    assert gone == set(told["changed"]["enrollments"]["removed"])
    seats = [
        key
        for key, seat in before["enrollments"].items()
        if seat["school"]["sourcedId"] == school and seat["role"] == "student"
    ]
    assert gone <= set(seats)
    assert 0.85 < len(gone) / len(seats) < 0.95


def test_a_lesson_that_there_is_not_is_refused_and_changes_nothing(own: Client):
    """A 400 with the names of those that there are."""
    before = own.rosters()
    answer = own.control("POST", "lessons", json={"name": "chess"})
    assert answer.status_code == 400
    assert "office, classes" in answer.json()["imsx_description"]
    assert own.rosters() == before


def test_lessons_are_for_the_owner_alone(own: Client):
    """A token for the rosters opens nothing of the practice calls."""
    url = f"{own.ready['control_url']}/lessons"
    answer = own.session.post(url, json={"name": "office"}, headers=own.bearer, timeout=20)
    assert answer.status_code == 401


def test_lessons_are_remembered(tmp_path: Path):
    """A service that is started again tells the same, and the next lesson is another one."""
    state = str(tmp_path / "sis.json")
    with serving(students=300, seed=7, state=state) as ready, speaking(ready) as client:
        first = lesson(client, "office")
        before = client.rosters()
    with serving(state=state) as ready, speaking(ready) as client:
        assert client.rosters() == before
        assert lesson(client, "office")["fields"] != first["fields"]
