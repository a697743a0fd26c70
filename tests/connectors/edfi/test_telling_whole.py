"""Whole districts are told: every record of the sample data, and of the practice district."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.connectors.contract import Row
from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.telling import FIELDS, MEMBERS, TELLERS, keys_told, tell
from app.connectors.edfi.telling.one_person import paired
from app.connectors.edfi.vocabulary import RESOURCES, resources
from app.practice.district import District
from app.practice.edfi.projection import documents
from app.practice.gradebook import Gradebook
from app.roster.entities import ENTITIES
from app.roster.schema import referred
from app.roster.values import UNSAID

SAMPLE = Path(__file__).parents[4] / "shared" / "data" / "edfi"
Documents = dict[str, list[dict[str, Any]]]
Natural = Callable[[Mapping[str, Any]], Any]

RESOURCES_OF_STAFF = ("staffEducationOrganizationAssignmentAssociations", "staffSchoolAssociations")
OFFERED = ("localCourseCode", "schoolId", "schoolYear", "sessionName")


def student_of(one: Mapping[str, Any]) -> Any:
    return one["studentReference"]["studentUniqueId"]


def staff_of(one: Mapping[str, Any]) -> Any:
    return one["staffReference"]["staffUniqueId"]


def contact_of(one: Mapping[str, Any]) -> Any:
    return one["contactReference"]["contactUniqueId"]


def gathered(found: Documents) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(entity, resource, parts) of every record: anchors with what belongs to them."""

    def by(resource: str, natural: Natural) -> dict[Any, list[dict[str, Any]]]:
        grouped = defaultdict(list)
        for one in found.get(resource, ()):
            grouped[natural(one)].append(one)
        return grouped

    places, facts = "studentSchoolAssociations", "studentEducationOrganizationAssociations"
    family, assigned = "studentContactAssociations", RESOURCES_OF_STAFF[0]
    of_student = {name: by(name, student_of) for name in (places, facts, family)}
    of_staff = {name: by(name, staff_of) for name in (assigned, RESOURCES_OF_STAFF[1])}
    of_contact = by(family, contact_of)
    offerings = by("courseOfferings", RESOURCES["courseOfferings"].key_in)
    entries = by("gradebookEntries", RESOURCES["gradebookEntries"].key_in)
    for entity, resource in TELLERS:
        for one in found.get(resource, ()):
            parts: dict[str, Any] = {resource: [one]}
            if resource == "students":
                key = one["studentUniqueId"]
                parts |= {name: grouped[key] for name, grouped in of_student.items()}
            elif resource == "staffs":
                parts |= {name: grouped[one["staffUniqueId"]] for name, grouped in of_staff.items()}
            elif resource == "contacts":
                parts[family] = of_contact[one["contactUniqueId"]]
                children = {student_of(each) for each in parts[family]}
                parts[places] = [p for key in children for p in of_student[places][key]]
            elif resource == "gradingPeriods":
                parts["sessions"] = found.get("sessions", [])
            elif resource == "sessions":
                others = [each for each in found["sessions"] if each is not one]
                parts["siblings"] = [e for e in others if _school_year(e) == _school_year(one)]
            elif resource == "sections":
                reference = one["courseOfferingReference"]
                key = "|".join(str(reference[name]) for name in OFFERED)
                parts["courseOfferings"] = offerings[key]
            elif resource == "studentGradebookEntries":
                reference = one["gradebookEntryReference"]
                key = f"{reference['gradebookEntryIdentifier']}|{reference['namespace']}"
                parts["gradebookEntries"] = entries[key]
            yield entity, resource, parts


def _school_year(session: Mapping[str, Any]) -> tuple[int, int]:
    school, year = session["schoolReference"], session["schoolYearTypeReference"]
    return school["schoolId"], year["schoolYear"]


class Recording(Mapping[str, Any]):
    """A document that remembers which of its members were asked for."""

    def __init__(self, document: Mapping[str, Any], asked: set[str]) -> None:
        self._document, self._asked = document, asked

    def __getitem__(self, name: str) -> Any:
        self._asked.add(name)
        return self._document[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._document)

    def __len__(self) -> int:
        return len(self._document)


@pytest.fixture(scope="module")
def practice() -> Documents:
    """The practice district as documents."""
    district = District(7, 120, date(2026, 3, 3))
    found: Documents = {}
    for resource, document in documents(district, Gradebook(district).collections):
        found.setdefault(resource, []).append(document)
    return found


@pytest.fixture(scope="module")
def sample() -> Documents:
    """The sample records, where they are at hand."""
    if not SAMPLE.is_dir():
        pytest.skip("the sample records are not beside the checkout")
    return {
        path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in sorted(SAMPLE.glob("*.jsonl"))
    }


