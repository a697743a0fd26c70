"""The resources of the Ed-Fi data management API served here, as its standard has them.

Made from the words of `standard`: which fields a document may have, what its natural key is, and
what it refers to. A natural key is told in one order, that of `Resource.key`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from . import standard

Document = dict[str, Any]

BETWEEN = "|"
"""Between the parts of a natural key in one text; inside a part it is `%7C`."""

ORGANIZATIONS = (
    "schools",
    "localEducationAgencies",
    "educationServiceCenters",
    "stateEducationAgencies",
)
"""What a reference to an education organization may be about: their ids are all different."""

CASCADING = frozenset(
    {
        "classPeriods",
        "grades",
        "gradebookEntries",
        "locations",
        "sections",
        "sessions",
        "studentSchoolAssociations",
        "studentSectionAssociations",
    }
)
"""The natural keys that a PUT may change; the change reaches whatever refers to them."""

# A field that names its role besides its descriptor.
_ROLES = {
    "administrationLanguage": "language",
    "availableCreditType": "creditType",
    "birthCountry": "country",
    "birthSex": "sex",
    "birthStateAbbreviation": "stateAbbreviation",
    "entryGradeLevel": "gradeLevel",
    "highestCompletedLevelOfEducation": "levelOfEducation",
    "instructionLanguage": "language",
    "issuerCountry": "country",
    "maximumAvailableCreditType": "creditType",
    "minimumAvailableCreditType": "creditType",
    "nextYearGradeLevel": "gradeLevel",
    "whenAssessedGradeLevel": "gradeLevel",
}
# Two years in one key: the one of the grading period has a name of its own.
_NAMED = {
    ("grades", "gradingPeriodReference", "schoolYear"): "gradingPeriodSchoolYear",
    ("grades", "gradingPeriodReference", "periodSequence"): "gradingPeriodSequence",
}
# What the rule for roles would call otherwise than queries do.
_ASKED = {
    ("locationReference", "classroomIdentificationCode"): "locationClassroomIdentificationCode",
    (
        "employmentStaffEducationOrganizationEmploymentAssociationReference",
        "employmentStatusDescriptor",
    ): "employmentStatusDescriptor",
    (
        "employmentStaffEducationOrganizationEmploymentAssociationReference",
        "staffUniqueId",
    ): "staffUniqueId",
    ("parentObjectiveAssessmentReference", "assessmentIdentifier"): "assessmentIdentifier",
    ("parentObjectiveAssessmentReference", "namespace"): "namespace",
}
# What the sorts of organizations have in common cannot be asked for.
_NOT_ASKED = frozenset(
    {"nameOfInstitution", "operationalStatusDescriptor", "shortNameOfInstitution", "webSite"}
)
# A room may be in another school than the section.
_APART = {("sections", "locationReference")}

_WORD = re.compile(r"(?P<name>\w+)(?P<mark>[#!]?)(?P<sort>[:*=>]?)(?P<of>\w*)")
_EACH = "*"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a document or of a part of one.

    `sort` is text, whole, number, bool, date, moment, time, descriptor, reference, part or list;
    `of` says which reference or part; `longest` is of a text, in characters.
    """

    name: str
    sort: str
    of: str = ""
    longest: int = 0
    required: bool = False
    identity: bool = False


class Link(NamedTuple):
    """A place of a document that refers to another. `path` has `*` for each element of a list."""

    path: tuple[str, ...]
    to: str
    """What is referred to, in the singular: `school`; `educationOrganization` is one of several."""


class Part(NamedTuple):
    """A part of a natural key: what it is called, and where it stands in a document."""

    name: str
    path: tuple[str, ...]


