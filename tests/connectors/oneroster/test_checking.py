"""What *Test connection* finds out, in how many requests, and what a reading makes of it."""

from datetime import timedelta
from typing import Any

import pytest

from app.connectors.conformance import run
from app.connectors.contract import Grade
from app.connectors.oneroster.vocabulary import STREAMS
from app.text import FINDINGS, SENTENCES, Counted, meaning, topic
from tests.connectors.oneroster.odd_service import (
    NOW,
    OddService,
    Visit,
    enrollment,
    visiting,
)

NOON = "Tue, 01 Sep 2026 12:00:00 GMT"
SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
ALL = {f"e{number:04}" for number in range(45)}


def dated(service: OddService) -> None:
    """Row by row a day newer."""
    for number, row in enumerate(service.rows["enrollments"]):
        day = NOW - timedelta(days=60 - number)
        row["dateLastModified"] = day.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def at(service, date):
    """It is that time at the service."""
    ask = service.collection

    def collection(exchange, name, query):
        exchange.date_time_string = lambda *_: date
        ask(exchange, name, query)

    service.collection = collection


def only(service, refused, status):
    """Queries of that sort are refused."""
    ask = service.collection

    def collection(exchange, name, query):
        if refused(query):
            service.asked.append((name, query))
            exchange.answer(status, b"{}")
        else:
            ask(exchange, name, query)

    service.collection = collection


def test_a_good_service_is_told_from_top_to_bottom(visit, service):
    """Each finding with its grade, what was found, what it is about and what that means."""
    dated(service)
    at(service, NOON)
    found = visit.check()
    assert found["version_found"].parameters == {
        "version": "1.2",
        "path": "/ims/oneroster/rostering/v1p2",
    }
    assert {code for code, one in found.items() if one.grade is Grade.GOOD} == {
        *("token_granted", "version_found", "collection_readable_dated"),
        *("sort_heeded", "page_as_asked", "filter_heeded", "by_key_works", "clock_agrees"),
    }
    assert {code for code, one in found.items() if one.grade is not Grade.GOOD} == {
        "collection_empty"
    }
    assert (topic("sort_heeded"), meaning("sort_heeded")) == (
        "Order",
        "A missing record is noticed.",
    )


def test_words_that_no_standard_has_are_told_until_they_mean_something(service):
    """By the words and how often they came; what the settings give a meaning is told no more."""
    row = {"status": "active", "dateLastModified": "2026-08-20T08:00:00.000Z"}
    service.rows["users"] = [
        {**row, "sourcedId": f"u{n}", "role": "profesor", "grades": ["Jr K" if n else "Yr 13"]}
        for n in range(3)
    ]
    with visiting(service) as visit:
        found = visit.check()
        assert found["grades_unknown"].parameters == {"words": "Jr K (2), Yr 13 (1)"}
        assert found["roles_unknown"].parameters == {"words": "profesor (3)"}
        assert found["roles_unknown"].grade is Grade.NOTE
    maps: Any = {"grade_map": "Jr K=PK; Yr 13=13", "role_map": "profesor=teacher"}
    with visiting(service, **maps) as visit:
        assert not {"grades_unknown", "roles_unknown"} & visit.check().keys()


def test_it_takes_few_requests_and_writes_nothing(visit, service):
    """Two a collection with something in it, one an empty one, four about the fullest."""
    dated(service)
    visit.check()
    posted = [path for command, path, *_ in service.seen if command != "GET"]
    assert posted == ["/token"]
    rosters = [stream for stream in STREAMS.values() if stream.service == "rostering"]
    assert len(service.asked) == len(rosters) + 3
    assert len(service.seen) - len(posted) - len(service.asked) == 2, "by key: one, and nobody’s"
    assert max(int(query["limit"]) for _, query in service.asked) <= 100


def test_the_newest_change_is_found_in_one_answer(visit, service):
    """Sorted by it where the service does so."""
    dated(service)
    service.rows["enrollments"] *= 3
    ask = service.collection

    def by_date(exchange, name, query):
        rows = service.rows["enrollments"]
        newest = query.get("sort") == "dateLastModified"
        rows.sort(key=lambda row: str(row["dateLastModified" if newest else "sourcedId"]))
        if newest:
            rows.reverse()
        ask(exchange, name, {**query, "sort": ""} if newest else query)

    service.sorts = False
    service.collection = by_date
    newest = visit.check()["collection_readable_dated"].parameters
    assert newest == {"entity": "enrollments", "count": 135, "newest": "2026-08-16T12:00:00Z"}


