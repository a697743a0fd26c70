"""The room of the history: what is found in it, what is followed from it, what is taken back."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app import compose
from app.compose import Options, PracticeSis
from app.store import reads
from app.store.database import Database, Location
from app.ui.history.compared import ComparedDialog
from app.ui.history.past import PastDialog
from app.ui.history.room import HistoryRoom
from app.ui.history.table import RESULT, WHAT
from app.ui.history.undo import UndoDialog
from app.ui.places import ToChangeSet, ToRecord, ToSyncs
from app.ui.window import Window
from app.vault import MemoryVault
from tests.engine.test_unsaying import united
from tests.ui.stage import CLICK, NAME, STUDENTS, WAIT_MS, ready

PEOPLE = 3
"""So many were edited after the first sync: change sets 2 to 4."""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a sync, three edits by Ada, a newer one by Bo, and a sync that failed."""
    folder = tmp_path_factory.mktemp("lived")
    vault = MemoryVault()
    sis = PracticeSis(folder / "sis", students=STUDENTS)
    with compose.program(Options(data_dir=folder / "data"), vault) as program:
        engine, loop = program.engine, program.loop
        secrets = {"client_secret": sis.ready.client_secret}
        engine.save_connector(NAME, "oneroster", sis.settings, secrets)
        engine.start(NAME)
        loop.run(until=lambda: not engine.busy)
        people = reads.record_ids(program.database, "users")[:PEOPLE]
        for person in people:
            engine.edit("users", person, {"given_name": f"Zed{person}"}, "Ada Park")
        engine.edit("users", people[0], {"given_name": "Newer"}, "Bo Reyes")
        sis.close()
        engine.start(NAME)
        loop.run(until=lambda: not engine.busy)
    return folder / "data"


@pytest.fixture
def window(qtbot: QtBot, open_window: Callable[..., Window], lived: Path, tmp_path: Path) -> Window:
    """A window on a copy of that folder, in the room of the history, which has been read."""
    shutil.copytree(lived, tmp_path / "data")
    window = ready(qtbot, open_window(Options(data_dir=tmp_path / "data"), MemoryVault()))
    qtbot.waitUntil(lambda: window.work.history.table.runs.row(0) is not None, timeout=WAIT_MS)
    return window


@pytest.fixture
def room(window: Window) -> HistoryRoom:
    """Its history."""
    return window.work.history


def cells(room: HistoryRoom, column: int) -> list[str]:
    """What stands in a column, from top to bottom."""
    model = room.table.runs
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def listed(qtbot: QtBot, room: HistoryRoom, ids: list[int]) -> None:
    """Waits until these are in the list, and read."""
    model = room.table.runs
    qtbot.waitUntil(lambda: model.ids == ids, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: all(model.row(n) for n in range(len(ids))), timeout=WAIT_MS)


def chosen(qtbot: QtBot, room: HistoryRoom, id_: int) -> None:
    """Chooses a change set, and waits until whom it changed is shown."""
    room.table.choose(id_)
    qtbot.waitUntil(lambda: f"#{id_}" in room.sync.title.text(), timeout=WAIT_MS)
    room.sync.tabs.setCurrentWidget(room.sync.changes)
    tree = room.sync.changes.tree
    qtbot.waitUntil(lambda: tree.model().index(0, 0).data() is not None, timeout=WAIT_MS)


def undoing(qtbot: QtBot, room: HistoryRoom, id_: int) -> UndoDialog:
    """The dialog that asks whether a change set is to be undone, once it knows."""
    chosen(qtbot, room, id_)
    qtbot.mouseClick(room.sync.undo_button, CLICK)
    assert isinstance(room.dialog, UndoDialog)
    dialog = room.dialog
    qtbot.waitUntil(lambda: "Looking" not in dialog.does.text(), timeout=WAIT_MS)
    return dialog


def given_names(window: Window) -> list[str]:
    """Those of the people who were edited."""
    with Database(Location.of(window.session.options.folder)) as database:  # type: ignore[union-attr]
        ids = reads.record_ids(database, "users")[:PEOPLE]
        return [row.values["given_name"] for row in reads.records(database, "users", ids)]


