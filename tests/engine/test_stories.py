"""What a change set did, told person by person: through real syncs and edits."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.engine import past, stories
from app.engine.decisions import Decision, Take
from app.errors import NotFound, UsageError
from app.store import asof, differences, listing, reads
from app.store import stories as store
from app.store.stories import Wanted
from tests.engine.rows import enroll, join, person, rows_district, schools
from tests.engine.toy import District, ToySis, district, fill


@contextmanager
def synced(folder: Path, sis: ToySis | None = None) -> Iterator[District]:
    with district(folder, sis) as d:
        d.without_limits()
        d.sync()
        yield d


def told(d: District, change_set: int, word: str = "") -> dict[str, tuple[str, ...]]:
    """The stories of a change set, by whom they are about, in their order."""
    groups = store.groups(d.database, change_set, word)
    written = store.written_about(d.database, change_set, groups)
    return {one.called: one.sentences for one in stories.stories(d.database, groups, written)}


def move(sis: ToySis, key: str) -> None:
    """A student of school 1 goes to school 2: one class left, one joined, a new role."""
    sis.change("users", key, roles=[{"role": "student", "org": "o2", "role_type": "primary"}])
    enrollment = f"e{key[1:]}"
    row = sis.rows["enrollments"][enrollment]
    sis.end("enrollments", enrollment)
    sis.put("enrollments", f"{enrollment}b", **{**row, "class": "c1", "school": "o2"})


def test_who_changes_schools_is_told_in_one_sentence(tmp_path: Path):
    """From where to where, with the classes left and joined, and the scores that went along."""
    sis = fill(ToySis())
    sis.put("line_items", "l1", title="Quiz", school="o1", **{"class": "c0"})
    sis.put("results", "r1", line_item="l1", student="u000", score=7.5)
    with synced(tmp_path / "data", sis) as d:
        move(sis, "u000")
        run = d.sync()
        assert told(d, run.id) == {
            "Given 0 Family 0": (
                "Moved School 1 → School 2 (1 class left, 1 class joined, 1 score kept)",
            )
        }


def test_values_are_told_by_their_fields(tmp_path: Path):
    """One as it was and is, several by name; a teacher of a class is no student of it."""
    with synced(tmp_path / "data") as d:
        d.sis.change("users", "u001", given_name="Ana")
        d.sis.change("users", "u002", given_name="Bo", email="bo@district.example")
        d.sis.put("users", "t1", given_name="Tea", family_name="Zed",
                  roles=[{"role": "teacher", "org": "o1"}])  # fmt: skip
        d.sis.put("enrollments", "t1", user="t1", school="o1", role="teacher", **{"class": "c0"})
        d.sis.end("users", "u003")
        d.sis.put("classes", "c9", title="Class 9", school="o1")
        run = d.sync()
        assert told(d, run.id) == {
            "Ana Family 1": ("Given name: Given 1 → Ana",),
            "Bo Family 2": ("Given name, Email changed",),
            "Given 3 Family 3": ("No longer in the roster",),
            "Tea Zed": ("New: teacher at School 1", "Now teaches Class 0"),
            "Class 9": ("New here",),
        }


def test_people_come_first_and_are_found_by_name(tmp_path: Path):
    """In the order of their names, then classes, schools, and what is nobody's by its type."""
    sis = fill(ToySis())
    sis.put("academic_sessions", "s1", title="Fall", type="term")
    with synced(tmp_path / "data", sis) as d:
        names = list(told(d, 1))
        assert names[:2] == ["Given 0 Family 0", "Given 1 Family 1"]
        assert names[10:] == [
            "Class 0", "Class 1", "Class 2", "Class 3", "School 1", "School 2",
            "Academic sessions",
        ]  # fmt: skip
        assert list(told(d, 1, "family 7")) == ["Given 7 Family 7"]
        assert told(d, 1, "nobody like that") == {}


