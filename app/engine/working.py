"""What every kind of run is made of: fenced steps, a log, and how a stream is read (H1, C2)."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from random import Random
from threading import Event as Flag
from typing import Any

from app.connectors.contract import Capability, Connector, Fetch, Gone, Learning, Shelf, State
from app.engine import judging, matching, newcomers, settle, twins
from app.engine.asking import all_answered
from app.engine.events import Event
from app.engine.fetching import Fetcher, Ticket
from app.engine.identify import Resolver
from app.engine.loop import Steps
from app.engine.policy import Decides, Policies, Policy
from app.engine.reading import Reading
from app.engine.scope import EVERYTHING, Scope, Within
from app.engine.shelf import StoredShelf
from app.engine.weigh import Weigher
from app.errors import Cancelled, Fenced, SyncError
from app.roster.entities import ENTITIES
from app.roster.identity import identifying
from app.roster.values import instant_text
from app.store import journal, linkage, outbox, plans, policies, previews, records
from app.store import matching as matches
from app.store.database import Database, Tx
from app.store.journal import StreamProgress, StreamRow

logger = logging.getLogger(__name__)

MAX_WARNINGS = 50
"""Warnings of one stream that are logged one by one; the rest are counted."""


@dataclass(frozen=True)
class Work:
    """What one run works with."""

    run: int
    fence: int
    connector_id: int
    name: str
    salt: bytes
    connector: Connector
    under: str
    """The settings that it was opened with, as far as what it learns depends on them."""
    learnt: State
    """What it knew of its service to begin with."""
    fetcher: Fetcher
    database: Database
    clock: Callable[[], datetime]
    random: Random
    cancel: Flag
    tell: Callable[[Event], None]
    full: bool
    """A whole read was asked for."""
    scope: Scope = EVERYTHING
    """What is kept in step."""
    control: Database | None = None
    """Where it is told to stop, when it works on a copy of the database (SEMANTICS E4)."""
    shown: Mapping[int, str] | None = None
    """Of a sync that carries a preview out: what that has shown; anything else waits (E4)."""

    @property
    def sends(self) -> bool:
        """Whether what is in the outbox is sent; otherwise it is only counted."""
        return self.control is None


class Working(ABC):
    """One run at work; ``steps`` is what it does."""

    def __init__(self, parts: Work) -> None:
        self.parts = parts
        self.capabilities: Mapping[str, Capability] = parts.connector.capabilities()
        self.streams: dict[str, StreamRow] = {}
        self.resolver = Resolver({}, {})
        self.aliased: dict[str, bool] = {}

    @abstractmethod
    def steps(self) -> Steps:
        """What the run does, from *running* to its end state."""

    def carried_out(self) -> Steps:
        """The steps of the run; every ``SyncError`` ends it told."""
        try:
            yield from self.steps()
        except Fenced:
            self.end(journal.INTERRUPTED)
            return
        except Cancelled:
            self.end(journal.CANCELLED)
        except SyncError as error:
            self.end(journal.FAILED, error)
        self._remember()

    def _remember(self) -> None:
        """Keeps what the connector has learnt of its service, for the next time."""
        p = self.parts
        if not isinstance(p.connector, Learning):
            return
        learnt = p.connector.learnt()
        if learnt != p.learnt:
            with p.database.writing() as tx:
                journal.set_learnt(tx, p.connector_id, p.under, learnt)

    def end(self, state: str, error: SyncError | None = None) -> None:
        """The run ends before its time; what it has done stays."""
        p = self.parts
        with p.database.writing() as tx:
            journal.end_run(tx, p.run, state, self.now(), error)
            if error is not None:
                journal.log(tx, p.run, self.now(), "error", error.code, error.parameters)
                logger.info("run %d failed: %s", p.run, error)
            self.ended_early(tx, error)

    def ended_early(self, tx: Tx, error: SyncError | None) -> None:  # noqa: B027  nothing, usually
        """What else there is to be done in that transaction."""

    def look_up(self, tx: Tx) -> None:
        """Learns what the database knows of the connector's streams."""
        self.streams = journal.streams(tx, self.parts.connector_id, ENTITIES)
        for entity, stream in self.streams.items():
            if journal.set_writes(tx, stream.id, _writes(entity, self.capabilities.get(entity))):
                outbox.note_all(tx, stream.id, entity)
        self.aliased = {
            entity: linkage.has_aliases(tx, stream.id) for entity, stream in self.streams.items()
        }
        self.resolver = Resolver(self.streams, self.aliased)

    @contextmanager
    def step(self) -> Iterator[Tx]:
        """A transaction of this run: refused when overtaken (H1), and when asked to stop."""
        p = self.parts
        with p.database.writing() as tx:
            with nullcontext(tx) if p.control is None else p.control.reading() as row:
                if journal.check_fence(row, p.connector_id, p.run, p.fence):
                    p.cancel.set()
            if p.cancel.is_set():
                raise Cancelled("cancelled")
            yield tx

    def now(self) -> str:
        """The instant now, as the database keeps it."""
        return instant_text(self.parts.clock())

    def log(
        self, tx: Tx, level: str, code: str, parameters: Mapping[str, Any], reading: Reading
    ) -> None:
        """One line of the run's log."""
        journal.log(tx, self.parts.run, self.now(), level, code, parameters, reading.entity.name)

    def keys(self, links: Sequence[int]) -> list[tuple[int, str]]:
        """(link, key) of links: their own, and those of rows that are joined to them (A5)."""
        with self.parts.database.reading() as tx:
            own, further = linkage.keys_of(tx, links), linkage.joined_keys(tx, links)
        return [(link, key) for link in links for key in (own[link], *further.get(link, ()))]

    def by_key(
        self, entity: str, keys: Sequence[str], enough: Callable[[Any], bool]
    ) -> Generator[Ticket | None, Any, list[Any]]:
        """What reading rows by their keys brings, as many at once as the connector may be asked.

        Errors stand in place of an answer; for ``enough`` see ``all_answered``.
        """
        p, at_once = self.parts, max(1, self.capabilities[entity].concurrency)
        shelf = StoredShelf(p.database, self.streams[entity].id)
        askings = (_fetched(p.connector, entity, key, shelf) for key in keys)
        return all_answered(askings, p.fetcher, at_once, enough)

    def reading(self, tx: Tx, entity: str, progress: StreamProgress) -> Reading:
        """What is carried along while a stream is read or settled."""
        p, stream = self.parts, self.streams[entity]
        return Reading(
            run=p.run,
            connector=p.connector_id,
            stream=stream,
            entity=ENTITIES[entity],
            fields=self.fields(entity),
            layouts=records.layouts(tx, entity),
            resolver=self.resolver,
            progress=progress,
            aliased=self.aliased.get(entity, False),
            weigher=self.weigher(tx, entity),
            now=self.now(),
            within=self.within(entity),
            fresh=not linkage.has_links(tx, stream.id),
            beside=matching.beside(tx, stream.id, entity),
        )

    def within(self, entity: str) -> Within | None:
        """What of the entity is kept in step, where that is not everything."""
        scope = self.parts.scope
        return Within(scope, ENTITIES[entity], self.streams, self.aliased) if scope else None

    def fields(self, entity: str) -> tuple[str, ...]:
        """The fields that the SIS speaks of (SEMANTICS A2)."""
        capability = self.capabilities.get(entity)
        return capability.fields if capability else ENTITIES[entity].field_names

    def weigher(self, tx: Tx, entity: str) -> Weigher:
        """How records of the entity are weighed at this connector."""
        p = self.parts
        return _weigher(tx, p.connector_id, entity, self.now(), lambda: p.fetcher.skew)

    def progress(self, tx: Tx, run: int, entity: str) -> StreamProgress:
        """How far a run came in a stream."""
        return journal.load_progress(tx, run).get(entity, StreamProgress(entity))

    def meet_newcomers(self, reading: Reading, *, read: bool) -> Steps:
        """Judges the newcomers of a stream who may be people we have (D5).

        ``read``: the stream has just been read, so that what it did not bring is known.
        """
        yield from self._meet_others(reading, read=read)
        if not identifying(reading.entity):
            return
        yield from self._meet_own(reading, read=read)
        if reading.beside is not None:
            yield from self._judge_others(reading, read=read, known=True)
            with self.step() as tx:
                self._tell_others(tx, reading)

    def _meet_own(self, reading: Reading, *, read: bool) -> Steps:
        """Judges the newcomers who may be people of the same SIS under another key."""
        judged, after = newcomers.Judged(), 0
        with self.step() as tx:
            newcomers.look_again(tx, reading, read=read)
            if read:
                journal.save_progress(tx, self.parts.run, reading.progress)
        while True:
            with self.step() as tx:
                after = newcomers.judge(tx, reading, after, judged)
                if not after:
                    self._tell_newcomers(tx, reading, judged)
                    break
                if read:
                    journal.save_progress(tx, self.parts.run, reading.progress)
            yield None

    def _meet_others(self, reading: Reading, *, read: bool) -> Steps:
        """Judges rows of which only the whole stream tells whether another SIS has them, too."""
        if reading.beside is None:
            return
        with self.step() as tx:
            twins.forget_answered(tx, reading.stream.id)
        yield from self._judge_others(reading, read=read)
        with self.step() as tx:
            matches.wait_no_more(tx, reading.stream.id)
            twins.settle_named(tx, reading)
            self._tell_others(tx, reading)

    def _judge_others(self, reading: Reading, *, read: bool, known: bool = False) -> Steps:
        after = 0
        while True:
            with self.step() as tx:
                after = twins.judge(tx, reading, after, known=known)
                if read:
                    journal.save_progress(tx, self.parts.run, reading.progress)
                if not after:
                    break
            yield None

    def _tell_others(self, tx: Tx, reading: Reading) -> None:
        if reading.matched:
            self.log(tx, "info", "records_matched", {"count": reading.matched}, reading)
        if reading.doubted:
            self.log(tx, "warning", "twins_asked", {"count": reading.doubted}, reading)
        if reading.recycled:
            self.log(tx, "warning", "keys_recycled", {"count": reading.recycled}, reading)
        reading.matched = reading.doubted = reading.recycled = 0
        if reading.beside is not None:
            for name in sorted(reading.beside.mistrusted & reading.refuted.keys()):
                told = {"rule": name, "count": reading.refuted.pop(name)}
                self.log(tx, "warning", "identity_rule_mistrusted", told, reading)

    def _tell_newcomers(self, tx: Tx, reading: Reading, judged: newcomers.Judged) -> None:
        for record, other in judged.joins[:MAX_WARNINGS]:
            self.log(tx, "info", "join_suggested", {"record": record, "other": other}, reading)
        if judged.shared:
            self.log(tx, "warning", "identifier_shared", {"count": judged.shared}, reading)
        if judged.asked:
            self.log(tx, "warning", "same_person_asked", {"count": judged.asked}, reading)

    def judge_items(self, tx: Tx, reading: Reading, *, trusted: bool) -> None:
        """Judges what is planned (E1); what waits is counted by the run that planned it."""
        before = plans.planned_by_run(tx, reading.stream.id)
        if not before:
            return
        for trip in settle.judge(tx, reading, self.parts.clock(), trusted=trusted):
            self.log(tx, "warning", "limit_tripped", trip.parameters, reading)
        if self.parts.control is not None:
            previews.note_shown(tx, reading.stream.id)
        elif self.parts.shown is not None:
            unshown = previews.hold_unshown(tx, reading.stream.id, self.parts.shown)
            if unshown:
                self.log(tx, "warning", "preview_unshown", {"count": unshown}, reading)
        given = judging.let_through(
            tx,
            connector=self.parts.connector_id,
            stream=reading.stream.id,
            entity=reading.entity,
            now=self.parts.clock(),
        )
        for one, count in given.items():
            told = {"count": count, "what": one.figure.name, "by": one.by}
            told["until"] = instant_text(one.ends)
            self.log(tx, "info", "limit_let_through", told, reading)
        after = plans.planned_by_run(tx, reading.stream.id)
        held = {run: count - after.get(run, 0) for run, count in before.items()}
        newcomers.recount(tx, reading, held, waiting=1)


