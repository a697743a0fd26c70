"""The lines of the inbox: what waits, where, since when, as a list that is read at a glance."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.engine.inbox import Entry, Harm, Inbox, Kind, entry_title, where
from app.text import _, plural
from app.ui import badges, theme
from app.ui.badges import Look
from app.ui.parts.label import tip
from app.ui.wording import day_and_time, instant

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
_SHAPE = 18
_LOOKS = {
    Kind.APPROVAL: Look("diamond", "warn", Kind.APPROVAL.value),
    Kind.SAME: Look("ring", "active", Kind.SAME.value),
    Kind.DIFFERENCES: Look("arrows", "active", Kind.DIFFERENCES.value),
    Kind.UNSENT: Look("triangle", "warn", Kind.UNSENT.value),
    Kind.UNREADABLE: Look("square", "quiet", Kind.UNREADABLE.value),
}
_WORST = Look("octagon", "bad", Kind.APPROVAL.value)


def look(entry: Entry) -> Look:
    """Shape and colour of what is asked; what takes something away has one of its own."""
    return _WORST if entry.harm in (Harm.GONE, Harm.LESS) else _LOOKS[entry.harm.kind]


def seen(entry: Entry, now: datetime) -> str:
    """``seen in 6 syncs since Sunday 02:00``."""
    if not entry.since:
        return ""
    since = day_and_time(instant(entry.since), now)
    if entry.times > 1:
        told = plural(
            "seen in {n} sync since {{when}}", "seen in {n} syncs since {{when}}", entry.times
        )
        return told.format(when=since)
    return _("since {when}").format(when=since)


class Row(NamedTuple):
    """An entry, and what stands in its two lines."""

    entry: Entry
    title: str
    about: str

    @property
    def text(self) -> str:
        """All of it, as it is read aloud and searched."""
        return f"{_(self.entry.harm.kind.value)}: {self.title}, {self.about}"

    @property
    def key(self) -> tuple[object, ...]:
        """Tells it from the others, also when it counts more or less by now."""
        one = self.entry
        return one.harm, one.connector, one.entity, one.words


def rows(inbox: Inbox, now: datetime, *, with_connector: bool) -> list[Row]:
    """All entries in words; with the connector's name where there are several."""
    found = []
    for one in inbox.entries:
        parts = [where(one.schools, inbox.schools), seen(one, now)]
        if with_connector:
            parts.insert(1, one.connector)
        if one.new:
            parts.append(plural("{n} new", "{n} new", one.new))
        found.append(Row(one, entry_title(one), " · ".join(part for part in parts if part)))
    return found


class EntryModel(QAbstractListModel):
    """Rows in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[Row] = ()

    def show(self, rows: Sequence[Row]) -> None:
        """Shows these; the view stays as it is where they are about the same."""
        if [one.key for one in rows] != [one.key for one in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        elif rows != self.rows:
            self.rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802, RUF100
        """One row an entry."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The words of a row; the delegate paints from the row itself."""
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(f"{row.title}\n{row.about}")
        return row.text if role == Qt.ItemDataRole.AccessibleTextRole else None


class EntryDelegate(QStyledItemDelegate):
    """Paints an entry: a shape, what waits, and under it what is asked, where and since when."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802, RUF100
        """Two lines and air."""
        return QSize(240, 2 * option.fontMetrics.height() + 26)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The row, in the colours in use."""
        c = theme.colours()
        state: QStyle.StateFlag = option.state
        font: QFont = option.font
        whole: QRect = option.rect
        row: Row = index.data(ROW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(whole).adjusted(2, 2, -2, -2)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(c.chosen))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(c.raised))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(c.focus))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)

        def put(rect: QRect) -> QRect:
            return QStyle.visualRect(option.direction, whole, rect)

        inner = whole.adjusted(14, 11, -14, -11)
        shape = QRect(inner.left(), inner.center().y() - _SHAPE // 2, _SHAPE, _SHAPE)
        badges.paint(painter, QRectF(put(shape)), look(row.entry))
        leads = QRect(inner.right() - 12, inner.top(), 12, inner.height())
        _leads_on(painter, put(leads), mirrored=option.direction == Qt.LayoutDirection.RightToLeft)
        line = QFontMetrics(font).height()
        words = inner.adjusted(_SHAPE + 14, 0, -20, 0)
        top = QRect(words.left(), words.top(), words.width(), line)
        self._text(painter, option, put(top), row.title, _bold(font), c.text)
        below = top.translated(0, line + 4)
        asked = _(row.entry.harm.kind.value)
        ink = look(row.entry).ink().name()
        self._text(painter, option, put(below), asked, _bold(font), ink)
        below.setLeft(below.left() + QFontMetrics(_bold(font)).horizontalAdvance(asked) + 10)
        self._text(painter, option, put(below), row.about, font, c.muted)
        painter.restore()

    def _text(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        where_: QRect,
        words: str,
        font: QFont,
        colour: str,
    ) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, where_.width())
        at = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(where_, QStyle.visualAlignment(option.direction, at), shown)


def _leads_on(painter: QPainter, where_: QRect, *, mirrored: bool) -> None:
    """An angle that points to where the line leads."""
    pen = QPen(QColor(theme.colours().muted), 1.6)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    middle, half = QPointF(where_.center()), 4
    tip = -half / 2 if mirrored else half / 2
    painter.drawPolyline(
        QPolygonF(
            [
                middle + QPointF(-tip, -half),
                middle + QPointF(tip, 0),
                middle + QPointF(-tip, half),
            ]
        )
    )


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold
