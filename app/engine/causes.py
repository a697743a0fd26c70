"""Open differences, grouped by what made them: what is alike is one thing to decide."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from app.engine.judging import schools_of
from app.engine.reconcile import ConflictKind
from app.engine.told import entity_word, part_word, value_text
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE
from app.roster.values import Boolean, Choice
from app.store.causes import Slim, slim
from app.store.database import Database
from app.store.differences import Likeness
from app.text import _

Key: TypeAlias = tuple[str, str, str, str, object]

LOGIN = frozenset({"username", "email", "identifier"})
"""Parts with which people log in: differences about them come before others (SEMANTICS E1)."""


@dataclass(frozen=True)
class Cause:
    """Differences that are alike (``store.differences.alike``), the oldest first."""

    connector: str
    entity: str
    kind: str
    part: str
    shape: object
    differences: tuple[tuple[int, int, int], ...]
    """(difference, record, revision) of each."""
    schools: tuple[int, ...]
    """Record ids of the schools that they are in; 0 is the district."""
    syncs: tuple[int, ...]
    """The syncs that found them."""

    @property
    def key(self) -> Key:
        """Tells it apart from others, also after some of it has been decided."""
        return (self.connector, self.entity, self.kind, self.part, self.shape)

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids of the differences."""
        return tuple(one for one, *_rest in self.differences)

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.differences)


def causes(database: Database, connector: str | None = None) -> list[Cause]:
    """The causes of all open differences, or of one connector's: by harm, then by number.

    Newcomers who may be known are none of them: that is a question of who they are.
    """
    groups: dict[Key, list[Slim]] = {}
    for one in slim(database, connector):
        key = (one.connector, one.entity, one.kind, one.part if one.shape else "", one.shape)
        groups.setdefault(key, []).append(one)
    found = [
        Cause(
            *key,
            tuple((one.id, one.record, one.revision) for one in like),
            _schools(key[1], like),
            tuple(sorted({one.opened_in for one in like})),
        )
        for key, like in groups.items()
    ]
    return sorted(found, key=lambda cause: (_harm(cause), -cause.count, cause.differences[0]))


def _schools(entity: str, like: Iterable[Slim]) -> tuple[int, ...]:
    places = {one.school for one in like}
    return tuple(
        sorted({one for place in places for one in schools_of(ENTITIES[entity], place, "")})
    )


def _harm(cause: Cause) -> int:
    """First what keeps all from being sent; then ends; then what people log in with."""
    if cause.kind == ConflictKind.FIRST_CONTACT:
        return 0
    return 1 if cause.part == ALIVE else 2 if cause.part in LOGIN else 3


# -- in words ---------------------------------------------------------------------------------


def cause_text(cause: Cause) -> str:
    """What happened, in a few words: ``Phone: written differently``."""
    ours = sis = None
    if _has_words(cause) and isinstance(cause.shape, tuple):
        field = ENTITIES[cause.entity].by_name[cause.part]
        _base, ours, sis = (value_text(field, side, {}) for side in cause.shape[0])
    return _manner(cause).format(
        many=entity_word(cause.entity),
        part=part_word(cause.entity, cause.part),
        name=cause.connector,
        ours=ours or _("blank"),
        sis=sis or _("blank"),
    )


def _manner(cause: Cause) -> str:
    if cause.kind == ConflictKind.FIRST_CONTACT:
        return _("{many}: who is right to begin with?")
    assert isinstance(cause.shape, tuple)
    first, *more = cause.shape
    if cause.part == ALIVE:
        _base, ours, _sis = cause.shape
        return (
            _("Removed at {name}, changed here") if ours else _("Removed here, changed at {name}")
        )
    if cause.kind == ConflictKind.UNFIT:
        return _("{part}: both together cannot be")
    if cause.kind == ConflictKind.BACK_AND_FORTH:
        return _("{part}: set by turns")
    if isinstance(first, Likeness) and not more:
        base, ours, sis = first.blank
        if ours or sis:
            return _("{part}: blank here") if ours else _("{part}: blank at {name}")
        if first.only_written_otherwise:
            return _("{part}: written differently")
        if base:
            return _("{part}: filled in on both sides")
    if _has_words(cause):
        return _("{part}: {ours} here, {sis} at {name}")
    return _("{part}: changed on both sides")


def _has_words(cause: Cause) -> bool:
    """Whether all of them say the same two words of a vocabulary, or yes and no."""
    one = ENTITIES[cause.entity].by_name.get(cause.part)
    return one is not None and isinstance(one.kind, Choice | Boolean)
