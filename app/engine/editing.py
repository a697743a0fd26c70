"""What people change here: edits, records of our own, ends and returns, protection (H3).

Each is a change set with the person's name, durable before it is acknowledged. Nobody's edit waits
for a sync: an open conflict follows it (``following``), and what the SIS takes is sent later.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.engine.following import follow
from app.engine.weigh import with_local
from app.engine.world import World
from app.errors import NotFound, UsageError
from app.roster.parts import ALIVE
from app.roster.rules import broken
from app.roster.schema import EntityType, FieldType, referred
from app.roster.stored import plain_value, stored_value
from app.roster.values import (
    Boolean,
    Date,
    Elements,
    Folded,
    Instant,
    Kind,
    Number,
    Phone,
    Plain,
    Reference,
    SetOf,
    Unfit,
)
from app.store import journal, linkage, outbox, policies, reads, records
from app.store.codec import encode
from app.store.database import Tx
from app.store.records import Record
from app.text import _


@dataclass(frozen=True)
class Given:
    """Values that a person gave, in normal form (SEMANTICS A1)."""

    entity: EntityType
    stored: Mapping[int, Plain]
    """The stored values by the place of their field."""
    mentioned: tuple[tuple[str, str, tuple[Plain, ...]], ...]
    """(field, entity, record ids) of what they refer to."""

    @classmethod
    def of(cls, entity: EntityType, fields: Mapping[str, object]) -> "Given":
        """Raises ``NotFound`` for an unknown field, ``UsageError`` for one unfit or missing."""
        stored: dict[int, Plain] = {}
        mentioned: list[tuple[str, str, tuple[Plain, ...]]] = []
        for name, value in fields.items():
            field = entity.by_name.get(name)
            if field is None:
                known = ", ".join(entity.field_names)
                raise NotFound("field_unknown", entity=entity.name, field=name, known=known)
            try:
                normal = field.kind.normal(value)
            except Unfit:
                raise _unfit(entity, field) from None
            if field.required and normal is None:
                raise UsageError("field_required", entity=entity.name, field=_(field.label))
            if not field.kind.plausible(normal):
                raise _unfit(entity, field)
            for target, ids in referred(field, normal):
                if not all(isinstance(id_, int) for id_ in ids):
                    raise _unfit(entity, field)
                mentioned.append((name, target, tuple(ids)))
            stored[field.index] = stored_value(field, normal)
        return cls(entity, stored, tuple(mentioned))

    def check_references(self, tx: Tx, before: Sequence[Plain] | None = None) -> None:
        """Raises ``UsageError`` where a record that is referred to does not exist, or has ended.

        What the values ``before`` refer to may have ended meanwhile.
        """
        for name, target, ids in self.mentioned:
            found = records.read_records(tx, target, ids)
            if len(found) < len(set(ids)):
                raise UsageError("reference_unknown", field=name, entity=target)
            ended = {id_ for id_ in ids if not found[id_].alive}
            if ended and before is not None:
                field = self.entity.by_name[name]
                for _, stood in referred(field, plain_value(field, before[field.index])):
                    ended.difference_update(stood)
            if ended:
                raise UsageError("reference_ended", field=name, entity=target, id=min(ended))


def _unfit(entity: EntityType, field: FieldType) -> UsageError:
    form = form_word(field.kind)
    if isinstance(field.kind, Elements) and field.example:
        form = _("{form}, such as {example}").format(form=form, example=field.example)
    return UsageError("value_unfit", entity=entity.name, field=field.name, form=form)


def form_word(kind: Kind) -> str:
    """What a person has to give, in words."""
    match kind:
        case SetOf(part):
            return form_word(part)
        case Phone():
            return _("a telephone number, such as (555) 010-0100")
        case Folded():
            return _("an email address, such as zoe@district.example")
        case Date():
            return _("a day, such as 2026-11-30")
        case Instant():
            return _("a moment, such as 2026-11-30T08:00:00Z")
        case Boolean():
            return _("yes or no")
        case Number():
            return _("a number")
        case Reference(target):
            return _("the id of a record of the type “{type}”").format(type=target)
        case Elements(names):
            return _("a list of objects in JSON, with these parts: {names}").format(
                names=", ".join(names)
            )
        case _:
            return _("plain text")


def edit(
    world: World,
    entity: str,
    record: int,
    fields: Mapping[str, object],
    author: str,
    seen: reads.RecordRow | None = None,
) -> int:
    """Changes fields of a live record; the change set.

    Raises ``UsageError`` also where one of them is no more as it was ``seen``.
    """
    given = Given.of(reads.entity_type(entity), fields)
    with world.database.writing() as tx:
        change_set = journal.open_change_set(tx, "edit", author, world.now, None)
        found = _found(tx, entity, record, alive=True)
        if seen is not None and found.version != seen.version:
            _check_seen(given, found, seen)
        _edit(tx, change_set, found, given)
    return change_set


def _check_seen(given: Given, found: Record, seen: reads.RecordRow) -> None:
    fields = [given.entity.fields[place] for place in given.stored]
    moved = [
        one for one in fields if found.values[one.index] != stored_value(one, seen.values[one.name])
    ]
    if moved:
        raise UsageError("edit_moved", fields=", ".join(_(one.label) for one in moved))


def edit_all(
    world: World, edits: Mapping[tuple[str, int], Mapping[str, object]], author: str
) -> int:
    """Changes fields of several live records, or of none; the change set they have in common."""
    given = {of: Given.of(reads.entity_type(of[0]), fields) for of, fields in edits.items()}
    with world.database.writing() as tx:
        change_set = journal.open_change_set(tx, "edit", author, world.now, None)
        for (entity, record), values in given.items():
            _edit(tx, change_set, _found(tx, entity, record, alive=True), values)
    return change_set


def _edit(tx: Tx, change_set: int, found: Record, given: Given) -> None:
    given.check_references(tx, found.values)
    if all(found.values[place] == value for place, value in given.stored.items()):
        raise UsageError("edit_changes_nothing", entity=given.entity.name, id=found.id)
    values = with_local(found.values, given.stored)
    _check_fit(given.entity, values, found.values)
    _write(tx, change_set, given.entity, found, True, values)
    # To edit is to ask for it: what was kept here, not to be sent, may be sent again.
    touched = {given.entity.fields[place].group for place in given.stored}
    links = [link.id for link in linkage.links_of(tx, [found.id])]
    policies.lift(tx, change_set, [(link, part) for link in links for part in touched])


def create(world: World, entity: str, fields: Mapping[str, object], author: str) -> int:
    """A record of our own, which no sync removes; its id."""
    type_ = reads.entity_type(entity)
    given = Given.of(type_, fields)
    values = with_local((None,) * len(type_.fields), given.stored)
    if not any(value is not None for value in values):
        raise UsageError("record_blank", entity=entity)
    _check_fit(type_, values)
    with world.database.writing() as tx:
        given.check_references(tx)
        for one in type_.fields:
            if one.required and values[one.index] is None:
                raise UsageError("field_required", entity=entity, field=_(one.label))
        change_set = journal.open_change_set(tx, "edit", author, world.now, None)
        record = records.allot(tx, "record", 1)
        records.insert_records(tx, entity, [(record, 1, True, change_set, change_set, *values)])
        outbox.note_made(tx, entity, [record])
    return record


def end(world: World, entity: str, record: int, author: str) -> int:
    """Ends a live record here; the change set. What refers to it stays (SEMANTICS D4)."""
    type_ = reads.entity_type(entity)

    def work(tx: Tx, found: Record) -> int:
        change_set = journal.open_change_set(tx, "edit", author, world.now, None)
        _write(tx, change_set, type_, found, False, found.values)
        policies.lift(tx, change_set, [(link, ALIVE) for link in _ended_there(tx, record)])
        return change_set

    return _changed(world, entity, record, work)


def restore(world: World, entity: str, record: int, author: str) -> int:
    """Brings an ended record back; the change set.

    It stays, and where its SIS ended it, it is not made there anew until a person asks (B6).
    """
    type_ = reads.entity_type(entity)

    def work(tx: Tx, found: Record) -> int:
        change_set = journal.open_change_set(tx, "edit", author, world.now, None)
        policies.pin(tx, change_set, [(link, ALIVE) for link in _ended_there(tx, record)])
        _write(tx, change_set, type_, found, True, found.values)
        outbox.note_made(tx, entity, [record])
        return change_set

    return _changed(world, entity, record, work, alive=False)


def protect(world: World, entity: str, record: int, author: str) -> int:
    """From now on no sync ends the record; the change set."""

    def work(tx: Tx, found: Record) -> int:
        if policies.protected(tx, [record]):
            raise UsageError("protected_already", entity=entity, id=record)
        change_set = journal.open_change_set(tx, "protect", author, world.now, None)
        policies.protect(tx, entity, record, change_set)
        return change_set

    return _changed(world, entity, record, work)


def unprotect(world: World, entity: str, record: int, author: str) -> int:
    """Syncs may end the record again; the change set."""

    def work(tx: Tx, found: Record) -> int:
        if not policies.unprotect(tx, record):
            raise UsageError("not_protected", entity=entity, id=record)
        return journal.open_change_set(tx, "unprotect", author, world.now, None)

    return _changed(world, entity, record, work)


def _changed(
    world: World,
    entity: str,
    record: int,
    work: Callable[[Tx, Record], int],
    *,
    alive: bool = True,
) -> int:
    """Does ``work`` on a record that is there, and alive or ended as it has to be."""
    reads.entity_type(entity)
    with world.database.writing() as tx:
        return work(tx, _found(tx, entity, record, alive=alive))


def _found(tx: Tx, entity: str, record: int, *, alive: bool) -> Record:
    """A record that is there, and alive or ended as it has to be."""
    found = records.read_records(tx, entity, [record]).get(record)
    if found is None:
        raise NotFound("record_unknown", entity=entity, id=record)
    if alive and not found.alive:
        raise UsageError("record_ended", entity=entity, id=record)
    if found.alive and not alive:
        raise UsageError("record_not_ended", entity=entity, id=record)
    return found


def _check_fit(
    entity: EntityType, values: tuple[Plain, ...], before: tuple[Plain, ...] | None = None
) -> None:
    """What cannot stand together is refused, unless it stood so before (SEMANTICS B7)."""
    wrong = broken(entity, values) - (broken(entity, before) if before else set())
    if wrong:
        together = [_(one.label) for one in entity.fields if one.group == min(wrong)]
        raise UsageError("values_unfit_together", entity=entity.name, fields=", ".join(together))


def _write(
    tx: Tx,
    change_set: int,
    entity: EntityType,
    record: Record,
    alive: bool,
    values: tuple[Plain, ...],
) -> None:
    """Writes a record as a person wants it: logged, followed by its conflicts, to be sent."""
    was, is_ = changed_values(entity, (record.alive, record.values), (alive, values))
    records.update_records(tx, entity.name, change_set, [(record, alive, values)])
    records.log_changes(
        tx, change_set, entity.name, [(record.id, None, encode(was), encode(is_), None)]
    )
    follow(tx, change_set, entity.name, [record.id])
    outbox.note_elsewhere(tx, change_set, [record.id])
    outbox.note_made(tx, entity.name, [record.id])


def changed_values(
    entity: EntityType,
    before: tuple[bool, tuple[Plain, ...]],
    after: tuple[bool, tuple[Plain, ...]],
) -> tuple[dict[str, Plain], dict[str, Plain]]:
    """What a record was and is, where (alive, values) differ: as the change log has it."""
    names = (ALIVE, *entity.field_names)
    sides = zip(names, (before[0], *before[1]), (after[0], *after[1]), strict=True)
    moved = [(name, was, is_) for name, was, is_ in sides if was != is_]
    return {name: was for name, was, _ in moved}, {name: is_ for name, _, is_ in moved}


def _ended_there(tx: Tx, record: int) -> Iterable[int]:
    """The links of a record whose SIS ended it."""
    return [link.id for link in linkage.links_of(tx, [record]) if link.alive == 0]
