"""Limits as tables: what an item does, and what trips just above each figure (SEMANTICS E1, E5)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.figures import Limits, turned
from app.engine.limits import (
    DISTRICT,
    Known,
    Size,
    Trip,
    effects,
    effects_of,
    effects_text,
    holding,
    judge,
    logged,
    tell,
)
from app.engine.told import log_parameters
from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.roster.stored import list_text
from app.text import SENTENCES, sentence

USERS, SEATS = ENTITIES["users"], ENTITIES["enrollments"]
NOW = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)
TODAY = "2026-09-07"
LINCOLN, GRANT = 3, 4


def row(entity: Any, **values: Any) -> tuple[Any, ...]:
    """A stored row of ``entity``."""
    return tuple(values.get(one.name) for one in entity.fields)


def roles(*pairs: tuple[str, int]) -> str | None:
    """The stored roles of a person."""
    return list_text(tuple((role, org, None, None, None) for role, org in pairs))


def user(**values: Any) -> tuple[Any, ...]:
    return row(USERS, **{"given_name": "Zoë", "roles": roles(("student", 3))} | values)


def seat(**values: Any) -> tuple[Any, ...]:
    own = {"user": 1, "class": 7, "school": LINCOLN, "role": "student", "end_date": "2027-06-04"}
    return row(SEATS, **own | values)


# -- what an item does ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "does"),
    [
        (user(), user(), ""),
        (user(), user(given_name="Zoe"), "change"),
        (user(), user(given_name=None), "blank:given_name change"),
        (user(username="zn"), user(username="zoe"), "change login"),
        (user(username="zn"), user(username=None), "blank:username change login"),
        (user(), user(username="zoe"), "change"),
        (user(), user(enabled_user=0), "change removal"),
        (user(enabled_user=0), user(enabled_user=1), "arrival change"),
        (user(enabled_user=1), user(enabled_user=None), "blank:enabled_user change"),
        (user(), None, "removal"),
        (user(enabled_user=0), None, "clearing"),
        (None, user(), "arrival"),
        (None, user(enabled_user=0), ""),
        (user(), user(roles=roles(("teacher", 3))), "change staff"),
        (user(), user(roles=roles(("student", 3), ("aide", 3))), "change staff"),
        (user(), user(roles=roles(("guardian", 3))), "change"),
        (user(roles=roles(("aide", 3))), user(roles=roles(("teacher", 3))), "change"),
    ],
)
def test_what_is_done_to_a_person(before: Any, after: Any, does: str) -> None:
    """E1: disabling is a removal, login fields that had a value count, any student → staff."""
    found = effects(USERS, before, after, (LINCOLN,), (LINCOLN,), TODAY)
    assert sorted(found) == does.split()
    assert all(schools == [LINCOLN] for schools in found.values())


@pytest.mark.parametrize(
    ("before", "after", "does"),
    [
        (seat(), seat(begin_date="2026-08-17"), "change"),
        (seat(), seat(end_date="2026-12-18"), "change"),
        (seat(), seat(end_date=TODAY), "change leaves:7:student removal"),
        (seat(end_date=None), seat(end_date="2026-09-01"), "change leaves:7:student removal"),
        (seat(end_date=TODAY), seat(end_date="2026-09-01"), "change"),
        (seat(end_date=TODAY), seat(), "arrival change joins:7:student"),
        (seat(), None, "leaves:7:student removal"),
        (seat(), seat(role=None), "blank:role change leaves:7:student removal"),
        (seat(), seat(**{"class": None}), "blank:class change leaves:7:student removal"),
        (seat(), seat(**{"class": 8}), "change joins:8:student leaves:7:student"),
        (seat(), seat(role="teacher"), "change joins:7:teacher leaves:7:student staff"),
        (seat(role="aide"), None, "removal"),
        (seat(end_date=TODAY), None, "clearing"),
        (None, seat(), "arrival joins:7:student"),
    ],
)
def test_what_is_done_to_an_enrollment(before: Any, after: Any, does: str) -> None:
    """E1: end-dating while it is open is a removal, and so is losing its class or role."""
    found = effects(SEATS, before, after, (LINCOLN,), (LINCOLN,), TODAY)
    assert sorted(found) == does.split()


def test_leaving_a_school_is_a_removal_there() -> None:
    """E1: who moves leaves one school and arrives in another; the change counts where it was."""
    both = effects(USERS, user(), user(email="z@d"), (LINCOLN,), (GRANT,), TODAY)
    assert both == {"change": [LINCOLN], "removal": [LINCOLN], "arrival": [GRANT]}
    second = effects(USERS, user(), user(email="z@d"), (LINCOLN, GRANT), (LINCOLN,), TODAY)
    assert second == {"change": [LINCOLN, GRANT], "removal": [GRANT]}


def test_who_has_no_school_counts_under_the_district() -> None:
    """E1: one without a school counts there; getting a school is not leaving the district."""
    assert effects(USERS, user(), None, (), (), TODAY) == {"removal": [DISTRICT]}
    found = effects(USERS, user(), user(email="z@d"), (), (LINCOLN,), TODAY)
    assert found == {"change": [DISTRICT], "arrival": [LINCOLN]}


def test_equal_effects_are_equal_texts() -> None:
    """The order of names and schools does not tell; nothing is ``{}``."""
    one = effects(USERS, user(), user(email="z@d", given_name=None), (4, 3), (3, 4), TODAY)
    assert effects_text(one) == effects_text(dict(reversed(one.items())))
    assert effects_of(effects_text(one)) == one
    assert effects_text({}) == "{}"


# -- what trips -------------------------------------------------------------------------------


def text(*names: str, school: int = LINCOLN) -> str:
    return effects_text({name: [school] for name in names})


def known(count: int = 100, high: int | None = None, live: int | None = None, **more: Any) -> Known:
    """What is known, with a Lincoln of so many records and a Grant of a hundred."""
    size = Size(count, count if high is None else high, count if live is None else live)
    return Known(sizes={LINCOLN: size, GRANT: Size(100, 100, 100)}, **more)


def judged(
    planned: Mapping[str, int],
    of: Known | None = None,
    limits: Limits | None = None,
    entity: Any = USERS,
    now: datetime = NOW,
) -> list[Trip]:
    return judge(entity, planned, of or known(), limits or Limits(), now)


def rules(*arguments: Any, **more: Any) -> set[str]:
    return {trip.rule for trip in judged(*arguments, **more)}


REMOVAL, CHANGE = text("removal"), text("change")
BLANK = text("change", "blank:email")
LOGIN = text("change", "login")
OUT_7 = text("removal", "leaves:7:student")
EMAILS = {("email", LINCOLN): 60}


@pytest.mark.parametrize(
    ("planned", "of", "rule"),
    [
        ({REMOVAL: 10}, known(), None),
        ({REMOVAL: 11}, known(), "removals"),
        ({REMOVAL: 4}, known(20), None),
        ({REMOVAL: 5}, known(40), "removals"),
        ({REMOVAL: 5}, known(50), None),
        ({REMOVAL: 6}, known(day={REMOVAL: 5}), "removals"),
        ({REMOVAL: 5}, known(day={REMOVAL: 5}), None),
        ({REMOVAL: 10}, known(100, 100, 99, week={REMOVAL: 1}), "shrink"),
        ({REMOVAL: 9}, known(91, 100, 91, week={REMOVAL: 9}), "shrink"),
        ({REMOVAL: 9}, known(91, 91, 91, week={REMOVAL: 9}), None),
        ({CHANGE: 75}, known(), None),
        ({CHANGE: 76}, known(), "changes"),
        ({CHANGE: 4}, known(4), None),
        ({CHANGE: 5}, known(5), "changes"),
        ({BLANK: 6}, known(holders=EMAILS), None),
        ({BLANK: 7}, known(holders=EMAILS), "blanks"),
        ({BLANK: 5}, known(holders={("email", LINCOLN): 55}, day={BLANK: 5}), "blanks"),
        ({BLANK: 4}, known(holders={("email", LINCOLN): 4}), None),
        ({LOGIN: 5}, known(250), None),
        ({LOGIN: 5}, known(249), "logins"),
        ({LOGIN: 4}, known(100), None),
        ({text("change", "staff"): 1}, known(10_000), "staff"),
        ({OUT_7: 5}, known(places={"7:student": 6}), None),
        ({OUT_7: 5}, known(places={"7:student": 5}), "emptied_class"),
        ({OUT_7: 4}, known(places={"7:student": 4}), None),
        ({OUT_7: 2}, known(places={"7:student": 2}, day={OUT_7: 3}), "emptied_class"),
        (
            {OUT_7: 5, text("change", "joins:7:student"): 1},
            known(places={"7:student": 5}),
            None,
        ),
        ({text("change", "leaves:7:student"): 5}, known(places={"7:student": 5}), "emptied_class"),
        ({REMOVAL: 2}, known(3), None),
        ({REMOVAL: 3}, known(3), "emptied_school"),
        ({REMOVAL: 3, text("arrival"): 1}, known(3), None),
        ({REMOVAL: 1}, known(empty=True), "empty_answer"),
        ({text("removal", school=DISTRICT): 3}, Known(sizes={DISTRICT: Size(3, 3, 3)}), None),
        ({REMOVAL: 400, CHANGE: 900}, Known(), None),
        ({REMOVAL: 60, text("removal", school=GRANT): 1}, known(1000), None),
    ],
)
def test_just_under_nothing_trips_and_just_over_it_does(
    planned: dict[str, int], of: Known, rule: str | None
) -> None:
    """E1: each figure, from five records on; what a limit says of none it says of any."""
    assert rules(planned, of) == ({rule} if rule else set())


@pytest.mark.parametrize(("rule", "of"), [("emptied_class", "class"), ("removals", "school")])
def test_the_log_says_of_what_it_counts(rule: str, of: str) -> None:
    """E2: those who would leave a class are not taken for all of its school."""
    parameters = log_parameters("enrollments", Trip(rule, LINCOLN, 21, 21).parameters)
    assert f"21 of 21 records of one {of}." in sentence("limit_tripped", parameters)


def test_a_last_teacher_counts_as_a_removal() -> None:
    """E1: a teacher who leaves a class with another one in it has only moved."""
    moved = {text("change", f"leaves:{n}:teacher", f"joins:{n + 1}:teacher"): 1 for n in range(11)}
    two = {f"{n}:teacher": 2 for n in range(12)}
    assert rules(moved, known(places=two), entity=SEATS) == set()
    # Of the eleven classes the first has nobody following, so the moves leave one without.
    one = {f"{n}:teacher": 1 for n in range(12)}
    assert rules(moved, known(500, places=one), entity=SEATS) == set()
    alone = {text("change", f"leaves:{n}:teacher"): 1 for n in range(11)}
    found = judged(alone, known(places=one), entity=SEATS)
    assert [(trip.rule, trip.count) for trip in found] == [("removals", 11)]
    assert all(found[0].holds(effects_of(one_text)) for one_text in alone)


def test_nine_percent_a_day_does_not_slip_through() -> None:
    """E1: nine percent yesterday and eight today fall below 90 % of the seven-day high."""
    assert rules({REMOVAL: 9}, known(100, 100, 100)) == set()
    later = known(91, 100, 91, week={REMOVAL: 9})
    assert rules({REMOVAL: 8}, later) == {"shrink"}


def test_who_joined_meanwhile_makes_up_for_who_leaves() -> None:
    """E1: it is what lives afterwards that is compared with the high."""
    grown = known(100, 100, 99, week={REMOVAL: 9})
    assert rules({REMOVAL: 9}, grown) == set()


def test_what_is_taken_apart_is_neither_a_removal_nor_more_than_there_was() -> None:
    """E1: a school that a part has now loses nobody, and nobody has come to it."""
    parted = {text("parting"): 60, text("arrival"): 60}
    assert rules(parted) == set()
    shrinking = known(95, 100, 95, week={REMOVAL: 5})
    assert rules({REMOVAL: 7, **parted}, shrinking) == {"shrink"}


def test_what_ran_out_by_its_own_date_is_no_removal_of_ours() -> None:
    """A term's end makes a school smaller; the next five removals are not held for it."""
    assert rules({REMOVAL: 5}, known(100, 100, 60), entity=SEATS) == set()


