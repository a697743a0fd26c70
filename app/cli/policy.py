"""``policy``: who decides where a record was changed both here and at a SIS."""

from typing import Any

import click

from app.cli import show
from app.cli.giving import AUTHOR
from app.cli.naming import RECORD_TYPE, TYPE, at_school, school, school_text
from app.cli.opening import opened
from app.cli.options import Asked, Group
from app.engine.charge import GROUPS, sis_in_charge
from app.engine.policy import Decides
from app.engine.ruling import DECIDES_WORDS, part_words, to_be_decided
from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.store import reads
from app.store.database import Database
from app.store.policies import PolicyRow, Switches, laid_down, switches
from app.text import _, sentence

_SCHOOL = at_school(_("Only for this school, by id, name or key."))
_PART = click.option(
    "--part", metavar="FIELD", help=_("Only for this field and its group, or “alive”.")
)


@click.group(cls=Group, help=_("Who decides where both sides changed: the SIS, you, or ask."))
def policy() -> None:
    """The group; its commands do the work."""


@policy.command("list", help=_("Who decides, for one connector or for all."))
@click.argument("name", required=False)
@click.pass_obj
def list_(asked: Asked, name: str | None) -> int:
    """Lists what is laid down."""
    asked.connector = name
    with opened(asked) as program:
        if name is not None:
            reads.connector(program.database, name)
        rows = laid_down(program.database, name)
        connectors = switches(program.database, name)
        titles = reads.titles(
            program.database, ("orgs", [row.school for row in rows if row.school is not None])
        )
    if asked.json:
        show.document([_document(one, rows) for one in connectors])
        return 0
    if not connectors:
        show.line(sentence("nothing_connected"))
    for one in connectors:
        show.heading(one.connector)
        _print(one, [row for row in rows if row.connector == one.connector], titles)
        show.line()
    return 0


def switches_document(one: Switches) -> dict[str, str]:
    """How a connector is switched, for a script."""
    return {
        "blanks": "keep" if one.keep_values else "overwrite",
        "deletes": "send" if one.send_deletes else "keep",
        "creates": "send" if one.send_creates else "keep",
    }


def _document(one: Switches, rows: list[PolicyRow]) -> dict[str, Any]:
    return {
        "connector": one.connector,
        **switches_document(one),
        "rows": [
            {
                "entity": row.entity,
                "school": row.school,
                "part": row.part,
                "decides": row.decides,
                "author": row.author,
                "at": row.at,
            }
            for row in rows
            if row.connector == one.connector
        ],
    }


def _print(one: Switches, rows: list[PolicyRow], titles: dict[int, str]) -> None:
    if rows:
        show.table(
            [_("Records"), _("School"), _("Field"), _("Who decides"), _("Since"), _("By")],
            [
                [
                    _(ENTITIES[row.entity].many),
                    school_text(row.school, titles.get(row.school)) if row.school else _("any"),
                    part_words(ENTITIES[row.entity], row.part),
                    decides_word(row.decides),
                    show.moment(row.at),
                    row.author,
                ]
                for row in rows
            ],
        )
    show.line(_("Everything else is asked.") if rows else _("Every difference is asked."))
    print_switches(one)


def print_switches(one: Switches) -> None:
    """How a connector is switched, in words."""
    show.line(
        _("A blank at the SIS never overwrites a value.")
        if one.keep_values
        else _("A blank at the SIS overwrites a value, like any other change.")
    )
    show.line(
        _("What ends here is removed at the SIS, too, where it takes that.")
        if one.send_deletes
        else _("What ends here is never removed at the SIS.")
    )
    show.line(
        _("What only other SIS know is made at this one, too, where it takes that.")
        if one.send_creates
        else _("What only other SIS know is not made at this one.")
    )


def decides_word(decides: str) -> str:
    """Who decides, in words."""
    return _(DECIDES_WORDS[Decides(decides)])