@dataclass(frozen=True)
class Resource:
    """A collection of documents."""

    name: str
    singular: str
    fields: tuple[Field, ...]
    key: tuple[Part, ...]
    references: Mapping[str, tuple[str, ...]]
    """The members of its references."""

    @property
    def title(self) -> str:
        """What it is called in sentences, such as StudentSchoolAssociation."""
        return self.singular[:1].upper() + self.singular[1:]

    @property
    def cascades(self) -> bool:
        """Whether a PUT may change its natural key."""
        return self.name in CASCADING

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """All that its documents may refer to."""
        return tuple(_links(self.fields, ()))

    @cached_property
    def unified(self) -> Mapping[str, tuple[tuple[str, ...], ...]]:
        """The places in its references that say a part of its key, which must all say the same."""
        places: dict[str, list[tuple[str, ...]]] = {part.name: [part.path] for part in self.key}
        for field in self.fields:
            if field.sort != "reference" or field.name != f"{field.of}Reference":
                continue
            if (self.name, field.name) in _APART:
                continue
            for member in self.references[field.of]:
                name = _NAMED.get((self.name, field.name, member), member)
                path = (field.name, member)
                if name in places and path not in places[name]:
                    places[name].append(path)
        return {name: tuple(found) for name, found in places.items()}

    @cached_property
    def parameters(self) -> Mapping[str, tuple[str, ...]]:
        """What a list may be asked for, by name in small letters: the place of the value."""
        asked = {part.name: part.path for part in self.key}
        for field in self.fields:
            if field.sort == "reference":
                role = field.name.removesuffix("Reference")
                for member in self.references[field.of]:
                    name = _NAMED.get((self.name, field.name, member), member)
                    if role != field.of:
                        name = _in_role(role, field.of, member)
                    name = _ASKED.get((field.name, member), name)
                    asked.setdefault(name, (field.name, member))
            elif field.sort not in ("part", "list") and not (
                self.name in ORGANIZATIONS and field.name in _NOT_ASKED
            ):
                asked.setdefault(field.name, (field.name,))
        return {name.lower(): path for name, path in asked.items()}

    def key_in(self, document: Mapping[str, Any]) -> str:
        """The natural key of a document. Raises KeyError where a part of it is missing."""
        return key_text([value_at(document, part.path) for part in self.key])

    def key_from(self, values: Mapping[str, Any]) -> str:
        """The natural key of its parts by name. Raises KeyError where one is missing."""
        return key_text([values[part.name] for part in self.key])

    def key_values(self, document: Mapping[str, Any]) -> Document:
        """The natural key of a document, its parts by name."""
        return {part.name: value_at(document, part.path) for part in self.key}


def key_text(parts: list[Any]) -> str:
    """The parts of a natural key in one text. Raises KeyError for a part that says nothing."""
    told = []
    for part in parts:
        if part is None or part == "" or isinstance(part, dict | list):
            raise KeyError(part)
        text = str(part)
        if "%" in text or BETWEEN in text:
            text = text.replace("%", "%25").replace(BETWEEN, "%7C")
        told.append(text)
    return BETWEEN.join(told)


