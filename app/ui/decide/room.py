"""The room of decisions: the inbox, and one page for each kind of question that it leads to."""

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.engine.inbox import Kind
from app.engine.overview import Overview
from app.text import _
from app.ui import theme
from app.ui.decide.approval import ApprovalRoom
from app.ui.decide.inbox import InboxRoom
from app.ui.decide.newcomers import NewcomersRoom
from app.ui.decide.unreadable import UnreadableRoom
from app.ui.decide.unsent import UnsentRoom
from app.ui.keys import Keys
from app.ui.merge.room import MergeRoom
from app.ui.parts.label import Label
from app.ui.places import Place, ToInbox, ToWaiting
from app.ui.room import Room
from app.ui.session import Session


class DecideRoom(Room):
    """Rooms of its own lie in it, one over the other; Escape leads back to the inbox."""

    def __init__(self) -> None:
        super().__init__()
        self.inbox = InboxRoom()
        self.approval = ApprovalRoom()
        self.newcomers = NewcomersRoom()
        self.merge = MergeRoom()
        self.unsent = UnsentRoom()
        self.unreadable = UnreadableRoom()
        self.rooms: tuple[Room, ...] = (
            self.inbox, self.approval, self.newcomers, self.merge, self.unsent, self.unreadable,
        )  # fmt: skip
        self.back_button = QPushButton(_("Back to Decide"))
        self.back_button.setToolTip(_("Esc"))
        self.back_button.clicked.connect(self.to_inbox)
        self.heading = Label()
        self.heading.setProperty("quiet", True)
        self.stack = QStackedWidget()
        top = QHBoxLayout()
        top.setContentsMargins(0, theme.SPACE, 0, 0)
        top.setSpacing(2 * theme.SPACE)
        top.addWidget(self.back_button)
        top.addWidget(self.heading, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(top)
        layout.addWidget(self.stack, 1)
        for room in self.rooms:
            self.stack.addWidget(room)
            room.go.connect(self.go)
            room.said.connect(self.said)
            room.settled.connect(self._one_settled)
        QApplication.instance().focusChanged.connect(self._focus_moved)  # type: ignore[union-attr]
        for page in (self.approval, self.newcomers, self.unsent, self.unreadable):
            page.done.connect(self._done)
        self._show(self.inbox)

    # -- what the window calls, handed on --

    def bind(self, keys: Keys, settings: QSettings) -> None:
        """Hands it on."""
        for room in self.rooms:
            room.bind(keys, settings)

    def enter(self, session: Session) -> None:
        """A session has opened."""
        super().enter(session)
        for room in self.rooms:
            room.enter(session)

    def leave(self) -> None:
        """The session ends."""
        super().leave()
        for room in self.rooms:
            room.leave()
        self._show(self.inbox)

    def choose(self, connector: str | None) -> None:
        """Another connector is chosen: what was open of another one is left."""
        super().choose(connector)
        for room in self.rooms:
            room.choose(connector)
        place = self.shown.place()
        if connector is not None and getattr(place, "connector", connector) != connector:
            self._show(self.inbox)

    def show_overview(self, overview: Overview) -> None:
        """Hands it on."""
        for room in self.rooms:
            room.show_overview(overview)

    def show_place(self, place: Place) -> None:
        """The inbox, or the page that answers it."""
        if place == ToWaiting():
            self._show(self.inbox)
            self.inbox.show_kind(Kind.APPROVAL)
        else:
            for room in self.rooms:
                if isinstance(place, room.places):
                    room.show_place(place)
                    self._show(room)
                    break
        self.shown.start()

    def place(self) -> Place | None:
        """What is shown."""
        return self.shown.place()

    def home(self) -> None:
        """The inbox."""
        self._show(self.inbox)

    def start(self) -> None:
        """In what is shown, unless that is done with."""
        self._leave_settled()
        self.shown.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, RUF100
        """Whoever comes back after all was settled wants to see what waits now."""
        super().showEvent(event)
        self._leave_settled()

    def _leave_settled(self) -> None:
        if self.shown is self.merge and self.merge.over:
            self._show(self.inbox)

    @property
    def shown(self) -> Room:
        """The room that is shown."""
        return self.rooms[self.stack.currentIndex()]

    @property
    def quiet(self) -> bool:
        """True where nothing is being asked for in what is shown."""
        return super().quiet and self.shown.quiet

    def look(self) -> None:
        """Each of its rooms looks by itself."""

    # -- from page to page --

    def to_inbox(self) -> None:
        """Back to the inbox."""
        self.go.emit(ToInbox())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, RUF100
        """Escape leads to the inbox, where nobody else wanted it."""
        if event.key() == Qt.Key.Key_Escape and self.shown is not self.inbox:
            self.to_inbox()
        else:
            super().keyPressEvent(event)

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        """What hides or can be pressed no more hands the focus on in here, not to the window."""
        if old is None or not self._has(old) or not self.isVisible() or self._has(new):
            return
        if not (old.isVisible() and old.isEnabled()):
            QTimer.singleShot(0, self, self._take_focus)

    def _take_focus(self) -> None:
        if self.isVisible() and not self._has(QApplication.focusWidget()):
            self.start()

    def _has(self, widget: QWidget | None) -> bool:
        return widget is not None and self.isAncestorOf(widget)

    def _show(self, room: Room) -> None:
        self.stack.setCurrentWidget(room)
        inside = room is not self.inbox
        self.back_button.setVisible(inside)
        self.heading.setVisible(inside)
        self.heading.setText(_(room.title))

    def _done(self) -> None:
        """Nothing of what was shown waits any more."""
        if self.sender() is self.shown:
            self._show(self.inbox)
            if self.isVisible():
                self.inbox.start()

    def _one_settled(self) -> None:
        if self.sender() is self.shown:
            self.settled.emit()
