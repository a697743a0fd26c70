"""``conflicts``: differences between here and a SIS, and what people decide about them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from app.cli import show
from app.cli.giving import AUTHOR, VALUES, given
from app.cli.naming import of_type
from app.cli.opening import opened
from app.cli.options import COUNT, Asked, Group
from app.cli.records import origin_text
from app.engine.causes import Cause, cause_text, causes
from app.engine.decisions import Decision, LeftOut, Resolved, Take
from app.engine.reconcile import ConflictKind
from app.engine.saving import values_document
from app.engine.told import part_word, value_text
from app.errors import NotFound, UsageError
from app.roster.entities import ENTITIES
from app.roster.parts import ALIVE, part_name
from app.roster.schema import EntityType, FieldType, referred
from app.roster.values import Plain
from app.store import differences, reads
from app.store.database import Database
from app.store.differences import Difference, Question
from app.text import _, plural, sentence

STAND = 4
"""The exit code where decisions were left out: differences stand."""

_SIDES = [one.value for one in Take if one is not Take.OWN]


@click.group(cls=Group, help=_("Differences: both sides changed, and somebody has to decide."))
def conflicts() -> None:
    """The group; its commands do the work."""


# -- looking ----------------------------------------------------------------------------------


@conflicts.command("list", help=_("The open differences, the oldest first."))
@click.option("--connector", metavar="NAME", help=_("Only those with one connector."))
@of_type(_("Only those of one record type, as “users”."))
@click.option("--kind", type=click.Choice([one.value for one in ConflictKind]))
@click.option("--limit", type=COUNT, default=50, show_default=True)
@click.option("--causes", "by_cause", is_flag=True, help=_("What is alike in one line."))
@click.pass_obj
def list_(
    asked: Asked,
    connector: str | None,
    entity: str | None,
    kind: str | None,
    limit: int,
    by_cause: bool,
) -> int:
    """Lists differences."""
    with opened(asked) as program:
        database = program.database
        if connector is not None:
            reads.connector(database, connector)
        if by_cause:
            alike = [
                one
                for one in causes(database, connector)
                if entity in (None, one.entity) and kind in (None, one.kind)
            ]
            _print_causes(alike[:limit], as_json=asked.json)
            return 0
        ids = differences.difference_ids(database, connector=connector, entity=entity, kind=kind)
        if asked.json:
            show.document(
                [_document(one) for one in differences.differences(database, ids[:limit])]
            )
            return 0
        told = [
            one
            for one in differences.questions(database)
            if connector in (None, one.connector)
            and entity in (None, one.entity)
            and kind in (None, one.kind)
        ]
        asked_as_one = {
            id_
            for one in told
            for id_ in differences.difference_ids(
                database, connector=one.connector, entity=one.entity, kind=one.kind
            )
        }
        ids = [id_ for id_ in ids if id_ not in asked_as_one]
        found = differences.differences(database, ids[:limit])
        titles = _titles(database, found)
    if not found and not told:
        show.line(_("There are no differences to decide."))
        return 0
    for question in told:
        _print_question(question)
    if found:
        _print_list(found, titles)
        if len(found) < len(ids):
            show.line(
                _("{first} of {all} differences; --limit shows more.").format(
                    first=show.number(len(found)), all=show.number(len(ids))
                )
            )
        else:
            show.line(plural("{n} difference.", "{n} differences.", len(ids)))
        show.line(_("To decide: conflicts resolve ID… --take {sides}").format(sides=_sides(found)))
    return 0


def _print_causes(found: Sequence[Cause], *, as_json: bool) -> None:
    """What is alike, with the id of the first: ``--like`` decides about all of it."""
    if as_json:
        show.document(
            [
                {
                    "connector": one.connector,
                    "entity": one.entity,
                    "kind": one.kind,
                    "field": one.part,
                    "cause": cause_text(one),
                    "count": one.count,
                    "first": one.ids[0],
                    "schools": [school for school in one.schools if school],
                    "syncs": one.syncs,
                }
                for one in found
            ]
        )
        return
    if not found:
        show.line(_("There are no differences to decide."))
        return
    show.table(
        [_("How many"), _("What"), _("Connector"), _("Of"), _("First")],
        [
            [
                show.number(one.count),
                cause_text(one),
                one.connector,
                _(ENTITIES[one.entity].many),
                str(one.ids[0]),
            ]
            for one in found
        ],
    )
    show.line(_("To decide about all of a line: conflicts resolve FIRST --like --take ours|sis"))


def _print_question(one: Question) -> None:
    told = {
        "first_contact": _("{many} of “{name}”: who is right to begin with?"),
        "same_person": _("{many} of “{name}”: newcomers who may be known already."),
    }
    many = _(ENTITIES[one.entity].many)
    show.line(told[one.kind].format(many=many, name=one.connector))
    count = plural("{n} difference", "{n} differences", one.count)
    sides = "same|different" if one.kind == "same_person" else "ours|sis"
    show.line(f"  {count}: conflicts resolve {one.first} --like --take {sides}")


def _sides(found: Iterable[Difference]) -> str:
    """What may be answered to the differences."""
    asked = {one.kind == ConflictKind.SAME_PERSON for one in found}
    words = {False: "ours|sis", True: "same|different"}
    return _(" or ").join(words[one] for one in sorted(asked))


def _print_list(found: Sequence[Difference], titles: Mapping[int, str]) -> None:
    headings = [_("Difference"), _("Connector"), _("Record"), _("Field")]
    show.table(
        [*headings, _("Ours"), _("SIS"), _("Last agreed")],
        [
            [
                str(one.id),
                one.connector,
                f"{one.title} (#{one.record})",
                part_text(one),
                *(side_text(one, side, titles) for side in (one.ours, one.sis, one.base)),
            ]
            for one in found
        ],
    )


def part_text(one: Difference) -> str:
    """What a difference is about, in words."""
    if one.part == ALIVE:
        return _("Whether it is there")
    labels = ", ".join(_(field.label) for field in _fields(one))
    return labels or part_name(one.part)


def side_text(one: Difference, side: Mapping[str, Plain], titles: Mapping[int, str]) -> str:
    """What one side of a difference says; blank where nothing was ever agreed."""
    by_name = ENTITIES[one.entity].by_name
    told = []
    for name, value in side.items():
        if name == ALIVE:
            told.append(_("there") if value else _("ended"))
        elif (field := by_name.get(name)) is not None:
            text = value_text(field, value, titles) or _("blank")
            told.append(f"{_(field.label)}: {text}" if len(side) > 1 else text)
    return "; ".join(told)


def _fields(one: Difference) -> list[FieldType]:
    return [field for field in ENTITIES[one.entity].fields if field.name in {**one.ours, **one.sis}]


def _titles(database: Database, found: Iterable[Difference]) -> dict[int, str]:
    """What the records are called that the sides refer to."""
    wanted: dict[str, set[int]] = {}
    for one in found:
        for field in _fields(one):
            for side in (one.ours, one.sis, one.base):
                for target, ids in referred(field, side.get(field.name)):
                    wanted.setdefault(target, set()).update(ids)
    return reads.titles(database, *wanted.items())


def _document(one: Difference) -> dict[str, Any]:
    type_ = ENTITIES[one.entity]
    return {
        "id": one.id,
        "kind": one.kind,
        "connector": one.connector,
        "entity": one.entity,
        "record": one.record,
        "field": one.part,
        "ours": _side(type_, one, one.ours),
        "sis": _side(type_, one, one.sis),
        "base": _side(type_, one, one.base),
        "ours_by": one.ours_by,
        "ours_at": one.ours_at,
        "sis_run": one.sis_run,
        "sis_at": one.sis_at,
        "revision": one.revision,
        "title": one.title,
        "about": one.about,
    }


def _side(entity: EntityType, one: Difference, side: Mapping[str, Plain]) -> Any:
    """The value of a single field; of a group, or what else the SIS changed, by field."""
    told = values_document(entity, side)
    single = len({**one.ours, **one.sis}) == 1
    return next(iter(told.values()), None) if single else told


@conflicts.command("show", help=_("One difference: who said what when, and how many are like it."))
@click.argument("id_", metavar="ID", type=COUNT)
@click.pass_obj
def show_(asked: Asked, id_: int) -> int:
    """Shows a difference."""
    with opened(asked) as program:
        one = differences.difference(program.database, id_)
        alike = len(differences.alike(program.database, id_)) - 1
        titles = _titles(program.database, [one])
    if asked.json:
        show.document({**_document(one), "alike": alike})
        return 0
    type_ = ENTITIES[one.entity]
    show.heading(f"{_(type_.one)} #{one.record}: {one.title}")
    show.line(_kind_text(one.kind))
    labels = {ALIVE: part_text(one)} if ALIVE in one.ours else {}
    labels |= {field.name: _(field.label) for field in _fields(one)}
    show.table(
        [_("Field"), _("Ours"), one.connector, _("Last agreed")],
        [
            [
                label,
                *(
                    side_text(one, {name: side[name]}, titles) if name in side else None
                    for side in (one.ours, one.sis, one.base)
                ),
            ]
            for name, label in labels.items()
        ],
    )
    if one.ours_from is not None:
        who, when = origin_text(one.ours_from), show.moment(one.ours_at)
        show.line(_("Ours: by {who}, {when}.").format(who=who, when=when))
    show.line(
        _("{name}: as sync #{run} found it, {when}.").format(
            name=one.connector, run=one.sis_run, when=show.moment(one.sis_at)
        )
    )
    if alike:
        show.line(
            plural(
                "{n} more is like this; --like decides about it as well.",
                "{n} more are like this; --like decides about them as well.",
                alike,
            )
        )
    return 0


def _kind_text(kind: str) -> str:
    words = {
        "both_changed": _("It was changed here and at the SIS, differently."),
        "first_contact": _("It was never agreed who is right about this."),
        "edit_or_delete": _("One side ended it, and the other changed it."),
        "unfit": _("What both sides together would make cannot be."),
        "back_and_forth": _("Two systems set it by turns."),
        "same_person": _("A newcomer may be somebody who is here already."),
    }
    return words.get(kind, kind)


# -- deciding ---------------------------------------------------------------------------------


@conflicts.command(
    "resolve",
    help=_(
        "Decides about differences. Exit code 4: some were left out, and stand. “ours” is kept "
        "here and sent where the SIS takes it; “base” is what was last agreed; “same” and "
        "“different” answer whether a newcomer is known."
    ),
)
@click.argument("ids", metavar="ID...", type=COUNT, nargs=-1, required=True)
@click.option("--take", type=click.Choice(_SIDES), help=_("Whose word counts."))
@VALUES
@click.option("--like", is_flag=True, help=_("And all that are like them."))
@click.option("--always", is_flag=True, help=_("And from now on, for that part of the connector."))
@click.option(
    "--revision",
    type=COUNT,
    metavar="N",
    help=_("Only if it is still as it was shown, with this revision."),
)
@AUTHOR
@click.pass_obj
def resolve(
    asked: Asked,
    ids: tuple[int, ...],
    take: str | None,
    pairs: tuple[str, ...],
    like: bool,
    always: bool,
    revision: int | None,
    author: str | None,
) -> int:
    """Decides."""
    if (take is None) is not bool(pairs):
        raise UsageError("decide_one_way")
    if revision is not None and (like or len(ids) > 1):
        raise UsageError("revision_of_one")
    with opened(asked) as program:
        database = program.database
        try:
            found = [differences.difference(database, id_) for id_ in dict.fromkeys(ids)]
        except NotFound:
            show.aside(_("Nothing was decided."))
            raise
        wanted = list(dict.fromkeys(
            id_ for one in found
            for id_ in (differences.alike(database, one.id) if like else [one.id])
        ))  # fmt: skip
        values = given(ENTITIES[found[0].entity], pairs)
        side = Take(take) if take else Take.OWN
        decisions = [Decision(id_, side, values, revision) for id_ in wanted]
        resolved = program.engine.resolve(decisions, author, always=always)
    if asked.json:
        show.document(document_resolved(resolved))
    else:
        tell_resolved(resolved)
        if always and resolved.change_set is not None:
            parts = {(one.connector, one.entity, one.part) for one in found}
            _print_always(parts, side, resolved.change_set)
    return STAND if resolved.left_out else 0


def document_resolved(resolved: Resolved) -> dict[str, Any]:
    """What became of decisions, for a script."""
    return {
        "id": resolved.change_set,
        "applied": len(resolved.applied),
        "left_out": [
            {"id": one.conflict, "reason": one.reason, "message": _why(one)}
            for one in resolved.left_out
        ],
        "error": None,
    }


def tell_resolved(resolved: Resolved) -> None:
    """What became of decisions, in words."""
    if resolved.change_set is not None:
        decided = plural(
            "{n} difference is decided", "{n} differences are decided", len(resolved.applied)
        )
        show.line(
            _("{decided}: #{change} in the history. Undo: runs undo {change}").format(
                decided=decided, change=resolved.change_set
            )
        )
    for one in resolved.left_out:
        show.aside(_("Difference {id} was left out: {why}").format(id=one.conflict, why=_why(one)))


def _print_always(parts: Iterable[tuple[str, str, str]], side: Take, change_set: int) -> None:
    """What was laid down for the time to come."""
    for connector, entity, part in sorted({(c, e, part_name(p)) for c, e, p in parts}):
        show.line(
            _(
                "From now on {who} is right about “{part}” of {many} of “{name}”; “policy list” "
                "shows it, “policy clear” takes it away, and so does “runs undo {change}”."
            ).format(
                who=_("the SIS") if side is Take.SIS else _("what stands here"),
                part=part_word(entity, part),
                many=_(ENTITIES[entity].many).lower(),
                name=connector,
                change=change_set,
            )
        )


def _why(one: LeftOut) -> str:
    return sentence(one.reason, one.parameters)
