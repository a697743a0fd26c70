"""Pulls one stream out of a set of files that has been looked through (``survey``).

A whole reading goes through the bulk file and the files of changes that came after it, the newest
first, so that of each key the newest row is told and no other. Where the same export has been read
before, only files that are new are; where nothing has changed, nothing is. What other
files say of the same records is put on the shelf first, and joined as the records come (SEMANTICS
A5).
"""

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from app.connectors.contract import (
    Doubt,
    Io,
    Page,
    Pull,
    Row,
    Shelf,
    State,
    Unreadable,
    row_digest,
)
from app.connectors.oneroster.csv.cells import Reader, part_body, part_rows, part_texts
from app.connectors.oneroster.csv.heading import KEY, STATUS
from app.connectors.oneroster.csv.lines import Rows, fields_of
from app.connectors.oneroster.csv.rows import Batch, blank, told_apart, usable
from app.connectors.oneroster.csv.survey import Survey, Surveyed, heading_from, read_through
from app.connectors.oneroster.vocabulary import TOBEDELETED
from app.connectors.oneroster.words import Words

FORM = 2
"""Counted up when a state of an older version can no longer be read: reading starts anew."""

_SHELVED = "shelved"
"""The part of the shelf that tells, by part file, which of them are on it."""


class Position(msgspec.Struct, omit_defaults=True):
    """Where a reading stands; as JSON it is the state of a page."""

    form: int = FORM
    stamp: str = ""
    """What the folder looked like."""
    files: list[str] = []
    """The files that are being read, or have been: names and digests."""
    before: list[str] | None = None
    """Those that an earlier pull has read; ``None`` reads the whole."""
    done: int = 0
    """Rows gone through in those that are read."""
    ended: bool = False


def position_of(state: State | None) -> Position:
    """The position to read on from. A state that cannot be understood starts a whole reading."""
    try:
        position = msgspec.convert(state or {}, Position)
    except msgspec.ValidationError:
        return Position()
    return position if position.form == FORM else Position()


