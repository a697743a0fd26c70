"""``runs undo``, and change sets that are no sync: who wrote what, and how it is taken back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import click

from app.cli import show
from app.cli.naming import in_school
from app.cli.opening import opened
from app.cli.options import Asked, Command
from app.cli.outbox import print_outgoing
from app.cli.outbox import told as sent_document
from app.cli.running import replied
from app.compose import Program
from app.engine import overview, stories
from app.engine.outgoing import titles_of
from app.engine.saving import values_document
from app.engine.taking import LeftOut
from app.engine.told import part_word
from app.engine.undo import Undone, UndoPlan, plan
from app.roster.entities import ENTITIES
from app.store import reads
from app.store.database import Database
from app.store.history import ChangeSet
from app.store.listing import Written, written
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
            titles = titles_of(program.database, planned.sends)
            document = {
                **_document(found),
                "sends": [sent_document(one, titles) for one in planned.sends],
            }
            if not asked.json:
                _print_plan(planned, titles)
        else:
            found = _carried_out(program, id_, approve)
            document = _document(found)
            if not asked.json:
                _print_undone(found)
                _print_standing(program.database, found)
        if not asked.json:
            _print_left(program.database, found.left_out)
    if asked.json:
        show.document(document)
    return 3 if preview and planned.held else LEFT if found.left_out else 0


def _carried_out(program: Program, id_: int, approve: bool) -> Undone:
    """Undoes it; Ctrl-C stops it after the records under way."""
    undo = program.engine.undo
    found: Undone = replied(program, lambda reply: undo(id_, approved=approve, reply=reply))
    return found


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


def _print_plan(planned: UndoPlan, titles: Mapping[int, str]) -> None:
    columns = {
        _("get values back"): planned.changed,
        _("come back"): planned.returning,
        _("end"): planned.ending,
        _("are taken apart"): planned.parting,
        _("become one again"): planned.joining,
        _("are asked again"): planned.asked_again,
        _("are settled as they were"): planned.settled_again,
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
    if planned.sends:
        show.line(_("Sent back by the next sync, where the SIS still holds it so:"))
        print_outgoing(planned.sends[:SHOWN], titles)
        if len(planned.sends) > SHOWN:
            show.line(plural("And {n} more.", "And {n} more.", len(planned.sends) - SHOWN))
    if planned.rules:
        show.line(
            plural(
                "Who decides would be as it was before in {n} case: see “policy list”.",
                "Who decides would be as it was before in {n} cases: see “policy list”.",
                planned.rules,
            )
        )
    for trips in planned.held:
        show.line(trips)
    if planned.held:
        show.line(
            _(
                "That goes over a safety limit; “runs show {of} --records” names everybody. To "
                "undo it all the same: runs undo {of} --approve"
            ).format(of=planned.of.id)
        )


def _print_undone(undone: Undone) -> None:
    if undone.id is None and undone.left_out:
        show.line(_("Nothing of #{of} was taken back.").format(of=undone.of))
        return
    if undone.id is None:
        show.line(_("There is nothing of #{of} to take back.").format(of=undone.of))
        return
    told = _("#{of} is undone: {records}. To take that back: runs undo {id}")
    show.line(told.format(of=undone.of, records=show.records(undone.applied), id=undone.id))


def _print_standing(database: Database, undone: Undone) -> None:
    """That it is otherwise here than at the SIS by now, and whether that is asked about."""
    for row in reads.connectors(database):
        one, told = row.since.undone, overview.undone(row)
        if one is not None and told is not None and one.by == undone.id:
            show.line(sentence(*told))


def _print_left(database: Database, left_out: Sequence[LeftOut]) -> None:
    """What stays as it is: a sentence each reason, and the first records."""
    others = Counter[str]()
    for one in left_out:
        others[one.reason] += one.others
    for reason, count in Counter(one.reason for one in left_out).items():
        told = sentence(f"undo_left_{reason}", {"count": others[reason]})
        show.line(f"{show.records(count)}: {told}")
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
    if len(left_out) > SHOWN:
        show.line(plural("And {n} more.", "And {n} more.", len(left_out) - SHOWN))


# -- change sets ------------------------------------------------------------------------------


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
        "kept": one.kept,
        "created": one.created,
    }


def print_change_sets(found: Sequence[ChangeSet]) -> None:
    """Change sets of every kind, a line each."""
    headings = [_("Id"), _("What"), _("Of"), _("Connector"), _("By"), _("When")]
    show.table(
        [*headings, _("changed"), _("kept"), _("new")],
        [
            [
                f"#{one.id}",
                stories.kind_word(one.kind) + (_(" (cut off)") if one.unfinished else ""),
                one.of and f"#{one.of}",
                one.connector,
                one.author,
                show.moment(one.at),
                one.changed,
                one.kept or None,
                one.created,
            ]
            for one in found
        ],
    )


def who_changed(
    database: Database, change_set: int, entity: str | None = None, school: int | None = None
) -> list[Written]:
    """What a change set did to whom, of all records or of some."""
    found = written(database, change_set, entity)
    if school is None:
        return found
    inside = {
        name: set(in_school(database, name, [one.record for one in found], school))
        for name in {one.entity for one in found}
    }
    return [one for one in found if one.record in inside[one.entity]]


def changes_document(found: Sequence[Written]) -> list[dict[str, Any]]:
    """What was done to whom, for a script."""
    return [
        {
            "entity": one.entity,
            "id": one.record,
            "what": one.what,
            "twin": one.twin,
            "before": values_document(ENTITIES[one.entity], one.before),
            "after": values_document(ENTITIES[one.entity], one.after),
            "discarded": values_document(ENTITIES[one.entity], one.discarded),
        }
        for one in found
    ]


def show_change_set(
    asked: Asked, database: Database, one: ChangeSet, chosen: Sequence[Written] | None = None
) -> None:
    """What a change set that is no sync did: printed, or as a document.

    ``chosen``: whom to name; the first few, unless anybody is chosen.
    """
    found = who_changed(database, one.id) if chosen is None else chosen
    told = [sentence(line.code, line.parameters) for line in reads.run_log(database, one.id)]
    if asked.json:
        document = {**change_set_document(one), "told": told}
        show.document({**document, "changes": changes_document(found)})
        return
    show.line(
        _("#{id}: {what} by {author}, {at}.").format(
            id=one.id, what=stories.kind_word(one.kind), author=one.author, at=show.moment(one.at)
        )
    )
    if one.of is not None:
        show.line(_("It is about #{of}.").format(of=one.of))
    if one.unfinished:
        show.line(_("It was cut off. Undo #{of} again, and it goes on.").format(of=one.of))
    for line in told:
        show.line(line)
    print_changes(database, found, most=SHOWN if chosen is None else None)


def print_changes(database: Database, found: Sequence[Written], most: int | None = None) -> None:
    """What was done to whom, by name: a line each field, the first ``most`` records."""
    lines = [
        [
            f"{_(ENTITIES[one.entity].one)} #{one.record}",
            *(text or None for text in (one.called, *one[3:])),
        ]
        for one in stories.lines(database, found[:most])
    ]
    lost = any(line[6] for line in lines)
    headings = [_("Record"), _("Called"), _("What"), _("Field"), _("Before"), _("After")]
    if lines:
        show.table(
            [*headings, *([_("Thrown away")] if lost else [])],
            [line[: 7 if lost else 6] for line in lines],
        )
    _print_more(len(found), most)


def _print_more(count: int, shown: int | None) -> None:
    if shown is not None and count > shown:
        more = plural("And {n} more record.", "And {n} more records.", count - shown)
        show.line(_("{more} “runs show ID --records” names all.").format(more=more))
