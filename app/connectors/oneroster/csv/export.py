"""The roster as a set of OneRoster CSV files: bulk, or what has changed since a sync as a delta.

What stands where is said by ``columns``; here is how a value is written, and what is done where the
binding cannot say a thing. Nothing is altered to please it but in three places, where it demands a
value and there is only one that it can be: the role type of a person's only role in a school, the
term of a line item that has a grading period alone, and the school of a score scale. Whatever else
it demands and the roster has not stays blank, and is counted.

Keys come as they are to be told. The rows of the join files (``roles.csv``, ``classResources.csv``)
have keys made of what they join, so that the same roster makes the same files.
"""

import csv
import uuid
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any, TypeAlias

from app.connectors.contract import N_, Doubt, Roster, Told
from app.connectors.oneroster.csv.columns import (
    ABSENT,
    BULK,
    DELTA,
    FILES,
    HEAD,
    MANIFEST,
    MANIFEST_COLUMNS,
    MANIFEST_VERSION,
    USER_ORGS,
    USER_ROLE,
    Column,
    File,
    can_be_paired,
    list_text,
    pairs_text,
)
from app.connectors.oneroster.vocabulary import TOBEDELETED
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType
from app.roster.values import Boolean, Elements, Instant, Kind, Number, Plain, Reference, SetOf

SOURCE = ("MindKindler Sync", "mindkindler-sync")
"""What a manifest says of where the files come from: name and code."""

_ALWAYS = frozenset({"academicSessions", "classes", "courses", "enrollments", "orgs", "users"})
"""Files that a bulk set has even where there is nobody to tell of; of others it then says nothing,
as a file without rows would say that there are none any more."""

_JOINS = uuid.UUID("3f0f1c0a-4c3b-5a8e-9d57-6a1d6b0f7c11")

_ROLES_OF_1_1 = frozenset(
    {"administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher"}
)
_SEXES_OF_1_1 = frozenset({"male", "female"})

Cell: TypeAlias = Callable[[Told], str]


class _Exporter:
    """The form ``oneroster-csv`` (``contract.Exporter``)."""

    name = "oneroster-csv"
    label = N_("OneRoster CSV")
    versions = ("1.2", "1.1")
    manifest = f"{MANIFEST}.csv"
    filenames = frozenset(
        {manifest, *(file.filename for files in FILES.values() for file in files.values())}
    )

    def write(
        self,
        roster: Roster,
        version: str,
        entities: Container[str],
        create: Callable[[str], IO[str]],
    ) -> list[Doubt]:
        """Writes a set; what could not be told, or is missing, comes back."""
        this = _Set(roster, version, create)
        for name, entity in ENTITIES.items():
            if name in entities:
                this.write(entity)
        this.write_manifest()
        return this.notes()


EXPORTER = _Exporter()


