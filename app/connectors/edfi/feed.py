"""What is read of one resource, before it is joined to records: the seam between paging and joins.

``paging`` yields batches; ``streams`` takes them, puts them on the shelf, and tells records.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from app.connectors.contract import Ahead, Doubt, Request, Response, State
from app.connectors.edfi.vocabulary import Resource


class Item(NamedTuple):
    """One document as it came. ``key`` is its natural key, ``id`` the one that the server made."""

    key: str
    id: str
    body: bytes
    """Its JSON, without ``id``, ``_etag``, ``_lastModifiedDate`` and ``link``."""
    modified: str | None = None
    """``_lastModifiedDate``, where it is told."""


class Deleted(NamedTuple):
    """An entry of ``/deletes``. ``key`` is blank where the service does not tell it (5.1-5.3)."""

    id: str
    key: str = ""


class KeyChange(NamedTuple):
    """An entry of ``/keyChanges``."""

    id: str
    old: str
    new: str


class Broken(NamedTuple):
    """A document that could not be understood; without ``key`` nobody knows what it is."""

    key: str | None
    body: bytes
    reason: str


@dataclass(frozen=True)
class Batch:
    """A part of what was asked of one resource, and where to go on after it.

    In a window the key changes come first, then what was changed, then what was deleted. What is
    read whole has items alone.
    """

    resource: Resource
    state: State
    """Where ``batches`` goes on; plain JSON."""
    last: bool
    """Of this resource."""
    items: Sequence[Item] = ()
    deleted: Sequence[Deleted] = ()
    rekeyed: Sequence[KeyChange] = ()
    broken: Sequence[Broken] = ()
    received: int = 0
    """Documents received, without those of an overlap."""
    total: int | None = None
    """What the service says it has, of a whole read."""
    restarts: bool = False
    """The resource is being read from its beginning again: what came of it before is void.

    Of a whole read alone: what came of a window holds, and may come once more.
    """
    doubts: Sequence[Doubt] = field(default_factory=tuple)
    notes: Sequence[Doubt] = field(default_factory=tuple)


class Window(NamedTuple):
    """Which changes are read: ``after`` < change version <= ``until``.

    ``after`` ``None`` is everything there is; ``until`` ``None`` where the service has no change
    versions: then everything is read, always.
    """

    after: int | None
    until: int | None


Batches: TypeAlias = Generator[Request | Ahead | Batch, Response | None, None]
