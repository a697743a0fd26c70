"""Links that are out of a connector's scope: marked, kept and counted (SEMANTICS D2).

Called by the engine inside its transactions; people's questions are in ``reads``.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

from app.store.database import Tx
from app.store.linkage import HELD_MADE, HELD_OUTSIDE
from app.store.statements import AMONG


def put_outside(tx: Tx, rows: Sequence[tuple[bytes | None, int]]) -> None:
    """Links are out of scope: (digest, link). Nothing of them is asked, planned or sent any more.

    With a digest the link is passed over until its row changes; without, it is looked at again.
    """
    if not rows:
        return
    tx.many(
        f"UPDATE links SET held = held & {HELD_MADE} | {HELD_OUTSIDE}, digest = ? WHERE id = ?",
        rows,
    )
    links = (json.dumps([link for _, link in rows]),)
    tx.run(f"DELETE FROM items WHERE link {AMONG}", links)
    tx.run(f"DELETE FROM conflicts WHERE link {AMONG}", links)
    tx.run(
        "DELETE FROM outbox WHERE state <> 'unknown' AND revert IS NULL AND (stream, record) IN "
        f"(SELECT stream, record FROM links WHERE id {AMONG})",
        links,
    )
    tx.run(
        "DELETE FROM unreadable WHERE (stream, key) IN "
        f"(SELECT stream, key FROM links WHERE id {AMONG})",
        links,
    )


def left_behind(tx: Tx, stream: int, scope: int) -> list[int]:
    """Live links that a whole read under this scope did not bring, and that another one had."""
    return [
        row[0]
        for row in tx.rows(
            "SELECT id FROM links WHERE stream = ? AND alive AND scope IS NOT ? "
            f"AND held & {HELD_OUTSIDE} = 0",
            (stream, scope),
        )
    ]


def seen_under(tx: Tx, links: Iterable[int]) -> dict[int, str | None]:
    """Under which scope links were last seen."""
    return dict(
        tx.rows(
            "SELECT links.id, scopes.text FROM links LEFT JOIN scopes ON scopes.id = links.scope "
            f"WHERE links.id {AMONG}",
            (json.dumps(list(links)),),
        )
    )


def ending(tx: Tx, stream: int) -> list[int]:
    """The links of a stream whose end is planned or waits."""
    asked = "SELECT link FROM items WHERE stream = ? AND action = 'end'"
    return [link for (link,) in tx.rows(asked, (stream,))]


def links_of(tx: Tx, stream: int, records: Iterable[int]) -> Iterator[tuple[int, str, bool]]:
    """(record, key, whether it is out of scope) of records that a stream knows."""
    yield from tx.rows(
        f"SELECT record, key, held & {HELD_OUTSIDE} <> 0 FROM links "
        f"WHERE stream = ? AND record {AMONG}",
        (stream, json.dumps(list(records))),
    )


def session_parents(tx: Tx, stream: int) -> dict[str, str]:
    """The keys of academic sessions, each with the key of what it is part of."""
    return dict(
        tx.rows(
            "SELECT child.key, parent.key FROM academic_sessions AS session "
            "JOIN links AS child ON child.record = session.id AND child.stream = ? "
            "JOIN links AS parent ON parent.record = session.parent AND parent.stream = ?",
            (stream, stream),
        )
    )


def org_keys(tx: Tx, connector: int) -> dict[int, str]:
    """The keys of the schools and other organizations that a connector knows, by record."""
    return dict(
        tx.rows(
            "SELECT links.record, links.key FROM links JOIN streams ON streams.id = links.stream "
            "WHERE streams.connector = ? AND streams.entity = 'orgs'",
            (connector,),
        )
    )


def keys_known(
    tx: Tx, connector: int, entity: str, names: Sequence[str]
) -> list[tuple[str, tuple[str, ...]]]:
    """The keys of one connector's records of an entity, each with what stands in ``names``.

    A record that never came in, being out of scope, has its key alone.
    """
    columns = ", ".join(f'record."{name}"' for name in names)
    return [
        (key, tuple(str(value) for value in values if value is not None))
        for key, *values in tx.rows(
            f"SELECT links.key, {columns} FROM links "
            "JOIN streams ON streams.id = links.stream "
            f"LEFT JOIN {entity} AS record ON record.id = links.record "
            "WHERE streams.connector = ? AND streams.entity = ?",
            (connector, entity),
        )
    ]


_OUTSIDE = (
    "FROM links JOIN {entity} AS record ON record.id = links.record "
    "JOIN streams ON streams.id = links.stream "
    "WHERE streams.connector = ? AND streams.entity = ? "
    f"AND links.held & {HELD_OUTSIDE} AND record.alive"
)


def outside(tx: Tx, connector: int, entity: str) -> dict[int, int]:
    """The live records that are out of a connector's scope, by link."""
    asked = f"SELECT links.id, record.id {_OUTSIDE.format(entity=entity)}"
    return dict(tx.rows(asked, (connector, entity)))


def kept_elsewhere(tx: Tx, links: Iterable[int]) -> set[int]:
    """The records of links that have another live link, and are in scope there."""
    found = (json.dumps(list(links)),)
    return {
        row[0]
        for row in tx.rows(
            "SELECT links.record FROM links JOIN streams ON streams.id = links.stream "
            "JOIN connectors ON connectors.id = streams.connector "
            f"WHERE links.record IN (SELECT record FROM links WHERE id {AMONG}) AND links.alive "
            f"AND links.held & {HELD_OUTSIDE} = 0 AND connectors.removed_at IS NULL",
            found,
        )
    }


def count_outside(tx: Tx, connector: int, entity: str) -> int:
    """How many live records of an entity are out of a connector's scope."""
    asked = f"SELECT count(DISTINCT record.id) {_OUTSIDE.format(entity=entity)}"
    row = tx.one(asked, (connector, entity))
    return int(row[0]) if row else 0
