"""What a person said of who is whom, taken back (SEMANTICS D5, G2).

Two that were made one are parted, with all that their SISs tell of each; two that were told apart
may be one again. Either way it is asked once more what was asked then. Two that were parted by hand
are one again.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.engine import identity, merging, parting, twins
from app.engine.reconcile import Values
from app.engine.weigh import planned_values, with_local
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType
from app.roster.values import UNKNOWN, Plain
from app.store import history, identities, linkage, matching, outbox, records, takes, united
from app.store.codec import encode
from app.store.database import Tx
from app.store.records import Record
from app.store.united import Pair


@dataclass(frozen=True)
class Part:
    """Links that became another record's, and are to be those of a record of their own."""

    entity: str
    record: int
    """Whose they were,"""
    into: int
    """and whose they are."""
    links: tuple[int, ...]


class SentBack(NamedTuple):
    """What a SIS is sent of a record, as far as it still holds what it holds now."""

    stream: int
    entity: str
    record: int
    fields: Mapping[str, tuple[Plain, Plain]]
    """What it holds and what it gets, in stored form; ``alive`` where it is deleted there."""


@dataclass
class Unsaid:
    """What is to be taken back, and what cannot be."""

    parts: list[Part] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    """Who were told apart, and are asked about again."""
    unions: list[Pair] = field(default_factory=list)
    """Who were one and were parted by hand: they are one again."""
    covered: set[int] = field(default_factory=set)
    """All records that it is about."""

    @property
    def counts(self) -> tuple[Counter[str], Counter[str], Counter[str]]:
        """How many are parted, are asked about, and become one again, by entity."""
        parts, pairs = (Counter(one.entity for one in some) for some in (self.parts, self.pairs))
        return parts, pairs, Counter(one.entity for one in self.unions)


def found(tx: Tx, sets: Collection[int]) -> Unsaid:
    """What change sets said that can be taken back now."""
    rows = united.united(tx, sets)
    twins_ = history.twins(tx, sets)
    # Who was parted by hand was one before, and does not become so again by being asked about.
    apart = united.told_apart(tx, sets)
    parted = [one for one in apart if twins_.get(one.one) == one.other]
    unsaid = Unsaid([], [one for one in apart if one not in parted], _can_be_one(tx, parted))
    unsaid.covered = {id_ for one in unsaid.pairs for id_ in (one.one, one.other)}
    meant = identities.originals(tx, {one.into for one in rows})
    there = {one.id: one for one in linkage.links_by_id(tx, [one.link for one in rows])}
    keepers = linkage.links_of(tx, {meant.get(one.into, one.into) for one in rows})
    moved: dict[tuple[str, int, int], list[int]] = {}
    for row in rows:
        into = meant.get(row.into, row.into)
        unsaid.covered |= {row.record}
        if row.link in there and there[row.link].record == into:
            moved.setdefault((row.entity, row.record, into), []).append(row.link)
        else:
            unsaid.covered |= {row.into, into}
    going = {link for links in moved.values() for link in links}
    for (entity, record, into), links in moved.items():
        if any(one.record == into and one.alive and one.id not in going for one in keepers):
            unsaid.parts.append(Part(entity, record, into, tuple(links)))
            unsaid.covered |= {record, into}
    if unsaid.parts or unsaid.unions:
        # With them goes what was told of both, such as their seats.
        unsaid.covered |= twins_.keys() | set(twins_.values())
    return unsaid


def _can_be_one(tx: Tx, parted: Sequence[Pair]) -> list[Pair]:
    """Those who were parted, and can be one again: both live, and no SIS tells of both."""
    able = []
    for entity in ENTITIES:
        pairs = [(pair.one, pair.other) for pair in parted if pair.entity == entity]
        refused = merging.weighed(tx, entity, pairs).refused if pairs else {}
        able += [
            Pair(entity, *pair) for pair in pairs if refused.get(pair) in (None, merging.APART)
        ]
    return able


def sent_back(tx: Tx, sets: Collection[int], unsaid: Unsaid) -> Iterator[SentBack]:
    """What SISs would be sent where two are parted, that each says again what it said itself."""
    for part in unsaid.parts:
        type_ = ENTITIES[part.entity]
        after = parting.sides(tx, part.entity, part.into, part.links)
        kept = records.read_records(tx, part.entity, [part.into])[part.into]
        again, blank = _given_back(tx, sets, part, after.goes, after.stays)
        goes = with_local(after.goes, again)
        stays = with_local(after.stays, dict.fromkeys(blank))
        layouts = records.known_layouts(tx, part.entity)
        links = {one.id: one for one in linkage.links_of(tx, [part.into]) if one.alive}
        keys, writes = linkage.keys_of(tx, list(links)), takes.by_stream(tx)
        for id_, base in linkage.link_bases(tx, list(links)).items():
            agreed, stream = layouts.base(base), links[id_].stream
            wanted = goes if id_ in part.links else stays
            fields = {
                name: (agreed[place], wanted[place])
                for name in takes.fields_taken(writes.get(stream), keys[id_])
                for place in [type_.by_name[name].index]
                if agreed[place] is not UNKNOWN and agreed[place] != wanted[place]
                if id_ in part.links or wanted[place] != kept.values[place]
            }
            if fields:
                yield SentBack(stream, part.entity, part.into, fields)


