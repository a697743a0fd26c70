"""Something is off in the first look: what it may be, and what to do about it."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QRadioButton, QWidget

from app.text import N_, _
from app.ui import theme
from app.ui.parts.dialog import Dialog
from app.ui.parts.label import Label

CONNECT, READING = 1, 2
"""The places of the steps to which it leads."""


@dataclass(frozen=True)
class Reason:
    """What may be off, why that may be, and what the button does then."""

    words: str
    why: str
    button: str
    step: int | None = None
    """The step to go back to."""


REASONS = (
    Reason(
        N_("Schools are there that should not be"),
        N_(
            "Take the tick off each of them in the table, then look again. What belongs to them "
            "alone is then neither added nor changed here."
        ),
        N_("Go to the &table"),
    ),
    Reason(
        N_("Schools are missing, or the numbers are too low"),
        N_(
            "Most often the client ID may not read everything: ask whoever manages your SIS "
            "whether it is allowed all schools, all record types and the current school year. In "
            "summer a SIS may not have the new year yet. Then look again."
        ),
        N_("&Look again"),
    ),
    Reason(
        N_("People come twice"),
        N_(
            "Some SIS list a person once for each school or role. Test the connection again, and "
            "choose on the next page to make one person of them."
        ),
        N_("Go to the &connection"),
        CONNECT,
    ),
    Reason(
        N_("These are not our people at all"),
        N_("The address or the client ID is that of another district, or of a test system."),
        N_("Go to the &connection"),
        CONNECT,
    ),
    Reason(
        N_("More is read than should be"),
        N_("Switch off what nobody needs here; it is then not read at all."),
        N_("Go to what is &read"),
        READING,
    ),
)


class OffDialog(Dialog):
    """One reason is chosen, and one button does what helps with it."""

    look_again = Signal()
    back_to = Signal(int)
    save_report = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            parent, _("Something is off"), _("What is off?"),
            _("Nothing has been brought in. Take your time."),
        )  # fmt: skip
        self.choices = QButtonGroup(self)
        for place, reason in enumerate(REASONS):
            choice = QRadioButton(_(reason.words))
            choice.setMinimumHeight(theme.TARGET)
            choice.setAccessibleDescription(_(reason.why))
            self.choices.addButton(choice, place)
            self.body.addWidget(choice)
        self.why = Label()
        self.why.setWordWrap(True)
        self.why.setProperty("quiet", True)
        self.why.setMinimumHeight(4 * self.fontMetrics().lineSpacing())
        self.body.addWidget(self.why)
        self.save_button = QPushButton(_("&Save what was found as CSV…"))
        self.save_button.setAccessibleDescription(_("A table by school, to ask somebody about."))
        self.close_button = QPushButton(_("&Back to the first look"))
        self.do_button = QPushButton()
        self.do_button.setDefault(True)
        theme.mark(self.do_button, "main", True)
        self.buttons.addWidget(self.save_button)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.close_button)
        self.buttons.addWidget(self.do_button)
        self.choices.idToggled.connect(self._choose)
        self.save_button.clicked.connect(self._save)
        self.close_button.clicked.connect(self.reject)
        self.do_button.clicked.connect(self._do)
        first = self.choices.button(0)
        first.setChecked(True)
        first.setFocus()

    @property
    def _reason(self) -> Reason:
        return REASONS[self.choices.checkedId()]

    def _choose(self, _place: int, on: bool) -> None:
        if on:
            self.why.setText(_(self._reason.why))
            self.do_button.setText(_(self._reason.button))

    def _save(self) -> None:
        self.save_report.emit()
        self.accept()

    def _do(self) -> None:
        reason, place = self._reason, self.choices.checkedId()
        self.accept()
        if reason.step is not None:
            self.back_to.emit(reason.step)
        elif place:
            self.look_again.emit()
