"""`settings`: from one computer to another, and what an IT department has set (DESIGN §9)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import NAME, Ended

Call = Callable[..., Ended]
CSV = {"kind": "oneroster-csv", "settings": {"path": "/nowhere"}}


@pytest.fixture
def preset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file of IT would be."""
    path = tmp_path / "it" / "preset.json"
    path.parent.mkdir()
    monkeypatch.setenv("MINDKINDLER_PRESET", str(path))
    return path


@pytest.fixture
def set_up(connected: Call) -> Call:
    """A connector that was synced, with settings of every sort."""
    assert connected("sync", NAME).code == 0
    school = next(
        org["id"]
        for org in connected("records", "list", "orgs", "--json").document
        if org["type"] == "school"
    )
    for command in (
        ("connectors", "edit", NAME, "--schedule", "06:30 12:00", "--scope", "roles=student"),
        ("policy", "set", NAME, "users", "sis"),
        ("policy", "set", NAME, "users", "ours", "--part", "email", "--school", school),
        ("policy", "set", NAME, "--blanks", "keep"),
        ("limits", "set", NAME, "removals=7%", "--school", school),
        ("limits", "allow", NAME, "--changes", "90%"),
        ("network", "set", "--proxy", "none"),
    ):
        assert connected(*command).code == 0, command
    return connected


def put(path: Path, document: dict[str, Any]) -> Path:
    """Writes a file of settings."""
    path.write_text(json.dumps(document))
    return path


def test_settings_come_back_as_they_were(set_up: Call, tmp_path: Path) -> None:
    """What was changed since is told before it is changed back; nothing else is touched."""
    path = tmp_path / "settings.json"
    assert set_up("settings", "export", str(path)).code == 0
    assert set_up("settings", "import", str(path), "--json").document["changes"] == []
    before = set_up("limits", "show", NAME, "--json").document
    policy = set_up("policy", "list", NAME, "--json").document
    set_up("connectors", "edit", NAME, "--schedule", "off", "--scope", "none")
    set_up("policy", "clear", NAME, "users")
    set_up("policy", "set", NAME, "classes", "ours", "--blanks", "overwrite")
    set_up("limits", "set", NAME, "removals=50%", "additions-only=on")
    preview = set_up("settings", "import", str(path), "--preview", "--json").document
    assert {one["part"] for one in preview["changes"]} == {
        "schedule", "scope", "rules", "keep_values", "limits",
    }  # fmt: skip
    assert set_up("connectors", "show", NAME, "--json").document["schedule"] is None
    ended = set_up("settings", "import", str(path), "--json")
    assert (ended.code, ended.document["changes"]) == (0, preview["changes"])
    assert set_up("limits", "show", NAME, "--json").document["set"] == before["set"]
    assert set_up("limits", "show", NAME, "--json").document["allowances"] == before["allowances"]
    shown = set_up("connectors", "show", NAME, "--json").document
    assert (shown["schedule"], shown["scope"]) == ("06:30 12:00", {"roles": ["student"]})
    again = set_up("policy", "list", NAME, "--json").document[0]
    assert [(r["entity"], r["school"], r["decides"]) for r in again["rows"]] == [
        (r["entity"], r["school"], r["decides"]) for r in policy[0]["rows"]
    ]


def test_a_file_holds_no_secret_and_no_allowance(set_up: Call, tmp_path: Path) -> None:
    """It may be sent to a colleague: schools stand in it by their key at the SIS."""
    path = tmp_path / "settings.json"
    set_up("settings", "export", str(path))
    told = json.loads(path.read_text())
    one = told["connectors"][NAME]
    assert "allowances" not in one["limits"]
    assert "client_secret" not in path.read_text()
    assert isinstance(one["limits"]["figures"][0]["school"], str)
    assert isinstance(one["rules"][1]["school"], str)


def test_another_computer_takes_them_over(set_up: Call, call: Call, tmp_path: Path) -> None:
    """It has the connector then, without its secret; a school that it does not know is named."""
    path, other = tmp_path / "settings.json", tmp_path / "other"
    set_up("settings", "export", str(path))
    ended = call("settings", "import", str(path), "--json", data=other)
    assert ended.code == 0
    assert {one["connector"] for one in ended.document["unknown_schools"]} == {NAME}
    shown = call("connectors", "show", NAME, "--json", data=other).document
    assert (shown["schedule"], shown["blanks"]) == ("06:30 12:00", "keep")


