"""Asks before something is taken back: what that would do, and first what it cannot."""

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QProgressBar, QPushButton, QWidget
from shiboken6 import isValid

from app.engine.events import Undoing
from app.engine.outgoing import Outgoing, fields_told, titles_of
from app.engine.stories import set_words
from app.engine.taking import LeftOut
from app.engine.told import counted, part_word
from app.engine.undo import Undone, UndoPlan, plan
from app.errors import SyncError
from app.store.database import Database
from app.store.differences import titled
from app.store.history import ChangeSet
from app.text import N_, _, plural, sentence
from app.ui import theme
from app.ui.parts.dialog import Dialog
from app.ui.parts.label import Label
from app.ui.room import Said
from app.ui.session import Session
from app.ui.wording import number

WIDTH = 560
SHOWN = 50
"""So many of those that stay as they are are named."""

MOST_SENT = 8
"""So many of those that a SIS gets something back of are named."""

_PARTS: tuple[tuple[str, str], ...] = (
    ("changed", N_("Get back the values they had: {what}.")),
    ("returning", N_("Come back into the roster: {what}.")),
    ("ending", N_("End, having been made by it: {what}.")),
    ("parting", N_("Taken apart again: {what}.")),
    ("joining", N_("Become one again: {what}.")),
    ("asked_again", N_("What was decided is asked again: {what}.")),
    ("settled_again", N_("What was decided stands again: {what}.")),
    ("sent_back", N_("Taken back at the SIS as well, by the next sync: {what}.")),
)


