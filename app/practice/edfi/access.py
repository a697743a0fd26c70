"""Who may ask what: the clients, their tokens, and what their claims say.

The secrets are made anew for every start and live in memory only.
"""

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote_plus

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from .problems import JSON, Problem, malformed, unauthenticated
from .shelf import encode
from .switches import Switches

TOKEN_SECONDS = 3600
MOST_TOKENS = 15
_LONGEST_FORM = 65_536

DISTRICT, ONE_SCHOOL, READ_ONLY, NARROW = "district", "school", "reader", "narrow"
"""The clients: all of the district, one school, all but for writing, and rosters alone."""

_GRADEBOOK = frozenset(
    {
        "assessments",
        "gradebookEntries",
        "grades",
        "objectiveAssessments",
        "studentAssessments",
        "studentGradebookEntries",
    }
)


@dataclass(frozen=True, slots=True)
class Client:
    """One application's way in. `lacks` are resources that its claim set does not name."""

    name: str
    key: str
    secret: str
    claim_set: str
    writes: bool = True
    lacks: frozenset[str] = frozenset()
    one_school: bool = False


class _Token(NamedTuple):
    client: Client
    ends: float


class _TokenError(Exception):
    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class EdFiAccess:
    """The clients of this start, by what they are for, and the tokens given to them."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.clients = {
            client.name: client
            for client in (
                _client(DISTRICT, "SIS Vendor"),
                _client(ONE_SCHOOL, "SIS Vendor", one_school=True),
                _client(READ_ONLY, "Ed-Fi API Reader", writes=False),
                _client(NARROW, "Roster Vendor", lacks=_GRADEBOOK),
            )
        }
        self.control_secret = secrets.token_urlsafe(32)
        """The bearer of the practice calls, where nobody gives another one."""
        self.switches = Switches()
        """Those of the service: it gives its own."""
        self.given = 0
        """How many tokens were given."""
        self._monotonic = monotonic
        self._tokens: dict[str, _Token] = {}

    def client_of(self, request: Request) -> Client:
        """Who asks. Raises the 401 Problem."""
        return self.held(request)[1]

    def held(self, request: Request) -> tuple[str, Client]:
        """The token of a request, and whose it is. Raises the 401 Problem."""
        told = request.headers.get("authorization")
        if told is None:
            raise unauthenticated("Authorization header is missing.")
        word, _, token = told.partition(" ")
        if word.lower() != "bearer":
            raise unauthenticated("Unknown Authorization header scheme.")
        if not token.strip():
            raise unauthenticated("Missing Authorization header bearer token value.")
        if self.switches.take("tokens-forgotten") is not None:
            self._tokens.clear()
        held = self._tokens.get(token.strip())
        if held is None or held.ends <= self._monotonic():
            raise unauthenticated("Invalid Authorization header.")
        return token.strip(), held.client

    def is_live(self, token: str) -> Client | None:
        """Whose token this is, None for one that is no good."""
        held = self._tokens.get(token)
        return None if held is None or held.ends <= self._monotonic() else held.client

    async def token(self, request: Request) -> Response:
        """`POST oauth/token`: client credentials, in the Basic header or in the body, not both."""
        body = await request.body()
        if len(body) > _LONGEST_FORM:
            raise Problem(400, "bad-request", "The request is too long.")
        headers = {"Cache-Control": "no-store"}
        try:
            client = self._asking(request, form_of(request, body))
        except _TokenError as refused:
            told = {"error": refused.error, "error_description": refused.description}
            status = 401 if refused.error == "invalid_client" else 400
            return Response(encode(told), status, headers, JSON)
        now = self._monotonic()
        self._tokens = {token: held for token, held in self._tokens.items() if held.ends > now}
        if sum(held.client is client for held in self._tokens.values()) >= MOST_TOKENS:
            raise Problem(
                429,
                "security:authentication:too-many-tokens",
                "The caller could not be authenticated.",
                [f"This client has {MOST_TOKENS} tokens. Use one of them, or wait for an end."],
            )
        token = secrets.token_hex(16)
        life = self.switches.take("short-lived-tokens")
        self._tokens[token] = _Token(client, now + (TOKEN_SECONDS if life is None else life))
        self.given += 1
        granted = {
            "access_token": token,
            "expires_in": self._stated(),
            "token_type": "bearer",
            "scope": "",
        }
        return Response(encode(granted), 200, headers, JSON)

    def _stated(self) -> object:
        """What is said of how long a token lives."""
        if "absolute-expiry" in self.switches:
            return int(time.time()) + TOKEN_SECONDS
        return str(TOKEN_SECONDS) if "text-expiry" in self.switches else TOKEN_SECONDS

    def _asking(self, request: Request, form: dict[str, str]) -> Client:
        if form.get("grant_type") != "client_credentials":
            raise _TokenError(
                "unsupported_grant_type", "The grant_type must be client_credentials."
            )
        basic = _basic(request)
        named = form.get("client_id"), form.get("client_secret")
        if basic is not None and any(part is not None for part in named):
            raise _TokenError(
                "invalid_request",
                "Give the credentials in the Authorization header or in the body, not in both.",
            )
        key, secret = basic or named
        if "basic-only" in self.switches and basic is None:
            raise _TokenError("invalid_client", "Give the credentials in the Basic header.")
        if "body-only" in self.switches and basic is not None:
            raise _TokenError("invalid_client", "Give the credentials in the body.")
        for client in self.clients.values():
            if key == client.key and hmac.compare_digest(
                (secret or "").encode(), client.secret.encode()
            ):
                return client
        raise _TokenError("invalid_client", "The key or the secret is not right.")


def _client(
    name: str,
    claim_set: str,
    *,
    writes: bool = True,
    lacks: frozenset[str] = frozenset(),
    one_school: bool = False,
) -> Client:
    key, secret = f"practice-{name}", secrets.token_urlsafe(24)
    return Client(name, key, secret, claim_set, writes, lacks, one_school)


def form_of(request: Request, body: bytes) -> dict[str, str]:
    """The parameters in the body of a request, as a form or as JSON. Raises the 400 Problem."""
    if "json" not in request.headers.get("content-type", ""):
        return dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True))
    try:
        told = msgspec.json.decode(body, type=dict[str, object])
    except msgspec.MsgspecError:
        raise malformed("The body cannot be read.") from None
    return {name: str(value) for name, value in told.items()}


def _basic(request: Request) -> tuple[str, str] | None:
    word, _, told = request.headers.get("authorization", "").partition(" ")
    if word.lower() != "basic":
        return None
    try:
        key, colon, secret = base64.b64decode(told, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = ""
    if not colon:
        raise _TokenError("invalid_client", "The Basic header cannot be read.")
    return unquote_plus(key), unquote_plus(secret)