def test_relatives_and_roles_are_told_by_name(tmp_path: Path):
    """Who was added as what, and what somebody is now at which school."""
    with synced(tmp_path / "data") as d:
        d.sis.change("users", "u001", agents=[{"user": "u002", "relation": "mother"}])
        d.sis.change(
            "users",
            "u003",
            roles=[
                {"role": "student", "org": "o2", "role_type": "primary"},
                {"role": "aide", "org": "o1"},
            ],
        )
        run = d.sync()
        assert told(d, run.id) == {
            "Given 1 Family 1": ("Mother added: Given 2 Family 2",),
            "Given 3 Family 3": ("Now aide at School 1",),
        }


def test_a_decision_for_ours_is_told_with_what_was_thrown_away(tmp_path: Path):
    """In the story, and among the lines with the SIS's own word."""
    with synced(tmp_path / "data") as d:
        d.engine.edit("users", d.id("users", "u001"), {"given_name": "Ours"}, "Ana")
        d.sis.change("users", "u001", given_name="Theirs")
        d.sync()
        (asked,) = differences.difference_ids(d.database)
        done = d.engine.resolve([Decision(asked, Take.OURS)], "Ana")
        assert done.change_set is not None
        (written,) = listing.written(d.database, done.change_set)
        assert told(d, done.change_set) == {
            "Ours Family 1": ("Given name kept as here, whatever the SIS said",)
        }
        (line,) = stories.lines(d.database, [written], written.record)
        assert (line.field, line.lost, line.what) == ("Given name", "Theirs", "kept")


def test_the_lines_of_a_file_are_harmless_and_whole(tmp_path: Path):
    """One a value, with a heading; what a spreadsheet would run is only text."""
    with synced(tmp_path / "data") as d:
        d.sis.change("users", "u001", given_name="=1+1", email="x@district.example")
        run = d.sync()
        path = tmp_path / "changes.csv"
        assert stories.save_changes(path, d.database, run.id) == 2
        head, *rows = csv.reader(path.read_text("utf-8-sig").splitlines())
        assert head[:5] == ["Record type", "Id", "Called", "What", "Field"]
        assert [(row[4], row[6]) for row in rows] == [
            ("Given name", "'=1+1"),
            ("Email", "x@district.example"),
        ]


def test_the_history_has_every_kind_and_is_narrowed_by_what_is_known(tmp_path: Path):
    """By author, number, kind, result, connector and time, and by whether anything was done."""
    with synced(tmp_path / "data") as d:
        d.pass_time(days=1)
        edit = d.engine.edit("users", d.id("users", "u001"), {"middle_name": "Q"}, "Ada Park")
        d.pass_time(days=1)
        undo = d.engine.undo(edit, author="Ana")
        assert undo is not None
        made = d.engine.create("orgs", {"name": "School 3"}, "Ana")
        nothing = d.sync()
        ids = {
            "all": store.set_ids(d.database),
            "ada": store.set_ids(d.database, Wanted(text="ada p")),
            "number": store.set_ids(d.database, Wanted(text=f"#{edit}")),
            "edits": store.set_ids(d.database, Wanted(kinds=("edit",))),
            "completed": store.set_ids(d.database, Wanted(states=("completed",))),
            "toy": store.set_ids(d.database, Wanted(connector="toy")),
            "since": store.set_ids(d.database, Wanted(since="2026-09-08T12:00:00Z")),
            "until": store.set_ids(d.database, Wanted(until="2026-09-08T12:00:00Z")),
            "changed": store.set_ids(d.database, Wanted(changed=True)),
            "these": store.set_ids(d.database, Wanted(ids=(1, edit))),
        }
        created = edit + 2
        assert made
        assert ids == {
            "all": [nothing.id, created, undo.id, edit, 1],
            "ada": [edit],
            "number": [edit],
            "edits": [created, edit],
            "completed": [nothing.id, 1],
            "toy": [nothing.id, 1],
            "since": [nothing.id, created, undo.id],
            "until": [edit, 1],
            "changed": [created, undo.id, edit, 1],
            "these": [edit, 1],
        }
        entries = store.entries(d.database, ids["all"])
        assert [stories.set_words(entries[id_].set) for id_ in ids["all"]] == [
            "Sync", "Edit by Ana", f"Undo of #{edit} by Ana", "Edit by Ada Park", "Sync",
        ]  # fmt: skip


