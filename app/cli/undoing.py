"""``runs undo``, and change sets that are no sync: who wrote what, and how it is taken back."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from app.cli import show
from app.cli.opening import opened
from app.cli.options import Asked, Command
from app.cli.records import value_text, values_document
from app.cli.running import stopping
from app.compose import Program
from app.engine.apart import Reply
from app.engine.taking import LeftOut
from app.engine.undo import Undone, UndoPlan, plan
from app.errors import SyncError
from app.roster.entities import ENTITIES
from app.roster.schema import referred
from app.store import history, reads
from app.store.database import Database
from app.store.history import ChangeSet, RecordChange
from app.text import _, plural, sentence

LEFT = 4
"""The exit code of an undo that left something as it is."""

SHOWN = 20
"""So many records are told one by one; ``--json`` has all of them."""


@click.command(
    "undo",
    cls=Command,
    help=_(
        "Takes back what a sync, an edit, decisions or another undo did, where nothing newer "
        "stands. Exit code 0: done; 3: it goes over a safety limit, so nothing was done; 4: done, "
        "but something was left as it is; 5: being synced just now; 130: cancelled, and goes on "
        "when it is asked for again."
    ),
)
@click.argument("id_", metavar="ID", type=int)
@click.option("--preview", is_flag=True, help=_("Only say what would come back, and what cannot."))
@click.option("--approve", is_flag=True, help=_("Also where it goes over a safety limit."))
@click.pass_obj
def undo(asked: Asked, id_: int, preview: bool, approve: bool) -> int:
    """Undoes a change set, or says what that would do."""
    with opened(asked) as program:
        if preview:
            planned = plan(program.database, id_, show.now())
            found = Undone(None, id_, planned.records, tuple(planned.left_out))
            if not asked.json:
                _print_plan(planned)
        else:
            found = _carried_out(program, id_, approve)
            if not asked.json:
                _print_undone(found)
        if not asked.json:
            _print_left(program.database, found.left_out)
    if asked.json:
        show.document(_document(found))
    return 3 if preview and planned.held else LEFT if found.left_out else 0


def _carried_out(program: Program, id_: int, approve: bool) -> Undone:
    """Undoes it; Ctrl-C stops it after the records under way."""
    ended: list[Undone | SyncError] = []
    reply = Reply(ended.append)
    with stopping(reply.cancel.set):
        program.engine.undo(id_, approved=approve, reply=reply)
        program.loop.run(until=lambda: bool(ended))
    if isinstance(ended[0], SyncError):
        raise ended[0]
    return ended[0]


def _document(undone: Undone) -> dict[str, Any]:
    return {
        "id": undone.id,
        "of": undone.of,
        "applied": undone.applied,
        "left_out": [
            {"entity": one.entity, "id": one.record, "reason": one.reason}
            for one in undone.left_out
        ],
    }


def _print_plan(planned: UndoPlan) -> None:
    columns = {
        _("get values back"): planned.changed,
        _("come back"): planned.returning,
        _("end"): planned.ending,
        _("are asked again"): planned.asked_again,
        _("taken back at the SIS"): planned.sent_back,
    }
    told = {heading: counts for heading, counts in columns.items() if counts.total()}
    show.line(
        _("Undoing #{of} would write about {records}. Nothing was changed.").format(
            of=planned.of.id, records=show.records(planned.records)
        )
    )
    if told:
        show.table(
            [_("Records"), *told],
            [
                [_(type_.many), *(counts[entity] for counts in told.values())]
                for entity, type_ in ENTITIES.items()
                if any(counts[entity] for counts in told.values())
            ],
        )
    for trips in planned.held:
        show.line(trips)


def _print_undone(undone: Undone) -> None:
    if undone.id is None:
        show.line(_("There is nothing of #{of} to take back.").format(of=undone.of))
        return
    told = _("#{of} is undone: {records}. To take that back, undo #{id}.")
    show.line(told.format(of=undone.of, records=show.records(undone.applied), id=undone.id))


def _print_left(database: Database, left_out: Sequence[LeftOut]) -> None:
    """What stays as it is: a sentence each reason, and the first records."""
    for reason, count in Counter(one.reason for one in left_out).items():
        show.line(f"{show.records(count)}: {sentence(f'undo_left_{reason}')}")
    if not left_out:
        return
    titles = reads.titles(database, *((one.entity, [one.record]) for one in left_out[:SHOWN]))
    show.table(
        [_("Record"), _("Called"), _("Field"), _("Since"), _("In"), _("By")],
        [
            [
                f"{_(ENTITIES[one.entity].one)} #{one.record}",
                titles.get(one.record),
                ", ".join(part_word(one.entity, part) for part in one.parts),
                *(
                    (show.moment(one.by.at), f"#{one.by.change_set}", one.by.author)
                    if one.by
                    else (None, None, None)
                ),
            ]
            for one in left_out[:SHOWN]
        ],
    )
    _print_more(len(left_out))


def _print_more(count: int) -> None:
    if count > SHOWN:
        show.line(plural("And {n} more.", "And {n} more.", count - SHOWN))


def part_word(entity: str, part: str) -> str:
    """A field or a group of fields in the person's language."""
    labels = [_(one.label) for one in ENTITIES[entity].fields if part in (one.name, one.group)]
    return " · ".join(labels) or (_("being there") if part == "alive" else part)


