"""Older services are written to in their own terms, and their refusals are understood."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.connectors.contract import Outcome, Response
from app.connectors.edfi.writing.answers import verdict
from tests.connectors.edfi.desk import SECTION, Desk, desk_at, open_district, said
from tests.practice.edfi.client import Client

URN = "urn:ed-fi:api:"


@pytest.fixture(scope="module")
def sis() -> Iterator[Client]:
    with open_district() as somebody:
        yield somebody


@pytest.fixture
def desk(sis: Client) -> Iterator[Desk]:
    with desk_at(sis) as made:
        yield made
        sis.switch_off()


def answer(status: int, body: dict[str, Any]) -> Response:
    return Response(status, {}, json.dumps(body).encode(), "https://sis.example/data/v3/x")


@pytest.mark.parametrize(
    ("outcome", "words", "status", "type_", "said_before"),
    [
        (
            Outcome.WAITING_ON,
            "edfi_waits_for_reference",
            409,
            "data-conflict:unresolved-reference",
            "The value supplied for the related 'school' resource does not exist.",
        ),
        (
            Outcome.REFUSED,
            "edfi_depended_on",
            409,
            "data-conflict:dependent-item-exists",
            "The resource cannot be deleted because it is a dependency of the 'grade' entity.",
        ),
        (
            Outcome.REFUSED,
            "",
            409,
            "identity-conflict",
            "A natural key conflict occurred when attempting to create a new resource.",
        ),
        (
            Outcome.WAITING_ON,
            "edfi_waits_for_association",
            403,
            "security:authorization:access-denied",
            "Authorization denied. No relationships have been established with the student.",
        ),
        (
            Outcome.REFUSED,
            "",
            403,
            "security:authorization:access-denied:resource",
            "Access to the resource could not be authorized.",
        ),
        (
            Outcome.REFUSED,
            "",
            400,
            "bad-request:data-validation-failed",
            "The request is invalid.",
        ),
        (Outcome.UNKNOWN, "", 500, "system-error", "An unexpected error occurred."),
    ],
)
def test_refusals_of_both_generations_mean_the_same(
    outcome: Outcome, words: str, status: int, type_: str, said_before: str
):
    """By the type of problem details (7.2), by the sentence of ``message`` before (F5)."""
    before = verdict(answer(status, {"message": said_before}))
    detail = {"type": URN + type_, "title": "T", "status": status, "correlationId": "c-1"}
    if "relationships" in said_before:
        detail["errors"] = [said_before]
    now = verdict(answer(status, detail))
    assert [one.outcome for one in (before, now)] == [outcome] * 2
    assert all(one.words.startswith(words) for one in (before, now))
    assert "c-1" in now.words


def test_a_validation_error_is_told_with_the_place_in_the_document(desk: Desk):
    """The path and the words of the service, and its correlation id (F5)."""
    desk.enrolled("v1")
    result = desk.update("users", "students/v1", given_name=("Lisa", "x" * 80))
    assert result.outcome is Outcome.REFUSED
    assert "$.firstName" in result.words
    assert "correlationId" in result.words


def test_contacts_are_parents_in_an_older_standard(desk: Desk, sis: Client):
    """Data Standard 4: ``parents`` and their associations, under the keys of contacts."""
    desk.enrolled("g1")
    sis.switch_on("api-6.2")
    patch: dict[str, Any] = {"given_name": "Bo", "family_name": "Ray", "identifier": "p7"}
    patch["roles"] = (("parent", "1", "primary", None, None),)
    made = desk.create("users", **patch, agents=(("students/g1", "father"),))
    assert (made.outcome, made.key) == (Outcome.DONE, "contacts/p7")
    assert {path for _, path in desk.watched.writes} == {"parents", "studentParentAssociations"}
    again = desk.update("users", "contacts/p7", email=(None, "bo@d.example"))
    assert said("users", again.row)["email"] == "bo@d.example"


@pytest.mark.parametrize("generation", ["api-6.2", "api-5.3"])
def test_a_student_and_a_place_are_written_in_every_generation(
    desk: Desk, sis: Client, generation: str
):
    """What identifies them has stayed the same."""
    key = desk.enrolled(f"o{generation[-1]}")
    sis.switch_on(generation)
    assert desk.update("users", key, given_name=("Lisa", "Liz")).outcome is Outcome.DONE
    patch = {"user": key, "class": SECTION, "role": "student", "begin_date": "2025-09-08"}
    made = desk.create("enrollments", **patch)
    assert made.outcome is Outcome.DONE
    assert desk.delete("enrollments", str(made.key)).outcome is Outcome.DONE


def test_the_gradebook_of_the_oldest_standard_is_only_read(desk: Desk, sis: Client):
    """Its entries are known by their titles: nothing could be made once and found again (F3)."""
    sis.switch_on("api-5.3")
    item = {"title": "Quiz", "class": SECTION, "assign_date": "2025-09-01T00:00:00Z"}
    result = desk.create("line_items", **item)
    assert result.outcome is Outcome.REFUSED


def test_a_lock_error_is_tried_again(desk: Desk, sis: Client):
    """Under load a 500 passes by itself; what is sent again is read first or holds an ETag."""
    key = desk.enrolled("l1")
    sis.switch_on("lock-error", times=1, resource="students")
    assert desk.update("users", key, given_name=("Lisa", "Liz")).outcome is Outcome.DONE
    sis.switch_on("lock-error", times=1, resource="gradebookEntries")
    item = {"title": "Essay", "class": SECTION, "assign_date": "2025-09-10T00:00:00Z"}
    assert desk.create("line_items", "lock-1", **item).outcome is Outcome.DONE
    assert len(desk.all("gradebookEntries", gradebookEntryIdentifier="lock-1")) == 1
