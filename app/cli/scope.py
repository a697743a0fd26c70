"""What of a SIS is kept in step, in words, and ``connectors archive`` for what is out of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import click

from app.cli import show
from app.cli.naming import RECORD_TYPE
from app.cli.opening import opened
from app.cli.options import Asked, Command
from app.engine.scope import NAMED, Scope
from app.engine.told import counted
from app.errors import UsageError
from app.store import finding
from app.store.database import Database
from app.text import _, plural, sentence

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


def print_scope(
    database: Database, name: str, scope: Mapping[str, Sequence[str]], outside: Mapping[str, int]
) -> None:
    """What of a connector's SIS is kept in step, and what is kept of the rest."""
    if scope:
        words = {
            "schools": _("only these schools: {keys}"),
            "leave_out": _("all schools but: {keys}"),
            "terms": _("only these terms: {keys}"),
            "grades": _("only students of these grades: {keys}"),
            "roles": _("only people in these roles: {keys}"),
        }
        told = "; ".join(
            words[part].format(keys=", ".join(_named(database, name, part, keys)))
            for part, keys in scope.items()
        )
        show.line(_("“{name}” keeps in step {what}.").format(name=name, what=told))
    if outside:
        pattern = (
            _(
                "Of what came from “{name}” before, {what} are out of its scope and stay as they "
                "are; “connectors archive” puts them away."
            )
            if scope
            else _(
                "“{name}” has not told of {what} since its scope was changed, so they stay as they "
                "are; “connectors archive” puts them away."
            )
        )
        show.line(pattern.format(name=name, what=_counted(outside)))


def _named(database: Database, name: str, part: str, keys: Sequence[str]) -> list[str]:
    """The keys of a part, each with what it stands for."""
    if part not in NAMED:
        return list(keys)
    titles = finding.called(database, NAMED[part][0], keys, name)
    return [f"{titles[key]} ({key})" if key in titles else key for key in keys]


def unseen(database: Database, scope: Scope) -> list[tuple[str, str]]:
    """What of a scope nobody in the roster has: (part in words, value); nothing while it is empty.

    It may be a slip, or somebody may be to come who has it.
    """
    words = {"grades": _("grades"), "roles": _("roles")}
    said = finding.said(database)
    return [
        (words[part], value)
        for part in words
        for value in scope.parts.get(part, ())
        if said[part] and value not in said[part]
    ]


def _counted(counts: Mapping[str, int]) -> str:
    """Counts by entity, in words."""
    return ", ".join(counted(count, entity) for entity, count in counts.items())


@click.command(
    "archive",
    cls=Command,
    help=_(
        "Ends the records that are out of a connector's scope, of all types or of one; “runs undo” "
        "brings them back. Exit code 3: it goes over a safety limit, so nothing was done."
    ),
)
@click.argument("name")
@click.argument("entity", metavar="[TYPE]", type=RECORD_TYPE, required=False)
@click.option("--approve", is_flag=True, help=_("Also where it goes over a safety limit."))
@click.pass_obj
def archive(asked: Asked, name: str, entity: str | None, approve: bool) -> int:
    """Puts away what is out of scope."""
    asked.connector = name
    with opened(asked) as program:
        try:
            done = program.engine.archive(name, entity, approved=approve)
        except UsageError as error:
            if error.code != "archive_nothing":
                raise
            return _nothing(asked, name, sentence(error.code, error.parameters))
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
        _("#{id}: {records} put away ({what}). Undo: runs undo {id}").format(
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


def _nothing(asked: Asked, name: str, why: str) -> int:
    """Nothing was to be put away, which is no mistake."""
    if asked.json:
        nothing: dict[str, Any] = {"id": None, "archived": {}, "kept": {}, "error": None}
        show.document({"connector": name, **nothing})
    else:
        show.line(why)
    return 0


def _nonzero(counts: Counter[str]) -> dict[str, int]:
    return {entity: count for entity, count in counts.items() if count}
