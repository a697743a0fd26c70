"""`runs approve`, `runs refuse` and `sync --preview`: what they print and how they end (§9)."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.compose import Options, PracticeSis, program
from app.engine.outbox import MOST_CREATED
from app.store import reads
from tests.cli.conftest import NAME, SECRET, STUDENTS, Ended
from tests.engine.test_newcomers_sent import schools
from tests.engine.test_newcomers_sent import two as newcomers
from tests.engine.toy import ToySis, district, fill

Call = Callable[..., Ended]


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeSis]:
    """A practice SIS of its own, on which days may pass."""
    practice = PracticeSis(tmp_path_factory.mktemp("living"), students=STUDENTS, seed=5)
    yield practice
    practice.close()


@pytest.fixture(scope="module")
def read(living: PracticeSis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that was synced with it, before two school days passed there."""
    folder = tmp_path_factory.mktemp("read")
    with program(Options(data_dir=folder), living.vault) as opened:
        told = {**living.settings, "source": ""}
        secrets = {"client_secret": living.ready.client_secret}
        opened.engine.save_connector(NAME, "oneroster", told, secrets)
        opened.engine.start(NAME)
        opened.loop.run(until=lambda: not opened.engine.busy)
        assert reads.runs(opened.database)[0].state == "completed"
    living.school_day()
    living.school_day()
    return folder


