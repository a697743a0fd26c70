"""The practice district told as Ed-Fi: the same people, schools and marks, and valid documents."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from app.practice.collection import Collection
from app.practice.days import Sizes, pass_day
from app.practice.district import District
from app.practice.edfi.projection import documents
from app.practice.gradebook import Gradebook
from app.practice.wire import decode, midnight
from tests.practice.edfi.official_document import faults, require_documents

TODAY = date(2026, 3, 3)
Told = dict[str, list[dict[str, Any]]]

KEYS = {
    "courseOfferings": ("localCourseCode", "sessionReference"),
    "sections": ("sectionIdentifier", "courseOfferingReference"),
    "sessions": ("schoolReference", "sessionName"),
    "studentSchoolAssociations": ("entryDate", "schoolReference", "studentReference"),
    "studentContactAssociations": ("contactReference", "studentReference"),
    "studentSectionAssociations": ("beginDate", "sectionReference", "studentReference"),
    "staffSectionAssociations": ("beginDate", "sectionReference", "staffReference"),
    "studentGradebookEntries": ("gradebookEntryReference", "studentReference"),
    "grades": ("gradingPeriodReference", "studentSectionAssociationReference"),
}
"""The natural keys of what refers to others."""


@pytest.fixture(scope="module")
def district() -> District:
    """A district that nobody changes."""
    return District(7, 300, TODAY)


@pytest.fixture(scope="module")
def books(district: District) -> Mapping[str, Collection]:
    """Its gradebook."""
    return Gradebook(district).collections


@pytest.fixture(scope="module")
def told(district: District, books: Mapping[str, Collection]) -> Told:
    """Everything that is told of it, by resource."""
    return gathered(district, books)


def gathered(district: District, books: Mapping[str, Collection]) -> Told:
    found: Told = {}
    for resource, document in documents(district, books):
        found.setdefault(resource, []).append(document)
    return found


def live(district: District, collection: str) -> Iterator[dict[str, Any]]:
    for record in map(decode, district.collections[collection].rows):
        if record["status"] == "active":
            yield record


def test_every_document_is_valid(told: Told) -> None:
    """Ed-Fi Data Standard 5.0: required members, no unknown ones, types and lengths."""
    require_documents()
    found = [
        fault
        for resource, each in told.items()
        for document in each[::7] or each
        for fault in faults(document, resource)
    ]
    assert found == []


def test_the_same_district_is_told_in_the_same_way(
    district: District, books: Mapping[str, Collection]
) -> None:
    """Deterministic: the same documents, in the same order."""
    again = District(7, 300, TODAY)
    assert list(documents(again, Gradebook(again).collections)) == list(documents(district, books))


def test_natural_keys_are_natural_keys(told: Told) -> None:
    """x-Ed-Fi-isIdentity: no two documents of a resource have the same key."""
    for resource, names in KEYS.items():
        keys = Counter(str([document[name] for name in names]) for document in told[resource])
        assert [key for key, times in keys.items() if times > 1] == []


def test_each_descriptor_is_told_once(told: Told) -> None:
    """Also those that the standard ships and nobody here uses yet."""
    found = Counter(
        (resource, each["namespace"], each["codeValue"])
        for resource, documents_ in told.items()
        if resource.endswith("Descriptors")
        for each in documents_
    )
    assert set(found.values()) == {1}
    assert len(found) > 100


def test_what_is_missing_is_told_as_missing(books: Mapping[str, Collection], told: Told) -> None:
    """OneRoster's `missing` is a status of the submission, by itself."""
    missing = [each for each in map(decode, books["results"].rows) if each.get("missing") == "true"]
    statuses = Counter(
        each["submissionStatusDescriptor"].rpartition("#")[2]
        for each in told["studentGradebookEntries"]
    )
    assert statuses["Missing"] == len(missing) > 0


