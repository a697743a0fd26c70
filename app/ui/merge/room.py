"""The room of differences: what is to be decided on the left, one record side by side beside it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QSettings, QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.engine import precedent
from app.engine.causes import Cause, causes
from app.engine.decisions import Decision, Resolved, Take
from app.engine.overview import Overview
from app.engine.precedent import Precedent
from app.engine.told import part_word
from app.errors import NotFound, SyncError
from app.roster.parts import part_name
from app.store import reads
from app.store.beside import Beside, beside
from app.store.database import Database
from app.store.differences import Difference, titled
from app.text import N_, _, plural, sentence
from app.ui import theme
from app.ui.keys import Keys
from app.ui.merge.account import Account
from app.ui.merge.alike import Alike, AlikeDialog, AlwaysDialog, alike
from app.ui.merge.panel import Finished, RecordPanel
from app.ui.merge.queue import Id, Queue
from app.ui.merge.sheet import Row, Sheet
from app.ui.parts.dialog import Asking
from app.ui.places import Place, ToDifferences, ToInbox, ToRecord, ToSyncs
from app.ui.room import Room, Said

Left = tuple[list[Cause], dict[int, str]]
"""The causes, and what the schools in them are called."""
Opened = tuple[Beside, dict[str, Take | None]]
"""A record, and by part the way that could be a rule by now."""


class MergeRoom(Room):
    """Differences, grouped by cause, and settled one by one or many at once."""

    title = N_("Differences")
    places = (ToDifferences,)

    def __init__(self) -> None:
        super().__init__()
        self.queue, self.panel, self.finished = Queue(), RecordPanel(), Finished()
        self.grid = self.panel.grid
        self._wanted = ToDifferences()
        self._settings: QSettings | None = None
        self.account = Account()
        self._chosen_among: dict[int, Cause] = {}
        """What was alike when a side of a difference was chosen, and how it stood."""
        self._current: int | None = None
        self._sheets: dict[tuple[str, str, int], Sheet] = {}
        """Records looked at, with what was chosen and not accepted yet."""
        self._offers: dict[str, Take | None] = {}
        self._waiting, self._first = 0, ""
        """How many decisions wait, of whatever kind, and what the first of them is about."""
        self._made: list[int] = []
        """The change sets of what was settled here."""
        self._decided = 0
        """How often decisions were carried out."""
        self.left = 0
        """How many differences are left."""
        self._hint = ""
        self._busy = self._known = False
        """Whether a decision is on its way, and whether it is known what is left."""
        self._lay_out()
        self._connect()
        self._show_record()

    # -- parts --

    def _lay_out(self) -> None:
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(1)
        self.split.addWidget(self.queue)
        self.split.addWidget(self.panel)
        self.split.setStretchFactor(1, 1)
        self.split.setSizes([230, 10_000])
        self.queue.setMinimumWidth(150)
        self.blank = QWidget()
        self.blank.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.blank.setAccessibleName(_(self.title))
        self.pages = QStackedWidget()
        for page in (self.blank, self.split, self.finished):
            self.pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, theme.SPACE, 0, 0)
        whole.addWidget(self.pages)

    def _connect(self) -> None:
        self.queue.chosen.connect(self.open)
        self.queue.content.wanted.connect(self._read_titles)
        self.queue.list.activated.connect(lambda _index: self.start())
        self.finished.on.connect(self._go_on)
        self.grid.current.connect(self._moved)
        self.grid.taken.connect(self.take)
        self.grid.own_asked.connect(self.type_own)
        own = self.grid.own
        own.check, own.wrong = self._wrong_with, self._say
        own.taken.connect(self._typed)
        own.closeEditor.connect(self._edit_ended)
        do = self.panel.actions_
        for action, does in (
            (do.takes[Take.OURS], lambda: self.take(Take.OURS)),
            (do.takes[Take.SIS], lambda: self.take(Take.SIS)),
            (do.takes[Take.BASE], lambda: self.take(Take.BASE)),
            (do.takes[Take.OWN], self.type_own), (do.clear, self.choose_nothing),
            (do.next_field, lambda: self.grid.step(1)),
            (do.previous_field, lambda: self.grid.step(-1)),
            (do.next_record, lambda: self.step(1)), (do.previous_record, lambda: self.step(-1)),
            (do.accept, self.accept_all), (do.same, self.ask_alike), (do.always, self.ask_always),
            (do.last_agreed, self._toggle_base), (do.fold, self.grid.fold),
            (do.hints, self._toggle_hints), (do.open_record, self._open_record),
        ):  # fmt: skip
            action.triggered.connect(lambda _on=False, does=does: does())

    def bind(self, keys: Keys, settings: QSettings) -> None:
        """Letters and digits, heard while the grid has the focus."""
        self.panel.actions_.bind(keys)
        keys.changed.connect(self._show_hints)
        self._settings = settings
        self.grid.show_base(settings.value("merge/last_agreed", False, type=bool) is True)
        self._show_hints()

    # -- the room --

    def look(self) -> None:
        """Asks what is left to decide."""
        name, decided = self.connector, self._decided

        def show(left: Left) -> None:
            if decided == self._decided:
                self._show_left(left)
            else:
                self.look_soon()  # it was asked before the last decisions were carried out

        self.ask("left", lambda database: _left(database, name), show)

    def forget(self) -> None:
        """Shows nothing."""
        self._wanted, self.account = ToDifferences(), Account()
        self._sheets.clear()
        self._chosen_among.clear()
        self._current, self.left, self._hint, self._made = None, 0, "", []
        self._busy = self._known = False
        self.queue.show_causes([], {})
        self.grid.show_sheet(None)
        self._show_record()

    def show_place(self, place: Place) -> None:
        """The differences of those ids, or all."""
        assert isinstance(place, ToDifferences)
        if place != self._wanted:
            self._wanted = place
            self.account.ask_for(place.ids)
            self._current = None
            if not self.left:
                self._known = False
                self._show_record()
        self.look_now()

    def show_overview(self, overview: Overview) -> None:
        """Where nothing is left here, something else may wait."""
        self._waiting = overview.waiting(self.connector)
        self._first = overview.first(self.connector)
        if self.over:
            self._show_record()

    @property
    def over(self) -> bool:
        """Whether it says that no difference is left, of any group."""
        return self.pages.currentWidget() is self.finished and not self.account.others

    def place(self) -> Place:
        """What it shows."""
        return self._wanted

    def start(self) -> None:
        """In the grid, or on what leads on from here."""
        page, onto = self.pages.currentWidget(), self.blank
        if page is not onto:
            button = self.finished.on_button
            onto = button if button.isVisibleTo(self.finished) else self.finished
            onto = self.grid if page is self.split else onto
        onto.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- the queue --

    def _show_left(self, left: Left) -> None:
        found, schools = left
        self._known = True
        back = self.account.read(found)
        for sheet in self._sheets.values():
            if self.connector in (None, sheet.beside.connector):
                self._drop_settled(sheet, self.account.open)
        self.queue.show_causes(self.account.causes, schools)
        self.queue.content.stale()
        order = self.queue.order()
        self.left = len(order)
        if back:
            self._current = back[0]  # what was undone is what one wants to see
        if self._current not in order:
            if self.grid.editing:
                self._say(
                    _("This was settled elsewhere meanwhile. What you type stays until Escape.")
                )
                return  # it is looked at again when that is done
            self._current = order[0] if order else None
        self._show_progress()
        if self._current is not None:
            self.open(self._current)
        else:
            self.grid.show_sheet(None)
            self._show_record()

    def _drop_settled(self, sheet: Sheet, standing: Collection[int]) -> None:
        """Of a difference that was settled elsewhere nothing that a person typed goes unsaid."""
        if self._busy:
            return  # it may be what is being settled here
        told = [
            _(
                "“{field}” of {record} was settled elsewhere meanwhile. What you typed is not "
                "taken: {text}"
            ).format(
                field=part_word(one.entity, part_name(one.part)),
                record=sheet.beside.title,
                text=", ".join(filter(None, choice.texts.values())),
            )
            for one in sheet.beside.differences
            if one.id not in standing
            and (choice := sheet.choices.pop(one.id, None)) is not None
            and choice.take is Take.OWN
        ]
        if told:
            self.said.emit(Said(" ".join(told)))

    def _read_titles(self, ids: list[Id]) -> None:
        of = self.queue.content.of
        wanted = {
            id_: (of[id_][0].entity, of[id_][1])
            for id_ in ids
            if isinstance(id_, int) and id_ in of
        }
        if wanted:
            self.ask(
                "titles",
                lambda database: _titles(database, wanted),
                lambda found: self.queue.content.put(found),
            )

    def step(self, by: int) -> None:
        """Looks at the next record, or the one before; what was chosen here is kept."""
        if (to := self._beside(by)) is not None:
            self.open(to)

    def _beside(self, by: int, but: Iterable[int] = ()) -> int | None:
        """The difference of another record that comes next, or before; round the ends."""
        order, gone = self.queue.order(), set(but)
        if self._current not in order:
            return order[0] if order else None
        sheet = self.grid.content.sheet
        gone |= {one.id for one in sheet.beside.differences} if sheet else {self._current}
        here = order.index(self._current)
        turned = order[here:] + order[:here]
        rest = [one for one in (turned if by > 0 else reversed(turned)) if one not in gone]
        return rest[0] if rest else None

    # -- one record --

    def open(self, difference: int) -> None:
        """Shows the record of a difference, and all that is asked of it."""
        self._current = difference
        self.queue.mark(difference)
        self.ask("record", lambda database: _opened(database, difference), self._show_opened)

    def _show_opened(self, opened: Opened | None) -> None:
        if opened is None:  # it was closed meanwhile
            self.look_soon()
            return
        found, self._offers = opened
        sheet = Sheet(found, datetime.now(UTC))
        before, shown = self._sheets.get(sheet.of), self.grid.content.sheet
        if self.grid.editing:
            return  # it is read again when that is done
        if before is None or before.beside != found or before is not shown:
            if before is not None:
                self._drop_settled(before, {one.id for one in found.differences})
                sheet.carry(before)
            self._sheets[sheet.of] = sheet
            if shown is None or shown.of != sheet.of:
                self._hint = ""
            with QSignalBlocker(self.grid):
                self.grid.show_sheet(sheet, self._current)
        self._show_record()

    @property
    def _holds(self) -> bool:
        """Whether no key is heard: a decision is on its way, or another record than is shown."""
        sheet = self.grid.content.sheet
        shown = {one.id for one in sheet.beside.differences} if sheet else set()
        return self._busy or (sheet is not None and self._current not in shown)

    def _go_on(self) -> None:
        """To the next group, or where all is that waits."""
        others = self.account.others
        if others:
            self.go.emit(ToDifferences(others[0].ids))
        else:
            self.go.emit(
                ToInbox() if self._waiting or not self._made else ToSyncs(tuple(self._made))
            )

    def _moved(self) -> None:
        if not self.grid.editing:
            self._hint = ""  # what is wrong with a text stays while that stands in its editor
        self._show_record()

    def _show_record(self) -> None:
        """The record, and what can be done about the row that is chosen."""
        one = self.grid.difference
        nothing = self.grid.content.sheet is None and not self.left
        page = self.split if not nothing else self.finished if self._known else self.blank
        if page is not self.pages.currentWidget():
            waited = self.window().focusWidget() in (self.finished.on_button, self.blank)
            self.pages.setCurrentWidget(page)
            if waited:
                self.start()  # or the focus would go to the list, where no key decides
        self.finished.say(self.account.settled, self.account.others, self._waiting, self._first)
        self.panel.show_row(
            self._hint,
            self.queue.cause_of(one.id) if one else None,
            self._offers.get(part_name(one.part)) if one else None,
            busy=self._busy,
        )

    def _show_progress(self) -> None:
        self.panel.show_progress(self.account.settled_here, self.left)

    def _say(self, text: str) -> None:
        """A hint, until the next step."""
        self._hint = text
        self._show_record()

    def _open_record(self) -> None:
        if (sheet := self.grid.content.sheet) is not None:
            self.go.emit(ToRecord(sheet.beside.entity, sheet.beside.detail.record.id))

    # -- choosing --

    def take(self, take: Take) -> None:
        """Takes a side for the row that is chosen, and goes to the next that is undecided."""
        sheet, one = self.grid.content.sheet, self.grid.difference
        if sheet is None or one is None or self._holds:
            return
        self.start()
        if cannot := sheet.cannot(one, take):
            self._say(cannot)
            return
        sheet.choose(one, take)
        if (cause := self.queue.cause_of(one.id)) is not None:
            self._chosen_among[one.id] = cause
        self.grid.content.refresh()
        if not self.grid.go_to_undecided():
            self._say("")

    def choose_nothing(self) -> None:
        """Takes the choice for the row back."""
        sheet, one = self.grid.content.sheet, self.grid.difference
        if sheet is not None and one is not None and one.id in sheet.choices and not self._holds:
            del sheet.choices[one.id]
            self.grid.content.refresh()
            self._show_record()

    def type_own(self) -> None:
        """Lets a person type what is to stand here."""
        sheet, one = self.grid.content.sheet, self.grid.difference
        if sheet is None or one is None or self._holds:
            return
        self.start()
        if cannot := sheet.cannot(one, Take.OWN):
            self._say(cannot)
        else:
            self.grid.begin_edit()

    def _wrong_with(self, row: Row, text: str) -> str:
        """What is wrong with an own value; nothing is taken over yet."""
        sheet = self.grid.content.sheet
        if sheet is None or row.asked is None:
            return ""
        return sheet.wrong_with(row.asked, row.name, text)

    def _typed(self, row: Row, text: str) -> None:
        sheet = self.grid.content.sheet
        if sheet is not None and row.asked is not None:
            sheet.own(row.asked, row.name, text)
            self.grid.content.refresh()

    def _edit_ended(self) -> None:
        self._hint = ""
        self._show_record()
        self.look_soon()

    # -- accepting --

    def accept_all(self) -> None:
        """Carries out what is chosen for the record, where all of it is."""
        sheet = self.grid.content.sheet
        if sheet is None or self.session is None or self._holds or self.grid.editing:
            return
        self.start()
        if self.grid.on_fold():
            self.grid.fold()
            return
        if undecided := sheet.undecided:
            self.grid.go_to_undecided()
            self._say(
                plural(
                    "Choose what is right for this field first.",
                    "Choose what is right for {n} fields first.",
                    len(undecided),
                )
            )
            return
        told = sheet.told()
        self._resolve(sheet.decisions(), lambda _count: told)

    def _resolve(
        self, decisions: Sequence[Decision], told: Callable[[int], str], *, always: bool = False
    ) -> None:
        """Has decisions carried out; ``told`` says of how many they were what was done."""
        if self.session is None:
            return
        self._busy = True
        self._show_record()
        self.session.request(
            "resolve", decisions, always=always, then=lambda done: self._resolved(done, told)
        )

    def _resolved(self, done: Resolved | SyncError, told: Callable[[int], str]) -> None:
        """What was decided leaves the queue; what was left out is told where it stands."""
        if self.session is None:
            return
        self._busy, self._hint = False, ""
        self._decided += 1
        if isinstance(done, SyncError):
            self._say(sentence(done.code, done.parameters))
            return
        applied = set(done.applied)
        for sheet in self._sheets.values():
            for id_ in applied & sheet.choices.keys():
                del sheet.choices[id_]
        left_out = {one.conflict: one for one in done.left_out}
        to = next(iter(left_out), None) or self._beside(1, applied)
        self.account.settle(applied)
        self.queue.show_causes(self.account.causes, self.queue.content.schools)
        self.left = len(self.queue.order())
        self._show_progress()
        if done.change_set is not None:
            self._made.append(done.change_set)
            self.said.emit(Said(told(len(applied)), undo=done.change_set))
        if left_out:
            first = next(iter(left_out.values()))
            self._hint = _("{count} {why}").format(
                count=plural(
                    "{n} decision was left out, because something has changed since.",
                    "{n} decisions were left out, because something has changed since.",
                    len(left_out),
                ),
                why=sentence(first.reason, first.parameters),
            )
        if to is not None:
            self.open(to)
        else:
            self._current = None
            self.grid.show_sheet(None)
            self._show_record()
        self.look_soon()

    # -- many at once --

    def ask_alike(self) -> None:
        """Shows what the same choice would do for all that are like this one."""
        sheet, one = self.grid.content.sheet, self.grid.difference
        cause = self.queue.cause_of(one.id) if one else None
        if sheet is None or one is None or cause is None or self._holds:
            return
        choice = sheet.choices.get(one.id)
        if choice is None:
            self._say(_("Choose first what to take here; then the same can be done for all."))
            return
        if choice.take is Take.OWN:
            self._say(_("An own value is for one record. Choose a side to do the same for all."))
            return
        take, does = choice.take, sheet.does_alike(one, choice.take)
        among = self._chosen_among.get(one.id, cause)
        self.ask(
            "alike",
            lambda database: alike(database, among, one),
            lambda found: self._show_alike(cause, take, does, found),
        )

    def _show_alike(self, cause: Cause, take: Take, does: str, found: Alike) -> None:
        self._open_dialog(
            AlikeDialog(
                self, cause, take, found, does, lambda: self._take_alike(take, found.revisions)
            )
        )

    def _open_dialog(self, dialog: Asking) -> None:
        """Asks in it, for as long as its session lasts."""
        if self.session is not None:
            self.session.closed.connect(dialog.reject)
            dialog.open()

    def _take_alike(self, take: Take, revisions: Mapping[int, int]) -> None:
        decisions = [Decision(id_, take, revision=seen) for id_, seen in revisions.items()]
        self._hint = plural("Settling {n} difference…", "Settling {n} differences…", len(decisions))
        self._resolve(
            decisions,
            lambda count: plural(
                "{n} difference is settled.", "{n} differences are settled.", count
            ),
        )

    # -- from now on --

    def ask_always(self) -> None:
        """Shows what the rule would have decided so far."""
        one = self.grid.difference
        rule = self._offers.get(part_name(one.part)) if one else None
        if one is None or rule is None:
            return
        part = part_name(one.part)

        def asked(database: Database) -> tuple[Precedent, dict[int, str]]:
            now = datetime.now(UTC)
            found = precedent.precedent(database, one.connector, one.entity, part, rule, now)
            return found, titled(database, [(one.entity, past.record) for past in found.samples])

        self.ask("precedent", asked, lambda found: self._show_always(one, part, *found))

    def _show_always(
        self, one: Difference, part: str, found: Precedent, titles: dict[int, str]
    ) -> None:
        self._open_dialog(
            AlwaysDialog(
                self, one, part, found, titles, lambda: self._decide_always(one, part, found.take)
            )
        )

    def _decide_always(self, one: Difference, part: str, take: Take) -> None:
        text = (
            _("From now on ours is kept for “{field}”, and nobody is asked.")
            if take is Take.OURS
            else _("From now on {name}'s is taken for “{field}”, and nobody is asked.")
        ).format(name=one.connector, field=part_word(one.entity, part))
        decision = Decision(one.id, take, revision=one.revision)
        self._resolve([decision], lambda _count: text, always=True)

    # -- what is shown of it --

    def _toggle_base(self) -> None:
        shown = not self.grid.base_shown
        self.grid.show_base(shown)
        if self._settings is not None:
            self._settings.setValue("merge/last_agreed", shown)

    def _toggle_hints(self) -> None:
        if self._settings is not None:
            self._settings.setValue("merge/no_hints", not self._hints_hidden)
            self._show_hints()

    def _show_hints(self) -> None:
        self.panel.show_hints(on=not self._hints_hidden)

    @property
    def _hints_hidden(self) -> bool:
        settings = self._settings
        return settings is not None and settings.value("merge/no_hints", False, type=bool) is True


# -- asked on the reader's thread ---------------------------------------------------------------


def _left(database: Database, connector: str | None) -> Left:
    found = causes(database, connector)
    schools = {cause.schools[0] for cause in found if len(cause.schools) == 1}
    return found, reads.titles(database, ("orgs", schools))


def _opened(database: Database, difference: int) -> Opened | None:
    try:
        found = beside(database, difference)
    except NotFound:
        return None
    parts = {part_name(one.part) for one in found.differences}
    return found, {
        part: precedent.offered(database, found.connector, found.entity, part) for part in parts
    }


def _titles(database: Database, records: Mapping[int, tuple[str, int]]) -> dict[Id, Cause | str]:
    found = titled(database, set(records.values()))
    return {id_: found.get(record, f"#{record}") for id_, (_entity, record) in records.items()}
