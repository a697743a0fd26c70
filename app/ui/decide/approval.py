"""What waits of a connector for approval: by school and record by record, approved or refused."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.engine import inbox
from app.engine.events import Progress, RunEnded
from app.engine.inbox import Harm, Line
from app.engine.told import counted
from app.errors import BusyError, SyncError
from app.store import inbox as store
from app.store import reads, waiting
from app.store.database import Database
from app.store.inbox import Emptied, Held, Item
from app.store.listing import SENT
from app.store.outbox import CREATIONS
from app.store.reads import RunRow
from app.store.search import folded
from app.store.waiting import Answer
from app.text import N_, _, plural, sentence
from app.ui import theme
from app.ui.decide.allowing import AllowDialog
from app.ui.decide.deeds import deed, done_words, keeping, kept_words, seen_since
from app.ui.decide.lines import LinesTable
from app.ui.decide.page import Page, PagedTable
from app.ui.decide.records import ABOUT, SCHOOL, WHY, RecordModel, looked_at
from app.ui.parts.dialog import Asking
from app.ui.parts.halves import Halves
from app.ui.parts.simple import button, heading, in_lines, text
from app.ui.parts.wrapping import Wrapping
from app.ui.places import Place, ToRecord, ToWaiting
from app.ui.room import Said
from app.ui.session import Session
from app.ui.wording import entity_name, number

SENTENCES = 3
"""So many schools are told of in sentences; the table has them all."""
TYPING_MS = 200
"""A search begins when nobody has typed for so long."""
FEW = 10
"""So many may be taken away without a question, if no class is left empty."""
CLASSES = (N_("Class"), N_("School"), N_("Students now"), N_("Teachers"))

Offered: TypeAlias = tuple[str, int, Sequence[Item]]
"""What a button is about: a connector, its newest sync, and items."""


def _filed(title: str, turned: bool) -> list[str]:
    """How a record is sorted: by its title, or by its title's last part."""
    parts = folded(title).split("·")
    return parts[::-1] if turned else parts


