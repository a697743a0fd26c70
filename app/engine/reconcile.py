"""Reconcile: from base, local and remote to what is to be done. Pure; the heart of the program.

The three sides are rows of one record in stored form (``roster.stored``), one value a field of the
entity. The rules are SEMANTICS A4, B1-B4 and B6; what each branch may assume is said where it
begins. Nothing is decided here that a person should decide: a difference becomes a ``Conflict``.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from app.roster.schema import EntityType, FieldType
from app.roster.stored import list_text, list_value
from app.roster.values import UNKNOWN, UNSAID, Elements, Plain

Values = Sequence[Plain]


class ConflictKind(enum.StrEnum):
    """Why a person is asked."""

    BOTH_CHANGED = "both_changed"
    FIRST_CONTACT = "first_contact"
    EDIT_OR_DELETE = "edit_or_delete"


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


@dataclass(frozen=True)
class Outcome:
    """What is to be done with one record: places of fields with their new stored values."""

    local: dict[int, Plain] = field(default_factory=dict)
    base: dict[int, Plain] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    blanks: frozenset[int] = frozenset()
    """Fields the remote says are blank where the base holds a value (SEMANTICS A2)."""

    @property
    def nothing(self) -> bool:
        """No side moves and nobody is asked."""
        return not (self.local or self.base or self.conflicts)


NOTHING = Outcome()


@lru_cache(maxsize=64)
def _groups(entity: EntityType) -> tuple[tuple[str, tuple[FieldType, ...]], ...]:
    """The fields that are decided together, by group name, in the order of the entity."""
    groups: dict[str, list[FieldType]] = {}
    for one in entity.fields:
        groups.setdefault(one.group, []).append(one)
    return tuple((name, tuple(fields)) for name, fields in groups.items())


def reconcile(entity: EntityType, base: Values, local: Values, remote: Values) -> Outcome:
    """What follows from the three sides of one live record.

    ``base`` may hold ``UNKNOWN`` (never decided), ``remote`` may hold ``UNSAID`` (not spoken).
    """
    if base == remote == local:
        return NOTHING
    made = _Made()
    for name, fields in _groups(entity):
        first = fields[0]
        if len(fields) == 1:
            place = first.index
            b, lo, r = base[place], local[place], remote[place]
            # Not spoken: changes nothing (A2). All three equal: nothing to do.
            if r is UNSAID or b == lo == r:
                continue
            if first.kind.is_list and b is not UNKNOWN:
                _merge_list(first, b, lo, r, made)
                continue
            _decide(name, fields, (b,), (lo,), (r,), made)
        else:
            bs = tuple(base[f.index] for f in fields)
            ls = tuple(local[f.index] for f in fields)
            said = tuple(remote[f.index] for f in fields)
            if all(value is UNSAID for value in said):
                continue
            # A member that is not spoken counts as unchanged since the base, so that the rest of
            # its group can be decided.
            rs = tuple(
                value if value is not UNSAID else (ls[i] if bs[i] is UNKNOWN else bs[i])
                for i, value in enumerate(said)
            )
            if bs == ls == rs:
                continue
            _decide(name, fields, bs, ls, rs, made)
    return made.outcome()


def first_values(remote: Values) -> tuple[Plain, ...]:
    """The local values of a record that is created from ``remote``: what is not said is blank."""
    if UNSAID in remote:
        return tuple(None if value is UNSAID else value for value in remote)
    return tuple(remote)


class Living(enum.Enum):
    """What follows for being alive (SEMANTICS B6)."""

    STAYS = "stays"
    """Nothing changes, or both sides already agree."""
    ENDS = "ends"
    """The remote changed to dead and nobody changed the record here."""
    REVIVES = "revives"
    """The remote changed to alive and the record is ended here."""
    CONFLICT = "conflict"
    """The remote changed to dead and the record was edited here: edit beats delete."""


def reconcile_alive(*, base: bool, local: bool, remote: bool, edited: bool) -> Living:
    """What follows from the three sides of being alive; ``edited``: some L differs from its B.

    Only a *change* of the remote does anything: a repeated tombstone does nothing.
    """
    if remote in (base, local):
        return Living.STAYS
    # The remote changed, and local still stands where the base stood.
    if remote:
        return Living.REVIVES
    return Living.CONFLICT if edited else Living.ENDS


def edited(base: Values, local: Values) -> bool:
    """True when some known base value differs from local: a person changed the record here."""
    return any(b is not UNKNOWN and b != lo for b, lo in zip(base, local, strict=True))


@dataclass
class _Made:
    """An outcome in the making."""

    local: dict[int, Plain] = field(default_factory=dict)
    base: dict[int, Plain] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    blanks: set[int] = field(default_factory=set)

    def outcome(self) -> Outcome:
        return Outcome(self.local, self.base, tuple(self.conflicts), frozenset(self.blanks))


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
    if local == remote:
        # The sides agree, whoever moved: that is what was last decided about.
        made.base.update(zip(places, remote, strict=True))
    elif UNKNOWN in base:
        # Never decided about (B4). Blank yields to a value (B3), so filling is no conflict.
        if all(value is None for value in local):
            made.local.update(zip(places, remote, strict=True))
            made.base.update(zip(places, remote, strict=True))
        elif all(value is None for value in remote):
            made.base.update(zip(places, remote, strict=True))
        else:
            made.conflicts.append(
                _conflict(name, ConflictKind.FIRST_CONTACT, fields, base, local, remote)
            )
    elif base == remote:
        # Only local changed: the base stays until a push is verified (B1).
        pass
    elif base == local:
        # Only the remote changed.
        made.local.update(zip(places, remote, strict=True))
        made.base.update(zip(places, remote, strict=True))
    else:
        # Both changed, differently: a person decides, and nothing is written (B2).
        made.conflicts.append(
            _conflict(name, ConflictKind.BOTH_CHANGED, fields, base, local, remote)
        )


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
    """A list, merged element by element (A4). At this point the three texts are not all equal."""
    if remote is None and base is not None:
        made.blanks.add(of.index)
    if local == remote:
        made.base[of.index] = remote
        return
    if base == remote:
        return
    kind = of.kind

    def by_key(text: Plain) -> dict[Plain, Plain]:
        parts = list_value(text) or ()
        if isinstance(kind, Elements):
            return {kind.key_of(part): part for part in parts}
        return {part: part for part in parts}

    b, lo, r = by_key(base), by_key(local), by_key(remote)
    merged, decided = dict(lo), dict(b)
    for key in b.keys() | lo.keys() | r.keys():
        was, ours, theirs = b.get(key), lo.get(key), r.get(key)
        if ours == theirs or was == ours:
            # They agree, or only the remote changed this element.
            _put(merged, key, theirs)
            _put(decided, key, theirs)
        elif was != theirs:
            made.conflicts.append(
                Conflict(
                    f"{of.name}[{list_text(key if isinstance(key, tuple) else (key,))}]",
                    ConflictKind.BOTH_CHANGED,
                    {of.name: _one(was)},
                    {of.name: _one(ours)},
                    {of.name: _one(theirs)},
                )
            )
    new_local, new_base = _text(of, merged), _text(of, decided)
    if new_local != local:
        made.local[of.index] = new_local
    if new_base != base:
        made.base[of.index] = new_base


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
