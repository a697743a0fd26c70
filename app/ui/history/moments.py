"""Which moment of the history is meant: before the last sync, after what was done, now, a date."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import groupby
from typing import TypeAlias

from PySide6.QtCore import QDate, QDateTime, QTime, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QHBoxLayout, QTimeEdit, QWidget

from app.engine.stories import kind_word, set_words
from app.roster.values import instant_text
from app.store import asof
from app.store import stories as store
from app.store.asof import Moment
from app.store.database import Database
from app.store.history import DECISION, EDIT, SYNC
from app.store.stories import Entry, Wanted
from app.text import _, plural
from app.ui import theme
from app.ui.connectors.form import Choices
from app.ui.history.filters import PAUSE_MS
from app.ui.wording import ago, instant, number, week_day

Asked: TypeAlias = Callable[[Database], Moment]
"""Which moment is meant; asked on the reader's thread."""

READ, OFFERED = 400, 25
"""So many of the newest change sets that changed something make up so many moments at most."""
MIDNIGHT = QTime(23, 59)
_AT, _NOW, _BEFORE = "at", "now", "before"


@dataclass(frozen=True)
class Offer:
    """A moment that has a name: when one change set was over, or the last of several alike."""

    at: int | str
    """The change set, or an instant."""
    day: date
    words: str
    yesterday: bool = False
    """Whether it is when yesterday began."""


@dataclass(frozen=True)
class Offers:
    """The moments after which one may want to look, the newest first, and the last sync."""

    after: Sequence[Offer] = ()
    last_sync: Offer | None = None
    """``None`` where nothing stood before it."""
    usual: Sequence[Offer] = ()
    """The instants that are asked for most, where anything stood then."""


def offers(database: Database) -> Offers:
    """The moments of the newest change sets; on the reader's thread."""
    ids = store.set_ids(database, Wanted(changed=True))[:READ]
    found = store.entries(database, ids)
    entries = [found[id_] for id_ in ids if id_ in found]
    now = datetime.now(UTC)
    # What one person did one thing after the other is one moment.
    alike = [list(some) for _key, some in groupby(entries, _kind)]
    syncs = [one for one in entries[:-1] if one.set.kind == SYNC]
    last = (
        _offer([syncs[0]], now, _("Before the last sync with changes, {when}")) if syncs else None
    )
    after = [_offer(some, now, _("After {what}, {when}")) for some in alike[:OFFERED]]
    usual = [one for one in _usual(now) if asof.at(database, str(one.at)).change_set]
    return Offers(after, last, usual)


def _usual(now: datetime) -> Iterator[Offer]:
    today = now.astimezone().date()
    yesterday, week = today - timedelta(days=1), today - timedelta(days=7)
    for then, words in (
        (now - timedelta(hours=1), _("An hour ago")),
        (_begins(today), _("At the beginning of today, {day}")),
        (_begins(yesterday), _("At the beginning of yesterday, {day}")),
        (_begins(week), _("A week ago, at the beginning of {day}")),
    ):
        day = then.astimezone().date()
        words = words.format(day=week_day(day))
        yield Offer(instant_text(then), day, words, then == _begins(yesterday))


def _begins(day: date) -> datetime:
    return datetime.combine(day, time()).astimezone()


def _kind(one: Entry) -> tuple[object, ...]:
    told = one.set
    alone = told.id if told.kind == SYNC or told.of is not None else None
    return told.kind, told.author, _day(one), alone


def _day(one: Entry) -> date:
    return instant(one.set.at).astimezone().date()


def _offer(some: Sequence[Entry], now: datetime, words: str) -> Offer:
    newest = some[0].set
    what = _("#{id}: {what}").format(id=number(newest.id), what=set_words(newest))
    if len(some) > 1:
        what = _in_a_row(newest.kind, len(some))
        what = what.format(what=kind_word(newest.kind), who=newest.author)
    told = words.format(what=what, when=ago(instant(newest.at), now))
    return Offer(newest.id, _day(some[0]), told)


