"""A preview by school, as a person looks at it before the first sync."""

import csv
from pathlib import Path

import pytest

from app.engine.firstlook import HEADINGS, FirstLook, first_look, save
from app.errors import NotFound
from tests.engine.test_preview import moved_on, preview
from tests.engine.toy import GARBLED, District, ToySis, district, fill


def look(d: District) -> FirstLook:
    """What a preview shows."""
    return first_look(d.database, preview(d).id)


def counted(found: FirstLook, *words: str) -> dict[str, tuple[int, ...]]:
    """Some counts by school."""
    return {one.name: tuple(one.counts[word] for word in words) for one in found.schools}


def test_a_first_look_counts_people_and_classes_of_each_school(data_dir: Path) -> None:
    """Students, staff, classes and enrollments as they would be; the guardian counts as nobody."""
    with district(data_dir) as d:
        d.sis.put("users", "t1", given_name="T", roles=[{"role": "teacher", "org": "o1"}])
        d.sis.put("users", "g1", given_name="G", roles=[{"role": "guardian", "org": "o1"}])
        found = look(d)
        students = counted(found, "students")
        assert sum(n for (n,) in students.values()) == found.whole["students"]
        assert counted(found, "staff")["School 1"] == (1,)
        assert found.whole["staff"] == 1
        assert found.whole["created"] == found.run.total("created")
        assert {one.name: one.key for one in found.schools}["School 1"] == "o1"


def test_it_says_by_school_what_is_new_changed_gone_and_would_wait(data_dir: Path) -> None:
    """The numbers are those of the plan, whatever the type of record; samples name people."""
    with district(data_dir, fill(ToySis(), 40)) as d:
        d.sync()
        moved_on(d)
        found = look(d)
        assert counted(found, "created", "changed", "removed", "waiting") == {
            "School 1": (1, 0, 1, 7),
            "School 2": (0, 1, 0, 7),
        }
        assert "Anna Family 1" in {name for one in found.schools for name in one.samples}


def test_who_belongs_to_two_schools_counts_once_in_the_whole(data_dir: Path) -> None:
    """E1: and it is said that the schools add up to more."""
    with district(data_dir) as d:
        both = [{"role": "aide", "org": f"o{n}"} for n in (1, 2)]
        assert not look(d).several
        d.sis.put("users", "both", given_name="Both", roles=both)
        found = look(d)
        assert found.several
        assert found.whole["staff"] == 1
        assert [one.counts["staff"] for one in found.schools if one.counts["staff"]] == [1, 1]


def test_unreadable_rows_are_told(data_dir: Path) -> None:
    """They stay out, and a person knows of them before anything comes in."""
    with district(data_dir) as d:
        d.sis.put("users", "odd", **GARBLED)
        assert look(d).unreadable == 1


def test_a_first_look_moves_nothing_and_goes_with_its_copy(data_dir: Path) -> None:
    """E4: after the sync it is not there any more."""
    with district(data_dir) as d:
        run = preview(d)
        first_look(d.database, run.id)
        d.sync()
        with pytest.raises(NotFound) as gone:
            first_look(d.database, run.id)
        assert gone.value.code == "preview_gone"


def test_the_report_has_a_line_for_each_school_and_one_for_all(
    data_dir: Path, tmp_path: Path
) -> None:
    """A CSV file with the headings of the table."""
    with district(data_dir) as d:
        found = look(d)
    path = tmp_path / "look.csv"
    save(found, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        heading, *lines = csv.reader(file)
    assert heading == list(HEADINGS)
    names = [one.name or "Of no school" for one in found.schools]
    assert [line[0] for line in lines] == [*names, "Together"]
    assert lines[-1][HEADINGS.index("New")] == str(found.run.total("created"))
