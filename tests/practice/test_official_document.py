"""Every answer has the form that the official documents of OneRoster 1.2 prescribe."""

import pytest

from app.practice.vocabulary import GRADEBOOK_KINDS, KINDS, ROSTERING_KINDS
from tests.practice.client import GRADEBOOK, RESOURCES, ROSTERING, Client
from tests.practice.official_document import FOLDER, faults, operations, schemas

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the official documents are not beside the checkout"
)
ROSTERS_DOCUMENT, GRADEBOOK_DOCUMENT = "rostersservice.yaml", "gradebookservice.yaml"
RESOURCES_DOCUMENT = "resourcesservice.yaml"


def type_name(plural: str) -> str:
    singular = KINDS[plural].singular
    return f"{singular[0].upper()}{singular[1:]}DType"


@pytest.mark.parametrize("plural", [*ROSTERING_KINDS])
def test_every_roster_record_is_valid(reader: Client, plural: str):
    """Required fields are there, no other than the document's, references well formed."""
    types = schemas(ROSTERS_DOCUMENT)
    records = reader.everything(plural)
    assert records
    assert not [fault for each in records for fault in faults(each, type_name(plural), types)]


@pytest.mark.parametrize("plural", [*GRADEBOOK_KINDS])
def test_every_gradebook_record_is_valid(reader: Client, plural: str):
    """The same for the gradebook."""
    types = schemas(GRADEBOOK_DOCUMENT)
    records = reader.everything(plural, base=GRADEBOOK)
    assert records
    assert not [fault for each in records for fault in faults(each, type_name(plural), types)]


def test_every_resource_is_valid(reader: Client):
    """The same for resources."""
    types = schemas(RESOURCES_DOCUMENT)
    records = reader.everything("resources", base=RESOURCES)
    assert records
    assert not [fault for each in records for fault in faults(each, "ResourceDType", types)]


@pytest.mark.parametrize("plural", [*KINDS])
def test_the_vocabulary_is_the_documents(plural: str):
    """The fields that can be filtered and chosen are those of the document."""
    name = ROSTERS_DOCUMENT if plural in ROSTERING_KINDS else GRADEBOOK_DOCUMENT
    name = RESOURCES_DOCUMENT if plural == "resources" else name
    assert KINDS[plural].fields == set(schemas(name)[type_name(plural)].properties)


def test_every_rostering_operation_is_there(reader: Client):
    """All operations of the rostering document are spoken: none is an unknown address."""
    found = operations(ROSTERS_DOCUMENT)
    assert len(found) == 41
    for method, path in found:
        answer = reader.call(method, ROSTERING + path.replace("{}", "x"))
        said = answer.json().get("imsx_description", "")
        assert answer.status_code in (200, 404), path
        assert "nothing at this address" not in said, path


def test_every_gradebook_operation_is_there(reader: Client):
    """All operations of the gradebook document are spoken."""
    found = operations(GRADEBOOK_DOCUMENT)
    assert len(found) == 35
    for method, path in found:
        answer = reader.call(method, GRADEBOOK + path.replace("{}", "x"), data=b"{}")
        said = answer.json().get("imsx_description", "")
        assert answer.status_code in (200, 404, 422), path
        assert "nothing at this address" not in said, path


def test_every_resources_operation_is_there(reader: Client):
    """All operations of the resources document are spoken."""
    found = operations(RESOURCES_DOCUMENT)
    assert len(found) == 5
    for method, path in found:
        answer = reader.call(method, RESOURCES + path.replace("{}", "x"))
        said = answer.json().get("imsx_description", "")
        assert answer.status_code in (200, 404), path
        assert "nothing at this address" not in said, path


def test_refusals_are_status_infos(reader: Client):
    """Error bodies have the document's form too."""
    types = schemas(ROSTERS_DOCUMENT)
    for answer in (
        reader.roster("users", filter="x"),
        reader.roster("users/nobody"),
        reader.call("GET", f"{ROSTERING}/users", headers={}),
        reader.call("PUT", f"{ROSTERING}/users"),
    ):
        assert answer.status_code >= 400
        assert not faults(answer.json(), "imsx_StatusInfoDType", types)
