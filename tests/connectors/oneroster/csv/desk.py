"""Reads a folder through the connector and the real transport, as the engine would."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

from app.connectors.conformance import Pulled, run
from app.connectors.contract import Finding, Io, Page, Problem, Request, Response, Row, State
from app.connectors.files import FileTransport
from app.connectors.oneroster.csv import KIND, Settings
from app.errors import SyncError


class Shelf:
    """A shelf that lasts as long as the test."""

    def __init__(self) -> None:
        self.parts: dict[tuple[str, str], bytes] = {}

    def put(self, part: str, key: str, body: bytes) -> None:
        self.parts[part, key] = body

    def take(self, part: str, keys: Any) -> dict[str, bytes]:
        return {key: self.parts[part, key] for key in keys if (part, key) in self.parts}

    def drop(self, part: str, keys: Any) -> None:
        for key in keys:
            self.parts.pop((part, key), None)

    def after(self, part: str, key: str, count: int) -> list[tuple[str, bytes]]:
        found = [(at, body) for (of, at), body in self.parts.items() if of == part and at > key]
        return sorted(found)[:count]


class Disk(FileTransport):
    """Tells what is asked of it beforehand."""

    def __init__(self, before: Callable[[str], None]) -> None:
        super().__init__()
        self._before = before

    def send(self, request: Request, cancel: Event) -> Response:
        self._before(request.url)
        return super().send(request, cancel)


@dataclass
class Desk:
    """A connector to a folder, opened anew for every pull, with what lasts between them."""

    path: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    page_size: int = 25
    shelves: dict[str, Shelf] = field(default_factory=dict)
    learnt: State = field(default_factory=dict)

    def open(self) -> Any:
        """A connector."""
        salt = b"0123456789abcdef"
        io = Io(lambda: datetime.now(UTC), Random(0), Event(), salt, self.page_size, self.learnt)
        return KIND.open(Settings(path=str(self.path), **self.settings), {}, io)

    def pull(
        self,
        entity: str,
        since: State | None = None,
        *,
        before: Callable[[str], None] = lambda url: None,
    ) -> Pulled:
        """All that a pull yields; its error is kept. ``before`` hears what is about to be asked."""
        pulled = Pulled()
        shelf = self.shelves.setdefault(entity, Shelf())
        connector = self.open()
        with closing(Disk(before)) as transport:
            try:
                run(connector.pull(entity, since, shelf), transport, pulled.take)
            except SyncError as error:
                pulled.error = error
        self.learnt = connector.learnt()
        return pulled

    def values(self, entity: str, since: State | None = None) -> dict[str, dict[str, Any]]:
        """What the rows of a pull say, by key and field."""
        pulled = self.pull(entity, since)
        assert pulled.error is None
        names = pulled.pages[-1].fields
        return {
            key: dict(zip(names, row.patch, strict=True))
            for key, row in pulled.rows.items()
            if isinstance(row, Row)
        }

    def problems(self) -> list[Problem]:
        """All that is wrong."""
        found: list[Problem] = []
        steps = self.open().examine()
        with closing(FileTransport()) as transport:
            answer = None
            try:
                while True:
                    told = steps.send(answer)
                    answer = None
                    if isinstance(told, Problem):
                        found.append(told)
                    else:
                        answer = transport.send(told, Event())
            except StopIteration:
                return found

    def check(self) -> list[Finding]:
        """What *Test connection* finds."""
        with closing(FileTransport()) as transport:
            found: list[Finding] = run(self.open().check(), transport)
            return found

    def stamp(self) -> str:
        """What the place looks like."""
        with closing(FileTransport()) as transport:
            found: str = run(self.open().stamp(), transport)
            return found


def doubts(pulled: Pulled) -> list[str]:
    """The codes of all doubts of a pull."""
    return [doubt.code for page in pulled.pages for doubt in page.doubts]


def last(pulled: Pulled) -> Page:
    """The last page of a pull that came to its end."""
    assert pulled.error is None
    assert pulled.pages[-1].last
    return pulled.pages[-1]
