"""The search: one field, what to narrow it by, and what is found, as it is typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.engine import today
from app.store import reads, search
from app.store.database import Database
from app.store.search import Named, Roll, Which
from app.text import N_, _, plural
from app.ui import theme
from app.ui.connectors.form import Choices
from app.ui.parts.chips import Chips
from app.ui.parts.label import Label
from app.ui.people.records import HEADING, RecordList
from app.ui.places import ToFound
from app.ui.wording import entity_name, number, people_first

CLASSES = "classes"
LACKS = {"student": N_("Classes without students"), "teacher": N_("Classes without a teacher")}
"""What classes may lack, and what those that do are called."""
PAUSE_MS = 120
"""So long after a key the search begins, unless another one follows."""
OF_EACH = 5
"""So many of each type are shown where several types are."""


@dataclass(frozen=True)
class Asked:
    """What to find."""

    text: str = ""
    school: int | None = None
    ended: bool = False


@dataclass(frozen=True)
class _Without:
    """The choice of classes in which nobody has a role."""

    role: str


@dataclass(frozen=True)
class Hits:
    """What was found, and the schools that there are."""

    found: Mapping[str, Sequence[int]]
    schools: Mapping[int, str] = field(default_factory=dict)
    without: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Of the classes those in which nobody has a role."""


def look(database: Database, asked: Asked) -> Hits:
    """Finds it; on the reader's thread."""
    found = search.search(database, asked.text, school=asked.school, ended=asked.ended)
    orgs = reads.record_ids(database, "orgs")
    without = {}
    if classes := found.get(CLASSES):
        for role in LACKS:
            lacks = frozenset(today.without(database, role, datetime.now(UTC)))
            without[role] = [id_ for id_ in classes if id_ in lacks]
    return Hits(found, reads.titles(database, ("orgs", orgs)), without)


def named(database: Database, which: Sequence[Which]) -> dict[Which, Named]:
    """Records as they are listed: of classes also who is in them; on the reader's thread."""
    found = search.named(database, which)
    today = datetime.now(UTC).astimezone().date().isoformat()
    rolls = search.rolls(database, [id_ for entity, id_ in found if entity == CLASSES], today)
    return {
        one: replace(row, roll=rolls.get(one[1], Roll())) if one[0] == CLASSES else row
        for one, row in found.items()
    }


