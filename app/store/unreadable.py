"""Rows that could not be understood, kept as they came (SEMANTICS C6).

For the engine inside its transactions; the reads at the end are for everybody.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.store.database import Database, Tx
from app.store.differences import titled
from app.store.linkage import HELD_UNREADABLE
from app.store.statements import AMONG, insert_into
from app.store.tables import UNREADABLE

NEWEST_SYNC = (
    "SELECT max(newest.id) FROM runs AS newest WHERE newest.connector = connectors.id "
    "AND newest.mode IN ('full', 'incremental')"
)
"""The id of a connector's newest sync, where ``connectors`` is at hand."""

_NEW_UNREADABLE = insert_into(UNREADABLE, "stream", "key", "raw", "reason", "first_run", "run")


def keep_unreadable(
    tx: Tx, stream: int, run: int, rows: Sequence[tuple[str | None, bytes, str]]
) -> None:
    """Keeps rows that could not be understood, as they came (SEMANTICS C6)."""
    keys = [key for key, *_ in rows if key is not None]
    first = dict(
        tx.rows(
            f"SELECT key, first_run FROM unreadable WHERE stream = ? AND key {AMONG}",
            (stream, json.dumps(keys)),
        )
    )
    forget_unreadable(tx, stream, keys)
    # Without a key a row is known again by what it says.
    tx.many(
        "DELETE FROM unreadable WHERE stream = ? AND key IS NULL AND raw = ?",
        [(stream, raw) for key, raw, _ in rows if key is None],
    )
    tx.many(
        _NEW_UNREADABLE,
        [(stream, key, raw, why, first.get(key, run), run) for key, raw, why in rows],
    )


def forget_unreadable(tx: Tx, stream: int, keys: Iterable[str]) -> None:
    """Rows that could be read after all."""
    tx.many("DELETE FROM unreadable WHERE stream = ? AND key = ?", [(stream, key) for key in keys])


def forget_unreadable_before(tx: Tx, stream: int, run: int) -> None:
    """Rows that a whole read did not bring any more; what they held back is free again."""
    gone = "SELECT key FROM unreadable WHERE stream = ? AND run <> ? AND key IS NOT NULL"
    tx.run(
        f"UPDATE links SET held = held & ~? WHERE stream = ? AND key IN ({gone})",
        (HELD_UNREADABLE, stream, stream, run),
    )
    tx.run("DELETE FROM unreadable WHERE stream = ? AND run <> ?", (stream, run))


def unreadable_keys(tx: Tx, stream: int) -> list[str]:
    """The keys of a stream's rows that could not be understood."""
    return [
        row[0]
        for row in tx.rows(
            "SELECT key FROM unreadable WHERE stream = ? AND key IS NOT NULL ORDER BY key",
            (stream,),
        )
    ]


# -- as people meet them ----------------------------------------------------------------------


@dataclass(frozen=True)
class UnreadableRow:
    """A row that could not be understood, as it came."""

    id: int
    connector: str
    entity: str
    key: str | None
    """What the SIS calls its record; ``None`` where the row does not say."""
    reason: str
    """A code of ``app.text``."""
    raw: str
    since: str
    """When the sync began that first brought it,"""
    seen: str
    """and the one that brought it last."""
    new: bool
    """The newest sync brought it."""
    record: int | None
    """The record that the row is of, where there is one."""
    title: str
    """What that is called."""


def unreadable_ids(database: Database, connector: str, entity: str | None = None) -> list[int]:
    """The rows of a connector that could not be understood, the newest first."""
    with database.reading() as tx:
        return [
            row[0]
            for row in tx.rows(
                "SELECT unreadable.id FROM unreadable "
                "JOIN streams ON streams.id = unreadable.stream "
                "JOIN connectors ON connectors.id = streams.connector "
                "WHERE connectors.name = ?1 AND (?2 IS NULL OR streams.entity = ?2) "
                "ORDER BY first_run DESC, unreadable.id",
                (connector, entity),
            )
        ]


def unreadable_reasons(
    database: Database, connector: str, entity: str | None = None
) -> dict[str, int]:
    """Why they could not be understood, and how many each time; the most first."""
    with database.reading() as tx:
        return dict(
            tx.rows(
                "SELECT reason, count(*) FROM unreadable "
                "JOIN streams ON streams.id = unreadable.stream "
                "JOIN connectors ON connectors.id = streams.connector "
                "WHERE connectors.name = ?1 AND (?2 IS NULL OR streams.entity = ?2) "
                "GROUP BY 1 ORDER BY 2 DESC, 1",
                (connector, entity),
            )
        )


def unreadable_rows(database: Database, ids: Sequence[int]) -> dict[int, UnreadableRow]:
    """Rows by id; those that could be read meanwhile are left out."""
    with database.reading() as tx:
        found = list(
            tx.rows(
                "SELECT unreadable.id, connectors.name, streams.entity, unreadable.key, reason, "
                "raw, first.started_at, last.started_at, "
                f"first_run = ({NEWEST_SYNC}), links.record FROM unreadable "
                "JOIN streams ON streams.id = unreadable.stream "
                "JOIN connectors ON connectors.id = streams.connector "
                "LEFT JOIN runs AS first ON first.id = first_run "
                "LEFT JOIN runs AS last ON last.id = run "
                "LEFT JOIN links ON links.stream = streams.id AND links.key = unreadable.key "
                f"WHERE unreadable.id {AMONG}",
                (json.dumps(list(ids)),),
            )
        )
    titles = titled(database, {(row[2], row[9]) for row in found if row[9] is not None})
    return {
        id_: UnreadableRow(
            id_, name, entity, key, reason, raw.decode("utf-8", "replace"), since or "",
            seen or "", bool(new), record if record in titles else None, titles.get(record, ""),
        )
        for id_, name, entity, key, reason, raw, since, seen, new, record in found
    }  # fmt: skip
