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


def identifiers(entity: EntityType, values: Sequence[Plain]) -> set[str]:
    """Everything in ``values`` (stored form) that identifies, as texts that say of which field.

    Two records that share one may be the same person. Of an element it is the key that identifies,
    if its last part says anything.
    """
    found: set[str] = set()
    for field in identifying(entity):
        value = values[field.index]
        if not isinstance(value, str):
            continue
        kind = field.kind
        if isinstance(kind, Elements):
            keys = (kind.key_of(part) for part in list_value(value))
            found.update(f"{field.name}:{list_text(key)}" for key in keys if key[-1] is not None)
        else:
            found.add(f"{field.name}:{value}")
    return found
