"""``sync``: runs syncs and says what they did, to a person and to a script (DESIGN §9)."""

from functools import partial
from typing import Any

import click

from app.cli import show
from app.cli.export import print_followed
from app.cli.opening import reaching
from app.cli.options import LARGEST, Asked, Command
from app.cli.outbox import print_outgoing
from app.cli.outbox import told as sent_document
from app.cli.run_log import print_noteworthy
from app.cli.running import Runner
from app.cli.telling import BUSY, CANCELLED, FAILED, error_document
from app.cli.waiting import print_waiting, waiting_kinds_text
from app.compose import PRACTICE, Program
from app.engine.overview import as_of, doubts, removed
from app.engine.preview import Plan, plan
from app.errors import BusyError, NotFound, UsageError
from app.roster.entities import ENTITIES
from app.store import journal, reads, waiting
from app.store.database import Database
from app.store.journal import APPROVAL, CLASS, GOOD_STATES, PREVIEW
from app.store.reads import RunRow, StreamCounts
from app.store.tables import COUNTS
from app.store.together import together
from app.text import _, plural, sentence

EXIT = {
    "completed": 0,
    "waiting": 3,
    "warnings": 4,
    "cancelled": CANCELLED,
    "failed": FAILED,
    "interrupted": FAILED,
}
"""The exit code of a sync: what stands for the connector after it."""

_WORST_FIRST = (CANCELLED, FAILED, BUSY, 3, 4, 0)


@click.command(
    cls=Command,
    help=_(
        "Syncs one connector, or all of them. Exit code 0: done; 1: failed; 3: something waits for "
        "your approval; 4: done, but differences, unreadable rows or an incomplete answer stand; "
        "5: being synced already; 130: cancelled."
    ),
)
@click.argument("name", required=False)
@click.option("--all", "every", is_flag=True, help=_("Every connector that is not paused."))
@click.option("--full", is_flag=True, help=_("Read everything, not only what changed."))
@click.option("--preview", is_flag=True, help=_("Only say what would change; change nothing."))
@click.option(
    "--class", "class_", type=int, metavar="ID", help=_("Only one class, and who is in it.")
)
@click.pass_obj
def sync(
    asked: Asked, name: str | None, every: bool, full: bool, preview: bool, class_: int | None
) -> int:
    """Syncs, prints what happened, and ends with what stands."""
    if name is None and not every and asked.practice:
        name = PRACTICE
    if (name is None) is not every:
        raise UsageError("sync_one_or_all")
    if class_ is not None and (every or full or preview):
        raise UsageError("sync_class_alone")
    if class_ is not None and abs(class_) > LARGEST:
        raise NotFound("record_unknown", entity="classes", id=class_)
    asked.connector = name
    with reaching(asked) as program:
        every_one = reads.connectors(program.database)
        wanted = [one.name for one in every_one if not one.paused] if name is None else [name]
        if not every_one and not asked.json:
            show.aside(sentence("nothing_connected"))
        for one in every_one:
            if one.paused and name is None and not asked.json:
                show.aside(sentence("health_paused", {"name": one.name}))
        runner = Runner(program, quiet=asked.json or asked.verbose)
        if class_ is None:
            ended = runner.run(wanted, full=full, preview=preview)
        else:
            begin = program.engine.sync_class
            ended = runner.carry_out({one: partial(begin, one, class_) for one in wanted})
        answers = [answer(asked, program, one, run) for one, run in ended.items()]
        if not asked.json:
            print_followed(program.database, list(ended.values()))
    if asked.json:
        documents = [document for document, _code in answers]
        show.document(documents if every else documents[0])
    return worst([code for _document, code in answers])


def answer(
    asked: Asked, program: Program, name: str, run: int | BusyError
) -> tuple[dict[str, Any], int]:
    """One connector's document and exit code; printed for a person unless JSON was asked for."""
    if isinstance(run, BusyError):
        if not asked.json or asked.verbose:
            show.aside(sentence(run.code, run.parameters))
        error = error_document(run.code, run.parameters)
        return {"run": None, "connector": name, "error": error}, BUSY
    row = reads.run(program.database, run)
    facts = reads.connector(program.database, name)
    if not asked.json:
        show.heading(name)
        print_run(row)
        print_end(row, facts)
        print_noteworthy(program.database, run)
        if row.mode == PREVIEW:
            print_plan(program.database, row)
        else:
            print_standing(program.database, facts)
            print_together(program.database, row)
            print_waiting(waiting.told(program.database, run), run, name)
        show.line()
    document = sync_document(row, facts)
    if row.mode == PREVIEW:
        document["plan"] = plan_document(program.database, row)
        found = _plan(program.database, row)
        document["sends"] = (
            None if found is None else [sent_document(one, found.titles) for one in found.sends]
        )
    return document, EXIT[row.state]


def worst(codes: list[int]) -> int:
    """The exit code of several syncs."""
    return next((code for code in _WORST_FIRST if code in codes), 0)


