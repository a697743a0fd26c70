"""Documents that are gone are forgotten, and what they say with them."""

from collections.abc import Callable, Iterable, Mapping

from app.connectors.edfi.streams.declared import Owned
from app.connectors.edfi.streams.position import Work
from app.connectors.edfi.streams.shelved import Hand, Kept, Known


def forget(work: Work, resource: str, known: Mapping[str, Known]) -> None:
    """Documents that did not come are forgotten, by their ids, and what they say with them."""
    shelf, stream = work.shelf, work.stream
    keys = [one.key for one in known.values()]
    shelf.known(resource).drop(known)
    stands = resource in stream.anchors or any(one.resource == resource for one in stream.shared)
    if stands:
        there = shelf.documents(resource).take(keys)
        gone = [
            one.key for id_, one in known.items() if one.key in there and there[one.key].id == id_
        ]
        shelf.documents(resource).drop(gone)
        for by in stream.shared:
            if by.of == resource:
                _unshare(Hand(shelf.sharing(by), map(by.wanted, gone)), by.wanted, gone)
    for owned in stream.owned:
        if owned.resource == resource:
            _disown(Hand(shelf.owned(owned), map(owned.owner, keys)), owned, known)


def _unshare(hand: Hand[list[str]], wanted: Callable[[str], str], gone: Iterable[str]) -> None:
    for key in gone:
        shared = wanted(key)
        hand.put(shared, [one for one in hand.get(shared) or () if one != key] or None)
    hand.back()


def _disown(hand: Hand[list[Kept]], owned: Owned, known: Mapping[str, Known]) -> None:
    for id_, one in known.items():
        owner = owned.owner(one.key)
        bundle = hand.get(owner)
        if bundle is not None:
            stay = [each for each in bundle if (each.key, each.id) != (one.key, id_)]
            hand.put(owner, stay or None)
    hand.back()
