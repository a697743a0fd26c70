"""Many small histories of one district: changes on both sides, syncs, failures (SEMANTICS B, C, D).

Whatever the order, no edit of ours is lost, nothing ends that the SIS has, the counts close, and
after some undisturbed whole reads both sides say the same wherever nobody edited.
"""

import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.errors import Cancelled, TransientError
from app.roster.entities import ENTITIES
from app.store import reads
from tests.engine.toy import GARBLED, District, ToySis, district, failing, fill

SEEDS = range(int(os.environ.get("SIMULATION_SEEDS", "60")))
"""How many histories; `SIMULATION_SEEDS=2000` for a longer look."""
ENDS = {"completed", "warnings", "waiting"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, made once: making one costs more than all that a history does."""
    folder = tmp_path_factory.mktemp("empty")
    with district(folder, ToySis()):
        pass
    return folder / "roster.db"


class History:
    """One district that lives through ``steps`` random things."""

    def __init__(self, d: District, seed: int) -> None:
        self.d = d
        self.random = random.Random(seed)
        self.edited: dict[int, dict[str, Any]] = {}
        self.garbled: dict[str, dict[str, Any]] = {}
        self.made = 0
        self.told: list[str] = []

    def live(self, steps: int) -> None:
        """Does random things."""
        acts = [
            self.new, self.change, self.change, self.end, self.vanish, self.garble, self.edit,
            self.edit, self.sync, self.sync, self.broken_sync, self.broken_sync, self.wait,
        ]  # fmt: skip
        for _ in range(steps):
            act = self.random.choice(acts)
            self.told.append(act.__name__)
            act()

    def _key(self) -> str | None:
        keys = sorted(self.d.sis.rows["users"])
        return self.random.choice(keys) if keys else None

    def new(self) -> None:
        """The SIS has a new person."""
        self.made += 1
        self.d.sis.put("users", f"n{self.made:03d}", given_name=f"New {self.made}", grades=["09"])

    def change(self) -> None:
        """The SIS changes a person."""
        if (key := self._key()) is not None and self.d.sis.rows["users"][key] != GARBLED:
            word = f"Sis {self.random.randrange(4)}"
            self.d.sis.change("users", key, **{self.random.choice(["given_name", "email"]): word})

    def end(self) -> None:
        """The SIS ends a person."""
        if (key := self._key()) is not None:
            self.d.sis.end("users", key)

    def vanish(self) -> None:
        """The SIS forgets a person."""
        if (key := self._key()) is not None:
            self.d.sis.vanish("users", key)

    def garble(self) -> None:
        """The SIS says something unreadable of a person, or mends it."""
        if (key := self._key()) is not None:
            row = self.d.sis.rows["users"][key]
            if row == GARBLED:
                self.d.sis.put("users", key, **self.garbled[key])
            else:
                self.garbled[key] = row
                self.d.sis.put("users", key, **GARBLED)

    def edit(self) -> None:
        """A person changes something here."""
        ids = reads.record_ids(self.d.database, "users")
        if ids:
            record = self.random.choice(ids)
            field = self.random.choice(["given_name", "family_name"])
            value = f"Ours {self.random.randrange(4)}"
            (row,) = reads.records(self.d.database, "users", [record])
            if row.values[field] == value:
                return
            self.d.engine.edit("users", record, {field: value}, "Ana")
            self.edited.setdefault(record, {})[field] = value

    def sync(self) -> None:
        """A sync that nothing disturbs."""
        run = self.d.sync(full=self.random.random() < 0.3)
        assert run.state in ENDS, (run.state, run.error_code, run.error_detail)

    def broken_sync(self) -> None:
        """A sync that fails or is cancelled at some request."""
        error = self.random.choice([TransientError("toy_down"), Cancelled("cancelled")])
        self.d.sis.hook = failing(self.random.randrange(12), error)
        run = self.d.sync(full=self.random.random() < 0.3)
        self.d.sis.hook = lambda url: None
        assert run.state in ENDS | {"failed", "cancelled"}
        assert run.error_code in (None, "toy_down"), (run.error_code, run.error_detail)

    def wait(self) -> None:
        """Time passes."""
        self.d.pass_time(hours=self.random.choice([0.1, 2, 30]))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_history(empty: Path, data_dir: Path, seed: int) -> None:
    """No edit lost, nothing removed in error, counts that close, and agreement in the end."""
    shutil.copy(empty, data_dir / "roster.db")
    with district(data_dir, fill(ToySis(), people=7)) as d:
        history = History(d, seed)
        history.live(25)
        for _ in range(3):
            d.pass_time(hours=30)
            last = d.sync()
            assert last.state in ENDS, (history.told, last.error_code, last.error_detail)
        assert_whole(d, history)
        again = d.sync(full=True)
        assert (again.total("created"), again.total("updated")) == (0, 0)


def assert_whole(d: District, history: History) -> None:
    """What must hold after any history."""
    values = {
        row.id: row
        for row in reads.records(
            d.database, "users", reads.record_ids(d.database, "users", ended=True)
        )
    }
    there = {d.id("users", key) for key in d.sis.rows["users"]}
    assert all(values[record].alive for record in there if record in values)
    assert all(values[record].alive for record in history.edited)  # an edit beats a delete
    for record, fields in history.edited.items():
        for name, value in fields.items():
            assert values[record].values[name] == value
    for key, row in d.sis.rows["users"].items():
        if row == GARBLED:
            continue
        record = d.id("users", key)
        for name in ("given_name", "family_name", "email"):
            if name not in history.edited.get(record, {}):
                said = ENTITIES["users"].by_name[name].kind.normal(row.get(name))
                assert values[record].values[name] == said
