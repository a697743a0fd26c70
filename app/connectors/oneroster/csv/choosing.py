"""Which files of a watched folder are read, one name at a time.

A manifest says of each file whether it is whole or has changes alone, so every file has a *base* of
its own: the newest set in which it is whole. The changes that came after it belong to it. No set
hides the files of another name, and an older base never takes the place of a newer one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from app.connectors.oneroster.csv.age import Age
from app.connectors.oneroster.csv.sets import FileSet, Source


class LastRead(msgspec.Struct, frozen=True):
    """The base that was read last, as it is remembered from sync to sync."""

    age: Age
    digest: str
    size: int = 0
    written: int = 0
    """When, in nanoseconds."""
    evidence: str = ""
    """What its reading was evidence of (``Page.evidence``)."""


@dataclass(frozen=True)
class Choice:
    """What is read of the files of one name."""

    base: Source | None
    """The whole file to begin with."""
    changes: Sequence[Source]
    """The files of changes after it, the newest first."""
    rivals: Sequence[Source] = ()
    """Whole files that may be newer than the base, for all that can be told."""
    late: Sequence[Source] = ()
    """Whole files that came after the base, and are older all the same."""
    refused: Source | None = None
    """What would be the base, were it not older than the one that was read last."""
    passed_over: Sequence[FileSet] = ()
    """Sets that may be newer than the base, and are not whole."""

    @property
    def sources(self) -> list[Source]:
        """The files that are read, the newest first."""
        return [*self.changes, *([self.base] if self.base else [])]


def chosen(sets: Sequence[FileSet], name: str, last: LastRead | None) -> Choice:
    """What to read of ``name``; ``sets`` come in their order."""
    told = [source for one in sets if (source := one.sources.get(name))]
    bulk = [one for one in told if one.bulk]
    base, rivals = _base([one for one in bulk if one.within.whole] or bulk, last)
    return Choice(
        base,
        _since(told, base.age if base else None),
        rivals,
        [one for one in bulk if base and _is_late(one.age, base.age)],
        passed_over=[
            one
            for one in sets
            if not one.whole
            and (not one.sources or one.sources.get(name) in bulk)
            and not (base and (one is base.within or base.age.surely_after(one.age)))
        ],
    )


def refused(sets: Sequence[FileSet], name: str, last: LastRead) -> Choice:
    """The same where all that is whole is older than what was read ``last``: changes alone."""
    instead = chosen(sets, name, last)
    told = [source for one in sets if (source := one.sources.get(name))]
    return Choice(None, _since(told, last.age), refused=instead.base)


def _base(able: Sequence[Source], last: LastRead | None) -> tuple[Source | None, list[Source]]:
    """The newest, and those that may be as new; of several the one that was read last counts."""
    newest = [one for one in able if not able[-1].age.surely_after(one.age)]
    if not newest:
        return None, []
    known = [one for one in newest if last and one.age.name == last.age.name]
    base = max(known or newest, key=lambda one: (bool(one.age.said), one.age.name))
    return base, [one for one in newest if one is not base]


def _since(told: Sequence[Source], age: Age | None) -> list[Source]:
    """The files of changes, but for those that are surely older; the newest first."""
    changes = [one for one in reversed(told) if not one.bulk]
    return [one for one in changes if age is None or not age.surely_after(one.age)]


def _is_late(age: Age, base: Age) -> bool:
    return age.first > base.last and base.surely_after(age)
