"""What waits is approved or refused by a person (SEMANTICS E3, D1).

An approval is a run of its own, with a change set of its own: it acts on the items where they are
now, and only on those that still mean what was approved. A record that is to go because it was
absent is looked for once more at the SIS. A refusal needs no network: what the SIS said is taken as
decided about, and what stands here stays.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeAlias, TypeVar

from app.connectors.contract import Gone, Page
from app.engine import joins, settle
from app.engine.agreed import Settled, settle_bases
from app.engine.asking import pulled
from app.engine.ending import end_here, set_alive, weighed_ends
from app.engine.events import Progress
from app.engine.fetching import Ticket
from app.engine.judging import APPROVED
from app.engine.limits import unties
from app.engine.loop import Steps
from app.engine.reading import Reading
from app.engine.reconcile import Living, Outcome
from app.engine.scope import Scope
from app.engine.seen import Seen
from app.engine.shelf import StoredShelf
from app.engine.weigh import planned_values
from app.engine.working import Work, Working, reading_apart
from app.engine.world import World
from app.errors import ContractError, SyncError
from app.roster.parts import ALIVE, part_name
from app.roster.schema import EntityType
from app.roster.values import UNSAID, Plain
from app.store import journal, linkage, outbox, plans, policies, records, waiting
from app.store.codec import decode_changes, encode
from app.store.database import Tx
from app.store.journal import StreamProgress, StreamRow
from app.store.plans import IDENTITY, Item
from app.store.waiting import Answer, LeftOut, Waiting, Which

T = TypeVar("T")

CONFLICT = "conflict"
"""The reason of what was changed here meanwhile: that is asked."""

_Looking: TypeAlias = Generator[Ticket | None, Any, tuple[set[int], set[int]]]
"""Steps that look for links at the SIS: those that are there, and those of which it did not say."""


def approve(parts: Work, of: int, which: Which) -> Steps:
    """The steps of an approval of what waited in the run ``of``."""
    return _Approval(parts, of, which).carried_out()


class _Approval(Working):
    def __init__(self, parts: Work, of: int, which: Which) -> None:
        super().__init__(parts)
        self.of, self.which = of, which
        self.done = self.expected = 0

    def steps(self) -> Steps:
        """Looks for what was absent, and carries out what has not moved."""
        p = self.parts
        with self.step() as tx:
            journal.interrupt_runs(tx, p.connector_id, p.run, self.now())
            self.look_up(tx)
            journal.start_run(tx, p.run, journal.APPROVAL, None, None)
            journal.log(tx, p.run, self.now(), "info", "run_began_approval", {"run": self.of})
            chosen = waiting.waiting(tx, p.connector_id, self.of, self.which)
        self.expected = sum(map(len, chosen.values()))
        yield None
        for entity, items in chosen.items():
            yield from self._stream(entity, items)
        with self.step() as tx:
            self._release(tx)
            still = journal.standing(tx, p.connector_id).waiting
            state = journal.WAITING if still else journal.COMPLETED
            journal.end_run(tx, p.run, state, self.now())

    def _release(self, tx: Tx) -> None:
        """What limits kept from being sent goes out with the next sync."""
        connector = self.parts.connector_id
        held = waiting.held_back(tx, connector, self.of, self.which)
        for entity, rows in held.items():
            told = {"count": outbox.release(tx, self.parts.run, connector, rows)}
            code = waiting.RELEASED
            journal.log(tx, self.parts.run, self.now(), "info", code, told, entity)

    def _stream(self, entity: str, items: Sequence[Waiting]) -> Steps:
        open_questions = [one for one in items if one.held_by == IDENTITY]
        outdated = [one for one in items if self.which.outdated(one)]
        absent = [one for one in items if one.reason == "absent" and one.held_by != IDENTITY]
        there, unsure = yield from self._look_for(entity, absent)
        with self.step() as tx:
            for reason, left in (
                ("identity", open_questions),
                ("moved", outdated),
                ("not_confirmed", [one for one in absent if one.link in unsure]),
                ("still_there", [one for one in absent if one.link in there]),
            ):
                self._leave_out(tx, entity, reason, [one.record for one in left])
            plans.withdraw(tx, there)
            if there:
                # The list was not to be believed: what it lacks has to be proved anew (D1).
                plans.forget_proofs(tx, self.streams[entity].id)
        out = there | unsure | {one.link for one in (*open_questions, *outdated)}
        going = [one for one in items if one.link not in out]
        progress = StreamProgress(entity, phase=journal.DONE, complete=True, read_at=self.now())
        for owner, batch in _by_run(going):
            with self.step() as tx:
                self._apply(tx, progress, owner, batch)
                journal.save_progress(tx, self.parts.run, progress)
                self._beat(tx, entity, len(batch))
            self._tell(entity)
            yield None

    def _apply(
        self, tx: Tx, progress: StreamProgress, owner: int, batch: Sequence[Waiting]
    ) -> None:
        entity, read = progress.entity, self.progress(tx, owner, progress.entity)
        progress.full, progress.struck, progress.said = read.full, read.struck, read.said
        trusted = _trusted(read)
        reading = self.reading(tx, entity, progress)
        items = plans.still_waiting(tx, [one.id for one in batch])
        reasons = dict(_moved(tx, reading, items, trusted=trusted))
        going = [item for item in items if item.id not in reasons]
        absent = {one.id for one in batch if one.reason == "absent"}
        gone = sum(item.id in absent for item in going)
        progress.counts["absent"] += gone
        progress.counts["read"] += len(going) - gone
        settle.apply_batch(tx, reading, going, trusted=trusted, direction=APPROVED)
        asked = [item for item in items if reasons.get(item.id) == CONFLICT]
        settle.ask(tx, reading, asked, trusted=trusted)
        for reason in sorted(set(reasons.values())):
            left = [item.record for item in items if reasons.get(item.id) == reason]
            self._leave_out(tx, entity, reason, left)

    def _leave_out(self, tx: Tx, entity: str, reason: str, left: Sequence[int]) -> None:
        """Says of records why their items were left out."""
        for batch in _batches(left):
            told = {"count": len(batch), "records": list(batch)}
            code = waiting.LEFT_OUT + reason
            journal.log(tx, self.parts.run, self.now(), "warning", code, told, entity)

    # -- is what was absent still absent? --

    def _look_for(self, entity: str, absent: Sequence[Waiting]) -> _Looking:
        """The links that are there after all, and those of which the SIS did not say."""
        capability = self.capabilities.get(entity)
        links = [one.link for one in absent]
        if not absent or capability is None:
            return set(), set(links)
        if capability.by_key and len(absent) <= settle.BY_KEY_LIMIT:
            found = yield from self._by_key(entity, links)
        else:
            found = yield from self._once_more(entity, links)
        return found

    def _by_key(self, entity: str, links: Sequence[int]) -> _Looking:
        """Reads each by its key; an answer that is no answer leaves it open."""
        there, unsure = set(), set()
        asked = self.keys(links)
        told = yield from self.by_key(entity, [key for _, key in asked], enough=_fails)
        for (link, _), found in zip(asked, told, strict=False):
            if _fails(found):
                raise found
            if isinstance(found, ContractError):
                unsure.add(link)
            elif not isinstance(found, Gone):
                there.add(link)
        return there, unsure

    def _once_more(self, entity: str, links: Sequence[int]) -> _Looking:
        """Reads the stream once more; only its keys are looked at."""
        p, stream = self.parts, self.streams[entity]
        # What a connector notes for the next sync, this look at keys must not take away from it.
        shelf = StoredShelf(p.database, -stream.id)
        with self.step() as tx:
            shelf.clear(tx)
        listed = _Listed(self.aliased.get(entity, False), set(links), p.scope)

        def work(page: Page) -> None:
            with self.step() as tx:
                listed.page(tx, stream, page)
                shelf.flush(tx)
                self._beat(tx, entity, 0)

        yield from pulled(p.connector.pull(entity, None, shelf), p.fetcher, work)
        with self.step() as tx:
            shelf.clear(tx)
        return listed.there, set() if listed.whole(stream) else set(links) - listed.there

    # -- small things --

    def _beat(self, tx: Tx, entity: str, settled: int) -> None:
        self.done += settled
        journal.beat(tx, self.parts.run, self.now(), entity, self.done, self.expected)

    def _tell(self, entity: str) -> None:
        p = self.parts
        p.tell(Progress(p.run, p.name, entity, self.done, self.expected, None))


class _Listed:
    """What a whole read lists, where only the keys matter (SEMANTICS C5)."""

    def __init__(self, aliased: bool, wanted: set[int], within: Scope) -> None:
        self._aliased, self._wanted, self._within = aliased, wanted, within
        self._begin()

    def _begin(self) -> None:
        self.there: set[int] = set()
        """Those of the links looked for that it lists."""
        self._known, self._new = Seen(), set[str]()
        self._keyless, self._sound, self._last = 0, True, False
        self._total: int | None = None
        self._scope = ""

    def page(self, tx: Tx, stream: StreamRow, page: Page) -> None:
        """Takes a page in."""
        if page.restarts:
            self._begin()
        unreadable = [one.key for one in page.unreadable if one.key is not None]
        self._keyless += len(page.unreadable) - len(unreadable)
        listed = {*page.keys, *unreadable, *page.tombstones}
        # Of a key that has changed the row is there, under another one.
        living = listed - {*page.tombstones} | {one.old for one in page.rekeys}
        living |= {one.key for one in page.aliases}
        known = linkage.links_by_key(tx, stream.id, listed | living, aliased=self._aliased)
        self._known.add_all(known[key].id for key in listed if key in known)
        self._new |= listed - known.keys()
        self.there |= self._wanted & {known[key].id for key in living if key in known}
        self._sound &= page.full and not page.doubts
        self._total, self._last = page.total, page.last
        self._scope = self._within.under(page.scope)

    def whole(self, stream: StreamRow) -> bool:
        """Whether what it lacks is not there."""
        distinct = len(self._known) + len(self._new)
        agrees = self._total in (None, distinct) and self._scope == stream.scope
        return self._last and self._sound and agrees and not self._keyless


def _fails(found: object) -> bool:
    """Whether what a look by key brought ends the approval, and not that look alone."""
    return isinstance(found, SyncError) and not isinstance(found, ContractError)


def _moved(
    tx: Tx, reading: Reading, items: Sequence[Item], *, trusted: bool
) -> Iterator[tuple[int, str]]:
    """(item, reason) of those that would not do any more what was approved."""
    within = reading.within
    links = [item.link for item in items if item.action != "create"]
    outside = within.left(tx, links, reading.layouts) if within is not None else set()
    yield from ((item.id, "outside") for item in items if item.link in outside)
    updates = [item for item in items if item.action == "update" and item.link not in outside]
    for one in settle.weighed(tx, reading, updates, trusted):
        planned = _planned(one.item)
        groups = {reading.entity.by_name[name].group for name in planned}
        asked = {part_name(found.part) for found in one.outcome.conflicts}
        if one.living is Living.CONFLICT or (one.living is Living.STAYS and asked & groups):
            yield one.item.id, CONFLICT
        elif planned != planned_values(reading.entity, one.outcome.local):
            yield one.item.id, "moved"
    ends = {item.link: item.id for item in items if item.action == "end"}
    ending = linkage.links_by_id(tx, ends.keys() - outside)
    effects = {item.id: item.effects for item in items}
    for link, _, living, protected, untied in weighed_ends(tx, reading, ending):
        if living is Living.CONFLICT:
            yield ends[link.id], CONFLICT
        elif living is Living.KEPT:
            yield ends[link.id], "protected" if protected else "moved"
        elif unties(effects[ends[link.id]]) and not untied:
            yield ends[link.id], "moved"  # nobody else keeps it by now


def _trusted(read: StreamProgress) -> bool:
    """Whether blanks are believed: which fields a stream speaks, its whole read tells (A2)."""
    return not read.full or read.phase in (journal.SETTLING, journal.DONE)


def _planned(item: Item) -> dict[str, Plain]:
    return decode_changes(item.planned) if item.planned else {}


# -- refusing ---------------------------------------------------------------------------------


def refuse(
    world: World, connector: int, of: int, author: str, which: Which
) -> Generator[None, None, Answer]:
    """Refuses what waited in the run ``of``: what the SIS said is remembered, and ours stays (B6).

    The steps of it, each a transaction; what they return says what was refused.
    """
    with world.database.writing() as tx:
        change_set = journal.open_change_set(tx, "refusal", author, world.now, connector, of)
        chosen = waiting.waiting(tx, connector, of, which)
        streams = journal.streams(tx, connector, chosen)
        held = waiting.held_back(tx, connector, of, which).values()
        refused = sum(outbox.keep(tx, change_set, connector, rows) for rows in held)
    left_out: list[LeftOut] = []
    for entity, items in chosen.items():
        asked = [one.record for one in items if one.held_by == IDENTITY]
        left_out += [LeftOut(entity, record, "identity") for record in asked]
        answered = [one for one in items if one.held_by != IDENTITY]
        going = [one for one in answered if not which.outdated(one)]
        moved = [one.record for one in answered if which.outdated(one)]
        left_out += [LeftOut(entity, record, "moved") for record in moved]
        for owner, batch in _by_run(going):
            with world.database.writing() as tx:
                read = journal.load_progress(tx, owner).get(entity, StreamProgress(entity))
                reading = reading_apart(tx, change_set, connector, streams[entity], read, world.now)
                found = plans.still_waiting(tx, [one.id for one in batch])
                _refuse_updates(tx, reading, [one for one in found if one.action == "update"])
                _refuse_ends(tx, reading, [one for one in found if one.action == "end"])
                plans.withdraw(tx, [one.link for one in found])
                refused += len(found)
            yield
    return Answer(change_set, of, refused, left_out)


def _refuse_updates(tx: Tx, reading: Reading, items: Sequence[Item]) -> None:
    """The base takes what the SIS said, and the row is not decoded again until it changes."""
    entity = reading.entity
    settled: list[Settled] = []
    pins: list[tuple[int, str]] = []
    back: list[Settled] = []
    for one in settle.weighed(tx, reading, items, _trusted(reading.progress)):
        planned = {entity.by_name[name].index for name in _planned(one.item)}
        planned |= one.outcome.local.keys()
        refused = {place: one.remote[place] for place in planned if one.remote[place] is not UNSAID}
        differ = {p: said for p, said in refused.items() if said != one.record.values[p]}
        kept = _kept(entity, one.outcome, refused, differ)
        settled.append(replace(one.settled, outcome=kept))
        pins += [(one.item.link, entity.fields[place].group) for place in differ]
        if not one.alive:
            back.append(one.settled)
    settle_bases(tx, reading, settled)
    # A record that came back there stays ended here.
    set_alive(tx, [one.link for one in back], True)
    ended = [one for one in back if not one.record.alive]
    nothing, thrown = encode({}), encode({ALIVE: True})
    records.log_changes(
        tx,
        reading.run,
        entity.name,
        [(one.record.id, one.link, nothing, nothing, thrown) for one in ended],
    )
    policies.pin(tx, reading.run, [*pins, *((one.link, ALIVE) for one in ended)])


def _kept(
    entity: EntityType,
    outcome: Outcome,
    refused: dict[int, Plain],
    differ: dict[int, Plain],
) -> Outcome:
    """The outcome that leaves everything here as it is: what was refused is decided about."""
    decided = {ALIVE, *(entity.fields[place].group for place in refused)}
    return Outcome(
        base={**outcome.base, **refused},
        conflicts=tuple(one for one in outcome.conflicts if part_name(one.part) not in decided),
        discarded={**outcome.discarded, **differ},
    )


def _refuse_ends(tx: Tx, reading: Reading, items: Sequence[Item]) -> None:
    """The links end, the records stay."""
    locals_ = records.read_records(tx, reading.entity.name, [item.record for item in items])
    links = [link for link in linkage.links_by_id(tx, (one.link for one in items)) if link.alive]
    kept = [link for link in links if locals_[link.record].alive]
    end_here(tx, reading, [link.id for link in links], kept)
    joins.refused(tx, reading.run, items)


def _by_run(items: Sequence[Waiting]) -> Iterator[tuple[int, Sequence[Waiting]]]:
    """(run, batch) of the items; each is believed as far as its run read the stream (A2)."""
    for run, own in groupby(sorted(items, key=lambda one: one.run), lambda one: one.run):
        for batch in _batches(list(own)):
            yield run, batch


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), settle.BATCH):
        yield items[start : start + settle.BATCH]
