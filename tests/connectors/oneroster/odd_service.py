"""A OneRoster 1.2 service in a few lines that can be as odd as real ones are (ONEROSTER 1–14)."""

import base64
import contextlib
import json
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random
from threading import Event
from typing import Any, cast
from urllib.parse import parse_qs, unquote, unquote_plus, urlsplit

import pytest

from app.connectors.conformance import Bench, Pulled, run, run_pull
from app.connectors.contract import Connector, Io, Learning, Page, Rolled, Shelf, State
from app.connectors.http import HttpTransport, Limits
from app.connectors.oneroster import KIND, Settings
from app.connectors.oneroster.vocabulary import STREAMS
from app.errors import SyncError
from tests.connectors.http_server import Exchange, Server, serving

BASE = "/ims/oneroster/rostering/v1p2"
BOOKS = "/ims/oneroster/gradebook/v1p2"
_ROLL = re.compile(f"{BASE}/schools/[^/]+/classes/([^/]+)/enrollments")
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def enrollment(number: int, **more: Any) -> dict[str, Any]:
    """An ordinary row; a value of ``None`` in ``more`` stands as null."""
    return {
        "sourcedId": f"e{number:04}",
        "status": "active",
        "dateLastModified": "2026-08-20T08:00:00.000Z",
        "user": {"href": f"https://inner/users/u{number}", "sourcedId": f"u{number}"},
        "class": {"href": "~/classes/c1", "sourcedId": "c1"},
        "school": {"href": "https://localhost/orgs/s1", "sourcedId": "s1"},
        "role": "student",
        "primary": "false",
        "beginDate": "2026-08-17",
        "endDate": "2027-06-04",
        **more,
    }


class OddService(Server):
    """Holds rows by collection; what it does with a request can be changed by the test."""

    def __init__(self) -> None:
        super().__init__()
        self.secret = secrets.token_urlsafe(12)
        self.client_id = "client:1"
        self.rows: dict[str, list[dict[str, Any]]] = {s.collection: [] for s in STREAMS.values()}
        self.total: Callable[[int, int], dict[str, str]] = lambda total, sent: {
            "X-Total-Count": str(total)
        }
        self.largest = 10_000
        self.sorts = True
        self.filters = True
        self.rolls: Callable[[Exchange], bool] = lambda exchange: True
        """Whether the roll of a class has a path; what answers otherwise returns False."""
        self.refuses: dict[str, int] = {}
        """The status that answers a query with that parameter in it."""
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.before: Callable[[int], None] = lambda number: None
        """Called with the number of a collection read before it is answered."""
        self.instead: dict[int, Callable[[Exchange], None]] = {}
        """Answers the collection read of that number."""
        self.tokens: list[str] = []
        self.valid: set[str] = set()
        self.admits: Callable[[Exchange], bool] = self.has_token
        self.granting: Callable[[dict[str, str], bool], tuple[int, Any]] = self.grant
        self.routes["*"] = self.respond
        self.routes["/token"] = self.token

    # -- tokens --

    def token(self, exchange: Exchange) -> None:
        form = {k: v[0] for k, v in parse_qs(exchange.sent.decode()).items()}
        header = exchange.headers.get("authorization", "")
        pair = base64.b64decode(header.removeprefix("Basic ")).decode() if header else ""
        given = [unquote_plus(part) for part in pair.split(":")]
        basic = given == [self.client_id, self.secret]
        status, body = self.granting(form, basic)
        exchange.answer(status, json.dumps(body).encode(), content_type="application/json")

    def grant(self, form: dict[str, str], basic: bool) -> tuple[int, Any]:
        """An ordinary token."""
        if not basic:
            return 401, {"error": "invalid_client"}
        return 200, self.new_token(scope=form["scope"])

    def new_token(self, **more: Any) -> dict[str, Any]:
        value = secrets.token_urlsafe(16)
        self.tokens.append(value)
        self.valid.add(value)
        return {"access_token": value, "token_type": "Bearer", "expires_in": 3600, **more}

    def has_token(self, exchange: Exchange) -> bool:
        """Whether a request shows a token that was given and is still good."""
        return exchange.headers.get("authorization", "").removeprefix("Bearer ") in self.valid

    # -- collections --

    def respond(self, exchange: Exchange) -> None:
        url = urlsplit(exchange.path)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        if not self.admits(exchange):
            exchange.answer(401, b"{}")
            return
        base = BOOKS if url.path.startswith(BOOKS) else BASE
        collection, _, key = url.path.removeprefix(f"{base}/").partition("/")
        here = [s.collection for s in STREAMS.values() if f"/{s.service}/" in base]
        if (roll := _ROLL.fullmatch(url.path)) and "enrollments" in self.rows:
            self.roll(exchange, unquote(roll[1]), query)
        elif not url.path.startswith(base) or collection not in {*here} & self.rows.keys():
            exchange.answer(404, b"{}")
        elif key:
            self.single(exchange, collection, unquote(key))
        else:
            self.collection(exchange, collection, query)

    def roll(self, exchange: Exchange, class_: str, query: dict[str, str]) -> None:
        """The enrollments of one class, below its school."""
        if not self.rolls(exchange):
            return
        every = self.rows["enrollments"]
        self.rows["enrollments"] = [row for row in every if row["class"]["sourcedId"] == class_]
        try:
            self.collection(exchange, "enrollments", query)
        finally:
            self.rows["enrollments"] = every

    def single(self, exchange: Exchange, collection: str, key: str) -> None:
        [singular] = [s.singular for s in STREAMS.values() if s.collection == collection]
        found = [row for row in self.rows[collection] if row.get("sourcedId") == key]
        if found:
            exchange.answer(200, json.dumps({singular: found[0]}).encode())
        else:
            exchange.answer(404, b"{}")

    def collection(self, exchange: Exchange, collection: str, query: dict[str, str]) -> None:
        self.asked.append((collection, query))
        self.before(len(self.asked))
        if instead := self.instead.get(len(self.asked)):
            instead(exchange)
            return
        for name, status in self.refuses.items():
            if name in query:
                exchange.answer(status, b"<html>no</html>")
                return
        rows = list(self.rows[collection])
        if self.sorts and "sort" in query:
            rows.sort(key=lambda row: str(row.get("sourcedId")))
        if self.filters and "filter" in query:
            field, line, _ = query["filter"].split("'")
            if field == "class.sourcedId=":
                rows = [row for row in rows if row["class"]["sourcedId"] == line]
            else:
                rows = [row for row in rows if row["dateLastModified"] >= line]
        offset, limit = int(query["offset"]), min(int(query["limit"]), self.largest)
        page = rows[offset : offset + limit]
        headers = self.total(len(rows), len(page))
        exchange.answer(200, json.dumps({collection: page}).encode(), **headers)


