"""``export``: the roster as CSV or JSON, a record at a time, or as a set of files for others.

A file has its name only when it is whole, and so has a set; a pipe or a terminal is written through
(``engine.saving``). In CSV a list is JSON text, and a text that a spreadsheet would take for a
formula is made harmless. A set in a standard form (``engine.exporting``) is written as the standard
has it: what is made harmless is another value.
"""

import csv
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from app.cli import show
from app.cli.naming import RECORD_TYPE
from app.cli.opening import opened
from app.cli.options import COUNT, Asked, Command
from app.cli.running import replied
from app.compose import Program, exporters
from app.engine.exporting import Exported, Order, apart_from_sources, following, note_text
from app.engine.past import moment
from app.engine.saving import csv_value, exported, saved
from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType
from app.store import asof, reads
from app.store.database import Database
from app.text import _, sentence

_STDOUT = "-"
_SETS = "oneroster-csv"


@click.command(
    cls=Command,
    help=_(
        "Writes the live records of one type, or of all, each with its id; references are ids. "
        "With --as-of those that there were, as they were then. As "
        "oneroster-csv it writes a set of files for other programs, with the keys of the SIS: "
        "values stand in it as they are, also those that a spreadsheet takes for a formula."
    ),
)
@click.argument("entity", metavar="[TYPE]", type=RECORD_TYPE, required=False)
@click.option("--all", "every", is_flag=True, help=_("Every type, a file each."))
@click.option("--format", "form", metavar="csv|json|oneroster-csv")
@click.option(
    "--out",
    metavar="PATH",
    help=_("A file, - for standard output; a folder; of a set also a name that ends with .zip."),
)
@click.option(
    "--format-version", "form_version", metavar="1.1|1.2", help=_("Of a set; usually 1.2.")
)
@click.option(
    "--since",
    type=COUNT,
    metavar="SYNC",
    help=_("Of a set: only what has changed since this sync, as a delta."),
)
@click.option(
    "--connector",
    metavar="NAME",
    help=_("Of a set: whose keys are told; usually those of the SIS a record came from first."),
)
@click.option(
    "--as-of",
    "as_of",
    metavar="WHEN",
    help=_("As the roster was: at the end of a day, at “2026-03-01 18:30”, or after “#812”."),
)
@click.option("--demographics", is_flag=True, help=_("Of a set: with birth dates, sex and race."))
@click.option(
    "--after-sync",
    metavar="PATH|off|show",
    help=_("Writes the set after every good sync from now on; off, or what is set."),
)
@click.pass_obj
def export(
    asked: Asked,
    entity: str | None,
    every: bool,
    form: str | None,
    out: str | None,
    form_version: str | None,
    since: int | None,
    connector: str | None,
    as_of: str | None,
    demographics: bool,
    after_sync: str | None,
) -> int:
    """Exports records."""
    if after_sync is not None:
        if entity is not None or every or out is not None:
            raise UsageError("export_follows_alone")
    elif form is None or out is None:
        raise UsageError("export_needs_form_and_out")
    elif (entity is None) is not every:
        raise UsageError("export_one_or_all")
    order = Order(
        form=form or _SETS,
        path=after_sync or out or "",
        version=form_version or "",
        since=since,
        keys_of=connector,
        demographics=demographics,
    )
    if order.form in _FORMS and (after_sync is not None or order != _plain(order)):
        raise UsageError("export_option_of_sets")
    if as_of is not None and (after_sync is not None or order.form not in _FORMS):
        raise UsageError("export_as_of_records")
    with opened(asked) as program:
        if after_sync is not None:
            return _after_sync(asked, program, order)
        if order.form in _FORMS:
            if order.path != _STDOUT:
                apart_from_sources(program.database, program.kinds, Path(order.path))
            if as_of is None:
                return _records(asked, program.database, entity, order)
            with asof.roster(program.database, moment(program.database, as_of)) as then:
                return _records(asked, then, entity, order)
        if entity is not None or order.path == _STDOUT:
            raise UsageError("export_set_is_whole")
        return _set(asked, program, order)


