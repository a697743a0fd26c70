"""The band over a practice window: what it is, its faults, a school day, and the way out."""

import re
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy

from app.compose import Options, practised
from app.text import _, plural
from app.ui import theme
from app.ui.parts.label import Label
from app.ui.wording import entity_name, people_first


def practice_offer(options: Options) -> str:
    """What leads into practice: it goes on where it was left, also by the program's end."""
    return _("Go on practising") if practised(options) else _("Try the practice district")


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
        mark = Label(_("PRACTICE"))
        mark.setObjectName("mark")
        strong = mark.font()
        strong.setBold(True)
        mark.setFont(strong)
        about = Label(_("An invented district on this computer. No real roster is touched."))
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
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 6, 18, 6)
        layout.setSpacing(theme.SPACE + 4)
        layout.addWidget(mark, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(about, 1)
        layout.addWidget(self.faults_button)
        layout.addWidget(self.day_button)
        layout.addWidget(self.leave_button)

    def show_faults(self, count: int) -> None:
        """Says how many faults of the practice SIS are on, if any."""
        self.faults_button.setText(plural("{n} fault on", "{n} faults on", count))
        self.faults_button.setVisible(count > 0)
