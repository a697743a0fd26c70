"""Looking back: the roster as it was on a date, and what became of it between two dates."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QDate, QDateTime, QModelIndex, QSignalBlocker, Qt, QTime, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDateEdit,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QTableWidget,
    QTableWidgetItem,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.engine import past, stories
from app.engine.past import CAME, LEFT, Compared, Then
from app.engine.stories import set_words
from app.engine.told import entity_word
from app.errors import SyncError
from app.roster.entities import ENTITIES
from app.roster.values import instant_text
from app.store import asof
from app.store import stories as store
from app.store.asof import Moment
from app.store.database import Database
from app.store.listing import CHANGED
from app.store.stories import Entry, Group, Wanted
from app.text import N_, _, plural, sentence
from app.ui import theme
from app.ui.connectors.form import Choices
from app.ui.history.changes import Changes
from app.ui.history.filters import PAUSE_MS
from app.ui.parts.dialog import Dialog, choose_csv
from app.ui.parts.label import Label
from app.ui.parts.paged import Index, PagedModel
from app.ui.places import ToRecord
from app.ui.session import Session
from app.ui.wording import ago, instant, number, people_first

Asked: TypeAlias = Callable[[Database], Moment]
"""Which moment is meant; asked on the reader's thread."""

OFFERED = 40
"""So many of the newest change sets that changed something are offered by name."""
ALL_SCHOOLS = None
"""In place of a school: every one."""
MIDNIGHT = QTime(23, 59)


def newest(database: Database) -> list[Entry]:
    """The change sets after which one may want to look, the newest first."""
    ids = store.set_ids(database, Wanted(changed=True))[:OFFERED]
    found = store.entries(database, ids)
    return [found[id_] for id_ in ids if id_ in found]


class When(QWidget):
    """A date and time, now, or when a change set was over."""

    changed = Signal()

    def __init__(self, name: str, *, days_ago: int, with_now: bool = False) -> None:
        super().__init__()
        self.choice = Choices()
        self.choice.setAccessibleName(name)
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.setMinimumContentsLength(14)
        self.choice.addItem(_("At a date and time"), _AT)
        if with_now:
            self.choice.addItem(_("Now"), _NOW)
            self.choice.setCurrentIndex(1)
        self.date = QDateEdit(QDate.currentDate().addDays(-days_ago))
        self.date.setCalendarPopup(True)
        self.date.setMaximumDate(QDate.currentDate())
        self.date.setAccessibleName(_("{name}: date").format(name=name))
        self.time = QTimeEdit(MIDNIGHT)
        self.time.setAccessibleName(_("{name}: time").format(name=name))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        for widget, stretch in ((self.choice, 1), (self.date, 0), (self.time, 0)):
            layout.addWidget(widget, stretch)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE_MS)
        self._soon.timeout.connect(self.changed)
        self.choice.currentIndexChanged.connect(self._choose)
        self.date.dateChanged.connect(self._soon.start)
        self.time.timeChanged.connect(self._soon.start)
        self._choose()

    def offer(self, entries: Sequence[Entry]) -> None:
        """After which change sets one may look."""
        now = datetime.now(UTC)
        for one in entries:
            told = {"id": number(one.id), "what": set_words(one.set)}
            told["when"] = ago(instant(one.set.at), now)
            self.choice.addItem(_("After #{id}: {what}, {when}").format(**told), one.id)

    def asked(self) -> Asked:
        """Which moment is meant."""
        chosen = self.choice.currentData()
        if chosen == _NOW:
            return lambda _database: asof.NOW
        if chosen != _AT:
            return partial(asof.after, change_set=chosen)
        # The whole minute belongs to it.
        end = QDateTime(self.date.date(), self.time.time()).addSecs(59).toSecsSinceEpoch()
        return partial(asof.at, instant=instant_text(datetime.fromtimestamp(end, UTC)))

    def _choose(self) -> None:
        for field in (self.date, self.time):
            field.setVisible(self.choice.currentData() == _AT)
        self._soon.start()


