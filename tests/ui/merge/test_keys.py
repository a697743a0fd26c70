"""The keys of the merge grid, and that each is also a button that says its effect."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from app.engine.decisions import Take
from app.ui.keys import DIFFERENCES
from app.ui.merge.model import BASE
from app.ui.merge.sheet import Side
from tests.ui.merge.stage import Merging, Open, Stage, staged
from tests.ui.stage import CLICK

TWO = {"given_name": "Ours", "username": "S-100"}, {"given_name": "Theirs", "username": "s100"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """One person with two differences, and one with one."""
    stage = staged(tmp_path_factory.mktemp("keys") / "data")
    stage.differ(("u001", *TWO), ("u002", {"family_name": "Mine"}, {"family_name": "Yours"}))
    return stage


@pytest.fixture
def merging(made: Stage, tmp_path: Path, open_merge: Open) -> Merging:
    """The merge screen on a copy, at the first of the two."""
    merging = open_merge(made.copy(tmp_path / "data"))
    merging.open("Ours Family 1")
    merging.grid.go(0)
    return merging


def results(merging: Merging) -> list[str]:
    """What will stand in the rows that are asked."""
    sheet = merging.grid.content.sheet
    return [sheet.result(row) for row in sheet.asked]


@pytest.mark.parametrize(("key", "result"), [("1", "Ours"), ("2", "Theirs"), ("0", "Given 1")])
def test_a_key_takes_a_side_and_goes_on(merging: Merging, key: str, result: str) -> None:
    """1 ours, 2 the SIS's, 0 what was last agreed; then the next undecided field is chosen."""
    merging.press(key)
    assert results(merging) == [result, ""]
    assert merging.grid.row.name == "username"


def test_the_letters_go_from_field_to_field(merging: Merging) -> None:
    """J to the next, K to the one before, and no further than there are any."""
    names = []
    for key in "jjkkk":
        merging.press(key)
        names.append(merging.grid.row.name if merging.grid.row else "fold")
    assert names == ["username", "username", "given_name", "given_name", "given_name"]


@pytest.mark.parametrize("down", ["j", Qt.Key.Key_Down])
def test_fields_that_agree_are_gone_through_only_where_they_are_shown(
    merging: Merging, down: str | Qt.Key
) -> None:
    """Otherwise nothing leads away from what is asked."""
    merging.press(down, down, down)
    assert merging.grid.row.name == "username"
    merging.press("f", down, down)
    assert merging.grid.row is not None
    assert merging.grid.row.asked is None


def test_n_and_p_go_from_record_to_record(merging: Merging) -> None:
    """Nothing is decided by that, and what was chosen is still chosen when one comes back."""
    merging.press("1", "n")
    merging.until(lambda: merging.room.panel.record.text() == "Given 2 Mine")
    merging.press("p")
    merging.until(lambda: merging.room.panel.record.text() == "Ours Family 1")
    assert results(merging) == ["Ours", ""]


def test_enter_does_nothing_while_something_is_undecided(merging: Merging) -> None:
    """It says so, and goes to what is undecided."""
    merging.press("j", "2")
    merging.press(Qt.Key.Key_Return)
    assert "first" in merging.room.panel.note.text()
    assert merging.grid.row.name == "given_name"
    assert merging.room.left == 3
    assert not merging.window.work.notice.isVisible()


def test_enter_accepts_and_shows_the_next(merging: Merging) -> None:
    """Two keys a field, one for the record; the message tells what is left and offers undo."""
    merging.press("1", "2")
    merging.accept()
    assert merging.room.panel.record.text() == "Given 2 Mine"
    assert merging.room.left == 1
    assert merging.room.panel.progress.text() == "2 settled · 1 left"
    assert merging.window.work.notice.undo_button.isVisible()


def test_no_key_is_meant_for_a_record_that_is_not_shown_yet(merging: Merging) -> None:
    """Pressed faster than the next record is read, nothing is chosen for the one before."""
    merging.press("n", "2", Qt.Key.Key_Return)
    merging.until(lambda: merging.room.panel.record.text() == "Given 2 Mine")
    assert results(merging) == [""]
    merging.press("p")
    merging.until(lambda: merging.room.panel.record.text() == "Ours Family 1")
    assert results(merging) == ["", ""]


