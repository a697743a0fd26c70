"""The dialog in which a connector's SIS is allowed to tell of changes, and what to give to it."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)
from shiboken6 import isValid

from app.errors import SyncError
from app.server.address import chosen_port, webhook_url
from app.server.deliveries import Received, newest
from app.server.receiver import Reception
from app.store import reads
from app.store.database import Database
from app.store.reads import RunRow
from app.text import _, sentence
from app.ui import badges, theme
from app.ui.parts.dialog import Dialog
from app.ui.parts.label import Label
from app.ui.session import Session
from app.ui.wording import ago, instant, number

LOWEST_PORT, HIGHEST_PORT = 1024, 65535


@dataclass(frozen=True)
class Seen:
    """How it is with the webhooks of one connector."""

    on: bool
    port: int
    last: Received | None
    run: RunRow | None
    """The sync that began after the last one."""


def look(database: Database, name: str) -> Seen:
    """Reads it; on the reader's thread."""
    facts = reads.connector(database, name)
    with database.reading() as tx:
        port = chosen_port(tx)
    last = newest(database.location.path.parent, facts.id)
    runs = reads.runs_by_id(database, [last.run]) if last and last.run else {}
    return Seen(facts.webhooks, port, last, runs.get(last.run) if last and last.run else None)


def last_told(seen: Seen, now: datetime) -> str:
    """When the last webhook came, and what came of it."""
    if seen.last is None:
        return _("None has come yet.")
    when = ago(instant(seen.last.at), now)
    if seen.run is None:
        return _("{when}; no sync has followed yet").format(when=when)
    state = _(badges.of_run(seen.run.state).word)
    told = {"when": when, "id": number(seen.run.id), "state": state}
    return _("{when}, then sync #{id}: {state}").format(**told)


