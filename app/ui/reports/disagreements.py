"""Where the SIS of a district disagree, and whose word is to stand here."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations, pairwise
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget
from shiboken6 import isValid

from app.engine import disagreements
from app.engine.disagreements import Line
from app.errors import SyncError
from app.roster.entities import ENTITIES
from app.store.database import Database
from app.store.disagreements import Disagreement
from app.text import N_, _, plural
from app.ui import faults, theme
from app.ui.connectors.form import Choices
from app.ui.pages import Notice
from app.ui.parts.chips import Chips
from app.ui.parts.flow import Flow
from app.ui.parts.label import Label
from app.ui.parts.marks import Marked
from app.ui.parts.simple import button
from app.ui.places import ToRecord
from app.ui.reports.lines import ALL, AT_ONCE, LinesDialog
from app.ui.reports.rows import Row, Seen, row_of
from app.ui.reports.sides import (
    FIELD,
    HEADINGS,
    HOW,
    MOST,
    SCHOOL,
    TYPE,
    Asked,
    DisagreementModel,
    Told,
    gives_way,
    ids,
    look,
)
from app.ui.room import Said
from app.ui.session import Session
from app.ui.wording import number

LOW = 600
"""Below this height the words on top give way."""
NARROW = 10
"""So many characters of what is chosen are in sight where there is little room."""


class DisagreementsDialog(LinesDialog):
    """Counted first, then line by line; a side can be taken for what is chosen."""

    go = Signal(object)
    """Leads to a record: a ``Place``; the report is left."""
    said = Signal(object)
    """A ``Said``: what was taken, and can be taken back."""
    undo = Signal()
    """What was done last is to be taken back."""

    file_name = N_("disagreements.csv")
    topic = "disagreements"

    def __init__(self, parent: QWidget | None, session: Session) -> None:
        super().__init__(
            parent,
            session,
            _("Where the SIS disagree"),
            _(
                "Records that more than one SIS tells of, and of which they say something else. "
                "Decide here whose word stands; what a SIS does not take is for its registrar."
            ),
            DisagreementModel([_(one) for one in HEADINGS]),
            _("Where they disagree"),
            MOST,
        )
        self.kinds = Chips(_("Record type"))
        self.kind: str | None = None
        """The record type that is chosen; ``None``: all."""
        self.kinds.chosen.connect(self._choose_kind)
        self.field = self._choices(_("Field"))
        self.between = self._choices(_("Between which SIS"))
        self.silent = QCheckBox(_("Also where &one says nothing"))
        self.alone = QCheckBox(_("Also what only one &knows"))
        self.notice = Notice()
        self.effect = Label()
        self.effect.setWordWrap(True)
        self.effect.setProperty("quiet", True)
        self.take_buttons: dict[str, QPushButton] = {}
        """By connector: has what its SIS says stand here."""
        self.record_button = button(_("Open the &record"), self._open)
        self.record_button.setAutoDefault(False)
        self._counted: Counter[tuple[str, str]] = Counter()
        """How many there are by entity and field, in all of what was asked for first."""
        self._whole = True
        self._lay_out_own()
        self.look()

    def _choices(self, name: str) -> Choices:
        made = Choices()
        made.setAccessibleName(name)
        made.setSizeAdjustPolicy(Choices.SizeAdjustPolicy.AdjustToContents)
        made.setMaximumWidth(320)
        made.hide()
        return made

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """On a low screen the lines need the height more than what explains them."""
        super().resizeEvent(event)
        self.words.setVisible(self.height() >= LOW)

    def _lay_out_own(self) -> None:
        self.above.insertWidget(1, self.field)
        for place, choice in enumerate((self.school, self.field)):
            choice.setSizeAdjustPolicy(
                Choices.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            choice.setMinimumContentsLength(NARROW)
            choice.setMaximumWidth(320)
            self.above.setStretch(place, 1)
        self.search.setMinimumWidth(140)
        ticks = Flow(spacing=2 * theme.SPACE)
        for tick in (self.silent, self.alone, self.between):
            ticks.addWidget(tick)
        self.takes = Flow(spacing=theme.SPACE)
        self.takes.addWidget(self.record_button)
        self.body.insertWidget(0, self.kinds)
        self.body.insertLayout(2, ticks)
        self.body.addWidget(self.effect)
        self.body.addLayout(self.takes)
        self.body.addWidget(self.notice)
        self.table.setItemDelegate(Marked(self.table))
        self.table.selectionModel().selectionChanged.connect(self._offer)
        self.lines.modelReset.connect(self._offer)
        self.table.activated.connect(self._open)
        self.field.currentIndexChanged.connect(self._choose_field)
        self.between.currentIndexChanged.connect(self._ask_anew)
        self.silent.toggled.connect(self._ask_anew)
        self.alone.toggled.connect(self._ask_anew)
        self.school.currentIndexChanged.connect(self._choose_school)
        self.notice.undo.connect(self.undo)
        self.session.refused.connect(self._refused)
        order: tuple[QWidget, ...] = (
            *(self.school, self.field, self.search, self.silent, self.alone, self.between),
            *(self.table, self.record_button),
        )
        for one, other in pairwise(order):
            QWidget.setTabOrder(one, other)

    # -- what is asked --

    def _asked(self) -> Asked:
        asked = Asked(self.between.currentData() or (), self.silent.isChecked(),
                      self.alone.isChecked())  # fmt: skip
        if self._whole:
            return asked
        return asked._replace(
            entity=self.kind, field=self.field.currentData(), school=self.school.currentData()
        )

    def question(self) -> Callable[[Database], Seen]:
        """All of it; where that is too much to keep, what is chosen of it."""
        return partial(look, asked=self._asked())

    def put_in_words(self, database: Database, seen: Seen, start: int) -> list[Row]:
        """The next lines from a place on."""
        lines = seen.lines[start : start + AT_ONCE]
        found = disagreements.told(database, seen.report.report, lines)
        known = ids(database, {(line.found.entity, line.found.record) for line in lines})
        return [
            row_of(line, (one.school, one.type, one.record, known.get(line.found.record, ""),
                          one.manner, one.field, one.ours, *one.sides))
            for line, one in zip(lines, found, strict=True)
        ]  # fmt: skip

    def fits(self) -> Callable[[Any], bool]:
        """Those of the school, the record type and the field that are chosen."""
        school, kind, field = self.school.currentData(), self.kind, self.field.currentData()

        def fits(line: Line) -> bool:
            return (
                school in (ALL, line.school)
                and kind in (None, line.found.entity)
                and field in (None, line.found.field)
            )

        return fits

    def _ask_anew(self) -> None:
        """Something else counts as a disagreement now."""
        self._whole, self.kind = True, None
        with QSignalBlocker(self.school), QSignalBlocker(self.field):
            self.school.setCurrentIndex(0)
            self.field.clear()
        self.look()

    def _choose_kind(self, kind: str | None) -> None:
        self.kind = kind
        self._offer_fields()
        self._choose_field()

    def _choose_school(self) -> None:
        if not self._whole:
            self.look()

    def _choose_field(self) -> None:
        if self._whole:
            self.narrow()
        else:
            self.look()

    # -- what came --

    def arrived(self, seen: Seen) -> None:
        """Counts, and a column for each connector."""
        told: Told | None = seen.report
        names = told.report.connectors if told is not None else ()
        self.lines.clear([*(_(one) for one in HEADINGS), *names])
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._offer_sides(names)
        if told is None:
            return
        if self._whole:
            self._whole = told.whole
            self._counted = Counter()
            for (_manner, entity, field), count in told.report.counts.items():
                self._counted[entity, field] += count
            self._offer_kinds()
        self._offer_between(told.connected)

    def _offer_kinds(self) -> None:
        counted: Counter[str] = Counter()
        for (entity, _field), count in self._counted.items():
            counted[entity] += count
        if self.kind not in counted:
            self.kind = None
        words: dict[object, str] = {
            None: _("All ({n})").format(n=number(self._counted.total())),
            **{one: f"{_(ENTITIES[one].many)} ({number(counted[one])})"
               for one in ENTITIES if one in counted},
        }  # fmt: skip
        self.kinds.show_choices(words, self.kind)
        self.kinds.setVisible(len(counted) > 1)
        self._offer_fields()

    def _offer_fields(self) -> None:
        """The fields of the chosen record type, or of the only one."""
        types = {entity for entity, _field in self._counted}
        kind = self.kind or (types.pop() if len(types) == 1 else None)
        found = {field: count for (entity, field), count in self._counted.items()
                 if entity == kind and field}  # fmt: skip
        chosen = self.field.currentData()
        with QSignalBlocker(self.field):
            self.field.clear()
            self.field.addItem(_("All fields"), None)
            for field, count in sorted(found.items(), key=lambda one: -one[1]):
                label = _(ENTITIES[kind].by_name[field].label) if kind else field
                self.field.addItem(f"{label} ({number(count)})", field)
            self.field.setCurrentIndex(max(0, self.field.findData(chosen)))
        self.field.setVisible(len(found) > 1)

    def _offer_between(self, connected: Sequence[str]) -> None:
        pairs = list(combinations(sorted(connected), 2))
        self.between.setVisible(len(pairs) > 1)
        if self.between.count() == len(pairs) + 1:
            return
        with QSignalBlocker(self.between):
            self.between.clear()
            self.between.addItem(_("Between all SIS"), None)
            for one, other in pairs:
                self.between.addItem(_("“{one}” and “{other}”").format(one=one, other=other),
                                     (one, other))  # fmt: skip

    # -- showing --

    def hidden(self) -> Sequence[int]:
        """What is chosen stands above, and is not told in every line."""
        hidden = [] if self.school.currentData() is ALL else [SCHOOL]
        hidden += [] if self.kind is None else [TYPE]
        hidden += [] if self.field.currentData() is None else [FIELD]
        return hidden + ([] if self.silent.isChecked() or self.alone.isChecked() else [HOW])

    def counted(self, shown: Sequence[Row]) -> str:
        """Lines and records; where not all is kept, how much that is of all."""
        records = {(row.line.found.entity, row.line.found.record) for row in shown}
        words = plural("{n} record", "{n} records", len(records))
        told: Told | None = self.seen.report if self.seen else None
        if told is not None and not told.whole:
            first = _("the first {n} of {all}; choose a school or a field to see others")
            return first.format(n=number(len(shown)), all=number(told.report.total))
        return f"{plural('{n} line', '{n} lines', len(shown))} · {words}"

    def nothing(self) -> str:
        """They agree, or there is nobody to agree with."""
        told: Told | None = self.seen.report if self.seen else None
        if told is not None and len(told.connected) < 2:
            return _("One SIS alone cannot disagree. Connect the other one of your district, and "
                     "what they tell otherwise is shown here.")  # fmt: skip
        if self.silent.isChecked() and self.alone.isChecked():
            return _("The SIS agree in everything.")
        return _("The SIS agree wherever both say something. The boxes above show where one says "
                 "nothing.")  # fmt: skip

    # -- settling --

    def _offer_sides(self, names: Sequence[str]) -> None:
        if list(self.take_buttons) == list(names):
            return
        for old in self.take_buttons.values():
            self.takes.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.take_buttons = {}
        for name in names:
            made = self.take_buttons[name] = button("", partial(self.take, name))
            made.setAutoDefault(False)
            self.takes.addWidget(made)
        order = (self.record_button, *self.take_buttons.values(), self.save_button)
        for one, other in pairwise(order):
            QWidget.setTabOrder(one, other)

    def _places(self, name: str) -> set[tuple[str, int, str]]:
        """What would change here if a connector's word were taken for what is chosen."""
        return {
            (found.entity, found.record, found.field)
            for row in self.chosen()
            for found in [row.line.found]
            # Nothing is no word to be taken: whoever wants a blank edits the record.
            if found.field and dict(found.told).get(name) not in (None, (), found.ours)
        }

    def _offer(self) -> None:
        chosen = self.chosen()
        self.record_button.setEnabled(len(chosen) == 1)
        for name, made in self.take_buttons.items():
            count = len(self._places(name))
            words = (
                plural("Take “{{name}}’s” for {n} field", "Take “{{name}}’s” for {n} fields", count)
                if count
                else _("Take “{name}’s”")
            )
            made.setText(words.format(name=name).replace("&", "&&"))
            made.setEnabled(count > 0)
        self.effect.setText(self._what_follows(chosen))
        self.effect.setVisible(bool(self.effect.text()))
        if chosen:
            self.notice.hide()  # it was about others

    def _what_follows(self, chosen: Sequence[Row]) -> str:
        told: Told | None = self.seen.report if self.seen else None
        if told is None or not self.lines.shown:
            return ""
        fields: set[Disagreement] = {row.line.found for row in chosen if row.line.found.field}
        if not chosen:
            return _("Choose lines to take one side for them: what it says then stands here, and "
                     "goes to the other SIS where that takes it.")  # fmt: skip
        if not fields:
            return _("Nothing is to be taken: one of the SIS does not know the record.")
        return " ".join(
            words for name in told.report.connectors if (words := gives_way(name, fields))
        )

    def take(self, name: str) -> None:
        """Has what a connector's SIS says of the chosen lines stand here."""
        places = self._places(name)
        if not places:
            return
        for made in self.take_buttons.values():
            made.setEnabled(False)  # a second click would mean other lines

        self.session.command(
            "take_side", name, places, then=partial(self._taken, name, len(places))
        )

    def _taken(self, name: str, count: int, change_set: int) -> None:
        if not isValid(self):
            return
        words = plural(
            "What “{{name}}” says stands here in {n} field.",
            "What “{{name}}” says stands here in {n} fields.",
            count,
        ).format(name=name)
        self.said.emit(Said(words, undo=change_set))
        self.notice.say(words, undo=True)
        self.look()

    def _refused(self, error: BaseException) -> None:
        """What the window says of it stands behind this dialog."""
        if isinstance(error, SyncError):
            self.notice.say(faults.told(error))
            self._offer()

    def undone(self, said: Said) -> None:
        """What was done last is taken back, or why not."""
        self.notice.say(said.words, undo=said.undo is not None)
        self.look()

    def _open(self) -> None:
        chosen = self.chosen()
        if len(chosen) == 1:
            found = chosen[0].line.found
            self.accept()
            self.go.emit(ToRecord(found.entity, found.record))
