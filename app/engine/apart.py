"""Commands that ask the vault: at once, or beside the loop, since a keyring may ask a person first.

Such a command is a generator: it *yields* what it asks of the vault, as calls, and is *sent* the
answers. So the same command serves a caller who waits and a window that goes on meanwhile.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias, TypeVar

from app.engine.fetching import Ticket
from app.engine.loop import Loop, Steps
from app.errors import Cancelled, SyncError

logger = logging.getLogger(__name__)

CANCEL_SECONDS = 0.2
"""How often it is looked whether a person has cancelled."""

T = TypeVar("T")


@dataclass(frozen=True)
class Change:
    """A call that changes what the vault keeps; it returns how to undo that, if it can be undone.

    It is undone when the command does not come to its end: when it raises, or is cancelled before
    the vault has answered.
    """

    make: Callable[[], Callable[[], object] | None]


Call: TypeAlias = Callable[[], Any] | Change
Asking: TypeAlias = Generator[Call, Any, T]

_ONE_AT_A_TIME = threading.Lock()
"""Held while the vault changes: what is undone late must not undo what a newer command kept."""


@dataclass(frozen=True)
class Reply:
    """Whom a command answers that does not wait.

    ``done`` gets what the command returns, or its ``SyncError``, on the engine thread.
    """

    done: Callable[[Any], None]
    cancel: threading.Event = field(default_factory=threading.Event)


class _Changes:
    """What a command has changed so far."""

    def __init__(self) -> None:
        self._undos: list[Callable[[], object]] = []
        self._given_up = threading.Event()

    def make(self, call: Call) -> Any:
        """The answer to a call; one that changes something has none."""
        if not isinstance(call, Change):
            return call()
        with _ONE_AT_A_TIME:
            if self._given_up.is_set():
                return None
            undo = call.make()
            if undo is not None:
                self._undos.append(undo)
            if self._given_up.is_set():
                self._undo()
        return None

    def give_up(self) -> bool:
        """From now on nothing is to change: whether something has, and ``undo`` has to be called.

        A change under way is undone where it is made.
        """
        self._given_up.set()
        return bool(self._undos)

    def undo(self) -> None:
        """Changes back what was changed, the newest first."""
        with _ONE_AT_A_TIME:
            self._undo()

    def _undo(self) -> None:
        while self._undos:
            try:
                self._undos.pop()()
            except SyncError as error:
                logger.warning("a secret could not be put back: %s", error.code)


def at_once(asking: Asking[T]) -> T:
    """What the command returns; the caller waits for the vault."""
    changes = _Changes()
    try:
        call = next(asking)
        while True:
            try:
                answer = changes.make(call)
            except SyncError as error:
                call = asking.throw(error)
            else:
                call = asking.send(answer)
    except StopIteration as end:
        found: T = end.value
        return found
    except BaseException:
        if changes.give_up():
            changes.undo()
        raise


def apart(
    asking: Asking[T], loop: Loop, cancel: threading.Event
) -> Generator[Ticket | None, Any, T]:
    """What the command returns; each call is made on a thread of its own.

    Raises ``Cancelled`` soon after ``cancel`` is set, and leaves the thread to itself.
    """
    changes = _Changes()
    try:
        call = next(asking)
        while True:
            try:
                answer = yield _under_way(partial(changes.make, call), loop, cancel)
            except SyncError as error:
                call = asking.throw(error)
            else:
                call = asking.send(answer)
    except StopIteration as end:
        found: T = end.value
        return found
    except Exception:
        if changes.give_up():
            with contextlib.suppress(Cancelled):
                yield _under_way(changes.undo, loop, cancel)
        raise


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


def drained(steps: Generator[None, None, T]) -> T:
    """What the steps return, made one right after the other; the caller waits."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: T = end.value
            return found


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
