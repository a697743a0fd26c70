"""Where the transport goes, with what, and by whose word (DESIGN §8)."""

import socket
from contextlib import closing
from threading import Event
from urllib.parse import urlsplit

import pytest

from app.connectors.addresses import is_loopback, origin
from app.connectors.contract import Cookies, Request
from app.connectors.http import HttpTransport, Limits
from app.errors import (
    ConfigError,
    ContractError,
    TransientError,
)
from tests.connectors.http_server import Exchange, Server, get, plain, serving, tunnelling

# -- where credentials may go --


def test_authorization_goes_to_its_own_origin_only(transport, server):
    """Anything else is refused before a connection is made (DESIGN §8)."""
    server.routes["/a"] = plain(200)
    get(transport, f"{server.url}/a", authorization="Bearer t0ken", origin=server.url)
    assert server.seen[0][2]["Authorization"] == "Bearer t0ken"
    for more in (
        {"authorization": "Bearer t0ken", "origin": "https://sis.example"},
        {"authorization": "Bearer t0ken"},
        {"headers": (("Authorization", "Bearer t0ken"),)},
    ):
        with pytest.raises(ContractError) as raised:
            get(transport, f"{server.url}/a", **more)
        assert raised.value.code == "authorization_elsewhere"
        assert "t0ken" not in f"{raised.value}{raised.value!r}"
    assert len(server.seen) == 1


def test_a_redirect_is_followed_but_what_is_secret_stays_at_home(transport, server):
    """To another origin goes what is accepted, and nothing else."""
    with serving(Server()) as other:
        server.routes["/a"] = plain(302, location="/b")
        server.routes["/b"] = plain(307, location=f"{other.url}/c")
        other.routes["/c"] = plain(200, b"there")
        headers = (("Accept", "application/json"), ("X-Key", "k"))
        response = get(transport, f"{server.url}/a", headers=headers)
        assert (response.body, response.url) == (b"there", f"{other.url}/c")
        assert server.seen[1][2]["X-Key"] == "k"
        carried = other.seen[0][2]
        assert carried["Accept"] == "application/json"
        assert not {"Authorization", "X-Key", "Cookie"} & set(carried)
        transport.close()


@pytest.mark.parametrize("authorization", ["Bearer t0ken", None])
def test_whoever_asks_a_sis_has_no_other_ones_answer(transport, server, authorization):
    """On its own origin a redirect takes credentials along; another origin is not even asked."""
    with serving(Server()) as other:
        asked = {"authorization": authorization, "origin": server.url}
        server.routes["/a"] = plain(302, location="/b")
        server.routes["/b"] = plain(200, b"here")
        assert get(transport, f"{server.url}/a", **asked).body == b"here"
        assert server.seen[1][2].get("Authorization") == authorization
        server.routes["/b"] = plain(307, location=f"{other.url}/c")
        with pytest.raises(ContractError) as raised:
            get(transport, f"{server.url}/a", **asked)
        told = raised.value.parameters
        assert raised.value.code == "redirect_elsewhere"
        assert told["other"] == urlsplit(other.url).netloc
        assert other.seen == []
        transport.close()


@pytest.mark.parametrize(
    ("method", "location", "code"),
    [
        ("GET", "/a", "redirects_too_many"),
        ("GET", "http://sis.example/", "redirect_unsafe"),
        ("GET", "ftp://sis.example/", "redirect_unsafe"),
        ("POST", "/b", "redirect_refused"),
    ],
)
def test_a_redirect_that_leads_astray_is_refused(transport, server, method, location, code):
    """Round in circles, away from https, or with a body that may hold a secret."""
    server.routes["/a"] = plain(302, location=location)
    with pytest.raises(ContractError) as raised:
        transport.send(Request(method, f"{server.url}/a", body=b"secret"), Event())
    assert raised.value.code == code


def test_cookies_are_kept_for_their_connector_whichever_thread_asks(transport, server):
    """A balancer turns others away (ONEROSTER 14); another connector shows none of them."""

    def balancer(exchange: Exchange) -> None:
        known = exchange.headers.get("cookie") == "node=7"
        exchange.answer(200, b"{}") if known else exchange.answer(503)

    cookies: Cookies = {}
    server.routes["/token"] = plain(200, set_cookie="node=7; Path=/")
    server.routes["/a"] = balancer
    get(transport, f"{server.url}/token", cookies=cookies)
    with closing(HttpTransport(Limits(attempts=1))) as another:
        assert get(another, f"{server.url}/a", cookies=cookies).body == b"{}"
        stranger: Cookies = {}
        for without in (stranger, None):
            with pytest.raises(TransientError):
                get(another, f"{server.url}/a", cookies=without)


