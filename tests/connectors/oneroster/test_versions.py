"""OneRoster 1.1 and 1.2: found out or chosen, and what a version does not have (ONEROSTER)."""

from typing import Any

import pytest

from app.connectors.conformance import run
from app.connectors.contract import Grade, Prepared
from app.connectors.oneroster.vocabulary import SCOPES, STREAMS
from app.errors import ConfigError, TransientError
from tests.connectors.http_server import Exchange
from tests.connectors.oneroster.odd_service import BASE, BOOKS, OddService, Visit, visiting

OLD = "/ims/oneroster/v1p1"
BAD = Grade.BAD
SINCE = {"score_scales", "assessment_line_items", "assessment_results"}


@pytest.fixture
def old(service: OddService) -> OddService:
    """The service, with all of its collections at the one path of OneRoster 1.1."""
    respond = service.respond
    books = {stream.collection for stream in STREAMS.values() if stream.service == "gradebook"}

    def moved(exchange: Exchange) -> None:
        below = exchange.path.removeprefix(OLD)
        if below == exchange.path:
            exchange.answer(404, b"{}")
            return
        collection = below.strip("/").partition("/")[0].partition("?")[0]
        exchange.path = (BOOKS if collection in books else BASE) + below
        respond(exchange)

    service.routes["*"] = moved
    return service


def prepared(visit: Visit) -> Visit:
    """The visit, once it is known what is spoken."""
    assert isinstance(visit.connector, Prepared)
    run(visit.connector.prepare(), visit.transport)
    return visit


@pytest.mark.parametrize("pasted", ["", "/ims/oneroster", OLD, f"{OLD}/users"])
@pytest.mark.parametrize("version", ["auto", "1.1"])
def test_the_older_version_is_found_wherever_it_stands(old: OddService, pasted: str, version: str):
    """By asking, whatever of its address was pasted."""
    with visiting(old, base_url=old.url + pasted, version=version) as visit:
        assert len(prepared(visit).pull().rows) == 45


def test_what_a_version_does_not_have_is_not_offered(old: OddService):
    """Neither streams nor fields nor posting; what was switched on all the same is a note."""
    switched: Any = {"gradebook": "write", "assessments": "write", "creates": "post"}
    with visiting(old, version="auto", **switched) as visit:
        found = prepared(visit).connector.capabilities()
        assert not SINCE & set(found)
        assert "pronouns" not in found["users"].fields
        assert found["results"].writes == {"create", "update", "delete"}
        assert not any(one.allots_keys for one in found.values())
        told = run(visit.connector.check(), visit.transport)
        missing = {one.parameters["entity"] for one in told if one.code == "not_in_version"}
        assert missing == SINCE
        assert "posting_not_in_version" in {one.code for one in told}
        assert not [one for one in told if one.grade is Grade.BAD]
        assert visit.pull(entity="results").error is None


def test_the_newer_version_is_taken_where_both_are_spoken(service: OddService):
    """It says more."""
    with visiting(service, version="auto") as visit:
        found = prepared(visit).connector.capabilities()
        assert "pronouns" in found["users"].fields
        assert visit.pull().pages[0].fields == found["enrollments"].fields


def test_before_anything_is_asked_the_newer_version_is_assumed(service: OddService):
    """As long as nothing is known, which is until it is prepared."""
    with visiting(service, version="auto", gradebook="read") as visit:
        assert "score_scales" in visit.connector.capabilities()
    assert not service.seen


def test_a_place_that_forbids_is_passed_by_for_one_that_answers(old: OddService):
    """Some services forbid whatever is not there."""
    moved = old.routes["*"]
    old.routes["*"] = lambda exchange: (
        moved(exchange) if exchange.path.startswith(OLD) else exchange.answer(403, b"{}")
    )
    with visiting(old, version="auto") as visit:
        assert len(prepared(visit).pull().rows) == 45


def test_a_service_that_fails_everywhere_is_not_taken_for_none(old: OddService):
    """It may be well again tomorrow."""
    old.routes["*"] = lambda exchange: exchange.answer(500, b"oops")
    with visiting(old, version="auto") as visit:
        assert isinstance(visit.pull().error, TransientError)


