"""The roster as it was on a date."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.engine import past
from app.engine.past import Then
from app.engine.told import entity_word
from app.roster.entities import ENTITIES
from app.store.asof import Moment
from app.store.database import Database
from app.text import _, plural
from app.ui import theme
from app.ui.connectors.form import Choices
from app.ui.history.filters import PAUSE_MS
from app.ui.history.looking import ALL_SCHOOLS, COUNTED, LEFT, LookingBack, quiet
from app.ui.history.moments import When, offers
from app.ui.parts.paged import PagedModel
from app.ui.places import ToRecord
from app.ui.session import Session
from app.ui.wording import number, people_first


class Found(PagedModel[int, tuple[str, str]]):
    """Records as they were called, and what else to know them by."""

    def __init__(self) -> None:
        super().__init__()
        self.headings = [_("Name"), _("About")]

    def cell(self, row: tuple[str, str], column: int, role: int) -> object:
        """The name, and what tells it from others of that name."""
        shown = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        return row[column] if role in shown else None

    def headerData(  # noqa: N802, RUF100
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The headings, over their columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT
        return super().headerData(section, orientation, role)


class PastDialog(LookingBack):
    """How many there were in each school, and who."""

    def __init__(self, parent: QWidget | None, session: Session) -> None:
        super().__init__(
            parent,
            session,
            _("Roster on a date"),
            _("The roster as it stood then, made from the history. Nothing is changed by looking."),
        )
        self.when = When(_("When"))
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
        self._sure = False
        """Whether what is listed is what is asked for."""
        self._lay_out()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE_MS)
        self._soon.timeout.connect(self._find)
        self.when.changed.connect(self._look)
        self.search.textChanged.connect(self._soon.start)
        for asks in (self.when.changed, self.search.textChanged, self.entity.currentIndexChanged):
            asks.connect(self._unsure)
        self.entity.currentIndexChanged.connect(self._find)
        self.schools.currentCellChanged.connect(self._choose)
        self.found.wanted.connect(self._read)
        self.table.activated.connect(self._open)
        self.save_button.clicked.connect(self._save)
        self.when.choice.setFocus()
        self.ask("offers", offers, self.when.offer)

    def _lay_out(self) -> None:
        for entity in people_first(ENTITIES):
            self.entity.addItem(entity_word(entity), entity)
        self.table.setModel(self.found)
        self.table.setAccessibleName(_("Who there was"))
        self.table.setAccessibleDescription(_("Enter goes to the record as it is now."))
        quiet(self.table)
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        head.resizeSection(0, 22 * self.fontMetrics().averageCharWidth())
        head.setStretchLastSection(True)
        right = QVBoxLayout()
        top = QHBoxLayout()
        top.addWidget(self.entity, 1)
        top.addWidget(self.search, 1)
        right.addLayout(top)
        right.addWidget(self.table, 1)
        both = QHBoxLayout()
        both.setSpacing(2 * theme.SPACE)
        self.schools.setMinimumWidth(52 * self.fontMetrics().averageCharWidth())
        both.addWidget(self.schools, 4)
        both.addLayout(right, 5)
        self.body.addLayout(both, 1)
        self.buttons.insertWidget(1, self.save_button)
        self.fit(1080, 620)

    def _unsure(self) -> None:
        """What is listed is not what is asked for: until it is, nothing is done with it."""
        self._sure = False
        self.save_button.setEnabled(False)

    def _look(self) -> None:
        asked = self.when.asked()

        def question(database: Database) -> tuple[Moment, Then]:
            moment = asked(database)
            return moment, past.then(database, moment)

        self._moment = None
        self.say(_("Looking…"))
        self.ask("then", question, self._show)

    def _show(self, found: tuple[Moment, Then]) -> None:
        self._moment, told = found
        there = [one for one in people_first(ENTITIES) if told.totals.get(one)]
        types = self._types = there[:COUNTED]
        rows: list[tuple[int | None, Sequence[str]]] = [
            (ALL_SCHOOLS, [_("All schools"), *(number(told.totals.get(one, 0)) for one in types)])
        ]
        for school, name in told.schools.items():
            counts = told.counts[school]
            if any(counts.get(one) for one in types):
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
        self._unsure()
        self.ask(
            "found",
            lambda db: (moment, entity, past.found(db, moment, entity, school, word)),
            self._show_found,
        )

    def _show_found(self, found: tuple[Moment, str, list[int]]) -> None:
        moment, entity, ids = found
        self._sure = moment is self._moment and not self._soon.isActive()
        self.found.show([])  # another moment has other names
        self.found.show(ids)
        self.save_button.setEnabled(self._sure and bool(ids))
        counted = plural("{n} record", "{n} records", len(ids))
        self.say(f"{entity_word(entity)}: {counted}" if ids else _("There was nobody like that."))

    def _read(self, ids: list[int]) -> None:
        if (moment := self._moment) is not None:
            entity = str(self.entity.currentData())
            self.ask("names", lambda db: past.names(db, moment, entity, ids), self.found.put)

    def _open(self, index: QModelIndex) -> None:
        if self._sure:
            self.follow(ToRecord(str(self.entity.currentData()), self.found.ids[index.row()]))

    def _save(self) -> None:
        if (moment := self._moment) is not None:
            entity, ids = str(self.entity.currentData()), list(self.found.ids)
            name = _("{what} {day}.csv").format(what=entity_word(entity), day=self.when.day)
            self.save_as(name, lambda p, db: past.save(p, db, moment, entity, ids))