def choose(qtbot: QtBot, chooser: QFileDialog | None, path: Path) -> None:
    """Saves under a name, by the dialog for that."""
    assert chooser is not None
    qtbot.waitUntil(chooser.isVisible, timeout=WAIT_MS)
    chooser.selectFile(str(path))
    chooser.accept()


def test_every_kind_is_listed_with_its_author(qtbot: QtBot, room: HistoryRoom):
    """Syncs, edits and what else there is, the newest first, and whom each was about."""
    listed(qtbot, room, [6, 5, 4, 3, 2, 1])
    who = ["Edit by Bo Reyes", *["Edit by Ada Park"] * PEOPLE]
    told = [one.split(": ") for one in cells(room, WHAT)]
    assert [one[0] for one in told] == ["Sync", *who, "Sync"]
    names = [one[1:] for one in told]
    assert names[0] == names[-1] == []
    assert names[1][0].startswith("Newer ")
    assert names[2][0].startswith("Zed")
    assert cells(room, RESULT)[0] == "Failed"


def test_the_list_is_narrowed_as_one_types_and_whole_again_by_one_button(
    qtbot: QtBot, room: HistoryRoom
):
    """By an author's name; what is nowhere says so."""
    qtbot.keyClicks(room.filters.search, "bo rey")
    listed(qtbot, room, [5])
    qtbot.keyClicks(room.filters.search, " nobody")
    listed(qtbot, room, [])
    assert room.sync.title.text() == "Nothing is like that"
    qtbot.mouseClick(room.filters.clear_button, CLICK)
    listed(qtbot, room, [6, 5, 4, 3, 2, 1])
    assert not room.filters.clear_button.isVisible()


def test_the_list_is_narrowed_by_kind_result_time_and_changes(qtbot: QtBot, room: HistoryRoom):
    """Each by a field of its own."""
    filters = room.filters
    filters.kind.setCurrentIndex(filters.kind.findText("Edits"))
    listed(qtbot, room, [5, 4, 3, 2])
    filters.clear()
    filters.result.setCurrentIndex(filters.result.findText("Failed"))
    listed(qtbot, room, [6])
    filters.clear()
    filters.kind.setCurrentIndex(filters.kind.findText("Only with changes"))
    listed(qtbot, room, [5, 4, 3, 2, 1])
    filters.clear()
    filters.time.setCurrentIndex(filters.time.findText("Choose dates…"))
    assert filters.dates.isVisible()
    filters.until.setDate(QDate.currentDate().addDays(-2))
    listed(qtbot, room, [])


def test_other_rooms_lead_to_some_change_sets_or_to_one(
    qtbot: QtBot, window: Window, room: HistoryRoom, tmp_path: Path
):
    """To one also where it was left out, or is of no connector while one of two is chosen."""
    window.work.go(ToSyncs((2, 3)))
    listed(qtbot, room, [3, 2])
    assert room.filters.count.text() == "2 found"
    window.work.go(ToChangeSet(5))
    qtbot.waitUntil(lambda: room.table.chosen_id() == 5, timeout=WAIT_MS)
    assert len(room.table.runs.ids) == 6
    assert window.session is not None
    path = {"path": str(tmp_path)}
    window.session.request("save_connector", "Two", "oneroster-csv", path, then=lambda _id: None)
    room.choose(None)
    room.choose(NAME)
    listed(qtbot, room, [6, 1])
    window.work.go(ToChangeSet(4))
    qtbot.waitUntil(lambda: room.table.chosen_id() == 4, timeout=WAIT_MS)
    assert room.table.runs.ids == [6, 4, 1]


