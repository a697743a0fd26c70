"""What could not be sent, and what is to be sent: why, and what can be done about it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout

from app.engine.told import counted
from app.roster.entities import ENTITIES
from app.store import outbox
from app.store.database import Database
from app.store.differences import titled
from app.store.outbox import REFUSED, UNKNOWN, WAITING_ON, WAITS_IN_VAIN, Unsent
from app.text import N_, SENTENCES, _, plural, sentence
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

RECORD, WHAT, STATE, WHY = range(4)
HEADINGS = (N_("Record"), N_("To do at the SIS"), N_("How it stands"), N_("Why"))
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


def failed(one: Unsent) -> bool:
    """Whether it could not be sent."""
    in_vain = one.state == WAITING_ON and one.words == WAITS_IN_VAIN
    return one.state in (REFUSED, UNKNOWN) or in_vain


def stuck(one: Unsent) -> bool:
    """Whether a person may give it up: of what may have arrived, that has to be known first."""
    return failed(one) and one.state != UNKNOWN


class UnsentModel(PagedModel[Key, Unsent]):
    """All rows are known at once; what their records are called is read when they are seen."""

    def __init__(self) -> None:
        super().__init__()
        self.headings = [_(one) for one in HEADINGS]
        self.all: Mapping[Key, Unsent] = {}
        self.titles: dict[int, str] = {}

    def cell(self, row: Unsent, column: int, role: int) -> object:
        """Words alone."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if column == RECORD:
            type_, title = _(ENTITIES[row.entity].one), self.titles.get(row.record)
            return _("{type}: {title}").format(type=type_, title=title or f"#{row.record}")
        if column == WHAT:
            return _(ACTIONS[row.action])
        if column == STATE:
            return _(STATES[row.state])
        why = sentence(row.words, row.about) if row.words in SENTENCES else row.words
        if row.next_at is None:
            return why
        when = day_and_time(instant(row.next_at), datetime.now(UTC))
        return f"{why} {_('Next try {when}.').format(when=when)}".strip()


class UnsentRoom(Page):
    """Tried again, kept here, or given up for what the SIS says."""

    title = N_("Could not send")
    places = (ToUnsent,)

    def __init__(self) -> None:
        super().__init__()
        self._place = ToUnsent()
        self._found: Sequence[Unsent] = ()
        self.headline = heading()
        self.which = QComboBox()
        self.which.addItem(_("What could not be sent"), False)
        self.which.addItem(_("Everything that is not at the SIS yet"), True)
        label = Label(_("Sho&w"))
        label.setBuddy(self.which)
        self.which.currentIndexChanged.connect(self._show)
        self.model = UnsentModel()
        self.table = PagedTable(self.model, _("What is not at the SIS"), self)
        self.table.doubleClicked.connect(self._open)
        self.nothing = text(quiet=True)
        self.nothing.setText(_("Everything has been sent."))
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.retry_button = button("", self.retry, main=True)
        self.keep_button = button("", self.keep)
        self.theirs_button = button("", self.take_theirs)
        self.record_button = button(_("Open the record"), self._open)
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE)
        top.addWidget(self.headline, 1)
        top.addWidget(label)
        top.addWidget(self.which)
        buttons = in_lines(
            self.retry_button, self.keep_button, self.theirs_button, self.record_button
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
        self.ask("unsent", lambda db: outbox.unsent(db, name), self._seen)

    def _seen(self, found: Sequence[Unsent]) -> None:
        self._found = found
        self._show()
        if not self.model.ids and not self._place.waiting:
            self.done.emit()

    def _show(self) -> None:
        everything = bool(self.which.currentData())
        shown = [one for one in self._found if everything or failed(one)]
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
        if shown and first:
            self.table.begin()
        self.table.setVisible(bool(shown))
        self.nothing.setVisible(not shown)
        self._offer()

    def _read(self, ids: list[Key]) -> None:
        self.ask("titles", lambda db: _titles(db, ids), lambda found: self._put(ids, found))

    def _put(self, ids: list[Key], titles: Mapping[int, str]) -> None:
        self.model.titles.update(titles)
        self.model.put({id_: self.model.all[id_] for id_ in ids if id_ in self.model.all})

    # -- what can be done --

    def chosen(self) -> list[Unsent]:
        """What the buttons are about."""
        return [self.model.all[id_] for id_ in self.table.chosen_ids() if id_ in self.model.all]

    def _offer(self) -> None:
        rows = self.chosen()
        again = [one for one in rows if failed(one) or one.state == "kept" or one.next_at]
        give_up = [one for one in rows if stuck(one)]
        theirs = [one for one in give_up if one.action == "update"]
        names = {one.connector for one in theirs}
        self.retry_button.setEnabled(bool(again))
        self.keep_button.setEnabled(bool(give_up))
        self.theirs_button.setVisible(len(names) <= 1)
        self.theirs_button.setEnabled(bool(theirs))
        self.record_button.setEnabled(len(rows) == 1)
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


def _titles(database: Database, ids: Sequence[Key]) -> dict[int, str]:
    return titled(database, {(entity, record) for _name, entity, record in ids})
