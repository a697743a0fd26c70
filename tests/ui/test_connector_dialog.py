"""Adding, editing and removing a connector in the window."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.logging import _QtMessageCapture as QtLog
from pytestqt.qtbot import QtBot

from app import compose
from app.compose import Options, PracticeSis, kinds
from app.connectors.contract import Connector, Io, Preset, SecretName, Setting, declared
from app.store import reads
from app.store.database import Database, Location
from app.store.reads import ConnectorFacts
from app.ui.connectors.dialog import ConnectorDialog
from app.ui.connectors.form import (
    ChoiceField,
    Field,
    NumberField,
    SwitchField,
    TextField,
    setting_fields,
)
from app.ui.connectors.remove import RemoveDialog
from app.ui.window import Window
from app.vault import MemoryVault, Undo, VaultError
from tests.ui.stage import CLICK, NAME, WAIT_MS, District, ready, sync, wait_for_state

SECRET = "client_secret"


class Keyring(MemoryVault):
    """A keyring that can be locked, and a memory beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = MemoryVault()
        self.locked = False

    def _unlocked(self) -> None:
        if self.locked:
            raise VaultError("keyring_locked")

    def get(self, connector: str, key: str) -> str | None:
        if (found := self.memory.get(connector, key)) is not None:
            return found
        self._unlocked()
        return super().get(connector, key)

    def set(self, connector: str, key: str, secret: str, *, lasting: bool = True) -> Undo:
        if not lasting:
            return self.memory.set(connector, key, secret)
        self._unlocked()
        return super().set(connector, key, secret)

    def place(self, connector: str, key: str) -> str | None:
        self._unlocked()
        return super().place(connector, key)

    def probe(self) -> str:
        self._unlocked()
        return "the keyring of the test"


@pytest.fixture
def keyring() -> Keyring:
    """The keyring of the window."""
    return Keyring()


