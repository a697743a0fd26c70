"""The ids of records that a whole reading has missed, so that each can be asked for by its id.

A list leaves out in silence what the key may not see, and so does a search by natural key; asked
for by its id, what is there is refused, and what is gone is not there (SEMANTICS D1).
"""

from collections.abc import Mapping

import msgspec

from app.connectors.edfi.keys import parsed, record_key
from app.connectors.edfi.streams.position import Work
from app.connectors.edfi.streams.shelved import Known, Part, Shelved


class Missed(msgspec.Struct, array_like=True):
    """A document that did not come."""

    id: str
    number: int
    """The reading in which it did not."""


def _part(shelf: Shelved, resource: str) -> Part[Missed]:
    return shelf.part(f"{resource} missed", Missed)


def note(work: Work, resource: str, gone: Mapping[str, Known]) -> None:
    """Notes documents of an anchor, by their ids, that did not come."""
    part, number = _part(work.shelf, resource), work.at.numbers[resource]
    for id_, one in gone.items():
        part.put(one.key, Missed(id_, number))


def forget(work: Work, resource: str, count: int) -> list[tuple[str, Missed]]:
    """Forgets those that earlier readings had missed among the next ``count``, which it returns."""
    part, number = _part(work.shelf, resource), work.at.numbers.get(resource)
    batch = part.after(work.at.place, count)
    part.drop(key for key, one in batch if one.number != number)
    return batch


def ids_missed(shelf: Shelved, anchors: tuple[str, ...], key: str) -> dict[str, str]:
    """The id of the record of a remote key that was missed, by that key."""
    resource, natural = parsed(key)
    for name in anchors:
        if record_key(name, natural) == key and resource in ("", name):
            for one in _part(shelf, name).take([natural]).values():
                return {key: one.id}
    return {}
