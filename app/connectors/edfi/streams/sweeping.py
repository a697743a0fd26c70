"""What did not come in a whole reading is forgotten, and whatever else is of no use after it."""

from collections.abc import Sequence

from app.connectors.contract import Page
from app.connectors.edfi.streams import missed
from app.connectors.edfi.streams.counting import uncount
from app.connectors.edfi.streams.declared import MANY, Stream
from app.connectors.edfi.streams.forgetting import forget
from app.connectors.edfi.streams.position import (
    CLEARING,
    ENDED,
    GROUPING,
    PAIRING,
    SWEEPING,
    WALKING,
    Work,
)
from app.connectors.edfi.streams.shelved import Known
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
        forget(work, name, gone)
        if (work.stream.entity, name) in MANY:
            uncount(work, name, gone)
        elif name in work.stream.anchors:
            missed.note(work, name, gone)
    work.walk_on(batch, count, resources, _then(work.stream))
    return len(batch)


def _then(stream: Stream) -> str:
    """What follows when all was swept."""
    if stream.straight:
        return CLEARING
    if stream.grouped:
        return GROUPING
    return PAIRING if stream.paired else WALKING


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
        part = work.shelf.fresh(name) if work.stream.straight else work.shelf.touched(name)
        batch = part.after("", left)
        part.drop(key for key, _ in batch)
        left -= len(batch)
        if left > 0:
            late = missed.forget(work, name, left)
            work.walk_on(late, left, anchors, ENDED)
            left -= len(late)
    return work.page(total=stated(work) if at.full else None)
