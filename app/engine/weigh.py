"""What follows for one record at one connector: the rules, who decides, and what happened before.

``reconcile`` is pure; here it is given what the database knows: who decides about such a record
(SEMANTICS B5), which side is newer, and whether two systems set a value by turns (B7).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.engine import judging
from app.engine.policy import NEWEST_APART, Decides, Policies
from app.engine.reconcile import (
    NOTHING,
    Conflict,
    ConflictKind,
    Living,
    Outcome,
    Values,
    Who,
    ask,
    edited,
    moved,
    reconcile,
    reconcile_alive,
)
from app.engine.reconcile import Decides as Deciding
from app.roster.parts import ALIVE
from app.roster.schema import EntityType
from app.roster.values import UNSAID, Plain, instant_text
from app.store import records
from app.store.database import Tx
from app.store.identities import StandIns
from app.store.records import Record

RUNS_BACK = 10
"""Within so many runs a value that two systems set by turns is noticed (SEMANTICS B7)."""


@dataclass(frozen=True)
class Weigher:
    """Weighs the records of one entity at one connector."""

    entity: EntityType
    today: str
    policies: Policies = field(default_factory=Policies)
    keep_values: bool = False
    """A blank never overwrites (SEMANTICS B5)."""
    skew: Callable[[], float | None] = lambda: None
    """By how many seconds the SIS's clock is ahead of ours, where it is known."""

    def row(
        self,
        tx: Tx,
        record: Record,
        base: Values,
        alive: bool,
        remote: Values,
        modified_at: str | None,
        same: StandIns,
    ) -> tuple[Outcome, Living]:
        """What follows from a row that is there; ``alive`` is the link's base of being alive.

        References to those who are the ``same`` do not differ (SEMANTICS A3, D5).
        """
        if same:
            base, remote = same.values(base), same.values(remote)
            record = record._replace(values=same.values(record.values))
        who = self._who(tx, record, modified_at)
        changed = not record.alive and moved(base, remote)
        living = reconcile_alive(
            base=alive, local=record.alive, remote=True, edited=False, moved=changed, who=who
        )
        if living is Living.CONFLICT:
            names = self.entity.field_names
            there = {
                names[place]: (base[place], record.values[place], r)
                for place, r in enumerate(remote)
                if moved((base[place],), (r,))
            }
            found = alive_conflict(base=True, local=False, remote=True, changed=there)
            return Outcome(conflicts=(found,)), living
        if not record.alive and living is Living.STAYS:
            # It was ended here. What was decided to be thrown away is no question any more.
            if not changed:
                return NOTHING, living
            said = {place: r for place, r in enumerate(remote) if r is not UNSAID}
            news = {place: r for place, r in said.items() if base[place] != r}
            return Outcome(base=said, discarded=news), living
        outcome = reconcile(
            self.entity, base, record.values, remote, who, keep_values=self.keep_values
        )
        return outcome, living

    def end(self, tx: Tx, record: Record, base: Values, *, protected: bool) -> Living:
        """What follows from a row that is gone, where the base says that it was there."""
        living = reconcile_alive(
            base=True,
            local=record.alive,
            remote=False,
            edited=not protected and edited(base, record.values),
            who=self._who(tx, record, None),
        )
        return Living.KEPT if protected and living is Living.ENDS else living

    def decides_alive(self, tx: Tx, record: Record) -> bool:
        """True when the connector is the authority on whether the record exists (D4)."""
        if not self.policies.speak_of(self.entity.name):
            return False
        return self._decides(tx, record, ALIVE) is Decides.SIS

    def modified_at(self, version: str | None) -> str | None:
        """When a row says it was changed, by our clock; ``None`` where it does not say."""
        skew = self.skew()
        if version is None or skew is None:
            return None
        try:
            told = datetime.fromisoformat(version)
        except ValueError:
            return None
        if told.tzinfo is None:
            return None
        return instant_text(told - timedelta(seconds=skew))

    def _who(self, tx: Tx, record: Record, modified_at: str | None) -> Deciding:
        if not self.policies.speak_of(self.entity.name):
            return ask

        def who(part: str, kind: ConflictKind) -> Who:
            decides = self._decides(tx, record, part)
            if decides is Decides.NEWEST:
                return self._newer(tx, record, part, modified_at)
            return Who(decides.value)

        return who

    def _decides(self, tx: Tx, record: Record, part: str) -> Decides:
        (schools,) = judging.schools(tx, self.entity, [record.values], [record.id], self.today)
        return self.policies.decides(self.entity.name, schools, part)

    def _newer(self, tx: Tx, record: Record, part: str, modified_at: str | None) -> Who:
        names = {one.name for one in self.entity.fields if one.group == part} or {part}
        changed_at = records.changed_at(tx, record.id, names)
        if modified_at is None or changed_at is None:
            return Who.ASK
        ahead = datetime.fromisoformat(modified_at) - datetime.fromisoformat(changed_at)
        if abs(ahead.total_seconds()) <= NEWEST_APART:
            return Who.ASK
        return Who.SIS if ahead > timedelta() else Who.OURS


