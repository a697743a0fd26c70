"""Sessions, or grading periods, of several schools become one record (SEMANTICS A5).

They belong together by school year, name, first and last day. Their record goes by the key of one
of them, its *leader*, and the others are told as aliases of it; a leader stays one as long as it is
there. There are a few sessions a school, so all of them are looked at together.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from app.connectors.contract import Page, Rekey, row_digest
from app.connectors.edfi.keys import parsed, record_key
from app.connectors.edfi.streams.declared import GROUPED, LISTING, SESSIONS, SIBLINGS
from app.connectors.edfi.streams.position import WALKING, Work
from app.connectors.edfi.streams.shelved import Kept, Part
from app.connectors.edfi.telling import references
from app.connectors.edfi.telling.patch import at, named
from app.connectors.edfi.vocabulary import Document

_AT_ONCE = 500
_PERIOD = "gradingPeriodReference"
_NAMES = ("sessionName", "gradingPeriodDescriptor", "gradingPeriodName", "periodSequence")
"""What a session is called; a grading period by the first two that it has, which are its key's."""


class Led(msgspec.Struct, array_like=True, omit_defaults=True):
    """Whose record a session is part of."""

    leader: str
    """Its natural key."""
    others: list[str] = []
    """Of a leader: the natural keys of the others."""


Group: TypeAlias = Sequence[tuple[str, str]]
"""Sessions that are one term: natural key and id of each."""


def led(work: Work, resource: str) -> Part[Led]:
    """The sessions, or grading periods, by their ids."""
    return work.shelf.part(f"{resource} led", Led)


def grouped(work: Work) -> Page:
    """Finds what belongs together, and who goes by another key from now on."""
    listing: dict[str, list[Kept]] = {}
    siblings: dict[str, list[Kept]] = {}
    rekeys: list[Rekey] = []
    for resource in GROUPED:
        groups: dict[bytes, list[tuple[str, str]]] = {}
        for one in _every(work, resource):
            document: Document = {} if one.reason else msgspec.json.decode(one.body)
            groups.setdefault(_in_common(work, one, document), []).append((one.key, one.id))
            if resource == SESSIONS and not one.reason:
                siblings.setdefault(SIBLINGS.place(one.key), []).append(one)
                for period in _periods(document):
                    listing.setdefault(period, []).append(one)
        rekeys += _lead(work, resource, list(groups.values()))
    _keep(work.shelf.listed(LISTING), listing)
    _keep(work.shelf.listed(SIBLINGS), siblings)
    work.at.on(WALKING)
    return work.page(rekeys=rekeys)


def periods(one: Kept) -> set[str]:
    """The natural keys of the grading periods that a session lists."""
    return set() if one.reason else _periods(msgspec.json.decode(one.body))


def _periods(document: Document) -> set[str]:
    told = map(references.grading_period, named(document, "gradingPeriods", _PERIOD))
    return {parsed(key)[1] for key in told if key is not None}


def _every(work: Work, resource: str) -> Iterable[Kept]:
    """All documents of a resource, by natural key."""
    place = ""
    while batch := work.shelf.documents(resource).after(place, _AT_ONCE):
        yield from (one for _, one in batch)
        place = batch[-1][0]


def _keep(part: Part[list[Kept]], told: Mapping[str, list[Kept]]) -> None:
    """Keeps the sessions that belong to records, and no others."""
    part.drop(set(_keys(part)) - told.keys())
    for key, sessions in told.items():
        part.put(key, sessions)


def _keys(part: Part[Any]) -> Iterable[str]:
    """All keys of a part."""
    place = ""
    while batch := part.after(place, _AT_ONCE):
        yield from (key for key, _ in batch)
        place = batch[-1][0]


def _in_common(work: Work, one: Kept, document: Document) -> bytes:
    """What one has in common with others of its term; what lacks anything is alone."""
    names = [document[name] for name in _NAMES if name in document][:2]
    told = [
        at(document, "schoolYearTypeReference", "schoolYear"),
        *(at(document, name) for name in ("beginDate", "endDate")),
        *names,
    ]
    apart = work.service.settings.sessions_joined == "off" or None in told or not names
    return row_digest(msgspec.json.encode([one.key] if apart else told), b"")


def _lead(work: Work, resource: str, groups: Sequence[Group]) -> list[Rekey]:
    """Gives each group its leader; what of the records goes by another key for that."""
    part = led(work, resource)
    before = part.take(id_ for group in groups for _, id_ in group)
    leaders = {one.leader for one in before.values()}
    where = {key: n for n, group in enumerate(groups) for key, _ in group}
    taken: dict[int, str] = {}
    for leader in sorted(leaders & where.keys()):
        taken.setdefault(where[leader], leader)
    rekeys = []
    for leader in sorted(leaders - where.keys()):
        # Its key is gone: the record stays with most of those that were part of it.
        claims = Counter(
            n
            for n, group in enumerate(groups)
            if n not in taken
            for _, id_ in group
            if id_ in before and before[id_].leader == leader
        )
        if claims:
            own = _of_leader(groups, before, leader)
            heir = max(claims, key=lambda n: (claims[n], n == own, -n))
            taken[heir] = min(key for key, _ in groups[heir])
            rekeys.append(Rekey(record_key(resource, leader), record_key(resource, taken[heir])))
    for n, group in enumerate(groups):
        leader = taken.get(n) or min(key for key, _ in group)
        others = [key for key, _ in group if key != leader]
        for key, id_ in group:
            now = Led(leader, others if key == leader else [])
            if before.get(id_) != now:
                part.put(id_, now)
    part.drop(set(_keys(part)) - {id_ for group in groups for _, id_ in group})
    return rekeys


def _of_leader(groups: Sequence[Group], before: Mapping[str, Led], leader: str) -> int | None:
    """The group in which the leader itself is, by another key."""
    for n, group in enumerate(groups):
        for _, id_ in group:
            if id_ in before and before[id_].leader == leader and before[id_].others:
                return n
    return None
