"""*Test connection*: what works, what does not, and what will cost time, in plain findings."""

from collections.abc import Generator

from msgspec import Raw

from app.connectors.contract import Check, Finding, Grade, Request, Response
from app.connectors.oneroster import wire
from app.connectors.oneroster.service import Service, refusal, rows_of
from app.connectors.oneroster.vocabulary import DEMOGRAPHICS, SCOPE, STREAMS, Stream
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
_Findings = Generator[Request, Response, list[Finding]]


def check(service: Service) -> Check:
    """Tries the service; bad settings are findings, never exceptions."""
    findings: list[Finding] = []
    counts: dict[str, int] = {}
    try:
        yield from service.credentials.authorization()
        granted = " ".join(sorted(s.removeprefix(SCOPE) for s in service.credentials.scopes))
        findings.append(_good("token_granted", scopes=granted))
        for stream in STREAMS.values():
            try:
                found, counts[stream.name] = yield from _collection(service, stream)
            except (ContractError, AuthError) as error:
                # Of this collection; another may be readable.
                found = _bad(error)
            findings.append(found)
        fullest = max(counts, key=counts.__getitem__, default="")
        if counts.get(fullest):
            findings += yield from _heeded(service, STREAMS[fullest])
    except Cancelled:
        raise
    except SyncError as error:
        findings.append(_bad(error))
    return findings


def _collection(
    service: Service, stream: Stream
) -> Generator[Request, Response, tuple[Finding, int]]:
    query: dict[str, str | int] = {"limit": 1, "offset": 0}
    response = yield from service.ask(f"/{stream.collection}", query)
    if stream.name == "demographics" and response.status == 403:
        service.denied.add(stream.name)
        scope = DEMOGRAPHICS.removeprefix(SCOPE)
        return Finding("demographics_not_permitted", Grade.NOTE, {"scope": scope}), 0
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
        response = yield from service.ask(f"/{stream.collection}", asked)
        return rows_of(response, stream) if response.status == 200 else None
    except (ContractError, TransientError):
        return None


def _good(code: str, **parameters: str) -> Finding:
    return Finding(code, Grade.GOOD, parameters)


def _bad(error: SyncError) -> Finding:
    return Finding(error.code, Grade.BAD, error.parameters)
