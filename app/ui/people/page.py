"""The page of one record: what it is, how it stands, and what can be done with it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.engine import naming
from app.engine.events import Progress
from app.engine.verdict import Leads, Verdict, verdict
from app.errors import NotFound
from app.roster.entities import ENTITIES
from app.store import profile as profiles
from app.store.corrections import Fate
from app.store.database import Database
from app.store.profile import Profile, Related
from app.store.rolls import ClassFacts, class_facts
from app.store.search import Named
from app.text import _, plural, sentence
from app.ui import progress, theme
from app.ui.parts.flow import Flow
from app.ui.parts.label import Label
from app.ui.people.details import Details
from app.ui.people.relatives import Relatives
from app.ui.people.roll import ClassRoll
from app.ui.people.same import OFFERED
from app.ui.people.sis import AtSis
from app.ui.people.timeline import TimeLine
from app.ui.places import (
    Place,
    ToChangeSet,
    ToFound,
    ToRecord,
    ToSettings,
    ToUnreadable,
    ToWaiting,
)
from app.ui.wording import day_and_time, instant, number, today

CLASSES = "classes"


@dataclass(frozen=True)
class Seen:
    """What the page of a record shows; without ``profile`` there is no such record."""

    asked: ToRecord
    profile: Profile | None
    related: tuple[Related, ...] = ()
    facts: ClassFacts | None = None


def look(database: Database, which: ToRecord) -> Seen:
    """Reads it; on the reader's thread."""
    entity, id_ = which.entity, which.id
    try:
        profile = profiles.profile(database, entity, id_)
    except NotFound:
        return Seen(which, None)
    related = tuple(profiles.related(database, entity, id_))
    facts = class_facts(database, id_) if entity == CLASSES else None
    return Seen(which, profile, related, facts)


