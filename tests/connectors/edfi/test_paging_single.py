"""One document by its natural key, and the few of one query, over HTTP."""

import json
from collections.abc import Iterator

import pytest

from app.connectors.edfi.feed import Broken, Item
from app.connectors.edfi.single import listed, one
from app.errors import AuthError, ContractError
from tests.connectors.edfi.shifting_service import STUDENTS, ShiftingService
from tests.connectors.edfi.small_service import Client, client_of


@pytest.fixture
def client(shifting: ShiftingService) -> Iterator[Client]:
    with client_of(shifting) as made:
        shifting.fill(40)
        yield made


def test_by_natural_key(shifting: ShiftingService, client: Client) -> None:
    """It is asked for by the parts of its key, and found under it."""
    found = client(one(client.service, STUDENTS, "s0004"))
    assert (type(found), found.key, found.id) == (Item, "s0004", f"{3:032x}")
    assert shifting.asked[-1][1] == {"studentUniqueId": "s0004", "limit": "2"}


def test_nothing_there(client: Client) -> None:
    """Nothing is told where nothing is seen."""
    assert client(one(client.service, STUDENTS, "s0005")) is None


@pytest.mark.parametrize(("status", "body"), [(404, {}), (410, {})])
def test_nothing_there_by_id_either(
    shifting: ShiftingService, client: Client, status: int, body: dict[str, str]
) -> None:
    """With its id it is asked for once more, as lists leave out what may not be seen."""
    shifting.closed["ed-fi/students/77"] = (status, body)
    assert client(one(client.service, STUDENTS, "s0005", "77")) is None
    assert shifting.asked[-1][0] == "/77"


def test_there_but_not_to_be_read(shifting: ShiftingService, client: Client) -> None:
    """What is there and may not be read is an error, and never nothing (D3)."""
    shifting.closed["ed-fi/students/77"] = (403, {"detail": "no association"})
    with pytest.raises(AuthError):
        client(one(client.service, STUDENTS, "s0005", "77"))


def test_renamed_meanwhile(shifting: ShiftingService, client: Client) -> None:
    """By its id it is found under the key that it has now."""
    shifting.closed["ed-fi/students/77"] = (200, {"id": "77", "studentUniqueId": "s0999"})
    found = client(one(client.service, STUDENTS, "s0005", "77"))
    assert (found.key, found.id) == ("s0999", "77")


def test_query_that_nobody_heeds(shifting: ShiftingService, client: Client) -> None:
    """Where others come instead, that is no answer to the question."""
    rows = [{"id": "1", "studentUniqueId": "s1"}, {"id": "2", "studentUniqueId": "s2"}]
    shifting.instead = {0: (200, json.dumps(rows).encode())}
    with pytest.raises(ContractError) as failed:
        client(one(client.service, STUDENTS, "s0005"))
    assert failed.value.code == "edfi_filter_ignored"


def test_capitals_are_no_matter_there(shifting: ShiftingService, client: Client) -> None:
    """Databases that take capitals for small letters find it, under the key as it stands there."""
    shifting.instead = {0: (200, b'[{"id": "1", "studentUniqueId": "S0004"}]')}
    assert client(one(client.service, STUDENTS, "s0004")).key == "S0004"


def test_broken_document(shifting: ShiftingService, client: Client) -> None:
    """What is there and cannot be understood is told under its key (C6)."""
    shifting.instead = {0: (200, b'[{"id": "1", "studentUniqueId": "s0004", "a": tru}]')}
    found = client(one(client.service, STUDENTS, "s0004"))
    assert (type(found), found.key) == (Broken, "s0004")


def test_few_of_one_query(shifting: ShiftingService, client: Client) -> None:
    """All that a query lets by comes, with its doubts."""
    items, broken, doubts = client(listed(client.service, STUDENTS, {"studentUniqueId": "s0004"}))
    assert ([one.key for one in items], broken, doubts) == (["s0004"], [], [])


def test_many_of_one_query(shifting: ShiftingService, client: Client) -> None:
    """More than a page comes in pages, each row once."""
    shifting.most = 25
    items, _, doubts = client(listed(client.service, STUDENTS, {"lastSurname": "x"}))
    assert ([one.key for one in items], doubts) == (sorted(shifting.rows), [])


def test_total_of_a_query_is_not_met(shifting: ShiftingService, client: Client) -> None:
    """Fewer than stated is a doubt."""
    shifting.totals = lambda true: true + 1
    _, _, doubts = client(listed(client.service, STUDENTS, {"studentUniqueId": "s0004"}))
    assert [doubt.code for doubt in doubts] == ["total_not_met"]


def test_few_that_are_others(shifting: ShiftingService, client: Client) -> None:
    """A query that nobody heeds is noticed before everything is read."""
    shifting.heeds = False
    with pytest.raises(ContractError):
        client(listed(client.service, STUDENTS, {"studentUniqueId": "s0004"}))
    assert len(shifting.asked) == 1