def test_cookies_go_to_the_origin_that_set_them_and_nowhere_else(transport, server):
    """Another port of the same host is another SIS; a redirect takes none along."""
    cookies: Cookies = {}
    with serving(Server()) as other:
        server.routes["/a"] = plain(200, set_cookie="node=7; Path=/")
        server.routes["/b"] = plain(307, location=f"{other.url}/c")
        other.routes["/c"] = plain(200, set_cookie="node=8; Path=/")
        for url in (f"{server.url}/a", f"{server.url}/b", f"{other.url}/c", f"{server.url}/b"):
            get(transport, url, cookies=cookies)
        assert [seen[2].get("Cookie") for seen in server.seen] == [None, "node=7", "node=7"]
        assert [seen[2].get("Cookie") for seen in other.seen] == [None, None, None]
        get(transport, f"{other.url}/c", cookies=cookies)
        assert other.seen[-1][2].get("Cookie") == "node=8"
        transport.close()


def test_a_netrc_does_not_replace_our_credentials(transport, server, tmp_path, monkeypatch):
    """requests would read it on every request."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.routes["/a"] = plain(200)
    get(transport, f"{server.url}/a", authorization="Bearer t0ken", origin=server.url)
    assert server.seen[0][2]["Authorization"] == "Bearer t0ken"


# -- settings that cannot work --


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://sis.example/", "address_not_https"),
        ("ftp://sis.example/", "address_not_https"),
        ("https://me:secret@sis.example/", "address_with_login"),
        ("https://", "address_invalid"),
        ("https://sis.example:99999/", "address_invalid"),
        ("nonsense", "address_invalid"),
        ("https://no-such-host.invalid/", "host_unknown"),
    ],
)
def test_an_address_that_cannot_work_is_a_fault_of_the_settings(transport, url, code):
    """https everywhere but on this computer (DESIGN §8)."""
    with pytest.raises(ConfigError) as raised:
        get(transport, url)
    assert raised.value.code == code
    assert "secret" not in f"{raised.value}{raised.value!r}"


def test_loopback_is_this_computer_alone():
    """Names that only begin alike are somebody else's."""
    assert all(map(is_loopback, ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"]))
    assert not any(map(is_loopback, ["localhost.example", "127.0.0.1.example", "10.0.0.1", ""]))


def test_an_origin_is_scheme_host_and_port():
    """However the address is written."""
    assert origin("HTTPS://SIS.Example:443/a?b#c") == "https://sis.example"
    assert origin("http://[::1]:8080/") == "http://[::1]:8080"


def test_a_closed_port_is_connection_refused(transport):
    """Told apart from a name nobody knows."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TransientError) as raised:
        get(transport, f"http://127.0.0.1:{port}/")
    assert raised.value.code == "connection_refused"
    assert raised.value.parameters["port"] == port


def test_plain_http_on_an_https_address_is_told(transport, server):
    """As when the port is a wrong one."""
    with pytest.raises(TransientError) as raised:
        get(transport, server.url.replace("http://", "https://"))
    assert raised.value.code == "tls_failed_here"


def test_a_certificate_that_is_not_trusted_is_refused(transport, secure):
    """And the settings are at fault, with the reason; nothing switches this off."""
    with pytest.raises(ConfigError) as raised:
        get(transport, f"https://localhost:{secure.server_port}/")
    assert raised.value.code == "certificate_refused"
    assert raised.value.parameters["reason"]
    assert not secure.seen


@pytest.mark.skipif("not __import__('sys').platform.startswith('linux')")
def test_a_certificate_the_system_trusts_is_good(secure, certificate, monkeypatch):
    """The system's own store decides, so a district's own authority works."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    transport = HttpTransport()
    response = get(transport, f"https://localhost:{secure.server_port}/")
    transport.close()
    assert response.body == b"safe"


@pytest.mark.skipif("not __import__('sys').platform.startswith('linux')")
def test_the_systems_proxy_is_used_and_tls_goes_through_it(
    transport, server, secure, certificate, monkeypatch
):
    """The proxy sees a name and nothing else; this computer itself is never asked through it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    server.routes["*"] = tunnelling(secure)
    secret = {"authorization": "Bearer t0ken", "origin": "https://sis.example"}
    assert get(transport, "https://sis.example/users?filter=x", **secret).body == b"safe"
    method, path, headers, _ = server.seen[0]
    assert (method, path) == ("CONNECT", "sis.example:443")
    assert "t0ken" not in str(headers)
    get(transport, f"https://localhost:{secure.server_port}/")
    assert len(server.seen) == 1
    transport.close()
