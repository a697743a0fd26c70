"""A person puts away the records that are out of a connector's scope (SEMANTICS D2).

A change set like any other: within limits, to be undone. Where such a row comes into scope again,
its being there is news, and its record comes back.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from app.engine import judging, limits
from app.engine.effects import effects
from app.engine.following import follow
from app.engine.world import World
from app.errors import LimitError, UsageError
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.store import journal, linkage, outbox, policies, reads, records, scopes
from app.store.codec import encode
from app.store.database import Tx
from app.store.records import Record

ARCHIVE = "archive"
"""The kind of the change set."""


@dataclass(frozen=True)
class Archived:
    """What was put away, and what was not, by entity."""

    change_set: int
    ended: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    """Records that another SIS has, or that are protected."""


def archive(
    world: World, name: str, entity: str | None, author: str, *, approved: bool
) -> Archived:
    """Ends the records that are out of the connector's scope, of one entity or of all.

    A record that another SIS has stays (D4), and so does one that is protected. Raises
    ``NotFound``, ``UsageError`` where there is nothing to put away, and ``LimitError`` where it
    goes over a limit and is not ``approved``; then nothing was changed.
    """
    entities = list(ENTITIES) if entity is None else [reads.entity_type(entity).name]
    with world.database.writing() as tx:
        row = journal.connector(tx, name)
        change_set = journal.open_change_set(tx, ARCHIVE, author, world.now, row.id)
        done, held = Archived(change_set), list[str]()
        for one in entities:
            held += _archive(tx, world, row.id, one, done, approved=approved)
        if held:
            asked = f" {entity}" if entity else ""
            raise LimitError("archive_held", name=name, asked=asked, told="\n".join(held))
        if not done.ended:
            raise UsageError("archive_nothing", name=name)
    return done


def _archive(
    tx: Tx, world: World, connector: int, entity: str, done: Archived, *, approved: bool
) -> list[str]:
    """Puts the records of one entity away; what a limit has against it."""
    outside = scopes.outside(tx, connector, entity)
    if not outside:
        return []
    type_, stream = ENTITIES[entity], journal.streams(tx, connector, [entity])[entity].id
    ids = set(outside.values())
    stays = policies.protected(tx, ids) | scopes.kept_elsewhere(tx, outside)
    links = {id_: link for link, id_ in outside.items() if id_ not in stays}
    going = [(links[one.id], one) for one in records.read_records(tx, entity, links).values()]
    done.kept[entity] += len(ids) - len(going)
    if not going:
        return []
    sides = [(record.id, record.values, None) for _, record in going]
    tallies = Counter(effects(tx, type_, world.now[:10], sides))
    if not approved:
        now = datetime.fromisoformat(world.now)
        if trips := judging.tripped(tx, connector, stream, type_, "in", tallies, now):
            names = reads.titles(world.database, ("orgs", {trip.school for trip in trips}))
            return [limits.would(trips, type_, names)]
    _end(tx, entity, done.change_set, going)
    done.ended[entity] += len(going)
    judging.applied(
        tx,
        connector=connector,
        entity=entity,
        direction=judging.APPROVED if approved else "in",
        tallies=tallies,
        now=world.now,
    )
    outbox.note_elsewhere(tx, done.change_set, [record.id for _, record in going], stream)
    return []


def _end(tx: Tx, entity: str, change_set: int, going: list[tuple[int, Record]]) -> None:
    records.update_records(
        tx, entity, change_set, [(record, False, record.values) for _, record in going]
    )
    # Ended there as well, as far as we are concerned: nothing is sent, and were the row in scope
    # again, its being there would be news.
    linkage.set_alive(tx, [link for link, _ in going], False)
    was, is_ = encode({ALIVE: True}), encode({ALIVE: False})
    records.log_changes(
        tx, change_set, entity, [(record.id, link, was, is_, None) for link, record in going]
    )
    follow(tx, change_set, entity, [record.id for _, record in going])
