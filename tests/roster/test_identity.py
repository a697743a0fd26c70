"""The rules by which records of two SISs are one, and what speaks against it (SEMANTICS D5)."""

from typing import Any

import pytest

from app.roster.entities import ENTITIES
from app.roster.identity import (
    BY_NAME,
    RULES,
    SAID_BY_DEMOGRAPHICS,
    TERM_DATES,
    Confidence,
    contradiction,
    identifiers,
    marks,
    rules_of,
    sought,
    told_of,
)
from app.roster.persons import sorts
from app.roster.stored import stored_value


def told(entity: str, **values: Any) -> dict[str, Any]:
    """What the rules look at, of a record that says nothing else."""
    blank: dict[str, Any] = {one.name: None for one in told_of(ENTITIES[entity])}
    return {**blank, SAID_BY_DEMOGRAPHICS: None, TERM_DATES: (), **values}


def student(**values: Any) -> dict[str, Any]:
    """Zoe, with something else that is told of her."""
    known = {"given_name": "Zoe", "family_name": "Okafor"}
    return told("users", **{**known, "roles": (("student", 1, None, None, None),), **values})


def stored(**values: Any) -> list[Any]:
    """A person in stored form."""
    row: list[Any] = [None] * len(ENTITIES["users"].fields)
    for name, value in values.items():
        field = ENTITIES["users"].by_name[name]
        row[field.index] = stored_value(field, value)
    return row


def test_every_rule_has_a_name_of_its_own_and_a_sentence() -> None:
    """Names are words for settings and the command line; all entities but score scales have one."""
    assert len(BY_NAME) == len(RULES)
    assert all(one.label and one.name == one.name.lower() for one in RULES)
    assert {one.entity for one in RULES} == ENTITIES.keys() - {"score_scales"}


@pytest.mark.parametrize("rule", RULES, ids=lambda one: one.name)
def test_blank_agrees_with_nothing(rule: Any) -> None:
    """Two records that say nothing are not one."""
    assert not rule.agree(told(rule.entity), told(rule.entity))


def test_only_name_and_birth_date_are_a_suggestion() -> None:
    """All other rules are certain, some of them where neither side has a second such record."""
    possible = [one.name for one in RULES if one.confidence is Confidence.POSSIBLE]
    assert possible == ["users.name-and-birth-date"]
    assert {one.name for one in RULES if one.sole} == {
        "orgs.name", "academic_sessions.name", "academic_sessions.year", "courses.code",
        "categories.title",
        "line_items.work", "assessment_line_items.title",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["State", "stateId", "State ID", "state-unique-id", "SSID"])
def test_a_state_id_is_one_however_its_kind_is_written(kind: str) -> None:
    """Systems write the kind of a state's ID in many ways."""
    rule = BY_NAME["users.state-id"]
    mine = student(user_ids=(("State", "77"),))
    assert rule.agree(mine, student(user_ids=((kind, "77"),)))
    assert not rule.agree(mine, student(user_ids=(("LDAP", "77"),)))


@pytest.mark.parametrize(
    ("roles", "sort"),
    [
        ([("parent", "secondary"), ("teacher", "primary")], {"staff"}),
        ([("parent", None), ("teacher", None)], {"staff"}),
        ([("teacher", "secondary"), ("guardian", "primary")], {"guardian"}),
        ([("student", None), ("aide", None)], {"student", "staff"}),
        ([], set()),
    ],
)
def test_a_teacher_who_is_a_parent_is_staff(roles: Any, sort: set[str]) -> None:
    """By the primary role; otherwise a guardian is whoever is nothing else."""
    given = tuple((role, 1, kind, None, None) for role, kind in roles)
    assert sorts(told("users", roles=given)) == sort


def test_what_contradicts_is_named() -> None:
    """Birth date before state ID before master ID before names."""
    mine = student(birth_date="2012-01-01", user_ids=(("State", "1"),))
    theirs = student(birth_date="2012-01-02", user_ids=(("State", "2"),))
    assert contradiction("users", mine, theirs) == "birth_date"
    assert contradiction("users", mine, {**theirs, "birth_date": None}) == "state_id"
    assert contradiction("orgs", told("orgs", name="A"), told("orgs", name="B")) is None


def test_classes_need_a_term_in_common_where_both_name_terms() -> None:
    """The same code is taught again next term."""
    (rule,) = rules_of("classes")
    mine = told("classes", class_code="A", school=1, terms=(5, 6))
    for terms, agrees in (((6, 7), True), ((7,), False), (None, True)):
        theirs = told("classes", class_code="A", school=1, terms=terms)
        assert rule.agree(mine, theirs) is agrees


def test_a_class_of_both_semesters_is_that_of_the_year() -> None:
    """Terms that overlap are as good as one in common; those that only touch are not."""
    (rule,) = rules_of("classes")
    fall, spring = ("2026-08-17", "2027-01-11"), ("2027-01-11", "2027-06-07")
    year = (fall[0], spring[1])

    def taught(term: int, *dates: tuple[str, str]) -> dict[str, Any]:
        return told("classes", class_code="A", school=1, terms=(term,), term_dates=dates)

    assert rule.agree(taught(1, fall, spring), taught(2, year))
    assert not rule.agree(taught(1, fall), taught(2, spring))
    assert not rule.agree(taught(1), taught(2, year))


def test_the_nearest_begin_date_is_meant() -> None:
    """A day apart is nearer than a month, and any date nearer than none."""
    (rule,) = rules_of("enrollments")
    assert rule.apart is not None
    mine = told("enrollments", begin_date="2026-08-17")
    far = [
        rule.apart(mine, told("enrollments", begin_date=day))
        for day in ("2026-08-17", "2026-08-18", "2026-09-17", None)
    ]
    assert far == sorted(far)
    assert far[:2] == [0, 1]


def test_people_are_found_by_more_than_identifies_them_within_one_system() -> None:
    """Email and an ID without its kind are looked up by, and identify nobody within one SIS."""
    users = ENTITIES["users"]
    one = stored(identifier="L1", user_ids=(("State", "77"),), email="z@x.example")
    assert identifiers(users, one) == {"identifier:L1", 'user_ids:["State","77"]'}
    assert marks(users, one) - identifiers(users, one) == {"id:77", "email:z@x.example"}
    assert sought(users, one) - marks(users, one) == {"identifier:77", "id:L1"}
