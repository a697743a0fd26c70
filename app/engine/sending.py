"""What there is to send of a record to one SIS, and how it is put to it (SEMANTICS F1, B3, G2).

To push means that what stands here differs from what was last agreed, in a field that the SIS
takes, without an open conflict and without a pin. A group goes whole or not at all.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from app.connectors.contract import Capability, Change
from app.engine.effects import Sides
from app.engine.members import Members
from app.engine.reading import Reading
from app.engine.reconcile import Values, groups
from app.engine.terms import Missing, Terms, places_of
from app.engine.weigh import with_local
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE, part_name
from app.roster.schema import EntityType, FieldType
from app.roster.stored import plain_value, stored_value
from app.roster.values import UNKNOWN, Elements, Plain
from app.store import (
    conflicts,
    identities,
    linkage,
    matching,
    outbox,
    policies,
    records,
    twins,
)
from app.store.codec import encode
from app.store.database import Tx
from app.store.journal import StreamRow
from app.store.outbox import Due, Place, Revert, Sent
from app.store.records import Record

CREATE, UPDATE, DELETE = "create", "update", "delete"

KEPT = linkage.HELD_ITEM | linkage.HELD_OUTSIDE
"""Why nothing is sent of a record, for now: its SIS's word waits, or it is out of scope (D2)."""


@dataclass(frozen=True)
class Lane:
    """One stream that takes something, while it is sent to."""

    reading: Reading
    capability: Capability
    deletes: bool
    """What ends here is deleted there (SEMANTICS D4)."""
    creates: bool = False
    """What other SIS know is made there."""

    @property
    def entity(self) -> EntityType:
        """The entity of the stream."""
        return self.reading.entity


@dataclass(frozen=True)
class Sending:
    """What is to be sent of one record: stored values by field, and what was agreed before."""

    row: Due
    record: Record
    place: Place | None
    action: str
    sent: Mapping[str, Plain]
    before: Mapping[str, Plain] = field(default_factory=dict)
    reverts: bool = False
    """It is what an undo has the SIS take back."""
    copies: bool = False
    """It is made there because other SIS know it, and not because a person made it."""

    def told(self, entity: str) -> Sent:
        """It, as it is kept; ``place`` is known by now."""
        assert self.place is not None
        sides = encode(dict(self.sent)), encode(dict(self.before))
        return Sent(self.place.link, self.record.id, entity, self.action, *sides)

    def places(self, entity: EntityType) -> dict[int, Plain]:
        """What is sent, by the place of the field."""
        return {entity.by_name[name].index: value for name, value in self.sent.items()}

    def sides(self, entity: EntityType) -> Sides:
        """What it does at the SIS, as the limits see it."""
        here = self.record.values
        if self.action == CREATE:
            return self.record.id, None, here
        was = with_local(here, {entity.by_name[n].index: v for n, v in self.before.items()})
        if self.action == DELETE:
            return self.record.id, was, None
        return self.record.id, was, with_local(was, self.places(entity))


@dataclass(frozen=True)
class Found:
    """What there is to send of rows.

    Rows in none of these have to wait: it is not known whether the last change arrived, what the
    SIS says of them waits for a person, or they are out of the connector's scope.
    """

    sendings: list[Sending] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    """Rows of which nothing is to be sent."""
    waits: dict[int, str] = field(default_factory=dict)
    """Rows that wait for a person's word: ``outbox.IN_DOUBT``, ``outbox.JUST_MATCHED``."""


@dataclass(frozen=True)
class Awaited:
    """A record that is not at the SIS and to which something refers that is to be sent."""

    entity: str
    record: int
    comes: bool
    """Whether it may still arrive there."""


def is_taken(tx: Tx, lane: Lane, streams: Mapping[str, StreamRow], sending: Sending) -> bool:
    """Whether the SIS may take a record that nobody asked to be made there, as far as is known.

    What it refers to is there, or may come, and it is one of those that are taken.
    """
    on = waits_for(tx, lane, streams, sending)
    return (on is None or on.comes) and lacks(tx, lane, sending) is None


def waits_for(
    tx: Tx,
    lane: Lane,
    streams: Mapping[str, StreamRow],
    sending: Sending,
    coming: Mapping[str, Collection[int]] = MappingProxyType({}),
) -> Awaited | None:
    """What is not at the SIS yet and has to be there before a creation can be sent.

    ``coming``, by entity: records that are to be made there, beside those in the outbox.
    """
    at, entity = Place(0, "", None, 0, None, None), lane.entity.name
    sending = replace(sending, place=sending.place or at)
    _, missing = change(tx, lane, streams, sending)
    if missing and (fewer := without(sending, entity, missing.get(entity, ()))) is not None:
        _, missing = change(tx, lane, streams, fewer)
    return awaited(tx, streams, missing, coming) if missing else None


