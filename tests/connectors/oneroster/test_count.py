"""How many rows a whole read will bring, asked ahead so that the time left can be told."""

from app.connectors.conformance import run
from tests.connectors.oneroster.odd_service import OddService, Visit


def count(visit: Visit) -> object:
    """What the connector says of its enrollments."""
    return run(visit.connector.count("enrollments"), visit.transport)


def test_the_stated_total_is_told(visit: Visit, service: OddService) -> None:
    """One request for one row tells how many there are."""
    assert count(visit) == 45
    assert len(service.asked) == 1


def test_a_service_that_states_no_total_tells_nothing(visit: Visit, service: OddService) -> None:
    """Without a total nothing is guessed, and nothing fails."""
    service.total = lambda whole, page: {}
    assert count(visit) is None


def test_a_service_that_fails_on_a_small_page_tells_nothing(
    visit: Visit, service: OddService
) -> None:
    """The read itself has its own ways around a refusal."""
    service.instead[1] = lambda exchange: exchange.answer(500, b"no")
    assert count(visit) is None
