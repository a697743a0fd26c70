"""`export --format oneroster-csv`: sets of files for other programs, and back again."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.compose import Options, program
from app.roster.entities import ENTITIES
from tests.cli.conftest import NAME, Ended
from tests.connectors.oneroster.csv.standard import complaints

Call = Callable[..., Ended]
AS_SET = ("export", "--all", "--format", "oneroster-csv")


@pytest.fixture
def synced(connected: Call) -> Call:
    """``connected``, after a first sync of all that the practice SIS has."""
    for name in ("gradebook", "resources"):
        assert connected("connectors", "edit", NAME, "--set", f"{name}=read").code == 0
    ended = connected("sync", NAME)
    assert ended.code == 0, ended.err
    return connected


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_the_practice_roster_is_as_the_standard_has_it(
    synced: Call, tmp_path: Path, version: str
) -> None:
    """A whole roster passes an independent check, but for what it told of before."""
    out = tmp_path / "set.zip"
    told = (*AS_SET, "--out", out, "--format-version", version, "--demographics", "--json")
    ended = synced(*told)
    assert ended.code == 0, ended.err
    found = ended.document
    assert (found["path"], found["version"]) == (str(out), version)
    parent, *scores = complaints(out)
    assert parent.startswith("orgs:")  # what the district itself is part of, nobody may see
    assert "parentSourcedId" in parent
    # 1.1 demands a score also of work that was never handed in.
    assert all(line.startswith("results:") and line.endswith("score ''") for line in scores)
    missing = [note for note in found["notes"] if note["code"] == "export_value_missing"]
    assert len(missing) == (1 if version == "1.1" else 0) == bool(scores)


def test_a_set_says_how_much_it_tells_and_what_it_leaves_out(synced: Call, tmp_path: Path) -> None:
    """Without --json the place, the count and a line for each thing that could not be told."""
    ended = synced(*AS_SET, "--out", tmp_path / "set", "--format-version", "1.1")
    first, *notes = ended.out.splitlines()
    assert first.startswith(f"{tmp_path / 'set'}: ")
    assert any("Pronouns" in note for note in notes)


def test_what_follows_every_sync_is_set_shown_and_ended(synced: Call, tmp_path: Path) -> None:
    """--after-sync with a place, with show and with off; the next sync writes and says so."""
    out = tmp_path / "after"
    assert synced("export", "--after-sync", "show", "--json").document["after_sync"] is None
    assert "1.2, without birth dates" in synced("export", "--after-sync", out).out
    told = ("export", "--after-sync", out, "--format-version", "1.1", "--demographics")
    assert f"{out}, as OneRoster CSV 1.1, with birth dates, sex and race" in synced(*told).out
    assert "1.1, with birth dates" in synced("export", "--after-sync", "show").out
    ended = synced("sync", NAME)
    assert ended.code == 0, ended.err
    assert f"exported to {out}" in ended.out
    assert (out / "manifest.csv").exists()
    told = synced("export", "--after-sync", "show", "--json").document
    assert told["after_sync"]["path"] == str(out)
    assert (told["last"]["code"], told["last"]["written"]) == (
        "export_written",
        told["last"]["run"],
    )
    assert str(out) in synced("runs", "log", told["last"]["run"]).out
    assert synced("export", "--after-sync", "off", "--json").document["after_sync"] is None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--all", "--format", "csv", "--out", "x", "--demographics"), "export_option_of_sets"),
        (("users", "--format", "oneroster-csv", "--out", "x"), "export_set_is_whole"),
        (("--all", "--format", "oneroster-csv", "--out", "-"), "export_set_is_whole"),
        (("--all", "--format", "paper", "--out", "x"), "export_form_unknown"),
        (("--all", "--format", "oneroster-csv"), "export_needs_form_and_out"),
        (("--after-sync", "x", "--all"), "export_follows_alone"),
        (("--after-sync", "x", "--since", "1"), "export_follows_whole"),
        (("--after-sync", "x", "--format", "json"), "export_option_of_sets"),
    ],
)
def test_what_cannot_be_asked_is_2(call: Call, arguments: tuple[str, ...], code: str) -> None:
    """What does not belong together is a mistake in what was typed, and nothing is written."""
    ended = call("export", *arguments, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, code)


# -- into what a connector reads --------------------------------------------------------------


@pytest.fixture
def watched(synced: Call, tmp_path: Path) -> Path:
    """A folder that another connector reads."""
    folder = tmp_path / "there" / "sets"
    assert synced(*AS_SET, "--out", folder / "first.zip").code == 0
    told = ("--kind", "oneroster-csv", "--set", f"path={folder}")
    assert synced("connectors", "add", "Files", *told).code == 0
    return folder


@pytest.mark.parametrize("place", [".", "..", "out", "first.zip", "out/set.zip", "../link/out"])
@pytest.mark.parametrize(
    "words",
    [
        (*AS_SET, "--out"),
        ("export", "--all", "--format", "json", "--out"),
        ("export", "--after-sync"),
    ],
)
def test_nothing_is_exported_into_what_a_connector_reads(
    synced: Call, watched: Path, words: tuple[str, ...], place: str
) -> None:
    """Not there, nor in it, nor around it, by whatever name: it would be read as the SIS's own."""
    (watched.parent / "link").symlink_to(watched)
    before = sorted(watched.parent.rglob("*"))
    ended = synced(*words, watched / place, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, "export_into_source")
    assert "“Files”" in ended.document["error"]["message"]
    assert sorted(watched.parent.rglob("*")) == before
    assert synced("export", "--after-sync", "show", "--json").document["after_sync"] is None


