"""Kinds of value and their normal forms (SEMANTICS A1): after normalising, equal means ``==``.

``normal`` takes what a SIS or a person gave and returns the canonical value, ``None`` for blank.
``Unfit`` says that the value cannot be understood: the field is *unsaid* for that record (A2).
Canonical values are plain: ``str``, ``int``, ``float``, ``bool``, ``None``, and tuples of those.
A reference is a remote key (``str``) until identify makes it a record id (``int``).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

NORMAL_FORMS = 2
"""Counted up whenever a normal form changes: part of the salt of row digests (SEMANTICS B8)."""

Plain: TypeAlias = Any
"""A canonical value. (Its type depends on the kind; ``Any`` keeps the hot paths free of casts.)"""


class Unfit(ValueError):
    """The value cannot be brought into the normal form of its kind."""


class Sentinel:
    """A named value that is equal to itself alone."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


UNSAID = Sentinel("UNSAID")
"""In a patch: the row says nothing usable about this field (SEMANTICS A2)."""

UNKNOWN = Sentinel("UNKNOWN")
"""In a base: this field was never decided about (SEMANTICS B4)."""

_TRUE = frozenset({"true", "1", "yes", "y"})
_FALSE = frozenset({"false", "0", "no", "n"})
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_NOT_DIAL = re.compile(r"[^0-9+x]")


@dataclass(frozen=True)
class Kind:
    """A kind of value: ``normal`` turns what was said into the canonical value."""

    @property
    def is_list(self) -> bool:
        """True for values kept as a tuple of parts (sets and keyed elements, SEMANTICS A4)."""
        return False

    def normal(self, raw: object) -> Plain:
        """The canonical value of ``raw``; ``None`` for blank; raises ``Unfit``."""
        raise NotImplementedError(type(self).__name__)

    def plausible(self, value: Plain) -> bool:
        """Whether a person may give the canonical ``value``; a SIS's word is taken as it is."""
        return True


@dataclass(frozen=True)
class Text(Kind):
    """Unicode NFC, trimmed; blank is ``None``. Numbers are taken as their digits."""

    def normal(self, raw: object) -> Plain:
        if raw.__class__ is str:
            text: str = raw
            if text.isascii():
                return text.strip() or None
            if not text.isprintable() and any("\ud800" <= char <= "\udfff" for char in text):
                raise Unfit("text")  # half a character: no text that could be stored
            return unicodedata.normalize("NFC", text).strip() or None
        if raw is None:
            return None
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            try:
                return str(raw)
            except ValueError:  # an integer of thousands of digits
                raise Unfit("text") from None
        raise Unfit("text")


TEXT = Text()


@dataclass(frozen=True)
class Folded(Text):
    """Text whose upper and lower case mean the same (email addresses): kept in lower case."""

    def normal(self, raw: object) -> Plain:
        text = super().normal(raw)
        return text.lower() if text is not None else None

    def plausible(self, value: Plain) -> bool:
        return value is None or bool(_EMAIL.fullmatch(value))


@dataclass(frozen=True)
class Phone(Text):
    """A telephone number as digits, with ``+`` for the country and ``x`` for an extension."""

    def normal(self, raw: object) -> Plain:
        text = super().normal(raw)
        if text is None:
            return None
        dialled = _NOT_DIAL.sub("", text.lower().replace("ext", "x"))
        if not any(char.isdigit() for char in dialled):
            raise Unfit("phone")
        return dialled


@dataclass(frozen=True)
class Choice(Kind):
    """One word of a standard vocabulary, whatever its case; extensions (``ext:…``) are kept.

    A word that is neither is kept as it was said, so that an odd vocabulary costs nothing.
    """

    words: tuple[str, ...]

    def normal(self, raw: object) -> Plain:
        text = TEXT.normal(raw)
        if text is None:
            return None
        if text in self.words:
            return text
        wanted = self._folded(text)
        return next((word for word in self.words if self._folded(word) == wanted), text)

    @staticmethod
    def _folded(word: str) -> str:
        return word.lower().replace(" ", "").replace("_", "")

    def meant(self, said: str) -> str | None:
        """The word of the vocabulary, or the extension, that was said; ``None`` for any other."""
        word: str | None = self.normal(said)
        known = word is not None and (word in self.words or word.startswith("ext:"))
        return word if known else None


@dataclass(frozen=True)
class Boolean(Kind):
    """True or false; the strings that the standard puts on the wire count as what they say."""

    def normal(self, raw: object) -> Plain:
        if raw is None or raw is True or raw is False:
            return raw
        if isinstance(raw, int | float) and raw in (0, 1):
            return bool(raw)
        if isinstance(raw, str):
            word = raw.strip().lower()
            if word in _TRUE:
                return True
            if word in _FALSE:
                return False
            if not word:
                return None
        raise Unfit("boolean")


