"""Where two values differ, inside them. Pure, standard library only; others draw and speak it.

What is told apart is what a reader sees as one character, not code points: a letter with marks,
a flag, a joined emoji is never cut in two.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

LONGEST = 300
"""Characters of a value up to which it is looked inside; what is longer differs as a whole."""
ALIKE = 0.4
"""Values with less in common than this are two values, not one that was changed."""
ISLE = 2
"""Letters or digits that agree by chance between two changes: so few are part of the change."""

_JOINER = "\u200d"
_SELECTORS = ("\ufe00", "\ufe0f")
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")
_FLAG_LETTERS = ("\U0001f1e6", "\U0001f1ff")


@dataclass(frozen=True)
class Piece:
    """A part of a value; ``differs`` where the other value has something else, or nothing."""

    text: str
    differs: bool


Pieces = tuple[Piece, ...]


def compared(one: str, other: str) -> tuple[Pieces, Pieces]:
    """Both values in pieces that, joined, are the values again; a blank one has none."""
    if one == other:
        return _whole(one, differs=False), _whole(other, differs=False)
    left, right = list(characters(one)), list(characters(other))
    if max(len(left), len(right)) > LONGEST:
        return _whole(one, differs=True), _whole(other, differs=True)
    match = SequenceMatcher(None, left, right, autojunk=False)
    common = _common(left, right, match)
    if 2 * sum(size for _, _, size in common) < ALIKE * (len(left) + len(right)):
        return _whole(one, differs=True), _whole(other, differs=True)
    return (
        _pieces(left, {place for at, _, size in common for place in range(at, at + size)}),
        _pieces(right, {place for _, at, size in common for place in range(at, at + size)}),
    )


def characters(text: str) -> Iterator[str]:
    """What a reader sees as one character each."""
    found = ""
    for char in text:
        if found and _belongs(found, char):
            found += char
        else:
            if found:
                yield found
            found = char
    if found:
        yield found


def _belongs(before: str, char: str) -> bool:
    """Whether a code point is part of the character that ends in ``before``."""
    return (
        char == _JOINER
        or before[-1] == _JOINER
        or unicodedata.category(char).startswith("M")
        or _SELECTORS[0] <= char <= _SELECTORS[1]
        or _SKIN_TONES[0] <= char <= _SKIN_TONES[1]
        or (
            len(before) == 1
            and all(_FLAG_LETTERS[0] <= c <= _FLAG_LETTERS[1] for c in before + char)
        )
    )


def _common(
    left: Sequence[str], right: Sequence[str], match: SequenceMatcher[str]
) -> list[tuple[int, int, int]]:
    """What both have, as (place, place, length), without what agrees by chance."""
    found = []
    for a, b, size in match.get_matching_blocks():
        at_an_end = (a, b) == (0, 0) or (a + size, b + size) == (len(left), len(right))
        word = all(char.isalnum() for char in left[a : a + size])
        if size and (at_an_end or size > ISLE or not word):
            found.append((a, b, size))
    return found


def _pieces(chars: Sequence[str], agree: set[int]) -> Pieces:
    runs = groupby(range(len(chars)), key=lambda place: place not in agree)
    return tuple(Piece("".join(chars[place] for place in run), differs) for differs, run in runs)


def _whole(text: str, *, differs: bool) -> Pieces:
    return (Piece(text, differs),) if text else ()