class Search(QWidget):
    """What is typed and chosen here is ``asked``; ``show_hits`` shows what came of it."""

    asks = Signal(object)
    """``Asked``."""
    opened = Signal(object)
    """``Which`` record."""

    def __init__(self) -> None:
        super().__init__()
        self._hits = Hits({})
        self._recent: list[Which] = []
        self._entity: str | None = None
        self._without: str | None = None
        self._opens = False
        self.field = QLineEdit()
        self.field.setObjectName("search")
        self.field.setPlaceholderText(_("A name, class, school, email, ID or key"))
        self.field.setAccessibleName(_("Search people, classes and everything else"))
        self.field.setClearButtonEnabled(True)
        self.field.installEventFilter(self)
        self.school = Choices()
        self.school.setAccessibleName(_("School"))
        fit = Choices.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.school.setSizeAdjustPolicy(fit)
        self.school.setMinimumContentsLength(18)
        self.school.addItem(_("All schools"), None)
        self.ended = QCheckBox(_("Also ended ones"))
        self.types = Chips(_("Types of records"))
        self.list = RecordList()
        self.list.setAccessibleName(_("Found"))
        self.empty = Label()
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setProperty("quiet", True)
        self.told = Label()
        self.told.setProperty("quiet", True)
        self.told.setMinimumHeight(theme.TARGET - 2)
        self._below = QStackedWidget()
        self._below.addWidget(self.list)
        self._below.addWidget(self.empty)
        self._lay_out()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE_MS)
        self._soon.timeout.connect(self._ask)
        self.field.textChanged.connect(self._typed)
        self.field.returnPressed.connect(self._open_first)
        self.school.currentIndexChanged.connect(self._ask)
        self.ended.toggled.connect(self._ask)
        self.types.chosen.connect(self._narrow)
        self.list.opened.connect(self.opened)
        self.list.left.connect(self.start)

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(theme.SPACE)
        above.addWidget(self.field, 3)
        above.addWidget(self.school, 1)
        above.addWidget(self.ended)
        below = QHBoxLayout()
        below.addWidget(self.types, 1)
        below.addWidget(self.told, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(above)
        layout.addLayout(below)
        layout.addWidget(self._below, 1)

    # -- what is asked --

    @property
    def asked(self) -> Asked:
        """What is typed and chosen."""
        return Asked(self.field.text().strip(), self.school.currentData(), self.ended.isChecked())

    @property
    def typing(self) -> bool:
        """Whether what was typed has not been asked for yet."""
        return self._soon.isActive()

    def place(self) -> ToFound:
        """The same, to come back to."""
        asked = self.asked
        return ToFound(asked.text, self._entity, asked.school, self._without)

    def show_place(self, place: ToFound) -> None:
        """Asks for what a place says."""
        with QSignalBlocker(self.field), QSignalBlocker(self.school):
            self.field.setText(place.text)
            at = self.school.findData(place.school)
            if at < 0 and place.school is not None:
                at = self.school.count()
                self.school.addItem("…", place.school)  # named as soon as the schools are read
            self.school.setCurrentIndex(max(0, at))
        self._entity, self._without = place.entity, place.without
        self._ask()

    def start(self) -> None:
        """Ready to be typed into; what stands there is replaced by what is typed."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def forget(self) -> None:
        """Empties all."""
        self._soon.stop()
        self._entity = self._without = None
        with QSignalBlocker(self.field), QSignalBlocker(self.school), QSignalBlocker(self.ended):
            self.field.clear()
            self.school.clear()
            self.school.addItem(_("All schools"), None)
            self.ended.setChecked(False)
        self.show_recent([])
        self.show_hits(Hits({}))

    def _typed(self) -> None:
        self._opens = False
        self._soon.start()

    def _ask(self) -> None:
        self._soon.stop()
        self.asks.emit(self.asked)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802, RUF100
        """The arrow down goes from the field into what is found; Escape empties the field."""
        if isinstance(event, QKeyEvent):
            clears = event.key() == Qt.Key.Key_Escape and bool(self.field.text())
            if event.type() is QEvent.Type.ShortcutOverride and clears:
                event.accept()  # here, Escape cancels what was typed, and no sync
            elif event.type() is QEvent.Type.KeyPress and clears:
                self.field.clear()
                return True
            elif event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down:
                self.list.enter()
                return True
        return super().eventFilter(watched, event)

    # -- what is found --

    def show_hits(self, hits: Hits) -> None:
        """Shows what was found, by type."""
        self._hits = hits
        self._name_schools(hits.schools)
        self._show()
        if self._opens:
            self._open_first()

    def show_recent(self, recent: Sequence[Which]) -> None:
        """The records that were looked at last, shown as long as nothing is asked."""
        self._recent = list(recent)
        self._show()

    def _name_schools(self, schools: Mapping[int, str]) -> None:
        chosen = self.school.currentData()
        wanted = sorted(schools.items(), key=lambda one: one[1].casefold())
        there = [(self.school.itemData(n), self.school.itemText(n))
                 for n in range(1, self.school.count())]  # fmt: skip
        if wanted == there or not wanted:
            return
        with QSignalBlocker(self.school):
            self.school.clear()
            self.school.addItem(_("All schools"), None)
            for id_, name in wanted:
                self.school.addItem(name, id_)
            self.school.setCurrentIndex(max(0, self.school.findData(chosen)))

    def _show(self) -> None:
        counts = {one: len(ids) for one, ids in self._hits.found.items()}
        idle = self._idle()
        self._show_types(counts)
        ids: list[Which]
        if idle:
            ids = self._recent
        elif self._without is not None:
            ids = [(CLASSES, id_) for id_ in self._hits.without.get(self._without, ())]
        elif self._entity is not None:
            ids = [(self._entity, id_) for id_ in self._hits.found.get(self._entity, ())]
        elif len(counts) == 1:
            ids = [(entity, id_) for entity, found in self._hits.found.items() for id_ in found]
        else:
            ids = []
            for entity, found in self._hits.found.items():
                ids.append((entity, HEADING))
                ids += [(entity, id_) for id_ in found[:OF_EACH]]
        self.list.show_found(ids, counts)
        total = len(ids) if self._entity is not None else sum(counts.values())
        if idle:
            self.told.setText(_("Looked at last") if ids else "")
        else:
            self.told.setText(plural("{n} found", "{n} found", total))
        self.empty.setText(self._nothing(idle))
        self._below.setCurrentWidget(self.list if ids else self.empty)

    def _show_types(self, counts: Mapping[str, int]) -> None:
        """A chip a type, with how many there are; those that there are none of are left out."""
        shown = people_first({**counts, self._entity: 0} if self._entity else counts)
        told: dict[object, str] = {None: _("All")}
        for entity in shown:
            count = number(counts.get(entity, 0))
            told[entity] = _("{type} {count}").format(type=entity_name(entity), count=count)
        for role, words in LACKS.items():
            some = self._hits.without.get(role, ())
            if some or role == self._without:
                told[_Without(role)] = _("{type} {count}").format(
                    type=_(words), count=number(len(some))
                )
        chosen = self._entity if self._without is None else _Without(self._without)
        self.types.show_choices(told, chosen)

    def _idle(self) -> bool:
        """Nothing is asked for."""
        return not self.asked.text and self._entity is None and self.asked.school is None

    def _nothing(self, idle: bool) -> str:
        if idle:
            return _(
                "Type a part of a name, in any order, an email, an ID or a class code.\n"
                "Or choose a type to see all there are."
            )
        if self._without is not None and not self.asked.text:
            has = {"student": N_("Every class has students."),
                   "teacher": N_("Every class has a teacher.")}  # fmt: skip
            return _(has[self._without])
        if not self.asked.ended:
            return _("Nothing is called so. Try fewer letters, or look among ended ones, too.")
        return _("Nothing is called so. Try fewer letters.")

    def _narrow(self, choice: "str | _Without | None") -> None:
        if isinstance(choice, _Without):
            self._entity, self._without = CLASSES, choice.role
        else:
            self._entity, self._without = choice, None
        self._show()

    def _open_first(self) -> None:
        """Enter in the field opens the likeliest one, once what was typed has been looked for.

        Where nothing was typed none is likelier than others, and it goes into the list.
        """
        self._opens = self._soon.isActive()
        if self._opens:
            self._ask()
        elif not self.asked.text:
            self.list.enter()
        elif (first := self.list.first()) is not None:
            self.opened.emit(self.list.records.ids[first])
