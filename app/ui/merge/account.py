"""What is asked for on the merge screen, and what of it was settled in this window. Pure."""

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Sequence

from app.engine.causes import Cause

Asked = tuple[str, int, str]
"""What a difference is about: connector, record, part. One that is taken up again after an undo
has another id."""


class Account:
    """Keeps apart what was asked for from the rest, and what is settled from what is left."""

    def __init__(self, ids: Sequence[int] = ()) -> None:
        self._ids = ids
        self._about: dict[int, Asked] = {}
        """What each difference is about that was seen here."""
        self._settled: set[Asked] = set()
        self.causes: list[Cause] = []
        """What is left of what was asked for."""
        self.others: list[Cause] = []
        """Causes that are open, where only some were asked for: all but those."""
        self.open: set[int] = set()
        """All differences that are open, asked for or not."""

    def ask_for(self, ids: Sequence[int]) -> None:
        """These are asked for from now on; none: all."""
        self._ids = ids

    def read(self, found: Sequence[Cause]) -> list[int]:
        """Takes in what is open; of what was asked for, those that had been settled come back."""
        asked = {id_: key for cause in found for id_, key in _asked(cause)}
        self._about |= asked
        self.open = set(asked)
        group = self._group
        among = self.open if group is None else {id_ for id_, key in asked.items() if key in group}
        self.causes, self.others = _narrowed(found, among), _without(found, among)
        back = [id_ for id_, key in asked.items() if key in self._settled and id_ in among]
        self._settled -= set(asked.values())
        return back

    def settle(self, ids: Collection[int]) -> None:
        """These were settled here."""
        self._settled |= {self._about[id_] for id_ in ids if id_ in self._about}
        self.causes = _without(self.causes, ids)

    @property
    def settled(self) -> int:
        """How many were settled in this window, and stand settled."""
        return len(self._settled)

    @property
    def settled_here(self) -> int:
        """How many of those that were asked for."""
        group = self._group
        return len(self._settled if group is None else self._settled & group)

    @property
    def _group(self) -> set[Asked] | None:
        """What was asked for; ``None``: everything."""
        return {self._about[id_] for id_ in self._ids if id_ in self._about} if self._ids else None


def _asked(cause: Cause) -> Iterator[tuple[int, Asked]]:
    """The differences of a cause, and what they are about."""
    for id_, record, _revision in cause.differences:
        yield id_, (cause.connector, record, cause.part)


def _narrowed(found: Iterable[Cause], ids: Collection[int]) -> list[Cause]:
    """The causes of these differences alone."""
    kept = [
        dataclasses.replace(
            cause, differences=tuple(one for one in cause.differences if one[0] in ids)
        )
        for cause in found
    ]
    return [cause for cause in kept if cause.differences]


def _without(found: Sequence[Cause], ids: Collection[int]) -> list[Cause]:
    """The causes without these differences."""
    return _narrowed(found, {id_ for cause in found for id_ in cause.ids} - set(ids))