@pytest.fixture
def empty(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path, keyring: Keyring
) -> Window:
    """A window without any connector."""
    window = open_window(Options(data_dir=data_dir), keyring)
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.welcome, timeout=WAIT_MS)
    return window


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes every connection and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def adding(qtbot: QtBot, window: Window) -> ConnectorDialog:
    """The dialog as Ctrl+N opens it, once it knows where secrets are kept."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    return opened(qtbot, window)


def opened(qtbot: QtBot, window: Window) -> ConnectorDialog:
    dialog = window.dialog
    assert isinstance(dialog, ConnectorDialog)
    field = dialog.filling.secrets[SECRET]
    qtbot.waitUntil(
        lambda: bool(field.under.text()) or not dialog.filling.unkept.isHidden(), timeout=WAIT_MS
    )
    return dialog


def fill(dialog: ConnectorDialog, sis: PracticeSis, secret: str | None = None) -> None:
    """Fills in what leads to the SIS; the secret is the right one unless told otherwise."""
    for name, field in dialog.filling.settings.items():
        if isinstance(field, TextField):
            type_into(field, sis.settings.get(name, ""))
    type_into(dialog.filling.secrets[SECRET], sis.ready.client_secret if secret is None else secret)


def type_into(field: Field, text: str) -> None:
    """Replaces what stands in a field of text."""
    assert isinstance(field, TextField)
    field.editor.setText(text)


def found(qtbot: QtBot, dialog: ConnectorDialog) -> list[tuple[str, str]]:
    """Presses *Test connection*; the findings as they stand in the table."""
    qtbot.mouseClick(dialog.filling.test_button, CLICK)
    qtbot.waitUntil(lambda: not dialog.filling.busy, timeout=WAIT_MS)
    table = dialog.filling.findings.table
    cells = [[table.item(row, column) for column in (0, 2)] for row in range(table.rowCount())]
    return [(mark.text(), what.text()) for mark, what in cells if mark and what]


def stored(folder: Path) -> list[ConnectorFacts]:
    """The connectors in the database."""
    with Database(Location.of(folder)) as database:
        return reads.connectors(database)


def test_a_connector_is_added_and_synced_by_the_next_key(
    qtbot: QtBot, empty: Window, sis: PracticeSis, keyring: Keyring, data_dir: Path
):
    """Fill in, test, add; then *Run Sync Now* has the focus. No file has the secret."""
    dialog = adding(qtbot, empty)
    fill(dialog, sis)
    assert dialog.filling.name.value() == "SIS"
    findings = found(qtbot, dialog)
    assert {mark for mark, _what in findings} == {"Good"}
    assert any(what.startswith("People can be read: ") for _mark, what in findings)
    assert dialog.filling.findings.outcome.text() == "“SIS” works."
    assert stored(data_dir) == []
    qtbot.mouseClick(dialog.save_button, CLICK)
    ready(qtbot, empty)
    assert empty.connectors.name == "SIS"
    empty.activateWindow()
    qtbot.waitUntil(empty.isActiveWindow, timeout=WAIT_MS)
    assert empty.focusWidget() is empty.work.headline.bar.run_button
    qtbot.keyClick(empty.focusWidget(), Qt.Key.Key_Return)
    wait_for_state(qtbot, empty, "completed")
    assert [facts.schedule for facts in stored(data_dir)] == ["06:30"]
    secret = sis.ready.client_secret
    assert MemoryVault.get(keyring, "SIS", SECRET) == secret
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    assert not [path for path in files if secret.encode() in path.read_bytes()]


def test_what_does_not_work_is_marked_and_can_be_copied(
    qtbot: QtBot, empty: Window, sis: PracticeSis, data_dir: Path
):
    """A wrong secret is one bad finding and so the verdict; copied as text, nothing is stored."""
    dialog = adding(qtbot, empty)
    fill(dialog, sis, "not the secret")
    [(mark, what)] = found(qtbot, dialog)
    assert (mark, "does not accept the client ID and secret" in what) == ("Bad", True)
    assert dialog.filling.findings.outcome.text() == what
    assert not dialog.filling.findings.table.isVisible()
    qtbot.mouseClick(dialog.filling.findings.copy_button, CLICK)
    assert QGuiApplication.clipboard().text() == f"Bad · Signing in: {what}"
    dialog.reject()
    assert stored(data_dir) == []


def test_what_does_not_work_can_be_added_anyway(
    qtbot: QtBot, empty: Window, sis: PracticeSis, data_dir: Path
):
    """After a bad finding testing again is the main thing to do, until something is changed."""
    dialog = adding(qtbot, empty)
    fill(dialog, sis, "not the secret")
    assert (dialog.save_button.text(), dialog.save_button.isDefault()) == ("&Add connector", True)
    found(qtbot, dialog)
    assert (dialog.save_button.text(), dialog.filling.test_button.isDefault()) == (
        "&Add anyway",
        True,
    )
    type_into(dialog.filling.secrets[SECRET], "perhaps this one")
    assert (dialog.save_button.text(), dialog.save_button.isDefault()) == ("&Add connector", True)
    found(qtbot, dialog)
    with qtbot.waitSignal(dialog.saved, timeout=WAIT_MS):
        qtbot.mouseClick(dialog.save_button, CLICK)
    assert [one.name for one in stored(data_dir)] == ["SIS"]


def test_the_verdict_of_a_test_is_in_sight_with_what_was_tested(
    qtbot: QtBot, empty: Window, sis: PracticeSis
):
    """The dialog is as high as findings and screen allow; no field is cut at the top."""
    dialog = adding(qtbot, empty)
    fill(dialog, sis)
    before = dialog.height()
    found(qtbot, dialog)
    port = dialog.filling.area.viewport()

    def place(widget: QWidget) -> QRect:
        return widget.rect().translated(widget.mapTo(port, QPoint()))

    findings = dialog.filling.findings
    qtbot.waitUntil(
        lambda: place(findings).top() == 0 or port.rect().contains(place(findings)),
        timeout=WAIT_MS,
    )
    assert port.rect().contains(place(findings.outcome))
    assert before <= dialog.height() <= 0.85 * dialog.screen().availableGeometry().height()
    assert dialog.filling.area.verticalScrollBar().value() > 0
    assert not [
        one for one in dialog.findChildren(Field) if place(one).top() < 0 < place(one).bottom()
    ]
    dialog.reject()


def test_findings_of_other_settings_are_marked_as_such(
    qtbot: QtBot, empty: Window, sis: PracticeSis
):
    """A change makes them stale; a new test makes them count again."""
    dialog = adding(qtbot, empty)
    assert "Not tested yet" in dialog.filling.notice.text()
    fill(dialog, sis)
    found(qtbot, dialog)
    assert dialog.filling.findings.stale is False
    type_into(dialog.filling.settings["client_id"], "another")
    assert dialog.filling.findings.outcome.text().startswith("Tested with other settings.")
    assert "Not tested with these settings" in dialog.filling.notice.text()
    fill(dialog, sis)
    found(qtbot, dialog)
    assert dialog.filling.findings.outcome.text() == "“SIS” works."
    dialog.reject()


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("base_url", "http://sis.example.org", "begins with http instead of https"),
        ("base_url", "", "“Address” is empty"),
        ("base_url", "https://sis.example.org/?a=1", "“Address” has a part that begins with ?"),
        ("token_url", "https://sis.example.org/?key=1", "“Token address” seems to have a secret"),
        ("scope", "n" * 2001, "“Scope” is not one line of text with at most 2,000 characters"),
        ("client_id", " ", "“Client ID” is empty"),
        (SECRET, "", "“Client secret” is empty"),
    ],
)
def test_a_setting_that_cannot_work_is_told_at_its_field(
    qtbot: QtBot, empty: Window, sis: PracticeSis, data_dir: Path, setting: str, value: str,
    words: str,
):  # fmt: skip
    """Both for a test and for saving: the reason stands under the field, which has the focus."""
    dialog = adding(qtbot, empty)
    for press in (dialog.filling.test, dialog.filling.save):
        fill(dialog, sis)
        field = {**dialog.filling.settings, **dialog.filling.secrets}[setting]
        type_into(field, value)
        press()
        qtbot.waitUntil(lambda: not dialog.filling.busy, timeout=WAIT_MS)
        assert words in field.under.text()
        assert field.wrong
        assert field.editor.accessibleDescription() == field.under.text()
        assert dialog.focusWidget() is field.editor
    dialog.reject()
    assert stored(data_dir) == []


def test_an_address_where_nobody_answers_has_the_focus(
    qtbot: QtBot, empty: Window, sis: PracticeSis
):
    """Not the field that the test was begun from; of two addresses the one that is wrong."""
    dialog = adding(qtbot, empty)
    fill(dialog, sis)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # where nobody listens
        field = dialog.filling.settings["token_url"]
        type_into(field, f"http://127.0.0.1:{taken.getsockname()[1]}/token")
        found(qtbot, dialog)
    assert field.wrong
    qtbot.waitUntil(lambda: dialog.focusWidget() is field.editor, timeout=WAIT_MS)
    dialog.reject()


def test_a_name_that_cannot_be_is_told_at_its_field(
    qtbot: QtBot, empty: Window, sis: PracticeSis, data_dir: Path
):
    """Nothing is stored under it, and the next thing typed can be another one."""
    dialog = adding(qtbot, empty)
    fill(dialog, sis)
    for name in ("..", "n" * 101):
        type_into(dialog.filling.name, name)
        dialog.filling.save()
        qtbot.waitUntil(lambda: not dialog.filling.busy, timeout=WAIT_MS)
        assert "cannot be a connector's name" in dialog.filling.name.under.text()
        assert dialog.focusWidget() is dialog.filling.name.editor
    dialog.reject()
    assert stored(data_dir) == []


def test_a_name_is_suggested_and_looked_at_while_it_is_typed(qtbot: QtBot, window: Window):
    """The host's name until a person types; blank or like another's cannot be saved."""
    dialog = adding(qtbot, window)
    for address in ("", "http://localhost:8080", "https://10.1.2.3/ims", "https://[::1]:8443"):
        type_into(dialog.filling.settings["base_url"], address)
        assert dialog.filling.name.value() == "SIS"
    type_into(dialog.filling.settings["base_url"], "https://sis.example.org/ims")
    assert dialog.filling.name.value() == "sis.example.org"
    dialog.filling.name.editor.selectAll()
    qtbot.keyClicks(dialog.filling.name.editor, NAME.lower())
    assert f"too much like “{NAME}”" in dialog.filling.name.under.text()
    assert not dialog.save_button.isEnabled()
    qtbot.keyClicks(dialog.filling.name.editor, " North")
    assert dialog.save_button.isEnabled()
    type_into(dialog.filling.settings["base_url"], "https://other.example.org")
    assert dialog.filling.name.value() == f"{NAME.lower()} North"
    dialog.reject()


def test_editing_changes_what_is_named_and_keeps_the_secret(
    qtbot: QtBot, window: Window, district: District
):
    """A secret is never shown again; left blank it stays, and it serves the test."""
    window.edit_connector()
    dialog = opened(qtbot, window)
    assert dialog.filling.vendor is None  # nothing is to be filled in anew
    assert dialog.filling.secrets[SECRET].value() == ""
    assert "Leave blank to keep it" in dialog.filling.secrets[SECRET].under.text()
    assert {mark for mark, _what in found(qtbot, dialog)} == {"Good"}
    scope = "https://purl.imsglobal.org/spec/or/v1p2/scope/roster.readonly"
    type_into(dialog.filling.settings["scope"], scope)
    assert dialog.filling.schedule.value() == ""
    dialog.filling.schedule.editor.setCurrentIndex(
        dialog.filling.schedule.editor.findData("every hour")
    )
    with qtbot.waitSignal(dialog.saved, timeout=WAIT_MS):
        qtbot.mouseClick(dialog.save_button, CLICK)
    [facts] = stored(district.options.folder)
    assert facts.settings == {**district_settings(district), "scope": scope}
    assert facts.schedule == "every hour"
    assert district.vault.get(NAME, SECRET) == district.sis.ready.client_secret
    sync(qtbot, window)


def district_settings(district: District) -> dict[str, Any]:
    return {**msgspec.to_builtins(kinds()["oneroster"].settings()), **district.sis.settings}


def test_what_was_set_elsewhere_meanwhile_is_not_overwritten(
    qtbot: QtBot, window: Window, district: District
):
    """The dialog says so; what was typed into it stays."""
    window.edit_connector()
    dialog = opened(qtbot, window)
    with compose.program(district.options, district.vault) as program:
        program.engine.set_schedule(NAME, "05:15")
    type_into(dialog.filling.settings["client_id"], "another")
    qtbot.mouseClick(dialog.save_button, CLICK)
    qtbot.waitUntil(
        lambda: "was changed elsewhere" in dialog.filling.notice.text(), timeout=WAIT_MS
    )
    [facts] = stored(district.options.folder)
    assert (facts.schedule, facts.settings["client_id"] == "another") == ("05:15", False)
    dialog.reject()


def test_a_locked_keyring_leaves_a_choice_and_everything_typed(
    qtbot: QtBot, empty: Window, sis: PracticeSis, keyring: Keyring, data_dir: Path
):
    """Nothing is chosen for the person; kept in memory, the secret never reaches the keyring."""
    keyring.locked = True
    dialog = adding(qtbot, empty)
    fill(dialog, sis)
    assert {mark for mark, _what in found(qtbot, dialog)} == {"Good"}
    told_of_the_keyring(qtbot, dialog)
    qtbot.mouseClick(dialog.save_button, CLICK)
    assert dialog.filling.unkept.undecided_words.isVisible()
    assert stored(data_dir) == []
    assert dialog.filling.secrets[SECRET].value() == sis.ready.client_secret
    dialog.filling.unkept.memory.setChecked(True)
    assert dialog.filling.unkept.undecided_words.isHidden()
    qtbot.mouseClick(dialog.save_button, CLICK)
    sync(qtbot, ready(qtbot, empty))
    assert keyring.memory.get("SIS", SECRET) == sis.ready.client_secret
    keyring.locked = False
    assert MemoryVault.get(keyring, "SIS", SECRET) is None


def told_of_the_keyring(qtbot: QtBot, dialog: ConnectorDialog) -> None:
    """Saves, and is told: before, nobody wanted the keyring to ask for its password."""
    assert dialog.filling.unkept.isHidden()
    qtbot.mouseClick(dialog.save_button, CLICK)
    qtbot.waitUntil(dialog.filling.unkept.isVisible, timeout=WAIT_MS)
    assert "is locked" in dialog.filling.unkept.words.text()


def test_an_unlocked_keyring_is_tried_again(
    qtbot: QtBot, empty: Window, sis: PracticeSis, keyring: Keyring
):
    """A keyring that locks itself in between is told when saving; unlocked, it serves."""
    dialog = adding(qtbot, empty)
    fill(dialog, sis)
    keyring.locked = True
    told_of_the_keyring(qtbot, dialog)
    keyring.locked = False
    qtbot.mouseClick(dialog.filling.unkept.again_button, CLICK)
    qtbot.waitUntil(dialog.filling.unkept.isHidden, timeout=WAIT_MS)
    with qtbot.waitSignal(dialog.saved, timeout=WAIT_MS):
        qtbot.mouseClick(dialog.save_button, CLICK)
    assert keyring.get("SIS", SECRET) == sis.ready.client_secret


def test_a_secret_can_be_left_to_the_environment(
    qtbot: QtBot, empty: Window, sis: PracticeSis, keyring: Keyring, data_dir: Path
):
    """The variable is named, and the connector is saved without a secret."""
    keyring.locked = True
    dialog = adding(qtbot, empty)
    fill(dialog, sis)
    told_of_the_keyring(qtbot, dialog)
    assert "MINDKINDLER_SECRET_SIS_CLIENT_SECRET" in dialog.filling.unkept.variables.text()
    dialog.filling.unkept.environment.setChecked(True)
    assert not dialog.filling.secrets[SECRET].isEnabled()
    with qtbot.waitSignal(dialog.saved, timeout=WAIT_MS):
        qtbot.mouseClick(dialog.save_button, CLICK)
    assert [one.name for one in stored(data_dir)] == ["SIS"]
    assert keyring.memory.get("SIS", SECRET) is None


@pytest.mark.parametrize("way", ["stop", "escape"])
def test_a_test_that_takes_too_long_is_stopped(
    qtbot: QtBot, empty: Window, sis: PracticeSis, silent: str, way: str
):
    """*Stop* says that nothing was stored; closing the dialog stops it as well."""
    dialog = adding(qtbot, empty)
    fill(dialog, sis)
    type_into(dialog.filling.settings["base_url"], silent)
    type_into(dialog.filling.settings["token_url"], silent)
    qtbot.mouseClick(dialog.filling.test_button, CLICK)
    assert dialog.filling.busy
    assert dialog.filling.progress.isVisible()
    assert not dialog.save_button.isEnabled()
    if way == "escape":
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        assert dialog.isHidden()
        return  # that nothing goes on is looked at after every test
    qtbot.mouseClick(dialog.filling.stop_button, CLICK)
    qtbot.waitUntil(lambda: not dialog.filling.busy, timeout=WAIT_MS)
    assert dialog.filling.findings.outcome.text() == "The test was stopped. Nothing was stored."
    assert dialog.save_button.isEnabled()
    dialog.reject()


def test_a_secret_that_vanished_is_asked_for_where_the_failure_is_told(
    qtbot: QtBot, open_window: Callable[..., Window], district: District, keyring: Keyring
):
    """The headline's button opens the form at the secret; entered again, it syncs."""
    window = ready(qtbot, open_window(district.options, keyring))
    qtbot.mouseClick(window.work.headline.bar.run_button, CLICK)
    wait_for_state(qtbot, window, "failed")
    button = window.work.headline.bar.step_button
    qtbot.waitUntil(lambda: button.text() == "Enter the secret again…", timeout=WAIT_MS)
    run_button = window.work.headline.bar.run_button
    qtbot.waitUntil(lambda: button.x() < run_button.x())  # once it is laid out
    assert (button.property("main"), run_button.property("main")) == (True, False)
    qtbot.mouseClick(button, CLICK)
    dialog = opened(qtbot, window)
    field = dialog.filling.secrets[SECRET]
    assert "Enter it again" in field.under.text()
    assert dialog.focusWidget() is field.editor
    field.editor.setText(f"  {district.sis.ready.client_secret}\n")
    with qtbot.waitSignal(dialog.saved, timeout=WAIT_MS):
        qtbot.keyClick(field.editor, Qt.Key.Key_Return)
    assert keyring.get(NAME, SECRET) == district.sis.ready.client_secret
    sync(qtbot, window)
    assert run_button.property("main")


