"""The OneRoster 1.2 connector over REST: reads all rostering collections.

Rostering has no writes in OneRoster, so what is changed here stays a local correction.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.connectors.contract import (
    Capability,
    Change,
    Check,
    Count,
    Fetch,
    Gone,
    Io,
    Outcome,
    Pull,
    Push,
    PushResult,
    Shelf,
    State,
)
from app.connectors.oneroster import wire
from app.connectors.oneroster.address import addresses
from app.connectors.oneroster.checking import check
from app.connectors.oneroster.oauth2 import Credentials
from app.connectors.oneroster.paging import Reading
from app.connectors.oneroster.service import Service, key_path, refusal, single_of
from app.connectors.oneroster.vocabulary import STREAMS, Stream
from app.errors import ConfigError, ContractError, NotFound, TransientError
from app.roster.values import TEXT

if TYPE_CHECKING:
    from app.connectors.oneroster import Settings

READ_ONLY = "rostering_is_read_only"


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
        ):
            if value not in known:
                raise ConfigError("setting_not_supported", setting=name, value=value)
        credentials = Credentials(
            settings.client_id.strip(), secret.strip(), places.token_urls, settings.scope, io
        )
        self._service = Service(places, credentials, io, settings.source)

    def check(self) -> Check:
        """Tries the settings against the service."""
        return check(self._service)

    def capabilities(self) -> Mapping[str, Capability]:
        """The rostering collections; demographics unless they are known to be refused."""
        service = self._service
        return {
            stream.name: Capability(
                fields=stream.entity.field_names,
                incremental=service.filters,
                tombstones=True,
                total=service.totals,
                by_key=True,
            )
            for stream in STREAMS.values()
            if service.permits(stream)
        }

    def count(self, entity: str) -> Count:
        """The total that the service states, asked with a page of one row."""
        stream = _stream(entity)
        query: dict[str, str | int] = {"limit": 1, "offset": 0}
        try:
            response = yield from self._service.ask(f"/{stream.collection}", query)
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
        stream = _stream(entity)
        return Reading(self._service, stream, _READERS[entity]).pages(since)

    def fetch(self, entity: str, key: str) -> Fetch:
        """Reads one record by its sourcedId."""
        stream = _stream(entity)
        response = yield from self._service.ask(key_path(stream, key))
        if response.status in (404, 410):
            return Gone.NOT_FOUND
        if response.status != 200:
            raise refusal(response, stream)
        raw = single_of(response, stream)
        heading = wire.careful_heading(raw)
        if heading.key is not None and heading.key != TEXT.normal(key):
            raise ContractError("another_record", entity=entity)
        if heading.dead and heading.key is not None:
            return Gone.TOMBSTONE
        return _READERS[entity](raw)

    def push(self, change: Change) -> Push:
        """Refused: OneRoster has no rostering writes."""
        yield from ()  # a generator like every other push, though it asks for nothing
        return PushResult(Outcome.REFUSED, change.key, words=READ_ONLY)

    def confirm(self, change: Change) -> Push:
        """Nothing is ever written, so nothing can have arrived."""
        yield from ()
        return PushResult(Outcome.REFUSED, change.key, words=READ_ONLY)


_READERS = {name: wire.reader(stream) for name, stream in STREAMS.items()}


def _stream(entity: str) -> Stream:
    if entity not in STREAMS:
        raise NotFound("entity_not_spoken", entity=entity)
    return STREAMS[entity]
