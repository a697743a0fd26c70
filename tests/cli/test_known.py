"""``connectors pause``, ``resume``, ``known``, and how long credentials hold."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from app.compose import PracticeSis
from tests.cli.conftest import NAME, SECRET, Ended

TOMORROW = datetime.now(UTC).astimezone().date() + timedelta(days=1)


@pytest.fixture
def failing(
    connected: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ended]:
    """The command line on a connector whose secret the SIS refuses."""
    monkeypatch.setenv(SECRET, "another")
    assert connected("sync", NAME).code == 1
    return connected


def badge(call: Callable[..., Ended]) -> str:
    """How the connector is."""
    [found] = call("connectors", "list", "--json").document
    return str(found["badge"])


def test_a_paused_connector_is_left_out_of_all(connected: Callable[..., Ended]):
    """``sync --all`` says so and syncs nothing; by its name it is synced; resumed it is well."""
    assert connected("connectors", "pause", NAME, "--json").document["paused"] is True
    assert badge(connected) == "paused"
    ended = connected("sync", "--all")
    assert (ended.code, ended.err) == (
        0,
        f"“{NAME}” is paused. It is not synced until you resume it.\n",
    )
    assert connected("sync", "--all", "--json").document == []
    assert connected("sync", NAME).code == 0
    assert connected("connectors", "resume", NAME).out == f"“{NAME}” is synced again.\n"
    assert badge(connected) == "healthy"


def test_what_is_known_is_told_as_known_until_it_has_passed(
    failing: Callable[..., Ended], sis: PracticeSis, monkeypatch: pytest.MonkeyPatch
):
    """Quiet while it stays as it is; gone with the trouble, so that the next time it is news."""
    assert badge(failing) == "credentials_invalid"
    told = failing(
        "connectors", "known", NAME, "--until", TOMORROW, "--because", "a new key comes", "--json"
    ).document["known"]
    assert (told["until"], told["because"]) == (TOMORROW.isoformat(), "a new key comes")
    assert badge(failing) == "known"
    assert "a new key comes" in failing("connectors", "show", NAME).out
    assert failing("sync", NAME).code == 1
    assert badge(failing) == "known"
    with monkeypatch.context() as patched:
        patched.setenv(SECRET, sis.ready.client_secret)
        assert failing("sync", NAME).code == 0
    assert badge(failing) == "healthy"
    assert failing("sync", NAME).code == 1
    assert badge(failing) == "credentials_invalid"


def test_what_is_known_can_be_taken_back(failing: Callable[..., Ended]):
    """``--off``: it is told as before."""
    words = "--until", TOMORROW, "--because", "a new key comes"
    assert failing("connectors", "known", NAME, *words).code == 0
    assert failing("connectors", "known", NAME, "--off").out == "Nothing is known of it.\n"
    assert badge(failing) == "credentials_invalid"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--until", TOMORROW), "known_not_said"),
        (("--off", "--because", "so"), "known_not_said"),
        (("--until", "soon", "--because", "so"), "day_unfit"),
        (("--until", "2020-01-01", "--because", "so"), "known_day_unfit"),
        (("--until", "2999-01-01", "--because", "so"), "known_day_unfit"),
        (("--until", TOMORROW, "--because", " "), "known_because_missing"),
    ],
)
def test_what_cannot_be_known_is_refused(
    failing: Callable[..., Ended], words: tuple[object, ...], code: str
):
    """A day and words, or neither; nothing is known afterwards."""
    ended = failing("connectors", "known", NAME, *words, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, code)
    assert failing("connectors", "known", NAME, "--json").document["known"] is None


def test_of_a_connector_that_is_well_nothing_can_be_known(connected: Callable[..., Ended]):
    """There is nothing that it could be about."""
    assert connected("sync", NAME).code == 0
    words = "--until", TOMORROW, "--because", "so", "--json"
    ended = connected("connectors", "known", NAME, *words)
    assert (ended.code, ended.document["error"]["code"]) == (2, "known_of_nothing")
