"""The resources of the Ed-Fi data management API that are read or written, and their natural keys.

Ed-Fi Data Standard 5.0, *Resources API* (``x-Ed-Fi-isIdentity`` and the required references); what
is otherwise in the standards 3.3 to 4.0 stands beside it. A record is known by its natural key: the
``id`` of a document is made by one database and is another one in the next.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

Document: TypeAlias = Mapping[str, Any]
"""One resource item as JSON."""

BETWEEN = "|"
"""Between the parts of a natural key in one text; inside a part it is ``%7C``."""


@dataclass(frozen=True)
class Resource:
    """One collection of the API.

    ``key`` has the places of the natural key in a document, such as
    ``sectionReference.schoolId``; its parts are always told in this order. After ``=`` stands what
    a part is called by itself, where that is not the last word of its place.
    """

    name: str
    key: tuple[str, ...]
    cascades: bool = False
    """Its natural key may be changed by PUT, and the change reaches whoever refers to it."""
    schema: str = "ed-fi"

    @property
    def path(self) -> str:
        """Its path below the data management URL."""
        return f"{self.schema}/{self.name}"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the parts of the key are called in queries, ``keyValues`` and the like."""
        return tuple(re.split(r"[.=]", place)[-1] for place in self.key)

    @cached_property
    def places(self) -> tuple[tuple[str, ...], ...]:
        """Where the parts of the key stand in a document, member by member."""
        return tuple(tuple(place.partition("=")[0].split(".")) for place in self.key)

    def key_in(self, document: Document) -> str:
        """The natural key of a document. Raises ``KeyError`` where a part of it is missing."""
        return key_text([_at(document, place) for place in self.places])

    def key_of(self, values: Document) -> str:
        """The natural key from flat ``keyValues``. Raises ``KeyError`` as ``key_in`` does."""
        told = {name.lower(): value for name, value in values.items()}
        return key_text([told[name.lower()] for name in self.names])

    def values(self, key: str) -> dict[str, str]:
        """The parts of a natural key by name, as a query has them. Raises ``ValueError``."""
        return dict(zip(self.names, key_parts(key), strict=True))


_COMPOSED = (dict, list)
"""What JSON puts together."""


def key_text(parts: list[Any]) -> str:
    """The parts of a natural key in one text. Raises ``KeyError`` for a part that says nothing."""
    told = []
    for part in parts:
        if part is None or part == "" or isinstance(part, _COMPOSED):
            raise KeyError(part)
        text = str(part).strip()
        if "%" in text or BETWEEN in text:
            text = text.replace("%", "%25").replace(BETWEEN, "%7C")
        told.append(text)
    return BETWEEN.join(told)


def key_parts(key: str) -> list[str]:
    """The parts of which ``key_text`` made the text."""
    return [part.replace("%7C", BETWEEN).replace("%25", "%") for part in key.split(BETWEEN)]


def _at(document: Document, place: tuple[str, ...]) -> Any:
    value: Any = document
    for name in place:
        if type(value) is not dict and not isinstance(value, Mapping):
            raise KeyError(name)
        value = value[name]
    return value


