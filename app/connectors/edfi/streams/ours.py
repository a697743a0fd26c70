"""What was written by us, so that no reading tells again what was there before.

What was read of a record after it was written takes the place of what is on the shelf: whoever goes
out of sight after that is told from there, and so is whoever a window touches by one document
alone. And no snapshot is read that was taken before that, or before what was read last.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec

from app.connectors.contract import Asking
from app.connectors.edfi.feed import Batch, Deleted, Item
from app.connectors.edfi.streams.arriving import take_in
from app.connectors.edfi.streams.moving import WITHOUT_ID
from app.connectors.edfi.streams.position import Work
from app.connectors.edfi.streams.shelved import Part
from app.connectors.edfi.writing.held import Held
from app.connectors.edfi.writing.standing import Standing

_READ, _WRITTEN = "read", "written"


@dataclass(frozen=True)
class Ours:
    """The records of one stream as they are written (``writing.standing.Kept``)."""

    work: Work

    def ids(self, anchor: str, natural: str, part: str) -> Collection[str]:
        """The ids of the documents of a part that belong to a record."""
        there = [
            one
            for owned in self.work.stream.owned
            if (owned.resource, owned.of) == (part, anchor)
            for one in self.work.shelf.owned(owned).take([natural]).get(natural, ())
        ]
        return {one.id for one in there if not one.id.startswith(WITHOUT_ID)}

    def put(self, there: Standing, ended: Sequence[Held]) -> None:
        """Puts the documents of a record on the shelf, and takes off those that were deleted.

        What was not found is left: a list tells nobody what the key may not see (SEMANTICS D1).
        """
        work = self.work
        _versions(work).put(_WRITTEN, 0)
        if work.stream.straight:
            return
        for name in work.stream.resources:
            resource = work.service.resources[name]
            items = [
                Item(one.key, one.id, msgspec.json.encode(one.document), one.modified or None)
                for one in there.held.get(name, ())
            ]
            deleted = [Deleted(one.id, one.key) for one in ended if one.resource is resource]
            if items or deleted:
                take_in(work, name, Batch(resource, {}, False, items, deleted))


def least(work: Work) -> Asking[int]:
    """The change version that a snapshot has to have, so that all we read and wrote is in it."""
    if not work.service.wants_snapshot:
        return 0
    told = _versions(work).take([_READ, _WRITTEN])
    if told.get(_WRITTEN) == 0:
        versions = yield from work.service.change_versions(live=True)
        told[_WRITTEN] = versions[1] if versions is not None else 0
        _versions(work).put(_WRITTEN, told[_WRITTEN])
    return max(told.values(), default=0)


def begun(work: Work, until: int | None) -> None:
    """All up to a change version is read now."""
    part = _versions(work)
    if until is not None:
        part.put(_READ, until)
    if work.service.snapshot:
        part.drop([_WRITTEN])  # it was taken after it


def _versions(work: Work) -> Part[int]:
    """Change versions: up to which was read, and which was the newest some time after the last
    write, 0 where nobody has asked for it yet."""
    return work.shelf.part("versions", int)
