"""*Test connection*: what works, what does not, and what will cost time, in plain findings."""

from collections.abc import Generator, Sequence

from msgspec import Raw

from app.connectors.contract import Check, Finding, Grade, Request, Response
from app.connectors.oneroster import wire
from app.connectors.oneroster.service import Service, refusal, rows_of
from app.connectors.oneroster.vocabulary import (
    CREATE_POST,
    CREATE_PUT,
    SCOPE,
    STREAMS,
    Stream,
)
from app.errors import (
    AuthError,
    Cancelled,
    ContractError,
    Parameter,
    SyncError,
    TransientError,
)

_SAMPLE = 100
_FAR_AHEAD = "2999-01-01T00:00:00.000Z"
LEFT_OUT = {
    ("rostering", 403): "demographics_not_permitted",
    ("gradebook", 403): "gradebook_not_permitted",
}
"""What is said of a stream that is left out, by its service and the status; others do not exist."""

_Findings = Generator[Request, Response, list[Finding]]


def check(service: Service, streams: Sequence[Stream], writes: bool) -> Check:
    """Tries the service; bad settings are findings, never exceptions.

    ``writes`` says that the gradebook is to be written: nothing is, but it is told whether it may.
    """
    findings: list[Finding] = []
    counts: dict[str, int] = {}
    try:
        yield from service.credentials.authorization()
        granted = " ".join(sorted(s.removeprefix(SCOPE) for s in service.credentials.scopes))
        findings.append(_good("token_granted", scopes=granted))
        for stream in streams:
            try:
                found, counts[stream.name] = yield from _collection(service, stream)
            except (ContractError, AuthError) as error:
                # Of this collection; another may be readable.
                found = _bad(error)
            findings.append(found)
        fullest = max(counts, key=counts.__getitem__, default="")
        if counts.get(fullest):
            findings += yield from _heeded(service, STREAMS[fullest])
        if writes and service.grants(CREATE_PUT, CREATE_POST):
            findings.append(_good("gradebook_writable"))
        elif writes:
            findings.append(Finding("gradebook_not_writable", Grade.NOTE))
    except Cancelled:
        raise
    except SyncError as error:
        findings.append(_bad(error))
    return findings


def _collection(
    service: Service, stream: Stream
) -> Generator[Request, Response, tuple[Finding, int]]:
    query: dict[str, str | int] = {"limit": 1, "offset": 0}
    response = yield from service.ask(stream, f"/{stream.collection}", query)
    if response.status in stream.dispensable:
        service.denied.add(stream.name)
        scope = stream.scopes[0].removeprefix(SCOPE)
        code = LEFT_OUT.get((stream.service, response.status), "not_offered")
        return Finding(code, Grade.NOTE, {"entity": stream.name, "scope": scope}), 0
    if response.status != 200:
        raise refusal(response, stream)
    service.denied.discard(stream.name)
    received = len(rows_of(response, stream))
    stated = response.headers.get("x-total-count", "").strip()
    if not received:
        return Finding("collection_empty", Grade.NOTE, {"entity": stream.name}), 0
    if not stated.isdecimal():
        return Finding("collection_not_counted", Grade.NOTE, {"entity": stream.name}), received
    service.totals = True
    count = int(stated[:18])
    told: dict[str, Parameter] = {"entity": stream.name, "count": count}
    return Finding("collection_readable", Grade.GOOD, told), count


def _heeded(service: Service, stream: Stream) -> _Findings:
    """Whether sort and filter are heeded, tried on the collection with most rows."""
    in_order = yield from _rows(service, stream, sort="sourcedId", orderBy="asc")
    none = yield from _rows(service, stream, filter=f"dateLastModified>='{_FAR_AHEAD}'")
    keys = [wire.careful_heading(row).key or "" for row in in_order or ()]
    sorts = in_order is not None and keys in (sorted(keys), sorted(keys, key=str.lower))
    service.filters = none == []
    return [
        _good("sort_heeded") if sorts else Finding("sort_not_heeded", Grade.NOTE),
        _good("filter_heeded") if service.filters else Finding("filter_not_heeded", Grade.NOTE),
    ]


def _rows(
    service: Service, stream: Stream, **query: str
) -> Generator[Request, Response, list[Raw] | None]:
    """A few rows, or ``None`` where the service does not answer to such a query."""
    asked: dict[str, str | int] = {"limit": _SAMPLE, "offset": 0, **query}
    try:
        response = yield from service.ask(stream, f"/{stream.collection}", asked)
        return rows_of(response, stream) if response.status == 200 else None
    except (ContractError, TransientError):
        return None


def _good(code: str, **parameters: str) -> Finding:
    return Finding(code, Grade.GOOD, parameters)


def _bad(error: SyncError) -> Finding:
    return Finding(error.code, Grade.BAD, error.parameters)