def test_a_row_opens_to_its_values_and_leads_to_the_record_by_keys_alone(
    qtbot: QtBot, room: HistoryRoom
):
    """Right opens it, Down goes to the value, Enter to the person."""
    chosen(qtbot, room, 5)
    tree = room.sync.changes.tree
    model = tree.model()
    first = model.index(0, 0)
    assert "Newer" in str(model.index(0, 1).data())
    tree.setFocus()
    qtbot.keyClick(tree, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: model.rowCount(first) == 1, timeout=WAIT_MS)
    assert model.index(0, 0, first).data() == "Given name"
    assert str(model.index(0, 1, first).data()).endswith("→ Newer")
    qtbot.keyClick(tree, Qt.Key.Key_Down)
    with qtbot.waitSignal(room.go, timeout=WAIT_MS) as went:
        qtbot.keyClick(tree, Qt.Key.Key_Return)
    (place,) = went.args or [None]
    assert isinstance(place, ToRecord)
    assert place.entity == "users"


def test_a_first_sync_is_searched_for_a_name(qtbot: QtBot, room: HistoryRoom):
    """Everybody whom it brought is there, and a few letters find one."""
    chosen(qtbot, room, 1)
    changes = room.sync.changes
    assert len(changes.model.groups) > STUDENTS
    word = str(changes.model.index(0, 0).data())
    qtbot.keyClicks(changes.search, word)
    qtbot.waitUntil(lambda: 0 < len(changes.model.groups) < STUDENTS, timeout=WAIT_MS)
    qtbot.keyClicks(changes.search, "!?")
    qtbot.waitUntil(lambda: "Nobody here" in changes.instead.text(), timeout=WAIT_MS)


def test_what_was_changed_is_saved_as_csv(qtbot: QtBot, room: HistoryRoom, tmp_path: Path):
    """With a line for each value, and the list with one for each change set."""
    chosen(qtbot, room, 5)
    for button, path in (
        (room.sync.changes.save_button.click, tmp_path / "changes.csv"),
        (room.save_action.trigger, tmp_path / "history.csv"),
    ):
        button()
        with qtbot.waitSignal(room.said, timeout=WAIT_MS):
            choose(qtbot, room.chooser, path)
    changes = list(csv.reader((tmp_path / "changes.csv").read_text("utf-8-sig").splitlines()))
    assert changes[1][4:7] == ["Given name", changes[1][5], "Newer"]
    history = list(csv.reader((tmp_path / "history.csv").read_text("utf-8-sig").splitlines()))
    assert [row[0] for row in history[1:]] == ["6", "5", "4", "3", "2", "1"]


def test_an_edit_is_undone_after_a_preview_and_done_again_by_key(
    qtbot: QtBot, window: Window, room: HistoryRoom
):
    """The dialog says what comes back; the notice takes the undo back in its turn."""
    before = given_names(window)
    dialog = undoing(qtbot, room, 3)
    assert dialog.does.text() == "Get back the values they had: 1 person."
    assert dialog.undo_button.text() == "&Undo for 1 record"
    qtbot.mouseClick(dialog.undo_button, CLICK)
    qtbot.waitUntil(lambda: "#3 is undone" in window.work.notice.words.text(), timeout=WAIT_MS)
    assert given_names(window)[1] != before[1]
    listed(qtbot, room, [7, 6, 5, 4, 3, 2, 1])
    assert cells(room, WHAT)[0].startswith("Undo of #3 by ")
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: given_names(window) == before, timeout=WAIT_MS)


def test_what_cannot_be_undone_is_said_first(qtbot: QtBot, room: HistoryRoom):
    """Who changed it since, and in which change set; there is no button that would do nothing."""
    dialog = undoing(qtbot, room, 2)
    assert dialog.cannot.text().startswith("1 record stays as it is")
    assert "Bo Reyes in #5" in dialog.who.toPlainText()
    assert not dialog.undo_button.isVisible()
    dialog.close_button.click()


def test_over_a_limit_only_a_button_that_says_so_undoes(
    qtbot: QtBot, window: Window, room: HistoryRoom
):
    """With the number; Enter leaves everything as it is."""
    dialog = undoing(qtbot, room, 1)
    assert dialog.limits.isVisible()
    assert "all the same" in dialog.undo_button.text()
    assert dialog.close_button.isDefault()
    before = given_names(window)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert given_names(window) == before


