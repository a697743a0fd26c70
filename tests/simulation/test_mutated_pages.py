"""Pages of a real service, broken in every way: no traceback, no hang, nobody ended, nothing lost.

The pages are those of a practice service. A whole engine syncs from them, while answers are broken
(``mutations``), have other headers or another status, are those of another question, or come late;
then it syncs undisturbed. There are no safety limits: they would hide what got past all else.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from random import Random
from threading import Event
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from app.connectors.contract import Request, Response
from app.connectors.oneroster import KIND
from app.connectors.oneroster.vocabulary import STREAMS
from app.errors import RateLimited, TransientError
from app.store.journal import Standing
from tests.practice.client import serving, speaking
from tests.simulation.keeping import ENDS, Keeping, Roster, keeping
from tests.simulation.mutations import bytes_broken, document_broken

MUTATIONS = int(os.environ.get("MUTATIONS", "100"))
"""How many answers and files are broken, half of them answers; `make mutations` breaks 10,000."""
FIRST = int(os.environ.get("MUTATION_FIRST", "0"))
AT_ONCE = 10
"""Broken syncs of one roster, so that what one left behind meets the next."""
PAGE = 25
ENOUGH = 40
"""So many times the requests of an ordinary sync are no hang; more are one."""
STATUSES = (201, 204, 206, 304, 400, 401, 403, 404, 405, 409, 410, 422, 429, 500, 503)
ODD_HEADERS = (
    *("", "0", "1", "-1", "24", "25", "26", "1e9", "\uff19", "9" * 5000, "yes", "é\x85"),
    *('<x>; rel="next"', "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 31 Feb 2026 00:00:00 GMT"),
)
SERVICES = {
    f"/ims/oneroster/{service}/v1p2": [s for s in STREAMS.values() if s.service == service]
    for service in ("rostering", "gradebook")
}
SINGULAR = {stream.collection: stream.singular for stream in STREAMS.values()}
NAMES = {stream.collection: stream.name for stream in STREAMS.values()}


@dataclass
class Service:
    """Answers as the practice service did, from the rows that it had; and breaks some answers."""

    rows: dict[str, dict[str, Any]]
    clock: Callable[[], datetime] = datetime.now
    chance: Random = field(default_factory=Random)
    breaks: int = 0
    """So many answers are still to be broken."""
    share: float = 0.0
    """How likely each is."""
    hidden: set[tuple[str, str]] = field(default_factory=set)
    """Rows that no list has, though they can be read by their key."""
    counts: bool = True
    """It says how many rows there are."""
    asked: int = 0
    told: list[str] = field(default_factory=list)
    """What was broken, and how."""
    ended: set[tuple[str, str]] = field(default_factory=set)
    """What answers have said to be gone."""
    earlier: list[Response] = field(default_factory=list)

    def send(self, request: Request, cancel: Event) -> Response:
        """An answer, as ``HttpTransport`` hands it on."""
        self.asked += 1
        answer = self.plain(request)
        # What is read by its key decides about what no list has.
        by_key = bool(self.hidden) and "?" not in request.url and request.method == "GET"
        if self.breaks and self.chance.random() < (0.6 if by_key else self.share):
            self.breaks -= 1
            answer = self.broken(answer, by_key=by_key)
        self.earlier = [*self.earlier[-20:], answer]
        self.note(request, answer)
        if answer.status == 429:
            raise RateLimited("rate_limited", host="sis", retry_after=55.0)
        if answer.status >= 500:
            raise TransientError("server_error", host="sis", status=answer.status)
        return answer

    def close(self) -> None:
        """Nothing to close."""

    # -- as it should be --

    def plain(self, request: Request) -> Response:
        """The answer of the practice service."""
        url = urlsplit(request.url)
        if url.path == "/token":
            told = {"access_token": "t", "token_type": "Bearer", "expires_in": 3600}
            told["scope"] = parse_qs((request.body or b"").decode())["scope"][0]
            return self.answer(request, told)
        collection, _, key = url.path.rpartition("/v1p2/")[2].partition("/")
        rows = self.rows.get(collection)
        if rows is None:
            return self.answer(request, {}, 404)
        if key:
            row = rows.get(unquote(key))
            found = {SINGULAR[collection]: row} if row is not None else {}
            return self.answer(request, found, 200 if found else 404)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        chosen = [row for name, row in rows.items() if (collection, name) not in self.hidden]
        if "filter" in query:
            since = query["filter"].split("'")[1]
            chosen = [row for row in chosen if row["dateLastModified"] >= since]
        at, limit = int(query["offset"]), int(query["limit"])
        page = chosen[at : at + limit]
        counted = {"x-total-count": str(len(chosen))} if self.counts else {}
        return self.answer(request, {collection: page}, headers=counted)

    def answer(
        self, request: Request, told: Any, status: int = 200, headers: Mapping[str, str] = {}
    ) -> Response:
        """An answer of a service that knows what time it is."""
        date = format_datetime(self.clock(), usegmt=True)
        said = {"content-type": "application/json", "date": date, **headers}
        return Response(status, said, json.dumps(told).encode(), request.url)

    # -- as it should not be --

    def broken(self, answer: Response, *, by_key: bool) -> Response:
        """The answer, and something wrong with it."""
        ways = {"bytes": 4, "document": 8, "headers": 2, "status": 2, "another": 1, "page": 1}
        ways["status"] = 16 if by_key else 2
        how = self.chance.choices([*ways], [*ways.values()])[0]
        status, headers, body = answer.status, dict(answer.headers), answer.body
        if how == "bytes":
            body = bytes_broken(self.chance, body)
        elif how == "document":
            for _ in range(self.chance.choice([1, 1, 1, 2, 5])):
                body = document_broken(self.chance, body)
        elif how == "headers":
            name = self.chance.choice(
                ["x-total-count", "x-total-count", "x-count", "date", "link", "x-list-revision"]
            )
            headers[name] = self.chance.choice(ODD_HEADERS)
            if self.chance.random() < 0.3:
                del headers[name]
        elif how == "status":
            status = self.chance.choice(STATUSES)
            body = self.chance.choice([body, b"", b"<html>busy</html>", b"{}"])
        elif how == "another" and self.earlier:
            before = self.chance.choice(self.earlier)
            status, headers, body = before.status, dict(before.headers), before.body
        else:
            body = b"<!doctype html><html><body>Sign in</body></html>"
        self.told.append(f"{how} of {urlsplit(answer.url).path}")
        return Response(status, headers, body, answer.url)

    def note(self, request: Request, answer: Response) -> None:
        """Remembers whom an answer said to be gone."""
        path = urlsplit(request.url).path.rpartition("/v1p2/")[2]
        collection, _, key = path.partition("/")
        if key and answer.status in (404, 410):
            self.ended.add((NAMES[collection], unquote(key)))
        for row in _tombstones(answer.body):
            self.ended.add((NAMES.get(collection, ""), row))


def _tombstones(body: bytes) -> set[str]:
    """The keys of whatever an answer marks as deleted, found without the program's own reading."""
    found: set[str] = set()

    def objects(value: dict[str, Any]) -> dict[str, Any]:
        status, key = value.get("status"), value.get("sourcedId")
        if isinstance(status, str) and status.strip().lower() == "tobedeleted":
            found.add(str(key).strip())
        return value

    if b"deleted" in body.lower():
        # A broken page is read row by row, so that one good row of it may still be a tombstone.
        for piece in (body, *(b"{" + part for part in body.split(b"{"))):
            try:
                json.JSONDecoder(object_hook=objects).raw_decode(piece.decode("utf-8", "replace"))
            except (ValueError, RecursionError):
                continue
    return found


