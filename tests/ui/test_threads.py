"""The reader, the bridge, and errors from everywhere."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.compose import Options, PracticeSis
from app.errors import StoreError
from app.store.database import Database
from app.ui import faults
from app.ui.faults import Faults
from app.ui.reader import Reader
from app.ui.window import Window
from tests.ui.stage import CLICK, STUDENTS, WAIT_MS, District, sync


@pytest.fixture
def reader(qtbot: QtBot, district: District):
    database = district.database()
    made = Reader(lambda: database, watch_seconds=0.05)
    made.start()
    yield made
    made.stop()
    assert made.wait(WAIT_MS)
    database.close()


def test_an_answer_to_an_older_question_is_dropped(qtbot: QtBot, reader: Reader):
    """Of two questions on one topic only the newer one's answer arrives."""
    answers: list[str] = []
    gate = threading.Event()

    def slow(_: Database) -> str:
        gate.wait(5)
        return "old"

    reader.ask("topic", slow, answers.append)
    reader.ask("topic", lambda _: "new", answers.append)
    reader.ask("other", lambda _: "other", answers.append)
    gate.set()
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert answers == ["new", "other"]


def test_questions_are_answered_off_the_windows_thread(qtbot: QtBot, reader: Reader):
    """The window's thread touches no database."""
    names: list[int] = []
    reader.ask("thread", lambda _: threading.get_ident(), names.append)
    qtbot.waitUntil(lambda: bool(names))
    assert names != [threading.get_ident()]


def test_a_question_that_fails_is_told_and_the_next_is_answered(qtbot: QtBot, reader: Reader):
    """An error ends one question, not the reader."""
    answers: list[int] = []

    def failing(_: Database) -> int:
        raise StoreError("database_busy", path="x")

    with qtbot.waitSignal(reader.failed) as told:
        reader.ask("a", failing, answers.append)
    assert told.args[0].code == "database_busy"
    reader.ask("b", lambda _: 1, answers.append)
    qtbot.waitUntil(lambda: answers == [1])


def test_what_others_write_is_noticed(qtbot: QtBot, reader: Reader, district: District):
    """A write over another connection is told within the watch's pace."""
    with qtbot.waitSignal(reader.wrote, timeout=WAIT_MS):
        district.sync()


def test_an_error_in_the_window_is_shown_with_details_without_data(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
):
    """Ours, with Copy details: kind and place, never the error's own words; the window goes on."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    window.faults.install()
    try:
        raise KeyError("Zoë Miller")
    except KeyError as error:
        monkeypatch.setattr(faults.logger, "disabled", True)
        sys.excepthook(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: window.faults.dialog is not None)
    dialog = window.faults.dialog
    assert dialog is not None
    qtbot.mouseClick(dialog.copy_button, CLICK)
    copied = QGuiApplication.clipboard().text()
    assert "KeyError" in copied
    assert "test_threads.py" in copied
    assert "Miller" not in copied
    dialog.accept()
    assert window.isVisible()


def test_the_same_error_is_shown_once(qtbot: QtBot, window: Window):
    """No pop-up repeats."""
    shown = Faults(window)
    dialogs: list[object] = []
    error = RuntimeError("x")
    for _ in range(2):
        shown.show(error)
        dialogs.append(shown.dialog)
        if shown.dialog is not None:
            shown.dialog.accept()
    assert [dialog is not None for dialog in dialogs] == [True, False]
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.expects_warnings("the engine thread ended by an error")
def test_an_error_that_ends_the_engine_thread_leaves_a_way_back(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path
):
    """A dialog and a page say so; the button there opens the engine again."""
    starts: list[Path] = []

    def start(folder: Path) -> PracticeSis:
        starts.append(folder)
        if len(starts) == 1:
            raise RuntimeError("an engine of straw")
        return PracticeSis(folder, students=STUDENTS)

    window = open_window(Options(data_dir=data_dir, practice=True), start_sis=start)
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.trouble, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.faults.dialog is not None, timeout=WAIT_MS)
    assert window.faults.dialog is not None
    window.faults.dialog.accept()
    qtbot.mouseClick(window.trouble.first_button, CLICK)
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.sides, timeout=WAIT_MS)


def test_a_command_that_breaks_is_shown_and_the_engine_goes_on(qtbot: QtBot, window: Window):
    """An unexpected error on the engine thread becomes our dialog; the next sync works."""
    assert window.session is not None
    window.session.command("start", 1, 2, 3)
    qtbot.waitUntil(lambda: window.faults.dialog is not None, timeout=WAIT_MS)
    assert window.faults.dialog is not None
    assert "TypeError" in window.faults.dialog.details
    window.faults.dialog.accept()
    sync(qtbot, window)


def test_a_command_for_a_connector_that_is_gone_is_told(qtbot: QtBot, window: Window):
    """An error of ours becomes a message in the window."""
    assert window.session is not None
    window.session.start("nobody", full=False)
    qtbot.waitUntil(lambda: window.work.notice.isVisible(), timeout=WAIT_MS)
    assert "nobody" in window.work.notice.words.text()
    qtbot.mouseClick(window.work.notice.hide_button, CLICK)
    assert not window.work.notice.isVisible()


def test_an_emitted_signal_takes_nothing_from_python():
    """A Qt for Python that miscounts ``True`` aborts after some hundred of them (6.12.0)."""
    before = sys.getrefcount(True)
    sender = _Sender()
    for _ in range(100):
        sender.told.emit(sender)
    assert abs(sys.getrefcount(True) - before) < 50


class _Sender(QObject):
    told = Signal(object)
