"""How values are written where this SIS has habits, and how to understand what comes back so."""

from collections.abc import Callable
from typing import Any

from .habits import Habits
from .identities import lot
from .vocabulary import Kind
from .wire import HOST, Record, renewed

_ORDINALS = (
    *("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth"),
    *("Tenth", "Eleventh", "Twelfth"),
)
_MOMENTS = ("dateLastModified", "assignDate", "dueDate")
_DATES = ("startDate", "endDate", "beginDate", "birthDate", "scoreDate")
_WORDS = ("type", "classType", "sex", "role", "roleType", "scoreStatus", "importance")
_OWN = {
    ("classType", "homeroom"): "ext:advisory",
    ("role", "aide"): "ext:paraprofessional",
    ("role", "counselor"): "ext:counselor",
    ("scoreStatus", "exempt"): "ext:excused",
}
_MIDNIGHT = "T00:00:00.000Z"


def worded(record: Record, kind: Kind, habits: Habits) -> Record:
    """A record as it is written with the habits that are on."""
    for name, word in _WORDED.items():
        if name in habits:
            record = word(record, kind)
    return record


def referred(row: bytes, habits: Habits) -> bytes:
    """A written record with its references as they are written with the habits that are on."""
    for name, host in _HOSTS.items():
        if name in habits:
            row = row.replace(b'"href":"%s' % HOST.encode(), b'"href":"%s' % host)
    return row


def understood(record: Record) -> Record:
    """What was submitted in the words of any habit, as the standard has it."""
    given = {name: said for name, said in record.items() if said is not None and said != ""}
    plain = {name: renewed(said) for name, said in given.items()}
    for name, said in plain.items():
        if isinstance(said, bool):
            plain[name] = "true" if said else "false"
        elif name in _MOMENTS and isinstance(said, str):
            plain[name] = said.replace("+00:00Z", "Z") if "T" in said else f"{said}{_MIDNIGHT}"
        elif name in _DATES and isinstance(said, str):
            plain[name] = said.partition("T")[0]
        elif name == "scoreStatus":
            word = str(said).lower()
            plain[name] = "exempt" if word == _OWN[name, "exempt"] else word
        elif (name, said) == ("status", "inactive"):
            plain[name] = "tobedeleted"
    return plain


def _grades(record: Record, kind: Kind) -> Record:
    grades = record.get("grades")
    if not grades:
        return record
    if kind.singular != "user":
        # What is for the youngest is for the next ones too, in one text.
        return {**record, "grades": ["KG,01,02"] if grades == ["KG"] else [grades[0].lstrip("0")]}
    draw = lot(record["sourcedId"], 50)
    if draw == 0:
        return {**record, "grades": ["UG"]}
    if not grades[0].isdigit():
        return {**record, "grades": ["Kindergarten"]}
    number = int(grades[0])
    return {**record, "grades": [f"{_ORDINALS[number - 1]} grade" if draw % 2 else str(number)]}


def _booleans(record: Record, _: Kind) -> Record:
    return {
        name: said == "true" if said in ("true", "false") else said for name, said in record.items()
    }


def _inner(record: Record, word: Callable[[str, str], str]) -> Record:
    """The record with words of vocabularies written otherwise, in its roles too."""
    told: Record = {}
    for name, said in record.items():
        if name == "roles":
            # Of a user they are objects, of a resource they are words.
            said = [_inner(each, word) if isinstance(each, dict) else each for each in said]
        told[name] = word(name, said) if name in _WORDS and isinstance(said, str) else said
    return told


def _capitals(record: Record, _: Kind) -> Record:
    return _inner(record, lambda _, said: f"{said[:1].upper()}{said[1:]}")


def _own_words(record: Record, _: Kind) -> Record:
    told = _inner(record, lambda name, said: _OWN.get((name, said), said))
    if "sex" in told and lot(told["sourcedId"], 20) == 0:
        told["sex"] = "ext:nonbinary"
    return told


def _missing(value: Any) -> Callable[[Record, Kind], Record]:
    def fill(record: Record, kind: Kind) -> Record:
        absent = sorted(kind.fields - record.keys() - {"metadata"})
        return {**record, **dict.fromkeys(absent, value)}

    return fill


def _swapped(record: Record, _: Kind) -> Record:
    told = dict(record)
    for name in _MOMENTS:
        if name in told:
            told[name] = told[name][:10]
    for name in _DATES:
        if name in told:
            told[name] = f"{told[name]}{_MIDNIGHT}"
    return told


def _zone(end: str) -> Callable[[Record, Kind], Record]:
    def write(record: Record, _: Kind) -> Record:
        zoned = {name: record[name].removesuffix("Z") + end for name in _MOMENTS if name in record}
        return {**record, **zoned}

    return write


def _inactive(record: Record, _: Kind) -> Record:
    return {**record, "status": "inactive"} if record["status"] == "tobedeleted" else record


# In this order: own words before capitals, and what is missing last.
_WORDED: dict[str, Callable[[Record, Kind], Record]] = {
    "grades-in-words": _grades,
    "native-booleans": _booleans,
    "extended-values": _own_words,
    "drifting-case": _capitals,
    "says-inactive": _inactive,
    "dates-for-moments": _swapped,
    "doubled-zone": _zone("+00:00Z"),
    "no-zone": _zone(""),
    "nulls": _missing(None),
    "empty-texts": _missing(""),
}
_HOSTS = {
    "relative-hrefs": b"",
    "tilde-hrefs": b"~",
    "local-hrefs": b"http://localhost:8080",
}
HABITS = (*_WORDED, *_HOSTS)
"""The habits that are about writing."""
