"""Two records of whom it is asked whether they are the same, side by side, field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias

from PySide6.QtWidgets import QTableWidget, QTableWidgetItem

from app.engine.doubts import CONFIDENCE, against, because
from app.engine.intraline import compared
from app.engine.told import counted, entity_word, value_text
from app.roster.entities import ENTITIES
from app.roster.identity import Confidence
from app.roster.schema import FieldType
from app.roster.values import Plain
from app.store import pairs, profile, reads, search
from app.store.database import Database
from app.store.pairs import Pair
from app.store.search import Roll
from app.text import _, plural
from app.ui.parts.marks import PIECES, Marked
from app.ui.parts.wrapping import Wrapping

CLASSES, DEMOGRAPHICS, BIRTH_DATE = "classes", "demographics", "birth_date"

Values: TypeAlias = Mapping[str, Plain]


@dataclass(frozen=True)
class Two:
    """Two records of one entity, and what each is to be called that tells of them."""

    entity: str
    names: tuple[str, str]
    values: tuple[Values, Values]
    """Canonical values by field; a field of which nothing was said is missing."""
    titles: Mapping[int, str]
    """What the records are called that values refer to."""
    keys: tuple[str, str] | None = None
    """Where it is the key that is asked about."""
    seats: tuple[int, int] | None = None
    """Of people: in how many classes they are."""
    rolls: tuple[Roll, Roll] | None = None
    """Of classes: who is in them."""
    births: tuple[str, str] = ("", "")
    """Of people: their birth dates, which stand in their demographics."""


@dataclass(frozen=True)
class Asked:
    """A pair, and how it is shown."""

    pair: Pair
    two: Two

    @property
    def between(self) -> bool:
        """Whether two SIS tell of them; otherwise it is a new key in one."""
        return bool(self.pair.rule)


def look(database: Database, id_: int) -> Asked:
    """Reads an open question; on the reader's thread."""
    pair = pairs.pair(database, id_)
    asked = pair.asked
    if between := bool(pair.rule):
        newcomer = int(asked.about["newcomer"])
        names = (_known_by(database, asked.entity, asked.record), asked.connector)
    else:
        newcomer = 0  # it is no record yet
        names = (_("Here"), _("New at {name}").format(name=asked.connector))
    two = Two(
        asked.entity,
        names,
        (pair.ours.values, pair.newcomer.values),
        pair.titles,
        None if between else (pair.ours.key, pair.newcomer.key),
        (pair.ours.enrollments, pair.newcomer.enrollments) if asked.entity == "users" else None,
        _rolls(database, asked.entity, asked.record, newcomer),
        (_birth(database, asked.entity, asked.record), _birth(database, asked.entity, newcomer)),
    )
    return Asked(pair, two)


def beside(database: Database, entity: str, one: int, other: int) -> Two:
    """Any two records of an entity; on the reader's thread. Raises ``NotFound``."""
    found = [reads.record(database, entity, id_).record for id_ in (one, other)]
    names = [_known_by(database, entity, row.id) for row in found]
    values = (found[0].values, found[1].values)
    seats = [
        sum(one.live for one in profile.related(database, entity, row.id)
            if one.entity == "enrollments")
        for row in found
    ]  # fmt: skip
    return Two(
        entity,
        (names[0], names[1]),
        values,
        reads.titles_of_values(database, [(entity, some) for some in values]),
        seats=(seats[0], seats[1]) if entity == "users" else None,
        rolls=_rolls(database, entity, one, other),
        births=(_birth(database, entity, one), _birth(database, entity, other)),
    )


def _known_by(database: Database, entity: str, record: int) -> str:
    """The SIS that tell of a record."""
    links = reads.record(database, entity, record).links
    return ", ".join(sorted({one.connector for one in links if one.alive})) or _("Here")


def _birth(database: Database, entity: str, record: int) -> str:
    """The birth date of a person; blank where nobody tells it."""
    if entity != "users" or not record:
        return ""
    ids = profile.related_ids(database, entity, record, DEMOGRAPHICS)
    told = [row.values[BIRTH_DATE] for row in reads.records(database, DEMOGRAPHICS, ids)]
    field = ENTITIES[DEMOGRAPHICS].by_name[BIRTH_DATE]
    return ", ".join(value_text(field, one, {}) or "" for one in told if one is not None)


def _rolls(database: Database, entity: str, one: int, other: int) -> tuple[Roll, Roll] | None:
    if entity != CLASSES:
        return None
    today = datetime.now(UTC).astimezone().date().isoformat()
    found = search.rolls(database, [one, other], today)
    return found.get(one, Roll()), found.get(other, Roll())


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

    def show_two(self, two: Two | None) -> None:
        """Shows these; ``None`` empties."""
        self.setRowCount(0)
        if two is None:
            return
        self.setHorizontalHeaderLabels([_("Field"), *two.names])
        found = lines(two)
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


def lines(two: Two) -> list[Line]:
    """The fields of which either says something."""
    entity = ENTITIES[two.entity]
    fields = [one for one in entity.fields if _says(two, one)]
    differing = [one for one in fields if _differs(two, one)]
    same = [one for one in fields if one not in differing and _both(two, one)]
    rest = [one for one in fields if one not in differing and one not in same]

    def told(words: str, some: Sequence[FieldType], *, differs: bool = False) -> list[Line]:
        return [
            Line(
                words.format(field=_(one.label)),
                (_value(one, two.values[0], two), _value(one, two.values[1], two)),
                differs,
            )
            for one in some
        ]

    first = told(_("{field} (differs)"), differing, differs=True)
    if two.keys is not None:
        label = _("{field} (differs)").format(field=_("Key"))
        first.insert(0, Line(label, two.keys, differs=True))
    if any(two.births):
        first.append(_born(two.births))
    if two.seats is not None:
        seats = [counted(count, "enrollments") for count in two.seats]
        first.append(Line(_("Classes"), (seats[0], seats[1]), differs=False))
    if two.rolls is not None:
        taught = [", ".join(one.teachers) or _("no teacher") for one in two.rolls]
        students = [plural("{n} student", "{n} students", one.students) for one in two.rolls]
        first.append(Line(_("Teachers"), (taught[0], taught[1]), differs=False))
        first.append(Line(_("Students"), (students[0], students[1]), differs=False))
    return [*first, *told(_("{field} (the same)"), same), *told("{field}", rest)]


def _born(births: tuple[str, str]) -> Line:
    """A line of birth dates: what is blank contradicts nothing."""
    label = _(ENTITIES[DEMOGRAPHICS].by_name[BIRTH_DATE].label)
    one, other = (birth or _("not said") for birth in births)
    if not all(births):
        return Line(label, (one, other), differs=False)
    words = _("{field} (the same)") if one == other else _("{field} (differs)")
    return Line(words.format(field=label), (one, other), differs=one != other)


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


def _both(two: Two, one: FieldType) -> bool:
    """A field of which both say something."""
    return all(side.get(one.name) is not None for side in two.values)


def _says(two: Two, one: FieldType) -> bool:
    return any(side.get(one.name) is not None for side in two.values)


def _differs(two: Two, one: FieldType) -> bool:
    """A field of which the newcomer's row did not speak does not differ."""
    ours, theirs = two.values
    if one.name not in theirs or theirs[one.name] == ours.get(one.name):
        return False
    # A blank beside what another SIS says is no contradiction; of a new key it is a change.
    return two.keys is not None or _both(two, one)


def _value(one: FieldType, side: Values, two: Two) -> str:
    if one.name not in side:
        return _("not said")
    return value_text(one, side[one.name], two.titles) or _("blank")
