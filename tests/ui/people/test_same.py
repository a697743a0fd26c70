"""A person says of two records that they are one: found, seen side by side, made one, undone."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.compose import Options
from app.store import reads
from app.store.database import Database, Location
from app.ui.people.room import PeopleRoom
from app.ui.people.same import SameDialog
from app.ui.places import ToRecord
from app.ui.window import Window
from tests.engine.test_matching import both, person, town
from tests.ui import audit
from tests.ui.stage import CLICK, WAIT_MS, ready

Open = Callable[[str, int], SameDialog]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Options:
    """Two SIS; one knows a Robert, the other a Bob, and nothing says that they are one.

    So with a class that has another name and code in each.
    """
    toy, other = town("a"), town("b")
    person(toy, "a-rob", given_name="Robert", family_name="Okafor", identifier="R1")
    person(other, "b-rob", given_name="Bob", family_name="Okafor-Diaz", identifier="R9")
    toy.put("enrollments", "a-er", user="a-rob", role="student", school="a-o1",
            begin_date="2026-08-17", **{"class": "a-c0"})  # fmt: skip
    for sis, k, title in ((toy, "a", "Chess"), (other, "b", "Chess Club")):
        sis.put("classes", f"{k}-chess", title=title, class_code=f"CH-{k}", school=f"{k}-o1",
                course=f"{k}-k", terms=[f"{k}-t"])  # fmt: skip
        person(sis, f"{k}-coach", role="teacher", given_name="Coach", family_name=f"Ng{k}")
        sis.put("enrollments", f"{k}-ec", user=f"{k}-coach", role="teacher", school=f"{k}-o1",
                begin_date="2026-08-17", **{"class": f"{k}-chess"})  # fmt: skip
    folder = tmp_path_factory.mktemp("same") / "data"
    with both(folder, toy, other) as d:
        d.sync()
        d.sync("other")
    return Options(data_dir=folder)


@pytest.fixture
def options(made: Options, tmp_path: Path) -> Options:
    """A copy of it."""
    return Options(data_dir=shutil.copytree(made.folder, tmp_path / "data"))


@pytest.fixture
def room(qtbot: QtBot, open_window: Callable[..., Window], options: Options) -> PeopleRoom:
    """The room of people and classes."""
    return ready(qtbot, open_window(options)).work.people


@pytest.fixture
def open_dialog(qtbot: QtBot, room: PeopleRoom) -> Open:
    """Opens the page of a record, and from its menu the dialog."""

    def open_(entity: str, id_: int) -> SameDialog:
        window = room.window()
        assert isinstance(window, Window)
        window.work.go(ToRecord(entity, id_))
        qtbot.waitUntil(lambda: room.page.seen is not None and room.quiet, timeout=WAIT_MS)
        room.page.same_action.trigger()
        assert room.uniting is not None
        return room.uniting

    return open_


def of(options: Options, entity: str, field: str, value: str) -> int:
    """The record in which a field says that."""
    with Database(Location.of(options.folder)) as database:
        rows = reads.records(database, entity, reads.record_ids(database, entity))
    return next(row.id for row in rows if row.values[field] == value)


def choose(qtbot: QtBot, dialog: SameDialog, words: str) -> None:
    """Types, and opens the only one that is found."""
    picker = dialog.picker
    qtbot.keyClicks(picker.field, words)
    qtbot.waitUntil(lambda: picker.list.records.rowCount() == 1
                    and picker.list.records.row(0) is not None, timeout=WAIT_MS)  # fmt: skip
    with qtbot.waitSignal(dialog.settled, timeout=WAIT_MS):
        qtbot.keyClick(picker.field, Qt.Key.Key_Return)
        qtbot.keyClick(picker.list, Qt.Key.Key_Return)


def cells(dialog: SameDialog) -> dict[str, tuple[str, str]]:
    """What each of the two says of each field."""
    model = dialog.sides.model()
    return {
        model.index(row, 0).data(): (model.index(row, 1).data(), model.index(row, 2).data())
        for row in range(model.rowCount())
    }


def told_by(options: Options, entity: str, record: int) -> list[str]:
    """The SIS that tell of a record."""
    with Database(Location.of(options.folder)) as database:
        return [link.connector for link in reads.record(database, entity, record).links]


def test_two_people_are_seen_side_by_side_and_made_one(
    qtbot: QtBot, open_dialog: Open, options: Options
) -> None:
    """A3: the record has the links of both from then on."""
    bob, robert = (of(options, "users", "given_name", name) for name in ("Bob", "Robert"))
    dialog = open_dialog("users", bob)
    choose(qtbot, dialog, "robert")
    shown = cells(dialog)
    assert shown["Given name (differs)"] == ("Bob", "Robert")
    assert shown["Classes"] == ("0 enrollments", "1 enrollment")
    heads = [dialog.sides.model().headerData(n, Qt.Orientation.Horizontal) for n in (1, 2)]
    assert heads == ["other", "toy"]
    qtbot.mouseClick(dialog.join_button, CLICK)
    qtbot.waitUntil(lambda: told_by(options, "users", robert) == ["other", "toy"], timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not isValid(dialog) or not dialog.isVisible(), timeout=WAIT_MS)


def test_undo_makes_them_two_again(
    qtbot: QtBot, room: PeopleRoom, open_dialog: Open, options: Options
) -> None:
    """G2: by the button of the notice."""
    bob, robert = (of(options, "users", "given_name", name) for name in ("Bob", "Robert"))
    dialog = open_dialog("users", bob)
    choose(qtbot, dialog, "robert")
    qtbot.mouseClick(dialog.join_button, CLICK)
    window = room.window()
    assert isinstance(window, Window)
    qtbot.waitUntil(window.work.notice.undo_button.isVisible, timeout=WAIT_MS)
    qtbot.mouseClick(window.work.notice.undo_button, CLICK)
    qtbot.waitUntil(lambda: told_by(options, "users", robert) == ["toy"], timeout=WAIT_MS)


def test_whom_one_sis_tells_apart_cannot_be_made_one(
    qtbot: QtBot, open_dialog: Open, options: Options
) -> None:
    """It is said which SIS has both, and no button offers it; another one can be chosen."""
    first = of(options, "users", "given_name", "Given0")
    dialog = open_dialog("users", first)
    choose(qtbot, dialog, "given1")
    assert not dialog.join_button.isEnabled()
    assert "toy" in dialog.trouble.text()
    assert cells(dialog)["Birth date (differs)"] == ("2012-05-01", "2012-05-02")
    qtbot.mouseClick(dialog.back_button, CLICK)
    assert dialog.stack.currentWidget() is dialog.picker
    assert not dialog.join_button.isVisible()


def test_classes_stand_with_course_terms_and_teachers(
    qtbot: QtBot, open_dialog: Open, options: Options
) -> None:
    """By these a person knows whether two classes are one."""
    dialog = open_dialog("classes", of(options, "classes", "title", "Chess Club"))
    choose(qtbot, dialog, "CH-a")
    shown = cells(dialog)
    assert shown["Teachers"] == ("Coach Ngb", "Coach Nga")
    assert shown["Students"] == ("0 students", "0 students")
    told = shown["Course (the same)"]
    assert told[0] == told[1]
    assert "Algebra" in told[0]
    assert "Fall" in shown["Terms (the same)"][0]


def test_it_is_offered_for_what_people_know_by_name(
    qtbot: QtBot, room: PeopleRoom, open_dialog: Open, options: Options
) -> None:
    """Not of an enrollment, which follows its people and classes."""
    with Database(Location.of(options.folder)) as database:
        [seat, *_] = reads.record_ids(database, "enrollments")
    window = room.window()
    assert isinstance(window, Window)
    window.work.go(ToRecord("enrollments", seat))
    qtbot.waitUntil(lambda: room.page.seen is not None and room.quiet, timeout=WAIT_MS)
    assert not room.page.same_action.isVisible()


def test_the_dialog_has_no_complaint(qtbot: QtBot, open_dialog: Open, options: Options) -> None:
    """Names, room for every text, targets, contrast and the way of Tab; on both of its pages."""
    dialog = open_dialog("users", of(options, "users", "given_name", "Bob"))
    audit.settle()
    assert audit.complaints(dialog) == []
    choose(qtbot, dialog, "robert")
    audit.settle()
    assert audit.complaints(dialog) == []
