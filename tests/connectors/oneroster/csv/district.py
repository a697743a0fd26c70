"""A small district as OneRoster CSV, made here: its tables, and how they become files."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from app.connectors.oneroster.csv.columns import FILES

Table = list[dict[str, str]]
Tables = dict[str, Table]


def tables(version: str = "1.2", students: int = 60) -> Tables:
    """Two schools, a year with two terms, six classes, teachers and students."""
    person = {"enabledUser": "true", "familyName": "Núñez"}
    users: Table = []
    roles: Table = []
    for number in range(students + 3):
        kind = "student" if number < students else "teacher"
        key, org = f"u{number:03d}", f"s{number % 2 + 1}"
        one = {
            **person,
            "sourcedId": key,
            "username": f"user{number}",
            "givenName": f"Ana {number}, Jr" if number % 7 == 0 else f"Ana {number}",
            "identifier": f"{9000 + number}",
            "userIds": f"{{State:{7000 + number}}}",
            "email": f"ana{number}@example.org",
            "grades": "09" if kind == "student" else "",
        }
        users.append(one)
        roles.append(
            {
                "sourcedId": f"r{number:03d}",
                "userSourcedId": key,
                "roleType": "primary",
                "role": kind,
                "orgSourcedId": org,
            }
        )
    made: Tables = {
        "orgs": [
            {"sourcedId": "d1", "name": "District", "type": "district"},
            {"sourcedId": "s1", "name": "North", "type": "school", "parentSourcedId": "d1"},
            {"sourcedId": "s2", "name": "South", "type": "school", "parentSourcedId": "d1"},
        ],
        "academicSessions": [
            _session("y", "schoolYear", ""),
            _session("t1", "term", "y"),
            _session("t2", "term", "y"),
        ],
        "courses": [
            {
                "sourcedId": "c1",
                "title": "Algebra I",
                "schoolYearSourcedId": "y",
                "orgSourcedId": "d1",
                "grades": "09,10",
            }
        ],
        "classes": [
            {
                "sourcedId": f"k{number}",
                "title": f"Algebra I, period {number}",
                "courseSourcedId": "c1",
                "classType": "scheduled",
                "schoolSourcedId": f"s{number % 2 + 1}",
                "termSourcedIds": "t1,t2",
                "periods": str(number),
            }
            for number in range(6)
        ],
        "users": users,
        "enrollments": [
            {
                "sourcedId": f"e{number:03d}",
                "classSourcedId": f"k{number % 6}",
                "schoolSourcedId": f"s{number % 2 + 1}",
                "userSourcedId": f"u{number:03d}",
                "role": "student" if number < students else "teacher",
                "primary": "" if number < students else "true",
                "beginDate": "2026-08-17",
            }
            for number in range(students + 3)
        ],
        "demographics": [
            {"sourcedId": f"u{number:03d}", "birthDate": "2012-03-04", "sex": "female"}
            for number in range(10)
        ],
    }
    if version == "1.2":
        made["roles"] = roles
    else:
        for one, role in zip(users, roles, strict=True):
            one |= {"role": role["role"], "orgSourcedIds": role["orgSourcedId"]}
    return made


def _session(key: str, kind: str, parent: str) -> dict[str, str]:
    return {
        "sourcedId": key,
        "title": key.upper(),
        "type": kind,
        "startDate": "2026-08-01",
        "endDate": "2027-06-30",
        "parentSourcedId": parent,
        "schoolYear": "2027",
    }


def manifest(version: str, says: Mapping[str, str]) -> bytes:
    """What a manifest says; ``absent`` of every file that is not named."""
    lines = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
    lines += [f"file.{name},{says.get(name, 'absent')}" for name in FILES[version]]
    return "\r\n".join((*lines, "")).encode()


def text(name: str, rows: Iterable[Mapping[str, str]], version: str = "1.2") -> bytes:
    """A file as the standard has it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, FILES[version][name].header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def files(made: Tables, version: str = "1.2", says: str = "bulk") -> dict[str, bytes]:
    """The files of a set, by name."""
    found = {f"{name}.csv": text(name, rows, version) for name, rows in made.items()}
    found["manifest.csv"] = manifest(version, dict.fromkeys(made, says))
    return found


def put(folder: Path, told: Mapping[str, bytes]) -> Path:
    """Writes files into a folder; an older one of the same name is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in told.items():
        (folder / name).write_bytes(body)
    return folder


def packed(path: Path, told: Mapping[str, bytes], inside: str = "") -> Path:
    """Writes files into a ZIP."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in told.items():
            archive.writestr(inside + name, body)
    return path
