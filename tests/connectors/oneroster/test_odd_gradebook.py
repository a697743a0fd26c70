"""Writing to services that are odd: tags, lost tokens, refusals of all forms (ONEROSTER 8, 13)."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from app.connectors.conformance import Bench, run
from app.connectors.contract import Change, Outcome, PushResult
from app.connectors.http import HttpTransport, Limits
from app.connectors.oneroster.writing import WITHOUT_EFFECT
from app.errors import ConfigError, RateLimited, TransientError
from app.text import SENTENCES
from tests.connectors.http_server import Exchange
from tests.connectors.oneroster.odd_service import OddService, Visit, visiting

PATH = "/ims/oneroster/gradebook/v1p2/categories/c1"
CHANGE = Change("categories", "update", "c1", {"title": "Tests"}, {"title": "Quizzes"})


class Shelf:
    """One category, and what becomes of writes to it."""

    def __init__(self, service: OddService) -> None:
        self.service = service
        self.row: dict[str, Any] | None = {
            "sourcedId": "c1",
            "status": "active",
            "dateLastModified": "2026-08-20T08:00:00.000Z",
            "title": "Quizzes",
        }
        self.raw: bytes | None = None
        """Stands in the place of the row, if any."""
        self.tag = ""
        self.written: list[tuple[str, dict[str, str], bytes]] = []
        self.answering: Callable[[Exchange], None] = self.take
        service.routes[PATH] = self.respond

    def respond(self, exchange: Exchange) -> None:
        if exchange.headers.get("authorization", "").removeprefix("Bearer ") not in (
            self.service.valid
        ):
            exchange.answer(401, b"{}")
        elif exchange.command != "GET":
            headers = {name.lower(): value for name, value in exchange.headers.items()}
            self.written.append((exchange.command, headers, exchange.sent))
            self.answering(exchange)
        elif self.raw is not None or self.row is not None:
            body = self.raw or json.dumps(self.row).encode()
            tags = {"etag": self.tag} if self.tag else {}
            exchange.answer(200, b'{"category":' + body + b"}", **tags)
        else:
            exchange.answer(404, b"{}")

    def take(self, exchange: Exchange) -> None:
        """An ordinary service."""
        self.row = json.loads(exchange.sent)["category"] if exchange.sent else None
        self.raw = None
        exchange.answer(200, b"{}")


@pytest.fixture
def shelf(service: OddService) -> Shelf:
    return Shelf(service)


@pytest.fixture
def visit(service: OddService) -> Iterator[Visit]:
    """A visit by a connector that writes."""
    with visiting(service, gradebook="write") as made:
        yield made


def push(visit: Visit, change: Change = CHANGE) -> PushResult:
    result: PushResult = run(visit.connector.push(change, Bench()), visit.transport)
    return result


def confirm(visit: Visit, change: Change = CHANGE) -> PushResult:
    result: PushResult = run(visit.connector.confirm(change, Bench()), visit.transport)
    return result


@pytest.mark.parametrize(("tag", "sent"), [('"7"', '"7"'), ('W/"7"', None), ("", None)])
def test_a_write_depends_on_what_was_read(visit: Visit, shelf: Shelf, tag: str, sent: str | None):
    """By If-Match, where the service has a tag that can be matched (F2)."""
    shelf.tag = tag
    assert push(visit).outcome is Outcome.DONE
    [(method, headers, _)] = shelf.written
    assert (method, headers.get("if-match")) == ("PUT", sent)
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [412, 404])
def test_somebody_was_quicker(visit: Visit, shelf: Shelf, status: int):
    """Between our read and our write it was changed, or removed: it has moved (F2)."""

    def overtaken(exchange: Exchange) -> None:
        shelf.row = {"sourcedId": "c1", "title": "Essays"} if status == 412 else None
        exchange.answer(status, b"{}")

    shelf.answering = overtaken
    result = push(visit)
    assert result.outcome is Outcome.MOVED
    assert (result.row.patch[0] if result.row else None) == ("Essays" if status == 412 else None)


def test_a_delete_that_somebody_else_did_first_is_done(visit: Visit, shelf: Shelf):
    """It is gone, as it was to be."""

    def overtaken(exchange: Exchange) -> None:
        shelf.row = None
        exchange.answer(410)

    shelf.answering = overtaken
    assert push(visit, Change("categories", "delete", "c1", {})).outcome is Outcome.DONE


def test_the_rest_goes_back_byte_for_byte(visit: Visit, shelf: Shelf):
    """Also numbers that no float holds, and members of other standards (F2)."""
    kept = [
        b'"metadata":{"big":12345678901234567890123,"exact":1.10}',
        b'"status":"Active"',
        b'"weight":null',
        b'"ext:x":[ 1 ]',
    ]
    shelf.raw = b'{"sourcedId":"c1","title":"Quizzes",%s}' % b",".join(kept)
    push(visit)
    [(_, _, body)] = shelf.written
    assert all(part in body for part in kept)
    assert json.loads(body)["category"]["title"] == "Tests"


@pytest.mark.parametrize("action", ["update", "delete"])
def test_a_success_without_effect_is_told(visit: Visit, shelf: Shelf, action: str):
    """A service that ignores what it says it took does not undo the change here (F4, F5)."""
    shelf.answering = lambda exchange: exchange.answer(200, b"{}")
    patch = CHANGE.patch if action == "update" else {}
    result = push(visit, Change("categories", action, "c1", patch, CHANGE.base))
    assert (result.outcome, result.words) == (Outcome.REFUSED, WITHOUT_EFFECT)


def test_what_the_sis_itself_lacks_is_not_asked_for(service: OddService):
    """A field of the group that was blank there, or in words of its own, goes back so (F2)."""
    row = {"sourcedId": "r1", "status": "active", "score": 7, "scoreStatus": "marked"}
    sent: list[bytes] = []

    def respond(exchange: Exchange) -> None:
        if exchange.command == "PUT":
            sent.append(exchange.sent)
            row.update(json.loads(exchange.sent)["result"])
        exchange.answer(200, json.dumps({"result": row}).encode())

    service.routes["/ims/oneroster/gradebook/v1p2/results/r1"] = respond
    base = {"score": 7.0, "score_status": "marked", "text_score": None, "score_date": None}
    change = Change("results", "update", "r1", {**base, "score": 8.0}, base)
    with visiting(service, gradebook="write") as visit:
        assert push(visit, change).outcome is Outcome.DONE
    [body] = sent
    assert json.loads(body)["result"]["scoreStatus"] == "marked"


def test_a_rounded_value_is_read_back(visit: Visit, shelf: Shelf):
    """The row is what the service made of it: an ordinary change there (F4)."""

    def rounding(exchange: Exchange) -> None:
        row = json.loads(exchange.sent)["category"]
        shelf.row = {**row, "weight": round(row["weight"])}
        exchange.answer(200, b"{}")

    shelf.answering = rounding
    result = push(visit, Change("categories", "update", "c1", {"weight": 12.4}, {}))
    assert result.outcome is Outcome.DONE
    assert result.row is not None
    assert result.row.patch[1] == 12.0


def test_an_ended_token_is_no_refusal(visit: Visit, shelf: Shelf, service: OddService):
    """The write is sent again with a new one: nothing was done with the first."""

    def ended(exchange: Exchange) -> None:
        service.valid.clear()
        shelf.answering = shelf.take
        exchange.answer(401, b"{}")

    shelf.answering = ended
    assert push(visit).outcome is Outcome.DONE
    assert len(shelf.written) == 2


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, b'{"imsx_codeMajor":"failure","imsx_description":" Too\\n long. "}', "Too long."),
        (422, b'{"imsx_StatusInfo":{"imsx_description":"No such class."}}', "No such class."),
        (409, b'{"errors":[{"code":7,"description":"Locked."}]}', "Locked."),
        (403, b'{"statusInfoSet":[{"imsx_description":"Not yours."}]}', "Not yours."),
        (401, b'{"error":"invalid_token"}', "invalid_token"),
        (405, b"<html>no</html>", "HTTP 405"),
        (413, b"", "HTTP 413"),
    ],
)
def test_refusals_of_all_forms_have_their_words(
    visit: Visit, shelf: Shelf, status: int, body: bytes, words: str
):
    """Services have many forms of an error's body (ONEROSTER 13)."""
    shelf.answering = lambda exchange: exchange.answer(status, body)
    result = push(visit)
    assert (result.outcome, result.words) == (Outcome.REFUSED, words)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'{"sourcedId":"c1","title":{"a":1}}', "odd_text"),
        (b'{"sourcedId":"c1","title":"Quizzes","weight":NaN}', "row_not_json"),
        (b'"text"', "row_not_object"),
    ],
)
def test_what_cannot_be_read_is_not_overwritten(visit: Visit, shelf: Shelf, raw: bytes, words: str):
    """What stands there is not known, so nothing is written (F2)."""
    shelf.raw = raw
    result = push(visit)
    assert (result.outcome, result.words) == (Outcome.REFUSED, words)
    assert words in SENTENCES
    assert not shelf.written


