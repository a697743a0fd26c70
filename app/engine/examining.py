"""What is wrong in the files that a connector reads, told and saved (``contract.Examined``).

Values of the files are shown to whoever asks, and kept nowhere but in the table they save.
"""

import threading
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.connectors.contract import Examination, Examined, Problem, Request, Response
from app.engine.apart import Asking, apart
from app.engine.fetching import Fetcher, Ticket
from app.engine.loop import Loop
from app.engine.opening import Opened, fetcher
from app.engine.saving import table
from app.engine.world import World
from app.errors import SyncError, UsageError
from app.text import N_, _, sentence

SHOWN = 200
"""So many problems are told one by one; the saved table has all."""

HEADINGS = (
    N_("File"), N_("Line"), N_("Column"), N_("Value"), N_("What is wrong"), N_("What was done"),
)  # fmt: skip


@dataclass(frozen=True)
class Problems:
    """What is wrong in the files of a connector."""

    count: int
    rules: dict[str, int]
    """How often each rule is broken, the most frequent first."""
    first: tuple[Problem, ...]
    """The first of them (``SHOWN``)."""


def in_words(one: Problem) -> tuple[str, ...]:
    """A problem as people read it, under ``HEADINGS``."""
    line = str(one.line) if one.line else ""
    return one.file, line, one.column, one.value, sentence(one.rule), sentence(one.done)


def examined(
    world: World, loop: Loop, opening: Asking[Opened], cancel: threading.Event, out: Path | None
) -> Generator[Ticket | None, Any, Problems]:
    """Has the connector examine its files, and saves all that it tells as CSV at ``out``.

    Raises ``UsageError`` for a connector without files, and what opening, reading and saving raise.
    """
    this = yield from apart(opening, loop, cancel)
    if not isinstance(this.connector, Examined):
        raise UsageError("connector_without_files")
    rules: Counter[str] = Counter()
    first: list[Problem] = []
    fetching = fetcher(world, loop, cancel, "examine")
    try:
        with _saving(out) as save:

            def take(one: Problem) -> None:
                rules[one.rule] += 1
                if len(first) < SHOWN:
                    first.append(one)
                save(in_words(one))

            yield from _driven(this.connector.examine(), fetching, take)
    finally:
        fetching.close()
    return Problems(rules.total(), dict(rules.most_common()), tuple(first))


@contextmanager
def _saving(out: Path | None) -> Generator[Callable[[Sequence[str]], object], None, None]:
    if out is None:
        yield lambda row: None
        return
    with table(out, [_(one) for one in HEADINGS]) as save:
        yield save


def _driven(
    examination: Examination, fetching: Fetcher, take: Callable[[Problem], None]
) -> Generator[Ticket | None, Any, None]:
    with closing(examination):
        answer: Response | None = None
        error: SyncError | None = None
        while True:
            try:
                told = examination.throw(error) if error else examination.send(answer)
            except StopIteration:
                return
            answer = error = None
            if isinstance(told, Request):
                try:
                    answer = yield fetching.submit(told)
                except SyncError as failed:
                    error = failed
            else:
                take(told)
