"""Ctrl+Z everywhere: what is taken back, what is said, and what a refusal leaves."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from app.store import reads
from app.ui.places import ToRecord
from app.ui.room import Said
from app.ui.window import Window
from tests.ui.stage import NAME, WAIT_MS, District, ready


@pytest.fixture
def synced(district: District) -> District:
    """The district, read once."""
    district.sync()
    return district


def edit(qtbot: QtBot, window: Window, district: District, phone: str) -> int:
    """Edits somebody in the window, as a room does; whom."""
    with district.database() as database:
        person = reads.record_ids(database, "users")[0]
    assert window.session is not None
    made: list[int] = []
    window.session.command("edit", "users", person, {"phone": phone}, then=made.append)
    qtbot.waitUntil(lambda: bool(made), timeout=WAIT_MS)
    window.work.people.said.emit(Said("The phone was changed.", undo=made[0]))
    return person


def phone_of(district: District, person: int) -> object:
    with district.database() as database:
        return reads.records(database, "users", [person])[0].values["phone"]


def test_an_edit_is_taken_back_and_done_again(
    qtbot: QtBot, open_window: Callable[..., Window], synced: District
):
    """By the actions that have the keys, with words that say what it was."""
    window = ready(qtbot, open_window(synced.options, synced.vault))
    person = edit(qtbot, window, synced, "5550100")
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: window.work.notice.words.text().startswith("Taken"), timeout=WAIT_MS)
    assert window.work.notice.words.text() == "Taken back: The phone was changed."
    assert phone_of(synced, person) != "5550100"
    window.menus.redo.trigger()
    qtbot.waitUntil(lambda: window.work.notice.words.text().startswith("Done"), timeout=WAIT_MS)
    assert phone_of(synced, person) == "5550100"


def test_what_is_done_while_an_undo_is_on_its_way_is_the_newest(
    qtbot: QtBot, open_window: Callable[..., Window], synced: District
):
    """Nothing is there to be done again after it, and its own Undo stays in sight."""
    window = ready(qtbot, open_window(synced.options, synced.vault))
    person = edit(qtbot, window, synced, "5550100")
    window.menus.undo.trigger()
    window.work.people.said.emit(Said("Something else was done.", undo=1))
    qtbot.waitUntil(lambda: phone_of(synced, person) != "5550100", timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.undoing.can[0], timeout=WAIT_MS)
    assert window.undoing.can == (True, False)
    assert window.work.notice.words.text() == "Something else was done."


def test_what_cannot_be_undone_is_told_and_nothing_older_is_undone_in_its_place(
    qtbot: QtBot, open_window: Callable[..., Window], synced: District
):
    """With what to do instead, and a button that leads there."""
    window = ready(qtbot, open_window(synced.options, synced.vault))
    person = edit(qtbot, window, synced, "5550100")
    place = ToRecord("users", person)
    window.work.people.said.emit(
        Said("They are two now.", final="Say it there.", leads=("Open the record", place))
    )
    notice = window.work.notice
    assert not notice.undo_button.isVisible()
    window.menus.undo.trigger()
    assert notice.words.text() == "This cannot be undone: They are two now. Say it there."
    assert phone_of(synced, person) == "5550100"
    notice.lead_button.click()
    assert window.work.room is window.work.people


def test_an_undo_that_is_refused_can_be_asked_for_again(
    qtbot: QtBot, open_window: Callable[..., Window], synced: District
):
    """While a sync runs nothing older is taken back in its place."""
    window = ready(qtbot, open_window(synced.options, synced.vault))
    first = edit(qtbot, window, synced, "5550100")
    assert window.session is not None
    window.work.people.said.emit(Said("The sync.", undo=1))
    with qtbot.waitSignal(window.session.ended, timeout=WAIT_MS):
        window.session.start(NAME, full=True)
        window.menus.undo.trigger()
        qtbot.waitUntil(lambda: "being synced" in window.work.notice.words.text(), timeout=WAIT_MS)
    assert window.undoing.can[0]
    window.menus.undo.trigger()
    # Now it is the first sync that is meant again. A safety limit keeps it; the history, where it
    # can be approved, shows it.
    qtbot.waitUntil(lambda: "limit" in window.work.notice.words.text(), timeout=WAIT_MS)
    assert phone_of(synced, first) == "5550100"
    assert window.work.room is window.work.history
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: phone_of(synced, first) != "5550100", timeout=WAIT_MS)


@pytest.mark.parametrize("name", ["geometry", "sides", "split", "room"])
def test_damaged_memories_of_the_window_are_as_good_as_none(
    qtbot: QtBot, settings: QSettings, open_window: Callable[..., Window], district: District,
    name: str,
):  # fmt: skip
    """The program starts whatever stands in its settings file."""
    settings.setValue(name, "odd")
    ready(qtbot, open_window(district.options, district.vault))
