"""Who may ask what: OAuth 2 client credentials, bearer tokens and scopes, or OAuth 1."""

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import Response

from .answers import JSON, Refusal, read_body
from .faults import Faults
from .habits import Habits
from .oauth1 import Signatures, Unsigned, is_signed
from .vocabulary import OFFERED_SCOPES
from .wire import encode

CLIENT_ID = "practice"
TOKEN_SECONDS = 3600
_LONGEST_FORM = 65_536
_EVERYTHING = frozenset(OFFERED_SCOPES)
_LESS = ("roster.readonly", "roster-core.readonly", "gradebook.readonly")
_COOKIE = "node"


class _Token(NamedTuple):
    """What a token is good for, until when, and which node of the service knows it."""

    scopes: frozenset[str]
    ends: float
    node: str


class _TokenError(Exception):
    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description


class Access:
    """The client's secret, made anew for every start, and what is given out for it.

    `bearer_token` is good for everything as long as this start lasts, as some services give one by
    hand. A request that is signed with the secret by OAuth 1 may do everything too.
    """

    def __init__(
        self, faults: Faults, habits: Habits, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.client_secret = secrets.token_urlsafe(32)
        self.bearer_token = secrets.token_urlsafe(32)
        self._signatures = Signatures(CLIENT_ID, self.client_secret)
        self._faults = faults
        self._habits = habits
        self._monotonic = monotonic
        self._tokens: dict[str, _Token] = {}

    def scopes_of(self, request: Request) -> frozenset[str]:
        """What the request may do, as scopes; 401 without a valid token or signature."""
        if is_signed(request):
            return self._signed(request)
        token = _bearer(request) or ""
        if hmac.compare_digest(token.encode(), self.bearer_token.encode()):
            return _EVERYTHING
        if token in self._tokens and self._takes_back(token):
            del self._tokens[token]
        held = self._tokens.get(token)
        elsewhere = (
            held is not None
            and "cookie-needed" in self._habits
            and request.cookies.get(_COOKIE) != held.node
        )
        if held is None or held.ends <= self._monotonic() or elsewhere:
            raise Refusal(
                401,
                "unauthorisedrequest",
                "A valid access token is needed; ask /token for one.",
                {"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        return held.scopes

    def _signed(self, request: Request) -> frozenset[str]:
        try:
            self._signatures.verify(request)
        except Unsigned as trouble:
            raise Refusal(
                401,
                "unauthorisedrequest",
                f"The request is not signed as it must be. {trouble}",
                {"WWW-Authenticate": 'OAuth realm="practice"'},
            ) from None
        return _EVERYTHING

    def _takes_back(self, token: str) -> bool:
        """Whether a fault ends this token now, which is used once more."""
        good_for = self._faults.value("revoked-tokens")
        if good_for is None or self._faults.step("revoked-tokens", token) <= good_for:
            return False
        self._faults.take("revoked-tokens")
        return True

    def require(self, request: Request, accepted: tuple[str, ...]) -> None:
        """401 without a valid token or signature, 403 without any of the accepted scopes."""
        if "mislabelled" in self._habits:
            # A token for the version that the address says is meant as well.
            accepted += tuple(name.replace("v1p2", "v1p1") for name in accepted)
        if self.scopes_of(request).isdisjoint(accepted):
            if "vague-refusals" in self._habits and request.method != "GET":
                raise Refusal(400, "invaliddata", "The record cannot be saved.")
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
        self._tokens = {key: held for key, held in self._tokens.items() if held.ends > now}
        token = secrets.token_urlsafe(32)
        life = self._faults.take("short-lived-tokens")
        ends, node = now + (TOKEN_SECONDS if life is None else life), secrets.token_hex(4)
        self._tokens[token] = _Token(frozenset(scopes), ends, node)
        granted: dict[str, object] = {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": TOKEN_SECONDS,
        }
        if "scopes-untold" not in self._habits:
            granted["scope"] = " ".join(scopes)
        if "cookie-needed" in self._habits:
            headers["Set-Cookie"] = f"{_COOKIE}={node}; Path=/; HttpOnly"
        return Response(encode(granted), 200, headers, JSON)

    def _granted(self, request: Request, form: dict[str, str]) -> list[str]:
        client, secret = self._credentials(request, form)
        unheard_of = self._faults.take("client-refused") is not None
        if unheard_of or client is None or secret is None or not self._is_client(client, secret):
            raise _TokenError(401, "invalid_client", "The client ID or secret is not right.")
        if form.get("grant_type") != "client_credentials":
            raise _TokenError(
                400, "unsupported_grant_type", "grant_type must be client_credentials."
            )
        asked = form.get("scope", "").split()
        unknown = [scope for scope in asked if scope not in _EVERYTHING]
        if unknown:
            raise _TokenError(400, "invalid_scope", f"Unknown scope: {', '.join(unknown)}.")
        scopes = [scope for scope in OFFERED_SCOPES if scope in asked and self._grants(scope)]
        if not scopes:
            raise _TokenError(400, "invalid_scope", "Ask for at least one scope offered here.")
        return scopes

    def _grants(self, scope: str) -> bool:
        for habit, version in (("only-1.1", "v1p1"), ("only-1.2", "v1p2")):
            if habit in self._habits and f"/{version}/" not in scope:
                return False
        return "grants-less" not in self._habits or scope.endswith(_LESS)

    def _credentials(self, request: Request, form: dict[str, str]) -> tuple[str | None, str | None]:
        basic, body = _basic(request), (form.get("client_id"), form.get("client_secret"))
        if "signed-only" in self._habits:
            raise _TokenError(400, "unsupported_grant_type", "Sign each request by OAuth 1.")
        if "body-only" in self._habits:
            return body
        return basic or ((None, None) if "basic-only" in self._habits else body)

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