class ApprovalRoom(Page):
    """Nothing is done before a button says so, and each says what it would do to how many."""

    title = N_("Waiting for your approval")
    places = (ToWaiting,)

    def __init__(self) -> None:
        super().__init__()
        self._place = ToWaiting()
        self._held = Held(0)
        self._lines: Sequence[Line] = ()
        self._all: dict[int, Item] = {}
        """Everything on the page by its key: one item may stand in the lines of several schools."""
        self._some: dict[int, Item] = {}
        """What the lines that are chosen are about."""
        self._offered: Offered = ("", 0, ())
        """What the buttons in sight are about: connector, sync and items;"""
        self._carried: Offered = self._offered
        """and what is being answered."""
        self._said: list[str] = []
        """What the lines mean."""
        self._lost = False
        """What was chosen is not there any more: the buttons are not to mean all the rest then."""
        self._asked = False
        self.question: Asking | None = None
        """Whether to take so much away; closed where that is not what waits any more."""
        self._in_question: Offered = self._offered
        self._approval: int | None = None
        self.allowing: AllowDialog | None = None
        self.headline, self.told, self.stays = heading(), text(), text(quiet=True)
        self.lines = LinesTable()
        self.lines.chosen.connect(self._lines_chosen)
        self.records = RecordModel()
        self.table = PagedTable(self.records, _("The records, one by one"), self)
        self.table.doubleClicked.connect(lambda index: self._open(index.row()))
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Find a record"))
        self.search.setAccessibleName(_("Find a record"))
        self.search.setClearButtonEnabled(True)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.timeout.connect(self._find)
        self.search.textChanged.connect(lambda: self._typing.start(TYPING_MS))
        self.order = QComboBox()
        self.order.setAccessibleName(_("Order of the records"))
        self.order.addItems([_("By person"), _("By class")])
        self.order.currentIndexChanged.connect(self._sort)
        self.classes = QTableWidget(0, len(CLASSES))
        self.classes.setHorizontalHeaderLabels([_(one) for one in CLASSES])
        self.classes.setAccessibleName(_("Classes that would have no students"))
        self._fitting_classes = Wrapping(self.classes)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Being carried out"))
        self.approve_button = button("", self.approve)
        self.refuse_button = button("", self.refuse)
        self.allow_button = button(_("Allow larger changes…"), self.allow)
        self.allow_button.setToolTip(_("Has the next syncs carry out such changes without asking"))
        self.all_button = button(_("Choose nothing"), self.choose_nothing)
        self.all_button.setToolTip(_("The buttons are about everything on this page then"))
        self.cancel_button = button(_("Cancel"), self.cancel)
        self.about = text(quiet=True)
        self._lay_out()
        self.table.picked.connect(self._anew)
        self.table.chosen.connect(self._offer)
        self.records.wanted.connect(self._read)
        QShortcut(QKeySequence(Qt.Key.Key_Return), self.table, lambda: self._open(None),
                  context=Qt.ShortcutContext.WidgetShortcut)  # fmt: skip

    def _lay_out(self) -> None:
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(_("What is shown of it"))
        stack = QStackedWidget()
        for table in (self.table, self.classes):
            self.tabs.addTab("")
            stack.addWidget(table)
        self.tabs.currentChanged.connect(stack.setCurrentIndex)
        self.tabs.currentChanged.connect(lambda place: self.search.setVisible(place == 0))
        top = QHBoxLayout()
        top.setSpacing(2 * theme.SPACE)
        top.addWidget(self.tabs)
        top.addWidget(self.search, 1)
        top.addWidget(self.order)
        below = QWidget()
        inside = QVBoxLayout(below)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.SPACE)
        inside.addLayout(top)
        inside.addWidget(stack, 1)
        self.split = Halves()
        self.split.setHandleWidth(theme.SPACE)
        # The buttons stay in sight: the tables have what room is left, and scroll themselves.
        self.split.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.split.addWidget(self.lines)
        self.split.addWidget(below)
        below.setMinimumHeight(130)
        self.lines.wrapping.fitted.connect(self.split.share)
        buttons = in_lines(
            self.refuse_button, self.approve_button, self.allow_button, self.all_button
        )
        self.under_way = QWidget()
        row = QHBoxLayout(self.under_way)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.SPACE)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        for label in (self.headline, self.told, self.stays):
            layout.addWidget(label)
        layout.addWidget(self.split, 1)
        layout.addWidget(self.about)
        layout.addWidget(self.under_way)
        layout.addLayout(buttons)
        self.forget()

    # -- as a room --

    def enter(self, session: Session) -> None:
        """Hears how approvals go."""
        super().enter(session)
        session.progressed.connect(self._progressed)
        session.ended.connect(self._ended)

    def forget(self) -> None:
        """Shows nothing."""
        self._place = ToWaiting()
        self.search.clear()
        self._stop()
        self._show(Held(0), ())
        self._anew()

    def show_place(self, place: Place) -> None:
        """What waits of a connector, or one line of the inbox."""
        assert isinstance(place, ToWaiting)
        if place != self._place:
            self._place = place
            self.search.clear()
            self._show(Held(0), ())
            self._anew()
        self.look_now()

    def place(self) -> Place:
        """What is shown."""
        return self._place

    def start(self) -> None:
        """In a table: no button is pressed by an Enter too many."""
        table = self.lines if self.lines.isVisibleTo(self) else self.table
        table.setFocus(Qt.FocusReason.OtherFocusReason)

    def look(self) -> None:
        """Asks what waits."""
        place, name = self._place, self._place.connector
        if name is not None:
            self.ask("held", lambda db: _waits(db, name, place), self._seen)

    def _seen(self, found: tuple[Held, Sequence[Line]]) -> None:
        self._show(*found)
        if not self._lines and not self._asked:
            self.done.emit()

    # -- what waits --

    def _show(self, held: Held, lines: Sequence[Line]) -> None:
        self._held, self._lines = held, lines
        self._all = _by_key(lines)
        if self.question is not None and not self._stands(self._in_question):
            self.question.reject()
            self._say_changed()
        everything = list(self._all.values())
        name = self._place.connector or ""
        self.headline.setText(self._title(everything, name))
        most = SENTENCES if self._place.harm is not None else 1
        said = [
            said for line in self._lines[:most] for said in inbox.told(line, held, classes=False)
        ]
        if (more := len(self._lines) - most) > 0:
            said.append(
                plural("{n} more line is in the table.", "{n} more lines are in the table.", more)
            )
        self._said = list(dict.fromkeys(said))
        self._tell(())
        rules = {rule for line in self._lines for rule in line.rules}
        kept = [inbox.if_nothing(rules), sentence("refusal_means", {"name": name})]
        if all(one.what == SENT for one in everything):
            kept = [
                _(
                    "Nothing of it is sent until you decide. What you do not send stays here "
                    "alone, and the next syncs do not ask again."
                )
            ]
        self.stays.setText(" ".join([*seen_since(everything), *kept]))
        self.stays.setVisible(bool(everything))
        self._lost |= not self.lines.show_lines(self._lines, held)
        seats = {one.entity for one in everything} == {"enrollments"} and bool(held.titles)
        self.order.setVisible(seats)
        self.records.about(held.schools)
        self.records.stale()
        self._find()
        self._ask_classes()

    def _tell(self, empty: Sequence[Emptied]) -> None:
        """What the lines mean, and how many classes would be empty: as many as have a tab."""
        said = [*_left_empty(empty), *self._said]
        self.told.setText(" ".join(said))
        self.told.setVisible(bool(said))

    def _title(self, items: Sequence[Item], connector: str) -> str:
        if len(kinds := {(line.harm, line.entity) for line in self._lines}) == 1:
            [(harm, entity)] = kinds
            return inbox.entry_title(inbox.Entry(harm, connector, entity, len(items)))
        count = plural("{n} record waits for your approval", "{n} records wait for your approval",
                       len(items))  # fmt: skip
        return count if items else _("Nothing waits for your approval.")

    def chosen(self) -> list[Item]:
        """What the buttons are about: the records that are chosen, or all that are shown."""
        ids = self.table.chosen_ids() or self.records.ids
        return [self._some[id_] for id_ in ids if id_ in self._some]

    def choose_nothing(self) -> None:
        """The buttons are about everything again."""
        self.search.clear()
        self.lines.clearSelection()
        self._lines_chosen()

    def _lines_chosen(self) -> None:
        self.table.clearSelection()
        self._anew()
        self._find()

    def _anew(self) -> None:
        """A person has chosen: that alone ends it that what was chosen is lost, never a refresh."""
        self._lost = self.table.lost = False

    # -- records, one by one --

    def _find(self) -> None:
        """Shows the records of the chosen lines that are called as was typed."""
        self._typing.stop()
        lines = self.lines.chosen_lines()
        self._some = _by_key(lines) if lines else self._all
        items, words = list(self._some.values()), self.search.text().strip()
        if words:
            self.ask("found", lambda db: store.matching(db, items, words), self._found)
        else:
            self._found(items)

    def _found(self, items: Sequence[Item]) -> None:
        titles, turned = self._held.titles, self._by_class
        if titles:
            items = sorted(items, key=lambda one: _filed(titles.get(one.record, ""), turned))
        self.table.show_ids([one.key for one in items])
        self._lost |= self.table.lost
        self.tabs.setTabText(0, _("Records ({n})").format(n=number(len(items))))
        self.table.setColumnHidden(ABOUT, not _sends(items))
        self.table.setColumnHidden(SCHOOL, len({one.schools for one in items}) < 2)
        self.table.setColumnHidden(WHY, len({one.rules for one in items}) < 2)
        self._offer()

    @property
    def _by_class(self) -> bool:
        """Whether enrollments stand under their classes, and not under their people."""
        return not self.order.isHidden() and self.order.currentIndex() == 1

    def _sort(self) -> None:
        self.records.turn(on=self._by_class)
        self._find()

    def _read(self, ids: list[int]) -> None:
        items = [self._all[id_] for id_ in ids if id_ in self._all]
        name = self._place.connector or ""
        self.ask("records", lambda db: looked_at(db, items, name), self.records.read)

    def _open(self, row: int | None) -> None:
        row = self.table.currentIndex().row() if row is None else row
        if (found := self.records.row(row)) is not None:
            self.go.emit(ToRecord(found.entity, found.record))

    def _ask_classes(self) -> None:
        items, today = list(self._all.values()), datetime.now().astimezone().date().isoformat()
        self.ask("classes", lambda db: store.emptied(db, items, today), self._show_classes)

    def _show_classes(self, found: Sequence[Emptied]) -> None:
        self._tell(found)
        self.tabs.setTabVisible(1, bool(found))
        self.tabs.setTabText(1, _("Classes left empty ({n})").format(n=number(len(found))))
        self.classes.setRowCount(len(found))
        for row, one in enumerate(found):
            school = inbox.school_name(one.school, self._held.schools)
            teachers = ", ".join(one.teachers) or _("no teacher")
            cells = (one.title or f"#{one.id}", school, number(one.students), teachers)
            for column, words in enumerate(cells):
                self.classes.setItem(row, column, QTableWidgetItem(words))
        self._fitting_classes.fit()

    # -- answering --

    def _offer(self) -> None:
        """The buttons say what they would do."""
        items = self.chosen()
        there = bool(items) and not self._asked
        chosen = len(items) < len(self._all)
        name = self._place.connector or ""
        self._offered = (name, self._held.run, items)
        for one in (self.approve_button, self.refuse_button):
            one.setVisible(there)
            one.setEnabled(not self._lost)
        self.all_button.setVisible(there and (chosen or self._lost))
        self.allow_button.setVisible(there and bool(self._needed()))
        self.about.setVisible(self._asked or chosen or self._lost)
        # Nobody is led to what takes something away, or writes into another system.
        takes, sends = _takes(self._all.values()), _sends(self._all.values())
        theme.mark(self.approve_button, "main", not (takes or sends))
        theme.mark(self.refuse_button, "main", takes)
        if there:
            self.approve_button.setText(deed(items, name))
            self.refuse_button.setText(keeping(items))
        if chosen and not self._asked:
            of = number(len(self._all))
            told = plural("{n} of {{all}} is chosen.", "{n} of {{all}} are chosen.", len(items))
            self.about.setText(told.format(all=of))
        if self._lost and not self._asked:
            self.about.setText(
                _(
                    "What you had chosen is answered, or is not here any more. Choose what comes "
                    "next, or press “Choose nothing” to answer all the rest at once."
                )
            )

    def _needed(self) -> dict[tuple[str, str, int | None], float]:
        return inbox.needed(self.lines.chosen_lines() or self._lines)

    def approve(self) -> None:
        """Has it carried out, once a person has agreed to that where it takes much away."""
        offered = self._offered
        items, today = offered[2], datetime.now().astimezone().date().isoformat()
        if self._asked or self._lost or not items:
            return
        if _takes(items) or (_sends(items) and len(items) >= FEW):
            self.ask("empties", lambda db: store.emptied(db, items, today),
                     lambda found: self._ask_whether(offered, found))  # fmt: skip
        else:
            self._carry_out(offered)

    def _ask_whether(self, offered: Offered, empty: Sequence[Emptied]) -> None:
        name, _run, items = offered
        if not self._stands(offered):
            self._say_changed()
        elif not empty and len(items) < FEW:
            self._carry_out(offered)
        elif self.question is None and self.isVisible():
            does = deed(items, name)
            title, words = _("{does}?").format(does=does), _harm(items, empty)
            if sends := _sends(items):
                words = " ".join([*filter(None, [words]), _at_the_sis(items, name)])
            heading = _("Before it is carried out")
            self.question = Asking(self.window(), heading, title, words)
            self._in_question = offered
            self.question.finished.connect(self._question_over)
            leave = _("Send nothing for now") if sends else _("Keep them for now")
            self.question.offer(leave, does, lambda: self._carry_out(offered), harms=True)
            self.question.open()

    def _question_over(self) -> None:
        self.question = None

    def _say_changed(self) -> None:
        self.said.emit(Said(_("What waits has changed meanwhile. Look at it once more.")))

    def _stands(self, offered: Offered) -> bool:
        """Whether that is what waits here yet, as it was shown."""
        name, run, items = offered
        same = (name, run) == (self._place.connector, self._held.run) and not self._asked
        return same and all(self._all.get(one.key) == one for one in items)

    def _carry_out(self, offered: Offered) -> None:
        """What is to go is looked for at the SIS before."""
        if self.session is not None and self._stands(offered):
            words = _("Being carried out. What is to be removed is looked for at the SIS once "
                      "more.")  # fmt: skip
            if not _takes(offered[2]):
                words = _("Being carried out…")
            self._wait(offered, words)
            _name, run, items = offered
            self.session.request("approving", run, inbox.which(items), then=self._approving)

    def refuse(self) -> None:
        """Keeps what is here."""
        _name, run, items = offered = self._offered
        if self.session is not None and items and not self._asked and not self._lost:
            self._wait(offered, _("Being kept as it is…"))
            self.session.request("refuse", run, inbox.which(items), then=self._kept)

    def cancel(self) -> None:
        """Stops an approval; what was carried out stays, the rest waits on."""
        if self.session is not None and self._approval is not None:
            self.session.command("cancel", self._approval)
            self.cancel_button.setEnabled(False)

    def allow(self) -> None:
        """Asks whether larger changes are to pass for a while."""
        if self.session is not None and (name := self._place.connector) is not None:
            self.allowing = AllowDialog(
                self.window(), self.session, name, self._needed(), self._held.schools
            )
            self.allowing.said.connect(self.said)
            self.allowing.open()

    def _approving(self, found: int | SyncError) -> None:
        if isinstance(found, SyncError):
            self._fail(found)
        else:
            self._approval = found
            self.cancel_button.setEnabled(True)

    def _progressed(self, told: Progress) -> None:
        if self._asked and told.run == self._approval:
            self.bar.setRange(0, told.expected or 0)
            self.bar.setValue(told.done)

    def _ended(self, told: RunEnded) -> None:
        if self._asked and self.session is not None and told.run == self._approval:
            run = told.run
            # Not a topic of the room: it is asked whether or not the room is in sight.
            self.session.ask("approved", lambda db: _result(db, run), self._approved)

    def _approved(self, found: tuple[RunRow, Answer]) -> None:
        run, answer = found
        name, _run, items = self._carried
        done = done_words(items, answer.applied, name)
        if run.error_code:
            done = f"{done} {sentence(run.error_code, run.error_parameters)}"
        self._answered(done, answer, "approval_undone")

    def _kept(self, found: Answer | SyncError) -> None:
        if isinstance(found, SyncError):
            self._fail(found)
        else:
            name, _run, items = self._carried
            self._answered(kept_words(items, found.applied, name), found, "refusal_undone")

    def _answered(self, done: str, answer: Answer, undone: str) -> None:
        left = Counter((one.entity, one.reason) for one in answer.left_out)
        words = [
            f"{entity_name(entity)}: {sentence(waiting.LEFT_OUT + reason, {'count': count})}"
            for (entity, reason), count in left.items()
        ]
        self._stop()
        said = " ".join([done, *words])
        if answer.applied:
            after = sentence(undone, {"name": self._carried[0]})
            self.said.emit(Said(said, answer.id, after))
        else:
            self.said.emit(Said(said))
        self.look_now()

    def _fail(self, error: SyncError) -> None:
        busy = _("It is being synced just now. Approve or refuse when that is done.")
        told = sentence(error.code, error.parameters)
        self._stop()
        self.said.emit(Said(busy if isinstance(error, BusyError) else told))
        self._offer()

    def _wait(self, offered: Offered, words: str) -> None:
        self._asked, self._approval, self._carried = True, None, offered
        self.bar.setRange(0, 0)
        self.cancel_button.setEnabled(False)
        self.under_way.show()
        self.about.setText(words)
        self._offer()

    def _stop(self) -> None:
        self._asked = False
        self.under_way.hide()


