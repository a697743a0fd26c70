"""``runs approve`` and ``runs refuse``: what becomes of what waits for a person."""

from functools import partial

import click

from app.cli import show
from app.cli.naming import at_school, of_type, school, school_text
from app.cli.opening import opened, reaching
from app.cli.options import Asked, Command
from app.cli.running import Runner
from app.cli.sync import EXIT, answer, print_trouble, run_error
from app.cli.waiting import (
    nothing_waits,
    print_approved,
    print_refused,
    print_still,
    settled_document,
)
from app.errors import BusyError
from app.roster.entities import ENTITIES
from app.store import listing, reads
from app.store.database import Database
from app.store.journal import APPROVAL, PREVIEW
from app.store.waiting import Which, approval, seats_left
from app.text import _, plural

_ENTITY = of_type(_("Only records of this type, as “users”."))
_SCHOOL = at_school(
    _("Only those of this school, by id, name or key; 0 is for records that have none.")
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
def approve(asked: Asked, run_id: int, entity: str | None, school_word: str | None) -> int:
    """Approves, and says what was left out."""
    with reaching(asked) as program:
        database = program.database
        which = Which(entity, school(database, school_word))
        of = reads.run(database, run_id)
        name = asked.connector = of.connector
        waits = listing.waits(database, run_id, which)
        if of.mode != PREVIEW and not waits:
            return _nothing(asked, database, name, run_id, which)
        runner = Runner(program, quiet=asked.json or asked.verbose)
        started = runner.carry_out({name: partial(program.engine.approve, run_id, which)})[name]
        if isinstance(started, BusyError):
            raise started
        run = reads.run(database, started)
        if run.mode != APPROVAL:
            document, code = answer(asked, program, name, started)
        else:
            answered, code = approval(database, started), EXIT[run.state]
            document = settled_document(answered)
            if (error := run_error(run)) is not None:
                document["error"] = error
            if not asked.json:
                facts = reads.connector(database, name)
                print_approved(
                    answered,
                    run,
                    reads.run_log(database, answered.id),
                    _place(database, which),
                    [one for one in waits if one.what == listing.SENT],
                )
                if seats := seats_left(database, started):
                    show.line(
                        plural(
                            "{n} enrollment of the people removed is still here: it was not "
                            "among what was approved.",
                            "{n} enrollments of the people removed are still here: they were not "
                            "among what was approved.",
                            seats,
                        )
                    )
                print_trouble(run, facts)
                print_still(facts.standing.waiting, run_id)
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
def refuse(asked: Asked, run_id: int, entity: str | None, school_word: str | None) -> int:
    """Refuses, and says what was left out."""
    with opened(asked) as program:
        database = program.database
        which = Which(entity, school(database, school_word))
        name = asked.connector = reads.run(database, run_id).connector
        if not listing.waits(database, run_id, which):
            return _nothing(asked, database, name, run_id, which)
        answered = program.engine.refuse(run_id, which)
        assert answered is not None
        standing = reads.connector(database, name).standing
        if not asked.json:
            print_refused(answered, _place(database, which))
            print_still(standing.waiting, run_id)
    if asked.json:
        show.document(settled_document(answered))
    return 3 if standing.waiting else 0


def _nothing(asked: Asked, database: Database, name: str, run: int, which: Which) -> int:
    """Says that nothing of what was asked for waits."""
    waiting = reads.connector(database, name).standing.waiting
    if asked.json:
        show.document({"id": None, "of": run, "applied": 0, "left_out": []})
    else:
        show.line(nothing_waits(run, which))
        print_still(waiting, run)
    return 3 if waiting else 0


def _place(database: Database, which: Which) -> str:
    """What an answer was narrowed to, in words."""
    told = [] if which.entity is None else [_(ENTITIES[which.entity].many)]
    if which.school is not None:
        titles = reads.titles(database, ("orgs", [which.school]))
        told.append(school_text(which.school, titles.get(which.school)))
    return f" ({', '.join(told)})" if told else ""