def test_a_trip_holds_what_counts_in_its_school_and_has_its_effect() -> None:
    """E1: a tripped item waits whole; other schools and other effects flow."""
    moving = effects_text({"change": [LINCOLN], "removal": [LINCOLN], "arrival": [GRANT]})
    elsewhere = text("removal", school=GRANT)
    trips = judged({REMOVAL: 11, moving: 2, elsewhere: 3, CHANGE: 4})
    held_by = holding(trips)
    assert held_by(effects_of(REMOVAL)) == held_by(effects_of(moving)) == ["removals"]
    assert held_by(effects_of(CHANGE)) == held_by(effects_of(elsewhere)) == []
    assert trips[0].holds(effects_of(moving))
    assert not trips[0].holds(effects_of(elsewhere))


def test_one_item_may_be_held_by_several_limits() -> None:
    """E1: every rule that holds it is named."""
    trips = judged({text("change", "login", "staff"): 80})
    held_by = holding(trips)(effects_of(text("change", "login", "staff")))
    assert held_by == ["changes", "logins", "staff"]


def test_a_record_in_two_schools_counts_in_each() -> None:
    """E1: one school may trip on what the other one bears."""
    both = effects_text({"removal": [LINCOLN, GRANT]})
    trips = judged({both: 8}, known(50))
    assert [(trip.rule, trip.school, trip.count, trip.of) for trip in trips] == [
        ("removals", LINCOLN, 8, 50),
    ]


