"""Commands that ask the vault: at once, or beside the loop, since a keyring may ask a person first.

Such a command is a generator: it *yields* what it asks of the vault, as calls, and is *sent* the
answers. So the same command serves a caller who waits and a window that goes on meanwhile.
"""

import logging
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from app.engine.fetching import Ticket
from app.engine.loop import Loop, Steps
from app.errors import Cancelled, SyncError

logger = logging.getLogger(__name__)

CANCEL_SECONDS = 0.2
"""How often it is looked whether a person has cancelled."""

T = TypeVar("T")
Asking: TypeAlias = Generator[Callable[[], Any], Any, T]


@dataclass(frozen=True)
class Reply:
    """Whom a command answers that does not wait.

    ``done`` gets what the command returns, or its ``SyncError``, on the engine thread.
    """

    done: Callable[[Any], None]
    cancel: threading.Event = field(default_factory=threading.Event)


def at_once(asking: Asking[T]) -> T:
    """What the command returns; the caller waits for the vault."""
    try:
        call = next(asking)
        while True:
            try:
                answer = call()
            except SyncError as error:
                call = asking.throw(error)
            else:
                call = asking.send(answer)
    except StopIteration as end:
        found: T = end.value
        return found


def apart(
    asking: Asking[T], loop: Loop, cancel: threading.Event
) -> Generator[Ticket | None, Any, T]:
    """What the command returns; each call is made on a thread of its own.

    Raises ``Cancelled`` soon after ``cancel`` is set, and leaves the thread to itself.
    """
    try:
        call = next(asking)
        while True:
            try:
                answer = yield _under_way(call, loop, cancel)
            except SyncError as error:
                call = asking.throw(error)
            else:
                call = asking.send(answer)
    except StopIteration as end:
        found: T = end.value
        return found


def replying(steps: Generator[Ticket | None, Any, Any], reply: Reply) -> Steps:
    """Carries the steps out, and hands over how they ended."""
    try:
        found = yield from steps
    except SyncError as error:
        found = error
    except Exception as error:
        logger.exception("a command ended by an unexpected error")
        found = SyncError("unexpected", type(error).__name__)
    reply.done(found)


def _under_way(call: Callable[[], Any], loop: Loop, cancel: threading.Event) -> Ticket:
    ticket = Ticket()

    def work() -> None:
        try:
            answer, error = call(), None
        except SyncError as refused:
            answer, error = None, refused
        except Exception as failed:  # noqa: BLE001  told by its type alone: it may hold a secret
            answer, error = None, SyncError("unexpected", type(failed).__name__)
        loop.post(lambda: ticket.settle(answer, error))

    def look() -> None:
        if cancel.is_set():
            ticket.settle(None, Cancelled("cancelled"))
        elif not ticket.done:
            loop.later(CANCEL_SECONDS, look)

    threading.Thread(target=work, name="vault", daemon=True).start()
    look()
    return ticket