_AT, _NOW = "at", "now"
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class _LookingBack(Dialog):
    """What both dialogs have: moments, a table by school, a way to save."""

    go = Signal(object)
    """A ``ToRecord`` that a click leads to."""
    settled = Signal()
    """What was asked last is shown."""

    def __init__(self, parent: QWidget | None, session: Session, name: str, words: str) -> None:
        super().__init__(parent, name, name, words)
        self._session = session
        self.chooser: QFileDialog | None = None
        self.whens = QHBoxLayout()
        self.whens.setSpacing(theme.SPACE)
        self.body.addLayout(self.whens)
        self.schools = _table(_("By school"))
        self.told = Label()
        self.told.setProperty("quiet", True)
        self.told.setWordWrap(True)
        self.close_button = QPushButton(_("C&lose"))
        self.close_button.clicked.connect(self.reject)
        self.buttons.addWidget(self.told, 1)
        self.buttons.addWidget(self.close_button)

    def add_when(self, words: str, when: When) -> None:
        """A moment to choose, with its label."""
        label = Label(words)
        label.setBuddy(when.choice)
        self.whens.addWidget(label)
        self.whens.addWidget(when, 1)

    def ask(
        self, topic: str, question: Callable[[Database], object], then: Callable[..., None]
    ) -> None:
        """Asks the database; a dialog that has gone is told nothing, and an error is shown."""

        def asked(database: Database) -> object:
            try:
                return question(database)
            except SyncError as error:
                return error

        def answered(found: object) -> None:
            if not isValid(self):
                return
            if isinstance(found, SyncError):
                self.say(sentence(found.code, found.parameters), wrong=True)
            else:
                then(found)
            self.settled.emit()

        self._session.ask(f"looking back: {topic}", asked, answered)

    def say(self, words: str, *, wrong: bool = False) -> None:
        """A line beside the buttons."""
        theme.mark(self.told, "wrong", wrong)
        self.told.setText(words)

    def fill(
        self, headings: Sequence[str], rows: Sequence[tuple[int | None, Sequence[str]]]
    ) -> None:
        """The table by school: the schools, ``None`` for all of them, and what stands there."""
        chosen = self.school()
        with QSignalBlocker(self.schools.selectionModel()):
            self.schools.setColumnCount(len(headings))
            self.schools.setHorizontalHeaderLabels(list(headings))
            for column in range(len(headings)):
                heading = self.schools.horizontalHeaderItem(column)
                assert heading is not None
                heading.setTextAlignment(_RIGHT if column else _LEFT)
            self.schools.setRowCount(len(rows))
            for row, (school, texts) in enumerate(rows):
                for column, text in enumerate(texts):
                    cell = QTableWidgetItem(text)
                    cell.setData(Qt.ItemDataRole.UserRole, school)
                    cell.setTextAlignment(_RIGHT if column else _LEFT)
                    self.schools.setItem(row, column, cell)
            places = [place for place, (school, _texts) in enumerate(rows) if school == chosen]
            self.schools.setCurrentCell(places[0] if places else 0, 0)
        self.schools.horizontalHeader().setStretchLastSection(False)
        self.schools.resizeColumnsToContents()

    def school(self) -> int | None:
        """The school that is chosen; ``None``: all."""
        cell = self.schools.item(self.schools.currentRow(), 0)
        found: int | None = cell.data(Qt.ItemDataRole.UserRole) if cell else ALL_SCHOOLS
        return found

    def save_as(self, name: str, save: Callable[[Path, Database], int]) -> None:
        """Asks for a file, and has it written."""

        def saved(count: int) -> None:
            self.say(plural("{n} line was saved.", "{n} lines were saved.", count))

        def chosen(path: Path) -> None:
            self.ask("save", lambda database: save(path, database), saved)

        self.chooser = choose_csv(self, name, chosen)

    def follow(self, place: ToRecord) -> None:
        """Goes there, and closes."""
        self.accept()
        self.go.emit(place)


# -- on a date ----------------------------------------------------------------------------------


