"""What waits for approval, in the window: told, approved, refused, undone, allowed."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.compose import Options
from app.engine.allowing import laid
from app.engine.inbox import Harm, which
from app.store import reads
from app.store.database import Database, Location
from app.ui.decide.approval import ApprovalRoom
from app.ui.decide.room import DecideRoom
from app.ui.parts.dialog import Asking
from app.ui.places import ToWaiting
from app.ui.window import Window
from tests.ui.stage import CLICK, WAIT_MS

SCHOOL, HAPPENS, RECORDS, OF, WHY = range(5)
PEOPLE_NORTH = ("North", "20 people would be removed", "20", "32")


@pytest.fixture
def page(qtbot: QtBot, window: Window) -> ApprovalRoom:
    """What waits, by the button that asks for it."""
    step = window.work.headline.bar.step_button
    qtbot.waitUntil(step.isVisible, timeout=WAIT_MS)
    qtbot.mouseClick(step, CLICK)
    found = window.work.decide.approval
    qtbot.waitUntil(found.approve_button.isVisible, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: found.quiet, timeout=WAIT_MS)
    return found


def people(options: Options) -> int:
    """How many people there are."""
    with Database(Location.of(options.folder)) as database:
        return reads.counts(database)["users"]


def lines(page: ApprovalRoom) -> list[tuple[str, ...]]:
    """The first columns of the table of schools."""
    model = page.lines.model()
    return [
        tuple(model.index(row, column).data() for column in (SCHOOL, HAPPENS, RECORDS, OF))
        for row in range(model.rowCount())
    ]


def choose_north(page: ApprovalRoom) -> None:
    """The people of one school."""
    page.lines.selectRow(lines(page).index(PEOPLE_NORTH))


def question(qtbot: QtBot, page: ApprovalRoom) -> Asking:
    """What is asked once the button was pressed that takes much away."""
    qtbot.mouseClick(page.approve_button, CLICK)
    qtbot.waitUntil(lambda: page.question is not None, timeout=WAIT_MS)
    assert page.question is not None
    return page.question


def remove(qtbot: QtBot, page: ApprovalRoom) -> None:
    """Has it carried out."""
    qtbot.mouseClick(question(qtbot, page).agree, CLICK)
    page.window().activateWindow()  # as a desktop does once a dialog is closed


def notice(window: Window) -> str:
    """What the line over the rooms says."""
    return window.work.notice.words.text()


def test_what_waits_is_told_by_school_and_nothing_is_done_by_looking(
    qtbot: QtBot, page: ApprovalRoom, options: Options
) -> None:
    """How many of how many, with the reason; Enter in the table answers nothing."""
    shown = lines(page)
    assert PEOPLE_NORTH in shown
    row = shown.index(PEOPLE_NORTH)
    assert "taken as gone" in page.lines.model().index(row, WHY).data()
    assert "unless you decide before" in page.stays.text()
    assert "would lose" in page.told.text()
    page.start()
    qtbot.keyClick(page.lines, Qt.Key.Key_Return)
    assert page.approve_button.isVisible()
    assert people(options) == 63


def test_a_chosen_line_is_answered_alone(
    qtbot: QtBot, window: Window, page: ApprovalRoom, options: Options
) -> None:
    """The button says whom; approving the people of one school leaves the rest waiting."""
    choose_north(page)
    assert page.approve_button.text() == "Remove 20 people"
    assert page.refuse_button.text() == "Keep 20 people as they are"
    remove(qtbot, page)
    qtbot.waitUntil(lambda: "Removed: 20 people." in notice(window), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: PEOPLE_NORTH not in lines(page), timeout=WAIT_MS)
    assert ("South", "20 people would be removed", "20", "31") in lines(page)
    assert people(options) == 43


def test_an_approval_is_undone_by_ctrl_z(
    qtbot: QtBot, window: Window, page: ApprovalRoom, options: Options
) -> None:
    """Whoever was removed is back."""
    choose_north(page)
    remove(qtbot, page)
    qtbot.waitUntil(window.work.notice.undo_button.isVisible, timeout=WAIT_MS)
    assert people(options) == 43
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "Taken back" in notice(window), timeout=WAIT_MS)
    assert people(options) == 63


def test_chosen_records_are_answered_alone(
    qtbot: QtBot, page: ApprovalRoom, options: Options
) -> None:
    """Two of them, of whichever school; of a search all that it finds."""
    choose_north(page)
    page.table.selectRow(0)
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert page.approve_button.text() == "Remove 2 people"
    assert page.about.text() == "2 of 100 are chosen."
    qtbot.mouseClick(page.refuse_button, CLICK)
    qtbot.waitUntil(
        lambda: ("North", "18 people would be removed", "18", "32") in lines(page), timeout=WAIT_MS
    )
    assert people(options) == 63


def test_a_search_narrows_the_records(qtbot: QtBot, page: ApprovalRoom) -> None:
    """Every word has to be found; the buttons are about what is shown, until it is cleared."""
    everything = len(page.records.ids)
    qtbot.keyClicks(page.search, "ana 21")
    qtbot.waitUntil(lambda: 0 < len(page.records.ids) < everything, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: bool(page.records.index(0, 0).data()), timeout=WAIT_MS)
    assert "Ana 21" in page.records.index(0, 0).data()
    found = len(page.records.ids)
    assert page.about.text() == f"{found} of {everything} are chosen."
    qtbot.mouseClick(page.all_button, CLICK)
    qtbot.waitUntil(lambda: len(page.records.ids) == everything, timeout=WAIT_MS)
    assert page.approve_button.text() == f"Carry out {everything} changes"


def test_what_is_refused_stays_and_is_not_asked_again(
    qtbot: QtBot, window: Window, page: ApprovalRoom, options: Options
) -> None:
    """All of it at once; then the inbox is in sight, and no approval in it."""
    qtbot.mouseClick(page.refuse_button, CLICK)
    decide = window.work.decide
    qtbot.waitUntil(lambda: decide.shown is decide.inbox, timeout=WAIT_MS)
    assert "are kept here" in notice(window)
    assert people(options) == 63
    inbox = decide.inbox
    qtbot.waitUntil(inbox.asides.isVisible, timeout=WAIT_MS)
    [told] = [label.text() for label in inbox.asides.findChildren(QLabel)]
    assert told == "100 records here differ from “north”, as it was decided."
    qtbot.mouseClick(inbox.asides.findChildren(QPushButton)[0], CLICK)
    qtbot.waitUntil(lambda: window.work.room is window.work.history, timeout=WAIT_MS)


def test_an_approval_that_fails_says_why_and_can_be_tried_again(
    qtbot: QtBot, window: Window, page: ApprovalRoom, options: Options, made: Path
) -> None:
    """Without the files nothing can be looked for, so nothing goes."""
    (made / "set").rename(made / "elsewhere")
    try:
        remove(qtbot, page)
        qtbot.waitUntil(lambda: str(made / "set") in notice(window), timeout=WAIT_MS)
        qtbot.waitUntil(page.approve_button.isVisible, timeout=WAIT_MS)
    finally:
        (made / "elsewhere").rename(made / "set")
    assert people(options) == 63


def test_classes_that_would_be_empty_are_named(qtbot: QtBot, page: ApprovalRoom) -> None:
    """With the students that they have and whoever teaches them."""
    assert page.tabs.isTabVisible(1)
    told = [page.classes.model().index(0, column).data() for column in range(4)]
    assert told == ["Algebra I, period 0", "North", "10", "Ana 60 Núñez"]


def test_larger_changes_are_allowed_for_a_while(
    qtbot: QtBot, window: Window, decide: DecideRoom, options: Options
) -> None:
    """What the limit would have to let through, as long as was chosen, and it is said so."""
    logins = [row.entry.harm for row in decide.inbox.entries.rows].index(Harm.LOGIN)
    decide.inbox.list.setCurrentIndex(decide.inbox.entries.index(logins))
    qtbot.keyClick(decide.inbox.list, Qt.Key.Key_Return)
    page = decide.approval
    qtbot.waitUntil(page.allow_button.isVisible, timeout=WAIT_MS)
    qtbot.mouseClick(page.allow_button, CLICK)
    dialog = page.allowing
    assert dialog is not None
    dialog.hours.setCurrentIndex(1)
    assert dialog.allow_button.text() == "Allow for 8 hours"
    qtbot.mouseClick(dialog.allow_button, CLICK)
    qtbot.waitUntil(lambda: "allowed until" in notice(window), timeout=WAIT_MS)

    def allowed() -> bool:
        with Database(Location.of(options.folder)) as database:
            return bool(laid(database, "north").limits.allowances)

    qtbot.waitUntil(allowed, timeout=WAIT_MS)


def test_records_stand_by_person_or_by_class(qtbot: QtBot, decide: DecideRoom) -> None:
    """In that order; a person and a class are told apart."""
    title = "enrollments would be removed"
    row = next(n for n, row in enumerate(decide.inbox.entries.rows) if title in row.title)
    decide.inbox.list.setCurrentIndex(decide.inbox.entries.index(row))
    qtbot.keyClick(decide.inbox.list, Qt.Key.Key_Return)
    page = decide.approval
    qtbot.waitUntil(page.order.isVisible, timeout=WAIT_MS)

    def shown() -> list[str]:
        return [page.records.index(row, 0).data() or "" for row in range(5)]

    qtbot.waitUntil(lambda: all(" · " in one for one in shown()), timeout=WAIT_MS)
    assert shown() == sorted(shown())
    assert shown()[0].startswith("Ana ")
    page.order.setCurrentIndex(1)
    qtbot.waitUntil(lambda: all(not one.startswith("Ana ") for one in shown()), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: all(" · Ana " in one for one in shown()), timeout=WAIT_MS)
    assert shown() == sorted(shown())


def test_the_sentence_knows_of_as_many_empty_classes_as_the_list(page: ApprovalRoom) -> None:
    """Whatever a limit told of."""
    assert page.classes.rowCount() == 1
    assert page.told.text().startswith("1 class would be left without students.")


def test_once_what_was_chosen_is_answered_the_buttons_do_not_mean_the_rest(
    qtbot: QtBot, window: Window, page: ApprovalRoom
) -> None:
    """A second click carries out nothing that nobody chose."""
    choose_north(page)
    qtbot.mouseClick(page.refuse_button, CLICK)
    qtbot.waitUntil(lambda: "are kept here" in notice(window), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: PEOPLE_NORTH not in lines(page), timeout=WAIT_MS)
    assert not page.refuse_button.isEnabled()
    assert not page.approve_button.isEnabled()
    page.lines.selectRow(0)
    assert page.approve_button.isEnabled()
    page.choose_nothing()
    assert page.approve_button.isEnabled()


def test_a_refusal_taken_back_says_when_it_is_asked_again(
    qtbot: QtBot, window: Window, page: ApprovalRoom
) -> None:
    """Nothing waits before the SIS was heard once more; the focus stays in the room."""
    page.refuse_button.setFocus()
    qtbot.keyClick(page.refuse_button, Qt.Key.Key_Space)
    decide = window.work.decide
    qtbot.waitUntil(lambda: decide.shown is decide.inbox, timeout=WAIT_MS)
    qtbot.waitUntil(
        lambda: decide.isAncestorOf(QApplication.focusWidget() or window), timeout=WAIT_MS
    )
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "then you are asked again" in notice(window), timeout=WAIT_MS)


def test_the_safe_answer_stands_first(page: ApprovalRoom) -> None:
    """And what takes something away is not the main one."""
    assert page.refuse_button.x() < page.approve_button.x()
    assert not page.approve_button.property("main")


def test_a_record_of_a_line_that_is_answered_leaves_not_the_whole_line(
    qtbot: QtBot, window: Window, page: ApprovalRoom, options: Options
) -> None:
    """A second click, or Enter, would answer all the rest of it otherwise."""
    choose_north(page)
    page.table.selectRow(3)
    assert page.approve_button.text() == "Remove 1 person"
    qtbot.mouseClick(page.refuse_button, CLICK)
    left = ("North", "19 people would be removed", "19", "32")
    qtbot.waitUntil(lambda: left in lines(page), timeout=WAIT_MS)
    qtbot.waitUntil(page.approve_button.isVisible, timeout=WAIT_MS)
    for one in (page.approve_button, page.refuse_button):
        assert not one.isEnabled()
        qtbot.mouseClick(one, CLICK)
    page.table.selectRow(0)
    assert page.approve_button.isEnabled()
    assert page.approve_button.text() == "Remove 1 person"
    assert people(options) == 63


def test_much_is_taken_away_only_after_a_question(
    qtbot: QtBot, page: ApprovalRoom, options: Options
) -> None:
    """An Enter too many leaves it; what is not much is carried out as it was said."""
    asked = question(qtbot, page)
    assert asked.title.text() == "Carry out 100 changes?"
    assert "40 people would be removed." in asked.words.text()
    assert "1 class would be left without students." in asked.words.text()
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.question is None, timeout=WAIT_MS)
    assert people(options) == 63
    choose_north(page)
    page.table.selectRow(0)
    qtbot.mouseClick(page.approve_button, CLICK)
    qtbot.waitUntil(lambda: people(options) == 62, timeout=WAIT_MS)


def test_a_question_about_what_waits_no_more_closes(
    qtbot: QtBot, window: Window, page: ApprovalRoom, options: Options
) -> None:
    """Some of it was refused elsewhere meanwhile."""
    choose_north(page)
    question(qtbot, page)
    _name, run, items = page._offered
    assert window.session is not None
    window.session.request("refuse", run, which(items[:1]), then=lambda _found: None)
    qtbot.waitUntil(lambda: page.question is None, timeout=WAIT_MS)
    assert "has changed meanwhile" in notice(window)
    assert people(options) == 63


def test_an_answer_is_told_of_the_connector_that_was_answered_for(
    qtbot: QtBot, window: Window, page: ApprovalRoom, made: Path
) -> None:
    """Though another page is in sight by then."""
    assert window.session is not None
    window.session.command("save_connector", "south", "oneroster-csv", {"path": str(made / "set")})
    qtbot.waitUntil(lambda: window.connectors.list.model().rowCount() > 1, timeout=WAIT_MS)
    qtbot.mouseClick(page.refuse_button, CLICK)
    window.work.go(ToWaiting("south"))
    qtbot.waitUntil(lambda: "are kept here" in notice(window), timeout=WAIT_MS)
    assert "whatever “north” says" in notice(window)


def test_another_command_that_fails_does_not_end_the_approval(
    qtbot: QtBot, window: Window, page: ApprovalRoom, options: Options
) -> None:
    """What was carried out is told, and can be taken back."""
    choose_north(page)
    asked = question(qtbot, page)
    assert window.session is not None
    window.session.command("set_paused", "nowhere", paused=True)
    qtbot.mouseClick(asked.agree, CLICK)
    qtbot.waitUntil(window.work.notice.undo_button.isVisible, timeout=WAIT_MS)
    assert "Removed: 20 people." in notice(window)
