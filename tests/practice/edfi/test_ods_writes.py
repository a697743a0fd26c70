"""What the practice Ed-Fi does with what is written to it (domain/EDFI.md, Writes and Errors)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.practice.edfi.client import Client, serving, speaking
from tests.practice.edfi.small_district import (
    HIGH,
    MIDDLE,
    at_school,
    descriptor,
    documents,
    gradebook,
    seat,
    section_reference,
    session,
    student,
)

ED_FI = "urn:ed-fi:api:"


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a service that the test may change."""
    with serving(documents()) as ready, speaking(ready) as client:
        yield client


@pytest.fixture(scope="module")
def unchanged() -> Iterator[Client]:
    """A client of a service that nothing changes, for what is refused."""
    with serving(documents()) as ready, speaking(ready) as client:
        yield client


def only(client: Client, resource: str, **params: Any) -> dict[str, Any]:
    """The one document with these values."""
    [found] = client.list(resource, **params)
    return found


def stripped(document: dict[str, Any]) -> dict[str, Any]:
    """A document without what the service added."""
    kept = {}
    for name, value in document.items():
        if name not in ("id", "_etag", "_lastModifiedDate", "link"):
            kept[name] = stripped(value) if isinstance(value, dict) else value
    return kept


def test_a_new_document_is_201_and_stands_at_its_location(client: Client):
    """POST: 201, Location and ETag."""
    answer = client.data("POST", "students", json=student("n1"))
    assert answer.status_code == 201
    place = answer.headers["Location"]
    client.data("POST", "studentSchoolAssociations", json=at_school("n1"))
    read = client.session.get(place, headers=client.bearer, timeout=20)
    assert read.json()["studentUniqueId"] == "n1"
    assert read.headers["ETag"] == answer.headers["ETag"]


def test_a_known_natural_key_is_200_and_keeps_its_id(client: Client):
    """POST upserts by natural key."""
    before = only(client, "students", studentUniqueId="s1")
    answer = client.data("POST", "students", json=student("s1", "Elise"))
    assert answer.status_code == 200
    assert answer.headers["Location"].endswith(before["id"])
    assert only(client, "students", studentUniqueId="s1")["firstName"] == "Elise"


def test_what_is_sent_as_it_is_changes_nothing(unchanged: Client):
    """A write of what is there already is no new version."""
    before, newest = only(unchanged, "students", studentUniqueId="s1"), unchanged.newest()
    assert unchanged.data("POST", "students", json=stripped(before)).status_code == 200
    assert (only(unchanged, "students", studentUniqueId="s1"), unchanged.newest()) == (
        before,
        newest,
    )


def test_an_id_in_the_body_of_a_post_is_refused(unchanged: Client):
    """No `id` in the body."""
    answer = unchanged.data("POST", "students", json={"id": "0" * 32, **student("n1")})
    assert (answer.status_code, answer.json()["type"]) == (
        400,
        ED_FI + "bad-request:data-validation-failed",
    )


def test_a_put_replaces_the_whole_document(client: Client):
    """PUT: 204, and what was not sent is gone."""
    client.data("POST", "students", json=student("s1", middleName="Sybil"))
    id_ = only(client, "students", studentUniqueId="s1")["id"]
    assert client.data("PUT", f"students/{id_}", json=student("s1")).status_code == 204
    assert "middleName" not in only(client, "students", studentUniqueId="s1")


def test_extensions_are_kept_and_what_nobody_knows_is_not(client: Client):
    """`_ext` is a part of the document, a field of no standard is passed over."""
    sent = student("s1", _ext={"state": {"ward": "7"}}, favourite="blue")
    client.data("POST", "students", json=sent)
    told = only(client, "students", studentUniqueId="s1")
    assert (told["_ext"], "favourite" in told) == ({"state": {"ward": "7"}}, False)


def test_a_stale_etag_is_412(client: Client):
    """If-Match of another version: 412 optimistic-lock-failed, and nothing is written."""
    before = only(client, "students", studentUniqueId="s1")
    path = f"students/{before['id']}"
    match = {"If-Match": f'"{before["_etag"]}"'}
    first = client.data("PUT", path, json=student("s1", "Ann"), headers=match)
    second = client.data("PUT", path, json=student("s1", "Bea"), headers=match)
    assert (first.status_code, second.status_code) == (204, 412)
    assert second.json()["type"] == ED_FI + "optimistic-lock-failed"
    assert only(client, "students", studentUniqueId="s1")["firstName"] == "Ann"


def test_the_natural_key_of_a_school_year_is_fixed(unchanged: Client):
    """PUT with another key where none may: 400 key-change-not-supported."""
    [year] = unchanged.list("schoolYearTypes")
    other = {**year, "schoolYear": 2031}
    answer = unchanged.data("PUT", f"schoolYearTypes/{year['id']}", json=other)
    assert (answer.status_code, answer.json()["type"]) == (
        400,
        ED_FI + "bad-request:data-validation-failed:key-change-not-supported",
    )


