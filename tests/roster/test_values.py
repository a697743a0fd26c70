"""Normal forms (SEMANTICS A1): after normalising, equal means ``==``."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.roster.entities import ENTITIES, IMPORTANCE, ROLE, SCORE_STATUS
from app.roster.values import (
    TEXT,
    Boolean,
    Date,
    Folded,
    Instant,
    Number,
    Phone,
    SetOf,
    Unfit,
)

ROLES = ENTITIES["users"].by_name["roles"].kind


@pytest.mark.parametrize(
    ("kind", "said", "means"),
    [
        (TEXT, "  Zoë ", "Zoë"),
        (TEXT, unicodedata.normalize("NFD", "Zoë"), "Zoë"),
        (TEXT, " ", None),
        (TEXT, 42, "42"),
        (Folded(), "Zoe@District.EXAMPLE", "zoe@district.example"),
        (Phone(), "(512) 555-0100 ext. 7", "5125550100x7"),
        (Phone(), "+1 512.555.0100", "+15125550100"),
        (Boolean(), "true", True),
        (Boolean(), "False ", False),
        (Boolean(), True, True),
        (Boolean(), "", None),
        (Number(), "3.50", 3.5),
        (Number(), "", None),
        (Date(), "2026-08-17", "2026-08-17"),
        (Date(), "2026-08-17T00:00:00Z", "2026-08-17"),
        (Instant(), "2026-08-17", "2026-08-17T00:00:00Z"),
        (Instant(), "2026-08-17T10:00:00+02:00", "2026-08-17T08:00:00Z"),
        (Instant(), "2026-08-17T08:00:00+00:00Z", "2026-08-17T08:00:00Z"),
        (Instant(), "2026-08-17T08:00:00.120", "2026-08-17T08:00:00.120Z"),
        (ROLE, "STUDENT", "student"),
        (ROLE, "District Administrator", "districtAdministrator"),
        (ROLE, "ext:coach", "ext:coach"),
        (IMPORTANCE, "Primary", "primary"),
        (SCORE_STATUS, "Fully Graded", "fully graded"),
        (SCORE_STATUS, "not_submitted", "not submitted"),
        (SetOf(TEXT), "KG,01,02", ("01", "02", "KG")),
        (SetOf(TEXT), ["b", "a", "b", None, " "], ("a", "b")),
        (SetOf(TEXT), [], None),
        (ROLES, " ", None),
    ],
)
def test_what_is_said_in_many_ways_means_one_thing(kind: Any, said: Any, means: Any) -> None:
    """A1: variants of one value have one normal form."""
    assert kind.normal(said) == means


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Boolean(), "perhaps"),
        (Number(), "many"),
        (Number(), "nan"),
        (Date(), "17.08.2026"),
        (Date(), "2026-02-30"),
        (Instant(), "yesterday"),
        (Phone(), "none"),
        (TEXT, {"a": 1}),
        (TEXT, True),
        (SetOf(TEXT), {"a": 1}),
        (ROLES, "student"),
    ],
)
def test_what_cannot_be_understood_is_said_so(kind: Any, said: Any) -> None:
    """A2: a value outside its kind is never guessed."""
    with pytest.raises(Unfit):
        kind.normal(said)


def test_elements_are_sorted_and_told_apart_by_their_key() -> None:
    """A4: the order in which a SIS lists roles means nothing, and a role is held once."""
    one = {"role": "Student", "org": "o2", "role_type": "primary"}
    two = {"role": "aide", "org": "o1"}
    assert ROLES.normal([one, two]) == ROLES.normal([two, one, {**one, "role_type": "secondary"}])


anything = st.one_of(
    st.none(), st.booleans(), st.text(max_size=8), st.integers(), st.floats(), st.dates().map(str),
    st.lists(st.text(max_size=3), max_size=3),
)  # fmt: skip
FIELDS = [one for entity in ENTITIES.values() for one in entity.fields]


@given(st.sampled_from(FIELDS), anything)
def test_normal_forms_are_stable(field: Any, said: Any) -> None:
    """A1: the normal form of a normal form is itself, for every field and whatever is said."""
    try:
        once = field.kind.normal(said)
    except Unfit:
        return
    assert field.kind.normal(once) == once