def all_rows(found: Documents, words: Words) -> dict[tuple[str, str], list[Row]]:
    """The rows by entity and resource."""
    told: dict[tuple[str, str], list[Row]] = {}
    for entity, resource, parts in gathered(found):
        natural = RESOURCES[resource].key_in(parts[resource][0])
        rows = tell(entity, resource, natural, parts, words)
        assert keys_told(entity, resource, natural, parts[resource][0]) == tuple(
            row.key for row in rows
        )
        told.setdefault((entity, resource), []).extend(rows)
    return told


def values(entity: str, rows: list[Row], field: str) -> list[Any]:
    place = FIELDS[entity].index(field)
    return [row.patch[place] for row in rows]


def test_every_sample_record_is_told_without_a_warning(sample: Documents):
    """Every anchor is a row, every key once, every descriptor has a meaning."""
    words = Words()
    told = all_rows(sample, words)
    for (_, resource), rows in told.items():
        assert len(rows) == len({row.key for row in rows}) == len(sample[resource])
    warnings = Counter(
        warning for rows in told.values() for row in rows for warning in row.warnings
    )
    assert warnings == {}
    assert words.unmapped == {}


def test_the_sample_says_what_it_says(sample: Documents):
    """Names, roles, places and terms arrive: nothing is merely without a warning."""
    told = all_rows(sample, Words())
    students = told["users", "students"]
    assert None not in values("users", students, "given_name")
    placed = [one for one in values("users", students, "roles") if one]
    attending = {student_of(one) for one in sample["studentSchoolAssociations"]}
    known = {one["studentUniqueId"] for one in sample["students"]}
    assert len(placed) == len(attending & known)
    assert sum(1 for one in values("users", students, "grades") if one) == len(placed)
    staff = told["users", "staffs"]
    assert None not in values("users", staff, "roles")
    seats = told["enrollments", "staffSectionAssociations"]
    assert set(values("enrollments", seats, "primary")) == {True}
    types = values("academic_sessions", told["academic_sessions", "sessions"], "type")
    assert set(types) == {"semester"}
    parents = values("academic_sessions", told["academic_sessions", "gradingPeriods"], "parent")
    assert all(parent.startswith("sessions/") for parent in parents)


def test_every_practice_record_is_told_without_a_warning(practice: Documents):
    """The practice district, gradebook, grades and assessments among it."""
    words = Words()
    told = all_rows(practice, words)
    assert set(told) == set(TELLERS) - {
        ("orgs", "stateEducationAgencies"),
        ("orgs", "educationServiceCenters"),
    }
    assert [row.warnings for rows in told.values() for row in rows if row.warnings] == []
    assert words.unmapped == {}


def test_every_reference_in_the_practice_district_leads_somewhere(practice: Documents):
    """Keys made from references are the keys of rows (A3)."""
    told = all_rows(practice, Words())
    keys: dict[str, set[str]] = defaultdict(set)
    for (entity, _), rows in told.items():
        keys[entity].update(row.key for row in rows)
    counted: Counter[str] = Counter()
    for (entity, _), rows in told.items():
        for row in rows:
            for field, value in zip(FIELDS[entity], row.patch, strict=True):
                if value is None or value is UNSAID:
                    continue
                for target, found in referred(ENTITIES[entity].by_name[field], value):
                    assert set(found) <= keys[target], (entity, field)
                    counted[f"{entity}.{field}"] += 1
    assert len(counted) >= 20


def test_every_field_that_is_spoken_is_said_somewhere(practice: Documents):
    """A field that no record ever tells has no business among the spoken ones (A2)."""
    told = all_rows(practice, Words())
    said = {
        (entity, field)
        for (entity, _), rows in told.items()
        for row in rows
        for field, value in zip(FIELDS[entity], row.patch, strict=True)
        if value is not None and value is not UNSAID
    }
    silent = {(entity, field) for entity, fields in FIELDS.items() for field in fields} - said
    # The practice district has none of these; tests with documents of their own do.
    assert silent <= {
        ("users", "preferred_last_name"),
        ("users", "sms"),
        ("line_items", "description"),
        ("assessment_results", "text_score"),
        ("results", "missing"),
    }


def test_only_the_members_that_are_listed_are_read(practice: Documents):
    """So whatever else a document has need not be kept, and moves no digest (MEMBERS)."""
    asked: dict[str, set[str]] = defaultdict(set)

    def watched(parts: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[Recording]]:
        return {
            part: [Recording(one, asked["sessions" if part == "siblings" else part]) for one in of]
            for part, of in parts.items()
        }

    for entity, resource, parts in gathered(practice):
        tell(entity, resource, "a", watched(parts), Words())
    for entity, resource in TELLERS:  # and what is read only where something else is not told
        tell(entity, resource, "a", watched({name: [{}] for name in MEMBERS}), Words())
    # and what tells who of the staff is which contact
    one, other = (watched({name: [{}]})[name][0] for name in ("staffs", "contacts"))
    paired({"a": one}, {"a": other})
    for resource, members in asked.items():
        assert members <= MEMBERS[resource], resource
        unread = MEMBERS[resource] - members
        natural = {place[0] for one in (3, 4, 5) for place in resources(one)[resource].places}
        assert unread <= natural, resource
