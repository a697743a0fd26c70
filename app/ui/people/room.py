"""The room of people and classes."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from app.engine.events import Progress, RunEnded
from app.engine.overview import doubts
from app.engine.roll import Rolls
from app.errors import BusyError, SyncError
from app.store import matching, profile, reads, search
from app.store.database import Database
from app.store.reads import RunRow
from app.store.search import Named, Which
from app.text import N_, _, plural, sentence
from app.ui.parts.dialog import Asking as Question
from app.ui.people import finding, page
from app.ui.people.editing import EditDialog
from app.ui.people.finding import Asked, Search
from app.ui.people.page import RecordPage, Seen
from app.ui.people.same import SameDialog
from app.ui.places import Place, ToFound, ToRecord
from app.ui.room import Room, Said
from app.ui.session import Session
from app.ui.wording import number

LAST = 12
"""So many records are remembered as looked at last: their ids, never their names."""


class PeopleRoom(Room):
    """One search, and the page of what is found."""

    back = Signal()
    """Back to where one came from."""

    def __init__(self) -> None:
        super().__init__()
        self.search, self.page = Search(), RecordPage()
        self.dialog: EditDialog | None = None
        """The dialog that was opened last."""
        self.uniting: SameDialog | None = None
        """The dialog in which it was last said that two are the same."""
        self.question: Question | None = None
        """The question that was asked last."""
        self._shown: ToRecord | None = None
        self._last: list[Which] = []
        self._asking: list[threading.Event] = []
        self._syncing: dict[int, int] = {}
        """The class of each sync of a class that is under way."""
        self._wants_sync = False
        self.stack = QStackedWidget()
        self.stack.addWidget(self.search)
        self.stack.addWidget(self.page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        self.search.asks.connect(self._find)
        self.search.opened.connect(lambda which: self.go.emit(ToRecord(*which)))
        self.search.list.records.wanted.connect(self._read_found)
        self._connect_page()

    def _connect_page(self) -> None:
        shown = self.page
        shown.go.connect(self._go)
        shown.back.connect(self.back)
        shown.relatives.asks.connect(self._read_relatives)
        shown.relatives.list.records.wanted.connect(self._read_rows)
        shown.edits.connect(self.edit)
        shown.ends.connect(partial(self._change, "end_record", N_("“{name}” has ended here.")))
        shown.restores.connect(partial(self._change, "restore", N_("“{name}” is back.")))
        shown.protects.connect(self._protect)
        shown.unites.connect(self.unite)
        shown.parts.connect(self._ask_to_part)
        shown.syncs.connect(self.sync_class)
        shown.cancels_sync.connect(self._cancel_sync)
        shown.at_sis.asks.connect(self._look_up)
        shown.roll.asks.connect(self._ask_roll)
        for part in (shown.at_sis, shown.roll):
            part.cancels.connect(self._stop_asking)

    # -- what the window calls --

    def enter(self, session: Session) -> None:
        """A session has opened."""
        super().enter(session)
        session.progressed.connect(self._progressed)
        session.ended.connect(self._ended)

    def look(self) -> None:
        """Asks for what is in sight."""
        if self._shown is not None:
            which = self._shown
            self.ask("record", lambda db: page.look(db, which), self._show_record)
        else:
            self._find(self.search.asked)
            self.search.list.records.stale()

    def forget(self) -> None:
        """Shows nothing."""
        self._stop_asking()
        self._shown = None
        self._last.clear()
        self._syncing.clear()
        self.search.forget()
        self.page.show_seen(None)
        self.stack.setCurrentWidget(self.search)

    def place(self) -> Place:
        """The search, or the record."""
        return self._shown or self.search.place()

    def show_place(self, place: Place) -> None:
        """A search, or a record."""
        self._stop_asking()
        if isinstance(place, ToFound):
            self._shown = None
            self.stack.setCurrentWidget(self.search)
            self.search.show_place(place)
        elif isinstance(place, ToRecord):
            self._shown = place
            self._remember((place.entity, place.id))
            self.page.show_seen(None)
            self.stack.setCurrentWidget(self.page)
            self.look_now()
        self.start()

    def start(self) -> None:
        """In the field of the search, or in the page."""
        if self._shown is None:
            self.search.start()
        else:
            self.page.start()

    def _go(self, place: Place) -> None:
        self.go.emit(self.search.place() if place == ToFound() else place)

    # -- the search --

    def _find(self, asked: Asked) -> None:
        self.ask("found", lambda db: finding.look(db, asked), self.search.show_hits)

    def _read_found(self, which: list[Which]) -> None:
        self.ask("rows", lambda db: finding.named(db, which), self._show_found)

    def _show_found(self, rows: dict[Which, Named]) -> None:
        self.search.list.records.put(rows)

    def _remember(self, which: Which) -> None:
        self._last = [which, *(one for one in self._last if one != which)][:LAST]
        self.search.show_recent(self._last)

    # -- a record --

    def _show_record(self, seen: Seen) -> None:
        begins = self.page.seen is None
        self.page.show_seen(seen)
        if begins and self.isVisible() and self.stack.currentWidget() is self.page:
            self.page.start()

    def _read_relatives(self, entity: str, ended: bool) -> None:
        if (which := self._shown) is not None:
            self.ask(
                "relatives",
                lambda db: profile.related_ids(db, which.entity, which.id, entity, ended=ended),
                lambda ids: self.page.relatives.show_ids(entity, ids),
            )

    def _read_rows(self, which: list[Which]) -> None:
        self.ask("relatives' rows", lambda db: search.named(db, which), self._show_rows)

    def _show_rows(self, rows: dict[Which, Named]) -> None:
        self.page.relatives.show_rows(rows)

    # -- changing it --

    def edit(self, field: str = "") -> None:
        """Opens the form of the record, at a field."""
        seen = self.page.seen
        if self.session is None or seen is None or seen.profile is None:
            return
        self.dialog = EditDialog(self, self.session, seen.profile, field)
        self.dialog.saved.connect(self.said)
        self.dialog.open()

    def _protect(self, on: bool) -> None:
        words = N_("No sync ends “{name}” from now on.") if on else N_("Syncs may end “{name}”.")
        self._change("protect", words, on=on)

    def unite(self) -> None:
        """Asks which record is the same as the one in sight."""
        seen = self.page.seen
        if self.session is None or seen is None or seen.profile is None:
            return
        self.uniting = SameDialog(self, self.session, seen.profile)
        self.uniting.said.connect(self.said)
        self.uniting.open()

    def _ask_to_part(self, name: str) -> None:
        """Whether what a connector tells is a record of its own."""
        seen = self.page.seen
        if seen is None or seen.profile is None:
            return
        links = [one for one in seen.profile.detail.links if one.alive]
        keys = [key for one in links if one.connector == name for key in one.rows or (one.key,)]
        others = sorted({one.connector for one in links if one.connector != name})
        called = self.page.title.text()
        self.question = Question(
            self.window(),
            _("Not the same"),
            _("Does “{name}” tell of another one than {others}?").format(
                name=name, others=", ".join(_("“{name}”").format(name=one) for one in others)
            ),
            _(
                "“{record}” is then two records: each is what its SIS says, with its own classes "
                "and results. No rule makes them one again. This cannot be undone, but under "
                "Settings, “Who is whom”, it can be taken back: then it is asked anew."
            ).format(record=called),
        )
        part = partial(self._part, seen.asked, name, keys, called)
        self.question.offer(_("Keep them one"), _("Take them apart"), part, harms=True)
        self.question.open()

    def _part(self, which: ToRecord, name: str, keys: list[str], called: str) -> None:
        words = _("“{record}” is two records now: one of them is what “{name}” tells.").format(
            record=called, name=name
        )

        def parted(_names: list[str]) -> None:
            self.ask(
                "parted", lambda db: _parted_from(db, which.id),
                lambda other: self.said.emit(_said_parted(words, which.entity, other)),
            )  # fmt: skip

        if self.session is not None:
            self.session.command("split", which.entity, which.id, keys, then=parted)

    def _change(self, command: str, words: str, **named: bool) -> None:
        """A command on the record that makes a change set; ``words`` say what was done."""
        if self.session is None or (seen := self.page.seen) is None:
            return  # it has gone, and another one is read yet
        told = _(words).format(name=self.page.title.text())
        self.session.command(
            command,
            seen.asked.entity,
            seen.asked.id,
            then=lambda change_set: self.said.emit(Said(told, undo=change_set)),
            **named,
        )

    # -- asking the SIS --

    def _look_up(self) -> None:
        if (which := self._shown) is not None:
            self._request(which, self.page.at_sis.show_found, "look_up", which.entity, which.id)

    def _ask_roll(self) -> None:
        if (which := self._shown) is not None:
            self._request(which, self._show_roll, "roll", which.id)

    def _show_roll(self, found: Rolls | SyncError) -> None:
        self.page.roll.show_found(found)
        self.page.show_verdict()

    def _request(
        self, which: ToRecord, then: Callable[[Any], None], name: str, *args: object
    ) -> None:
        """Has the engine ask; the answer is shown if ``which`` is in sight yet."""

        def answered(found: object) -> None:
            if which == self._shown:
                then(found)

        if self.session is not None:
            self._asking.append(self.session.request(name, *args, then=answered))

    def _stop_asking(self) -> None:
        for cancel in self._asking:
            cancel.set()
        self._asking.clear()

    # -- syncing a class --

    def sync_class(self) -> None:
        """Syncs the class in sight with every SIS that knows it."""
        seen = self.page.seen
        if self.session is None or seen is None or seen.facts is None:
            return
        self._wants_sync = True
        for name in dict.fromkeys(link.connector for link in seen.facts.links):
            begun = partial(self._begun, name, seen.facts.id)
            self.session.command("sync_class", name, seen.facts.id, then=begun)

    def _refused(self, error: BaseException) -> None:
        super()._refused(error)
        if self._wants_sync and isinstance(error, BusyError):
            self._wants_sync = False
            self.said.emit(
                Said(_("Its SIS is being synced just now, and this class with it. Try it again "
                       "when that is over."))
            )  # fmt: skip

    def _begun(self, name: str, class_: int, run: int) -> None:
        self._wants_sync = False
        self._syncing[run] = class_
        self._progressed(Progress(run, name, "", 0, None, None))

    def _cancel_sync(self) -> None:
        for run in self.page.runs:
            if self.session is not None:
                self.session.command("cancel", run)

    def _progressed(self, told: Progress) -> None:
        if self._shown == ToRecord(page.CLASSES, self._syncing.get(told.run, 0)):
            self.page.show_run(told)

    def _ended(self, told: RunEnded) -> None:
        if (class_ := self._syncing.pop(told.run, None)) is not None:
            if self._shown == ToRecord(page.CLASSES, class_):
                self.page.end_run(told.run)
                self.page.roll.show_found(None)  # it was asked before the sync
                self.page.show_verdict()
            self.ask(f"run {told.run}", lambda db: reads.run(db, told.run), self._tell)

    def _tell(self, run: RunRow) -> None:
        """What the sync of a class came to, in the window's line."""
        if run.error_code:
            words = sentence(run.error_code, run.error_parameters)
            self.said.emit(Said(_("This class was not synced: {why}").format(why=words)))
            return
        if run.state == "cancelled":
            self.said.emit(Said(_("The sync of this class was cancelled.")))
            return
        changed = sum(run.total(name) for name in ("created", "updated", "deleted"))
        waits = run.total("waiting")
        told = [_("The class was synced; nothing has changed.")]
        if changed:
            told = [plural("The class was synced: {n} change.",
                           "The class was synced: {n} changes.", changed)]  # fmt: skip
        if run.state == "warnings":
            not_all = _("Not all of this class could be read, so nobody is taken for missing.")
            log = _("Its log stands in History as #{id}.").format(id=number(run.id))
            told = [not_all, *doubts(run), log, *(told if changed else ())]
        if waits:
            told.append(
                plural("{n} waits for your approval.", "{n} wait for your approval.", waits)
            )
        self.said.emit(Said(" ".join(told), undo=run.id if changed else None))


def _parted_from(database: Database, record: int) -> int | None:
    """The newest record of which it was said that it is not this one."""
    with database.reading() as tx:
        others = {id_ for pair in matching.parted(tx, [record]) for id_ in pair} - {record}
    return max(others, default=None)


def _said_parted(words: str, entity: str, other: int | None) -> Said:
    """That two are apart, with a way to the new one; what takes it back is another command."""
    leads = (_("Open the other record"), ToRecord(entity, other)) if other is not None else None
    return Said(words, final=_("Settings, “Who is whom”, takes it back."), leads=leads)
