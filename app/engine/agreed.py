"""What was decided about a row is what was last agreed: base, digest, open questions (B1, B2)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

from app.engine.reading import Reading
from app.engine.reconcile import Conflict, Outcome, stays_pinned
from app.engine.weigh import planned_values, with_local
from app.roster.values import UNSAID, Plain
from app.store import conflicts, linkage, outbox, policies, records
from app.store.codec import encode
from app.store.conflicts import OpenConflict
from app.store.database import Tx
from app.store.records import Record


@dataclass(frozen=True)
class Settled:
    """One row that has been decided about: what moves at its link."""

    link: int
    record: Record
    version: str | None
    digest: bytes | None
    base: tuple[Plain, ...]
    remote: tuple[Plain, ...]
    outcome: Outcome


def settle_bases(tx: Tx, reading: Reading, settled: Sequence[Settled]) -> None:
    """Writes bases, digests and open conflicts of rows that have been decided about."""
    if not settled:
        return
    entity, layout = reading.entity, reading.layouts.current
    moved, same = [], []
    stand: list[OpenConflict] = []
    unsaid: dict[int, set[str]] = {}
    differ: list[int] = []
    thrown: list[tuple[int, int | None, bytes, bytes, bytes | None]] = []
    for one in settled:
        base = with_local(one.base, one.outcome.base)
        if one.outcome.base:
            moved.append((one.version, one.digest, encode((layout, *base)), one.link))
        else:
            same.append((one.version, one.digest, one.link))
        stand += [open_conflict(one.link, one.record.id, found) for found in one.outcome.conflicts]
        if base != with_local(one.record.values, one.outcome.local):
            differ.append(one.record.id)
        if one.outcome.discarded:
            lost = encode(planned_values(entity, one.outcome.discarded))
            thrown.append((one.record.id, one.link, encode({}), encode({}), lost))
        if UNSAID in one.remote:
            unsaid[one.link] = {
                f.group for f in compress(entity.fields, (v is UNSAID for v in one.remote))
            }
    linkage.set_bases(tx, moved)
    linkage.set_digests(tx, same)
    _let_go(tx, reading, settled)
    records.log_changes(tx, reading.run, entity.name, thrown)
    outbox.note(tx, reading.run, differ, reading.stream.id)
    conflicts.set_conflicts(
        tx,
        reading.connector,
        entity.name,
        reading.run,
        [one.link for one in settled],
        stand,
        unsaid,
    )
    reading.progress.counts["conflicts"] += len(stand)


def _let_go(tx: Tx, reading: Reading, settled: Sequence[Settled]) -> None:
    """Pins fall where the SIS says something new, or a person is asked (SEMANTICS G2)."""
    pins = policies.ever_pinned(tx, [one.link for one in settled])
    fallen = [
        (one.link, field.group)
        for one in settled
        if one.link in pins
        for field, *sides in zip(
            reading.entity.fields, one.base, one.record.values, one.remote, strict=True
        )
        if field.group in pins[one.link]
        and (not stays_pinned(field, *sides) or _asked(one.outcome, field.group))
    ]
    policies.unpin(tx, fallen)


def _asked(outcome: Outcome, group: str) -> bool:
    return any(found.part == group for found in outcome.conflicts)


def open_conflict(link: int, record: int, found: Conflict) -> OpenConflict:
    """The row of an open conflict."""
    return OpenConflict(
        link,
        record,
        found.part,
        found.kind.value,
        encode(found.base),
        encode(found.local),
        encode(found.remote),
        json.dumps(found.about) if found.about else None,
    )
