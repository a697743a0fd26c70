"""Ten thousand plans: one district, changed twice independently, and what must always hold.

A small district is perturbed here and at the SIS by random operations that know nothing of each
other. Every record is reconciled, and what the outcome says is done: here, at the base, and at the
SIS (a push of what differs and is not asked about). SEMANTICS B1-B6, A4.
"""

import os
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine.reconcile import (
    Living,
    Outcome,
    Who,
    ask,
    edited,
    moved,
    reconcile,
    reconcile_alive,
    stays_pinned,
)
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.roster.stored import list_text, list_value
from app.roster.values import UNKNOWN, Elements

PLANS = int(os.environ.get("PLANS", "1000"))
"""How many districts; `PLANS=200000` for a longer look."""

USERS = ENTITIES["users"]
NAMES = ("given_name", "family_name", "email", "grades", "roles")
PEOPLE = range(3)
ROLES = USERS.by_name["roles"].kind
WORDS: dict[str, list[Any]] = {
    **{name: [None, "A", "B", "C"] for name in ("given_name", "family_name", "email")},
    "grades": [None, '["09"]', '["10"]', '["09","10"]'],
    "roles": [
        None if not parts else list_text(ROLES.normal(parts))
        for parts in (
            [],
            [("student", 1, None, None, None)],
            [("student", 1, "primary", None, None)],
            [("student", 1, "primary", None, None), ("aide", 2, None, None, None)],
            [("student", 1, None, None, None), ("aide", 2, "secondary", None, None)],
        )
    ],
}

Values = tuple[Any, ...]


@dataclass
class Side:
    """One side of every person: values, and being alive."""

    values: dict[int, Values]
    alive: dict[int, bool]

    def copy(self) -> "Side":
        return Side(dict(self.values), dict(self.alive))

    def do(self, operation: tuple[Any, ...]) -> None:
        """Sets a field, or ends or revives a person."""
        person, name, word = operation
        if name == ALIVE:
            self.alive[person] = bool(word)
        else:
            place = USERS.by_name[name].index
            row = list(self.values[person])
            row[place] = WORDS[name][word]
            self.values[person] = tuple(row)


def operations() -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """What may happen on one side."""
    change = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(NAMES), st.integers(0, 3))
    end = st.tuples(st.sampled_from(PEOPLE), st.just(ALIVE), st.just(0))
    return st.lists(st.one_of(change, change, change, end), max_size=6)


@st.composite
def bases(draw: st.DrawFn) -> Side:
    """What was last agreed about, of everybody."""
    side = Side({}, dict.fromkeys(PEOPLE, True))
    for person in PEOPLE:
        side.values[person] = (None,) * len(USERS.fields)
        for name in NAMES:
            side.do((person, name, draw(st.integers(0, 3))))
    return side


@dataclass
class Plan:
    """What follows for everybody."""

    base: Side
    local: Side
    remote: Side
    asked: set[tuple[int, str]] = field(default_factory=set)
    overwritten: list[tuple[int, int, Any]] = field(default_factory=list)
    """(person, place, value) of what was replaced here: the change log."""
    discarded: list[tuple[int, int, Any]] = field(default_factory=list)
    writes: int = 0
    pins: set[tuple[int, str]] = field(default_factory=set)
    """Parts that an undo gave back: they are not sent."""


def run(
    base: Side,
    local: Side,
    remote: Side,
    who: Any = ask,
    order: Any = PEOPLE,
    pins: Iterable[tuple[int, str]] = (),
) -> Plan:
    """Reconciles everybody and does what follows: here, at the base, at the SIS."""
    plan = Plan(base.copy(), local.copy(), remote.copy(), pins=set(pins))
    for person in order:
        b, lo, r = (side.values[person] for side in (base, local, remote))
        living = reconcile_alive(
            base=base.alive[person],
            local=local.alive[person],
            remote=remote.alive[person],
            edited=edited(b, lo),
            moved=moved(b, r),
            who=who,
        )
        if living is Living.CONFLICT:
            plan.asked.add((person, ALIVE))
            continue
        plan.base.alive[person] = remote.alive[person]
        if living in (Living.ENDS, Living.REVIVES):
            plan.local.alive[person] = remote.alive[person]
            plan.writes += 1
        if not plan.local.alive[person] or not remote.alive[person]:
            continue
        settle(plan, person, reconcile(USERS, b, lo, r, who))
    return plan


