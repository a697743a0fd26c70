"""Two people are never made one in passing: what they share and mistype (SEMANTICS D5)."""

from pathlib import Path
from typing import Any

import pytest

from app.engine.decisions import Decision, Take
from app.engine.policy import Decides
from app.store import reads
from tests.engine.test_matching import PEOPLE, asked, both, counts, ids, person, quiet, town
from tests.engine.toy import District, sums


def twice(d: District, mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Tells both systems of somebody, and reads them."""
    person(d.sis, "a-z", **mine)
    person(d.other, "b-z", **theirs)
    d.sync()
    d.sync("other")


def apart(d: District, *keys: str) -> bool:
    """Whether each key is somebody else's."""
    return len({d.id("users", key) for key in keys}) == len(keys)


def whys(d: District) -> list[tuple[int, int, str]]:
    """What is asked: of which record, of which newcomer, and why."""
    return sorted((one.record, one.about["newcomer"], one.about["why"]) for one in asked(d))


ANA, BEN = (
    {"given_name": name, "family_name": "Garcia", "identifier": id_}
    for name, id_ in (("Ana", "1001"), ("Ben", "1002"))
)
HOME = "garcia@home.example"

FAMILY: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "an address": ({"email": HOME}, {"email": HOME}),
    "a family number": ({"user_ids": ids(("Family", "F9"))}, {"user_ids": ids(("Family", "F9"))}),
    "an ID of an unknown kind": (
        {"user_ids": ids(("Blue", "9"))},
        {"user_ids": ids(("Blue", "9"))},
    ),
    "a locker of the other’s number": ({}, {"user_ids": ids(("Locker", "1001"))}),
    "N/A": ({"user_ids": ids(("State", "N/A"))}, {"user_ids": ids(("State", "N/A"))}),
    "zero": ({"identifier": "0"}, {"identifier": "0"}),
    "TEST": ({"user_master_identifier": "TEST"}, {"user_master_identifier": "TEST"}),
    "no address": ({"email": "none@none.com"}, {"email": "none@none.com"}),
}


@pytest.mark.parametrize("what", FAMILY)
def test_siblings_are_two_whatever_they_share(data_dir: Path, what: str) -> None:
    """Born on one day, of one family name: nothing is asked either, families are many."""
    mine, theirs = FAMILY[what]
    with both(data_dir) as d:
        for sis, k in ((d.sis, "a"), (d.other, "b")):
            sis.put("demographics", f"{k}-z", user=f"{k}-z", birth_date="2012-02-29")
        twice(d, {**ANA, **mine}, {**BEN, **theirs})
        assert apart(d, "a-z", "b-z")
        assert asked(d) == []


def test_of_three_siblings_two_in_each_system_only_one_is_in_both(data_dir: Path) -> None:
    """She is known by her number; the address of all three tells nothing."""
    with both(data_dir) as d:
        for sis, k, known in (
            (d.sis, "a", (ANA, BEN)),
            (d.other, "b", (ANA, {**BEN, "given_name": "Cid", "identifier": "1003"})),
        ):
            for n, one in enumerate(known):
                person(sis, f"{k}-x{n}", email=HOME, **one)
        d.sync()
        d.sync("other")
        assert d.id("users", "a-x0") == d.id("users", "b-x0")
        assert apart(d, "a-x0", "a-x1", "b-x1")
        assert asked(d) == []


@pytest.mark.parametrize("side", ["a", "b"])
def test_an_address_that_two_of_one_system_have_names_neither(data_dir: Path, side: str) -> None:
    """Whoever it is: the names agree, but they are all that does."""
    with both(data_dir) as d:
        person(d.sis if side == "a" else d.other, f"{side}-y", given_name="Ben", email=HOME)
        twice(d, {"email": HOME}, {"email": HOME})
        assert apart(d, "a-z", "b-z")
        assert asked(d) == []


STRONG: dict[str, Any] = {
    "state-id": {"user_ids": ids(("State", "77"))},
    "district-number": {"identifier": "X9"},
    "master-id": {"user_master_identifier": "M9"},
}


@pytest.mark.parametrize("rule", STRONG)
def test_a_number_of_another_given_name_is_asked_about(data_dir: Path, rule: str) -> None:
    """One word in common is not enough: it is the family’s."""
    with both(data_dir) as d:
        twice(d, {"given_name": "Ana", **STRONG[rule]}, {"given_name": "Ben", **STRONG[rule]})
        assert whys(d) == [(d.id("users", "a-z"), d.id("users", "b-z"), "names")]


