"""Who is in a class as its SIS tells it right now, beside who is in it here. Nothing is written."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.connectors.contract import Connector, Doubt, Page, Rolled, Row
from app.engine.asking import pulled
from app.engine.fetching import Fetcher
from app.engine.lookup import (
    DIFFERENT,
    Found,
    Looking,
    Standing,
    at_least_told,
    connected,
    fetched,
    here,
    one_of,
    shelf_of,
    standing,
)
from app.engine.loop import Loop
from app.engine.world import World
from app.errors import NotFound, SyncError, UsageError
from app.roster.entities import ENTITIES
from app.roster.values import Plain
from app.store import journal, looking, reads
from app.store.journal import ConnectorRow
from app.store.looking import Linked
from app.store.reads import RecordRow

CLASSES, ENROLLMENTS = "classes", "enrollments"
_SEAT = ENTITIES[ENROLLMENTS]


@dataclass(frozen=True)
class Seat:
    """One enrollment in the class, here, at the SIS, or both. Values are as in ``lookup.Told``."""

    enrollment: int | None
    """Our record; ``None`` where it is not here."""
    key: str | None
    """Its key at the SIS; ``None`` where it was made here."""
    user: int | str | None
    role: str | None
    """Both as the SIS tells them, else as they stand here."""
    ours: Mapping[str, Plain] | None
    """``None`` where it is not here, or has ended."""
    now: Mapping[str, Plain] | None
    """``None`` where it is not on the roll."""
    agreed: Mapping[str, Plain] | None
    """``None`` where nothing was agreed, or that it has ended."""
    standing: Mapping[str, Standing] = field(default_factory=dict)
    """Every field, where it is both here and there."""
    unreadable: bool = False
    """It is on the roll, and could not be understood."""

    @property
    def differs(self) -> bool:
        """Whether it is not here as it is there."""
        if self.ours is None or self.now is None:
            return not (self.unreadable and self.ours is not None)
        return any(how in DIFFERENT for how in self.standing.values())


@dataclass(frozen=True)
class Roll:
    """What one connector's SIS tells of who is in a class."""

    connector: str
    key: str
    """The key of the class there."""
    found: Found
    """What became of asking for the class, and for its roll."""
    error: SyncError | None = None
    complete: bool = False
    """It was read to its end without a doubt: who is not on it is not in the class there."""
    doubts: tuple[Doubt, ...] = ()
    seats: tuple[Seat, ...] = ()
    """Those that differ come first."""
    at: str = ""
    """When it was read."""


@dataclass(frozen=True)
class Rolls:
    """Who is in a class, by every connector that knows it."""

    record: int
    rolls: tuple[Roll, ...]
    titles: Mapping[int, str]
    """What the records are called that any of the values refer to."""


def rolls(world: World, loop: Loop, class_record: int, cancel: threading.Event) -> Looking[Rolls]:
    """Reads the roll of a class wherever it is known. Raises ``NotFound`` and ``Cancelled``."""
    if not (rows := reads.records(world.database, CLASSES, [class_record])):
        raise NotFound("record_unknown", entity=CLASSES, id=class_record)
    class_ = rows[0].id
    with world.database.reading() as tx:
        known = {row.id: row for row in journal.connectors(tx)}
        links = looking.linked(tx, ENTITIES[CLASSES], [class_])
    found = []
    for link in links:
        found.append((yield from _roll(world, loop, known[link.connector], link, cancel)))
    seats = [seat for roll in found for seat in roll.seats]
    values = [side for seat in seats for side in (seat.ours, seat.now, seat.agreed) if side]
    titles = reads.titles_of_values(world.database, ((ENROLLMENTS, side) for side in values))
    return Rolls(class_, tuple(found), titles)


