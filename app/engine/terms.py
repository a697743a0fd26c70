"""Values as they stand here, told in a SIS's own terms: references are its keys (SEMANTICS A3)."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from app.roster.schema import EntityType, referred
from app.roster.stored import plain_value
from app.roster.values import Elements, Plain
from app.store import identities, outbox
from app.store.database import Tx
from app.store.journal import StreamRow
from app.store.outbox import Place

Missing: TypeAlias = Mapping[str, Collection[int]]
"""Records that are not at the SIS, by entity."""


def places_of(tx: Tx, stream: int, ids: Collection[int]) -> dict[int, Place]:
    """What records are at a SIS; one that stands for another is what that one is (D5)."""
    meant = identities.originals(tx, ids)
    found = outbox.places(tx, stream, {*ids, *meant.values()})
    known = {id_: found[one] for id_, one in meant.items() if one in found}
    return known | found


class Terms:
    """Turns stored values into canonical ones whose references are the SIS's keys."""

    def __init__(
        self,
        tx: Tx,
        entity: EntityType,
        streams: Mapping[str, StreamRow],
        sides: Sequence[Mapping[str, Plain]],
    ) -> None:
        self._entity = entity
        mentioned: dict[str, set[int]] = {}
        for side in sides:
            for name, stored in side.items():
                field = entity.by_name[name]
                for target, ids in referred(field, plain_value(field, stored)):
                    mentioned.setdefault(target, set()).update(ids)
        self._places = {
            target: places_of(tx, streams[target].id, ids) for target, ids in mentioned.items()
        }
        self.missing: dict[str, list[int]] = {}
        """What is referred to and not there, by entity."""

    def of(self, name: str, stored: Plain) -> Plain:
        """The value of a field in the SIS's keys."""
        field = self._entity.by_name[name]
        value = plain_value(field, stored)
        if value is None or not field.references:
            return value
        if not field.kind.is_list:
            return self._key(field.references[0][1], value)
        if not isinstance(field.kind, Elements):
            return field.kind.normal([self._key(field.references[0][1], id_) for id_ in value])
        parts = [list(part) for part in value]
        for place, target in field.references:
            for part in parts:
                part[place or 0] = self._key(target, part[place or 0])
        return field.kind.ordered(map(tuple, parts))

    def _key(self, target: str, id_: int | None) -> str | None:
        if id_ is None:
            return None
        place = self._places[target].get(id_)
        if place is None or not place.alive:
            self.missing.setdefault(target, []).append(id_)
        return None if place is None else place.key
