"""One record on the merge screen: who it is, its fields, and buttons that say what they do."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.engine.causes import Cause, cause_text
from app.engine.decisions import Take
from app.engine.told import entity_word
from app.roster.parts import ALIVE
from app.store.beside import Beside
from app.text import _, plural
from app.ui import theme
from app.ui.merge import words
from app.ui.merge.actions import Actions
from app.ui.merge.buttons import ChoiceButton, acting
from app.ui.merge.grid import Grid
from app.ui.merge.sheet import Side
from app.ui.parts.label import Label
from app.ui.wording import number

NAMED = 3
"""So many other groups are named."""
LOW, NARROW = 690, 480
"""In a window under this height, or under this width, the buttons have one line alone, and the
hints of the keys go; a notice that comes and goes changes nothing of that."""


class RecordPanel(QWidget):
    """Shows the record in the grid, and what can be done about the row that is chosen there."""

    def __init__(self) -> None:
        super().__init__()
        self.grid = Grid()
        self.actions_ = Actions(self.grid)
        self._low, self._hinting = False, True
        self.record, self.about, self.note = Label(), Label(), Label()
        self.record.setFont(theme.large(self.font()))
        self.note.setObjectName("mergenote")
        self.progress, self.keys_line = Label(), Label()
        for label in (self.record, self.about, self.note, self.keys_line):
            label.setWordWrap(True)
        for label in (self.about, self.progress, self.keys_line):
            theme.mark(label, "quiet", True)
        self.takes = {take: ChoiceButton(action) for take, action in self.actions_.takes.items()}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * theme.SPACE, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(self._top())
        layout.addWidget(self.note)
        layout.addWidget(self.grid, 1)
        layout.addLayout(self._choices())
        layout.addLayout(self._bottom())
        layout.addWidget(self.keys_line)

    def _top(self) -> QHBoxLayout:
        do = self.actions_
        named = QVBoxLayout()
        named.setSpacing(0)
        named.addWidget(self.record)
        named.addWidget(self.about)
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE)
        top.addLayout(named, 1)
        for action in (do.last_agreed, do.open_record):
            top.addWidget(acting(action), 0, Qt.AlignmentFlag.AlignTop)
        for action, arrow in ((do.previous_record, "▲"), (do.next_record, "▼")):
            action.setIconText(arrow)
            top.addWidget(acting(action, small=True), 0, Qt.AlignmentFlag.AlignTop)
        return top

    def _choices(self) -> QHBoxLayout:
        choices = QHBoxLayout()
        choices.setSpacing(theme.SPACE)
        for button in self.takes.values():
            choices.addWidget(button, 1)
        return choices

    def _bottom(self) -> QHBoxLayout:
        accept = acting(self.actions_.accept)
        theme.mark(accept, "main", True)
        bottom = QHBoxLayout()
        bottom.setSpacing(theme.SPACE)
        bottom.addWidget(acting(self.actions_.same))
        bottom.addWidget(acting(self.actions_.always))
        bottom.addStretch(1)
        bottom.addWidget(self.progress)
        bottom.addWidget(accept)
        return bottom

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """Where there is little room, the fields have most of it."""
        super().resizeEvent(event)
        low = self.window().height() < LOW or event.size().width() < NARROW
        if low is not self._low:
            self._low = low
            for button in self.takes.values():
                button.set_low(low)
            self.show_hints(on=self._hinting)

    def show_hints(self, *, on: bool) -> None:
        """The line of keys, as they are now."""
        self._hinting = on
        self.keys_line.setText(self.actions_.hint())
        self.keys_line.setVisible(on and not self._low)

    def show_progress(self, settled: int, left: int) -> None:
        """How far it has come."""
        told = plural("{n} left", "{n} left", left)
        if settled:
            told = f"{plural('{n} settled', '{n} settled', settled)} · {told}"
        self.progress.setText(told)

    def show_row(self, hint: str, cause: Cause | None, rule: Take | None, *, busy: bool) -> None:
        """The record, and what can be done about the chosen row.

        ``cause`` is that of its difference; ``rule`` is what could always be taken of it.
        """
        sheet, one, do = self.grid.content.sheet, self.grid.difference, self.actions_
        self.record.setText(sheet.beside.title if sheet else "")
        self.about.setText(_about(sheet.beside) if sheet else "")
        moved = sheet.moved.get(one.id, "") if sheet and one else ""
        note = hint or moved or (words.question(one) if one else "")
        before = self.note.text()
        self.note.setText(note)
        self.note.setVisible(bool(note))
        theme.mark(self.note, "loud", bool(hint or moved))
        if (hint or moved) and note != before:
            said = QAccessibleAnnouncementEvent(self.note, note)
            QAccessible.updateAccessibility(said)
        self._show_takes(busy=busy)
        self._show_same(cause, busy=busy)
        do.always.setVisible(rule is not None)
        do.always.setEnabled(rule is not None and not busy)
        for action in (do.accept, do.next_record, do.previous_record, do.open_record):
            action.setEnabled(sheet is not None and not busy)

    def _show_takes(self, *, busy: bool) -> None:
        sheet, one, row = self.grid.content.sheet, self.grid.difference, self.grid.row
        for take, button in self.takes.items():
            if sheet is None or one is None or row is None:
                button.say(self.actions_.takes[take].text(), "", can=False)
                continue
            cannot = sheet.cannot(one, take)
            text = sheet.taken(row, take) if take is not Take.OWN else ""
            other = row.cells[Side.OURS if take is Take.SIS else Side.SIS].text
            side = sheet.side(one, take)
            choice = sheet.choice(row)
            button.setVisible(one.part != ALIVE or take in (Take.OURS, Take.SIS))
            button.say(
                words.title(one, take, sent=words.is_sent(sheet.beside, one, one.ours)),
                cannot or words.effect(sheet.beside, one, take, side, words.short(text, other)),
                can=not (cannot or busy),
                chosen=choice is not None and choice.take is take,
                more="" if cannot else words.listed(sheet.beside, one, take, side),
            )

    def _show_same(self, cause: Cause | None, *, busy: bool) -> None:
        same, others = self.actions_.same, cause.count - 1 if cause else 0
        same.setText(
            plural("Same for {n} more like this…", "Same for {n} more like this…", others)
            if others
            else _("Same for all like this…")
        )
        same.setEnabled(bool(others) and not busy)


def _about(found: Beside) -> str:
    count = plural("{n} difference", "{n} differences", len(found.differences))
    return _("{many} · {count} with {name}").format(
        many=entity_word(found.entity), count=count, name=found.connector
    )


class Finished(QFrame):
    """Nothing is left to decide of what was asked for."""

    on = Signal()
    """The button that leads on was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.words = Label(), Label()
        self.title.setFont(theme.large(self.font()))
        theme.mark(self.words, "quiet", True)
        self.on_button = QPushButton()
        self.on_button.setAutoDefault(True)
        theme.mark(self.on_button, "main", True)
        self.on_button.clicked.connect(self.on)
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * theme.SPACE)
        layout.addStretch(2)
        for label in (self.title, self.words):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(label)
        layout.addWidget(self.on_button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    def say(self, settled: int, others: Sequence[Cause], waiting: int, first: str) -> None:
        """How many were settled here, and what else is open.

        In all ``waiting`` decisions wait, and what is told of ``first`` is the first of them.
        """
        self.on_button.setVisible(bool(others or waiting or settled))
        if others:
            self._say_others(others)
            return
        onto = _("Show what waits ({count})") if waiting else _("See them under History")
        self.on_button.setText(onto.format(count=number(waiting)))
        done = _("All differences are settled.") if waiting else _("All settled.")
        self.title.setText(done if settled else _("Nothing differs."))
        if waiting and first:
            words = _("Something else waits for you. First of all: {what}.").format(what=first)
            self.words.setText(words)
            return
        self.words.setText(
            plural(
                "You settled {n} difference. Undo takes the last decision back.",
                "You settled {n} differences. Undo takes the last decision back.",
                settled,
            )
            if settled
            else _(
                "Where both sides change the same field differently, you are asked here, and "
                "neither side is overwritten until you have decided."
            )
        )

    def _say_others(self, others: Sequence[Cause]) -> None:
        count = sum(one.count for one in others)
        groups = ", ".join(_group_text(one) for one in others[:NAMED])
        text = plural(
            "{n} other difference waits: {{groups}}",
            "{n} other differences wait: {{groups}}",
            count,
        )
        self.title.setText(_("This group is settled."))
        self.words.setText(text.format(groups=groups + ("…" if len(others) > NAMED else "")))
        self.on_button.setText(_("Go on with {group}").format(group=_group_text(others[0])))


def _group_text(cause: Cause) -> str:
    return _("{title} ({count})").format(title=cause_text(cause), count=number(cause.count))
