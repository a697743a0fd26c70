"""A record and a class, held against what a real practice SIS says right now."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QTableWidget
from pytestqt.qtbot import QtBot

from app import compose
from app.store import reads
from app.ui.people.page import RecordPage
from app.ui.places import ToRecord
from app.ui.window import Window
from tests.ui.stage import CLICK, WAIT_MS, District, ready


@pytest.fixture
def page(
    qtbot: QtBot, open_window: Callable[..., Window], district: District
) -> Callable[[str, int], RecordPage]:
    """Shows the page of a record of a synced district, in which an enrollment was ended here."""
    district.sync()
    with district.database() as database:
        class_ = reads.record_ids(database, "classes")[0]
        enrolled = [
            row.id
            for row in reads.all_records(database, "enrollments")
            if row.values["class"] == class_ and row.values["role"] == "student"
        ]
    with compose.program(district.options, district.vault) as program:
        program.engine.end_record("enrollments", enrolled[0], "Ada")
    window = ready(qtbot, open_window(district.options, district.vault))
    room = window.work.people

    def show(entity: str, place: int) -> RecordPage:
        with district.database() as database:
            id_ = reads.record_ids(database, entity)[place]
        window.work.go(ToRecord(entity, id_))
        qtbot.waitUntil(lambda: room.page.seen is not None and room.quiet, timeout=WAIT_MS)
        return room.page

    return show


def texts(table: QTableWidget, row: int) -> list[str]:
    """What stands in a row."""
    found = [table.item(row, column) for column in range(table.columnCount())]
    return [item.text() if item is not None else "" for item in found]


def test_a_record_is_looked_up_where_it_comes_from(
    qtbot: QtBot, page: Callable[[str, int], RecordPage]
) -> None:
    """Nothing differs, which is said; all fields are there to be seen side by side."""
    at_sis = page("users", 5).at_sis
    at_sis.asking.button.click()
    qtbot.waitUntil(lambda: bool(at_sis.asking.said.text()) and at_sis.asking.button.isEnabled())
    qtbot.waitUntil(lambda: not at_sis.asking.cancel_button.isVisibleTo(at_sis), timeout=WAIT_MS)
    assert at_sis.asking.said.text() == "“Lincoln” has it right now. All fields are the same."
    assert at_sis.table.rowCount() == 0
    at_sis.same.setChecked(True)
    field, ours, now, agreed, how = texts(at_sis.table, 0)
    assert (field, how) == ("Given name", "The same")
    assert ours == now == agreed != ""


def test_a_class_is_held_against_its_roll_and_synced(
    qtbot: QtBot, page: Callable[[str, int], RecordPage]
) -> None:
    """Who is missing here stands first; after the sync of the class the difference is told."""
    shown = page("classes", 0)
    roll = shown.roll
    assert roll.table.isColumnHidden(3)
    qtbot.mouseClick(roll.asking.button, CLICK)
    qtbot.waitUntil(lambda: not roll.table.isColumnHidden(3), timeout=WAIT_MS)
    assert roll.table.currentRow() == 0
    _person, role, ours, now, last = texts(roll.table, 0)
    assert role == "student"
    assert ours.startswith("ended: Ada")
    assert (now, last) == ("enrolled", "enrolled")
    assert "“Lincoln” lists 1 more, whom somebody took out here" in shown.verdict_words.text()
    qtbot.mouseClick(shown.sync_button, CLICK)
    qtbot.waitUntil(lambda: bool(shown.runs), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not shown.runs, timeout=WAIT_MS)
    qtbot.waitUntil(shown.sync_button.isEnabled, timeout=WAIT_MS)
    window = shown.window()
    assert isinstance(window, Window)
    qtbot.waitUntil(lambda: "The class was synced" in window.work.notice.words.text(),
                    timeout=WAIT_MS)  # fmt: skip


def test_an_answer_stays_while_another_class_is_synced(
    qtbot: QtBot, page: Callable[[str, int], RecordPage], district: District
) -> None:
    """Only the end of its own sync makes it old."""
    district.sis.set_fault("slow", 1)
    shown = page("classes", 1)
    window = shown.window()
    assert isinstance(window, Window)
    qtbot.mouseClick(shown.sync_button, CLICK)
    qtbot.waitUntil(lambda: bool(shown.runs), timeout=WAIT_MS)
    shown = page("classes", 0)
    district.sis.clear_faults()
    with qtbot.waitSignal(window.session.ended, timeout=WAIT_MS):  # type: ignore[union-attr]
        qtbot.mouseClick(shown.roll.asking.button, CLICK)
        qtbot.waitUntil(lambda: not shown.roll.table.isColumnHidden(3), timeout=WAIT_MS)
    assert not shown.roll.table.isColumnHidden(3)
