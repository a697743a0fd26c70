"""A sync in the window, from the click to the words afterwards, against a real SIS and database."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from app.store import reads
from app.ui.history import table as history
from app.ui.window import Window
from tests.ui.stage import (
    CLICK,
    NAME,
    WAIT_MS,
    District,
    cell,
    ready,
    sync,
    wait_for_state,
)


def test_the_history_shows_the_counts_of_the_run(qtbot: QtBot, window: Window, district: District):
    """After one click on Run Sync Now the newest row, the room of the day and the badge tell."""
    sync(qtbot, window)
    with district.database() as database:
        run = reads.runs(database)[0]
        counts = reads.counts(database)
    assert cell(window, history.NUMBER) == f"#{run.id}"
    for place, count in enumerate(history.COUNTS):
        assert cell(window, history.FIRST_COUNT + place) == f"{run.total(count):,}"
    assert run.total("created") == sum(counts.values()) > 0
    assert f"People {counts['users']:,}" in window.work.today.counts.text()
    assert "All is well" in window.work.headline.title.text()
    assert f"#{run.id}" in window.work.history.sync.title.text()
    qtbot.waitUntil(lambda: window.work.history.sync.streams.rowCount() == len(run.streams))


def test_a_cancelled_sync_says_what_stays(
    qtbot: QtBot, make_district: Callable[..., District], open_window: Callable[..., Window]
):
    """Cancel in the middle ends the run as cancelled, and the sentence says what stays."""
    district = make_district(students=300, page_size=10)
    window = ready(qtbot, open_window(district.options, district.vault))
    bar = window.work.headline.bar
    assert window.session is not None
    with qtbot.waitSignal(window.session.progressed, timeout=WAIT_MS):
        qtbot.mouseClick(bar.run_button, CLICK)
    qtbot.waitUntil(lambda: bar.syncing, timeout=WAIT_MS)
    qtbot.mouseClick(bar.cancel_button, CLICK)
    wait_for_state(qtbot, window, "cancelled")
    assert "was cancelled" in window.work.headline.title.text()
    assert "stays" in window.work.headline.title.text()
    assert "Nothing was removed." in window.work.headline.detail.text()
    assert cell(window, history.RESULT) == "Cancelled"
    assert bar.run_button.hasFocus()


def test_after_a_cancel_the_next_sync_goes_on_and_ends_well(
    qtbot: QtBot, make_district: Callable[..., District], open_window: Callable[..., Window]
):
    """The button is there again after a cancel, and the next sync completes the roster."""
    district = make_district(students=100, page_size=10)
    window = ready(qtbot, open_window(district.options, district.vault))
    assert window.session is not None
    with qtbot.waitSignal(window.session.progressed, timeout=WAIT_MS):
        qtbot.mouseClick(window.work.headline.bar.run_button, CLICK)
    qtbot.waitUntil(lambda: window.work.headline.bar.syncing, timeout=WAIT_MS)
    qtbot.mouseClick(window.work.headline.bar.cancel_button, CLICK)
    wait_for_state(qtbot, window, "cancelled")
    sync(qtbot, window)
    assert "All is well" in window.work.headline.title.text()


@pytest.mark.own_sis
def test_a_failed_sync_says_what_happened_what_stays_and_what_to_do(
    qtbot: QtBot, window: Window, district: District
):
    """With the SIS gone the sync fails, the roster stays as of the last good one; it says so."""
    sync(qtbot, window)
    district.sis.close()
    qtbot.mouseClick(window.work.headline.bar.run_button, CLICK)
    wait_for_state(qtbot, window, "failed")
    title, detail = window.work.headline.title.text(), window.work.headline.detail.text()
    assert f"The sync of “{NAME}” failed." in title
    assert "Rosters are as of today " in detail
    assert detail.endswith("Nothing was removed.")
    qtbot.waitUntil(lambda: window.work.history.sync.trouble.isVisible(), timeout=WAIT_MS)
    happened, to_do = window.work.history.sync.trouble_words.text().split(". ", 1)
    assert title.endswith(f"{happened}.")
    assert detail.startswith(to_do)
    step = window.work.headline.bar.step_button
    assert step.text() == "Show what happened"
    assert window.work.headline.bar.run_button.isEnabled()


def test_a_run_of_another_process_is_shown_and_can_be_cancelled(
    qtbot: QtBot, make_district: Callable[..., District], open_window: Callable[..., Window]
):
    """A sync that another process does appears with its progress, and Cancel here ends it."""
    district = make_district(students=300, page_size=5)
    window = ready(qtbot, open_window(district.options, district.vault))
    program = (
        "import sys; from pathlib import Path; from app import compose; "
        "from app.vault import MemoryVault; "
        "o = compose.Options(data_dir=Path(sys.argv[1]), page_size=5); "
        "v = MemoryVault({(sys.argv[2], 'client_secret'): sys.stdin.readline().strip()}); "
        "c = compose.program(o, v); p = c.__enter__(); p.engine.start(sys.argv[2]); "
        "p.loop.run(until=lambda: not p.engine.busy); c.__exit__(None, None, None)"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(district.options.folder), NAME],
        stdin=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdin is not None
        other.stdin.write(district.sis.ready.client_secret + "\n")
        other.stdin.close()
        bar = window.work.headline.bar
        qtbot.waitUntil(lambda: bar.syncing and "record" in bar.words.text(), timeout=WAIT_MS)
        assert window.session is not None
        assert not window.session.runs
        qtbot.mouseClick(bar.cancel_button, CLICK)
        wait_for_state(qtbot, window, "cancelled")
    finally:
        assert other.wait(timeout=20) == 0


def test_closing_the_window_while_it_syncs_ends_cleanly(
    qtbot: QtBot, make_district: Callable[..., District], open_window: Callable[..., Window]
):
    """Nothing of a sync under way outlives the window, and the run is left resumable."""
    district = make_district(students=300, page_size=10)
    window = ready(qtbot, open_window(district.options, district.vault))
    session = window.session
    assert session is not None
    with qtbot.waitSignal(session.progressed, timeout=WAIT_MS):
        qtbot.mouseClick(window.work.headline.bar.run_button, CLICK)
    with qtbot.waitSignal(session.closed, timeout=WAIT_MS):
        window.close()
    with district.database() as database:
        assert reads.runs(database)[0].state == "cancelled"


@pytest.mark.parametrize("full", [False, True])
def test_a_second_sync_changes_nothing(qtbot: QtBot, window: Window, full: bool):
    """Syncing again, in full or not, says that nothing changed."""
    sync(qtbot, window)
    window.run_full() if full else window.run_sync()
    qtbot.waitUntil(lambda: len(window.work.history.table.runs.ids) == 2, timeout=WAIT_MS)
    wait_for_state(qtbot, window, "completed")
    assert cell(window, history.FIRST_COUNT) == "0"
    assert "nothing changed" in window.work.headline.detail.text()
