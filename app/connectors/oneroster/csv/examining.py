"""Every fault of the files of a set: where it stands, what rule it breaks, what was done about it.

What a whole file does alike (a date in every row where the standard has a time) is told once, at
its first row. References are looked up among all keys of the set; those into files that do not tell
of everybody, or cannot be read, are left alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app.connectors.contract import Examination, Harm, Problem
from app.connectors.oneroster.csv.cells import Cell, cell
from app.connectors.oneroster.csv.columns import (
    HEAD,
    USER_ORGS,
    USER_ROLE,
    USERS_WITH_ROLE,
    Column,
    File,
    listed,
)
from app.connectors.oneroster.csv.heading import KEY, MODIFIED, STATUS
from app.connectors.oneroster.csv.lines import DamagedRow, Front, Rows, fields_of
from app.connectors.oneroster.csv.rows import blank, key_finder, usable
from app.connectors.oneroster.csv.survey import Survey, Surveyed, heading_from, read_through
from app.connectors.oneroster.vocabulary import TOBEDELETED
from app.connectors.oneroster.words import Words
from app.roster.entities import GRADES, ROLE
from app.roster.values import Choice, Date, Elements, Instant, Kind, Reference, SetOf, Unfit

SHOWN = 200
"""Characters of a value that are told."""

_REMEMBERED = 50_000

_SERIOUS = frozenset(
    {
        *("done_file_left_out", "done_older_taken", "done_other_taken"),
        *("done_nothing_ends", "done_file_unsaid", "key_twice", "file_said_absent"),
    }
)
"""Rules, and what was done, that cost a file or the proof that somebody is not in it."""

_LOST = frozenset({"done_row_unreadable", "done_field_unsaid", "done_first_taken"})
"""Those that cost a row or a value."""

_SEPARATED = {";": "separated_by_semicolons", "\t": "separated_by_tabs"}

_KEPT = {
    "grades": "done_grade_kept",
    "role": "done_role_kept",
    "class_type": "done_class_type_kept",
}
"""Fields whose words an administrator may explain in the settings."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Examining:
    """One look through all files of the sets."""

    def __init__(self, survey: Survey, words: Words) -> None:
        self._survey, self._words = survey, words
        self._known: dict[str, set[int]] = {}
        """The keys of each entity that others refer to, as numbers."""

    def problems(self) -> Examination:
        """All problems, file by file."""
        for found in self._survey.told:
            yield from (_problem(*one[:6]) for one in found.problems)
        for name in self._survey.passed_over:
            yield _problem(name, 0, "", "", "set_incomplete", "done_older_taken")
        for base, rival in self._survey.unsettled:
            yield _problem(rival, 0, "", base, "set_rival", "done_other_taken")
        for older in self._survey.refused:
            yield _problem(older, 0, "", "", "set_outdated", "done_nothing_ends")
        for base, late in self._survey.late:
            yield _problem(late, 0, "", base, "set_outdated", "done_passed_over")
        read = [one for chain in self._survey.chains.values() for one in chain]
        of = [one.source.of for one in read]
        targets = {
            name for file in of for column in file.columns for name in _targets(column, file)
        }
        for chain in self._survey.chains.values():
            if not chain or chain[0].source.of.part or chain[0].source.of.entity not in targets:
                continue
            unread = [one for one in chain if not one.readable]
            for one in unread:
                called = one.source.called
                yield _problem(called, 0, "", "", "references_unexamined", "done_kept")
            for one in chain if chain[-1].source.bulk and not unread else ():
                keys = _Keys(one, self._known)
                steps: Any = read_through(one.source, keys.rows, keys.work, etag=one.etag)
                yield from steps
        for one in read:
            yield from self._of_file(one)

    def _of_file(self, one: Surveyed) -> Examination:
        heading, called = one.heading, one.source.called
        if rule := _SEPARATED.get(one.separator):
            yield _problem(called, 0, "", "", rule, "done_read_all_the_same")
        if one.encoding != "utf-8":
            told = "encoding_other", "done_read_all_the_same"
            yield _problem(called, 0, "", one.encoding, *told)
        if not one.readable:
            # Where no column is known for sure, nothing else is worth telling. Should this be no
            # heading but a row, its rest may hold a password.
            said = ", ".join(heading.said[:3])
            yield _problem(called, 1, KEY, said, "column_missing", "done_file_left_out")
            return
        for column in heading.file.columns:
            if (column.required or column.field) and column.name not in heading.places:
                done = "done_nothing_ends" if column.required else "done_fields_unsaid"
                yield _problem(called, 1, column.name, "", "column_missing", done)
        for said, name in heading.near:
            yield _problem(called, 1, name, said, "column_called_otherwise", "done_taken")
        for said in heading.twice:
            yield _problem(called, 1, said, "", "column_twice", "done_first_taken")
        for said in heading.unknown:
            yield _problem(called, 1, said, "", "column_unknown", "done_passed_over")
        if one.source.of is USERS_WITH_ROLE and USER_ROLE in heading.places:
            yield _problem(called, 1, USER_ROLE, "", "role_among_users", "done_taken")
        look = _Rows(one, self._known, self._words)
        steps: Any = read_through(one.source, look.rows, look.work, etag=one.etag)
        yield from steps


