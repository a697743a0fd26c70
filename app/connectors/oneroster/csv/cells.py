"""Rows of texts as canonical values: the same meanings as over REST (``wire.normaliser``).

A column that is not there leaves its field unsaid, in every row and without a word; so does the
part of a record whose file is not there. What stands in a cell and cannot be understood leaves the
field unsaid for that record, with a warning (SEMANTICS A2).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from app.connectors import tolerant
from app.connectors.contract import Row, Unreadable
from app.connectors.oneroster import wire
from app.connectors.oneroster.csv.columns import (
    USER_ORGS,
    USER_ROLE,
    File,
    listed,
    pairs,
)
from app.connectors.oneroster.csv.heading import KEY, MODIFIED, STATUS, Heading
from app.connectors.oneroster.csv.lines import DamagedRow, fields_of
from app.connectors.oneroster.vocabulary import (
    ACTIVE,
    LONE_ROLE,
    TOBEDELETED,
    camel_case,
)
from app.connectors.oneroster.words import Words
from app.roster.entities import ENTITIES
from app.roster.schema import FieldType
from app.roster.values import UNSAID, Elements, Kind, Plain, Reference, SetOf, Text, Unfit

_REMEMBERED = 20_000
"""Cells of one column whose value is kept at hand: words, dates, yes and no repeat without end."""

LONGEST = 1 << 16
"""Characters that a value may have."""

_WORD = 1_000
"""Characters of what is kept at hand."""

Cell = Callable[[str], Plain]
Parts = Mapping[str, bytes]
"""What other files say of a record, by the name of the file (``part_body``)."""

Told = Callable[[list[str], Parts], Plain]
"""What tells a field, from the texts of a row and what other files say of the record."""

part_body = msgspec.json.encode
"""The rows of a part file that belong to one record, by their keys, as the shelf keeps them."""
part_rows = msgspec.json.Decoder(dict[str, list[str] | None]).decode
"""The same read; a row that has ended, or belongs to another record by now, is ``None``."""


def cell(kind: Kind, name: str, words: Words) -> Cell:
    """What makes the canonical value of a text in a column; raises ``Unfit``."""
    normal = wire.normaliser(kind, name, words)
    if isinstance(kind, Elements) and kind.names[0] == "user":
        return _bounded(lambda text: normal(_keys(text)))
    if isinstance(kind, Elements):
        return _bounded(lambda text: kind.normal(_pairs(text)))
    if isinstance(kind, SetOf):
        return _at_hand(lambda text: normal(listed(text)))
    if isinstance(kind, Reference):
        return _plainly(str.strip, normal)
    if isinstance(kind, Text) and words.meaning(name) is None:
        return _plainly(kind.normal, normal)
    return _at_hand(normal)


def _bounded(careful: Cell) -> Cell:
    """Whatever is longer than any value is none."""

    def value(text: str) -> Plain:
        if len(text) > LONGEST:
            raise Unfit("length")
        return careful(text)

    return value


def _at_hand(careful: Cell) -> Cell:
    """Words that come again are understood once."""
    known, careful = lru_cache(_REMEMBERED)(careful), _bounded(careful)
    return lambda text: known(text) if len(text) <= _WORD else careful(text)


def _plainly(quick: Cell, careful: Cell) -> Cell:
    """``quick`` is enough for a text without anything odd in it, as nearly all are."""
    careful = _bounded(careful)

    def value(text: str) -> Plain:
        if len(text) <= LONGEST and text.isascii() and text.isprintable():
            return quick(text) or None
        return careful(text)

    return value


def _keys(text: str) -> list[str]:
    return [key for key in listed(text) if key.strip()]


def _pairs(text: str) -> list[tuple[str, str]]:
    found = pairs(text)
    if not found and text.strip():
        raise Unfit("list")
    if not all(tolerant.usable(part) for pair in found for part in pair):
        raise Unfit("text")
    return found


class Reader:
    """Reads the rows of one file, with what other files say of the same records."""

    def __init__(
        self,
        heading: Heading,
        encoding: str,
        fields: Sequence[str],
        words: Words,
        parts: Sequence[File] = (),
    ) -> None:
        """``parts``: the files whose rows are parts of these records, as far as they are sound."""
        self._heading, self._encoding = heading, encoding
        entity = ENTITIES[heading.file.entity]
        joined = {one.part: one for one in parts}
        self._fields = [(name, self._told(entity.by_name[name], words, joined)) for name in fields]

    def _told(self, field: FieldType, words: Words, joined: Mapping[str, File]) -> Told:
        """What tells a field, from the texts of a row and what other files say of it."""
        places = self._heading.places
        if file := joined.get(field.name):
            return _told_by_parts(field, file, words)
        column = self._heading.file.by_field.get(field.name)
        if column is None and field.name == "user":
            # A person's demographics go by the person's key.
            key, reference = places[KEY], cell(field.kind, field.name, words)
            return lambda texts, _: reference(texts[key])
        if field.name == "roles" and {USER_ROLE, USER_ORGS} <= places.keys():
            return _role(field, places[USER_ROLE], places[USER_ORGS], words)
        if column is None or column.name not in places:
            return lambda _texts, _parts: UNSAID
        place, value = places[column.name], cell(field.kind, field.name, words)
        return lambda texts, _: value(text) if (text := texts[place]) else None

    def read(self, line: bytes, key: str, parts: Parts) -> Row | Unreadable:
        """The row in canonical form; never raises."""
        try:
            texts = fields_of(line, self._encoding)
        except (DamagedRow, UnicodeDecodeError):
            return Unreadable(key, line.partition(b",")[0], "row_damaged")
        warnings: list[tuple[str, str]] = []
        patch: list[Plain] = []
        for name, told in self._fields:
            try:
                patch.append(told(texts, parts))
            except Unfit as unfit:
                patch.append(UNSAID)
                warnings.append((name, f"odd_{unfit}"))
        places = self._heading.places
        status = texts[places[STATUS]] if STATUS in places else ""
        if status not in ACTIVE and status.strip().lower() not in ("", "active", TOBEDELETED):
            warnings.append(("status", "odd_status"))
        modified = texts[places[MODIFIED]].strip()[:_WORD] if MODIFIED in places else ""
        return Row(key, tuple(patch), modified or None, tuple(warnings))


def _role(field: FieldType, role: int, orgs: int, words: Words) -> Told:
    """The one role of a user in 1.1, at each of the user's organizations."""
    normal = wire.normaliser(field.kind, field.name, words)

    @lru_cache(_REMEMBERED)
    def value(said: str, where: str) -> Plain:
        if not said.strip():
            return None
        keys = _keys(where) or [""]
        return normal(
            [
                {"role": said, "org": {"sourcedId": key or None}, "roleType": LONE_ROLE}
                for key in keys
            ]
        )

    def told(texts: list[str], _parts: Parts) -> Plain:
        if len(texts[role]) + len(texts[orgs]) > LONGEST:
            raise Unfit("length")
        return value(texts[role], texts[orgs])

    return told


