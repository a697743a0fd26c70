"""Limits on a real database, a whole sync at a time (SEMANTICS E1, E3, E5)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.engine import judging
from app.engine.allowing import laid
from app.engine.figures import Limits
from app.errors import NotFound, UsageError
from app.roster.entities import ENTITIES
from app.store import reads, records, sizes
from app.store.waiting import told
from tests.engine.toy import District, ToySis, district, fill

PEOPLE = 1000
"""Half of them at each of two schools; each has one enrollment in one of four classes."""


@contextmanager
def synced(folder: Path, people: int = PEOPLE) -> Iterator[District]:
    """A district after its first sync, a day ago."""
    sis = fill(ToySis(page=500), people=people)
    with district(folder, sis) as d:
        assert d.sync().state == "completed"
        d.pass_time(hours=25)
        yield d


def held(d: District) -> dict[tuple[str, str], int]:
    """How many items wait, by entity and the rules that hold them."""
    with d.database.reading() as tx:
        return {
            (entity, rules): count
            for entity, rules, count in tx.rows(
                "SELECT entity, held_by, count(*) FROM items JOIN streams ON streams.id = stream "
                "WHERE state = 'waiting' GROUP BY 1, 2"
            )
        }


def stored(d: District, entity: str) -> dict[int, list[int]]:
    """The stored counts of an entity by school, the oldest first."""
    found: dict[int, list[int]] = {}
    with d.database.reading() as tx:
        connector = reads.connector(d.database, "toy").id
        for school, _, count in sizes.stored(tx, connector, entity):
            found.setdefault(school, []).append(count)
    return found


def end_users(d: District, first: int, count: int, *, school: int = 0) -> None:
    """Ends so many people of one school, by tombstone."""
    for n in range(2 * first + school, 2 * (first + count), 2):
        d.sis.end("users", f"u{n:03d}")


def change_users(d: District, count: int, change: Callable[[int], dict[str, Any]]) -> None:
    """Changes so many people of the first school."""
    for n in range(0, 2 * count, 2):
        d.sis.change("users", f"u{n:03d}", **change(n))


# -- one sync ---------------------------------------------------------------------------------


def test_what_trips_waits_and_the_rest_flows(data_dir: Path) -> None:
    """E2: one school loses a fifth and waits; the few of the other one, and edits, flow."""
    with synced(data_dir) as d:
        end_users(d, 0, 100)
        end_users(d, 0, 7, school=1)
        d.sis.change("users", "u901", given_name="Other")
        run = d.sync()
        assert run.state == "waiting"
        assert held(d) == {("users", "removals"): 100}
        assert (run.total("deleted"), run.total("updated")) == (7, 1)
        assert d.values("users", "u901")["given_name"] == "Other"


@pytest.mark.parametrize(
    ("change", "count", "rules"),
    [
        (lambda n: {"email": f"new{n}@district.example"}, 10, None),
        (lambda n: {"email": f"new{n}@district.example"}, 11, "logins"),
        (lambda n: {"email": None}, 51, "blanks logins"),
        (lambda n: {"grades": None}, 50, None),
        (lambda n: {"grades": None}, 51, "blanks"),
        (lambda n: {"given_name": "Same"}, 375, None),
        (lambda n: {"given_name": "Same"}, 376, "changes"),
        (lambda n: {"enabled_user": False}, 50, None),
        (lambda n: {"enabled_user": False}, 51, "removals"),
        (lambda n: {"roles": [{"role": "student", "org": "o2"}]}, 51, "removals"),
        (lambda n: {"roles": [{"role": "teacher", "org": "o1"}]}, 1, "staff"),
    ],
)
def test_each_figure_holds_at_its_edge(
    data_dir: Path, change: Callable[[int], dict[str, Any]], count: int, rules: str | None
) -> None:
    """E1: of the five hundred people of one school."""
    with synced(data_dir) as d:
        change_users(d, count, change)
        run = d.sync()
        assert held(d) == ({("users", rules): count} if rules else {})
        assert run.total("updated") == (0 if rules else count)


def test_a_class_that_would_empty_waits(data_dir: Path) -> None:
    """E1: moving every student away counts, though nobody leaves the school; four are too few."""
    with synced(data_dir, people=36) as d:
        for n in range(0, 36, 4):
            d.sis.change("enrollments", f"e{n:03d}", **{"class": "c2"})
        d.sync()
        assert held(d) == {("enrollments", "emptied_class"): 9}
    with synced(data_dir / "small", people=16) as d:
        for n in range(0, 16, 4):
            d.sis.change("enrollments", f"e{n:03d}", **{"class": "c2"})
        d.sync()
        assert held(d) == {}


def test_a_school_that_would_end_waits(data_dir: Path) -> None:
    """E1: a school counts under itself, so that its own end is a school going to none."""
    with synced(data_dir, people=4) as d:
        d.sis.end("orgs", "o2")
        d.sync()
        assert held(d) == {("orgs", "emptied_school"): 1}


def test_an_empty_answer_waits_whatever_the_size(data_dir: Path) -> None:
    """E1: even where two records would be too few for any share."""
    sis = fill(ToySis(), people=4)
    for n in range(2):
        sis.put("categories", f"g{n}", title=f"Category {n}")
    with district(data_dir, sis) as d:
        d.sync()
        sis.vanish("categories", "g0", "g1")
        d.sync(full=True)
        assert held(d) == {("categories", "empty_answer"): 2}
        sis.put("categories", "g0", title="Category 0")
        d.sync(full=True)
        assert d.values("categories", "g0")["title"] == "Category 0"


def test_a_first_load_trips_nothing(data_dir: Path) -> None:
    """E1: there is nothing to compare with, whatever the second look at it says."""
    with district(data_dir, fill(ToySis(page=500), people=200)) as d:
        run = d.sync()
        assert (run.state, held(d)) == ("completed", {})


def test_as_many_would_go_as_there_are(data_dir: Path) -> None:
    """E1, E2: whoever is told to go is among those of whom it is told."""
    with synced(data_dir, people=100) as d:
        change_users(d, 4, lambda n: {"enabled_user": False})
        assert d.sync().state == "completed"
        d.pass_time(hours=25)
        d.sync(full=True)
        d.pass_time(hours=25)
        end_users(d, 0, 50)
        run = d.sync()
        assert run.total("waiting") == 50
        (removals,) = [one for one in told(d.database, run.id).groups if one.rule == "removals"]
        assert (removals.count, removals.of) == (50, 50)


def test_a_blackout_that_begins_while_a_stream_is_read_holds_it(data_dir: Path) -> None:
    """E5: it is judged by the time of judging, not by that of the first page."""
    with synced(data_dir) as d:
        soon = d.time[0] + timedelta(minutes=1)
        d.engine.change_limits(
            "toy", lambda limits: limits.with_blackout(soon, soon + timedelta(hours=1))
        )
        d.sis.change("users", "u001", given_name="Other")
        reads_users = [timedelta(minutes=2)]

        def slow(url: str) -> None:
            if "/users" in url and reads_users:
                d.pass_time(minutes=reads_users.pop().seconds // 60)

        d.sis.hook = slow
        d.sync()
        assert held(d) == {("users", "blackout"): 1}


def test_a_second_read_that_brings_nothing_counts_nothing_anew(data_dir: Path) -> None:
    """What is stored stands, unless something happened since, or a day has passed."""
    with synced(data_dir, people=4) as d:
        d.sis.hook = lambda url: d.pass_time(seconds=5)
        d.sync(full=True)
        with d.database.writing() as tx:
            tx.run("UPDATE sizes SET count = 9 WHERE entity = 'users'")
        d.sync(full=True)
        assert {counts[-1] for counts in stored(d, "users").values()} == {9}
        d.sync()
        d.sync(full=True)
        assert {counts[-1] for counts in stored(d, "users").values()} == {2}


# -- over days --------------------------------------------------------------------------------


def test_what_was_done_in_the_last_day_counts(data_dir: Path) -> None:
    """E1: eight percent now and eight percent a few hours later are sixteen."""
    with synced(data_dir) as d:
        end_users(d, 0, 40)
        d.sync()
        d.pass_time(hours=5)
        end_users(d, 40, 40)
        d.sync()
        assert held(d) == {("users", "removals"): 40}


def test_nine_percent_a_day_waits_on_the_second_day(data_dir: Path) -> None:
    """E1: below 90 % of the seven-day high; a week later it is the size of the school."""
    with synced(data_dir) as d:
        end_users(d, 0, 45)
        d.sync()
        assert held(d) == {}
        d.pass_time(hours=26)
        end_users(d, 45, 40)
        d.sync()
        assert held(d) == {("users", "shrink"): 40}
    with synced(data_dir / "slow") as d:
        for day in range(3):
            end_users(d, 40 * day, 40)
            d.sync(full=True)
            assert held(d) == {}, day
            d.pass_time(days=8)


def test_who_joined_since_is_counted_before_anything_is_held(data_dir: Path) -> None:
    """E1: newcomers of changes alone are in no stored count, yet they make up for leavers."""
    with synced(data_dir) as d:
        end_users(d, 0, 45)
        d.sync()
        d.pass_time(hours=25)
        role = [{"role": "student", "org": "o1", "role_type": "primary"}]
        for n in range(60):
            d.sis.put("users", f"new{n:03d}", given_name="New", roles=role)
        end_users(d, 45, 40)
        d.sync()
        assert held(d) == {}


def test_what_a_person_approved_is_held_against_nobody(data_dir: Path) -> None:
    """It moves the counts, and the next few removals flow."""
    with synced(data_dir) as d:
        school = d.id("orgs", "o1")
        with d.database.writing() as tx:
            judging.applied(
                tx,
                connector=reads.connector(d.database, "toy").id,
                entity="users",
                direction=judging.APPROVED,
                tallies={f'{{"removal":[{school}]}}': 200},
                now="2026-09-08T03:00:00Z",
            )
        assert stored(d, "users")[school] == [500, 300]
        end_users(d, 0, 20)
        d.sync()
        assert held(d) == {}


def test_a_roster_without_stored_counts_is_judged_by_what_there_is(data_dir: Path) -> None:
    """One from before there were limits is not left without them until its next full read."""
    with synced(data_dir) as d:
        with d.database.writing() as tx:
            tx.run("DELETE FROM sizes")
        end_users(d, 0, 60)
        d.sync()
        assert held(d) == {("users", "removals"): 60}


# -- counts -----------------------------------------------------------------------------------


def test_counts_are_stored_by_a_full_read_and_moved_by_what_is_applied(data_dir: Path) -> None:
    """E1: whoever is disabled or past the end date is not counted; equal counts are stored once."""
    with synced(data_dir, people=20) as d:
        one, two = d.id("orgs", "o1"), d.id("orgs", "o2")
        assert stored(d, "users") == stored(d, "enrollments") == {one: [10], two: [10]}
        assert stored(d, "orgs") == {one: [1], two: [1]}
        d.sis.change("users", "u000", enabled_user=False)
        d.sync()
        assert stored(d, "users") == {one: [10, 9], two: [10]}
        d.sis.change("enrollments", "e001", end_date="2026-09-01")
        d.pass_time(hours=25)
        d.sync(full=True)
        assert stored(d, "users") == {one: [10, 9], two: [10]}
        assert stored(d, "enrollments") == {one: [10], two: [10, 9]}


def test_counts_do_not_grow_with_the_syncs(data_dir: Path) -> None:
    """A day keeps its first count and its last; what is older than eight days goes."""
    with synced(data_dir, people=400) as d:
        school = d.id("orgs", "o1")
        for n in range(12):
            end_users(d, n, 1)
            d.sync(full=True)
            d.pass_time(hours=1)
        assert stored(d, "users")[school] == [200, 199, 188]
        for n in range(12, 24):
            end_users(d, n, 1)
            d.sync(full=True)
            d.pass_time(days=1)
        assert stored(d, "users")[school] == list(range(184, 175, -1))


def test_a_record_counts_where_its_path_leads(data_dir: Path) -> None:
    """E1: by way of other records, in several schools, under itself, or under the district."""
    sis = fill(ToySis(), people=4)
    sis.put("users", "both", roles=[{"role": "aide", "org": f"o{n}"} for n in (1, 2)])
    past = {"role": "aide", "org": "o1", "end_date": "2026-01-01"}
    sis.put("users", "past", roles=[past])
    sis.put("demographics", "d0", user="both")
    sis.put("line_items", "l0", title="Quiz", school="o2")
    sis.put("results", "r0", line_item="l0", student="u000")
    sis.put("results", "r1", line_item="nowhere", student="u000")
    sis.put("categories", "g0", title="Homework")
    with district(data_dir, sis) as d:
        d.sync()
        one, two = d.id("orgs", "o1"), d.id("orgs", "o2")
        expected: dict[str, dict[str, tuple[int, ...]]] = {
            "users": {"both": (one, two), "past": (), "u000": (one,)},
            "demographics": {"d0": (one, two)},
            "results": {"r0": (two,), "r1": ()},
            "categories": {"g0": ()},
            "orgs": {"o2": (two,)},
            "enrollments": {"e001": (two,)},
        }
        for entity, keys in expected.items():
            ids = [d.id(entity, key) for key in keys]
            with d.database.reading() as tx:
                found_records = records.read_records(tx, entity, ids)
                rows = [found_records[id_].values for id_ in ids]
                found = judging.schools(tx, ENTITIES[entity], rows, ids, "2026-09-07")
            assert found == list(keys.values()), entity
        assert stored(d, "results") == {two: [1], 0: [1]}
        assert stored(d, "demographics") == {one: [1], two: [1]}
        assert stored(d, "users") == {one: [3], two: [3], 0: [1]}


# -- what is laid down ------------------------------------------------------------------------


def test_an_allowance_lets_it_flow_and_ends_by_itself(data_dir: Path) -> None:
    """E3: two hours, in the name of who gave it."""
    with synced(data_dir) as d:
        d.engine.allow("toy", {"removals": 0.4})
        end_users(d, 0, 100)
        assert d.sync().total("deleted") == 100
        d.pass_time(hours=25)
        end_users(d, 100, 100)
        d.sync()
        assert held(d) == {("users", "removals"): 100}
        [given] = laid(d.database, "toy").limits.allowances
        assert (given.by, given.ends - given.begins) == ("test", timedelta(hours=2))


def test_what_an_allowance_lets_through_is_in_the_log(data_dir: Path) -> None:
    """E3, E5: how much it was, by whose leave and until when; what flows anyway is not told."""
    with synced(data_dir) as d:
        d.engine.change_limits("toy", lambda limits: limits.with_additions_only(True))
        end_users(d, 0, 20)
        waits = d.sync()
        assert held(d) == {("users", "additions_only"): 20}
        d.engine.allow("toy", {"removals": 0.4})
        end_users(d, 20, 5, school=1)
        d.sis.put("users", "new", given_name="New")
        run = d.sync(full=True)
        (line,) = [
            one for one in reads.run_log(d.database, run.id) if one.code == "limit_let_through"
        ]
        assert line.parameters == {
            "count": 25, "what": "removals", "by": "test", "until": "2026-09-08T05:00:00Z",
        }  # fmt: skip
        assert (run.total("deleted"), held(d)) == (25, {})
        d.engine.allow("toy", {"removals": None})
        end_users(d, 60, 1)
        run = d.sync()
        assert held(d) == {("users", "additions_only"): 1}
        codes = {one.code for one in reads.run_log(d.database, run.id)}
        assert "limit_let_through" not in codes
        assert waits.total("waiting") == 20


def test_additions_only_lets_in_who_is_new(data_dir: Path) -> None:
    """E5: one change and one removal wait, one newcomer comes; off again, they flow."""
    with synced(data_dir) as d:
        d.engine.change_limits("toy", lambda limits: limits.with_additions_only(True))
        d.sis.put("users", "new", given_name="New")
        d.sis.change("users", "u001", given_name="Other")
        end_users(d, 0, 1)
        run = d.sync()
        assert held(d) == {("users", "additions_only"): 2}
        assert run.total("created") == 1
        d.engine.change_limits("toy", lambda limits: limits.with_additions_only(False))
        d.sis.change("users", "u003", given_name="Other")
        assert d.sync().total("updated") == 1


def test_all_changes_are_made_or_none(data_dir: Path) -> None:
    """A figure for a school that is none, or that does not fit, leaves all as it was."""
    with district(data_dir) as d:
        d.sync()
        nowhere = d.id("users", "u000")
        strict = Limits().with_figure("least", 3)
        d.engine.change_limits("toy", lambda limits: limits.with_figure("least", 3))
        with pytest.raises(NotFound):
            d.engine.change_limits(
                "toy",
                lambda limits: limits.with_figure("least", 4),
                lambda limits: limits.with_figure("removals", 0.2, school=nowhere),
            )
        with pytest.raises(UsageError):
            d.engine.allow("toy", {"removals": 0.4, "changes": 40.0})
        assert laid(d.database, "toy").limits == strict


def test_the_school_years_change_is_told_as_it_goes(data_dir: Path) -> None:
    """E3: who was expected to go and who went, of what the school began with."""
    with synced(data_dir) as d:
        now = d.time[0]
        d.engine.change_limits(
            "toy",
            lambda limits: limits.with_school_year(now, now + timedelta(days=60)),
            lambda limits: limits.with_turnover(0.3, entity="users"),
        )
        end_users(d, 0, 120)
        for n in range(80):
            role = [{"role": "student", "org": "o1"}]
            d.sis.put("users", f"new{n:03d}", given_name="New", roles=role)
        d.sync()
        assert held(d) == {}
        turned = laid(d.database, "toy").turned
        assert list(turned) == ["users"]
        by_school = {one.school: (one.expected, one.gone, one.arrived) for one in turned["users"]}
        assert by_school == {d.id("orgs", "o1"): (150, 120, 80), d.id("orgs", "o2"): (150, 0, 0)}


def test_what_a_sis_refused_to_make_breaks_no_count(data_dir: Path) -> None:
    """F5, E3: it has a link that is not known to live, and counts neither as come nor as gone."""
    sis = fill(ToySis(page=500), people=4)
    sis.put("categories", "g0", title="Category 0")
    sis.writable = {"categories": ("create",)}
    sis.refuses = {"categories": "The term is closed."}
    with district(data_dir, sis) as d:
        d.sync()
        d.pass_time(hours=1)
        now = d.time[0]
        d.engine.change_limits(
            "toy",
            lambda limits: limits.with_school_year(now, now + timedelta(days=60)),
            lambda limits: limits.with_turnover(1.0, entity="categories"),
        )
        d.engine.create("categories", {"title": "Projects"}, "Ana")
        assert d.sync().state == "warnings"
        sis.vanish("categories", "g0")
        d.sync(full=True)
        (one,) = laid(d.database, "toy").turned["categories"]
        assert (one.expected, one.gone, one.arrived) == (1, 1, 0)
