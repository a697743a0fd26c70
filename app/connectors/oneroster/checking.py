"""*Test connection*: what works, what does not, and what will cost time, in plain findings.

Two small requests a collection and half a dozen more: nothing is written, and no answer is larger
than one page. What is found out is what the next reading begins with (``habits``).
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from msgspec import Raw

from app.connectors.contract import Check, Finding, Gone, Grade, Page, Request, Response, Row
from app.connectors.oneroster import wire
from app.connectors.oneroster.habits import SMALLEST
from app.connectors.oneroster.joining import JOINED
from app.connectors.oneroster.paging import OVERLAP, Reading, first_page, in_order, stated
from app.connectors.oneroster.service import Service, rows_of
from app.connectors.oneroster.settings import JOINED_BY
from app.connectors.oneroster.single import single
from app.connectors.oneroster.vocabulary import SCOPE, Stream
from app.errors import (
    AuthError,
    Cancelled,
    ContractError,
    Parameter,
    SyncError,
    TransientError,
)
from app.roster.values import Unfit, instant_text, parse_instant
from app.roster.words import Odd, merged, odd_words, told_words

_SAMPLE = 100
_FAR_AHEAD = "2999-01-01T00:00:00.000Z"
_NOBODY = "mindkindler-nobody-has-this-key"
LEFT_OUT = {
    ("rostering", 403): "demographics_not_permitted",
    ("gradebook", 403): "gradebook_not_permitted",
    ("resources", 403): "resources_not_permitted",
}
"""What is said of a stream that is left out, by its service and the status; others do not exist."""

_Findings = Generator[Request, Response, list[Finding]]


def check(
    service: Service,
    streams: Callable[[], Iterable[Stream]],
    writes: Iterable[str],
    *,
    posts: bool,
    joins: bool,
) -> Check:
    """Tries the service; bad settings are findings, never exceptions.

    ``streams`` tells what is switched on, once it is known what is spoken there. ``writes`` are the
    settings by which something is to be written, ``posts`` how it is created: nothing is, but it
    is told whether it may be. ``joins`` says whether several rows of one person are joined.
    """
    findings: list[Finding] = []
    try:
        findings += yield from service.access.tried()
        yield from service.locate()
        samples: list[_Sample] = []
        collections: list[Finding] = []
        for stream in streams():
            found, sample = yield from _collection(service, stream)
            collections.append(found)
            samples += [sample] if sample else []
        if any(found.grade is not Grade.BAD for found in collections):
            findings.append(
                Finding.good("version_found", version=service.version, path=service.path)
            )
        findings += collections
        if samples:
            fullest = max(samples, key=lambda one: one.size)
            findings += yield from _paging(service, fullest)
            findings += yield from _filtering(service, streams(), fullest)
            findings += yield from _by_key(service, samples, fullest)
            findings += _clock(fullest)
        findings += _odd_words(service, samples)
        for sample in samples:
            if sample.stream.name == JOINED and not joins:
                findings += _several_rows(service, sample)
        for setting in writes:
            findings += _writing(service, setting, streams(), posts=posts)
    except Cancelled:
        raise
    except SyncError as error:
        findings.append(Finding.failed(error))
    return findings


# -- one collection after the other -----------------------------------------------------------


@dataclass
class _Sample:
    """What a first look at a collection showed."""

    stream: Stream
    asked_at: datetime
    response: Response
    rows: list[Raw]
    total: int | None
    newest: datetime | None
    """The newest change, of all rows or of these."""
    of_all: bool
    keys: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many rows there are, as far as known."""
        return len(self.rows) if self.total is None else self.total


def _collection(
    service: Service, stream: Stream
) -> Generator[Request, Response, tuple[Finding, "_Sample | None"]]:
    """What there is to be read, and how new it is; trouble with one collection is its own."""
    about: dict[str, Parameter] = {"entity": stream.name}
    scope = stream.scopes[0].removeprefix(SCOPE)
    try:
        if stream.dispensable and not service.grants(*stream.scopes):
            status = 403
        else:
            sample = yield from _looked_at(service, stream)
            status = sample.response.status
        if status in stream.dispensable:
            service.denied.add(stream.name)
            code = LEFT_OUT.get((stream.service, status), "not_offered")
            return Finding.note(code, **about, scope=scope), None
        if status != 200:
            raise (yield from service.refused(sample.response, stream))
        service.denied.discard(stream.name)
    except ContractError as error:
        return Finding.failed(error), None
    except AuthError as error:
        if error.code not in ("collection_forbidden", "token_refused"):
            raise  # there is no way in, for any collection
        return Finding.failed(error), None
    except TransientError as error:
        if error.parameters.get("status") is None:
            raise  # the network, which will not do better with the next one
        return Finding.failed(error), None
    service.habits.of(stream.name).totals = sample.total is not None
    if not sample.rows:
        return Finding.note("collection_empty", **about), None
    return _told(sample), sample


