"""A document while fields of the roster are put into it, and what may keep them out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.keys import parsed
from app.connectors.edfi.telling.days import last_before
from app.connectors.edfi.vocabulary import key_parts, resources
from app.roster.values import Plain


class Unsayable(ValueError):
    """Ed-Fi, or this service, has no word for the value of these fields."""

    def __init__(self, *fields: str, lacking: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields
        self.lacking = tuple(lacking)
        """The descriptors that there are none of, each with what it would have to mean."""


class Wanting(ValueError):
    """The standard asks for these fields, and nothing is in them."""

    def __init__(self, *fields: str) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


@dataclass(frozen=True)
class Draft:
    """What is being written. Only the members that the values speak of are touched."""

    document: dict[str, Any]
    values: Mapping[str, Plain]
    words: Words
    standard: int

    def put(self, member: str, value: Plain) -> None:
        """The member is that; without a value it is left out."""
        if value is None:
            self.document.pop(member, None)
        else:
            self.document[member] = value

    def elements(self, member: str) -> list[Any]:
        """The list of that name, there to be changed; ``drop_empty`` leaves none behind."""
        found = self.document.get(member)
        if not isinstance(found, list):
            found = self.document[member] = []
        return found

    def drop_empty(self, member: str) -> None:
        """Leaves the list of that name out, where nothing is in it."""
        if not self.document.get(member):
            self.document.pop(member, None)

    def put_descriptor(self, field: str, member: str, name: str, meaning: str | None) -> None:
        """The member says what is meant; where it does already, it stays in its own words."""
        now = self.document.get(member)
        if meaning is None:
            self.document.pop(member, None)
        elif now is None or self.words.meaning(name, now) != meaning:
            self.document[member] = self.descriptor(field, name, meaning)

    def descriptor(self, field: str, name: str, meaning: str) -> str:
        """The descriptor that says what is meant. Raises ``Unsayable``."""
        found = self.words.descriptor(name, meaning)
        if found is None:
            raise Unsayable(field, lacking=[(name, meaning)])
        return found


Way: TypeAlias = Callable[[Draft, str], None]
"""Puts the field of that name into a draft. Raises ``Unsayable``."""

_NUMBERS = frozenset({"schoolId", "schoolYear", "educationOrganizationId", "periodSequence"})


def plainly(member: str) -> Way:
    """The value itself stands in the member."""
    return lambda draft, field: draft.put(member, draft.values[field])


def ending(member: str) -> Way:
    """The member is the last day of what ends there."""
    return lambda draft, field: draft.put(member, last_before(draft.values[field]))


def referring(member: str, resource: str) -> Way:
    """The member refers to the record whose remote key the value is."""

    def way(draft: Draft, field: str) -> None:
        key = draft.values[field]
        draft.put(member, None if key is None else reference(draft, field, resource, key))

    return way


def reference(draft: Draft, field: str, resource: str, key: str) -> dict[str, Any]:
    """The members of a reference to a record. Raises ``Unsayable`` for a key of something else."""
    of, natural = parsed(key)
    if of not in (resource, ""):
        raise Unsayable(field)
    return members(field, resources(draft.standard)[resource].names, key_parts(natural))


def members(field: str, names: Sequence[str], parts: Sequence[str]) -> dict[str, Any]:
    """The parts of a natural key by their names. Raises ``Unsayable`` where they do not fit."""
    if len(names) != len(parts):
        raise Unsayable(field)
    return {
        name: int(part) if name in _NUMBERS and part.isdigit() else part
        for name, part in zip(names, parts, strict=True)
    }
