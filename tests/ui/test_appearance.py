"""Colours, sizes and what the window remembers."""

from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QSettings
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.compose import Options
from app.ui import application, theme
from app.ui.theme import DARK, LIGHT, Colours
from app.ui.window import Window
from app.vault import MemoryVault
from tests.ui.stage import District, ready, sync

TEXT_ON = (
    ("text", ("window", "side", "panel", "raised", "chosen", "note")),
    ("muted", ("window", "side", "panel", "raised", "chosen")),
    ("good", ("side", "panel", "chosen")),
    ("active", ("side", "panel", "chosen")),
    ("warn", ("side", "panel", "chosen")),
    ("bad", ("window", "side", "panel", "chosen")),
    ("quiet", ("side", "panel", "chosen")),
    ("on_accent", ("accent", "accent_hover")),
    ("on_band", ("band",)),
    ("panel", ("warn",)),
)


def luminance(colour: QColor) -> float:
    def part(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    r, g, b = (part(v) for v in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(QColor(one)), luminance(QColor(other))))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "grounds"), TEXT_ON)
def test_text_can_be_read_on_every_ground_it_stands_on(
    colours: Colours, text: str, grounds: tuple[str, ...]
):
    """Contrast is 4.5 : 1 at least (WCAG 1.4.3)."""
    told = asdict(colours)
    for ground in grounds:
        assert contrast(told[text], told[ground]) >= 4.5, (text, ground)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_focus_can_be_seen(colours: Colours):
    """The line around what has the focus stands out 3 : 1 from what is around it."""
    for ground in (colours.window, colours.side, colours.panel):
        assert contrast(colours.focus, ground) >= 3


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_box_without_a_tick_can_be_seen(qtbot: QtBot, look: str):
    """Its border stands out 3 : 1 from what is around it."""
    theme.use(look)
    box = QCheckBox("Off")
    qtbot.addWidget(box)
    with qtbot.waitExposed(box):
        box.show()
    picture, ground = box.grab().toImage(), theme.colours().window
    shades = {picture.pixelColor(x, box.height() // 2).name() for x in range(theme.BOX)}
    assert max(contrast(shade, ground) for shade in shades) >= 3


def test_the_window_fits_its_screen(qtbot: QtBot, window: Window):
    """With what a desktop puts around it: nothing of it is below the lower edge."""
    room = window.screen().availableSize()
    wanted = theme.fitting(window, 10 * room.width(), 10 * room.height())
    assert wanted.width() == room.width() - 2 * theme.FRAME
    assert wanted.height() == room.height() - theme.TITLE_BAR
    assert theme.fitting(window, 300, 200).toTuple() == (300, 200)


def test_dark_and_light_are_chosen_in_the_menu_and_remembered(window: Window, settings: QSettings):
    """Choosing an appearance changes the window at once and is there at the next start."""
    dark = next(look for look in window.menus.appearances.actions() if look.data() == "dark")
    dark.trigger()
    assert theme.is_dark()
    assert window.palette().window().color() == QColor(DARK.window)
    assert theme.remembered(settings) == "dark"
    light = next(look for look in window.menus.appearances.actions() if look.data() == "light")
    light.trigger()
    assert window.palette().window().color() == QColor(LIGHT.window)


def test_the_program_has_an_icon_of_its_own(window: Window, settings: QSettings):
    """Task bars show it in every size; in the middle it is not empty."""
    application.dress(settings)
    for size in (16, 64, 256):
        drawn = window.windowIcon().pixmap(size).toImage()
        assert drawn.width() == size
        assert drawn.pixelColor(size // 2, size // 2) == QColor(LIGHT.accent)


def test_the_window_comes_back_where_it_was(
    qtbot: QtBot, window: Window, open_window: Callable[..., Window], district: District
):
    """Size and the width of the left side are remembered."""
    window.resize(940, 640)
    window.sides.setSizes([300, 640])
    session = window.session
    assert session is not None
    with qtbot.waitSignal(session.closed):
        window.close()
    again = ready(qtbot, open_window(district.options, district.vault))
    # The fixture asks for a size after opening, so what was remembered is read from the settings.
    assert again.sides.sizes()[0] == pytest.approx(300, abs=40)


def test_no_button_is_called_ok(window: Window):
    """Buttons say their effect."""
    words = {button.text().strip("&").lower() for button in window.findChildren(QPushButton)}
    assert not words & {"ok", "yes", "no", "apply", "submit"}


@pytest.mark.parametrize("size", [(900, 600), (1280, 800), (1920, 1080)])
def test_words_twice_as_long_still_fit(qtbot: QtBot, window: Window, size: tuple[int, int]):
    """With every label and button doubled the window keeps its size and nothing overlaps."""
    sync(qtbot, window)
    window.resize(*size)
    labels: list[QLabel | QPushButton] = [*window.findChildren(QLabel)]
    for widget in [*labels, *window.findChildren(QPushButton)]:
        if widget.text():
            widget.setText(f"{widget.text()} {widget.text()}")
    qtbot.waitUntil(lambda: window.size().toTuple() == size)
    qtbot.wait(0)
    for button in window.findChildren(QPushButton):
        if button.isVisible():
            whole = button.rect().translated(button.mapTo(window, button.rect().topLeft()))
            assert window.rect().contains(whole), button.text()
            assert button.width() >= button.minimumSizeHint().width() or button.width() >= 24
    parts = [
        window.work.headline,
        window.work.history.table,
        window.work.history.sync,
    ]
    spans = [(p.mapTo(window, p.rect().topLeft()).y(), p.height()) for p in parts]
    for (top, height), (next_top, _) in pairwise(spans):
        assert top + height <= next_top


def test_cells_take_the_new_colours(qtbot: QtBot, window: Window):
    """What was drawn in light can be read in dark."""
    sync(qtbot, window)
    table = window.work.history.sync.streams
    qtbot.waitUntil(lambda: table.rowCount() > 0)
    theme.use("dark")
    zeros = [table.item(0, column) for column in range(1, table.columnCount() - 1)]
    inks = {zero.foreground().color().name() for zero in zeros if zero and zero.text() == "0"}
    assert inks == {DARK.muted}


def test_in_other_colours_the_header_keeps_its_size(qtbot: QtBot, window: Window):
    """Where it is small, its sentence stays small, and so does it."""
    window.work.headline.set_compact(False)
    window.work.headline.set_compact(True)
    qtbot.wait(0)
    headline = window.work.headline
    before = (headline.title.font().pointSizeF(), headline.height())
    for look in ("dark", "light"):
        theme.use(look)
        qtbot.wait(0)
        assert (headline.title.font().pointSizeF(), headline.height()) == before


def test_a_change_of_the_systems_colours_is_followed(qtbot: QtBot, window: Window):
    """Changing the palette repaints, and raises nothing."""
    window.changeEvent(QEvent(QEvent.Type.PaletteChange))
    theme.use("system")
    assert window.palette().window().color() in (QColor(LIGHT.window), QColor(DARK.window))


def test_nothing_flashes_as_a_window_while_the_rooms_are_made(
    qapp: QApplication, open_window: Callable[..., Window], tmp_path: Path
):
    """A part that is shown before it has its place would be a window of its own for a moment."""

    alone: list[QObject] = []

    class Shown(QObject):
        def eventFilter(self, shown: QObject, event: QEvent) -> bool:  # noqa: N802, RUF100
            if event.type() is QEvent.Type.Show and isinstance(shown, QWidget):
                alone.extend([shown] if shown.isWindow() else [])
            return False

    watch = Shown()
    qapp.installEventFilter(watch)
    window = open_window(Options(data_dir=tmp_path / "data"), MemoryVault())
    window.work.make_all()
    qapp.removeEventFilter(watch)
    assert alone == [window]
