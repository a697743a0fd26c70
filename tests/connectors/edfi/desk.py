"""A practice Ed-Fi service, somebody who works there, and this program, which writes to it."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from threading import Event
from typing import Any

import requests

from app.connectors.conformance import Bench, run
from app.connectors.contract import Change, Io, PushResult, Request, Response, Row, Transport
from app.connectors.edfi.connector import EdFiConnector
from app.connectors.edfi.service import Service
from app.connectors.edfi.settings import Settings
from app.connectors.edfi.telling import FIELDS
from app.connectors.http import HttpTransport, Limits
from app.errors import TransientError
from tests.practice.edfi.client import Client, serving, speaking
from tests.practice.edfi.small_district import (
    HIGH,
    YEAR,
    Document,
    at_school,
    descriptor,
    documents,
    section_reference,
    student,
)

TODAY = datetime(2025, 10, 1, 12, tzinfo=UTC)
BIRTH = {"demographics": {"birth_date": "2010-05-05"}}
SECTION = f"sections/ALG-1|{HIGH}|{YEAR}|ALG-{HIGH}|Fall"
PERIOD = {
    "gradingPeriodDescriptor": descriptor("GradingPeriod", "First Six Weeks"),
    "gradingPeriodName": "First",
    "schoolId": HIGH,
    "schoolYear": YEAR,
}
EVERYTHING = {
    "rosters": "write",
    "guardians": "on",
    "demographics": "write",
    "gradebook": "write",
    "grades": "write",
    "assessments": "write",
}


class Watched:
    """Every request on its way to the service; it may be lost, and something may come first."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.writes: list[tuple[str, str]] = []
        self.bodies: list[bytes] = []
        self.before: Callable[[Request], None] = lambda request: None
        self.lost_after: int | None = None
        """So many writes have their answer; with the next one the network breaks."""
        self.arrives = True
        """Whether that next one arrives all the same."""
        self._broken = False

    def mended(self) -> None:
        """From now on the network works."""
        self.lost_after, self._broken = None, False
        self.writes.clear()

    def send(self, request: Request, cancel: Event) -> Response:
        if "/data/" in request.url and request.method != "GET":
            self.before(request)
            if not self._broken and len(self.writes) == self.lost_after:
                self._broken = True
                if self.arrives:
                    self._inner.send(request, cancel)
            self.writes.append((request.method, request.url.partition("/ed-fi/")[2]))
            self.bodies.append(request.body or b"")
        if self._broken:
            raise TransientError("answer_cut_short", host="", path="")
        return self._inner.send(request, cancel)

    def close(self) -> None:
        self._inner.close()


