"""Documents arrive, and are put on the shelf; these pages tell of no record yet.

What goes by another natural key than before is moved, whether the service tells the key change or
only the document under its old id: a change that reaches a document through what it refers to is
told by few services (SEMANTICS A6).
"""

from collections.abc import Mapping

import msgspec

from app.connectors.contract import Doubt, Page, Rekey, Unreadable
from app.connectors.edfi.feed import Batch, Deleted
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.partner import OTHER
from app.connectors.edfi.streams import pairs
from app.connectors.edfi.streams.declared import GROUPED, members
from app.connectors.edfi.streams.moving import WITHOUT_ID, follow, rekeyed
from app.connectors.edfi.streams.position import Work
from app.connectors.edfi.streams.shelved import Hand, Kept, Known, Touched

_split = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


def arrived(work: Work, batch: Batch) -> Page:
    """The page of a batch of documents that were put on the shelf."""
    at, name = work.at, work.resource
    if batch.restarts or name not in at.numbers:
        at.numbers[name], at.came[name] = work.shelf.next_number(), 0
    arriving = _Arriving(work, name, batch)
    rekeys = arriving.take_in(batch)
    if batch.total is not None:
        at.totals[name] = batch.total
    keyless = [Unreadable(None, one.body, one.reason) for one in batch.broken if one.key is None]
    at.came[name] += arriving.came + len(keyless)
    at.certain = at.certain and not keyless
    at.inner = batch.state
    doubts = [*batch.doubts, *(_not_reached(work, name) if batch.last else ())]
    if batch.last:
        work.next_resource()
    return work.page(
        rekeys=rekeys,
        unreadable=keyless,
        received=batch.received,
        restarts=batch.restarts,
        doubts=doubts,
        notes=batch.notes,
    )


def take_in(work: Work, name: str, batch: Batch) -> None:
    """Puts documents on the shelf that were asked for by themselves, while changes are read."""
    _Arriving(work, name, batch).take_in(batch)


def _not_reached(work: Work, name: str) -> list[Doubt]:
    """The doubt that less or more came than the service says there is."""
    at = work.at
    total, came = at.totals.get(name), at.came[name]
    if not at.full or total in (None, came):
        return []
    return [Doubt("total_not_reached", {"total": total or 0, "distinct": came})]


