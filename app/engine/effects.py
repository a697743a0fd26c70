"""What planned changes would do, as the safety limits count it (SEMANTICS E1)."""

from collections.abc import Sequence
from typing import TypeAlias

from app.engine import judging, limits
from app.engine.reconcile import Outcome, Values
from app.engine.weigh import with_local
from app.roster.schema import EntityType
from app.roster.values import UNKNOWN
from app.store.database import Tx
from app.store.records import Record

Sides: TypeAlias = tuple[int, Values | None, Values | None]
"""A record, and its values before and after: before ``None`` where it comes back, after where it
ends."""


def update_sides(record: Record, base: Values, outcome: Outcome) -> Sides:
    """What an update does that counts for a limit: filling what nobody knew of does not (B4).

    What a decision for the SIS overwrites counts, though nothing was agreed about it.
    """
    counts = {
        place: value
        for place, value in outcome.local.items()
        if base[place] is not UNKNOWN or place in outcome.decided
    }
    return record.id, record.values if record.alive else None, with_local(record.values, counts)


def effects(tx: Tx, entity: EntityType, today: str, changes: Sequence[Sides]) -> list[str]:
    """What each change would do, as text (E1)."""
    ids = [record for record, *_ in changes]
    # Where one of the two is missing the other stands for it, and its schools are not asked for.
    befores = [after if before is None else before for _, before, after in changes]
    afters = [before if after is None else after for _, before, after in changes]
    here = judging.schools(tx, entity, _rows(befores), ids, today)
    there = judging.schools(tx, entity, _rows(afters), ids, today)
    return [
        limits.effects_text(
            limits.effects(
                entity,
                before,
                after,
                () if before is None else were,
                () if after is None else are,
                today,
            )
        )
        for (_, before, after), were, are in zip(changes, here, there, strict=True)
    ]


def ends(tx: Tx, entity: EntityType, today: str, going: Sequence[tuple[Record, bool]]) -> list[str]:
    """What the end of each would do, as text; with True another SIS keeps the record (D4)."""
    told = effects(tx, entity, today, [(record.id, record.values, None) for record, _ in going])
    return [
        limits.untied_text(text) if untied else text
        for text, (_, untied) in zip(told, going, strict=True)
    ]


def _rows(values: Sequence[Values | None]) -> list[Values]:
    return [row for row in values if row is not None]
