"""What a person said of who is whom, taken back (SEMANTICS D5, G2).

Two that were made one are parted, with all that their SISs tell of each; two that were told apart
may be one again. Either way it is asked once more what was asked then.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from app.engine import parting, twins
from app.engine.weigh import planned_values, with_local
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType
from app.roster.values import Plain
from app.store import history, identities, linkage, matching, outbox, records, united
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


@dataclass
class Unsaid:
    """What is to be taken back, and what cannot be."""

    parts: list[Part] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    covered: set[int] = field(default_factory=set)
    """All records that it is about."""

    @property
    def counts(self) -> tuple[Counter[str], Counter[str]]:
        """How many are parted, and how many pairs are asked about, by entity."""
        return Counter(one.entity for one in self.parts), Counter(one.entity for one in self.pairs)


def found(tx: Tx, sets: Collection[int]) -> Unsaid:
    """What change sets said that can be taken back now."""
    rows = united.united(tx, sets)
    twins_ = history.twins(tx, sets)
    # Who was parted by hand was one before, and does not become so again by being asked about.
    asked = [one for one in united.told_apart(tx, sets) if twins_.get(one.one) != one.other]
    unsaid = Unsaid(pairs=asked)
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
    if unsaid.parts:
        # With them goes what was told of both, such as their seats.
        unsaid.covered |= twins_.keys() | set(twins_.values())
    return unsaid


def carry_out(tx: Tx, undo: int, sets: Collection[int], unsaid: Unsaid) -> None:
    """Takes it back, in the change set of an undo."""
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
    there = records.read_records(tx, part.entity, (part.record, part.into, new))
    old, kept, own = there[part.record], there[part.into], there[new]
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
        if own.values[place] is None and kept.values[place] == old.values[place] is not None
    ]
    again = {n: old.values[n] for n in places} | _corrected(tx, entity, old, own)
    if not again:
        return
    sides = [(own, again), (kept, dict.fromkeys(places))]
    changed = [(one, one.alive, with_local(one.values, values)) for one, values in sides]
    records.update_records(tx, part.entity, undo, changed)
    records.log_changes(tx, undo, part.entity, [
        (one.id, None, encode(planned_values(entity, {n: one.values[n] for n in values})),
         encode(planned_values(entity, values)), None)
        for one, values in sides
    ])  # fmt: skip
    outbox.note_elsewhere(tx, undo, [one.id for one, _ in sides])


def _corrected(tx: Tx, entity: EntityType, old: Record, own: Record) -> dict[int, Plain]:
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
        and own.values[place] == newest[name].before.get(name)
    }


def parts_at_once(unsaid: Unsaid, most: int) -> Sequence[Unsaid]:
    """The same in portions of so many, each for a transaction of its own."""
    whole = max(len(unsaid.parts), len(unsaid.pairs))
    return [
        Unsaid(unsaid.parts[start : start + most], unsaid.pairs[start : start + most])
        for start in range(0, whole, most)
    ]
