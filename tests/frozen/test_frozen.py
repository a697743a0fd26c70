"""The program as `make freeze` makes it, where there is nothing else: no Python, no variables."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app import __version__

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY / "dist" / "mindkindler-sync"
PROGRAM = FOLDER / ("mindkindler-sync.exe" if sys.platform == "win32" else "mindkindler-sync")
INSIDE = FOLDER / "_internal"
# Windows itself does not work without.
NOTHING = {"SYSTEMROOT": r"C:\Windows"} if sys.platform == "win32" else {}

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="`make freeze` makes it")
linux = pytest.mark.skipif(sys.platform != "linux", reason="as it is on Linux")


def run(
    *arguments: object, env: Mapping[str, str] = NOTHING, by: tuple[object, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """The ended program, started with these variables alone."""
    return subprocess.run(
        [str(word) for word in (*by, PROGRAM, *arguments)],
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


def self_check(data_dir: Path, **more: Any) -> Any:
    """What `self-check` says when all is well."""
    ended = run("self-check", "--json", "--data-dir", data_dir, **more)
    assert ended.returncode == 0, (ended.stdout, ended.stderr)
    return json.loads(ended.stdout)


def found(told: Any, name: str) -> str:
    """What one of its checks found."""
    [words] = [check["found"] for check in told["checks"] if check["name"] == name]
    return str(words)


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """An X11 screen that nobody sees; the variables that lead to it."""
    command = ["Xvfb", "-displayfd", "1", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        number = server.stdout.readline().decode().strip()
        try:
            yield {"DISPLAY": f":{number}"}
        finally:
            server.terminate()


def test_it_checks_itself(data_dir: Path) -> None:
    """Every part can be loaded, and each check of self-check holds."""
    told = self_check(data_dir)
    assert (told["ok"], told["frozen"], told["version"]) == (True, True, __version__)
    assert found(told, "Window") == "can be drawn."


def test_it_shows_the_whole_way(data_dir: Path) -> None:
    """The demo holds: the practice SIS is started, synced from, and the window is drawn."""
    picture = data_dir / "window.png"
    ended = run("demo", "--students", 60, "--data-dir", data_dir, "--picture", picture)
    assert ended.returncode == 0, (ended.stdout, ended.stderr)
    assert picture.read_bytes().startswith(b"\x89PNG")


@linux
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb makes a screen")
def test_the_window_opens_on_a_screen(data_dir: Path) -> None:
    """Qt's plugin for X11 can be loaded with what is in the folder."""
    with screen() as display:
        assert found(self_check(data_dir, env=display), "Window") == "can be drawn."


@linux
@pytest.mark.skipif(
    not all(map(shutil.which, ("dbus-run-session", "gnome-keyring-daemon"))),
    reason="a keyring of its own needs dbus-run-session and gnome-keyring-daemon",
)
def test_it_reaches_the_keyring(data_dir: Path, tmp_path: Path) -> None:
    """The libraries behind the keyring, which it would silently do without, are in the folder."""
    unlocked = 'printf x | gnome-keyring-daemon --unlock --components=secrets >&2 && exec "$@"'
    home = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    session = ("dbus-run-session", "sh", "-c", unlocked, "sh")
    assert "Secret Service" in found(self_check(data_dir, env=home, by=session), "Keyring")


def test_what_is_read_as_a_file_is_a_file_there() -> None:
    """Migrations, and everything in `app` that is not code."""
    code = {".py", ".pyc"}
    needed = {
        path.relative_to(REPOSITORY)
        for path in (REPOSITORY / "app").rglob("*")
        if path.is_file() and (path.suffix not in code or path.match("migrations/versions/*.py"))
    }
    assert needed
    assert not {path for path in needed if not (INSIDE / path).is_file()}


def test_it_does_not_tell_where_it_was_made() -> None:
    """No file holds the path of this checkout."""
    trace = str(REPOSITORY).encode()
    found = [
        path.relative_to(FOLDER)
        for path in FOLDER.rglob("*")
        if path.is_file() and trace in path.read_bytes()
    ]
    assert not found


@linux
def test_it_stays_small() -> None:
    """150 MB: a plugin of Qt too many brings a tenth of that."""
    size = sum(path.lstat().st_size for path in FOLDER.rglob("*") if not path.is_dir())
    assert size < 150_000_000
