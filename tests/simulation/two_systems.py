"""One district told by two systems, OneRoster and Ed-Fi, and a roster that is in step with both.

The services are one practice process over real HTTP, made of the same district. The engine, its
database and its threads are real. There are no limits: they would hide what got past all else.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app import compose
from app.connectors.contract import Transport
from app.connectors.http import HttpTransport, Limits
from app.engine.engine import Engine
from app.engine.loop import Loop
from app.engine.world import World
from app.roster.values import Plain
from app.store import outbox, reads
from app.store.database import Database, Location
from app.store.reads import RunRow
from app.vault import MemoryVault
from tests.beginning import begin
from tests.practice.client import Client, serving, speaking
from tests.practice.edfi.client import Client as OdsClient
from tests.practice.edfi.client import speaking as speaking_edfi
from tests.simulation.keeping import without_limits

SIS, ODS = "sis", "ods"
TODAY = datetime(2026, 3, 3, 12, tzinfo=UTC)
"""The day it is at the practice district."""
MOVED = ("created", "updated", "deleted", "pushed")
READING = {"demographics": "read", "gradebook": "write"}
"""How the OneRoster service is used: the roster is read, and gradebooks are written."""
WRITING = {"rosters": "write", "guardians": "on", "demographics": "write", "gradebook": "write"}


@dataclass
class Both:
    """A roster with the connectors ``sis`` and ``ods``, and somebody who works at either."""

    database: Database
    engine: Engine
    loop: Loop
    sis: Client
    ods: OdsClient
    later: list[timedelta]

    def sync(self, name: str, *, full: bool = False) -> RunRow:
        """One sync, to its end."""
        self.later[0] += timedelta(minutes=1)
        run = self.engine.start(name, full=full)
        self.loop.run(until=lambda: not self.engine.busy)
        return reads.run(self.database, run)

    def user(self, identifier: str) -> int:
        """The record of the one person of that number."""
        [found] = [row.id for row in self._live("users") if row.values["identifier"] == identifier]
        return found

    def user_of(self, name: str, key: str) -> int:
        """The record of the person of that key at one of them."""
        with self.database.reading() as tx:
            found = tx.one(
                "SELECT record FROM links JOIN streams ON streams.id = stream "
                "JOIN connectors ON connectors.id = connector "
                "WHERE entity = 'users' AND name = ? AND key = ?",
                (name, key),
            )
        assert found is not None, key
        return int(found[0])

    def value(self, entity: str, record: int, name: str) -> Plain:
        """What stands here."""
        return reads.record(self.database, entity, record).record.values[name]

    def told_by(self, entity: str) -> Mapping[tuple[str, ...], int]:
        """How many live records each set of connectors tells of."""
        found: dict[tuple[str, ...], int] = {}
        for row in self._live(entity):
            links = reads.record(self.database, entity, row.id).links
            names = tuple(sorted({link.connector for link in links if link.alive}))
            found[names] = found.get(names, 0) + 1
        return found

    def key(self, entity: str, record: int, name: str) -> str:
        """The key of a record at one of them."""
        links = reads.record(self.database, entity, record).links
        [key] = [link.key for link in links if link.connector == name and link.alive]
        return key

    def asked(self) -> list[tuple[Any, ...]]:
        """The open differences and questions: (connector, entity, record, part, kind)."""
        with self.database.reading() as tx:
            return list(
                tx.rows(
                    "SELECT connectors.name, entity, record, part, conflicts.kind FROM conflicts "
                    "JOIN connectors ON connectors.id = connector ORDER BY conflicts.id"
                )
            )

    def unsent(self) -> list[tuple[str, str, str, str | None]]:
        """What is to be sent and is not: (entity, action, state, words)."""
        told = outbox.unsent(self.database)
        return [(one.entity, one.action, one.state, one.words) for one in told]

    def rests(self, times: int, *, full: Callable[[int], bool] = lambda n: n % 5 == 4) -> None:
        """So many further syncs, of one after the other, write nothing here or there."""
        for number in range(times):
            for name in (SIS, ODS):
                run = self.sync(name, full=full(number))
                assert run.state in ("completed", "warnings"), (name, number, run.error_code)
                moved = {count: run.total(count) for count in MOVED if run.total(count)}
                assert not moved, (name, number, moved, self.lately(run.id))

    def lately(self, run: int) -> list[tuple[Any, ...]]:
        """What a run changed."""
        with self.database.reading() as tx:
            return list(
                tx.rows(
                    "SELECT entity, record, before, after FROM changes WHERE change_set = ?", (run,)
                )
            )

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every record as it stands, by record type."""
        return {
            entity: [(row.id, row.alive, *row.values.values()) for row in self._all(entity)]
            for entity in reads.counts(self.database)
        }

    def _all(self, entity: str) -> list[reads.RecordRow]:
        return list(reads.all_records(self.database, entity))

    def _live(self, entity: str) -> list[reads.RecordRow]:
        return [row for row in self._all(entity) if row.alive]


@contextmanager
def both(
    folder: Path,
    ready: Mapping[str, Any],
    ods: Mapping[str, Any] = WRITING,
    *,
    watch: Callable[[Transport], Transport] = lambda transport: transport,
    alone: str = "",
) -> Iterator[Both]:
    """A roster of the two services that a practice process announces, before its first sync.

    Or of the one that is named ``alone``.
    """
    location = Location.of(folder)
    begin(folder)
    began, later = time.monotonic(), [timedelta()]
    with ExitStack() as stack:
        database = stack.enter_context(Database(location))
        sis = stack.enter_context(speaking(dict(ready)))
        edfi = stack.enter_context(speaking_edfi(dict(ready)))
        loop = Loop()
        world = World(
            database=database,
            vault=MemoryVault(),
            kinds=compose.kinds(),
            clock=lambda: TODAY + later[0] + timedelta(seconds=time.monotonic() - began),
            random=random.Random(1),
            open_transport=lambda: watch(
                HttpTransport(Limits(attempts=2), wait=lambda cancel, seconds: None)
            ),
            locks=folder / "locks",
            author="test",
        )
        engine = Engine(world, loop)
        if alone != ODS:
            engine.save_connector(
                SIS,
                "oneroster",
                {
                    "base_url": ready["base_url"],
                    "token_url": ready["token_url"],
                    "client_id": ready["client_id"],
                    "version": "1.2",
                    **READING,
                },
                {"client_secret": ready["client_secret"]},
            )
        if alone != SIS:
            engine.save_connector(
                ODS,
                "edfi",
                {"base_url": ready["edfi_url"], "key": ready["edfi_key"], **ods},
                {"secret": ready["edfi_secret"]},
            )
        without_limits(database)
        yield Both(database, engine, loop, sis, edfi, later)


@contextmanager
def two_systems(folder: Path, students: int, seed: int, **options: Any) -> Iterator[Both]:
    """A practice district of its own, and a roster of it that nothing was read into yet."""
    with serving(students=students, seed=seed) as ready, both(folder, ready, **options) as found:
        yield found