def test_a_session_renamed_takes_its_classes_and_seats_along(client: Client):
    """Sessions cascade: each dependent has the new key, a keyChanges entry, a later version."""
    since = client.newest() + 1
    id_ = only(client, "sessions", schoolId=HIGH)["id"]
    assert client.data("PUT", f"sessions/{id_}", json=session(name="Autumn")).status_code == 204
    for resource, number in (
        ("sessions", 1),
        ("courseOfferings", 1),
        ("sections", 1),
        ("studentSectionAssociations", 2),
        ("staffSectionAssociations", 1),
    ):
        found = client.list(resource, sessionName="Autumn", schoolId=HIGH)
        assert len(found) == number, resource
        changes = client.list(f"{resource}/keyChanges", minChangeVersion=since)
        assert [
            (one["oldKeyValues"]["sessionName"], one["newKeyValues"]["sessionName"])
            for one in changes
        ] == [("Fall", "Autumn")] * number, resource
        assert {one["id"] for one in changes} == {one["id"] for one in found}
        assert len(client.list(resource, minChangeVersion=since)) == number


def test_a_session_renamed_takes_its_gradebook_along():
    """Grades get another key, entries of the gradebook another section, scores nothing."""
    with serving([*documents(), *gradebook()]) as ready, speaking(ready) as client:
        since = client.newest() + 1
        id_ = only(client, "sessions", schoolId=HIGH)["id"]
        client.data("PUT", f"sessions/{id_}", json=session(name="Autumn"))
        changed = {
            name: (
                len(client.list(name, minChangeVersion=since)),
                len(client.list(f"{name}/keyChanges", minChangeVersion=since)),
            )
            for name in ("grades", "gradebookEntries", "studentGradebookEntries")
        }
        entry = only(client, "gradebookEntries")
    assert changed == {
        "grades": (1, 1),
        "gradebookEntries": (1, 0),
        "studentGradebookEntries": (0, 0),
    }
    assert entry["sectionReference"]["sessionName"] == "Autumn"


def test_a_class_period_renamed_is_so_in_the_lists_of_sections(client: Client):
    """References inside of lists follow too."""
    period = {"classPeriodName": "01", "schoolReference": {"schoolId": HIGH}}
    client.data("POST", "classPeriods", json=period)
    section = stripped(only(client, "sections", schoolId=HIGH))
    section["classPeriods"] = [
        {"classPeriodReference": {"classPeriodName": "01", "schoolId": HIGH}}
    ]
    client.data("POST", "sections", json=section)
    id_ = only(client, "classPeriods")["id"]
    renamed = {**period, "classPeriodName": "First"}
    assert client.data("PUT", f"classPeriods/{id_}", json=renamed).status_code == 204
    [held] = only(client, "sections", schoolId=HIGH)["classPeriods"]
    assert held["classPeriodReference"]["classPeriodName"] == "First"


def test_other_schools_keep_the_name_of_their_session(client: Client):
    """The cascade reaches what refers to the session, and nothing else."""
    id_ = only(client, "sessions", schoolId=HIGH)["id"]
    client.data("PUT", f"sessions/{id_}", json=session(name="Autumn"))
    assert (
        only(client, "sections", schoolId=MIDDLE)["courseOfferingReference"]["sessionName"]
        == "Fall"
    )


def test_a_key_that_another_has_is_409(client: Client):
    """Identity conflict."""
    client.data("POST", "sessions", json=session(name="Spring"))
    id_ = only(client, "sessions", sessionName="Spring")["id"]
    answer = client.data("PUT", f"sessions/{id_}", json=session(name="Fall"))
    assert (answer.status_code, answer.json()["type"]) == (
        409,
        ED_FI + "data-conflict:non-unique-identity",
    )


def test_what_is_referred_to_must_be_there(unchanged: Client):
    """409 unresolved reference, which it names."""
    answer = unchanged.data("POST", "studentSchoolAssociations", json=at_school("nobody"))
    assert (answer.status_code, answer.json()["type"], answer.json()["detail"]) == (
        409,
        ED_FI + "data-conflict:unresolved-reference",
        "The referenced 'Student' item does not exist.",
    )


def test_what_is_referred_to_cannot_be_deleted(unchanged: Client):
    """409 dependent item exists."""
    id_ = only(unchanged, "students", studentUniqueId="s3")["id"]
    answer = unchanged.data("DELETE", f"students/{id_}")
    assert (answer.status_code, answer.json()["type"]) == (
        409,
        ED_FI + "data-conflict:dependent-item-exists",
    )


def test_what_is_deleted_is_told_with_its_key(client: Client):
    """DELETE: 204, then 404, and an entry of /deletes with keyValues."""
    since = client.newest() + 1
    id_ = only(client, "studentSectionAssociations", studentUniqueId="s1")["id"]
    path = f"studentSectionAssociations/{id_}"
    assert client.data("DELETE", path).status_code == 204
    assert client.get(path).status_code == 404
    [told] = client.list("studentSectionAssociations/deletes", minChangeVersion=since)
    key = {"beginDate": "2025-08-25", "studentUniqueId": "s1", **section_reference()}
    assert told == {"id": id_, "changeVersion": since, "keyValues": key}


