"""Saves what people take out of the program: a file has its name only when it is whole.

A pipe or a terminal is written through. In CSV a text that a spreadsheet would take for a formula
is made harmless (``neutral``).
"""

import csv
import errno
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

from app.engine.whole import unwritable, whole_file
from app.errors import UsageError
from app.roster.schema import EntityType, FieldType
from app.roster.values import Elements, Plain
from app.store.reads import RecordRow

_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""What a spreadsheet takes for the beginning of a formula, wide East Asian forms included; with
apostrophes before it, so that taking one away again always gives back what was there."""


@contextmanager
def saved(path: Path) -> Iterator[IO[str]]:
    """A file to write at ``path``, by way of what stands there already.

    Raises ``StoreError`` for what cannot be written, ``UsageError`` for what is no file.
    """
    try:
        mode = _mode(path)
        if stat.S_ISREG(mode):
            with whole_file(path.resolve()) as file:
                yield file
        elif stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
            # As it was named: where /dev/stdout leads has no path of its own.
            with path.open("w", encoding="utf-8", newline="") as file:
                yield file
        elif stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        else:
            raise UsageError("export_is_no_file", path=str(path))
    except OSError as error:
        raise unwritable(error, path) from error


def _mode(path: Path) -> int:
    """What stands at ``path``, or where it leads to; nothing there yet will be a file."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return stat.S_IFREG


# -- CSV for spreadsheets -----------------------------------------------------------------------


def save_table(path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Saves a table as CSV (RFC 4180) with its headings; the number of rows. Raises as ``saved``.

    It begins with a byte order mark, without which a spreadsheet spoils every é.
    """
    count = 0
    with table(path, headings) as write:
        for row in rows:
            write(row)
            count += 1
    return count


@contextmanager
def table(path: Path, headings: Sequence[str]) -> Iterator[Callable[[Sequence[str]], object]]:
    """What writes a row of such a table, for rows that come one by one. Raises as ``saved``."""
    with saved(path) as file:
        file.write("\ufeff")
        writer = csv.writer(file)
        writer.writerow(headings)
        yield lambda row: writer.writerow(map(neutral, row))


def neutral(text: str) -> str:
    """``text`` with an apostrophe before what a spreadsheet would run as a formula.

    Of a text that begins with apostrophes and then one of ``= + - @``, a tab or a line end, take
    one apostrophe away to have what is in the roster.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def csv_value(value: Any) -> str:
    """A value of a record in a cell: a list is JSON text, a text is ``neutral``."""
    if value is None:
        return ""
    if isinstance(value, str):
        return neutral(value)
    return msgspec.json.encode(value).decode()


# -- records for other programs -------------------------------------------------------------------


def exported(entity: EntityType, row: RecordRow) -> dict[str, Any]:
    """A record with its id, as lists and exports have it: references are ids."""
    return {
        "id": row.id,
        **{one.name: json_value(one, row.values[one.name]) for one in entity.fields},
    }


def json_value(one: FieldType, value: Plain) -> Any:
    """An element as an object of its parts; anything else is plain already."""
    if value is not None and isinstance(one.kind, Elements):
        return [dict(zip(one.kind.names, part, strict=True)) for part in value]
    return value


def values_document(entity: EntityType, values: Mapping[str, Plain]) -> dict[str, Any]:
    """Some values of a record as JSON; of what is no field any more, as it stands."""
    known = entity.by_name
    return {
        name: json_value(known[name], value) if name in known else value
        for name, value in values.items()
    }
