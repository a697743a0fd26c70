"""The dialog in which a person says that what is wrong with a connector is known."""

from datetime import date, datetime, timedelta

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QDateEdit, QFormLayout, QLineEdit, QPushButton, QWidget

from app.engine.health import troubles
from app.engine.known import LONGEST
from app.engine.overview import facts_of
from app.store.reads import ConnectorFacts
from app.text import _, sentence
from app.ui import theme
from app.ui.parts.dialog import Dialog
from app.ui.parts.label import Label
from app.ui.session import Session

USUAL = timedelta(days=7)
"""The day that is suggested."""


class KnownDialog(Dialog):
    """Until when and why; what is wrong stands above."""

    def __init__(
        self, parent: QWidget | None, session: Session, facts: ConnectorFacts, now: datetime
    ) -> None:
        words = _(
            "Until that day “{name}” is not told as urgent because of this; anything else that "
            "goes wrong still is."
        ).format(name=facts.name)
        is_known = facts.issue is not None
        title = _("Not known any more?") if is_known else _("Do you know about this already?")
        super().__init__(parent, _("Known issue"), title, words)
        self._session = session
        self._name = facts.name
        issue, today = facts.issue, now.astimezone().date()
        for one in troubles(facts_of(facts, now), now):
            wrong = Label(sentence(one.code, one.parameters))
            wrong.setWordWrap(True)
            self.body.addWidget(wrong)
        self.because = QLineEdit(issue.because if issue else "")
        self.because.setPlaceholderText(_("The vendor mends it over the holidays"))
        self.until = QDateEdit(_qt(date.fromisoformat(issue.until) if issue else today + USUAL))
        self.until.setCalendarPopup(True)
        self.until.setDisplayFormat("d MMM yyyy")
        self.until.setDateRange(_qt(today), _qt(today + LONGEST))
        form = QFormLayout()
        form.setVerticalSpacing(theme.SPACE)
        form.addRow(_("&Why it is known"), self.because)
        form.addRow(_("&Until the end of"), self.until)
        for field in (self.because, self.until):
            field.setFixedHeight(theme.TARGET)
            form.labelForField(field).setFixedHeight(theme.TARGET)
        self.body.addSpacing(theme.SPACE)
        self.body.addLayout(form)
        self.quiet_button = QPushButton(_("&Keep it quiet until then"))
        self.quiet_button.clicked.connect(self.keep_quiet)
        self.forget_button = QPushButton(_("&Tell it as urgent again"))
        self.forget_button.setVisible(is_known)
        main = self.forget_button if is_known else self.quiet_button
        main.setProperty("main", True)
        main.setDefault(True)
        self.forget_button.clicked.connect(self.forget)
        self.leave_button = QPushButton(_("&Leave it as it is"))
        self.leave_button.clicked.connect(self.reject)
        self.buttons.addStretch(1)
        for button in (self.leave_button, self.forget_button, self.quiet_button):
            self.buttons.addWidget(button)
        self.because.textChanged.connect(self._look)
        self._look()
        (self.forget_button if is_known else self.because).setFocus()

    def keep_quiet(self) -> None:
        """It is known until then."""
        until: date = self.until.date().toPython()  # type: ignore[assignment]
        self._session.command("mark_known", self._name, until, self.because.text())
        self.accept()

    def forget(self) -> None:
        """It is known no more."""
        self._session.command("forget_known", self._name)
        self.accept()

    def _look(self) -> None:
        self.quiet_button.setEnabled(bool(self.because.text().strip()))


def known_offer(facts: ConnectorFacts, now: datetime) -> str:
    """What leads to the dialog; blank where nothing is wrong that could be known."""
    if facts.issue is not None:
        return _("Not &known any more…")
    return _("Mark as &known…") if troubles(facts_of(facts, now), now) else ""


def _qt(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