# -- what is allowed --------------------------------------------------------------------------

HOUR = timedelta(hours=1)


def test_a_share_of_zero_means_any_record() -> None:
    """E1: also where nothing is stored yet."""
    strict = Limits().with_figure("removals", 0.0)
    assert rules({REMOVAL: 1}, Known(), strict) == {"removals"}
    assert rules({CHANGE: 9}, Known(), strict) == set()


def test_the_most_specific_figure_holds() -> None:
    """E1: a school tells more than an entity, and both together most."""
    limits = (
        Limits()
        .with_figure("removals", 0.5)
        .with_figure("removals", 0.4, entity="users")
        .with_figure("removals", 0.3, school=LINCOLN)
        .with_figure("removals", 0.2, entity="users", school=LINCOLN)
    )
    found = {
        (entity, school): limits.figure("removals", entity, school, NOW)
        for entity in ("users", "classes")
        for school in (LINCOLN, GRANT)
    }
    assert found == {
        ("users", LINCOLN): 0.2,
        ("classes", LINCOLN): 0.3,
        ("users", GRANT): 0.4,
        ("classes", GRANT): 0.5,
    }
    back = limits.with_figure("removals", None, entity="users", school=LINCOLN)
    assert back.figure("removals", "users", LINCOLN, NOW) == 0.3


