"""Who decides where a record was changed both here and at the SIS."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.engine.policy import Decides
from app.engine.ruling import DECIDES_WORDS, part_words, rule_means, to_be_decided
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.store import finding
from app.store.database import Database
from app.store.policies import PolicyRow, Switches, laid_down, switches
from app.text import N_, _, sentence
from app.ui.connectors.form import ChoiceField, Field, Form, SwitchField
from app.ui.parts.dialog import Dialog
from app.ui.parts.simple import button, row, text
from app.ui.settings.page import Page
from app.ui.settings.tables import Rows
from app.ui.wording import people_first

Place = tuple[str, int | None, str | None]
"""What a row is about: record type, school and part; ``None`` is any."""


_FROM_NOW_ON = {
    Decides.SIS: N_("{what}: “{name}” decides from now on."),
    Decides.OURS: N_("{what}: ours decides from now on."),
    Decides.ASK: N_("{what}: you are asked from now on."),
    Decides.NEWEST: N_("{what}: the newer change decides from now on."),
}


@dataclass(frozen=True)
class Seen:
    """What was laid down for a connector."""

    rows: Sequence[PolicyRow]
    switches: Switches
    schools: dict[int, str]


def place_of(one: PolicyRow) -> Place:
    """What a row is about."""
    return one.entity, one.school, one.part


def _who(decides: Decides, name: str) -> str:
    """Who decides: where several SIS are connected, “the SIS” would be any of them."""
    return _("“{name}”").format(name=name) if decides is Decides.SIS else _(DECIDES_WORDS[decides])


class DecidesPage(Page):
    """The table of who decides, and the two switches beside it."""

    name = "decides"
    part = "rules"
    title = N_("Who decides")
    about = N_(
        "Where a value was changed here and at the SIS, differently, a rule can say which one is "
        "taken. Without a rule you are asked, under “Decide”. A rule about less goes before one "
        "about more."
    )

    def __init__(self) -> None:
        super().__init__()
        self._seen: Seen | None = None
        headings = [_("Records"), _("School"), _("Field"), _("Who decides"), _("By")]
        self.rows = Rows(self.title, headings)
        self.none = text(_("No rules yet: you are asked about every difference."), quiet=True)
        self.means = text()
        self.add_button = button(_("Add a rule…"))
        self.change_button = button(_("Change…"))
        self.remove_button = button(_("Remove this rule"))
        self.blanks = SwitchField(
            _("A blank at the SIS never overwrites a value"),
            _("When this is changed, the next sync reads everything."),
            on=False,
        )
        self.deletes = SwitchField(
            _("Send removals: what ends here is removed at the SIS, too"),
            _("Only where the SIS takes removals. They pass the safety limits first."),
            on=False,
        )
        self.creates = SwitchField(
            _("Send newcomers: what only other SIS know is made at this one, too"),
            _("Only where the SIS takes new records. Nobody is made there who may be known there."),
            on=False,
        )
        self.body.addWidget(self.rows)
        self.body.addWidget(self.none)
        self.body.addWidget(self.means)
        self.body.addLayout(row(self.add_button, self.change_button, self.remove_button))
        self.body.addWidget(self.blanks)
        self.body.addWidget(self.deletes)
        self.body.addWidget(self.creates)
        self.rows.chosen.connect(self._row_chosen)
        self.rows.wanted.connect(self._change)
        self.rows.unwanted.connect(self._remove)
        self.add_button.clicked.connect(self._add)
        self.change_button.clicked.connect(self._change)
        self.remove_button.clicked.connect(self._remove)
        self.blanks.editor.clicked.connect(self._switch)
        self.deletes.editor.clicked.connect(self._switch)
        self.creates.editor.clicked.connect(self._switch)

    @staticmethod
    def question(database: Database, connector: str) -> Seen:
        """What is laid down now."""
        [switched] = switches(database, connector)
        return Seen(laid_down(database, connector), switched, finding.schools(database))

    def show_found(self, found: Seen) -> None:
        """Shows it."""
        self._seen = found
        self.rows.show_rows([(place_of(one), self._texts(one, found)) for one in found.rows])
        self.rows.setVisible(bool(found.rows))
        self.none.setVisible(not found.rows)
        self.blanks.fill(found.switches.keep_values)
        self.deletes.fill(found.switches.send_deletes)
        self.creates.fill(found.switches.send_creates)
        self._row_chosen()

    def forget(self) -> None:
        """Shows nothing."""
        self._seen = None
        self.rows.show_rows([])

    def _texts(self, one: PolicyRow, seen: Seen) -> list[str]:
        type_ = ENTITIES[one.entity]
        school = _("any") if one.school is None else seen.schools.get(one.school, f"#{one.school}")
        who = _who(Decides(one.decides), self.connector)
        return [_(type_.many), school, part_words(type_, one.part), who, one.author]

    def _chosen(self) -> PolicyRow | None:
        rows = self._seen.rows if self._seen else ()
        return next((one for one in rows if place_of(one) == self.rows.value), None)

    def _row_chosen(self) -> None:
        one = self._chosen()
        self.change_button.setEnabled(one is not None)
        self.remove_button.setEnabled(one is not None)
        self.means.setVisible(one is not None)
        if one is not None:
            self.means.setText(rule_means(Decides(one.decides), one.part, self.connector))

    def _add(self) -> None:
        self._open(None)

    def _change(self) -> None:
        if one := self._chosen():
            self._open(one)

    def _open(self, one: PolicyRow | None) -> None:
        if self._seen is None:
            return
        dialog = RuleDialog(self, self.connector, self._seen.schools, one)
        dialog.laid.connect(lambda place, decides: self._lay(place, decides, one))
        dialog.open()

    def _lay(self, place: Place, decides: Decides, before: PolicyRow | None) -> None:
        if before is not None and place_of(before) != place:
            self._take(place_of(before))
        entity, school, part = place
        name = self.connector
        words = _(_FROM_NOW_ON[decides]).format(what=self._about(place), name=name)

        def laid(change_set: int) -> None:
            self.tell(words, change_set)
            self._tell_what_follows(name, entity)

        self.command(
            "set_policy", self.connector, entity, decides, school=school, part=part, then=laid
        )

    def _tell_what_follows(self, name: str, entity: str) -> None:
        """How many of the open differences the next sync decides by it."""
        if self.session is None:
            return

        def told(found: tuple[int, int]) -> None:
            if found[0] and name == self.connector:
                words = sentence("policy_will_decide", {"count": found[0], "name": name})
                self.means.setText(words)
                self.means.show()

        self.session.ask("to be decided", lambda db: to_be_decided(db, name, entity), told)

    def _remove(self) -> None:
        if one := self._chosen():
            self._take(place_of(one))

    def _take(self, place: Place) -> None:
        entity, school, part = place
        words = _("{what}: the rule is removed, and you are asked again.")
        words = words.format(what=self._about(place))

        def taken(change_set: int) -> None:
            self.tell(words, change_set)

        self.command(
            "set_policy", self.connector, entity, None, school=school, part=part, then=taken
        )

    def _about(self, place: Place) -> str:
        """What a rule is about, in words."""
        entity, school, part = place
        type_, schools = ENTITIES[entity], self._seen.schools if self._seen else {}
        told = [_(type_.many)]
        if part is not None:
            told.append(part_words(type_, part))
        if school is not None:
            told.append(schools.get(school, f"#{school}"))
        return " · ".join(told)

    def _switch(self) -> None:
        self.command(
            "set_switches",
            self.connector,
            keep_values=self.blanks.value(),
            send_deletes=self.deletes.value(),
            send_creates=self.creates.value(),
        )


class RuleDialog(Dialog):
    """One row of the table: what it is about, who decides, and what that means."""

    laid = Signal(object, object)
    """A ``Place`` and who decides there."""

    def __init__(
        self, parent: QWidget, name: str, schools: dict[int, str], before: PolicyRow | None
    ) -> None:
        title = _("Who decides in “{name}”?").format(name=name)
        super().__init__(parent, _("Who decides"), title)
        self._name = name
        self._before = before
        types = {one: _(ENTITIES[one].many) for one in people_first(ENTITIES)}
        places = {"": _("Any school"), **{str(id_): words for id_, words in schools.items()}}
        if before is not None and before.school is not None:
            places.setdefault(str(before.school), f"#{before.school}")
        who = {one.value: _who(one, name) for one in DECIDES_WORDS}
        self.entity = ChoiceField(_("&Records"), "", types, before.entity if before else "users")
        school = str(before.school or "") if before else ""
        self.school = ChoiceField(_("&School"), "", places, school)
        self.part = ChoiceField(_("&Field"), "", {"": ""}, "")
        self.decides = ChoiceField(
            _("&Who decides"), "", who, before.decides if before else Decides.SIS.value
        )
        self.means = text()
        self.form = Form()
        fields: tuple[Field, ...] = (self.entity, self.school, self.part, self.decides)
        for field in fields:
            self.form.add(field)
        self.body.addWidget(self.form)
        self.body.addWidget(self.means)
        self.body.addStretch(1)
        self.close_button = QPushButton(_("Cancel"))
        effect = _("&Add this rule") if before is None else _("&Change this rule")
        self.lay_button = button(effect, main=True)
        self.lay_button.setDefault(True)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.close_button)
        self.buttons.addWidget(self.lay_button)
        self.close_button.clicked.connect(self.reject)
        self.lay_button.clicked.connect(self._lay)
        self.entity.changed.connect(self._show_parts)
        self.part.changed.connect(self._preview)
        self.decides.changed.connect(self._preview)
        self._show_parts()
        if before is not None:
            self.part.fill(before.part or "")
        self.fit(560, 380)
        self.entity.editor.setFocus()

    def _show_parts(self) -> None:
        """The fields of the chosen type, grouped as they are decided."""
        type_ = ENTITIES[self.entity.value()]
        editor, chosen = self.part.editor, self.part.value()
        editor.blockSignals(True)
        editor.clear()
        editor.addItem(_("Any field"), "")
        editor.addItem(part_words(type_, ALIVE), ALIVE)
        for group in dict.fromkeys(one.group for one in type_.fields):
            editor.addItem(part_words(type_, group), group)
        self.part.fill(chosen)
        editor.blockSignals(False)
        self._preview()

    def _preview(self) -> None:
        decides = Decides(self.decides.value())
        self.means.setText(rule_means(decides, self.part.value() or None, self._name))

    def _lay(self) -> None:
        school = self.school.value()
        place = self.entity.value(), int(school) if school else None, self.part.value() or None
        self.laid.emit(place, Decides(self.decides.value()))
        self.accept()
