"""The same documents as older versions of the Data Standard have them: 4.0 and 3.3.

What is kept is as 5.0 has it. Up to 4.0 contacts are parents, grading periods are numbered rather
than named, and a staff member is in a section once; in 3.3 an entry of the gradebook is known by
its title, its date and its section. Those of the gradebook are told in 3.3, but not taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import standard
from .shelf import Item, decode
from .store import Ods
from .vocabulary import REFERENCES, RESOURCES, Document, Resource, holders, resource_of

_PARENTS = {
    "contacts": "parents",
    "studentContactAssociations": "studentParentAssociations",
}
_WORDS = {"contactUniqueId": "parentUniqueId", "contactReference": "parentReference"}
_SECTION = REFERENCES["section"]
_ENTRY = ("dateAssigned", "gradebookEntryTitle", *_SECTION)
_NOT_TAKEN = frozenset({"gradebookEntries", "studentGradebookEntries"})

_REFERENCES_4 = {
    **REFERENCES,
    "parent": ("parentUniqueId",),
    "gradingPeriod": ("gradingPeriodDescriptor", "periodSequence", "schoolId", "schoolYear"),
}
_REFERENCES_3 = {**_REFERENCES_4, "gradebookEntry": _ENTRY}


def _parents(words: str) -> str:
    for new, old in _WORDS.items():
        words = words.replace(new, old)
    return words


_RESOURCES_4 = {
    "contacts": resource_of("parents", _parents(standard.RESOURCES["contacts"]), _REFERENCES_4),
    "studentContactAssociations": resource_of(
        "studentParentAssociations",
        _parents(standard.RESOURCES["studentContactAssociations"]),
        _REFERENCES_4,
    ),
    "gradingPeriods": resource_of(
        "gradingPeriods",
        standard.RESOURCES["gradingPeriods"]
        .replace("gradingPeriodName#:60 ", "")
        .replace("periodSequence", "periodSequence#"),
        _REFERENCES_4,
    ),
    "staffSectionAssociations": resource_of(
        "staffSectionAssociations",
        standard.RESOURCES["staffSectionAssociations"].replace("beginDate#", "beginDate"),
        _REFERENCES_4,
    ),
    "grades": resource_of("grades", standard.RESOURCES["grades"], _REFERENCES_4),
}
_RESOURCES_3 = {
    **_RESOURCES_4,
    "gradebookEntries": resource_of(
        "gradebookEntries",
        "dateAssigned#:date gradebookEntryTitle#:60 gradingPeriodReference sectionReference# "
        "description:1024 dueDate:date gradebookEntryTypeDescriptor",
        _REFERENCES_3,
    ),
    "studentGradebookEntries": resource_of(
        "studentGradebookEntries",
        "gradebookEntryReference# studentSectionAssociationReference# competencyLevelDescriptor "
        "dateFulfilled:date diagnosticStatement:1024 letterGradeEarned:20 "
        "numericGradeEarned:number",
        _REFERENCES_3,
    ),
}


@dataclass(frozen=True)
class Standard:
    """What a version of the Data Standard makes of resources and documents."""

    number: int
    changed: Mapping[str, Resource]
    """The resources that are otherwise than in 5.0, by the name that they have there."""

    def name(self, resource: Resource) -> str:
        """What a resource is called."""
        return self.of(resource).name

    def of(self, resource: Resource) -> Resource:
        """A resource of 5.0 as this version has it."""
        return self.changed.get(resource.name, resource)

    def known(self, name: str) -> Resource | None:
        """The resource of 5.0 that is called so in this version."""
        for resource_name, older in self.changed.items():
            if older.name == name:
                return RESOURCES[resource_name]
        if name in self.changed:
            return None
        return RESOURCES.get(name)

    def takes(self, resource: Resource) -> bool:
        """Whether a resource can be written."""
        return self.number > 3 or resource.name not in _NOT_TAKEN

    def outward(self, ods: Ods, resource: Resource, document: Document) -> Document:
        """A document of 5.0 as this version tells it."""
        if self.number >= 5:
            return document
        told: Document = _renamed(document, _WORDS)
        if resource.name == "gradingPeriods":
            told.pop("gradingPeriodName", None)
        for link in resource.links:
            if link.to == "gradingPeriod":
                for reference in holders(told, link.path):
                    _number(ods, reference)
        if self.number == 3 and resource.name == "gradebookEntries":
            return _entry(told)
        if self.number == 3 and resource.name == "studentGradebookEntries":
            return _score(ods, told)
        return told

    def inward(self, ods: Ods, resource: Resource, document: Document) -> Document:
        """A document of this version as 5.0 has it."""
        if self.number >= 5:
            return document
        taken: Document = _renamed(document, {old: new for new, old in _WORDS.items()})
        if resource.name == "gradingPeriods":
            year = _own(taken, "schoolYearTypeReference", "schoolYear")
            school = _own(taken, "schoolReference", "schoolId")
            told = {**taken, "schoolId": school, "schoolYear": year}
            taken["gradingPeriodName"] = _name(ods, told)
        for link in resource.links:
            if link.to == "gradingPeriod":
                for reference in holders(taken, link.path):
                    reference["gradingPeriodName"] = _name(ods, reference)
        return taken

    def twin(self, ods: Ods, resource: Resource, document: Document) -> Item | None:
        """The document that is the same one by the natural key of this version.

        Up to 4.0 a staff member is in a section once, whenever it began.
        """
        item = ods.find(resource.name, resource.key_in(document))
        if item is not None or not self._says_less(resource):
            return item
        staff = str(_own(document, "staffReference", "staffUniqueId"))
        key = self.of(resource).key_in(document)
        for other in ods.shelves[resource.name].referring("staffs", staff):
            if self.of(resource).key_in(decode(other.body)) == key:
                return other
        return None

    def rekeys(self, resource: Resource, item: Item, document: Document) -> bool:
        """Whether a document is another one in 5.0 alone, and the same by this version's key."""
        older = self.of(resource)
        return self._says_less(resource) and (
            older.key_in(decode(item.body)) == older.key_in(document)
        )

    def _says_less(self, resource: Resource) -> bool:
        return self.number < 5 and resource.name == "staffSectionAssociations"

    def values(self, ods: Ods, resource: Resource, body: bytes) -> Document:
        """The natural key of a document, its parts by the names of this version."""
        return self.of(resource).key_values(self.outward(ods, resource, decode(body)))


