"""The roll of one class: its enrollments without those of all others (``contract.Rolled``).

OneRoster has a path for it below the school of the class; a service that does not serve it may
know a filter. Neither is taken on trust: a row of another class shows that the class was ignored.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from urllib.parse import quote

from app.connectors.asking import next_told
from app.connectors.contract import Doubt, Page, Pull, Row, Unreadable
from app.connectors.oneroster.paging import Reading
from app.connectors.oneroster.service import Service, key_path
from app.connectors.oneroster.single import single
from app.connectors.oneroster.vocabulary import Stream
from app.errors import AuthError, ContractError, SyncError, TransientError

ENROLLMENTS = "enrollments"


def rolled(service: Service, classes: Stream, enrollments: Stream, key: str) -> Pull:
    """The roll of the class of that key, told by the first way that a service knows."""
    found = (yield from single(service, classes, key)).found
    if not isinstance(found, Row | Unreadable):
        yield nothing(enrollments.entity.field_names, "class_not_there")
        return
    refused: SyncError = ContractError("roll_not_told", entity=ENROLLMENTS)
    for path, only in _ways(classes, found, key):
        begun = False
        with closing(Reading(service, enrollments, path, only).pages(None)) as steps:
            try:
                while (told := (yield from next_told(steps))) is not None:
                    yield _of_class(told, key) if isinstance(told, Page) else told
                    begun = begun or isinstance(told, Page)
                return
            except SyncError as error:
                if begun or not _is_refusal(error):
                    raise
                refused = error
    raise refused


def _ways(classes: Stream, found: Row | Unreadable, key: str) -> Iterator[tuple[str, str]]:
    """The path of the roll, and the filter for it; each where it can be told."""
    place = classes.entity.by_name["school"].index
    school = found.patch[place] if isinstance(found, Row) else None
    if isinstance(school, str) and school.strip("."):
        yield f"/schools/{quote(school, safe='')}{key_path(classes, key)}/{ENROLLMENTS}", ""
    if "'" not in key:  # there is no way to write one in a filter
        yield "", f"class.sourcedId='{key}'"


def _is_refusal(error: SyncError) -> bool:
    """Whether another way may be answered better; some services fail instead of refusing."""
    if isinstance(error, TransientError):
        return error.parameters.get("status") in (500, 501)
    return isinstance(error, ContractError) or (
        isinstance(error, AuthError) and error.code == "collection_forbidden"
    )


def _of_class(page: Page, key: str) -> Page:
    """A page of a roll; raises ``ContractError`` where it tells of other classes as well."""
    told, others = of_class(page, key)
    if others:
        raise ContractError("roll_not_told", entity=ENROLLMENTS)
    return told


def of_class(page: Page, key: str) -> tuple[Page, int]:
    """What a page of enrollments says of one class, and how many rows it has of others."""
    rows = page.read(range(len(page.keys)))
    place = page.fields.index("class")
    live = [(n, row) for n, row in enumerate(rows) if isinstance(row, Row)]
    kept = [(n, row) for n, row in live if row.patch[place] == key]
    doubts = list(page.doubts)
    if page.last and not page.full:
        doubts.append(Doubt("roll_of_changes", {"entity": ENROLLMENTS}))
    told = replace(
        page,
        keys=[page.keys[n] for n, _ in kept],
        digests=[page.digests[n] for n, _ in kept],
        read=lambda places: [kept[place][1] for place in places],
        state={},
        full=False,
        unreadable=[*page.unreadable, *(row for row in rows if isinstance(row, Unreadable))],
        total=None,
        doubts=doubts,
        evidence="",
    )
    return told, len(live) - len(kept)


def nothing(fields: tuple[str, ...], why: str) -> Page:
    """The end of a roll that was not to be had."""
    doubts = [Doubt(why, {"entity": ENROLLMENTS})]
    return Page(
        ENROLLMENTS, fields, (), (), lambda _: [], {}, True, False, ENROLLMENTS, doubts=doubts
    )
