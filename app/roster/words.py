"""Words that no standard has, in the fields whose words an administrator may give a meaning. Pure.

They are kept as they were said; but whoever looks after the roster should know of them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from app.roster.entities import CLASS_TYPE, GRADES, ROLE
from app.roster.schema import EntityType
from app.roster.values import UNSAID, Elements, Plain

Odd: TypeAlias = Counter[tuple[str, str]]
"""How often each word was said, by what it tells of (``Vocabulary.told``)."""

EXTENSION = "ext:"
"""What a word begins with that a SIS is free to have of its own (OneRoster 1.2, extensions)."""

_SHOWN, _LONGEST = 8, 40
"""So many words are told, each of so many characters at most."""

_MOST = 500
"""So many different words are counted at most."""


class Vocabulary(NamedTuple):
    """The words of one field, or of one part of a list."""

    field: str
    place: int
    part: int | None
    """Which part of each element; ``None`` where the field is a set of words, or one word."""
    listed: bool
    told: str
    """The code under which odd words are told."""
    known: frozenset[str]


_KNOWN = {
    "grades": ("grades_unknown", frozenset(GRADES)),
    "role": ("roles_unknown", frozenset(ROLE.words)),
    "class_type": ("class_types_unknown", frozenset(CLASS_TYPE.words)),
}


@lru_cache(maxsize=64)
def vocabularies(entity: EntityType) -> tuple[Vocabulary, ...]:
    """Where such words stand in the records of an entity."""
    found = []
    for one in entity.fields:
        names = one.kind.names if isinstance(one.kind, Elements) else (one.name,)
        for part, name in enumerate(names):
            if name in _KNOWN:
                of = part if isinstance(one.kind, Elements) else None
                found.append(Vocabulary(one.name, one.index, of, one.kind.is_list, *_KNOWN[name]))
    return tuple(found)


def odd_words(entity: EntityType, patches: Sequence[Sequence[Plain]]) -> Odd:
    """The words in ``patches`` (canonical values, one a field) that no standard has."""
    odd: Odd = Counter()
    for one in vocabularies(entity):
        values = (patch[one.place] for patch in patches)
        said = [value for value in values if value is not None and value is not UNSAID]
        for word, count in Counter(_words(one)(said)).items():
            if word is not None and word not in one.known and not word.startswith(EXTENSION):
                odd[one.told, word] += count
    return odd


def _words(one: Vocabulary) -> Callable[[Iterable[Plain]], Iterable[Plain]]:
    part = one.part
    if part is not None:
        return lambda values: (element[part] for value in values for element in value)
    if one.listed:
        return lambda values: (word for value in values for word in value)
    return lambda values: values


def merged(odd: Odd, more: Odd) -> None:
    """Adds ``more`` to ``odd``, which stays of a bounded size whatever a SIS says."""
    for word, count in more.items():
        if word in odd or len(odd) < _MOST:
            odd[word] += count


def told_words(odd: Odd) -> dict[str, str]:
    """By code, the words and how often each was said, the most frequent first."""
    told: dict[str, list[str]] = {}
    for (code, word), count in sorted(odd.items(), key=lambda one: (-one[1], one[0])):
        short = word if len(word) <= _LONGEST else f"{word[:_LONGEST]}…"
        told.setdefault(code, []).append(f"{short} ({count:,})")
    return {
        code: ", ".join(words[:_SHOWN]) + (", …" if len(words) > _SHOWN else "")
        for code, words in told.items()
    }
