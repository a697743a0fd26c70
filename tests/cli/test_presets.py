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


def test_a_choice_is_told_with_what_it_means(call: Call) -> None:
    """The word to type, and what the window calls it; scripts get both."""
    assert "oauth1 (OAuth 1: consumer key and secret)" in call("connectors", "kinds").out
    assert (
        "oauth1 (OAuth 1: consumer key and secret)"
        in call("connectors", "presets", "classlink").out
    )
    [rest] = [
        kind for kind in call("connectors", "kinds", "--json").document
        if kind["kind"] == "oneroster"
    ]  # fmt: skip
    [auth] = [one for one in rest["settings"] if one["name"] == "auth"]
    assert auth["choices"] == ["oauth2", "oauth1", "bearer"]
    assert auth["labels"]["oauth1"] == "OAuth 1: consumer key and secret"


def test_an_unknown_preset_is_a_mistake_in_the_command(call: Call) -> None:
    """Exit code 2, those there are, and nothing is added."""
    vendor = ("--kind", "oneroster", "--preset", "acme")
    for ended in (
        call("connectors", "add", NAME, *vendor, *SETTINGS),
        call("connectors", "presets", "acme"),
    ):
        assert (ended.code, "powerschool" in ended.err) == (2, True)
    assert call("connectors", "list", "--json").document == []


def test_a_preset_tells_the_kind_too(call: Call) -> None:
    """So --kind may be left out; without either it is asked for."""
    assert call("connectors", "add", NAME, "--preset", "classlink", *SETTINGS).code == 0
    [one] = call("connectors", "list", "--json").document
    assert one["kind"] == "oneroster"
    ended = call("connectors", "add", "other", *SETTINGS, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, "kind_not_named")


def test_a_preset_of_another_kind_is_a_mistake_in_the_command(call: Call) -> None:
    """The kind that it is for is named, and nothing is added."""
    vendor = ("--kind", "oneroster-csv", "--preset", "classlink")
    ended = call("connectors", "add", NAME, *vendor, "--set", "path=/nowhere", "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, "preset_of_another_kind")
    assert "kind oneroster." in ended.document["error"]["message"]
    assert call("connectors", "list", "--json").document == []


def test_what_a_vendor_wants_is_said_of_the_vendor(call: Call) -> None:
    """Not of “it”, which might be this program; and where each setting is."""
    for one in call("connectors", "presets", "--json").document:
        said = [each["reason"] for each in one["settings"].values()] + one["habits"]
        assert not [each for each in said if each.startswith(("It asks", "It wants", "It has"))]
    campus = call("connectors", "presets", "infinite-campus").out
    assert "--set token_url=" in campus
    assert "--schedule" in campus
