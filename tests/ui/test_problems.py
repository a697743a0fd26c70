"""Reports > Problems in the files: what is wrong in the files of a connector, in the window."""

import csv
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import compose
from app.compose import Options
from app.ui.reports.problems import LINE, ProblemsDialog
from app.ui.window import Window
from tests.connectors.oneroster.csv.district import files, put, tables
from tests.ui.stage import CLICK, WAIT_MS, ready


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
    shown = [dialog.table.model().index(0, column).data() for column in range(1, 5)]
    assert shown == ["classes.csv", 2, "termSourcedIds", "=nowhere"]
    out = tmp_path / "problems.csv"
    dialog.save_button.click()
    assert dialog.chooser is not None
    with qtbot.waitSignal(dialog.settled, timeout=WAIT_MS):
        dialog.chooser.fileSelected.emit(str(out))
    assert str(out) in dialog.told.text()
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1][1:5] == ["classes.csv", "2", "termSourcedIds", "'=nowhere"]
    dialog.chooser.close()
    dialog.close()


def test_a_click_on_a_heading_sorts_and_lines_by_their_number(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[..., Window]
) -> None:
    """Line 9 comes before line 12, and backwards after another click."""
    made = tables(students=20)
    for row in (7, 10):
        made["users"][row]["dateLastModified"] = f"noon of the {row}th"
    options = Options(data_dir=tmp_path / "data")
    with compose.program(options) as program:
        source = put(tmp_path / "set", files(made, says="delta"))
        program.engine.save_connector("north", "oneroster-csv", {"path": str(source)})
    window = ready(qtbot, open_window(options))
    window.menus.problems.trigger()
    dialog = window.dialog
    assert isinstance(dialog, ProblemsDialog)
    qtbot.waitUntil(lambda: dialog.table.rowCount() > 1, timeout=WAIT_MS)
    head = dialog.table.horizontalHeader()
    assert head.defaultAlignment() & Qt.AlignmentFlag.AlignLeft
    spot = head.viewport().rect().center()
    spot.setX(head.sectionViewportPosition(LINE) + 15)

    def told() -> list[int]:
        model = dialog.table.model()
        cells = [model.index(row, LINE).data() for row in range(model.rowCount())]
        return [int(one) for one in cells if one]

    qtbot.mouseClick(head.viewport(), CLICK, pos=spot)
    assert told() == sorted(told())
    assert {9, 12} <= set(told())  # as words, 12 would come first
    qtbot.mouseClick(head.viewport(), CLICK, pos=spot)
    assert told() == sorted(told(), reverse=True)
    dialog.close()


def test_what_was_not_read_whole_leads_to_the_problems(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[..., Window]
) -> None:
    """Large is what happened, under it which file is missing; the button shows what is wrong."""
    options = Options(data_dir=tmp_path / "data")
    with compose.program(options) as program:
        source = put(tmp_path / "set", files(tables(students=3)))
        program.engine.save_connector("north", "oneroster-csv", {"path": str(source)})
        program.engine.start("north", full=True)
        program.loop.run(until=lambda: not program.engine.busy)
        (source / "courses.csv").unlink()
        program.engine.start("north", full=True)
        program.loop.run(until=lambda: not program.engine.busy)
    window = ready(qtbot, open_window(options))
    headline = window.work.headline
    qtbot.waitUntil(headline.bar.step_button.isVisible, timeout=WAIT_MS)
    assert headline.title.text() == "“north” was not read whole."
    assert headline.detail.text().startswith("courses.csv is missing from the files")
    qtbot.waitUntil(
        lambda: "courses.csv" in window.work.history.sync.log.toPlainText(), timeout=WAIT_MS
    )
    assert window.work.history.sync.log.toPlainText().count("courses.csv is missing") == 1
    qtbot.mouseClick(headline.bar.step_button, CLICK)
    assert isinstance(window.dialog, ProblemsDialog)
    window.dialog.close()


def test_a_connector_without_files_has_no_such_report(qtbot: QtBot, window: Window) -> None:
    """There the menu cannot be chosen."""
    ready(qtbot, window)
    assert not window.menus.problems.isEnabled()
