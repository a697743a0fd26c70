"""The shelf: keyed staging of a stream, for records told by several resources; for the engine."""

import json
from collections.abc import Iterable, Sequence

from app.store.database import Tx
from app.store.statements import AMONG

_SHELVE = (
    "INSERT INTO shelf (stream, part, key, body) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (stream, part, key) DO UPDATE SET body = excluded.body"
)


def shelve(tx: Tx, stream: int, rows: Sequence[tuple[str, str, bytes]]) -> None:
    """Keeps (part, key, body)."""
    tx.many(_SHELVE, [(stream, *row) for row in rows])


def shelved(tx: Tx, stream: int, part: str, keys: Iterable[str]) -> dict[str, bytes]:
    """What is kept of ``part`` under ``keys``."""
    return dict(
        tx.rows(
            f"SELECT key, body FROM shelf WHERE stream = ? AND part = ? AND key {AMONG}",
            (stream, part, json.dumps(list(keys))),
        )
    )


def following(tx: Tx, stream: int, part: str, key: str, count: int) -> list[tuple[str, bytes]]:
    """The next (key, body) of ``part`` after ``key``, at most ``count``, by key."""
    found = tx.rows(
        "SELECT key, body FROM shelf WHERE stream = ? AND part = ? AND key > ? "
        "ORDER BY key LIMIT ?",
        (stream, part, key, count),
    )
    return [(at, body) for at, body in found]


def unshelve(tx: Tx, stream: int, rows: Sequence[tuple[str, str]]) -> None:
    """Forgets (part, key)."""
    tx.many(
        "DELETE FROM shelf WHERE stream = ? AND part = ? AND key = ?",
        [(stream, *row) for row in rows],
    )


def empty(tx: Tx, stream: int) -> None:
    """Forgets everything of a stream."""
    tx.run("DELETE FROM shelf WHERE stream = ?", (stream,))
