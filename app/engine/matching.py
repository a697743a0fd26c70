"""Whether a row is a record that another SIS tells of already (SEMANTICS A3, B3).

A row that has no record yet is held against the live records that have no link in its stream and
one in another connector's. A certain and unambiguous match makes its link the link of that record,
with nothing agreed about: what the row says then goes the way of first contact. Where only the
whole stream tells whether it is the only one, it waits for that; whoever is doubtful becomes a
record of its own, and a person is asked (``engine.twins``).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.engine import newcomers
from app.engine.reading import Beside, Reading
from app.engine.reconcile import Values
from app.roster.identity import (
    MARKED,
    SAID_BY_DEMOGRAPHICS,
    TERM_DATES,
    Confidence,
    Rule,
    Told,
    contradiction,
    sought,
    told_of,
)
from app.roster.schema import EntityType
from app.roster.stored import list_text, plain_value
from app.roster.values import UNKNOWN, UNSAID, Plain
from app.store import identities, linkage, matching
from app.store.database import Tx
from app.store.linkage import HELD_ITEM, HELD_MADE, Link
from app.store.matching import Holder

CATCH_UP = 5000
"""Records whose identifiers are noted at once: some 60 ms of work (SEMANTICS C2)."""

SOLE = "sole"
"""Why nothing is said yet: only the whole stream tells whether there is a second one."""
POSSIBLE, AMBIGUOUS = "possible", "ambiguous"
"""Why it is doubtful; otherwise it is what contradicts (``roster.identity.contradiction``)."""


def beside(tx: Tx, stream: int, entity: str) -> Beside | None:
    """What the records of a stream are held against; ``None`` where there is nothing."""
    rules = matching.holding(tx, entity)
    streams = matching.beside(tx, stream) if rules else ()
    return Beside(streams, rules) if streams else None


def look_beside(tx: Tx, reading: Reading) -> None:
    """Another connector may have begun to tell of the entity while this one is read."""
    if reading.beside is None:
        reading.beside = beside(tx, reading.stream.id, reading.entity.name)
    if reading.beside is not None:
        identities.note_marks(tx, reading.entity)
        # Its people are looked for by what is noted of them: as a rule all of it is, by now.
        while identities.catch_up(tx, reading.entity, CATCH_UP):
            pass


class Met(NamedTuple):
    """What the rules say of one row."""

    record: int
    """The record that it is, or may be."""
    rule: Rule
    why: str | None
    """Why that is not certain."""


class Unmatched(NamedTuple):
    """A row that has no record of another SIS yet."""

    record: int
    """The record id that it goes by; 0 for none."""
    values: Values
    """In stored form."""


def meet(
    tx: Tx, entity: EntityType, stream: int, beside: Beside, rows: Sequence[Unmatched]
) -> list[Met | None]:
    """What the rules say of rows, one after the other; no record is found for two of them."""
    return _Meeting(tx, entity, stream, beside, rows).met()


@dataclass
class _Meeting:
    """The rows of a page before the records that they may be."""

    tx: Tx
    entity: EntityType
    stream: int
    beside: Beside
    rows: Sequence[Unmatched]
    told: list[Told] = field(init=False)
    taken: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        same = identities.stand_ins(self.tx, self.entity)
        if same:
            same.learn(one.values for one in self.rows)
            self.rows = [one._replace(values=same.values(one.values)) for one in self.rows]
        self.told = [_told(self.entity, one.values) for one in self.rows]

    def met(self) -> list[Met | None]:
        """What the rules say of each."""
        found = self._by_marks() if self.entity.name == MARKED else self._by_fields()
        if not any(found):
            return [None] * len(self.rows)
        ids = {record for some in found for record in some}
        sides = {record: one for some in found for record, one in some.items()}
        told = {record: _told(self.entity, one.values) for record, one in sides.items()}
        further = self._told_elsewhere(told)
        told = {id_: {**one, **further(id_, one)} for id_, one in told.items()}
        self.told = [
            {**one, **further(row.record, one)}
            for one, row in zip(self.told, self.rows, strict=True)
        ]
        apart = matching.parted(self.tx, ids)
        met = []
        for row, mine_, some in zip(self.rows, self.told, found, strict=True):
            others = {
                id_: one
                for id_, one in some.items()
                if id_ != row.record and _pair(id_, row.record) not in apart
            }
            one = self._one(mine_, others, told) if others else None
            if one is not None and one.why is None:
                self.taken.add(one.record)
            met.append(one)
        return met

    def _told_elsewhere(self, told: Mapping[int, Told]) -> Callable[[int, Told], Told]:
        """What other entities tell of records: birth dates of people, dates of classes' terms."""
        if self.entity.name == MARKED:
            ids = {*told, *(one.record for one in self.rows if one.record)}
            born = matching.birth_dates(self.tx, ids)
            return lambda id_, _: {SAID_BY_DEMOGRAPHICS: born.get(id_)}
        if self.entity.name == "classes":
            sides = (*told.values(), *self.told)
            terms = {term for one in sides for term in one["terms"] or ()}
            dates = matching.term_dates(self.tx, terms)
            return lambda _, one: {
                TERM_DATES: tuple(dates[term] for term in one["terms"] or () if term in dates)
            }
        return lambda _id, _one: {}

    def _one(self, mine: Told, some: Mapping[int, Holder], told: Mapping[int, Told]) -> Met | None:
        first: Met | None = None
        for rule in self.beside.rules:
            agreed = [id_ for id_ in some if rule.agree(mine, told[id_])]
            free = [
                id_
                for id_ in agreed
                if some[id_].elsewhere and not some[id_].here and id_ not in self.taken
            ]
            if not free:
                continue
            nearest = _nearest(rule, mine, told, free)
            if first is not None:
                if first.why is None and rule.confidence is Confidence.CERTAIN and (
                    first.record not in nearest and not rule.sole
                ):  # fmt: skip
                    return first._replace(why=AMBIGUOUS)
                continue
            record = min(nearest)
            against = contradiction(self.entity.name, mine, told[record])
            if rule.confidence is Confidence.POSSIBLE:
                first = Met(record, rule, POSSIBLE)
            elif len(nearest) > 1 or (rule.sole and _rivals(rule, record, agreed, some, told)):
                first = Met(record, rule, AMBIGUOUS)
            elif against:
                first = Met(record, rule, against)
            else:
                first = Met(record, rule, SOLE if rule.sole else None)
        return first

    def _by_marks(self) -> list[dict[int, Holder]]:
        """The records that have anything in common with each row by which people are found."""
        texts = [sought(self.entity, one.values) for one in self.rows]
        records = matching.marked(self.tx, set().union(*texts))
        ids = {record for some in records.values() for record in some}
        sides = {
            one.record: one
            for one in matching.holders_by_id(
                self.tx, self.entity, self.stream, self.beside.streams, ids
            )
        }
        return [
            {id_: sides[id_] for text in one for id_ in records.get(text, ()) if id_ in sides}
            for one in texts
        ]

    def _by_fields(self) -> list[dict[int, Holder]]:
        """The records that have the fields of any rule in common with each row."""
        found: list[dict[int, Holder]] = [{} for _ in self.rows]
        for same in dict.fromkeys(rule.same for rule in self.beside.rules):
            keys = [_key(same, told) for told in self.told]
            asked = {
                name: {key[place] for key in keys if key is not None}
                for place, name in enumerate(same)
            }
            if not asked[same[0]]:
                continue
            by_key: dict[tuple[Plain, ...], list[Holder]] = {}
            for one in matching.holders_of(
                self.tx, self.entity, self.stream, self.beside.streams, asked
            ):
                by_key.setdefault(_key_of(self.entity, same, one.values), []).append(one)
            for some, key in zip(found, keys, strict=True):
                if key is not None:
                    some.update((one.record, one) for one in by_key.get(key, ()))
        return found