def test_a_line_says_whom_it_was_about_and_how_it_stands_now(tmp_path: Path):
    """One record by its name, several by how many; what waited waits until it is answered."""
    with district(tmp_path / "data", fill(ToySis(), 40)) as d:
        d.sync()
        for n in range(0, 40, 3):
            d.sis.end("enrollments", f"e{n:03d}")
        waited = d.sync()
        edit = d.engine.edit("users", d.id("users", "u001"), {"middle_name": "Q"}, "Ada Park")

        def listed() -> dict[int, stories.Listed]:
            return stories.listed(d.database, store.set_ids(d.database))

        assert listed()[waited.id].waits
        approval = d.engine.approve(waited.id, author="Ana")
        d.loop.run(until=lambda: not d.engine.busy)
        found = listed()
        assert not found[waited.id].waits
        assert stories.outcome(found[waited.id]) == "approval"
        assert store.set_ids(d.database, Wanted(states=("waiting",))) == []
        assert stories.listed_words(found[edit]) == "Edit by Ada Park: Given 1 Family 1"
        said = f"Approval of #{waited.id} by Ana: 14 enrollments"
        assert stories.listed_words(found[approval]) == said
        assert [stories.listed_words(found[id_]) for id_ in (1, waited.id)] == ["Sync", "Sync"]
        d.engine.undo(approval)
        d.loop.run(until=lambda: not d.engine.busy)
        ended = d.engine.end_record("users", d.id("users", "u002"))
        found = listed()
        assert stories.outcome(found[waited.id]) == "answered"
        assert found[ended].set.removed == 1


def test_the_list_is_saved_as_it_is_shown(tmp_path: Path):
    """A line a change set, in its order."""
    with synced(tmp_path / "data") as d:
        edit = d.engine.edit("users", d.id("users", "u001"), {"middle_name": "Q"}, "Ada Park")
        path = tmp_path / "history.csv"
        assert stories.save_list(path, d.database, store.set_ids(d.database)) == 2
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
        assert [(row[0], row[3], row[4], row[6]) for row in rows[1:]] == [
            (str(edit), "Edit", "Ada Park", "Done"),
            ("1", "Sync", "test", "Completed"),
        ]


def test_a_roster_of_then_is_counted_found_named_and_saved(tmp_path: Path):
    """By school and type, by a word of then; who has left since is there, who came since is not."""
    with synced(tmp_path / "data") as d:
        d.sis.change("users", "u000", given_name="Later")
        d.sis.end("users", "u001")
        d.sis.put("users", "u900", given_name="New", family_name="Comer",
                  roles=[{"role": "student", "org": "o1"}])  # fmt: skip
        move(d.sis, "u002")
        second = d.sync()
        then = past.moment(d.database, "#1")
        assert asof.before(d.database, second.id) == then
        school = d.id("orgs", "o1")
        found = past.then(d.database, then)
        assert found.totals["users"] == 10
        assert found.counts[school]["users"] == 5
        ids = past.found(d.database, then, "users", school)
        names = past.names(d.database, then, "users", ids)
        called = [names[id_][0] for id_ in ids]
        assert called == [f"Given {n} Family {n}" for n in (0, 2, 4, 6, 8)]
        assert names[ids[0]][1].startswith("student · School 1 · Grade 09")
        assert past.found(d.database, then, "users", word="later") == []
        assert past.found(d.database, then, "users", word="given 1") == [d.id("users", "u001")]
        path = tmp_path / "then.csv"
        assert past.save(path, d.database, then, "users", ids[:1]) == 1
        assert "Given 0" in path.read_text("utf-8-sig")


