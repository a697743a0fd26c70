"""``records lookup|roll`` and ``sync --class``: what the SIS says now, and one class mended."""

import json
import signal
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.compose import PracticeSis
from tests.cli.conftest import NAME, SECRET, Ended, settings
from tests.cli.gate import Gate

Call = Callable[..., Ended]
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

STUDENTS = 300


def synced(call: Call) -> Call:
    """The same, once everything has been synced."""
    assert call("sync", NAME, "--json").code == 0
    return call


def first(call: Call, entity: str) -> int:
    """The id of a record."""
    [row] = call("records", "list", entity, "--limit", 1, "--json").document
    return int(row["id"])


def seats_of(call: Call) -> Counter[int]:
    """How many live enrollments each class has."""
    told = call("records", "list", "enrollments", "--limit", 100_000, "--json").document
    return Counter(row["class"] for row in told)


def test_a_record_is_looked_up(connected: Call) -> None:
    """Nothing differs after a sync; what was edited here is told as ours."""
    call = synced(connected)
    class_ = first(call, "classes")
    looked = call("records", "lookup", "classes", class_, "--json")
    [sis] = looked.document["sis"]
    assert (looked.code, sis["connector"], sis["found"], sis["error"]) == (0, NAME, "there", None)
    assert set(sis["standing"].values()) <= {"same", "unsaid"}
    assert sis["values"]["title"] == looked.document["values"]["title"] == sis["base"]["title"]
    assert str(sis["values"]["school"]) in looked.document["titles"]
    assert "Nothing differs." in call("records", "lookup", "classes", class_).out

    call("records", "edit", "classes", class_, "--set", "location=Room 7")
    [sis] = call("records", "lookup", "classes", class_, "--json").document["sis"]
    assert sis["standing"]["location"] == "ours"
    assert "Room 7" in call("records", "lookup", "classes", class_).out