def test_what_is_referred_to_comes_first(
    district: District, books: Mapping[str, Collection]
) -> None:
    """Dependency order: a service that takes each as it comes refuses none."""
    members = {
        "sectionReference": ("sections", "sectionIdentifier"),
        "studentReference": ("students", "studentUniqueId"),
        "staffReference": ("staffs", "staffUniqueId"),
        "contactReference": ("contacts", "contactUniqueId"),
        "gradebookEntryReference": ("gradebookEntries", "gradebookEntryIdentifier"),
        "assessmentReference": ("assessments", "assessmentIdentifier"),
    }
    seen: dict[str, set[str]] = {}
    for resource, document in documents(district, books):
        for member, (other, name) in members.items():
            if member in document:
                assert document[member][name] in seen[other]
        for other, name in members.values():
            if resource == other:
                seen.setdefault(resource, set()).add(document[name])


def test_every_descriptor_that_is_used_is_there(told: Told) -> None:
    """Descriptors are resources too: each that a document names is one of them."""
    known = {
        f"{each['namespace']}#{each['codeValue']}"
        for resource, documents_ in told.items()
        if resource.endswith("Descriptors")
        for each in documents_
    }
    used = {uri for each in told.values() for document in each for uri in _descriptors(document)}
    assert used - known == set()


