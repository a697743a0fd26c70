"""What is read of a resource: lists, single documents, changes, deletes, partitions."""

import hashlib
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .problems import JSON, unknown
from .query import LAST, Query, page_token, parse, partitions
from .session import Session
from .shelf import Change, Item, encode
from .telling import cased, deleted, rekeyed
from .vocabulary import Document, Resource


def collection(session: Session, resource: Resource, request: Request) -> Response:
    """`GET /ed-fi/{resource}`: by offset and limit, or by page token where that is known."""
    asked = session.standard.of(resource)
    query = parse(request.query_params, asked, cursor=session.generation.cursor)
    chosen = _chosen(session, resource, query)
    headers = _total(session, resource, chosen, query)
    limit = query.limit
    if (most := session.switches.take("clamped-limit", resource.name)) is not None:
        limit = min(limit, int(most))
    if query.cursor is None:
        page = _drifted(session, resource, chosen, query)[query.offset : query.offset + limit]
    else:
        first, last = query.cursor
        begin = bisect_left(chosen, abs(first), key=_number)
        page = [item for item in chosen[begin : begin + limit] if item.number <= last]
        if page and first > 0 and "empty-pages" in session.switches:
            page = []
            headers["Next-Page-Token"] = page_token(-first, last)
        elif page:
            headers["Next-Page-Token"] = page_token(page[-1].number + 1, last)
    documents = [session.told(resource, item) for item in page]
    body = _spoiled(session, resource, documents)
    if page and session.switches.take("edited-while-paged", resource.name) is not None:
        session.touch(resource, chosen[0])
    return Response(body, 200, headers, JSON)


def one(session: Session, resource: Resource, id_: str, request: Request) -> Response:
    """`GET /ed-fi/{resource}/{id}`: 304 when the client has it as it is."""
    if session.switches.take("no-rows", resource.name) is not None:
        raise unknown("item")
    item = session.permitted(resource, id_)
    headers = {"ETag": f'"{item.etag}"'}
    if item.etag in _etags(request.headers.get("if-none-match", "")):
        return Response(None, 304, headers)
    document = session.told(resource, item)
    return Response(encode(document), 200, headers, JSON)


def divided(session: Session, resource: Resource, request: Request) -> Response:
    """`GET /ed-fi/{resource}/partitions`: the tokens of as many ranges of equal size."""
    if not session.generation.cursor:
        raise unknown()
    wanted = partitions(request.query_params)
    query = parse(request.query_params, resource, cursor=True)
    numbers = [item.number for item in _chosen(session, resource, query)]
    size = -(-len(numbers) // wanted) or 1
    begins = numbers[::size]
    ends = [*(begin - 1 for begin in begins[1:]), LAST]
    tokens = [page_token(*bounds) for bounds in zip(begins, ends, strict=False)]
    return Response(encode({"pageTokens": tokens}), 200, None, JSON)


def deletes(session: Session, resource: Resource, request: Request) -> Response:
    """`GET /ed-fi/{resource}/deletes`: what went and is not there again."""
    query = parse(request.query_params, None, cursor=False)
    found = [
        change
        for change in session.ods.shelves[resource.name].deletes
        if query.within(change.version)
        and session.visibility.sees_values(resource, change.old)
        and not session.is_there_again(resource, change)
    ]
    entries = []
    for change in _part(found, query):
        values = session.values(resource, change.before) if session.generation.key_values else None
        entries.append(deleted(change, values))
    return _listed(session, resource, entries, found, query)


def key_changes(session: Session, resource: Resource, request: Request) -> Response:
    """`GET /ed-fi/{resource}/keyChanges`: one entry a document, from the first key to the last."""
    query = parse(request.query_params, None, cursor=False)
    found: dict[str, Change] = {}
    for change in session.ods.shelves[resource.name].key_changes:
        if not query.within(change.version):
            continue
        if not session.visibility.sees_values(resource, change.old):
            continue
        before = found.pop(change.id, None)
        found[change.id] = change if before is None else change._replace(before=before.before)
    entries = [
        rekeyed(
            change, session.values(resource, change.before), session.values(resource, change.after)
        )
        for change in found.values()
    ]
    # An older version has no word for some parts of a key: it tells no change of these.
    changes = [entry for entry in entries if entry["oldKeyValues"] != entry["newKeyValues"]]
    page = changes[query.offset : query.offset + query.limit]
    return _listed(session, resource, page, changes, query)


def _chosen(session: Session, resource: Resource, query: Query) -> list[Item]:
    """The documents asked for; where the whole natural key is given, without looking at others."""
    if session.switches.take("no-rows", resource.name) is not None:
        return []
    paths = [part.path for part in resource.key]
    whole = session.standard.of(resource) is resource
    if whole and all(query.values.get(path) for path in paths):
        item = session.ods.find(resource.name, session.key(query.values[path] for path in paths))
        if item is None or not session.visibility.sees(resource, item):
            return []
        return query.chosen([item], session.reads(resource))
    found = query.chosen(session.visibility.items(resource), session.reads(resource))
    if (percent := session.switches.take("withheld-rows", resource.name)) is not None:
        found = [item for item in found if _share(item) >= percent]
    return found


def _number(item: Item) -> int:
    return item.number


def _share(item: Item) -> float:
    """Where an item stands among a hundred, the same each time and without regard to its order."""
    return hashlib.md5(item.id.encode(), usedforsecurity=False).digest()[0] / 2.56


def _drifted(session: Session, resource: Resource, chosen: list[Item], query: Query) -> list[Item]:
    """What a fault makes of the order of documents between two pages."""
    if query.offset and session.switches.take("drifting-rows", resource.name) is not None:
        session.switches.step("drifting-rows", resource.name)
    moved = session.switches.steps("drifting-rows", resource.name)
    return chosen[moved:] + chosen[:moved]


def _spoiled(session: Session, resource: Resource, documents: list[Document]) -> bytes:
    """A page, with what faults make of its first documents."""
    take = session.switches.take
    keyless = int(take("keyless-row", resource.name) or 0)
    for document in documents[:keyless]:
        for part in resource.key:
            document.pop(part.path[0], None)
    unreadable = int(take("unreadable-row", resource.name) or 0)
    rows = [encode(document) for document in documents]
    rows[:unreadable] = [row.replace(b'":', b'"', 3) for row in rows[:unreadable]]
    return b"[" + b",".join(rows) + b"]"


def _part(changes: Sequence[Change], query: Query) -> Sequence[Change]:
    return changes[query.offset : query.offset + query.limit]


def _total(
    session: Session, resource: Resource, found: Sequence[Any], query: Query
) -> dict[str, str]:
    if not query.total or session.switches.take("no-total", resource.name) is not None:
        return {}
    too_many = session.switches.take("wrong-total", resource.name) or 0
    return {"Total-Count": str(len(found) + int(too_many))}


def _listed(
    session: Session,
    resource: Resource,
    entries: list[dict[str, Any]],
    found: Sequence[Any],
    query: Query,
) -> Response:
    page = [cased(entry, session.switches) for entry in entries]
    return Response(encode(page), 200, _total(session, resource, found, query), JSON)


def _etags(told: str) -> set[str]:
    return {one.strip().removeprefix("W/").strip('"') for one in told.split(",")}
