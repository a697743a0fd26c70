"""A set of files looked through from end to end before anything is believed (SEMANTICS C5).

Which columns there are, how many rows, whether every row has a key and every key one row, and a
digest of all of it: with that a file proves what is *not* in it, or does not.
"""

import hashlib
from array import array
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from app.connectors.contract import Doubt, Request, Response
from app.connectors.oneroster.csv.age import written
from app.connectors.oneroster.csv.choosing import Choice, LastRead, chosen, refused
from app.connectors.oneroster.csv.heading import Heading, heading_of
from app.connectors.oneroster.csv.lines import Rows, fields_of
from app.connectors.oneroster.csv.rows import blank, key_finder
from app.connectors.oneroster.csv.sets import FileSet, Source
from app.errors import TransientError
from app.roster.values import instant_text

CHUNK = 1 << 20
"""Bytes asked for at once: some 50 ms of work, and 300 ms where every cell is examined."""

OLDER = "cp1252"
"""What a file is in that is not in UTF-8, nor shows to be in anything else."""

GROWS = 3600 * 10**9
"""Nanoseconds within which a file that goes on where it ended before is the same one, still being
written."""

T = TypeVar("T")


def read_through(
    source: Source,
    rows: Rows,
    work: Callable[[list[bytes]], Iterable[T]],
    *,
    took: Callable[[bytes], None] = lambda piece: None,
    etag: str = "",
) -> Generator[Request | T, Response | None, str]:
    """Asks for a file piece by piece, has its rows worked, and yields what comes of that.

    Returns the file's ETag. Raises ``TransientError`` ``file_changed`` where it is not what was
    listed, or no longer what ``etag`` stands for.
    """
    at, last = 0, False
    while not last:
        asked = [("range", f"bytes={at}-{at + CHUNK - 1}")]
        asked += [("if-match", etag)] if etag else []
        answer = yield Request("GET", source.url, tuple(asked))
        assert answer is not None
        expected = min(CHUNK, source.size - at)
        if answer.status not in (200, 206) or len(answer.body) != expected:
            raise TransientError("file_changed", path=source.called)
        etag = etag or answer.headers.get("etag", "")
        at += expected
        took(answer.body)
        last = at == source.size
        yield from work(rows.feed(answer.body, last=last))
    return etag


@dataclass(frozen=True)
class Surveyed:
    """One file, looked through."""

    source: Source
    etag: str
    digest: str
    heading: Heading
    encoding: str
    separator: str
    rows: int
    distinct: int
    """Keys that no newer file tells of."""
    unkeyed: int
    """Rows without a key, or without one that can be read."""
    damaged: int
    """Rows of which only the key can be read."""
    keys: frozenset[str] = field(repr=False)
    """Those of a file of changes."""
    twice: int = 0
    """Rows whose key another row has too."""
    grown: bool = False
    """It is the file that was read last, and more of it: it was being written then."""

    @property
    def texts(self) -> str:
        """The encoding of its rows as ``Rows`` gives them."""
        return "utf-8" if self.encoding.startswith("utf") else self.encoding

    @property
    def readable(self) -> bool:
        """Whether anything of it can be read."""
        return self.heading.key is not None

    def doubts(self) -> Iterator[Doubt]:
        """Why it does not prove what is not in it."""
        told = {"file": self.source.called}
        if not self.readable:
            yield Doubt("file_without_key_column", told)
        elif missing := self.heading.missing:
            yield Doubt("columns_missing", {**told, "columns": ", ".join(missing)})
        if self.unkeyed:
            yield Doubt("keys_unreadable", {**told, "count": self.unkeyed})
        if self.twice:
            yield Doubt("keys_twice", {**told, "count": self.twice})
        if self.source.of.part and self.damaged:
            yield Doubt("rows_damaged", {**told, "count": self.damaged})

    def notes(self) -> Iterator[Doubt]:
        """What a person may want to know of it, without any doubt."""
        told = {"file": self.source.called}
        if self.heading.near:
            said = ", ".join(said.strip() for said, _ in self.heading.near)
            yield Doubt("columns_near", {**told, "columns": said[:200]})
        if self.heading.unknown:
            yield Doubt(
                "columns_unknown", {**told, "columns": ", ".join(self.heading.unknown)[:200]}
            )
        if self.encoding != "utf-8":
            yield Doubt("encoding_noticed", {**told, "encoding": self.encoding})
        if self.separator == ";":
            yield Doubt("semicolons_noticed", told)
        elif self.separator == "\t":
            yield Doubt("tabs_noticed", told)


