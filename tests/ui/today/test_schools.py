"""The table of schools: what it shows, what stands out, and where its cells lead."""

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.engine.today import School, Schools
from app.ui import theme
from app.ui.places import Place, ToFound, ToRecord, ToSyncs
from app.ui.today import schools as columns
from app.ui.today.schools import SchoolsTable

LINCOLN = School(
    7, "Lincoln", students=400, staff=30, people=430, classes=40, without_student=1,
    without_teacher=2, joined=1, left=3, changed=9, change_sets={12, 15},
)  # fmt: skip
ADAMS = School(3, "Adams", students=90, staff=9, people=99, classes=8, left=31, change_sets={15})
NOWHERE = School(None, "", students=2, people=2)
WHOLE = School(
    students=492, staff=39, people=531, classes=48, without_student=1,
    without_teacher=2, joined=1, left=34, changed=9, change_sets={12, 15},
)  # fmt: skip


@pytest.fixture
def table(qtbot: QtBot) -> SchoolsTable:
    """The table with two schools, and people of none."""
    made = SchoolsTable()
    qtbot.addWidget(made)
    made.show_schools(Schools((ADAMS, LINCOLN, NOWHERE), WHOLE, date(2026, 9, 6)))
    made.resize(900, 300)
    with qtbot.waitExposed(made):
        made.show()
    return made


def names(table: SchoolsTable) -> list[str]:
    """The schools from top to bottom."""
    return [str(table.sorted.index(row, 0).data()) for row in range(table.sorted.rowCount())]


def test_the_whole_stands_first_however_it_is_sorted(table: SchoolsTable):
    """By any heading, up or down."""
    assert names(table) == ["All schools", "Adams", "At no school", "Lincoln"]
    table.sortByColumn(columns.STUDENTS, Qt.SortOrder.AscendingOrder)
    assert names(table) == ["All schools", "At no school", "Adams", "Lincoln"]
    table.sortByColumn(columns.STUDENTS, Qt.SortOrder.DescendingOrder)
    assert names(table) == ["All schools", "Lincoln", "Adams", "At no school"]


def test_a_school_is_found_by_a_part_of_its_name(table: SchoolsTable):
    """The whole stays, whatever is looked for."""
    table.sorted.find("COLN")
    assert names(table) == ["All schools", "Lincoln"]


@pytest.mark.parametrize(
    ("row", "column", "place"),
    [
        (3, columns.SCHOOL, ToRecord("orgs", 7)),
        (3, columns.STUDENTS, ToFound(entity="users", school=7)),
        (3, columns.STAFF, ToFound(entity="users", school=7)),
        (3, columns.CLASSES, ToFound(entity="classes", school=7)),
        (3, columns.WITHOUT, ToFound(entity="classes", school=7, without="teacher")),
        (3, columns.EMPTY, ToFound(entity="classes", school=7, without="student")),
        (0, columns.WITHOUT, ToFound(entity="classes", without="teacher")),
        (3, columns.JOINED, ToSyncs((15, 12))),
        (1, columns.LEFT, ToSyncs((15,))),
        (0, columns.STUDENTS, ToFound(entity="users")),
        (0, columns.CHANGED, ToSyncs((15, 12))),
    ],
)
def test_a_cell_leads_to_what_it_counts(
    qtbot: QtBot, table: SchoolsTable, row: int, column: int, place: Place
):
    """By Enter and by a click."""
    table.setCurrentIndex(table.sorted.index(row, column))
    with qtbot.waitSignal(table.go) as led:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert led.args == [place]
    where = table.visualRect(table.currentIndex()).center()
    with qtbot.waitSignal(table.go) as led:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert led.args == [place]


@pytest.mark.parametrize(("row", "column"), [(1, columns.JOINED), (0, 0), (2, columns.STUDENTS)])
def test_a_zero_and_what_has_no_place_lead_nowhere(
    qtbot: QtBot, table: SchoolsTable, row: int, column: int
):
    """Nothing is there to be shown."""
    table.setCurrentIndex(table.sorted.index(row, column))
    with qtbot.assertNotEmitted(table.go):
        qtbot.keyClick(table, Qt.Key.Key_Return)


def test_what_is_wrong_stands_out_and_zero_does_not(table: SchoolsTable):
    """A mark, a colour and words for a class without a teacher and a school that lost many."""
    c = theme.colours()
    without, lost, few, zero = (
        table.sorted.index(row, column)
        for row, column in (
            (3, columns.WITHOUT), (1, columns.LEFT), (3, columns.LEFT), (1, columns.WITHOUT),
        )
    )  # fmt: skip
    told = Qt.ItemDataRole.AccessibleTextRole
    assert without.data(told) == "Lincoln, No teacher: 2. 2 classes have no teacher."
    assert lost.data(told) == "Adams, Left: 31. 24 % fewer people than yesterday."
    assert few.data(told) == "Lincoln, Left: 3"
    ink = Qt.ItemDataRole.ForegroundRole
    assert without.data(ink) == lost.data(ink) == QColor(c.warn)
    assert (few.data(ink), zero.data(ink)) == (None, QColor(c.muted))
    mark = Qt.ItemDataRole.DecorationRole
    assert [one.data(mark) is not None for one in (without, lost, few, zero)] == [
        True, True, False, False,
    ]  # fmt: skip


def test_a_sum_that_is_less_than_its_parts_says_why(table: SchoolsTable):
    """Somebody at two schools is one person of the district; where nobody is, nothing is said."""
    both = School(7, "Lincoln", changed=2), School(3, "Adams", changed=1)
    table.show_schools(Schools(both, School(changed=2), date(2026, 9, 6)))
    tip = Qt.ItemDataRole.ToolTipRole
    assert "several schools" in table.sorted.index(0, columns.CHANGED).data(tip)
    assert table.sorted.index(0, columns.JOINED).data(tip) is None


def test_the_chosen_cell_stays_over_new_numbers(table: SchoolsTable):
    """Other numbers of the same schools move no selection."""
    table.setCurrentIndex(table.sorted.index(3, columns.LEFT))
    more = School(7, "Lincoln", students=401, left=4)
    table.show_schools(Schools((ADAMS, more, NOWHERE), WHOLE, date(2026, 9, 6)))
    assert (table.currentIndex().column(), table.currentIndex().data()) == (columns.LEFT, "4")


def test_the_names_have_the_room_that_the_numbers_leave(table: SchoolsTable):
    """Nothing is cut off while there is room, and nothing is left over."""
    widths = [table.columnWidth(column) for column in range(9)]
    assert sum(widths) == table.viewport().width()
    assert all(width >= table.sizeHintForColumn(n) for n, width in enumerate(widths))