def test_where_it_was_found_is_asked_first_the_next_time(old: OddService):
    """And what is spoken there is known before anything is asked."""
    with visiting(old, version="auto", gradebook="read") as visit:
        again = visit.opened(prepared(visit).learnt())
        assert not SINCE & set(again.capabilities())
        before = len(old.seen)
        run(again.count("enrollments"), visit.transport)
        asked = [path for method, path, _headers, _body in old.seen[before:] if method == "GET"]
        assert len(asked) == 2
        assert all(path.startswith(OLD) for path in asked)


# -- what a token is asked for --


class Grants:
    """Grants a token for these scopes and refuses any more, in the standard's word."""

    def __init__(self, service: OddService, *scopes: str) -> None:
        self.asked: list[str] = []
        self.granted: list[str] = []
        self._service = service
        self._scopes = set(scopes)
        service.granting = self.grant

    def grant(self, form: dict[str, str], basic: bool) -> tuple[int, Any]:
        self.asked.append(form["scope"])
        if self._scopes and set(form["scope"].split()) - self._scopes:
            return 400, {"error": "invalid_scope"}
        self.granted.append(form["scope"])
        return self._service.grant(form, basic)


def names(scopes: str) -> set[str]:
    """Scopes without what they all begin with."""
    return {scope.rpartition("/")[2] for scope in scopes.split()}


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        ({"demographics": "off"}, set()),
        ({}, {"roster-demographics.readonly"}),
        ({"demographics": "off", "resources": "read"}, {"resource.readonly"}),
        ({"demographics": "off", "gradebook": "read"}, {"gradebook.readonly"}),
        (
            {"demographics": "off", "assessments": "write"},
            {"assessment.readonly", "assessment.createput", "assessment.delete"},
        ),
    ],
)
def test_what_is_switched_on_is_asked_for(
    service: OddService, settings: dict[str, Any], more: set[str]
):
    """And nothing else: each needs a permission of its own."""
    grants = Grants(service)
    with visiting(service, **settings) as visit:
        assert visit.pull().error is None
    [asked] = grants.asked
    assert names(asked) == {"roster.readonly", *more}


def test_a_version_has_scopes_of_its_own(old: OddService):
    """What 1.1 does not have is not asked for there."""
    grants = Grants(old)
    switched: Any = {"gradebook": "write", "assessments": "read", "resources": "read"}
    with visiting(old, version="1.1", **switched) as visit:
        assert visit.pull().error is None
    [asked] = grants.asked
    assert all(scope.startswith(SCOPES["1.1"]) for scope in asked.split())
    assert names(asked) == {
        "roster.readonly",
        "roster-demographics.readonly",
        "gradebook.readonly",
        "gradebook.createput",
        "gradebook.delete",
        "resource.readonly",
    }


def test_a_strict_service_of_the_older_version_is_asked_in_its_own_words(old: OddService):
    """With auto: after it has refused those of the newer, or at once where the address says so."""
    roster = [f"{SCOPES['1.1']}roster-{which}.readonly" for which in ("core", "demographics")]
    for pasted, most in (("", 7), (OLD, 4)):
        grants = Grants(old, *roster)
        with visiting(old, version="auto", base_url=old.url + pasted) as visit:
            found = prepared(visit).connector.capabilities()
            assert visit.pull(entity="users").error is None
        assert set(grants.granted[-1].split()) == set(roster)
        assert {"users", "demographics"} <= set(found)
        assert len(grants.asked) <= most


def test_all_that_is_granted_is_got_in_few_steps(service: OddService):
    """A service that refuses does not say what for: part after part is added (ONEROSTER 14)."""
    kept = ("roster-core", "gradebook", "resource-core", "assessment")
    grants = Grants(service, *(f"{SCOPES['1.2']}{name}.readonly" for name in kept))
    switched: Any = {"gradebook": "write", "assessments": "write", "resources": "read"}
    with visiting(service, **switched) as visit:
        assert visit.pull().error is None
        offered = visit.connector.capabilities()
    assert names(grants.granted[-1]) == {f"{name}.readonly" for name in kept}
    assert len(grants.asked) <= 12
    assert not any(one.writes for one in offered.values())