def carry_out(tx: Tx, undo: int, now: str, sets: Collection[int], unsaid: Unsaid) -> None:
    """Takes it back, in the change set of an undo."""
    matching.forget(tx, [(pair.one, pair.other) for pair in unsaid.unions])
    for pair in unsaid.unions:
        # Those that belong to both may be one by now, with those that they belong to.
        identity.unite(tx, undo, now, pair.entity, [(pair.other, pair.one)])
    for one in unsaid.parts:
        new = parting.part(tx, undo, one.entity, one.into, one.links, for_good=False)
        _give_back(tx, undo, sets, one, new)
        # Who had to make room for the other was the record before.
        made = history.created_in(tx, sets)[one.entity]
        twins.ask_before_made(tx, one.entity, None, [new, *made])
    for entity in {pair.entity for pair in unsaid.pairs}:
        pairs = [(pair.one, pair.other) for pair in unsaid.pairs if pair.entity == entity]
        matching.forget(tx, pairs)
        nothing = encode({})
        rows = [(id_, None, nothing, nothing, None) for pair in pairs for id_ in pair]
        records.log_changes(tx, undo, entity, rows)
        twins.ask_before_made(tx, entity, None, {max(pair) for pair in pairs})


def _give_back(tx: Tx, undo: int, sets: Collection[int], part: Part, new: int) -> None:
    """What was written here of the one before, and no SIS tells, is that one's again."""
    entity = ENTITIES[part.entity]
    there = records.read_records(tx, part.entity, (part.into, new))
    kept, own = there[part.into], there[new]
    again, blank = _given_back(tx, sets, part, own.values, kept.values)
    if not again:
        return
    sides = [(own, again), (kept, dict.fromkeys(blank))]
    changed = [(one, one.alive, with_local(one.values, values)) for one, values in sides]
    records.update_records(tx, part.entity, undo, changed)
    records.log_changes(tx, undo, part.entity, [
        (one.id, None, encode(planned_values(entity, {n: one.values[n] for n in values})),
         encode(planned_values(entity, values)), None)
        for one, values in sides
    ])  # fmt: skip
    outbox.note_elsewhere(tx, undo, [one.id for one, _ in sides])


def _given_back(
    tx: Tx, sets: Collection[int], part: Part, own: Values, kept: Values
) -> tuple[dict[int, Plain], list[int]]:
    """What the one that leaves says again, by place, and what of that leaves the other blank."""
    entity = ENTITIES[part.entity]
    old = records.read_records(tx, part.entity, [part.record])[part.record]
    filled = {
        name
        for row in history.logged(tx, [part.into]).get(part.into, ())
        if row.change_set in sets and row.link is None
        for name, value in row.after.items()
        if name in entity.by_name and row.before.get(name) is None and value is not None
    }
    places = [
        place
        for place in (entity.by_name[name].index for name in filled)
        if own[place] is None and kept[place] == old.values[place] is not None
    ]
    return {n: old.values[n] for n in places} | _corrected(tx, entity, old, own), places


def _corrected(tx: Tx, entity: EntityType, old: Record, own: Values) -> dict[int, Plain]:
    """What people had put right here, by place, where the SIS says what it said then."""
    newest: dict[str, history.Logged] = {}
    for row in history.logged(tx, [old.id]).get(old.id, ()):
        for name in row.after.keys() & entity.by_name.keys():
            newest.setdefault(name, row)
    places = {name: entity.by_name[name].index for name in newest}
    return {
        place: old.values[place]
        for name, place in places.items()
        if newest[name].link is None
        and old.values[place] == newest[name].after[name] is not None
        and own[place] == newest[name].before.get(name)
    }


def parts_at_once(unsaid: Unsaid, most: int) -> Sequence[Unsaid]:
    """The same in portions of so many, each for a transaction of its own."""
    whole = max(len(unsaid.parts), len(unsaid.pairs))
    first = [Unsaid(unions=unsaid.unions)] if unsaid.unions else []
    return first + [
        Unsaid(unsaid.parts[start : start + most], unsaid.pairs[start : start + most])
        for start in range(0, whole, most)
    ]
