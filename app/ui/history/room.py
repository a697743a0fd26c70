"""The room of the history: the syncs above, the chosen one below."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from app.store import reads
from app.store.reads import LogLine, RunRow
from app.text import N_, _
from app.ui import theme
from app.ui.history.chosen import ChosenSync
from app.ui.history.table import History
from app.ui.parts.halves import Halves
from app.ui.places import Place, ToChangeSet
from app.ui.room import Room, Said


class HistoryRoom(Room):
    """Every sync, the newest first, and what the chosen one did."""

    title = N_("History")
    places = (ToChangeSet,)

    def __init__(self) -> None:
        super().__init__()
        self.table = History()
        self.sync = ChosenSync()
        self.split = Halves()
        self.split.setHandleWidth(theme.SPACE + 2)
        self.split.addWidget(self.table)
        self.split.addWidget(self.sync)
        self.table.setMinimumHeight(96)
        self.sync.setMinimumHeight(150)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.split)
        self._wanted: ToChangeSet | None = None
        self.table.lengthened.connect(self.split.share)
        self.table.runs.wanted.connect(self._read_rows)
        self.table.chosen.connect(self._read_chosen)
        self.sync.copied.connect(self._copied)

    def look(self) -> None:
        """Asks which syncs there are."""
        name = self.connector
        self.ask("ids", lambda db: reads.run_ids(db, name), self._show_ids)

    def forget(self) -> None:
        """Shows nothing."""
        self.table.runs.show([])
        self.sync.clear()

    def show_place(self, place: Place) -> None:
        """Chooses a sync."""
        assert isinstance(place, ToChangeSet)
        if self.table.runs.place(place.id) is None:
            self._wanted = place  # not read yet
            return
        self._wanted = None
        self.table.choose(place.id)
        if place.log:
            self.sync.tabs.setCurrentWidget(self.sync.log)
        self.start()

    def place(self) -> Place | None:
        """The chosen sync."""
        id_ = self.table.chosen_id()
        return ToChangeSet(id_) if id_ is not None else None

    def start(self) -> None:
        """In the table."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_ids(self, ids: list[int]) -> None:
        self.table.show_ids(ids, with_connector=self.connector is None)
        if self._wanted is not None:
            self.show_place(self._wanted)

    def _read_rows(self, ids: list[int]) -> None:
        self.ask("rows", lambda db: reads.runs_by_id(db, ids), self._show_rows)

    def _show_rows(self, rows: dict[int, RunRow]) -> None:
        self.table.runs.put(rows)
        chosen = self.table.chosen_id()
        if chosen in rows:
            self._read_chosen(chosen)

    def _read_chosen(self, id_: int | None) -> None:
        if id_ is None:
            self.sync.clear()
            return
        self.ask(
            "chosen", lambda db: (reads.run(db, id_), reads.run_log(db, id_)), self._show_chosen
        )

    def _show_chosen(self, found: tuple[RunRow, list[LogLine]]) -> None:
        run, log = found
        self.sync.show_run(run, log)
        self.table.runs.put({run.id: run})

    def _copied(self) -> None:
        self.said.emit(Said(_("The details are on the clipboard. They hold no names.")))
