"""What is told of an entity: anchors and the parts that belong to them, joined to records.

``declared`` says which resources tell what. Streams of which every document is a record go
``straight`` through. Of the others all documents are first put on the shelf (``reading``,
``arriving``; ``shelved`` has what is kept there), then what did not come is asked for
(``sweeping``), and records are told one after the other (``walking``, ``telling``), or those alone
that a change has touched (``verifying`` asks what a delete may have meant, ``reaching`` for who
could not be seen before); sessions of several schools become one (``grouping``), and so do a member
of staff and a contact who are the same person (``pairs``). What was written is put on the shelf as
it was read again (``ours``). So nothing is kept in memory, a sync that was cut off goes on at any
page (``position``), and one changed document is enough to tell its record whole (SEMANTICS A5).
``single`` reads one record, or the roll of one class.

The newest change version is read before anything else, and bounds the next window (SEMANTICS C3).
"""

from collections.abc import Mapping

from app.connectors.contract import (
    Asking,
    Capability,
    Fetch,
    Pull,
    Shelf,
    State,
)
from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.feed import Window
from app.connectors.edfi.granted import READ
from app.connectors.edfi.paging import total
from app.connectors.edfi.service import Service
from app.connectors.edfi.streams import ours, pairs
from app.connectors.edfi.streams.arriving import arrived
from app.connectors.edfi.streams.declared import Stream, streams
from app.connectors.edfi.streams.grouping import grouped
from app.connectors.edfi.streams.position import (
    CLEARING,
    ENDED,
    GROUPING,
    PAIRING,
    REACHING,
    SWEEPING,
    TELLING,
    VERIFYING,
    WALKING,
    At,
    Work,
    position_of,
)
from app.connectors.edfi.streams.reaching import reached
from app.connectors.edfi.streams.reading import read
from app.connectors.edfi.streams.shelved import Shelved
from app.connectors.edfi.streams.single import fetched, rolled
from app.connectors.edfi.streams.straight import passed
from app.connectors.edfi.streams.sweeping import cleared, swept
from app.connectors.edfi.streams.verifying import verified
from app.connectors.edfi.streams.walking import told, walked
from app.connectors.edfi.telling import FIELDS
from app.connectors.edfi.windows import window_for
from app.connectors.edfi.writing import apart, beside, new, writes, written
from app.errors import NotFound

_ASKING = {SWEEPING: swept, VERIFYING: verified, REACHING: reached}
_STEPS = {
    GROUPING: grouped,
    PAIRING: pairs.found,
    WALKING: walked,
    TELLING: told,
    CLEARING: cleared,
}


class Streams:
    """What is read of one service, by entity."""

    def __init__(self, service: Service, words: Words) -> None:
        self._service, self._words = service, words
        self._streams = streams(service.settings)

    def capabilities(self) -> Mapping[str, Capability]:
        """What can be done with each entity, in the order in which they are read."""
        service = self._service
        changes = service.settings.change_queries != "off"
        if service.known:
            changes = changes and bool(service.places.changes)
        return {
            entity: Capability(
                FIELDS[entity],
                incremental=changes,
                tombstones=changes,
                rekeys=True,
                total=stream.stated,
                by_key=True,
                writes=writes(service, entity),
                written=written(service, entity),
                apart=apart(service, entity),
                beside=beside(service.settings, entity),
                new=new(service.settings, entity),
                concurrency=service.settings.concurrency,
            )
            for entity, stream in self._streams.items()
        }

    def count(self, entity: str) -> Asking[int | None]:
        """How many documents there are of what each record is made of."""
        service, found = self._service, 0
        yield from service.locate()
        for name in self._stream(entity).anchors:
            resource = service.resources[name]
            if service.granted.allows(resource.path, READ) is False:
                continue
            told = yield from total(service, resource, Window(None, None))
            if told is None:
                return None
            found += told
        return found

    def pull(self, entity: str, since: State | None, shelf: Shelf) -> Pull:
        """Reads a stream (``contract.Connector.pull``)."""
        yield from self._service.locate()
        work = self._work(entity, shelf, At())
        at = position_of(since)
        if at is None or at.phase == ENDED:
            at = yield from self._begun(work, at or At())
        work = self._work(entity, shelf, at)
        if at.phase == ENDED:
            yield work.page()
            return
        yield from read(work, passed if work.stream.straight else arrived)
        while at.phase in _ASKING:
            yield (yield from _ASKING[at.phase](work))
        while at.phase != ENDED:
            yield _STEPS[at.phase](work)

    def _begun(self, work: Work, before: At) -> Asking[At]:
        """Where a pull begins, which bounds the next one before anything is read."""
        last = before.until
        window = yield from window_for(self._service, last, (yield from ours.least(work)))
        ours.begun(work, window.until)
        if last is not None and window == (last, last):
            return At(after=last, until=last, phase=ENDED, refused=before.refused)
        if window.after is None or work.stream.grouped:
            return At(until=window.until)
        # Its changes alone would tell too little of what was not read before.
        return At(after=window.after, until=window.until, refused=before.refused)

    def fetch(self, entity: str, key: str, shelf: Shelf) -> Fetch:
        """Reads one record (``contract.Connector.fetch``)."""
        return (yield from fetched(self._work(entity, shelf, At()), key))

    def ours(self, entity: str, shelf: Shelf) -> ours.Ours:
        """What is known of the records that are written, and is read of them after it."""
        # As in a window of which nothing has come yet.
        before = dict.fromkeys(self._stream(entity).resources, 0)
        return ours.Ours(self._work(entity, shelf, At(after=0, numbers=before)))

    def roll(self, class_key: str, shelf: Shelf) -> Pull:
        """Who is in a class (``contract.Rolled.roll``)."""
        return rolled(self._work("enrollments", shelf, At()), class_key)

    def _stream(self, entity: str) -> Stream:
        """Raises ``NotFound`` where nothing is told of the entity."""
        if entity not in self._streams:
            raise NotFound("entity_not_spoken", entity=entity)
        return self._streams[entity]

    def _work(self, entity: str, shelf: Shelf, at: At) -> Work:
        return Work(self._stream(entity), self._service, self._words, Shelved(shelf), at)
