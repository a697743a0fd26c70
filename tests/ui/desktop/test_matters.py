"""What is worth a notification, from one overview to the next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.engine.health import Facts, judge
from app.engine.overview import Glance, Overview
from app.roster.values import instant_text
from app.store.journal import Standing
from app.store.reads import ConnectorFacts, RunRow
from app.ui.desktop.matters import DECISIONS, FAILURES, KINDS, Matters, News
from app.ui.places import ToChangeSet, ToInbox, ToToday

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
ALL = frozenset(KINDS)


def glance(
    name: str = "Lincoln", *, failures: int = 0, waiting: int = 0, state: str | None = None
) -> Glance:
    """A connector that failed so many times in a row, or of which so much waits."""
    state = state or ("failed" if failures else "waiting" if waiting else "completed")
    ended = instant_text(NOW - timedelta(hours=1))
    run = RunRow(
        7, name, state, "full", "schedule", "ada", ended, ended, None, None, 0, None,
        "host_unreachable" if failures else None, {}, None,
    )  # fmt: skip
    facts = ConnectorFacts(
        1, name, "oneroster", {}, False, run, run, Standing(waiting, 0, 0), False,
        failures=failures,
    )  # fmt: skip
    health = judge(
        Facts(
            name,
            state=state,
            run=7,
            last_good=NOW - timedelta(hours=1),
            waiting=waiting,
            error_code=run.error_code,
        ),
        NOW,
    )
    return Glance(facts, health)


def told(
    matters: Matters, *glances: Glance, after: timedelta = timedelta(), wanted: frozenset[str] = ALL
) -> News | None:
    return matters.news(Overview(glances, {}), NOW + after, wanted=wanted)


def test_all_is_well_is_no_news():
    """A healthy connector is never told of."""
    assert told(Matters(), glance()) is None


def test_a_failure_is_told_once_and_ever_more_seldom():
    """Of twelve failures in a row the first, the third and the tenth are told."""
    matters = Matters()
    found = [
        count
        for count in range(1, 13)
        if told(matters, glance(failures=count), after=timedelta(minutes=count))
    ]
    assert found == [1, 3, 10]


def test_a_failure_that_goes_on_is_told_daily():
    """After the tenth, a day has to pass."""
    matters = Matters()
    told(matters, glance(failures=10))
    assert told(matters, glance(failures=20), after=timedelta(hours=23)) is None
    assert told(matters, glance(failures=21), after=timedelta(hours=25)) is not None


def test_the_sync_between_two_failures_is_no_news():
    """While it syncs, how it was before is still the matter."""
    matters = Matters()
    told(matters, glance(failures=1))
    assert told(matters, glance(state="running")) is None
    assert told(matters, glance(failures=2)) is None


def test_what_was_told_to_fail_is_told_to_work():
    """Once, and only of a failure."""
    matters = Matters()
    told(matters, glance(failures=1))
    back = told(matters, glance())
    assert back is not None
    assert back.title == "Lincoln works again"
    assert told(matters, glance()) is None


def test_what_waits_is_told_again_when_it_has_grown_for_an_hour():
    """Neither for the same count, nor every few minutes."""
    matters = Matters()
    first = told(matters, glance(waiting=4))
    assert first is not None
    assert first.place == ToInbox()
    assert told(matters, glance(waiting=4), after=timedelta(hours=5)) is None
    assert told(matters, glance(waiting=9), after=timedelta(minutes=59)) is None
    assert told(matters, glance(waiting=9), after=timedelta(minutes=61)) is not None


def test_several_matters_are_one_notification():
    """It says how many, and names them in lines."""
    news = told(Matters(), glance("North", failures=1), glance("South", waiting=2))
    assert news is not None
    assert news.title == "2 connectors have news"
    assert news.words == "North: Failing\nSouth: Needs you"
    assert news.place == ToToday()


def test_a_failure_leads_to_its_log():
    """A click shows what happened."""
    news = told(Matters(), glance(failures=1))
    assert news is not None
    assert news.place == ToChangeSet(7, log=True)


@pytest.mark.parametrize(("off", "heard"), [(FAILURES, None), (DECISIONS, "Lincoln: Failing")])
def test_kinds_can_be_switched_off(off: str, heard: str | None):
    """Only what is wanted is told, and it is not made up for later."""
    matters = Matters()
    news = told(matters, glance(failures=1), wanted=ALL - {off})
    assert (news.title if news else None) == heard
    assert told(matters, glance(failures=2)) is None


def test_a_connector_that_was_removed_is_forgotten():
    """Added again, its failure is new."""
    matters, failing = Matters(), glance(failures=1)
    told(matters, failing)
    told(matters)
    assert told(matters, replace(failing)) is not None
