"""A connector's settings and secrets, filled in, tested and saved: a dialog or a guide shows it.

The form is what the kind declares. Nothing typed is lost by any trouble, and nothing is stored
before the button that says so is pressed.
"""

import hashlib
import ipaddress
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Protocol
from urllib.parse import urlsplit

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.connectors.contract import Finding, Grade, Kind
from app.engine.configuring import Keeping
from app.errors import Cancelled, SyncError
from app.store.reads import ConnectorFacts
from app.text import N_, _, sentence
from app.ui import theme
from app.ui.connectors.findings import Findings
from app.ui.connectors.form import (
    ChoiceField,
    Field,
    Fold,
    Form,
    SecretField,
    TextField,
    secret_fields,
    setting_fields,
    shown_settings,
    switches,
)
from app.ui.connectors.keeping import Unkept
from app.ui.connectors.vendor import VendorField, has_versions
from app.ui.parts.label import Label
from app.ui.wording import times_of_day
from app.vault import VaultError, environment_name

USUAL = ("06:30", "06:30 12:00 18:00")
"""The times of day at which most districts sync."""
KEYRING = N_(
    "Kept in this computer’s keyring, and in no file of this program. When it is saved, the "
    "keyring may ask for its password."
)


_NOBODY_THERE = (
    "host_unknown", "host_not_found_now", "connection_refused", "network_timeout", "tls_failed",
    "tls_failed_here", "certificate_refused",
)  # fmt: skip
"""What a test finds where an address may be wrong."""


class Request(Protocol):
    """Has the engine do what takes its time (``Session.request``)."""

    def __call__(
        self, name: str, *args: Any, then: Callable[[Any], None], **named: Any
    ) -> threading.Event:
        """What is returned cancels it."""
        ...


