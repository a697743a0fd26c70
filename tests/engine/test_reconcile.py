"""The heart, as a table: base × local × remote for field, group, element and being alive."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.reconcile import (
    ConflictKind,
    Decides,
    Who,
    edited,
    first_values,
    reconcile,
    reconcile_alive,
    stays_pinned,
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


# What must follow where a person is asked, where the SIS decides and where we decide: what local
# becomes, what the base becomes, and ! where a person is asked. A and B and C are three different
# values; - is blank, ? was never decided about, ~ is not spoken. Decisions differ in what is asked
# and in nothing else.
TABLE = """
base local remote | ask     | SIS   | ours  |
-    -     -      | -  -    | -  -  | -  -  | nothing anywhere
-    -     A      | A  A    | A  A  | A  A  | only the SIS changed: filled
-    A     -      | A  -    | A  -  | A  -  | only we changed: stays, to be pushed
-    A     A      | A  A    | A  A  | A  A  | both came to the same
-    A     B      | A  -  ! | B  B  | A  B  | both filled, differently
A    -     -      | -  -    | -  -  | -  -  | both blanked
A    -     A      | -  A    | -  A  | -  A  | only we blanked
A    -     B      | -  A  ! | B  B  | -  B  | we blanked, they changed
A    A     -      | -  -    | -  -  | -  -  | only the SIS blanked
A    A     A      | A  A    | A  A  | A  A  | nothing changed
A    A     B      | B  B    | B  B  | B  B  | only the SIS changed
A    B     -      | B  A  ! | -  -  | B  -  | we changed, they blanked
A    B     A      | B  A    | B  A  | B  A  | only we changed
A    B     B      | B  B    | B  B  | B  B  | both changed and came to the same
A    B     C      | B  A  ! | C  C  | B  C  | both changed, differently
?    -     -      | -  -    | -  -  | -  -  | never decided, both blank
?    -     A      | A  A    | A  A  | A  A  | filled: no conflict (B4)
?    A     -      | A  -    | A  -  | A  -  | a blank yields to a value (B3)
?    A     A      | A  A    | A  A  | A  A  | equal: linked silently
?    A     B      | A  ?  ! | B  B  | A  B  | first contact, differing
A    -     ~      | -  A    | -  A  | -  A  | blanked here, not spoken: changes nothing (A2)
A    A     ~      | A  A    | A  A  | A  A  | not spoken: changes nothing (A2)
A    B     ~      | B  A    | B  A  | B  A  | changed here, not spoken: changes nothing (A2)
-    A     ~      | A  -    | A  -  | A  -  | filled here, not spoken: changes nothing (A2)
?    -     ~      | -  ?    | -  ?  | -  ?  | never decided, blank, not spoken: nothing (A2)
?    A     ~      | A  ?    | A  ?  | A  ?  | never decided, not spoken: nothing (A2)
"""


def cells(table: str = TABLE) -> list[Any]:
    """The table as parameters: sides, who decides, what follows; named by what each line says."""
    found = []
    for line in table.strip().splitlines()[1:]:
        sides, *answers, said = (part.split() for part in line.split("|"))
        for who, answer in zip(Who, answers, strict=True):
            name = f"{who}: {' '.join(said)}"
            found.append(pytest.param(*sides, who, answer, id=name))
    return found


def value(word: str) -> Any:
    return {"-": None, "?": UNKNOWN, "~": UNSAID}.get(word, word)


def always(who: Who) -> Decides:
    """A decision whatever is asked."""
    return lambda part, kind: who


CELLS = pytest.mark.parametrize(("b", "lo", "r", "who", "answer"), cells())


@CELLS
def test_a_field(b: str, lo: str, r: str, who: Who, answer: list[str]) -> None:
    """B1-B5, A2: one field, every combination under every decision."""
    outcome = reconcile(
        USERS,
        row(given_name=value(b)),
        row(given_name=value(lo)),
        row(given_name=value(r)),
        always(who),
    )
    local, base, *asked = answer
    assert outcome.local.get(NAME, value(lo)) == value(local)
    assert outcome.base.get(NAME, value(b)) == value(base)
    assert bool(outcome.conflicts) == bool(asked)
    if asked:
        (conflict,) = outcome.conflicts
        kind = ConflictKind.FIRST_CONTACT if b == "?" else ConflictKind.BOTH_CHANGED
        assert (conflict.part, conflict.kind) == ("given_name", kind)
        assert conflict.local == {"given_name": value(lo)}
        assert conflict.remote == {"given_name": value(r)}


@CELLS
def test_what_a_decision_throws_away_is_told(
    b: str, lo: str, r: str, who: Who, answer: list[str]
) -> None:
    """B5: a value that was changed and does not stand is in the outcome, whoever decided."""
    sides = (row(given_name=value(b)), row(given_name=value(lo)), row(given_name=value(r)))
    outcome = reconcile(USERS, *sides, always(who))
    would_ask = bool(reconcile(USERS, *sides).conflicts)
    if who is Who.SIS:
        assert (NAME in outcome.decided) == would_ask
    elif who is Who.OURS and would_ask:
        assert outcome.discarded == {NAME: value(r)}
    else:
        assert not outcome.discarded


@CELLS
def test_a_group(b: str, lo: str, r: str, who: Who, answer: list[str]) -> None:
    """A4: a declared group is decided whole: with an equal neighbour it is as a single field."""
    places = [SESSIONS.by_name[name].index for name in ("start_date", "end_date")]
    same = UNKNOWN if b == "?" else None

    def both(word: str, other: Any) -> tuple[Any, ...]:
        return row(SESSIONS, start_date=value(word), end_date=other)

    silent = UNSAID if r == "~" else None
    sides = (both(b, same), both(lo, None), both(r, silent))
    outcome = reconcile(SESSIONS, *sides, always(who))
    local, base, *asked = answer
    assert outcome.local.get(places[0], value(lo)) == value(local)
    assert outcome.base.get(places[0], value(b)) == value(base)
    assert [conflict.part for conflict in outcome.conflicts] == ["dates"] * bool(asked)


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


SAID = [cell for cell in cells() if not {"?", "~"} & set(map(str, cell.values[:3]))]
"""Of an element there is no *unknown* and no *unsaid*: it is in the list or it is not."""


@pytest.mark.parametrize(("b", "lo", "r", "who", "answer"), SAID)
def test_an_element(b: str, lo: str, r: str, who: Who, answer: list[str]) -> None:
    """A4: one element of a list, every combination, beside one that never changes."""

    def stored(word: str) -> Any:
        still = ("aide", 9, None)
        return roles(still) if word == "-" else roles(still, ("student", 1, word))

    sides = (row(roles=stored(b)), row(roles=stored(lo)), row(roles=stored(r)))
    outcome = reconcile(USERS, *sides, always(who))
    local, base, *asked = answer
    assert outcome.local.get(ROLES, stored(lo)) == stored(local)
    assert outcome.base.get(ROLES, stored(b)) == stored(base)
    assert bool(outcome.conflicts) == bool(asked)
    for conflict in outcome.conflicts:
        assert conflict.part == 'roles[["student",1]]'


# Whether a pin holds of an element that was undone: as a field, and in a list of which the remote
# says something else that is new.
PIN_TABLE = """
base local remote | field | list  |
A    -     A      | stays | stays | the SIS still says what was undone
A    B     A      | stays | stays | the same, of a change
-    A     -      | stays | stays | the SIS still leaves out what came back
A    -     -      | falls | falls | the SIS has taken it back itself
A    B     B      | falls | falls | the same, of a change
-    A     A      | falls | falls | the SIS has brought it back itself
A    -     B      | falls | falls | the SIS says another value
A    B     C      | falls | falls | the same, of a change
-    A     B      | falls | falls | the same, of what came back
A    A     A      | stays | falls | nothing differs
A    B     ~      | stays | stays | not spoken
?    A     B      | falls | falls | never decided
"""


@pytest.mark.parametrize(
    ("b", "lo", "r", "field", "of_list"),
    [
        pytest.param(*sides.split(), field.strip(), of_list.strip(), id=said.strip())
        for sides, field, of_list, said in (
            line.split("|") for line in PIN_TABLE.strip().splitlines()[1:]
        )
    ],
)
def test_a_pin(b: str, lo: str, r: str, field: str, of_list: str) -> None:
    """G2, A4: what was undone is no edit of ours, whatever else the SIS says of its list."""
    name, all_roles = (USERS.by_name[name] for name in ("given_name", "roles"))

    def stored(word: str, *others: tuple[str, int, None]) -> Any:
        if word in "?~":
            return value(word)
        return roles(*others, *([] if word == "-" else [("student", 1, word)]))

    new = ("aide", 9, None)
    assert stays_pinned(name, value(b), value(lo), value(r)) is (field == "stays")
    sides = stored(b), stored(lo), stored(r, new)
    assert stays_pinned(all_roles, *sides) is (of_list == "stays")


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


def role(
    name: str, org: int, kind: Any = None, begin: Any = None, end: Any = None
) -> tuple[Any, ...]:
    """One element of ``roles``."""
    return (name, org, kind, begin, end)


def user_ids(*pairs: tuple[str, str]) -> Any:
    """The stored value of ``user_ids``."""
    return list_text(tuple(pairs))


def test_what_each_side_changed_in_one_element_is_kept() -> None:
    """A4: one side says until when, the other that it is the primary one; nobody is asked."""
    was, ours, theirs = (
        list_text((role("student", 7, *told),))
        for told in ((None, None, None), ("primary", None, None), (None, "2026-08-17", None))
    )
    outcome = reconcile(USERS, row(roles=was), row(roles=ours), row(roles=theirs))
    assert not outcome.conflicts
    assert outcome.local[ROLES] == list_text((role("student", 7, "primary", "2026-08-17"),))
    assert outcome.base[ROLES] == theirs


def test_two_lists_that_meet_first_are_joined_element_by_element() -> None:
    """A4, B3: a number that one system knows is no contradiction to one that the other knows."""
    place = USERS.by_name["user_ids"].index
    ours, theirs = user_ids(("ldap", "ana")), user_ids(("stateId", "4711"))
    sides = row(fill=UNKNOWN), row(user_ids=ours), row(fill=UNSAID, user_ids=theirs)
    outcome = reconcile(USERS, *sides)
    assert not outcome.conflicts
    assert outcome.local[place] == user_ids(("ldap", "ana"), ("stateId", "4711"))
    assert outcome.base[place] == theirs


def test_a_blank_in_an_element_yields_at_first_contact() -> None:
    """B3, within an element: when it began is known to one side only."""
    ours = list_text((role("student", 7, "primary"),))
    theirs = list_text((role("student", 7, None, "2026-08-17"),))
    sides = row(fill=UNKNOWN), row(roles=ours), row(fill=UNSAID, roles=theirs)
    outcome = reconcile(USERS, *sides)
    assert outcome.local[ROLES] == list_text((role("student", 7, "primary", "2026-08-17"),))
    assert outcome.base[ROLES] == theirs


@pytest.mark.parametrize(
    ("ours", "theirs", "part"),
    [
        ([role("student", 7)], [role("student", 8)], "roles"),
        (
            [role("student", 7, "primary")],
            [role("student", 7, "secondary")],
            'roles[["student",7]]',
        ),
    ],
)
def test_where_somebody_belongs_is_asked_at_first_contact(
    ours: Any, theirs: Any, part: str
) -> None:
    """B3: two systems that each know another school are not both right; nothing is agreed yet."""
    sides = (list_text(tuple(ours)), list_text(tuple(theirs)))
    outcome = reconcile(
        USERS, row(fill=UNKNOWN), row(roles=sides[0]), row(fill=UNSAID, roles=sides[1])
    )
    [asked] = outcome.conflicts
    assert (asked.part, asked.kind) == (part, ConflictKind.FIRST_CONTACT)
    assert ROLES not in outcome.local
    assert ROLES not in outcome.base


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


# Being alive: + is alive, x is ended; then whether a field was changed here, and there.
ALIVE_TABLE = """
base local remote here there | ask      | SIS     | ours   |
+    +     +      no   no    | stays    | stays   | stays  | nothing happened
+    +     +      no   yes   | stays    | stays   | stays  | a field changed there
+    +     +      yes  no    | stays    | stays   | stays  | a field changed here
+    +     +      yes  yes   | stays    | stays   | stays  | fields changed on both sides
+    +     x      no   no    | ends     | ends    | ends   | only the SIS ended it
+    +     x      yes  no    | conflict | ends    | kept   | edited here, ended there
+    x     +      no   no    | stays    | stays   | stays  | only we ended it
+    x     +      yes  no    | stays    | stays   | stays  | we edited it and ended it
+    x     +      no   yes   | conflict | revives | stays  | ended here, edited there
+    x     +      yes  yes   | conflict | revives | stays  | ended here, edited on both sides
+    x     x      no   no    | stays    | stays   | stays  | both ended it
+    x     x      yes  no    | stays    | stays   | stays  | both ended it after an edit
x    +     x      no   no    | stays    | stays   | stays  | restored here: a repeated tombstone
x    +     x      yes  no    | stays    | stays   | stays  | restored and edited: nothing new there
x    +     +      no   yes   | stays    | stays   | stays  | both brought it back
x    x     +      no   no    | revives  | revives | revives | only the SIS brought it back
x    x     +      yes  yes   | revives  | revives | revives | it comes back with news
x    x     x      no   no    | stays    | stays   | stays  | ended, and said once more
x    x     x      yes  no    | stays    | stays   | stays  | ended with an edit that stayed here
"""


@pytest.mark.parametrize(("b", "lo", "r", "here", "there", "who", "answer"), cells(ALIVE_TABLE))
def test_being_alive(
    b: str, lo: str, r: str, here: str, there: str, who: Who, answer: list[str]
) -> None:
    """B6: only a change does anything, an edit beats a delete, and somebody may decide that."""
    living = reconcile_alive(
        base=b == "+",
        local=lo == "+",
        remote=r == "+",
        edited=here == "yes",
        moved=there == "yes",
        who=always(who),
    )
    assert [living.value] == answer


def test_unknown_base_is_no_edit() -> None:
    """B4, B6: a field that was never decided about does not count as changed here."""
    assert not edited((UNKNOWN, "A"), ("B", "A"))
    assert edited((UNKNOWN, "A"), ("B", "B"))


def test_a_new_record_is_blank_where_nothing_is_said() -> None:
    """A2: unsaid becomes blank here, and stays unknown in the base."""
    assert first_values((UNSAID, "A", None)) == (None, "A", None)


def test_a_merge_that_cannot_be_is_asked() -> None:
    """B7: each side added a primary role in one school; together that is two: nothing is written.

    One in each of two schools is what the standard asks for (OneRoster 1.2, Role, roleType).
    """
    outcome = reconcile(
        USERS,
        row(roles=roles(("student", 1, "primary")), given_name="A"),
        row(roles=roles(("student", 1, "primary")), given_name="A"),
        row(roles=roles(("proctor", 1, "primary"), ("student", 1, "primary")), given_name="B"),
    )
    assert ROLES in outcome.local  # what the SIS alone says is the SIS's to say
    outcome = reconcile(
        USERS,
        row(roles=roles(("aide", 3, None)), given_name="A"),
        row(roles=roles(("aide", 3, None), ("student", 1, "primary")), given_name="A"),
        row(roles=roles(("aide", 3, None), ("proctor", 1, "primary")), given_name="B"),
    )
    assert (outcome.local, outcome.base) == ({NAME: "B"}, {NAME: "B"})
    (conflict,) = outcome.conflicts
    assert (conflict.part, conflict.kind) == ("roles", ConflictKind.UNFIT)
    assert conflict.local == {"roles": roles(("aide", 3, None), ("student", 1, "primary"))}
    assert conflict.remote == {"roles": roles(("aide", 3, None), ("proctor", 1, "primary"))}
    outcome = reconcile(
        USERS,
        row(roles=roles(("aide", 3, None))),
        row(roles=roles(("aide", 3, None), ("student", 1, "primary"))),
        row(roles=roles(("aide", 3, None), ("student", 2, "primary"))),
    )
    both = roles(("aide", 3, None), ("student", 1, "primary"), ("student", 2, "primary"))
    assert (outcome.local, outcome.conflicts) == ({ROLES: both}, ())


@pytest.mark.parametrize("lo", ["A", "B", "-"])
def test_a_blank_never_overwrites_where_so_switched(lo: str) -> None:
    """B5: the SIS blanked; what we have stays and nobody is asked, until it says a value again."""
    sides = (row(given_name="A"), row(given_name=value(lo)), row())
    outcome = reconcile(USERS, *sides, keep_values=True)
    if lo == "-":
        assert (outcome.local, outcome.base) == ({}, {NAME: None})
    else:
        assert outcome.nothing
    again = reconcile(USERS, sides[0], sides[0], row(given_name="C"), keep_values=True)
    assert (again.local, again.base) == ({NAME: "C"}, {NAME: "C"})


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
