"""What people lay down about a connector's limits, read and changed as a whole (SEMANTICS E).

Kept as JSON with the connector, and obeyed by whoever judges next.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias

from app.engine import judging
from app.engine.figures import Limits, Turned
from app.engine.limits import DISTRICT
from app.engine.world import World
from app.errors import NotFound
from app.roster.entities import ENTITIES
from app.roster.values import instant_text
from app.store import journal, records, sizes
from app.store.database import Database, Tx

Change: TypeAlias = Callable[[Limits], Limits]
"""One change, such as ``lambda limits: limits.with_additions_only(True)``."""


@dataclass(frozen=True)
class Laid:
    """The limits of a connector, and how the school year's change goes by entity."""

    connector: str
    limits: Limits
    turned: dict[str, list[Turned]]


def change_limits(world: World, name: str, *changes: Change) -> Limits:
    """Makes the changes one after another, or none of them; the limits that follow.

    Raises ``NotFound`` for a connector or a school, and ``UsageError`` for what does not fit.
    """
    with world.database.writing() as tx:
        row = journal.connector(tx, name)
        limits = Limits.of(sizes.limits(tx, row.id))
        for change in changes:
            limits = change(limits)
        schools = limits.schools - {DISTRICT}
        for unknown in schools - records.read_records(tx, "orgs", schools).keys():
            raise NotFound("record_unknown", entity="orgs", id=unknown)
        sizes.set_limits(tx, row.id, str(limits))
    return limits


def allow(
    world: World,
    name: str,
    figures: Mapping[str, float | None],
    *,
    entity: str,
    school: int | None,
    lasts: timedelta,
) -> Limits:
    """Raises figures for a while, in the name of whoever uses the program; as ``change_limits``.

    Of ``None`` the allowances that there are end.
    """
    about: dict[str, Any] = {"now": world.clock(), "entity": entity, "school": school}
    raised = partial(Limits.with_allowance, by=world.author, lasts=lasts, **about)
    ended = partial(Limits.without_allowance, **about)
    changes = [
        partial(ended, name=figure) if value is None else partial(raised, name=figure, value=value)
        for figure, value in figures.items()
    ]
    return change_limits(world, name, *changes)


def laid(database: Database, name: str) -> Laid:
    """What was laid down for a connector; raises ``NotFound``."""
    with database.reading() as tx:
        row = journal.connector(tx, name)
        limits = Limits.of(sizes.limits(tx, row.id))
        return Laid(name, limits, _turned(tx, row.id, limits))


def _turned(tx: Tx, connector: int, limits: Limits) -> dict[str, list[Turned]]:
    year = limits.school_year
    if year is None or not year.turnover:
        return {}
    found = {}
    since = sizes.change_set_since(tx, instant_text(year.begins))
    for entity, stream in journal.streams(tx, connector, ()).items():
        about = [one for one in year.turnover if one.entity in ("", entity)]
        if about and (told := judging.turned(tx, stream.id, ENTITIES[entity], limits, since)):
            found[entity] = told
    return found