def test_removing_says_what_it_does_and_can_be_left(
    qtbot: QtBot, window: Window, district: District
):
    """The safe button has the focus; removed, the secret is gone and the records stay."""
    sync(qtbot, window)
    window.remove_connector()
    dialog = window.dialog
    assert isinstance(dialog, RemoveDialog)
    assert "Its records and its history stay here" in dialog.words.text()
    assert dialog.focusWidget() is dialog.keep_button
    qtbot.mouseClick(dialog.keep_button, CLICK)
    assert len(stored(district.options.folder)) == 1
    window.remove_connector()
    again = window.dialog
    assert isinstance(again, RemoveDialog)
    qtbot.mouseClick(again.remove_button, CLICK)
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.welcome, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: district.vault.get(NAME, SECRET) is None, timeout=WAIT_MS)
    with district.database() as database:
        assert sum(reads.counts(database).values()) > 0
        assert reads.connectors(database) == []


def test_practice_connects_nothing_else(
    qtbot: QtBot, open_window: Callable[..., Window], data_dir: Path
):
    """In practice nothing can be added, edited or removed."""
    window = ready(qtbot, open_window(Options(data_dir=data_dir, practice=True)))
    assert not window.connectors.add_button.isVisible()
    for action in (window.menus.add, window.menus.edit, window.menus.remove):
        assert not action.isEnabled()