def test_beside_what_a_connector_reads_is_another_place(synced: Call, watched: Path) -> None:
    """A name that begins alike is no place in it."""
    assert synced(*AS_SET, "--out", watched.with_name("sets of ours")).code == 0


def test_an_export_is_withheld_as_soon_as_a_connector_reads_its_place(
    synced: Call, tmp_path: Path
) -> None:
    """Also a connector that came later: the sync is as good as before, and says why not."""
    out = tmp_path / "after"
    assert synced("export", "--after-sync", out).code == 0
    assert synced("sync", NAME).code == 0
    before = {one: one.stat().st_mtime_ns for one in out.iterdir()}
    told = ("--kind", "oneroster-csv", "--set", f"path={out}")
    assert synced("connectors", "add", "Files", *told).code == 0
    ended = synced("sync", NAME)
    assert ended.code == 0
    assert "the connector “Files” reads" in ended.out
    assert {one: one.stat().st_mtime_ns for one in out.iterdir()} == before
    last = synced("export", "--after-sync", "show", "--json").document["last"]
    assert last["code"] == "export_into_source"
    assert last["written"] < last["run"]


def test_memory_does_not_grow_with_the_roster(synced: Call, data_dir: Path, tmp_path: Path) -> None:
    """§11: keys are settled and rows written as they are read, on disk and not in memory."""
    synced(*AS_SET, "--out", tmp_path / "before")  # what is kept once for all is there
    with program(Options(data_dir=data_dir)) as opened, opened.database.writing() as tx:
        columns = ", ".join(f'"{name}"' for name in ENTITIES["orgs"].field_names)
        tx.run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15000) "
            f"INSERT INTO orgs (id, version, alive, created_in, changed_in, {columns}) "
            f"SELECT 10000000 + i, 1, 1, 1, 1, {columns} FROM (SELECT * FROM orgs LIMIT 1), n"
        )
    tracemalloc.start()
    try:
        assert synced(*AS_SET, "--out", tmp_path / "set").code == 0
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tmp_path / "set" / "orgs.csv").stat().st_size > 900_000
    assert most < 4_000_000


# -- and back again ---------------------------------------------------------------------------


def _reads(call: Call, files: Path, **more: Any) -> dict[str, Any]:
    """A sync of the files by a connector of the kind ``oneroster-csv``."""
    wanted = {"path": files, "demographics": "read", "gradebook": "read", "resources": "read"}
    told = [word for name, value in wanted.items() for word in ("--set", f"{name}={value}")]
    added = call("connectors", "add", "Files", "--kind", "oneroster-csv", *told, **more)
    assert added.code == 0, added.err
    ended = call("sync", "Files", "--json", **more)
    assert ended.code in (0, 4), ended.out  # 4: odd files are told, and read all the same
    found: dict[str, Any] = ended.document
    return found


def _total(run: dict[str, Any], count: str) -> int:
    return sum(stream[count] for stream in run["streams"].values())


def test_an_export_read_by_another_program_of_ours_is_exported_the_same(
    synced: Call, tmp_path: Path
) -> None:
    """Export, import into an empty database, export again: byte for byte the same files."""
    first, second = tmp_path / "first", tmp_path / "second"
    assert synced(*AS_SET, "--out", first, "--demographics").code == 0
    elsewhere = tmp_path / "elsewhere"
    _reads(synced, first, data=elsewhere)
    assert synced(*AS_SET, "--out", second, "--demographics", data=elsewhere).code == 0
    files = {one.name: one.read_bytes() for one in first.iterdir()}
    assert {one.name: one.read_bytes() for one in second.iterdir()} == files


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_an_export_read_back_changes_nothing(synced: Call, tmp_path: Path, version: str) -> None:
    """What was read from files, exported, and read from there again, is as it was."""
    first, second, elsewhere = tmp_path / "first", tmp_path / "second", tmp_path / "elsewhere"
    as_version = ("--demographics", "--format-version", version)
    assert synced(*AS_SET, "--out", first, *as_version).code == 0
    assert _total(_reads(synced, first, data=elsewhere), "created") > 1000
    assert synced(*AS_SET, "--out", second, *as_version, data=elsewhere).code == 0
    edited = synced("connectors", "edit", "Files", "--set", f"path={second}", data=elsewhere)
    assert edited.code == 0, edited.err
    ended = synced("sync", "Files", "--full", "--json", data=elsewhere)
    assert ended.code == 0, ended.out
    run = ended.document
    assert run["streams"]["users"]["unchanged"] > 100
    for count in ("created", "updated", "deleted", "waiting", "conflicts"):
        assert _total(run, count) == 0, count


SETS = Path(__file__).parents[3] / "shared" / "data" / "oneroster-csv"


@pytest.mark.skipif(not SETS.exists(), reason="the sets of others are not here")
@pytest.mark.parametrize("name", ["legertom_small_v1p1", "lms_toolkit_1.1", "oat_v1p1"])
def test_sets_that_others_made_come_back_as_they_were(
    call: Call, tmp_path: Path, name: str
) -> None:
    """Read, exported as 1.1 and read from there again: nothing changes."""
    _reads(call, SETS / name)
    out = tmp_path / "out"
    told = ("--demographics", "--format-version", "1.1")
    assert call(*AS_SET, "--out", out, *told).code == 0
    assert call("connectors", "edit", "Files", "--set", f"path={out}").code == 0
    ended = call("sync", "Files", "--full", "--json")
    for count in ("created", "updated", "deleted", "waiting", "conflicts"):
        assert _total(ended.document, count) == 0, (count, ended.out)
