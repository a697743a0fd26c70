"""A record at each SIS: how it stands there, and what the SIS says of it right now."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.engine import naming
from app.engine.lookup import DIFFERENT, Found, LookedUp, Standing, Told
from app.errors import SyncError
from app.roster.entities import ENTITIES
from app.roster.values import Plain
from app.store.corrections import Fate
from app.store.outbox import HELD, KEPT, REFUSED, UNKNOWN
from app.store.profile import Profile
from app.store.reads import LinkRow
from app.text import N_, _, plural, sentence
from app.ui import theme
from app.ui.parts.label import tip
from app.ui.parts.wrapping import Wrapping
from app.ui.people.asking import Asking
from app.ui.people.details import fate_text
from app.ui.people.links import Links
from app.ui.places import ToDifferences, ToUnsent, ToWaiting
from app.ui.wording import day_and_time, instant

FOUND: Mapping[Found, str] = {
    Found.THERE: N_("“{name}” has it right now."),
    Found.GONE: N_("“{name}” does not have it any more."),
    Found.ENDED: N_("“{name}” says that it has ended."),
    Found.UNREADABLE: N_("“{name}” has it, but what it says could not be read."),
    Found.NOT_ASKED: N_("“{name}” could not be asked."),
    Found.FAILED: N_("“{name}” did not answer."),
}
STANDINGS: Mapping[Standing, str] = {
    Standing.SAME: N_("The same"),
    Standing.THEIRS: N_("Changed there; the next sync brings it"),
    Standing.OURS: N_("Changed here"),
    Standing.BOTH: N_("Changed here and there"),
    Standing.UNSAID: N_("Not told by the SIS"),
}


class AtSis(QWidget):
    """One line a connector; below it, once asked, field by field what the SIS says now."""

    go = Signal(object)
    asks = Signal()
    """Wants to know what each SIS says now."""
    cancels = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._profile: Profile | None = None
        self._found: LookedUp | None = None
        self._places: list[object] = []
        self.links = QTableWidget(0, 5)
        self.links.setHorizontalHeaderLabels(
            [_("Connector"), _("Its key there"), _("There"), _("Last agreed"), _("How it stands")]
        )
        self.links.setAccessibleName(_("At each SIS"))
        self.links.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self._links_wrapping = Wrapping(self.links, whole=True)
        self._links_wrapping.fitted.connect(self._take_height)
        last = self.links.columnCount() - 1
        self._links = Links(
            self.links, last, lambda row: self._places[row] is not None, self._follow
        )
        self.asking = Asking(_("&Look it up at the SIS now"))
        self.asking.asks.connect(self.asks)
        self.asking.cancels.connect(self.cancels)
        self.same = QCheckBox()
        self.same.toggled.connect(self._fill)
        self.table = QTableWidget(0, 5)
        self.table.setAccessibleName(_("What the SIS says now"))
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self._wrapping = Wrapping(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.links)
        layout.addWidget(self.asking)
        layout.addWidget(self.same)
        layout.addWidget(self.table, 1)
        layout.addStretch(0)
        self.show_found(None)

    # -- how it stands --

    def show_profile(self, profile: Profile | None) -> None:
        """Shows where a record stands; another one than before has not been looked up yet."""
        before, self._profile = self._profile, profile
        if profile is None or before is None or not _same(before, profile):
            self.show_found(None)
        self._places = []
        self.links.setRowCount(0)
        for link in profile.detail.links if profile else ():
            self._add(link)
        if profile is not None and not profile.detail.links:
            self.asking.said.setText(_("No SIS knows this record. No sync changes or removes it."))
        self.links.setVisible(self.links.rowCount() > 0)
        self.asking.button.setEnabled(self.links.rowCount() > 0)
        self._links_wrapping.fit()

    def _add(self, link: LinkRow) -> None:
        assert self._profile is not None
        profile, now = self._profile, datetime.now(UTC)
        agreed = profile.agreed(link.connector)
        stands, place = self._standing(link.connector)
        there = {True: _("yes"), False: _("no, it has ended"), None: _("not known yet")}
        told = (
            link.connector,
            ", ".join(link.rows or (link.key,)),
            _("out of scope") if link.outside else there[link.alive],
            day_and_time(instant(agreed.at), now) if agreed else "",
            stands,
        )
        row = self.links.rowCount()
        self.links.insertRow(row)
        self._places.append(place)
        for column, said in enumerate(told):
            item = QTableWidgetItem(said)
            if place is not None and column == len(told) - 1:
                self._links.mark(item)
            elif column == len(told) - 1:
                item.setToolTip(tip(self._reasons(link.connector)))
            self.links.setItem(row, column, item)

    def _standing(self, connector: str) -> tuple[str, object]:
        """How it stands with a connector, and where that is settled."""
        assert self._profile is not None
        profile = self._profile
        if ids := profile.differences.get(connector):
            told = plural("{n} difference needs your decision",
                          "{n} differences need your decision", len(ids))  # fmt: skip
            return told, ToDifferences(ids)
        if connector in profile.waiting:
            return _("A change waits for your approval"), ToWaiting(connector)
        for one in profile.unsent:
            if one.connector == connector:
                if one.state in (REFUSED, UNKNOWN):
                    return _("Could not be sent"), ToUnsent(connector)
                if one.state == HELD:
                    return _("Waits for your approval to be sent"), ToWaiting(connector)
                if one.state != KEPT:
                    return _("Waiting to be sent"), ToUnsent(connector, waiting=True)
        ours = [one for one in profile.corrections if one.connector == connector]
        if any(one.fate is Fate.CORRECTION for one in ours):
            return _("Local correction (SIS unchanged)"), None
        elsewhere = [one for one in ours if one.fate is Fate.ELSEWHERE]
        if elsewhere:
            names = sorted({one.source for one in elsewhere})
            others = ", ".join(_("“{name}”").format(name=one) for one in names)
            silent = all(one.sis in (None, ()) for one in elsewhere)
            words = _("Says less than {others}") if silent else _("Says otherwise than {others}")
            return words.format(others=others), None
        return (_("Kept otherwise here") if ours else _("In step")), None

    def _reasons(self, connector: str) -> str:
        """What is not in step, field by field."""
        assert self._profile is not None
        record, titles = self._profile.detail.record, self._profile.detail.titles
        fields = ENTITIES[record.entity].by_name
        return "\n".join(
            f"{_(fields[one.field].label)}: {fate_text(fields[one.field], one, titles)}"
            for one in self._profile.corrections
            if one.connector == connector
        )

    def _follow(self, row: int) -> None:
        self.go.emit(self._places[row])

    def _take_height(self) -> None:
        head = self.links.horizontalHeader().height()
        rows = sum(self.links.rowHeight(row) for row in range(self.links.rowCount()))
        self.links.setFixedHeight(head + rows + 2 * self.links.frameWidth() + 2)

    # -- what it says now --

    def show_asking(self) -> None:
        """The SIS is being asked."""
        self.asking.show_asking()

    def show_found(self, found: LookedUp | SyncError | None) -> None:
        """What each SIS says now, or why that is not known; ``None``: nobody has asked."""
        self._found = found if isinstance(found, LookedUp) else None
        answers = _answers(found) if isinstance(found, LookedUp) else found
        self.asking.show_answer(answers or ())
        self._fill()

    def _fill(self) -> None:
        self.table.clearSpans()
        self.table.setRowCount(0)
        there = [one for one in self._found.told if one.standing] if self._found else []
        self.table.setVisible(bool(there))
        same = sum(how not in DIFFERENT for one in there for how in one.standing.values())
        self.same.setVisible(bool(there) and same > 0)
        self.same.setText(plural("Show {n} field that is the same, too",
                                 "Show {n} fields that are the same, too", same))  # fmt: skip
        if self._found is None or not there:
            return
        name = there[0].connector if len(there) == 1 else _("SIS")
        self.table.setHorizontalHeaderLabels(
            [_("Field"), _("Ours"), _("{name} now").format(name=name), _("Last agreed"),
             _("What that means")]
        )  # fmt: skip
        for one in there:
            rows = list(self._rows(one))
            if rows and len(there) > 1:
                self._add_heading(one.connector)
            for place in rows:
                row = self.table.rowCount()
                self.table.insertRow(row)
                for column, said in enumerate(place):
                    item = QTableWidgetItem(said)
                    if column == 0:
                        item.setForeground(QColor(theme.colours().muted))
                    self.table.setItem(row, column, item)
        self.table.setVisible(self.table.rowCount() > 0)  # no headings over nothing
        self._wrapping.fit()

    def _rows(self, one: Told) -> Iterator[tuple[str, ...]]:
        assert self._found is not None
        entity, ours = ENTITIES[self._found.record.entity], self._found.record.values
        names = sorted(one.standing, key=lambda name: one.standing[name] not in DIFFERENT)
        for name in names:
            how = one.standing[name]
            if how not in DIFFERENT and not self.same.isChecked():
                continue
            field = entity.by_name[name]
            sides: list[Plain] = [ours[name], one.now.get(name), one.agreed.get(name)]
            told = [naming.text(field, side, self._found.titles) for side in sides]
            if how in DIFFERENT:
                told = [said or _("blank") for said in told]
            yield _(field.label), *told, _(STANDINGS[how])

    def _add_heading(self, said: str) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        item = QTableWidgetItem(said)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.table.setItem(row, 0, item)
        self.table.setSpan(row, 0, 1, self.table.columnCount())


def _same(one: Profile, other: Profile) -> bool:
    """Whether they are of one record, which has not changed in between."""
    ours, theirs = one.detail.record, other.detail.record
    return (ours.entity, ours.id, ours.version) == (theirs.entity, theirs.id, theirs.version)


def _answers(found: LookedUp) -> Iterator[str]:
    """What each SIS answered, in a sentence."""
    for one in found.told:
        told = _(FOUND[one.found]).format(name=one.connector)
        if one.error is not None:
            told = f"{told} {sentence(one.error.code, one.error.parameters)}"
        elif one.found is Found.THERE:
            count = len(one.differing)
            told += " " + (
                plural("{n} field differs.", "{n} fields differ.", count)
                if count
                else _("All fields are the same.")
            )
        yield told