def test_two_moments_are_compared_by_school(tmp_path: Path):
    """Who moved left one school and came to the other, and is changed in the roster as a whole."""
    with synced(tmp_path / "data") as d:
        move(d.sis, "u000")
        d.sis.change("users", "u002", given_name="Other")
        d.sis.change("users", "u001", email="one@district.example")
        d.sync()
        d.sis.change("users", "u001", email="u1@district.example")
        d.sync()
        earlier, later = (past.moment(d.database, word) for word in ("#1", "#3"))
        found = past.compared(d.database, earlier, later)
        one, two = d.id("orgs", "o1"), d.id("orgs", "o2")
        assert found.counts[one]["users", past.LEFT] == 1
        assert found.counts[two]["users", past.CAME] == 1
        assert found.counts[one]["users", listing.CHANGED] == 1
        assert found.totals["users", listing.CHANGED] == 2
        assert found.totals["enrollments", past.CAME] == 1
        names = [(w.entity, w.record) for w in found.within(two)]
        assert ("users", d.id("users", "u000")) in names
        assert ("users", d.id("users", "u002")) not in names
        assert ("users", d.id("users", "u001")) not in found.written
        groups = store.grouped(d.database, found.written)
        (moved, *_rest) = stories.stories(d.database, groups, found.about(groups))
        assert moved.sentences == ("Moved School 1 → School 2 (1 class left, 1 class joined)",)


def test_nobody_is_told_of_whom_there_was_neither_before_nor_after(tmp_path: Path):
    """What is taken back of a record that had ended changes it, and nobody misses it."""
    with synced(tmp_path / "data") as d:
        person = d.id("users", "u001")
        edit = d.engine.edit("users", person, {"middle_name": "Q"}, "Ana")
        end = d.engine.end_record("users", person, "Ana")
        undo = d.engine.undo(edit, author="Ana")
        assert undo is not None
        assert undo.applied == 1
        moments = [past.moment(d.database, f"#{one}") for one in (end, undo.id)]
        assert asof.between(d.database, *moments) == []


def test_somebody_who_was_joined_since_was_two_then(tmp_path: Path):
    """References are to whom they were: a record that stands for another now was itself."""
    sis = schools(ToySis())
    person(sis, "u1", "7", "o1")
    person(sis, "u2", "7", "o2")
    enroll(sis, "e2", "u2")
    with rows_district(tmp_path / "data", sis, "off") as d:
        d.sync()
        two = [d.id("users", "u1"), d.id("users", "u2")]
        d.pass_time(minutes=5)
        join(d)
        run = d.sync(full=True)
        d.engine.approve(run.id)
        d.loop.run(until=lambda: not d.engine.busy)
        assert len(reads.record_ids(d.database, "users")) == 1
        with asof.roster(d.database, past.moment(d.database, "#1")) as was:
            assert [row.id for row in reads.records(was, "users", two)] == two
            (seat,) = reads.all_records(was, "enrollments")
            assert seat.values["user"] == two[1]


@pytest.mark.parametrize(
    ("words", "error"), [("#77", NotFound), ("soon", UsageError), ("2026-13-01", UsageError)]
)
def test_a_moment_that_nobody_can_tell_is_refused(
    tmp_path: Path, words: str, error: type[Exception]
):
    """With the error that says why."""
    with synced(tmp_path / "data") as d, pytest.raises(error):
        past.moment(d.database, words)


def test_who_a_refusal_kept_is_told_to_stay(tmp_path: Path):
    """Nothing of theirs changed: what was thrown away is that they end. So is what its undo is."""
    sis = fill(ToySis(), people=40)
    with district(tmp_path, sis) as d:
        d.sync()
        for key in [key for key in sis.rows["enrollments"] if key < "e010"]:
            sis.end("enrollments", key)
        refused = d.engine.refuse(d.sync().id)
        assert refused is not None
        found = [one for some in told(d, refused.id).values() for one in some]
        assert found
        assert all(one.startswith("Stays in ") for one in found)
        undone = d.engine.undo(refused.id, approved=True)
        assert undone is not None
        assert undone.id is not None
        rows = stories.listed(d.database, [refused.id, undone.id])
        assert rows[undone.id].about == rows[refused.id].about != ""
