"""Hints that something changed at a SIS, made into as few syncs as serve them.

The first hint is followed at once. Those that come soon after one another wait until there is
quiet, but never longer than a minute; those that come while the connector is being synced are
followed right after that sync. Any sync that begins later than a hint has served it, whoever began
it, unless it fails for a reason that may pass: then it is tried again, and so is one that cannot
begin.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.engine.events import Event, RunEnded, RunStarted
from app.engine.loop import Loop
from app.errors import BusyError, ConfigError, SyncError, UsageError

logger = logging.getLogger(__name__)

QUIET = 2.0
"""Seconds without a hint that end a burst."""

LONGEST = 60.0
"""Seconds that a hint waits at most for the burst to end."""

AGAIN = (5.0, 30.0, 60.0, 300.0)
"""Seconds after which a sync that failed, or could not begin, is tried again; the last for ever."""


@dataclass
class _Waiting:
    """Hints that no sync has served yet: when the first came, and when they are followed."""

    since: float
    due: float
    tried: int = 0
    """How often a sync of it has failed."""


class Hints:
    """Begins syncs for the hints of all connectors, on the engine thread."""

    def __init__(
        self,
        loop: Loop,
        start: Callable[[str], object],
        *,
        quiet: float = QUIET,
        longest: float = LONGEST,
        again: Sequence[float] = AGAIN,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``start`` begins a sync of a connector, or raises ``SyncError``.

        ``monotonic`` is the loop's.
        """
        self._loop = loop
        self._start = start
        self._quiet = quiet
        self._longest = longest
        self._again = again
        self._monotonic = monotonic
        self._heard: dict[str, float] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._serving: dict[str, _Waiting] = {}
        """What the sync under way was begun for, or serves besides."""
        loop.listen(self._listen)

    def hint(self, name: str) -> None:
        """Something changed at the connector's SIS."""
        now = self._monotonic()
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
        left = waiting.due - self._monotonic()
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
        except (UsageError, ConfigError) as error:
            # The connector is gone: nobody waits for it any more.
            logger.info("a sync could not begin for a webhook: %s", error.code)
        except SyncError as error:
            logger.warning("a sync could not begin for a webhook: %s", error.code)
            self._try_again(name, waiting)
        else:
            self._serving[name] = waiting

    def _try_again(self, name: str, waiting: _Waiting) -> None:
        pause = self._again[min(waiting.tried, len(self._again) - 1)]
        now = self._monotonic()
        self._waiting[name] = _Waiting(now, now + pause, waiting.tried + 1)
        self._look(name)

    def _listen(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            if waiting := self._waiting.pop(event.connector, None):
                self._serving[event.connector] = waiting
        elif isinstance(event, RunEnded):
            served = self._serving.pop(event.connector, None)
            if served is not None and event.may_pass and event.connector not in self._waiting:
                self._try_again(event.connector, served)
            self._look(event.connector)
