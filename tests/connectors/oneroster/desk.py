"""A connector that writes the gradebook of a practice service, and somebody else at that SIS."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from random import Random
from threading import Event
from typing import Any

from app.connectors.conformance import Bench, run, run_pull
from app.connectors.contract import Change, Connector, Io, PushResult, Row
from app.connectors.http import HttpTransport, Limits
from app.connectors.oneroster import KIND, Settings
from app.connectors.oneroster.vocabulary import STREAMS
from app.roster.values import Plain
from tests.practice.client import GRADEBOOK, Client, speaking

_numbers = count(1)


class Desk:
    """Pushes changes, and reads what the SIS holds without asking the connector."""

    def __init__(self, ready: dict[str, Any], client: Client, **settings: str) -> None:
        self.client = client
        self.transport = HttpTransport(Limits(attempts=1), wait=lambda cancel, seconds: None)
        given = {name: ready[name] for name in ("base_url", "token_url", "client_id")}
        switched = {"demographics": "read", "gradebook": "write", "assessments": "write"}
        self._settings = Settings(**{**given, **switched, **settings})
        self._secrets = {"client_secret": ready["client_secret"]}
        self.connector = self.opened()

    def opened(self) -> Connector:
        """A connector that remembers nothing yet."""
        io = Io(lambda: datetime.now(UTC), Random(0), Event(), b"0123456789abcdef", 100)
        return KIND.open(self._settings, self._secrets, io)

    def push(self, change: Change) -> PushResult:
        """One change, written."""
        result: PushResult = run(self.connector.push(change, Bench()), self.transport)
        return result

    def confirm(self, change: Change) -> PushResult:
        """One change, looked for."""
        result: PushResult = run(self.connector.confirm(change, Bench()), self.transport)
        return result

    def rows(self, entity: str) -> list[Row]:
        """All rows of a stream."""
        pulled = run_pull(self.connector, entity, None, self.transport)
        assert pulled.error is None
        return [row for row in pulled.rows.values() if isinstance(row, Row)]

    def draft(self, entity: str, **patch: Plain) -> Change:
        """The creation of a record like one that is there, under a key of its own."""
        template = self.values(entity, self.rows(entity)[0])
        told = {name: value for name, value in template.items() if value is not None}
        return Change(entity, "create", f"ours {next(_numbers)}", told | patch)

    def values(self, entity: str, row: Row | None) -> dict[str, Plain]:
        """The values of a row by field."""
        assert row is not None
        return dict(zip(STREAMS[entity].entity.field_names, row.patch, strict=True))

    def document(self, entity: str, key: str) -> dict[str, Any] | None:
        """The record as the SIS holds it; ``None`` where it does not."""
        stream = STREAMS[entity]
        answer = self.client.grade(f"{stream.collection}/{key}")
        found: dict[str, Any] | None = answer.json().get(stream.singular)
        return found

    def overwrite(self, entity: str, key: str, **members: Any) -> None:
        """Somebody else changes the record at the SIS."""
        stream = STREAMS[entity]
        told = {**(self.document(entity, key) or {}), **members}
        path = f"{GRADEBOOK}/{stream.collection}/{key}"
        answer = self.client.call("PUT", path, json={stream.singular: told})
        assert answer.status_code == 201, answer.text

    def remove(self, entity: str, key: str) -> None:
        """Somebody else deletes the record at the SIS."""
        path = f"{GRADEBOOK}/{STREAMS[entity].collection}/{key}"
        assert self.client.call("DELETE", path).status_code == 204

    def break_off(self, collection: str) -> None:
        """The answer to the next write is lost."""
        told = {"name": "lost-answer", "collection": collection, "times": 1}
        assert self.client.control("POST", "faults", json=told).status_code == 200


@contextlib.contextmanager
def working(ready: dict[str, Any], **settings: str) -> Iterator[Desk]:
    """A desk whose connections are closed at the end."""
    with speaking(ready) as client:
        made = Desk(ready, client, **settings)
        try:
            yield made
        finally:
            made.transport.close()