class Odd(msgspec.Struct):
    """Settings of every sort."""

    folder: Annotated[str, Setting("Folder", "Where the files are.")]
    pages: Annotated[int, Setting("Pages")] = 7
    strict: Annotated[bool, Setting("Strict")] = True
    flavour: Annotated[str, Setting("Flavour", choices=("a", "b"))] = "b"
    manner: Annotated[str, Setting("Manner", choices=("only",))] = "only"


class OddKind:
    """A kind from another package."""

    name = "odd"
    label = "Odd"
    settings = Odd
    secrets = (SecretName("key", "Key"), SecretName("pin", "PIN"))
    presets: tuple[Preset, ...] = ()

    def mapping_version(self, settings: Any) -> str:
        return "1"

    def source(self, settings: Any) -> str:
        return ""

    def open(self, settings: Any, secrets: Any, io: Io) -> Connector:
        raise NotImplementedError


def nobody(name: str, *args: Any, then: Callable[[Any], None], **named: Any) -> threading.Event:
    """An engine that never answers."""
    return threading.Event()


def test_a_form_is_what_the_kind_declares(qapp: QApplication):
    """Text, number, switch and choice with their values; no field where there is no choice."""
    fields = setting_fields(OddKind(), {"folder": "/data"})
    found = [(name, type(field), field.value()) for name, field in fields.items()]
    assert found == [
        ("folder", TextField, "/data"),
        ("pages", NumberField, "7"),
        ("strict", SwitchField, True),
        ("flavour", ChoiceField, "b"),
    ]
    assert fields["folder"].under.text() == "Where the files are."


