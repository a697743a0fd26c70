"""Members of lists who have ended in one system, and live in another (SEMANTICS A4, B1, D4).

A guardian who leaves one of two systems takes the relation along there: its row of the student
names them no more. That is no word about the relation but a consequence of their end, and an end
is that of the link alone as long as another system has them, and is sent only where ends are. So
here the member stays, as long as another system that has both tells so, and the base follows the
SIS as after any decision for ours. A relation that is gone while both live there is a change of the
list like any other, and so is one that no other system tells of.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from app.engine.origins import cells, from_cells
from app.engine.reconcile import Outcome, Values
from app.engine.weigh import with_local
from app.roster.schema import EntityType, FieldType, referred
from app.roster.values import UNKNOWN, Plain
from app.store import identities, members, records
from app.store.codec import Layouts
from app.store.database import Tx
from app.store.records import Record

Cells = Mapping[Plain, Plain]


@dataclass(frozen=True)
class Members:
    """Looks at the lists of the records of one entity, as one connector's SIS tells them."""

    tx: Tx
    connector: int
    entity: EntityType
    layouts: Layouts

    def kept_here(self, local: Values, remote: Values, record: int, outcome: Outcome) -> Outcome:
        """The outcome without the loss of members who have ended at this SIS alone.

        Neither side names anybody by a stand-in.
        """
        new, blanks = dict(outcome.local), set(outcome.blanks)
        for one in self._lists:
            place = one.index
            if place not in new:
                continue
            ours, after, theirs = (cells(one, it[place]) for it in (local, new, remote))
            lost = {k: part for k, part in ours.items() if k not in after and k not in theirs}
            if stays := self._told_by_others(record, one, lost):
                new[place] = from_cells(one, {**after, **stays})
                blanks.discard(place)
                if new[place] == local[place]:
                    del new[place]
        if new == outcome.local:
            return outcome
        return replace(outcome, local=new, blanks=frozenset(blanks))

    def wanted_there(self, record: Record, base: Values, *, deletes: bool) -> Values:
        """What the SIS is to say of a record: what stands here, but for what an end alone makes.

        Nobody is related there whom it has ended and who is related here because another SIS tells
        so; and unless it is told of ends (``deletes``), nobody is parted there from whom another
        SIS has ended.
        """
        wanted: dict[int, Plain] = {}
        for one in self._lists:
            value, agreed = record.values[one.index], base[one.index]
            if value == agreed or agreed is UNKNOWN:
                continue
            ours, theirs = cells(one, value), cells(one, agreed)
            new = {k: part for k, part in ours.items() if k not in theirs}
            gone = {k: part for k, part in theirs.items() if k not in ours}
            out = self._told_by_others(record.id, one, new)
            left = {} if deletes else _naming(one, gone, self._ended_by_others)
            if out or left:
                kept = {k: part for k, part in ours.items() if k not in out}
                wanted[one.index] = from_cells(one, {**kept, **left})
        return with_local(record.values, wanted) if wanted else record.values

    @cached_property
    def _lists(self) -> tuple[FieldType, ...]:
        return lists(self.entity)

    def _told_by_others(self, record: int, field: FieldType, parts: Cells) -> Cells:
        """Those of the elements that name whom this SIS alone has ended, and another one tells."""
        ended = _naming(field, parts, self._ended_alone)
        if not ended:
            return {}
        same, told = identities.stand_ins(self.tx, self.entity), set[Plain]()
        for blob in members.told_beside(self.tx, self.connector, record):
            told |= cells(field, same.values(self.layouts.base(blob))[field.index]).keys()
        return {k: part for k, part in ended.items() if k in told}

    def _ended_alone(self, target: str, ids: Collection[int]) -> set[int]:
        ended = members.ended_at(self.tx, self.connector, target, ids)
        untied = [id_ for id_, unties in ended.items() if unties]
        there = records.read_records(self.tx, target, untied)
        return {one.id for one in there.values() if one.alive}

    def _ended_by_others(self, target: str, ids: Collection[int]) -> set[int]:
        ended = members.ended_elsewhere(self.tx, self.connector, ids)
        there = records.read_records(self.tx, target, ended)
        return {one.id for one in there.values() if not one.alive}


def lists(entity: EntityType) -> tuple[FieldType, ...]:
    """The fields that are lists of records, or of what names them."""
    return tuple(one for one in entity.fields if one.references and one.kind.is_list)


def _naming(
    field: FieldType, parts: Cells, which: Callable[[str, Collection[int]], set[int]]
) -> Cells:
    """Those of the elements that name a record of ``which``: entity and ids to ids."""
    named = {key: _ids(field, part) for key, part in parts.items()}
    asked: dict[str, set[int]] = {}
    for pairs in named.values():
        for target, id_ in pairs:
            asked.setdefault(target, set()).add(id_)
    found = {(target, id_) for target, ids in asked.items() for id_ in which(target, ids)}
    return {key: part for key, part in parts.items() if found & named[key]}


def _ids(field: FieldType, part: Plain) -> set[tuple[str, int]]:
    told = referred(field, (part,))
    return {(target, one) for target, some in told for one in some if isinstance(one, int)}
