"""``connectors rotate``: new credentials, which take the place of the old once they have worked."""

from collections.abc import Sequence

import click

from app.cli import show
from app.cli.findings import findings_document, print_findings
from app.cli.giving import given_secrets
from app.cli.opening import opened
from app.cli.options import Asked, Command
from app.cli.telling import FAILED
from app.engine.apart import Reply
from app.engine.rotating import Rotated
from app.errors import NotFound, SyncError, UsageError
from app.store import reads
from app.text import _


@click.command(
    "rotate",
    cls=Command,
    help=_(
        "New credentials: they are tried, and kept only where they work. Exit code 1: they don't, "
        "and the old ones are kept."
    ),
)
@click.argument("name")
@click.option(
    "--secret", "hidden", multiple=True, metavar="KEY", help=_("A secret that is asked for.")
)
@click.option(
    "--secret-stdin",
    "piped",
    multiple=True,
    metavar="KEY",
    help=_("A secret that is the next line of standard input."),
)
@click.pass_obj
def rotate(asked: Asked, name: str, hidden: Sequence[str], piped: Sequence[str]) -> int:
    """Tries new secrets, and keeps them where they work."""
    asked.connector = name
    if not hidden and not piped:
        raise UsageError("rotate_nothing")
    with opened(asked) as program:
        facts = reads.connector(program.database, name)
        kind = program.kinds.get(facts.kind)
        if kind is None:
            raise NotFound("kind_unknown", kind=facts.kind)
        known = [one.key for one in kind.secrets]
        for key in (*hidden, *piped):
            if key not in known:
                raise UsageError("secret_unknown", key=key, known=", ".join(known))
        secrets = given_secrets(name, hidden, piped)
        answers: list[Rotated | SyncError] = []
        program.engine.rotate(name, secrets, reply=Reply(answers.append))
        program.loop.run(until=lambda: bool(answers))
    [found] = answers
    if isinstance(found, SyncError):
        raise found
    if asked.json:
        show.document({**findings_document(name, found.findings), "kept": found.kept})
        return 0 if found.kept else FAILED
    print_findings(name, found.findings)
    show.line(
        _("The new credentials have taken the place of the old ones.")
        if found.kept
        else _("The old credentials are kept as they were.")
    )
    return 0 if found.kept else FAILED
