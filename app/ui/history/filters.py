"""What narrows the history: words, what it was, how it ended, and when.

A second line is there as long as anything is left out: it says how many are found, and takes all
that away again.
"""

from datetime import UTC, datetime

from PySide6.QtCore import QDate, QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.roster.values import instant_text
from app.store.stories import Wanted
from app.text import N_, _, plural
from app.ui import theme
from app.ui.connectors.form import Choices
from app.ui.parts.label import Label

PAUSE_MS = 250
"""So long nobody types before it is looked for."""

KINDS: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    (N_("Everything"), (), False),
    (N_("Only with changes"), (), True),
    (N_("Syncs"), ("sync",), False),
    (N_("Syncs with changes"), ("sync",), True),
    (N_("Edits"), ("edit",), False),
    (N_("Decisions"), ("decision",), False),
    (N_("Approvals and refusals"), ("approval", "refusal"), False),
    (N_("Undos"), ("undo",), False),
    (N_("Previews"), ("preview",), False),
    (N_("Rules and protection"), ("policy", "protect", "unprotect", "archive"), False),
)
"""What it was, and whether only what changed something is wanted."""
RESULTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("Any result"), ()),
    (N_("Completed"), ("completed",)),
    (N_("With warnings"), ("warnings",)),
    (N_("Waiting for you"), ("waiting",)),
    (N_("Failed"), ("failed",)),
    (N_("Cancelled or interrupted"), ("cancelled", "interrupted")),
    (N_("Under way"), ("queued", "running")),
)
TIMES: tuple[tuple[str, int | None], ...] = (
    (N_("Any time"), None),
    (N_("Today"), 0),
    (N_("Last 7 days"), 7),
    (N_("Last 30 days"), 30),
    (N_("Choose dates…"), None),
)


class Filters(QWidget):
    """``changed`` as soon as a field says something else."""

    changed = Signal()
    all_wanted = Signal()
    """Nothing is to be left out any more."""

    def __init__(self) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Author, connector or number"))
        self.search.setAccessibleName(_("Search the history"))
        self.search.setClearButtonEnabled(True)
        self.kind = _choices(_("What it was"), [words for words, *_how in KINDS])
        self.result = _choices(_("How it ended"), [words for words, _states in RESULTS])
        self.time = _choices(_("When it was"), [words for words, _days in TIMES])
        self.since, self.until = QDateEdit(), QDateEdit()
        self.dates = QWidget()
        self.count = Label()
        self.count.setProperty("quiet", True)
        self.clear_button = QPushButton(_("Show all"))
        self.second = QWidget()
        self._lay_out()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE_MS)
        self._soon.timeout.connect(self.changed)
        self.search.textChanged.connect(self._soon.start)
        self.search.returnPressed.connect(self._at_once)
        for combo in (self.kind, self.result, self.time):
            combo.currentIndexChanged.connect(self._at_once)
        for date in (self.since, self.until):
            date.dateChanged.connect(self._at_once)
        self.clear_button.clicked.connect(self.all_wanted)

    def _lay_out(self) -> None:
        self.row = QHBoxLayout()
        self.row.setSpacing(theme.SPACE)
        self.row.addWidget(self.search, 2)
        for combo in (self.kind, self.result, self.time):
            self.row.addWidget(combo, 1)
        today = QDate.currentDate()
        between = QHBoxLayout(self.dates)
        between.setContentsMargins(0, 0, 0, 0)
        for words, date, begins in (
            (_("Fr&om"), self.since, today.addDays(-30)), (_("&to"), self.until, today),
        ):  # fmt: skip
            label = Label(words)
            label.setBuddy(date)
            date.setDate(begins)
            date.setCalendarPopup(True)
            between.addWidget(label)
            between.addWidget(date)
        self.dates.hide()
        below = QHBoxLayout(self.second)
        below.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in ((self.dates, 0), (self.count, 1), (self.clear_button, 0)):
            below.addWidget(widget, stretch)
        self.second.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self.row)
        layout.addWidget(self.second)

    def wanted(self, connector: str | None, ids: tuple[int, ...] = ()) -> Wanted:
        """What is looked for, of one connector or of all."""
        _words, kinds, changed = KINDS[self.kind.currentIndex()]
        since, until = self._span()
        return Wanted(
            connector=connector,
            text=self.search.text(),
            kinds=kinds,
            states=RESULTS[self.result.currentIndex()][1],
            since=since,
            until=until,
            changed=changed,
            ids=ids,
        )

    def show_found(self, count: int, *, narrow: bool) -> None:
        """So many are found, of all or of those that are looked for."""
        self.second.setVisible(narrow)
        self.count.setText(plural("{n} found", "{n} found", count))

    @property
    def narrow(self) -> bool:
        """Whether anything is left out."""
        return self.wanted(None) != Wanted()

    def clear(self) -> None:
        """Nothing is left out any more."""
        with QSignalBlocker(self):
            self.search.clear()
            for combo in (self.kind, self.result, self.time):
                combo.setCurrentIndex(0)
        self._at_once()

    def _span(self) -> tuple[str, str]:
        place = self.time.currentIndex()
        if place == len(TIMES) - 1:
            day_after = self.until.date().addDays(1)
            return _instant(self.since.date()), _instant(day_after)
        days = TIMES[place][1]
        return ("" if days is None else _instant(QDate.currentDate().addDays(-days))), ""

    def _at_once(self) -> None:
        self._soon.stop()
        self.dates.setVisible(self.time.currentIndex() == len(TIMES) - 1)
        self.changed.emit()


def _choices(name: str, words: list[str]) -> QComboBox:
    combo = Choices()
    combo.setAccessibleName(name)
    combo.addItems([_(one) for one in words])
    # Narrower than its longest word, rather than pushing others out of a narrow window.
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(8)
    return combo


def _instant(day: QDate) -> str:
    """When a day begins here, as instants are stored."""
    return instant_text(datetime.fromtimestamp(day.startOfDay().toSecsSinceEpoch(), UTC))
