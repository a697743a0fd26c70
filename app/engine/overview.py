"""How things are, for the first glance: every connector with its health, the most urgent first."""

from dataclasses import dataclass
from datetime import datetime

from app.engine.health import Badge, Facts, Health, Step, judge
from app.store import reads
from app.store.database import Database


@dataclass(frozen=True)
class Glance:
    """One connector as the list shows it."""

    facts: reads.ConnectorFacts
    health: Health


@dataclass(frozen=True)
class Overview:
    """All connectors by urgency, and how many live records there are of each entity."""

    glances: tuple[Glance, ...]
    counts: dict[str, int]

    @property
    def records(self) -> int:
        """All live records."""
        return sum(self.counts.values())

    @property
    def health(self) -> Health:
        """The health of the whole: that of the most urgent connector."""
        if not self.glances:
            return Health(Badge.NEVER_SYNCED, "health_no_connector", Step.ADD)
        return self.glances[0].health


def overview(database: Database, now: datetime) -> Overview:
    """How things are at the instant ``now``."""
    glances = [Glance(facts, judge(_facts(facts), now)) for facts in reads.connectors(database)]
    glances.sort(key=lambda one: (one.health.badge.urgency, one.facts.name.casefold()))
    return Overview(tuple(glances), reads.counts(database))


def _facts(row: reads.ConnectorFacts) -> Facts:
    last, good = row.last, row.good
    return Facts(
        name=row.name,
        paused=row.paused,
        state=last.state if last else None,
        run=last.id if last else None,
        error_code=last.error_code if last else None,
        error_parameters=last.error_parameters if last else {},
        last_good=datetime.fromisoformat(good.ended_at) if good and good.ended_at else None,
        waiting=row.standing.waiting,
        conflicts=row.standing.conflicts,
        unreadable=row.standing.unreadable,
        incomplete=row.incomplete,
    )
