"""Rows that could not be understood, kept as they came (SEMANTICS C6); for the engine."""

import json
from collections.abc import Iterable, Sequence

from app.store.database import Tx
from app.store.linkage import HELD_UNREADABLE
from app.store.statements import AMONG, insert_into
from app.store.tables import UNREADABLE

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