class Visit:
    """A connector to an odd service, and a transport to drive it with."""

    def __init__(self, service: OddService, page_size: int = 10, **settings: Any) -> None:
        self.service = service
        self.now = NOW
        self.transport = HttpTransport(Limits(attempts=1), wait=lambda cancel, seconds: None)
        self._page_size = page_size
        self._settings: dict[str, Any] = {
            "base_url": service.url,
            "token_url": f"{service.url}/token",
            "client_id": service.client_id,
            "version": "1.2",
            "demographics": "read",
            **settings,
        }
        self.connector = self.opened()

    def opened(self, learnt: State | None = None) -> Connector:
        """A connector that remembers nothing yet, or what another has learnt."""
        salt = b"0123456789abcdef"
        io = Io(lambda: self.now, Random(0), Event(), salt, self._page_size, learnt or {})
        return KIND.open(Settings(**self._settings), {"client_secret": self.service.secret}, io)

    def learnt(self) -> State:
        """What the connector has learnt, as it is kept."""
        assert isinstance(self.connector, Learning)
        state: State = json.loads(json.dumps(self.connector.learnt()))
        return state

    def pull(self, since: State | None = None, entity: str = "enrollments") -> Pulled:
        """One pull, driven to its end or its error."""
        return run_pull(self.connector, entity, since, self.transport)

    def roll(self, class_key: str) -> Pulled:
        """The roll of a class, driven to its end or its error."""
        assert isinstance(self.connector, Rolled)
        told = Pulled()
        try:
            # No roll of a service that is read over REST needs a shelf.
            run(self.connector.roll(class_key, cast("Shelf", None)), self.transport, told.take)
        except SyncError as error:
            told.error = error
        return told

    def check(self) -> dict[str, Any]:
        """The findings by their codes; of several with one code the last."""
        findings = run(self.connector.check(), self.transport)
        return {finding.code: finding for finding in findings}

    def fetch(self, key: str, entity: str = "enrollments") -> Any:
        """One record by its key."""
        return run(self.connector.fetch(entity, key, Bench()), self.transport)


@contextlib.contextmanager
def visiting(service: OddService, page_size: int = 10, **settings: Any) -> Iterator[Visit]:
    """A visit whose connections are closed at the end."""
    visit = Visit(service, page_size, **settings)
    try:
        yield visit
    finally:
        visit.transport.close()


def doubts(pulled: Pulled) -> list[str]:
    """The codes of all doubts, in the order in which they came."""
    return [doubt.code for page in pulled.pages for doubt in page.doubts]


def received(pages: list[Page]) -> list[int]:
    """Rows received, page by page."""
    return [page.received for page in pages]


@pytest.fixture
def service() -> Iterator[OddService]:
    """A service with 45 enrollments."""
    with serving(OddService()) as running:
        assert isinstance(running, OddService)
        running.rows["enrollments"] = [enrollment(number) for number in range(45)]
        yield running


@pytest.fixture
def visit(service: OddService) -> Iterator[Visit]:
    """A visit with pages of ten."""
    with visiting(service) as made:
        yield made
