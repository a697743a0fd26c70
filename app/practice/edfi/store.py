"""The documents of the ODS, what changed in it and when.

Everything that changes it is an event, and passes `apply`: whoever keeps the events and applies
them again in order has the same ODS again, ids and change versions included. What may be written is
judged before (`put`, `replace`, `delete`); an event is a fact.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from .shelf import Change, Item, Shelf, decode, encode
from .vocabulary import (
    RESOURCES,
    Document,
    Resource,
    holders,
    key_of_reference,
    targets,
    value_at,
)


class DocumentPut(msgspec.Struct, tag="edfi-put", frozen=True):
    """A document was created, or replaced the one of its natural key, at a moment."""

    resource: str
    document: Document
    at: int


class DocumentReplaced(msgspec.Struct, tag="edfi-replaced", frozen=True):
    """A document took the place of the one of this id; its natural key may be another one."""

    resource: str
    id: str
    document: Document
    at: int


class DocumentDeleted(msgspec.Struct, tag="edfi-deleted", frozen=True):
    """The document of this id is no more."""

    resource: str
    id: str
    at: int


OdsEvent = DocumentPut | DocumentReplaced | DocumentDeleted


class Unresolved(Exception):
    """The document refers to something that is not there: `title` says to what, `path` where."""

    def __init__(self, title: str, path: str) -> None:
        super().__init__(f"{title} at {path}")
        self.title = title
        self.path = path


class Depended(Exception):
    """The document cannot go: documents called `title` refer to it."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.title = title


class KeyFixed(Exception):
    """The natural key of such a document cannot be changed."""


class KeyTaken(Exception):
    """Another document has this natural key."""


class Kept(NamedTuple):
    """What came of a write. `changed` is false where all was so before."""

    item: Item
    created: bool
    changed: bool


