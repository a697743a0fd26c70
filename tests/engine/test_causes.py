"""Open differences by what made them."""

from pathlib import Path

from app.engine.causes import Cause, cause_text, causes
from app.engine.decisions import Decision, Take
from app.store.differences import alike, difference_ids
from tests.engine.test_decisions import differ
from tests.engine.toy import District, district


def several(d: District) -> list[Cause]:
    """Differences of four causes; the causes."""
    d.sync()
    for n in range(3):
        differ(d, f"u00{n}", {"username": f"S-{n}00"}, {"username": f"s{n}00"})
    differ(d, "u003", {"given_name": "Ours"}, {"given_name": "Theirs"})
    d.engine.edit("enrollments", d.id("enrollments", "e004"), {"role": "teacher"}, "Ana")
    d.sis.change("enrollments", "e004", role="aide")
    d.engine.edit("users", d.id("users", "u005"), {"email": "o@o.example"}, "Ana")
    d.sis.end("users", "u005")
    d.sync()
    return causes(d.database)


def test_causes_come_by_harm_then_by_number(data_dir: Path) -> None:
    """An end comes first, then what people log in with, then what there is most of."""
    with district(data_dir) as d:
        assert [(cause_text(one), one.count) for one in several(d)] == [
            ("Removed at toy, changed here", 1),
            ("Username: written differently", 3),
            ("Given name: changed on both sides", 1),
            ("Role: teacher here, aide at toy", 1),
        ]


def test_what_is_of_one_cause_is_alike(data_dir: Path) -> None:
    """A cause is what *same for all like this* decides about, each difference in one alone."""
    with district(data_dir) as d:
        found = several(d)
        for one in found:
            assert sorted(one.ids) == sorted(alike(d.database, one.ids[0]))
        assert sorted(id_ for one in found for id_ in one.ids) == difference_ids(d.database)


def test_a_cause_tells_where_and_since_when(data_dir: Path) -> None:
    """Its schools, and the sync that found it."""
    with district(data_dir) as d:
        username = several(d)[1]
        assert username.schools == (d.id("orgs", "o1"), d.id("orgs", "o2"))
        (sync,) = username.syncs
        assert d.log(sync)


def test_a_cause_is_the_same_when_some_of_it_is_decided(data_dir: Path) -> None:
    """Its key tells it again."""
    with district(data_dir) as d:
        before = several(d)[1]
        d.engine.resolve([Decision(before.ids[0], Take.SIS)], "Bo")
        after = causes(d.database)[1]
        assert (after.key, after.ids) == (before.key, before.ids[1:])


def test_only_one_connector_s(data_dir: Path) -> None:
    """Narrowed to a connector, the others' are left out."""
    with district(data_dir) as d:
        several(d)
        assert len(causes(d.database, "toy")) == 4
        assert causes(d.database, "other") == []
