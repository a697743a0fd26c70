"""What people decide about differences: one, many, or with a value of their own (SEMANTICS B1, B2).

A decision acts on what stands when it is carried out, not on what was on the screen: a conflict
that has closed or moved since is left out and told. What a decision throws away stands in the
change log, and the three sides are kept, so that it can be undone (G1).
"""

import enum
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.engine import identity
from app.engine.editing import Given, changed_values
from app.engine.following import follow
from app.engine.reconcile import ConflictKind
from app.engine.weigh import planned_values, with_local
from app.engine.world import World
from app.errors import Parameter, UsageError
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE, Part, part_name
from app.roster.rules import broken
from app.roster.schema import EntityType
from app.roster.values import Plain
from app.store import conflicts, journal, linkage, outbox, policies, records, twins
from app.store.codec import Layouts, decode_changes, encode
from app.store.conflicts import Decided, Standing
from app.store.database import Tx
from app.store.records import Record

BATCH = 500
"""Decisions in one transaction (SEMANTICS C2)."""

PEOPLE = 100
"""The same where two become one, with all that is told of both."""


class Take(enum.StrEnum):
    """What a person takes of a difference."""

    OURS = "ours"
    SIS = "sis"
    BASE = "base"
    """What was last agreed."""
    OWN = "own"
    """A value of their own."""
    SAME = "same"
    """The new record is the person that we have (SEMANTICS D5)."""
    DIFFERENT = "different"


@dataclass(frozen=True)
class Decision:
    """One decision: ``values`` are those of ``Take.OWN``, by field.

    A field of the group that they do not name stays ours. With the ``revision`` that the person saw
    the decision counts only as long as neither side has moved.
    """

    conflict: int
    take: Take
    values: Mapping[str, object] = field(default_factory=dict)
    revision: int | None = None


class LeftOut(NamedTuple):
    """A decision that could not be carried out; ``app.text.sentence`` says the reason."""

    conflict: int
    reason: str
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True)
class Resolved:
    """What became of decisions; without any that was applied there is no change set."""

    change_set: int | None
    applied: tuple[int, ...]
    left_out: tuple[LeftOut, ...]
    lasting: tuple[int, ...] = ()
    """Those of the applied that no undo takes back: who is whom under a new key of one SIS."""


def resolve(
    world: World,
    decisions: Iterable[Decision],
    author: str,
    *,
    always: bool = False,
    cancel: threading.Event,
) -> Generator[None, None, Resolved]:
    """Carries decisions out, as one change set of ``author``; a step is a transaction.

    With ``always`` the same side decides about such a part of that connector from now on; raises
    ``UsageError`` where a decision takes no side. Cancelled, what was decided so far stays so.
    """
    asked = list(decisions)
    if always and any(one.take not in (Take.OURS, Take.SIS) for one in asked):
        raise UsageError("always_needs_a_side")
    change_set: int | None = None
    applied: list[int] = []
    left_out: list[LeftOut] = []
    lasting: list[int] = []
    at_once = PEOPLE if any(one.take is Take.SAME for one in asked) else BATCH
    for start in range(0, len(asked), at_once):
        if start:
            yield
        if cancel.is_set():
            break
        with world.database.writing() as tx:
            batch = _Batch(tx, asked[start : start + at_once])
            batch.decide()
            if batch.decided:
                if change_set is None:
                    change_set = journal.open_change_set(tx, "decision", author, world.now, None)
                batch.write(change_set, world.now, always=always)
        applied += [one.was.id for one in batch.decided]
        left_out += batch.left_out
        lasting += batch.lasting
    return Resolved(change_set, tuple(applied), tuple(left_out), tuple(lasting))


class _Unfit(Exception):
    """The decision cannot be carried out."""

    def __init__(self, reason: str, **parameters: Parameter) -> None:
        super().__init__(reason)
        self.reason, self.parameters = reason, parameters


@dataclass
class _Ours:
    """A record as it was read, and what decisions make of it."""

    record: Record
    alive: bool
    values: tuple[Plain, ...]


