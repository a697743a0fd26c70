"""Runs syncs to their end on this thread: progress on a terminal, and a clean stop on Ctrl-C."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

from app.cli.telling import CANCELLED
from app.compose import Program
from app.engine.apart import Reply
from app.engine.events import Event, Progress, RunEnded
from app.errors import BusyError, StoreError, SyncError
from app.roster.entities import ENTITIES
from app.text import _

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

_SHOW_CURSOR = b"\x1b[?25h"


class Runner:
    """Runs syncs of one opened program; make one a program."""

    def __init__(self, program: Program, *, quiet: bool) -> None:
        self._program = program
        self._bar: _Bar | None = None
        self._unwritten: StoreError | None = None
        self._drawn = not quiet and sys.stderr.isatty()
        program.loop.listen(self._heard)

    def run(
        self, names: Sequence[str], *, full: bool = False, preview: bool = False
    ) -> dict[str, int | BusyError]:
        """Syncs the connectors side by side, or previews that; as ``carry_out``."""
        start = self._program.engine.start
        return self.carry_out(
            {name: partial(start, name, full=full, preview=preview) for name in names}
        )

    def carry_out(self, starts: Mapping[str, Callable[[], int]]) -> dict[str, int | BusyError]:
        """Starts runs by the names of their connectors; their ids, or who is busy with them.

        Ctrl-C (and SIGTERM) asks all of them to stop, which they do within a second; what they
        did stays. A second one ends the process at once; the database is whole then, too, since
        an open transaction is rolled back. Raises ``StoreError`` where not even the end of a sync
        could be written.
        """
        engine, loop = self._program.engine, self._program.loop
        started: dict[str, int | BusyError] = {}

        def cancel() -> None:
            for run in started.values():
                if isinstance(run, int):
                    engine.cancel(run)

        with stopping(lambda: loop.post(cancel)):
            for name, start in starts.items():
                try:
                    started[name] = start()
                except BusyError as error:
                    started[name] = error
            with _Bar.shown(self._drawn) as self._bar:
                loop.run(until=lambda: not engine.busy)
        self._bar = None
        if self._unwritten is not None:
            raise self._unwritten
        return started

    def _heard(self, event: Event) -> None:
        if isinstance(event, RunEnded) and event.unwritten is not None:
            self._unwritten = event.unwritten
        if self._bar is not None and isinstance(event, Progress):
            self._bar.move(event)


def replied(program: Program, ask: Callable[[Reply], object]) -> Any:
    """What a command of the engine replies; Ctrl-C cancels it. Raises what it replies with."""
    ended: list[Any] = []
    reply = Reply(ended.append)
    with stopping(reply.cancel.set):
        ask(reply)
        program.loop.run(until=lambda: bool(ended))
    if isinstance(ended[0], SyncError):
        raise ended[0]
    return ended[0]


@contextmanager
def stopping(ask: Callable[[], None]) -> Iterator[None]:
    """The first SIGINT or SIGTERM asks, the second ends the process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            if sys.stderr.isatty():
                os.write(2, _SHOW_CURSOR)
            os._exit(CANCELLED)
        asked = True
        ask()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Bar:
    """A line for each connector under way: what is read, how much, how fast, how long still."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._lines: dict[tuple[str, bool], tuple[TaskID, float, int]] = {}

    @classmethod
    @contextmanager
    def shown(cls, drawn: bool) -> Iterator["_Bar | None"]:
        """Draws on standard error while the block runs; ``None`` where nothing is to be drawn."""
        if not drawn:
            yield None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        # Drawn when an event comes and at no other time, so no thread is needed for it.
        with Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[told]}", markup=False),
            console=Console(stderr=True),
            auto_refresh=False,
            transient=True,
        ) as bars:
            yield cls(bars)

    def move(self, event: Progress) -> None:
        """Shows how far the run of the event is."""
        now = time.monotonic()
        line = (event.connector, event.sending)
        if line not in self._lines:
            # What is sent takes the place of what was read.
            if (read := self._lines.get((event.connector, False))) is not None:
                self._bars.remove_task(read[0])
            task = self._bars.add_task(event.connector, total=None, told="")
            self._lines[line] = (task, now, event.done)
        task, since, before = self._lines[line]
        rate = (event.done - before) / (now - since) if now > since else None
        self._bars.update(
            task,
            description=f"{event.connector}: {_(ENTITIES[event.entity].many)}",
            completed=event.done,
            total=event.expected,
            told=progress_text(event, rate),
        )
        self._bars.refresh()


def progress_text(event: Progress, rate: float | None) -> str:
    """How far a run is: count, records a second and time left, as far as they can be told."""
    if event.sending:
        parts = [_("{done} of {all} sent").format(done=event.done, all=event.expected)]
    elif event.expected is None:
        parts = [_("{done} read").format(done=f"{event.done:,}")]
    else:
        parts = [_("{done} of {all}").format(done=f"{event.done:,}", all=f"{event.expected:,}")]
    if rate:
        parts.append(_("{rate} a second").format(rate=f"{rate:,.0f}"))
    if event.seconds_left is not None and event.expected is not None:
        minutes, seconds = divmod(round(event.seconds_left), 60)
        parts.append(_("{minutes}:{seconds} left").format(minutes=minutes, seconds=f"{seconds:02}"))
    return " · ".join(parts)
