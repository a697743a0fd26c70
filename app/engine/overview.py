"""How things are, for the first glance: every connector with its health, the most urgent first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from app.engine.exporting import LastTime, following
from app.engine.health import Badge, Facts, Health, Known, Step, judge
from app.engine.inbox import Asked
from app.engine.schedule import Past, Schedule, next_sync
from app.engine.told import counted, entity_word, log_parameters
from app.errors import MAY_PASS, Parameter
from app.roster.entities import ENTITIES
from app.store import journal, reads
from app.store.database import Database
from app.store.known import Issue
from app.text import _, plural, sentence


@dataclass(frozen=True)
class Glance:
    """One connector as the list shows it."""

    facts: reads.ConnectorFacts
    health: Health
    next: datetime | None = None
    """When it syncs by itself; ``None``: not before a person asks."""
    asked: Asked | None = None
    """What waits of it, where that was looked at."""


@dataclass(frozen=True)
class Overview:
    """All connectors by urgency, and how many live records there are of each entity."""

    glances: tuple[Glance, ...]
    counts: dict[str, int]
    unwritten: LastTime | None = None
    """Why no export followed the newest sync, where one should have."""

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

    def waiting(self, connector: str | None = None) -> int:
        """How many decisions wait for a person, of one connector or of all."""
        return sum(
            one.asked.count
            for one in self.glances
            if one.asked is not None and connector in (None, one.facts.name)
        )

    def first(self, connector: str | None = None) -> str:
        """The most harmful of them, of the first connector that has one; blank where none waits."""
        asked = (
            one.asked.first
            for one in self.glances
            if one.asked is not None and connector in (None, one.facts.name)
        )
        return next(filter(None, asked), "")


def overview(database: Database, now: datetime) -> Overview:
    """How things are at the instant ``now``."""
    glances = [
        Glance(facts, judge(facts_of(facts, now), now), next_sync_of(facts, now))
        for facts in reads.connectors(database)
    ]
    glances.sort(key=lambda one: (one.health.badge.urgency, one.facts.name.casefold()))
    return Overview(tuple(glances), reads.counts(database), _unwritten(database))


def _unwritten(database: Database) -> LastTime | None:
    wanted = following(database)
    last = wanted.last if wanted else None
    return last if last is not None and last.written != last.run else None


def may_pass(row: reads.ConnectorFacts) -> bool:
    """Whether the newest sync was cut off, or failed for a reason that may pass by itself."""
    last = row.last
    cut_off = last is not None and last.state == journal.INTERRUPTED
    return cut_off or (last is not None and last.error_category in MAY_PASS)


def next_sync_of(row: reads.ConnectorFacts, now: datetime) -> datetime | None:
    """When the connector syncs by itself: never before a person has had a first sync done well."""
    last = row.last
    if row.schedule is None or row.paused or row.good is None or last is None:
        return None
    if last.ended_at is None:
        return None
    past = Past(
        began=datetime.fromisoformat(last.started_at),
        ended=datetime.fromisoformat(last.ended_at),
        failures=row.failures,
        may_pass=may_pass(row),
        wait=float(last.error_parameters.get("retry_after") or 0),
    )
    return next_sync(Schedule.of(row.schedule), past, now)


def facts_of(row: reads.ConnectorFacts, now: datetime) -> Facts:
    """What a connector's health is judged by."""
    last, good, issue = row.last, row.good, row.issue
    until = row.credentials_until
    return Facts(
        name=row.name,
        paused=row.paused,
        state=last.state if last else None,
        run=last.id if last else None,
        error_code=last.error_code if last else None,
        error_parameters=last.error_parameters if last else {},
        last_good=_instant(good.ended_at) if good else None,
        last_good_began=_instant(good.started_at) if good else None,
        waiting=row.standing.waiting,
        conflicts=row.standing.conflicts,
        unsent=row.standing.unsent,
        unreadable=[
            (datetime.fromisoformat(since), count) for since, count in row.since.unreadable
        ],
        incomplete=row.incomplete,
        last_whole=_instant(row.since.whole_at),
        doubts=doubts(good) if good else (),
        due=next_sync_of(row, now),
        last_news=_instant(row.since.news_at),
        credentials_until=date.fromisoformat(until) if until else None,
        known=known_of(issue) if issue else None,
        undone=undone(row),
    )


def undone(row: reads.ConnectorFacts) -> tuple[str, dict[str, Parameter]] | None:
    """That it is otherwise here than at the SIS since an undo: a sentence's code and parameters."""
    if (one := row.since.undone) is None:
        return None
    code = "health_asked_again" if one.asked else "health_undone"
    records = counted(one.records, one.entity)
    return code, {"name": row.name, "of": one.of, "count": one.records, "records": records}


def known_of(issue: Issue) -> Known:
    """What a person has said is known, as health is judged by it."""
    return Known(date.fromisoformat(issue.until), issue.because, issue.by, issue.troubles)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# -- why answers were not whole, said by both front ends ------------------------------------------

NAMED = 3
"""So many record types are named before what they have in common; of more it is said in general."""


def doubts(run: reads.RunRow) -> tuple[str, ...]:
    """Why what the SIS answered in a run was not whole, a sentence each."""
    order = list(ENTITIES)
    streams = sorted(run.streams, key=lambda one: order.index(one.entity))
    return tuple(
        shared(
            (stream.entity, sentence(code, log_parameters(stream.entity, parameters)))
            for stream in streams
            for code, parameters in stream.doubts
        )
    )


def shared(told: Iterable[tuple[str | None, str]], most: int = NAMED) -> list[str]:
    """Sentences, each with the record types that it was said of, up to so many; each once."""
    of: dict[str, dict[str, None]] = {}
    for entity, words in told:
        of.setdefault(words, {}).update({entity: None} if entity else {})
    return [
        f"{', '.join(map(entity_word, some))}: {words}" if 0 < len(some) <= most else words
        for words, some in of.items()
    ]


# -- what stands after a sync that failed, said by both front ends ------------------------------

Say: TypeAlias = Callable[[datetime], str]
"""How a front end says an instant."""


def as_of(facts: reads.ConnectorFacts, say: Say) -> str:
    """Which moment the records show."""
    if facts.good is None or facts.good.ended_at is None:
        return _("No sync has been finished yet.")
    when = say(datetime.fromisoformat(facts.good.ended_at))
    return _("Rosters are as of {when}.").format(when=when)


def removed(run: reads.RunRow) -> str:
    """What the run took away."""
    count = run.total("deleted")
    if count == 0:
        return _("Nothing was removed.")
    return plural(
        "{n} record was removed, with proof.", "{n} records were removed, with proof.", count
    )


def next_try(when: datetime | None, now: datetime, say: Say) -> list[str]:
    """When it is tried again without anybody asking; nothing where it is not."""
    if when is None:
        return []
    if when <= now:
        return [_("It is tried again now.")]
    return [_("Next try {when}.").format(when=say(when))]
