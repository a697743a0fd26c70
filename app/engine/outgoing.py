"""What is going to be sent to each SIS, before it goes, and what a person has stopped of it (F1).

It is told from what stands now, by the same code that sends (``engine.sending``), and by what each
SIS last said that it takes. Nothing is asked of any SIS.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from app.connectors.contract import Capability, New
from app.engine.identify import Resolver
from app.engine.outbox import BATCH, MOST_CREATED
from app.engine.reading import Reading
from app.engine.scope import Scope, Within
from app.engine.sending import CREATE, DELETE, UPDATE, Lane, Sending, is_taken, to_send
from app.engine.weigh import Weigher
from app.engine.working import policies_of
from app.engine.world import World
from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.roster.stored import plain_value
from app.roster.values import UNKNOWN, Plain
from app.store import conflicts, journal, linkage, outbox, policies, records, takes
from app.store.database import Database, Tx
from app.store.journal import ConnectorRow, StreamProgress, StreamRow
from app.store.outbox import Due, Unsent


@dataclass(frozen=True)
class FieldChange:
    """What becomes of one field at the SIS. Values are canonical."""

    field: str
    before: Plain
    """What it has, as far as is known,"""
    after: Plain
    """and what it is to have."""


@dataclass(frozen=True)
class Outgoing(Unsent):
    """A record of which something is to be sent, or could not be, and what that is."""

    fields: tuple[FieldChange, ...] = field(default=())
    """Of a new record all that is sent; none where it ends there, or nobody knows yet."""


def outgoing(
    database: Database, connector: str | None = None, record: int | None = None
) -> list[Outgoing]:
    """What would be sent with the next sync of one connector or of each, or waits, by record type.

    Also whom the next sync would find lacking there. Raises ``NotFound``.
    """
    known = {
        (one.connector, one.entity, one.record): one
        for one in outbox.unsent(database, connector, record)
    }
    with database.reading() as tx:
        if connector is not None:
            journal.connector(tx, connector)
        rows = [one for one in journal.connectors(tx) if connector in (None, one.name)]
        return [told for row in rows for told in _of(tx, row, known, record)]


def stop(world: World, name: str, ids: Collection[int], author: str) -> int:
    """Has changes of records not be sent to a connector's SIS; the change set, which can be undone.

    It stays here as it is: a change until the SIS says something new of it, a new record until
    somebody asks for another try. Raises ``NotFound``, and ``UsageError`` where nothing of them is
    to be sent.
    """
    with world.database.writing() as tx:
        row = journal.connector(tx, name)
        change_set = journal.open_change_set(tx, "refusal", author, world.now, row.id)
        stopped = sum(
            _stop(tx, change_set, lane, [one for one in found if one.record.id in ids])
            for lane, found, _ in _sendings(tx, row, set(ids))
        )
        if not stopped:
            raise UsageError("nothing_to_stop", name=name)
    return change_set


def _stop(tx: Tx, change_set: int, lane: Lane, going: Sequence[Sending]) -> int:
    made = [one.record.id for one in going if one.action == CREATE]
    outbox.stop(tx, change_set, lane.reading.stream.id, made)
    rest = [one for one in going if one.action != CREATE and not one.reverts]
    by_name, pins = lane.entity.by_name, []
    for one in rest:
        assert one.place is not None
        parts = {by_name[field].group for field in one.sent} if one.action == UPDATE else {ALIVE}
        pins += [(one.place.link, part) for part in sorted(parts)]
    policies.pin(tx, change_set, pins)
    outbox.drop(tx, [one.row.id for one in rest])
    return len(made) + len(rest)


# -- each connector ---------------------------------------------------------------------------


def _of(
    tx: Tx, row: ConnectorRow, known: Mapping[tuple[str, str, int], Unsent], record: int | None
) -> Iterator[Outgoing]:
    told: set[tuple[str, str, int]] = set()
    for lane, found, waits in _sendings(tx, row, None if record is None else {record}):
        begins = conflicts.begins(tx, row.id, lane.entity.name)
        new = sum(one.action == CREATE and one.row.state != outbox.RELEASED for one in found)
        for one in found:
            place = row.name, lane.entity.name, one.record.id
            told.add(place)
            stands = known.get(place) or Unsent(
                *place, one.action, outbox.WAITING, "", 0, None, one.row.change_set
            )
            if begins and stands.state == outbox.WAITING:
                stands = replace(stands, words=outbox.BEGINS)
            elif stands.state == outbox.WAITING and stands.words == outbox.BEGINS:
                stands = replace(stands, words="")
            if one.copies and one.row.id < 0 and new > MOST_CREATED:
                stands = replace(stands, state=outbox.HELD, words="creations")
            yield _told(lane, one, replace(stands, action=one.action))
        for id_, why in waits.items():
            place = row.name, lane.entity.name, id_
            stands = known.get(place) or Unsent(*place, CREATE, outbox.WAITING, "", 0, None, 0)
            told.add(place)
            yield Outgoing(**_members(replace(stands, words=why)))
        # Of what may have arrived nobody knows yet what there is to send.
        for place, stands in known.items():
            here = place[:2] == (row.name, lane.entity.name) and place not in told
            if here and stands.state == outbox.UNKNOWN:
                yield Outgoing(**_members(stands))


def _told(lane: Lane, one: Sending, stands: Unsent) -> Outgoing:
    by_name = lane.entity.by_name

    def plain(side: Mapping[str, Plain], name: str) -> Plain:
        value = side.get(name)
        return None if value is None or value is UNKNOWN else plain_value(by_name[name], value)

    fields = tuple(
        FieldChange(name, plain(one.before, name), plain(one.sent, name))
        for name in sorted(one.sent, key=lambda name: by_name[name].index)
        if one.action != DELETE and plain(one.before, name) != plain(one.sent, name)
    )
    return Outgoing(**_members(stands), fields=fields)


def _members(one: Unsent) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Unsent.__dataclass_fields__}


class _Lane(NamedTuple):
    """What there is to send to one stream."""

    lane: Lane
    found: list[Sending]
    waits: dict[int, str]
    """Records that wait for a person's word, and why: a code."""


