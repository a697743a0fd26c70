"""Changes go out: what differs from what the SIS last agreed to is sent to it (SEMANTICS F).

``confirm`` comes first in a run: of what was sent without its being known whether it arrived it is
looked up whether it did, before a read could take it for something new. ``push`` comes last. Each
change takes three short transactions: what is sent and what it is sent over are told from what
stands then; that it is being sent is committed before the first request that may change anything
there, under the run's fencing number (H1); and what came of it is settled. The answer is then
weighed as any other row of the SIS (F4).
"""

import logging
import time
from collections import Counter
from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from app.connectors.contract import Change, Outcome, PushResult, Request, Response
from app.engine import judging, limits, twins, unsending
from app.engine.asking import answered
from app.engine.effects import effects
from app.engine.events import Progress
from app.engine.fetching import Ticket
from app.engine.loop import Steps
from app.engine.sending import (
    CREATE,
    DELETE,
    Lane,
    Sending,
    awaited,
    change,
    is_taken,
    lacks,
    to_send,
    without,
)
from app.engine.sent import Settling
from app.engine.shelf import StoredShelf
from app.engine.working import Working
from app.engine.world import World
from app.errors import ContractError, RateLimited, TransientError
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.store import conflicts, journal, outbox, policies, records
from app.store.database import Tx
from app.store.journal import StreamProgress
from app.store.outbox import Due, Lost, Revert

logger = logging.getLogger(__name__)

BATCH = 200
"""Records looked through in one transaction."""

MOST_CREATED = 25
"""So many records of a type that other SIS know are made at one without anybody's approval."""

MOST_TROUBLES = 3
"""After so many troubles in a row no more is sent in this run."""

_TROUBLE = (TransientError, RateLimited, ContractError)


def push(working: Working) -> Generator[Ticket | None, Response | None, bool]:
    """Sends what is due; whether some of it stays behind for want of an answer.

    A run on a copy of the database counts what would be sent. Raises what a run ends by.
    """
    pushing = _Pushing(working)
    yield from pushing.steps()
    return pushing.behind


def confirm(working: Working) -> Steps:
    """Looks whether what was sent before arrived, where that is not known (SEMANTICS F3)."""
    if working.parts.sends:
        yield from _Pushing(working).confirm()


def retry(world: World, connector: str | None, ids: Collection[int] | None) -> int:
    """Has what could not be sent be tried once more with the next sync; how much that is.

    Of one connector or of all, of these records or of all. Raises ``NotFound``.
    """
    with world.database.writing() as tx:
        of = None if connector is None else journal.connector(tx, connector).id
        return outbox.retry(tx, of, ids)


@dataclass(frozen=True)
class _Queued:
    """A row of the outbox that is to be sent, and what that does as the limits see it."""

    lane: Lane
    row: int
    action: str
    effects: str
    released: bool
    taken: bool
    """Not a creation that the SIS is known not to take: it is left to it to say so."""