def test_a_choice_is_called_what_it_means_and_stored_as_it_is(qapp: QApplication):
    """No code stands on the form where the kind has words for it."""
    field = setting_fields(kinds()["oneroster"], {"auth": "oauth1"})["auth"]
    assert isinstance(field, ChoiceField)
    assert field.editor.currentText() == "OAuth 1: consumer key and secret"
    assert field.value() == "oauth1"
    for kind in kinds().values():
        for one in setting_fields(kind, {}).values():
            if isinstance(one, ChoiceField):
                words = [one.editor.itemText(place) for place in range(one.editor.count())]
                assert not [word for word in words if "_" in word or word.islower()], words


def test_qt_has_no_complaint_about_the_form_of_an_edit(qtbot: QtBot, qtlog: QtLog, window: Window):
    """The name of a connector that is edited is no field, and no stop of the Tab key."""
    window.menus.edit.trigger()
    assert isinstance(window.dialog, ConnectorDialog)
    assert not [one.message for one in qtlog.records if "setTabOrder" in one.message]
    window.dialog.close()


def test_one_of_several_kinds_is_chosen_first(qtbot: QtBot):
    """With one kind there is no choice; with more, choosing brings the fields of that kind."""
    oneroster = kinds()["oneroster"]
    single = ConnectorDialog(None, nobody, {"oneroster": oneroster}, [])
    qtbot.addWidget(single)
    assert single.filling.form.rows.indexOf(single.filling.kind) == -1
    several = {"odd": OddKind(), "oneroster": oneroster}
    dialog = ConnectorDialog(None, nobody, several, [])
    qtbot.addWidget(dialog)
    assert dialog.filling.form.rows.indexOf(dialog.filling.kind) >= 0
    assert (next(iter(dialog.filling.settings)), list(dialog.filling.secrets)) == (
        "folder",
        ["key", "pin"],
    )
    dialog.filling.kind.editor.setCurrentIndex(1)
    assert (next(iter(dialog.filling.settings)), list(dialog.filling.secrets)) == (
        "base_url",
        [SECRET],
    )


