"""The practice Ed-Fi speaks as the official documents of the Data Standard 5.0 say."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.practice.edfi.vocabulary import CASCADING, RESOURCES
from tests.practice.client import serving
from tests.practice.edfi.client import Client, speaking
from tests.practice.edfi.official_document import (
    faults,
    is_updatable,
    parameters,
    require_documents,
    schema,
)

SERVED = [name for name in RESOURCES if not name.endswith("Descriptors")]
PAGING = {"offset", "limit", "minchangeversion", "maxchangeversion", "totalcount", "id"}


@pytest.fixture(autouse=True)
def _documents() -> None:
    """Nothing here without the official documents."""
    require_documents()


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A client of the practice district."""
    require_documents()
    with serving(students=60, seed=7) as ready, speaking(ready) as client:
        yield client


@pytest.mark.parametrize("resource", SERVED)
def test_every_document_served_is_valid(client: Client, resource: str):
    """Bodies of GET have the form of the document, links, etags and moments included."""
    told = [without_links(one) for one in client.list(resource, limit=100)]
    assert not [fault for one in told for fault in faults(one, resource)]


def without_links(value: Any) -> Any:
    """A value without the links of references, of which the document says nothing more."""
    if isinstance(value, list):
        return [without_links(one) for one in value]
    if isinstance(value, dict):
        return {name: without_links(one) for name, one in value.items() if name != "link"}
    return value


@pytest.mark.parametrize("resource", SERVED)
def test_the_fields_are_those_of_the_document(resource: str):
    """No field more, no field less, and the same ones required."""
    official = schema(resource)
    ours = RESOURCES[resource].fields
    own = {"id", "_etag", "_lastModifiedDate", "_ext"}
    assert {one.name for one in ours} == official["properties"].keys() - own
    assert {one.name for one in ours if one.required} == set(official["required"])
    lengths = {one.name: one.longest for one in ours if one.longest}
    assert lengths == {
        name: told["maxLength"]
        for name, told in official["properties"].items()
        if "maxLength" in told
    }


@pytest.mark.parametrize("resource", SERVED)
def test_a_list_takes_the_parameters_of_the_document(resource: str):
    """Every natural-key and simple parameter is a filter, and nothing else is."""
    official = {name.lower() for name in parameters(resource)} - PAGING
    assert set(RESOURCES[resource].parameters) == official


@pytest.mark.parametrize("resource", SERVED)
def test_natural_keys_that_may_change_are_those_of_the_document(resource: str):
    """x-Ed-Fi-isUpdatable."""
    assert (resource in CASCADING) == is_updatable(resource)
