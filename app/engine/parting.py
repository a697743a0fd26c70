"""One record becomes two: what follows when its rows are told apart (SEMANTICS A3, D5).

Links leave a record that others keep, with what their SIS last said. What the record had from them
alone goes with them (``engine.origins``).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from app.engine.origins import Origins, cells, from_cells
from app.engine.reconcile import first_values
from app.engine.weigh import planned_values, with_local
from app.roster.entities import ENTITIES
from app.roster.identity import rules_of
from app.roster.parts import ALIVE, Part
from app.roster.schema import EntityType, FieldType, with_references
from app.roster.stored import plain_value, stored_value
from app.roster.values import UNKNOWN, UNSAID, Plain
from app.store import (
    conflicts,
    history,
    identities,
    journal,
    linkage,
    matching,
    outbox,
    plans,
    records,
    referrers,
    twins,
    united,
)
from app.store.codec import decode_changes, encode
from app.store.database import Tx


def part(
    tx: Tx,
    change_set: int,
    entity: str,
    record: int,
    links: Collection[int],
    *,
    for_good: bool = True,
) -> int:
    """The links leave a record that others keep; the id of what they are of from now on.

    Whatever the same SISs tell of it goes along: what they alone tell refers to the new record.
    What others tell as well and was one because this was, such as an enrollment, is parted in the
    same way; of anything else each side's word refers to its own. ``for_good``: no rule makes them
    one again.
    """
    return _Parting(tx, change_set, links).part(entity, record, set(links), {}, rests=not for_good)


class Sides(NamedTuple):
    """What a record and the one that leaves it would say, each without the other's word."""

    stays: tuple[Plain, ...]
    goes: tuple[Plain, ...]


def sides(tx: Tx, entity: str, record: int, links: Collection[int]) -> Sides:
    """What would stand after the links left the record; nothing is written."""
    return _Parting(tx, 0, links).sides(ENTITIES[entity], record, set(links))


