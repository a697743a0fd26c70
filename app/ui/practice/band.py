"""The band over a practice window: what it is, its faults, a school day, and the way out."""

import re
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout

from app.compose import Options, practised
from app.store import history
from app.store.database import Database
from app.text import N_, _, plural
from app.ui import theme
from app.ui.parts.label import Label
from app.ui.session import Session
from app.ui.wording import entity_name, people_first

STEPS = (
    N_("Run Sync Now"),
    N_("Let a school day pass (F9), sync, and see History"),
    N_("Practice menu: something to decide, something to approve"),
)
"""What there is to try, in its order."""
_ANSWERS = (history.DECISION, history.APPROVAL, history.REFUSAL)
_NEWEST = 200
"""So many change sets tell what was tried; where there are more, all was."""


def tried(database: Database) -> tuple[bool, ...]:
    """Which of the steps were tried."""
    sets = history.change_sets(database, limit=_NEWEST)
    brought = [one for one in sets if one.kind == history.SYNC and one.created + one.changed]
    answered = any(one.kind in _ANSWERS for one in sets)
    return tuple(len(sets) == _NEWEST or one for one in (bool(brought), len(brought) > 1, answered))


def practice_offer(options: Options) -> str:
    """What leads into practice: it goes on where it was left, also by the program's end."""
    return _("Go on practicing") if practised(options) else _("Try the practice district")


def practice_words(options: Options) -> str:
    """What a person should know before."""
    first = (
        _("The practice district is as you left it.")
        if practised(options)
        else _(
            "Start with the practice district: an invented school district on this computer, "
            "with students, teachers and classes. Sync it, let school days pass, and see what "
            "changes. No real roster is touched, and you can leave it at any time."
        )
    )
    own = _(
        "Connect your own SIS, step by step: its vendor has given you an address, a client "
        "ID and a client secret, or it writes OneRoster files. Nothing comes in before you "
        "have looked at it."
    )
    return f"{first}\n\n{own}"


def day_told(changed: Mapping[str, Mapping[str, Sequence[str]]], *, at_once: bool = False) -> str:
    """What a school day changed at the practice SIS, and what is to be done or comes by itself."""
    named = {re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), one): one for one in changed}
    parts = []
    for name in people_first(named):
        account = changed[named[name]]
        new, other, gone = (len(account.get(k, ())) for k in ("created", "updated", "removed"))
        # What is known of somebody besides comes and goes with the person.
        if name != "demographics" and (words := _told(name, new, other, gone)):
            parts.append(words)
    if not parts:
        return _("A school day passed at the practice SIS; nothing changed in its rosters.")
    what = "; ".join(parts)
    if at_once:
        return _(
            "A school day passed at the practice SIS: {what}. It tells this program, and a sync "
            "begins by itself."
        ).format(what=what)
    return _(
        "A school day passed at the practice SIS: {what}. Run Sync Now brings it here."
    ).format(what=what)


def _told(name: str, new: int, other: int, gone: int) -> str:
    """What became of the records of one type; people join and leave."""
    if name == "users":
        told = (
            plural("{n} person joined", "{n} people joined", new) if new else "",
            plural("{n} person left", "{n} people left", gone) if gone else "",
            plural("{n} person changed", "{n} people changed", other) if other else "",
        )
    elif name == "enrollments":
        told = (
            plural("{n} enrollment is new", "{n} enrollments are new", new) if new else "",
            plural("{n} enrollment ended", "{n} enrollments ended", gone) if gone else "",
            plural("{n} enrollment changed", "{n} enrollments changed", other) if other else "",
        )
    else:
        told = (
            plural("{n} new", "{n} new", new) if new else "",
            plural("{n} changed", "{n} changed", other) if other else "",
            plural("{n} gone", "{n} gone", gone) if gone else "",
        )
    words = ", ".join(filter(None, told))
    if words and name not in ("users", "enrollments"):
        return _("{type}: {what}").format(type=entity_name(name), what=words)
    return words


class PracticeBand(QFrame):
    """Always in sight in practice."""

    school_day = Signal()
    faults = Signal()
    leave = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("band")
        mark = self.mark = Label(_("PRACTICE"))
        mark.setObjectName("mark")
        strong = mark.font()
        strong.setBold(True)
        mark.setFont(strong)
        about = self._about = Label(
            _("An invented district on this computer. No real roster is touched.")
        )
        about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        about.setToolTip(about.text())
        self.day_button = QPushButton(_("A school day passes"))
        self.day_button.setAccessibleDescription(
            _("People join, move and leave at the practice SIS: something to sync.")
        )
        self.day_button.setToolTip(self.day_button.accessibleDescription())
        self.day_button.clicked.connect(self.school_day)
        self.faults_button = QPushButton()
        self.faults_button.setAccessibleDescription(_("What the practice SIS gets wrong."))
        self.faults_button.setToolTip(self.faults_button.accessibleDescription())
        self.faults_button.clicked.connect(self.faults)
        self.show_faults(0)
        self.leave_button = QPushButton(_("Leave practice"))
        self.leave_button.setAccessibleDescription(_("Goes back to your own rosters."))
        self.leave_button.clicked.connect(self.leave)
        self.steps = Label()
        self.steps.setWordWrap(True)
        self.steps.hide()
        self._low = self._to_try = False
        self._session: Session | None = None
        whole = QVBoxLayout(self)
        whole.setContentsMargins(18, 6, 18, 6)
        whole.setSpacing(4)
        layout = QHBoxLayout()
        layout.setSpacing(theme.SPACE + 4)
        whole.addLayout(layout)
        whole.addWidget(self.steps)
        layout.addWidget(mark, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(about, 1)
        layout.addWidget(self.faults_button)
        layout.addWidget(self.day_button)
        layout.addWidget(self.leave_button)

    def watch(self, session: Session) -> None:
        """Says what there is to try, and what of it was, from the first sync until all was."""
        self._session = session
        self._to_try = False
        self._show_parts()
        session.opened.connect(self._look)
        session.ended.connect(self._look)
        session.changed.connect(self._look)

    def _look(self) -> None:
        if self._session is not None:
            self._session.ask("practice steps", tried, self._show_tried)

    def _show_tried(self, done: tuple[bool, ...]) -> None:
        told = []
        for place, (step, was) in enumerate(zip(STEPS, done, strict=True), 1):
            words = _("{place}. {step}").format(place=place, step=_(step))
            told.append(_("✓ {step} (done)").format(step=words) if was else words)
        self.steps.setText("    ".join(told))
        self._to_try = any(done) and not all(done)
        self._show_parts()

    def set_low(self, low: bool) -> None:
        """In a low window it is one line of buttons; what it is, the mark says to who asks it."""
        if low != self._low:
            self._low = low
            self._show_parts()

    def _show_parts(self) -> None:
        self.steps.setVisible(self._to_try and not self._low)
        self._about.setText("" if self._low else self._about.toolTip())
        told = [self._about.toolTip(), self.steps.text() if self._to_try else ""]
        self.mark.setToolTip("\n".join(filter(None, told)) if self._low else "")
        self.mark.setAccessibleDescription(self.mark.toolTip())

    def show_faults(self, count: int) -> None:
        """Says how many faults of the practice SIS are on, if any."""
        self.faults_button.setText(plural("{n} fault on", "{n} faults on", count))
        self.faults_button.setVisible(count > 0)