def test_additions_only_holds_every_change_and_removal() -> None:
    """E5: limits at zero, told as what they are; who arrives flows."""
    limits = Limits().with_additions_only(True)
    planned = {REMOVAL: 1, LOGIN: 1, text("arrival"): 7}
    assert rules(planned, known(10_000), limits) == {"additions_only"}
    held_by = holding(judged(planned, known(10_000), limits))
    assert [held_by(effects_of(one)) for one in planned] == [
        ["additions_only"],
        ["additions_only"],
        [],
    ]


def test_a_blackout_begins_and_ends_by_itself() -> None:
    """E5: additions only, with dates; it can be taken back."""
    limits = Limits().with_blackout(NOW, NOW + HOUR, "State tests")
    told = {
        minutes: rules({CHANGE: 1}, None, limits, now=NOW + timedelta(minutes=minutes))
        for minutes in (-1, 0, 59, 60)
    }
    assert told == {-1: set(), 0: {"blackout"}, 59: {"blackout"}, 60: set()}
    assert rules({CHANGE: 1}, None, limits.without_blackouts(NOW)) == set()


def test_an_allowance_raises_a_figure_until_it_ends() -> None:
    """E3: it names who gave it and ends by itself, after two hours where nothing else is said."""
    limits = Limits().with_allowance("removals", 0.4, "registrar", NOW, school=LINCOLN)
    planned = {REMOVAL: 40, text("removal", school=GRANT): 11}
    assert [trip.school for trip in judged(planned, None, limits)] == [GRANT]
    assert rules({REMOVAL: 40}, None, limits, now=NOW + 2 * HOUR) == {"removals"}
    assert rules({REMOVAL: 41}, None, limits) == {"removals"}
    assert limits.allowances[0].by == "registrar"
    # One that only a bold person gives, it goes before a blackout.
    quiet = limits.with_blackout(NOW, NOW + HOUR)
    assert rules({REMOVAL: 40}, None, quiet) == set()


