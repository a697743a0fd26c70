"""Access tokens by OAuth 2 client credentials (RFC 6749, section 4.4), as services really are.

One token is shared by all streams of a connector and stays in memory. Each step is a generator
that yields requests and is sent responses.
"""

import base64
import re
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeGuard
from urllib.parse import quote, quote_plus, urlencode

import msgspec

from app.connectors.addresses import origin
from app.connectors.contract import Cookies, Finding, Io, Request, Response
from app.connectors.oneroster.vocabulary import SCOPE, ScopeParts, as_of_v1p2
from app.errors import AuthError, ConfigError, ContractError, SyncError, TransientError

_USUAL_LIFE = 1800.0
"""Seconds that a token is used for when nobody says how long it lives."""

_LONGEST_LIFE = 30 * 86_400.0
_WORD = re.compile(r"[a-z_]{1,40}")
TOKEN = re.compile(r"[!-~]+")
"""What a header can carry without a way out of it."""

_ELSEWHERE = frozenset({404, 405, 410, 501})


@dataclass(frozen=True)
class _Token:
    value: str = field(repr=False)
    scopes: frozenset[str]
    until: datetime


@dataclass(frozen=True)
class _Way:
    """One manner of asking: where, for which scopes, with the credentials in the body or not."""

    url: str
    scope: str
    in_body: bool


_Got: TypeAlias = _Token | SyncError | None
"""A token, why there is none, or ``None`` where nothing answers to that."""

_Asking: TypeAlias = Generator[Request, Response, _Got]


