"""The guide with an Ed-Fi service: what the kind declares is all that the window knows of it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from pytestqt.qtbot import QtBot

from app.compose import Options, kinds
from app.practice.district import District
from app.practice.edfi.projection import documents
from app.practice.gradebook import Gradebook
from app.store import reads
from app.store.database import Database, Location
from app.ui.first.guide import Guide
from app.ui.session import Session
from app.vault import MemoryVault
from tests.practice.edfi.client import serving
from tests.ui.stage import CLICK, WAIT_MS


@pytest.fixture(scope="module")
def ready() -> Iterator[dict[str, Any]]:
    """A practice Ed-Fi service over a small district."""
    district = District(7, 40, date(2026, 3, 3))
    with serving(documents(district, Gradebook(district).collections)) as announced:
        yield announced


@pytest.fixture
def guide(qtbot: QtBot, data_dir: Path, settings: QSettings) -> Iterator[Guide]:
    """A guide that was just opened, before nothing at all."""
    session = Session(Options(data_dir=data_dir), secrets=MemoryVault(), watch_seconds=0.1)
    guide = Guide(settings)
    with qtbot.waitSignal(session.seen, timeout=WAIT_MS):
        session.open()
    guide.resize(1024, 640)
    guide.open(session, kinds(), [], None)
    with qtbot.waitExposed(guide):
        guide.show()
    yield guide
    guide.remember()
    session.close()
    qtbot.waitUntil(lambda: session.over, timeout=WAIT_MS)
    guide.forget()
    guide.deleteLater()
    session.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def go_on(qtbot: QtBot, guide: Guide) -> None:
    """Presses *Next* once it can be pressed, and waits for another page."""
    before = guide.step
    qtbot.waitUntil(guide.next_button.isEnabled, timeout=WAIT_MS)
    qtbot.mouseClick(guide.next_button, CLICK)
    qtbot.waitUntil(lambda: guide.step is not before, timeout=WAIT_MS)


def test_there_is_one_entry_for_edfi_and_the_form_asks_which_one(
    qtbot: QtBot, guide: Guide
) -> None:
    """Who types “Ed-Fi” finds it first; a name is suggested, and it is told what to ask for."""
    found = guide.sis.list
    guide.sis.search.setText("ed-fi")
    assert found.currentItem().text() == "Ed-Fi (ODS/API)"
    assert found.currentRow() == 0
    of_edfi = [found.item(row).text() for row in range(found.count())]
    assert [one for one in of_edfi if not one.startswith("OneRoster")] == ["Ed-Fi (ODS/API)"]
    go_on(qtbot, guide)
    filling = guide.connect_.filling
    assert filling is not None
    assert filling.vendor is not None
    qtbot.waitUntil(filling.vendor.editor.isVisible, timeout=WAIT_MS)
    assert "claim set" in filling.vendor.under.text()
    assert filling.name.value() == "Ed-Fi"


def test_an_edfi_service_is_connected_from_the_choice_to_the_numbers(
    qtbot: QtBot, guide: Guide, ready: dict[str, Any], data_dir: Path
):
    """Found under its name, tested in words, with a choice of what is read and what is written."""
    guide.sis.search.setText("ed-fi ods/api")
    go_on(qtbot, guide)
    filling = guide.connect_.filling
    assert filling is not None
    told = {"base_url": ready["edfi_url"], "key": ready["edfi_key"]}
    for name, value in told.items():
        filling.settings[name].fill(value)
        filling.settings[name].touch()
    filling.secrets["secret"].editor.setText(ready["edfi_secret"])
    qtbot.waitUntil(lambda: bool(filling.secrets["secret"].under.text()), timeout=WAIT_MS)
    qtbot.mouseClick(filling.test_button, CLICK)
    qtbot.waitUntil(lambda: filling.tested and not filling.busy, timeout=WAIT_MS)
    assert filling.works
    go_on(qtbot, guide)
    table = guide.reading.table
    rows = range(table.rowCount())
    items = [(table.item(row, 0), table.item(row, 1)) for row in rows]
    numbers = {name.text(): count.text() for name, count in items if name and count}
    assert numbers["Schools and organizations"] == "4"
    assert guide.reading.writes.isVisible()
    assert "students" in guide.reading.writes.text().partition("Only read")[0]
    assert {"rosters", "guardians", "demographics", "gradebook", "grades", "assessments"} == set(
        filling.switches
    )
    filling.settings["guardians"].fill("on")
    go_on(qtbot, guide)
    with Database(Location.of(data_dir)) as database:
        [facts] = reads.connectors(database)
    assert (facts.kind, facts.settings["guardians"], facts.settings["rosters"]) == (
        "edfi",
        "on",
        "read",
    )
