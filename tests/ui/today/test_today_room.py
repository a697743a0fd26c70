"""The room of the day on a real district."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.store import reads
from app.ui.places import ToFound, ToRecord
from app.ui.today import schools as columns
from app.ui.window import Window
from tests.ui.stage import WAIT_MS, District, ready


@pytest.fixture
def today(qtbot: QtBot, district: District, open_window: Callable[..., Window]) -> Window:
    """The window on a synced district, in the room of the day."""
    district.sync()
    window = ready(qtbot, open_window(district.options, district.vault))
    window.work.go_to_room(0)
    qtbot.waitUntil(lambda: window.work.today.table.sorted.rowCount() > 1, timeout=WAIT_MS)
    return window


def test_the_room_tells_what_the_roster_has(today: Window, district: District):
    """The first row adds up to the roster, and the line below has every type."""
    with district.database() as database:
        counts = reads.counts(database)
    model = today.work.today.table.sorted
    assert model.index(0, columns.CLASSES).data() == f"{counts['classes']:,}"
    classes = [int(model.index(row, columns.CLASSES).data()) for row in range(model.rowCount())]
    assert sum(classes[1:]) == classes[0] > 0
    assert f"Enrollments {counts['enrollments']:,}" in today.work.today.counts.text()
    assert not today.work.today.search.isVisible()


def test_ctrl_1_leads_into_the_table_and_enter_to_the_school(qtbot: QtBot, today: Window):
    """By the keyboard alone: the room, the second row, its page; and back again."""
    table = today.work.today.table
    today.menus.rooms[0].trigger()
    assert table.hasFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    place = today.work.people.place()
    assert isinstance(place, ToRecord)
    assert place.entity == "orgs"
    today.work.back()
    assert today.work.room is today.work.today


def without_teacher(qtbot: QtBot, window: Window, district: District, count: int) -> list[int]:
    """So many classes lose their teachers, and the cell that counts them is entered."""
    taught: dict[int, list[int]] = {}
    with district.database() as database:
        ids = reads.record_ids(database, "enrollments")
        for one in reads.records(database, "enrollments", ids):
            if one.values["role"] == "teacher":
                taught.setdefault(int(one.values["class"]), []).append(one.id)
    classes = list(taught)[:count]
    assert window.session is not None
    for enrollment in [one for class_ in classes for one in taught[class_]]:
        window.session.command("end_record", "enrollments", enrollment)
    table = window.work.today.table

    def told() -> str:
        return str(table.sorted.index(0, columns.WITHOUT).data())

    qtbot.waitUntil(lambda: told() == str(count), timeout=WAIT_MS)
    table.setCurrentIndex(table.sorted.index(0, columns.WITHOUT))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    return classes


@pytest.mark.own_sis
def test_the_classes_without_a_teacher_are_listed(qtbot: QtBot, today: Window, district: District):
    """Under People & classes, narrowed to them; a chip shows and says so; one opens by Enter."""
    classes = without_teacher(qtbot, today, district, 2)
    search, people = today.work.people.search, today.work.people
    assert people.place() == ToFound(entity="classes", without="teacher")
    qtbot.waitUntil(lambda: len(search.list.records.ids) == 2, timeout=WAIT_MS)
    assert sorted(id_ for _entity, id_ in search.list.records.ids) == sorted(classes)
    (chip,) = [one for one in search.types.findChildren(QPushButton) if one.isChecked()]
    assert chip.text() == "Classes without a teacher 2"
    qtbot.waitUntil(lambda: search.list.records.row(0) is not None, timeout=WAIT_MS)
    about = str(search.list.records.index(0, 0).data(Qt.ItemDataRole.UserRole))
    assert about.startswith("no teacher · ")
    assert " students · " in about
    qtbot.keyClick(search.field, Qt.Key.Key_Return)
    qtbot.keyClick(search.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(people.place(), ToRecord), timeout=WAIT_MS)
    today.work.back()
    assert people.place() == ToFound(entity="classes", without="teacher")


def test_the_newest_day_leads_to_its_sync(qtbot: QtBot, today: Window):
    """From the picture, by the keyboard."""
    chart = today.work.today.days.chart
    qtbot.waitUntil(chart.isVisible, timeout=WAIT_MS)
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_End)
    with qtbot.waitSignal(today.work.today.go):
        qtbot.keyClick(chart, Qt.Key.Key_Return)


def test_of_many_schools_one_is_found_by_its_name(qtbot: QtBot, today: Window):
    """There is a field then; Enter leads from it into the table."""
    room = today.work.today
    assert today.session is not None
    for n in range(16):
        today.session.command("create", "orgs", {"name": f"Extra School {n}", "type": "school"})
    qtbot.waitUntil(room.search.isVisible, timeout=WAIT_MS)
    room.search.setFocus()
    qtbot.keyClicks(room.search, "school 15")
    qtbot.waitUntil(lambda: room.table.sorted.rowCount() == 2, timeout=WAIT_MS)
    qtbot.keyClick(room.search, Qt.Key.Key_Return)
    assert room.table.hasFocus()


def test_a_picture_of_one_day_gives_way_to_the_schools(qtbot: QtBot, today: Window):
    """In a low window every school is seen before it; in a high one both are."""
    room = today.work.today
    today.resize(1160, 900)
    qtbot.waitUntil(room.days.isVisible, timeout=WAIT_MS)
    today.resize(1160, 520)
    qtbot.waitUntil(lambda: not room.days.isVisible(), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: room.table.height() == room.table.sizeHint().height())