def test_a_newest_change_of_some_rows_says_so(visit, service):
    """Of a sample only, where the service does not sort by it."""
    dated(service)
    service.rows["enrollments"] += [enrollment(number) for number in range(45, 145)]
    assert visit.check()["collection_readable_sampled"].parameters == {
        "entity": "enrollments",
        "count": 145,
        "newest": "2026-08-20T08:00:00Z",
        "sample": 100,
    }
    for row in service.rows["enrollments"]:
        del row["dateLastModified"]
    service.filters = False
    assert visit.check()["collection_readable"].grade is Grade.NOTE


def test_a_clamp_is_found_and_asked_for_from_then_on(service):
    """The rows that came, when more were asked for and are there (ONEROSTER 2)."""
    service.rows["enrollments"] = [enrollment(number) for number in range(400)]
    service.largest = 150
    with visiting(service, page_size=1000) as visit:
        found = visit.check()["page_clamped"]
        assert (found.grade, found.parameters) == (Grade.NOTE, {"count": 150, "asked": 1000})
        service.asked.clear()
        pulled = run_again(visit)
    assert {query["limit"] for _, query in service.asked} == {"150"}
    assert (len(pulled.rows), pulled.uncertainties()) == (400, [])


def run_again(visit: Visit, since: Any = None) -> Any:
    """A pull of a connector that was told what the one before has learnt, and nothing else."""
    visit.connector = visit.opened(visit.learnt())
    return visit.pull(since)


@pytest.mark.parametrize("status", [400, 413, 500])
def test_what_is_refused_is_found_and_not_asked_for_again(service, status: int):
    """A limit that is too large, whatever the service says to it."""
    service.rows["enrollments"] = [enrollment(number) for number in range(1500)]
    only(service, lambda query: int(query["limit"]) > 1000, status)
    with visiting(service, page_size=5000) as visit:
        found = visit.check()
        if status == 500:
            # Nothing says that fewer would have been better: it is told, and the rest goes on.
            assert found["server_error"].grade is Grade.BAD
            assert "by_key_works" in found
            return
        assert found["page_refused"].parameters == {"count": 1000, "asked": 5000}
        service.asked.clear()
        pulled = run_again(visit)
    assert {query["limit"] for _, query in service.asked} == {"1000"}
    assert not pulled.uncertainties()


def test_a_refused_sort_is_remembered_only_where_totals_prove_as_well(visit, service):
    """What is known never costs a proof that asking could have given (C5)."""
    service.refuses["sort"] = 400
    assert "sort_not_heeded" in visit.check()
    service.asked.clear()
    assert not run_again(visit).uncertainties()
    assert not any("sort" in query for _, query in service.asked)
    service.total = lambda total, sent: {}
    run_again(visit)
    service.asked.clear()
    service.refuses.clear()
    assert not run_again(visit).uncertainties()
    assert all("sort" in query for _, query in service.asked)


@pytest.mark.parametrize("how", ["exclusive", "inclusive"])
def test_whether_a_filter_has_the_moment_itself_is_found(visit, service, how: str):
    """``>`` in place of ``>=`` (ONEROSTER 6)."""
    dated(service)
    if how == "exclusive":
        ask = service.collection

        def collection(exchange, name, query):
            if "filter" in query:
                line = query["filter"].split("'")[1]
                query = {**query, "filter": f"x'{line}~'"}
            ask(exchange, name, query)

        service.collection = collection
    found = visit.check()
    assert "filter_heeded" in found
    assert ("filter_excludes" in found) == (how == "exclusive")


def test_a_filter_found_wanting_is_not_asked_for(visit, service):
    """And one that works again is, once it was tested: the test is newer than the cursor."""
    cursor = visit.pull().pages[-1].state
    service.refuses["filter"] = 500
    assert visit.check()["filter_not_heeded"].grade is Grade.NOTE
    assert not visit.connector.capabilities()["enrollments"].incremental
    service.asked.clear()
    whole = run_again(visit, cursor)
    assert set(whole.rows) == ALL
    assert not any("filter" in query for _, query in service.asked)
    service.refuses.clear()
    cursor = whole.pages[-1].state
    visit.connector = visit.opened()
    assert "filter_heeded" in visit.check()
    assert not any(page.full for page in run_again(visit, cursor).pages)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_records_that_cannot_be_looked_up_are_told(visit, service, status: int):
    """They wait for a second proof then, instead of being asked for in vain (D1)."""
    service.single = lambda exchange, *_: exchange.answer(status, b"{}")
    assert visit.check()["by_key_fails"].parameters == {"entity": "enrollments"}
    assert not visit.connector.capabilities()["enrollments"].by_key
    assert not visit.opened(visit.learnt()).capabilities()["enrollments"].by_key


def test_one_that_has_just_gone_says_nothing_about_looking_up(visit, service):
    """Another is tried, since what is known here bears on removals (D1)."""
    ask = service.single

    def single(exchange, collection, key):
        ask(exchange, collection, "gone" if key == "e0000" else key)

    service.single = single
    assert "by_key_works" in visit.check()
    assert visit.connector.capabilities()["enrollments"].by_key


