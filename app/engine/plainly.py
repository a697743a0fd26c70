"""Safety limits in plain words, said by both front ends.

A share says little to somebody who is not of the trade; what it comes to in one of their own
schools says it all.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.engine.figures import FIGURES, SHARES, Figure, Limits
from app.engine.limits import DISTRICT
from app.engine.told import entity_word
from app.store import journal, reads, sizes
from app.store.database import Database
from app.text import N_, _, sentence

MEANINGS: Mapping[str, str] = {
    "removals": N_("at most this share is removed in 24 hours"),
    "shrink": N_("at least this share of the week's highest count is left"),
    "changes": N_("at most this share is changed in 24 hours"),
    "blanks": N_("of those that have a field, at most this share loses it in 24 hours"),
    "logins": N_("at most this share gets another username, email or ID in 24 hours"),
    "staff": N_("at most this share of students becomes staff; 0% means each one waits"),
    "emptied_class": N_("a class of so many or more may not lose all its students at once"),
    "emptied_school": N_("a school of so many or more may not lose all its records at once"),
    "least": N_("fewer records than this never wait for a percentage"),
}
"""What each limit means. Shares are of all there are of a type in one school."""

LABELS: Mapping[str, str] = {
    "removals": N_("Removals in a day"),
    "shrink": N_("What is left after a week"),
    "changes": N_("Changes in a day"),
    "blanks": N_("Fields that go blank"),
    "logins": N_("Other sign-in names"),
    "staff": N_("Students who become staff"),
    "emptied_class": N_("Classes emptied at once"),
    "emptied_school": N_("Schools emptied at once"),
    "least": N_("Too few to matter"),
}
"""What each is called in a list."""

_EXAMPLE = "enrollments"
"""Of what an example is given where a figure is of any record type: there are most of them."""


@dataclass(frozen=True)
class Sized:
    """How many records of each type each school has, as the limits count them."""

    counts: Mapping[str, Mapping[int, int]]
    schools: Mapping[int, str]
    """What the schools are called."""


def value_text(name: str, value: float) -> str:
    """A figure as a person reads it."""
    return f"{100 * value:g}%" if name in SHARES else f"{value:,.0f}"


def sized(database: Database, name: str) -> Sized:
    """The newest counts that were stored for a connector; raises ``NotFound``."""
    with database.reading() as tx:
        row = journal.connector(tx, name)
        counts = sizes.newest(tx, row.id)
    schools = {school for by_school in counts.values() for school in by_school} - {DISTRICT}
    return Sized(counts, reads.titles(database, ("orgs", schools)))


def example(figure: Figure, limits: Limits, of: Sized, now: datetime) -> str:
    """What a figure comes to in a school; blank while nothing was counted that it is about."""
    name, entity = figure.name, figure.entity or _EXAMPLE
    by_school = {
        school: count
        for school, count in of.counts.get(entity, {}).items()
        if count and figure.school in (None, school) and school in of.schools
    }
    if name not in FIGURES:
        return ""
    if name not in SHARES:
        return sentence(f"limit_means_{name}", {"count": int(figure.value)})
    if not by_school:
        return ""
    # The school in the middle: neither the largest nor the smallest says how it is in most.
    school = sorted(by_school, key=lambda one: (by_school[one], one))[len(by_school) // 2]
    count = by_school[school]
    least = limits.figure("least", entity, school, now)
    passing = passes(name, figure.value, count, least)
    told = {"what": entity_word(entity).lower(), "school": of.schools[school], "of": f"{count:,}"}
    share = value_text(name, figure.value)
    return sentence(f"limit_means_{name}", {**told, "share": share, "passing": f"{passing:,}"})


def passes(name: str, share: float, count: int, least: float) -> int:
    """How many of so many records a share lets through; of ``shrink``, how many have to be left."""
    if name == "shrink":
        return math.ceil(share * count)
    return max(math.floor(share * count), int(least) - 1) if share else 0


def label(name: str) -> str:
    """What a limit is called in a list."""
    return _(LABELS[name])
