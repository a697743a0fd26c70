"""When a connector syncs by itself: said as a person would say it, kept whatever the clock does."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.engine import overview
from app.engine.loop import Loop
from app.engine.schedule import Past, Schedule, next_sync
from app.errors import NotFound, TransientError, UsageError
from app.store import reads
from tests.engine.toy import District, district, failing

DENVER = ZoneInfo("America/Denver")


def at(text: str) -> datetime:
    """An instant told in Denver's time."""
    return datetime.fromisoformat(text).replace(tzinfo=DENVER)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("06:30", "06:30"),
        ("18:00, 6:30", "06:30 18:00"),
        ("06:30 06:30", "06:30"),
        ("every hour", "every hour"),
        ("Every  30 minutes", "every 30 minutes"),
        ("every 120 minutes", "every 2 hours"),
    ],
)
def test_a_schedule_is_kept_in_one_form(said: str, kept: str) -> None:
    """However it was typed, and what it is kept as means the same."""
    assert str(Schedule.of(said)) == kept
    assert Schedule.of(kept) == Schedule.of(said)


@pytest.mark.parametrize("said", ["", "25:00", "noon", "every 4 minutes", "every 25 hours", "6"])
def test_what_is_no_schedule_is_refused(said: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(UsageError) as told:
        Schedule.of(said)
    assert told.value.code == "schedule_unfit"


@pytest.mark.parametrize(
    ("schedule", "began", "expected"),
    [
        pytest.param("06:30 18:00", "2026-03-02T06:30:01", "2026-03-02T18:00:00", id="same day"),
        pytest.param("06:30 18:00", "2026-03-02T18:00:01", "2026-03-03T06:30:00", id="next day"),
        pytest.param("every 30 minutes", "2026-03-02T08:10:00", "2026-03-02T08:40:00", id="every"),
        pytest.param("02:30", "2026-03-07T03:00:00", "2026-03-08T03:30:00", id="hour left out"),
        pytest.param("06:30", "2026-03-07T07:00:00", "2026-03-08T06:30:00", id="clocks go forward"),
        pytest.param("06:30", "2026-10-31T07:00:00", "2026-11-01T06:30:00", id="clocks go back"),
    ],
)
def test_the_next_sync_is_told_by_the_wall_clock(schedule: str, began: str, expected: str) -> None:
    """06:30 is 06:30 on every day of the year, whatever the clocks were put to."""
    past = Past(at(began), at(began) + timedelta(minutes=1))
    assert next_sync(Schedule.of(schedule), past, past.ended, DENVER) == at(expected)


@pytest.mark.parametrize(
    ("failures", "wait", "minutes"), [(1, 0, 5), (2, 0, 15), (3, 0, 60), (9, 0, 60), (1, 1800, 30)]
)
def test_what_may_pass_is_tried_again_sooner(failures: int, wait: float, minutes: int) -> None:
    """After growing pauses, never before the SIS said, never later than the schedule says."""
    ended = at("2026-03-02T06:31:00")
    past = Past(at("2026-03-02T06:30:00"), ended, failures, may_pass=True, wait=wait)
    tried = next_sync(Schedule.of("06:30"), past, ended, DENVER)
    assert tried == ended + timedelta(minutes=minutes)
    assert next_sync(Schedule.of("06:33"), past, ended, DENVER) == at("2026-03-02T06:33:00")


def test_a_wrong_secret_is_not_tried_again_before_its_time() -> None:
    """Asking again and again with a refused secret locks accounts."""
    past = Past(at("2026-03-02T06:30:00"), at("2026-03-02T06:30:01"), 1)
    assert next_sync(Schedule.of("06:30"), past, past.ended, DENVER) == at("2026-03-03T06:30:00")


def begun(d: District) -> list[str]:
    """What began each run, the first one first; all of them are over."""
    d.engine.keep_schedule()
    d.loop.run(until=lambda: not d.engine.busy)
    return [run.trigger for run in reversed(reads.runs(d.database))]


def test_a_sync_begins_by_itself_when_it_is_due(data_dir: Path) -> None:
    """And not before; one that was missed is made up for once, not as often as it was missed."""
    with district(data_dir) as d:
        d.engine.set_schedule("toy", "every 30 minutes")
        d.sync()
        assert begun(d) == ["person"]
        d.pass_time(minutes=29)
        assert begun(d) == ["person"]
        d.pass_time(minutes=2)
        assert begun(d) == ["person", "schedule"]
        d.pass_time(hours=12)
        assert begun(d) == ["person", "schedule", "schedule"]
        assert begun(d) == ["person", "schedule", "schedule"]


def test_a_clock_that_was_years_ahead_stops_nothing(data_dir: Path) -> None:
    """What began in the future is no reason to wait for it; after one sync all is as usual."""
    with district(data_dir) as d:
        d.engine.set_schedule("toy", "every 30 minutes")
        d.pass_time(days=2000)
        d.sync()
        d.pass_time(days=-2000)
        assert begun(d) == ["person", "schedule"]
        assert begun(d) == ["person", "schedule"]
        d.pass_time(minutes=31)
        assert begun(d) == ["person", "schedule", "schedule"]


def test_nothing_begins_before_a_person_had_a_first_sync(data_dir: Path) -> None:
    """What a SIS brings is looked at once before it comes by itself."""
    with district(data_dir) as d:
        d.engine.set_schedule("toy", "every 30 minutes")
        d.pass_time(days=1)
        assert begun(d) == []


def test_a_sync_that_failed_for_the_network_is_tried_again(data_dir: Path) -> None:
    """After five minutes, long before its time; the list of connectors says when."""
    with district(data_dir) as d:
        d.engine.set_schedule("toy", "every 12 hours")
        d.sync()
        d.sis.hook = failing(0, TransientError("network_failed", host="sis"))
        d.sync()
        [glance] = overview.overview(d.database, d.time[0]).glances
        assert glance.next == d.time[0] + timedelta(minutes=5)
        d.pass_time(minutes=4)
        assert begun(d) == ["person", "person"]
        d.sis.hook = lambda url: None
        d.pass_time(minutes=1)
        assert begun(d) == ["person", "person", "schedule"]
        [glance] = overview.overview(d.database, d.time[0]).glances
        assert glance.next == d.time[0] + timedelta(hours=12)


def test_a_connector_taken_off_its_schedule_waits_for_a_person(data_dir: Path) -> None:
    """And a text that is no schedule changes nothing."""
    with district(data_dir) as d:
        d.engine.set_schedule("toy", "every hour")
        with pytest.raises(UsageError):
            d.engine.set_schedule("toy", "now and then")
        with pytest.raises(NotFound):
            d.engine.set_schedule("south", "every hour")
        assert reads.connector(d.database, "toy").schedule == "every hour"
        d.sync()
        d.engine.set_schedule("toy", "")
        d.pass_time(days=3)
        assert begun(d) == ["person"]


def test_timers_are_kept_in_order_and_can_be_cancelled() -> None:
    """The loop makes later calls on its own thread, none of them after it stopped."""
    time = [0.0]
    loop, made = Loop(monotonic=lambda: time[0]), list[str]()
    loop.later(2, lambda: made.append("second"))
    loop.later(1, lambda: made.append("first"))
    loop.later(1, lambda: made.append("never")).cancel()
    loop.later(9, lambda: made.append("too late"))
    time[0] = 5
    loop.run(until=lambda: len(made) == 2)
    time[0] = 10
    loop.stop()
    loop.run()
    assert made == ["first", "second"]
