"""Reading a collection whole, whatever the service does meanwhile (SEMANTICS C3, C4, C5, C7)."""

import json
from threading import Event
from typing import Any

import pytest

from app.connectors.conformance import run_pull
from app.connectors.contract import Ahead, Page, Request, Response
from app.connectors.oneroster.habits import LASTS
from app.connectors.oneroster.paging import OVERLAP
from app.errors import AuthError, ContractError, TransientError
from tests.connectors.http_server import Exchange
from tests.connectors.oneroster.odd_service import (
    NOW,
    OddService,
    Visit,
    doubts,
    enrollment,
    received,
    visiting,
)

ALL = {f"e{number:04}" for number in range(45)}


def test_each_request_begins_with_the_last_row_of_the_one_before(visit, service):
    """Sorted by key, an overlap of one, advancing by rows received (C4; ONEROSTER 1, 2)."""
    pulled = visit.pull()
    assert set(pulled.rows) == ALL
    assert not pulled.uncertainties()
    assert [query["offset"] for _, query in service.asked] == ["0", "9", "18", "27", "36"]
    assert {query["sort"] + query["orderBy"] for _, query in service.asked} == {"sourcedIdasc"}
    assert received(pulled.pages) == [10, 9, 9, 9, 8]
    assert [page.last for page in pulled.pages] == [False] * 4 + [True]


def test_the_next_page_is_announced_before_this_one_is_handed_on(visit):
    """So that it is fetched while this one is worked; then the same request follows (SPEED)."""
    steps: list[Any] = []
    pulling = visit.connector.pull("enrollments", None, None)
    answer: Response | None = None
    while True:
        try:
            step = pulling.send(answer)
        except StopIteration:
            break
        answer = visit.transport.send(step, Event()) if isinstance(step, Request) else None
        steps.append(step)
    kinds = [type(step) for step in steps]
    assert kinds == [Request, Request, *[Ahead, Page, Request] * 4, Page]
    for place, step in enumerate(steps):
        if isinstance(step, Ahead):
            assert steps[place + 2] is step.request


@pytest.mark.parametrize("largest", [2, 3, 7])
def test_a_clamped_limit_is_no_end(visit, service, largest: int):
    """``limit`` answered with fewer rows: a short page is not the end (ONEROSTER 2)."""
    service.largest = largest
    pulled = visit.pull()
    assert set(pulled.rows) == ALL
    assert not pulled.uncertainties()


@pytest.mark.parametrize("total", ["stated", "missing"])
def test_one_row_at_a_time_is_read_to_the_end(visit, service, total: str):
    """Where a page is one row the overlap shows nothing new; asked without it, with a doubt."""
    service.largest = 1
    if total == "missing":
        service.total = lambda total, sent: {}
    pulled = visit.pull()
    assert set(pulled.rows) == ALL
    assert "overlap_unchecked" in doubts(pulled)


def test_without_a_total_an_answer_with_nothing_new_is_the_end(visit, service):
    """No ``X-Total-Count``, no ``Link``; sorted, so nothing is doubted (ONEROSTER 3)."""
    service.total = lambda total, sent: {}
    pulled = visit.pull()
    assert set(pulled.rows) == ALL
    assert not pulled.uncertainties()
    assert received(pulled.pages)[-1] == 0
    assert pulled.pages[-1].last


def test_without_a_total_and_without_order_nothing_is_proven(visit, service):
    """Distinct rows cannot be told from repeated ones then (ONEROSTER 1)."""
    service.total = lambda total, sent: {}
    service.sorts = False
    service.rows["enrollments"].reverse()
    pulled = visit.pull()
    assert set(pulled.rows) == ALL
    assert doubts(pulled) == ["order_unproven"]


def test_other_ascending_orders_are_orders(visit, service):
    """Some services sort without regard to case, some by number."""
    service.total = lambda total, sent: {}
    service.sorts = False
    for keys in (["a1", "B2", "c3"] * 1, [str(number) for number in range(40)]):
        service.rows["enrollments"] = [enrollment(1, sourcedId=key) for key in keys]
        assert not visit.pull().uncertainties()


