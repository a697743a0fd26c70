"""A person says of any two records that they are one, without being asked (SEMANTICS A3, B3)."""

from app.engine import identity, merging
from app.engine.world import World
from app.errors import NotFound, UsageError
from app.store import conflicts, identities, journal, matching, plans, twins, united
from app.store.database import Database, Tx


def why_not(database: Database, entity: str, one: int, other: int) -> UsageError | None:
    """Why two records of a type cannot be made one; ``None`` where they can.

    That they were told apart is no reason: a person may say otherwise.
    """
    with database.reading() as tx:
        return _why_not(tx, entity, one, other)


def unite(world: World, entity: str, one: int, other: int, author: str) -> int:
    """Makes two records one, the older of them; the change set, which can be undone.

    Raises ``UsageError`` where they cannot be one; then nothing was changed.
    """
    with world.database.writing() as tx:
        if (refused := _why_not(tx, entity, one, other)) is not None:
            raise refused
        matching.forget(tx, [(one, other)])
        change_set = journal.open_change_set(tx, "decision", author, world.now, None)
        asked = twins.asked_of_pair(tx, one, other)
        conflicts.close(tx, [(link, plans.IDENTITY) for link in asked])
        identity.unite(tx, change_set, world.now, entity, [(max(one, other), min(one, other))])
    return change_set


def _why_not(tx: Tx, entity: str, one: int, other: int) -> UsageError | None:
    meant = identities.originals(tx, [one, other])
    if meant.get(one, one) == meant.get(other, other):
        return UsageError("identity_one_already")
    if names := twins.shared_connectors(tx, one, other):
        return UsageError("identity_both_at", names=", ".join(names), count=len(names))
    pair = min(one, other), max(one, other)
    why = merging.weighed(tx, entity, [pair]).refused.get(pair)
    return None if why in (None, merging.APART) else UsageError(str(why))


def type_of(database: Database, one: int, other: int) -> str:
    """The record type of two ids; raises ``NotFound``, and ``UsageError`` for two types."""
    with database.reading() as tx:
        found = [united.entity_of(tx, id_) for id_ in (one, other)]
    for id_, entity in zip((one, other), found, strict=True):
        if entity is None:
            raise NotFound("record_id_unknown", id=id_)
    if found[0] != found[1]:
        raise UsageError("identity_two_types")
    return str(found[0])