class _Set:
    """One set of files, being written."""

    def __init__(self, roster: Roster, version: str, create: Callable[[str], IO[str]]) -> None:
        self._roster = roster
        self._version = version
        self._files = FILES[version]
        self._create = create
        self._writers: dict[str, Any] = {}
        self._lost: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        self._schools: dict[str, str] = {}

    def write(self, entity: EntityType) -> None:
        """Writes the records of one entity into every file that tells of it."""
        mine = [file for file in self._files.values() if file.entity == entity.name]
        own = next((file for file in mine if not file.part), None)
        if own is None:
            for told in self._roster.records(entity.name):
                if told.alive:
                    self._lose("export_records_left_out", entity=entity.name)
            return
        joins = [_Join(file, entity) for file in mine if file.part]
        if not self._roster.changes and own.name in _ALWAYS:
            for file in (own, *(join.file for join in joins if join.file.name == "roles")):
                self._writer(file)
        cells = [self._cell(entity, column) for column in own.columns[len(HEAD) :]]
        # A person's demographics are found by the person's key, whatever their own is.
        user = entity.by_name["user"].index if entity.name == "demographics" else -1
        said = _said(entity, own, joins)
        unsaid = [(one.index, one.name) for one in entity.fields if one.name not in said]
        for told in self._roster.records(entity.name):
            key = told.values[user] or told.key if user >= 0 else told.key
            self._write(own, [*self._head(key, told), *(cell(told) for cell in cells)])
            for join in joins:
                self._write_joins(join, told)
            if not told.alive:
                continue
            for place, name in unsaid:
                if told.values[place] is not None:
                    self._lose("export_field_left_out", entity=entity.name, field=name)
            if entity.name == "classes":
                self._schools[told.key] = told.values[entity.by_name["school"].index] or ""

    def write_manifest(self) -> None:
        """Says of every file whether it is there, and of what kind it is."""
        kind = DELTA if self._roster.changes else BULK
        manifest = csv.writer(self._create(EXPORTER.manifest))
        manifest.writerow(MANIFEST_COLUMNS)
        manifest.writerow(("manifest.version", MANIFEST_VERSION))
        manifest.writerow(("oneroster.version", self._version))
        for name in self._files:
            manifest.writerow((f"file.{name}", kind if name in self._writers else ABSENT))
        for word, value in zip(("systemName", "systemCode"), SOURCE, strict=True):
            manifest.writerow((f"source.{word}", value))

    def notes(self) -> list[Doubt]:
        """What could not be told, each with how many records that goes for."""
        return [
            Doubt(code, {**dict(told), "count": count, "version": self._version})
            for (code, told), count in self._lost.items()
        ]

    def _write(self, file: File, row: list[str]) -> None:
        """One row; what it has not and should have is counted, unless it tells of an end."""
        self._writer(file).writerow(row)
        if row[1] != TOBEDELETED:
            for place in file.required:
                if not row[place]:
                    name = file.header[place]
                    self._lose("export_value_missing", file=file.filename, column=name)

    def _writer(self, file: File) -> Any:
        if file.name not in self._writers:
            writer = csv.writer(self._create(file.filename))
            writer.writerow(file.header)
            self._writers[file.name] = writer
        return self._writers[file.name]

    def _head(self, key: str, told: Told, *, alive: bool = True) -> tuple[str, str, str]:
        if not self._roster.changes:
            return key, "", ""
        stamp = told.at if "." in told.at else f"{told.at.removesuffix('Z')}.000Z"
        return key, "active" if alive and told.alive else TOBEDELETED, stamp

    def _write_joins(self, join: "_Join", told: Told) -> None:
        """The rows of what one record is joined with; of a delta those that are not as before."""
        now = join.parts(told.values[join.place]) if told.alive else {}
        before: Mapping[tuple[Plain, ...], tuple[str, ...]] = {}
        if told.before is not None:
            before = join.parts(told.before.get(join.file.part, told.values[join.place]))
        for identity, row in now.items():
            if before.get(identity) != row:
                head = self._head(join.key(told.key, identity), told)
                self._write(join.file, [*head, *join.row(told.key, row)])
        for identity, row in before.items():
            if identity not in now:
                head = self._head(join.key(told.key, identity), told, alive=False)
                self._write(join.file, [*head, *join.row(told.key, row)])

    # -- what stands in a column --

    def _cell(self, entity: EntityType, column: Column) -> Cell:
        """What a record has in a column."""
        fields = entity.by_name
        if not column.field:
            return self._special(entity, column)
        place = fields[column.field].index
        write = self._writing(entity, column.field, fields[column.field].kind)
        if (entity.name, column.name) == ("line_items", "academicSessionSourcedId"):
            instead = fields["grading_period"].index
            return lambda told: told.values[place] or told.values[instead] or ""

        def cell(told: Told) -> str:
            value = told.values[place]
            return "" if value is None else write(value)

        return cell

    def _special(self, entity: EntityType, column: Column) -> Cell:
        """A column that no field stands under."""
        if entity.name == "users" and column.name in (USER_ROLE, USER_ORGS):
            place, roles = entity.by_name["roles"].index, self._one_role
            which = (USER_ROLE, USER_ORGS).index(column.name)
            return lambda told: roles(told.values[place], which)
        if entity.name == "score_scales" and column.name == "orgSourcedId":
            place = entity.by_name["class"].index
            return lambda told: self._schools.get(told.values[place], "")
        return lambda told: ""

    def _one_role(self, roles: Plain, which: int) -> str:
        """The one role of a person in 1.1 (0), or the organizations where it is held (1)."""
        if not roles:
            return ""
        main = next((part for part in roles if part[_TYPE] == "primary"), roles[0])
        held = [part for part in roles if part[_ROLE] == main[_ROLE]]
        if which == 1:
            orgs = (main[_ORG], *(part[_ORG] for part in held))
            return list_text(dict.fromkeys(org for org in orgs if org))
        if len(held) < len(roles):
            self._lose("export_roles_left_out")
        word: str = main[_ROLE] or ""
        if word in _ROLES_OF_1_1 or not word:
            return word
        return "administrator" if word in _ADMINISTRATORS else "aide"

    def _writing(self, entity: EntityType, field: str, kind: Kind) -> Callable[[Plain], str]:
        """How a value that is not blank is written."""
        if isinstance(kind, Elements) and kind.names[0] == "user":
            return self._agents
        if isinstance(kind, Elements):
            return lambda value: self._pairs(entity.name, field, value)
        if isinstance(kind, Instant):
            return lambda value: self._date(entity.name, field, value)
        if field == "sex" and self._version == "1.1":
            return lambda value: self._word(entity.name, field, value, _SEXES_OF_1_1)
        return _text(kind)

    def _agents(self, value: Plain) -> str:
        if any(part[1] is not None for part in value):
            self._lose("export_relation_left_out")
        return list_text(dict.fromkeys(part[0] for part in value if part[0]))

    def _pairs(self, entity: str, field: str, value: Plain) -> str:
        pairs = [(left or "", right or "") for left, right in value]
        kept = [pair for pair in pairs if can_be_paired(*pair)]
        if len(kept) < len(pairs):
            self._lose("export_value_left_out", entity=entity, field=field)
        return pairs_text(kept)

    def _date(self, entity: str, field: str, value: str) -> str:
        if not value.endswith("T00:00:00Z"):
            self._lose("export_time_left_out", entity=entity, field=field)
        return value[:10]

    def _word(self, entity: str, field: str, value: str, words: Container[str]) -> str:
        if value in words:
            return value
        self._lose("export_value_left_out", entity=entity, field=field)
        return ""

    def _lose(self, code: str, **told: str) -> None:
        self._lost[code, tuple(told.items())] += 1


