"""A window on differences."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.ui.window import Window
from app.vault import MemoryVault
from tests.ui.merge.stage import Merging, Open, Stage, options, show, staged


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A small district, synced once, whose SIS takes changes of people."""
    return staged(tmp_path / "data")


@pytest.fixture
def open_merge(qtbot: QtBot, open_window: Callable[..., Window]) -> Open:
    """Opens a window on a stage, in the merge screen."""

    def open_(stage: Stage) -> Merging:
        return show(qtbot, open_window(options(stage), MemoryVault()))

    return open_
