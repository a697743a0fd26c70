"""What is wrong in the files that a connector reads, told and saved (``contract.Examined``).

The worst comes first: what made a file unreadable stands before all that followed from it. Values
of the files are shown to whoever asks, and kept nowhere but in the table they save.
"""

import csv
import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from app.connectors.contract import (
    Examination,
    Examined,
    Harm,
    Problem,
    Request,
    Response,
    by_rule,
)
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
    N_("How bad"), N_("File"), N_("Line"), N_("Column"), N_("Value"), N_("What is wrong"),
    N_("What was done"),
)  # fmt: skip


_HARMS = {
    Harm.SERIOUS: N_("serious"),
    Harm.LOST: N_("something lost"),
    Harm.NOTE: N_("note"),
}


@dataclass(frozen=True)
class Problems:
    """What is wrong in the files of a connector."""

    count: int
    rules: dict[str, int]
    """How often each rule is broken, the worst first, then the most frequent."""
    first: tuple[Problem, ...]
    """The worst of them (``SHOWN``)."""


def in_words(one: Problem) -> tuple[str, ...]:
    """A problem as people read it, under ``HEADINGS``."""
    line = str(one.line) if one.line else ""
    told = sentence(one.rule), sentence(one.done)
    return _(_HARMS[one.harm]), one.file, line, one.column, one.value, *told


def examined(
    world: World, loop: Loop, opening: Asking[Opened], cancel: threading.Event, out: Path | None
) -> Generator[Ticket | None, Any, Problems]:
    """Has the connector examine its files, and saves all that it tells as CSV at ``out``.

    The worst comes first; what is as bad, in the order of the files.

    Raises ``UsageError`` for a connector without files, and what opening, reading and saving raise.
    """
    this = yield from apart(opening, loop, cancel)
    if not isinstance(this.connector, Examined):
        raise UsageError("connector_without_files")
    rules: Counter[tuple[Harm, str]] = Counter()
    first: dict[Harm, list[Problem]] = {harm: [] for harm in Harm}
    fetching = fetcher(world, loop, cancel, "examine")
    try:
        with _saving(out) as save:

            def take(one: Problem) -> None:
                rules[one.harm, one.rule] += 1
                if len(first[one.harm]) < SHOWN:
                    first[one.harm].append(one)
                save(one)

            yield from _driven(this.connector.examine(), fetching, take)
    finally:
        fetching.close()
    worst = [one for harm in Harm for one in first[harm]]
    return Problems(rules.total(), by_rule(rules), tuple(worst[:SHOWN]))


@contextmanager
def _saving(out: Path | None) -> Generator[Callable[[Problem], object], None, None]:
    """What saves a problem. Those of less harm wait in files without a name, which end with it."""
    if out is None:
        yield lambda one: None
        return
    with table(out, [_(one) for one in HEADINGS]) as save, ExitStack() as open_files:
        waiting = {
            harm: open_files.enter_context(TemporaryFile("w+", encoding="utf-8", newline=""))
            for harm in (Harm.LOST, Harm.NOTE)
        }

        def take(one: Problem) -> None:
            if file := waiting.get(one.harm):
                csv.writer(file).writerow(in_words(one))
            else:
                save(in_words(one))

        yield take
        for file in waiting.values():
            file.seek(0)
            for row in csv.reader(file):
                save(row)


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
