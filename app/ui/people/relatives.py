"""Who has to do with a record: its enrollments, classes, people and scores, by type."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.store.profile import Related
from app.store.search import Named, Which
from app.text import _
from app.ui import theme
from app.ui.parts.chips import Chips
from app.ui.parts.label import Label
from app.ui.people.records import RecordList
from app.ui.wording import entity_name, number, people_first


class Relatives(QWidget):
    """Chips with how many of each type there are, and those of one type."""

    asks = Signal(str, bool)
    """Wants the ids of a type, with ended ones or without."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, Related] = {}
        self.entity: str | None = None
        self.types = Chips(_("Types of records"))
        self.ended = QCheckBox(_("Also ended ones"))
        self.list = RecordList()
        self.list.setAccessibleName(_("Related records"))
        self.empty = Label(_("No other record refers to this one."))
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setProperty("quiet", True)
        self.empty.setWordWrap(True)
        self._below = QStackedWidget()
        self._below.addWidget(self.list)
        self._below.addWidget(self.empty)
        above = QHBoxLayout()
        above.addWidget(self.types, 1)
        above.addWidget(self.ended, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(above)
        layout.addWidget(self._below, 1)
        self.types.chosen.connect(self._choose)
        self.ended.toggled.connect(self._show)

    @property
    def total(self) -> int:
        """How many live ones there are."""
        return sum(one.live for one in self._counts.values())

    def show_counts(self, related: Sequence[Related]) -> None:
        """How many there are of each type; asks for those of the one that is shown."""
        self._counts = {one.entity: one for one in related}
        if self.entity not in self._counts:
            live = [one for one in people_first(self._counts) if self._counts[one].live]
            self.entity = next(iter(live or self._counts), None)
        self.ended.setVisible(any(one.ended for one in related))
        self._show()

    def show_ids(self, entity: str, ids: Sequence[int]) -> None:
        """Those of a type."""
        if entity == self.entity:
            self.list.show_found([(entity, id_) for id_ in ids], {})

    def show_rows(self, rows: Mapping[Which, Named]) -> None:
        """What they are called."""
        self.list.records.put(rows)

    def _choose(self, entity: str) -> None:
        self.entity = entity
        self.list.show_found([], {})
        self._show()

    def _show(self) -> None:
        ended = self.ended.isChecked()
        told: dict[object, str] = {}
        for entity in people_first(self._counts):
            one = self._counts[entity]
            if one.live or ended or entity == self.entity:
                count = number(one.live + (one.ended if ended else 0))
                told[entity] = _("{type} {count}").format(type=entity_name(entity), count=count)
        self.types.show_choices(told, self.entity)
        self._below.setCurrentWidget(self.list if self.entity else self.empty)
        if self.entity is not None:
            self.asks.emit(self.entity, ended)
        else:
            self.list.show_found([], {})
