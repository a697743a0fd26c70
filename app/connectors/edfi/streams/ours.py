"""What was written by us, so that no reading tells again what was there before.

What was read of a record after it was written takes the place of what is on the shelf: whoever goes
out of sight after that is told from there, and so is whoever a window touches by one document
alone. And no snapshot is read that was taken before.
"""

from collections.abc import Mapping, Sequence

import msgspec

from app.connectors.contract import Asking
from app.connectors.edfi.feed import Batch, Deleted, Item
from app.connectors.edfi.streams.arriving import take_in
from app.connectors.edfi.streams.position import Work
from app.connectors.edfi.streams.shelved import Part, Shelved
from app.connectors.edfi.writing.held import Held

_LAST = "last"


def _part(shelf: Shelved) -> Part[int]:
    """The newest change version some time after the last write; 0 where nobody has asked yet."""
    return shelf.part("written", int)


def put(work: Work, there: Mapping[str, Sequence[Held]], ended: Sequence[Held]) -> None:
    """Puts the documents of a record on the shelf, and takes off those that were deleted.

    What was not found is left: a list tells nobody what the key may not see (SEMANTICS D1).
    """
    _part(work.shelf).put(_LAST, 0)
    if work.stream.straight:
        return
    for name in work.stream.resources:
        resource = work.service.resources[name]
        items = [
            Item(one.key, one.id, msgspec.json.encode(one.document), one.modified or None)
            for one in there.get(name, ())
        ]
        deleted = [Deleted(one.id, one.key) for one in ended if one.resource is resource]
        if items or deleted:
            take_in(work, name, Batch(resource, {}, False, items, deleted))


def newest(work: Work) -> Asking[int]:
    """The change version that a snapshot has to have, so that all we have written is in it."""
    part = _part(work.shelf)
    told = part.take([_LAST]).get(_LAST)
    if told is None or not work.service.wants_snapshot:
        return 0
    if told == 0:
        versions = yield from work.service.change_versions(live=True)
        if versions is not None:
            _, told = versions
            part.put(_LAST, told)
    return told


def forget(work: Work) -> None:
    """What is read by now was taken after all of it."""
    _part(work.shelf).drop([_LAST])
