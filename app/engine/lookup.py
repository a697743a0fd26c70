"""What each SIS says of a record right now, beside what stands here and what was last agreed.

Rows are read by their keys and nothing is written: no base, digest or cursor moves, and no lock is
needed, so a record is looked up while its connector is being synced as well.
"""

import enum
import json
import threading
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from app.connectors.contract import (
    Capability,
    Connector,
    Gone,
    Joined,
    Row,
    Searched,
    Shelf,
    Unreadable,
)
from app.engine.apart import apart
from app.engine.asking import all_answered, answered
from app.engine.fetching import Fetcher, Ticket, Within
from app.engine.loop import Loop
from app.engine.opening import entered, fetcher, opened
from app.engine.scope import Scope
from app.engine.shelf import StoredShelf
from app.engine.world import World
from app.errors import Cancelled, NotFound, SyncError, UsageError
from app.roster.schema import EntityType
from app.roster.values import UNSAID, Plain
from app.store import journal, looking, reads
from app.store.journal import ConnectorRow
from app.store.looking import Linked
from app.store.reads import RecordRow

T = TypeVar("T")

Looking: TypeAlias = Generator[Ticket | None, Any, T]
"""Waits for the answers of a SIS, and returns what came of them."""


class Found(enum.Enum):
    """What a SIS said when it was asked for one thing."""

    THERE = "there"
    GONE = "gone"
    """There is nothing under that key (404, 410)."""
    ENDED = "ended"
    """There is a tombstone."""
    UNREADABLE = "unreadable"
    """It is there, and could not be understood."""
    NOT_ASKED = "not_asked"
    FAILED = "failed"


class Standing(enum.Enum):
    """How a field stands here, at the SIS, and in what was last agreed."""

    SAME = "same"
    THEIRS = "theirs"
    """Only the SIS has changed it."""
    OURS = "ours"
    """Only we have changed it."""
    BOTH = "both"
    """Both have, differently; or nothing was ever agreed about."""
    UNSAID = "unsaid"
    """The SIS does not speak of it, or its value could not be read."""


DIFFERENT = frozenset({Standing.THEIRS, Standing.OURS, Standing.BOTH})


@dataclass(frozen=True)
class Told:
    """What one connector's SIS says of a record."""

    connector: str
    keys: tuple[str, ...]
    """The keys that it was asked for, the link's own first."""
    found: Found
    error: SyncError | None = None
    """Why it was not asked, or did not answer."""
    now: Mapping[str, Plain] = field(default_factory=dict)
    """What it says, canonical, by field. A reference is a record id; a key that nobody here has
    heard of yet stands as the text that it is."""
    agreed: Mapping[str, Plain] = field(default_factory=dict)
    """What was last decided about; a field that never was is missing."""
    standing: Mapping[str, Standing] = field(default_factory=dict)
    """Every field, in the order of the schema, where the record is there."""
    alive: bool | None = None
    """Whether the SIS said so the last time; ``None`` where it never told of it."""
    at: str = ""
    """When it answered."""

    @property
    def differing(self) -> tuple[str, ...]:
        """The fields that are not here as they are there."""
        return tuple(name for name, how in self.standing.items() if how in DIFFERENT)


@dataclass(frozen=True)
class LookedUp:
    """A record as it stands here, and what each connector that knows it says."""

    record: RecordRow
    told: tuple[Told, ...]
    """By the connectors' names."""
    titles: Mapping[int, str]
    """What the records are called that any of the values refer to."""


def standing(
    entity: EntityType,
    ours: Mapping[str, Plain],
    now: Mapping[str, Plain],
    agreed: Mapping[str, Plain],
) -> dict[str, Standing]:
    """How each field stands; pure."""
    return {one.name: _standing(one.name, ours, now, agreed) for one in entity.fields}


def _standing(
    name: str, ours: Mapping[str, Plain], now: Mapping[str, Plain], agreed: Mapping[str, Plain]
) -> Standing:
    if name not in now:
        return Standing.UNSAID
    if ours[name] == now[name]:
        return Standing.SAME
    # At first contact a blank yields to a value (SEMANTICS B3).
    if ours[name] == agreed.get(name):
        return Standing.THEIRS
    return Standing.OURS if now[name] == agreed.get(name) else Standing.BOTH


def looked_up(
    world: World, loop: Loop, entity: str, record: int, cancel: threading.Event
) -> Looking[LookedUp]:
    """Looks a record up wherever it is known. Raises ``NotFound`` and ``Cancelled``."""
    type_ = reads.entity_type(entity)
    rows = reads.records(world.database, entity, [record])
    if not rows:
        raise NotFound("record_unknown", entity=entity, id=record)
    (ours,) = rows
    with world.database.reading() as tx:
        known = {row.id: row for row in journal.connectors(tx)}
        links = looking.linked(tx, type_, [ours.id])
    told = []
    for link in links:
        told.append((yield from _told(world, loop, known[link.connector], ours, link, cancel)))
    values = [ours.values, *(side for one in told for side in (one.now, one.agreed))]
    titles = reads.titles_of_values(world.database, ((entity, side) for side in values))
    return LookedUp(ours, tuple(told), titles)


