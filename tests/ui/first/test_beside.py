"""The first look at a second SIS: what of it is here already is told before anything comes in."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from pytestqt.qtbot import QtBot

from app import compose
from app.compose import kinds
from app.store import reads
from app.ui.first.beside import DoubtDialog
from app.ui.first.guide import Guide
from app.ui.first.look import BESIDE, SCHOOLS
from app.ui.session import Session
from tests.ui.stage import CLICK, NAME, WAIT_MS, District

pytestmark = pytest.mark.own_sis  # the Ed-Fi service notes down that it was asked
ODS = "ods"


@pytest.fixture
def guide(qtbot: QtBot, district: District, settings: QSettings) -> Iterator[Guide]:
    """The guide at its first look, with an Ed-Fi service beside the SIS that was read before."""
    district.sync()
    ready = district.sis.ready
    told = {"base_url": ready.edfi_url, "key": ready.edfi_key}
    with compose.program(district.options, district.vault) as program:
        program.engine.save_connector(ODS, "edfi", told, {"secret": ready.edfi_secret})
        database = program.database
        people = reads.record_ids(database, "users")
        students = [
            row for row in reads.records(database, "users", people)
            if row.values["roles"] and row.values["roles"][0][0] == "student"
        ]  # fmt: skip
        program.engine.edit("users", students[0].id, {"given_name": "Somebody"}, "Ana")
    session = Session(district.options, secrets=district.vault, watch_seconds=0.1)
    with qtbot.waitSignal(session.seen, timeout=WAIT_MS):
        session.open()
    guide = Guide(settings)
    guide.resize(1024, 640)
    guide.open(session, kinds(), [NAME, ODS], None)
    assert guide.setup is not None
    guide.setup.name = ODS
    with qtbot.waitExposed(guide):
        guide.show()
    guide.go_to(guide.steps.index(guide.look))
    qtbot.waitUntil(lambda: guide.look.look is not None, timeout=WAIT_MS)
    yield guide
    session.close()
    qtbot.waitUntil(lambda: session.over, timeout=WAIT_MS)
    guide.forget()
    guide.deleteLater()
    session.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def lines(guide: Guide) -> dict[str, list[str]]:
    """The numbers of each record type."""
    table = guide.look.beside.table
    items = [[table.item(row, column) for column in range(table.columnCount())]
             for row in range(table.rowCount())]  # fmt: skip
    cells = [[item.text() if item is not None else "" for item in line] for line in items]
    return {line[0]: line[1:] for line in cells}


def test_each_record_type_is_counted_beside_what_is_here(guide: Guide) -> None:
    """Recognized, new, in doubt, and only in the other one; nothing has come in."""
    assert guide.look.tabs.currentIndex() == BESIDE
    heads = [guide.look.beside.table.horizontalHeaderItem(n) for n in range(1, 5)]
    assert [one.text() for one in heads if one is not None] == [
        "Recognized", "New", "In doubt", f"Only in “{NAME}”",
    ]  # fmt: skip
    found = lines(guide)
    assert found["Schools and organizations"] == ["4", "0", "0", "0"]
    assert found["People"][2] == "1"
    assert guide.look.look is not None
    assert found["Classes"][0] == str(guide.look.look.whole["classes"])


def test_what_happens_next_is_said(guide: Guide) -> None:
    """Whom a person is asked about, and that nothing is sent."""
    words = guide.look.beside.words.text()
    assert "you are asked under Decide" in words
    assert "who is right to begin with" in words
    assert f"Nothing is sent to “{ODS}” by this sync." in words


def test_who_is_in_doubt_can_be_looked_at(qtbot: QtBot, guide: Guide) -> None:
    """Both names, and why it is asked."""
    look = guide.look
    assert look.beside.doubt_button.text() == "See the 1 in doubt…"
    qtbot.mouseClick(look.beside.doubt_button, CLICK)
    qtbot.waitUntil(lambda: look.who is not None, timeout=WAIT_MS)
    dialog = look.who
    assert isinstance(dialog, DoubtDialog)
    cells = [dialog.table.item(0, column) for column in range(4)]
    told = [item.text() for item in cells if item is not None]
    assert told[0] == "People"
    assert told[1].startswith("Somebody")
    assert "given names do not agree" in told[3]


def test_the_schools_are_a_tab_further(guide: Guide) -> None:
    """As at the first connector."""
    guide.look.tabs.setCurrentIndex(SCHOOLS)
    assert guide.look.table.isVisible()
    assert not guide.look.beside.isVisible()