def test_what_cannot_be_read_is_not_said_to_have_arrived(visit: Visit, shelf: Shelf):
    """Nor to have not."""
    shelf.raw = b'"text"'
    assert confirm(visit).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("after", ["write", "read back"])
def test_trouble_after_a_write_was_sent_is_an_unknown_outcome(
    visit: Visit, shelf: Shelf, after: str
):
    """The write is sent once; the answer, or the record, could not be seen (F5)."""

    def answering(exchange: Exchange) -> None:
        if after == "write":
            exchange.hang_up()
        else:
            shelf.service.routes[PATH] = lambda exchange: exchange.answer(500)
            shelf.take(exchange)

    shelf.answering = answering
    patient = HttpTransport(Limits(attempts=3), wait=lambda cancel, seconds: None)
    with closing(patient):
        result = run(visit.connector.push(CHANGE, Bench()), patient)
    assert result.outcome is Outcome.UNKNOWN
    assert len(shelf.written) == 1


def test_trouble_before_a_write_is_an_error(visit: Visit, shelf: Shelf):
    """Nothing was sent, so nothing has to be looked for."""
    shelf.service.routes[PATH] = lambda exchange: exchange.answer(500)
    with pytest.raises(TransientError):
        push(visit)
    assert not shelf.written


def test_a_write_that_is_asked_to_wait_was_not_done(visit: Visit, shelf: Shelf):
    """After its patience the transport gives up, and so does the push."""
    shelf.answering = lambda exchange: exchange.answer(429, retry_after="400")
    with pytest.raises(RateLimited):
        push(visit)
    shelf.answering = shelf.take
    assert push(visit).outcome is Outcome.DONE