def settle(plan: Plan, person: int, outcome: Outcome) -> None:
    """Writes an outcome, and pushes what differs and is not asked about."""
    local, base = (list(side.values[person]) for side in (plan.local, plan.base))
    remote = list(plan.remote.values[person])
    for place, value in outcome.local.items():
        plan.overwritten.append((person, place, local[place]))
        local[place] = value
        plan.writes += 1
    for place, value in outcome.base.items():
        base[place] = value
    plan.discarded += [(person, place, value) for place, value in outcome.discarded.items()]
    asked = {one.part.partition("[")[0] for one in outcome.conflicts}
    plan.asked |= {(person, one.part) for one in outcome.conflicts}
    whole = {one.part for one in outcome.conflicts}
    sides = (plan.base, plan.local, plan.remote)
    for one, *said in zip(USERS.fields, *(side.values[person] for side in sides), strict=True):
        if one.group in whole or not stays_pinned(one, *said):
            plan.pins.discard((person, one.group))
    closed = asked | {part for who, part in plan.pins if who == person}
    for one in USERS.fields:
        place = one.index
        if one.group not in closed and local[place] != base[place]:
            remote[place] = base[place] = local[place]
            plan.writes += 1
    plan.local.values[person], plan.base.values[person] = tuple(local), tuple(base)
    plan.remote.values[person] = tuple(remote)


def _plans(number: int) -> settings:
    return settings(
        max_examples=number, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )


@_plans(PLANS)
@given(bases(), operations(), operations(), st.integers(0, 2**32 - 1))
def test_whatever_two_sides_do(
    base: Side, here: list[tuple[Any, ...]], there: list[tuple[Any, ...]], seed: int
) -> None:
    """Idempotence, symmetry, independence of order, convergence; nothing lost without a word."""
    local, remote = base.copy(), base.copy()
    for operation in here:
        local.do(operation)
    for operation in there:
        remote.do(operation)
    plan = run(base, local, remote)
    is_idempotent(plan)
    loses_nothing(base, local, remote, plan)
    is_symmetrical(base, local, remote, plan)
    is_independent_of_order(base, local, remote, plan, seed)
    for who in (Who.SIS, Who.OURS):
        converges(base, local, remote, who)