# -- how much is asked at once --


def reopened(visit: Visit, **settings: Any) -> Visit:
    """The visit with other settings."""
    visit._settings |= settings
    visit.connector = visit.opened()
    return visit


def test_the_size_of_a_page_can_be_set(visit: Visit, service: OddService):
    """It goes before the program's own."""
    assert len(reopened(visit, page_size=7).pull().rows) == 45
    assert {query["limit"] for _collection, query in service.asked} == {"7"}


def test_how_many_requests_may_run_at_once_is_told(visit: Visit):
    """One, unless more are set."""
    assert {one.concurrency for one in visit.connector.capabilities().values()} == {1}
    found = reopened(visit, concurrency=4).connector.capabilities()
    assert {one.concurrency for one in found.values()} == {4}


# -- a version that is set, and is not the one that is spoken --


@pytest.mark.parametrize("pasted", ["", "/ims/oneroster"])
def test_a_set_version_that_is_not_spoken_is_told(old: OddService, pasted: str):
    """By the test of the connection and by a sync, with the one that is; nothing else is said."""
    with visiting(old, base_url=old.url + pasted, version="1.2") as visit:
        found = run(visit.connector.check(), visit.transport)
        assert [one.code for one in found] == ["token_granted", "version_not_spoken"]
        about = {"version": "1.2", "other": "1.1", "path": OLD}
        assert (found[-1].grade, found[-1].parameters) == (BAD, about)
        error = visit.pull(entity="orgs").error
        assert isinstance(error, ConfigError)
        assert error.code == "version_not_spoken"


def test_an_older_version_that_is_set_and_not_spoken_is_told(service: OddService):
    """Where only the newer one is."""
    with visiting(service, version="1.1") as visit:
        [found] = [one for one in run(visit.connector.check(), visit.transport) if one.grade is BAD]
        assert (found.code, found.parameters["other"]) == ("version_not_spoken", "1.2")


def test_a_wrong_address_is_not_taken_for_a_wrong_version(service: OddService):
    """Where no version answers it is the address; and no version is said to be spoken."""
    service.routes["*"] = lambda exchange: exchange.answer(404, b"{}")
    for version, code in (("1.2", "collection_not_found"), ("1.1", "service_not_found")):
        with visiting(service, version=version) as visit:
            found = {one.code for one in run(visit.connector.check(), visit.transport)}
            assert found == {"token_granted", code}


def test_another_version_than_before_is_read_whole(service: OddService):
    """Changes alone would leave the rest as the other version had told it; no digest stays."""
    with visiting(service, version="1.2") as visit:
        first = visit.pull()
        newer = visit.pull(first.pages[-1].state)
        assert not newer.pages[0].full
    with visiting(service, version="1.1", base_url=service.url + BASE) as visit:
        older = visit.pull(newer.pages[-1].state)
        assert older.pages[0].full
        assert len(older.rows) == 45
        told = [digest for pull in (first, older) for page in pull.pages for digest in page.digests]
        assert len(set(told)) == 90
        assert not visit.pull(older.pages[-1].state).pages[0].full
    with visiting(service, version="1.2") as visit:
        assert visit.pull(older.pages[-1].state).pages[0].full


def test_several_rows_of_one_person_are_noticed_in_the_older_version_too(old: OddService):
    """Which has fewer fields to go by."""
    one = {"givenName": "Ada", "familyName": "Núñez", "role": "teacher", "email": "a@x.example"}
    old.rows["users"] = [{**one, "sourcedId": f"u{number}"} for number in range(3)]
    with visiting(old, version="auto") as visit:
        found = run(visit.connector.check(), visit.transport)
        [told] = [each for each in found if each.code == "several_rows_of_one"]
        assert told.parameters["field"] == "email"
