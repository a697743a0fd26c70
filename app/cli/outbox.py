"""``outbox``: what is not at a SIS as it stands here, and why."""

import click

from app.cli import show
from app.cli.opening import opened
from app.cli.options import COUNT, Asked, Group
from app.errors import NotFound
from app.roster.entities import ENTITIES
from app.store import reads
from app.store.outbox import Unsent, unsent
from app.text import N_, _, plural, sentence

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


@outbox.command("list", help=_("What waits to be sent or could not be sent, the oldest first."))
@click.argument("name", required=False)
@click.pass_obj
def list_(asked: Asked, name: str | None) -> int:
    """Lists what is to be sent."""
    with opened(asked) as program:
        if name is not None:
            reads.connector(program.database, name)
        found = unsent(program.database, name)
        wanted: dict[str, list[int]] = {}
        for one in found:
            wanted.setdefault(one.entity, []).append(one.record)
        titles = reads.titles(program.database, *wanted.items())
    if asked.json:
        show.document([document(one) for one in found])
        return 0
    if not found:
        show.line(_("Nothing waits to be sent."))
        return 0
    headings = [_("Connector"), _("Record"), "id", _("To do"), _("State"), _("Why"), _("Next try")]
    show.table(
        headings,
        [
            [
                one.connector,
                f"{_(ENTITIES[one.entity].one)}: {titles.get(one.record, '')}",
                str(one.record),
                _(_ACTIONS[one.action]),
                state_text(one),
                sentence(one.words, one.about) if one.words else None,
                show.moment(one.next_at),
            ]
            for one in found
        ],
    )
    return 0


def state_text(one: Unsent) -> str:
    """How it stands with sending, in words."""
    return _(_STATES[one.state])


def document(one: Unsent) -> dict[str, object]:
    """What is to be sent, as it stands in JSON."""
    return {
        "connector": one.connector,
        "entity": one.entity,
        "record": one.record,
        "action": one.action,
        "state": one.state,
        "words": one.words,
        "message": sentence(one.words, one.about) if one.words else "",
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
