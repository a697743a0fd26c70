"""Words for time and how far a sync is."""

from datetime import UTC, datetime, timedelta

import pytest

from app.engine.events import Progress
from app.ui import progress, wording

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(seconds=61), "1 minute ago"),
        (timedelta(minutes=2), "2 minutes ago"),
        (timedelta(minutes=61), "1 hour ago"),
        (timedelta(hours=2), "2 hours ago"),
    ],
)
def test_a_recent_moment_is_told_by_its_distance(before: timedelta, words: str):
    """The last minutes and hours as a person would say them."""
    assert wording.ago(NOW - before, NOW) == words


def test_an_older_moment_is_told_by_its_day():
    """Today, yesterday, a weekday, then a date."""
    local = NOW.astimezone().replace(hour=20, minute=0)
    assert wording.day_and_time(local, local).startswith("today ")
    assert wording.day_and_time(local - timedelta(days=1), local).startswith("yesterday ")
    assert wording.day_and_time(local - timedelta(days=3), local).startswith("Sunday ")
    assert "26" in wording.day_and_time(local - timedelta(days=30), local)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.42, "0.4 s"), (14.2, "14 s"), (185, "3 min 05 s"), (7800, "2 h 10 min")],
)
def test_durations_are_short(seconds: float, words: str):
    """As precise as it matters."""
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3, "a few seconds left"), (31, "about 30 seconds left"), (62, "about 1 minute left"),
     (250, "about 4 minutes left")],
)  # fmt: skip
def test_time_left_does_not_pretend_to_be_exact(seconds: float, words: str):
    """Rounded, in words."""
    assert wording.left(seconds) == words


def test_progress_is_told_with_separators_type_and_time():
    """Count, whole, record type, time left; several runs add up."""
    one = Progress(1, "a", "users", 12_345, 165_349, 31.0)
    assert progress.told([one]) == "12,345 of 165,349 records · People · about 30 seconds left"
    two = Progress(2, "b", "orgs", 10, None, None)
    assert progress.told([one, two]) == "12,355 records"
    assert progress.told([Progress(1, "a", "", 0, None, None)]) == "Asking the SIS…"


def test_what_is_sent_is_told_when_nothing_is_read_any_more():
    """Records read and changes sent are not added up."""
    read = Progress(1, "a", "users", 10, 100, None)
    sent = Progress(2, "b", "results", 2, 12, 31.0, sending=True)
    assert progress.told([sent]) == "2 of 12 changes sent · Results · about 30 seconds left"
    assert progress.told([read, sent]) == "10 of 100 records · People"
