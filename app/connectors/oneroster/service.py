"""One OneRoster service: where it stands, what may be asked of it, and what its answers mean."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from app.connectors.contract import Io, Request, Response
from app.connectors.oneroster import tolerant, wire
from app.connectors.oneroster.address import Addresses, base_of
from app.connectors.oneroster.oauth2 import Credentials
from app.connectors.oneroster.vocabulary import SCOPE, STREAMS, Stream
from app.errors import AuthError, ContractError, SyncError, TransientError

T = TypeVar("T")
Asking = Generator[Request, Response, T]

_BOM = b"\xef\xbb\xbf"


class Service:
    """What all streams of a connector share: the place, the token, and what was learnt."""

    def __init__(
        self, places: Addresses, credentials: Credentials, io: Io, source: str = ""
    ) -> None:
        self.io = io
        self.credentials = credentials
        self.denied: set[str] = set()
        """Streams that the service has refused to these credentials."""
        self.totals = False
        """Whether the service says how many rows there are, as far as known."""
        self.filters = True
        """Whether changes alone can be asked for, as far as known."""
        self._places = places
        self._source = source or places.origin
        self._base = places.bases[0] if len(places.bases) == 1 else ""

    def request(
        self,
        stream: Stream,
        path: str,
        query: dict[str, str | int] | None = None,
        *,
        method: str = "GET",
        body: bytes | None = None,
        tag: str = "",
    ) -> Asking[Request]:
        """A request to the service of ``stream``, authorized; asks for a token where needed.

        A ``tag`` is the ETag that must still hold. What may write is sent once only: between two
        tries somebody else may have written, too.
        """
        yield from self._locate()
        headers = [("Accept", "application/json")]
        if body is not None:
            headers.append(("Content-Type", "application/json"))
        if tag:
            headers.append(("If-Match", tag))
        request = Request(
            method,
            self._base_of(stream) + path + _query(query),
            tuple(headers),
            body,
            origin=self._places.origin,
            repeatable=method == "GET",
        )
        return (yield from self._authorized(request))

    def renewed(self, request: Request) -> Asking[Request]:
        """``request`` again with a new token, after its own was refused."""
        self.credentials.forget()
        return (yield from self._authorized(request))

    def ask(
        self, stream: Stream, path: str, query: dict[str, str | int] | None = None
    ) -> Asking[Response]:
        """The answer to one request, with a new token where the old one is refused."""
        request = yield from self.request(stream, path, query)
        response = yield request
        if response.status == 401:
            request = yield from self.renewed(request)
            response = yield request
        return response

    def href(self, stream: Stream, key: str) -> str:
        """The address of a record, once the service is located."""
        return self._base_of(stream) + key_path(stream, key)

    def scope_of(self, stream: Stream, filtered: bool) -> str:
        """What is asked of a stream, in one line: the same for two like reads (SEMANTICS C5).

        Another origin is another scope, unless the settings name the source apart from it.
        """
        granted = self.credentials.scopes
        matter = sorted(granted.intersection(stream.scopes)) or sorted(granted)
        return (
            f"{self._source}{urlsplit(self._base_of(stream)).path}/{stream.collection}"
            f" {'changes' if filtered else 'all'}"
            f" scopes={','.join(scope.removeprefix(SCOPE) for scope in matter)}"
            f" fields={','.join(stream.entity.field_names)}"
        )

    def permits(self, stream: Stream) -> bool:
        """False once it is known that the stream may not be read with these credentials."""
        if stream.name in self.denied:
            return False
        return not stream.dispensable or self.grants(*stream.scopes)

    def grants(self, *scopes: str) -> bool:
        """False once it is known that the token has none of these."""
        granted = self.credentials.scopes
        known = any(scope.startswith(SCOPE) for scope in granted)
        return not (known and granted.isdisjoint(scopes))

    def _base_of(self, stream: Stream) -> str:
        return base_of(stream.service, self._base)

    def _authorized(self, request: Request) -> Asking[Request]:
        authorization = yield from self.credentials.authorization()
        return replace(request, authorization=authorization)

    def _locate(self) -> Asking[None]:
        """Finds the rostering base: the first candidate under which something answers."""
        path = f"/{STREAMS['orgs'].collection}" + _query({"limit": 1, "offset": 0})
        for base in () if self._base else self._places.bases:
            request = yield from self._authorized(
                Request(
                    "GET",
                    base + path,
                    (("Accept", "application/json"),),
                    origin=self._places.origin,
                )
            )
            try:
                response = yield request
            except ContractError:
                continue  # such as a redirect to a page for people
            looks_right = response.body.lstrip()[:1] == b"{"
            if response.status in (401, 403) or (response.status < 400 and looks_right):
                self._base = base
                break
        if not self._base:
            raise ContractError("service_not_found", address=self._places.given)


def key_path(stream: Stream, key: str) -> str:
    """The path of one record. Raises ``ContractError`` for a key that no path can carry."""
    if not key.strip("."):
        # A path of dots alone names a folder, whatever is done to encode it.
        raise ContractError("key_not_addressable", entity=stream.name)
    return f"/{stream.collection}/{quote(key, safe='')}"


def rows_of(response: Response, stream: Stream) -> list[msgspec.Raw]:
    """The rows of a page, undecoded; an answer that is no page raises, and is never empty.

    One bad row costs that row and not the page: it keeps its place (SEMANTICS C6).
    """
    body = _plain(response.body)
    try:
        return wire.page_decoder(stream.collection)(body).rows
    except wire.NOT_DECODED as error:
        rows = tolerant.elements(body, stream.collection)
        if rows is None:
            raise _not_understood(error, response, stream.collection) from None
        return [msgspec.Raw(row) for row in rows]


def single_of(response: Response, stream: Stream) -> bytes:
    """The row of an answer to a read by key, undecoded."""
    body = _plain(response.body)
    try:
        found: bytes | None = wire.single_decoder(stream.singular)(body).row
    except wire.NOT_DECODED as error:
        found = tolerant.member(body, stream.singular)
        if found is None:
            raise _not_understood(error, response, stream.singular) from None
    assert found is not None
    return found


def refusal(response: Response, stream: Stream) -> SyncError:
    """The error of an answer that is not what was asked for."""
    path = urlsplit(response.url).path
    if response.status == 401:
        return AuthError("token_refused", path=path)
    if response.status == 403:
        return AuthError("collection_forbidden", entity=stream.name, path=path)
    if response.status == 404:
        return ContractError("collection_not_found", entity=stream.name, path=path)
    return ContractError("unexpected_status", status=response.status, path=path)


def _plain(body: bytes) -> bytes:
    return body[len(_BOM) :] if body.startswith(_BOM) else body


def _not_understood(error: Exception, response: Response, key: str) -> SyncError:
    path = urlsplit(response.url).path
    start = _plain(response.body).lstrip()[:1]
    if start == b"<":
        return ContractError("answer_is_html", path=path)
    if isinstance(error, msgspec.ValidationError):
        return ContractError("collection_missing", path=path, key=key)
    if "truncated" in str(error):
        return TransientError("answer_truncated", path=path)
    return ContractError("answer_not_json", path=path)


def _query(query: dict[str, Any] | None) -> str:
    return "?" + urlencode(query, quote_via=quote, safe="'") if query else ""
