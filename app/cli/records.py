"""``records``: what is in the roster, and where it comes from."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import click

from app.cli import show
from app.cli.editing import COMMANDS as EDITING
from app.cli.finding import COMMANDS as FINDING
from app.cli.lookup import COMMANDS as LOOKUP
from app.cli.naming import TYPE, at_school, in_school, role, school
from app.cli.opening import opened
from app.cli.options import COUNT, LARGEST, PLACE, Asked, Group
from app.cli.outbox import document as unsent_document
from app.cli.outbox import state_text, why_text
from app.engine.outgoing import outgoing, titles_of
from app.engine.saving import exported, json_value, values_document
from app.engine.told import part_word, value_text, word
from app.engine.verdict import verdict
from app.errors import NotFound, UsageError
from app.roster.entities import ENTITIES
from app.roster.schema import EntityType, FieldType
from app.roster.values import Elements, Plain
from app.store import reads
from app.store.corrections import Correction, Fate, corrections
from app.store.database import Database
from app.store.differences import difference_ids
from app.store.finding import find, keys
from app.store.history import Origin
from app.store.outbox import Unsent, unsent
from app.store.reads import ChangeRow, LinkRow, RecordDetail, RecordRow
from app.store.rolls import class_facts
from app.text import _, sentence

_COLUMNS = 5
"""Fields in a list for people; ``show`` and ``--json`` have all of them."""


@click.group(cls=Group, help=_("The records of the roster."))
def records() -> None:
    """The group; its commands do the work."""


@records.command("list", help=_("The live records of one type, such as users, by id."))
@TYPE
@click.option("--find", "word", metavar="TEXT", help=_("Only those with this in a text or key."))
@at_school(_("Only those of this school, by id, name or key; 0 is for records that have none."))
@click.option(
    "--role", "role_word", metavar="WORD", help=_("Only people in this role, such as teacher.")
)
@click.option("--ended", is_flag=True, help=_("Those that have ended instead."))
@click.option("--protected", is_flag=True, help=_("Only those that no sync ends."))
@click.option("--limit", type=COUNT, metavar="N", default=50, show_default=True)
@click.option("--offset", type=PLACE, metavar="N", default=0, help=_("Leave out so many."))
@click.pass_obj
def list_(
    asked: Asked,
    entity: str,
    word: str | None,
    school_word: str | None,
    role_word: str | None,
    ended: bool,
    protected: bool,
    limit: int,
    offset: int,
) -> int:
    """Lists records."""
    type_ = reads.entity_type(entity)
    if role_word is not None and entity != "users":
        raise UsageError("role_of_people")
    wanted = None if role_word is None else role(role_word)
    with opened(asked) as program:
        database = program.database
        ids = find(database, entity, word, ended=ended, protected=protected, role=wanted)
        if (place := school(database, school_word)) is not None:
            ids = in_school(database, entity, ids, place)
        rows = reads.records(database, entity, ids[offset : offset + limit])
        titles = _titles(database, type_, rows)
        known = keys(database, [row.id for row in rows])
    if asked.json:
        show.document([exported(type_, row) for row in rows])
        return 0
    shown = _people(titles) if entity == "users" else _columns(type_, titles)
    show.table(
        ["id", *shown, _("Key")],
        [[str(row.id), *(told(row) for told in shown.values()), known.get(row.id)] for row in rows],
    )
    until = offset + len(rows)
    show.line(
        _("{many}: {first} to {last} of {all}.").format(
            many=_(type_.many),
            first=show.number(offset + 1 if rows else 0),
            last=show.number(until if rows else 0),
            all=show.number(len(ids)),
        )
    )
    return 0


Columns: TypeAlias = Mapping[str, Callable[[RecordRow], str | None]]
"""What a list shows of a record, by heading."""


def _columns(entity: EntityType, titles: Mapping[int, str]) -> Columns:
    shown = [one for one in entity.fields if not one.kind.is_list][:_COLUMNS]

    def told(one: FieldType) -> Callable[[RecordRow], str | None]:
        return lambda row: value_text(one, row.values[one.name], titles)

    return {_(one.label): told(one) for one in shown}


def _people(titles: Mapping[int, str]) -> Columns:
    """By what people are looked for: what they are called, and where they belong."""
    fields = ENTITIES["users"].by_name
    roles = fields["roles"].kind
    assert isinstance(roles, Elements)

    def parts(row: RecordRow, name: str) -> list[Plain]:
        place = roles.names.index(name)
        found = (role[place] for role in row.values["roles"] or ())
        return list(dict.fromkeys(part for part in found if part is not None))

    def name(row: RecordRow) -> str:
        told = (row.values[part] for part in ("given_name", "middle_name", "family_name"))
        return " ".join(filter(None, told))

    return {
        _("Name"): name,
        _("Role"): lambda row: ", ".join(map(word, parts(row, "role"))),
        _("School"): lambda row: ", ".join(
            titles.get(org) or f"#{org}" for org in parts(row, "org")
        ),
        _(fields["grades"].label): lambda row: value_text(
            fields["grades"], row.values["grades"], titles
        ),
        _(fields["email"].label): lambda row: row.values["email"],
    }


def _titles(database: Database, entity: EntityType, rows: Iterable[RecordRow]) -> dict[int, str]:
    """What the records that ``rows`` refer to are called, in one question an entity."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        for target, ids in reads.references(entity, row):
            wanted.setdefault(target, set()).update(ids)
    return reads.titles(database, *wanted.items())


