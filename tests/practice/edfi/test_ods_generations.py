"""The practice Ed-Fi as older versions of it (domain/EDFI.md: 3.3 to 5.x, older error bodies)."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.practice.edfi.client import Client, serving, speaking
from tests.practice.edfi.small_district import (
    HIGH,
    NAMED,
    SEAT,
    SIX_WEEKS,
    YEAR,
    at_school,
    descriptor,
    documents,
    gradebook,
    seat,
    section_reference,
    session,
)

NUMBERED = {
    "gradingPeriodDescriptor": SIX_WEEKS,
    "periodSequence": 1,
    "schoolId": HIGH,
    "schoolYear": YEAR,
}


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    """A client of one service for all tests, which switch on and off."""
    with serving([*documents(), *gradebook()]) as ready, speaking(ready) as client:
        yield client


@pytest.fixture
def client(shared: Client) -> Iterator[Client]:
    """The same, with all switches off again afterwards."""
    yield shared
    shared.switch_off()


def unlinked(value: Any) -> Any:
    """A value without its links."""
    if isinstance(value, dict):
        return {name: unlinked(told) for name, told in value.items() if name != "link"}
    return value


@pytest.mark.parametrize(
    ("version", "standard"), [("5.3", "3.3.1-b"), ("6.2", "4.0.0"), ("7.1", "5.0.0")]
)
def test_discovery_says_which_one_it_is(client: Client, version: str, standard: str):
    """The version of the API and of the Data Standard."""
    client.switch_on(f"api-{version}")
    told = requests.get(client.ready["edfi_url"], timeout=20).json()
    assert (told["version"], told["dataModels"][0]["version"]) == (version, standard)


@pytest.mark.parametrize("version", ["5.3", "6.2", "7.1"])
def test_before_7_2_errors_are_a_message(client: Client, version: str):
    """{"message"}, without a type."""
    client.switch_on(f"api-{version}")
    told = client.data("POST", "studentSchoolAssociations", json=at_school("nobody")).json()
    assert "The referenced 'Student' item does not exist." in told["message"]
    assert "type" not in told


def test_the_newest_can_write_errors_so_too(client: Client):
    """By switch."""
    client.switch_on("sentence-errors")
    assert set(client.get("students/nobody").json()) == {"message", "correlationId"}


def test_before_6_0_what_is_wrong_is_a_model_state(client: Client):
    """400 of 5.3: modelState by request path."""
    client.switch_on("api-5.3")
    odd = {**at_school("s1"), "entryDate": "x"}
    told = client.data("POST", "studentSchoolAssociations", json=odd).json()
    assert list(told["modelState"]) == ["request.entryDate"]


@pytest.mark.parametrize("version", ["5.3", "6.2", "7.1"])
def test_before_7_3_there_are_no_page_tokens(client: Client, version: str):
    """No Next-Page-Token, no partitions."""
    client.switch_on(f"api-{version}")
    assert "Next-Page-Token" not in client.get("students").headers
    assert client.get("students/partitions").status_code == 404


def test_5_3_tells_versions_with_capitals_and_deletes_without_keys(client: Client):
    """OldestChangeVersion; deletes are id and changeVersion alone."""
    client.data("POST", "sessions", json=session(name="Short"))
    [short] = client.list("sessions", sessionName="Short")
    client.data("DELETE", f"sessions/{short['id']}")
    client.switch_on("api-5.3")
    versions = client.call("GET", "changeQueries/v1/availableChangeVersions").json()
    assert set(versions) == {"OldestChangeVersion", "NewestChangeVersion"}
    assert {tuple(one) for one in client.list("sessions/deletes")} == {("id", "changeVersion")}


@pytest.mark.parametrize("version", ["5.3", "6.2"])
def test_contacts_are_parents_up_to_4_0(client: Client, version: str):
    """/parents, parentUniqueId, parentReference; no /contacts."""
    client.switch_on(f"api-{version}")
    [parent] = client.list("parents", parentUniqueId="c1")
    [association] = client.list("studentParentAssociations", parentUniqueId="c1")
    assert parent["firstName"] == "Ada"
    assert association["parentReference"] == {
        "parentUniqueId": "c1",
        "link": {"rel": "Parent", "href": f"/ed-fi/parents/{parent['id']}"},
    }
    assert client.get("contacts").status_code == 404
    order = client.call("GET", "metadata/data/v3/dependencies").json()
    assert "/ed-fi/parents" in {one["resource"] for one in order}


def test_parents_can_be_written(client: Client):
    """POST to /parents is what is read from /contacts later on."""
    client.switch_on("api-6.2")
    body = {"parentUniqueId": "c2", "firstName": "Eva", "lastSurname": "Hill"}
    association = {
        "parentReference": {"parentUniqueId": "c2"},
        "studentReference": {"studentUniqueId": "s2"},
    }
    answers = [
        client.data("POST", "parents", json=body),
        client.data("POST", "studentParentAssociations", json=association),
    ]
    assert [one.status_code for one in answers] == [201, 201]
    assert "/parents/" in answers[0].headers["Location"]
    client.switch_off()
    assert client.list("contacts", contactUniqueId="c2")[0]["firstName"] == "Eva"


def test_a_teacher_is_in_a_section_once_up_to_4_0(client: Client):
    """beginDate is no part of the key: POST and PUT of another one change the one that is there."""
    client.switch_on("api-6.2")
    since = client.newest() + 1
    [held] = client.list("staffSectionAssociations", staffUniqueId="t1")
    for begin, method, path, status in (
        ("2025-09-01", "POST", "staffSectionAssociations", 200),
        ("2025-09-08", "PUT", f"staffSectionAssociations/{held['id']}", 204),
    ):
        changed = {**held, "beginDate": begin}
        if method == "POST":
            del changed["id"]
        assert client.data(method, path, json=changed).status_code == status
        [told] = client.list("staffSectionAssociations", staffUniqueId="t1")
        assert (told["id"], told["beginDate"]) == (held["id"], begin)
    assert client.list("staffSectionAssociations/keyChanges", minChangeVersion=since) == []


def test_grading_periods_are_numbered_up_to_4_0(client: Client):
    """periodSequence is in the key and in references, gradingPeriodName is nowhere."""
    client.switch_on("api-6.2")
    [period] = client.list("gradingPeriods", periodSequence=1, schoolId=HIGH)
    [grade] = client.list("grades", gradingPeriodSequence=1)
    assert "gradingPeriodName" not in period
    assert unlinked(grade["gradingPeriodReference"]) == NUMBERED
    assert client.list("grades", gradingPeriodSequence=2) == []


def test_what_refers_to_a_numbered_period_can_be_written(client: Client):
    """POST of a grade as 4.0 has it is an upsert of the one that is there."""
    client.switch_on("api-6.2")
    grade = {
        "gradeTypeDescriptor": descriptor("GradeType", "Grading Period"),
        "gradingPeriodReference": NUMBERED,
        "studentSectionAssociationReference": SEAT,
        "letterGradeEarned": "B",
    }
    assert client.data("POST", "grades", json=grade).status_code == 200
    client.switch_off()
    [kept] = client.list("grades", studentUniqueId="s1")
    assert kept["letterGradeEarned"] == "B"
    assert unlinked(kept["gradingPeriodReference"]) == NAMED


def test_entries_of_the_gradebook_are_known_by_title_in_3_3(client: Client):
    """dateAssigned, gradebookEntryTitle and section; scores by these and the student's seat."""
    client.switch_on("api-5.3")
    [entry] = client.list("gradebookEntries", gradebookEntryTitle="Fractions")
    [score] = client.list("studentGradebookEntries", studentUniqueId="s1")
    assert "gradebookEntryIdentifier" not in entry
    assert unlinked(score["gradebookEntryReference"]) == {
        "dateAssigned": "2025-09-10",
        "gradebookEntryTitle": "Fractions",
        **section_reference(),
    }
    assert score["studentSectionAssociationReference"] == SEAT
    assert "studentReference" not in score


def test_the_gradebook_of_3_3_is_not_taken(client: Client):
    """403: the claim set grants reading alone."""
    client.switch_on("api-5.3")
    assert client.data("POST", "gradebookEntries", json={}).status_code == 403


def test_key_changes_have_the_names_of_the_version(client: Client):
    """keyChanges in the words of the version, deletes with key values from 6.0 on."""
    client.data("POST", "studentSectionAssociations", json=seat("s2"))
    client.data(
        "POST",
        "contacts",
        json={
            "contactUniqueId": "c9",
            "firstName": "Al",
            "lastSurname": "Ray",
        },
    )
    client.data(
        "POST",
        "studentContactAssociations",
        json={
            "contactReference": {"contactUniqueId": "c9"},
            "studentReference": {"studentUniqueId": "s2"},
        },
    )
    [found] = client.list("studentContactAssociations", contactUniqueId="c9")
    client.data("DELETE", f"studentContactAssociations/{found['id']}")
    client.switch_on("api-6.2")
    [told] = client.list("studentParentAssociations/deletes")
    assert told["keyValues"] == {"parentUniqueId": "c9", "studentUniqueId": "s2"}
