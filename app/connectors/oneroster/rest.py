"""The OneRoster 1.2 connector over REST: reads rosters, and reads and writes the gradebook.

Rostering has no writes in OneRoster, so what is changed there stays a local correction.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.connectors.contract import (
    Capability,
    Change,
    Check,
    Count,
    Fetch,
    Io,
    Outcome,
    Pull,
    Push,
    PushResult,
    Shelf,
    State,
)
from app.connectors.oneroster.address import addresses
from app.connectors.oneroster.checking import check
from app.connectors.oneroster.oauth2 import Credentials
from app.connectors.oneroster.paging import Reading
from app.connectors.oneroster.service import Service
from app.connectors.oneroster.single import single
from app.connectors.oneroster.vocabulary import (
    CREATE_POST,
    CREATE_PUT,
    DELETE,
    STREAMS,
    Stream,
    scope_choices,
)
from app.connectors.oneroster.writing import Writing
from app.errors import ConfigError, NotFound, TransientError

if TYPE_CHECKING:
    from app.connectors.oneroster import Settings

READ_ONLY = "rostering_is_read_only"
GRADEBOOK_READ_ONLY = "gradebook_is_read_only"
NOT_WRITABLE = "gradebook_not_writable"


class RestConnector:
    """One OneRoster service (``contract.Connector``)."""

    def __init__(self, settings: "Settings", secrets: Mapping[str, str], io: Io) -> None:
        places = addresses(settings.base_url, settings.token_url)
        secret = secrets.get("client_secret", "")
        for name, value in (("client_id", settings.client_id), ("client_secret", secret)):
            if not value.strip():
                raise ConfigError("setting_missing", setting=name)
        for name, value, known in (
            ("version", settings.version, ("1.2", "auto")),
            ("auth", settings.auth, ("oauth2",)),
            ("gradebook", settings.gradebook, ("off", "read", "write")),
            ("creates", settings.creates, ("put", "post")),
        ):
            if value not in known:
                told = ", ".join(known)
                raise ConfigError("setting_not_supported", setting=name, value=value, known=told)
        given = " ".join(settings.scope.split())
        scopes = (given,) if given else scope_choices(settings.gradebook)
        credentials = Credentials(
            settings.client_id.strip(), secret.strip(), places.token_urls, scopes, io
        )
        self._service = Service(places, credentials, io, settings.source)
        self._streams = {
            stream.name: stream
            for stream in STREAMS.values()
            if stream.service == "rostering" or settings.gradebook != "off"
        }
        self._writes = settings.gradebook == "write"
        self._posts = settings.creates == "post"

    def check(self) -> Check:
        """Tries the settings against the service."""
        return check(self._service, tuple(self._streams.values()), self._writes)

    def capabilities(self) -> Mapping[str, Capability]:
        """The collections that are switched on, but for those known to be refused or missing."""
        service = self._service
        return {
            stream.name: Capability(
                fields=stream.entity.field_names,
                incremental=service.filters,
                tombstones=True,
                total=service.totals,
                by_key=True,
                writes=(writes := self._written(stream)),
                written=frozenset(stream.entity.field_names if writes else ()) - {*stream.place},
                allots_keys="create" in writes and self._posts and bool(stream.parent),
            )
            for stream in self._streams.values()
            if service.permits(stream)
        }

    def _written(self, stream: Stream) -> frozenset[str]:
        """What can be done to the records of a stream, as far as it is known."""
        if not self._writes or stream.service != "gradebook":
            return frozenset()
        creating = CREATE_POST if self._posts and stream.parent else CREATE_PUT
        needed = {"create": creating, "update": CREATE_PUT, "delete": DELETE}
        return frozenset(each for each, scope in needed.items() if self._service.grants(scope))

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
        """Reads a collection; every row stands alone in OneRoster, so nothing is shelved."""
        return Reading(self._service, self._stream(entity)).pages(since)

    def fetch(self, entity: str, key: str) -> Fetch:
        """Reads one record by its sourcedId."""
        return (yield from single(self._service, self._stream(entity), key)).found

    def push(self, change: Change) -> Push:
        """Writes a change of the gradebook; of rosters there is nothing that can be written."""
        stream = self._stream(change.entity)
        if change.action in self._written(stream):
            return (yield from Writing(self._service, stream, self._posts).push(change))
        return PushResult(Outcome.REFUSED, words=self._why_not(stream))

    def confirm(self, change: Change) -> Push:
        """Looks whether a change arrived; what can never be written has not."""
        stream = self._stream(change.entity)
        if self._writes and stream.service == "gradebook":
            return (yield from Writing(self._service, stream, self._posts).confirm(change))
        return PushResult(Outcome.REFUSED, words=self._why_not(stream))

    def _why_not(self, stream: Stream) -> str:
        if stream.service == "rostering":
            return READ_ONLY
        return NOT_WRITABLE if self._writes else GRADEBOOK_READ_ONLY

    def _stream(self, entity: str) -> Stream:
        if entity not in self._streams:
            raise NotFound("entity_not_spoken", entity=entity)
        return self._streams[entity]
