"""Every answer of the official documents of OneRoster 1.2 is read, and nothing of ours is lost."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.connectors.conformance import Bench, run
from app.connectors.contract import Change, Outcome, Response, Row
from app.connectors.oneroster import wire
from app.connectors.oneroster.service import rows_of, single_of
from app.connectors.oneroster.vocabulary import STREAMS, Stream, camel_case
from app.roster.values import UNSAID
from tests.connectors.oneroster.odd_service import BOOKS, OddService, Visit, visiting
from tests.practice.official_document import FOLDER, Schema, answers, example, schemas

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the official documents are not beside the checkout"
)
DOCUMENTS = {
    "rostering": "rostersservice.yaml",
    "gradebook": "gradebookservice.yaml",
    "resources": "resourcesservice.yaml",
}
HEAD = {"sourcedId", "status", "dateLastModified", "metadata"}
LEFT = {
    "orgs": {"children"},  # told by the parent of each child
    "academic_sessions": {"children"},
    "users": {"password", "userProfiles"},  # credentials are no part of a roster
}
"""The members that are deliberately not read."""


def types_of(stream: Stream) -> dict[str, Schema]:
    return schemas(DOCUMENTS[stream.service])


def of_answers(stream: Stream) -> tuple[str, str]:
    """The types that the collection of a stream, and one record of it, are answered with."""
    single = f"{stream.singular[0].upper()}{stream.singular[1:]}"
    plural = "Categories" if stream.singular == "category" else single
    return f"{plural}SetDType", f"Single{single}DType"


def answer(document: Any) -> Response:
    return Response(200, {}, json.dumps(document).encode(), "https://sis.example/x")


def whole(of: str, types: dict[str, Schema]) -> dict[str, Any]:
    """An answer with every member, those that nobody has to send too."""
    text = json.dumps(example(of, types))
    for name in ("sms", "phone"):
        text = text.replace(f'"some {name}"', '"+1 555 0100"')
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize("name", STREAMS)
def test_every_member_of_an_answer_is_read(name: str):
    """Each one of ours from the collection and from the record alone; the rest is named here."""
    stream = STREAMS[name]
    types = types_of(stream)
    collection, single = of_answers(stream)
    [from_many] = rows_of(answer(whole(collection, types)), stream)
    from_one = single_of(answer(whole(single, types)), stream)
    members = json.loads(bytes(from_one))
    assert json.loads(bytes(from_many)) == members
    row = wire.readers()[name](from_one)
    assert isinstance(row, Row)
    assert not row.warnings
    told = dict(zip(stream.entity.field_names, row.patch, strict=True))
    assert None not in told.values()
    assert UNSAID not in told.values()
    for field in stream.entity.fields:
        # Who somebody's agents are to them is told by nobody in 1.2.
        lists = field.kind.is_list and field.name != "agents"
        for element in told[field.name] if lists else ():
            assert not isinstance(element, tuple) or None not in element
    ours = {camel_case(each) for each in stream.entity.field_names}
    ours -= {"user"} if name == "demographics" else set()
    assert members.keys() - ours == HEAD | LEFT.get(name, set())
    assert ours <= members.keys()


def test_every_sort_of_answer_has_its_reader():
    """A collection, a record, the keys that were given, or why it was refused: no more."""
    read = {each for stream in STREAMS.values() for each in of_answers(stream)}
    found = {each for document in DOCUMENTS.values() for each in answers(document)}
    assert found == read | {"GUIDPairSetDType", "imsx_StatusInfoDType"}


@pytest.fixture
def writing(service: OddService) -> Iterator[Visit]:
    """A visit by a connector that writes and has the SIS give keys."""
    with visiting(service, gradebook="write", creates="post") as made:
        yield made


def test_the_keys_that_were_given_are_read(writing: Visit, service: OddService):
    """The record is then looked for under the new key (F3)."""
    pairs = example("GUIDPairSetDType", schemas(DOCUMENTS["gradebook"]))
    body = json.dumps(pairs).encode()
    service.routes[f"{BOOKS}/lineItems/i/results"] = lambda exchange: exchange.answer(201, body)
    patch = {"line_item": "i", "student": "u", "score_status": "exempt", "score_date": "2026-03-03"}
    change = Change("results", "create", "k", patch)
    result = run(writing.connector.push(change, Bench()), writing.transport)
    assert (result.outcome, result.key) == (Outcome.UNKNOWN, "some allocatedSourcedId")


def test_why_it_was_refused_is_read(writing: Visit, service: OddService):
    """In the SIS's own words (F5)."""
    info = example("imsx_StatusInfoDType", schemas(DOCUMENTS["gradebook"]))
    service.rows["categories"] = [{"sourcedId": "c"}]

    def refusing(exchange: Any) -> None:
        if exchange.command == "GET":
            exchange.answer(404, b"{}")
        else:
            exchange.answer(422, json.dumps(info).encode())

    service.routes[f"{BOOKS}/categories/c"] = refusing
    change = Change("categories", "create", "c", {"title": "Tests"})
    result = run(writing.connector.push(change, Bench()), writing.transport)
    assert (result.outcome, result.words) == (Outcome.REFUSED, "some imsx_description")
