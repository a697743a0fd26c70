"""Settings that travel: what a file may bring along, and what it never gets."""

import json
from pathlib import Path

from app import compose
from app.compose import Options
from app.engine import portable
from app.vault import MemoryVault

HERE, ELSEWHERE = "https://sis.example/", "https://elsewhere.example/"


def test_a_file_that_leads_elsewhere_gets_no_secret(tmp_path: Path) -> None:
    """Told beforehand; a file that leads to the same host leaves the secret where it is."""
    vault, path = MemoryVault(), tmp_path / "settings.json"
    with compose.program(Options(data_dir=tmp_path / "data"), vault) as program:
        settings = {"base_url": HERE, "client_id": "us"}
        program.engine.save_connector("sis", "oneroster", settings, {"client_secret": "known"})
        program.engine.export_settings(path)
        told = json.loads(path.read_text())
        told["connectors"]["sis"]["settings"]["base_url"] = f"{HERE}ims/oneroster"
        path.write_text(json.dumps(told))
        program.engine.import_settings(path)
        assert vault.get("sis", "client_secret") == "known"
        told["connectors"]["sis"]["settings"]["base_url"] = ELSEWHERE
        path.write_text(json.dumps(told))
        changes = program.engine.compare_settings(path)
        assert [one.part for one in changes] == ["settings.base_url", "secrets"]
        program.engine.import_settings(path)
        assert vault.get("sis", "client_secret") is None
        kept = portable.exported(program.database).connectors["sis"].settings
        assert kept["base_url"] == ELSEWHERE