def test_an_allowance_never_lowers_a_figure() -> None:
    """What is allowed anyway stays allowed, and nothing lower can be given."""
    limits = Limits().with_allowance("changes", 0.8, "registrar", NOW)
    assert rules({CHANGE: 90}, None, limits.with_figure("changes", 0.9)) == set()
    with pytest.raises(UsageError) as told:
        limits.with_allowance("removals", 0.01, "registrar", NOW)
    assert told.value.code == "limit_allowed_anyway"
    assert told.value.parameters["share"] == "10%"
    strict = Limits().with_figure("removals", 0.005, "users", LINCOLN)
    with pytest.raises(UsageError):
        strict.with_allowance("removals", 0.01, "registrar", NOW, "users", GRANT)
    raised = strict.with_allowance("removals", 0.01, "registrar", NOW)
    assert raised.figure("removals", "users", LINCOLN, NOW) == 0.01


def test_the_same_allowance_given_again_is_one_that_lasts_longer() -> None:
    """E3: one person's allowance is told once; another person's, or a later one, by itself."""
    limits = Limits().with_allowance("removals", 0.4, "registrar", NOW)
    again = limits.with_allowance("removals", 0.4, "registrar", NOW + HOUR)
    [one] = again.allowances
    assert (one.begins, one.ends) == (NOW, NOW + 3 * HOUR)
    brief = again.with_allowance("removals", 0.4, "registrar", NOW + HOUR, lasts=HOUR)
    assert brief == again
    assert len(again.with_allowance("removals", 0.4, "principal", NOW + HOUR).allowances) == 2
    assert len(again.with_allowance("removals", 0.4, "registrar", NOW + 4 * HOUR).allowances) == 2


def test_an_allowance_can_be_ended() -> None:
    """E3: of everything, or where it was given; none of 0 % is given, and none ends twice."""
    limits = Limits().with_allowance("removals", 0.4, "registrar", NOW, "users", LINCOLN)
    limits = limits.with_allowance("changes", 0.9, "registrar", NOW)
    with pytest.raises(UsageError) as told:
        limits.without_allowance("removals", NOW, "users", GRANT)
    assert told.value.code == "limit_not_allowed"
    ended = limits.without_allowance("removals", NOW + HOUR)
    assert ended.figure("removals", "users", LINCOLN, NOW + HOUR) == 0.1
    assert ended.figure("changes", "users", LINCOLN, NOW + HOUR) == 0.9
    assert [(one.figure.name, one.ends - NOW) for one in ended.allowances] == [
        ("removals", HOUR), ("changes", 2 * HOUR),
    ]  # fmt: skip
    with pytest.raises(UsageError):
        ended.without_allowance("removals", NOW + HOUR)
    with pytest.raises(UsageError) as told:
        Limits().with_additions_only(True).with_allowance("removals", 0, "registrar", NOW)
    assert told.value.code == "limit_allowed_nothing"


