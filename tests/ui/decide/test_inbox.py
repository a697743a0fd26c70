"""The inbox: what waits, a line each, and the way to each page and back."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import text
from app.compose import Options
from app.engine.inbox import Kind
from app.ui.decide.room import DecideRoom
from app.ui.places import ToInbox, ToNewcomers, ToUnsent, ToWaiting
from app.ui.room import Room
from app.ui.window import Window
from app.ui.workplace import NAMES
from tests.ui.audit import complaints, settle
from tests.ui.decide.conftest import kinds
from tests.ui.stage import CLICK, WAIT_MS, District, ready, sync
from tests.ui.test_audit import Doubled

ESCAPE, ENTER = Qt.Key.Key_Escape, Qt.Key.Key_Return


def shows(decide: DecideRoom, room: Room) -> bool:
    """Whether that room is in sight."""
    return decide.shown is room and room.isVisible()


def test_the_most_harmful_line_comes_first(decide: DecideRoom) -> None:
    """Removals, then who is who; each says how many, where and since when."""
    assert kinds(decide)[0] is Kind.APPROVAL
    assert kinds(decide)[-1] is Kind.SAME
    rows = {row.title: row.about for row in decide.inbox.entries.rows}
    assert "and 1 other school" in rows["40 people would be removed"]
    assert "since today" in rows["40 people would be removed"]


def test_what_waits_is_counted_on_the_tab(qtbot: QtBot, window: Window, decide: DecideRoom) -> None:
    """Also while another room is in sight."""
    tabs = window.work.tabs
    place = NAMES.index("decide")
    qtbot.waitUntil(lambda: "(" in tabs.tabText(place), timeout=WAIT_MS)
    assert tabs.tabText(place) == f"Decide ({len(decide.inbox.entries.rows)})"
    told = window.connectors.list.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert told.endswith(f"{len(decide.inbox.entries.rows)} waiting")
    title = window.work.headline.title.text()
    assert title == f"“north”: {len(decide.inbox.entries.rows)} decisions wait for you."


def test_enter_opens_a_line_and_escape_leads_back(qtbot: QtBot, decide: DecideRoom) -> None:
    """By keyboard alone, and the line is chosen as before."""
    listed = decide.inbox.list
    listed.setCurrentIndex(decide.inbox.entries.index(1))
    title = decide.inbox.entries.rows[1].title
    qtbot.keyClick(listed, ENTER)
    assert shows(decide, decide.approval)
    qtbot.waitUntil(lambda: decide.approval.headline.text() == title, timeout=WAIT_MS)
    qtbot.keyClick(decide.approval.table, ESCAPE)
    assert shows(decide, decide.inbox)
    assert listed.currentIndex().row() == 1


def test_a_click_opens_a_line_and_back_leads_back(
    qtbot: QtBot, window: Window, decide: DecideRoom
) -> None:
    """As any place of the window; the button says the same."""
    listed = decide.inbox.list
    place = listed.visualRect(decide.inbox.entries.index(0)).center()
    qtbot.mouseClick(listed.viewport(), CLICK, pos=place)
    assert shows(decide, decide.approval)
    window.work.back()
    assert shows(decide, decide.inbox)
    window.work.forward()
    assert shows(decide, decide.approval)
    qtbot.mouseClick(decide.back_button, CLICK)
    assert shows(decide, decide.inbox)


def test_a_question_who_is_who_leads_to_its_page(qtbot: QtBot, decide: DecideRoom) -> None:
    """The last line here."""
    listed = decide.inbox.list
    listed.setCurrentIndex(decide.inbox.entries.index(len(decide.inbox.entries.rows) - 1))
    qtbot.keyClick(listed, ENTER)
    assert shows(decide, decide.newcomers)


def test_where_nothing_waits_the_inbox_says_so(
    qtbot: QtBot, open_window: Callable[..., Window], district: District
) -> None:
    """And asks for nothing."""
    window = ready(qtbot, open_window(district.options, district.vault))
    sync(qtbot, window)
    window.work.go_to_room(1)
    inbox = window.work.decide.inbox
    qtbot.waitUntil(inbox.empty.isVisible, timeout=WAIT_MS)
    assert inbox.none.text() == "Nothing waits for you."
    assert "Last sync" not in inbox.none_more.text()  # so the headline says
    assert not inbox.asides.isVisible()


def test_everything_can_be_seen_read_aloud_and_reached(
    qtbot: QtBot, window: Window, decide: DecideRoom, options: Options
) -> None:
    """The inbox and each page that it leads to here, by the audit of the window."""
    assert complaints(decide) == []
    for row in range(len(decide.inbox.entries.rows)):
        decide.inbox.list.setCurrentIndex(decide.inbox.entries.index(row))
        qtbot.keyClick(decide.inbox.list, ENTER)
        qtbot.waitUntil(lambda: decide.quiet, timeout=WAIT_MS)
        assert complaints(decide) == []
        qtbot.mouseClick(decide.back_button, CLICK)


def test_words_twice_as_long_find_room_on_every_page(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    open_window: Callable[..., Window],
    options: Options,
) -> None:
    """Also in a small window, where the buttons take a second line."""
    monkeypatch.setattr(text, "_catalogue", Doubled())
    window = ready(qtbot, open_window(options))
    window.resize(1024, 640)
    decide = window.work.decide
    for place in (
        ToInbox(), ToWaiting("north"), ToNewcomers("north", "users"), ToUnsent(None, waiting=True),
    ):  # fmt: skip
        window.work.go(place)
        qtbot.waitUntil(lambda: decide.quiet, timeout=WAIT_MS)
        settle()
        assert complaints(decide) == []