def part_texts(heading: Heading, texts: Sequence[str]) -> list[str]:
    """What a row of a part file says, in the order of the standard, blank where it says nothing."""
    places = heading.places
    return [
        texts[places[column.name]] if column.name in places else ""
        for column in heading.file.columns
        if column.field
    ]


def _told_by_parts(field: FieldType, file: File, words: Words) -> Told:
    """What the rows of a part file make up: a list, or the one thing that is told."""
    told = [column for column in file.columns if column.field]
    kind = field.kind
    normal = wire.normaliser(kind, field.name, words)

    @lru_cache(_REMEMBERED)
    def value(rows: tuple[tuple[str, ...], ...]) -> Plain:
        if isinstance(kind, Elements):
            return normal([_element(texts) for texts in rows])
        keys = [texts[0] for texts in rows]
        return normal(keys if isinstance(kind, SetOf) else min(keys))

    def told_by(_texts: list[str], parts: Parts) -> Plain:
        body = parts.get(file.name)
        if body and len(body) > LONGEST:
            raise Unfit("length")
        kept = part_rows(body).values() if body else ()
        rows = tuple(tuple(texts) for texts in kept if texts is not None)
        return value(rows) if rows else None

    names = [(camel_case(one.field), isinstance(one.kind, Reference)) for one in told]

    def _element(texts: Sequence[str]) -> dict[str, Any]:
        element: dict[str, Any] = {
            name: ({"sourcedId": text or None} if refers else text or None)
            for (name, refers), text in zip(names, texts, strict=True)
        }
        if field.name == "learning_objectives":
            # As over REST, where they stand by source.
            return {"source": element.pop("source"), "learningObjectiveResults": [element]}
        return element

    return told_by
