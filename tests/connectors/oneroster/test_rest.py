"""The connector: *Test connection*, reading by key, and what is not offered (DESIGN §5)."""

import re
from pathlib import Path

import pytest

from app.connectors.conformance import Bench, run
from app.connectors.contract import Change, Gone, Grade, Outcome, Row, Unreadable
from app.connectors.oneroster import KIND, Settings
from app.connectors.oneroster.checking import LEFT_OUT
from app.connectors.oneroster.rest import GRADEBOOK_READ_ONLY, NOT_WRITABLE, READ_ONLY
from app.connectors.oneroster.vocabulary import STREAMS
from app.connectors.oneroster.writing import PLACE_MISSING, WITHOUT_EFFECT
from app.errors import AuthError, ConfigError, ContractError, NotFound
from app.text import SENTENCES
from tests.connectors.oneroster.odd_service import enrollment


def test_a_good_service_is_found_good(visit, service):
    """Each collection with its count, sort and filter heeded."""
    found = visit.check()
    assert found["token_granted"].grade is Grade.GOOD
    assert found["collection_readable_dated"].parameters["count"] == 45
    assert found["collection_empty"].grade is Grade.NOTE
    assert {"sort_heeded", "filter_heeded"} <= set(found)
    assert visit.connector.capabilities()["enrollments"].total


def test_what_a_service_does_not_do_is_noted(visit, service):
    """It costs time, not correctness."""
    service.total = lambda total, sent: {}
    service.sorts = service.filters = False
    service.rows["enrollments"].reverse()
    found = visit.check()
    assert {"collection_not_counted_sampled", "sort_not_heeded", "filter_not_heeded"} <= set(found)
    assert not any(finding.grade is Grade.BAD for finding in found.values())
    assert not visit.connector.capabilities()["enrollments"].incremental


def test_demographics_not_permitted_is_a_note(visit, service):
    """And they are not offered."""
    ask = service.collection
    service.collection = lambda exchange, name, query: (
        exchange.answer(403) if name == "demographics" else ask(exchange, name, query)
    )
    assert visit.check()["demographics_not_permitted"].grade is Grade.NOTE
    assert "demographics" not in visit.connector.capabilities()
    assert list(visit.connector.capabilities())[-1] == "enrollments"


def test_bad_settings_are_findings_not_exceptions(visit, service):
    """A wrong secret, a missing collection, a server that is away."""
    del service.rows["users"]
    assert visit.check()["collection_not_found"].grade is Grade.BAD
    service.secret = "another"
    service.valid.clear()
    fresh = visit.opened()
    service.secret = "yet another"
    [finding] = run(fresh.check(), visit.transport)
    assert (finding.code, finding.grade) == ("credentials_refused", Grade.BAD)


def test_a_record_is_read_by_its_key(visit, service):
    """The same row as in the collection; the key is percent-encoded."""
    service.rows["enrollments"] = [enrollment(1), enrollment(2, sourcedId="a/b?c d%é’O'B")]
    rows = visit.pull().rows
    assert visit.fetch("e0001") == rows["e0001"]
    assert visit.fetch("a/b?c d%é’O'B") == rows["a/b?c d%é’O'B"]
    assert isinstance(rows["e0001"], Row)


def test_a_record_that_is_gone_is_told_from_one_marked_so(visit, service):
    """404, 410, tombstone (D1)."""
    service.rows["enrollments"][0] = enrollment(0, status="tobedeleted")
    assert visit.fetch("e0000") is Gone.TOMBSTONE
    assert visit.fetch("e9999") is Gone.NOT_FOUND
    service.single = lambda exchange, *_: exchange.answer(410)
    assert visit.fetch("e0001") is Gone.NOT_FOUND


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, b"{}", AuthError),
        (200, b"<html>", ContractError),
        (200, b"{}", ContractError),
        (200, b'{"enrollment":{"sourcedId":"another"}}', ContractError),
        (400, b"{}", ContractError),
    ],
)
def test_no_answer_is_no_evidence_that_a_record_is_gone(visit, service, status, body, error):
    """Only a plain one decides about removal (D1)."""
    service.single = lambda exchange, *_: exchange.answer(status, body)
    with pytest.raises(error):
        visit.fetch("e0001")