class Copied(QWidget):
    """A line of text that is there to be taken elsewhere."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setReadOnly(True)
        self.line.setAccessibleName(label)
        self.button = QPushButton(_("Copy"))
        self.button.setAccessibleName(_("Copy: {what}").format(what=label))
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._copy)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE)
        row.addWidget(self.line, 1)
        row.addWidget(self.button)

    def show_text(self, text: str) -> None:
        """Shows it from its beginning."""
        if text != self.line.text():
            self.line.setText(text)
            self.line.setCursorPosition(0)
            self.button.setText(_("Copy"))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.line.text())
        self.button.setText(_("Copied"))


class WebhooksDialog(Dialog):
    """Shows how it is now, and changes it at once; there is nothing to save."""

    settled = Signal()
    """What was asked of the engine is done, and shown."""

    def __init__(self, parent: QWidget | None, session: Session, name: str) -> None:
        words = _(
            "Your SIS can tell this program at once when something has changed there. Whatever it "
            "tells, syncs go on by their schedule as well."
        )
        title = _("Webhooks of “{name}”").format(name=name)
        super().__init__(parent, _("Webhooks"), title, words)
        self._session = session
        self._name = name
        self._seen: Seen | None = None
        self._under_way: threading.Event | None = None
        self.on = QCheckBox(_("&Receive webhooks"))
        self.on.setEnabled(False)
        self.on.toggled.connect(self._switch)
        self.address, self.secret = Copied(_("Address")), Copied(_("Secret"))
        self.secret_words = Label()
        self.renew_button = QPushButton(_("Make a &new secret"))
        self.renew_button.setAutoDefault(False)
        self.renew_button.setAccessibleDescription(
            _("The one before ends at once; give the new one to your SIS.")
        )
        self.renew_button.setToolTip(self.renew_button.accessibleDescription())
        self.renew_button.clicked.connect(self._renew)
        self.port = QSpinBox()
        self.port.setRange(LOWEST_PORT, HIGHEST_PORT)
        self.port.setKeyboardTracking(False)  # a number half typed is no port
        self.port.setMinimumHeight(theme.TARGET)
        self.port.setMaximumWidth(120)
        self.port.setAccessibleName(_("Port"))
        self.port.setToolTip(_("Of the webhooks of all connectors"))
        self.port.valueChanged.connect(self._move)
        self.last = Label()
        self.only_here = Label(sentence("webhook_only_here"))
        self.trouble = Label()
        self.trouble.setProperty("wrong", True)
        for label in (self.secret_words, self.only_here, self.trouble):
            label.setWordWrap(True)
        self._lay_out()
        session.wrote.connect(self._read)
        session.delivered.connect(self._read)
        session.received.connect(self._receives)
        self._receives(session.reception)
        self._read()

    def _lay_out(self) -> None:
        secret = QHBoxLayout()
        secret.setSpacing(theme.SPACE)
        secret.addWidget(self.secret_words, 1)
        secret.addWidget(self.secret, 1)
        secret.addWidget(self.renew_button)
        self.details = QWidget()
        form = QFormLayout(self.details)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(_("Address:"), self.address)
        form.addRow("", self.only_here)
        form.addRow(_("Secret:"), secret)
        form.addRow(_("Port:"), self.port)
        form.addRow(_("Last webhook:"), self.last)
        self.body.addWidget(self.on)
        self.body.addWidget(self.details)
        self.body.addWidget(self.trouble)
        self.body.addStretch(1)
        close = QPushButton(_("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        self.buttons.addStretch(1)
        self.buttons.addWidget(close)
        self.details.hide()
        self._show_secret("")
        self.resize(620, self.height())

    # -- showing --

    def _read(self) -> None:
        name = self._name
        self._session.ask("webhooks", lambda database: look(database, name), self._show)

    def _show(self, seen: Seen) -> None:
        if not isValid(self):
            return
        self._seen = seen
        with QSignalBlocker(self.on), QSignalBlocker(self.port):
            self.port.setValue(seen.port)
            if self._under_way is None:
                self.on.setChecked(seen.on)
        self.on.setEnabled(self._under_way is None)
        self.details.setVisible(seen.on)
        self.address.show_text(webhook_url(seen.port, self._name))
        self.last.setText(last_told(seen, datetime.now(UTC)))
        self._fit()
        if self._under_way is None:
            self.settled.emit()

    def _show_secret(self, secret: str) -> None:
        self.secret.show_text(secret)
        self.secret.setVisible(bool(secret))
        self.secret_words.setText(
            "" if secret else _("Kept on this computer and not shown again. Lost? Make a new one.")
        )
        self.secret_words.setVisible(not secret)
        self._fit()

    def _receives(self, reception: Reception) -> None:
        error = reception.error
        self._say(sentence(error.code, error.parameters) if error else "")

    def _say(self, trouble: str) -> None:
        self.trouble.setText(trouble)
        self.trouble.setVisible(bool(trouble))
        self._fit()

    def _fit(self) -> None:
        """As high as what is shown."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    # -- changing --

    def _switch(self, on: bool) -> None:
        self._ask(on=on, renew=False)

    def _renew(self) -> None:
        self._ask(on=True, renew=True)

    def _ask(self, *, on: bool, renew: bool) -> None:
        self.on.setEnabled(False)
        self.renew_button.setEnabled(False)
        self._under_way = self._session.request(
            "set_webhooks", self._name, on, renew=renew, then=self._changed
        )

    def _changed(self, found: str | SyncError | None) -> None:
        if not isValid(self):
            return
        self._under_way = None
        self.renew_button.setEnabled(True)
        if isinstance(found, SyncError):
            self._say(sentence(found.code, found.parameters))
        else:
            self._say("")
            self._show_secret(found or "")
        self._read()

    def _move(self, port: int) -> None:
        self._session.command("set_webhook_port", port)

    def done(self, result: int) -> None:
        """Closes; what waits for the keyring is given up."""
        if self._under_way is not None:
            self._under_way.set()
        super().done(result)
