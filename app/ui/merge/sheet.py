"""One record as the merge screen has it: its rows, and what is chosen for those that are asked.

Nothing is decided before the whole of it is accepted; a choice can be changed until then.
"""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.engine.decisions import Decision, Take
from app.engine.editing import Given
from app.engine.intraline import Pieces, compared
from app.engine.told import part_word
from app.errors import SyncError
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE, part_name
from app.roster.schema import FieldType
from app.roster.values import Elements, Number, Plain, Reference, SetOf
from app.store.beside import Beside
from app.store.differences import Difference
from app.text import _, sentence
from app.ui import wording
from app.ui.merge import words
from app.ui.wording import origin_text


class Side(enum.Enum):
    """The columns of values."""

    OURS = "ours"
    SIS = "sis"
    BASE = "base"
    RESULT = "result"


TAKES = {Side.OURS: Take.OURS, Side.SIS: Take.SIS, Side.BASE: Take.BASE}
"""What is taken by taking the value of a column."""


@dataclass(frozen=True)
class Cell:
    """What stands in a column: the value in pieces, and under it who said so when."""

    pieces: Pieces
    whence: str = ""

    @property
    def text(self) -> str:
        """The value."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Row:
    """One field. Rows of one difference are decided together."""

    name: str
    label: str
    cells: Mapping[Side, Cell]
    asked: Difference | None = None
    first: bool = True
    """Of the rows of its difference the first, or one that stands alone."""
    note: str = ""
    """Why it is no question, though the sides differ."""


@dataclass
class Choice:
    """What is taken of a difference; of an own value, what a person gave, by field."""

    take: Take
    values: dict[str, object] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


class Sheet:
    """The rows of one record, and the choices made."""

    def __init__(self, beside: Beside, now: datetime) -> None:
        self.beside, self.now = beside, now
        self.choices: dict[int, Choice] = {}
        self.moved: dict[int, str] = {}
        """What has changed of a difference while it was open here, in a sentence."""
        self.asked = [row for one in beside.differences for row in self._asked(one, now)]
        named = {row.name for row in self.asked}
        others = [one for one in ENTITIES[beside.entity].fields if one.name not in named]
        self.noted = [self._noted(one, now) for one in others if one.name in beside.otherwise]
        values = beside.detail.record.values
        self.agreed = [
            self._agreed(one, now)
            for one in others
            if one.name not in beside.otherwise and values[one.name] is not None
        ]

    @property
    def of(self) -> tuple[str, str, int]:
        """The connector, and the entity and id of the record."""
        return (self.beside.connector, self.beside.entity, self.beside.detail.record.id)

    # -- rows --

    def _asked(self, one: Difference, now: datetime) -> Iterator[Row]:
        by_name = ENTITIES[one.entity].by_name
        told = [name for name in by_name if name in one.ours or name in one.sis]
        if one.part == ALIVE:
            told = [ALIVE]  # what else the SIS changed comes along
        agreed, ours_from = self.beside.agreed_in(one.base), one.ours_from
        if one.part == ALIVE and self.beside.detail.changes:
            ours_from = self.beside.detail.changes[0]  # what is held against the end
        for place, name in enumerate(told):
            ours, sis, base = (
                words.side_text(one, name, side.get(name), self.beside.titles)
                for side in (one.ours, one.sis, one.base)
            )
            mine, theirs = compared(ours, sis)
            label = part_word(one.entity, name) if name != ALIVE else _("Whether it is there")
            yield Row(
                name,
                label,
                {
                    Side.OURS: Cell(mine, origin_text(ours_from, now)),
                    Side.SIS: Cell(theirs, words.found_text(one, now)),
                    Side.BASE: Cell(
                        compared(base, base)[0],
                        origin_text(agreed, now) if name in one.base else "",
                    ),
                },
                one,
                place == 0,
            )

    def _noted(self, one: FieldType, now: datetime) -> Row:
        other, titles = self.beside.otherwise[one.name], self.beside.titles
        texts = [words.field_text(one, value, titles) for value in (other.ours, other.sis)]
        mine, theirs = compared(*texts)
        whence = origin_text(self.beside.set_in(one.name), now)
        cells = {
            Side.OURS: Cell(mine, whence),
            Side.SIS: Cell(theirs),
            Side.BASE: Cell(compared(texts[1], texts[1])[0]),
            Side.RESULT: Cell(compared(texts[0], texts[0])[0]),
        }
        ends = any(asked.part == ALIVE for asked in self.beside.differences)
        note = _("changed here") if ends else words.fate_text(other.fate)
        return Row(one.name, _(one.label), cells, note=note)

    def _agreed(self, one: FieldType, now: datetime) -> Row:
        text = words.field_text(one, self.beside.detail.record.values[one.name], self.beside.titles)
        cell = Cell(compared(text, text)[0])
        whence = origin_text(self.beside.set_in(one.name), now)
        cells = {Side.OURS: Cell(cell.pieces, whence)} | dict.fromkeys(
            (Side.SIS, Side.BASE, Side.RESULT), cell
        )
        return Row(one.name, _(one.label), cells)

    @property
    def agreed_on(self) -> str:
        """The day on which all that is asked was last agreed; blank where that is not one day."""
        days = {
            wording.date_of(wording.instant(origin.at), self.now)
            if (origin := self.beside.agreed_in(one.base))
            else ""
            for one in self.beside.differences
        }
        return days.pop() if len(days) == 1 else ""

    # -- choosing --

    def cannot(self, one: Difference, take: Take) -> str:
        """Why a side cannot be taken of a difference; blank where it can."""
        if take is Take.BASE and not (one.part != ALIVE and one.base.keys() >= one.ours.keys()):
            return _("Nothing was ever agreed about this.")
        if take is Take.OWN and not _can_type(one):
            return _("Whom or what it refers to is chosen on the record's own page.")
        return ""

    def choose(self, one: Difference, take: Take) -> None:
        """Takes a side of a difference."""
        self.choices[one.id] = Choice(take)

    def wrong_with(self, one: Difference, name: str, text: str) -> str:
        """What is wrong with an own value for one field of a difference, or blank."""
        try:
            Given.of(ENTITIES[one.entity], {name: text})
        except SyncError as error:
            return sentence(error.code, error.parameters)
        return ""

    def own(self, one: Difference, name: str, text: str) -> None:
        """Takes an own value that fits for one field of a difference."""
        given = Given.of(ENTITIES[one.entity], {name: text})
        before = self.choices.get(one.id)
        choice = before if before and before.take is Take.OWN else self._own_from(one, before)
        (stored,) = given.stored.values()
        choice.values[name] = text
        choice.texts[name] = _told(ENTITIES[one.entity].by_name[name], stored, text)
        self.choices[one.id] = choice

    def _own_from(self, one: Difference, before: Choice | None) -> Choice:
        """The other fields of the group stay as they were chosen: ours, where nothing was."""
        side = self.side(one, before.take) if before else one.ours
        titles = self.beside.titles
        texts = {name: words.side_text(one, name, side.get(name), titles) for name in one.ours}
        return Choice(Take.OWN, dict(side), texts)

    def side(self, one: Difference, take: Take) -> Mapping[str, Plain]:
        """What a side says."""
        return {Take.SIS: one.sis, Take.BASE: one.base}.get(take, one.ours)

    def choice(self, row: Row) -> Choice | None:
        """What is chosen for a row."""
        return self.choices.get(row.asked.id) if row.asked else None

    def result(self, row: Row) -> str:
        """What will stand here by what is chosen; blank where nothing is."""
        if row.asked is None:
            return row.cells[Side.RESULT].text
        choice = self.choice(row)
        if choice is None:
            return ""
        return (
            choice.texts.get(row.name, "")
            if choice.take is Take.OWN
            else self.taken(row, choice.take)
        )

    def taken(self, row: Row, take: Take) -> str:
        """What stands in a row once a side is taken."""
        if row.asked is not None and row.name == ALIVE:
            # What is kept lives, what is let go does not: neither is what the other column says.
            return row.cells[Side.SIS if take is Take.SIS else Side.OURS].text
        return next(row.cells[side].text for side, of in TAKES.items() if of is take)

    @property
    def undecided(self) -> list[Difference]:
        """The differences for which nothing is chosen yet."""
        return [one for one in self.beside.differences if one.id not in self.choices]

    def decisions(self) -> list[Decision]:
        """What is to be carried out, each for what was seen."""
        return [
            Decision(one.id, choice.take, dict(choice.values), one.revision)
            for one in self.beside.differences
            if (choice := self.choices.get(one.id)) is not None
        ]

    # -- in words --

    def told(self) -> str:
        """What is decided about the record, in one sentence."""
        chosen = [
            part_word(one.entity, part_name(one.part))
            + ": "
            + words.title(one, choice.take).rstrip("…")
            for one in self.beside.differences
            if (choice := self.choices.get(one.id)) is not None
        ]
        return _("{record}: {chosen}.").format(record=self.beside.title, chosen=", ".join(chosen))

    def does_alike(self, one: Difference, take: Take) -> str:
        """What becomes of all that are like this one, without the value of any."""
        if take is Take.SIS:
            return _("What {name} says comes in here.").format(name=one.connector)
        kept = (
            _("What stands here is kept") if take is Take.OURS else _("What was agreed comes back")
        )
        if one.part != ALIVE and words.is_sent(self.beside, one, self.side(one, take)):
            return _("{kept}, and is sent to {name} with the next sync.").format(
                kept=kept, name=one.connector
            )
        return _("{kept}, on the registrar’s list: {name} does not take it from here.").format(
            kept=kept, name=one.connector
        )

    # -- when it is read anew --

    def carry(self, before: "Sheet") -> None:
        """Takes over choices that still mean what they meant, and says what has moved."""
        was = {one.id: one for one in before.beside.differences}
        for one in self.beside.differences:
            old = was.get(one.id)
            if old is None:
                continue
            choice = before.choices.get(one.id)
            moved = one.revision != old.revision
            if moved:
                self.moved[one.id] = _moved(self, old, one)
            elif one.id in before.moved:
                self.moved[one.id] = before.moved[one.id]
            if choice is not None and (
                not moved
                or choice.take is Take.OWN
                or self.side(one, choice.take) == before.side(old, choice.take)
            ):
                self.choices[one.id] = choice


def _moved(sheet: Sheet, old: Difference, new: Difference) -> str:
    titles = sheet.beside.titles
    side, name = (new.sis, new.connector) if new.sis != old.sis else (new.ours, "")
    said = ", ".join(
        words.or_blank(words.side_text(new, field_, value, titles))
        for field_, value in side.items()
    )
    text = (
        _("{name} has said something else since: {value}")
        if name
        else _("Ours has changed since: {value}")
    )
    return text.format(name=name, value=said)


def _can_type(one: Difference) -> bool:
    """Whether it is of texts, days, numbers or words: nothing that refers to records."""
    if one.part == ALIVE or part_name(one.part) != one.part:
        return False
    kinds = [ENTITIES[one.entity].by_name[name].kind for name in one.ours]
    return not any(
        isinstance(kind, Elements | Reference)
        or (isinstance(kind, SetOf) and isinstance(kind.part, Reference))
        for kind in kinds
    )


def _told(one: FieldType, stored: Plain, text: str) -> str:
    """What was typed, in its normal form where that is one text or one word."""
    if one.kind.is_list or isinstance(one.kind, Number):
        return text.strip()
    return words.field_text(one, stored, {})
