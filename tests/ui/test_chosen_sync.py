"""What one sync did, shown by record type."""

from dataclasses import replace

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.store.reads import RunRow, StreamCounts
from app.store.tables import COUNTS
from app.ui.history.chosen import ANSWER, ChosenSync, answer
from app.ui.keys import Keys
from app.ui.workplace import NAMES, Workplace


def stream(entity: str, *, full: bool = False, **counts: int) -> StreamCounts:
    return StreamCounts(entity, {**dict.fromkeys(COUNTS, 0), **counts}, full, True, True)


def run(*streams: StreamCounts, state: str = "completed") -> RunRow:
    at = "2026-03-03T12:00:00+00:00"
    return RunRow(
        1, "Lincoln", state, "incremental", "person", "ada", at,
        None if state == "running" else at, None, None, 0, None, None, {}, None, None,
        streams=streams,
    )  # fmt: skip


def types(shown: ChosenSync) -> list[str]:
    """The record types from top to bottom."""
    found = [shown.streams.item(row, 0) for row in range(shown.streams.rowCount())]
    return [cell.text() for cell in found if cell]


def test_the_types_with_something_new_come_first_once_the_sync_is_over(qtbot: QtBot):
    """While it runs every type keeps its usual place."""
    shown = ChosenSync()
    qtbot.addWidget(shown)
    streams = (stream("orgs"), stream("users", read=2, updated=2), stream("classes", read=3))
    shown.show_run(run(*streams, state="running"), [])
    usual = types(shown)
    assert usual[0] == "Schools and organizations"
    shown.show_run(run(*streams), [])
    assert types(shown) == ["People", *(name for name in usual if name != "People")]


def test_a_table_without_rows_is_not_shown(qtbot: QtBot):
    """A sync that only begins has its log; the table comes to the front with its first row."""
    shown = ChosenSync()
    qtbot.addWidget(shown)
    shown.show()
    shown.show_run(run(state="running"), [])
    assert (shown.streams.isVisible(), shown.log.isVisible()) == (False, True)
    shown.show_run(run(stream("orgs"), state="running"), [])
    assert (shown.streams.isVisible(), shown.log.isVisible()) == (True, False)


def test_an_answer_without_records_says_that_nothing_changed(qapp: QApplication):
    """Of a sync of changes; a full one says whether it was whole."""
    assert answer(stream("users"), run_open=False) == "No changes"
    assert answer(stream("users", read=1), run_open=False) == "Changes only"
    assert answer(stream("users", full=True), run_open=False) == "Complete answer"
    assert answer(replace(stream("users"), complete=False), run_open=True) == "Being read"


def test_few_syncs_leave_the_room_to_the_chosen_one(qtbot: QtBot, settings: QSettings):
    """The history is as high as its rows; many of them leave it what it has to show, not more."""
    work = Workplace(Keys(settings), settings)
    qtbot.addWidget(work)
    work.resize(1000, 900)
    work.show()
    work.tabs.setCurrentIndex(NAMES.index("history"))
    row = work.history.table.verticalHeader().defaultSectionSize()
    heights = []
    for count in (1, 5, 200):
        work.history.table.show_ids(list(range(count, 0, -1)), with_connector=False)
        qtbot.waitUntil(lambda n=count: len(work.history.table.runs.ids) == n)  # type: ignore[misc]
        heights.append(work.history.table.height())
    assert heights[0] < heights[1] < heights[2]
    assert 5 * row < heights[1] < 8 * row
    chosen = work.history.sync
    assert chosen.height() >= chosen.sizeHint().height()
    chosen.show_run(run(stream("users"), stream("classes")), [])
    work.history.split.share()
    assert work.history.table.height() > chosen.height() >= chosen.sizeHint().height()
    chosen.tabs.setCurrentWidget(chosen.changes)
    qtbot.waitUntil(lambda: chosen.height() > work.history.table.height())


def test_an_answer_is_told_as_what_it_is_and_what_changed_nothing_has_no_undo(qtbot: QtBot):
    """No columns of what a SIS would have said; a sync that failed at once has nothing to undo."""
    shown = ChosenSync()
    qtbot.addWidget(shown)
    shown.show()
    approval = replace(run(stream("users", read=3, deleted=3)), mode="approval")
    shown.show_run(approval, [], what="Approval of #45 by ada")
    assert shown.title.text() == "#1: Approval of #45 by ada: Completed"
    hidden = [shown.streams.isColumnHidden(column) for column in (1, ANSWER)]
    assert (hidden, shown.undo_button.isVisible()) == ([True, True], True)
    shown.show_run(run(stream("users"), state="failed"), [])
    assert not shown.undo_button.isVisible()
