"""The room of settings: each page by mouse and keyboard, on a real practice SIS and database."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QDate, QPoint, QSettings, Qt
from PySide6.QtWidgets import QDateEdit, QDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app import compose
from app.engine.allowing import laid
from app.engine.figures import Figure, Limits
from app.engine.network import Network, network
from app.engine.scope import Scope
from app.store import policies, reads
from app.store.database import Database
from app.text import sentence
from app.ui.parts.dialog import Dialog
from app.ui.places import ToSettings
from app.ui.settings.appearance import AppearancePage
from app.ui.settings.credentials import CredentialsPage
from app.ui.settings.decides import DecidesPage, RuleDialog
from app.ui.settings.fields import FormDialog
from app.ui.settings.limits import LimitsPage
from app.ui.settings.network import NetworkPage
from app.ui.settings.page import Page
from app.ui.settings.room import SettingsRoom
from app.ui.settings.schedule import SchedulePage
from app.ui.settings.scope import ScopePage
from app.ui.settings.transfer import ImportDialog, TransferPage
from app.ui.window import Window
from tests.ui.stage import CLICK, NAME, WAIT_MS, District, enter, ready

Kind = TypeVar("Kind", bound=Page)


@pytest.fixture
def room(window: Window) -> SettingsRoom:
    """The room of settings, in sight."""
    enter(window, "settings")
    return window.work.settings


@pytest.fixture
def page(qtbot: QtBot, window: Window, room: SettingsRoom) -> Callable[[type[Page]], Any]:
    """Goes to a page, and waits until it is read."""

    def go(kind: type[Page]) -> Page:
        window.work.go(ToSettings(kind.name))
        qtbot.waitUntil(lambda: room.quiet, timeout=WAIT_MS)
        found = room.page
        assert isinstance(found, kind)
        return found

    return go


@pytest.fixture
def holds(qtbot: QtBot, district: District) -> Callable[[Callable[[Database], object]], None]:
    """Waits until something is so in the database."""

    def wait(is_so: Callable[[Database], object]) -> None:
        with district.database() as database:
            qtbot.waitUntil(lambda: bool(is_so(database)), timeout=WAIT_MS)

    return wait


def in_sight(room: SettingsRoom, kind: type[Kind]) -> Kind:
    """The page in sight, which is of that kind."""
    assert isinstance(room.page, kind)
    return room.page


def dialog_of(qtbot: QtBot, parent: QWidget, kind: type[QDialog]) -> Any:
    """The dialog that a page has opened."""
    qtbot.waitUntil(lambda: any(one.isVisible() for one in parent.findChildren(kind)))
    return next(one for one in parent.findChildren(kind) if one.isVisible())


def click(qtbot: QtBot, button: QWidget) -> None:
    """Clicks a button that can be clicked."""
    assert button.isVisible()
    assert button.isEnabled()
    # At its beginning: of a check box only its words can be clicked, however wide it is.
    qtbot.mouseClick(button, CLICK, pos=QPoint(12, button.height() // 2))


# -- the room -------------------------------------------------------------------------------------


def test_typing_what_one_looks_for_leads_to_its_page(
    qtbot: QtBot, window: Window, room: SettingsRoom
) -> None:
    """Found by any word that stands on a page; Enter goes to the very thing there."""
    window.work.go_to_room(4)
    assert room.search.hasFocus()
    qtbot.keyClicks(room.search, "never overwrites")
    assert isinstance(room.page, DecidesPage)
    qtbot.waitUntil(lambda: room.quiet, timeout=WAIT_MS)
    shown = [
        room.list.item(row).text()
        for row in range(room.list.count())
        if not room.list.item(row).isHidden()
    ]
    assert shown == ["Connector", "Who decides"]
    qtbot.keyClick(room.search, Qt.Key.Key_Return)
    assert in_sight(room, DecidesPage).blanks.editor.hasFocus()
    room.search.setText("no such word anywhere")
    assert room.nothing.isVisible()


def test_going_back_comes_back_to_the_page(window: Window, page: Callable[..., Any]) -> None:
    """A page is a place, by its name."""
    page(LimitsPage)
    page(NetworkPage)
    window.work.back()
    assert isinstance(window.work.settings.page, LimitsPage)


def another(qtbot: QtBot, window: Window, folder: Path) -> None:
    """A second connector."""
    assert window.session is not None
    path = {"path": str(folder)}
    then = list[object]().append
    window.session.request("save_connector", "Riverside", "oneroster-csv", path, then=then)
    qtbot.waitUntil(lambda: window.work.settings.which.count() == 2, timeout=WAIT_MS)


def removed_elsewhere(district: District) -> None:
    """The connector goes, as by another process."""
    with compose.program(district.options, district.vault) as program:
        program.engine.remove_connector(NAME)
        program.loop.run(until=lambda: not reads.connectors(program.database)[1:])


def test_a_dialog_goes_with_the_connector_it_was_opened_for(
    qtbot: QtBot,
    window: Window,
    district: District,
    page: Callable[..., Any],
    tmp_path: Path,
) -> None:
    """What it says of one connector is never done to another that comes in its place."""
    another(qtbot, window, tmp_path)
    window.work.go(ToSettings("limits", NAME))
    limits = page(LimitsPage)
    click(qtbot, limits.change_button)
    dialog = dialog_of(qtbot, limits, FormDialog)
    gone: list[int] = []
    dialog.finished.connect(gone.append)
    removed_elsewhere(district)
    qtbot.waitUntil(lambda: limits.connector != NAME, timeout=WAIT_MS)
    assert gone == [QDialog.DialogCode.Rejected]


# -- schedule -------------------------------------------------------------------------------------


def test_a_schedule_is_chosen_by_clicks(
    qtbot: QtBot, page: Callable[..., Any], holds: Callable[..., None]
) -> None:
    """It holds at once: at intervals, at times of day, or only when asked."""
    schedule = page(SchedulePage)
    click(qtbot, schedule.at_times)
    holds(lambda db: reads.connector(db, NAME).schedule == "06:30")
    click(qtbot, schedule.times.more)
    holds(lambda db: reads.connector(db, NAME).schedule == "06:30 12:30")
    qtbot.waitUntil(lambda: "first sync is yours" in schedule.next.text(), timeout=WAIT_MS)
    click(qtbot, schedule.at_intervals)
    holds(lambda db: reads.connector(db, NAME).schedule == "every hour")
    click(qtbot, schedule.by_hand)
    holds(lambda db: reads.connector(db, NAME).schedule is None)


# -- who decides ----------------------------------------------------------------------------------


def test_a_row_of_who_decides_is_laid_down_and_taken_back(
    qtbot: QtBot, window: Window, page: Callable[..., Any], holds: Callable[..., None]
) -> None:
    """The dialog says what the row means before it is laid down; Ctrl+Z takes it back."""
    decides = page(DecidesPage)
    click(qtbot, decides.add_button)
    dialog = dialog_of(qtbot, decides, RuleDialog)
    dialog.part.fill("email")
    dialog.decides.fill("ours")
    assert f"sent to “{NAME}”" in dialog.means.text()
    click(qtbot, dialog.lay_button)
    holds(lambda db: [(r.entity, r.part, r.decides) for r in policies.laid_down(db)]
          == [("users", "email", "ours")])  # fmt: skip
    qtbot.waitUntil(lambda: window.undoing.can[0], timeout=WAIT_MS)
    qtbot.waitUntil(lambda: decides.rows.rowCount() == 1, timeout=WAIT_MS)
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    holds(lambda db: not policies.laid_down(db))
    qtbot.waitUntil(decides.none.isVisible, timeout=WAIT_MS)


def test_the_switches_hold_at_once(
    qtbot: QtBot, page: Callable[..., Any], holds: Callable[..., None]
) -> None:
    """A blank never overwrites; removals are sent."""
    decides = page(DecidesPage)
    click(qtbot, decides.blanks.editor)
    holds(lambda db: policies.switches(db, NAME)[0].keep_values)
    click(qtbot, decides.deletes.editor)
    holds(lambda db: policies.switches(db, NAME)[0].send_deletes)


# -- safety limits --------------------------------------------------------------------------------


def test_a_limit_says_what_it_comes_to_in_a_school(
    qtbot: QtBot, district: District, page: Callable[..., Any], holds: Callable[..., None]
) -> None:
    """In the page and while it is being changed; Back to the usual forgets it."""
    district.sync()
    limits = page(LimitsPage)
    qtbot.waitUntil(lambda: "At most 10% of a school’s enrollments" in limits.example.text())
    click(qtbot, limits.change_button)
    dialog = dialog_of(qtbot, limits, FormDialog)
    field = dialog.findChild(QWidget, "qt_spinbox_lineedit")
    field.selectAll()
    qtbot.keyClicks(field, "25")
    click(qtbot, dialog.do_button)
    set_ = Figure(name="removals", value=0.25)
    holds(lambda db: laid(db, NAME).limits.figures == (set_,))
    qtbot.waitUntil(lambda: "At most 25%" in limits.example.text(), timeout=WAIT_MS)
    click(qtbot, limits.usual_button)
    holds(lambda db: laid(db, NAME).limits.figures == ())


def test_more_is_allowed_for_a_while_and_ended(
    qtbot: QtBot, page: Callable[..., Any], holds: Callable[..., None]
) -> None:
    """Less than is let through anyway is refused in words, in the dialog."""
    limits = page(LimitsPage)
    click(qtbot, limits.allow_button)
    dialog = dialog_of(qtbot, limits, FormDialog)
    share = dialog.form.findChildren(QWidget, "qt_spinbox_lineedit")[0]
    share.selectAll()
    qtbot.keyClicks(share, "5")
    click(qtbot, dialog.do_button)
    assert dialog.isVisible()
    share.selectAll()
    qtbot.keyClicks(share, "60")
    click(qtbot, dialog.do_button)
    holds(lambda db: [one.figure.value for one in laid(db, NAME).limits.allowances] == [0.6])
    qtbot.waitUntil(limits.end_button.isVisible, timeout=WAIT_MS)
    limits.allowances.selectRow(0)
    click(qtbot, limits.end_button)
    qtbot.waitUntil(limits.no_allowance.isVisible, timeout=WAIT_MS)


def test_the_school_year_is_declared_and_ended(
    qtbot: QtBot, page: Callable[..., Any], holds: Callable[..., None]
) -> None:
    """Dates that are none are refused in words; what is declared is said."""
    limits = page(LimitsPage)
    click(qtbot, limits.year_button)
    dialog = dialog_of(qtbot, limits, FormDialog)
    first, last = dialog.findChildren(QDateEdit)
    first.setDate(QDate(2027, 6, 15))
    last.setDate(QDate(2028, 6, 15))
    click(qtbot, dialog.do_button)
    assert dialog.isVisible()
    last.setDate(QDate(2027, 8, 31))
    click(qtbot, dialog.do_button)
    holds(lambda db: laid(db, NAME).limits.school_year is not None)
    qtbot.waitUntil(lambda: "15 Jun 2027 to 31 Aug 2027" in limits.year.text(), timeout=WAIT_MS)
    click(qtbot, limits.no_year_button)
    holds(lambda db: laid(db, NAME).limits.school_year is None)


# -- what is kept in step -------------------------------------------------------------------------


def test_schools_are_ticked_then_kept_in_step(
    qtbot: QtBot, district: District, page: Callable[..., Any], holds: Callable[..., None]
) -> None:
    """Nothing holds before the button; a refresh meanwhile takes no tick away."""
    district.sync()
    scope = page(ScopePage)
    scope.which.fill("schools")
    qtbot.waitUntil(lambda: scope.schools.count() > 1 and scope.schools.isVisible())
    scope.schools.item(0).setCheckState(Qt.CheckState.Checked)
    scope.session.command("set_paused", NAME, True)
    holds(lambda db: reads.connector(db, NAME).paused)
    assert len(scope.schools.ticked()) == 1
    key = scope.schools.ticked()
    click(qtbot, scope.save_button)
    holds(lambda db: reads.connector(db, NAME).scope == {"schools": [*key]})


def test_what_comes_in_is_not_saved_over_what_was_set_meanwhile(
    qtbot: QtBot, district: District, page: Callable[..., Any], holds: Callable[..., None]
) -> None:
    """It is told, what is ticked stays, and of another connector nothing is saved either."""
    district.sync()
    scope = page(ScopePage)
    qtbot.waitUntil(lambda: scope.grades.count() > 1)
    scope.grades.item(0).setCheckState(Qt.CheckState.Checked)
    ticked = scope.grades.ticked()
    scope.session.command("set_scope", NAME, Scope(roles=("aide",)))
    qtbot.waitUntil(lambda: scope.follows.text() == sentence("set_meanwhile"), timeout=WAIT_MS)
    assert scope.grades.ticked() == ticked
    assert not scope.save_button.isEnabled()
    click(qtbot, scope.back_button)
    assert scope.roles.ticked() == ("aide",)
    scope.grades.item(0).setCheckState(Qt.CheckState.Checked)
    scope.forget()
    assert not scope.save_button.isEnabled()
    holds(lambda db: reads.connector(db, NAME).scope == {"roles": ["aide"]})


def test_of_a_row_that_has_gone_no_other_is_chosen(
    qtbot: QtBot, district: District, page: Callable[..., Any], holds: Callable[..., None]
) -> None:
    """The Delete key then takes nothing away."""
    limits = page(LimitsPage)
    now = datetime.now(UTC)
    with compose.program(district.options, district.vault) as program:
        change = program.engine.change_limits
        for days in (10, 20):
            begins = now + timedelta(days=days)
            ends = begins + timedelta(days=2)
            change(NAME, partial(Limits.with_blackout, begins=begins, ends=ends, why=str(days)))
        qtbot.waitUntil(lambda: limits.blackouts.rowCount() == 2, timeout=WAIT_MS)
        first = limits.blackouts.visualItemRect(limits.blackouts.item(0, 2)).center()
        qtbot.mouseClick(limits.blackouts.viewport(), CLICK, pos=first)
        assert limits.no_blackout_button.isEnabled()
        gone = limits.blackouts.value.begins
        change(NAME, partial(Limits.without_blackouts, begins=gone))
        qtbot.waitUntil(lambda: limits.blackouts.rowCount() == 1, timeout=WAIT_MS)
        assert not limits.no_blackout_button.isEnabled()
        qtbot.keyClick(limits.blackouts, Qt.Key.Key_Delete)
        change(NAME, partial(Limits.with_additions_only, on=True))
        qtbot.waitUntil(limits.only.value, timeout=WAIT_MS)
        assert limits.blackouts.rowCount() == 1


# -- credentials ----------------------------------------------------------------------------------


def test_new_credentials_take_over_only_where_they_work(
    qtbot: QtBot, district: District, page: Callable[..., Any]
) -> None:
    """A mistyped one is told and thrown away; the old one goes on working."""
    good = district.sis.ready.client_secret
    credentials = page(CredentialsPage)
    field = credentials.secrets["client_secret"]
    qtbot.keyClicks(field.editor, "mistyped")
    click(qtbot, credentials.replace_button)
    qtbot.waitUntil(lambda: "have not worked" in credentials.notice.text(), timeout=WAIT_MS)
    assert district.vault.get(NAME, "client_secret") == good
    field.editor.selectAll()
    qtbot.keyClicks(field.editor, good)
    click(qtbot, credentials.replace_button)
    qtbot.waitUntil(lambda: "They work" in credentials.notice.text(), timeout=WAIT_MS)
    assert district.vault.get(NAME, "client_secret") == good
    assert field.value() == ""


def test_credentials_are_removed_after_a_question(
    qtbot: QtBot, district: District, page: Callable[..., Any]
) -> None:
    """Keep them is what Enter does."""
    credentials = page(CredentialsPage)
    click(qtbot, credentials.remove_button)
    dialog = dialog_of(qtbot, credentials, Dialog)
    assert dialog.keep_button.isDefault()
    click(qtbot, dialog.remove_button)
    qtbot.waitUntil(lambda: district.vault.get(NAME, "client_secret") is None, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "is missing" in _words(credentials), timeout=WAIT_MS)


def _words(page: Page) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel))


def test_the_last_day_of_credentials_is_kept(
    qtbot: QtBot, page: Callable[..., Any], holds: Callable[..., None]
) -> None:
    """From the day, the connector says how long they are good."""
    credentials = page(CredentialsPage)
    click(qtbot, credentials.ends.editor)
    today = date.today()  # noqa: DTZ011  this computer's day is what is meant
    holds(lambda db: reads.connector(db, NAME).credentials_until == today.isoformat())
    later = today + timedelta(days=40)
    qtbot.waitUntil(credentials.ending.isVisible, timeout=WAIT_MS)
    credentials.until.editor.setDate(QDate(later.year, later.month, later.day))
    credentials.until.editor.editingFinished.emit()
    holds(lambda db: reads.connector(db, NAME).credentials_until == later.isoformat())
    qtbot.waitUntil(lambda: "40 days" in credentials.until.under.text(), timeout=WAIT_MS)


# -- network --------------------------------------------------------------------------------------


def test_the_network_is_tested_then_saved(
    qtbot: QtBot, page: Callable[..., Any], holds: Callable[..., None]
) -> None:
    """What is wrong is said at its field; the test stores nothing."""
    way = page(NetworkPage)
    assert not way.save_button.isEnabled()
    way.proxy.fill("address")
    qtbot.keyClicks(way.address.editor, "ftp://proxy")
    click(qtbot, way.save_button)
    assert way.address.wrong
    way.proxy.fill("none")
    click(qtbot, way.test_button)
    qtbot.waitUntil(lambda: way.outcome.rowCount() == 1, timeout=WAIT_MS)
    assert way.outcome.item(0, 2).text() == "Reached"
    holds(lambda db: network(db).proxy == "system")
    click(qtbot, way.save_button)
    holds(lambda db: network(db).proxy == "none")
    qtbot.waitUntil(lambda: not way.save_button.isEnabled(), timeout=WAIT_MS)


def test_the_network_is_not_saved_over_what_was_set_meanwhile(
    qtbot: QtBot, page: Callable[..., Any], holds: Callable[..., None]
) -> None:
    """Neither before it is told, nor after; what is filled in stays."""
    way = page(NetworkPage)
    way.proxy.fill("address")
    qtbot.keyClicks(way.address.editor, "http://proxy.mine.example:1")
    way.session.command("set_network", Network(proxy="none"))
    click(qtbot, way.save_button)
    qtbot.waitUntil(lambda: way.notice.text() == sentence("set_meanwhile"), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not way.save_button.isEnabled(), timeout=WAIT_MS)
    assert way.address.value() == "http://proxy.mine.example:1"
    holds(lambda db: network(db) == Network(proxy="none"))
    click(qtbot, way.back_button)
    assert way.proxy.value() == "none"


# -- export, import, and what IT has set ----------------------------------------------------------


def test_what_an_import_would_change_is_shown_before(
    qtbot: QtBot, page: Callable[..., Any], holds: Callable[..., None], tmp_path: Path
) -> None:
    """An export says nothing differs; an edited one is shown line by line, then taken over."""
    transfer, path = page(TransferPage), tmp_path / "settings.json"
    transfer.export_to(path)
    qtbot.waitUntil(path.exists, timeout=WAIT_MS)
    transfer.import_from(path)
    qtbot.waitUntil(lambda: "differs" in transfer.notice.text(), timeout=WAIT_MS)
    told = json.loads(path.read_text())
    told["connectors"][NAME]["schedule"] = "05:15"
    path.write_text(json.dumps(told))
    transfer.import_from(path)
    dialog = dialog_of(qtbot, transfer, ImportDialog)
    line = [dialog.rows.item(0, column).text() for column in range(4)]
    assert line == [NAME, "Schedule", "", "05:15"]
    click(qtbot, dialog.do_button)
    holds(lambda db: reads.connector(db, NAME).schedule == "05:15")


def test_what_it_has_set_is_shown_and_cannot_be_changed(
    qtbot: QtBot,
    district: District,
    open_window: Callable[..., Window],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The page says who has set it; the others are as free as before."""
    preset = tmp_path / "preset.json"
    preset.write_text(
        json.dumps({"connectors": {NAME: {"kind": "oneroster", "schedule": "05:00"}}})
    )
    monkeypatch.setenv("MINDKINDLER_PRESET", str(preset))
    window = ready(qtbot, open_window(district.options, district.vault))
    room = window.work.settings
    window.work.go(ToSettings("schedule"))
    qtbot.waitUntil(lambda: room.page.lock.isVisible(), timeout=WAIT_MS)
    assert not in_sight(room, SchedulePage).by_hand.isEnabled()
    window.work.go(ToSettings("limits"))
    qtbot.waitUntil(
        lambda: room.quiet and in_sight(room, LimitsPage).change_button.isEnabled(), timeout=WAIT_MS
    )
    window.work.go(ToSettings("transfer"))
    qtbot.waitUntil(lambda: in_sight(room, TransferPage).locks.rowCount() == 2, timeout=WAIT_MS)
    assert in_sight(room, TransferPage).locks.model().index(1, 1).data() == "Schedule"