def test_nothing_left_is_no_surprise_where_everything_may_go() -> None:
    """An allowance of 100 % lets an empty answer through; one of 99 % does not."""
    of = known(10, empty=True)
    most = Limits().with_allowance("removals", 0.99, "registrar", NOW)
    assert rules({REMOVAL: 10}, of, most) >= {"empty_answer", "emptied_school"}
    whole = Limits().with_allowance("removals", 1.0, "registrar", NOW)
    assert rules({REMOVAL: 10}, of, whole) == set()


def test_the_school_years_change_raises_removals_to_what_is_expected() -> None:
    """E3: a declared window, by entity and school; outside it nothing is raised."""
    limits = (
        Limits()
        .with_school_year(NOW, NOW + timedelta(days=60))
        .with_turnover(0.3)
        .with_turnover(1.0, entity="enrollments")
    )
    assert rules({REMOVAL: 30}, None, limits) == set()
    assert rules({REMOVAL: 31}, None, limits) == {"removals"}
    assert rules({OUT_7: 100}, known(places={"7:student": 100}), limits, SEATS) == set()
    assert rules({REMOVAL: 30}, None, limits, now=NOW - HOUR) == {"removals"}


def test_a_school_year_may_begin_with_additions_only() -> None:
    """E5: from the first day of the window until the day that was said."""
    limits = (
        Limits()
        .with_school_year(NOW, NOW + timedelta(days=60))
        .with_turnover(0.3)
        .with_additions_only_until(NOW + HOUR)
    )
    assert rules({REMOVAL: 1}, None, limits) == {"additions_only"}
    assert rules({REMOVAL: 30}, None, limits, now=NOW + HOUR) == set()
    assert rules({REMOVAL: 1}, None, limits, now=NOW - HOUR) == set()


def test_expected_is_told_against_arrived() -> None:
    """Of what a school began with: removals and creates since the window began."""
    limits = Limits().with_school_year(NOW, NOW + HOUR).with_turnover(0.25, school=LINCOLN)
    [told] = turned(limits, USERS, {LINCOLN: 410, GRANT: 90}, {LINCOLN: 60}, {LINCOLN: 50})
    assert (told.school, told.expected, told.gone, told.arrived) == (LINCOLN, 100, 50, 60)


def test_limits_are_kept_as_they_were_said() -> None:
    """What was written as JSON is read as the same; nothing said is nothing stored."""
    limits = (
        Limits()
        .with_figure("least", 8, school=DISTRICT)
        .with_additions_only(True)
        .with_blackout(NOW, NOW + HOUR, "State tests")
        .with_allowance("logins", 0.5, "registrar", NOW, "users", LINCOLN)
        .with_school_year(NOW, NOW + HOUR)
        .with_turnover(0.3)
        .with_additions_only_until(NOW + HOUR)
    )
    assert Limits.of(str(limits)) == limits
    assert Limits.of(None) == Limits()
    assert str(Limits()) == "{}"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda of: of.with_figure("cake", 1), "limit_unknown"),
        (lambda of: of.with_figure("removals", 1.01), "limit_share_unfit"),
        (lambda of: of.with_figure("removals", float("nan")), "limit_share_unfit"),
        (lambda of: of.with_figure("least", 2.5), "limit_count_unfit"),
        (lambda of: of.with_figure("least", float("inf")), "limit_count_unfit"),
        (lambda of: of.with_figure("removals", 0.2, entity="wizards"), "entity_unknown"),
        (lambda of: of.with_allowance("least", 1, "me", NOW), "limit_unknown"),
        (lambda of: of.with_blackout(NOW, NOW), "limit_dates_unfit"),
        (lambda of: of.with_school_year(NOW, NOW - HOUR), "limit_dates_unfit"),
        (lambda of: of.with_turnover(0.3), "limit_without_school_year"),
    ],
)
def test_what_does_not_fit_is_refused(change: Any, code: str) -> None:
    """A limit that cannot be is told, and there is a sentence for it."""
    with pytest.raises(UsageError) as told:
        change(Limits())
    assert told.value.code == code
    assert code in SENTENCES


