"""One record is read by its key: its anchor by natural key, its parts by what they refer to.

The documents are those that a pull would join, so the row is the same (DESIGN §5). A list leaves
out in silence what the key may not see: what a pull has missed is therefore asked for by its id,
where that is known, and what may not be read is not gone (SEMANTICS D1).
"""

from collections.abc import Mapping, Sequence

from app.connectors.contract import Asking, Doubt, Gone, Pull, Row, Unreadable
from app.connectors.edfi.feed import Broken, Item
from app.connectors.edfi.granted import READ
from app.connectors.edfi.keys import ORGS, parsed
from app.connectors.edfi.partner import OTHER, joins, partner
from app.connectors.edfi.single import listed as listed_by
from app.connectors.edfi.single import one
from app.connectors.edfi.streams import counting, missed
from app.connectors.edfi.streams.declared import SESSIONS, Owned, Shared, Stream
from app.connectors.edfi.streams.grouping import periods
from app.connectors.edfi.streams.position import ENDED, Work
from app.connectors.edfi.streams.shelved import Kept
from app.connectors.edfi.streams.telling import Record, page_of, rows
from app.connectors.edfi.telling.one_person import CONTACTS, STAFF
from app.connectors.edfi.vocabulary import BETWEEN, RESOURCES, Resource, key_parts
from app.errors import AuthError, ContractError

_REFUSED = frozenset({"edfi_forbidden", "edfi_no_resource"})

SECTION = RESOURCES["sections"].names


def fetched(work: Work, key: str) -> Asking[Row | Unreadable | Gone]:
    """The row of ``key``; the shelf has the ids of what is known, or was missed by a pull.

    A record that is told by many documents is not gone before a pull has found all to be.
    """
    yield from work.service.locate()
    resource, natural = parsed(key)
    if work.stream.entity == "line_items" and resource == "grades":
        given = yield from _given(work, key, natural)
        if isinstance(given, Gone) and counting.given(work.shelf).take([key]):
            grades = work.service.resources["grades"]
            raise AuthError("edfi_forbidden", resource=grades.name, path=grades.path)
        return given
    for name in work.stream.anchors:
        if name != resource and not (resource == "" and name in ORGS):
            continue
        anchor = natural
        if work.stream.entity == "assessment_results":
            anchor = BETWEEN.join(natural.split(BETWEEN)[: len(RESOURCES[name].names)])
        if not _is_key(work.service.resources[name], anchor):
            continue
        found = yield from one(
            work.service, work.service.resources[name], anchor, missed.id_of(work, name, anchor)
        )
        if found is not None and found.key == anchor:
            return (yield from _joined(work, name, found, key))
    return Gone.NOT_FOUND


def _is_key(resource: Resource, natural: str) -> bool:
    parts = natural.split(BETWEEN)
    return len(parts) == len(resource.names) and all(parts)


def _joined(
    work: Work, name: str, found: Item | Broken, key: str
) -> Asking[Row | Unreadable | Gone]:
    """The row of ``key`` that a document tells, with what belongs to it."""
    parts = yield from parts_of(work, name, found.key or "")
    record = Record(name, kept(found), parts)
    if work.stream.paired and name in OTHER and isinstance(found, Item):
        return (yield from _person(work, record, found)).row(work.stream.entity, work)
    told = rows(work.stream.entity, work, record)
    return next((row for row in told if row.key == key), Gone.NOT_FOUND)


def _person(work: Work, record: Record, found: Item) -> Asking[Record]:
    """The record of somebody who works here, or is a guardian, or both: then it is of the staff."""
    name = record.resource
    other = yield from partner(work.service, name, found)
    if other is None:
        contacts = work.service.resources[CONTACTS].path
        looked_for = joins(work.service.settings) and name == STAFF
        if not looked_for or work.service.granted.allows(contacts, READ) is False:
            return record
        return record.with_contact(None)
    parts = yield from parts_of(work, OTHER[name], other.key or "")
    theirs = Record(OTHER[name], kept(other), parts)
    return record.with_contact(theirs) if name == STAFF else theirs.with_contact(record)


def kept(found: Item | Broken) -> Kept:
    """A document as it would be on the shelf."""
    if isinstance(found, Broken):
        return Kept(found.key or "", "", found.body, None, found.reason or "unreadable")
    return Kept(found.key, found.id, found.body, found.modified)


