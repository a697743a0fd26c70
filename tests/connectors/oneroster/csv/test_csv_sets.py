"""Watched folders: of each file the newest whole one, and the changes after it, each once."""

import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.connectors.oneroster.csv.age import age_of
from app.errors import SyncError
from app.roster.values import UNSAID
from tests.connectors.oneroster.csv.desk import Desk, doubts, last
from tests.connectors.oneroster.csv.district import (
    Table,
    Tables,
    files,
    manifest,
    packed,
    put,
    tables,
    text,
)

WHEN = "2026-09-02T00:00:00.000Z"


def changes(**made: Table) -> dict[str, bytes]:
    """A set of changes: rows with a status and a time."""
    filled = {
        name: [{"status": "active", "dateLastModified": WHEN, **one} for one in rows]
        for name, rows in made.items()
    }
    return files(filled, says="delta")


def org(key: str, **more: str) -> dict[str, str]:
    """A row of orgs."""
    return {"sourcedId": key, "name": key.upper(), "type": "school", **more}


def watched(folder: Path, *sets: dict[str, bytes], **settings: Any) -> Desk:
    """A folder with sets of the first days of September."""
    for day, told in enumerate(sets, 1):
        packed(folder / f"export-2026-09-{day:02d}.zip", told)
    return Desk(folder, settings)


def test_the_newest_bulk_set_and_what_came_after_it_are_one_roster(tmp_path: Path):
    """Of each key the newest row counts; what a set of changes ended has ended."""
    old: Tables = {**tables(), "orgs": [org("gone")]}
    read = watched(
        tmp_path,
        files(old),
        files(tables()),
        changes(orgs=[org("s1", name="First"), org("s3")]),
        changes(orgs=[org("s1", name="Second"), org("s2", status="tobedeleted")]),
    )
    pulled = read.pull("orgs")
    assert read.values("orgs")["s1"]["name"] == "Second"
    assert (set(pulled.rows), pulled.tombstones) == ({"d1", "s1", "s3"}, {"s2"})
    assert (last(pulled).full, pulled.uncertainties()) == (True, [])


def test_each_set_of_changes_is_read_once(tmp_path: Path):
    """A pull of changes brings what is new since, and no more."""
    read = watched(tmp_path, files(tables()), changes(orgs=[org("s3")]))
    state = last(read.pull("orgs")).state
    packed(tmp_path / "export-2026-09-03.zip", changes(orgs=[org("s4")]))
    pulled = read.pull("orgs", state)
    assert (set(pulled.rows), last(pulled).full) == ({"s4"}, False)
    assert read.pull("orgs", last(pulled).state).rows == {}


def test_changes_that_come_late_do_not_undo_newer_ones(tmp_path: Path):
    """The newest row of a key counts, whenever its file arrived."""
    packed(tmp_path / "2026-09-01.zip", files(tables()))
    packed(tmp_path / "2026-09-03.zip", changes(orgs=[org("s1", name="Third")]))
    read = Desk(tmp_path)
    state = last(read.pull("orgs")).state
    packed(tmp_path / "2026-09-02.zip", changes(orgs=[org("s1", name="Second"), org("s3")]))
    assert set(read.pull("orgs", state).rows) == {"s3"}


def test_new_roles_bring_their_person_again(tmp_path: Path):
    """Whole, out of the bulk file, with all roles there are by now (SEMANTICS A5)."""
    read = watched(tmp_path, files(tables()))
    state = last(read.pull("users")).state
    extra = {
        "sourcedId": "new",
        "userSourcedId": "u001",
        "roleType": "secondary",
        "role": "aide",
        "orgSourcedId": "s1",
    }
    packed(tmp_path / "export-2026-09-02.zip", changes(roles=[extra]))
    people = read.values("users", state)
    assert set(people) == {"u001"}
    assert [role[0] for role in people["u001"]["roles"]] == ["aide", "student"]
    whole = read.values("users")
    assert whole["u001"] == people["u001"]
    assert len(whole) == 63
    packed(
        tmp_path / "export-2026-09-03.zip",
        changes(roles=[{**extra, "status": "tobedeleted"}]),
    )
    assert [role[0] for role in read.values("users")["u001"]["roles"]] == ["student"]


def test_changes_alone_prove_nothing(tmp_path: Path):
    """Without a bulk file nothing is missing that is not in them."""
    pulled = Desk(put(tmp_path, changes(orgs=[org("s3")]))).pull("orgs")
    assert (set(pulled.rows), last(pulled).full) == ({"s3"}, False)


