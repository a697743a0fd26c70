"""Looks where it costs next to nothing to look, and begins a sync of what is new there.

What has changed is left alone until it stays as it is for two looks: somebody may still be writing
it. What a sync has read, whoever began it, is remembered (``run``), so that none begins for it.
"""

import logging
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from app.connectors.contract import Watched
from app.engine.apart import apart
from app.engine.asking import answered
from app.engine.events import Event, RunEnded
from app.engine.fetching import Ticket
from app.engine.loop import Loop, Steps
from app.engine.opening import fetcher, opened
from app.engine.world import World
from app.errors import BusyError, SyncError
from app.store import journal, reads, settings
from app.store.reads import ConnectorFacts

logger = logging.getLogger(__name__)

LOOK_SECONDS = 15.0
"""How often it is looked."""

AGAIN = (30.0, 60.0, 300.0)
"""Seconds after which a sync that failed for a reason that may pass is begun again; the last for
ever."""

PAUSES = (0.0, 60.0, 180.0, 600.0)
"""Seconds that are left between syncs of new files, when they keep coming; the last for ever. It is
calm again when there was none for twice that long."""


@dataclass
class _Seen:
    """What was seen of one connector's source."""

    last: str = ""
    """At the last look."""
    run: int = 0
    """The sync that was begun for it."""
    tried: int = 0
    due: float = 0.0
    ended: float = -inf
    """When the last sync of new files did,"""
    pause: int = 0
    """and which of the pauses followed."""
    cancelled: bool = False
    """Somebody wants none of what will be seen at the next look."""
    given_up: str = ""
    """A sync of this was cancelled, or failed for a reason that does not pass by itself."""


class Watch:
    """Watches the sources of all connectors, on the engine thread."""

    def __init__(
        self,
        world: World,
        loop: Loop,
        under_way: Callable[[str], bool],
        start: Callable[[str], int],
        *,
        every: float = LOOK_SECONDS,
        again: Sequence[float] = AGAIN,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """``start`` begins a sync of a connector, or raises ``SyncError``.

        ``under_way`` tells whether one is being synced here.
        """
        self._world, self._loop, self._under_way, self._start = world, loop, under_way, start
        self._every, self._again, self._pauses = every, again, pauses
        self._seen: dict[str, _Seen] = {}

    def keep(self) -> None:
        """From now on, and as long as the loop runs, looks."""
        self._loop.listen(self._listen)
        self._look_later()

    def _look_later(self) -> None:
        if not self._loop.stopping:
            self._loop.later(self._every, lambda: self._loop.start(self._look()))

    def _look(self) -> Steps:
        try:
            for facts in reads.connectors(self._world.database):
                # What was never synced waits for the person who set it up.
                if facts.paused or facts.good is None or self._under_way(facts.name):
                    continue
                stamp = yield from self._stamp(facts)
                if stamp:
                    self._begin_if_new(facts.name, stamp)
        except SyncError as error:
            logger.info("it could not be looked for new files just now: %s", error.code)
        self._look_later()

    def _stamp(self, facts: ConnectorFacts) -> Generator[Ticket | None, Any, str]:
        """What the source looks like; ``""`` where it is not watched, or cannot be seen."""
        kind = self._world.kinds.get(facts.kind)
        if kind is None or kind.secrets:
            return ""  # to ask the vault every few seconds costs more than next to nothing
        cancel = threading.Event()
        opening = opened(self._world, facts.name, facts.kind, facts.settings, cancel)
        try:
            this = yield from apart(opening, self._loop, cancel)
            if not isinstance(this.connector, Watched):
                return ""
            fetching = fetcher(self._world, self._loop, cancel, "watch")
            try:
                stamp: str = yield from answered(this.connector.stamp(), fetching)
            finally:
                fetching.close()
        except SyncError as error:
            logger.info("the source of a connector cannot be looked at: %s", error.code)
            return ""
        return stamp

    def _begin_if_new(self, name: str, stamp: str) -> None:
        seen = self._seen.setdefault(name, _Seen())
        stays, seen.last = stamp == seen.last, stamp
        if seen.cancelled:
            seen.cancelled, seen.given_up = False, stamp
        if not stays or stamp in (self._served(name), seen.given_up):
            return
        if time.monotonic() < seen.due or self._loop.stopping:
            return
        try:
            seen.run = self._start(name)
        except BusyError:
            return  # by the next look it may be over
        except SyncError as error:
            logger.warning("a sync of new files could not begin: %s", error.code)

    def _served(self, name: str) -> str | None:
        """What the source looked like when a sync began that has read it."""
        with self._world.database.reading() as tx:
            return settings.watched(tx).get(name)

    def _listen(self, event: Event) -> None:
        if not isinstance(event, RunEnded):
            return
        seen = self._seen.setdefault(event.connector, _Seen())
        if event.state == journal.CANCELLED:
            seen.cancelled = True
        elif seen.run != event.run:
            return
        elif event.state not in (journal.FAILED, journal.INTERRUPTED):
            self._pause(seen)
        elif event.may_pass:
            seen.due = time.monotonic() + self._again[min(seen.tried, len(self._again) - 1)]
            seen.tried += 1
        else:
            seen.given_up = seen.last

    def _pause(self, seen: _Seen) -> None:
        """After a sync: what is new all the time, whoever writes it, begins none all the time."""
        now, most = time.monotonic(), len(self._pauses) - 1
        calm = now - seen.ended > 2 * self._pauses[most]
        pause = 0 if calm else min(seen.pause + 1, most)
        if pause == most > seen.pause:
            told = {"minutes": round(self._pauses[most] / 60)}
            with self._world.database.writing() as tx:
                at = self._world.now
                journal.log(tx, seen.run, at, "warning", "files_keep_changing", told)
        seen.tried, seen.pause = 0, pause
        seen.ended, seen.due = now, now + self._pauses[pause]
