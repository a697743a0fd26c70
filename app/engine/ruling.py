"""People lay down who decides where both sides changed (SEMANTICS B5), and two switches."""

from collections.abc import Mapping

from app.engine import judging
from app.engine.policy import Decides
from app.engine.reconcile import ConflictKind
from app.engine.working import policies_of
from app.engine.world import World
from app.errors import NotFound, UsageError
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE, part_name
from app.roster.schema import EntityType
from app.store import differences, journal, policies, reads, records
from app.store.database import Database
from app.text import N_, _, sentence

DECIDES_WORDS = {
    Decides.SIS: N_("the SIS"),
    Decides.OURS: N_("ours"),
    Decides.ASK: N_("ask"),
    Decides.NEWEST: N_("the newer change"),
}
"""Who decides, in words."""

_RULED = (ConflictKind.BOTH_CHANGED, ConflictKind.FIRST_CONTACT, ConflictKind.EDIT_OR_DELETE)
"""Kinds of differences that what is laid down can decide; the others are for a person."""


def set_policy(
    world: World,
    name: str,
    entity: str,
    decides: Decides | None,
    author: str,
    *,
    school: int | None = None,
    part: str | None = None,
) -> int:
    """Lays down who decides, or with ``None`` takes that row away; the change set.

    What is open already stays open until its row is read again. Raises ``NotFound`` and
    ``UsageError``.
    """
    group = _group(reads.entity_type(entity), part)
    with world.database.writing() as tx:
        connector = journal.connector(tx, name).id
        if school is not None and not records.read_records(tx, "orgs", [school]):
            raise NotFound("record_unknown", entity="orgs", id=school)
        change_set = journal.open_change_set(tx, "policy", author, world.now, connector)
        row = (connector, entity, school or 0, group)
        if decides is not None:
            policies.set_policy(tx, *row, decides.value, change_set)
        elif not policies.forget_policy(tx, *row, change_set):
            raise UsageError("policy_unknown", name=name, entity=entity)
    return change_set


def _group(entity: EntityType, part: str | None) -> str:
    """The group that a person means by it or by one of its fields; blank for all of a record."""
    if part is None or part == ALIVE:
        return part or ""
    for one in entity.fields:
        if part in (one.name, one.group):
            return one.group
    known = ", ".join((ALIVE, *entity.field_names))
    raise NotFound("field_unknown", entity=entity.name, field=part, known=known)


def checked_part(entity: str, part: str | None) -> None:
    """Raises ``NotFound`` for a record type or a part of its records that there is not."""
    _group(reads.entity_type(entity), part)


def part_words(entity: EntityType, part: str | None) -> str:
    """What people call a part of the records of an entity; ``None`` is any."""
    if part is None:
        return _("any")
    if part == ALIVE:
        return _("Whether it is there")
    return ", ".join(_(one.label) for one in entity.fields if one.group == part) or part


def rule_means(decides: Decides, part: str | None, name: str) -> str:
    """What follows from a row of the table, in a sentence or two."""
    code = f"rule_{decides}_alive" if part == ALIVE else f"rule_{decides}"
    return sentence(code, {"name": name})


def set_switches(world: World, name: str, switches: Mapping[str, bool | None]) -> None:
    """Whether a blank never overwrites (B5), and ends (D4) and creations are sent.

    Those that are ``None`` or missing stay. Raises ``NotFound``.
    """
    with world.database.writing() as tx:
        policies.set_switches(tx, journal.connector(tx, name).id, switches)


def to_be_decided(database: Database, name: str, entity: str) -> tuple[int, int]:
    """Of the open differences of an entity: how many what is laid down decides, how many are asked.

    The former are decided when a sync reads their records again. Raises ``NotFound``.
    """
    ids = differences.difference_ids(database, connector=name, entity=entity)
    ruled = [one for one in differences.differences(database, ids) if one.kind in _RULED]
    with database.reading() as tx:
        rules = policies_of(tx, journal.connector(tx, name).id)
        stored = records.read_records(tx, entity, {one.record for one in ruled})
        values = [stored[one.record].values for one in ruled]
        schools = judging.schools(tx, ENTITIES[entity], values, [one.record for one in ruled])
        decided = sum(
            rules.decides(entity, counts_in, part_name(one.part)) is not Decides.ASK
            for one, counts_in in zip(ruled, schools, strict=True)
        )
    return decided, len(ids) - decided
