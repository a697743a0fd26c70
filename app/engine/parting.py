"""One record becomes two: what follows when its rows are told apart (SEMANTICS A3, D5).

Links leave a record that others keep, with what their SIS last said. What the record had from them
alone goes with them (``engine.origins``).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

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
    return _Parting(tx, change_set, twins.connectors_of(tx, links)).part(
        entity, record, set(links), {}, rests=not for_good
    )


class _Parting:
    def __init__(self, tx: Tx, change_set: int, connectors: set[int]) -> None:
        self.tx, self.change_set, self.connectors = tx, change_set, connectors

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
        values = renamed(type_, first_values(self._told(type_, links)), names)
        conflicts.close_all(tx, links)
        self._give_back(type_, record, links)
        records.insert_records(tx, entity, [(new, 1, 1, self.change_set, self.change_set, *values)])
        twins.move_links(tx, links, new)
        self._rename(type_, links, names)
        # That it was parted stands with both.
        for id_, other in ((new, record), (record, new)):
            row = (id_, None, encode({}), encode({}), None)
            records.log_changes(tx, self.change_set, entity, [row])
            records.log_twins(tx, self.change_set, {id_: other})
        if not rests:
            matching.part(tx, entity, self.change_set, [(record, new)])
        self._follow(entity, record, new)
        return new

    def _give_back(self, entity: EntityType, record: int, links: Collection[int]) -> None:
        """What came with the links alone goes with them: it says again what it said before.

        Where that is not known, or the SISs that stay have said something else since, it says what
        they last said.
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
        )
        told, going = (self._told(entity, some) for some in (staying, links))
        after = [
            origins.without(one, ours.values[place], told[place], going[place])
            for place, one in enumerate(entity.fields)
        ]
        left = {n: value for n, value in enumerate(after) if value != ours.values[n]}
        if left:
            changed = (ours, ours.alive, with_local(ours.values, left))
            records.update_records(tx, entity.name, self.change_set, [changed])
            before = planned_values(entity, {place: ours.values[place] for place in left})
            log = (record, None, encode(before), encode(planned_values(entity, left)), None)
            records.log_changes(tx, self.change_set, entity.name, [log])
            outbox.note_elsewhere(tx, self.change_set, [record])

    def _made_there(self, entity: str, record: int) -> bool:
        """Whether a row of the SISs that leave made the record."""
        made = history.made(self.tx, [(entity, record)]).get(record)
        names = {one.name for one in journal.connectors(self.tx) if one.id in self.connectors}
        return made is not None and made.connector in names and made.who == made.connector

    def _told(self, entity: EntityType, links: Collection[int]) -> list[Plain]:
        """What the SIS last said by links: agreed upon, asked about, or waiting to be."""
        tx, layouts = self.tx, records.layouts(self.tx, entity.name)
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