def test_a_student_is_out_of_reach_until_associated(client: Client):
    """POST of a student works, GET and PUT are 403 until the studentSchoolAssociation exists."""
    path = client.data("POST", "students", json=student("n1")).headers["Location"]
    path = path.rpartition("ed-fi/")[2]
    before = [client.get(path), client.data("PUT", path, json=student("n1", "Ann"))]
    assert client.data("POST", "studentSchoolAssociations", json=at_school("n1")).ok
    after = [client.get(path), client.data("PUT", path, json=student("n1", "Ann"))]
    assert [one.status_code for one in before + after] == [403, 403, 200, 204]
    assert before[0].json()["type"] == ED_FI + "security:authorization"
    assert "StudentSchoolAssociation" in before[0].json()["detail"]


def test_a_student_whose_last_association_goes_is_out_of_reach(client: Client):
    """Absence is not deletion: no list has the student, nor has /deletes."""
    since = client.newest() + 1
    for resource in ("studentSectionAssociations", "studentSchoolAssociations"):
        id_ = only(client, resource, studentUniqueId="s3")["id"]
        assert client.data("DELETE", f"{resource}/{id_}").status_code == 204
    assert client.list("students", studentUniqueId="s3") == []
    assert client.list("students/deletes", minChangeVersion=since) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"firstName": None}, "$.firstName"),
        ({"lastSurname": "x" * 76}, "$.lastSurname"),
        ({"birthDate": "13.9.2010"}, "$.birthDate"),
        ({"multipleBirthStatus": "yes"}, "$.multipleBirthStatus"),
        (
            {"personReference": {"personId": "", "sourceSystemDescriptor": {}}},
            "$.personReference.personId",
        ),
        ({"otherNames": [{"firstName": "Li", "lastSurname": "W"}]}, "otherNameTypeDescriptor"),
    ],
)
def test_what_is_wrong_with_a_document_is_told_by_path(
    unchanged: Client, change: dict[str, Any], path: str
):
    """400 data-validation-failed with validationErrors."""
    answer = unchanged.data("POST", "students", json=student("s1", **change) | change)
    assert answer.status_code == 400
    told = answer.json()
    assert told["type"] == ED_FI + "bad-request:data-validation-failed"
    assert [name for name in told["validationErrors"] if name.endswith(path)]


def test_a_descriptor_that_nobody_knows_is_refused(unchanged: Client):
    """A descriptor value must exist where descriptors of its sort are kept."""
    odd = at_school("s1", entryGradeLevelDescriptor=descriptor("GradeLevel", "Eleventeenth"))
    answer = unchanged.data("POST", "studentSchoolAssociations", json=odd)
    assert (answer.status_code, *answer.json()["validationErrors"]) == (
        400,
        "$.entryGradeLevelDescriptor",
    )


def test_values_that_must_agree_are_compared(unchanged: Client):
    """Key unification: all that say the school of an offering say the same."""
    offering = stripped(only(unchanged, "courseOfferings", schoolId=HIGH))
    offering["schoolReference"] = {"schoolId": MIDDLE}
    answer = unchanged.data("POST", "courseOfferings", json=offering)
    assert set(answer.json()["validationErrors"]) == {
        "$.schoolReference.schoolId",
        "$.sessionReference.schoolId",
    }


def test_what_was_read_can_be_sent_back(unchanged: Client):
    """PUT of a document as it was read, links and all, is no change."""
    newest = unchanged.newest()
    for resource in ("sections", "studentSectionAssociations", "schools", "sessions"):
        for document in unchanged.list(resource):
            answer = unchanged.data("PUT", f"{resource}/{document['id']}", json=document)
            assert answer.status_code == 204, answer.text
    assert unchanged.newest() == newest


def test_every_problem_has_a_correlation_id(unchanged: Client):
    """correlationId, another one each time."""
    told = [unchanged.get("students/unknown").json()["correlationId"] for _ in range(2)]
    assert all(told)
    assert told[0] != told[1]


def test_a_client_that_only_reads_is_denied_writing(unchanged: Client):
    """403 access-denied:action."""
    with speaking(unchanged.ready, "reader") as reader:
        answer = reader.data("POST", "students", json=student("n1"))
        assert reader.list("students", studentUniqueId="s1")
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("access-denied:action")


def test_a_client_of_one_school_cannot_write_to_another(unchanged: Client):
    """403 where nothing relates the school to the unchanged's organizations."""
    with speaking(unchanged.ready, "school") as narrow:
        answers = [
            narrow.data("POST", "studentSchoolAssociations", json=at_school("s1", MIDDLE)),
            narrow.data("POST", "studentSectionAssociations", json=seat("s3", MIDDLE)),
        ]
    assert [one.status_code for one in answers] == [403, 403]