def test_a_count_of_the_page_is_not_taken_for_a_total(visit, service):
    """``x-count`` may count the answer; believing it would end at the first page (ONEROSTER 3)."""
    service.total = lambda total, sent: {"x-count": str(sent)}
    pulled = visit.pull()
    assert set(pulled.rows) == ALL
    assert not pulled.uncertainties()
    service.total = lambda total, sent: {"X-Total-Count": str(sent)}
    pulled = visit.pull()
    assert set(pulled.rows) == ALL
    assert pulled.uncertainties()


def test_a_count_of_the_list_is_a_total(visit, service):
    """``x-count`` in place of ``X-Total-Count`` (ONEROSTER 3)."""
    service.total = lambda total, sent: {"x-count": str(total)}
    pulled = visit.pull()
    assert [page.total for page in pulled.pages] == [45] * 5
    assert not pulled.uncertainties()


def test_an_empty_collection_is_one_empty_page(visit, service):
    """A real one: status 200, the key, no rows, a total of none."""
    service.rows["enrollments"] = []
    pulled = visit.pull()
    assert (len(pulled.pages), pulled.rows, pulled.uncertainties()) == (1, {}, [])
    service.total = lambda total, sent: {"X-Total-Count": "45"}
    assert doubts(visit.pull()) == ["total_not_met"]


def test_rows_of_one_key_are_handed_on_once(visit, service):
    """Duplicates inside a page (ONEROSTER 1): the first stays, and the total is not met."""
    service.rows["enrollments"][3] = enrollment(2, role="teacher")
    pulled = visit.pull()
    assert len(pulled.pages[0].keys) == len(set(pulled.pages[0].keys)) == 9
    assert pulled.pages[0].received == 10
    assert "the total is not met" in pulled.uncertainties()


# -- a list that changes while it is read --


@pytest.mark.parametrize("boundary", [2, 3, 4, 5])
def test_balanced_drift_is_noticed_at_every_page_boundary(visit, service, boundary: int):
    """A leaver before the offset and a newcomer after it, the total constant (C4)."""

    def drift(number: int) -> None:
        if number == boundary:
            del service.rows["enrollments"][0]
            service.rows["enrollments"].append(enrollment(99))

    service.before = drift
    pulled = visit.pull()
    assert set(pulled.rows) == ALL - {"e0000"} | {"e0099"}
    assert [page.restarts for page in pulled.pages].count(True) == 1
    assert not doubts(pulled)


def test_a_list_that_keeps_shifting_is_read_to_the_end_with_a_doubt(visit, service):
    """Read again three times at most (C4)."""

    def drift(number: int) -> None:
        if number % 2 == 0:
            del service.rows["enrollments"][0]

    service.before = drift
    pulled = visit.pull()
    assert pulled.error is None
    assert pulled.pages[-1].last
    assert [page.restarts for page in pulled.pages].count(True) == 3
    assert "paging_unstable" in doubts(pulled)


def test_a_list_revision_that_changes_begins_again(visit, service):
    """Where a service says so, at most three times (ONEROSTER 3)."""
    service.total = lambda total, sent: {
        "X-Total-Count": str(total),
        "X-List-Revision": "1" if len(service.asked) < 3 else "2",
    }
    pulled = visit.pull()
    assert set(pulled.rows) == ALL
    assert [page.restarts for page in pulled.pages].count(True) == 1


def test_a_list_revision_that_changes_with_every_page_is_read_to_the_end(visit, service):
    """Begun again three times and no more, and nothing is proved (ONEROSTER 3)."""
    service.total = lambda total, sent: {
        "X-Total-Count": str(total),
        "X-List-Revision": str(len(service.asked)),
    }
    pulled = visit.pull()
    assert set(pulled.rows) == ALL
    assert [page.restarts for page in pulled.pages].count(True) == 3
    assert "paging_unstable" in doubts(pulled)


