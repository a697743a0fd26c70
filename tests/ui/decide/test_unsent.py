"""What could not be sent: why, and what a person does about it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.compose import Options
from app.store import outbox, reads
from app.store.database import Database, Location
from app.ui.decide.unsent import STATE, WHY, Found, UnsentRoom
from app.ui.places import ToUnsent
from app.ui.window import Window
from tests.engine.test_push import edit, synced
from tests.ui.stage import CLICK, WAIT_MS, ready


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """A roster with two changes that its SIS has refused."""
    with synced(tmp_path / "data") as d:
        d.sis.refuses = {"line_items": "The term is closed."}
        edit(d, "l0", title="Ours")
        edit(d, "l1", title="Ours, too")
        d.sync()
    return Options(data_dir=tmp_path / "data")


@pytest.fixture
def page(qtbot: QtBot, open_window: Callable[..., Window], options: Options) -> UnsentRoom:
    """The page, with both."""
    window = ready(qtbot, open_window(options))
    window.work.go(ToUnsent())
    found = window.work.decide.unsent
    qtbot.waitUntil(lambda: found.model.row(1) is not None, timeout=WAIT_MS)
    return found


def states(options: Options) -> list[str]:
    """How it stands with each."""
    with Database(Location.of(options.folder)) as database:
        return [one.state for one in outbox.unsent(database)]


def test_each_says_why_in_the_words_of_the_sis(page: UnsentRoom) -> None:
    """And the buttons are about what is chosen."""
    model = page.model
    assert model.index(0, STATE).data() == "Refused by the SIS"
    assert model.index(0, WHY).data() == "The term is closed."
    assert page.retry_button.text() == "Try 1 again with the next sync"
    page.table.selectAll()
    assert page.retry_button.text() == "Try 2 again with the next sync"


def test_what_is_chosen_is_tried_again(qtbot: QtBot, page: UnsentRoom, options: Options) -> None:
    """The other one stays as it is."""
    page.table.selectRow(0)
    qtbot.mouseClick(page.retry_button, CLICK)
    qtbot.waitUntil(lambda: states(options) == ["waiting", "refused"], timeout=WAIT_MS)
    qtbot.waitUntil(lambda: len(page.model.ids) == 1, timeout=WAIT_MS)


def test_what_is_kept_here_leaves_the_list_and_undo_brings_it_back(
    qtbot: QtBot, page: UnsentRoom, options: Options
) -> None:
    """All of it; then nothing could not be sent."""
    window = page.window()
    assert isinstance(window, Window)
    page.table.selectAll()
    qtbot.mouseClick(page.keep_button, CLICK)
    qtbot.waitUntil(lambda: states(options) == ["kept", "kept"], timeout=WAIT_MS)
    decide = window.work.decide
    qtbot.waitUntil(lambda: decide.shown is decide.inbox, timeout=WAIT_MS)
    qtbot.mouseClick(window.work.notice.undo_button, CLICK)
    qtbot.waitUntil(lambda: states(options) == ["refused", "refused"], timeout=WAIT_MS)


def test_what_the_sis_says_is_taken(qtbot: QtBot, page: UnsentRoom, options: Options) -> None:
    """Its value stands here, and there is nothing left to send."""
    page.table.selectRow(0)
    assert page.theirs_button.text() == "Take what “toy” says"
    chosen = page.chosen()[0].record
    qtbot.mouseClick(page.theirs_button, CLICK)

    def title() -> object:
        with Database(Location.of(options.folder)) as database:
            return reads.records(database, "line_items", [chosen])[0].values["title"]

    qtbot.waitUntil(lambda: title() == "Quiz 0", timeout=WAIT_MS)


def test_what_is_chosen_stays_so_when_another_one_goes(qtbot: QtBot, page: UnsentRoom) -> None:
    """And once it goes itself, nothing is chosen in its place."""
    page.table.selectRow(1)
    chosen, [other] = page.chosen(), list(page.model.all.values())[:1]
    assert page.session is not None
    page.session.command("keep_here", "toy", [other.record])
    qtbot.waitUntil(lambda: len(page.model.ids) == 1, timeout=WAIT_MS)
    assert [one.record for one in page.chosen()] == [one.record for one in chosen]
    page.table.selectAll()
    page._seen(Found([other]))
    assert page.chosen() == []
    assert not page.theirs_button.isVisible()
