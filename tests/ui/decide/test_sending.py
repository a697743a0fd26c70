"""What goes to another SIS, in the window: seen before it goes, stopped, and never by accident."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import text
from app.compose import Options
from app.engine.outbox import MOST_CREATED
from app.engine.outgoing import outgoing
from app.store import outbox
from app.store.database import Database, Location
from app.ui.decide.approval import ApprovalRoom
from app.ui.decide.records import ABOUT, RECORD, WHAT
from app.ui.decide.unsent import FIELDS, STATE, WHY, UnsentRoom, state_word
from app.ui.decide.unsent import WHAT as TO_DO
from app.ui.places import ToUnsent, ToWaiting
from app.ui.window import Window
from tests.engine.test_asked_before_made import LUIS, ZOE
from tests.engine.test_matching import both, person
from tests.engine.test_newcomers_sent import schools
from tests.engine.test_newcomers_sent import two as newcomers
from tests.engine.test_outgoing import writing
from tests.ui import audit
from tests.ui.stage import CLICK, WAIT_MS, ready
from tests.ui.test_audit import Doubled

MANY = MOST_CREATED + 1


@pytest.fixture
def held(tmp_path: Path) -> Options:
    """More newcomers than are made at another SIS without asking wait to be made there."""
    with newcomers(tmp_path / "data", schools(), people=MANY) as d:
        d.engine.set_switches("other", send_creates=True)
        d.sync("other")
    return Options(data_dir=tmp_path / "data")


@pytest.fixture
def edited(tmp_path: Path) -> Options:
    """Two people were edited here, and another SIS is to be told."""
    with writing(tmp_path / "data") as d:
        d.engine.edit("users", d.id("users", "b-u0"), {"given_name": "Zoila"}, "Ana")
        d.engine.edit("users", d.id("users", "b-u1"), {"phone": "+1 555 0100"}, "Ana")
    return Options(data_dir=tmp_path / "data")


@pytest.fixture
def approval(qtbot: QtBot, open_window: Callable[..., Window], held: Options) -> ApprovalRoom:
    """What waits for approval to be made at the other SIS."""
    window = ready(qtbot, open_window(held))
    window.work.go(ToWaiting("other"))
    page = window.work.decide.approval
    qtbot.waitUntil(page.approve_button.isVisible, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page.records.row(0) is not None, timeout=WAIT_MS)
    return page


@pytest.fixture
def waiting(qtbot: QtBot, open_window: Callable[..., Window], edited: Options) -> UnsentRoom:
    """What waits to be sent."""
    window = ready(qtbot, open_window(edited))
    window.work.go(ToUnsent(waiting=True))
    page = window.work.decide.unsent
    qtbot.waitUntil(lambda: page.model.row(1) is not None, timeout=WAIT_MS)
    return page


def states(options: Options) -> set[str]:
    """How it stands with what is not at a SIS."""
    with Database(Location.of(options.folder)) as database:
        return {one.state for one in outbox.unsent(database)}


def going(options: Options) -> int:
    """How many records go with the next sync."""
    with Database(Location.of(options.folder)) as database:
        return len(outgoing(database))


def test_who_would_be_made_is_listed_with_what_they_are(approval: ApprovalRoom) -> None:
    """In which SIS stands in the title, role and school beside each name."""
    assert approval.headline.text() == f"{MANY} people would be made in “other”"
    model = approval.records
    assert str(model.index(0, RECORD).data()).startswith("Given")
    assert not approval.table.isColumnHidden(ABOUT)
    assert "student" in str(model.index(0, ABOUT).data())
    assert model.index(0, WHAT).data() == "made at the SIS"


def test_to_send_is_never_the_main_button_and_is_asked_once_more(
    qtbot: QtBot, approval: ApprovalRoom, held: Options
) -> None:
    """Enter on the question sends nothing."""
    assert not approval.approve_button.property("main")
    assert approval.approve_button.text() == f"Make {MANY} people in “other”"
    assert approval.refuse_button.text() == f"Do not send {MANY} people"
    qtbot.mouseClick(approval.approve_button, CLICK)
    qtbot.waitUntil(lambda: approval.question is not None, timeout=WAIT_MS)
    question = approval.question
    assert question is not None
    assert question.left.isDefault()
    assert "new records" in question.words.text()
    qtbot.mouseClick(question.left, CLICK)
    assert states(held) == {"held"}


def test_who_agrees_to_the_question_has_it_carried_out(
    qtbot: QtBot, approval: ApprovalRoom
) -> None:
    """Only then an approval begins, of just these."""
    session = approval.session
    assert session is not None
    qtbot.mouseClick(approval.approve_button, CLICK)
    qtbot.waitUntil(lambda: approval.question is not None, timeout=WAIT_MS)
    assert approval.question is not None
    with qtbot.waitSignal(session.ended, timeout=WAIT_MS) as ended:
        qtbot.mouseClick(approval.question.agree, CLICK)
    assert ended.args is not None
    assert ended.args[0].connector == "other"


def test_what_is_not_to_be_sent_was_not_refused_by_the_sis(
    qtbot: QtBot, approval: ApprovalRoom, held: Options
) -> None:
    """It is kept here; no word says that the SIS had a part in it."""
    qtbot.mouseClick(approval.refuse_button, CLICK)
    qtbot.waitUntil(lambda: states(held) == {"kept"}, timeout=WAIT_MS)
    with Database(Location.of(held.folder)) as database:
        assert {state_word(one) for one in outbox.unsent(database)} == {"Kept here, as you decided"}


def test_each_change_is_told_with_what_is_there_and_what_comes(waiting: UnsentRoom) -> None:
    """Before it goes, field by field."""
    model = waiting.model
    told = {str(model.index(row, FIELDS).data()) for row in range(model.rowCount())}
    assert told == {"Given name: Given0 → Zoila", "Phone: blank → +15550100"}
    assert model.index(0, TO_DO).data() == "Change"
    assert model.index(0, STATE).data() == "Waiting to send"


def test_one_change_is_stopped_and_undo_has_it_sent(
    qtbot: QtBot, waiting: UnsentRoom, edited: Options
) -> None:
    """The other one goes on."""
    window = waiting.window()
    assert isinstance(window, Window)
    waiting.table.selectRow(0)
    assert waiting.stop_button.text() == "Do not send 1 change"
    qtbot.mouseClick(waiting.stop_button, CLICK)
    qtbot.waitUntil(lambda: going(edited) == 1, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: len(waiting.model.ids) == 1, timeout=WAIT_MS)
    qtbot.waitUntil(window.work.notice.undo_button.isVisible, timeout=WAIT_MS)
    qtbot.mouseClick(window.work.notice.undo_button, CLICK)
    qtbot.waitUntil(lambda: going(edited) == 2, timeout=WAIT_MS)


def test_all_are_stopped_at_once(qtbot: QtBot, waiting: UnsentRoom, edited: Options) -> None:
    """By choosing all; then everything there is has been sent, or stays here."""
    qtbot.mouseClick(waiting.all_button, CLICK)
    assert waiting.stop_button.text() == "Do not send 2 changes"
    qtbot.mouseClick(waiting.stop_button, CLICK)
    qtbot.waitUntil(lambda: going(edited) == 0, timeout=WAIT_MS)
    qtbot.waitUntil(waiting.nothing.isVisible, timeout=WAIT_MS)


def test_a_change_is_found_by_the_name_of_its_record(waiting: UnsentRoom) -> None:
    """As much as is typed of it."""
    waiting.search.setText("family1")
    assert len(waiting.model.ids) == 1
    assert "Family1" in str(waiting.model.index(0, RECORD).data())


def test_who_is_asked_about_waits_for_an_answer_in_this_window(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[..., Window]
) -> None:
    """No command is named, but the place where it is answered."""
    with both(tmp_path / "data") as d:
        d.sync()
        d.sync("other")
        d.other.writable = {"users": ("create",)}
        person(d.sis, "a-z", **ZOE)
        person(d.other, "b-z", **LUIS)
        d.sync()
        d.sync("other")
        d.engine.set_switches("other", send_creates=True)
    window = ready(qtbot, open_window(Options(data_dir=tmp_path / "data")))
    window.work.go(ToUnsent(waiting=True))
    model = window.work.decide.unsent.model
    qtbot.waitUntil(lambda: model.row(0) is not None, timeout=WAIT_MS)
    assert str(model.index(0, WHY).data()).endswith("see “Decide”")


def test_what_is_made_there_and_what_is_done_here_are_told_apart(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[..., Window]
) -> None:
    """One approval of both: the question counts each."""
    with newcomers(tmp_path / "data", other := schools(), people=MANY) as d:
        d.engine.set_switches("other", send_creates=True)
        d.engine.change_limits("other", lambda limits: limits.with_additions_only(True))
        other.end("classes", "y")
        d.sync("other")
    window = ready(qtbot, open_window(Options(data_dir=tmp_path / "data")))
    window.work.go(ToWaiting("other"))
    page = window.work.decide.approval
    qtbot.waitUntil(page.approve_button.isVisible, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page.records.row(0) is not None, timeout=WAIT_MS)
    page.lines.selectAll()
    qtbot.mouseClick(page.approve_button, CLICK)
    qtbot.waitUntil(lambda: page.question is not None, timeout=WAIT_MS)
    assert page.question is not None
    words = page.question.words.text()
    assert f"“other” gets {MANY} people as new records with the next sync." in words
    assert "Done here: 1 class." in words
    qtbot.mouseClick(page.question.left, CLICK)


@pytest.mark.parametrize("doubled", [False, True])
def test_the_page_has_no_complaint(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    open_window: Callable[..., Window],
    edited: Options,
    doubled: bool,
) -> None:
    """Names, room for every text, targets, contrast and the way of Tab."""
    if doubled:
        monkeypatch.setattr(text, "_catalogue", Doubled())
    window = ready(qtbot, open_window(edited))
    window.work.go(ToUnsent(waiting=True))
    page = window.work.decide.unsent
    qtbot.waitUntil(lambda: page.model.row(1) is not None, timeout=WAIT_MS)
    for size in ((1280, 800), (960, 540)):
        window.resize(*size)
        audit.settle()
        assert audit.complaints(window) == []
