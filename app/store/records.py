"""Records, the ids and layouts that they are written with, and the log of their changes.

Set-based, a few statements a page, for the engine inside its transactions. Ids are allotted inside
the one that uses them.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from app.roster.entities import ENTITIES
from app.roster.values import Plain
from app.store import identities
from app.store.codec import Layouts, decode_changes
from app.store.database import Tx
from app.store.statements import AMONG, insert_into, quoted
from app.store.tables import RECORDS


class Record(NamedTuple):
    """A record as it stands: ``values`` in stored form, one a field of the entity."""

    id: int
    version: int
    alive: bool
    values: tuple[Plain, ...]


# -- ids and layouts --------------------------------------------------------------------------


def allot(tx: Tx, name: str, count: int) -> int:
    """The first of ``count`` new ids of the sequence ``name``."""
    row = tx.one("SELECT next FROM sequences WHERE name = ?", (name,))
    first = 1 if row is None else int(row[0])
    tx.run(
        "INSERT INTO sequences (name, next) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET next = excluded.next",
        (name, first + count),
    )
    return first


def layouts(tx: Tx, entity: str) -> Layouts:
    """The layouts of ``entity``, today's among them (made when it is new)."""
    tx.run(
        "INSERT INTO layouts (entity, fields) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (entity, _today(entity)),
    )
    return known_layouts(tx, entity)


def known_layouts(tx: Tx, entity: str) -> Layouts:
    """The layouts of ``entity`` that something was written in; for reading alone."""
    known: dict[int, Sequence[str]] = {}
    current = 0
    for layout, fields in tx.rows("SELECT id, fields FROM layouts WHERE entity = ?", (entity,)):
        known[layout] = json.loads(fields)
        if fields == _today(entity):
            current = layout
    return Layouts(ENTITIES[entity], known, current)


def _today(entity: str) -> str:
    return json.dumps(ENTITIES[entity].field_names)


# -- records ----------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _new_record(entity: str) -> str:
    table = RECORDS[entity]
    return insert_into(table, *(column.name for column in table.columns))


@lru_cache(maxsize=64)
def _changed_record(entity: str) -> str:
    table = RECORDS[entity]
    columns = [column.name for column in table.columns if column.name not in ("id", "created_in")]
    sets = ", ".join(f"{quoted(name)} = ?" for name in columns)
    return f"UPDATE {entity} SET {sets} WHERE id = ?"


@lru_cache(maxsize=64)
def _read_records(entity: str) -> str:
    fields = ", ".join(quoted(name) for name in ENTITIES[entity].field_names)
    return f"SELECT id, version, alive, {fields} FROM {entity} WHERE id {AMONG}"


_BEFORE_FIELDS = 5
"""What stands in a row of a record before its fields."""


def insert_records(
    tx: Tx, entity: str, rows: Sequence[tuple[Any, ...]], *, identify: bool = True
) -> None:
    """New records: (id, version, alive, created_in, changed_in), then the stored fields.

    Without ``identify`` what identifies them is noted later (``identities.catch_up``).
    """
    tx.many(_new_record(entity), rows)
    if identify:
        identities.note(tx, ENTITIES[entity], ((row[0], row[_BEFORE_FIELDS:]) for row in rows))
    else:
        identities.owe(tx, ENTITIES[entity])


def read_records(tx: Tx, entity: str, ids: Iterable[int]) -> dict[int, Record]:
    """Records by id; an id without a record (a dangling reference) is left out."""
    return {
        row[0]: Record(row[0], row[1], bool(row[2]), tuple(row[3:]))
        for row in tx.rows(_read_records(entity), (json.dumps(list(ids)),))
    }


def belonging(tx: Tx, entity: str, to: str, record: int) -> list[Record]:
    """The living records of ``entity`` whose reference to a record of ``to`` is that one."""
    (name,) = (
        one.name
        for one in ENTITIES[entity].fields
        if one.references == ((None, to),) and not one.kind.is_list
    )
    rows = tx.rows(f"SELECT id FROM {entity} WHERE {quoted(name)} = ? AND alive", (record,))
    return list(read_records(tx, entity, [row[0] for row in rows]).values())


def update_records(
    tx: Tx, entity: str, change_set: int, changed: Sequence[tuple[Record, bool, Sequence[Plain]]]
) -> None:
    """Writes (the record as read, its being alive, its new values); the version goes up by one."""
    tx.many(
        _changed_record(entity),
        [
            (record.version + 1, int(alive), change_set, *values, record.id)
            for record, alive, values in changed
        ],
    )
    # What lives again stands for itself.
    identities.stand_no_more(tx, [one.id for one, alive, _ in changed if alive and not one.alive])
    sides = ((record.id, record.values, values) for record, _, values in changed)
    identities.note_again(tx, ENTITIES[entity], sides)


# -- the log of changes ------------------------------------------------------------------------

_NEW_CHANGE = (
    "INSERT INTO changes (change_set, entity, record, link, before, after, discarded) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def log_changes(
    tx: Tx,
    change_set: int,
    entity: str,
    rows: Sequence[tuple[int, int | None, bytes, bytes, bytes | None]],
) -> None:
    """The change log: (record, link, before, after, discarded); blobs of fields by name."""
    tx.many(_NEW_CHANGE, [(change_set, entity, *row) for row in rows])


def log_twins(tx: Tx, change_set: int, twins: Mapping[int, int]) -> None:
    """With whom records were joined in the change set, or from whom they were taken apart (A5)."""
    tx.many(
        "UPDATE changes SET twin = ? WHERE change_set = ? AND record = ?",
        [(other, change_set, record) for record, other in twins.items()],
    )


def changed_at(tx: Tx, record: int, names: Collection[str]) -> str | None:
    """When any of the named fields (or ``alive``) of a record was last changed here."""
    for at, after in tx.rows(
        "SELECT at, after FROM changes JOIN change_sets ON change_sets.id = change_set "
        "WHERE record = ? ORDER BY changes.id DESC",
        (record,),
    ):
        if not decode_changes(after).keys().isdisjoint(names):
            return str(at)
    return None


def set_lately(
    tx: Tx, records: Collection[int], runs: int
) -> dict[int, list[tuple[int, dict[str, Plain]]]]:
    """(link, fields) that the last so many runs set, since a person last changed the record.

    The newest first, by record; those of which nothing was set are left out.
    """
    found: dict[int, list[tuple[int, dict[str, Plain]]]] = {}
    before: set[int] = set()
    for record, link, after in tx.rows(
        f"SELECT record, link, after FROM changes WHERE record {AMONG} AND change_set > coalesce("
        "(SELECT min(id) FROM (SELECT id FROM runs ORDER BY id DESC LIMIT ?)), 0) "
        "ORDER BY id DESC",
        (json.dumps(list(records)), runs + 1),
    ):
        if link is None:
            before.add(record)
        elif record not in before:
            found.setdefault(record, []).append((link, decode_changes(after)))
    return found
