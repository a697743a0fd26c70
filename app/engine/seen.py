"""Which links have been seen: a bitmap over link ids, 125 kB a million.

A page's links are kept as runs of neighbouring ids, so that a resumed run can know them again
without a write per record (SEMANTICS C7).
"""

from collections.abc import Iterable

import msgspec


class Seen:
    """A set of link ids that grows a bit an id."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, link: int) -> bool:
        place = link >> 3
        return place < len(self._bits) and bool(self._bits[place] & (1 << (link & 7)))

    def add(self, link: int) -> bool:
        """Adds a link; True when it was not there."""
        place, bit = link >> 3, 1 << (link & 7)
        self._reach(link)
        if self._bits[place] & bit:
            return False
        self._bits[place] |= bit
        self._count += 1
        return True

    def add_all(self, links: Iterable[int]) -> None:
        """Adds them all."""
        found = list(links)
        if not found:
            return
        self._reach(max(found))
        bits, new = self._bits, 0
        for link in found:
            place, bit = link >> 3, 1 << (link & 7)
            if not bits[place] & bit:
                bits[place] |= bit
                new += 1
        self._count += new

    def without(self, links: Iterable[int]) -> list[int]:
        """Those of the links that are not among them."""
        bits, end = self._bits, 8 * len(self._bits)
        return [link for link in links if link >= end or not bits[link >> 3] & (1 << (link & 7))]

    def _reach(self, link: int) -> None:
        short = (link >> 3) + 1 - len(self._bits)
        if short > 0:
            self._bits.extend(bytes(max(1024, short)))

    def clear(self) -> None:
        """Forgets all: another pass over the stream begins."""
        self._bits = bytearray()
        self._count = 0


def pack(links: Iterable[int]) -> bytes:
    """The links of a page as bytes: MessagePack of first, length, first, length, …"""
    runs: list[int] = []
    first = last = -1
    for link in sorted(links):
        if link == last + 1 and runs:
            runs[-1] += 1
        elif link != last:
            first = link
            runs += (first, 1)
        last = link
    return msgspec.msgpack.encode(runs)


def unpack(blob: bytes) -> Iterable[int]:
    """The links that ``pack`` packed."""
    runs: list[int] = msgspec.msgpack.decode(blob, type=list[int])
    for first, length in zip(runs[::2], runs[1::2], strict=True):
        yield from range(first, first + length)
