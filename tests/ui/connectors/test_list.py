"""The list on the left, and what can be done with a connector there."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import compose
from app.store import reads
from app.ui.connectors.known import KnownDialog
from app.ui.window import Window
from tests.ui.stage import NAME, WAIT_MS, District, sync

TOLD = Qt.ItemDataRole.AccessibleTextRole


def row(window: Window, role: Qt.ItemDataRole = TOLD) -> str:
    """What is said of the one connector."""
    return str(window.connectors.model.index(0).data(role))


def wait_for_badge(qtbot: QtBot, window: Window, word: str) -> None:
    """Until the list tells this of it."""
    qtbot.waitUntil(lambda: f"{NAME}, {word}" in row(window), timeout=WAIT_MS)


def offered(window: Window) -> list[str]:
    """What the context menu of the list has that can be done."""
    return [one.text() for one in window.connectors.list.actions() if one.isEnabled()]


def test_a_connector_is_paused_and_resumed_from_the_list(qtbot: QtBot, window: Window):
    """It says so, and that it differs from one that nobody has planned; nothing syncs it then."""
    sync(qtbot, window)
    wait_for_badge(qtbot, window, "Healthy")
    assert row(window).endswith("Syncs when you ask")
    assert {"&Run Sync Now", "&Pause"} <= set(offered(window))
    window.menus.pause.trigger()
    wait_for_badge(qtbot, window, "Paused")
    assert row(window).endswith("No sync until you resume it")
    assert "&Run Sync Now" not in offered(window)
    window.menus.pause.trigger()
    assert "Resu&me" in offered(window)
    wait_for_badge(qtbot, window, "Healthy")


def test_the_next_sync_stands_beside_the_last(qtbot: QtBot, window: Window):
    """Where there is a schedule."""
    sync(qtbot, window)
    assert window.session is not None
    window.session.command("set_schedule", NAME, "every hour")
    qtbot.waitUntil(lambda: "Next sync " in row(window), timeout=WAIT_MS)
    assert "Next sync: " in row(window, Qt.ItemDataRole.ToolTipRole)


def test_what_is_known_is_quiet_until_it_has_passed(
    qtbot: QtBot, window: Window, district: District
):
    """A day and a reason in a dialog; the list says until when, the tooltip why and by whom."""
    secret = district.sis.ready.client_secret
    district.vault.set(NAME, "client_secret", "another")
    window.run_sync()
    wait_for_badge(qtbot, window, "Credentials invalid")
    window.menus.known.trigger()
    dialog = window.dialog
    assert isinstance(dialog, KnownDialog)
    assert not dialog.quiet_button.isEnabled()
    qtbot.keyClicks(dialog.because, "A new key comes on Friday")
    qtbot.keyClick(dialog.because, Qt.Key.Key_Return)
    day = (datetime.now(UTC).astimezone() + timedelta(days=7)).date()
    wait_for_badge(qtbot, window, f"Known until {day.day} ")
    why = row(window, Qt.ItemDataRole.ToolTipRole)
    assert "A new key comes on Friday." in why
    assert "Marked as known by " in why
    assert window.work.headline.title.text().startswith("The SIS no longer accepts")
    district.vault.set(NAME, "client_secret", secret)
    window.run_sync()
    wait_for_badge(qtbot, window, "Healthy")
    with district.database() as database:
        assert reads.connector(database, NAME).issue is None


def test_another_trouble_is_told_beside_what_is_known(
    qtbot: QtBot, window: Window, district: District
):
    """It is the badge; what is known stands under it, with its note."""
    sync(qtbot, window)
    assert window.session is not None
    today = datetime.now(UTC).astimezone().date()
    window.session.command("set_credentials_until", NAME, today + timedelta(days=9))
    wait_for_badge(qtbot, window, "Credentials expiring")
    window.session.command("mark_known", NAME, today, "The new ones are asked for")
    wait_for_badge(qtbot, window, "Known until")
    district.vault.set(NAME, "client_secret", "another")
    window.run_sync()
    wait_for_badge(qtbot, window, "Credentials invalid")
    why = row(window, Qt.ItemDataRole.ToolTipRole)
    assert why.splitlines()[-1].endswith(": The new ones are asked for")


def test_what_is_known_can_be_told_as_urgent_again(
    qtbot: QtBot, window: Window, district: District
):
    """The dialog has what was said, and takes it back."""
    district.vault.set(NAME, "client_secret", "another")
    window.run_sync()
    wait_for_badge(qtbot, window, "Credentials invalid")
    assert window.session is not None
    tomorrow = (datetime.now(UTC).astimezone() + timedelta(days=1)).date()
    window.session.command("mark_known", NAME, tomorrow, "so")
    wait_for_badge(qtbot, window, "Known until")
    button = window.work.headline.bar.known_button
    qtbot.waitUntil(lambda: button.text() == "Not known any more…", timeout=WAIT_MS)
    assert window.menus.known.text() == "Not &known any more…"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = window.dialog
    assert isinstance(dialog, KnownDialog)
    assert (dialog.because.text(), dialog.until.date().toPython()) == ("so", tomorrow)
    qtbot.mouseClick(dialog.forget_button, Qt.MouseButton.LeftButton)
    wait_for_badge(qtbot, window, "Credentials invalid")


def test_of_a_connector_that_is_well_nothing_can_be_marked_as_known(qtbot: QtBot, window: Window):
    """There is nothing that it could be about."""
    sync(qtbot, window)
    wait_for_badge(qtbot, window, "Healthy")
    assert not window.menus.known.isEnabled()


def test_the_rooms_go_on_with_what_the_list_goes_on_with(
    qtbot: QtBot, window: Window, district: District, tmp_path: Path
):
    """Where the chosen connector is removed by another process."""
    assert window.session is not None
    path = {"path": str(tmp_path)}
    then = list[object]().append
    window.session.request("save_connector", "Riverside", "oneroster-csv", path, then=then)
    qtbot.waitUntil(lambda: window.connectors.model.rowCount() == 3, timeout=WAIT_MS)
    index = window.connectors.model.index(window.connectors.model.row_of(NAME))
    at = window.connectors.list.visualRect(index).center()
    qtbot.mouseClick(window.connectors.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert window.work.room.connector == NAME
    with compose.program(district.options, district.vault) as program:
        program.engine.remove_connector(NAME)
        program.loop.run(until=lambda: not reads.connectors(program.database)[1:])
    qtbot.waitUntil(lambda: window.connectors.name == "Riverside", timeout=WAIT_MS)
    assert window.work.room.connector == "Riverside"
