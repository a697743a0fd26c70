"""Reports > Problems in the files: what is wrong in the files of a connector, in the window."""

import csv
from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from app import compose
from app.compose import Options
from app.ui.problems import ProblemsDialog
from app.ui.window import Window
from tests.connectors.oneroster.csv.district import files, put, tables
from tests.ui.stage import WAIT_MS, ready


def test_problems_are_shown_and_saved(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[..., Window]
) -> None:
    """File, line, column, value, what is wrong and what was done; all of it goes into a file."""
    made = tables(students=3)
    made["classes"][0]["termSourcedIds"] = "=nowhere"
    options = Options(data_dir=tmp_path / "data")
    with compose.program(options) as program:
        source = put(tmp_path / "set", files(made))
        program.engine.save_connector("north", "oneroster-csv", {"path": str(source)})
    window = ready(qtbot, open_window(options))
    window.menus.problems.trigger()
    dialog = window.dialog
    assert isinstance(dialog, ProblemsDialog)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1, timeout=WAIT_MS)
    shown = [dialog.table.model().index(0, column).data() for column in range(4)]
    assert shown == ["classes.csv", "2", "termSourcedIds", "=nowhere"]
    out = tmp_path / "problems.csv"
    dialog.save_button.click()
    assert dialog.chooser is not None
    with qtbot.waitSignal(dialog.settled, timeout=WAIT_MS):
        dialog.chooser.fileSelected.emit(str(out))
    assert str(out) in dialog.told.text()
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1][:4] == ["classes.csv", "2", "termSourcedIds", "'=nowhere"]
    dialog.chooser.close()
    dialog.close()


def test_a_connector_without_files_has_no_such_report(qtbot: QtBot, window: Window) -> None:
    """There the menu cannot be chosen."""
    ready(qtbot, window)
    assert not window.menus.problems.isEnabled()
