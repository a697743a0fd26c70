"""Gone in one SIS, still in the other, in the window."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.compose import Options
from app.store import gone, reads
from app.store.database import Database, Location
from app.ui.reports.gone import GONE, RECORD, SINCE, STILL, TYPE, GoneDialog
from app.ui.window import Window
from tests.engine.test_matching import both
from tests.ui import audit
from tests.ui.stage import CLICK, WAIT_MS, ready


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Options:
    """Two SIS; two people have left one of them."""
    folder = tmp_path_factory.mktemp("gone") / "data"
    with both(folder) as d:
        d.sync()
        d.sync("other")
        d.other.end("users", "b-u1")
        d.other.end("users", "b-u2")
        d.sync("other")
    return Options(data_dir=folder)


@pytest.fixture
def options(made: Options, tmp_path: Path) -> Options:
    """A copy of it."""
    return Options(data_dir=shutil.copytree(made.folder, tmp_path / "data"))


@pytest.fixture
def dialog(qtbot: QtBot, open_window: Callable[..., Window], options: Options) -> GoneDialog:
    """The report, by its menu."""
    window = ready(qtbot, open_window(options))
    window.menus.gone.trigger()
    found = window.dialog
    assert isinstance(found, GoneDialog)
    qtbot.waitUntil(found.again_button.isEnabled, timeout=WAIT_MS)
    return found


def names(dialog: GoneDialog) -> list[str]:
    """Who is listed."""
    return sorted(row.words[RECORD] for row in dialog.lines.shown)


def told(options: Options) -> int:
    """How many there are."""
    with Database(Location.of(options.folder)) as database:
        return len(gone.gone(database))


def living(options: Options) -> int:
    """How many people there are."""
    with Database(Location.of(options.folder)) as database:
        return reads.counts(database)["users"]


def test_each_is_told_with_who_lost_it_and_who_has_it(dialog: GoneDialog) -> None:
    """Which sync noticed it stands beside."""
    assert names(dialog) == ["Given1 Family1", "Given2 Family2"]
    row = dialog.lines.shown[0].words
    assert (row[TYPE], row[GONE], row[STILL]) == ("Person", "other", "toy")
    assert "sync #" in row[SINCE]


def test_one_is_ended_here_and_undo_brings_it_back(
    qtbot: QtBot, dialog: GoneDialog, options: Options
) -> None:
    """By the button of the notice in the dialog."""
    before = living(options)
    dialog.table.selectRow(0)
    qtbot.mouseClick(dialog.end_button, CLICK)
    qtbot.waitUntil(lambda: living(options) == before - 1, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: len(dialog.lines.shown) == 1, timeout=WAIT_MS)
    qtbot.waitUntil(dialog.notice.undo_button.isVisible, timeout=WAIT_MS)
    qtbot.mouseClick(dialog.notice.undo_button, CLICK)
    qtbot.waitUntil(lambda: living(options) == before, timeout=WAIT_MS)


def test_what_is_left_as_it_is_is_told_no_more_until_that_is_taken_back(
    qtbot: QtBot, dialog: GoneDialog, options: Options
) -> None:
    """Nobody ends by it."""
    before = living(options)
    dialog.table.selectAll()
    assert not dialog.end_button.isEnabled()
    qtbot.mouseClick(dialog.leave_button, CLICK)
    qtbot.waitUntil(lambda: told(options) == 0, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not dialog.lines.shown, timeout=WAIT_MS)
    qtbot.waitUntil(dialog.notice.undo_button.isVisible, timeout=WAIT_MS)
    qtbot.mouseClick(dialog.notice.undo_button, CLICK)
    qtbot.waitUntil(lambda: told(options) == 2, timeout=WAIT_MS)
    assert living(options) == before


def test_what_is_found_by_a_search_is_what_is_saved(
    qtbot: QtBot, dialog: GoneDialog, tmp_path: Path
) -> None:
    """As a file for a spreadsheet, with headings."""
    dialog.search.setText("given2")
    assert names(dialog) == ["Given2 Family2"]
    path = tmp_path / "gone.csv"
    with qtbot.waitSignal(dialog.saved, timeout=WAIT_MS):
        dialog.save_button.click()
        assert dialog.chooser is not None
        dialog.chooser.fileSelected.emit(str(path))
        dialog.chooser.close()
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert [line[RECORD] for line in lines] == ["Record", "Given2 Family2"]


def test_the_report_has_no_complaint(
    qtbot: QtBot, in_any_words: Callable[[Options], Window], options: Options
) -> None:
    """Names, room for every text, targets, contrast and the way of Tab."""
    window = in_any_words(options)
    window.menus.gone.trigger()
    dialog = window.dialog
    assert isinstance(dialog, GoneDialog)
    qtbot.waitUntil(dialog.again_button.isEnabled, timeout=WAIT_MS)
    dialog.table.selectRow(0)
    audit.settle()
    assert audit.complaints(dialog) == []