def test_a_total_that_changes_is_a_doubt(visit, service):
    """Something came or went, if not before the offset (C5)."""
    service.before = lambda number: (
        service.rows["enrollments"].append(enrollment(99)) if number == 3 else None
    )
    pulled = visit.pull()
    assert doubts(pulled) == ["total_changed"]
    assert pulled.pages[2].doubts[0].parameters == {"entity": "enrollments", "was": 45, "now": 46}


def test_a_service_that_knows_no_pages_is_read_once(visit, service):
    """Neither limit nor offset heeded: whole if the count says so, else with a doubt."""
    rows = json.dumps({"enrollments": service.rows["enrollments"]}).encode()
    service.instead = {n: lambda exchange: exchange.answer(200, rows) for n in range(1, 9)}
    pulled = visit.pull()
    assert set(pulled.rows) == ALL
    assert doubts(pulled) == ["offset_ignored"]
    assert len(service.asked) == 2
    service.asked.clear()
    service.instead = {
        n: lambda exchange: exchange.answer(200, rows, X_Total_Count="45") for n in range(1, 9)
    }
    assert not visit.pull().uncertainties()


# -- answers that are no pages --


def web_page(exchange: Exchange) -> None:
    exchange.answer(200, b"<!doctype html><html>Sign in</html>", content_type="text/html")


def no_key(exchange: Exchange) -> None:
    exchange.answer(200, b'{"imsx_codeMajor":"success"}')


def null(exchange: Exchange) -> None:
    exchange.answer(200, b'{"enrollments":null}')


def bare_list(exchange: Exchange) -> None:
    exchange.answer(200, b"[]")


def half(exchange: Exchange) -> None:
    exchange.answer(200, b'{"enrollments":[{"sourcedId":"e1"},{"sou')


def nothing(exchange: Exchange) -> None:
    exchange.answer(200, b"")


def unavailable(exchange: Exchange) -> None:
    exchange.answer(503, b"{}")


@pytest.mark.parametrize("at", [1, 3])
@pytest.mark.parametrize(
    ("answering", "error", "code"),
    [
        (web_page, ContractError, "answer_is_html"),
        (no_key, ContractError, "collection_missing"),
        (null, ContractError, "collection_missing"),
        (bare_list, ContractError, "collection_missing"),
        (half, TransientError, "answer_truncated"),
        (nothing, TransientError, "answer_truncated"),
        (unavailable, TransientError, "server_error"),
    ],
)
def test_an_answer_that_is_no_page_is_an_error(visit, service, at, answering, error, code):
    """Never an empty roster (ONEROSTER 4)."""
    service.instead[at] = answering
    pulled = visit.pull()
    assert isinstance(pulled.error, error)
    assert pulled.error.code == code
    assert not any(page.last for page in pulled.pages)


DEEP = b"[" * 50_000 + b"]" * 50_000
BAD: dict[str, tuple[bytes, int, list[tuple[str | None, str]]]] = {
    "half a pair": (b'{"sourcedId":"e0003","role":"\\ud800 ]},\\"{"}', 10, []),
    "deep": (b'{"sourcedId":"e0003","a":' + DEEP + b"}", 9, [("e0003", "row_not_json")]),
    "deep, keyless": (DEEP, 9, [(None, "row_not_json")]),
    "no number": (b'{"sourcedId":"e0003","role":NaN}', 10, []),
    "no JSON": (b'{"sourcedId":"e0003","role" "x"}', 9, [("e0003", "row_not_json")]),
}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("place", [0, 3, 9])
def test_a_row_that_cannot_be_decoded_costs_no_other(visit, service, what, place):
    """It keeps its place, so that offset and overlap are right (C4, C6)."""
    bad, live, unreadable = BAD[what]
    bad = bad.replace(b"e0003", b"e%04d" % place)
    unreadable = [(key and f"e{place:04}", reason) for key, reason in unreadable]

    def spoilt(exchange: Exchange) -> None:
        rows = [json.dumps(row).encode() for row in service.rows["enrollments"][:10]]
        rows[place] = bad
        body = b'{"a":[1],"enrollments" : [' + b" ,\n".join(rows) + b'],"z":{}}'
        exchange.answer(200, body, X_Total_Count="45")

    service.instead[1] = spoilt
    pulled = visit.pull()
    page = pulled.pages[0]
    assert (pulled.error, page.received, len(page.keys)) == (None, 10, live)
    assert [(row.key, row.reason) for row in page.unreadable] == unreadable
    assert set(pulled.rows) >= ALL - {f"e{place:04}"}


