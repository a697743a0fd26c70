"""What did not come in a whole reading is forgotten, and whatever else is of no use after it."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from app.connectors.contract import Page
from app.connectors.edfi.streams import missed
from app.connectors.edfi.streams.counting import uncount
from app.connectors.edfi.streams.declared import MANY, Owned
from app.connectors.edfi.streams.position import CLEARING, ENDED, GROUPING, SWEEPING, WALKING, Work
from app.connectors.edfi.streams.shelved import Hand, Kept, Known
from app.connectors.edfi.streams.straight import fresh
from app.connectors.edfi.streams.telling import stated


def swept(work: Work) -> Page:
    """The next documents of the shelf, without those that did not come in this reading.

    That holds for what came last under the same scope, and only where nothing casts a doubt on the
    reading: whatever else did not come may be there nevertheless (SEMANTICS D1, D2).
    """
    left = work.io.page_size
    while work.at.phase == SWEEPING and left > 0:
        left -= _sweep_next(work, left)
    return work.page(total=stated(work) if work.stream.straight else None)


def _sweep_next(work: Work, count: int) -> int:
    """Looks at the next ``count`` documents at most of a resource; how many there were."""
    at, resources = work.at, work.stream.resources
    name = resources[at.resource]
    batch = work.shelf.known(name).after(at.place, count)
    if at.certain and name in at.numbers:
        gone = _stale(work, name, batch)
        _forget(work, name, gone)
        if (work.stream.entity, name) in MANY:
            uncount(work, gone)
        elif name in work.stream.anchors:
            missed.note(work, name, gone)
    then = CLEARING if work.stream.straight else GROUPING if work.stream.grouped else WALKING
    work.walk_on(batch, count, resources, then)
    return len(batch)


def _stale(work: Work, name: str, batch: Sequence[tuple[str, Known]]) -> dict[str, Known]:
    """Those documents, by their ids, that came last under the same scope, and not in this one."""
    number, mark = work.at.numbers[name], work.mark
    return {id_: one for id_, one in batch if one.number != number and one.scope == mark}


def cleared(work: Work) -> Page:
    """Forgets what was kept for this reading alone, and what an earlier one had missed.

    After a whole reading nobody is touched any more: whoever had ended did not come.
    """
    at, anchors = work.at, work.stream.anchors
    left = work.io.page_size
    while at.phase == CLEARING and left > 0:
        name = anchors[at.resource]
        part = fresh(work, name) if work.stream.straight else work.shelf.touched(name)
        batch = part.after("", left)
        part.drop(key for key, _ in batch)
        left -= len(batch)
        if left > 0:
            late = missed.forget(work, name, left)
            work.walk_on(late, left, anchors, ENDED)
            left -= len(late)
    return work.page(total=stated(work) if at.full else None)


def _forget(work: Work, resource: str, known: Mapping[str, Known]) -> None:
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
