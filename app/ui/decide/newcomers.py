"""Same person? A newcomer beside the record that it may be, and what makes us think so."""

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.engine.decisions import Decision, Resolved, Take
from app.engine.told import counted, entity_word, value_text
from app.errors import SyncError
from app.roster.entities import ENTITIES
from app.roster.schema import FieldType
from app.store import differences, pairs
from app.store.differences import FEW, Difference
from app.store.pairs import Pair, Side
from app.text import N_, _, plural, sentence
from app.ui import theme
from app.ui.decide.page import PagedTable, TablePage
from app.ui.parts.paged import PagedModel
from app.ui.parts.simple import button, heading, in_lines, text
from app.ui.parts.wrapping import Wrapping
from app.ui.places import ToNewcomers, ToRecord
from app.ui.room import Said
from app.ui.wording import day_and_time, instant

HEADINGS = (N_("Who"), N_("Asked"))


class PairModel(PagedModel[int, Difference]):
    """Ids are those of differences."""

    def __init__(self) -> None:
        super().__init__()
        self.headings = [_(one) for one in HEADINGS]

    def cell(self, row: Difference, column: int, role: int) -> object:
        """Words alone."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if column == 0:
            return row.title or f"#{row.record}"
        return day_and_time(instant(row.sis_at), datetime.now(UTC)) if row.sis_at else ""


class NewcomersRoom(TablePage[ToNewcomers]):
    """One by one, or several at once; of more than a few, all are one question with samples."""

    title = N_("Same person?")
    places = (ToNewcomers,)

    def __init__(self) -> None:
        super().__init__()
        self._asked = self._many = False
        self.pair: Pair | None = None
        self.headline, self.words = heading(), text()
        self.model = PairModel()
        self.table = PagedTable(self.model, _("Newcomers who may be known"), self)
        self.why = text()
        self.sides = QTableWidget(0, 3)
        self.sides.setAccessibleName(_("The two, side by side"))
        self._fitting = Wrapping(self.sides)
        self.same_button = button("", lambda: self.answer(Take.SAME), main=True)
        self.different_button = button("", lambda: self.answer(Take.DIFFERENT))
        self.record_button = button(_("Open the record"), self._open)
        self.effect = text(quiet=True)
        self.effect.setText(
            _(
                "Same person: the record stays with its history, and the SIS’s new key is its key "
                "from now on. Different people: the newcomer becomes a record of its own, and the "
                "other one goes its ordinary way. Neither can be undone."
            )
        )
        right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(theme.SPACE, 0, 0, 0)
        beside.setSpacing(theme.SPACE)
        beside.addWidget(self.why)
        beside.addWidget(self.sides, 1)
        self.split = QSplitter()
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(1)
        self.split.addWidget(self.table)
        self.split.addWidget(right)
        self.split.setStretchFactor(0, 1)
        self.split.setStretchFactor(1, 3)
        self.table.setMinimumWidth(180)
        buttons = in_lines(self.same_button, self.different_button, self.record_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        for label in (self.headline, self.words):
            layout.addWidget(label)
        layout.addWidget(self.split, 1)
        layout.addWidget(self.effect)
        layout.addLayout(buttons)
        self.model.wanted.connect(self._read)
        self.table.chosen.connect(self._choose)
        self.forget()

    # -- as a room --

    def forget(self) -> None:
        """Shows nothing."""
        super().forget()
        self._asked = False
        self._show_pair(None)
        self.model.show([])
        self.table.lost = False

    def look(self) -> None:
        """Asks who is asked about."""
        if (place := self._place) is not None:
            self.ask(
                "ids",
                lambda db: differences.difference_ids(
                    db, connector=place.connector, entity=place.entity, kind="same_person"
                ),
                self._seen,
            )

    def _seen(self, ids: list[int]) -> None:
        assert self._place is not None
        if not ids:
            self.table.show_ids(ids)
            if not self._asked:
                self.done.emit()
            return
        self._many = len(ids) > FEW
        records = counted(len(ids), self._place.entity)
        self.headline.setText(
            _("{records}: new, or here already under another key?").format(records=records)
        )
        words = _(
            "“{name}” sent them under keys that are new, and ended others who look the same. Until "
            "you answer, nobody is added and nobody is removed."
        ).format(name=self._place.connector)
        if self._many:
            words = " ".join(
                [words, _("So many at once are one question. Look at some of them; the buttons are "
                          "about all, unless you choose some.")]
            )  # fmt: skip
        self.words.setText(words)
        first = not self.model.ids
        self.table.show_ids(ids)
        self.model.stale()
        if first:
            self.table.begin()
            if self._many:
                self.table.clearSelection()
        self._choose()

    def _read(self, ids: list[int]) -> None:
        self.ask("rows", lambda db: differences.differences(db, ids), self._put)

    def _put(self, rows: Sequence[Difference]) -> None:
        self.model.put({one.id: one for one in rows})

    # -- the two --

    def _choose(self) -> None:
        row = self.table.currentIndex().row()
        chosen, id_ = self.table.chosen_ids(), self.model.ids[row] if row >= 0 else None
        if id_ not in chosen and (chosen or not self._many or self.table.lost):
            id_ = chosen[0] if chosen else None  # of all, any is a sample
        if id_ is not None:
            self.ask("pair", lambda db: pairs.pair(db, id_), self._show_pair)
            self._offer()
        else:
            self._show_pair(None)

    def _show_pair(self, found: Pair | None) -> None:
        self.pair = found
        if found is None:
            self.why.clear()
            self.sides.setRowCount(0)
            self._offer()
            return
        self.why.setText(_why(found))
        asked = found.asked
        self.sides.setHorizontalHeaderLabels(
            [_("Field"), _("Here"), _("New at {name}").format(name=asked.connector)]
        )
        fields = [one for one in ENTITIES[asked.entity].fields if _says(found, one)]
        differing = [one for one in fields if _differs(found, one)]
        rows = [*differing, *(one for one in fields if one not in differing)]
        self.sides.setRowCount(len(rows) + 2)
        keys = (found.ours.key, found.newcomer.key)
        self._put_row(0, _("{field} (differs)").format(field=_("Key")), *keys, strong=True)
        for row, one in enumerate(rows, start=1):
            label = _(one.label)
            if one in differing:
                label = _("{field} (differs)").format(field=label)
            self._put_row(
                row,
                label,
                *(_value(one, side, found) for side in (found.ours, found.newcomer)),
                strong=one in differing,
            )
        self._put_row(
            len(rows) + 1,
            _("Classes"),
            *(counted(side.enrollments, "enrollments") for side in (found.ours, found.newcomer)),
        )
        self._fitting.fit()
        self._offer()

    def _put_row(self, row: int, *words: str, strong: bool = False) -> None:
        for column, text_ in enumerate(words):
            item = QTableWidgetItem(text_)
            if strong:
                font = item.font()
                font.setBold(True)
                item.setFont(font)
            self.sides.setItem(row, column, item)

    def _open(self) -> None:
        if self.pair is not None:
            self.go.emit(ToRecord(self.pair.asked.entity, self.pair.asked.record))

    # -- answering --

    def chosen(self) -> list[int]:
        """Whom the buttons are about."""
        return self.table.chosen_ids() or (list(self.model.ids) if self._many else [])

    def _offer(self) -> None:
        ids = self.chosen()
        # Of one alone, the two in sight have to be those that are answered about.
        seen = len(ids) > 1 or (self.pair is not None and self.pair.asked.id in ids)
        for one in (self.same_button, self.different_button):
            one.setEnabled(bool(ids) and seen and not self._asked and not self.table.lost)
        self.record_button.setEnabled(self.pair is not None)
        count = len(ids)
        theme.mark(self.same_button, "main", count == 1)  # nobody is led to settle many at once
        if count > 1:
            self.same_button.setText(
                plural("All {n} are the same person", "All {n} are the same people", count)
            )
            self.different_button.setText(
                plural("All {n} are different people", "All {n} are different people", count)
            )
        else:
            self.same_button.setText(_("Same person"))
            self.different_button.setText(_("Different people"))

    def answer(self, take: Take) -> None:
        """Says of those who are chosen that they are the same, or different."""
        if self.session is None or self._asked or not (ids := self.chosen()):
            return
        self._asked = True
        self._offer()
        decisions = [Decision(id_, take, revision=self._revision(id_)) for id_ in ids]
        self.session.request("resolve", decisions, then=lambda found: self._answered(found, take))

    def _revision(self, id_: int) -> int | None:
        """How a pair stood when it was looked at."""
        if self.pair is not None and self.pair.asked.id == id_:
            return self.pair.asked.revision
        row = self.model.row(self.model.place(id_) or 0)
        return row.revision if row is not None else None

    def _answered(self, found: Resolved | SyncError, take: Take) -> None:
        self._asked = False
        if isinstance(found, SyncError):
            self.said.emit(Said(sentence(found.code, found.parameters)))
            self._offer()
            return
        told = (
            plural("{n} is the same person, and keeps the record.",
                   "{n} are the same people, and keep their records.", len(found.applied))
            if take is Take.SAME
            else plural("{n} is somebody else, with a record of their own.",
                        "{n} are others, with records of their own.", len(found.applied))
        )  # fmt: skip
        left = {sentence(one.reason, one.parameters) for one in found.left_out}
        self.said.emit(Said(" ".join([told, *sorted(left)])))
        self.look_now()


def _why(found: Pair) -> str:
    """Which rule thinks that they are one, and of what."""
    entity = found.asked.entity
    same = [
        _("{field} “{value}”").format(field=_(ENTITIES[entity].by_name[name].label), value=value)
        for name, value in found.shared
    ]
    told = _("Why this is asked: both have {what}, and no other of the {many} has.")
    many = entity_word(entity).lower()
    return told.format(what=", ".join(same), many=many) if same else ""


def _says(found: Pair, one: FieldType) -> bool:
    sides = (found.ours.values, found.newcomer.values)
    return any(side.get(one.name) is not None for side in sides)


def _differs(found: Pair, one: FieldType) -> bool:
    """A field of which the newcomer's row did not speak does not differ."""
    theirs = found.newcomer.values
    return one.name in theirs and theirs[one.name] != found.ours.values.get(one.name)


def _value(one: FieldType, side: Side, found: Pair) -> str:
    if one.name not in side.values:
        return _("not said")
    return value_text(one, side.values[one.name], found.titles) or _("blank")