@pytest.fixture
def dialog(qtbot: QtBot) -> ConnectorDialog:
    """The dialog alone, shown."""
    made = ConnectorDialog(None, nobody, {"oneroster": kinds()["oneroster"]}, [])
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_a_secret_shows_dots_until_it_is_asked_for(qtbot: QtBot, dialog: ConnectorDialog):
    """*Show* is for checking what was pasted."""
    field = dialog.filling.secrets[SECRET]
    assert field.editor.echoMode() is QLineEdit.EchoMode.Password
    qtbot.mouseClick(field.reveal, CLICK)
    assert field.editor.echoMode() is QLineEdit.EchoMode.Normal
    qtbot.mouseClick(field.reveal, CLICK)
    assert field.editor.echoMode() is QLineEdit.EchoMode.Password


def test_everything_in_it_has_a_name_and_no_two_have_one_key(dialog: ConnectorDialog):
    """Screen readers name each field by its label; Alt and a letter mean one thing each."""
    dialog.filling.unkept.tell(VaultError("keyring_locked"))
    widgets = dialog.findChildren(QWidget)
    for widget in widgets:
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            text = widget.text() if isinstance(widget, QPushButton) else ""
            assert widget.accessibleName() or text or hasattr(widget, "isChecked"), widget
    words = [w.text() for w in widgets if isinstance(w, QPushButton | QLabel)]
    words += [dialog.filling.unkept.memory.text(), dialog.filling.unkept.environment.text()]
    keys = [word[word.index("&") + 1].lower() for word in words if "&" in word]
    assert len(keys) == len(set(keys))


