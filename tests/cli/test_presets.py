"""`connectors presets`, `connectors add --preset`: what suits the SIS of a vendor (DESIGN §9)."""

from collections.abc import Callable

from tests.cli.conftest import NAME, Ended

Call = Callable[..., Ended]
SETTINGS = ("--set", "base_url=https://sis.example", "--set", "client_id=us")


def test_presets_are_told_with_the_reason_of_each_value(call: Call) -> None:
    """One line for each vendor; of one of them the settings, why they are so, and its habits."""
    documents = call("connectors", "presets", "--json").document
    [campus] = [one for one in documents if one["preset"] == "infinite-campus"]
    told = call("connectors", "presets", "infinite-campus").out
    for name, one in campus["settings"].items():
        assert name in told
        assert one["reason"] in told
    assert campus["habits"]
    assert all(habit in told for habit in campus["habits"])
    assert call("connectors", "presets", "infinite-campus", "--json").document == [campus]
    everything = call("connectors", "presets").out
    assert all(one["label"] in everything for one in documents)
    kinds = call("connectors", "kinds", "--json").document
    [rest] = [kind for kind in kinds if kind["kind"] == "oneroster"]
    assert {"kind": "oneroster", **rest["presets"][0]} == documents[0]
    assert "powerschool" in call("connectors", "kinds").out


def test_a_connector_begins_with_what_suits_its_vendor(call: Call) -> None:
    """What is set goes before it; the vendor's habits are told."""
    vendor = ("--kind", "oneroster", "--preset", "classlink")
    ended = call("connectors", "add", NAME, *vendor, *SETTINGS, "--set", "page_size=500")
    assert (ended.code, "bearer" in ended.out) == (0, True)
    [one] = call("connectors", "list", "--json").document
    settings = one["settings"]
    assert (settings["auth"], settings["signature"]) == ("oauth1", "HMAC-SHA1")
    assert settings["page_size"] == 500
    assert settings["gradebook"] == "off"


def test_an_unknown_preset_is_a_mistake_in_the_command(call: Call) -> None:
    """Exit code 2, those there are, and nothing is added."""
    vendor = ("--kind", "oneroster", "--preset", "acme")
    for ended in (
        call("connectors", "add", NAME, *vendor, *SETTINGS),
        call("connectors", "presets", "acme"),
    ):
        assert (ended.code, "powerschool" in ended.err) == (2, True)
    assert call("connectors", "list", "--json").document == []
