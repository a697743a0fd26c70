"""`network`: proxy and certificate authorities of a district, over real TLS (DESIGN §9)."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.store.database import Database, Location
from tests.cli.conftest import Ended, MemoryKeyring
from tests.connectors.conftest import certificate, secure, server  # noqa: F401  fixtures
from tests.connectors.http_server import Server, plain, tunnelling

Call = Callable[..., Ended]
PASSWORD = "proxy-Passw0rd"


@pytest.fixture
def authority(certificate: Path, tmp_path: Path) -> Path:  # noqa: F811
    """The certificate of the test's authority, without its key."""
    begin = "-----BEGIN CERTIFICATE-----"
    path = tmp_path / "authority.pem"
    path.write_text(f"Told by IT\n{begin}{certificate.read_text().partition(begin)[2]}")
    return path


def connect(call: Call, address: str) -> None:
    """Adds a connector to a SIS there."""
    pairs = ("--set", f"base_url={address}", "--set", f"token_url={address}/token")
    ended = call("connectors", "add", "District", "--kind", "oneroster", *pairs,
                 "--set", "client_id=x")  # fmt: skip
    assert ended.code == 0, ended.err


def test_a_districts_own_authority_is_trusted_once_it_is_added(
    call: Call,
    secure: Server,  # noqa: F811
    authority: Path,
) -> None:
    """Until then nothing is sent; its subject and its end are shown, so it can be checked."""
    connect(call, f"https://localhost:{secure.server_port}")
    refused = call("network", "check", "--json")
    assert (refused.code, refused.document[0]["error"]["code"]) == (1, "certificate_refused")
    shown = call("network", "set", "--authority", str(authority), "--json").document
    [trusted] = shown["authorities"]
    assert trusted["subject"] == "localhost"
    assert trusted["ends"] > "2026"
    authority.unlink()
    assert call("network", "check").code == 0
    assert call("network", "set", "--no-authority", "--json").document["authorities"] == []
    assert call("network", "check").code == 1


def test_a_proxys_password_is_in_the_keyring_alone(
    call: Call,
    server: Server,  # noqa: F811
    secure: Server,  # noqa: F811
    authority: Path,
    secrets_kept: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
    data_dir: Path,
) -> None:
    """It reaches the proxy, and stands in no database; without the user it is forgotten."""
    server.routes["*"] = tunnelling(secure)
    connect(call, "https://sis.example")
    address = server.url.removeprefix("http://")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    ended = call("network", "set", "--proxy", address, "--user", "district", "--password-stdin",
                 "--authority", str(authority), "--json")  # fmt: skip
    assert (ended.code, ended.document["password"]) == (0, True)
    assert call("network", "check", "--json").document[0]["reached"] is True
    assert "Proxy-Authorization" in server.seen[0][2]
    assert [*secrets_kept.kept.values()] == [PASSWORD]
    with Database(Location.of(data_dir)) as database, database.reading() as tx:
        told = json.dumps(list(tx.rows("SELECT * FROM settings")), default=str)
    assert PASSWORD not in told
    call("network", "set", "--proxy", "system")
    assert secrets_kept.kept == {}


def test_a_proxy_that_refuses_is_told(call: Call, server: Server) -> None:  # noqa: F811
    """What a person can do about it, in a sentence."""
    server.routes["*"] = plain(407)
    connect(call, "https://sis.example")
    call("network", "set", "--proxy", server.url)
    ended = call("network", "check")
    assert ended.code == 1
    assert "user and password" in ended.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--proxy", "ftp://proxy"], "proxy_unfit"),
        (["--proxy", "http://me:secret@proxy:8080"], "proxy_with_login"),
        (["--user", "me"], "proxy_user_without_proxy"),
        (["--direct", "https://sis"], "direct_host_unfit"),
        ([], "network_says_nothing"),
    ],
)
def test_what_cannot_be_is_refused(call: Call, arguments: list[str], code: str) -> None:
    """Exit code 2, a sentence, and nothing is saved; no login is repeated."""
    ended = call("network", "set", *arguments, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, code)
    assert "secret" not in ended.out
    assert call("network", "show", "--json").document["proxy"] == "system"


def test_only_the_certificate_of_an_authority_is_taken(
    call: Call,
    certificate: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Not a key, not a text, not a file that is not there."""
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    for path, code in ((certificate, "authority_with_key"), (text, "authority_unfit"),
                       (tmp_path / "none", "authority_unreadable")):  # fmt: skip
        ended = call("network", "set", "--authority", str(path), "--json")
        assert (ended.code, ended.document["error"]["code"]) == (2, code)