# -- change sets ------------------------------------------------------------------------------


def kind_word(kind: str) -> str:
    """What a change set is, in the person's language; an unknown kind as it is."""
    words = {
        "sync": _("sync"),
        "preview": _("preview"),
        "approval": _("approval"),
        "refusal": _("refusal"),
        "edit": _("edit"),
        "decision": _("decisions"),
        "policy": _("who decides"),
        "protect": _("protection"),
        "unprotect": _("end of protection"),
        "archive": _("archiving"),
        "undo": _("undo"),
    }
    return words.get(kind, kind)


def change_set_document(one: ChangeSet) -> dict[str, Any]:
    """A change set as it stands in a JSON document."""
    return {
        "id": one.id,
        "kind": one.kind,
        "connector": one.connector,
        "author": one.author,
        "at": one.at,
        "of": one.of,
        "unfinished": one.unfinished,
        "changed": one.changed,
        "created": one.created,
    }


def print_change_sets(found: Sequence[ChangeSet]) -> None:
    """Change sets of every kind, a line each."""
    show.table(
        [_("Id"), _("What"), _("Of"), _("Connector"), _("By"), _("When"), _("changed"), _("new")],
        [
            [
                f"#{one.id}",
                kind_word(one.kind) + (_(" (cut off)") if one.unfinished else ""),
                one.of and f"#{one.of}",
                one.connector,
                one.author,
                show.moment(one.at),
                one.changed,
                one.created,
            ]
            for one in found
        ],
    )


def show_change_set(asked: Asked, database: Database, one: ChangeSet) -> None:
    """What a change set that is no sync did: printed, or as a document."""
    # Everything is asked for where a script reads it.
    found = history.changes_in(database, one.id, limit=-1 if asked.json else SHOWN)
    if asked.json:
        changes = [
            {
                "entity": change.entity,
                "id": change.record,
                "before": values_document(ENTITIES[change.entity], change.before),
                "after": values_document(ENTITIES[change.entity], change.after),
            }
            for change in found
        ]
        show.document({**change_set_document(one), "changes": changes})
        return
    show.line(
        _("#{id}: {what} by {author}, {at}.").format(
            id=one.id, what=kind_word(one.kind), author=one.author, at=show.moment(one.at)
        )
    )
    if one.of is not None:
        show.line(_("It is about #{of}.").format(of=one.of))
    if one.unfinished:
        show.line(_("It was cut off. Undo #{of} again, and it goes on.").format(of=one.of))
    if one.created:
        show.line(plural("{n} record was made by it.", "{n} records were made by it.", one.created))
    if found:
        _print_changes(database, found)
        _print_more(one.changed)


def _print_changes(database: Database, found: Sequence[RecordChange]) -> None:
    wanted: list[tuple[str, list[int]]] = []
    for change in found:
        entity = ENTITIES[change.entity]
        wanted.append((change.entity, [change.record]))
        for side in (change.before, change.after):
            for name in side.keys() & entity.by_name.keys():
                wanted += referred(entity.by_name[name], side[name])
    titles = reads.titles(database, *wanted)
    lines: list[list[object]] = []
    for change in found:
        known = ENTITIES[change.entity].by_name
        for name in dict.fromkeys((*change.before, *change.after)):
            sides = (change.before.get(name), change.after.get(name))
            lines.append(
                [
                    f"{_(ENTITIES[change.entity].one)} #{change.record}",
                    titles.get(change.record),
                    part_word(change.entity, name),
                    *(
                        value_text(known[name], side, titles) if name in known else show.cell(side)
                        for side in sides
                    ),
                ]
            )
    show.table([_("Record"), _("Called"), _("Field"), _("Before"), _("After")], lines)
