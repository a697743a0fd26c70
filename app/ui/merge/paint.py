"""How a cell of the merge grid is drawn: the value with its marks, under it who said so when."""

from dataclasses import replace

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QTextLayout,
)
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from app.engine.intraline import Pieces
from app.ui import theme
from app.ui.parts.marks import laid_out
from app.ui.parts.wrapping import breakable

Index = QModelIndex | QPersistentModelIndex
PIECES, WHENCE, DOT, CHIP, LOUD, BRACKET = range(
    Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 6
)
"""What a cell is drawn of: the value, who said so; whether there is a dot to choose it by, and
whether that is full; the word on its chip, and whether that is loud; which part of a group it is
(a pair: one follows, one went before)."""

GAP = 10
"""Around what stands in a cell."""
DOT_SIZE = 14
TINY = 0.87
"""The size of what is less important, in parts of the font's."""
UNTOLD = "—"
"""What stands for a blank."""


class Painter(QStyledItemDelegate):
    """Draws; what is drawn is the model's."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """A cell."""
        c = theme.colours()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(rect, QColor(c.chosen if chosen else c.panel))
        painter.setPen(QPen(QColor(c.raised), 1))
        follows, precedes = index.data(BRACKET) or (False, False)
        if not follows:
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if follows or precedes:
            _draw_bracket(painter, rect, follows, precedes, option)
        inside = _inside(rect, index, option)
        if (full := index.data(DOT)) is not None:
            _draw_dot(painter, rect, full, option)
        top = inside.top()
        for layout, colour in _layouts(index, option, inside.width()):
            painter.setPen(QColor(colour))
            layout.draw(painter, QPointF(inside.left(), top))
            top += layout.boundingRect().height()
        if chip := index.data(CHIP):
            _draw_chip(painter, inside, top + 4, str(chip), bool(index.data(LOUD)), option)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802, RUF100
        """The height that a cell needs at the width of its column."""
        rect = QRectF(option.rect)
        view = option.widget
        if view is not None and hasattr(view, "columnWidth"):
            rect.setWidth(view.columnWidth(index.column()))
        width = _inside(rect, index, option).width()
        height = sum(one.boundingRect().height() for one, _c in _layouts(index, option, width))
        if index.data(CHIP):
            height += _chip_height(option) + 4
        return QSize(60, max(theme.TARGET, round(height + 2 * GAP - 4)))


def _inside(rect: QRectF, index: Index, option: QStyleOptionViewItem) -> QRectF:
    """Where the text of a cell goes: behind the dot, if there is one."""
    start = GAP + (DOT_SIZE + 8 if index.data(DOT) is not None else 0)
    rtl = option.direction == Qt.LayoutDirection.RightToLeft
    return rect.adjusted(GAP if rtl else start, GAP - 2, -start if rtl else -GAP, -GAP + 2)


def _layouts(
    index: Index, option: QStyleOptionViewItem, width: float
) -> list[tuple[QTextLayout, str]]:
    """The lines of a cell with their colours: value, then who said so."""
    c = theme.colours()
    found = []
    pieces: Pieces | None = index.data(PIECES)
    font = QFont(option.font)
    if pieces is None:
        text, colour = str(index.data(Qt.ItemDataRole.DisplayRole) or ""), c.text
        label = index.data(Qt.ItemDataRole.FontRole)
        if isinstance(label, QFont):
            font = label
    else:
        pieces = tuple(replace(piece, text=breakable(piece.text)) for piece in pieces)
        text = "".join(piece.text for piece in pieces) or UNTOLD
        colour = c.text if pieces else c.muted
    if text:
        found.append((laid_out(text, font, width, option, pieces), colour))
    if whence := index.data(WHENCE):
        small = tiny(font)
        found.append((laid_out(str(whence), small, width, option), c.muted))
    return found


def tiny(font: QFont) -> QFont:
    """That font for what is less important."""
    made = QFont(font)
    made.setPointSizeF(font.pointSizeF() * TINY)
    made.setBold(False)
    return made


def _edge(rect: QRectF, width: float, option: QStyleOptionViewItem) -> float:
    """Where something of that width begins on the side where reading begins."""
    rtl = option.direction == Qt.LayoutDirection.RightToLeft
    return rect.right() - GAP - width if rtl else rect.left() + GAP


def _draw_dot(painter: QPainter, rect: QRectF, full: bool, option: QStyleOptionViewItem) -> None:
    c = theme.colours()
    line = QFontMetricsF(option.font).height()
    left = _edge(rect, DOT_SIZE, option)
    ring = QRectF(left, rect.top() + GAP - 2 + (line - DOT_SIZE) / 2, DOT_SIZE, DOT_SIZE)
    painter.setBrush(QColor(c.panel))
    painter.setPen(QPen(QColor(c.active if full else c.muted), 2 if full else 1.2))
    painter.drawEllipse(ring.adjusted(1, 1, -1, -1))
    if full:
        painter.setBrush(QColor(c.active))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(ring.adjusted(4, 4, -4, -4))


def _draw_bracket(
    painter: QPainter, rect: QRectF, follows: bool, precedes: bool, option: QStyleOptionViewItem
) -> None:
    """What holds the fields of a group together."""
    rtl = option.direction == Qt.LayoutDirection.RightToLeft
    x = rect.right() - 3 if rtl else rect.left() + 3
    top = rect.top() if precedes else rect.top() + GAP
    bottom = rect.bottom() if follows else rect.bottom() - GAP
    painter.setPen(QPen(QColor(theme.colours().muted), 2))
    painter.drawLine(QPointF(x, top), QPointF(x, bottom))


def _chip_height(option: QStyleOptionViewItem) -> float:
    return QFontMetricsF(tiny(option.font)).height() + 6


def _draw_chip(
    painter: QPainter,
    inside: QRectF,
    top: float,
    word: str,
    loud: bool,
    option: QStyleOptionViewItem,
) -> None:
    """A word in a frame: why the result is what it is."""
    c = theme.colours()
    font = tiny(option.font)
    metrics = QFontMetricsF(font)
    width = min(metrics.horizontalAdvance(word) + 16, inside.width())
    rtl = option.direction == Qt.LayoutDirection.RightToLeft
    left = inside.right() - width if rtl else inside.left()
    frame = QRectF(left, top, width, _chip_height(option)).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setBrush(QColor(c.band if loud else c.note))
    painter.setPen(QPen(QColor(c.on_band if loud else c.line), 1))
    painter.drawRoundedRect(frame, frame.height() / 2, frame.height() / 2)
    painter.setPen(QColor(c.on_band if loud else c.text))
    painter.setFont(font)
    word = metrics.elidedText(word, Qt.TextElideMode.ElideRight, frame.width() - 12)
    painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, word)
