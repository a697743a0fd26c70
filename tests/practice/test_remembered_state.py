"""State across restarts, starting, and stopping."""

import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.practice.client import GRADEBOOK, Client, serving, speaking, start


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "practice.state"


def books(client: Client) -> dict[str, list[dict[str, Any]]]:
    return {
        name: client.everything(name, base=GRADEBOOK)
        for name in ("categories", "lineItems", "results", "scoreScales")
    }


def test_the_same_sis_comes_back(state: Path):
    """Days, the gradebook made between them, writes and deletes: all as before the restart."""
    with serving(students=100, seed=3, state=str(state)) as ready, speaking(ready) as client:
        client.pass_day()
        client.pass_day(moves=3, vanish=1)
        [item] = client.grade("lineItems", limit=1).json()["lineItems"]
        client.pass_day()
        path = f"{GRADEBOOK}/lineItems/{item['sourcedId']}"
        changed = {**item, "title": "Renamed", "sourcedId": item["sourcedId"]}
        assert client.call("PUT", path, json={"lineItem": changed}).status_code == 201
        posted = f"{GRADEBOOK}/classes/{item['class']['sourcedId']}/lineItems"
        assert client.call("POST", posted, json={"lineItems": [item]}).status_code == 201
        assert client.call("DELETE", path).status_code == 204
        client.pass_day()
        rosters, gradebook = client.rosters(), books(client)
        facts = client.control("GET", "facts").json()
    told = state.read_bytes()
    assert ready["client_secret"].encode() not in told
    with serving(state=str(state)) as again, speaking(again) as client:
        assert client.rosters() == rosters
        assert books(client) == gradebook
        remembered = client.control("GET", "facts").json()
        assert {**remembered, "requests": 0} == {**facts, "requests": 0}
        assert (again["seed"], again["students"], again["day"]) == (3, 100, 4)
        assert again["client_secret"] != ready["client_secret"]
        assert client.pass_day()["day"] == 5
    assert state.read_bytes().startswith(told)
    assert [path.name for path in state.parent.iterdir()] == ["practice.state"]


def test_a_line_cut_off_by_a_power_cut_did_not_happen(state: Path):
    """An unfinished last line was never acknowledged; the district is that before it."""
    with serving(students=50, state=str(state)) as ready, speaking(ready) as client:
        client.pass_day()
        rosters = client.rosters()
    whole = state.read_bytes()
    state.write_bytes(whole + b'{"type":"day","at":17')
    with serving(state=str(state)) as ready, speaking(ready) as client:
        assert client.rosters() == rosters
        client.pass_day()
    assert state.read_bytes().startswith(whole)
    with serving(state=str(state)) as ready:
        assert ready["day"] == 2


@pytest.mark.parametrize("told", [b"", b"no state\n", b'{"type":"origin","seed":1}\n', b"\xff\n"])
def test_a_state_that_cannot_be_read_is_left_alone(tmp_path: Path, told: bytes):
    """A clear sentence, exit code 1, and not a byte of the file changed."""
    state = tmp_path / "practice.state"
    state.write_bytes(told)
    with start(state=str(state)) as program:
        output, errors = program.communicate(timeout=20)
    assert (program.returncode, output) == (1, "")
    assert "cannot be read" in errors
    assert "Traceback" not in errors
    assert state.read_bytes() == told


def test_a_state_from_another_version_is_left_alone(state: Path):
    """A district that this version would make differently is refused, not replaced."""
    with serving(students=50, state=str(state)):
        pass
    told = state.read_bytes().replace(b'"generator":1', b'"generator":999')
    state.write_bytes(told)
    with start(state=str(state)) as program:
        _, errors = program.communicate(timeout=20)
    assert program.returncode == 1
    assert "another version" in errors
    assert state.read_bytes() == told


def test_a_state_of_things_that_never_were_is_left_alone(state: Path):
    """A history that does not fit the district is refused with a sentence."""
    with serving(students=50, state=str(state)):
        pass
    told = state.read_bytes() + b'{"type":"deleted","keys":[["results","nothing"]]}\n'
    state.write_bytes(told)
    with start(state=str(state)) as program:
        _, errors = program.communicate(timeout=20)
    assert program.returncode == 1
    assert "does not have" in errors
    assert "Traceback" not in errors
    assert state.read_bytes() == told


def test_another_size_than_remembered_is_refused(state: Path):
    """Asking for other students than the file has is told, not ignored."""
    with serving(students=50, seed=1, state=str(state)):
        pass
    with start(students=60, seed=1, state=str(state)) as program:
        _, errors = program.communicate(timeout=20)
    assert program.returncode == 1
    assert "students 50, not 60" in errors


def test_a_state_that_cannot_be_kept_changes_nothing(state: Path):
    """Where the day cannot be kept, it does not pass."""
    with serving(students=50, state=str(state)) as ready, speaking(ready) as client:
        state.write_bytes(state.read_bytes() + b"{}\n")
        answer = client.control("POST", "day")
        assert answer.status_code == 500
        assert "Nothing was changed" in answer.json()["imsx_description"]
        assert client.control("GET", "facts").json()["day"] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals to send")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(number: int):
    """SIGTERM and SIGINT end the service with 0 and without a word."""
    with start(students=20, until_stdin_closes=False) as program:
        assert program.stdout is not None
        assert program.stdout.readline()
        os.kill(program.pid, number)
        output, errors = program.communicate(timeout=20)
    assert (program.returncode, output, errors) == (0, "", "")


def test_it_ends_with_its_parent():
    """The end of standard input ends the service."""
    with serving(students=20) as ready:
        port = int(ready["base_url"].rsplit(":", 1)[1])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_port_in_use_is_told():
    """A port that somebody else has is one sentence and exit code 1."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with start(students=20, port=taken.getsockname()[1]) as program:
            output, errors = program.communicate(timeout=20)
    assert (program.returncode, output) == (1, "")
    assert "cannot use port" in errors


def test_too_few_students_are_told():
    """A district that cannot be is one sentence and exit code 1."""
    with start(students=3) as program:
        _, errors = program.communicate(timeout=20)
    assert program.returncode == 1
    assert "has 20 to 250,000 students" in errors
