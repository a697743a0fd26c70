"""What is kept of a document, and what becomes of one that is not as it should be (A2, C6)."""

import json
from typing import Any

import pytest

from app.connectors.contract import Response
from app.connectors.edfi.documents import deleted, item, key_move, rows_of
from app.connectors.edfi.feed import Broken, Deleted, Item
from app.connectors.edfi.vocabulary import RESOURCES

STUDENTS = RESOURCES["students"]
SEATS = RESOURCES["studentSectionAssociations"]
SEAT: dict[str, Any] = {
    "id": "a" * 32,
    "sectionReference": {
        "localCourseCode": "ALG-1",
        "schoolId": 255901001,
        "schoolYear": 2022,
        "sectionIdentifier": "S|1",
        "sessionName": "Fall",
        "link": {"rel": "Section", "href": "/ed-fi/sections/1"},
    },
    "studentReference": {"studentUniqueId": "604821", "link": {"rel": "Student", "href": "x"}},
    "beginDate": "2021-08-23",
    "_etag": "5249",
    "_lastModifiedDate": "2021-08-23T10:00:00Z",
}
SEAT_KEY = "2021-08-23|ALG-1|255901001|2022|S%7C1|Fall|604821"


def told(body: bytes, resource: Any = STUDENTS) -> list[Any]:
    """What the documents of a page are."""
    response = Response(200, {}, body, "https://sis.example/ed-fi/students")
    return [item(resource, row)[1] for row in rows_of(response)]


def test_item() -> None:
    """A document goes by its natural key; nothing that the server adds is kept, at any depth."""
    (one,) = told(json.dumps([SEAT]).encode(), SEATS)
    assert (one.key, one.id, one.modified) == (SEAT_KEY, "a" * 32, "2021-08-23T10:00:00Z")
    kept = json.loads(one.body)
    assert kept["studentReference"] == {"studentUniqueId": "604821"}
    assert not {"id", "_etag", "_lastModifiedDate"} & kept.keys()


def test_equal_content_is_equal_bytes() -> None:
    """Neither the order of members and collections nor nulls nor the server's marks matter."""
    one = {
        "studentUniqueId": "1",
        "races": [{"raceDescriptor": "b"}, {"raceDescriptor": "a"}],
        "other": {"x": 1, "y": [3, 2]},
    }
    two = {
        "_ETag": "9",
        "other": {"y": [2, 3], "x": 1, "z": None},
        "middleName": None,
        "races": [{"raceDescriptor": "a", "link": {}}, {"raceDescriptor": "b"}],
        "studentUniqueId": "1",
        "Id": "5",
    }
    first, second = told(json.dumps([one, two]).encode())
    assert first.body == second.body


def test_other_content_is_other_bytes() -> None:
    """A value that differs is seen, also one in a collection."""
    first, second = told(
        b'[{"studentUniqueId": "1", "a": [{"b": 1}]}, {"studentUniqueId": "1", "a": [{"b": 2}]}]'
    )
    assert first.body != second.body


@pytest.mark.parametrize("name", ["id", "Id", "ID"])
def test_id_however_it_is_written(name: str) -> None:
    """Older services write the name of the id otherwise."""
    (one,) = told(json.dumps([{name: "77", "studentUniqueId": "1"}]).encode())
    assert one.id == "77"


def test_mark_before_the_body() -> None:
    """A byte order mark before the list does no harm."""
    assert [one.key for one in told(b'\xef\xbb\xbf[{"studentUniqueId": "1"}]')] == ["1"]


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        (b'{"studentUniqueId": "2", "a": tru}', "2", "row_not_json"),
        (b'{"studentUniqueId": "2", "a": NaN}', "2", "row_not_json"),
        (b'{"studentUniqueId": "2", "a": "\xff"}', "2", "row_encoding"),
        (b'{"studentUniqueId": "\xff"}', None, "row_encoding"),
        (b'{"studentUniqueId": "2", "a": "\\ud800"}', "2", "row_not_json"),
        (b'{"a": 1}', None, "edfi_without_key"),
        (b'{"studentUniqueId": ""}', None, "edfi_without_key"),
        (b'{"studentUniqueId": "2\\u0000"}', None, "edfi_key_unusable"),
        (b"17", None, "row_not_object"),
        (b"null", None, "row_not_object"),
    ],
)
def test_broken(text: bytes, key: str | None, reason: str) -> None:
    """A document that cannot be taken costs itself; its key is told where it can be (C6)."""
    first, broken, last = told(b'[{"studentUniqueId": "1"},%b,{"studentUniqueId": "3"}]' % text)
    assert (first.key, last.key) == ("1", "3")
    assert (type(broken), broken.key, broken.reason) == (Broken, key, reason)


def test_odd_but_readable() -> None:
    """A bare control character or a number beyond all bounds is no reason to lose a document."""
    found = told(
        b'[{"studentUniqueId": "1", "a": "x\ty"}, {"studentUniqueId": "2", "b": 1%b}]' % (b"0" * 30)
    )
    assert [type(one) for one in found] == [Item, Item]
    assert json.loads(found[0].body)["a"] == "x\ty"


def test_deleted_with_midnight() -> None:
    """Older services tell the days in the key of what was deleted with a time."""
    values = {
        **SEAT["sectionReference"],
        "studentUniqueId": "604821",
        "beginDate": "2021-08-23T00:00:00",
    }
    _, gone = deleted(SEATS, {"Id": "b" * 32, "changeVersion": 5, "keyValues": values})
    assert gone == Deleted("b" * 32, SEAT_KEY)


def test_key_values_however_they_are_written() -> None:
    """The names of the parts are the same, whatever their capitals."""
    _, move = key_move(
        STUDENTS,
        {
            "id": "1",
            "changeVersion": 5,
            "oldKeyValues": {"StudentUniqueId": "1"},
            "newKeyValues": {"studentuniqueid": "2"},
        },
    )
    assert (move.old, move.new) == ("1", "2")  # type: ignore[union-attr]
