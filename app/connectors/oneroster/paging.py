"""Reads one collection page by page, so that what is missing from it is known to be missing.

Offsets are all that every service has, and they shift under a reader: a row that leaves before the
offset pulls the next one past it. So each request begins at the last row received; if another row
stands there the stream is read again (SEMANTICS C4). Nothing is taken on trust: not the page size,
not the total, not the sort, not the filter. What could not be checked becomes a doubt, and a doubt
costs the proof, never the data (C5). What was found out earlier (``habits``) decides what is asked
first, and nothing else; where it proves wrong, that is told and forgotten.
"""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from app.connectors.asking import next_told
from app.connectors.contract import (
    Ahead,
    Asking,
    Doubt,
    Page,
    Pull,
    Request,
    Response,
    Row,
    State,
    Unreadable,
    row_digest,
)
from app.connectors.oneroster import wire
from app.connectors.oneroster.habits import SMALLEST, Habit
from app.connectors.oneroster.service import Service, rows_of
from app.connectors.oneroster.vocabulary import ACTIVE, REVISION_HEADERS, Stream
from app.errors import ContractError, TransientError
from app.roster.values import Unfit, parse_instant

FORM = 2
"""Counted up when a state of an older version can no longer be read: reading starts anew."""

OVERLAP = timedelta(minutes=5)
"""How far a cursor reaches back before the read it ends: clocks differ, and writes take time."""

READ_AGAIN = 3
"""How often a stream that shifts under the reader is read from its beginning."""

_SMALLER = (1000, SMALLEST)
"""So many rows are asked for, one after the other, where more are refused."""

_PLAINLY_OLDER = timedelta(days=1)
_SAMPLE = 50


class Position(msgspec.Struct, omit_defaults=True):
    """Where a reading stands; as JSON it is the state of a page."""

    form: int = FORM
    version: str = ""
    """What is spoken; blank where it was not noted yet."""
    bound: str = ""
    """Where the next pull of changes begins: fixed before anything was read (SEMANTICS C3)."""
    since: str | None = None
    """Only what changed since then is asked for; ``None`` reads the whole."""
    filters: bool = True
    """False once the service has refused, or ignored, to be asked for changes only."""
    size: int = 0
    """The service accepts to be asked for so many rows; 0 where nothing speaks against more."""
    unsorted: bool = False
    """The service refuses to be asked to sort."""
    offset: int = 0
    """Rows received so far, in this pass."""
    first: str | None = None
    last: str | None = None
    """The first key of the last answer, and its last: where the next answer has to begin."""
    total: int | None = None
    counted: bool = False
    """The total is more than a first answer held, so it is no count of that answer's rows."""
    ignored: bool = False
    """What looked like a total was the length of a page."""
    orders: list[str] | None = None
    """The ascending orders that all keys so far stand in; ``None`` before the first."""
    widest: int = 0
    again: int = 0
    """How often the stream was read from its beginning again."""
    overlaps: bool = True
    revision: str = ""
    ended: bool = False

    def begin_again(self) -> None:
        """Back to the beginning, keeping the bound and what was learnt of the service."""
        self.offset, self.first, self.last = 0, None, None
        self.total, self.counted, self.orders, self.revision = None, False, None, ""
        self.again += 1


def position_of(state: State | None, habit: Habit, version: str) -> Position:
    """The position to read on from. A state that cannot be understood starts a whole read, and so
    does one of another version, in which the same records are told otherwise.

    What is known by ``habit`` is newer than the end of an earlier read.
    """
    # Pages of a single row would have no overlap.
    size = max(habit.size, SMALLEST) if habit.size else 0
    begin = Position(version=version, size=size, unsorted=habit.unsorted)
    try:
        position = msgspec.convert(state, Position) if state else begin
    except msgspec.ValidationError:
        return begin
    if position.form != FORM or position.version not in ("", version):
        return begin
    if position.ended:
        begin.filters = position.filters if habit.filters is None else habit.filters
        begin.since = position.bound or None if begin.filters else None
        begin.size = begin.size or position.size
        begin.unsorted = begin.unsorted or position.unsorted
        return begin
    return position