def test_a_pause_before_a_write_is_waited_for(visit: Visit, shelf: Shelf):
    """It is sent again when the service is ready."""

    def busy(exchange: Exchange) -> None:
        shelf.answering = shelf.take
        exchange.answer(429, retry_after="5")

    shelf.answering = busy
    assert push(visit).outcome is Outcome.DONE
    assert len(shelf.written) == 2


def test_an_answer_that_is_neither_yes_nor_no_is_unknown(visit: Visit, shelf: Shelf):
    """Such as a redirect without an address, or pairs without our record."""
    shelf.answering = lambda exchange: exchange.answer(304)
    assert push(visit).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"sourcedIdPairs":[]}',
        b'{"sourcedIdPairs":[{"suppliedSourcedId":"x"}]}',
    ],
)
def test_a_post_without_a_key_in_its_answer_is_unknown(service: OddService, body: bytes):
    """It was taken, but under which key has to be looked for (F3)."""
    path = "/ims/oneroster/gradebook/v1p2/classes/k1/lineItems"
    service.routes[path] = lambda exchange: exchange.answer(201, body)
    with visiting(service, gradebook="write", creates="post") as visit:
        told = {"class": "k1", "school": "s1", "category": "c1", "title": "Quiz"}
        dates = {"assign_date": "2026-03-03T00:00:00Z", "due_date": "2026-03-10T00:00:00Z"}
        change = Change("line_items", "create", "x", told | dates)
        assert push(visit, change).outcome is Outcome.UNKNOWN


def test_a_change_is_cancelled_like_everything_else(visit: Visit, shelf: Shelf):
    """A generator that is closed in the middle leaves nothing open."""
    steps = visit.connector.push(CHANGE, Bench())
    next(steps)
    steps.close()
    assert not shelf.written


def test_settings_of_the_gradebook_are_checked(service: OddService):
    """A word that is none of the choices cannot work."""
    for settings in ({"gradebook": "perhaps"}, {"creates": "perhaps"}):
        with pytest.raises(ConfigError, match="setting_not_supported"):
            Visit(service, 10, **settings)
