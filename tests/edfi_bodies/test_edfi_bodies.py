"""What we send to an Ed-Fi service is what the official document allows, and that is looked at."""

import json
from typing import Any

import pytest

pytest.importorskip("yaml")
pytest.importorskip("jsonschema")

from tests.edfi_bodies.__main__ import DOCUMENTS, asked, main, told
from tests.edfi_bodies.official import DOCUMENT, Official

STUDENT = {
    "studentUniqueId": "1",
    "firstName": "Zoë",
    "lastSurname": "Núñez",
    "birthDate": "2010-05-05",
}


@pytest.fixture(scope="module")
def official() -> Official:
    if not (DOCUMENTS / DOCUMENT).is_file():
        pytest.skip("the official documents are not beside the checkout")
    return Official(DOCUMENTS)


def test_every_body_is_valid(official: Official, capsys: pytest.CaptureFixture[str]):
    """Every record type that is written, with every field, with the least, and one by one."""
    code = told(*asked(official))
    said = capsys.readouterr().out
    assert code == 0, said
    assert " resources, 0 violations." in said


@pytest.mark.parametrize(
    "wrong",
    [
        {"lastSurname": None},
        {"firstName": "x" * 76},
        {"birthDate": "5 May 2010"},
        {"nickname": "Zo"},
        {"id": "0" * 32},
        {"otherNames": [{"firstName": "Z", "lastSurname": "N"}]},
    ],
)
def test_a_body_that_is_not_valid_is_found_out(official: Official, wrong: dict[str, Any]):
    """Missing, too long, no date, unknown, made by the server, wrong in a part."""
    assert official.body_faults("POST", "/ed-fi/students", json.dumps(STUDENT).encode()) == []
    body = json.dumps({**STUDENT, **wrong}).encode()
    assert len(official.body_faults("POST", "/ed-fi/students", body)) == 1


def test_a_query_that_is_not_there_is_found_out(official: Official):
    """A parameter that nobody knows is not heeded, and the answer is another one."""
    asked = {"studentUniqueId", "limit", "studentKey"}
    assert official.query_faults("/ed-fi/students", asked) == ["there is no parameter studentKey"]


def test_without_the_documents_it_says_what_is_missing(tmp_path: Any, capsys: Any):
    """Nothing here needs them: it is skipped."""
    assert main(["--documents", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("Skipped: ")
