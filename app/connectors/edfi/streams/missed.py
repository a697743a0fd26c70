"""The ids of records that a whole reading has missed, so that each can be asked for by its id.

A list leaves out in silence what the key may not see, and so does a search by natural key; asked
for by its id, what is there is refused, and what is gone is not there (SEMANTICS D1).
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from app.connectors.edfi.streams.moving import WITHOUT_ID
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


def id_of(work: Work, resource: str, key: str) -> str:
    """The id by which a document of an anchor is known, by its natural key; else nothing.

    Of streams that go straight through that is told of what was missed alone.
    """
    shelf = work.shelf
    parts: list[Part[Any]] = [_part(shelf, resource)]
    if not work.stream.straight:
        parts.append(shelf.documents(resource))
    found = (one.id for part in parts for one in part.take([key]).values())
    return next((id_ for id_ in found if not id_.startswith(WITHOUT_ID)), "")
