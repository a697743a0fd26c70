"""The two of whom it is asked whether they are the same, side by side, field by field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtWidgets import QTableWidget, QTableWidgetItem

from app.engine.doubts import CONFIDENCE, against, because
from app.engine.intraline import compared
from app.engine.told import counted, entity_word, value_text
from app.roster.entities import ENTITIES
from app.roster.identity import Confidence
from app.roster.schema import FieldType
from app.store import pairs, reads
from app.store.database import Database
from app.store.pairs import Pair, Side
from app.text import _
from app.ui.parts.marks import PIECES, Marked
from app.ui.parts.wrapping import Wrapping


@dataclass(frozen=True)
class Asked:
    """A pair, and the SIS that tell of the record that we have."""

    pair: Pair
    known_by: Sequence[str]

    @property
    def between(self) -> bool:
        """Whether two SIS tell of them; otherwise it is a new key in one."""
        return bool(self.pair.rule)


def look(database: Database, id_: int) -> Asked:
    """Reads it; on the reader's thread."""
    pair = pairs.pair(database, id_)
    found = reads.record(database, pair.asked.entity, pair.asked.record)
    return Asked(pair, sorted({one.connector for one in found.links if one.alive}))


class Line(NamedTuple):
    """A field, and what each of the two says."""

    label: str
    values: tuple[str, str]
    differs: bool


class TwoSides(QTableWidget):
    """What differs first, with its parts marked; then what agrees, then what one alone says."""

    def __init__(self) -> None:
        super().__init__(0, 3)
        self.setAccessibleName(_("The two, side by side"))
        self._fitting = Wrapping(self)
        self.setItemDelegate(Marked(self))

    def show_pair(self, asked: Asked | None) -> None:
        """Shows these; ``None`` empties."""
        self.setRowCount(0)
        if asked is None:
            return
        self.setHorizontalHeaderLabels([_("Field"), *_names(asked)])
        found = lines(asked)
        self.setRowCount(len(found))
        for row, line in enumerate(found):
            self._put(row, line)
        self.scrollToTop()
        self._fitting.fit()

    def _put(self, row: int, line: Line) -> None:
        pieces = compared(*line.values) if line.differs else (None, None)
        told = zip((line.label, *line.values), (None, *pieces), strict=True)
        for column, (words, marked) in enumerate(told):
            item = QTableWidgetItem(words)
            if column == 0 and line.differs:
                font = item.font()
                font.setBold(True)
                item.setFont(font)
            item.setData(PIECES, marked)
            self.setItem(row, column, item)


def _names(asked: Asked) -> tuple[str, str]:
    """Whose side each is."""
    name = asked.pair.asked.connector
    if asked.between:
        return ", ".join(asked.known_by) or _("Here"), name
    return _("Here"), _("New at {name}").format(name=name)


def lines(asked: Asked) -> list[Line]:
    """The fields of which either says something."""
    found = asked.pair
    entity, sides = ENTITIES[found.asked.entity], (found.ours, found.newcomer)
    fields = [one for one in entity.fields if _says(found, one)]
    differing = [one for one in fields if _differs(found, one)]
    same = [one for one in fields if one not in differing and _both(found, one)]
    rest = [one for one in fields if one not in differing and one not in same]

    def told(words: str, some: Sequence[FieldType], *, differs: bool = False) -> list[Line]:
        return [
            Line(
                words.format(field=_(one.label)),
                (_value(one, sides[0], found), _value(one, sides[1], found)),
                differs,
            )
            for one in some
        ]

    first = told(_("{field} (differs)"), differing, differs=True)
    if not asked.between:  # the key is what is asked about; at two SIS it always differs
        label = _("{field} (differs)").format(field=_("Key"))
        first.insert(0, Line(label, (sides[0].key, sides[1].key), differs=True))
    if entity.name == "users":
        seats = [counted(side.enrollments, "enrollments") for side in sides]
        first.append(Line(_("Classes"), (seats[0], seats[1]), differs=False))
    return [*first, *told(_("{field} (the same)"), same), *told("{field}", rest)]


def why(found: Pair) -> str:
    """Which rule thinks that they are one, and of what."""
    entity = found.asked.entity
    if found.rule:
        told, trust = because(found.rule), found.confidence
        parts = [
            _("Why this is asked: {what}.").format(what=told[:1].lower() + told[1:])
            if told
            else "",
            _("Trust in this rule: {trust}.").format(trust=_(CONFIDENCE[Confidence(trust)]))
            if trust
            else "",
            against(found.why),
        ]
        return " ".join(filter(None, parts))
    same = [
        _("{field} “{value}”").format(field=_(ENTITIES[entity].by_name[name].label), value=value)
        for name, value in found.shared
    ]
    told = _("Why this is asked: both have {what}, and no other of the {many} has.")
    many = entity_word(entity).lower()
    return told.format(what=", ".join(same), many=many) if same else ""


def _both(found: Pair, one: FieldType) -> bool:
    """A field of which both say something."""
    sides = (found.ours.values, found.newcomer.values)
    return all(side.get(one.name) is not None for side in sides)


def _says(found: Pair, one: FieldType) -> bool:
    sides = (found.ours.values, found.newcomer.values)
    return any(side.get(one.name) is not None for side in sides)


def _differs(found: Pair, one: FieldType) -> bool:
    """A field of which the newcomer's row did not speak does not differ."""
    ours, theirs = found.ours.values, found.newcomer.values
    if one.name not in theirs or theirs[one.name] == ours.get(one.name):
        return False
    # A blank beside what another SIS says is no contradiction; of a new key it is a change.
    return not found.rule or _both(found, one)


def _value(one: FieldType, side: Side, found: Pair) -> str:
    if one.name not in side.values:
        return _("not said")
    return value_text(one, side.values[one.name], found.titles) or _("blank")
