"""Tells the documents of one answer apart: what they are, by which keys, and what is kept of them.

A page is decoded in one go. Where that fails, each document is taken by itself, however it is
written, so that a broken one costs itself and never its page (SEMANTICS C6).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlsplit
from zlib import crc32

import msgspec

from app.connectors import tolerant
from app.connectors.contract import Response
from app.connectors.edfi.feed import Broken, Deleted, Item
from app.connectors.edfi.vocabulary import Document, Resource
from app.errors import ContractError, SyncError, TransientError

_BOM = b"\xef\xbb\xbf"
_OF_THE_SERVER = frozenset(
    {
        *("id", "Id", "ID", "link", "Link"),
        *("_etag", "_eTag", "_ETag", "_lastModifiedDate", "_LastModifiedDate"),
    }
)
"""What the server adds to a document; how it is written has changed with the versions."""

_PLAIN = frozenset({str, int, float, bool})
"""Most of what stands in a document, which stays as it is."""

_MIDNIGHT = "T00:00:00"
"""What older services add to the days in the keys of what is gone."""

_NOT_DECODED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_decode = msgspec.json.Decoder().decode
_decode_raw = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


class Undecoded(NamedTuple):
    """A document that no strict decoder takes, and what could be told of it."""

    raw: bytes
    said: Mapping[str, Any]
    reason: str


class KeyMove(NamedTuple):
    """An entry of ``/keyChanges`` as it came."""

    id: str
    version: int
    old: str
    new: str


Found: TypeAlias = Item | Broken | Deleted | KeyMove
Told: TypeAlias = tuple[str, Found]
"""What an entry of a list is, after what marks it: its ``id``, or else its key or itself."""

Teller: TypeAlias = Callable[[Resource, Any], Told]


def rows_of(response: Response) -> list[Any]:
    """The entries of a list, decoded or ``Undecoded``.

    Raises ``ContractError`` for what is no list, and ``TransientError`` for one that was cut short.
    """
    body = plain(response.body)
    try:
        rows = _decode(body)
    except _NOT_DECODED as error:
        apart = _apart(body)
        if apart is None:
            raise _not_understood(error, response) from None
        return apart
    if not isinstance(rows, list):
        raise ContractError("edfi_no_list", path=urlsplit(response.url).path)
    return rows


def document_of(response: Response) -> Any:
    """The document of an answer to a read by its id, decoded or ``Undecoded``.

    Raises what ``rows_of`` raises.
    """
    body = plain(response.body)
    try:
        return _decode(body)
    except _NOT_DECODED as error:
        apart = _apart(b"[" + body + b"]")
        if apart is None or len(apart) != 1:
            raise _not_understood(error, response) from None
        return apart[0]


def item(resource: Resource, row: Any) -> Told:
    """A document of a collection."""
    said, reason = _entry(row), ""
    if isinstance(row, Undecoded):
        reason = row.reason
    elif not isinstance(row, dict):
        reason = "row_not_object"
    mark = _text(_member(said, "id"))
    key = None
    try:
        key = resource.key_in(said)
    except KeyError:
        reason = reason or "edfi_without_key"
    if key is not None and not tolerant.usable_key(key):
        key, reason = None, reason or "edfi_key_unusable"
    if reason and key and "\ufffd" in key:
        key = None  # the wrong bytes are in the key itself
    if not reason:
        try:
            body = _encode(_content(said))
        except (TypeError, ValueError, RecursionError):
            reason = "row_not_json"
    if key is None or reason:
        raw = _as_it_is(row)
        return mark or key or _print_of(raw), Broken(key, raw, reason)
    return mark or key, Item(key, mark, body, _text(_member(said, "_lastModifiedDate")) or None)


def deleted(resource: Resource, row: Any) -> Told:
    """An entry of ``/deletes``; one that does not even say its ``id`` is ``Broken``."""
    said = _entry(row)
    mark = _text(_member(said, "id"))
    key = _key_told(resource, said, "keyValues")
    if not mark:
        raw = _as_it_is(row)
        return key or _print_of(raw), Broken(key or None, raw, "edfi_without_key")
    return mark, Deleted(mark, key)


def key_move(resource: Resource, row: Any) -> Told:
    """An entry of ``/keyChanges``; one that does not say from where to where is ``Broken``."""
    said = _entry(row)
    mark = _text(_member(said, "id"))
    version = _member(said, "changeVersion")
    old, new = (_key_told(resource, said, f"{which}KeyValues") for which in ("old", "new"))
    counted = version if isinstance(version, int) else 0
    if not (old and new):
        raw = _as_it_is(row)
        return f"{mark} {counted}", Broken(new or None, raw, "edfi_without_key")
    # Services tell one entry for each change or one for each document.
    return f"{mark} {counted}", KeyMove(mark or old, counted, old, new)


# -- what is kept of a document -----------------------------------------------------------------


def _content(document: Document) -> dict[str, Any]:
    """A document without what the server adds, in an order of its own.

    Collections in a document have no order that means anything, and no service keeps to one; what
    is null is not said. So what is equal is equal byte by byte.
    """
    return {
        name: value if type(value) in _PLAIN else _plain_content(value)
        for name, value in document.items()
        if value is not None and name not in _OF_THE_SERVER
    }


def _plain_content(value: Any) -> Any:
    if isinstance(value, dict):
        return _content(value)
    if isinstance(value, list):
        parts = [_plain_content(one) for one in value]
        return sorted(parts, key=_encode) if len(parts) > 1 else parts
    return value


def _key_told(resource: Resource, said: Document, name: str) -> str:
    values = _member(said, name)
    if not isinstance(values, dict):
        return ""
    days = {name: _day(value) for name, value in values.items()}
    try:
        key = resource.key_of(days)
    except KeyError:
        return ""
    return key if tolerant.usable_key(key) else ""


def _day(value: Any) -> Any:
    if isinstance(value, str) and value[10:].startswith(_MIDNIGHT):
        return value[:10]
    return value


def _entry(row: Any) -> Document:
    if isinstance(row, Undecoded):
        return row.said
    return row if isinstance(row, dict) else {}


def _member(said: Document, name: str) -> Any:
    """What a member says; services of other versions write its name otherwise."""
    if name in said:
        return said[name]
    plain_name = name.lower()
    return next((said[one] for one in said if str(one).lower() == plain_name), None)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) and tolerant.usable_key(value) else ""


def _print_of(raw: bytes) -> str:
    return f"{crc32(raw):08x}"


def _as_it_is(row: Any) -> bytes:
    if isinstance(row, Undecoded):
        return row.raw
    try:
        return _encode(row)
    except (TypeError, ValueError, RecursionError):
        return repr(row).encode("utf-8", "replace")


# -- what no strict decoder takes ---------------------------------------------------------------


def plain(body: bytes) -> bytes:
    """A body without the mark that some services put before it."""
    return body[len(_BOM) :] if body.startswith(_BOM) else body


def _apart(body: bytes) -> list[Any] | None:
    """The elements of the list ``body``, each by itself; ``None`` where it has no end."""
    try:
        raws: list[bytes] | None = [bytes(raw) for raw in _decode_raw(body)]
    except _NOT_DECODED:
        raws = tolerant.elements(b'{"list":%b}' % body, "list")
    return None if raws is None else [_carefully(raw) for raw in raws]


def _carefully(raw: bytes) -> Any:
    try:
        return _decode(raw)
    except _NOT_DECODED:
        pass
    reason = ""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text, reason = raw.decode("utf-8", "replace"), "row_encoding"
    try:
        said = tolerant.untyped(text)
    except (ValueError, RecursionError):
        return Undecoded(raw, tolerant.head(raw), "row_not_json")
    if not isinstance(said, dict):
        return Undecoded(raw, {}, "row_not_object")
    return Undecoded(raw, said, reason)


def _not_understood(error: Exception, response: Response) -> SyncError:
    path = urlsplit(response.url).path
    if plain(response.body).lstrip()[:1] == b"<":
        return ContractError("answer_is_html", path=path)
    if "truncated" in str(error):
        return TransientError("answer_truncated", path=path)
    return ContractError("answer_not_json", path=path)
