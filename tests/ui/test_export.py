"""File > Export: the roster as files for other programs, from the window."""

import csv
from pathlib import Path

from pytestqt.qtbot import QtBot

from app.engine.exporting import following
from app.ui.reports.export import ExportDialog
from app.ui.window import Window
from tests.ui.stage import CLICK, WAIT_MS, District, ready, sync


def _opened(qtbot: QtBot, window: Window) -> ExportDialog:
    window.menus.export.trigger()
    dialog = window.dialog
    assert isinstance(dialog, ExportDialog)
    qtbot.waitUntil(lambda: dialog.isVisible())
    return dialog


def _manifest(folder: Path) -> dict[str, str]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return dict(csv.reader(file))


def test_the_roster_is_written_where_it_is_asked_for(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    """The menu leads to a dialog that writes a whole set and says how much that was."""
    sync(qtbot, ready(qtbot, window))
    dialog, out = _opened(qtbot, window), tmp_path / "out"
    dialog.to.editor.setText(str(out))
    with qtbot.waitSignal(dialog.settled, timeout=WAIT_MS):
        qtbot.mouseClick(dialog.export_button, CLICK)
    assert str(out) in dialog.told.text()
    assert not dialog.told.property("wrong")
    assert _manifest(out)["file.users"] == "bulk"
    dialog.close()


def test_what_cannot_be_written_is_said_in_the_dialog(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    """A place where nothing can be written is told in words, and the dialog can be used again."""
    ready(qtbot, window)
    (tmp_path / "file").write_text("")
    dialog = _opened(qtbot, window)
    dialog.to.editor.setText(str(tmp_path / "file" / "out"))
    with qtbot.waitSignal(dialog.settled, timeout=WAIT_MS):
        qtbot.mouseClick(dialog.export_button, CLICK)
    assert dialog.told.property("wrong")
    assert str(tmp_path / "file" / "out") in dialog.told.text()
    assert dialog.export_button.isVisible()
    dialog.close()


def test_a_place_is_asked_for_before_anything_is_written(qtbot: QtBot, window: Window) -> None:
    """Without a place the field says so."""
    ready(qtbot, window)
    dialog = _opened(qtbot, window)
    qtbot.mouseClick(dialog.export_button, CLICK)
    assert dialog.to.wrong
    dialog.close()


def test_changes_since_a_sync_are_offered_by_the_sync(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    """The newest good syncs are there to choose from, and lead to a delta."""
    sync(qtbot, ready(qtbot, window))
    dialog, out = _opened(qtbot, window), tmp_path / "out"
    qtbot.waitUntil(lambda: dialog.since.editor.count() == 2, timeout=WAIT_MS)
    dialog.since.editor.setCurrentIndex(1)
    dialog.to.editor.setText(str(out))
    with qtbot.waitSignal(dialog.settled, timeout=WAIT_MS):
        qtbot.mouseClick(dialog.export_button, CLICK)
    assert set(_manifest(out).values()) & {"bulk", "delta"} == set()  # nothing has changed since
    dialog.close()


def test_every_good_sync_is_followed_once_that_is_ticked(
    qtbot: QtBot, window: Window, district: District, tmp_path: Path
) -> None:
    """What is ticked in the dialog is kept in the database, and the next sync is followed."""
    ready(qtbot, window)
    dialog, out = _opened(qtbot, window), tmp_path / "out"
    dialog.to.editor.setText(str(out))
    with qtbot.waitSignal(dialog.settled, timeout=WAIT_MS):
        dialog.after_sync.editor.click()
    dialog.close()
    sync(qtbot, window)
    qtbot.waitUntil((out / "manifest.csv").exists, timeout=WAIT_MS)
    database = district.database()
    try:
        set_ = following(database)
    finally:
        database.close()
    assert set_ is not None
    assert set_.order.path == str(out)


def test_a_place_that_a_connector_reads_is_refused(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    """Neither now nor after every sync, and the dialog says which connector it is."""
    ready(qtbot, window)
    settings = {"path": str(tmp_path / "sets")}
    session = window.session
    assert session is not None
    session.command("save_connector", "Files", "oneroster-csv", settings)
    dialog, out = _opened(qtbot, window), tmp_path / "sets" / "out"
    dialog.to.editor.setText(str(out))
    for button in (dialog.export_button, dialog.after_sync.editor):
        dialog.told.clear()
        with qtbot.waitSignal(dialog.settled, timeout=WAIT_MS):
            button.click()
        assert dialog.told.property("wrong")
        assert "“Files”" in dialog.told.text()
    assert not dialog.after_sync.editor.isChecked()
    assert not out.exists()
    dialog.close()
