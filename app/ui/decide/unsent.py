"""What could not be sent, and what is to be sent: why, and what can be done about it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.engine import naming
from app.engine.outgoing import fields_told, outgoing, titles_of
from app.engine.reasons import unsent_word
from app.engine.told import counted
from app.roster.entities import ENTITIES
from app.store import outbox, search
from app.store.database import Database
from app.store.outbox import (
    HELD,
    KEPT,
    REFUSED,
    RELEASED,
    UNKNOWN,
    WAITING,
    WAITING_ON,
    WAITS_IN_VAIN,
    Unsent,
)
from app.store.search import folded
from app.text import N_, _, plural
from app.ui import theme
from app.ui.decide.page import Page, PagedTable
from app.ui.parts.label import Label
from app.ui.parts.paged import PagedModel
from app.ui.parts.simple import button, heading, in_lines, text
from app.ui.places import Place, ToRecord, ToUnsent
from app.ui.room import Said
from app.ui.wording import day_and_time, instant

Key: TypeAlias = tuple[str, str, int]
"""Connector, record type and record."""

RECORD, SIS, WHAT, FIELDS, STATE, WHY = range(6)
HEADINGS = (
    N_("Record"), N_("SIS"), N_("To do at the SIS"), N_("What is sent"), N_("How it stands"),
    N_("Why"),
)  # fmt: skip
ACTIONS = {"create": N_("Add"), "update": N_("Change"), "delete": N_("Remove")}
STATES = {
    "waiting": N_("Waiting to send"),
    "waiting_on": N_("Waiting for what it refers to"),
    "released": N_("Approved, waiting to send"),
    "held": N_("Waiting for your approval"),
    "kept": N_("Kept here, as you decided"),
    "refused": N_("Refused by the SIS"),
    "unknown": N_("Not known whether it arrived"),
}
NEVER_SENT = N_("Not sent: the SIS does not take it")
"""Of what was refused here, and never reached the SIS."""


def state_word(one: Unsent) -> str:
    """How it stands; what was never sent was not refused by the SIS."""
    return _(NEVER_SENT) if one.never else _(STATES[one.state])


def waits(one: Unsent) -> bool:
    """Whether it goes, or may go, if nobody does anything."""
    return one.state in (WAITING, WAITING_ON, RELEASED, HELD) and not failed(one)


def failed(one: Unsent) -> bool:
    """Whether it could not be sent."""
    in_vain = one.state == WAITING_ON and one.words == WAITS_IN_VAIN
    return one.state in (REFUSED, UNKNOWN) or in_vain


def stuck(one: Unsent) -> bool:
    """Whether a person may give it up: of what may have arrived, that has to be known first."""
    return failed(one) and one.state != UNKNOWN


@dataclass(frozen=True)
class Found:
    """What is to be sent or could not be, and what the records are called."""

    rows: Sequence[Unsent]
    titles: Mapping[int, str] = field(default_factory=dict)
    about: Mapping[int, str] = field(default_factory=dict)
    """What to know those by that are new there: of a person the role, the school and the ID."""


class UnsentModel(PagedModel[Key, Unsent]):
    """All rows are known at once, with what their records are called."""

    def __init__(self) -> None:
        super().__init__()
        self.headings = [_(one) for one in HEADINGS]
        self.all: Mapping[Key, Unsent] = {}
        self.titles: Mapping[int, str] = {}
        self.about: Mapping[int, str] = {}

    def cell(self, row: Unsent, column: int, role: int) -> object:
        """Words alone."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if column == RECORD:
            type_, title = _(ENTITIES[row.entity].one), self.titles.get(row.record)
            return _("{type}: {title}").format(type=type_, title=title or f"#{row.record}")
        if column == SIS:
            return row.connector
        if column == WHAT:
            return _(ACTIONS[row.action])
        if column == FIELDS:
            return self.about.get(row.record) or fields_told(row, self.titles)
        if column == STATE:
            return state_word(row)
        why = unsent_word(row, self.titles, where=_("“Decide”"))
        if row.next_at is None:
            return why
        when = day_and_time(instant(row.next_at), datetime.now(UTC))
        return f"{why} {_('Next try {when}.').format(when=when)}".strip()


