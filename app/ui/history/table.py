"""The history, newest first. The model holds ids; rows are read when they are seen."""

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.engine.stories import OUTCOMES, Listed, listed_words, outcome
from app.store.stories import Entry
from app.text import N_, _
from app.ui import badges, theme
from app.ui.history.chosen import why_warned
from app.ui.parts.label import tip
from app.ui.parts.paged import BLOCK, PagedModel
from app.ui.situation import is_open
from app.ui.wording import absolute, ago, duration, instant, number

NUMBER, WHEN, WHAT, RESULT = range(4)
COUNTS = ("created", "updated", "deleted", "unchanged", "waiting", "unreadable")
FIRST_COUNT = RESULT + 1
DURATION = FIRST_COUNT + len(COUNTS)
HEADINGS = (
    N_("Number"), N_("When"), N_("What"), N_("Outcome"), N_("New"), N_("Changed"), N_("Removed"),
    N_("Unchanged"), N_("Waiting"), N_("Unreadable"), N_("Took"),
)  # fmt: skip
SPARED = (
    DURATION, *(FIRST_COUNT + COUNTS.index(one) for one in ("unreadable", "unchanged", "waiting")),
)  # fmt: skip
"""Columns that a narrow window does without, in this order; the chosen sync tells them too."""
_WIDEST = ("#8,888", N_("yesterday 18:08"), "M" * 24)


