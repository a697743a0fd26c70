"""Streams of which every document is a record go straight through; only ids are kept on the shelf.

By them a document that was deleted is recognised (SEMANTICS D3), and one that goes by another
natural key (A6). Some documents tell several records, and some records are told by several
documents: what a document tells is kept with its id.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from app.connectors.contract import Doubt, Page, Rekey, Row, Unreadable, row_digest
from app.connectors.edfi.feed import Batch, Deleted, Item
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.streams.arriving import arrived
from app.connectors.edfi.streams.counting import Given, counted, given, held
from app.connectors.edfi.streams.declared import MANY, SEVERAL
from app.connectors.edfi.streams.moving import WITHOUT_ID
from app.connectors.edfi.streams.position import READING, Work
from app.connectors.edfi.streams.shelved import Hand, Kept, Known
from app.connectors.edfi.streams.telling import Record, gathered, rows
from app.connectors.edfi.telling import keys_told

_PASSES = 3
"""So often everything is begun anew because a list kept shifting."""


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
    if name not in work.stream.anchors:
        return arrived(work, batch)
    doubts = list(batch.doubts)
    if batch.restarts and at.full and at.resource > 0:
        at.passes += 1
        if at.passes < _PASSES:
            return _again(work)
        doubts.append(Doubt("paging_unstable"))
    if batch.restarts or name not in at.numbers:
        at.numbers[name] = work.shelf.next_number()
    told = _Through(work, name, batch).take_in(batch)
    if batch.total is not None:
        at.totals[name] = batch.total
    keyless = [Unreadable(None, one.body, one.reason) for one in batch.broken if one.key is None]
    at.certain = at.certain and not keyless
    at.inner = batch.state
    if batch.last:
        work.next_resource()

    def read(places: Iterable[int]) -> list[Row | Unreadable]:
        return [_row(work, told.records[place], told.keys[place]) for place in places]

    return work.page(
        keys=told.keys,
        digests=told.digests,
        read=read,
        rekeys=[Rekey(old, new) for old, new in told.rekeys.items()],
        tombstones=sorted(told.tombstones.difference(told.keys, told.rekeys)),
        unreadable=keyless,
        received=batch.received,
        restarts=batch.restarts,
        doubts=doubts,
        notes=batch.notes,
    )


def _row(work: Work, record: Record, key: str) -> Row | Unreadable:
    """The row of one key among those that a document tells."""
    every = rows(work.stream.entity, work, record)
    return next((one for one in every if one.key == key), every[0]._replace(key=key))


def _again(work: Work) -> Page:
    """What was told of another resource proves nothing more: everything is read again."""
    work.at.numbers.clear()
    work.at.totals.clear()
    work.at.on(READING)
    return work.page(restarts=True)


class _Through:
    """One batch of documents, each a record."""

    def __init__(self, work: Work, name: str, batch: Batch) -> None:
        self._work, self._name, self._number = work, name, work.at.numbers[name]
        self._mark = work.mark
        self._entity = work.stream.entity
        broken = [WITHOUT_ID + one.key for one in batch.broken if one.key is not None]
        ids = [one.id for told in (batch.items, batch.deleted, batch.rekeyed) for one in told]
        self._counts = (self._entity, name) in MANY
        self._ids = Hand(held(work, name), self._keys_of(ids, batch) if self._counts else ())
        self._known = Hand(work.shelf.known(name), [*ids, *broken, *self._ids.values()])
        self._fresh = Hand(
            work.shelf.fresh(name),
            [known.key for one in batch.deleted if (known := self._known.get(one.id))]
            + [one.key for one in batch.deleted if one.key],
        )

    def _keys_of(self, ids: Sequence[str], batch: Batch) -> list[str]:
        """The natural keys that documents have, or had."""
        known = self._work.shelf.known(self._name).take(ids)
        keys = [one.key for one in known.values()] + [one.key for one in batch.items]
        return keys + [one.key for one in batch.broken if one.key is not None]

    def take_in(self, batch: Batch) -> _Told:
        """What the batch tells, and what is kept of it."""
        told = _Told()
        for one in batch.rekeyed:
            known = self._known.get(one.id)
            old = known.key if known is not None else one.old
            self._rekeyed(told, old, one.new, known)
            if known is not None:
                if self._counts and self._ids.get(old) == one.id:
                    self._ids.put(old, None)
                    self._ids.put(one.new, one.id)
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
        records = gathered(
            self._work, self._name, [Kept(*one, reasons.get(one.key, "")) for one in items]
        )
        named = [self._keys(record) for record in records]
        counts = self._counting(named, batch)
        if counts is not None:
            self._moved(told, records, named, counts)
        for record, keys in zip(records, named, strict=True):
            self._came(told, record, keys, counts)
        for gone in batch.deleted:
            self._deleted(told, gone, counts)
        for hand in (self._known, self._fresh, self._ids):
            hand.back()
        if counts is not None:
            counts.back()
        return told

    def _moved(
        self,
        told: _Told,
        records: Sequence[Record],
        named: Sequence[Sequence[str]],
        counts: Hand[Given],
    ) -> None:
        """A record of which every document tells another one from now on goes by that key (A6).

        Such as the report grades of a section that is called otherwise. Where they come in several
        batches nobody can say yet that none will stay, and it is another record.
        """
        going: dict[str, list[str]] = {}
        for record, keys in zip(records, named, strict=True):
            known = self._known.get(record.anchor.id)
            if known is not None and len(known.told) == 1 and known.told != list(keys):
                going.setdefault(known.told[0], []).extend(keys)
        for old, new in going.items():
            one = counts.get(old)
            all_go = one is not None and one.by == len(new) and len(set(new)) == 1
            if all_go and counts.get(new[0]) is None and new[0] not in told.rekeys.values():
                told.rekeys[old] = new[0]

    def _keys(self, record: Record) -> tuple[str, ...]:
        """The keys of the records that a document tells."""
        if record.anchor.reason or (self._entity, self._name) not in SEVERAL | MANY:
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
        return Hand(given(self._work.shelf), every)

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
            self._take_over(told, counts, one, known)
            keys = self._counted(told, counts, before, keys)
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

    def _take_over(self, told: _Told, counts: Hand[Given], one: Kept, known: Known | None) -> None:
        """A document that is counted goes by a natural key, in place of what went by it."""
        if known is not None and known.key != one.key and self._ids.get(known.key) == one.id:
            self._ids.put(known.key, None)
        other = self._ids.get(one.key)
        if other != one.id:
            self._ids.put(one.key, one.id)
            if other is not None and (gone := self._known.get(other)) is not None:
                # That it was deleted is often not told, since its key is there again.
                self._known.put(other, None)
                self._counted(told, counts, gone.told, ())

    def _counted(
        self, told: _Told, counts: Hand[Given], before: Sequence[str], now: Sequence[str]
    ) -> list[str]:
        """Those records of a document that were not told in this reading yet."""
        found = counted(counts, before, now, self._number)
        told.tombstones.difference_update(now)
        told.tombstones.update(found.ended)
        return found.news

    def _rekeyed(self, told: _Told, old: str, new: str, known: Known | None) -> None:
        """A document goes by another natural key, and so do the records within it."""
        if old == new or self._counts:
            return
        before, now = record_key(self._name, old), record_key(self._name, new)
        told.rekeys.setdefault(before, now)
        for key in () if known is None else known.told:
            if key != before and key.startswith(before):
                told.rekeys.setdefault(key, now + key[len(before) :])

    def _deleted(self, told: _Told, gone: Deleted, counts: Hand[Given] | None) -> None:
        """A document was deleted: it ends what it told if it is the one that we know (D3)."""
        known = self._known.get(gone.id)
        if known is None:
            if gone.key and counts is None and self._fresh.get(gone.key) != self._number:
                self._work.shelf.asked(self._name).put(gone.key, "")
            return
        self._known.put(gone.id, None)
        if counts is not None:
            if self._ids.get(known.key) == gone.id:
                self._ids.put(known.key, None)
            self._counted(told, counts, known.told, ())
        elif self._fresh.get(known.key) != self._number:
            told.tombstones.update(known.told or [record_key(self._name, known.key)])
