"""Known issues: what a person has said is known of a connector does not shout, until a day.

Only what was wrong when they said so, and no more of it. What has passed is known no more: comes it
back, it is told again.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.engine.events import Event, RunEnded
from app.engine.health import Health, troubles
from app.engine.overview import facts_of
from app.engine.world import World
from app.errors import UsageError
from app.store import journal, known, reads
from app.store.known import Issue

LONGEST = timedelta(days=366)
"""Nothing is known for longer than that."""


def mark(world: World, name: str, until: date, because: str, author: str) -> Issue:
    """What is wrong with a connector now is known up to a day, in the words of the person.

    Raises ``NotFound``, and ``UsageError`` where nothing is wrong, or the day or words won't do.
    """
    today = world.clock().astimezone().date()
    if not today <= until <= today + LONGEST:
        raise UsageError("known_day_unfit", until=until.isoformat())
    if not because.strip():
        raise UsageError("known_because_missing")
    found = _troubles(world, reads.connector(world.database, name))
    if not found:
        raise UsageError("known_of_nothing", name=name)
    wrong = {one.trouble: one.count for one in found}
    issue = Issue(wrong, until.isoformat(), " ".join(because.split()), author, world.now)
    with world.database.writing() as tx:
        known.keep_issue(tx, journal.connector(tx, name).id, issue)
    return issue


def forget(world: World, name: str) -> None:
    """Nothing is known of a connector any more; raises ``NotFound``."""
    with world.database.writing() as tx:
        known.forget_issue(tx, journal.connector(tx, name).id)


def _troubles(world: World, facts: reads.ConnectorFacts) -> list[Health]:
    now = world.clock()
    return troubles(facts_of(facts, now), now)


_TELLING = (*journal.GOOD_STATES, journal.FAILED)
"""A run that ends otherwise tells nothing of what is wrong."""


@dataclass(frozen=True)
class Passing:
    """Sees to it that what has passed is known no more."""

    world: World

    def heard(self, event: Event) -> None:
        """A run has ended: what was wrong before it may not be so any more."""
        if not isinstance(event, RunEnded) or event.state not in _TELLING or event.unwritten:
            return
        for facts in reads.connectors(self.world.database):
            if facts.name == event.connector and facts.issue is not None:
                self._keep_what_stands(facts, facts.issue)

    def _keep_what_stands(self, facts: reads.ConnectorFacts, issue: Issue) -> None:
        stands = {one.trouble for one in _troubles(self.world, facts)}
        left = {one: count for one, count in issue.troubles.items() if one in stands}
        if left == issue.troubles:
            return
        with self.world.database.writing() as tx:
            if left:
                known.keep_issue(tx, facts.id, replace(issue, troubles=left))
            else:
                known.forget_issue(tx, facts.id)