# -- JSON -------------------------------------------------------------------------------------


def sync_document(run: RunRow, facts: reads.ConnectorFacts) -> dict[str, Any]:
    """What ``sync`` prints with ``--json``: names and order are fixed by DESIGN §9."""
    return {
        **run_document(run),
        "waiting_total": facts.standing.waiting,
        "conflicts_total": facts.standing.conflicts,
        "seconds": run.seconds,
        "error": run_error(run),
    }


def run_document(run: RunRow) -> dict[str, Any]:
    """What the documents of a sync and of the history have in common."""
    return {
        "run": run.id,
        "connector": run.connector,
        "state": run.state,
        "mode": run.mode,
        "streams": {
            stream.entity: {
                **{count: stream.counts[count] for count in COUNTS},
                "complete": stream.complete,
                "proof": stream.proof,
            }
            for stream in in_order(run)
        },
    }


def in_order(run: RunRow) -> list[StreamCounts]:
    """The streams of a run as they are read; a resumed one keeps them in another order."""
    places = list(ENTITIES)
    return sorted(run.streams, key=lambda stream: places.index(stream.entity))


def run_error(run: RunRow) -> dict[str, Any] | None:
    """Why a run ended before its time; ``None`` where it did not, or a person stopped it."""
    if run.error_code is not None:
        return error_document(run.error_code, run.error_parameters)
    return error_document("run_overtaken", {}) if run.state == "interrupted" else None


# -- what a preview found ---------------------------------------------------------------------

PLANNED = ("created", "changed", "removed", "waiting")


def _plan(database: Database, run: RunRow) -> Plan | None:
    """What a preview found, where that is still kept."""
    if run.mode != PREVIEW or run.state not in GOOD_STATES:
        return None
    try:
        return plan(database, run.id)
    except NotFound:
        return None


def plan_document(database: Database, run: RunRow) -> list[dict[str, Any]] | None:
    """What would change, by school and type of record; ``None`` where it is not known any more."""
    found = _plan(database, run)
    if found is None:
        return None
    return [
        {
            "entity": one.entity,
            "school": one.school or None,
            "school_name": found.titles.get(one.school),
            **{what: getattr(one, what) for what in PLANNED},
            "samples": {what: ids for what, ids in one.records.items() if ids},
        }
        for one in found.effects
    ]


def print_plan(database: Database, run: RunRow) -> None:
    """What a preview found, a line each school and type of record."""
    found = _plan(database, run)
    if found is None:
        if run.mode == PREVIEW and run.state in GOOD_STATES:
            show.line(sentence("preview_gone", {"id": run.id}))
        return
    open_ = plural(
        "It would leave {n} difference for your decision.",
        "It would leave {n} differences for your decision.",
        run.total("conflicts"),
    )
    waits = any(one.waiting for one in found.effects)
    code = "preview_carry_out_approving" if waits else "preview_carry_out"
    carry_out = sentence(code, {"run": run.id, "name": run.connector})
    show.line()
    if not found.effects:
        show.line(_("A sync would change no record."))
        if run.total("conflicts"):
            show.line(open_)
        _print_sends(run, found)
        if run.total("conflicts") or found.sends:
            show.line(carry_out)
        return
    show.line(_("A sync would do this:"))
    words = {"created": _("new"), "changed": _("changed"), "removed": _("removed")}
    words["waiting"] = _("would wait")
    planned = [what for what in PLANNED if any(getattr(one, what) for one in found.effects)]
    show.table(
        [_("School"), _("Records"), *(words[what] for what in planned), _("Such as")],
        [
            [
                found.titles.get(one.school) or _("The district"),
                _(ENTITIES[one.entity].many),
                *(getattr(one, what) or None for what in planned),
                show.named([id_ for what in PLANNED for id_ in one.records[what]], found.titles),
            ]
            for one in found.effects
        ],
    )
    if found.several:
        show.line(
            _(
                "Whoever belongs to several schools stands in each of them, so the schools add up "
                "to more than the sync would do."
            )
        )
    if run.total("conflicts"):
        show.line(open_)
    _print_sends(run, found)
    show.line(carry_out)


_SENDS_SHOWN = 20
"""So many records are listed that would be sent."""


def _print_sends(run: RunRow, found: Plan) -> None:
    """What would be sent to the SIS."""
    if not found.sends:
        return
    show.line()
    show.line(
        plural(
            "It would send {n} change. This is to be sent, or waits:",
            "It would send {n} changes. This is to be sent, or waits:",
            run.total("pushed"),
        )
    )
    print_outgoing(found.sends[:_SENDS_SHOWN], found.titles)
    if len(found.sends) > _SENDS_SHOWN:
        show.line(_("All of it: outbox list {name}").format(name=run.connector))


# -- for a person -----------------------------------------------------------------------------


