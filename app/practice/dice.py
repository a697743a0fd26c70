"""Chance that can be repeated: every random choice of the practice district is made here."""

import random
from collections.abc import MutableSequence, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of choices that is the same for the same seed parts, on every Python release.

    Only `random()` and `getrandbits()` are drawn from, because Python promises to keep their
    sequences; `choice` and `shuffle` have changed between releases, and a remembered district
    must come back unchanged after an upgrade.
    """

    def __init__(self, *seed: object) -> None:
        source = random.Random("/".join(str(part) for part in seed))
        self.random = source.random
        self._bits = source.getrandbits

    def below(self, bound: int) -> int:
        """A whole number from 0 to `bound` - 1."""
        return int(self.random() * bound)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """True as often as `probability` says."""
        return self.random() < probability

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices; raises IndexError when there are none."""
        return choices[int(self.random() * len(choices))]

    def weighted(self, weights: Sequence[float]) -> int:
        """The position of one weight, chosen in proportion to the weights."""
        point = self.random() * sum(weights)
        for position, weight in enumerate(weights):
            point -= weight
            if point < 0:
                return position
        return len(weights) - 1

    def shuffle(self, items: MutableSequence[T]) -> None:
        """Put the items in random order, in place."""
        draw = self.random
        for last in range(len(items) - 1, 0, -1):
            other = int(draw() * (last + 1))
            items[last], items[other] = items[other], items[last]

    def sample(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different items in random order, or all of them when there are fewer."""
        pool = list(items)
        chosen: list[T] = []
        for _ in range(min(count, len(pool))):
            position = int(self.random() * len(pool))
            chosen.append(pool[position])
            # Swapping with the last keeps taking one out cheap in a list of thousands.
            pool[position] = pool[-1]
            pool.pop()
        return chosen

    def guid(self) -> str:
        """A sourcedId in UUID (version 4) form."""
        digits = f"{self._bits(128):032x}"
        variant = "89ab"[int(digits[16], 16) & 3]
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
        )
