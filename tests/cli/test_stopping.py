"""Ctrl-C, kill and progress: the program as a process of its own (DESIGN §6, §9)."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.compose import PracticeSis
from tests.cli.conftest import NAME, Ended
from tests.cli.gate import Gate

Start = Callable[..., "subprocess.Popen[str]"]
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def _everything(sis: PracticeSis) -> int:
    return sum(sis.ready.counts.values())


def _records(call: Callable[..., Ended]) -> int:
    lists = ("orgs", "academic_sessions", "courses", "classes", "users", "demographics")
    return sum(
        len(call("records", "list", entity, "--limit", 100_000, "--json").document)
        for entity in (*lists, "enrollments")
    )


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_cancels_and_the_next_sync_goes_on(
    gated: Callable[..., Ended], gate: Gate, start: Start, sis: PracticeSis, number: int
) -> None:
    """§9: 130 and the state *cancelled*; what was read stays, and the next sync resumes there."""
    gate.hold("/enrollments")
    program = start("sync", NAME, "--json")
    gate.wait()
    program.send_signal(number)
    out, err = program.communicate(timeout=30)
    gate.release()
    assert (program.returncode, err) == (130, "")
    stopped = json.loads(out)
    assert (stopped["state"], stopped["error"]) == ("cancelled", None)
    assert stopped["streams"]["users"]["created"] == sis.ready.counts["users"]

    resumed = gated("sync", NAME, "--json")
    assert (resumed.code, resumed.document["state"]) == (0, "completed")
    assert _records(gated) == _everything(sis)
    history = {run["run"]: run for run in gated("runs", "list", "--json").document}
    assert history[stopped["run"]]["state"] == "cancelled"
    assert history[resumed.document["run"]]["resumes"] == stopped["run"]


@posix
def test_a_person_is_told_what_a_stop_means(
    gated: Callable[..., Ended], gate: Gate, start: Start
) -> None:
    """Every sentence says what happened and what comes next, a stop too; no traceback."""
    gate.hold("/enrollments")
    program = start("sync", NAME)
    gate.wait()
    program.send_signal(signal.SIGINT)
    _out, err = program.communicate(timeout=30)
    assert program.returncode == 130
    assert err == "Stopped as you asked. What was read so far stays; the next sync goes on here.\n"


@posix
def test_two_ctrl_c_end_it_and_the_data_is_whole(
    gated: Callable[..., Ended], gate: Gate, start: Start, sis: PracticeSis
) -> None:
    """§9: 130 however impatient somebody is; the database is whole, and a sync completes it."""
    gate.hold("/enrollments")
    program = start("sync", NAME, "--json")
    gate.wait()
    program.send_signal(signal.SIGINT)
    program.send_signal(signal.SIGINT)
    program.communicate(timeout=30)
    gate.release()
    assert program.returncode == 130
    assert gated("sync", NAME).code == 0
    assert _records(gated) == _everything(sis)


def interrupted_while_loading(room: str, started: str, *arguments: str) -> tuple[int, bytes, bytes]:
    """How the program ends that gets Ctrl-C as it loads a room: its code and what it said."""
    code = (
        "import os, runpy, signal, sys\n"
        "class Stop:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {room!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Stop())\n"
        f"sys.argv[1:] = {list(arguments)!r}\n"
    ) + (
        "runpy.run_module('app', run_name='__main__', alter_sys=True)"
        if started == "app"
        else "from app.__main__ import main; sys.exit(main())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


@posix
@pytest.mark.parametrize("room", ["app.cli", "click", "app.text"])
@pytest.mark.parametrize("started", ["app", "app.__main__"])
def test_ctrl_c_while_it_loads_is_quiet(room: str, started: str) -> None:
    """§9: 130 from the first moment, as a module and as the console script; not a word."""
    assert interrupted_while_loading(room, started, "--version") == (130, b"", b"")


@posix
def test_ctrl_c_while_a_command_loads_is_told_like_any_other() -> None:
    """§9: 130; what a command needs is loaded once it is known which one it is."""
    code, out, told = interrupted_while_loading("sqlalchemy", "app", "runs", "list")
    assert (code, out, told) == (130, b"", b"\nStopped as you asked.\n")


@posix
def test_a_killed_sync_is_interrupted_and_goes_on(
    gated: Callable[..., Ended], gate: Gate, start: Start, sis: PracticeSis
) -> None:
    """SEMANTICS H1, C7: the kernel frees the lock, the next sync resumes, the history says so."""
    gate.hold("/enrollments")
    program = start("sync", NAME)
    gate.wait()
    program.kill()
    program.communicate(timeout=30)
    gate.release()
    resumed = gated("sync", NAME, "--json")
    assert (resumed.code, _records(gated)) == (0, _everything(sis))
    [newest, oldest] = gated("runs", "list", "--json").document
    assert (oldest["state"], newest["resumes"]) == ("interrupted", oldest["run"])
    assert oldest["error"]["code"] == "run_overtaken"


@posix
def test_a_terminal_shows_progress_and_a_pipe_does_not(
    gated: Callable[..., Ended], data_dir: Path
) -> None:
    """The bar stands on standard error of a terminal alone: count, rate and time left."""
    ours, theirs = os.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "app", "--data-dir", str(data_dir), "sync", NAME, "--full"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TERM": "xterm", "COLUMNS": "160"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    drawn = b""
    try:
        while select.select([ours], [], [], 60)[0]:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break  # Linux says so when the other end is closed
            if not part:
                break
            drawn += part
        out, _ = program.communicate(timeout=60)
    finally:
        os.close(ours)
    assert program.returncode == 0
    text = drawn.decode()
    assert f"{NAME}: " in text
    assert " of " in text
    assert "\x1b[?25h" in text  # the cursor is given back
    assert "\x1b" not in out.decode()
