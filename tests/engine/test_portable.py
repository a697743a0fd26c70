"""Settings that travel: what a file may bring along, and what it never gets."""

import json
from pathlib import Path

import pytest

from app import compose
from app.compose import Options
from app.engine import managed, portable
from app.errors import UsageError
from app.store import matching, reads
from app.vault import MemoryVault
from tests.engine.toy import district

HERE, ELSEWHERE = "https://sis.example/", "https://elsewhere.example/"


@pytest.mark.parametrize(
    "limits",
    [{"removals": 5}, {"figures": [{"name": "removal", "value": 5}]}, {"additions_only": "often"}],
)
def test_a_slip_in_the_limits_is_refused_before_anything_is_changed(
    tmp_path: Path, limits: dict[str, object]
) -> None:
    """No limit is passed over because it is written otherwise than it should be."""
    path = tmp_path / "settings.json"
    one = {"kind": "oneroster", "settings": {"base_url": HERE, "client_id": "us"}, "limits": limits}
    path.write_text(json.dumps({"connectors": {"sis": one}}))
    with compose.program(Options(data_dir=tmp_path / "data"), MemoryVault()) as program:
        with pytest.raises(UsageError, match="settings_limits_unfit"):
            program.engine.import_settings(program.engine.compare_settings(path))
        assert reads.connectors(program.database) == []


def test_schools_that_nobody_knows_are_told(tmp_path: Path) -> None:
    """Of a rule, of a limit and of what comes in: also where an IT department has written them."""
    path = tmp_path / "settings.json"
    one = {
        "kind": "oneroster",
        "settings": {"base_url": HERE, "client_id": "us"},
        "scope": {"schools": ["a"]},
        "rules": [{"entity": "users", "decides": "sis", "school": "b"}],
        "limits": {"figures": [{"name": "removals", "value": 0.5, "school": "c"}]},
    }
    path.write_text(json.dumps({"connectors": {"sis": one}}))
    with compose.program(Options(data_dir=tmp_path / "data"), MemoryVault()) as program:
        done = program.engine.import_settings(program.engine.compare_settings(path))
        assert done is not None
        assert done.unknown_schools == (("sis", "b"), ("sis", "c"))
        assert done.unknown_in_scope == (("sis", "a"),)
        program.engine.take_over_preset(path)
        assert len(managed.managed(program.database).unknown) == 3


def test_a_file_that_leads_elsewhere_gets_no_secret_unless_it_is_accepted(tmp_path: Path) -> None:
    """Told beforehand; a file that leads to the same host leaves the secret where it is."""
    vault, path = MemoryVault(), tmp_path / "settings.json"
    with compose.program(Options(data_dir=tmp_path / "data"), vault) as program:
        settings = {"base_url": HERE, "client_id": "us"}
        program.engine.save_connector("sis", "oneroster", settings, {"client_secret": "known"})
        program.engine.export_settings(path)
        told = json.loads(path.read_text())
        told["connectors"]["sis"]["settings"]["base_url"] = f"{HERE}ims/oneroster"
        path.write_text(json.dumps(told))
        program.engine.import_settings(program.engine.compare_settings(path))
        assert vault.get("sis", "client_secret") == "known"
        told["connectors"]["sis"]["settings"]["base_url"] = ELSEWHERE
        path.write_text(json.dumps(told))
        found = program.engine.compare_settings(path)
        assert [one.part for one in found.changes] == ["settings.base_url", "secrets"]
        with pytest.raises(UsageError, match="settings_hosts_new"):
            program.engine.import_settings(found)
        assert vault.get("sis", "client_secret") == "known"
        program.engine.import_settings(found, accepted=found.changes[1].hosts)
        assert vault.get("sis", "client_secret") is None
        kept = portable.exported(program.database).connectors["sis"].settings
        assert kept["base_url"] == ELSEWHERE


def test_what_was_looked_at_is_taken_over_and_nothing_else(tmp_path: Path) -> None:
    """Not what the file says by now; and nothing where the settings here are others by now."""
    path = tmp_path / "settings.json"
    with compose.program(Options(data_dir=tmp_path / "data"), MemoryVault()) as program:
        settings = {"base_url": HERE, "client_id": "us"}
        program.engine.save_connector("sis", "oneroster", settings, {"client_secret": "known"})
        program.engine.export_settings(path)
        told = json.loads(path.read_text())
        told["connectors"]["sis"]["schedule"] = "05:15"
        path.write_text(json.dumps(told))
        looked_at = program.engine.compare_settings(path)
        told["connectors"]["sis"]["limits"] = {"figures": [{"name": "removals", "value": 1.0}]}
        path.write_text(json.dumps(told))
        program.engine.import_settings(looked_at)
        kept = portable.exported(program.database).connectors["sis"]
        assert (kept.schedule, kept.limits) == ("05:15", {})
        looked_at = program.engine.compare_settings(path)
        program.engine.set_schedule("sis", "06:00")
        with pytest.raises(UsageError, match="settings_set_meanwhile"):
            program.engine.import_settings(looked_at)
        assert reads.connector(program.database, "sis").schedule == "06:00"


def test_the_rules_of_who_is_whom_travel(tmp_path: Path, data_dir: Path) -> None:
    """Which are switched off here is so there; one that there is not is refused before anything."""
    path = tmp_path / "settings.json"
    with district(data_dir) as d:
        d.engine.set_identity_rule("users.email", on=False)
        d.engine.export_settings(path)
    with district(tmp_path / "second") as d:
        d.engine.set_identity_rule("users.state-id", on=False)
        shown = d.engine.compare_settings(path)
        assert [(one.part, one.before, one.after) for one in shown.changes] == [
            ("identity_rules_off", "users.state-id", "users.email")
        ]
        d.engine.import_settings(shown)
        with d.database.reading() as tx:
            assert matching.switched_off(tx) == {"users.email"}
        told = json.loads(path.read_text())
        path.write_text(json.dumps({**told, "identity_rules_off": ["users.nothing"]}))
        with pytest.raises(UsageError):
            d.engine.import_settings(d.engine.compare_settings(path))
        with d.database.reading() as tx:
            assert matching.switched_off(tx) == {"users.email"}
