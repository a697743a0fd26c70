"""A preview: the sync itself, on a copy of the database (SEMANTICS E4).

No second planner exists. What the copy says afterwards is what a sync would have done, and the
roster's own database only gets how the preview ended, its counts and its log.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event as Flag

from app.engine.apart import Asking, apart
from app.engine.events import Event, Progress
from app.engine.judging import schools_of
from app.engine.loop import Loop, Steps
from app.engine.outgoing import Outgoing, outgoing, titles_of
from app.engine.run import sync
from app.engine.working import Work
from app.errors import Cancelled, SyncError
from app.roster.entities import ENTITIES
from app.roster.values import instant_text
from app.store import journal, previews, reads
from app.store.database import Database, Location
from app.store.differences import titled
from app.store.waiting import SAMPLES


def preview(parts: Work, loop: Loop) -> Steps:
    """The steps of a preview, from *running* to its end state."""
    real, whole = parts.database, False
    try:
        with real.writing() as tx:
            journal.interrupt_runs(tx, parts.connector_id, parts.run, _now(parts))
            journal.start_run(tx, parts.run, journal.PREVIEW, None, None)
        place = previews.place(real, parts.connector_id)
        copying = _copying(partial(real.copy_to, place, parts.cancel.is_set))
        # Copying looks at the flag itself: nothing of it is under way any more when it has ended.
        yield from apart(copying, loop, Flag())
        with Database(Location(place)) as copy:
            tell = _beating(parts)
            yield from sync(replace(parts, database=copy, control=real, tell=tell))
            with real.writing() as tx:
                state = previews.bring_back(tx, copy, parts.run)
        whole = state in journal.GOOD_STATES
    except SyncError as error:
        cancelled = isinstance(error, Cancelled)
        with real.writing() as tx:
            state = journal.CANCELLED if cancelled else journal.FAILED
            journal.end_run(tx, parts.run, state, _now(parts), None if cancelled else error)
    finally:
        if not whole:
            previews.forget(real, parts.connector_id)


def _now(parts: Work) -> str:
    return instant_text(parts.clock())


def _copying(copy: Callable[[], None]) -> Asking[None]:
    yield copy


def _beating(parts: Work) -> Callable[[Event], None]:
    """Tells what is told, and other processes how far the preview is."""

    def tell(event: Event) -> None:
        if isinstance(event, Progress):
            with parts.database.writing() as tx:
                journal.beat(tx, parts.run, _now(parts), event.entity, event.done, event.expected)
        parts.tell(event)

    return tell


# -- what would change ------------------------------------------------------------------------


@dataclass
class Effect:
    """What a sync would do to the records of one type in one school."""

    entity: str
    school: int
    """A record id; 0 for the district."""
    created: int = 0
    changed: int = 0
    removed: int = 0
    waiting: int = 0
    records: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Some of them, by ``created``, ``changed``, ``removed``, ``waiting``."""


@dataclass(frozen=True)
class Plan:
    """What a preview says would change, in the order of schools, and what things are called."""

    effects: Sequence[Effect]
    titles: Mapping[int, str]
    several: bool = False
    """Some records count in several schools, so the schools add up to more than there are."""
    sends: Sequence[Outgoing] = ()
    """What would be sent to the SIS, and what of it would wait."""


def plan(database: Database, run: int) -> Plan:
    """What a preview found; raises ``NotFound`` when its plan is gone.

    It goes at the connector's next run, or after a day.
    """
    with previews.opened(database, run) as copy:
        return plan_of(copy, run)


def plan_of(copy: Database, run: int) -> Plan:
    """The same, of the copy on which the preview ran."""
    found: dict[tuple[int, str], Effect] = {}
    several = False
    with copy.reading() as tx:
        for entity, where, what, count, some in previews.changes(tx, run, SAMPLES):
            schools = schools_of(ENTITIES[entity], where, today="")
            several |= len(schools) > 1
            for school in schools:
                effect = found.setdefault((school, entity), Effect(entity, school))
                setattr(effect, what, getattr(effect, what) + count)
                room = SAMPLES - len(effect.records[what])
                effect.records[what] += some[: max(room, 0)]
    chosen = {
        (one.entity, id_) for one in found.values() for ids in one.records.values() for id_ in ids
    }
    titles = reads.titles(copy, ("orgs", {one.school for one in found.values()}))
    sends = outgoing(copy, reads.run(copy, run).connector)
    titles |= titled(copy, chosen) | titles_of(copy, sends)
    places = {entity: place for place, entity in enumerate(ENTITIES)}
    effects = sorted(
        found.values(), key=lambda one: (titles.get(one.school, ""), places[one.entity])
    )
    return Plan(effects, titles, several, sends)
