"""``connectors unreadable``: the rows that could not be read, for whoever can mend them."""

from typing import Any

import click

from app.cli import show
from app.cli.naming import of_type
from app.cli.opening import opened
from app.cli.options import Asked, Command
from app.roster.entities import ENTITIES
from app.store import reads
from app.store.unreadable import UnreadableRow, unreadable_ids, unreadable_rows
from app.text import _, sentence


@click.command(
    "unreadable",
    cls=Command,
    help=_("Rows of a connector that could not be read, the newest first, and why."),
)
@click.argument("name")
@of_type(_("Only rows of this record type, as “users”."))
@click.option("--rows", is_flag=True, help=_("With what they say, which may be about people."))
@click.pass_obj
def unreadable(asked: Asked, name: str, entity: str | None, rows: bool) -> int:
    """Lists the rows."""
    asked.connector = name
    with opened(asked) as program:
        reads.connector(program.database, name)
        ids = unreadable_ids(program.database, name, entity)
        found = unreadable_rows(program.database, ids)
    told = [found[id_] for id_ in ids if id_ in found]
    if asked.json:
        show.document([_document(one, rows=rows) for one in told])
    elif not told:
        show.line(_("All rows of “{name}” could be read.").format(name=name))
    else:
        show.table(
            [_("Records"), _("Key"), "id", _("Since"), _("What is wrong"), _("Row")],
            [
                [
                    _(ENTITIES[one.entity].many),
                    one.key,
                    None if one.record is None else str(one.record),
                    show.moment(one.since or None),
                    sentence(one.reason),
                    one.raw if rows else None,
                ]
                for one in told
            ],
        )
    return 0


def _document(one: UnreadableRow, *, rows: bool) -> dict[str, Any]:
    return {
        "connector": one.connector,
        "entity": one.entity,
        "key": one.key,
        "record": one.record,
        "reason": one.reason,
        "message": sentence(one.reason),
        "since": one.since,
        "new": one.new,
        "row": one.raw if rows else None,
    }
