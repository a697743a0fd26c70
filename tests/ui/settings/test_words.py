"""Settings: the words of a SIS, and what each means."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app import compose
from app.compose import Options
from app.store import journal, reads
from app.store.database import Database, Location
from app.ui.places import ToInbox, ToSettings
from app.ui.settings.words import WordsPage
from app.ui.window import Window
from app.vault import MemoryVault
from tests.ui import audit
from tests.ui.stage import CLICK, WAIT_MS, ready

ODS = "ODS"
MET = {
    "words": {
        "seen": [
            ["SexDescriptor", "female", "uri://ed-fi.org/SexDescriptor#Female", 40],
            ["SexDescriptor", "female", "uri://here.example/SexDescriptor#Female", 2],
        ],
        "unmapped": {"GradeLevelDescriptor#Jr K": 7, "SexDescriptor#X": 90},
    }
}
"""What the connector says that it has met: one word is understood."""


@pytest.fixture
def options(data_dir: Path) -> Options:
    """A connector to an Ed-Fi service that has met some words."""
    options = Options(data_dir=data_dir)
    told = {"base_url": "https://ods.example/api", "key": "k"}
    with compose.program(options, MemoryVault()) as program:
        program.engine.save_connector(ODS, "edfi", told, {"secret": "s"})
        with program.database.writing() as tx:
            journal.set_learnt(tx, journal.connector(tx, ODS).id, "as before", MET)
    return options


@pytest.fixture
def page(qtbot: QtBot, open_window: Callable[..., Window], options: Options) -> WordsPage:
    """The page, read."""
    vault = MemoryVault()
    vault.set(ODS, "secret", "s")
    window = ready(qtbot, open_window(options, vault))
    window.work.go(ToSettings("words", ODS))
    found = window.work.settings.page
    assert isinstance(found, WordsPage)
    qtbot.waitUntil(lambda: bool(found.told.text()), timeout=WAIT_MS)
    return found


def shown(page: WordsPage) -> list[tuple[str, ...]]:
    """The rows: the word, of what, what it means, how often."""
    items = [[page.rows.item(row, column) for column in range(4)]
             for row in range(page.rows.rowCount())]  # fmt: skip
    return [tuple(item.text() if item else "" for item in row) for row in items]


def explained(options: Options) -> str:
    """What the setting says."""
    with Database(Location.of(options.folder)) as database:
        return str(reads.connector(database, ODS).settings.get("descriptor_map", ""))


def test_what_is_not_understood_is_listed_by_how_often_it_was_said(page: WordsPage) -> None:
    """And counted above; nothing else is shown unless somebody wants it."""
    assert page.told.text() == "2 words are not understood."
    assert shown(page) == [("X", "Sex", "", "90"), ("Jr K", "GradeLevel", "", "7")]


def test_what_is_understood_is_shown_when_asked_for(qtbot: QtBot, page: WordsPage) -> None:
    """A word that several namespaces have is one."""
    page.unmapped.click()
    assert ("Female", "Sex", "female", "42") in shown(page)
    qtbot.keyClicks(page.search, "female")
    assert [row[0] for row in shown(page)] == ["Female"]


def test_a_word_is_explained_from_what_it_can_mean(
    qtbot: QtBot, page: WordsPage, options: Options
) -> None:
    """It goes into the setting, and the word is understood from then on."""
    page.rows.selectRow(1)
    assert page.asked.text() == "What does “Jr K” mean?"
    assert not page.explain_button.isEnabled()
    page.choice.setCurrentIndex(page.choice.findData("PK"))
    qtbot.mouseClick(page.explain_button, CLICK)
    qtbot.waitUntil(lambda: explained(options) == "GradeLevelDescriptor#Jr K=PK", timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page.told.text() == "1 word is not understood.", timeout=WAIT_MS)


def test_what_was_explained_is_taken_back(qtbot: QtBot, page: WordsPage, options: Options) -> None:
    """By the Delete key on its row."""
    page.rows.selectRow(0)
    page.choice.setCurrentIndex(page.choice.findData("other"))
    qtbot.mouseClick(page.explain_button, CLICK)
    qtbot.waitUntil(lambda: explained(options) == "SexDescriptor#X=other", timeout=WAIT_MS)
    qtbot.waitUntil(lambda: ("X", "Sex", "other", "90") in shown(page), timeout=WAIT_MS)
    page.rows.selectRow([row[0] for row in shown(page)].index("X"))
    qtbot.keyClick(page.rows, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: explained(options) == "", timeout=WAIT_MS)


def test_the_inbox_tells_of_words_that_are_not_understood(
    qtbot: QtBot, open_window: Callable[..., Window], options: Options
) -> None:
    """In one line that leads to where they are explained; it is no decision that is counted."""
    window = ready(qtbot, open_window(options))
    window.work.go(ToInbox())
    inbox = window.work.decide.inbox
    qtbot.waitUntil(inbox.asides.isVisible, timeout=WAIT_MS)
    [words] = [one.text() for one in inbox.asides.findChildren(QLabel)]
    assert words == ("“ODS” uses 2 words that are not understood; what they say is left blank.")
    qtbot.mouseClick(inbox.asides.findChildren(QPushButton)[0], CLICK)
    assert isinstance(window.work.settings.page, WordsPage)


def test_the_page_has_no_complaint(
    qtbot: QtBot, in_any_words: Callable[[Options], Window], options: Options
) -> None:
    """Names, room for every text, targets, contrast and the way of Tab."""
    window = in_any_words(options)
    window.work.go(ToSettings("words", ODS))
    page = window.work.settings.page
    assert isinstance(page, WordsPage)
    qtbot.waitUntil(lambda: page.rows.rowCount() == 2, timeout=WAIT_MS)
    page.rows.selectRow(0)
    assert audit.complaints(window, (1280, 800), (960, 540)) == []
