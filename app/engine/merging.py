"""Two records become one: what follows when somebody says that they are the same (A3, B3, D5).

The links of both meet in the older record, and the other id stands for it for good.
What the other SIS last said is held against it as at first contact, so nothing is overwritten
unseen. Who refers to the one refers to the other, and what is thereby told twice, such as the
enrollments of both, is one as well. ``engine.parting`` takes apart again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from app.engine import matching, settle
from app.engine.matching import AMBIGUOUS, POSSIBLE, Unmatched
from app.engine.parting import refers
from app.engine.reading import Reading
from app.engine.weigh import planned_values, with_local
from app.engine.working import reading_apart
from app.roster.entities import ENTITIES
from app.roster.identity import rules_of
from app.roster.parts import ALIVE
from app.roster.values import Plain
from app.store import (
    conflicts,
    identities,
    journal,
    linkage,
    outbox,
    policies,
    records,
    referrers,
    twins,
)
from app.store import matching as store
from app.store.codec import encode
from app.store.database import Tx
from app.store.journal import StreamProgress
from app.store.plans import Item
from app.store.records import Record

# -- two become one ---------------------------------------------------------------------------


def merge(
    tx: Tx, change_set: int, now: str, entity: str, pairs: Iterable[tuple[int, int]]
) -> dict[int, int]:
    """Makes each of the pairs one record: the id that is left, by the id that is gone.

    Pairs of which one does not live, or that a SIS tells of apart, are passed over.
    """
    going = weighed(tx, entity, pairs).going
    if not going:
        return {}
    ids = {*going, *going.values()}
    there = records.read_records(tx, entity, ids)
    links = [one for one in linkage.links_of(tx, going) if one.alive is not None]
    conflicts.close_all(tx, [one.id for one in links if one.alive])
    protected = policies.protected(tx, going)
    _end(tx, change_set, entity, [there[gone] for gone in going], going)
    for gone, kept in going.items():
        twins.move(tx, gone, kept)
        if gone in protected:
            policies.protect(tx, entity, kept, change_set)
    store.take_over(tx, going.items())
    bases = linkage.link_bases(tx, [one.id for one in links])
    twins.relink(tx, going.items())
    outbox.forget(tx, going)
    outbox.made_otherwise(tx, going.values())
    for stream in sorted({one.stream for one in links}):
        told = {one.id: bases[one.id] for one in links if one.stream == stream and one.alive}
        _take(tx, _reading(tx, change_set, stream, now), told, going, links)
    _fill(tx, change_set, entity, {gone: there[gone] for gone in going}, going)
    _follow(tx, change_set, now, entity, going)
    return going


GONE, APART, BOTH_THERE = "identity_gone", "identity_apart", "identity_both_there"
"""Codes of why two records cannot become one: one of them does not live, or they are one already;
they were told apart; one SIS tells of both."""


class Weighed(NamedTuple):
    """What would become of pairs."""

    going: dict[int, int]
    """The ids that go, and into which; the lowest of those that are one is left."""
    refused: dict[tuple[int, int], str]
    """Why pairs, the lower id first, cannot become one: codes."""


def weighed(tx: Tx, entity: str, pairs: Iterable[tuple[int, int]]) -> Weighed:
    """What would become of pairs, one after the other."""
    asked = [(max(pair), min(pair)) for pair in pairs]
    ids = {id_ for pair in asked for id_ in pair}
    there = records.read_records(tx, entity, ids)
    streams, apart = twins.streams_of(tx, ids), store.parted(tx, ids)
    into: dict[int, int] = {}
    refused: dict[tuple[int, int], str] = {}

    def final(id_: int) -> int:
        while id_ in into:
            id_ = into[id_]
        return id_

    for pair in sorted(asked):
        gone, kept = sorted(map(final, pair), reverse=True)
        living = all(id_ in there and there[id_].alive for id_ in (gone, kept))
        mine, theirs = streams.get(gone, set()), streams.get(kept, set())
        if pair[0] == pair[1] or not living:
            refused[pair[1], pair[0]] = GONE
        elif gone == kept:
            continue  # with pairs before this one
        elif (kept, gone) in apart:
            refused[pair[1], pair[0]] = APART
        elif mine & theirs:
            refused[pair[1], pair[0]] = BOTH_THERE
        else:
            into[gone] = kept
            streams[kept] = mine | theirs
    return Weighed({gone: final(gone) for gone in into}, refused)


def _end(
    tx: Tx, change_set: int, entity: str, gone: Sequence[Record], going: Mapping[int, int]
) -> None:
    """The records end, and stand for those that they are."""
    records.update_records(tx, entity, change_set, [(one, False, one.values) for one in gone])
    before, after = encode({ALIVE: True}), encode({ALIVE: False})
    records.log_changes(
        tx, change_set, entity, [(one.id, None, before, after, None) for one in gone]
    )
    records.log_twins(tx, change_set, {one.id: going[one.id] for one in gone})
    identities.stand_for_good(tx, going.items())


def _reading(tx: Tx, change_set: int, stream: int, now: str) -> Reading:
    connector, entity = twins.stream(tx, stream)
    row = journal.streams(tx, connector, ())[entity]
    return reading_apart(tx, change_set, connector, row, StreamProgress(entity), now)


def _take(
    tx: Tx,
    reading: Reading,
    told: Mapping[int, bytes | None],
    going: Mapping[int, int],
    links: Iterable[linkage.LinkOf],
) -> None:
    """What the SIS last said by links meets the records that they are of now (B3)."""
    whose = {one.id: going[one.record] for one in links if one.id in told}
    items = [
        Item(0, link, whose[link], "update", None, None, None, blob, "{}", None)
        for link, blob in told.items()
        if blob is not None
    ]
    for start in range(0, len(items), settle.BATCH):
        settle.take(tx, reading, items[start : start + settle.BATCH], trusted=True)


def _fill(
    tx: Tx, change_set: int, entity: str, gone: Mapping[int, Record], going: Mapping[int, int]
) -> None:
    """What was known of those that are gone alone, and said by no SIS, fills what is blank."""
    type_ = ENTITIES[entity]
    there = records.read_records(tx, entity, set(going.values()))
    filled: dict[int, dict[int, Plain]] = {}
    for id_, kept in going.items():
        mine, theirs = there[kept].values, gone[id_].values
        for place, value in enumerate(theirs):
            if mine[place] is None and value is not None:
                filled.setdefault(kept, {}).setdefault(place, value)
    rows = [(there[id_], with_local(there[id_].values, new)) for id_, new in filled.items()]
    records.update_records(tx, entity, change_set, [(one, one.alive, row) for one, row in rows])
    records.log_changes(
        tx,
        change_set,
        entity,
        [
            (
                id_,
                None,
                encode(planned_values(type_, dict.fromkeys(new))),
                encode(planned_values(type_, new)),
                None,
            )
            for id_, new in filled.items()
        ],
    )
    outbox.note_elsewhere(tx, change_set, filled)


def _follow(tx: Tx, change_set: int, now: str, entity: str, going: Mapping[int, int]) -> None:
    """Who refers to what is gone refers to what is left; what is told twice now is one."""
    found: dict[str, set[int]] = {}
    for one in referrers.among(tx, entity, {*going, *identities.standing_for(tx, going.values())}):
        found.setdefault(one.entity, set()).add(one.record)
    for name in ENTITIES:
        if name not in found:
            continue
        rows = records.read_records(tx, name, found[name]).values()
        same = identities.stand_ins(tx, ENTITIES[name])
        same.learn(one.values for one in rows)
        changed = [(one, one.alive, same.values(one.values)) for one in rows]
        records.update_records(tx, name, change_set, changed)
        if any(refers(ENTITIES[name], rule.same, entity) for rule in rules_of(name)):
            merge(tx, change_set, now, name, _twice(tx, name, found[name]))


def _twice(tx: Tx, entity: str, ids: Collection[int]) -> set[tuple[int, int]]:
    """Pairs of which the rules of their entity leave no doubt, with any of some records."""
    rows = records.read_records(tx, entity, ids)
    by_stream: dict[int, list[Unmatched]] = {}
    for id_, streams in twins.streams_of(tx, ids).items():
        for stream in streams:
            by_stream.setdefault(stream, []).append(Unmatched(id_, rows[id_].values))
    found = set()
    for stream, mine in by_stream.items():
        beside = matching.beside(tx, stream, entity)
        if beside is None:
            continue
        met = matching.meet(tx, ENTITIES[entity], stream, beside, mine)
        found |= {
            (min(one.record, other.record), max(one.record, other.record))
            for one, other in zip(mine, met, strict=True)
            # What contradicts is no reason any more: somebody said that it does not.
            if other is not None and other.why not in (POSSIBLE, AMBIGUOUS)
        }
    return found
