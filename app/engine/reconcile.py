"""Reconcile: from base, local and remote to what is to be done. Pure; the heart of the program.

The three sides are rows of one record in stored form (``roster.stored``), one value a field of the
entity. The rules are SEMANTICS A4 and B1-B7; what each branch may assume is said where it begins.
Nothing is decided here that a person should decide: a difference becomes a ``Conflict``, unless the
caller knows who decides in such a case.
"""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from app.roster.parts import ALIVE, part_name
from app.roster.rules import broken
from app.roster.schema import EntityType, FieldType
from app.roster.stored import list_text, list_value
from app.roster.values import UNKNOWN, UNSAID, Elements, Plain

Values = Sequence[Plain]


class ConflictKind(enum.StrEnum):
    """Why a person is asked."""

    BOTH_CHANGED = "both_changed"
    FIRST_CONTACT = "first_contact"
    EDIT_OR_DELETE = "edit_or_delete"
    """One side ended the record, the other changed it (SEMANTICS B6)."""
    UNFIT = "unfit"
    """What both sides together would make cannot be (SEMANTICS B7)."""
    BACK_AND_FORTH = "back_and_forth"
    """Two systems set it by turns (SEMANTICS B7)."""
    SAME_PERSON = "same_person"
    """A new record may be one that we have (SEMANTICS D5)."""


class Who(enum.StrEnum):
    """Who decides where both sides differ (SEMANTICS B5)."""

    ASK = "ask"
    SIS = "sis"
    OURS = "ours"


Decides: TypeAlias = Callable[[str, ConflictKind], Who]
"""Says who decides about a part: a field, a group, or ``alive``."""


def ask(part: str, kind: ConflictKind) -> Who:
    """A person decides, whatever it is."""
    return Who.ASK


@dataclass(frozen=True)
class Conflict:
    """A difference for a person: ``part`` is a field, a group, or ``field[key]`` of an element.

    The three sides are stored values by field name.
    """

    part: str
    kind: ConflictKind
    base: dict[str, Plain]
    local: dict[str, Plain]
    remote: dict[str, Plain]
    about: dict[str, object] = field(default_factory=dict)
    """What else the person should know."""


@dataclass(frozen=True)
class Outcome:
    """What is to be done with one record: places of fields with their new stored values."""

    local: dict[int, Plain] = field(default_factory=dict)
    base: dict[int, Plain] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    blanks: frozenset[int] = frozenset()
    """Fields the remote says are blank where the base holds a value (SEMANTICS A2)."""
    discarded: dict[int, Plain] = field(default_factory=dict)
    """What the remote said and a decision for ours threw away (SEMANTICS B5)."""
    decided: frozenset[int] = frozenset()
    """Fields of ``local`` that a decision for the SIS overwrote."""

    @property
    def nothing(self) -> bool:
        """No side moves and nobody is asked."""
        return not (self.local or self.base or self.conflicts)


NOTHING = Outcome()


@lru_cache(maxsize=64)
def groups(entity: EntityType) -> tuple[tuple[str, tuple[FieldType, ...]], ...]:
    """The fields that are decided together, by group name, in the order of the entity."""
    groups: dict[str, list[FieldType]] = {}
    for one in entity.fields:
        groups.setdefault(one.group, []).append(one)
    return tuple((name, tuple(fields)) for name, fields in groups.items())


