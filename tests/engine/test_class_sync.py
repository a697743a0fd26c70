"""A sync of one class: small, judged as any other, and nothing but the class is touched."""

from pathlib import Path
from typing import Any

import pytest

from app.errors import BusyError, NotFound, TransientError, UsageError
from app.store import history, journal, reads
from app.store.database import Database
from tests.engine.rows import enroll, person, rows_district, schools
from tests.engine.toy import GARBLED, District, ToySis, district, failing, fill, sums


def seat(sis: ToySis, key: str, user: str, class_: str = "c1", **more: Any) -> None:
    """A seat in a class of the second school."""
    told = {"user": user, "class": class_, "school": "o2", "role": "student"}
    sis.put("enrollments", key, **told, **more)


def class_sync(d: District, key: str = "c1", name: str = "toy") -> reads.RunRow:
    """One whole sync of a class."""
    run = d.engine.sync_class(name, d.id("classes", key))
    d.loop.run(until=lambda: not d.engine.busy)
    return reads.run(d.database, run)


def cursors(database: Database) -> list[Any]:
    """How far every stream was read, and on what it rests."""
    with database.reading() as tx:
        return list(tx.rows("SELECT id, cursor, full_at, scope, salt, lost, evidence FROM streams"))


def test_one_class_is_mended(data_dir: Path) -> None:
    """Who came is made, who changed is changed, who left is asked for by key and ends (D1)."""
    with district(data_dir) as d:
        d.sync()
        d.without_limits()
        before = cursors(d.database)
        d.sis.change("classes", "c1", title="Algebra")
        seat(d.sis, "e900", "u002")
        d.sis.vanish("enrollments", "e005")
        d.sis.change("enrollments", "e009", role="teacher")
        d.sis.change("enrollments", "e002", role="teacher")  # of another class
        d.sis.asked.clear()
        run = class_sync(d)
        assert (run.state, run.mode) == ("completed", journal.CLASS)
        assert sums(run) == {
            "read": 4, "absent": 1, "created": 1, "updated": 2, "unchanged": 1, "deleted": 1,
        }  # fmt: skip
        assert all(stream.complete and not stream.proof for stream in run.streams)
        assert d.values("classes", "c1")["title"] == "Algebra"
        assert d.values("enrollments", "e009")["role"] == "teacher"
        assert d.values("enrollments", "e002")["role"] == "student"
        assert cursors(d.database) == before
        assert [url.rpartition("/")[2] for url in d.sis.asked] == [
            "classes?key=c1", "enrollments?class=c1", "enrollments?key=e005",
        ]  # fmt: skip


def test_the_next_sync_goes_on_from_where_it_was(data_dir: Path) -> None:
    """C3: what a sync of a class has read is read again, and says nothing new."""
    with district(data_dir) as d:
        d.sync()
        seat(d.sis, "e900", "u002")
        d.sis.change("orgs", "o1", name="Lincoln")
        class_sync(d)
        run = d.sync()
        assert run.mode == "incremental"
        assert sums(run) == {"read": 2, "updated": 1, "unchanged": 1}


def test_it_is_a_sync_of_the_history(data_dir: Path) -> None:
    """G1: its change set is a sync's and can be undone, and it counts as no sync of the roster."""
    with district(data_dir) as d:
        good = d.sync()
        d.sis.change("classes", "c1", title="Algebra")
        run = class_sync(d)
        assert history.change_set(d.database, run.id).kind == history.SYNC
        assert d.engine.undo(run.id) is not None
        assert d.values("classes", "c1")["title"] == "Class 1"
        last = reads.connector(d.database, "toy").last
        assert last is not None
        assert last.id == good.id


def test_whoever_was_never_read_is(data_dir: Path) -> None:
    """A newcomer's own row is read by its key, and so is a course that nobody knew."""
    sis = fill(ToySis())
    sis.rows["courses"] = {}
    with district(data_dir, sis) as d:
        d.sync()
        sis.put("courses", "k1", title="Mathematics")
        sis.change("classes", "c1", course="k1")
        sis.put("users", "u900", given_name="Ada", family_name="New", enabled_user=True)
        seat(sis, "e900", "u900")
        run = class_sync(d)
        assert run.state == "completed"
        assert d.values("users", "u900")["family_name"] == "New"
        assert d.values("courses", "k1")["title"] == "Mathematics"
        assert d.values("enrollments", "e900")["user"] == d.id("users", "u900")