STANDARDS = {
    3: Standard(3, _RESOURCES_3),
    4: Standard(4, _RESOURCES_4),
    5: Standard(5, {}),
}


def _renamed(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(item, words) for item in value]
    if not isinstance(value, dict):
        return value
    renamed = {words.get(name, name): _renamed(item, words) for name, item in value.items()}
    if renamed.get("rel") == "Contact":
        href = str(renamed["href"]).replace("/contacts/", "/parents/")
        renamed |= {"rel": "Parent", "href": href}
    return renamed


def _own(document: Document, reference: str, member: str) -> Any:
    told = document.get(reference)
    return told.get(member) if isinstance(told, dict) else None


def _number(ods: Ods, reference: Document) -> None:
    """A reference to a grading period by its number, in the place of its name."""
    period = RESOURCES["gradingPeriods"]
    name = reference.pop("gradingPeriodName", None)
    try:
        item = ods.find(period.name, period.key_from({**reference, "gradingPeriodName": name}))
    except KeyError:
        return
    found = decode(item.body).get("periodSequence") if item is not None else None
    reference["periodSequence"] = found if found is not None else 1


def _name(ods: Ods, told: Document) -> str:
    """The name of the grading period of this number; one of our own where there is none."""
    number = told.pop("periodSequence", None) if "schoolReference" not in told else None
    number = told.get("periodSequence", number)
    kind = told.get("gradingPeriodDescriptor")
    for item in ods.items("gradingPeriods"):
        held = decode(item.body)
        if (
            held.get("gradingPeriodDescriptor") == kind
            and held.get("periodSequence", 1) == number
            and _own(held, "schoolReference", "schoolId") == told.get("schoolId")
            and _own(held, "schoolYearTypeReference", "schoolYear") == told.get("schoolYear")
        ):
            return str(held["gradingPeriodName"])
    return f"{str(kind).rpartition('#')[2]} {number}"[:60]


def _entry(document: Document) -> Document:
    """An entry of the gradebook as 3.3 has it."""
    told = dict(document)
    told["gradebookEntryTitle"] = str(told.pop("title", ""))[:60]
    for name in ("gradebookEntryIdentifier", "namespace", "sourceSectionIdentifier"):
        told.pop(name, None)
    for name in ("maxPoints", "dueTime"):
        told.pop(name, None)
    return told


def _score(ods: Ods, document: Document) -> Document:
    """A score of the gradebook as 3.3 has it: by the entry's title and the student's seat."""
    told = dict(document)
    entry = RESOURCES["gradebookEntries"]
    student = _own(told, "studentReference", "studentUniqueId")
    reference = told.pop("gradebookEntryReference", {})
    for name in ("studentReference", "pointsEarned", "submissionStatusDescriptor", "timeFulfilled"):
        told.pop(name, None)
    told.pop("assignmentLateStatusDescriptor", None)
    item = ods.find(entry.name, entry.key_from(reference))
    if item is None:
        return told
    found = decode(item.body)
    section = {name: _own(found, "sectionReference", name) for name in _SECTION}
    told["gradebookEntryReference"] = {
        "dateAssigned": found.get("dateAssigned"),
        "gradebookEntryTitle": str(found.get("title", ""))[:60],
        **section,
    }
    shelf = ods.shelves["studentSectionAssociations"]
    for seat in shelf.referring("students", str(student)):
        values = shelf.resource.key_values(decode(seat.body))
        if all(values[name] == section[name] for name in _SECTION):
            told["studentSectionAssociationReference"] = values
            break
    return told
