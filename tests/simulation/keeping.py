"""A roster that a whole engine keeps in step with one SIS, whose answers come from memory.

Whatever was wrong with an answer, what must hold after it is looked at here.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.connectors.contract import Kind, Transport
from app.engine.engine import Engine
from app.engine.figures import Limits
from app.engine.loop import Loop
from app.engine.world import World
from app.store import reads
from app.store.database import Database, Location
from app.store.journal import Standing
from app.store.linkage import HELD_OUTSIDE
from app.store.sizes import set_limits
from app.vault import MemoryVault
from tests.beginning import begin

NAME = "sis"
ENDS = {"completed", "warnings", "waiting", "failed"}

Roster = dict[tuple[str, str], Mapping[str, Any]]
"""What lives, by its entity and its key at the SIS."""


@dataclass
class Keeping:
    """An engine with the connector ``sis``, on a database of its own, without any limits."""

    database: Database
    engine: Engine
    loop: Loop
    time: list[datetime]

    def sync(self, *, full: bool) -> reads.RunRow:
        """One sync to its end, some hours after the last."""
        self.time[0] += timedelta(hours=3)
        run = self.engine.start(NAME, full=full)
        self.loop.run(until=lambda: not self.engine.busy)
        return reads.run(self.database, run)

    @property
    def standing(self) -> Standing:
        """What waits or is asked."""
        return reads.connector(self.database, NAME).standing

    def roster(self) -> Roster:
        """Everything alive, but for what came under a scope that is no longer asked for (D2)."""
        with self.database.reading() as tx:
            links = list(
                tx.rows(
                    "SELECT entity, key, record FROM links JOIN streams ON streams.id = stream "
                    "WHERE alive = 1 AND NOT held & ?",
                    (HELD_OUTSIDE,),
                )
            )
        found: Roster = {}
        for entity in {entity for entity, _, _ in links}:
            keys = {record: key for of, key, record in links if of == entity}
            for row in reads.records(self.database, entity, sorted(keys)):
                if row.alive:
                    found[entity, keys[row.id]] = row.values
        return found

    def ended(self) -> set[tuple[str, str]]:
        """What was ended by any sync so far: of its record, or of its link alone."""
        with self.database.reading() as tx:
            return {
                (entity, key)
                for entity, key in tx.rows(
                    "SELECT entity, key FROM links JOIN streams ON streams.id = stream "
                    "WHERE alive = 0"
                )
            }


@contextmanager
def keeping(
    folder: Path,
    kind: Kind,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    transport: Callable[[Callable[[], datetime]], Transport],
    page_size: int,
) -> Iterator[Keeping]:
    """Opens the roster in ``folder``; ``transport`` is made with the clock that everybody goes by.

    There are no limits: they would hide what got past all else.
    """
    time = [datetime(2026, 9, 7, 2, 0, tzinfo=UTC)]
    location = Location.of(folder)
    new = not location.path.exists()
    begin(folder)
    vault = MemoryVault()
    with Database(location) as database:
        loop = Loop()
        world = World(
            database=database,
            vault=vault,
            kinds={kind.name: kind},
            clock=lambda: time[0],
            random=random.Random(1),
            open_transport=lambda: transport(lambda: time[0]),
            locks=folder / "locks",
            author="test",
            page_size=page_size,
        )
        engine = Engine(world, loop)
        engine.save_connector(NAME, kind.name, settings, secrets)
        if new:
            without_limits(database)
        yield Keeping(database, engine, loop, time)


def without_limits(database: Database) -> None:
    """No connector has any limit."""
    limits = Limits().with_figure("shrink", 0.0)
    for name in ("removals", "changes", "blanks", "logins", "staff"):
        limits = limits.with_figure(name, 1.0)
    for name in ("emptied_class", "emptied_school"):
        limits = limits.with_figure(name, 1_000_000)
    connectors = reads.connectors(database)
    with database.writing() as tx:
        for connector in connectors:
            set_limits(tx, connector.id, str(limits))
