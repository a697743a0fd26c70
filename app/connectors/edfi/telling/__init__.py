"""What Ed-Fi documents say, in the values of the roster, and the way back. Pure: no requests.

A record is told by an anchor document and the parts that belong to it (``streams`` brings them
together). ``tell`` is the way in, ``back`` the way out; ``docs/edfi.md`` has both as a table.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from app.connectors.contract import Row
from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.keys import ORGS, record_key
from app.connectors.edfi.telling import (
    assessments,
    contacts,
    enrollments,
    gradebook,
    one_person,
    schools,
    students,
)
from app.connectors.edfi.telling.fields import FIELDS as FIELDS
from app.connectors.edfi.telling.fields import MEMBERS as MEMBERS
from app.connectors.edfi.telling.patch import Parts as Parts
from app.connectors.edfi.vocabulary import Document

Teller: TypeAlias = Callable[[str, Parts, Words], Row]
"""Tells one record from the natural key of its anchor and its parts; it never fails."""

TELLERS: Mapping[tuple[str, str], Teller] = {
    **{("orgs", resource): partial(schools.org, resource) for resource in sorted(ORGS)},
    ("academic_sessions", "schoolYearTypes"): schools.school_year,
    ("academic_sessions", "sessions"): schools.session,
    ("academic_sessions", "gradingPeriods"): schools.grading_period,
    ("courses", "courses"): schools.course,
    ("classes", "sections"): schools.section,
    ("users", "contacts"): contacts.contact,
    ("users", "students"): students.student,
    ("users", "staffs"): one_person.person,
    ("demographics", "students"): students.demographics,
    ("enrollments", enrollments.STUDENTS): enrollments.student_place,
    ("enrollments", enrollments.STAFF): enrollments.staff_place,
    ("categories", "gradebookEntryTypeDescriptors"): schools.category,
    ("line_items", gradebook.ENTRIES): gradebook.line_item,
    ("line_items", gradebook.GRADES): gradebook.grade_line_item,
    ("results", gradebook.EARNED): gradebook.result,
    ("results", gradebook.GRADES): gradebook.grade,
    ("assessment_line_items", assessments.ASSESSMENTS): assessments.assessment,
    ("assessment_line_items", assessments.OBJECTIVES): assessments.objective,
    ("assessment_results", assessments.TAKEN): assessments.taken,
}
"""By entity and anchor resource."""


def tell(entity: str, resource: str, key: str, parts: Parts, words: Words) -> tuple[Row, ...]:
    """The rows that an anchor document tells: its own first.

    ``key`` is its natural key. Of a student's assessment the parts of it are rows too.
    """
    row = TELLERS[entity, resource](key, parts, words)
    if entity == "assessment_results":
        return row, *assessments.taken_objectives(key, parts, words)
    return (row,)


def keys_told(entity: str, resource: str, key: str, document: Document) -> tuple[str, ...]:
    """The keys of the rows that ``tell`` tells of an anchor document."""
    own = record_key(resource, key)
    if entity == "assessment_results":
        return own, *assessments.objective_keys(key, document)
    if entity == "line_items" and resource == gradebook.GRADES:
        return (gradebook.grade_line_item_key(document) or own,)
    return (own,)
