"""Rows that could not be read: which, why, since when, and what to do about it."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QVBoxLayout

from app.engine.saving import neutral
from app.store import unreadable
from app.store.unreadable import UnreadableRow
from app.text import N_, _, plural, sentence
from app.ui import theme
from app.ui.decide.page import PagedTable, TablePage
from app.ui.parts.paged import PagedModel
from app.ui.parts.simple import button, heading, in_lines, text
from app.ui.places import ToRecord, ToUnreadable
from app.ui.room import Said
from app.ui.wording import day_and_time, entity_name, instant

KEY, WHAT, WHY, SINCE = range(4)
HEADINGS = (N_("Key at the SIS"), N_("Record"), N_("What is wrong"), N_("Since"))
COPIED = (N_("Record type"), N_("Key at the SIS"), N_("What is wrong"), N_("Since"), N_("Row"))
RAW_HEIGHT = 110


class RowModel(PagedModel[int, UnreadableRow]):
    """Ids are those of the rows."""

    def __init__(self) -> None:
        super().__init__()
        self.headings = [_(one) for one in HEADINGS]

    def cell(self, row: UnreadableRow, column: int, role: int) -> object:
        """Words alone."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if column == KEY:
            return row.key or _("no key")
        if column == WHAT:
            name = entity_name(row.entity)
            return _("{type}: {title}").format(type=name, title=row.title) if row.title else name
        if column == WHY:
            return sentence(row.reason)
        when = day_and_time(instant(row.since), datetime.now(UTC)) if row.since else ""
        return _("new, {when}").format(when=when) if row.new else when


class UnreadableRoom(TablePage[ToUnreadable]):
    """What a row says is shown and copied only when it is asked for: it may be about somebody."""

    title = N_("Unreadable rows")
    places = (ToUnreadable,)

    def __init__(self) -> None:
        super().__init__()
        self.headline, self.reason, self.words = heading(), text(), text(quiet=True)
        self.words.setText(
            _(
                "A record whose row cannot be read stays here as it is, and is not removed. "
                "Whoever looks after the data at the SIS can mend the rows; the next sync reads "
                "them then."
            )
        )
        self.model = RowModel()
        self.table = PagedTable(self.model, _("Rows that could not be read"), self)
        self.raw = QPlainTextEdit()
        self.raw.setReadOnly(True)
        self.raw.setTabChangesFocus(True)
        self.raw.setAccessibleName(_("The row as it came"))
        self.raw.setMaximumHeight(RAW_HEIGHT)
        self.show_raw = QCheckBox(_("Show the ro&ws as they came (they may be about people)"))
        self.show_raw.toggled.connect(self._choose)
        self.again_button = button(_("Read everything again now"), self.try_again, main=True)
        self.copy_button = button("", self.copy)
        self.record_button = button(_("Open the record"), self._open)
        buttons = in_lines(self.again_button, self.copy_button, self.record_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        for label in (self.headline, self.reason, self.words):
            layout.addWidget(label)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.show_raw)
        layout.addWidget(self.raw)
        layout.addLayout(buttons)
        self.model.wanted.connect(self._read)
        self.table.chosen.connect(self._choose)
        self.forget()

    # -- as a room --

    def forget(self) -> None:
        """Shows nothing."""
        super().forget()
        self.show_raw.setChecked(False)
        self.model.show([])
        self._choose()

    def look(self) -> None:
        """Asks which rows there are."""
        if (place := self._place) is not None:
            self.ask(
                "ids",
                lambda db: (
                    unreadable.unreadable_ids(db, place.connector, place.entity),
                    unreadable.unreadable_reasons(db, place.connector, place.entity),
                ),
                self._seen,
            )

    def _seen(self, found: tuple[list[int], Mapping[str, int]]) -> None:
        assert self._place is not None
        ids, reasons = found
        if not ids:
            self.done.emit()
            return
        told = plural(
            "{n} row of “{{name}}” could not be read",
            "{n} rows of “{{name}}” could not be read",
            len(ids),
        )
        self.headline.setText(told.format(name=self._place.connector))
        self.reason.setText(sentence(next(iter(reasons))))
        self.reason.setVisible(len(reasons) == 1)
        self.table.setColumnHidden(WHY, len(reasons) == 1)
        first = not self.model.ids
        self.table.show_ids(ids)
        self.model.stale()
        if first:
            self.table.begin()
        self._choose()

    def _read(self, ids: list[int]) -> None:
        self.ask("rows", lambda db: unreadable.unreadable_rows(db, ids), self._put)

    def _put(self, rows: dict[int, UnreadableRow]) -> None:
        self.model.put(rows)
        self._choose()

    # -- what is chosen --

    def _row(self) -> UnreadableRow | None:
        here = self.table.currentIndex()
        return self.model.row(here.row()) if self.table.selectionModel().isSelected(here) else None

    def _choose(self) -> None:
        row, several = self._row(), len(self.table.chosen_ids())
        self.raw.setVisible(self.show_raw.isChecked())
        self.raw.setPlainText(row.raw if row is not None else "")
        self.record_button.setEnabled(row is not None and row.record is not None)
        count = several if several > 1 else len(self.model.ids)
        with_rows = plural("Copy {n} row as CSV, with what it says",
                           "Copy {n} rows as CSV, with what they say", count)  # fmt: skip
        without = plural("Copy a list of {n} row as CSV", "Copy a list of {n} rows as CSV", count)
        self.copy_button.setText(with_rows if self.show_raw.isChecked() else without)

    def _open(self) -> None:
        if (row := self._row()) is not None and row.record is not None:
            self.go.emit(ToRecord(row.entity, row.record))

    def try_again(self) -> None:
        """Reads everything anew: a row that was mended is read then."""
        if self.session is not None and self._place is not None:
            self.session.start(self._place.connector, full=True)

    def copy(self) -> None:
        """Puts a table of the chosen rows, or of all, on the clipboard."""
        several = self.table.chosen_ids()
        ids = several if len(several) > 1 else list(self.model.ids)
        self.ask("copied", lambda db: unreadable.unreadable_rows(db, ids), self._copy)

    def _copy(self, rows: dict[int, UnreadableRow]) -> None:
        whole = self.show_raw.isChecked()
        made = io.StringIO()
        writer = csv.writer(made)
        writer.writerow([_(one) for one in COPIED[: None if whole else -1]])
        for row in rows.values():
            cells = [entity_name(row.entity), row.key or "", sentence(row.reason), row.since]
            writer.writerow(map(neutral, [*cells, row.raw] if whole else cells))
        QGuiApplication.clipboard().setText(made.getvalue())
        told = plural("{n} row is on the clipboard, as CSV.", "{n} rows are on the clipboard, as "
                      "CSV.", len(rows))  # fmt: skip
        names = _("They hold what the rows say, perhaps about people.") if whole else _(
            "Keys and reasons alone, nobody’s name.")  # fmt: skip
        self.said.emit(Said(f"{told} {names}"))
