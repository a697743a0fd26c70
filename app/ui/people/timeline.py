"""All that happened to a record, the newest first; each line leads to its change set."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from app.engine import naming
from app.engine.told import part_word
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.roster.values import Plain
from app.store.profile import Profile
from app.store.reads import ChangeRow
from app.text import _
from app.ui import theme
from app.ui.parts.wrapping import Wrapping
from app.ui.people.links import Links
from app.ui.places import ToChangeSet
from app.ui.wording import absolute, instant, origin_text

MOST = 500
"""So many of the newest changes are shown."""


class TimeLine(QWidget):
    """Enter on a line goes to the sync, or to what a person did."""

    go = Signal(object)
    """``ToChangeSet``."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: Profile | None = None
        self._sets: list[int] = []
        self.table = QTableWidget(0, 2)
        self.table.setHorizontalHeaderLabels([_("Who and when"), _("What")])
        self.table.setAccessibleName(_("Time line"))
        self.table.setAccessibleDescription(_("The newest first. Enter goes to the whole change."))
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self._wrapping = Wrapping(self.table)
        self._links = Links(self.table, 0, lambda row: row < len(self._sets), self._follow)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE, 0, 0)
        layout.addWidget(self.table)

    def show_profile(self, profile: Profile | None) -> None:
        """Shows what happened to a record; ``None`` empties."""
        if profile == self._shown:
            return
        self._shown = profile
        place = self.table.currentRow()
        self.table.setRowCount(0)
        self._sets = []
        if profile is None:
            return
        now, detail = datetime.now(UTC), profile.detail
        for change in detail.changes[:MOST]:
            told = "\n".join(_told(detail.record.entity, change, detail.titles))
            self._add(change.change_set, origin_text(change, now), change.at, told)
        if len(detail.changes) <= MOST:
            made = detail.made
            self._add(made.change_set, origin_text(made, now), made.at, _("Came into the roster"))
        self._wrapping.fit()
        if 0 <= place < len(self._sets):
            self.table.setCurrentCell(place, 0)

    def _add(self, set_: int, who: str, at: str, what: str) -> None:
        place = self.table.rowCount()
        self.table.insertRow(place)
        self._sets.append(set_)
        for column, said in enumerate((who, what)):
            item = QTableWidgetItem(said)
            if column == 0:
                self._links.mark(item)
                item.setToolTip(absolute(instant(at)))
            self.table.setItem(place, column, item)

    def _follow(self, row: int) -> None:
        self.go.emit(ToChangeSet(self._sets[row]))


def _told(entity: str, change: ChangeRow, titles: Mapping[int, str]) -> Iterator[str]:
    """A line for each field that a change touched, or left against what the SIS said."""
    known = ENTITIES[entity].by_name

    def said(name: str, value: Plain) -> str:
        text = naming.text(known[name], value, titles) if name in known else str(value)
        return text or _("blank")

    for name in dict.fromkeys((*change.before, *change.after)):
        before, after = change.before.get(name), change.after.get(name)
        if name == ALIVE:
            yield _("Came back") if after else _("Ended")
        elif before != after:
            label = _(known[name].label) if name in known else name
            yield _("{field}: {before} → {after}").format(
                field=label, before=said(name, before), after=said(name, after)
            )
    for name, value in change.discarded.items():
        if name == ALIVE:
            yield _("Stayed, though the SIS removed it") if not value else _("Stayed ended")
        else:
            yield _("{field}: “{value}” from the SIS was not taken").format(
                field=part_word(entity, name), value=said(name, value)
            )
