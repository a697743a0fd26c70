"""What the report of disagreements shows: its lines, and what would follow from taking a side."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from PySide6.QtCore import Qt

from app.engine import disagreements
from app.engine.disagreements import Report
from app.engine.intraline import Pieces, compared
from app.engine.quality import schools_named
from app.roster.entities import ENTITIES
from app.store import reads
from app.store.database import Database
from app.store.disagreements import Disagreement, Manner
from app.text import N_, _, plural
from app.ui.parts.marks import PIECES
from app.ui.reports.rows import Index, LinesModel, Seen

SCHOOL, TYPE, RECORD, ID, HOW, FIELD, OURS, FIRST = range(8)
"""The columns; from ``FIRST`` on one a connector."""
HEADINGS = (
    N_("School"), N_("Type"), N_("Record"), N_("ID"), N_("How"), N_("Field"), N_("Ours"),
)  # fmt: skip
_IDS = ("identifier", "class_code", "course_code")
"""The fields by which a registrar finds a record in a SIS."""
MOST = {RECORD: 260, SCHOOL: 200}


class Asked(NamedTuple):
    """What a report is made of."""

    connectors: Collection[str] = ()
    """Between these alone; all, where none is named."""
    silent: bool = False
    alone: bool = False
    entity: str | None = None
    field: str | None = None
    school: int | None = None

    @property
    def manners(self) -> list[Manner]:
        """What counts as a disagreement."""
        return [Manner.DIFFER, *[Manner.SILENT] * self.silent, *[Manner.ALONE] * self.alone]


class Told(NamedTuple):
    """A report, and between whom it could be."""

    report: Report
    connected: Sequence[str]

    @property
    def whole(self) -> bool:
        """Whether every disagreement is among the lines."""
        counted = {(one.found.entity, one.found.record, one.found.field)
                   for one in self.report.lines}  # fmt: skip
        return len(counted) >= self.report.total


def look(database: Database, asked: Asked) -> Seen:
    """Makes the report; on the reader's thread."""
    found = disagreements.report(
        database,
        datetime.now(UTC).date().isoformat(),
        entities=tuple(ENTITIES) if asked.entity is None else (asked.entity,),
        connectors=asked.connectors,
        manners=asked.manners,
        school=asked.school,
        field=asked.field,
    )
    connected = [one.name for one in reads.connectors(database) if one.good is not None]
    schools = schools_named(database, {line.school for line in found.lines})
    return Seen(found.lines, schools, Told(found, connected))


def ids(database: Database, which: Collection[tuple[str, int]]) -> dict[int, str]:
    """By what a registrar finds records, by record id; nothing where there is no such field."""
    found: dict[int, str] = {}
    for entity in {entity for entity, _id in which}:
        names = [name for name in _IDS if name in ENTITIES[entity].by_name]
        wanted = {id_ for of, id_ in which if of == entity} if names else set()
        for row in reads.records(database, entity, sorted(wanted)):
            found[row.id] = next((str(row.values[name]) for name in names if row.values[name]), "")
    return found


class DisagreementModel(LinesModel):
    """The lines; what a SIS says is marked where it is not what stands here."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What stands in a cell."""
        words, column = self.shown[index.row()].words, index.column()
        if role == PIECES and words[FIELD]:
            return _pieces(words, column)
        if (
            role == Qt.ItemDataRole.AccessibleTextRole
            and column >= FIRST
            and words[FIELD]
            and words[column] not in ("", words[OURS])
        ):
            told = _("{field}: {value}, other than ours")
            return told.format(field=self.headings[column], value=words[column])
        return super().data(index, role)


def _pieces(words: Sequence[str], column: int) -> Pieces | None:
    """What is marked in a cell: what a SIS says otherwise; in ours what one of them leaves out."""
    ours = words[OURS]
    if column >= FIRST and words[column] != ours:
        return compared(ours, words[column])[1]
    if column == OURS:
        for side in words[FIRST:]:
            mine, theirs = compared(ours, side)
            if side and side != ours and not any(piece.differs for piece in theirs):
                return mine
    return None


def gives_way(name: str, fields: Collection[Disagreement]) -> str:
    """What becomes of what a SIS says where another one's word is taken; blank if it says none."""
    mine = [one for one in fields if name in dict(one.told)]
    kept = sum(name not in one.takers for one in mine)
    if not mine:
        return ""
    if not kept:
        words = _("“{name}” takes such changes: where it gives way, it is told with the next sync.")
    elif kept == len(mine):
        words = _("“{name}” takes no such change: where it gives way, that stays in this list, for "
                  "its registrar.")  # fmt: skip
    else:
        words = plural(
            "“{{name}}” does not take {n} of these changes: where it gives way, that stays in this "
            "list, for its registrar.",
            "“{{name}}” does not take {n} of these changes: where it gives way, they stay in this "
            "list, for its registrar.",
            kept,
        )
    return words.format(name=name)
