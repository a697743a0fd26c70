"""What the registrar of each school should mend: a table to narrow, sort, copy and save."""

from collections.abc import Callable, Sequence
from dataclasses import astuple
from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QWidget

from app.engine.quality import HEADINGS, Grade, report, told
from app.store.database import Database
from app.text import N_, _, plural
from app.ui import badges
from app.ui.badges import Look
from app.ui.reports.lines import ALL, AT_ONCE, LinesDialog
from app.ui.reports.rows import Index, LinesModel, Row, Seen, row_of
from app.ui.session import Session

SCHOOL, GRADE = 0, 1
MOST = {HEADINGS.index("Key"): 120}
"""Nobody reads a key; whoever needs it copies the row, or makes the column wider."""

LOOKS = {
    Grade.FAULT: Look("octagon", "bad", ""),
    Grade.NOTE: Look("triangle", "warn", ""),
}


def look(database: Database) -> Seen:
    """Makes the report; on the reader's thread."""
    found = report(database, datetime.now(UTC).date().isoformat())
    return Seen(found.lines, found.schools)


class QualityModel(LinesModel):
    """The lines, each with how grave it is."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What stands in a cell, with a shape beside its grade."""
        if index.column() == GRADE:
            looks = LOOKS[self.shown[index.row()].line.grade]
            if role == Qt.ItemDataRole.DecorationRole:
                return badges.icon(looks)
            if role == Qt.ItemDataRole.ForegroundRole:
                return QBrush(looks.ink())
        return super().data(index, role)


class QualityDialog(LinesDialog):
    """Opens at once and fills up; what is narrowed is what is copied and saved."""

    file_name = N_("registrar.csv")
    topic = "quality"

    def __init__(self, parent: QWidget | None, session: Session) -> None:
        super().__init__(
            parent,
            session,
            _("The registrar’s list"),
            _(
                "What the registrar of each school should mend: what does not add up in the "
                "roster, and what is corrected here alone. Mend it in the SIS, and the next sync "
                "brings it here."
            ),
            QualityModel([_(one) for one in HEADINGS]),
            _("What is to be mended"),
            MOST,
        )
        self.look()

    def question(self) -> Callable[[Database], Seen]:
        """All of it, as of today."""
        return look

    def put_in_words(self, database: Database, seen: Seen, start: int) -> list[Row]:
        """The next lines from a place on."""
        lines = seen.lines[start : start + AT_ONCE]
        words = told(database, lines, seen.schools)
        return [row_of(line, astuple(one)) for line, one in zip(lines, words, strict=True)]

    def hidden(self) -> Sequence[int]:
        """The school, where one is chosen."""
        return () if self.school.currentData() is ALL else (SCHOOL,)

    def counted(self, shown: Sequence[Row]) -> str:
        """Faults, then notes."""
        faults = sum(row.line.grade is Grade.FAULT for row in shown)
        return " · ".join(
            (
                plural("{n} fault", "{n} faults", faults),
                plural("{n} note", "{n} notes", len(shown) - faults),
            )
        )

    def nothing(self) -> str:
        """A sound roster."""
        return _("All is well: nothing is to be mended.")
