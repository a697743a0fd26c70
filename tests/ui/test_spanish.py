"""The window in Spanish, as where a person has chosen it or the system speaks it."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QMenuBar
from pytestqt.qtbot import QtBot

from app.engine.told import value_text
from app.roster.entities import ENTITIES
from app.text import day, sentence
from app.ui import wording
from app.ui.people.fields import field_of
from app.ui.window import Window
from tests.ui.stage import District, ready

pytestmark = pytest.mark.usefixtures("spanish")


@pytest.fixture
def window(
    qtbot: QtBot, spanish: None, open_window: Callable[..., Window], district: District
) -> Window:
    """The window on a district that was never synced."""
    return ready(qtbot, open_window(district.options, district.vault))


def plain(words: str) -> str:
    return words.replace("&&", "+").replace("&", "").replace("+", "&")


def test_menus_and_rooms_are_spanish(window: Window):
    """From the menu bar to the rooms, what is read first is Spanish."""
    bar = window.findChild(QMenuBar)
    assert bar is not None
    menus = [plain(action.text()) for action in bar.actions() if action.isVisible()]
    assert menus[:3] == ["Archivo", "Edición", "Conector"]
    tabs = window.work.tabs
    rooms = [plain(tabs.tabText(place)) for place in range(tabs.count())]
    assert rooms == ["Hoy", "Decidir", "Historial", "Personas y clases", "Configuración"]


def test_a_sentence_knows_one_from_many():
    """A count has its own words for one and for many."""
    one, many = (
        sentence("health_conflicts", {"name": "Norte", "count": count}) for count in (1, 1200)
    )
    assert one == "“Norte”: 1 diferencia requiere su decisión."
    assert many == "“Norte”: 1,200 diferencias requieren su decisión."


def test_days_and_times_are_spanish():
    """Months, days of the week and “5 minutes ago” as well."""
    now = datetime(2026, 12, 3, 18, tzinfo=UTC)
    assert day(date(2026, 12, 3)) == "3 dic 2026"
    assert wording.week_day(date(2026, 11, 23)) == "lun 23 nov"
    assert wording.ago(now - timedelta(minutes=5), now) == "hace 5 minutos"


def test_a_word_of_a_vocabulary_is_spanish_and_stays_what_it_is(qtbot: QtBot):
    """A role is read in the person's language; what is saved is the standard's word."""
    role = ENTITIES["enrollments"].by_name["role"]
    assert value_text(role, "student", {}) == "estudiante"
    assert value_text(role, "ext:mentor", {}) == "ext:mentor"
    field = field_of(role, "teacher", {}, lambda *_: None)
    qtbot.addWidget(field)
    assert isinstance(field.editor, QComboBox)
    assert field.editor.currentText() == "docente"
    field.editor.setCurrentText("estudiante")
    assert field.value() == "student"


def test_buttons_of_qt_are_spanish(qtbot: QtBot):
    """What Qt itself writes on a dialog speaks the language of the window."""
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    assert [plain(button.text()) for button in box.buttons()] == ["Cancelar"]


@pytest.mark.parametrize("system", [{"LANG": "C"}, {"LANG": "en_US.UTF-8"}])
def test_the_language_that_was_chosen_is_spoken_from_the_start(system: dict[str, str]):
    """A process of its own begins in the language that it is told, whatever the system has."""
    program = (
        "from datetime import date; from app.text import _; from app.ui.application import made;"
        "from app.ui.wording import week_day;"
        "made(language='es'); print(_('Language'), week_day(date(2026, 11, 23)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", "LANGUAGE": "es", **system},
        check=True,
    )
    assert told.stdout.strip() == "Idioma lun 23 nov"
