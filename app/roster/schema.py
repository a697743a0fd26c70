"""Reads the declaration in ``entities`` into the shapes that everything else derives from.

A field is declared once, as ``Annotated[type, Field(...)]``; an entity once, as a struct with an
``about``. ``EntityType`` and ``FieldType`` are what the other rooms use.
"""

import enum
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, get_type_hints

import msgspec

from app.roster.values import NORMAL_FORMS, Elements, Kind, Plain, Reference, SetOf, sorted_set


class Privacy(enum.Enum):
    """What a value tells about a person; decides redaction and who may see it."""

    OPEN = "open"
    NAME = "name"
    CONTACT = "contact"
    IDENTIFIER = "identifier"
    SENSITIVE = "sensitive"


@dataclass(frozen=True)
class Field:
    """The declaration of one field.

    ``group`` names fields that only make sense together (SEMANTICS A4); ``covers`` marks the
    fields whose values tell what an answer covered (schools, terms, roles; SEMANTICS C5);
    ``identifies`` those that tell a person whatever key a row has (SEMANTICS D5); ``required``
    those without which nobody could say what the record is, and which OneRoster demands: a person
    may not leave them blank, while a row that lacks them is taken as it is.
    """

    label: str
    kind: Kind
    group: str | None = None
    privacy: Privacy = Privacy.OPEN
    covers: bool = False
    identifies: bool = False
    required: bool = False
    example: str = ""


@dataclass(frozen=True)
class About:
    """What is said of an entity as a whole.

    ``school`` is the path of field names to the school a record counts under (SEMANTICS E1): a
    reference to follow, ``roles.org`` for the part of an element, ``id`` for the record itself;
    empty counts under the district. ``title`` names the fields a person knows the record by.
    """

    name: str
    one: str
    many: str
    title: tuple[str, ...]
    school: tuple[str, ...] = ()


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the canonical record types."""

    about: ClassVar[About]


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the keyed elements of a record; ``key`` tells siblings apart (SEMANTICS A4)."""

    key: ClassVar[tuple[str, ...]]


def elements(of: type[Element]) -> Elements:
    """The kind of a list of ``of``."""
    fields = _fields(of)
    return Elements(tuple(name for name, _ in fields), tuple(f.kind for _, f in fields), of.key)


@dataclass(frozen=True)
class FieldType:
    """One field of an entity: its name (snake_case of the standard's term), place and kind."""

    name: str
    index: int
    label: str
    kind: Kind
    group: str
    privacy: Privacy
    covers: bool
    identifies: bool
    required: bool
    example: str

    @cached_property
    def target(self) -> str | None:
        """The entity that a single reference points to, else ``None``."""
        return self.kind.target if isinstance(self.kind, Reference) else None

    @cached_property
    def references(self) -> tuple[tuple[int | None, str], ...]:
        """Where references stand in a value: (place within each part or ``None``, target)."""
        kind = self.kind
        if isinstance(kind, Reference):
            return ((None, kind.target),)
        if isinstance(kind, SetOf) and isinstance(kind.part, Reference):
            return ((None, kind.part.target),)
        if isinstance(kind, Elements):
            return tuple(
                (place, part.target)
                for place, part in enumerate(kind.kinds)
                if isinstance(part, Reference)
            )
        return ()


@dataclass(frozen=True, eq=False)
class EntityType:
    """One entity of the canonical roster."""

    name: str
    one: str
    many: str
    title: tuple[str, ...]
    school: tuple[str, ...]
    fields: tuple[FieldType, ...]

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        """The names of the fields, in order."""
        return tuple(field.name for field in self.fields)

    @cached_property
    def by_name(self) -> Mapping[str, FieldType]:
        """The fields by name."""
        return {field.name: field for field in self.fields}


def referred(field: FieldType, value: Plain) -> list[tuple[str, list[Plain]]]:
    """(entity, identities) of what a value of ``field`` in normal form refers to."""
    found: dict[str, list[Plain]] = {}
    for place, target in field.references:
        parts = value if field.kind.is_list else (value,)
        for part in parts or ():
            identity = part if place is None else part[place]
            if identity is not None:
                found.setdefault(target, []).append(identity)
    return list(found.items())


def with_references(field: FieldType, value: Plain, find: Callable[[str, Plain], Plain]) -> Plain:
    """A value of ``field`` in normal form, each identity in it replaced by ``find(entity, it)``."""
    targets = dict(field.references)
    if value is None or not targets:
        return value
    if None not in targets:
        parts = (
            tuple(
                find(targets[place], one) if place in targets and one is not None else one
                for place, one in enumerate(part)
            )
            for part in value
        )
        return field.kind.ordered(parts)  # type: ignore[attr-defined]
    if not field.kind.is_list:
        return find(targets[None], value)
    return sorted_set(find(targets[None], part) for part in value)


def read_entity(of: type[Entity]) -> EntityType:
    """The shape of the declared entity ``of``."""
    about = of.about
    fields = tuple(
        FieldType(
            name=name,
            index=index,
            label=field.label,
            kind=field.kind,
            group=field.group or name,
            privacy=field.privacy,
            covers=field.covers,
            identifies=field.identifies,
            required=field.required,
            example=field.example,
        )
        for index, (name, field) in enumerate(_fields(of))
    )
    return EntityType(about.name, about.one, about.many, about.title, about.school, fields)


def fingerprint(entities: Mapping[str, EntityType]) -> bytes:
    """Changes whenever what a value means may have changed: salts row digests (SEMANTICS B8)."""
    told = repr(
        (NORMAL_FORMS, [(e.name, [(f.name, f.kind) for f in e.fields]) for e in entities.values()])
    )
    return hashlib.blake2b(told.encode(), digest_size=16).digest()


def _fields(of: type[msgspec.Struct]) -> list[tuple[str, Field]]:
    """The declared fields in order; a name that Python reserves carries a trailing underscore."""
    found: list[tuple[str, Field]] = []
    hints: dict[str, Any] = get_type_hints(of, include_extras=True)
    for name in of.__struct_fields__:
        (field,) = (part for part in hints[name].__metadata__ if isinstance(part, Field))
        found.append((name.rstrip("_"), field))
    return found
