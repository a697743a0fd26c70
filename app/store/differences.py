"""Everybody's questions about open conflicts ("differences"), answered with frozen rows.

As in ``reads``: ids first, then a page; never from the window's thread.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.errors import NotFound
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE, part_name
from app.roster.schema import EntityType, FieldType
from app.roster.values import Boolean, Choice, Elements, Kind, Plain, Reference
from app.store import history, reads
from app.store.codec import decode_changes, plain_changes
from app.store.database import Database, Tx
from app.store.history import Origin
from app.store.statements import AMONG

WHOLE_STREAM = ("first_contact", "same_person")
"""Kinds of which all of a stream are one question (SEMANTICS B3, D5)."""

FEW = 20
"""Up to so many newcomers of a stream who may be known are asked one by one (SEMANTICS D5)."""


@dataclass(frozen=True)
class Difference:
    """One open conflict. The sides are canonical values by field; ``alive`` is among them.

    Ours is what stood when the conflict was last touched, and is held against what stands before
    anything is decided. A field that was never decided about is missing in ``base``.
    """

    id: int
    kind: str
    connector: str
    entity: str
    record: int
    title: str
    """What the record is called."""
    part: str
    """A field, a group, ``field[key]`` of an element, or ``alive``."""
    ours: Mapping[str, Plain]
    sis: Mapping[str, Plain]
    base: Mapping[str, Plain]
    ours_from: Origin | None
    """Where our side comes from; ``None`` where nothing tells."""
    sis_run: int
    """The sync that last found the SIS to say so."""
    sis_at: str
    revision: int
    about: Mapping[str, Any]
    """What else a person should know, by the kind of conflict."""

    @property
    def ours_by(self) -> str:
        """Who set our side last: a person, or the connector whose sync did."""
        return self.ours_from.who if self.ours_from else ""

    @property
    def ours_at(self) -> str:
        """When that was."""
        return self.ours_from.at if self.ours_from else ""


@dataclass(frozen=True)
class Question:
    """Differences of one stream that are one question."""

    connector: str
    entity: str
    kind: str
    count: int
    first: int
    """The id of one of them; all that are like it are the rest."""


def difference_ids(
    database: Database,
    *,
    connector: str | None = None,
    entity: str | None = None,
    kind: str | None = None,
    record: int | None = None,
) -> list[int]:
    """The ids of open differences, the oldest first, narrowed by what is not ``None``."""
    with database.reading() as tx:
        return [
            row[0]
            for row in tx.rows(
                "SELECT conflicts.id FROM conflicts "
                "JOIN connectors ON connectors.id = conflicts.connector "
                "WHERE (?1 IS NULL OR name = ?1) AND (?2 IS NULL OR entity = ?2) "
                "AND (?3 IS NULL OR conflicts.kind = ?3) AND (?4 IS NULL OR record = ?4) "
                "ORDER BY conflicts.id",
                (connector, entity, kind, record),
            )
        ]


def questions(database: Database) -> list[Question]:
    """The differences that are asked a stream at a time, by connector and entity."""
    kinds = json.dumps(WHOLE_STREAM)
    with database.reading() as tx:
        return [
            Question(*row)
            for row in tx.rows(
                "SELECT name, entity, conflicts.kind, count(*), min(conflicts.id) FROM conflicts "
                "JOIN connectors ON connectors.id = conflicts.connector "
                f"WHERE conflicts.kind {AMONG} GROUP BY name, entity, conflicts.kind "
                "HAVING conflicts.kind <> 'same_person' OR count(*) > ? "
                "ORDER BY name, entity, conflicts.kind",
                (kinds, FEW),
            )
        ]


def difference(database: Database, id_: int) -> Difference:
    """One open difference; raises ``NotFound``."""
    for found in differences(database, [id_]):
        return found
    raise NotFound("conflict_unknown", id=id_)


def differences(database: Database, ids: Sequence[int]) -> list[Difference]:
    """Open differences by id, in the order asked for; those that are closed are left out."""
    with database.reading() as tx:
        rows = list(
            tx.rows(
                "SELECT conflicts.id, conflicts.kind, name, entity, record, part, local, remote, "
                "base, touched_in, change_sets.at, revision, about FROM conflicts "
                "JOIN connectors ON connectors.id = conflicts.connector "
                "LEFT JOIN change_sets ON change_sets.id = touched_in "
                f"WHERE conflicts.id {AMONG}",
                (json.dumps(list(ids)),),
            )
        )
        changes = _changes(tx, {row[4] for row in rows})
        made = history.made(tx, {(row[3], row[4]) for row in rows})
    titles = titled(database, {(row[3], row[4]) for row in rows})
    found = {}
    for (
        id_,
        kind,
        name,
        entity,
        record,
        part,
        local,
        remote,
        base,
        run,
        at,
        revision,
        about,
    ) in rows:
        type_ = ENTITIES[entity]
        ours, sis, was = (plain_changes(type_, side) for side in (local, remote, base))
        origin = _set_in(changes.get(record, ()), ours.keys()) or made.get(record)
        found[id_] = Difference(
            id_,
            kind,
            name,
            entity,
            record,
            titles.get(record, ""),
            part,
            ours,
            sis,
            was,
            origin,
            run,
            at or "",
            revision,
            json.loads(about) if about else {},
        )
    return [found[id_] for id_ in ids if id_ in found]


def _changes(tx: Tx, records: Collection[int]) -> dict[int, list[tuple[bytes, Origin]]]:
    """(after, origin) of the changes of records, the newest first."""
    found: dict[int, list[tuple[bytes, Origin]]] = {}
    for record, after, *origin in tx.rows(
        f"SELECT record, after, {history.ORIGIN} FROM changes "
        f"JOIN change_sets ON change_sets.id = change_set {history.WRITTEN_IN}"
        f"WHERE record {AMONG} ORDER BY changes.id DESC",
        (json.dumps(list(records)),),
    ):
        found.setdefault(record, []).append((after, Origin(*origin)))
    return found


def _set_in(changes: Iterable[tuple[bytes, Origin]], names: Collection[str]) -> Origin | None:
    for after, origin in changes:
        if not decode_changes(after).keys().isdisjoint(names):
            return origin
    return None


def titled(database: Database, records: Iterable[tuple[str, int]]) -> dict[int, str]:
    """What records are called; one that is called by others, by what those are called."""
    by_entity: dict[str, list[int]] = {}
    for entity, record in records:
        by_entity.setdefault(entity, []).append(record)
    found: dict[int, str] = {}
    for entity, ids in by_entity.items():
        type_ = ENTITIES[entity]
        rows = reads.records(database, entity, ids)
        wanted: dict[str, set[int]] = {}
        for name in type_.title:
            if target := type_.by_name[name].target:
                wanted.setdefault(target, set()).update(
                    row.values[name] for row in rows if row.values[name] is not None
                )
        titles = reads.titles(database, *wanted.items())
        for row in rows:
            told = [(type_.by_name[name], row.values[name]) for name in type_.title]
            # Of two records, it is to be seen where the name of one ends.
            between = " · " if wanted else " "
            found[row.id] = between.join(
                titles.get(value, f"#{value}") if one.target else str(value)
                for one, value in told
                if value is not None
            )
    return found


# -- those that are alike ---------------------------------------------------------------------


def alike(database: Database, id_: int) -> list[int]:
    """The ids of the open differences that are alike, that one first; raises ``NotFound``.

    Alike are those of one connector, entity, kind and part (of whatever element) that have the same
    shape. Of a word of a vocabulary, a yes or no, or a reference, the shape is what the three sides
    say; of any other value it is which sides are blank and which agree, told apart further by
    whether ours and the SIS's differ in more than case, spaces and marks. First contacts, and
    newcomers who may be known, are alike in all of their stream.
    """
    with database.reading() as tx:
        one = tx.one(
            "SELECT connector, entity, kind, part, base, local, remote FROM conflicts WHERE id = ?",
            (id_,),
        )
        if one is None:
            raise NotFound("conflict_unknown", id=id_)
        connector, entity, kind, part, *sides = one
        type_, name = ENTITIES[entity], part_name(part)
        whole = kind in WHOLE_STREAM
        mine = None if whole else shape(type_, part, sides)
        others = [
            row[0]
            for row in tx.rows(
                "SELECT id, part, base, local, remote FROM conflicts "
                "WHERE connector = ? AND entity = ? AND kind = ? AND id <> ? ORDER BY id",
                (connector, entity, kind, id_),
            )
            if whole or (part_name(row[1]) == name and shape(type_, row[1], row[2:]) == mine)
        ]
    return [id_, *others]


class Likeness(NamedTuple):
    """The shape of a value that is not one of a few words: base, ours, the SIS's."""

    blank: tuple[bool, ...]
    ours_as_agreed: bool
    sis_as_agreed: bool
    equal: bool
    only_written_otherwise: bool
    """Ours and the SIS's differ in no more than case, spaces and marks."""


