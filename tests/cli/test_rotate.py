"""`connectors rotate`: new credentials take over only where they work (DESIGN §9)."""

import io
from collections.abc import Callable

import pytest

from app.compose import PracticeSis
from tests.cli.conftest import NAME, SECRET, Ended, MemoryKeyring

Call = Callable[..., Ended]


@pytest.fixture
def sis_kept(connected: Call, sis: PracticeSis, monkeypatch: pytest.MonkeyPatch) -> Call:
    """``connected``, its secret in the keyring and no longer in the environment."""
    monkeypatch.delenv(SECRET)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{sis.ready.client_secret}\n"))
    assert connected("connectors", "edit", NAME, "--secret-stdin", "client_secret").code == 0
    return connected


def test_new_credentials_are_kept_only_where_they_work(
    sis_kept: Call,
    sis: PracticeSis,
    secrets_kept: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A mistyped one is told with exit code 1; the old one stays where it is."""
    good = sis.ready.client_secret
    for typed, code in (("mistyped", 1), (good, 0)):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        rotate = ("connectors", "rotate", NAME, "--secret-stdin", "client_secret", "--json")
        ended = sis_kept(*rotate)
        assert (ended.code, ended.document["kept"]) == (code, code == 0)
        assert typed not in ended.out
        assert [*secrets_kept.kept.values()] == [good]


def test_what_is_to_be_renewed_has_to_be_named(connected: Call) -> None:
    """Exit code 2, and nothing is asked of the SIS."""
    ended = connected("connectors", "rotate", NAME, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, "rotate_nothing")
    ended = connected("connectors", "rotate", NAME, "--secret", "pin", "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, "secret_unknown")