@_plans(PLANS // 10)
@given(bases(), operations(), st.lists(operations(), min_size=1, max_size=3))
def test_what_was_undone_is_not_sent_unasked(
    base: Side, undone: list[tuple[Any, ...]], news: list[list[tuple[Any, ...]]]
) -> None:
    """G2: the SIS keeps every value and element of which it has not spoken since the undo."""
    local, remote = base.copy(), base.copy()
    for operation in undone:
        if operation[1] != ALIVE:
            local.do(operation)
    pins = {(person, name) for person in PEOPLE for name in NAMES}
    spoken: set[tuple[int, str, Any]] = set()
    for operations_ in news:
        before = remote.copy()
        for operation in operations_:
            remote.do(operation)
        spoken |= differing(before, remote)
        plan = run(base, local, remote, pins=pins)
        assert differing(remote, plan.remote) <= spoken
        base, local, remote, pins = plan.base, plan.local, plan.remote, plan.pins


def differing(one: Side, other: Side) -> set[tuple[int, str, Any]]:
    """(person, field, key of the element) of what differs."""
    return {said[:3] for said in told(one) ^ told(other)}


def told(side: Side) -> set[tuple[int, str, Any, Any]]:
    """(person, field, key of the element, value) of all that stands on a side."""
    found: set[tuple[int, str, Any, Any]] = set()
    for person, values in side.values.items():
        for name in NAMES:
            one = USERS.by_name[name]
            value: Any = values[one.index]
            if not one.kind.is_list:
                found.add((person, name, None, value))
                continue
            for part in list_value(value) or ():
                key = one.kind.key_of(part) if isinstance(one.kind, Elements) else part
                found.add((person, name, key, part))
    return found


def is_idempotent(plan: Plan) -> None:
    """A second run plans nothing, and the same questions stand."""
    again = run(plan.base, plan.local, plan.remote)
    assert again.writes == 0
    assert again.asked == plan.asked
    assert (again.base, again.local, again.remote) == (plan.base, plan.local, plan.remote)


def loses_nothing(base: Side, local: Side, remote: Side, plan: Plan) -> None:
    """Under ask what is replaced here was never edited here, and is in the change log."""
    for person in PEOPLE:
        for one in USERS.fields:
            was, now = local.values[person][one.index], plan.local.values[person][one.index]
            if was == now:
                continue
            assert (person, one.index, was) in plan.overwritten
            # Elements may be merged into a list that was edited; any other value was not.
            assert one.kind.is_list or was in (base.values[person][one.index], UNKNOWN)
        if local.alive[person] and not plan.local.alive[person]:
            assert not remote.alive[person]
            assert not edited(base.values[person], local.values[person])
    assert not plan.discarded


def is_symmetrical(base: Side, local: Side, remote: Side, plan: Plan) -> None:
    """Under ask neither side is favoured: exchanged, the same is asked and the same agreed.

    Being alive is not symmetrical on purpose: what ends here is not deleted there by itself (D4).
    """
    other = run(base, remote, local)
    for person in PEOPLE:
        if not all(side.alive[person] for side in (local, remote)):
            continue
        asked = {part for who, part in plan.asked if who == person}
        assert asked == {part for who, part in other.asked if who == person}
        # Of a list that is asked about, what nobody asks about comes in but is not pushed yet.
        open_parts = {part.partition("[")[0] for part in asked}
        for one in USERS.fields:
            if one.group in open_parts and one.kind.is_list:
                continue
            here, there = (
                [side.values[person][one.index] for side in sides]
                for sides in (
                    (plan.base, plan.local, plan.remote),
                    (other.base, other.remote, other.local),
                )
            )
            assert here == there


def is_independent_of_order(base: Side, local: Side, remote: Side, plan: Plan, seed: int) -> None:
    """Whoever is looked at first, the same follows."""
    order = list(PEOPLE)
    random.Random(seed).shuffle(order)
    other = run(base, local, remote, order=order)
    assert (other.base, other.local, other.remote) == (plan.base, plan.local, plan.remote)
    assert other.asked == plan.asked


def converges(base: Side, local: Side, remote: Side, who: Who) -> None:
    """Where somebody decides, both sides are the same after one run, and nothing is asked."""
    plan = run(base, local, remote, lambda part, kind: who)
    assert not plan.asked
    for person in PEOPLE:
        if plan.local.alive[person] and plan.remote.alive[person]:
            sides = (plan.base, plan.local, plan.remote)
            assert len({side.values[person] for side in sides}) == 1
            if who is Who.OURS:
                lost_there(base, local, remote, plan, person)
            else:
                lost_here(base, local, plan, person)
    again = run(plan.base, plan.local, plan.remote, lambda part, kind: who)
    assert again.writes == 0


def lost_there(base: Side, local: Side, remote: Side, plan: Plan, person: int) -> None:
    """B5: what the SIS had changed and lost by the decision is on record."""
    for one in USERS.fields:
        place = one.index
        was, said = base.values[person][place], remote.values[person][place]
        if not one.kind.is_list and said not in (was, plan.remote.values[person][place]):
            assert (person, place, said) in plan.discarded


def lost_here(base: Side, local: Side, plan: Plan, person: int) -> None:
    """B5: what was edited here and lost by the decision is on record."""
    for one in USERS.fields:
        place = one.index
        if local.values[person][place] != plan.local.values[person][place]:
            assert (person, place, local.values[person][place]) in plan.overwritten
