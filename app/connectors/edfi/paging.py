"""Reads one resource as batches: everything there is, or what has changed in a window.

In a window the key changes come first, then the items, then what was deleted, each of them bounded
by the change versions of the window: what happens while it is read belongs to the next one. How a
list is gone through is for ``ways``, how it is asked for ``asking``; here it is judged. What could
not be checked becomes a doubt of a whole read, and costs its proof (SEMANTICS C5). A window that
cannot be read surely fails, since what is missed in it would not be seen again.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.connectors.contract import Ahead, Asking, Doubt, State
from app.connectors.edfi.asking import Asker, Page, stated
from app.connectors.edfi.documents import Found, KeyMove
from app.connectors.edfi.feed import Batch, Batches, Broken, Deleted, Item, KeyChange, Window
from app.connectors.edfi.moves import Moves
from app.connectors.edfi.position import KEY_CHANGES, LISTS, Position, position_of
from app.connectors.edfi.service import SNAPSHOT, Service
from app.connectors.edfi.vocabulary import Resource
from app.connectors.edfi.ways import CURSOR, READ_AGAIN, WAYS, Taken
from app.errors import TransientError


def batches(
    service: Service, resource: Resource, window: Window, since: State | None, *, size: int
) -> Batches:
    """Reads ``resource``, on from the state ``since`` of a batch, or from the beginning.

    The last batch is ``last``, also where nothing was found; an empty window is asked for nothing.
    A batch has ``size`` rows at most. A state of another window starts anew. Batches of a window
    never ``restart``: an item may come twice.

    Raises ``AuthError`` and ``ContractError`` for what the service refuses, ``TransientError`` for
    an answer that was cut short and for a window that kept shifting, and what the transport raises.
    """
    yield from Reading(service, resource, window, since, size=size).batches()


def total(service: Service, resource: Resource, window: Window) -> Asking[int | None]:
    """How many items there are, asked in one small request; ``None`` where it is not told.

    Raises what ``batches`` raises.
    """
    return (yield from _counted(service, resource, bounds(window), live=False))


def bounds(window: Window) -> dict[str, int]:
    """What asks for the changes of a window alone."""
    if window.after is None or window.until is None:
        return {}
    return {"minChangeVersion": window.after + 1, "maxChangeVersion": window.until}


def _counted(
    service: Service, resource: Resource, query: Mapping[str, Any], *, live: bool
) -> Asking[int | None]:
    headers = (SNAPSHOT,) if service.snapshot and not live else ()
    for limit in (0, 1):
        asked = {**query, "limit": limit, "totalCount": "true"}
        response = yield from service.ask(resource.path, asked, headers)
        if response.status != 400:
            break
    if response.status != 200:
        raise service.refusal(response, resource)
    return stated(response)


class Reading:
    """One reading of one resource, or of the part of it that the query ``only`` lets by.

    A part is read whole, without cursors, and never from a snapshot.
    """

    def __init__(
        self,
        service: Service,
        resource: Resource,
        window: Window,
        since: State | None = None,
        *,
        size: int,
        only: Mapping[str, str] | None = None,
    ) -> None:
        self._service, self._resource = service, resource
        self._size = max(1, size)
        self._part = bool(only)
        self._query: Mapping[str, Any] = only or bounds(window)
        self._at = at = position_of(since, window)
        at.plain = at.plain or self._part
        self._asker = Asker(service, resource, at, self._query, size=size, live=self._part)
        self._moves = Moves()
        self._skipped = at.told
        self._broken: list[Broken] = []
        self._doubts: list[Doubt] = []
        self._restarts = False

    def batches(self) -> Batches:
        """The batches from where the reading stands."""
        at = self._at
        if at.ended:
            yield self._batch(())
            return
        if at.snapshot and not self._service.snapshot:
            # An earlier run read from it; whether it is still there is found out by asking.
            yield from self._service.change_versions()
        request = yield from self._asker.request()
        while True:
            page = yield from self._asker.page(request)
            listing, taken = at.listing, self._taken(page)
            found = [page.found[place] for place in taken.fresh] if page else []
            over = taken.ended and (yield from self._end())
            told = list(self._told(listing, found, taken.ended))
            if over:
                yield from told
                return
            request = yield from self._asker.request()
            for number, batch in enumerate(told, 1):
                if number == len(told):
                    yield Ahead(request)
                yield batch

    # -- judging what came --

    def _taken(self, page: Page | None) -> Taken:
        """What came of a page; of none, and of one that had moved, nothing."""
        at = self._at
        taken = Taken(again=True)
        if page is not None:
            taken = WAYS[at.way].taken(at, page.answer, self._asker.size)
        if taken.plain:
            self._asker.without_cursors()
        for code, parameters in taken.doubts:
            if code in ("paging_unstable", "offset_ignored") and not at.whole:
                raise self._unstable()
            self._doubt(code, **parameters)
        if not (taken.again or taken.plain):
            return taken
        if taken.again and at.again >= READ_AGAIN and not at.whole:
            raise self._unstable()
        # What came of a window holds, however it goes on; of a whole read it proves nothing.
        self._restarts = self._restarts or (at.whole and at.received > 0)
        at.again += taken.again
        at.begin()
        return Taken()

    def _end(self) -> Asking[bool]:
        """The list has been read to its end: was that all of it, and is nothing to follow?"""
        at = self._at
        if at.whole and at.total not in (None, at.received):
            if at.way == CURSOR:
                # Nothing moves under a cursor; whatever came while it was read came at the end.
                live = self._part
                at.total = yield from _counted(
                    self._service, self._resource, self._query, live=live
                )
            if at.total not in (None, at.received):
                self._doubt("total_not_met", stated=at.total, received=at.received)
        at.ended = at.whole or at.listing == LISTS[-1]
        if not at.ended:
            at.begin(LISTS[LISTS.index(at.listing) + 1])
        return at.ended

    def _unstable(self) -> TransientError:
        return TransientError("edfi_window_unstable", resource=self._resource.name)

    def _doubt(self, code: str, **parameters: int | None) -> None:
        if self._at.whole and not any(doubt.code == code for doubt in self._doubts):
            self._doubts.append(Doubt(code, {"resource": self._resource.name, **parameters}))

    # -- the batches --

    def _told(self, listing: str, found: Sequence[Found], ended: bool) -> Iterator[Batch]:
        """What is told of a page: of key changes nothing before all of them are there."""
        if listing == KEY_CHANGES:
            self._broken += [one for one in found if isinstance(one, Broken)]
            self._moves.add(one for one in found if isinstance(one, KeyMove))
            if ended:
                yield from self._moved()
        elif found or self._at.ended or self._doubts or self._restarts:
            yield self._batch(found)

    def _moved(self) -> Iterator[Batch]:
        """The key changes of the window, what belongs together never in two batches."""
        at, skipped = self._at, self._skipped
        state = Position(
            after=at.after, until=at.until, listing=KEY_CHANGES, size=at.size, plain=at.plain
        )
        together: list[KeyChange] = []
        count = 0
        for count, group in enumerate(self._moves.groups(), 1):
            if count <= skipped:
                continue
            if together and len(together) + len(group) > self._size:
                state.told = count - 1
                yield self._batch((), together, state.state())
                together = []
            together += group
        self._moves = Moves()
        if together or self._broken:
            yield self._batch((), together)

    def _batch(
        self,
        found: Sequence[Found],
        rekeyed: Sequence[KeyChange] = (),
        state: State | None = None,
    ) -> Batch:
        at, asker, news = self._at, self._asker, self._service.news
        broken = [*self._broken, *(one for one in found if isinstance(one, Broken))]
        batch = Batch(
            resource=self._resource,
            state=state or at.state(),
            last=at.ended,
            items=list({one.key: one for one in found if isinstance(one, Item)}.values()),
            deleted=[one for one in found if isinstance(one, Deleted)],
            rekeyed=rekeyed,
            broken=broken,
            received=len(found) + len(rekeyed),
            total=at.total if at.whole else None,
            restarts=self._restarts,
            doubts=tuple(self._doubts),
            notes=(*news, *asker.notes),
        )
        self._restarts = False
        for told in (self._broken, self._doubts, asker.notes, news):
            told.clear()
        return batch
