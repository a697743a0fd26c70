"""The dialog that writes the roster as files for other programs, now or after every good sync."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)
from shiboken6 import isValid

from app.connectors.contract import Exporter
from app.engine.exporting import Exported, Following, Order, following, note_text
from app.errors import SyncError
from app.store import journal, reads
from app.store.database import Database
from app.store.reads import RunRow
from app.text import _, sentence
from app.ui import theme
from app.ui.connectors.form import ChoiceField, Form, SwitchField, TextField
from app.ui.parts.dialog import Dialog
from app.ui.parts.label import Label
from app.ui.session import Session
from app.ui.wording import ago, instant

FORM = "oneroster-csv"
WIDTH, NOTES_HEIGHT = 560, 96
SYNCS = 20
"""How many of the newest good syncs are offered for an export of what has changed since."""


class ExportDialog(Dialog):
    """Asks where to and what, writes it, and tells what could not be told."""

    settled = Signal()
    """What was asked of the engine is done, and shown."""

    def __init__(self, parent: QWidget | None, session: Session, exporter: Exporter) -> None:
        words = _(
            "Writes the roster as a set of files that other programs read, with the keys of your "
            "SIS. Values stand in it as they are: open it with a spreadsheet only if you trust "
            "what they say."
        )
        title = _("Export as {form}").format(form=exporter.label)
        super().__init__(parent, _("Export"), title, words)
        self._session = session
        self._under_way: threading.Event | None = None
        self.to = TextField(_("&Write to"), _("A folder, or a file whose name ends with .zip."))
        self.folder_button = QPushButton(_("&Folder…"))
        self.folder_button.clicked.connect(self._choose_folder)
        self.zip_button = QPushButton(_("&Zip file…"))
        self.zip_button.clicked.connect(self._choose_zip)
        for button in (self.folder_button, self.zip_button):
            button.setAutoDefault(False)
            self.to.across.addWidget(button)
        self.to.last = self.zip_button
        versions = {one: f"{exporter.label} {one}" for one in exporter.versions}
        self.version = ChoiceField(_("&Version"), "", versions, exporter.versions[0])
        self.since = ChoiceField(_("W&hat"), "", {"": _("The whole roster")}, "")
        self.demographics = SwitchField(
            _("With &demographics"),
            _("Birth dates, sex and race. Only for a program that may have them."),
            on=False,
        )
        self.after_sync = SwitchField(
            _("&After every good sync as well"),
            _("The whole roster. Nothing is written while removals wait for your approval."),
            on=False,
        )
        self.form = Form()
        for field in (self.to, self.version, self.since, self.demographics, self.after_sync):
            self.form.add(field)
        self.after_sync.editor.clicked.connect(self._follow)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Writing the files"))
        self.told = Label()
        self.told.setWordWrap(True)
        self.notes = QPlainTextEdit()
        self.notes.setReadOnly(True)
        self.notes.setTabChangesFocus(True)
        self.notes.setAccessibleName(_("What could not be told"))
        self.notes.setMinimumHeight(NOTES_HEIGHT)
        for widget in (self.form, self.bar, self.told, self.notes):
            self.body.addWidget(widget)
        self.words.setMinimumWidth(WIDTH)
        self.export_button = QPushButton(_("&Export"))
        self.export_button.setDefault(True)
        self.export_button.clicked.connect(self.export)
        self.cancel_button = QPushButton(_("&Cancel the export"))
        self.cancel_button.clicked.connect(self._cancel)
        self.close_button = QPushButton(_("C&lose"))
        self.close_button.clicked.connect(self.reject)
        self.buttons.addStretch(1)
        for button in (self.export_button, self.cancel_button, self.close_button):
            self.buttons.addWidget(button)
        self._show_working(False)
        self._tell("")
        session.ask("export", _offered, self._seen)

    # -- where to --

    def _choose_folder(self) -> None:
        self._choose(QFileDialog.FileMode.Directory, self.to.value())

    def _choose_zip(self) -> None:
        name = self.to.value()
        self._choose(QFileDialog.FileMode.AnyFile, name if name.endswith(".zip") else "roster.zip")

    def _choose(self, mode: QFileDialog.FileMode, begin: str) -> None:
        dialog = QFileDialog(self, _("Write to"))
        dialog.setAcceptMode(
            QFileDialog.AcceptMode.AcceptOpen
            if mode is QFileDialog.FileMode.Directory
            else QFileDialog.AcceptMode.AcceptSave
        )
        dialog.setFileMode(mode)
        if mode is QFileDialog.FileMode.AnyFile:
            dialog.setDefaultSuffix("zip")
        dialog.selectFile(begin)
        dialog.fileSelected.connect(self.to.editor.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # -- what is offered and set --

    def _seen(self, found: "tuple[Sequence[RunRow], Following | None]") -> None:
        if not isValid(self):
            return
        runs, set_ = found
        now = datetime.now(UTC)
        for run in runs:
            when = ago(instant(run.started_at), now)
            told = {"id": run.id, "name": run.connector, "when": when}
            words = _("Only what has changed since sync #{id} ({name}, {when})").format(**told)
            self.since.editor.addItem(words, str(run.id))
        if set_ is not None:
            self.to.editor.setText(set_.order.path)
            self.after_sync.editor.setChecked(True)
            self.demographics.editor.setChecked(set_.order.demographics)
            place = self.version.editor.findData(set_.order.version)
            self.version.editor.setCurrentIndex(max(0, place))
            if set_.last is not None:
                self._tell(
                    _("Sync #{id}: {what}").format(
                        id=set_.last.run, what=sentence(set_.last.code, set_.last.parameters)
                    )
                )

    def _follow(self, on: bool) -> None:
        """Has every good sync followed by an export, or by none, from now on."""
        if on and not self._placed():
            self.after_sync.editor.setChecked(False)
            return
        order = self._order(since=None) if on else None
        then = partial(self._followed, on)
        self._session.request("export_after_sync", order, then=then)

    def _followed(self, on: bool, error: SyncError | None) -> None:
        if not isValid(self):
            return
        if error is not None:
            self.after_sync.editor.setChecked(False)
            self._tell(sentence(error.code, error.parameters), wrong=True)
        else:
            path = self.to.value()
            self._tell(
                _("After every good sync the roster is written to {path}.").format(path=path)
                if on
                else _("No export follows a sync.")
            )
        self.settled.emit()

    # -- writing --

    def export(self) -> None:
        """Writes the files."""
        if not self._placed():
            return
        self._show_working(True)
        self._tell("")
        since = self.since.value()
        order = self._order(since=int(since) if since else None)
        self._under_way = self._session.request("export", order, then=self._ended)

    def _placed(self) -> bool:
        if self.to.value():
            return True
        self.to.complain(_("Say where to write."))
        self.to.editor.setFocus()
        return False

    def _order(self, *, since: int | None) -> Order:
        return Order(
            form=FORM,
            # A relative path would mean wherever the program was started.
            path=str(Path(self.to.value()).expanduser().absolute()),
            version=self.version.value(),
            since=since,
            demographics=self.demographics.value(),
        )

    def _ended(self, found: Exported | SyncError) -> None:
        if not isValid(self):
            return
        self._under_way = None
        self._show_working(False)
        if isinstance(found, SyncError):
            self._tell(sentence(found.code, found.parameters), wrong=True)
        else:
            written = sentence("export_written", {"count": found.records, "path": found.path})
            self._tell(written, notes="\n".join(map(note_text, found.notes)))
        self.settled.emit()

    def _cancel(self) -> None:
        if self._under_way is not None:
            self._under_way.set()

    def _show_working(self, working: bool) -> None:
        self.bar.setVisible(working)
        self.cancel_button.setVisible(working)
        self.export_button.setVisible(not working)
        self.form.setEnabled(not working)

    def _tell(self, words: str, *, wrong: bool = False, notes: str = "") -> None:
        theme.mark(self.told, "wrong", wrong)
        self.told.setText(words)
        self.told.setVisible(bool(words))
        self.notes.setPlainText(notes)
        self.notes.setVisible(bool(notes))
        self.adjustSize()

    def done(self, result: int) -> None:
        """Closes; an export under way is given up, and what stood there before stays."""
        self._cancel()
        super().done(result)


def _offered(database: Database) -> tuple[Sequence[RunRow], Following | None]:
    """The syncs to go on from, the newest first, and what follows a sync now."""
    good = [
        run
        for run in reads.runs(database, limit=5 * SYNCS)
        if run.state in journal.GOOD_STATES and run.mode not in journal.NO_SYNC
    ]
    return good[:SYNCS], following(database)
