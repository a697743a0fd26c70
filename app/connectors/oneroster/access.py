"""How a service lets us in: by OAuth 2, by OAuth 1, or by a token that somebody was given.

Each way takes a request and yields whatever it has to ask for itself before the request may go.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from app.connectors.contract import Asking, Cookies, Finding, Io, Request
from app.connectors.oneroster.address import Addresses
from app.connectors.oneroster.oauth1 import Signed
from app.connectors.oneroster.oauth2 import TOKEN, Tokens
from app.connectors.oneroster.vocabulary import V1P1, V1P2, ScopeParts, scope_parts
from app.errors import AuthError, ConfigError

if TYPE_CHECKING:
    from app.connectors.oneroster import Settings


class Access(Protocol):
    """One way in. It is kept as long as the connector is open."""

    @property
    def scopes(self) -> frozenset[str]:
        """What the service has said that it permits; empty where it has said nothing."""
        ...

    def let_in(self, request: Request) -> Asking[Request]:
        """``request`` with what lets it in."""
        ...

    def refused(self) -> AuthError | None:
        """The last request was not let in: why no other will be, ``None`` where another may."""
        ...

    def tried(self) -> Asking[list[Finding]]:
        """What can be said of it before anything is asked for."""
        ...


class Bearer:
    """A token that somebody was given, sent as it is (RFC 6750)."""

    scopes: frozenset[str] = frozenset()

    def __init__(self, token: str) -> None:
        # A token is often copied with the word that stands before it.
        value = token.removeprefix("Bearer ").strip()
        if not TOKEN.fullmatch(value):
            raise ConfigError("bearer_unfit")
        self._authorization = f"Bearer {value}"

    def let_in(self, request: Request) -> Asking[Request]:
        """``request`` with the token."""
        yield from ()  # nothing has to be asked for
        return replace(request, authorization=self._authorization)

    def refused(self) -> AuthError:
        """There is no other token."""
        return AuthError("bearer_refused")

    def tried(self) -> Asking[list[Finding]]:
        """Nothing: only a request shows whether it is good."""
        yield from ()
        return []


def access(
    settings: "Settings",
    secrets: Mapping[str, str],
    places: Addresses,
    io: Io,
    cookies: Cookies,
) -> Access:
    """The way in that the settings name. Raises ``ConfigError`` where something is missing."""
    secret = secrets.get("client_secret", "").strip()
    client_id = settings.client_id.strip()
    if settings.auth != "bearer" and not client_id:
        raise ConfigError("setting_missing", setting="client_id")
    if not secret:
        raise ConfigError("setting_missing", setting="client_secret")
    if settings.auth == "bearer":
        return Bearer(secret)
    if settings.auth == "oauth1":
        return Signed(client_id, secret, settings.signature, io)
    return Tokens(client_id, secret, places.token_urls, _wanted(settings, places), io, cookies)


def _wanted(settings: "Settings", places: Addresses) -> tuple[ScopeParts, ...]:
    """The scopes to ask for: what is set, or else what is switched on, as each version has it."""
    if given := " ".join(settings.scope.split()):
        return (((given,),),)
    switches = ("demographics", "gradebook", "resources", "assessments")
    switched = {name: getattr(settings, name) for name in switches}
    versions = [settings.version] if settings.version != "auto" else [V1P2, V1P1]
    # What the address names is likelier.
    versions.sort(key=lambda version: version != places.version)
    return tuple(scope_parts(version, **switched) for version in versions)
