"""Hints that something changed at a SIS, made into as few syncs as serve them.

The first hint is followed at once. Those that come soon after one another wait until there is
quiet, but never longer than a minute; those that come while the connector is being synced are
followed right after that sync. Any sync that begins later than a hint has served it, whoever began
it.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.engine.events import Event, RunEnded, RunStarted
from app.engine.loop import Loop
from app.errors import BusyError, SyncError

logger = logging.getLogger(__name__)

QUIET = 2.0
"""Seconds without a hint that end a burst."""

LONGEST = 60.0
"""Seconds that a hint waits at most for the burst to end."""


@dataclass
class _Waiting:
    """Hints that no sync has served yet: when the first came, and when they are followed."""

    since: float
    due: float


class Hints:
    """Begins syncs for the hints of all connectors, on the engine thread."""

    def __init__(
        self,
        loop: Loop,
        start: Callable[[str], object],
        *,
        quiet: float = QUIET,
        longest: float = LONGEST,
    ) -> None:
        """``start`` begins a sync of a connector, or raises ``BusyError``."""
        self._loop = loop
        self._start = start
        self._quiet = quiet
        self._longest = longest
        self._heard: dict[str, float] = {}
        self._waiting: dict[str, _Waiting] = {}
        loop.listen(self._listen)

    def hint(self, name: str) -> None:
        """Something changed at the connector's SIS."""
        now = time.monotonic()
        burst = now - self._heard.get(name, float("-inf")) < self._quiet
        self._heard[name] = now
        if waiting := self._waiting.get(name):
            waiting.due = min(now + self._quiet, waiting.since + self._longest)
            return
        self._waiting[name] = _Waiting(now, now + self._quiet if burst else now)
        self._look(name)

    def _look(self, name: str) -> None:
        """Follows what waits for the connector if it is due, or looks again when it is."""
        waiting = self._waiting.get(name)
        if waiting is None or self._loop.stopping:
            return
        left = waiting.due - time.monotonic()
        if left > 0:
            self._loop.later(left, lambda: self._look(name))
            return
        del self._waiting[name]
        try:
            self._start(name)
        except BusyError:
            # The end of a sync of this process is heard; that of another's can only be tried.
            self._waiting[name] = waiting
            self._loop.later(self._quiet, lambda: self._look(name))
        except SyncError as error:
            # What was accepted is remembered, and followed by whatever sync comes next.
            logger.warning("a sync could not begin for a webhook: %s", error.code)

    def _listen(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._waiting.pop(event.connector, None)
        elif isinstance(event, RunEnded):
            self._look(event.connector)
