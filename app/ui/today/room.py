"""The room of the day: every school in numbers, and the last days as a picture."""

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.engine import today
from app.engine.overview import Overview
from app.engine.today import Day, School, Schools
from app.text import _, plural
from app.ui import theme
from app.ui.parts.label import Label
from app.ui.places import Place, ToToday
from app.ui.room import Room
from app.ui.situation import is_open
from app.ui.today.days import Days
from app.ui.today.schools import CHANGED, JOINED, LEFT, SchoolsTable, why_less
from app.ui.wording import entity_name, number, people_first, week_day

MANY = 15
"""With more schools than that, one is found by its name."""


class TodayRoom(Room):
    """How the day is, at a glance; each number leads to what it counts."""

    def __init__(self) -> None:
        super().__init__()
        self.heading = Label(_("Schools"))
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        self.heading.setFont(bold)
        self.since = Label()
        self.since.setProperty("quiet", True)
        self.since.setWordWrap(True)
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Find a school"))
        self.search.setAccessibleName(_("Find a school"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(30 * self.fontMetrics().averageCharWidth())
        self.search.hide()
        self.table = SchoolsTable()
        self.heading.setBuddy(self.table)
        self.empty = Label()
        self.empty.setWordWrap(True)
        self.empty.setContentsMargins(2, theme.SPACE, 2, 0)
        self.empty.setProperty("quiet", True)
        self.empty.hide()
        self.days = Days()
        self.counts = Label()
        self.counts.setWordWrap(True)
        self.counts.setProperty("quiet", True)
        self.counts.setAccessibleDescription(_("Live records"))
        self.counts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._came_in = False
        """Whether anything is here, as far as is known."""
        self._lively = 0
        """On how many days there were syncs."""
        self._lay_out()
        self.search.textChanged.connect(self.table.sorted.find)
        self.search.returnPressed.connect(self.table.setFocus)
        self.table.go.connect(self.go)
        self.days.go.connect(self.go)

    def _lay_out(self) -> None:
        self.top = QWidget()
        top = QHBoxLayout(self.top)
        top.setContentsMargins(2, 0, 2, 0)
        top.setSpacing(2 * theme.SPACE)
        top.addWidget(self.heading)
        top.addWidget(self.since, 1)
        top.addWidget(self.search)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.top)
        layout.addWidget(self.empty)
        layout.addWidget(self.table)
        layout.addWidget(self.days)
        layout.addWidget(self.counts)
        layout.addStretch()
        self._layout = layout

    def look(self) -> None:
        """Asks for the schools and the last days."""
        now, name = datetime.now(UTC), self.connector
        self.ask("schools", lambda db: today.schools(db, now), self._show_schools)
        self.ask(
            "days",
            lambda db: (today.fortnight(db, now, name), name),
            lambda found: self._show_days(*found),
        )

    def forget(self) -> None:
        """Shows nothing."""
        self.search.clear()
        self.table.show_schools(None)
        self._show_days([], None)
        self.counts.clear()

    def show_overview(self, overview: Overview) -> None:
        """How many records there are of each type; where there are none, what to do."""
        self._came_in = overview.records > 0
        if self._came_in:
            self.empty.hide()  # the schools are asked for, or there are none to tell of
        reads = any(is_open(one.facts.last) for one in overview.glances)
        self.empty.setText(self._nothing(reads=reads))
        told = [
            f"{entity_name(name)} {number(overview.counts[name])}"
            for name in people_first(overview.counts)
            if overview.counts[name]
        ]
        self.counts.setText("  ·  ".join(told))
        self.counts.setVisible(bool(told))

    def place(self) -> Place:
        """The day."""
        return ToToday()

    def start(self) -> None:
        """In the table."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _nothing(self, *, reads: bool) -> str:
        """What stands here as long as there are no schools."""
        if reads:
            return _("The first sync is under way. The schools stand here as soon as they are in.")
        if self.session is None or not self.session.options.practice:
            return _("After the first sync every school stands here with its numbers.")
        return _(
            "What you can try here:\n\n"
            "1.  Run Sync Now. The roster of an invented district comes in: people, "
            "schools and classes. It takes a few seconds.\n\n"
            "2.  Let a school day pass (the button at the top, or F9), and sync again. Then see "
            "under History who joined, left and moved.\n\n"
            "3.  Open the Practice menu. “The office edits records on both sides” gives you "
            "differences to decide, “A school loses its classes” removals to approve.\n\n"
            "Nothing here is real, and every step can be undone."
        )

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """Shares the new height."""
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        """The table has the height that its rows need; the picture has the rest, and some always.

        A picture of one day alone tells nothing that would be worth a row.
        """
        wanted, room = self.table.sizeHint().height(), self.height() - self._around()
        rest = room - self.days.minimumSizeHint().height()
        self.table.setMaximumHeight(wanted)
        share = max(1, min(wanted, max(rest, self.height() // 2)))
        self._layout.setStretchFactor(self.table, share)
        self._layout.setStretchFactor(self.days, max(1, room - share))
        self.days.setVisible(self._lively > 1 or (self._lively == 1 and wanted <= rest))

    def _around(self) -> int:
        """The height of what is neither the table nor the picture."""
        words = sum(one.heightForWidth(self.width()) for one in (self.top, self.counts))
        return words + 4 * theme.SPACE

    def _show_schools(self, found: Schools) -> None:
        there = bool(found.schools)
        self.table.show_schools(found if there else None)
        self.top.setVisible(there)
        self.table.setVisible(there)
        self.empty.setVisible(not there and not self._came_in)
        self.search.setVisible(len(found.schools) > MANY)
        words = _("Joined, left and changed: students and staff since yesterday, {day}.")
        told = [words.format(day=week_day(found.since))]
        if found.first:
            told.append(_("The first sync is not counted."))
        if others := _others(found.others):
            told.append(_("Guardians and others: {what}.").format(what=others))
        if any(why_less(found, column) for column in (JOINED, LEFT, CHANGED)):
            told.append(_("Whoever is at several schools counts once in all."))
        self.since.setText(" ".join(told))
        self._share()

    def _show_days(self, days: list[Day], connector: str | None) -> None:
        self.days.show_days(days, connector)
        self._lively = sum(one.syncs > 0 for one in days)
        self._share()


def _others(counted: School) -> str:
    """What became of people who neither study nor work."""
    told = (
        plural("{n} joined", "{n} joined", counted.joined) if counted.joined else "",
        plural("{n} gone", "{n} gone", counted.left) if counted.left else "",
        plural("{n} changed", "{n} changed", counted.changed) if counted.changed else "",
    )
    return ", ".join(filter(None, told))
