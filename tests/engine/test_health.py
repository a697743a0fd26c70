"""Badges from facts (DESIGN §7)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.engine.health import Badge, Facts, Known, Step, after_school_days, judge
from app.text import SENTENCES, sentence

HOUR = timedelta(hours=1)
NOW = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)  # a Monday
GOOD = NOW - 5 * HOUR
FRIDAY = NOW - 3 * 24 * HOUR + HOUR
THURSDAY = NOW - 4 * 24 * HOUR - 6 * HOUR


@pytest.mark.parametrize(
    ("facts", "badge", "code"),
    [
        ({}, Badge.NEVER_SYNCED, "health_never"),
        ({"state": "running"}, Badge.SYNCING, "health_syncing"),
        ({"last_good": GOOD}, Badge.HEALTHY, "health_good"),
        ({"state": "failed", "last_good": GOOD}, Badge.FAILING, "health_failing"),
        ({"state": "failed", "last_good": GOOD, "waiting": 3}, Badge.FAILING, "health_failing"),
        ({"last_good": GOOD, "waiting": 3}, Badge.NEEDS_YOU, "health_waiting"),
        ({"last_good": GOOD, "conflicts": 1}, Badge.NEEDS_YOU, "health_conflicts"),
        ({"last_good": GOOD, "unsent": 1}, Badge.NEEDS_YOU, "health_unsent"),
        ({"last_good": GOOD, "paused": True, "waiting": 3}, Badge.PAUSED, "health_paused"),
        ({"state": "interrupted"}, Badge.NEVER_SYNCED, "health_cut_off"),
        ({"state": "cancelled", "last_good": GOOD}, Badge.HEALTHY, "health_resumable"),
        # rows that cannot be read: new for a day of school, and until the next sync
        ({"last_good": GOOD, "unreadable": [(GOOD, 1)]}, Badge.NEEDS_YOU, "health_unreadable"),
        ({"last_good": GOOD, "last_good_began": GOOD, "unreadable": [(FRIDAY, 9)]},
         Badge.NEEDS_YOU, "health_unreadable"),
        ({"last_good": GOOD, "last_good_began": GOOD, "unreadable": [(THURSDAY, 9)]},
         Badge.HEALTHY, "health_good"),
        ({"last_good": GOOD, "last_good_began": THURSDAY, "unreadable": [(THURSDAY, 9)]},
         Badge.NEEDS_YOU, "health_unreadable"),
        # late: not whole, not synced, not begun, nothing new
        ({"last_good": GOOD, "incomplete": True}, Badge.LATE, "health_incomplete"),
        ({"last_good": GOOD, "incomplete": True, "last_whole": GOOD - 25 * HOUR},
         Badge.LATE, "health_incomplete"),
        ({"last_good": GOOD, "incomplete": True, "last_whole": GOOD - 23 * HOUR},
         Badge.HEALTHY, "health_incomplete"),
        ({"last_good": NOW - timedelta(days=3)}, Badge.LATE, "health_late"),
        ({"last_good": GOOD, "due": NOW - 2 * HOUR}, Badge.LATE, "health_missed"),
        ({"last_good": GOOD, "due": NOW - HOUR / 2}, Badge.HEALTHY, "health_good"),
        ({"last_good": GOOD, "due": NOW - 2 * HOUR, "state": "failed"},
         Badge.FAILING, "health_failing"),
        ({"last_good": GOOD, "last_news": THURSDAY}, Badge.LATE, "health_still"),
        ({"last_good": GOOD, "last_news": FRIDAY}, Badge.HEALTHY, "health_good"),
        ({"last_good": FRIDAY, "last_news": THURSDAY - 24 * HOUR}, Badge.LATE, "health_late"),
        # credentials: 30 days before they expire, and after
        ({"last_good": GOOD, "credentials_until": date(2026, 10, 8)},
         Badge.HEALTHY, "health_good"),
        ({"last_good": GOOD, "credentials_until": date(2026, 10, 7)},
         Badge.CREDENTIALS_EXPIRING, "health_expiring"),
        ({"last_good": GOOD, "credentials_until": date(2026, 9, 7)},
         Badge.CREDENTIALS_EXPIRING, "health_expiring"),
        ({"last_good": GOOD, "credentials_until": date(2026, 9, 6)},
         Badge.CREDENTIALS_EXPIRING, "health_outlived"),
        ({"last_good": FRIDAY, "credentials_until": date(2026, 9, 6)},
         Badge.CREDENTIALS_INVALID, "health_expired"),
        ({"last_good": GOOD, "conflicts": 1, "credentials_until": date(2026, 9, 9)},
         Badge.NEEDS_YOU, "health_conflicts"),
        ({"state": "failed", "error_code": "credentials_refused"},
         Badge.CREDENTIALS_INVALID, "health_refused"),
        ({"state": "failed", "error_code": "keyring_locked"}, Badge.FAILING, "health_failing"),
    ],
)  # fmt: skip
def test_the_facts_decide_the_badge(facts: dict[str, Any], badge: Badge, code: str) -> None:
    """One word for how a connector is, and a sentence why, with nothing left to fill in."""
    health = judge(Facts("north", **facts), NOW, UTC)
    assert (health.badge, health.code) == (badge, code)
    assert health.code in SENTENCES
    assert "{" not in sentence(health.code, health.parameters)


@pytest.mark.parametrize(
    ("error", "step"),
    [
        ("secret_missing", Step.SECRET),
        ("keyring_locked", Step.SECRET),
        ("credentials_refused", Step.SECRET),
        ("host_unknown", Step.LOOK),
    ],
)
def test_a_sync_that_failed_by_its_secret_asks_for_it(error: str, step: Step) -> None:
    """What happened is enough to look at, unless only a person has what is missing."""
    assert judge(Facts("north", state="failed", error_code=error), NOW).step is step


def test_the_most_urgent_comes_first() -> None:
    """The list is sorted by what needs a person."""
    assert Badge.FAILING.urgency < Badge.NEEDS_YOU.urgency < Badge.LATE.urgency
    assert Badge.HEALTHY.urgency == max(badge.urgency for badge in Badge)


FAILED = Facts("north", state="failed", error_code="host_unknown", last_good=GOOD)


def known(until: date = date(2026, 9, 9), **troubles: int) -> Known:
    """What was wrong with ``FAILED``, and these."""
    return Known(until, "the power is off", "ada", {"failing host_unknown": 0, **troubles})


def test_what_is_known_is_quiet_and_says_so() -> None:
    """What happened, until when it is known and why; less urgent than what is news."""
    health = judge(replace(FAILED, known=known()), NOW, UTC)
    assert health.badge is Badge.KNOWN
    assert health.badge.urgency > Badge.LATE.urgency
    assert sentence(health.code, health.parameters).endswith(
        "See sync #0. Known until 9 Sep 2026: the power is off."
    )


@pytest.mark.parametrize(
    ("news", "badge"),
    [
        ({"error_code": "credentials_refused"}, Badge.CREDENTIALS_INVALID),
        ({"error_code": "tls_failed"}, Badge.FAILING),
        ({"waiting": 3}, Badge.NEEDS_YOU),
        ({"conflicts": 2}, Badge.KNOWN),
        ({"conflicts": 3}, Badge.NEEDS_YOU),
    ],
)
def test_another_trouble_or_more_of_it_is_told_all_the_same(
    news: dict[str, Any], badge: Badge
) -> None:
    """Only what was wrong when somebody said so is known, and no more of it."""
    assert judge(replace(FAILED, known=known(conflicts=2), **news), NOW, UTC).badge is badge


def test_what_is_known_is_so_to_the_end_of_its_day() -> None:
    """On the day itself yes, on the day after no more."""
    until = known(date(2026, 9, 7))
    assert judge(replace(FAILED, known=until), NOW, UTC).badge is Badge.KNOWN
    assert judge(replace(FAILED, known=until), NOW + 17 * HOUR, UTC).badge is Badge.FAILING


def test_nothing_wrong_is_healthy_whatever_is_known() -> None:
    """A connector that works again is healthy at once."""
    assert judge(Facts("north", last_good=GOOD, known=known()), NOW, UTC).badge is Badge.HEALTHY


@pytest.mark.parametrize(
    ("then", "days", "after"),
    [("2026-09-07", 2, "2026-09-09"), ("2026-09-04", 1, "2026-09-07"),
     ("2026-09-04", 2, "2026-09-08"), ("2026-09-05", 1, "2026-09-07")],
)  # fmt: skip
def test_no_day_of_a_weekend_is_one_of_school(then: str, days: int, after: str) -> None:
    """From Friday it is one day of school to Monday."""
    began = datetime.fromisoformat(f"{then}T06:00:00Z")
    assert after_school_days(began, days, UTC) == datetime.fromisoformat(f"{after}T06:00:00Z")


def test_an_answer_that_was_not_whole_says_why() -> None:
    """What was missing stands in the sentence, and a sync is not what would mend it."""
    why = "courses.csv is missing from the files."
    facts = Facts("north", state="warnings", last_good=GOOD, incomplete=True, doubts=(why,))
    health = judge(facts, NOW)
    assert (health.badge, health.step) == (Badge.LATE, Step.LOOK)
    assert sentence(health.code, health.parameters) == f"“north” was not read whole. {why}"
