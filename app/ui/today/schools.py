"""The table of schools: the whole first, then each; cells lead to what they count."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QColor, QFont

from app.engine.today import School, Schools
from app.text import N_, _, plural
from app.ui import badges, theme
from app.ui.places import Place, ToFound, ToRecord, ToSyncs
from app.ui.today.leading import NUMBERS, PLACE, VALUE, WORDS, Index, Leading
from app.ui.wording import number

SCHOOL, STUDENTS, STAFF, CLASSES, EMPTY, WITHOUT, JOINED, LEFT, CHANGED = range(9)
_HEADINGS: Sequence[tuple[str, str]] = (
    (N_("School"), ""),
    (N_("Students"), N_("People who study there now")),
    (N_("Staff"), N_("Teachers and others who work there now")),
    (N_("Classes"), N_("Classes that are not over")),
    (N_("Empty"), N_("Classes that are not over and that have no students")),
    (N_("No teacher"), N_("Classes that are not over and that nobody teaches")),
    (N_("Joined"), N_("Students and staff who came since yesterday")),
    (N_("Left"), N_("Students and staff who left since yesterday")),
    (N_("Changed"), N_("Students and staff of whom something changed since yesterday")),
)
_COUNTS: Sequence[Callable[[School], int]] = (
    lambda one: one.students, lambda one: one.staff, lambda one: one.classes,
    lambda one: one.without_student, lambda one: one.without_teacher, lambda one: one.joined,
    lambda one: one.left, lambda one: one.changed,
)  # fmt: skip
_LACKS = {EMPTY: "student", WITHOUT: "teacher"}
"""Columns that count classes in which nobody has a role."""
_WARNING = badges.Look("triangle", "warn", "")


class SchoolsModel(QAbstractTableModel):
    """All schools together, then one by one."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[School] = []
        self._found: Schools | None = None

    def show(self, found: Schools | None) -> None:
        """Shows these, or nothing."""
        rows = [found.whole, *found.schools] if found else []
        self._found = found
        if [one.id for one in rows] == [one.id for one in self._rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, CHANGED))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def is_whole(self, row: int) -> bool:
        """Whether a row is of all schools."""
        return row == 0

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802, RUF100
        """One row a school, and one for all."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802, RUF100
        """The school and what is counted."""
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(  # noqa: N802, RUF100
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The headings, and what they mean."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        words, means = _HEADINGS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return _(words)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return WORDS if section == SCHOOL else NUMBERS
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return _(means) if means else None
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A name or a number; what stands out is bold and marked, what is zero is muted."""
        one, column, whole = self._rows[index.row()], index.column(), self.is_whole(index.row())
        count = _COUNTS[column - 1](one) if column != SCHOOL else 0
        warning = _warning(one, column)
        if role == VALUE:
            return self.name(index.row()).casefold() if column == SCHOOL else count
        if role == Qt.ItemDataRole.DisplayRole:
            return self.name(index.row()) if column == SCHOOL else number(count)
        if role == PLACE:
            return _place(one, column, count, whole=whole)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return WORDS if column == SCHOOL else NUMBERS
        if role == Qt.ItemDataRole.AccessibleTextRole:
            told = self.name(index.row())
            if column != SCHOOL:
                told = f"{told}, {_(_HEADINGS[column][0])}: {number(count)}"
            return f"{told}. {warning}" if warning else told
        if role == Qt.ItemDataRole.ToolTipRole:
            why = why_less(self._found, column) if whole and self._found else ""
            return warning or why or None
        if role == Qt.ItemDataRole.DecorationRole and warning and not whole:
            return badges.icon(_WARNING, 14)
        if role == Qt.ItemDataRole.FontRole and (whole or warning):
            bold = QFont()
            bold.setWeight(QFont.Weight.DemiBold)
            return bold
        if role == Qt.ItemDataRole.ForegroundRole:
            c = theme.colours()
            if warning:
                return QColor(c.warn)
            return QColor(c.muted) if column != SCHOOL and not count else None
        return None

    def name(self, row: int) -> str:
        """What a row is called."""
        if self.is_whole(row):
            return _("All schools")
        return self._rows[row].name or _("At no school")


def _warning(one: School, column: int) -> str:
    """What stands out in a cell, in a sentence."""
    if column == EMPTY and one.without_student:
        return plural(
            "{n} class has no students.", "{n} classes have no students.", one.without_student
        )
    if column == WITHOUT and one.without_teacher:
        return plural(
            "{n} class has no teacher.", "{n} classes have no teacher.", one.without_teacher
        )
    if column == LEFT and one.lost:
        return _("{share} % fewer people than yesterday.").format(share=f"{100 * one.lost:.0f}")
    return ""


def why_less(found: Schools, column: int) -> str:
    """Why a number of all schools is less than the sum of theirs, where it is."""
    if column == SCHOOL:
        return ""
    counted = _COUNTS[column - 1]
    if sum(map(counted, found.schools)) <= counted(found.whole):
        return ""
    return _("Whoever is at several schools counts at each of them, and here once.")


def _place(one: School, column: int, count: int, *, whole: bool) -> Place | None:
    """Where a cell leads; a zero leads nowhere."""
    if column == SCHOOL:
        return ToRecord("orgs", one.id) if one.id is not None else None
    if not count:
        return None
    if column in (JOINED, LEFT, CHANGED):
        return ToSyncs(tuple(sorted(one.change_sets, reverse=True)))
    if one.id is None and not whole:
        return None
    if column in (CLASSES, *_LACKS):
        return ToFound(entity="classes", school=one.id, without=_LACKS.get(column))
    return ToFound(entity="users", school=one.id)


class _Sorted(QSortFilterProxyModel):
    """By any column, the whole always first; those whose name has a word in it."""

    def __init__(self, model: SchoolsModel) -> None:
        super().__init__()
        self._model = model
        self.setSourceModel(model)
        self.setSortRole(VALUE)
        self._word = ""

    def find(self, word: str) -> None:
        """Shows only schools that have this in their name."""
        self._word = word.strip().casefold()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:  # noqa: N802, RUF100
        """Whether its name has the word in it."""
        return self._model.is_whole(row) or self._word in self._model.name(row).casefold()

    def lessThan(self, left: Index, right: Index) -> bool:  # noqa: N802, RUF100
        """The whole is first, whichever way they are sorted."""
        if self._model.is_whole(left.row()) or self._model.is_whole(right.row()):
            up = self.sortOrder() == Qt.SortOrder.AscendingOrder
            return self._model.is_whole(left.row()) is up
        return bool(left.data(VALUE) < right.data(VALUE))


class SchoolsTable(Leading):
    """The schools; a click on a heading sorts by it."""

    spared = (EMPTY, WITHOUT)

    def __init__(self) -> None:
        self.schools = SchoolsModel()
        self.sorted = _Sorted(self.schools)
        super().__init__(self.sorted)
        self.setObjectName("schools")
        self.setAccessibleName(_("Schools"))
        self.setAccessibleDescription(
            _("Each number leads to what it counts: press Enter. Headings sort.")
        )
        self.setSortingEnabled(True)
        self.sortByColumn(SCHOOL, Qt.SortOrder.AscendingOrder)

    def show_schools(self, found: Schools | None) -> None:
        """Shows these; the cell that was chosen stays so."""
        row, column = self.currentIndex().row(), self.currentIndex().column()
        self.schools.show(found)
        if row >= 0 and not self.currentIndex().isValid():
            self.setCurrentIndex(self.sorted.index(row, column))
