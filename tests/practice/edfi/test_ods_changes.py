"""Change queries of the practice Ed-Fi: versions, windows, deletes, key changes, snapshots."""

from collections.abc import Iterator

import pytest

from tests.practice.edfi.client import Client, serving, speaking
from tests.practice.edfi.small_district import HIGH, at_school, documents, seat, session, student

SNAPSHOT = {"Use-Snapshot": "true"}


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a service that the test may change."""
    with serving(documents()) as ready, speaking(ready) as client:
        yield client


def gone(client: Client, resource: str, **key: str) -> None:
    """Delete the one document of these values."""
    [found] = client.list(resource, **key)
    assert client.data("DELETE", f"{resource}/{found['id']}").status_code == 204


def test_a_window_has_what_changed_in_it(client: Client):
    """minChangeVersion and maxChangeVersion, both included."""
    since = client.newest()
    for first in ("Ann", "Bea"):
        client.data("POST", "students", json=student({"Ann": "s1", "Bea": "s2"}[first], first))
    whole = client.list("students", minChangeVersion=since + 1, maxChangeVersion=since + 2)
    half = client.list("students", minChangeVersion=since + 1, maxChangeVersion=since + 1)
    assert [one["firstName"] for one in whole] == ["Ann", "Bea"]
    assert [one["firstName"] for one in half] == ["Ann"]
    assert client.list("students", minChangeVersion=client.newest() + 1) == []


def test_each_change_has_a_version_of_its_own(client: Client):
    """One counter for the whole database."""
    since = client.newest()
    client.data("POST", "students", json=student("n1"))
    client.data("POST", "schoolYearTypes", json=year(2027))
    assert client.newest() == since + 2


def year(number: int) -> dict[str, object]:
    return {"schoolYear": number, "currentSchoolYear": False, "schoolYearDescription": "later"}


def test_what_is_created_again_is_told_as_new_and_not_as_deleted(client: Client):
    """Delete and POST of the same key: a new id, and no entry of /deletes."""
    [before] = client.list("studentSectionAssociations", studentUniqueId="s1")
    gone(client, "studentSectionAssociations", studentUniqueId="s1")
    client.data("POST", "studentSectionAssociations", json=seat("s1"))
    [after] = client.list("studentSectionAssociations", studentUniqueId="s1")
    assert before["id"] != after["id"]
    assert client.list("studentSectionAssociations/deletes") == []


def test_some_services_tell_that_delete_too(client: Client):
    """The same where the service is so: the old id is among the deletes."""
    [before] = client.list("studentSectionAssociations", studentUniqueId="s1")
    gone(client, "studentSectionAssociations", studentUniqueId="s1")
    client.data("POST", "studentSectionAssociations", json=seat("s1"))
    client.switch_on("recreated-told")
    [told] = client.list("studentSectionAssociations/deletes")
    assert told["id"] == before["id"]


def test_deletes_are_paged(client: Client):
    """offset, limit and totalCount, as of lists."""
    for key in ("s1", "s2", "s3"):
        gone(client, "studentSectionAssociations", studentUniqueId=key)
    pages = [
        client.get("studentSectionAssociations/deletes", offset=n, limit=2, totalCount="true")
        for n in (0, 2)
    ]
    assert [len(page.json()) for page in pages] == [2, 1]
    assert {page.headers["Total-Count"] for page in pages} == {"3"}


def test_several_key_changes_of_one_document_are_one_entry(client: Client):
    """In one window: from the first key to the last, with the last version."""
    [found] = client.list("sessions", schoolId=HIGH)
    since = client.newest() + 1
    for name in ("Autumn", "Winter"):
        client.data("PUT", f"sessions/{found['id']}", json=session(name=name))
    [told] = client.list("sessions/keyChanges", minChangeVersion=since)
    assert (told["oldKeyValues"]["sessionName"], told["newKeyValues"]["sessionName"]) == (
        "Fall",
        "Winter",
    )


def test_without_a_snapshot_none_is_served(client: Client):
    """Use-Snapshot where there is none: 404."""
    answer = client.data("GET", "students", headers=SNAPSHOT)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:ed-fi:api:not-found")


def test_a_snapshot_stays_as_it_was(client: Client):
    """Use-Snapshot on GET: documents and newest version of the moment it was made."""
    client.switch_on("snapshots")
    newest = client.newest()
    client.data("POST", "students", json=student("s1", "Ann"))
    gone(client, "studentSectionAssociations", studentUniqueId="s1")
    params = {"studentUniqueId": "s1"}
    [frozen] = client.data("GET", "students", headers=SNAPSHOT, params=params).json()
    seats = client.data("GET", "studentSectionAssociations", headers=SNAPSHOT, params=params)
    versions = client.call("GET", "changeQueries/v1/availableChangeVersions", headers=SNAPSHOT)
    assert (frozen["firstName"], len(seats.json())) == ("Lisa", 1)
    assert versions.json()["newestChangeVersion"] == newest


def test_a_snapshot_that_is_switched_on_again_is_a_new_one(client: Client):
    """Off and on: frozen anew."""
    client.switch_on("snapshots")
    client.data("POST", "students", json=student("s1", "Ann"))
    client.switch_off("snapshots")
    client.switch_on("snapshots")
    [frozen] = client.data(
        "GET", "students", headers=SNAPSHOT, params={"studentUniqueId": "s1"}
    ).json()
    assert frozen["firstName"] == "Ann"


def test_a_snapshot_cannot_be_written_to(client: Client):
    """Use-Snapshot is for GET only."""
    client.switch_on("snapshots")
    answer = client.data("POST", "students", json=student("n1"), headers=SNAPSHOT)
    assert answer.status_code == 405


def test_a_snapshot_can_go_midway(client: Client):
    """After some requests it is 404."""
    client.switch_on("snapshots")
    client.switch_on("snapshot-gone", value=2)
    answers = [client.data("GET", "students", headers=SNAPSHOT) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 404]


def test_an_edit_between_two_pages_moves_a_window(client: Client):
    """Offset paging inside a window loses rows that are edited meanwhile."""
    until = client.newest()
    client.switch_on("edited-while-paged", resource="students", times=1)
    window = {"maxChangeVersion": until, "limit": 1}
    first = client.list("students", offset=0, **window)
    second = client.list("students", offset=1, **window)
    assert [one["studentUniqueId"] for one in first + second] == ["s1", "s3"]


def test_who_comes_into_reach_later_is_in_no_window(client: Client):
    """The association is told, the student of an earlier window is not: its version is older."""
    client.data("POST", "students", json=student("n1"))
    since = client.newest() + 1
    client.data("POST", "studentSchoolAssociations", json=at_school("n1"))
    assert client.list("students", minChangeVersion=since) == []
    assert len(client.list("studentSchoolAssociations", minChangeVersion=since)) == 1
    assert len(client.list("students", studentUniqueId="n1")) == 1


def test_hidden_documents_are_no_deletes(client: Client):
    """Absence is not deletion: what authorization hides is in no list, and in no /deletes."""
    named = {"resource": "students", "key": {"studentUniqueId": "s2"}}
    assert client.control("POST", "hide", json=named).json()["hidden"] == 1
    assert client.list("students", studentUniqueId="s2") == []
    assert len(client.list("students")) == 2
    assert client.list("students/deletes") == []
    client.control("POST", "show", json={})
    assert len(client.list("students")) == 3
