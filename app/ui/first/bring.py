"""The first sync itself: what was looked at comes in."""

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy

from app.engine.events import Progress
from app.engine.today import School, schools
from app.engine.told import counted
from app.store import reads
from app.store.database import Database
from app.store.journal import GOOD_STATES
from app.store.reads import RunRow
from app.text import N_, _, sentence
from app.ui import theme
from app.ui.first.step import Step
from app.ui.parts.label import Label
from app.ui.progress import RunBar
from app.ui.session import Session
from app.ui.situation import is_open
from app.ui.wording import number, people_first

DONE = N_("Your rosters are here")
DONE_WORDS = N_("That was all. Under Today every school stands with its numbers.")
WHOLE = N_("{students} students, {staff} staff and {classes} classes.")


class BringStep(Step):
    """Shows how far the sync is; the window can be used meanwhile."""

    title = N_("Bring them in")
    question = N_("Your rosters come in")
    words = N_("You need not wait here: the sync goes on, and the bar under the headline shows it.")

    def __init__(self) -> None:
        super().__init__()
        self.bar = RunBar()
        self.bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.bar.cancel.connect(self._cancel)
        self.numbers, self.outcome = Label(), Label()
        self.numbers.setFont(theme.large(self.font()))
        for label in (self.numbers, self.outcome):
            label.setWordWrap(True)
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.numbers)
        self.body.addWidget(self.outcome)
        self.body.addStretch(1)
        self._session: Session | None = None
        self._run: int | None = None

    def enter(self) -> None:
        """The newest sync of the connector."""
        session = self.setup.session
        if self._session is not session:
            self._session = session
            session.progressed.connect(self._progressed)
            session.wrote.connect(self._look)
        self.bar.show_progress((Progress(0, self.setup.name, "", 0, None, None, False),))
        self.bar.show()
        self.numbers.hide()
        self.outcome.clear()
        self.question, self.words = BringStep.question, BringStep.words
        self._look()

    def forget(self) -> None:
        """Nothing is shown any more."""
        self._session = self._run = None

    @property
    def next_words(self) -> str:
        """The guide is over."""
        return N_("Go to Today")

    def _look(self) -> None:
        if self._session is not None and self.isVisible():
            name = self.setup.name
            self._session.ask("first sync", lambda db: _newest(db, name), self._seen)

    @property
    def over(self) -> bool:
        """The rosters are here."""
        return self.question == DONE

    def _seen(self, found: tuple[RunRow | None, School | None]) -> None:
        run, whole = found
        if run is None:
            return
        self._run = run.id
        self.bar.setVisible(is_open(run))
        if not is_open(run):
            self.outcome.setText(_told(run))
            if run.state in GOOD_STATES:
                self.question, self.words = DONE, DONE_WORDS
            if whole is not None:
                self.numbers.setText(
                    _(WHOLE).format(
                        students=number(whole.students),
                        staff=number(whole.staff),
                        classes=number(whole.classes),
                    )
                )
                self.numbers.show()
            self.changed.emit()

    def _progressed(self, told: Progress) -> None:
        if told.run == self._run:
            self.bar.show_progress((told,))

    def _cancel(self) -> None:
        if self._session is not None and self._run is not None:
            self._session.command("cancel", self._run)


def _newest(database: Database, name: str) -> tuple[RunRow | None, School | None]:
    """The newest sync, and what is here once it came to a good end."""
    run = reads.connector(database, name).last
    good = run is not None and run.state in GOOD_STATES
    return run, schools(database, datetime.now(UTC)).whole if good else None


def _told(run: RunRow) -> str:
    """How the sync ended, and what is next."""
    if run.state not in GOOD_STATES:
        if run.state == "cancelled":
            return _("The sync was stopped. What came in stays, and the next sync goes on there.")
        return sentence(run.error_code or "unexpected", run.error_parameters)
    made = {one.entity: one.counts["created"] for one in run.streams}
    what = " · ".join(counted(made[name], name) for name in people_first(made) if made[name])
    came = _("Here are now: {what}.").format(what=what) if what else _("Nothing was new.")
    if run.total("waiting") or run.total("conflicts"):
        return _("{came} Something waits for you; you find it under Decide.").format(came=came)
    return _("{came} From now on it syncs as its schedule says, and when you ask.").format(
        came=came
    )