def test_whom_the_sis_does_not_have_dangles(data_dir: Path) -> None:
    """A3: a seat of somebody without a row of their own is taken as it is, and casts no doubt."""
    with district(data_dir) as d:
        d.sync()
        seat(d.sis, "e900", "u900")
        run = class_sync(d)
        assert (run.state, run.total("created")) == ("completed", 1)
        assert d.values("enrollments", "e900")["user"] == d.id("users", "u900")
        assert len(reads.record_ids(d.database, "users")) == 10


def test_who_is_joined_is_left_to_the_next_sync(data_dir: Path) -> None:
    """A5: one of several rows does not make a record of its own."""
    sis = schools(ToySis())
    person(sis, "u1", "4711", "o1")
    enroll(sis, "e1", "u1")
    with rows_district(data_dir, sis) as d:
        d.sync()
        person(sis, "u2", "4711", "o2")
        enroll(sis, "e2", "u2")
        run = class_sync(d, "c0")
        assert "rows_left" in d.log(run.id)
        assert len(reads.record_ids(d.database, "users")) == 1


def test_a_roll_that_leaves_somebody_out_ends_nobody(data_dir: Path) -> None:
    """D1: one who is still there takes away what the list says of all others, too."""
    with district(data_dir) as d:
        d.sync()
        d.without_limits()
        d.sis.hidden.add(("enrollments", "e001"))
        d.sis.vanish("enrollments", "e005")
        run = class_sync(d)
        assert run.state == "warnings"
        assert "row_still_there" in d.log(run.id)
        assert sums(run).get("deleted") is None


def test_who_moved_to_another_class_moves(data_dir: Path) -> None:
    """One who is not on the roll, and in another class by key, is changed and does not end."""
    with district(data_dir) as d:
        d.sync()
        d.without_limits()
        d.sis.change("enrollments", "e005", **{"class": "c3"})
        d.sis.vanish("enrollments", "e009")
        run = class_sync(d)
        assert run.state == "completed"
        assert (run.total("updated"), run.total("deleted")) == (1, 1)
        assert d.values("enrollments", "e005")["class"] == d.id("classes", "c3")


@pytest.mark.parametrize("by_key", [True, False])
def test_a_doubtful_roll_ends_nobody(data_dir: Path, by_key: bool) -> None:
    """C5: what is not complete proves nothing, and what it tells is taken."""
    with district(data_dir, fill(ToySis(by_key=by_key))) as d:
        d.sync()
        d.without_limits()
        d.sis.scope = "doubtful"
        d.sis.vanish("enrollments", "e005")
        d.sis.change("enrollments", "e009", role="teacher")
        run = class_sync(d)
        assert (run.state, run.total("updated"), run.total("deleted")) == ("warnings", 1, 0)


def test_a_row_without_a_key_costs_the_proof(data_dir: Path) -> None:
    """C6: it may be anybody's, so nobody ends; it is not kept, since it may be of any class."""
    with district(data_dir) as d:
        d.sync()
        d.without_limits()
        d.sis.keyless = 1
        d.sis.vanish("enrollments", "e005")
        run = class_sync(d)
        assert (run.state, run.total("deleted"), run.total("unreadable")) == ("warnings", 0, 0)
        assert "rows_without_key" in d.log(run.id)


def test_ends_of_other_classes_are_left_to_the_next_sync(data_dir: Path) -> None:
    """A tombstone ends who is in the class, and no one else."""
    with district(data_dir) as d:
        d.sync()
        d.without_limits()
        for key in ("e001", "e002"):
            d.sis.end("enrollments", key)
        run = class_sync(d)
        assert (run.state, run.total("deleted")) == ("completed", 1)
        ended = {
            key: reads.record(d.database, "enrollments", d.id("enrollments", key)).record.alive
            for key in ("e001", "e002")
        }
        assert ended == {"e001": False, "e002": True}


@pytest.mark.parametrize("proved", [True, False])
def test_who_was_seen_under_another_scope_stays(data_dir: Path, proved: bool) -> None:
    """D2: what the SIS is not asked for any more is no absence, proved or not."""
    with district(data_dir) as d:
        d.sync()
        d.without_limits()
        d.sis.scope = "less"
        d.sis.vanish("enrollments", "e005")
        d.sis.extra_total = int(not proved)
        d.sync(full=True)
        d.sis.extra_total = 0
        run = class_sync(d)
        assert run.total("deleted") == 0
        assert ("scope_changed" in d.log(run.id)) is not proved
        d.sync(full=True)
        d.sis.vanish("enrollments", "e009")
        assert class_sync(d).total("deleted") == 1


