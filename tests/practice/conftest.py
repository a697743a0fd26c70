"""One running service that nobody changes, for all who read; one of their own for those who do."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.practice.client import Client, serving, speaking

STUDENTS = 300


@pytest.fixture(scope="session")
def unchanged_service() -> Iterator[dict[str, Any]]:
    """What a service announced that no test may change."""
    with serving(students=STUDENTS, seed=7) as ready:
        yield ready


@pytest.fixture
def reader(unchanged_service: dict[str, Any]) -> Iterator[Client]:
    """A client of the service that no test may change."""
    with speaking(unchanged_service) as client:
        yield client


@pytest.fixture
def own(request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client of a service that this test may change."""
    with serving(students=STUDENTS, seed=7) as ready, speaking(ready) as client:
        yield client
