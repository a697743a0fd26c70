"""Badges from facts (DESIGN §7)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.engine.health import Badge, Facts, Step, judge
from app.text import SENTENCES, sentence

NOW = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
GOOD = NOW - timedelta(hours=5)


@pytest.mark.parametrize(
    ("facts", "badge"),
    [
        ({}, Badge.NEVER_SYNCED),
        ({"state": "running"}, Badge.SYNCING),
        ({"state": "completed", "last_good": GOOD}, Badge.HEALTHY),
        ({"state": "failed", "last_good": GOOD}, Badge.FAILING),
        ({"state": "failed", "last_good": GOOD, "waiting": 3}, Badge.FAILING),
        ({"state": "waiting", "last_good": GOOD, "waiting": 3}, Badge.NEEDS_YOU),
        ({"state": "warnings", "last_good": GOOD, "conflicts": 1}, Badge.NEEDS_YOU),
        ({"state": "warnings", "last_good": GOOD, "unreadable": 1}, Badge.NEEDS_YOU),
        ({"state": "warnings", "last_good": GOOD, "unsent": 1}, Badge.NEEDS_YOU),
        ({"state": "warnings", "last_good": GOOD, "incomplete": True}, Badge.LATE),
        ({"state": "completed", "last_good": NOW - timedelta(days=3)}, Badge.LATE),
        ({"state": "completed", "last_good": GOOD, "paused": True}, Badge.PAUSED),
        ({"state": "interrupted"}, Badge.NEVER_SYNCED),
        ({"state": "cancelled", "last_good": GOOD}, Badge.HEALTHY),
    ],
)
def test_the_facts_decide_the_badge(facts: dict[str, Any], badge: Badge) -> None:
    """One word for how a connector is, and a sentence why, with nothing left to fill in."""
    health = judge(Facts("north", **facts), NOW)
    assert health.badge is badge
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


def test_an_answer_that_was_not_whole_says_why() -> None:
    """What was missing stands in the sentence, and a sync is not what would mend it."""
    why = "courses.csv is missing from the files."
    facts = Facts("north", state="warnings", last_good=GOOD, incomplete=True, doubts=(why,))
    health = judge(facts, NOW)
    assert (health.badge, health.step) == (Badge.LATE, Step.LOOK)
    assert sentence(health.code, health.parameters) == f"“north” was not read whole. {why}"