@pytest.mark.parametrize("rule", STRONG)
def test_a_teacher_is_no_student_of_the_same_number(data_dir: Path, rule: str) -> None:
    """States number educators in a series of their own."""
    with both(data_dir) as d:
        twice(d, STRONG[rule], {"role": "teacher", **STRONG[rule]})
        assert apart(d, "a-z", "b-z")
        assert asked(d) == []


def test_a_state_id_knows_who_married(data_dir: Path) -> None:
    """The family name may differ where something certain is the same."""
    with both(data_dir) as d:
        twice(d, STRONG["state-id"], {**STRONG["state-id"], "family_name": "Ruiz"})
        assert d.id("users", "a-z") == d.id("users", "b-z")


def test_a_local_number_alone_does_not(data_dir: Path) -> None:
    """Every sixtieth child has the given name of another: it is asked."""
    with both(data_dir) as d:
        twice(d, {"identifier": "X9"}, {"identifier": "X9", "family_name": "Ruiz"})
        assert whys(d) == [(d.id("users", "a-z"), d.id("users", "b-z"), "family_name")]


def test_of_an_unknown_sort_a_local_number_is_asked_about(data_dir: Path) -> None:
    """A teacher whose assignments nobody may read is not the student of that name and number."""
    with both(data_dir) as d:
        twice(d, {"identifier": "X9"}, {"identifier": "X9", "roles": []})
        assert whys(d) == [(d.id("users", "a-z"), d.id("users", "b-z"), "sort")]


@pytest.mark.parametrize("page", [1, 100])
def test_a_mistyped_state_id_exchanges_nobody(data_dir: Path, page: int) -> None:
    """The brother who has it by mistake is read first: she is known all the same, and he is two."""
    with both(data_dir, other=town("b", page=page)) as d:
        state: dict[str, Any] = {"user_ids": ids(("State", "77"))}
        person(d.sis, "a-x", **ANA, **state)
        person(d.other, "b-1", **BEN, **state)
        person(d.other, "b-2", **ANA, **state)
        d.sync()
        d.sync("other")
        assert d.id("users", "b-2") == d.id("users", "a-x") != d.id("users", "b-1")
        d.sync("other")
        assert asked(d) == []


def test_identifiers_that_name_two_choose_nobody(data_dir: Path) -> None:
    """His number and her state ID: the likelier of the two is named."""
    with both(data_dir) as d:
        person(d.sis, "a-x", **ANA, user_ids=ids(("State", "77")))
        person(d.sis, "a-y", **BEN, user_ids=ids(("LDAP", "ben")))
        person(d.other, "b-y", **BEN, user_ids=ids(("State", "77")))
        d.sync()
        d.sync("other")
        assert whys(d) == [(d.id("users", "a-y"), d.id("users", "b-y"), "ambiguous")]


# -- a further row of one system --------------------------------------------------------------


@pytest.mark.parametrize("page", [1, 100])
@pytest.mark.parametrize("late", [False, True])
def test_a_second_row_that_fits_as_well_is_asked_about(
    data_dir: Path, page: int, late: bool
) -> None:
    """Which of the two is the one that the other system has: in the same read, or a later one."""
    with both(data_dir, other=town("b", page=page)) as d:
        person(d.sis, "a-x", identifier="X9")
        person(d.other, "b-1", identifier="X9")
        if late:
            d.sync()
            d.sync("other")
        person(d.other, "b-2", identifier="X9")
        d.sync()
        d.sync("other", full=True)
        assert d.id("users", "b-1") == d.id("users", "a-x") != d.id("users", "b-2")
        assert whys(d) == [(d.id("users", "a-x"), d.id("users", "b-2"), "taken")]


@pytest.mark.parametrize("take", [Take.SAME, Take.DIFFERENT])
def test_the_answer_says_which_row_it_is(data_dir: Path, take: Take) -> None:
    """A system tells of a person by one row: the same, and the other row is a record of its own."""
    with both(data_dir) as d:
        person(d.sis, "a-x", identifier="X9")
        for n in (1, 2):
            person(d.other, f"b-{n}", identifier="X9", phone=f"+1 555 010{n}")
        d.sync()
        d.sync("other")
        d.engine.resolve([Decision(one.id, take) for one in asked(d)], "Ana")
        known, alone = ("b-2", "b-1") if take is Take.SAME else ("b-1", "b-2")
        assert d.id("users", known) == d.id("users", "a-x") != d.id("users", alone)
        for n in range(6):
            run = d.sync(("toy", "other")[n % 2], full=n % 3 == 0)
            assert set(sums(run)) <= {"read", "unchanged"}, (n, d.log(run.id))
        assert d.id("users", known) == d.id("users", "a-x") != d.id("users", alone)
        assert asked(d) == []


