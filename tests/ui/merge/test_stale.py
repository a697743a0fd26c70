"""What changed since it was opened is never overwritten, and what was chosen stays where it can."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from app.ui.merge.sheet import Side
from tests.ui.merge.stage import Merging, Open, Stage

BOTH = ({"given_name": "Ours", "username": "S-100"}, {"given_name": "Theirs", "username": "s100"})


def says_something_else(stage: Stage, merging: Merging, **values: str) -> None:
    """The SIS changes, a sync in another process finds it, and the window notices."""
    with stage.engine() as d:
        stage.sis.change("users", "u001", **values)
        d.sync()
    merging.until(lambda: bool(merging.grid.content.sheet.moved))


def test_a_choice_of_what_has_moved_falls(stage: Stage, open_merge: Open) -> None:
    """Whoever took the SIS's value took that value, not the next one; it is told in place."""
    stage.differ(("u001", *BOTH))
    merging = open_merge(stage)
    merging.press("2", "2")
    says_something_else(stage, merging, given_name="Newer")
    sheet = merging.grid.content.sheet
    assert [sheet.result(row) for row in sheet.asked] == ["", "s100"]
    merging.grid.go(0)
    assert merging.room.panel.note.text() == "toy has said something else since: Newer"
    merging.press(Qt.Key.Key_Return)
    assert merging.room.left == 2  # nothing was carried out


def test_a_choice_of_the_other_side_stays(stage: Stage, open_merge: Open) -> None:
    """Ours is ours, whatever the SIS says meanwhile; accepted, it is carried out."""
    stage.differ(("u001", *BOTH))
    merging = open_merge(stage)
    merging.press("1", "1")
    says_something_else(stage, merging, given_name="Newer")
    sheet = merging.grid.content.sheet
    assert [sheet.result(row) for row in sheet.asked] == ["Ours", "S-100"]
    merging.press(Qt.Key.Key_Return)
    merging.until(lambda: merging.room.left == 0)
    assert stage.values("u001")["given_name"] == "Ours"


def test_what_moved_unnoticed_is_left_out(stage: Stage, open_merge: Open) -> None:
    """Accepted before the window has noticed, nothing is overwritten, and it is told."""
    stage.differ(("u001", {"given_name": "Ours"}, {"given_name": "Theirs"}))
    merging = open_merge(stage)
    merging.press("2")
    session = merging.window.session
    assert session is not None
    session.wrote.disconnect(merging.room.look_soon)  # as if it had not looked yet
    with stage.engine() as d:
        stage.sis.change("users", "u001", given_name="Newer")
        d.sync()
    merging.press(Qt.Key.Key_Return)
    merging.until(lambda: "left out" in merging.room.panel.note.text())
    merging.until(lambda: bool(merging.grid.content.sheet.moved))
    assert stage.values("u001")["given_name"] == "Ours"
    assert merging.grid.content.rows[0].cells[Side.SIS].text == "Newer"
    session.wrote.connect(merging.room.look_soon)


def test_what_was_settled_elsewhere_leaves_the_queue(stage: Stage, open_merge: Open) -> None:
    """The next one is shown."""
    stage.differ(
        ("u001", {"given_name": "Ours"}, {"given_name": "Theirs"}),
        ("u002", {"given_name": "Mine"}, {"given_name": "Yours"}),
    )
    merging = open_merge(stage)
    assert merging.room.panel.record.text() == "Ours Family 1"
    with stage.engine() as d:
        stage.sis.change("users", "u001", given_name="Ours")
        d.sync()
    merging.until(lambda: merging.room.panel.record.text() == "Mine Family 2")
    assert merging.room.left == 1


def test_what_is_typed_meanwhile_is_not_lost_without_a_word(stage: Stage, open_merge: Open) -> None:
    """It stays in its editor until that is left, and is told then; the keys stay in the grid."""
    stage.differ(
        ("u001", {"given_name": "Ours"}, {"given_name": "Theirs"}),
        ("u002", {"given_name": "Mine"}, {"given_name": "Yours"}),
    )
    merging = open_merge(stage)
    merging.press("e")
    editor = merging.grid.findChild(QLineEdit)
    editor.setText("Long considered")
    with stage.engine() as d:
        stage.sis.change("users", "u001", given_name="Ours")
        d.sync()
    merging.until(lambda: merging.room.panel.note.text().startswith("This was settled elsewhere"))
    QTest.keyClick(editor, Qt.Key.Key_Return)
    merging.until(lambda: merging.room.panel.record.text() == "Mine Family 2")
    assert "What you typed is not taken: Long considered" in merging.said()
    assert merging.grid.hasFocus()
