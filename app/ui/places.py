"""Where in the window a click may lead: places, which are values, so that one can go back to them.

A room says with ``go`` that it leads to a place; the window finds the room that shows it.
"""

from dataclasses import dataclass
from typing import TypeAlias

from app.engine.inbox import Harm


@dataclass(frozen=True)
class ToToday:
    """How the day is."""


@dataclass(frozen=True)
class ToInbox:
    """All that waits for a person."""


@dataclass(frozen=True)
class ToWaiting:
    """What waits for approval, of one connector or of all; narrowed to one line of the inbox."""

    connector: str | None = None
    harm: Harm | None = None
    entity: str | None = None


@dataclass(frozen=True)
class ToNewcomers:
    """Newcomers of a connector who may be people we have."""

    connector: str
    entity: str


@dataclass(frozen=True)
class ToUnsent:
    """What could not be sent, of one connector or of all; with ``waiting`` what is to be sent."""

    connector: str | None = None
    waiting: bool = False


@dataclass(frozen=True)
class ToUnreadable:
    """Rows of a connector's SIS that could not be understood, of one record type or of all."""

    connector: str
    entity: str | None = None


@dataclass(frozen=True)
class ToDifferences:
    """The merge screen, on these differences (ids); on all that are open, where there are none."""

    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class ToChangeSet:
    """One sync or other change set of the history; with ``log`` what it noted down."""

    id: int
    log: bool = False


@dataclass(frozen=True)
class ToSyncs:
    """The history, narrowed to these change sets (ids); whole, where there are none."""

    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class ToRecord:
    """The page of one record."""

    entity: str
    id: int


@dataclass(frozen=True)
class ToFound:
    """What a search finds; with ``school`` (a record id) of one school.

    With ``without`` (a role) of the classes those alone in which nobody has it.
    """

    text: str = ""
    entity: str | None = None
    school: int | None = None
    without: str | None = None


@dataclass(frozen=True)
class ToSettings:
    """A page of the settings, by its name; of one connector where it is of connectors."""

    page: str = ""
    connector: str | None = None


Place: TypeAlias = (
    ToToday
    | ToInbox
    | ToWaiting
    | ToNewcomers
    | ToUnsent
    | ToUnreadable
    | ToDifferences
    | ToChangeSet
    | ToSyncs
    | ToRecord
    | ToFound
    | ToSettings
)
