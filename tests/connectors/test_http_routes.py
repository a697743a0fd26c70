"""The way to other computers that an administrator has set: its proxy, whom it trusts."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.connectors.contract import Route
from app.connectors.http import HttpTransport, Limits
from app.errors import ConfigError, SyncError
from tests.connectors.http_server import Server, get, plain, tunnelling

LOGIN = ("district", "pass word@:/%")


@pytest.fixture
def going(server: Server, secure: Server) -> Iterator[Callable[[Route], HttpTransport]]:
    """Makes transports that go a way; they are closed before the servers."""
    made: list[HttpTransport] = []

    def make(route: Route) -> HttpTransport:
        made.append(HttpTransport(Limits(connect=5, silence=5, attempts=1), route=lambda: route))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_an_authority_that_was_added_is_trusted(going, secure, certificate):
    """Beside the system's own, and for the names it vouches for alone: TLS is never off."""
    trusting = Route(authorities=_certificate(certificate))
    assert get(going(trusting), f"https://localhost:{secure.server_port}/").body == b"safe"
    for route, host in ((Route(), "localhost"), (trusting, "127.0.0.1")):
        with pytest.raises(ConfigError) as raised:
            get(going(route), f"https://{host}:{secure.server_port}/")
        assert raised.value.code == "certificate_refused"


def _certificate(path: Path) -> str:
    begin = "-----BEGIN CERTIFICATE-----"
    return begin + path.read_text().partition(begin)[2]


def test_a_proxy_gets_its_login_and_nothing_of_ours(going, server, secure, certificate):
    """The password is for the proxy alone; what is sent through it stays unseen there."""
    server.routes["*"] = tunnelling(secure)
    through = going(Route(server.url, LOGIN, authorities=_certificate(certificate)))
    secret = {"authorization": "Bearer t0ken", "origin": "https://sis.example"}
    assert get(through, "https://sis.example/users?filter=x", **secret).body == b"safe"
    method, path, headers, _ = server.seen[0]
    assert (method, path) == ("CONNECT", "sis.example:443")
    word, _, told = headers["Proxy-Authorization"].partition(" ")
    assert (word, base64.b64decode(told).decode()) == ("Basic", ":".join(LOGIN))
    assert "t0ken" not in str(server.seen)
    assert "Proxy-Authorization" not in secure.seen[0][2]


def test_a_proxy_that_refuses_the_login_says_so(going, server):
    """That passes by nothing but another password, so it is not tried for ever."""
    server.routes["*"] = plain(407)
    with pytest.raises(ConfigError) as raised:
        get(going(Route(server.url, LOGIN)), "https://sis.example/")
    assert raised.value.code == "proxy_login_refused"
    assert LOGIN[1] not in str(raised.value)


@pytest.mark.parametrize("route", [Route(""), Route("PROXY", direct=("other.org", "invalid"))])
def test_no_proxy_is_asked_where_none_is_wanted(going, server, monkeypatch, route):
    """Neither the system's, when none is set, nor one's own for a host that is reached directly."""
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    if route.proxy:
        route = Route(server.url, direct=route.direct)
    with pytest.raises(SyncError) as raised:
        get(going(route), "https://sis.invalid/")
    assert raised.value.code in ("host_unknown", "host_not_found_now")
    assert server.seen == []