@dataclass(frozen=True)
class Survey:
    """All files that are read."""

    version: str
    """That of the newest set."""
    stamp: str
    choices: dict[str, Choice]
    """By the name of the file, as ``chains``."""
    chains: dict[str, list[Surveyed]]
    """By the name of the file, the newest first."""

    @property
    def newest(self) -> str:
        """When the newest file was written."""
        times = [one.source.modified for chain in self.chains.values() for one in chain]
        return instant_text(written(max(times))) if times else ""

    @property
    def told(self) -> list[FileSet]:
        """The sets of which something is read, in their order."""
        read = [one.source.within for chain in self.chains.values() for one in chain]
        return sorted(dict.fromkeys(read), key=lambda one: one.age.place)

    @property
    def passed_over(self) -> list[str]:
        """Sets that are not whole, and may be newer than what is read."""
        over = [one.name for choice in self.choices.values() for one in choice.passed_over]
        return list(dict.fromkeys(over))

    @property
    def unsettled(self) -> list[tuple[str, str]]:
        """(the set that is read, another) of which nobody can tell which is newer."""
        return self._pairs(lambda choice: choice.rivals)

    @property
    def late(self) -> list[tuple[str, str]]:
        """(the set that is read, another) that came after it and is older all the same."""
        return self._pairs(lambda choice: choice.late)

    def _pairs(self, others: Callable[[Choice], Iterable[Source]]) -> list[tuple[str, str]]:
        pairs = [
            (choice.base.age.name, other.age.name)
            for choice in self.choices.values()
            for other in others(choice)
            if choice.base
        ]
        return list(dict.fromkeys(pairs))

    @property
    def refused(self) -> list[str]:
        """Sets, or files of the only one, that are older than what was read last."""
        found = [choice.refused for choice in self.choices.values()]
        return list(dict.fromkeys(one.age.name or one.called for one in found if one))

    def base(self, name: str) -> Surveyed | None:
        """The whole file of that name, if one is read."""
        chain = self.chains[name]
        return chain[-1] if chain and chain[-1].source.bulk else None

    def export(self, names: Sequence[str]) -> str:
        """Differs wherever the SIS has said all of it anew; ``""`` where it has not said all.

        ``names``: the file of the records, then those whose rows belong to them. Equal files are
        equal, whenever and wherever they are read; with other files beside them they are another
        export, which says the same once more.
        """
        bases = [base for name in names if (base := self.base(name))]
        if self.base(names[0]) is None:
            return ""
        return _digest_of([*(one.digest for one in bases), bases[0].source.within.sizes])

    def places(self, names: Sequence[str]) -> str:
        """The sets that tell it, by name."""
        return "/".join(base.source.age.name for name in names if (base := self.base(name)))

    def evidence(self, names: Sequence[str], before: LastRead | None) -> str:
        """What a reading proves by: a file that has grown since is no second export (D1)."""
        base = self.base(names[0])
        return before.evidence if before and base and base.grown else self.export(names)

    def last_read(self, name: str, before: LastRead | None, evidence: str) -> LastRead | None:
        """What to remember of the files of that name; it never goes back."""
        base = self.base(name)
        if base is None or (before and before.age.surely_after(base.source.age)):
            return before
        source = base.source
        return LastRead(source.age, base.digest, source.size, source.modified, evidence)

    def doubts(self) -> Iterator[Doubt]:
        """Why nothing in these sets proves what is not in them."""
        for one in self.told:
            for name, called in one.missing.items():
                base = self.choices[name].base if name in self.choices else None
                if base is None or not base.age.surely_after(one.age):
                    yield Doubt("file_not_there", {"file": called})
        for over in self.passed_over:
            yield Doubt("set_not_whole", {"set": over})
        for read, other in self.unsettled:
            yield Doubt("sets_unsettled", {"set": read, "other": other})
        for older in self.refused:
            yield Doubt("set_older", {"set": older})
        for chain in self.chains.values():
            for file in chain:
                if not file.readable:
                    yield Doubt("file_without_key_column", {"file": file.source.called})

    def notes(self) -> Iterator[Doubt]:
        """What a person may want to know of the sets, without any doubt."""
        for read, late in self.late:
            yield Doubt("set_late", {"set": late, "read": read})


def surveyed(
    sets: Sequence[FileSet], names: Iterable[str], last: Mapping[str, LastRead], stamp: str
) -> Generator[Request, Response, Survey]:
    """Looks through the files of those names; ``last``: what was read before, by name."""
    choices: dict[str, Choice] = {}
    chains: dict[str, list[Surveyed]] = {}
    for name in names:
        choices[name] = yield from _settled(sets, name, last.get(name))
        newer: set[str] = set()
        chains[name] = []
        for source in choices[name].sources:
            one = yield from _looked_through(source, newer, last.get(name))
            chains[name].append(one)
            newer |= one.keys
    version = next(one.version for one in reversed(sets) if one.sources)
    return Survey(version, stamp, choices, chains)


