"""Opens the database, upgrades it after a copy, and gives out transactions.

One ``Database`` a process. Writing transactions begin with ``BEGIN IMMEDIATE`` and wait for other
processes (SEMANTICS H2); reading connections are read-only. Statements run often are run as text
with tuples, which costs half of what rows of dicts do.
"""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from app.errors import Cancelled, StoreError
from app.store import migrations

BUSY_SECONDS = 30
"""How long a write waits for another process's transaction (those are kept under 250 ms, C2)."""

PAGE_BYTES = 8192
"""Bigger pages than SQLite's usual: rosters are read and written by the thousand."""

PART = ".part"
"""What the name of a copy ends with until it is whole."""

COPIED_AT_ONCE = 2000
"""Pages of the database copied before it is asked whether to go on: some 20 ms of work."""

STEPS_AT_ONCE = 100_000
"""Steps of a long query before it is asked whether to go on: some 5 ms of work."""

LEAST_ROOM = 1024 * 1024
"""Bytes without which SQLite cannot even read."""


@dataclass(frozen=True)
class Location:
    """Where the database file is."""

    path: Path

    @classmethod
    def of(cls, data_dir: Path, url: str | None = None) -> "Location":
        """``roster.db`` in the data folder, or what a database URL names."""
        if url is None:
            return cls(data_dir / "roster.db")
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise StoreError("database_url_unreadable") from None
        if parsed.get_backend_name() != "sqlite" or not parsed.database:
            raise StoreError("database_url_unsupported", backend=parsed.get_backend_name())
        return cls(Path(parsed.database))


