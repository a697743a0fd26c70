"""The roster as it was, and what became of it between two moments, by school and record type."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from app.engine import naming
from app.engine.judging import schools_of
from app.engine.limits import DISTRICT
from app.engine.saving import csv_value, exported, table
from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.roster.values import instant_text
from app.store import asof, finding, reads, search
from app.store.asof import Moment
from app.store.database import Database
from app.store.differences import titled
from app.store.listing import CHANGED, CREATED, REMOVED, RETURNED, Written
from app.store.sizes import passed
from app.store.stories import Group, by_name
from app.text import _

_NUMBER = re.compile(r"#?([0-9]{1,18})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

NOW = "now"
"""How a person names what stands now."""

CAME, LEFT = "came", "left"
"""What becomes of a record in a school, beside ``listing.CHANGED``."""

Counts: TypeAlias = Mapping[int, Mapping[str, int]]
"""Of each school how many records of each type; what has no school is the district's."""

SAVED_AT_ONCE = 2000


def moment(database: Database, words: str) -> Moment:
    """The moment that a person names: a day (its end), a day and time of here, ``now``, or “#812”,
    the end of that change set. Raises ``NotFound`` and ``UsageError``.
    """
    text = words.strip()
    if text.casefold() == NOW:
        return asof.NOW
    if number := _NUMBER.fullmatch(text):
        return asof.after(database, int(number[1]))
    try:
        instant = datetime.fromisoformat(f"{text}T23:59:59" if _DAY.fullmatch(text) else text)
        return asof.at(database, instant_text(instant.astimezone()))
    except (ValueError, OverflowError):
        raise UsageError("as_of_unreadable", when=words) from None


def in_order(one: Moment, other: Moment) -> tuple[Moment, Moment]:
    """Two moments, the earlier first."""
    return (one, other) if one.change_set <= other.change_set else (other, one)


@dataclass(frozen=True)
class Then:
    """How many there were, by school."""

    counts: Counts
    schools: Mapping[int, str]
    """The schools by name; what has none is the district's."""
    totals: Mapping[str, int]
    """How many of each type; somebody in two schools is counted once."""


def then(database: Database, moment: Moment) -> Then:
    """How many there were of each type in each school."""
    found: dict[int, Counter[str]] = {}
    totals = Counter[str]()
    with asof.roster(database, moment) as past:
        for entity, told in asof.by_school(past).items():
            for place, count in told:
                totals[entity] += count
                for school in schools_of(ENTITIES[entity], place, today=""):
                    found.setdefault(school, Counter())[entity] += count
        return Then(found, _schools(past, found), totals)


def _schools(database: Database, schools: Mapping[int, object]) -> dict[int, str]:
    """Schools by name, what is the district's last."""
    names = reads.titles(database, ("orgs", [one for one in schools if one != DISTRICT]))
    told = {one: names.get(one) or f"#{one}" for one in schools if one != DISTRICT}
    arranged = dict(sorted(told.items(), key=lambda one: one[1].casefold()))
    return arranged | ({DISTRICT: _("The district")} if DISTRICT in schools else {})


def found(
    database: Database, moment: Moment, entity: str, school: int | None = None, word: str = ""
) -> list[int]:
    """The ids of the records that there were, by name: of a type, of a school or of all, with a
    word."""
    with asof.roster(database, moment, entities=passed(ENTITIES[entity])) as past:
        ids = finding.find(past, entity, word.strip() or None)
        if school is not None:
            type_, places = ENTITIES[entity], finding.places(past, entity, ids)
            ids = [id_ for id_ in ids if school in schools_of(type_, places.get(id_), today="")]
        return by_name(past, entity, ids)


def names(
    database: Database, moment: Moment, entity: str, ids: Sequence[int]
) -> dict[int, tuple[str, str]]:
    """What records were called, and what else to know them by."""
    type_ = ENTITIES[entity]
    with asof.roster(database, moment, only=ids) as past:
        told = [reads.references(type_, row) for row in reads.records(past, entity, ids)]
    # Whom they are called after may have had another name then, too.
    named = {id_ for references in told for _target, some in references for id_ in some}
    with asof.roster(database, moment, only=named.union(ids)) as past:
        called = titled(past, [(entity, id_) for id_ in ids])
        known = search.named(past, [(entity, id_) for id_ in ids])
    return {
        id_: (called[id_], naming.about(one, with_ended=False)) for (_e, id_), one in known.items()
    }


