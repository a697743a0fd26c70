"""One practice SIS for all pages: none of them changes what it holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import compose
from app.compose import Options, PracticeSis
from app.vault import MemoryVault
from tests.ui.stage import NAME, STUDENTS, District


@pytest.fixture(scope="module")
def sis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeSis]:
    """A practice SIS that no test may change."""
    found = PracticeSis(tmp_path_factory.mktemp("sis"), students=STUDENTS)
    yield found
    found.close()


@pytest.fixture
def district(sis: PracticeSis, tmp_path: Path) -> District:
    """A data folder with a connector to it that was never synced."""
    vault, options = MemoryVault(), Options(data_dir=tmp_path / "data", page_size=2000)
    secrets = {"client_secret": sis.ready.client_secret}
    with compose.program(options, vault) as program:
        program.engine.save_connector(NAME, "oneroster", sis.settings, secrets)
    return District(sis, vault, options)