class _Keys:
    """Collects the keys of one file."""

    def __init__(self, one: Surveyed, known: dict[str, set[int]]) -> None:
        self.rows = Rows()
        self._one, self._headed = one, False
        self._known = known.setdefault(one.source.of.entity, set())

    def work(self, lines: list[bytes]) -> tuple[()]:
        """Takes the keys of some rows."""
        one, known = self._one, self._known
        self._headed = self._headed or heading_from(one.source, lines) is not None
        find = key_finder(one.heading, one.texts)
        known.update(hash(key) for key, _ in map(find, lines) if key)
        return ()


@dataclass
class _Cells:
    """One column of a file."""

    place: int
    column: Column
    value: Cell
    targets: tuple[str, ...]
    fine: set[str] = field(default_factory=set)
    """Texts in which nothing is wrong: they repeat."""


class _Rows:
    """Tells the problems of the rows of one file."""

    def __init__(self, one: Surveyed, known: dict[str, set[int]], words: Words) -> None:
        self.rows = Rows()
        self._one, self._known = one, known
        self._line = 1
        self._headed = False
        self._once: set[tuple[str, str]] = set()
        self._seen: set[int] = set()
        places = one.heading.places
        self._columns = [
            _Cells(
                places[column.name], column, _cell(column, words), _targets(column, one.source.of)
            )
            for column in map(_known, one.heading.file.columns)
            if column.name in places and column.name not in HEAD
        ]

    def work(self, lines: list[bytes]) -> Iterator[Problem]:
        """The problems of some rows."""
        if not self._headed:
            before = list(lines)
            self._headed = heading_from(self._one.source, lines) is not None
            self._line += sum(1 + row.count(b"\n") for row in before[: len(before) - len(lines)])
        for line in lines:
            if not blank(line):
                yield from self._of_row(line)
            self._line += 1 + line.count(b"\n")

    def _problem(self, column: str, value: str, rule: str, done: str) -> Problem:
        return _problem(self._one.source.called, self._line, column, value, rule, done)

    def _habit(
        self, column: str, value: str, rule: str, done: str, *, about: str = ""
    ) -> Iterator[Problem]:
        """What a file does alike in row after row is told once."""
        habit = rule, (about or column)[:SHOWN]
        if habit not in self._once:
            if len(self._once) < _REMEMBERED:
                self._once.add(habit)
            yield self._problem(column, value, rule, done)

    def _of_row(self, line: bytes) -> Iterator[Problem]:
        one, width = self._one, self._one.heading.width
        # Whose part a damaged row is, nobody can tell: then what the file says is not taken.
        lost = "done_file_unsaid" if one.source.of.part else "done_row_unreadable"
        if isinstance(line, Front):
            yield self._problem("", _front(line), "row_too_long", lost)
            return
        try:
            texts = fields_of(line, one.texts)
        except DamagedRow:
            yield self._problem("", _front(line), "row_quotes", lost)
            return
        except UnicodeDecodeError:
            yield self._problem("", _front(line), "row_encoding", lost)
            return
        if not one.heading.fits(texts):
            rule = "fields_missing" if len(texts) < width else "fields_too_many"
            yield self._problem("", f"{len(texts)} ≠ {width}", rule, lost)
            return
        yield from self._of_head(texts)
        for cells in self._columns:
            text = texts[cells.place]
            if text in cells.fine:
                continue
            if told := list(self._of_cell(cells, text)):
                yield from told
            elif len(cells.fine) < _REMEMBERED and len(text) <= SHOWN:
                cells.fine.add(text)

    def _of_cell(self, cells: "_Cells", text: str) -> Iterator[Problem]:
        column = cells.column
        if not text.strip():
            if column.required:
                yield self._problem(column.name, "", "value_missing", "done_taken_as_blank")
            return
        try:
            found = cells.value(text)
        except Unfit as unfit:
            yield self._problem(column.name, text, f"odd_{unfit}", "done_field_unsaid")
            return
        yield from self._of_value(column, text, found, cells.targets)

    def _of_head(self, texts: list[str]) -> Iterator[Problem]:
        places, bulk = self._one.heading.places, self._one.source.bulk
        if (place := places.get(KEY)) is not None:
            key = usable(texts[place])
            if key is None:
                rule = "row_key_unusable" if texts[place].strip() else "row_without_key"
                yield self._problem(KEY, texts[place], rule, "done_nothing_ends")
            elif hash(key) in self._seen:
                yield self._problem(KEY, key, "key_twice", "done_first_row_counts")
            else:
                self._seen.add(hash(key))
        status = texts[places[STATUS]].strip() if STATUS in places else ""
        modified = texts[places[MODIFIED]].strip() if MODIFIED in places else ""
        for column, text in ((STATUS, status), (MODIFIED, modified)):
            if bulk and text:
                yield from self._habit(column, text, "filled_in_bulk", "done_taken", about="file")
            elif not bulk and not text:
                done = "done_taken_as_active" if column == STATUS else "done_taken"
                yield self._problem(column, "", "blank_in_delta", done)
        if status.lower() not in ("", "active", TOBEDELETED):
            yield self._problem(STATUS, status, "odd_status", "done_taken_as_active")
        if modified:
            yield from self._of_time(MODIFIED, modified, Instant())

    def _of_time(self, column: str, text: str, kind: Kind) -> Iterator[Problem]:
        try:
            kind.normal(text)
        except Unfit:
            yield self._problem(column, text, "odd_instant", "done_field_unsaid")
            return
        if isinstance(kind, Instant) and _DAY.fullmatch(text):
            yield from self._habit(column, text, "day_without_time", "done_taken")
        elif isinstance(kind, Date) and not _DAY.fullmatch(text):
            yield from self._habit(column, text, "time_with_day", "done_taken")

    def _of_value(
        self, column: Column, text: str, found: object, targets: tuple[str, ...]
    ) -> Iterator[Problem]:
        kind = column.kind
        if isinstance(kind, Date | Instant):
            yield from self._of_time(column.name, text.strip(), kind)
        done = _KEPT.get(column.field, "done_kept_as_it_stands")
        for word in found if isinstance(found, tuple) else (found,):
            if not _is_known(column, str(word)):
                yield from self._habit(
                    column.name, str(word), "word_unknown", done, about=f"{column.name}={word}"
                )
        for target in targets:
            known = self._known.get(target)
            for key in listed(text) if known is not None else ():
                if key.strip() and hash(key.strip()) not in (known or ()):
                    yield self._problem(column.name, key.strip(), "reference_missing", "done_kept")


