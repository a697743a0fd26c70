"""What waits of a connector for a person: told by school and reason, approved or refused here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import QItemSelection, Qt, Signal
from PySide6.QtWidgets import (
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)
from shiboken6 import isValid

from app.engine.events import RunEnded
from app.engine.reasons import rule_word
from app.errors import SyncError
from app.roster.entities import ENTITIES
from app.store import listing, reads, waiting
from app.store.database import Database
from app.store.listing import CHANGED, CREATED, JOINED, PARTED, REMOVED, SENT, Waits
from app.store.reads import RunRow
from app.store.waiting import ALL, Answer, Held, Told, Which
from app.text import N_, _, plural, sentence
from app.ui.parts.dialog import Dialog
from app.ui.parts.wrapping import Wrapping
from app.ui.session import Session
from app.ui.wording import day_and_time, entity_name, instant, number

HEADINGS = (
    N_("School"), N_("Records"), N_("Why"), N_("Waiting"), N_("Of"), N_("Seen"), N_("Such as"),
)  # fmt: skip
DEEDS = {
    REMOVED: N_("remove {records}"),
    JOINED: N_("join {records} with another of the same person"),
    PARTED: N_("take apart {records}"),
    CREATED: N_("add {records}"),
    CHANGED: N_("change {records}"),
    SENT: N_("send {records} to the SIS"),
}
ON_A_BUTTON = 3
"""So many deeds are told on a button; of more, how many records they are about."""


@dataclass(frozen=True)
class Inbox:
    """What waits of a connector."""

    run: int
    told: Told
    waits: Sequence[Waits]
    conflicts: int
    unsent: int


def look(database: Database, connector: str) -> Inbox:
    """What waits now; on the reader's thread."""
    facts = reads.connector(database, connector)
    run = facts.last.id if facts.last else 0
    stands = facts.standing
    waits = listing.waits(database, run, ALL)
    return Inbox(run, waiting.told(database, run), waits, stands.conflicts, stands.unsent)


def deeds(waits: Sequence[Waits]) -> str:
    """What carrying them out would do: “remove 42 people, change 3 classes”."""
    counted = Counter((one.what, one.entity) for one in waits)
    if len(counted) > ON_A_BUTTON:
        return plural("carry out {n} change", "carry out {n} changes", len(waits))
    told: dict[str, list[str]] = {}
    for (what, entity), count in counted.items():
        told.setdefault(what, []).append(_counted(count, entity))
    return ", ".join(_(DEEDS[what]).format(records=", ".join(some)) for what, some in told.items())


def _counted(count: int, entity: str) -> str:
    type_ = ENTITIES[entity]
    return f"{number(count)} {_(type_.one if count == 1 else type_.many).lower()}"


def narrowed(waits: Sequence[Waits], which: Which) -> list[Waits]:
    """Those of them that an answer is about (``store.waiting``)."""
    return [
        one
        for one in waits
        if which.entity in (None, one.entity)
        and (which.school is None or (one.what != SENT and which.school in _schools(one)))
    ]


def _schools(one: Waits) -> set[int]:
    return {school for schools in one.effects.values() for school in schools} or {0}


