"""Answers with records: pages of a collection, in which order, and single records."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from .answers import JSON, unknown
from .collection import Collection
from .faults import Faults
from .habits import Habits
from .query import Query, sort_key
from .spoiling import Spoiling
from .vocabulary import Kind
from .wire import decode, encode

Within = Callable[[], Sequence[str]]


class Pages:
    """Answers collection reads; remembers the last few selections, since clients page on.

    A selection is forgotten as soon as any record changed: `version` tells.
    """

    _REMEMBERED = 16

    def __init__(self, version: Callable[[], object], faults: Faults, habits: Habits) -> None:
        self._version = version
        self._spoiling = Spoiling(faults)
        self._habits = habits
        self._at: object = None
        self._selections: OrderedDict[tuple[object, ...], Sequence[bytes]] = OrderedDict()

    def answer(
        self,
        request: Request,
        kind: Kind,
        collection: Collection,
        query: Query,
        within: Within | None = None,
    ) -> Response:
        """The page asked for, with X-Total-Count and Link.

        `within` names the sourcedIds of the part of the collection that the path speaks of; the
        whole collection without it.
        """
        name, spoiling = kind.plural, self._spoiling
        query = spoiling.query(name, query, sorts="sort" in request.query_params)
        if query.filter is not None and "excludes-the-bound" in self._habits:
            query = replace(query, filter=query.filter.without_bounds())
        rows = self._select(request.url.path, collection, query, within)
        rows = spoiling.rows(collection, query, rows)
        page = list(rows[query.offset : query.offset + query.limit])
        if query.fields:
            page = [_only(row, query.fields) for row in page]
        page = spoiling.page(name, query, page)
        body = b"".join((b'{"', name.encode(), b'":[', b",".join(page), b"]}"))
        headers = spoiling.headers(name, len(rows), _links(request, query, len(rows)))
        if "x-count" in self._habits:
            headers = {"x-count": str(len(rows))}
        return Response(spoiling.body(name, body), 200, headers, JSON)

    def single(
        self, kind: Kind, collection: Collection, key: str, fields: tuple[str, ...]
    ) -> Response:
        """The record of this sourcedId with only these fields, all when empty; 404 without it."""
        row = collection.get(key)
        if row is None or key in self._spoiling.absent(collection):
            raise unknown(kind.singular, key)
        row = _only(row, fields) if fields else row
        return Response(
            b"".join((b'{"', kind.singular.encode(), b'":', row, b"}")), 200, None, JSON
        )

    def _select(
        self, path: str, collection: Collection, query: Query, within: Within | None
    ) -> Sequence[bytes]:
        plain = query.filter is None and not query.sort and not query.descending
        if plain and within is None:
            return collection.rows
        version = self._version()
        if version != self._at:
            self._selections.clear()
            self._at = version
        asked = (path, query.filter_text, query.sort, query.descending)
        found = self._selections.get(asked)
        if found is None:
            found = _selection(collection, query, within() if within else None)
            self._selections[asked] = found
            if len(self._selections) > self._REMEMBERED:
                self._selections.popitem(last=False)
        else:
            self._selections.move_to_end(asked)
        return found


def _selection(
    collection: Collection, query: Query, within: Sequence[str] | None
) -> Sequence[bytes]:
    bounds = query.filter.modified() if query.filter else None
    if bounds is not None:
        keys = sorted(collection.modified(*bounds))
        if within is not None:
            inside = set(within)
            keys = [key for key in keys if key in inside]
        rows = [row for row in map(collection.get, keys) if row is not None]
    elif within is not None:
        rows = [row for row in map(collection.get, sorted(within)) if row is not None]
    else:
        rows = list(collection.rows)
    if query.filter is not None and bounds is None:
        accepts = query.filter.accepts
        rows = [row for row in rows if accepts(decode(row))]
    if query.sort:
        # Rows are in the order of their sourcedIds, and the sort is stable: ties keep it, so
        # paging never loses a record. Descending keeps it too.
        key = sort_key(query.sort)
        rows.sort(key=lambda row: key(decode(row)), reverse=query.descending)
    elif query.descending:
        rows.reverse()
    return rows


def _only(row: bytes, fields: tuple[str, ...]) -> bytes:
    record = decode(row)
    return encode({name: value for name, value in record.items() if name in fields})


def _links(request: Request, query: Query, total: int) -> str:
    last = max(0, (total - 1) // query.limit * query.limit)
    targets = {"first": 0, "last": last}
    if query.offset + query.limit < total:
        targets["next"] = query.offset + query.limit
    if query.offset > 0:
        targets["prev"] = max(0, query.offset - query.limit)
    url = request.url.replace(path=request.scope["asked"])
    return ", ".join(
        f'<{url.include_query_params(limit=query.limit, offset=offset)}>; rel="{name}"'
        for name, offset in targets.items()
    )