def save(path: Path, database: Database, moment: Moment, entity: str, ids: Sequence[int]) -> int:
    """Saves records as they were, as CSV; how many. Raises as ``saving.saved``."""
    type_ = ENTITIES[entity]
    count = 0
    with (
        asof.roster(database, moment) as past,
        table(path, ["id", *type_.field_names]) as write,
    ):
        for start in range(0, len(ids), SAVED_AT_ONCE):
            for row in reads.records(past, entity, ids[start : start + SAVED_AT_ONCE]):
                write([csv_value(value) for value in exported(type_, row).values()])
                count += 1
    return count


# -- two moments --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """What became of the roster between two moments, all in all."""

    written: Mapping[tuple[str, int], Written]
    """What became of whom, by entity and record."""
    counts: Mapping[int, Mapping[tuple[str, str], int]]
    """Of each school how many records of a type came, left or were changed: by (type, what)."""
    schools: Mapping[int, str]
    totals: Mapping[tuple[str, str], int]
    """The same of the whole roster, in which somebody who changed schools was changed."""
    of_school: Mapping[tuple[str, int], frozenset[int]] = field(default_factory=dict)
    """The schools that each record came to, left, or was changed in."""

    def about(self, groups: Sequence[Group]) -> list[Written]:
        """What became of the records of some groups."""
        keys = ((entity, id_) for one in groups for entity, ids in one.records for id_ in ids)
        return [self.written[key] for key in keys if key in self.written]

    def within(self, school: int | None) -> list[Written]:
        """What became of records in a school, or in all."""
        return [
            one
            for key, one in self.written.items()
            if school is None or school in self.of_school.get(key, ())
        ]


_OVERALL = {CREATED: CAME, RETURNED: CAME, REMOVED: LEFT}


def compared(database: Database, earlier: Moment, later: Moment) -> Compared:
    """Who came, who left and who was changed from one moment to another: the net of it.

    Who went from one school to another left the one and came to the other.
    """
    told = asof.between(database, earlier, later)
    written = {(one.entity, one.record): one for one in told}
    was = _places(database, earlier, [one for one in told if one.what in (REMOVED, CHANGED)])
    is_ = _places(database, later, [one for one in told if one.what != REMOVED])
    counts: dict[int, Counter[tuple[str, str]]] = {}
    where: dict[tuple[str, int], frozenset[int]] = {}
    for key in written:
        before, after = was.get(key, frozenset()), is_.get(key, frozenset())
        where[key] = before | after
        for what, schools in (
            (LEFT, before - after), (CAME, after - before), (CHANGED, before & after),
        ):  # fmt: skip
            for school in schools:
                counts.setdefault(school, Counter())[key[0], what] += 1
    names = _schools(database, counts)
    totals = Counter((one.entity, _OVERALL.get(one.what, one.what)) for one in told)
    return Compared(written, counts, names, totals, where)


def _places(
    database: Database, moment: Moment, written: Sequence[Written]
) -> dict[tuple[str, int], frozenset[int]]:
    """The schools in which records counted at a moment."""
    by_entity: dict[str, list[int]] = {}
    for one in written:
        by_entity.setdefault(one.entity, []).append(one.record)
    found: dict[tuple[str, int], frozenset[int]] = {}
    if not by_entity:
        return found
    needed = {one for entity in by_entity for one in passed(ENTITIES[entity])}
    with asof.roster(database, moment, entities=needed) as past:
        for entity, ids in by_entity.items():
            places = finding.places(past, entity, ids)
            type_ = ENTITIES[entity]
            for id_ in ids:
                found[entity, id_] = frozenset(schools_of(type_, places.get(id_), today=""))
    return found
