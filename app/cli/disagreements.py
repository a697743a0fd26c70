"""``disagreements``: where the connected SIS tell otherwise, and whose word is to stand here."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from app.cli import show
from app.cli.naming import at_school, field, school
from app.cli.opening import opened
from app.cli.options import COUNT, Asked, Group
from app.engine.disagreements import MANNERS, Line, Report, Told, report, told
from app.engine.saving import save_table
from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.store import reads
from app.store.disagreements import Manner
from app.text import _, plural

_SHOWN = 50
"""Lines that are shown unless more are asked for."""


@click.group(cls=Group, help=_("Where the connected SIS tell otherwise of the same record."))
def disagreements() -> None:
    """The group; its commands do the work."""


@disagreements.command("list", help=_("Where they disagree: record, field, what each says."))
@click.argument("entity_word", metavar="[ENTITY]", required=False)
@click.option(
    "--connector",
    "connectors",
    metavar="NAME",
    multiple=True,
    help=_("Only between these; give it twice or more."),
)
@click.option("--field", "field_word", metavar="FIELD", help=_("Only this field of the ENTITY."))
@at_school(_("Only this school, by id, name or key; 0 is for what belongs to none."))
@click.option("--silent", is_flag=True, help=_("Also where one of them says nothing."))
@click.option("--alone", is_flag=True, help=_("Also what is known to some of them only."))
@click.option("--limit", type=COUNT, metavar="N", default=_SHOWN, help=_("Lines at most."))
@click.option("--out", metavar="FILE", help=_("Save all of it as CSV for a spreadsheet."))
@click.pass_obj
def list_(
    asked: Asked,
    entity_word: str | None,
    connectors: Sequence[str],
    field_word: str | None,
    school_word: str | None,
    silent: bool,
    alone: bool,
    limit: int,
    out: str | None,
) -> int:
    """Reports, and saves where that is asked for."""
    if len(set(connectors)) == 1:
        raise UsageError("disagreement_needs_two")
    entity = None if entity_word is None else reads.entity_type(entity_word)
    if field_word is not None and entity is None:
        raise UsageError("field_needs_entity", field=field_word)
    manners = [Manner.DIFFER, *[Manner.SILENT] * silent, *[Manner.ALONE] * alone]
    with opened(asked) as program:
        database = program.database
        found = report(
            database,
            show.now().date().isoformat(),
            entities=tuple(ENTITIES) if entity is None else (entity.name,),
            connectors=connectors,
            manners=manners,
            school=school(database, school_word),
            field=field(entity, field_word).name if entity and field_word else None,
            most=2**31 if out or asked.json else limit,
        )
        lines = found.lines
        if out is not None:
            rows = (_cells(one) for one in told(database, found, lines))
            count = save_table(Path(out), _headings(found), rows)
            if asked.json:
                show.document({"path": out, "lines": count})
            else:
                show.line(f"{out}: {plural('{n} line', '{n} lines', count)}")
        elif asked.json:
            both = zip(lines, told(database, found, lines), strict=True)
            show.document([_document(line, words) for line, words in both])
        else:
            _print(found, told(database, found, lines))
    return 0


def _headings(found: Report) -> list[str]:
    names = [_("“{name}” says").format(name=name) for name in found.connectors]
    return [_("School"), _("Record type"), _("Record"), _("How"), _("Field"), _("Ours"), *names]


def _cells(one: Told) -> list[str]:
    return [one.school, one.type, one.record, one.manner, one.field, one.ours, *one.sides]


def _document(line: Line, words: Told) -> dict[str, Any]:
    """A line for a script."""
    one = line.found
    return {
        "school": line.school,
        "school_name": words.school,
        "manner": one.manner.value,
        "entity": one.entity,
        "id": one.record,
        "record": words.record,
        "field": one.field or None,
        "ours": one.ours,
        "told": dict(one.told),
    }


def _print(found: Report, words: Iterator[Told]) -> None:
    if not found.total:
        show.line(_("The connected SIS agree."))
        return
    counted = sorted(found.counts.items(), key=lambda one: -one[1])
    show.table(
        [_("How"), _("Record type"), _("Field"), _("Records")],
        [
            [
                _(MANNERS[manner]),
                _(ENTITIES[entity].many),
                _(ENTITIES[entity].by_name[name].label) if name else "",
                count,
            ]
            for (manner, entity, name), count in counted
        ],
    )
    show.line()
    show.table(_headings(found), [_cells(one) for one in words])
    if len(found.lines) < found.total:
        show.line()
        show.line(
            _(
                "{shown} of {all} are shown. All of them: --limit {all}, or --out FILE.csv for a "
                "spreadsheet."
            ).format(shown=show.number(len(found.lines)), all=found.total)
        )


@disagreements.command(
    "take", help=_("Has what a SIS says stand here; the others get it where they take it.")
)
@click.argument("name", metavar="CONNECTOR")
@click.argument("entity_word", metavar="ENTITY")
@click.argument("ids", type=COUNT, metavar="ID…", nargs=-1, required=True)
@click.option("--field", "field_word", metavar="FIELD", required=True, help=_("Which field."))
@click.pass_obj
def take(asked: Asked, name: str, entity_word: str, ids: Sequence[int], field_word: str) -> int:
    """Settles disagreements for one side."""
    asked.connector = name
    entity = reads.entity_type(entity_word)
    wanted = field(entity, field_word).name
    with opened(asked) as program:
        places = {(entity.name, record, wanted) for record in ids}
        change_set = program.engine.take_side(name, places)
        if asked.json:
            show.document({"change_set": change_set})
        else:
            show.line(
                _(
                    "What “{name}” says stands here now (change {id}); undo it in the history."
                ).format(name=name, id=change_set)
            )
    return 0
