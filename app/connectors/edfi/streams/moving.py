"""Documents that go by another natural key, as they are on the shelf (SEMANTICS A6)."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.connectors.edfi.streams.position import Work
from app.connectors.edfi.streams.shelved import Known
from app.connectors.edfi.vocabulary import Resource, key_parts

WITHOUT_ID = "?"
"""In place of the id of a document that has none: before its natural key."""


def follow(work: Work, shared: str, pairs: Mapping[str, str]) -> None:
    """What is shared goes along to the keys of ``pairs``, where nothing came under them.

    The service that tells the key change of a record need not tell that of what it refers to.
    """
    resource = work.service.resources[shared]
    documents = work.shelf.documents(shared)
    there = documents.take([*pairs, *pairs.values()])
    for new, old in pairs.items():
        if new not in there and old in there:
            id_ = WITHOUT_ID + new
            body = rekeyed(there[old].body, resource, new)
            documents.put(new, msgspec.structs.replace(there[old], key=new, id=id_, body=body))
            number = work.at.numbers.get(shared, 0)
            work.shelf.known(shared).put(id_, Known(new, number, work.mark))


def rekeyed(body: bytes, resource: Resource, key: str) -> bytes:
    """A document with another natural key; what is in it stays of the type that it was."""
    try:
        document = msgspec.json.decode(body)
        for place, part in zip(resource.places, key_parts(key), strict=True):
            _put(document, place, part)
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return body
    return msgspec.json.encode(document)


def _put(document: dict[str, Any], place: Sequence[str], part: str) -> None:
    for name in place[:-1]:
        document = document[name]
    before = document[place[-1]]
    document[place[-1]] = int(part) if isinstance(before, int) else part