def test_tab_goes_through_the_form_from_top_to_bottom(qtbot: QtBot, dialog: ConnectorDialog):
    """From the name over the vendor, the settings and the secret to those folded away."""
    assert dialog.filling.vendor is not None
    assert dialog.filling.more is not None
    dialog.filling.more.editor.click()
    qtbot.waitUntil(dialog.isActiveWindow, timeout=WAIT_MS)
    dialog.filling.name.editor.setFocus()
    seen: list[QWidget | None] = [QApplication.focusWidget()]
    advanced = {one.name for one in declared(kinds()["oneroster"]) if one.about.advanced}
    wanted: list[QWidget] = [dialog.filling.name.editor, dialog.filling.vendor.editor]
    for name, field in dialog.filling.settings.items():
        wanted += [field.editor] if name not in advanced else []
        if name == "client_id":
            wanted += [dialog.filling.secrets[SECRET].editor, dialog.filling.secrets[SECRET].reveal]
    wanted.append(dialog.filling.more.editor)
    wanted += [field.editor for name, field in dialog.filling.settings.items() if name in advanced]
    wanted += [dialog.filling.schedule.editor, dialog.filling.test_button, dialog.close_button]
    for _each in wanted:
        qtbot.keyClick(seen[-1], Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    assert seen == [*wanted, dialog.save_button]


def test_it_fits_a_small_screen_with_letters_twice_as_large(qtbot: QtBot, qapp: QApplication):
    """In 900 × 600 every button is whole, and the field that has the focus is in sight."""
    usual = qapp.font()
    large = qapp.font()
    large.setPointSizeF(usual.pointSizeF() * 2)
    qapp.setFont(large)
    try:
        dialog = ConnectorDialog(None, nobody, {"oneroster": kinds()["oneroster"]}, [])
        qtbot.addWidget(dialog)
        dialog.filling.unkept.tell(VaultError("keyring_locked"))
        with qtbot.waitExposed(dialog):
            dialog.show()
        dialog.resize(860, 540)
        qtbot.waitUntil(lambda: dialog.size().toTuple() == (860, 540), timeout=WAIT_MS)
        for button in (dialog.filling.test_button, dialog.close_button, dialog.save_button):
            whole = button.rect().translated(button.mapTo(dialog, button.rect().topLeft()))
            assert dialog.rect().contains(whole)
            assert button.width() >= button.minimumSizeHint().width()
        qtbot.waitUntil(dialog.isActiveWindow, timeout=WAIT_MS)
        field, port = dialog.filling.secrets[SECRET].editor, dialog.filling.area.viewport()
        while (focus := dialog.focusWidget()) is not field:
            qtbot.keyClick(focus, Qt.Key.Key_Tab)
        assert port.rect().contains(field.mapTo(port, field.rect().center()))
    finally:
        qapp.setFont(usual)
