"""What tells a person whatever key a row has: the fields that identify (SEMANTICS D5). Pure."""

from collections.abc import Sequence
from functools import lru_cache

from app.roster.schema import EntityType, FieldType
from app.roster.stored import list_text, list_value
from app.roster.values import Elements, Plain


@lru_cache(maxsize=64)
def identifying(entity: EntityType) -> tuple[FieldType, ...]:
    """The fields that identify; none where nothing but its key tells a record."""
    return tuple(one for one in entity.fields if one.identifies)


@lru_cache(maxsize=64)
def _places(entity: EntityType) -> tuple[tuple[str, int, tuple[int, ...]], ...]:
    """How each of them is told, its place, and the places of the key in its elements."""
    return tuple(
        (f"{field.name}:", field.index, tuple(map(kind.names.index, kind.key)))
        if isinstance(kind := field.kind, Elements)
        else (f"{field.name}:", field.index, ())
        for field in identifying(entity)
    )


def identifiers(entity: EntityType, values: Sequence[Plain]) -> set[str]:
    """Everything in ``values`` (stored form) that identifies, as texts that say of which field.

    Two records that share one may be the same person. Of an element it is the key that identifies,
    if its last part says anything.
    """
    found: set[str] = set()
    for told, index, places in _places(entity):
        value = values[index]
        if not isinstance(value, str):
            continue
        if not places:
            found.add(told + value)
            continue
        for part in list_value(value):
            key = [part[place] for place in places]
            if key[-1] is not None:
                found.add(f"{told}{list_text(key)}")
    return found
