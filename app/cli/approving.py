"""``runs approve`` and ``runs refuse``: what becomes of what waits for a person."""

from functools import partial

import click

from app.cli import show
from app.cli.opening import opened, reaching
from app.cli.options import LARGEST, Asked, Command
from app.cli.running import Runner
from app.cli.sync import EXIT, answer, print_end, run_error
from app.cli.waiting import settled
from app.errors import BusyError
from app.store import reads
from app.store.journal import APPROVAL
from app.store.waiting import Which, approval
from app.text import _

_ENTITY = click.option("--entity", metavar="TYPE", help=_("Only records of this type, as “users”."))
_SCHOOL = click.option(
    "--school",
    type=click.IntRange(0, LARGEST),
    metavar="ID",
    help=_("Only those of this school; 0 is for records that have none."),
)


@click.command(
    "approve",
    cls=Command,
    help=_(
        "Carries out what waited in a sync, or the sync that was previewed. Exit code 0: done; "
        "1: failed; 3: something waits still; 5: being synced just now; 130: cancelled."
    ),
)
@click.argument("run_id", metavar="ID", type=int)
@_ENTITY
@_SCHOOL
@click.pass_obj
def approve(asked: Asked, run_id: int, entity: str | None, school: int | None) -> int:
    """Approves, and says what was left out."""
    with reaching(asked) as program:
        which = _which(entity, school)
        name = asked.connector = reads.run(program.database, run_id).connector
        runner = Runner(program, quiet=asked.json or asked.verbose)
        started = runner.carry_out({name: partial(program.engine.approve, run_id, which)})[name]
        if isinstance(started, BusyError):
            raise started
        run = reads.run(program.database, started)
        if run.mode != APPROVAL:
            document, code = answer(asked, program, name, started)
        else:
            document, code = settled(asked, approval(program.database, started)), EXIT[run.state]
            if (error := run_error(run)) is not None:
                document["error"] = error
            if not asked.json:
                print_end(run, reads.connector(program.database, name))
    if asked.json:
        show.document(document)
    return code


@click.command(
    "refuse",
    cls=Command,
    help=_(
        "Keeps what is here instead of what waited in a sync; it is not asked again until the SIS "
        "says something else. Exit code 0: done; 3: something waits still."
    ),
)
@click.argument("run_id", metavar="ID", type=int)
@_ENTITY
@_SCHOOL
@click.pass_obj
def refuse(asked: Asked, run_id: int, entity: str | None, school: int | None) -> int:
    """Refuses, and says what was left out."""
    with opened(asked) as program:
        name = asked.connector = reads.run(program.database, run_id).connector
        answered = program.engine.refuse(run_id, _which(entity, school))
        assert answered is not None
        standing = reads.connector(program.database, name).standing
    document = settled(asked, answered)
    if asked.json:
        show.document(document)
    return 3 if standing.waiting else 0


def _which(entity: str | None, school: int | None) -> Which:
    if entity is not None:
        reads.entity_type(entity)
    return Which(entity, school)
