"""Who is whom at two SIS: by which rules that is known, and who was said not to be the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import Qt

from app.engine.doubts import CONFIDENCE
from app.roster.entities import ENTITIES
from app.roster.identity import BY_NAME, RULES, Rule
from app.store import matching, reads
from app.store.database import Database
from app.store.matching import Parted
from app.text import N_, _, plural
from app.ui.parts.simple import button, row, text
from app.ui.places import ToInbox
from app.ui.settings.page import Page, section
from app.ui.settings.tables import Rows
from app.ui.wording import day_and_time, instant, people_first

MOST = 500
"""So many pairs are shown, the newest."""


@dataclass(frozen=True)
class Seen:
    """Which rules are off, and who was told apart; what they are called."""

    off: frozenset[str]
    parted: Sequence[Parted]
    count: int
    titles: Mapping[int, str]


class WhomPage(Page):
    """The rules, a look over everything, and the answers that can be taken back."""

    name = "whom"
    title = N_("Who is whom")
    about = N_(
        "Where two SIS tell of your district, these rules say when a person, a class or a school "
        "of the one is that of the other. The first that holds counts. Whoever is in doubt is "
        "asked about under “Decide”, and stays two until then."
    )
    of_connector = False

    def __init__(self) -> None:
        super().__init__()
        self._seen: Seen | None = None
        self._looking = False
        """Everything is being compared."""
        headings = [_("Records"), _("Rule"), _("Trust"), _("On")]
        self.rules = Rows(_("Rules"), headings)
        self.switch_button = button(_("Switch this rule off"))
        self.look_button = button(_("Look over everything again"))
        self.look_button.setAccessibleDescription(
            _("Compares all that two SIS tell of. Nothing is made one: what is found is asked.")
        )
        self.found = text(quiet=True)
        self.pairs = Rows(
            _("Said not to be the same"), [_("Records"), _("One"), _("Other"), _("By"), _("When")]
        )
        self.none = text(_("Nobody was said not to be the same."), quiet=True)
        self.more = text(quiet=True)
        self.forget_button = button(_("They may be the same after all"))
        self.body.addWidget(self.rules)
        self.body.addLayout(row(self.switch_button, self.look_button))
        self.body.addWidget(self.found)
        self.body.addWidget(section(_("Said not to be the same")))
        self.body.addWidget(self.pairs)
        self.body.addWidget(self.none)
        self.body.addWidget(self.more)
        self.body.addLayout(row(self.forget_button))
        self.rules.chosen.connect(self._rule_chosen)
        self.rules.wanted.connect(self._switch)
        self.switch_button.clicked.connect(self._switch)
        self.look_button.clicked.connect(self._look)
        self.pairs.chosen.connect(self._pair_chosen)
        self.pairs.unwanted.connect(self._forget)
        self.forget_button.clicked.connect(self._forget)
        self.forget()

    @staticmethod
    def applies(kind: str, connectors: int) -> bool:
        """Where there are two to tell of anybody."""
        return connectors > 1

    @staticmethod
    def question(database: Database, connector: str) -> Seen:
        """What holds now."""
        with database.reading() as tx:
            off, parted = matching.switched_off(tx), list(matching.all_parted(tx))
        shown = parted[:MOST]
        by_entity: dict[str, list[int]] = {}
        for one in shown:
            by_entity.setdefault(one.entity, []).extend((one.one, one.other))
        titles = reads.titles(database, *by_entity.items())
        return Seen(frozenset(off), shown, len(parted), titles)

    def show_found(self, found: Seen) -> None:
        """Shows it."""
        self._seen = found
        order = people_first(ENTITIES)
        rules = sorted(RULES, key=lambda rule: order.index(rule.entity))
        self.rules.show_rows([(rule.name, _texts(rule, found)) for rule in rules])
        self.pairs.show_rows([(one, _told(one, found)) for one in found.parted])
        self.pairs.setVisible(bool(found.parted))
        self.none.setVisible(not found.parted)
        self.forget_button.setVisible(bool(found.parted))
        self.more.setVisible(found.count > len(found.parted))
        self.more.setText(_("The newest {n} of {all} are shown.").format(
            n=len(found.parted), all=found.count))  # fmt: skip
        self._rule_chosen()
        self._pair_chosen()

    def forget(self) -> None:
        """Shows nothing."""
        self._seen = None
        self._end_look()
        self.found.hide()
        self.more.hide()
        self.rules.show_rows([])
        self.pairs.show_rows([])

    # -- rules --

    def _rule_chosen(self) -> None:
        name, seen = self.rules.value, self._seen
        self.switch_button.setEnabled(name is not None)
        off = seen is not None and name in seen.off
        words = _("Switch this rule on") if off else _("Switch this rule off")
        self.switch_button.setText(words)

    def _switch(self) -> None:
        name, seen = self.rules.value, self._seen
        if name is None or seen is None:
            return
        on = name in seen.off
        words = (
            _("“{rule}” holds from now on.")
            if on
            else _("“{rule}” holds no more. What is one already stays one.")
        ).format(rule=_(BY_NAME[str(name)].label))

        def switched(_nothing: object) -> None:
            self.tell(words)

        self.command("set_identity_rule", name, on=on, then=switched)

    def _look(self) -> None:
        if self.session is None:
            return
        self._looking = True
        self.look_button.setEnabled(False)
        self.found.setText(_("Comparing…"))
        self.found.show()
        unique = Qt.ConnectionType.UniqueConnection
        self.session.refused.connect(self._looked_in_vain, unique)
        self.command("look_over", then=self._looked)

    def _looked(self, count: int) -> None:
        self._end_look()
        self.found.setText(
            plural("{n} new question, under Decide.", "{n} new questions, under Decide.", count)
            if count
            else _("Nothing new was found.")
        )
        if count:
            self.go.emit(ToInbox())

    def _looked_in_vain(self, _error: BaseException) -> None:
        if self._looking:
            self._end_look()
            self.found.hide()

    def _end_look(self) -> None:
        self._looking = False
        self.look_button.setEnabled(True)

    # -- who was told apart --

    def _pair_chosen(self) -> None:
        self.forget_button.setEnabled(self.pairs.value is not None)

    def _forget(self) -> None:
        pair = self.pairs.value
        if not isinstance(pair, Parted):
            return

        def forgotten(_count: int) -> None:
            self.tell(_("They are compared again with the next sync that reads everything, or by "
                        "“Look over everything again”."))  # fmt: skip

        self.command("forget_different", [(pair.one, pair.other)], then=forgotten)


def _texts(rule: Rule, seen: Seen) -> list[str]:
    """A rule as its row shows it."""
    state = _("off") if rule.name in seen.off else _("on")
    return [_(ENTITIES[rule.entity].many), _(rule.label), _(CONFIDENCE[rule.confidence]), state]


def _told(one: Parted, seen: Seen) -> list[str]:
    """A pair as its row shows it."""
    names = [f"{seen.titles.get(id_) or ''} #{id_}".strip() for id_ in (one.one, one.other)]
    when = day_and_time(instant(one.at), datetime.now(UTC))
    return [_(ENTITIES[one.entity].many), *names, one.by, when]
