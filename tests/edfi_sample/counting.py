"""A folder of Ed-Fi documents, served and read whole: what of each file came to be what."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

from app import compose
from app.connectors.contract import Request, Response, Transport
from app.connectors.edfi.keys import ORGS, parsed, record_key
from app.connectors.edfi.vocabulary import RESOURCES
from app.connectors.http import HttpTransport
from app.engine import quality
from app.engine.engine import Engine
from app.engine.loop import Loop
from app.engine.world import World
from app.store import reads
from app.store.database import Database, Location
from app.store.reads import RunRow
from app.vault import MemoryVault
from tests.practice.client import serving

_SECTION = ("localCourseCode", "schoolId", "schoolYear", "sectionIdentifier", "sessionName")
_REFERS = {
    "studentSectionAssociations": (
        ("students", "studentReference", ("studentUniqueId",)),
        ("sections", "sectionReference", _SECTION),
    ),
    "staffSectionAssociations": (
        ("staffs", "staffReference", ("staffUniqueId",)),
        ("sections", "sectionReference", _SECTION),
    ),
}
"""What refers to what may not be in the folder, as (resource, reference, its members)."""


@dataclass(frozen=True)
class File:
    """What became of the documents of one file."""

    lines: int
    distinct: int
    """Natural keys: a document that stands there twice is one."""
    received: int
    """Documents that the service answered with, each counted once."""
    rows: int
    """Of these, how many are records, or rows of a record of several."""

    @property
    def parts(self) -> int:
        """The others: they tell something of the records that they belong to."""
        return self.received - self.rows


@dataclass(frozen=True)
class Sample:
    """What the folder holds, and what was read of it."""

    files: Mapping[str, File]
    words: Mapping[str, int]
    """How many descriptors there are of each sort: no records, but words in which these speak."""
    unexplained: list[str]
    """The descriptors that documents use and of which nobody has said what they mean."""
    run: RunRow
    dangling: Mapping[str, set[str]]
    """By record type, the keys that are referred to and not in the folder, told by the files."""
    unknown: Mapping[str, set[str]]
    """The same as the roster has it: records that were mentioned and of which no row came."""
    marked: Counter[tuple[str, str]]
    """What the registrar is told to refer to nothing that is there: (record type, field)."""

    @property
    def unreadable(self) -> int:
        """Rows that could not be understood."""
        return self.run.total("unreadable")


class _Counting:
    """A transport that counts the documents that come, by resource and id."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.came: dict[str, set[str]] = defaultdict(set)

    def send(self, request: Request, cancel: Event) -> Response:
        """The answer, counted."""
        response = self._inner.send(request, cancel)
        path = request.url.partition("?")[0].partition("/ed-fi/")[2]
        if request.method == "GET" and path in RESOURCES and response.status == 200:
            self.came[path] |= {each["id"] for each in json.loads(response.body)}
        return response

    def close(self) -> None:
        """Ends the session."""
        self._inner.close()


def told(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The documents of each file, by resource."""
    return {
        path.stem: [json.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
        for path in sorted(folder.glob("*.jsonl"))
    }


def sample(folder: Path, data: Path) -> Sample:
    """Serves the documents in ``folder`` and reads them whole, into a data folder of its own."""
    documents = told(folder)
    with serving(students=20, seed=1, edfi_data=str(folder)) as ready, _opened(data) as database:
        transport, loop = _Counting(HttpTransport()), Loop()
        engine = Engine(_world(database, data, transport), loop)
        settings = {"guardians": "on", "demographics": "read", "gradebook": "read"}
        settings |= {"grades": "read", "assessments": "read"}
        settings |= {"base_url": ready["edfi_url"], "key": ready["edfi_key"]}
        engine.save_connector("sample", "edfi", settings, {"secret": ready["edfi_secret"]})
        number = engine.start("sample")
        loop.run(until=lambda: not engine.busy)
        run = reads.run(database, number)
        log = reads.run_log(database, run.id)
        unexplained = [
            str(line.parameters["words"]) for line in log if line.code == "edfi_unmapped"
        ]
        rows, unknown = _rows(database, documents)
        report = quality.report(database, run.started_at[:10], rules=("reference_unknown",))
        marked = Counter((line.flaw.entity, line.flaw.field) for line in report.lines)
    files = {
        name: File(
            len(lines),
            len({RESOURCES[name].key_in(line) for line in lines}),
            len(transport.came[name]),
            rows[name],
        )
        for name, lines in documents.items()
        if name in RESOURCES
    }
    words = {name: len(lines) for name, lines in documents.items() if name not in RESOURCES}
    return Sample(files, words, unexplained, run, _dangling(documents), unknown, marked)


@contextmanager
def _opened(data: Path) -> Iterator[Database]:
    data.mkdir(parents=True, exist_ok=True)
    with Database(Location.of(data)) as database:
        yield database


def _world(database: Database, data: Path, transport: Transport) -> World:
    return World(
        database=database,
        vault=MemoryVault(),
        kinds=compose.kinds(),
        clock=lambda: datetime.now(UTC),
        random=Random(1),
        open_transport=lambda: transport,
        locks=data / "locks",
        author="sample",
    )


def _rows(
    database: Database, documents: Mapping[str, list[dict[str, Any]]]
) -> tuple[Counter[str], dict[str, set[str]]]:
    """How many documents of each resource are rows; and the keys of which no row came."""
    orgs = {
        RESOURCES[name].key_in(line): name
        for name in ORGS & documents.keys()
        for line in documents[name]
    }
    with database.reading() as tx:
        links = list(
            tx.rows(
                "SELECT entity, key, alive FROM links JOIN streams ON streams.id = stream "
                # Demographics go by the key of their student, and are told by the same document.
                "WHERE entity <> 'demographics'"
            )
        )
        joined = [key for (key,) in tx.rows("SELECT key FROM aliases WHERE joined")]
    rows = Counter(
        parsed(key)[0] or orgs[key] for key in (*(key for _, key, alive in links if alive), *joined)
    )
    unknown: dict[str, set[str]] = defaultdict(set)
    for entity, key, alive in links:
        if alive is None:
            unknown[entity].add(key)
    return rows, dict(unknown)


def _dangling(documents: Mapping[str, list[dict[str, Any]]]) -> dict[str, set[str]]:
    entities = {"students": "users", "staffs": "users", "sections": "classes"}
    there = {name: {RESOURCES[name].key_in(line) for line in documents[name]} for name in entities}
    found: dict[str, set[str]] = defaultdict(set)
    for name, references in _REFERS.items():
        for line in documents[name]:
            for target, reference, members in references:
                key = "|".join(str(line[reference][member]) for member in members)
                if key not in there[target]:
                    found[entities[target]].add(record_key(target, key))
    return dict(found)
