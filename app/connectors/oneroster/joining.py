"""Several rows of one person become one: a user a school, a user a role (SEMANTICS A5).

Rows belong together by a field that people chose. All rows that come are first put on the shelf,
under what they have in common; when the stream has been read, the shelf is walked person by person.
So nothing is kept in memory, a sync that was cut off goes on at any page, and one changed row is
enough to tell its person whole. What a row says goes with that row, and with no other.

A person goes by the key of the row that was there first, the *anchor*; the keys of the others are
told as aliases of it. When the anchor's row ends the next one takes its place, by a re-key.
"""

import sys
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import msgspec

from app.connectors.contract import (
    Ahead,
    Alias,
    Doubt,
    Fetch,
    Gone,
    Io,
    Page,
    Pull,
    Rekey,
    Request,
    Response,
    Row,
    Shelf,
    State,
    Unreadable,
    row_digest,
)
from app.errors import AuthError, ContractError, SyncError
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType
from app.roster.values import UNSAID, Elements, Plain, Sentinel, Unfit, parse_instant, sorted_set

JOINED = "users"
"""The stream whose rows may be joined."""

BY_KEY = 200
"""So many rows that did not come are looked up by their keys in one reading (SEMANTICS D1)."""

MOST = 20
"""What more rows have in common, such as ``unknown``, tells no person: they stay apart."""

FORM = 1
"""Counted up when a state of an older version can no longer be read: reading starts anew."""

_TOLD = 500
"""So many people who were touched are told on a page."""

_PEOPLE = ENTITIES[JOINED]
_PLACES = {one.name: one.index for one in _PEOPLE.fields}


@dataclass(frozen=True)
class Rule:
    """How rows are joined."""

    field: str
    """Whose values are equal in the rows of one person. A blank one says nothing (A2): it joins
    nobody, and parts nobody who was joined by what the row had said before."""
    primary: str
    """Which row tells what a person has once: ``primary_org``, ``newest``, ``first``."""
    apart: frozenset[str] = frozenset()
    """The keys of rows that stand alone, whatever they say."""

    @classmethod
    def of(cls, settings: Any) -> "Rule | None":
        """The rule that the settings of a OneRoster kind tell; ``None`` where nothing is joined."""
        if settings.one_person == "off":
            return None
        return cls(settings.one_person, settings.primary_row, frozenset(settings.apart.split()))

    def group(self, key: str, patch: Sequence[Plain], before: str) -> str:
        """What the row has in common with the others of its person; ``before`` this was that."""
        value, begins = patch[_PLACES[self.field]], f"={self.field}="
        if key in self.apart:
            return _alone(key)
        if value in (None, UNSAID):
            return before if before.startswith(begins) else _alone(key)
        return f"{begins}{value}" if str(value).isprintable() else _alone(key)


def _alone(key: str) -> str:
    """The group of a row that has nothing in common with others."""
    return f"-{key}"


# -- what is on the shelf -----------------------------------------------------------------------

_ROWS, _SEEN, _TOUCHED, _PASS = "joined rows", "joined seen", "joined touched", "joined pass"
"""Parts: what rows say, by group and key (``_Kept``); where each is, by key (``_Seen``); the groups
to be told, with the rows that left them (``_Left``); the number of the last reading."""

_BETWEEN = "\x1f"
"""Between a group and the key of a row. No key of a SIS has a control character."""


def _place(group: str, key: str) -> str:
    """Under which key of the shelf a row is kept."""
    return group + _BETWEEN + key


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


def _arranged(patch: Sequence[Plain], fields: Sequence[str]) -> tuple[Plain, ...]:
    """``patch`` with a place for every field, those that are not spoken too."""
    if fields == _PEOPLE.field_names:
        return tuple(patch)
    told = dict(zip(fields, patch, strict=True))
    return tuple(told.get(name, UNSAID) for name in _PEOPLE.field_names)


def _spoken(patch: Sequence[Plain], fields: Sequence[str]) -> tuple[Plain, ...]:
    """The part of an ``_arranged`` patch that is spoken."""
    return tuple(patch[_PLACES[name]] for name in fields)


