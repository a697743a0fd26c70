"""Who may be whom: the identifiers of live records, and record ids that stand for others (D5).

Called by the engine inside its transactions, and by ``reads``. The identifiers of every record are
kept beside it, so that a newcomer is looked for by a query a page whatever the size of the roster.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from app.roster.entities import ENTITIES
from app.roster.identity import identifiers, identifying
from app.roster.schema import EntityType, FieldType
from app.roster.stored import list_text, list_value
from app.roster.values import Elements, Plain
from app.store.database import Tx

_AMONG = "IN (SELECT value FROM json_each(?))"

# -- identifiers ------------------------------------------------------------------------------

_NOTE = "INSERT INTO identifiers (value, record) VALUES (?, ?) ON CONFLICT DO NOTHING"


def note(tx: Tx, entity: EntityType, rows: Iterable[tuple[int, Sequence[Plain]]]) -> None:
    """The identifiers of new records: (record, stored values)."""
    if identifying(entity):
        tx.many(
            _NOTE, [(text, record) for record, row in rows for text in identifiers(entity, row)]
        )


def note_again(
    tx: Tx, entity: EntityType, rows: Iterable[tuple[int, Sequence[Plain], Sequence[Plain]]]
) -> None:
    """The identifiers of changed records: (record, stored values before, after)."""
    places = [field.index for field in identifying(entity)]
    gone: list[tuple[str, int]] = []
    new: list[tuple[str, int]] = []
    for record, before, after in rows if places else ():
        if any(before[place] != after[place] for place in places):
            had, has = identifiers(entity, before), identifiers(entity, after)
            gone += [(text, record) for text in had - has]
            new += [(text, record) for text in has - had]
    tx.many("DELETE FROM identifiers WHERE value = ? AND record = ?", gone)
    tx.many(_NOTE, new)


def holders(
    tx: Tx, stream: int, entity: EntityType, texts: Iterable[str]
) -> dict[str, tuple[int, int]]:
    """The live records of a stream that have an identifier: the first and the last, by its text."""
    return {
        text: (first, last)
        for text, first, last in tx.rows(
            "SELECT identifiers.value, min(record.id), max(record.id) FROM identifiers "
            f"CROSS JOIN {entity.name} AS record ON record.id = identifiers.record "
            "CROSS JOIN links ON links.record = record.id "
            f"WHERE identifiers.value {_AMONG} AND record.alive AND links.stream = ? "
            "GROUP BY identifiers.value",
            (json.dumps(list(texts)), stream),
        )
    }


# -- ids that stand for others ----------------------------------------------------------------


class StandIns:
    """Record ids that stand for others: in values both are the same."""

    def __init__(self, entity: EntityType, originals: Mapping[int, int]) -> None:
        self._originals = originals
        self._fields = _referring(entity) if originals else ()

    def __bool__(self) -> bool:
        return bool(self._fields)

    def values(self, values: Sequence[Plain]) -> tuple[Plain, ...]:
        """A row in stored form, with the originals in place of those that stand for them."""
        row = list(values)
        for field in self._fields:
            value = row[field.index]
            if field.kind.is_list:
                if isinstance(value, str):
                    row[field.index] = list_text(self.plain(field, list_value(value)))
            else:
                row[field.index] = self._originals.get(value, value)
        return tuple(row)

    def plain(self, field: FieldType, value: Plain) -> Plain:
        """The same of one canonical value."""
        if value is None or field not in self._fields:
            return value
        find = self._originals.get
        kind = field.kind
        if not kind.is_list:
            return find(value, value)
        if not isinstance(kind, Elements):
            return kind.normal([find(part, part) for part in value])
        places = {place for place, target in field.references if identifying(ENTITIES[target])}
        return kind.ordered(
            tuple(find(v, v) if place in places else v for place, v in enumerate(part))
            for part in value
        )


def _referring(entity: EntityType) -> tuple[FieldType, ...]:
    """The fields whose references may be to somebody who has got another key."""
    return tuple(
        field
        for field in entity.fields
        if any(identifying(ENTITIES[target]) for _, target in field.references)
    )


def stand_ins(tx: Tx, entity: EntityType, *, asked: bool = False) -> StandIns:
    """Those in the values of an entity; with ``asked`` only those nobody has decided about."""
    if not _referring(entity):
        return StandIns(entity, {})
    which = "WHERE NOT settled" if asked else ""
    return StandIns(entity, dict(tx.rows(f"SELECT record, original FROM stand_for {which}")))


def originals(tx: Tx, records: Collection[int]) -> dict[int, int]:
    """For whom records stand, by record; one that stands for itself alone is left out."""
    return dict(
        tx.rows(
            f"SELECT record, original FROM stand_for WHERE record {_AMONG}",
            (json.dumps(list(records)),),
        )
    )


def stand(tx: Tx, rows: Iterable[tuple[int, int]]) -> None:
    """(record, original): from now on the one stands for the other, until somebody decides."""
    tx.many(
        "INSERT INTO stand_for (record, original, settled) VALUES (?, ?, 0) "
        "ON CONFLICT (record) DO UPDATE SET original = excluded.original",
        list(rows),
    )


def settle(tx: Tx, records: Iterable[int]) -> None:
    """They stand for their originals for good."""
    tx.many("UPDATE stand_for SET settled = 1 WHERE record = ?", [(one,) for one in records])


def stand_no_more(tx: Tx, records: Iterable[int]) -> None:
    """They are somebody else after all, or nobody."""
    tx.many("DELETE FROM stand_for WHERE record = ?", [(one,) for one in records])


def asked_about(tx: Tx, records: Collection[int]) -> dict[int, int]:
    """Those of the records for whom another stands and nobody has decided: the other, by record."""
    return dict(
        tx.rows(
            f"SELECT original, record FROM stand_for WHERE NOT settled AND original {_AMONG}",
            (json.dumps(list(records)),),
        )
    )


# -- questions --------------------------------------------------------------------------------


class Question(NamedTuple):
    """One open question whether a newcomer is somebody we have."""

    link: int
    """Of the newcomer."""
    record: int
    """The newcomer's record id; there is no such record yet."""
    original: int
    """The record that it may be."""
    old: int
    """The link that the original came by."""
    run: int
    """The run that counts the newcomer's row."""
    waits: bool
    """False where the row has been read again and was not judged yet."""
    connector: int
    entity: str
    stream: int