def test_a_newer_bulk_set_that_is_not_whole_is_passed_over(tmp_path: Path):
    """The one before it is read, and proves nothing any more (SEMANTICS C5)."""
    broken = files(tables(students=3))
    del broken["users.csv"]
    read = watched(tmp_path, files(tables()), broken)
    pulled = read.pull("users")
    assert len(pulled.rows) == 63
    assert doubts(pulled) == ["set_not_whole"]
    assert ("export-2026-09-02.zip", "set_incomplete") in [
        (one.file, one.rule) for one in read.problems()
    ]


def test_a_zip_that_is_still_being_written_is_passed_over(tmp_path: Path):
    """Among others; alone it is an error that passes by itself."""
    read = watched(tmp_path, files(tables()))
    whole = packed(tmp_path / "export-2026-09-02.zip", files(tables())).read_bytes()
    (tmp_path / "export-2026-09-02.zip").write_bytes(whole[: len(whole) // 2])
    pulled = read.pull("users")
    assert (len(pulled.rows), doubts(pulled)) == (63, ["set_not_whole"])
    alone = Desk(tmp_path / "export-2026-09-02.zip").pull("users")
    assert alone.error is not None
    assert (alone.error.code, alone.error.category) == ("archive_broken", "transient")


def test_folders_of_sets_serve_as_well(tmp_path: Path):
    """And whatever else lies beside them does not matter."""
    put(tmp_path / "2026-09-01", files(tables()))
    put(tmp_path / "2026-09-02", changes(orgs=[org("s3")]))
    put(tmp_path / "notes", {"readme.txt": b"hello", "other.csv": b"a,b\r\n"})
    packed(tmp_path / "photos.zip", {"class.jpg": b"..."})
    pulled = Desk(tmp_path).pull("orgs")
    assert set(pulled.rows) == {"d1", "s1", "s2", "s3"}
    assert pulled.uncertainties() == []


def test_a_file_said_to_be_absent_is_not_read(tmp_path: Path):
    """Also where it is there; it is told."""
    told = files(tables())
    told["manifest.csv"] = manifest("1.2", dict.fromkeys(set(tables()) - {"courses"}, "bulk"))
    read = Desk(put(tmp_path, told))
    assert read.pull("courses").rows == {}
    assert ("courses.csv", "file_said_absent") in [(one.file, one.rule) for one in read.problems()]


def test_a_file_of_changes_beside_bulk_files_is_read_as_such(tmp_path: Path):
    """What is missing from it is not missing."""
    told = files(tables())
    bulk = dict.fromkeys(tables(), "bulk")
    told["manifest.csv"] = manifest("1.2", {**bulk, "enrollments": "delta"})
    read = Desk(put(tmp_path, told))
    assert last(read.pull("enrollments")).full is False
    assert last(read.pull("users")).full is True


def test_the_folder_of_a_file_is_meant(tmp_path: Path):
    """Who chooses a manifest means the set."""
    put(tmp_path, files(tables()))
    assert len(Desk(tmp_path / "manifest.csv").pull("orgs").rows) == 3


# -- each file by itself ---------------------------------------------------------------------------


def mixed(*delta: str, **more: Table) -> dict[str, bytes]:
    """A whole set in which some files have changes alone."""
    made = {**tables(), **more}
    for name in delta:
        made[name] = [{"status": "active", "dateLastModified": WHEN, **row} for row in more[name]]
    told = files(made)
    says = {**dict.fromkeys(made, "bulk"), **dict.fromkeys(delta, "delta")}
    told["manifest.csv"] = manifest("1.2", says)
    return told


def person(key: str, **more: str) -> dict[str, str]:
    """A row of users."""
    told = {"enabledUser": "true", "username": key, "givenName": "New", "familyName": "Name"}
    return {"sourcedId": key, **told, **more}


def test_whole_orgs_hide_no_changes_of_users(tmp_path: Path):
    """Several sets at once, each with whole files and files of changes: nobody's changes are lost.

    A manifest says of every file by itself whether it is whole.
    """
    first = mixed("users", "roles", users=[person("u001"), person("u900")], roles=[])
    ended = person("u002", status="tobedeleted")
    second = mixed("users", "roles", users=[person("u003"), ended], roles=[])
    read = watched(tmp_path, files(tables()))
    state = last(read.pull("users")).state
    for day, told in ((2, first), (3, second)):
        packed(tmp_path / f"export-2026-09-{day:02d}.zip", told)
    changed = read.pull("users", state)
    assert (set(changed.rows), changed.tombstones) == ({"u001", "u003", "u900"}, {"u002"})
    assert (last(changed).full, doubts(changed)) == (False, [])
    whole = watched(tmp_path, files(tables()), first, second)
    assert len(whole.pull("users").rows) == 63
    assert (last(whole.pull("users")).full, last(whole.pull("orgs")).full) == (True, True)


def test_a_whole_file_of_another_name_is_no_second_proof(tmp_path: Path):
    """That the users were told once more is seen from a file of users (SEMANTICS D1)."""
    read = watched(tmp_path, files(tables()))
    first = last(read.pull("users"))
    told = mixed("users", users=[], orgs=[org("d1"), org("s1"), org("s2"), org("s3")])
    packed(tmp_path / "export-2026-09-02.zip", told)
    assert last(read.pull("users")).evidence == first.evidence
    packed(tmp_path / "export-2026-09-03.zip", files({**tables(), "orgs": [org("s1"), org("s2")]}))
    assert last(read.pull("users")).evidence != first.evidence


def test_the_same_whole_file_again_undoes_the_changes_in_between(tmp_path: Path):
    """A registrar who ended people by mistake mends it with the export of the day before."""
    read = watched(tmp_path, files(tables()), changes(users=[person("u001", status="tobedeleted")]))
    state = last(read.pull("users")).state
    packed(tmp_path / "export-2026-09-03.zip", files(tables()))
    again = read.pull("users", state)
    assert (len(again.rows), last(again).full) == (63, True)


def test_a_role_that_moves_or_ends_leaves_whom_it_was_of(tmp_path: Path):
    """Also where its last row tells no more than its key (SEMANTICS A5)."""
    role = {"roleType": "primary", "role": "aide", "orgSourcedId": "s1"}
    read = watched(
        tmp_path,
        files(tables()),
        changes(
            roles=[
                {"sourcedId": "r001", "userSourcedId": "u002", **role},
                {"sourcedId": "r003", "status": "tobedeleted"},
            ]
        ),
    )
    people = read.values("users")
    assert [people[key]["roles"] for key in ("u001", "u003")] == [None, None]
    assert [one[0] for one in people["u002"]["roles"]] == ["aide", "student"]


def test_changes_of_roles_alone_say_nobodys_roles(tmp_path: Path):
    """Who has which others was never told, so all of them stay."""
    made = tables()
    role = {"status": "active", "dateLastModified": WHEN, **made["roles"][0]}
    told = mixed("roles", roles=[role])
    read = Desk(put(tmp_path, told))
    assert read.values("users")["u000"]["roles"] is UNSAID


# -- which one is newer ---------------------------------------------------------------------------


def test_what_is_no_set_changes_no_order(tmp_path: Path):
    """Nor do the times of files whose names have a date: the newer name counts."""
    put(tmp_path / "2026-09-01", files(tables(students=3)))
    put(tmp_path / "2026-09-20", files(tables()))
    (tmp_path / "archive").mkdir()
    packed(tmp_path / "photos.zip", {"class.jpg": b"..."})
    in_an_hour = (tmp_path / "2026-09-20" / "users.csv").stat().st_mtime + 3600
    os.utime(tmp_path / "2026-09-01" / "users.csv", (in_an_hour, in_an_hour))
    pulled = Desk(tmp_path).pull("users")
    assert (len(pulled.rows), pulled.uncertainties()) == (63, [])


def test_nothing_older_takes_the_place_of_what_was_read(tmp_path: Path):
    """Also when the newest set has gone; changes after it are read all the same."""
    older = files({**tables(students=3), "orgs": [org("old")]})
    read = watched(tmp_path, older, files(tables()))
    read.pull("users")
    state = last(read.pull("orgs")).state
    (tmp_path / "export-2026-09-02.zip").unlink()
    packed(tmp_path / "export-2026-09-03.zip", changes(orgs=[org("s9")]))
    for since in (None, state):
        people, schools = read.pull("users", since), read.pull("orgs", since)
        assert (people.rows, doubts(people)[0]) == ({}, "set_older")
        assert (set(schools.rows), last(schools).full) == ({"s9"}, False)
    packed(tmp_path / "export-2026-09-04.zip", files(tables(students=5)))
    assert (len(read.pull("users").rows), doubts(read.pull("users"))) == (8, [])


def test_an_older_set_that_comes_late_is_passed_over(tmp_path: Path):
    """And told, in the log and among the problems."""
    read = watched(tmp_path, files(tables()))
    then = tmp_path / "export-2026-09-01.zip"
    state = last(read.pull("orgs")).state
    late = packed(tmp_path / "2026-08-15.zip", files({**tables(), "orgs": [org("old")]}))
    after = then.stat().st_mtime + 60
    os.utime(late, (after, after))
    pulled = read.pull("orgs", state)
    assert (pulled.rows, doubts(pulled)) == ({}, [])
    assert [note.code for note in last(pulled).notes] == ["set_late"]
    assert ("2026-08-15.zip", "set_outdated") in [(one.file, one.rule) for one in read.problems()]


@pytest.mark.parametrize("turn", [False, True])
def test_sets_of_which_nobody_can_tell_the_newer_prove_nothing(tmp_path: Path, turn: bool):
    """The one that was read last is read on, whatever the times are; a person is told both."""
    read = watched(tmp_path, files(tables()))
    state = last(read.pull("orgs")).state
    other = put(tmp_path / "copy", files({**tables(), "orgs": [org("old")]}))
    if turn:
        for one in other.iterdir():
            os.utime(one, (4_000_000_000, 4_000_000_000))
    for since in (None, state):
        pulled = read.pull("orgs", since)
        assert "old" not in pulled.rows
        [doubt] = [one for page in pulled.pages for one in page.doubts]
        assert doubt.code == "sets_unsettled"
        assert doubt.parameters == {"set": "export-2026-09-01.zip", "other": "copy"}
    [bad] = [one for one in read.check() if one.grade.value == "bad"]
    assert bad.code == "set_rival"


def test_a_copy_of_the_same_set_leaves_nothing_open(tmp_path: Path):
    """Whatever it is called and whenever it was made."""
    read = watched(tmp_path, files(tables()))
    put(tmp_path / "copy", files(tables()))
    assert read.pull("orgs").uncertainties() == []


def test_sets_without_dates_go_by_their_times(tmp_path: Path):
    """Where all files of one were written after all of the other; else it is open."""
    old = put(tmp_path / "b", files(tables(students=3)))
    new = put(tmp_path / "a", files(tables()))
    for folder, time in ((old, 1_000_000_000), (new, 1_000_100_000)):
        for one in folder.iterdir():
            os.utime(one, (time, time))
    read = Desk(tmp_path)
    assert len(read.pull("enrollments").rows) == 63
    assert (len(read.pull("users").rows), read.pull("users").uncertainties()) == (63, [])
    os.utime(old / "users.csv")
    touched = read.pull("users")
    assert (len(touched.rows), doubts(touched)) == (63, ["sets_unsettled"])


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("2026-09-02", "2026-09-01"),
        ("x 2026.09.02", "a_20260901_2359"),
        ("20260902-0600", "20260902-0559"),
        ("20260902T060001", "2026-09-02 06:00:00"),
    ],
)
def test_a_date_in_a_name_is_read(newer: str, older: str):
    """However it is written, with a time or without."""
    assert age_of(newer, [1]).surely_after(age_of(older, [9]))
    assert not age_of(older, [9]).surely_after(age_of(newer, [1]))