@pytest.mark.parametrize("end", [b"", b"]", b"]}}", b",]}", b']"', b"}"])
def test_a_bad_list_without_a_plain_end_is_an_error(visit, service, end):
    """Where rows begin and end must be certain (C6)."""
    body = b'{"enrollments":[{"sourcedId":"\\ud800"},{"sourcedId":"e1"}' + end
    service.instead[1] = lambda exchange: exchange.answer(200, body)
    assert visit.pull().error.code in ("answer_truncated", "answer_not_json")


def test_keys_of_thousands_of_digits_stand_in_order_too(visit, service):
    """They are compared by number without becoming one (C4)."""
    service.total = lambda total, sent: {}
    service.sorts = False
    keys = ["9", "010", "1" + "0" * 5000, "2" + "0" * 5000]
    service.rows["enrollments"] = [enrollment(1, sourcedId=key) for key in keys]
    assert not visit.pull().uncertainties()


# -- a total that is no total --


@pytest.mark.parametrize("capped", [19, 28, 25, 44])
def test_a_total_that_is_reached_too_early_is_no_end(visit, service, capped: int):
    """Some services count no further than they like: the rest is read, with a doubt (C5)."""
    service.total = lambda total, sent: {"X-Total-Count": str(min(capped, total))}
    pulled = visit.pull()
    assert set(pulled.rows) == ALL
    assert doubts(pulled) == ["total_not_met"]


def test_a_full_last_page_costs_one_more_request(visit, service):
    """A short one does not, nor one whose ``Link`` has no next."""
    service.rows["enrollments"] = [enrollment(number) for number in range(46)]
    pulled = visit.pull()
    assert [query["offset"] for _, query in service.asked] == ["0", "9", "18", "27", "36", "45"]
    assert (received(pulled.pages)[-2:], pulled.uncertainties()) == ([9, 0], [])
    service.asked.clear()
    service.total = lambda total, sent: {"X-Total-Count": str(total), "Link": '<x>; rel="first"'}
    assert not visit.pull().uncertainties()
    assert len(service.asked) == 5


def test_a_refusal_at_the_stated_end_is_the_end(visit, service):
    """Asked without an overlap, a service may have nothing there to answer with."""
    service.largest = 1
    ask = service.collection
    service.collection = lambda exchange, name, query: (
        exchange.answer(404) if int(query["offset"]) >= 45 else ask(exchange, name, query)
    )
    pulled = visit.pull()
    assert (pulled.error, set(pulled.rows)) == (None, ALL)


# -- resuming --


@pytest.mark.parametrize("status", [400, 404, 410, 416])
def test_an_offset_past_a_shrunken_end_begins_again(visit, service, status: int):
    """Never an error for ever, however often an earlier run began again (C7)."""
    state = visit.pull().pages[3].state
    del service.rows["enrollments"][20:]
    ask = service.collection
    service.collection = lambda exchange, name, query: (
        exchange.answer(status) if int(query["offset"]) > 20 else ask(exchange, name, query)
    )
    for again in (0, 3):
        rest = visit.pull({**state, "again": again})
        assert (rest.error, len(rest.rows), doubts(rest)) == (None, 20, [])
        assert [page.restarts for page in rest.pages] == [True, False, False]


def test_a_service_that_always_refuses_later_pages_is_an_error(visit, service):
    """After reading again three times, and never for lack of permission."""
    ask = service.collection
    service.collection = lambda exchange, name, query: (
        exchange.answer(404) if int(query["offset"]) else ask(exchange, name, query)
    )
    pulled = visit.pull()
    assert pulled.error.code == "collection_not_found"
    assert [page.restarts for page in pulled.pages] == [False, True, True, True]
    service.collection = lambda exchange, name, query: (
        exchange.answer(403) if int(query["offset"]) else ask(exchange, name, query)
    )
    assert [page.restarts for page in visit.pull().pages] == [False]