# -- what records are joined with -----------------------------------------------------------------


@dataclass(frozen=True)
class _Join:
    """A file whose rows are parts of records of one entity."""

    file: File
    entity: EntityType

    @cached_property
    def place(self) -> int:
        """Where the field stands in a record."""
        return self.entity.by_name[self.file.part].index

    @cached_property
    def _kind(self) -> Kind:
        return self.entity.by_name[self.file.part].kind

    @cached_property
    def _cells(self) -> list[tuple[int, Callable[[Plain], str]]]:
        """(place in a part, how it is written) of the columns; -1 where the roster has nothing."""
        kind, found = self._kind, []
        for column in self.file.columns[len(HEAD) :]:
            place = -1
            if column.field:
                place = kind.names.index(column.field) if isinstance(kind, Elements) else 0
            found.append((place, _text(column.kind) if column.kind else str))
        return found

    def key(self, owner: str, identity: tuple[Plain, ...]) -> str:
        """The key of a row: the same for the same two."""
        told = "\0".join((self.file.name, owner, *(str(part or "") for part in identity)))
        return str(uuid.uuid5(_JOINS, told))

    def row(self, owner: str, cells: tuple[str, ...]) -> Iterator[str]:
        """The columns of a row after the first ones."""
        for column, cell in zip(self.file.columns[len(HEAD) :], cells, strict=True):
            yield owner if column.name == self.file.owner else cell

    def parts(self, value: Plain) -> dict[tuple[Plain, ...], tuple[str, ...]]:
        """The columns of the parts that make up a value, by what tells them apart."""
        if value is None:
            return {}
        kind = self._kind
        if isinstance(kind, Reference):
            return {(): self._written((value,))}
        if isinstance(kind, SetOf):
            return {(one,): self._written((one,)) for one in value}
        assert isinstance(kind, Elements)
        parts = _typed(value) if self.file.part == "roles" else value
        return {kind.key_of(part): self._written(part) for part in parts}

    def _written(self, part: tuple[Plain, ...]) -> tuple[str, ...]:
        return tuple(
            "" if place < 0 or part[place] is None else write(part[place])
            for place, write in self._cells
        )


def _said(entity: EntityType, own: File, joins: list[_Join]) -> set[str]:
    """The fields of an entity that its files of a version tell."""
    said = {*own.by_field, *(join.file.part for join in joins)}
    if USER_ROLE in own.header:
        said.add("roles")
    if entity.name == "demographics":
        said.add("user")  # by its key
    return said


_ROLES = ENTITIES["users"].by_name["roles"].kind
assert isinstance(_ROLES, Elements)
_ROLE, _ORG, _TYPE = (_ROLES.names.index(name) for name in ("role", "org", "role_type"))
_ADMINISTRATORS = frozenset(
    {"districtAdministrator", "principal", "siteAdministrator", "systemAdministrator"}
)


def _typed(roles: Plain) -> list[tuple[Plain, ...]]:
    """Roles that all have a type, as 1.2 demands: where none is said, the first in an organization
    is the primary one there.
    """
    taken = {part[_ORG] for part in roles if part[_TYPE] == "primary"}
    typed = []
    for part in roles:
        if part[_TYPE] is None:
            said = "secondary" if part[_ORG] in taken else "primary"
            taken.add(part[_ORG])
            part = (*part[:_TYPE], said, *part[_TYPE + 1 :])
        typed.append(part)
    return typed


def _text(kind: Kind) -> Callable[[Plain], str]:
    """How a value of a plain kind is written."""
    if isinstance(kind, Boolean):
        return lambda value: "true" if value else "false"
    if isinstance(kind, Number):
        return _number
    if isinstance(kind, SetOf):
        return list_text
    return str


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
