"""The room of the history: every change set above, below what the chosen one did."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QPushButton,
    QVBoxLayout,
)

from app.engine import stories
from app.engine.overview import Overview
from app.engine.stories import Line, Listed, Story, set_words
from app.errors import SyncError
from app.store import reads
from app.store import stories as store
from app.store.database import Database
from app.store.journal import APPROVAL
from app.store.reads import LogLine
from app.store.stories import Group, Wanted
from app.text import _, sentence
from app.ui import theme
from app.ui.history.chosen import ChosenSync
from app.ui.history.compared import ComparedDialog
from app.ui.history.filters import Filters
from app.ui.history.past import PastDialog
from app.ui.history.table import History, look
from app.ui.history.undo import UndoDialog
from app.ui.keys import Keys
from app.ui.parts.dialog import choose_csv
from app.ui.parts.halves import Halves
from app.ui.parts.within import WithinMenu
from app.ui.places import Place, ToChangeSet, ToSyncs
from app.ui.room import Room, Said
from app.ui.situation import is_open
from app.ui.wording import saved, today

UPPER = 0.4
"""So much of the height at most the list has where the chosen change set needs the rest."""


class HistoryRoom(Room):
    """Every change set, the newest first, and what the chosen one did."""

    def __init__(self) -> None:
        super().__init__()
        self.filters = Filters()
        self.more = QPushButton(_("More"))
        self.table = History()
        self.sync = ChosenSync()
        self.split = Halves(UPPER)
        self.dialog: UndoDialog | PastDialog | ComparedDialog | None = None
        """The dialog that was opened last."""
        self.chooser: QFileDialog | None = None
        self._ids: tuple[int, ...] = ()
        self._wanted: ToChangeSet | None = None
        self._also: int | None = None
        """What somebody was led to is listed, also where it is not of the chosen connector."""
        self._entry: Listed | None = None
        self._told_of: int | None = None
        self._several = False
        """Whether there are several connectors."""
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        menu = WithinMenu(self.more)
        self.classes_action = menu.addAction(_("&Who changed classes since…"))
        self.past_action = menu.addAction(_("&Roster on a date…"))
        self.compare_action = menu.addAction(_("&Compare two dates…"))
        menu.addSeparator()
        self.save_action = menu.addAction(_("&Save this list as CSV…"))
        self.more.setMenu(menu)
        self.filters.row.addWidget(self.more)
        self.split.setHandleWidth(theme.SPACE + 2)
        self.split.addWidget(self.table)
        self.split.addWidget(self.sync)
        self.table.setMinimumHeight(96)
        self.sync.setMinimumHeight(150)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.filters)
        layout.addWidget(self.split, 1)

    def _connect(self) -> None:
        self.filters.changed.connect(self._narrowed)
        self.filters.all_wanted.connect(self.show_all)
        self.table.lengthened.connect(self.split.share)
        self.table.runs.wanted.connect(self._read_rows)
        self.table.chosen.connect(self._read_chosen)
        changes = self.sync.changes
        self.sync.copied.connect(self._copied)
        self.sync.undo.connect(self._undo)
        self.sync.again.connect(self._run_again)
        self.sync.tabs.currentChanged.connect(self._read_changes)
        self.sync.tabs.currentChanged.connect(self.split.share)
        changes.narrowed.connect(self._read_groups)
        changes.model.wanted.connect(self._read_stories)
        changes.model.opened.connect(self._read_lines)
        changes.go.connect(self.go)
        changes.save.connect(self._save_changes)
        self.past_action.triggered.connect(self._look_back)
        self.compare_action.triggered.connect(lambda: self._compare(classes=False))
        self.classes_action.triggered.connect(lambda: self._compare(classes=True))
        self.save_action.triggered.connect(self._save_list)

    # -- what the window calls --

    def bind(self, keys: Keys, settings: QSettings) -> None:
        """Shares the height as a person had it before, and remembers when that is changed."""
        state = settings.value("split")
        if isinstance(state, QByteArray):  # anything else, by whomever, is as good as nothing
            self.split.restore(state)
        self.split.splitterMoved.connect(lambda: settings.setValue("split", self.split.saveState()))

    def tick(self, now: datetime) -> None:
        """Says anew how long ago each sync was."""
        self.table.runs.tick(now)

    def copy(self) -> None:
        """Copies what is selected in the log, or the chosen sync."""
        focus, log = QApplication.focusWidget(), self.sync.log
        if focus is log and log.textCursor().hasSelection():
            log.copy()
        elif focus is self.table and self.table.currentIndex().isValid():
            QApplication.clipboard().setText(self.table.row_text())

    def look(self) -> None:
        """Asks which change sets there are."""
        # Where there is but one, what people did of none belongs to what it did.
        connector = self.connector if self._several else None
        wanted, also = self.filters.wanted(connector, self._ids), self._also
        self.ask("ids", lambda db: _ids(db, wanted, also), self._show_ids)

    def forget(self) -> None:
        """Shows nothing."""
        self._ids, self._wanted, self._also = (), None, None
        self._entry, self._told_of = None, None
        self.table.runs.show([])
        self.sync.clear()
        self.sync.changes.clear()

    def show_overview(self, overview: Overview) -> None:
        """Of one connector alone it need not be said whose a sync was."""
        if self._several != (several := len(overview.glances) > 1):
            self._several = several
            self._show_ids(self.table.runs.ids)
            self.look_now()

    def choose(self, connector: str | None) -> None:
        """What is listed is of that connector alone from now on."""
        if connector != self.connector:
            self._also = None
        super().choose(connector)

    def show_place(self, place: Place) -> None:
        """Chooses a change set, or narrows the list to some."""
        if isinstance(place, ToSyncs):
            self._ids, self._wanted, self._also = place.ids, None, None
            self.look_now()
            return
        assert isinstance(place, ToChangeSet)
        if self.table.runs.place(place.id) is None:
            if self._narrow:
                self.show_all()
            self._wanted, self._also = place, place.id  # not read yet, or left out
            self.look_now()
            return
        self._wanted = None
        self.table.choose(place.id)
        if place.log:
            self.sync.tabs.setCurrentWidget(self.sync.log)
        self.start()

    def place(self) -> Place | None:
        """The chosen change set."""
        id_ = self.table.chosen_id()
        return ToChangeSet(id_) if id_ is not None else None

    def start(self) -> None:
        """In the table."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_all(self) -> None:
        """Leaves nothing out any more."""
        self._ids = ()
        self.filters.clear()

    def _narrowed(self) -> None:
        self._also = None
        self.look_now()

    @property
    def _narrow(self) -> bool:
        return bool(self._ids) or self.filters.narrow

    # -- the list --

    def _show_ids(self, ids: list[int]) -> None:
        self.filters.show_found(len(ids), narrow=self._narrow)
        self.table.show_ids(ids, with_connector=self._several and self.connector is None)
        if not ids:
            self.sync.clear(narrow=self._narrow)
        if self._wanted is not None:
            self.show_place(self._wanted)

    def _read_rows(self, ids: list[int]) -> None:
        self.ask("rows", lambda db: stories.listed(db, ids), self._show_rows)

    def _show_rows(self, rows: dict[int, Listed]) -> None:
        self.table.runs.put(rows)
        chosen = self.table.chosen_id()
        if chosen in rows:
            self._read_chosen(chosen)

    def _save_list(self) -> None:
        ids = list(self.table.runs.ids)
        name = _("{what} {day}.csv").format(what=_("History"), day=today())
        self._choose_csv(name, lambda p, db: stories.save_list(p, db, ids))

    # -- the chosen one --

    def _read_chosen(self, id_: int | None) -> None:
        if id_ is None:
            self._entry = None
            self.sync.clear(narrow=self._narrow)
            return
        self.ask("chosen", lambda db: _chosen(db, id_), self._show_chosen)

    def _show_chosen(self, found: tuple[Listed, list[LogLine]] | None) -> None:
        if found is None:
            return
        entry, log = found
        self._entry = entry
        if entry.run is not None:
            what = set_words(entry.set) if entry.run.mode == APPROVAL else ""
            self.sync.show_run(entry.run, log, state=_(look(entry).word), what=what)
        else:
            self.sync.show_set(entry.set, log)
        self.split.share()
        self.table.runs.put({entry.id: entry})
        self._read_changes()

    def _run_again(self) -> None:
        if self.session is not None and self._entry is not None and (run := self._entry.run):
            self.session.start(run.connector, full=run.mode == "full")

    def _undo(self) -> None:
        if self.session is None or self._entry is None:
            return
        dialog = UndoDialog(self, self.session, self._entry.set)
        dialog.said.connect(self.said)
        self._open(dialog)

    def _copied(self) -> None:
        self.said.emit(Said(_("The details are on the clipboard. They hold no names.")))

    # -- whom it changed --

    def _read_changes(self) -> None:
        """Only where one looks, and once: a change set that is over stays as it is."""
        entry, changes = self._entry, self.sync.changes
        if entry is None or self.sync.tabs.currentWidget() is not changes:
            return
        if entry.id != self._told_of:
            changes.clear()
            self._told_of = entry.id
        elif not is_open(entry.run) and changes.model.groups:
            return
        self._read_groups(changes.word)

    def _read_groups(self, word: str) -> None:
        if (id_ := self._told_of) is not None:
            self.ask(
                "groups", lambda db: store.groups(db, id_, word), self.sync.changes.show_groups
            )

    def _read_stories(self, groups: list[Group]) -> None:
        if (id_ := self._told_of) is not None:

            def told(database: Database) -> list[Story]:
                return stories.stories(database, groups, store.written_about(database, id_, groups))

            self.ask("stories", told, self.sync.changes.model.put)

    def _read_lines(self, group: Group) -> None:
        if (id_ := self._told_of) is not None:

            def told(database: Database) -> list[Line]:
                written = store.written_about(database, id_, [group])
                return stories.lines(database, written, group.owner)

            model = self.sync.changes.model
            self.ask(f"lines {group.key}", told, lambda lines: model.put_lines(group, lines))

    def _save_changes(self) -> None:
        if (id_ := self._told_of) is not None:
            name = _("{what} {day}.csv").format(
                what=_("changes in #{id}").format(id=id_), day=today()
            )
            shown = list(self.sync.changes.model.groups)
            narrow = self.sync.changes.narrow

            def save(path: Path, database: Database) -> int:
                if not narrow:
                    return stories.save_changes(path, database, id_)
                return stories.save(path, database, store.written_about(database, id_, shown))

            self._choose_csv(name, save)

    # -- files and dialogs --

    def _choose_csv(self, name: str, save: Callable[[Path, Database], int]) -> None:
        def chosen(path: Path) -> None:
            self.ask(
                "save",
                lambda database: _saved(save, path, database),
                lambda found: self.said.emit(Said(found)),
            )

        self.chooser = choose_csv(self, name, chosen)

    def _look_back(self) -> None:
        if self.session is not None:
            dialog = PastDialog(self, self.session)
            dialog.go.connect(self.go)
            self._open(dialog)

    def _compare(self, *, classes: bool) -> None:
        if self.session is not None:
            dialog = ComparedDialog(self, self.session, classes=classes)
            dialog.go.connect(self.go)
            self._open(dialog)

    def _open(self, dialog: "UndoDialog | PastDialog | ComparedDialog") -> None:
        self.dialog = dialog
        dialog.open()


def _ids(database: Database, wanted: Wanted, also: int | None) -> list[int]:
    found = store.set_ids(database, wanted)
    return found if also is None else sorted({*found, also}, reverse=True)


def _chosen(database: Database, id_: int) -> tuple[Listed, list[LogLine]] | None:
    found = stories.listed(database, [id_]).get(id_)
    return None if found is None else (found, reads.run_log(database, id_))


def _saved(save: Callable[[Path, Database], int], path: Path, database: Database) -> str:
    """What came of saving, in words."""
    try:
        return saved(save(path, database), path)
    except SyncError as error:
        return sentence(error.code, error.parameters)
