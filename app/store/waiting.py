"""What waits for a person: which items, held by what, since when, and what became of an approval.

An item waits at most once a link, whichever runs saw it again (SEMANTICS E3); so what waited in a
run is what still waits and was there by then.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from app.roster.entities import ENTITIES
from app.store import reads
from app.store.database import Database, Tx
from app.store.differences import titled
from app.store.statements import AMONG

SAMPLES = 3
"""So many records are named where there are more."""


@dataclass(frozen=True)
class Which:
    """Which of the items that wait: all of them, unless something is said."""

    entity: str | None = None
    school: int | None = None
    """The record id of a school; 0 for what belongs to none."""
    items: Collection[int] | None = None
    """Ids of items,"""
    sending: Collection[int] | None = None
    """and of rows of the outbox: where any are named, nothing else is meant."""
    seen: Mapping[int, int] = field(default_factory=dict)
    """By id of an item the run that had planned it as it was seen: one that another has planned
    since is left out."""

    def has(self, named: Collection[int] | None, id_: int) -> bool:
        """Whether something is meant that would be among ``named``, if anything is named."""
        return (self.items is None and self.sending is None) or id_ in (named or ())

    def outdated(self, item: "Waiting") -> bool:
        """Whether it may be something else by now than what was seen."""
        return self.seen.get(item.id, item.run) != item.run


ALL = Which()


class Waiting(NamedTuple):
    """An item that waits."""

    id: int
    link: int
    record: int
    run: int
    """The run that planned it as it is now."""
    reason: str | None
    held_by: str


def waiting(tx: Tx, connector: int, run: int, which: Which) -> dict[str, list[Waiting]]:
    """The items of a connector that wait and were there in a run, by entity as they are read."""
    found: dict[str, list[Waiting]] = {entity: [] for entity in ENTITIES}
    for entity, effects, *item in tx.rows(
        "SELECT streams.entity, effects, items.id, link, record, run, reason, held_by FROM items "
        "JOIN streams ON streams.id = items.stream JOIN links ON links.id = link "
        "WHERE streams.connector = ? AND items.state = 'waiting' AND first_run <= ? "
        "ORDER BY items.id",
        (connector, run),
    ):
        if (
            which.entity in (None, entity)
            and which.school in (None, *schools_of(effects))
            and which.has(which.items, item[0])
        ):
            found[entity].append(Waiting(*item))
    return {entity: items for entity, items in found.items() if items}


def by_id(tx: Tx, items: Iterable[int]) -> dict[str, list[Waiting]]:
    """Those of the items that wait yet, by entity."""
    found: dict[str, list[Waiting]] = {}
    for entity, *item in tx.rows(
        "SELECT streams.entity, items.id, link, record, run, reason, held_by FROM items "
        "JOIN streams ON streams.id = items.stream JOIN links ON links.id = link "
        f"WHERE items.state = 'waiting' AND items.id {AMONG} ORDER BY items.id",
        (json.dumps(list(items)),),
    ):
        found.setdefault(entity, []).append(Waiting(*item))
    return found


def held_back(tx: Tx, connector: int, run: int, which: Which) -> dict[str, list[int]]:
    """The rows of the outbox that limits hold and that were there in a run, by entity.

    Where they count is known when they are judged, so none is of one school.
    """
    found: dict[str, list[int]] = {}
    for entity, row in tx.rows(
        "SELECT streams.entity, outbox.id FROM outbox "
        "JOIN streams ON streams.id = outbox.stream WHERE streams.connector = ? "
        "AND outbox.state = 'held' AND change_set <= ? ORDER BY outbox.id",
        (connector, run),
    ):
        meant = which.entity in (None, entity) and which.school is None
        if meant and which.has(which.sending, row):
            found.setdefault(entity, []).append(row)
    return found


@lru_cache(maxsize=8192)
def schools_of(effects: str) -> tuple[int, ...]:
    """The schools in which an item does anything; 0 stands for the district."""
    found = {school for schools in json.loads(effects).values() for school in schools}
    return tuple(sorted(found)) or (0,)


# -- told in people's terms -------------------------------------------------------------------


@dataclass
class Held:
    """What one rule holds back in one school, of one type of record."""

    entity: str
    school: int | None
    """A record id; 0 for the district; ``None`` for what is to be sent."""
    rule: str
    """A limit (``engine.limits``), ``proof`` or ``identity``."""
    count: int = 0
    of: int | None = None
    """Of how many records of the school, where a limit tells."""
    earlier: int = 0
    """How many the limit counted with them, that were carried out in 24 hours before."""
    limit: float | None = None
    """The share that the limit lets through."""
    times: int = 0
    """In how many syncs it was seen; 0 for what is to be sent."""
    since: str = ""
    """When it was seen first."""
    records: list[int] = field(default_factory=list)
    """Some of them."""

    def add(self, count: int, since: str, some: Iterable[int]) -> None:
        """More of the same."""
        self.count += count
        self.since = min(self.since or since, since)
        self.records = list(dict.fromkeys([*self.records, *some]))[:SAMPLES]


@dataclass(frozen=True)
class Told:
    """What waits, the most first, and what the records and schools in it are called."""

    groups: list[Held]
    titles: Mapping[int, str]
    total: int
    """How many wait: one may stand in several groups, by its schools and by its limits."""


def told(database: Database, run: int) -> Told:
    """What waits for a person of what was there in a run, by type of record, school and rule."""
    found: dict[tuple[str, int | None, str], Held] = {}
    with database.reading() as tx:
        rows = list(
            tx.rows(
                "SELECT streams.entity, items.run, held_by, effects, count(*), max(times), "
                "min(runs.started_at), min(record), max(record) FROM items "
                "JOIN streams ON streams.id = items.stream JOIN links ON links.id = link "
                "JOIN runs ON runs.id = first_run "
                "WHERE items.state = 'waiting' AND first_run <= ?1 "
                "AND streams.connector = (SELECT connector FROM runs WHERE id = ?1) "
                "GROUP BY 1, 2, 3, 4",
                (run,),
            )
        )
        tripped = trips(tx, {row[1] for row in rows})
        sending = list(
            tx.rows(
                "SELECT streams.entity, words, count(*), min(change_sets.at), min(record), "
                "max(record) FROM outbox JOIN streams ON streams.id = outbox.stream "
                "JOIN change_sets ON change_sets.id = change_set "
                "WHERE outbox.state = 'held' AND change_set <= ?1 "
                "AND streams.connector = (SELECT connector FROM runs WHERE id = ?1) "
                "GROUP BY 1, 2",
                (run,),
            )
        )
    for entity, of_run, held_by, effects, count, times, since, *some in rows:
        for rule in held_by.split():
            by_school = tripped.get((of_run, entity, rule), {})
            places = schools_of(effects)
            for school in [one for one in places if one in by_school] or places:
                held = found.setdefault((entity, school, rule), Held(entity, school, rule))
                held.add(count, since, some)
                if (trip := by_school.get(school)) is not None:
                    held.of, held.limit = trip["of"], trip.get("limit")
                    held.earlier = trip.get("earlier", 0)
                held.times = max(held.times, times)
    for entity, held_by, count, since, *some in sending:
        for rule in held_by.split():
            held = found.setdefault((entity, None, rule), Held(entity, None, rule))
            held.add(count, since, some)
    groups = sorted(found.values(), key=lambda one: -one.count)
    wanted = [(group.entity, group.records) for group in groups]
    named = ("orgs", [group.school for group in groups if group.school is not None])
    called = titled(database, {(entity, id_) for entity, ids in wanted for id_ in ids})
    total = sum(row[4] for row in rows) + sum(row[2] for row in sending)
    return Told(groups, reads.titles(database, named) | called, total)


Trips: TypeAlias = Mapping[tuple[int, str, str], Mapping[int, Mapping[str, Any]]]
"""What logs tell of the limits that tripped: by run, entity and rule, then by school."""


def trips(tx: Tx, runs: Collection[int]) -> Trips:
    """The limits that tripped in runs, as ``engine.limits.Trip.parameters`` had it."""
    found: dict[tuple[int, str, str], dict[int, Any]] = {}
    for run, entity, text in tx.rows(
        "SELECT run, entity, parameters FROM run_log WHERE code = 'limit_tripped' "
        f"AND run {AMONG} ORDER BY id",
        (json.dumps(list(runs)),),
    ):
        trip = json.loads(text)
        found.setdefault((run, entity, trip["rule"]), {})[trip["school"]] = trip
    return found


# -- what became of it ------------------------------------------------------------------------


class LeftOut(NamedTuple):
    """A record whose item was not carried out as it was asked for."""

    entity: str
    id: int
    reason: str
    """``moved``, ``conflict``, ``protected``, ``still_there``, ``not_confirmed``, ``identity``,
    ``outside``."""


@dataclass(frozen=True)
class Answer:
    """What became of an approval or a refusal."""

    id: int
    """Its change set."""
    of: int
    applied: int
    """How many of what waited are settled, what may be sent to the SIS now among them."""
    left_out: list[LeftOut]


def seats_left(database: Database, run: int) -> int:
    """How many live enrollments there are of people whom a run removed."""
    with database.reading() as tx:
        row = tx.one(
            'SELECT count(*) FROM enrollments WHERE alive AND "user" IN '
            "(SELECT id FROM users WHERE changed_in = ? AND NOT alive "
            "AND id NOT IN (SELECT record FROM stand_for WHERE settled))",
            (run,),
        )
    assert row is not None
    return int(row[0])


RELEASED = "approval_released"
"""The code with which the log of an approval tells how much may be sent now."""

UNTIED = "records_untied"
"""The code with which a log tells how many a SIS tells of no more and another keeps (D4)."""

LEFT_OUT = "left_out_"
"""How the codes begin with which the log of an approval tells what was left out."""


def approval(database: Database, run: int) -> Answer:
    """What an approval that has ended did."""
    done = reads.run(database, run)
    with database.reading() as tx:
        row = tx.one('SELECT "of" FROM change_sets WHERE id = ?', (run,))
        assert row is not None
        left = [
            LeftOut(entity, record, code.removeprefix(LEFT_OUT))
            for entity, code, told in tx.rows(
                "SELECT entity, code, parameters FROM run_log WHERE run = ? AND code GLOB ? "
                "ORDER BY id",
                (run, f"{LEFT_OUT}*"),
            )
            for record in json.loads(told)["records"]
        ]
        released = sum(
            json.loads(told)["count"]
            for (told,) in tx.rows(
                "SELECT parameters FROM run_log WHERE run = ? AND code = ?", (run, RELEASED)
            )
        )
    return Answer(run, row[0], done.total("read") + done.total("absent") + released, left)
