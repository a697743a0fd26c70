"""A roster of files of which much waits: the window on it, and what it shows."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.compose import Options
from app.engine.inbox import Kind
from app.ui.decide.room import DecideRoom
from app.ui.window import Window
from tests.connectors.oneroster.csv.district import files, tables
from tests.ui.decide.stage import north
from tests.ui.stage import WAIT_MS, enter, ready

LEFT = range(20, 60)
"""The numbers of the students who are missing from the second set."""
RENAMED = 3
"""A student who has another key in the second set."""
EMPTY = "k0"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A roster of files, synced; then without two thirds of its students, one under a new key.

    Some have other names to sign in with then, and one class has no students.
    """
    folder = tmp_path_factory.mktemp("decide")
    source, options, made = folder / "set", Options(data_dir=folder / "data"), tables()
    with north(options, source) as read:
        read(files(made))
        gone = {f"u{number:03d}" for number in LEFT}
        for name, column in (("users", "sourcedId"), ("roles", "userSourcedId"),
                             ("enrollments", "userSourcedId")):  # fmt: skip
            made[name] = [row for row in made[name] if row[column] not in gone]
            for row in made[name]:
                if row[column] == f"u{RENAMED:03d}":
                    row[column] = "new"
        for row in made["users"][4:20]:
            row["username"] = f"other{row['sourcedId']}"
        made["enrollments"] = [
            row for row in made["enrollments"]
            if row["classSourcedId"] != EMPTY or row["role"] == "teacher"
        ]  # fmt: skip
        read(files(made))
    return folder


@pytest.fixture
def options(made: Path, tmp_path: Path) -> Options:
    """A copy of it; the files are those of all tests."""
    return Options(data_dir=shutil.copytree(made / "data", tmp_path / "data"))


@pytest.fixture
def window(qtbot: QtBot, open_window: Callable[..., Window], options: Options) -> Window:
    """The window on it."""
    return ready(qtbot, open_window(options))


@pytest.fixture
def decide(qtbot: QtBot, window: Window) -> DecideRoom:
    """Its inbox, once it is read."""
    room = window.work.decide
    enter(window, "decide")
    qtbot.waitUntil(lambda: bool(room.inbox.entries.rows), timeout=WAIT_MS)
    room.start()
    return room


def kinds(decide: DecideRoom) -> list[Kind]:
    """What the lines of the inbox ask."""
    return [row.entry.harm.kind for row in decide.inbox.entries.rows]