class Ods:
    """The documents of one database, as `Shelf`s by resource, and the change versions of all.

    `seed` makes the ids; with the same documents and events they are the same again.
    """

    def __init__(self, seed: object = 1) -> None:
        self._seed = seed
        self.shelves: dict[str, Shelf] = {name: Shelf(one) for name, one in RESOURCES.items()}
        self.version = 0
        """The newest change version."""
        self.strict = True
        """Whether what is referred to must be there."""
        self.on_event: Callable[[OdsEvent], None] = lambda event: None
        """Called with each event before it happens; what it raises is raised, and nothing is."""

    def load(self, documents: Iterable[tuple[str, Document]], at: int) -> None:
        """The documents that it begins with, in their order; no events, and nothing is checked.

        A natural key that comes twice is one document: the later one, in the place of the first.
        Raises KeyError for one without its natural key, or of no known resource.
        """
        for name, document in documents:
            shelf = self.shelves[name]
            key = shelf.resource.key_in(document)
            held = shelf.by_key(key)
            if held is None:
                self._add(shelf, key, document, at)
            else:
                self._change(shelf, held, document, at)

    def items(self, resource: str) -> list[Item]:
        """All documents of a resource, in the order in which they came."""
        return list(self.shelves[resource].items.values())

    def find(self, resource: str, key: str) -> Item | None:
        """The document of a natural key, as `Resource.key_in` tells it."""
        return self.shelves[resource].by_key(key)

    def get(self, resource: str, id_: str) -> Item | None:
        """The document of an id."""
        return self.shelves[resource].by_id(id_)

    def put(self, resource: str, document: Document, at: int) -> Kept:
        """Keep a document by its natural key, at a moment in milliseconds since 1970.

        Raises Unresolved, and KeyError where a part of the key is missing.
        """
        shelf = self.shelves[resource]
        key = shelf.resource.key_in(document)
        self._resolve(shelf.resource, document)
        held = shelf.by_key(key)
        if held is not None and decode(held.body) == document:
            return Kept(held, False, False)
        self.apply(DocumentPut(resource, document, at))
        kept = shelf.by_key(key)
        assert kept is not None
        return Kept(kept, held is None, True)

    def replace(
        self, resource: str, id_: str, document: Document, at: int, *, rekeys: bool = False
    ) -> Kept:
        """Keep a document in the place of the one of an id, which is there.

        `rekeys` lets any natural key be changed, not only those that cascade. Raises Unresolved,
        KeyFixed, KeyTaken and KeyError.
        """
        shelf = self.shelves[resource]
        held = shelf.by_id(id_)
        assert held is not None, id_
        key = shelf.resource.key_in(document)
        if key != held.key:
            if not (shelf.resource.cascades or rekeys):
                raise KeyFixed
            if shelf.by_key(key) is not None:
                raise KeyTaken
        self._resolve(shelf.resource, document)
        if decode(held.body) == document:
            return Kept(held, False, False)
        self.apply(DocumentReplaced(resource, id_, document, at))
        kept = shelf.by_id(id_)
        assert kept is not None
        return Kept(kept, False, True)

    def delete(self, resource: str, id_: str, at: int) -> None:
        """Keep the document of an id, which is there, no more. Raises Depended."""
        shelf = self.shelves[resource]
        held = shelf.by_id(id_)
        assert held is not None, id_
        for holder in self.shelves.values():
            if self.strict and any(item.id != id_ for item in holder.referring(resource, held.key)):
                raise Depended(holder.resource.title)
        self.apply(DocumentDeleted(resource, id_, at))

    def apply(self, event: OdsEvent) -> None:
        """Let an event happen that was judged, now or in an earlier life."""
        self.on_event(event)
        shelf = self.shelves[event.resource]
        match event:
            case DocumentPut(document=document, at=at):
                held = shelf.by_key(shelf.resource.key_in(document))
                if held is None:
                    self._add(shelf, shelf.resource.key_in(document), document, at)
                else:
                    self._change(shelf, held, document, at)
            case DocumentReplaced(id=id_, document=document, at=at):
                held = shelf.by_id(id_)
                if held is None:
                    raise LookupError(id_)
                self._change(shelf, held, document, at)
            case DocumentDeleted(id=id_):
                held = shelf.by_id(id_)
                if held is None:
                    raise LookupError(id_)
                self.version += 1
                shelf.drop(
                    held, Change(self.version, held.id, _values(shelf, held), None, held.body)
                )

    def frozen(self) -> "Ods":
        """All as it is now, for whoever reads on while it changes. It must not be written to."""
        copy = Ods(self._seed)
        copy.version = self.version
        copy.shelves = {name: shelf.frozen() for name, shelf in self.shelves.items()}
        return copy

    def _add(self, shelf: Shelf, key: str, document: Document, at: int) -> None:
        self.version += 1
        told = f"{self._seed}|{shelf.resource.name}|{key}|{self.version}"
        id_ = hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()
        shelf.add(Item(shelf.next, id_, key, encode(document), self.version, at))

    def _change(self, shelf: Shelf, held: Item, document: Document, at: int) -> None:
        """A document becomes another one; where its key does, whatever refers to it follows."""
        key = shelf.resource.key_in(document)
        self.version += 1
        new = Item(held.number, held.id, key, encode(document), self.version, at)
        if key == held.key:
            shelf.change(held, new, None)
            return
        values = shelf.resource.key_values(document)
        old = _values(shelf, held)
        shelf.change(held, new, Change(self.version, held.id, old, values, held.body, new.body))
        for holder in self.shelves.values():
            for item in holder.referring(shelf.resource.name, held.key):
                self._follow(holder, item, shelf.resource, held.key, values, at)

    def _follow(
        self, holder: Shelf, item: Item, to: Resource, old: str, values: Document, at: int
    ) -> None:
        """What referred to a key refers to the new one."""
        document = decode(item.body)
        for link in holder.resource.links:
            if to.name not in targets(link.to):
                continue
            for reference in _references(document, link.path):
                if key_of_reference(reference, to) == old:
                    reference.update(values)
        _unify(holder.resource, document, decode(item.body))
        self._change(holder, item, document, at)

    def _resolve(self, resource: Resource, document: Document) -> None:
        """Raises Unresolved where something that is referred to is not there."""
        if not self.strict:
            return
        for link in resource.links:
            for reference in _references(document, link.path):
                if not any(
                    (key := key_of_reference(reference, RESOURCES[name])) is not None
                    and self.find(name, key) is not None
                    for name in targets(link.to)
                ):
                    title = link.to[:1].upper() + link.to[1:]
                    raise Unresolved(title, ".".join(link.path))


def _references(document: Document, path: tuple[str, ...]) -> list[Document]:
    return list(holders(document, path))


def _values(shelf: Shelf, item: Item) -> Document:
    return shelf.resource.key_values(decode(item.body))


def _unify(resource: Resource, document: Document, before: Document) -> None:
    """A part of the key that stands in several references is the same in all of them."""
    for places in resource.unified.values():
        told = [value_at(document, place) for place in places]
        was = [value_at(before, place) for place in places]
        changed = [new for new, old in zip(told, was, strict=True) if new != old]
        if not changed:
            continue
        for place in places:
            *above, last = place
            for holder in holders(document, tuple(above)):
                if last in holder:
                    holder[last] = changed[0]
