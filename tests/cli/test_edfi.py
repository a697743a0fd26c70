"""A connector of kind `edfi` by the command line: added, tried, synced (DESIGN §9)."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from app.practice.district import District
from app.practice.edfi.projection import documents
from app.practice.gradebook import Gradebook
from app.vault import environment_name
from tests.cli.conftest import Ended
from tests.practice.edfi.client import serving

Call = Callable[..., Ended]
NAME = "ODS"


@pytest.fixture(scope="module")
def ready() -> Iterator[dict[str, Any]]:
    """A practice Ed-Fi service over a small district."""
    district = District(7, 40, date(2026, 3, 3))
    with serving(documents(district, Gradebook(district).collections)) as announced:
        yield announced


@pytest.fixture
def added(call: Call, ready: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Call:
    """``call``, with a connector to it whose secret is in the environment."""
    monkeypatch.setenv(environment_name(NAME, "secret"), ready["edfi_secret"])
    told = [f"base_url={ready['edfi_url']}", f"key={ready['edfi_key']}", "demographics=read"]
    settings = [word for one in told for word in ("--set", one)]
    ended = call("connectors", "add", NAME, "--kind", "edfi", "--preset", "ods-api", *settings)
    assert ended.code == 0, ended.err
    return call


def test_test_connection_tells_what_was_found_in_words(added: Call) -> None:
    """By the same findings that the window shows."""
    ended = added("connectors", "check", NAME)
    assert ended.code == 0, ended.err
    assert "ODS/API 7.3" in ended.out
    assert "People can be read: " in ended.out
    assert "claim set" in ended.out


def test_a_wrong_secret_is_told_by_test_connection(
    added: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what to do about it."""
    monkeypatch.setenv(environment_name(NAME, "secret"), "wrong")
    ended = added("connectors", "check", NAME)
    assert ended.code == 1
    assert "does not accept the key and secret" in ended.out + ended.err


def test_a_district_is_read_once_and_then_only_its_changes(added: Call) -> None:
    """The second sync begins where the first one ended, by change versions."""
    first = added("sync", NAME, "--json").document
    assert (first["state"], first["mode"]) == ("completed", "full")
    assert first["streams"]["users"]["created"] > 40
    assert first["streams"]["demographics"]["created"] == 40
    second = added("sync", NAME, "--json").document
    assert (second["state"], second["mode"]) == ("completed", "incremental")
    assert sum(one["read"] for one in second["streams"].values()) == 0


def test_a_key_is_no_secret_and_a_secret_is_no_setting(added: Call) -> None:
    """What is listed and exported has the key alone."""
    [one] = added("connectors", "list", "--json").document
    assert one["settings"]["key"]
    assert "secret" not in one["settings"]
    refused = added("connectors", "edit", NAME, "--set", "secret=abc")
    assert refused.code == 2
