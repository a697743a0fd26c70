"""``disagreements``: where the connected SIS tell otherwise, and whose word is to stand here."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from app.cli import show
from app.cli.naming import at_school, field, of_type, school
from app.cli.opening import opened
from app.cli.options import COUNT, Asked, Group
from app.engine.disagreements import MANNERS, Line, Report, Told, report, told
from app.engine.saving import save_table
from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.store import gone as ended
from app.store import reads
from app.store.differences import titled
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
    "gone", help=_("What has ended at one SIS and lives at another: who, since when, where.")
)
@click.option("--connector", metavar="NAME", help=_("Only what has ended at this one."))
@of_type(_("Only those of one record type, as “users”."))
@click.option("--limit", type=COUNT, metavar="N", default=_SHOWN, help=_("Lines at most."))
@click.pass_obj
def gone(asked: Asked, connector: str | None, entity: str | None, limit: int) -> int:
    """Lists what is gone at one and still at another."""
    with opened(asked) as program:
        if connector is not None:
            reads.connector(program.database, connector)
        found = [
            one for one in ended.gone(program.database, connector) if entity in (None, one.entity)
        ]
        shown = found if asked.json else found[:limit]
        titles = titled(program.database, {(one.entity, one.record) for one in shown})
    if asked.json:
        show.document([
            {**one._asdict(), "still": list(one.still), "title": titles.get(one.record, "")}
            for one in found
        ])  # fmt: skip
        return 0
    if not found:
        show.line(_("Nothing has ended at one SIS that another still has."))
        return 0
    show.table(
        [_("Record"), "id", _("Ended at"), _("Since"), _("In sync"), _("Still at")],
        [
            [
                f"{_(ENTITIES[one.entity].one)}: {titles.get(one.record, '')}",
                str(one.record),
                one.connector,
                show.moment(one.since),
                f"#{one.run}" if one.run else None,
                ", ".join(one.still),
            ]
            for one in shown
        ],
    )
    if len(shown) < len(found):
        show.line(
            _("{first} of {all}; --limit shows more.").format(
                first=show.number(len(shown)), all=show.number(len(found))
            )
        )
    show.line(
        _(
            "To end one here as well: records end TYPE ID. To leave it as it is: disagreements "
            "leave CONNECTOR ID…"
        )
    )
    return 0


@disagreements.command(
    "leave", help=_("What has ended at a SIS stays as it is, and is listed no more.")
)
@click.argument("name", metavar="CONNECTOR")
@click.argument("ids", type=COUNT, metavar="ID…", nargs=-1, required=True)
@click.option("--again", is_flag=True, help=_("Instead, list them again."))
@click.pass_obj
def leave(asked: Asked, name: str, ids: Sequence[int], again: bool) -> int:
    """Leaves records as they are."""
    asked.connector = name
    with opened(asked) as program:
        count = program.engine.leave_gone(name, ids, alone=not again)
    if asked.json:
        show.document({"connector": name, "count": count, "error": None})
    else:
        show.line(
            plural("{n} record is listed again.", "{n} records are listed again.", count)
            if again
            else plural("{n} record stays as it is.", "{n} records stay as they are.", count)
        )
    return 0


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