@dataclass
class _Pushing:
    working: Working
    after: Settling = field(init=False)
    behind: bool = False
    stopped: bool = False
    troubles: int = 0
    outcomes: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
    done: int = 0
    expected: int = 0
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.after = Settling(self.working)

    # -- what is due --

    def steps(self) -> Steps:
        """Everything that is due: what is referred to first, deletions the other way round."""
        queue: list[_Queued] = []
        for lane in self._lanes():
            queue += yield from self._due(lane)
        going = [one for one in queue if one.action != DELETE]
        going += [one for one in reversed(queue) if one.action == DELETE]
        self.expected = len(going)
        for one in going if self.working.parts.sends else ():
            yield from self._send(one)
            self.done += 1
            self._tell(one.lane)
            if self.stopped:
                break
        if self.outcomes:
            with self.working.step() as tx:
                for (entity, outcome), count in self.outcomes.items():
                    level = "info" if outcome is Outcome.DONE else "warning"
                    self.after.log(tx, level, f"push_{outcome.value}", entity, count=count)
            yield None

    def _lanes(self) -> list[Lane]:
        """The streams that take something, in the order in which they refer to each other."""
        w, p = self.working, self.working.parts
        with w.step() as tx:
            deletes = policies.sends_deletes(tx, p.connector_id)
            creates = policies.sends_creates(tx, p.connector_id)
            told = journal.load_progress(tx, p.run)
            return [
                Lane(
                    w.reading(tx, entity, told.get(entity, StreamProgress(entity))),
                    w.capabilities[entity],
                    deletes,
                    creates and CREATE in w.capabilities[entity].writes,
                )
                for entity in ENTITIES
                if entity in w.capabilities and w.capabilities[entity].writes
            ]

    def _due(self, lane: Lane) -> Generator[Ticket | None, Response | None, list[_Queued]]:
        """What is due for a stream and not held by a limit."""
        w, entity, stream = self.working, lane.entity, lane.reading.stream.id
        found: list[_Queued] = []
        yield from self._look_over(lane)
        with w.step() as tx:
            begins = conflicts.begins(tx, w.parts.connector_id, entity.name)
            outbox.wait_for_beginning(tx, stream, waits=begins)
            if begins:
                self.after.log(tx, "warning", outbox.BEGINS, entity.name)
            elif lane.creates:
                streams = {name: one.id for name, one in w.streams.items()}
                outbox.note_missing(tx, stream, entity, streams, w.parts.run)
        after = 0
        while True:
            with w.step() as tx:
                rows = outbox.due(tx, stream, w.parts.clock(), after, BATCH)
                if not rows:
                    break
                after = rows[-1].id
                sendings = self._sendings(tx, lane, rows)
                made = [one.record.id for one in sendings if one.action == CREATE]
                if asked := twins.ask_before_made(tx, entity.name, w.parts.run, made):
                    self.after.log(tx, "warning", "twins_asked", entity.name, count=asked)
                    sendings = self._sendings(tx, lane, rows)
                going = [one for one in sendings if one.row.state != outbox.HELD]
                vain = [
                    one.row.id
                    for one in going
                    if one.copies and not is_taken(tx, lane, w.streams, one)
                ]
                outbox.drop(tx, vain)
                going = [one for one in going if one.row.id not in vain]
                doing = effects(tx, entity, w.now()[:10], [one.sides(entity) for one in going])
                found += [
                    _Queued(
                        lane,
                        one.row.id,
                        one.action,
                        does,
                        one.row.state == outbox.RELEASED,
                        one.action != CREATE or lacks(tx, lane, one) is None,
                    )
                    for one, does in zip(going, doing, strict=True)
                ]
            yield None
        if begins:
            return []
        with w.step() as tx:
            found = self._judged(tx, lane, found)
            if not w.parts.sends:
                lane.reading.progress.counts["pushed"] += sum(one.taken for one in found)
                journal.save_progress(tx, w.parts.run, lane.reading.progress)
        return found

    def _look_over(self, lane: Lane) -> Steps:
        """What was refused, kept or put off is no matter any more where nothing is left to be sent.

        The SIS says the same by now, or something else, which is asked: what is decided then is
        sent anew.
        """
        after = 0
        while True:
            with self.working.step() as tx:
                rows = outbox.left(tx, lane.reading.stream.id, after, BATCH)
                if rows:
                    self._sendings(tx, lane, rows)
            if not rows:
                return
            after = rows[-1].id
            yield None

    def _sendings(self, tx: Tx, lane: Lane, rows: Sequence[Due]) -> list[Sending]:
        """What there is to send of rows; those of which nothing is are dropped."""
        found = to_send(tx, lane, self.after.still_held(tx, lane, rows))
        outbox.drop(tx, found.gone)
        outbox.wait_for_word(tx, [row.id for row in rows], found.waits)
        return found.sendings

    def _judged(self, tx: Tx, lane: Lane, queue: list[_Queued]) -> list[_Queued]:
        """Those that no limit holds (SEMANTICS E1); the others wait for a person."""
        w, entity = self.working, lane.entity
        connector, now = w.parts.connector_id, w.parts.clock()
        planned = Counter(one.effects for one in queue if not one.released)
        if not planned:
            return queue
        stream = lane.reading.stream.id
        trips = judging.tripped(tx, connector, stream, entity, "out", planned, now)
        for trip in trips:
            self.after.log(tx, "warning", "push_limit_tripped", entity.name, **trip.parameters)
        held_by = limits.holding(trips)
        rules = {text: held_by(limits.effects_of(text)) for text in planned}
        asked = [one for one in queue if not one.released]
        made = [one.row for one in asked if one.action == CREATE and one.taken]
        many = set(made) if lane.creates and len(made) > MOST_CREATED else set()
        if many:
            self.after.log(tx, "warning", "push_creates_many", entity.name, count=len(many))
        held = {
            one.row: " ".join(
                [*rules[one.effects], *([outbox.CREATIONS] if one.row in many else [])]
            )
            for one in asked
        }
        stays = {row: words for row, words in held.items() if words}
        outbox.hold(tx, list(stays.items()))
        return [one for one in queue if one.row not in stays]

    # -- one change --

    def _send(self, queued: _Queued) -> Steps:
        """Sends one change; once more what is left of it, where the SIS had moved on."""
        w, p, lane = self.working, self.working.parts, queued.lane
        for _ in range(2):
            with w.step() as tx:
                found = self._built(tx, queued)
            if found is None:
                return
            sending, told = found
            mark, shelf = _Mark(w, lane, sending), self._shelf(lane)
            try:
                push = p.connector.push(told, shelf)
                result = yield from answered(push, p.fetcher, mark)
            except _TROUBLE as error:
                if not mark.passed:
                    with self.after.settling() as tx:
                        if mark.made:
                            outbox.never_sent(tx, p.run, sending.told(lane.entity.name).link)
                        self._put_off(tx, sending, "push_try_again", error)
                    return
                # What was written had its answer; only what came after it is not known.
                result = PushResult(Outcome.UNKNOWN)
            self.troubles = 0
            with self.after.settling() as tx:
                self._beat(tx, lane)
                self.after.settle(tx, lane, sending, result, p.run)
                shelf.flush(tx)
                if result.outcome is Outcome.DONE:
                    lane.reading.progress.counts["pushed"] += 1
                    if not queued.released:
                        self._remember(tx, lane, queued.effects)
                journal.save_progress(tx, p.run, lane.reading.progress)
            self.outcomes[lane.entity.name, result.outcome] += 1
            yield None
            if result.outcome is not Outcome.MOVED and sending.row.revert is None:
                return

    def _built(self, tx: Tx, queued: _Queued) -> tuple[Sending, Change] | None:
        """The change as it is now; ``None`` where there is nothing to be sent of it just now."""
        w, lane = self.working, queued.lane
        row = outbox.one(tx, queued.row)
        sendings = self._sendings(tx, lane, [row]) if row is not None else []
        if not sendings or sendings[0].action != queued.action:
            return None
        (sending,) = sendings
        entity, record = lane.entity.name, sending.record.id
        unmakes = sending.reverts and sending.action == DELETE
        if unmakes and unsending.referred_there(tx, w.streams, entity, record):
            self.after.give_up(tx, lane, sending.row, unsending.REFERRED)
            return self._built(tx, queued)
        if sending.place is None:
            sending = self._place(tx, lane, sending)
        told, missing = change(tx, lane, w.streams, sending)
        if missing and (fewer := without(sending, entity, missing.get(entity, ()))) is not None:
            sending = fewer
            told, missing = change(tx, lane, w.streams, sending)
        if missing:
            on = awaited(tx, w.streams, missing)
            if sending.copies and not on.comes:
                # Nobody asked for it: what it refers to is not there, so it is no matter there.
                outbox.drop(tx, [sending.row.id])
                return None
            outbox.wait_for(tx, sending.row.id, on.entity, on.record, on.comes)
            self.outcomes[lane.entity.name, Outcome.WAITING_ON] += 1
            return None
        return sending, told

    def _place(self, tx: Tx, lane: Lane, sending: Sending) -> Sending:
        """A record that is new to the SIS gets its link, and a key of ours (SEMANTICS F3)."""
        stream, record = lane.reading.stream.id, sending.record.id
        key = str(UUID(int=self.working.parts.random.getrandbits(128), version=4))
        outbox.place_made(tx, records.allot(tx, "link", 1), stream, key, record)
        self.working.resolver.know(lane.entity.name, [(key, record)])
        return replace(sending, place=outbox.places(tx, stream, [record])[record])

    def _put_off(self, tx: Tx, sending: Sending, words: str, error: Exception) -> None:
        """It is tried again later; after too much trouble nothing more is sent in this run."""
        self.after.put_off(tx, sending, words, error)
        self.behind = True
        self.troubles += 1
        self.stopped = isinstance(error, RateLimited) or self.troubles >= MOST_TROUBLES
        if self.stopped:
            code = "push_slowed" if isinstance(error, RateLimited) else "push_stopped"
            self.after.log(tx, "warning", code, None)

    def _remember(self, tx: Tx, lane: Lane, does: str) -> None:
        """What arrived counts for the limits of the next day."""
        judging.applied(
            tx,
            connector=self.working.parts.connector_id,
            entity=lane.entity.name,
            direction="out",
            tallies={does: 1},
            now=self.working.now(),
        )

    # -- what may have arrived --

    def confirm(self) -> Steps:
        """Looks up, one by one, what may have arrived."""
        w, p = self.working, self.working.parts
        with w.step() as tx:
            found = outbox.lost(tx, p.connector_id)
        lanes = {lane.entity.name: lane for lane in self._lanes()} if found else {}
        for lost in found:
            lane = lanes.get(lost.what.entity)
            if lane is None:
                continue
            with w.step() as tx:
                sending = _as_sent(tx, lane, lost)
                told, _ = change(tx, lane, w.streams, sending)
            shelf = self._shelf(lane)
            try:
                result = yield from answered(p.connector.confirm(told, shelf), p.fetcher)
            except _TROUBLE as error:
                with self.after.settling() as tx:
                    self.after.log(tx, "warning", "push_not_confirmed", lost.what.entity)
                if not isinstance(error, ContractError):
                    return
                continue
            with self.after.settling() as tx:
                self._confirmed(tx, lane, lost, sending, result)
                if result.outcome is Outcome.DONE:
                    shelf.flush(tx)
            yield None

    def _confirmed(
        self, tx: Tx, lane: Lane, lost: Lost, sending: Sending, result: PushResult
    ) -> None:
        """What was sent is there, is not there, or nobody can tell."""
        made, words = sending.action == CREATE, result.words
        ours = not (made and lane.capability.allots_keys)
        if made and ours and result.row is not None:
            # Nobody else makes anything under such a key, whatever the SIS made of it.
            result = replace(result, outcome=Outcome.DONE)
        if result.outcome is Outcome.DONE:
            self.after.settle(tx, lane, sending, result, lost.run)
            sides = [sending.sides(lane.entity)]
            self._remember(tx, lane, *effects(tx, lane.entity, self.working.now()[:10], sides))
            return
        if result.outcome is Outcome.MOVED:
            # Sending it once more does no harm: it is read first, under a key that is ours. Where
            # the SIS gives the key there might be two of it then, so a person has to ask for it.
            if ours or sending.row.attempts == 0:
                told, moved = sending.told(lane.entity.name), Outcome.MOVED.value
                outbox.end(tx, lost.run, told, moved, words, self.working.now())
                if not sending.reverts:
                    # There is nothing there that could be taken back.
                    outbox.set_revert(tx, sending.row.id, None)
                outbox.set_state(tx, sending.row.id, outbox.WAITING)
                return
            words = words or "push_not_found"
        lost_track = lost.row.revert is not None and result.outcome is Outcome.UNKNOWN
        if made and not sending.record.alive and not lost_track:
            # Ended here meanwhile: nobody waits for it any more.
            outbox.drop(tx, [sending.row.id])
        else:
            outbox.set_state(tx, sending.row.id, outbox.UNKNOWN, words or "push_not_known")

    # -- small things --

    def _shelf(self, lane: Lane) -> StoredShelf:
        return StoredShelf(self.working.parts.database, lane.reading.stream.id)

    def _tell(self, lane: Lane) -> None:
        p, entity = self.working.parts, lane.entity.name
        left = (time.monotonic() - self.began) * (self.expected - self.done) / self.done
        p.tell(Progress(p.run, p.name, entity, self.done, self.expected, left, sending=True))

    def _beat(self, tx: Tx, lane: Lane) -> None:
        run, now, entity = self.working.parts.run, self.working.now(), lane.entity.name
        journal.beat(tx, run, now, entity, self.done + 1, self.expected, sending=True)


