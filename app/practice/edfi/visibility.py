"""Which documents a client sees: those that have to do with its education organizations.

As the relationship-based authorization of the ODS/API: a student is seen through an association
with a school, a staff member through an assignment or a school, a contact through a student. What
is not seen is missing from lists without a word.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

from .access import Client
from .shelf import Item, decode
from .store import Ods
from .vocabulary import ORGANIZATIONS, Document, Resource, value_at

_OPEN = frozenset({*ORGANIZATIONS, "schoolYearTypes", "assessments", "objectiveAssessments"})
"""What everybody sees, as descriptors."""

_ABOVE = {
    "schools": ("localEducationAgencyReference",),
    "localEducationAgencies": (
        "parentLocalEducationAgencyReference",
        "educationServiceCenterReference",
        "stateEducationAgencyReference",
    ),
    "educationServiceCenters": ("stateEducationAgencyReference",),
}
_PEOPLE = ("studentSchoolAssociations", "studentContactAssociations")
_STAFF = ("staffEducationOrganizationAssignmentAssociations", "staffSchoolAssociations")
_MAKING_SEEN = frozenset({"studentSchoolAssociations", *_STAFF})
"""The associations by which a person is seen need not find the person seen."""
_UNIQUE = {
    "student": "studentUniqueId",
    "staff": "staffUniqueId",
    "contact": "contactUniqueId",
}
_ASSOCIATIONS = {
    "student": ("studentSchoolAssociations",),
    "staff": _STAFF,
    "contact": ("studentContactAssociations",),
}
_PLACES = (
    ("schoolReference", "schoolId"),
    ("educationOrganizationReference", "educationOrganizationId"),
    ("courseOfferingReference", "schoolId"),
    ("sectionReference", "schoolId"),
    ("studentSectionAssociationReference", "schoolId"),
)


class Hidden:
    """Documents that no client sees for now, by resource and natural key."""

    def __init__(self) -> None:
        self.keys: set[tuple[str, str]] = set()
        self.version = 0

    def add(self, resource: str, key: str) -> None:
        """Nobody sees it any more."""
        self.keys.add((resource, key))
        self.version += 1

    def drop(self, resource: str, key: str) -> None:
        """It is seen again."""
        self.keys.discard((resource, key))
        self.version += 1

    def clear(self) -> None:
        """All are seen again."""
        self.keys.clear()
        self.version += 1


class Visibility:
    """What one client sees of an ODS; it looks again when something of that changed."""

    def __init__(
        self, ods: Ods, client: Client, hidden: Hidden, ended_hides: Callable[[], bool]
    ) -> None:
        self._ods = ods
        self._client = client
        self._hidden = hidden
        self._ended_hides = ended_hides
        self._basis: object = None
        # The ids of the organizations that the client is for, and of those below them.
        self._organizations: frozenset[str] = frozenset()
        self._people: dict[str, frozenset[str]] = {}
        self._lists: dict[str, tuple[object, list[Item]]] = {}

    def claims(self) -> list[str]:
        """The ids of the organizations that the client was made for."""
        schools = self._ods.items("schools")
        if self._client.one_school:
            return [schools[0].key] if schools else []
        districts = [item.key for item in self._ods.items("localEducationAgencies")]
        return districts or [item.key for name in ORGANIZATIONS for item in self._ods.items(name)]

    def items(self, resource: Resource) -> list[Item]:
        """The documents that the client sees of a resource, in their order."""
        shelf = self._ods.shelves[resource.name]
        if self._sees_all(resource):
            state: object = (shelf.version, self._hidden.version)
        else:
            self._look()
            state = (shelf.version, self._hidden.version, self._basis)
        held = self._lists.get(resource.name)
        if held is None or held[0] != state:
            found = [item for item in shelf.items.values() if self.sees(resource, item)]
            held = self._lists[resource.name] = state, found
        return held[1]

    def sees(self, resource: Resource, item: Item) -> bool:
        """Whether the client may see a document."""
        if self._hidden.keys and (resource.name, item.key) in self._hidden.keys:
            return False
        return self._sees_all(resource) or not self.missing(resource, decode(item.body))

    def sees_values(self, resource: Resource, values: Document) -> bool:
        """Whether the client may know that what had this natural key went or changed it."""
        if self._sees_all(resource) or not self._client.one_school:
            return True
        self._look()
        told = values.get("schoolId", values.get("educationOrganizationId"))
        if told is not None:
            return str(told) in self._organizations
        return all(
            str(values[name]) in self._people[kind] | self._gone(kind)
            for kind, name in _UNIQUE.items()
            if name in values
        )

    def _gone(self, kind: str) -> set[str]:
        """The people who had to do with the client's organizations, by what was deleted."""
        students = self._people["student"] | self._gone("student") if kind == "contact" else set()
        found = set()
        for name in _ASSOCIATIONS[kind]:
            for change in self._ods.shelves[name].deletes:
                place = change.old.get("schoolId", change.old.get("educationOrganizationId"))
                own = str(place) in self._organizations
                if own or (kind == "contact" and str(change.old["studentUniqueId"]) in students):
                    found.add(str(change.old[_UNIQUE[kind]]))
        return found

    def missing(self, resource: Resource, document: Document) -> list[str]:
        """The parts of a document that have nothing to do with the client's organizations."""
        if self._sees_all(resource):
            return []
        self._look()
        missing = [
            _title(path[-1])
            for path in _PLACES
            if (told := value_at(document, path)) is not None
            and str(told) not in self._organizations
        ]
        return missing + [
            _title(path[-1])
            for kind, path in _person_paths(resource.name)
            if (told := value_at(document, path)) is not None
            and str(told) not in self._people[kind]
        ]

    def _sees_all(self, resource: Resource) -> bool:
        # Documents from elsewhere need not be whole; whoever sees the district sees all of them.
        if not self._ods.strict and not self._client.one_school:
            return True
        return resource.name in _OPEN or resource.name.endswith("Descriptors")

    def _look(self) -> None:
        shelves = self._ods.shelves
        names = (*ORGANIZATIONS, *_PEOPLE, *_STAFF)
        basis = (*(shelves[name].version for name in names), self._ended_hides())
        if basis == self._basis:
            return
        self._basis = basis
        self._organizations = frozenset(self._below(self.claims()))
        students = frozenset(self._students())
        staff = frozenset(
            str(value_at(document, ("staffReference", "staffUniqueId")))
            for name in _STAFF
            for document in map(_document, self._ods.items(name))
            if self._at_own(document)
        )
        contacts = frozenset(
            str(value_at(document, ("contactReference", "contactUniqueId")))
            for document in map(_document, self._ods.items("studentContactAssociations"))
            if str(value_at(document, ("studentReference", "studentUniqueId"))) in students
        )
        self._people = {"student": students, "staff": staff, "contact": contacts}

    def _students(self) -> list[str]:
        today = datetime.now(UTC).date().isoformat() if self._ended_hides() else None
        found = []
        for document in map(_document, self._ods.items("studentSchoolAssociations")):
            ended = document.get("exitWithdrawDate")
            if today is not None and isinstance(ended, str) and ended <= today:
                continue
            if self._at_own(document):
                found.append(str(value_at(document, ("studentReference", "studentUniqueId"))))
        return found

    def _at_own(self, document: Document) -> bool:
        return any(str(value_at(document, path)) in self._organizations for path in _PLACES[:2])

    def _below(self, own: list[str]) -> set[str]:
        above: dict[str, list[str]] = {}
        for name, references in _ABOVE.items():
            for item in self._ods.items(name):
                document = decode(item.body)
                for reference in references:
                    for told in (document.get(reference) or {}).values():
                        above.setdefault(str(told), []).append(item.key)
        found: set[str] = set()
        waiting = list(own)
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += above.get(one, [])
        return found


@cache
def _person_paths(resource: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Where a document says people who must be seen for it to be seen, each with its kind."""
    if resource in _MAKING_SEEN:
        return ()
    found: list[tuple[str, tuple[str, ...]]] = []
    for kind, name in _UNIQUE.items():
        if resource == f"{kind}s":
            found.append((kind, (name,)))
        elif (resource, kind) != ("studentContactAssociations", "contact"):
            found.append((kind, (f"{kind}Reference", name)))
    found.append(("student", ("studentSectionAssociationReference", "studentUniqueId")))
    return tuple(found)


def _document(item: Item) -> Document:
    return decode(item.body)


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]