class _Answer:
    """One page as it came."""

    def __init__(self, response: Response, stream: Stream) -> None:
        self.rows = rows_of(response, stream)
        headers = response.headers
        self.total = _count(headers.get("x-total-count"))
        self.hinted = _count(headers.get("x-count"))
        self.linked = bool(headers.get("link", "").strip())
        self.more = 'rel="next"' in headers.get("link", "").replace("rel=next", 'rel="next"')
        self.date = headers.get("date", "")
        self.revision = next((headers[name] for name in REVISION_HEADERS if name in headers), "")

    def key(self, place: int) -> str | None:
        """The key of the row at ``place``."""
        return wire.careful_heading(self.rows[place]).key if self.rows else None


_REFUSED = object()
"""In place of an answer: the stream is to be read from its beginning."""


def _refuses(status: int) -> bool:
    return 400 <= status < 500 and status not in (401, 403, 429)


def _empty(stream: Stream) -> bytes:
    return b'{"%s":[]}' % stream.collection.encode()


class Reading:
    """One pull of one stream, or of the part that ``path`` leads to or a filter ``only`` lets by.

    A part is read whole.
    """

    def __init__(self, service: Service, stream: Stream, path: str = "", only: str = "") -> None:
        self._service = service
        self._stream = stream
        self._path = path or f"/{stream.collection}"
        self._only = only
        part = bool(path or only)
        self._dispensable = {} if part else stream.dispensable
        self._read = service.readers[stream.name]
        self._io = service.io
        # A part of a collection may be answered otherwise than the whole.
        self._habit = Habit() if part else service.habits.of(stream.name)
        self._doubts: list[Doubt] = []
        self._notes: list[Doubt] = []

    def pages(self, state: State | None) -> Pull:
        """The pages of the stream, on from ``state`` (``contract.Connector.pull``)."""
        self._at = at = position_of(state, self._habit, self._service.version)
        self._wished = (at.since, at.size, at.unsorted)
        resumed = at.offset > 0
        restarts = False
        asked_at = self._io.clock()
        request = yield from self._request()
        if 403 in self._dispensable and not self._service.grants(*self._stream.scopes):
            yield self._left_out(self._dispensable[403])
            return
        while True:
            answer = yield from self._answer(request, resumed)
            if isinstance(answer, str):
                yield self._left_out(answer)
                return
            if answer is _REFUSED:
                # Such as a list that has shrunk, and an offset past its end.
                at.again = 0 if resumed else at.again
                at.begin_again()
                restarts, resumed = True, False
                request = yield from self._request()
                continue
            if not at.bound:
                at.bound = self._bound(answer, asked_at)
            fresh = self._fresh(answer)
            if fresh is None:
                at.begin_again()
                restarts, resumed = True, False
                request = yield from self._request()
                continue
            if not fresh and self._may_hide_rows():
                # A service that sends one row at a time has shown the overlap and nothing else.
                at.overlaps = False
                request = yield from self._request()
                continue
            page = self._parsed(fresh)
            self._count_in(answer, fresh)
            self._learn()
            at.ended = not fresh or self._reached(answer)
            if resumed and not at.orders:
                self._doubt("resumed_unordered")
            if at.ended:
                self._doubt_at_end()
            else:
                request = yield from self._request()
                yield Ahead(request)
            yield self._page(page, len(fresh), restarts)
            if at.ended:
                return
            restarts = resumed = False

    # -- asking --

    def _request(self) -> Any:
        at = self._at
        query: dict[str, str | int] = {"limit": self._size(), "offset": self._offset()}
        if not at.unsorted:
            query |= {"sort": "sourcedId", "orderBy": "asc"}
        if at.since is not None:
            query["filter"] = f"dateLastModified>='{at.since}'"
        elif self._only:
            query["filter"] = self._only
        return self._service.request(self._stream, self._path, query)

    def _size(self) -> int:
        return min(self._at.size or self._io.page_size, self._io.page_size)

    def _offset(self) -> int:
        return self._at.offset - 1 if self._overlapping() else self._at.offset

    def _overlapping(self) -> bool:
        return self._at.overlaps and self._at.offset > 0

    def _answer(self, request: Request, resumed: bool) -> Any:
        """The page that answers ``request``, or what the service accepts in its place.

        Where the stream is left out, the code of why.
        """
        renewed = False
        while True:
            status = 0
            try:
                response: Response = yield request
            except TransientError as error:
                # Some services fail on a filter or a sort instead of refusing it.
                if error.parameters.get("status") != 500 or not self._step_down(500):
                    raise
            except ContractError as error:
                if error.code != "answer_too_long" or not self._ask_for_fewer():
                    raise
            else:
                status = response.status
            if status == 200:
                answer = _Answer(response, self._stream)
                if not self._ignores_filter(answer):
                    return answer
                self._read_whole()
            elif status == 401 and not renewed:
                renewed = True
                request = yield from self._service.renewed(request)
                continue
            elif status and self._is_past_end(status):
                return _Answer(replace(response, body=_empty(self._stream)), self._stream)
            elif status and self._may_begin_again(status, resumed):
                return _REFUSED
            elif status in self._dispensable:
                self._service.denied.add(self._stream.name)
                return self._dispensable[status]
            elif status and not self._step_down(status):
                raise (yield from self._service.refused(response, self._stream))
            request = yield from self._request()

    def _is_past_end(self, status: int) -> bool:
        """A refusal, at the end that the service itself has stated, says that there is no more."""
        at = self._at
        return at.offset > 0 and at.offset == at.total == self._offset() and _refuses(status)

    def _may_begin_again(self, status: int, resumed: bool) -> bool:
        """A refusal in the middle; once more where it was an earlier run that got there."""
        at = self._at
        return at.offset > 0 and _refuses(status) and (resumed or at.again < READ_AGAIN)

    def _step_down(self, status: int) -> bool:
        """Asks for less after a refusal: not for changes only, not sorted, not so many rows."""
        at = self._at
        if at.offset or status in (401, 403, 429):
            return False
        if at.since is not None:
            self._read_whole()
            return True
        if status == 404:
            return False
        if not at.unsorted:
            at.unsorted = True
            return True
        # A service that fails, sorted or not, is not made well by asking for fewer.
        if status == 500 or not self._ask_for_fewer():
            return False
        at.unsorted = self._habit.unsorted
        return True

    def _ask_for_fewer(self) -> bool:
        """Smaller pages, also in the middle: positions do not depend on them."""
        smaller = next((size for size in _SMALLER if size < self._size()), 0)
        self._at.size = smaller or self._at.size
        return bool(smaller)

    def _read_whole(self) -> None:
        self._at.since, self._at.filters = None, False

    def _learn(self) -> None:
        """Once the service has answered: tells of what it would not do, and asks no more for it."""
        at, habit = self._at, self._habit
        since, size, unsorted = self._wished
        self._wished = (at.since, at.size, at.unsorted)
        if since is not None:
            habit.filters = at.filters
            if not at.filters:
                self._note("filter_given_up")
        if at.size != size:
            habit.size = at.size
            self._note("size_given_up", count=at.size)
        if at.unsorted and not unsorted:
            habit.unsorted = True
            self._note("sort_given_up")
        # Where nothing else proves that all rows came, it is asked to sort every time.
        habit.unsorted = habit.unsorted and habit.totals

    def _ignores_filter(self, answer: _Answer) -> bool:
        """True when most rows of a first answer are plainly older than was asked for."""
        at = self._at
        if at.since is None or at.offset or not answer.rows:
            return False
        line = parse_instant(at.since) - _PLAINLY_OLDER
        older = known = 0
        for raw in answer.rows[:_SAMPLE]:
            try:
                instant = parse_instant(wire.careful_heading(raw).modified or "")
            except Unfit:
                continue
            known += 1
            older += instant < line
        return older * 2 > known

    def _bound(self, answer: _Answer, asked_at: datetime) -> str:
        """The moment before anything was read, by the slower of the service's clock and ours."""
        now = self._io.clock()
        try:
            now_there = parsedate_to_datetime(answer.date).replace(tzinfo=UTC)
        except ValueError:
            now_there = now
        bound = min(now, now_there) - max(now - asked_at, timedelta()) - OVERLAP
        return bound.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    # -- judging what came --

    def _fresh(self, answer: _Answer) -> Sequence[msgspec.Raw] | None:
        """The rows not seen before; ``None`` when the stream shifted and is to be read again."""
        at, rows = self._at, answer.rows
        shifted = bool(at.revision) and answer.revision != at.revision
        at.revision = answer.revision
        if at.offset == 0:
            return rows
        first = answer.key(0)
        if self._overlapping() and not shifted and rows and first == at.last:
            return rows[1:]
        if rows and first is not None and first == at.first:
            # The same answer again: there are no pages here. That is the whole only if counted.
            if at.total != at.offset:
                self._doubt("offset_ignored")
            return ()
        if not self._overlapping():
            if rows:
                self._doubt("overlap_unchecked")
            return rows
        if at.again < READ_AGAIN:
            return None
        self._doubt("paging_unstable")
        at.overlaps = False
        at.offset -= 1
        return rows

    def _may_hide_rows(self) -> bool:
        at = self._at
        more = at.widest == 1 if at.total is None else at.offset < at.total
        return self._overlapping() and more and not self._doubted("offset_ignored")

    def _count_in(self, answer: _Answer, fresh: Sequence[msgspec.Raw]) -> None:
        at = self._at
        stated = answer.total
        if stated is None and not at.ignored and answer.hinted is not None:
            # Services differ in what x-count counts: the list, or this answer.
            at.ignored = at.offset == 0 and answer.hinted <= len(fresh)
            stated = None if at.ignored else answer.hinted
        if at.offset == 0:
            at.total, at.counted = stated, stated is not None and stated > len(fresh)
            self._habit.totals = stated is not None
        elif stated is not None and stated != at.total:
            if at.total is not None:
                self._doubt("total_changed", was=at.total, now=stated)
            at.total = stated
        at.offset += len(fresh)
        at.widest = max(at.widest, len(answer.rows))
        at.first = answer.key(0) or at.first
        if fresh:
            at.last = answer.key(-1)

    def _reached(self, answer: _Answer) -> bool:
        """The stated total is reached, and something else says so too.

        Some services state no more than they are willing to count. After a full page it is asked
        once more; where the total was passed it means nothing, and an answer without news ends.
        """
        at = self._at
        if at.total is None or not at.counted or at.offset != at.total or answer.more:
            return False
        short = len(answer.rows) < min(at.widest, self._size())
        return short or answer.linked

    def _doubt_at_end(self) -> None:
        at = self._at
        if at.total is not None and at.offset != at.total:
            self._doubt("total_not_met", stated=at.total, received=at.offset)
        if at.total is None and at.orders == []:
            self._doubt("order_unproven")

    def _doubt(self, code: str, **parameters: int | None) -> None:
        if not self._doubted(code):
            self._doubts.append(Doubt(code, {"entity": self._stream.name, **parameters}))

    def _note(self, code: str, **parameters: int) -> None:
        self._notes.append(Doubt(code, {"entity": self._stream.name, **parameters}))

    def _doubted(self, code: str) -> bool:
        return any(doubt.code == code for doubt in self._doubts)

    # -- the page --

    def _parsed(self, fresh: Sequence[msgspec.Raw]) -> "_Parsed":
        parsed = _Parsed(fresh, self._service.salt)
        at = self._at
        if parsed.order:
            keys = parsed.order if at.last is None else [at.last, *parsed.order]
            standing = at.orders if at.orders is not None else list(_ORDERS)
            at.orders = [name for name in standing if _ascending(keys, name)]
        return parsed

    def _page(self, parsed: "_Parsed", received: int, restarts: bool) -> Page:
        at, raws, read = self._at, parsed.raws, self._read

        def read_rows(places: Iterable[int]) -> list[Row | Unreadable]:
            return [read(raws[place]) for place in places]

        doubts, self._doubts = tuple(self._doubts), []
        notes = (*self._service.news, *self._notes)
        self._service.news.clear()
        self._notes.clear()
        return Page(
            entity=self._stream.name,
            fields=self._stream.entity.field_names,
            keys=parsed.keys,
            digests=parsed.digests,
            read=read_rows,
            state=self._state(),
            last=at.ended,
            full=at.since is None,
            scope=self._service.scope_of(self._stream, at.since is not None),
            tombstones=parsed.tombstones,
            unreadable=parsed.unreadable,
            received=received,
            total=at.total,
            restarts=restarts,
            doubts=doubts,
            notes=notes,
        )

    def _state(self) -> State:
        at = self._at
        if at.ended:
            at = Position(
                version=at.version,
                bound=at.bound,
                filters=at.filters,
                size=at.size,
                unsorted=at.unsorted,
                ended=True,
            )
        state: State = msgspec.to_builtins(at)
        return state

    def _left_out(self, why: str) -> Page:
        """Nothing, under a scope of its own: it is told, and never taken for an empty answer."""
        self._at = Position(since=self._at.since, filters=self._at.filters, ended=True)
        page = self._page(_Parsed((), self._service.salt), 0, False)
        note = Doubt(why, {"entity": self._stream.name})
        return replace(
            page, scope=f"{page.scope} ({why.replace('_', ' ')})", notes=[*page.notes, note]
        )


