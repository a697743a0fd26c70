"""``export``: the roster as CSV or JSON, a record at a time, however large it is.

A file has its name only when it is whole; a pipe or a terminal is written through. In CSV a list is
JSON text, and a text that a spreadsheet would take for a formula is made harmless (``neutral``).
"""

import csv
import errno
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from app.cli import show
from app.cli.naming import RECORD_TYPE
from app.cli.opening import opened
from app.cli.options import Asked, Command
from app.cli.records import exported
from app.cli.telling import unwritable
from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType
from app.store import reads
from app.store.database import Database
from app.text import _

_STDOUT = "-"
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""What a spreadsheet takes for the beginning of a formula, wide East Asian forms included; with
apostrophes before it, so that taking one away again always gives back what was there."""


@click.command(
    cls=Command,
    help=_("Writes the live records of one type, or of all, each with its id; references are ids."),
)
@click.argument("entity", metavar="[TYPE]", type=RECORD_TYPE, required=False)
@click.option("--all", "every", is_flag=True, help=_("Every type, a file each."))
@click.option("--format", "form", type=click.Choice(["csv", "json"]), required=True)
@click.option(
    "--out", required=True, metavar="PATH", help=_("A file, - for standard output; or a folder.")
)
@click.pass_obj
def export(asked: Asked, entity: str | None, every: bool, form: str, out: str) -> int:
    """Exports records."""
    if (entity is None) is not every:
        raise UsageError("export_one_or_all")
    if out == _STDOUT and every:
        raise UsageError("export_all_needs_folder")
    if out == _STDOUT and form == "csv" and asked.json:
        raise UsageError("export_is_not_json")
    types = list(ENTITIES.values()) if entity is None else [reads.entity_type(entity)]
    written: list[dict[str, Any]] = []
    with opened(asked) as program:
        for type_ in types:
            if out == _STDOUT:
                _FORMS[form](program.database, type_, _standard_output())
                return 0
            path = Path(out, f"{type_.name}.{form}") if every else Path(out)
            with _written(path) as file:
                count = _FORMS[form](program.database, type_, file)
            written.append({"entity": type_.name, "path": str(path), "records": count})
            if not asked.json:
                show.line(f"{path}: {show.records(count)}")
    if asked.json:
        show.document(written)
    return 0


def _standard_output() -> IO[str]:
    # UTF-8 and unchanged line ends, as in a file, whatever the terminal speaks.
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    return sys.stdout


@contextmanager
def _written(path: Path) -> Iterator[IO[str]]:
    """A file to write at ``path``, by way of what stands there already."""
    try:
        mode = _mode(path)
        if stat.S_ISREG(mode):
            with _whole(path.resolve()) as file:
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


@contextmanager
def _whole(path: Path) -> Iterator[IO[str]]:
    """A file to write that takes its name at the end; on any error there is none."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("x", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


# -- forms ------------------------------------------------------------------------------------


def _write_csv(database: Database, entity: EntityType, file: IO[str]) -> int:
    """RFC 4180 with a heading; the number of records."""
    writer = csv.writer(file)
    writer.writerow(("id", *entity.field_names))
    count = 0
    for row in reads.all_records(database, entity.name):
        writer.writerow(_csv_value(value) for value in exported(entity, row).values())
        count += 1
    return count


def _csv_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return neutral(value)
    return msgspec.json.encode(value).decode()


def neutral(text: str) -> str:
    """``text`` with an apostrophe before what a spreadsheet would run as a formula.

    Of a text that begins with apostrophes and then one of ``= + - @``, a tab or a line end, take
    one apostrophe away to have what is in the roster.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _write_json(database: Database, entity: EntityType, file: IO[str]) -> int:
    """One array, a record a line; the number of records."""
    encode = msgspec.json.Encoder().encode
    count = 0
    file.write("[")
    for row in reads.all_records(database, entity.name):
        file.write(",\n" if count else "\n")
        file.write(encode(exported(entity, row)).decode())
        count += 1
    file.write("\n]\n")
    return count


_FORMS: dict[str, Callable[[Database, EntityType, IO[str]], int]] = {
    "csv": _write_csv,
    "json": _write_json,
}
