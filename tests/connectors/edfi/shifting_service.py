"""A small Ed-Fi service whose rows may move between any two pages, and a reader of it.

It keeps documents of one resource in the order of their keys, as services do, and numbers every
change. What happens between two requests is a function of the test.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.connectors.contract import Ahead, Request, State
from app.connectors.edfi.feed import Batch, Batches, Window
from app.connectors.edfi.paging import batches
from app.connectors.edfi.service import Service
from app.connectors.edfi.vocabulary import RESOURCES, Resource
from app.connectors.http import HttpTransport
from app.errors import SyncError
from tests.connectors.edfi.small_service import SmallService
from tests.connectors.http_server import Exchange

STUDENTS = RESOURCES["students"]
WHOLE = Window(None, None)


@dataclass
class Row:
    """A document as the service keeps it."""

    number: int
    version: int
    document: dict[str, Any]


class ShiftingService(SmallService):
    """The students of a district, in the order of their numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, Row] = {}
        self.gone: list[dict[str, Any]] = []
        self.renamed: list[dict[str, Any]] = []
        self.newest = self.made = 0
        self.most = 500
        """So many rows a page; more are refused, or fewer sent where it ``clamps``."""
        self.clamps = False
        self.cursors = False
        self.heeds = self.offsets = True
        """Whether it heeds the keys in queries, and offsets."""
        self.stuck = False
        """Whether every token leads to the same page."""
        self.totals: Callable[[int], int | None] = lambda true: true
        self.before: Callable[[int], None] = lambda asked: None
        """Called before the list request of that number, from 0, is answered."""
        self.instead: dict[int, tuple[int, bytes]] = {}
        """What is answered in place of the list request of a number."""
        self.frozen: list[Row] | None = None
        self.asked: list[tuple[str, dict[str, str], bool]] = []
        """Path, query and whether from the snapshot, of every list request."""

    # -- what happens there --

    def put(self, key: str, **more: Any) -> None:
        """Adds or edits a student."""
        self.newest += 1
        if key not in self.rows:
            self.made += 1
            document = {"id": f"{self.made:032x}", "studentUniqueId": key}
            self.rows[key] = Row(self.made, 0, document)
        row = self.rows[key]
        row.version = self.newest
        row.document = {**row.document, **more, "_lastModifiedDate": f"v{self.newest}"}

    def fill(self, count: int) -> list[str]:
        """That many students, every other number."""
        keys = [f"s{2 * number:04}" for number in range(count)]
        for key in keys:
            self.put(key)
        return keys

    def end(self, key: str) -> None:
        """Deletes a student."""
        self.newest += 1
        row = self.rows.pop(key)
        self.gone.append(
            {
                "id": row.document["id"],
                "changeVersion": self.newest,
                "keyValues": {"studentUniqueId": key},
            }
        )

    def rename(self, old: str, new: str) -> None:
        """Another key, for the same document."""
        row = self.rows.pop(old)
        self.rows[new] = row
        row.document = {**row.document, "studentUniqueId": new}
        self.put(new)
        self.renamed.append(
            {
                "id": row.document["id"],
                "changeVersion": self.newest,
                "oldKeyValues": {"studentUniqueId": old},
                "newKeyValues": {"studentUniqueId": new},
            }
        )

    def freeze(self) -> None:
        """Makes a snapshot."""
        self.snapshot = True
        self.frozen = self._live()
        self.versions = (200, {"oldestChangeVersion": 0, "newestChangeVersion": self.newest})

    def _live(self) -> list[Row]:
        return [Row(row.number, row.version, row.document) for _, row in sorted(self.rows.items())]

    # -- what it answers --

    def answer_list(self, exchange: Exchange, path: str, query: dict[str, str]) -> None:
        frozen = exchange.headers.get("Use-Snapshot") == "true"
        number = len(self.asked)
        self.asked.append((path.removeprefix("ed-fi/students"), query, frozen))
        self.before(number)
        if number in self.instead:
            status, body = self.instead[number]
            self.json(exchange, status, body)
        elif frozen and self.frozen is None:
            self.json(exchange, 404, {"detail": "Snapshot not found."})
        elif path in self.closed:
            self.json(exchange, *self.closed[path])
        elif path.endswith("/deletes"):
            self.part(exchange, [one for one in self.gone if within(one, query)], query)
        elif path.endswith("/keyChanges"):
            self.part(exchange, [one for one in self.renamed if within(one, query)], query)
        else:
            rows = (self.frozen or []) if frozen else self._live()
            rows = [row for row in rows if within({"changeVersion": row.version}, query)]
            self.list(exchange, rows, query)

    def list(self, exchange: Exchange, rows: Sequence[Row], query: dict[str, str]) -> None:
        """A page of documents, by cursor where that is asked for and known here."""
        wanted = query.get("studentUniqueId") if self.heeds else None
        rows = [row for row in rows if wanted in (None, row.document["studentUniqueId"])]
        if not (self.cursors and "pageSize" in query):
            self.part(exchange, [row.document for row in rows], query)
            return
        size = int(query["pageSize"])
        if size > self.most:
            self.json(exchange, 400, {"detail": "pageSize"})
            return
        begin = int(query.get("pageToken", "0"))
        begin = min(begin, 1) if self.stuck else begin
        there = sorted(rows, key=lambda row: row.number)
        page = [row for row in there if row.number >= begin][:size]
        headers = self.counted(len(rows), query)
        if page:
            headers["next_page_token"] = str(page[-1].number + 1)
        self.json(exchange, 200, [row.document for row in page], **headers)

    def part(self, exchange: Exchange, all: Sequence[Any], query: dict[str, str]) -> None:
        """A page by offset and limit."""
        limit = int(query.get("limit", "25"))
        offset = int(query.get("offset", "0")) if self.offsets else 0
        if limit > self.most and not self.clamps:
            self.json(exchange, 400, {"detail": "limit"})
            return
        page = all[offset : offset + min(limit, self.most)]
        self.json(exchange, 200, page, **self.counted(len(all), query))

    def counted(self, true: int, query: dict[str, str]) -> dict[str, str]:
        said = self.totals(true) if query.get("totalCount") == "true" else None
        return {} if said is None else {"total_count": str(said)}


