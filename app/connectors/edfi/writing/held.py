"""Documents as the service has them: found by what they refer to, each with its id and its ETag.

A document is read to be sent back, so nothing of it is lost on the way: only what the server makes
itself is taken off (``id``, ``_etag``, ``_lastModifiedDate``, ``link``), which no body may hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

from app.connectors.contract import Asking, Response
from app.connectors.edfi.service import Service
from app.connectors.edfi.vocabulary import Document, Resource
from app.errors import ContractError

PAGE = 100
"""Documents asked for at once: every service allows as many."""

MOST = 5000
"""One record has no more parts than this; a service that tells more did not heed the question."""

_MADE_THERE = frozenset({"id", "_etag", "_lastmodifieddate"})


class Forbidden(Exception):
    """The key may not read what a change needs (403); ``response`` has the service's words."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


@dataclass(frozen=True)
class Held:
    """A document that is there."""

    resource: Resource
    document: Document = field(repr=False)
    id: str
    tag: str = ""
    """Its ETag, where it has one that a write can be made to depend on."""
    modified: str = ""
    """When it was last changed there, where that is told."""

    @property
    def key(self) -> str:
        """Its natural key. Raises ``KeyError`` where a part of it is missing."""
        return self.resource.key_in(self.document)


def held(service: Service, resource: Resource, query: Mapping[str, str]) -> Asking[list[Held]]:
    """The documents of a resource that ``query`` names by parts of their natural key.

    Raises ``Forbidden``, and what reading raises: an answer that is not whole is no answer.
    """
    found: list[Held] = []
    while True:
        asked: dict[str, str | int | bool] = {**query, "limit": PAGE, "offset": len(found)}
        response = yield from service.ask(resource.path, {**asked, "totalCount": True})
        if response.status == 403:
            raise Forbidden(response)
        if response.status != 200:
            raise service.refusal(response, resource)
        came = [_one(resource, document) for document in _documents(response)]
        found += came
        if len(found) > MOST or not all(_meant(one, query) for one in came):
            raise ContractError("another_record", entity=resource.name)
        total = response.headers.get("total-count", "").strip()
        if not came or len(found) >= (int(total[:18]) if total.isdecimal() else PAGE):
            return found


def _meant(one: Held, query: Mapping[str, str]) -> bool:
    """Whether a document is one that was asked for; many databases take upper case for lower."""
    try:
        values = one.resource.values(one.key)
    except KeyError:
        return False
    return all(values[name].casefold() == value.casefold() for name, value in query.items())


def stripped(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without what the server makes: the form in which it is compared and sent."""
    return {
        name: _linkless(value)
        for name, value in document.items()
        if name.lower() not in _MADE_THERE and name != "link"
    }


def _linkless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _linkless(part) for name, part in value.items() if name != "link"}
    return [_linkless(part) for part in value] if isinstance(value, list) else value


def _documents(response: Response) -> list[dict[str, Any]]:
    try:
        return msgspec.json.decode(response.body, type=list[dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ContractError("answer_not_json", path=urlsplit(response.url).path) from None


def _one(resource: Resource, document: Mapping[str, Any]) -> Held:
    made = {name.lower(): value for name, value in document.items()}
    id_, tag = made.get("id"), str(made.get("_etag") or "").strip('"')
    if not isinstance(id_, str) or not id_:
        raise ContractError("collection_missing", path=resource.path, key="id")
    at = made.get("_lastmodifieddate")
    return Held(
        resource,
        stripped(document),
        id_,
        f'"{tag}"' if tag else "",
        at if isinstance(at, str) else "",
    )
