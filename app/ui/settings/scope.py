"""What of a SIS is kept in step: schools, terms, grades, roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from app.engine.scope import ABOVE_SCHOOLS, Scope
from app.engine.told import word
from app.errors import SyncError
from app.roster.entities import GRADES, ROLE
from app.store import finding, journal, reads, scopes
from app.store.database import Database, Tx
from app.text import N_, _, plural, sentence
from app.ui import theme
from app.ui.connectors.form import ChoiceField
from app.ui.parts.simple import button, row, text
from app.ui.settings.page import Page, section

ALL, THESE, ALL_BUT = "", "schools", "leave_out"
TALLEST = 8
"""So many lines of a list are shown without scrolling."""


@dataclass(frozen=True)
class Seen:
    """What is chosen, and what there is to choose from (by key: what people call it)."""

    scope: Scope
    schools: Mapping[str, str]
    terms: Mapping[str, str]
    grades: Sequence[str]
    roles: Sequence[str]
    outside: int
    """How many records are out of it and stay as they are."""


class Ticks(QListWidget):
    """A list to tick in; nothing ticked is everything."""

    changed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("ticks")
        self.setAccessibleName(name)
        self.itemChanged.connect(self.changed)

    def offer(self, words: Mapping[str, str], ticked: Sequence[str]) -> None:
        """Offers these, by key, some of them ticked; one that is gone is offered all the same."""
        self.blockSignals(True)
        self.clear()
        for key, told in {**{one: one for one in ticked if one not in words}, **words}.items():
            item = QListWidgetItem(told)
            item.setData(Qt.ItemDataRole.UserRole, key)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            on = Qt.CheckState.Checked if key in ticked else Qt.CheckState.Unchecked
            item.setCheckState(on)
            self.addItem(item)
        self.blockSignals(False)
        line = max(self.sizeHintForRow(0), theme.TARGET - theme.SPACE // 2)
        self.setFixedHeight(min(self.count(), TALLEST) * line + 2 * self.frameWidth() + 2)

    def ticked(self) -> tuple[str, ...]:
        """The keys of what is ticked."""
        items = (self.item(place) for place in range(self.count()))
        return tuple(
            sorted(
                str(item.data(Qt.ItemDataRole.UserRole))
                for item in items
                if item.checkState() == Qt.CheckState.Checked
            )
        )


class ScopePage(Page):
    """Ticked, then saved by a button: the next sync reads everything."""

    name = "scope"
    part = "scope"
    title = N_("What comes in")
    about = N_(
        "What you leave out is neither added, changed nor removed here. What came from it before "
        "stays as it is."
    )

    def __init__(self) -> None:
        super().__init__()
        self._seen: Seen | None = None
        self._filled = Scope()
        """What was set when one began to tick."""
        which = {
            ALL: _("All schools"),
            THESE: _("Only the schools ticked here"),
            ALL_BUT: _("All schools but those ticked here"),
        }
        self.which = ChoiceField(_("Schools"), "", which, ALL)
        self.schools = Ticks(_("Schools"))
        self.terms = Ticks(_("Terms"))
        self.grades = Ticks(_("Grades"))
        self.roles = Ticks(_("Roles"))
        self.unknown = text(
            _("Schools and terms can be chosen here once a first sync has told of them."),
            quiet=True,
        )
        self.follows = text()
        self.save_button = button(_("Let this come in"), main=True)
        self.back_button = button(_("Discard changes"))
        self._parts = (
            (section(_("Only these terms")), self.terms),
            (section(_("Only students of these grades")), self.grades),
            (section(_("Only people in these roles")), self.roles),
        )
        self.body.addWidget(section(_("Schools")))
        self.body.addWidget(self.which)
        self.body.addWidget(self.schools)
        self.body.addWidget(self.unknown)
        self.all = text(_("Where nothing is ticked, all of it comes in."), quiet=True)
        self.body.addWidget(self.all)
        for heading, ticks in self._parts:
            self.body.addWidget(heading)
            self.body.addWidget(ticks)
        self.body.addWidget(self.follows)
        self.body.addLayout(row(self.save_button, self.back_button))
        self.which.changed.connect(self._changed)
        for ticks in (self.schools, self.terms, self.grades, self.roles):
            ticks.changed.connect(self._changed)
        self.save_button.clicked.connect(self._save)
        self.back_button.clicked.connect(self._discard)

    @staticmethod
    def question(database: Database, connector: str) -> Seen:
        """What is chosen, and what there is."""
        with database.reading() as tx:
            row_ = journal.connector(tx, connector)
            types = _called(tx, row_.id, "orgs", "type")
            names = _called(tx, row_.id, "orgs", "name")
            terms = _called(tx, row_.id, "academic_sessions", "title")
        said = finding.said(database)
        schools = {key: name for key, name in names.items() if types.get(key) not in ABOVE_SCHOOLS}
        return Seen(
            Scope.of(row_.scope),
            schools,
            terms,
            [one for one in GRADES if one in said["grades"]],
            [one for one in ROLE.words if one in said["roles"]],
            sum(reads.outside(database, connector).values()),
        )

    def show_found(self, found: Seen) -> None:
        """Shows it, unless something else is being ticked."""
        changing = self._seen is not None and self._ticked() != self._filled
        self._seen = found
        if not changing or self._ticked() == found.scope:
            self._fill(found)
        self._changed()

    def forget(self) -> None:
        """Shows nothing."""
        self._seen = None
        for ticks in (self.schools, self.terms, self.grades, self.roles):
            ticks.offer({}, ())
        self.save_button.setEnabled(False)
        self.back_button.hide()

    def _fill(self, seen: Seen) -> None:
        scope = self._filled = seen.scope
        self.which.fill(THESE if scope.schools else ALL_BUT if scope.leave_out else ALL)
        self.schools.offer(seen.schools, scope.schools or scope.leave_out)
        self.terms.offer(seen.terms, scope.terms)
        self.grades.offer({one: one for one in seen.grades}, scope.grades)
        self.roles.offer({one: word(one) for one in seen.roles}, scope.roles)
        self.unknown.setVisible(not seen.schools)
        self.all.setVisible(any(ticks.count() for _heading, ticks in self._parts))
        for heading, ticks in self._parts:
            heading.setVisible(bool(ticks.count()))
            ticks.setVisible(bool(ticks.count()))

    def _ticked(self) -> Scope:
        which, schools = self.which.value(), self.schools.ticked()
        return Scope(
            schools=schools if which == THESE else (),
            leave_out=schools if which == ALL_BUT else (),
            terms=self.terms.ticked(),
            grades=self.grades.ticked(),
            roles=self.roles.ticked(),
        )

    def _changed(self) -> None:
        if self._seen is None:
            return
        self.schools.setVisible(self.which.value() != ALL and bool(self.schools.count()))
        dirty = self._ticked() != self._filled
        meanwhile = dirty and self._filled != self._seen.scope
        self.save_button.setEnabled(dirty and not meanwhile)
        self.back_button.setVisible(dirty)
        if meanwhile:
            self.follows.setText(sentence("set_meanwhile"))
        elif dirty:
            self.follows.setText(_("The next sync reads everything, and goes by this choice."))
        elif self._seen.outside:
            self.follows.setText(
                plural(
                    "{n} record is left out, and stays as it is.",
                    "{n} records are left out, and stay as they are.",
                    self._seen.outside,
                )
            )
        else:
            self.follows.setText("")

    def _save(self) -> None:
        if self._seen is None:
            return
        self.save_button.setEnabled(False)
        self.request(
            "set_scope", self.connector, self._ticked(), seen=self._filled, then=self._saved
        )

    def _saved(self, found: SyncError | None) -> None:
        if isinstance(found, SyncError):
            self._changed()
            self.follows.setText(sentence(found.code, found.parameters))
        else:
            self.tell(_("The next sync reads everything, and goes by that."))

    def _discard(self) -> None:
        if self._seen is not None:
            self._fill(self._seen)
            self._changed()


def _called(tx: Tx, connector: int, entity: str, field: str) -> dict[str, str]:
    """What a connector's records of an entity say in a field, by key, in the order of that."""
    known = scopes.keys_known(tx, connector, entity, (field,))
    told = {key: values[0] if values else key for key, values in known}
    return dict(sorted(told.items(), key=lambda one: one[1].casefold()))
