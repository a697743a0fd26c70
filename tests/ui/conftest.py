"""What a test of the window gets: a real practice SIS, a real database, and a window to close."""

import gc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import shiboken6
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

from app import compose, text
from app.compose import PRACTICE_STATE, Options, PracticeSis
from app.ui import application, theme
from app.ui.session import Session
from app.ui.window import Window
from app.vault import MemoryVault
from tests.beginning import begin
from tests.ui.stage import NAME, STUDENTS, WAIT_MS, District, ready
from tests.ui.test_audit import Doubled


def running_qt() -> list[str]:
    """The timers and threads of Qt that are running."""
    found = []
    for each in shiboken6.getAllValidWrappers():
        if isinstance(each, QTimer) and each.isActive():
            found.append(f"a QTimer every {each.interval()} ms of {each.parent()!r}")
        elif isinstance(each, QThread) and each.isRunning():
            found.append(f"a running {type(each).__name__}")
    return found


@pytest.fixture(autouse=True)
def _leaves_no_timer_or_thread_of_qt(qapp: QApplication) -> Iterator[None]:
    yield
    gc.unfreeze()  # opening the program freezes what is there, which then was never collected
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if found := running_qt():
        pytest.fail("This test left running:\n  " + "\n  ".join(found), pytrace=False)


def _look(app: QApplication) -> tuple[object, ...]:
    return app.styleHints().colorScheme(), app.styleSheet(), app.palette(), theme.is_dark()


@pytest.fixture(scope="session")
def _lit(qapp: QApplication) -> tuple[object, ...]:
    theme.use("light")
    return _look(qapp)


@pytest.fixture(autouse=True)
def _light(qapp: QApplication, _lit: tuple[object, ...]) -> Iterator[None]:
    yield
    # To style the whole program takes longer than many a test.
    if _look(qapp) != _lit:
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


@pytest.fixture(scope="session")
def practice_sis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PracticeSis, Path]]:
    """One small practice SIS for all tests, as its start takes longest; and what it remembers."""
    folder = tmp_path_factory.mktemp("sis")
    sis = PracticeSis(folder, students=STUDENTS)
    yield sis, folder / PRACTICE_STATE
    sis.close()


def connected(folder: Path, sis: PracticeSis, page_size: int) -> District:
    """A data folder with a connector to it."""
    begin(folder)
    vault, options = MemoryVault(), Options(data_dir=folder, page_size=page_size)
    with compose.program(options, vault) as program:
        program.engine.save_connector(
            NAME, "oneroster", sis.settings, {"client_secret": sis.ready.client_secret}
        )
    return District(sis, vault, options)


@pytest.fixture
def make_district(tmp_path: Path) -> Iterator[Callable[..., District]]:
    """Makes a district of its own with so many students, read in pages of ``page_size``."""
    started: list[PracticeSis] = []

    def make(students: int = STUDENTS, page_size: int = 2000) -> District:
        sis = PracticeSis(tmp_path / "sis", students=students)
        started.append(sis)
        return connected(tmp_path / "data", sis, page_size)

    yield make
    for sis in started:
        sis.close()


@pytest.fixture
def sis(
    request: pytest.FixtureRequest, practice_sis: tuple[PracticeSis, Path], tmp_path: Path
) -> Iterator[PracticeSis]:
    """A practice SIS that a test may ask, and make fail, but not change.

    A test marked ``own_sis`` has one of its own, with which it does as it likes.
    """
    if request.node.get_closest_marker("own_sis"):
        own = PracticeSis(tmp_path / "sis", students=STUDENTS)
        yield own
        own.close()
        return
    sis, state = practice_sis
    before = state.stat().st_size
    yield sis
    sis.clear_faults()
    assert state.stat().st_size == before, "This test needs a practice SIS of its own."


@pytest.fixture
def district(sis: PracticeSis, tmp_path: Path) -> District:
    """A small district that was never synced."""
    return connected(tmp_path / "data", sis, 2000)


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
            qtbot.waitUntil(lambda s=session: not shiboken6.isValid(s) or s.over, timeout=WAIT_MS)  # type: ignore[misc]
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(params=[False, True], ids=["usual", "doubled"])
def in_any_words(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
    open_window: Callable[..., Window],
) -> Callable[[Options], Window]:
    """Opens a window that is ready: once in our words, once in words that are twice as long."""
    if request.param:
        monkeypatch.setattr(text, "_catalogue", Doubled())
    return lambda options: ready(qtbot, open_window(options))


@pytest.fixture
def window(qtbot: QtBot, open_window: Callable[..., Window], district: District) -> Window:
    """A window on the small district, ready to sync."""
    return ready(qtbot, open_window(district.options, district.vault))
