"""How the day is: people and classes by school, who came and left since yesterday, the last days.

Pure but for ``schools``, ``without`` and ``fortnight``, which ask the database.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TypeAlias

from app.engine.limits import NO_STAFF
from app.roster.entities import ENTITIES
from app.roster.stored import list_value
from app.roster.values import Elements, Plain, instant_text
from app.store import journal, today
from app.store.database import Database
from app.store.today import Roster

LOST_SHARE = 0.05
"""A school that lost more than this of its people since yesterday stands out,"""
LOST_LEAST = 5
"""where these are not fewer."""

DAYS = 14

_ROLES = ENTITIES["users"].by_name["roles"].kind
assert isinstance(_ROLES, Elements)
_ROLE, _ORG, _END = map(_ROLES.names.index, ("role", "org", "end_date"))


@dataclass
class School:
    """One school, or all of them: what it has, and what came of it since yesterday."""

    id: int | None = None
    """Its record; ``None`` for people and classes that belong to none, and for all."""
    name: str = ""
    students: int = 0
    staff: int = 0
    people: int = 0
    """Students and staff; who is both counts once."""
    classes: int = 0
    without_student: int = 0
    without_teacher: int = 0
    joined: int = 0
    left: int = 0
    changed: int = 0
    """People who were there before and are yet, and of whom something changed."""
    change_sets: set[int] = field(default_factory=set)
    """Those in which people joined, left or changed."""

    @property
    def lost(self) -> float:
        """The share of its people that it lost since yesterday, where that stands out; else 0."""
        before = self.people - self.joined + self.left
        net = self.left - self.joined
        stands_out = net >= LOST_LEAST and net > LOST_SHARE * before
        return net / before if stands_out else 0.0


@dataclass(frozen=True)
class Schools:
    """Every school by its name, then what belongs to none; and all together."""

    schools: tuple[School, ...]
    whole: School
    since: date
    """The day from which on changes count."""
    others: School = field(default_factory=School)
    """Who joined, left and changed of those who neither study nor work: guardians and others, such
    as people with an account that is switched off."""
    first: bool = False
    """Whether the roster's first sync was since then; what it brought is not counted."""


def schools(database: Database, now: datetime, zone: tzinfo | None = None) -> Schools:
    """How each school is at the instant ``now``; ``zone`` is ``None`` for the system's."""
    day = now.astimezone(zone).date()
    since = day - timedelta(days=1)
    start, first = today.first_since(database, instant_text(_midnight(since, zone)))
    return by_school(today.roster(database, day.isoformat(), start), day, since, first=first)


def by_school(found: Roster, day: date, since: date, *, first: bool = False) -> Schools:
    """The groups of a roster, by school."""
    table = _Table(found, day.isoformat())
    for roles, count in found.people:
        table.people(roles, count)
    for org, count, no_student, no_teacher in found.classes:
        for one in (table.whole, table[org]):
            one.classes += count
            one.without_student += no_student
            one.without_teacher += no_teacher
    for roles, change_set, count in found.arrived:
        for one in table.counted(roles):
            one.joined += count
            one.change_sets.add(change_set)
    for roles, count, sets in found.changed:
        for one in table.counted(roles):
            one.changed += count
            one.change_sets.update(map(int, sets.split(",")))
    for moved in found.moved:
        _move(table, moved)
    return Schools(table.in_order(), table.whole, since, table.others, first)


def without(database: Database, role: str, now: datetime, zone: tzinfo | None = None) -> list[int]:
    """The classes that ``schools`` counts as being without anybody of a role."""
    return today.without(database, role, now.astimezone(zone).date().isoformat())


Places: TypeAlias = frozenset[int | None]


def _move(table: "_Table", moved: today.Moved) -> None:
    before, after = table.places_of(moved.before), table.places_of(moved.after)
    sets = moved.change_sets
    joined, left = [table[one] for one in after - before], [table[one] for one in before - after]
    if after and not before:
        joined.append(table.whole)
    if before and not after:
        left.append(table.whole)
        table.others.changed -= bool(moved.after["alive"])  # who left is no other who changed
    if not before and not after:
        joined += [table.others] * (bool(moved.after["alive"]) > bool(moved.before["alive"]))
        left += [table.others] * (bool(moved.before["alive"]) > bool(moved.after["alive"]))
    for one in joined:
        one.joined += 1
        one.changed -= 1  # among those who changed they were counted where they are now
        one.change_sets.update(sets)
    for one in left:
        one.left += 1
        one.change_sets.update(sets)


