"""The fields of a record: what stands in each, and whose word that is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QMenu,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.engine import naming
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType, FieldType, Privacy, referred
from app.roster.values import Plain
from app.store.corrections import Correction, Fate
from app.store.profile import Profile
from app.text import N_, _, plural
from app.ui import theme
from app.ui.parts.label import tip
from app.ui.parts.wrapping import Wrapping
from app.ui.people.links import Links
from app.ui.places import ToRecord
from app.ui.wording import origin_text

FIELD, VALUE, ORIGIN = range(3)
SECTIONS: Mapping[Privacy, str] = {
    Privacy.NAME: N_("Name"),
    Privacy.IDENTIFIER: N_("Signing in and IDs"),
    Privacy.CONTACT: N_("Contact"),
    Privacy.SENSITIVE: N_("Personal"),
    Privacy.OPEN: N_("At school"),
}
"""Fields of one privacy class are about one thing; so they stand together, in this order."""
REASONS: Mapping[Fate, str] = {
    Fate.CORRECTION: N_(
        "“{name}” does not take this change. It stands in the registrar’s list until it is mended "
        "there."
    ),
    Fate.ELSEWHERE: N_(
        "Two SIS say otherwise, and “{name}” does not take this change. Reports, “Where the SIS "
        "disagree”, shows all of that, and can take the other side."
    ),
    Fate.KEPT: N_("“{name}” is not told of it until it says something new."),
    Fate.OPEN: N_("Both sides have changed. It is asked under “Decide”."),
    Fate.SENT: N_("The next sync tells “{name}”."),
}
"""Why a SIS says something else, and what can be done."""
FATES: Mapping[Fate, str] = {
    Fate.CORRECTION: N_("Local correction: “{name}” still says {value}."),
    Fate.ELSEWHERE: N_("“{source}” says so; “{name}” says {value}."),
    Fate.KEPT: N_("Kept here: “{name}” says {value}."),
    Fate.OPEN: N_("Needs your decision: “{name}” says {value}."),
    Fate.SENT: N_("Is sent to “{name}” with the next sync, which still says {value}."),
}


def sections(entity: EntityType, fields: Sequence[FieldType]) -> list[tuple[str, list[FieldType]]]:
    """Fields under headings; of one heading where all are about one thing, which is then blank."""
    found: dict[Privacy, list[FieldType]] = {}
    for one in fields:
        found.setdefault(one.privacy, []).append(one)
    if len(found) == 1 or entity.name != "users":
        return [("", list(fields))]
    return [(_(words), found[kind]) for kind, words in SECTIONS.items() if kind in found]


class Details(QWidget):
    """Enter on a line goes to the record that its value names."""

    go = Signal(object)
    """``ToRecord``."""
    edits = Signal(str)
    """Wants this field to be edited."""

    def __init__(self) -> None:
        super().__init__()
        self._profile: Profile | None = None
        self._leads: dict[int, list[tuple[str, ToRecord]]] = {}
        self._fields: dict[int, str] = {}
        """The field of each line."""
        self.table = QTableWidget(0, 3)
        self.table.setHorizontalHeaderLabels([_("Field"), _("Value"), _("Where it comes from")])
        self.table.setAccessibleName(_("Fields"))
        self.table.setAccessibleDescription(
            _("Enter goes to the record that a line names; on any other line it edits the field.")
        )
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self._wrapping = Wrapping(self.table)
        self.table.activated.connect(lambda index: self._edit(index.row()))
        self._links = Links(self.table, VALUE, self._leads.__contains__, self._follow)
        self.blank = QCheckBox()
        self.blank.toggled.connect(self._fill)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.blank)

    def show_profile(self, profile: Profile | None) -> None:
        """Shows the fields of a record; ``None`` empties."""
        if profile != self._profile:
            self._profile = profile
            self._fill()

    def _fill(self) -> None:
        table, place = self.table, self.table.currentRow()
        scrolled = table.verticalScrollBar().value()
        table.clearSpans()
        table.setRowCount(0)
        self._leads.clear()
        self._fields.clear()
        if self._profile is None:
            return
        row = self._profile.detail.record
        entity = ENTITIES[row.entity]
        blank = [one for one in entity.fields if row.values[one.name] is None]
        self.blank.setVisible(bool(blank))
        self.blank.setText(plural("Show {n} blank field", "Show {n} blank fields", len(blank)))
        shown = [one for one in entity.fields if self.blank.isChecked() or one not in blank]
        self._add_all(entity, shown)
        self._mute()
        self._say_once()
        self._wrapping.fit()
        table.setCurrentCell(place if 0 <= place < table.rowCount() else -1, FIELD)
        table.verticalScrollBar().setValue(scrolled)

    def _mute(self) -> None:
        """What most values have in common does not call for attention."""
        cells = [item for row in range(self.table.rowCount())
                 if (item := self.table.item(row, ORIGIN)) is not None and item.text()]  # fmt: skip
        for said, count in Counter(item.text() for item in cells).most_common(1):
            for item in cells:
                if count > 1 and item.text() == said:
                    item.setForeground(QColor(theme.colours().muted))

    def _say_once(self) -> None:
        """Of lines that stand together and come from one place the first alone shows it."""
        before = ""
        for row in range(self.table.rowCount()):
            item = self.table.item(row, ORIGIN)
            said = item.text() if item is not None else ""
            if item is not None and said and said == before:
                item.setText("")
                item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
                item.setToolTip(tip(said))
            before = said

    def _add_all(self, entity: EntityType, shown: list[FieldType]) -> None:
        for heading, some in sections(entity, shown):
            if heading:
                self._add_heading(heading)
            for one in some:
                self._add(one)

    def _add_heading(self, said: str) -> None:
        place = self.table.rowCount()
        self.table.insertRow(place)
        item = QTableWidgetItem(said)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setForeground(QColor(theme.colours().muted))
        font = item.font()
        font.setBold(True)
        item.setFont(font)
        self.table.setItem(place, FIELD, item)
        for column in (VALUE, ORIGIN):  # what lies under the heading is not to be read out
            covered = QTableWidgetItem()
            covered.setFlags(Qt.ItemFlag.NoItemFlags)
            self.table.setItem(place, column, covered)
        self.table.setSpan(place, FIELD, 1, 3)

    def _add(self, one: FieldType) -> None:
        assert self._profile is not None
        detail = self._profile.detail
        value = detail.record.values[one.name]
        place = self.table.rowCount()
        self.table.insertRow(place)
        self._fields[place] = one.name
        label = QTableWidgetItem(_(one.label))
        label.setForeground(QColor(theme.colours().muted))
        item = QTableWidgetItem(naming.text(one, value, detail.titles))
        if leads := _leads(one, value, detail.titles):
            self._leads[place] = leads
            self._links.mark(item)
        said = [origin_text(self._profile.origin(one.name), datetime.now(UTC))]
        if value is None:
            said = [] if self._profile.origin(one.name) == detail.made else said
        differing = [each for each in self._profile.corrections if each.field == one.name]
        said += [fate_text(one, each, detail.titles) for each in differing]
        for column, cell in enumerate((label, item, QTableWidgetItem("\n".join(said)))):
            cell.setFlags(cell.flags() & ~Qt.ItemFlag.ItemIsEditable)
            self.table.setItem(place, column, cell)
        if differing:
            cell.setToolTip(tip("\n".join(map(reason, differing))))

    def _edit(self, place: int) -> None:
        if place in self._fields and place not in self._leads:
            self.edits.emit(self._fields[place])

    def _follow(self, place: int) -> None:
        leads = self._leads[place]
        if len(leads) == 1:
            self.go.emit(leads[0][1])
        else:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            for name, where in leads:
                menu.addAction(name, partial(self.go.emit, where))
            index = self.table.model().index(place, VALUE)
            corner = self.table.visualRect(index).bottomLeft()
            menu.popup(self.table.viewport().mapToGlobal(corner))


def fate_text(one: FieldType, told: Correction, titles: Mapping[int, str]) -> str:
    """What a SIS says otherwise, and what becomes of it."""
    value = naming.text(one, told.sis, titles)
    quoted = _("“{value}”").format(value=value) if value else _("nothing")
    words = _(FATES[told.fate])
    return words.format(name=told.connector, value=quoted, source=told.source)


def reason(told: Correction) -> str:
    """Why that is so."""
    return _(REASONS[told.fate]).format(name=told.connector)


def _leads(one: FieldType, value: Plain, titles: Mapping[int, str]) -> list[tuple[str, ToRecord]]:
    """The records that a value names, and what they are called."""
    if value is None:
        return []
    return [
        (titles[id_] or f"#{id_}", ToRecord(target, id_))
        for target, ids in referred(one, value)
        for id_ in dict.fromkeys(ids)
        if id_ in titles
    ]