Lack: TypeAlias = tuple[tuple[str, str], ...]
"""(entity, field) of what is blank of a creation, or of what belongs to it; none where no such
record is taken, whatever it says."""


def lacks(tx: Tx, lane: Lane, sending: Sending) -> Lack | None:
    """What a creation lacks to be one of those that are taken (``Capability.new``), if anything."""
    if lane.capability.new is None:
        return None
    roles_ = lane.entity.by_name.get("roles")
    told = plain_value(roles_, sending.sent.get("roles")) if roles_ else None
    roles = {role[0] for role in told or ()}
    blank: list[Lack] = []
    for one in lane.capability.new:
        if one.roles and not roles & one.roles:
            continue
        own = [name for name in one.fields if sending.sent.get(name) is None]
        found = _beside(tx, lane, sending) if one.beside else {}
        others = [(of, name) for of, name in one.beside if name not in found.get(of, {})]
        if not (own or others):
            return None
        blank.append((*((lane.entity.name, name) for name in own), *others))
    return min(blank, key=len, default=())


def to_send(tx: Tx, lane: Lane, rows: Sequence[Due]) -> Found:
    """What there is to send of rows, from what stands now."""
    ids = [row.record for row in rows]
    entity, stream = lane.entity.name, lane.reading.stream.id
    there = records.read_records(tx, entity, ids)
    places = outbox.places(tx, stream, ids)
    links = [place.link for place in places.values()]
    pins, opened = policies.pinned(tx, links), conflicts.open_parts(tx, links)
    unknown = [id_ for id_ in ids if id_ not in places or places[id_].alive is None]
    made = outbox.made_here(tx, entity, unknown) if unknown else set()
    within, coming = lane.reading.within, made | (set(unknown) if lane.creates else set())
    news = [there[id_] for id_ in coming if id_ in there]
    unwanted = within.unwanted(tx, news) if within is not None and news else set()
    doubted, lately = twins.in_doubt(tx, unknown), matching.just_matched(tx, ids)
    members = Members(tx, lane.reading.connector, lane.entity, lane.reading.layouts)
    found = Found()
    for row in rows:
        record, place = there.get(row.record), places.get(row.record)
        if place is not None and (place.sending is not None or place.held & KEPT):
            continue
        if row.record in unwanted:
            continue
        told = back = None
        if record is None:
            pass
        elif place is None or place.alive is None:
            new = row.record in made or (lane.creates and _unmentioned(place))
            told = _new(lane, record) if new else None
        elif place.alive:
            base = lane.reading.layouts.base(place.base)
            asked = opened.get(place.link, set())
            back = _reverted(lane, place, Revert.of(row.revert), base) if row.revert else None
            if back is None:
                here = members.wanted_there(record, base, deletes=lane.deletes)
                closed = pins.get(place.link, set())
                told = _known(lane, record, here, place, base, closed, asked)
            else:
                told = back
        if told is None or record is None:
            found.gone.append(row.id)
        elif told[0] == CREATE and row.record in doubted:
            found.waits[row.id] = outbox.IN_DOUBT
        elif row.record in lately and back is None:
            found.waits[row.id] = outbox.JUST_MATCHED
        else:
            copies = told[0] == CREATE and row.record not in made
            found.sendings.append(
                Sending(row, record, place, *told, reverts=back is not None, copies=copies)
            )
    return found


_Told = tuple[str, dict[str, Plain], dict[str, Plain]]


def _unmentioned(place: Place | None) -> bool:
    """Whether the SIS has never told of it: what it refers to is there, though its row is not."""
    return place is None or bool(place.held & linkage.HELD_MADE)


def _new(lane: Lane, record: Record) -> _Told | None:
    """The creation of a record that the SIS does not know."""
    if not record.alive or CREATE not in lane.capability.writes:
        return None
    by_name = lane.entity.by_name
    said = {name: record.values[by_name[name].index] for name in lane.capability.fields}
    return CREATE, {name: value for name, value in said.items() if value is not None}, {}


def _known(
    lane: Lane,
    record: Record,
    wanted: Values,
    place: Place,
    base: Values,
    pins: Collection[str],
    asked: Collection[str],
) -> _Told | None:
    """What of a record that is there is to be changed to what is wanted, or its deletion."""
    if not record.alive:
        deletes = lane.deletes and DELETE in lane.capability.writes
        return _deleted(lane, base) if deletes and not asked and ALIVE not in pins else None
    if UPDATE not in lane.capability.writes:
        return None
    closed, written = {*pins, *map(part_name, asked)}, lane.capability.written_of(place.key)
    sent: list[FieldType] = []
    for part, members in groups(lane.entity):
        # Of a group the SIS may speak a part only: the rest is never agreed about with it.
        fields = [one for one in members if one.name in lane.capability.fields]
        differ = [one for one in fields if wanted[one.index] != base[one.index]]
        taken = all(one.name in written for one in differ)
        agreed = all(base[one.index] is not UNKNOWN for one in fields)
        if differ and taken and agreed and part not in closed:
            sent += [one for one in fields if one.name in written]
    if not sent:
        return None
    here, there = ({one.name: side[one.index] for one in sent} for side in (wanted, base))
    return UPDATE, here, there


