"""Reads what is asked for by itself: one document by its natural key, or the few of one query.

Both are read from the database as it is now, also where streams are read from a snapshot: whether
something is still there is a question about now.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing

from app.connectors.asking import next_told
from app.connectors.contract import Asking, Doubt
from app.connectors.edfi import documents
from app.connectors.edfi.asking import LARGEST
from app.connectors.edfi.feed import Batch, Broken, Item, Window
from app.connectors.edfi.paging import Reading
from app.connectors.edfi.service import Service
from app.connectors.edfi.vocabulary import Resource
from app.errors import ContractError

_GONE = frozenset({404, 410})
_NO_LIST = frozenset({404, 405, 410})
"""How a service answers that has no such resource, so that no document of it is there to be read;
that says nothing of the document."""


def one(
    service: Service, resource: Resource, key: str, id: str = ""
) -> Asking[Item | Broken | None]:
    """The document of the natural key ``key``; ``None`` where there is none to be seen.

    Lists leave out in silence what the client key may not see. Where ``id`` is known, what no list
    has is asked for by it: then ``AuthError`` tells what is there and may not be read, and the
    document that is found may have got another key.
    Raises ``ContractError`` ``edfi_filter_ignored`` where the service sends others instead.
    """
    try:
        query = resource.values(key)
    except ValueError:
        raise ContractError("edfi_key_not_addressable", resource=resource.name) from None
    response = yield from service.ask(resource.path, {**query, "limit": 2})
    rows = documents.rows_of(response) if response.status == 200 else []
    found = [documents.item(resource, row)[1] for row in rows]
    for same in (str, str.casefold):
        # Some databases tell capitals from small letters, and some do not.
        for each in found:
            if isinstance(each, Item | Broken) and each.key and same(each.key) == same(key):
                return each
    if len(found) == 1 and isinstance(found[0], Broken) and found[0].key is None:
        return found[0]._replace(key=key)
    if id:
        by_id = yield from _by_id(service, resource, id)
        if by_id is not None or response.status not in _NO_LIST:
            return by_id
    if response.status != 200:
        raise service.refusal(response, resource)
    if found:
        raise ContractError("edfi_filter_ignored", resource=resource.name)
    return None


def listed(
    service: Service, resource: Resource, query: Mapping[str, str]
) -> Asking[tuple[Sequence[Item], Sequence[Broken], Sequence[Doubt]]]:
    """All documents that a query lets by, and the doubts whether these are all.

    It is for few: the parts of one record, or the roll of one section. Raises ``ContractError``
    ``edfi_filter_ignored`` where others come, and what ``paging.batches`` raises.
    """
    items: dict[str, Item] = {}
    broken: list[Broken] = []
    doubts: list[Doubt] = []
    reading = Reading(service, resource, Window(None, None), size=LARGEST, only=query)
    with closing(reading.batches()) as steps:
        while (step := (yield from next_told(steps))) is not None:
            if isinstance(step, Batch):
                if step.restarts:
                    items.clear()
                    broken.clear()
                _require_heeded(resource, step.items, query)
                items.update((each.key, each) for each in step.items)
                broken += step.broken
                doubts += step.doubts
    return list(items.values()), broken, doubts


def _by_id(service: Service, resource: Resource, id: str) -> Asking[Item | Broken | None]:
    response = yield from service.ask(f"{resource.path}/{id}")
    if response.status in _GONE:
        return None
    if response.status != 200:
        raise service.refusal(response, resource)
    _, found = documents.item(resource, documents.document_of(response))
    assert isinstance(found, Item | Broken)
    return found


def _require_heeded(resource: Resource, items: Sequence[Item], query: Mapping[str, str]) -> None:
    wanted = {name: said.casefold() for name, said in query.items() if name in resource.names}
    for each in items:
        told = resource.values(each.key)
        if any(told[name].casefold() != said for name, said in wanted.items()):
            raise ContractError("edfi_filter_ignored", resource=resource.name)
