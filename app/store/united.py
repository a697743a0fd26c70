"""Two records that a person made one, or told apart: what is needed to take that back (G2).

Called by the engine inside its transactions.
"""

import json
from collections.abc import Collection, Iterable
from typing import NamedTuple

from app.roster.entities import ENTITIES
from app.store.database import Tx
from app.store.statements import AMONG


class United(NamedTuple):
    """A link that became that of another record."""

    link: int
    entity: str
    record: int
    """Whose it was,"""
    into: int
    """and whose it became."""


def note(tx: Tx, change_set: int, links: Iterable[United]) -> None:
    """Links changed hands in a change set."""
    tx.many(
        'INSERT INTO united (change_set, link, entity, record, "into") VALUES (?, ?, ?, ?, ?)',
        [(change_set, *one) for one in links],
    )


def united(tx: Tx, sets: Collection[int]) -> list[United]:
    """The links that changed hands in change sets, the newest first."""
    found = tx.rows(
        f'SELECT link, entity, record, "into" FROM united WHERE change_set {AMONG} '
        "ORDER BY change_set DESC, record, link",
        (json.dumps(sorted(sets)),),
    )
    return [United._make(row) for row in found]


def since(tx: Tx, links: Collection[int]) -> int:
    """The newest change set in which any of the links changed hands; 0 where none did."""
    found = tx.one(
        f"SELECT coalesce(max(change_set), 0) FROM united WHERE link {AMONG}",
        (json.dumps(list(links)),),
    )
    assert found is not None
    return int(found[0])


class Pair(NamedTuple):
    """Two records that were told apart, the lower id first."""

    entity: str
    one: int
    other: int


def told_apart(tx: Tx, sets: Collection[int]) -> list[Pair]:
    """The pairs that change sets told apart."""
    found = tx.rows(
        f'SELECT entity, "one", "other" FROM different WHERE change_set {AMONG} ORDER BY 2, 3',
        (json.dumps(sorted(sets)),),
    )
    return [Pair._make(row) for row in found]


def entity_of(tx: Tx, record: int) -> str | None:
    """The record type of an id; ``None`` where no record goes by it."""
    for entity in ENTITIES:
        if tx.one(f"SELECT 1 FROM {entity} WHERE id = ?", (record,)) is not None:
            return entity
    return None