def print_run(run: RunRow) -> None:
    """What a run did, a line each stream. Where nothing came, there is no line and no column."""
    if not run.streams:
        return
    always = ("read", "created", "updated", "unchanged", "deleted")
    counts = [name for name in COUNTS if name in always or run.total(name)]
    several = len(run.streams) > 1
    rows: list[list[object]] = [
        [
            _(ENTITIES[stream.entity].many),
            *(stream.counts[name] for name in counts),
            answer_word(run, stream),
        ]
        for stream in in_order(run)
        if any(stream.counts.values()) or not stream.complete
    ]
    if not rows:
        return
    if several:
        rows.append([_("Together"), *(run.total(name) for name in counts), None])
    words = _count_words()
    show.table([_("Records"), *(words[name] for name in counts), _("Answer")], rows)


def answer_word(run: RunRow, stream: StreamCounts) -> str | None:
    """Whether the SIS's answer was whole; an approval reads none."""
    if run.mode == APPROVAL:
        return None
    return _("complete") if stream.complete else _("incomplete")


def _count_words() -> dict[str, str]:
    return {
        "read": _("read"),
        "absent": _("absent"),
        "created": _("new"),
        "updated": _("changed"),
        "unchanged": _("unchanged"),
        "deleted": _("removed"),
        "joined": _("joined"),
        "unreadable": _("unreadable"),
        "waiting": _("waiting"),
        "conflicts": _("differences"),
        "pushed": _("sent"),
        "outside": _("out of scope"),
    }


def print_end(run: RunRow, facts: reads.ConnectorFacts | None) -> None:
    """How a run ended; where it failed also, with its connector's facts, what that means."""
    seconds = show.duration(run.seconds)
    pattern = (
        _("Sync #{run} of “{name}” ({mode}): {state}; {read} in {seconds}.")
        if seconds
        else _("Sync #{run} of “{name}” ({mode}): {state}; {read} so far.")
    )
    show.line(
        pattern.format(
            run=run.id,
            name=run.connector,
            mode=mode_word(run.mode),
            state=end_word(run),
            read=plural("{n} record read", "{n} records read", run.total("read")),
            seconds=seconds,
        )
    )
    for told in doubts(run):
        show.line(told)
    print_trouble(run, facts)


def print_trouble(run: RunRow, facts: reads.ConnectorFacts | None) -> None:
    """Why a run did not come to its end."""
    if run.state == "cancelled":
        show.aside(sentence("cancelled"))
    elif (error := run_error(run)) is not None:
        show.aside(error["message"])
        if facts is not None:
            show.aside(f"{as_of(facts, show.instant)} {removed(run)}")


def print_standing(database: Database, facts: reads.ConnectorFacts) -> None:
    """What stands for a connector and needs somebody."""
    if facts.standing.waiting:
        told = _("“{name}”: this waits for your approval and is not done yet: {what}.")
        show.line(told.format(name=facts.name, what=waiting_kinds_text(database, facts.name)))
    for code, count in (
        ("health_conflicts", facts.standing.conflicts),
        ("health_unsent", facts.standing.unsent),
        ("health_unreadable", facts.standing.unreadable),
    ):
        if count:
            show.line(show.standing(code, {"name": facts.name, "count": count}))


def print_together(database: Database, run: RunRow) -> None:
    """After the first sync of a connector beside others: how many of its records they know."""
    if run.state not in GOOD_STATES or run.mode != "full":
        return
    with database.reading() as tx:
        if not journal.is_first(tx, run.id):
            return
    found = together(database, run.connector)
    if not found:
        return
    known, new = sum(one.recognised for one in found), sum(one.new for one in found)
    doubt, others = sum(one.doubt for one in found), sum(one.elsewhere for one in found)
    show.line(
        _(
            "Beside the other SIS: {recognized} records recognized, {new} new here, {doubt} in "
            "doubt, {elsewhere} only elsewhere. By record type: identity summary {name}"
        ).format(
            recognized=show.number(known), new=show.number(new), doubt=show.number(doubt),
            elsewhere=show.number(others), name=run.connector,
        )
    )  # fmt: skip


def mode_word(mode: str) -> str:
    """What a run was, in the person's language; an unknown mode as it is."""
    words = {
        "full": _("everything"),
        "incremental": _("changes only"),
        PREVIEW: _("preview"),
        APPROVAL: _("approval"),
        CLASS: _("one class"),
    }
    return words.get(mode, mode)


def end_word(run: RunRow) -> str:
    """How a run ended; an approval is over, though something else of its connector may wait."""
    if run.mode == APPROVAL and run.state == "waiting":
        return _("completed; something else waits for your approval")
    return state_word(run.state)


def state_word(state: str) -> str:
    """The state of a run in the person's language; an unknown one as it is."""
    words = {
        "queued": _("queued"),
        "running": _("running"),
        "waiting": _("waiting for your approval"),
        "completed": _("completed"),
        "warnings": _("completed, with something to look at"),
        "failed": _("failed"),
        "cancelled": _("cancelled"),
        "interrupted": _("interrupted"),
    }
    return words.get(state, state)
