"""``connectors webhooks``, ``serve``, ``practice --webhook``: from a signed webhook to a sync."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.vault import environment_name
from tests.cli.conftest import NAME, Ended
from tests.cli.gate import Gate
from tests.server.sender import Sender

Start = Callable[..., "subprocess.Popen[str]"]
SECRET = "whsec_" + "A" * 43 + "="
VARIABLE = environment_name(NAME, "webhook_secret")
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture
def hooked(
    connected: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ended]:
    """``connected``, with webhooks on; their secret is in the environment."""
    monkeypatch.setenv(VARIABLE, SECRET)
    assert connected("connectors", "webhooks", NAME, "--on").code == 0
    return connected


@contextmanager
def serving(start: Start, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", Sender]]:
    """``serve`` as a process that is ready, and a sender to it."""
    program = start("serve", "--json", "--port", "0", *arguments)
    assert program.stdout is not None
    line = program.stdout.readline()
    assert line, program.communicate()
    ready = json.loads(line)
    assert ready["address"] == f"http://127.0.0.1:{ready['port']}"
    with closing(Sender(f"{ready['address']}/api/webhooks/{NAME}", SECRET)) as sender:
        yield program, sender


def said(program: "subprocess.Popen[str]", pattern: str) -> None:
    """Waits until a line of standard error says so; the test's timeout ends a wait in vain."""
    assert program.stderr is not None
    for line in program.stderr:
        if re.search(pattern, line):
            return
    pytest.fail(f"it ended without saying {pattern!r}")


# -- connectors webhooks ----------------------------------------------------------------------


def test_switching_on_tells_address_and_secret_once(connected: Callable[..., Ended]) -> None:
    """DESIGN §8: the secret is shown when it is made, and never again."""
    first = connected("connectors", "webhooks", NAME, "--on", "--json").document
    assert first["on"] is True
    assert first["address"] == f"http://127.0.0.1:8321/api/webhooks/{NAME}"
    assert first["secret"].startswith("whsec_")
    again = connected("connectors", "webhooks", NAME, "--on", "--json").document
    assert again == {**first, "secret": None}
    told = connected("connectors", "webhooks", NAME)
    assert (told.code, first["secret"] in told.out) == (0, False)
    assert "only from this computer" in told.out


def test_a_new_secret_is_another(connected: Callable[..., Ended]) -> None:
    """``--rotate`` makes one, also where webhooks were off; off and on again keeps it."""
    made = [
        connected("connectors", "webhooks", NAME, *how, "--json").document["secret"]
        for how in (("--rotate",), ("--on", "--rotate"), ("--off",), ("--on",))
    ]
    assert made[0] != made[1]
    assert all(one.startswith("whsec_") for one in made[:2])
    assert made[2:] == [None, None]


