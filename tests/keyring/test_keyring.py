"""Our vault and our command line on a real keyring of a real desktop session (DESIGN §8)."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.program import Program, practice_sis
from tests.keyring.desktop import Desktop, session

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="GNOME Keyring is a keyring of Linux desktops"
)

PROBE = "from app.vault import KeyringVault as V; print(V('roster').probe())"
KEEP = "from app.vault import KeyringVault as V; V('roster').set('north', 'key', input())"
READ = "from app.vault import KeyringVault as V; print(V('roster').get('north', 'key'))"
SECONDS_TO_BE_TOLD = 10
STUDENTS = 40


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    """A desktop session with an unlocked, empty keyring."""
    with session(tmp_path / "home") as found:
        yield found


@pytest.fixture(scope="module")
def sis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A practice SIS."""
    with practice_sis(tmp_path_factory.mktemp("sis"), STUDENTS) as found:
        yield found


def add(program: Program, sis: dict[str, Any], expects: int = 0) -> Any:
    """Adds the connector ``north``; its secret comes by standard input and goes to the keyring."""
    return program.run(
        "connectors", "add", "north", "--kind", "oneroster",
        "--set", f"base_url={sis['base_url']}",
        "--set", f"token_url={sis['token_url']}",
        "--set", f"client_id={sis['client_id']}",
        "--secret-stdin", "client_secret",
        expects=expects,
        typed=f"{sis['client_secret']}\n",
    )  # fmt: skip


def timed(program: Program, *arguments: str, expects: int) -> Any:
    """What the command prints, within seconds."""
    began = time.monotonic()
    told = program.run(*arguments, expects=expects)
    assert time.monotonic() - began < SECONDS_TO_BE_TOLD
    return told


def test_a_secret_is_read_back_by_another_process(desktop: Desktop) -> None:
    """What one process keeps, the next one finds, under a name that people understand."""
    desktop.python(KEEP, "s3cr3t\n")
    assert desktop.python(READ) == "s3cr3t\n"
    assert desktop.entries() == ["Password for 'north/key (roster)' on 'MindKindler Sync'"]


def test_a_probe_names_the_keyring_and_leaves_nothing(desktop: Desktop) -> None:
    """Written, read and deleted for real."""
    assert "Secret Service" in desktop.python(PROBE)
    assert desktop.entries() == []


def test_a_sync_needs_the_secret_nowhere_but_in_the_keyring(
    desktop: Desktop, data_dir: Path, sis: dict[str, Any]
) -> None:
    """Added by one process, synced by another; no file that we or the keyring wrote shows it."""
    program = Program(data_dir, desktop.environment)
    assert add(program, sis)["secrets_missing"] == []
    assert program.run("-v", "sync", "north")["state"] == "completed"
    home = Path(desktop.environment["HOME"])
    files = [path for top in (data_dir, home) for path in top.rglob("*") if path.is_file()]
    assert {"roster.db", "app.log", "login.keyring"} <= {path.name for path in files}
    secret = sis["client_secret"].encode()
    assert not [path for path in files if secret in path.read_bytes()]


def test_a_locked_keyring_is_told_within_seconds(
    desktop: Desktop, data_dir: Path, sis: dict[str, Any]
) -> None:
    """Nothing hangs: a sync fails with the reason, and nothing new is stored."""
    program = Program(data_dir, desktop.environment)
    add(program, sis)
    desktop.lock()
    error = timed(program, "sync", "north", expects=1)["error"]
    assert error["code"] == "keyring_locked"
    assert "Unlock" in error["message"]
    edit = ("connectors", "edit", "north", "--secret-stdin", "client_secret")
    refused = program.run(*edit, expects=1, typed="another\n")
    assert refused["error"]["code"] == "keyring_locked"


def test_a_desktop_without_a_keyring_is_told(
    data_dir: Path, sis: dict[str, Any], desktop: Desktop, tmp_path: Path
) -> None:
    """Without a session there is no keyring; the environment is named, and nothing was saved."""
    nowhere = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/nothing"}
    program = Program(data_dir, {**desktop.environment, **nowhere})
    error = add(program, sis, expects=1)["error"]
    assert error["code"] == "secret_not_kept"
    assert "MINDKINDLER_SECRET_" in error["message"]
    assert program.run("connectors", "list") == []


def test_a_secret_that_another_program_deleted_is_asked_for_again(
    desktop: Desktop, data_dir: Path, sis: dict[str, Any]
) -> None:
    """The connector stays; the sync says which secret is gone, and storing it anew mends it."""
    program = Program(data_dir, desktop.environment)
    add(program, sis)
    desktop.empty()
    error = timed(program, "sync", "north", expects=1)["error"]
    assert error["code"] == "secret_missing"
    assert "connectors edit north --secret client_secret" in error["message"]
    edit = ("connectors", "edit", "north", "--secret-stdin", "client_secret")
    program.run(*edit, typed=f"{sis['client_secret']}\n")
    assert program.run("sync", "north")["state"] == "completed"


def test_removing_a_connector_empties_its_entry(
    desktop: Desktop, data_dir: Path, sis: dict[str, Any]
) -> None:
    """Nothing of a removed connector stays in the keyring, and nothing of others goes."""
    desktop.python(KEEP, "of another roster\n")
    program = Program(data_dir, desktop.environment)
    add(program, sis)
    assert len(desktop.entries()) == 2
    program.run("connectors", "remove", "north")
    assert desktop.python(READ) == "of another roster\n"
    assert len(desktop.entries()) == 1
