"""Where the SIS disagree, in the window."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import text
from app.compose import Options
from app.store import reads
from app.store.database import Database, Location
from app.ui import theme
from app.ui.parts.marks import PIECES
from app.ui.people.room import PeopleRoom
from app.ui.reports.disagreements import DisagreementsDialog
from app.ui.reports.sides import FIELD, FIRST, ID, OURS, RECORD
from app.ui.window import Window
from tests.connectors.oneroster.csv.district import files, tables
from tests.engine.test_matching import both, town
from tests.engine.toy import district
from tests.ui import audit
from tests.ui.decide.stage import north
from tests.ui.stage import CLICK, WAIT_MS, ready
from tests.ui.test_audit import Doubled
from tests.ui.two import two

Open = Callable[[Options], DisagreementsDialog]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Options:
    """The two SIS, read once for all tests."""
    return two(tmp_path_factory.mktemp("two") / "data")


@pytest.fixture
def options(made: Options, tmp_path: Path) -> Options:
    """A copy of it."""
    return Options(data_dir=shutil.copytree(made.folder, tmp_path / "data"))


@pytest.fixture
def open_dialog(qtbot: QtBot, open_window: Callable[..., Window]) -> Open:
    """Opens a window and, in it, the report."""

    def open_(options: Options) -> DisagreementsDialog:
        window = ready(qtbot, open_window(options))
        window.menus.disagreements.trigger()
        dialog = window.dialog
        assert isinstance(dialog, DisagreementsDialog)
        arrived(qtbot, dialog)
        return dialog

    return open_


@pytest.fixture
def dialog(open_dialog: Open, options: Options) -> DisagreementsDialog:
    """The report on the two."""
    return open_dialog(options)


def arrived(qtbot: QtBot, dialog: DisagreementsDialog) -> None:
    """Waits for all of its lines."""
    qtbot.waitUntil(dialog.again_button.isEnabled, timeout=WAIT_MS)


def lines(dialog: DisagreementsDialog) -> list[tuple[str, ...]]:
    """Record, field, ours, and what each says."""
    return [(row.words[RECORD], *row.words[FIELD:]) for row in dialog.lines.shown]


def choose(dialog: DisagreementsDialog, field: str) -> None:
    """Chooses the line about a field."""
    fields = [row.words[FIELD] for row in dialog.lines.shown]
    dialog.table.selectRow(fields.index(field))


def family_name(options: Options) -> str:
    """What the one about whom they disagree is called here."""
    with Database(Location.of(options.folder)) as database:
        rows = reads.records(database, "users", reads.record_ids(database, "users"))
    return next(str(row.values["family_name"]) for row in rows
                if row.values["given_name"] == "Given1")  # fmt: skip


def test_each_field_is_a_line_with_a_column_for_ours_and_for_each_sis(
    dialog: DisagreementsDialog,
) -> None:
    """What both say, and not the same; counted by record type first."""
    assert dialog.lines.headings[OURS:] == ["Ours", "other", "toy"]
    assert sorted(lines(dialog)) == [
        ("Class 0", "Title", "Class 0", "Class 0 (honors)", "Class 0"),
        ("Class 1 (evening)", "Title", "Class 1 (evening)", "Class 1", "Class 1 (evening)"),
        ("Given1 Nunez", "Family name", "Nunez", "Núñez", "Nunez"),
    ]
    assert dialog.count.text() == "3 lines · 3 records"
    assert dialog.kinds.button("users").text() == "People (1)"


def test_each_line_has_the_id_by_which_a_registrar_finds_the_record(
    dialog: DisagreementsDialog,
) -> None:
    """The local ID of a person, the code of a class; in the file as in the table."""
    assert dialog.lines.headings[ID] == "ID"
    found = {row.words[RECORD]: row.words[ID] for row in dialog.lines.shown}
    assert found == {"Class 0": "ALG-0", "Class 1 (evening)": "ALG-1", "Given1 Nunez": "L1"}


def test_a_record_type_is_chosen_by_its_count(qtbot: QtBot, dialog: DisagreementsDialog) -> None:
    """The lines of the others go."""
    qtbot.mouseClick(dialog.kinds.button("classes"), CLICK)
    assert [one[0] for one in lines(dialog)] == ["Class 0", "Class 1 (evening)"]


def test_what_one_does_not_say_and_does_not_know_is_shown_when_asked_for(
    qtbot: QtBot, dialog: DisagreementsDialog
) -> None:
    """Each by a box of its own."""
    dialog.silent.click()
    arrived(qtbot, dialog)
    assert ("Given1 Nunez", "Phone", "+15550100", "", "+15550100") in lines(dialog)
    dialog.alone.click()
    arrived(qtbot, dialog)
    assert ("Alone Here", "", "", "not known", "known") in lines(dialog)


def test_what_differs_is_marked_inside_the_value_and_spoken(dialog: DisagreementsDialog) -> None:
    """As in the merge view; not by colour alone."""
    choose(dialog, "Family name")
    row = dialog.table.currentIndex().row()
    said = dialog.lines.index(row, FIRST).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "other: Núñez, other than ours"
    assert "other than" not in str(
        dialog.lines.index(row, FIRST + 1).data(Qt.ItemDataRole.AccessibleTextRole)
    )


def test_what_a_sis_leaves_out_is_marked_in_ours(dialog: DisagreementsDialog) -> None:
    """Where there is nothing in what it says that could be marked."""
    rows = {row.words[RECORD]: place for place, row in enumerate(dialog.lines.shown)}

    def marked(record: str, column: int) -> list[str]:
        pieces = dialog.lines.index(rows[record], column).data(PIECES) or ()
        return [piece.text for piece in pieces if piece.differs]

    assert [marked("Class 1 (evening)", column) for column in (OURS, FIRST)] == [[" (evening)"], []]
    assert [marked("Class 0", column) for column in (OURS, FIRST)] == [[], [" (honors)"]]


def test_between_two_of_three(
    qtbot: QtBot, open_dialog: Open, options: Options, tmp_path: Path
) -> None:
    """Any two may be chosen; the third has no column then."""
    with north(options, tmp_path / "set") as read:
        read(files(tables()))
    dialog = open_dialog(options)
    assert dialog.between.count() == 4
    dialog.between.setCurrentIndex(dialog.between.findText("“north” and “toy”"))
    arrived(qtbot, dialog)
    assert dialog.lines.headings[OURS:] == ["Ours", "north", "toy"]


def test_a_side_is_taken_for_what_is_chosen_and_can_be_undone(
    qtbot: QtBot, dialog: DisagreementsDialog, options: Options
) -> None:
    """The button says for how many fields; the value goes here, and comes back by Undo."""
    choose(dialog, "Family name")
    taken = dialog.take_buttons["other"]
    assert taken.text() == "Take “other’s” for 1 field"
    qtbot.mouseClick(taken, CLICK)
    qtbot.waitUntil(dialog.notice.undo_button.isVisible, timeout=WAIT_MS)
    arrived(qtbot, dialog)
    assert family_name(options) == "Núñez"
    qtbot.mouseClick(dialog.notice.undo_button, CLICK)
    qtbot.waitUntil(lambda: "Taken back" in dialog.notice.words.text(), timeout=WAIT_MS)
    assert family_name(options) == "Nunez"


def test_what_stands_here_already_is_not_taken(dialog: DisagreementsDialog) -> None:
    """It is for the other SIS's registrar, and that is said."""
    choose(dialog, "Family name")
    assert not dialog.take_buttons["toy"].isEnabled()
    assert "for its registrar" in dialog.effect.text()


