"""What is going to be sent to each SIS, before it goes, and what a person has stopped of it (F1).

It is told from what stands now, by the same code that sends (``engine.sending``), and by what each
SIS last said that it takes. Nothing is asked of any SIS.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from app.connectors.contract import Capability, New
from app.engine.identify import Resolver
from app.engine.outbox import BATCH, MOST_CREATED
from app.engine.reading import Reading
from app.engine.scope import Scope, Within
from app.engine.sending import (
    CREATE,
    DELETE,
    UPDATE,
    Awaited,
    Lack,
    Lane,
    Sending,
    lacks,
    to_send,
    waits_for,
)
from app.engine.taking import refers_to
from app.engine.told import value_text
from app.engine.weigh import Weigher
from app.engine.working import policies_of
from app.engine.world import World
from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.roster.schema import EntityType, FieldType
from app.roster.stored import plain_value
from app.roster.values import UNKNOWN, Plain
from app.store import conflicts, journal, linkage, outbox, policies, reads, records, takes
from app.store.database import Database, Tx
from app.store.differences import titled
from app.store.journal import ConnectorRow, StreamProgress, StreamRow
from app.store.outbox import Due, Unsent
from app.text import _, plural


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


MOST_TOLD = 3
"""So many fields of a record are told before their number."""


def fields_told(one: Unsent, titles: Mapping[int, str]) -> str:
    """Which fields, from what the SIS has to what it gets."""
    changes = one.fields if isinstance(one, Outgoing) else ()
    by_name, told = ENTITIES[one.entity].by_name, []
    for change in changes[:MOST_TOLD] if len(changes) > MOST_TOLD + 1 else changes:
        type_ = by_name[change.field]
        before, after = (
            value_text(type_, value, titles) or _("blank")
            for value in (change.before, change.after)
        )
        words = _("{field}: {after}") if one.action == CREATE else _("{field}: {before} → {after}")
        told.append(words.format(field=_(type_.label), before=before, after=after))
    if (more := len(changes) - len(told)) > 0:
        told.append(plural("and {n} more field", "and {n} more fields", more))
    return "; ".join(told)


def titles_of(database: Database, found: Iterable[Unsent]) -> dict[int, str]:
    """What the records are called that something is sent of, or refers to, or waits for."""
    known = list(found)
    sides = [
        (one.entity, {change.field: value})
        for one in known
        if isinstance(one, Outgoing)
        for change in one.fields
        for value in (change.before, change.after)
    ]
    named = {(one.entity, one.record) for one in known}
    named |= {(one.about["entity"], one.about["id"]) for one in known if "id" in one.about}
    return reads.titles_of_values(database, sides) | titled(database, named)


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
            _stop(tx, change_set, one.lane, one.found) for one in _sendings(tx, row, set(ids))
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
    for one in _sendings(tx, row, None if record is None else {record}):
        lane, entity = one.lane, one.lane.entity.name
        begins = conflicts.begins(tx, row.id, entity)
        new = sum(
            sending.action == CREATE and sending.row.state != outbox.RELEASED
            for sending in one.found
            if sending.record.id not in one.why
        )
        for sending in one.found:
            place = row.name, entity, sending.record.id
            told.add(place)
            stands = known.get(place) or Unsent(
                *place, sending.action, outbox.WAITING, "", 0, None, sending.row.change_set
            )
            if begins and stands.state == outbox.WAITING:
                stands = replace(stands, words=outbox.BEGINS)
            elif stands.state == outbox.WAITING and stands.words == outbox.BEGINS:
                stands = replace(stands, words="")
            if not begins and stands.state == outbox.WAITING and sending.record.id in one.why:
                stands = _waits(entity, stands, one.why[sending.record.id])
            elif sending.copies and sending.row.id < 0 and new > MOST_CREATED:
                stands = replace(stands, state=outbox.HELD, words=outbox.CREATIONS)
            yield _told(lane, sending, replace(stands, action=sending.action))
        for id_, why in one.asked.items():
            place = row.name, entity, id_
            stands = known.get(place) or Unsent(*place, CREATE, outbox.WAITING, "", 0, None, 0)
            told.add(place)
            yield Outgoing(**_members(replace(stands, words=why)))
        # Of what may have arrived nobody knows yet what there is to send.
        for place, stands in known.items():
            here = place[:2] == (row.name, entity) and place not in told
            if here and stands.state == outbox.UNKNOWN:
                yield Outgoing(**_members(stands))


def _waits(entity: str, stands: Unsent, why: Awaited | Lack) -> Unsent:
    """It, with why it is not made there with the next sync."""
    if isinstance(why, Awaited):
        words = outbox.WAITS_FOR if why.comes else outbox.WAITS_IN_VAIN
        about = {"entity": why.entity, "id": why.record}
        return replace(stands, state=outbox.WAITING_ON, words=words, about=about)
    if not why:
        return replace(stands, words=outbox.NOT_TAKEN)
    return replace(stands, words=outbox.LACKING, about={"lacking": why})


def _told(lane: Lane, one: Sending, stands: Unsent) -> Outgoing:
    told = {} if one.action == DELETE else one.sent
    changes = field_changes(
        lane.entity, {name: (one.before.get(name), told[name]) for name in told}
    )
    fields = tuple(change for change in changes if change.before != change.after)
    return Outgoing(**_members(stands), fields=fields)


def field_changes(
    entity: EntityType, sides: Mapping[str, tuple[Plain, Plain]]
) -> tuple[FieldChange, ...]:
    """Fields in the order of the entity, of what they have and are to have in stored form."""

    def plain(one: FieldType, value: Plain) -> Plain:
        return None if value is None or value is UNKNOWN else plain_value(one, value)

    return tuple(
        FieldChange(one.name, *(plain(one, value) for value in sides[one.name]))
        for one in entity.fields
        if one.name in sides
    )


def _members(one: Unsent) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Unsent.__dataclass_fields__}


class _Lane(NamedTuple):
    """What there is to send to one stream."""

    lane: Lane
    found: list[Sending]
    why: dict[int, Awaited | Lack]
    """Records that are not made there with the next sync: what has to be there first, or what they
    lack (``sending.lacks``)."""
    asked: dict[int, str]
    """Records that wait for a person's word, and why: a code."""

    def of(self, only: Collection[int]) -> "_Lane":
        """What of it is about some records."""
        found = [one for one in self.found if one.record.id in only]
        return self._replace(
            found=found, asked={id_: why for id_, why in self.asked.items() if id_ in only}
        )