def _takes(items: Iterable[Item]) -> bool:
    """Whether something goes, or counts no more."""
    harms = {inbox.harm_of(one.what, one.rules, one.effects) for one in items}
    return bool(harms & {Harm.GONE, Harm.LESS})


def _sends(items: Iterable[Item]) -> bool:
    """Whether something would be written into the SIS."""
    return any(one.what == SENT for one in items)


def _at_the_sis(items: Sequence[Item], name: str) -> str:
    """What carrying out so much would do there, and what of it is done here."""
    sent = [one for one in items if one.what == SENT]
    new = [one for one in sent if CREATIONS in one.rules]
    told = []
    if new:
        told.append(
            _(
                "“{name}” gets {records} as new records with the next sync. What is made there can "
                "only be taken back as far as “{name}” lets records be removed."
            ).format(name=name, records=_counted(new))
        )
    if changed := [one for one in sent if CREATIONS not in one.rules]:
        told.append(
            _(
                "“{name}” is changed with the next sync ({records}). The history can send it back."
            ).format(name=name, records=_counted(changed))
        )
    if here := [one for one in items if one.what != SENT]:
        told.append(_("Done here: {records}.").format(records=_counted(here)))
    return " ".join(told)


def _counted(items: Sequence[Item]) -> str:
    """How many of each type: “26 people, 3 classes”."""
    kinds = Counter(one.entity for one in items)
    return ", ".join(counted(count, entity) for entity, count in kinds.items())