@policy.command(
    "set",
    help=_(
        "Lays down who decides about records of a type, such as: policy set NAME users sis. What "
        "is open already is decided when a sync reads it again. --blanks, --deletes and "
        "--creates are switches of the connector."
    ),
)
@click.argument("name")
@click.argument("entity", metavar="[TYPE]", type=RECORD_TYPE, required=False)
@click.argument("decides", type=click.Choice([one.value for one in Decides]), required=False)
@_SCHOOL
@_PART
@click.option(
    "--blanks",
    type=click.Choice(["keep", "overwrite"]),
    help=_("Whether a blank at the SIS leaves a value as it is; the next sync reads everything."),
)
@click.option(
    "--deletes",
    type=click.Choice(["send", "keep"]),
    help=_("Whether what ends here is removed at the SIS."),
)
@click.option(
    "--creates",
    type=click.Choice(["send", "keep"]),
    help=_("Whether what only other SIS know is made at this one."),
)
@AUTHOR
@click.pass_obj
def set_(
    asked: Asked,
    name: str,
    entity: str | None,
    decides: str | None,
    school_word: str | None,
    part: str | None,
    blanks: str | None,
    deletes: str | None,
    creates: str | None,
    author: str | None,
) -> int:
    """Lays down who decides, or how a connector is switched."""
    asked.connector = name
    named = (entity, decides)
    half = (entity is None) is not (decides is None)
    switched = {
        "keep_values": None if blanks is None else blanks == "keep",
        "send_deletes": None if deletes is None else deletes == "send",
        "send_creates": None if creates is None else creates == "send",
    }
    switches_any = any(to is not None for to in switched.values())
    nothing = named == (None, None) and not switches_any
    aimless = entity is None and (school_word is not None or part is not None)
    if half or nothing or aimless:
        raise UsageError("policy_incomplete")
    with opened(asked) as program:
        change_set = None
        if entity is not None and decides is not None:
            place = school(program.database, school_word)
            change_set = program.engine.set_policy(
                name, entity, Decides(decides), author, school=place, part=part
            )
        if switches_any:
            program.engine.set_switches(name, **switched)
        return _answer(asked, program.database, name, entity, change_set)


@policy.command(
    "charge",
    help=_(
        "Who is in charge of a new connector, all at once: “sis” has the SIS decide about rosters "
        "and asks about everything else, “ask” asks about everything. Rows about a school or a "
        "field stay."
    ),
)
@click.argument("name")
@click.argument("decides", type=click.Choice([Decides.SIS.value, Decides.ASK.value]))
@AUTHOR
@click.pass_obj
def charge(asked: Asked, name: str, decides: str, author: str | None) -> int:
    """Answers the one question of the first start."""
    asked.connector = name
    answers = sis_in_charge() if decides == Decides.SIS else dict.fromkeys(GROUPS, Decides.ASK)
    with opened(asked) as program:
        change_set = program.engine.put_in_charge(name, answers, author)
        return _answer(asked, program.database, name, None, change_set)


@policy.command("clear", help=_("Takes away what was laid down: it is asked again."))
@click.argument("name")
@TYPE
@_SCHOOL
@_PART
@AUTHOR
@click.pass_obj
def clear(
    asked: Asked,
    name: str,
    entity: str,
    school_word: str | None,
    part: str | None,
    author: str | None,
) -> int:
    """Takes a row away."""
    asked.connector = name
    with opened(asked) as program:
        place = school(program.database, school_word)
        change_set = program.engine.set_policy(name, entity, None, author, school=place, part=part)
        return _answer(asked, program.database, name, entity, change_set)


def _answer(
    asked: Asked, database: Database, name: str, entity: str | None, change_set: int | None
) -> int:
    """What holds now, and how much of what it was laid down for is still open."""
    [one] = switches(database, name)
    rows = laid_down(database, name)
    if asked.json:
        show.document({"id": change_set, **_document(one, rows), "error": None})
        return 0
    schools = [row.school for row in rows if row.school is not None]
    _print(one, rows, reads.titles(database, ("orgs", schools)))
    if entity is not None:
        decided, asked_ = to_be_decided(database, name, entity)
        for code, count in (("policy_will_decide", decided), ("policy_leaves_open", asked_)):
            if count:
                show.line(sentence(code, {"count": count, "name": name}))
    return 0
