"""Reads one resource as batches: everything there is, or what has changed in a window.

In a window the key changes come first, then the items, then what was deleted, each of them bounded
by the change versions of the window: what happens while it is read belongs to the next one. How a
list is gone through is for ``ways``, how it is asked for ``asking``; here it is judged. What could
not be checked becomes a doubt: it costs a whole read its proof (SEMANTICS C5), and of a window it
says that the next one has to begin where this one did (C3).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.connectors.contract import Ahead, Asking, Doubt, State
from app.connectors.edfi.asking import PATHS, Asker, Page, stated
from app.connectors.edfi.documents import Found, KeyMove
from app.connectors.edfi.feed import Batch, Batches, Broken, Deleted, Item, KeyChange, Window
from app.connectors.edfi.moves import Moves
from app.connectors.edfi.position import ITEMS, KEY_CHANGES, LISTS, Position, position_of
from app.connectors.edfi.service import SNAPSHOT, Service
from app.connectors.edfi.vocabulary import Resource
from app.connectors.edfi.ways import CURSOR, READ_AGAIN, WAYS, Taken


def batches(
    service: Service, resource: Resource, window: Window, since: State | None, *, size: int
) -> Batches:
    """Reads ``resource``, on from the state ``since`` of a batch, or from the beginning.

    The last batch is ``last``, also where nothing was found; an empty window is asked for nothing.
    A batch has ``size`` rows at most. A state of another window starts anew. Batches of a window
    never ``restart``: an item may come twice.

    Raises ``AuthError`` and ``ContractError`` for what the service refuses, ``TransientError`` for
    an answer that was cut short, and what the transport raises.
    """
    yield from Reading(service, resource, window, since, size=size).batches()


def total(service: Service, resource: Resource, window: Window) -> Asking[int | None]:
    """How many items there are, asked in one small request; ``None`` where it is not told.

    Raises what ``batches`` raises.
    """
    return (yield from _counted(service, resource, bounds(window), ITEMS, live=False))


def bounds(window: Window) -> dict[str, int]:
    """What asks for the changes of a window alone."""
    if window.after is None or window.until is None:
        return {}
    return {"minChangeVersion": window.after + 1, "maxChangeVersion": window.until}


def _counted(
    service: Service, resource: Resource, query: Mapping[str, Any], listing: str, *, live: bool
) -> Asking[int | None]:
    headers = (SNAPSHOT,) if service.snapshot and not live else ()
    for limit in (0, 1):
        asked = {**query, "limit": limit, "totalCount": "true"}
        response = yield from service.ask(resource.path + PATHS[listing], asked, headers)
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
        self._until = window.until or 0
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
            yield from self._service.change_versions(self._until)
        request = yield from self._asker.request()
        while True:
            page = yield from self._asker.page(request)
            listing, taken = at.listing, self._taken(page)
            found = [page.found[place] for place in taken.fresh] if page else []
            over = taken.ended and (yield from self._end())
            told = list(self._told(listing, found, over))
            if told and told[-1].last:
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
            self._doubt(code, **parameters)
        if not (taken.again or taken.plain):
            return taken
        self._begin_again(counted=taken.again)
        return Taken()

    def _begin_again(self, *, counted: bool = True) -> None:
        """The list from its beginning: of a window what came holds, of a whole read it is void."""
        at = self._at
        self._restarts = self._restarts or (at.whole and at.received > 0)
        at.again += counted
        at.begin()

    def _end(self) -> Asking[bool]:
        """Whether that was all of the list; what is next, where it was."""
        at = self._at
        if at.total not in (None, at.received) and (at.way == CURSOR or not at.whole):
            # What was added came at the end, and what was edited has left the window.
            at.total = yield from _counted(
                self._service, self._resource, self._query, at.listing, live=self._part
            )
        if at.whole:
            if at.total not in (None, at.received):
                self._doubt("total_not_met", stated=at.total, received=at.received)
        elif at.total is not None and at.total > at.received:
            # Nothing comes into a window that was not in it, so that some were not seen.
            if at.again < READ_AGAIN:
                self._begin_again()
                return False
            self._doubt("edfi_window_short", stated=at.total, received=at.received)
        at.ended = at.whole or at.listing == LISTS[-1]
        if not at.ended:
            at.begin(LISTS[LISTS.index(at.listing) + 1])
        return True

    def _doubt(self, code: str, **parameters: int | None) -> None:
        """Of a window a doubt says that it is to be read once more; that totals change, nothing."""
        if not self._at.whole and code != "edfi_window_short":
            if code == "total_changed":
                return
            code = "edfi_window_unstable"
        if not any(doubt.code == code for doubt in self._doubts):
            self._doubts.append(Doubt(code, {"resource": self._resource.name, **parameters}))

    # -- the batches --

    def _told(self, listing: str, found: Sequence[Found], over: bool) -> Iterator[Batch]:
        """What is told of a page: of key changes nothing before all of them are there."""
        if listing == KEY_CHANGES:
            self._broken += [one for one in found if isinstance(one, Broken)]
            self._moves.add(one for one in found if isinstance(one, KeyMove))
            if over:
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