def _plain(order: Order) -> Order:
    """The order without what only a set can have."""
    return Order(form=order.form, path=order.path)


# -- sets -------------------------------------------------------------------------------------


def _set(asked: Asked, program: Program, order: Order) -> int:
    """Writes a set of files; Ctrl-C leaves what stood there before."""
    engine = program.engine
    done: Exported = replied(program, lambda reply: engine.export(order, reply=reply))
    notes = [(note.code, note_text(note)) for note in done.notes]
    if asked.json:
        show.document(
            {
                "path": done.path,
                "version": done.version,
                "records": done.records,
                "notes": [{"code": code, "message": text} for code, text in notes],
            }
        )
    else:
        show.line(f"{done.path}: {show.records(done.records)}")
        for _code, text in notes:
            show.line(text)
    return 0


def _after_sync(asked: Asked, program: Program, order: Order) -> int:
    """Sets what follows every good sync, and shows it."""
    if order.path != "show":
        program.engine.export_after_sync(None if order.path == "off" else order)
    found = following(program.database)
    last = found.last if found else None
    if asked.json:
        told = {"code": last.code, "message": sentence(last.code, last.parameters)} if last else {}
        show.document(
            {
                "after_sync": {
                    "path": found.order.path,
                    "format": found.order.form,
                    "version": found.order.version or None,
                    "connector": found.order.keys_of,
                    "demographics": found.order.demographics,
                }
                if found
                else None,
                "last": {"run": last.run, "at": last.at, "written": last.written, **told}
                if last
                else None,
            }
        )
        return 0
    if found is None:
        show.line(_("No export follows a sync."))
        return 0
    form = exporters().get(found.order.form)
    pattern = (
        _("After every good sync the roster is written to {path}, as {form} {version}, with birth "
          "dates, sex and race.")
        if found.order.demographics
        else _("After every good sync the roster is written to {path}, as {form} {version}, "
               "without birth dates, sex and race.")
    )  # fmt: skip
    label, versions = (form.label, form.versions) if form else (found.order.form, ("",))
    version = found.order.version or versions[0]
    show.line(pattern.format(path=found.order.path, form=label, version=version))
    if last is not None:
        show.line(f"#{last.run}, {show.moment(last.at)}: {sentence(last.code, last.parameters)}")
        if last.written is not None and last.written != last.run:
            show.line(_("The files there are of sync #{run}.").format(run=last.written))
    return 0


def print_withheld(database: Database) -> None:
    """Why nothing was written after the newest sync, where something waits for a person."""
    found = following(database)
    if found is not None and found.last is not None and found.last.withheld:
        show.line(sentence(found.last.code, found.last.parameters))


def print_followed(database: Database, runs: Sequence[object]) -> None:
    """What came of the export that follows one of these syncs, where that is set."""
    found = following(database)
    if found is not None and found.last is not None and found.last.run in runs:
        show.line(sentence(found.last.code, found.last.parameters))


# -- records, a file a type -------------------------------------------------------------------


def _records(asked: Asked, database: Database, entity: str | None, order: Order) -> int:
    every, form, out = entity is None, order.form, order.path
    if out == _STDOUT and every:
        raise UsageError("export_all_needs_folder")
    if out == _STDOUT and form == "csv" and asked.json:
        raise UsageError("export_is_not_json")
    types = list(ENTITIES.values()) if entity is None else [reads.entity_type(entity)]
    written: list[dict[str, Any]] = []
    for type_ in types:
        if out == _STDOUT:
            _FORMS[form](database, type_, _standard_output())
            return 0
        path = Path(out, f"{type_.name}.{form}") if every else Path(out)
        with saved(path) as file:
            count = _FORMS[form](database, type_, file)
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


# -- forms ------------------------------------------------------------------------------------


def _write_csv(database: Database, entity: EntityType, file: IO[str]) -> int:
    """RFC 4180 with a heading; the number of records."""
    writer = csv.writer(file)
    writer.writerow(("id", *entity.field_names))
    count = 0
    for row in reads.all_records(database, entity.name):
        writer.writerow(csv_value(value) for value in exported(entity, row).values())
        count += 1
    return count


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
