"""The dialog of a connector's webhooks, and the practice SIS that tells the window at once."""

import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.compose import Options
from app.ui.connectors.webhooks import WebhooksDialog
from app.ui.window import Window
from app.vault import MemoryVault, Undo, VaultError
from tests.server.sender import Sender
from tests.ui.stage import CLICK, NAME, WAIT_MS, District, newest_run, ready, sync, wait_for_state


def opened(qtbot: QtBot, window: Window) -> WebhooksDialog:
    """The dialog of the one connector, once it shows how it is."""
    window.menus.webhooks.trigger()
    dialog = window.dialog
    assert isinstance(dialog, WebhooksDialog)
    qtbot.waitUntil(dialog.on.isEnabled, timeout=WAIT_MS)
    return dialog


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def switched_on(qtbot: QtBot, window: Window) -> WebhooksDialog:
    """The dialog with webhooks on, received on a port of the test's own."""
    dialog = opened(qtbot, window)
    dialog.port.setValue(free_port())
    dialog.on.click()
    qtbot.waitUntil(dialog.secret.isVisible, timeout=WAIT_MS)
    assert window.session is not None
    session = window.session
    qtbot.waitUntil(lambda: session.reception.port == dialog.port.value(), timeout=WAIT_MS)
    qtbot.waitUntil(dialog.on.isEnabled, timeout=WAIT_MS)
    return dialog


def copied(qtbot: QtBot, what: WebhooksDialog, name: str) -> str:
    """What the button puts on the clipboard."""
    qtbot.mouseClick(getattr(what, name).button, CLICK)
    return QGuiApplication.clipboard().text()


def test_what_the_dialog_gives_is_what_a_sis_needs(qtbot: QtBot, window: Window):
    """Address and secret, copied into a SIS: its signed webhook starts a sync, and is shown."""
    sync(qtbot, window)
    dialog = switched_on(qtbot, window)
    address, secret = (copied(qtbot, dialog, name) for name in ("address", "secret"))
    assert address.endswith(f":{dialog.port.value()}/api/webhooks/{NAME}")
    assert dialog.last.text() == "None has come yet."
    assert "only from this computer" in dialog.only_here.text()
    with closing(Sender(address, secret)) as sender:
        assert sender.send("msg_1").status == 202
        qtbot.waitUntil(lambda: "then sync #2: Completed" in dialog.last.text(), timeout=WAIT_MS)
    dialog.accept()
    wait_for_state(qtbot, window, "completed")
    window.work.history.table.choose(2)
    qtbot.waitUntil(
        lambda: "started by a webhook" in window.work.history.sync.about.text(), timeout=WAIT_MS
    )


def test_a_secret_is_shown_when_it_is_made_and_never_again(qtbot: QtBot, window: Window):
    """Opened again the dialog has none to show, and can make a new one."""
    dialog = switched_on(qtbot, window)
    first = dialog.secret.line.text()
    assert first.startswith("whsec_")
    dialog.accept()
    again = opened(qtbot, window)
    assert again.on.isChecked()
    assert not again.secret.isVisible()
    assert "not shown again" in again.secret_words.text()
    qtbot.mouseClick(again.renew_button, CLICK)
    qtbot.waitUntil(again.secret.isVisible, timeout=WAIT_MS)
    assert again.secret.line.text() not in ("", first)


def test_switched_off_nothing_listens(qtbot: QtBot, window: Window):
    """The address is not shown any more, and nobody answers there."""
    dialog = switched_on(qtbot, window)
    session = window.session
    assert session is not None
    dialog.on.click()
    qtbot.waitUntil(lambda: session.reception.port is None, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not dialog.details.isVisible(), timeout=WAIT_MS)


def test_a_window_receives_again_when_it_is_opened_again(
    qtbot: QtBot, open_window: Callable[..., Window], district: District
):
    """What was switched on stays on; without the first webhook nothing listens at all."""
    window = ready(qtbot, open_window(district.options, district.vault))
    assert window.session is not None
    assert window.session.reception.port is None
    port = switched_on(qtbot, window).port.value()
    session = window.session
    window.close()
    qtbot.waitUntil(lambda: not isValid(session) or session.over, timeout=WAIT_MS)
    other = ready(qtbot, open_window(district.options, district.vault))
    qtbot.waitUntil(lambda: window_port(other) == port, timeout=WAIT_MS)


def window_port(window: Window) -> int | None:
    return window.session.reception.port if window.session else None