# -- telling ----------------------------------------------------------------------------------


def test_a_trip_is_told_in_peoples_terms() -> None:
    """E2: what which school would lose, how it is elsewhere, what happens if nothing is done."""
    sizes = {n: Size(430, 430, 430) for n in range(3, 11)}
    trips = judged({REMOVAL: 412}, Known(sizes=sizes), entity=SEATS)
    told = tell(trips, SEATS, {LINCOLN: "Lincoln Middle"})
    assert told == (
        "Lincoln Middle would lose 412 of 430 enrollments (the 7 other schools would lose none); "
        "the limit is 10%. "
        f"{SENTENCES['limit_stays']}"
    )


def test_one_other_school_is_told_of_where_something_goes_there() -> None:
    """E2: that the other one of two schools loses nobody says nothing; nor do empty ones."""
    two = {LINCOLN: Size(430, 430, 430), GRANT: Size(90, 90, 90), 5: Size(0, 0, 0)}
    told = tell(judged({REMOVAL: 412}, Known(sizes=two)), USERS, {LINCOLN: "Lincoln"})
    assert told.startswith("Lincoln would lose 412 of 430 people; the limit is 10%.")
    planned = {REMOVAL: 412, text("removal", school=GRANT): 1}
    told = tell(judged(planned, Known(sizes=two)), USERS, {LINCOLN: "Lincoln"})
    assert told.startswith("Lincoln would lose 412 of 430 people (the other school would lose 1);")


def test_who_counted_no_more_goes_or_stays_with_the_others() -> None:
    """E1: who was disabled before is no part of the share, but of what is told and held."""
    gone = text("clearing")
    assert rules({gone: 90}) == set()
    assert rules({REMOVAL: 10, gone: 90}) == set()
    (trip,) = judged({REMOVAL: 11, gone: 2})
    assert (trip.rule, trip.count, trip.of) == ("removals", 13, 102)
    assert trip.holds(effects_of(gone))
    assert rules({gone: 1}, None, Limits().with_additions_only(True)) == {"additions_only"}
    assert rules({gone: 1}, known(0, empty=True)) == {"empty_answer"}


def test_of_many_trips_the_worst_are_told() -> None:
    """E2: three of them, and how many there are besides, and where."""
    sizes = {n: Size(100, 0, 100) for n in range(3, 9)}
    planned = {text("removal", school=n): 20 + n for n in range(3, 9)}
    told = tell(judged(planned, Known(sizes=sizes)), USERS, {8: "Grant High"})
    assert told.startswith("Grant High would lose 28 of 100 people; the limit is 10%.")
    assert "3 more such limits are reached (#3, #4, #5)." in told


def test_more_than_were_counted_is_told_as_such() -> None:
    """E2: nobody loses 330 of 312; that all go is not said twice."""
    told = tell(judged({REMOVAL: 330}, known(312, 330, 330)), USERS, {LINCOLN: "Lincoln Middle"})
    assert told.startswith(
        "Lincoln Middle would lose 330 people; when they were counted last it had 312. They stay"
    )


def test_what_went_before_is_told_apart() -> None:
    """E1, E2: a share counts the last 24 hours; what is planned and what was done are two."""
    (trip,) = judged({REMOVAL: 2}, known(144, day={REMOVAL: 51}))
    assert (trip.count, trip.earlier, trip.of) == (2, 51, 144)
    told = tell([trip], USERS, {LINCOLN: "Lincoln"})
    assert told.startswith(
        "Lincoln would lose 2 of 144 people; with 51 carried out in the last 24 hours it "
        "is 36.8% of all, and the limit is 10%. They stay"
    )
    assert logged(trip.parameters, USERS, "Lincoln") in told


