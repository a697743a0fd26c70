"""How a service was found to answer, so that it is not asked in vain again (``contract.Learning``).

Nothing here takes part in a proof: it decides what is asked, and what comes is judged the same.
"""

from datetime import datetime, timedelta

import msgspec

from app.connectors.contract import State
from app.roster.values import Unfit, instant_text, parse_instant

_FORM = 1
"""Counted up when what was learnt by an older version can no longer be read."""

LASTS = timedelta(days=7)
"""For how long it is believed; then it is found out anew, since services get better as well."""

SMALLEST = 100
"""No fewer rows a page are asked for than these, however few were sent once."""


class Habit(msgspec.Struct, omit_defaults=True):
    """How one collection is answered, as far as known."""

    filters: bool | None = None
    """Whether changes alone can be asked for."""
    by_key: bool | None = None
    """Whether its records can be read one by one."""
    unsorted: bool = False
    """To be asked to sort, it refuses."""
    size: int = 0
    """So many rows are sent at once; 0 where nothing speaks against more."""
    totals: bool = False
    """Answers say how many rows there are."""
    links: bool = False
    """Answers say where to go on."""


class Habits(msgspec.Struct, omit_defaults=True):
    """What is known of a service."""

    form: int = _FORM
    since: str = ""
    """When the first of it was found out."""
    base: str = ""
    """Where rostering was found."""
    version: str = ""
    """What it speaks there."""
    streams: dict[str, Habit] = {}

    def of(self, stream: str) -> Habit:
        """How the collection of a stream is answered; what is found out is noted there."""
        return self.streams.setdefault(stream, Habit())

    def told(self) -> State:
        """As JSON; without those of which nothing is known."""
        known = {name: habit for name, habit in self.streams.items() if habit != Habit()}
        state: State = msgspec.to_builtins(msgspec.structs.replace(self, streams=known))
        return state


def habits_of(learnt: State, now: datetime) -> Habits:
    """What ``told`` had said, unless that is too long ago."""
    try:
        habits = msgspec.convert(learnt, Habits)
        if habits.form == _FORM and abs(now - parse_instant(habits.since)) < LASTS:
            return habits
    except (msgspec.ValidationError, Unfit):
        pass
    return Habits(since=instant_text(now))