def test_a_failed_sync_is_run_again_from_its_place(qtbot: QtBot, room: HistoryRoom):
    """Its button starts another; what ended well has none."""
    room.table.choose(6)
    qtbot.waitUntil(lambda: room.sync.again_button.isVisible(), timeout=WAIT_MS)
    qtbot.mouseClick(room.sync.again_button, CLICK)
    qtbot.waitUntil(lambda: 7 in room.table.runs.ids, timeout=WAIT_MS)
    room.table.choose(1)
    qtbot.waitUntil(lambda: not room.sync.again_button.isVisible(), timeout=WAIT_MS)


def test_the_roster_of_then_is_looked_at_and_saved(qtbot: QtBot, room: HistoryRoom, tmp_path: Path):
    """As it was after a sync: an edit that came later is not there, and nobody is missing."""
    room.past_action.trigger()
    dialog = room.dialog
    assert isinstance(dialog, PastDialog)
    qtbot.waitUntil(lambda: dialog.when.choice.findData(1) > 0, timeout=WAIT_MS)
    dialog.when.choice.setCurrentIndex(dialog.when.choice.findData(1))
    qtbot.waitUntil(lambda: len(dialog.found.ids) > STUDENTS, timeout=WAIT_MS)
    everybody = len(dialog.found.ids)
    qtbot.keyClicks(dialog.search, "zed")
    assert not dialog.save_button.isEnabled(), "the answer is not there yet"
    qtbot.waitUntil(lambda: dialog.found.ids == [], timeout=WAIT_MS)
    dialog.search.clear()
    qtbot.waitUntil(lambda: len(dialog.found.ids) == everybody, timeout=WAIT_MS)
    qtbot.waitUntil(dialog.save_button.isEnabled, timeout=WAIT_MS)
    dialog.when.changed.emit()
    assert not dialog.save_button.isEnabled(), "another moment is asked for"
    qtbot.waitUntil(dialog.save_button.isEnabled, timeout=WAIT_MS)
    dialog.save_button.click()
    choose(qtbot, dialog.chooser, tmp_path / "then.csv")
    qtbot.waitUntil(lambda: "saved" in dialog.told.text(), timeout=WAIT_MS)
    saved = (tmp_path / "then.csv").read_text("utf-8-sig")
    assert len(list(csv.reader(saved.splitlines()))) == everybody + 1
    assert "Zed" not in saved
    with qtbot.waitSignal(room.go, timeout=WAIT_MS):
        dialog.table.setCurrentIndex(dialog.found.index(0, 0))
        qtbot.keyClick(dialog.table, Qt.Key.Key_Return)


def test_the_roster_of_then_opens_before_the_last_sync(qtbot: QtBot, room: HistoryRoom):
    """Where nothing stood before the only one, as it is now; edits of one day are one moment."""
    room.past_action.trigger()
    dialog = room.dialog
    assert isinstance(dialog, PastDialog)
    qtbot.waitUntil(lambda: len(dialog.found.ids) > STUDENTS, timeout=WAIT_MS)
    offered = dialog.when.choice
    assert offered.currentText() == "Now"
    told = [offered.itemText(n) for n in range(offered.count())]
    assert len(told) == 5
    assert told[3].startswith("After 3 edits by Ada Park, ")
    dialog.close()


def test_those_who_changed_classes_are_shown_alone(qtbot: QtBot, room: HistoryRoom):
    """Of all whom the first sync brought, those whom it put into classes."""
    chosen(qtbot, room, 1)
    changes = room.sync.changes
    everybody = len(changes.model.groups)
    changes.moved.click()
    assert 0 < len(changes.model.groups) < everybody
    assert all(group.moves for group in changes.model.groups)