# -- one record -------------------------------------------------------------------------------


@records.command("show", help=_("One record: its values, where it comes from, its history."))
@TYPE
@click.argument("record_id", metavar="ID", type=int)
@click.pass_obj
def show_(asked: Asked, entity: str, record_id: int) -> int:
    """Shows a record."""
    type_ = reads.entity_type(entity)
    if abs(record_id) > LARGEST:
        raise NotFound("record_unknown", entity=entity, id=record_id)
    with opened(asked) as program:
        detail = reads.record(program.database, entity, record_id)
        standing = _Standing.of(program.database, detail.record)
        found = _verdict(program.database, detail)
        scoped = {facts.name for facts in reads.connectors(program.database) if facts.scope}
    if asked.json:
        show.document({**_document(type_, detail), **standing.document(type_), **found})
    else:
        _print(type_, detail, standing, scoped)
        if found:
            show.line(found["verdict"]["message"])
    return 0


def _verdict(database: Database, detail: RecordDetail) -> dict[str, Any]:
    """Why a class is empty, or that all is well with it; nothing of other records."""
    if detail.record.entity != "classes":
        return {}
    today = datetime.now(UTC).astimezone().date().isoformat()
    found = verdict(class_facts(database, detail.record.id), today)
    told = dict(found.parameters)
    if "when" in told:
        told["when"] = show.moment(str(told["when"]))
    message = sentence(found.code, told)
    return {"verdict": {"code": found.code, "message": message, "change_set": found.id}}


@dataclass(frozen=True)
class _Standing:
    """What of a record is not at a SIS, or not as it is here."""

    corrections: Sequence[Correction]
    unsent: Sequence[Unsent]
    titles: Mapping[int, str]
    """What those are called that something to be sent waits for."""
    differences: Sequence[int]

    @classmethod
    def of(cls, database: Database, row: RecordRow) -> "_Standing":
        # What is to be sent is told as the next sync would find it.
        found = [*unsent(database, record=row.id), *outgoing(database, record=row.id)]
        waits = list({one.connector: one for one in found}.values())
        return cls(
            corrections(database, row.entity, row.id),
            waits,
            titles_of(database, waits),
            difference_ids(database, record=row.id),
        )

    def document(self, entity: EntityType) -> dict[str, Any]:
        return {
            "corrections": [
                {
                    "connector": one.connector,
                    "field": one.field,
                    "ours": json_value(entity.by_name[one.field], one.ours),
                    "sis": json_value(entity.by_name[one.field], one.sis),
                    "fate": one.fate.value,
                }
                for one in self.corrections
            ],
            "unsent": [unsent_document(one, self.titles) for one in self.unsent],
            "conflicts": list(self.differences),
        }

    def print(self, entity: EntityType, titles: Mapping[int, str]) -> None:
        if self.corrections:
            fates = {
                Fate.CORRECTION: _("local correction: the SIS does not take it"),
                Fate.ELSEWHERE: _("as another SIS says; this one does not take it"),
                Fate.KEPT: _("kept here, not sent"),
                Fate.OPEN: _("needs your decision"),
                Fate.SENT: _("waiting to send"),
            }
            show.table(
                [_("Field"), _("Ours"), _("Connector"), _("There"), ""],
                [
                    [
                        _(one.label),
                        value_text(one, told.ours, titles),
                        told.connector,
                        value_text(one, told.sis, titles),
                        fates[told.fate],
                    ]
                    for told in self.corrections
                    for one in [entity.by_name[told.field]]
                ],
            )
            show.line()
        for waiting in self.unsent:
            why = why_text(waiting, self.titles)
            show.line(f"{waiting.connector}: {state_text(waiting)}{why and f' ({why})'}")
        for id_ in self.differences:
            show.line(_("Difference {id} is open: conflicts show {id}").format(id=id_))


def _print(
    entity: EntityType, detail: RecordDetail, standing: _Standing, scoped: Collection[str]
) -> None:
    """``scoped``: the connectors that keep only a part of their SIS in step."""
    row = detail.record
    told = " ".join(
        text
        for name in entity.title
        if (text := value_text(entity.by_name[name], row.values[name], detail.titles))
    )
    show.heading(f"{_(entity.one)} #{row.id}: {told}")
    if not row.alive:
        show.line(_("This record has ended."))
    show.table(
        [_("Field"), _("Value")],
        [
            [_(one.label), value_text(one, row.values[one.name], detail.titles)]
            for one in entity.fields
            if row.values[one.name] is not None
        ],
    )
    show.line()
    if detail.links:
        alive = {True: _("yes"), False: _("no"), None: _("not known yet")}
        show.table(
            [_("Connector"), _("Its key there"), _("There")],
            [
                [
                    link.connector,
                    link.key,
                    _outside(link.connector in scoped) if link.outside else alive[link.alive],
                ]
                for link in detail.links
            ],
        )
        for link in detail.links:
            if len(link.rows) > 1:
                show.line(_rows_text(link))
    elif standing.unsent:
        show.line(_("No connector knows this record yet; no sync removes it."))
    else:
        show.line(_("No connector knows this record; no sync removes it."))
    if detail.protected:
        show.line(_("This record is protected: no sync ends it."))
    show.line()
    standing.print(entity, detail.titles)
    _print_history(entity, detail)