class _Table:
    """The schools as they are counted together."""

    def __init__(self, found: Roster, day: str) -> None:
        self._found, self._day = found, day
        self.whole, self.others = School(), School()
        self._schools: dict[int | None, School] = {
            id_: School(id_, name or f"#{id_}")
            for id_, (name, type_) in found.orgs.items()
            if type_ == "school"
        }

    def __getitem__(self, org: int | None) -> School:
        """An organization; what is no live one counts as none."""
        id_ = self._known(org)
        name = "" if id_ is None else self._found.orgs[id_][0] or f"#{id_}"
        return self._schools.setdefault(id_, School(id_, name))

    def rows(self, places: Collection[int | None]) -> Iterator[School]:
        """Those places, and the whole where there is any."""
        yield from map(self.__getitem__, places)
        if places:
            yield self.whole

    def people(self, roles: Plain, count: int) -> None:
        """So many people have these roles."""
        students, staff = self._split(roles)
        for one in self.rows(students):
            one.students += count
        for one in self.rows(staff):
            one.staff += count
        for one in self.rows(students | staff):
            one.people += count

    def places(self, roles: Plain) -> Places:
        """Where people of these roles study or work."""
        students, staff = self._split(roles)
        return students | staff

    def counted(self, roles: Plain) -> Iterator[School]:
        """Where people of these roles count: at their schools and in all, or among the others."""
        places = self.places(roles)
        return self.rows(places) if places else iter((self.others,))

    def places_of(self, side: Mapping[str, Plain]) -> Places:
        """Where somebody studies or works of whom that stands here."""
        there = side["alive"] and side["enabled_user"] in (None, True)
        return self.places(side["roles"]) if there else frozenset()

    def in_order(self) -> tuple[School, ...]:
        """By name; last what belongs to no school."""
        found = self._schools.values()
        return tuple(sorted(found, key=lambda one: (one.id is None, one.name.casefold())))

    def _split(self, roles: Plain) -> tuple[Places, Places]:
        """Where people of these roles study, and where they work."""
        students, staff = set[int | None](), set[int | None]()
        for role, org in belonging(roles, self._day):
            (students if role == "student" else staff).add(self._known(org))
        return frozenset(students), frozenset(staff)

    def _known(self, org: int | None) -> int | None:
        """The live organization that is meant; ``None`` where there is none."""
        meant = org if org is None else self._found.meant.get(org, org)
        return meant if meant in self._found.orgs else None


@lru_cache(maxsize=8192)
def belonging(roles: Plain, day: str) -> tuple[tuple[str, int | None], ...]:
    """(role, organization) of the roles that have not ended by a day; no relatives."""
    return tuple(
        (part[_ROLE], part[_ORG])
        for part in list_value(roles) or ()
        if (part[_END] is None or part[_END] > day)
        and (part[_ROLE] == "student" or part[_ROLE] not in NO_STAFF)
        and part[_ROLE] is not None
    )


# -- the last days ----------------------------------------------------------------------------


@dataclass
class Day:
    """What the syncs of one day did, those of people and approvals among them."""

    day: date
    added: int = 0
    changed: int = 0
    removed: int = 0
    syncs: int = 0
    failed: int = 0
    waiting: int = 0
    """Syncs after which something waited for approval."""
    runs: list[int] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """All of it."""
        return self.added + self.changed + self.removed


def fortnight(
    database: Database, now: datetime, connector: str | None = None, zone: tzinfo | None = None
) -> list[Day]:
    """The last 14 days of a connector, or of all, the oldest first; each is there."""
    last = now.astimezone(zone).date()
    days = [last - timedelta(days=back) for back in reversed(range(DAYS))]
    runs = today.runs_since(database, instant_text(_midnight(days[0], zone)), connector)
    return by_day(runs, days, zone)


def by_day(runs: Iterable[today.RunCounts], days: Iterable[date], zone: tzinfo | None) -> list[Day]:
    """Runs, by the day on which they began."""
    found = {day: Day(day) for day in days}
    for run in runs:
        one = found.get(datetime.fromisoformat(run.at).astimezone(zone).date())
        if one is None:
            continue
        one.added += run.added
        one.changed += run.changed
        one.removed += run.removed
        one.syncs += 1
        one.failed += run.state == journal.FAILED
        one.waiting += run.state == journal.WAITING
        one.runs.append(run.run)
    return list(found.values())


def _midnight(day: date, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, time(), zone).astimezone()
