"""One district as OneRoster and as Ed-Fi, by the command line as an administrator types it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.program import Program
from tests.practice.client import Client, serving, speaking
from tests.practice.edfi.client import Client as OdsClient
from tests.practice.edfi.client import speaking as speaking_edfi

QUIET = {"new": 0, "leavers": 0, "vanish": 0, "moves": 0, "renames": 0, "teachers": 0}


@dataclass
class Office:
    """The program on a data folder, and somebody at either service."""

    program: Program
    sis: Client
    ods: OdsClient

    def sync(self, name: str, *options: str, expects: int = 0) -> dict[str, int]:
        """One sync; what it did altogether."""
        told = self.program.run("sync", name, *options, expects=expects)
        counts = ("created", "updated", "deleted", "pushed", "conflicts")
        return {
            count: sum(stream[count] for stream in told["streams"].values()) for count in counts
        }

    def exported(self, entity: str, out: Path) -> list[dict[str, Any]]:
        """Every live record of a type."""
        self.program.run("export", entity, "--format", "json", "--out", str(out))
        found: list[dict[str, Any]] = json.loads(out.read_text())
        return found


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Two connectors to one practice district, the way the documentation has them added."""
    with (
        serving(students=40, seed=5) as ready,
        speaking(ready) as sis,
        speaking_edfi(ready) as ods,
    ):
        program = Program(
            tmp_path / "data",
            {
                "MINDKINDLER_SECRET_SCHOOLS_CLIENT_SECRET": ready["client_secret"],
                "MINDKINDLER_SECRET_STATE_SECRET": ready["edfi_secret"],
            },
        )
        settings = [f"{name}={ready[name]}" for name in ("base_url", "token_url", "client_id")]
        program.run("connectors", "add", "schools", "--kind", "oneroster",
                    *_set(*settings, "demographics=read", "gradebook=read"))  # fmt: skip
        program.run("connectors", "add", "state", "--kind", "edfi",
                    *_set(f"base_url={ready['edfi_url']}", f"key={ready['edfi_key']}",
                          "rosters=write", "guardians=on", "demographics=write",
                          "gradebook=write"))  # fmt: skip
        yield Office(program, sis, ods)


def _set(*settings: str) -> list[str]:
    return [word for one in settings for word in ("--set", one)]


def test_a_district_of_two_systems(office: Office, tmp_path: Path) -> None:
    """One person each; what they tell otherwise is answered; a new name goes from one to the other;
    then nothing is left to do."""
    office.sync("schools")
    first = office.sync("state", expects=4)
    assert first["conflicts"] > 0
    asked = [str(one["id"]) for one in office.program.run("conflicts", "list", "--limit", "1000")]
    office.program.run("conflicts", "resolve", *asked, "--take", "ours")
    for _ in range(2):
        office.sync("state")
    users = office.exported("users", tmp_path / "users.json")
    numbers = [user["identifier"] for user in users]
    assert len(numbers) == len(set(numbers)) == len(office.sis.everything("users"))
    [key] = office.sis.pass_day(**{**QUIET, "renames": 1})["changed"]["users"]["updated"]
    user = office.sis.roster(f"users/{key}").json()["user"]
    assert office.sync("schools")["updated"] == 1
    assert office.sync("state")["pushed"] == 1
    [student] = office.ods.list("students", studentUniqueId=user["identifier"])
    assert student["lastSurname"] == user["familyName"]
    for options in ([], ["--full"]):
        for name in ("schools", "state"):
            assert set(office.sync(name, *options).values()) == {0}, (name, options)