def _told(
    world: World,
    loop: Loop,
    row: ConnectorRow,
    ours: RecordRow,
    link: Linked,
    cancel: threading.Event,
) -> Looking[Told]:
    type_ = reads.entity_type(ours.entity)

    def told(found: Found, error: SyncError | None = None, **more: Any) -> Told:
        return Told(
            row.name, link.keys, found, error,
            agreed=link.agreed, alive=link.alive, at=world.now, **more,
        )  # fmt: skip

    def ask(connector: Connector, fetching: Fetcher) -> Looking[Told]:
        capability = spoken(connector, type_.name)
        look = fetched if capability.by_key else searched
        shelf = shelf_of(world, row.id, type_.name)
        answers = yield from look(connector, fetching, type_.name, link.keys, shelf)
        found, said = one_of(connector, type_.name, answers)
        if said is None:
            return told(found)
        [now] = here(world, row.id, type_, capability, [said])
        return told(found, now=now, standing=standing(type_, ours.values, now, link.agreed))

    return (yield from at_least_told(connected(world, loop, row, cancel, ask), told))


# -- asking a connector outside of a run ------------------------------------------------------


def connected(
    world: World,
    loop: Loop,
    row: ConnectorRow,
    cancel: threading.Event,
    ask: Callable[[Connector, Fetcher], Looking[T]],
) -> Looking[T]:
    """What ``ask`` brings of a connector that is opened for it alone; raises what that raises."""
    settings, scope = json.loads(row.settings), Scope.of(row.scope)
    opening = opened(world, row.name, row.kind, settings, cancel, scope=scope)
    this = yield from apart(opening, loop, cancel)
    at_once = max((1, *(one.concurrency for one in this.connector.capabilities().values())))
    # Closed after this connector: whoever else is asked is not to be given up with it.
    fetching = fetcher(world, loop, Within(cancel), "look", at_once)
    try:
        yield from entered(this, fetching, loop)
        found = yield from ask(this.connector, fetching)
        yield from this.admission.kept(this.connector, loop)
        return found
    finally:
        fetching.close()


def at_least_told(asking: Looking[T], told: Callable[[Found, SyncError], T]) -> Looking[T]:
    """What asking brings, or what is ``told`` of the error that it ends with; a cancel ends all."""
    try:
        return (yield from asking)
    except Cancelled:
        raise
    except UsageError as error:
        return told(Found.NOT_ASKED, error)
    except SyncError as error:
        return told(Found.FAILED, error)


def shelf_of(world: World, connector: int, entity: str) -> StoredShelf:
    """The shelf of a stream, to look at: whatever is put on it is never written."""
    with world.database.reading() as tx:
        return StoredShelf(world.database, looking.stream(tx, connector, entity) or 0)


def spoken(connector: Connector, entity: str) -> Capability:
    """What a connector can do with an entity; raises ``NotFound``."""
    if (capability := connector.capabilities().get(entity)) is None:
        raise NotFound("entity_not_spoken", entity=entity)
    return capability


def fetched(
    connector: Connector, fetching: Fetcher, entity: str, keys: Iterable[str], shelf: Shelf
) -> Looking[list[Row | Unreadable | Gone]]:
    """What stands under keys, in their order; raises what kept any of them from being read."""
    at_once = max(1, connector.capabilities()[entity].concurrency)
    askings = (connector.fetch(entity, key, shelf) for key in keys)
    answers = yield from all_answered(
        askings, fetching, at_once, lambda found: isinstance(found, SyncError)
    )
    for answer in answers:
        if isinstance(answer, SyncError):
            raise answer
    return answers


def searched(
    connector: Connector,
    fetching: Fetcher,
    entity: str,
    keys: Collection[str],
    shelf: Shelf,
) -> Looking[list[Row | Unreadable | Gone]]:
    """What stands under keys of a connector that reads none by its key; raises ``UsageError``."""
    if not isinstance(connector, Searched):
        raise UsageError("not_read_by_key", entity=entity)
    found = yield from answered(connector.search(entity, keys, shelf), fetching)
    return [found[key] for key in keys]


def one_of(
    connector: Connector, entity: str, answers: Sequence[Row | Unreadable | Gone]
) -> tuple[Found, Row | None]:
    """What rows that are one record say together."""
    rows = [answer for answer in answers if isinstance(answer, Row)]
    if any(isinstance(answer, Unreadable) for answer in answers):
        return Found.UNREADABLE, None
    if not rows:
        return Found.ENDED if Gone.TOMBSTONE in answers else Found.GONE, None
    if len(rows) > 1 and isinstance(connector, Joined):
        return Found.THERE, connector.united(entity, rows)
    return Found.THERE, rows[0]


def here(
    world: World, connector: int, entity: EntityType, capability: Capability, rows: Sequence[Row]
) -> list[dict[str, Plain]]:
    """What rows say, by field, with the record ids of whom they refer to."""
    said = [
        {
            name: value
            for name, value in zip(capability.fields, row.patch, strict=True)
            if value is not UNSAID
        }
        for row in rows
    ]
    with world.database.reading() as tx:
        return looking.identified(tx, connector, entity, said)
