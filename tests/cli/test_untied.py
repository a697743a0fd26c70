"""What one SIS lost and another keeps, as commands tell it: no removal (SEMANTICS D4, E2)."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from app.compose import PracticeSis
from app.vault import environment_name
from tests.cli.conftest import NAME, SECRET, Ended, settings
from tests.engine.test_matching import both, town
from tests.engine.toy import District

Call = Callable[..., Ended]
PEOPLE, GONE = 40, 8
QUIET = dict.fromkeys(
    ("new", "leavers", "moves", "transfers", "seconds", "renames", "teachers", "staff", "sessions",
     "sections", "recreated"), 0,
)  # fmt: skip
"""A day on which nothing happens."""


@pytest.fixture
def lost(data_dir: Path) -> Iterator[tuple[District, int]]:
    """A district of two SISs, one of which has lost people that the other has; the sync of it."""
    with both(data_dir, town("a", people=PEOPLE), town("b", people=PEOPLE)) as d:
        d.sync()
        d.sync("other")
        d.with_limits()
        d.other.vanish("users", *(f"b-u{2 * n}" for n in range(GONE)))
        yield d, d.sync("other", full=True).id


def people(call: Call) -> int:
    """How many there are."""
    return len(call("records", "list", "users", "--limit", 500, "--json").document)


def test_what_waits_is_told_as_what_it_is(lost: tuple[District, int], call: Call) -> None:
    """`runs show`, `runs waiting` and `runs log` name no removal, and say what waiting means."""
    _, run = lost
    shown, one_by_one = call("runs", "show", run).out, call("runs", "waiting", run).out
    log = call("runs", "log", run).out
    assert "more than 10% no longer known there in 24 hours" in shown
    assert "stay here even if the other systems lose them, too" in shown
    assert "no longer tied to this SIS; another one still has it" in one_by_one
    assert "“other” would no longer know 8 of its 20 people in School 1" in log
    assert "they are still in “toy”" in log
    assert "would lose" not in shown + log
    assert "to be removed" not in shown + one_by_one


def test_scripts_tell_it_apart(lost: tuple[District, int], call: Call) -> None:
    """By a rule and a word of its own (§9)."""
    _, run = lost
    [waits] = call("runs", "show", run, "--json").document["waiting"]
    assert (waits["rule"], waits["count"], waits["of"]) == ("untied", GONE, PEOPLE // 2)
    found = call("runs", "waiting", run, "--json").document
    assert [(one["what"], one["rules"]) for one in found] == [("untied", ["untied"])] * GONE


@pytest.fixture
def told_twice(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PracticeSis]:
    """One practice district as OneRoster and as Ed-Fi, both read."""
    with closing(PracticeSis(tmp_path / "living", students=60, seed=5)) as practice:
        ready = practice.ready
        monkeypatch.setenv(SECRET, ready.client_secret)
        monkeypatch.setenv(environment_name("ods", "secret"), ready.edfi_secret)
        call("connectors", "add", NAME, "--kind", "oneroster", *settings(ready.base_url))
        edfi = ("--set", f"base_url={ready.edfi_url}", "--set", f"key={ready.edfi_key}")
        call("connectors", "add", "ods", "--kind", "edfi", "--preset", "ods-api", *edfi)
        call("policy", "charge", NAME, "sis")
        for name in (NAME, "ods"):
            ended = call("sync", name)
            assert ended.code in (0, 4), ended.out + ended.err
        yield practice


def test_an_approval_says_what_was_done(told_twice: PracticeSis, call: Call) -> None:
    """So many are no longer tied to the system, and all of them are still here."""
    before = people(call)
    ready = told_twice.ready
    day = requests.post(
        f"{ready.control_url}/edfi/day",
        json=QUIET | {"removed": 24},
        headers={"Authorization": f"Bearer {ready.client_secret}"},
        timeout=20,
    )
    assert day.status_code == 200, day.text
    ended = call("sync", "ods", "--full", "--json")
    assert ended.code == 3
    run = ended.document["run"]
    waits = {
        (one["entity"], one["rule"])
        for one in call("runs", "show", run, "--json").document["waiting"]
    }
    assert {rule for _, rule in waits} <= {"untied", "proof"}
    assert ("users", "untied") in waits
    done = call("runs", "approve", run)
    assert (done.code, people(call)) == (0, before), done.out + done.err
    assert "no longer tied to “ods”, which stay here" in done.out
    assert "removed" not in done.out