@pytest.mark.parametrize(
    "pair",
    [
        ("2026-09-02", "2026-09-02 0600"),
        ("2026-09-02", "recent"),
        ("12026090234", "recent"),
        ("2026-13-02", "recent"),
    ],
)
def test_what_a_name_does_not_say_is_open(pair: tuple[str, str]):
    """A day against an hour of it, a day against no day at all, digits that are no day."""
    one, other = (age_of(name, [8**22]) for name in pair)
    assert not one.surely_after(other)
    assert not other.surely_after(one)


@pytest.mark.parametrize("name", ["nowhere", "empty", "text.txt", "link"])
def test_a_place_without_files_is_told(tmp_path: Path, name: str):
    """In an error with a sentence, and by *Test connection*."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.txt").write_text("hello")
    (tmp_path / "link").symlink_to(tmp_path / "link")
    read = Desk(tmp_path / name)
    error = read.pull("orgs").error
    assert isinstance(error, SyncError)
    assert [one.grade.value for one in read.check()] == ["bad"]


# -- looking for news -----------------------------------------------------------------------------


def test_the_stamp_changes_with_every_file(tmp_path: Path):
    """And with nothing else."""
    read = watched(tmp_path, files(tables()))
    stamps = [read.stamp(), read.stamp()]
    (tmp_path / "notes.txt").write_text("hello")
    stamps.append(read.stamp())
    assert len(set(stamps)) == 1
    packed(tmp_path / "export-2026-09-02.zip", files(tables()))
    put(tmp_path / "2026-09-03", files(tables()))
    stamps.append(read.stamp())
    (tmp_path / "2026-09-03" / "orgs.csv").write_bytes(text("orgs", []))
    stamps.append(read.stamp())
    assert len(set(stamps)) == 3
    assert Desk(tmp_path / "nowhere").stamp() == ""


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("again", ["users.csv", "Users.CSV"])
def test_a_file_that_stands_there_twice_is_refused(tmp_path: Path, again: str):
    """One of the two may be all but empty; nothing is read for a guess (SEMANTICS C5)."""
    told = files(tables())
    place = packed(tmp_path / "set.zip", told)
    with zipfile.ZipFile(place, "a") as archive:
        archive.writestr(again, told["users.csv"].splitlines(keepends=True)[0])
    error = Desk(place).pull("users").error
    assert error is not None
    assert error.code == "file_twice"
    assert str(error.parameters["file"]).lower() == "users.csv"