@pytest.fixture
def changed(
    call: Call,
    read: Path,
    living: PracticeSis,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Call:
    """A connector that has read the SIS, on which two school days have passed since."""
    shutil.copytree(read, data_dir, dirs_exist_ok=True)
    monkeypatch.setenv(SECRET, living.ready.client_secret)
    return call


@pytest.fixture
def held(changed: Call) -> tuple[Call, dict[str, Any]]:
    """The same after a sync that let only additions in, and that sync."""
    assert changed("limits", "set", NAME, "additions-only=on").code == 0
    ended = changed("sync", NAME, "--json")
    assert (ended.code, ended.document["state"]) == (3, "waiting")
    assert changed("limits", "set", NAME, "additions-only=off").code == 0
    return changed, ended.document


def test_what_waits_is_listed_with_the_sync(held: tuple[Call, dict[str, Any]]) -> None:
    """§9, E2: `runs show` tells by school, type and rule what waits, and what can be done."""
    call, run = held
    waits = call("runs", "show", run["run"], "--json").document["waiting"]
    assert {one["rule"] for one in waits} == {"additions_only"}
    assert {one["direction"] for one in waits} == {"in"}
    assert sum(one["count"] for one in waits) >= run["waiting_total"] > 0
    assert all(one["times"] == 1 and one["since"] and one["samples"] for one in waits)
    shown = call("runs", "show", run["run"]).out
    assert "additions only" in shown
    assert f"runs approve {run['run']}" in shown
    call("limits", "set", NAME, "additions-only=on")
    assert "This waits for your approval" in call("sync", NAME).out


def test_approving_is_one_document(held: tuple[Call, dict[str, Any]]) -> None:
    """§9: exactly these keys; everything that waited is settled, and nothing waits any more."""
    call, run = held
    ended = call("runs", "approve", run["run"], "--json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.document == {
        "id": ended.document["id"],
        "of": run["run"],
        "applied": run["waiting_total"],
        "left_out": [],
    }
    listed = call("runs", "list", "--json").document
    assert (listed[0]["run"], listed[0]["mode"]) == (ended.document["id"], "approval")
    assert call("sync", NAME, "--json").document["waiting_total"] == 0
    again = call("runs", "approve", run["run"], "--json")
    assert (again.code, again.document["applied"]) == (0, 0)


def test_one_type_can_be_approved_alone(held: tuple[Call, dict[str, Any]]) -> None:
    """§9: the rest waits on, and exit code 3 says so."""
    call, run = held
    waiting = run["streams"]["enrollments"]["waiting"]
    ended = call("runs", "approve", run["run"], "--entity", "enrollments")
    assert ended.code == 3
    assert f"{waiting} enrollments" in ended.out
    assert "wait still: runs show" in ended.out
    assert call("runs", "approve", run["run"], "--entity", "unheard-of").code == 2


def test_refusing_is_one_document(held: tuple[Call, dict[str, Any]]) -> None:
    """§9, B6: what is refused waits no longer, and a whole sync does not ask again."""
    call, run = held
    ended = call("runs", "refuse", run["run"], "--json")
    assert (ended.code, list(ended.document)) == (0, ["id", "of", "applied", "left_out"])
    assert ended.document["applied"] == run["waiting_total"]
    after = call("sync", NAME, "--full", "--json")
    assert after.document["waiting_total"] == 0
    assert all(one["deleted"] == one["updated"] == 0 for one in after.document["streams"].values())


def test_after_a_refusal_is_undone_it_is_said_that_the_next_sync_asks_again(
    held: tuple[Call, dict[str, Any]],
) -> None:
    """And so it does (G2)."""
    call, run = held
    refused = call("runs", "refuse", run["run"], "--json").document["id"]
    undone = call("runs", "undo", refused).out
    assert f"since the answer in #{refused} was undone. The next sync reads them anew" in undone
    call("limits", "set", NAME, "additions-only=on")
    assert call("sync", NAME, "--json").document["waiting_total"] == run["waiting_total"]


def test_an_approval_that_fails_says_why(
    held: tuple[Call, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """§9: exit code 1 and an error, and what waits waits on; an unknown sync is 2."""
    call, run = held
    monkeypatch.delenv(SECRET)
    ended = call("runs", "approve", run["run"], "--json")
    assert (ended.code, ended.document["applied"]) == (1, 0)
    assert ended.document["error"]["code"] == "secret_missing"
    assert call("runs", "refuse", 4711, "--json").code == 2
    assert call("runs", "approve", 4711, "--json").code == 2
    assert call("runs", "show", run["run"], "--json").document["waiting"]


def test_a_preview_says_what_a_sync_would_do(changed: Call) -> None:
    """§9, E4: the counts and the exit code of the sync, a plan by school, and nothing changed."""
    users = changed("records", "list", "users", "--json").document
    previewed = changed("sync", NAME, "--preview", "--json")
    document = previewed.document
    assert document["mode"] == "preview"
    assert changed("records", "list", "users", "--json").document == users
    for what, count in (("created", "created"), ("removed", "deleted")):
        planned = sum(one[what] for one in document["plan"] if one["entity"] == "enrollments")
        assert planned == document["streams"]["enrollments"][count]
    assert {one["school_name"] for one in document["plan"]} != {None}
    shown = changed("runs", "show", document["run"])
    assert "A sync would do this" in shown.out
    assert changed("runs", "show", document["run"], "--json").document["plan"] == document["plan"]
    real = changed("sync", NAME, "--json")
    assert (real.code, real.document["streams"]) == (previewed.code, document["streams"])
    assert changed("runs", "show", document["run"], "--json").document["plan"] is None


def test_a_preview_is_told_to_a_person(changed: Call) -> None:
    """E4: a table by school, and another word than that of a sync."""
    shown = changed("sync", NAME, "--preview")
    assert "A sync would do this" in shown.out
    assert "(preview)" in shown.out
    assert "preview" in changed("runs", "list").out


def test_a_preview_with_what_would_wait_says_how_all_of_it_is_carried_out(
    changed: Call,
) -> None:
    """A sync alone would stop for an approval, so it is no other way to the same end."""
    assert "To carry it out: runs approve" in changed("sync", NAME, "--preview").out
    assert changed("limits", "set", NAME, "additions-only=on").code == 0
    assert "To carry all of it out: runs approve" in changed("sync", NAME, "--preview").out


def test_approving_a_preview_syncs(changed: Call) -> None:
    """E4: the document is that of a sync, which does what was found."""
    found = changed("sync", NAME, "--preview", "--json").document
    real = changed("runs", "approve", found["run"], "--json")
    assert (real.document["mode"], real.document["streams"]) == ("incremental", found["streams"])


def test_everybody_who_waits_is_named(held: tuple[Call, dict[str, Any]]) -> None:
    """`runs waiting ID`: all of them, what would become of them and why they wait."""
    call, run = held
    found = call("runs", "waiting", run["run"], "--json").document
    assert len(found) == run["waiting_total"]
    assert {rule for one in found for rule in one["rules"]} == {"additions_only"}
    assert all(one["title"] for one in found)
    people = call("runs", "waiting", run["run"], "--entity", "People", "--json").document
    assert people == [one for one in found if one["entity"] == "users"]
    shown = call("runs", "waiting", run["run"]).out
    assert all(one["title"] in shown for one in found)


def test_the_log_tells_limits_in_words(held: tuple[Call, dict[str, Any]]) -> None:
    """E2: what a limit held of which school, by its name; a script has the code and the id."""
    call, run = held
    schools = {one["id"]: one["name"] for one in call("records", "list", "orgs", "--json").document}
    log = call("runs", "log", run["run"], "--json").document
    trips = [line for line in log if line["code"] == "limit_tripped"]
    assert trips
    for line in trips:
        name = schools.get(line["parameters"]["school"], "The district")
        assert line["message"].startswith("Only additions are let in: ")
        was = "was" if line["parameters"]["count"] == 1 else "were"
        assert f" of {name} {was} kept back." in line["message"]
    assert trips[0]["message"] in call("runs", "log", run["run"]).out


def test_what_a_change_takes_away_is_told_before_and_after(data_dir: Path, call: Call) -> None:
    """E1: a role that ends is a removal at its school; who is in two stands in both, and is one."""
    both, one = ([{"role": "aide", "org": f"o{n}"} for n in some] for some in ((1, 2), (1,)))
    sis = fill(ToySis(), 4)
    sis.put("users", "aide", given_name="Pat", roles=both)
    sis.put("users", "other", given_name="Kim", roles=both)
    with district(data_dir, sis) as d:
        d.sync()
        d.engine.change_limits("toy", lambda limits: limits.with_additions_only(True))
        sis.change("users", "aide", roles=one)
        sis.end("users", "other")
        run = d.sync()
        shown = call("runs", "waiting", run.id).out
        (row,) = [line for line in shown.splitlines() if "Pat" in line]
        assert "changed, counts no more in School 2" in row
        first, second = (d.id("orgs", key) for key in ("o1", "o2"))
        roles = f"aide, School 1 (#{first})", f"aide, School 2 (#{second})"
        assert f"Roles: {'; '.join(roles)} → {roles[0]}" in row
        found = call("runs", "waiting", run.id, "--json").document
        (told,) = [one for one in found if one["id"] == d.id("users", "aide")]
        assert [len(told[side]["roles"]) for side in ("before", "values")] == [2, 1]
        assert (
            "2 wait altogether. Whoever is in several schools" in call("runs", "show", run.id).out
        )


def test_a_table_tells_what_counts_with_what_waits(data_dir: Path, call: Call) -> None:
    """E1, E2: the share that was exceeded, and what was removed in the 24 hours before."""
    sis = fill(ToySis(), 100)
    with district(data_dir, sis) as d:
        d.sync()
        d.pass_time(hours=25)
        for key in range(0, 8, 2):
            sis.end("enrollments", f"e{key:03d}")
        d.sync()
        for key in range(8, 14, 2):
            sis.end("enrollments", f"e{key:03d}")
        run = d.sync()
        (told,) = call("runs", "show", run.id, "--json").document["waiting"]
        assert (told["count"], told["earlier"], told["of"], told["limit"]) == (3, 4, 50, 0.1)
        shown = call("runs", "show", run.id).out
        assert "more than 10% removed in 24 hours" in shown
        assert "24 h before" in shown
        assert "more than 10% removed in 24 hours" in call("runs", "waiting", run.id).out
        told = "with 4 carried out in the last 24 hours it is 14% of all"
        assert told in call("runs", "log", run.id).out


def test_a_sync_says_what_an_allowance_let_through(changed: Call) -> None:
    """E3, E5: with additions only, the removals that somebody allowed are told with the sync."""
    assert changed("limits", "set", NAME, "additions-only=on").code == 0
    assert changed("limits", "allow", NAME, "--removals", "100%").code == 0
    told = [
        line for line in changed("sync", NAME).out.splitlines() if "by the allowance of" in line
    ]
    assert told
    assert any(line.startswith("Enrollments: ") and " went through " in line for line in told)


def test_a_preview_that_was_carried_out_is_said_to_be(changed: Call) -> None:
    """E4: approved a second time it is a usage error, not one more sync."""
    found = changed("sync", NAME, "--preview", "--json").document
    assert changed("runs", "approve", found["run"]).code == 0
    again = changed("runs", "approve", found["run"], "--json")
    assert (again.code, again.document["error"]["code"]) == (2, "preview_carried_out")


def test_an_approval_says_what_it_did(held: tuple[Call, dict[str, Any]]) -> None:
    """How many of what were removed and changed; who approved stands in the history."""
    call, run = held
    waits = call("runs", "waiting", run["run"], "--json").document
    gone = [one for one in waits if one["what"] == "removed" and one["entity"] == "enrollments"]
    shown = call("runs", "approve", run["run"]).out
    assert f"{len(gone)} enrollments removed" in shown
    assert "read" not in shown
    told = call("records", "history", "enrollments", gone[0]["id"]).out
    assert f"{NAME}, approved by " in told


def test_where_nothing_waits_nothing_is_written(changed: Call) -> None:
    """No empty change set is left in the history."""
    changed("sync", NAME)
    before = changed("runs", "list", "--all", "--json").document
    for command in ("approve", "refuse"):
        ended = changed("runs", command, 1)
        assert (ended.code, ended.out) == (0, "Nothing waits in sync #1.\n")
        assert changed("runs", command, 1, "--json").document == {
            "id": None, "of": 1, "applied": 0, "left_out": [],
        }  # fmt: skip
    assert changed("runs", "list", "--all", "--json").document == before


def test_a_preview_ends_with_what_to_do(changed: Call) -> None:
    """E4: the two ways to carry it out."""
    shown = changed("sync", NAME, "--preview").out.split()
    assert " ".join(shown[-8:]).endswith(f"runs approve 2, or sync {NAME}")


def test_the_approval_of_a_part_is_over(held: tuple[Call, dict[str, Any]]) -> None:
    """What waits still is something else, and the approval is not said to wait."""
    call, run = held
    done = call("runs", "approve", run["run"], "--entity", "People", "--json")
    assert done.code == 3
    shown = call("runs", "show", done.document["id"]).out
    assert "completed; something else waits for your approval" in shown
    assert "more waits" in call("runs", "list").out


def test_who_is_made_at_the_other_sis_is_named(data_dir: Path, call: Call) -> None:
    """Of what waits each line says where it is made, and with what."""
    with newcomers(data_dir, schools(), people=MOST_CREATED + 1) as d:
        d.engine.set_switches("other", send_creates=True)
        run = d.sync("other").id
    shown = call("runs", "show", run).out
    assert "to be made at “other”" in shown
    named = call("runs", "waiting", run).out
    assert named.count("made at “other”") == MOST_CREATED + 1
    assert "Given name: Given 0" in named
