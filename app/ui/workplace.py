"""The right side of the window: how things are, the rooms, and a line for messages."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, cast

from PySide6.QtCore import QSettings, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QListView, QPushButton, QTabWidget, QVBoxLayout, QWidget

from app.engine.overview import Overview
from app.text import N_, _
from app.ui import theme
from app.ui.headline import Headline
from app.ui.keys import Keys
from app.ui.pages import Notice
from app.ui.parts.fitting import Fitting
from app.ui.places import Place, ToFound
from app.ui.room import Room
from app.ui.session import Session
from app.ui.wording import number

if TYPE_CHECKING:
    from app.ui.decide.room import DecideRoom
    from app.ui.history.room import HistoryRoom
    from app.ui.people.room import PeopleRoom
    from app.ui.settings.page import Page
    from app.ui.settings.room import SettingsRoom
    from app.ui.today.room import TodayRoom


class Entrance(NamedTuple):
    """What is known of a room to which nobody has come yet, and which is not loaded either."""

    title: str
    """The word on its tab, marked for translation."""
    load: Callable[[], type[Room]]


def _today() -> type[Room]:
    from app.ui.today.room import TodayRoom

    return TodayRoom


def _decide() -> type[Room]:
    from app.ui.decide.room import DecideRoom

    return DecideRoom


def _history() -> type[Room]:
    from app.ui.history.room import HistoryRoom

    return HistoryRoom


def _people() -> type[Room]:
    from app.ui.people.room import PeopleRoom

    return PeopleRoom


def _settings() -> type[Room]:
    from app.ui.settings.room import SettingsRoom

    return SettingsRoom


ROOMS = {
    "today": Entrance(N_("Today"), _today),
    "decide": Entrance(N_("Decide"), _decide),
    "history": Entrance(N_("History"), _history),
    "people": Entrance(N_("People && classes"), _people),
    "settings": Entrance(N_("Settings"), _settings),
}
"""In the order of their tabs."""
NAMES = tuple(ROOMS)

LOW = 600
"""Below this height the sentence on top is one line, in whatever room."""


class Workplace(QWidget):
    """Holds the rooms, and goes from place to place, back and forth.

    A room is made when somebody first comes to it: the window opens sooner, and a day that needs
    one room costs one.
    """

    said = Signal(object)
    """A room says something, a ``Said``."""
    moved = Signal()
    """Another room or place is shown."""
    settled = Signal()
    """What the room in sight asked for is shown."""

    def __init__(
        self, keys: Keys, settings: QSettings, pages: Callable[[], Iterable["Page"]] = tuple
    ) -> None:
        """``pages`` makes the pages of settings that are the window's."""
        super().__init__()
        self._keys, self._settings, self._pages = keys, settings, pages
        keys.complete = self.make_all
        self._doors = {name: Fitting() for name in ROOMS}
        self._made: dict[str, Room] = {}
        self._session: Session | None = None
        self._connector: str | None = None
        self._overview: Overview | None = None
        self.notice = Notice()
        self.headline = Headline()
        self.tabs = QTabWidget()
        self.tabs.setObjectName("rooms")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.setAccessibleName(_("Rooms"))
        for name, entrance in ROOMS.items():
            self.tabs.addTab(self._doors[name], _(entrance.title))
        self._behind: list[Place] = []
        self._before: list[Place] = []
        layout = self._layout = QVBoxLayout(self)
        layout.addWidget(self.headline)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.notice)  # at the end: what somebody is about to click stays in place
        self.tabs.currentChanged.connect(self._moved)

    # -- the rooms --

    @property
    def room(self) -> Room:
        """The room in sight."""
        return self._of(NAMES[self.tabs.currentIndex()])

    @property
    def today(self) -> "TodayRoom":
        """How things are, by school and by day."""
        return cast("TodayRoom", self._of("today"))

    @property
    def decide(self) -> "DecideRoom":
        """What waits for a person."""
        return cast("DecideRoom", self._of("decide"))

    @property
    def history(self) -> "HistoryRoom":
        """What was done, and by whom."""
        return cast("HistoryRoom", self._of("history"))

    @property
    def people(self) -> "PeopleRoom":
        """One search, and a page for each record."""
        return cast("PeopleRoom", self._of("people"))

    @property
    def settings(self) -> "SettingsRoom":
        """What can be set."""
        return cast("SettingsRoom", self._of("settings"))

    def make_all(self) -> None:
        """Makes the rooms to which nobody has come yet."""
        for name in ROOMS:
            self._of(name)

    def _of(self, name: str) -> Room:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = ROOMS[name].load()()
            self._furnish(name, made)
        return made

    def _furnish(self, name: str, room: Room) -> None:
        if name == "settings":
            for page in self._pages():
                self.settings.add(page)
        elif name == "people":
            self.people.back.connect(self._back_or_search)
        for button in room.findChildren(QPushButton):
            button.setAutoDefault(True)  # Enter presses it, as Space does
        room.go.connect(self.go)
        room.said.connect(self.said)
        room.settled.connect(self._settled)
        room.bind(self._keys, self._settings)
        self._doors[name].hold(room)
        if self._session is not None:
            room.enter(self._session)
        room.choose(self._connector)
        if self._overview is not None:
            room.show_overview(self._overview)
        room.show()  # where its tab is in sight, it looks
        for view in room.findChildren(QListView):
            view.scheduleDelayedItemsLayout()  # what was laid out before it had its style

    # -- what the window calls --

    def enter(self, session: Session) -> None:
        """A session has opened."""
        self._session = session
        for room in self._made.values():
            room.enter(session)

    def leave(self) -> None:
        """The session ends."""
        self._session = self._connector = self._overview = None
        self._behind.clear()
        self._before.clear()
        for room in self._made.values():
            room.leave()
        self._count()

    def choose(self, connector: str | None) -> None:
        """Another connector is chosen, or all."""
        self._connector = connector
        for room in self._made.values():
            room.choose(connector)
        self._count()

    def show_overview(self, overview: Overview) -> None:
        """How things are now."""
        self._overview = overview
        for room in self._made.values():
            room.show_overview(overview)
        self._count()

    def tick(self, now: datetime) -> None:
        """Time has passed."""
        for room in self._made.values():
            room.tick(now)

    def _count(self) -> None:
        """How many decisions wait stands beside the room for them."""
        waiting = self._overview.waiting(self._connector) if self._overview else 0
        title = ROOMS["decide"].title
        words = _(title)
        told = f"{words} ({number(waiting)})" if waiting else words
        self.tabs.setTabText(NAMES.index("decide"), told)

    # -- going about --

    def go(self, place: Place) -> None:
        """Goes to a place; ``back`` comes back from there."""
        here = self.room.place()
        if here is not None and here != place:
            self._behind.append(here)
        self._before.clear()
        self._show(place)

    def go_to_room(self, number: int) -> None:
        """Goes to a room by its place in the row, from 0, and into it."""
        if number >= len(ROOMS):
            return
        if number == self.tabs.currentIndex():
            self.room.home()
        self.tabs.setCurrentIndex(number)
        self.room.start()

    def back(self) -> None:
        """To the place before this one."""
        self._step(self._behind, self._before)

    def _back_or_search(self) -> None:
        """From a record with which the window was opened, to the search."""
        if self._behind:
            self.back()
        else:
            self.go(ToFound())

    def forward(self) -> None:
        """To the place that ``back`` came from."""
        self._step(self._before, self._behind)

    @property
    def can_go(self) -> tuple[bool, bool]:
        """Whether there is a place to go back to, and one to go forward to."""
        return bool(self._behind), bool(self._before)

    def _step(self, where_from: list[Place], where_to: list[Place]) -> None:
        if where_from:
            here = self.room.place()
            if here is not None:
                where_to.append(here)
            self._show(where_from.pop())

    def _show(self, place: Place) -> None:
        self.tabs.setCurrentIndex(NAMES.index(place.room))
        self.room.show_place(place)
        self.moved.emit()
        focus = QApplication.focusWidget()
        if focus is None or not self.room.isAncestorOf(focus):
            self.room.start()  # a button outside that led here may be gone now

    def _settled(self) -> None:
        if self.room.quiet:
            self.settled.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """Leaves a low window to the room."""
        super().resizeEvent(event)
        self._share()

    def _moved(self) -> None:
        self._share()
        self.moved.emit()

    def _share(self) -> None:
        """Only the day's room is there for the sentence on top; the others need the height."""
        low = self.height() < LOW
        self._layout.setContentsMargins(*((12, 6, 12, 6) if low else (18, 14, 18, 14)))
        self._layout.setSpacing(theme.SPACE // 2 if low else theme.SPACE + 2)
        today = NAMES[self.tabs.currentIndex()] == "today"
        self.headline.set_compact(low or not today, terse=low)
