"""Undoing any change set, where nothing newer stands (SEMANTICS G).

What is taken back is weighed twice by the same code: once to say what would come back, what cannot,
and whether the limits allow it; then again inside the transactions that write, from what stands at
that moment. Each batch is durable; an undo that was cut off goes on when it is asked for again.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event as Flag

from app.engine import judging, limits, unsaying
from app.engine.apart import drained
from app.engine.decisions import PEOPLE
from app.engine.editing import changed_values
from app.engine.events import Event, Undoing
from app.engine.following import follow
from app.engine.outgoing import Outgoing, field_changes
from app.engine.sending import DELETE, UPDATE
from app.engine.taking import LeftOut, Taking, Weighed
from app.engine.underway import locked
from app.engine.unsaying import SentBack
from app.engine.weigh import with_local
from app.engine.world import World
from app.errors import Cancelled, Fenced, LimitError
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE, Part
from app.roster.schema import EntityType
from app.roster.values import UNKNOWN, Plain, instant_text
from app.store import conflicts, history, journal, linkage, outbox, plans, policies, reads, records
from app.store.codec import decode_changes, encode
from app.store.conflicts import OpenConflict
from app.store.database import Database, Tx
from app.store.history import ChangeSet
from app.store.locks import ConnectorLock
from app.store.outbox import Revert


@dataclass
class UndoPlan:
    """What an undo would do, and what it cannot."""

    of: ChangeSet
    changed: Counter[str] = field(default_factory=Counter)
    """How many records get values back, by entity,"""
    returning: Counter[str] = field(default_factory=Counter)
    """how many that ended come back,"""
    ending: Counter[str] = field(default_factory=Counter)
    """and how many end, having been made by the change set, or brought back by it."""
    parting: Counter[str] = field(default_factory=Counter)
    """How many that were joined with others are taken apart again,"""
    joining: Counter[str] = field(default_factory=Counter)
    """or joined again (SEMANTICS A5)."""
    asked_again: Counter[str] = field(default_factory=Counter)
    """What was decided or refused, and is open again,"""
    settled_again: Counter[str] = field(default_factory=Counter)
    """or stands so again, where it had been taken back."""
    sent_back: Counter[str] = field(default_factory=Counter)
    """What would be taken back at the SIS, as far as it still holds what we sent,"""
    sends: list[Outgoing] = field(default_factory=list)
    """record by record, with the connector and the fields; none where it is deleted there."""
    records: int = 0
    """How many records all this is about."""
    rules: int = 0
    """How many rules of who decides go, or come back."""
    left_out: list[LeftOut] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    """The safety limits it goes over, in sentences."""


@dataclass(frozen=True)
class Undone:
    """What became of an undo."""

    id: int | None
    """Its change set; ``None`` where there was nothing to take back."""
    of: int
    applied: int
    """How many records it wrote about."""
    left_out: tuple[LeftOut, ...]


def plan(database: Database, change_set: int, now: datetime) -> UndoPlan:
    """What undoing a change set would do now; nothing is written.

    Raises ``NotFound`` and ``UsageError``.
    """
    with database.reading() as tx:
        taking = Taking(tx, change_set, now)
    return drained(_planned(database, taking))


def undo(
    world: World,
    change_set: int,
    author: str,
    *,
    approved: bool = False,
    cancel: Flag,
    tell: Callable[[Event], None],
) -> Generator[None, None, Undone]:
    """Undoes a change set as ``author``, in steps of one transaction each.

    Raises ``NotFound`` and ``UsageError``; ``BusyError`` where a connector that it came from is
    being synced; ``LimitError`` where it goes over a limit and is not ``approved``; then nothing
    was done. After ``Cancelled`` the same command goes on.
    """
    with world.database.reading() as tx:
        sets = history.family(tx, history.found(tx, change_set).id)
        connectors = history.connectors_of(tx, sets)
    with _held(world, connectors) as fences:
        with world.database.reading() as tx:
            taking = Taking(tx, change_set, world.clock())
        found = yield from _planned(world.database, taking)
        if found.held and not approved:
            raise LimitError("undo_held", of=change_set, told="\n".join(found.held))
        with world.database.writing() as tx:
            if not (found.records or found.rules):
                # All is back already, perhaps by one that was cut off before it could say so.
                going_on = history.cut_off(tx, change_set)
                if going_on is not None:
                    history.finish(tx, going_on)
                done = 0 if going_on is None else history.records_in(tx, going_on)
                return Undone(going_on, change_set, done, tuple(found.left_out))
            only = next(iter(fences)) if len(fences) == 1 else None
            undo_set = history.open_undo(tx, taking.of, author, world.now, only)
            # What is undone is not gone on with.
            history.finish(tx, change_set)
        for portion in unsaying.parts_at_once(taking.unsaid, PEOPLE):
            with world.database.writing() as tx:
                if journal.fences(tx, fences) != fences:
                    raise Fenced("run_overtaken", run=undo_set)
                unsaying.carry_out(tx, undo_set, world.now, taking.sets, portion)
            yield None
        writing = _Writing(taking, undo_set, judging.APPROVED if approved else "in")
        done = 0
        for entity, ids in taking.batches():
            yield None
            if cancel.is_set():
                raise Cancelled("cancelled")
            with world.database.writing() as tx:
                if journal.fences(tx, fences) != fences:
                    raise Fenced("run_overtaken", run=undo_set)
                writing.write(tx, entity, ids)
            done += len(ids)
            tell(Undoing(undo_set, change_set, done, taking.expected))
        with world.database.writing() as tx:
            policies.take_rules_back(tx, undo_set, taking.sets)
            history.finish(tx, undo_set)
            done = history.records_in(tx, undo_set)
        return Undone(undo_set, change_set, done, tuple(writing.left_out))


@contextmanager
def _held(world: World, connectors: Mapping[int, str]) -> Iterator[dict[int, int]]:
    """The locks of connectors, and the fencing numbers under which may be written (H1)."""
    locks: list[ConnectorLock] = []
    try:
        for connector, name in connectors.items():
            locks.append(locked(world, connector, name))
        with world.database.writing() as tx:
            fences = journal.raise_fences(tx, connectors)
        yield fences
    finally:
        for lock in locks:
            lock.release()


def _planned(database: Database, taking: Taking) -> Generator[None, None, UndoPlan]:
    found = UndoPlan(taking.of)
    tallies: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    sent: list[SentBack] = []
    for entity, ids in taking.batches():
        with database.reading() as tx:
            weighed = taking.weigh(tx, entity, ids)
            for one in weighed:
                _count(found, entity, one, taking)
                for stream, wanted in one.sent.items():
                    held = one.held[stream]
                    fields = {name: (held.get(name), to) for name, to in wanted.items()}
                    if fields:
                        record = one.back.record.id
                        sent.append(SentBack(stream, entity, record, fields))
            for stream, texts in taking.tallies(tx, entity, weighed).items():
                tallies[entity, stream].update(texts)
        yield None
    with database.reading() as tx:
        found.rules = len(policies.rules_back(tx, taking.sets))
        sent += unsaying.sent_back(tx, taking.sets, taking.unsaid)
        names = {one.id: one.name for one in journal.connectors(tx)}
        for back in sent:
            if back.stream in taking.streams:
                _send_back(found, names[taking.streams[back.stream].connector], back)
        parted, asked, joined = taking.unsaid.counts
        found.parting += parted
        found.asked_again += asked
        found.joining += joined
        found.records += 2 * (parted.total() + asked.total() + joined.total())
        for (entity, stream), texts in tallies.items():
            connector, type_ = taking.streams[stream].connector, ENTITIES[entity]
            trips = judging.tripped(tx, connector, stream, type_, "in", texts, taking.now)
            if trips:
                schools = {trip.school for trip in trips}
                names = reads.titles(database, ("orgs", schools))
                found.held.append(limits.would(trips, type_, names))
    return found


def _count(found: UndoPlan, entity: str, one: Weighed, taking: Taking) -> None:
    back = one.back
    joins = back.record.id in taking.twins
    found.changed[entity] += back.values != back.record.values
    returning, ending = (found.parting, found.joining) if joins else (found.returning, found.ending)
    returning[entity] += back.alive and not back.record.alive
    ending[entity] += back.record.alive and not back.alive
    questions = found.settled_again if taking.redoes else found.asked_again
    questions[entity] += bool(one.decisions or one.refused or one.answered)
    found.records += one.moves
    found.left_out += one.left_out


def _send_back(found: UndoPlan, name: str, back: SentBack) -> None:
    """Notes what the SIS of the connector ``name`` is to take back."""
    action = DELETE if ALIVE in back.fields else UPDATE
    fields = field_changes(ENTITIES[back.entity], back.fields)
    found.sends.append(
        Outgoing(
            name, back.entity, back.record, action, outbox.WAITING, "", 0, None, found.of.id,
            fields=fields,
        )
    )  # fmt: skip
    found.sent_back[back.entity] += 1


# -- writing ----------------------------------------------------------------------------------


class _Writing:
    """Takes back what may be, a transaction after another, as the change set of the undo."""

    def __init__(self, taking: Taking, undo: int, direction: str) -> None:
        self.taking, self.undo, self.direction = taking, undo, direction
        self.now = instant_text(taking.now)
        self.left_out: list[LeftOut] = []

    def write(self, tx: Tx, entity: str, ids: Sequence[int]) -> None:
        """Takes back what the change set did to some records."""
        weighed = self.taking.weigh(tx, entity, ids)
        for one in weighed:
            self.left_out += one.left_out
        moving = [one for one in weighed if one.moves]
        if not moving:
            return
        for stream, texts in self.taking.tallies(tx, entity, moving).items():
            judging.applied(
                tx,
                connector=self.taking.streams[stream].connector,
                entity=entity,
                direction=self.direction,
                tallies=texts,
                now=self.now,
            )
        written = [one.back.record.id for one in moving]
        self._records(tx, ENTITIES[entity], moving)
        self._pins(tx, moving)
        if self.taking.redoes:
            # First, so that nothing follows what is not asked any more.
            self._decide_again(tx, ENTITIES[entity], moving)
            outbox.keep_there(tx, written)
        follow(tx, self.undo, entity, [one.back.record.id for one in moving if one.back.changes])
        if not self.taking.redoes:
            # Only now, so that they are as they stood.
            self._ask_again(tx, ENTITIES[entity], moving)
        outbox.take_answers_back(tx, self.undo, [row for one in moving for row in one.answered])
        outbox.note_elsewhere(tx, self.undo, [one.back.record.id for one in moving if one.stirs])
        outbox.note_made(tx, entity, written)
        for one in moving:
            for stream, values in one.sent.items():
                if values:
                    what = Revert(values, one.held[stream])
                    outbox.revert(tx, self.undo, stream, one.back.record.id, what)
        if self.direction == judging.APPROVED:
            outbox.release_all(tx, written)

    def _records(self, tx: Tx, entity: EntityType, moving: Sequence[Weighed]) -> None:
        changed, rows = [], []
        for one in moving:
            back, record = one.back, one.back.record
            if back.changes:
                changed.append((record, back.alive, back.values))
            before, after = changed_values(
                entity, (record.alive, record.values), (back.alive, back.values)
            )
            # Also of what moved at its links alone, that it was this undo is on record.
            rows.append((record.id, None, encode(before), encode(after), None))
            if one.protects:
                policies.protect(tx, entity.name, record.id, self.undo)
            elif one.protects is not None:
                policies.unprotect(tx, record.id)
        records.update_records(tx, entity.name, self.undo, changed)
        records.log_changes(tx, self.undo, entity.name, rows)
        twins = self.taking.twins
        records.log_twins(tx, self.undo, {row[0]: twins[row[0]] for row in rows if row[0] in twins})

    def _pins(self, tx: Tx, moving: Sequence[Weighed]) -> None:
        sets = self.taking.sets
        policies.lift(tx, self.undo, [pin for one in moving for pin in one.unpinned], sets)
        policies.lift(tx, self.undo, [pin for one in moving for pin in one.lifted])
        policies.stand_again(tx, sets, [pin for one in moving for pin in one.standing])
        pins = [pin for one in moving for pin in one.pins if pin not in one.standing]
        policies.pin(tx, self.undo, pins)

    def _ask_again(self, tx: Tx, entity: EntityType, moving: Sequence[Weighed]) -> None:
        """What was decided or refused stands open again.

        Here the base goes back, as in no other undo: as long as it said that this had been decided
        about, nobody would be asked.
        """
        agreed = _Agreed(tx, entity, moving)
        for link, said in agreed.refused:
            agreed.move(link.id, said)
            # The row may be the same as ever, and is decoded all the same.
            linkage.forget_digest(tx, link.id)
            journal.read_whole(tx, link.stream)
        for one in agreed.decided:
            was, theirs = decode_changes(one.base), decode_changes(one.remote)
            part = None if one.part == ALIVE else Part.named(entity, one.part)
            if part is None:
                agreed.move(one.link, {name: was.get(name, UNKNOWN) for name in theirs})
            else:
                unknown = {} if part.key else {field.name: UNKNOWN for field in part.fields}
                agreed.put(one.link, part, {**unknown, **was})
            conflicts.add_conflicts(
                tx,
                one.connector,
                entity.name,
                one.opened_in,
                [OpenConflict(one.link, one.record, one.part, one.kind, *one.sides)],
            )
        agreed.write()

    def _decide_again(self, tx: Tx, entity: EntityType, moving: Sequence[Weighed]) -> None:
        """What was asked again stands decided and refused as before: the SIS has been heard."""
        agreed = _Agreed(tx, entity, moving)
        refused: dict[int, dict[str, Plain]] = {}
        for link, said in agreed.refused:
            agreed.move(link.id, said)
            refused.setdefault(link.id, {}).update(said)
        for item in plans.items_of(tx, refused):
            # What waits for an answer has it, unless the SIS says more by now.
            planned = decode_changes(item.planned) if item.planned else {ALIVE: False}
            if planned.items() <= refused[item.link].items():
                plans.withdraw(tx, [item.link])
        for one in agreed.decided:
            theirs = decode_changes(one.remote)
            if one.part == ALIVE:
                agreed.move(one.link, theirs)
            else:
                agreed.put(one.link, Part.named(entity, one.part), theirs)
        conflicts.close(tx, [(one.link, one.part) for one in agreed.decided])
        agreed.write()


class _Agreed:
    """What was last agreed with SISs about records of which decisions and refusals move."""

    def __init__(self, tx: Tx, entity: EntityType, moving: Sequence[Weighed]) -> None:
        self._tx, self._entity = tx, entity
        self.decided = [decision for one in moving for decision in one.decisions]
        self.refused = [refusal for one in moving for refusal in one.refused]
        links = {*(one.link for one in self.decided), *(link.id for link, _ in self.refused)}
        self._layouts = records.layouts(tx, entity.name)
        self._bases = {
            id_: self._layouts.base(base) for id_, base in linkage.link_bases(tx, links).items()
        }

    def move(self, link: int, agreed: Mapping[str, Plain]) -> None:
        """What was agreed becomes this by field; ``alive`` is written at once."""
        if ALIVE in agreed:
            linkage.set_alive(self._tx, [link], bool(agreed[ALIVE]))
        places = self._entity.by_name
        told = {places[name].index: value for name, value in agreed.items() if name in places}
        self._bases[link] = with_local(self._bases[link], told)

    def put(self, link: int, part: Part, agreed: Mapping[str, Plain]) -> None:
        """The same of one part."""
        self._bases[link] = part.put(self._bases[link], agreed)

    def write(self) -> None:
        """Writes the bases."""
        layout = self._layouts.current
        moved = [(encode((layout, *base)), link) for link, base in self._bases.items()]
        linkage.move_bases(self._tx, moved)
