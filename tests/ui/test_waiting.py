"""What waits for a person, in the window: told, approved, refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import compose
from app.compose import Options
from app.store import reads
from app.store.database import Database, Location
from app.ui.decide.waiting import WaitingDialog
from app.ui.window import Window
from tests.connectors.oneroster.csv.district import files, put, tables
from tests.ui.stage import CLICK, WAIT_MS, ready

SCHOOL, RECORDS, WHY, WAITING = range(4)
LEFT = range(20, 60)
"""The numbers of the students who are missing from the second set."""
Open = Callable[[], WaitingDialog]


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """A roster of files, synced; and then again without two thirds of its students."""
    source, options = tmp_path / "set", Options(data_dir=tmp_path / "data")
    made = tables()
    with compose.program(options) as program:
        put(source, files(made))
        program.engine.save_connector("north", "oneroster-csv", {"path": str(source)})
        program.engine.start("north", full=True)
        program.loop.run(until=lambda: not program.engine.busy)
        gone = {f"u{number:03d}" for number in LEFT}
        for name, column in (("users", "sourcedId"), ("roles", "userSourcedId"),
                             ("enrollments", "userSourcedId")):  # fmt: skip
            made[name] = [row for row in made[name] if row[column] not in gone]
        put(source, files(made))
        program.engine.start("north", full=True)
        program.loop.run(until=lambda: not program.engine.busy)
    return options


@pytest.fixture
def window(qtbot: QtBot, open_window: Callable[..., Window], options: Options) -> Window:
    """The window on it."""
    return ready(qtbot, open_window(options))


@pytest.fixture
def open_dialog(qtbot: QtBot, window: Window) -> Open:
    """Opens what waits, by the button that asks for it."""

    def open_() -> WaitingDialog:
        step = window.work.headline.bar.step_button
        qtbot.waitUntil(step.isVisible, timeout=WAIT_MS)
        qtbot.mouseClick(step, CLICK)
        dialog = window.dialog
        assert isinstance(dialog, WaitingDialog)
        qtbot.waitUntil(dialog.approve_button.isVisible, timeout=WAIT_MS)
        return dialog

    return open_


def people(options: Options) -> int:
    """How many people there are."""
    with Database(Location.of(options.folder)) as database:
        return reads.counts(database)["users"]


def lines(dialog: WaitingDialog) -> list[tuple[str, ...]]:
    """The first columns of the table."""
    model = dialog.table.model()
    return [
        tuple(model.index(row, column).data() for column in (SCHOOL, RECORDS, WAITING))
        for row in range(model.rowCount())
    ]


def test_what_waits_is_told_and_the_buttons_say_what_they_do(
    open_dialog: Open, options: Options
) -> None:
    """By school and record type, with the reason; nothing is done by looking, or by Enter."""
    dialog = open_dialog()
    shown = lines(dialog)
    assert ("North", "People", "20") in shown
    assert ("South", "People", "20") in shown
    assert "removed" in dialog.table.model().index(0, WHY).data()
    assert "remove 40 people" in dialog.approve_button.text()
    assert "keep" in dialog.refuse_button.text()
    assert dialog.close_button.isDefault()
    assert people(options) == 63


def test_a_chosen_line_is_answered_alone(qtbot: QtBot, open_dialog: Open, options: Options) -> None:
    """Approving the people of one school removes these, and the rest waits on."""
    dialog = open_dialog()
    dialog.table.selectRow(lines(dialog).index(("North", "People", "20")))
    assert dialog.approve_button.text().endswith("remove 20 people")
    qtbot.mouseClick(dialog.approve_button, CLICK)
    qtbot.waitUntil(lambda: "20 were carried out." in dialog.told.text(), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: ("North", "People", "20") not in lines(dialog), timeout=WAIT_MS)
    assert ("South", "People", "20") in lines(dialog)
    assert people(options) == 43


def test_what_is_refused_stays_and_is_not_asked_again(
    qtbot: QtBot, window: Window, open_dialog: Open, options: Options
) -> None:
    """All of it at once; then nothing waits, in the dialog and in the headline."""
    dialog = open_dialog()
    qtbot.mouseClick(dialog.refuse_button, CLICK)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 0, timeout=WAIT_MS)
    assert "as they are" in dialog.told.text()
    assert not dialog.approve_button.isVisible()
    assert people(options) == 63
    dialog.close()
    qtbot.waitUntil(lambda: "All is well" in window.work.headline.title.text(), timeout=WAIT_MS)
    assert not window.menus.waits.isEnabled()


def test_an_approval_that_fails_says_why(
    qtbot: QtBot, open_dialog: Open, options: Options, tmp_path: Path
) -> None:
    """Without the files nothing can be looked for, so nothing goes; it can be tried again."""
    dialog = open_dialog()
    (tmp_path / "set").rename(tmp_path / "elsewhere")
    qtbot.keyClick(dialog.approve_button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: str(tmp_path / "set") in dialog.told.text(), timeout=WAIT_MS)
    qtbot.waitUntil(dialog.approve_button.isVisible, timeout=WAIT_MS)
    assert people(options) == 63
