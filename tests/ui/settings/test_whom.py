"""Settings: who is whom at two SIS."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.compose import Options
from app.engine.decisions import Take
from app.roster.identity import RULES
from app.store import differences, matching
from app.store.database import Database, Location
from app.ui.places import ToInbox, ToSettings
from app.ui.settings.whom import WhomPage
from app.ui.window import Window
from tests.engine.test_matching_answers import answer, in_doubt
from tests.ui.stage import CLICK, WAIT_MS, District, ready


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Options:
    """Two SIS, and one person who was said not to be the same."""
    folder = tmp_path_factory.mktemp("whom") / "data"
    with in_doubt(folder) as d:
        answer(d, Take.DIFFERENT)
    return Options(data_dir=folder)


@pytest.fixture
def options(made: Options, tmp_path: Path) -> Options:
    """A copy of it."""
    return Options(data_dir=shutil.copytree(made.folder, tmp_path / "data"))


@pytest.fixture
def page(qtbot: QtBot, open_window: Callable[..., Window], options: Options) -> WhomPage:
    """The page, read."""
    window = ready(qtbot, open_window(options))
    window.work.go(ToSettings("whom"))
    found = window.work.settings.page
    assert isinstance(found, WhomPage)
    qtbot.waitUntil(lambda: found.rules.rowCount() == len(RULES), timeout=WAIT_MS)
    return found


def off(options: Options) -> set[str]:
    """Which rules are off."""
    with Database(Location.of(options.folder)) as database, database.reading() as tx:
        return matching.switched_off(tx)


def test_a_rule_is_switched_off_and_on_again(
    qtbot: QtBot, page: WhomPage, options: Options
) -> None:
    """By its button, and by Enter on its row."""
    name = "users.email"
    page.rules.selectRow(page.rules.values.index(name))
    qtbot.mouseClick(page.switch_button, CLICK)
    qtbot.waitUntil(lambda: off(options) == {name}, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page.switch_button.text() == "Switch this rule on", timeout=WAIT_MS)
    qtbot.keyClick(page.rules, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: off(options) == set(), timeout=WAIT_MS)


def test_who_was_told_apart_is_listed_and_may_be_the_same_after_all(
    qtbot: QtBot, page: WhomPage, options: Options
) -> None:
    """The answer is taken back; a look over everything asks again."""
    assert page.pairs.rowCount() == 1
    page.pairs.selectRow(0)
    qtbot.mouseClick(page.forget_button, CLICK)
    qtbot.waitUntil(lambda: page.pairs.rowCount() == 0, timeout=WAIT_MS)
    assert page.none.isVisible()
    window = page.window()
    assert isinstance(window, Window)
    qtbot.mouseClick(page.look_button, CLICK)
    qtbot.waitUntil(lambda: window.work.room.place() == ToInbox(), timeout=WAIT_MS)
    assert page.found.text() == "1 new question, under Decide."
    with Database(Location.of(options.folder)) as database:
        assert len(differences.difference_ids(database, kind="same_person")) == 1


def test_a_look_that_finds_nothing_says_so(qtbot: QtBot, page: WhomPage) -> None:
    """And stays where it is."""
    qtbot.mouseClick(page.look_button, CLICK)
    qtbot.waitUntil(lambda: page.found.text() == "Nothing new was found.", timeout=WAIT_MS)
    assert page.isVisible()


def test_of_one_sis_there_is_no_such_page(
    qtbot: QtBot, open_window: Callable[..., Window], district: District
) -> None:
    """Nothing is shown that does not apply."""
    window = ready(qtbot, open_window(district.options, district.vault))
    room = window.work.settings
    qtbot.waitUntil(lambda: room.which.count() == 1, timeout=WAIT_MS)
    shown = [room.list.item(row).text() for row in range(room.list.count())
             if not room.list.item(row).isHidden()]  # fmt: skip
    assert "Network" in shown
    assert "Who is whom" not in shown
    assert "Words of the SIS" not in shown
