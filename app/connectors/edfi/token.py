"""Access tokens of an Ed-Fi service: OAuth 2 client credentials (RFC 6749, section 4.4).

A service gives a client some 15 tokens at a time, each for an hour or less. So a token is shared by
all connectors of this process that have the same key at the same place, and handed to those of
other processes as a text (``Io.admission``), which says by a digest alone what it is good for.
"""

import base64
import hashlib
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from threading import Lock
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import msgspec

from app.connectors.addresses import origin
from app.connectors.contract import Asking, Cookies, Io, Request, Response
from app.errors import AuthError, ContractError, RateLimited

_USUAL_LIFE = 1800.0
"""Seconds that a token is used for when nobody understandable says how long it lives."""

_LONGEST_LIFE = 86_400.0
_EARLY = 60.0
"""Seconds that a token is given up before its end, or a tenth of its life where that is less."""

_EPOCH = 1e9
"""What is more than this is a moment, not a length: some services tell when a token ends."""

_PATIENCE = 60.0
"""Seconds that are waited for a place among the tokens of a client."""

_PROOF = timedelta(minutes=5)
"""For so long a token proves that the secret it was given for is a good one."""

_TOKEN = re.compile(r"[!-~]+")
_WORD = re.compile(r"[A-Za-z0-9 _.,:;()'-]{1,200}")


@dataclass(frozen=True)
class _Token:
    value: str = field(repr=False)
    since: datetime
    until: datetime
    in_body: bool
    """Where the credentials were understood."""


_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Kept(msgspec.Struct, frozen=True):
    """A token as it is handed on; ``of`` is the digest of what it was given for."""

    of: str
    value: str
    since: _Moment
    until: _Moment
    in_body: bool