def _left_empty(classes: Sequence[Emptied]) -> list[str]:
    """How many classes would have no students."""
    told = plural("{n} class would be left without students.",
                  "{n} classes would be left without students.", len(classes))  # fmt: skip
    return [told] if classes else []


def _harm(items: Sequence[Item], empty: Sequence[Emptied]) -> str:
    """What carrying them out takes away."""
    kinds = Counter((inbox.harm_of(one.what, one.rules, one.effects), one.entity) for one in items)
    told = [
        f"{inbox.entry_title(inbox.Entry(harm, '', entity, count))}."
        for (harm, entity), count in sorted(kinds.items(), key=lambda one: one[0][0].rank)
        if harm is Harm.LESS or (harm is Harm.GONE and len(kinds) > 1)  # else the title says it
    ]
    return " ".join([*told, *_left_empty(empty)])


def _waits(database: Database, connector: str, place: ToWaiting) -> tuple[Held, Sequence[Line]]:
    held = store.held(database, connector)
    return held, inbox.lines(held, place.harm, place.entity)


def _by_key(lines: Iterable[Line]) -> dict[int, Item]:
    return {one.key: one for line in lines for one in line.items}


def _result(database: Database, run: int) -> tuple[RunRow, Answer]:
    return reads.run(database, run), waiting.approval(database, run)