def test_a_file_that_leads_elsewhere_is_refused_unless_its_hosts_are_accepted(
    set_up: Call, tmp_path: Path
) -> None:
    """What a connector signs in with goes to no other host by a slip; the preview names it."""
    path = tmp_path / "settings.json"
    set_up("settings", "export", str(path))
    told = json.loads(path.read_text())
    told["connectors"][NAME]["settings"]["base_url"] = "https://elsewhere.example/"
    put(path, told)
    changes = set_up("settings", "import", str(path), "--preview", "--json").document["changes"]
    assert [one["hosts"] for one in changes if one["hosts"]] == [["elsewhere.example"]]
    refused = set_up("settings", "import", str(path), "--json")
    assert (refused.code, refused.document["error"]["code"]) == (2, "settings_hosts_new")
    assert set_up("settings", "import", str(path), "--accept-hosts").code == 0
    shown = set_up("connectors", "show", NAME, "--json").document
    assert shown["settings"]["base_url"] == "https://elsewhere.example/"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"version": 2}, "settings_newer"),
        ({"version": 1, "schedules": {}}, "settings_unfit"),
        ({"connectors": {NAME: {"kind": "telepathy"}}}, "kind_unknown"),
        ({"connectors": {NAME: {"kind": "oneroster", "schedule": "now and then"}}},
         "schedule_unfit"),
        ({"connectors": {NAME: {"kind": "oneroster", "settings": {"client_secret": "s"}}}},
         "settings_with_secret"),
        ({"connectors": {NAME: {"kind": "oneroster", "limits": {"figures": 3}}}},
         "settings_limits_unfit"),
        ({"connectors": {NAME: {"kind": "oneroster",
          "rules": [{"entity": "dragons", "decides": "sis"}]}}}, "entity_unknown"),
        ({"network": {"proxy": "ftp://x"}}, "proxy_unfit"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_changes_nothing(
    connected: Call, tmp_path: Path, document: dict[str, Any], code: str
) -> None:
    """It is looked at whole before the first change, and what is wrong is said."""
    path = put(tmp_path / "settings.json", document)
    before = connected("connectors", "show", NAME, "--json").document
    ended = connected("settings", "import", str(path), "--json")
    assert ended.code != 0
    assert ended.document["error"]["code"] == code
    assert connected("connectors", "show", NAME, "--json").document == before


def test_what_it_has_set_holds_and_is_locked(connected: Call, preset: Path) -> None:
    """The next start takes the file over; every command that would change it is refused."""
    put(preset, {
        "connectors": {NAME: {"kind": "oneroster", "schedule": "05:00",
                              "settings": {"demographics": "off"},
                              "limits": {"additions_only": True},
                              "rules": [{"entity": "users", "decides": "sis"}]}},
        "network": {"proxy": "none"},
    })  # fmt: skip
    assert connected("connectors", "show", NAME, "--json").document["schedule"] == "05:00"
    for command in (
        ("connectors", "edit", NAME, "--schedule", "06:00"),
        ("connectors", "edit", NAME, "--set", "demographics=read"),
        ("connectors", "remove", NAME, "--yes"),
        ("limits", "set", NAME, "additions-only=off"),
        ("policy", "set", NAME, "users", "ours"),
        ("network", "set", "--proxy", "system"),
    ):
        ended = connected(*command, "--json")
        assert (ended.code, ended.document["error"]["code"]) == (2, "set_by_it"), command
    for command in (
        ("connectors", "edit", NAME, "--set", "client_id=another"),
        ("policy", "set", NAME, "--blanks", "keep"),
    ):
        assert connected(*command).code == 0, command
    shown = connected("settings", "show").out
    assert str(preset) in shown
    assert "Safety limits" in shown


def test_without_the_file_nothing_is_locked(connected: Call, preset: Path) -> None:
    """What it had set stays, until somebody changes it."""
    put(preset, {"network": {"proxy": "none"}})
    assert connected("network", "show", "--json").document["proxy"] == "none"
    preset.unlink()
    assert connected("network", "show", "--json").document["proxy"] == "none"
    assert connected("network", "set", "--proxy", "system").code == 0


@pytest.mark.expects_warnings("the preset could not be taken over")
def test_a_broken_file_unlocks_nothing_and_stops_nobody(connected: Call, preset: Path) -> None:
    """What was locked before stays so, and what is wrong is told."""
    put(preset, {"network": {"proxy": "none"}})
    connected("network", "show")
    preset.write_text("{")
    assert connected("network", "set", "--proxy", "system").code == 2
    shown = connected("settings", "show", "--json").document
    assert shown["in_force"] is True
    assert str(preset) in shown["trouble"]


@pytest.mark.parametrize(
    "bad",
    [
        {"connectors": {"good": CSV, "x" * 5000: CSV}},
        {"connectors": {"good": CSV, " ": CSV}},
        {"connectors": {"good": CSV}, "webhook_port": 70_000},
    ],
    ids=["name-too-long", "blank-name", "no-port"],
)
def test_of_a_file_with_one_mistake_nothing_is_taken(
    call: Call, tmp_path: Path, bad: dict[str, Any]
) -> None:
    """What stands before the mistake is not there afterwards."""
    path = put(tmp_path / "settings.json", {"version": 1, **bad})
    assert call("settings", "import", str(path), "--json").code != 0
    assert call("connectors", "list", "--json").document == []
