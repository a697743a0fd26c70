"""What the SIS ended: planned removals, questions, or nothing at all (SEMANTICS B6, D1)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.engine import effects
from app.engine.agreed import open_conflict
from app.engine.reading import Reading
from app.engine.reconcile import Living, Values
from app.engine.weigh import alive_conflict
from app.roster.parts import ALIVE
from app.roster.schema import EntityType, FieldType
from app.roster.stored import list_value
from app.roster.values import UNKNOWN, Plain
from app.store import conflicts as open_conflicts
from app.store import identities, linkage, plans, policies, records
from app.store.codec import encode
from app.store.conflicts import OpenConflict
from app.store.database import Tx
from app.store.linkage import Link
from app.store.listing import JOINED
from app.store.plans import Plan
from app.store.records import Record


def set_alive(tx: Tx, links: Sequence[int], alive: bool) -> None:
    """The SIS says something new about being alive: it is believed, and no pin holds it."""
    linkage.set_alive(tx, links, alive)
    policies.unpin(tx, [(link, ALIVE) for link in links])


class Ended(NamedTuple):
    """What becomes of one record whose link ends."""

    link: Link
    record: Record
    living: Living
    protected: bool
    untied: bool = False
    """Another SIS keeps the record: nothing ends but the link (D4)."""


def weighed_ends(tx: Tx, reading: Reading, links: Sequence[Link]) -> Iterator[Ended]:
    """What becomes of records whose links end, from what stands now."""
    locals_ = records.read_records(tx, reading.entity.name, (link.record for link in links))
    bases = linkage.link_bases(tx, (link.id for link in links))
    safe = policies.protected(tx, [link.record for link in links])
    elsewhere = linkage.shared(tx, [link.id for link in links])
    same = identities.stand_ins(tx, reading.entity)
    same.learn(
        side
        for link in links
        for side in (locals_[link.record].values, reading.layouts.base(bases[link.id]))
    )
    others = linkage.bases_beside(tx, [link.id for link in links if link.record in elsewhere])
    for link in links:
        record, base = locals_[link.record], reading.layouts.base(bases[link.id])
        protected = record.id in safe
        if elsewhere.get(record.id) and not (
            protected or reading.weigher.decides_alive(tx, record)
        ):
            # Another SIS keeps it: nothing ends but the link, whatever was changed here (D4).
            yield Ended(link, record, Living.ENDS, protected, untied=True)
            continue
        beside = [same.values(reading.layouts.base(one)) for one in others.get(link.id, ())]
        # Who stands for another is nobody's edit (A3, D5).
        ours = record._replace(values=same.values(record.values)) if same else record
        told = _told_elsewhere(reading.entity, same.values(base), ours.values, beside)
        living = reading.weigher.end(tx, ours, told, protected=protected)
        yield Ended(link, record, living, protected)


def _told_elsewhere(
    entity: EntityType, base: Values, local: Values, others: Sequence[Values]
) -> Values:
    """The base, with what another SIS has said taken for agreed: nobody edited that here."""
    if not others:
        return base
    return [
        lo if b != lo and _said(field, b, lo, [other[field.index] for other in others]) else b
        for field, b, lo in zip(entity.fields, base, local, strict=True)
    ]


def _said(field: FieldType, base: Plain, local: Plain, others: Sequence[Plain]) -> bool:
    """Whether what stands here is what SISs say; of a list, every element more than agreed."""
    if local in others:
        return True
    if not field.kind.is_list or UNKNOWN in (base, local):
        return False
    ours, theirs = set(list_value(local) or ()), set(list_value(base) or ())
    told = {part for one in others if one is not UNKNOWN for part in list_value(one) or ()}
    return theirs <= ours and ours - theirs <= told


def edited_here(link: Link) -> OpenConflict:
    """The question whether a record ends that was edited here after it was agreed upon."""
    return open_conflict(link.id, link.record, alive_conflict(base=True, local=True, remote=False))


def end_links(
    tx: Tx,
    reading: Reading,
    ending: Sequence[Link],
    why: str,
    *,
    waits: str | None = None,
    proofs: int = 0,
) -> None:
    """Links whose remote is now dead become plan items, conflicts, or nothing (B6, D1).

    ``waits`` says why they wait whatever the limits say; ``proofs``, by how many proofs more they
    are absent. What becomes a plan item is counted when
    it has been judged, everything else here.
    """
    if not ending:
        return
    entity, counts = reading.entity, reading.progress.counts
    going: list[tuple[Link, Record]] = []
    untied: set[int] = set()
    gone, kept, conflicts = [], [], []
    for link, record, living, _, kept_elsewhere in weighed_ends(tx, reading, ending):
        if living is Living.ENDS:
            going.append((link, record))
            # Who becomes one with another is a join, wherever else they are known.
            untied |= {link.id} if kept_elsewhere and why != JOINED else set()
        elif living is Living.CONFLICT:
            conflicts.append(edited_here(link))
        else:
            gone.append(link.id)
            if living is Living.KEPT:
                kept.append(link)
    told = [(record, link.id in untied) for link, record in going]
    doing = effects.ends(tx, entity, reading.now[:10], told)
    state = "waiting" if waits else "planned"
    plans.plan(
        tx,
        reading.stream.id,
        reading.run,
        [
            Plan(link.id, "end", state, why, waits, proofs, would, record.version)
            for (link, record), would in zip(going, doing, strict=True)
        ],
    )
    end_here(tx, reading, gone, kept)
    # Of those that are to end, nobody is asked any more whether they do.
    open_conflicts.close(
        tx, [(link.id, ALIVE) for link, _ in going if link.held & linkage.HELD_CONFLICT]
    )
    open_conflicts.add_conflicts(tx, reading.connector, entity.name, reading.run, conflicts)
    # What waited of those that do not end after all is no question any more.
    ends = {link.id for link, _ in going}
    held = [link.id for link in ending if link.held & linkage.HELD_ITEM and link.id not in ends]
    plans.withdraw(tx, held)
    counts["waiting"] += len(going) if waits else 0
    counts["conflicts"] += len(conflicts)
    counts["unchanged"] += len(gone) + len(conflicts)


def tell_ends_again(tx: Tx, reading: Reading, records_: Sequence[int]) -> None:
    """What waits to end links of records that nobody else keeps by now would remove them (E2).

    ``records_``: those of which another link has ended.
    """
    waiting = plans.untying(tx, records_)
    elsewhere = linkage.shared(tx, (link for link, _ in waiting.values()))
    alone = {item: record for item, (_, record) in waiting.items() if not elsewhere.get(record)}
    there = records.read_records(tx, reading.entity.name, alone.values())
    removed = [(there[record], False) for record in alone.values()]
    told = effects.ends(tx, reading.entity, reading.now[:10], removed)
    plans.note_removals(tx, zip(told, alone, strict=True))


def end_here(tx: Tx, reading: Reading, links: Sequence[int], kept: Sequence[Link]) -> None:
    """Links end, and nothing of them is asked any more.

    The records of ``kept`` stay, pinned, and that is on record (B5, B6).
    """
    set_alive(tx, links, False)
    linkage.note_untied(tx, links, reading.run)
    open_conflicts.close_all(tx, links)
    policies.pin(tx, reading.run, [(link.id, ALIVE) for link in kept])
    lost = encode({ALIVE: False})
    records.log_changes(
        tx,
        reading.run,
        reading.entity.name,
        [(link.record, link.id, encode({}), encode({}), lost) for link in kept],
    )
