"""``records edit|add|end|restore|protect|unprotect|split|join``: what people change here."""

import shlex
from collections.abc import Callable, Collection, Sequence
from typing import Any

import click

from app.cli import show
from app.cli.giving import AUTHOR, VALUES, given
from app.cli.naming import TYPE, called
from app.cli.opening import opened
from app.cli.options import LARGEST, Asked, Command
from app.cli.outbox import why_text
from app.engine.engine import Engine
from app.engine.outgoing import outgoing, titles_of
from app.errors import NotFound, UsageError
from app.roster.entities import ENTITIES
from app.store import reads
from app.store.corrections import Fate, corrections
from app.store.database import Database
from app.store.differences import titled
from app.store.outbox import WAITING, WAITING_ON
from app.text import _

_ID = click.argument("record_id", metavar="ID", type=int)


@click.command(
    "edit", cls=Command, help=_("Changes fields of a record; the SIS is told where it takes that.")
)
@TYPE
@_ID
@VALUES
@AUTHOR
@click.pass_obj
def edit(
    asked: Asked, entity: str, record_id: int, pairs: tuple[str, ...], author: str | None
) -> int:
    """Edits a record."""
    if not pairs:
        raise UsageError("edit_says_nothing")
    type_ = reads.entity_type(entity)
    values = given(type_, pairs)
    labels = ", ".join(_(type_.by_name[name].label) for name in values)
    return _changed(
        asked,
        entity,
        record_id,
        lambda engine: engine.edit(entity, record_id, values, author),
        _("changed ({fields})").format(fields=labels),
        edited=values,
    )


@click.command(
    "add",
    cls=Command,
    help=_("Makes a record of our own, such as a substitute; no sync removes it."),
)
@TYPE
@VALUES
@AUTHOR
@click.pass_obj
def add(asked: Asked, entity: str, pairs: tuple[str, ...], author: str | None) -> int:
    """Adds a record."""
    values = given(reads.entity_type(entity), pairs)
    with opened(asked) as program:
        record = program.engine.create(entity, values, author)
        change_set = reads.record(program.database, entity, record).created_in
        return _told(asked, program.database, entity, record, change_set, _("made"))


@click.command(
    "end", cls=Command, help=_("Ends a record here. It can be restored; nothing else goes with it.")
)
@TYPE
@_ID
@AUTHOR
@click.pass_obj
def end(asked: Asked, entity: str, record_id: int, author: str | None) -> int:
    """Ends a record."""
    return _changed(
        asked,
        entity,
        record_id,
        lambda engine: engine.end_record(entity, record_id, author),
        _("ended"),
    )


@click.command(
    "restore", cls=Command, help=_("Brings an ended record back; it stays, whatever the SIS said.")
)
@TYPE
@_ID
@AUTHOR
@click.pass_obj
def restore(asked: Asked, entity: str, record_id: int, author: str | None) -> int:
    """Restores a record."""
    return _changed(
        asked,
        entity,
        record_id,
        lambda engine: engine.restore(entity, record_id, author),
        _("back"),
        there=True,
    )


@click.command("protect", cls=Command, help=_("From now on no sync ends the record."))
@TYPE
@_ID
@AUTHOR
@click.pass_obj
def protect(asked: Asked, entity: str, record_id: int, author: str | None) -> int:
    """Protects a record."""
    return _changed(
        asked,
        entity,
        record_id,
        lambda engine: engine.protect(entity, record_id, author),
        _("protected; no sync ends it"),
        sent=False,
    )


@click.command("unprotect", cls=Command, help=_("Syncs may end the record again."))
@TYPE
@_ID
@AUTHOR
@click.pass_obj
def unprotect(asked: Asked, entity: str, record_id: int, author: str | None) -> int:
    """Lifts the protection of a record."""
    return _changed(
        asked,
        entity,
        record_id,
        lambda engine: engine.protect(entity, record_id, author, on=False),
        _("not protected any more"),
        sent=False,
    )


_ROWS = click.option(
    "--row", "keys", metavar="KEY", multiple=True, required=True, help=_("The key of a row.")
)


@click.command(
    "split",
    cls=Command,
    help=_("Keeps rows of a SIS apart that were taken for one person; “records show” names them."),
)
@TYPE
@_ID
@_ROWS
@click.pass_obj
def split(asked: Asked, entity: str, record_id: int, keys: tuple[str, ...]) -> int:
    """Splits a record."""
    words = _("Kept apart from now on: {keys}. The next sync makes records of their own of them:")
    names = _rows_told(asked, entity, record_id, keys, words, Engine.split)
    if not (asked.json or names):
        told = ", ".join(keys)
        show.line(_("A record of its own from now on: {keys}.").format(keys=told))
        show.line(_("To take it back: runs undo ID; “runs list --all” tells the ID of this."))
    elif not asked.json:
        told = " ".join(f"--row {shlex.quote(key)}" for key in keys)
        show.line(_("To have them joined again:"))
        show.line(f"  records join {entity} {record_id} {told}")
    return 0