def test_a_blank_is_never_taken(qtbot: QtBot, dialog: DisagreementsDialog) -> None:
    """What one SIS does not say is no word that could stand here."""
    dialog.silent.click()
    arrived(qtbot, dialog)
    choose(dialog, "Phone")
    assert not dialog.take_buttons["other"].isEnabled()


def test_the_record_of_a_line_is_opened(qtbot: QtBot, dialog: DisagreementsDialog) -> None:
    """The report goes, and the page of the record is in sight."""
    window = dialog.parent()
    assert isinstance(window, Window)
    choose(dialog, "Family name")
    qtbot.mouseClick(dialog.record_button, CLICK)
    assert isinstance(window.work.room, PeopleRoom)
    page = window.work.people.page
    qtbot.waitUntil(lambda: page.title.text() == "Given1 Nunez", timeout=WAIT_MS)


def test_what_is_shown_is_saved_with_its_columns(
    qtbot: QtBot, dialog: DisagreementsDialog, tmp_path: Path
) -> None:
    """A registrar gets it as CSV."""
    qtbot.mouseClick(dialog.save_button, CLICK)
    chooser, path = dialog.chooser, tmp_path / "disagreements.csv"
    assert chooser is not None
    with qtbot.waitSignal(dialog.saved, timeout=WAIT_MS):
        chooser.selectFile(str(path))
        chooser.accept()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["Field"], row["Ours"], row["other"]) for row in rows} == {
        ("Title", "Class 0", "Class 0 (honors)"), ("Family name", "Nunez", "Núñez"),
        ("Title", "Class 1 (evening)", "Class 1"),
    }  # fmt: skip


@pytest.mark.parametrize("look", ["light", "dark", "doubled"])
def test_the_report_has_no_complaint(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    open_dialog: Open,
    options: Options,
    look: str,
) -> None:
    """Names, room for every text, targets, contrast and the way of Tab, on a small screen, too."""
    if look == "doubled":
        monkeypatch.setattr(text, "_catalogue", Doubled())
    else:
        theme.use(look)
    dialog = open_dialog(options)
    dialog.silent.click()
    arrived(qtbot, dialog)
    dialog.table.selectAll()
    for size in ((796, 500), (796, 680)):
        dialog.resize(*size)
        audit.settle()
        assert audit.complaints(dialog) == []


def test_one_sis_alone_cannot_disagree(open_dialog: Open, tmp_path: Path) -> None:
    """A sentence says what to do instead of an empty table."""
    with district(tmp_path / "one", town("a")) as d:
        d.sync()
    dialog = open_dialog(Options(data_dir=tmp_path / "one"))
    assert "Connect the other one" in dialog.instead.text()


def test_where_they_agree_that_is_said(open_dialog: Open, tmp_path: Path) -> None:
    """And what the boxes would show."""
    with both(tmp_path / "agree") as d:
        d.sync()
        d.sync("other")
    dialog = open_dialog(Options(data_dir=tmp_path / "agree"))
    assert dialog.instead.text().startswith("The SIS agree")