def test_reading_goes_on_where_it_stopped(visit, service):
    """Also in another process, at every page boundary, with proof where it is sorted (C7)."""
    whole = visit.pull()
    for place, page in enumerate(whole.pages[:-1]):
        state = json.loads(json.dumps(page.state))
        rest = run_pull(visit.opened(), "enrollments", state, visit.transport)
        assert [p.keys for p in rest.pages] == [p.keys for p in whole.pages[place + 1 :]]
        assert not doubts(rest)
        assert not any(p.restarts for p in rest.pages)
        assert rest.pages[-1].state == whole.pages[-1].state


def test_resuming_a_list_that_has_shifted_begins_again(visit, service):
    """The state holds the last key, so it is noticed (C4, C7)."""
    state = visit.pull().pages[1].state
    del service.rows["enrollments"][0]
    rest = visit.pull(state)
    assert rest.pages[0].restarts
    assert set(rest.rows) == ALL - {"e0000"}


def test_resuming_without_order_is_a_doubt(visit, service):
    """Only one sorted pass proves anything (C7)."""
    service.sorts = False
    service.rows["enrollments"].reverse()
    state = visit.pull().pages[1].state
    assert doubts(visit.pull(state)) == ["resumed_unordered"]


@pytest.mark.parametrize("state", [{"form": 99, "offset": 20}, {"offset": "x"}, {"odd": 1}])
def test_a_state_of_another_version_begins_anew(visit, state):
    """Rather a whole read than one from a wrong place."""
    pulled = visit.pull(state)
    assert set(pulled.rows) == ALL
    assert not pulled.uncertainties()


# -- changes only --


def test_changes_are_asked_for_from_before_the_last_read(visit, service):
    """The bound is fixed before reading, an overlap before the service's own clock (C3)."""
    whole = visit.pull()
    bound = whole.pages[0].state["bound"]
    assert {page.state["bound"] for page in whole.pages} == {bound}
    assert bound == (NOW - OVERLAP).strftime("%Y-%m-%dT%H:%M:%S.000Z"), "its clock is ahead"
    service.asked.clear()
    service.rows["enrollments"][7] = enrollment(
        7, dateLastModified="2026-09-01T12:30:00.000Z", status="ToBeDeleted"
    )
    changes = visit.pull(whole.pages[-1].state)
    assert service.asked[0][1]["filter"] == f"dateLastModified>='{bound}'"
    assert (changes.rows, changes.tombstones) == ({}, {"e0007"})
    assert not any(page.full for page in changes.pages)
    assert changes.pages[0].scope != whole.pages[0].scope


def test_a_service_whose_clock_is_behind_is_asked_by_its_own(visit, service):
    """HTTP's ``Date`` tells (ONEROSTER 6)."""
    rows = json.dumps({"enrollments": []}).encode()

    def behind(exchange: Exchange) -> None:
        exchange.send_response_only(200)
        exchange.send_header("Date", "Tue, 01 Sep 2026 10:00:00 GMT")
        exchange.send_header("Content-Length", str(len(rows)))
        exchange.end_headers()
        exchange.wfile.write(rows)

    service.instead[1] = behind
    assert visit.pull().pages[-1].state["bound"] == "2026-09-01T09:55:00.000Z"


@pytest.mark.parametrize("status", [400, 404, 422, 500])
def test_a_refused_filter_is_a_whole_read_and_is_remembered(visit, service, status: int):
    """A bad filter answers 500 in some places (ONEROSTER 7)."""
    state = visit.pull().pages[-1].state
    service.refuses["filter"] = status
    service.asked.clear()
    pulled = visit.pull(state)
    assert set(pulled.rows) == ALL
    assert not pulled.uncertainties()
    assert sum("filter" in query for _, query in service.asked) == 1
    service.asked.clear()
    again = visit.pull(pulled.pages[-1].state)
    assert not any("filter" in query for _, query in service.asked)
    assert not again.uncertainties()
    assert not visit.connector.capabilities()["enrollments"].incremental