def reading_apart(
    tx: Tx, change_set: int, connector: int, stream: StreamRow, progress: StreamProgress, now: str
) -> Reading:
    """What rows of a stream are weighed with outside of a run, in a person's change set."""
    entity = ENTITIES[stream.entity]
    return Reading(
        run=change_set,
        connector=connector,
        stream=stream,
        entity=entity,
        fields=entity.field_names,
        layouts=records.layouts(tx, entity.name),
        resolver=Resolver({}, {}),
        progress=progress,
        aliased=False,
        weigher=_weigher(tx, connector, entity.name, now),
        now=now,
    )


def policies_of(tx: Tx, connector: int) -> Policies:
    """Who decides at a connector."""
    rows = policies.policies(tx, connector)
    return Policies(Policy(of, school, part, Decides(word)) for of, school, part, word in rows)


def _weigher(
    tx: Tx,
    connector: int,
    entity: str,
    now: str,
    skew: Callable[[], float | None] = lambda: None,
) -> Weigher:
    """How records of an entity are weighed at a connector."""
    return Weigher(
        ENTITIES[entity],
        now[:10],
        policies_of(tx, connector),
        policies.keeps_values(tx, connector),
        skew,
    )


def _fetched(connector: Connector, entity: str, key: str, shelf: Shelf) -> Fetch:
    """What stands under a key; of a link that left its key to another one's, nothing does."""
    if key.startswith(linkage.ASIDE):
        return Gone.NOT_FOUND
    return (yield from connector.fetch(entity, key, shelf))


def _writes(entity: str, capability: Capability | None) -> dict[str, Any] | None:
    """What the SIS takes of an entity, as the outbox needs it; ``None`` for nothing."""
    if capability is None or not capability.writes:
        return None
    told: dict[str, Any] = {
        "actions": sorted(capability.writes),
        "fields": sorted(capability.written),
    }
    if apart := {begin: sorted(names) for begin, names in capability.apart.items()}:
        told["apart"] = apart
    if set(capability.fields) < set(ENTITIES[entity].field_names):
        told["speaks"] = capability.fields
    if capability.new is not None:
        told["new"] = [[sorted(one.roles), one.fields, one.beside] for one in capability.new]
    return told
