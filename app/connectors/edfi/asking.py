"""Asks for the pages of one resource, and for less where a service will not send so much.

What was found out earlier (``Service.learnt``) decides what is asked first, and nothing else.
"""

from collections.abc import Mapping
from typing import Any

from app.connectors.contract import Asking, Doubt, Request, Response
from app.connectors.edfi import documents
from app.connectors.edfi.documents import Found
from app.connectors.edfi.position import DELETES, ITEMS, KEY_CHANGES, Position
from app.connectors.edfi.service import SNAPSHOT, Service
from app.connectors.edfi.vocabulary import Resource
from app.connectors.edfi.ways import CURSOR, OFFSET, REVERSE, WAYS, Answer
from app.errors import ContractError

LARGEST = 500
"""So many rows a page may have: services refuse more."""

_SMALLER = (100, 25)
"""So many rows are asked for, one after the other, where more are refused."""

_CURSORS_SINCE = (7, 3)
PATHS = {KEY_CHANGES: "/keyChanges", ITEMS: "", DELETES: "/deletes"}
_TELLERS: Mapping[str, documents.Teller] = {
    KEY_CHANGES: documents.key_move,
    ITEMS: documents.item,
    DELETES: documents.deleted,
}
_UNTOLD = frozenset({404, 405, 501})
"""How a service answers that does not tell of key changes, or of what was deleted."""

_NO_SNAPSHOT = frozenset({404, 410})


class Page:
    """What came on one page."""

    def __init__(self, found: list[Found], answer: Answer) -> None:
        self.found = found
        self.answer = answer


_NOTHING = Page([], Answer((), 0, ""))


class Asker:
    """Asks for what comes next after the position ``at``, of what ``query`` lets by.

    ``live`` asks the database itself, also where everything else is read from a snapshot.
    """

    def __init__(
        self,
        service: Service,
        resource: Resource,
        at: Position,
        query: Mapping[str, Any],
        *,
        size: int,
        live: bool = False,
    ) -> None:
        self._service, self._resource, self._at = service, resource, at
        self._query, self._live = query, live
        self._most = min(size, LARGEST)
        self.notes: list[Doubt] = []
        """What is to be told of how the service answers."""

    @property
    def size(self) -> int:
        """How many rows are asked for; a page of a single one would show no overlap."""
        limits = (self._service.learnt.limit, self._at.size, self._at.clamped)
        return max(2, min(self._most, *(limit or LARGEST for limit in limits)))

    def request(self) -> Asking[Request]:
        """The request for the next page."""
        at = self._at
        yield from self._service.locate()
        at.snapshot = self._service.snapshot and not self._live
        at.way = at.way or self._way()
        return (
            yield from self._service.request(
                self._resource.path + PATHS[at.listing],
                {**self._query, **WAYS[at.way].query(at, self.size)},
                headers=(SNAPSHOT,) if at.snapshot else (),
            )
        )

    def page(self, request: Request) -> Asking[Page | None]:
        """The page that answers ``request``, or what the service sends in its place.

        ``None`` where the list can only be read from its beginning.
        """
        at, service = self._at, self._service
        renewed = gone = False
        while True:
            try:
                response = yield request
            except ContractError as error:
                if error.code != "answer_too_long" or not self._fewer():
                    raise
                request = yield from self.request()
                continue
            status = response.status
            if status == 200:
                if gone:
                    self.note("edfi_snapshot_gone")
                    if at.begun:
                        return None
                return self._understood(response)
            if status == 401 and not renewed:
                renewed = True
                request = yield from service.renewed(request)
                continue
            if status in _NO_SNAPSHOT and at.snapshot:
                # Either this or the snapshot is not there: without it the same answer tells.
                gone, service.snapshot = True, False
            elif at.token and status == 400:
                # A cursor of which the service knows nothing any more.
                at.plain = at.again > 0
                return None
            elif not self._less(status):
                service.snapshot = service.snapshot or gone
                if self._untold(status):
                    return _NOTHING
                raise service.refusal(response, self._resource)
            request = yield from self.request()

    def note(self, code: str, **parameters: int) -> None:
        """Something worth telling, without any doubt."""
        self.notes.append(Doubt(code, {"resource": self._resource.name, **parameters}))

    def without_cursors(self) -> None:
        """From now on without cursors, as they are of no use."""
        self._at.plain = True
        self._service.learnt.cursors = False
        self.note("edfi_cursors_given_up")

    def _understood(self, response: Response) -> Page:
        at, learnt = self._at, self._service.learnt
        teller = _TELLERS[at.listing]
        told = [teller(self._resource, row) for row in documents.rows_of(response)]
        if 0 < at.size < (learnt.limit or LARGEST):
            learnt.limit = at.size
            self.note("edfi_size_given_up", count=at.size)
        token = response.headers.get("next-page-token", "").strip()
        if token and at.way == CURSOR:
            learnt.cursors = True
        answer = Answer([mark for mark, _ in told], stated(response), token)
        return Page([found for _, found in told], answer)

    def _way(self) -> str:
        at, service = self._at, self._service
        known, wished = service.learnt.cursors, service.settings.paging
        has = service.api >= _CURSORS_SINCE if known is None else known
        if (
            at.listing == ITEMS
            and not at.plain
            and (wished == "cursor" or (wished == "auto" and has))
        ):
            return CURSOR
        return OFFSET if at.whole or at.snapshot else REVERSE

    def _less(self, status: int) -> bool:
        """Asks for less after a refusal at the beginning: for fewer rows, then without cursors."""
        at = self._at
        if status != 400 or at.begun:
            return False
        if self._fewer():
            return True
        if at.way != CURSOR:
            return False
        self.without_cursors()
        at.way, at.size = "", 0
        return True

    def _fewer(self) -> bool:
        """Smaller pages, also in the middle: positions do not depend on them."""
        smaller = next((size for size in _SMALLER if size < self.size), 0)
        self._at.size = smaller or self._at.size
        return bool(smaller)

    def _untold(self, status: int) -> bool:
        at = self._at
        untold = status in _UNTOLD or (status == 400 and at.listing == KEY_CHANGES)
        if at.listing == ITEMS or at.begun or not untold:
            return False
        at.size = 0
        if at.listing == DELETES:
            self.notes.append(Doubt("edfi_no_deletes", {"resources": self._resource.name}))
        return True


def stated(response: Response) -> int | None:
    """How many rows there are, where an answer says so."""
    said = response.headers.get("total-count", "").strip()
    return int(said[:18]) if said.isdecimal() else None