def _known(column: Column) -> Column:
    """The column, with what the one role of a user in 1.1 is."""
    return (
        Column(column.name, column.required, "role", ROLE) if column.name == USER_ROLE else column
    )


def _is_known(column: Column, word: str) -> bool:
    """Whether the standard has the word, where it has words for the column."""
    if column.field == "grades":
        return word in GRADES
    kind = column.kind.part if isinstance(column.kind, SetOf) else column.kind
    return not isinstance(kind, Choice) or kind.meant(word) is not None


def _cell(column: Column, words: Words) -> Cell:
    if column.kind is None:
        return lambda text: text
    return cell(column.kind, column.field, words)


def _targets(column: Column, file: File) -> tuple[str, ...]:
    """The entity that a column refers to, if it does."""
    kind = column.kind
    if column.name == file.owner:
        return (file.entity,)
    if column.name == USER_ORGS:
        return ("orgs",)
    if isinstance(kind, Elements):
        kind = kind.kinds[0]
    elif isinstance(kind, SetOf):
        kind = kind.part
    return (kind.target,) if isinstance(kind, Reference) else ()


def _problem(file: str, line: int, column: str, value: str, rule: str, done: str) -> Problem:
    told = {rule, done}
    harm = Harm.SERIOUS if told & _SERIOUS else Harm.LOST if told & _LOST else Harm.NOTE
    return Problem(file, line, column[:SHOWN], value[:SHOWN], rule, done, harm)


def _front(line: bytes) -> str:
    """As much of a damaged row as finds it again: its rest may hold a password."""
    return line.partition(b",")[0][:SHOWN].decode("utf-8", "replace")
