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
"""For how long a habit is believed; then it is found out anew, since services get better."""


class Learnt(msgspec.Struct, omit_defaults=True):
    """What is known of a service."""

    form: int = _FORM
    since: str = ""
    """When the first of its habits was found out."""
    cursors: bool | None = None
    """Whether it pages by cursor; not known where nobody has tried."""
    limit: int = 0
    """So many rows a page it allows; 0 where nothing speaks against what is usual."""
    words: State = {}
    """What ``descriptors.Words`` remembers of the district's own words."""

    def told(self) -> State:
        """As JSON."""
        state: State = msgspec.to_builtins(self)
        return state


def learnt_of(state: State, now: datetime) -> Learnt:
    """What ``told`` had said; its habits are left out where that is too long ago."""
    fresh = Learnt(since=instant_text(now))
    try:
        learnt = msgspec.convert(state, Learnt)
        if learnt.form != _FORM:
            return fresh
        if abs(now - parse_instant(learnt.since)) < LASTS:
            return learnt
    except (msgspec.ValidationError, Unfit):
        return fresh
    fresh.words = learnt.words
    return fresh