@pytest.mark.parametrize(("status", "body"), [(400, b"{}"), (500, b""), (200, b"{}")])
def test_a_service_that_never_says_that_there_is_none_confirms_no_removal(
    visit, service, status: int, body: bytes
):
    """Nobody’s key has to be answered with 404 (D1)."""
    ask = service.single

    def single(exchange, collection, key):
        if key in ALL:
            ask(exchange, collection, key)
        else:
            exchange.answer(status, body)

    service.single = single
    found = visit.check()
    assert ("by_key_unsure" in found, "by_key_works" in found) == (True, False)
    assert not visit.connector.capabilities()["enrollments"].by_key


@pytest.mark.parametrize(
    ("minutes", "code"), [(0, "clock_agrees"), (-47, "clock_ahead"), (47, "clock_behind")]
)
def test_a_clock_that_differs_is_told(visit, service, minutes: int, code: str):
    """By minutes, from the dates of answers."""
    at(service, NOON)
    visit.now = NOW + timedelta(minutes=minutes)
    found = visit.check()
    assert code in found
    assert found[code].parameters.get("minutes", 0) == abs(minutes)


def test_links_are_told(visit, service):
    """Where they are given, and where neither they nor a total are."""
    service.total = lambda total, sent: {"Link": '<x>; rel="next"'}
    assert "links_given" in visit.check()
    service.total = lambda total, sent: {}
    found = visit.check()
    assert {"links_missing", "collection_not_counted_sampled"} <= set(found)


def test_x_count_of_the_list_counts(visit, service):
    """In place of ``X-Total-Count`` (ONEROSTER 3); of the answer it does not."""
    service.rows["enrollments"] = [enrollment(number) for number in range(145)]
    service.total = lambda total, sent: {"x-count": str(total)}
    assert visit.check()["collection_readable_sampled"].parameters["count"] == 145
    service.total = lambda total, sent: {"x-count": str(sent)}
    assert "collection_not_counted_sampled" in visit.check()


def test_bad_news_of_one_collection_stops_nothing(visit, service):
    """Each collection and each question is tried, whatever the one before said."""
    ask = service.collection

    def collection(exchange, name, query):
        answers = {"orgs": (500, b""), "courses": (200, b"<html>"), "users": (403, b"{}")}
        if name in answers:
            exchange.answer(*answers[name])
        else:
            ask(exchange, name, query)

    service.collection = collection
    found = visit.check()
    bad = {code for code, one in found.items() if one.grade is Grade.BAD}
    assert bad == {"server_error", "answer_is_html", "collection_forbidden"}
    assert {"filter_heeded", "by_key_works"} <= set(found)


def test_without_a_way_in_it_is_told_once(service):
    """A token that is refused is refused for every collection."""
    with visiting(service, auth="bearer") as visit:
        findings = run(visit.connector.check(), visit.transport)
    assert [one.code for one in findings if one.grade is Grade.BAD] == ["bearer_refused"]
    assert len(service.seen) <= 3


@pytest.mark.parametrize(
    ("granted", "creates", "codes"),
    [
        ("gradebook.createput gradebook.createpost gradebook.delete", "post", {"writable"}),
        ("gradebook.createput", "put", {"writable", "deletes_not_permitted"}),
        (
            "gradebook.createput gradebook.delete",
            "post",
            {"writable", "creates_not_permitted"},
        ),
        (
            "gradebook.createpost gradebook.delete",
            "post",
            {"writable", "changes_not_permitted"},
        ),
        ("", "put", {"not_writable"}),
    ],
)
def test_what_may_be_written_is_told_by_the_token(
    service, granted: str, creates: str, codes: set[str]
):
    """Nothing is tried out."""
    said = " ".join(
        f"{SCOPE}{each}" for each in f"roster.readonly gradebook.readonly {granted}".split()
    )
    service.granting = lambda form, basic: (200, service.new_token(scope=said))
    with visiting(service, gradebook="write", creates=creates) as visit:
        found = visit.check()
    told = {code for code in found if code.startswith("gradebook_")}
    assert told == {f"gradebook_{code}" for code in codes}
    assert {path for command, path, *_ in service.seen if command != "GET"} == {"/token"}


def test_every_finding_is_told_in_whole_sentences():
    """What was found has a sentence, and what it means another, where it is not said yet."""
    for code in FINDINGS:
        assert code in SENTENCES
        for words in (topic(code), SENTENCES[code], meaning(code)):
            assert isinstance(words, Counted) or words == words.strip()
        assert meaning(code)[-1:] in ("", "."), code
