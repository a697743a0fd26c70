"""This is the same as…: a person finds the other record, sees both, and makes them one."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.engine import naming, uniting
from app.errors import NotFound, SyncError
from app.roster.entities import ENTITIES
from app.store.database import Database
from app.store.profile import Profile
from app.text import _, sentence
from app.ui import theme
from app.ui.decide.twosides import Two, TwoSides, beside
from app.ui.parts.dialog import Dialog
from app.ui.parts.simple import button, text
from app.ui.people.picking import Picker
from app.ui.places import ToRecord
from app.ui.room import Said
from app.ui.session import Session

OFFERED = ("users", "classes", "courses", "orgs")
"""Of what it can be said; whatever else belongs to these follows them."""


class SameDialog(Dialog):
    """First whom it is the same as, then both side by side; nothing is done before that."""

    said = Signal(object)
    """``Said``, with the change set."""
    settled = Signal()
    """The two are shown."""

    def __init__(self, parent: QWidget, session: Session, profile: Profile) -> None:
        row, titles = profile.detail.record, profile.detail.titles
        self._name = naming.title(row, titles)
        super().__init__(
            parent,
            _("The same"),
            _("“{name}” is the same as…").format(name=self._name),
            _("Find the other record. You see both before anything is done."),
        )
        self._session, self._row, self._other = session, row, 0
        self.picker = Picker(session, row.entity, {row.id})
        self.picker.chosen.connect(self._choose)
        self.sides = TwoSides()
        self.effect = text(quiet=True)
        self.trouble = text()
        theme.mark(self.trouble, "wrong", True)
        both = QWidget()
        layout = QVBoxLayout(both)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.sides, 1)
        layout.addWidget(self.effect)
        layout.addWidget(self.trouble)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.picker)
        self.stack.addWidget(both)
        self.body.addWidget(self.stack, 1)
        self.leave_button = button(_("&Leave it as it is"), self.reject)
        self.back_button = button(_("Choose &another"), self._back)
        self.join_button = button(_("&Make them one"), self.join)
        self.buttons.addStretch(1)
        for one in (self.leave_button, self.back_button, self.join_button):
            one.setAutoDefault(False)  # Enter belongs to the search
            self.buttons.addWidget(one)
        self.fit(860, 620)
        self._back()

    def _back(self) -> None:
        self._other = 0
        self.sides.show_two(None)
        self.stack.setCurrentIndex(0)
        for one in (self.back_button, self.join_button):
            one.hide()
        self.words.show()
        self.picker.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose(self, record: int, name: str) -> None:
        self._other = record
        entity, mine = self._row.entity, self._row.id
        self._session.ask(
            "the same as",
            lambda db: _look(db, entity, mine, record),
            partial(self._show, record, name),
        )

    def _show(self, record: int, name: str, found: tuple[Two, str] | SyncError) -> None:
        if not isValid(self) or record != self._other:
            return
        able = False
        if isinstance(found, SyncError):
            self.trouble.setText(sentence(found.code, found.parameters))
            self.sides.show_two(None)
        else:
            two, why_not = found
            able = not why_not
            self.trouble.setText(why_not)
            self.sides.show_two(two)
        self.effect.setText(
            _(
                "“{one}” and “{other}” become one record, of which each SIS tells that tells of "
                "either now; their {what} and all else that belongs to them goes along. Where the "
                "SIS say otherwise you are asked. This can be undone."
            ).format(one=self._name, other=name, what=_what(self._row.entity))
        )
        self.effect.setVisible(able)
        self.trouble.setVisible(not able)
        self.words.hide()
        self.stack.setCurrentIndex(1)
        self.back_button.show()
        self.join_button.show()
        self.join_button.setEnabled(able)
        theme.mark(self.join_button, "main", able)
        self.sides.setFocus(Qt.FocusReason.OtherFocusReason)
        self.settled.emit()

    def join(self) -> None:
        """Makes them one."""
        self.join_button.setEnabled(False)
        entity, one, other = self._row.entity, self._row.id, self._other
        self._session.request("same_records", entity, one, other, then=self._joined)

    def _joined(self, found: int | SyncError) -> None:
        if not isValid(self):
            return
        if isinstance(found, SyncError):
            self.trouble.setText(sentence(found.code, found.parameters))
            self.trouble.show()
            self.effect.hide()
            return
        kept = ToRecord(self._row.entity, min(self._row.id, self._other))
        told = _("“{name}” and the record that you chose are one now.").format(name=self._name)
        self.said.emit(Said(told, undo=found, leads=(_("Open the record"), kept)))
        self.accept()


def _what(entity: str) -> str:
    """What follows a record: the records by which most people know it."""
    follows = {"users": "enrollments", "classes": "enrollments", "courses": "classes",
               "orgs": "classes"}  # fmt: skip
    return _(ENTITIES[follows[entity]].many).lower()


def _look(database: Database, entity: str, one: int, other: int) -> tuple[Two, str] | SyncError:
    """Both, and why they cannot be one; blank where they can."""
    try:
        two = beside(database, entity, one, other)
    except NotFound as error:
        return error
    why = uniting.why_not(database, entity, one, other)
    return two, sentence(why.code, why.parameters) if why is not None else ""