@dataclass
class Desk:
    """What a test needs of both sides."""

    ready: dict[str, Any]
    sis: Client
    transport: HttpTransport
    settings: dict[str, str] = field(default_factory=lambda: dict(EVERYTHING))
    watched: Watched = field(init=False)

    def __post_init__(self) -> None:
        self.watched = Watched(self.transport)

    def _opened(self, client: str, more: dict[str, str]) -> tuple[Settings, dict[str, str], Io]:
        way_in = self.ready["edfi_clients"][client]
        told: dict[str, Any] = {**self.settings, **more}
        settings = Settings(base_url=self.ready["edfi_url"], key=way_in["key"], **told)
        return settings, {"secret": way_in["secret"]}, Io(lambda: TODAY, Random(1), Event())

    def service(self, client: str = "district", **more: str) -> Service:
        """A service as the connector opens it."""
        return Service(*self._opened(client, more))

    def connector(self, client: str = "district", **more: str) -> EdFiConnector:
        """The connector itself."""
        return EdFiConnector(*self._opened(client, more))

    def push(self, change: Change, client: str = "district", **more: str) -> PushResult:
        """What comes of a change."""
        found: PushResult = run(self.connector(client, **more).push(change, Bench()), self.watched)
        return found

    def confirm(self, change: Change) -> PushResult:
        """What is found of a change."""
        found: PushResult = run(self.connector().confirm(change, Bench()), self.watched)
        return found

    def create(self, entity: str, key: str = "ours", **patch: Any) -> PushResult:
        """Creates a record."""
        return self.push(Change(entity, "create", key, patch))

    def update(self, entity: str, key: str, **fields: tuple[Any, Any]) -> PushResult:
        """Changes fields: (what was agreed, what is to be)."""
        patch = {name: to for name, (_, to) in fields.items()}
        base = {name: was for name, (was, _) in fields.items()}
        return self.push(Change(entity, "update", key, patch, base))

    def delete(self, entity: str, key: str) -> PushResult:
        """Deletes a record."""
        return self.push(Change(entity, "delete", key, {}))

    # -- what somebody else does at the SIS --

    def enrolled(self, key: str, **more: Any) -> str:
        """A student at the high school, made at the SIS; the key."""
        self.post("students", student(key, **more))
        self.post("studentSchoolAssociations", at_school(key))
        return f"students/{key}"

    def post(self, resource: str, document: Document) -> None:
        """Makes a document at the SIS."""
        answer = self.sis.data("POST", resource, json=document)
        assert answer.status_code in (200, 201), answer.text

    def edit(self, resource: str, query: dict[str, Any], **members: Any) -> None:
        """Changes members of a document at the SIS."""
        document = self.one(resource, **query)
        id_ = document.pop("id")
        for name in ("_etag", "_lastModifiedDate"):
            document.pop(name, None)
        answer = self.sis.data("PUT", f"{resource}/{id_}", json={**document, **members})
        assert answer.status_code == 204, answer.text

    def all(self, resource: str, **query: Any) -> list[Document]:
        """The documents of a query."""
        return self.sis.list(resource, **query)

    def one(self, resource: str, **query: Any) -> Document:
        """The only document of a query."""
        (document,) = self.all(resource, **query)
        return document


def said(entity: str, row: Row | None) -> dict[str, Any]:
    """What a row says, by field."""
    assert row is not None
    return dict(zip(FIELDS[entity], row.patch, strict=True))


def district() -> Iterator[tuple[str, Document]]:
    """The small district with a grading period, an assessment and a piece of graded work."""
    yield from documents()
    yield (
        "gradingPeriods",
        {
            "gradingPeriodDescriptor": PERIOD["gradingPeriodDescriptor"],
            "gradingPeriodName": "First",
            "schoolReference": {"schoolId": HIGH},
            "schoolYearTypeReference": {"schoolYear": YEAR},
            "beginDate": "2025-08-25",
            "endDate": "2025-10-03",
            "totalInstructionalDays": 29,
        },
    )
    yield (
        "assessments",
        {
            "assessmentIdentifier": "A1",
            "namespace": "uri://ed-fi.org/Assessment",
            "assessmentTitle": "Reading",
            "academicSubjects": [
                {"academicSubjectDescriptor": descriptor("AcademicSubject", "ELA")}
            ],
        },
    )
    yield (
        "gradebookEntries",
        {
            "gradebookEntryIdentifier": "g1",
            "namespace": "uri://ed-fi.org",
            "sourceSectionIdentifier": f"ALG-{HIGH}",
            "sectionReference": section_reference(),
            "dateAssigned": "2025-09-01",
            "title": "Quiz",
            "maxPoints": 10,
        },
    )


@contextmanager
def desk_at(sis: Client) -> Iterator[Desk]:
    """A desk at a service that is running; ``sis`` has signed in before, once for all tests."""
    impatient = Limits(attempts=2, backoff=0.01)
    sis.session = requests.Session()
    with closing(sis.session), closing(HttpTransport(impatient)) as transport:
        yield Desk(sis.ready, sis, transport)


@contextmanager
def open_district() -> Iterator[Client]:
    """Somebody signed in to a service of its own over ``district``."""
    with serving(district()) as ready, speaking(ready) as sis:
        sis.session.close()
        yield sis
