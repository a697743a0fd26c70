"""When a set of files came, and what can be told from that: which of two is the newer one.

The date in a name is what the SIS says. The time of a file is what a computer says, and copying,
restoring or touching a file moves it; so it is asked last, and never against a name.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

_DATE = re.compile(
    r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])"
    r"(?:[-_.T ]?([01]\d|2[0-3])[-_.:h]?([0-5]\d)(?:[-_.:]?([0-5]\d))?)?(?!\d)"
)
_LAST_SECOND = 253_402_300_799
"""Of the year 9999."""


class Age(msgspec.Struct, frozen=True):
    """When a set came."""

    name: str
    """Of the set; ``""`` of the only one."""
    said: str
    """The date, and the time if there is one, in its name: their digits."""
    first: int
    """When the first of its files was written, in nanoseconds;"""
    last: int
    """and the last."""

    @property
    def place(self) -> tuple[str, int, str]:
        """Orders sets: where one is ``surely_after`` another, it stands behind it."""
        return self.said or f"{written(self.last):%Y%m%d%H%M%S}", self.last, self.name

    def surely_after(self, other: "Age") -> bool:
        """Whether this came later, and neither names nor times leave any doubt about it."""
        if self.said != other.said and self.said and other.said:
            told = min(len(self.said), len(other.said))
            return self.said[:told] > other.said[:told]
        if self.said and not other.said:
            # What was written before that day cannot have been exported on it.
            return self.said[:8] > f"{written(other.last):%Y%m%d}"
        if other.said and not self.said:
            return False
        return self.first > other.last and (not self.said or self.name > other.name)


def age_of(name: str, times: Iterable[int]) -> Age:
    """The age of a set of that name whose files were written at ``times`` (at least one)."""
    found = _DATE.search(name)
    said = "".join(part or "" for part in found.groups()) if found else ""
    moments = list(times)
    return Age(name, said, min(moments), max(moments))


def written(nanoseconds: int) -> datetime:
    """The time that a file system tells, as one that there is."""
    return datetime.fromtimestamp(min(max(nanoseconds // 10**9, 0), _LAST_SECOND), UTC)
