"""What the key changes of one window come to, in an order in which they can be applied.

A document may be renamed several times in a window, and a name may pass from one to the next. Only
what it was called at the beginning and what it is called at the end matters to whoever knew it then
(SEMANTICS A6).
"""

from collections.abc import Iterable, Iterator

from app.connectors.edfi.documents import KeyMove
from app.connectors.edfi.feed import KeyChange


class Moves:
    """Gathers the key changes of a window, in whatever order they come, and however often."""

    def __init__(self) -> None:
        self._net: dict[str, tuple[int, str, int, str]] = {}

    def add(self, moves: Iterable[KeyMove]) -> None:
        """Services tell a document once, from its first key to its last, or once each time."""
        for one in moves:
            first = last = one.version
            old, new = one.old, one.new
            if (known := self._net.get(one.id)) is not None:
                if known[0] <= first:
                    first, old = known[:2]
                if known[2] > last:
                    last, new = known[2:]
            self._net[one.id] = (first, old, last, new)

    def groups(self) -> Iterator[list[KeyChange]]:
        """The changes, none of which leads to a key that another one after it leaves.

        What can only be applied together, such as two that swap their keys, comes in one group.
        """
        moved = sorted(
            (first, id, old, new) for id, (first, old, _, new) in self._net.items() if old != new
        )
        waiting: dict[str, KeyChange] = {}
        others: list[KeyChange] = []
        for _, id, old, new in moved:
            # Of two that had the same key one after the other, the first is the one known by it.
            one = KeyChange(id, old, new)
            if waiting.setdefault(old, one) is not one:
                others.append(one)
        for old in list(waiting):
            if old not in waiting:
                continue
            chain = [waiting.pop(old)]
            while (following := waiting.pop(chain[-1].new, None)) is not None:
                chain.append(following)
            yield chain[::-1]
        yield from ([one] for one in others)