def test_a_port_that_is_taken_is_said_and_the_window_goes_on(qtbot: QtBot, window: Window):
    """In the dialog and over the history; another port is one number away."""
    dialog = switched_on(qtbot, window)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        dialog.port.setValue(port)
        qtbot.waitUntil(lambda: str(port) in dialog.trouble.text(), timeout=WAIT_MS)
        dialog.accept()
        assert str(port) in window.work.notice.words.text()
        sync(qtbot, window)
        dialog = opened(qtbot, window)
        assert dialog.trouble.isVisible()
        dialog.port.setValue(free_port())
        qtbot.waitUntil(lambda: not dialog.trouble.isVisible(), timeout=WAIT_MS)


def test_a_keyring_that_refuses_is_said_and_nothing_is_on(
    qtbot: QtBot, open_window: Callable[..., Window], district: District
):
    """Without a place for the secret webhooks stay off."""

    class Refusing(MemoryVault):
        def set(self, connector: str, key: str, secret: str, *, lasting: bool = True) -> Undo:
            raise VaultError("keyring_locked")

    window = ready(qtbot, open_window(district.options, Refusing()))
    dialog = opened(qtbot, window)
    dialog.on.click()
    qtbot.waitUntil(dialog.trouble.isVisible, timeout=WAIT_MS)
    assert "keyring" in dialog.trouble.text()
    qtbot.waitUntil(lambda: dialog.on.isEnabled() and not dialog.on.isChecked(), timeout=WAIT_MS)


def test_every_part_of_the_dialog_has_a_name_and_the_keyboard_reaches_it(
    qtbot: QtBot, window: Window
):
    """For who hears the screen, or has no mouse."""
    dialog = switched_on(qtbot, window)
    for widget in (dialog.address.line, dialog.secret.line, dialog.port, dialog.address.button):
        assert widget.accessibleName()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_the_dialog_is_as_high_as_what_it_shows(qtbot: QtBot, window: Window):
    """Nothing is cut off when it is switched on, and no empty space stays when it is off."""
    dialog = opened(qtbot, window)
    low = dialog.height()
    dialog = switched_on(qtbot, window)
    for widget in (dialog.address.line, dialog.renew_button, dialog.port, dialog.secret.line):
        assert widget.height() >= widget.sizeHint().height()
    assert dialog.only_here.height() >= dialog.only_here.heightForWidth(dialog.only_here.width())
    assert dialog.height() > low
    dialog.on.click()
    qtbot.waitUntil(lambda: dialog.height() <= low, timeout=WAIT_MS)


# -- practice ---------------------------------------------------------------------------------


def test_in_practice_a_school_day_starts_a_sync_by_itself(
    qtbot: QtBot, open_window: Callable[..., Window], settings: QSettings, data_dir: Path
):
    """Ticked in the menu: the practice SIS sends a webhook, and the window needs no click."""
    window = ready(qtbot, open_window(Options(data_dir=data_dir, practice=True)))
    sync(qtbot, window)
    assert not window.menus.at_once.isChecked()
    window.menus.at_once.trigger()
    qtbot.waitUntil(lambda: window_port(window) is not None, timeout=WAIT_MS)
    qtbot.mouseClick(window.band.day_button, CLICK)
    qtbot.waitUntil(lambda: len(window.work.history.table.runs.ids) == 2, timeout=WAIT_MS)
    wait_for_state(qtbot, window, "completed", "waiting", "warnings")
    run = newest_run(window)
    assert run.trigger == "webhook"
    assert run.total("created") + run.total("updated") > 0
    assert window.work.notice.words.text().endswith("a sync begins by itself.")
    assert settings.value("practice_at_once", type=bool) is True
    window.menus.at_once.trigger()
    qtbot.waitUntil(lambda: window_port(window) is None, timeout=WAIT_MS)
    assert settings.value("practice_at_once", type=bool) is False


def test_practice_remembers_to_tell_at_once(
    qtbot: QtBot, open_window: Callable[..., Window], settings: QSettings, data_dir: Path
):
    """A window opened later has its practice SIS tell it again, under a new secret."""
    settings.setValue("practice_at_once", True)
    window = ready(qtbot, open_window(Options(data_dir=data_dir, practice=True)))
    qtbot.waitUntil(lambda: window_port(window) is not None, timeout=WAIT_MS)
    sync(qtbot, window)
    window.school_day()
    qtbot.waitUntil(lambda: len(window.work.history.table.runs.ids) == 2, timeout=WAIT_MS)
    wait_for_state(qtbot, window, "completed", "waiting", "warnings")


def test_outside_practice_there_is_no_such_choice(qtbot: QtBot, window: Window):
    """And in practice no connector to give an address of ours to."""
    assert not window.menus.in_practice.isVisible()
    assert window.menus.webhooks.isEnabled()
