"""Whatever address an administrator pastes (DESIGN §9)."""

import pytest

from app.connectors.oneroster.address import addresses
from app.errors import ConfigError, ContractError
from tests.connectors.oneroster.odd_service import BASE, visiting

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
        "https://sis.example/ims/oneroster/rostering/v1p2/users?limit=1",
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
    assert list(addresses(pasted, "").bases) == bases


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
