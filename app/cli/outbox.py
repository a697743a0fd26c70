"""``outbox``: what is not at a SIS as it stands here, and why."""

from collections.abc import Mapping, Sequence

import click

from app.cli import show
from app.cli.opening import opened
from app.cli.options import COUNT, Asked, Group
from app.engine.outgoing import Outgoing, fields_told, outgoing, titles_of
from app.engine.reasons import unsent_word
from app.engine.told import part_word, value_text
from app.errors import NotFound
from app.roster.entities import ENTITIES
from app.store.outbox import Unsent, unsent
from app.text import N_, _, plural

_ACTIONS = {"create": N_("make"), "update": N_("change"), "delete": N_("remove")}
_STATES = {
    "waiting": N_("waiting to send"),
    "waiting_on": N_("waiting for what it refers to"),
    "released": N_("approved, waiting to send"),
    "held": N_("waiting for your approval"),
    "kept": N_("kept here, as you decided"),
    "refused": N_("could not send: refused"),
    "unknown": N_("could not send: not known whether it arrived"),
}


@click.group(cls=Group, help=_("Changes waiting to be sent, or that could not be sent."))
def outbox() -> None:
    """The group; its commands do the work."""


@outbox.command(
    "list", help=_("What the next sync would send, field by field, and what waits or failed.")
)
@click.argument("name", required=False)
@click.pass_obj
def list_(asked: Asked, name: str | None) -> int:
    """Lists what is to be sent."""
    with opened(asked) as program:
        found = outgoing(program.database, name)
        titles = titles_of(program.database, found)
    if asked.json:
        show.document([told(one, titles) for one in found])
        return 0
    if not found:
        show.line(_("Nothing waits to be sent."))
        return 0
    print_outgoing(found, titles)
    show.line(_("To keep something from being sent: outbox stop CONNECTOR ID…"))
    return 0


def print_outgoing(found: Sequence[Outgoing], titles: Mapping[int, str]) -> None:
    """A line for each record, and one for each further field."""
    headings = [
        _("Connector"), _("Record"), "id", _("To do"), _("Field"), _("There"), _("Becomes"),
        _("State"), _("Why"), _("Next try"),
    ]  # fmt: skip
    lines: list[list[object]] = []
    for one in found:
        fields = [
            [
                part_word(one.entity, change.field),
                value_text(ENTITIES[one.entity].by_name[change.field], change.before, titles),
                value_text(ENTITIES[one.entity].by_name[change.field], change.after, titles),
            ]
            for change in (one.fields if one.action == "update" else ())
        ]
        first, *others = fields or [[None, None, fields_told(one, titles) or None]]
        lines.append(
            [
                one.connector,
                f"{_(ENTITIES[one.entity].one)}: {titles.get(one.record, '')}",
                str(one.record),
                _(_ACTIONS[one.action]),
                *first,
                state_text(one),
                why_text(one, titles) or None,
                show.moment(one.next_at),
            ]
        )
        lines += [[None, None, None, None, *other, None, None, None] for other in others]
    show.table(headings, lines)


def why_text(one: Unsent, titles: Mapping[int, str]) -> str:
    """Why it waits, in words; blank where nothing but the next sync is waited for."""
    return unsent_word(one, titles, where="identity list")


def told(one: Outgoing, titles: Mapping[int, str]) -> dict[str, object]:
    """What is to be sent with its fields, as it stands in JSON; values are canonical."""
    fields = [
        {"field": change.field, "from": change.before, "to": change.after} for change in one.fields
    ]
    return {**document(one, titles), "title": titles.get(one.record, ""), "fields": fields}


def state_text(one: Unsent) -> str:
    """How it stands with sending, in words."""
    return _("not sent: the SIS does not take it") if one.never else _(_STATES[one.state])


def document(one: Unsent, titles: Mapping[int, str]) -> dict[str, object]:
    """What is to be sent, as it stands in JSON."""
    return {
        "connector": one.connector,
        "entity": one.entity,
        "record": one.record,
        "action": one.action,
        "state": one.state,
        "words": one.words,
        "message": why_text(one, titles),
        "waits_for": dict(one.about) if one.state == "waiting_on" else None,
        "attempts": one.attempts,
        "next_at": one.next_at,
        "change_set": one.change_set,
    }


@outbox.command("retry", help=_("Have what could not be sent be tried again with the next sync."))
@click.argument("ids", metavar="[ID]...", type=COUNT, nargs=-1)
@click.option("--connector", metavar="NAME", help=_("Only what is to be sent to one connector."))
@click.pass_obj
def retry(asked: Asked, ids: tuple[int, ...], connector: str | None) -> int:
    """Asks for another try, of some records or of all."""
    with opened(asked) as program:
        if ids:
            known = {one.record for one in unsent(program.database, connector)}
            for unknown in set(ids) - known:
                raise NotFound("outbox_unknown", id=unknown)
        count = program.engine.retry(connector, ids or None)
    if asked.json:
        show.document({"retried": count})
    else:
        show.line(
            plural(
                "{n} record is sent again with the next sync.",
                "{n} records are sent again with the next sync.",
                count,
            )
        )
    return 0


_NAME = click.argument("name")
_IDS = click.argument("ids", metavar="ID...", type=COUNT, nargs=-1, required=True)


@outbox.command("stop", help=_("Keep from being sent what the next sync would send of records."))
@_NAME
@_IDS
@click.pass_obj
def stop(asked: Asked, name: str, ids: tuple[int, ...]) -> int:
    """Has records not be sent, until that is undone."""
    with opened(asked) as program:
        change_set = program.engine.stop_sending(name, ids)
    return _settled(asked, name, change_set, _("It stays here, and is not sent to “{name}”."))


@outbox.command("keep", help=_("Give up sending what could not be sent: it stands here alone."))
@_NAME
@_IDS
@click.pass_obj
def keep(asked: Asked, name: str, ids: tuple[int, ...]) -> int:
    """Keeps records here, until another try is asked for."""
    with opened(asked) as program:
        change_set = program.engine.keep_here(name, ids)
    return _settled(asked, name, change_set, _("It stays here, and is not sent to “{name}”."))


@outbox.command("take", help=_("Give up what could not be sent for what the SIS says."))
@_NAME
@_IDS
@click.pass_obj
def take(asked: Asked, name: str, ids: tuple[int, ...]) -> int:
    """Takes the SIS's values of records."""
    with opened(asked) as program:
        rows = [
            (one.entity, one.record) for one in unsent(program.database, name) if one.record in ids
        ]
        change_set = program.engine.take_theirs(name, rows)
    return _settled(asked, name, change_set, _("What “{name}” says was taken."))


def _settled(asked: Asked, name: str, change_set: int, words: str) -> int:
    if asked.json:
        show.document({"connector": name, "id": change_set})
    else:
        show.line(words.format(name=name))
        show.line(_("Take it back: runs undo {id}").format(id=change_set))
    return 0
