"""The heart, as a table: base × local × remote for field, group, element and being alive."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.reconcile import (
    ConflictKind,
    Living,
    edited,
    first_values,
    reconcile,
    reconcile_alive,
)
from app.roster.entities import ENTITIES
from app.roster.stored import list_text
from app.roster.values import UNKNOWN, UNSAID

USERS = ENTITIES["users"]
SESSIONS = ENTITIES["academic_sessions"]
WIDTH = len(USERS.fields)
NAME = USERS.by_name["given_name"].index
ROLES = USERS.by_name["roles"].index
GRADES = USERS.by_name["grades"].index


def row(entity: Any = USERS, fill: Any = None, **values: Any) -> tuple[Any, ...]:
    """A row of ``entity`` with ``fill`` in every other field."""
    return tuple(values.get(one.name, fill) for one in entity.fields)


# What must follow, said as: local becomes, base becomes, is a person asked.
# A and B and C are three different values; - is blank.
TABLE = """
base local remote | local base asked
-    -     -      | -     -    no      nothing anywhere
-    -     A      | A     A    no      only the SIS changed: filled
-    A     -      | A     -    no      only we changed: stays, to be pushed
-    A     A      | A     A    no      both came to the same
-    A     B      | A     -    yes     both filled, differently
A    -     -      | -     -    no      both blanked
A    -     A      | -     A    no      only we blanked
A    -     B      | -     A    yes     we blanked, they changed
A    A     -      | -     -    no      only the SIS blanked
A    A     A      | A     A    no      nothing changed
A    A     B      | B     B    no      only the SIS changed
A    B     -      | B     A    yes     we changed, they blanked
A    B     A      | B     A    no      only we changed
A    B     B      | B     B    no      both came to the same
A    B     C      | B     A    yes     both changed, differently
?    -     -      | -     -    no      never decided, both blank
?    -     A      | A     A    no      filled: no conflict (B4)
?    A     -      | A     -    no      a blank yields to a value (B3)
?    A     A      | A     A    no      equal: linked silently
?    A     B      | A     ?    yes     first contact, differing
A    A     !      | A     A    no      not spoken: changes nothing (A2)
A    B     !      | B     A    no      not spoken: changes nothing (A2)
?    A     !      | A     ?    no      not spoken: changes nothing (A2)
"""


def cells() -> list[Any]:
    """The table as parameters, named by what each line says."""
    found = []
    for line in TABLE.strip().splitlines()[1:]:
        sides, _, rest = line.partition("|")
        local, base, asked, *said = rest.split()
        found.append(pytest.param(*sides.split(), local, base, asked == "yes", id=" ".join(said)))
    return found


def value(word: str) -> Any:
    return {"-": None, "?": UNKNOWN, "!": UNSAID}.get(word, word)


@pytest.mark.parametrize(("b", "lo", "r", "local", "base", "asked"), cells())
def test_a_field(b: str, lo: str, r: str, local: str, base: str, asked: bool) -> None:
    """B1-B4, A2: one field, every combination."""
    outcome = reconcile(
        USERS,
        row(given_name=value(b)),
        row(given_name=value(lo)),
        row(given_name=value(r)),
    )
    assert outcome.local.get(NAME, value(lo)) == value(local)
    assert outcome.base.get(NAME, value(b)) == value(base)
    assert bool(outcome.conflicts) == asked
    if asked:
        (conflict,) = outcome.conflicts
        kind = ConflictKind.FIRST_CONTACT if b == "?" else ConflictKind.BOTH_CHANGED
        assert (conflict.part, conflict.kind) == ("given_name", kind)
        assert conflict.local == {"given_name": value(lo)}
        assert conflict.remote == {"given_name": value(r)}


@pytest.mark.parametrize(("b", "lo", "r", "local", "base", "asked"), cells())
def test_a_group(b: str, lo: str, r: str, local: str, base: str, asked: bool) -> None:
    """A4: a declared group is decided whole: with an equal neighbour it is as a single field."""
    places = [SESSIONS.by_name[name].index for name in ("start_date", "end_date")]
    same = UNKNOWN if b == "?" else None

    def both(word: str, other: Any) -> tuple[Any, ...]:
        return row(SESSIONS, start_date=value(word), end_date=other)

    silent = UNSAID if r == "!" else None
    outcome = reconcile(SESSIONS, both(b, same), both(lo, None), both(r, silent))
    assert outcome.local.get(places[0], value(lo)) == value(local)
    assert outcome.base.get(places[0], value(b)) == value(base)
    assert [conflict.part for conflict in outcome.conflicts] == ["dates"] * asked


def test_a_group_is_never_split() -> None:
    """A4: one end of a pair changed here, the other there: one question, and neither is written."""
    outcome = reconcile(
        SESSIONS,
        row(SESSIONS, start_date="2026-08-17", end_date="2026-12-18"),
        row(SESSIONS, start_date="2026-08-24", end_date="2026-12-18"),
        row(SESSIONS, start_date="2026-08-17", end_date="2026-12-22"),
    )
    assert (outcome.local, outcome.base) == ({}, {})
    (conflict,) = outcome.conflicts
    assert conflict.local == {"start_date": "2026-08-24", "end_date": "2026-12-18"}


def roles(*parts: tuple[str, int, str | None]) -> Any:
    """Roles in stored form: (role, org, role type)."""
    kind = USERS.by_name["roles"].kind
    return list_text(kind.normal([(*part, None, None) for part in parts]))


@pytest.mark.parametrize(("b", "lo", "r", "local", "base", "asked"), cells()[:15])
def test_an_element(b: str, lo: str, r: str, local: str, base: str, asked: bool) -> None:
    """A4: one element of a list, every combination, beside one that never changes."""

    def stored(word: str) -> Any:
        still = ("aide", 9, None)
        return roles(still) if word == "-" else roles(still, ("student", 1, word))

    outcome = reconcile(USERS, row(roles=stored(b)), row(roles=stored(lo)), row(roles=stored(r)))
    assert outcome.local.get(ROLES, stored(lo)) == stored(local)
    assert outcome.base.get(ROLES, stored(b)) == stored(base)
    assert bool(outcome.conflicts) == asked
    for conflict in outcome.conflicts:
        assert conflict.part == 'roles[["student",1]]'


def test_elements_changed_on_both_sides_are_all_kept() -> None:
    """A4: different elements of one list never meet."""
    outcome = reconcile(
        USERS,
        row(roles=roles(("student", 1, None), ("aide", 1, None))),
        row(roles=roles(("student", 1, None), ("aide", 1, None), ("proctor", 2, None))),
        row(roles=roles(("student", 1, "primary"))),
    )
    assert outcome.local[ROLES] == roles(("student", 1, "primary"), ("proctor", 2, None))
    assert outcome.base[ROLES] == roles(("student", 1, "primary"))
    assert not outcome.conflicts


def test_a_set_is_merged_like_elements() -> None:
    """A4: a grade added here and one taken away there."""
    outcome = reconcile(
        USERS,
        row(grades='["09","10"]'),
        row(grades='["09","10","11"]'),
        row(grades='["10"]'),
    )
    assert outcome.local[GRADES] == '["10","11"]'
    assert outcome.base[GRADES] == '["10"]'


def test_a_field_in_conflict_holds_nobody_else_back() -> None:
    """B2: the record's other fields go on."""
    outcome = reconcile(
        USERS,
        row(given_name="A", family_name="A"),
        row(given_name="B", family_name="A"),
        row(given_name="C", family_name="B"),
    )
    assert outcome.local == {USERS.by_name["family_name"].index: "B"}
    assert [conflict.part for conflict in outcome.conflicts] == ["given_name"]


