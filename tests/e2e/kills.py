"""Goes through rounds that end with a kill, with peace now and then, and looks at what is left."""

import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from tests.e2e.soundness import assert_sound

needs_kill = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork and no kill")


def kills(usual: int) -> int:
    """How many to go through: `KILLS=500` for a longer look."""
    return int(os.environ.get("KILLS", usual))


class Life(Protocol):
    """What becomes of a data folder and its services."""

    folder: Path
    figures: Counter[str]
    """Counts what happened, ``kills`` among it."""

    def round(self) -> str:
        """Something happens on each side, and a process is killed; tells what."""

    def peace(self) -> None:
        """Nothing is disturbed until nothing is left to do, and then all agrees."""


def survive(
    life: Life, *, wanted: int, peace: int, seed: int, record_property: Callable[..., None]
) -> None:
    """The database is sound after each of the kills; after so many rounds there is peace."""
    told: list[str] = []
    try:
        while life.figures["kills"] < wanted:
            told.append(life.round())
            assert_sound(life.folder)
            if len(told) % peace == 0:
                told.append("peace")
                life.peace()
        told.append("peace")
        life.peace()
    except BaseException as error:
        error.add_note(f"seed {seed}, round {len(told)}: {'; '.join(told[-peace:])}")
        raise
    for name, count in sorted(life.figures.items()):
        record_property(name, count)