def _rows_text(link: LinkRow) -> str:
    """Which rows of a SIS tell of a record, where there are several."""
    first, *others = link.rows
    return _("Told by {count} rows of “{name}”: {first} (main), {others}").format(
        count=len(link.rows), name=link.connector, first=first, others=", ".join(others)
    )


def _outside(scoped: bool) -> str:
    return _("out of scope") if scoped else _("not told of since its scope changed")


@records.command("history", help=_("All that happened to a record, the newest first."))
@TYPE
@click.argument("record_id", metavar="ID", type=int)
@click.pass_obj
def history(asked: Asked, entity: str, record_id: int) -> int:
    """Shows the history of a record."""
    type_ = reads.entity_type(entity)
    if abs(record_id) > LARGEST:
        raise NotFound("record_unknown", entity=entity, id=record_id)
    with opened(asked) as program:
        detail = reads.record(program.database, entity, record_id)
    if asked.json:
        made = {"change_set": detail.created_in, "author": detail.created_by}
        created = {**made, "at": detail.made.at, "kind": "created"}
        show.document([*_document(type_, detail)["history"], created])
    else:
        _print_history(type_, detail)
    return 0


def _print_history(entity: EntityType, detail: RecordDetail) -> None:
    one = detail.made
    made = [show.moment(one.at), f"#{one.change_set}", origin_text(one)]
    show.table(
        [_("When"), _("In"), _("By"), _("Field"), _("Before"), _("After"), _("Thrown away")],
        [line for change in detail.changes for line in _change_lines(entity, change, detail.titles)]
        + [[*made, _("created"), None, None, None]],
    )


def _change_lines(
    entity: EntityType, change: ChangeRow, titles: Mapping[int, str]
) -> Sequence[Sequence[object]]:
    """A line for each field that a change touched."""
    lines = []
    told = (change.before, change.after, change.discarded)
    for name in dict.fromkeys(name for side in told for name in side):
        one = entity.by_name.get(name)
        sides = [side.get(name) for side in told]
        texts = (
            _life_texts(*sides)
            if one is None
            else (value_text(one, side, titles) for side in sides)
        )
        lines.append(
            [
                show.moment(change.at),
                f"#{change.change_set}",
                origin_text(change),
                _(one.label) if one else part_word(entity.name, name),
                *texts,
            ]
        )
    return lines


def _life_texts(before: Plain, after: Plain, discarded: Plain) -> list[str | None]:
    """What was, is and was thrown away of a record's being alive, in words."""
    words = {True: _("there"), False: _("ended"), None: None}
    lost = {
        True: _("stays ended, though the SIS has it"),
        False: _("kept, though the SIS removed it"),
        None: None,
    }
    return [words[before], words[after], lost[discarded]]


def origin_text(origin: Origin) -> str:
    """Whose word it was: a SIS's, with the leave of a person, or a person's and how it came."""
    told = {
        "approval": _("{connector}, approved by {author}"),
        "refusal": _("{connector}, refused by {author}"),
        "undo": _("{author} (undo of #{of})"),
        "decision": _("{author} (decision)"),
        "archive": _("{author} (archive)"),
    }
    return told.get(origin.kind, "{who}").format(
        who=origin.who, author=origin.author, connector=origin.connector, of=origin.of
    )


def _document(entity: EntityType, detail: RecordDetail) -> dict[str, Any]:
    row = detail.record
    return {
        "entity": row.entity,
        "id": row.id,
        "alive": row.alive,
        "version": row.version,
        "created_in": detail.created_in,
        "protected": detail.protected,
        "local_only": not detail.links,
        "values": {one.name: json_value(one, row.values[one.name]) for one in entity.fields},
        "titles": {str(id_): title for id_, title in detail.titles.items()},
        "links": [
            {
                "connector": link.connector,
                "key": link.key,
                "alive": link.alive,
                "outside": link.outside,
                "rows": list(link.rows),
            }
            for link in detail.links
        ],
        "history": [
            {
                "change_set": change.change_set,
                "kind": change.kind,
                "author": change.author,
                "at": change.at,
                "connector": change.connector,
                "before": values_document(entity, change.before),
                "after": values_document(entity, change.after),
                "discarded": values_document(entity, change.discarded),
            }
            for change in detail.changes
        ],
    }


for _command in (*FINDING, *EDITING, *LOOKUP):
    records.add_command(_command)
