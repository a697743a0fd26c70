"""What undos have SISs take back, when its time comes (SEMANTICS G2).

A SIS takes back only what it still holds exactly as it was sent, and nothing is deleted there that
others there refer to. What it does not take back is told in the log of the run, and in one of the
undo's own, which its history shows.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from app.engine.reconcile import Values
from app.engine.sending import KEPT, Lane
from app.roster.parts import ALIVE, part_name
from app.roster.schema import EntityType
from app.store import conflicts, journal, linkage, outbox, referrers
from app.store.database import Tx
from app.store.journal import StreamRow
from app.store.outbox import Due, Revert

MOVED, REFERRED = "revert_moved", "revert_referred"
"""Codes of why something is not taken back."""


def still_held(tx: Tx, lane: Lane, rows: Sequence[Due]) -> tuple[list[Due], list[int]]:
    """The rows with what the SIS still holds as it was sent, and the undos that lose something.

    An undo stands there once for each record.
    """
    reverts = {row.id: Revert.of(row.revert) for row in rows if row.revert is not None}
    of = [row.record for row in rows if row.id in reverts]
    places = outbox.places(tx, lane.reading.stream.id, of) if of else {}
    asked = conflicts.open_parts(tx, [place.link for place in places.values()]) if of else {}
    kept: list[Due] = []
    losers: list[int] = []
    for row in rows:
        revert, place = reverts.get(row.id), places.get(row.record)
        waits = place is None or place.alive is None or place.sending or place.held & KEPT
        if revert is not None and place is not None and not waits:
            base = lane.reading.layouts.base(place.base) if place.alive else None
            left = _left(lane.entity, revert, base, asked.get(place.link, ()))
            if left != revert:
                row = give_up(tx, row, left)
                # What was to be deleted there and is gone there is as it was to be.
                losers += [row.change_set] * (base is not None or ALIVE not in revert.wanted)
        kept.append(row)
    return kept, losers


def give_up(tx: Tx, row: Due, left: Revert | None = None) -> Due:
    """The row, from now on with what is ``left`` to be taken back."""
    outbox.set_revert(tx, row.id, left)
    return row._replace(revert=None if left is None else left.blob)


def tell(
    tx: Tx, run: int, name: str, now: str, entity: str, losers: Collection[int], why: str = MOVED
) -> None:
    """Tells what is not taken back at the SIS of the connector ``name``."""
    for undo, count in Counter(losers).items():
        told = {"count": count, "name": name, "undo": undo}
        for teller in (run, undo):
            journal.log(tx, teller, now, "warning", why, told, entity)


def referred_there(tx: Tx, streams: Mapping[str, StreamRow], entity: str, record: int) -> bool:
    """Whether others that are at the SIS of ``streams`` refer to a record."""
    known = {stream.id for stream in streams.values()}
    ids = {one.record for one in referrers.of(tx, entity, record)}
    return any(link.alive and link.stream in known for link in linkage.links_of(tx, ids))


def _left(
    entity: EntityType, revert: Revert, base: Values | None, asked: Collection[str]
) -> Revert | None:
    """What of it is there as it was sent, and what nobody is asked about."""
    if base is None or ALIVE in asked:
        return None
    by_name = entity.by_name
    moved = {by_name[n].group for n, was in revert.held.items() if base[by_name[n].index] != was}
    moved |= {part_name(part) for part in asked}
    if ALIVE in revert.wanted:
        return None if moved else revert
    wanted = {name: to for name, to in revert.wanted.items() if by_name[name].group not in moved}
    return Revert(wanted, {name: revert.held[name] for name in wanted}) if wanted else None