def whole(reading: Reading) -> Asking[list[Row] | None]:
    """All rows of a reading, for whoever needs no pages; ``None`` where some may be missing."""
    rows: list[Row | Unreadable] = []
    certain = True
    with closing(reading.pages(None)) as steps:
        while (told := (yield from next_told(steps))) is not None:
            if isinstance(told, Page):
                if told.restarts:
                    rows.clear()
                rows.extend(told.read(range(len(told.keys))))
                certain = certain and not told.doubts and not told.unreadable
    return [row for row in rows if isinstance(row, Row)] if certain else None


def first_page(reading: Reading) -> Asking[Page]:
    """The first page of a reading, for whoever wants to know how it goes."""
    with closing(reading.pages(None)) as steps:
        while isinstance(told := (yield from next_told(steps)), Ahead):
            pass
    assert told is not None
    return told


class _Parsed:
    """The rows of a page told apart by their heads alone."""

    def __init__(self, rows: Iterable[msgspec.Raw], salt: bytes) -> None:
        self.keys: list[str] = []
        self.digests: list[bytes] = []
        self.raws: list[msgspec.Raw] = []
        self.tombstones: list[str] = []
        self.unreadable: list[Unreadable] = []
        self.order: list[str] = []
        decode = wire.decode_head
        for raw in rows:
            try:
                head = decode(raw)
                key = head.sourcedId
                usual = wire.usual_key(key) and head.status in ACTIVE
            except wire.NOT_DECODED:
                usual = False
            if not usual and not (key := self._unusual(raw)):
                continue
            self.order.append(key)
            self.keys.append(key)
            self.digests.append(row_digest(raw, salt))
            self.raws.append(raw)
        if len(set(self.order)) != len(self.order):
            self._drop_repeated()

    def _unusual(self, raw: msgspec.Raw) -> str:
        """Sorts in a row that is not as usual; its key if it lives and may be readable."""
        heading = wire.careful_heading(raw)
        if heading.key is not None:
            if not heading.reason and not heading.dead:
                return heading.key
            self.order.append(heading.key)
        if heading.reason or heading.key is None:
            self.unreadable.append(Unreadable(heading.key, bytes(raw), heading.reason))
        else:
            self.tombstones.append(heading.key)
        return ""

    def _drop_repeated(self) -> None:
        """Of rows with one key the first stays, live rows before tombstones."""
        seen: set[str] = set()
        places = []
        for place, key in enumerate(self.keys):
            if key not in seen:
                seen.add(key)
                places.append(place)
        self.keys = [self.keys[place] for place in places]
        self.digests = [self.digests[place] for place in places]
        self.raws = [self.raws[place] for place in places]
        self.tombstones = [key for key in dict.fromkeys(self.tombstones) if key not in seen]


_ORDERS = ("text", "folded", "number")
"""Ways of being in ascending order: by character, by letter whatever its case, by number."""


def in_order(keys: Sequence[str]) -> bool:
    """Whether keys stand in any ascending order."""
    return any(_ascending(keys, order) for order in _ORDERS)


def stated(response: Response, received: int) -> int | None:
    """How many rows there are, where a first answer says so.

    Services differ in what ``x-count`` counts: the list, or the rows of this answer.
    """
    total = _count(response.headers.get("x-total-count"))
    hinted = _count(response.headers.get("x-count"))
    return hinted if total is None and hinted is not None and hinted > received else total


def _ascending(keys: Sequence[str], order: str) -> bool:
    said: list[Any]
    if order == "number":
        if not all(key.isascii() and key.isdecimal() for key in keys):
            return False
        # Not by ``int``, which takes no more than some thousand digits.
        said = [(len(digits), digits) for digits in (key.lstrip("0") for key in keys)]
    else:
        said = [key.lower() for key in keys] if order == "folded" else list(keys)
    return said == sorted(said)


def _count(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text[:18]) if text.isdecimal() else None
