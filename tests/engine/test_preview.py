"""A preview is the sync itself on a copy: it finds the same, and moves nothing (SEMANTICS E4)."""

import random
import stat
from pathlib import Path
from typing import Any

import pytest

from app.engine.preview import Plan, plan
from app.errors import NotFound, TransientError, UsageError
from app.store import previews, reads, waiting
from app.store.database import Database
from tests.engine.toy import GARBLED, District, ToySis, district, failing, fill, sums

OF_RUNS = ("runs", "run_streams", "run_log", "change_sets", "sequences", "connectors")
"""What a preview may write of itself: its row, counts, log, id and fencing number."""


def preview(d: District, *, full: bool = False) -> reads.RunRow:
    """One preview to its end."""
    run = d.engine.start("toy", full=full, preview=True)
    d.loop.run(until=lambda: not d.engine.busy)
    return reads.run(d.database, run)


def tables(database: Database, *but: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for some."""
    with database.reading() as tx:
        names = [name for (name,) in tx.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(tx.rows(f'SELECT * FROM "{name}"'), key=repr)
            for name in names
            if name not in but
        }


def copies(data_dir: Path) -> list[str]:
    """The files of copies that there are."""
    return sorted(path.name for path in (data_dir / "previews").glob("*"))


def told(found: Plan) -> dict[tuple[str, str], tuple[int, int, int, int]]:
    """Created, changed, removed and waiting, by school and type of record."""
    return {
        (found.titles.get(one.school, "-"), one.entity): (
            one.created, one.changed, one.removed, one.waiting,
        )
        for one in found.effects
    }  # fmt: skip


def moved_on(d: District) -> None:
    """The SIS does a bit of everything, a limit's worth of it too."""
    d.sis.put("users", "new", given_name="New", roles=[{"role": "student", "org": "o1"}])
    d.sis.change("users", "u001", given_name="Anna")
    d.sis.end("users", "u002")
    for n in range(0, 40, 3):
        d.sis.end("enrollments", f"e{n:03d}")


def test_a_preview_says_what_would_change_by_school(data_dir: Path) -> None:
    """E4: what is new, changed, removed and would wait, each in its school, with samples."""
    with district(data_dir, fill(ToySis(), 40)) as d:
        d.sync()
        moved_on(d)
        run = preview(d)
        assert (run.state, run.mode) == ("waiting", "preview")
        assert sums(run) == {"read": 17, "created": 1, "updated": 1, "deleted": 1, "waiting": 14}
        found = plan(d.database, run.id)
        assert told(found) == {
            ("School 1", "users"): (1, 0, 1, 0),
            ("School 1", "enrollments"): (0, 0, 0, 7),
            ("School 2", "users"): (0, 1, 0, 0),
            ("School 2", "enrollments"): (0, 0, 0, 7),
        }
        (users,) = [one for one in found.effects if (one.entity, one.changed) == ("users", 1)]
        assert [found.titles[id_] for id_ in users.records["changed"]] == ["Anna Family 1"]


@pytest.mark.parametrize("full", [False, True])
def test_a_preview_moves_nothing(data_dir: Path, full: bool) -> None:
    """E4: no record, link, cursor, item, conflict or count is another one afterwards."""
    with district(data_dir, fill(ToySis(), 40)) as d:
        d.sync()
        d.engine.edit("users", d.id("users", "u005"), {"given_name": "Ours"}, "Ben")
        d.sis.change("users", "u005", given_name="Theirs")
        moved_on(d)
        before = tables(d.database, *OF_RUNS)
        run = preview(d, full=full)
        assert run.total("conflicts") == 1
        assert tables(d.database, *OF_RUNS) == before
        facts = reads.connector(d.database, "toy")
        assert facts.last is not None
        assert facts.last.id < run.id
        assert facts.standing.waiting == facts.standing.conflicts == 0
        log = {line.code for line in reads.run_log(d.database, run.id)}
        assert {"limit_tripped", "stream_read"} <= log


def test_a_preview_says_that_somebody_stands_in_several_schools(data_dir: Path) -> None:
    """E1, E4: the numbers of the schools add up to more than those of the sync."""
    both = [{"role": "aide", "org": f"o{n}"} for n in (1, 2)]
    with district(data_dir) as d:
        d.sync()
        d.sis.put("users", "one", given_name="One", roles=both[:1])
        assert not plan(d.database, preview(d).id).several
        d.sis.put("users", "two", given_name="Two", roles=both)
        run = preview(d)
        found = plan(d.database, run.id)
        assert found.several
        assert sum(one.created for one in found.effects) == run.total("created") + 1


def test_a_preview_of_a_first_sync(data_dir: Path) -> None:
    """E4: nothing is there before nor after, and every record of the SIS is told as new."""
    with district(data_dir) as d:
        run = preview(d)
        assert (run.state, sums(run)) == ("completed", {"read": 26, "created": 26})
        assert not any(reads.counts(d.database).values())
        assert sum(one.created for one in plan(d.database, run.id).effects) == 26
        assert reads.connector(d.database, "toy").good is None
        assert d.sync().mode == "full"


def test_a_preview_counts_what_would_be_sent(data_dir: Path) -> None:
    """E4, F1: what was edited here is counted as sent, and nothing is."""
    sis = fill(ToySis())
    sis.writable = {"users": ("update",)}
    with district(data_dir, sis) as d:
        d.sync()
        d.engine.edit("users", d.id("users", "u005"), {"given_name": "Ours"}, "Ben")
        before = tables(d.database, *OF_RUNS)
        run = preview(d)
        assert (run.total("pushed"), sis.wrote) == (1, [])
        assert tables(d.database, *OF_RUNS) == before
        assert (d.sync().total("pushed"), sis.wrote) == (1, [("PUT", "users", "u005")])


def lived(d: District, seed: int) -> None:
    """Random things happen at the SIS and here."""
    dice = random.Random(seed)
    for n in range(dice.randrange(4, 25)):
        users = sorted(key for key, row in d.sis.rows["users"].items() if row != GARBLED)
        if not users:
            return
        key = dice.choice(users)
        match dice.randrange(9):
            case 0:
                d.sis.put("users", f"n{n}", given_name=f"New {n}", grades=["09"])
            case 1:
                d.sis.change("users", key, family_name=f"Sis {n}")
            case 2:
                d.sis.end("users", key)
            case 3:
                d.sis.vanish("users", key)
            case 4:
                d.sis.put("users", key, **GARBLED)
            case 5:
                if left := sorted(d.sis.rows["enrollments"]):
                    d.sis.end("enrollments", dice.choice(left))
            case 6:
                fields = {"family_name": f"Ours {n}"}
                if key in KNOWN and alive(d, key):
                    d.engine.edit("users", d.id("users", key), fields, "Ben")
            case 7:
                d.sis.change("users", key, email=None)
            case 8:
                for enrollment in sorted(d.sis.rows["enrollments"])[:4]:
                    d.sis.end("enrollments", enrollment)


KNOWN = {f"u{n:03d}" for n in range(16)}


def alive(d: District, key: str) -> bool:
    """Whether the record of a user is alive."""
    (row,) = reads.records(d.database, "users", [d.id("users", key)])
    return row.alive


@pytest.mark.parametrize("seed", range(30))
def test_a_preview_equals_the_sync_that_follows(data_dir: Path, seed: int) -> None:
    """E4: counts, state and what waits are those of the sync, and so is every record."""
    with district(data_dir, fill(ToySis(), 16)) as d:
        d.sync()
        if seed % 3 == 0:
            lived(d, seed + 1000)
            d.sync()
        if seed % 5 == 0:
            d.sis.hook = failing(seed % 9, TransientError("toy_down"))
            d.sync(full=True)
            d.sis.hook = lambda url: None
        lived(d, seed)
        run = preview(d, full=bool(seed % 2))
        with previews.opened(d.database, run.id) as copy:
            expected = everything(copy)
            items = waiting.told(copy, run.id).groups
        real = d.sync(full=bool(seed % 2))
        assert (real.state, sums(real)) == (run.state, sums(run))
        assert [stream.counts for stream in real.streams] == [one.counts for one in run.streams]
        assert everything(d.database) == expected
        assert waiting.told(d.database, real.id).groups == items


def everything(database: Database) -> list[reads.RecordRow]:
    """Every record there is."""
    return [row for name in reads.counts(database) for row in reads.all_records(database, name)]


def test_approving_a_preview_starts_the_sync(data_dir: Path) -> None:
    """E4: it is carried out for real, as a sync that judges its limits like any other."""
    with district(data_dir, fill(ToySis(), 40)) as d:
        d.sync()
        moved_on(d)
        found = preview(d, full=True)
        run = d.engine.approve(found.id, author="Ana")
        d.loop.run(until=lambda: not d.engine.busy)
        real = reads.run(d.database, run)
        assert (real.mode, real.state, real.author) == ("full", "waiting", "Ana")
        assert sums(real) == sums(found)


def test_what_a_preview_did_not_show_waits(data_dir: Path) -> None:
    """E4: who left after the preview is not removed by approving it, nor is another change made."""
    with district(data_dir, fill(ToySis(), 100)) as d:
        d.sync()
        d.sis.end("users", "u001")
        d.sis.change("users", "u002", given_name="Anna")
        found = preview(d)
        assert (found.total("deleted"), found.total("updated")) == (1, 1)
        d.sis.end("users", "u003")
        d.sis.change("users", "u002", given_name="Anne")
        d.sis.change("users", "u004", enabled_user=False)
        d.sis.put("users", "new", given_name="New", roles=[{"role": "student", "org": "o1"}])
        run = d.engine.approve(found.id)
        d.loop.run(until=lambda: not d.engine.busy)
        real = reads.run(d.database, run)
        assert sums(real) == {"read": 5, "created": 1, "updated": 1, "deleted": 1, "waiting": 2}
        assert (real.state, alive(d, "u001"), alive(d, "u003")) == ("waiting", False, True)
        assert {one.rule for one in waiting.told(d.database, run).groups} == {"preview"}
        assert "preview_unshown" in {line.code for line in reads.run_log(d.database, run)}
        d.engine.approve(run)
        d.loop.run(until=lambda: not d.engine.busy)
        assert not alive(d, "u003")


def test_a_preview_is_carried_out_once_and_before_any_other_sync(data_dir: Path) -> None:
    """E4: what is told is not to come true any more after another sync, or a second time."""
    with district(data_dir, fill(ToySis(), 40)) as d:
        d.sync()
        d.sis.end("users", "u002")
        late = preview(d)
        d.sync()
        with pytest.raises(NotFound) as gone:
            d.engine.approve(late.id)
        assert gone.value.code == "preview_gone"
        found = preview(d)
        run = d.engine.approve(found.id)
        d.loop.run(until=lambda: not d.engine.busy)
        with pytest.raises(UsageError) as done:
            d.engine.approve(found.id)
        assert (done.value.code, done.value.parameters["run"]) == ("preview_carried_out", run)


# -- the copy ---------------------------------------------------------------------------------


def test_the_copy_is_for_nobody_else_and_goes_at_the_next_run(data_dir: Path) -> None:
    """E4: nobody else may read it; the next sync takes it away, and its plan is gone."""
    with district(data_dir) as d:
        run = preview(d)
        (path,) = (data_dir / "previews").glob("*.db")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        d.sync()
        assert copies(data_dir) == []
        with pytest.raises(NotFound) as gone:
            plan(d.database, run.id)
        assert gone.value.code == "preview_gone"


def test_the_copy_goes_after_a_day(data_dir: Path) -> None:
    """E4: a day after the preview nobody can look at it any more."""
    with district(data_dir) as d:
        preview(d)
        d.pass_time(hours=23)
        d.engine.keep_schedule()
        assert copies(data_dir)
        d.pass_time(hours=2)
        d.engine.keep_schedule()
        assert copies(data_dir) == []


def test_a_preview_that_fails_leaves_nothing(data_dir: Path) -> None:
    """E4: it ends as the sync would, and its copy is gone."""
    with district(data_dir) as d:
        d.sis.hook = failing(3, TransientError("toy_down"))
        run = preview(d)
        d.sis.hook = lambda url: None
        assert (run.state, run.error_code) == ("failed", "toy_down")
        assert copies(data_dir) == []
        assert d.sync().resumes is None
        assert reads.connector(d.database, "toy").failures == 0


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_preview_can_be_cancelled(data_dir: Path, elsewhere: bool) -> None:
    """E4, H1: here or by another process; nothing of it stays."""
    with district(data_dir) as d, district(data_dir, d.sis) as other:
        run = d.engine.start("toy", preview=True)
        asked = other if elsewhere else d
        d.sis.hook = lambda url: d.loop.post(lambda: asked.engine.cancel(run))
        d.loop.run(until=lambda: not d.engine.busy)
        assert reads.run(d.database, run).state == "cancelled"
        assert copies(data_dir) == []


def test_a_preview_tells_how_far_it_is(data_dir: Path) -> None:
    """E4: its row in the roster's own database moves on, for other processes to show."""
    with district(data_dir) as d:
        run = d.engine.start("toy", preview=True)
        seen = set()
        for _ in d.steps(run):
            row = reads.run(d.database, run)
            seen.add((row.state, row.mode, row.done))
        assert {("running", "preview", 2), ("completed", "preview", 26)} <= seen


def test_what_a_killed_preview_left_goes_at_the_next_run(data_dir: Path) -> None:
    """E4: the copy of a process that was killed is taken away before anything else is done."""
    with district(data_dir) as d:
        d.sync()
        folder = data_dir / "previews"
        folder.mkdir()
        connector = reads.connector(d.database, "toy").id
        for ending in (".db", ".db-wal", ".db-shm", ".db.part"):
            (folder / f"{connector}{ending}").write_bytes(b"left behind")
        assert preview(d).state == "completed"
        assert copies(data_dir) == [f"{connector}.db"]
        d.sync()
        assert copies(data_dir) == []


def test_a_preview_leaves_what_waits_alone(data_dir: Path) -> None:
    """E3, E4: what waits is told with what would change, and waits on; approved, it is done."""
    with district(data_dir, fill(ToySis(), 40)) as d:
        d.sync()
        moved_on(d)
        of = d.sync()
        d.sis.end("enrollments", "e001")
        run = preview(d)
        assert (run.state, sums(run)) == ("waiting", {"read": 1, "deleted": 1})
        assert sum(one.waiting for one in plan(d.database, run.id).effects) == 14
        d.engine.approve(of.id)
        d.loop.run(until=lambda: not d.engine.busy)
        assert reads.counts(d.database)["enrollments"] == 26
