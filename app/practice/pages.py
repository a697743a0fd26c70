"""Pages of collections: which records, in which order, and the answer that carries them."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from .answers import JSON
from .collection import Collection
from .query import Query, sort_key
from .vocabulary import Kind
from .wire import decode, encode

Within = Callable[[], Sequence[str]]


class Pages:
    """Answers collection reads; remembers the last few selections, since clients page on.

    A selection is forgotten as soon as any record changed: `version` tells.
    """

    _REMEMBERED = 16

    def __init__(self, version: Callable[[], int]) -> None:
        self._version = version
        self._at = -1
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
        rows = self._select(request.url.path, collection, query, within)
        page = rows[query.offset : query.offset + query.limit]
        if query.fields:
            page = [_only(row, query.fields) for row in page]
        body = b"".join((b'{"', kind.plural.encode(), b'":[', b",".join(page), b"]}"))
        headers = {"X-Total-Count": str(len(rows)), "Link": _links(request, query, len(rows))}
        return Response(body, 200, headers, JSON)

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


def only_fields(row: bytes, fields: tuple[str, ...]) -> bytes:
    """A record with only these fields, in the record's own order; all of them when empty."""
    return _only(row, fields) if fields else row


def _links(request: Request, query: Query, total: int) -> str:
    last = max(0, (total - 1) // query.limit * query.limit)
    targets = {"first": 0, "last": last}
    if query.offset + query.limit < total:
        targets["next"] = query.offset + query.limit
    if query.offset > 0:
        targets["prev"] = max(0, query.offset - query.limit)
    return ", ".join(
        f'<{request.url.include_query_params(limit=query.limit, offset=offset)}>; rel="{name}"'
        for name, offset in targets.items()
    )
