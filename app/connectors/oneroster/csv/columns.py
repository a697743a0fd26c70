"""The files of the OneRoster CSV binding and their columns, for reading and for writing alike.

1EdTech *OneRoster 1.1.1 CSV Tables* and *OneRoster 1.2.1 CSV Binding*. Which canonical field a
column tells is derived from ``roster.entities``: a field stands under its name in camel case, a
reference with ``SourcedId`` after it. Only what follows no rule is told here: the order of the
columns, which have to have a value (``*``), and the few that are called otherwise.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from app.connectors.oneroster.vocabulary import camel_case
from app.roster.entities import ENTITIES
from app.roster.values import Elements, Kind, Reference, SetOf

MANIFEST = "manifest"
MANIFEST_COLUMNS = ("propertyName", "value")
MANIFEST_VERSION = "1.0"

BULK, DELTA, ABSENT = "bulk", "delta", "absent"
"""What a manifest says of a file."""

HEAD = ("sourcedId", "status", "dateLastModified")
"""The first columns of every file; the last two blank in a bulk file and filled in a delta."""

_CALLED = {
    "preferred_first_name": "preferredGivenName",
    "preferred_last_name": "preferredFamilyName",
}


@dataclass(frozen=True)
class Column:
    """One column: the canonical field that it tells (of the record, or of the part), if any."""

    name: str
    required: bool
    """Every row has to have a value there."""
    field: str = ""
    kind: Kind | None = None


@dataclass(frozen=True)
class File:
    """One file of a set. ``NAME.csv`` in the folder, ``file.NAME`` in the manifest."""

    name: str
    entity: str
    """The canonical entity whose records it tells; ``""`` where that is none of ours."""
    columns: tuple[Column, ...]
    """In the standard's order, those of ``HEAD`` first."""
    owner: str = ""
    """Where every row is a part of a record: the column that has the record's key,"""
    part: str = ""
    """and the field of the record that such rows make up."""

    @property
    def filename(self) -> str:
        """What it is called in a folder or a zip."""
        return f"{self.name}.csv"

    @cached_property
    def header(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def required(self) -> tuple[int, ...]:
        """The places of the columns that have to have a value."""
        return tuple(place for place, one in enumerate(self.columns) if one.required)

    @cached_property
    def by_field(self) -> Mapping[str, Column]:
        """The columns that tell a field, by the field."""
        return {column.field: column for column in self.columns if column.field}


USER_ROLE, USER_ORGS = "role", "orgSourcedIds"
"""Of ``users`` in 1.1, which has no ``roles``: the one role, and where the person has it."""

_PERSON = (
    "username* userIds givenName* familyName* middleName identifier email sms phone "
    "agentSourcedIds grades password"
)
_NEWEST = {
    "academicSessions": "title* type* startDate* endDate* parentSourcedId schoolYear*",
    "categories": "title* weight",
    "classes": "title* grades courseSourcedId* classCode classType* location schoolSourcedId* "
    "termSourcedIds* subjects subjectCodes periods",
    "classResources": "title classSourcedId* resourceSourcedId*",
    "courses": "schoolYearSourcedId title* courseCode grades orgSourcedId* subjects subjectCodes",
    "courseResources": "title courseSourcedId* resourceSourcedId*",
    "demographics": "birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican "
    "nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces "
    "hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation cityOfBirth "
    "publicSchoolResidenceStatus",
    "enrollments": "classSourcedId* schoolSourcedId* userSourcedId* role* primary beginDate "
    "endDate",
    "lineItemLearningObjectiveIds": "lineItemSourcedId* source* learningObjectiveId*",
    "lineItems": "title* description assignDate* dueDate* classSourcedId* categorySourcedId* "
    "academicSessionSourcedId* resultValueMin resultValueMax schoolSourcedId*",
    "lineItemScoreScales": "title lineItemSourcedId* scoreScaleSourcedId*",
    "orgs": "name* type* identifier parentSourcedId",
    "resources": "vendorResourceId* title roles importance vendorId applicationId",
    "resultLearningObjectiveIds": "resultSourcedId* source* learningObjectiveId* score textScore",
    "results": "lineItemSourcedId* studentSourcedId* scoreStatus* score scoreDate* comment "
    "textScore classSourcedId inProgress incomplete late missing",
    "resultScoreScales": "title resultSourcedId* scoreScaleSourcedId*",
    "roles": "userSourcedId* roleType* role* beginDate endDate orgSourcedId* userProfileSourcedId",
    "scoreScales": "title* type* orgSourcedId* courseSourcedId* classSourcedId* scoreScaleValue*",
    "userProfiles": "userSourcedId* profileType* vendorId* applicationId description "
    "credentialType* username* password",
    "userResources": "userSourcedId* orgSourcedId classSourcedId resourceSourcedId*",
    "users": f"enabledUser* {_PERSON} userMasterIdentifier preferredGivenName "
    "preferredMiddleName preferredFamilyName primaryOrgSourcedId pronouns",
}
"""The files of 1.2 in the order of its manifest, each with its columns after ``HEAD``."""

_NEW_IN_1_2 = (
    *("lineItemLearningObjectiveIds", "lineItemScoreScales", "resultLearningObjectiveIds"),
    *("resultScoreScales", "roles", "scoreScales", "userProfiles", "userResources"),
)
_OTHERWISE_IN_1_1 = {
    "categories": "title*",
    "lineItems": "title* description assignDate* dueDate* classSourcedId* categorySourcedId* "
    "gradingPeriodSourcedId* resultValueMin* resultValueMax*",
    "results": "lineItemSourcedId* studentSourcedId* scoreStatus* score* scoreDate* comment",
    "users": f"enabledUser* {USER_ORGS}* {USER_ROLE}* {_PERSON}",
}
_TABLES: Mapping[str, Mapping[str, str]] = {
    "1.1": {
        name: _OTHERWISE_IN_1_1.get(name, columns)
        for name, columns in _NEWEST.items()
        if name not in _NEW_IN_1_2
    },
    "1.2": _NEWEST,
}

_PARTS = {
    "classResources": ("classes", "classSourcedId", "resources"),
    "courseResources": ("courses", "courseSourcedId", "resources"),
    "userResources": ("users", "userSourcedId", "resources"),
    "roles": ("users", "userSourcedId", "roles"),
    "lineItemLearningObjectiveIds": ("line_items", "lineItemSourcedId", "learning_objectives"),
    "lineItemScoreScales": ("line_items", "lineItemSourcedId", "score_scale"),
    "resultLearningObjectiveIds": ("results", "resultSourcedId", "learning_objectives"),
    "resultScoreScales": ("results", "resultSourcedId", "score_scale"),
}
"""Files whose rows are parts of records: of which, told by which column, and which field."""

_ENTITIES = {camel_case(name): name for name in ENTITIES}


def _called(field: str, kind: Kind) -> str:
    """The column that tells a field."""
    spelt = _CALLED.get(field) or camel_case(field)
    if isinstance(kind, Reference):
        return f"{spelt}SourcedId"
    if _is_references(kind):
        return f"{spelt.removesuffix('s')}SourcedIds"
    return spelt


def _is_references(kind: Kind) -> bool:
    """Whether a list is told by keys alone, as the standard tells terms and agents."""
    if isinstance(kind, Elements):
        return kind.names[0] == "user"
    return isinstance(kind, SetOf) and isinstance(kind.part, Reference)


def _tells(name: str) -> dict[str, tuple[str, Kind]]:
    """The field and its kind that a column of a file tells, by the name of the column."""
    if name not in _PARTS:
        fields = ENTITIES[_ENTITIES[name]].fields if name in _ENTITIES else ()
        return {_called(one.name, one.kind): (one.name, one.kind) for one in fields}
    entity, _, part = _PARTS[name]
    kind = ENTITIES[entity].by_name[part].kind
    if isinstance(kind, Elements):
        parts = zip(kind.names, kind.kinds, strict=True)
        return {_called(field, of): (field, of) for field, of in parts}
    of = kind.part if isinstance(kind, SetOf) else kind
    return {_called(part.removesuffix("s"), of): (part, of)}


def _file(name: str, table: str) -> File:
    tells = _tells(name)
    columns = [Column(column, column == HEAD[0]) for column in HEAD]
    for word in table.split():
        column = word.removesuffix("*")
        columns.append(Column(column, word != column, *tells.get(column, ())))
    entity, owner, part = _PARTS.get(name, (_ENTITIES.get(name, ""), "", ""))
    return File(name, entity, tuple(columns), owner, part)


FILES: Mapping[str, Mapping[str, File]] = {
    version: {name: _file(name, columns) for name, columns in tables.items()}
    for version, tables in _TABLES.items()
}
"""The files that a set may have, by version and name, in the order of the manifest."""

USERS_WITH_ROLE = File(
    "users",
    "users",
    (*FILES["1.2"]["users"].columns, Column(USER_ORGS, False), Column(USER_ROLE, False)),
)
"""``users`` of 1.2 as some write it who have no ``roles``: with the columns of 1.1 for them."""


# -- lists in one cell ------------------------------------------------------------------------

_PAIR = re.compile(r"\{([^{}:]*):([^{}]*)\}")


def list_text(parts: Iterable[str]) -> str:
    """Texts with commas between them; one that has a comma or a quote itself is quoted."""
    return ",".join(
        '"{}"'.format(part.replace('"', '""')) if "," in part or '"' in part else part
        for part in parts
    )


def listed(text: str) -> list[str]:
    """The texts of a list, as ``list_text`` has it or without any quotes."""
    if '"' not in text:
        return text.split(",")
    return next(csv.reader([text], skipinitialspace=True), [])


def pairs_text(pairs: Iterable[tuple[str, str]]) -> str:
    """Pairs as ``userIds`` and ``scoreScaleValue`` have them: ``{Local:863},{State:4711}``."""
    return ",".join(f"{{{left}:{right}}}" for left, right in pairs)


def pairs(text: str) -> list[tuple[str, str]]:
    """The pairs in a text; whatever stands around and between them is no part of them."""
    return _PAIR.findall(text)


def can_be_paired(left: str, right: str) -> bool:
    """Whether a pair comes out of ``pairs`` as it went into ``pairs_text``."""
    return _PAIR.fullmatch(pairs_text([(left, right)])) is not None and ":" not in left
