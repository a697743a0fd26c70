"""Settings as a file: taken along, taken over, and what an IT department has set."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.compose import kinds
from app.engine.managed import Told, told
from app.engine.portable import Compared, Imported, unknown_told
from app.errors import SyncError
from app.store.database import Database
from app.text import N_, _, plural, sentence
from app.ui.parts.dialog import Dialog
from app.ui.parts.simple import button, row, text
from app.ui.settings.page import Page, section
from app.ui.settings.tables import Rows

FILE_NAME = "mindkindler-settings.json"


class TransferPage(Page):
    """Nothing is taken over before it was shown."""

    name = "transfer"
    title = N_("Export and import")
    about = N_(
        "All settings as a file, to keep or to take to another computer: connectors, who decides, "
        "limits, network. Secrets are never among them."
    )
    of_connector = False

    def __init__(self) -> None:
        super().__init__()
        self.export_button = button(_("Export settings…"))
        self.import_button = button(_("Import settings…"))
        self.notice = text()
        self.notice.hide()
        self.by_it = text()
        self.locks = Rows(_("Set by your IT department"), [_("Connector"), _("What")])
        self.body.addLayout(row(self.export_button, self.import_button))
        self.body.addWidget(self.notice)
        self.body.addWidget(section(_("Set by your IT department")))
        self.body.addWidget(self.by_it)
        self.body.addWidget(self.locks)
        self.export_button.clicked.connect(self._choose_where)
        self.import_button.clicked.connect(self._choose_what)

    @staticmethod
    def question(database: Database, connector: str) -> Told:
        """What is locked."""
        return told(database, kinds())

    def show_found(self, found: Told) -> None:
        """Shows it."""
        managed = found.managed
        if managed.trouble:
            words = managed.trouble
        elif managed.locks:
            words = _("These are set by the file {path}, and cannot be changed here.")
            words = words.format(path=managed.path)
        else:
            words = _("Nothing: all settings are yours.")
        self.by_it.setText("\n".join((words, *managed.unknown)))
        rows = [
            (lock, [name or _("all"), what])
            for lock, (name, what) in zip(managed.locks, found.parts, strict=True)
        ]
        self.locks.show_rows(rows)
        self.locks.setVisible(bool(rows))

    def forget(self) -> None:
        """Shows nothing."""
        self.notice.hide()
        self.locks.show_rows([])

    def _say(self, words: str) -> None:
        self.notice.setText(words)
        self.notice.show()

    # -- export --

    def _choose_where(self) -> None:
        chooser = _chooser(self, _("Export settings"), FILE_NAME)
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("json")
        chooser.fileSelected.connect(lambda path: self.export_to(Path(path)))
        chooser.open()

    def export_to(self, path: Path) -> None:
        """Writes the settings there."""

        def written(count: int) -> None:
            self._say(sentence("settings_exported", {"count": count, "path": str(path)}))

        self.command("export_settings", path, then=written)

    # -- import --

    def _choose_what(self) -> None:
        chooser = _chooser(self, _("Import settings"), "")
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.fileSelected.connect(lambda path: self.import_from(Path(path)))
        chooser.open()

    def import_from(self, path: Path) -> None:
        """Shows what the file would change; it is taken over by the button there."""

        def compared(found: Compared) -> None:
            if not found.changes:
                self._say(_("Nothing in that file differs from what is set."))
                return
            ImportDialog(self, path.name, found, self._take_over).open()

        self.command("compare_settings", path, then=compared)

    def _take_over(self, given: Compared, accepted: Sequence[str]) -> None:
        self.request("import_settings", given, accepted=accepted, then=self._taken_over)

    def _taken_over(self, found: Imported | SyncError) -> None:
        if isinstance(found, SyncError):
            self._say(sentence(found.code, found.parameters))
            return
        count = len(found.changed)
        said = plural("{n} setting was taken over.", "{n} settings were taken over.", count)
        self._say(" ".join((said, *unknown_told(found))))


class ImportDialog(Dialog):
    """What a file would change, line by line."""

    def __init__(
        self,
        parent: TransferPage,
        name: str,
        found: Compared,
        do: Callable[[Compared, Sequence[str]], None],
    ) -> None:
        changes = found.changes
        words = _("What {file} says otherwise than it is set now. All else stays as it is.")
        super().__init__(
            parent, _("Import settings"), _("What would change"), words.format(file=name)
        )
        self.rows = Rows(
            _("What would change"), [_("Connector"), _("What"), _("Now"), _("In the file")]
        )
        self.body.addWidget(self.rows, 1)
        elsewhere = [one for one in changes if one.hosts]
        self._hosts = [host for one in elsewhere for host in one.hosts]
        self.accept_hosts = QCheckBox(_("&These addresses are right"))
        self.accept_hosts.setVisible(bool(elsewhere))
        for one in elsewhere:
            told = {"name": one.connector, "hosts": ", ".join(one.hosts)}
            self.body.addWidget(_warning(sentence("settings_hosts", told)))
        self.body.addWidget(self.accept_hosts)
        self.body.addStretch(1)
        self.close_button = QPushButton(_("Leave all as it is"))
        count = len(changes)
        self.do_button = button(
            plural("Change {n} setting", "Change {n} settings", count), main=True
        )
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.close_button)
        self.buttons.addWidget(self.do_button)
        self.close_button.clicked.connect(self.reject)
        self.do_button.clicked.connect(self._take)
        self.do_button.setEnabled(not elsewhere)
        self.accept_hosts.toggled.connect(self.do_button.setEnabled)
        self._found, self._do = found, do
        self.fit(760, 460)
        self.rows.show_rows(
            [(one, [one.connector or _("all"), one.what, one.before, one.after]) for one in changes]
        )

    def _take(self) -> None:
        self.accept()
        self._do(self._found, self._hosts)


def _warning(words: str) -> QFrame:
    frame = QFrame()
    frame.setObjectName("trouble")
    frame.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    QVBoxLayout(frame).addWidget(text(words))
    return frame


def _chooser(parent: QWidget, title: str, name: str) -> QFileDialog:
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    chooser = QFileDialog(parent, title, str(Path(folder, name)), _("Settings (*.json)"))
    chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return chooser