def test_without_a_look_by_key_they_wait(data_dir: Path) -> None:
    """D1: who is absent from the list alone waits, and the next whole read does not yet release."""
    with district(data_dir, fill(ToySis(by_key=False))) as d:
        d.sync()
        d.without_limits()
        d.sis.vanish("enrollments", "e005")
        run = class_sync(d)
        assert (run.state, run.total("waiting")) == ("waiting", 1)
        assert d.sync(full=True).state == "waiting"
        assert d.sync(full=True).total("deleted") == 1


def test_the_limits_hold(data_dir: Path) -> None:
    """E1: a class of five that would be empty waits for a person."""
    sis = fill(ToySis())
    for n in range(5):
        seat(sis, f"e80{n}", f"u00{n}")
    with district(data_dir, sis) as d:
        d.sync()
        seats = sis.rows["enrollments"].items()
        sis.vanish("enrollments", *[key for key, row in seats if row["class"] == "c1"])
        run = class_sync(d)
        assert (run.state, run.total("deleted")) == ("waiting", 0)
        assert run.total("waiting") == 8
        done = d.engine.approve(run.id)
        d.loop.run(until=lambda: not d.engine.busy)
        assert reads.run(d.database, done).total("deleted") == 8


def test_blanks_of_a_thin_roll_are_not_believed(data_dir: Path) -> None:
    """A2: what all rows of a roll leave out may be what a roll does not tell."""
    with district(data_dir) as d:
        d.sync()
        d.without_limits()
        for key in ("e001", "e005", "e009"):
            d.sis.change("enrollments", key, begin_date=None, end_date=None, role="teacher")
        run = class_sync(d)
        assert run.total("updated") == 3
        assert d.values("enrollments", "e001")["begin_date"] == "2026-08-17"


def test_a_class_that_is_gone_is_not_ended_by_that(data_dir: Path) -> None:
    """D1: no list has proved it absent; it is told, and the next whole sync decides."""
    with district(data_dir) as d:
        d.sync()
        d.sis.vanish("classes", "c1")
        run = class_sync(d)
        assert run.state == "warnings"
        assert "not_at_the_sis" in d.log(run.id)
        assert reads.record(d.database, "classes", d.id("classes", "c1")).record.alive


def test_unreadable_rows_protect(data_dir: Path) -> None:
    """C6: a row whose key can be read counts as listed."""
    with district(data_dir) as d:
        d.sync()
        d.without_limits()
        d.sis.put("enrollments", "e005", **GARBLED)
        run = class_sync(d)
        assert (run.total("unreadable"), run.total("deleted")) == (1, 0)
        assert run.state == "warnings"


def test_what_was_edited_here_is_a_difference(data_dir: Path) -> None:
    """B2: the same rules as in any sync."""
    with district(data_dir) as d:
        d.sync()
        d.engine.edit("enrollments", d.id("enrollments", "e001"), {"role": "aide"})
        d.sis.change("enrollments", "e001", role="teacher")
        run = class_sync(d)
        assert (run.state, run.total("conflicts")) == ("warnings", 1)


def test_one_run_a_connector(data_dir: Path) -> None:
    """H1: while the connector is synced its classes are not, and the reverse."""
    with district(data_dir) as d:
        d.sync()
        class_ = d.id("classes", "c1")
        run = d.engine.sync_class("toy", class_)
        with pytest.raises(BusyError) as busy:
            d.engine.start("toy")
        assert busy.value.parameters["run"] == run
        with pytest.raises(BusyError):
            d.engine.sync_class("toy", class_)
        d.loop.run(until=lambda: not d.engine.busy)
        assert reads.run(d.database, run).state == "completed"


def test_what_cannot_be_synced_is_refused(data_dir: Path) -> None:
    """A class that nobody knows, or not this connector; nothing has begun then."""
    with district(data_dir, other=ToySis()) as d:
        d.sync()
        with pytest.raises(NotFound):
            d.engine.sync_class("toy", 4711)
        with pytest.raises(NotFound):
            d.engine.sync_class("nowhere", d.id("classes", "c1"))
        with pytest.raises(UsageError) as refused:
            d.engine.sync_class("other", d.id("classes", "c1"))
        assert refused.value.code == "class_without_link"
        assert not d.engine.busy


def left_over(d: District) -> dict[str, int]:
    """What a run leaves while it is under way."""
    with d.database.reading() as tx:
        rows = {name: tx.one(f"SELECT count(*) FROM {name}") for name in ("run_pages", "items")}
    return {name: row[0] for name, row in rows.items() if row and row[0]}


