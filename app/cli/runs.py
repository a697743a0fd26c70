"""``runs``: the history of syncs."""

from typing import Any

import click

from app.cli import show
from app.cli.approving import approve, refuse
from app.cli.comparing import compare
from app.cli.naming import at_school, of_type, school
from app.cli.opening import opened
from app.cli.options import COUNT, PLACE, Asked, Group
from app.cli.run_log import log_texts
from app.cli.sync import (
    in_order,
    mode_word,
    plan_document,
    print_end,
    print_plan,
    print_run,
    run_document,
    run_error,
    state_word,
)
from app.cli.undoing import (
    change_set_document,
    changes_document,
    print_change_sets,
    print_changes,
    show_change_set,
    undo,
    who_changed,
)
from app.cli.waiting import print_waiting, waiting_, waiting_document
from app.roster.entities import ENTITIES
from app.store import history, reads, waiting
from app.store.journal import APPROVAL, PREVIEW
from app.store.reads import LogLine, RunRow
from app.text import _, sentence


@click.group(cls=Group, help=_("The history of syncs."))
def runs() -> None:
    """The group; its commands do the work."""


@runs.command("list", help=_("The newest syncs first."))
@click.option("--connector", metavar="NAME", help=_("Only those of one connector."))
@click.option("--limit", type=COUNT, metavar="N", default=20, show_default=True)
@click.option(
    "--before",
    type=PLACE,
    metavar="ID",
    help=_("Only those older than this one."),
)
@click.option("--all", "every", is_flag=True, help=_("Also edits, decisions, approvals, undos."))
@click.pass_obj
def list_(asked: Asked, connector: str | None, limit: int, before: int | None, every: bool) -> int:
    """Lists runs, or change sets of every kind."""
    with opened(asked) as program:
        if connector is not None:
            reads.connector(program.database, connector)
        if every:
            sets = history.change_sets(program.database, connector, limit=limit, before=before)
            if asked.json:
                show.document([change_set_document(one) for one in sets])
            else:
                print_change_sets(sets)
            return 0
        found = reads.runs(program.database, connector, limit=limit, before=before)
    if asked.json:
        show.document([history_document(run) for run in found])
    elif not found:
        show.line(_("Nothing has been synced yet."))
    else:
        _print_list(found)
    return 0


def _print_list(found: list[RunRow]) -> None:
    headings = [_("Sync"), _("Connector"), _("State"), _("Read as"), _("Began")]
    counts = {"read": _("read"), "created": _("new"), "updated": _("changed")}
    counts |= {"deleted": _("removed"), "joined": _("joined"), "waiting": _("waiting")}
    counts |= {"conflicts": _("differences")}
    counts |= {"pushed": _("sent")}
    counts = {
        name: word
        for name, word in counts.items()
        if name == "read" or any(run.total(name) for run in found)
    }
    show.table(
        [*headings, *counts.values()],
        [
            [
                f"#{run.id}",
                run.connector,
                _brief(run),
                mode_word(run.mode),
                show.moment(run.started_at),
                *(
                    None
                    if run.mode == APPROVAL and name in ("read", "waiting")
                    else run.total(name)
                    for name in counts
                ),
            ]
            for run in found
        ],
    )


def _brief(run: RunRow) -> str:
    """How a run ended, in a word or two."""
    waits = _("more waits") if run.mode == APPROVAL else _("waiting")
    words = {"waiting": waits, "warnings": _("look at it")}
    return words.get(run.state) or state_word(run.state)


@runs.command("show", help=_("What one sync did, or an edit, decisions, an undo."))
@click.argument("run_id", metavar="ID", type=int)
@click.option("--records", "named", is_flag=True, help=_("Also record by record, by name."))
@of_type(_("Only records of this type, as “users”; with --records."))
@at_school(_("Only those of this school, by id, name or key; with --records."))
@click.pass_obj
def show_(
    asked: Asked, run_id: int, named: bool, entity: str | None, school_word: str | None
) -> int:
    """Shows a run, or what was written otherwise."""
    with opened(asked) as program:
        change_set = history.change_set(program.database, run_id)
        named = named or entity is not None or school_word is not None
        place = school(program.database, school_word)
        found = who_changed(program.database, run_id, entity, place) if named else None
        if not reads.runs_by_id(program.database, [run_id]):
            show_change_set(asked, program.database, change_set, found)
            return 0
        run = reads.run(program.database, run_id)
        waits = waiting.told(program.database, run_id)
        planned = plan_document(program.database, run)
        if not asked.json:
            print_run(run)
            print_end(run, None)
            print_plan(program.database, run)
            if found is not None:
                print_changes(program.database, found)
    if asked.json:
        document = {**history_document(run), "waiting": waiting_document(waits)}
        document |= {"plan": planned} if run.mode == PREVIEW else {}
        document |= {} if found is None else {"records": changes_document(found)}
        show.document(document)
        return 0
    show.line(
        _("Began {began}, ended {ended}; started by {author}.").format(
            began=show.moment(run.started_at), ended=show.moment(run.ended_at), author=run.author
        )
        if run.ended_at
        else _("Began {began}; started by {author}.").format(
            began=show.moment(run.started_at), author=run.author
        )
    )
    if run.resumes is not None:
        show.line(sentence("run_resumes", {"run": run.resumes}))
    print_waiting(waits, run_id, run.connector)
    return 0


runs.add_command(approve)
runs.add_command(refuse)
runs.add_command(undo)
runs.add_command(compare)
runs.add_command(waiting_)


@runs.command("log", help=_("What one sync had to say, line by line."))
@click.argument("run_id", metavar="ID", type=int)
@click.pass_obj
def log(asked: Asked, run_id: int) -> int:
    """Shows the log of a run."""
    with opened(asked) as program:
        reads.run(program.database, run_id)
        lines = reads.run_log(program.database, run_id)
        texts = log_texts(program.database, lines)
    if asked.json:
        show.document([_line_document(line, told) for line, told in zip(lines, texts, strict=True)])
    elif not lines:
        show.line(_("This sync had nothing to say."))
    else:
        show.table(
            [_("When"), _("Level"), _("Records"), _("What")],
            [
                [
                    show.moment(line.at),
                    line.level,
                    _(ENTITIES[line.entity].many) if line.entity in ENTITIES else line.entity,
                    told,
                ]
                for line, told in zip(lines, texts, strict=True)
            ],
        )
    return 0


def _line_document(line: LogLine, told: str) -> dict[str, Any]:
    return {
        "at": line.at,
        "level": line.level,
        "entity": line.entity,
        "code": line.code,
        "parameters": line.parameters,
        "message": told,
    }


def history_document(run: RunRow) -> dict[str, Any]:
    """A run of the past: as ``sync`` tells it, without what stood for the connector then."""
    return {
        **run_document(run),
        "seconds": run.seconds,
        "error": run_error(run),
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "trigger": run.trigger,
        "author": run.author,
        "resumes": run.resumes,
        "doubts": [
            {"entity": stream.entity, "code": code, "message": sentence(code, parameters)}
            for stream in in_order(run)
            for code, parameters in stream.doubts
        ],
    }