def test_the_file_as_it_was_shown_is_taken_over(
    qtbot: QtBot, page: Callable[..., Any], tmp_path: Path, holds: Callable[..., None]
) -> None:
    """Whatever somebody has written into it since."""
    transfer, path = page(TransferPage), tmp_path / "settings.json"
    transfer.export_to(path)
    qtbot.waitUntil(transfer.notice.isVisible, timeout=WAIT_MS)
    told = json.loads(path.read_text())
    told["connectors"][NAME]["schedule"] = "05:15"
    path.write_text(json.dumps(told))
    transfer.import_from(path)
    dialog = dialog_of(qtbot, transfer, ImportDialog)
    told["connectors"][NAME]["limits"] = {"figures": [{"name": "removals", "value": 1.0}]}
    path.write_text(json.dumps(told))
    click(qtbot, dialog.do_button)
    holds(lambda db: reads.connector(db, NAME).schedule == "05:15")
    holds(lambda db: not laid(db, NAME).limits.figures)


# -- appearance and language ----------------------------------------------------------------------


def test_appearance_holds_at_once_and_language_from_the_next_start(
    qtbot: QtBot, window: Window, settings: QSettings, page: Callable[..., Any]
) -> None:
    """The menu shows the same; the language says honestly when it changes."""
    looks = page(AppearancePage)
    dark = next(one for one in looks.looks.buttons() if one.text() == "Dark")
    click(qtbot, dark)
    assert settings.value("appearance") == "dark"
    assert window.menus.appearances.checkedAction().data() == "dark"
    looks.language.setCurrentIndex(looks.language.findData("es"))
    looks.language.activated.emit(looks.language.currentIndex())
    assert settings.value("language") == "es"
    assert looks.later.isVisible()


def test_a_page_has_the_connector_that_is_chosen_on_the_left(
    qtbot: QtBot, district: District, open_window: Callable[..., Window], tmp_path: Path
) -> None:
    """Of several: the one on the left, or what is chosen over the page."""
    with compose.program(district.options, district.vault) as program:
        folder = tmp_path / "files"
        folder.mkdir()
        program.engine.save_connector("Other", "oneroster-csv", {"path": str(folder)})
    window = ready(qtbot, open_window(district.options, district.vault))
    room = window.work.settings
    window.work.go(ToSettings("credentials", "Other"))
    qtbot.waitUntil(
        lambda: room.quiet and in_sight(room, CredentialsPage).none.isVisible(), timeout=WAIT_MS
    )
    assert room.whose.isVisible()
    chosen = window.connectors.model
    window.connectors.list.setCurrentIndex(chosen.index(chosen.row_of(NAME)))
    qtbot.waitUntil(lambda: room.page.connector == NAME and room.quiet, timeout=WAIT_MS)
    assert "client_secret" in in_sight(room, CredentialsPage).secrets
