"""One question: who decides where both sides have changed the same thing?"""

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QVBoxLayout

from app.engine.charge import GROUPS, proposed, sis_in_charge
from app.engine.policy import Decides
from app.text import N_, _
from app.ui import theme
from app.ui.connectors.form import ChoiceField, Form
from app.ui.first.step import Step
from app.ui.parts.label import Label

_ANSWERS = {
    Decides.SIS: N_("The SIS"),
    Decides.ASK: N_("Ask me each time"),
    Decides.OURS: N_("What was edited here"),
}


SIS_DECIDES = N_("My SIS decides about rosters (usual)")
AS_THE_SIS = N_("Schools, people, classes and enrollments are as the SIS has them.")


class ChargeStep(Step):
    """The SIS, a person, or each group of record types as somebody chooses."""

    title = N_("Who is in charge")
    question = N_("Who is in charge?")
    words = N_(
        "It only matters where your SIS and somebody here have changed the same thing to different "
        "values. Whatever is decided, the value that gives way stays in the history. You can "
        "change this at any time in the settings."
    )

    def __init__(self) -> None:
        super().__init__()
        self.sis, self.sis_words = self._choice(SIS_DECIDES, AS_THE_SIS)
        self.ask, _words = self._choice(
            N_("Ask me"), N_("Each difference waits under Decide until you have chosen.")
        )
        self.choose, _words = self._choice(
            N_("Let me choose"), N_("For each group of records on its own.")
        )
        self._choices = QButtonGroup(self)
        for choice in (self.sis, self.ask, self.choose):
            self._choices.addButton(choice)
        self.sis.setChecked(True)
        self._filled = False
        """Somebody has answered, here or before."""
        self.why = Label()
        self.why.setObjectName("notice")
        self.why.setMargin(theme.SPACE)
        self.why.setWordWrap(True)
        self.why.hide()
        self.body.insertWidget(0, self.why)
        self._choices.buttonClicked.connect(self._answer)
        self.form = Form()
        usual = sis_in_charge()
        words = {decides.value: _(told) for decides, told in _ANSWERS.items()}
        self.fields = {
            group: ChoiceField(_(title), "", words, usual[group].value)
            for group, (title, _entities) in GROUPS.items()
        }
        for field in self.fields.values():
            self.form.add(field)
            field.editor.activated.connect(self._answer)
        self.body.addWidget(self.form)
        self.body.addStretch(1)
        self.form.hide()
        self.choose.toggled.connect(self.form.setVisible)

    def _choice(self, label: str, words: str) -> tuple[QRadioButton, QLabel]:
        choice, under = QRadioButton(_(label)), Label(_(words))
        choice.setMinimumHeight(theme.TARGET)
        choice.setAccessibleDescription(under.text())
        under.setWordWrap(True)
        under.setProperty("quiet", True)
        under.setIndent(3 * theme.SPACE)
        under.setBuddy(choice)
        pair = QVBoxLayout()
        pair.setSpacing(0)
        pair.addWidget(choice)
        pair.addWidget(under)
        self.body.addLayout(pair)
        return choice, under

    def _answer(self) -> None:
        self._filled = True

    def forget(self) -> None:
        """Nobody has answered about the connector that is set up next."""
        self._filled = False
        self.why.hide()
        self._show(sis_in_charge())

    def enter(self) -> None:
        """Proposes to be asked about what another SIS tells already."""
        name, setup = self.setup.name, self.setup
        self._name(name, setup.taken)
        if not setup.taken or not name:
            self._propose(sis_in_charge())
            return

        def found(answers: Mapping[str, Decides]) -> None:
            if self.setup is setup and setup.name == name:
                self._propose(answers)

        setup.session.ask("in charge", lambda db: proposed(db, name), found)

    def _name(self, name: str, others: Sequence[str]) -> None:
        """Says which system is meant, once there are several."""
        words, under = _(SIS_DECIDES), _(AS_THE_SIS)
        if others and name:
            told = ", ".join(_("“{name}”").format(name=one) for one in others)
            words = _("“{name}” decides about rosters").format(name=name)
            under = _(
                "Where {others} say otherwise, what “{name}” says stands here, and goes there as "
                "far as it is taken."
            ).format(others=told, name=name)
        self.sis.setText(words.replace("&", "&&"))
        self.sis_words.setText(under)
        self.sis.setAccessibleDescription(under)
        sis = _("“{name}”").format(name=name) if others and name else _(_ANSWERS[Decides.SIS])
        for field in self.fields.values():
            field.editor.setItemText(field.editor.findData(Decides.SIS.value), sis)

    def _propose(self, answers: Mapping[str, Decides]) -> None:
        usual = sis_in_charge()
        known = [_(title) for group, (title, _entities) in GROUPS.items()
                 if answers[group] is not usual[group]]  # fmt: skip
        self.why.setVisible(bool(known))
        self.why.setText(
            _(
                "Another SIS tells of these already: {what}. Whoever both know is recognized and "
                "stays one. Where they say otherwise, “Ask me” is proposed: you are "
                "asked once, and nothing that stands here is overwritten unseen."
            ).format(what=", ".join(known))
        )
        if not self._filled:
            self._show(answers)

    def start(self) -> None:
        """At the answer that is chosen."""
        chosen = self._choices.checkedButton()
        assert chosen is not None  # one of them always is
        chosen.setFocus()

    def answers(self) -> Mapping[str, Decides]:
        """Who decides, by group."""
        if self.sis.isChecked():
            return sis_in_charge()
        if self.ask.isChecked():
            return dict.fromkeys(GROUPS, Decides.ASK)
        return {group: Decides(field.value()) for group, field in self.fields.items()}

    def fill(self, answers: Mapping[str, Decides]) -> None:
        """Shows what was answered before."""
        self._filled = True
        self._show(answers)

    def _show(self, answers: Mapping[str, Decides]) -> None:
        if answers == sis_in_charge():
            self.sis.setChecked(True)
        elif set(answers.values()) == {Decides.ASK}:
            self.ask.setChecked(True)
        else:
            self.choose.setChecked(True)
            for group in answers.keys() & self.fields.keys():
                self.fields[group].fill(answers[group].value)

    def go_on(self) -> None:
        """Lays it down."""
        setup = self.setup
        setup.session.command("put_in_charge", setup.name, self.answers(), then=self._laid_down)

    def _laid_down(self, _change_set: object) -> None:
        self.done.emit()