class _Kept(msgspec.Struct, array_like=True):
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
    def of(cls, since: int, digest: bytes, row: Row, fields: Sequence[str]) -> "_Kept":
        """What ``row`` says in ``fields``."""
        patch = msgspec.Raw(_encode(_arranged(row.patch, fields)))
        return cls(since, digest, patch, row.version, list(row.warnings))


class _Seen(msgspec.Struct, array_like=True):
    """Where a row is, in which reading and scope it came last, and where it was missed since."""

    group: str
    since: int
    digest: bytes
    number: int
    scope: bytes
    missed: bytes = b""
    """What the whole reading was of in which it did not come: a second one has to be of another."""


class _Left(msgspec.Struct, array_like=True, order=True, frozen=True):
    """A row that is in its group no more."""

    since: int
    key: str
    how: str
    """``ended`` by a tombstone, ``missed``, because it did not come, or ``moved`` to another."""


_decode_kept = msgspec.msgpack.Decoder(_Kept).decode
_decode_seen = msgspec.msgpack.Decoder(_Seen).decode
_decode_left = msgspec.msgpack.Decoder(list[_Left]).decode


class _Member:
    """One row of a person."""

    def __init__(self, key: str, kept: _Kept) -> None:
        self.key, self.kept = key, kept

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


def _members(shelf: Shelf, group: str, most: int = MOST + 1) -> list[_Member]:
    """The rows of a group, so many at most."""
    found: list[_Member] = []
    begins = after = group + _BETWEEN
    while len(found) < most:
        batch = shelf.after(_ROWS, after, most)
        for after, body in batch:
            if not after.startswith(begins):
                return found
            found.append(_Member(after[len(begins) :], _decode_kept(body)))
        if len(batch) < most:
            break
    return found


# -- one row of several -------------------------------------------------------------------------


def joined(rows: Sequence[Row], rule: Rule) -> Row:
    """One row of those of one person, under the key of the first.

    Lists are united. What a person has once is the primary row's; that another says something else
    is a warning. What they are joined by is said by any of them.
    """
    if len(rows) == 1:
        return rows[0]
    main = min(rows, key=lambda row: (_RANKS[rule.primary](row), row.key))
    others = sorted((row for row in rows if row is not main), key=lambda row: row.key)
    patch: list[Plain] = []
    warnings = [warning for row in (main, *others) for warning in row.warnings]
    for one in _PEOPLE.fields:
        told = [row.patch[one.index] for row in (main, *others)]
        if one.name == rule.field:
            patch.append(next((value for value in told if value not in (None, UNSAID)), told[0]))
        elif not one.kind.is_list:
            patch.append(told[0])
            if any(value not in (None, UNSAID, told[0]) for value in told[1:]):
                warnings.append((one.name, "rows_disagree"))
        elif UNSAID in told:
            patch.append(UNSAID)  # of one row it is not known what it adds
        else:
            parts = [part for value in told for part in value or ()]
            kind = one.kind
            if one.name == "roles":
                parts = _one_primary_each(parts)
            patch.append(kind.ordered(parts) if isinstance(kind, Elements) else sorted_set(parts))
    versions = [row.version for row in rows if row.version is not None]
    newest = max(versions, key=_moment, default=None)
    return Row(rows[0].key, tuple(patch), newest, tuple(dict.fromkeys(warnings)))


def _one_primary_each(roles: Iterable[tuple[Plain, ...]]) -> list[tuple[Plain, ...]]:
    """Of the primary roles in one organization the first stays the primary one."""
    kind = _PEOPLE.by_name["roles"].kind
    assert isinstance(kind, Elements)
    org, importance = kind.names.index("org"), kind.names.index("role_type")
    taken: dict[Plain, Plain] = {}
    told = []
    for part in roles:
        if part[importance] == "primary" and taken.setdefault(part[org], kind.key_of(part)) != (
            kind.key_of(part)
        ):
            part = (*part[:importance], "secondary", *part[importance + 1 :])
        told.append(part)
    return told


def _moment(version: str | None) -> float:
    try:
        return parse_instant(version or "").timestamp()
    except (Unfit, OverflowError):
        return float("-inf")


