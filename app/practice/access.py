"""Who may ask what: OAuth 2 client credentials, bearer tokens and scopes."""

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import Response

from .answers import JSON, Refusal, read_body
from .faults import Faults
from .vocabulary import KNOWN_SCOPES, OFFERED_SCOPES
from .wire import encode

CLIENT_ID = "practice"
TOKEN_SECONDS = 3600
_LONGEST_FORM = 65_536


class _TokenError(Exception):
    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description


class Access:
    """The client's secret, made anew for every start, and the tokens given out for it."""

    def __init__(self, faults: Faults, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.client_secret = secrets.token_urlsafe(32)
        self._faults = faults
        self._monotonic = monotonic
        self._tokens: dict[str, tuple[frozenset[str], float]] = {}

    def scopes_of(self, request: Request) -> frozenset[str]:
        """The scopes of the request's bearer token; 401 without one that is valid."""
        token = _bearer(request) or ""
        if token in self._tokens and self._takes_back(token):
            del self._tokens[token]
        held = self._tokens.get(token)
        if held is None or held[1] <= self._monotonic():
            raise Refusal(
                401,
                "unauthorisedrequest",
                "A valid access token is needed; ask /token for one.",
                {"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        return held[0]

    def _takes_back(self, token: str) -> bool:
        """Whether a fault ends this token now, which is used once more."""
        good_for = self._faults.value("revoked-tokens")
        if good_for is None or self._faults.step("revoked-tokens", token) <= good_for:
            return False
        self._faults.take("revoked-tokens")
        return True

    def require(self, request: Request, accepted: tuple[str, ...]) -> None:
        """401 without a valid token, 403 when it has none of the accepted scopes."""
        if self.scopes_of(request).isdisjoint(accepted):
            raise Refusal(
                403,
                "forbidden",
                f"The access token lacks the scope: {' or '.join(accepted)}.",
                {"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
            )

    def is_owner(self, request: Request) -> bool:
        """Whether the bearer is the client secret itself, as the control calls ask."""
        return hmac.compare_digest((_bearer(request) or "").encode(), self.client_secret.encode())

    async def token(self, request: Request) -> Response:
        """`POST /token`: the client credentials grant of RFC 6749, with its errors."""
        headers = {"Cache-Control": "no-store"}
        try:
            form = dict(parse_qsl((await read_body(request, _LONGEST_FORM)).decode("latin-1")))
            scopes = self._granted(request, form)
        except _TokenError as refused:
            if refused.status == 401:
                headers["WWW-Authenticate"] = 'Basic realm="practice"'
            told = {"error": refused.error, "error_description": refused.description}
            return Response(encode(told), refused.status, headers, JSON)
        now = self._monotonic()
        self._tokens = {key: held for key, held in self._tokens.items() if held[1] > now}
        token = secrets.token_urlsafe(32)
        life = self._faults.take("short-lived-tokens")
        self._tokens[token] = (frozenset(scopes), now + (TOKEN_SECONDS if life is None else life))
        granted = {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": " ".join(scopes),
        }
        return Response(encode(granted), 200, headers, JSON)

    def _granted(self, request: Request, form: dict[str, str]) -> list[str]:
        client, secret = _basic(request) or (form.get("client_id"), form.get("client_secret"))
        unheard_of = self._faults.take("client-refused") is not None
        if unheard_of or client is None or secret is None or not self._is_client(client, secret):
            raise _TokenError(401, "invalid_client", "The client ID or secret is not right.")
        if form.get("grant_type") != "client_credentials":
            raise _TokenError(
                400, "unsupported_grant_type", "grant_type must be client_credentials."
            )
        asked = form.get("scope", "").split()
        unknown = [scope for scope in asked if scope not in KNOWN_SCOPES]
        if unknown:
            raise _TokenError(400, "invalid_scope", f"Unknown scope: {', '.join(unknown)}.")
        scopes = [scope for scope in OFFERED_SCOPES if scope in asked]
        if not scopes:
            raise _TokenError(400, "invalid_scope", "Ask for at least one scope offered here.")
        return scopes

    def _is_client(self, client: str, secret: str) -> bool:
        right = hmac.compare_digest(secret.encode(), self.client_secret.encode())
        return client == CLIENT_ID and right


def _bearer(request: Request) -> str | None:
    word, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if word.lower() == "bearer" else None


def _basic(request: Request) -> tuple[str, str] | None:
    word, _, told = request.headers.get("authorization", "").partition(" ")
    if word.lower() != "basic":
        return None
    try:
        client, colon, secret = base64.b64decode(told, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _TokenError(401, "invalid_client", "The Basic header cannot be read.") from None
    if not colon:
        raise _TokenError(401, "invalid_client", "The Basic header cannot be read.")
    return unquote_plus(client), unquote_plus(secret)
