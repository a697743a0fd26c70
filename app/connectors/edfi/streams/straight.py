"""Streams of which every document is a record go straight through; only ids are kept on the shelf.

By them a document that was deleted is recognised (SEMANTICS D3), and one that goes by another
natural key (A6). Some documents tell several records, and some records are told by several
documents: what a document tells is kept with its id.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from app.connectors.contract import Page, Rekey, Row, Unreadable, row_digest
from app.connectors.edfi.feed import Batch, Item
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.streams import missed
from app.connectors.edfi.streams.arriving import WITHOUT_ID
from app.connectors.edfi.streams.position import CLEARING, READING, SWEEPING, Work
from app.connectors.edfi.streams.shelved import Hand, Kept, Known, Part
from app.connectors.edfi.streams.telling import Record, rows
from app.connectors.edfi.streams.walking import forget_next, stale, stated
from app.connectors.edfi.telling import keys_told
from app.errors import TransientError

_PASSES = 3
"""So often everything is begun anew because a list kept shifting."""

_SEVERAL = frozenset({("assessment_results", "studentAssessments")})
"""Where one document may tell several records."""

_MANY = frozenset({("line_items", "grades")})
"""Where one record is told by many documents, each of which says the same of it."""


class Given(msgspec.Struct, array_like=True):
    """A record that is told by many documents."""

    by: int
    """How many of them there are."""
    number: int
    """The reading in which it was told last."""


def given(work: Work) -> Part[Given]:
    """The records that are told by many documents, by their keys."""
    return work.shelf.part("given", Given)


def fresh(work: Work, name: str) -> Part[int]:
    """The natural keys that came under ids that were not known, and the reading in which."""
    return work.shelf.part(f"{name} fresh", int)


@dataclass
class _Told:
    """What a page tells."""

    keys: list[str] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    tombstones: set[str] = field(default_factory=set)
    rekeys: dict[str, str] = field(default_factory=dict)


def passed(work: Work, batch: Batch) -> Page:
    """The page of a batch of documents."""
    at, name = work.at, work.resource
    if batch.restarts and at.full and at.resource > 0:
        return _again(work)
    begins = batch.restarts or (at.passes > 0 and name not in at.numbers and at.resource == 0)
    if batch.restarts or name not in at.numbers:
        at.numbers[name] = work.shelf.next_number()
    through = _Through(work, name, batch)
    told = through.take_in(batch)
    if batch.total is not None:
        at.totals[name] = batch.total
    keyless = [Unreadable(None, one.body, one.reason) for one in batch.broken if one.key is None]
    at.certain = at.certain and not keyless
    at.inner = batch.state
    if batch.last:
        work.next_resource()
        if at.phase != READING:
            at.on(SWEEPING if at.full else CLEARING)
    entity = work.stream.entity

    def read(places: Iterable[int]) -> list[Row | Unreadable]:
        return [_row(entity, work, told.records[place], told.keys[place]) for place in places]

    return work.page(
        keys=told.keys,
        digests=told.digests,
        read=read,
        rekeys=[Rekey(old, new) for old, new in told.rekeys.items()],
        tombstones=sorted(told.tombstones.difference(told.keys)),
        unreadable=keyless,
        received=batch.received,
        total=stated(work) if at.full and at.phase != READING else None,
        restarts=begins,
        doubts=batch.doubts,
        notes=batch.notes,
    )


def _row(entity: str, work: Work, record: Record, key: str) -> Row | Unreadable:
    """The row of one key among those that a document tells."""
    every = rows(entity, work, record)
    return next((one for one in every if one.key == key), every[0]._replace(key=key))


def _again(work: Work) -> Page:
    """What came before of another resource was told, and proves nothing more: all of it again."""
    at = work.at
    at.passes += 1
    if at.passes >= _PASSES:
        raise TransientError("list_keeps_shifting", resource=work.resource)
    at.numbers.clear()
    at.totals.clear()
    at.on(READING)
    return work.page(restarts=True)


class _Through:
    """One batch of documents, each a record."""

    def __init__(self, work: Work, name: str, batch: Batch) -> None:
        self._work, self._name, self._number = work, name, work.at.numbers[name]
        self._mark = work.mark
        self._entity = work.stream.entity
        broken = [WITHOUT_ID + one.key for one in batch.broken if one.key is not None]
        ids = [one.id for told in (batch.items, batch.deleted, batch.rekeyed) for one in told]
        self._known = Hand(work.shelf.known(name), [*ids, *broken])
        self._counts = (self._entity, name) in _MANY
        self._fresh = Hand(
            fresh(work, name),
            [known.key for one in batch.deleted if (known := self._known.get(one.id))],
        )

    def take_in(self, batch: Batch) -> _Told:
        """What the batch tells, and what is kept of it."""
        told = _Told()
        for one in batch.rekeyed:
            known = self._known.get(one.id)
            old = known.key if known is not None else one.old
            self._rekeyed(told, old, one.new, known)
            if known is not None:
                self._known.put(one.id, msgspec.structs.replace(known, key=one.new))
        items = [
            *({item.key: item for item in batch.items}).values(),
            *(
                Item(one.key, WITHOUT_ID + one.key, one.body)
                for one in batch.broken
                if one.key is not None
            ),
        ]
        reasons = {one.key: one.reason or "unreadable" for one in batch.broken}
        records = [Record(self._name, Kept(*item, reasons.get(item.key, "")), {}) for item in items]
        named = [self._keys(record) for record in records]
        counts = self._counting(named, batch)
        for record, keys in zip(records, named, strict=True):
            self._came(told, record, keys, counts)
        for gone in batch.deleted:
            self._deleted(told, gone.id, counts)
        for hand in (self._known, self._fresh):
            hand.back()
        if counts is not None:
            counts.back()
        return told

    def _keys(self, record: Record) -> tuple[str, ...]:
        """The keys of the records that a document tells."""
        if record.anchor.reason or (self._entity, self._name) not in _SEVERAL | _MANY:
            return (record.key,)
        document = msgspec.json.decode(record.anchor.body)
        return keys_told(self._entity, self._name, record.anchor.key, document)

    def _counting(self, named: Sequence[Sequence[str]], batch: Batch) -> Hand[Given] | None:
        if not self._counts:
            return None
        every = {key for keys in named for key in keys}
        for told in (batch.items, batch.deleted):
            for one in told:
                if (known := self._known.get(one.id)) is not None:
                    every.update(known.told)
        return Hand(given(self._work), every)

    def _came(
        self, told: _Told, record: Record, keys: Sequence[str], counts: Hand[Given] | None
    ) -> None:
        one = record.anchor
        known = self._known.get(one.id)
        if known is not None and known.key != one.key:
            self._rekeyed(told, known.key, one.key, known)
        if known is None and not self._work.at.full:
            self._fresh.put(one.key, self._number)
        before = () if known is None else known.told
        mine = [] if keys == (record.key,) else list(keys)
        if counts is not None:
            keys = _counted(counts, told, before, keys, self._number)
        else:
            told.tombstones.update(set(before).difference(keys, (record.key,)))
        now = Known(one.key, self._number, self._mark, mine)
        if known is None or (known.key, known.told) != (one.key, mine) or self._work.at.full:
            self._known.put(one.id, now)
        digest = record.digest(self._work.io.salt)
        for key in keys:
            told.keys.append(key)
            told.records.append(record)
            # A record of many documents says what its key says.
            told.digests.append(
                digest if counts is None else row_digest(key.encode(), self._work.io.salt)
            )

    def _rekeyed(self, told: _Told, old: str, new: str, known: Known | None) -> None:
        """A document goes by another natural key, and so do the records within it."""
        if old == new or self._counts:
            return
        before, now = record_key(self._name, old), record_key(self._name, new)
        told.rekeys.setdefault(before, now)
        for key in () if known is None else known.told:
            if key != before and key.startswith(before):
                told.rekeys.setdefault(key, now + key[len(before) :])

    def _deleted(self, told: _Told, id_: str, counts: Hand[Given] | None) -> None:
        """A document was deleted: it ends what it told if it is the one that we know (D3)."""
        known = self._known.get(id_)
        if known is None:
            return
        self._known.put(id_, None)
        if counts is not None:
            _counted(counts, told, known.told, (), self._number)
        elif self._fresh.get(known.key) != self._number:
            told.tombstones.update(known.told or [record_key(self._name, known.key)])


def _counted(
    counts: Hand[Given], told: _Told, before: Sequence[str], now: Sequence[str], number: int
) -> list[str]:
    """Counts the documents of records; those of ``now`` that were not told in this reading."""
    news = []
    for key in set(before).difference(now):
        one = counts.get(key)
        if one is not None and one.by <= 1:
            told.tombstones.add(key)
            counts.put(key, None)
        elif one is not None:
            counts.put(key, Given(one.by - 1, one.number))
    for key in now:
        one = counts.get(key)
        if one is None or one.number != number:
            news.append(key)
        told.tombstones.discard(key)
        by = (one.by if one else 0) + (key not in before)
        if one is None or (one.by, one.number) != (by, number):
            counts.put(key, Given(by, number))
    return news


def swept(work: Work) -> Page:
    """The next ids of the shelf, without those of documents that did not come in this reading."""
    at, resources = work.at, work.stream.resources
    name, count = resources[at.resource], work.io.page_size
    part = work.shelf.known(name)
    batch = part.after(at.place, count)
    if at.certain and name in at.numbers:
        gone = stale(work, name, batch)
        part.drop(gone)
        if (work.stream.entity, name) in _MANY:
            _uncount(work, gone, at.numbers[name])
        else:
            missed.note(work, name, gone)
    work.walk_on(batch, count, resources, CLEARING)
    return work.page(total=stated(work))


def _uncount(work: Work, gone: Mapping[str, Known], number: int) -> None:
    counts = Hand(given(work), [key for one in gone.values() for key in one.told])
    for one in gone.values():
        _counted(counts, _Told(), one.told, (), number)
    counts.back()


def cleared(work: Work) -> Page:
    """What was kept for this reading alone is forgotten."""
    at, resources = work.at, work.stream.resources
    name = resources[at.resource]
    forget_next(work, fresh(work, name), name, resources)
    return work.page(total=stated(work) if at.full else None)