class Found(PagedModel[int, str]):
    """Records as they were called."""

    def __init__(self) -> None:
        super().__init__()
        self.headings = [_("Called"), _("Id")]

    def cell(self, row: str, column: int, role: int) -> object:
        """The name; the id is known."""
        return row if column == 0 and role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The id needs no reading."""
        if index.column() == 1 and role == Qt.ItemDataRole.DisplayRole:
            return f"#{self.ids[index.row()]}"
        return super().data(index, role)

    def headerData(  # noqa: N802, RUF100
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The headings, over their columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT
        return super().headerData(section, orientation, role)


class PastDialog(_LookingBack):
    """How many there were in each school, and who."""

    def __init__(self, parent: QWidget | None, session: Session) -> None:
        super().__init__(
            parent,
            session,
            _("Roster on a date"),
            _("The roster as it stood then, made from the history. Nothing is changed by looking."),
        )
        self.when = When(_("When"), days_ago=1)
        self.add_when(_("&When"), self.when)
        self.entity = Choices()
        self.entity.setAccessibleName(_("Record type"))
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search"))
        self.search.setAccessibleName(_("Search the roster of then"))
        self.search.setClearButtonEnabled(True)
        self.save_button = QPushButton(_("&Save these as CSV…"))
        self.found = Found()
        self.table = QTableView()
        self._moment: Moment | None = None
        self._types: list[str] = []
        self._lay_out()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE_MS)
        self._soon.timeout.connect(self._find)
        self.when.changed.connect(self._look)
        self.search.textChanged.connect(self._soon.start)
        self.entity.currentIndexChanged.connect(self._find)
        self.schools.currentCellChanged.connect(self._choose)
        self.found.wanted.connect(self._read)
        self.table.activated.connect(self._open)
        self.save_button.clicked.connect(self._save)
        self.when.choice.setFocus()
        self.ask("newest", newest, self.when.offer)

    def _lay_out(self) -> None:
        for entity in people_first(ENTITIES):
            self.entity.addItem(entity_word(entity), entity)
        self.table.setModel(self.found)
        self.table.setAccessibleName(_("Who there was"))
        self.table.setAccessibleDescription(_("Enter goes to the record as it is now."))
        _quiet(self.table)
        head = self.table.horizontalHeader()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        right = QVBoxLayout()
        top = QHBoxLayout()
        top.addWidget(self.entity, 1)
        top.addWidget(self.search, 1)
        right.addLayout(top)
        right.addWidget(self.table, 1)
        both = QHBoxLayout()
        both.setSpacing(2 * theme.SPACE)
        both.addWidget(self.schools, 1)
        both.addLayout(right, 1)
        self.body.addLayout(both, 1)
        self.buttons.insertWidget(1, self.save_button)
        self.fit(960, 620)

    def _look(self) -> None:
        asked = self.when.asked()

        def question(database: Database) -> tuple[Moment, Then]:
            moment = asked(database)
            return moment, past.then(database, moment)

        self.say(_("Looking…"))
        self.ask("then", question, self._show)

    def _show(self, found: tuple[Moment, Then]) -> None:
        self._moment, told = found
        types = self._types = [one for one in people_first(ENTITIES) if told.totals.get(one)]
        rows: list[tuple[int | None, Sequence[str]]] = [
            (ALL_SCHOOLS, [_("All schools"), *(number(told.totals.get(one, 0)) for one in types)])
        ]
        for school, name in told.schools.items():
            counts = told.counts[school]
            rows.append((school, [name, *(number(counts.get(one, 0)) for one in types)]))
        self.fill([_("School"), *map(entity_word, types)], rows)
        self._find()

    def _choose(self, _row: int, column: int) -> None:
        """Whoever points at a number wants to see those whom it counts."""
        if 0 < column <= len(self._types):
            with QSignalBlocker(self.entity):
                self.entity.setCurrentIndex(self.entity.findData(self._types[column - 1]))
        self._find()

    def _find(self) -> None:
        if (moment := self._moment) is None:
            return
        entity, school, word = str(self.entity.currentData()), self.school(), self.search.text()
        self.ask(
            "found",
            lambda db: (entity, past.found(db, moment, entity, school, word)),
            self._show_found,
        )

    def _show_found(self, found: tuple[str, list[int]]) -> None:
        entity, ids = found
        self.found.show([])  # another moment has other names
        self.found.show(ids)
        self.save_button.setEnabled(bool(ids))
        counted = plural("{n} record", "{n} records", len(ids))
        self.say(f"{entity_word(entity)}: {counted}" if ids else _("There was nobody like that."))

    def _read(self, ids: list[int]) -> None:
        if (moment := self._moment) is not None:
            entity = str(self.entity.currentData())
            self.ask("names", lambda db: past.names(db, moment, entity, ids), self.found.put)

    def _open(self, index: QModelIndex) -> None:
        self.follow(ToRecord(str(self.entity.currentData()), self.found.ids[index.row()]))

    def _save(self) -> None:
        if (moment := self._moment) is not None:
            entity, ids = str(self.entity.currentData()), list(self.found.ids)
            self.save_as(f"{entity}.csv", lambda p, db: past.save(p, db, moment, entity, ids))


# -- two dates ----------------------------------------------------------------------------------

_WHAT = ((CAME, N_("{type}: came")), (LEFT, N_("{type}: left")), (CHANGED, N_("{type}: changed")))


class ComparedDialog(_LookingBack):
    """Who came, left and was changed between two moments, by school and by name."""

    def __init__(self, parent: QWidget | None, session: Session) -> None:
        super().__init__(
            parent,
            session,
            _("Two dates compared"),
            _("What became of the roster all in all: who came and went again is not told."),
        )
        self.earlier = When(_("From"), days_ago=7)
        self.later = When(_("To"), days_ago=0, with_now=True)
        self.add_when(_("&From"), self.earlier)
        self.add_when(_("&to"), self.later)
        self.changes = Changes()
        self._found: Compared | None = None
        self.schools.setMaximumHeight(220)
        self.body.addWidget(self.schools)
        self.body.addWidget(self.changes, 1)
        self.fit(960, 640)
        for when in (self.earlier, self.later):
            when.changed.connect(self._look)
        self.schools.currentCellChanged.connect(self._narrow)
        self.changes.narrowed.connect(self._narrow)
        self.changes.model.wanted.connect(self._read_stories)
        self.changes.model.opened.connect(self._read_lines)
        self.changes.go.connect(self.follow)
        self.changes.save.connect(self._save)
        self.earlier.choice.setFocus()
        self.ask("newest", newest, self._offer)

    def _offer(self, entries: list[Entry]) -> None:
        self.earlier.offer(entries)
        self.later.offer(entries)

    def _look(self) -> None:
        moments = self.earlier.asked(), self.later.asked()

        def question(database: Database) -> Compared:
            return past.compared(database, *past.in_order(*(asked(database) for asked in moments)))

        self.changes.clear()
        self.ask("compared", question, self._show)

    def _show(self, found: Compared) -> None:
        self._found = found
        columns = [
            (entity, what, words)
            for entity in people_first(ENTITIES)
            for what, words in _WHAT
            if found.totals.get((entity, what))
            or any(counts.get((entity, what)) for counts in found.counts.values())
        ]
        rows: list[tuple[int | None, Sequence[str]]] = [
            (
                ALL_SCHOOLS,
                [
                    _("All schools"),
                    *(number(found.totals.get((entity, what), 0)) for entity, what, _w in columns),
                ],
            )
        ]
        for school, name in found.schools.items():
            counts = found.counts[school]
            texts = [number(counts.get((entity, what), 0)) for entity, what, _words in columns]
            rows.append((school, [name, *texts]))
        headings = [_(words).format(type=entity_word(entity)) for entity, _what, words in columns]
        self.fill([_("School"), *headings], rows)
        self.schools.setVisible(bool(columns))
        self._narrow()

    def _narrow(self) -> None:
        if (found := self._found) is None:
            return
        school, word = self.school(), self.changes.word
        keys = [(one.entity, one.record) for one in found.within(school)]
        self.ask("groups", lambda db: store.grouped(db, keys, word), self.changes.show_groups)

    def _read_stories(self, groups: list[Group]) -> None:
        if (found := self._found) is not None:
            self.ask(
                "stories",
                lambda db: stories.stories(db, groups, found.about(groups)),
                self.changes.model.put,
            )

    def _read_lines(self, group: Group) -> None:
        if (found := self._found) is not None:
            self.ask(
                f"lines {group.key}",
                lambda db: stories.lines(db, found.about([group]), group.owner),
                lambda lines: self.changes.model.put_lines(group, lines),
            )

    def _save(self) -> None:
        if (found := self._found) is not None:
            written = found.within(self.school())
            self.save_as(_("compared.csv"), lambda p, db: stories.save(p, db, written))


def _table(name: str) -> QTableWidget:
    table = QTableWidget()
    table.setAccessibleName(name)
    _quiet(table)
    return table


def _quiet(table: QTableView) -> None:
    """A table that is read and chosen from, without lines."""
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setStretchLastSection(True)
