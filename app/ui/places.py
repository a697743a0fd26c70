"""Where in the window a click may lead: places, which are values, so that one can go back to them.

A room says with ``go`` that it leads to a place; the window finds the room that shows it.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class ToToday:
    """How the day is."""


@dataclass(frozen=True)
class ToInbox:
    """All that waits for a person."""


@dataclass(frozen=True)
class ToWaiting:
    """What waits for approval, of one connector or of all."""

    connector: str | None = None


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
    """What a search finds; with ``school`` (a record id) of one school."""

    text: str = ""
    entity: str | None = None
    school: int | None = None


@dataclass(frozen=True)
class ToSettings:
    """A page of the settings, by its name; of one connector where it is of connectors."""

    page: str = ""
    connector: str | None = None


Place: TypeAlias = (
    ToToday
    | ToInbox
    | ToWaiting
    | ToDifferences
    | ToChangeSet
    | ToSyncs
    | ToRecord
    | ToFound
    | ToSettings
)
