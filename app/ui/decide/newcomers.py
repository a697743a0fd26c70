"""The same? A newcomer beside the record that it may be, and what makes us think so.

It has another key in its SIS than before, or another SIS tells of the other one (SEMANTICS D5).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.engine.decisions import Decision, Resolved, Take
from app.engine.told import counted
from app.errors import SyncError
from app.store import differences
from app.store.differences import FEW, Difference
from app.store.pairs import Pair
from app.text import N_, _, plural, sentence
from app.ui import theme
from app.ui.decide.page import PagedTable, TablePage
from app.ui.decide.twosides import Asked, TwoSides, look, why
from app.ui.keys import NEWCOMERS, Keys
from app.ui.merge.buttons import NATIVE
from app.ui.parts.paged import PagedModel
from app.ui.parts.simple import button, heading, in_lines, text
from app.ui.places import ToNewcomers, ToRecord
from app.ui.room import Said
from app.ui.wording import day_and_time, instant

HEADINGS = (N_("Who"), N_("Asked"))
LOW = 400
"""Below this height the sentence on top gives way."""


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

    title = N_("The same?")
    places = (ToNewcomers,)

    def __init__(self) -> None:
        super().__init__()
        self._asked = self._many = self._next = False
        self._found: Asked | None = None
        self._pause = QTimer(self)
        """The second click of a double click would answer the next question, unseen."""
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._offer)
        self.headline, self.words = heading(), text()
        self.model = PairModel()
        self.table = PagedTable(self.model, _("Newcomers who may be known"), self)
        self.why = text()
        self.sides = TwoSides()
        self.same_button = button("", lambda: self.answer(Take.SAME), main=True)
        self.different_button = button("", lambda: self.answer(Take.DIFFERENT))
        self.later_button = button(_("Later"), self.later)
        self.record_button = button(_("Open the record"), self._open)
        self.newcomer_button = button(_("Open the newcomer"), self._open_newcomer)
        self.effect = text(quiet=True)
        self.actions_ = {
            "same": self._action(_("The same"), lambda: self._press(self.same_button)),
            "different": self._action(
                _("Not the same"), lambda: self._press(self.different_button)
            ),
            "later": self._action(_("Later: the next question"), self.later),
        }
        """What can be done by a key while the table has the focus."""
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
        self.table.setMinimumWidth(204)
        buttons = in_lines(
            self.same_button,
            self.different_button,
            self.later_button,
            self.record_button,
            self.newcomer_button,
        )
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

    def _action(self, words: str, do: Callable[[], None]) -> QAction:
        action = QAction(words, self.table)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(do)
        self.table.addAction(action)
        return action

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """On a low screen the two need the height more than what introduces them."""
        super().resizeEvent(event)
        self._show_words()

    def _show_words(self) -> None:
        self.words.setVisible(self._many or self.height() >= LOW)

    # -- as a room --

    def bind(self, keys: Keys, settings: QSettings) -> None:
        """Answers have keys, which are heard in the table."""
        for (name, action), key in zip(self.actions_.items(), "123", strict=True):
            keys.bind(action, f"newcomer_{name}", key, where=NEWCOMERS)
        keys.changed.connect(self._tell_keys)
        self._tell_keys()

    def _tell_keys(self) -> None:
        said = zip(self.actions_.values(), (self.same_button, self.different_button,
                                            self.later_button), strict=True)  # fmt: skip
        for action, one in said:
            one.setToolTip(", ".join(key.toString(NATIVE) for key in action.shortcuts()))

    def forget(self) -> None:
        """Shows nothing."""
        super().forget()
        self._asked = self._next = False
        self._pause.stop()
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
        self.headline.setText(_("{records}: new, or here already?").format(records=records))
        self._tell()
        first = not self.model.ids
        self.table.show_ids(ids)
        self.model.stale()
        if first:
            self.table.begin()
            if self._many:
                self.table.clearSelection()
        elif self._next and not self._many and not self.table.chosen_ids():
            self.table.selectRow(max(0, self.table.currentIndex().row()))
        self._next = False
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
            self.ask("pair", lambda db: look(db, id_), self._show_pair)
            self._offer()
        else:
            self._show_pair(None)

    @property
    def pair(self) -> Pair | None:
        """The two that are in sight."""
        return self._found.pair if self._found is not None else None

    def _show_pair(self, asked: Asked | None) -> None:
        self._found = asked
        if asked is None:
            self.why.clear()
            self.sides.show_two(None)
            self._offer()
            return
        self.why.setText(why(asked.pair))
        self._tell()
        self.sides.show_two(asked.two)
        self._offer()

    def _tell(self) -> None:
        """What this is about, by the pair in sight."""
        between = self._found.between if self._found is not None else True
        name = self._place.connector if self._place is not None else ""
        if between:
            words = _(
                "“{name}” tells of them, and another SIS tells of somebody, or something, that "
                "looks the same. Until you answer, each stands here on its own."
            )
            effect = _(
                "The same: one record from now on, of which both SIS tell; where they say "
                "otherwise you are asked. Not the same: they stay two. Either can be undone at "
                "once; later the page of the record can take it apart again, and Settings, “Who "
                "is whom”, has you asked anew."
            )
        else:
            words = _(
                "“{name}” sent them under keys that are new, and ended others who look the same. "
                "Until you answer, nobody is added and nobody is removed."
            )
            effect = _(
                "The same: the record stays with its history, and the SIS’s new key is its key "
                "from now on. Not the same: the newcomer becomes a record of its own, and the "
                "other one goes its ordinary way. Neither can be undone."
            )
        words = words.format(name=name)
        if self._many:
            words = " ".join(
                [words, _("So many at once are one question. Look at some of them; the buttons are "
                          "about all, unless you choose some.")]
            )  # fmt: skip
        self.words.setText(words)
        self.effect.setText(effect)
        self._show_words()

    def _open(self) -> None:
        if self.pair is not None:
            self.go.emit(ToRecord(self.pair.asked.entity, self.pair.asked.record))

    def _open_newcomer(self) -> None:
        if self.pair is not None:
            asked = self.pair.asked
            self.go.emit(ToRecord(asked.entity, int(asked.about["newcomer"])))

    # -- answering --

    def chosen(self) -> list[int]:
        """Whom the buttons are about."""
        return self.table.chosen_ids() or (list(self.model.ids) if self._many else [])

    def _offer(self) -> None:
        ids = self.chosen()
        # Of one alone, the two in sight have to be those that are answered about.
        seen = len(ids) > 1 or (self.pair is not None and self.pair.asked.id in ids)
        able = bool(ids) and seen and not (self._asked or self._pause.isActive() or self.table.lost)
        for one in (self.same_button, self.different_button):
            one.setEnabled(able)
        self.later_button.setVisible(not self._many and len(self.model.ids) > 1)
        self.record_button.setEnabled(self.pair is not None)
        # Of one SIS a newcomer is no record before it is answered.
        between = self._found is not None and self._found.between
        self.newcomer_button.setVisible(between)
        count = len(ids)
        theme.mark(self.same_button, "main", count == 1)  # nobody is led to settle many at once
        if count > 1:
            self.same_button.setText(plural("{n} is the same", "All {n} are the same", count))
            self.different_button.setText(
                plural("{n} is not the same", "None of the {n} is the same", count)
            )
        else:
            self.same_button.setText(_("The same"))
            self.different_button.setText(_("Not the same"))

    def _press(self, one: QPushButton) -> None:
        """As a click does: what cannot be clicked cannot be answered by its key either."""
        one.click()

    def later(self) -> None:
        """Leaves the question open and goes on to the next."""
        if (count := len(self.model.ids)) > 1:
            row = (self.table.currentIndex().row() + 1) % count
            self.table.setCurrentIndex(self.model.index(row, 0))

    def answer(self, take: Take) -> None:
        """Says of those who are chosen that they are the same, or different."""
        if self.session is None or self._asked or not (ids := self.chosen()):
            return
        self._asked = True
        self._offer()
        decisions = [Decision(id_, take, revision=self._revision(id_)) for id_ in ids]
        self.session.request("resolve", decisions, then=lambda found: self._answered(found, take))

    def _deed(self, said: str, found: Resolved) -> Said:
        """What was said of the two, and how that is taken back."""
        record = None
        if len(found.applied) == 1 and self._found is not None:
            asked = self._found.pair.asked
            record = _("Open the record"), ToRecord(asked.entity, asked.record)
        if found.change_set is None or not found.lasting:
            undone = _("They are two again, and you are asked anew.") if found.change_set else ""
            return Said(said, found.change_set, undone, leads=record)
        return Said(said, final=_("The SIS gave a new key; edit the records where it is wrong."),
                    leads=record)  # fmt: skip

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
            plural("{n} is the same, and keeps the record.",
                   "{n} are the same, and keep their records.", len(found.applied))
            if take is Take.SAME
            else plural("{n} is not the same, and has a record of its own.",
                        "{n} are not the same, and have records of their own.",
                        len(found.applied))
        )  # fmt: skip
        left = {sentence(one.reason, one.parameters) for one in found.left_out}
        said = " ".join([told, *sorted(left)] if found.applied else sorted(left))
        self.said.emit(self._deed(said, found))
        self._next = True
        self._pause.start(QApplication.doubleClickInterval())
        self.look_now()
