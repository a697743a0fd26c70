"""What a test of the window gets: a real practice SIS, a real database, and a window to close."""

import gc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QLocale,
    QSettings,
    QThread,
    QTimer,
    QTranslator,
)
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app import compose, text
from app.compose import Options, PracticeSis
from app.ui import application, theme
from app.ui.session import Session
from app.ui.window import Window
from app.vault import MemoryVault
from tests.ui.stage import NAME, STUDENTS, WAIT_MS, District, ready


def running_qt() -> list[str]:
    """The timers and threads of Qt that are running."""
    gc.unfreeze()  # opening the program freezes what is there, and hides it from this look
    found = []
    for each in gc.get_objects():
        kind = type(each)
        if issubclass(kind, QTimer) and isValid(each) and each.isActive():
            found.append(f"a QTimer every {each.interval()} ms of {each.parent()!r}")
        elif issubclass(kind, QThread) and isValid(each) and each.isRunning():
            found.append(f"a running {kind.__name__}")
    return found


@pytest.fixture(autouse=True)
def _leaves_no_timer_or_thread_of_qt(qapp: QApplication) -> Iterator[None]:
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if found := running_qt():
        pytest.fail("This test left running:\n  " + "\n  ".join(found), pytrace=False)


@pytest.fixture(autouse=True)
def _light(qapp: QApplication) -> Iterator[None]:
    theme.use("light")
    yield
    theme.use("light")


@pytest.fixture
def spanish(qapp: QApplication) -> Iterator[None]:
    """Spanish is spoken, as where a person has chosen it; then what was spoken before."""
    locale, before = QLocale(), set(qapp.findChildren(QTranslator))
    application.speak(qapp, "es")
    yield
    for translator in set(qapp.findChildren(QTranslator)) - before:
        qapp.removeTranslator(translator)
    QLocale.setDefault(locale)
    text.use_language(None)


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    """What the window remembers, in a file of the test."""
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def make_district(tmp_path: Path) -> Iterator[Callable[..., District]]:
    """Makes a district with so many students, read in pages of ``page_size``."""
    started: list[PracticeSis] = []

    def make(students: int = STUDENTS, page_size: int = 2000) -> District:
        sis = PracticeSis(tmp_path / "sis", students=students)
        started.append(sis)
        vault = MemoryVault()
        options = Options(data_dir=tmp_path / "data", page_size=page_size)
        with compose.program(options, vault) as program:
            program.engine.save_connector(
                NAME, "oneroster", sis.settings, {"client_secret": sis.ready.client_secret}
            )
        return District(sis, vault, options)

    yield make
    for sis in started:
        sis.close()


@pytest.fixture
def district(make_district: Callable[..., District]) -> District:
    """A small district that was never synced."""
    return make_district()


@pytest.fixture
def open_window(qtbot: QtBot, settings: QSettings) -> Iterator[Callable[..., Window]]:
    """Opens a window on options; every one is closed at the end, its session waited for."""
    opened: list[Window] = []

    def open_(options: Options, vault: MemoryVault | None = None, **how: Any) -> Window:
        how.setdefault("start_sis", partial(PracticeSis, students=STUDENTS))
        how.setdefault("watch_seconds", 0.1)
        window = Window(options, settings, lambda o: Session(o, secrets=vault, **how))
        opened.append(window)
        window.resize(1160, 760)
        with qtbot.waitExposed(window):
            window.show()
        return window

    yield open_
    for window in opened:
        session = window.session
        window.close()
        if session is not None:
            qtbot.waitUntil(lambda s=session: not isValid(s) or s.over, timeout=WAIT_MS)  # type: ignore[misc]
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(qtbot: QtBot, open_window: Callable[..., Window], district: District) -> Window:
    """A window on the small district, ready to sync."""
    return ready(qtbot, open_window(district.options, district.vault))
