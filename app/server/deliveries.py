"""The deliveries of webhooks: remembered before they are acknowledged, until a sync followed them.

A small SQLite file of its own, so that a flood of requests never waits for the roster's database
nor holds it up. What a webhook said is not kept: it is a hint, and may hold people's names. So a
file that is damaged need not be mended: it makes room for a new one, in which every SIS has told.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TypeVar

from app.errors import StoreError
from app.roster.values import instant_text

logger = logging.getLogger(__name__)

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

_UNTOLD = ""
"""The id, which no sender can have, of what stands for all that a damaged file held."""

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


class Kept(Enum):
    """What became of a delivery that was to be kept."""

    NEW = "new"
    WAITING = "waiting"
    """Known, and no sync has followed it to its end yet."""
    FOLLOWED = "followed"


@dataclass(frozen=True)
class Received:
    """When a delivery came, and the sync that began after it, where one did."""

    at: str
    run: int | None


class Deliveries:
    """The file, open for writing; may be used from several threads."""

    def __init__(self, folder: Path) -> None:
        """Raises ``StoreError`` for a file that cannot be used."""
        self.damaged = False
        """Whether the file turned out to be damaged; nothing more can be expected of it."""
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
            [found] = self._connection.execute("PRAGMA integrity_check(1)").fetchone()
            if found != "ok":
                raise _Damaged(found)
        except (sqlite3.Error, OSError) as error:
            self._connection.close()
            raise self._told(error) from error

    def keep(self, deliveries: Sequence[Delivery], now: datetime) -> list[Kept]:
        """Keeps them all in one durable commit; for each what became of it.

        Raises ``StoreError``; then none is kept.
        """
        at = instant_text(now)
        return self._write(lambda: [self._keep(one, at) for one in deliveries])

    def _keep(self, one: Delivery, at: str) -> Kept:
        new = self._connection.execute(
            "INSERT INTO deliveries (connector, id, received_at) VALUES (?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            (one.connector, one.id, at),
        ).rowcount
        if new:
            return Kept.NEW
        [followed] = self._connection.execute(
            "SELECT followed FROM deliveries WHERE connector = ? AND id = ?",
            (one.connector, one.id),
        ).fetchone()
        return Kept.FOLLOWED if followed else Kept.WAITING

    def began(self, connector: int, run: int) -> None:
        """A sync of the connector began: whatever came before will be seen by it."""
        self._run(
            "UPDATE deliveries SET run = ? WHERE connector = ? AND NOT followed", run, connector
        )

    def ended_well(self, run: int) -> None:
        """The sync has read its SIS to the end: what it was begun for is done."""
        self._run("UPDATE deliveries SET followed = 1 WHERE NOT followed AND run = ?", run)

    def pending(self) -> dict[int, int]:
        """How many deliveries no sync has followed to its end, by connector.

        Raises ``StoreError``.
        """
        try:
            with self._lock:
                rows = self._connection.execute(
                    "SELECT connector, count(*) FROM deliveries WHERE NOT followed "
                    "GROUP BY connector"
                ).fetchall()
        except sqlite3.Error as error:
            raise self._told(error) from error
        return dict(rows)

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
        told = _told(self._path, error)
        self.damaged = self.damaged or told.code == "database_damaged"
        return told


def opened(folder: Path, connectors: Iterable[int], now: datetime) -> Deliveries:
    """The file, open for writing.

    One that is damaged is set aside and made anew; as nobody knows any more what it held, each of
    ``connectors`` then has a delivery pending. Raises ``StoreError``.
    """
    try:
        return Deliveries(folder)
    except StoreError as error:
        if error.code != "database_damaged":
            raise
        _set_aside(folder, now, error)
    deliveries = Deliveries(folder)
    deliveries.keep([Delivery(connector, _UNTOLD) for connector in connectors], now)
    return deliveries


def newest(folder: Path, connector: int) -> Received | None:
    """The newest delivery of a connector; ``None`` where there is none, or the file is damaged.

    Reads only. Raises ``StoreError``.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            row = opened.execute(
                "SELECT received_at, run FROM deliveries WHERE connector = ? AND id <> ? "
                "ORDER BY number DESC LIMIT 1",
                (connector, _UNTOLD),
            ).fetchone()
    except sqlite3.Error as error:
        told = _told(path, error)
        if told.code == "database_damaged":
            return None  # whoever receives makes it anew
        raise told from error
    return None if row is None else Received(*row)


class _Damaged(sqlite3.DatabaseError):
    """What SQLite found when it was asked to check the file."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def _told(path: Path, error: Exception) -> StoreError:
    # The lower byte is the kind of error, the rest says more of it.
    code = _CODES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "database_error")
    return StoreError(code, f"{type(error).__name__}: {error}", path=str(path))


def _set_aside(folder: Path, now: datetime, error: StoreError) -> None:
    aside = f"webhooks.damaged.{now:%Y%m%dT%H%M%S.%f}.db"
    try:
        # The log goes along: it must not be taken for that of the new file.
        for ending in ("-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                (folder / f"{FILE}{ending}").replace(folder / f"{aside}{ending}")
    except OSError as failed:
        raise error from failed
    logger.warning("the file of webhooks is damaged and was set aside as %s: %s", aside, error)
