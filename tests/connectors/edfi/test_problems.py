"""What services say is wrong, in every form there is (RFC 9457; ODS/API 3 to 7)."""

import json

import pytest

from app.connectors.contract import Response
from app.connectors.edfi.problems import problem_of


def problem(said, status=400, **headers):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return problem_of(Response(status, headers, body, "https://sis.example/data/v3/x"))


def test_problem_details_are_read_whole():
    """Type, title, detail, what is wrong in particular, and the correlation id (7.2 and later)."""
    found = problem(
        {
            "detail": "Data validation failed. See 'validationErrors' for details.",
            "type": "urn:ed-fi:api:bad-request:data-validation-failed",
            "title": "Data Validation Failed",
            "status": 400,
            "correlationId": "0HN-1:2",
            "validationErrors": {
                "$.birthDate": ["BirthDate is required.", "BirthDate is in the future."],
                "$.firstName": ["FirstName is required."],
            },
            "errors": [],
        }
    )
    assert found.names("data-validation-failed")
    assert found.errors == (
        ("$.birthDate", "BirthDate is required."),
        ("$.birthDate", "BirthDate is in the future."),
        ("$.firstName", "FirstName is required."),
    )
    assert found.sentence == (
        "Data Validation Failed · $.birthDate: BirthDate is required. · "
        "$.birthDate: BirthDate is in the future. · $.firstName: FirstName is required. "
        "(correlationId 0HN-1:2)"
    )


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            {"title": "Unresolved Reference", "detail": "The referenced 'School' does not exist."},
            "Unresolved Reference · The referenced 'School' does not exist.",
        ),
        (
            {"title": "Conflict", "detail": "See errors.", "errors": ["It is used by 3 sections."]},
            "Conflict · It is used by 3 sections.",
        ),
        ({"message": "The item could not be\r\n found."}, "The item could not be found."),
        (
            {
                "message": "The request is invalid.",
                "modelState": {"request.studentUniqueId": ["It is required."]},
            },
            "The request is invalid. · studentUniqueId: It is required.",
        ),
        ({"Message": "An error"}, "An error"),
        ({"error": "invalid_token"}, "invalid_token"),
        ("just words", "just words"),
        (b"plain words", "plain words"),
        (b"<html><head><title>502 &amp; Bad\n Gateway</title>", "502 & Bad Gateway"),
        (b"<html>", ""),
        (b"", ""),
        ([1, 2], ""),
        ({"detail": {"a": 1}, "errors": {"$.x": 5}, "correlationId": 3}, ""),
        (b"\xff\xfe{", "\ufffd\ufffd{"),
    ],
)
def test_every_form_becomes_one_line(said, sentence):
    """Of words that were said, and of nothing else."""
    assert problem(said).sentence == sentence


def test_a_page_for_people_is_told_apart():
    """It is not the service that has answered."""
    assert problem(b" \n<!doctype html><title>Sign in</title>").html
    assert not problem({"message": "no"}).html


def test_the_correlation_id_is_kept_however_long_the_rest_is():
    """It is what the host of the service needs."""
    many = {f"$.field{number}": ["x" * 300] for number in range(500)}
    found = problem({"validationErrors": many, "title": "Long", "correlationId": "c-9"})
    assert found.sentence.endswith("(correlationId c-9)")
    assert len(found.sentence) < 700
    assert len(found.errors) <= 100


def test_the_correlation_id_may_be_in_a_header_or_called_otherwise():
    """ASP.NET's own errors have a trace id."""
    assert problem({"message": "x"}, **{"correlation-id": "h-1"}).correlation_id == "h-1"
    assert problem({"title": "x", "traceId": "00-t-1"}).sentence == "x (correlationId 00-t-1)"
    assert problem({"correlationId": "<script>"}).correlation_id == ""


def test_a_type_is_recognised_by_its_last_words():
    """Hosts have put versions and names before them."""
    found = problem({"type": "urn:ed-fi:api:conflict:unresolved-reference"}, status=409)
    assert found.names("dependent-item", "unresolved-reference")
    assert not found.names("reference")
