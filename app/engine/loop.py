"""The one engine thread of a process: commands, answers and runs, a step at a time (DESIGN §6).

A run is a generator; each step is one transaction or one wait. Between steps the loop serves what
others posted, so a click never waits for a sync. ``run`` is called by the thread that owns the
engine: the window's engine thread, or the main thread of the command line.
"""

import contextlib
import heapq
import itertools
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Generator
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias

from app.engine.events import Event, Listener, Progress
from app.engine.fetching import Ticket

logger = logging.getLogger(__name__)

Steps: TypeAlias = Generator[Ticket | None, Any, None]
"""Yields a ticket to wait for its answer, or ``None`` after a step of its own."""

WAKE_SECONDS = 0.5
"""The longest wait at a stretch: a signal that comes just as it begins is seen when it ends."""

QUIET_SECONDS = 0.1
"""At most ten progress events a second leave the loop, the first and the last kept."""


class Timer:
    """A call that is to be made later."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        """The call is not made any more."""
        self.cancelled = True


class Loop:
    """Runs generators and serves calls, on the thread that calls ``run``."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._calls: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._ready: deque[tuple[Steps, Ticket | None]] = deque()
        self._tasks = 0
        self._stopping = False
        self._timers: list[tuple[float, int, Timer]] = []
        self._numbers = itertools.count()
        self._listeners: list[Listener] = []
        self._monotonic = monotonic
        self._told_at = float("-inf")
        self._untold: Progress | None = None

    # -- from any thread --

    def post(self, call: Callable[[], object]) -> None:
        """Has ``call`` made on the engine thread, between two steps. Safe in a signal handler."""
        self._calls.put(call)

    def stop(self) -> None:
        """Ends ``run`` as soon as the runs under way are over."""
        self.post(self._stop)

    # -- on the engine thread --

    def listen(self, listener: Listener) -> None:
        """Tells ``listener`` every event, on the engine thread."""
        self._listeners.append(listener)

    def tell(self, event: Event) -> None:
        """Tells the listeners; progress is thinned out."""
        if isinstance(event, Progress):
            now = self._monotonic()
            if now - self._told_at < QUIET_SECONDS:
                self._untold = event
                return
            self._told_at = now
            self._untold = None
        elif self._untold is not None:
            last, self._untold = self._untold, None
            self._send(last)
        self._send(event)

    def later(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Has ``call`` made in so many seconds, unless it is cancelled or ``run`` ends before."""
        timer = Timer(call)
        heapq.heappush(self._timers, (self._monotonic() + seconds, next(self._numbers), timer))
        return timer

    @property
    def stopping(self) -> bool:
        """True once it was asked to stop: what is under way ends, and nothing should begin."""
        return self._stopping

    def start(self, steps: Steps) -> None:
        """Begins to run ``steps``."""
        self._tasks += 1
        self._ready.append((steps, None))

    def run(self, until: Callable[[], bool] | None = None) -> None:
        """Works until ``stop``, or until ``until()`` holds after a step."""
        while not self._over:
            if until is not None and until():
                return
            self._serve(block=not self._ready)
            if self._ready:
                self._step(*self._ready.popleft())

    def _serve(self, *, block: bool) -> None:
        if block:
            with contextlib.suppress(Empty):  # nothing came before a timer is due
                self._make(self._calls.get(timeout=min(WAKE_SECONDS, self._until_next_timer())))
        while not self._over and self._until_next_timer() == 0:
            timer = heapq.heappop(self._timers)[2]
            if not timer.cancelled:
                self._make(timer.call)
        while True:
            try:
                call = self._calls.get_nowait()
            except Empty:
                return
            self._make(call)

    @property
    def _over(self) -> bool:
        return self._stopping and self._tasks == 0

    def _until_next_timer(self) -> float:
        if not self._timers:
            return math.inf
        return max(0.0, self._timers[0][0] - self._monotonic())

    def _make(self, call: Callable[[], object]) -> None:
        """Makes a posted call. Whoever posts handles what it may raise; the loop outlives it."""
        try:
            call()
        except Exception:
            logger.exception("a call on the engine thread failed")

    def _step(self, steps: Steps, answered: Ticket | None) -> None:
        try:
            if answered is None:
                wanted = next(steps)
            elif answered.error is not None:
                wanted = steps.throw(answered.error)
            else:
                wanted = steps.send(answered.response)
        except StopIteration:
            self._tasks -= 1
            return
        except Exception:
            logger.exception("a task of the engine thread failed")
            self._tasks -= 1
            return
        if wanted is None:
            self._ready.append((steps, None))
        elif wanted.done:
            self._ready.append((steps, wanted))
        else:
            wanted.waiter = lambda: self._ready.append((steps, wanted))

    def _stop(self) -> None:
        self._stopping = True

    def _send(self, event: Event) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # who listens must not keep what is told of from going on
                logger.exception("a listener of the engine failed")
