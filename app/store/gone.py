"""Gone at one SIS, and there at another: nothing has ended here but the link (SEMANTICS D4)."""

import json
from collections.abc import Collection
from typing import NamedTuple

from app.roster.entities import ENTITIES
from app.store.database import Database, Tx
from app.store.linkage import HELD_OUTSIDE
from app.store.statements import AMONG


class Gone(NamedTuple):
    """A record that has ended at one SIS and lives at another."""

    entity: str
    record: int
    connector: str
    """Where it has ended,"""
    since: str | None
    """when that was noticed, and by which sync; ``None`` where that was not noted yet."""
    run: int | None
    still: tuple[str, ...]
    """and where it lives."""


_THERE = (
    "FROM links AS other JOIN streams AS beside ON beside.id = other.stream "
    "JOIN connectors AS keeper ON keeper.id = beside.connector AND keeper.removed_at IS NULL "
    "WHERE other.record = links.record AND other.alive "
)


def gone(database: Database, connector: str | None = None) -> list[Gone]:
    """All such records, those of one connector or of each, by record type, the newest first.

    Without those that a person has left alone.
    """
    with database.reading() as tx:
        return [one for entity in ENTITIES for one in _gone(tx, entity, connector)]


def _gone(tx: Tx, entity: str, connector: str | None) -> list[Gone]:
    found = tx.rows(
        "SELECT links.record, connectors.name, max(change_sets.at), max(runs.id), "
        f"(SELECT json_group_array(DISTINCT keeper.name) {_THERE} "
        f"AND keeper.id <> connectors.id AND other.held & {HELD_OUTSIDE} = 0) AS still "
        "FROM links JOIN streams ON streams.id = links.stream AND streams.entity = ?1 "
        "JOIN connectors ON connectors.id = streams.connector AND connectors.removed_at IS NULL "
        f"JOIN {entity} AS record ON record.id = links.record AND record.alive "
        "LEFT JOIN untied ON untied.link = links.id "
        "LEFT JOIN change_sets ON change_sets.id = untied.change_set "
        "LEFT JOIN runs ON runs.id = untied.change_set "
        "WHERE links.alive = 0 AND coalesce(left_alone, 0) = 0 "
        "AND connectors.name = coalesce(?2, connectors.name) "
        f"AND NOT EXISTS (SELECT 1 {_THERE} AND keeper.id = connectors.id) "
        "GROUP BY links.record, connectors.id HAVING still <> '[]' "
        "ORDER BY 3 DESC, links.record",
        (entity, connector),
    )
    return [
        Gone(entity, record, name, since, run, tuple(sorted(json.loads(still))))
        for record, name, since, run, still in found
    ]


def leave(tx: Tx, connector: int, records: Collection[int], *, alone: bool) -> int:
    """Whether nobody is told any more that records have ended at a connector; how many they are."""
    which = (
        "FROM links JOIN streams ON streams.id = stream WHERE connector = ? AND NOT alive "
        f"AND record {AMONG}"
    )
    values = (connector, json.dumps(list(records)))
    tx.run(
        f"INSERT INTO untied (link, change_set) SELECT links.id, 0 {which} ON CONFLICT DO NOTHING",
        values,
    )
    tx.run(
        f"UPDATE untied SET left_alone = ? WHERE link IN (SELECT links.id {which})",
        (int(alone), *values),
    )
    [(count,)] = tx.rows(f"SELECT count(DISTINCT record) {which}", values)
    return int(count)