def _within(reference: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{reference}.{name}" for name in names)


_SECTION = ("localCourseCode", "schoolId", "schoolYear", "sectionIdentifier", "sessionName")
_SEAT = ("beginDate", *_SECTION, "studentUniqueId")

_NEWEST = (
    Resource("stateEducationAgencies", ("stateEducationAgencyId",)),
    Resource("educationServiceCenters", ("educationServiceCenterId",)),
    Resource("localEducationAgencies", ("localEducationAgencyId",)),
    Resource("schools", ("schoolId",)),
    Resource("schoolYearTypes", ("schoolYear",)),
    Resource(
        "gradingPeriods",
        (
            "gradingPeriodDescriptor",
            "gradingPeriodName",
            "schoolReference.schoolId",
            "schoolYearTypeReference.schoolYear",
        ),
    ),
    Resource(
        "sessions",
        ("schoolReference.schoolId", "schoolYearTypeReference.schoolYear", "sessionName"),
        cascades=True,
    ),
    Resource("courses", ("courseCode", "educationOrganizationReference.educationOrganizationId")),
    Resource(
        "courseOfferings",
        (
            "localCourseCode",
            *_within("sessionReference", "schoolId", "schoolYear", "sessionName"),
        ),
    ),
    Resource(
        "sections",
        (
            *_within("courseOfferingReference", "localCourseCode", "schoolId", "schoolYear"),
            "sectionIdentifier",
            "courseOfferingReference.sessionName",
        ),
        cascades=True,
    ),
    Resource("contacts", ("contactUniqueId",)),
    Resource("students", ("studentUniqueId",)),
    Resource("staffs", ("staffUniqueId",)),
    Resource(
        "studentSchoolAssociations",
        ("entryDate", "schoolReference.schoolId", "studentReference.studentUniqueId"),
        cascades=True,
    ),
    Resource(
        "studentEducationOrganizationAssociations",
        (
            "educationOrganizationReference.educationOrganizationId",
            "studentReference.studentUniqueId",
        ),
    ),
    Resource(
        "studentContactAssociations",
        ("contactReference.contactUniqueId", "studentReference.studentUniqueId"),
    ),
    Resource(
        "staffEducationOrganizationAssignmentAssociations",
        (
            "beginDate",
            "educationOrganizationReference.educationOrganizationId",
            "staffClassificationDescriptor",
            "staffReference.staffUniqueId",
        ),
    ),
    Resource(
        "staffSchoolAssociations",
        ("programAssignmentDescriptor", "schoolReference.schoolId", "staffReference.staffUniqueId"),
    ),
    Resource(
        "studentSectionAssociations",
        ("beginDate", *_within("sectionReference", *_SECTION), "studentReference.studentUniqueId"),
        cascades=True,
    ),
    Resource(
        "staffSectionAssociations",
        ("beginDate", *_within("sectionReference", *_SECTION), "staffReference.staffUniqueId"),
    ),
    Resource("gradebookEntries", ("gradebookEntryIdentifier", "namespace"), cascades=True),
    Resource(
        "studentGradebookEntries",
        (
            *_within("gradebookEntryReference", "gradebookEntryIdentifier", "namespace"),
            "studentReference.studentUniqueId",
        ),
    ),
    Resource(
        "grades",
        (
            "gradeTypeDescriptor",
            *_within("gradingPeriodReference", "gradingPeriodDescriptor", "gradingPeriodName"),
            "gradingPeriodReference.schoolYear=gradingPeriodSchoolYear",
            *_within("studentSectionAssociationReference", *_SEAT),
        ),
        cascades=True,
    ),
    Resource("assessments", ("assessmentIdentifier", "namespace")),
    Resource(
        "objectiveAssessments",
        (
            *_within("assessmentReference", "assessmentIdentifier"),
            "identificationCode",
            "assessmentReference.namespace",
        ),
    ),
    Resource(
        "studentAssessments",
        (
            *_within("assessmentReference", "assessmentIdentifier", "namespace"),
            "studentAssessmentIdentifier",
            "studentReference.studentUniqueId",
        ),
    ),
    Resource("gradebookEntryTypeDescriptors", ("namespace", "codeValue")),
)

_OLDER: Mapping[int, tuple[Resource, ...]] = {
    4: (
        Resource("parents", ("parentUniqueId",)),
        Resource(
            "studentParentAssociations",
            ("parentReference.parentUniqueId", "studentReference.studentUniqueId"),
        ),
        Resource(
            "gradingPeriods",
            (
                "gradingPeriodDescriptor",
                "periodSequence",
                "schoolReference.schoolId",
                "schoolYearTypeReference.schoolYear",
            ),
        ),
        Resource(
            "staffSectionAssociations",
            (*_within("sectionReference", *_SECTION), "staffReference.staffUniqueId"),
        ),
        Resource(
            "grades",
            (
                "gradeTypeDescriptor",
                *_within("gradingPeriodReference", "gradingPeriodDescriptor"),
                "gradingPeriodReference.periodSequence=gradingPeriodSequence",
                "gradingPeriodReference.schoolYear=gradingPeriodSchoolYear",
                *_within("studentSectionAssociationReference", *_SEAT),
            ),
            cascades=True,
        ),
    ),
    3: (
        Resource(
            "gradebookEntries",
            ("dateAssigned", "gradebookEntryTitle", *_within("sectionReference", *_SECTION)),
            cascades=True,
        ),
        Resource(
            "studentGradebookEntries",
            (
                *_within("gradebookEntryReference", "dateAssigned", "gradebookEntryTitle"),
                *_within("studentSectionAssociationReference", *_SEAT),
            ),
        ),
    ),
}
"""What is otherwise up to a standard of this number; an older one has what the newer ones lack."""

_RENAMED = {"contacts": "parents", "studentContactAssociations": "studentParentAssociations"}
"""What is called otherwise up to the standard 4."""

NEWEST = 5


@lru_cache(maxsize=8)
def resources(standard: int = NEWEST) -> Mapping[str, Resource]:
    """The resources by the name that they have in the newest standard, as an older one has them.

    ``standard`` is the first number of the Data Standard: 3, 4, 5 or more.
    """
    found = {one.name: one for one in _NEWEST}
    for number in sorted(_OLDER, reverse=True):
        if standard <= number:
            older = {one.name: one for one in _OLDER[number]}
            newer = {name: _RENAMED.get(name, name) for name in found}
            found = {name: older.get(newer[name], one) for name, one in found.items()}
    return found


RESOURCES = resources()
"""Those of the newest standard."""
