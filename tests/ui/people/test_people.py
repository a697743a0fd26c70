"""The room of people and classes: searched, opened, changed, by keys and by clicks."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QTableWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.compose import Options
from app.store import reads
from app.store.database import Database, Location
from app.ui.people.editing import EditDialog
from app.ui.people.fields import ListField, RecordField
from app.ui.people.page import RecordPage
from app.ui.people.picking import PickDialog
from app.ui.people.records import HEADING
from app.ui.people.room import PeopleRoom
from app.ui.places import ToChangeSet, ToDifferences, ToFound, ToRecord
from app.ui.window import Window
from tests.engine.sound import enrol, sound
from tests.engine.toy import ToySis
from tests.engine.toy import district as toy_district
from tests.ui.stage import CLICK, WAIT_MS, ready

KEY = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def sis() -> ToySis:
    """Two schools with a class each; a third class has nobody in it any more."""
    found = sound()
    found.put("classes", "c3", title="Chess Club", school="o2", class_code="CH-1", terms=["fall"])
    enrol(found, "e-c3", "s21", "c3", "o2", "student")
    enrol(found, "e-c3t", "t2", "c3", "o2", "teacher")
    found.change("users", "s11", given_name="Zoë", agents=[{"user": "t1", "relation": "aunt"}])
    found.writable, found.written = {"users": ("update",)}, {"users": ("phone",)}
    return found


@pytest.fixture
def ids(data_dir: Path, sis: ToySis) -> Callable[[str, str], int]:
    """The record id of a key; the district has been synced, and the chess club emptied."""
    with toy_district(data_dir, sis) as d:
        d.sync()
        d.without_limits()
        sis.vanish("enrollments", "e-c3")
        d.sync(full=True)
        sis.change("users", "s12", phone="111")
        d.engine.edit("users", d.id("users", "s12"), {"phone": "222"}, "Ada")
        d.sync()
        known = {(entity, key): d.id(entity, key) for entity, rows in sis.rows.items()
                 for key in rows}  # fmt: skip
    return lambda entity, key: known[entity, key]


@pytest.fixture
def room(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path, ids: object
) -> PeopleRoom:
    """The room in sight, its search ready, in a window on the synced district."""
    window = ready(qtbot, open_window(Options(data_dir=data_dir)))
    qtbot.keyClick(window, KEY.Key_K, CTRL)
    people = window.work.people
    settle(qtbot, people)
    assert people.search.field.hasFocus()
    return people


def settle(qtbot: QtBot, room: PeopleRoom) -> None:
    """Until all that the room asked for is shown."""
    qtbot.waitUntil(lambda: room.quiet and not room.search.typing, timeout=WAIT_MS)


def find(qtbot: QtBot, room: PeopleRoom, text: str) -> list[str]:
    """Types into the search; the lines that it finds."""
    room.search.field.selectAll()
    qtbot.keyClicks(room.search.field, text)
    settle(qtbot, room)
    model = room.search.list.records
    qtbot.waitUntil(lambda: all(model.index(n, 0).data() for n in range(model.rowCount())))
    return [str(model.index(n, 0).data()) for n in range(model.rowCount())]


def show(qtbot: QtBot, room: PeopleRoom, entity: str, id_: int) -> RecordPage:
    """The page of a record, by a place that leads there."""
    room.go.emit(ToRecord(entity, id_))
    qtbot.waitUntil(lambda: room.page.seen is not None, timeout=WAIT_MS)
    settle(qtbot, room)
    return room.page


def edit(qtbot: QtBot, room: PeopleRoom, id_: int) -> EditDialog:
    """The form of a person, opened by its button."""
    qtbot.mouseClick(show(qtbot, room, "users", id_).edit_button, CLICK)
    assert room.dialog is not None
    return room.dialog


def rows(table: QTableWidget) -> list[list[str]]:
    """What stands in a table."""
    return [
        [item.text() if (item := table.item(row, column)) else ""
         for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]  # fmt: skip


def heard(room: PeopleRoom) -> list[object]:
    """The places that the room leads to from now on."""
    found: list[object] = []
    room.go.connect(found.append)
    return found


# -- the search -------------------------------------------------------------------------------


def test_results_come_as_one_types_and_keys_open_them(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """Down goes from the field into what is found, Enter opens it, Alt+Left comes back."""
    assert find(qtbot, room, "nunez zoe") == ["Zoë Núñez"]
    led = heard(room)
    qtbot.keyClick(room.search.field, KEY.Key_Down)
    assert room.search.list.hasFocus()
    qtbot.keyClick(room.search.list, KEY.Key_Return)
    assert led == [ToRecord("users", ids("users", "s11"))]
    qtbot.waitUntil(lambda: room.page.title.text() == "Zoë Núñez", timeout=WAIT_MS)
    qtbot.keyClick(room.window(), KEY.Key_Left, Qt.KeyboardModifier.AltModifier)
    settle(qtbot, room)
    assert room.search.isVisible()
    assert room.search.field.text() == "nunez zoe"


def test_enter_in_the_field_opens_the_likeliest(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """Also before what was typed has been looked for."""
    led = heard(room)
    qtbot.keyClicks(room.search.field, "ch-1")
    qtbot.keyClick(room.search.field, KEY.Key_Return)
    qtbot.waitUntil(lambda: bool(led), timeout=WAIT_MS)
    assert led == [ToRecord("classes", ids("classes", "c3"))]


def test_what_is_found_is_grouped_and_narrowed(qtbot: QtBot, room: PeopleRoom) -> None:
    """Headings with counts, which keys pass over; a chip shows one type alone, or a school."""
    lines = find(qtbot, room, "s")
    assert lines[0] == "People: 3"
    search = room.search
    assert search.list.records.ids[0][1] == HEADING
    qtbot.keyClick(search.field, KEY.Key_Down)
    assert search.list.currentIndex().row() == 1
    qtbot.mouseClick(search.types.button("orgs"), CLICK)
    settle(qtbot, room)
    assert {entity for entity, _ in search.list.records.ids} == {"orgs"}
    qtbot.mouseClick(search.types.button(None), CLICK)
    search.school.setCurrentIndex(search.school.findText("School 1"))
    settle(qtbot, room)
    assert search.types.button("users").text() == "People 1"


def test_ended_ones_are_found_where_they_are_asked_for(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """And are told apart in words."""
    page = show(qtbot, room, "users", ids("users", "s22"))
    page.end_action.trigger()
    qtbot.waitUntil(page.restore_button.isVisible, timeout=WAIT_MS)
    qtbot.keyClick(room.window(), KEY.Key_K, CTRL)
    assert find(qtbot, room, "s22") == []
    assert "ended" in room.search.empty.text()
    qtbot.mouseClick(room.search.ended, CLICK, pos=QPoint(8, room.search.ended.height() // 2))
    settle(qtbot, room)
    model = room.search.list.records
    assert model.rowCount() == 1
    qtbot.waitUntil(lambda: model.row(0) is not None, timeout=WAIT_MS)
    spoken = model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert str(spoken).startswith("S22 Núñez, Ended")


def test_what_was_looked_at_last_is_offered_first(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """As long as nothing is asked; the newest first."""
    assert "Type a part of a name" in room.search.empty.text()
    show(qtbot, room, "users", ids("users", "s11"))
    show(qtbot, room, "classes", ids("classes", "c3"))
    qtbot.keyClick(room.window(), KEY.Key_K, CTRL)
    settle(qtbot, room)
    assert room.search.list.records.ids == [
        ("classes", ids("classes", "c3")), ("users", ids("users", "s11")),
    ]  # fmt: skip


# -- a record ---------------------------------------------------------------------------------


def test_the_page_says_whose_word_each_value_is(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """And what the SIS says instead, where it differs."""
    page = show(qtbot, room, "users", ids("users", "s12"))
    told = {row[0]: row for row in rows(page.details.table)}
    assert told["Phone"][1] == "222"
    assert "Ada" in told["Phone"][2]
    assert "111" in told["Phone"][2]
    assert "toy, sync #" in told["Given name"][2]
    assert page.tags.isVisible()
    assert any("Phone: blank → 222" in row[1] for row in rows(page.timeline.table))


def test_links_lead_to_what_is_meant(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """A value to its record, a line of time to its change set, a difference to the merge screen."""
    page = show(qtbot, room, "users", ids("users", "s12"))
    led = heard(room)
    page.timeline.table.activated.emit(page.timeline.table.model().index(0, 0))
    assert isinstance(led.pop(), ToChangeSet)
    page.at_sis.links.activated.emit(page.at_sis.links.model().index(0, 0))
    place = led.pop()
    assert isinstance(place, ToDifferences)
    assert len(place.ids) == 1
    page = show(qtbot, room, "enrollments", ids("enrollments", "e-s11"))
    led = heard(room)
    table = page.details.table
    at = next(n for n, row in enumerate(rows(table)) if row[0] == "Class")
    table.setCurrentCell(at, 0)
    table.setFocus()
    qtbot.keyClick(table, KEY.Key_Return)
    assert ToRecord("classes", ids("classes", "c1")) in led


def test_who_has_to_do_with_a_record_is_listed_by_type(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """Counts first; a chip shows those of its type, and Enter opens one."""
    page = show(qtbot, room, "users", ids("users", "s11"))
    page.tabs.setCurrentWidget(page.relatives)
    assert page.relatives.types.button("users").text() == "People 1"
    qtbot.mouseClick(page.relatives.types.button("enrollments"), CLICK)
    settle(qtbot, room)
    listed = page.relatives.list
    assert listed.records.ids == [("enrollments", ids("enrollments", "e-s11"))]
    led = heard(room)
    listed.enter()
    qtbot.keyClick(listed, KEY.Key_Return)
    assert led[0] == ToRecord("enrollments", ids("enrollments", "e-s11"))


def test_a_record_ends_comes_back_and_is_protected_and_each_is_undone(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """By the menu of the page, and by Ctrl+Z."""
    page = show(qtbot, room, "users", ids("users", "s11"))
    window = room.window()
    page.end_action.trigger()
    qtbot.waitUntil(page.restore_button.isVisible, timeout=WAIT_MS)
    qtbot.mouseClick(page.restore_button, CLICK)
    qtbot.waitUntil(page.edit_button.isVisible, timeout=WAIT_MS)
    qtbot.keyClick(window, KEY.Key_Z, CTRL)
    qtbot.waitUntil(page.restore_button.isVisible, timeout=WAIT_MS)
    qtbot.keyClick(window, KEY.Key_Z, CTRL)
    qtbot.waitUntil(page.edit_button.isVisible, timeout=WAIT_MS)
    page.protect_action.trigger()
    qtbot.waitUntil(page.unprotect_action.isVisible, timeout=WAIT_MS)
    qtbot.keyClick(window, KEY.Key_Z, CTRL)
    qtbot.waitUntil(page.protect_action.isVisible, timeout=WAIT_MS)


def test_a_menu_that_stands_open_does_nothing_to_another_record(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """What it was opened for has gone, and the other one has not been read yet."""
    page = show(qtbot, room, "users", ids("users", "s11"))
    room.show_place(ToRecord("users", ids("users", "s12")))
    with qtbot.assertNotEmitted(room.said, wait=300):
        page.end_action.trigger()
    assert page.edit_button.isVisible()


# -- changing one -----------------------------------------------------------------------------


def test_only_changed_fields_are_changed_and_their_fate_is_told(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int], data_dir: Path
) -> None:
    """What goes to the SIS, what stays a local correction; nothing before the button is pressed."""
    id_ = ids("users", "s11")
    dialog = edit(qtbot, room, id_)
    assert not dialog.save_button.isEnabled()
    for name, text in (("phone", "555 0100"), ("middle_name", "Q")):
        editor = dialog.fields[name].editor
        assert isinstance(editor, QLineEdit)
        qtbot.keyClicks(editor, text)
    assert dialog.save_button.text() == "Change 2 fields"
    told = dialog.effect.text()
    assert "“toy” is told with the next sync: Phone." in told
    assert "“toy” does not take changes of this: Middle name." in told
    qtbot.mouseClick(dialog.save_button, CLICK)
    table = room.page.details.table
    qtbot.waitUntil(lambda: ["Phone", "5550100"] in [row[:2] for row in rows(table)],
                    timeout=WAIT_MS)  # fmt: skip
    with Database(Location.of(data_dir)) as database:
        newest = reads.record(database, "users", id_).changes[0]
    assert dict(newest.after) == {"phone": "5550100", "middle_name": "Q"}


def test_what_cannot_be_is_said_at_its_field(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """With what it should look like; the dialog stays, with all that was typed."""
    dialog = edit(qtbot, room, ids("users", "s11"))
    for name, text in (("email", "nobody"), ("given_name", "")):
        editor = dialog.fields[name].editor
        assert isinstance(editor, QLineEdit)
        editor.selectAll()
        qtbot.keyClick(editor, KEY.Key_Delete)
        qtbot.keyClicks(editor, text)
    qtbot.mouseClick(dialog.save_button, CLICK)
    assert dialog.isVisible()
    assert "zoe@district.example" in dialog.fields["email"].under.text()
    assert dialog.fields["given_name"].under.text() == "This cannot be blank."
    assert dialog.focusWidget() is dialog.fields["given_name"].editor
    qtbot.keyClick(dialog, KEY.Key_Escape)


def test_the_error_of_another_command_is_not_taken_for_that_of_the_form(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """It says what became of its own change, whatever else fails in that moment."""
    dialog = edit(qtbot, room, ids("users", "s11"))
    editor = dialog.fields["phone"].editor
    assert isinstance(editor, QLineEdit)
    qtbot.keyClicks(editor, "555 0100")
    told, session = dialog.effect.text(), room.session
    assert session is not None
    with qtbot.waitSignal(session.refused, timeout=WAIT_MS):
        session.command("set_paused", "nobody", True)
        qtbot.mouseClick(dialog.save_button, CLICK)
    assert dialog.effect.text() == told
    assert not dialog.save_button.isEnabled()
    qtbot.waitUntil(lambda: not isValid(dialog) or not dialog.isVisible(), timeout=WAIT_MS)


def test_lists_and_references_are_edited_by_choosing(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int], data_dir: Path
) -> None:
    """An element more, whose person is found by the same search; one out."""
    id_ = ids("users", "s11")
    dialog = edit(qtbot, room, id_)
    agents = dialog.fields["agents"]
    assert isinstance(agents, ListField)
    qtbot.mouseClick(agents.add, CLICK)
    person = agents.rows[-1][0]
    assert isinstance(person, RecordField)
    qtbot.mouseClick(person.editor, CLICK)
    picker = QApplication.activeModalWidget()
    assert isinstance(picker, PickDialog)
    qtbot.keyClicks(picker.field, "t2")
    qtbot.waitUntil(lambda: picker.list.records.rowCount() == 1
                    and picker.list.records.row(0) is not None, timeout=WAIT_MS)  # fmt: skip
    qtbot.keyClick(picker.field, KEY.Key_Return)
    qtbot.keyClick(picker.list, KEY.Key_Return)
    qtbot.waitUntil(lambda: person.name.text() == "T2 Núñez", timeout=WAIT_MS)
    assert dialog.save_button.text() == "Change 1 field"
    qtbot.mouseClick(dialog.save_button, CLICK)
    qtbot.waitUntil(lambda: not isValid(dialog) or not dialog.isVisible(), timeout=WAIT_MS)
    with Database(Location.of(data_dir)) as database:
        values = reads.record(database, "users", id_).record.values
    assert {agent[0] for agent in values["agents"]} == {ids("users", "t1"), ids("users", "t2")}


# -- a class ----------------------------------------------------------------------------------


def test_a_class_says_why_it_is_empty(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """In one sentence that leads to the sync in which it happened; ended ones on demand."""
    page = show(qtbot, room, "classes", ids("classes", "c3"))
    said = page.verdict_words.text()
    assert said.startswith("Empty because its 1 enrollment ended in sync #")
    led = heard(room)
    qtbot.mouseClick(page.lead_button, CLICK)
    assert isinstance(led[0], ToChangeSet)
    assert f"#{led[0].id} " in said
    room.go.emit(ToRecord("classes", ids("classes", "c3")))
    qtbot.waitUntil(lambda: page.seen is not None and bool(rows(page.roll.table)), timeout=WAIT_MS)
    assert [row[0] for row in rows(page.roll.table)] == ["T2 Núñez"]
    page.roll.ended.setChecked(True)
    assert [row[0] for row in rows(page.roll.table)] == ["T2 Núñez", "S21 Núñez"]
    assert rows(page.roll.table)[1][2].startswith("ended: toy, sync #")


def test_a_field_is_edited_from_its_line(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """Enter on a line that leads nowhere else opens the form there."""
    page = show(qtbot, room, "users", ids("users", "s11"))
    page.tabs.setCurrentWidget(page.details)
    table = page.details.table
    line = next(n for n, row in enumerate(rows(table)) if row[0] == "Username")
    table.setCurrentCell(line, 0)
    table.setFocus()
    qtbot.keyClick(table, KEY.Key_Return)
    assert room.dialog is not None
    editor = room.dialog.fields["username"].editor
    qtbot.waitUntil(editor.hasFocus, timeout=WAIT_MS)
    assert not editor.visibleRegion().isEmpty()


def test_a_record_leads_back_to_where_one_came_from(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """By a button of its page: to the record before."""
    window = room.window()
    assert isinstance(window, Window)
    first, second = (ToRecord("users", ids("users", key)) for key in ("s11", "s21"))
    window.work.go(first)
    window.work.go(second)
    page = room.page
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.asked == second, timeout=WAIT_MS)
    qtbot.mouseClick(page.back_button, CLICK)
    assert room.place() == first


def test_a_record_that_is_gone_says_so(qtbot: QtBot, room: PeopleRoom) -> None:
    """Nothing else is shown, and the search is a click away."""
    page = show(qtbot, room, "users", 999_999)
    assert page.missing.isVisible()
    assert not page.tabs.isVisible()
    led = heard(room)
    qtbot.mouseClick(page.search_button, CLICK)
    assert isinstance(led[0], ToFound)


def test_everything_has_a_name_to_be_spoken(
    qtbot: QtBot, room: PeopleRoom, ids: Callable[[str, str], int]
) -> None:
    """Fields, lists, tables and buttons, on the search and on the page of a class."""
    show(qtbot, room, "classes", ids("classes", "c3"))
    search, page = room.search, room.page
    for widget in (
        search.field, search.school, search.list, search.types, page.tabs, page.details.table,
        page.roll.table, page.timeline.table, page.at_sis.links, page.at_sis.table,
        page.relatives.list, page.bar,
    ):  # fmt: skip
        assert widget.accessibleName()


def test_escape_in_the_search_empties_it(qtbot: QtBot, room: PeopleRoom) -> None:
    """Then it offers what it did to begin with."""
    find(qtbot, room, "zoe")
    qtbot.keyClick(room.search.field, KEY.Key_Escape)
    settle(qtbot, room)
    assert room.search.field.text() == ""
    assert room.search.empty.isVisible()