def test_a_secret_of_the_environment_is_not_replaced(hooked: Callable[..., Ended]) -> None:
    """It would go before ours, so the SIS would be given one that nobody knows."""
    ended = hooked("connectors", "webhooks", NAME, "--rotate", "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "webhook_secret_of_environment")
    assert VARIABLE in ended.document["error"]["message"]


def test_rotating_what_is_off_is_a_mistake(connected: Callable[..., Ended]) -> None:
    """§9: 2, and nothing changed."""
    ended = connected("connectors", "webhooks", NAME, "--off", "--rotate", "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, "webhooks_off_need_no_secret")


def test_the_port_is_part_of_every_address(connected: Callable[..., Ended]) -> None:
    """One port for all connectors, remembered with the roster."""
    connected("connectors", "webhooks", NAME, "--port", "9000")
    told = connected("connectors", "webhooks", NAME, "--json").document
    assert told["address"] == f"http://127.0.0.1:9000/api/webhooks/{NAME}"
    assert told["on"] is False


def test_webhooks_of_an_unknown_connector_are_2(call: Callable[..., Ended]) -> None:
    """§9: a usage error, as a document too."""
    ended = call("connectors", "webhooks", "nobody", "--on", "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, "connector_unknown")


# -- serve ------------------------------------------------------------------------------------


@posix
def test_a_signed_webhook_becomes_a_sync_within_two_seconds(
    hooked: Callable[..., Ended], start: Start
) -> None:
    """DESIGN §8, through the program as a process; what is refused becomes none."""
    assert hooked("sync", NAME).code == 0
    with serving(start) as (program, sender):
        assert sender.ask("GET", "/ready").status == 200
        assert sender.send("msg_0", secret="whsec_" + "B" * 43 + "=").status == 401
        assert sender.send("msg_0", age=3600).status == 401
        began = time.monotonic()
        assert sender.send("msg_1").status == 202
        said(program, "Sync #2 of “Springfield”: completed")
        assert time.monotonic() - began < 2
        assert sender.ask("GET", "/ready").status == 200  # all that hear of its end have heard
        assert sender.send("msg_1").status == 200
        program.send_signal(signal.SIGINT)
        _out, err = program.communicate(timeout=30)
    assert (program.returncode, err) == (0, "")
    newest, first = hooked("runs", "list", "--json").document
    assert (newest["trigger"], newest["mode"]) == ("webhook", "incremental")
    assert first["trigger"] == "person"


@posix
def test_what_was_accepted_is_followed_after_a_kill(
    gated: Callable[..., Ended], gate: Gate, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H3: killed right after the 202, the next start begins the sync."""
    monkeypatch.setenv(VARIABLE, SECRET)
    gated("connectors", "webhooks", NAME, "--on")
    gate.hold("/enrollments")  # so that no sync ends before the kill
    with serving(start) as (program, sender):
        assert sender.send("msg_1").status == 202
        program.kill()
        program.communicate(timeout=30)
    gate.release()
    with serving(start) as (program, sender):
        said(program, "completed")
        assert sender.ask("GET", "/ready").status == 200  # all that hear of its end have heard
        assert sender.send("msg_1").status == 200
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=30)
    assert program.returncode == 0
    newest = gated("runs", "list", "--json").document[0]
    assert (newest["state"], newest["trigger"]) == ("completed", "webhook")


@posix
def test_ctrl_c_ends_a_sync_under_way_in_order(
    gated: Callable[..., Ended], gate: Gate, start: Start
) -> None:
    """DESIGN §6: intake, then the syncs; what was read stays, and 0 is how serve ends."""
    gate.hold("/enrollments")
    program = start("serve", "--port", "0", "--all")
    gate.wait()
    program.send_signal(signal.SIGINT)
    _out, err = program.communicate(timeout=30)
    gate.release()
    assert program.returncode == 0
    assert "Sync #1 of “Springfield”: cancelled." in err
    [run] = gated("runs", "list", "--json").document
    assert run["state"] == "cancelled"


def test_a_port_that_is_taken_is_1_and_says_so(hooked: Callable[..., Ended]) -> None:
    """A server that cannot listen has nothing to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = hooked("serve", "--port", port, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "webhook_port_taken")
    assert str(port) in ended.err
    assert "go on" not in ended.err  # nothing does: it ends


@posix
def test_a_reader_that_leaves_does_not_end_it(
    gated: Callable[..., Ended],
    gate: Gate,
    start: Start,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """``serve 2>&1 | head -1``: it goes on quietly, and ends as it is meant to."""
    monkeypatch.setenv(VARIABLE, SECRET)
    gated("connectors", "webhooks", NAME, "--on")
    gate.hold("/enrollments")
    with serving(start) as (program, sender):
        for stream in (program.stdout, program.stderr):
            assert stream is not None
            stream.close()
        assert sender.send("msg_1").status == 202
        gate.wait()
        assert sender.ask("GET", "/ready").status == 200
        program.send_signal(signal.SIGINT)
        assert program.wait(timeout=30) == 0
    gate.release()
    [run] = gated("runs", "list", "--json").document
    assert run["state"] == "cancelled"
    assert "Traceback" not in "".join(log.read_text() for log in data_dir.rglob("app.log"))


# -- practice ---------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("way", ["environment", "standard input"])
def test_the_practice_sis_tells_a_server_of_its_school_days(
    connected: Callable[..., Ended],
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    """A day passes there, and a sync begins here; the secret is never an argument."""
    monkeypatch.setenv(VARIABLE, SECRET)
    connected("connectors", "webhooks", NAME, "--on")
    with serving(start) as (program, sender):
        if way == "environment":
            monkeypatch.setenv("MINDKINDLER_WEBHOOK_SECRET", SECRET)
        url = f"http://127.0.0.1:{sender.port}/api/webhooks/{NAME}"
        practice = start("practice", "--json", "--students", "40", "--webhook", url)
        assert practice.stdin is not None
        assert practice.stdout is not None
        if way == "standard input":
            practice.stdin.write(SECRET + "\n")
            practice.stdin.flush()
        ready = json.loads(practice.stdout.readline())
        pass_day(ready)
        said(program, "Sync #1 of “Springfield”: completed")
        for one in (practice, program):
            one.send_signal(signal.SIGINT)
            one.communicate(timeout=30)
            assert one.returncode == 0


def pass_day(sis: dict[str, Any]) -> None:
    """A school day passes at the practice SIS."""
    with closing(Sender(sis["control_url"], SECRET)) as control:
        answer = control.ask(
            "POST", "/practice/day", b"{}", {"Authorization": f"Bearer {sis['client_secret']}"}
        )
        assert answer.status == 200


def test_a_secret_that_is_none_keeps_practice_from_starting(
    call: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    """1, with a sentence."""
    monkeypatch.setenv("MINDKINDLER_WEBHOOK_SECRET", "not one")
    ended = call("practice", "--webhook", "http://127.0.0.1:1/")
    assert ended.code == 1
    assert "whsec_" in ended.err


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://127.0.0.1/", "http or https"),
        ("127.0.0.1:8321", "http or https"),
        ("http://user:pass@127.0.0.1/", "before the @"),
    ],
)
def test_an_address_that_is_none_is_2_and_says_why(
    call: Callable[..., Ended], url: str, why: str
) -> None:
    """Before the secret is asked for; what may be a password is not repeated."""
    ended = call("practice", "--webhook", url)
    assert (ended.code, why in ended.err, "pass@" in ended.err) == (2, True, False)