class Tx:
    """One open transaction. ``connection`` is for Core statements; the others run text fast."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._driver: Any = connection.connection.driver_connection

    def many(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Runs a writing statement once a tuple."""
        if rows:
            self._driver.executemany(statement, rows)

    def run(self, statement: str, values: tuple[Any, ...] = ()) -> int:
        """Runs one writing statement; the number of rows it touched."""
        touched: int = self._driver.execute(statement, values).rowcount
        return touched

    def rows(self, statement: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, one by one, as plain tuples."""
        cursor = self._driver.execute(statement, values)
        return iter(cursor)

    def one(self, statement: str, values: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
        """The first row of a query, or ``None``."""
        row: tuple[Any, ...] | None = self._driver.execute(statement, values).fetchone()
        return row


class Database:
    """An open database; ``writing`` and ``reading`` give out transactions."""

    def __init__(self, location: Location, *, migrations_at: Path = migrations.FOLDER) -> None:
        self.location = location
        path = location.path
        with _told(path):
            _make_private(path)
            _upgrade(path, migrations_at)
            self._writer = _engine(path, read_only=False)
            self._reader = _engine(path, read_only=True)

    @contextmanager
    def writing(self) -> Iterator[Tx]:
        """A transaction that writes: committed at the end, rolled back on any error."""
        with _told(self.location.path), self._writer.begin() as connection:
            yield Tx(connection)

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """A read-only view of one moment; keep it short."""
        with _told(self.location.path), self._reader.begin() as connection:
            try:
                yield Tx(connection)
            except BaseException:
                # A query that was not read to its end may live on with the error, and would show
                # the next one who reads on this connection what was true then.
                connection.invalidate()
                raise

    @contextmanager
    def aside(self, stopped: Callable[[], bool] = lambda: False) -> Iterator[Tx]:
        """A view of one moment for what takes long, on a connection that nobody else waits for.

        Temporary tables may be made in it; they are on disk, and gone with it. A statement ends
        soon after ``stopped`` says so, with ``Cancelled``.
        """
        with _told(self.location.path):
            engine = _engine(self.location.path, read_only=True, temporary="FILE")
            try:
                with engine.begin() as connection:
                    driver: Any = connection.connection.driver_connection
                    driver.set_progress_handler(stopped, STEPS_AT_ONCE)
                    yield Tx(connection)
            except sqlite3.OperationalError as error:
                if stopped():
                    raise Cancelled("cancelled") from error
                raise
            finally:
                engine.dispose()

    def copy_to(self, path: Path, stopped: Callable[[], bool] = lambda: False) -> None:
        """A copy of one moment, for nobody else to read; there is one only when it is whole.

        Others read and write meanwhile. It may take long, so it may be called on a thread of its
        own; it ends soon after ``stopped`` says so, with ``Cancelled``.
        """
        with _told(self.location.path):
            _make_private_folder(path.parent)
            _copy(self.location.path, path, stopped)

    def checkpoint(self) -> None:
        """Moves what the write-ahead log holds into the database file."""
        with _told(self.location.path):
            raw = self._writer.raw_connection()
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                raw.close()

    def close(self) -> None:
        """Closes every connection."""
        self._reader.dispose()
        # The last one puts what the write-ahead log holds where it belongs.
        self._writer.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _engine(path: Path, *, read_only: bool, temporary: str = "MEMORY") -> Engine:
    url = URL.create(
        "sqlite",
        database=path.absolute().as_uri(),
        query={"uri": "true", "mode": "ro" if read_only else "rw"},
    )
    # One connection is kept: to open one, and to have it learn the schema, takes longer than most
    # of what is read. Whoever reads meanwhile gets another; no two ever use the same at once.
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=1,
        max_overflow=-1,
    )

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, record: object) -> None:
        # sqlite3's own transaction handling is switched off: ours begins where we say.
        connection.isolation_level = None
        for pragma in (
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "cache_size = -8192",
            f"temp_store = {temporary}",
            "wal_autocheckpoint = 8000",
        ):
            if not (read_only and pragma.startswith(("journal", "sync", "wal"))):
                connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        # By the driver itself: a page of a small collection costs little more than this.
        driver: Any = connection.connection.driver_connection
        driver.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _make_private(path: Path) -> None:
    """A new database, and a new folder for it, that nobody else on this computer can read.

    SQLite gives its log the permissions of the database.
    """
    _make_private_folder(path.parent)
    if not path.exists():
        path.touch(mode=0o600)


def _make_private_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, mode=0o700)


def _upgrade(path: Path, folder: Path) -> None:
    """Brings the schema to today's revision, after a copy of a database that holds anything."""
    head = migrations.head(folder)
    found = _revision(path)
    if found == head:
        return
    _refuse_newer(found, path, folder)
    if found is not None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        copy = path.with_name(f"{path.stem}.before-{head}.{stamp}{path.suffix}")
        _copy(path, copy)
    else:
        _begin(path)
    migrations.upgrade(path, folder)


def _begin(path: Path) -> None:
    """Settles what can be chosen only once, before there is anything in the database."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
    try:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def inspect(path: Path) -> None:
    """Reads a database through; raises ``StoreError`` for what is wrong with it.

    It is looked at, never upgraded or made: that is for whoever works on it.
    """
    with _told(path):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            revision = _revision_told(connection, path)
            [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    if found != "ok":
        raise StoreError("database_damaged", str(found), path=str(path))
    _refuse_newer(revision, path, migrations.FOLDER)


def _refuse_newer(revision: str | None, path: Path, folder: Path) -> None:
    if revision is not None and revision not in migrations.revisions(folder):
        raise StoreError("database_newer", path=str(path), revision=revision)


def _revision(path: Path) -> str | None:
    """The schema revision of the database file; ``None`` for a new one."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
    try:
        return _revision_told(connection, path)
    finally:
        connection.close()


def _revision_told(connection: sqlite3.Connection, path: Path) -> str | None:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise StoreError("database_foreign", path=str(path))
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _copy(path: Path, copy: Path, stopped: Callable[[], bool] = lambda: False) -> None:
    """A copy, what stands in the write-ahead log included, whole before it has its name."""

    def go_on(_status: int, _remaining: int, _total: int) -> None:
        if stopped():
            raise Cancelled("cancelled")

    part = copy.with_name(copy.name + PART)
    part.touch(mode=0o600)
    source, target = sqlite3.connect(path), sqlite3.connect(part)
    try:
        # One view from the first page to the last: a write meanwhile would begin the copy anew.
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM sqlite_master").fetchone()
        source.backup(target, pages=COPIED_AT_ONCE, progress=go_on)
    except BaseException:
        target.close()
        part.unlink()
        raise
    finally:
        target.close()
        source.close()
    part.replace(copy)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turns the database's own errors into ours."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError, OSError) as error:
        raise _meaning(error, path) from error


def _room(path: Path) -> int:
    """Free bytes on the disk of the database."""
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return 0


def _meaning(error: Exception, path: Path) -> StoreError:
    cause = getattr(error, "orig", None) or error
    words = str(cause)
    if isinstance(cause, PermissionError) or "readonly" in words or "unable to open" in words:
        writable = os.access(path.parent, os.W_OK)
        code = "database_not_opened" if writable else "folder_not_writable"
    elif "full" in words or (isinstance(cause, OSError) and cause.errno == errno.ENOSPC):
        code = "disk_full"
    elif "disk I/O" in words:
        # SQLite says no more when it has no room for the index of its log.
        code = "disk_full" if _room(path) < LEAST_ROOM else "disk_failing"
    elif "locked" in words or "busy" in words:
        code = "database_busy"
    elif "not a database" in words or "malformed" in words:
        code = "database_damaged"
    else:
        code = "database_error"
    return StoreError(code, f"{type(cause).__name__}: {words}", path=str(path))
