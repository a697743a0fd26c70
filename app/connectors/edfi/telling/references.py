"""Remote keys from the references of documents, whatever standard they are of.

A reference has the parts of the natural key that it refers to, so its key needs no look-up
(SEMANTICS A3). A reference that lacks a part refers to nobody.
"""

from collections.abc import Sequence
from typing import Any

from app.connectors.edfi.keys import record_key
from app.connectors.edfi.telling.patch import at
from app.connectors.edfi.vocabulary import RESOURCES, Document, key_text

SECTION = RESOURCES["sections"].names


def key_of(resource: str, *parts: Any) -> str | None:
    """The remote key of a record by the parts of its natural key; ``None`` where one is missing."""
    try:
        return record_key(resource, key_text(list(parts)))
    except KeyError:
        return None


def _from(resource: str, reference: object, names: Sequence[str]) -> str | None:
    return key_of(resource, *(at(reference, name) for name in names))


def organization(document: Document) -> str | None:
    """The education organization that a document belongs to, whatever sort it is."""
    found = at(document, "educationOrganizationReference", "educationOrganizationId")
    return key_of("schools", found)


def school(document: Document) -> str | None:
    """The school that a document belongs to."""
    return key_of("schools", at(document, "schoolReference", "schoolId"))


def school_year(document: Document) -> str | None:
    """The school year that a document belongs to."""
    return key_of("schoolYearTypes", at(document, "schoolYearTypeReference", "schoolYear"))


def session(reference: object) -> str | None:
    """The session in a reference to it, or to a section or an offering in it."""
    return _from("sessions", reference, RESOURCES["sessions"].names)


def grading_period(reference: object) -> str | None:
    """The grading period in a reference; up to the standard 4 it goes by a number."""
    name = at(reference, "gradingPeriodName")
    if name is None:
        name = at(reference, "periodSequence")
    of = at(reference, "gradingPeriodDescriptor")
    return key_of(
        "gradingPeriods", of, name, at(reference, "schoolId"), at(reference, "schoolYear")
    )


def section(reference: object) -> str | None:
    """The section in a reference to it, or to a place in it."""
    return _from("sections", reference, SECTION)


def course(reference: object) -> str | None:
    """The course in a reference."""
    return _from("courses", reference, RESOURCES["courses"].names)


def student(document: Document) -> str | None:
    """The student that a document is about."""
    return key_of("students", at(document, "studentReference", "studentUniqueId"))


def seated(document: Document) -> str | None:
    """The student in the place in a section that a document refers to."""
    seat = at(document, "studentSectionAssociationReference")
    return key_of("students", at(seat, "studentUniqueId"))


def staff(document: Document) -> str | None:
    """The member of staff that a document is about."""
    return key_of("staffs", at(document, "staffReference", "staffUniqueId"))


def contact(document: Document) -> str | None:
    """The contact that a document is about; up to the standard 4 it is a parent."""
    found = at(document, "contactReference", "contactUniqueId")
    if found is None:
        found = at(document, "parentReference", "parentUniqueId")
    return key_of("contacts", found)


def gradebook_entry(reference: object) -> str | None:
    """The gradebook entry in a reference; in the standard 3 it goes by its date and title."""
    if at(reference, "gradebookEntryIdentifier") is not None:
        return _from("gradebookEntries", reference, RESOURCES["gradebookEntries"].names)
    return _from("gradebookEntries", reference, ("dateAssigned", "gradebookEntryTitle", *SECTION))


def category(descriptor: object) -> str | None:
    """The category that is a descriptor of gradebook entries."""
    if not isinstance(descriptor, str):
        return None
    namespace, _, word = descriptor.rpartition("#")
    return key_of("gradebookEntryTypeDescriptors", namespace.strip(), word.strip())


def assessment(reference: object) -> str | None:
    """The assessment in a reference to it."""
    return _from("assessments", reference, RESOURCES["assessments"].names)


def objective(reference: object) -> str | None:
    """The objective assessment in a reference to it."""
    return _from("objectiveAssessments", reference, RESOURCES["objectiveAssessments"].names)
