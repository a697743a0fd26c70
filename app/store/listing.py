"""One by one, whom a sync or another change set was about, and who waits: everybody's questions.

Counts and samples are in ``reads`` and ``waiting``; here is every record, for whoever wants names.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.roster.values import Plain
from app.store import history, reads, waiting
from app.store.codec import plain_changes
from app.store.database import Database
from app.store.plans import UNTIES
from app.store.statements import AMONG
from app.store.waiting import Waiting, Which

CREATED, CHANGED, REMOVED, RETURNED = "created", "changed", "removed", "returned"
"""What becomes of a record."""

KEPT = "kept"
"""What becomes of one of which only the SIS's word was thrown away."""

JOINED, PARTED = "joined", "parted"
"""What becomes of one whose rows are another's too, or are so no more (SEMANTICS A5)."""

UNTIED = "untied"
"""What becomes of one that another SIS keeps, and this one tells of no more (SEMANTICS D4)."""

SENT = "sent"
"""What becomes of one that is to be sent to the SIS."""


@dataclass(frozen=True)
class Written:
    """What a change set did to one record: canonical values by field."""

    entity: str
    record: int
    what: str
    before: Mapping[str, Plain] = field(default_factory=dict)
    after: Mapping[str, Plain] = field(default_factory=dict)
    discarded: Mapping[str, Plain] = field(default_factory=dict)
    """What the SIS said and was thrown away."""
    twin: int | None = None
    """With whom it was joined, or from whom it was taken apart."""


def written(
    database: Database,
    change_set: int,
    entity: str | None = None,
    *,
    only: Mapping[str, Collection[int]] | None = None,
) -> list[Written]:
    """What a change set did, record by record: first who came, then the rest as it was written.

    A record that was ``kept`` is among them. Ids of records may repeat. ``only``: nothing but
    these records, by entity.
    """
    among = f"AND record {AMONG} " if only is not None else ""
    ids = [id_ for some in (only or {}).values() for id_ in some]
    with database.reading() as tx:
        if only is None:
            made = history.created_in(tx, [change_set])
        else:
            made = history.created_among(tx, change_set, only)
        rows = list(
            tx.rows(
                "SELECT entity, record, twin, before, after, discarded FROM changes "
                f"WHERE change_set = ? {among}AND (before <> after OR discarded IS NOT NULL) "
                "ORDER BY id",
                (change_set, *([json.dumps(ids)] if among else [])),
            )
        )
    found = [Written(name, record, CREATED) for name, of in made.items() for record in sorted(of)]
    for name, record, twin, *blobs in rows:
        before, after, lost = (
            plain_changes(ENTITIES[name], blob) if blob else {} for blob in blobs
        )
        what = change_of(before, after)
        if twin is not None:
            what = {REMOVED: JOINED, RETURNED: PARTED}.get(what, what)
        found.append(Written(name, record, what, before, after, lost, twin))
    return [one for one in found if entity in (None, one.entity)]


def change_of(before: Mapping[str, Plain], after: Mapping[str, Plain]) -> str:
    """What becomes of a record whose values by field change so."""
    if before == after:
        return KEPT
    if before.get(ALIVE) == after.get(ALIVE):
        return CHANGED
    return RETURNED if after[ALIVE] else REMOVED


@dataclass(frozen=True)
class Waits:
    """One record that waits, and what would become of it."""

    entity: str
    record: int
    what: str
    """``created``, ``changed``, ``removed``, ``joined``, ``parted``, ``untied`` or ``sent``."""
    rules: Mapping[str, float | None]
    """What holds it: limits (``engine.limits``), ``proof`` or ``identity``, each with the share
    that it lets through, where it is one of a share."""
    values: Mapping[str, Plain]
    """The values it would get, by field,"""
    before: Mapping[str, Plain] = field(default_factory=dict)
    """and those it has."""
    effects: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """What that does (``engine.limits``), each with the schools where it counts."""
    twin: int | None = None
    """With whom it would be joined."""


_ACTIONS = {"create": CREATED, "update": CHANGED, "end": REMOVED}
WHAT = (
    "CASE WHEN items.reason IN ('joined', 'parted') THEN items.reason "
    f"WHEN action = 'end' AND {UNTIES} THEN '{UNTIED}' ELSE action END"
)
"""The column of an item that ``item_becomes`` reads."""