def _reverted(lane: Lane, place: Place, revert: Revert, base: Values) -> _Told | None:
    """What an undo has the SIS take back, which holds what was sent (SEMANTICS G2)."""
    if ALIVE in revert.wanted:
        return _deleted(lane, base) if DELETE in lane.capability.writes else None
    written = lane.capability.written_of(place.key)
    sent = {name: to for name, to in revert.wanted.items() if name in written}
    there = {name: revert.held[name] for name in sent}
    return (UPDATE, sent, there) if sent != there and UPDATE in lane.capability.writes else None


def _deleted(lane: Lane, base: Values) -> _Told:
    known = zip(lane.entity.field_names, base, strict=True)
    spoken = set(lane.capability.fields)
    return DELETE, {}, {n: v for n, v in known if v is not UNKNOWN and n in spoken}


# -- in the SIS's terms -----------------------------------------------------------------------


def change(
    tx: Tx, lane: Lane, streams: Mapping[str, StreamRow], sending: Sending
) -> tuple[Change, Missing]:
    """The change as the connector is given it, and what it refers to that is not at the SIS."""
    assert sending.place is not None
    terms = Terms(tx, lane.entity, streams, (sending.sent, sending.before))
    patch = {name: terms.of(name, value) for name, value in sending.sent.items()}
    missing = {target: set(ids) for target, ids in terms.missing.items()}
    base = {name: terms.of(name, value) for name, value in sending.before.items()}
    key, beside = sending.place.key, _beside(tx, lane, sending)
    return Change(lane.entity.name, sending.action, key, patch, base, beside), missing


def without(sending: Sending, entity: str, missing: Collection[int]) -> Sending | None:
    """A creation without those in its lists who are of its own entity and not there yet.

    Else two new ones that refer to each other would wait for each other for good. What is left out
    differs from what is then agreed, so it follows as a change. ``None`` where nothing is.
    """
    left: dict[str, Plain] = {}
    for name, stored in sending.sent.items() if sending.action == CREATE else ():
        of = ENTITIES[entity].by_name[name]
        if not isinstance(of.kind, Elements):
            continue
        places = [place or 0 for place, target in of.references if target == entity]
        value = plain_value(of, stored) or ()
        kept = [part for part in value if not any(part[place] in missing for place in places)]
        if len(kept) < len(value):
            left[name] = stored_value(of, of.kind.ordered(kept))
    if not left:
        return None
    sent = {**sending.sent, **left}
    return replace(sending, sent={name: value for name, value in sent.items() if value is not None})


def _beside(tx: Tx, lane: Lane, sending: Sending) -> dict[str, dict[str, Plain]]:
    """What the records say that belong to one that is created, where the connector asks for it."""
    found: dict[str, dict[str, Plain]] = {}
    for name in lane.capability.beside if sending.action == CREATE else ():
        entity = ENTITIES[name]
        for one in records.belonging(tx, name, lane.entity.name, sending.record.id):
            found[name] = {
                of.name: plain_value(of, one.values[of.index])
                for of in entity.fields
                if not of.references and one.values[of.index] is not None
            }
    return found


def awaited(
    tx: Tx,
    streams: Mapping[str, StreamRow],
    missing: Missing,
    coming: Mapping[str, Collection[int]] = MappingProxyType({}),
) -> Awaited:
    """What of ``missing`` is waited for; ``coming`` is to be made there, whatever the outbox says.

    What has ended does not come any more, nor what nobody will send there.
    """
    waits: list[tuple[bool, str, int]] = []
    for entity, ids in missing.items():
        stream = streams[entity].id
        meant = {id_: id_ for id_ in ids} | identities.originals(tx, ids)
        found = records.read_records(tx, entity, meant.values())
        going = outbox.going(tx, stream, meant.values()).union(coming.get(entity, ()))
        places = places_of(tx, stream, ids)
        for id_, one in meant.items():
            there = id_ in places and places[id_].alive is None  # the SIS itself mentioned it
            lives = one not in found or found[one].alive
            waits.append((lives and (there or one in going), entity, id_))
    comes, entity, id_ = min(waits)
    return Awaited(entity, id_, comes)
