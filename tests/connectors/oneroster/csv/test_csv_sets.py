"""Watched folders: the newest whole bulk set, and the changes after it, each once."""

from pathlib import Path
from typing import Any

import pytest

from app.errors import SyncError
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
