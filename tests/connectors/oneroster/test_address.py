"""Whatever address an administrator pastes (DESIGN §9)."""

from typing import Any

import pytest

from app.connectors.contract import declared
from app.connectors.oneroster import KIND, Settings
from app.connectors.oneroster.address import addresses
from app.errors import ConfigError, ContractError
from tests.connectors.http_server import serving
from tests.connectors.oneroster.odd_service import BASE, OddService, visiting

USUAL = "https://sis.example/ims/oneroster/rostering/v1p2"


@pytest.mark.parametrize(
    "pasted",
    [
        "https://sis.example",
        "https://sis.example/",
        " sis.example ",
        "HTTPS://SIS.example:443/ims/oneroster/",
        "https://sis.example/ims/oneroster/rostering",
        "https://sis.example/ims/oneroster/rostering/v1p2",
        "https://sis.example/ims/oneroster/rostering/v1p2/",
        "https://sis.example/ims/oneroster/rostering/v1p2/users",
        "https://sis.example/ims/oneroster/rostering/v1p2/classes/7",
        "https://sis.example/ims/oneroster/gradebook/v1p2",
        "<https://sis.example/ims/oneroster/v1p2>",
    ],
)
def test_the_usual_base_is_found(pasted):
    """First of what is tried."""
    assert addresses(pasted, "").bases[0] == USUAL


@pytest.mark.parametrize(
    ("pasted", "bases"),
    [
        (
            "https://sis.example/api/ims/oneroster/rostering/v1p1",
            ["https://sis.example/api/ims/oneroster/rostering/v1p1"],
        ),
        (
            "https://sis.example/ims/oneroster/v1p1",
            [USUAL, "https://sis.example/ims/oneroster/v1p1"],
        ),
        (
            "https://sis.example/x",
            [
                "https://sis.example/x/ims/oneroster/rostering/v1p2",
                "https://sis.example/x/rostering/v1p2",
                "https://sis.example/x",
            ],
        ),
    ],
)
def test_vendors_own_paths_are_kept(pasted, bases):
    """The path is free; what it means is tried in this order."""
    assert list(addresses(pasted, "", "1.2").bases) == bases


@pytest.mark.parametrize(
    ("pasted", "bases"),
    [
        ("https://sis.example", ["/ims/oneroster/v1p1", "/ims/oneroster/rostering/v1p1"]),
        ("https://sis.example/ims/oneroster/v1p1/users", ["/ims/oneroster/v1p1"]),
        (
            "https://sis.example/x/ims/oneroster",
            ["/x/ims/oneroster/v1p1", "/x/ims/oneroster/rostering/v1p1"],
        ),
    ],
)
def test_the_older_version_stands_elsewhere(pasted, bases):
    """One path for all of its services, or one for rostering alone; with auto they come last."""
    older = [f"https://sis.example{base}" for base in bases]
    assert list(addresses(pasted, "", "1.1").bases)[: len(older)] == older
    either = addresses(pasted, "", "auto").bases
    assert either[0].endswith("/rostering/v1p2")
    assert set(older) <= set(either)


def test_token_addresses_stay_on_the_services_origin():
    """Unless one was entered."""
    found = addresses("https://sis.example/api/ims/oneroster", "")
    assert found.token_urls[0] == "https://sis.example/api/token"
    assert "https://sis.example/token" in found.token_urls
    assert all(url.startswith("https://sis.example/") for url in found.token_urls)
    entered = addresses("https://sis.example", "https://login.example/t?tenant=1")
    assert entered.token_urls == ("https://login.example/t?tenant=1",)


