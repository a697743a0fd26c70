"""`sync`: what it prints and how it ends (DESIGN §9)."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.sync import worst
from app.compose import PracticeSis
from tests.cli.conftest import NAME, SECRET, Ended, settings
from tests.cli.gate import Gate

STREAMS = [
    "orgs",
    "academic_sessions",
    "courses",
    "classes",
    "users",
    "demographics",
    "enrollments",
]
COUNTS = {"read", "absent", "created", "updated", "unchanged", "deleted"}
COUNTS |= {"joined", "unreadable", "waiting", "conflicts", "pushed", "outside"}


def test_a_first_sync_is_one_document_of_the_named_keys(
    connected: Callable[..., Ended], sis: PracticeSis
) -> None:
    """§9: `sync --json` prints exactly these keys, with the facts of the SIS in them."""
    ended = connected("sync", NAME, "--json")
    assert (ended.code, ended.err) == (0, "")
    document = ended.document
    assert list(document) == [
        "run",
        "connector",
        "state",
        "mode",
        "streams",
        "waiting_total",
        "conflicts_total",
        "seconds",
        "error",
    ]
    assert isinstance(document["run"], int)
    assert (document["connector"], document["state"]) == (NAME, "completed")
    assert (document["mode"], document["error"]) == ("full", None)
    assert (document["waiting_total"], document["conflicts_total"]) == (0, 0)
    assert document["seconds"] >= 0
    assert list(document["streams"]) == STREAMS
    for name, stream in document["streams"].items():
        assert set(stream) == COUNTS | {"complete", "proof"}
        assert (stream["complete"], stream["proof"]) == (True, True)
        collection = "academicSessions" if name == "academic_sessions" else name
        held = sis.ready.counts[collection]
        assert (stream["read"], stream["created"]) == (held, held)


def test_a_second_full_sync_changes_nothing(connected: Callable[..., Ended]) -> None:
    """§9: the counts tell this run; nothing changed, so everything is unchanged."""
    first = connected("sync", NAME, "--json").document["streams"]
    second = connected("sync", NAME, "--full", "--json").document
    assert second["mode"] == "full"
    for name, stream in second["streams"].items():
        assert stream["unchanged"] == stream["read"] == first[name]["created"]
        assert stream["created"] == stream["updated"] == stream["deleted"] == 0


def test_without_full_only_changes_are_asked_for(connected: Callable[..., Ended]) -> None:
    """§9: the mode of a sync after the first is incremental."""
    connected("sync", NAME)
    assert connected("sync", NAME, "--json").document["mode"] == "incremental"


def test_a_person_gets_a_table_and_a_sentence(
    connected: Callable[..., Ended], sis: PracticeSis
) -> None:
    """Each stream is a line under the words a person knows; a sentence says how it ended."""
    ended = connected("sync", NAME)
    assert ended.code == 0
    [people] = [line for line in ended.out.splitlines() if line.startswith("People")]
    assert people.split()[1:] == [f"{sis.ready.counts['users']}"] * 2 + ["0", "0", "0", "complete"]
    assert f"Sync #1 of “{NAME}” (everything): completed" in ended.out


def test_the_options_stand_after_the_command_too(
    connected: Callable[..., Ended], data_dir: Path
) -> None:
    """§9: --data-dir and --json stand before or after the command."""
    ended = connected("sync", NAME, "--data-dir", data_dir, "--json", data=None)
    before = connected("--json", "--data-dir", data_dir, "sync", NAME, data=None)
    assert (ended.code, before.code) == (0, 0)
    assert set(ended.document) == set(before.document)


def test_a_database_url_names_another_database(
    connected: Callable[..., Ended], tmp_path: Path
) -> None:
    """§9: --database; the connectors are those of that database."""
    ended = connected(
        "connectors", "list", "--database", f"sqlite:///{tmp_path / 'x.db'}", "--json"
    )
    assert (ended.code, ended.document) == (0, [])
    assert (tmp_path / "x.db").exists()


def test_an_unknown_connector_is_a_usage_error(connected: Callable[..., Ended]) -> None:
    """§9: exit code 2, told in a sentence that says what to do."""
    ended = connected("sync", "Shelbyville")
    assert (ended.code, ended.out) == (2, "")
    assert "no connector named “Shelbyville”" in ended.err
    assert "connectors list" in ended.err


def test_an_unknown_connector_is_a_document_too(connected: Callable[..., Ended]) -> None:
    """§9: on 2 the document has `run` null, the connector and an error code."""
    ended = connected("sync", "Shelbyville", "--json")
    assert ended.code == 2
    assert list(ended.document) == ["run", "connector", "error"]
    assert (ended.document["run"], ended.document["connector"]) == (None, "Shelbyville")
    assert ended.document["error"]["code"] == "connector_unknown"
    assert set(ended.document["error"]) == {"code", "message"}


@pytest.mark.parametrize("arguments", [["sync"], ["sync", NAME, "--all"]])
def test_one_connector_or_all(call: Callable[..., Ended], arguments: list[str]) -> None:
    """§9: `sync NAME|--all`, one of them."""
    assert call(*arguments).code == 2


def test_a_refused_secret_fails_the_run(
    connected: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    """§9: exit code 1; the document has the run and its error, and never the secret."""
    monkeypatch.setenv(SECRET, "made-up-and-wrong")
    ended = connected("sync", NAME, "--json")
    assert ended.code == 1
    assert ended.document["state"] == "failed"
    assert isinstance(ended.document["run"], int)
    assert set(ended.document["error"]) == {"code", "message"}
    assert "made-up-and-wrong" not in ended.out + ended.err


def test_a_missing_secret_names_its_variable(
    connected: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    """§8: headless secrets come from the environment, and the message says from which variable."""
    monkeypatch.delenv(SECRET)
    ended = connected("sync", NAME)
    assert ended.code == 1
    assert SECRET in ended.err


def test_an_answer_that_is_not_whole_is_4(gated: Callable[..., Ended], gate: Gate) -> None:
    """§9: exit code 4 when an incomplete answer stands; the stream is not `complete`."""

    def leave_one_out(path: str, body: bytes) -> bytes:
        if "/demographics" not in path or "limit=1&" in path:
            return body
        told = json.loads(body)
        told["demographics"] = told["demographics"][1:]
        return json.dumps(told).encode()

    gate.spoil = leave_one_out
    ended = gated("sync", NAME, "--json")
    assert (ended.code, ended.document["state"]) == (4, "warnings")
    assert ended.document["streams"]["demographics"]["complete"] is False
    assert ended.document["streams"]["users"]["complete"] is True


def test_a_busy_connector_is_5(
    gated: Callable[..., Ended],
    gate: Gate,
    start: Callable[..., "subprocess.Popen[str]"],
) -> None:
    """§9: exit code 5 while another process syncs it, with `run` null and an error code."""
    gate.hold("/enrollments")
    first = start("sync", NAME, "--json")
    gate.wait()
    busy = gated("sync", NAME, "--json")
    every = gated("sync", "--all", "--json")
    gate.release()
    out, err = first.communicate(timeout=60)
    assert (busy.code, busy.document["run"]) == (5, None)
    assert (busy.document["connector"], busy.document["error"]["code"]) == (NAME, "connector_busy")
    assert NAME in busy.document["error"]["message"]
    assert (every.code, every.document) == (5, [busy.document])
    assert (first.returncode, err) == (0, "")
    assert json.loads(out)["state"] == "completed"


def test_all_is_an_array_and_ends_with_the_worst(
    connected: Callable[..., Ended], sis: PracticeSis
) -> None:
    """§9: `sync --all` prints an array of documents; 1 is worse than 0."""
    second = "No secret for this one"
    connected("connectors", "add", second, "--kind", "oneroster", *settings(sis.ready.base_url))
    ended = connected("sync", "--all", "--json")
    assert ended.code == 1
    states = {document["connector"]: document["state"] for document in ended.document}
    assert states == {NAME: "completed", second: "failed"}


def test_all_of_nothing_is_done(call: Callable[..., Ended]) -> None:
    """§9: lists are plain arrays, an empty one included."""
    ended = call("sync", "--all", "--json")
    assert (ended.code, ended.document) == (0, [])


def test_the_worst_of_several_exit_codes() -> None:
    """§9: the worst of 130, 1, 5, 3, 4, 0, in this order."""
    order = [130, 1, 5, 3, 4, 0]
    for place, code in enumerate(order):
        assert worst(order[place:][::-1]) == code
    assert worst([]) == 0
