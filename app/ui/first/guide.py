"""The guide: a list of the steps, the page of one of them, *Back* and *Next*.

It can be left at any time and goes on where it was: what was filled in and is not stored yet is
remembered by the window, but for secrets; everything else is in the database already.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec
from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.connectors.contract import Finding, Kind
from app.engine.policy import Decides
from app.errors import SyncError
from app.store.reads import ConnectorFacts
from app.text import N_, _
from app.ui import badges, faults, theme
from app.ui.badges import Look
from app.ui.first.bring import BringStep
from app.ui.first.charge import ChargeStep
from app.ui.first.connect import ConnectStep, drafted
from app.ui.first.look import LookStep
from app.ui.first.reading import ReadingStep
from app.ui.first.sis import SisStep
from app.ui.first.step import NEXT, Setup, Step
from app.ui.pages import Notice
from app.ui.parts.label import Label
from app.ui.session import Session

_DONE, _NOW, _LATER = (
    Look("tick", "good", N_("Done")), Look("ring", "active", N_("Now")),
    Look("ring", "quiet", N_("Later")),
)  # fmt: skip
"""How far a step is: never told by colour alone."""
_OPEN = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_SHUT = Qt.ItemFlag.NoItemFlags
SIS, CONNECT = 0, 1
"""The places of the first two steps."""
ICON = 16
WIDEST = 1100
"""A wider page would be hard to read."""


class _Left(msgspec.Struct):
    """Where it was left, as the window remembers it: nothing that is secret."""

    name: str
    place: int
    settings: str
    """The ``Filling.digest`` of what was tested and stored."""
    found: Sequence[Finding]
    charge: Mapping[str, Decides]
    left_out: Mapping[str, str] = {}
    """As ``Setup.left_out``."""


_Draft = tuple[str, str, dict[str, Any]]
"""Kind, vendor and what a person had filled in, as the window remembers it."""


class Guide(QWidget):
    """Sets one connector up, from the choice of the SIS to its first sync."""

    left = Signal()
    """It is left before its end."""
    over = Signal(str)
    """The connector of this name is set up."""

    def __init__(self, settings: QSettings) -> None:
        super().__init__()
        self._settings = settings
        self.setup: Setup | None = None
        self.sis, self.connect_, self.reading = SisStep(), ConnectStep(), ReadingStep()
        self.charge, self.look, self.bring = ChargeStep(), LookStep(), BringStep()
        self.steps: Sequence[Step] = (
            self.sis, self.connect_, self.reading, self.charge, self.look, self.bring,
        )  # fmt: skip
        self._place = 0
        self._reached = 0
        self._lay_out()
        for step in self.steps:
            step.done.connect(self._go_on)
            step.changed.connect(self._show_step)
        self.look.back_to.connect(self.go_to)
        self.sis.anew.connect(self._anew)

    def _lay_out(self) -> None:
        self.list = QListWidget()
        self.leave_button = QPushButton(_("Leave for now"))
        self.question, self.words, self.why_not = Label(), Label(), Label()
        self.notice = Notice()
        self.stack = QStackedWidget()
        self._rows = [QWidget() for _step in self.steps]
        """The buttons of each page."""
        self.back_button = QPushButton(_("Back"))
        self.next_button = QPushButton(_(NEXT))
        across = QHBoxLayout()
        across.setContentsMargins(18, 14, 18, 14)
        across.addStretch(1)
        across.addWidget(self._card(), 100)
        across.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._side())
        layout.addLayout(across, 1)
        self.list.itemActivated.connect(self._step_chosen)
        self.list.itemClicked.connect(self._step_chosen)
        self.leave_button.clicked.connect(self.leave)
        self.back_button.clicked.connect(self.back)
        self.next_button.clicked.connect(self._next)

    def _side(self) -> QWidget:
        """The list of the steps, and the way out."""
        self.list.setObjectName("steps")
        self.list.setAccessibleName(_("Steps"))
        self.list.setWordWrap(True)
        self.list.addItems([_(step.title) for step in self.steps])
        words = _("Nothing is lost: you can go on here at any time.")
        self.leave_button.setAccessibleDescription(words)
        self.leave_button.setToolTip(words)
        side = QWidget()
        side.setObjectName("side")
        side.setFixedWidth(theme.SIDEBAR)
        layout = QVBoxLayout(side)
        layout.setContentsMargins(theme.SPACE, 20, theme.SPACE, 14)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.leave_button)
        return side

    def _card(self) -> QWidget:
        """The question, the page that answers it, and the buttons."""
        self.question.setFont(theme.large(self.font()))
        self.words.setProperty("quiet", True)
        self.why_not.setProperty("quiet", True)
        self.why_not.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for label in (self.question, self.words, self.why_not):
            label.setWordWrap(True)
        for step in self.steps:
            self.stack.addWidget(_scrolling(step))
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE)
        for one in self._rows:
            buttons = QHBoxLayout(one)
            buttons.setContentsMargins(0, 0, 0, 0)
            buttons.setSpacing(theme.SPACE)
            row.addWidget(one)
        row.addWidget(self.why_not, 1)
        row.addWidget(self.back_button)
        row.addWidget(self.next_button)
        card = QFrame()
        card.setObjectName("card")
        card.setMaximumWidth(WIDEST)
        layout = QVBoxLayout(card)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(2 * theme.SPACE)
        for part in (self.question, self.words, self.notice):
            layout.addWidget(part)
        layout.addWidget(self.stack, 1)
        layout.addLayout(row)
        return card

    # -- opening and leaving --

    @property
    def unfinished(self) -> str:
        """The connector that was being set up when the guide was left; blank without any."""
        return str(self._settings.value("first/name", ""))

    @property
    def was_open(self) -> bool:
        """True where the window was closed in the middle of it."""
        return self._settings.value("first/open", False, type=bool) is True

    def open(
        self,
        session: Session,
        kinds: Mapping[str, Kind],
        taken: Sequence[str],
        facts: ConnectorFacts | None = None,
    ) -> None:
        """Goes on where it was left: with ``facts``, those of the ``unfinished`` connector."""
        begun = self.setup
        if (
            begun is None
            or begun.session is not session
            or begun.name != (facts.name if facts is not None else "")
        ):
            self._begin(session, kinds, taken, facts)
        assert self.setup is not None
        self.setup.taken = taken
        self._settings.setValue("first/open", True)
        self.go_to(self._place)

    def _begin(
        self,
        session: Session,
        kinds: Mapping[str, Kind],
        taken: Sequence[str],
        facts: ConnectorFacts | None,
    ) -> None:
        self.forget()
        setup = Setup(session, kinds, taken)
        if facts is not None and facts.kind in kinds:
            setup.kind, setup.name, setup.facts = facts.kind, facts.name, facts
            self._place = self._reached = CONNECT
        elif (draft := self._draft()) is not None and draft[0] in kinds:
            setup.kind, setup.vendor, setup.draft = draft
            self._place = self._reached = CONNECT
        self.setup = setup
        for step in self.steps:
            step.setup = setup
        if setup.name:
            self._recall(setup)
        session.refused.connect(self._refused, Qt.ConnectionType.UniqueConnection)

    def _draft(self) -> _Draft | None:
        """What was filled in before; whatever else stands in the file is as good as nothing."""
        told = str(self._settings.value("first/draft", ""))
        try:
            found: _Draft = msgspec.json.decode(told, type=_Draft)
        except msgspec.MsgspecError:
            return None
        return found

    def _recall(self, setup: Setup) -> None:
        """What was found before, and where one was; with other settings it is tested again."""
        self.connect_.enter()
        filling = setup.filling
        assert filling is not None
        try:
            left = msgspec.json.decode(str(self._settings.value("first/left", "")), type=_Left)
        except msgspec.MsgspecError:
            return
        if (left.name, left.settings) == (setup.name, filling.digest):
            filling.recall(left.found)
            setup.left_out = left.left_out
            if left.place >= self.steps.index(self.charge):  # else nobody has seen the question
                self.charge.fill(left.charge)
            self._place = self._reached = max(CONNECT, min(left.place, len(self.steps) - 1))

    def leave(self) -> None:
        """Leaves it; what was filled in stays."""
        self.remember()
        self._settings.setValue("first/open", False)
        self.steps[self._place].leave()
        self.left.emit()

    def remember(self) -> None:
        """Has the window remember what is filled in; for its end, too."""
        setup = self.setup
        if setup is None:
            return
        if setup.name:
            self._settings.setValue("first/name", setup.name)
            self._settings.remove("first/draft")
            filling = setup.filling
            if filling is None or not (filling.stored and filling.tested):
                self._settings.remove("first/left")
                return
            found, charge = filling.findings.found, self.charge.answers()
            out = {**setup.left_out, **self.look.left_out}
            left = _Left(setup.name, self._place, filling.digest, found, charge, out)
            self._settings.setValue("first/left", msgspec.json.encode(left).decode())
        elif setup.filling is not None:
            told = [setup.kind, setup.vendor, drafted(setup.filling)]
            self._settings.setValue("first/draft", json.dumps(told))

    def forget(self) -> None:
        """The session ends: nothing of it stays in sight."""
        self.remember()
        self.setup = None
        self._place = self._reached = 0
        self.notice.hide()
        self.connect_.forget()
        self.charge.forget()
        self.look.forget()
        self.bring.forget()

    def finish(self) -> None:
        """The connector is set up."""
        assert self.setup is not None
        name = self.setup.name
        for key in ("first/name", "first/draft", "first/left", "first/open"):
            self._settings.remove(key)
        self.setup.name = ""  # nothing of it is to be remembered
        self.setup.filling = None
        self.forget()
        self.over.emit(name)

    # -- going about --

    @property
    def step(self) -> Step:
        """The step that is shown."""
        return self.steps[self._place]

    def go_to(self, place: int) -> None:
        """Shows a step by its place, from 0."""
        if place != self._place:
            self.step.leave()
        self._place = place
        self._reached = max(self._reached, place)
        step = self.step
        self.notice.hide()
        self.setAccessibleName(_(step.question))
        self.stack.setCurrentIndex(place)
        self._show_steps()
        step.enter()
        self._lay_out_buttons()
        self._show_buttons()
        step.start()

    def _show_steps(self) -> None:
        """How far each step is."""
        for place in range(self.list.count()):
            item, now = self.list.item(place), place == self._place
            look = (
                _NOW if now and not self.step.over else _DONE if place <= self._reached else _LATER
            )
            item.setIcon(_lasting(badges.icon(look)))
            told = _("{step}: {state}").format(step=item.text(), state=_(look.word))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, told)
            font = item.font()
            font.setBold(now)
            item.setFont(font)
            item.setFlags(_OPEN if now or self._can_go_to(place) else _SHUT)
        self.list.setCurrentRow(self._place)

    @property
    def _first(self) -> int:
        """The first step that makes sense: what was left before is the connector of one SIS."""
        return CONNECT if self.setup is not None and self.setup.facts is not None else SIS

    def _anew(self) -> None:
        """Another SIS is set up: the later steps were about the one before."""
        self._reached = SIS
        self.charge.forget()
        self.look.left_out = {}
        for key in ("first/name", "first/draft", "first/left"):
            self._settings.remove(key)

    def _can_go_to(self, place: int) -> bool:
        """A step that was reached; from the last there is no way back."""
        return self._first <= place <= self._reached and self._place < len(self.steps) - 1

    def back(self) -> None:
        """To the step before."""
        if self._can_go_to(self._place - 1):
            self.go_to(self._place - 1)

    def _next(self) -> None:
        self.notice.hide()
        self.step.go_on()

    def _go_on(self) -> None:
        if self.sender() is not self.step:
            return
        if self._place == len(self.steps) - 1:
            self.finish()
            return
        self.go_to(self._place + 1)
        self.remember()

    def _step_chosen(self, item: QListWidgetItem) -> None:
        place = self.list.row(item)
        if place != self._place and self._can_go_to(place):
            self.go_to(place)

    # -- buttons --

    def _lay_out_buttons(self) -> None:
        """Those of the page before *Back* and *Next*, in the order of the Tab key."""
        for place, (row, step) in enumerate(zip(self._rows, self.steps, strict=True)):
            row.setVisible(place == self._place)
            for button in step.buttons:
                if button.parentWidget() is not row:
                    button.setAutoDefault(True)
                    layout = row.layout()
                    assert layout is not None
                    layout.addWidget(button)
        last = self._place == len(self.steps) - 1
        self.back_button.setVisible(not last and self._place > self._first)
        self.leave_button.setVisible(not last)
        for one, other in pairwise((*self.step.buttons, self.back_button, self.next_button)):
            QWidget.setTabOrder(one, other)

    def _show_step(self) -> None:
        if self.step.over:
            self._show_steps()
        self._show_buttons()

    def _show_buttons(self) -> None:
        step = self.step
        self.question.setText(_(step.question))
        self.words.setText(_(step.words))
        self.next_button.setText(_(step.next_words))
        self.next_button.setEnabled(step.ready)
        self.why_not.setText(_(step.why_not) if step.why_not else "")
        self.next_button.setAccessibleDescription(self.why_not.text())
        for button in step.buttons:
            theme.mark(button, "main", button is step.main)
        theme.mark(self.next_button, "main", step.main is None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, RUF100
        """Enter in a field presses the main button, as in a dialog."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            (self.step.main or self.next_button).click()
        else:
            super().keyPressEvent(event)

    def _refused(self, error: BaseException) -> None:
        if self.isVisible() and isinstance(error, SyncError):
            self.notice.say(faults.told(error))


def _lasting(icon: QIcon) -> QIcon:
    """The same where one cannot go: what is done stays done."""
    icon = QIcon(icon)
    icon.addPixmap(icon.pixmap(ICON, ICON), QIcon.Mode.Disabled)
    return icon


def _scrolling(step: Step) -> QWidget:
    """The page, to be scrolled where there is not room for it."""
    step.setObjectName("form")
    if step.scrolls:
        return step
    area = QScrollArea()
    area.setObjectName("form")
    area.setWidget(step)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
