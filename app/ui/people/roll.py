"""Who is in a class: here, at the SIS right now, and when it was last read."""

from collections.abc import Iterator
from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.engine.lookup import Found
from app.engine.roll import Rolls
from app.engine.told import word
from app.engine.verdict import OnRoll
from app.errors import SyncError
from app.store.rolls import ClassFacts
from app.text import _, plural, sentence
from app.ui import theme
from app.ui.parts.wrapping import Wrapping
from app.ui.people import seats
from app.ui.people.asking import Asking
from app.ui.people.links import Links
from app.ui.people.seats import Line
from app.ui.people.sis import FOUND
from app.ui.places import ToRecord
from app.ui.wording import day_and_time, instant, today


class ClassRoll(QWidget):
    """Those who differ stand first; once asked, *right now* is what the SIS has just said."""

    go = Signal(object)
    asks = Signal()
    """Wants to know who is in the class right now."""
    cancels = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._facts: ClassFacts | None = None
        self._found: Rolls | None = None
        self._lines: list[Line] = []
        self.asking = Asking(_("&Ask the SIS right now"))
        self.asking.asks.connect(self.asks)
        self.asking.cancels.connect(self.cancels)
        self.ended = QCheckBox()
        self.ended.toggled.connect(self._fill)
        self.table = QTableWidget(0, 5)
        self.table.setAccessibleName(_("Roll of the class"))
        self.table.setAccessibleDescription(
            _("Those who differ stand first. Enter goes to the person.")
        )
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self._wrapping = Wrapping(self.table)
        self._links = Links(
            self.table, 0, lambda row: self._lines[row].user is not None, self._follow
        )
        self.asking.row.addWidget(self.ended)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.asking)
        layout.addWidget(self.table, 1)
        self.show_found(None)

    @property
    def now(self) -> list[OnRoll]:
        """What each SIS said of the roll, as far as it was asked."""
        found, facts = self._found, self._facts
        if found is None or facts is None:
            return []
        return seats.on_roll(found, facts, today())

    def show_facts(self, facts: ClassFacts | None) -> None:
        """Shows who is in a class here; another class has not been asked for yet."""
        if facts is None or self._facts is None or facts.id != self._facts.id:
            self._found = None
            self.asking.show_answer(())
        if facts != self._facts:
            self._facts = facts
            self._fill()
        self.asking.button.setEnabled(facts is not None and bool(facts.links))

    def show_asking(self) -> None:
        """The SIS is being asked."""
        self.asking.show_asking()

    def show_found(self, found: Rolls | SyncError | None) -> None:
        """Who is in the class right now, or why that is not known; ``None``: nobody has asked."""
        self._found = found if isinstance(found, Rolls) else None
        answers = _answers(found) if isinstance(found, Rolls) else found
        self.asking.show_answer(answers or ())
        self._fill()

    # -- the lines --

    def _fill(self) -> None:
        table = self.table
        chosen = self._lines[table.currentRow()] if table.currentRow() >= 0 else None
        scrolled = table.verticalScrollBar().value()
        table.setRowCount(0)
        self._lines = []
        if self._facts is None:
            return
        lines = seats.lines(self._facts, self._found, today())
        gone = sum(one.ended for one in lines)
        self.ended.setVisible(gone > 0)
        self.ended.setText(plural("Also {n} ended one", "Also {n} ended ones", gone))
        self._lines = [one for one in lines if self.ended.isChecked() or not one.ended]
        table.setHorizontalHeaderLabels(
            [_("Person"), _("Role"), _("Ours"), self._heading(), _("Last sync")]
        )
        table.setColumnHidden(3, self._found is None)
        table.setRowCount(len(self._lines))
        for place, one in enumerate(self._lines):
            told = (one.person, word(one.role), one.ours, one.now, one.last)
            for column, said in enumerate(told):
                table.setItem(place, column, self._item(one, column, said))
        self._wrapping.fit()
        same = (n for n, one in enumerate(self._lines) if chosen and one.user == chosen.user)
        table.setCurrentCell(next(same, 0 if self._lines else -1), 0)
        table.verticalScrollBar().setValue(scrolled)

    def _item(self, one: Line, column: int, said: str) -> QTableWidgetItem:
        c = theme.colours()
        item = QTableWidgetItem(said)
        if column == 0 and one.user is not None:
            self._links.mark(item)
        elif one.ended:
            item.setForeground(QColor(c.muted))
        if one.differs:
            font = item.font()
            font.setBold(column in (2, 3, 4))
            item.setFont(font)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
        return item

    def _heading(self) -> str:
        rolls = self._found.rolls if self._found else ()
        return _("{name} right now").format(
            name=rolls[0].connector if len(rolls) == 1 else _("SIS")
        )

    def _follow(self, row: int) -> None:
        user = self._lines[row].user
        assert user is not None
        self.go.emit(ToRecord("users", user))


def _answers(found: Rolls) -> Iterator[str]:
    """What became of asking each SIS."""
    for one in found.rolls:
        if one.found is not Found.THERE:
            told = _(FOUND[one.found]).format(name=one.connector)
            if one.error is not None:
                told = f"{told} {sentence(one.error.code, one.error.parameters)}"
        else:
            when = day_and_time(instant(one.at), datetime.now(UTC))
            told = _("“{name}” was asked {when}.").format(name=one.connector, when=when)
            if not one.complete:
                told += " " + _("It did not tell everything, so nobody is taken for missing.")
                told += "".join(f" {sentence(d.code, d.parameters)}" for d in one.doubts)
        yield told
