"""What came of a change that was sent to a SIS, written down (SEMANTICS F4, F5).

What was sent is agreed upon then, and the answer is weighed as any other row of that SIS.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from app.connectors.contract import Outcome, PushResult, Row
from app.engine import settle, unsending
from app.engine.pages import arranged
from app.engine.reconcile import Values
from app.engine.sending import CREATE, DELETE, Lane, Sending, to_send
from app.engine.weigh import with_local
from app.engine.working import Working
from app.errors import RateLimited
from app.roster.parts import ALIVE, part_name
from app.roster.values import UNKNOWN, UNSAID, Plain, instant_text
from app.store import conflicts, journal, linkage, outbox, policies, records
from app.store.codec import encode
from app.store.database import Tx
from app.store.outbox import Due
from app.store.plans import Item

PAUSES = (1, 5, 15, 60)
"""Minutes until what could not be sent is tried again: after the first try, the second, …"""


@dataclass(frozen=True)
class Settling:
    """Settles what a run sent."""

    working: Working

    @contextmanager
    def settling(self) -> Iterator[Tx]:
        """A transaction that a cancel does not keep back: what has happened is written down."""
        p = self.working.parts
        with p.database.writing() as tx:
            journal.check_fence(tx, p.connector_id, p.run, p.fence)
            yield tx

    def settle(self, tx: Tx, lane: Lane, sending: Sending, result: PushResult, run: int) -> None:
        """Writes down how a change that ``run`` sent has ended."""
        if not self._rekeyed(tx, lane, sending, result):
            result = PushResult(Outcome.UNKNOWN, words="push_came_as_another")
        outcome, row = result.outcome, sending.row.id
        told = sending.told(lane.entity.name)
        outbox.end(tx, run, told, outcome.value, result.words, self.working.now())
        if outcome is Outcome.DONE:
            self._done(tx, lane, sending, result.row)
        elif outcome is Outcome.MOVED:
            self._moved(tx, lane, sending, result.row)
        elif outcome is Outcome.REFUSED and self._edited(tx, lane, sending):
            if sending.reverts:
                outbox.set_revert(tx, row, None)
            outbox.set_state(tx, row, outbox.WAITING)
        else:
            outbox.set_state(tx, row, outcome.value, result.words)

    def _edited(self, tx: Tx, lane: Lane, sending: Sending) -> bool:
        """Whether something else stands here by now than what was sent."""
        (now,) = records.read_records(tx, lane.entity.name, [sending.record.id]).values()
        return now.version != sending.record.version

    def _rekeyed(self, tx: Tx, lane: Lane, sending: Sending, result: PushResult) -> bool:
        """Moves the link to the key that it has at the SIS; False where another record has it."""
        assert sending.place is not None
        old, new = sending.place.key, result.key
        there = result.outcome is Outcome.DONE or (
            result.outcome is Outcome.MOVED and result.row is not None
        )
        if sending.action == DELETE or not there or new in (None, old):
            return True
        if not linkage.rekey(tx, lane.reading.stream.id, [(old, str(new))]):
            return False
        lane.reading.aliased = self.working.aliased[lane.entity.name] = True
        self.working.resolver.forget()
        return True

    def _done(self, tx: Tx, lane: Lane, sending: Sending, row: Row | None) -> None:
        """It is there: what was sent is agreed upon, and what the SIS made of it is news (F4)."""
        assert sending.place is not None
        link, places = sending.place.link, sending.places(lane.entity)
        if sending.action == DELETE:
            linkage.set_alive(tx, [link], False)
        else:
            self._agree(tx, lane, sending, places | _left_blank(lane, sending), row)
            self._holds(tx, lane, sending, link)
        parts = {lane.entity.fields[place].group for place in places} or {ALIVE}
        pins = [(link, part) for part in parts]
        if sending.reverts:
            outbox.set_revert(tx, sending.row.id, None)
        elif sending.row.revert is None:
            # What the SIS had said before is gone: no pin of that stands again.
            policies.unpin(tx, pins)
        self._leave(tx, lane, sending)

    def _holds(self, tx: Tx, lane: Lane, sending: Sending, link: int) -> None:
        """Notes what the SIS made of it: an undo takes it back only where it holds that (G2)."""
        base = lane.reading.layouts.base(linkage.link_bases(tx, [link])[link])
        known = zip(lane.entity.field_names, base, strict=True)
        every = sending.action == CREATE
        held = {n: v for n, v in known if n in sending.sent or (every and v is not UNKNOWN)}
        outbox.holds(tx, link, held)

    def _moved(self, tx: Tx, lane: Lane, sending: Sending, row: Row | None) -> None:
        """Something else is there: nothing was written, and it is weighed as any news."""
        if row is not None:
            blank = dict.fromkeys(sending.places(lane.entity)) if sending.action == CREATE else {}
            self._agree(tx, lane, sending, blank, row)
            self._pass_blanks(tx, lane, sending, row)
            if sending.reverts:
                # What was sent is not what is there any more, so that is not taken back.
                (left,) = self.still_held(tx, lane, [sending.row])
                if left == sending.row:
                    self.give_up(tx, lane, left)
            self._leave(tx, lane, sending)
        elif sending.action == CREATE:
            outbox.set_state(tx, sending.row.id, outbox.REFUSED, "push_ended_there")
        else:
            # The next read tells whether it has ended there (SEMANTICS D1).
            self.put_off(tx, sending, "push_gone_there")

    def _agree(
        self, tx: Tx, lane: Lane, sending: Sending, agreed: dict[int, Plain], row: Row | None
    ) -> None:
        """The base becomes ``agreed``; then the row that was read counts as an ordinary change.

        Of an update only what it is about: anything else that the row says comes with a read, where
        the limits see it (E1).
        """
        assert sending.place is not None
        link, reading, entity = sending.place.link, lane.reading, lane.entity
        base = reading.layouts.base(linkage.link_bases(tx, [link])[link])
        base = with_local(base, agreed)
        remote = None if row is None else self._remote(tx, lane, sending, row)
        if sending.action == CREATE:
            linkage.set_alive(tx, [link], True)
            linkage.release(tx, [link], linkage.HELD_MADE)
            if reading.stream.scope is not None:
                # It has been seen there: gone from the next whole read, it is absent (D2).
                linkage.set_scope(tx, linkage.scope_id(tx, reading.stream.scope), [link])
            if remote is not None:
                (here,) = records.read_records(tx, entity.name, [sending.record.id]).values()
                base = _local_corrections(base, here.values, remote)
        layout, version = reading.layouts.current, row.version if row is not None else None
        # Without a digest the next read looks at the whole row.
        linkage.set_bases(tx, [(version, None, encode((layout, *base)), link)])
        if remote is not None:
            at = reading.weigher.modified_at(version)
            patch = encode((layout, *remote))
            item = Item(0, link, sending.record.id, "update", None, version, at, patch, "{}", None)
            settle.take(tx, reading, [item], trusted=True)

    def _pass_blanks(self, tx: Tx, lane: Lane, sending: Sending, row: Row) -> None:
        """A blank there that is not believed (A2, B5) does not keep an edit from being sent.

        It was neither taken nor asked about, so the edit is what was decided about it.
        """
        assert sending.place is not None
        link, reading = sending.place.link, lane.reading
        open_ = set(map(part_name, conflicts.open_parts(tx, [link]).get(link, ())))
        base = reading.layouts.base(linkage.link_bases(tx, [link])[link])
        remote = self._remote(tx, lane, sending, row)
        blank: dict[int, Plain] = {
            place: None
            for place in sending.places(lane.entity)
            if remote[place] is None and lane.entity.fields[place].group not in open_
        }
        linkage.move_bases(
            tx, [(encode((reading.layouts.current, *with_local(base, blank))), link)]
        )

    def _remote(self, tx: Tx, lane: Lane, sending: Sending, row: Row) -> Values:
        """What a row says in stored form; of an update what it is about."""
        reading, entity = lane.reading, lane.entity
        (remote,) = reading.resolver.stored(tx, entity, [arranged(reading, row.patch)])
        about = {entity.fields[place].group for place in sending.places(entity)}
        return [
            value if one.group in about or sending.action != "update" else UNSAID
            for one, value in zip(entity.fields, remote, strict=True)
        ]

    def _leave(self, tx: Tx, lane: Lane, sending: Sending) -> None:
        """The row goes, unless something is left: it was edited meanwhile, or only a part of it
        could be sent."""
        row = outbox.one(tx, sending.row.id)
        left = to_send(tx, lane, [row]) if row is not None else None
        if (left and left.sendings) or (row is not None and row.revert is not None):
            outbox.set_state(tx, sending.row.id, outbox.WAITING)
        else:
            outbox.drop(tx, [sending.row.id])

    def put_off(self, tx: Tx, sending: Sending, words: str, error: Exception | None = None) -> None:
        """It is tried again later, and later every time."""
        p, row = self.working.parts, sending.row
        pause = timedelta(minutes=PAUSES[min(row.attempts, len(PAUSES) - 1)])
        if isinstance(error, RateLimited):
            asked = timedelta(seconds=error.retry_after)
            pause = min(max(pause, asked), outbox.LONGEST_PAUSE)
        next_at = instant_text(p.clock() + pause)
        outbox.delay(tx, row.id, row.attempts + 1, next_at, words)

    # -- what undos have the SIS take back --

    def still_held(self, tx: Tx, lane: Lane, rows: Sequence[Due]) -> list[Due]:
        """The rows without what the SIS holds otherwise than what undos have it take back."""
        kept, losers = unsending.still_held(tx, lane, rows)
        p = self.working.parts
        unsending.tell(tx, p.run, p.name, self.working.now(), lane.entity.name, losers)
        return kept

    def give_up(self, tx: Tx, lane: Lane, row: Due, why: str = unsending.MOVED) -> None:
        """Nothing is taken back of a record."""
        p = self.working.parts
        unsending.give_up(tx, row)
        told = lane.entity.name, [row.change_set], why
        unsending.tell(tx, p.run, p.name, self.working.now(), *told)

    def log(
        self, tx: Tx, level: str, code: str, entity: str | None, **parameters: str | int
    ) -> None:
        journal.log(tx, self.working.parts.run, self.working.now(), level, code, parameters, entity)


def _left_blank(lane: Lane, sending: Sending) -> dict[int, Plain]:
    """What was left blank of the groups of a creation: the SIS was told so, group by group."""
    if sending.action != CREATE:
        return {}
    by_name = lane.entity.by_name
    groups = {by_name[name].group for name in sending.sent}
    spoken = (by_name[name] for name in lane.capability.fields if name not in sending.sent)
    return {one.index: None for one in spoken if one.group in groups}


def _local_corrections(base: Values, local: Values, remote: Values) -> tuple[Plain, ...]:
    """The base of a record that is new there: what the SIS did not take of it is no question.

    It said something else of its own, and what was written here stays as a correction (F6).
    """
    return tuple(
        r if b is UNKNOWN and lo is not None and r is not UNSAID else b
        for b, lo, r in zip(base, local, remote, strict=True)
    )