def reconcile(
    entity: EntityType,
    base: Values,
    local: Values,
    remote: Values,
    who: Decides = ask,
    *,
    keep_values: bool = False,
) -> Outcome:
    """What follows from the three sides of one live record.

    ``base`` may hold ``UNKNOWN`` (never decided), ``remote`` may hold ``UNSAID`` (not spoken).
    ``who`` is asked where the sides differ; with ``keep_values`` a blank of the remote says nothing
    where we hold a value.
    """
    if base == remote == local:
        return NOTHING
    if keep_values:
        remote = [
            UNSAID if r is None and lo is not None else r
            for lo, r in zip(local, remote, strict=True)
        ]
    made = _Made(who)
    for name, fields in groups(entity):
        first = fields[0]
        if len(fields) == 1:
            place = first.index
            b, lo, r = base[place], local[place], remote[place]
            # Not spoken: changes nothing (A2). All three equal: nothing to do.
            if r is UNSAID or b == lo == r:
                continue
            if lo == r:
                # The sides agree, whoever moved: that is what was last decided about.
                if r is None and b is not UNKNOWN:
                    made.blanks.add(place)
                made.base[place] = r
                continue
            if first.kind.is_list and (b is not UNKNOWN or _union(first, lo, r)):
                _merge_list(first, b, lo, r, made)
                continue
            _decide(name, fields, (b,), (lo,), (r,), made)
        else:
            if all(remote[f.index] is UNSAID for f in fields):
                continue
            # A member that the SIS never spoke is none of its business: the group is decided
            # without it. One that is not spoken now counts as unchanged since the base.
            known = tuple(
                f for f in fields if not (remote[f.index] is UNSAID and base[f.index] is UNKNOWN)
            )
            bs = tuple(base[f.index] for f in known)
            ls = tuple(local[f.index] for f in known)
            rs = tuple(
                base[f.index] if remote[f.index] is UNSAID else remote[f.index] for f in known
            )
            if bs == ls == rs:
                continue
            _decide(name, known, bs, ls, rs, made)
    if made.local:
        _check_merge(entity, base, local, remote, made)
    return made.outcome()


def _check_merge(
    entity: EntityType, base: Values, local: Values, remote: Values, made: "_Made"
) -> None:
    """What only both sides together make wrong is asked, and not written (SEMANTICS B7)."""
    merged = [made.local.get(place, value) for place, value in enumerate(local)]
    wrong = broken(entity, merged)
    if not wrong:
        return
    theirs = [lo if r is UNSAID else r for lo, r in zip(local, remote, strict=True)]
    # What is wrong on one side alone was that side's to say; nobody made it by merging.
    wrong -= broken(entity, local) | broken(entity, theirs)
    for name, fields in groups(entity):
        if name not in wrong:
            continue
        places = [f.index for f in fields]
        for place in places:
            made.local.pop(place, None)
            made.base.pop(place, None)
        sides = (tuple(side[place] for place in places) for side in (base, local, theirs))
        made.conflicts = [one for one in made.conflicts if part_name(one.part) != name]
        made.conflicts.append(_conflict(name, ConflictKind.UNFIT, fields, *sides))


def first_values(remote: Values) -> tuple[Plain, ...]:
    """The local values of a record that is created from ``remote``: what is not said is blank."""
    if UNSAID in remote:
        return tuple(None if value is UNSAID else value for value in remote)
    return tuple(remote)


class Living(enum.Enum):
    """What follows for being alive (SEMANTICS B6)."""

    STAYS = "stays"
    """Nothing changes here; where the remote moved, the base follows it."""
    ENDS = "ends"
    """The record ends here, as it did at the SIS."""
    REVIVES = "revives"
    """The record comes back here, as it did at the SIS."""
    KEPT = "kept"
    """The remote ended the record, and somebody decided that it stays: pinned."""
    CONFLICT = "conflict"
    """One side ended the record and the other changed it: edit beats delete."""


def reconcile_alive(
    *,
    base: bool,
    local: bool,
    remote: bool,
    edited: bool,
    moved: bool = False,
    who: Decides = ask,
) -> Living:
    """What follows from the three sides of being alive.

    ``edited``: some field here differs from its base. ``moved``: some field of the remote does.
    Only a *change* of the remote does anything: a repeated tombstone does nothing.
    """
    if remote == base:
        if base and not local and moved:
            # Ended here, changed there since: edit beats delete.
            return _alive_decided(who, sis=Living.REVIVES, ours=Living.STAYS)
        return Living.STAYS
    if remote == local:
        return Living.STAYS
    # The remote changed, and local still stands where the base stood.
    if remote:
        return Living.REVIVES
    return _alive_decided(who, sis=Living.ENDS, ours=Living.KEPT) if edited else Living.ENDS


