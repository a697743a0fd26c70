"""What values of one record cannot stand together, whoever said them (SEMANTICS B7). Pure.

A rule here is one that any district would agree to; what a standard or a SIS demands beyond it is
for its connector to say.
"""

from collections.abc import Sequence
from functools import lru_cache

from app.roster.schema import EntityType
from app.roster.stored import list_value
from app.roster.values import Elements, Plain

_ORDERED = (
    ("begin_date", "end_date"),
    ("start_date", "end_date"),
    ("assign_date", "due_date"),
    ("result_value_min", "result_value_max"),
)
"""The first of two must not be above the second."""


def broken(entity: EntityType, values: Sequence[Plain]) -> set[str]:
    """The groups of ``values`` (stored form, one a field) that cannot be as they are."""
    wrong = {group for low, high, group in ranges(entity) if _above(values[low], values[high])}
    for place in roles(entity):
        kind = entity.fields[place].kind
        assert isinstance(kind, Elements)
        org, which = kind.names.index("org"), kind.names.index("role_type")
        parts = list_value(values[place]) or ()
        # One primary role in each organization (OneRoster 1.2, Role, roleType).
        primary = [part[org] for part in parts if part[which] == "primary"]
        if len(set(primary)) < len(primary):
            wrong.add(entity.fields[place].group)
    return wrong


def _above(low: Plain, high: Plain) -> bool:
    # Dates and instants in normal form are ordered as texts are.
    if isinstance(low, str) and isinstance(high, str):
        return low > high
    if isinstance(low, int | float) and isinstance(high, int | float):
        return low > high
    return False


@lru_cache(maxsize=64)
def ranges(entity: EntityType) -> tuple[tuple[int, int, str], ...]:
    """(place of the lower value, of the higher one, their group) of what is in order."""
    names = entity.by_name
    return tuple(
        (names[low].index, names[high].index, names[high].group)
        for low, high in _ORDERED
        if low in names and high in names
    )


@lru_cache(maxsize=64)
def roles(entity: EntityType) -> tuple[int, ...]:
    """The places of the lists of which one element an organization at most is the primary one."""
    return tuple(
        one.index
        for one in entity.fields
        if isinstance(one.kind, Elements) and "role_type" in one.kind.names
    )