def shape(entity: EntityType, part: str, blobs: Sequence[bytes]) -> tuple[object, ...]:
    """What has to be equal for two differences of one part to be alike, of base, ours, the SIS's.

    One thing a field: the sides themselves, a ``Likeness``, or what holds of an element.
    """
    sides = [plain_changes(entity, blob) for blob in blobs]
    if part == ALIVE:
        # What else the SIS changed differs from one to the next.
        return tuple(side[ALIVE] for side in sides)
    known = entity.by_name
    names = {name for side in sides for name in side} & known.keys()
    fields = sorted((known[name] for name in names), key=lambda one: one.index)
    element = part != part_name(part)
    return tuple(
        _element_shape(one, [side.get(one.name) for side in sides])
        if element
        else _value_shape(one.kind, [side.get(one.name) for side in sides])
        for one in fields
    )


def _element_shape(one: FieldType, sides: Sequence[Plain]) -> object:
    """Of an element: on which sides there is one, and the shape of its parts.

    Whom or what it refers to is not among them: the same happened to them all.
    """
    assert isinstance(one.kind, Elements)
    elements = [side[0] if side else None for side in sides]
    return (
        tuple(element is not None for element in elements),
        tuple(
            _value_shape(kind, [None if one is None else one[place] for one in elements])
            for place, kind in enumerate(one.kind.kinds)
            if not isinstance(kind, Reference)
        ),
    )


def _value_shape(kind: Kind, sides: Sequence[Plain]) -> tuple[Plain, ...]:
    if isinstance(kind, Choice | Boolean | Reference):
        return tuple(sides)
    base, ours, theirs = sides
    return Likeness(
        tuple(side is None for side in sides),
        base == ours,
        base == theirs,
        ours == theirs,
        _letters(ours) == _letters(theirs),
    )


def _letters(value: Plain) -> object:
    """A text without what is often written in more than one way."""
    if not isinstance(value, str):
        return value
    return "".join(char for char in value.casefold() if char.isalnum())
