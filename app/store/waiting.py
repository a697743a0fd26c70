"""What waits for a person: which items, held by what, since when, and what became of an approval.

An item waits at most once a link, whichever runs saw it again (SEMANTICS E3); so what waited in a
run is what still waits and was there by then.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from app.roster.entities import ENTITIES
from app.store import reads, records
from app.store.database import Database, Tx
from app.store.records import Item

IDENTITY = "identity"
"""Holds items until a person has said whether two records are the same (SEMANTICS D5)."""

SAMPLES = 3
"""So many records are named where there are more."""


@dataclass(frozen=True)
class Which:
    """Which of the items that wait: all of them, unless something is said."""

    entity: str | None = None
    school: int | None = None
    """The record id of a school; 0 for what belongs to none."""
    items: Collection[int] | None = None
    """Ids of items."""


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
        "WHERE streams.connector = ? AND state = 'waiting' AND first_run <= ? ORDER BY items.id",
        (connector, run),
    ):
        if which.entity not in (None, entity) or (which.items is not None and item[0] not in which.items):
            continue
        if which.school in (None, *_schools(effects)):
            found[entity].append(Waiting(*item))
    return {entity: items for entity, items in found.items() if items}


def still_waiting(tx: Tx, items: Iterable[int]) -> list[Item]:
    """The items that wait yet, by id."""
    return [
        Item(*row)
        for row in tx.rows(
            f"{records.ITEM} WHERE items.id IN (SELECT value FROM json_each(?)) "
            "AND state = 'waiting' ORDER BY items.id",
            (json.dumps(list(items)),),
        )
    ]


@lru_cache(maxsize=8192)
def _schools(effects: str) -> tuple[int, ...]:
    """The schools in which an item does anything; 0 stands for the district."""
    found = {school for schools in json.loads(effects).values() for school in schools}
    return tuple(sorted(found)) or (0,)


# -- told in people's terms -------------------------------------------------------------------


@dataclass
class Group:
    """What one rule holds back in one school, of one type of record."""

    entity: str
    school: int
    """A record id; 0 for the district."""
    rule: str
    """A limit (``engine.limits``), ``proof`` or ``identity``."""
    count: int = 0
    of: int | None = None
    """Of how many records of the school, where a limit tells."""
    times: int = 0
    """In how many syncs it was seen."""
    since: str = ""
    """When it was seen first."""
    records: list[int] = field(default_factory=list)
    """Some of them."""


@dataclass(frozen=True)
class Told:
    """What waits, the most first, and what the records and schools in it are called."""

    groups: list[Group]
    titles: Mapping[int, str]


def told(database: Database, run: int) -> Told:
    """What waits for a person of what was there in a run, by type of record, school and rule."""
    found: dict[tuple[str, int, str], Group] = {}
    with database.reading() as tx:
        rows = list(
            tx.rows(
                "SELECT streams.entity, items.run, held_by, effects, count(*), max(times), "
                "min(runs.started_at), min(record), max(record) FROM items "
                "JOIN streams ON streams.id = items.stream JOIN links ON links.id = link "
                "JOIN runs ON runs.id = first_run WHERE state = 'waiting' AND first_run <= ?1 "
                "AND streams.connector = (SELECT connector FROM runs WHERE id = ?1) "
                "GROUP BY 1, 2, 3, 4",
                (run,),
            )
        )
        tripped = _tripped(tx, {row[1] for row in rows})
    for entity, of_run, held_by, effects, count, times, since, *some in rows:
        for rule in held_by.split():
            trips = tripped.get((of_run, entity, rule), {})
            schools = _schools(effects)
            for school in [one for one in schools if one in trips] or schools:
                group = found.setdefault((entity, school, rule), Group(entity, school, rule))
                group.count += count
                group.of = trips.get(school, group.of)
                group.times = max(group.times, times)
                group.since = min(group.since or since, since)
                group.records += [one for one in dict.fromkeys(some) if one not in group.records]
    groups = sorted(found.values(), key=lambda one: -one.count)
    for group in groups:
        del group.records[SAMPLES:]
    wanted = [(group.entity, group.records) for group in groups]
    schools = [group.school for group in groups]
    return Told(groups, reads.titles(database, ("orgs", schools), *wanted))


def _tripped(tx: Tx, runs: Collection[int]) -> dict[tuple[int, str, str], dict[int, int]]:
    """Of how many records each limit that tripped told: by run, entity and rule, then school."""
    found: dict[tuple[int, str, str], dict[int, int]] = {}
    for run, entity, text in tx.rows(
        "SELECT run, entity, parameters FROM run_log WHERE code = 'limit_tripped' "
        "AND run IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(list(runs)),),
    ):
        trip = json.loads(text)
        found.setdefault((run, entity, trip["rule"]), {})[trip["school"]] = trip["of"]
    return found


# -- what became of it ------------------------------------------------------------------------


class LeftOut(NamedTuple):
    """A record whose item was not carried out as it was asked for."""

    entity: str
    id: int
    reason: str
    """``moved``, ``conflict``, ``protected``, ``still_there``, ``not_confirmed``, ``identity``."""


@dataclass(frozen=True)
class Answer:
    """What became of an approval or a refusal."""

    id: int
    """Its change set."""
    of: int
    applied: int
    left_out: list[LeftOut]


LEFT_OUT = "left_out_"
"""How the codes begin with which the log of an approval tells what was left out."""


def approval(database: Database, run: int) -> Answer:
    """What an approval that has ended did."""
    done = reads.run(database, run)
    with database.reading() as tx:
        row = tx.one('SELECT "of" FROM change_sets WHERE id = ?', (run,))
    assert row is not None
    left = [
        LeftOut(line.entity or "", record, line.code.removeprefix(LEFT_OUT))
        for line in reads.run_log(database, run)
        if line.code.startswith(LEFT_OUT)
        for record in json.loads(str(line.parameters["records"]))
    ]
    return Answer(run, row[0], done.total("updated") + done.total("deleted"), left)
