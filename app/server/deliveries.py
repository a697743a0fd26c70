"""The deliveries of webhooks: remembered before they are acknowledged, until a sync followed them.

A small SQLite file of its own, so that a flood of requests never waits for the roster's database
nor holds it up. What a webhook said is not kept: it is a hint, and may hold people's names.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from app.errors import StoreError
from app.roster.values import instant_text

FILE = "webhooks.db"

REMEMBERED = timedelta(days=7)
"""How long an id is known, so that a repeated request has no second effect."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY,
    connector INTEGER NOT NULL,
    id TEXT NOT NULL,
    received_at TEXT NOT NULL,
    run INTEGER,
    followed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (connector, id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_deliveries_pending ON deliveries (connector) WHERE NOT followed;
CREATE INDEX IF NOT EXISTS ix_deliveries_received ON deliveries (received_at);
"""

_CODES = {
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_BUSY: "database_busy",
    sqlite3.SQLITE_NOTADB: "database_damaged",
    sqlite3.SQLITE_CORRUPT: "database_damaged",
}

T = TypeVar("T")


@dataclass(frozen=True)
class Delivery:
    """One verified request: the connector it is for, and the sender's id of it."""

    connector: int
    id: str


@dataclass(frozen=True)
class Received:
    """When a delivery came, and the sync that began after it, where one did."""

    at: str
    run: int | None


class Deliveries:
    """The file, open for writing; may be used from several threads."""

    def __init__(self, folder: Path) -> None:
        """Raises ``StoreError`` for a file that cannot be used."""
        self._path = folder / FILE
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(
                self._path, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self._told(error) from error
        try:
            self._path.chmod(0o600)
            self._connection.execute("PRAGMA journal_mode = WAL")
            # Durable before it is acknowledged (SEMANTICS H3): every commit reaches the disk.
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            self._connection.close()
            raise self._told(error) from error

    def keep(self, deliveries: Sequence[Delivery], now: datetime) -> list[bool]:
        """Keeps them all in one durable commit; for each whether it is new.

        Raises ``StoreError``; then none is kept.
        """
        at = instant_text(now)
        return self._write(
            lambda: [
                self._connection.execute(
                    "INSERT INTO deliveries (connector, id, received_at) VALUES (?, ?, ?) "
                    "ON CONFLICT DO NOTHING",
                    (one.connector, one.id, at),
                ).rowcount
                == 1
                for one in deliveries
            ]
        )

    def began(self, connector: int, run: int) -> None:
        """A sync of the connector began: whatever came before will be seen by it."""
        self._run(
            "UPDATE deliveries SET run = ? WHERE connector = ? AND NOT followed", run, connector
        )

    def ended_well(self, run: int) -> None:
        """The sync has read its SIS to the end: what it was begun for is done."""
        self._run("UPDATE deliveries SET followed = 1 WHERE NOT followed AND run = ?", run)

    def pending(self) -> dict[int, int]:
        """How many deliveries no sync has followed to its end, by connector."""
        with self._lock:
            return dict(
                self._connection.execute(
                    "SELECT connector, count(*) FROM deliveries WHERE NOT followed "
                    "GROUP BY connector"
                ).fetchall()
            )

    def prune(self, now: datetime) -> None:
        """Forgets what came longer ago than ids are remembered."""
        self._run("DELETE FROM deliveries WHERE received_at < ?", instant_text(now - REMEMBERED))

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def _run(self, statement: str, *values: object) -> None:
        self._write(lambda: self._connection.execute(statement, values))

    def _write(self, work: Callable[[], T]) -> T:
        try:
            with self._lock:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    done = work()
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
                return done
        except sqlite3.Error as error:
            raise self._told(error) from error

    def _told(self, error: Exception) -> StoreError:
        code = _CODES.get(getattr(error, "sqlite_errorcode", 0), "database_error")
        return StoreError(code, f"{type(error).__name__}: {error}", path=str(self._path))


def newest(folder: Path, connector: int) -> Received | None:
    """The newest delivery of a connector; ``None`` where there is none. Reads only."""
    path = folder / FILE
    if not path.exists():
        return None
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        row = connection.execute(
            "SELECT received_at, run FROM deliveries WHERE connector = ? "
            "ORDER BY number DESC LIMIT 1",
            (connector,),
        ).fetchone()
    return None if row is None else Received(*row)
