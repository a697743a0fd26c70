"""A table on paper: its title, its headings on every page, its rows."""

from collections.abc import Sequence

from PySide6.QtCore import QMarginsF
from PySide6.QtGui import (
    QFont,
    QPageLayout,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTableFormat,
)
from PySide6.QtPrintSupport import QPrinter

from app.ui.theme import large

POINTS = 8
"""The size of letters on paper."""


def lay_across(printer: QPrinter) -> None:
    """Begins with what suits a table; in a ``QPrintDialog`` a person may choose otherwise."""
    printer.setPageOrientation(QPageLayout.Orientation.Landscape)
    printer.setPageMargins(QMarginsF(12, 12, 12, 12), QPageLayout.Unit.Millimeter)


def table(
    title: str, words: str, headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> QTextDocument:
    """The document; black on white, whatever the window's colours."""
    document = QTextDocument()
    font = QFont()
    font.setPointSize(POINTS)
    document.setDefaultFont(font)
    cursor = QTextCursor(document)
    on_top = QTextCharFormat()
    on_top.setFont(large(font))
    cursor.insertText(title, on_top)
    cursor.insertBlock()
    cursor.insertText(words, QTextCharFormat())
    form = QTextTableFormat()
    form.setHeaderRowCount(1)
    form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    form.setBorder(0.5)
    form.setBorderCollapse(True)
    form.setCellPadding(3)
    form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    cells = cursor.insertTable(len(rows) + 1, len(headings), form)
    strong = QTextCharFormat()
    strong.setFontWeight(QFont.Weight.Bold)
    for column, heading in enumerate(headings):
        cells.cellAt(0, column).firstCursorPosition().insertText(heading, strong)
    for place, row in enumerate(rows, 1):
        for column, text in enumerate(row):
            cells.cellAt(place, column).firstCursorPosition().insertText(text)
    return document