class UndoDialog(Dialog):
    """Closes once it is done; ``said`` tells what came of it, to be taken back in its turn."""

    said = Signal(object)
    settled = Signal()
    """What was asked is shown."""

    def __init__(self, parent: QWidget | None, session: Session, of: ChangeSet) -> None:
        super().__init__(
            parent,
            _("Undo"),
            _("Undo #{id}: {what}?").format(id=number(of.id), what=_whose(of)),
            _("Nothing newer is overwritten, and the undo can be undone."),
        )
        self._session, self._of = session, of
        self._under_way: threading.Event | None = None
        self._limited = False
        self.cannot = Label()
        self.cannot.setWordWrap(True)
        self.who = QPlainTextEdit()
        self.who.setReadOnly(True)
        self.who.setTabChangesFocus(True)
        self.who.setAccessibleName(_("What stays as it is"))
        self.who.setMinimumHeight(80)
        self.does = Label(_("Looking what that would do…"))
        self.does.setWordWrap(True)
        self.limits = Label()
        self.limits.setWordWrap(True)
        theme.mark(self.limits, "wrong", True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Undoing"))
        self.told = Label()
        self.told.setWordWrap(True)
        for widget in (self.cannot, self.who, self.does, self.limits, self.bar, self.told):
            self.body.addWidget(widget)
            widget.setVisible(widget is self.does)
        self.words.setMinimumWidth(WIDTH)
        self.undo_button = QPushButton()
        self.undo_button.hide()
        self.undo_button.clicked.connect(self._undo)
        self.cancel_button = QPushButton(_("&Cancel the undo"))
        self.cancel_button.setAccessibleDescription(
            _("What is taken back so far stays so; the same undo goes on later.")
        )
        self.cancel_button.hide()
        self.cancel_button.clicked.connect(self._cancel)
        self.close_button = QPushButton(_("&Leave it as it is"))
        self.close_button.clicked.connect(self.reject)
        self.buttons.addStretch(1)
        for button in (self.undo_button, self.cancel_button, self.close_button):
            self.buttons.addWidget(button)
        session.taken_back.connect(self._progressed)
        session.ask("undo", lambda database: _planned(database, of.id), self._show_plan)

    # -- what it would do --

    def _show_plan(self, found: "_Planned | SyncError") -> None:
        if not isValid(self):
            return
        if isinstance(found, SyncError):
            self._tell(sentence(found.code, found.parameters), wrong=True)
            self.does.hide()
            self.close_button.setText(_("C&lose"))
            self.settled.emit()
            return
        planned = found.plan
        self._limited = bool(planned.held)
        self._show_left(planned, found.left)
        self.does.setText("\n".join([*_sentences(planned), *found.sends]))
        self.limits.setText("\n".join(planned.held))
        self.limits.setVisible(self._limited)
        something = bool(planned.records or planned.rules)
        self.undo_button.setVisible(something)
        if not something:
            self.close_button.setText(_("C&lose"))
            self.close_button.setDefault(True)
        else:
            self.undo_button.setText(_button(planned))
            # What goes over a limit is not done by a key that was pressed too often.
            (self.close_button if self._limited else self.undo_button).setDefault(True)
            theme.mark(self.undo_button, "main", not self._limited)
            (self.close_button if self._limited else self.undo_button).setFocus()
        self.adjustSize()
        self.settled.emit()

    def _show_left(self, planned: UndoPlan, named: str) -> None:
        left = len({(one.entity, one.record) for one in planned.left_out})
        self.cannot.setText(
            plural(
                "{n} record stays as it is, or in part:",
                "{n} records stay as they are, or in part:",
                left,
            )
        )
        self.who.setPlainText(named)
        self.cannot.setVisible(bool(left))
        self.who.setVisible(bool(left))

    # -- doing it --

    def _undo(self) -> None:
        self.undo_button.hide()
        self.close_button.hide()
        self.cancel_button.show()
        self.bar.show()
        self._tell("")
        self._under_way = self._session.request(
            "undo", self._of.id, approved=self._limited, then=self._ended
        )

    def _progressed(self, told: Undoing) -> None:
        if told.of == self._of.id:
            self.bar.setRange(0, max(1, told.expected))
            self.bar.setValue(told.done)

    def _cancel(self) -> None:
        if self._under_way is not None:
            self._under_way.set()

    def _ended(self, found: Undone | SyncError) -> None:
        if not isValid(self):
            return
        self._under_way = None
        if isinstance(found, SyncError):
            self.bar.hide()
            self.cancel_button.hide()
            self.undo_button.show()
            self.close_button.show()
            self._tell(sentence(found.code, found.parameters), wrong=True)
        else:
            self.said.emit(Said(_done(found), undo=found.id))
            self.accept()
        self.settled.emit()

    def _tell(self, words: str, *, wrong: bool = False) -> None:
        theme.mark(self.told, "wrong", wrong)
        self.told.setText(words)
        self.told.setVisible(bool(words))

    def done(self, result: int) -> None:
        """Closes; an undo under way stops after the records that it is at."""
        self._cancel()
        super().done(result)


def _whose(of: ChangeSet) -> str:
    """What the change set is, and of which connector."""
    told = {"what": set_words(of), "name": of.connector}
    return _("{what}, {name}").format(**told) if of.connector else set_words(of)


class _Planned(NamedTuple):
    """What an undo would do, and in words"""

    plan: UndoPlan
    left: str
    """what stays as it is,"""
    sends: Sequence[str]
    """and what is sent back to which SIS."""


def _planned(database: Database, change_set: int) -> "_Planned | SyncError":
    """The plan with its words; on the reader's thread."""
    try:
        planned = plan(database, change_set, datetime.now(UTC))
    except SyncError as error:
        return error
    return _Planned(planned, _left(database, planned.left_out), _sends(database, planned.sends))


def _sends(database: Database, sends: Sequence[Outgoing]) -> list[str]:
    """What is sent back to which SIS, a line each record."""
    shown = sends[:MOST_SENT]
    titles = titles_of(database, shown)
    lines = [
        _("  · “{connector}”, {name}: {what}").format(
            connector=one.connector,
            name=titles.get(one.record) or f"#{one.record}",
            what=fields_told(one, titles) or _("removed there"),
        )
        for one in shown
    ]
    if len(sends) > MOST_SENT:
        lines.append(plural("And {n} more.", "And {n} more.", len(sends) - MOST_SENT))
    return lines


def _left(database: Database, left_out: Sequence[LeftOut]) -> str:
    others = Counter[str]()
    for one in left_out:
        others[one.reason] += one.others
    shown = left_out[:SHOWN]
    names = titled(database, {(one.entity, one.record) for one in shown})
    lines: list[str] = []
    for reason in dict.fromkeys(one.reason for one in left_out):
        lines.append(sentence(f"undo_left_{reason}", {"count": others[reason]}))
        lines += [f"  · {_whom(one, names)}" for one in shown if one.reason == reason]
    if len(left_out) > SHOWN:
        lines.append(plural("And {n} more.", "And {n} more.", len(left_out) - SHOWN))
    return "\n".join(lines)


def _whom(one: LeftOut, names: dict[int, str]) -> str:
    parts = ", ".join(part_word(one.entity, part) for part in one.parts)
    told: dict[str, Any] = {"name": names.get(one.record) or f"#{one.record}", "fields": parts}
    if one.by is not None:
        told |= {"id": number(one.by.change_set), "who": one.by.author}
        if parts:
            return _("{name}: {fields}, by {who} in #{id}").format(**told)
        return _("{name}, by {who} in #{id}").format(**told)
    return _("{name}: {fields}").format(**told) if parts else str(told["name"])


def _sentences(planned: UndoPlan) -> list[str]:
    found = [
        _(words).format(what=", ".join(counted(n, entity) for entity, n in counts.items() if n))
        for name, words in _PARTS
        if (counts := getattr(planned, name)).total()
    ]
    if planned.rules:
        found.append(
            plural(
                "Who decides is as it was before in {n} case.",
                "Who decides is as it was before in {n} cases.",
                planned.rules,
            )
        )
    return found or [_("There is nothing to take back: it is so already, or newer changes stand.")]


def _button(planned: UndoPlan) -> str:
    """Its effect, with the number; over a limit that it is beyond it."""
    if not planned.records:
        return _("&Undo it")
    if planned.held:
        return plural(
            "&Undo all the same: {n} record", "&Undo all the same: {n} records", planned.records
        )
    return plural("&Undo for {n} record", "&Undo for {n} records", planned.records)


def _done(undone: Undone) -> str:
    if undone.id is None:
        return _("There was nothing to take back: newer changes stand.")
    records = plural("{n} record", "{n} records", undone.applied)
    return _("#{of} is undone, as #{id}: {records}.").format(
        of=number(undone.of), id=number(undone.id), records=records
    )
