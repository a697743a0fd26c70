"""What the tests of the merge screen play on: differences that the engine found, and a window.

The district is the engine tests' own: the window opens its database, and what was decided there is
carried on by the next sync of the toy SIS.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.compose import Options
from app.roster.entities import ENTITIES
from app.store.differences import Difference, difference_ids, differences
from app.ui.merge.room import MergeRoom
from app.ui.places import ToDifferences
from app.ui.window import Window
from tests.engine.toy import District, ToySis, district, fill
from tests.ui.stage import WAIT_MS

Sides = tuple[str, Mapping[str, Any], Mapping[str, Any]]
"""A key of a person, what is edited here, what changes at the SIS."""


@dataclass
class Stage:
    """A folder with differences, and the SIS that they are with."""

    folder: Path
    sis: ToySis

    def copy(self, folder: Path) -> "Stage":
        """The same in another folder."""
        shutil.copytree(self.folder, folder)
        return Stage(folder, self.sis)

    @contextmanager
    def engine(self) -> Iterator[District]:
        """The engine on it, without the window."""
        with district(self.folder, self.sis) as d:
            yield d

    def differ(self, *sides: Sides, entity: str = "users") -> None:
        """Both sides change, and a sync finds it."""
        with self.engine() as d:
            for key, ours, theirs in sides:
                d.engine.edit(entity, d.id(entity, key), ours, "Ada Park")
                self.sis.change(entity, key, **theirs)
            d.sync()

    def open_differences(self) -> list[Difference]:
        """All that are open."""
        with self.engine() as d:
            return differences(d.database, difference_ids(d.database))

    def values(self, key: str, entity: str = "users") -> Mapping[str, Any]:
        """What stands here."""
        with self.engine() as d:
            return d.values(entity, key)


def staged(folder: Path, people: int = 6, *, writable: bool = True, unspoken: str = "") -> Stage:
    """A district that was synced once, by a SIS that did not speak of one field of people."""
    sis = fill(ToySis(page=500), people)
    if unspoken:
        names = ENTITIES["users"].field_names
        sis.fields["users"] = tuple(name for name in names if name != unspoken)
    if writable:
        sis.writable["users"] = ("update",)
    with district(folder, sis) as d:
        d.without_limits()
        d.sync()
    return Stage(folder, sis)


class Merging:
    """The merge screen of a window, with keys that are really pressed."""

    def __init__(self, qtbot: QtBot, window: Window) -> None:
        self.qtbot, self.window = qtbot, window
        self.room: MergeRoom = window.work.decide.merge

    @property
    def grid(self) -> Any:
        """The grid."""
        return self.room.grid

    def press(self, *keys: str | Qt.Key, shift: bool = False) -> None:
        """Presses keys, or letters and digits, in the grid."""
        how = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        for key in keys:
            pressed = Qt.Key(ord(key.upper())) if isinstance(key, str) else key
            QTest.keyClick(self.grid, pressed, how)

    def until(self, holds: Callable[[], bool]) -> None:
        """Waits until it holds."""
        self.qtbot.waitUntil(holds, timeout=WAIT_MS)

    def accept(self) -> None:
        """Accepts, and waits until that is carried out and what comes next is shown."""
        left = self.room.left
        self.press(Qt.Key.Key_Return)
        self.until(lambda: self.room.left < left and self.room.quiet)

    def open(self, title: str) -> None:
        """Goes on to the record of that name."""
        for _ in range(len(self.room.queue.order()) + 1):
            if self.room.panel.record.text() == title:
                return
            before = self.room.panel.record.text()
            self.press("n")
            self.until(lambda before=before: self.room.panel.record.text() != before)  # type: ignore[misc]
        raise AssertionError(f"there is no record of the name {title}")

    def said(self) -> str:
        """The message over all rooms."""
        return self.window.work.notice.words.text()


Open = Callable[[Stage], Merging]


def options(stage: Stage) -> Options:
    """What the window opens."""
    return Options(data_dir=stage.folder)


def show(qtbot: QtBot, window: Window) -> Merging:
    """The merge screen, once it shows a record."""
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.sides, timeout=WAIT_MS)
    window.work.go(ToDifferences())
    merging = Merging(qtbot, window)
    merging.until(lambda: merging.grid.content.sheet is not None and merging.room.quiet)
    merging.room.start()
    return merging
