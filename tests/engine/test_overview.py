"""How things are, from what the database knows: late, unreadable, expiring, known."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.engine import inbox
from app.engine.health import Badge, Health
from app.engine.overview import overview
from app.errors import TransientError
from app.store import reads
from tests.engine.test_undo import MANY, approval, refusal, undo
from tests.engine.toy import GARBLED, District, ToySis, district, failing, fill


def health(d: District) -> Health:
    """How the connector is now."""
    [glance] = overview(d.database, d.time[0]).glances
    return glance.health


def test_a_row_that_cannot_be_read_is_news_for_a_day_of_school(data_dir: Path) -> None:
    """It needs somebody until the next sync, and for a day; then it stands and is quiet."""
    with district(data_dir) as d:
        d.sis.put("users", "u001", **GARBLED)
        d.sync()
        assert (health(d).code, health(d).count) == ("health_unreadable", 1)
        d.pass_time(days=1, hours=1)
        assert health(d).code == "health_unreadable"
        d.sync(full=True)
        assert health(d).badge is Badge.HEALTHY
        assert reads.connector(d.database, "toy").standing.unreadable == 1
        d.sis.put("users", "u002", **GARBLED)
        d.sync(full=True)
        assert (health(d).code, health(d).count) == ("health_unreadable", 1)


def test_an_answer_that_was_not_whole_once_is_no_alarm(data_dir: Path) -> None:
    """After a day of them it is."""
    with district(data_dir) as d:
        d.sync()
        d.sis.extra_total = 1
        d.pass_time(hours=2)
        d.sync(full=True)
        assert (health(d).badge, health(d).code) == (Badge.HEALTHY, "health_doubtful")
        d.pass_time(days=1)
        d.sync(full=True)
        assert health(d).badge is Badge.LATE


def test_a_sis_in_which_nothing_changes_is_late_after_two_days_of_school(data_dir: Path) -> None:
    """Though every sync of it goes well; the first change is news again."""
    with district(data_dir) as d:
        d.sync()
        d.pass_time(days=1)
        d.sync()
        assert health(d).badge is Badge.HEALTHY
        d.pass_time(days=1, hours=1)
        d.sync()
        assert health(d).code == "health_still"
        d.sis.change("users", "u001", given_name="Zoë")
        d.sync()
        assert health(d).badge is Badge.HEALTHY


def test_a_scheduled_sync_that_does_not_begin_is_missed(data_dir: Path) -> None:
    """An hour after it was due."""
    with district(data_dir) as d:
        d.sync()
        d.engine.set_schedule("toy", "every 2 hours")
        d.pass_time(hours=2, minutes=50)
        assert health(d).badge is Badge.HEALTHY
        d.pass_time(minutes=20)
        assert (health(d).badge, health(d).code) == (Badge.LATE, "health_missed")


def test_credentials_are_told_to_expire(data_dir: Path) -> None:
    """From thirty days before; not once nobody says until when they hold."""
    with district(data_dir) as d:
        d.sync()
        day = d.time[0].astimezone().date() + timedelta(days=30)
        d.engine.set_credentials_until("toy", day + timedelta(days=1))
        assert health(d).badge is Badge.HEALTHY
        d.engine.set_credentials_until("toy", day)
        assert health(d).badge is Badge.CREDENTIALS_EXPIRING
        d.engine.set_credentials_until("toy", None)
        assert health(d).badge is Badge.HEALTHY


def test_of_several_known_troubles_the_one_that_has_passed_is_known_no_more(
    data_dir: Path,
) -> None:
    """The others are, until their day."""
    with district(data_dir) as d:
        d.sync()
        d.engine.set_credentials_until("toy", d.time[0].date())
        d.sis.hook = failing(0, TransientError("host_unknown", host="sis"))
        d.sync()
        until = d.time[0].astimezone().date() + timedelta(days=9)
        d.engine.mark_known("toy", until, "they move to a new\nbuilding")
        assert (health(d).badge, health(d).trouble) == (Badge.KNOWN, "failing host_unknown")
        d.sis.hook = lambda url: None
        d.sync()
        issue = reads.connector(d.database, "toy").issue
        assert issue is not None
        assert [one.partition(" ")[0] for one in issue.troubles] == ["expiring"]
        assert (issue.because, issue.by) == ("they move to a new building", "test")
        assert health(d).badge is Badge.KNOWN


def test_a_sync_that_was_cancelled_ends_nothing_that_is_known(data_dir: Path) -> None:
    """It tells nothing of what is wrong."""
    with district(data_dir) as d:
        d.sis.hook = failing(0, TransientError("host_unknown", host="sis"))
        d.sync()
        d.engine.mark_known("toy", d.time[0].astimezone().date(), "so")
        d.engine.cancel(d.engine.start("toy"))
        d.loop.run(until=lambda: not d.engine.busy)
        assert reads.runs(d.database)[0].state == "cancelled"
        assert reads.connector(d.database, "toy").issue is not None


def test_a_connector_that_is_added_again_has_nothing_known_of_it(data_dir: Path) -> None:
    """Neither what was wrong, nor until when its credentials held."""
    with district(data_dir) as d:
        d.engine.set_credentials_until("toy", date(2026, 9, 8))
        d.sis.hook = failing(0, TransientError("host_unknown", host="sis"))
        d.sync()
        d.engine.mark_known("toy", d.time[0].astimezone().date(), "so")
        d.engine.remove_connector("toy")
        d.engine.save_connector("toy", "toy", {})
        facts = reads.connector(d.database, "toy")
        assert (facts.issue, facts.credentials_until) == (None, None)


@pytest.mark.parametrize(
    ("answer", "code", "later"),
    [
        (refusal, "health_asked_again", ("health_waiting", MANY)),
        (approval, "health_undone", ("health_undone", MANY)),
    ],
)
def test_after_an_answer_is_undone_it_is_told_what_differs(
    data_dir: Path, answer: Callable[..., int], code: str, later: tuple[str, int]
) -> None:
    """And what the next sync does about it: what was refused is asked again (SEMANTICS G2).

    The rest stays as it is, and it is said for as long as it does.
    """
    with district(data_dir, fill(ToySis(), people=40)) as d:
        d.sync()
        answered = answer(d, end=True)
        assert health(d).code == "health_good"
        undone = undo(d, answered).id
        assert undone is not None
        assert (health(d).code, health(d).count) == (code, MANY)
        again = undo(d, undone, approved=True).id
        assert again is not None
        assert health(d).code == "health_good"
        undo(d, again)
        assert (health(d).code, health(d).parameters["of"]) == (code, answered)
        d.sync()
        assert (health(d).code, health(d).count) == later
        kept = [(one.count, one.undone) for one in inbox.inbox(d.database).kept]
        assert kept == ([] if answer is refusal else [(MANY, answered)])
