"""Drives a connector against a service, page by page, and keeps what it told."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import SystemRandom
from threading import Event
from typing import Any

from app.connectors.contract import (
    Ahead,
    Connector,
    Io,
    Kind,
    Page,
    Prepared,
    Request,
    Response,
    Row,
    State,
    Transport,
    Unreadable,
)
from app.errors import SyncError


class NotConforming(AssertionError):
    """The connector breaks the contract; the text says how."""


@dataclass(frozen=True)
class Subject:
    """What is examined, and where."""

    kind: Kind
    settings: Any
    secrets: Mapping[str, str] = field(repr=False)
    bad: Sequence[tuple[Any, Mapping[str, str]]] = field(repr=False)
    """Settings and secrets that the service must not accept."""
    transports: Callable[[], Transport]
    page_size: int = 25
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def open(self, settings: Any = None, secrets: Mapping[str, str] | None = None) -> Connector:
        """A connector of the kind, by default with the settings that work."""
        # No seed: a service that is asked again takes no signature for a second time.
        io = Io(self.clock, SystemRandom(), Event(), b"conformance-salt", self.page_size)
        connector = self.kind.open(
            self.settings if settings is None else settings,
            self.secrets if secrets is None else secrets,
            io,
        )
        if isinstance(connector, Prepared):
            with closing(self.transports()) as transport, suppress(SyncError):
                run(connector.prepare(), transport)
        return connector


@dataclass
class Pulled:
    """What a pull yielded, with every row read, and the error it ended in, if any."""

    pages: list[Page] = field(default_factory=list)
    rows: dict[str, Row | Unreadable] = field(default_factory=dict)
    tombstones: set[str] = field(default_factory=set)
    error: SyncError | None = None
    shelves: list["Bench"] = field(default_factory=list)
    """What was on the shelf after each page: what a resumed pull finds there."""

    def take(self, page: Page, shelf: "Bench | None" = None) -> None:
        """Counts in a page; one that begins anew replaces what came before."""
        self.shelves.append(Bench() if shelf is None else shelf.copy())
        if page.restarts:
            self.rows.clear()
            self.tombstones.clear()
        self.pages.append(page)
        for key, row in zip(page.keys, page.read(range(len(page.keys))), strict=True):
            self.rows[key] = row
        self.tombstones.update(page.tombstones)

    def uncertainties(self) -> list[str]:
        """Why this pull proves nothing; empty where it could earn proof (SEMANTICS C5)."""
        found = [f"error {self.error.code}"] if self.error else []
        found += [f"doubt {doubt.code}" for page in self.pages for doubt in page.doubts]
        found += ["read again from the beginning" for page in self.pages if page.restarts]
        rows = [row for page in self.pages for row in page.unreadable]
        found += ["a row without a key" for row in rows if row.key is None]
        if not self.pages or not self.pages[-1].last:
            found.append("no last page")
        if any(not page.full for page in self.pages):
            found.append("changes only")
        if len({page.scope for page in self.pages}) > 1:
            found.append("the scope changed")
        stated = {page.total for page in self.pages if page.total is not None}
        seen = len(self.rows.keys() | self.tombstones) + len(rows)
        if len(stated) > 1 or (stated and stated != {seen}):
            found.append("the total is not met")
        return found


class Bench:
    """A shelf in memory, for connectors that keep parts of records between pages."""

    def __init__(self, parts: Mapping[tuple[str, str], bytes] | None = None) -> None:
        self._parts = dict(parts or {})

    def copy(self) -> "Bench":
        """A shelf with the same on it."""
        return Bench(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def put(self, part: str, key: str, body: bytes) -> None:
        self._parts[part, key] = body

    def take(self, part: str, keys: Any) -> dict[str, bytes]:
        return {key: self._parts[part, key] for key in keys if (part, key) in self._parts}

    def drop(self, part: str, keys: Any) -> None:
        for key in keys:
            self._parts.pop((part, key), None)

    def after(self, part: str, key: str, count: int) -> list[tuple[str, bytes]]:
        found = [(at, body) for (of, at), body in self._parts.items() if of == part and at > key]
        return sorted(found)[:count]


def run(steps: Any, transport: Transport, took: Callable[[Page], None] | None = None) -> Any:
    """Drives a generator of a connector to its end and returns what it returns.

    A request announced ahead is sent at once, as the engine does, and its answer is kept until the
    same request is yielded.
    """
    ahead: tuple[Request, Response | SyncError] | None = None
    answer: Response | SyncError | None = None
    try:
        while True:
            failed = isinstance(answer, SyncError)
            step = steps.throw(answer) if failed else steps.send(answer)
            answer = None
            if isinstance(step, Ahead):
                ahead = step.request, _sent(step.request, transport)
            elif isinstance(step, Page):
                if took is None:
                    raise NotConforming("Only a pull may yield pages.")
                took(step)
            elif ahead is not None and ahead[0] is step:
                answer, ahead = ahead[1], None
            else:
                answer = _sent(step, transport)
    except StopIteration as end:
        return end.value
    finally:
        steps.close()


def _sent(request: Request, transport: Transport) -> Response | SyncError:
    try:
        return transport.send(request, Event())
    except SyncError as error:
        return error


def run_pull(
    connector: Connector,
    entity: str,
    since: State | None,
    transport: Transport,
    shelf: Bench | None = None,
) -> Pulled:
    """Drives one pull to its end, or to its error, which is kept.

    It works with a copy of the ``shelf``, or with an empty one.
    """
    pulled, bench = Pulled(), Bench() if shelf is None else shelf.copy()
    try:
        run(
            connector.pull(entity, since, bench),
            transport,
            lambda page: pulled.take(page, bench),
        )
    except SyncError as error:
        pulled.error = error
    return pulled


def read_whole(subject: Subject, entity: str, transport: Transport) -> Pulled:
    """A whole pull by a connector of its own. Raises ``NotConforming`` where it fails."""
    pulled = run_pull(subject.open(), entity, None, transport)
    if pulled.error is not None:
        raise NotConforming(f"Reading {entity} ended in an error: {pulled.error}")
    return pulled


def entities(subject: Subject) -> list[str]:
    """The entities that the subject's connector reads, in their order."""
    return list(subject.open().capabilities())


def require(holds: object, sentence: str) -> None:
    """Raises ``NotConforming`` with the sentence where something does not hold."""
    if not holds:
        raise NotConforming(sentence)