def _descriptors(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _descriptors(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name.endswith("Descriptor"):
                yield each
            else:
                yield from _descriptors(each)


def test_the_schools_are_the_same(district: District, told: Told) -> None:
    """The number that OneRoster has is an identification code of the system LEA."""
    orgs = [org for org in live(district, "orgs") if org["type"] == "school"]
    found = {
        (each["identificationCodes"][0]["identificationCode"], each["nameOfInstitution"])
        for each in told["schools"]
    }
    assert found == {(org["identifier"], org["name"]) for org in orgs}


def test_the_classes_are_the_same(district: District, told: Told) -> None:
    """One section a class, whatever its terms: the code is its identifier, the title its name."""
    found = Counter((each["sectionIdentifier"], each["sectionName"]) for each in told["sections"])
    assert found == Counter(
        (class_["classCode"], class_["title"]) for class_ in live(district, "classes")
    )


def test_a_class_of_a_whole_year_is_in_the_session_of_the_year(
    district: District, told: Told
) -> None:
    """A section belongs to one session; it has the same days as the class's terms."""
    terms = {each["sourcedId"]: each for each in live(district, "academicSessions")}
    sessions = {
        (each["schoolReference"]["schoolId"], each["sessionName"]): each
        for each in told["sessions"]
    }
    sections = {each["sectionIdentifier"]: each for each in told["sections"]}
    for class_ in live(district, "classes"):
        taught = [terms[term["sourcedId"]] for term in class_["terms"]]
        offering = sections[class_["classCode"]]["courseOfferingReference"]
        session = sessions[offering["schoolId"], offering["sessionName"]]
        assert session["beginDate"] == min(term["startDate"] for term in taught)
        after = date.fromisoformat(session["endDate"]) + timedelta(days=1)
        assert after.isoformat() == max(term["endDate"] for term in taught)


def test_the_students_are_the_same(district: District, told: Told) -> None:
    """By number, name, birth date, state id, email and login."""
    born = {each["sourcedId"]: each["birthDate"] for each in live(district, "demographics")}
    known = {
        each["studentReference"]["studentUniqueId"]: each
        for each in told["studentEducationOrganizationAssociations"]
    }
    found = set()
    for each in told["students"]:
        more = known[each["studentUniqueId"]]
        found.add(
            (
                each["studentUniqueId"],
                each["firstName"],
                each["lastSurname"],
                each["birthDate"],
                more["studentIdentificationCodes"][0]["identificationCode"],
                more["electronicMails"][0]["electronicMailAddress"],
                more["loginId"],
            )
        )
    assert found == {
        (
            user["identifier"],
            user["givenName"],
            user["familyName"],
            born[user["sourcedId"]],
            user["userIds"][0]["identifier"],
            user["email"],
            user["username"],
        )
        for user in live(district, "users")
        if user["roles"][0]["role"] == "student"
    }


def test_who_sits_where_is_the_same(district: District, told: Told) -> None:
    """Every live enrollment is one association, with the class's code and the person's number."""
    users = {user["sourcedId"]: user["identifier"] for user in live(district, "users")}
    classes = {each["sourcedId"]: each["classCode"] for each in live(district, "classes")}
    sides = (
        ("student", "studentSectionAssociations", "studentReference", "studentUniqueId"),
        ("teacher", "staffSectionAssociations", "staffReference", "staffUniqueId"),
    )
    for role, resource, member, name in sides:
        found = Counter(
            (each[member][name], each["sectionReference"]["sectionIdentifier"])
            for each in told[resource]
        )
        assert found == Counter(
            (users[each["user"]["sourcedId"]], classes[each["class"]["sourcedId"]])
            for each in live(district, "enrollments")
            if each["role"] == role
        )


def test_the_families_are_the_same(district: District, told: Told) -> None:
    """A guardian of OneRoster is a contact, the first named being the primary one."""
    users = {user["sourcedId"]: user for user in live(district, "users")}
    expected = {
        (user["identifier"], users[agent["sourcedId"]]["identifier"], number == 0)
        for user in users.values()
        if user["roles"][0]["role"] == "student"
        for number, agent in enumerate(user["agents"])
    }
    assert {
        (
            each["studentReference"]["studentUniqueId"],
            each["contactReference"]["contactUniqueId"],
            each["primaryContactStatus"],
        )
        for each in told["studentContactAssociations"]
    } == expected


def test_somebody_who_works_here_and_has_children_here_is_both() -> None:
    """One OneRoster user, two documents of the same unique id."""
    district = District(7, 3000, TODAY)
    both = [
        user
        for user in live(district, "users")
        if user.get("agents") and user["roles"][0]["role"] == "teacher"
    ]
    assert both
    told = gathered(district, Gradebook(district).collections)
    staff = {each["staffUniqueId"] for each in told["staffs"]}
    contacts = {each["contactUniqueId"] for each in told["contacts"]}
    assert {user["identifier"] for user in both} <= staff & contacts


def test_marks_are_the_same(
    district: District, books: Mapping[str, Collection], told: Told
) -> None:
    """A gradebook entry a line item, and what each pupil has for it."""
    assert len(told["gradebookEntries"]) == len(books["lineItems"])
    points = {
        (
            each["gradebookEntryReference"]["gradebookEntryIdentifier"],
            each["studentReference"]["studentUniqueId"],
        ): each.get("pointsEarned")
        for each in told["studentGradebookEntries"]
    }
    users = {user["sourcedId"]: user["identifier"] for user in live(district, "users")}
    assert points == {
        (each["lineItem"]["sourcedId"], users[each["student"]["sourcedId"]]): each.get("score")
        for each in map(decode, books["results"].rows)
    }


def test_grades_are_for_a_quarter_that_has_ended(told: Told) -> None:
    """Report grades: for sections that were taught then, with a letter and a number."""
    periods = {each["gradingPeriodName"]: each for each in told["gradingPeriods"]}
    [name] = {each["gradingPeriodReference"]["gradingPeriodName"] for each in told["grades"]}
    assert periods[name]["endDate"] < TODAY.isoformat()
    seats = {
        (
            each["studentReference"]["studentUniqueId"],
            each["sectionReference"]["sectionIdentifier"],
            each["beginDate"],
        )
        for each in told["studentSectionAssociations"]
    }
    for each in told["grades"]:
        seat = each["studentSectionAssociationReference"]
        assert (seat["studentUniqueId"], seat["sectionIdentifier"], seat["beginDate"]) in seats
        assert each["letterGradeEarned"] in "ABCDF"


def test_those_who_left_are_not_told() -> None:
    """A tombstone of OneRoster is no document, and a newcomer has their day of entry."""
    district = District(7, 300, TODAY)
    books = Gradebook(district).collections
    sizes = Sizes(moves=4, new=3, leavers=5, renames=2, teachers=1, vanish=1)
    changed = pass_day(district, midnight(date(2026, 3, 4)), sizes)["users"]
    told = gathered(district, books)
    users = [decode(row) for row in district.collections["users"].rows]
    left = {user["identifier"] for user in users if user["status"] != "active"}
    assert left
    assert not left & {each["studentUniqueId"] for each in told["students"]}
    new = {user["identifier"] for user in users if user["sourcedId"] in changed["created"]}
    entries = {
        each["entryDate"]
        for each in told["studentSchoolAssociations"]
        if each["studentReference"]["studentUniqueId"] in new
    }
    assert entries == {"2026-03-04"}