def test_who_was_told_apart_and_has_a_new_key_is_asked_within_the_system(data_dir: Path) -> None:
    """D5 goes first: a newcomer with the number of somebody whose row is gone waits."""
    with both(data_dir) as d:
        twice(d, {**ANA, "identifier": "X9"}, {**BEN, "identifier": "X9"})
        d.engine.resolve([Decision(one.id, Take.DIFFERENT) for one in asked(d)], "Ana")
        ana, ben = d.id("users", "a-z"), d.id("users", "b-z")
        d.other.vanish("users", "b-z")
        person(d.other, "b-new", **{**ANA, "identifier": "X9"})
        d.sync("other", full=True)
        assert d.id("users", "b-new") != ana
        [one] = asked(d)
        assert one.record == ben


# -- two systems that number people each in its own way ---------------------------------------


def numbered(d: District, people: int) -> None:
    """Both tell of the same people, under each other's numbers."""
    for n in range(people):
        for sis, k, number in ((d.sis, "a", n), (d.other, "b", (n + 1) % people)):
            person(sis, f"{k}-x{n:02}", given_name=f"Kid{n}", family_name=f"House{n}",
                   identifier=f"N{number}")  # fmt: skip


def test_numbers_that_are_others_numbers_tell_nothing(data_dir: Path) -> None:
    """More than a few who are plainly somebody else: nobody is asked about, and it is told once."""
    with both(data_dir, town("a", page=50), town("b", page=50)) as d:
        numbered(d, 40)
        # By number and name she would be the very one.
        person(d.sis, "a-y", identifier="Y9")
        person(d.other, "b-y", identifier="Y9")
        d.sync()
        run = d.sync("other")
        assert d.log(run.id).count("identity_rule_mistrusted") == 1
        assert (d.id("users", "a-y"), d.id("users", "b-y"), "mistrusted") in whys(d)
        assert len(asked(d)) == PEOPLE + 1
        assert counts(d)["users"] == 80 + 2 * (PEOPLE + 1)


def test_what_is_not_trusted_is_so_in_later_syncs_until_it_is_switched_on(data_dir: Path) -> None:
    """Whoever comes next is not made one either."""
    with both(data_dir, town("a", page=50), town("b", page=50)) as d:
        numbered(d, 40)
        d.sync()
        d.sync("other")
        for n, one in enumerate(("Y8", "Y9")):
            if n:
                d.engine.set_identity_rule("users.district-number", on=True)
            person(d.sis, f"a-y{n}", identifier=one)
            person(d.other, f"b-y{n}", identifier=one)
            d.sync()
            d.sync("other")
        assert apart(d, "a-y0", "b-y0")
        assert d.id("users", "a-y1") == d.id("users", "b-y1")


# -- a key that was given to somebody else ----------------------------------------------------


def test_a_key_that_is_another_child_by_now_renames_nobody(data_dir: Path) -> None:
    """B3: the other system's child stays who they are; the seats of the key go with it."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        d.engine.set_policy("other", "users", Decides.SIS, "Ana")
        d.other.change("users", "b-u1", given_name="Kofi", family_name="Mensah", identifier="Y1")
        run = d.sync("other")
        assert "keys_recycled" in d.log(run.id)
        assert d.values("users", "a-u1")["given_name"] == "Given1"
        assert d.values("users", "b-u1")["given_name"] == "Kofi"
        assert d.values("enrollments", "b-e1")["user"] == d.id("users", "b-u1")
        assert d.values("enrollments", "a-e1")["user"] == d.id("users", "a-u1")
        for n in range(6):
            assert quiet(d.sync(("toy", "other")[n % 2], full=n % 3 == 0)), n
        assert counts(d)["users"] == PEOPLE + 1


def test_a_new_name_of_the_same_number_is_a_change(data_dir: Path) -> None:
    """Who is adopted, or takes another name, keeps the record."""
    with both(data_dir) as d:
        d.sync()
        d.sync("other")
        d.engine.set_policy("other", "users", Decides.SIS, "Ana")
        d.other.change("users", "b-u1", given_name="Kofi", family_name="Mensah")
        d.sync("other")
        assert d.id("users", "b-u1") == d.id("users", "a-u1")
        assert d.values("users", "a-u1")["given_name"] == "Kofi"


def test_a_key_of_one_system_alone_is_its_own_affair(data_dir: Path) -> None:
    """Where no other SIS has the person there is nobody to be mistaken for."""
    with both(data_dir) as d:
        twice(d, {}, {"identifier": "N1"})
        d.other.change("users", "b-z", given_name="Kofi", family_name="Mensah", identifier="Y1")
        one = d.id("users", "b-z")
        run = d.sync("other")
        assert d.id("users", "b-z") == one
        assert reads.record(d.database, "users", one).record.alive
        assert "keys_recycled" not in d.log(run.id)
