"""What is kept on the shelf of a stream: which documents there are, and what is to be joined.

The parts of the shelf, ``R`` and ``S`` being resources:

- ``R#``: the document of an id made by the server (``Known``), so that what is deleted or goes by
  another natural key is recognised (SEMANTICS A6, D3), and what did not come is found;
- ``R``: documents by their natural keys, of anchors and of what records share (``Kept``);
- ``R>S``: the documents of ``R`` that belong to one record of ``S``, by its natural key;
- ``S<R``: the natural keys of the records of ``S`` that share a document of ``R``;
- ``R!``: the records of ``R`` that are to be told, where changes alone are read (``Touched``);
- ``R fresh``, ``R asked``, ``R missed`` and the like: what one reading has to remember.
"""

from collections.abc import Iterable
from typing import Generic, TypeVar

import msgspec

from app.connectors.contract import Shelf
from app.connectors.edfi.streams.declared import Listed, Owned, Shared

T = TypeVar("T")

_encode = msgspec.msgpack.Encoder().encode


class Known(msgspec.Struct, array_like=True, omit_defaults=True):
    """A document by its id."""

    key: str
    """Its natural key."""
    number: int
    """The reading in which it came last; of changes alone only where it was new in them."""
    scope: bytes
    """What was asked then."""
    told: list[str] = []
    """The keys of the records that it tells, where that is not just the one of its natural key."""


class Kept(msgspec.Struct, array_like=True, omit_defaults=True):
    """A document as it came."""

    key: str
    id: str
    body: bytes
    modified: str | None = None
    reason: str = ""
    """Why it cannot be understood."""


class Touched(msgspec.Struct, array_like=True, omit_defaults=True):
    """A record to be told."""

    ended: bool = False
    """Its document was deleted, and no other has its key."""


class Part(Generic[T]):
    """Values of one type in one part of a shelf."""

    def __init__(self, shelf: Shelf, name: str, of: type[T]) -> None:
        self._shelf, self._name = shelf, name
        self._decode = msgspec.msgpack.Decoder(of).decode

    def take(self, keys: Iterable[str]) -> dict[str, T]:
        """What is kept under those keys; keys with nothing are left out."""
        wanted = list(dict.fromkeys(keys))
        found = self._shelf.take(self._name, wanted) if wanted else {}
        return {key: self._decode(body) for key, body in found.items()}

    def after(self, key: str, count: int) -> list[tuple[str, T]]:
        """The next ``count`` at most after ``key``, by key."""
        found = self._shelf.after(self._name, key, count)
        return [(at, self._decode(body)) for at, body in found]

    def put(self, key: str, value: T) -> None:
        """Keeps a value in place of what was there."""
        self._shelf.put(self._name, key, _encode(value))

    def drop(self, keys: Iterable[str]) -> None:
        """Forgets what is kept under those keys."""
        self._shelf.drop(self._name, keys)


class Hand(Generic[T]):
    """Values of a part taken in hand together, and put back together where they have changed."""

    def __init__(self, part: Part[T], keys: Iterable[str]) -> None:
        self._part = part
        self._found: dict[str, T | None] = dict(part.take(keys))
        self._changed: set[str] = set()

    def get(self, key: str) -> T | None:
        """What is there now; only keys that were taken in hand, or put since, have anything."""
        return self._found.get(key)

    def values(self) -> list[T]:
        """All that is there now."""
        return [value for value in self._found.values() if value is not None]

    def put(self, key: str, value: T | None) -> None:
        """What is to be there; ``None`` for nothing."""
        self._found[key] = value
        self._changed.add(key)

    def back(self) -> None:
        """Puts back what has changed."""
        for key in sorted(self._changed):
            value = self._found[key]
            if value is None:
                self._part.drop([key])
            else:
                self._part.put(key, value)
        self._changed.clear()


class Shelved:
    """The documents of one stream on its shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._passes = Part(shelf, "pass", int)

    def next_number(self) -> int:
        """The number of a reading that begins now."""
        number = self._passes.take(["pass"]).get("pass", 0) + 1
        self._passes.put("pass", number)
        return number

    def known(self, resource: str) -> Part[Known]:
        """The documents of a resource by their ids."""
        return Part(self._shelf, f"{resource}#", Known)

    def documents(self, resource: str) -> Part[Kept]:
        """The documents of a resource by their natural keys."""
        return Part(self._shelf, resource, Kept)

    def owned(self, by: Owned) -> Part[list[Kept]]:
        """The documents that belong to one record, by its natural key; in the order of theirs."""
        return Part(self._shelf, f"{by.resource}>{by.of}", list[Kept])

    def listed(self, by: Listed) -> Part[list[Kept]]:
        """The sessions that belong to records, by ``Listed.place``; in the order of their keys."""
        return Part(self._shelf, f"{by.name} of {by.of}", list[Kept])

    def sharing(self, by: Shared) -> Part[list[str]]:
        """The natural keys of the records that share a document, by its natural key."""
        return Part(self._shelf, f"{by.of}<{by.resource}", list[str])

    def touched(self, anchor: str) -> Part[Touched]:
        """The records that are to be told, by natural key."""
        return Part(self._shelf, f"{anchor}!", Touched)

    def fresh(self, resource: str) -> Part[int]:
        """Natural keys that came under ids that were not known, and the reading in which."""
        return Part(self._shelf, f"{resource} fresh", int)

    def asked(self, resource: str) -> Part[str]:
        """Natural keys that a delete may have meant, and the ids by which they are known."""
        return Part(self._shelf, f"{resource} asked", str)

    def part(self, name: str, of: type[T]) -> Part[T]:
        """Any other part."""
        return Part(self._shelf, name, of)