def value_at(document: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """What stands at a place, None where nothing does."""
    value: Any = document
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def holders(document: Document, path: tuple[str, ...]) -> Iterator[Document]:
    """The objects that stand at a place of a document, each element of its lists."""
    found: list[Any] = [document]
    for name in path:
        if name == _EACH:
            found = [item for value in found if isinstance(value, list) for item in value]
        else:
            found = [value.get(name) for value in found if isinstance(value, dict)]
    yield from (value for value in found if isinstance(value, dict))


def descriptor_resource(value: str) -> tuple[str, str, str] | None:
    """The resource, namespace and code value that a descriptor's URI says; None if it says none."""
    namespace, hash_, code = value.partition("#")
    kind = namespace.rpartition("/")[2]
    if not hash_ or not code or not kind.endswith("Descriptor"):
        return None
    return f"{kind[:1].lower()}{kind[1:]}s", namespace, code


def resource_of(
    name: str, words: str, references: Mapping[str, tuple[str, ...]] | None = None
) -> Resource:
    """The resource that is told by the words of `standard`."""
    known = REFERENCES if references is None else references
    fields = tuple(_field(word) for word in words.split())
    return Resource(name, _singular(name), fields, _key(name, fields, known), known)


def _parsed(words: str) -> tuple[Field, ...]:
    return tuple(_field(word) for word in words.split())


def _field(word: str) -> Field:
    found = _WORD.fullmatch(word)
    assert found is not None, word
    name, mark, sort, of = found["name"], found["mark"], found["sort"], found["of"]
    required, identity = mark != "", mark == "#"
    if name.endswith("Reference"):
        return Field(
            name, "reference", (of or name).removesuffix("Reference"), 0, required, identity
        )
    if name.endswith("Descriptor"):
        kind = name.removesuffix("Descriptor")
        return Field(name, "descriptor", _ROLES.get(kind, kind), 306, required, identity)
    if sort == "*" or sort == "=":
        return Field(name, "list" if sort == "*" else "part", of, 0, required, identity)
    if of.isdigit():
        return Field(name, "text", "", int(of), required, identity)
    return Field(name, of, "", 0, required, identity)


def _links(fields: tuple[Field, ...], before: tuple[str, ...]) -> Iterator[Link]:
    for field in fields:
        place = (*before, field.name)
        if field.sort == "reference":
            yield Link(place, field.of)
        elif field.sort == "list":
            yield from _links(PARTS[field.of], (*place, _EACH))
        elif field.sort == "part":
            yield from _links(PARTS[field.of], place)


def _in_role(role: str, of: str, member: str) -> str:
    """What a member of a reference is called in a query where the reference has a role."""
    prefix = re.sub(f"{of}$", "", role, flags=re.IGNORECASE)
    return prefix + member[:1].upper() + member[1:]


def _key(
    name: str, fields: tuple[Field, ...], references: Mapping[str, tuple[str, ...]]
) -> tuple[Part, ...]:
    parts: dict[str, tuple[str, ...]] = {}
    for field in fields:
        if not field.identity:
            continue
        if field.sort != "reference":
            parts[field.name] = (field.name,)
            continue
        for member in references[field.of]:
            called = _NAMED.get((name, field.name, member), member)
            parts.setdefault(called, (field.name, member))
    return tuple(Part(called, parts[called]) for called in sorted(parts))


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1]


_DESCRIPTOR = (
    "codeValue#:50 namespace#:255 shortDescription!:75 description:1024 "
    "effectiveBeginDate:date effectiveEndDate:date"
)

REFERENCES: Mapping[str, tuple[str, ...]] = {
    name: tuple(words.split()) for name, words in standard.REFERENCES.items()
}
"""The members of a reference to each."""

PARTS: Mapping[str, tuple[Field, ...]] = {
    name: _parsed(words) for name, words in standard.PARTS.items()
}


def _resources() -> dict[str, Resource]:
    known = {name: _parsed(words) for name, words in standard.RESOURCES.items()}
    kinds = {
        field.of
        for fields in (*known.values(), *PARTS.values())
        for field in fields
        if field.sort == "descriptor"
    }
    found = {name: resource_of(name, _DESCRIPTOR) for name in sorted(map(_descriptors, kinds))}
    for name, words in standard.RESOURCES.items():
        found[name] = resource_of(name, words)
    return found


def _descriptors(kind: str) -> str:
    return f"{kind}Descriptors"


RESOURCES: Mapping[str, Resource] = _resources()
"""By name, in the order in which they must be loaded: descriptors first."""

_OF = {one.singular: one.name for one in RESOURCES.values()}


def targets(of: str) -> tuple[str, ...]:
    """The resources that a reference to this may be about; none where they are not served here."""
    if of == "educationOrganization":
        return ORGANIZATIONS
    return (_OF[of],) if of in _OF else ()


def key_of_reference(reference: Mapping[str, Any], resource: Resource) -> str | None:
    """The natural key of what is referred to; None where the reference does not say it whole."""
    if resource.name in ORGANIZATIONS:
        told = [
            value
            for name, value in reference.items()
            if name.endswith("Id") and not isinstance(value, dict)
        ]
    else:
        told = [reference.get(part.name) for part in resource.key]
    try:
        return key_text(told) if told else None
    except KeyError:
        return None