def test_every_rule_counts_against_the_same_number() -> None:
    """E1, E2: what a school is judged by in a day is what is told of its week as well."""
    planned = {REMOVAL: 9, CHANGE: 70}
    trips = judged(planned, known(91, 100, 91, week={REMOVAL: 9}))
    trips += judged({REMOVAL: 10, CHANGE: 70}, known(91))
    assert [(trip.rule, trip.count, trip.of) for trip in trips] == [
        ("shrink", 9, 91), ("changes", 70, 91), ("removals", 10, 91), ("changes", 70, 91),
    ]  # fmt: skip
    told = tell(trips[:1], USERS, {LINCOLN: "Lincoln"})
    assert "lose 9 of 91 people, and be left with 82 of the 100 that it had" in told


def test_the_last_students_of_a_class_are_told_with_those_before_them() -> None:
    """E1, E2: a class of five that lost three today is emptied by two."""
    of = known(places={"7:student": 2}, day={OUT_7: 3})
    told = tell(judged({OUT_7: 2}, of), SEATS, {LINCOLN: "Lincoln"})
    assert told.startswith(
        "A class of Lincoln would lose its last 2 students, after 3 in the last 24 hours. They"
    )


def test_every_rule_has_its_sentence() -> None:
    """No rule is told as a code with braces."""
    whole = known(empty=True, places={"7:student": 100}, holders=EMAILS)
    changes = text("change", "login", "staff", "blank:email")
    trips = judged({text("removal", "leaves:7:student"): 100, changes: 100}, whole)
    trips += judged({REMOVAL: 9}, known(91, 100, 91, week={REMOVAL: 9}))
    assert {trip.rule for trip in trips} == {
        "removals", "shrink", "changes", "blanks", "logins", "staff",
        "empty_answer", "emptied_school", "emptied_class",
    }  # fmt: skip
    quiet = judged({CHANGE: 1}, None, Limits().with_additions_only(True))
    quiet += judged({CHANGE: 1}, None, Limits().with_blackout(NOW, NOW + HOUR))
    for trip in (*trips, *quiet):
        told = tell([trip], USERS, {LINCOLN: "Lincoln Middle"})
        assert "Lincoln Middle" in told
        assert "{" not in told


# -- for any numbers --------------------------------------------------------------------------

NUMBERS = st.integers(0, 500)


@given(removals=NUMBERS, more=NUMBERS, day=NUMBERS, count=NUMBERS, live=NUMBERS)
def test_more_removals_never_take_a_trip_back(
    removals: int, more: int, day: int, count: int, live: int
) -> None:
    """E1: whoever sends more of what trips is not let through for it."""
    of = known(count, max(count, live), live, day={REMOVAL: day}, week={REMOVAL: day})
    if judged({REMOVAL: removals}, of):
        assert judged({REMOVAL: removals + more}, of)


@given(name=st.sampled_from(["removals", "changes", "logins"]), count=NUMBERS)
def test_zero_trips_at_one(name: str, count: int) -> None:
    """E1: a limit of zero means any record, however many there are."""
    effect = {"removals": "removal", "changes": "change", "logins": "login"}[name]
    assert name in rules({text(effect): 1}, known(count), Limits().with_figure(name, 0.0))


@given(
    planned=st.dictionaries(
        st.builds(
            lambda names, school: text(*names, school=school),
            st.sets(st.sampled_from(["change", "removal", "arrival", "login", "blank:email"])),
            st.sampled_from([DISTRICT, LINCOLN, GRANT, 9]),
        ),
        st.integers(1, 300),
    )
)
def test_what_trips_holds_something_and_nothing_else_is_held(planned: dict[str, int]) -> None:
    """E2: a trip that held nothing would ask for nothing; no item is held without a trip."""
    trips = judged(planned, known(holders=EMAILS))
    held_by = holding(trips)
    does = [effects_of(one) for one in planned]
    assert all(any(trip.holds(one) for one in does) for trip in trips)
    for one in does:
        assert set(held_by(one)) == {trip.rule for trip in trips if trip.holds(one)}