def _told(sample: _Sample) -> Finding:
    code = "collection_not_counted"
    told: dict[str, Parameter] = {"entity": sample.stream.name}
    if sample.total is not None:
        code, told = "collection_readable", {**told, "count": sample.total}
    if sample.newest is not None:
        code += "_dated" if sample.of_all else "_sampled"
        told["newest"] = instant_text(sample.newest)
        told |= {} if sample.of_all else {"sample": len(sample.rows)}
    wanting = sample.total is None or sample.newest is None
    return Finding(code, Grade.NOTE if wanting else Grade.GOOD, told)


def _looked_at(service: Service, stream: Stream) -> Generator[Request, Response, _Sample]:
    """A few rows of a collection, those changed last where the service sorts by that."""
    asked_at = service.io.clock()
    query: dict[str, str | int] = {"limit": _SAMPLE, "offset": 0}
    response: Response | None = None
    try:
        by_date = {**query, "sort": "dateLastModified", "orderBy": "desc"}
        response = yield from service.ask(stream, f"/{stream.collection}", by_date)
    except TransientError as error:
        if error.parameters.get("status") != 500:
            raise
    if response is None or response.status not in (200, 401, 403, 404):
        response = yield from service.ask(stream, f"/{stream.collection}", query)
    rows = rows_of(response, stream) if response.status == 200 else []
    headings = [wire.careful_heading(row) for row in rows]
    instants = [_instant(heading.modified) for heading in headings]
    dated = [instant for instant in instants if instant is not None]
    total = stated(response, len(rows))
    sorts = len(set(dated)) > 1 and len(dated) == len(rows) and dated == sorted(dated)[::-1]
    return _Sample(
        stream,
        asked_at,
        response,
        rows,
        total,
        max(dated, default=None),
        sorts or len(rows) == total,
        [heading.key for heading in headings if heading.key and not heading.dead],
    )


def _instant(text: str | None) -> datetime | None:
    try:
        return parse_instant(text or "")
    except Unfit:
        return None


# -- how it is answered, tried on the collection with most rows -------------------------------


def _paging(service: Service, sample: _Sample) -> _Findings:
    """How a read begins: how many rows come at once, in which order, and where to go on."""
    stream, habit = sample.stream, service.habits.of(sample.stream.name)
    try:
        page: Page = yield from first_page(Reading(service, stream))
    except (ContractError, AuthError, TransientError) as error:
        return [Finding.failed(error)]
    findings = []
    refuses_sort = any(note.code == "sort_given_up" for note in page.notes)
    sorts = len(page.keys) > 1 and in_order(page.keys) and not refuses_sort
    findings.append(Finding.good("sort_heeded") if sorts else Finding.note("sort_not_heeded"))
    asked = habit.size or service.io.page_size
    more = sample.size if page.total is None else page.total
    if page.received < min(asked, more):
        habit.size = max(page.received, SMALLEST)
        findings.append(Finding.note("page_clamped", count=page.received, asked=asked))
    elif habit.size:
        findings.append(Finding.note("page_refused", count=habit.size, asked=service.io.page_size))
    else:
        findings.append(Finding.good("page_as_asked", asked=asked))
    linked = bool(sample.response.headers.get("link", "").strip())
    if linked or page.total is None:
        findings.append(Finding.good("links_given") if linked else Finding.note("links_missing"))
    return findings


def _filtering(service: Service, streams: Iterable[Stream], sample: _Sample) -> _Findings:
    """Whether changes alone can be asked for, and those of a moment with it (C3)."""
    none = yield from _since(service, sample.stream, _FAR_AHEAD)
    if none != []:
        service.habits.of(sample.stream.name).filters = False
        return [Finding.note("filter_not_heeded")]
    for stream in streams:
        # What does well for one is tried again for each, whatever it had refused before.
        service.habits.of(stream.name).filters = True
    findings = [Finding.good("filter_heeded")]
    if sample.newest is not None:
        moment = sample.newest.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        if not (yield from _since(service, sample.stream, moment)):
            findings.append(Finding.note("filter_excludes"))
    return findings


def _since(
    service: Service, stream: Stream, moment: str
) -> Generator[Request, Response, list[Raw] | None]:
    """A few rows changed since then, or ``None`` where that is no question for the service."""
    query: dict[str, str | int] = {"limit": _SAMPLE, "offset": 0}
    query["filter"] = f"dateLastModified>='{moment}'"
    try:
        response = yield from service.ask(stream, f"/{stream.collection}", query)
        return rows_of(response, stream) if response.status == 200 else None
    except (ContractError, TransientError):
        return None


