"""One record becomes two: what follows when its rows are told apart (SEMANTICS A3, D5).

Links leave a record that others keep, with what their SIS last said. What the record had from them
alone goes with them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from app.engine.reconcile import first_values
from app.engine.weigh import planned_values, with_local
from app.roster.entities import ENTITIES
from app.roster.identity import rules_of
from app.roster.parts import ALIVE, Part
from app.roster.schema import EntityType, FieldType, with_references
from app.roster.stored import list_text, list_value, plain_value, stored_value
from app.roster.values import UNKNOWN, UNSAID, Elements, Plain
from app.store import (
    conflicts,
    history,
    identities,
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
    same way; anything else is read again. ``for_good``: no rule makes them one again.
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
        values = renamed(type_, first_values(self._told(type_, record, links)), names)
        conflicts.close_all(tx, links)
        self._give_back(type_, record, links)
        records.insert_records(tx, entity, [(new, 1, 1, self.change_set, self.change_set, *values)])
        twins.move_links(tx, links, new)
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
        """What one of the links filled in, and nothing else says, is blank again.

        Of a list it is the elements that came with them.
        """
        tx, by_name = self.tx, entity.by_name
        ours = records.read_records(tx, entity.name, [record])[record]
        after = list(ours.values)
        layouts = records.known_layouts(tx, entity.name)
        staying = {one.id for one in linkage.links_of(tx, [record])}.difference(links)
        kept = [layouts.base(base) for base in linkage.link_bases(tx, staying).values()]
        for row in history.logged(tx, [record]).get(record, ()):
            for name, value in row.after.items() if row.link in links else ():
                if name in by_name and value is not None:
                    place, was = by_name[name].index, row.before.get(name)
                    others = [base[place] for base in kept]
                    after[place] = _without(by_name[name], after[place], value, was, others)
        left = {n: value for n, value in enumerate(after) if value != ours.values[n]}
        if left:
            changed = (ours, ours.alive, with_local(ours.values, left))
            records.update_records(tx, entity.name, self.change_set, [changed])
            before = planned_values(entity, {place: ours.values[place] for place in left})
            log = (record, None, encode(before), encode(planned_values(entity, left)), None)
            records.log_changes(tx, self.change_set, entity.name, [log])
            outbox.note_elsewhere(tx, self.change_set, [record])

    def _told(self, entity: EntityType, record: int, links: Collection[int]) -> list[Plain]:
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
        for one in conflicts.standing_of(tx, [record]):
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
                elif mine and any(rests):
                    self.part(name, id_, mine, names, rests=all(rests))
                else:
                    again |= mine
            records.update_records(tx, name, self.change_set, changed)
        twins.read_again(tx, again)


def _without(
    field: FieldType, ours: Plain, value: Plain, was: Plain, others: Sequence[Plain]
) -> Plain:
    """A value that stands here without what made ``value`` of what it ``was``.

    An element that was only filled up is again what it was, or what others say.
    """
    if not field.kind.is_list:
        return None if was is None and ours == value and value not in others else ours
    told = [part for one in others if one is not UNKNOWN for part in list_value(one) or ()]
    before = list(list_value(was) or ())
    came = set(list_value(value) or ()).difference(before, told)
    if isinstance(kind := field.kind, Elements):
        less = {kind.key_of(part): part for part in (*told, *before)}
        parts = [less.get(kind.key_of(part)) if part in came else part
                 for part in list_value(ours) or ()]  # fmt: skip
    else:
        parts = [None if part in came else part for part in list_value(ours) or ()]
    return list_text(tuple(part for part in parts if part is not None) or None)


def refers(entity: EntityType, names: Iterable[str], target: str) -> bool:
    """Whether any of the fields refers to ``target``."""
    return any(entity.by_name[name].target == target for name in names)


def renamed(
    entity: EntityType, values: Sequence[Plain], names: Mapping[int, int]
) -> tuple[Plain, ...]:
    """Values in stored form with other record ids in place of some."""
    after = list(values)
    for one in entity.fields:
        if one.references and (value := values[one.index]) not in (None, UNKNOWN, UNSAID):
            plain = with_references(
                one,
                plain_value(one, value),
                lambda _, id_: names.get(id_, id_),
            )
            after[one.index] = stored_value(one, plain)
    return tuple(after)