class _Batch:
    """Decisions of one transaction: first all are made from what stands, then they are written."""

    def __init__(self, tx: Tx, decisions: Sequence[Decision]) -> None:
        self.tx, self.decisions = tx, decisions
        self.open = conflicts.standing(tx, [one.conflict for one in decisions])
        self.ours: dict[int, _Ours] = {}
        self.layouts: dict[str, Layouts] = {}
        self.bases: dict[int, tuple[Plain, ...]] = {}
        for entity in {row.entity for row in self.open.values()}:
            rows = [row for row in self.open.values() if row.entity == entity]
            layouts = self.layouts[entity] = records.layouts(tx, entity)
            for record in records.read_records(tx, entity, {row.record for row in rows}).values():
                self.ours[record.id] = _Ours(record, record.alive, record.values)
            for link, base in linkage.link_bases(tx, {row.link for row in rows}).items():
                self.bases[link] = layouts.base(base)
        self.protected = policies.protected(tx, self.ours.keys())
        asked = [row.link for row in self.open.values() if row.kind == ConflictKind.SAME_PERSON]
        self.decidable, self.unfit = identity.decidable(tx, asked), identity.unfit(tx, asked)
        self.of_several = {one.link for one in twins.asked(tx, asked)}
        """Questions about records of different SISs."""
        self.decided: list[Decided] = []
        self.left_out: list[LeftOut] = []
        self.moved: list[tuple[bytes, int]] = []
        self.agreed: dict[int, str] = {}
        """Links whose base moved, with their entity."""
        self.pins: list[tuple[int, str]] = []
        self.ended: list[int] = []
        """Links that ended."""
        self.log: dict[str, list[tuple[int, int | None, bytes, bytes, bytes | None]]] = {}
        self.changed: dict[int, set[int]] = {}
        """Records that changed, by the stream that need not be told of it (0: none)."""
        self.differ: dict[int, set[int]] = {}
        """Records that differ from what their SIS says, by its stream."""

    @property
    def lasting(self) -> list[int]:
        """What no undo takes back of what was decided."""
        return [
            was.id
            for was, *_ in self.decided
            if was.kind == ConflictKind.SAME_PERSON and was.link not in self.of_several
        ]

    # -- deciding --

    def decide(self) -> None:
        """Decides about each; what cannot be carried out is left out."""
        for one in self.decisions:
            row = self.open.pop(one.conflict, None)
            try:
                if row is None or row.record not in self.ours:
                    raise _Unfit("conflict_gone")
                self._decide(one, self._up_to_date(row, one.revision))
            except _Unfit as unfit:
                self.left_out.append(LeftOut(one.conflict, unfit.reason, unfit.parameters))
        conflicts.move_local(self.tx, self.moved)

    def _up_to_date(self, row: Standing, seen: int | None) -> Standing:
        """The conflict with our side as it stands: a sync with another SIS may have moved it."""
        ours, local, now = self.ours[row.record], decode_changes(row.local), row
        if row.kind == ConflictKind.SAME_PERSON:
            pass
        elif ours.alive != local.get(ALIVE, True):
            raise _Unfit("conflict_moved")
        elif row.part != ALIVE:
            values = Part.named(ENTITIES[row.entity], row.part).of(ours.values)
            if values != local:
                now = row._replace(local=encode(values), revision=row.revision + 1)
        if seen not in (None, now.revision):
            if now is not row:
                self.moved.append((now.local, row.id))
            raise _Unfit("conflict_moved")
        return now

    def _decide(self, decision: Decision, row: Standing) -> None:
        take = decision.take
        if (row.kind == ConflictKind.SAME_PERSON) is not (take in (Take.SAME, Take.DIFFERENT)):
            same = row.kind == ConflictKind.SAME_PERSON
            known = (Take.SAME, Take.DIFFERENT) if same else (Take.OURS, Take.SIS, Take.BASE)
            raise _Unfit("decision_does_not_fit", take=take.value, known=", ".join(known))
        if row.kind == ConflictKind.SAME_PERSON:
            if row.link not in self.decidable:
                raise _Unfit("decision_while_read")
            if take is Take.SAME and (why := self.unfit.get(row.link)):
                raise _Unfit(why)
            self.decided.append(Decided(row, take.value, row.local))
            return
        before, entity = self.ours[row.record], ENTITIES[row.entity]
        if row.part == ALIVE:
            after, base, theirs = self._living(row, take, before)
        else:
            after, base, theirs = self._part(row, decision, before)
        if broken(entity, after.values) - broken(entity, before.values):
            raise _Unfit("decision_unfit")
        self.ours[row.record] = after
        if base != self.bases[row.link]:
            self.bases[row.link] = base
            self.agreed[row.link] = row.entity
        if (after.alive, after.values) != (before.alive, before.values):
            self.changed.setdefault(row.stream if theirs else 0, set()).add(row.record)
        elif not theirs and (row.link, ALIVE) not in self.pins:
            self.differ.setdefault(row.stream, set()).add(row.record)
        if after.alive and not before.alive:
            # What had been edited before it ended was not asked about.
            self.differ.setdefault(row.stream, set()).add(row.record)
        self._log(row, before, after, None if theirs else row.remote)
        values = dict(zip(entity.field_names, after.values, strict=True)) | {ALIVE: after.alive}
        result = {name: values.get(name) for name in decode_changes(row.local)}
        self.decided.append(Decided(row, take.value, encode(result)))

    def _part(
        self, row: Standing, decision: Decision, ours: _Ours
    ) -> tuple[_Ours, tuple[Plain, ...], bool]:
        """Our side and the base after a decision about values; whether it is the SIS's way."""
        part = Part.named(ENTITIES[row.entity], row.part)
        if decision.take is Take.OWN:
            side = self._own(ENTITIES[row.entity], part, decision.values, ours.values)
        else:
            sides = {Take.OURS: row.local, Take.SIS: row.remote, Take.BASE: row.base}
            side = decode_changes(sides[decision.take])
            if len(side) < len(part.fields):
                raise _Unfit("decision_without_base")
        remote = decode_changes(row.remote)
        after = _Ours(ours.record, ours.alive, part.put(ours.values, side))
        return after, part.put(self.bases[row.link], remote), part.of(after.values) == remote

    def _own(
        self,
        entity: EntityType,
        part: Part,
        values: Mapping[str, object],
        before: Sequence[Plain],
    ) -> Mapping[str, Plain]:
        try:
            given = Given.of(entity, values)
            given.check_references(self.tx, before)
        except UsageError as error:
            raise _Unfit(error.code, **error.parameters) from None
        side = planned_values(entity, given.stored)
        if not side or not part.fits(side):
            raise _Unfit("decision_beside_the_point")
        return side

    def _living(
        self, row: Standing, take: Take, ours: _Ours
    ) -> tuple[_Ours, tuple[Plain, ...], bool]:
        """The same about being alive (SEMANTICS B6); what was last agreed is that it lives."""
        if take is Take.OWN:
            raise _Unfit("decision_does_not_fit", take=take.value)
        base, said = self.bases[row.link], decode_changes(row.remote)
        if not said.pop(ALIVE):
            # The SIS ended it, and it was changed here.
            if take is Take.SIS and row.record in self.protected:
                raise _Unfit("decision_protected")
            linkage.set_alive(self.tx, [row.link], False)
            self.ended.append(row.link)
            if take is not Take.SIS:
                self.pins.append((row.link, ALIVE))
                return ours, base, False
            # As long as another SIS has it, it stays (D4).
            stays = bool(linkage.shared(self.tx, [row.link]).get(row.record))
            return _Ours(ours.record, stays, ours.values), base, True
        # It was ended here, and the SIS has changed it since.
        by_name = ENTITIES[row.entity].by_name
        news = {by_name[name].index: value for name, value in said.items() if name in by_name}
        base = with_local(base, news)
        if take is Take.OURS:
            return ours, base, False
        return _Ours(ours.record, True, with_local(ours.values, news)), base, True

    def _log(self, row: Standing, before: _Ours, after: _Ours, lost: bytes | None) -> None:
        # Without a link: a person said so, whoever said it first.
        was, is_ = changed_values(
            ENTITIES[row.entity],
            (before.alive, before.values),
            (after.alive, after.values),
        )
        if is_ or lost:
            self.log.setdefault(row.entity, []).append(
                (row.record, None, encode(was), encode(is_), lost)
            )

    # -- writing --

    def write(self, change_set: int, now: str, *, always: bool) -> None:
        """Writes what was decided."""
        tx = self.tx
        conflicts.keep_decisions(tx, change_set, self.decided)
        valued = [one.was for one in self.decided if one.was.kind != ConflictKind.SAME_PERSON]
        conflicts.close(tx, [(was.link, was.part) for was in valued])
        policies.pin(tx, change_set, self.pins)
        linkage.note_untied(tx, self.ended, change_set)
        changed = set().union(*self.changed.values())
        for entity, layouts in self.layouts.items():
            linkage.move_bases(
                tx,
                [
                    (encode((layouts.current, *self.bases[link])), link)
                    for link, of in self.agreed.items()
                    if of == entity
                ],
            )
            rows = [was for was in valued if was.entity == entity]
            mine = [self.ours[id_] for id_ in changed & {was.record for was in rows}]
            records.update_records(
                tx,
                entity,
                change_set,
                [(ours.record, ours.alive, ours.values) for ours in mine],
            )
            records.log_changes(tx, change_set, entity, self.log.get(entity, ()))
            follow(tx, change_set, entity, {was.record for was in rows})
        for stream, ids in self.changed.items():
            outbox.note_elsewhere(tx, change_set, ids, stream)
        for stream, ids in self.differ.items():
            outbox.note(tx, change_set, ids, stream)
        for take in (Take.SAME, Take.DIFFERENT):
            # Last, as it goes by what stands; it closes its questions itself.
            newcomers = [was.link for was, taken, _ in self.decided if taken == take]
            if newcomers:
                identity.decide(tx, change_set, now, newcomers, same=take is Take.SAME)
        if always:
            for connector, entity, part, take in sorted(
                {
                    (was.connector, was.entity, part_name(was.part), Take(taken))
                    for was, taken, _ in self.decided
                }
            ):
                policies.set_policy(tx, connector, entity, 0, part, take.value, change_set)
