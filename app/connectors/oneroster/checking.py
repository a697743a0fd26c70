"""*Test connection*: what works, what does not, and what will cost time, in plain findings."""

from collections.abc import Generator

from app.connectors.contract import Check, Finding, Grade, Request, Response
from app.connectors.oneroster import wire
from app.connectors.oneroster.service import Service, refusal, rows_of
from app.connectors.oneroster.vocabulary import DEMOGRAPHICS, SCOPE, STREAMS, Stream
from app.errors import Cancelled, SyncError

_SAMPLE = 100
_FAR_AHEAD = "2999-01-01T00:00:00.000Z"
_Findings = Generator[Request, Response, list[Finding]]


def check(service: Service) -> Check:
    """Tries the service; bad settings are findings, never exceptions."""
    findings: list[Finding] = []
    try:
        yield from service.credentials.authorization()
        granted = " ".join(sorted(s.removeprefix(SCOPE) for s in service.credentials.scopes))
        findings.append(_good("token_granted", scopes=granted))
        yield from service.request("/")
        findings.append(_good("service_reached"))
    except Cancelled:
        raise
    except SyncError as error:
        return [*findings, _bad(error)]
    fullest: tuple[int, Stream] | None = None
    for stream in STREAMS.values():
        try:
            found, rows = yield from _collection(service, stream)
        except Cancelled:
            raise
        except SyncError as error:
            findings.append(_bad(error))
            continue
        findings.append(found)
        if rows and (fullest is None or rows > fullest[0]):
            fullest = rows, stream
    if fullest is not None:
        findings += yield from _filtering(service, fullest[1])
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
    stated = response.headers.get("x-total-count", "")
    if not stated.isdecimal():
        return Finding("collection_readable", Grade.NOTE, {"entity": stream.name}), received
    service.totals = True
    count = int(stated)
    grade = Grade.GOOD if count else Grade.NOTE
    return Finding("collection_counted", grade, {"entity": stream.name, "count": count}), count


def _filtering(service: Service, stream: Stream) -> _Findings:
    """Whether sort and filter are heeded, tried on the collection with most rows."""
    findings: list[Finding] = []
    query: dict[str, str | int] = {
        "limit": _SAMPLE,
        "offset": 0,
        "sort": "sourcedId",
        "orderBy": "asc",
    }
    for name, extra in (("sort", {}), ("filter", {"filter": f"dateLastModified>='{_FAR_AHEAD}'"})):
        try:
            response = yield from service.ask(f"/{stream.collection}", query | extra)
            rows = rows_of(response, stream) if response.status == 200 else None
        except Cancelled:
            raise
        except SyncError:
            rows = None
        if rows is None:
            heeded = False
        elif name == "filter":
            heeded = not rows
        else:
            keys = [wire.careful_heading(row).key or "" for row in rows]
            heeded = keys in (sorted(keys), sorted(keys, key=str.lower))
        if name == "filter":
            service.filters = heeded
        findings.append(
            _good(f"{name}_heeded") if heeded else Finding(f"{name}_not_heeded", Grade.NOTE)
        )
    return findings


def _good(code: str, **parameters: str) -> Finding:
    return Finding(code, Grade.GOOD, parameters)


def _bad(error: SyncError) -> Finding:
    return Finding(error.code, Grade.BAD, error.parameters)
