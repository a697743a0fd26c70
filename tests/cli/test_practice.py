"""`practice`, `demo` and `self-check`: what runs on this computer alone (DESIGN §2, §9)."""

import contextlib
import json
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from app.cli import demo as story
from app.compose import Options, PracticeReady
from app.text import sentence
from tests.cli.conftest import Ended

Call = Callable[..., Ended]
Start = Callable[..., "subprocess.Popen[str]"]


# -- practice ---------------------------------------------------------------------------------


def _said(program: "subprocess.Popen[str]", lines: int) -> list[str]:
    assert program.stdout is not None
    return [program.stdout.readline() for _ in range(lines)]


@pytest.mark.skipif(sys.platform == "win32", reason="lines of a POSIX shell")
@pytest.mark.parametrize("habits", [(), ("--profile", "signed-only")], ids=["usual", "signed"])
def test_the_lines_it_prints_sync_from_it(
    start: Start,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    data_dir: Path,
    habits: tuple[str, ...],
) -> None:
    """What `practice` says to type in another terminal works, word by word."""
    program = start("practice", "--students", 60, *habits)
    said = "".join(_said(program, 10 if habits else 9))
    secret = re.search(r"export (\w+)=(\S+)\n", said)
    assert secret is not None
    monkeypatch.setenv(secret[1], shlex.split(secret[2])[0])
    commands = [shlex.split(line) for line in said.splitlines() if "--data-dir" in line]
    for command in commands:
        words = command[command.index("--data-dir") :]
        assert words[1] == str(data_dir)
        ended = call(*words, data=None)
        assert ended.code == 0, ended.err
    assert call("connectors", "list", "--json").document[0]["connector"] == "practice"
    program.send_signal(signal.SIGINT)
    assert program.wait(30) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="lines of a POSIX shell")