class _Parting:
    def __init__(self, tx: Tx, change_set: int, links: Collection[int]) -> None:
        self.tx, self.change_set = tx, change_set
        self.connectors = twins.connectors_of(tx, links)
        self.since = united.since(tx, links)

    def part(
        self,
        entity: str,
        record: int,
        links: set[int],
        names: Mapping[int, int],
        *,
        rests: bool = False,
    ) -> int:
        """Parts one record, with ``names`` in place of those that were parted before.

        ``rests``: it was one with the other because of these alone, and is not told apart itself.
        """
        tx, type_ = self.tx, ENTITIES[entity]
        new = records.allot(tx, "record", 1)
        after, said = self.sides(type_, record, links), self._said(type_, links)
        values = renamed(type_, after.goes, names)
        # Whoever has ended there meanwhile is not there any more.
        lives = int(any(one.alive for one in linkage.links_by_id(tx, links)))
        self._agree(type_, links, said)
        conflicts.close_all(tx, links)
        self._give_back(type_, record, links, after.stays)
        made = (new, 1, lives, self.change_set, self.change_set, *values)
        records.insert_records(tx, entity, [made])
        twins.move_links(tx, links, new)
        self._rename(type_, links, names)
        # That it was parted stands with both.
        for id_, other in ((new, record), (record, new)):
            row = (id_, None, encode({}), encode({}), None)
            records.log_changes(tx, self.change_set, entity, [row])
            records.log_twins(tx, self.change_set, {id_: other})
        if after.goes != said:
            outbox.note_elsewhere(tx, self.change_set, [new])
        if not rests:
            matching.part(tx, entity, self.change_set, [(record, new)])
        self._follow(entity, record, new)
        return new

    def sides(self, entity: EntityType, record: int, links: Collection[int]) -> Sides:
        """What both say: what came with the links alone goes with them, and the other way round.

        The record says again what it said before, and so does a SIS that was sent the word of the
        others. Where that is not known, or the SISs have said something else since, it is what they
        last said.
        """
        tx = self.tx
        ours = records.read_records(tx, entity.name, [record])[record]
        staying = frozenset(one.id for one in linkage.links_of(tx, [record])).difference(links)
        origins = Origins(
            identities.stand_ins(tx, entity),
            frozenset(links),
            staying,
            history.logged(tx, [record]).get(record, ()),
            history.sent(tx, staying),
            self._made_there(entity.name, record),
            self.since,
        )
        told, going = (self._told(entity, some) for some in (staying, links))
        stays = [
            origins.without(one, ours.values[place], told[place], going[place])
            for place, one in enumerate(entity.fields)
        ]
        goes = list(self._said(entity, links))
        for one in history.told_by_us(tx, links, self.since):
            if (of := entity.by_name.get(one.field)) is not None:
                place = of.index
                goes[place] = origins.before_sent(
                    of, goes[place], one.before, one.sent, told[place]
                )
        return Sides(tuple(stays), tuple(goes))

    def _said(self, entity: EntityType, links: Collection[int]) -> tuple[Plain, ...]:
        """What a record says that is made of what the SIS said by links."""
        return tuple(first_values(self._told(entity, links)))

    def _agree(self, entity: EntityType, links: Collection[int], said: Sequence[Plain]) -> None:
        """What the SIS said and was asked about is what a record of its own says: agreed (B1)."""
        tx, asked = self.tx, dict[int, set[int]]()
        whose = {one.record for one in linkage.links_by_id(tx, links)}
        for one in conflicts.standing_of(tx, whose):
            if one.link in links and one.part not in (ALIVE, plans.IDENTITY):
                places = {field.index for field in Part.named(entity, one.part).fields}
                asked.setdefault(one.link, set()).update(places)
        layouts, bases = records.layouts(tx, entity.name), linkage.link_bases(tx, asked)
        moved = []
        for link, places in asked.items():
            base = with_local(layouts.base(bases[link]), {n: said[n] for n in places})
            moved.append((encode((layouts.current, *base)), link))
        linkage.move_bases(tx, moved)

    def _give_back(
        self, entity: EntityType, record: int, links: Collection[int], stays: Sequence[Plain]
    ) -> None:
        """The record says what it does without what came with the links that leave.

        It lives again where it ended by their word.
        """
        tx = self.tx
        ours = records.read_records(tx, entity.name, [record])[record]
        left = {n: value for n, value in enumerate(stays) if value != ours.values[n]}
        back = not ours.alive and self._ended_by(record, links)
        if left or back:
            changed = (ours, ours.alive or back, with_local(ours.values, left))
            records.update_records(tx, entity.name, self.change_set, [changed])
            before = planned_values(entity, {place: ours.values[place] for place in left})
            after = planned_values(entity, left)
            if back:
                before[ALIVE], after[ALIVE] = False, True
            row = (record, None, encode(before), encode(after), None)
            records.log_changes(tx, self.change_set, entity.name, [row])
            outbox.note_elsewhere(tx, self.change_set, [record])

    def _ended_by(self, record: int, links: Collection[int]) -> bool:
        """Whether a record ended by the word of these links, where others still have it."""
        there = linkage.links_of(self.tx, [record])
        if not any(one.alive and one.id not in links for one in there):
            return False
        rows = history.logged(self.tx, [record]).get(record, ())
        said = next((row for row in rows if ALIVE in row.after), None)
        return said is not None and said.link in links and not said.after[ALIVE]

    def _made_there(self, entity: str, record: int) -> bool:
        """Whether a row of the SISs that leave made the record."""
        made = history.made(self.tx, [(entity, record)]).get(record)
        names = {one.name for one in journal.connectors(self.tx) if one.id in self.connectors}
        return made is not None and made.connector in names and made.who == made.connector

    def _told(self, entity: EntityType, links: Collection[int]) -> list[Plain]:
        """What the SIS last said by links: agreed upon, asked about, or waiting to be."""
        tx, layouts = self.tx, records.known_layouts(self.tx, entity.name)
        sides = [layouts.base(blob) for blob in linkage.link_bases(tx, links).values()]
        for item in plans.items_of(tx, links):
            if item.patch is not None and item.action == "update":
                sides.append(layouts.patch(item.patch))
        told = [
            next((side[n] for side in sides if side[n] not in (UNKNOWN, UNSAID)), None)
            for n in range(len(entity.fields))
        ]
        whose = {one.record for one in linkage.links_by_id(tx, links)}
        for one in conflicts.standing_of(tx, whose):
            if one.link in links and one.part not in (ALIVE, plans.IDENTITY):
                told = list(Part.named(entity, one.part).put(told, decode_changes(one.remote)))
        return told

    def _follow(self, entity: str, record: int, new: int) -> None:
        tx, again = self.tx, set()
        names = dict.fromkeys((record, *identities.standing_for(tx, [record])), new)
        found: dict[str, set[int]] = {}
        for one in referrers.among(tx, entity, names):
            found.setdefault(one.entity, set()).add(one.record)
        for name, ids in found.items():
            type_, here = ENTITIES[name], twins.links_by_connector(tx, ids)
            rests = [refers(type_, rule.same, entity) for rule in rules_of(name)]
            rows = records.read_records(tx, name, ids)
            changed = []
            for id_, there in rows.items():
                by_connector = here.get(id_, {})
                mine = set().union(*(by_connector.get(of, ()) for of in self.connectors))
                if mine and by_connector.keys() <= self.connectors:
                    changed.append((there, there.alive, renamed(type_, there.values, names)))
                    self._rename(type_, mine, names)
                elif mine and any(rests):
                    self.part(name, id_, mine, names, rests=all(rests))
                elif mine:
                    others = set().union(*by_connector.values()) - mine
                    values = self._of_both(type_, there.values, mine, others, names)
                    changed.append((there, there.alive, values))
                    again |= mine
            records.update_records(tx, name, self.change_set, changed)
        twins.read_again(tx, again)

    def _of_both(
        self,
        entity: EntityType,
        ours: Sequence[Plain],
        going: Collection[int],
        staying: Collection[int],
        names: Mapping[int, int],
    ) -> tuple[Plain, ...]:
        """The values of a record of which both sides tell: each side's word refers to its own.

        What a person put there stays. Where there is one place for two, it is asked again. Where
        somebody belongs is not two places for that: what is read again tells.
        """
        kept = dict.fromkeys(names, next(iter(names)))
        sides = (ours, self._told(entity, going), self._told(entity, staying))
        here, mine, theirs = (renamed(entity, side, kept) for side in sides)
        after, asked = list(ours), set()
        for one in entity.fields:
            if one.covers or here[one.index] == _renamed(one, here[one.index], names):
                continue
            parts, goes, stays = (cells(one, side[one.index]) for side in (here, mine, theirs))
            left: dict[Plain, Plain] = {}
            for key, part in parts.items():
                new = cells(one, _renamed(one, from_cells(one, {key: part}), names))
                if new == {key: part} or key not in {**goes, **stays}:
                    left[key] = part
                elif not one.kind.is_list:
                    both = goes.get(key) == stays.get(key)
                    left = new if part == goes.get(key) and not both else {key: part}
                    asked |= {one.index} if both else set()
                elif key not in stays:
                    left |= new
                else:
                    left[key] = stays[key] if part == goes.get(key) else part
                    told = {key: goes[key]} if key in goes else {}
                    left |= cells(one, _renamed(one, from_cells(one, told), names))
            after[one.index] = from_cells(one, left)
        told_again = {one.index for one in entity.fields if one.covers}
        self._rename(entity, going, names, asked, told_again)
        return tuple(after)

    def _rename(
        self,
        entity: EntityType,
        links: Collection[int],
        names: Mapping[int, int],
        asked: Collection[int] = (),
        told_again: Collection[int] = (),
    ) -> None:
        """What was agreed by links refers to the new ones, but for what is to be ``told_again``.

        About what is ``asked`` nothing is agreed.
        """
        layouts = records.layouts(self.tx, entity.name)
        moved = []
        for link, blob in linkage.link_bases(self.tx, links).items():
            base = layouts.base(blob)
            as_it_was = {place: base[place] for place in told_again}
            after = with_local(
                renamed(entity, base, names), as_it_was | dict.fromkeys(asked, UNKNOWN)
            )
            if after != base:
                moved.append((encode((layouts.current, *after)), link))
        linkage.move_bases(self.tx, moved)


def refers(entity: EntityType, names: Iterable[str], target: str) -> bool:
    """Whether any of the fields refers to ``target``."""
    return any(entity.by_name[name].target == target for name in names)


def renamed(
    entity: EntityType, values: Sequence[Plain], names: Mapping[int, int]
) -> tuple[Plain, ...]:
    """Values in stored form with other record ids in place of some."""
    return tuple(_renamed(one, values[one.index], names) for one in entity.fields)


def _renamed(field: FieldType, value: Plain, names: Mapping[int, int]) -> Plain:
    if not field.references or value is None or value is UNKNOWN or value is UNSAID:
        return value
    plain = with_references(field, plain_value(field, value), lambda _, id_: names.get(id_, id_))
    return stored_value(field, plain)
