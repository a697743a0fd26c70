"""Fetch threads: they carry a connector's requests and move bytes, nothing else (DESIGN §6).

Each thread has its own transport (an HTTP session). An answer is handed to the loop as a call on
the engine thread; a ticket stands for it meanwhile.
"""

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from queue import SimpleQueue
from typing import Any

from app.connectors.contract import Request, Response, Transport
from app.errors import Cancelled, SyncError, TransientError

SLICE = 0.2
"""Seconds between two looks at whether something larger is cancelled."""


class Ticket:
    """Stands for an answer that is under way. Touched on the engine thread alone."""

    def __init__(self) -> None:
        self.done = False
        self.response: Any = None
        self.error: SyncError | None = None
        self.waiter: Callable[[], None] | None = None

    def settle(self, response: Any, error: SyncError | None) -> None:
        """The answer is there: wakes whoever waits for it. The first answer counts."""
        if self.done:
            return
        self.done, self.response, self.error = True, response, error
        # Whoever waits knows the ticket: kept, the two would hold each other and the answer, too.
        waiter, self.waiter = self.waiter, None
        if waiter is not None:
            waiter()


def first_of(tickets: Iterable[Ticket]) -> Ticket:
    """A ticket whose answer is the first of ``tickets`` to be settled, as a ticket."""
    found = Ticket()
    for one in tickets:
        if one.done:
            found.settle(one, None)
        one.waiter = partial(found.settle, one, None)
    return found


class Within(threading.Event):
    """Set by itself, or by what it lies within: a part may end, and the whole go on."""

    def __init__(self, whole: threading.Event) -> None:
        super().__init__()
        self._whole = whole

    def is_set(self) -> bool:
        """Whether this or all of it is cancelled."""
        return super().is_set() or self._whole.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits in slices, since two may set it; whether it is set."""
        ends = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = SLICE if ends is None else min(SLICE, ends - time.monotonic())
            if left <= 0:
                break
            super().wait(left)
        return self.is_set()


class Fetcher:
    """The fetch threads of one run."""

    def __init__(
        self,
        open_transport: Callable[[], Transport],
        hand_over: Callable[[Callable[[], None]], None],
        cancel: threading.Event,
        *,
        name: str,
        clock: Callable[[], datetime],
        threads: int = 1,
    ) -> None:
        self._clock = clock
        self._open_transport = open_transport
        self._hand_over = hand_over
        self._cancel = cancel
        self.skew: float | None = None
        """By how many seconds the SIS's clock is ahead of ours, as its answers tell (B5)."""
        self._requests: SimpleQueue[tuple[Ticket, Request] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"fetch-{name}-{n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, request: Request) -> Ticket:
        """Sends the request as soon as a thread is free."""
        ticket = Ticket()
        self._requests.put((ticket, request))
        return ticket

    def close(self) -> None:
        """Ends the threads; a request under way is given up."""
        self._cancel.set()
        for _ in self._threads:
            self._requests.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        transport = self._open_transport()
        try:
            while (asked := self._requests.get()) is not None:
                ticket, request = asked
                response, error = self._send(transport, request)
                self._hand_over(lambda t=ticket, r=response, e=error: t.settle(r, e))  # type: ignore[misc]
        finally:
            transport.close()

    def _send(
        self, transport: Transport, request: Request
    ) -> tuple[Response | None, SyncError | None]:
        if self._cancel.is_set():
            return None, Cancelled("cancelled")
        try:
            response = transport.send(request, self._cancel)
        except SyncError as error:
            return None, error
        except Exception as error:  # noqa: BLE001  a fetch thread must hand every failure over
            return None, TransientError("request_failed", f"{type(error).__name__}: {error}")
        self._notice_clock(response)
        return response, None

    def _notice_clock(self, response: Response) -> None:
        try:
            there = parsedate_to_datetime(response.headers.get("date", ""))
            self.skew = (there - self._clock()).total_seconds()
        except (ValueError, TypeError):  # no date, or one without a zone
            pass