def test_a_sis_that_does_not_answer_is_told(
    connected: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1, with the reason beside what stands here."""
    call = synced(connected)
    class_ = first(call, "classes")
    monkeypatch.setenv(SECRET, "not the secret")
    for command in (("lookup", "classes", class_), ("roll", class_)):
        ended = call("records", *command, "--json")
        [told] = ended.document.get("sis") or ended.document["rolls"]
        assert (ended.code, told["found"]) == (1, "failed")
        assert told["error"]["code"] == "credentials_refused"
        assert NAME in call("records", *command).out


@pytest.mark.parametrize(
    "arguments",
    [
        ("records", "lookup", "classes", 4711),
        ("records", "lookup", "pupils", 1),
        ("records", "roll", 10**30),
        ("sync", NAME, "--class", 4711),
        ("sync", NAME, "--class", 10**30),
        ("sync", NAME, "--class", 1, "--full"),
        ("sync", NAME, "--class", 1, "--preview"),
        ("sync", "--all", "--class", 1),
        ("sync", "Nowhere", "--class", 1),
    ],
)
def test_what_cannot_be_asked_is_refused(connected: Call, arguments: tuple[object, ...]) -> None:
    """2, and one document."""
    ended = connected(*arguments, "--json")
    assert ended.code == 2
    assert ended.document["run"] is None
    assert ended.document["error"]["message"]


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeSis]:
    """A practice SIS where school days pass."""
    practice = PracticeSis(tmp_path_factory.mktemp("days"), students=STUDENTS, seed=7)
    yield practice
    practice.close()


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_one_class_is_mended_after_a_school_day(
    call: Call, district: PracticeSis, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Who moved and who left is told by the roll; a sync of the class mends it and nothing else."""
    monkeypatch.setenv(SECRET, district.ready.client_secret)
    told = [*settings(district.ready.base_url), "--set", f"version={version}"]
    assert call("connectors", "add", NAME, "--kind", "oneroster", *told).code == 0
    synced(call)
    pass_day(district, moves=20, new=5, leavers=0, vanish=10)
    before = seats_of(call)
    [(class_, roll)] = differing(call, before, 1)
    assert roll["complete"]
    gone = [seat for seat in roll["seats"] if seat["sis"] is None]
    assert gone

    ended = call("sync", NAME, "--class", class_, "--json")
    document = ended.document
    assert (ended.code, document["mode"], document["state"]) == (0, "class", "completed")
    assert set(document["streams"]) <= {"classes", "users", "enrollments"}
    assert document["streams"]["enrollments"]["deleted"] == len(gone)
    assert not any(stream["proof"] for stream in document["streams"].values())
    mended = call("records", "roll", class_, "--json").document["rolls"][0]
    assert not any(seat["differs"] for seat in mended["seats"])
    assert "people are in it here as there." in call("records", "roll", class_).out

    after = seats_of(call)
    assert {one for one in before | after if before[one] != after[one]} <= {class_}
    [listed, *_] = call("runs", "list", "--json").document
    assert (listed["run"], listed["mode"]) == (document["run"], "class")
    assert "(one class)" in call("sync", NAME, "--class", class_).out
    assert call("runs", "undo", document["run"], "--json").document["applied"] >= len(gone)
    assert seats_of(call) == before


def differing(call: Call, classes: Counter[int], wanted: int) -> list[tuple[int, dict[str, Any]]]:
    """The first classes that the SIS tells otherwise, each with its roll."""
    found = []
    for class_ in classes:
        [roll] = call("records", "roll", class_, "--json").document["rolls"]
        if any(seat["sis"] is None for seat in roll["seats"]):
            found.append((class_, roll))
            if len(found) == wanted:
                return found
    raise AssertionError("nothing has changed")


def pass_day(sis: PracticeSis, **sizes: int) -> None:
    """A school day passes at the practice SIS."""
    request = urllib.request.Request(
        f"{sis.ready.base_url}/practice/day",
        data=json.dumps(sizes).encode(),
        headers={
            "Authorization": f"Bearer {sis.ready.client_secret}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200


@posix
def test_one_at_a_time_and_a_look_at_any(
    gated: Call, gate: Gate, start: Callable[..., Any]
) -> None:
    """H1: while a class is synced the connector is busy (5); a record is looked up all the same."""
    call = synced(gated)
    class_ = first(call, "classes")
    gate.hold("/enrollments")
    program = start("sync", NAME, "--class", class_, "--json")
    gate.wait()
    busy = call("sync", NAME, "--class", class_, "--json")
    assert (busy.code, busy.document["error"]["code"]) == (5, "connector_busy")
    assert call("sync", NAME, "--json").code == 5
    assert call("records", "lookup", "classes", class_, "--json").code == 0
    gate.release()
    out, _err = program.communicate(timeout=30)
    assert (program.returncode, json.loads(out)["state"]) == (0, "completed")


@posix
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_one_that_is_stopped_is_made_up_for(
    gated: Call, gate: Gate, start: Callable[..., Any], how: signal.Signals
) -> None:
    """Ctrl-C ends it *cancelled*, a kill *interrupted*; the next one does all of it."""
    call = synced(gated)
    class_ = first(call, "classes")
    gate.hold("/enrollments")
    program = start("sync", NAME, "--class", class_, "--json")
    gate.wait()
    program.send_signal(how)
    program.communicate(timeout=30)
    gate.release()
    assert program.returncode == (130 if how is signal.SIGINT else -how)
    ended = call("sync", NAME, "--class", class_, "--json")
    assert (ended.code, ended.document["state"]) == (0, "completed")
    states = [run["state"] for run in call("runs", "list", "--json").document]
    stopped = "cancelled" if how is signal.SIGINT else "interrupted"
    assert states == ["completed", stopped, "completed"]
    assert call("sync", NAME, "--json").document["mode"] == "incremental"


@posix
def test_a_look_can_be_stopped(gated: Call, gate: Gate, start: Callable[..., Any]) -> None:
    """Ctrl-C while the SIS takes its time: 130, within a second."""
    call = synced(gated)
    class_ = first(call, "classes")
    gate.hold("/classes")
    program = start("records", "lookup", "classes", class_, "--json")
    gate.wait()
    program.send_signal(signal.SIGINT)
    out, _err = program.communicate(timeout=30)
    gate.release()
    assert program.returncode == 130
    assert json.loads(out)["error"]["code"] == "cancelled"
