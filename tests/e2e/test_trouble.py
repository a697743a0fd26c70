"""Trouble as people meet it: a sentence, an exit code, and a roster that is as it was.

Each trouble is a real one, and met by the real program: a server with a certificate nobody trusts,
a disk that is full, a folder that cannot be written to.
"""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.store import reads
from app.store.database import Database, Location
from tests.connectors.http_server import Server
from tests.e2e.program import Program, connected, practice_sis

SECRET = "MINDKINDLER_SECRET_NORTH_CLIENT_SECRET"


@pytest.fixture(scope="module")
def sis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A practice SIS for all tests here; none of them changes it."""
    with practice_sis(tmp_path_factory.mktemp("sis"), students=60) as ready:
        yield ready


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory, sis: dict[str, Any]) -> Program:
    """The program, whose connector ``north`` has been synced once; to be copied."""
    found = connected(tmp_path_factory.mktemp("synced"), sis)
    found.run("sync", "north")
    return found


@pytest.fixture
def program(data_dir: Path, synced: Program) -> Program:
    """The same, for one test."""
    return copied(synced, data_dir)


def copied(synced: Program, data_dir: Path) -> Program:
    """The program on a data folder of its own."""
    shutil.copytree(synced.data_dir, data_dir, dirs_exist_ok=True)
    return replace(synced, data_dir=data_dir)


def told(program: Program, *arguments: str) -> tuple[int, str]:
    """The exit code of a command, and all that a person reads of it."""
    process = program.start(*arguments)
    words, errors = process.communicate(timeout=60)
    assert "Traceback" not in words + errors
    return process.returncode, words + errors


def roster(program: Program) -> list[reads.RecordRow]:
    """Everyone in the roster."""
    with Database(Location.of(program.data_dir)) as database:
        return reads.records(database, "users", reads.record_ids(database, "users"))


def with_settings(program: Program, **settings: str) -> Program:
    """The program, its connector changed."""
    pairs = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    program.run("connectors", "edit", "north", *pairs)
    return program


def wrong_secret(program: Program, secure: Server) -> Program:
    return replace(program, environment={SECRET: "not-the-secret"})


def unknown_host(program: Program, secure: Server) -> Program:
    gone = "https://sis.no-such-host.invalid"
    return with_settings(program, base_url=gone, token_url=f"{gone}/token")


def nobody_listens(program: Program, secure: Server) -> Program:
    # The port of discarding: nothing listens there that could be a SIS.
    return with_settings(
        program, base_url="http://127.0.0.1:9", token_url="http://127.0.0.1:9/token"
    )


def untrusted_certificate(program: Program, secure: Server) -> Program:
    base = f"https://localhost:{secure.server_port}"
    return with_settings(program, base_url=base, token_url=f"{base}/token")


def secret_gone(program: Program, secure: Server) -> Program:
    return replace(program, environment={SECRET: ""})


@pytest.mark.parametrize(
    ("meet", "words"),
    [
        (wrong_secret, "does not accept the client ID and secret"),
        (unknown_host, "No server called sis.no-such-host.invalid was found"),
        (nobody_listens, "does not accept connections on port 9"),
        (untrusted_certificate, "could not be confirmed"),
        (secret_gone, "client_secret"),
    ],
)
def test_a_sis_that_cannot_be_reached(
    program: Program, secure: Server, meet: Callable[[Program, Server], Program], words: str
) -> None:
    """What happened, what to do, of when the rosters are; and nothing was removed."""
    before = roster(program)
    changed = meet(program, secure)
    found, said = told(changed, "sync", "north")
    assert found == 1
    assert words in said
    assert "Rosters are as of " in said
    assert "Nothing was removed." in said
    assert roster(changed) == before


def damaged(path: Path) -> None:
    path.write_bytes(b"no database" * 4096)


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()


@pytest.mark.parametrize(
    ("spoil", "code"), [(damaged, "database_damaged"), (newer, "database_newer")]
)
def test_a_database_that_cannot_be_used(
    program: Program, spoil: Callable[[Path], None], code: str
) -> None:
    """It is left as it was found, by every command."""
    path = program.data_dir / "roster.db"
    spoil(path)
    before = path.read_bytes()
    assert program.run("sync", "north", expects=1)["error"]["code"] == code
    found, said = told(program, "connectors", "list")
    assert found == 1
    assert str(path) in said
    assert "nothing was changed" in said
    assert path.read_bytes() == before


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, which only the system's administrator can make."""
    place = tmp_path / "disk"
    place.mkdir()
    made = sys.platform == "linux" and not _mount("-t", "tmpfs", "-o", "size=12m", "tmpfs", place)
    if not made:
        pytest.skip("a disk can be made only on Linux, by root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def _mount(*arguments: object) -> int:
    if shutil.which("mount") is None:
        return 1
    asked = ["mount", *map(str, arguments)]
    return subprocess.run(asked, check=False, capture_output=True).returncode


@pytest.fixture
def on_disk(disk: Path, synced: Program) -> Program:
    """The program on the small disk, whose connector ``north`` has been synced once."""
    return copied(synced, disk / "data")


def fill(disk: Path, *, but: int = 0) -> Path:
    """Leaves so many bytes of the disk free; the file that takes the rest."""
    filler = disk / "filler"
    free = shutil.disk_usage(disk).free - but
    filler.write_bytes(bytes(free - free % 4096))
    return filler


def test_a_full_disk(disk: Path, on_disk: Program) -> None:
    """A sentence and no more, whatever is asked; with room again all goes on as before."""
    before = roster(on_disk)
    filler = fill(disk)
    for arguments in (("sync", "north", "--full"), ("sync", "north")):
        found, said = told(on_disk, *arguments)
        assert found == 1, said
        assert said.count("The disk that holds ") == 1
        assert " is full. Make room, then try again" in said
    filler.unlink()
    assert roster(on_disk) == before
    assert on_disk.run("sync", "north", "--full")["state"] == "completed"


@pytest.mark.parametrize("room", [300_000, 200_000, 100_000])
def test_a_disk_that_fills_up_in_the_middle(disk: Path, sis: dict[str, Any], room: int) -> None:
    """The sync fails where it is; with room again the next one ends as an unbroken one would.

    With the least room not even the end of the failed sync can be written down.
    """
    program = connected(disk / "data", sis)
    filler = fill(disk, but=room)
    failed = program.run("sync", "north", expects=1)
    assert failed["error"]["code"] == "disk_full"
    filler.unlink()
    program.run("sync", "north")
    assert len(roster(program)) == sis["counts"]["users"]


def test_a_folder_that_cannot_be_written_to(disk: Path, on_disk: Program) -> None:
    """It is said, and all is as before when it can be written to again."""
    before = roster(on_disk)
    assert _mount("-o", "remount,ro", disk) == 0
    found, said = told(on_disk, "sync", "north")
    assert found == 1
    assert "Nothing can be written to " in said
    assert _mount("-o", "remount,rw", disk) == 0
    assert roster(on_disk) == before
