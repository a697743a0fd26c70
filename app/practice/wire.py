"""How records stand on the wire: JSON, references and moments, as OneRoster 1.2 writes them."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

Record = dict[str, Any]

ROSTERING = "/ims/oneroster/rostering/v1p2"
GRADEBOOK = "/ims/oneroster/gradebook/v1p2"
RESOURCES = "/ims/oneroster/resources/v1p2"
# OneRoster 1.1 has one address for all services.
OLDER = "/ims/oneroster/v1p1"

# References carry an absolute address in the standard. A fixed host keeps every record the same
# bytes whatever port the service got; many real services name an inner host that nobody outside
# reaches, so a client that follows these instead of using the sourcedId is wrong anyway.
HOST = "https://sis.practice.invalid"

_REFERRED = {
    "org": f"{HOST}{ROSTERING}/orgs/",
    "academicSession": f"{HOST}{ROSTERING}/academicSessions/",
    "course": f"{HOST}{ROSTERING}/courses/",
    "class": f"{HOST}{ROSTERING}/classes/",
    "user": f"{HOST}{ROSTERING}/users/",
    "category": f"{HOST}{GRADEBOOK}/categories/",
    "lineItem": f"{HOST}{GRADEBOOK}/lineItems/",
    "scoreScale": f"{HOST}{GRADEBOOK}/scoreScales/",
    "assessmentLineItem": f"{HOST}{GRADEBOOK}/assessmentLineItems/",
    "resource": f"{HOST}{RESOURCES}/resources/",
}

_OLDER_TYPES = {
    **dict.fromkeys(("student", "teacher"), "user"),
    **dict.fromkeys(("gradingPeriod", "term"), "academicSession"),
}

encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(dict[str, Any])


def decode(row: bytes) -> Record:
    """The record that `encode` wrote."""
    return _decoder.decode(row)


def reference(kind: str, key: str) -> Record:
    """A GUIDRef: href, sourcedId and type."""
    return {"href": _REFERRED[kind] + key, "sourcedId": key, "type": kind}


def renewed(value: Any) -> Any:
    """A value; where it is a reference, as `reference` writes it.

    1.1 has several names for the type of some. What refers to nothing known here stays as it is:
    whoever checks it says what is wrong with it.
    """
    match value:
        case {"href": str(), "sourcedId": str(key), "type": str(type_)} if len(value) == 3:
            kind = _OLDER_TYPES.get(type_, type_)
            return reference(kind, key) if kind in _REFERRED else value
    return value


def moment_text(milliseconds: int) -> str:
    """Milliseconds since 1970 as a dateTime in UTC, such as 2026-03-03T08:15:00.250Z."""
    whole, part = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{part:03d}Z"


def moment_of(text: str) -> int:
    """The milliseconds since 1970 that a date or dateTime says; without a zone it is UTC.

    Raises ValueError when the text is neither.
    """
    stated = datetime.fromisoformat(text)
    if stated.tzinfo is None:
        stated = stated.replace(tzinfo=UTC)
    # Whole seconds and microseconds apart: a float of seconds would lose the last millisecond.
    return int(stated.replace(microsecond=0).timestamp()) * 1000 + stated.microsecond // 1000


def midnight(day: date) -> int:
    """The first millisecond of a day in UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