def without_turns(
    entity: EntityType,
    record: Record,
    link: int,
    base: Values,
    outcome: Outcome,
    history: Sequence[tuple[int, Mapping[str, Plain]]],
) -> Outcome:
    """The outcome without what two systems set by turns: that is asked (SEMANTICS B7).

    A value is, when it was set twice within ten runs and another system set another in between.
    ``history`` is what ``records.set_lately`` knows of the record.
    """
    names = entity.field_names
    turns: dict[str, set[int]] = {}
    for place, value in outcome.local.items():
        told = [(by, fields[names[place]]) for by, fields in history if names[place] in fields]
        same = [by for by, said in told if said == value]
        others = {by for by, said in told if said != value and by != link}
        if len(same) >= 2 and others:
            turns[entity.fields[place].group] = {link, *others}
    conflicts = list(outcome.conflicts)
    local, moved_base = dict(outcome.local), dict(outcome.base)
    for group, links in turns.items():
        places = [one.index for one in entity.fields if one.group == group]
        theirs = {names[p]: local.get(p, record.values[p]) for p in places}
        was, ours = ({names[p]: side[p] for p in places} for side in (base, record.values))
        for place in places:
            local.pop(place, None)
            moved_base.pop(place, None)
        conflicts = [one for one in conflicts if one.part != group]
        conflicts.append(
            Conflict(
                group, ConflictKind.BACK_AND_FORTH, was, ours, theirs, {"links": sorted(links)}
            )
        )
    return replace(outcome, local=local, base=moved_base, conflicts=tuple(conflicts))


def alive_conflict(
    *,
    base: bool,
    local: bool,
    remote: bool,
    changed: Mapping[str, tuple[Plain, Plain, Plain]] | None = None,
) -> Conflict:
    """One side ended the record, and the other changed it.

    Where it was ended here, the sides also tell what the SIS ``changed``: (base, local, remote) by
    field. Whoever takes it back takes it so.
    """
    sides: list[dict[str, Plain]] = [{ALIVE: base}, {ALIVE: local}, {ALIVE: remote}]
    for name, values in (changed or {}).items():
        for side, value in zip(sides, values, strict=True):
            side[name] = value
    return Conflict(ALIVE, ConflictKind.EDIT_OR_DELETE, *sides)


def planned_values(entity: EntityType, local: Mapping[int, Plain]) -> dict[str, Plain]:
    """What an outcome would write, by field."""
    return {entity.field_names[place]: value for place, value in local.items()}


def with_local(values: Values, local: Mapping[int, Plain]) -> tuple[Plain, ...]:
    """The values of a record after an outcome."""
    after = list(values)
    for place, value in local.items():
        after[place] = value
    return tuple(after)