def _by_school(row: Row) -> int:
    """How surely a row is that of the person's own school; less is surer."""
    roles = _PEOPLE.by_name["roles"]
    assert isinstance(roles.kind, Elements)
    org, importance = roles.kind.names.index("org"), roles.kind.names.index("role_type")
    told, home = row.patch[roles.index], row.patch[_PLACES["primary_org"]]
    held = () if told is UNSAID else told or ()
    mine = [role for role in held if home not in (None, UNSAID) and role[org] == home]
    if any(role[importance] == "primary" for role in mine):
        return 0
    if mine:
        return 1
    return 2 if any(role[importance] == "primary" for role in held) else 3


_RANKS: Mapping[str, Callable[[Row], float]] = {
    "primary_org": _by_school,
    "newest": lambda row: -_moment(row.version),
    "first": lambda row: 0,
}
"""How far a row is from being the primary one; where two are as far, the smaller key wins."""


# -- one pull -----------------------------------------------------------------------------------

_READING, _SWEEPING, _REKEYING, _WALKING, _TELLING = (
    *("reading", "sweeping", "rekeying", "walking", "telling"),
)
"""Rows are put on the shelf; those that did not come are taken from it; whose anchor left gets
another; all that is there is told; whoever was touched is told. Of changes alone there is neither
the second nor the fourth."""


class _At(msgspec.Struct, omit_defaults=True):
    """Where a pull stands; as JSON it is the state of a page."""

    form: int = FORM
    inner: State | None = None
    """Where the reading of the rows stands."""
    phase: str = _READING
    after: str = ""
    """How far the shelf has been walked."""
    crowd: str = ""
    """A group of too many rows, in the middle of which the walk stands."""
    number: int = 0
    """Counts readings, and beginnings anew."""
    fields: tuple[str, ...] = _PEOPLE.field_names
    """What the rows speak of."""
    full: bool = True
    scope: str = ""
    evidence: str = ""
    distinct: int = 0
    """How many keys came in this reading."""
    keyless: int = 0
    certain: bool = True
    """Nothing casts a doubt on the reading so far: what did not come is gone."""
    asked: int = 0
    """How many rows that did not come were looked up by their keys."""
    stays: bool = False
    """Some rows did not come, and stay nevertheless."""
    ended: bool = False


def _position(state: State | None) -> _At:
    """Where to go on. A state that cannot be understood starts a whole read."""
    try:
        at = msgspec.convert(state or {}, _At)
    except msgspec.ValidationError:
        return _At(ended=True)
    return at if at.form == FORM and at.inner is not None else _At(ended=True)


class Joining:
    """Joins the rows of one connector's people by a rule."""

    def __init__(self, rule: Rule | None, io: Io) -> None:
        self._rule, self._io = rule, io
        self._shelf: Shelf | None = None

    def pages(
        self,
        entity: str,
        pull: Callable[[State | None], Pull],
        since: State | None,
        shelf: Shelf,
        fetch: Callable[[str], Fetch] | None = None,
    ) -> Pull:
        """The pages of a stream, of which ``pull`` yields those of the rows, on from a state.

        They are the very same where nothing is joined. ``fetch`` reads a row by its key, where that
        is possible.
        """
        if self._rule is None or entity != JOINED:
            return pull(since)
        return self._joined(self._rule, pull, since, shelf, fetch)

    def _joined(
        self,
        rule: Rule,
        pull: Callable[[State | None], Pull],
        since: State | None,
        shelf: Shelf,
        fetch: Callable[[str], Fetch] | None,
    ) -> Pull:
        self._shelf = shelf
        at = _position(since)
        if at.ended:
            at = _At(inner=at.inner)
        if at.number == 0:
            at.number = _last_number(shelf) + 1
            shelf.put(_PASS, _PASS, b"%d" % at.number)
        work = _Work(rule, self._io, shelf, at, fetch)
        if at.phase == _READING:
            yield from work.read(pull)
        while not at.ended:
            yield (yield from work.walk())

    def whole(self, row: Row, of: EntityType) -> Row:
        """The person whose ``row`` was read by its key, with the other rows as they came last.

        ``of`` has the fields that rows speak of.
        """
        rule = self._rule if of.name == JOINED else None
        if rule is None or self._shelf is None:
            return row
        places = self._shelf.take(_SEEN, [row.key]).values()
        before = next((_decode_seen(body).group for body in places), "")
        group = rule.group(row.key, _arranged(row.patch, of.field_names), before)
        members = {one.key: one for one in _members(self._shelf, group)}
        known = members.get(row.key)
        since = known.kept.since if known else _last_number(self._shelf) + 1
        members[row.key] = _Member(row.key, _Kept.of(since, b"", row, of.field_names))
        rows = [each.row for each in _in_order(members.values()) if not each.kept.silent]
        if len(rows) > MOST:
            return row
        person = joined(rows, rule)
        return person._replace(patch=_spoken(person.patch, of.field_names))


