"""Canonical values put into a document are read again as what they were (SEMANTICS A1, F2)."""

from datetime import UTC
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.connectors.contract import Row
from app.connectors.oneroster import wire
from app.connectors.oneroster.document import filled, read_members, wanting
from app.connectors.oneroster.vocabulary import STREAMS, Stream, camel_case
from app.roster.values import (
    UNSAID,
    Boolean,
    Date,
    Elements,
    Instant,
    Kind,
    Number,
    Plain,
    Unfit,
    instant_text,
)
from tests.practice.official_document import FOLDER, faults, schemas

BOOKS = [name for name, stream in STREAMS.items() if stream.writing]
READERS = wire.readers()
TYPES = schemas("gradebookservice.yaml") if FOLDER.is_dir() else {}
FOREIGN = b'{"sourcedId":"k","metadata":{"a":[1.10]},"title":"was","late":"perhaps"}'


def href(stream: Stream, key: str) -> str:
    return f"https://sis.example/{stream.collection}/{key}"


def said(kind: Kind) -> st.SearchStrategy[Any]:
    """Something that may have a normal form of that kind."""
    if isinstance(kind, Elements):
        return st.lists(st.tuples(*map(said, kind.kinds)), max_size=3)
    if isinstance(kind, Boolean):
        return st.booleans()
    if isinstance(kind, Number):
        return st.floats(allow_nan=False, allow_infinity=False)
    if isinstance(kind, Date):
        return st.dates().map(str)
    if isinstance(kind, Instant):
        return st.datetimes(timezones=st.just(UTC)).map(instant_text)
    return st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=9)


@pytest.mark.parametrize("entity", BOOKS)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_what_is_written_reads_as_what_it_was(entity: str, data: st.DataObject):
    """Every field of every entity, blank or not; what is not written stays byte for byte."""
    stream = STREAMS[entity]
    patch: dict[str, Plain] = {}
    for field in stream.entity.fields:
        if data.draw(st.booleans()):
            patch[field.name] = _normal(field.kind, data.draw(st.none() | said(field.kind)))
    document = filled(read_members(FOREIGN), stream, patch, href)
    raw = msgspec.json.encode(document)
    assert b'"metadata":{"a":[1.10]}' in raw
    row = READERS[entity](raw)
    assert isinstance(row, Row)
    values = dict(zip(stream.entity.field_names, row.patch, strict=True))
    assert patch.items() <= values.items()
    assert {camel_case(name) for name, value in patch.items() if value is None}.isdisjoint(document)


def _normal(kind: Kind, value: object) -> Plain:
    try:
        found = kind.normal(value)
    except Unfit:
        return None
    # No service has parts without what tells them apart.
    if isinstance(kind, Elements) and any(None in kind.key_of(each) for each in found or ()):
        return None
    return found


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the official documents are not here")
@pytest.mark.parametrize("entity", BOOKS)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_what_is_not_wanting_has_the_form_of_the_official_document(
    entity: str, data: st.DataObject
):
    """Whatever fields are filled: what leaves here is valid, or is refused before (F2, F5)."""
    stream = STREAMS[entity]
    patch: dict[str, Plain] = {}
    for field in stream.entity.fields:
        if field.name in stream.required or data.draw(st.booleans()):
            patch[field.name] = _normal(field.kind, data.draw(st.none() | said(field.kind)))
    head = {"sourcedId": "k", "status": "active", "dateLastModified": "2026-03-03T10:00:00Z"}
    document = filled(head, stream, patch, href)
    blank, odd = wanting(stream, patch, creates=True)
    kind = f"{stream.singular[0].upper()}{stream.singular[1:]}DType"
    missing = {f"{kind}.{camel_case(field.name)} is missing" for field in blank}
    found = {*faults(document, kind, TYPES)}
    assert missing <= found
    assert odd or found == missing


def test_a_reference_says_where_and_what_it_leads_to():
    """GUIDRef: address, key and type, of the service that the record is in."""
    document = filled({}, STREAMS["results"], {"student": "u1", "line_item": "i1"}, href)
    assert document == {
        "student": {"href": "https://sis.example/users/u1", "sourcedId": "u1", "type": "user"},
        "lineItem": {
            "href": "https://sis.example/lineItems/i1",
            "sourcedId": "i1",
            "type": "lineItem",
        },
    }


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the official documents are not here")
def test_learning_objectives_have_the_form_of_the_official_document():
    """By source, with scores or without."""
    work = (("case", "a"), ("case", "b"), ("unknown", "c"))
    scored = (("case", "a", 3.5, None), ("unknown", "b", None, "B"))
    for entity, kind, value in (
        ("line_items", "LearningObjectiveSetDType", work),
        ("results", "LearningObjectiveScoreSetDType", scored),
    ):
        document = filled({}, STREAMS[entity], {"learning_objectives": value}, href)
        sets = document["learningObjectiveSet"]
        assert [each["source"] for each in sets] == ["case", "unknown"]
        assert not [fault for each in sets for fault in faults(each, kind, TYPES)]


def test_a_field_that_was_odd_is_replaced_whole():
    """Nothing of what could not be understood is left over."""
    row = READERS["results"](FOREIGN)
    assert isinstance(row, Row)
    late = STREAMS["results"].entity.field_names.index("late")
    assert row.patch[late] is UNSAID
    assert (
        filled(read_members(FOREIGN), STREAMS["results"], {"late": False}, href)["late"] == "false"
    )
