"""Rows that could not be read: told without what they say, until that is asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.compose import Options
from app.ui.decide.unreadable import KEY, WHAT, UnreadableRoom
from app.ui.places import ToUnreadable
from app.ui.window import Window
from tests.connectors.oneroster.csv.district import files, put, tables
from tests.ui.decide.stage import north
from tests.ui.stage import CLICK, WAIT_MS, ready


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """A roster of files in which a row of a student is damaged since the second sync."""
    options, made = Options(data_dir=tmp_path / "data"), files(tables())
    with north(options, tmp_path / "set") as read:
        read(made)
        lines = made["users.csv"].split(b"\r\n")
        damaged = [line + b",too,many" if line.startswith(b"u003") else line for line in lines]
        read(made | {"users.csv": b"\r\n".join(damaged)})
    return options


@pytest.fixture
def page(qtbot: QtBot, open_window: Callable[..., Window], options: Options) -> UnreadableRoom:
    """The page with its row."""
    window = ready(qtbot, open_window(options))
    window.work.go(ToUnreadable("north"))
    found = window.work.decide.unreadable
    qtbot.waitUntil(lambda: found.model.row(0) is not None, timeout=WAIT_MS)
    return found


def copied(qtbot: QtBot, page: UnreadableRoom) -> str:
    """What the button puts on the clipboard."""
    QGuiApplication.clipboard().clear()
    qtbot.mouseClick(page.copy_button, CLICK)
    qtbot.waitUntil(lambda: bool(QGuiApplication.clipboard().text()), timeout=WAIT_MS)
    return QGuiApplication.clipboard().text()


def test_a_row_is_told_by_key_and_record_with_what_is_wrong(page: UnreadableRoom) -> None:
    """Why stands above where it is the same of all."""
    assert page.model.index(0, KEY).data() == "u003"
    assert "Ana 3" in page.model.index(0, WHAT).data()
    assert "too many or too few fields" in page.reason.text()
    assert page.record_button.isEnabled()


def test_what_a_row_says_is_copied_only_when_it_was_asked_for(
    qtbot: QtBot, page: UnreadableRoom
) -> None:
    """Without that, keys and reasons alone."""
    assert not page.raw.isVisible()
    lines = copied(qtbot, page).splitlines()
    assert lines[0] == "Record type,Key at the SIS,What is wrong,Since"
    assert lines[1].startswith("People,u003,")
    page.show_raw.click()
    assert page.raw.isVisible()
    assert copied(qtbot, page).splitlines()[0].endswith(",Row")


def test_rows_that_were_mended_are_read_again_now(
    qtbot: QtBot, page: UnreadableRoom, tmp_path: Path
) -> None:
    """Then nothing is unreadable, and the inbox is in sight."""
    put(tmp_path / "set", files(tables()))
    qtbot.mouseClick(page.again_button, CLICK)
    window = page.window()
    assert isinstance(window, Window)
    decide = window.work.decide
    qtbot.waitUntil(lambda: decide.shown is decide.inbox, timeout=WAIT_MS)
