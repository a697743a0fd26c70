"""The gradebook is read like the rosters, where it is switched on and permitted."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.connectors.conformance import Bench, Pulled, run_pull
from app.connectors.contract import Change, Grade
from app.connectors.oneroster import KIND, Settings
from app.connectors.oneroster.address import addresses, base_of
from app.connectors.oneroster.vocabulary import (
    CREATE_PUT,
    GRADEBOOK,
    GRADEBOOK_CORE,
    ROSTER,
    STREAMS,
)
from tests.connectors.oneroster.desk import Desk, working
from tests.connectors.oneroster.odd_service import OddService, Visit, visiting
from tests.practice.client import GRADEBOOK as BOOKS_PATH
from tests.practice.client import serving

BOOKS = ["categories", "score_scales", "line_items", "results"]
ASSESSMENTS = ["assessment_line_items", "assessment_results"]


@pytest.fixture(scope="module")
def ready() -> Iterator[dict[str, Any]]:
    with serving(students=40, seed=3) as announced:
        yield announced


@pytest.fixture
def desk(ready: dict[str, Any]) -> Iterator[Desk]:
    with working(ready) as made:
        yield made


@pytest.fixture
def visit(service: OddService) -> Iterator[Visit]:
    """A visit by a connector that reads the gradebook."""
    service.rows["categories"] = [{"sourcedId": f"c{n}", "title": f"No. {n}"} for n in range(25)]
    with visiting(service, gradebook="read") as made:
        yield made


def told(pulled: Pulled) -> list[str]:
    """What the pages note."""
    return [note.code for page in pulled.pages for note in page.notes]


def test_the_gradebook_is_read_after_the_rosters():
    """Those referred to first."""
    assert list(STREAMS)[-6:] == [*BOOKS, *ASSESSMENTS]


@pytest.mark.parametrize("entity", [*BOOKS, *ASSESSMENTS])
def test_every_record_is_read_in_pages(desk: Desk, entity: str):
    """All of them, each once, without doubt."""
    stream = STREAMS[entity]
    pulled = run_pull(desk.connector, entity, None, desk.transport)
    assert not pulled.uncertainties()
    there = desk.client.everything(stream.collection, base=BOOKS_PATH)
    assert pulled.rows.keys() == {each["sourcedId"] for each in there}
    assert not [row for row in pulled.rows.values() if row.warnings]  # type: ignore[union-attr]


def test_changes_alone_are_read(desk: Desk):
    """What was written since, and what was marked as removed."""
    desk.push(desk.draft("categories"))
    whole = run_pull(desk.connector, "categories", None, desk.transport)
    draft = desk.draft("categories", title="New")
    desk.push(draft)
    [old, *_] = whole.rows
    desk.overwrite("categories", old, status="tobedeleted")
    state = whole.pages[-1].state
    since = run_pull(desk.connector, "categories", state, desk.transport)
    assert not any(page.full for page in since.pages)
    assert draft.key in since.rows
    assert old in since.tombstones


def test_each_collection_is_asked_for_at_its_own_service(visit: Visit, service: OddService):
    """Beside the rostering service."""
    assert len(visit.pull(entity="categories").rows) == 25
    assert visit.fetch("c1", "categories").key == "c1"
    assert {path.split("?")[0] for _, path, _, _ in service.seen} == {
        *("/token", f"{BOOKS_PATH}/categories", f"{BOOKS_PATH}/categories/c1")
    }


@pytest.mark.parametrize(
    ("rostering", "gradebook"),
    [
        ("https://x/ims/oneroster/rostering/v1p2", "https://x/ims/oneroster/gradebook/v1p2"),
        ("https://x/api/rostering", "https://x/api/gradebook"),
        ("https://x/ims/oneroster/v1p2", "https://x/ims/oneroster/v1p2"),
    ],
)
def test_the_gradebook_is_beside_the_rosters(rostering: str, gradebook: str):
    """Or at the same path, where there is one for all services."""
    assert base_of("gradebook", rostering) == gradebook
    assert base_of("rostering", rostering) == rostering


def test_an_address_of_the_gradebook_will_do():
    """Whatever of the service was pasted."""
    pasted = "https://x/ims/oneroster/gradebook/v1p2/lineItems/7"
    assert addresses(pasted, "").bases == ("https://x/ims/oneroster/rostering/v1p2",)


@pytest.mark.parametrize(("status", "why"), [(403, "not_permitted"), (404, "not_offered")])
def test_what_is_not_there_for_us_is_left_out(
    visit: Visit, service: OddService, status: int, why: str
):
    """It is told, is no empty answer, and the rest is read (C5)."""
    allowed = visit.pull(entity="categories").pages[-1].scope
    ask = service.collection
    service.collection = lambda exchange, collection, query: (  # type: ignore[method-assign]
        exchange.answer(status) if collection == "categories" else ask(exchange, collection, query)
    )
    pulled = visit.pull(entity="categories")
    assert (told(pulled), pulled.rows) == ([why], {})
    assert pulled.pages[-1].scope != allowed
    assert "categories" not in visit.connector.capabilities()
    assert not visit.pull(entity="results").error


def test_a_connection_test_tells_of_the_gradebook(visit: Visit, service: OddService):
    """What can be read, what cannot, and whether it may be written."""
    del service.rows["scoreScales"]
    found = visit.check()
    assert found["collection_readable"].parameters["entity"] == "categories"
    assert found["not_offered"].parameters["entity"] == "score_scales"
    assert not any(finding.grade is Grade.BAD for finding in found.values())
    assert not {"gradebook_writable", "gradebook_not_writable"} & set(found)
    with visiting(service, gradebook="write") as writing:
        assert "gradebook_writable" in writing.check()
    with visiting(service, gradebook="write", scope=f"{ROSTER} {GRADEBOOK}") as reading:
        assert reading.check()["gradebook_not_writable"].grade is Grade.NOTE


def test_what_the_token_does_not_permit_is_not_offered(visit: Visit, service: OddService):
    """As soon as it is known."""
    service.granting = lambda form, basic: (200, service.new_token(scope=ROSTER))
    assert "results" in visit.connector.capabilities()
    ask = service.collection
    service.collection = lambda exchange, collection, query: (  # type: ignore[method-assign]
        exchange.answer(403) if collection == "results" else ask(exchange, collection, query)
    )
    assert visit.check()["gradebook_not_permitted"].parameters == {
        "entity": "results",
        "scope": "gradebook.readonly",
    }
    assert set(visit.connector.capabilities()).isdisjoint(BOOKS)


def test_less_is_asked_for_where_a_token_is_refused(service: OddService):
    """First the writing goes, then the gradebook; the rosters are read at any rate."""
    asked: list[str] = []

    def strict(form: dict[str, str], basic: bool) -> tuple[int, Any]:
        asked.append(form["scope"])
        if CREATE_PUT in form["scope"]:
            return 400, {"error": "invalid_scope"}
        return service.grant(form, basic)

    service.granting = strict
    with visiting(service, gradebook="write") as visit:
        assert len(visit.pull().rows) == 45
        found = visit.connector.capabilities()
        assert set(BOOKS) <= set(found)
        assert not any(each.writes for each in found.values())
    assert GRADEBOOK in asked[-1]
    with visiting(service) as visit:
        visit.pull()
    assert GRADEBOOK not in asked[-1]


def test_a_core_scope_permits_reading_too(service: OddService):
    """Some services grant no more."""
    with visiting(service, gradebook="read", scope=f"{ROSTER} {GRADEBOOK_CORE}") as visit:
        visit.pull(entity="results")
        assert set(BOOKS) <= set(visit.connector.capabilities())


def test_the_gradebook_is_no_other_source():
    """Switching it on does not have the rosters read anew."""
    plain = Settings(base_url="https://sis.example", client_id="c")
    written = Settings(
        base_url="https://sis.example", client_id="c", gradebook="write", creates="post"
    )
    assert KIND.source(plain) == KIND.source(written)
    assert json.loads(KIND.source(plain))["base_url"] == "https://sis.example"


def test_a_change_names_what_is_spoken(visit: Visit):
    """A connector that reads can tell of every stream why it does not write."""
    for entity in visit.connector.capabilities():
        steps = visit.connector.push(Change(entity, "update", "1", {}), Bench())
        with pytest.raises(StopIteration) as ended:
            next(steps)
        assert ended.value.value.words.endswith("_read_only")
