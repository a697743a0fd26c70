"""The Ed-Fi connector: ties what is read, joined, told and written to one service.

``streams`` reads and ``writing`` writes; here is what they share, and what the engine asks of both.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.connectors.contract import (
    Asking,
    Capability,
    Change,
    Check,
    Count,
    Fetch,
    Io,
    Pull,
    Push,
    Shelf,
    State,
)
from app.connectors.edfi.checking import Told, check
from app.connectors.edfi.descriptors import Words, own_meanings
from app.connectors.edfi.service import Service
from app.connectors.edfi.settings import Settings
from app.connectors.edfi.streams import Streams
from app.connectors.edfi.streams.declared import streams
from app.connectors.edfi.writing import confirm, documents, push


class EdFiConnector:
    """One Ed-Fi service (``contract.Connector``, ``Prepared``, ``Learning``, ``Admitted`` and
    ``Rolled``)."""

    def __init__(self, settings: Settings, secrets: Mapping[str, str], io: Io) -> None:
        if settings.page_size:
            io = replace(io, page_size=settings.page_size)
        self._service = Service(settings, secrets, io)
        own = own_meanings(settings.descriptor_map)
        self._words = Words(own, self._service.learnt.words, asks=True)
        self._streams = Streams(self._service, self._words)

    def prepare(self) -> Asking[None]:
        """Finds the service, unless it is known (``contract.Prepared``)."""
        yield from self._service.locate()

    def learnt(self) -> State:
        """How the service answers, and the words it uses (``contract.Learning``)."""
        self._service.learnt.words = self._words.learnt()
        return self._service.learnt.told()

    def admission(self) -> str:
        """The access token, which the service gives only so often (``contract.Admitted``)."""
        return self._service.admission()

    def check(self) -> Check:
        """Tries the settings against the service."""
        settings = self._service.settings
        asked = {
            entity: Told(
                one.anchors, tuple(name for name in one.resources if name not in one.anchors)
            )
            for entity, one in streams(settings).items()
        }
        return check(self._service, self._words.unmapped, asked, documents(settings))

    def capabilities(self) -> Mapping[str, Capability]:
        """What is read and written, by the settings and by what the key may do."""
        return self._streams.capabilities()

    def count(self, entity: str) -> Count:
        """The total that the service states."""
        return self._streams.count(entity)

    def pull(self, entity: str, since: State | None, shelf: Shelf) -> Pull:
        """Reads what tells an entity, and joins it to records."""
        return self._streams.pull(entity, since, shelf)

    def fetch(self, entity: str, key: str, shelf: Shelf) -> Fetch:
        """Reads one record by its natural key, with all that belongs to it."""
        return self._streams.fetch(entity, key, shelf)

    def roll(self, class_key: str, shelf: Shelf) -> Pull:
        """The enrollments of one class (``contract.Rolled``)."""
        return self._streams.roll(class_key, shelf)

    def push(self, change: Change, shelf: Shelf) -> Push:
        """Writes a change: the documents that it touches, each under the ETag it was read with."""
        return push(self._service, self._words, change, self._streams.ours(change.entity, shelf))

    def confirm(self, change: Change, shelf: Shelf) -> Push:
        """Looks by natural key whether a change arrived; writes nothing."""
        return confirm(self._service, self._words, change, self._streams.ours(change.entity, shelf))
