"""The documents of one resource, how they are found, and which went or changed their key."""

import copy
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from .vocabulary import RESOURCES, Document, Resource, holders, key_of_reference, targets

encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Document)


def decode(body: bytes) -> Document:
    """The document that `encode` wrote."""
    return _decoder.decode(body)


class Item(NamedTuple):
    """One document as it is kept: a later one takes its place, it never changes itself."""

    number: int
    """The order in which documents came; it stays with a document as its id does."""
    id: str
    key: str
    body: bytes
    """JSON, without what the service adds."""
    version: int
    """The change version."""
    at: int
    """When it was last modified, in milliseconds since 1970."""

    @property
    def etag(self) -> str:
        """Another text for each version."""
        return str(5_250_000_000_000_000_000 + self.version)


class Change(NamedTuple):
    """A document that went (`new` is None), or whose natural key became another one."""

    version: int
    id: str
    old: Document
    """The natural key before, its parts by name."""
    new: Document | None
    before: bytes
    """The document as it was."""
    after: bytes = b""


class Shelf:
    """Indexes are made when something is first looked up by them, and kept from then on."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.items: dict[int, Item] = {}
        """By number, in the order in which they came."""
        self.deletes: list[Change] = []
        """What went, in the order of its going."""
        self.key_changes: list[Change] = []
        """What changed its natural key."""
        self.next = 1
        """The number of the next document."""
        self.version = 0
        """The newest change version in it."""
        self._keys: dict[str, int] | None = None
        self._ids: dict[str, int] | None = None
        self._referring: dict[str, dict[str, set[int]]] = {}

    def by_key(self, key: str) -> Item | None:
        """The document of a natural key."""
        if self._keys is None:
            self._keys = {item.key: number for number, item in self.items.items()}
        number = self._keys.get(key)
        return None if number is None else self.items[number]

    def by_id(self, id_: str) -> Item | None:
        """The document of an id."""
        if self._ids is None:
            self._ids = {item.id: number for number, item in self.items.items()}
        number = self._ids.get(id_)
        return None if number is None else self.items[number]

    def referring(self, to: str, key: str) -> list[Item]:
        """The documents that refer to the one of this resource and natural key."""
        index = self._referring.get(to)
        if index is None:
            paths = [link.path for link in self.resource.links if to in targets(link.to)]
            index = {}
            if paths:
                for number, item in self.items.items():
                    for told in _referred(item, to, paths):
                        index.setdefault(told, set()).add(number)
            self._referring[to] = index
        return [self.items[number] for number in sorted(index.get(key, ()))]

    def add(self, item: Item) -> None:
        """A document that was not there before."""
        self.items[item.number] = item
        self.next = item.number + 1
        self.version = item.version
        self._know(item)

    def change(self, old: Item, new: Item, rekeyed: Change | None) -> None:
        """A document becomes another one, of the same number and id."""
        self._forget(old)
        self.items[new.number] = new
        self.version = new.version
        self._know(new)
        if rekeyed is not None:
            self.key_changes.append(rekeyed)

    def drop(self, item: Item, change: Change) -> None:
        """A document goes."""
        self._forget(item)
        del self.items[item.number]
        self.version = change.version
        self.deletes.append(change)

    def frozen(self) -> "Shelf":
        """All as it is now."""
        kept = copy.copy(self)
        kept.items = dict(self.items)
        kept.deletes = list(self.deletes)
        kept.key_changes = list(self.key_changes)
        kept._keys = kept._ids = None
        kept._referring = {}
        return kept

    def _know(self, item: Item) -> None:
        if self._keys is not None:
            self._keys[item.key] = item.number
        if self._ids is not None:
            self._ids[item.id] = item.number
        for key, index in self._places(item):
            index.setdefault(key, set()).add(item.number)

    def _forget(self, item: Item) -> None:
        if self._keys is not None:
            self._keys.pop(item.key, None)
        if self._ids is not None:
            self._ids.pop(item.id, None)
        for key, index in self._places(item):
            held = index.get(key, set())
            held.discard(item.number)
            if not held:
                index.pop(key, None)

    def _places(self, item: Item) -> Iterator[tuple[str, dict[str, set[int]]]]:
        for to, index in self._referring.items():
            paths = [link.path for link in self.resource.links if to in targets(link.to)]
            for key in _referred(item, to, paths) if paths else ():
                yield key, index


def _referred(item: Item, to: str, paths: list[tuple[str, ...]]) -> set[str]:
    """The natural keys of a resource that a document refers to."""
    document = decode(item.body)
    found = {
        key_of_reference(reference, RESOURCES[to])
        for path in paths
        for reference in holders(document, path)
    }
    return {key for key in found if key is not None}
