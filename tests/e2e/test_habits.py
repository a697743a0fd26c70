"""What the program makes of each lasting habit of real services (docs/habits.md).

Every profile of the practice SIS is synced by the whole program over HTTP, with the settings that
an administrator would have: a first load, a school day, what changed, everything again, and a few
edits of the gradebook. A twin that has no habits goes through the same; what is here must be what
the twin has, but for what the habit makes impossible, and that is told in words.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from app import compose
from app.compose import Options, Program
from app.connectors.oneroster.presets import PRESETS
from app.practice.habits import CATALOGUE
from app.store import outbox, reads
from app.store.reads import RunRow
from app.vault import MemoryVault
from tests.e2e.agreement import known
from tests.practice.client import serving

NAME = "north"
DAY = {"new": 2, "renames": 3, "moves": 1, "leavers": 1, "vanish": 1, "teachers": 0}
READ = {"demographics": "read", "resources": "read", "gradebook": "write"}


@dataclass(frozen=True)
class Met:
    """What an administrator sets for a habit, and what it costs."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    preset: str = "other"
    base: str = ""
    said: str = ""


MET: dict[str, Met] = {
    "only-1.1": Met({"version": "auto"}),
    "mislabelled": Met({"version": "1.2"}, base="/ims/oneroster/v1p1"),
    "vendor-path": Met(base="/api/ims/oneroster/rostering/v1p2"),
    "signed-only": Met(preset="classlink"),
    "user-per-school": Met(preset="ed-fi"),
    "user-per-role": Met({"one_person": "identifier"}),
    "five-at-once": Met({"concurrency": 10}),
}


@dataclass
class Office:
    program: Program

    def sync(self, *, full: bool = False) -> RunRow:
        engine, loop = self.program.engine, self.program.loop
        run = engine.start(NAME, full=full)
        loop.run(until=lambda: not engine.busy)
        return reads.run(self.program.database, run)

    def told(self, run: RunRow) -> set[str]:
        return {
            line.code for line in reads.run_log(self.program.database, run.id)
        }

    def contents(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        with self.program.database.reading() as tx:
            return {place: one.values for place, one in known(tx).items() if one.stands}


@contextmanager
def office(ready: Mapping[str, Any], folder: Path, met: Met) -> Iterator[Office]:
    (preset,) = (each for each in PRESETS if each.name == met.preset)
    settings = {name: chosen.value for name, chosen in preset.settings.items()}
    settings |= {
        "base_url": ready["base_url"] + met.base,
        "token_url": ready["token_url"],
        "client_id": ready["client_id"],
        **{"demographics": "read", "resources": "read", "gradebook": "write"},
        **met.settings,
    }
    folder.mkdir(exist_ok=True)
    with compose.program(Options(data_dir=folder, page_size=100), MemoryVault()) as program:
        program.engine.save_connector(
            NAME, "oneroster", settings, {"client_secret": ready["client_secret"]}
        )
        yield Office(program)


def control(ready, method, path, body=None):
    answer = requests.request(
        method,
        f"{ready['control_url']}/{path}",
        json=body,
        headers={"Authorization": f"Bearer {ready['client_secret']}"},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()
