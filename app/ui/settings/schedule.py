"""When a connector syncs by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from PySide6.QtCore import QTime, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QTimeEdit,
    QWidget,
)

from app.engine.overview import next_sync_of
from app.engine.schedule import Schedule
from app.store import reads
from app.store.database import Database
from app.text import N_, _, plural
from app.ui import theme
from app.ui.connectors.form import Choices
from app.ui.parts.simple import button, text
from app.ui.settings.page import Page, spaced
from app.ui.wording import day_and_time

INTERVALS = (5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440)
"""Minutes to choose from."""
USUAL_TIME, USUAL_INTERVAL = time(6, 30), 60
MOST_TIMES = 12


@dataclass(frozen=True)
class Seen:
    """The schedule of a connector, and what follows from it."""

    schedule: Schedule | None
    next: datetime | None
    paused: bool
    synced: bool
    """A person has had a good sync."""


class Times(QWidget):
    """Times of day, each to be changed or taken away, and a button for one more."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.edits: list[QTimeEdit] = []
        self._less: list[QPushButton] = []
        self._told: tuple[time, ...] = ()
        """What was shown, or told of, last: to pass through a field is no change."""
        self.more = button(_("Add a time"))
        self.more.clicked.connect(self._add_one)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.SPACE)
        self._row.addWidget(self.more)
        self._row.addStretch(1)

    def times(self) -> tuple[time, ...]:
        """The times, in their order."""
        found = (edit.time() for edit in self.edits)
        return tuple(sorted({time(one.hour(), one.minute()) for one in found}))

    def show_times(self, times: Sequence[time]) -> None:
        """Shows these."""
        if self.times() == tuple(times):
            return
        while len(self.edits) > len(times):
            self._take(len(self.edits) - 1)
        while len(self.edits) < len(times):
            self._put()
        for edit, one in zip(self.edits, times, strict=True):
            edit.setTime(QTime(one.hour, one.minute))
        self._told = self.times()
        self._name()

    def _put(self) -> None:
        edit, less = spaced(QTimeEdit()), QPushButton("✕")
        less.setObjectName("small")
        less.setAutoDefault(True)
        edit.editingFinished.connect(self._edited)
        less.clicked.connect(lambda: self._take_away(edit))
        place = 2 * len(self.edits)
        self._row.insertWidget(place, edit)
        self._row.insertWidget(place + 1, less)
        self.edits.append(edit)
        self._less.append(less)
        QWidget.setTabOrder(edit, less)
        QWidget.setTabOrder(less, self.more)

    def _edited(self) -> None:
        if self.times() != self._told:
            self._told = self.times()
            self.changed.emit()

    def _take(self, place: int) -> None:
        for widget in (self.edits.pop(place), self._less.pop(place)):
            self._row.removeWidget(widget)
            widget.hide()
            widget.deleteLater()

    def _take_away(self, edit: QTimeEdit) -> None:
        self._take(self.edits.index(edit))
        self._name()
        self.more.setFocus()
        self.changed.emit()

    def _add_one(self) -> None:
        last = self.edits[-1].time() if self.edits else QTime(0, 30)
        self._put()
        self.edits[-1].setTime(last.addSecs(6 * 3600))
        self._name()
        self.edits[-1].setFocus()
        self.changed.emit()

    def _name(self) -> None:
        for place, (edit, less) in enumerate(zip(self.edits, self._less, strict=True), 1):
            edit.setAccessibleName(_("Time {place}").format(place=place))
            less.setAccessibleName(_("Take time {place} away").format(place=place))
            less.setToolTip(less.accessibleName())
            less.setEnabled(len(self.edits) > 1)
        self.more.setEnabled(len(self.edits) < MOST_TIMES)