def _roll(
    world: World, loop: Loop, row: ConnectorRow, link: Linked, cancel: threading.Event
) -> Looking[Roll]:
    def told(found: Found, error: SyncError | None = None) -> Roll:
        return Roll(row.name, link.key, found, error, at=world.now)

    def ask(connector: Connector, fetching: Fetcher) -> Looking[Roll]:
        rolled = readable(connector, row.name)
        if connector.capabilities()[CLASSES].by_key:
            shelf = shelf_of(world, row.id, CLASSES)
            answers = yield from fetched(connector, fetching, CLASSES, [link.key], shelf)
            found, _ = one_of(connector, CLASSES, answers)
            if found in (Found.GONE, Found.ENDED):
                return told(found)
        listed, shelf = Listed(), shelf_of(world, row.id, ENROLLMENTS)
        yield from pulled(rolled.roll(link.key, shelf), fetching, listed.take)
        return replace(
            told(Found.THERE),
            complete=listed.complete,
            doubts=tuple(listed.doubts),
            seats=_seats(world, row.id, link.record, connector, listed),
        )

    return (yield from at_least_told(connected(world, loop, row, cancel, ask), told))


def readable(connector: Connector, name: str) -> Rolled:
    """The connector, which can tell the roll of a class; raises ``UsageError`` otherwise."""
    spoken = {CLASSES, ENROLLMENTS} <= connector.capabilities().keys()
    if not spoken or not isinstance(connector, Rolled):
        raise UsageError("class_not_readable", name=name)
    return connector


class Listed:
    """What the pages of a roll say."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.unreadable: set[str] = set()
        self.doubts: list[Doubt] = []
        self._whole = True
        self._last = False

    def take(self, page: Page) -> None:
        """Takes a page in."""
        if page.restarts:
            self.rows.clear()
            self.unreadable.clear()
            self._whole = True
        told = page.read(range(len(page.keys)))
        self.rows.update((row.key, row) for row in told if isinstance(row, Row))
        unreadable = [*page.unreadable, *(one for one in told if not isinstance(one, Row))]
        self.unreadable |= {one.key for one in unreadable if one.key is not None}
        self.doubts += page.doubts
        self._whole = self._whole and all(one.key is not None for one in unreadable)
        self._last = page.last

    @property
    def complete(self) -> bool:
        """Whether who did not come is not on the roll."""
        return self._last and self._whole and not self.doubts


def _seats(
    world: World, connector_id: int, class_: int, connector: Connector, listed: Listed
) -> tuple[Seat, ...]:
    """The enrollments of a roll and of our class."""
    with world.database.reading() as tx:
        known = looking.ids_of(tx, connector_id, ENROLLMENTS, [*listed.rows, *listed.unreadable])
        ids = {*looking.seats(tx, class_), *(known[key] for key in listed.rows if key in known)}
        links = {one.record: one for one in looking.linked(tx, _SEAT, ids, connector_id)}
    live = {row.id: row.values for row in _live(world, ids)}
    capability = connector.capabilities()[ENROLLMENTS]
    told = here(world, connector_id, _SEAT, capability, list(listed.rows.values()))
    unreadable = {known[key] for key in listed.unreadable if key in known}

    def seat(id_: int | None, key: str | None, now: Mapping[str, Plain] | None) -> Seat:
        link = links.get(id_) if id_ is not None else None
        ours = live.get(id_) if id_ is not None else None
        agreed = link.agreed if link is not None and link.alive else None
        shown = now or ours or {}
        return Seat(
            enrollment=id_,
            key=key or (link.key if link is not None else None),
            user=shown.get("user"),
            role=shown.get("role"),
            ours=ours,
            now=now,
            agreed=agreed,
            standing=standing(_SEAT, ours, now, agreed or {}) if ours and now else {},
            unreadable=id_ in unreadable,
        )

    there = [seat(known.get(key), key, now) for key, now in zip(listed.rows, told, strict=True)]
    seated = {one.enrollment for one in there}
    only_here = [seat(id_, None, None) for id_ in live if id_ not in seated]
    return tuple(sorted((*there, *only_here), key=lambda one: (not one.differs, one.role or "")))


def _live(world: World, ids: Iterable[int]) -> Sequence[RecordRow]:
    return [row for row in reads.records(world.database, ENROLLMENTS, sorted(ids)) if row.alive]