@click.command(
    "join", cls=Command, help=_("Lets rows be joined again that “records split” had kept apart.")
)
@TYPE
@_ID
@_ROWS
@click.pass_obj
def join(asked: Asked, entity: str, record_id: int, keys: tuple[str, ...]) -> int:
    """Joins rows again."""
    words = _("Kept apart no more: {keys}. The next sync asks before it makes one record of two:")
    _rows_told(asked, entity, record_id, keys, words, Engine.join)
    return 0


def _rows_told(
    asked: Asked,
    entity: str,
    record: int,
    keys: tuple[str, ...],
    words: str,
    work: Callable[[Engine, str, int, Sequence[str]], list[str]],
) -> list[str]:
    """Says which rows are treated otherwise with the next sync, and how to begin that.

    The connectors that it is about.
    """
    reads.entity_type(entity)
    if abs(record) > LARGEST:
        raise NotFound("record_unknown", entity=entity, id=record)
    with opened(asked) as program:
        names = work(program.engine, entity, record, keys)
    if asked.json:
        told = {"entity": entity, "id": record, "rows": list(keys), "connectors": names}
        show.document({**told, "error": None})
    elif names:
        show.line(words.format(keys=", ".join(keys)))
        for name in names:
            show.line(f"  sync {shlex.quote(name)}")
    return names


COMMANDS = (edit, add, end, restore, protect, unprotect, split, join)


def _changed(
    asked: Asked,
    entity: str,
    record: int,
    work: Callable[[Engine], int],
    words: str,
    *,
    edited: Collection[str] = (),
    there: bool = False,
    sent: bool = True,
) -> int:
    """Does ``work``, which tells the change set, on a record that could be there."""
    if abs(record) > LARGEST:
        raise NotFound("record_unknown", entity=entity, id=record)
    with opened(asked) as program:
        change_set = work(program.engine)
        about = (program.database, entity, record, change_set, words)
        return _told(asked, *about, edited=edited, there=there, sent=sent)


def _told(
    asked: Asked,
    database: Database,
    entity: str,
    record: int,
    change_set: int,
    words: str,
    *,
    edited: Collection[str] = (),
    there: bool = False,
    sent: bool = True,
) -> int:
    """Says what was done to whom, and how it is taken back.

    ``there``: also what each SIS says. ``sent``: also what becomes of it there.
    """
    if asked.json:
        told: dict[str, Any] = {"entity": entity, "id": record, "change_set": change_set}
        show.document({**told, "error": None})
        return 0
    title = titled(database, {(entity, record)}).get(record)
    show.line(
        _("{record}: {done}. Undo: runs undo {change}").format(
            record=called(entity, record, title), done=words, change=change_set
        )
    )
    for link in reads.record(database, entity, record).links if there else ():
        if link.alive is False:
            show.line(
                _("“{name}” says that it has ended. It stays here all the same.").format(
                    name=link.connector
                )
            )
    if sent:
        _print_fates(database, entity, record, edited)
    return 0


def _print_fates(database: Database, entity: str, record: int, edited: Collection[str]) -> None:
    """What becomes of it at each SIS: of the fields that were edited, of a newcomer, of an end."""
    words = {
        Fate.SENT: _("“{name}” is told of it with the next sync ({fields})."),
        Fate.CORRECTION: _("“{name}” does not take it: it stays a local correction ({fields})."),
        Fate.ELSEWHERE: _("“{name}” does not take it; another SIS says so, too ({fields})."),
        Fate.KEPT: _("“{name}” is not told of it until the SIS says something new ({fields})."),
        Fate.OPEN: _("“{name}” says something else: “conflicts list” shows it ({fields})."),
    }
    fates: dict[tuple[str, Fate], list[str]] = {}
    for one in corrections(database, entity, record):
        if one.field in edited:
            label = _(ENTITIES[entity].by_name[one.field].label)
            fates.setdefault((one.connector, one.fate), []).append(label)
    for (name, fate), labels in fates.items():
        show.line(words[fate].format(name=name, fields=", ".join(labels)))
    for waits in outgoing(database, record=record):
        whole = waits.action != "update" and waits.state in (WAITING, WAITING_ON)
        if waits.entity == entity and whole:
            why = why_text(waits, titles_of(database, [waits]))
            told = _("“{name}”: {why}") if why else _("“{name}” is told of it with the next sync.")
            show.line(told.format(name=waits.connector, why=why))
