"""How the day is: by school, since yesterday, and over the last days."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.engine.today import School, fortnight, schools
from app.errors import TransientError
from app.store import journal
from tests.engine.toy import District, ToySis, district, failing, fill


def by_name(d: District) -> dict[str, School]:
    """Each school, and all of them under ``all``."""
    found = schools(d.database, d.time[0], UTC)
    return {one.name: one for one in found.schools} | {"all": found.whole}


def moved(one: School) -> tuple[int, int, int]:
    """Who joined, left and changed."""
    return one.joined, one.left, one.changed


def person(key: str, *roles: tuple[str, str], **more: object) -> tuple[str, dict[str, object]]:
    """A row of somebody with these roles at these organizations."""
    told = [{"role": role, "org": org, "role_type": "primary"} for role, org in roles]
    return key, {"given_name": "A", "family_name": key, "roles": told, **more}


def busy() -> ToySis:
    """Two schools with students, staff, a relative, classes with and without a teacher."""
    sis = fill(ToySis())
    for key, row in (
        person("t1", ("teacher", "o1")),
        person("t2", ("teacher", "o1"), ("aide", "o2")),
        person("both", ("student", "o2"), ("aide", "o2")),
        person("mother", ("parent", "o1")),
        person("gone", ("teacher", "o2"), enabled_user=False),
    ):
        sis.put("users", key, **row)
    sis.put("enrollments", "et", user="t1", role="teacher", school="o1", **{"class": "c0"})
    return sis


def test_people_and_classes_count_where_they_are(data_dir: Path):
    """Students and staff who may come in; of two schools at both, and once in all."""
    with district(data_dir, busy()) as d:
        d.sync()
        found = by_name(d)
        one, two, all_ = found["School 1"], found["School 2"], found["all"]
        assert (one.students, one.staff, one.people) == (5, 2, 7)
        assert (two.students, two.staff, two.people) == (6, 2, 7)
        assert (all_.students, all_.staff, all_.people) == (11, 3, 13)
        assert [
            (each.classes, each.without_student, each.without_teacher) for each in (one, two, all_)
        ] == [(2, 0, 1), (2, 0, 2), (4, 0, 3)]


def test_the_first_sync_is_no_news(data_dir: Path):
    """Who came with it has not joined since yesterday; who comes with the next one has."""
    with district(data_dir, busy()) as d:
        d.sync()
        assert moved(by_name(d)["all"]) == (0, 0, 0)
        assert schools(d.database, d.time[0], UTC).first
        key, row = person("new", ("student", "o2"))
        d.sis.put("users", key, **row)
        run = d.sync()
        found = by_name(d)
        assert [moved(found[name]) for name in ("School 1", "School 2", "all")] == [
            (0, 0, 0),
            (1, 0, 0),
            (1, 0, 0),
        ]
        assert found["School 2"].change_sets == {run.id}


def test_nobody_has_joined_while_the_first_sync_is_not_whole(data_dir: Path):
    """Whoever is here already of one that was cut off came with the first sync, too."""
    with district(data_dir, busy()) as d:
        d.sis.hook = failing(5, TransientError("host_unknown", host="sis"))
        assert d.sync().state == journal.FAILED
        found = by_name(d)["all"]
        assert found.people > 0
        assert moved(found) == (0, 0, 0)


def test_who_moves_leaves_one_school_and_joins_the_other(data_dir: Path):
    """In all they have changed; two changes of one person are one person."""
    with district(data_dir, busy()) as d:
        d.without_limits()
        d.sync()
        _key, row = person("u000", ("student", "o2"))
        d.sis.change("users", "u000", **row)
        first = d.sync()
        d.sis.change("users", "u000", given_name="Zoë")
        second = d.sync()
        found = by_name(d)
        assert [moved(found[name]) for name in ("School 1", "School 2", "all")] == [
            (0, 1, 0),
            (1, 0, 0),
            (0, 0, 1),
        ]
        assert found["School 1"].change_sets == {first.id}
        assert second.id in found["School 2"].change_sets


def test_who_neither_studies_nor_works_is_not_counted(data_dir: Path):
    """Relatives come and go, and no number of any school, or of all, is another for it: they are
    told besides."""
    with district(data_dir, busy()) as d:
        d.without_limits()
        key, row = person("aunt", ("guardian", "o1"))
        d.sis.put("users", key, **row)
        d.sync()
        d.sis.end("users", "mother")
        d.sis.change("users", "aunt", given_name="Zoë")
        for key, row in (person("father", ("parent", "o2")), person("uncle", ("parent", "o2"))):
            d.sis.put("users", key, **row)
        d.sync()
        assert {moved(one) for one in by_name(d).values()} == {(0, 0, 0)}
        assert moved(schools(d.database, d.time[0], UTC).others) == (2, 1, 1)


def test_each_change_of_a_person_is_counted_once(data_dir: Path):
    """Whose account is off is told with the others: the numbers are those of the sync."""
    with district(data_dir, busy()) as d:
        d.without_limits()
        d.sync()
        d.sis.change("users", "gone", given_name="Zoë")
        d.sis.change("users", "mother", enabled_user=False)
        d.sis.change("users", "t1", enabled_user=False)
        d.sis.change("users", "t2", given_name="Zoë")
        key, row = person("new", ("teacher", "o2"), enabled_user=False)
        d.sis.put("users", key, **row)
        run = d.sync()
        found = schools(d.database, d.time[0], UTC)
        assert (run.total("created"), run.total("updated"), run.total("deleted")) == (1, 4, 0)
        assert (moved(found.whole), moved(found.others)) == ((0, 1, 1), (1, 0, 2))


@pytest.mark.parametrize("how", ["ended", "disabled", "without a role"])
def test_who_ends_has_left(data_dir: Path, how: str):
    """Whichever way the SIS says that somebody is gone."""
    with district(data_dir, busy()) as d:
        d.without_limits()
        d.sync()
        if how == "ended":
            d.sis.end("users", "t1")
        else:
            what: dict[str, object] = {"enabled_user": False}
            if how == "without a role":
                what = {"roles": []}
            d.sis.change("users", "t1", **what)
        d.sync()
        found = by_name(d)
        assert [moved(found[name]) for name in ("School 1", "School 2", "all")] == [
            (0, 1, 0),
            (0, 0, 0),
            (0, 1, 0),
        ]


def test_who_comes_back_has_not_moved(data_dir: Path):
    """Only what is so now counts against what was so yesterday."""
    with district(data_dir, busy()) as d:
        d.without_limits()
        d.sync()
        for on in (False, True):
            d.sis.change("users", "t1", enabled_user=on)
            d.sync()
        assert moved(by_name(d)["School 1"]) == (0, 0, 1)


def test_the_day_before_yesterday_is_no_news(data_dir: Path):
    """What came then is not told; the day on which yesterday began is."""
    with district(data_dir, busy()) as d:
        d.sync()
        d.sis.change("users", "u000", given_name="Zoë")
        d.pass_time(hours=1)
        d.sync()
        d.pass_time(days=1)
        assert moved(by_name(d)["School 1"]) == (0, 0, 1)
        d.pass_time(days=1)
        assert moved(by_name(d)["School 1"]) == (0, 0, 0)
        assert schools(d.database, d.time[0], UTC).since == date(2026, 9, 8)


@pytest.mark.parametrize(
    ("people", "joined", "left", "lost"),
    [(95, 0, 5, 0.0), (94, 0, 6, 0.06), (94, 3, 9, 0.06), (16, 0, 4, 0.0), (0, 0, 9, 1.0)],
)
def test_a_school_that_loses_many_stands_out(people: int, joined: int, left: int, lost: float):
    """More than one in twenty, and not fewer than five; who joined makes up for who left."""
    assert School(people=people, joined=joined, left=left).lost == lost


def test_an_organization_without_a_name_or_a_school_is_told_all_the_same(data_dir: Path):
    """People whose school never came stand together, last."""
    with district(data_dir, busy()) as d:
        key, row = person("lost", ("student", "nowhere"))
        d.sis.put("users", key, **row)
        d.sync()
        *_others, last = schools(d.database, d.time[0], UTC).schools
        assert (last.id, last.name, last.students) == (None, "", 1)


# -- the last days ----------------------------------------------------------------------------


def test_each_of_the_last_days_tells_what_its_syncs_did(data_dir: Path):
    """Fourteen of them, with what failed and what waited; days without a sync are there."""
    with district(data_dir, busy()) as d:
        first = d.sync()
        d.pass_time(days=2)
        d.sis.change("users", "u000", given_name="Zoë")
        d.sync()
        d.sis.vanish("users", *[f"u{n:03d}" for n in range(9)])
        third = d.sync(full=True)
        assert third.state == journal.WAITING
        d.sis.hook = failing(0, TransientError("host_unknown", host="sis"))
        assert d.sync().state == journal.FAILED
        days = fortnight(d.database, d.time[0], None, UTC)
        assert [one.day for one in days] == [
            date(2026, 8, 27) + timedelta(days=n) for n in range(14)
        ]
        begun, between, today = days[-3:]
        assert (begun.added, begun.runs) == (first.total("created"), [first.id])
        assert (between.syncs, between.changes) == (0, 0)
        assert (today.changed, today.removed) == (1, third.total("deleted"))
        assert (today.syncs, today.failed, today.waiting) == (3, 1, 1)
        assert fortnight(d.database, d.time[0], "another", UTC)[-1].syncs == 0


def test_a_sync_that_was_cut_off_counts_with_the_one_that_goes_on(data_dir: Path):
    """What it had added is not counted twice."""
    with district(data_dir, busy()) as d:
        d.sis.hook = failing(5, TransientError("host_unknown", host="sis"))
        assert d.sync().state == journal.FAILED
        d.sis.hook = lambda url: None
        assert d.sync().resumes is not None
        today = fortnight(d.database, d.time[0], None, UTC)[-1]
        assert today.added == sum(len(rows) for rows in d.sis.rows.values())
        assert (today.syncs, today.failed) == (2, 1)


def test_a_day_begins_where_the_person_is(data_dir: Path):
    """The sync at two in the morning, UTC, was yesterday's in Chicago."""
    with district(data_dir, busy()) as d:
        d.sync()
        now = datetime(2026, 9, 7, 20, 0, tzinfo=UTC)
        chicago = fortnight(d.database, now, None, ZoneInfo("America/Chicago"))
        assert [one.syncs for one in chicago[-2:]] == [1, 0]
