"""What is told of one record, field by field, in normal form (SEMANTICS A1, A2)."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from app.connectors.contract import Row
from app.connectors.edfi.descriptors import NOTHING, Words, shown
from app.connectors.edfi.vocabulary import Document
from app.roster.entities import ENTITIES
from app.roster.values import UNSAID, Plain, Unfit

Parts: TypeAlias = Mapping[str, Sequence[Document]]
"""The documents of one record by the newest name of their resource.

The anchor stands under its own name as the only one. A resource that is not read at all is left
out, so that nothing is said of what it would tell; one of which there is no document is empty.
"""

UNKNOWN_WORD = "odd_descriptor"
"""The warning about a descriptor that nobody has explained; the descriptor stands behind it."""


class Patch:
    """The values of one record by field; what is not said stays unsaid."""

    def __init__(self, entity: str, fields: Sequence[str], words: Words) -> None:
        self._fields = fields
        self._kinds = ENTITIES[entity].by_name
        self._words = words
        self._values: dict[str, Plain] = {}
        self._warnings: list[tuple[str, str]] = []

    def say(self, field: str, value: object) -> None:
        """What the field is; a value that is none of its kind leaves it unsaid, with a warning."""
        try:
            self._values[field] = self._kinds[field].kind.normal(value)
        except Unfit as unfit:
            self._values.pop(field, None)
            self._warnings.append((field, f"odd_{unfit}"))

    def meaning(self, field: str, name: str, uri: object) -> str | None:
        """What a descriptor means (``Words.meaning``); ``None`` with a warning where unknown."""
        meant = self._words.meaning(name, uri)
        if meant is None and isinstance(uri, str) and uri.strip():
            said = shown(name, uri)
            # Warnings are counted by their words, of which there must not be any number.
            listed_there = said in self._words.unmapped
            self._warnings.append((field, f"{UNKNOWN_WORD} {said if listed_there else name}"))
        return meant

    def choose(self, field: str, name: str, uri: object) -> None:
        """The field is what a descriptor means; unsaid where that is not known."""
        meant = self.meaning(field, name, uri)
        if meant is not None or not uri:
            self.say(field, None if meant == NOTHING else meant)

    def choose_all(self, field: str, name: str, uris: Sequence[object]) -> None:
        """The field is all that several descriptors mean; unsaid where one is not known."""
        meant = [self.meaning(field, name, uri) for uri in uris]
        if None not in meant:
            self.say(field, [one for one in meant if one != NOTHING])

    def row(self, key: str) -> Row:
        """All of it under the key of the record."""
        values = self._values
        patch = tuple([values.get(field, UNSAID) for field in self._fields])
        return Row(key, patch, None, tuple(dict.fromkeys(self._warnings)))


def at(document: object, *names: str) -> Any:
    """The member at that place of a document; ``None`` where there is no such place."""
    for name in names:
        # Nearly always it is what JSON makes; to ask for any mapping takes ten times as long.
        if type(document) is not dict and not isinstance(document, Mapping):
            return None
        document = document.get(name)
    return document


def listed(document: object, name: str) -> list[Document]:
    """The objects in a list of a document; whatever else is in it is no element."""
    found = at(document, name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def named(document: object, name: str, member: str) -> list[Any]:
    """One member of each object in a list of a document, where it says anything."""
    return [one[member] for one in listed(document, name) if one.get(member) not in (None, "")]