def _last_number(shelf: Shelf) -> int:
    return int(shelf.take(_PASS, [_PASS]).get(_PASS, b"0"))


def _in_order(members: Iterable[_Member]) -> list[_Member]:
    return sorted(members, key=lambda each: each.rank)


class _Work:
    """One pull at work."""

    def __init__(
        self,
        rule: Rule,
        io: Io,
        shelf: Shelf,
        at: _At,
        fetch: Callable[[str], Fetch] | None,
    ) -> None:
        self._rule, self._io, self._shelf, self._at, self._fetch = rule, io, shelf, at, fetch
        self._count = max(io.page_size, MOST + 1)
        self._touched: dict[str, list[_Left]] = {}

    # -- rows are put on the shelf --

    def read(self, pull: Callable[[State | None], Pull]) -> Pull:
        """Reads the rows to their end; these pages tell nobody yet."""
        steps = pull(self._at.inner)
        answer: Response | None = None
        error: SyncError | None = None
        with closing(steps):
            while True:
                try:
                    step = steps.throw(error) if error else steps.send(answer)
                except StopIteration:
                    return
                answer = error = None
                if isinstance(step, Request):
                    try:
                        answer = yield step
                    except SyncError as failure:
                        error = failure
                else:
                    yield step if isinstance(step, Ahead) else self._shelved(step)

    def _shelved(self, page: Page) -> Page:
        at, shelf = self._at, self._shelf
        if page.restarts:
            at.number += 1
            shelf.put(_PASS, _PASS, b"%d" % at.number)
            at.distinct = at.keyless = 0
        at.inner, at.fields, at.full = page.state, page.fields, page.full
        at.scope, at.evidence = page.scope, page.evidence
        unreadable = {one.key: one for one in page.unreadable if one.key is not None}
        keyless = [one for one in page.unreadable if one.key is None]
        keys = [*page.keys, *unreadable, *page.tombstones]
        known = {key: _decode_seen(body) for key, body in shelf.take(_SEEN, keys).items()}
        at.distinct += sum(key not in known or known[key].number != at.number for key in keys)
        at.keyless += len(keyless)
        ended = {key: known[key] for key in page.tombstones if key in known}
        self._end(ended, "ended")
        wanted = self._changed(page.keys, page.digests, known)
        rows = page.read(wanted)
        news = [(page.keys[n], row, page.digests[n]) for n, row in zip(wanted, rows, strict=True)]
        digests = [row_digest(one.raw, self._io.salt) for one in unreadable.values()]
        odd = list(unreadable.items())
        wanted = self._changed(list(unreadable), digests, known)
        self._keep([*news, *((*odd[place], digests[place]) for place in wanted)], known)
        self._touch()
        doubts = list(page.doubts)
        if page.last:
            distinct = at.distinct + at.keyless
            if page.total not in (None, distinct):
                numbers = {"total": page.total, "distinct": distinct}
                doubts.append(Doubt("total_not_reached", numbers))
            at.phase = _SWEEPING if page.full else _REKEYING
        at.certain = at.certain and not doubts and not keyless
        return self._page(
            _Telling(
                # Of rows that never came here it is told as it is.
                tombstones=[key for key in page.tombstones if key not in known],
                unreadable=keyless,
            ),
            received=page.received,
            restarts=page.restarts,
            doubts=doubts,
            notes=page.notes,
        )

    def _changed(
        self, keys: Sequence[str], digests: Sequence[bytes], known: Mapping[str, _Seen]
    ) -> list[int]:
        """The places of rows that say something new; of the others it is noted that they came."""
        at, scope = self._at, self._scope
        places = []
        for place, (key, digest) in enumerate(zip(keys, digests, strict=True)):
            seen = known.get(key)
            if seen is None or seen.digest != digest:
                places.append(place)
            elif seen.missed or (at.full and (seen.number, seen.scope) != (at.number, scope)):
                seen.missed = b""
                if at.full:
                    seen.number, seen.scope = at.number, scope
                self._shelf.put(_SEEN, key, _encode(seen))
        return places

    @property
    def _scope(self) -> bytes:
        return row_digest(self._at.scope.encode(), b"")

    def _keep(
        self, rows: Sequence[tuple[str, Row | Unreadable, bytes]], known: Mapping[str, _Seen]
    ) -> None:
        """Keeps rows that are new, or say something else than before: (key, row, digest)."""
        at, scope = self._at, self._scope
        places = {key: _place(known[key].group, key) for key, *_ in rows if key in known}
        bodies = self._shelf.take(_ROWS, places.values())
        for key, told, digest in rows:
            seen = known.get(key)
            kept, group = _Kept(at.number, digest), _alone(key)
            if seen is not None:
                kept, group = _decode_kept(bodies[places[key]]), seen.group
            if isinstance(told, Unreadable):
                kept.digest, kept.raw, kept.reason = digest, told.raw, told.reason
            else:
                kept = _Kept.of(kept.since, digest, told, at.fields)
                group = self._rule.group(key, _arranged(told.patch, at.fields), group)
            self._put(key, kept, seen, _Seen(group, 0, digest, at.number, scope))
            if not at.full:
                self._touched.setdefault(group, [])

    def _put(self, key: str, kept: _Kept, before: _Seen | None, now: _Seen) -> None:
        """Puts a row where it is ``now``; in a group where it was not before it comes last."""
        if before is not None and before.group != now.group:
            self._leave(key, before, "moved")
            kept.since = self._at.number
        now.since = kept.since
        self._shelf.put(_ROWS, _place(now.group, key), _encode(kept))
        self._shelf.put(_SEEN, key, _encode(now))

    def _end(self, rows: Mapping[str, _Seen], how: str) -> None:
        """Rows are gone, and what they said with them."""
        for key, seen in rows.items():
            self._leave(key, seen, how)
            self._shelf.drop(_SEEN, [key])

    def _leave(self, key: str, seen: _Seen, how: str) -> None:
        """A row is in its group no more."""
        self._shelf.drop(_ROWS, [_place(seen.group, key)])
        self._touched.setdefault(seen.group, []).append(_Left(seen.since, key, how))

    def _touch(self) -> None:
        """Notes which groups are to be told, and the rows that left them."""
        before = self._shelf.take(_TOUCHED, self._touched)
        for group, left in self._touched.items():
            gone = _decode_left(before[group]) if group in before else []
            self._shelf.put(_TOUCHED, group, _encode([*gone, *left]))
        self._touched.clear()

    # -- the shelf is walked --

    def walk(self) -> Generator[Request, Response, Page]:
        """The next page, now that all rows are on the shelf."""
        if self._at.phase == _SWEEPING:
            return (yield from self._sweep())
        walks = {_REKEYING: self._rekey, _WALKING: self._walk, _TELLING: self._tell}
        return self._page(walks[self._at.phase]())

    def _sweep(self) -> Generator[Request, Response, Page]:
        """What did not come in a whole read is gone, where that is made sure."""
        at, shelf = self._at, self._shelf
        batch = shelf.after(_SEEN, at.after, self._count)
        seen = {key: _decode_seen(body) for key, body in batch}
        missed = {key: one for key, one in seen.items() if one.number != at.number}
        gone, doubts = yield from self._gone(missed)
        self._end({key: missed[key] for key in gone}, "missed")
        for key in missed.keys() - gone:
            shelf.put(_SEEN, key, _encode(missed[key]))
        stays = {_place(missed[key].group, key): key for key in missed.keys() - gone}
        at.stays = at.stays or bool(stays)
        for place, body in shelf.take(_ROWS, stays).items():
            # It may have been put there by another rule.
            key, kept = stays[place], _decode_kept(body)
            if not kept.silent:
                group = self._rule.group(key, kept.told(), missed[key].group)
                now = msgspec.structs.replace(missed[key], group=group)
                self._put(key, kept, missed[key], now)
        self._touch()
        self._go_on(batch, len(batch) < self._count, _REKEYING)
        waiting = [
            key
            for key in missed.keys() - gone
            if missed[key].missed and len(_members(shelf, missed[key].group, 2)) > 1
        ]
        notes = [Doubt("rows_missed", {"count": len(waiting)})] if waiting else []
        return self._page(_Telling(notes=notes), doubts=doubts)

    def _gone(
        self, missed: Mapping[str, _Seen]
    ) -> Generator[Request, Response, tuple[set[str], list[Doubt]]]:
        """Which of the rows that did not come are gone, and what casts a doubt on that (D1).

        A look by the key decides. Where that is not possible, or of very many, they have to be
        missing from another whole reading, too, without a doubt on either.
        """
        at, gone = self._at, set[str]()
        absent = {
            key: one.missed
            for key, one in missed.items()
            if at.certain and one.scope == self._scope
        }
        for one in missed.values():
            one.missed = b""
        if self._fetch is None or at.asked + len(absent) > BY_KEY:
            mark = row_digest((at.evidence or str(at.number)).encode(), b"")
            for key in absent:
                missed[key].missed = mark
            return {key for key, before in absent.items() if before not in (b"", mark)}, []
        for key in absent:
            at.asked += 1
            try:
                found = yield from self._fetch(key)
            except (AuthError, ContractError):
                found = None
            if not isinstance(found, Gone):
                at.certain = False
                code = "row_still_there" if isinstance(found, Row) else "row_not_confirmed"
                return gone, [Doubt(code, {"key": key})]
            gone.add(key)
        return gone, []

    def _rekey(self) -> "_Telling":
        """People whose anchor left go by the key of the next row."""
        at, shelf, telling = self._at, self._shelf, _Telling()
        count = min(self._count, _TOLD)
        batch = shelf.after(_TOUCHED, at.after, count)
        for group, body in batch:
            left = min(_decode_left(body), default=None)
            members = _in_order(_members(shelf, group)) if left is not None else []
            if left is None or not 0 < len(members) <= MOST:
                continue
            led = (left.since, left.key) < (members[0].kept.since, members[0].key)
            if led and not self._leads(left.key):
                telling.rekeys.append(Rekey(left.key, members[0].key))
                # Whatever comes under the old key one day is a row of its own.
                telling.aliases.append(Alias(left.key, members[0].key))
        self._go_on(batch, len(batch) < count, _WALKING if at.full else _TELLING)
        return telling

    def _leads(self, key: str) -> bool:
        """Whether a row is the anchor of the group that it is in by now."""
        for body in self._shelf.take(_SEEN, [key]).values():
            members = _in_order(_members(self._shelf, _decode_seen(body).group))
            return len(members) > MOST or members[0].key == key
        return False

    def _walk(self) -> "_Telling":
        """Everybody, group by group."""
        at, shelf, telling = self._at, self._shelf, _Telling()
        batch = shelf.after(_ROWS, at.after, self._count)
        done = len(batch) < self._count
        groups: dict[str, list[_Member]] = {}
        for place, body in batch:
            group, _, key = place.rpartition(_BETWEEN)
            groups.setdefault(group, []).append(_Member(key, _decode_kept(body)))
        if not done and len(groups) > 1:
            batch = batch[: -len(groups.popitem()[1])]  # the next page may have more of it
        touched = shelf.take(_TOUCHED, groups)
        shelf.drop(_TOUCHED, touched)
        came = self._came(groups)
        for group, members in groups.items():
            left = _decode_left(touched[group]) if group in touched else []
            crowd = len(members) > MOST or group == at.crowd
            if left or group in came:
                telling.add(members, left, crowd=crowd)
            at.crowd = group if crowd else ""
        self._go_on(batch, done, _TELLING)
        return telling

    def _came(self, groups: Mapping[str, Sequence[_Member]]) -> Collection[str]:
        """The groups of which some row came in this reading."""
        if not self._at.stays:
            return groups
        keys = [each.key for members in groups.values() for each in members]
        seen = map(_decode_seen, self._shelf.take(_SEEN, keys).values())
        return {one.group for one in seen if one.number == self._at.number}

    def _tell(self) -> "_Telling":
        """Whoever was touched: what is told of them by now, or their end."""
        at, shelf, telling = self._at, self._shelf, _Telling()
        count = min(self._count, _TOLD)
        batch = shelf.after(_TOUCHED, at.after, count)
        for group, left in batch:
            members = _members(shelf, group)
            if crowd := len(members) > MOST:
                members = _members(shelf, group, sys.maxsize)
            telling.add(members, _decode_left(left), crowd=crowd)
        shelf.drop(_TOUCHED, [group for group, _ in batch])
        at.ended = len(batch) < count
        self._go_on(batch, at.ended, _TELLING)
        return telling

    def _go_on(self, batch: Sequence[tuple[str, bytes]], done: bool, phase: str) -> None:
        at = self._at
        at.after = "" if done else batch[-1][0]
        at.phase = phase if done else at.phase

    def _page(self, telling: "_Telling", **more: Any) -> Page:
        at, people = self._at, telling.people

        def read(places: Iterable[int]) -> list[Row | Unreadable]:
            rows = [joined(people[place].rows, self._rule) for place in places]
            return [row._replace(patch=_spoken(row.patch, at.fields)) for row in rows]

        return Page(
            entity=JOINED,
            fields=at.fields,
            keys=[one.key for one in people],
            digests=[one.digest for one in people],
            read=read,
            state=msgspec.to_builtins(_At(inner=at.inner, ended=True) if at.ended else at),
            last=at.ended,
            full=at.full,
            scope=at.scope,
            evidence=at.evidence,
            tombstones=telling.tombstones,
            rekeys=telling.rekeys,
            aliases=telling.aliases,
            unreadable=telling.unreadable,
            **{"notes": telling.notes, **more},
        )


