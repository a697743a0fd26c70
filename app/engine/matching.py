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
from app.roster import persons
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
from app.store import identities, linkage, matching, outbox, twins
from app.store.database import Tx
from app.store.linkage import HELD_ITEM, HELD_MADE, Link
from app.store.matching import Holder

CATCH_UP = 5000
"""Records whose identifiers are noted at once: some 60 ms of work (SEMANTICS C2)."""

FEW, TOO_MANY = 10, 0.2
"""A rule about people is not trusted once it held of more than so many who are plainly somebody
else, and they are more than such a part of all: the two systems number people each in its own way.
"""

SOLE = "sole"
"""Why nothing is said yet: only the whole stream tells whether there is a second one."""
POSSIBLE, AMBIGUOUS, MISTRUSTED, TAKEN = "possible", "ambiguous", "mistrusted", twins.TAKEN
"""Why it is doubtful; otherwise it is what contradicts (``roster.identity.contradiction``)."""


def beside(tx: Tx, stream: int, entity: str) -> Beside | None:
    """What the records of a stream are held against; ``None`` where there is nothing."""
    rules = matching.holding(tx, entity)
    streams = matching.beside(tx, stream) if rules else ()
    if not streams:
        return None
    doubted = matching.mistrusted(tx, stream)
    # What is not trusted has the last word, and a small one.
    return Beside(streams, tuple(sorted(rules, key=lambda it: it.name in doubted)), doubted)


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
    _sharing: dict[tuple[str, Plain], list[Told]] = field(init=False)

    def __post_init__(self) -> None:
        same = identities.stand_ins(self.tx, self.entity)
        if same:
            same.learn(one.values for one in self.rows)
            self.rows = [one._replace(values=same.values(one.values)) for one in self.rows]
        self.told = [told_by(self.entity, one.values) for one in self.rows]

    def met(self) -> list[Met | None]:
        """What the rules say of each."""
        found = self._by_marks() if self.entity.name == MARKED else self._by_fields()
        if not any(found):
            return [None] * len(self.rows)
        ids = {record for some in found for record in some}
        sides = {record: one for some in found for record, one in some.items()}
        told = {record: told_by(self.entity, one.values) for record, one in sides.items()}
        further = self._told_elsewhere(told)
        told = {id_: {**one, **further(id_, one)} for id_, one in told.items()}
        self.told = [
            {**one, **further(row.record, one)}
            for one, row in zip(self.told, self.rows, strict=True)
        ]
        self._sharing = self._share()
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
        further: Met | None = None
        for rule in self.beside.rules:
            agreed = [id_ for id_ in some if rule.agree(mine, told[id_])]
            free = [
                id_
                for id_ in agreed
                if some[id_].elsewhere and not some[id_].here and id_ not in self.taken
            ]
            if rule.shared and not self._is_alone(rule, mine, agreed, free, told):
                continue
            if not free:
                further = further or self._further(rule, mine, agreed, some, told)
                continue
            nearest = _nearest(rule, mine, told, free)
            if first is not None and first.record in nearest:
                continue
            against = {id_: contradiction(self.entity.name, mine, told[id_]) for id_ in nearest}
            record = min(nearest, key=lambda id_: (against[id_] is not None, id_))
            if rule.name in self.beside.mistrusted:
                if first is None and not against[record]:
                    first = Met(record, rule, MISTRUSTED)
                continue
            if first is not None:
                certain = rule.confidence is Confidence.CERTAIN and not rule.sole
                if certain:
                    # Two come into question: nobody is chosen, and the likelier one is named.
                    if first.why in (None, AMBIGUOUS) or against[record]:
                        first = first._replace(why=first.why or AMBIGUOUS)
                    else:
                        first = Met(record, rule, AMBIGUOUS)
                continue
            if rule.confidence is Confidence.POSSIBLE:
                first = Met(record, rule, POSSIBLE)
            elif len(nearest) > 1 or (rule.sole and _rivals(rule, record, agreed, some, told)):
                first = Met(record, rule, AMBIGUOUS)
            elif against[record]:
                first = Met(record, rule, against[record])
            else:
                first = Met(record, rule, SOLE if rule.sole else None)
        return first or further

    def _is_alone(
        self,
        rule: Rule,
        mine: Told,
        agreed: Sequence[int],
        free: Sequence[int],
        told: Mapping[int, Told],
    ) -> bool:
        """Whether what families share is one person's at either SIS, whose names agree as well."""
        if len(agreed) != 1 or agreed != free or not persons.namesakes(mine, told[agreed[0]]):
            return False
        assert rule.shared is not None
        others = (one for it in rule.shared(mine) for one in self._sharing[rule.name, it])
        return not any(one is not mine and rule.agree(mine, one) for one in others)

    def _share(self) -> dict[tuple[str, Plain], list[Told]]:
        """The rows of the page by what families share, for each rule that compares such."""
        found: dict[tuple[str, Plain], list[Told]] = {}
        for rule in self.beside.rules:
            for one in self.told if rule.shared else ():
                for it in rule.shared(one) if rule.shared else ():
                    found.setdefault((rule.name, it), []).append(one)
        return found

    def _further(
        self,
        rule: Rule,
        mine: Told,
        agreed: Sequence[int],
        some: Mapping[int, Holder],
        told: Mapping[int, Told],
    ) -> Met | None:
        """Somebody whom this SIS and another tell of already, and whom this row fits as well."""
        trusted = rule.name not in self.beside.mistrusted
        if self.entity.name != MARKED or rule.confidence is not Confidence.CERTAIN or not trusted:
            return None
        fits = [
            id_
            for id_ in agreed
            if some[id_].elsewhere
            and (some[id_].here or id_ in self.taken)
            and contradiction(MARKED, mine, told[id_]) is None
        ]
        return Met(min(fits), rule, TAKEN) if fits else None

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


