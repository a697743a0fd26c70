"""The inbox: all that waits for a person, a line each, the most harmful first."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

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

from app.engine.inbox import Entry, Inbox, Kind, inbox, kept_words
from app.store.inbox import Kept
from app.text import N_, _, plural
from app.ui import theme
from app.ui.decide.entries import EntryDelegate, EntryModel, rows
from app.ui.parts.label import Label
from app.ui.parts.simple import button, text
from app.ui.places import (
    Place,
    ToChangeSet,
    ToDifferences,
    ToInbox,
    ToNewcomers,
    ToSettings,
    ToSyncs,
    ToUnreadable,
    ToUnsent,
    ToWaiting,
)
from app.ui.room import Room
from app.ui.settings.words import unexplained

LONG = 8
"""A longer list can be narrowed."""
MOST = 3
"""So many lines tell what stands here otherwise than at the SIS; those of the newest."""


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


class Aside(NamedTuple):
    """What waits for nobody, and is worth knowing."""

    words: str
    button: str
    place: Place


def _of_kept(one: Kept) -> Aside:
    """What stands here otherwise than at its SIS."""
    place = ToChangeSet(one.sets[0]) if len(one.sets) == 1 else ToSyncs(one.sets)
    return Aside(kept_words(one), _("See why under History"), place)


def _of_words(name: str, count: int) -> Aside:
    """Words that a SIS says and nobody has explained: what they say is left blank."""
    told = plural(
        "“{{name}}” uses {n} word that is not understood; what it says is left blank.",
        "“{{name}}” uses {n} words that are not understood; what they say is left blank.",
        count,
    )
    return Aside(told.format(name=name), _("Say what they mean"), ToSettings("words", name))


class InboxRoom(Room):
    """Every line leads to where it is answered."""

    title = N_("Inbox")
    places = (ToInbox,)

    def __init__(self) -> None:
        super().__init__()
        self._inbox = Inbox(())
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
        self.asides = QWidget()
        """What else is worth knowing, a line each, with a button that leads to it."""
        self.asides.hide()
        QVBoxLayout(self.asides).setContentsMargins(0, 0, 0, 0)
        self._asides: Sequence[Aside] = ()
        self._unexplained: dict[str, int] = {}
        self.sending = QPushButton()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.narrowing)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.asides)
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
        self.ask(
            "inbox", lambda db: (inbox(db, name), unexplained(db, name)),
            lambda found: self._seen(*found),
        )  # fmt: skip

    def forget(self) -> None:
        """Shows nothing, and not that nothing waits."""
        self._inbox, self._unexplained = Inbox(()), {}
        self.search.clear()
        self.kind.setCurrentIndex(0)
        self._show()
        self.empty.hide()

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

    def _seen(self, found: Inbox, unexplained: dict[str, int]) -> None:
        self._inbox, self._unexplained = found, unexplained
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
        if self._inbox.entries:
            self.none.setText(_("Nothing of that kind waits for you."))
            self.none_more.setText(_("Show everything to see the rest."))
        else:
            self.none.setText(_("Nothing waits for you."))
            self.none_more.setText(_("What a sync leaves to you to decide is listed here."))
        self.empty.setAccessibleName(f"{self.none.text()} {self.none_more.text()}")
        words = [_of_words(name, count) for name, count in self._unexplained.items()]
        self._show_asides((*words, *map(_of_kept, self._inbox.kept[:MOST])))

    def _show_asides(self, asides: Sequence[Aside]) -> None:
        if asides == self._asides:
            return  # nobody loses the button that is about to be pressed
        self._asides = asides
        layout = self.asides.layout()
        assert isinstance(layout, QVBoxLayout)
        while (item := layout.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for one in asides:
            line = QWidget()
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(2 * theme.SPACE)
            words = text(one.words, quiet=True)
            leads = button(one.button, partial(self.go.emit, one.place))
            leads.setAccessibleDescription(words.text())
            row.addWidget(words, 1)
            row.addWidget(leads)
            layout.addWidget(line)
        self.asides.setVisible(bool(asides))

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.go.emit(place_of(self.entries.rows[index.row()].entry))