def test_an_ignored_filter_is_noticed(visit, service):
    """Rows plainly older than asked for (ONEROSTER 7)."""
    state = visit.pull().pages[-1].state
    service.filters = False
    pulled = visit.pull(state)
    assert set(pulled.rows) == ALL
    assert not pulled.uncertainties()


def test_an_outage_is_no_refused_filter(visit, service):
    """503 says nothing about the filter: the run fails, and nothing is remembered."""
    state = visit.pull().pages[-1].state
    service.refuses["filter"] = 503
    assert isinstance(visit.pull(state).error, TransientError)
    service.refuses.clear()
    assert not any(page.full for page in visit.pull(state).pages)


def test_a_refused_sort_or_limit_is_asked_for_otherwise(service):
    """And remembered with the cursor."""
    service.refuses["sort"] = 400
    with visiting(service) as visit:
        pulled = visit.pull()
        assert set(pulled.rows) == ALL
        assert not pulled.uncertainties(), "the rows happen to stand in order"
        service.asked.clear()
        visit.pull(pulled.pages[-1].state)
        assert not any("sort" in query for _, query in service.asked)


def test_pages_too_long_to_take_are_asked_for_in_smaller_parts(service):
    """Also in the middle of a stream; positions do not depend on it."""
    service.rows["enrollments"] = [enrollment(number) for number in range(3100)]

    def too_long(exchange: Exchange) -> None:
        exchange.close_connection = True
        exchange.head(200, content_length=str(2**30))

    service.instead = {2: too_long}
    with visiting(service, page_size=2000) as visit:
        pulled = visit.pull()
    assert not pulled.uncertainties()
    assert received(pulled.pages) == [2000, 999, 101]


# -- permissions --


def test_a_token_that_ends_in_the_middle_is_renewed(visit, service):
    """401 once: another token, and the same page again (ONEROSTER 14)."""
    service.before = lambda number: service.valid.clear() if number == 2 else None
    pulled = visit.pull()
    assert set(pulled.rows) == ALL
    assert not pulled.uncertainties()
    assert len(service.tokens) == 2


def test_a_token_refused_twice_is_an_authorization_error(visit, service):
    """Not an endless exchange of tokens."""
    service.instead = {n: lambda exchange: exchange.answer(401) for n in range(1, 9)}
    pulled = visit.pull()
    assert isinstance(pulled.error, AuthError)
    assert (pulled.error.code, len(service.tokens)) == ("token_refused", 2)


def test_a_collection_that_may_not_be_read_is_an_authorization_error(visit, service):
    """Never an empty one."""
    service.instead[1] = lambda exchange: exchange.answer(403, b"{}")
    assert visit.pull().error.code == "collection_forbidden"


def test_demographics_that_may_not_be_read_fail_nothing(visit, service):
    """They are no longer offered, under a scope of their own, and read whole once they may be."""
    service.instead[1] = lambda exchange: exchange.answer(403, b"{}")
    pulled = visit.pull(entity="demographics")
    assert (pulled.error, doubts(pulled)) == (None, [])
    assert [note.code for note in pulled.pages[0].notes] == ["not_permitted"]
    assert "demographics" not in visit.connector.capabilities()
    service.rows["demographics"] = [{"sourcedId": "u1", "sex": "Male"}]
    later = visit.pull(pulled.pages[-1].state, "demographics")
    assert list(later.rows) == ["u1"]
    assert later.pages[0].full
    assert later.pages[0].scope != pulled.pages[0].scope


def test_the_scope_tells_what_was_asked(visit: Visit, service: OddService):
    """Equal between two whole reads; another permission is another scope (C5)."""
    first, second = visit.pull().pages[0].scope, visit.pull().pages[0].scope
    assert first == second
    assert "/ims/oneroster/rostering/v1p2/enrollments all scopes=roster.readonly" in first
    service.granting = lambda form, basic: (200, service.new_token(scope="roster-core.readonly"))
    assert run_pull(visit.opened(), "enrollments", None, visit.transport).pages[0].scope != first


