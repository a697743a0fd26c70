"""Access tokens by OAuth 2 client credentials (RFC 6749, section 4.4), as services really are.

One token is shared by all streams of a connector and stays in memory. Each step is a generator
that yields requests and is sent responses.
"""

import base64
import re
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import msgspec

from app.connectors.contract import Io, Request, Response
from app.connectors.http import origin
from app.errors import AuthError, ConfigError, ContractError, SyncError, TransientError

_USUAL_LIFE = 1800.0
"""Seconds that a token is used for when nobody says how long it lives."""

_LONGEST_LIFE = 30 * 86_400.0
_WORD = re.compile(r"[a-z_]{1,40}")
_TOKEN = re.compile(r"[!-~]+")  # what a header can carry without a way out of it
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


class Credentials:
    """The client's id and secret, and the token they were last exchanged for.

    ``scopes`` are asked for one after the other, until the service grants a token.
    """

    def __init__(
        self, client_id: str, secret: str, urls: tuple[str, ...], scopes: tuple[str, ...], io: Io
    ) -> None:
        self._id = client_id
        self._secret = secret
        self._urls = urls
        self._scopes = scopes
        self._io = io
        self._token: _Token | None = None
        self._way: _Way | None = None

    @property
    def scopes(self) -> frozenset[str]:
        """What the last token permits; empty before the first."""
        return self._token.scopes if self._token else frozenset()

    def forget(self) -> None:
        """The token was refused: the next request asks for another."""
        if self._token is not None:
            self._token = _Token("", self._token.scopes, self._io.clock())

    def authorization(self) -> Generator[Request, Response, str]:
        """The ``Authorization`` for the next request, with a new token where the old one ends."""
        token = self._token
        if token is None or not token.value or self._io.clock() >= token.until:
            token = self._token = yield from self._exchange()
        return f"Bearer {token.value}"

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

    def _at(self, url: str) -> Generator[Request, Response, "_Token | SyncError | None"]:
        """A token from ``url``, why there is none, or ``None`` where nothing answers to that."""
        refused: SyncError | None = None
        manners: tuple[bool, ...] = (False, True)
        for scope in self._scopes:
            for in_body in manners:
                way = _Way(url, scope, in_body)
                got = yield from self._ask(way)
                if isinstance(got, _Token):
                    self._way = way
                    return got
                if got is None:
                    return refused
                refused = got
                if got.code == "scope_refused":
                    # The credentials were understood; the next scope is asked for the same way.
                    manners = (in_body,)
                    break
            else:
                # A 400 without the standard's word for it may be about the scope as well.
                if refused and (refused.detail or refused.parameters.get("status") != 400):
                    return refused
        return refused

    def _ask(self, way: _Way) -> Generator[Request, Response, "_Token | SyncError | None"]:
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
                max_bytes=1024 * 1024,
            )
        except (ContractError, TransientError) as error:
            # A page that redirects to a login, or breaks, is not the token endpoint looked for.
            if len(self._urls) > 1 and error.code in ("redirect_refused", "server_error"):
                return None
            raise
        return self._judge(way, response)

    def _judge(self, way: _Way, response: Response) -> "_Token | SyncError | None":
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
            if isinstance(value, str) and _TOKEN.fullmatch(value.strip()):
                return self._token_of(value.strip(), said, way)
            if len(self._urls) > 1:
                return None
            return ContractError("token_not_understood", origin=where, status=response.status)
        word = said.get("error")
        word = word if isinstance(word, str) and _WORD.fullmatch(word) else ""
        if word == "invalid_scope":
            return AuthError("scope_refused", scope=way.scope, origin=where)
        return AuthError("credentials_refused", detail=word, origin=where, status=response.status)

    def _token_of(self, value: str, said: dict[str, Any], way: _Way) -> _Token:
        granted = said.get("scope")
        if isinstance(granted, list):
            granted = " ".join(str(each) for each in granted)
        scopes = granted if isinstance(granted, str) and granted.strip() else way.scope
        life = _seconds(said.get("expires_in"))
        # Given up a little early, so that it does not end between asking and arriving.
        usable = life - min(60.0, life / 10)
        return _Token(
            value, frozenset(scopes.split()), self._io.clock() + timedelta(seconds=usable)
        )


def _seconds(said: object) -> float:
    """``expires_in`` as a number, a text, nonsense or nothing."""
    try:
        seconds = float(said) if isinstance(said, int | float | str) else _USUAL_LIFE
    except ValueError:
        return _USUAL_LIFE
    if not seconds > 0:  # neither is NaN
        return _USUAL_LIFE
    return min(seconds, _LONGEST_LIFE)