def test_what_the_remote_blanks_is_told() -> None:
    """A2: blanking is marked, because only the whole stream tells whether the field is spoken."""
    assert reconcile(USERS, row(email="a@b"), row(email="a@b"), row()).blanks == {
        USERS.by_name["email"].index
    }
    assert not reconcile(USERS, row(), row(email="a@b"), row()).blanks


@pytest.mark.parametrize("here", [True, False], ids=["edited", "untouched"])
@pytest.mark.parametrize(
    ("base", "local", "remote"), list(itertools.product([True, False], repeat=3))
)
def test_being_alive(base: bool, local: bool, remote: bool, here: bool) -> None:
    """B6: only a change does anything, and an edit beats a delete."""
    living = reconcile_alive(base=base, local=local, remote=remote, edited=here)
    if remote == base:
        assert living is Living.STAYS  # repeated tombstones, and our own ends and restores
    elif remote == local:
        assert living is Living.STAYS  # both came to the same
    elif remote:
        assert living is Living.REVIVES
    else:
        assert living is (Living.CONFLICT if here else Living.ENDS)


def test_unknown_base_is_no_edit() -> None:
    """B4, B6: a field that was never decided about does not count as changed here."""
    assert not edited((UNKNOWN, "A"), ("B", "A"))
    assert edited((UNKNOWN, "A"), ("B", "B"))