class RecordPage(QWidget):
    """Shows what ``look`` has seen; its signals say what a person wants."""

    go = Signal(object)
    back = Signal()
    edits = Signal(str)
    """Wants it edited, at this field; blank: at the first."""
    ends = Signal()
    restores = Signal()
    protects = Signal(bool)
    unites = Signal()
    """It is the same as another record: they are to be made one."""
    parts = Signal(str)
    """What this connector tells is another record: they are to be taken apart."""
    syncs = Signal()
    """Wants this class to be synced."""
    cancels_sync = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._seen: Seen | None = None
        self._verdict: Verdict | None = None
        self._runs: dict[int, Progress] = {}
        self.title, self.about = Label(), Label()
        self.title.setFont(theme.large(self.font()))
        self.about.setProperty("quiet", True)
        for label in (self.title, self.about):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tags = QWidget()
        self._tags = Flow(self.tags)
        self._make_buttons()
        self._make_verdict()
        self.details, self.relatives = Details(), Relatives()
        self.at_sis, self.timeline, self.roll = AtSis(), TimeLine(), ClassRoll()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(_("Parts of the record"))
        for part, name in (
            (self.roll, _("Roll")), (self.details, _("Details")), (self.relatives, _("Related")),
            (self.at_sis, _("At each SIS")), (self.timeline, _("Time line")),
        ):  # fmt: skip
            self.tabs.addTab(part, name)
        for part in (self.details, self.at_sis, self.timeline, self.roll):
            part.go.connect(self.go)
        self.details.edits.connect(self._edit)
        self.relatives.list.opened.connect(lambda which: self.go.emit(ToRecord(*which)))
        self.missing = Label(_("There is no such record any more."))
        self.missing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.missing.setProperty("quiet", True)
        self._lay_out()
        self.show_seen(None)

    def _make_buttons(self) -> None:
        self.back_button = QPushButton(_("&Back"))
        self.back_button.setAccessibleDescription(_("Goes back to where you came from"))
        self.back_button.setToolTip(self.back_button.accessibleDescription())
        self.back_button.clicked.connect(self.back)
        self.search_button = QPushButton(_("Search"))
        self.search_button.setAccessibleDescription(_("Goes back to the search"))
        self.search_button.clicked.connect(lambda: self.go.emit(ToFound()))
        self.sync_button = QPushButton(_("S&ync this class"))
        self.sync_button.clicked.connect(self.syncs)
        self.edit_button = QPushButton(_("Ed&it…"))
        self.edit_button.clicked.connect(lambda: self.edits.emit(""))
        self.restore_button = QPushButton(_("Res&tore"))
        self.restore_button.clicked.connect(self.restores)
        self.more_button = QPushButton(_("&More"))
        menu = QMenu(self.more_button)
        self.end_action = menu.addAction(_("&End this record here"), self.ends.emit)
        self.protect_action = menu.addAction(
            _("&Protect: no sync ends it"), lambda: self.protects.emit(True)
        )
        self.unprotect_action = menu.addAction(
            _("Do not &protect any more"), lambda: self.protects.emit(False)
        )
        self.same_action = menu.addAction(_("This is the &same as…"), self.unites.emit)
        self.more_button.setMenu(menu)
        self.part_actions: dict[str, QAction] = {}
        """By connector, where several know the record."""

    def _make_verdict(self) -> None:
        self.card = QFrame()
        self.card.setObjectName("detail")
        self.verdict_words = Label()
        self.verdict_words.setWordWrap(True)
        self.verdict_words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.lead_button = QPushButton()
        self.lead_button.clicked.connect(self._follow)
        self.lead_button.hide()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Progress of the sync"))
        self.bar_words = Label()
        self.bar_words.setProperty("quiet", True)
        self.stop_button = QPushButton(_("Cancel"))
        self.stop_button.setAccessibleName(_("Cancel the sync of this class"))
        self.stop_button.clicked.connect(self.cancels_sync)
        across = QHBoxLayout()
        across.setSpacing(2 * theme.SPACE)
        across.addWidget(self.verdict_words, 1)
        across.addWidget(self.lead_button, 0, Qt.AlignmentFlag.AlignVCenter)
        below = QHBoxLayout()
        below.setSpacing(2 * theme.SPACE)
        below.addWidget(self.bar, 1)
        below.addWidget(self.bar_words)
        below.addWidget(self.stop_button)
        layout = QVBoxLayout(self.card)
        layout.setContentsMargins(2 * theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        layout.setSpacing(theme.SPACE // 2)
        layout.addLayout(across)
        layout.addLayout(below)

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(theme.SPACE)
        above.addWidget(self.title, 1, Qt.AlignmentFlag.AlignVCenter)
        for button in (self.back_button, self.search_button, self.edit_button, self.restore_button,
                       self.more_button, self.sync_button):  # fmt: skip
            button.setAutoDefault(True)
            above.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(above)
        layout.addWidget(self.about)
        layout.addWidget(self.tags)
        layout.addWidget(self.card)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.missing, 1)

    def _edit(self, field: str) -> None:
        if self.edit_button.isVisible() and self.edit_button.isEnabled():
            self.edits.emit(field)

    # -- showing --

    @property
    def seen(self) -> Seen | None:
        """What is shown."""
        return self._seen

    def start(self) -> None:
        """Takes the focus where a person would begin."""
        table = getattr(self.tabs.currentWidget(), "table", None)
        (table or self.tabs.tabBar()).setFocus(Qt.FocusReason.OtherFocusReason)

    def show_seen(self, seen: Seen | None) -> None:
        """Shows a record; ``None`` empties."""
        another = seen is None or self._seen is None or seen.asked != self._seen.asked
        self._seen = seen
        profile = seen.profile if seen is not None else None
        self.missing.setVisible(seen is not None and profile is None)
        for part in (self.tabs, self.title, self.about, self.tags):
            part.setVisible(profile is not None)
        is_class = profile is not None and profile.detail.record.entity == CLASSES
        self.tabs.setTabVisible(0, is_class)
        if another:
            self.tabs.setCurrentWidget(self.roll if is_class else self.details)
            self._runs.clear()
            self.details.blank.setChecked(False)
            self.relatives.entity = None
            self.roll.show_found(None)
        self.details.show_profile(profile)
        self.at_sis.show_profile(profile)
        self.timeline.show_profile(profile)
        self.relatives.show_counts(seen.related if seen is not None else ())
        self.roll.show_facts(seen.facts if seen is not None else None)
        self._show_head(profile)
        self.show_verdict()

    def _show_head(self, profile: Profile | None) -> None:
        alive = profile is not None and profile.detail.record.alive
        guarded = profile is not None and profile.detail.protected
        for button, shown in (
            (self.edit_button, alive), (self.more_button, alive),
            (self.restore_button, profile is not None and not alive),
        ):  # fmt: skip
            button.setVisible(shown)
        self.protect_action.setVisible(not guarded)
        self.unprotect_action.setVisible(guarded)
        entity = profile.detail.record.entity if profile is not None else ""
        self.same_action.setVisible(entity in OFFERED)
        self._offer_parting(profile)
        if profile is None:
            return
        detail = profile.detail
        row = detail.record
        self.title.setText(naming.title(row, detail.titles))
        told = naming.about(Named(row, detail.titles), with_ended=False)
        parts = (_(ENTITIES[row.entity].one), told, _("record {id} here").format(id=row.id))
        self.about.setText(" · ".join(filter(None, parts)))
        self._show_tags(profile)
        total = self.relatives.total
        self.tabs.setTabText(
            self.tabs.indexOf(self.relatives),
            _("Related ({count})").format(count=number(total)) if total else _("Related"),
        )

    def _offer_parting(self, profile: Profile | None) -> None:
        links = profile.detail.links if profile is not None else ()
        names = sorted({one.connector for one in links if one.alive})
        wanted = names if len(names) > 1 else []
        if wanted == list(self.part_actions):
            return
        menu = self.more_button.menu()
        for old in self.part_actions.values():
            menu.removeAction(old)
            old.deleteLater()
        words = _("Part them: &take apart what “{name}” tells…")
        self.part_actions = {
            name: menu.addAction(
                words.format(name=name.replace("&", "&&")), partial(self.parts.emit, name)
            )
            for name in wanted
        }

    def _show_tags(self, profile: Profile) -> None:
        while (item := self._tags.takeAt(0)) is not None:
            if (tag := item.widget()) is not None:
                tag.hide()
                tag.deleteLater()
        local = sum(one.fate is Fate.CORRECTION for one in profile.corrections)
        open_ = sum(map(len, profile.differences.values()))
        said = [
            (not profile.detail.record.alive, _("Ended")),
            (profile.detail.protected, _("Protected")),
            (local > 0, plural("{n} local correction", "{n} local corrections", local)),
            (open_ > 0, plural("{n} open difference", "{n} open differences", open_)),
            (not profile.detail.links, _("Made here")),
        ]
        for holds, told in said:
            if holds:
                label = Label(told)
                label.setObjectName("tag")
                self._tags.addWidget(label)
        self.tags.setVisible(any(holds for holds, _told in said))

    # -- the class --

    def show_verdict(self) -> None:
        """Says in a sentence how it is with the class, and what is to be done."""
        facts = self._seen.facts if self._seen is not None else None
        self.card.setVisible(facts is not None)
        self.sync_button.setVisible(facts is not None and facts.alive)
        self._show_progress()
        if facts is None:
            return
        self.sync_button.setEnabled(bool(facts.links) and not self._runs)
        found = self._verdict = verdict(facts, today(), self.roll.now)
        told = dict(found.parameters)
        if "when" in told:
            told["when"] = day_and_time(instant(str(told["when"])), datetime.now(UTC))
        self.verdict_words.setText(sentence(found.code, told))
        theme.mark(self.sync_button, "main", found.leads is Leads.TO_SYNC)
        lead = {
            Leads.TO_CHANGE_SET: _("Show #{id}").format(id=found.id),
            Leads.TO_APPROVAL: _("Review and approve"),
            Leads.TO_UNREADABLE: _("Show unreadable rows"),
            Leads.TO_SCOPE: _("Show the scope"),
        }.get(found.leads, "")
        self.lead_button.setText(lead)
        self.lead_button.setVisible(bool(lead))

    def _follow(self) -> None:
        found = self._verdict
        assert found is not None
        places: dict[Leads, Place] = {
            Leads.TO_CHANGE_SET: ToChangeSet(found.id or 0),
            Leads.TO_APPROVAL: ToWaiting(found.name),
            Leads.TO_UNREADABLE: ToUnreadable(found.name or "", "enrollments"),
            Leads.TO_SCOPE: ToSettings("scope", found.name),
        }
        self.go.emit(places[found.leads])

    def show_run(self, told: Progress) -> None:
        """The sync of this class has come so far."""
        self._runs[told.run] = told
        self.sync_button.setEnabled(False)
        self._show_progress()

    def end_run(self, run: int) -> None:
        """It is over."""
        self._runs.pop(run, None)
        self.show_verdict()

    @property
    def runs(self) -> list[int]:
        """The syncs of this class that are under way."""
        return list(self._runs)

    def _show_progress(self) -> None:
        parts = list(self._runs.values())
        for part in (self.bar, self.bar_words, self.stop_button):
            part.setVisible(bool(parts))
        if parts:
            whole = [one.expected for one in parts]
            known = None not in whole
            self.bar.setRange(0, sum(one or 0 for one in whole) if known else 0)
            self.bar.setValue(sum(one.done for one in parts) if known else -1)
            self.bar_words.setText(progress.told(parts))
