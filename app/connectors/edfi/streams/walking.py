"""The shelf is walked: all that came is told, or what was touched by changes."""

from collections.abc import Mapping

from app.connectors.contract import Alias, Page
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.streams.declared import GROUPED
from app.connectors.edfi.streams.grouping import led
from app.connectors.edfi.streams.pairs import other_of, with_others
from app.connectors.edfi.streams.position import CLEARING, ENDED, Work
from app.connectors.edfi.streams.shelved import Kept, Known
from app.connectors.edfi.streams.telling import gathered, page_of, stated
from app.connectors.edfi.telling.one_person import CONTACTS, STAFF


def walked(work: Work) -> Page:
    """The next records of those that came in this reading."""
    at, anchors = work.at, work.stream.anchors
    name = anchors[at.resource]
    batch = work.shelf.documents(name).after(at.place, work.count)
    came = _came(work, name, [one for _, one in batch])
    work.shelf.touched(name).drop(one.key for one in came)
    came, aliases = _leading(work, name, _alone(work, name, came))
    records = gathered(work, name, came)
    work.walk_on(batch, work.count, anchors, CLEARING)
    return page_of(work, records, aliases=aliases, total=stated(work))


def _alone(work: Work, name: str, there: list[Kept]) -> list[Kept]:
    """The documents that are told by themselves: a contact is not who is told among the staff."""
    if not work.stream.paired or name != CONTACTS:
        return there
    staff_of = other_of(work.shelf, CONTACTS).take(one.key for one in there)
    return [one for one in there if one.key not in staff_of]


def _leading(work: Work, name: str, came: list[Kept]) -> tuple[list[Kept], list[Alias]]:
    """The documents whose keys records go by, and the keys of those that are part of them."""
    if not work.stream.grouped or name not in GROUPED:
        return came, []
    found = led(work, name).take(one.id for one in came)
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
    came = {one.key for one in there if one.id in known and known[one.id].number == number}
    if work.stream.paired and name == STAFF:
        # Who did not come among the staff is told as they were, with what comes of the contact.
        came |= with_others(work, {one.key for one in there} - came)
    return [one for one in there if one.key in came]


def told(work: Work) -> Page:
    """The next records that were touched: what is told of them by now, or their end."""
    at, anchors = work.at, work.stream.anchors
    name = anchors[at.resource]
    touched = work.shelf.touched(name)
    batch = touched.after(at.place, work.count)
    there = work.shelf.documents(name).take(key for key, _ in batch)
    touched.drop(key for key, _ in batch)
    records = gathered(work, name, _alone(work, name, list(there.values())))
    tombstones = [record_key(name, key) for key, one in batch if one.ended and key not in there]
    work.walk_on(batch, work.count, anchors, ENDED)
    return page_of(work, records, tombstones=tombstones)