def parts_of(work: Work, name: str, key: str) -> Asking[dict[str, list[Kept]]]:
    """What belongs to the record of a natural key."""
    stream: Stream = work.stream
    parts: dict[str, list[Kept] | None] = {}
    for owned in stream.owned:
        if owned.of == name:
            parts[owned.resource] = yield from _owned(work, owned, key)
    for shared in stream.shared:
        if shared.of == name:
            parts[shared.resource] = yield from _shared(work, shared, key)
    for through in stream.through:
        if through.of == name:
            told: list[Kept] = []
            via = parts[through.via.resource]
            for other in dict.fromkeys(through.other.owner(each.key) for each in via or ()):
                told += (yield from _owned(work, through.theirs, other)) or ()
            parts[through.resource] = None if via is None else told
    for listed in stream.listed:
        if listed.of == name:
            values = work.service.resources[name].values(key)
            within = {part: values[part] for part in ("schoolId", "schoolYear")}
            every = yield from _allowed(work, SESSIONS, within)
            parts[listed.name] = [
                each
                for each in every or ()
                if each.key != key and (name == SESSIONS or key in periods(each))
            ]
    return {resource: told for resource, told in parts.items() if told is not None}


def _given(work: Work, key: str, natural: str) -> Asking[Row | Unreadable | Gone]:
    """What report grades are given for, by any grade that is given for it."""
    resource, parts = work.service.resources["grades"], key_parts(natural)
    # A section, a grading period with its school, and the type of the grade.
    if len(parts) != len(SECTION) + 5 or not all(parts):
        return Gone.NOT_FOUND
    section, (period, name, _, year, sort) = parts[: len(SECTION)], parts[len(SECTION) :]
    told = dict(zip(resource.names, (sort, period, name, year), strict=False))
    of, _, _ = yield from listed_by(
        work.service, resource, {**told, **dict(zip(SECTION, section, strict=True))}
    )
    for grade in of[:1]:
        row = rows(work.stream.entity, work, Record("grades", kept(grade), {}))[0]
        return (
            row._replace(version=None)
            if isinstance(row, Row) and row.key == key
            else Gone.NOT_FOUND
        )
    return Gone.NOT_FOUND


def rolled(work: Work, key: str) -> Pull:
    """The roll of the class of ``key`` (``contract.Rolled``)."""
    yield from work.service.locate()
    resource, natural = parsed(key)
    sections = work.service.resources["sections"]
    doubts: list[Doubt] = []
    records: list[Record] = []
    keyless: list[Unreadable] = []
    there = resource == "sections" and _is_key(sections, natural)
    if there:
        there = (yield from one(work.service, sections, natural)) is not None
    if not there:
        doubts.append(Doubt("class_not_there", {"entity": work.stream.entity}))
    query = dict(zip(SECTION, key_parts(natural), strict=False))
    for name in work.stream.anchors if there else ():
        told = yield from listed_by(work.service, work.service.resources[name], query)
        items, broken, odd = told
        doubts += odd
        records += [Record(name, kept(each), {}) for each in items]
        records += [Record(name, kept(each), {}) for each in broken if each.key is not None]
        keyless += [Unreadable(None, each.body, each.reason) for each in broken if each.key is None]
    work.at.phase = ENDED
    yield page_of(work, records, unreadable=keyless, doubts=doubts, full=False, state={})


def _owned(work: Work, owned: Owned, key: str) -> Asking[list[Kept] | None]:
    """What belongs to a record by its key; ``None`` where it may not be read."""
    resource = work.service.resources[owned.resource]
    newest = RESOURCES[owned.resource].names
    names = [resource.names[newest.index(part)] for part in owned.by]
    values = key_parts(key)
    return (yield from _allowed(work, owned.resource, dict(zip(names, values, strict=True))))


def _shared(work: Work, shared: Shared, key: str) -> Asking[list[Kept] | None]:
    """What a record shares with others, by its key; ``None`` where it may not be read."""
    resource, natural = work.service.resources[shared.resource], shared.wanted(key)
    if not _is_key(resource, natural):
        return []
    return (yield from _allowed(work, shared.resource, resource.values(natural)))


def _allowed(work: Work, name: str, query: Mapping[str, str]) -> Asking[list[Kept] | None]:
    """The documents of a query, by their keys; ``None`` where they may not be read."""
    resource = work.service.resources[name]
    if work.service.granted.allows(resource.path, READ) is False:
        return None
    try:
        items, broken, doubts = yield from listed_by(work.service, resource, query)
    except (AuthError, ContractError) as error:
        if error.code not in _REFUSED:
            raise
        return None
    if doubts or any(each.key is None for each in broken):
        return None  # there may be more of them
    every: Sequence[Item | Broken] = [*items, *broken]
    return sorted(map(kept, every), key=lambda each: each.key)
