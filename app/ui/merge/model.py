"""What stands in the merge grid, cell by cell: drawn, and spoken."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from app.engine.decisions import Take
from app.engine.intraline import compared
from app.text import _, plural
from app.ui.merge import paint, words
from app.ui.merge.paint import BRACKET, CHIP, LOUD, PIECES
from app.ui.merge.sheet import TAKES, Row, Sheet, Side
from app.ui.parts.label import tip

Index = QModelIndex | QPersistentModelIndex

FIELD = 0
SIDES = (None, Side.OURS, Side.SIS, Side.BASE, Side.RESULT)
"""The columns in their order; the first is the field's name."""
RESULT = SIDES.index(Side.RESULT)
BASE = SIDES.index(Side.BASE)


class GridModel(QAbstractTableModel):
    """The rows of a sheet: what is asked, what differs otherwise, and, folded, what agrees."""

    def __init__(self) -> None:
        super().__init__()
        self.sheet: Sheet | None = None
        self.unfolded = False
        self.rows: list[Row | None] = []
        """``None`` is the line that folds and unfolds the rows under it."""

    def show(self, sheet: Sheet | None) -> None:
        """Another record, or the same read anew."""
        self.beginResetModel()
        self.sheet = sheet
        self.rows = []
        if sheet is not None:
            self.rows = [*sheet.asked, *sheet.noted]
            if sheet.agreed:
                self.rows += [None, *(sheet.agreed if self.unfolded else ())]
        self.endResetModel()

    def fold(self) -> None:
        """Shows the fields that agree, or hides them."""
        self.unfolded = not self.unfolded
        self.show(self.sheet)

    def refresh(self) -> None:
        """Choices have changed."""
        if self.rows:
            last = self.index(len(self.rows) - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    # -- what Qt asks --

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802, RUF100
        """One row a field, and one that folds."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802, RUF100
        """The field, three sides and the result."""
        return 0 if parent.isValid() else len(SIDES)

    def headerData(  # noqa: N802, RUF100
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The headings."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        words = self.heading(SIDES[section])
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(words)
        return words if role == Qt.ItemDataRole.DisplayRole else None

    def heading(self, side: Side | None) -> str:
        """What a column is called."""
        day = self.sheet.agreed_on if self.sheet else ""
        base = _("Last agreed ({day})").format(day=day) if day else _("Last agreed")
        name = self.sheet.beside.connector if self.sheet else _("SIS")
        return {
            None: _("Field"), Side.OURS: _("Ours"), Side.SIS: name, Side.BASE: base,
            Side.RESULT: _("Result"),
        }[side]  # fmt: skip

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a cell is drawn of, and what is said of it."""
        row, side, sheet = self.rows[index.row()], SIDES[index.column()], self.sheet
        assert sheet is not None
        if row is None:  # one line across all columns, each of which is spoken on its own
            drawn = index.column() == FIELD or role == Qt.ItemDataRole.AccessibleTextRole
            return self._fold_line(role) if drawn else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.said(row, side)
        if side is None:
            return self._label(row, role)
        if side is Side.RESULT:
            return self._result(row, role)
        cell = row.cells[side]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case paint.PIECES:
                return cell.pieces
            case paint.WHENCE:
                return cell.whence if row.first or row.asked is None else ""
            case paint.DOT if row.asked and not sheet.cannot(row.asked, TAKES[side]):
                choice = sheet.choice(row)
                return choice is not None and choice.take is TAKES[side]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """An own value can be typed where something is asked."""
        row = self.rows[index.row()] if index.isValid() else None
        own = row is not None and row.asked is not None and index.column() == RESULT
        return super().flags(index) | (
            Qt.ItemFlag.ItemIsEditable if own else Qt.ItemFlag.NoItemFlags
        )

    def _fold_line(self, role: int) -> object:
        assert self.sheet is not None
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        words_ = plural("{n} field agrees", "{n} fields agree", len(self.sheet.agreed))
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{'▾' if self.unfolded else '▸'}  {words_}"
        return _("{words}, shown").format(words=words_) if self.unfolded else words_

    def _label(self, row: Row, role: int) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return row.label
        if role == Qt.ItemDataRole.FontRole and row.asked is not None:
            bold = QFont()
            bold.setBold(True)
            return bold
        if role == BRACKET and row.asked is not None:
            place = self.rows.index(row)
            after = self.rows[place + 1] if place + 1 < len(self.rows) else None
            return after is not None and after.asked is row.asked, not row.first
        return None

    def _result(self, row: Row, role: int) -> object:
        assert self.sheet is not None
        undecided = row.asked is not None and self.sheet.choice(row) is None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.sheet.result(row)
        if role == PIECES:
            text = self.sheet.result(row)
            return None if undecided else compared(text, text)[0]
        if role == CHIP:
            return self.reason(row) if row.first or row.asked is None else ""
        return undecided if role == LOUD else None

    # -- in words --

    def reason(self, row: Row) -> str:
        """Why the result is what it is; blank where all agree."""
        assert self.sheet is not None
        if row.asked is None:
            return row.note
        choice = self.sheet.choice(row)
        if choice is None:
            return _("choose")
        return _("your own value") if choice.take is Take.OWN else _("chosen by you")

    def said(self, row: Row, side: Side | None) -> str:
        """A cell as it is spoken; of a field, the whole of its row."""
        if side is None:
            return self._row_said(row)
        if side is Side.RESULT:
            return self._result_said(row)
        cell = row.cells[side]
        told = f"{self.heading(side)}: {words.or_blank(cell.text)}"
        if differs := words.spoken(cell.pieces):
            told = _("{said}, differs in: {parts}").format(said=told, parts=differs)
        return ", ".join(filter(None, (told, cell.whence)))

    def _result_said(self, row: Row) -> str:
        assert self.sheet is not None
        heading = self.heading(Side.RESULT)
        if row.asked is not None and self.sheet.choice(row) is None:
            return _("{heading}: undecided, choose").format(heading=heading)
        told = f"{heading}: {words.or_blank(self.sheet.result(row))}"
        return ", ".join(filter(None, (told, self.reason(row))))

    def _row_said(self, row: Row) -> str:
        """The field with both sides, where they differ, and what is chosen."""
        if row.asked is None and not row.note:
            return _("{field}: both say {value}").format(
                field=row.label, value=words.or_blank(row.cells[Side.OURS].text)
            )
        sides = [self.said(row, side) for side in (Side.OURS, Side.SIS, Side.RESULT)]
        return "; ".join((row.label, *sides))