def _rivals(
    rule: Rule,
    record: int,
    agreed: Sequence[int],
    some: Mapping[int, Holder],
    told: Mapping[int, Told],
) -> bool:
    """Whether a rule that holds of one alone holds of others, at either SIS."""
    return any(
        not some[id_].here or rule.agree(told[id_], told[record]) for id_ in agreed if id_ != record
    )


def _nearest(rule: Rule, mine: Told, told: Mapping[int, Told], ids: Sequence[int]) -> list[int]:
    """Those that are nearest by the rule."""
    if rule.apart is None or len(ids) < 2:
        return list(ids)
    far = {id_: rule.apart(mine, told[id_]) for id_ in ids}
    least = min(far.values())
    nearest = [id_ for id_ in ids if far[id_] == least]
    return [min(nearest)] if rule.any_of and not least else nearest


def _told(entity: EntityType, values: Values) -> Told:
    """What the rules look at, of a row in stored form."""
    return {
        one.name: None
        if (value := values[one.index]) is UNSAID or value is UNKNOWN
        else plain_value(one, value)
        for one in told_of(entity)
    }


def _key(same: Sequence[str], told: Told) -> tuple[Plain, ...] | None:
    """The values of some fields; ``None`` where any is blank."""
    key = tuple(told[name] for name in same)
    return None if None in key else key