class Shared:
    """The tokens of this process, by what they were given for; any thread may use it."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._salt = token_bytes(16)
        self._kept: OrderedDict[bytes, _Token] = OrderedDict()
        self._lock = Lock()

    def name(self, *parts: str) -> bytes:
        """What a token is kept under: nothing that could be turned back into a secret."""
        return _digest(self._salt, parts)

    def get(self, name: bytes) -> _Token | None:
        """The token kept there."""
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
            return self._kept.get(name)

    def keep(self, name: bytes, token: _Token) -> None:
        """Keeps a token; the one not used for longest makes room for it."""
        with self._lock:
            self._kept[name] = token
            self._kept.move_to_end(name)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def drop(self, name: bytes, value: str) -> None:
        """Forgets a token that was refused, unless another one has come in its place."""
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None and kept.value == value:
                del self._kept[name]


_SHARED = Shared()


class Tokens:
    """The key and secret of one client, and the token that they are exchanged for.

    ``sent`` says where they are put: ``header``, ``body``, or ``auto`` for whichever is understood.
    They are never in both at once, which some services refuse.
    """

    def __init__(self, key: str, secret: str, sent: str, io: Io, cookies: Cookies) -> None:
        self._key = key
        self._secret = secret
        self._io = io
        self._cookies = cookies
        self._handed = io.admission
        self._url = ""
        """Where tokens were asked for."""
        self._ways = {"header": (False,), "body": (True,)}.get(sent, (False, True))

    def let_in(self, request: Request, url: str) -> Asking[Request]:
        """``request`` with a token of ``url``, a new one where there is none or it ends soon."""
        token = self._current(url)
        if token is None or self._io.clock() >= token.until:
            token = yield from self.renew(url)
        return replace(request, authorization=f"Bearer {token.value}")

    def tried(self, url: str) -> Asking[None]:
        """Sees whether key and secret are good, which an old token does not say of a new secret.

        A token of the last minutes is proof enough, as is any where a service gives no more of
        them. Raises what ``renew`` raises.
        """
        token, now = self._current(url), self._io.clock()
        if token is not None and abs(now - token.since) < _PROOF and now < token.until:
            return
        try:
            yield from self.renew(url)
        except RateLimited:
            if token is None or now >= token.until:
                raise

    def refused(self, request: Request, url: str) -> None:
        """Drops the token that ``request`` was sent with, if it is still the current one."""
        said = request.authorized() or ""
        _SHARED.drop(self._name(url), said.removeprefix("Bearer "))

    def renew(self, url: str) -> Asking[_Token]:
        """Another token, whatever there is. Raises ``AuthError`` where none is given."""
        name = self._name(url)
        before = self._current(url)
        ways = self._ways if before is None else (before.in_body, *self._ways)
        refused: AuthError | None = None
        for in_body in dict.fromkeys(ways):
            try:
                response = yield self._asking(url, in_body)
            except RateLimited as error:
                other = _SHARED.get(name)
                if other is not None and other is not before and self._io.clock() < other.until:
                    return other  # somebody of this process was given one meanwhile
                told = {"host": origin(url), "key": self._key}
                wait = error.retry_after
                raise RateLimited("edfi_tokens_too_many", retry_after=wait, **told) from None
            try:
                token = self._token_of(response, url, in_body)
            except AuthError as error:
                refused = refused or error
                continue
            _SHARED.keep(name, token)
            return token
        assert refused is not None
        raise refused

    def _asking(self, url: str, in_body: bool) -> Request:
        form = {"grant_type": "client_credentials"}
        authorization = None
        if in_body:
            form |= {"client_id": self._key, "client_secret": self._secret}
        else:
            pair = f"{self._key}:{self._secret}"
            authorization = "Basic " + base64.b64encode(pair.encode()).decode()
        return Request(
            "POST",
            url,
            (
                ("Content-Type", "application/x-www-form-urlencoded"),
                ("Accept", "application/json"),
            ),
            urlencode(form, quote_via=quote).encode(),
            authorization,
            origin(url),
            self._cookies,
            max_bytes=1024 * 1024,
            patience=_PATIENCE,
        )

    def _token_of(self, response: Response, url: str, in_body: bool) -> _Token:
        where, status = origin(url), response.status
        said = _said(response.body)
        value = said.get("access_token")
        if status in (200, 201) and isinstance(value, str) and _TOKEN.fullmatch(value.strip()):
            now = self._io.clock()
            life = lifetime(said.get("expires_in"), now)
            until = now + timedelta(seconds=life - min(_EARLY, life / 10))
            return _Token(value.strip(), now, until, in_body)
        if status in (400, 401, 403):
            word = _word(said)
            word = "" if self._secret in word else word
            raise AuthError("edfi_key_refused", word, origin=where, status=status)
        if status in (404, 405, 410):
            raise ContractError("edfi_token_nowhere", address=url, status=status)
        raise ContractError("token_not_understood", origin=where, status=status)

    def kept(self) -> str:
        """The token that is good by now, as ``Io.admission`` hands it on; blank: there is none."""
        if not self._url:
            return self._handed
        token = _SHARED.get(self._name(self._url))
        if token is None:
            return ""
        kept = _Kept(self._good_for(self._url), token.value, token.since, token.until,
                     token.in_body)  # fmt: skip
        return msgspec.json.encode(kept).decode()

    def _current(self, url: str) -> _Token | None:
        """The token of this process, else the one that was handed in, once."""
        name, first, self._url = self._name(url), not self._url, url
        token = _SHARED.get(name)
        if token is None and first and (token := self._handed_in(url)) is not None:
            _SHARED.keep(name, token)
        return token

    def _handed_in(self, url: str) -> _Token | None:
        """What another process was given for the same key at the same place, as long as it is good.

        Of a clock that was set back nothing is believed.
        """
        if not self._handed:
            return None
        try:
            kept = msgspec.json.decode(self._handed, type=_Kept)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        left = (kept.until - self._io.clock()).total_seconds()
        if kept.of != self._good_for(url) or not 0 < left <= _LONGEST_LIFE:
            return None
        if not _TOKEN.fullmatch(kept.value):
            return None
        return _Token(kept.value, kept.since, kept.until, kept.in_body)

    def _name(self, url: str) -> bytes:
        return _SHARED.name(url, self._key, self._secret)

    def _good_for(self, url: str) -> str:
        return _digest(b"handed on", (url, self._key, self._secret)).hex()


def _digest(salt: bytes, parts: Sequence[str]) -> bytes:
    """What parts come to, and what none of them can be read from."""
    digest = hashlib.blake2b(digest_size=32, salt=salt)
    for part in parts:
        said = part.encode()
        digest.update(len(said).to_bytes(8, "big") + said)
    return digest.digest()


def lifetime(said: object, now: datetime) -> float:
    """Seconds from ``expires_in``: a number, a text, a moment of some sort, or nonsense."""
    if isinstance(said, bool):
        return _USUAL_LIFE
    seconds = 0.0
    try:
        seconds = float(said) if isinstance(said, int | float | str) else 0.0
    except (ValueError, OverflowError):
        seconds = _until(str(said), now)
    if seconds > 1000 * _EPOCH:
        seconds /= 1000
    if seconds > _EPOCH:
        seconds -= now.timestamp()
    if not seconds > 0:  # neither is NaN
        return _USUAL_LIFE
    return min(seconds, _LONGEST_LIFE)


def _until(said: str, now: datetime) -> float:
    try:
        moment = datetime.fromisoformat(said.strip())
    except ValueError:
        return 0.0
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()


def _said(body: bytes) -> dict[str, Any]:
    try:
        said: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _word(said: dict[str, Any]) -> str:
    """What a refusal says, for a technician."""
    for name in ("error_description", "error", "detail"):
        word = said.get(name)
        if isinstance(word, str) and _WORD.fullmatch(word):
            return word
    return ""
