"""The ways of going through a list page by page, and how each notices that rows have moved.

A cursor goes by the server's own numbers, under which nothing moves. Offsets move: a row that
leaves pulls all after it one place down. Forwards every page therefore begins with the last row of
the page before, and where another row stands there the list is read again (SEMANTICS C4). In a
window of changes rows can only leave, since whatever is edited gets a newer version: there it is
read from the end backwards, where a row that leaves moves nothing that is not read yet.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from app.connectors.edfi.position import Position

READ_AGAIN = 3
"""How often a list that shifts under the reader is read from its beginning."""

_MOST_EMPTY = 10
"""So many pages without a row may follow each other; a cursor goes through ranges of numbers."""

CURSOR, OFFSET, REVERSE = "cursor", "offset", "reverse"

_COUNTED = {"totalCount": "true"}


class Answer(NamedTuple):
    """What a page says that is needed to go on."""

    marks: Sequence[str]
    """What marks each row."""
    total: int | None
    token: str


class Taken(NamedTuple):
    """What came of a page."""

    fresh: range | Sequence[int] = ()
    """The places of rows that did not come before."""
    ended: bool = False
    again: bool = False
    """Rows have moved: the list is to be read from its beginning."""
    plain: bool = False
    """Cursors are of no use here: it is to be read from its beginning in another way."""
    doubts: Sequence[tuple[str, Mapping[str, int | None]]] = ()


class Way(Protocol):
    """One way of going through a list; where it stands is kept in the position alone."""

    def query(self, at: Position, size: int) -> dict[str, Any]:
        """What asks for the next page, of ``size`` rows."""
        ...

    def taken(self, at: Position, answer: Answer, size: int) -> Taken:
        """What came of it; the position moves on where it was of use."""
        ...


class _Cursor:
    def query(self, at: Position, size: int) -> dict[str, Any]:
        more = {"pageToken": at.token} if at.token else _COUNTED
        return {"pageSize": size, **more}

    def taken(self, at: Position, answer: Answer, size: int) -> Taken:
        count = len(answer.marks)
        if not at.token:
            at.total = answer.total
            # Older services send their first rows, as if nothing had been said of cursors.
            if count and not answer.token and (at.total is None or at.total > count):
                return Taken(plain=True)
        at.empty = 0 if count else at.empty + 1
        if answer.token and (answer.token == at.token or at.empty > _MOST_EMPTY):
            return Taken(plain=True)
        at.token = answer.token
        at.received += count
        return Taken(range(count), ended=not answer.token)


class _Offset:
    def query(self, at: Position, size: int) -> dict[str, Any]:
        begin = _begin(at)
        ends = at.total is not None and begin + size >= at.total
        counted = _COUNTED if at.edge is None or ends else {}
        return {"limit": size, "offset": begin, **counted}

    def taken(self, at: Position, answer: Answer, size: int) -> Taken:
        marks, begin = answer.marks, _begin(at)
        doubts: list[tuple[str, Mapping[str, int | None]]] = []
        fresh = range(len(marks))
        if at.edge is None:
            at.total = answer.total
        elif at.unchecked:
            if marks and marks[0] == at.first:
                # The same page again: there are no offsets here.
                return Taken(ended=True, doubts=[("offset_ignored", {})])
        elif not marks or marks[0] != at.seen[0]:
            if at.again < READ_AGAIN:
                return Taken(again=True)
            at.unchecked = True
            doubts.append(("paging_unstable", {}))
        else:
            fresh = range(1, len(marks))
        if answer.total not in (None, at.total):
            doubts.append(("total_changed", {"was": at.total, "now": answer.total}))
            at.total = answer.total
        at.edge = begin + len(marks)
        at.received += len(fresh)
        if marks:
            at.first, at.seen = marks[0], [marks[-1]]
        reached = answer.total is not None and at.edge == answer.total and len(marks) < size
        return Taken(fresh, ended=reached or not fresh, doubts=doubts)


class _Reverse:
    def query(self, at: Position, size: int) -> dict[str, Any]:
        if at.edge is None:
            return {"limit": size, "offset": 0, **_COUNTED}
        begin = _lower(at.edge, size)
        return {"limit": at.edge - begin + 1, "offset": begin}

    def taken(self, at: Position, answer: Answer, size: int) -> Taken:
        marks = answer.marks
        if at.edge is None:
            if answer.total is None:
                # Where the end is nobody knows, so it cannot be begun there.
                at.way = OFFSET
                return WAYS[OFFSET].taken(at, answer, size)
            at.total = at.edge = answer.total
            if answer.total <= len(marks) or not marks:
                at.received = len(marks)
                return Taken(range(len(marks)), ended=True)
            # What stands on this page may have moved by the time that it is reached from behind.
            at.clamped = max(len(marks), 2)
            return Taken()
        begin = _lower(at.edge, size)
        seen = set(at.seen)
        doubts: list[tuple[str, Mapping[str, int | None]]] = []
        longer = len(marks) > at.edge - begin  # than it was said to be
        moved = not marks or marks[-1] not in seen if seen else longer
        if moved and not at.unchecked:
            if at.again < READ_AGAIN:
                return Taken(again=True)
            at.unchecked = True
            doubts.append(("paging_unstable", {}))
        fresh = [place for place, mark in enumerate(marks) if mark not in seen]
        at.edge = begin
        at.received += len(fresh)
        at.seen = list(marks) or at.seen
        return Taken(fresh, ended=begin == 0, doubts=doubts)


def _begin(at: Position) -> int:
    """With the last row of the page before, so that it is seen whether it still stands there."""
    edge = at.edge or 0
    return edge - 1 if edge and not at.unchecked else edge


def _lower(edge: int, size: int) -> int:
    return max(0, edge - size + 1)


WAYS: Mapping[str, Way] = {CURSOR: _Cursor(), OFFSET: _Offset(), REVERSE: _Reverse()}