def _key_of(entity: EntityType, same: Sequence[str], values: Values) -> tuple[Plain, ...]:
    return tuple(values[entity.by_name[name].index] for name in same)


def _pair(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


# -- rows of a page ---------------------------------------------------------------------------


@dataclass
class Sorted:
    """What became of the rows of a page that had no record, by key."""

    adopted: dict[str, Link] = field(default_factory=dict)
    """Links that are those of records of other SISs from now on."""
    waiting: dict[str, Met] = field(default_factory=dict)
    """Those of which only the whole stream tells."""
    doubtful: dict[str, Met] = field(default_factory=dict)


def sort(
    tx: Tx,
    reading: Reading,
    rows: Sequence[tuple[str, Values]],
    links: Mapping[str, Link],
    new: Mapping[str, tuple[int, int]],
    bodiless: Iterable[int],
) -> Sorted:
    """Finds the records of rows, by key; what is certain is done.

    ``new`` has the (link, record) ids for keys that nobody mentioned before, ``bodiless`` the
    records of links of which nothing but a tombstone ever came.
    """
    found = Sorted()
    if reading.beside is None:
        return found
    empty = set(bodiless)
    open_ = [
        (key, values)
        for key, values in rows
        if key in new or (key in links and _waits_for_a_row(links[key], empty))
    ]
    if not open_:
        return found
    ids = {key: new[key] if key in new else (links[key].id, links[key].record) for key, _ in open_}
    unmatched = [Unmatched(ids[key][1] if key in links else 0, values) for key, values in open_]
    met = meet(tx, reading.entity, reading.stream.id, reading.beside, unmatched)
    sure: list[tuple[str, int]] = []
    for (key, _), one in zip(open_, met, strict=True):
        if one is None:
            continue
        if one.why is None:
            sure.append((key, one.record))
        elif one.why == SOLE:
            found.waiting[key] = one
        else:
            found.doubtful[key] = one
    if sure:
        found.adopted = _adopt(tx, reading, sure, ids, links)
    marks = []
    for (key, values), one in zip(open_, met, strict=True):
        if one is not None and one.why == SOLE:
            mark = waiting_mark(reading.stream.id, one.rule, reading.entity, values)
            marks.append((mark, ids[key][1]))
    matching.note_waiting(tx, marks)
    return found


def _waits_for_a_row(link: Link, bodiless: set[int]) -> bool:
    """Whether a link has no record behind it yet; one that was made here has."""
    if link.held & HELD_MADE:
        return False
    return link.alive is None or link.record in bodiless


def waiting_mark(stream: int, rule: Rule, entity: EntityType, values: Values) -> str:
    """What rows of a stream have in common that are the same to a rule, as a text."""
    told = _told(entity, values)
    key = [*(told[name] for name in rule.same), *(str(told[name])[:10] for name in rule.reads)]
    return f"waits:{stream}:{rule.name}:{list_text(tuple(key))}"


def _adopt(
    tx: Tx,
    reading: Reading,
    sure: Sequence[tuple[str, int]],
    ids: Mapping[str, tuple[int, int]],
    links: Mapping[str, Link],
) -> dict[str, Link]:
    """(key, record): the link of the key is the record's from now on; nothing is agreed yet."""
    stream, scope = reading.stream.id, reading.scope
    linkage.insert_links(
        tx,
        [
            (ids[key][0], stream, key, record, 1, 0, scope, None, None, None)
            for key, record in sure
            if key not in links
        ],
    )
    mentioned = [(key, record) for key, record in sure if key in links]
    linkage.adopt(tx, [(record, scope, links[key].id) for key, record in mentioned])
    newcomers.forget(
        tx, reading, [links[key].id for key, _ in mentioned if links[key].held & HELD_ITEM]
    )
    # Who was mentioned by the key before means the record.
    identities.stand_for_good(tx, [(links[key].record, record) for key, record in mentioned])
    reading.matched += len(sure)
    return {
        key: Link(
            ids[key][0],
            record,
            True,
            links[key].held & ~HELD_ITEM if key in links else 0,
            None,
        )
        for key, record in sure
    }
