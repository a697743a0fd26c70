"""When a connector syncs by itself. Pure: from a text and what happened to the next instant.

A schedule is written as a person would say it: times of day (``06:30`` or ``06:30 12:00``) or an
interval (``every 30 minutes``). Times are those of this computer's clock. One that was missed, as
the computer slept, is made up for at once. A sync that failed for a reason that may pass is tried
again sooner.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from app.errors import UsageError

RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60))
"""How long after the first, the second and each further failure in a row it is tried again."""

CLOCK_TOLERANCE = timedelta(minutes=5)
"""A sync that began further than this in the future began under a clock that was wrong."""

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=1)

_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_EVERY = re.compile(r"every (?:(\d{1,4}) )?(minute|hour)s?")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class Schedule:
    """Either times of day, in order, or an interval."""

    times: tuple[time, ...] = ()
    every: timedelta | None = None

    @classmethod
    def of(cls, text: str) -> "Schedule":
        """The schedule that a text means; raises ``UsageError`` ``schedule_unfit``."""
        words = " ".join(text.replace(",", " ").lower().split())
        if found := _EVERY.fullmatch(words):
            every = int(found[1] or 1) * _UNITS[found[2]]
            if SHORTEST <= every <= LONGEST:
                return cls(every=every)
        times = [_TIME.fullmatch(word) for word in words.split()]
        if not times or None in times:
            raise UsageError("schedule_unfit", schedule=text)
        return cls(tuple(sorted({time(int(one[1]), int(one[2])) for one in times if one})))

    def __str__(self) -> str:
        if self.every is None:
            return " ".join(f"{one:%H:%M}" for one in self.times)
        count, unit = self.every // _UNITS["minute"], "minute"
        if count % 60 == 0:
            count, unit = count // 60, "hour"
        return f"every {unit}" if count == 1 else f"every {count} {unit}s"

    def after(self, instant: datetime, zone: tzinfo | None) -> datetime:
        """The first scheduled instant after ``instant``; ``zone`` is ``None`` for the system's."""
        if self.every is not None:
            return instant + self.every
        first = instant.astimezone(zone).date()
        return next(one for one in self._instants(first, zone) if one > instant)

    def _instants(self, first: date, zone: tzinfo | None) -> Iterator[datetime]:
        for days in range(3):
            for one in self.times:
                told = datetime.combine(first + timedelta(days=days), one, zone)
                # Without a zone, the system's is meant; a time that a change of the clocks leaves
                # out is moved by that hour.
                yield told.astimezone()


@dataclass(frozen=True)
class Past:
    """What is known of a connector's newest sync. Instants are UTC."""

    began: datetime
    ended: datetime
    failures: int = 0
    """How many syncs have failed since the last good one."""
    may_pass: bool = False
    """The newest one failed, or was cut off, for a reason that may pass by itself."""
    wait: float = 0
    """Seconds that the SIS asked to wait."""


def next_sync(
    schedule: Schedule, past: Past, now: datetime, zone: tzinfo | None = None
) -> datetime:
    """When to sync next; an instant in the past means now."""
    if past.began > now + CLOCK_TOLERANCE:
        # The clock was wrong then: what it said is no reason to wait.
        return now
    regular = schedule.after(past.began, zone)
    if not past.may_pass:
        return regular
    pause = RETRY_AFTER[min(max(past.failures, 1), len(RETRY_AFTER)) - 1]
    return min(regular, past.ended + max(pause, timedelta(seconds=past.wait)))
