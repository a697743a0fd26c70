"""A small Ed-Fi service of the test's own."""

from collections.abc import Iterator

import pytest

from tests.connectors.edfi.follower import Follower, following
from tests.connectors.edfi.shifting_service import ShiftingService
from tests.connectors.edfi.small_service import Client, SmallService, client_of
from tests.connectors.http_server import serving
from tests.practice.edfi import client as practice
from tests.practice.edfi.client import Client as Owner
from tests.practice.edfi.small_district import documents


@pytest.fixture
def small() -> Iterator[SmallService]:
    with serving(SmallService()) as running:
        yield running


@pytest.fixture
def client(small: SmallService) -> Iterator[Client]:
    with client_of(small) as made:
        yield made


@pytest.fixture
def shifting() -> Iterator[ShiftingService]:
    with serving(ShiftingService()) as running:
        yield running


@pytest.fixture
def both() -> Iterator[tuple[Follower, Owner]]:
    """Somebody who follows a small district, and its owner, from whom nothing is hidden."""
    with practice.serving(documents(), strict=False) as ready, following(ready) as made:
        yield made
