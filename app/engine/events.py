"""What the engine tells its front ends: one union of frozen structs, over one channel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from app.errors import StoreError


@dataclass(frozen=True)
class RunStarted:
    """A run began its work."""

    run: int
    connector: str


@dataclass(frozen=True)
class Progress:
    """How far a run is. ``expected`` rows in all and ``seconds_left`` where they can be told.

    With ``sending`` it counts changes that go out to the SIS instead.
    """

    run: int
    connector: str
    entity: str
    done: int
    expected: int | None
    seconds_left: float | None
    sending: bool = False


@dataclass(frozen=True)
class RunEnded:
    """A run is over, in one of the end states."""

    run: int
    connector: str
    state: str
    may_pass: bool = False
    """It failed for a reason that may pass by itself."""
    unwritten: StoreError | None = None
    """Why not even the end could be written to the database, where it could not."""


@dataclass(frozen=True)
class Changed:
    """Facts of these topics changed (``connectors``, ``runs``, ``records``, ``conflicts``, …)."""

    topics: frozenset[str]


@dataclass(frozen=True)
class Delivered:
    """Webhooks say that something changed at the connector's SIS, so many."""

    connector: str
    count: int


@dataclass(frozen=True)
class Undoing:
    """How far an undo is: ``done`` of the ``expected`` records of the change set ``of``."""

    undo: int
    of: int
    done: int
    expected: int


Event: TypeAlias = RunStarted | Progress | RunEnded | Changed | Delivered | Undoing
Listener: TypeAlias = Callable[[Event], None]
