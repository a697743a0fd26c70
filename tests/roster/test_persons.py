"""Whether what two SISs say may be said of one person (SEMANTICS D5)."""

from typing import Any

import pytest

from app.roster.persons import (
    NAMES,
    NAMING,
    PLACEHOLDERS,
    against,
    are_others,
    family_names_agree,
    given_names_agree,
    ids,
    namesakes,
    no_mailbox,
    own_ids,
    same_sort,
    says_nothing,
    state_ids,
    words,
)

BLANK = (*NAMES, "identifier", "user_master_identifier", "email", "birth_date", "user_ids", "roles")


def person(given: str, family: str = "Garcia", **values: Any) -> dict[str, Any]:
    """A student of whom nothing else is told."""
    roles = (("student", 1, None, None, None),)
    named = {"given_name": given, "family_name": family, "roles": roles}
    return {**dict.fromkeys(BLANK), **named, **values}


ALIKE = {
    "case and accents": (person("ZOË"), person("Zoe")),
    "letters that have no accent": (person("Łukasz"), person("Lukasz")),
    "a hyphen": (person("Jean-Luc"), person("Jean Luc")),
    "one of two": (person("Jean-Luc"), person("Jean")),
    "written as one": (person("Mary Ann"), person("Maryann")),
    "an apostrophe": (person("D’Andre"), person("Dandre")),
    "the preferred name": (person("William", preferred_first_name="Bill"), person("Bill")),
    "the initial of the middle name": (
        person("Ana", middle_name="Maria"), person("Ana", middle_name="M."),
    ),
    "the maiden name in the middle": (
        person("Ana", "Lopez", middle_name="Garcia"), person("Ana", "Garcia", middle_name="Maria"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", ALIKE)
def test_given_names_that_agree(why: str) -> None:
    """What systems write differently of one person, in either order."""
    one, other = ALIKE[why]
    assert given_names_agree(one, other)
    assert given_names_agree(other, one)


OTHERS = {
    "siblings": (person("Ana"), person("Ben")),
    "one word of two": (person("José Luis"), person("José Antonio")),
    "other middle names": (
        person("Maria", middle_name="Elena"), person("Maria", middle_name="Luisa"),
    ),
    "the middle name alone": (
        person("Ana", middle_name="Maria"), person("Luz", middle_name="Maria"),
    ),
    "the initial of a middle name": (person("Ana", middle_name="M."), person("Mary")),
    "a short form that is not told": (person("William"), person("Bill")),
    "a sign that is a word": (person("伟"), person("伟明")),
    "vowels that are marks": (person("राम"), person("रमी")),
    "nothing": (person("Ana"), person("")),
}  # fmt: skip


@pytest.mark.parametrize("why", OTHERS)
@pytest.mark.parametrize("loosely", [False, True])
def test_given_names_that_do_not(why: str, loosely: bool) -> None:
    """What siblings may have in common, and whatever cannot be known."""
    one, other = OTHERS[why]
    assert not given_names_agree(one, other, loosely=loosely)
    assert not given_names_agree(other, one, loosely=loosely)


@pytest.mark.parametrize(
    ("one", "other"),
    [(person("J."), person("John")), (person("Robert", middle_name="James"), person("James"))],
)
def test_an_initial_and_the_middle_name_do_where_something_else_tells_much(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    """They are enough beside a state ID, and not beside an address that families share."""
    assert given_names_agree(one, other, loosely=True)
    assert not given_names_agree(one, other)


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("O'Brien", "OBrien", True),
        ("Garcia", "Garcia-Lopez", True),
        ("De la Cruz", "Cruz", True),
        ("De la Cruz", "De la Torre", False),
        ("Garcia Lopez", "Lopez Diaz", False),
        ("", "", False),
    ],
)
def test_family_names_agree_as_a_whole_or_in_part(one: str, other: str, agree: bool) -> None:
    """One is the other, or all of a part of it; a particle in common is nothing."""
    assert family_names_agree(person("Ana", one), person("Ana", other)) is agree


@pytest.mark.parametrize(
    "text",
    ["", "-", "--", "N/A", "n.a.", "0", "00000", "9", "99999", "NONE", "null", "Unknown", "TEST",
     "test1", "x", "XXX", "111", "tbd", "No ID"],
)  # fmt: skip
def test_placeholders_name_nobody(text: str) -> None:
    """What is typed where nothing is known."""
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["1", "7", "11", "90", "1001", "X9", "L1", "604821", "NA12", "X0"])
def test_short_numbers_are_numbers(text: str) -> None:
    """Small districts have small numbers."""
    assert not says_nothing(text)


@pytest.mark.parametrize(
    ("email", "nobodys"),
    [
        ("none@none.com", True),
        ("test@district.example", True),
        ("noemail@x.org", True),
        ("no-reply@district.example", True),
        ("office@district.example", True),
        ("zoe@noemail.com", True),
        ("zoe@x.com", False),
        ("z@district.example", False),
        ("zoe.okafor@students.district.example", False),
    ],
)
def test_addresses_that_are_nobodys(email: str, nobodys: bool) -> None:
    """Made up, or the office's."""
    assert no_mailbox(email) is nobodys


def test_kinds_of_ids_are_declared() -> None:
    """Of a family, a locker, a lunch or a bus nothing is taken; of an unknown kind no number."""
    kinds = ("State ID", "LDAP", "Badge", "Family", "Locker No.", "Lunch", "Bus route")
    one = person("Ana", user_ids=tuple((kind, f"{n}5") for n, kind in enumerate(kinds)))
    assert {kind for kind, _ in ids(one)} == {"stateid", "ldap", "badge"}
    assert own_ids(one) == {"05", "15"}
    assert state_ids(one) == {"05"}


def test_the_words_of_the_lists_are_written_as_they_are_compared() -> None:
    """In small letters without marks, or they would never be found."""
    assert all("".join(words(one)) == one for one in PLACEHOLDERS | NAMING)


def test_an_unknown_sort_of_person_is_that_of_namesakes_alone() -> None:
    """Students and staff are numbered apart."""
    pupil, unknown = person("Ana"), person("Ana", roles=None)
    assert same_sort(pupil, unknown)
    assert not same_sort(pupil, person("Ben", roles=None))
    assert not same_sort(pupil, person("Ana", roles=(("teacher", 1, None, None, None),)))


def test_who_marries_is_called_otherwise() -> None:
    """A family name may differ beside a state ID, a master ID or the birth date; not the given."""
    one, other = person("Ana", "Garcia"), person("Ana", "Lopez")
    assert against(one, other) == "family_name"
    for shared in (
        {"user_ids": (("State", "77"),)},
        {"user_master_identifier": "M1"},
        {"birth_date": "2012-01-01"},
    ):
        assert against({**one, **shared}, {**other, **shared}) is None
        assert against({**one, **shared}, {**person("Ben"), **shared}) == "names"


def test_namesakes_share_both_names() -> None:
    """One word in common is nothing: families have it, and so does every tenth child."""
    assert namesakes(person("Samuel", "Davis"), person("Samuel", "Davis"))
    assert not namesakes(person("Samuel", "Davis"), person("Samuel", "Oliveira"))
    assert not namesakes(person("Daniela", "Yousef"), person("Lan", "Yousef"))


@pytest.mark.parametrize(
    ("after", "others"),
    [
        (person("Kofi", "Mensah"), True),
        (person("Ben", identifier="1002"), True),
        (person("Ben"), False),
        (person("Kofi", "Mensah", identifier="1001"), False),
        (person("Ana", "Mensah", identifier="1002"), False),
    ],
)
def test_a_key_that_was_given_to_somebody_else(after: dict[str, Any], others: bool) -> None:
    """All names are others, or the given name and every ID; a name that changes alone is none."""
    assert are_others(person("Ana", identifier="1001"), after) is others
