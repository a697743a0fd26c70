"""Tables whose sentences wrap."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidget, QTableWidgetItem
from pytestqt.qtbot import QtBot

from app.ui import theme
from app.ui.parts.wrapping import LEAST, Wrapping

LONG = "This sentence says what is wrong with the file, and what whoever makes it should do. "
WIDE, NARROW = 1200, 520
Make = Callable[..., QTableWidget]


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Make]:
    """Makes a table of three columns with these rows, and shows it."""
    made: list[QTableWidget] = []

    def make_(*rows: tuple[str, str, str]) -> QTableWidget:
        table = QTableWidget(len(rows), 3)
        made.append(table)
        Wrapping(table, {2: 100})
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                table.setItem(row, column, QTableWidgetItem(text))
        table.resize(WIDE, 400)
        with qtbot.waitExposed(table):
            table.show()
        return table

    yield make_
    for table in made:
        table.close()
        table.deleteLater()


def needed(table: QTableWidget, row: int, column: int) -> int:
    """The height that the words of a cell take in their column, as they are drawn."""
    item = table.item(row, column)
    assert item is not None
    # As Qt draws it: without the padding of the style sheet, and a margin of its own.
    margin = table.style().pixelMetric(table.style().PixelMetric.PM_FocusFrameHMargin) + 1
    width = table.columnWidth(column) - 2 * (theme.CELL + margin)
    flags = Qt.TextFlag.TextWordWrap
    return table.fontMetrics().boundingRect(0, 0, width, 10_000, flags, item.text()).height()


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_a_row_is_as_high_as_its_text_at_any_width(qtbot: QtBot, make: Make, width: int) -> None:
    """No sentence is cut, wider or narrower, and there is nothing to scroll to the side."""
    table = make(("users.csv", 3 * LONG, "k1"), ("orgs.csv", LONG, "k2"))
    table.resize(width, 400)
    qtbot.waitUntil(lambda: table.columnWidth(1) < table.viewport().width())
    for row in range(2):
        qtbot.waitUntil(lambda row=row: table.rowHeight(row) >= needed(table, row, 1))  # type: ignore[misc]
    assert table.rowHeight(0) >= 2 * table.fontMetrics().height()
    assert sum(table.columnWidth(column) for column in range(3)) == table.viewport().width()


def test_short_columns_keep_what_they_need(qtbot: QtBot, make: Make) -> None:
    """The sentences share the rest; a column of codes takes no more than it is given."""
    table = make((LONG, "short", 40 * "x"))
    table.resize(NARROW, 400)
    qtbot.waitUntil(lambda: table.columnWidth(0) < NARROW)
    assert table.columnWidth(1) <= LEAST
    assert table.columnWidth(2) <= 100
    assert table.columnWidth(0) > NARROW / 2


def test_a_column_that_was_moved_stays(qtbot: QtBot, make: Make) -> None:
    """Whoever makes a column wider wants it so; rows go by it."""
    table = make((3 * LONG, LONG, "k1"))
    table.setColumnWidth(0, 300)
    qtbot.waitUntil(lambda: table.rowHeight(0) >= needed(table, 0, 0))
    table.resize(NARROW, 400)
    qtbot.waitUntil(lambda: table.viewport().width() < NARROW)
    assert table.columnWidth(0) == 300


def test_a_column_that_is_hidden_leaves_its_room_to_the_others(qtbot: QtBot, make: Make) -> None:
    """To hide one is not to move it: the others still share what there is."""
    table = make((LONG, 3 * LONG, "k1"))
    table.setColumnHidden(0, True)
    table.resize(NARROW, 400)
    qtbot.waitUntil(
        lambda: table.columnWidth(1) + table.columnWidth(2) == table.viewport().width() < NARROW
    )


def test_addresses_break_too(qtbot: QtBot, make: Make) -> None:
    """A long address is no word that cannot be broken."""
    table = make(("users.csv", 6 * "a.long.name@of.an.example.org/", "k1"))
    table.resize(NARROW, 400)
    line = table.fontMetrics().height()
    qtbot.waitUntil(lambda: table.rowHeight(0) >= 2 * line)