class _Arriving:
    """One batch of the documents of a resource, on its way to the shelf."""

    def __init__(self, work: Work, name: str, batch: Batch) -> None:
        self._work, self._name, self._number = work, name, work.at.numbers[name]
        self._mark = work.mark
        self._members = members(work.stream.entity, name)
        self.came = 0
        """Documents that came for the first time in this reading."""
        stream, shelf = work.stream, work.shelf
        broken = [WITHOUT_ID + one.key for one in batch.broken if one.key is not None]
        ids = [one.id for told in (batch.items, batch.deleted, batch.rekeyed) for one in told]
        self._known = Hand(shelf.known(name), [*ids, *broken])
        keys = {
            *(one.key for one in batch.items),
            *(one.key for one in batch.broken if one.key is not None),
            *(one.key for one in batch.deleted if one.key),
            *(key for one in batch.rekeyed for key in (one.old, one.new)),
            *(one.key for id_ in (*ids, *broken) if (one := self._known.get(id_)) is not None),
        }
        self._whole = Hand(shelf.documents(name), keys if self._stands else ())
        self._owned = {
            one: Hand(shelf.owned(one), map(one.owner, keys))
            for one in stream.owned
            if one.resource == name
        }
        self._shares = [
            (one, Hand(shelf.sharing(one), map(one.wanted, keys)))
            for one in stream.shared
            if one.of == name
        ]
        self._shared = [
            (one.of, Hand(shelf.sharing(one), keys))
            for one in stream.shared
            if one.resource == name
        ]
        self._touched: dict[str, dict[str, bool]] = {}

    @property
    def _is_anchor(self) -> bool:
        return self._name in self._work.stream.anchors

    @property
    def _stands(self) -> bool:
        """Whether the documents are kept under keys of their own."""
        return self._is_anchor or any(
            one.resource == self._name for one in self._work.stream.shared
        )

    def take_in(self, batch: Batch) -> list[Rekey]:
        """Puts all of it on the shelf; the records that go by other keys from now on."""
        told = {
            one.id: (known.key if (known := self._known.get(one.id)) else one.old, one.new)
            for one in batch.rekeyed
        }
        for item in batch.items:
            known = self._known.get(item.id)
            if known is not None and item.id not in told:
                told[item.id] = known.key, item.key
        moves = {
            id_: (old, new)
            for id_, (old, new) in told.items()
            if old != new and not self._is_anothers(old, id_)
        }
        self._move(moves)
        for item in batch.items:
            self._note(item.id, item.key)
            self._come(Kept(item.key, item.id, self._trimmed(item.body), item.modified))
        for one in batch.broken:
            if one.key is not None:
                id_ = WITHOUT_ID + one.key
                self._note(id_, one.key)
                self._come(Kept(one.key, id_, one.body, None, one.reason or "unreadable"))
        for gone in batch.deleted:
            self._delete(gone)
        self._known.back()
        self._whole.back()
        for hand in self._owned.values():
            hand.back()
        for _, shares in (*self._shares, *self._shared):
            shares.back()
        self._keep_touched()
        aliases: set[str] = set()
        if self._work.stream.paired and self._name in OTHER:
            aliases = pairs.moved(self._work, self._name, dict(moves.values()))
            keys = {*(item.key for item in batch.items), *(new for _, new in moves.values())}
            came = (self._whole.get(key) for key in keys)
            pairs.noted(self._work, self._name, [one for one in came if one is not None])
        if not self._is_anchor or (self._work.stream.grouped and self._name in GROUPED):
            return []
        return [
            Rekey(record_key(self._name, old), record_key(self._name, new))
            for old, new in dict(moves.values()).items()
            if old not in aliases
        ]

    def _trimmed(self, body: bytes) -> bytes:
        """A document with what may be kept of it, and nothing else."""
        document = _split(body)
        return _encode({name: document[name] for name in document if name in self._members})

    # -- one document --

    def _note(self, id_: str, key: str) -> None:
        """Notes that a document came."""
        known, full = self._known.get(id_), self._work.at.full
        new = known is None or known.number != self._number
        self.came += new
        if known is None or known.key != key or (full and new):
            self._known.put(id_, Known(key, self._number, self._mark))

    def _come(self, one: Kept) -> None:
        """Puts a document where it belongs, in place of what has its natural key."""
        key = one.key
        if self._stands:
            before = self._whole.get(key)
            if one != before:
                self._whole.put(key, one)
            if _news(one, before):
                self._touch_standing(key)
            for by, shares in self._shares:
                shared = by.wanted(key)
                if key not in (sharers := shares.get(shared) or []):
                    shares.put(shared, sorted([*sharers, key]))
        for owned, hand in self._owned.items():
            owner = owned.owner(key)
            there = {each.key: each for each in hand.get(owner) or ()}
            before = there.get(key)
            if one != before:
                there[key] = one
                hand.put(owner, [there[each] for each in sorted(there)])
            if _news(one, before):
                self._touch(owned.of, owner)

    def _leave(self, key: str, id_: str) -> Kept | None:
        """Takes a document away, unless another one has its natural key by now."""
        found = None
        if self._stands:
            there = self._whole.get(key)
            if there is not None and there.id == id_:
                found = there
                self._whole.put(key, None)
                self._touch_standing(key)
                for by, shares in self._shares:
                    shared = by.wanted(key)
                    stay = [one for one in shares.get(shared) or () if one != key]
                    shares.put(shared, stay or None)
        for owned, hand in self._owned.items():
            owner = owned.owner(key)
            bundle = hand.get(owner) or []
            gone = next((one for one in bundle if (one.key, one.id) == (key, id_)), None)
            if gone is not None:
                found = gone
                hand.put(owner, [one for one in bundle if one is not gone] or None)
                self._touch(owned.of, owner)
        return found

    def _move(self, moves: Mapping[str, tuple[str, str]]) -> None:
        """Documents go by other natural keys, all of them at once."""
        resource = self._work.service.resources[self._name]
        taken = [(id_, new, self._leave(old, id_)) for id_, (old, new) in moves.items()]
        for id_, new, one in taken:
            self._known.put(id_, Known(new, self._number_of(id_), self._mark))
            if one is not None:
                self._come(
                    msgspec.structs.replace(one, key=new, body=rekeyed(one.body, resource, new))
                )
        for by, _ in self._shares:
            pairs = {by.wanted(new): by.wanted(old) for old, new in moves.values()}
            follow(self._work, by.resource, pairs)

    def _is_anothers(self, key: str, id_: str) -> bool:
        """Whether a document that nobody knew would leave a natural key that another one has."""
        there = self._whole.get(key)
        return self._known.get(id_) is None and there is not None and there.id != id_

    def _number_of(self, id_: str) -> int:
        known = self._known.get(id_)
        return 0 if known is None else known.number

    def _delete(self, gone: Deleted) -> None:
        """A document was deleted: it ends what it tells if it is the one that we know (D3)."""
        known = self._known.get(gone.id)
        if known is None:
            self._ask(gone.key)
            return
        self._known.put(gone.id, None)
        left = self._leave(known.key, gone.id)
        if left is not None and self._is_anchor:
            self._touched.setdefault(self._name, {})[known.key] = True

    def _ask(self, key: str) -> None:
        """Something unknown was deleted: what has its natural key may be gone as well."""
        there = self._whole.get(key) if self._stands else None
        for owned, hand in self._owned.items():
            bundle = (hand.get(owned.owner(key)) or ()) if key else ()
            there = there or next((one for one in bundle if one.key == key), None)
        if there is not None:
            self._work.shelf.asked(self._name).put(key, there.id)

    # -- who is to be told --

    def _touch(self, anchor: str, key: str) -> None:
        self._touched.setdefault(anchor, {})[key] = False

    def _touch_standing(self, key: str) -> None:
        """A document under a key of its own has changed: its record, or those that share it."""
        if self._is_anchor:
            self._touch(self._name, key)
        for anchor, shares in self._shared:
            for sharer in shares.get(key) or ():
                self._touch(anchor, sharer)

    def _keep_touched(self) -> None:
        if self._work.at.full:
            return  # everybody is told
        shelf = self._work.shelf
        for by in self._work.stream.through:
            if by.resource == self._name:
                owners = self._touched.get(by.theirs.of, {})
                for bundle in shelf.owned(by.other).take(owners).values():
                    for one in bundle:
                        self._touch(by.of, by.via.owner(one.key))
        for anchor, keys in self._touched.items():
            part = shelf.touched(anchor)
            before = part.take(keys)
            for key, ended in keys.items():
                # What belonged to a record that has ended often goes after it.
                if ended or key not in before:
                    part.put(key, Touched(ended))


def _news(one: Kept, before: Kept | None) -> bool:
    """Whether a document says anything that the one before had not said."""
    return before is None or (one.id, one.body) != (before.id, before.body)
