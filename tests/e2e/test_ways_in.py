"""Whole syncs by each way in, against the practice SIS (DESIGN §9: `auth`, `version`)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.program import Program, practice_sis

OLDER = "/ims/oneroster/v1p1"
SIGNED = ("auth=oauth1", "version=1.1")


@pytest.fixture(scope="module")
def sis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """One practice SIS, which speaks both versions and knows every way in."""
    with practice_sis(tmp_path_factory.mktemp("sis"), 20) as ready:
        yield ready


@pytest.mark.parametrize(
    ("path", "settings", "secret"),
    [
        ("", ("version=auto", "client_id=practice"), "client_secret"),
        ("", (*SIGNED, "client_id=practice"), "client_secret"),
        (OLDER, (*SIGNED, "client_id=practice", "signature=HMAC-SHA1"), "client_secret"),
        (OLDER, ("version=1.1", "client_id=practice"), "client_secret"),
        ("", ("auth=bearer",), "bearer_token"),
    ],
    ids=["auto-oauth2", "1.1-oauth1-sha256", "1.1-oauth1-sha1", "1.1-oauth2", "auto-bearer"],
)
def test_a_district_is_synced_by_each_way_in(
    sis: dict[str, Any], data_dir: Path, path: str, settings: tuple[str, ...], secret: str
) -> None:
    """The connection is found good; all of it is read once, and then nothing is new."""
    program = Program(data_dir, {"MINDKINDLER_SECRET_NORTH_CLIENT_SECRET": str(sis[secret])})
    address = f"base_url={sis['base_url']}{path}"
    given = [word for one in (address, *settings) for word in ("--set", one)]
    program.run("connectors", "add", "north", "--kind", "oneroster", *given)
    tried = program.run("connectors", "check", "north")
    assert not [one for one in tried["findings"] if one["grade"] == "bad"]
    first = program.run("sync", "north")
    assert (first["state"], first["mode"]) == ("completed", "full")
    assert "demographics" not in first["streams"]
    read = {entity: told["created"] for entity, told in first["streams"].items()}
    assert read["users"] == sis["counts"]["users"]
    assert read["enrollments"] == sis["counts"]["enrollments"]
    again = program.run("sync", "north")
    assert (again["state"], again["mode"]) == ("completed", "incremental")
    assert not any(told["created"] + told["updated"] for told in again["streams"].values())
