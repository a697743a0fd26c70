"""The shelf is walked: what did not come is forgotten; all is told, or what was touched."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.connectors.contract import Alias, Page
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.streams import missed
from app.connectors.edfi.streams.arriving import forget
from app.connectors.edfi.streams.declared import SESSIONS
from app.connectors.edfi.streams.grouping import led
from app.connectors.edfi.streams.position import CLEARING, ENDED, GROUPING, WALKING, Work
from app.connectors.edfi.streams.shelved import Kept, Known, Part
from app.connectors.edfi.streams.telling import gathered, page_of


def swept(work: Work) -> Page:
    """The next documents of the shelf, without those that did not come in this reading.

    That holds for what came last under the same scope, and only where nothing casts a doubt on the
    reading: whatever else did not come may be there nevertheless (SEMANTICS D1, D2).
    """
    at, resources = work.at, work.stream.resources
    name, count = resources[at.resource], work.io.page_size
    batch = work.shelf.known(name).after(at.place, count)
    if at.certain and name in at.numbers:
        gone = stale(work, name, batch)
        forget(work, name, gone)
        if name in work.stream.anchors:
            missed.note(work, name, gone)
    work.walk_on(batch, count, resources, GROUPING if work.stream.grouped else WALKING)
    return work.page()


def stale(work: Work, name: str, batch: Sequence[tuple[str, Known]]) -> dict[str, Known]:
    """Those documents, by their ids, that came last under the same scope, and not in this one."""
    number, mark = work.at.numbers[name], work.mark
    return {id_: one for id_, one in batch if one.number != number and one.scope == mark}


def walked(work: Work) -> Page:
    """The next records of those that came in this reading."""
    at, anchors = work.at, work.stream.anchors
    name = anchors[at.resource]
    batch = work.shelf.documents(name).after(at.place, work.count)
    came = _came(work, name, [one for _, one in batch])
    work.shelf.touched(name).drop(one.key for one in came)
    came, aliases = _leading(work, name, came)
    records = gathered(work, name, came)
    work.walk_on(batch, work.count, anchors, CLEARING)
    return page_of(work, records, aliases=aliases, total=stated(work))


def _leading(work: Work, name: str, came: list[Kept]) -> tuple[list[Kept], list[Alias]]:
    """The documents whose keys records go by, and the keys of those that are part of them."""
    if not work.stream.grouped or name != SESSIONS:
        return came, []
    found = led(work).take(one.id for one in came)
    mine = [one for one in came if one.id in found and found[one.id].leader == one.key]
    return mine, [
        Alias(record_key(name, other), record_key(name, one.key))
        for one in mine
        for other in found[one.id].others
    ]


def _came(work: Work, name: str, there: list[Kept]) -> list[Kept]:
    """The documents that came in this reading, of those of one resource."""
    known: Mapping[str, Known] = work.shelf.known(name).take(one.id for one in there)
    number = work.at.numbers.get(name)
    return [one for one in there if one.id in known and known[one.id].number == number]


def stated(work: Work) -> int | None:
    """How many records there are by what the service says; ``None`` where that is not told."""
    told = [work.at.totals.get(name) for name in work.stream.anchors if name not in work.at.refused]
    if not work.stream.stated or None in told:
        return None
    return sum(one for one in told if one is not None)


def told(work: Work) -> Page:
    """The next records that were touched: what is told of them by now, or their end."""
    at, anchors = work.at, work.stream.anchors
    name = anchors[at.resource]
    touched = work.shelf.touched(name)
    batch = touched.after(at.place, work.count)
    there = work.shelf.documents(name).take(key for key, _ in batch)
    touched.drop(key for key, _ in batch)
    records = gathered(work, name, list(there.values()))
    tombstones = [record_key(name, key) for key, one in batch if one.ended and key not in there]
    work.walk_on(batch, work.count, anchors, ENDED)
    return page_of(work, records, tombstones=tombstones)


def cleared(work: Work) -> Page:
    """After a whole reading nobody is touched any more: whoever ended did not come."""
    at, anchors = work.at, work.stream.anchors
    name = anchors[at.resource]
    forget_next(work, work.shelf.touched(name), name, anchors)
    return work.page(total=stated(work))


def forget_next(work: Work, part: Part[Any], name: str, resources: Sequence[str]) -> None:
    """Forgets what is next in a part, and then what earlier readings of ``name`` had missed."""
    count = work.io.page_size
    batch = part.after("", count)
    part.drop(key for key, _ in batch)
    if len(batch) < count:
        work.walk_on(missed.forget(work, name), count, resources, ENDED)