@pytest.mark.parametrize("after", range(4))
def test_one_that_fails_is_made_up_for(data_dir: Path, after: int) -> None:
    """C7: wherever it fails, the next one comes to the same as if it had not."""

    def news(d: District) -> None:
        d.without_limits()
        d.sis.change("classes", "c1", title="Algebra")
        seat(d.sis, "e900", "u002")
        d.sis.vanish("enrollments", "e005")
        d.sis.change("enrollments", "e009", role="teacher")

    with district(data_dir / "smooth") as d:
        d.sync()
        news(d)
        class_sync(d)
        smooth = d.everything()
    with district(data_dir / "rough") as d:
        d.sync()
        news(d)
        d.sis.hook = failing(after, TransientError("server_error", status=503))
        run = class_sync(d)
        assert run.state == ("failed" if after < 3 else "completed")
        d.sis.hook = lambda url: None
        assert class_sync(d).state == "completed"
        assert d.everything() == smooth
        assert left_over(d) == {}


@pytest.mark.parametrize("turns", range(1, 24, 3))
def test_one_that_is_cut_off_is_made_up_for(data_dir: Path, turns: int) -> None:
    """C7, H1: a process that dies anywhere leaves what the next sync of the whole mends."""
    with district(data_dir) as d:
        d.sync()
        d.without_limits()
        d.sis.change("classes", "c1", title="Algebra")
        seat(d.sis, "e900", "u002")
        d.sis.vanish("enrollments", "e005")
        d.sis.change("enrollments", "e009", role="teacher")
        steps = d.steps(d.engine.sync_class("toy", d.id("classes", "c1")))
        for _ in zip(range(turns), steps, strict=False):
            pass
        d.die()
        run = d.sync(full=True)
        assert run.state == "completed"
        assert d.values("classes", "c1")["title"] == "Algebra"
        assert d.values("enrollments", "e009")["role"] == "teacher"
        assert len(reads.record_ids(d.database, "enrollments")) == 10


def test_it_does_not_take_over_from_a_sync_that_was_cut_off(data_dir: Path) -> None:
    """C7: the next sync goes on where the last one stopped, whatever class was synced between."""
    with district(data_dir, fill(ToySis(), people=20)) as d:
        d.sync()
        d.without_limits()
        d.pass_time(days=2)
        for n in range(20):
            d.sis.change("users", f"u{n:03d}", family_name="Changed")
        d.sis.hook = failing(6, TransientError("server_error", status=503))
        failed = d.sync()
        assert failed.state == "failed"
        d.sis.hook = lambda url: None
        seat(d.sis, "e900", "u002")
        assert class_sync(d).state == "completed"
        run = d.sync()
        assert (run.state, run.resumes) == ("completed", failed.id)
        assert d.values("users", "u019")["family_name"] == "Changed"


def test_what_a_cut_off_sync_had_planned_comes_first(data_dir: Path) -> None:
    """C7, C8: its items are settled before a row of theirs is read, and its counts close later."""
    with district(data_dir) as d:
        d.sync()
        d.without_limits()
        for n in range(10):
            d.sis.change("enrollments", f"e{n:03d}", role="teacher")

        def hook(url: str) -> None:
            if "enrollments" in url and "after=e005" in url:
                raise TransientError("server_error", status=503)

        d.sis.hook = hook
        failed = d.sync()
        assert failed.state == "failed"
        d.sis.hook = lambda url: None
        d.sis.change("enrollments", "e001", role="aide")
        run = class_sync(d)
        assert "leftovers_settled" in d.log(run.id)
        assert d.values("enrollments", "e001")["role"] == "aide"
        again = d.sync()
        assert (again.state, again.resumes) == ("completed", failed.id)
        assert {d.values("enrollments", f"e{n:03d}")["role"] for n in range(10)} == {
            "teacher",
            "aide",
        }


def test_cancelled_it_stops(data_dir: Path) -> None:
    """It ends cancelled, and what it did stays."""
    with district(data_dir) as d:
        d.sync()
        d.sis.change("classes", "c1", title="Algebra")
        run = d.engine.sync_class("toy", d.id("classes", "c1"))

        def hook(url: str) -> None:
            if "class=" in url:
                d.loop.post(lambda: d.engine.cancel(run))

        d.sis.hook = hook
        d.loop.run(until=lambda: not d.engine.busy)
        assert reads.run(d.database, run).state == "cancelled"
        assert d.values("classes", "c1")["title"] == "Algebra"
