"""``records find``: one search over everything that has a name."""

import click

from app.cli import show
from app.cli.naming import at_school, school
from app.cli.opening import opened
from app.cli.options import COUNT, Asked, Command
from app.engine import naming
from app.roster.entities import ENTITIES
from app.store import search
from app.text import _, plural


@click.command(
    "find",
    cls=Command,
    help=_("Searches people, classes, schools and all else by name, ID, email or key."),
)
@click.argument("text")
@at_school(_("Only what belongs to this school, by id, name or key."))
@click.option("--ended", is_flag=True, help=_("Also those that have ended."))
@click.option("--limit", type=COUNT, metavar="N", default=20, show_default=True)
@click.pass_obj
def find(asked: Asked, text: str, school_word: str | None, ended: bool, limit: int) -> int:
    """Finds records of every type, the likeliest first."""
    with opened(asked) as program:
        place = school(program.database, school_word)
        hits = search.search(program.database, text, school=place, ended=ended)
        found = [(entity, id_) for entity, ids in hits.items() for id_ in ids]
        rows = search.named(program.database, found[:limit])
    told = [(rows[one], naming.title(rows[one].row, rows[one].titles)) for one in found[:limit]]
    if asked.json:
        show.document(
            [
                {"entity": one.row.entity, "id": one.row.id, "title": title, "alive": one.row.alive}
                for one, title in told
            ]
        )
        return 0
    show.table(
        [_("Type"), "id", _("Name"), ""],
        [
            [_(ENTITIES[one.row.entity].one), str(one.row.id), title, naming.about(one)]
            for one, title in told
        ],
    )
    show.line(plural("{n} record found.", "{n} records found.", len(found)))
    return 0


COMMANDS = (find,)
