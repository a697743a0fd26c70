"""The shipped suite over folders and ZIPs of files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.connectors.conformance import CHECKS, Subject
from app.connectors.files import FileTransport
from app.connectors.oneroster.csv import KIND, Settings
from tests.connectors.oneroster.csv.district import files, packed, put, tables


def subject(path: Path) -> Subject:
    """The files at a path, and settings that cannot work."""
    settings = Settings(path=str(path), demographics="read", gradebook="read", resources="read")
    nowhere = Settings(path=str(path / "nowhere"))
    bad: list[tuple[Settings, dict[str, str]]] = [(nowhere, {}), (Settings(), {})]
    return Subject(KIND, settings, {}, bad, FileTransport)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_folder_conforms(tmp_path: Path, version: str, check: Callable[[Subject], str]):
    """Over real files, through the real transport (DESIGN §5; SEMANTICS C4 to C7)."""
    put(tmp_path, files(tables(version), version))
    assert check(subject(tmp_path)).endswith(".")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_zip_conforms(tmp_path: Path, check: Callable[[Subject], str]):
    """Of a ZIP nothing is unpacked, and all is read."""
    path = packed(tmp_path / "set.zip", files(tables()), inside="export/")
    assert check(subject(path)).endswith(".")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_watched_folder_conforms(tmp_path: Path, check: Callable[[Subject], str]):
    """A bulk set and the changes after it."""
    made = tables()
    packed(tmp_path / "2026-09-01.zip", files(made))
    told = {"status": "active", "dateLastModified": "2026-09-02T00:00:00.000Z"}
    news = [{**one, **told, "middleName": "Q"} for one in made["users"][:5]]
    packed(tmp_path / "2026-09-02.zip", files({"users": news}, says="delta"))
    assert check(subject(tmp_path)).endswith(".")
