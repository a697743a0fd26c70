"""The table of syncs at length."""

import time
from datetime import UTC, datetime, timedelta

from pytestqt.qtbot import QtBot

from app.engine.stories import Listed
from app.store.history import ChangeSet
from app.store.reads import RunRow
from app.ui.history import table as history
from app.ui.history.table import History
from app.ui.parts.paged import BLOCK

MANY = 100_000


def row(id_: int, state: str = "completed") -> Listed:
    at = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    ended = None if state == "running" else at
    run = RunRow(
        id_, "Lincoln", state, "full", "person", "ada", at, ended, None, None, 0, None, None, {},
        None,
    )  # fmt: skip
    return Listed(ChangeSet(id_, "sync", "ada", at, "Lincoln", None, False, 0, 0, 0), run)


def answered(table: History) -> list[int]:
    asked: list[int] = []

    def read(ids: list[int]) -> None:
        asked.extend(ids)
        table.runs.put({id_: row(id_) for id_ in ids})

    table.runs.wanted.connect(read)
    return asked


def test_a_hundred_thousand_syncs_open_at_once_and_only_the_visible_are_read(qtbot: QtBot):
    """The model holds ids; rows are read where one looks, a block at a time."""
    table = History()
    qtbot.addWidget(table)
    asked = answered(table)
    table.resize(900, 400)
    table.show()
    began = time.perf_counter()
    table.show_ids(list(range(MANY, 0, -1)), with_connector=False)
    assert time.perf_counter() - began < 0.1
    qtbot.waitUntil(lambda: table.runs.row(0) is not None)
    assert len(asked) <= 2 * BLOCK
    table.scrollToBottom()
    qtbot.waitUntil(lambda: table.runs.row(MANY - 1) is not None)
    assert len(asked) <= 5 * BLOCK


def test_a_new_sync_comes_in_above_and_the_chosen_stays(qtbot: QtBot):
    """Whoever looks at an older sync keeps looking at it."""
    table = History()
    qtbot.addWidget(table)
    answered(table)
    table.show_ids([3, 2, 1], with_connector=False)
    table.choose(2)
    table.show_ids([4, 3, 2, 1], with_connector=False)
    assert table.chosen_id() == 2


def test_whoever_looks_at_the_newest_looks_at_the_new_one(qtbot: QtBot):
    """With the newest chosen, the next sync is chosen as it begins."""
    table = History()
    qtbot.addWidget(table)
    answered(table)
    table.show_ids([3, 2, 1], with_connector=False)
    assert table.chosen_id() == 3
    table.show_ids([4, 3, 2, 1], with_connector=False)
    assert table.chosen_id() == 4


def test_a_run_under_way_is_read_again(qtbot: QtBot):
    """Rows that are over stay as they are; those that are not are asked for anew."""
    table = History()
    qtbot.addWidget(table)
    table.runs.show([2, 1])
    table.runs.put({2: row(2, "running"), 1: row(1)})
    with qtbot.waitSignal(table.runs.wanted) as asked:
        table.runs.show([2, 1])
    assert asked.args == [[2]]


def test_the_result_is_a_word_with_a_shape(qtbot: QtBot):
    """The result column has both, and the words are what a screen reader says."""
    table = History()
    qtbot.addWidget(table)
    table.runs.show([1])
    table.runs.put({1: row(1, "failed")})
    index = table.runs.index(0, history.RESULT)
    assert index.data() == "Failed"
    assert not index.data(1).isNull()
