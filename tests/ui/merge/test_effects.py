"""Label, column and effect agree: what a key takes is what stands here, is agreed, and is sent."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from app.engine.decisions import Take
from app.store import differences, reads
from app.ui.merge.sheet import Side
from tests.ui.audit import clipped
from tests.ui.audit import settle as layouts
from tests.ui.merge.stage import Merging, Open, Stage, staged
from tests.ui.stage import CLICK

COLUMNS = {"1": Side.OURS, "2": Side.SIS, "0": Side.BASE}


def settle(merging: Merging) -> None:
    """Accepts the last one."""
    merging.press(Qt.Key.Key_Return)
    merging.until(lambda: merging.room.left == 0)


@pytest.mark.parametrize("writable", [True, False])
@pytest.mark.parametrize(
    ("key", "shown", "stands"), [("1", "Ours", "Ours"), ("2", "Theirs", "Theirs"),
                                 ("0", "Given 1", "Given 1")]
)  # fmt: skip
def test_what_is_taken_is_what_was_shown(
    tmp_path: Path, open_merge: Open, key: str, shown: str, stands: str, writable: bool
) -> None:
    """The column of the key, the button, what stands here and what the SIS then has are one."""
    stage = staged(tmp_path / "data", writable=writable)
    stage.differ(("u001", {"given_name": "Ours"}, {"given_name": "Theirs"}))
    merging = open_merge(stage)
    row = merging.grid.content.rows[0]
    side = COLUMNS[key]
    assert row.cells[side].text == shown
    take = {"1": Take.OURS, "2": Take.SIS, "0": Take.BASE}[key]
    said = merging.room.panel.takes[take].accessibleName()
    sent = writable and stands != "Theirs"
    assert f"“{shown}”" in said
    assert ("is sent to toy" in said, "registrar’s list" in said) == (
        sent, not writable and stands != "Theirs",
    )  # fmt: skip
    merging.press(key)
    assert merging.grid.content.sheet.result(row) == shown
    settle(merging)
    assert stage.values("u001")["given_name"] == stands
    with stage.engine() as d:
        d.sync()
        assert stage.sis.rows["users"]["u001"]["given_name"] == (stands if sent else "Theirs")
        assert bool(stage.sis.wrote) is sent
        d.sync(full=True)
        assert differences.difference_ids(d.database) == []  # the base is what the SIS says


def test_an_own_value_is_sent_as_it_was_typed(stage: Stage, open_merge: Open) -> None:
    """Typed, it stands here, and the SIS has it after the next sync."""
    stage.differ(("u001", {"given_name": "Ours"}, {"given_name": "Theirs"}))
    merging = open_merge(stage)
    merging.press("e")
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    QTest.keyClicks(editor, "Own")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    merging.until(lambda: not merging.grid.editing and not merging.grid.content.sheet.undecided)
    settle(merging)
    assert stage.values("u001")["given_name"] == "Own"
    with stage.engine() as d:
        d.sync()
    assert stage.sis.rows["users"]["u001"]["given_name"] == "Own"


def test_an_own_value_goes_to_the_row_that_it_was_typed_in(stage: Stage, open_merge: Open) -> None:
    """Also where another row was clicked before it fitted."""
    stage.differ(
        ("u001", {"email": "ours@x.example", "given_name": "Ours"},
         {"email": "theirs@x.example", "given_name": "Theirs"}),
    )  # fmt: skip
    merging = open_merge(stage)
    names = [row.name for row in merging.grid.content.rows if row is not None]
    typed, other = names.index("email"), names.index("given_name")
    merging.grid.go(typed)
    merging.press("e")
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    editor.setText("soon")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    told = merging.room.panel.note.text()
    assert told
    where = merging.grid.visualRect(merging.grid.content.index(other, 0)).center()
    QTest.mouseClick(merging.grid.viewport(), CLICK, pos=where)
    assert merging.grid.row.name == "given_name"
    assert merging.room.panel.note.text() == told
    editor.setFocus()
    editor.setText("own@x.example")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    merging.until(lambda: not merging.grid.editing)
    rows = {row.name: row for row in merging.grid.content.rows if row is not None}
    sheet = merging.grid.content.sheet
    assert sheet.result(rows["email"]) == "own@x.example"
    assert sheet.result(rows["given_name"]) == ""


def test_fields_of_a_group_go_together(stage: Stage, open_merge: Open) -> None:
    """Both days are chosen by one key, and are what was shown."""
    stage.differ(
        ("e001", {"begin_date": "2026-09-01"}, {"end_date": "2027-05-01"}), entity="enrollments"
    )
    merging = open_merge(stage)
    first, second = merging.grid.content.sheet.asked
    assert (first.label, second.label, first.asked) == ("From", "Until", second.asked)
    merging.press("2")
    sheet = merging.grid.content.sheet
    assert [sheet.result(row) for row in sheet.asked] == ["2026-08-17", "2027-05-01"]
    settle(merging)
    stands = stage.values("e001", "enrollments")
    assert (stands["begin_date"], stands["end_date"]) == ("2026-08-17", "2027-05-01")


def test_an_own_value_in_a_group_leaves_the_others_ours(stage: Stage, open_merge: Open) -> None:
    """Only the day that was typed is another; one that is no day is not taken."""
    stage.differ(
        ("e001", {"begin_date": "2026-09-01"}, {"end_date": "2027-05-01"}), entity="enrollments"
    )
    merging = open_merge(stage)
    merging.press("e")
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    QTest.keyClicks(editor, "October")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert "a day, such as 2026-11-30" in merging.room.panel.note.text()
    editor.setText("2026-10-01")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    sheet = merging.grid.content.sheet
    shown = ["2026-10-01", "2027-06-04"]
    merging.until(lambda: [sheet.result(row) for row in sheet.asked] == shown)
    merging.until(lambda: not merging.grid.editing)
    settle(merging)
    stands = stage.values("e001", "enrollments")
    assert [stands["begin_date"], stands["end_date"]] == shown


def test_a_word_of_a_vocabulary_is_chosen_from_a_list(stage: Stage, open_merge: Open) -> None:
    """Its words are offered, and what stands here is chosen to begin with."""
    stage.differ(("e001", {"role": "teacher"}, {"role": "aide"}), entity="enrollments")
    merging = open_merge(stage)
    merging.press("e")
    editor = merging.grid.findChild(QComboBox)
    assert editor is not None
    assert editor.currentText() == "teacher"
    editor.setCurrentText("proctor")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    merging.until(lambda: not merging.grid.editing and not merging.grid.content.sheet.undecided)
    settle(merging)
    assert stage.values("e001", "enrollments")["role"] == "proctor"


def test_what_refers_to_records_is_not_typed(stage: Stage, open_merge: Open) -> None:
    """The button cannot be pressed, and the key says where it is chosen."""
    with stage.engine() as d:
        first = d.id("orgs", "o1")
    stage.differ(("u001", {"primary_org": first}, {"primary_org": "o2"}))
    merging = open_merge(stage)
    assert not merging.room.panel.takes[Take.OWN].isEnabled()
    merging.press("e")
    assert not merging.grid.editing
    assert "record's own page" in merging.room.panel.note.text()


@pytest.mark.parametrize(("key", "label", "stays"), [("1", "Keep the record", True),
                                                      ("2", "Let it end", False)])  # fmt: skip
def test_a_record_that_the_sis_has_ended(
    stage: Stage, open_merge: Open, key: str, label: str, stays: bool
) -> None:
    """It was changed here: it is kept, or let end, and the button says which."""
    with stage.engine() as d:
        d.engine.edit("users", d.id("users", "u001"), {"email": "new@home.example"}, "Ada Park")
        stage.sis.end("users", "u001")
        d.sync()
    merging = open_merge(stage)
    assert "toy has removed this record" in merging.room.panel.note.text()
    take = {"1": Take.OURS, "2": Take.SIS}[key]
    assert merging.room.panel.takes[take].title.text().endswith(label)
    assert not merging.room.panel.takes[Take.BASE].isVisible()
    merging.press(key)
    settle(merging)
    assert lives(stage, "u001") is stays


def test_a_record_that_was_ended_here(stage: Stage, open_merge: Open) -> None:
    """The SIS has changed it since: brought back, it comes with that change."""
    with stage.engine() as d:
        d.engine.end_record("users", d.id("users", "u001"), "Ada Park")
        stage.sis.change("users", "u001", email="moved@district.example")
        d.sync()
    merging = open_merge(stage)
    titles = [merging.room.panel.takes[take].title.text() for take in (Take.OURS, Take.SIS)]
    assert [words.rpartition("  ")[2] for words in titles] == ["Leave it removed", "Bring it back"]
    merging.press("2")
    settle(merging)
    assert lives(stage, "u001")
    assert stage.values("u001")["email"] == "moved@district.example"


def test_a_first_contact_has_words_of_its_own(tmp_path: Path, open_merge: Open) -> None:
    """Nobody was ever right about it: there is no base to go back to, and it is one question."""
    stage = staged(tmp_path / "data", unspoken="pronouns")
    with stage.engine() as d:
        for key in ("u001", "u002"):
            d.engine.edit("users", d.id("users", key), {"pronouns": "she"}, "Ada Park")
            stage.sis.change("users", key, pronouns="they")
        del stage.sis.fields["users"]
        d.kind.mapping = "2"
        d.sync(full=True)
    merging = open_merge(stage)
    assert "who is right to begin with?" in merging.room.panel.note.text()
    assert "who is right to begin with?" in merging.room.queue.content.index(0, 0).data()
    assert not merging.room.panel.takes[Take.BASE].isEnabled()
    merging.press("0")
    assert "Nothing was ever agreed" in merging.room.panel.note.text()
    assert merging.room.panel.actions_.same.text() == "Same for 1 more like this…"


def lives(stage: Stage, key: str) -> bool:
    """Whether a person is there."""
    with stage.engine() as d:
        return reads.record(d.database, "users", d.id("users", key)).record.alive


def test_a_message_changes_no_button(stage: Stage, open_merge: Open) -> None:
    """What a key does stays in sight, every word of it, on a laptop of 1366 x 768."""
    far = "a.very.long.name.that.goes.on.and.on@students.practice-district.example"
    stage.differ(("u001", {"email": f"mail.{far}"}, {"email": f"2.{far}"}))
    merging = open_merge(stage)
    merging.window.resize(1160, 720)
    cards = list(merging.room.panel.takes.values())
    layouts()
    before = [card.height() for card in cards]
    merging.window.work.notice.say("Something was done. " * 4)
    layouts()
    assert [card.height() for card in cards] == before
    assert all(card.effect.isVisible() for card in cards)
    assert list(clipped(merging.room.panel)) == []
