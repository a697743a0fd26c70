"""``identity``: who is whom at two SISs: the rules, what is asked, and what was answered."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from app.cli import show
from app.cli.conflicts import STAND, document_resolved, side_text, tell_resolved
from app.cli.giving import AUTHOR
from app.cli.naming import of_type
from app.cli.opening import opened
from app.cli.options import COUNT, Asked, Group
from app.engine.decisions import Decision, Take
from app.engine.doubts import CONFIDENCE, against, because
from app.engine.reconcile import ConflictKind
from app.engine.saving import values_document
from app.engine.uniting import type_of
from app.errors import UsageError
from app.roster.entities import ENTITIES
from app.roster.identity import BY_NAME, RULES
from app.store import differences, matching, reads
from app.store.database import Database
from app.store.differences import Difference
from app.store.together import together
from app.text import _, plural


@click.group(cls=Group, help=_("Whether records of two SISs are the same person, class, school."))
def identity() -> None:
    """The group; its commands do the work."""


# -- rules ------------------------------------------------------------------------------------


@identity.group(
    "rules",
    cls=Group,
    invoke_without_command=True,
    help=_("What makes two records one; “rules set RULE on|off” switches one."),
)
@click.pass_context
def rules(ctx: click.Context) -> int:
    """Lists the rules, where nothing else is asked."""
    if ctx.invoked_subcommand is not None:
        return 0
    asked = ctx.find_object(Asked)
    assert asked is not None
    with opened(asked) as program, program.database.reading() as tx:
        off, doubted = matching.switched_off(tx), matching.where_mistrusted(tx)
    if asked.json:
        show.document(
            [
                {
                    "rule": one.name,
                    "entity": one.entity,
                    "on": one.name not in off,
                    "confidence": one.confidence.value,
                    "sole": one.sole,
                    "mistrusted": doubted.get(one.name, []),
                    "says": _(one.label),
                }
                for one in RULES
            ]
        )
        return 0
    show.table(
        [_("Rule"), _("Records"), _("When"), _("Confidence"), _("On")],
        [
            [
                one.name,
                _(ENTITIES[one.entity].many),
                _(one.label),
                _(CONFIDENCE[one.confidence]),
                _("off")
                if one.name in off
                else _("on, not for {names}").format(names=", ".join(doubted[one.name]))
                if one.name in doubted
                else _("on"),
            ]
            for one in RULES
        ],
    )
    return 0


@rules.command("set", help=_("Switches a rule on or off. What is one already stays one."))
@click.argument("rule")
@click.argument("to", type=click.Choice(["on", "off"]))
@click.pass_obj
def set_(asked: Asked, rule: str, to: str) -> int:
    """Switches a rule."""
    with opened(asked) as program:
        program.engine.set_identity_rule(rule, on=to == "on")
    if asked.json:
        show.document({"rule": rule, "on": to == "on", "error": None})
    else:
        words = {"on": _("Holds from now on: {rule}."), "off": _("Holds no more: {rule}.")}
        show.line(words[to].format(rule=_(BY_NAME[rule].label)))
    return 0


# -- what is asked, and what was answered -----------------------------------------------------


@identity.command("list", help=_("Pairs that may be the same and wait for your answer."))
@click.option("--connector", metavar="NAME", help=_("Only those with one connector."))
@of_type(_("Only those of one record type, as “users”."))
@click.option("--limit", type=COUNT, default=50, show_default=True)
@click.option("--different", is_flag=True, help=_("Instead, those that are known to be two."))
@click.pass_obj
def list_(
    asked: Asked, connector: str | None, entity: str | None, limit: int, different: bool
) -> int:
    """Lists pairs."""
    with opened(asked) as program:
        database = program.database
        if connector is not None:
            reads.connector(database, connector)
        if different:
            return _list_different(asked, database, entity, limit)
        ids = differences.difference_ids(
            database, connector=connector, entity=entity, kind=ConflictKind.SAME_PERSON
        )
        found = differences.differences(database, ids[:limit])
        titles = reads.titles_of_values(
            database, [(one.entity, side) for one in found for side in (one.ours, one.sis)]
        )
    if asked.json:
        show.document([_document(one) for one in found])
        return 0
    if not found:
        show.line(_("Nobody waits to be told apart."))
        return 0
    _print(found, titles)
    if len(found) < len(ids):
        show.line(
            _("{first} of {all} pairs; --limit shows more.").format(
                first=show.number(len(found)), all=show.number(len(ids))
            )
        )
    show.line(_("To answer: identity same ID…, or identity different ID…"))
    return 0


def _document(one: Difference) -> dict[str, Any]:
    """A pair for a script: ``id`` is that of the difference, ``record`` and ``newcomer`` are ids.

    ``rule``, ``confidence`` and ``why`` are null of a newcomer within one SIS, and so is
    ``newcomer``: there is no such record yet.
    """
    type_ = ENTITIES[one.entity]
    return {
        "id": one.id,
        "connector": one.connector,
        "entity": one.entity,
        "record": one.record,
        "newcomer": one.about.get("newcomer"),
        "rule": one.about.get("rule"),
        "confidence": one.about.get("confidence"),
        "why": one.about.get("why"),
        "ours": values_document(type_, one.ours),
        "theirs": values_document(type_, one.sis),
        "revision": one.revision,
    }


def _print(found: Sequence[Difference], titles: Mapping[int, str]) -> None:
    show.table(
        [_("Pair"), _("Connector"), _("Here"), _("Newcomer"), _("Because"), _("But")],
        [
            [
                str(one.id),
                one.connector,
                f"#{one.record} {side_text(one, one.ours, titles)}",
                " ".join(
                    [
                        *([f"#{one.about['newcomer']}"] if "newcomer" in one.about else []),
                        side_text(one, one.sis, titles),
                    ]
                ),
                because(str(one.about.get("rule"))) or None,
                against(str(one.about.get("why"))) or None,
            ]
            for one in found
        ],
    )


def _list_different(asked: Asked, database: Database, entity: str | None, limit: int) -> int:
    with database.reading() as tx:
        found = [one for one in matching.all_parted(tx) if entity in (None, one.entity)]
    told = found[:limit]
    by_entity: dict[str, list[int]] = {}
    for one in told:
        by_entity.setdefault(one.entity, []).extend((one.one, one.other))
    titles = reads.titles(database, *by_entity.items())
    if asked.json:
        show.document(
            [
                {
                    "entity": one.entity,
                    "one": one.one,
                    "other": one.other,
                    "titles": [titles.get(one.one, ""), titles.get(one.other, "")],
                    "by": one.by,
                    "at": one.at,
                }
                for one in told
            ]
        )
        return 0
    if not found:
        show.line(_("Nobody has been told apart."))
        return 0
    show.table(
        [_("Records"), _("One"), _("Other"), _("By"), _("When")],
        [
            [
                _(ENTITIES[one.entity].many),
                f"#{one.one} {titles.get(one.one, '')}",
                f"#{one.other} {titles.get(one.other, '')}",
                one.by,
                show.moment(one.at),
            ]
            for one in told
        ],
    )
    show.line(_("To have two compared again: identity forget ONE OTHER"))
    return 0


# -- answering --------------------------------------------------------------------------------

_IDS = click.argument("ids", metavar="ID...", type=COUNT, nargs=-1, required=True)
_LIKE = click.option("--like", is_flag=True, help=_("And all that are asked with them."))


@identity.command(
    "same", help=_("They are one: the older record stays, and both SISs tell of it from now on.")
)
@_IDS
@_LIKE
@click.option(
    "--records",
    "unasked",
    is_flag=True,
    help=_("The IDs are those of two records of which nothing was asked."),
)
@AUTHOR
@click.pass_obj
def same(asked: Asked, ids: tuple[int, ...], like: bool, unasked: bool, author: str | None) -> int:
    """Makes pairs one."""
    if unasked:
        return _made_one(asked, ids, author)
    return _answered(asked, ids, Take.SAME, like, author)


def _made_one(asked: Asked, ids: Sequence[int], author: str | None) -> int:
    """Makes two records one of which nothing was asked."""
    if len(ids) != 2:
        raise UsageError("identity_needs_two")
    with opened(asked) as program:
        one, other = ids
        entity = type_of(program.database, one, other)
        change_set = program.engine.same_records(entity, one, other, author)
        record = reads.record(program.database, entity, min(ids)).record.id
    if asked.json:
        show.document({"entity": entity, "record": record, "change_set": change_set, "error": None})
    else:
        show.line(_("They are one record now: #{id}.").format(id=record))
        show.line(_("Take it back: runs undo {id}").format(id=change_set))
    return 0


@identity.command("different", help=_("They are two, and it is never asked again."))
@_IDS
@_LIKE
@AUTHOR
@click.pass_obj
def different(asked: Asked, ids: tuple[int, ...], like: bool, author: str | None) -> int:
    """Tells pairs apart."""
    return _answered(asked, ids, Take.DIFFERENT, like, author)


def _answered(asked: Asked, ids: Sequence[int], take: Take, like: bool, author: str | None) -> int:
    with opened(asked) as program:
        database = program.database
        found = [differences.difference(database, id_) for id_ in dict.fromkeys(ids)]
        wanted = list(dict.fromkeys(
            id_ for one in found
            for id_ in (differences.alike(database, one.id) if like else [one.id])
        ))  # fmt: skip
        resolved = program.engine.resolve([Decision(id_, take) for id_ in wanted], author)
    if asked.json:
        show.document(document_resolved(resolved))
    else:
        tell_resolved(resolved)
    return STAND if resolved.left_out else 0


@identity.command(
    "summary", help=_("How many of a connector's records the other SIS tell of as well.")
)
@click.argument("name", metavar="CONNECTOR")
@click.pass_obj
def summary(asked: Asked, name: str) -> int:
    """Counts who is known to both, new, in doubt, and only elsewhere."""
    asked.connector = name
    with opened(asked) as program:
        found = together(program.database, name)
    if asked.json:
        show.document([one._asdict() for one in found])
        return 0
    if not found:
        show.line(_("No other SIS tells of what “{name}” tells of.").format(name=name))
        return 0
    show.table(
        [_("Records"), _("recognized"), _("new here"), _("in doubt"), _("only elsewhere")],
        [
            [_(ENTITIES[one.entity].many), one.recognised, one.new, one.doubt, one.elsewhere]
            for one in found
        ],
    )
    if any(one.doubt for one in found):
        show.line(_("To see the pairs: identity list"))
    return 0


@identity.command("forget", help=_("Two that were told apart may be the same after all."))
@click.argument("one", type=COUNT)
@click.argument("other", type=COUNT)
@click.pass_obj
def forget(asked: Asked, one: int, other: int) -> int:
    """Takes back that two are different."""
    with opened(asked) as program:
        program.engine.forget_different([(one, other)])
    if asked.json:
        show.document({"one": one, "other": other, "error": None})
    else:
        show.line(_("They are compared again with the next whole sync, or by: identity match"))
    return 0


@identity.command(
    "match",
    help=_("Compares everything that two SISs tell of. Nothing is made one: you are asked."),
)
@click.pass_obj
def match(asked: Asked) -> int:
    """Looks over everything."""
    with opened(asked) as program:
        count = program.engine.look_over()
        waiting = len(differences.difference_ids(program.database, kind=ConflictKind.SAME_PERSON))
    if asked.json:
        show.document({"found": count, "waiting": waiting, "error": None})
        return 0
    show.line(
        plural("{n} new pair may be the same.", "{n} new pairs may be the same.", count)
        if count
        else _("Nothing new was found.")
    )
    if waiting:
        show.line(_("To see the pairs: identity list"))
    return 0
