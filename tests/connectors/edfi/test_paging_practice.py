"""Reading the practice Ed-Fi service, a process of its own that shares nothing with the reader."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pytest

from app.connectors.conformance import run
from app.connectors.contract import Io
from app.connectors.edfi.feed import Batch, KeyChange, Window
from app.connectors.edfi.paging import batches, total
from app.connectors.edfi.service import Service
from app.connectors.edfi.settings import Settings
from app.connectors.edfi.single import listed, one
from app.connectors.edfi.vocabulary import RESOURCES
from app.connectors.edfi.windows import window_for
from app.connectors.http import HttpTransport, Limits
from app.errors import AuthError
from tests.connectors.edfi.shifting_service import WHOLE, Told, reading, told_by
from tests.practice.edfi.client import Client as Writer
from tests.practice.edfi.client import serving, speaking
from tests.practice.edfi.small_district import (
    HIGH,
    MIDDLE,
    documents,
    section_reference,
    session,
    student,
)

SAMPLE = Path(__file__).parents[4] / "shared" / "data" / "edfi"
STUDENTS = RESOURCES["students"]


class Reader:
    """A service object for the practice service, and the transport that answers it."""

    def __init__(self, ready: dict[str, Any], name: str = "district", **settings: Any) -> None:
        way_in = ready["edfi_clients"][name]
        told = Settings(base_url=ready["edfi_url"], key=way_in["key"], **settings)
        io = Io(clock=lambda: datetime.now(UTC), random=Random(1), cancel=Event())
        self.service = Service(told, {"secret": way_in["secret"]}, io)
        self.transport = HttpTransport(Limits(attempts=4), wait=lambda cancel, seconds: None)

    def __call__(self, asking: Any) -> Any:
        return run(asking, self.transport)


@contextmanager
def reader_of(ready: dict[str, Any], name: str = "district", **settings: Any) -> Iterator[Reader]:
    reader = Reader(ready, name, **settings)
    try:
        yield reader
    finally:
        reader.transport.close()


def all_of(reader: Reader, name: str, window: Window = WHOLE, size: int = 25) -> Told:
    return reading(reader, window, size=size, resource=RESOURCES[name])


@pytest.fixture(scope="module")
def sample() -> Iterator[tuple[dict[str, list[dict[str, Any]]], dict[str, Any]]]:
    if not SAMPLE.is_dir():
        pytest.skip("the sample records are not beside the checkout")
    found = {}
    for path in sorted(SAMPLE.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        if (resource := RESOURCES.get(path.stem)) is not None:
            # One of the records is there twice, which no database allows.
            rows = list({resource.key_in(row): row for row in rows}.values())
        found[path.stem] = rows
    pairs = [(name, row) for name, rows in found.items() for row in rows]
    with serving(pairs, strict=False) as ready:
        yield found, ready


@pytest.mark.parametrize("paging", ["auto", "offset"])
def test_every_sample_record_is_read(
    sample: tuple[dict[str, list[dict[str, Any]]], dict[str, Any]], paging: str
) -> None:
    """Every resource of the Grand Bend records is counted, and every record of it is readable."""
    found, ready = sample
    with reader_of(ready, paging=paging) as reader:
        for name, rows in found.items():
            if name not in RESOURCES:
                continue
            resource = RESOURCES[name]
            told = all_of(reader, name, size=100)
            assert sorted(told.keys) == sorted(resource.key_in(row) for row in rows), name
            assert not [one for batch in told.batches for one in batch.broken], name
            assert (told.doubts, told.batches[-1].total) == ([], len(rows)), name
            assert reader(total(reader.service, resource, WHOLE)) == len(rows)


@pytest.mark.parametrize("name", ["students", "sections", "studentSectionAssociations"])
def test_sample_record_by_its_key(
    sample: tuple[dict[str, list[dict[str, Any]]], dict[str, Any]], name: str
) -> None:
    """What a list tells is found by its natural key, and is the same byte by byte."""
    _, ready = sample
    with reader_of(ready) as reader:
        item = all_of(reader, name, size=5).batches[0].items[0]
        assert reader(one(reader.service, RESOURCES[name], item.key)) == item


# -- changes --


@pytest.fixture
def district() -> Iterator[tuple[dict[str, Any], Writer]]:
    with serving(documents(extra=60)) as ready, speaking(ready) as writer:
        yield ready, writer


@pytest.mark.parametrize("paging", ["auto", "offset"])
def test_renamed_session(district: tuple[dict[str, Any], Writer], paging: str) -> None:
    """The key of a session that changes reaches classes and seats, each told once (A6)."""
    ready, writer = district
    with reader_of(ready, paging=paging) as reader:
        window = reader(window_for(reader.service, None))
        before = all_of(reader, "studentSectionAssociations", window)
        (row,) = writer.list("sessions", schoolId=HIGH, sessionName="Fall")
        renamed = {**session(HIGH, "Autumn"), "id": row["id"]}
        assert writer.data("PUT", f"sessions/{row['id']}", json=renamed).status_code == 204
        later = reader(window_for(reader.service, window.until))
        told = all_of(reader, "studentSectionAssociations", later)
        sections = all_of(reader, "sections", later)
    (move,) = [one for batch in sections.batches for one in batch.rekeyed]
    assert (move.old, move.new) == tuple(
        f"ALG-1|{HIGH}|2026|ALG-{HIGH}|{term}" for term in ("Fall", "Autumn")
    )
    moves = [one for batch in told.batches for one in batch.rekeyed]
    here = [one for batch in before.batches for one in batch.items if f"|{HIGH}|" in one.key]
    assert sorted(moves) == sorted(
        KeyChange(one.id, one.key, one.key.replace("|Fall|", "|Autumn|")) for one in here
    )
    assert sorted(told.keys) == sorted(move.new for move in moves)


def test_deleted_there_is_told(district: tuple[dict[str, Any], Writer]) -> None:
    """What is deleted is told by /deletes with its id and key, and is no longer found (D3)."""
    ready, writer = district
    with reader_of(ready) as reader:
        window = reader(window_for(reader.service, None))
        item = all_of(reader, "studentSectionAssociations").batches[0].items[0]
        assert writer.data("DELETE", f"studentSectionAssociations/{item.id}").status_code == 204
        told = all_of(reader, "studentSectionAssociations", Window(window.until, writer.newest()))
        resource = RESOURCES["studentSectionAssociations"]
        found = reader(one(reader.service, resource, item.key, item.id))
    assert [(gone.id, gone.key) for gone in told.batches[-1].deleted] == [(item.id, item.key)]
    assert found is None


def test_key_that_sees_one_school(district: tuple[dict[str, Any], Writer]) -> None:
    """What a key may not see is left out of lists in silence, and refused by its id."""
    ready, _ = district
    with reader_of(ready) as all_seeing, reader_of(ready, "school") as reader:
        everybody = all_of(all_seeing, "students")
        seen = all_of(reader, "students")
        (other,) = {*everybody.keys} - {*seen.keys}
        (item,) = [one for batch in everybody.batches for one in batch.items if one.key == other]
        assert seen.batches[-1].total == len(seen.keys)
        assert reader(one(reader.service, STUDENTS, other)) is None
        with pytest.raises(AuthError):
            reader(one(reader.service, STUDENTS, other, item.id))


def test_roll_of_a_class(district: tuple[dict[str, Any], Writer]) -> None:
    """Who sits in one class is asked by what refers to it, and nobody else comes."""
    ready, _ = district
    query = {name: str(said) for name, said in section_reference(MIDDLE).items()}
    resource = RESOURCES["studentSectionAssociations"]
    with reader_of(ready) as reader:
        items, broken, doubts = reader(listed(reader.service, resource, query))
        everybody = all_of(reader, resource.name).keys
    assert sorted(item.key for item in items) == sorted(
        key for key in everybody if f"|{MIDDLE}|" in key
    )
    assert (broken, doubts) == ([], [])


@pytest.mark.parametrize("paging", ["auto", "offset"])
def test_edits_while_it_is_paged(district: tuple[dict[str, Any], Writer], paging: str) -> None:
    """Students edited, added and deleted between any two pages all arrive in the end."""
    ready, writer = district
    dice = Random(7)
    known: dict[str, bytes] = {}
    ids = {row["studentUniqueId"]: row["id"] for row in writer.list("students", limit=500)}
    loose: list[str] = []
    done = 0

    def change() -> None:
        nonlocal done
        if done >= 150:
            return
        done += 1
        what = dice.choice(["edit", "edit", "edit", "add", "delete"])
        if what == "add":
            key = f"9{dice.randrange(100_000):05}"
            if writer.data("POST", "students", json=student(key)).status_code == 201:
                loose.append(key)
        elif what == "delete" and loose:
            key = loose.pop(dice.randrange(len(loose)))
            (row,) = writer.list("students", studentUniqueId=key) or [{}]
            writer.data("DELETE", f"students/{row.get('id')}")
        else:
            key = dice.choice(sorted(ids))
            writer.data("POST", "students", json=student(key, f"Name {done}"))

    def take(batch: Batch) -> None:
        known.update({item.key: item.body for item in batch.items})
        for gone in batch.deleted:
            known.pop(gone.key, None)

    with reader_of(ready, paging=paging) as reader:
        last: int | None = None
        while done < 150:
            window = reader(window_for(reader.service, last))
            steps = batches(reader.service, STUDENTS, window, None, size=7)
            told = told_by(reader, steps, before=change)
            assert not {*told.doubts} - {"total_changed", "total_not_met"}
            if window.after is None:
                known.clear()
            for batch in told.valid:
                take(batch)
            last = window.until
        window = reader(window_for(reader.service, last))
        for batch in reading(reader, window, size=7, resource=STUDENTS).batches:
            take(batch)
        now = reading(reader, size=500)
    assert known == {item.key: item.body for batch in now.batches for item in batch.items}


# -- what services are like --


@pytest.fixture(scope="module")
def odd() -> Iterator[tuple[dict[str, Any], Writer]]:
    with serving(documents(extra=60)) as ready, speaking(ready) as writer:
        yield ready, writer


@pytest.mark.parametrize("paging", ["auto", "offset"])
@pytest.mark.parametrize(
    "habit",
    [
        *("api-5.3", "api-6.2", "api-7.1", "double-slashes", "no-cursor", "no-change-queries"),
        *("mixed-case", "extra-fields", "no-links", "empty-pages", "clamped-limit", "no-total"),
        *("short-lived-tokens", "lock-error", "lost-answer"),
    ],
)
def test_habit(odd: tuple[dict[str, Any], Writer], habit: str, paging: str) -> None:
    """However a service is, all of its students come, whole and in a window, without a doubt."""
    ready, writer = odd
    keys = sorted(row["studentUniqueId"] for row in writer.list("students", limit=500))
    writer.switch_on(habit)
    try:
        with reader_of(ready, paging=paging) as reader:
            window = reader(window_for(reader.service, None))
            whole = reading(reader, window, size=7)
            changes = reading(reader, Window(0, window.until or 1), size=7)
    finally:
        writer.switch_off()
    assert (sorted(whole.keys), whole.doubts) == (keys, [])
    if window.until is not None:
        assert (sorted(changes.keys), changes.doubts) == (keys, [])


@pytest.mark.parametrize("paging", ["auto", "offset"])
def test_snapshot_gone(odd: tuple[dict[str, Any], Writer], paging: str) -> None:
    """A snapshot that is taken away while it is read costs nothing but the time."""
    ready, writer = odd
    writer.switch_on("snapshots")
    try:
        with reader_of(ready, paging=paging, snapshots="on") as reader:
            window = reader(window_for(reader.service, None))
            assert reader.service.snapshot
            steps = batches(reader.service, STUDENTS, window, None, size=7)
            asked = 0

            def before() -> None:
                nonlocal asked
                asked += 1
                if asked == 3:
                    writer.switch_on("snapshot-gone")

            told = told_by(reader, steps, before=before)
    finally:
        writer.switch_off()
    assert "edfi_snapshot_gone" in told.notes
    assert (len(told.keys), told.doubts) == (63, [])