class UnsentRoom(Page):
    """What goes is stopped; what could not go is tried again, or given up."""

    title = N_("What is sent to the SIS")
    places = (ToUnsent,)

    def __init__(self) -> None:
        super().__init__()
        self._place = ToUnsent()
        self._found: Sequence[Unsent] = ()
        self.headline = heading()
        self.which = QComboBox()
        self.which.addItem(_("What could not be sent"), False)
        self.which.addItem(_("Everything that is not at the SIS yet"), True)
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Find a record"))
        self.search.setAccessibleName(_("Find a record"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._show)
        label = Label(_("Sho&w"))
        label.setBuddy(self.which)
        self.which.currentIndexChanged.connect(self._show)
        self.model = UnsentModel()
        self.table = PagedTable(self.model, _("What is not at the SIS"), self)
        self.table.doubleClicked.connect(self._open)
        self.nothing = text(quiet=True)
        self.nothing.setText(_("Everything has been sent."))
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stop_button = button("", self.stop)
        self.stop_button.setToolTip(_("It stays here as it is. Undo has it sent after all."))
        self.all_button = button(_("Choose all"), self.table.selectAll)
        self.retry_button = button("", self.retry, main=True)
        self.keep_button = button("", self.keep)
        self.theirs_button = button("", self.take_theirs)
        self.record_button = button(_("Open the record"), self._open)
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE)
        top.addWidget(self.headline, 1)
        top.addWidget(self.search)
        top.addWidget(label)
        top.addWidget(self.which)
        buttons = in_lines(
            *(self.retry_button, self.stop_button, self.keep_button, self.theirs_button),
            *(self.record_button, self.all_button),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.nothing, 1)
        layout.addLayout(buttons)
        self.model.wanted.connect(self._read)
        self.table.chosen.connect(self._offer)
        for one, other in pairwise((self.search, self.which, self.table)):
            QWidget.setTabOrder(one, other)
        self.forget()

    # -- as a room --

    def forget(self) -> None:
        """Shows nothing."""
        self._place, self._found = ToUnsent(), ()
        self._show()

    def show_place(self, place: Place) -> None:
        """Of a connector or of all; what could not be sent, or everything."""
        assert isinstance(place, ToUnsent)
        if place != self._place:
            self.forget()
            self._place = place
            self.which.setCurrentIndex(self.which.findData(place.waiting))
        self.look_now()

    def place(self) -> Place:
        """What is shown."""
        return self._place

    def start(self) -> None:
        """In the table."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def look(self) -> None:
        """Asks what is not at the SIS."""
        name = self._place.connector
        self.ask("unsent", lambda db: look(db, name), self._seen)

    def _seen(self, found: Found) -> None:
        self._found = found.rows
        self.model.titles, self.model.about = found.titles, found.about
        self._show()
        if not self.model.ids and not self._place.waiting:
            self.done.emit()

    def _show(self) -> None:
        everything = bool(self.which.currentData())
        words = folded(self.search.text()).split()
        shown = [
            one for one in self._found
            if (everything or failed(one)) and all(word in self._sought(one) for word in words)
        ]  # fmt: skip
        self.model.all = {(one.connector, one.entity, one.record): one for one in shown}
        first = not self.model.ids
        self.table.show_ids(list(self.model.all))
        self.model.stale()
        told = (
            plural("{n} change is not at the SIS yet", "{n} changes are not at the SIS yet",
                   len(shown))
            if everything
            else plural("{n} change could not be sent", "{n} changes could not be sent", len(shown))
        )  # fmt: skip
        self.headline.setText(told)
        self.table.setColumnHidden(SIS, len({one.connector for one in shown}) < 2)
        self.table.setColumnHidden(FIELDS, not any(getattr(one, "fields", ()) for one in shown))
        self.all_button.setVisible(len(shown) > 1)
        if shown and first:
            self.table.begin()
        self.table.setVisible(bool(shown))
        self.nothing.setVisible(not shown)
        self._offer()

    def _sought(self, one: Unsent) -> str:
        return folded(self.model.titles.get(one.record, ""))

    def _read(self, ids: list[Key]) -> None:
        self.model.put({id_: self.model.all[id_] for id_ in ids if id_ in self.model.all})

    # -- what can be done --

    def chosen(self) -> list[Unsent]:
        """What the buttons are about."""
        return [self.model.all[id_] for id_ in self.table.chosen_ids() if id_ in self.model.all]

    def _offer(self) -> None:
        rows = self.chosen()
        going = [one for one in rows if waits(one)]
        again = [one for one in rows if failed(one) or one.state == "kept" or one.next_at]
        give_up = [one for one in rows if stuck(one)]
        theirs = [one for one in give_up if one.action == "update"]
        names = {one.connector for one in theirs}
        self.retry_button.setVisible(bool(again))
        self.stop_button.setVisible(bool(going))
        self.keep_button.setVisible(bool(give_up))
        self.theirs_button.setVisible(len(names) == 1)
        self.record_button.setEnabled(len(rows) == 1)
        self.stop_button.setText(
            plural("Do not send {n} change", "Do not send {n} changes", len(going))
        )
        self.retry_button.setText(
            plural("Try {n} again with the next sync", "Try {n} again with the next sync",
                   len(again))
        )  # fmt: skip
        self.keep_button.setText(
            plural("Keep {n} here, do not send it", "Keep {n} here, do not send them",
                   len(give_up))
        )  # fmt: skip
        self.theirs_button.setText(
            _("Take what “{name}” says").format(name=next(iter(names)))
            if names
            else _("Take what the SIS says")
        )

    def retry(self) -> None:
        """Has what is chosen be tried again with the next sync."""
        for name, records in _by_connector(self.chosen()).items():
            if self.session is not None:
                ids = [record for _entity, record in records]
                self.session.command("retry", name, ids, then=self._retried)

    def _retried(self, count: int) -> None:
        told = plural("{n} is sent again with the next sync.", "{n} are sent again with the next "
                      "sync.", count)  # fmt: skip
        self.said.emit(Said(told))

    def stop(self) -> None:
        """Has what is chosen not be sent: it stays here as it is."""
        for name, records in _by_connector(filter(waits, self.chosen())).items():
            if self.session is not None:
                told = plural("{n} change is not sent to “{{name}}”, and stays here.",
                              "{n} changes are not sent to “{{name}}”, and stay here.",
                              len(records)).format(name=name)  # fmt: skip
                ids = [record for _entity, record in records]
                self.session.command("stop_sending", name, ids, then=self._telling(told))

    def keep(self) -> None:
        """Gives up sending what is chosen: it stands here alone."""
        for name, records in _by_connector(filter(stuck, self.chosen())).items():
            if self.session is not None:
                told = plural("{n} stays here and is not sent.", "{n} stay here and are not sent.",
                              len(records))  # fmt: skip
                ids = [record for _entity, record in records]
                self.session.command("keep_here", name, ids, then=self._telling(told))

    def take_theirs(self) -> None:
        """Gives up what is here for what the SIS says."""
        rows = [one for one in self.chosen() if stuck(one) and one.action == "update"]
        for name, records in _by_connector(rows).items():
            if self.session is not None:
                some = counted(len(records), records[0][0])
                told = _("{records}: what “{name}” says was taken.").format(records=some, name=name)
                self.session.command("take_theirs", name, records, then=self._telling(told))

    def _telling(self, words: str) -> Callable[[int], None]:
        return lambda change_set: self.said.emit(Said(words, change_set))

    def _open(self) -> None:
        if rows := self.chosen():
            self.go.emit(ToRecord(rows[0].entity, rows[0].record))


def _by_connector(rows: Iterable[Unsent]) -> dict[str, list[tuple[str, int]]]:
    """(entity, record) of each, by connector."""
    found: dict[str, list[tuple[str, int]]] = {}
    for one in rows:
        found.setdefault(one.connector, []).append((one.entity, one.record))
    return found


def look(database: Database, connector: str | None) -> Found:
    """What is to be sent and could not be; on the reader's thread."""
    rows = {(one.connector, one.entity, one.record): one
            for one in outbox.unsent(database, connector)
            if failed(one) or one.state == KEPT}  # fmt: skip
    found: list[Unsent] = []
    for one in outgoing(database, connector):
        rows.pop((one.connector, one.entity, one.record), None)
        found.append(one)
    found = [*rows.values(), *found]
    # Of demographics a yes or no tells nothing without its field.
    new = [
        (one.entity, one.record)
        for one in found
        if one.action == "create" and one.entity != "demographics"
    ]
    named = search.named(database, new)
    about = {record: naming.about(row) for (_entity, record), row in named.items()}
    return Found(found, titles_of(database, found), about)
