"""What stands here of records that are looked up at their SISs right now.

Reads alone; every function is one or a few set-based questions inside the caller's transaction.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.roster.schema import EntityType, referred, with_references
from app.roster.stored import plain_value
from app.roster.values import UNKNOWN, Plain
from app.store import identities, linkage, records
from app.store.database import Tx
from app.store.linkage import HELD_OUTSIDE
from app.store.statements import AMONG


@dataclass(frozen=True)
class Linked:
    """A record as one connector knows it."""

    record: int
    connector: int
    """The id of the connector."""
    keys: tuple[str, ...]
    """The keys of its rows, the link's own first (SEMANTICS A5)."""
    alive: bool | None
    """Whether the SIS last said that it lives; ``None`` where its row never came."""
    agreed: Mapping[str, Plain]
    """What was last decided about, canonical; without fields that nothing is known about."""

    @property
    def key(self) -> str:
        """The link's own key."""
        return self.keys[0]


def linked(
    tx: Tx, entity: EntityType, ids: Iterable[int], connector: int | None = None
) -> list[Linked]:
    """The links of records at every connector that there is, or at one."""
    rows = list(
        tx.rows(
            "SELECT links.id, links.record, connectors.id, links.key, links.alive, links.base "
            "FROM links JOIN streams ON streams.id = links.stream "
            "JOIN connectors ON connectors.id = streams.connector "
            f"WHERE links.record {AMONG} AND connectors.removed_at IS NULL "
            "AND connectors.id = coalesce(?, connectors.id) ORDER BY connectors.name, links.id",
            (json.dumps(list(ids)), connector),
        )
    )
    further = linkage.joined_keys(tx, [link for link, *_ in rows])
    layouts, same = records.known_layouts(tx, entity.name), identities.stand_ins(tx, entity)
    found = []
    for link, record, of, key, alive, blob in rows:
        base = same.values(layouts.base(blob))
        agreed = {
            one.name: plain_value(one, base[one.index])
            for one in entity.fields
            if base[one.index] is not UNKNOWN
        }
        keys = (key, *further.get(link, ()))
        found.append(Linked(record, of, keys, None if alive is None else bool(alive), agreed))
    return found


def stream(tx: Tx, connector: int, entity: str) -> int | None:
    """The id of a stream, where there is one."""
    row = tx.one("SELECT id FROM streams WHERE connector = ? AND entity = ?", (connector, entity))
    return None if row is None else int(row[0])


def ids_of(tx: Tx, connector: int, entity: str, keys: Collection[str]) -> dict[str, int]:
    """The record ids of keys at a connector, of those that were ever mentioned."""
    of = stream(tx, connector, entity)
    return linkage.records_by_key(tx, of, keys, aliased=True) if of and keys else {}


def identified(
    tx: Tx, connector: int, entity: EntityType, rows: Sequence[Mapping[str, Plain]]
) -> list[dict[str, Plain]]:
    """Canonical values of a connector's rows with record ids in place of keys.

    A key that was never mentioned before stays as it is.
    """
    keys: dict[str, set[str]] = {}
    for row in rows:
        for name, value in row.items():
            for target, mentioned in referred(entity.by_name[name], value):
                keys.setdefault(target, set()).update(mentioned)
    known = {target: ids_of(tx, connector, target, found) for target, found in keys.items()}
    same = identities.stand_ins(tx, entity)

    def found_here(target: str, key: Plain) -> Plain:
        return known[target].get(key, key)

    return [
        {
            name: same.plain(one, with_references(one, value, found_here))
            for name, value in row.items()
            for one in (entity.by_name[name],)
        }
        for row in rows
    ]


# -- one class --------------------------------------------------------------------------------


def seats(tx: Tx, class_: int) -> list[int]:
    """The live enrollments of a class here."""
    rows = tx.rows("SELECT id FROM enrollments WHERE class = ? AND alive ORDER BY id", (class_,))
    return [id_ for (id_,) in rows]


def listed(tx: Tx, stream: int, class_: int, scope: int | None) -> list[int]:
    """The live links of a stream of enrollments in a class that a roll of it has to have.

    As those of a whole read: last seen under the scope, and not out of it since (SEMANTICS D2).
    """
    rows = tx.rows(
        "SELECT links.id FROM enrollments AS seat JOIN links ON links.record = seat.id "
        "WHERE seat.class = ? AND links.stream = ? AND links.alive AND links.scope IS ? "
        f"AND links.held & {HELD_OUTSIDE} = 0",
        (class_, stream, scope),
    )
    return [link for (link,) in rows]


def people(tx: Tx, class_: int) -> list[int]:
    """Who is in a class here: the records of people in its live enrollments."""
    rows = tx.rows(
        "SELECT DISTINCT user FROM enrollments WHERE class = ? AND alive AND user IS NOT NULL "
        "ORDER BY user",
        (class_,),
    )
    return [user for (user,) in rows]


def never_read(tx: Tx, stream: int, ids: Iterable[int]) -> list[str]:
    """The keys of those of the records of which no row has ever come from a stream."""
    rows = tx.rows(
        f"SELECT key FROM links WHERE record {AMONG} AND stream = ? AND alive IS NULL ORDER BY key",
        (json.dumps(list(ids)), stream),
    )
    return [key for (key,) in rows]
