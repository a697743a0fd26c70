"""Every screen, looked at as those do who do not see, point or read as its builder does."""

from collections.abc import Callable, Iterator
from gettext import NullTranslations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app import text
from app.compose import Options
from app.store import reads
from app.store.database import Database, Location
from app.ui import theme
from app.ui.parts.fitting import Fitting
from app.ui.places import (
    Place,
    ToChangeSet,
    ToDifferences,
    ToFound,
    ToInbox,
    ToRecord,
    ToSettings,
    ToToday,
    ToWaiting,
)
from app.ui.window import Window
from tests.ui import audit
from tests.ui.busy import NORTH, busy
from tests.ui.stage import WAIT_MS, ready

SIZES = ((960, 540), (1280, 800))
"""A laptop of 1920 x 1080 at 200 %, and an ordinary window."""


class Doubled(NullTranslations):
    """A language whose sentences are twice as long."""

    def gettext(self, message: str) -> str:
        return f"{message} {message}" if message else ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> Options:
    """The busy roster, made once; no test changes it."""
    return busy(tmp_path_factory.mktemp("busy"))


@pytest.fixture
def window(qtbot: QtBot, open_window: Callable[..., Window], options: Options) -> Window:
    """The window on it."""
    return ready(qtbot, open_window(options))


def places(window: Window) -> Iterator[Place]:
    """Everywhere that a click may lead to."""
    with Database(Location.of(window.session.options.folder)) as database:  # type: ignore[union-attr]
        people, classes = (reads.record_ids(database, one) for one in ("users", "classes"))
        sync = reads.run_ids(database)[-1]
    yield from (ToToday(), ToInbox(), ToWaiting(NORTH), ToDifferences())
    yield from (ToChangeSet(sync), ToChangeSet(sync, log=True), ToFound("ana"))
    yield from (ToRecord("users", people[0]), ToRecord("classes", classes[0]))
    for page in window.work.settings.pages:
        yield ToSettings(page.name, NORTH)


def looked_at(qtbot: QtBot, window: Window) -> Iterator[tuple[str, str]]:
    """Goes everywhere; the complaints about each place."""
    for place in places(window):
        window.work.go(place)
        qtbot.waitUntil(lambda: window.work.room.quiet, timeout=WAIT_MS)
        audit.settle()
        for complaint in audit.complaints(window):
            yield str(place), complaint


def complaints(qtbot: QtBot, window: Window) -> str:
    return "\n".join(sorted({f"{room}: {told}" for room, told in looked_at(qtbot, window)}))


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=["200%", "usual"])
def test_no_room_has_a_complaint(qtbot: QtBot, window: Window, look: str, size: tuple[int, int]):
    """Names, room for every text, targets, contrast and the way of Tab, in every room."""
    theme.use(look)
    window.resize(*size)
    assert complaints(qtbot, window) == ""


def test_a_low_screen_scrolls_a_room_and_an_ordinary_one_does_not(qtbot: QtBot, window: Window):
    """The window is never larger than the screen, not even with a message of two lines."""
    window.work.notice.say("This is a message about something. " * 5)
    for size, may_scroll in zip(SIZES, (True, False), strict=True):
        window.resize(*size)
        scrolled = []
        for place in places(window):
            window.work.go(place)
            qtbot.waitUntil(lambda: window.work.room.quiet, timeout=WAIT_MS)
            audit.settle()
            assert (window.width(), window.height()) == size
            area = window.work.tabs.currentWidget()
            assert isinstance(area, Fitting)
            assert not area.horizontalScrollBar().isVisible(), place
            scrolled += [place] if area.verticalScrollBar().isVisible() else []
        assert may_scroll or not scrolled


def test_words_twice_as_long_find_room(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    open_window: Callable[..., Window],
    options: Options,
):
    """Nothing is cut in a language that takes twice the room."""
    monkeypatch.setattr(text, "_catalogue", Doubled())
    window = ready(qtbot, open_window(options))
    window.resize(1280, 800)
    assert complaints(qtbot, window) == ""


@pytest.mark.usefixtures("spanish")
def test_spanish_finds_room(qtbot: QtBot, open_window: Callable[..., Window], options: Options):
    """Nothing is cut in Spanish on a small screen."""
    window = ready(qtbot, open_window(options))
    window.resize(*SIZES[0])
    assert complaints(qtbot, window) == ""


def test_right_to_left_finds_room(
    qtbot: QtBot, open_window: Callable[..., Window], options: Options, qapp: QApplication
):
    """Where people read from the right, everything is mirrored and nothing is cut."""
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        window = ready(qtbot, open_window(options))
        window.resize(1280, 800)
        assert complaints(qtbot, window) == ""
        assert window.connectors.mapTo(window, window.connectors.rect().center()).x() > 640
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_letters_twice_as_large_find_room(
    qtbot: QtBot, open_window: Callable[..., Window], options: Options, qapp: QApplication
):
    """A system font of double size cuts nothing on a screen of 1920 x 1080."""
    before = qapp.font()
    large = QFont(before)
    large.setPointSizeF(before.pointSizeF() * 2)
    qapp.setFont(large)
    try:
        window = ready(qtbot, open_window(options))
        window.resize(1920, 1032)
        assert complaints(qtbot, window) == ""
    finally:
        qapp.setFont(before)


# -- the audit itself --------------------------------------------------------------------------


@pytest.fixture
def screen(qtbot: QtBot) -> QWidget:
    """An empty one."""
    found = QWidget()
    QVBoxLayout(found)
    found.resize(400, 300)
    qtbot.addWidget(found)
    found.show()
    return found


def put(screen: QWidget, widget: QWidget) -> None:
    layout = screen.layout()
    assert layout is not None
    layout.addWidget(widget)
    audit.settle()


def test_a_good_screen_has_no_complaint(screen: QWidget):
    """A label and a button as they should be."""
    put(screen, QLabel("All is well."))
    put(screen, QPushButton("Run Sync Now"))
    assert audit.complaints(screen) == []


def test_a_button_without_a_name_is_found(screen: QWidget):
    """A picture alone says nothing to a screen reader."""
    put(screen, QPushButton())
    assert [told.partition(":")[0] for told in audit.nameless(screen)] == ["has no name"]


def test_text_that_is_cut_is_found(screen: QWidget):
    """A label that is narrower than its words."""
    label = QLabel("A sentence that is longer than this")
    label.setFixedWidth(40)
    put(screen, label)
    assert len(list(audit.clipped(screen))) == 1


def test_a_target_that_is_too_small_is_found(screen: QWidget):
    """16 pixels are hard to hit."""
    button = QPushButton("x")
    button.setFixedSize(16, 16)
    put(screen, button)
    assert len(list(audit.small(screen))) == 1


def test_text_that_is_too_faint_is_found(screen: QWidget):
    """Light grey on white."""
    label = QLabel("Quiet")
    palette = label.palette()
    palette.setColor(QPalette.ColorRole.WindowText, QColor("#bbbbbb"))
    label.setPalette(palette)
    label.setStyleSheet("color: #bbbbbb; background: #ffffff")
    put(screen, label)
    assert len(list(audit.faint(screen))) == 1


def test_a_tab_order_that_goes_up_is_found(screen: QWidget):
    """The eye reads down; so should Tab go."""
    first, second, third = QPushButton("First"), QPushButton("Second"), QPushButton("Third")
    for button in (first, second, third):
        put(screen, button)
    assert list(audit.unreached(screen)) == []
    QWidget.setTabOrder(first, third)
    QWidget.setTabOrder(third, second)
    assert any("goes up" in told for told in audit.unreached(screen))
