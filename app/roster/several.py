"""What several systems say of one field, held against each other. Pure; values in stored form."""

from collections.abc import Sequence
from itertools import combinations

from app.roster.schema import FieldType
from app.roster.stored import list_value
from app.roster.values import UNKNOWN, Elements, Plain


def contradict(field: FieldType, told: Sequence[Plain]) -> bool:
    """Whether two of the values say otherwise, and not only less.

    Of elements those are compared that both have, member by member (SEMANTICS A4): a blank is no
    contradiction.
    """
    said = {value for value in told if value is not None and value is not UNKNOWN}
    if not isinstance(field.kind, Elements):
        return len(said) > 1
    return any(
        None not in (mine, theirs) and mine != theirs
        for one, other in combinations([_by_key(field.kind, value) for value in said], 2)
        for key in one.keys() & other.keys()
        for mine, theirs in zip(one[key], other[key], strict=True)
    )


def tellers(
    field: FieldType, value: Plain, said: Sequence[Plain], others: Sequence[Plain]
) -> set[int]:
    """Which of ``others`` say what of ``value`` is not ``said``, by place; none where nobody does.

    A list is told where each of its parts is, whoever tells it.
    """
    if not field.kind.is_list or value is None:
        return {place for place, other in enumerate(others) if other == value}
    wanted = _facts(field, value).difference(*(_facts(field, one) for one in said))
    found = [_facts(field, other) & wanted for other in others]
    if wanted.difference(*found):
        return set()
    return {place for place, facts in enumerate(found) if facts or not wanted}


def _facts(field: FieldType, value: Plain) -> set[Plain]:
    """The parts of a list; of elements each with what it says, member by member."""
    if value is None or value is UNKNOWN:
        return set()
    if not isinstance(field.kind, Elements):
        return set(list_value(value) or ())
    return {
        (key, place, member)
        for key, part in _by_key(field.kind, value).items()
        for place, member in enumerate(part)
        if member is not None
    }


def _by_key(kind: Elements, value: Plain) -> dict[Plain, Sequence[Plain]]:
    return {kind.key_of(part): part for part in list_value(value) or ()}