def _settled(
    sets: Sequence[FileSet], name: str, last: LastRead | None
) -> Generator[Request, Response, Choice]:
    """What is read of a name. Files that say the same leave nothing to settle."""
    choice = chosen(sets, name, last)
    if choice.base is None:
        return choice
    if last and last.age.surely_after(choice.base.age):
        one = yield from _looked_through(choice.base, set())
        instead = refused(sets, name, last)
        if one.digest != last.digest:
            return instead
        return replace(choice, changes=instead.changes)
    if choice.rivals:
        base = yield from _looked_through(choice.base, set())
        rivals = []
        for rival in choice.rivals:
            one = yield from _looked_through(rival, set())
            rivals += [rival] if one.digest != base.digest else []
        choice = replace(choice, rivals=rivals)
    return choice


def _looked_through(
    source: Source, newer: set[str], last: LastRead | None = None
) -> Generator[Request, Response, Surveyed]:
    content = _Content(last)
    look = _Look(source, newer)
    steps: Any = read_through(source, look.rows, look.work, took=content.take)
    etag = yield from steps
    if look.is_older:
        look = _Look(source, newer, OLDER)
        steps = read_through(source, look.rows, look.work, etag=etag)
        yield from steps
    return replace(look.seen(etag, content.digest), grown=content.goes_on(source))


class _Content:
    """What stands in a file, and whether it begins with all that was read ``last``."""

    def __init__(self, last: LastRead | None) -> None:
        self._last, self._size = last, 0
        self._all = hashlib.blake2b(digest_size=16)
        self._begins = False

    def take(self, piece: bytes) -> None:
        """The next piece of it."""
        end = self._last.size - self._size if self._last else 0
        if self._last and 0 < end <= len(piece):
            so_far = self._all.copy()
            so_far.update(piece[:end])
            self._begins = so_far.hexdigest() == self._last.digest
        self._all.update(piece)
        self._size += len(piece)

    @property
    def digest(self) -> str:
        """That of all of it."""
        return self._all.hexdigest()

    def goes_on(self, source: Source) -> bool:
        """Whether it is the file that was read last, with more that was written soon after."""
        last = self._last
        if last is None or not self._begins or self._size <= last.size:
            return False
        return 0 <= source.modified - last.written <= GROWS


class _Look:
    """What is noticed on the way through a file."""

    def __init__(self, source: Source, newer: set[str], encoding: str = "utf-8") -> None:
        self.rows = Rows()
        self._source, self._newer, self._encoding = source, newer, encoding
        self._heading: Heading | None = None
        self._count = self._unkeyed = self._damaged = 0
        self._utf8 = self._other = 0
        self._hashes = array("q")
        self._keys: set[str] = set()

    def work(self, lines: list[bytes]) -> tuple[()]:
        """Notices what ``lines`` are."""
        if self._heading is None:
            self._heading = heading_from(self._source, lines)
            if self._heading is None:
                return ()
        find = key_finder(self._heading, self._encoding)
        newer, hashes = self._newer, self._hashes
        for line in lines:
            if blank(line):
                continue
            self._count += 1
            if not line.isascii():
                self._notice_encoding(line)
            key, sound = find(line)
            self._damaged += not sound
            if key is None:
                self._unkeyed += 1
                continue
            if not self._source.bulk:
                self._keys.add(key)
            if key not in newer:
                hashes.append(hash(key))
        return ()

    def _notice_encoding(self, line: bytes) -> None:
        try:
            line.decode()
            self._utf8 += 1
        except UnicodeDecodeError:
            self._other += 1

    @property
    def is_older(self) -> bool:
        """Whether nothing in the file is UTF-8 that could be anything else."""
        said = self.rows.encoding == "utf-8" and not self.rows.marked
        return said and self._other > 0 and self._utf8 == 0

    def seen(self, etag: str, digest: str) -> Surveyed:
        """All that was noticed."""
        encoding = self.rows.encoding if self._encoding == "utf-8" else self._encoding
        distinct = _distinct(self._hashes)
        return Surveyed(
            self._source,
            etag,
            digest,
            self._heading or heading_of(self._source.of, []),
            encoding,
            self.rows.separator,
            self._count,
            distinct,
            self._unkeyed,
            self._damaged,
            frozenset(self._keys),
            len(self._hashes) - distinct,
        )


def heading_from(source: Source, lines: list[bytes]) -> Heading | None:
    """The heading, taken off ``lines``; ``None`` where there are only blank ones so far."""
    while lines:
        line = lines.pop(0)
        if not blank(line):
            for encoding in ("utf-8", OLDER):
                with suppress(ValueError):
                    return heading_of(source.of, fields_of(line, encoding))
            return heading_of(source.of, [])
    return None


def _digest_of(parts: Iterable[str]) -> str:
    return hashlib.blake2b(";".join(parts).encode(), digest_size=16).hexdigest()


def _distinct(keys: "array[int]") -> int:
    """How many there are without those that repeat: sorted numbers take no room to speak of."""
    before, found = None, 0
    for one in sorted(keys):
        found += one != before
        before = one
    return found
