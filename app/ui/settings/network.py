"""How other computers are reached: by which proxy, and whose certificates are trusted besides."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.engine.network import (
    NONE,
    SYSTEM,
    Authority,
    Network,
    Reached,
    authorities,
    checked,
    network,
)
from app.errors import Cancelled, SyncError, UsageError
from app.store.database import Database
from app.text import N_, _, sentence
from app.ui import theme
from app.ui.connectors.form import ChoiceField, Form, SecretField, TextField
from app.ui.parts.simple import button, row, text
from app.ui.settings.page import Page, section
from app.ui.settings.tables import Rows
from app.ui.wording import day

ADDRESS = "address"
"""The choice of a proxy of one's own."""
SOON = timedelta(days=30)


class NetworkPage(Page):
    """Filled in, tried, saved: what is not saved yet changes nothing."""

    name = "network"
    part = "network"
    title = N_("Network")
    about = N_(
        "How all connectors reach their SIS. Connections are always encrypted and checked; that "
        "cannot be switched off."
    )
    of_connector = False

    def __init__(self) -> None:
        super().__init__()
        self._way: Network | None = None
        self._set = Network()
        """What was set when one began to fill in."""
        self._trying: threading.Event | None = None
        choices = {
            SYSTEM: _("As this computer says"),
            NONE: _("None: connect directly"),
            ADDRESS: _("This one:"),
        }
        self.proxy = ChoiceField(_("Proxy"), "", choices, SYSTEM)
        self.address = TextField(_("Address"), _("Host and port, as proxy.district.org:8080"))
        self.user = TextField(_("User"), _("Blank, where the proxy asks for none."))
        self.password = SecretField(_("Password"))
        self.password.suggest(_("Kept in this computer’s keyring. Leave blank to keep it."))
        self.direct = TextField(
            _("Reached without it"), _("Hosts and domains, with commas between them.")
        )
        self.form = Form()
        for field in (self.proxy, self.address, self.user, self.password, self.direct):
            self.form.add(field)
            field.changed.connect(self._changed)
        self.trusted = Rows(
            _("Authorities"), [_("Authority"), _("Vouched for by"), _("Good until"), ""]
        )
        self.none_trusted = text(
            _(
                "The authorities of this computer are trusted. Where your network inspects https "
                "or your SIS has a certificate of your own, add that authority here."
            ),
            quiet=True,
        )
        self.authority_button = button(_("Add an authority…"))
        self.no_authority_button = button(_("Remove all of them"))
        self.outcome = Rows(_("Outcome of the test"), [_("Connector"), _("Host"), _("Outcome")])
        self.notice = text(quiet=True)
        self.test_button = button(_("Test"))
        self.test_button.setAccessibleDescription(
            _("Tries to reach the SIS of every connector this way. Nothing is stored.")
        )
        self.save_button = button(_("Save changes"), main=True)
        self.back_button = button(_("Discard changes"))
        for part in (
            self.form, section(_("Certificate authorities")), self.trusted, self.none_trusted,
        ):  # fmt: skip
            self.body.addWidget(part)
        self.body.addLayout(row(self.authority_button, self.no_authority_button))
        self.body.addWidget(self.outcome)
        self.body.addWidget(self.notice)
        self.body.addLayout(row(self.save_button, self.test_button, self.back_button))
        self.outcome.hide()
        self.notice.hide()
        self._authorities = ""
        self.authority_button.clicked.connect(self._choose_authority)
        self.no_authority_button.clicked.connect(self._no_authority)
        self.trusted.unwanted.connect(self._no_authority)
        self.test_button.clicked.connect(self._test)
        self.save_button.clicked.connect(self._save)
        self.back_button.clicked.connect(self._discard)
        self._show_fields()

    # -- what is shown --

    @staticmethod
    def question(database: Database, connector: str) -> Network:
        """What is set now."""
        return network(database)

    def show_found(self, found: Network) -> None:
        """Shows it, unless something else is being filled in."""
        filling_in = self._dirty
        self._way = found
        if not filling_in or (self._filled() == found and not self.password.value()):
            self._fill(found)
        self._changed()
        if self._dirty and self._set != found:
            self._say(sentence("set_meanwhile"), wrong=True)

    def forget(self) -> None:
        """Shows nothing."""
        if self._trying is not None:
            self._trying.set()
        self._way = self._trying = None
        self._say("")
        self.test_button.setText(_("Test"))
        self._fill(Network())
        self.outcome.hide()

    def _fill(self, way: Network) -> None:
        self._set = way
        self.proxy.fill(ADDRESS if way.has_proxy else way.proxy)
        self.address.fill(way.proxy if way.has_proxy else "")
        self.user.fill(way.user)
        self.password.fill("")
        self.direct.fill(", ".join(way.direct))
        self._authorities = way.authorities
        self._show_trusted()

    def _filled(self) -> Network:
        own = self.proxy.value() == ADDRESS
        return Network(
            proxy=self.address.value() if own else self.proxy.value(),
            user=self.user.value() if own else "",
            direct=tuple(filter(None, (one.strip() for one in self.direct.value().split(","))))
            if own
            else (),
            authorities=self._authorities,
        )

    @property
    def _dirty(self) -> bool:
        return self._way is not None and (
            self._filled() != self._set or bool(self.password.value())
        )

    def _changed(self) -> None:
        self._show_fields()
        dirty = self._dirty
        self.save_button.setEnabled(dirty and self._set == self._way)
        self.back_button.setVisible(dirty)

    def _show_fields(self) -> None:
        own = self.proxy.value() == ADDRESS
        for field in (self.address, self.user, self.password, self.direct):
            self.form.show_field(field, own)
        if own:
            self.form.show_field(self.password, bool(self.user.value()))

    def _show_trusted(self) -> None:
        trusted = authorities(self._authorities) if self._authorities else []
        now = datetime.now(UTC)
        self.trusted.show_rows(
            [(one, [one.subject, one.issuer, day(one.ends), _ends(one, now)]) for one in trusted]
        )
        self.trusted.setVisible(bool(trusted))
        self.none_trusted.setVisible(not trusted)
        self.no_authority_button.setVisible(bool(trusted))

    def _say(self, words: str, *, wrong: bool = False) -> None:
        self.notice.setText(words)
        self.notice.setVisible(bool(words))
        theme.mark(self.notice, "wrong", wrong)
        theme.mark(self.notice, "quiet", not wrong)

    # -- authorities --

    def _choose_authority(self) -> None:
        chooser = QFileDialog(self, _("Certificate of an authority"))
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setNameFilters([_("Certificates (*.pem *.crt *.cer)"), _("All files (*)")])
        chooser.fileSelected.connect(lambda path: self.add_authority(Path(path)))
        chooser.open()

    def add_authority(self, path: Path) -> None:
        """Reads the certificates of a file; they are trusted once that is saved."""

        def read(found: tuple[str, list[Authority]]) -> None:
            self._authorities += "" if found[0] in self._authorities else found[0]
            self._show_trusted()
            self._changed()
            self._say(_("Compare its name with what your IT told you, then save."))

        self.command("read_authorities", path, then=read)

    def _no_authority(self) -> None:
        self._authorities = ""
        self._show_trusted()
        self._changed()

    # -- testing and saving --

    def _unfit(self) -> bool:
        """Says what is wrong with what is filled in, where something is."""
        try:
            checked(self._filled())
        except UsageError as error:
            field = self.direct if error.code == "direct_host_unfit" else self.address
            field.complain(sentence(error.code, error.parameters))
            field.editor.setFocus()
            return True
        return False

    def _test(self) -> None:
        if self._trying is not None:
            self._trying.set()
            return
        if self._unfit():
            return
        self._say(_("The SIS of every connector is being tried. This can take a minute."))
        self.test_button.setText(_("Stop"))
        self._trying = self.request(
            "try_network", self._filled(), self.password.value() or None, then=self._tried
        )

    def _tried(self, found: list[Reached] | SyncError) -> None:
        self._trying = None
        self.test_button.setText(_("Test"))
        if isinstance(found, Cancelled):
            self._say(_("The test was stopped."))
        elif isinstance(found, SyncError):
            self._say(sentence(found.code, found.parameters), wrong=True)
        elif not found:
            self._say(sentence("network_nobody"))
        else:
            self._say("")
            self.outcome.show_rows(
                [
                    ((one.connector, one.host), [one.connector, one.host, _outcome(one)])
                    for one in found
                ]
            )
            self.outcome.show()

    def _save(self) -> None:
        if not self._dirty or self._unfit():
            return
        self.save_button.setEnabled(False)
        password = self.password.value() or None
        self.request("set_network", self._filled(), password, seen=self._set, then=self._saved)

    def _saved(self, found: Network | SyncError) -> None:
        if self._way is None:
            return
        if isinstance(found, SyncError):
            self._say(sentence(found.code, found.parameters), wrong=True)
            self._changed()
            return
        self._way = found
        self._fill(found)
        self._changed()
        self._say("")
        self.tell(_("Saved. The next sync goes this way."))

    def _discard(self) -> None:
        if self._way is not None:
            self._fill(self._way)
            self._changed()
            self._say("")


def _outcome(one: Reached) -> str:
    if one.error is None:
        return _("Reached")
    return sentence(one.error.code, one.error.parameters)


def _ends(one: Authority, now: datetime) -> str:
    if one.ends <= now:
        return _("Over: it is worth nothing any more")
    return _("Ends soon") if one.ends - now < SOON else ""
