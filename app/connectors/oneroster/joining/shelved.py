"""What is kept on the shelf: what each row says, where it is, and who is to be told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.connectors.contract import Row, Shelf
from app.connectors.oneroster.joining.rule import MOST, PEOPLE, PLACES
from app.roster.values import UNSAID, Plain, Sentinel

_ROWS, _SEEN, _TOUCHED, _PASS = "joined rows", "joined seen", "joined touched", "joined pass"
"""Parts: what rows say, by group and key (``Kept``); where each is, by key (``Seen``); the groups
to be told, with the rows that left them (``Left``); the number of the last reading."""

_BETWEEN = "\x1f"
"""Between a group and the key of a row. No key of a SIS has a control character."""


def _encoded_sentinel(value: Any) -> Any:
    if isinstance(value, Sentinel):
        return msgspec.msgpack.Ext(1, b"")
    raise TypeError(f"not a value: {type(value).__name__}")


_encode = msgspec.msgpack.Encoder(enc_hook=_encoded_sentinel).encode
_decode_patch = msgspec.msgpack.Decoder(ext_hook=lambda code, data: UNSAID).decode
_NOTHING = msgspec.Raw(_encode(None))


def _tuples(value: Any) -> Plain:
    """A value in normal form, of which MessagePack made lists."""
    if not isinstance(value, list):
        return value
    return tuple(tuple(part) if isinstance(part, list) else part for part in value)


def arranged(patch: Sequence[Plain], fields: Sequence[str]) -> tuple[Plain, ...]:
    """``patch`` with a place for every field, those that are not spoken too."""
    if fields == PEOPLE.field_names:
        return tuple(patch)
    told = dict(zip(fields, patch, strict=True))
    return tuple(told.get(name, UNSAID) for name in PEOPLE.field_names)


def spoken(patch: Sequence[Plain], fields: Sequence[str]) -> tuple[Plain, ...]:
    """The part of an ``arranged`` patch that is spoken."""
    return tuple(patch[PLACES[name]] for name in fields)


class Kept(msgspec.Struct, array_like=True):
    """What a row said."""

    since: int
    """The reading in which it came into its group."""
    digest: bytes
    patch: msgspec.Raw = _NOTHING
    """The patch, not decoded: of most rows nobody asks."""
    version: str | None = None
    warnings: list[tuple[str, str]] = []
    raw: bytes = b""
    reason: str = ""
    """Why it cannot be read now; what it had said before stays."""

    @property
    def silent(self) -> bool:
        """Whether it was never readable."""
        return bytes(self.patch) == bytes(_NOTHING)

    def told(self) -> tuple[Plain, ...]:
        """The patch."""
        return tuple(map(_tuples, _decode_patch(self.patch)))

    @classmethod
    def of(cls, since: int, digest: bytes, row: Row, fields: Sequence[str]) -> "Kept":
        """What ``row`` says in ``fields``."""
        patch = msgspec.Raw(_encode(arranged(row.patch, fields)))
        return cls(since, digest, patch, row.version, list(row.warnings))


class Seen(msgspec.Struct, array_like=True):
    """Where a row is, in which reading and scope it came last, and where it was missed since."""

    group: str
    since: int
    digest: bytes
    number: int
    scope: bytes
    missed: bytes = b""
    """What the whole reading was of in which it did not come: a second one has to be of another."""


class Left(msgspec.Struct, array_like=True, order=True, frozen=True):
    """A row that is in its group no more."""

    since: int
    key: str
    how: str
    """``ended`` by a tombstone, ``missed``, because it did not come, or ``moved`` to another."""


_decode_kept = msgspec.msgpack.Decoder(Kept).decode
_decode_seen = msgspec.msgpack.Decoder(Seen).decode
_decode_left = msgspec.msgpack.Decoder(list[Left]).decode


@dataclass
class Member:
    """One row of a person."""

    group: str
    key: str
    kept: Kept

    @property
    def rank(self) -> tuple[bool, int, str]:
        """The first of these is the anchor: of the readable rows the one that was there first."""
        return self.kept.silent, self.kept.since, self.key

    @property
    def row(self) -> Row:
        """The row as it came."""
        kept = self.kept
        warnings = tuple((name, what) for name, what in kept.warnings)
        return Row(self.key, kept.told(), kept.version, warnings)


def in_order(members: Iterable[Member]) -> list[Member]:
    """The rows of a person, the anchor first."""
    return sorted(members, key=lambda each: each.rank)


def _place(group: str, key: str) -> str:
    """Under which key of the shelf a row is kept."""
    return group + _BETWEEN + key


class Shelved:
    """The rows of people on a shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._touched: dict[str, list[Left]] = {}

    @property
    def number(self) -> int:
        """Which reading was the last one."""
        return int(self._shelf.take(_PASS, [_PASS]).get(_PASS, b"0"))

    @number.setter
    def number(self, number: int) -> None:
        self._shelf.put(_PASS, _PASS, b"%d" % number)

    # -- what is there --

    def seen(self, keys: Sequence[str]) -> dict[str, Seen]:
        """Where rows are, of those that are there."""
        return {key: _decode_seen(body) for key, body in self._shelf.take(_SEEN, keys).items()}

    def seen_after(self, key: str, count: int) -> list[tuple[str, Seen]]:
        """Where rows are, in the order of their keys."""
        return [(at, _decode_seen(body)) for at, body in self._shelf.after(_SEEN, key, count)]

    def kept(self, rows: Mapping[str, Seen]) -> dict[str, Kept]:
        """What rows say."""
        places = {_place(seen.group, key): key for key, seen in rows.items()}
        found = self._shelf.take(_ROWS, places).items()
        return {places[place]: _decode_kept(body) for place, body in found}

    def members(self, group: str, most: int = MOST + 1) -> list[Member]:
        """The rows of a group, so many at most."""
        found: list[Member] = []
        begins = after = _place(group, "")
        while len(found) < most:
            batch = self._shelf.after(_ROWS, after, most)
            for after, body in batch:
                if not after.startswith(begins):
                    return found
                found.append(Member(group, after[len(begins) :], _decode_kept(body)))
            if len(batch) < most:
                break
        return found

    def members_after(self, place: str, count: int) -> list[tuple[str, Member]]:
        """The rows of all groups, group by group, each with its place."""
        found = []
        for at, body in self._shelf.after(_ROWS, place, count):
            group, _, key = at.rpartition(_BETWEEN)
            found.append((at, Member(group, key, _decode_kept(body))))
        return found

    # -- rows come and go --

    def put(self, key: str, kept: Kept, before: Seen | None, now: Seen, number: int) -> None:
        """Puts a row where it is ``now``; in a group where it was not before it comes last."""
        if before is not None and before.group != now.group:
            self._leave(key, before, "moved")
            kept.since = number
        now.since = kept.since
        self._shelf.put(_ROWS, _place(now.group, key), _encode(kept))
        self.came(key, now)

    def came(self, key: str, seen: Seen) -> None:
        """Notes where a row is."""
        self._shelf.put(_SEEN, key, _encode(seen))

    def end(self, rows: Mapping[str, Seen], how: str) -> None:
        """Rows are gone, and what they said with them."""
        for key, seen in rows.items():
            self._leave(key, seen, how)
            self._shelf.drop(_SEEN, [key])

    def _leave(self, key: str, seen: Seen, how: str) -> None:
        self._shelf.drop(_ROWS, [_place(seen.group, key)])
        self._touched.setdefault(seen.group, []).append(Left(seen.since, key, how))

    # -- who is to be told --

    def touch(self, group: str) -> None:
        """A group is to be told, as is any that a row left."""
        self._touched.setdefault(group, [])

    def keep_touched(self) -> None:
        """Puts on the shelf which groups are to be told, and the rows that left them."""
        before = self.touched(self._touched)
        for group, left in self._touched.items():
            self._shelf.put(_TOUCHED, group, _encode([*before.get(group, ()), *left]))
        self._touched.clear()

    def touched(self, groups: Iterable[str]) -> dict[str, list[Left]]:
        """Which of these groups are to be told, and the rows that left them."""
        return {at: _decode_left(body) for at, body in self._shelf.take(_TOUCHED, groups).items()}

    def touched_after(self, group: str, count: int) -> list[tuple[str, list[Left]]]:
        """Which groups are to be told, in their order, and the rows that left them."""
        return [(at, _decode_left(body)) for at, body in self._shelf.after(_TOUCHED, group, count)]

    def told(self, groups: Iterable[str]) -> None:
        """These groups have been told."""
        self._shelf.drop(_TOUCHED, groups)
