"""A record that two SIS tell of: both on its page, whose word stands, and taken apart again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QTableWidget
from pytestqt.qtbot import QtBot

from app.compose import Options
from app.engine.lookup import Found
from app.engine.roll import Roll, Rolls
from app.store import reads
from app.store.database import Database, Location
from app.store.reads import LinkRow
from app.store.rolls import ClassFacts
from app.ui.people import seats
from app.ui.people.page import RecordPage
from app.ui.people.room import PeopleRoom
from app.ui.places import ToRecord
from app.ui.window import Window
from tests.ui.people.test_roll import SYNC, TODAY, asked, seat
from tests.ui.stage import CLICK, WAIT_MS, ready
from tests.ui.two import two


@pytest.fixture
def room(qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path) -> PeopleRoom:
    """The page of the one whom the two SIS call otherwise, which was decided."""
    options = two(data_dir, settled=True)
    [id_] = of_name(options, "Given1")
    window = ready(qtbot, open_window(options))
    window.work.go(ToRecord("users", id_))
    room = window.work.people
    qtbot.waitUntil(lambda: room.page.seen is not None and room.quiet, timeout=WAIT_MS)
    return room


@pytest.fixture
def page(room: PeopleRoom) -> RecordPage:
    """The page itself."""
    return room.page


def of_name(options: Options, name: str) -> list[int]:
    """The records of people of a given name."""
    with Database(Location.of(options.folder)) as database:
        rows = reads.records(database, "users", reads.record_ids(database, "users"))
    return [row.id for row in rows if row.values["given_name"] == name]


def rows(table: QTableWidget) -> list[list[str]]:
    """What stands in a table."""
    cells = [[table.item(row, column) for column in range(table.columnCount())]
             for row in range(table.rowCount())]  # fmt: skip
    return [[item.text() if item is not None else "" for item in row] for row in cells]


def test_both_sis_stand_in_the_table_of_identities(page: RecordPage) -> None:
    """With the key of each, and how it stands there."""
    told = {row[0]: (row[1], row[4]) for row in rows(page.at_sis.links)}
    assert told == {
        "other": ("b-u1", "Says less than “toy”"),
        "toy": ("a-u1", "Says otherwise than “other”"),
    }


def test_whose_word_stands_is_told_at_the_field(page: RecordPage) -> None:
    """F6: not a local correction, since another SIS says so; the reason is its tooltip."""
    [place] = [n for n, row in enumerate(rows(page.details.table)) if row[0] == "Family name"]
    item = page.details.table.item(place, 2)
    assert item is not None
    assert "“other” says so; “toy” says “Nunez”." in item.text()
    assert "“toy” does not take this change" in item.toolTip()


def test_what_one_of_them_tells_is_taken_apart(
    qtbot: QtBot, room: PeopleRoom, page: RecordPage, data_dir: Path
) -> None:
    """After a question that Enter does not agree to; then there are two records."""
    page.part_actions["other"].trigger()
    question = room.question
    assert question is not None
    assert question.left.isDefault()
    qtbot.mouseClick(question.agree, CLICK)
    options = Options(data_dir=data_dir)
    qtbot.waitUntil(lambda: len(of_name(options, "Given1")) == 2, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not page.part_actions, timeout=WAIT_MS)


def test_after_parting_the_other_record_is_a_click_away(
    qtbot: QtBot, room: PeopleRoom, page: RecordPage
) -> None:
    """And undo does not take back something older in its place."""
    window = room.window()
    assert isinstance(window, Window)
    seen = page.seen
    assert seen is not None
    page.part_actions["other"].trigger()
    assert room.question is not None
    qtbot.mouseClick(room.question.agree, CLICK)
    notice = window.work.notice
    qtbot.waitUntil(notice.lead_button.isVisible, timeout=WAIT_MS)
    assert notice.lead_button.text() == "Open the other record"
    assert not notice.undo_button.isVisible()
    qtbot.mouseClick(notice.lead_button, CLICK)
    qtbot.waitUntil(
        lambda: page.seen is not None and page.seen.profile is not None
        and page.seen.asked.id != seen.asked.id, timeout=WAIT_MS,
    )  # fmt: skip
    assert page.title.text().startswith("Given1")
    assert [row[0] for row in rows(page.at_sis.links)] == ["other"]


def test_of_a_person_both_sis_that_were_asked_stand_in_one_line() -> None:
    """Who is in a class right now, by SIS; a difference at one of them is marked."""
    one = seat(1, "student")
    links = (LinkRow("toy", "c1", True), LinkRow("other", "c9", True))
    facts = ClassFacts(1, True, SYNC, links, (one,))
    rolls = tuple(
        Roll(name, key, Found.THERE, None, True, (), (asked(one, how),))
        for name, key, how in (("toy", "c1", "enrolled"), ("other", "c9", "not listed"))
    )
    [line] = seats.lines(facts, Rolls(1, rolls, {}), TODAY)
    assert line.now == "toy: enrolled\nother: not enrolled"
    assert line.differs
