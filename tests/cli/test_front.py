"""The front of the command line: the window, usage, faults of ours, and what a terminal sees."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app import __version__
from app.cli import show
from app.compose import Options
from tests.cli.conftest import Ended

Call = Callable[..., Ended]


def test_without_a_command_the_window_opens(
    call: Call, windows: list[Options], data_dir: Path
) -> None:
    """§9: no command is the window, with the options given."""
    assert call("--practice", "-v").code == 0
    [options] = windows
    assert (options.practice, options.verbose) == (True, True)
    assert options.folder == data_dir / "practice"


def test_the_window_speaks_no_json(call: Call, windows: list[Options]) -> None:
    """§9: with --json there is a document always; a window has none, so that is usage."""
    ended = call("--json")
    assert (ended.code, windows) == (2, [])
    assert ended.document["error"]["code"] == "json_needs_command"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--colour"],
        ["frobnicate"],
        ["runs"],
        ["runs", "show"],
        ["runs", "show", "x"],
        ["sync", "--x"],
    ],
)
def test_a_mistyped_command_is_2_in_one_line(call: Call, arguments: list[str]) -> None:
    """§9: 2; one line that says what is wrong and where it is explained; a document with --json."""
    ended = call(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert len(ended.err.splitlines()) == 1
    assert "--help" in ended.err
    document = call(*arguments, "--json").document
    assert (document["run"], document["error"]["code"]) == (None, "usage")


def test_a_missing_option_is_told(call: Call) -> None:
    """In one clean line, whatever lines and tabs it came in."""
    ended = call("records", "split", "users", 1, "--json")
    assert ended.document["error"]["message"].startswith("Missing option '--row'. “")
    assert ended.err == ended.document["error"]["message"] + "\n"


def test_with_nothing_connected_the_way_to_begin_is_told(call: Call) -> None:
    """Instead of silence."""
    for command in (("sync", "--all"), ("limits", "show"), ("connectors", "list")):
        ended = call(*command)
        told = ended.out + ended.err
        assert (ended.code, "connectors add" in told, "sync demo" in told) == (0, True, True)


def test_the_version(call: Call) -> None:
    """§9: --version, before or after a command; a document with --json."""
    assert call("--version").out == f"mindkindler-sync {__version__}\n"
    assert call("sync", "--version", "--json").document == {"version": __version__}


def test_help_lists_the_commands(call: Call) -> None:
    """§9: every command of this version, each with its own help."""
    told = call("--help")
    assert told.code == 0
    names = ("demo", "connectors", "sync", "runs", "records", "export", "practice", "self-check")
    for name in names:
        assert f"\n  {name} " in told.out
        assert call(name, "--help").code == 0
    assert "--preview" in call("sync", "--help").out


@pytest.mark.expects_warnings("unexpected error")
def test_a_fault_of_ours_is_told_with_its_log(
    call: Call, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unexpected exception is told as ours, with the log to report; 1; no bare traceback."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr("app.store.reads.runs", broken)
    ended = call("runs", "list", "--json")
    log = data_dir / "logs" / "app.log"
    assert ended.code == 1
    assert ended.document["error"]["code"] == "fault_of_ours"
    assert str(log) in ended.err
    assert "Traceback" not in ended.err
    assert "ZeroDivisionError: on purpose" in log.read_text(encoding="utf-8")
    assert "Traceback" in call("runs", "list", "-v").err


def test_a_damaged_database_is_told(call: Call, data_dir: Path) -> None:
    """Every error has a sentence that says what to do; 1."""
    (data_dir / "roster.db").write_bytes(b"not a database at all" * 100)
    ended = call("runs", "list")
    assert ended.code == 1
    assert str(data_dir / "roster.db") in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://localhost/x", "database_url_unsupported"),
        ("roster.db", "database_url_unreadable"),
    ],
)
@pytest.mark.parametrize("command", [["runs", "list"], ["self-check"]])
def test_a_database_address_that_cannot_be_is_2(
    call: Call, url: str, code: str, command: list[str]
) -> None:
    """§9: what was typed is wrong, not the database."""
    ended = call(*command, "--database", url, "--json")
    assert ended.code == 2
    assert ended.document["error"]["code"] == code


def test_logs_go_to_standard_error(call: Call) -> None:
    """§9: with --json logs go to stderr, and stdout stays one document."""
    ended = call("demo", "--students", 60, "--json", "-v")
    assert ended.document["error"] is None
    assert "app.engine" in ended.err


def test_a_name_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """What a SIS sent is shown, never obeyed: no control character reaches the terminal."""
    show.table(["Name"], [["a\x1b[2Jb\x07"], ["[red]c[/red]"], ["Zoë\nNúñez"]])
    assert capsys.readouterr().out.splitlines() == [
        "Name",
        "a\N{REPLACEMENT CHARACTER}[2Jb\N{REPLACEMENT CHARACTER}",
        "[red]c[/red]",
        "Zoë Núñez",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_reader_that_has_read_enough_is_no_fault(data_dir: Path) -> None:
    """A closed pipe ends a command without a word."""
    ours, theirs = os.pipe()
    os.close(ours)
    ended = subprocess.run(
        [sys.executable, "-m", "app", "--data-dir", str(data_dir), "connectors", "kinds"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    assert (ended.returncode, ended.stderr) == (1, b"")


def test_the_command_line_starts_without_qt_and_without_drawing_tables() -> None:
    """§9: it works where Qt cannot; and what a command does not need is not loaded."""
    code = (
        "import sys; from app.__main__ import main; main(['--version']);"
        "print([n for n in ('PySide6', 'rich', 'uvicorn', 'keyring') if n in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout.splitlines()[1] == "[]"
