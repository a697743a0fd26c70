"""The command line called in process and as a program, on a small practice SIS."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend

from app import cli, logs
from app.compose import Options, PracticeSis
from app.vault import environment_name
from tests.beginning import begin
from tests.cli.gate import Gate, gate_to
from tests.engine.toy import District, district

STUDENTS = 80
NAME = "Springfield"
SECRET = environment_name(NAME, "client_secret")


@dataclass
class Ended:
    """How a call ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


class MemoryKeyring(KeyringBackend):
    """A keyring that forgets everything with the test."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError(username)


@pytest.fixture(autouse=True)
def secrets_kept() -> Iterator[MemoryKeyring]:
    """The keyring of the test, never that of the computer."""
    before, memory = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def _apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secrets_kept: MemoryKeyring
) -> Iterator[None]:
    """No test touches the data folder of whoever runs it, and its log file is closed."""
    monkeypatch.setenv("MINDKINDLER_DATA_DIR", str(tmp_path / "usual"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    yield
    logs.configure(None, verbose=False)


@pytest.fixture
def windows() -> list[Options]:
    """The options of each window that was asked for."""
    return []


@pytest.fixture
def pictures() -> list[tuple[Options, Path]]:
    """Each picture of the window that was asked for."""
    return []


@pytest.fixture
def call(
    capfd: pytest.CaptureFixture[str],
    data_dir: Path,
    windows: list[Options],
    pictures: list[tuple[Options, Path]],
) -> Callable[..., Ended]:
    """Calls the command line in this process, on the data folder of the test."""

    def window(options: Options) -> int:
        windows.append(options)
        return 0

    def calling(*arguments: object, data: Path | None = data_dir) -> Ended:
        capfd.readouterr()
        told = [str(argument) for argument in arguments]
        if data is not None:
            told = ["--data-dir", str(data), *told]
        code = cli.main(
            told, window=window, picture=lambda options, path: pictures.append((options, path))
        )
        return Ended(code, *capfd.readouterr())

    return calling


@pytest.fixture
def start(data_dir: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts the program as a process on the data folder of the test; none is left at the end."""
    started: list[subprocess.Popen[str]] = []

    def starting(*arguments: object) -> "subprocess.Popen[str]":
        program = subprocess.Popen(
            [sys.executable, "-m", "app", "--data-dir", str(data_dir), *map(str, arguments)],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        started.append(program)
        return program

    yield starting
    for program in started:
        if program.poll() is None:
            program.kill()
        program.communicate()


@pytest.fixture(scope="session")
def sis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeSis]:
    """A practice SIS that no test may change."""
    practice = PracticeSis(tmp_path_factory.mktemp("sis"), students=STUDENTS, seed=5)
    yield practice
    practice.close()


@pytest.fixture
def gate(sis: PracticeSis) -> Iterator[Gate]:
    """A door to that SIS that a test can close."""
    with gate_to(sis.ready.base_url) as found:
        yield found


def settings(base_url: str) -> list[str]:
    """The arguments that tell of a SIS at this address."""
    told = {"base_url": base_url, "token_url": f"{base_url}/token", "client_id": "practice"}
    told["demographics"] = "read"
    return [word for name, value in told.items() for word in ("--set", f"{name}={value}")]


@pytest.fixture
def connected(
    call: Callable[..., Ended],
    sis: PracticeSis,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Ended]:
    """``call``, with a connector to the SIS whose secret is in the environment."""
    begin(data_dir)
    monkeypatch.setenv(SECRET, sis.ready.client_secret)
    added = call("connectors", "add", NAME, "--kind", "oneroster", *settings(sis.ready.base_url))
    assert added.code == 0, added.err
    return call


@pytest.fixture
def gated(connected: Callable[..., Ended], gate: Gate) -> Callable[..., Ended]:
    """``connected``, by way of the gate."""
    edited = connected("connectors", "edit", NAME, *settings(gate.url))
    assert edited.code == 0, edited.err
    return connected


@pytest.fixture
def toy(data_dir: Path) -> Iterator[District]:
    """A district on the data folder of the test, synced once."""
    with district(data_dir) as found:
        found.sync()
        yield found