def item_becomes(action: str) -> str:
    """What becomes of a record by an item of that action, or that reason (``WHAT``)."""
    return _ACTIONS.get(action, action)


def waits(database: Database, run: int, which: Which) -> list[Waits]:
    """Everything that waits of what was there in a run, by entity as they are read."""
    with database.reading() as tx:
        row = tx.one("SELECT connector FROM runs WHERE id = ?", (run,))
        connector = row[0] if row else 0
        chosen = waiting.waiting(tx, connector, run, which)
        held = [
            (entity, *told)
            for entity, rows in waiting.held_back(tx, connector, run, which).items()
            for told in tx.rows(
                f"SELECT record, coalesce(words, '') FROM outbox WHERE id {AMONG} ORDER BY id",
                (json.dumps(rows),),
            )
        ]
    sent = (
        Waits(entity, record, SENT, dict.fromkeys(words.split()), {})
        for entity, record, words in held
    )
    return [*(one for _, one in _waits(database, chosen)), *sent]


def waits_by_id(database: Database, items: Collection[int]) -> dict[int, Waits]:
    """Those of the items that wait yet, by id."""
    with database.reading() as tx:
        chosen = waiting.by_id(tx, items)
    return dict(_waits(database, chosen))


def _waits(
    database: Database, chosen: Mapping[str, Sequence[Waiting]]
) -> Iterator[tuple[int, Waits]]:
    """(item, what would become of its record)."""
    with database.reading() as tx:
        trips = waiting.trips(tx, {one.run for items in chosen.values() for one in items})
        planned = {
            id_: told
            for id_, *told in tx.rows(
                f"SELECT items.id, {WHAT}, planned, effects, twins.record FROM items "
                "LEFT JOIN links AS twins "
                "ON items.reason = 'joined' AND twins.id = CAST(items.patch AS INTEGER) "
                f"WHERE items.id {AMONG}",
                (json.dumps([one.id for items in chosen.values() for one in items]),),
            )
        }
    for entity, items in chosen.items():
        rows = reads.records(database, entity, [one.record for one in items])
        now = {row.id: row.values for row in rows}
        for one in items:
            if one.id not in planned:
                continue  # answered meanwhile
            action, blob, effects, twin = planned[one.id]
            values = plain_changes(ENTITIES[entity], blob) if blob else {}
            has = now.get(one.record, {}) if action in ("update", PARTED) else {}
            before = {name: has[name] for name in values if name in has}
            rules = {
                rule: _share(trips.get((one.run, entity, rule), {}), effects)
                for rule in one.held_by.split()
            }
            does, what = json.loads(effects), item_becomes(action)
            yield one.id, Waits(entity, one.record, what, rules, values, before, does, twin)


def _share(trips: Mapping[int, Mapping[str, Any]], effects: str) -> float | None:
    """What a limit lets through in the first school in which an item trips it."""
    found = (trips[one].get("limit") for one in waiting.schools_of(effects) if one in trips)
    return next(found, None)


def waiting_kinds(database: Database, connector: str) -> dict[tuple[str, str], int]:
    """How many records wait for a person now, by what would become of them and by entity."""
    with database.reading() as tx:
        rows = tx.rows(
            f"SELECT {WHAT}, entity, count(*) FROM items "
            "JOIN streams ON streams.id = items.stream "
            "JOIN connectors ON connectors.id = streams.connector "
            "WHERE connectors.name = ?1 AND items.state = 'waiting' GROUP BY 1, 2 UNION ALL "
            "SELECT 'sent', entity, count(*) FROM outbox "
            "JOIN streams ON streams.id = outbox.stream "
            "JOIN connectors ON connectors.id = streams.connector "
            "WHERE connectors.name = ?1 AND outbox.state = 'held' GROUP BY 1, 2",
            (connector,),
        )
        found = {(item_becomes(action), entity): count for action, entity, count in rows}
    order = (REMOVED, UNTIED, JOINED, PARTED, CREATED, CHANGED, SENT)
    entities = list(ENTITIES)
    return dict(sorted(found.items(), key=lambda one: (
        order.index(one[0][0]), entities.index(one[0][1]),
    )))  # fmt: skip
