"""``records edit|add|end|restore|protect|unprotect``: what people change here."""

from collections.abc import Callable
from typing import Any

import click

from app.cli import show
from app.cli.giving import AUTHOR, VALUES, given
from app.cli.opening import opened
from app.cli.options import LARGEST, Asked, Command
from app.engine.engine import Engine
from app.errors import NotFound
from app.store import reads
from app.text import _

_ID = click.argument("record_id", metavar="ID", type=int)


@click.command(
    "edit", cls=Command, help=_("Changes fields of a record; the SIS is told where it takes that.")
)
@click.argument("entity")
@_ID
@VALUES
@AUTHOR
@click.pass_obj
def edit(
    asked: Asked, entity: str, record_id: int, pairs: tuple[str, ...], author: str | None
) -> int:
    """Edits a record."""
    values = given(reads.entity_type(entity), pairs)
    return _changed(
        asked,
        entity,
        record_id,
        lambda engine: engine.edit(entity, record_id, values, author),
        _("Record {id} is changed; it is #{change} in the history."),
    )


@click.command(
    "add",
    cls=Command,
    help=_("Makes a record of our own, such as a substitute; no sync removes it."),
)
@click.argument("entity")
@VALUES
@AUTHOR
@click.pass_obj
def add(asked: Asked, entity: str, pairs: tuple[str, ...], author: str | None) -> int:
    """Adds a record."""
    values = given(reads.entity_type(entity), pairs)
    with opened(asked) as program:
        record = program.engine.create(entity, values, author)
        change_set = reads.record(program.database, entity, record).created_in
    return _told(asked, entity, record, change_set, _("Record {id} is made."))


@click.command(
    "end", cls=Command, help=_("Ends a record here. It can be restored; nothing else goes with it.")
)
@click.argument("entity")
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
        _("Record {id} has ended; “records restore” brings it back."),
    )


@click.command(
    "restore", cls=Command, help=_("Brings an ended record back; it stays, whatever the SIS said.")
)
@click.argument("entity")
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
        _("Record {id} is back."),
    )


@click.command("protect", cls=Command, help=_("From now on no sync ends the record."))
@click.argument("entity")
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
        _("Record {id} is protected."),
    )


@click.command("unprotect", cls=Command, help=_("Syncs may end the record again."))
@click.argument("entity")
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
        _("Record {id} is not protected any more."),
    )


COMMANDS = (edit, add, end, restore, protect, unprotect)


def _changed(
    asked: Asked, entity: str, record: int, work: Callable[[Engine], int], words: str
) -> int:
    """Does ``work``, which tells the change set, on a record that could be there."""
    if abs(record) > LARGEST:
        raise NotFound("record_unknown", entity=entity, id=record)
    with opened(asked) as program:
        change_set = work(program.engine)
    return _told(asked, entity, record, change_set, words)


def _told(asked: Asked, entity: str, record: int, change_set: int, words: str) -> int:
    if asked.json:
        told: dict[str, Any] = {"entity": entity, "id": record, "change_set": change_set}
        show.document({**told, "error": None})
    else:
        show.line(words.format(id=record, change=change_set))
    return 0
