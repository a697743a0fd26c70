"""How other computers are reached: by which proxy, and whose certificates are trusted besides.

One setting for all connectors. It stands in the database; the password of a proxy in the vault
alone. An authority that is added is trusted beside those of the system: nothing is ever trusted
without a certificate.
"""

import ssl
import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from app.connectors.contract import Request, Response, Route
from app.engine.apart import Asking, Change, apart
from app.engine.events import Changed, Listener
from app.engine.fetching import Fetcher, Ticket
from app.engine.loop import Loop
from app.engine.world import World
from app.errors import SyncError, UsageError
from app.store import journal, settings
from app.store.database import Database
from app.vault import Vault

SYSTEM, NONE = "system", "none"
"""In place of a proxy's address: what the system says, and none at all."""

VAULT = ("network", "proxy_password")
"""Under which name and key the vault keeps the password of the proxy."""

LARGEST = 1_000_000
"""Bytes that a file of certificates may have."""


class Network(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is set; ``UsageError`` where it is unfit (``checked``)."""

    proxy: str = SYSTEM
    user: str = ""
    """Who the proxy is told that we are; blank: nobody."""
    direct: tuple[str, ...] = ()
    """Hosts and domains that are reached without the proxy."""
    authorities: str = ""
    """Certificates of further authorities, as PEM."""

    @classmethod
    def of(cls, text: str | None) -> "Network":
        """What ``str`` told; as the system says, where nothing was set."""
        return msgspec.json.decode(text, type=cls) if text else cls()

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    @property
    def has_proxy(self) -> bool:
        """Whether a proxy of its own is set."""
        return self.proxy not in (SYSTEM, NONE)


@dataclass(frozen=True)
class Authority:
    """A certificate of an authority, as people read it."""

    subject: str
    issuer: str
    ends: datetime


@dataclass(frozen=True)
class Reached:
    """Whether a host answered that a connector speaks to."""

    connector: str
    host: str
    error: SyncError | None


# -- what is set --------------------------------------------------------------------------------


def network(database: Database) -> Network:
    """What is set now."""
    with database.reading() as tx:
        return Network.of(settings.read(tx, settings.NETWORK))


def checked(given: Network) -> Network:
    """The same in normal form. Raises ``UsageError`` for an address, a host or a file that is none.

    A proxy may be told as ``proxy.example:8080``; a login in its address is refused, since it would
    end up in the database.
    """
    proxy, direct = given.proxy.strip(), tuple(filter(None, map(_host, given.direct)))
    # The very word, so that the default is left out of what is stored.
    proxy = {SYSTEM: SYSTEM, NONE: NONE}.get(proxy.lower()) or _address(proxy)
    user = given.user.strip()
    if user and proxy in (SYSTEM, NONE):
        raise UsageError("proxy_user_without_proxy")
    if given.authorities:
        authorities(given.authorities)
    return Network(proxy=proxy, user=user, direct=direct, authorities=given.authorities)


def _address(text: str) -> str:
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.scheme not in ("http", "https") or parts.path.strip("/") or parts.query:
        raise UsageError("proxy_unfit")
    if parts.username is not None or parts.password is not None:
        raise UsageError("proxy_with_login")
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}:{port or (443 if parts.scheme == 'https' else 8080)}"


def _host(text: str) -> str:
    host = text.strip().lower().removeprefix("*").removeprefix(".")
    if any(char in host for char in "/:@ ,"):
        raise UsageError("direct_host_unfit", host=text.strip())
    return host


def setting(world: World, tell: Listener, given: Network, password: str | None) -> Asking[Network]:
    """Sets it (``Engine.set_network``); the vault first, then the database."""
    wanted = checked(given)
    before = network(world.database)
    if not wanted.user or (password is None and wanted.proxy != before.proxy):
        # Where the proxy is another one, it is not told what the one before was.
        yield Change(partial(world.vault.delete, *VAULT))
    elif password is not None:
        yield Change(partial(world.vault.set, *VAULT, password))
    with world.database.writing() as tx:
        settings.write(tx, settings.NETWORK, str(wanted))
    tell(Changed(frozenset({"settings"})))
    return wanted


def route(database: Database, vault: Vault) -> Route:
    """The way that is set. Raises what the vault raises, and ``UsageError`` without a password."""
    return _route(network(database), partial(vault.get, *VAULT))


def _route(way: Network, password: Callable[[], str | None]) -> Route:
    proxy = {SYSTEM: None, NONE: ""}.get(way.proxy, way.proxy)
    login = None
    if way.has_proxy and way.user:
        login = (way.user, password() or "")
    return Route(proxy, login, way.direct, way.authorities)


# -- certificates ---------------------------------------------------------------------------------


def read_authorities(path: Path) -> tuple[str, list[Authority]]:
    """The certificates in a file (PEM, or one as DER), as PEM and as people read them.

    Raises ``UsageError`` where it is none, or not one of an authority.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError("authority_unreadable", str(error), path=str(path)) from None
    if b"PRIVATE KEY" in content:
        raise UsageError("authority_with_key")
    try:
        pem = content.decode("ascii")
    except UnicodeDecodeError:
        pem = ssl.DER_cert_to_PEM_cert(content)
    # Only the certificates: what else stands in such a file is of no use here.
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    found = [f"{begin}{part.partition(end)[0]}{end}\n" for part in pem.split(begin)[1:]]
    text = "".join(found)
    return text, authorities(text)


def authorities(pem: str) -> list[Authority]:
    """The authorities of certificates; raises ``UsageError`` where these are no such."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError, TypeError):
        raise UsageError("authority_unfit") from None
    found = context.get_ca_certs()
    if not found:
        raise UsageError("authority_of_a_server")
    return [
        Authority(
            _named(one["subject"]),
            _named(one["issuer"]),
            datetime.fromtimestamp(ssl.cert_time_to_seconds(str(one["notAfter"])), UTC),
        )
        for one in found
    ]


def _named(name: Any) -> str:
    """What people call who a certificate is of: its common name, else its organization."""
    told: Mapping[str, str] = {key: value for part in name for key, value in part}
    known = ("commonName", "organizationalUnitName", "organizationName")
    return next((told[key] for key in known if key in told), ", ".join(told.values()))


# -- trying ---------------------------------------------------------------------------------------


def trying(
    world: World, loop: Loop, given: Network, password: str | None, cancel: threading.Event
) -> Generator[Ticket | None, Any, list[Reached]]:
    """Whether the hosts that connectors speak to answer this way (``Engine.try_network``).

    Nothing secret is sent: any answer will do.
    """
    way = checked(given)
    kept = password
    if way.user and password is None:
        kept = yield from apart(_kept(world), loop, cancel)
    going = _route(way, lambda: kept)
    fetching = Fetcher(
        partial(world.open_transport, going), loop.post, cancel, name="try", clock=world.clock
    )
    found = []
    try:
        for connector, origin in _origins(world.database):
            error = None
            try:
                request = Request("GET", f"{origin}/", repeatable=False, max_bytes=LARGEST)
                _answer: Response = yield fetching.submit(request)
            except SyncError as failed:
                # Whatever was answered came from there, so it was reached.
                answered = ("server_error", "redirect_unsafe", "answer_too_long", "rate_limited")
                error = None if failed.code in answered else failed
            found.append(Reached(connector, urlsplit(origin).hostname or "", error))
    finally:
        fetching.close()
    return found


def _kept(world: World) -> Asking[str | None]:
    found: str | None = yield partial(world.vault.get, *VAULT)
    return found


def _origins(database: Database) -> list[tuple[str, str]]:
    """(connector, origin) of every address in their settings, each once."""
    found: dict[tuple[str, str], None] = {}
    with database.reading() as tx:
        for row in journal.connectors(tx):
            for value in msgspec.json.decode(row.settings).values():
                if isinstance(value, str) and value.startswith(("https://", "http://")):
                    parts = urlsplit(value)
                    found[row.name, f"{parts.scheme}://{parts.netloc}"] = None
    return list(found)
