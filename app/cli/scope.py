"""What of a SIS is kept in step, in words, and ``connectors archive`` for what is out of it."""

from collections import Counter
from collections.abc import Mapping, Sequence

import click

from app.cli import show
from app.cli.opening import opened
from app.cli.options import Asked, Command
from app.roster.entities import ENTITIES
from app.text import _, plural

SCOPE = click.option(
    "--scope",
    multiple=True,
    metavar="PART=VALUES",
    help=_(
        "What is kept in step: schools=KEY,KEY, leave-out=KEY (all schools but these), terms=KEY, "
        "grades=09,10, roles=student,teacher; may be repeated. A part without values is cleared; "
        "“none” keeps everything in step."
    ),
)


def print_scope(name: str, scope: Mapping[str, Sequence[str]], outside: Mapping[str, int]) -> None:
    """What of a connector's SIS is kept in step, and what is kept of the rest."""
    if scope:
        words = {
            "schools": _("only these schools: {keys}"),
            "leave_out": _("all schools but: {keys}"),
            "terms": _("only these terms: {keys}"),
            "grades": _("only students of these grades: {keys}"),
            "roles": _("only people in these roles: {keys}"),
        }
        told = "; ".join(words[part].format(keys=", ".join(keys)) for part, keys in scope.items())
        show.line(_("“{name}” keeps in step {what}.").format(name=name, what=told))
    if outside:
        show.line(
            _(
                "Of what came from “{name}” before, {what} are out of its scope and stay as they "
                "are; “connectors archive” puts them away."
            ).format(name=name, what=_counted(outside))
        )


def _counted(counts: Mapping[str, int]) -> str:
    """Counts by entity, in words."""
    return ", ".join(
        f"{show.number(count)} {_(ENTITIES[entity].many).lower()}"
        for entity, count in counts.items()
    )


@click.command(
    "archive",
    cls=Command,
    help=_(
        "Ends the records that are out of a connector's scope, of all types or of one; “runs undo” "
        "brings them back. Exit code 3: it goes over a safety limit, so nothing was done."
    ),
)
@click.argument("name")
@click.argument("entity", required=False)
@click.option("--approve", is_flag=True, help=_("Also where it goes over a safety limit."))
@click.pass_obj
def archive(asked: Asked, name: str, entity: str | None, approve: bool) -> int:
    """Puts away what is out of scope."""
    asked.connector = name
    with opened(asked) as program:
        done = program.engine.archive(name, entity, approved=approve)
    if asked.json:
        show.document(
            {
                "connector": name,
                "id": done.change_set,
                "archived": _nonzero(done.ended),
                "kept": _nonzero(done.kept),
                "error": None,
            }
        )
        return 0
    show.line(
        _("#{id}: {records} put away ({what}).").format(
            id=done.change_set,
            records=show.records(done.ended.total()),
            what=_counted(_nonzero(done.ended)),
        )
    )
    if done.kept.total():
        show.line(
            plural(
                "{n} record stays: another connector has it, or it is protected.",
                "{n} records stay: other connectors have them, or they are protected.",
                done.kept.total(),
            )
        )
    return 0


def _nonzero(counts: Counter[str]) -> dict[str, int]:
    return {entity: count for entity, count in counts.items() if count}
