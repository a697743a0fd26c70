"""The inbox: all that waits for a person, a line each, the most harmful first."""

from datetime import UTC, datetime

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.engine.inbox import Entry, Inbox, Kind, inbox
from app.engine.overview import Overview, undone
from app.text import N_, _, plural, sentence
from app.ui import theme
from app.ui.decide.entries import EntryDelegate, EntryModel, rows
from app.ui.parts.label import Label
from app.ui.parts.simple import text
from app.ui.places import (
    Place,
    ToDifferences,
    ToInbox,
    ToNewcomers,
    ToUnreadable,
    ToUnsent,
    ToWaiting,
)
from app.ui.room import Room
from app.ui.situation import did

LONG = 8
"""A longer list can be narrowed."""


def place_of(entry: Entry) -> Place:
    """Where the entry is answered."""
    if entry.harm.kind is Kind.SAME:
        return ToNewcomers(entry.connector, entry.entity)
    if entry.harm.kind is Kind.DIFFERENCES:
        return ToDifferences(entry.ids)
    if entry.harm.kind is Kind.UNSENT:
        return ToUnsent(entry.connector)
    if entry.harm.kind is Kind.UNREADABLE:
        return ToUnreadable(entry.connector, entry.entity)
    return ToWaiting(entry.connector, entry.harm, entry.entity)


class InboxRoom(Room):
    """Every line leads to where it is answered."""

    title = N_("Inbox")
    places = (ToInbox,)

    def __init__(self) -> None:
        super().__init__()
        self._inbox = Inbox(())
        self._overview: Overview | None = None
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Find in the list"))
        self.search.setAccessibleName(_("Find in the list"))
        self.search.setClearButtonEnabled(True)
        self.kind = QComboBox()
        self.kind.setAccessibleName(_("What to show"))
        self.kind.addItem(_("Everything"), None)
        for kind in Kind:
            self.kind.addItem(_(kind.value), kind)
        self.narrowing = QWidget()
        top = QHBoxLayout(self.narrowing)
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(theme.SPACE)
        top.addWidget(self.search, 1)
        top.addWidget(self.kind)
        self.entries = EntryModel()
        self.list = QListView()
        self.list.setObjectName("inbox")
        self.list.setAccessibleName(_("What waits for you"))
        self.list.setAccessibleDescription(
            _("The most harmful first. Enter opens a line where it is answered.")
        )
        self.list.setModel(self.entries)
        self.list.setItemDelegate(EntryDelegate(self.list))
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.none = Label()
        self.none.setFont(theme.large(self.font()))
        self.none_more = Label()
        self.none_more.setProperty("quiet", True)
        self.empty = QWidget()
        self.empty.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        nothing = QVBoxLayout(self.empty)
        nothing.addStretch(2)
        for label in (self.none, self.none_more):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            nothing.addWidget(label)
        nothing.addStretch(3)
        self.standing = text(quiet=True)
        self.sending = QPushButton()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.narrowing)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.standing)
        layout.addWidget(self.sending, 0, Qt.AlignmentFlag.AlignLeading)
        self.search.textChanged.connect(self._show)
        self.kind.currentIndexChanged.connect(self._show)
        self.list.clicked.connect(self._open)
        self.list.activated.connect(self._open)
        self.sending.clicked.connect(lambda: self.go.emit(ToUnsent(self.connector, waiting=True)))
        self.forget()

    # -- as a room --

    def look(self) -> None:
        """Asks what waits."""
        name = self.connector
        self.ask("inbox", lambda db: inbox(db, name), self._seen)

    def forget(self) -> None:
        """Shows nothing, and not that nothing waits."""
        self._inbox, self._overview = Inbox(()), None
        self.search.clear()
        self.kind.setCurrentIndex(0)
        self._show()
        self.empty.hide()

    def show_overview(self, overview: Overview) -> None:
        """What was undone is told, and where nothing waits, what the last sync did."""
        self._overview = overview
        self._tell()

    def show_place(self, place: Place) -> None:
        """All of it."""
        self.kind.setCurrentIndex(0)
        self.search.clear()

    def show_kind(self, kind: Kind) -> None:
        """Those of one kind."""
        self.search.clear()
        self.kind.setCurrentIndex(self.kind.findData(kind))

    def place(self) -> Place:
        """The inbox."""
        return ToInbox()

    def start(self) -> None:
        """In the list, or on what says that there is none; before that is known, in the room."""
        shown = (one for one in (self.list, self.empty) if one.isVisibleTo(self))
        next(shown, self).setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what waits --

    def _seen(self, found: Inbox) -> None:
        self._inbox = found
        self._show()

    def _show(self) -> None:
        place = self.list.currentIndex().row()
        chosen = self.entries.rows[place].key if place >= 0 else None
        scrolled = self.list.verticalScrollBar().value()
        kind, words = self.kind.currentData(), self.search.text().casefold().split()
        several = len({one.connector for one in self._inbox.entries}) > 1
        everything = rows(self._inbox, datetime.now(UTC), with_connector=several)
        fitting = [
            row for row in everything
            if kind in (None, row.entry.harm.kind)
            and all(word in row.text.casefold() for word in words)
        ]  # fmt: skip
        self.entries.show(fitting)
        if fitting:
            keys = [row.key for row in fitting]
            place = keys.index(chosen) if chosen in keys else min(max(place, 0), len(keys) - 1)
            self.list.setCurrentIndex(self.entries.index(place))
            self.list.verticalScrollBar().setValue(scrolled)
        self.narrowing.setVisible(len(everything) > LONG or bool(words) or kind is not None)
        self.list.setVisible(bool(fitting))
        self.empty.setVisible(not fitting)
        if self.hasFocus():
            self.start()
        self._tell()
        count = self._inbox.sending
        self.sending.setVisible(count > 0)
        self.sending.setText(
            plural("{n} change is sent with the next sync", "{n} changes are sent with the next "
                   "sync", count)
        )  # fmt: skip

    def _tell(self) -> None:
        glances = [
            one
            for one in (self._overview.glances if self._overview else ())
            if self.connector in (None, one.facts.name)
        ]
        told = [sentence(*found) for one in glances if (found := undone(one.facts)) is not None]
        self.standing.setText("\n".join(told))
        self.standing.setVisible(bool(told) and not self.list.isHidden())
        if self._inbox.entries:
            self.none.setText(_("Nothing of that kind waits for you."))
            self.none_more.setText(_("Show everything to see the rest."))
            self.empty.setAccessibleName(self.none.text())
            return
        self.none.setText(_("Nothing waits for you."))
        names = {one.facts.name for one in glances if one.facts.since.undone}
        told += [
            sentence("kept_otherwise", {"name": name, "count": count})
            for name, count in self._inbox.kept.items()
            if name not in names
        ]
        runs = [one.facts.good for one in glances if one.facts.good is not None]
        if runs:
            told.append(did(max(runs, key=lambda run: run.id), datetime.now(UTC)))
        self.none_more.setText("\n".join(told))
        self.empty.setAccessibleName(f"{self.none.text()} {self.none_more.text()}")

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.go.emit(place_of(self.entries.rows[index.row()].entry))
