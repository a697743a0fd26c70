"""A second SIS in the guide: what follows is said, and who decides is proposed otherwise."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from pytestqt.qtbot import QtBot

from app import compose
from app.compose import Options, kinds
from app.engine.policy import Decides
from app.ui.connectors.dialog import ConnectorDialog
from app.ui.first.guide import Guide
from app.ui.first.step import Setup
from app.ui.session import Session
from app.vault import MemoryVault
from tests.engine.test_matching import both
from tests.ui.stage import CLICK, WAIT_MS

NEW = "ods"


@pytest.fixture
def session(qtbot: QtBot, data_dir: Path) -> Iterator[Session]:
    """A session on rosters that a SIS has told of, with a second connector that was just added."""
    with both(data_dir) as d:
        d.sync()
    vault = MemoryVault()
    with compose.program(Options(data_dir=data_dir), vault) as program:
        told = {"base_url": "https://ods.example/api", "key": "k"}
        program.engine.save_connector(NEW, "edfi", told, {"secret": "s"})
    session = Session(Options(data_dir=data_dir), secrets=vault, watch_seconds=0.1)
    with qtbot.waitSignal(session.seen, timeout=WAIT_MS):
        session.open()
    yield session
    session.close()
    qtbot.waitUntil(lambda: session.over, timeout=WAIT_MS)
    session.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def guide(qtbot: QtBot, session: Session, settings: QSettings) -> Iterator[Guide]:
    """The guide for it."""
    guide = Guide(settings)
    guide.resize(1024, 640)
    guide.open(session, kinds(), ["toy"], None)
    with qtbot.waitExposed(guide):
        guide.show()
    yield guide
    guide.forget()
    guide.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def begun(guide: Guide) -> Setup:
    """What the guide knows, which has come as far as a name."""
    setup = guide.setup
    assert setup is not None
    setup.name = NEW
    return setup


def test_what_follows_from_a_second_sis_is_said_first(guide: Guide) -> None:
    """People are recognized, and differences are asked once."""
    assert guide.sis.second.isVisible()
    assert "recognized" in guide.sis.second.text()


def test_to_be_asked_is_proposed_for_what_another_sis_tells(qtbot: QtBot, guide: Guide) -> None:
    """B5: nothing that stands is overwritten by whoever was connected last; the rest as usual."""
    begun(guide)
    guide.charge.enter()
    qtbot.waitUntil(lambda: guide.charge.ask.isChecked(), timeout=WAIT_MS)
    assert set(guide.charge.answers().values()) == {Decides.ASK}
    assert "People" in guide.charge.why.text()


def test_the_answers_name_the_system_that_would_decide(qtbot: QtBot, guide: Guide) -> None:
    """“My SIS” would be either of two."""
    begun(guide)
    guide.charge.enter()
    assert guide.charge.sis.text() == "“ods” decides about rosters"
    assert "“toy”" in guide.charge.sis_words.text()
    choices = guide.charge.fields["people"].editor
    assert choices.itemText(choices.findData("sis")) == "“ods”"


def test_what_a_person_answered_is_not_proposed_away(qtbot: QtBot, guide: Guide) -> None:
    """Coming back to the page leaves the answer as it is; the sentence stands all the same."""
    begun(guide)
    guide.charge.enter()
    qtbot.waitUntil(lambda: guide.charge.ask.isChecked(), timeout=WAIT_MS)
    guide.go_to(guide.steps.index(guide.charge))
    qtbot.mouseClick(guide.charge.sis, CLICK)
    guide.charge.enter()
    qtbot.waitUntil(lambda: bool(guide.charge.why.text()), timeout=WAIT_MS)
    assert guide.charge.sis.isChecked()


def test_the_next_connector_is_asked_about_anew(qtbot: QtBot, guide: Guide) -> None:
    """An answer was about one connector."""
    begun(guide)
    guide.go_to(guide.steps.index(guide.charge))
    qtbot.mouseClick(guide.charge.ask, CLICK)
    setup = guide.setup
    assert setup is not None
    setup.name = ""
    guide.forget()
    assert guide.charge.sis.isChecked()


@pytest.mark.parametrize("taken", [[], ["toy"]])
def test_the_dialog_that_adds_a_connector_says_it_too(
    qtbot: QtBot, session: Session, taken: list[str]
) -> None:
    """Only where there is one already."""
    dialog = ConnectorDialog(None, session.request, kinds(), taken)
    qtbot.addWidget(dialog)
    assert ("recognized" in dialog.words.text()) is bool(taken)
