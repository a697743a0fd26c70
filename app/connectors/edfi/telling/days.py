"""The last day of Ed-Fi, and the end of the roster: the day after it.

A roster's end is exclusive (OneRoster 1.2, *endDate*: the day after the last one); Ed-Fi tells the
last day of a session, a place, an assignment.
"""

from datetime import date, timedelta

from app.roster.values import Date, Plain, Unfit

_DAY = timedelta(days=1)


def end_after(last: object) -> Plain:
    """The end of what lasts until that day. What is no day stays as it was said.

    A last day at the end of all days is one that nobody has set.
    """
    try:
        told = Date().normal(last)
        return None if told is None else (date.fromisoformat(told) + _DAY).isoformat()
    except Unfit:
        return last
    except OverflowError:
        return None


def last_before(end: str | None) -> str | None:
    """The last day of what ends there: ``end_after`` the other way round."""
    return None if end is None else (date.fromisoformat(end) - _DAY).isoformat()


def length(first: str, last: str) -> int:
    """How many days there are between two; of what are no days, more than there are of others."""
    try:
        return (date.fromisoformat(last) - date.fromisoformat(first)).days
    except ValueError:
        return date.max.toordinal()
