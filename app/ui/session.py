"""One data folder, open in the window: its engine thread, its reader, and how things are in it."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from app import compose
from app.engine.events import Changed, Delivered, Event, Progress, RunEnded, RunStarted, Undoing
from app.engine.inbox import Asked, asked
from app.engine.overview import Overview, overview
from app.server.receiver import Reception
from app.store.database import Database, Location
from app.store.journal import Standing
from app.ui.bridge import Bridge, StartSis
from app.ui.reader import WATCH_SECONDS, Reader
from app.vault import Vault

SYNCING_REFRESH_SECONDS = 1.0
"""While this process syncs, its own writes refresh the window no more often."""

T = TypeVar("T")


class _Glancing:
    """Looks how things are; at what waits anew only where that may be something else.

    While a sync writes page after page, that is where there is more or less of it.
    """

    def __init__(self) -> None:
        self.syncing = False
        self.written = False
        """Set where something was written; taken back once that was looked at."""
        self._standing: dict[str, Standing] = {}
        self._asked: dict[str, Asked] = {}

    def look(self, database: Database) -> Overview:
        """On the reader's thread."""
        written = self.written and not self.syncing
        if written:
            self.written = False
        found = overview(database, datetime.now(UTC))
        standing = {one.facts.name: one.facts.standing for one in found.glances}
        if written or standing != self._standing:
            self._asked, self._standing = asked(database), standing
        glances = [
            replace(one, asked=self._asked.get(one.facts.name, Asked())) for one in found.glances
        ]
        return replace(found, glances=tuple(glances))


class Session(QObject):
    """Opened by ``open``, ended by ``close``; ``closed`` says when nothing of it is left.

    A *still* session has a reader and no engine: enough for a picture.
    """

    opened = Signal()
    seen = Signal(object)
    """How things are now, an ``Overview``."""
    wrote = Signal()
    """Runs may have come or changed."""
    changed = Signal()
    """What somebody asked for here has changed something."""
    progressed = Signal(object)
    ended = Signal(object)
    taken_back = Signal(object)
    """How far an undo is, an ``events.Undoing``."""
    refused = Signal(object)
    """The exception that a command or a question ended with."""
    broke = Signal(object)
    """The exception that ended the engine, or kept it from opening."""
    delivered = Signal()
    """A webhook came."""
    received = Signal(object)
    """How it stands with webhooks, a ``Reception``, where that has changed."""
    closed = Signal()

    def __init__(
        self,
        options: compose.Options,
        *,
        still: bool = False,
        secrets: Vault | None = None,
        start_sis: StartSis = compose.PracticeSis,
        watch_seconds: float = WATCH_SECONDS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.options = options
        self.runs: set[int] = set()
        """The runs of this process that are under way."""
        self.reception = Reception()
        """How it stands with webhooks."""
        self._watch_seconds = watch_seconds
        self._glancing = _Glancing()
        self._refreshed = 0.0
        self._closing = self._closed = False
        self._reader: Reader | None = None
        self._bridge: Bridge | None = None
        if not still:
            bridge = self._bridge = Bridge(options, secrets, start_sis, self)
            bridge.opened.connect(self._opened)
            bridge.told.connect(self._told)
            bridge.refused.connect(self.refused)
            bridge.broke.connect(self.broke)
            bridge.received.connect(self._received)
            bridge.finished.connect(self._part_ended)

    # -- opening and closing --

    def open(self) -> None:
        """Begins to open; ``opened`` or ``broke`` follows."""
        if self._bridge is not None:
            self._bridge.start()
        else:
            options = self.options
            self._read(lambda: Database(Location.of(options.folder, options.database)))

    def close(self) -> None:
        """Cancels what is under way and begins to close; ``closed`` follows."""
        self._closing = True
        if self._reader is not None:
            self._reader.stop()
        if self._bridge is not None:
            self._bridge.stop()
        self._part_ended()

    def wait(self) -> None:
        """Waits until nothing runs any more; for the end of the program, after the event loop."""
        for thread in (self._bridge, self._reader):
            if thread is not None:
                thread.wait()

    @property
    def over(self) -> bool:
        """True when nothing of it runs any more."""
        return all(t is None or not t.isRunning() for t in (self._bridge, self._reader))

    def _part_ended(self) -> None:
        if self._closing and self.over and not self._closed:
            self._closed = True
            self.wait()
            self.closed.emit()

    def _opened(self, database: Database) -> None:
        self._read(lambda: database)

    def _read(self, open_database: Callable[[], Database]) -> None:
        if self._closing:
            return
        reader = self._reader = Reader(
            open_database, watch_seconds=self._watch_seconds, parent=self
        )
        reader.wrote.connect(self._written)
        reader.failed.connect(self.refused)
        reader.broke.connect(self.broke)
        reader.finished.connect(self._part_ended)
        reader.start()
        self.opened.emit()
        self.refresh()

    # -- asking and commanding --

    def command(
        self, name: str, *args: Any, then: Callable[[Any], None] | None = None, **named: Any
    ) -> None:
        """Has the engine do ``name``; ``then`` gets its result, ``refused`` its error."""
        if self._bridge is not None:
            self._bridge.command(name, *args, then=then, **named)

    def request(
        self, name: str, *args: Any, then: Callable[[Any], None], **named: Any
    ) -> threading.Event:
        """Has the engine do what takes its time; ``then`` gets the result or the ``SyncError``.

        What is returned cancels it; the end of the session does that, too.
        """
        if self._bridge is None:
            return threading.Event()
        return self._bridge.request(name, *args, then=then, **named)

    def start(self, connector: str, *, full: bool) -> None:
        """Begins a sync."""
        if self._bridge is not None:
            self._bridge.command("start", connector, full=full)

    def ask(self, topic: str, question: Callable[[Database], T], then: Callable[[T], None]) -> bool:
        """Asks the database; only the newest answer of a topic arrives.

        ``False`` before it is open and once it closes: then none does.
        """
        if self._reader is None or self._closing:
            return False
        self._reader.ask(topic, question, then)
        return True

    def refresh(self) -> None:
        """Looks anew how things are."""
        self._refreshed = time.monotonic()
        self._glancing.syncing = bool(self.runs)
        self.ask("overview", self._glancing.look, self._saw)

    def _saw(self, found: Overview) -> None:
        self.seen.emit(found)

    def _written(self) -> None:
        self._glancing.written = True
        if self.runs and time.monotonic() - self._refreshed < SYNCING_REFRESH_SECONDS:
            return
        self.wrote.emit()
        self.refresh()

    def _told(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.progressed.emit(event)
        elif isinstance(event, RunStarted):
            self.runs.add(event.run)
            self.wrote.emit()
            self.refresh()
        elif isinstance(event, RunEnded):
            self.runs.discard(event.run)
            self._glancing.written = True
            self.ended.emit(event)
            if event.unwritten is not None:
                self.refused.emit(event.unwritten)
        elif isinstance(event, Undoing):
            self.taken_back.emit(event)
        elif isinstance(event, Delivered):
            self.delivered.emit()
        elif isinstance(event, Changed):
            self._glancing.written = True
            self.changed.emit()
            self.wrote.emit()
            self.refresh()

    def _received(self, reception: Reception) -> None:
        self.reception = reception
        self.received.emit(reception)
