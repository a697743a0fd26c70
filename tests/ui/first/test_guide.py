"""The guide: from the choice of the SIS to its first sync, by mouse and by keyboard."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLineEdit,
    QListWidgetItem,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from app import text
from app.compose import Options, PracticeSis, kinds
from app.store import policies, reads
from app.store.database import Database, Location
from app.ui import theme
from app.ui.connectors.form import TextField
from app.ui.first.guide import Guide
from app.ui.first.off import REASONS
from app.ui.session import Session
from app.vault import MemoryVault
from tests.ui import audit
from tests.ui.stage import CLICK, WAIT_MS
from tests.ui.test_audit import Doubled

SECRET = "client_secret"


@dataclass
class Desk:
    """A guide on a session of its own, before a practice SIS that nothing is connected to yet."""

    qtbot: QtBot
    guide: Guide
    session: Session
    sis: PracticeSis
    vault: MemoryVault
    folder: Path

    def until(self, true: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(true, timeout=WAIT_MS)

    def next(self) -> None:
        """Presses *Next* once it can be pressed, and waits for another page."""
        before = self.guide.step
        self.until(self.guide.next_button.isEnabled)
        self.qtbot.mouseClick(self.guide.next_button, CLICK)
        self.until(lambda: self.guide.step is not before)

    def choose(self, name: str) -> None:
        """The page of the SIS: types a part of its name, and goes on."""
        self.guide.sis.search.setText(name)
        self.next()

    def fill(self) -> None:
        """Fills in what leads to the SIS."""
        filling = self.guide.connect_.filling
        assert filling is not None
        typed = {**self.sis.settings, "version": "", "demographics": "", "source": ""}
        for name, field in filling.settings.items():
            if isinstance(field, TextField) and typed.get(name):
                field.editor.setText(typed[name])
                field.touch()
        filling.secrets[SECRET].editor.setText(self.sis.ready.client_secret)
        self.until(lambda: bool(filling.secrets[SECRET].under.text()))

    def test(self) -> None:
        """Has the connection tested."""
        filling = self.guide.connect_.filling
        assert filling is not None
        self.qtbot.mouseClick(filling.test_button, CLICK)
        self.until(lambda: filling.tested and not filling.busy)

    def connected(self) -> None:
        """Goes to the page of what is read."""
        self.choose("another")
        self.fill()
        self.test()
        self.next()

    def looked(self) -> None:
        """Goes on to the first look, and waits for it."""
        self.connected()
        self.next()
        self.next()
        self.seen()

    def seen(self) -> None:
        self.until(lambda: self.guide.look.look is not None)

    def database(self) -> Database:
        return Database(Location.of(self.folder))

    def rows(self) -> dict[str, list[str]]:
        """The table of the first look, by school."""
        table = self.guide.look.table
        items = [
            [table.item(row, column) for column in range(table.columnCount())]
            for row in range(table.rowCount())
        ]
        cells = [[item.text() if item is not None else "" for item in line] for line in items]
        return {line[0]: line[1:] for line in cells}


@pytest.fixture
def opened(
    qtbot: QtBot, sis: PracticeSis, data_dir: Path, settings: QSettings
) -> Iterator[Callable[[], Desk]]:
    """Opens a guide as another start of the program would; the one before is closed then."""
    desks: list[Desk] = []

    def close(desk: Desk) -> None:
        desk.guide.remember()
        desk.session.close()
        desk.until(lambda: desk.session.over)
        desk.guide.forget()
        desk.guide.deleteLater()
        desk.session.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def open_() -> Desk:
        vault = desks[-1].vault if desks else MemoryVault()
        if desks:
            close(desks.pop())
        session = Session(Options(data_dir=data_dir), secrets=vault, watch_seconds=0.1)
        guide = Guide(settings)
        desk = Desk(qtbot, guide, session, sis, vault, data_dir)
        desks.append(desk)
        with qtbot.waitSignal(session.seen, timeout=WAIT_MS):
            session.open()
        with desk.database() as database:
            facts = {one.name: one for one in reads.connectors(database)}
        guide.resize(1024, 640)
        guide.open(session, kinds(), list(facts), facts.get(guide.unfinished))
        with qtbot.waitExposed(guide):
            guide.show()
        guide.activateWindow()
        desk.until(guide.isActiveWindow)
        return desk

    yield open_
    for desk in desks:
        close(desk)


@pytest.fixture
def desk(opened: Callable[[], Desk]) -> Desk:
    """A guide that was just opened."""
    return opened()


def test_a_sis_is_found_by_a_part_of_its_name_and_its_vendor_is_chosen_in_the_form(desk: Desk):
    """Up and down go through what fits; the form begins with what suits that vendor."""
    search, found = desk.guide.sis.search, desk.guide.sis.list
    assert desk.guide.focusWidget() is search
    desk.qtbot.keyClicks(search, "asp")
    assert [one.text().split(" ")[0] for one in _shown(desk)] == ["Aspen"]
    search.clear()
    desk.qtbot.keyClick(search, Qt.Key.Key_Down)
    desk.qtbot.keyClick(search, Qt.Key.Key_Return)
    filling = desk.guide.connect_.filling
    assert filling is not None
    assert filling.vendor is not None
    assert filling.vendor.editor.currentText() == found.currentItem().text().split(" · ")[0]


def _shown(desk: Desk) -> list[QListWidgetItem]:
    items = [desk.guide.sis.list.item(row) for row in range(desk.guide.sis.list.count())]
    return [one for one in items if not one.isHidden()]


def test_what_is_called_by_no_vendor_says_what_to_choose(desk: Desk):
    """*Next* waits for a choice."""
    desk.qtbot.keyClicks(desk.guide.sis.search, "no such thing")
    assert desk.guide.sis.nothing.isVisible()
    assert not desk.guide.next_button.isEnabled()


def test_nothing_is_asked_further_before_the_connection_was_tested(desk: Desk):
    """*Test connection* is the main button first, then *Next*; what was found stands between."""
    desk.choose("another")
    filling = desk.guide.connect_.filling
    assert filling is not None
    assert not desk.guide.next_button.isEnabled()
    desk.until(filling.test_button.isVisible)
    assert filling.test_button.property("main")
    assert not filling.stop_button.isVisible()
    desk.fill()
    desk.test()
    assert filling.findings.outcome.text() == "“SIS” works."
    assert desk.guide.next_button.isEnabled()
    assert (filling.test_button.property("main"), desk.guide.next_button.property("main")) == (
        False,
        True,
    )


def test_another_sis_is_another_form_with_buttons_of_its_own(desk: Desk):
    """Nothing of the one before stays, and there is one button to test with."""
    desk.choose("another")
    desk.fill()
    desk.qtbot.mouseClick(desk.guide.back_button, CLICK)
    desk.choose("aspen")
    filling = desk.guide.connect_.filling
    assert filling is not None
    assert filling.settings["base_url"].value() == ""
    desk.until(filling.test_button.isVisible)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    tests = [one for one in desk.guide.findChildren(QPushButton) if "Test" in one.text()]
    assert tests == [filling.test_button]


def test_a_secret_that_is_refused_can_be_kept_only_knowingly(desk: Desk):
    """The button says so; nothing is stored before it is pressed."""
    desk.choose("another")
    desk.fill()
    filling = desk.guide.connect_.filling
    assert filling is not None
    filling.secrets[SECRET].editor.setText("not the secret")
    desk.test()
    assert desk.guide.next_button.text() == "Go on anyway"
    with desk.database() as database:
        assert reads.connectors(database) == []


def test_whoever_went_on_anyway_can_go_back_and_choose_another_sis(desk: Desk):
    """What was stored of the one before goes; nothing had come in by it."""
    desk.choose("another")
    desk.fill()
    filling = desk.guide.connect_.filling
    assert filling is not None
    filling.secrets[SECRET].editor.setText("not the secret")
    desk.test()
    desk.next()
    for step in (desk.guide.connect_, desk.guide.sis):
        desk.qtbot.mouseClick(desk.guide.back_button, CLICK)
        assert desk.guide.step is step
    desk.choose("aspen")
    assert desk.guide.step is desk.guide.connect_
    assert desk.guide.connect_.filling is not filling

    def connectors() -> list[str]:
        with desk.database() as database:
            return [one.name for one in reads.connectors(database)]

    desk.until(lambda: connectors() == [])
    assert desk.guide.unfinished == ""


def test_the_connector_is_stored_with_demographics_off_and_its_secret_in_the_vault(desk: Desk):
    """What is read is told with its numbers; what is personal is off unless it is switched on."""
    desk.connected()
    assert desk.vault.get("SIS", SECRET) == desk.sis.ready.client_secret
    table = desk.guide.reading.table
    told = {
        table.item(row, 0).text(): table.item(row, 1).text()  # type: ignore[union-attr]
        for row in range(table.rowCount())
    }
    assert told["Schools and organizations"] == "4"
    filling = desk.guide.connect_.filling
    assert filling is not None
    assert filling.secrets[SECRET].value() == ""  # held in the vault, and here no more
    assert filling.settings["demographics"].value() == "off"
    filling.settings["demographics"].fill("read")
    desk.next()
    with desk.database() as database:
        [facts] = reads.connectors(database)
    assert (facts.name, facts.settings["demographics"]) == ("SIS", "read")


@pytest.mark.parametrize(
    ("answer", "laid_down"),
    [
        ("sis", {"orgs", "academic_sessions", "users", "demographics", "courses", "classes",
                 "enrollments"}),
        ("ask", set()),
        ("choose", {"users", "demographics"}),
    ],
)  # fmt: skip
def test_who_is_in_charge_becomes_rows_of_the_table_of_policies(
    desk: Desk, answer: str, laid_down: set[str]
):
    """B5: the SIS for rosters unless somebody says otherwise; *let me choose* group by group."""
    desk.connected()
    desk.next()
    charge = desk.guide.charge
    if answer == "choose":
        charge.choose.setChecked(True)
        for group, field in charge.fields.items():
            field.fill("sis" if group == "people" else "ask")
    elif answer == "ask":
        charge.ask.setChecked(True)
    desk.next()
    with desk.database() as database:
        rows = policies.laid_down(database, "SIS")
    assert {row.entity for row in rows} == laid_down
    assert {row.decides for row in rows} <= {"sis"}


def test_the_first_look_brings_nothing_in_until_a_person_says_so(desk: Desk):
    """A preview by school; *Looks right* carries it out, and the guide is over with *Today*."""
    desk.looked()
    look = desk.guide.look.look
    assert look is not None
    together = desk.rows()["Together"]
    assert together[:4] == [f"{look.whole[w]:,}" for w in ("students", "staff", "classes",
                                                          "enrollments")]  # fmt: skip
    with desk.database() as database:
        assert not any(reads.counts(database).values())
    assert desk.guide.next_button.text() == "Looks right: bring them in"
    desk.next()
    desk.until(lambda: bool(desk.guide.bring.outcome.text()))
    assert desk.guide.bring.outcome.text().startswith("Here are now: ")
    assert desk.guide.question.text() == "Your rosters are here"
    with desk.database() as database:
        assert sum(reads.counts(database).values()) == look.whole["created"]
    with desk.qtbot.waitSignal(desk.guide.over, timeout=WAIT_MS) as over:
        desk.qtbot.mouseClick(desk.guide.next_button, CLICK)
    assert over.args == ["SIS"]
    assert desk.guide.unfinished == ""


def test_a_school_without_its_tick_stays_out(desk: Desk):
    """It is looked at again without it, and the tick can be set again."""
    desk.looked()
    table = desk.guide.look.table
    row = next(
        row
        for row in range(table.rowCount())
        if table.item(row, 0).flags() & Qt.ItemFlag.ItemIsUserCheckable  # type: ignore[union-attr]
    )
    item = table.item(row, 0)
    assert item is not None
    name, before = item.text(), desk.guide.look.look
    assert before is not None
    table.setCurrentItem(item)
    desk.qtbot.keyClick(table, Qt.Key.Key_Space)
    assert desk.guide.next_button.text() == "Look again with these schools"
    desk.qtbot.mouseClick(desk.guide.next_button, CLICK)
    desk.until(lambda: desk.guide.look.look not in (None, before))
    assert desk.rows()[name][0] in ("0", "–")
    assert desk.guide.next_button.text() == "Looks right: bring them in"
    with desk.database() as database:
        [facts] = reads.connectors(database)
    assert list(facts.scope) == ["leave_out"]
    assert list(desk.guide.look.unticked.values()) == [name]


def test_a_school_that_stays_out_keeps_its_name_and_place_after_another_start(
    opened: Callable[[], Desk],
):
    """Nothing of it was brought in, so nothing but the window knows what it is called."""
    desk = opened()
    desk.looked()
    table, before = desk.guide.look.table, desk.guide.look.look
    row, item = next(
        (row, item)
        for row in reversed(range(table.rowCount()))
        if (item := table.item(row, 0)) and item.data(Qt.ItemDataRole.UserRole)
    )
    name = item.text()
    item.setCheckState(Qt.CheckState.Unchecked)
    desk.qtbot.mouseClick(desk.guide.next_button, CLICK)
    desk.until(lambda: desk.guide.look.look not in (None, before))
    again = opened()
    again.seen()
    assert list(again.guide.look.unticked.values()) == [name]
    assert list(again.rows()).index(name) == row


def test_what_still_counts_in_a_school_that_stays_out_is_explained(desk: Desk):
    """Whoever belongs to another school, too, comes in with that."""
    desk.looked()
    look = desk.guide.look
    assert look.look is not None
    [school, *_others] = [one for one in look.look.schools if one.counts["students"]]
    look.left_out = {school.key: school.name}
    again = look.look
    desk.qtbot.mouseClick(desk.guide.back_button, CLICK)
    desk.next()
    look.look_anew()
    desk.until(lambda: look.look not in (None, again))
    assert "also belongs to a school that comes in" in look.trouble.text()


def test_something_is_off_leads_to_what_helps(desk: Desk):
    """Each reason has its own button: the table, another look, or an earlier step."""
    desk.looked()
    first = desk.guide.look.look
    for place, reason in enumerate(REASONS):
        desk.qtbot.mouseClick(desk.guide.look.off_button, CLICK)
        dialog = desk.guide.look.dialog
        assert dialog is not None
        dialog.choices.button(place).click()
        assert dialog.why.text() == reason.why
        assert dialog.do_button.text() == reason.button
        desk.qtbot.mouseClick(dialog.do_button, CLICK)
        wanted = desk.guide.look if reason.step is None else desk.guide.steps[reason.step]
        assert desk.guide.step is wanted
        desk.guide.go_to(4)
        desk.seen()
    assert desk.guide.look.look is not first  # it was looked at again
    with desk.database() as database:
        assert not any(reads.counts(database).values())


def test_what_was_found_is_saved_as_a_table(desk: Desk, tmp_path: Path):
    """The same numbers as in sight, a line for each school."""
    desk.looked()
    desk.qtbot.mouseClick(desk.guide.look.off_button, CLICK)
    dialog = desk.guide.look.dialog
    assert dialog is not None
    desk.qtbot.mouseClick(dialog.save_button, CLICK)
    [chooser] = desk.guide.look.findChildren(QFileDialog)
    path = tmp_path / "look.csv"
    chooser.fileSelected.emit(str(path))
    chooser.reject()
    desk.until(lambda: "Saved to" in desk.guide.look.trouble.text())
    with path.open(encoding="utf-8-sig", newline="") as file:
        _heading, *lines = csv.reader(file)
    shown = {name: cells[0].replace(",", "") for name, cells in desk.rows().items()}
    assert {line[0]: line[1] for line in lines} == shown


def test_a_preview_that_fails_says_why_and_is_tried_again(desk: Desk):
    """With the sentence of the failure; nothing came in."""
    desk.connected()
    desk.next()
    desk.sis.set_fault("forbidden")
    desk.next()
    desk.until(lambda: desk.guide.next_button.text() == "Try again")
    assert desk.guide.look.trouble.text()
    desk.sis.clear_faults()
    desk.qtbot.mouseClick(desk.guide.next_button, CLICK)
    desk.seen()


def test_what_cannot_begin_is_told_and_can_be_tried_again(desk: Desk):
    """Such as a preview of a connector that somebody has removed meanwhile."""
    desk.looked()
    removed: list[object] = []
    desk.session.request("remove_connector", "SIS", then=removed.append)
    desk.until(lambda: removed == [None])
    desk.guide.look.look_anew()
    desk.until(lambda: desk.guide.next_button.text() == "Try again")
    assert "no connector" in desk.guide.look.trouble.text().lower()


def test_the_error_of_another_command_is_not_taken_for_its_own(desk: Desk):
    """A preview that begins goes on, whatever else fails in that moment."""
    desk.looked()
    look, before = desk.guide.look, desk.guide.look.look
    desk.session.command("set_paused", "nobody", True)
    with desk.qtbot.waitSignal(desk.session.refused, timeout=WAIT_MS):
        look.look_anew()
    assert not look.ready
    desk.until(lambda: look.look not in (None, before))


def test_what_was_typed_is_there_again_after_another_start_but_for_the_secret(
    opened: Callable[[], Desk], settings: QSettings
):
    """The draft is in what the window remembers; the secret is nowhere."""
    desk = opened()
    desk.choose("another")
    desk.fill()
    again = opened()
    assert again.guide.step is again.guide.connect_
    filling = again.guide.connect_.filling
    assert filling is not None
    assert filling.settings["base_url"].value() == again.sis.settings["base_url"]
    assert filling.secrets[SECRET].value() == ""
    settings.sync()
    assert again.sis.ready.client_secret not in Path(settings.fileName()).read_text()


def test_after_another_start_it_goes_on_where_it_was_with_what_was_found(
    opened: Callable[[], Desk],
):
    """Nothing is tested or answered twice, and no second connector is made."""
    desk = opened()
    desk.connected()
    desk.next()
    desk.guide.charge.ask.setChecked(True)
    desk.next()
    again = opened()
    assert again.guide.step is again.guide.look
    assert again.guide.charge.ask.isChecked()
    again.seen()
    again.guide.go_to(2)
    assert again.guide.reading.table.rowCount() > 3
    with again.database() as database:
        assert [one.name for one in reads.connectors(database)] == ["SIS"]


def test_where_its_settings_have_changed_since_it_is_tested_again(opened: Callable[[], Desk]):
    """With its secret from the vault; what was found before is of other settings."""
    desk = opened()
    desk.connected()
    with desk.database() as database:
        [facts] = reads.connectors(database)
    stored: list[object] = []
    changed = {**facts.settings, "client_id": "another"}
    desk.session.request("save_connector", "SIS", facts.kind, changed, then=stored.append)
    desk.until(lambda: stored == [None])
    again = opened()
    assert again.guide.step is again.guide.connect_
    assert not again.guide.next_button.isEnabled()
    assert again.guide.why_not.text() == "Test the connection first."


def test_it_can_be_left_at_any_step_and_comes_back_there(desk: Desk):
    """Nothing is lost, and a preview that is under way is stopped."""
    desk.looked()
    desk.guide.look.look_anew()
    with desk.qtbot.waitSignal(desk.guide.left, timeout=WAIT_MS):
        desk.qtbot.mouseClick(desk.guide.leave_button, CLICK)
    with desk.database() as database:
        [facts] = reads.connectors(database)
    desk.guide.open(desk.session, kinds(), ["SIS"], facts)
    assert desk.guide.step is desk.guide.look
    desk.seen()


def test_steps_that_were_reached_are_a_click_away_and_the_others_are_not(desk: Desk):
    """The list says how far each is, to a screen reader, too."""
    desk.connected()
    steps = desk.guide.list
    told = [
        str(steps.item(row).data(Qt.ItemDataRole.AccessibleTextRole)).rpartition(": ")[2]
        for row in range(steps.count())
    ]
    assert told == ["Done", "Done", "Now", "Later", "Later", "Later"]
    assert not steps.item(4).flags() & Qt.ItemFlag.ItemIsEnabled
    steps.itemActivated.emit(steps.item(1))
    assert desk.guide.step is desk.guide.connect_


def test_all_of_it_is_done_by_keyboard_alone(desk: Desk):
    """Enter presses the main button of each page; Tab reaches everything, in order."""

    def press(key: Qt.Key) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        desk.qtbot.keyClick(focus, key)

    desk.qtbot.keyClicks(desk.guide.sis.search, "another")
    press(Qt.Key.Key_Return)
    filling = desk.guide.connect_.filling
    assert filling is not None
    desk.until(filling.secrets[SECRET].editor.isVisible)
    typed = {
        filling.settings["base_url"].editor: desk.sis.settings["base_url"],
        filling.settings["client_id"].editor: desk.sis.settings["client_id"],
        filling.secrets[SECRET].editor: desk.sis.ready.client_secret,
    }
    while typed:
        focus = QApplication.focusWidget()
        if focus in typed:
            assert isinstance(focus, QLineEdit)
            desk.qtbot.keyClicks(focus, typed.pop(focus))
        else:
            press(Qt.Key.Key_Tab)
    filling.settings["token_url"].fill(desk.sis.settings["token_url"])
    press(Qt.Key.Key_Return)
    desk.until(lambda: filling.tested and not filling.busy)
    for step in (desk.guide.reading, desk.guide.charge, desk.guide.look):
        press(Qt.Key.Key_Return)
        desk.until(lambda step=step: desk.guide.step is step)  # type: ignore[misc]
    desk.seen()
    press(Qt.Key.Key_Return)
    desk.until(lambda: desk.guide.step is desk.guide.bring)


def complaints(desk: Desk, *sizes: tuple[int, int]) -> str:
    """What is wrong with any page, at any of these sizes."""
    found = {}
    for size in sizes:
        desk.guide.resize(*size)
        for place in range(desk.guide.steps.index(desk.guide.look) + 1):
            desk.guide.go_to(place)
            desk.until(lambda: desk.guide.look.ready)
            audit.settle()
            found.update(dict.fromkeys(f"{place}: {told}" for told in audit.complaints(desk.guide)))
    return "\n".join(found)


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_every_page_is_for_everyone(desk: Desk, appearance: str):
    """Names, no text cut, targets large enough, contrast, and Tab reaches all: small and large."""
    theme.use(appearance)
    desk.looked()
    assert complaints(desk, (960, 540), (1280, 800)) == ""


def test_words_twice_as_long_find_room(opened: Callable[[], Desk], monkeypatch: pytest.MonkeyPatch):
    """Nothing is cut in a language that takes twice the room."""
    monkeypatch.setattr(text, "_catalogue", Doubled())
    desk = opened()
    desk.looked()
    assert complaints(desk, (1280, 800)) == ""


def test_letters_twice_as_large_find_room(opened: Callable[[], Desk], qapp: QApplication):
    """A system font of double size cuts nothing on a screen of 1920 x 1080."""
    before = qapp.font()
    large = QFont(before)
    large.setPointSizeF(before.pointSizeF() * 2)
    qapp.setFont(large)
    try:
        desk = opened()
        desk.looked()
        assert complaints(desk, (1920, 1032)) == ""
    finally:
        qapp.setFont(before)
