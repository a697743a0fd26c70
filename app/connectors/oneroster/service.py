"""One OneRoster service: where it stands, what may be asked of it, and what its answers mean."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from app.connectors import tolerant
from app.connectors.contract import Asking, Cookies, Doubt, Io, Request, Response, row_digest
from app.connectors.oneroster import wire
from app.connectors.oneroster.access import Access
from app.connectors.oneroster.address import Addresses, base_of, version_of
from app.connectors.oneroster.habits import habits_of
from app.connectors.oneroster.vocabulary import SCOPE, STREAMS, V1P2, Stream
from app.connectors.oneroster.words import STANDARD, Words
from app.errors import AuthError, ConfigError, ContractError, SyncError, TransientError

_BOM = b"\xef\xbb\xbf"
_FIRST = "orgs"
"""The stream that is read first, of which every service has something."""


class Service:
    """What all streams of a connector share: the place, the way in, and what was learnt.

    ``version`` is the one that is set; blank where it is to be found out.
    """

    def __init__(
        self,
        places: Addresses,
        access: Access,
        cookies: Cookies,
        io: Io,
        *,
        version: str = "",
        words: Words = STANDARD,
        source: str = "",
    ) -> None:
        self.io = io
        self.access = access
        self.habits = habits_of(io.learnt, io.clock())
        """What is known of the service by now."""
        self.news: list[Doubt] = []
        """What the next page tells of it."""
        self.denied: set[str] = set()
        """Streams that the service has refused to these credentials."""
        self._places = places
        self._cookies = cookies
        self._words = words
        self._source = source or places.origin
        self._base = places.bases[0] if len(places.bases) == 1 else ""
        self._version = version or self.habits.version or version_of(self._base)

    @property
    def version(self) -> str:
        """The version that is spoken; the newest as long as it is not known."""
        return self._version or V1P2

    @property
    def salt(self) -> bytes:
        """What salts digests: the same row is another one in another version (SEMANTICS B8)."""
        salt = self.io.salt
        return salt if self.version == V1P2 else row_digest(self.version.encode(), salt)

    @property
    def known(self) -> bool:
        """Whether it is known where the service is and what it speaks."""
        return bool(self._version and (self._base or self.habits.base))

    @property
    def path(self) -> str:
        """The path of the rostering service, once it is located."""
        return urlsplit(self._base).path

    @property
    def readers(self) -> Mapping[str, wire.Reader]:
        """What reads one row of each stream."""
        return wire.readers(self._words, self.version)

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
        yield from self.locate()
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
        return (yield from self._let_in(request))

    def renewed(self, request: Request) -> Asking[Request]:
        """``request`` let in another way, after it was refused.

        Raises ``AuthError`` where there is no other.
        """
        if refused := self.access.refused():
            raise refused
        return (yield from self._let_in(request))

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
        granted = self.access.scopes
        matter = sorted(granted.intersection(stream.scopes)) or sorted(granted)
        return (
            f"{self._source}{urlsplit(self._base_of(stream)).path}/{stream.collection}"
            f" {'changes' if filtered else 'all'}"
            f" scopes={','.join(scope.removeprefix(SCOPE) for scope in matter)}"
            f" fields={','.join(stream.entity.field_names)}"
        )

    def grants(self, *scopes: str) -> bool:
        """False once it is known that none of these is permitted."""
        granted = self.access.scopes
        known = any(scope.startswith(SCOPE) for scope in granted)
        return not (known and granted.isdisjoint(scopes))

    def locate(self) -> Asking[None]:
        """Finds the rostering base, and by it the version: the first place that answers well.

        A place that forbids comes next: some services do so wherever nothing is.
        """
        known = self.habits.base
        places = sorted(self._places.bases, key=lambda base: base != known)
        forbids: list[str] = []
        failed: SyncError | None = None
        for base in () if self._base else places:
            try:
                status = yield from self._status_at(base)
            except TransientError as error:
                if error.code != "server_error":
                    raise
                failed = failed or error
                continue
            if status in (401, 403):
                forbids.append(base)
            elif status == 200:
                self._base = base
                break
        if not self._base:
            if not forbids:
                misled = yield from self._misled()
                nowhere = ContractError("service_not_found", address=self._places.given)
                raise misled or failed or nowhere
            self._base = forbids[0]
        if known not in ("", self._base):
            self.news.append(Doubt("service_moved", {"path": self.path}))
        if len(places) > 1:
            self.habits.base, self.habits.version = self._base, version_of(self._base)
        # What was known to begin with holds for as long as the connector is open.
        self._version = self._version or version_of(self._base) or V1P2

    def refused(self, response: Response, stream: Stream) -> Asking[SyncError]:
        """The error of a page that is not what was asked for.

        Where not even schools are found, it is looked whether another version answers.
        """
        misled = None
        if response.status == 404 and stream.name == _FIRST:
            misled = yield from self._misled()
        return misled or refusal(response, stream)

    def _misled(self) -> Asking[SyncError | None]:
        """Why nothing is found, where the set version is not the one that is spoken."""
        for base in self._places.others:
            try:
                status = yield from self._status_at(base)
            except TransientError:
                continue
            if status == 200:
                told = {"version": self.version, "other": version_of(base)}
                return ConfigError("version_not_spoken", path=urlsplit(base).path, **told)
        return None

    def _status_at(self, base: str) -> Asking[int]:
        """What is answered where rostering may be: 200 to a page alone."""
        path = f"/{STREAMS[_FIRST].collection}" + _query({"limit": 1, "offset": 0})
        accept = (("Accept", "application/json"),)
        request = Request("GET", base + path, accept, origin=self._places.origin)
        try:
            response = yield (yield from self._let_in(request))
        except ContractError:
            return 404  # such as a redirect to a page for people
        page = response.body.lstrip()[:1] == b"{"
        return 200 if response.status < 400 and page else max(response.status, 400)

    def _base_of(self, stream: Stream) -> str:
        return base_of(stream.service, self._base)

    def _let_in(self, request: Request) -> Asking[Request]:
        return (yield from self.access.let_in(replace(request, cookies=self._cookies)))


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