_QUESTION = (
    "SELECT conflicts.link, links.record, conflicts.record, json_extract(about, '$.link'), "
    "items.run, items.state = 'waiting', conflicts.connector, conflicts.entity, links.stream "
    "FROM conflicts JOIN links ON links.id = conflicts.link "
    "JOIN items ON items.link = conflicts.link WHERE conflicts.part = 'identity' "
)


def questions(tx: Tx, stream: int) -> list[Question]:
    """The open questions of a stream."""
    found = tx.rows(f"{_QUESTION} AND links.stream = ? ORDER BY conflicts.id", (stream,))
    return [Question(*row) for row in found]


def questions_of(tx: Tx, links: Iterable[int]) -> list[Question]:
    """The open questions of newcomers, by their links."""
    among = f"{_QUESTION} AND conflicts.link {_AMONG} ORDER BY conflicts.id"
    return [Question(*row) for row in tx.rows(among, (json.dumps(list(links)),))]


def links_of(tx: Tx, stream: int, records: Collection[int]) -> dict[int, int]:
    """The link of each record in a stream; one that is alive before one that has ended."""
    return dict(
        tx.rows(
            f"SELECT record, id FROM links WHERE stream = ? AND record {_AMONG} "
            "ORDER BY coalesce(alive, 0), id",
            (stream, json.dumps(list(records))),
        )
    )


def staying(tx: Tx, links: Collection[int]) -> set[int]:
    """Those of the links that are alive, without anything open that says they are not."""
    return {
        row[0]
        for row in tx.rows(
            f"SELECT id FROM links WHERE id {_AMONG} AND alive "
            "AND NOT EXISTS (SELECT 1 FROM items WHERE link = links.id AND action = 'end') "
            "AND NOT EXISTS (SELECT 1 FROM conflicts WHERE link = links.id AND part = 'alive')",
            (json.dumps(list(links)),),
        )
    }
