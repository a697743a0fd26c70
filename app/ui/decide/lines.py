"""What waits for approval, a line for each school and each thing that would happen there."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem

from app.engine import inbox
from app.engine.inbox import Line
from app.engine.reasons import rule_word
from app.store.inbox import Held
from app.text import N_, _
from app.ui.parts.wrapping import Wrapping
from app.ui.wording import number

HEADINGS = (N_("School"), N_("What happens"), N_("Records"), N_("Of"), N_("Why it waits"))
SCHOOL, HAPPENS = 0, 1


class LinesTable(QTableWidget):
    """Lines to be chosen; what is chosen stays so as long as it is there."""

    chosen = Signal()
    """A person chose other lines."""

    def __init__(self) -> None:
        super().__init__(0, len(HEADINGS))
        self._lines: Sequence[Line] = ()
        self._filling = False
        self.setHorizontalHeaderLabels([_(one) for one in HEADINGS])
        self.setAccessibleName(_("What waits, by school"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSizeAdjustPolicy(QAbstractItemView.SizeAdjustPolicy.AdjustToContents)
        self.setMinimumHeight(64)
        self.wrapping = Wrapping(self)
        self.selectionModel().selectionChanged.connect(self._chosen)

    def show_lines(self, lines: Sequence[Line], held: Held) -> bool:
        """Shows these; whether some of what was chosen is still there, if anything was."""
        kept = {_key(one) for one in self.chosen_lines()}
        self._filling = True
        self._lines = lines
        self.setRowCount(len(lines))
        texts = [_texts(line, held) for line in lines]
        for row, cells in enumerate(texts):
            for column, words in enumerate(cells):
                self.setItem(row, column, QTableWidgetItem(words))
        for column in range(len(HEADINGS)):
            self.setColumnHidden(column, not any(cells[column] for cells in texts))
        self.setColumnHidden(SCHOOL, all(line.school is None for line in lines))
        alike = len({(one.harm, one.entity) for one in lines}) < 2
        self.setColumnHidden(HAPPENS, alike)  # the title has told it
        self.setVisible(len(lines) > 1)  # of one, the sentence has told it all
        selection = self.selectionModel()
        selection.clearSelection()
        flags = selection.SelectionFlag.Select | selection.SelectionFlag.Rows
        for row, line in enumerate(lines):
            if _key(line) in kept:
                selection.select(self.model().index(row, 0), flags)
        self._filling = False
        self.wrapping.fit()
        return not kept or bool(self.chosen_lines())

    def chosen_lines(self) -> list[Line]:
        """What is chosen."""
        rows = sorted({index.row() for index in self.selectedIndexes()})
        return [self._lines[row] for row in rows if row < len(self._lines)]

    def _chosen(self) -> None:
        if not self._filling:
            self.chosen.emit()


def _key(line: Line) -> tuple[object, ...]:
    """Tells a line from others, also when its records are fewer."""
    return (line.harm, line.entity, line.what, line.school)


def _texts(line: Line, held: Held) -> tuple[str, ...]:
    """A line under ``HEADINGS``."""
    school = _("At the SIS") if line.school is None else inbox.school_name(
        line.school, held.schools)  # fmt: skip
    entry = inbox.Entry(line.harm, held.connector, line.entity, len(line.items))
    return (
        school,
        inbox.entry_title(entry),
        number(len(line.items)),
        "" if line.of is None else number(line.of),
        ", ".join(rule_word(rule, limit) for rule, limit in line.rules.items()),
    )
