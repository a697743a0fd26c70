"""The credentials of a connector: where they are, until when they are good, and new ones."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from PySide6.QtWidgets import QFormLayout, QProgressBar, QPushButton, QWidget

from app.compose import kinds
from app.connectors.contract import Finding, Grade, Kind
from app.engine.configuring import Keeping
from app.engine.rotating import Rotated
from app.errors import Cancelled, SyncError
from app.store import reads
from app.store.database import Database
from app.text import N_, _, plural, sentence
from app.ui import theme
from app.ui.connectors.findings import Findings
from app.ui.connectors.form import Form, SecretField, SwitchField, secret_fields
from app.ui.connectors.keeping import Unkept
from app.ui.parts.dialog import Dialog
from app.ui.parts.label import Label
from app.ui.parts.simple import button, row, text
from app.ui.settings.fields import DayField
from app.ui.settings.page import Page, section


@dataclass(frozen=True)
class Seen:
    """What the database says of a connector's credentials: never the secrets."""

    kind: str
    settings: Mapping[str, Any]
    until: date | None


class CredentialsPage(Page):
    """Where each secret is kept; new ones take its place once they were tried."""

    name = "credentials"
    title = N_("Credentials")
    about = N_(
        "What this connector signs in with. Secrets are kept by this computer, and in no file of "
        "this program; they are never shown again."
    )

    def __init__(self) -> None:
        super().__init__()
        self._seen: Seen | None = None
        self._under_way: threading.Event | None = None
        self._looking: threading.Event | None = None
        self.kept = QFormLayout()
        self.kept.setHorizontalSpacing(3 * theme.SPACE)
        self.none = text(_("It needs no credentials: it reads files of this computer."), quiet=True)
        self.form = Form()
        self.secrets: dict[str, SecretField] = {}
        self.unkept = Unkept()
        self.findings = Findings()
        self.notice = text()
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(_("Being tried"))
        self.replace_button = button(_("Test, then replace"), main=True)
        self.replace_button.setAccessibleDescription(
            _("The old one stays until the new one has worked.")
        )
        self.test_button = button(_("Test what is kept"))
        self.stop_button = button(_("Stop"))
        self.remove_button = button(_("Remove from this computer…"))
        self.ends = SwitchField(
            _("They end on a day that I know"),
            _("From thirty days before, the connector says so."),
            on=False,
        )
        self.until = DayField(_("Last day"))
        self.ending = Form()
        self.ending.add(self.until)
        self._new = section(_("New credentials"))
        self._end = section(_("Until when they are good"))
        below: tuple[QWidget, ...] = (self.findings, self._end, self.ends, self.ending)
        self.body.addLayout(self.kept)
        self.body.addLayout(row(self.test_button, self.remove_button))
        for part in (
            self.none, self._new, self.form, self.unkept, self.notice, self.progress,
        ):  # fmt: skip
            self.body.addWidget(part)
        self.body.addLayout(row(self.replace_button, self.stop_button))
        for each in below:
            self.body.addWidget(each)
        self._connect()
        self._show_busy(False)

    def _connect(self) -> None:
        self.replace_button.clicked.connect(self._replace)
        self.test_button.clicked.connect(self._test)
        self.stop_button.clicked.connect(self._stop)
        self.remove_button.clicked.connect(self._ask_to_remove)
        self.unkept.again.connect(self._look)
        self.ends.editor.clicked.connect(self._set_until)
        self.until.editor.editingFinished.connect(self._set_until)
        self.until.editor.calendarWidget().activated.connect(self._set_until)
        self.until.editor.calendarWidget().clicked.connect(self._set_until)

    # -- what is shown --

    @staticmethod
    def question(database: Database, connector: str) -> Seen:
        """What is known without the keyring."""
        facts = reads.connector(database, connector)
        until = facts.credentials_until
        return Seen(facts.kind, facts.settings, date.fromisoformat(until) if until else None)

    def show_found(self, found: Seen) -> None:
        """Shows it; the keyring is asked when it is another connector, or something was done."""
        first = self._seen is None
        self._seen = found
        self.ends.fill(found.until is not None)
        self.ending.setVisible(found.until is not None)
        if found.until is not None and not self.until.editor.hasFocus():
            self.until.editor.blockSignals(True)
            self.until.fill(found.until)
            self.until.editor.blockSignals(False)
        self._tell_the_end(found.until)
        if first:
            self._speak()

    def forget(self) -> None:
        """Shows nothing, and gives up what is under way."""
        for cancel in (self._under_way, self._looking):
            if cancel is not None:
                cancel.set()
        self._seen = self._under_way = self._looking = None
        self._show_kept({}, {})
        self._show_busy(False)
        self.findings.hide()
        self.unkept.hide()
        self.notice.setText("")
        for field in self.secrets.values():
            self.form.remove(field)
        self.secrets = {}

    @property
    def _kind(self) -> Kind | None:
        return kinds().get(self._seen.kind) if self._seen else None

    def _speak(self) -> None:
        """The fields of the connector's kind."""
        kind = self._kind
        for field in self.secrets.values():
            self.form.remove(field)
        self.secrets = secret_fields(kind) if kind is not None else {}
        for field in self.secrets.values():
            self.form.add(field)
            field.changed.connect(self._typed)
        needs = bool(self.secrets)
        self.none.setVisible(not needs)
        for widget in (
            self._new, self.form, self.replace_button, self.remove_button, self._end, self.ends,
        ):  # fmt: skip
            widget.setVisible(needs)
        self.ending.setVisible(needs and self.ends.value())
        self._typed()
        if needs:
            self._look()

    def _typed(self) -> None:
        some = any(field.value() for field in self.secrets.values())
        self.replace_button.setEnabled(some and not self.unkept.elsewhere)

    # -- where they are --

    def _look(self) -> None:
        if self._seen is not None:
            self._looking = self.request(
                "keeping", self.connector, self._seen.kind, then=self._looked
            )

    def _looked(self, found: Keeping | SyncError) -> None:
        if self._seen is None or isinstance(found, Cancelled):
            return
        kind = self._kind
        labels = {one.key: _(one.label) for one in kind.secrets} if kind else {}
        if isinstance(found, SyncError):
            self.notice.setText(sentence(found.code, found.parameters))
            return
        self._show_kept(labels, dict(found.secrets))
        if found.trouble is None:
            self.unkept.hide()
            for field in self.secrets.values():
                field.suggest(_("It will be kept in {place}.").format(place=found.place))
        else:
            self.unkept.tell(found.trouble)

    def _show_kept(self, labels: dict[str, str], places: dict[str, str]) -> None:
        while self.kept.rowCount():
            self.kept.removeRow(0)
        for key, label in labels.items():
            place = places.get(key)
            words = _("kept in {place}").format(place=place) if place else _("is missing")
            told = text(words)
            theme.mark(told, "wrong", place is None)
            self.kept.addRow(Label(label), told)

    # -- trying and replacing --

    def _replace(self) -> None:
        typed = {key: field.value() for key, field in self.secrets.items() if field.value()}
        if not typed or self._under_way is not None:
            return
        if self.unkept.undecided:
            self.unkept.complain()
            return
        self._begin(_("The new credentials are being tried. The old ones stay until they work."))
        self._under_way = self.request(
            "rotate", self.connector, typed, lasting=self.unkept.lasting, then=self._rotated
        )

    def _rotated(self, found: Rotated | SyncError) -> None:
        if not self._ended():
            return
        if isinstance(found, SyncError):
            self._show_error(found)
            return
        self.findings.show_found(self.connector, found.findings)
        if found.kept:
            self.notice.setText(_("They work, and have taken the place of the old ones."))
            for field in self.secrets.values():
                field.fill("")
            self._look()
        else:
            self.notice.setText(_("They have not worked. The old ones are kept as they were."))

    def _test(self) -> None:
        if self._seen is None or self._under_way is not None:
            return
        self._begin(_("The connection is being tested. This can take a minute."))
        kind, settings = self._seen.kind, self._seen.settings
        self._under_way = self.request(
            "try_settings", self.connector, kind, settings, then=self._tested
        )

    def _tested(self, found: list[Finding] | SyncError) -> None:
        if not self._ended():
            return
        self.notice.setText("")
        if isinstance(found, SyncError):
            self._show_error(found)
        else:
            self.findings.show_found(self.connector, found)

    def _show_error(self, error: SyncError) -> None:
        if isinstance(error, Cancelled):
            self.notice.setText(_("Stopped. Nothing was changed."))
        else:
            self.notice.setText("")
            bad = Finding(error.code, Grade.BAD, error.parameters)
            self.findings.show_found(self.connector, [bad])

    def _begin(self, words: str) -> None:
        self.notice.setText(words)
        self.findings.hide()
        self._show_busy(True)
        self.stop_button.setFocus()

    def _ended(self) -> bool:
        """Whether what was asked for is still of interest."""
        if self._seen is None or self._under_way is None:
            return False
        had = self.stop_button.hasFocus()
        self._under_way = None
        self._show_busy(False)
        if had:
            self.test_button.setFocus()
        return True

    def _show_busy(self, busy: bool) -> None:
        self.progress.setVisible(busy)
        self.stop_button.setVisible(busy)
        self.replace_button.setVisible(not busy and bool(self.secrets))
        self.test_button.setEnabled(not busy)
        self.remove_button.setEnabled(not busy)

    def _stop(self) -> None:
        if self._under_way is not None:
            self._under_way.set()

    # -- removing --

    def _ask_to_remove(self) -> None:
        ForgetDialog(self, self.connector, self._remove).open()

    def _remove(self) -> None:
        self.request("forget_secrets", self.connector, then=self._removed)

    def _removed(self, found: SyncError | None) -> None:
        if self._seen is None:
            return
        if found is not None:
            self.notice.setText(sentence(found.code, found.parameters))
        self._look()

    # -- until when --

    def _set_until(self) -> None:
        if self._seen is None:
            return
        until = self.until.value() if self.ends.value() else None
        if until != self._seen.until:
            self.command("set_credentials_until", self.connector, until)

    def _tell_the_end(self, until: date | None) -> None:
        if until is None:
            return
        days = (until - datetime.now(UTC).astimezone().date()).days
        if days < 0:
            self.until.complain(_("That day is over. Enter new credentials, and their last day."))
        else:
            self.until.suggest(plural("{n} day is left.", "{n} days are left.", days))


class ForgetDialog(Dialog):
    """Asks before the secrets of a connector are forgotten."""

    def __init__(self, parent: QWidget, name: str, forget: Callable[[], None]) -> None:
        words = _(
            "It cannot sync until they are entered again. Its records and settings stay. At the "
            "SIS nothing changes: have the credentials ended there, if nobody is to use them."
        )
        title = _("Remove the credentials of “{name}” from this computer?").format(name=name)
        super().__init__(parent, _("Remove credentials"), title, words)
        self._forget = forget
        self.keep_button = QPushButton(_("&Keep them"))
        self.keep_button.setDefault(True)
        self.keep_button.clicked.connect(self.reject)
        self.remove_button = button(_("&Remove them"))
        self.remove_button.clicked.connect(self._remove)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.remove_button)
        self.buttons.addWidget(self.keep_button)
        self.keep_button.setFocus()

    def _remove(self) -> None:
        self.accept()
        self._forget()
