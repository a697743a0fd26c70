"""Larger changes allowed for a while: what would be let through, and how long."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QWidget

from app.engine.inbox import school_name
from app.engine.limits import percent
from app.engine.told import entity_word
from app.text import N_, _, plural
from app.ui.parts.dialog import Dialog
from app.ui.parts.label import Label
from app.ui.room import Said
from app.ui.session import Session
from app.ui.wording import day_and_time

HOURS = (2, 8, 24)
SHOWN = 8
"""So many schools are told one by one."""
_FIGURES = {
    "removals": N_("{school}: up to {share} of its {what} may be removed in a day"),
    "changes": N_("{school}: up to {share} of its {what} may change in a day"),
    "blanks": N_("{school}: up to {share} of a field of its {what} may go blank in a day"),
    "logins": N_("{school}: up to {share} of its {what} may get other names to sign in with in a "
                 "day"),
    "staff": N_("{school}: up to {share} of its {what} may turn from students into staff in a day"),
}  # fmt: skip


class AllowDialog(Dialog):
    """Asks how long (SEMANTICS E3)."""

    said = Signal(object)

    def __init__(
        self,
        parent: QWidget | None,
        session: Session,
        connector: str,
        needed: Mapping[tuple[str, str, int | None], float],
        schools: Mapping[int, str],
    ) -> None:
        words = _(
            "For so long, the syncs of “{name}” carry out changes as large as these without "
            "asking. What waits already is carried out by the next full sync, or when you approve "
            "it. It is noted who allowed it, and it ends by itself."
        )
        title = _("Allow larger changes for a while?")
        super().__init__(parent, title, title, words.format(name=connector))
        self._session, self._connector, self._needed = session, connector, needed
        told = [
            _(_FIGURES[figure]).format(
                school=school_name(school or 0, schools),
                share=percent(share),
                what=entity_word(entity).lower(),
            )
            for (figure, entity, school), share in needed.items()
        ]
        if (more := len(told) - SHOWN) > 0:
            told[SHOWN:] = [plural("and {n} more", "and {n} more", more)]
        self.told = Label("\n".join(told))
        self.told.setWordWrap(True)
        self.hours = QComboBox()
        for hours in HOURS:
            self.hours.addItem(plural("{n} hour", "{n} hours", hours), hours)
        self.hours.currentIndexChanged.connect(self._name)
        for_ = Label(_("&How long"))
        for_.setBuddy(self.hours)
        row = QHBoxLayout()
        row.addWidget(for_)
        row.addWidget(self.hours)
        row.addStretch(1)
        self.body.addWidget(self.told)
        self.body.addLayout(row)
        self.body.addStretch(1)
        close = QPushButton(_("Change nothing"))
        close.clicked.connect(self.reject)
        self.allow_button = QPushButton()
        self.allow_button.setProperty("main", True)
        self.allow_button.clicked.connect(self.allow)
        session.refused.connect(self._refused)
        self.buttons.addStretch(1)
        self.buttons.addWidget(close)
        self.buttons.addWidget(self.allow_button)
        self.fit(560, 320)
        self._name()

    def allow(self) -> None:
        """Raises the figures; when the last of them is raised, it is told."""
        self.allow_button.setEnabled(False)
        lasts = timedelta(hours=self.hours.currentData())
        now = datetime.now(UTC)
        until = day_and_time(now + lasts, now)
        words = _("Larger changes of “{name}” are allowed until {when}.")
        said = Said(words.format(name=self._connector, when=until))

        def allowed(_limits: object) -> None:
            self.said.emit(said)
            self.accept()

        last = len(self._needed) - 1
        for place, ((figure, entity, school), share) in enumerate(self._needed.items()):
            self._session.command(
                "allow", self._connector, {figure: share}, entity=entity, school=school,
                lasts=lasts, then=allowed if place == last else None,
            )  # fmt: skip

    def _refused(self, _error: object) -> None:
        """The window shows why; it can be asked for again."""
        self.allow_button.setEnabled(True)

    def _name(self) -> None:
        told = plural("Allow for {n} hour", "Allow for {n} hours", self.hours.currentData())
        self.allow_button.setText(told)