@dataclass(frozen=True)
class _Person:
    """The readable rows of one person, the anchor first."""

    members: Sequence[_Member]

    @property
    def key(self) -> str:
        """The anchor's."""
        return self.members[0].key

    @property
    def rows(self) -> list[Row]:
        """As they came."""
        return [each.row for each in self.members]

    @property
    def digest(self) -> bytes:
        """Of all rows; of one alone its own."""
        if len(self.members) == 1:
            return self.members[0].kept.digest
        told = b"".join(each.key.encode() + each.kept.digest for each in self.members)
        return row_digest(told, b"")


@dataclass
class _Telling:
    """What one page tells."""

    people: list[_Person] = field(default_factory=list)
    tombstones: list[str] = field(default_factory=list)
    rekeys: list[Rekey] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    notes: list[Doubt] = field(default_factory=list)

    def add(self, members: Sequence[_Member], left: Sequence[_Left], *, crowd: bool) -> None:
        """A group as it is by now, and the rows that left it since it was told last."""
        self.unreadable += [
            Unreadable(one.key, one.kept.raw, one.kept.reason) for one in members if one.kept.reason
        ]
        readable = [one for one in _in_order(members) if not one.kept.silent]
        if crowd:
            keys = {one.key for one in members}
            self.people += [_Person([one]) for one in readable]
            self.tombstones += [
                one.key for one in left if one.how == "ended" and one.key not in keys
            ]
            self.notes.append(Doubt("rows_not_joined", {"count": len(members)}))
        elif members:
            first, *others = _in_order(members)
            self.aliases += [Alias(one.key, first.key) for one in others]
            if readable:
                self.people.append(_Person(readable))
        elif (led := min(left, default=None)) is not None and led.how == "ended":
            # Of what did not come the proof decides, and not its absence alone (D1).
            self.tombstones += [led.key] if all(one.how != "missed" for one in left) else []
