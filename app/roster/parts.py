"""The part of a record that is decided as one: a field, a group, or one element of a list.

``Part`` knows where it stands in the values of a record, so that an open conflict's sides (stored
values by field name) can be read from there and put there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.roster.schema import EntityType, FieldType
from app.roster.stored import list_text, list_value
from app.roster.values import UNKNOWN, Elements, Plain

ALIVE = "alive"
"""The part that is the being alive of a record."""


def part_name(part: str) -> str:
    """The field or group of a conflict's part, without the key of its element."""
    return part.partition("[")[0]


@dataclass(frozen=True)
class Part:
    """A part of the records of one entity, but for their being alive."""

    fields: tuple[FieldType, ...]
    key: Plain = None
    """Of one element of a list: what tells it apart from its siblings (SEMANTICS A4)."""

    @classmethod
    def named(cls, entity: EntityType, part: str) -> "Part":
        """The part that a conflict calls by this name."""
        name = part_name(part)
        if name == part:
            return cls(tuple(one for one in entity.fields if one.group == name))
        return cls((entity.by_name[name],), list_value(part[len(name) + 1 : -1]))

    def of(self, values: Sequence[Plain]) -> dict[str, Plain]:
        """What ``values`` say of it, by field; what nothing is known about is left out."""
        if self.key is not None:
            (one,) = self.fields
            mine = [part for part in _elements(values[one.index]) if self._is_mine(part)]
            return {one.name: list_text(tuple(mine) or None)}
        told = {one.name: values[one.index] for one in self.fields}
        return {name: value for name, value in told.items() if value is not UNKNOWN}

    def put(self, values: Sequence[Plain], side: Mapping[str, Plain]) -> tuple[Plain, ...]:
        """``values`` with what ``side`` says of it; siblings of an element stay as they are."""
        after = list(values)
        for one in self.fields:
            if one.name not in side:
                continue
            said = side[one.name]
            if self.key is not None:
                assert isinstance(one.kind, Elements)
                siblings = [p for p in _elements(values[one.index]) if not self._is_mine(p)]
                said = list_text(one.kind.ordered((*siblings, *_elements(said))))
            after[one.index] = said
        return tuple(after)

    def fits(self, side: Mapping[str, Plain]) -> bool:
        """Whether ``side`` speaks of this part alone; of an element, of at most this one."""
        if not side.keys() <= {one.name for one in self.fields}:
            return False
        if self.key is None:
            return True
        told = [part for said in side.values() for part in _elements(said)]
        return len(told) <= 1 and all(map(self._is_mine, told))

    def _is_mine(self, element: Plain) -> bool:
        (one,) = self.fields
        return isinstance(one.kind, Elements) and one.kind.key_of(element) == self.key


def _elements(text: Plain) -> Sequence[Plain]:
    return () if text is UNKNOWN else list_value(text) or ()