class Tokens:
    """The client's id and secret, and the token they were last exchanged for.

    ``wanted`` has what to ask for, likeliest first.
    """

    def __init__(
        self,
        client_id: str,
        secret: str,
        urls: tuple[str, ...],
        wanted: tuple[ScopeParts, ...],
        io: Io,
        cookies: Cookies,
    ) -> None:
        self._id = client_id
        self._secret = secret
        self._urls = urls
        self._wanted = wanted
        self._io = io
        self._cookies = cookies
        self._token: _Token | None = None
        self._way: _Way | None = None
        self._in_body: bool | None = None
        """Where the credentials are understood, once that is known."""

    @property
    def scopes(self) -> frozenset[str]:
        """What the last token permits, by the names of OneRoster 1.2; empty before the first."""
        return self._token.scopes if self._token else frozenset()

    def let_in(self, request: Request) -> Generator[Request, Response, Request]:
        """``request`` with the token, or with a new one where the old one ends."""
        token = self._token
        if token is None or not token.value or self._io.clock() >= token.until:
            token = self._token = yield from self._exchange()
        return replace(request, authorization=f"Bearer {token.value}")

    def refused(self) -> None:
        """The next request asks for another token."""
        if self._token is not None:
            self._token = _Token("", self._token.scopes, self._io.clock())

    def tried(self) -> Generator[Request, Response, list[Finding]]:
        """Which scopes a token is granted for; raises what is raised where there is none."""
        self._token = yield from self._exchange()
        granted = " ".join(sorted(scope.removeprefix(SCOPE) for scope in self.scopes))
        return [Finding.good("token_granted", scopes=granted)]

    def _exchange(self) -> Generator[Request, Response, _Token]:
        if self._way is not None:
            got = yield from self._ask(self._way)
            if isinstance(got, _Token):
                return got
        refusals: list[SyncError] = []
        for url in self._urls:
            got = yield from self._at(url)
            if isinstance(got, _Token):
                return got
            if got is not None:
                refusals.append(got)
        if refusals:
            raise refusals[0]
        raise ConfigError("token_endpoint_missing", origin=origin(self._urls[0]))

    def _at(self, url: str) -> _Asking:
        """What ``url`` says to whatever there is to ask for."""
        refused: SyncError | None = None
        for parts in self._wanted:
            got = yield from self._widest(url, parts)
            if not _may_be_the_scope(got):
                return got or refused
            refused = refused or got
        return refused

    def _widest(self, url: str, parts: ScopeParts) -> _Asking:
        """A token for as much of ``parts`` as is granted.

        Who refuses a scope does not say which it was: part after part is added to what is granted.
        """
        everything = " ".join(part[0] for part in parts)
        best = yield from self._in_any_manner(url, everything)
        if not _may_be_the_scope(best):
            return best
        held = ""
        for part in parts:
            for scope in part:
                wider = f"{held} {scope}".strip()
                if wider == everything:
                    continue
                got = yield from self._in_any_manner(url, wider)
                if isinstance(got, _Token):
                    best, held = got, wider
                    break
                if not held:
                    best = got
                if not _may_be_the_scope(got):
                    return best
            if not held:
                break  # nothing can be done without the first part
        return best

    def _in_any_manner(self, url: str, scope: str) -> _Asking:
        """A token for ``scope``, the credentials being told in the header or else in the body."""
        got: _Got = None
        for in_body in (False, True) if self._in_body is None else (self._in_body,):
            way = _Way(url, scope, in_body)
            got = yield from self._ask(way)
            if got is None:
                break
            if isinstance(got, _Token):
                self._way = way
            if isinstance(got, _Token) or got.code == "scope_refused":
                self._in_body = in_body  # the credentials were understood
                break
        return got

    def _ask(self, way: _Way) -> _Asking:
        form = {"grant_type": "client_credentials", "scope": way.scope}
        authorization = None
        if way.in_body:
            form |= {"client_id": self._id, "client_secret": self._secret}
        else:
            pair = f"{quote_plus(self._id)}:{quote_plus(self._secret)}"
            authorization = "Basic " + base64.b64encode(pair.encode()).decode()
        headers = (
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Accept", "application/json"),
        )
        try:
            response = yield Request(
                "POST",
                way.url,
                headers,
                urlencode(form, quote_via=quote).encode(),
                authorization,
                origin(way.url),
                self._cookies,
                max_bytes=1024 * 1024,
            )
        except (ContractError, TransientError) as error:
            # A page that redirects to a login, or breaks, is not the token endpoint looked for.
            if len(self._urls) > 1 and error.code in ("redirect_refused", "server_error"):
                return None
            raise
        return self._judge(way, response)

    def _judge(self, way: _Way, response: Response) -> _Got:
        if response.status in _ELSEWHERE:
            return None
        try:
            said: Any = msgspec.json.decode(response.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            said = None
        said = said if isinstance(said, dict) else {}
        where = origin(way.url)
        if response.status in (200, 201):
            value = said.get("access_token")
            if isinstance(value, str) and TOKEN.fullmatch(value.strip()):
                return self._token_of(value.strip(), said, way)
            if len(self._urls) > 1:
                return None
            return ContractError("token_not_understood", origin=where, status=response.status)
        word = said.get("error")
        word = word if isinstance(word, str) and _WORD.fullmatch(word) else ""
        if word == "invalid_scope":
            return AuthError("scope_refused", scope=way.scope, origin=where)
        if word == "unsupported_grant_type":
            return AuthError("tokens_not_given", detail=word, origin=where)
        return AuthError("credentials_refused", detail=word, origin=where, status=response.status)

    def _token_of(self, value: str, said: dict[str, Any], way: _Way) -> _Token:
        granted = said.get("scope")
        if isinstance(granted, list):
            granted = " ".join(str(each) for each in granted)
        scopes = granted if isinstance(granted, str) and granted.strip() else way.scope
        life = _seconds(said.get("expires_in"))
        # Given up a little early, so that it does not end between asking and arriving.
        usable = life - min(60.0, life / 10)
        known = frozenset(as_of_v1p2(scope) for scope in scopes.split())
        return _Token(value, known, self._io.clock() + timedelta(seconds=usable))


def _may_be_the_scope(got: _Got) -> TypeGuard[SyncError]:
    """Whether less may be granted; a 400 without the standard's word may be about that, too."""
    if not isinstance(got, SyncError):
        return False
    silent = not got.detail and got.parameters.get("status") == 400
    return got.code == "scope_refused" or silent


def _seconds(said: object) -> float:
    """``expires_in`` as a number, a text, nonsense or nothing."""
    try:
        seconds = float(said) if isinstance(said, int | float | str) else _USUAL_LIFE
    except ValueError:
        return _USUAL_LIFE
    if not seconds > 0:  # neither is NaN
        return _USUAL_LIFE
    return min(seconds, _LONGEST_LIFE)
