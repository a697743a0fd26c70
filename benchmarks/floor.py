"""The floor: the least a program can do that ends with the roster in a database.

One connection, one page fetched ahead, a typed decode to columns, one upsert a page. It asks for
the very pages that our connector asks for, the row of overlap included. It resolves no reference,
notices no change, proves nothing and can undo nothing: what we do on top is what the ratio shows.
"""

import base64
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Raw, Struct

from benchmarks.measuring import Service, service, tell

PAGE = 5000
ROSTERING = "/ims/oneroster/rostering/v1p2"
SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
SCOPES = f"{SCOPE}roster.readonly {SCOPE}roster-demographics.readonly"
NOTHING = Raw()

T = TypeVar("T")


class Ref(Struct, frozen=True, gc=False):
    """A reference; its column is the key."""

    sourcedId: str | None = None


NOBODY = Ref()


class Row(Struct, gc=False):
    """What all rows have. Lists stay the JSON that they came as."""

    sourcedId: str
    status: str | None = None
    dateLastModified: str | None = None


class Org(Row, gc=False):
    name: str | None = None
    type: str | None = None
    identifier: str | None = None
    parent: Ref = NOBODY


class AcademicSession(Row, gc=False):
    title: str | None = None
    startDate: str | None = None
    endDate: str | None = None
    type: str | None = None
    parent: Ref = NOBODY
    schoolYear: str | None = None


class Course(Row, gc=False):
    title: str | None = None
    schoolYear: Ref = NOBODY
    courseCode: str | None = None
    grades: Raw = NOTHING
    subjects: Raw = NOTHING
    org: Ref = NOBODY
    subjectCodes: Raw = NOTHING


class Class(Row, gc=False):
    title: str | None = None
    classCode: str | None = None
    classType: str | None = None
    location: str | None = None
    grades: Raw = NOTHING
    subjects: Raw = NOTHING
    course: Ref = NOBODY
    school: Ref = NOBODY
    terms: Raw = NOTHING
    subjectCodes: Raw = NOTHING
    periods: Raw = NOTHING


class User(Row, gc=False):
    username: str | None = None
    userIds: Raw = NOTHING
    enabledUser: str | None = None
    givenName: str | None = None
    familyName: str | None = None
    middleName: str | None = None
    roles: Raw = NOTHING
    primaryOrg: Ref = NOBODY
    identifier: str | None = None
    email: str | None = None
    sms: str | None = None
    phone: str | None = None
    agents: Raw = NOTHING
    grades: Raw = NOTHING


class Demographics(Row, gc=False):
    birthDate: str | None = None
    sex: str | None = None
    americanIndianOrAlaskaNative: str | None = None
    asian: str | None = None
    blackOrAfricanAmerican: str | None = None
    nativeHawaiianOrOtherPacificIslander: str | None = None
    white: str | None = None
    demographicRaceTwoOrMoreRaces: str | None = None
    hispanicOrLatinoEthnicity: str | None = None
    countryOfBirthCode: str | None = None
    stateOfBirthAbbreviation: str | None = None
    cityOfBirth: str | None = None
    publicSchoolResidenceStatus: str | None = None


class Enrollment(Row, gc=False):
    user: Ref = NOBODY
    # A word of Python's own on the wire.
    class_: Ref = msgspec.field(name="class", default=NOBODY)
    school: Ref = NOBODY
    role: str | None = None
    primary: str | None = None
    beginDate: str | None = None
    endDate: str | None = None


TABLES: dict[str, type[Row]] = {
    "orgs": Org,
    "academicSessions": AcademicSession,
    "courses": Course,
    "classes": Class,
    "users": User,
    "demographics": Demographics,
    "enrollments": Enrollment,
}


class Table:
    """One stream: how its pages are decoded, and how they are written."""

    def __init__(self, database: sqlite3.Connection, name: str, row: type[Row]) -> None:
        fields = msgspec.structs.fields(row)
        page = msgspec.defstruct("Page", [("rows", list[row])], rename={"rows": name})  # type: ignore[valid-type]
        self.decode: Callable[[bytes], Any] = msgspec.json.Decoder(page).decode
        self.columns = attrgetter(
            *(f"{f.name}.sourcedId" if f.type is Ref else f.name for f in fields)
        )
        names = [f'"{f.name}"' for f in fields]
        database.execute(f"CREATE TABLE {name} ({', '.join(names)}, PRIMARY KEY (sourcedId))")
        self.upsert = (
            f"INSERT INTO {name} VALUES ({', '.join('?' * len(names))}) "  # noqa: S608  our own words
            f"ON CONFLICT DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in names[1:])}"
        )


def load(service: Service, path: Path) -> int:
    """Reads the whole roster into the new database ``path``; how many rows it holds then."""
    with (
        closing(HTTPConnection(urlsplit(service.settings["base_url"]).netloc)) as connection,
        closing(sqlite3.connect(path)) as database,
    ):
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        tables = {name: Table(database, name, row) for name, row in TABLES.items()}
        for name, body in _ahead(_pages(connection, service)):
            table = tables[name]
            with database:
                database.executemany(table.upsert, map(table.columns, table.decode(body).rows))
        counts = (database.execute(f"SELECT count(*) FROM {name}") for name in tables)  # noqa: S608  our own words
        return sum(count for (count,) in map(sqlite3.Cursor.fetchone, counts))


def _pages(connection: HTTPConnection, service: Service) -> Iterator[tuple[str, bytes]]:
    """The pages of every collection, as they come."""
    headers = {"Authorization": f"Bearer {_token(connection, service)}"}
    for name in TABLES:
        received, total = 0, 1
        while received < total:
            offset = max(0, received - 1)
            query = f"?limit={PAGE}&offset={offset}&sort=sourcedId&orderBy=asc"
            connection.request("GET", f"{ROSTERING}/{name}{query}", headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, f"{name}: {answer.status}"
            total = int(answer.headers["X-Total-Count"])
            received = offset + PAGE
            yield name, body


def _token(connection: HTTPConnection, service: Service) -> str:
    login = f"{service.settings['client_id']}:{service.client_secret}".encode()
    headers = {
        "Authorization": f"Basic {base64.b64encode(login).decode()}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    asked = f"grant_type=client_credentials&scope={SCOPES}"
    connection.request("POST", urlsplit(service.settings["token_url"]).path, asked, headers)
    token: str = json.loads(connection.getresponse().read())["access_token"]
    return token


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """The items; a thread makes the next one while this one is worked."""
    with ThreadPoolExecutor(1) as fetching:
        coming = fetching.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = fetching.submit(next, items, None)
            yield item


def main() -> None:
    """Loads once, into the new folder of the first argument."""
    folder = Path(sys.argv[1])
    folder.mkdir()
    found = service()
    began = time.perf_counter()
    records = load(found, folder / "floor.sqlite")
    tell(seconds=time.perf_counter() - began, records=records)


if __name__ == "__main__":
    main()