def test_a_new_record_is_blank_where_nothing_is_said() -> None:
    """A2: unsaid becomes blank here, and stays unknown in the base."""
    assert first_values((UNSAID, "A", None)) == (None, "A", None)


# -- whatever the values ----------------------------------------------------------------------

texts = st.one_of(st.none(), st.sampled_from("ABC"))
role_lists = st.lists(
    st.tuples(st.sampled_from(["student", "aide"]), st.integers(1, 2), texts), max_size=4
)


@st.composite
def rows(draw: st.DrawFn) -> tuple[Any, ...]:
    """A user's row in stored form."""
    return row(
        given_name=draw(texts),
        family_name=draw(texts),
        roles=roles(*draw(role_lists)),
        grades=list_text(tuple(sorted(draw(st.sets(st.sampled_from("123"))))) or None),
    )


def applied(side: tuple[Any, ...], changes: dict[int, Any]) -> tuple[Any, ...]:
    """A row after what an outcome says of it."""
    return tuple(changes.get(place, value) for place, value in enumerate(side))


@given(rows(), rows(), rows())
def test_reconcile_is_idempotent(
    base: tuple[Any, ...], local: tuple[Any, ...], remote: tuple[Any, ...]
) -> None:
    """A second time nothing moves, and the same questions stand."""
    first = reconcile(USERS, base, local, remote)
    base, local = applied(base, first.base), applied(local, first.local)
    again = reconcile(USERS, base, local, remote)
    assert (again.local, again.base) == ({}, {})
    assert {one.part for one in again.conflicts} == {one.part for one in first.conflicts}


@given(rows(), rows(), rows())
def test_no_local_edit_is_lost(
    base: tuple[Any, ...], local: tuple[Any, ...], remote: tuple[Any, ...]
) -> None:
    """B1, B2: a scalar that was changed here and not there stands; changed on both, it is asked."""
    outcome = reconcile(USERS, base, local, remote)
    asked = {one.part for one in outcome.conflicts}
    for name in ("given_name", "family_name"):
        place = USERS.by_name[name].index
        if local[place] not in (base[place], remote[place]):
            assert place not in outcome.local
            assert (name in asked) == (remote[place] != base[place])


@given(rows(), rows())
def test_without_edits_local_becomes_the_remote(
    base: tuple[Any, ...], remote: tuple[Any, ...]
) -> None:
    """B1: where nothing was changed here, both sides end as the SIS says."""
    outcome = reconcile(USERS, base, base, remote)
    assert applied(base, outcome.local) == remote
    assert applied(base, outcome.base) == remote
    assert not outcome.conflicts
