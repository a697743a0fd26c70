"""The only meeting of Qt and the engine: one thread that is both a ``QThread`` and the engine's.

Commands go in by ``Loop.post``, events and answers come out as signals. The window's thread holds
nothing of the engine (DESIGN §6); the database goes from here straight to the reader.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from PySide6.QtCore import QObject, QThread, Signal

from app import compose
from app.engine.apart import Reply
from app.engine.engine import Engine
from app.engine.events import Event, RunEnded, RunStarted
from app.engine.loop import Loop
from app.errors import SyncError
from app.server.receiver import Receiver
from app.ui.practice import lessons
from app.vault import Vault

logger = logging.getLogger(__name__)

Then: TypeAlias = Callable[[Any], None]
StartSis: TypeAlias = Callable[[Path], compose.PracticeSis]


class Bridge(QThread):
    """Opens the program, runs its loop, closes it; ``finished`` comes when all of it is over."""

    opened = Signal(object)
    """The database, for the reader."""
    told = Signal(object)
    """An event of the engine."""
    refused = Signal(object)
    """The exception that a command ended with."""
    broke = Signal(object)
    """The exception that ended the thread, or kept it from opening."""
    received = Signal(object)
    """How it stands with webhooks, a ``Reception``, where that has changed."""
    _answered = Signal(int, object)

    def __init__(
        self,
        options: compose.Options,
        secrets: Vault | None = None,
        start_sis: StartSis = compose.PracticeSis,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._options = options
        self._secrets = secrets
        self._start_sis = start_sis
        self._loop: Loop | None = None
        self._engine: Engine | None = None
        self._receiver: Receiver | None = None
        self._sis: compose.PracticeSis | None = None
        self._commands: dict[str, Callable[..., Any]] = {}
        self._runs: set[int] = set()
        self._stopping = False
        self._number = 0
        self._then: dict[int, Then] = {}
        self._requests: list[threading.Event] = []
        self._answered.connect(self._hand_over)

    # -- on the window's thread --

    def command(self, name: str, *args: Any, then: Then | None = None, **named: Any) -> None:
        """Has the engine do ``name``; ``then`` gets its result, ``refused`` its error."""
        if self._loop is None:
            return
        self._number += 1
        number = self._number
        if then is not None:
            self._then[number] = then
        self._loop.post(lambda: self._do(number, name, args, named))

    def request(self, name: str, *args: Any, then: Then, **named: Any) -> threading.Event:
        """Has the engine do ``name``, which takes its time; to be cancelled by what is returned.

        ``then`` gets the result, or the ``SyncError`` that it ended with.
        """
        self._number += 1
        number, cancel = self._number, threading.Event()
        reply = Reply(lambda found: self._answered.emit(number, found), cancel)
        if self._loop is not None and not self._stopping:
            self._then[number] = then
            self._requests.append(cancel)
            self._loop.post(lambda: self._ask(name, args, named, reply))
        return cancel

    def stop(self) -> None:
        """Cancels what is under way and ends the thread; ``wait`` or ``finished`` says when."""
        self._stopping = True
        for cancel in self._requests:
            cancel.set()
        if self._sis is not None:
            self._sis.leave()
        if self._loop is not None:
            self._loop.post(self._end)

    def _hand_over(self, number: int, result: object) -> None:
        then = self._then.pop(number, None)
        if then is not None:
            then(result)

    # -- on the engine thread --

    def run(self) -> None:
        """The engine thread, from opening to closing."""
        try:
            with ExitStack() as stack:
                secrets, settings, sis = self._secrets, None, None
                if self._options.practice:
                    sis = stack.enter_context(closing(self._start_sis(self._options.folder)))
                    self._sis = sis
                    secrets, settings = sis.vault, sis.settings
                    self._commands |= {
                        "school_day": sis.school_day,
                        "faults": sis.faults,
                        "set_fault": sis.set_fault,
                        "clear_faults": sis.clear_faults,
                    }
                program = stack.enter_context(compose.program(self._options, secrets))
                if settings is not None:
                    program.engine.save_connector(compose.PRACTICE, "oneroster", settings)
                    # The secret was in memory, and the SIS that knew it is gone.
                    program.engine.set_webhooks(compose.PRACTICE, False)
                program.loop.listen(self._listen)
                self._engine, self._loop = program.engine, program.loop
                if self._stopping:
                    return
                self.opened.emit(program.database)
                receiver = self._receiver = stack.enter_context(
                    compose.receiving(
                        program, port=None if sis is None else 0, told=self.received.emit
                    )
                )
                if sis is not None:
                    tell = partial(compose.tell_at_once, program, receiver, sis)
                    self._commands["tell_at_once"] = tell
                    self._commands["give_lesson"] = partial(lessons.give, program, sis)
                program.loop.post(program.engine.keep_schedule)
                program.loop.run()
        except Exception as error:
            if not isinstance(error, SyncError):
                logger.exception("the engine thread ended by an error")
            self.broke.emit(error)
        finally:
            self._loop = self._engine = self._receiver = self._sis = None

    def _do(self, number: int, name: str, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        command = self._commands.get(name) or getattr(self._engine, name)
        try:
            self._answered.emit(number, command(*args, **named))
        except Exception as error:  # noqa: BLE001  handed to the window, which shows it
            self.refused.emit(error)

    def _ask(self, name: str, args: tuple[Any, ...], named: dict[str, Any], reply: Reply) -> None:
        try:
            getattr(self._engine, name)(*args, reply=reply, **named)
        except SyncError as error:  # refused before it began
            reply.done(error)
        except Exception as error:  # noqa: BLE001  handed to the window, which shows it
            self.refused.emit(error)

    def _listen(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._runs.add(event.run)
            if self._stopping and self._engine is not None:
                self._engine.cancel(event.run)
        elif isinstance(event, RunEnded):
            self._runs.discard(event.run)
        self.told.emit(event)

    def _end(self) -> None:
        if self._engine is None or self._loop is None:
            return
        if self._receiver is not None:
            self._receiver.close()
        for run in self._runs:
            self._engine.cancel(run)
        self._loop.stop()
