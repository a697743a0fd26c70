"""``records lookup|roll``: what a SIS says right now, beside what stands here; nothing changes."""

from collections.abc import Mapping
from typing import Any

import click

from app.cli import show
from app.cli.naming import TYPE
from app.cli.opening import reaching
from app.cli.options import LARGEST, Asked, Command
from app.cli.running import replied
from app.cli.telling import FAILED, error_document
from app.engine.lookup import Found, LookedUp, Told
from app.engine.roll import CLASSES, ENROLLMENTS, Roll, Rolls, Seat
from app.engine.saving import values_document
from app.engine.told import value_text, word
from app.errors import NotFound
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType
from app.roster.values import Plain
from app.store import reads
from app.text import _, plural, sentence

_ID = click.argument("record_id", metavar="ID", type=int)


@click.command(
    "lookup",
    cls=Command,
    help=_(
        "What each SIS says of a record right now, and what differs; nothing is changed. Exit "
        "code 1: a SIS did not answer."
    ),
)
@TYPE
@_ID
@click.pass_obj
def lookup(asked: Asked, entity: str, record_id: int) -> int:
    """Looks a record up."""
    type_ = reads.entity_type(entity)
    _possible(entity, record_id)
    with reaching(asked) as program:
        engine = program.engine
        found: LookedUp = replied(
            program, lambda reply: engine.look_up(entity, record_id, reply=reply)
        )
    if asked.json:
        show.document(_document(type_, found))
    else:
        _print(type_, found)
    return FAILED if any(told.found is Found.FAILED for told in found.told) else 0


@click.command(
    "roll",
    cls=Command,
    help=_(
        "Who is in a class as each SIS tells it right now, and who differs; nothing is changed. "
        "Exit code 1: a SIS did not answer."
    ),
)
@_ID
@click.pass_obj
def roll(asked: Asked, record_id: int) -> int:
    """Reads the roll of a class."""
    _possible(CLASSES, record_id)
    with reaching(asked) as program:
        found: Rolls = replied(program, lambda reply: program.engine.roll(record_id, reply=reply))
    if asked.json:
        show.document(_roll_document(found))
    else:
        _print_rolls(found)
    return FAILED if any(told.found is Found.FAILED for told in found.rolls) else 0


COMMANDS = (lookup, roll)


def _possible(entity: str, record_id: int) -> None:
    if abs(record_id) > LARGEST:
        raise NotFound("record_unknown", entity=entity, id=record_id)


# -- one record -------------------------------------------------------------------------------


def _document(entity: EntityType, found: LookedUp) -> dict[str, Any]:
    row = found.record
    return {
        "entity": entity.name,
        "id": row.id,
        "alive": row.alive,
        "values": values_document(entity, row.values),
        "titles": {str(id_): title for id_, title in found.titles.items()},
        "sis": [
            {
                "connector": told.connector,
                "keys": list(told.keys),
                **_answer(told),
                "values": values_document(entity, told.now),
                "base": values_document(entity, told.agreed),
                "standing": {name: how.value for name, how in told.standing.items()},
            }
            for told in found.told
        ],
    }


def _answer(told: Told | Roll) -> dict[str, Any]:
    error = told.error
    return {
        "found": told.found.value,
        "at": told.at,
        "error": None if error is None else error_document(error.code, error.parameters),
    }


def _print(entity: EntityType, found: LookedUp) -> None:
    row, titles = found.record, found.titles
    show.heading(f"{_(entity.one)} #{row.id}")
    if not row.alive:
        show.line(_("This record has ended."))
    if not found.told:
        show.line(_("No connector knows this record, so there is nobody to ask."))
    for told in found.told:
        show.line(_found_text(told))
        differing = [entity.by_name[name] for name in told.differing]
        if differing:
            show.table(
                [_("Field"), _("Ours"), told.connector, _("Last agreed")],
                [
                    [
                        _(one.label),
                        *(
                            value_text(one, side.get(one.name), titles)
                            for side in (row.values, told.now, told.agreed)
                        ),
                    ]
                    for one in differing
                ],
            )
        elif told.found is Found.THERE:
            show.line(_("Nothing differs."))
        show.line()


def _found_text(told: Told | Roll) -> str:
    """What became of asking a SIS, as a sentence."""
    if told.error is not None:
        why = sentence(told.error.code, told.error.parameters)
        return f"{told.connector}: {why}"
    words = {
        Found.THERE: _("“{name}” has it."),
        Found.GONE: _("“{name}” has nothing under that key any more."),
        Found.ENDED: _("“{name}” says that it has ended."),
        Found.UNREADABLE: _("“{name}” has it, and it could not be understood."),
    }
    return words[told.found].format(name=told.connector)


# -- one class --------------------------------------------------------------------------------


def _roll_document(found: Rolls) -> dict[str, Any]:
    entity = ENTITIES[ENROLLMENTS]

    def side(values: Mapping[str, Plain] | None) -> dict[str, Any] | None:
        return None if values is None else values_document(entity, values)

    return {
        "id": found.record,
        "titles": {str(id_): title for id_, title in found.titles.items()},
        "rolls": [
            {
                "connector": told.connector,
                "key": told.key,
                **_answer(told),
                "complete": told.complete,
                "doubts": [error_document(one.code, one.parameters) for one in told.doubts],
                "seats": [
                    {
                        "id": seat.enrollment,
                        "key": seat.key,
                        "user": seat.user,
                        "role": seat.role,
                        "differs": seat.differs,
                        "unreadable": seat.unreadable,
                        "values": side(seat.ours),
                        "sis": side(seat.now),
                        "base": side(seat.agreed),
                        "standing": {name: how.value for name, how in seat.standing.items()},
                    }
                    for seat in told.seats
                ],
            }
            for told in found.rolls
        ],
    }


def _print_rolls(found: Rolls) -> None:
    show.heading(f"{_(ENTITIES[CLASSES].one)} #{found.record}")
    if not found.rolls:
        show.line(_("No connector knows this record, so there is nobody to ask."))
    for told in found.rolls:
        show.line(_found_text(told))
        for doubt in told.doubts:
            show.line(sentence(doubt.code, doubt.parameters))
        if told.found is Found.THERE:
            _print_seats(told, found.titles)
        show.line()


def _print_seats(told: Roll, titles: Mapping[int, str]) -> None:
    differing = [seat for seat in told.seats if seat.differs]
    if differing:
        show.table(
            [_("Who"), _("Role"), _("Ours"), told.connector],
            [
                [_who(seat, titles), word(seat.role or ""), _here(seat.ours), _here(seat.now)]
                for seat in differing
            ],
        )
    same = len(told.seats) - len(differing)
    show.line(
        plural("{n} person is in it here as there.", "{n} people are in it here as there.", same)
    )


def _who(seat: Seat, titles: Mapping[int, str]) -> str:
    text = value_text(ENTITIES[ENROLLMENTS].by_name["user"], seat.user, titles)
    return text or _("nobody")


def _here(values: Mapping[str, Plain] | None) -> str:
    return _("not in the class") if values is None else _("in the class")