class SchedulePage(Page):
    """By hand, at intervals, or at times of day."""

    name = "schedule"
    part = "schedule"
    title = N_("Schedule")
    about = N_("When this connector syncs by itself, while this program or its server runs.")

    def __init__(self) -> None:
        super().__init__()
        self.by_hand = QRadioButton(_("Only when I ask"))
        self.at_intervals = QRadioButton(_("Every"))
        self.at_times = QRadioButton(_("Every day at"))
        self.ways = QButtonGroup(self)
        for way in (self.by_hand, self.at_intervals, self.at_times):
            way.setMinimumHeight(theme.TARGET)
            self.ways.addButton(way)
        self.interval = Choices()
        self.interval.setAccessibleName(_("How often"))
        for minutes in INTERVALS:
            self.interval.addItem(interval_text(timedelta(minutes=minutes)), minutes)
        self.times = Times()
        self.next = text()
        self.next.setObjectName("outcome")
        self.body.addWidget(self.by_hand)
        for way, what in ((self.at_intervals, self.interval), (self.at_times, self.times)):
            across = QHBoxLayout()
            across.setSpacing(theme.SPACE)
            across.addWidget(way)
            across.addWidget(what)
            across.addStretch(1)
            self.body.addLayout(across)
        self.body.addWidget(self.next)
        self.ways.buttonClicked.connect(self._chosen)
        self.interval.activated.connect(self._interval_chosen)
        self.times.changed.connect(self._times_chosen)

    @staticmethod
    def question(database: Database, connector: str) -> Seen:
        """The schedule as it is now."""
        facts = reads.connector(database, connector)
        schedule = Schedule.of(facts.schedule) if facts.schedule else None
        following = next_sync_of(facts, datetime.now(UTC))
        return Seen(schedule, following, facts.paused, facts.good is not None)

    def show_found(self, found: Seen) -> None:
        """Shows it."""
        schedule = found.schedule
        way = self.by_hand
        every = timedelta(minutes=USUAL_INTERVAL)
        times: tuple[time, ...] = (USUAL_TIME,)
        if schedule is not None and schedule.every is not None:
            way, every = self.at_intervals, schedule.every
        elif schedule is not None:
            way, times = self.at_times, schedule.times
        way.setChecked(True)
        minutes = every // timedelta(minutes=1)
        if self.interval.findData(minutes) < 0:
            self.interval.addItem(interval_text(every), minutes)
        if not self.interval.view().isVisible():
            self.interval.setCurrentIndex(self.interval.findData(minutes))
        if not any(edit.hasFocus() for edit in self.times.edits):
            self.times.show_times(times)
        self.next.setText(_told(found))

    def _chosen(self) -> None:
        if self.by_hand.isChecked():
            self._set("")
        elif self.at_intervals.isChecked():
            self._set(str(Schedule(every=timedelta(minutes=self.interval.currentData()))))
        else:
            self._set(str(Schedule(times=self.times.times())))

    def _interval_chosen(self) -> None:
        self.at_intervals.setChecked(True)
        self._chosen()

    def _times_chosen(self) -> None:
        self.at_times.setChecked(True)
        self._chosen()

    def _set(self, schedule: str) -> None:
        self.command("set_schedule", self.connector, schedule)


def interval_text(every: timedelta) -> str:
    """``15 minutes``, ``2 hours``."""
    minutes = every // timedelta(minutes=1)
    if minutes % 60:
        return plural("{n} minute", "{n} minutes", minutes)
    return plural("{n} hour", "{n} hours", minutes // 60)


def _told(seen: Seen) -> str:
    if seen.paused:
        return _("It is paused: nothing syncs by itself until it is resumed.")
    if seen.schedule is None:
        return _("The next sync is when you ask for it.")
    if not seen.synced:
        return _("The first sync is yours to begin; from then on it goes by this schedule.")
    now = datetime.now(UTC)
    if seen.next is None:
        return _("A sync is under way.")
    if seen.next <= now:
        return _("The next sync begins now.")
    return _("The next sync is {when}.").format(when=day_and_time(seen.next, now))