def _by_key(service: Service, samples: Iterable[_Sample], fullest: _Sample) -> _Findings:
    """Whether records can be looked up one by one, which is how a removal is made sure (D1)."""
    findings, works = [], False
    for sample in samples:
        habit, stream = service.habits.of(sample.stream.name), sample.stream
        # Two, as one may just have gone.
        for key in {sample.keys[0]: None, sample.keys[-1]: None} if sample.keys else ():
            habit.by_key = yield from _answers(service, stream, key, there=True)
            if habit.by_key:
                break
        works = works or bool(habit.by_key)
        if habit.by_key is False:
            findings.append(Finding.note("by_key_fails", entity=stream.name))
    if works and not (yield from _answers(service, fullest.stream, _NOBODY, there=False)):
        for sample in samples:
            service.habits.of(sample.stream.name).by_key = False
        findings.append(Finding.note("by_key_unsure"))
    elif works:
        findings.insert(0, Finding.good("by_key_works"))
    return findings


def _answers(
    service: Service, stream: Stream, key: str, *, there: bool
) -> Generator[Request, Response, bool]:
    """Whether a key is answered as it should be."""
    try:
        found = (yield from single(service, stream, key)).found
    except (ContractError, AuthError, TransientError):
        return False
    return there != isinstance(found, Gone)


def _clock(sample: _Sample) -> list[Finding]:
    """By how much the service's clock differs from ours."""
    try:
        there = parsedate_to_datetime(sample.response.headers.get("date", ""))
    except ValueError:
        return []
    ahead = there.replace(tzinfo=there.tzinfo or UTC) - sample.asked_at
    if abs(ahead) < OVERLAP:
        return [Finding.good("clock_agrees")]
    code = "clock_ahead" if ahead > timedelta() else "clock_behind"
    return [Finding.note(code, minutes=round(abs(ahead) / timedelta(minutes=1)))]


def _odd_words(service: Service, samples: Iterable[_Sample]) -> list[Finding]:
    """Grades, roles and class types among these rows that nobody has given a meaning."""
    odd: Odd = Counter()
    for sample in samples:
        read = service.readers[sample.stream.name]
        rows = [row for raw in sample.rows if isinstance(row := read(raw), Row)]
        merged(odd, odd_words(sample.stream.entity, [row.patch for row in rows]))
    return [Finding.note(code, words=words) for code, words in told_words(odd).items()]


def _several_rows(service: Service, sample: _Sample) -> list[Finding]:
    """By what rows could be joined, where some people come in several (A5).

    That they have one name as well tells them from a family with one address.
    """
    stream = sample.stream
    live = [raw for raw in sample.rows if not wire.careful_heading(raw).dead]
    rows = [row for row in map(service.readers[stream.name], live) if isinstance(row, Row)]
    told = [dict(zip(stream.entity.field_names, row.patch, strict=True)) for row in rows]
    for name in JOINED_BY:
        if name not in stream.entity.by_name:
            continue  # OneRoster 1.1 has no master ID
        people = Counter(
            (one[name], one["given_name"], one["family_name"])
            if isinstance(one[name], str)
            else (place,)
            for place, one in enumerate(told)
        )
        if several := sum(count > 1 for count in people.values()):
            about: dict[str, Parameter] = {"entity": stream.name, "field": name}
            about |= {"count": several, "sample": len(people)}
            return [Finding.note("several_rows_of_one", **about)]
    return []


def _writing(
    service: Service, setting: str, streams: Iterable[Stream], *, posts: bool
) -> list[Finding]:
    """What may be written by one setting: what the token says of it, as nothing is tried out."""
    ways: dict[str, set[str]] = {}
    for stream in streams:
        if stream.switch == setting:
            for way, scope in stream.writing.items():
                ways.setdefault(way, set()).add(scope)
    if not ways:
        return []
    if not service.access.scopes:
        return [Finding.note(f"{setting}_writes_untold")]
    allowed = {way for way, scopes in ways.items() if service.grants(*scopes)}
    if "put" not in allowed and not (posts and "post" in allowed):
        return [Finding.note(f"{setting}_not_writable")]
    findings = [Finding.good(f"{setting}_writable")]
    if "put" not in allowed:
        findings.append(Finding.note(f"{setting}_changes_not_permitted"))
    if posts and "post" in ways and "post" not in allowed:
        findings.append(Finding.note(f"{setting}_creates_not_permitted"))
    if "delete" not in allowed:
        findings.append(Finding.note(f"{setting}_deletes_not_permitted"))
    return findings
