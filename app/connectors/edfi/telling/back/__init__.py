"""The way back: values of the roster put into Ed-Fi documents (SEMANTICS F2).

Only what the values speak of is replaced. Every other member, element of a list and extension stays
as it was read.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.telling.back import assessments, gradebook, people, places
from app.connectors.edfi.telling.back.draft import Draft, Way
from app.connectors.edfi.telling.back.draft import Unsayable as Unsayable
from app.connectors.edfi.telling.back.draft import Wanting as Wanting
from app.connectors.edfi.telling.back.sources import source as source
from app.connectors.edfi.telling.people import NAMES
from app.connectors.edfi.telling.students import HISPANIC, RACES, SEVERAL_RACES
from app.connectors.edfi.vocabulary import NEWEST, Document
from app.roster.values import Plain

_REACHED = ("username", "email", "phone", "sms")
_NAMES = tuple(NAMES)

HELD: Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "users": {
        "students": {
            "students": _NAMES,
            "studentSchoolAssociations": ("roles", "grades"),
            "studentEducationOrganizationAssociations": (*_REACHED, "user_ids"),
            "studentContactAssociations": ("agents",),
        },
        "contacts": {
            "contacts": (*_NAMES, *_REACHED),
            "studentContactAssociations": ("agents",),
        },
    },
    "demographics": {
        "students": {
            "students": (
                *("birth_date", "city_of_birth", "country_of_birth_code"),
                "state_of_birth_abbreviation",
            ),
            "studentEducationOrganizationAssociations": ("sex", *RACES, SEVERAL_RACES, HISPANIC),
        },
    },
    "enrollments": {
        "studentSectionAssociations": {"studentSectionAssociations": ("begin_date", "end_date")},
        "staffSectionAssociations": {"staffSectionAssociations": ("role", "primary", "end_date")},
    },
    "line_items": {
        "gradebookEntries": {
            "gradebookEntries": (
                *("title", "description", "assign_date", "due_date", "category"),
                *("grading_period", "result_value_max"),
            ),
        },
    },
    "results": {
        "studentGradebookEntries": {
            "studentGradebookEntries": (
                *("score_status", "score", "text_score", "score_date", "comment"),
                *("late", "missing"),
            ),
        },
        "grades": {"grades": ("score_status", "score", "text_score", "score_date", "comment")},
    },
    "assessment_results": {
        "studentAssessments": {
            "studentAssessments": (
                *("score_status", "score", "text_score", "score_percentile", "score_date"),
            ),
        },
    },
}
"""By entity and anchor resource: which resource's documents hold which fields.

Each role is a ``studentSchoolAssociations`` document of its own, each agent one of
``studentContactAssociations``.
"""

WRITTEN: Mapping[str, frozenset[str]] = {
    entity: frozenset(
        field for held in anchors.values() for fields in held.values() for field in fields
    )
    for entity, anchors in HELD.items()
}
"""By entity, the fields that can be written at all."""

_WAYS: Mapping[str, Mapping[str, Way]] = {
    "students": people.STUDENT,
    "contacts": people.CONTACT,
    "studentEducationOrganizationAssociations": {**places.OF_ORGANIZATION, **people.FACTS},
    "studentSchoolAssociations": places.AT_SCHOOL,
    "studentContactAssociations": places.IN_FAMILY,
    "studentSectionAssociations": places.STUDENT_IN_CLASS,
    "staffSectionAssociations": places.STAFF_IN_CLASS,
    "gradebookEntries": gradebook.ENTRY,
    "studentGradebookEntries": gradebook.EARNED,
    "grades": gradebook.GRADE,
    "studentAssessments": assessments.TAKEN,
}

_UNIQUE = {
    "students": "studentUniqueId",
    "contacts": "contactUniqueId",
}
"""The member that is the identifier of a person."""

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "students": ("identifier", "given_name", "family_name", "birth_date"),
    "contacts": ("identifier", "given_name", "family_name"),
    "studentEducationOrganizationAssociations": ("user", "org"),
    "studentSchoolAssociations": ("user", "org", "begin_date", "grades"),
    "studentContactAssociations": ("user", "agent"),
    "studentSectionAssociations": ("user", "class", "begin_date"),
    "staffSectionAssociations": ("user", "class", "begin_date", "role"),
    "gradebookEntries": ("class", "title", "assign_date", "identifier", "namespace"),
    "studentGradebookEntries": ("line_item", "student"),
    "grades": ("line_item", "student", "association"),
    "studentAssessments": ("assessment_line_item", "student", "identifier"),
}
"""By resource, what a new document cannot do without, and no document may lose."""

_WANTED_IN_3 = {
    "gradebookEntries": ("class", "title", "assign_date"),
    "studentGradebookEntries": ("line_item", "association"),
}


def required(resource: str, standard: int = NEWEST) -> tuple[str, ...]:
    """What a new document of that standard cannot do without."""
    older = _WANTED_IN_3 if standard <= 3 else {}
    return older.get(resource, REQUIRED[resource])


def changed(
    resource: str,
    document: Document,
    values: Mapping[str, Plain],
    words: Words,
    standard: int = NEWEST,
) -> dict[str, Any]:
    """The whole document with what ``values`` say in it, by the names of the fields it holds.

    Of a school association these are ``begin_date``, ``end_date``, ``role_type`` and ``grades``,
    of a contact's ``relation``. Raises ``Unsayable`` where Ed-Fi has no word for a value,
    ``Wanting`` where a value that the standard asks for would be blanked, and what
    ``Words.descriptor`` raises.
    """
    blanked = [field for field in required(resource, standard) if _blanked(field, values)]
    if blanked:
        raise Wanting(*blanked)
    return _filled(resource, deepcopy(dict(document)), values, words, standard)


def made(
    resource: str, values: Mapping[str, Plain], words: Words, standard: int = NEWEST
) -> dict[str, Any]:
    """A new document. Beside the fields it holds it takes what its natural key is made of.

    A person's is ``identifier``; an association's ``user`` with ``org``, ``class`` or ``agent``
    (the contact of a student) as remote keys; a gradebook entry's ``identifier`` and
    ``namespace``; a report grade's ``association`` is the natural key of the student's place in
    the section. Raises ``Wanting`` where something that the standard asks for is blank, and
    ``Unsayable`` as ``changed`` does.
    """
    blank = [field for field in required(resource, standard) if values.get(field) in (None, ())]
    if blank:
        raise Wanting(*blank)
    told = {field: value for field, value in values.items() if value is not None}
    document: dict[str, Any] = {}
    if resource in _UNIQUE:
        unique = _UNIQUE[resource]
        older = resource == "contacts" and standard <= 4
        document["parentUniqueId" if older else unique] = told.pop("identifier")
    return _filled(resource, document, told, words, standard)


def _blanked(field: str, values: Mapping[str, Plain]) -> bool:
    return field in values and values[field] in (None, ())


def _filled(
    resource: str,
    document: dict[str, Any],
    values: Mapping[str, Plain],
    words: Words,
    standard: int,
) -> dict[str, Any]:
    """``values`` put in, in the order of the resource's own table: references before the rest."""
    draft = Draft(document, values, words, standard)
    ways = _WAYS[resource]
    odd = [field for field in values if field not in ways]
    lacking: list[tuple[str, str]] = []
    for field, way in ways.items():
        if field in values:
            try:
                way(draft, field)
            except Unsayable as unsayable:
                odd += unsayable.fields
                lacking += unsayable.lacking
    if odd:
        raise Unsayable(*dict.fromkeys(odd), lacking=lacking)
    return document
