"""The same? Two of different SIS beside each other, and what the answers do."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.compose import Options
from app.store import matching, reads
from app.store.database import Database, Location
from app.ui.decide.newcomers import NewcomersRoom
from app.ui.places import ToNewcomers
from app.ui.room import Said
from app.ui.window import Window
from tests.ui import audit
from tests.ui.stage import CLICK, WAIT_MS, ready
from tests.ui.two import DOUBTFUL, two


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Options:
    """The two SIS, read once for all tests."""
    return two(tmp_path_factory.mktemp("twins") / "data", doubtful=DOUBTFUL)


@pytest.fixture
def options(made: Options, tmp_path: Path) -> Options:
    """A copy of it."""
    return Options(data_dir=shutil.copytree(made.folder, tmp_path / "data"))


@pytest.fixture
def page(qtbot: QtBot, open_window: Callable[..., Window], options: Options) -> NewcomersRoom:
    """The questions, the first of which is in sight and can be answered."""
    window = ready(qtbot, open_window(options))
    window.work.go(ToNewcomers("other", "users"))
    page = window.work.decide.newcomers
    qtbot.waitUntil(page.same_button.isEnabled, timeout=WAIT_MS)
    return page


def cells(page: NewcomersRoom) -> dict[str, tuple[str, str]]:
    """What each SIS says of each field."""
    model = page.sides.model()
    return {
        model.index(row, 0).data(): (model.index(row, 1).data(), model.index(row, 2).data())
        for row in range(model.rowCount())
    }


def test_the_two_stand_under_the_names_of_their_sis(page: NewcomersRoom) -> None:
    """What differs comes first, and what agrees says so; the keys of two SIS always differ."""
    model = page.sides.model()
    heads = [model.headerData(n, Qt.Orientation.Horizontal) for n in (1, 2)]
    assert heads == ["toy", "other"]
    shown = cells(page)
    assert next(iter(shown)) == "Given name (differs)"
    assert shown["Given name (differs)"] == ("Zoe", "Zoë")
    assert shown["Local ID (the same)"] == ("X0", "X0")
    assert not any(label.startswith("Key") for label in shown)


def test_the_rule_is_told_and_what_speaks_against_it(page: NewcomersRoom) -> None:
    """D5: in words, not by a name of ours."""
    assert page.why.text() == (
        "Why this is asked: the local ID is the same, of the same sort of person. "
        "Trust in this rule: certain. The state IDs differ."
    )


def test_the_same_is_one_record_of_both(
    qtbot: QtBot, page: NewcomersRoom, options: Options
) -> None:
    """A3: both SIS tell of it from then on, and the next question opens."""
    first = page.pair
    assert first is not None
    record, question = first.asked.record, first.asked.id
    qtbot.mouseClick(page.same_button, CLICK)
    qtbot.waitUntil(lambda: question not in page.model.ids, timeout=WAIT_MS)
    with Database(Location.of(options.folder)) as database:
        links = reads.record(database, "users", record).links
    assert [link.connector for link in links] == ["other", "toy"]
    qtbot.waitUntil(page.same_button.isEnabled, timeout=WAIT_MS)
    assert page.pair is not None
    assert page.pair.asked.id != question


def told_by(options: Options, record: int) -> list[str]:
    """The SIS that tell of a record."""
    with Database(Location.of(options.folder)) as database:
        return [link.connector for link in reads.record(database, "users", record).links]


def edited(qtbot: QtBot, window: Window, record: int) -> None:
    """Something else was done in the window before, which can be undone, too."""
    assert window.session is not None
    made: list[int] = []
    window.session.command("edit", "users", record, {"phone": "5550100"}, then=made.append)
    qtbot.waitUntil(lambda: bool(made), timeout=WAIT_MS)
    window.work.people.said.emit(Said("The phone was changed.", undo=made[0]))


def phone(options: Options, record: int) -> object:
    """The phone of somebody."""
    with Database(Location.of(options.folder)) as database:
        return reads.record(database, "users", record).record.values["phone"]


def test_undo_takes_back_that_two_are_the_same_and_nothing_older(
    qtbot: QtBot, page: NewcomersRoom, options: Options
) -> None:
    """G2: they are two again, and it is asked anew; the edit before it stands."""
    window = page.window()
    assert isinstance(window, Window)
    assert page.pair is not None
    record, asked = page.pair.asked.record, len(page.model.ids)
    edited(qtbot, window, record)
    qtbot.waitUntil(page.same_button.isEnabled, timeout=WAIT_MS)
    qtbot.mouseClick(page.same_button, CLICK)
    qtbot.waitUntil(lambda: told_by(options, record) == ["other", "toy"], timeout=WAIT_MS)
    notice = window.work.notice
    qtbot.waitUntil(lambda: notice.words.text().startswith("1 is the same"), timeout=WAIT_MS)
    qtbot.mouseClick(notice.undo_button, CLICK)
    qtbot.waitUntil(lambda: told_by(options, record) == ["toy"], timeout=WAIT_MS)
    qtbot.waitUntil(lambda: len(page.model.ids) == asked, timeout=WAIT_MS)
    assert phone(options, record) == "5550100"
    assert "asked anew" in notice.words.text()


def test_undo_has_it_asked_again_whether_two_are_different(
    qtbot: QtBot, page: NewcomersRoom, options: Options
) -> None:
    """The question is open as it was."""
    window = page.window()
    assert isinstance(window, Window)
    qtbot.mouseClick(page.different_button, CLICK)
    qtbot.waitUntil(lambda: len(page.model.ids) == DOUBTFUL - 1, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.undoing.can[0], timeout=WAIT_MS)
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: len(page.model.ids) == DOUBTFUL, timeout=WAIT_MS)
    with Database(Location.of(options.folder)) as database, database.reading() as tx:
        assert not list(matching.all_parted(tx))


def test_not_the_same_lasts(qtbot: QtBot, page: NewcomersRoom, options: Options) -> None:
    """By its key; it is remembered, to be taken back in the settings."""
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: len(page.model.ids) == DOUBTFUL - 1, timeout=WAIT_MS)
    with Database(Location.of(options.folder)) as database, database.reading() as tx:
        assert [one.entity for one in matching.all_parted(tx)] == ["users"]


def test_the_room_has_no_complaint(
    qtbot: QtBot, in_any_words: Callable[[Options], Window], options: Options
) -> None:
    """Names, room for every text, targets, contrast and the way of Tab."""
    window = in_any_words(options)
    window.work.go(ToNewcomers("other", "users"))
    page = window.work.decide.newcomers
    qtbot.waitUntil(page.same_button.isEnabled, timeout=WAIT_MS)
    assert audit.complaints(window, (1280, 800), (960, 540)) == []


def test_each_of_the_two_is_opened(qtbot: QtBot, page: NewcomersRoom) -> None:
    """Both are records of their own; the question is where one comes back to."""
    window = page.window()
    assert isinstance(window, Window)
    assert page.pair is not None
    qtbot.mouseClick(page.newcomer_button, CLICK)
    record = window.work.people.page
    qtbot.waitUntil(lambda: record.title.text() == "Zoë Family0z", timeout=WAIT_MS)
    window.work.back()
    qtbot.waitUntil(page.same_button.isEnabled, timeout=WAIT_MS)
    qtbot.mouseClick(page.record_button, CLICK)
    qtbot.waitUntil(lambda: record.title.text() == "Zoe Family0z", timeout=WAIT_MS)


def test_it_is_said_what_each_answer_means_between_two_sis(page: NewcomersRoom) -> None:
    """Neither is for good, and where each is taken back."""
    assert "take it apart again" in page.effect.text()
    assert "Who is whom" in page.effect.text()