class Reading:
    """One pull of one stream."""

    def __init__(
        self,
        survey: Survey,
        entity: str,
        names: Sequence[str],
        evidence: str,
        fields: Sequence[str],
        words: Words,
        io: Io,
        shelf: Shelf,
    ) -> None:
        """``names``: the file of the records, then those whose rows belong to them.

        ``evidence``: what a whole reading of them proves by.
        """
        self._survey, self._entity, self._fields = survey, entity, tuple(fields)
        self._words, self._salt, self._size, self._shelf = words, io.salt, io.page_size, shelf
        self._name, self._export, self._evidence = names[0], survey.export(names), evidence
        self._bulk = f"bulk:{self._export}:{survey.places(names)}"
        """The export, with where it lies: the same again, later, undoes the changes in between."""
        self._chain, *parts = [survey.chains[name] for name in names]
        self._parts = [chain for chain in parts if self._is_told_by(chain)]
        self._read = [one for chain in (self._chain, *parts) for one in chain]
        self._at = Position()
        self._full = self._restarts = False
        self._gone = self._skip = 0

    def pages(self, state: State | None) -> Pull:
        """The pages of the stream, on from ``state`` (``contract.Connector.pull``)."""
        known = position_of(state)
        files = [self._bulk, *(_digest(one) for one in self._read)]
        if not known.ended and known.done:
            self._restarts = known.files != files
            self._skip = 0 if self._restarts else known.done
        before = self._counted_on(known.files if known.ended else known.before)
        self._at = Position(stamp=self._survey.stamp, files=files, before=before)
        self._full = before is None
        if not self._chain and not self._survey.choices[self._name].refused:
            yield self._last_page("absent")
            return
        self._full = self._full and self._export != ""
        touched: set[str] = set()
        for chain in self._parts:
            touched |= yield from self._shelved(chain)
        for one, newer, only in self._wanted(touched):
            yield from self._gone_through(one, self._records(one, newer, only))
        yield self._last_page()

    def _counted_on(self, before: list[str] | None) -> list[str] | None:
        """What was read before, if what there is now only adds to it.

        A new export is read whole, also those of its files that are as they were: that they say the
        same twice is what proves it (SEMANTICS D1).
        """
        known = before is not None and self._bulk in before
        return before if known or not self._export else None

    def _is_told_by(self, chain: Sequence[Surveyed]) -> bool:
        """Whether a part file tells of the records as they are by now.

        Only if every row of it can be read, if what is known by now began with a whole file, and
        if it is no older than the records.
        """
        if not chain or not all(map(_sound, chain)):
            return False
        base = self._survey.base(self._name)
        if base and base.source.age.surely_after(chain[0].source.age):
            return False
        name = chain[0].source.of.name
        return chain[-1].source.bulk or name in self._shelf.take(_SHELVED, [name])

    def _is_new(self, one: Surveyed) -> bool:
        return self._at.before is None or _digest(one) not in self._at.before

    def _wanted(
        self, touched: set[str]
    ) -> Iterator[tuple[Surveyed, frozenset[str], set[str] | None]]:
        """The files to go through, the newest first, each with the keys newer files have told.

        And with the keys that are looked for, where it is not all of them: those of records that
        have been read before, and of which another file has news.
        """
        newer: frozenset[str] = frozenset()
        for one in self._chain:
            if one.readable and (self._is_new(one) or touched):
                yield one, newer, None if self._is_new(one) else touched
            newer |= one.keys

    def _gone_through(
        self, one: Surveyed, work: Callable[[list[bytes]], Page | None]
    ) -> Generator[Any, Any, None]:
        """Reads a file, and yields what ``work`` makes of some of its rows at a time."""
        headed = False

        def pages(lines: list[bytes]) -> Iterator[Page]:
            nonlocal headed
            headed = headed or heading_from(one.source, lines) is not None
            for start in range(0, len(lines), self._size):
                page = work(lines[start : start + self._size])
                if page is not None:
                    yield page

        yield from read_through(one.source, Rows(), pages, etag=one.etag)

    # -- parts of records --

    def _shelved(self, chain: Sequence[Surveyed]) -> Generator[Any, Any, set[str]]:
        """Puts on the shelf what rows of a part file say; returns the records with news of them."""
        of = chain[0].source.of
        there = self._shelf.take(_SHELVED, [of.name]).get(of.name, b"[]")
        shelved: list[str] = msgspec.json.decode(there)
        if chain[-1].source.bulk and _placed(chain[-1]) not in shelved:
            shelved = []
            while left := self._shelf.after(of.name, "", self._size):
                self._shelf.drop(of.name, [key for key, _ in left])
                yield self._page(Batch())
        touched: set[str] = set()
        for one in reversed(chain):
            news = self._at.before is not None and self._is_new(one)
            if _placed(one) in shelved and not news:
                continue
            if not one.source.bulk:
                yield from self._taken_back(one, touched)
            yield from self._gone_through(one, partial(self._put, one, touched))
            shelved = [*dict.fromkeys([*shelved, _placed(one)])]
            self._shelf.put(_SHELVED, of.name, msgspec.json.encode(shelved))
            yield self._page(Batch())
        return touched if self._at.before is not None else set()

    def _taken_back(self, one: Surveyed, touched: set[str]) -> Iterator[Page]:
        """Takes the rows that a file of changes tells from whomever they belonged to."""
        name, after = one.source.of.name, ""
        while one.keys and (batch := self._shelf.after(name, after, self._size)):
            after = batch[-1][0]
            for owner, body in batch:
                rows = part_rows(body)
                if told := one.keys & rows.keys():
                    # They stay as blanks: a sync that is cut off finds them again.
                    self._shelf.put(name, owner, part_body({**rows, **dict.fromkeys(told)}))
                    touched.add(owner)
            yield self._page(Batch())

    def _put(self, one: Surveyed, touched: set[str], lines: list[bytes]) -> Page:
        """Puts some rows of a part file to the records that they belong to."""
        places, of = one.heading.places, one.source.of
        rows: dict[str, dict[str, list[str]]] = {}
        for line in lines:
            if blank(line):
                continue
            texts = fields_of(line, one.texts)
            if STATUS in places and texts[places[STATUS]].strip().lower() == TOBEDELETED:
                continue
            owner, key = texts[places[of.owner]].strip(), usable(texts[places[KEY]])
            if key is not None:
                rows.setdefault(owner, {})[key] = part_texts(one.heading, texts)
        bodies = self._shelf.take(of.name, rows)
        for owner, news in rows.items():
            told = {**(part_rows(bodies[owner]) if owner in bodies else {}), **news}
            self._shelf.put(of.name, owner, part_body(dict(sorted(told.items()))))
        touched.update(rows)
        return self._page(Batch())

    # -- records --

    def _records(
        self, one: Surveyed, newer: frozenset[str], only: set[str] | None
    ) -> Callable[[list[bytes]], Page | None]:
        """What makes a page of some rows: those that no newer file tells, and that are wanted."""
        parts = [chain[0].source.of for chain in self._parts]
        reader = Reader(one.heading, one.texts, self._fields, self._words, parts)
        told = repr((one.heading.places, one.texts, self._fields, [of.name for of in parts]))
        salt = hashlib.blake2b(told.encode() + self._salt, digest_size=16).digest()

        def page(lines: list[bytes]) -> Page | None:
            self._gone += len(lines)
            if self._gone <= self._skip:
                return None
            lines = lines[max(0, len(lines) - (self._gone - self._skip)) :]
            batch = told_apart(lines, one.heading, one.texts)
            if newer or only is not None:
                batch.keep(lambda key: key not in newer and (only is None or key in only))
            if batch.empty:
                return None
            self._at.done = self._gone
            return self._page(batch, reader, salt)

        return page

    def _page(self, batch: Batch, reader: Reader | None = None, salt: bytes = b"") -> Page:
        keys, lines = batch.keys, batch.lines
        names = [chain[0].source.of.name for chain in self._parts] if keys else []
        shelves = [(name, self._shelf.take(name, keys)) for name in names]
        parts = [{name: at[key] for name, at in shelves if key in at} for key in keys]
        if names:
            told = zip(lines, parts, strict=True)
            digests = [row_digest(b"\n".join((line, *of.values())), salt) for line, of in told]
        else:
            digests = [row_digest(line, salt) for line in lines]

        def read(places: Iterable[int]) -> list[Row | Unreadable]:
            if reader is None:
                return []
            return [reader.read(lines[place], keys[place], parts[place]) for place in places]

        restarts, self._restarts = self._restarts, False
        return Page(
            entity=self._entity,
            fields=self._fields,
            keys=keys,
            digests=digests,
            read=read,
            state=msgspec.to_builtins(self._at),
            last=False,
            full=self._full,
            scope=self._entity,
            tombstones=batch.tombstones,
            unreadable=batch.unreadable,
            received=len(keys) + len(batch.tombstones) + len(batch.unreadable),
            total=self._total() if self._full else None,
            restarts=restarts,
        )

    def _total(self) -> int | None:
        """The records there are; nobody can tell where a file names no key."""
        if not all(one.readable for one in self._chain):
            return None
        return sum(one.distinct + one.unkeyed for one in self._chain)

    def _last_page(self, why_nothing: str = "") -> Page:
        """The end of it, with what there is to say of all of it.

        Where there is no such file, under a scope of its own: it is told, and never taken for an
        empty answer.
        """
        at = self._at
        self._at = Position(stamp=at.stamp, files=at.files, before=at.before, ended=True)
        doubts = [*self._survey.doubts(), *(doubt for one in self._read for doubt in one.doubts())]
        notes = [note for one in self._read if self._is_new(one) for note in one.notes()]
        page = replace(
            self._page(Batch()),
            last=True,
            doubts=_once(doubts),
            notes=[*self._survey.notes(), *notes],
            evidence=self._evidence if self._full else "",
        )
        if not why_nothing:
            return page
        note = Doubt(f"file_{why_nothing}", {"entity": self._entity})
        return replace(page, scope=f"{page.scope} ({why_nothing})", notes=[note])


def nothing_new(entity: str, fields: Sequence[str], state: State) -> Page:
    """What there is to say where not a file has changed."""
    return Page(entity, tuple(fields), (), (), lambda _: [], state, True, False, entity)


def _sound(one: Surveyed) -> bool:
    places = one.heading.places
    return {KEY, one.source.of.owner} <= places.keys() and not (one.unkeyed or one.damaged)


def _digest(one: Surveyed) -> str:
    return f"{one.source.of.name}:{one.digest}"


def _placed(one: Surveyed) -> str:
    """A file with the set it came in: of a file that comes twice the later one counts."""
    return f"{_digest(one)}:{one.source.age.name}"


def _once(doubts: Iterable[Doubt]) -> list[Doubt]:
    return list({(one.code, *one.parameters.values()): one for one in doubts}.values())
