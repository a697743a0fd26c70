"""What a whole engine makes of files: what ends, what waits, what stays (SEMANTICS C5, D1)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.connectors.files import FileTransport
from app.connectors.oneroster.csv import KIND
from app.store import reads
from tests.connectors.oneroster.csv.district import Tables, files, put, tables
from tests.simulation.keeping import NAME, Keeping, keeping

Files = dict[str, bytes]


@contextmanager
def synced(data_dir: Path, source: Path, watched: Path | None = None) -> Iterator[Keeping]:
    """A roster without limits that has read a whole set once."""
    put(source, files(tables()))
    settings = {"path": str(watched or source)}
    with keeping(data_dir, KIND, settings, {}, lambda _: FileTransport(), 25) as kept:
        assert kept.sync(full=False).state == "completed"
        yield kept


def without_u001() -> Tables:
    """The same district without one person."""
    made = tables()
    made["users"] = [row for row in made["users"] if row["sourcedId"] != "u001"]
    return made


def test_who_is_missing_from_two_whole_sets_ends(data_dir: Path, tmp_path: Path):
    """After the first the removal waits: nothing can be looked up by its key in files."""
    with synced(data_dir, tmp_path / "set") as kept:
        put(tmp_path / "set", files(without_u001()))
        assert kept.sync(full=False).state == "waiting"
        assert ("users", "u001") in kept.roster()
        made = without_u001()
        made["orgs"][0]["name"] = "The district"
        put(tmp_path / "set", files(made))
        assert kept.sync(full=False).state == "completed"
        assert ("users", "u001") not in kept.roster()


def test_the_same_files_are_no_second_proof(data_dir: Path, tmp_path: Path):
    """However often they are read, and whenever they were written."""
    with synced(data_dir, tmp_path / "set") as kept:
        for _ in range(3):
            put(tmp_path / "set", files(without_u001()))
            assert kept.sync(full=True).state == "waiting"
        assert ("users", "u001") in kept.roster()


def test_a_file_that_is_still_being_written_is_no_second_proof(data_dir: Path, tmp_path: Path):
    """Cut off between two rows it looks whole, and every look at it is one at the same export."""
    with synced(data_dir, tmp_path / "set") as kept:
        people = tmp_path / "set" / "users.csv"
        whole = people.read_bytes().splitlines(keepends=True)
        before = kept.roster()
        for rows in (-2, -1):
            people.write_bytes(b"".join(whole[:rows]))
            assert kept.sync(full=False).state == "waiting"
            assert kept.roster() == before
        people.write_bytes(b"".join(whole))
        assert kept.sync(full=False).state == "completed"


def test_an_older_set_ends_nobody(data_dir: Path, tmp_path: Path):
    """Not when the newest is gone, whatever is asked of the connector in between (SEMANTICS C5)."""
    watched = tmp_path / "watched"
    put(watched / "2026-09-01", files(tables(students=3)))
    with synced(data_dir, watched / "2026-09-02", watched) as kept:
        (watched / "2026-09-02").rename(tmp_path / "elsewhere")
        for _ in range(3):
            found: list[object] = []
            kept.engine.check(NAME, found.append)
            kept.loop.run(until=lambda: bool(found))  # noqa: B023
            assert kept.sync(full=True).state == "warnings"
            assert kept.ended() == set()
        put(watched / "2026-09-03", files(without_u001()))
        assert kept.sync(full=False).state == "waiting"


def test_a_person_who_is_back_does_not_end(data_dir: Path, tmp_path: Path):
    """What waited is taken back."""
    with synced(data_dir, tmp_path / "set") as kept:
        put(tmp_path / "set", files(without_u001()))
        kept.sync(full=False)
        put(tmp_path / "set", files(tables()))
        assert kept.sync(full=False).state == "completed"
        assert reads.connector(kept.database, NAME).standing.waiting == 0


def _missing(told: Files) -> None:
    del told["courses.csv"]


def _no_heading(told: Files) -> None:
    told["users.csv"] = told["users.csv"].split(b"\r\n", 1)[1]


def _empty(told: Files) -> None:
    told["users.csv"] = b""


def _keyless(told: Files) -> None:
    told["users.csv"] += b",,,true,who,,A,B,,,,,,,,,,,,,,\r\n"


def _twice(told: Files) -> None:
    told["users.csv"] += told["users.csv"].split(b"\r\n")[2] + b"x\r\n"


def _no_column(told: Files) -> None:
    told["users.csv"] = told["users.csv"].replace(b"familyName", b"surname", 1)


@pytest.mark.parametrize("spoil", [_missing, _no_heading, _empty, _keyless, _twice, _no_column])
def test_nobody_ends_by_files_that_prove_nothing(
    data_dir: Path, tmp_path: Path, spoil: Callable[[Files], None]
):
    """Not even at the second time; the log says why, in words."""
    with synced(data_dir, tmp_path / "set") as kept:
        for turn in range(3):
            made = without_u001()
            made["orgs"][0]["name"] = f"District {turn}"
            told = files(made)
            spoil(told)
            put(tmp_path / "set", told)
            (tmp_path / "set" / "courses.csv").unlink(missing_ok="courses.csv" not in told)
            put(tmp_path / "set", told)
            run = kept.sync(full=True)
            assert run.state in ("warnings", "completed")
            [users] = [stream for stream in run.streams if stream.entity == "users"]
            assert not users.proof
            assert users.doubts
        assert ("users", "u001") in kept.roster()


def test_a_file_with_a_heading_alone_is_judged_by_the_limits(data_dir: Path, tmp_path: Path):
    """It is whole, and says that there is nobody: a person decides (SEMANTICS E1)."""
    with synced(data_dir, tmp_path / "set") as kept:
        with kept.database.writing() as tx:
            tx.run("UPDATE connectors SET limits = NULL")
        states = []
        for turn in range(3):
            made = tables()
            made["enrollments"] = []
            made["orgs"][0]["name"] = f"District {turn}"
            put(tmp_path / "set", files(made))
            states.append(kept.sync(full=True).state)
        # At first it is no proof, as whole schools are missing (SEMANTICS C5).
        assert states == ["warnings", "waiting", "waiting"]
        assert len([1 for entity, _ in kept.roster() if entity == "enrollments"]) == 63


def test_a_stream_that_is_no_longer_there_ends_nobody(data_dir: Path, tmp_path: Path):
    """It is out of scope: shown, and kept (SEMANTICS D2)."""
    with synced(data_dir, tmp_path / "set") as kept:
        made = tables()
        del made["enrollments"]
        (tmp_path / "set" / "enrollments.csv").unlink()
        put(tmp_path / "set", files(made))
        for _ in range(2):
            assert kept.sync(full=True).state in ("completed", "warnings")
        assert kept.ended() == set()


def test_a_role_that_is_gone_leaves_its_person(data_dir: Path, tmp_path: Path):
    """A row of a part file ends its element and nothing else (SEMANTICS A5)."""
    with synced(data_dir, tmp_path / "set") as kept:
        made = tables()
        made["roles"] = [row for row in made["roles"] if row["userSourcedId"] != "u001"]
        put(tmp_path / "set", files(made))
        kept.sync(full=False)
        assert kept.roster()["users", "u001"]["roles"] is None
        assert kept.roster()["users", "u002"]["roles"] is not None
