"""Records that go by other keys, and those that are several documents (SEMANTICS A5, A6)."""

from typing import Any

import pytest

from app.connectors.contract import Alias, Row
from tests.connectors.edfi.follower import add, change, following, remove
from tests.practice.edfi.client import serving
from tests.practice.edfi.small_district import (
    HIGH,
    MIDDLE,
    YEAR,
    descriptor,
    documents,
    section_reference,
    session,
)

CLASS = f"sections/ALG-1|{HIGH}|{YEAR}|ALG-{HIGH}|Fall"


# -- keys that change --


def test_a_session_that_is_renamed_moves_what_is_in_it(both):
    """Classes and enrollments go by other keys and are the same records, one window on (A6)."""
    follower, owner = both
    everything = ("academic_sessions", "classes", "enrollments")
    for entity in everything:
        follower.read(entity)
    before = {entity: len(follower.entities[entity].rows) for entity in everything}
    for school in (HIGH, MIDDLE):
        change(owner, "sessions", {"schoolId": school}, sessionName="Autumn")
    for entity in everything:
        told = follower.read(entity)
        assert (told.made, told.ended, told.doubts) == ([], [], [])
        assert len(told.rows) == before[entity]
        follower.agrees(entity)
    assert CLASS.replace("Fall", "Autumn") in follower.entities["classes"].rows


@pytest.mark.parametrize("entity", ["classes", "enrollments", "academic_sessions"])
def test_a_whole_read_knows_what_was_renamed_by_its_id(both, entity):
    """A daily whole read makes no new records of what goes by another key (A6)."""
    follower, owner = both
    follower.read(entity)
    for school in (HIGH, MIDDLE):
        change(owner, "sessions", {"schoolId": school}, sessionName="Autumn")
    told = follower.read(entity, whole=True)
    assert told.made == []
    assert set(told.rows) == set(follower.afresh(entity))


def test_a_rename_without_change_queries_is_known_by_the_id():
    """Where there are no change queries everything is read, and renamed records stay (A6)."""
    with serving(documents()) as ready, following(ready, change_queries="off") as (who, owner):
        who.read("classes")
        change(owner, "sessions", {"schoolId": HIGH}, sessionName="Autumn")
        told = who.read("classes")
        assert told.made == []
        assert all(page.full for page in told.pages)
        who.agrees("classes")


# -- sessions of several schools --


def test_sessions_of_several_schools_are_one_record(both):
    """School year, name and days are the same: the others are aliases of the first (A5)."""
    follower, _ = both
    told = follower.read("academic_sessions")
    first, second = (f"sessions/{school}|{YEAR}|Fall" for school in (HIGH, MIDDLE))
    assert first in told.rows
    assert second not in told.rows
    assert [alias for page in told.pages for alias in page.aliases] == [Alias(second, first)]


def grading_period(school: int) -> dict[str, Any]:
    """The first six weeks of a school."""
    return {
        "gradingPeriodDescriptor": descriptor("GradingPeriod", "First Six Weeks"),
        "gradingPeriodName": "First",
        "schoolReference": {"schoolId": school},
        "schoolYearTypeReference": {"schoolYear": YEAR},
        "beginDate": "2025-08-25",
        "endDate": "2025-10-03",
        "totalInstructionalDays": 28,
    }


def test_grading_periods_of_several_schools_are_one_record(both):
    """As sessions are: one record, and the other school's key is an alias of it (A5)."""
    follower, owner = both
    for school in (HIGH, MIDDLE):
        add(owner, "gradingPeriods", grading_period(school))
    told = follower.read("academic_sessions")
    [one] = [key for key in told.rows if key.startswith("gradingPeriods/")]
    other = one.replace(str(HIGH), str(MIDDLE))
    assert told.real(other) == one