def told_by(entity: EntityType, values: Values) -> Told:
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
    if _is_refuted(tx, reading, met):
        met = meet(tx, reading.entity, reading.stream.id, reading.beside, unmatched)
    if not reading.fresh and any(met):
        # Who may be somebody that this SIS told of under another key waits until it is known (D5).
        stream, values_ = reading.stream.id, [values for _, values in open_]
        own = newcomers.matches(tx, stream, reading.entity, values_)
        met = [
            None if one is None or some - {one.record} else one
            for one, some in zip(met, own, strict=True)
        ]
    sure: list[tuple[str, int]] = []
    weak: list[int] = []
    for (key, _), one in zip(open_, met, strict=True):
        if one is None:
            continue
        if one.why is None:
            sure.append((key, one.record))
            weak += [ids[key][0]] if one.rule.shared else []
        elif one.why == SOLE:
            found.waiting[key] = one
        else:
            found.doubtful[key] = one
    if sure:
        found.adopted = _adopt(tx, reading, sure, ids, links)
        matching.note_weak(tx, weak, reading.run)
    marks = []
    for (key, values), one in zip(open_, met, strict=True):
        if one is not None and one.why == SOLE:
            mark = waiting_mark(reading.stream.id, one.rule, reading.entity, values)
            marks.append((mark, ids[key][1]))
    matching.note_waiting(tx, marks)
    return found


def _is_refuted(tx: Tx, reading: Reading, met: Iterable[Met | None]) -> bool:
    """Whether a rule about people is not to be trusted any more, after the rows of a page."""
    if reading.entity.name != MARKED or reading.beside is None:
        return False
    found = [one for one in met if one is not None and one.rule.confidence is Confidence.CERTAIN]
    reading.held_of.update(one.rule.name for one in found)
    refuted = [one for one in found if one.why not in (None, AMBIGUOUS, MISTRUSTED, TAKEN)]
    reading.refuted.update(one.rule.name for one in refuted)
    doubted = {
        name
        for name, n in reading.refuted.items()
        if n > max(FEW, TOO_MANY * reading.held_of[name])
    } - reading.beside.mistrusted
    if doubted:
        matching.mistrust(tx, reading.stream.id, doubted)
        reading.beside = beside(tx, reading.stream.id, reading.entity.name)
    return bool(doubted)


def _waits_for_a_row(link: Link, bodiless: set[int]) -> bool:
    """Whether a link has no record behind it yet; one that was made here has."""
    if link.held & HELD_MADE:
        return False
    return link.alive is None or link.record in bodiless


def waiting_mark(stream: int, rule: Rule, entity: EntityType, values: Values) -> str:
    """What rows of a stream have in common that are the same to a rule, as a text."""
    told = told_by(entity, values)
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
    outbox.made_otherwise(tx, [record for _, record in sure])
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
