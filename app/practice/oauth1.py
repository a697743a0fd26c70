"""OAuth 1.0a as RFC 5849 has it, with a client's own credentials and no token (two-legged)."""

import base64
import hmac
import time
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, quote, unquote

from starlette.requests import Request

METHODS = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256"}
"""The signature methods spoken here, and their digests."""

WINDOW = 300
"""Seconds that a timestamp may be away from our clock, either way."""

Parameters = list[tuple[str, str]]


class Unsigned(Exception):
    """Why a request is not signed as it must be: a sentence."""


def base_string(method: str, uri: str, parameters: Iterable[tuple[str, str]]) -> str:
    """The signature base string (RFC 5849, 3.4.1) of decoded parameters.

    `uri` is scheme, host and path as requested, without the query.
    """
    scheme, _, rest = uri.partition("://")
    host, slash, path = rest.partition("/")
    usual = {"http": ":80", "https": ":443"}.get(scheme.lower(), "")
    host = host.lower().removesuffix(usual) if usual else host.lower()
    encoded = sorted(
        (_encode(name), _encode(value)) for name, value in parameters if name != "oauth_signature"
    )
    normal = "&".join(f"{name}={value}" for name, value in encoded)
    target = f"{scheme.lower()}://{host}{slash or '/'}{path}"
    return "&".join(_encode(part) for part in (method.upper(), target, normal))


def signature(algorithm: str, base: str, secret: str, token_secret: str = "") -> str:
    """The signature (RFC 5849, 3.4.2) by one of METHODS. Raises KeyError for another."""
    key = f"{_encode(secret)}&{_encode(token_secret)}".encode()
    return base64.b64encode(hmac.digest(key, base.encode(), METHODS[algorithm])).decode()


def is_signed(request: Request) -> bool:
    """Whether the request says that it is signed by OAuth 1."""
    return request.headers.get("authorization", "")[:6].lower() == "oauth "


class Signatures:
    """Verifies requests of one client; no nonce is taken twice while its timestamp is good."""

    def __init__(self, client: str, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._secret = secret
        self._clock = clock
        self._nonces: dict[int, set[str]] = {}

    def verify(self, request: Request) -> None:
        """Raises Unsigned for a request that this client did not sign just now."""
        told = _header(request.headers["authorization"][6:])
        said = dict(told)
        if len(said) < len(told):
            raise Unsigned("The Authorization header says something twice.")
        for name in ("oauth_consumer_key", "oauth_signature_method", "oauth_signature"):
            if not said.get(name):
                raise Unsigned(f"The Authorization header lacks {name}.")
        if said.get("oauth_version", "1.0") != "1.0":
            raise Unsigned("oauth_version must be 1.0.")
        if said["oauth_consumer_key"] != self._client or said.get("oauth_token"):
            raise Unsigned("The oauth_consumer_key is not known, or a token came with it.")
        method = said["oauth_signature_method"]
        if method not in METHODS:
            raise Unsigned(f"oauth_signature_method must be {' or '.join(METHODS)}.")
        query = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        base = base_string(
            request.method,
            f"{request.url.scheme}://{request.headers.get('host', '')}{_raw_path(request)}",
            [*query, *((name, value) for name, value in told if name != "realm")],
        )
        right = signature(method, base, self._secret)
        if not hmac.compare_digest(right.encode(), said["oauth_signature"].encode()):
            raise Unsigned("The oauth_signature is not right.")
        # Only of a request that is the client's: a stranger must not use up its nonces.
        self._once(said.get("oauth_timestamp", ""), said.get("oauth_nonce", ""))

    def _once(self, stamp: str, nonce: str) -> None:
        now = self._clock()
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12) or not nonce:
            raise Unsigned("oauth_timestamp (in seconds) and oauth_nonce are needed.")
        if abs(now - int(stamp)) > WINDOW:
            raise Unsigned("The oauth_timestamp is more than five minutes away.")
        self._nonces = {at: used for at, used in self._nonces.items() if at + WINDOW >= now}
        used = self._nonces.setdefault(int(stamp), set())
        if nonce in used:
            raise Unsigned("The oauth_nonce was used before.")
        used.add(nonce)


def _raw_path(request: Request) -> str:
    """The path as it was asked for, its escapes untouched."""
    raw: bytes | None = request.scope.get("raw_path")
    return quote(request.url.path) if raw is None else raw.decode("latin-1")


def _header(text: str) -> Parameters:
    found: Parameters = []
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        if not equals or len(value) < 2 or value[0] != '"' or value[-1] != '"':
            raise Unsigned("The Authorization header cannot be read.")
        found.append((unquote(name), unquote(value[1:-1])))
    return found


def _encode(text: str) -> str:
    return quote(text, safe="-._~")