def test_undo_brings_the_record_back(merging: Merging) -> None:
    """Ctrl+Z undoes the decisions in the database, and the record is shown again."""
    merging.press("1", "2")
    merging.accept()
    QTest.keyClick(merging.grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    merging.until(lambda: merging.room.left == 3)
    merging.until(lambda: merging.room.panel.record.text() == "Ours Family 1")
    assert "settled" not in merging.room.panel.progress.text()


def test_when_all_is_settled_the_room_says_so(merging: Merging) -> None:
    """With how many, and how to take the last back."""
    merging.press("1", "2")
    merging.accept()
    merging.press("1")
    merging.press(Qt.Key.Key_Return)
    merging.until(lambda: merging.room.finished.isVisible())
    merging.until(lambda: merging.room.finished.title.text() == "All settled.")
    assert "You settled 3 differences" in merging.room.finished.words.text()
    assert merging.room.finished.on_button.text() == "See them under History"
    merging.qtbot.mouseClick(merging.room.finished.on_button, CLICK)
    merging.until(lambda: merging.window.work.room is merging.window.work.history)


def test_l_shows_what_was_last_agreed(merging: Merging) -> None:
    """Its heading tells the day; pressed again, it goes."""
    assert merging.grid.isColumnHidden(BASE)
    merging.press("l")
    assert not merging.grid.isColumnHidden(BASE)
    assert merging.grid.content.heading(Side.BASE) == "Last agreed (7 Sep)"
    merging.press("l")
    assert merging.grid.isColumnHidden(BASE)


def test_f_unfolds_the_fields_that_agree(merging: Merging) -> None:
    """They are one line until then; Enter on that line unfolds them as well."""
    rows = merging.grid.content.rowCount()
    merging.press("f")
    assert merging.grid.content.rowCount() > rows
    merging.press("j", "j", Qt.Key.Key_Return)
    assert merging.grid.content.rowCount() == rows


def test_backspace_takes_a_choice_back(merging: Merging) -> None:
    """It is undecided again."""
    merging.press("1", "k", Qt.Key.Key_Backspace)
    assert results(merging) == ["", ""]


def test_e_takes_a_value_of_one_s_own_in_its_normal_form(merging: Merging) -> None:
    """It is typed where it will stand."""
    merging.press("e")
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    assert editor.text() == "Ours"
    QTest.keyClicks(editor, "  Our Own ")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    merging.until(lambda: results(merging) == ["Our Own", ""])


def test_a_value_that_does_not_fit_stays_to_be_mended(merging: Merging) -> None:
    """What is wrong is said in place, and nothing that was typed is lost."""
    merging.press("e")
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    editor.clear()
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert "Given name" in merging.room.panel.note.text()
    assert editor.isVisible()
    assert results(merging) == ["", ""]
    QTest.keyClicks(editor, "Given")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    merging.until(lambda: results(merging) == ["Given", ""])
    merging.until(lambda: not merging.room.panel.note.isVisible())


def test_letters_are_heard_in_the_grid_alone(merging: Merging) -> None:
    """With the focus elsewhere they decide nothing."""
    merging.room.queue.list.setFocus()
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_E):
        QTest.keyClick(merging.room.queue.list, key)
    assert results(merging) == ["", ""]


def test_every_key_can_be_changed(merging: Merging) -> None:
    """It is bound like any other; the button tells the new one."""
    keys = merging.window.keys
    names = {one.name for one in keys.all() if one.where == DIFFERENCES}
    assert {"take_ours", "take_sis", "take_base", "take_own", "accept", "same_for_all"} <= names
    keys.set("take_ours", [QKeySequence("Q")])
    merging.press("1")
    assert results(merging) == ["", ""]
    merging.press("q")
    assert results(merging) == ["Ours", ""]
    assert "(Q)" in merging.room.panel.takes[Take.OURS].toolTip()


def test_a_click_on_a_value_takes_it(merging: Merging) -> None:
    """On the value itself, in its column."""
    grid = merging.grid
    place = grid.visualRect(grid.content.index(0, 2)).center()
    QTest.mouseClick(grid.viewport(), CLICK, pos=place)
    assert results(merging) == ["Theirs", ""]


def test_a_button_does_what_its_key_does(merging: Merging) -> None:
    """And says what that is, with the value and where it goes."""
    buttons = merging.room.panel.takes
    assert buttons[Take.OURS].accessibleName() == "Keep ours and send: “Ours” is sent to toy"
    assert buttons[Take.SIS].accessibleName() == "Take toy's: “Theirs” comes in here"
    assert buttons[Take.BASE].accessibleName() == "Back to last agreed: “Given 1” is sent to toy"
    QTest.mouseClick(buttons[Take.SIS], CLICK)
    assert results(merging) == ["Theirs", ""]
    assert merging.grid.hasFocus()


def test_what_is_chosen_is_seen_on_its_button(merging: Merging) -> None:
    """The button of the choice is down when its row is chosen."""
    merging.press("2", "k")
    down = [take for take, button in merging.room.panel.takes.items() if button.isChecked()]
    assert down == [Take.SIS]


def test_hints_of_the_keys_can_be_hidden_for_good(merging: Merging) -> None:
    """It is remembered with the window."""
    merging.window.resize(1280, 900)
    merging.until(merging.room.panel.keys_line.isVisible)
    merging.press("h")
    assert not merging.room.panel.keys_line.isVisible()
    merging.press("h")
    assert merging.room.panel.keys_line.isVisible()


def test_all_is_reached_by_tab(merging: Merging) -> None:
    """From the queue over the grid to the button that accepts."""
    merging.room.queue.list.setFocus()
    seen = set()
    for _ in range(20):
        QTest.keyClick(merging.window.focusWidget(), Qt.Key.Key_Tab)
        focus = merging.window.focusWidget()
        seen.add(focus.accessibleName() if isinstance(focus, QPushButton) else type(focus).__name__)
    assert {"Grid", "Accept and next", "Next record; nothing is decided"} <= seen
