"""The right side of the window: a line for messages, how things are, and the rooms."""

from PySide6.QtCore import QSettings, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QTabWidget, QVBoxLayout, QWidget

from app.engine.overview import Overview
from app.text import _
from app.ui import theme
from app.ui.decide.room import DecideRoom
from app.ui.headline import Headline
from app.ui.history.room import HistoryRoom
from app.ui.keys import Keys
from app.ui.pages import Notice
from app.ui.people.room import PeopleRoom
from app.ui.places import Place, ToFound
from app.ui.room import Room
from app.ui.session import Session
from app.ui.settings.room import SettingsRoom
from app.ui.today.room import TodayRoom
from app.ui.wording import number

LOW = 600
"""Below this height the sentence on top is one line, in whatever room."""


class Workplace(QWidget):
    """Holds the rooms, and goes from place to place, back and forth."""

    said = Signal(object)
    """A room says something, a ``Said``."""
    moved = Signal()
    """Another room or place is shown."""
    settled = Signal()
    """What the room in sight asked for is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.notice = Notice()
        self.headline = Headline()
        self.today = TodayRoom()
        self.decide = DecideRoom()
        self.history = HistoryRoom()
        self.people = PeopleRoom()
        self.settings = SettingsRoom()
        self.rooms: tuple[Room, ...] = (
            self.today, self.decide, self.history, self.people, self.settings,
        )  # fmt: skip
        self.tabs = QTabWidget()
        self.tabs.setObjectName("rooms")
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(_("Rooms"))
        for room in self.rooms:
            self.tabs.addTab(room, _(room.title))
            room.go.connect(self.go)
            room.said.connect(self.said)
            room.settled.connect(self._settled)
            room.counted.connect(lambda count, room=room: self._count(room, count))
        self.people.back.connect(self._back_or_search)
        self._behind: list[Place] = []
        self._before: list[Place] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(theme.SPACE + 2)
        layout.addWidget(self.headline)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.notice)  # at the end: what somebody is about to click stays in place
        self.tabs.currentChanged.connect(self._moved)

    @property
    def room(self) -> Room:
        """The room in sight."""
        return self.rooms[self.tabs.currentIndex()]

    def bind(self, keys: Keys, settings: QSettings) -> None:
        """Gives the actions of the rooms their keys, and says what the window remembers."""
        for room in self.rooms:
            room.bind(keys, settings)

    def enter(self, session: Session) -> None:
        """A session has opened."""
        for room in self.rooms:
            room.enter(session)

    def leave(self) -> None:
        """The session ends."""
        self._behind.clear()
        self._before.clear()
        for room in self.rooms:
            room.leave()
            self._count(room, 0)

    def choose(self, connector: str | None) -> None:
        """Another connector is chosen, or all."""
        for room in self.rooms:
            room.choose(connector)

    def show_overview(self, overview: Overview) -> None:
        """How things are now."""
        for room in self.rooms:
            room.show_overview(overview)

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
        if number >= len(self.rooms):
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
        for room in self.rooms:
            if isinstance(place, room.places):
                self.tabs.setCurrentWidget(room)
                room.show_place(place)
                break
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
        self.headline.set_compact(low or self.room is not self.today)

    def _count(self, room: Room, count: int) -> None:
        words = _(room.title)
        place = self.tabs.indexOf(room)
        self.tabs.setTabText(place, f"{words} ({number(count)})" if count else words)
