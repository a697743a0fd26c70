"""The same? The two beside each other, and the answer."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.compose import Options
from app.engine.decisions import Decision, Take
from app.store import reads
from app.store.database import Database, Location
from app.ui.decide.newcomers import NewcomersRoom
from app.ui.decide.room import DecideRoom
from app.ui.places import ToNewcomers
from app.ui.room import Said
from app.ui.window import Window
from tests.engine.test_identity import asked
from tests.ui.stage import CLICK, WAIT_MS, ready


@pytest.fixture
def page(qtbot: QtBot, window: Window, decide: DecideRoom) -> NewcomersRoom:
    """The page, with the one pair that there is."""
    window.work.go(ToNewcomers("north", "users"))
    qtbot.waitUntil(lambda: decide.newcomers.pair is not None, timeout=WAIT_MS)
    return decide.newcomers


def cells(page: NewcomersRoom) -> dict[str, tuple[str, str]]:
    """What stands of each field, here and at the SIS."""
    model = page.sides.model()
    return {
        model.index(row, 0).data(): (model.index(row, 1).data(), model.index(row, 2).data())
        for row in range(model.rowCount())
    }


def keys(options: Options, record: int) -> set[str]:
    """What the SIS calls a record."""
    with Database(Location.of(options.folder)) as database:
        return {one.key for one in reads.record(database, "users", record).links if one.alive}


def test_the_two_stand_beside_each_other_with_what_makes_us_think_so(page: NewcomersRoom) -> None:
    """Both keys first; what differs is said in words, too, and not by a letter's weight alone."""
    shown = cells(page)
    assert shown["Key (differs)"] == ("u003", "new")
    assert shown["Given name (the same)"] == ("Ana 3", "Ana 3")
    assert "9003" in page.why.text()
    assert page.same_button.text() == "The same"


def test_the_same_person_keeps_the_record_under_the_new_key(
    qtbot: QtBot, window: Window, page: NewcomersRoom, options: Options
) -> None:
    """And the inbox is in sight, as nothing else is asked."""
    assert page.pair is not None
    record = page.pair.asked.record
    qtbot.mouseClick(page.same_button, CLICK)
    decide = window.work.decide
    qtbot.waitUntil(lambda: decide.shown is decide.inbox, timeout=WAIT_MS)
    assert keys(options, record) == {"new"}


def test_what_lasts_is_told_by_undo_and_nothing_older_is_undone_for_it(
    qtbot: QtBot, window: Window, page: NewcomersRoom, options: Options
) -> None:
    """D5: the SIS has another key now, which no undo changes."""
    assert page.pair is not None
    record = page.pair.asked.record
    window.work.people.said.emit(Said("Something else was done.", undo=1))
    qtbot.mouseClick(page.same_button, CLICK)
    notice = window.work.notice
    qtbot.waitUntil(lambda: notice.words.text().startswith("1 is the same"), timeout=WAIT_MS)
    assert not notice.undo_button.isVisible()
    window.menus.undo.trigger()
    assert notice.words.text().startswith("This cannot be undone: 1 is the same")
    assert window.undoing.can == (True, False)
    assert keys(options, record) == {"new"}


def test_different_people_are_two_records(
    qtbot: QtBot, window: Window, page: NewcomersRoom, options: Options
) -> None:
    """By keyboard: the newcomer is added, and the other one goes its ordinary way."""
    page.different_button.setFocus()
    qtbot.keyClick(page.different_button, Qt.Key.Key_Return)
    decide = window.work.decide
    qtbot.waitUntil(lambda: decide.shown is decide.inbox, timeout=WAIT_MS)
    with Database(Location.of(options.folder)) as database:
        assert reads.counts(database)["users"] == 64


@pytest.fixture
def several(qtbot: QtBot, tmp_path: Path, open_window: Callable[..., Window]) -> NewcomersRoom:
    """A page with three pairs, of another district."""
    folder = tmp_path / "several"
    with asked(folder, 3, 5, 7):
        pass
    window = ready(qtbot, open_window(Options(data_dir=folder)))
    page = window.work.decide.newcomers
    window.work.go(ToNewcomers("toy", "users"))
    qtbot.waitUntil(lambda: len(page.model.ids) == 3 and page.pair is not None, timeout=WAIT_MS)
    return page


def test_nobody_is_answered_about_who_is_not_in_sight(qtbot: QtBot, several: NewcomersRoom) -> None:
    """Between a key and its pair no button can be pressed: neither answer can be undone."""
    qtbot.waitUntil(several.same_button.isEnabled, timeout=WAIT_MS)
    several.table.setCurrentIndex(several.model.index(1, 0))
    assert not several.same_button.isEnabled()
    qtbot.waitUntil(several.same_button.isEnabled, timeout=WAIT_MS)
    assert several.pair is not None
    assert several.chosen() == [several.pair.asked.id]


def test_an_answer_that_is_refused_can_be_given_again(
    qtbot: QtBot, window: Window, page: NewcomersRoom, options: Options
) -> None:
    """The buttons come back, and it is told why."""
    with Database(Location.of(options.folder)) as database, database.writing() as tx:
        tx.run(
            "CREATE TRIGGER full BEFORE INSERT ON change_sets "
            "BEGIN SELECT RAISE(ABORT, 'no space'); END"
        )
    qtbot.mouseClick(page.same_button, CLICK)
    assert not page.same_button.isEnabled()
    qtbot.waitUntil(page.same_button.isEnabled, timeout=WAIT_MS)
    assert "reported an error" in window.work.notice.words.text()


def test_who_was_chosen_stays_so_when_another_one_goes(
    qtbot: QtBot, several: NewcomersRoom
) -> None:
    """An answer that somebody else gives moves nobody."""
    table, ids = several.table, list(several.model.ids)
    table.setCurrentIndex(several.model.index(2, 0))
    qtbot.waitUntil(several.same_button.isEnabled, timeout=WAIT_MS)
    assert several.session is not None
    other = [Decision(ids[1], Take.DIFFERENT)]
    several.session.request("resolve", other, then=lambda _found: None)
    qtbot.waitUntil(lambda: several.model.ids == [ids[0], ids[2]], timeout=WAIT_MS)
    assert several.chosen() == [ids[2]]


def test_after_an_answer_the_next_question_opens(qtbot: QtBot, several: NewcomersRoom) -> None:
    """The second click of a double click answers nothing: the buttons pause for so long."""
    ids = list(several.model.ids)
    qtbot.waitUntil(several.same_button.isEnabled, timeout=WAIT_MS)
    qtbot.mouseClick(several.same_button, CLICK)
    assert not several.same_button.isEnabled()
    qtbot.waitUntil(lambda: several.model.ids == ids[1:], timeout=WAIT_MS)
    qtbot.waitUntil(several.same_button.isEnabled, timeout=WAIT_MS)
    assert several.pair is not None
    assert several.chosen() == [several.pair.asked.id] == ids[1:2]


def test_a_question_is_answered_and_put_off_by_keys(qtbot: QtBot, several: NewcomersRoom) -> None:
    """In the list: 3 goes on and answers nothing, 2 is *not the same*."""
    ids, table = list(several.model.ids), several.table
    qtbot.waitUntil(several.same_button.isEnabled, timeout=WAIT_MS)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_3)
    qtbot.waitUntil(several.same_button.isEnabled, timeout=WAIT_MS)
    assert several.chosen() == ids[1:2]
    qtbot.keyClick(table, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: several.model.ids == [ids[0], ids[2]], timeout=WAIT_MS)
