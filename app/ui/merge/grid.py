"""The merge grid: rows are fields, columns who says what of them, and what will stand here."""

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.store.differences import Difference
from app.text import _
from app.ui import theme
from app.ui.merge.editing import Editing
from app.ui.merge.model import BASE, FIELD, RESULT, SIDES, GridModel
from app.ui.merge.paint import DOT, GAP
from app.ui.merge.sheet import TAKES, Row, Sheet

SHARES = {FIELD: 3, 1: 4, 2: 4, BASE: 4, RESULT: 4}
"""How the columns share the width; the first takes no more than its words need."""
LABEL = 90


def _key(row: Row | None) -> tuple[str, int | None]:
    """What tells a row apart from others of its record."""
    return ("", None) if row is None else (row.name, row.asked.id if row.asked else None)


class Grid(QTableView):
    """A row is chosen with the arrows or J and K, a side by its key, or by a click on it."""

    taken = Signal(object)
    """A ``Take`` was clicked, for the row that is chosen."""
    current = Signal()
    """Another row is chosen."""
    own_asked = Signal()
    """The result of the row was double-clicked."""

    def __init__(self) -> None:
        super().__init__()
        self.content = GridModel()
        self.setModel(self.content)
        self.own = Editing(self)
        self.setItemDelegate(self.own)
        self.setAccessibleName(_("Fields of the record"))
        self.setShowGrid(False)
        self.setWordWrap(True)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        head.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setColumnHidden(BASE, True)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.lay_out)
        self.content.dataChanged.connect(self._lay_out_soon)
        self.content.modelReset.connect(self._lay_out_soon)
        self.selectionModel().currentRowChanged.connect(lambda _now, _was: self.current.emit())
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(self._double_clicked)

    # -- contents --

    def show_sheet(self, sheet: Sheet | None, difference: int | None = None) -> None:
        """Shows a record, on a row of that difference; the same record, on the row it was on."""
        before, was = self.row, self.content.sheet
        again = was is not None and sheet is not None and was.of == sheet.of
        self.content.show(sheet)
        keys = [_key(row) for row in self.content.rows]
        here = (
            place
            for place, key in enumerate(keys)
            if (key == _key(before) if again else key[1] == difference)
        )
        self.go(next(here, 0))

    @property
    def row(self) -> Row | None:
        """The row that is chosen."""
        place = self.currentIndex().row()
        return self.content.rows[place] if 0 <= place < len(self.content.rows) else None

    @property
    def difference(self) -> Difference | None:
        """What is asked in that row."""
        return self.row.asked if self.row is not None else None

    def go(self, place: int) -> None:
        """Chooses a row by its place."""
        if 0 <= place < len(self.content.rows):
            self.setCurrentIndex(self.content.index(place, FIELD))

    def step(self, by: int) -> None:
        """Chooses the next row, or the one before: one that agrees only where those are shown."""
        here = self.currentIndex().row() + by
        if self.content.unfolded:
            self.go(here)
            return
        places = range(here, len(self.content.rows)) if by > 0 else range(here, -1, -1)
        asked = (place for place in places if (row := self.content.rows[place]) and row.asked)
        self.go(next(asked, -1))

    def go_to_undecided(self) -> bool:
        """Chooses the next row that is undecided, round the end; False where there is none."""
        sheet, rows = self.content.sheet, self.content.rows
        here = max(0, self.currentIndex().row())
        for place in [*range(here, len(rows)), *range(here)]:
            row = rows[place]
            if sheet is not None and row is not None and row.asked and not sheet.choice(row):
                self.go(place)
                return True
        return False

    def moveCursor(  # noqa: N802, RUF100
        self, action: QAbstractItemView.CursorAction, how: Qt.KeyboardModifier
    ) -> QModelIndex:
        """The arrows go where J and K go."""
        by = {
            QAbstractItemView.CursorAction.MoveDown: 1, QAbstractItemView.CursorAction.MoveUp: -1
        }.get(action)  # fmt: skip
        if by is None:
            return super().moveCursor(action, how)
        self.step(by)
        return self.currentIndex()

    def fold(self) -> None:
        """Shows the fields that agree, or hides them again."""
        here = self.currentIndex().row()
        self.content.fold()
        self.go(min(here, len(self.content.rows) - 1))

    def on_fold(self) -> bool:
        """Whether the line that folds is chosen."""
        return self.row is None and self.currentIndex().isValid()

    @property
    def base_shown(self) -> bool:
        """Whether what was last agreed is in sight."""
        return not self.isColumnHidden(BASE)

    def show_base(self, on: bool) -> None:
        """Shows what was last agreed, or hides it."""
        self.setColumnHidden(BASE, not on)
        self.lay_out()

    # -- typing an own value --

    def begin_edit(self) -> None:
        """Opens the editor on the result of the row."""
        index = self.content.index(self.currentIndex().row(), RESULT)
        self.scrollTo(index)
        self.edit(index)

    @property
    def editing(self) -> bool:
        """Whether an own value is being typed."""
        return self.state() == QAbstractItemView.State.EditingState

    # -- the mouse --

    def _clicked(self, index: QModelIndex) -> None:
        if self.content.rows[index.row()] is None:
            self.fold()
        elif index.data(DOT) is not None:
            side = SIDES[index.column()]
            assert side is not None
            self.taken.emit(TAKES[side])

    def _double_clicked(self, index: QModelIndex) -> None:
        row = self.content.rows[index.row()]
        if index.column() == RESULT and row is not None and row.asked is not None:
            self.own_asked.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802, RUF100
        """A hand over what a click takes."""
        index = self.indexAt(event.position().toPoint())
        folds = index.isValid() and self.content.rows[index.row()] is None
        hand = folds or (index.isValid() and index.data(DOT) is not None)
        shape = Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        super().mouseMoveEvent(event)

    # -- layout --

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """The columns share the width."""
        super().resizeEvent(event)
        self._lay_out_soon()

    def _lay_out_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start(0)

    def lay_out(self) -> None:
        """Shares the width, and gives every row the height of what stands in it."""
        if self.editing:
            return
        shown = [column for column in SHARES if not self.isColumnHidden(column)]
        width, shares = self.viewport().width(), sum(SHARES[column] for column in shown)
        bold = QFont(self.font())
        bold.setBold(True)
        labels = (row.label for row in self.content.rows if row is not None)
        longest = max(map(QFontMetrics(bold).horizontalAdvance, labels), default=0) + 3 * GAP
        field = min(width * SHARES[FIELD] // shares, max(longest, LABEL))
        rest, others = width - field, shares - SHARES[FIELD]
        for column in shown:
            share = rest * SHARES[column] // others
            self.setColumnWidth(column, field if column == FIELD else share)
        self.clearSpans()
        self.resizeRowsToContents()
        for place, row in enumerate(self.content.rows):
            if row is None:
                self.setSpan(place, 0, 1, len(SIDES))
                self.setRowHeight(place, theme.TARGET)
