"""Which news are worth a notification: each matter once, again when it grows, ever more seldom.

A matter is what a connector's badge says. Pure: from one overview to the next. What is said names
connectors and counts, never a person of the roster.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.engine.health import Badge
from app.engine.overview import Glance, Overview
from app.text import _, plural, sentence
from app.ui.places import Place, ToChangeSet, ToInbox, ToToday

SAID_AT_FAILURE = (1, 3, 10)
"""A failure is told at the first, the third and the tenth sync that fails; from then on"""
EVERY = timedelta(days=1)
"""once a day."""
PAUSE = timedelta(hours=1)
"""What waits for a person is told again when it has grown, after so long at the earliest."""

FAILURES, DECISIONS, LATE, RECOVERIES = "failures", "decisions", "late", "recoveries"
KINDS = (FAILURES, DECISIONS, LATE, RECOVERIES)
"""What a person can switch off."""
_KIND = {
    Badge.CREDENTIALS_INVALID: FAILURES,
    Badge.FAILING: FAILURES,
    Badge.NEEDS_YOU: DECISIONS,
    Badge.CREDENTIALS_EXPIRING: DECISIONS,
    Badge.LATE: LATE,
}


@dataclass(frozen=True)
class News:
    """One notification, and where a click on it leads."""

    title: str
    words: str
    place: Place


@dataclass
class _Matter:
    """What was told of a connector."""

    kind: str
    code: str
    at: datetime
    count: int
    failures: int = 0


@dataclass
class Matters:
    """Remembers what was told, so that nothing is told twice."""

    _known: dict[str, _Matter] = field(default_factory=dict)

    def news(self, overview: Overview, now: datetime, *, wanted: frozenset[str]) -> News | None:
        """What is new; several matters are one notification. ``wanted``: the ``KINDS`` to tell.

        What is not wanted, or is not told because nobody needs it, counts as told.
        """
        told = []
        for glance in overview.glances:
            found = self._of(glance, now)
            if found is not None and found[0] in wanted:
                told.append(found[1])
        here = {glance.facts.name for glance in overview.glances}
        self._known = {name: one for name, one in self._known.items() if name in here}
        if len(told) <= 1:
            return told[0] if told else None
        words = "\n".join(one.title for one in told)
        title = plural("{n} connector has news", "{n} connectors have news", len(told))
        return News(title, words, ToToday())

    def _of(self, glance: Glance, now: datetime) -> tuple[str, News] | None:
        facts, health = glance.facts, glance.health
        name, before = facts.name, self._known.get(facts.name)
        if health.badge is Badge.SYNCING:
            return None  # how it was before the sync is still the matter
        kind = _KIND.get(health.badge)
        if kind is None:
            if before is None:
                return None
            del self._known[name]
            if before.kind != FAILURES or health.badge is not Badge.HEALTHY:
                return None
            title = _("{name} works again").format(name=name)
            return RECOVERIES, News(title, sentence(health.code, health.parameters), ToToday())
        if (
            before is not None
            and before.code == health.code
            and not self._again(before, glance, now)
        ):
            return None
        self._known[name] = _Matter(kind, health.code, now, health.needs, facts.failures)
        title = _("{name}: {state}").format(name=name, state=_(health.badge.value))
        return kind, News(title, sentence(health.code, health.parameters), _place(glance))

    def _again(self, before: _Matter, glance: Glance, now: datetime) -> bool:
        """Whether a matter that was told is to be told once more."""
        if before.kind == FAILURES:
            failures = glance.facts.failures
            reached = any(before.failures < one <= failures for one in SAID_AT_FAILURE)
            return reached or (failures > before.failures and now - before.at >= EVERY)
        grown = glance.health.needs > before.count
        return grown and now - before.at >= PAUSE


def _place(glance: Glance) -> Place:
    last = glance.facts.last
    if glance.health.badge is Badge.NEEDS_YOU:
        return ToInbox()
    return ToChangeSet(last.id, log=True) if last is not None else ToToday()
