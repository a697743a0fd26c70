"""The tests that the law of the data asks for by name, where one room alone does not show them.

The table base × local × remote is ``test_reconcile``; balanced drift at every page boundary is
``connectors/oneroster/test_paging``; open conflicts beside a push, and an edit while it is in
flight, are ``test_push``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.engine.decisions import Decision, Take
from app.engine.engine import Engine
from app.engine.loop import Loop
from app.roster.entities import ENTITIES
from app.roster.values import UNKNOWN
from app.store import reads
from app.store.codec import encode
from app.store.database import Database, Location
from tests.engine.toy import District, ToySis, district, sums

ITEMS = "line_items"


def gradebook() -> ToySis:
    """A school with some line items that can be written."""
    sis = ToySis(page=3)
    sis.put("orgs", "o1", name="School", type="school")
    for n in range(6):
        sis.put(ITEMS, f"i{n}", title=f"Title {n}", description="As agreed", school="o1")
    sis.writable = {ITEMS: ("create", "update", "delete")}
    return sis


@contextmanager
def second_process(d: District) -> Iterator[Engine]:
    """The engine of another process on the same database."""
    with Database(Location.of(d.folder)) as database:
        yield d.another(database, Loop())


def record(d: District, key: str, entity: str = ITEMS) -> Any:
    """The record of a key as it stands."""
    return reads.record(d.database, entity, d.id(entity, key)).record


# -- an edit, decision or restore from a second process at every failpoint ------------------------


def steps_of(folder: Path, prepare: Callable[[District], None]) -> int:
    """How many steps a sync of the prepared district takes."""
    with district(folder, gradebook()) as d:
        prepare(d)
        d.engine.start("toy", full=True)
        return sum(1 for _ in d.steps(0))


def asked_and_ended(d: District) -> None:
    """A district with an open question, an ended record, and news of the SIS to come."""
    d.without_limits()
    d.sync()
    d.engine.edit(ITEMS, d.id(ITEMS, "i0"), {"title": "Ours"}, "Ana")
    d.sis.change(ITEMS, "i0", title="Theirs")
    d.sis.end(ITEMS, "i1")
    d.sync()
    d.sis.change(ITEMS, "i2", title="News")
    d.sis.change(ITEMS, "i3", description="News")
    d.sis.end(ITEMS, "i4")


def edits(d: District, engine: Engine) -> None:
    """Somebody edits two records that the sync is about to change."""
    engine.edit(ITEMS, d.id(ITEMS, "i2"), {"description": "Edited"}, "Ben")
    engine.edit(ITEMS, d.id(ITEMS, "i3"), {"title": "Edited"}, "Ben")


def decides(d: District, engine: Engine) -> None:
    """Somebody answers the open question."""
    with d.database.reading() as tx:
        ids = [row[0] for row in tx.rows("SELECT id FROM conflicts WHERE kind = 'both_changed'")]
    engine.resolve([Decision(id_, Take.OURS) for id_ in ids], "Ben")


def restores(d: District, engine: Engine) -> None:
    """Somebody brings back what had ended."""
    engine.restore(ITEMS, d.id(ITEMS, "i1"), "Ben")


@pytest.mark.parametrize("act", [edits, decides, restores])
def test_a_second_process_at_every_failpoint(
    tmp_path: Path, act: Callable[[District, Engine], None]
) -> None:
    """H2, C2: whatever step the sync is at, what a second process does stands and is kept."""
    total = steps_of(tmp_path / "count", asked_and_ended)
    assert total > 10
    for at in range(total):
        with district(tmp_path / f"at{at}", gradebook()) as d:
            asked_and_ended(d)
            with second_process(d) as engine:
                d.engine.start("toy", full=True)
                for number, _ in enumerate(d.steps(0)):
                    if number == at:
                        act(d, engine)
            for full in (False, True, False):
                run = d.sync(full=full)
                assert run.state in ("completed", "warnings"), (at, run.state)
            if act is edits:
                here = [record(d, key).values for key in ("i2", "i3")]
                assert [row["title"] for row in here] == ["News", "Edited"], at
                assert [row["description"] for row in here] == ["Edited", "News"], at
                assert d.sis.rows[ITEMS]["i2"]["description"] == "Edited", at
                assert d.sis.rows[ITEMS]["i3"]["title"] == "Edited", at
            elif act is decides:
                assert record(d, "i0").values["title"] == "Ours", at
                assert d.sis.rows[ITEMS]["i0"]["title"] == "Ours", at
                assert reads.connector(d.database, "toy").standing.conflicts == 0, at
            else:
                assert record(d, "i1").alive, at
                assert "i1" not in d.sis.rows[ITEMS], at


def test_a_suspended_process_that_wakes_after_losing_its_lock(tmp_path: Path) -> None:
    """H1: at whatever step it slept, it ends *interrupted* and writes nothing more, anywhere."""

    def news(d: District) -> None:
        d.without_limits()
        d.sync()
        d.engine.edit(ITEMS, d.id(ITEMS, "i0"), {"title": "Ours"}, "Ana")
        d.sis.change(ITEMS, "i2", title="News")

    total = steps_of(tmp_path / "count", news)
    slept = 0
    for at in range(1, total):
        with district(tmp_path / f"at{at}", gradebook()) as d:
            news(d)
            run = d.engine.start("toy", full=True)
            steps = d.steps(run)
            for _ in range(at):
                next(steps, None)
            if not d.engine.busy:
                continue
            for lock in (d.folder / "locks").iterdir():
                lock.unlink()
            with Database(Location.of(d.folder)) as database:
                loop = Loop()
                other = d.another(database, loop)
                newer = other.start("toy", full=True)
                loop.run(until=lambda engine=other: not engine.busy)  # type: ignore[misc]
                assert reads.run(d.database, newer).state == "completed", at
                before = d.everything(), list(d.sis.wrote)
                for _ in steps:
                    pass
            assert reads.run(d.database, run).state == "interrupted", at
            assert (d.everything(), d.sis.wrote) == before, at
            assert d.sis.rows[ITEMS]["i0"]["title"] == "Ours", at
            slept += 1
    assert slept > 10


# -- undo, restore, refusal, with the tombstone still in the feed ---------------------------------


def ended(d: District) -> int:
    """A third of the items end at the SIS and here; the sync that did it."""
    d.without_limits()
    for key in ("i0", "i1"):
        d.sis.end(ITEMS, key)
    run = d.sync()
    assert run.total("deleted") == 2
    return run.id


def undone(d: District) -> None:
    """Ended by a sync, and the sync undone."""
    d.engine.undo(ended(d), author="Ana", approved=True)


def restored(d: District) -> None:
    """Ended by a sync, and brought back by a person."""
    ended(d)
    for key in ("i0", "i1"):
        d.engine.restore(ITEMS, d.id(ITEMS, key), "Ana")


def refused(d: District) -> None:
    """Held by a limit, and refused."""
    d.engine.change_limits("toy", lambda limits: limits.with_additions_only(True))
    for key in ("i0", "i1"):
        d.sis.end(ITEMS, key)
    run = d.sync()
    assert run.total("waiting") == 2
    d.engine.refuse(run.id, author="Ana")
    d.engine.change_limits("toy", lambda limits: limits.with_additions_only(False))


@pytest.mark.parametrize("keep", [undone, restored, refused])
@pytest.mark.parametrize("gone", ["tombstone", "without a word"])
def test_kept_though_the_sis_goes_on_saying_that_it_is_gone(
    data_dir: Path, keep: Callable[[District], None], gone: str
) -> None:
    """B6, G2: three whole and three incremental syncs change nothing, there or at a second SIS."""
    other = gradebook()
    other.rows[ITEMS].clear()
    with district(data_dir, gradebook(), other=other) as d:
        d.sync()
        d.sync("other")
        keep(d)
        if gone == "without a word":
            d.sis.dead[ITEMS].clear()
        before = d.everything(), list(d.sis.wrote)
        for full in (True, False) * 3:
            d.pass_time(hours=3)
            for name in ("toy", "other"):
                run = d.sync(name, full=full)
                assert run.state == "completed"
                assert not {"created", "updated", "deleted", "pushed", "waiting"} & sums(run).keys()
        assert (d.everything(), d.sis.wrote) == before
        assert other.wrote == []
        for key in ("i0", "i1"):
            assert record(d, key).alive
            assert key not in d.sis.rows[ITEMS]


# -- upgrade and scope change on a populated database ---------------------------------------------


@pytest.fixture
def populated(data_dir: Path) -> Iterator[District]:
    """A district in the middle of its life: an edit, an open question, something ended."""
    with district(data_dir) as d:
        d.sync()
        d.engine.edit("users", d.id("users", "u001"), {"middle_name": "Ours"}, "Ana")
        d.engine.edit("users", d.id("users", "u002"), {"given_name": "Ours"}, "Ana")
        d.sis.change("users", "u002", given_name="Theirs")
        d.sis.end("users", "u003")
        d.sync()
        yield d


def still_as_it_was(d: District) -> None:
    """The edit, the question and the end are as they were."""
    assert record(d, "u001", "users").values["middle_name"] == "Ours"
    assert record(d, "u002", "users").values["given_name"] == "Ours"
    assert not record(d, "u003", "users").alive
    assert reads.connector(d.database, "toy").standing.conflicts == 1


def test_a_field_is_added(populated: District) -> None:
    """B4: a field that no base knows is filled; that is no conflict and counts for no limit."""
    d, users = populated, ENTITIES["users"]
    # As an upgrade leaves it: the new column is blank, and the old bases have no such field.
    place = users.by_name["email"].index
    with d.database.writing() as tx:
        (layout,) = (row[0] for row in tx.rows("SELECT id FROM layouts WHERE entity = 'users'"))
        links = list(
            tx.rows("SELECT record, links.id FROM links JOIN streams ON streams.id = stream "
                    "WHERE entity = 'users' AND base IS NOT NULL")
        )  # fmt: skip
        for of, link in links:
            row = tx.one(f"SELECT {', '.join(users.field_names)} FROM users WHERE id = ?", (of,))
            assert row is not None
            base = [UNKNOWN if n == place else value for n, value in enumerate(row)]
            tx.run("UPDATE links SET base = ? WHERE id = ?", (encode((layout, *base)), link))
        tx.run("UPDATE users SET email = NULL")
    d.kind.mapping = "2"
    run = d.sync()
    assert (run.mode, run.state) == ("full", "completed")
    assert run.total("waiting") == 0
    assert record(d, "u005", "users").values["email"] == "u5@district.example"
    assert sums(d.sync(full=True)).keys() == {"read", "unchanged"}


def test_a_rule_is_changed(populated: District) -> None:
    """B8: read by other rules, every row is looked at again, once; nothing else happens."""
    d = populated
    d.kind.mapping = "2"
    run = d.sync()
    assert (run.mode, run.state, run.total("updated")) == ("full", "warnings", 0)
    still_as_it_was(d)
    assert d.sync().mode == "incremental"


def test_a_permission_is_lost_and_gained(populated: District) -> None:
    """C5, D2: what may not be read any more is not gone; allowed again, all is as before."""
    d = populated
    d.sis.scope = "without half"
    for n in (5, 7, 9):
        d.sis.forbidden.add(("users", f"u{n:03d}"))
    for _ in range(3):
        run = d.sync(full=True)
        assert (run.total("absent"), run.total("deleted"), run.total("waiting")) == (0, 0, 0)
    assert record(d, "u005", "users").alive
    d.sis.scope, d.sis.forbidden = "all", set()
    run = d.sync(full=True)
    assert (run.total("created"), run.total("updated"), run.total("deleted")) == (0, 0, 0)
    still_as_it_was(d)


def test_a_whole_record_type_is_lost_and_gained(populated: District) -> None:
    """A2, D: a collection that the key may not read any more is no empty collection."""
    d = populated
    rows = d.sis.rows.pop("enrollments")
    for _ in range(2):
        run = d.sync(full=True)
        assert "enrollments" not in {stream.entity for stream in run.streams}
    assert reads.counts(d.database)["enrollments"] == 10
    d.sis.rows["enrollments"] = rows
    run = d.sync(full=True)
    assert (run.total("created"), run.total("updated"), run.total("deleted")) == (0, 0, 0)
    still_as_it_was(d)


def test_the_school_year_is_changed(populated: District) -> None:
    """D2, E1: the answer is about another year: last year's enrollments are out of it, not gone."""
    d = populated
    d.sis.scope = "2027"
    d.sis.vanish("enrollments", *sorted(d.sis.rows["enrollments"]))
    for n in range(10):
        d.sis.put("enrollments", f"y{n}", user=f"u{n:03d}", school="o1", role="student")
    for _ in range(2):
        run = d.sync(full=True)
        assert (run.total("deleted"), run.total("waiting")) == (0, 0)
    assert reads.counts(d.database)["enrollments"] == 20
    still_as_it_was(d)


def test_a_column_is_dropped(populated: District) -> None:
    """A2: a field that no row carries any more, and then is not even spoken, changes nothing."""
    d = populated
    for key in sorted(d.sis.rows["users"]):
        d.sis.change("users", key, email=None)
    run = d.sync(full=True)
    assert "field_not_spoken" in d.log(run.id)
    d.sis.fields["users"] = tuple(name for name in ENTITIES["users"].field_names if name != "email")
    d.kind.mapping = "2"
    assert d.sync().total("updated") == 0
    assert record(d, "u005", "users").values["email"] == "u5@district.example"
    still_as_it_was(d)