def _in_a_row(kind: str, count: int) -> str:
    if kind == EDIT:
        return plural("{n} edit by {{who}}", "{n} edits by {{who}}", count)
    if kind == DECISION:
        return plural("{n} set of decisions by {{who}}", "{n} sets of decisions by {{who}}", count)
    return plural("{n} time {{what}} by {{who}}", "{n} times {{what}} by {{who}}", count)


class When(QWidget):
    """A moment that was offered, now, or a date and time."""

    changed = Signal()

    def __init__(self, name: str, *, now: bool = False) -> None:
        super().__init__()
        self._now = now
        self._offers = Offers()
        self.choice = Choices()
        self.choice.setAccessibleName(name)
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.setMinimumContentsLength(14)
        self.choice.setMaxVisibleItems(16)
        self.choice.addItem(_("Now"), _NOW)
        self.choice.addItem(_("At a date and time"), _AT)
        self.date = QDateEdit(QDate.currentDate().addDays(-1))
        self.date.setCalendarPopup(True)
        self.date.setMaximumDate(QDate.currentDate())
        self.date.setAccessibleName(_("{name}: date").format(name=name))
        self.time = QTimeEdit(MIDNIGHT)
        self.time.setAccessibleName(_("{name}: time").format(name=name))
        # The style sheet gives a field without buttons no air at its sides.
        self.time.lineEdit().setTextMargins(theme.SPACE, 0, theme.SPACE, 0)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        for widget, stretch in ((self.choice, 1), (self.date, 0), (self.time, 0)):
            layout.addWidget(widget, stretch)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE_MS)
        self._soon.timeout.connect(self.changed)
        self._show_fields()

    def offer(self, found: Offers, *, yesterday: bool = False) -> None:
        """At which moments one may look; the first of them is looked at, or ``yesterday``."""
        self._offers = found
        for one in reversed(found.usual):
            self.choice.insertItem(0, one.words, one.at)
        if found.last_sync is not None:
            self.choice.insertItem(0, found.last_sync.words, _BEFORE)
        for one in found.after:
            self.choice.addItem(one.words, one.at)
        begin = self.choice.findData(_NOW) if self._now else 0
        if yesterday and (days := [one.at for one in found.usual if one.yesterday]):
            begin = self.choice.findData(days[0])
        self.choice.setCurrentIndex(begin)
        self.choice.currentIndexChanged.connect(self._choose)
        self.date.dateChanged.connect(self._soon.start)
        self.time.timeChanged.connect(self._soon.start)
        self._choose()

    def asked(self) -> Asked:
        """Which moment is meant."""
        chosen, last = self.choice.currentData(), self._offers.last_sync
        if chosen == _NOW:
            return lambda _database: asof.NOW
        if chosen == _BEFORE and last is not None:
            return partial(asof.before, change_set=int(last.at))
        if isinstance(chosen, int):
            return partial(asof.after, change_set=chosen)
        if chosen != _AT:
            return partial(asof.at, instant=chosen)
        # The whole minute belongs to it.
        end = QDateTime(self.date.date(), self.time.time()).addSecs(59).toSecsSinceEpoch()
        return partial(asof.at, instant=instant_text(datetime.fromtimestamp(end, UTC)))

    @property
    def day(self) -> str:
        """The day that is meant, for the name of a file."""
        chosen, last = self.choice.currentData(), self._offers.last_sync
        if chosen == _AT:
            return self.date.date().toString("yyyy-MM-dd")
        if chosen == _BEFORE and last is not None:
            return last.day.isoformat()
        days = {one.at: one.day for one in (*self._offers.after, *self._offers.usual)}
        return days.get(chosen, datetime.now(UTC).astimezone().date()).isoformat()

    def _choose(self) -> None:
        self._show_fields()
        self._soon.start()

    def _show_fields(self) -> None:
        for field in (self.date, self.time):
            field.setVisible(self.choice.currentData() == _AT)
