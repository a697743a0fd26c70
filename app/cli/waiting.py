"""What waits for a person: how it is told, ``runs waiting``, and what became of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast

import click

from app.cli import show
from app.cli.naming import at_school, of_type, school, school_text
from app.cli.opening import opened
from app.cli.options import Asked, Command
from app.engine.outgoing import fields_told, outgoing, titles_of
from app.engine.reasons import rule_word
from app.engine.saving import values_document
from app.engine.told import counted, value_text
from app.roster.entities import ENTITIES
from app.roster.schema import FieldType
from app.roster.values import Plain
from app.store import differences, listing, reads, waiting
from app.store.database import Database
from app.store.listing import CHANGED, CREATED, JOINED, PARTED, REMOVED, SENT, UNTIED, Waits
from app.store.outbox import CREATIONS
from app.store.reads import LogLine, RunRow
from app.store.waiting import ALL, Answer, Held, Told, Which
from app.text import _, plural, sentence


def waiting_document(told: Told) -> list[dict[str, Any]]:
    """What waits, for a script; ``direction`` is ``out`` for what is to be sent to the SIS."""
    return [
        {
            "entity": one.entity,
            "direction": "out" if one.school is None else "in",
            "school": one.school or None,
            "school_name": told.titles.get(one.school or 0),
            "rule": one.rule,
            "count": one.count,
            "of": one.of,
            "earlier": one.earlier,
            "limit": one.limit,
            "times": one.times,
            "since": one.since,
            "samples": one.records,
        }
        for one in told.groups
    ]


def print_waiting(told: Told, run: int, name: str) -> None:
    """What waits of what was there in a sync of ``name``, by school, and what can be done."""
    if not told.groups:
        return
    show.line()
    show.line(_("This waits for your approval:"))
    show.table(
        [
            _("School"), _("Records"), _("Why"), _("Waiting"), _("24 h before"), _("Of"),
            _("Seen"), _("Such as"),
        ],
        [
            [
                _where(one, told, name),
                _(ENTITIES[one.entity].many),
                rule_word(one.rule, one.limit),
                one.count,
                one.earlier or None,
                one.of,
                _seen(one.times, show.moment(one.since)),
                show.named(one.records, told.titles),
            ]
            for one in told.groups
        ],
    )  # fmt: skip
    if sum(one.count for one in told.groups) > told.total:
        show.line(
            plural(
                "{n} waits altogether. It stands in each of its schools, and with each limit that "
                "holds it.",
                "{n} wait altogether. Whoever is in several schools, or held by several limits, "
                "stands in each of them.",
                told.total,
            )
        )
    rules = {one.rule for one in told.groups}
    if "proof" in rules:
        show.line(sentence("proof_passes"))
    if rules != {"proof"}:
        show.line(sentence("limit_stays"))
    if "untied" in rules:
        show.line(sentence("untied_stays"))
    show.line(sentence("waiting_commands", {"run": run, "which": ""}))


def _where(one: Held, told: Told, name: str) -> str:
    """In which school, or what becomes of it at the SIS of ``name``."""
    if one.school is None:
        words = (
            _("to be made at “{name}”") if one.rule == CREATIONS else _("to be sent to “{name}”")
        )
        return words.format(name=name)
    return school_text(one.school, told.titles.get(one.school))


def _seen(times: int, since: str) -> str:
    if not times:
        return _("since {when}").format(when=since)
    syncs = plural("in {n} sync", "in {n} syncs", times)
    return _("{syncs} since {when}").format(syncs=syncs, when=since)


def waiting_kinds_text(database: Database, connector: str) -> str:
    """What waits of a connector: “to be removed: 42 people; to be changed: 3 classes”."""
    words = {
        REMOVED: _("to be removed: {records}"),
        UNTIED: _("no longer to be tied to “{name}”: {records}"),
        JOINED: _("to be joined with another of the same person: {records}"),
        PARTED: _("to be taken apart: {records}"),
        CREATED: _("to be added: {records}"),
        CHANGED: _("to be changed: {records}"),
        SENT: _("to be sent: {records}"),
    }
    told: dict[str, list[str]] = {}
    for (what, entity), count in listing.waiting_kinds(database, connector).items():
        told.setdefault(what, []).append(counted(count, entity))
    return "; ".join(
        words[what].format(records=", ".join(some), name=connector) for what, some in told.items()
    )


# -- one by one -------------------------------------------------------------------------------


@click.command(
    "waiting",
    cls=Command,
    help=_("Everything that waits of what was there in a sync, record by record."),
)
@click.argument("run_id", metavar="ID", type=int)
@of_type(_("Only records of this type, as “users”."))
@at_school(_("Only those of this school, by id, name or key; 0 is for records that have none."))
@click.pass_obj
def waiting_(asked: Asked, run_id: int, entity: str | None, school_word: str | None) -> int:
    """Names whoever waits."""
    with opened(asked) as program:
        database = program.database
        name = reads.run(database, run_id).connector
        which = Which(entity, school(database, school_word))
        found = listing.waits(database, run_id, which)
        titles = differences.titled(database, {(one.entity, one.record) for one in found})
        if not asked.json:
            sides = [(one.entity, side) for one in found for side in (one.before, one.values)]
            schools = {id_ for one in found for ids in one.effects.values() for id_ in ids}
            named = reads.titles_of_values(database, sides)
            named |= reads.titles(database, ("orgs", schools))
            sent = _sent_told(database, name, found)
    if asked.json:
        show.document([_waits_document(one, titles) for one in found])
    elif not found:
        show.line(nothing_waits(run_id, which))
    else:
        show.table(
            [_("Record"), "id", _("To be"), _("What"), _("Why")],
            [_waits_row(one, titles, named, name, sent) for one in found],
        )
        show.line(sentence("waiting_commands", {"run": run_id, "which": _asked(which)}))
    return 0


def _asked(which: Which) -> str:
    """What was asked for, as commands say it, to be answered no further than it was shown."""
    entity = "" if which.entity is None else f" --entity {which.entity}"
    return entity if which.school is None else f"{entity} --school {which.school}"


def nothing_waits(run: int, which: Which) -> str:
    """Said where there is nothing to approve or to refuse."""
    told = (
        _("Nothing waits in sync #{run}.")
        if which == ALL
        else _("Nothing of that kind waits in sync #{run}.")
    )
    return told.format(run=run)


def _waits_document(one: Waits, titles: Mapping[int, str]) -> dict[str, Any]:
    return {
        "entity": one.entity,
        "id": one.record,
        "title": titles.get(one.record),
        "what": one.what,
        "twin": one.twin,
        "rules": list(one.rules),
        "before": values_document(ENTITIES[one.entity], one.before),
        "values": values_document(ENTITIES[one.entity], one.values),
    }


def _sent_told(database: Database, name: str, found: Sequence[Waits]) -> dict[int, str]:
    """What is sent of the records of which something is, by record."""
    records = {one.record for one in found if one.what == SENT}
    going = [one for one in outgoing(database, name) if one.record in records] if records else []
    titles = titles_of(database, going)
    return {one.record: fields_told(one, titles) for one in going}


def _waits_row(
    one: Waits,
    titles: Mapping[int, str],
    named: Mapping[int, str],
    name: str,
    sent: Mapping[int, str],
) -> list[object]:
    words = {REMOVED: _("removed"), CREATED: _("added here"), CHANGED: _("changed")}
    at = _("made at “{name}”") if CREATIONS in one.rules else _("sent to “{name}”")
    words[SENT] = at.format(name=name)
    words[JOINED] = _("joined with #{id}").format(id=one.twin)
    words[PARTED] = _("taken apart")
    words[UNTIED] = _("no longer tied to this SIS; another one still has it")
    type_ = ENTITIES[one.entity]

    def text(side: Mapping[str, Plain], field: FieldType) -> str:
        return value_text(field, side[field.name], named) or _("blank")

    values = [
        f"{_(field.label)}: "
        + (f"{text(one.before, field)} → " if field.name in one.before else "")
        + text(one.values, field)
        for field in type_.fields
        if field.name in one.values
    ]
    return [
        f"{_(type_.one)}: {titles.get(one.record, '')}",
        str(one.record),
        words[one.what] + _loss(one, named),
        sent.get(one.record, "") if one.what == SENT else "; ".join(values),
        ", ".join(rule_word(rule, limit) for rule, limit in one.rules.items()),
    ]


def _loss(one: Waits, named: Mapping[int, str]) -> str:
    """What a change takes away, as a limit counts it: it is a removal then."""
    if one.what != CHANGED:
        return ""
    if gone := one.effects.get("removal"):
        schools = ", ".join(named.get(id_) or school_text(id_, None) for id_ in gone)
        return _(", counts no more in {schools}").format(schools=schools)
    leaves = any(name.startswith("leaves:") for name in one.effects)
    return _(", leaves a class") if leaves else ""


# -- what became of it ------------------------------------------------------------------------


def settled_document(answered: Answer) -> dict[str, Any]:
    """The document of an approval or a refusal."""
    return {
        "id": answered.id,
        "of": answered.of,
        "applied": answered.applied,
        "left_out": [one._asdict() for one in answered.left_out],
    }


def print_approved(
    answered: Answer, run: RunRow, log: Sequence[LogLine], place: str, sent: Sequence[Waits]
) -> None:
    """What an approval did, in words and by its log; ``place`` is what it was narrowed to.

    ``sent`` is what of it goes to the SIS with the next sync.
    """
    words = {
        "created": _("{records} added"),
        "updated": _("{records} changed"),
        "deleted": _("{records} removed"),
        "joined": _("{records} joined with another of the same person"),
    }
    told = [
        text.format(records=counted(stream.counts[count], stream.entity))
        for count, text in words.items()
        for stream in run.streams
        if stream.counts[count]
    ]
    done = sum(run.total(count) for count in words)
    untied = {
        line.entity: cast(int, line.parameters["count"])
        for line in log
        if line.code == waiting.UNTIED and line.entity is not None
    }
    done += sum(untied.values())
    told += [
        _("{records} no longer tied to “{name}”, which stay here").format(
            records=counted(count, entity), name=run.connector
        )
        for entity, count in untied.items()
    ]
    going = Counter((one.entity, CREATIONS in one.rules) for one in sent)
    for (entity, new), count in going.items():
        words_ = (
            _("{records} to be made at “{name}” with the next sync")
            if new
            else _("{records} to be sent to “{name}” with the next sync")
        )
        told.append(words_.format(records=counted(count, entity), name=run.connector))
    if answered.applied > done + len(sent):
        told.append(
            plural(
                "{n} record is as it should be already",
                "{n} records are as they should be already",
                answered.applied - done - len(sent),
            )
        )
    show.line(
        _("#{id}, of what waited in sync #{of}: {what}{place}.").format(
            id=answered.id, of=answered.of, what=", ".join(told) or _("nothing done"), place=place
        )
    )
    _print_left_out(answered)


def print_refused(answered: Answer, place: str) -> None:
    """What a refusal kept, in words."""
    show.line(
        _("#{id}, of what waited in sync #{of}: {what}{place}.").format(
            id=answered.id,
            of=answered.of,
            what=plural(
                "{n} record stays as it is here",
                "{n} records stay as they are here",
                answered.applied,
            ),
            place=place,
        )
    )
    _print_left_out(answered)


def _print_left_out(answered: Answer) -> None:
    for (entity, reason), count in Counter(
        (one.entity, one.reason) for one in answered.left_out
    ).items():
        told = sentence(f"{waiting.LEFT_OUT}{reason}", {"count": count})
        show.line(f"{_(ENTITIES[entity].many)}: {told}")


def print_still(count: int, run: int) -> None:
    """How much of a connector waits yet."""
    if count:
        still = plural("{n} waits still", "{n} wait still", count)
        show.line(_("{still}: runs show {run}").format(still=still, run=run))
