"""Where in the window a click may lead: places, which are values, so that one can go back to them.

A room says with ``go`` that it leads to a place; each place says in which room it is
(``workplace.ROOMS``).
"""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from app.engine.inbox import Harm


@dataclass(frozen=True)
class ToToday:
    """How the day is."""

    room: ClassVar[str] = "today"


@dataclass(frozen=True)
class ToInbox:
    """All that waits for a person."""

    room: ClassVar[str] = "decide"


@dataclass(frozen=True)
class ToWaiting:
    """What waits for approval, of one connector or of all; narrowed to one line of the inbox."""

    room: ClassVar[str] = "decide"
    connector: str | None = None
    harm: Harm | None = None
    entity: str | None = None


@dataclass(frozen=True)
class ToNewcomers:
    """Newcomers of a connector who may be people we have."""

    room: ClassVar[str] = "decide"
    connector: str
    entity: str


@dataclass(frozen=True)
class ToUnsent:
    """What could not be sent, of one connector or of all; with ``waiting`` what is to be sent."""

    room: ClassVar[str] = "decide"
    connector: str | None = None
    waiting: bool = False


@dataclass(frozen=True)
class ToUnreadable:
    """Rows of a connector's SIS that could not be understood, of one record type or of all."""

    room: ClassVar[str] = "decide"
    connector: str
    entity: str | None = None


@dataclass(frozen=True)
class ToDifferences:
    """The merge screen, on these differences (ids); on all that are open, where there are none."""

    room: ClassVar[str] = "decide"
    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class ToChangeSet:
    """One sync or other change set of the history; with ``log`` what it noted down."""

    room: ClassVar[str] = "history"
    id: int
    log: bool = False


@dataclass(frozen=True)
class ToSyncs:
    """The history, narrowed to these change sets (ids); whole, where there are none."""

    room: ClassVar[str] = "history"
    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class ToRecord:
    """The page of one record."""

    room: ClassVar[str] = "people"
    entity: str
    id: int


@dataclass(frozen=True)
class ToFound:
    """What a search finds; with ``school`` (a record id) of one school.

    With ``without`` (a role) of the classes those alone in which nobody has it.
    """

    room: ClassVar[str] = "people"
    text: str = ""
    entity: str | None = None
    school: int | None = None
    without: str | None = None


@dataclass(frozen=True)
class ToSettings:
    """A page of the settings, by its name; of one connector where it is of connectors."""

    room: ClassVar[str] = "settings"
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
