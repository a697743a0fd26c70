"""Limits meet the database: what is planned is judged, what was done is remembered (SEMANTICS E1).

``limits`` decides, ``store.sizes`` reads and writes; this module brings the one to the other.
Nothing here asks a query an item: items of equal effects are equal texts, and one group.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from app.engine import figures, limits
from app.engine.figures import Allowance, Limits, Turned
from app.engine.limits import (
    DISTRICT,
    LIVE_RULES,
    OPEN,
    Known,
    Size,
    Tally,
    Trip,
)
from app.engine.reconcile import Values
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType
from app.roster.values import Plain, instant_text
from app.store import journal, plans, sizes
from app.store.database import Tx

logger = logging.getLogger(__name__)

DAY, WEEK = timedelta(days=1), timedelta(days=7)
KEPT = timedelta(days=8)
"""How far back counts and tallies are kept: the week that is judged, and room."""

APPROVED = "approved"
"""The direction of what a person approved: it moves the counts and is held against nobody."""


# -- where records count ----------------------------------------------------------------------


def schools(
    tx: Tx,
    entity: EntityType,
    rows: Sequence[Values],
    ids: Sequence[int] = (),
    today: str = "",
) -> list[tuple[int, ...]]:
    """The schools that rows of stored values count in; none for the district.

    Follows the entity's path to its school, with at most one query a hop. ``ids`` are those of the
    rows' records: an organization counts under its own. A role that ended by ``today`` counts
    nowhere.
    """
    if not entity.school:
        return [()] * len(rows)
    (step,) = entity.school
    if step == "id":
        return [(id_,) for id_ in ids] if ids else [()] * len(rows)
    place = entity.by_name[step.partition(".")[0]].index
    return _follow(tx, entity, [row[place] for row in rows], today)


def _follow(
    tx: Tx, entity: EntityType, values: Sequence[Plain], today: str
) -> list[tuple[int, ...]]:
    """The schools that follow from the values in which the path begins."""
    name, _, part = entity.school[0].partition(".")
    if part:
        return [limits.open_orgs(value, today) for value in values]
    target = ENTITIES[entity.by_name[name].target or ""]
    if target.school == ("id",):
        return [() if value is None else (value,) for value in values]
    if not target.school:
        return [()] * len(values)
    begins = sizes.path_values(tx, target, {value for value in values if value is not None})
    found = dict(zip(begins, _follow(tx, target, list(begins.values()), today), strict=True))
    return [found.get(value, ()) for value in values]


# -- judging ----------------------------------------------------------------------------------


def judge(
    tx: Tx,
    *,
    connector: int,
    stream: int,
    entity: EntityType,
    full: bool,
    received: int,
    now: datetime,
) -> list[Trip]:
    """Judges what is planned for the stream; what a limit holds waits from now on, whole.

    Items that wait already, or are approved, are left alone. ``received``: the rows that came.
    """
    planned = sizes.planned(tx, stream)
    empty = full and not received
    trips = tripped(tx, connector, stream, entity, "in", planned, now, empty=empty)
    held: dict[str, list[str]] = defaultdict(list)
    held_by = limits.holding(trips)
    for text in planned if trips else ():
        held[" ".join(held_by(limits.effects_of(text)))].append(text)
    for rules, texts in held.items():
        if rules:
            sizes.hold(tx, stream, rules, texts)
    if trips:
        logger.info("%s of connector %d: %d limits tripped", entity.name, connector, len(trips))
    return trips


def tripped(
    tx: Tx,
    connector: int,
    stream: int,
    entity: EntityType,
    direction: str,
    planned: Mapping[str, int],
    now: datetime,
    *,
    empty: bool = False,
    allowed: Limits | None = None,
) -> list[Trip]:
    """The limits that so many items of which effects trip, in one direction (``in`` or ``out``).

    ``empty``: the answer to a full read had no row. ``allowed``: by these limits instead of those
    that hold.
    """
    if not planned:
        return []
    if allowed is None:
        allowed = Limits.of(sizes.limits(tx, connector))
    known = _known(tx, connector, stream, entity, direction, planned, allowed, now)
    known = replace(known, empty=empty)
    trips = limits.judge(entity, planned, known, allowed, now)
    if any(trip.rule in LIVE_RULES for trip in trips):
        # What joined since the counts were stored may take the reason away.
        live = _live(tx, stream, entity, _day_of(now))
        recounted = {
            school: replace(size, live=live[school]) for school, size in known.sizes.items()
        }
        trips = limits.judge(entity, planned, replace(known, sizes=recounted), allowed, now)
    if any(trip.names == ("untied",) for trip in trips):
        sis, still = journal.name_of(tx, connector), tuple(plans.keepers(tx, stream))
        trips = [replace(one, sis=sis, still=still) if one.names == ("untied",) else one
                 for one in trips]  # fmt: skip
    return trips


def let_through(
    tx: Tx, *, connector: int, stream: int, entity: EntityType, now: datetime
) -> dict[Allowance, int]:
    """How many of the items that are planned would wait, were it not for which allowance."""
    allowed = Limits.of(sizes.limits(tx, connector))
    if not any(now in one for one in allowed.allowances):
        return {}
    planned, bare = sizes.planned(tx, stream), allowed.unallowed
    texts: dict[Allowance, set[str]] = defaultdict(set)
    for trip in tripped(tx, connector, stream, entity, "in", planned, now, allowed=bare):
        given = allowed.allowance(trip.figure, entity.name, trip.school, now)
        if given is not None:
            texts[given] |= {one for one in planned if trip.holds(limits.effects_of(one))}
    return {given: sum(planned[one] for one in some) for given, some in texts.items()}


def _known(
    tx: Tx,
    connector: int,
    stream: int,
    entity: EntityType,
    direction: str,
    planned: Mapping[str, int],
    allowed: Limits,
    now: datetime,
) -> Known:
    """What has to be known to judge ``planned``; nothing is asked that no effect needs."""
    tally, today = Tally(planned), _day_of(now)
    day, week = (instant_text(now - span) for span in (DAY, WEEK))
    applied = partial(sizes.applied_since, tx, connector, entity.name, direction)
    of_the_day = applied(day)
    before = Tally(of_the_day)
    blanked = [
        field
        for field, name in tally.after("blank:").items()
        if any(
            number + before[name][school] >= allowed.figure("least", entity.name, school, now)
            for school, number in tally[name].items()
        )
    ]
    holders: Counter[tuple[str, int]] = Counter()
    if blanked:
        for where, _, held in sizes.counted(tx, stream, entity, _open(entity), today, blanked):
            for school in schools_of(entity, where, today):
                holders.update({(name, school): n for name, n in zip(blanked, held, strict=True)})
    classes = {int(place.partition(":")[0]) for place in tally.after("leaves:")}
    return Known(
        sizes=_sizes(tx, connector, stream, entity, tally.schools, now),
        day=of_the_day,
        week=applied(week) if "removal" in tally else {},
        holders=holders,
        places=sizes.in_classes(tx, classes, _open(entity), today) if classes else {},
    )


def _sizes(
    tx: Tx,
    connector: int,
    stream: int,
    entity: EntityType,
    wanted: Collection[int],
    now: datetime,
) -> dict[int, Size]:
    """The sizes of schools by what is stored; where nothing is yet, by what there is now."""
    day, week = instant_text(now - DAY), instant_text(now - WEEK)
    found: dict[int, Size] = {}
    for school, at, count in sizes.stored(tx, connector, entity.name):
        size = found.get(school, Size(count, count, count))
        found[school] = Size(
            count=count if at <= day else size.count,
            high=count if at <= week else max(size.high, count),
            live=count,
        )
    if not found.keys() >= set(wanted):
        # A new school, a first load that was cut off, a roster from before there were limits.
        for school, count in _live(tx, stream, entity, _day_of(now)).items():
            found.setdefault(school, Size(count, count, count))
    return found


def turned(
    tx: Tx, stream: int, entity: EntityType, allowed: Limits, since: int | None
) -> list[Turned]:
    """Expected against arrived since a change set; ``None``: nothing has happened yet."""
    today = ""  # whoever ran out by their own date was there, too
    open_ = _open(entity)
    told = () if since is None else sizes.moved_since(tx, stream, entity, open_, today, since)
    arrived: Counter[int] = Counter()
    gone: Counter[int] = Counter()
    for where, came, went in told:
        for school in schools_of(entity, where, today):
            arrived[school] += came
            gone[school] += went
    return figures.turned(allowed, entity, _live(tx, stream, entity, today), arrived, gone)


def _live(tx: Tx, stream: int, entity: EntityType, today: str) -> Counter[int]:
    """How many live records each school has now."""
    found: Counter[int] = Counter()
    for where, count, _ in sizes.counted(tx, stream, entity, _open(entity), today):
        for school in schools_of(entity, where, today):
            found[school] += count
    return found


def schools_of(entity: EntityType, where: Plain, today: str) -> Sequence[int]:
    """The schools of a group of records, by the value at the end of the path."""
    if where is None:
        return (DISTRICT,)
    return (limits.open_orgs(where, today) or (DISTRICT,)) if isinstance(where, str) else (where,)


def _open(entity: EntityType) -> sizes.Open:
    return OPEN.get(entity.name, {})


def _day_of(now: datetime) -> str:
    return instant_text(now)[:10]


# -- remembering ------------------------------------------------------------------------------


def applied(
    tx: Tx,
    *,
    connector: int,
    entity: str,
    direction: str,
    tallies: Mapping[str, int],
    now: str,
) -> None:
    """Remembers what was carried out: so many items of which effects (``effects_text``).

    ``direction``: ``in``, ``out``, or ``APPROVED``.
    """
    if not tallies:
        return
    sizes.note_applied(tx, connector, entity, direction, now, tallies)
    if direction != "out":
        moved = Tally(tallies)
        by = Counter(moved["arrival"])
        by.subtract(moved["removal"])
        by.subtract(moved["parting"])
        by.subtract(moved["untied"])
        sizes.move(tx, connector, entity, by, now)


def count(
    tx: Tx,
    *,
    connector: int,
    stream: int,
    entity: EntityType,
    now: str,
    changed: bool = True,
) -> None:
    """Counts the live records of each school, at the end of a full read; forgets what is old.

    ``changed`` False: nothing came of the read, so what is stored stands where anything is.
    """
    before = {school for school, _, _ in sizes.stored(tx, connector, entity.name)}
    if changed or not before:
        live = _live(tx, stream, entity, now[:10])
        counts = {school: live[school] for school in before | live.keys()}
        sizes.store(tx, connector, entity.name, counts, now)
    long_ago = instant_text(datetime.fromisoformat(now) - KEPT)
    sizes.forget_before(tx, connector, entity.name, long_ago)
