"""Rows of one file told apart by their key and their status alone, and read where they are wanted.

Most rows are as plain as can be: no quotes, the key in front. They are told apart by looking for
commas, and split at them when they are read. Any other row is taken with care: what is wrong in a
field costs the field, what is wrong with the row costs the row, and no more (SEMANTICS A2, C6).
"""

from collections.abc import Callable, Iterable, Sequence

from app.connectors import tolerant
from app.connectors.contract import Unreadable
from app.connectors.oneroster import wire
from app.connectors.oneroster.csv.heading import STATUS, Heading
from app.connectors.oneroster.csv.lines import DamagedRow, fields_of
from app.connectors.oneroster.vocabulary import TOBEDELETED
from app.roster.values import TEXT, Unfit

Found = tuple[str | None, bool]
"""The key of a row, if it can be read, and whether the rest of it can."""


def blank(line: bytes) -> bool:
    """Whether a row says nothing at all, as spreadsheets leave them behind."""
    return not line.strip(b',"; \t\0')


def usable(said: str) -> str | None:
    """The key that a text is, in normal form."""
    if wire.usual_key(said):
        return said
    try:
        key: str | None = TEXT.normal(said)
    except Unfit:
        return None
    return key if key and tolerant.usable_key(key) and "\ufffd" not in key else None


def key_finder(heading: Heading, encoding: str = "utf-8") -> Callable[[bytes], Found]:
    """What finds the key of a row of the file; quick for plain ones."""
    commas, place = heading.width - 1, heading.key
    first = place == 0 and commas > 0

    def find(line: bytes) -> Found:
        if first and b'"' not in line and line.count(b",") == commas and line.isascii():
            return usable(line[: line.index(b",")].decode()), True
        return _carefully(line, heading, encoding)

    return find


def _carefully(line: bytes, heading: Heading, encoding: str) -> Found:
    place = heading.key
    if place is None:
        return None, False
    try:
        fields = fields_of(line, encoding)
    except (DamagedRow, UnicodeDecodeError):
        # What stands before the first odd thing is whole, if a comma ends it.
        front, comma, _ = line.partition(b",")
        whole = place == 0 and comma and b'"' not in front and front.isascii()
        return (usable(front.decode()) if whole else None), False
    if not heading.fits(fields):
        # Too few or too many: only the front stands where it should.
        whole = place == 0 and len(fields) > 1
        return (usable(fields[0]) if whole else None), False
    return usable(fields[place]), True


class Batch:
    """Some rows of a file, told apart."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.lines: list[bytes] = []
        self.tombstones: list[str] = []
        self.unreadable: list[Unreadable] = []

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.keys or self.tombstones or self.unreadable)

    def keep(self, wanted: Callable[[str], bool]) -> None:
        """Without rows whose key is not wanted."""
        places = [place for place, key in enumerate(self.keys) if wanted(key)]
        if len(places) < len(self.keys):
            self._keep(places)
        self.tombstones = [key for key in self.tombstones if wanted(key)]
        self.unreadable = [one for one in self.unreadable if one.key is None or wanted(one.key)]

    def _keep(self, places: Sequence[int]) -> None:
        self.keys = [self.keys[place] for place in places]
        self.lines = [self.lines[place] for place in places]

    def once(self) -> None:
        """Of rows with one key the first stays, live ones before tombstones."""
        seen: dict[str, int] = {}
        for place, key in enumerate(self.keys):
            seen.setdefault(key, place)
        if len(seen) < len(self.keys):
            self._keep(list(seen.values()))
        if self.tombstones:
            self.tombstones = [key for key in dict.fromkeys(self.tombstones) if key not in seen]
        if self.unreadable:
            known = seen.keys() | set(self.tombstones)
            self.unreadable = [one for one in self.unreadable if one.key not in known]


def told_apart(lines: Iterable[bytes], heading: Heading, encoding: str) -> Batch:
    """The rows by what they are: alive, ended, or beyond reading."""
    batch = Batch()
    find, raw = key_finder(heading, encoding), _kept(heading)
    status = heading.places.get(STATUS)
    keys, kept = batch.keys, batch.lines
    for line in lines:
        if blank(line):
            continue
        key, sound = find(line)
        if key is None:
            batch.unreadable.append(Unreadable(None, raw(line), "row_without_key"))
        elif not sound:
            batch.unreadable.append(Unreadable(key, raw(line), "row_damaged"))
        elif status is not None and _dead(line, status, encoding):
            batch.tombstones.append(key)
        else:
            keys.append(key)
            kept.append(line)
    batch.once()
    return batch


def _kept(heading: Heading) -> Callable[[bytes], bytes]:
    """What is kept of a row that cannot be read: all of it, unless it may hold a password."""
    return (lambda line: line.partition(b",")[0]) if heading.secret else bytes


def _dead(line: bytes, place: int, encoding: str) -> bool:
    if TOBEDELETED.encode() not in line.lower():
        return False
    return fields_of(line, encoding)[place].strip().lower() == TOBEDELETED
