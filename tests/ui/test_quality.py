"""What the registrar should mend, in the window."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.compose import Options
from app.ui.reports import printing
from app.ui.reports.lines import AT_ONCE
from app.ui.reports.quality import QualityDialog
from app.ui.window import Window
from tests.engine.sound import person, sound
from tests.engine.toy import ToySis, district
from tests.ui.stage import CLICK, WAIT_MS, ready

Open = Callable[[ToySis], QualityDialog]
RECORD = 3


@pytest.fixture
def open_dialog(qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path) -> Open:
    """Syncs a SIS, opens a window on what came of it, and the dialog by its key."""

    def open_(sis: ToySis) -> QualityDialog:
        with district(data_dir, sis) as d:
            d.sync()
        window = ready(qtbot, open_window(Options(data_dir=data_dir)))
        window.menus.quality.trigger()
        dialog = window.dialog
        assert isinstance(dialog, QualityDialog)
        qtbot.waitUntil(dialog.again_button.isEnabled, timeout=WAIT_MS)
        return dialog

    return open_


def spoilt() -> ToySis:
    """Staff of both schools and a student of the second are without an email."""
    sis = sound()
    for key in ("t1", "t2", "s21"):
        sis.change("users", key, email=None)
    return sis


def column(dialog: QualityDialog, place: int) -> list[str]:
    """What stands in a column of the table."""
    model = dialog.lines
    return [str(model.index(row, place).data()) for row in range(model.rowCount())]


def test_the_lines_are_shown_narrowed_and_sorted(qtbot: QtBot, open_dialog: Open) -> None:
    """By school, by a word anywhere, by a click on a heading; a third click undoes the order."""
    dialog = open_dialog(spoilt())
    assert column(dialog, RECORD) == ["T1 Núñez", "T2 Núñez", "S21 Núñez"]
    assert dialog.count.text() == "2 faults · 1 note"
    head = dialog.table.horizontalHeader()
    where = head.viewport(), CLICK
    spot = head.viewport().rect().center()
    spot.setX(head.sectionViewportPosition(RECORD) + 10)
    qtbot.mouseClick(*where, pos=spot)
    assert column(dialog, RECORD) == ["S21 Núñez", "T1 Núñez", "T2 Núñez"]
    qtbot.mouseClick(*where, pos=spot)
    assert column(dialog, RECORD) == ["T2 Núñez", "T1 Núñez", "S21 Núñez"]
    qtbot.mouseClick(*where, pos=spot)
    assert column(dialog, RECORD) == ["T1 Núñez", "T2 Núñez", "S21 Núñez"]
    dialog.school.setCurrentIndex(2)
    assert dialog.school.currentText() == "School 2 (2)"
    assert column(dialog, RECORD) == ["T2 Núñez", "S21 Núñez"]
    qtbot.keyClicks(dialog.search, "note")
    assert column(dialog, RECORD) == ["S21 Núñez"]
    qtbot.keyClicks(dialog.search, "x")
    assert dialog.instead.isVisible()
    assert not dialog.save_button.isEnabled()


def save(qtbot: QtBot, dialog: QualityDialog, path: Path) -> None:
    """Saves under a name, by the button and the dialog for that."""
    qtbot.mouseClick(dialog.save_button, CLICK)
    chooser = dialog.chooser
    assert chooser is not None
    qtbot.waitUntil(chooser.isVisible, timeout=WAIT_MS)
    with qtbot.waitSignal(dialog.saved, timeout=WAIT_MS):
        chooser.selectFile(str(path))
        chooser.accept()


def test_what_is_shown_is_saved(qtbot: QtBot, open_dialog: Open, tmp_path: Path) -> None:
    """As CSV with headings; where it cannot be written, that is told."""
    dialog = open_dialog(spoilt())
    dialog.school.setCurrentIndex(1)
    path = tmp_path / "mend.csv"
    save(qtbot, dialog, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["School"], row["Record"]) for row in rows] == [("School 1", "T1 Núñez")]
    assert dialog.count.text() == "1 line was saved."
    save(qtbot, dialog, path / "below a file.csv")
    assert str(path) in dialog.trouble.text()


def test_chosen_rows_are_copied(qtbot: QtBot, open_dialog: Open) -> None:
    """A row a line, its cells apart by tabs."""
    dialog = open_dialog(spoilt())
    dialog.table.selectRow(1)
    qtbot.keyClick(dialog.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied.split("\t")[:2] == ["School 2", "Fault"]
    assert copied.count("\n") == 0


def test_of_a_sound_roster_all_is_well(open_dialog: Open) -> None:
    """Instead of an empty table there is a sentence, and nothing to save."""
    dialog = open_dialog(sound())
    assert dialog.instead.isVisible()
    assert dialog.instead.text() == "All is well: nothing is to be mended."
    assert not dialog.save_button.isEnabled()


def test_a_long_report_comes_whole(open_dialog: Open) -> None:
    """In parts, between which the window asks other things."""
    sis = sound()
    for n in range(AT_ONCE + 10):
        person(sis, f"n{n}", "student", 1)
        sis.change("users", f"n{n}", email=None)
    dialog = open_dialog(sis)
    assert dialog.lines.rowCount() == AT_ONCE + 10
    assert len(set(column(dialog, RECORD))) == AT_ONCE + 10


def test_it_looks_again_and_can_be_used_by_ear(qtbot: QtBot, open_dialog: Open) -> None:
    """Every part has a name, a cell says of what it is, and a new look keeps what was chosen."""
    dialog = open_dialog(spoilt())
    for part in (dialog.school, dialog.search, dialog.table):
        assert part.accessibleName()
    cell = dialog.lines.index(0, RECORD)
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "Record: T1 Núñez"
    dialog.school.setCurrentIndex(2)
    with qtbot.waitSignal(dialog.settled, timeout=WAIT_MS):
        qtbot.mouseClick(dialog.again_button, CLICK)
    assert dialog.school.currentText() == "School 2 (2)"
    assert column(dialog, RECORD) == ["T2 Núñez", "S21 Núñez"]


def test_what_is_shown_is_printed(qtbot: QtBot, open_dialog: Open, tmp_path: Path) -> None:
    """On paper stands what the table shows; here the paper is a file."""
    dialog = open_dialog(spoilt())
    qtbot.mouseClick(dialog.print_button, CLICK)
    paper, path = dialog.paper, tmp_path / "mend.pdf"
    assert paper is not None
    paper.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    paper.printer().setOutputFileName(str(path))
    paper.accepted.emit(paper.printer())
    assert path.read_bytes().startswith(b"%PDF")
    paper.close()


def test_a_table_on_paper_has_all_of_it(qapp: QApplication) -> None:
    """Title, words, headings and every cell, as plain text whatever is in them."""
    told = printing.table("Mend", "North", ["Record", "Now"], [["<b>Ana</b>", "x"], ["Bo", "y"]])
    text = told.toPlainText()
    assert all(one in text for one in ("Mend", "North", "Record", "<b>Ana</b>", "Bo", "y"))