def within(entry: dict[str, Any], query: dict[str, str]) -> bool:
    """Whether a change belongs to the window that is asked for."""
    least = int(query.get("minChangeVersion", "0"))
    version: int = entry["changeVersion"]
    return least <= version <= int(query.get("maxChangeVersion", "999999"))


@dataclass
class Told:
    """What came of a reading."""

    batches: list[Batch] = field(default_factory=list)
    ahead: int = 0
    """How many requests were announced before the batch that they came after."""

    @property
    def state(self) -> State:
        """Of the last batch."""
        return self.batches[-1].state

    @property
    def keys(self) -> list[str]:
        """Those of the items, without what came before a restart."""
        return [one.key for batch in self.valid for one in batch.items]

    @property
    def valid(self) -> list[Batch]:
        """The batches since the last restart."""
        again = [place for place, one in enumerate(self.batches) if one.restarts]
        return self.batches[again[-1] if again else 0 :]

    @property
    def doubts(self) -> list[str]:
        """The codes of those that stand."""
        return [doubt.code for batch in self.valid for doubt in batch.doubts]

    @property
    def notes(self) -> list[str]:
        """The codes of all."""
        return [note.code for batch in self.batches for note in batch.notes]


class Reader(Protocol):
    """Whoever can read: a service object and the transport that answers it."""

    service: Service
    transport: HttpTransport


def told_by(
    client: Reader,
    steps: Batches,
    most: int | None = None,
    before: Callable[[], object] = lambda: None,
) -> Told:
    """What the steps tell, up to ``most`` batches; what is announced must be what is asked next.

    ``before`` is called before every request.
    """
    told = Told()
    announced: Request | None = None
    answer: Any = None
    error: SyncError | None = None
    while most is None or len(told.batches) < most:
        try:
            step = steps.throw(error) if error else steps.send(answer)
        except StopIteration:
            return told
        answer = error = None
        if isinstance(step, Ahead):
            assert announced is None
            announced = step.request
        elif isinstance(step, Batch):
            told.batches.append(step)
        else:
            if announced is not None:
                assert step is announced
                told.ahead += 1
                announced = None
            before()
            try:
                answer = client.transport.send(step, client.service.io.cancel)
            except SyncError as failure:
                error = failure
    steps.close()
    return told


def reading(
    client: Reader,
    window: Window = WHOLE,
    since: State | None = None,
    *,
    size: int = 4,
    most: int | None = None,
    resource: Resource = STUDENTS,
) -> Told:
    """What is told of the students."""
    steps = batches(client.service, resource, window, json.loads(json.dumps(since)), size=size)
    return told_by(client, steps, most)
