"""An Ed-Fi service in a few lines that can be as odd as real ones are; the rest is the practice's.

It knows the way in and how lists are counted and refused, and nothing of what is in them.
"""

import base64
import contextlib
import json
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.connectors.conformance import run
from app.connectors.contract import Io
from app.connectors.edfi.service import Service
from app.connectors.edfi.settings import Settings
from app.connectors.http import HttpTransport, Limits
from tests.connectors.http_server import Exchange, Server

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
DATA = "/v7.3/api/data/v3"
Answer = tuple[int, Any]


class SmallService(Server):
    """What it says can be changed by the test, before it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.key, self.secret = "key-1", secrets.token_urlsafe(12)
        self.base = "/v7.3/api"
        self.version: dict[str, Any] = {
            "version": "7.3",
            "dataModels": [{"name": "Ed-Fi", "version": "5.2.0"}],
        }
        self.urls: dict[str, str] = {
            "oauth": f"{self.url}{self.base}/oauth/token",
            "dataManagementApi": f"{self.url}{DATA}/",
            "changeQueries": f"{self.url}{self.base}/changeQueries/v1/",
        }
        self.info: Answer = (
            200,
            {
                "active": True,
                "namespace_prefixes": ["uri://grand-bend.example"],
                "education_organizations": [
                    {
                        "education_organization_id": 255901,
                        "name_of_institution": "Grand Bend ISD",
                        "type": "edfi.LocalEducationAgency",
                        "local_education_agency_id": 255901,
                        "education_service_center_id": 255950,
                    },
                    {
                        "education_organization_id": 255901001,
                        "name_of_institution": "Grand Bend High School",
                        "type": "edfi.School",
                        "local_education_agency_id": 255901,
                        "school_id": 255901001,
                    },
                ],
                "claim_set": {"name": "SIS Vendor"},
                "assigned_profiles": [],
            },
        )
        self.granting: Callable[[dict[str, str], str], Answer] = self.grant
        self.counts: dict[str, int] = {}
        self.closed: dict[str, Answer] = {}
        """What is answered in place of a list, by the path below the resources."""
        self.cursors = True
        self.versions: Answer = (200, {"oldestChangeVersion": 0, "newestChangeVersion": 4711})
        self.snapshot = False
        self.valid: set[str] = set()
        self.life: Any = 3600
        self.routes["*"] = self.handle_request_for

    # -- the way in --

    def grant(self, form: dict[str, str], basic: str) -> Answer:
        """A token, for credentials in the header or in the body, and not in both."""
        header, body = basic == f"{self.key}:{self.secret}", "client_secret" in form
        if body and basic:
            return 400, {"error": "invalid_request"}
        if not (header or (form.get("client_id"), form.get("client_secret")) == self.pair):
            return 401, {"error": "invalid_client"}
        return 200, self.new_token()

    @property
    def pair(self) -> tuple[str, str]:
        """The key and the secret."""
        return self.key, self.secret

    def new_token(self, **more: Any) -> dict[str, Any]:
        """The answer that gives another token."""
        value = secrets.token_hex(16)
        self.valid.add(value)
        return {"access_token": value, "expires_in": self.life, "token_type": "bearer", **more}

    # -- what it answers --

    def handle_request_for(self, exchange: Exchange) -> None:
        parts = urlsplit(exchange.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.rstrip("/") == self.base:
            self.json(exchange, 200, {**self.version, "urls": self.urls})
        elif parts.path.endswith("/oauth/token"):
            form = {name: each[0] for name, each in parse_qs(exchange.sent.decode()).items()}
            basic = exchange.headers.get("Authorization", "").removeprefix("Basic ")
            self.json(exchange, *self.granting(form, base64.b64decode(basic).decode()))
        elif exchange.headers.get("Authorization", "").removeprefix("Bearer ") not in self.valid:
            self.json(exchange, 401, {"message": "Invalid token"})
        elif parts.path.endswith("/oauth/token_info"):
            self.json(exchange, *self.info)
        elif parts.path.endswith("/availableChangeVersions"):
            asked = exchange.headers.get("Use-Snapshot") == "true"
            self.json(exchange, *((404, {}) if asked and not self.snapshot else self.versions))
        elif parts.path.startswith(DATA + "/"):
            self.answer_list(exchange, parts.path.removeprefix(DATA + "/"), query)
        else:
            self.json(exchange, 404, {"message": "nothing here"})

    def answer_list(self, exchange: Exchange, path: str, query: dict[str, str]) -> None:
        if path in self.closed:
            self.json(exchange, *self.closed[path])
            return
        total = self.counts.get(path.removeprefix("ed-fi/"), 0)
        headers = {"total_count": str(total)} if query.get("totalCount") == "true" else {}
        if "pageSize" in query and self.cursors and total:
            headers["next_page_token"] = "next"
        size = min(total, int(query.get("pageSize") or query.get("limit") or 25))
        rows = [{"id": str(number)} for number in range(size)]
        self.json(exchange, 200, rows, **headers)

    def json(self, exchange: Exchange, status: int, said: Any, **headers: str) -> None:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        exchange.answer(status, body, **headers)

    # -- what was asked --

    def paths(self, method: str = "GET") -> list[str]:
        """The paths of the requests so far, without queries."""
        return [path.split("?")[0] for how, path, _, _ in self.seen if how == method]


class Client:
    """A service object and the transport that answers it."""

    def __init__(self, service: SmallService, clock: Callable[[], datetime], **settings: Any):
        told = {"base_url": f"{service.url}{service.base}", "key": service.key, **settings}
        io = Io(clock=clock, random=Random(1), cancel=Event(), salt=b"s" * 16)
        self.pauses: list[float] = []
        self.transport = HttpTransport(
            Limits(connect=5, silence=5, attempts=2), clock=clock, wait=self._wait
        )
        secret = told.pop("secret", service.secret)
        self.service = Service(Settings(**told), {"secret": secret}, io)

    def _wait(self, cancel: Event, seconds: float) -> None:
        self.pauses.append(seconds)

    def __call__(self, asking: Any) -> Any:
        """What ``asking`` returns when all it asked has been answered."""
        return run(asking, self.transport)


@contextlib.contextmanager
def client_of(
    service: SmallService, *, clock: Callable[[], datetime] = lambda: NOW, **settings: Any
) -> Iterator[Client]:
    """A client of the service, closed at the end."""
    client = Client(service, clock, **settings)
    try:
        yield client
    finally:
        client.transport.close()