def _alive_decided(who: Decides, *, sis: Living, ours: Living) -> Living:
    decided = who(ALIVE, ConflictKind.EDIT_OR_DELETE)
    return {Who.SIS: sis, Who.OURS: ours, Who.ASK: Living.CONFLICT}[decided]


def edited(base: Values, local: Values) -> bool:
    """True when some known base value differs from local: a person changed the record here."""
    return any(b is not UNKNOWN and b != lo for b, lo in zip(base, local, strict=True))


def moved(base: Values, remote: Values) -> bool:
    """True when the remote says something else than what was last decided about."""
    return any(
        r is not UNSAID and b is not UNKNOWN and b != r for b, r in zip(base, remote, strict=True)
    )


@dataclass
class _Made:
    """An outcome in the making."""

    who: Decides
    local: dict[int, Plain] = field(default_factory=dict)
    base: dict[int, Plain] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    blanks: set[int] = field(default_factory=set)
    discarded: dict[int, Plain] = field(default_factory=dict)
    decided: set[int] = field(default_factory=set)

    def outcome(self) -> Outcome:
        return Outcome(
            self.local,
            self.base,
            tuple(self.conflicts),
            frozenset(self.blanks),
            self.discarded,
            frozenset(self.decided & self.local.keys()),
        )


def _decide(
    name: str,
    fields: tuple[FieldType, ...],
    base: tuple[Plain, ...],
    local: tuple[Plain, ...],
    remote: tuple[Plain, ...],
    made: _Made,
) -> None:
    """One field or one group, decided whole. At this point the three sides are not all equal."""
    places = [f.index for f in fields]
    for place, b, r in zip(places, base, remote, strict=True):
        if r is None and b is not None and b is not UNKNOWN:
            made.blanks.add(place)
    kind = ConflictKind.BOTH_CHANGED
    if local == remote:
        # The sides agree, whoever moved: that is what was last decided about.
        made.base.update(zip(places, remote, strict=True))
        return
    if UNKNOWN in base:
        # Never decided about (B4). Blank yields to a value (B3), so filling is no conflict.
        if all(value is None for value in local):
            made.local.update(zip(places, remote, strict=True))
            made.base.update(zip(places, remote, strict=True))
            return
        if all(value is None for value in remote):
            made.base.update(zip(places, remote, strict=True))
            return
        kind = ConflictKind.FIRST_CONTACT
    elif base == remote:
        # Only local changed: the base stays until a push is verified (B1).
        return
    elif base == local:
        # Only the remote changed.
        made.local.update(zip(places, remote, strict=True))
        made.base.update(zip(places, remote, strict=True))
        return
    # Both changed, differently. Where nobody decides beforehand, nothing is written (B2).
    decides = made.who(name, kind)
    if decides is Who.ASK:
        made.conflicts.append(_conflict(name, kind, fields, base, local, remote))
        return
    made.base.update(zip(places, remote, strict=True))
    if decides is Who.SIS:
        made.local.update(zip(places, remote, strict=True))
        made.decided.update(places)
    else:
        made.discarded.update(zip(places, remote, strict=True))


def _conflict(
    part: str,
    kind: ConflictKind,
    fields: tuple[FieldType, ...],
    base: tuple[Plain, ...],
    local: tuple[Plain, ...],
    remote: tuple[Plain, ...],
) -> Conflict:
    def by_name(values: tuple[Plain, ...]) -> dict[str, Plain]:
        return {f.name: v for f, v in zip(fields, values, strict=True) if v is not UNKNOWN}

    return Conflict(part, kind, by_name(base), by_name(local), by_name(remote))


