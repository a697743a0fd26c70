"""The OneRoster connector over REST: reads rosters, and reads and writes the gradebook.

Rostering has no writes in OneRoster, so what is changed there stays a local correction.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from app.connectors.contract import (
    Capability,
    Change,
    Check,
    Cookies,
    Count,
    Fetch,
    Finding,
    Io,
    Outcome,
    Pull,
    Push,
    PushResult,
    Request,
    Response,
    Row,
    Shelf,
    State,
)
from app.connectors.oneroster.access import access
from app.connectors.oneroster.address import addresses
from app.connectors.oneroster.checking import check
from app.connectors.oneroster.joining import Joining, Rule
from app.connectors.oneroster.paging import Reading
from app.connectors.oneroster.rolling import ENROLLMENTS, rolled
from app.connectors.oneroster.service import Service
from app.connectors.oneroster.single import single
from app.connectors.oneroster.vocabulary import STREAMS, V1P1, Stream, streams
from app.connectors.oneroster.words import own_words
from app.connectors.oneroster.writing import Writing
from app.errors import NotFound, TransientError

if TYPE_CHECKING:
    from app.connectors.oneroster import Settings

READ_ONLY = "rostering_is_read_only"
GRADEBOOK_READ_ONLY = "gradebook_is_read_only"
ASSESSMENTS_READ_ONLY = "assessments_are_read_only"
NOT_WRITABLE = "gradebook_not_writable"
ASSESSMENTS_NOT_WRITABLE = "assessments_not_writable"
_WHY_NOT = {
    "gradebook": (GRADEBOOK_READ_ONLY, NOT_WRITABLE),
    "assessments": (ASSESSMENTS_READ_ONLY, ASSESSMENTS_NOT_WRITABLE),
}
"""What is said where a stream is only read, and where it may not be written."""

_WRITING = ("gradebook", "assessments")
"""The settings by which something is written."""


class RestConnector:
    """One OneRoster service (``contract.Connector``)."""

    def __init__(self, settings: "Settings", secrets: Mapping[str, str], io: Io) -> None:
        places = addresses(settings.base_url, settings.token_url, settings.version)
        cookies: Cookies = {}
        if settings.page_size:
            io = replace(io, page_size=settings.page_size)
        self._settings = settings
        self._joining = Joining(Rule.of(settings), io)
        self._service = Service(
            places,
            access(settings, secrets, places, io, cookies),
            cookies,
            io,
            version="" if settings.version == "auto" else settings.version,
            words=own_words(settings.grade_map, settings.role_map, settings.class_type_map),
            source=settings.source,
        )

    @property
    def _streams(self) -> dict[str, Stream]:
        """The collections that are switched on, as far as the version has them."""
        return {
            stream.name: stream
            for stream in streams(self._service.version).values()
            if not stream.switch or getattr(self._settings, stream.switch) != "off"
        }

    def prepare(self) -> Generator[Request, Response, None]:
        """Finds the service, unless it is known (``contract.Prepared``)."""
        if not self._service.known:
            yield from self._service.locate()

    def learnt(self) -> State:
        """How the service answers (``contract.Learning``)."""
        return self._service.habits.told()

    def check(self) -> Check:
        """Tries the settings against the service."""
        settings = self._settings
        writes = [name for name in _WRITING if getattr(settings, name) == "write"]
        posts = settings.creates == "post"
        joins = settings.one_person != "off"
        found = yield from check(
            self._service, lambda: self._streams.values(), writes, posts=posts, joins=joins
        )
        return [*found, *self._missing()]

    def _missing(self) -> list[Finding]:
        """What is switched on, and the version does not have."""
        version, settings = self._service.version, self._settings
        switched = [
            stream.name
            for stream in STREAMS.values()
            if stream.switch and getattr(settings, stream.switch) != "off"
        ]
        told = [name for name in switched if name not in self._streams]
        found = [Finding.note("not_in_version", entity=name, version=version) for name in told]
        if settings.creates == "post" and version == V1P1 and settings.gradebook == "write":
            found.append(Finding.note("posting_not_in_version", version=version))
        return found

    def capabilities(self) -> Mapping[str, Capability]:
        """The collections that are switched on, but for those found to be refused or missing.

        What a token does not permit is among them: that is told when it is to be read.
        """
        service = self._service
        found = {}
        for stream in self._streams.values():
            if stream.name in service.denied:
                continue
            habit, writes = service.habits.of(stream.name), self._written(stream)
            fields = stream.entity.field_names
            found[stream.name] = Capability(
                fields=fields,
                incremental=habit.filters is not False,
                tombstones=True,
                total=habit.totals,
                by_key=habit.by_key is not False,
                writes=writes,
                written=frozenset(fields if writes else ()) - {*stream.place},
                allots_keys="create" in writes and self._posts(stream),
                concurrency=self._settings.concurrency,
            )
        return found

    def _writes(self, stream: Stream) -> bool:
        """Whether it is switched on that a stream is written."""
        return bool(stream.switch) and getattr(self._settings, stream.switch) == "write"

    def _posts(self, stream: Stream) -> bool:
        """Whether new records are given their keys by the SIS."""
        return self._settings.creates == "post" and "post" in stream.writing

    def _written(self, stream: Stream) -> frozenset[str]:
        """What can be done to the records of a stream, as far as it is known."""
        if not self._writes(stream):
            return frozenset()
        creating = "post" if self._posts(stream) else "put"
        ways = {"create": creating, "update": "put", "delete": "delete"}
        return frozenset(
            action
            for action, way in ways.items()
            if way in stream.writing and self._service.grants(stream.writing[way])
        )

    def count(self, entity: str) -> Count:
        """The total that the service states, asked with a page of one row."""
        stream = self._stream(entity)
        query: dict[str, str | int] = {"limit": 1, "offset": 0}
        try:
            response = yield from self._service.ask(stream, f"/{stream.collection}", query)
        except TransientError as error:
            # A service that fails on so small a page has its say when it is read; a network that
            # fails would fail then, too.
            if error.parameters.get("status") is None:
                raise
            return None
        total = response.headers.get("x-total-count", "") if response.status == 200 else ""
        return int(total[:18]) if total.isdecimal() else None

    def pull(self, entity: str, since: State | None, shelf: Shelf) -> Pull:
        """Reads a collection, and joins the rows of a person where that is wanted."""
        stream = self._stream(entity)
        habit, pages = self._service.habits.of(entity), Reading(self._service, stream).pages
        by_key = partial(self._row, stream) if habit.by_key is not False else None
        return self._joining.pages(entity, pages, since, shelf, by_key)

    def fetch(self, entity: str, key: str, shelf: Shelf) -> Fetch:
        """Reads one record by its sourcedId."""
        stream = self._stream(entity)
        found = yield from self._row(stream, key)
        return self._joining.whole(found, stream.entity) if isinstance(found, Row) else found

    def roll(self, class_key: str, shelf: Shelf) -> Pull:
        """The enrollments of one class (``contract.Rolled``)."""
        classes, enrollments = self._stream("classes"), self._stream(ENROLLMENTS)
        return rolled(self._service, classes, enrollments, class_key)

    def joins(self, entity: str) -> bool:
        """Whether rows of the entity are joined (``contract.Joined``)."""
        return self._joining.joins(entity)

    def united(self, entity: str, rows: Sequence[Row]) -> Row:
        """One row of those of one person (``contract.Joined``)."""
        return self._joining.united(rows, self._stream(entity).entity)

    def _row(self, stream: Stream, key: str) -> Fetch:
        return (yield from single(self._service, stream, key)).found

    def push(self, change: Change, shelf: Shelf) -> Push:
        """Writes a change of the gradebook; of rosters there is nothing that can be written."""
        stream = self._stream(change.entity)
        if change.action in self._written(stream):
            writing = Writing(self._service, stream, self._posts(stream))
            return (yield from writing.push(change))
        return PushResult(Outcome.REFUSED, words=self._why_not(stream))

    def confirm(self, change: Change, shelf: Shelf) -> Push:
        """Looks whether a change arrived; what can never be written has not."""
        stream = self._stream(change.entity)
        if self._writes(stream) and stream.writing:
            writing = Writing(self._service, stream, self._posts(stream))
            return (yield from writing.confirm(change))
        return PushResult(Outcome.REFUSED, words=self._why_not(stream))

    def _why_not(self, stream: Stream) -> str:
        if not stream.writing:
            return READ_ONLY
        return _WHY_NOT[stream.switch][self._writes(stream)]

    def _stream(self, entity: str) -> Stream:
        if entity not in self._streams:
            raise NotFound("entity_not_spoken", entity=entity)
        return self._streams[entity]