def test_it_says_how_to_connect_its_ed_fi_side(
    start: Start, call: Call, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    """The address, the key and the secret, and lines to type that set the connector up."""
    said = "".join(_said(start("practice", "--students", 60), 16)[9:])
    assert re.search(r"^The same district is an Ed-Fi service at http://\S+/edfi\.$", said, re.M)
    secret = re.search(r"export (\w+)=(\S+)\n", said)
    assert secret is not None
    assert f"Secret: {shlex.split(secret[2])[0]}\n" in said
    monkeypatch.setenv(secret[1], shlex.split(secret[2])[0])
    [add, sync] = [shlex.split(line) for line in said.splitlines() if "--data-dir" in line]
    words = add[add.index("--data-dir") :]
    assert words[1] == str(data_dir)
    ended = call(*words, data=None)
    assert ended.code == 0, ended.err
    assert sync[-2:] == ["sync", "ods"]
    assert call("connectors", "list", "--json").document[0]["connector"] == "ods"


def test_the_documents_of_a_folder_are_served(start: Start, tmp_path: Path) -> None:
    """--edfi-data: said where they come from, in place of the district."""
    (tmp_path / "students.jsonl").write_text('{"studentUniqueId": "1"}\n')
    said = "".join(_said(start("practice", "--students", 60, "--edfi-data", tmp_path), 11)[9:])
    assert f"The documents in {tmp_path} are an Ed-Fi service at http://" in said


def test_a_folder_that_is_not_there_is_2(call: Call, tmp_path: Path) -> None:
    """§9: a mistake in what was typed, told before anything is started."""
    ended = call("practice", "--edfi-data", tmp_path / "typo")
    assert ended.code == 2
    assert "typo" in ended.err


@pytest.mark.skipif(sys.platform == "win32", reason="lines of a POSIX shell")
def test_a_second_start_says_how_to_change_the_connector(start: Start, call: Call) -> None:
    """Its address is new at each start, so the line is `edit` where the connector is known."""
    known = ("--set", "base_url=http://127.0.0.1:1", "--set", "client_id=practice")
    assert call("connectors", "add", "practice", "--kind", "oneroster", *known).code == 0
    said = _said(start("practice", "--students", 60), 9)
    assert any("connectors edit practice --set base_url=" in line for line in said)


def test_json_is_one_line_with_what_a_client_needs(start: Start) -> None:
    """The first and only line is what the window reads; it ends when standard input does."""
    program = start("practice", "--students", 60, "--json", "--until-stdin-closes")
    [line] = _said(program, 1)
    ready = json.loads(line)
    assert set(PracticeReady.__struct_fields__) <= set(ready)
    assert (ready["students"], ready["counts"]["demographics"]) == (60, 60)
    out, err = program.communicate(timeout=30)
    assert (program.returncode, out, err) == (0, "", "")


def test_a_state_of_another_district_is_refused_in_json(start: Start, tmp_path: Path) -> None:
    """§9: with --json stdout is one document also when it cannot start; exit code 1."""
    state = tmp_path / "sis.json"
    first = start("practice", "--students", 60, "--state", state, "--json", "--until-stdin-closes")
    _said(first, 1)
    first.communicate(timeout=30)
    second = start("practice", "--students", 70, "--state", state, "--json")
    out, err = second.communicate(timeout=30)
    assert second.returncode == 1
    assert json.loads(out)["error"]["code"] == "practice_not_started"
    assert "60, not 70" in err


def test_a_sync_meets_the_faults_that_it_is_started_with(
    start: Start, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--fault: says that it misbehaves, and does."""
    faults = ("--fault", "login-page@users", "--fault", "clamped-limit=50")
    program = start("practice", "--students", 60, *faults)
    said = "".join(_said(program, 10))
    assert "It misbehaves: login-page, clamped-limit.\n" in said
    url, secret = re.search(r"https?://\S+", said), re.search(r"secret: (\S+)", said)
    assert url is not None
    assert secret is not None
    monkeypatch.setenv("MINDKINDLER_SECRET_PRACTICE_CLIENT_SECRET", secret[1])
    settings = ("--set", f"base_url={url[0]}", "--set", f"token_url={url[0]}/token")
    call("connectors", "add", "practice", "--kind", "oneroster", *settings,
         "--set", "client_id=practice")  # fmt: skip
    ended = call("sync", "practice", "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "answer_is_html")


def test_the_faults_are_listed(call: Call) -> None:
    """--faults: a line for each, in JSON too; nothing is served."""
    ended = call("practice", "--faults")
    assert (ended.code, ended.err) == (0, "")
    assert re.search(r"^server-error +fails, and .+ HTTP status +500$", ended.out, re.MULTILINE)
    listed = call("practice", "--faults", "--json").document
    assert len(listed) == len(ended.out.splitlines()) - 1


def test_a_service_is_started_with_its_habits(start: Start) -> None:
    """--profile: says which, and is so from the first request."""
    habits = ("--profile", "only-1.1", "--profile", "x-count")
    said = "".join(_said(start("practice", "--students", 60, *habits), 10))
    assert "It has these habits: only-1.1, x-count.\n" in said
    assert "misbehaves" not in said
    url, token = re.search(r"https?://\S+", said), re.search(r"Bearer token: (\S+)", said)
    assert url is not None
    assert token is not None
    found = {}
    for path in ("v1p1/orgs", "rostering/v1p2/orgs"):
        at = f"{url[0]}/ims/oneroster/{path}"
        found[path] = requests.get(at, headers={"Authorization": f"Bearer {token[1]}"}, timeout=20)
    assert [answer.status_code for answer in found.values()] == [200, 404]
    assert found["v1p1/orgs"].headers["x-count"] == "4"


def test_the_profiles_are_listed(call: Call) -> None:
    """--profiles: a line for each, in JSON too; nothing is served."""
    ended = call("practice", "--profiles")
    assert (ended.code, ended.err) == (0, "")
    assert re.search(r"^no-deletes +deletes nothing$", ended.out, re.MULTILINE)
    listed = call("practice", "--profiles", "--json").document
    assert len(listed) == len(ended.out.splitlines()) - 1


def test_the_switches_of_the_ed_fi_side_are_listed(call: Call) -> None:
    """--edfi-switches: a line for each, in JSON too; nothing is served."""
    ended = call("practice", "--edfi-switches")
    assert (ended.code, ended.err) == (0, "")
    assert re.search(r"^api-6.2 +is an ODS/API 6.2", ended.out, re.MULTILINE)
    listed = call("practice", "--edfi-switches", "--json").document
    assert len(listed) == len(ended.out.splitlines()) - 1


def test_an_ed_fi_side_is_started_with_its_switches(start: Start) -> None:
    """--edfi-switch: says which, and is so from the first request."""
    said = "".join(_said(start("practice", "--students", 60, "--edfi-switch", "api-6.2"), 12)[9:])
    url = re.search(r"http://\S+/edfi", said)
    assert url is not None
    assert "It is switched to: api-6.2.\n" in said
    assert requests.get(url[0], timeout=20).json()["version"].startswith("6.2")


@pytest.mark.parametrize(
    ("switches", "sentence"),
    [
        (["no-such"], "There is no switch 'no-such'"),
        (["api-6.2", "api-5.3"], "'api-5.3' contradicts 'api-6.2'"),
        (["lock-error:often"], "1 or more"),
        (["lock-error@pupils"], "There is no resource 'pupils'"),
    ],
)
def test_a_switch_that_cannot_be_is_2(call: Call, switches: list[str], sentence: str) -> None:
    """§9: a mistake in what was typed, told before anything is started."""
    ended = call("practice", *(word for each in switches for word in ("--edfi-switch", each)))
    assert ended.code == 2
    assert sentence in ended.err


@pytest.mark.parametrize(
    ("profiles", "sentence"),
    [
        (["no-such"], "There is no profile 'no-such'"),
        (["nulls", "empty-texts"], "'empty-texts' contradicts 'nulls'"),
    ],
)
def test_a_profile_that_cannot_be_is_2(call: Call, profiles: list[str], sentence: str) -> None:
    """§9: a mistake in what was typed, told before anything is started."""
    ended = call("practice", *(word for each in profiles for word in ("--profile", each)))
    assert ended.code == 2
    assert sentence in ended.err


@pytest.mark.parametrize(
    ("faults", "sentence"),
    [
        (["no-such"], "There is no fault 'no-such'"),
        (["slow=1", "slow=2@users"], "one is named twice"),
    ],
)
def test_a_fault_that_cannot_be_is_2(call: Call, faults: list[str], sentence: str) -> None:
    """§9: a mistake in what was typed, told before anything is started."""
    ended = call("practice", *(word for each in faults for word in ("--fault", each)))
    assert ended.code == 2
    assert sentence in ended.err


# -- demo -------------------------------------------------------------------------------------


def test_demo_tells_a_story_whose_claims_hold(call: Call) -> None:
    """§9: the practice district end to end; the last sentence is checked against the SIS."""
    ended = call("demo", "--students", 60)
    assert (ended.code, ended.err) == (0, "")
    found = re.search(r"practice SIS is in the database: (\S+) of (\S+)\.", ended.out)
    assert found is not None
    assert found[1] == found[2]
    assert "Every removal of the day came" in ended.out
    assert "NOT hold" not in ended.out


def test_demo_in_json_is_one_document(call: Call, data_dir: Path) -> None:
    """§9: --json: three syncs told as `sync` tells them, the day, and every claim."""
    document = call("demo", "--students", 60, "--json").document
    assert document["folder"] == str(data_dir / "practice")
    first, second, third = document["syncs"]
    assert [one["state"] for one in document["syncs"]] == ["completed", "completed", "completed"]
    assert [one["mode"] for one in document["syncs"]] == ["full", "full", "incremental"]
    for entity, stream in second["streams"].items():
        assert stream["unchanged"] == first["streams"][entity]["created"]
    for entity, stream in third["streams"].items():
        day = document["day"].get(entity, {"created": 0, "updated": 0, "removed": 0})
        assert (stream["created"], stream["updated"]) == (day["created"], day["updated"])
        assert stream["deleted"] == day["removed"]
    assert sum(document["database"].values()) - document["waiting"] == sum(document["sis"].values())
    assert all(claim["held"] for claim in document["claims"])


def test_demo_starts_from_nothing_in_a_folder_of_its_own(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --data-dir it is a new temporary folder, and the demo says where."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    told = [call("demo", "--students", 60, data=None).out.splitlines()[0] for _ in range(2)]
    assert told[0] != told[1]
    for line in told:
        assert Path(line.rsplit(" ", 1)[1]).is_relative_to(tmp_path)


def test_demo_draws_the_window_at_its_end(
    call: Call, tmp_path: Path, pictures: list[tuple[Options, Path]], data_dir: Path
) -> None:
    """§9: --picture draws the window of the practice folder, after the sync."""
    path = tmp_path / "build" / "window.png"
    assert call("demo", "--students", 60, "--picture", path).code == 0
    [(options, drawn)] = pictures
    assert (options.folder, drawn) == (data_dir / "practice", path)
    assert path.parent.is_dir()


def test_a_claim_that_does_not_hold_is_1(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo can fail: a SIS that says it holds one record more makes it say so."""
    honest = story._facts

    def one_more(sis: object) -> dict[str, int]:
        found = honest(sis)  # type: ignore[arg-type]
        return {**found, "orgs": found["orgs"] + 1}

    monkeypatch.setattr(story, "_facts", one_more)
    ended = call("demo", "--students", 60)
    assert ended.code == 1
    assert "NOT hold" in ended.out


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_ends_the_demo_and_its_sis(start: Start) -> None:
    """§9: 130; the practice SIS, a process of its own, ends with it."""
    program = start("demo", "--students", 60)
    _said(program, 1)
    program.send_signal(signal.SIGINT)
    _out, err = program.communicate(timeout=30)
    assert program.returncode == 130
    assert "Stopped as you asked." in err
    assert "Traceback" not in err


# -- --practice -------------------------------------------------------------------------------


def test_practice_syncs_the_district_of_the_demo(call: Call) -> None:
    """§9: the practice SIS is started for the sync, and ends with it."""
    call("demo", "--students", 60)
    ended = call("--practice", "sync", "--json")
    assert ended.code == 0
    assert (ended.document["connector"], ended.document["state"]) == ("practice", "completed")
    person = call("sync", "practice", "--practice")
    assert (person.code, "completed" in person.out) == (0, True)
    assert call("connectors", "check", "--practice").code == 0


def test_the_practice_secret_is_nowhere(call: Call, data_dir: Path) -> None:
    """§2: the secret is kept in memory alone; without the practice SIS there is none."""
    call("demo", "--students", 60)
    ended = call("sync", "practice", data=data_dir / "practice")
    assert ended.code == 1
    assert "MINDKINDLER_SECRET_PRACTICE_CLIENT_SECRET" in ended.err


# -- self-check -------------------------------------------------------------------------------


def test_self_check_tries_everything(call: Call, tmp_path: Path) -> None:
    """§9: a line for each, 0 when all is well; nothing is left behind."""
    ended = call("self-check", "--json")
    assert ended.code == 0, ended.out
    assert (ended.document["ok"], ended.document["frozen"]) == (True, False)
    names = [check["name"] for check in ended.document["checks"]]
    assert names == [
        "Program",
        "Parts",
        "Window",
        "Data folder",
        "Roster",
        "Database",
        "Keyring",
        "Certificates",
        "Connectors",
        "A whole sync",
    ]
    lines = call("self-check").out.splitlines()
    assert [line.split()[0] for line in lines] == ["ok"] * len(names)


@pytest.mark.parametrize("told", ["database_damaged", "database_newer", "database_foreign"])
def test_self_check_looks_at_the_roster_itself(call: Call, data_dir: Path, told: str) -> None:
    """Exit code 1 when the database of the data folder cannot be used; it is not touched."""
    path = data_dir / "roster.db"
    if told == "database_damaged":
        path.write_bytes(b"not a database at all" * 100)
    else:
        revision = "9999" if told == "database_newer" else None
        with contextlib.closing(sqlite3.connect(path)) as made, made:
            made.execute(f"CREATE TABLE {'alembic_version' if revision else 'x'} (version_num)")
            if revision:
                made.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
    before = path.read_bytes()
    ended = call("self-check", "--json")
    assert ended.code == 1
    [bad] = [check for check in ended.document["checks"] if not check["ok"]]
    assert bad["name"] == "Roster"
    assert bad["found"] == sentence(told, {"path": path, "revision": "9999"})
    assert path.read_bytes() == before


def test_self_check_finds_damage_inside_the_roster(call: Call, data_dir: Path) -> None:
    """Not only the first bytes count: every page is looked at."""
    call("runs", "list")
    path = data_dir / "roster.db"
    assert call("self-check").code == 0
    with contextlib.closing(sqlite3.connect(path)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"garbage" * 4000)
    ended = call("self-check", "--json")
    assert ended.code == 1
    assert str(path) in ended.out


def test_self_check_says_what_to_do_about_a_problem(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, the other checks are still made, and the problem has its remedy."""
    monkeypatch.setattr("app.cli.check.kinds", dict)
    monkeypatch.setenv("QT_QPA_PLATFORM", "none-such")
    ended = call("self-check", "--json")
    assert ended.code == 1
    found = {check["name"]: check for check in ended.document["checks"]}
    for name in ("Window", "Connectors"):
        assert found[name]["ok"] is False
        assert found[name]["todo"]
    assert found["Database"]["ok"] is True


def test_a_district_that_is_there_has_as_many_students_as_it_has(call: Call) -> None:
    """Another number is a mistake in what was typed, and the way out is told."""
    assert call("demo", "--students", 60).code == 0
    ended = call("demo", "--students", 70, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, "demo_not_so_many")


def test_a_folder_that_is_not_there_yet_is_told(call: Call, tmp_path: Path) -> None:
    """It may have been mistyped."""
    assert "is new; there is nothing in it" in call("runs", "list", data=tmp_path / "typo").err
    assert call("runs", "list", data=tmp_path / "typo").err == ""