@pytest.mark.parametrize("key", [".", ".."])
def test_a_key_that_no_path_can_carry_is_never_taken_for_gone(visit, key):
    """It would ask for the folder above."""
    with pytest.raises(ContractError, match="key_not_addressable"):
        visit.fetch(key)


def test_a_record_that_cannot_be_read_is_unreadable(visit, service):
    """Its presence is still told (C6)."""
    service.single = lambda exchange, *_: exchange.answer(200, b'{"enrollment":"x"}')
    assert isinstance(visit.fetch("e0001"), Unreadable)


def test_a_row_that_cannot_be_decoded_is_read_by_its_key_too(visit, service):
    """As unreadable, with that key (C6)."""
    deep = b"[" * 50_000 + b"]" * 50_000
    body = b'{"enrollment":{"sourcedId":"e0001","a":' + deep + b"}}"
    service.single = lambda exchange, *_: exchange.answer(200, body)
    found = visit.fetch("e0001")
    assert (found.key, found.reason) == ("e0001", "row_not_json")


def test_rostering_is_never_written(visit):
    """Refused with a sentence, and nothing is asked (F6)."""
    change = Change("users", "update", "u1", {"given_name": "Zoë"})
    for asking in (visit.connector.push, visit.connector.confirm):
        result = run(asking(change, Bench()), visit.transport)
        assert (result.outcome, result.words) == (Outcome.REFUSED, READ_ONLY)
    assert not visit.service.seen
    assert all(not each.writes for each in visit.connector.capabilities().values())


def test_what_is_not_spoken_is_refused(visit):
    """By name."""
    with pytest.raises(NotFound):
        visit.connector.pull("results", None, None)


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": ""},
        {"client_id": ""},
        {"version": "1.3"},
        {"auth": "basic"},
        {"page_size": -1},
        {"concurrency": 0},
        {"base_url": "http://sis.example"},
    ],
)
def test_settings_that_cannot_work_are_refused_when_opened(visit, settings):
    """With a code that says which."""
    given = {"base_url": "https://sis.example", "client_id": "c", **settings}
    with pytest.raises(ConfigError) as raised:
        KIND.open(Settings(**given), {"client_secret": "s"}, visit.connector._service.io)
    assert raised.value.code in SENTENCES


def test_tombstones_and_unreadable_rows_stand_beside_the_rows(visit, service):
    """In full reads too, however the status is written (C6)."""
    service.rows["enrollments"][1]["status"] = " TOBEDELETED "
    service.rows["enrollments"][2] = {"sourcedId": None, "status": "active"}
    service.rows["enrollments"][3] = 7
    service.sorts = False
    pulled = visit.pull()
    page = pulled.pages[0]
    assert (len(page.keys), page.tombstones, page.received) == (7, ["e0001"], 10)
    assert [row.reason for row in page.unreadable] == ["row_without_key", "row_not_object"]
    assert "a row without a key" in pulled.uncertainties()


def test_every_code_has_its_sentence():
    """What happened, and what to do next (STYLE)."""
    folder = Path(__file__).parents[3] / "app/connectors/oneroster"
    source = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    raised = r'(?:Error|NotFound|_doubt|_good|Finding)\(\s*"(\w+)"'
    codes = set(re.findall(raised, source)) | set(re.findall(r'"((?:row|odd)_\w+)"', source))
    assert len(codes) > 35
    codes |= {code for stream in STREAMS.values() for code in stream.dispensable.values()}
    words = {READ_ONLY, GRADEBOOK_READ_ONLY, NOT_WRITABLE, PLACE_MISSING, WITHOUT_EFFECT}
    assert codes | words | set(LEFT_OUT.values()) <= set(SENTENCES)
