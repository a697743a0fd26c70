"""How the parts of values that differ are marked, where text is drawn."""

from dataclasses import replace

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem

from app.engine.intraline import Pieces
from app.ui import theme
from app.ui.parts.wrapping import Padded, breakable

PIECES = Qt.ItemDataRole.UserRole + 20
"""What a cell says of its value: the ``Pieces`` that are marked; ``None`` where none is."""


def marks(pieces: Pieces) -> list[QTextLayout.FormatRange]:
    """Marked and underlined where they differ: not by colour alone."""
    c = theme.colours()
    found, start = [], 0
    for piece in pieces:
        length = len(piece.text.encode("utf-16-le")) // 2
        if piece.differs:
            how = QTextCharFormat()
            how.setBackground(QColor(c.band))
            how.setForeground(QColor(c.on_band))
            how.setFontUnderline(True)
            mark = QTextLayout.FormatRange()
            mark.start, mark.length, mark.format = start, length, how
            found.append(mark)
        start += length
    return found


def laid_out(
    text: str,
    font: QFont,
    width: float,
    option: QStyleOptionViewItem,
    pieces: Pieces | None = None,
) -> QTextLayout:
    """Words are read as the window is; a value, which comes in ``pieces``, as it is written."""
    layout = QTextLayout(text, font)
    how = QTextOption()
    how.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    rtl = option.direction == Qt.LayoutDirection.RightToLeft
    auto = Qt.LayoutDirection.LayoutDirectionAuto
    how.setTextDirection(option.direction if pieces is None else auto)
    side = Qt.AlignmentFlag.AlignRight if rtl else Qt.AlignmentFlag.AlignLeft
    how.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute)
    layout.setTextOption(how)
    layout.setFormats(marks(pieces or ()))
    layout.beginLayout()
    top = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(width, 20))
        line.setPosition(QPointF(0, top))
        top += line.height()
    layout.endLayout()
    return layout


class Marked(Padded):
    """Draws a value with its differing parts marked, where its cell has ``PIECES``."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The cell as it always is, and over it the words."""
        pieces: Pieces | None = index.data(PIECES)
        if not pieces:
            super().paint(painter, option, index)
            return
        bare = QStyleOptionViewItem(option)
        self.initStyleOption(bare, index)
        bare.text = ""
        style = option.widget.style() if option.widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, bare, painter, option.widget)
        pieces = tuple(replace(piece, text=breakable(piece.text)) for piece in pieces)
        # As much room as the words have elsewhere: Qt keeps two pixels on each side.
        inside = QRectF(option.rect).adjusted(theme.CELL + 2, 0, -theme.CELL - 2, 0)
        text = "".join(piece.text for piece in pieces)
        layout = laid_out(text, bare.font, inside.width(), option, pieces)
        spare = max(0.0, inside.height() - layout.boundingRect().height())
        painter.save()
        painter.setClipRect(option.rect)
        painter.setPen(QColor(theme.colours().text))
        layout.draw(painter, QPointF(inside.left(), inside.top() + spare / 2))
        painter.restore()