class HistoryModel(PagedModel[int, Listed]):
    """The newest change set first."""

    def __init__(self) -> None:
        super().__init__()
        self.headings = [_(heading) for heading in HEADINGS]
        self.now = datetime.now(UTC)
        self.with_connector = False
        """Whether there are several, and each line says of which it is."""

    def show(self, ids: Sequence[int]) -> None:
        """These change sets; runs that were under way, and those that waited, are read anew."""
        super().show(ids)
        rows = {id_: row for id_, row in self._rows.items() if row.run is not None}
        if open_ := [id_ for id_, row in rows.items() if row.waits or is_open(row.run)]:
            self.wanted.emit(open_)

    def tick(self, now: datetime) -> None:
        """Time went on."""
        self.now = now
        if self.ids:
            self.dataChanged.emit(self.index(0, WHEN), self.index(len(self.ids) - 1, WHEN))

    def headerData(  # noqa: N802, RUF100
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The headings, over their columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        if role == Qt.ItemDataRole.ToolTipRole and section == NUMBER:
            return _("Whatever writes has a number: syncs, and also edits, decisions and undos.")
        return super().headerData(section, orientation, role)

    def blank(self, id_: int, column: int, role: int) -> object:
        """The number is known before the row is read."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        known = column == NUMBER and role == Qt.ItemDataRole.DisplayRole
        return f"#{number(id_)}" if known else None

    def cell(self, row: Listed, column: int, role: int) -> object:
        """What stands in a cell."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(row, column)
        if role == Qt.ItemDataRole.DecorationRole and column == RESULT:
            return badges.icon(look(row))
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._ink(row, column)
        if role == Qt.ItemDataRole.ToolTipRole and column == WHEN:
            return absolute(instant(row.set.at))
        if role == Qt.ItemDataRole.ToolTipRole and column == WHAT:
            return tip(self._what(row))
        if role == Qt.ItemDataRole.ToolTipRole and column == RESULT and row.run is not None:
            return tip(why_warned(row.run)) or None
        return None

    def _what(self, entry: Listed) -> str:
        return listed_words(entry, with_connector=self.with_connector)

    def _words(self, entry: Listed, column: int) -> str:
        run = entry.run
        if column == NUMBER:
            return f"#{number(entry.id)}"
        if column == WHEN:
            return ago(instant(entry.set.at), self.now)
        if column == WHAT:
            return self._what(entry)
        if column == RESULT:
            return _(look(entry).word)
        if column == DURATION:
            return "" if run is None or run.seconds is None else duration(run.seconds)
        count = _count(entry, column)
        return "" if count is None else number(count)

    def _ink(self, entry: Listed, column: int) -> QBrush | None:
        c = theme.colours()
        if column == RESULT:
            return QBrush(look(entry).ink())
        if FIRST_COUNT <= column < DURATION:
            count = COUNTS[column - FIRST_COUNT]
            if not _count(entry, column):
                return QBrush(QColor(c.muted))
            if count == "unreadable" or (count == "waiting" and entry.waits):
                return QBrush(QColor(c.warn))
        return None


def look(entry: Entry) -> badges.Look:
    """How a change set stands now."""
    return badges.of_run(outcome(entry))


def _count(entry: Entry, column: int) -> int | None:
    """What a change set counts in a column; ``None`` where it has nothing to count there."""
    name = COUNTS[column - FIRST_COUNT]
    if entry.run is not None:
        return entry.run.total(name)
    one = entry.set
    counted = {"created": one.created, "updated": one.changed - one.removed, "deleted": one.removed}
    return counted.get(name)


class History(QTableView):
    """The table of change sets; one is chosen."""

    chosen = Signal(object)
    """The id of the chosen change set, or ``None``."""
    lengthened = Signal()
    """There are more rows or fewer, and ``sizeHint`` is another."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("history")
        self.setAccessibleName(_("History"))
        self.setAccessibleDescription(
            _(
                "Syncs, edits, decisions and whatever else wrote, the newest first. Choose one to "
                "see what it did."
            )
        )
        self.runs = HistoryModel()
        self.setModel(self.runs)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        self._widths: dict[int, int] = {}
        self._least = 0
        """What the column “What” needs for its heading."""
        self._fit()
        self.selectionModel().currentRowChanged.connect(self._moved)
        self.runs.modelReset.connect(self._choose_newest)
        self.runs.rowsInserted.connect(self._follow)
        for changed in (self.runs.modelReset, self.runs.rowsInserted):
            changed.connect(self._lengthen)
        self._on_newest = True

    def show_ids(self, ids: list[int], *, with_connector: bool) -> None:
        """Shows these; with their connectors where there are several."""
        self.runs.with_connector = with_connector
        self.runs.show(ids)

    def choose(self, id_: int) -> None:
        """Selects a change set and brings it into view."""
        place = self.runs.place(id_)
        if place is not None:
            self._select(place)
            self.scrollTo(self.runs.index(place, 0))

    def chosen_id(self) -> int | None:
        """The id of the chosen change set."""
        row = self.currentIndex().row()
        return self.runs.ids[row] if 0 <= row < len(self.runs.ids) else None

    def row_text(self) -> str:
        """The chosen row as tab-separated text."""
        row = self.currentIndex().row()
        columns: Sequence[int] = [c for c in range(len(HEADINGS)) if not self.isColumnHidden(c)]
        cells = [str(self.runs.index(row, c).data() or "") for c in columns]
        return "\t".join(_(HEADINGS[c]) for c in columns) + "\n" + "\t".join(cells)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """Shows the columns that find room."""
        super().resizeEvent(event)
        self._spare()

    def sizeHint(self) -> QSize:  # noqa: N802, RUF100
        """The height of all rows, of a screenful at most."""
        rows = min(len(self.runs.ids), BLOCK) * self.verticalHeader().defaultSectionSize()
        around = self.horizontalHeader().sizeHint().height() + 2 * self.frameWidth()
        return QSize(super().sizeHint().width(), around + rows)

    def _lengthen(self) -> None:
        self.updateGeometry()
        self.lengthened.emit()

    def _spare(self) -> None:
        room = self.viewport().width()
        kept = [c for c in range(len(HEADINGS)) if c not in SPARED]
        need = sum(self._widths[c] for c in kept)
        # What it was takes less, before a column goes that most people look for.
        least = need - self._widths[WHAT] + self._least
        for column in (FIRST_COUNT, FIRST_COUNT + 1):
            self.setColumnHidden(column, least > room)
            least -= self._widths[column]
        for column in reversed(SPARED):
            need += self._widths[column]
            self.setColumnHidden(column, need > room)

    def _fit(self) -> None:
        """Widths by the widest usual text; what it was takes the rest."""
        head = self.horizontalHeader()
        wide = QFontMetrics(self.font())
        self.verticalHeader().setDefaultSectionSize(max(30, wide.height() + 12))
        head.setMinimumSectionSize(40)
        for column, heading in enumerate(HEADINGS):
            texts = [_(heading), _(_WIDEST[column]) if column < RESULT else "88,888"]
            texts += map(_, OUTCOMES.values()) if column == RESULT else ()
            extra = 48 if column == RESULT else 18
            self._widths[column] = max(map(wide.horizontalAdvance, texts)) + extra
            self.setColumnWidth(column, self._widths[column])
        self._least = wide.horizontalAdvance(_(HEADINGS[WHAT])) + 40
        head.setSectionResizeMode(WHAT, QHeaderView.ResizeMode.Stretch)

    def _choose_newest(self) -> None:
        if self.runs.ids:
            self._select(0)
        else:
            self.chosen.emit(None)

    def _follow(self) -> None:
        if self._on_newest:
            self._select(0)

    def _select(self, row: int) -> None:
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(
            self.runs.index(row, 0), flag.ClearAndSelect | flag.Rows
        )

    def _moved(self, to: QModelIndex) -> None:
        # Rows that come in above the newest move it down; whoever looked at it looks at the new.
        self._on_newest = to.row() <= 0
        self.chosen.emit(self.runs.ids[to.row()] if to.isValid() else None)


def _side(column: int) -> Qt.AlignmentFlag:
    count = FIRST_COUNT <= column < DURATION
    side = Qt.AlignmentFlag.AlignRight if count else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
