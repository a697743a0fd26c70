"""What people decide about differences: one, many, or with a value of their own (SEMANTICS B1, B2).

A decision acts on what stands when it is carried out, not on what was on the screen: a conflict
that has closed or moved since is left out and told. What a decision throws away stands in the
change log, and the three sides are kept, so that it can be undone (G1).
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from app.engine.editing import Given
from app.engine.following import follow
from app.engine.parts import Part
from app.engine.reconcile import ALIVE, ConflictKind, part_name
from app.engine.weigh import planned_values
from app.engine.world import World
from app.errors import Parameter, UsageError
from app.roster.entities import ENTITIES
from app.roster.rules import broken
from app.roster.schema import EntityType
from app.roster.values import UNKNOWN, Plain
from app.store import conflicts, journal, outbox, policies, records
from app.store.codec import Layouts, decode_changes, encode
from app.store.conflicts import Decided, Standing
from app.store.database import Tx
from app.store.records import Record

BATCH = 500
"""Decisions in one transaction (SEMANTICS C2)."""


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


def resolve(
    world: World, decisions: Iterable[Decision], author: str, *, always: bool = False
) -> Resolved:
    """Carries decisions out, as one change set of ``author``.

    With ``always`` the same side decides about such a part of that connector from now on; raises
    ``UsageError`` where a decision takes no side.
    """
    asked = iter(decisions)
    change_set: int | None = None
    applied: list[int] = []
    left_out: list[LeftOut] = []
    while some := list(islice(asked, BATCH)):
        if always and any(one.take not in (Take.OURS, Take.SIS) for one in some):
            raise UsageError("always_needs_a_side")
        with world.database.writing() as tx:
            batch = _Batch(tx, some)
            batch.decide()
            if batch.decided:
                if change_set is None:
                    change_set = journal.open_change_set(tx, "decision", author, world.now, None)
                batch.write(change_set, always=always)
        applied += [one.was.id for one in batch.decided]
        left_out += batch.left_out
    return Resolved(change_set, tuple(applied), tuple(left_out))


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
    """Decisions of one transaction."""

    def __init__(self, tx: Tx, decisions: Sequence[Decision]) -> None:
        self.tx, self.decisions = tx, decisions
        self.open = conflicts.standing(tx, [one.conflict for one in decisions])
        links = {row.link for row in self.open.values()}
        self.ours: dict[int, _Ours] = {}
        self.layouts: dict[str, Layouts] = {}
        for entity in {row.entity for row in self.open.values()}:
            self.layouts[entity] = records.layouts(tx, entity)
            wanted = {row.record for row in self.open.values() if row.entity == entity}
            for id_, record in records.read_records(tx, entity, wanted).items():
                self.ours[id_] = _Ours(record, record.alive, record.values)
        entity_of = {row.link: row.entity for row in self.open.values()}
        self.bases = {
            link: self.layouts[entity_of[link]].base(base)
            for link, base in records.link_bases(tx, links).items()
        }
        self.kept_elsewhere = records.shared(tx, links)
        self.protected = policies.protected(tx, self.ours.keys())
        self.decided: list[Decided] = []
        self.left_out: list[LeftOut] = []
        self.stale: list[tuple[bytes, int]] = []
        self.agreed: set[int] = set()
        self.ended: list[int] = []
        self.pins: list[tuple[int, str]] = []
        self.logged: list[tuple[str, tuple[int, int | None, bytes, bytes, bytes | None]]] = []
        self.differ: dict[int, set[int]] = {}
        """Records that differ from what their SIS says, by stream."""

    # -- deciding --

    def decide(self) -> None:
        """Decides about each, from what stands."""
        for one in self.decisions:
            row = self.open.pop(one.conflict, None)
            try:
                if row is None or row.record not in self.ours:
                    raise _Unfit("conflict_gone")
                self._decide(one, self._up_to_date(row, one))
            except _Unfit as unfit:
                self.left_out.append(LeftOut(one.conflict, unfit.reason, unfit.parameters))

    def _up_to_date(self, row: Standing, decision: Decision) -> Standing:
        """The conflict with our side as it stands now: another SIS may have moved it since."""
        moved = row
        if row.part != ALIVE and row.kind != ConflictKind.SAME_PERSON:
            part = Part.named(ENTITIES[row.entity], row.part)
            now = part.of(self.ours[row.record].values)
            if now != decode_changes(row.local):
                moved = row._replace(local=encode(now), revision=row.revision + 1)
        if decision.revision not in (None, moved.revision):
            if moved is not row:
                self.stale.append((moved.local, row.id))
            raise _Unfit("conflict_moved")
        return moved

    def _decide(self, decision: Decision, row: Standing) -> None:
        ours = self.ours[row.record]
        entity = ENTITIES[row.entity]
        take = decision.take
        if (row.kind == ConflictKind.SAME_PERSON) != (take in (Take.SAME, Take.DIFFERENT)):
            raise _Unfit("decision_does_not_fit", take=str(take))
        remote = decode_changes(row.remote)
        before = _Ours(ours.record, ours.alive, ours.values)
        if row.part == ALIVE:
            after, base = self._living(row, take, before)
            theirs = take is Take.SIS or (take is Take.BASE and bool(remote[ALIVE]))
        else:
            part = Part.named(entity, row.part)
            side = self._side(decision, row, part)
            after = _Ours(ours.record, ours.alive, part.put(ours.values, side))
            base = part.put(self.bases[row.link], remote)
            theirs = part.of(after.values) == remote
        if broken(entity, after.values) - broken(entity, ours.values):
            raise _Unfit("decision_unfit", part=row.part)
        self.ours[row.record] = after
        if base != self.bases[row.link]:
            self.bases[row.link] = base
            self.agreed.add(row.link)
        if not theirs:
            self.differ.setdefault(row.stream, set()).add(row.record)
        self._log(entity, row, before, after, None if theirs else row.remote)

    def _side(self, decision: Decision, row: Standing, part: Part) -> Mapping[str, Plain]:
        """What is taken of the three sides, or instead of them."""
        if decision.take is Take.OWN:
            return self._own(decision.values, ENTITIES[row.entity], part)
        sides = {Take.OURS: row.local, Take.SIS: row.remote, Take.BASE: row.base}
        side = decode_changes(sides[decision.take])
        if decision.take is Take.BASE and len(side) < len(part.fields):
            raise _Unfit("decision_without_base", part=row.part)
        return side

    def _own(
        self, values: Mapping[str, object], entity: EntityType, part: Part
    ) -> Mapping[str, Plain]:
        try:
            given = Given.of(entity, values)
            given.check_references(self.tx)
        except UsageError as error:
            raise _Unfit(error.code, **error.parameters) from None
        side = planned_values(entity, given.stored)
        if not side or not part.fits(side):
            raise _Unfit("decision_beside_the_point")
        return side

    def _living(self, row: Standing, take: Take, ours: _Ours) -> tuple[_Ours, tuple[Plain, ...]]:
        """Our side and the base after a decision about being alive (SEMANTICS B6)."""
        if take is Take.OWN:
            raise _Unfit("decision_does_not_fit", take=str(take))
        record, base = ours.record, self.bases[row.link]
        remote = decode_changes(row.remote)
        if not remote.pop(ALIVE):
            # The SIS ended it, and it was changed here.
            if take is not Take.SIS:
                self.ended.append(row.link)
                self.pins.append((row.link, ALIVE))
                return ours, base
            if row.record in self.protected:
                raise _Unfit("decision_protected")
            self.ended.append(row.link)
            # As long as another SIS has it, it stays (D4).
            return _Ours(record, bool(self.kept_elsewhere.get(row.record)), ours.values), base
        # It was ended here, and the SIS changed it since.
        entity = ENTITIES[row.entity]
        news = {entity.by_name[name].index: value for name, value in remote.items()}

        def with_news(values: tuple[Plain, ...]) -> tuple[Plain, ...]:
            return tuple(news.get(place, value) for place, value in enumerate(values))

        if take is Take.OURS:
            return ours, with_news(base)
        return _Ours(record, True, with_news(ours.values)), with_news(base)

    def _log(
        self, entity: EntityType, row: Standing, before: _Ours, after: _Ours, lost: bytes | None
    ) -> None:
        """What the decision did goes into the change log, what it is made of to the decisions."""
