"""The program killed in the middle of a sync, and started again (SEMANTICS C7, H1)."""

import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.roster.entities import ENTITIES
from tests.e2e.program import connected, practice_sis

STUDENTS = 400


@pytest.fixture(scope="module")
def sis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """One practice SIS for tests that do not change it."""
    with practice_sis(tmp_path_factory.mktemp("sis"), STUDENTS) as found:
        yield found


@pytest.fixture(scope="module")
def unbroken(
    sis: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[tuple[Any, ...]]]:
    """What the database holds after a first sync that nothing disturbed."""
    program = connected(tmp_path_factory.mktemp("unbroken"), sis)
    assert program.run("sync", "north")["state"] == "completed"
    return contents(program.data_dir)


def contents(data_dir: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every link and record of the database, whole, but for the runs that wrote them."""
    uri = (data_dir / "roster.db").absolute().as_uri() + "?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = {}
        for name, entity in ENTITIES.items():
            fields = ", ".join(f'"{one}"' for one in entity.field_names)
            found[name] = database.execute(
                f"SELECT id, alive, {fields} FROM {name} ORDER BY id"
            ).fetchall()
        found["links"] = database.execute("SELECT * FROM links ORDER BY id").fetchall()
        found["items"] = database.execute(
            "SELECT link, action, state, patch FROM items ORDER BY link"
        ).fetchall()
    return found


@pytest.mark.parametrize("pages", range(1, 7))
def test_a_killed_first_sync_ends_as_an_unbroken_one(
    data_dir: Path,
    sis: dict[str, Any],
    unbroken: dict[str, list[tuple[Any, ...]]],
    pages: int,
) -> None:
    """C7: after `kill -9` the next sync goes on; the database is that of an unbroken sync."""
    program = connected(data_dir, sis)
    assert program.killed_after(pages, "sync", "north")
    (cut,) = program.run("runs", "list")
    assert cut["state"] == "interrupted"
    document = program.run("sync", "north")
    assert document["state"] == "completed"
    assert all(stream["proof"] for stream in document["streams"].values())
    assert (
        sum(stream["read"] for stream in document["streams"].values()) == len(unbroken["links"]) - 1
    )
    assert contents(data_dir) == unbroken


def test_killed_again_and_again_it_still_arrives(tmp_path: Path, data_dir: Path) -> None:
    """C7: a sync of changes killed after every page ends as one that was left in peace."""
    with practice_sis(tmp_path, STUDENTS) as sis:
        program, calm = connected(data_dir, sis), connected(tmp_path / "calm", sis)
        for one in (program, calm):
            assert one.run("sync", "north")["state"] == "completed"
        pass_school_day(sis)
        assert calm.run("sync", "north", "--full")["state"] == "completed"
        killed = 0
        while program.killed_after(1, "sync", "north", "--full"):
            killed += 1
        assert killed >= 3
        assert contents(data_dir) == contents(tmp_path / "calm")
        states = [run["state"] for run in program.run("runs", "list")]
        assert states == ["completed", *["interrupted"] * killed, "completed"]


def pass_school_day(sis: dict[str, Any]) -> None:
    """A school day passes at the practice SIS."""
    request = urllib.request.Request(
        f"{sis['control_url']}/day",
        data=b"{}",
        headers={
            "Authorization": f"Bearer {sis['client_secret']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200