@pytest.mark.parametrize(
    ("pasted", "code"),
    [
        ("", "setting_missing"),
        ("http://sis.example", "address_not_https"),
        ("https://me:pw@sis.example", "address_with_login"),
        ("https://:443/", "address_invalid"),
    ],
)
def test_what_cannot_be_an_address_is_refused(pasted, code):
    """Before anything is sent."""
    with pytest.raises(ConfigError) as raised:
        addresses(pasted, "")
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("setting", "pasted", "code"),
    [
        ("base_url", "https://sis.example/v1p2/users?limit=1", "address_with_query"),
        ("base_url", "https://sis.example/?access_token=s3cr3t", "address_with_query"),
        ("base_url", "https://sis.example/#s3cr3t", "address_with_query"),
        ("token_url", "https://sis.example/token#s3cr3t", "address_with_query"),
        ("token_url", "https://sis.example/token?client_secret=s3cr3t", "address_with_secret"),
        ("token_url", "https://sis.example/token?tenant=1&PassWord=s3cr3t", "address_with_secret"),
        ("token_url", "https://sis.example/token?api%5Fkey=s3cr3t", "address_with_secret"),
        ("token_url", "https://sis.example/token?token", "address_with_secret"),
    ],
)
def test_an_address_is_no_place_for_a_secret(setting, pasted, code):
    """Refused at its field, and not repeated: settings are shown and stored (DESIGN §8)."""
    with pytest.raises(ConfigError) as raised:
        addresses(**{"base_url": "https://sis.example", "token_url": "", setting: pasted})
    assert (raised.value.code, raised.value.parameters) == (code, {"setting": setting})


def test_an_address_is_kept_in_its_plain_form():
    """What was pasted around it is not stored; what is no address stays to be told of."""
    kept = Settings(base_url=" <HTTPS://SIS.example:443/api> ", token_url="login.example/t?a=1")
    assert (kept.base_url, kept.token_url) == (
        "https://sis.example/api",
        "https://login.example/t?a=1",
    )
    assert Settings(base_url="http://sis.example").base_url == "http://sis.example"


@pytest.mark.parametrize(
    "other",
    [
        {"base_url": "https://south.example"},
        {"base_url": "https://north.example:8443"},
        {"token_url": "https://login.example/token?tenant=2"},
        {"client_id": "them"},
        {"version": "1.1"},
        {"scope": "other"},
    ],
)
def test_each_setting_may_lead_to_another_roster(other):
    """What was read before is no base to go on from; written otherwise, an address is the same."""
    told: dict[str, Any] = {"base_url": "https://north.example", "client_id": "us"}
    source = KIND.source(Settings(**told))
    assert KIND.source(Settings(**{**told, **other})) != source
    assert KIND.source(Settings(**{**told, "base_url": " North.example"})) == source


def test_a_source_with_a_name_may_move():
    """The practice SIS has another port at each start, and is the same district."""
    one, other = (
        Settings(base_url=f"http://127.0.0.1:{port}", client_id="us", source="practice")
        for port in (8001, 8002)
    )
    assert KIND.source(one) == KIND.source(other)
    assert "source" not in [setting.name for setting in declared(KIND)]


def test_two_ports_of_this_computer_are_two_scopes(service):
    """Behind a tunnel stands another district, and proof of one is none of the other (C5)."""

    def scopes(**settings):
        found = []
        with serving(OddService()) as other:
            assert isinstance(other, OddService)
            other.rows = service.rows
            for one in (service, other):
                with visiting(one, **settings) as visit:
                    found.append(visit.pull().pages[0].scope)
        return found

    one, other = scopes()
    assert one != other
    assert one.startswith(service.url)
    one, other = scopes(source="practice")
    assert one == other


@pytest.mark.parametrize(
    "path", ["", "/x", "/ims/oneroster", f"{BASE}/orgs", "/ims/oneroster/v1p1"]
)
def test_the_base_is_found_by_asking(service, path):
    """Where the path leaves a choice, the first that answers is taken."""
    where = service.respond

    def moved(exchange):
        exchange.path = exchange.path.removeprefix("/x")
        where(exchange)

    service.routes["*"] = moved if path == "/x" else where
    with visiting(service, base_url=service.url + path) as visit:
        assert len(visit.pull().rows) == 45


def test_a_server_without_oneroster_is_told(service):
    """Not taken for an empty one."""
    service.routes["*"] = lambda exchange: exchange.answer(404, b"<html>")
    with visiting(service, base_url=service.url + "/x") as visit:
        assert isinstance(error := visit.pull().error, ContractError)
        assert error.code == "service_not_found"
