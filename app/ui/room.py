"""What every room on the right side of the window is: it asks, shows, and leads elsewhere."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeVar

from PySide6.QtCore import QSettings, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from app.engine.overview import Overview
from app.store.database import Database
from app.ui.keys import Keys
from app.ui.places import Place
from app.ui.session import Session

LOOK_SECONDS = 1.0
"""While the database is being written, a room looks anew no more often,"""
LEISURE = 10
"""and lets so many times pass what its last answers took."""

T = TypeVar("T")


@dataclass(frozen=True)
class Said:
    """A message; with ``undo``, the change set that the person has just made, to be taken back."""

    words: str
    undo: int | None = None
    undone: str = ""
    """What is worth knowing once it was taken back."""
    final: str = ""
    """Of a deed that no undo takes back: what to do instead. No older deed is undone in its
    place."""
    leads: tuple[str, Place] | None = None
    """The words of a button, and where it leads: to where more can be done about it."""


class Room(QWidget):
    """A room shows what it asked for when it is seen, and asks again when something was written.

    A room that is not in sight asks nothing; it looks when it is shown. Subclasses say in ``look``
    what they ask, and in ``forget`` what goes with the session.
    """

    title: ClassVar[str] = ""
    """The word on its tab, marked for translation."""
    places: ClassVar[tuple[type, ...]] = ()
    """The kinds of place that it shows."""

    go = Signal(object)
    """A ``Place`` that a click leads to."""
    said = Signal(object)
    """A ``Said`` for the line over all rooms."""
    settled = Signal()
    """What is asked for at present is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session: Session | None = None
        self.connector: str | None = None
        """The connector that is chosen on the left; ``None``: all."""
        self._stale = True
        self._pending: set[str] = set()
        self._looked = self._took = 0.0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.look_now)

    # -- what the window calls --

    def bind(self, keys: Keys, settings: QSettings) -> None:
        """Gives actions of its own their keys, and learns what the window remembers; once."""

    def enter(self, session: Session) -> None:
        """A session has opened."""
        self.session = session
        session.opened.connect(self.look_now)
        session.wrote.connect(self.look_soon)
        session.changed.connect(self.look_now)
        session.refused.connect(self._refused)
        self.look_soon()

    def leave(self) -> None:
        """The session ends: nothing of its data stays."""
        self.session = None
        self.connector = None
        self._soon.stop()
        self._pending.clear()
        self._stale = True
        self.forget()

    def choose(self, connector: str | None) -> None:
        """Another connector is chosen on the left, or all."""
        if connector != self.connector:
            self.connector = connector
            self.look_now()

    def show_overview(self, overview: Overview) -> None:
        """How things are now; for rooms that show some of it."""

    def tick(self, now: datetime) -> None:
        """Time has passed; for rooms that say how long ago something was."""

    def copy(self) -> None:
        """Copies what is selected, where that is not a text."""

    def show_place(self, place: Place) -> None:
        """Shows one of its ``places``."""

    def place(self) -> Place | None:
        """What it shows now, to come back to; ``None`` where that has no name."""
        return None

    def home(self) -> None:
        """Goes to where the room begins; for rooms of several pages."""

    def start(self) -> None:
        """Takes the keyboard focus where a person would begin."""
        self.setFocus()

    @property
    def quiet(self) -> bool:
        """True where nothing is being asked for."""
        return not self._pending and not self._stale

    # -- what a room does --

    def look(self) -> None:
        """Asks for all that it shows; of the subclass."""

    def forget(self) -> None:
        """Empties what it shows; of the subclass."""

    def look_now(self) -> None:
        """Looks at once if it is in sight, otherwise when it will be."""
        self._soon.stop()
        if self.session is None or not self.isVisible():
            self._stale = True
            return
        self._stale, self._looked = False, time.monotonic()
        self.look()
        if not self._pending:
            self.settled.emit()

    def look_soon(self) -> None:
        """Looks when the last look is long enough ago."""
        if not self.isVisible():
            self._stale = True
        elif not self._soon.isActive():
            pause = max(LOOK_SECONDS, LEISURE * self._took)
            self._soon.start(max(0, round(1000 * (self._looked + pause - time.monotonic()))))

    def ask(self, topic: str, question: Callable[[Database], T], then: Callable[[T], None]) -> None:
        """Asks the database, on the reader's thread; only the newest answer of a topic arrives."""
        if (session := self.session) is None:
            return
        began = time.monotonic()

        def answered(answer: T) -> None:
            if self.session is not session:
                return
            self._took = time.monotonic() - began
            self._pending.discard(topic)
            then(answer)
            if not self._pending:
                self.settled.emit()

        if session.ask(f"{type(self).__name__} {topic}", question, answered):
            self._pending.add(topic)

    def _refused(self, _error: BaseException) -> None:
        """A question may have ended with an error, which the window shows: nothing waits for it."""
        self._pending.clear()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, RUF100
        """Looks, where something was written since it was last seen."""
        super().showEvent(event)
        if self._stale:
            self.look_now()