def _merge_list(of: FieldType, base: Plain, local: Plain, remote: Plain, made: _Made) -> None:
    """A list, merged element by element (A4). At this point the three texts are not all equal.

    Without a base each side has what it has: nothing was taken away on either (B3).
    """
    kind = ConflictKind.FIRST_CONTACT if base is UNKNOWN else ConflictKind.BOTH_CHANGED
    base = None if base is UNKNOWN else base
    if remote is None and base is not None:
        made.blanks.add(of.index)
    if local == remote:
        made.base[of.index] = remote
        return
    if base == remote and kind is ConflictKind.BOTH_CHANGED:
        return
    b, lo, r = (_by_key(of, side) for side in (base, local, remote))
    merged, decided = dict(lo), dict(b)
    for key in b.keys() | lo.keys() | r.keys():
        was, ours, theirs = b.get(key), lo.get(key), r.get(key)
        if ours == theirs or was == ours:
            # They agree, or only the remote changed this element.
            _put(merged, key, theirs)
            _put(decided, key, theirs)
        elif both := _both(was, ours, theirs):
            # Each changed another member of it.
            _put(merged, key, both)
            _put(decided, key, theirs)
        elif was != theirs:
            # Both changed this element, differently.
            decides = made.who(of.group, kind)
            if decides is Who.ASK:
                made.conflicts.append(
                    Conflict(
                        f"{of.name}[{list_text(key if isinstance(key, tuple) else (key,))}]",
                        kind,
                        {of.name: _one(was)},
                        {of.name: _one(ours)},
                        {of.name: _one(theirs)},
                    )
                )
                continue
            _put(decided, key, theirs)
            if decides is Who.SIS:
                _put(merged, key, theirs)
                made.decided.add(of.index)
            else:
                made.discarded[of.index] = remote
    new_local, new_base = _text(of, merged), _text(of, decided)
    if new_local != local:
        made.local[of.index] = new_local
    if kind is ConflictKind.BOTH_CHANGED:
        if new_base != base:
            made.base[of.index] = new_base
    elif new_base == remote:
        # Until all of it is decided it was never decided about.
        made.base[of.index] = new_base


def _union(of: FieldType, local: Plain, remote: Plain) -> bool:
    """Whether a list that was never decided about is merged, and not decided as a whole.

    What tells where somebody belongs is, where one side says no more than the other: two schools
    that each know another one may both be wrong.
    """
    if not isinstance(of.kind, Elements) or local is None or remote is None:
        return False
    ours, theirs = (_by_key(of, side).keys() for side in (local, remote))
    return not of.covers or ours <= theirs or theirs <= ours


def _both(was: Plain, ours: Plain, theirs: Plain) -> Plain:
    """One element of what each side changed in it; ``None`` where they collide.

    Of one that is new on both sides a blank yields to a value (B3).
    """
    if not (isinstance(ours, tuple) and isinstance(theirs, tuple)):
        return None
    before = (None,) * len(ours) if was is None else was
    merged = []
    for b, lo, r in zip(before, ours, theirs, strict=True):
        if b == lo or lo == r:
            merged.append(r)
        elif b == r:
            merged.append(lo)
        else:
            return None
    return tuple(merged)


def stays_pinned(of: FieldType, base: Plain, local: Plain, remote: Plain) -> bool:
    """Whether a pin of ``of`` outlives what the remote now says (SEMANTICS G2).

    A value is the remote's news as a whole, and its pin falls. Of a list the remote may speak of
    other elements: as long as it says nothing new of one that differs here, that one would be
    taken for an edit and sent, so the pin stays.
    """
    if remote in (UNSAID, base):
        return True
    if not of.kind.is_list or base is UNKNOWN:
        return False
    b, lo, r = (_by_key(of, side) for side in (base, local, remote))
    return any(b.get(key) == r.get(key) != lo.get(key) for key in b.keys() | lo.keys())


def _by_key(of: FieldType, text: Plain) -> dict[Plain, Plain]:
    parts, kind = list_value(text) or (), of.kind
    if isinstance(kind, Elements):
        return {kind.key_of(part): part for part in parts}
    return {part: part for part in parts}


def _put(parts: dict[Plain, Plain], key: Plain, value: Plain) -> None:
    if value is None:
        parts.pop(key, None)
    else:
        parts[key] = value


def _one(element: Plain) -> Plain:
    return None if element is None else list_text((element,))


def _text(of: FieldType, parts: dict[Plain, Plain]) -> Plain:
    """The canonical text of merged elements."""
    return list_text(of.kind.normal(tuple(parts.values())))
