"""Records that are told by many documents, each of which says the same of them.

A report grade has no work of its own: all grades of one section, period and type have one line
item. It is there as long as there is any such grade, so they are counted.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from app.connectors.edfi.streams.position import Work
from app.connectors.edfi.streams.shelved import Hand, Known, Part, Shelved


class Given(msgspec.Struct, array_like=True):
    """A record that is told by many documents."""

    by: int
    """How many of them there are."""
    number: int
    """The reading in which it was told last."""


class Counted(NamedTuple):
    """What became of records when some documents came or went."""

    news: list[str]
    """Those that were not told in this reading yet."""
    ended: list[str]
    """Those of which no document is left."""


def given(shelf: Shelved) -> Part[Given]:
    """The records, by their keys."""
    return shelf.part("given", Given)


def held(work: Work, resource: str) -> Part[str]:
    """The ids of the documents by their natural keys: none is counted twice."""
    return work.shelf.part(f"{resource} ids", str)


def counted(counts: Hand[Given], before: Sequence[str], now: Sequence[str], number: int) -> Counted:
    """A document tells the records ``now``, and told those of ``before``, in a reading."""
    found = Counted([], [])
    for key in set(before).difference(now):
        one = counts.get(key)
        if one is not None and one.by <= 1:
            found.ended.append(key)
            counts.put(key, None)
        elif one is not None:
            counts.put(key, Given(one.by - 1, one.number))
    for key in now:
        one = counts.get(key)
        if one is None or one.number != number:
            found.news.append(key)
        by = (one.by if one else 0) + (key not in before)
        if one is None or (one.by, one.number) != (by, number):
            counts.put(key, Given(by, number))
    return found


def uncount(work: Work, resource: str, gone: Mapping[str, Known]) -> None:
    """Documents are gone, and with the last of them what they told."""
    there = held(work, resource).take(one.key for one in gone.values())
    held(work, resource).drop(one.key for id_, one in gone.items() if there.get(one.key) == id_)
    counts = Hand(given(work.shelf), [key for one in gone.values() for key in one.told])
    for one in gone.values():
        counted(counts, one.told, (), 0)
    counts.back()
