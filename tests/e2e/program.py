"""Drives the program from outside: real processes, a real database, real HTTP."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-m", "app"]


@dataclass
class Program:
    """The program on one data folder."""

    data_dir: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts a command; its error output can be read line by line."""
        return subprocess.Popen(
            [*COMMAND, "--data-dir", str(self.data_dir), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.environment},
        )

    def run(self, *arguments: str, expects: int = 0, typed: str = "") -> Any:
        """Runs a command with ``--json`` to its end; the document it printed."""
        process = self.start("--json", *arguments)
        told, errors = process.communicate(typed, timeout=60)
        assert process.returncode == expects, (arguments, process.returncode, told, errors)
        return json.loads(told) if told.strip() else None

    def killed_after(self, pages: int, *arguments: str) -> bool:
        """Starts a command and kills it (SIGKILL) after so many pages; False if it ended before."""
        process = self.start("-v", *arguments)
        assert process.stderr is not None
        with process:
            for line in process.stderr:
                if "rows so far" in line:
                    pages -= 1
                if pages <= 0:
                    process.send_signal(signal.SIGKILL)
                    break
            process.stderr.read()
        return process.returncode == -signal.SIGKILL


@contextmanager
def practice_sis(folder: Path, students: int) -> Iterator[dict[str, Any]]:
    """The practice SIS as a process of its own; what it says of itself."""
    process = subprocess.Popen(
        [*COMMAND, "practice", "--json", "--until-stdin-closes", "--students", str(students),
         "--port", "0", "--state", str(folder / "sis.json")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def connected(data_dir: Path, sis: Mapping[str, Any]) -> Program:
    """The program with a connector ``north`` to the practice SIS."""
    program = Program(
        data_dir, {"MINDKINDLER_SECRET_NORTH_CLIENT_SECRET": str(sis["client_secret"])}
    )
    program.run(
        "connectors", "add", "north", "--kind", "oneroster",
        "--set", f"base_url={sis['base_url']}",
        "--set", f"token_url={sis['token_url']}",
        "--set", f"client_id={sis['client_id']}",
        "--set", "demographics=read",
    )  # fmt: skip
    return program