def _sendings(tx: Tx, row: ConnectorRow, only: Collection[int] | None) -> Iterator[_Lane]:
    """What there is to send to a connector's SIS, stream by stream, of all records or of some."""
    streams = journal.streams(tx, row.id, ())
    ids = {name: one.id for name, one in streams.items()}
    for lane in _lanes(tx, row, streams):
        stream = lane.reading.stream.id
        due = [one for one in outbox.all_of(tx, stream) if only is None or one.record in only]
        lacking = outbox.missing(tx, stream, lane.entity, ids) if lane.creates else []
        if conflicts.begins(tx, row.id, lane.entity.name):
            lacking = []  # nobody is looked for before that is decided
        # Those that the next sync finds lacking have no row yet.
        due += [
            Due(-1 - n, record, outbox.WAITING, 0, 0, None)
            for n, record in enumerate(lacking)
            if only is None or record in only
        ]
        found: list[Sending] = []
        waits: dict[int, str] = {}
        records_ = {one.id: one.record for one in due}
        for start in range(0, len(due), BATCH):
            some = to_send(tx, lane, due[start : start + BATCH])
            found += [
                one for one in some.sendings if not one.copies or is_taken(tx, lane, streams, one)
            ]
            waits |= {records_[row]: why for row, why in some.waits.items()}
        yield _Lane(lane, found, waits)


def _lanes(tx: Tx, row: ConnectorRow, streams: Mapping[str, StreamRow]) -> Iterator[Lane]:
    deletes, creates = policies.sends_deletes(tx, row.id), policies.sends_creates(tx, row.id)
    scope = Scope.of(row.scope)
    aliased = {name: linkage.has_aliases(tx, one.id) for name, one in streams.items()}
    writes = takes.writes(tx, row.id)
    for name, entity in ENTITIES.items():
        if name not in streams or not writes.get(name):
            continue
        capability = _capability(json.loads(writes[name]), entity.field_names)
        reading = Reading(
            run=0,
            connector=row.id,
            stream=streams[name],
            entity=entity,
            fields=entity.field_names,
            layouts=records.known_layouts(tx, name),
            resolver=Resolver({}, {}),
            progress=StreamProgress(name),
            aliased=aliased[name],
            weigher=Weigher(entity, "", policies_of(tx, row.id), False, lambda: None),
            now="",
            within=Within(scope, entity, streams, aliased) if scope else None,
        )
        yield Lane(reading, capability, deletes, creates and CREATE in capability.writes)


def _capability(told: Mapping[str, Any], fields: tuple[str, ...]) -> Capability:
    """What the SIS last said that it takes."""
    new = told.get("new")
    return Capability(
        tuple(told.get("speaks", fields)),
        writes=frozenset(told["actions"]),
        written=frozenset(told["fields"]),
        apart={begin: frozenset(names) for begin, names in told.get("apart", {}).items()},
        beside=tuple({entity for one in new or () for entity, _ in one[2]}),
        new=None
        if new is None
        else tuple(
            New(frozenset(roles), tuple(names), tuple(map(tuple, beside)))
            for roles, names, beside in new
        ),
    )
