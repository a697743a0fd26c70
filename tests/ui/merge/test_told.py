"""What is told of a value: where it comes from, where it differs; all of it is spoken as well."""

from PySide6.QtCore import Qt

from app.engine.decisions import Decision, Take
from app.store.differences import difference_ids
from app.ui.merge.model import FIELD, RESULT
from app.ui.merge.paint import PIECES
from app.ui.merge.sheet import Side
from tests.ui.merge.stage import Merging, Open, Stage

SPOKEN = Qt.ItemDataRole.AccessibleTextRole
OURS, SIS = 1, 2


def spoken(merging: Merging, row: int, column: int) -> str:
    """What a screen reader says of a cell."""
    return str(merging.grid.content.index(row, column).data(SPOKEN))


def test_who_said_so_when_stands_under_every_value(stage: Stage, open_merge: Open) -> None:
    """Ours has the person, the SIS's its sync, the base the sync that agreed on it."""
    stage.differ(("u001", {"username": "S-100"}, {"username": "s100"}))
    (one,) = stage.open_differences()
    merging = open_merge(stage)
    cells = merging.grid.content.rows[0].cells
    assert cells[Side.OURS].whence.startswith("Ada Park, ")
    assert cells[Side.SIS].whence.startswith(f"toy, sync #{one.sis_run}, ")
    assert cells[Side.BASE].whence.startswith("toy, sync #1, ")


def test_after_a_decision_for_ours_the_base_is_what_it_threw_away(
    stage: Stage, open_merge: Open
) -> None:
    """Who threw it away, and when, is where it comes from."""
    stage.differ(("u001", {"given_name": "Ours"}, {"given_name": "Theirs"}))
    stage.sis.writable.clear()
    with stage.engine() as d:
        d.sync()
        d.engine.resolve([Decision(difference_ids(d.database)[0], Take.OURS)], "Bo Chen")
        stage.sis.change("users", "u001", given_name="Newer")
        d.sync()
    merging = open_merge(stage)
    base = merging.grid.content.rows[0].cells[Side.BASE]
    assert (base.text, base.whence.partition(",")[0]) == ("Theirs", "Bo Chen")


def test_a_row_is_spoken_as_a_whole(stage: Stage, open_merge: Open) -> None:
    """Both values, where they differ, and that it is undecided."""
    stage.differ(("u001", {"username": "555-0100"}, {"username": "5550100"}))
    merging = open_merge(stage)
    said = spoken(merging, 0, FIELD)
    assert said.startswith("Username; Ours: 555-0100, differs in: “-”, Ada Park, ")
    assert "; toy: 5550100, toy, sync #" in said
    assert said.endswith("; Result: undecided, choose")


def test_a_choice_is_spoken(stage: Stage, open_merge: Open) -> None:
    """What will stand here, and that it was chosen."""
    stage.differ(("u001", {"username": "555-0100"}, {"username": "5550100"}))
    merging = open_merge(stage)
    merging.press("1")
    assert spoken(merging, 0, RESULT) == "Result: 555-0100, chosen by you"


def test_what_agrees_is_spoken_in_one(stage: Stage, open_merge: Open) -> None:
    """Of a field in agreement the value is said once."""
    stage.differ(("u001", {"username": "a"}, {"username": "b"}))
    merging = open_merge(stage)
    merging.press("f")
    rows = range(merging.grid.content.rowCount())
    assert "Email: both say u1@district.example" in [spoken(merging, row, 0) for row in rows]


def test_what_differs_is_marked_inside_the_value(stage: Stage, open_merge: Open) -> None:
    """The pieces of a cell, joined, are its value; those that differ are told."""
    stage.differ(("u001", {"username": "S-100"}, {"username": "S100"}))
    merging = open_merge(stage)
    pieces = merging.grid.content.index(0, OURS).data(PIECES)
    assert [(piece.text, piece.differs) for piece in pieces] == [
        ("S", False), ("-", True), ("100", False),
    ]  # fmt: skip


def test_a_field_that_differs_and_is_no_question_tells_why(stage: Stage, open_merge: Open) -> None:
    """What was changed here alone is on its way; nobody is asked about it."""
    stage.differ(("u001", {"username": "a"}, {"username": "b"}))
    with stage.engine() as d:
        d.engine.edit("users", d.id("users", "u001"), {"middle_name": "Q"}, "Ada Park")
    merging = open_merge(stage)
    row = merging.grid.content.rows[1]
    assert (row.name, row.asked, row.note) == ("middle_name", None, "sent with the next sync")


def test_a_cause_is_told_with_count_school_and_sync(stage: Stage, open_merge: Open) -> None:
    """As one line to who cannot see it."""
    stage.differ(*((f"u00{n}", {"username": f"S-{n}"}, {"username": f"s{n}"}) for n in (0, 2, 4)))
    merging = open_merge(stage)
    told = merging.room.queue.content.index(0, 0).data()
    assert told.startswith("Username: written differently, 3 differences, People · School 1 · sync")
    assert merging.room.queue.heading.text() == "3 differences"


def test_a_cause_opens_to_its_records(stage: Stage, open_merge: Open) -> None:
    """With the arrow; a record that is chosen there is shown."""
    stage.differ(*((f"u00{n}", {"username": f"S-{n}"}, {"username": f"s{n}"}) for n in range(3)))
    merging = open_merge(stage)
    queue = merging.room.queue
    queue.list.setFocus()
    merging.qtbot.keyClick(queue.list, Qt.Key.Key_Right)
    assert queue.content.rowCount() == 4
    merging.until(lambda: queue.content.index(3, 0).data() == "Given 2 Family 2")
    for _ in range(3):
        merging.qtbot.keyClick(queue.list, Qt.Key.Key_Down)
    merging.until(lambda: merging.room.panel.record.text() == "Given 2 Family 2")
    merging.qtbot.keyClick(queue.list, Qt.Key.Key_Left)
    assert queue.content.rowCount() == 1