@dataclass(frozen=True)
class Number(Kind):
    """A finite number, kept as ``float``."""

    def normal(self, raw: object) -> Plain:
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        if isinstance(raw, bool) or not isinstance(raw, int | float | str):
            raise Unfit("number")
        try:
            number = float(raw)
        except (ValueError, OverflowError):
            raise Unfit("number") from None
        if number != number or number in (float("inf"), float("-inf")):
            raise Unfit("number")
        return number


@dataclass(frozen=True)
class Date(Kind):
    """An ISO 8601 calendar date; of a date-time the date is taken as written."""

    def normal(self, raw: object) -> Plain:
        text = TEXT.normal(raw)
        if text is None:
            return None
        found = _DATE.match(text)
        if found is None or (len(text) > 10 and text[10] not in "Tt "):
            raise Unfit("date")
        try:
            date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            raise Unfit("date") from None
        return found[0]


@dataclass(frozen=True)
class Instant(Kind):
    """An instant in UTC, ISO 8601 with ``Z``; a date alone is its first moment.

    Without a zone UTC is assumed; ``…+00:00Z`` (seen in the field) is read as UTC.
    """

    def normal(self, raw: object) -> Plain:
        text = TEXT.normal(raw)
        if text is None:
            return None
        return instant_text(parse_instant(text))


@dataclass(frozen=True)
class Reference(Kind):
    """The identity of another record: its remote key, later its record id (SEMANTICS A3)."""

    target: str

    def normal(self, raw: object) -> Plain:
        if isinstance(raw, int) and not isinstance(raw, bool):
            if not 0 < raw < 1 << 63:
                raise Unfit("reference")
            return raw
        return TEXT.normal(raw)


@dataclass(frozen=True)
class SetOf(Kind):
    """A set of scalars, kept sorted; a single value or a comma-separated text is taken as one."""

    part: Kind

    @property
    def is_list(self) -> bool:
        return True

    def normal(self, raw: object) -> Plain:
        if raw is None:
            return None
        if isinstance(raw, str):
            raw = raw.split(",")
        elif isinstance(raw, int | float):
            raw = (raw,)
        if not isinstance(raw, Iterable) or isinstance(raw, Mapping):
            raise Unfit("list")
        normal = self.part.normal
        return sorted_set(value for part in raw if (value := normal(part)) is not None)


@dataclass(frozen=True)
class Elements(Kind):
    """Keyed elements: each part is a tuple in the order of ``names``; ``key`` tells them apart.

    Merged element by element, never as a whole (SEMANTICS A4). Of two parts with one key the first
    stays.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    key: tuple[str, ...]

    @property
    def is_list(self) -> bool:
        return True

    def normal(self, raw: object) -> Plain:
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        if not isinstance(raw, Iterable) or isinstance(raw, str | Mapping):
            raise Unfit("list")
        return self.ordered(self._element(part) for part in raw)

    def _element(self, part: object) -> tuple[Plain, ...]:
        if isinstance(part, Mapping):
            values: Iterable[object] = (part.get(name) for name in self.names)
        elif isinstance(part, tuple | list) and len(part) == len(self.names):
            values = part
        else:
            raise Unfit("element")
        return tuple(kind.normal(value) for kind, value in zip(self.kinds, values, strict=True))

    def key_of(self, element: tuple[Plain, ...]) -> tuple[Plain, ...]:
        """The values that tell ``element`` apart from its siblings."""
        return tuple(element[self.names.index(name)] for name in self.key)

    def ordered(self, elements: Iterable[tuple[Plain, ...]]) -> Plain:
        """The canonical tuple of ``elements``: one a key, sorted; ``None`` when empty."""
        by_key: dict[tuple[Plain, ...], tuple[Plain, ...]] = {}
        for element in elements:
            by_key.setdefault(self.key_of(element), element)
        return tuple(sorted(by_key.values(), key=_sort_key)) or None


def sorted_set(values: Iterable[Plain]) -> Plain:
    """The canonical tuple of a set; ``None`` when empty (missing and empty are the same, A2)."""
    distinct = set(values)
    if not distinct:
        return None
    if len(distinct) == 1:
        return tuple(distinct)
    return tuple(sorted(distinct, key=lambda value: (str(type(value)), value)))


def _sort_key(element: tuple[Plain, ...]) -> tuple[tuple[str, Plain], ...]:
    """An order for tuples of mixed plain values and ``None``."""
    return tuple((value.__class__.__name__, "" if value is None else value) for value in element)


def parse_instant(text: str) -> datetime:
    """The instant that ``text`` names, in UTC; raises ``Unfit``."""
    plain = text
    if plain[-1:] in "Zz" and re.search(r"[+-]\d\d:?\d\d[Zz]$", plain):
        plain = plain[:-1]
    try:
        instant = datetime.fromisoformat(plain)
    except ValueError:
        raise Unfit("instant") from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise Unfit("instant") from None


def instant_text(instant: datetime) -> str:
    """ISO 8601 in UTC with ``Z``, to the millisecond only where there are any."""
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    exact = "milliseconds" if utc.microsecond >= 1000 else "seconds"
    return utc.isoformat(timespec=exact) + "Z"
