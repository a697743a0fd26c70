"""Gone in one SIS, still in another: who that is, and what is to become of them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from app.engine import naming
from app.errors import SyncError
from app.roster.entities import ENTITIES
from app.store import gone as store
from app.store import search
from app.store.database import Database
from app.store.gone import Gone
from app.text import N_, _, plural
from app.ui import faults
from app.ui.pages import Notice
from app.ui.parts.flow import Flow
from app.ui.parts.simple import button
from app.ui.places import ToRecord
from app.ui.reports.lines import AT_ONCE, LinesDialog
from app.ui.reports.rows import LinesModel, Row, Seen, row_of
from app.ui.room import Said
from app.ui.session import Session
from app.ui.wording import day_and_time, instant, number

LOW = 560
"""Below this height the words on top give way."""
TYPE, RECORD, ABOUT, GONE, SINCE, STILL = range(6)
HEADINGS = (
    N_("Type"), N_("Record"), N_("What it is"), N_("Gone in"), N_("Since"), N_("Still in"),
)  # fmt: skip
MOST = {RECORD: 240, ABOUT: 320}


class GoneDialog(LinesDialog):
    """Listed one by one: ended here as well, or left as it is."""

    go = Signal(object)
    """Leads to a record: a ``Place``; the report is left."""
    said = Signal(object)
    """A ``Said``: what was done."""
    undo = Signal()
    """What was done last is to be taken back."""

    file_name = N_("gone.csv")
    topic = "gone"

    def __init__(self, parent: QWidget | None, session: Session) -> None:
        super().__init__(
            parent,
            session,
            _("Gone in one, still in the other"),
            _(
                "One SIS does not tell of these any more, and another one still does: so nothing "
                "has ended here. Where they have really left, end them; where the first SIS is "
                "wrong, its registrar mends it; what is meant so can be left as it is."
            ),
            LinesModel([_(one) for one in HEADINGS]),
            _("Gone in one, still in the other"),
            MOST,
        )
        self._left: dict[str, list[int]] = {}
        """What was left as it is last, by connector: the notice can take that back."""
        self.end_button = button(_("&End it here…"), self.end)
        self.end_button.setToolTip(
            _("The SIS that still has it is told only where removals are sent to it")
        )
        self.leave_button = button("", self.leave)
        self.record_button = button(_("Open the &record"), self._open)
        self.notice = Notice()
        self.notice.undo.connect(self._take_back)
        below = Flow()
        for one in (self.record_button, self.end_button, self.leave_button):
            one.setAutoDefault(False)
            below.addWidget(one)
        self.body.addLayout(below)
        self.body.addWidget(self.notice)
        self.school.hide()
        self.table.selectionModel().selectionChanged.connect(self._offer)
        self.lines.modelReset.connect(self._offer)
        self.table.activated.connect(self._open)
        self.session.refused.connect(self._refused)
        QWidget.setTabOrder(self.table, self.record_button)
        QWidget.setTabOrder(self.record_button, self.end_button)
        QWidget.setTabOrder(self.end_button, self.leave_button)
        QWidget.setTabOrder(self.leave_button, self.save_button)
        self._offer()
        self.look()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """On a low screen the lines need the height more than what explains them."""
        super().resizeEvent(event)
        self.words.setVisible(self.height() >= LOW)

    # -- the report --

    def question(self) -> Callable[[Database], Seen]:
        """All there are."""
        return lambda database: Seen(store.gone(database), {})

    def put_in_words(self, database: Database, seen: Seen, start: int) -> list[Row]:
        """The next lines from a place on."""
        lines: Sequence[Gone] = seen.lines[start : start + AT_ONCE]
        named = search.named(database, [(one.entity, one.record) for one in lines])
        now = datetime.now(UTC)
        found = []
        for one in lines:
            who = named.get((one.entity, one.record))
            found.append(
                row_of(
                    one,
                    (
                        _(ENTITIES[one.entity].one),
                        naming.title(who.row, who.titles) if who else f"#{one.record}",
                        naming.about(who) if who else "",
                        one.connector,
                        _since(one, now),
                        ", ".join(one.still),
                    ),
                )
            )
        return found

    def fits(self) -> Callable[[Gone], bool]:
        """All of them: no school is chosen."""
        return lambda _line: True

    def nothing(self) -> str:
        """Nobody is."""
        return _("Whoever is gone in one SIS is gone in the others, too.")

    def _offer_schools(self, seen: Seen) -> None:
        """Schools are told beside each record."""
        self.narrow()

    # -- what can be done --

    def _offer(self) -> None:
        chosen = self.chosen()
        self.record_button.setEnabled(len(chosen) == 1)
        self.end_button.setEnabled(len(chosen) == 1)
        self.leave_button.setEnabled(bool(chosen))
        self.leave_button.setText(
            plural("&Leave {n} as it is", "&Leave {n} as they are", len(chosen) or 1)
        )
        if chosen:
            self.notice.hide()  # it was about others

    def end(self) -> None:
        """Ends the chosen record here."""
        if len(rows := self.chosen()) == 1:
            one, called = rows[0].line, rows[0].words[RECORD]
            words = _("“{name}” has ended here.").format(name=called)
            self.session.command(
                "end_record", one.entity, one.record, then=partial(self._ended, words)
            )

    def _ended(self, words: str, change_set: int) -> None:
        self.said.emit(Said(words, undo=change_set))
        if isValid(self):
            self._left = {}
            self.notice.say(words, undo=True)
            self.look()

    def leave(self) -> None:
        """The chosen ones are told no more."""
        left: dict[str, list[int]] = {}
        for row in self.chosen():
            left.setdefault(row.line.connector, []).append(row.line.record)
        for name, records in left.items():
            self.session.command("leave_gone", name, records, then=partial(self._was_left, left))

    def _was_left(self, left: dict[str, list[int]], _count: int) -> None:
        if isValid(self):
            self._left = left
            told = plural("{n} is left as it is, and not told any more.",
                          "{n} are left as they are, and not told any more.",
                          sum(map(len, left.values())))  # fmt: skip
            self.notice.say(told, undo=True)
            self.look()

    def _take_back(self) -> None:
        """What was left is told again; an end is undone as everywhere."""
        if not self._left:
            self.undo.emit()
            return
        for name, records in self._left.items():
            self.session.command("leave_gone", name, records, alone=False, then=self._told_again)
        self._left = {}

    def _told_again(self, _count: int) -> None:
        if isValid(self):
            self.notice.hide()
            self.look()

    def undone(self, said: Said) -> None:
        """What was done last is taken back, or why not."""
        self.notice.say(said.words, undo=said.undo is not None)
        self.look()

    def _refused(self, error: BaseException) -> None:
        """What the window says of it stands behind this dialog."""
        if isinstance(error, SyncError):
            self.notice.say(faults.told(error))
            self._offer()

    def _open(self) -> None:
        if len(rows := self.chosen()) == 1:
            self.accept()
            self.go.emit(ToRecord(rows[0].line.entity, rows[0].line.record))


def _since(one: Gone, now: datetime) -> str:
    """When that was noticed, and by which sync; blank where nobody knows any more."""
    if one.since is None:
        return ""
    when = day_and_time(instant(one.since), now)
    if one.run is None:
        return when
    return _("{when}, sync #{id}").format(when=when, id=number(one.run))
