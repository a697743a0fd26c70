"""How the parts of values that differ are marked, where text is drawn."""

from PySide6.QtGui import QColor, QTextCharFormat, QTextLayout

from app.engine.intraline import Pieces
from app.ui import theme


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
