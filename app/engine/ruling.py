"""People lay down who decides where both sides changed (SEMANTICS B5), and two switches."""

from app.engine.policy import Decides
from app.engine.reconcile import ALIVE
from app.engine.world import World
from app.errors import NotFound, UsageError
from app.roster.schema import EntityType
from app.store import journal, policies, reads, records


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

    What is open already stays open. Raises ``NotFound`` and ``UsageError``.
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
        elif not policies.forget_policy(tx, *row):
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


def set_switches(
    world: World, name: str, *, keep_values: bool | None, send_deletes: bool | None
) -> None:
    """Whether a blank never overwrites (B5) and ends are sent (D4); raises ``NotFound``."""
    with world.database.writing() as tx:
        policies.set_switches(
            tx,
            journal.connector(tx, name).id,
            keep_values=keep_values,
            send_deletes=send_deletes,
        )
