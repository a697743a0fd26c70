"""Reads one record by its key: as a row, and as the document that a change is written into."""

from dataclasses import dataclass, field

from app.connectors.contract import Asking, Gone, Row, Unreadable
from app.connectors.oneroster import wire
from app.connectors.oneroster.service import Service, key_path, refusal, single_of
from app.connectors.oneroster.vocabulary import Stream
from app.errors import ContractError
from app.roster.values import TEXT


@dataclass(frozen=True)
class Single:
    """What stands under a key."""

    found: Row | Unreadable | Gone
    raw: bytes = field(default=b"", repr=False)
    """The record as it was received, where there is one."""
    tag: str = ""
    """Its ETag, where it has one that a write can be made to depend on."""


def single(service: Service, stream: Stream, key: str) -> Asking[Single]:
    """Reads a record by its sourcedId; only a plain answer says that it is gone (D1)."""
    response = yield from service.ask(stream, key_path(stream, key))
    if response.status in (404, 410):
        return Single(Gone.NOT_FOUND)
    if response.status != 200:
        raise refusal(response, stream)
    raw = single_of(response, stream)
    heading = wire.careful_heading(raw)
    if heading.key is not None and heading.key != TEXT.normal(key):
        raise ContractError("another_record", entity=stream.name)
    if heading.dead and heading.key is not None:
        return Single(Gone.TOMBSTONE)
    tag = response.headers.get("etag", "").strip()
    # A weak one never matches (RFC 9110, section 13.1.1).
    return Single(service.readers[stream.name](raw), raw, "" if tag.startswith("W/") else tag)