@pytest.fixture(scope="module")
def recorded() -> dict[str, dict[str, Any]]:
    """The rows of a practice district as its service sends them, by collection and key."""
    with serving(students=20) as ready, speaking(ready) as client:
        pages = {}
        for path, streams in SERVICES.items():
            for stream in streams:
                answer = client.call("GET", f"{path}/{stream.collection}?limit=1000")
                rows = answer.json()[stream.collection]
                pages[stream.collection] = {
                    row["sourcedId"]: row for row in sorted(rows, key=lambda r: str(r["sourcedId"]))
                }
        return pages


@pytest.mark.parametrize("seed", range(FIRST, FIRST + max(1, MUTATIONS // (2 * AT_ONCE))))
def test_broken_pages(recorded: dict[str, dict[str, Any]], data_dir: Path, seed: int) -> None:
    """Each sync ends, told; nobody ends of whom no answer said so; the next good one mends all."""
    service = Service(recorded, chance=Random(seed), counts=bool(seed % 3))

    def transport(clock: Callable[[], datetime]) -> Service:
        service.clock = clock
        return service

    switches = dict.fromkeys(("demographics", "gradebook", "assessments"), "read")
    settings = {"base_url": "https://sis.example", "client_id": "c", "version": "1.2", **switches}
    with keeping(data_dir, KIND, settings, {"client_secret": "s"}, transport, PAGE) as kept:
        assert kept.sync(full=True).state == "completed"
        usual, good = service.asked, kept.roster()
        assert Counter(entity for entity, _ in good) == {
            NAMES[collection]: len(rows) for collection, rows in recorded.items() if rows
        }
        for _ in range(AT_ONCE):
            _one(kept, service, good, usual, f"MUTATION_FIRST={seed}")


def _one(kept: Keeping, service: Service, good: Roster, usual: int, seed: str) -> None:
    """One broken sync, and one or two after it that are not."""
    service.breaks = service.chance.choice([1, 1, 1, 2, 4, 50])
    service.share = service.chance.choice([1.0, 0.2, 0.05, 1.5 / usual])
    service.hidden = _some(service) if service.chance.random() < 0.5 else set()
    if service.hidden and service.chance.random() < 0.6:
        service.breaks, service.share = 50, 0.0
    service.asked = 0
    service.told.clear()
    service.ended.clear()
    before = kept.ended()
    run = kept.sync(full=service.chance.random() < 0.8)
    told = (seed, service.told, len(service.hidden), run.state, run.error_code, run.error_detail)
    assert run.state in ENDS, told
    assert run.error_code != "unexpected", told
    assert service.asked < ENOUGH * usual, told
    assert kept.ended() - before <= service.ended, told
    service.breaks = 0
    service.hidden = set()
    kept.sync(full=True)
    if kept.roster() != good or kept.standing != Standing(0, 0, 0):
        # Where a school or a role was made up, its end has to be said twice (C5).
        assert kept.sync(full=True).state == "completed", told
    now = kept.roster()
    assert now == good, (told, now.keys() ^ good.keys())
    assert kept.standing == Standing(0, 0, 0), told


def _some(service: Service) -> set[tuple[str, str]]:
    """Some rows of one collection."""
    collection = service.chance.choice([name for name, rows in service.rows.items() if rows])
    keys = list(service.rows[collection])
    count = service.chance.choice([1, 1, 3, len(keys) // 2, len(keys)])
    return {(collection, key) for key in service.chance.sample(keys, min(count, len(keys)))}
