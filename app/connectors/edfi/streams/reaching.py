"""Records that come into reach later than they were made.

A key sees a student from the association with one of its schools on. The window of that day has the
association alone: the student was changed before it, and is in no window (nor is what was made with
them). So whoever is told something of, and is not on the shelf, is asked for by key.
"""

from collections.abc import Mapping, Sequence

from app.connectors.contract import Asking, Page
from app.connectors.edfi.feed import Batch, Item
from app.connectors.edfi.single import one
from app.connectors.edfi.streams.arriving import take_in
from app.connectors.edfi.streams.position import PAIRING, TELLING, Work
from app.connectors.edfi.streams.shelved import Kept
from app.connectors.edfi.streams.single import parts_of
from app.connectors.edfi.streams.verifying import MOST
from app.errors import AuthError, ContractError


def reached(work: Work) -> Asking[Page]:
    """Asks for the next records that are to be told and are not there.

    The last resource comes first: whoever belongs to its records, such as guardians, follows.
    """
    at = work.at
    anchors = work.stream.anchors[::-1]
    name = anchors[at.resource]
    batch = work.shelf.touched(name).after(at.place, work.count)
    there = work.shelf.documents(name).take(key for key, _ in batch)
    for key, touched in batch:
        if key not in there and not touched.ended and at.asked < MOST and name in at.numbers:
            at.asked += 1
            yield from _brought(work, name, key)
    work.walk_on(batch, work.count, anchors, PAIRING if work.stream.paired else TELLING)
    return work.page()


def _brought(work: Work, name: str, key: str) -> Asking[None]:
    """Puts a record on the shelf with all that belongs to it, where it may be read."""
    try:
        found = yield from one(work.service, work.service.resources[name], key)
    except (AuthError, ContractError):
        return
    if not isinstance(found, Item):
        return
    parts: Mapping[str, Sequence[Kept]] = yield from parts_of(work, name, key)
    _arrive(work, name, [found])
    for owned in work.stream.owned:
        if owned.of == name:
            told = parts.get(owned.resource, ())
            items = [
                Item(each.key, each.id, each.body, each.modified)
                for each in told
                if not each.reason
            ]
            _arrive(work, owned.resource, items)


def _arrive(work: Work, name: str, items: Sequence[Item]) -> None:
    if items and name in work.at.numbers:
        take_in(work, name, Batch(work.service.resources[name], {}, False, items))