def _sendings(tx: Tx, row: ConnectorRow, only: Collection[int] | None) -> Iterator[_Lane]:
    """What there is to send to a connector's SIS, stream by stream, of all records or of some.

    What belongs to those who are to be made there is told with them, and not without them.
    """
    streams = journal.streams(tx, row.id, ())
    ids = {name: one.id for name, one in streams.items()}
    looked = None if only is None else _with_referred(tx, only)
    coming: dict[str, set[int]] = {}
    for lane in _lanes(tx, row, streams):
        stream, entity = lane.reading.stream.id, lane.entity.name
        due = [one for one in outbox.all_of(tx, stream) if looked is None or one.record in looked]
        lacking = outbox.missing(tx, stream, lane.entity, ids, coming) if lane.creates else []
        if conflicts.begins(tx, row.id, entity):
            lacking = []  # nobody is looked for before that is decided
        # Those that the next sync finds lacking have no row yet.
        due += [
            Due(-1 - n, record, outbox.WAITING, 0, 0, None)
            for n, record in enumerate(lacking)
            if looked is None or record in looked
        ]
        told = _Lane(lane, [], {}, {})
        records_ = {one.id: one.record for one in due}
        for start in range(0, len(due), BATCH):
            some = to_send(tx, lane, due[start : start + BATCH])
            for one in some.sendings:
                why = _why(tx, lane, streams, one, coming) if one.action == CREATE else None
                if not (one.copies and _in_vain(why)):
                    told.found.append(one)
                    if why is not None:
                        told.why[one.record.id] = why
            told.asked.update({records_[id_]: why for id_, why in some.waits.items()})
        coming[entity] = {
            *(
                one.record.id
                for one in told.found
                if one.action == CREATE
                and one.row.state != outbox.KEPT
                and not _in_vain(told.why.get(one.record.id))
            ),
            *(id_ for id_, why in told.asked.items() if why == outbox.IN_DOUBT),
        }
        yield told if only is None else told.of(only)


def _why(
    tx: Tx,
    lane: Lane,
    streams: Mapping[str, StreamRow],
    one: Sending,
    coming: Mapping[str, Collection[int]],
) -> Awaited | Lack | None:
    lacking = lacks(tx, lane, one)
    if lacking is not None:
        return lacking
    if one.row.id < 0 and not any(of.kind.is_list for of in lane.entity.fields if of.references):
        # Looked up with all others already: whatever it refers to is there or coming.
        for of in lane.entity.fields:
            id_ = one.sent.get(of.name)
            if of.target and isinstance(id_, int) and id_ in coming.get(of.target, ()):
                return Awaited(of.target, id_, comes=True)
    return waits_for(tx, lane, streams, one, coming)


def _in_vain(why: Awaited | Lack | None) -> bool:
    """Whether it is never made there, as far as is known."""
    return why is not None and not (isinstance(why, Awaited) and why.comes)


def _with_referred(tx: Tx, only: Collection[int]) -> set[int]:
    """The records, and those that they refer to, however far."""
    found = set(only)
    for name, entity in reversed(ENTITIES.items()):
        for one in records.read_records(tx, name, found).values():
            found |= refers_to(entity, one.values)
    return found


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