def test_who_changed_classes_is_asked_by_name_and_saved_alone(
    qtbot: QtBot, window: Window, room: HistoryRoom, tmp_path: Path
):
    """An entry of the menu says so; the menu stays inside the window."""
    menu = room.more.menu()
    menu.popup(room.more.mapToGlobal(QPoint(0, room.more.height())))
    edge = window.mapToGlobal(QPoint(window.width(), 0)).x()
    assert menu.mapToGlobal(QPoint(menu.width(), 0)).x() <= edge
    menu.close()
    room.classes_action.trigger()
    dialog = room.dialog
    assert isinstance(dialog, ComparedDialog)
    qtbot.waitUntil(lambda: dialog.earlier.choice.findData(1) > 0, timeout=WAIT_MS)
    words = "Nobody here changed classes."
    dialog.earlier.choice.setCurrentIndex(dialog.earlier.choice.findData(1))
    qtbot.waitUntil(lambda: dialog.changes.instead.text() == words, timeout=WAIT_MS)
    dialog.changes.moved.click()
    qtbot.waitUntil(lambda: len(dialog.changes.model.groups) == PEOPLE, timeout=WAIT_MS)
    qtbot.keyClicks(dialog.changes.search, "newer")
    qtbot.waitUntil(lambda: len(dialog.changes.model.groups) == 1, timeout=WAIT_MS)
    dialog.changes.save_button.click()
    choose(qtbot, dialog.chooser, tmp_path / "one.csv")
    qtbot.waitUntil(lambda: "saved" in dialog.told.text(), timeout=WAIT_MS)
    saved = (tmp_path / "one.csv").read_text("utf-8-sig")
    assert len(list(csv.reader(saved.splitlines()))) == 2
    dialog.close()


def test_two_dates_are_compared_by_school_and_name(qtbot: QtBot, room: HistoryRoom):
    """What was changed twice is told once, from what it was to what it is."""
    room.compare_action.trigger()
    dialog = room.dialog
    assert isinstance(dialog, ComparedDialog)
    qtbot.waitUntil(lambda: dialog.earlier.choice.findData(1) > 0, timeout=WAIT_MS)
    dialog.earlier.choice.setCurrentIndex(dialog.earlier.choice.findData(1))
    changes = dialog.changes
    qtbot.waitUntil(lambda: len(changes.model.groups) == PEOPLE, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: changes.model.index(0, 1).data() is not None, timeout=WAIT_MS)
    told = [str(changes.model.index(row, 1).data()) for row in range(PEOPLE)]
    assert sum("→ Newer" in one for one in told) == 1
    assert all(one.startswith("Given name: ") for one in told)
    heading = dialog.schools.horizontalHeaderItem(1)
    assert heading is not None
    assert heading.text() == "People: changed"
    dialog.close()


def test_every_part_of_the_room_and_its_dialogs_has_a_name(qtbot: QtBot, room: HistoryRoom):
    """For whoever hears the screen, and the keyboard reaches them."""
    chosen(qtbot, room, 5)
    assert nameless(room) == []
    for action in (room.past_action, room.compare_action):
        action.trigger()
        assert room.dialog is not None
        assert nameless(room.dialog) == []
        room.dialog.close()


def nameless(widget: QWidget) -> list[str]:
    """The parts that are used by hand and have neither words nor a name."""
    labelled = {label.buddy() for label in widget.findChildren(QLabel)}
    return [
        f"{type(one).__name__} {one.objectName()}"
        for one in widget.findChildren(QWidget)
        if isinstance(one, QAbstractButton | QLineEdit | QComboBox | QAbstractSpinBox)
        and not isinstance(one.parent(), QAbstractSpinBox)
        and one.isVisible()
        and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and one not in labelled
        and not one.accessibleName()
        and not (isinstance(one, QAbstractButton) and one.text())
    ]


def test_the_question_names_what_is_sent_back_to_whom(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[..., Window]
):
    """Of two who were said to be one: before it is undone, by system, name and field."""
    with united(tmp_path / "data") as (_, said):
        options = Options(data_dir=tmp_path / "data")
    window = ready(qtbot, open_window(options))
    window.work.go(ToChangeSet(said))
    qtbot.waitUntil(lambda: f"#{said}" in window.work.history.sync.title.text(), timeout=WAIT_MS)
    dialog = undoing(qtbot, window.work.history, said)
    assert "Taken back at the SIS as well, by the next sync: 1 person." in dialog.does.text()
    assert "“other”, Zoe Okafor: " in dialog.does.text()
    assert "Phone: +15550100 → blank" in dialog.does.text()
    dialog.reject()