@dataclass
class _Mark:
    """Commits, before the first request that may change something there, that it is sent."""

    working: Working
    lane: Lane
    sending: Sending
    made: bool = False
    passed: bool = False
    """The kind went on after it: whatever happens now, what was sent may have arrived."""

    def __call__(self, request: Request) -> None:
        if request.method in ("GET", "HEAD"):
            self.passed = self.made
            return
        w, told = self.working, self.sending.told(self.lane.entity.name)
        with w.step() as tx:
            if not self.made:
                outbox.begin(tx, w.parts.run, self.sending.row.id, told, w.now())
        self.made = True
        logger.debug("%s: record %d is being sent", told.entity, told.record)


def _as_sent(tx: Tx, lane: Lane, lost: Lost) -> Sending:
    """What was sent, as it was then."""
    entity, what = lane.entity, lost.what
    record = records.read_records(tx, entity.name, [what.record])[what.record]
    place = outbox.places(tx, lane.reading.stream.id, [what.record])[what.record]
    sent, before = what.values
    reverts = False
    if lost.row.revert is not None:
        wanted = Revert.of(lost.row.revert).wanted
        reverts = what.action == DELETE if ALIVE in wanted else sent.items() <= wanted.items()
    return Sending(lost.row, record, place, what.action, sent, before, reverts)