class WaitingDialog(Dialog):
    """Looks as it opens, and again after each answer; nothing is done before a button says so."""

    settled = Signal()
    """What waits now is shown."""

    def __init__(self, parent: QWidget | None, session: Session, connector: str) -> None:
        words = _(
            "None of it was done. It stays as it is until you approve or refuse it, or the SIS "
            "takes it back. Choose a line to answer it alone; what you refuse is not asked again "
            "until the SIS says something else."
        )
        title = _("What waits for you in “{name}”").format(name=connector)
        super().__init__(parent, _("What waits"), title, words)
        self._session, self._connector = session, connector
        self._inbox: Inbox | None = None
        self._approval: int | None = None
        self._asked = False
        self.table = QTableWidget(0, len(HEADINGS))
        self.table.setHorizontalHeaderLabels([_(one) for one in HEADINGS])
        self.table.setAccessibleName(_("What waits"))
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self._wrapping = Wrapping(self.table)
        self.table.selectionModel().selectionChanged.connect(self._chosen)
        self.elsewhere = QLabel()
        self.elsewhere.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.told = QLabel()
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Being carried out"))
        self.bar.hide()
        self.body.addWidget(self.table, 1)
        for label in (self.elsewhere, self.told):
            label.setWordWrap(True)
            label.hide()
            self.body.addWidget(label)
        self.body.addWidget(self.bar)
        self.all_button = QPushButton(_("&All of it"))
        self.all_button.setToolTip(_("Answers all that waits, and not one line alone"))
        self.all_button.clicked.connect(self.table.clearSelection)
        self.approve_button, self.refuse_button = QPushButton(), QPushButton()
        self.approve_button.clicked.connect(self.approve)
        self.refuse_button.clicked.connect(self.refuse)
        self.close_button = QPushButton(_("Close"))
        self.close_button.clicked.connect(self.accept)
        self.close_button.setDefault(True)
        for button in (self.approve_button, self.refuse_button, self.all_button):
            button.setAutoDefault(False)  # Enter answers nothing by accident
            self.buttons.addWidget(button)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.close_button)
        session.refused.connect(self._refused)
        session.ended.connect(self._ended)
        self.fit(1120, 600)
        self._offer()
        self._look()

    # -- what waits --

    def _look(self) -> None:
        self._session.ask("waiting", lambda db: look(db, self._connector), self._seen)

    def _seen(self, inbox: Inbox) -> None:
        if not isValid(self):
            return
        self._inbox = inbox
        groups, titles = inbox.told.groups, inbox.told.titles
        self.table.setRowCount(len(groups))
        rows = [_row(group, titles) for group in groups]
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                self.table.setItem(row, column, QTableWidgetItem(text))
        for column in range(len(HEADINGS)):
            self.table.setColumnHidden(column, not any(texts[column] for texts in rows))
        self.table.clearSelection()
        self.table.setVisible(bool(groups))
        if not groups and not self.told.text():
            self._tell(_("Nothing waits for your approval."))
        others = [
            sentence(code, {"count": count, "name": self._connector})
            for code, count in (
                ("decide_elsewhere", inbox.conflicts), ("unsent_elsewhere", inbox.unsent)
            )
            if count
        ]  # fmt: skip
        self.elsewhere.setText("\n".join(others))
        self.elsewhere.setVisible(bool(others))
        self._wrapping.fit()
        self._offer()
        self.settled.emit()

    def _chosen(self, _new: QItemSelection, _old: QItemSelection) -> None:
        self._offer()

    def _which(self) -> Which:
        """What an answer is about: the chosen line, or everything."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        if self._inbox is None or not rows:
            return ALL
        group = self._inbox.told.groups[rows.pop()]
        return Which(group.entity, group.school)

    def _offer(self) -> None:
        """The buttons say what they would do."""
        which = self._which()
        waits = narrowed(self._inbox.waits, which) if self._inbox else []
        there = bool(waits) and not self._asked
        self.approve_button.setVisible(there)
        self.refuse_button.setVisible(there)
        self.all_button.setVisible(there and which != ALL)
        if there:
            self.approve_button.setText(_("A&pprove: {deeds}").format(deeds=deeds(waits)))
            kept = plural("&Refuse: keep {n} as it is", "&Refuse: keep {n} as they are", len(waits))
            self.refuse_button.setText(kept)

    # -- answering --

    def approve(self) -> None:
        """Has it carried out, after a look at the SIS whether what is to go is gone."""
        if self._inbox is not None:
            self._wait(_("Being carried out. What is to be removed is looked for at the SIS once "
                         "more."))  # fmt: skip
            self._session.command("approve", self._inbox.run, self._which(), then=self._approving)

    def _approving(self, run: int) -> None:
        if isValid(self):
            self._approval = run

    def _ended(self, told: RunEnded) -> None:
        if self._asked and told.run == self._approval:
            run = told.run
            self._session.ask("approved", lambda db: _result(db, run), self._approved)

    def _approved(self, found: tuple[RunRow, Answer]) -> None:
        if isValid(self):
            run, answer = found
            done = plural("{n} was carried out.", "{n} were carried out.", answer.applied)
            if run.error_code:
                done = f"{done} {sentence(run.error_code, run.error_parameters)}"
            self._answered(done, answer)

    def refuse(self) -> None:
        """Keeps what is here."""
        if self._inbox is not None:
            self._wait(_("Being kept as it is…"))
            self._session.request("refuse", self._inbox.run, self._which(), then=self._kept)

    def _kept(self, found: Answer | SyncError) -> None:
        if not isValid(self):
            return
        if isinstance(found, SyncError):
            self._fail(found)
        else:
            kept = plural("{n} stays as it is.", "{n} stay as they are.", found.applied)
            self._answered(kept, found)

    def _answered(self, done: str, answer: Answer) -> None:
        left = Counter((one.entity, one.reason) for one in answer.left_out)
        words = [
            f"{entity_name(entity)}: {sentence(waiting.LEFT_OUT + reason, {'count': count})}"
            for (entity, reason), count in left.items()
        ]
        self._stop_waiting(" ".join([done, *words]))

    def _refused(self, error: BaseException) -> None:
        if self._asked and isinstance(error, SyncError) and isValid(self):
            self._fail(error)

    def _fail(self, error: SyncError) -> None:
        self._stop_waiting(sentence(error.code, error.parameters))

    def _wait(self, words: str) -> None:
        self._asked, self._approval = True, None
        self._tell(words)
        self.bar.show()
        self._offer()
        self.close_button.setFocus()

    def _stop_waiting(self, words: str) -> None:
        self._asked = False
        self._tell(words)
        self.bar.hide()
        self._look()

    def _tell(self, words: str) -> None:
        self.told.setText(words)
        self.told.setVisible(bool(words))


def _result(database: Database, run: int) -> tuple[RunRow, Answer]:
    return reads.run(database, run), waiting.approval(database, run)


def _row(group: Held, titles: Mapping[int, str]) -> tuple[str, ...]:
    """A group under ``HEADINGS``."""
    if group.school is None:
        school = _("To be sent")
    else:
        school = titles.get(group.school) or _school(group.school)
    count = number(group.count)
    if group.earlier:
        count = _("{count}, after {earlier} in the 24 hours before").format(
            count=count, earlier=number(group.earlier)
        )
    since = _("since {when}").format(when=day_and_time(instant(group.since), datetime.now(UTC)))
    syncs = plural("in {n} sync", "in {n} syncs", group.times) if group.times else ""
    return (
        school,
        entity_name(group.entity),
        rule_word(group.rule, group.limit),
        count,
        "" if group.of is None else number(group.of),
        f"{syncs} {since}".strip(),
        "; ".join(titles.get(id_) or f"#{id_}" for id_ in group.records),
    )


def _school(school: int) -> str:
    return _("A school without a name (#{id})").format(id=school) if school else _("The district")
