"""The dialog of a connector: what suits a vendor, what is seldom needed, where files are."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.compose import kinds
from app.connectors.contract import Preset, declared
from app.ui.connectors.dialog import ConnectorDialog
from app.ui.connectors.form import PathField, TextField
from tests.ui.stage import WAIT_MS

ADVANCED = {one.name for one in declared(kinds()["oneroster"]) if one.about.advanced}


def nobody(name: str, *args: Any, then: Callable[[Any], None], **named: Any) -> threading.Event:
    """An engine that never answers."""
    return threading.Event()


@pytest.fixture
def made(qtbot: QtBot) -> Callable[..., ConnectorDialog]:
    """Opens the dialog of a kind, alone."""

    def make(kind: str) -> ConnectorDialog:
        dialog = ConnectorDialog(None, nobody, {kind: kinds()[kind]}, [])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        with qtbot.waitExposed(dialog):
            dialog.show()
        qtbot.waitUntil(dialog.isActiveWindow, timeout=WAIT_MS)
        return dialog

    return make


@pytest.fixture
def dialog(made: Callable[..., ConnectorDialog]) -> ConnectorDialog:
    """The dialog that adds a OneRoster service."""
    return made("oneroster")


def preset(name: str) -> Preset:
    [found] = [one for one in kinds()["oneroster"].presets if one.name == name]
    return found


def choose(qtbot: QtBot, dialog: ConnectorDialog, label: str) -> None:
    """Goes through the vendors with the keyboard, up to one."""
    assert dialog.filling.vendor is not None
    choices = dialog.filling.vendor.editor
    choices.setFocus()
    qtbot.keyClick(choices, Qt.Key.Key_Home)
    while choices.currentText() != label:
        qtbot.keyClick(choices, Qt.Key.Key_Down)


def test_choosing_a_vendor_fills_in_what_suits_it_and_says_why(
    qtbot: QtBot, dialog: ConnectorDialog
):
    """Each value with its reason under it, the vendor's habits under the vendor."""
    choose(qtbot, dialog, "ClassLink")
    suits = preset("classlink")
    for name, one in suits.settings.items():
        field = dialog.filling.settings[name]
        assert field.value() == str(one.value)
        assert field.under.text() == one.reason == field.editor.accessibleDescription()
    assert dialog.filling.vendor is not None
    assert dialog.filling.vendor.under.text().splitlines() == list(suits.habits)


def test_what_a_person_has_filled_in_stays(qtbot: QtBot, dialog: ConnectorDialog):
    """Whatever vendor is chosen after it; the rest is as usual again without one."""
    address, version = dialog.filling.settings["base_url"], dialog.filling.settings["version"]
    qtbot.keyClicks(address.editor, "https://sis.example.org")
    version.editor.setFocus()
    qtbot.keyClick(version.editor, Qt.Key.Key_End)
    choose(qtbot, dialog, "Aeries")
    assert preset("aeries").settings["version"].value == "1.1"
    assert (address.value(), version.value()) == ("https://sis.example.org", "1.2")
    choose(qtbot, dialog, "ClassLink")
    choose(qtbot, dialog, "Not chosen")
    usual = {one.name: one.default for one in declared(kinds()["oneroster"])}
    changed = {"base_url", "version"}
    for name, field in dialog.filling.settings.items():
        assert name in changed or field.value() == str(usual[name])
    under = "".join(field.under.text() for field in dialog.filling.settings.values())
    assert not [one for one in preset("classlink").settings.values() if one.reason in under]


def test_what_is_seldom_needed_is_out_of_sight_until_it_is_asked_for(
    qtbot: QtBot, dialog: ConnectorDialog
):
    """By a button that the keyboard reaches, and that says what is set below it."""
    assert dialog.filling.more is not None
    shown = {name for name, field in dialog.filling.settings.items() if field.isVisible()}
    assert shown == dialog.filling.settings.keys() - ADVANCED
    assert dialog.filling.more.under.text() == ""
    dialog.filling.more.editor.setFocus()
    qtbot.keyClick(dialog.filling.more.editor, Qt.Key.Key_Space)
    assert all(field.isVisible() for field in dialog.filling.settings.values())
    assert dialog.filling.more.editor.accessibleName() == "Fewer settings"
    qtbot.keyClick(dialog.filling.more.editor, Qt.Key.Key_Tab)
    first = next(name for name in dialog.filling.settings if name in ADVANCED)
    assert QApplication.focusWidget() is dialog.filling.settings[first].editor
    scope, pages = dialog.filling.settings["scope"], dialog.filling.settings["page_size"]
    assert isinstance(scope, TextField)
    assert isinstance(pages, TextField)
    qtbot.keyClicks(scope.editor, "roster")
    pages.editor.clear()
    assert pages.value() == "0"
    assert dialog.filling.more.under.text() == "Set there: Scope"
    dialog.filling.more.editor.click()
    assert not scope.isVisible()
    assert dialog.filling.settings["base_url"].isVisible()


@pytest.mark.parametrize("folder", [True, False], ids=["a folder", "a file"])
def test_a_folder_or_a_file_can_be_looked_for(
    qtbot: QtBot, made: Callable[..., ConnectorDialog], tmp_path: Path, folder: bool
):
    """What is found is filled in, as if it had been typed."""
    wanted = tmp_path / "exports"
    if folder:
        wanted.mkdir()
    else:
        wanted = wanted.with_suffix(".zip")
        wanted.write_bytes(b"")
    dialog = made("oneroster-csv")
    field = dialog.filling.settings["path"]
    assert isinstance(field, PathField)
    a_folder, a_file = field.browse.menu().actions()
    (a_folder if folder else a_file).trigger()
    qtbot.waitUntil(lambda: bool(field.findChildren(QFileDialog)), timeout=WAIT_MS)
    [looking] = field.findChildren(QFileDialog)
    looking.setDirectory(str(tmp_path))
    looking.selectFile(str(wanted))
    with qtbot.waitSignal(field.changed, timeout=WAIT_MS):
        looking.accept()
    assert (Path(field.value()), field.touched) == (wanted, True)