class Filling(QWidget):
    """Of a new connector, or of the one that ``facts`` tells of.

    Whoever shows it lays out ``test_button`` and ``stop_button``, has a button of its own that
    calls ``save``, and says when it is over with ``give_up``. ``guided``, the settings that say
    what is read are fields, too, but of another page, and it can be saved several times.
    """

    changed = Signal()
    """``good``, ``works`` or ``busy`` may have changed."""
    grown = Signal()
    """What it shows may need more height."""
    saved = Signal(str)
    """The name of the connector, once it is stored."""

    def __init__(
        self,
        request: Request,
        kinds: Mapping[str, Kind],
        taken: Sequence[str],
        facts: ConnectorFacts | None = None,
        *,
        guided: bool = False,
    ) -> None:
        super().__init__()
        self._request = request
        self._kinds = kinds
        self._taken = taken
        self._facts = facts
        self._guided = guided
        self._named = False
        self._over = False
        self._tested: object = None
        self.kept: object = None
        """What was stored last, to be compared."""
        self._keeping: Keeping | None = None
        self._under_way: threading.Event | None = None
        self._looking: threading.Event | None = None
        self._make_parts()
        self._lay_out()
        self._connect()
        self._speak()

    def start(self, *, at_secret: bool = False) -> None:
        """Takes the focus to the first field, or to the first secret."""
        fields = self.secrets if at_secret else self.settings
        first = next((one for one in fields.values() if one in self._shown), self.name)
        self._show(first, first.editor)

    @property
    def busy(self) -> bool:
        """True while it tests or saves."""
        return self._under_way is not None

    @property
    def good(self) -> bool:
        """True where it can be tested."""
        return self._facts is not None or not self.name.wrong

    @property
    def works(self) -> bool:
        """False when it is known that what is filled in cannot work."""
        return self._tested != self._filled() or self.findings.works

    @property
    def tested(self) -> bool:
        """True when just what is filled in was tested."""
        return self._tested is not None and self._tested == self._filled()

    @property
    def stored(self) -> bool:
        """True when just what is filled in was stored."""
        return self.kept is not None and self.kept == (self._filled(), self._values())

    @property
    def missing_height(self) -> int:
        """By how much its content is higher than it is itself."""
        inside, port = self._inside.layout(), self.area.viewport()
        assert inside is not None
        return inside.totalHeightForWidth(port.width()) - port.height()

    def recall(self, found: Sequence[Finding]) -> None:
        """It was tested and stored just as it is now, and this was found."""
        self._tested = self._filled()
        self.kept = (self._tested, self._values())
        self.findings.show_found(self._connector, found)
        self._refresh()

    @property
    def digest(self) -> str:
        """Another one wherever other settings are filled in; it tells nothing of them."""
        told = json.dumps({name: str(field.value()) for name, field in self.settings.items()})
        return hashlib.sha256(told.encode()).hexdigest()

    def give_up(self) -> None:
        """It is over: what is under way is cancelled, and no answer is heard any more."""
        self._over = True
        for cancel in (self._under_way, self._looking):
            if cancel is not None:
                cancel.set()

    # -- parts --

    def _make_parts(self) -> None:
        facts = self._facts
        words = {name: _(kind.label) for name, kind in self._kinds.items()}
        kind = facts.kind if facts else next(iter(words), "")
        self.kind = ChoiceField(_("&Kind"), _("What your SIS speaks."), words, kind)
        self.name = TextField(_("&Name"), _("What it is called in this program."))
        self.vendor: VendorField | None = None
        self.settings: dict[str, Field] = {}
        self.secrets: dict[str, SecretField] = {}
        self.more: Fold | None = None
        self._folded: dict[str, Field] = {}
        self._shown: list[Field] = []
        when = "06:30" if facts is None else facts.schedule or ""
        self.schedule = ChoiceField(
            _("S&ync automatically"),
            _("While this program is open. The first sync is always yours to begin."),
            schedules(when),
            when,
        )
        self.form = Form()
        self.unkept = Unkept()
        self.findings = Findings()
        self.notice = Label()
        self.notice.setWordWrap(True)
        self.notice.setProperty("quiet", True)
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.test_button = QPushButton(_("&Test connection"))
        self.test_button.setAccessibleDescription(_("Tries these settings. Nothing is stored."))
        self.stop_button = QPushButton(_("St&op"))

    def _lay_out(self) -> None:
        inside = self._inside = QWidget()
        inside.setObjectName("form")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.SPACE, 0)
        column.setSpacing(2 * theme.SPACE)
        for part in (self.form, self.unkept, self.findings):
            column.addWidget(part)
        column.addStretch(1)
        self.area = QScrollArea()
        self.area.setObjectName("form")
        self.area.setWidget(inside)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.area, 1)
        layout.addWidget(self.notice)
        layout.addWidget(self.progress)
        if self._facts is None:
            if len(self._kinds) > 1:
                self.form.add(self.kind)
            self.form.add(self.name)
        self.form.add(self.schedule)
        for button in (self.test_button, self.stop_button):
            button.setAutoDefault(True)
        self.progress.hide()
        self.stop_button.hide()

    def _connect(self) -> None:
        self.kind.changed.connect(self._speak)
        self.name.editor.textEdited.connect(self._name_typed)
        self.name.changed.connect(self._refresh)
        self.unkept.again.connect(self._ask_keyring)
        self.unkept.changed.connect(self._decided)
        self.test_button.clicked.connect(self.test)
        self.stop_button.clicked.connect(self._stop)

    def _speak(self) -> None:
        """The fields of the kind that is chosen."""
        for field in self._shown:
            self.form.remove(field)
        kind = self._kinds[self.kind.value()]
        self.settings = setting_fields(kind, self._facts.settings if self._facts else {})
        self.secrets = secret_fields(kind)
        self._usual = shown_settings(kind)
        self.switches = switches(kind) if self._guided else ()
        self._folded = {
            name: field for name, field in self.settings.items() if self._usual[name].about.advanced
        }
        self.more = Fold() if self._folded else None
        # One that is edited has its settings: nobody wants them filled in anew.
        self.vendor = VendorField(kind) if kind.presets and self._facts is None else None
        self._shown = self._arranged(kind)
        for field in self._shown:
            self.form.add(field, before=self.schedule)
        for field in (*self.settings.values(), *self.secrets.values()):
            field.changed.connect(self._setting_changed)
        first = () if self._facts else (self.name,)  # the name of one that is edited is no field
        for field, after in pairwise((*first, *self._shown, self.schedule)):
            QWidget.setTabOrder(field.last, after.editor)
        if self.more is not None:
            self.more.changed.connect(self._unfold)
            self._unfold()
        if self.vendor is not None:
            self.vendor.changed.connect(self._suit)
        self._look()
        self._setting_changed()

    def _arranged(self, kind: Kind) -> list[Field]:
        """The fields of the kind from top to bottom, each secret after what it goes with."""
        found: list[Field | None] = [self.vendor]
        secrets = dict(self.secrets)
        for name, field in self.settings.items():
            if name not in self._folded and name not in self.switches:
                found.append(field)
                found += [secrets.pop(one.key) for one in kind.secrets if one.after == name]
        found += [*secrets.values(), self.more, *self._folded.values()]
        return [one for one in found if one is not None]

    def _unfold(self) -> None:
        """Shows the seldom needed fields, or hides them."""
        assert self.more is not None
        for field in self._folded.values():
            self.form.show_field(field, self.more.editor.isChecked())
        self.grown.emit()

    def _suit(self) -> None:
        """Fills in what suits the vendor that is chosen."""
        assert self.vendor is not None
        self.vendor.suit(self.settings)
        self.grown.emit()

    # -- what is filled in --

    @property
    def _connector(self) -> str:
        return self._facts.name if self._facts else self.name.value()

    def _values(self) -> dict[str, Any]:
        before = self._facts.settings if self._facts else {}
        return {**before, **{name: field.value() for name, field in self.settings.items()}}

    def _typed(self) -> dict[str, str]:
        if self.unkept.elsewhere:
            return {}
        return {key: field.value() for key, field in self.secrets.items() if field.value()}

    def _filled(self) -> object:
        values = self._values()
        for name in self.switches:
            values.pop(name)
        return self.kind.value(), values, self._typed()

    def _name_typed(self) -> None:
        self._named = bool(self.name.value())

    def _setting_changed(self) -> None:
        if not self._named and self._facts is None:
            self.name.editor.setText(self._suggested_name())
        if self.more is not None:
            self.more.suggest(self._set_below())
        self.findings.age()
        self._refresh()

    def _set_below(self) -> str:
        """Which of the seldom needed settings are not as usual."""
        labels = [
            field.label.text()
            for name, field in self._folded.items()
            if str(field.value()) != str(self._usual[name].blank)
        ]
        return _("Set there: {settings}").format(settings=", ".join(labels)) if labels else ""

    def _suggested_name(self) -> str:
        """The host of the address, where the first setting is one and the host has a name."""
        first = next(iter(self.settings.values()), None)
        host = _host(str(first.value())) if first is not None else ""
        kind = self._kinds[self.kind.value()]
        called = kind.label.split()[0] if has_versions(kind) else "SIS"
        name = host if "." in host.strip(".") and not _is_number(host) else called
        names = [name, *(f"{name} {number}" for number in range(2, len(self._taken) + 3))]
        return next(one for one in names if not self._like(one))

    def _like(self, name: str) -> str:
        """The connector that has this name, or one that is too much like it."""
        variable = environment_name(name, "")
        return next((one for one in self._taken if environment_name(one, "") == variable), "")

    def _refresh(self) -> None:
        if self._facts is None:
            if not self.name.value():
                self.name.complain(_("Give the connector a name."))
            elif other := self._like(self.name.value()):
                words = _("This is too much like “{other}”, which is connected already.")
                self.name.complain(words.format(other=other))
        self.unkept.name_variables([environment_name(self._connector, key) for key in self.secrets])
        for field in self.secrets.values():
            field.setEnabled(not self.unkept.elsewhere)
        self.test_button.setEnabled(self.good)
        self._say(self._said())
        self.changed.emit()

    def _say(self, words: str) -> None:
        self.notice.setText(words)
        self.notice.setVisible(bool(words))

    def _said(self) -> str:
        if self.busy:
            return self.notice.text()
        if self._guided or self._tested == self._filled():
            return ""
        if self._tested is not None:
            return _(
                "Not tested with these settings. You can test again, or save them as they are."
            )
        if self._facts is None:
            return _("Not tested yet. You can add it all the same, and test it later with Edit.")
        return ""

    # -- where secrets are kept --

    def _look(self) -> None:
        if not self.secrets:
            self.unkept.hide()
            return
        self._hint_at_keeping()
        if self._was_stored:
            self._ask_keyring()

    @property
    def _was_stored(self) -> bool:
        return self._facts is not None or self.kept is not None

    def _ask_keyring(self) -> None:
        """It may ask for its password: not before something of the connector is kept there."""
        self.unkept.again_button.setEnabled(False)
        name, kind = self._connector, self.kind.value()
        self._looking = self._request("keeping", name, kind, then=self._looked)

    def _looked(self, found: Keeping | SyncError) -> None:
        if self._over or isinstance(found, Cancelled):
            return
        self.unkept.again_button.setEnabled(True)
        if isinstance(found, SyncError):
            trouble = found if isinstance(found, VaultError) else VaultError("keyring_error")
            found = Keeping("", trouble, {})
        self._keeping = found
        self._hint_at_keeping()
        if found.trouble is None:
            self.unkept.hide()
        else:
            self.unkept.tell(found.trouble)
        self._refresh()
        self.grown.emit()

    def _hint_at_keeping(self) -> None:
        keeping = self._keeping
        if keeping is None:
            for field in () if self._was_stored else self.secrets.values():
                field.suggest(_(KEYRING))
            return
        for key, field in self.secrets.items():
            if place := keeping.secrets.get(key):
                field.suggest(_("Kept in {place}. Leave blank to keep it.").format(place=place))
            elif keeping.trouble is not None:
                field.suggest("")
            elif self._facts is not None:
                field.complain(_("It is not there any more. Enter it again."))
            else:
                words = _("Kept in {place}, and in no file of this program.")
                field.suggest(words.format(place=keeping.place))

    def _decided(self) -> None:
        self.unkept.praise()
        self._refresh()

    # -- testing --

    def test(self) -> None:
        """Tries what is filled in; nothing is stored."""
        self._tested = self._filled()
        kind, values, typed = self.kind.value(), self._values(), self._typed()
        self._begin(_("The connection is being tested. This can take a minute."))
        self._under_way = self._request(
            "try_settings", self._connector, kind, values, typed, then=self._tried
        )
        self._refresh()

    def _tried(self, found: list[Finding] | SyncError) -> None:
        if self._over:
            return
        self._end()
        if isinstance(found, Cancelled):
            self._tested = None
            self.findings.show_words(_("The test was stopped. Nothing was stored."))
        elif not isinstance(found, SyncError):
            self.findings.show_found(self._connector, found)
        elif self._complain(found):
            self._tested = None
            self.findings.hide()
        else:
            bad = Finding(found.code, Grade.BAD, found.parameters)
            self.findings.show_found(self._connector, [bad])
        if self._tested != self._filled():
            self.findings.age()
        self._refresh()
        self._bring_in_sight(self.findings)
        self._point_at_fault()

    def _point_at_fault(self) -> None:
        """Leads to the address whose host is what does not work."""
        if self.findings.stale:
            return
        for one in self.findings.found:
            host, port = (one.parameters.get(key) for key in ("host", "port"))
            for field in self.settings.values() if one.code in _NOBODY_THERE else ():
                there = str(field.value())
                if _host(there) == host and port in (None, _port(there)):
                    self._point_at(field, sentence(one.code, one.parameters))
                    return

    # -- saving --

    def save(self) -> None:
        """Stores what is filled in, unless something is missing that only a person knows."""
        if self.busy or not self.good:
            return
        typed = self._typed()
        if missing := self._missing(typed):
            words = sentence("setting_missing", {"setting": missing.label.text()})
            self._point_at(missing, words)
        elif typed and self.unkept.undecided:
            self.unkept.complain()
            self._show(self.unkept, self.unkept.memory)
        else:
            kind, lasting = self.kind.value(), self.unkept.lasting
            self._begin(_("Being stored. The keyring may ask you to unlock it."))
            self._under_way = self._request(
                "save_connector", self._connector, kind, self._values(), typed,
                schedule=self.schedule.value(), lasting=lasting,
                seen=None if self._guided else self._facts, then=self._stored,
            )  # fmt: skip
            self._refresh()

    def _missing(self, typed: Mapping[str, str]) -> Field | None:
        """The field of a secret that is neither typed nor kept anywhere."""
        keeping = self._keeping
        unknown = keeping is None or keeping.trouble is not None
        if self.unkept.elsewhere or (self._was_stored and unknown):
            return None
        kept = keeping.secrets if keeping is not None else {}
        blank = (key for key in self.secrets if key not in typed and key not in kept)
        return next((self.secrets[key] for key in blank), None)

    def _stored(self, found: SyncError | None) -> None:
        if self._over:
            return
        self._end()
        if found is None:
            if self._guided:
                self._settle()
            self.saved.emit(self._connector)
            return
        self._refresh()
        if isinstance(found, Cancelled):
            self._say(_("Stopped. Nothing was stored."))
        elif not self._complain(found):
            self._say(sentence(found.code, found.parameters))

    def _settle(self) -> None:
        """What is filled in from now on is that connector; its secret is held here no more."""
        tested, typed, keeping = self.tested, self._typed(), self._keeping
        if keeping is not None:  # it is asked anew, which may take its time
            kept = {**keeping.secrets, **dict.fromkeys(typed, keeping.place)}
            self._keeping = replace(keeping, secrets=kept)
        self.name.setEnabled(False)
        for field in self.secrets.values():
            with QSignalBlocker(field.editor):
                field.editor.clear()
        if tested:
            self._tested = self._filled()
        self.kept = (self._filled(), self._values())
        self._look()
        self._refresh()

    def _complain(self, error: SyncError) -> bool:
        """Says what is wrong at the field that it is about; false where it is about none."""
        if isinstance(error, VaultError):
            self.unkept.tell(error)
            self._show(self.unkept, self.unkept.again_button)
            return True
        told = error.parameters
        name = str(told.get("setting") or told.get("key") or "")
        field = {**self.settings, **self.secrets}.get(name)
        if error.code.startswith("connector_name_") and self._facts is None:
            field = self.name
        if field is None:
            return False
        code = "setting_missing" if error.code == "secret_missing" else error.code
        self._point_at(field, sentence(code, {**told, "setting": field.label.text()}))
        return True

    # -- busy or not --

    def _begin(self, words: str) -> None:
        had = isinstance(self.window().focusWidget(), QPushButton)
        self._say(words)
        self.progress.setAccessibleName(words)
        self._show_busy(True)
        if had:
            self.stop_button.setFocus()

    def _end(self) -> None:
        had = self.stop_button.hasFocus()
        self._under_way = None
        self._show_busy(False)
        if had:
            self.test_button.setFocus()

    def _show_busy(self, busy: bool) -> None:
        self.progress.setVisible(busy)
        self.stop_button.setVisible(busy)
        self.test_button.setVisible(not busy)

    def _stop(self) -> None:
        if self._under_way is not None:
            self._say(_("Stopping…"))
            self._under_way.set()

    def _point_at(self, field: Field, words: str) -> None:
        field.complain(words)
        self._show(field, field.editor)

    def _show(self, part: QWidget, focus: QWidget) -> None:
        if self.more is not None and part in self._folded.values():
            self.more.editor.setChecked(True)
        focus.setFocus()
        self._bring_in_sight(part)

    def _bring_in_sight(self, part: QWidget) -> None:
        def scroll() -> None:
            if isValid(part) and part.isVisible():
                self._scroll_to(part)

        # Once it has grown and is laid out: before, nobody knows where it will stand.
        self.grown.emit()
        QTimer.singleShot(0, self, scroll)

    def _scroll_to(self, part: QWidget) -> None:
        """Shows the whole part, or its beginning; a field above it is whole in sight, or not."""
        inside, room = self._inside, self.area.viewport().height()
        top, bar = part.mapTo(inside, QPoint()).y(), self.area.verticalScrollBar()
        if bar.value() <= top and top + part.height() <= bar.value() + room:
            return
        shown = (one for one in inside.findChildren(Field) if one.isVisible())
        fields = (one.mapTo(inside, QPoint()).y() for one in shown)
        least = top + part.height() - room
        focus = self.focusWidget()
        if focus is not None and inside.isAncestorOf(focus):  # where one types stays in sight, too
            most = focus.mapTo(inside, QPoint()).y()
            least = min(least, most) if top + room // 3 <= most + room else least
        at = min((y for y in (0, *fields) if least <= y <= top), default=top)
        inside.resize(inside.width(), max(inside.height(), at + room))
        bar.setValue(at)


def _host(text: str) -> str:
    """The host of an address, or of the beginning of one; blank where it has none."""
    try:
        return urlsplit(text if "://" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""


def _port(text: str) -> int | None:
    """The port of an address that has a host."""
    told = urlsplit(text if "://" in text else f"https://{text}")
    try:
        return told.port or {"http": 80, "https": 443}.get(told.scheme)
    except ValueError:
        return None


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def schedules(kept: str) -> dict[str, str]:
    """The schedules to choose from, and what they are called; the one ``kept`` among them."""
    usual = {
        "": _("Only when I ask"),
        **{when: _("Every day at {times}").format(times=times_of_day(when)) for when in USUAL},
        "every hour": _("Every hour"),
        "every 15 minutes": _("Every 15 minutes"),
    }
    return usual if kept in usual else {**usual, kept: kept}
