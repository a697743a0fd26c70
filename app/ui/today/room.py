"""The room of the day: every school in numbers, and the last days as a picture."""

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.engine import today
from app.engine.overview import Overview
from app.engine.today import Day, Schools
from app.store.today import Untaught
from app.text import N_, _
from app.ui import theme
from app.ui.places import Place, ToRecord, ToToday
from app.ui.room import Room
from app.ui.today.days import Days
from app.ui.today.schools import SchoolsTable, ToUntaught
from app.ui.today.untaught import UntaughtDialog
from app.ui.wording import entity_name, number, people_first, week_day

MANY = 15
"""With more schools than that, one is found by its name."""


class TodayRoom(Room):
    """How the day is, at a glance; each number leads to what it counts."""

    title = N_("Today")
    places = (ToToday,)

    def __init__(self) -> None:
        super().__init__()
        self.heading = QLabel(_("Schools"))
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        self.heading.setFont(bold)
        self.since = QLabel()
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
        self.empty = QLabel(
            _("No schools yet. Run the first sync, and every school stands here with its numbers.")
        )
        self.empty.setWordWrap(True)
        self.empty.setProperty("quiet", True)
        self.empty.hide()
        self.days = Days()
        self.counts = QLabel()
        self.counts.setWordWrap(True)
        self.counts.setProperty("quiet", True)
        self.counts.setAccessibleName(_("Live records"))
        self.counts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.untaught: UntaughtDialog | None = None
        """The list of classes without a teacher that was opened last."""
        self._lay_out()
        self.search.textChanged.connect(self.table.sorted.find)
        self.search.returnPressed.connect(self.table.setFocus)
        self.table.go.connect(self._lead)
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
        layout.addWidget(self.table, 3)
        layout.addWidget(self.days, 2)
        layout.addWidget(self.counts)
        layout.addStretch()

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
        """How many records there are of each type."""
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

    def _lead(self, place: Place | ToUntaught) -> None:
        if not isinstance(place, ToUntaught):
            self.go.emit(place)
            return
        now, school = datetime.now(UTC), place.school
        self.ask("untaught", lambda db: today.untaught(db, now, school), self._show_untaught)

    def _show_untaught(self, classes: list[Untaught]) -> None:
        if len(classes) == 1:
            self.go.emit(ToRecord("classes", classes[0].id))
        elif classes:
            self.untaught = UntaughtDialog(self.window(), classes)
            self.untaught.go.connect(self.go)
            self.untaught.open()

    def _show_schools(self, found: Schools) -> None:
        there = bool(found.schools)
        self.table.show_schools(found if there else None)
        self.top.setVisible(there)
        self.table.setVisible(there)
        self.empty.setVisible(not there)
        self.search.setVisible(len(found.schools) > MANY)
        words = _("Joined, left and changed: students and staff since yesterday, {day}.")
        self.since.setText(words.format(day=week_day(found.since)))
        # No higher than its rows: what is left is the picture's.
        self.table.setMaximumHeight(self.table.sizeHint().height())

    def _show_days(self, days: list[Day], connector: str | None) -> None:
        self.days.show_days(days, connector)
        self.days.setVisible(any(one.syncs for one in days))
