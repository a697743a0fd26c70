"""The roll of one class, by whatever way a service tells it (``contract.Rolled``)."""

from collections.abc import Callable
from typing import Any

import pytest

from app.errors import ContractError, TransientError
from tests.connectors.http_server import Exchange
from tests.connectors.oneroster.odd_service import OddService, Visit, enrollment

ROLL = [f"e{number:04}" for number in range(3, 28)]
"""Those who are in the class ``c2``: on three pages."""


def class_(key: str = "c2", **more: Any) -> dict[str, Any]:
    """An ordinary class."""
    return {
        "sourcedId": key,
        "status": "active",
        "dateLastModified": "2026-08-20T08:00:00.000Z",
        "title": "Algebra",
        "classType": "scheduled",
        "course": {"sourcedId": "k1"},
        "school": {"sourcedId": "s 1"},
        "terms": [{"sourcedId": "t1"}],
        **more,
    }


@pytest.fixture(autouse=True)
def district(service: OddService) -> None:
    """Two classes, one of them with twenty-five people."""
    service.rows["classes"] = [class_(), class_("c1")]
    service.rows["enrollments"] = [
        enrollment(n, **{"class": {"sourcedId": "c2" if 3 <= n < 28 else "c1"}}) for n in range(45)
    ]


def filtered(service: OddService) -> bool:
    """Whether the class was asked for by a filter."""
    return any("filter" in query for _, query in service.asked)


def test_a_roll_has_its_path(visit: Visit, service: OddService):
    """Below the school of the class; its rows are those of the collection, page by page."""
    told = visit.roll("c2")
    assert list(told.rows) == ROLL
    assert told.rows.items() <= visit.pull().rows.items()
    assert not any(page.full or page.doubts for page in told.pages)
    assert [page.last for page in told.pages][-1]
    assert not filtered(service)


def refusing(status: int) -> Callable[[Exchange], bool]:
    """What refuses every path."""

    def refuse(exchange: Exchange) -> bool:
        exchange.answer(status, b"{}")
        return False

    return refuse


@pytest.mark.parametrize("status", [400, 403, 404, 500, 501])
def test_without_the_path_it_is_filtered(visit: Visit, service: OddService, status: int):
    """A service that refuses the path, or fails on it, may know the filter."""
    service.rolls = refusing(status)
    assert list(visit.roll("c2").rows) == ROLL
    assert filtered(service)


def test_a_service_that_is_away_is_no_refusal(visit: Visit, service: OddService):
    """It may pass by itself, and nothing else is asked meanwhile."""
    service.instead[1] = lambda exchange: exchange.answer(503)
    assert isinstance(visit.roll("c2").error, TransientError)
    assert not filtered(service)


def test_a_class_without_a_school_is_filtered(visit: Visit, service: OddService):
    """There is no path to it."""
    service.rows["classes"] = [class_(school=None)]
    assert list(visit.roll("c2").rows) == ROLL
    assert filtered(service)


def everything(service: OddService) -> Callable[[Exchange], bool]:
    """What answers every path with all enrollments."""

    def answer(exchange: Exchange) -> bool:
        service.collection(exchange, "enrollments", {"offset": "0", "limit": "100"})
        return False

    return answer


def test_a_path_that_ignores_the_class_is_not_believed(visit: Visit, service: OddService):
    """A row of another class shows it."""
    service.rolls = everything(service)
    assert list(visit.roll("c2").rows) == ROLL
    assert filtered(service)


def test_a_service_that_tells_no_roll_says_so(visit: Visit, service: OddService):
    """Neither way is heeded: not a row is told."""
    service.rolls = everything(service)
    service.filters = False
    told = visit.roll("c2")
    assert isinstance(told.error, ContractError)
    assert (told.error.code, told.pages) == ("roll_not_told", [])


def test_an_apostrophe_stands_in_no_filter(visit: Visit, service: OddService):
    """The standard has no way to write it: only the path leads to such a class."""
    service.rows["classes"] = [class_("O'Brien")]
    service.rows["enrollments"] = [enrollment(1, **{"class": {"sourcedId": "O'Brien"}})]
    assert list(visit.roll("O'Brien").rows) == ["e0001"]
    service.rolls = refusing(404)
    told = visit.roll("O'Brien")
    assert isinstance(told.error, ContractError)
    assert not filtered(service)


def test_a_class_that_is_gone_is_doubted(visit: Visit, service: OddService):
    """An empty roll of it would prove nothing; its enrollments are not even asked for."""
    told = visit.roll("c9")
    assert [doubt.code for page in told.pages for doubt in page.doubts] == ["class_not_there"]
    assert service.asked == []


def test_a_roll_that_breaks_off_is_not_begun_in_another_way(visit: Visit, service: OddService):
    """What was told of it stands already: it ends in the error."""
    service.instead[2] = lambda exchange: exchange.answer(500)
    told = visit.roll("c2")
    assert isinstance(told.error, TransientError)
    assert len(told.pages) == 1
    assert not filtered(service)


def test_nothing_is_learnt_from_a_roll(visit: Visit, service: OddService):
    """What a part of the list does not do says nothing of the whole."""
    visit.pull()
    before = visit.learnt()
    service.refuses["sort"] = 400
    assert list(visit.roll("c2").rows) == ROLL
    assert visit.learnt() == before