def test_a_session_is_part_of_the_one_around_it(both):
    """The shortest of the same school that is longer; a grading period is part of what lists it."""
    follower, owner = both
    year = {"beginDate": "2025-08-01", "endDate": "2026-06-30"}
    quarter = {"beginDate": "2025-08-25", "endDate": "2025-10-03"}
    add(owner, "gradingPeriods", grading_period(HIGH))
    listed = {name: grading_period(HIGH)[name] for name in list(grading_period(HIGH))[:2]}
    reference = {**listed, "schoolId": HIGH, "schoolYear": YEAR}
    add(owner, "sessions", {**session(HIGH, "Year"), **year})
    periods = [{"gradingPeriodReference": reference}]
    add(owner, "sessions", {**session(HIGH, "Quarter"), **quarter, "gradingPeriods": periods})
    told = follower.read("academic_sessions")
    fall, whole, part = (f"sessions/{HIGH}|{YEAR}|{name}" for name in ("Fall", "Year", "Quarter"))
    [period] = [key for key in told.rows if key.startswith("gradingPeriods/")]
    assert told.value(part, "parent") == fall
    assert told.value(fall, "parent") == whole
    assert told.value(period, "parent") == part
    for key in (part, fall, whole, period):
        assert follower.fetch("academic_sessions", key) == told.rows[key]


def test_sessions_stay_apart_where_that_is_wanted():
    """A setting of its own: each school's session is a record."""
    with serving(documents()) as ready, following(ready, sessions_joined="off") as (who, _):
        told = who.read("academic_sessions")
        assert {f"sessions/{school}|{YEAR}|Fall" for school in (HIGH, MIDDLE)} < set(told.rows)
        assert not any(page.aliases for page in told.pages)


def test_a_session_with_other_days_is_a_record_of_its_own(both):
    """One school begins later: its session parts from the others, whose record stays theirs."""
    follower, owner = both
    follower.read("academic_sessions")
    change(owner, "sessions", {"schoolId": MIDDLE}, beginDate="2025-09-01")
    told = follower.read("academic_sessions")
    assert told.made == [f"sessions/{MIDDLE}|{YEAR}|Fall"]
    assert not any(page.rekeys for page in told.pages)
    follower.agrees("academic_sessions")


def test_the_record_of_sessions_outlives_the_one_it_goes_by(both):
    """The school of the key gives its session up: the record goes by the next one's (A6)."""
    follower, owner = both
    add(owner, "sessions", session(HIGH, "Spring"))
    add(owner, "sessions", session(MIDDLE, "Spring"))
    follower.read("academic_sessions")
    remove(owner, "sessions", schoolId=HIGH, sessionName="Spring")
    told = follower.read("academic_sessions")
    assert told.made == []
    assert f"sessions/{MIDDLE}|{YEAR}|Spring" in told.rows
    follower.agrees("academic_sessions")


def test_sessions_are_not_read_where_nothing_has_changed(both):
    """The change version stands where it stood: one page, without a row."""
    follower, _ = both
    follower.read("academic_sessions")
    told = follower.read("academic_sessions")
    assert [(page.last, page.full, list(page.keys)) for page in told.pages] == [(True, False, [])]


# -- reports --


def test_report_grades_share_a_line_item(both):
    """All grades of one section, period and type are results of one, which goes with the last."""
    follower, owner = both
    add(owner, "gradingPeriods", grading_period(HIGH))
    follower.read("line_items")
    for who in ("s1", "s2"):
        add(owner, "grades", report_grade(who))
    items = follower.read("line_items")
    assert len(items.made) == len(items.told) == 1
    results = follower.read("results")
    assert {row.patch[0] for row in results.rows.values() if isinstance(row, Row)} == set(
        items.rows
    )
    # Once more under another id, of which the service tells no delete.
    remove(owner, "grades", studentUniqueId="s1")
    add(owner, "grades", report_grade("s1"))
    follower.read("line_items")
    remove(owner, "grades", studentUniqueId="s1")
    assert follower.read("line_items").ended == []
    remove(owner, "grades", studentUniqueId="s2")
    assert len(follower.read("line_items").ended) == 1
    follower.agrees("line_items")


def report_grade(who: str) -> dict[str, Any]:
    """A grade of a report."""
    return {
        "gradeTypeDescriptor": descriptor("GradeType", "Final"),
        "gradingPeriodReference": {
            "gradingPeriodDescriptor": descriptor("GradingPeriod", "First Six Weeks"),
            "gradingPeriodName": "First",
            "schoolId": HIGH,
            "schoolYear": YEAR,
        },
        "studentSectionAssociationReference": {
            **section_reference(),
            "beginDate": "2025-08-25",
            "studentUniqueId": who,
        },
        "numericGradeEarned": 88,
    }
