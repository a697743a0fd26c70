"""What several systems say of one field."""

from typing import Any

import pytest

from app.roster.entities import ENTITIES
from app.roster.several import contradict, tellers
from app.roster.stored import list_text

USERS = ENTITIES["users"].by_name


def stored(*parts: Any) -> Any:
    """A list as it is stored."""
    return list_text(parts)


@pytest.mark.parametrize(
    ("field", "told", "does"),
    [
        ("email", ["ana@x", "ana@x"], False),
        ("email", ["ana@x", None], False),
        ("email", ["ana@x", "ana@y"], True),
        ("grades", [stored("09"), stored("10")], True),
        ("user_ids", [stored(("ldap", "ana")), stored(("stateId", "7"))], False),
        ("roles", [stored(("student", 7, "primary", None, None)),
                   stored(("student", 7, None, "2026-08-17", None))], False),
        ("roles", [stored(("student", 7, "primary", None, None)),
                   stored(("student", 7, "secondary", None, None))], True),
    ],
)  # fmt: skip
def test_only_what_both_say_contradicts(field: str, told: list[Any], does: bool) -> None:
    """A4: to say less is no contradiction, neither of a list nor of one of its elements."""
    assert contradict(USERS[field], told) is does


@pytest.mark.parametrize(
    ("field", "value", "said", "others", "who"),
    [
        ("email", "ana@x", ["ana@y"], ["ana@z", "ana@x"], {1}),
        ("email", "ana@x", ["ana@y"], ["ana@z"], set()),
        ("user_ids", stored(("ldap", "ana"), ("stateId", "7")), [stored(("ldap", "ana"))],
         [None, stored(("stateId", "7"))], {1}),
        ("user_ids", stored(("ldap", "ana"), ("stateId", "8")), [stored(("ldap", "ana"))],
         [stored(("stateId", "7"))], set()),
        ("roles", stored(("student", 7, "primary", "2026-08-17", None)),
         [stored(("student", 7, "primary", None, None))],
         [stored(("student", 7, None, "2026-08-17", None))], {0}),
    ],
)  # fmt: skip
def test_who_says_what_stands_here(
    field: str, value: Any, said: list[Any], others: list[Any], who: set[int]
) -> None:
    """B1 with two systems: what one added to a list is not our own correction at the other."""
    assert tellers(USERS[field], value, said, others) == who