# -- what was learnt before --


def again(visit: Visit) -> Visit:
    """Another run, which was told what the one before had learnt."""
    visit.connector = visit.opened(visit.learnt())
    visit.service.asked.clear()
    return visit


def notes(pulled: Any) -> list[str]:
    """The codes of all notes, in the order in which they came."""
    return [note.code for page in pulled.pages for note in page.notes]


@pytest.mark.parametrize("status", [400, 500])
def test_a_filter_that_is_refused_is_told_once_and_asked_for_no_more(visit, service, status: int):
    """Also where the cursor still says that it works; the run log has it in words."""
    cursor = visit.pull().pages[-1].state
    assert notes(visit.pull(cursor)) == []
    service.refuses["filter"] = status
    assert notes(again(visit).pull(cursor)) == ["filter_given_up"]
    pulled = again(visit).pull(cursor)
    assert (notes(pulled), set(pulled.rows)) == ([], ALL)
    assert not any("filter" in query for _, query in service.asked)


def test_a_size_that_is_refused_is_told_once_and_asked_for_no_more(service):
    """Nor in another run."""
    service.rows["enrollments"] = [enrollment(number) for number in range(1200)]
    ask = service.collection
    service.collection = lambda exchange, name, query: (
        exchange.answer(400) if int(query["limit"]) > 1000 else ask(exchange, name, query)
    )
    with visiting(service, page_size=5000) as visit:
        pulled = visit.pull()
        assert [note.parameters for note in pulled.pages[0].notes] == [
            {"entity": "enrollments", "count": 1000}
        ]
        pulled = again(visit).pull()
        assert (notes(pulled), len(pulled.rows), pulled.uncertainties()) == ([], 1200, [])
        assert {query["limit"] for _, query in service.asked} == {"1000"}


def test_what_was_learnt_is_found_out_anew_after_a_week(visit, service):
    """Services get better, too."""
    service.refuses["sort"] = 400
    assert notes(visit.pull()) == ["sort_given_up"]
    assert notes(again(visit).pull()) == []
    assert not any("sort" in query for _, query in service.asked)
    service.refuses.clear()
    visit.now += LASTS
    again(visit).pull()
    assert all("sort" in query for _, query in service.asked)


@pytest.mark.parametrize(
    "learnt", [{"form": 99}, {"streams": 7}, {"streams": {"enrollments": {"size": "x"}}}, {"x": 1}]
)
def test_what_cannot_be_understood_was_never_learnt(visit, learnt):
    """Such as what another version of this program has kept."""
    visit.connector = visit.opened({**visit.learnt(), **learnt})
    pulled = visit.pull()
    assert set(pulled.rows) == ALL
    assert not pulled.uncertainties()


def test_what_was_learnt_wrongly_costs_no_row_and_no_proof(visit, service):
    """It decides what is asked first, and nothing about what came (C5)."""
    habit = {"filters": True, "size": 1, "unsorted": True, "totals": True, "by_key": True}
    wrong = {**visit.learnt(), "streams": {"enrollments": habit}}
    service.total = lambda total, sent: {}
    service.rows["enrollments"].reverse()
    visit.connector = visit.opened(wrong)
    pulled = visit.pull()
    assert set(pulled.rows) == ALL
    assert doubts(pulled), "nothing proves by now that all came"
    assert not again(visit).pull().uncertainties(), "it is asked to sort again"


def test_a_service_that_has_moved_is_found_again_and_that_is_told(service):
    """A place that no longer answers is forgotten (point 2 of what is remembered)."""
    with visiting(service, version="auto") as visit:
        visit.pull()
        learnt = visit.learnt()
        assert learnt["base"].endswith("/ims/oneroster/rostering/v1p2")
        learnt["base"] = learnt["base"].replace("rostering", "was/here/rostering")
        visit.connector = visit.opened(learnt)
        assert notes(visit.pull()) == ["service_moved"]
        assert notes(again(visit).pull()) == []
