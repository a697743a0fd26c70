"""A list of records of any length and type: each with its name, and what to know it by."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.engine import naming
from app.store.search import Named, Which
from app.text import _
from app.ui import theme
from app.ui.parts.paged import Index, PagedModel
from app.ui.wording import entity_name, number

HEADING = 0
"""In place of the id of a record: the heading over those of its type."""
_TITLE = Qt.ItemDataRole.DisplayRole
_ABOUT = Qt.ItemDataRole.UserRole
_ENDED = Qt.ItemDataRole.UserRole + 1


class Records(PagedModel[Which, Named]):
    """Records, and headings with how many of a type there are."""

    def __init__(self) -> None:
        super().__init__()
        self.headings = [_("Record")]
        self.counts: dict[str, int] = {}

    def cell(self, row: Named, column: int, role: int) -> object:
        """The name, and the line under it."""
        if role == _TITLE:
            return naming.title(row.row, row.titles)
        if role == _ABOUT:
            return naming.about(row)
        if role == _ENDED:
            return not row.row.alive
        return None

    def blank(self, id_: Which, column: int, role: int) -> object:
        """A heading; of a record that has not been read yet, nothing."""
        entity, record = id_
        if record == HEADING and role in (_TITLE, Qt.ItemDataRole.AccessibleTextRole):
            count = self.counts.get(entity, 0)
            shown = sum(one == entity for one, _id in self.ids) - 1
            told = _("{type}: {count}")
            if shown < count:
                told = _("{type}: the first {shown} of {count}")
            return told.format(type=entity_name(entity), shown=shown, count=number(count))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A heading cannot be chosen."""
        if self.ids[index.row()][1] == HEADING:
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index)

    def data(self, index: Index, role: int = _TITLE) -> object:
        """A heading has no row to be read; a record is spoken with all that it shows."""
        which = self.ids[index.row()]
        if which[1] == HEADING:
            return self.blank(which, 0, role)
        row = self.row(index.row())
        if row is not None and role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{naming.title(row.row, row.titles)}, {naming.about(row)}"
        return super().data(index, role)


class RecordList(QListView):
    """Enter or a click opens a record; going up from the first one leaves the list."""

    opened = Signal(object)
    """``Which`` record."""
    left = Signal()
    """The focus wants to go to what is above."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.records = Records()
        self.setModel(self.records)
        self.setItemDelegate(_Lines(self.records, self))
        self.setObjectName("records")
        self.setMouseTracking(True)
        self.setUniformItemSizes(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.clicked.connect(self._open)

    def show_found(self, ids: Sequence[Which], counts: dict[str, int]) -> None:
        """Shows these; ``counts`` are for the headings among them."""
        chosen = self.chosen()
        self.records.counts = counts
        self.setUniformItemSizes(not any(id_ == HEADING for _, id_ in ids))
        self.records.show(ids)
        if chosen is not None and (place := self.records.place(chosen)) is not None:
            self.setCurrentIndex(self.records.index(place, 0))

    def chosen(self) -> Which | None:
        """The record that the keyboard is at."""
        index = self.currentIndex()
        return self.records.ids[index.row()] if index.isValid() else None

    def enter(self) -> None:
        """Takes the focus, at the first record if at none; not where there is none."""
        if (first := self.first()) is None:
            return
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.currentIndex().isValid():
            self.setCurrentIndex(self.records.index(first, 0))

    def first(self) -> int | None:
        """Where the first record stands."""
        return next((n for n, (_, id_) in enumerate(self.records.ids) if id_ != HEADING), None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, RUF100
        """Enter opens; up from the first leaves."""
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self._open(index)
        elif event.key() == Qt.Key.Key_Up and index.row() in (self.first(), -1):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        which = self.records.ids[index.row()]
        if which[1] != HEADING:
            self.opened.emit(which)


class _Lines(QStyledItemDelegate):
    """Paints a record as two lines, and a heading as one."""

    def __init__(self, records: Records, parent: QWidget) -> None:
        super().__init__(parent)
        self._records = records

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802, RUF100
        """Two lines and air; one for a heading."""
        line = option.fontMetrics.height()
        if self._records.ids[index.row()][1] == HEADING:
            return QSize(120, line + 2 * theme.SPACE + 4)
        return QSize(120, 2 * line + 2 * theme.SPACE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The row, in the colours in use."""
        c = theme.colours()
        whole: QRect = option.rect
        font: QFont = option.font
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = whole.adjusted(2 * theme.SPACE, 0, -2 * theme.SPACE, 0)
        line = QFontMetrics(font).height()
        if self._records.ids[index.row()][1] == HEADING:
            inner.setTop(inner.bottom() - line - theme.SPACE // 2)
            self._text(painter, option, inner, str(index.data()), _strong(font), c.muted)
            painter.restore()
            return
        box = QRectF(whole).adjusted(4, 1, -4, -1)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.chosen if chosen else c.raised))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(c.focus))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS, theme.RADIUS)
        upper = QRect(inner.left(), inner.top() + theme.SPACE - 1, inner.width(), line)
        ink = c.muted if index.data(_ENDED) else c.text
        self._text(painter, option, upper, str(index.data() or "…"), _strong(font), ink)
        lower = upper.translated(0, line + 2)
        self._text(painter, option, lower, str(index.data(_ABOUT) or ""), font, c.muted)
        painter.restore()

    def _text(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        where: QRect,
        said: str,
        font: QFont,
        ink: str,
    ) -> None:
        painter.setFont(font)
        painter.setPen(QColor(ink))
        shown = QFontMetrics(font).elidedText(said, Qt.TextElideMode.ElideRight, where.width())
        at = QStyle.visualAlignment(option.direction, Qt.AlignmentFlag.AlignLeft)
        painter.drawText(where, at | Qt.AlignmentFlag.AlignVCenter, shown)


def _strong(font: QFont) -> QFont:
    strong = QFont(font)
    strong.setWeight(QFont.Weight.DemiBold)
    return strong
