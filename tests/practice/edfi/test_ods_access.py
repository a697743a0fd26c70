"""Who gets into the practice Ed-Fi, and what each sees (domain/EDFI.md, Token and Errors)."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.practice.edfi.client import Client, serving, speaking
from tests.practice.edfi.small_district import DISTRICT, HIGH, MIDDLE, documents


@pytest.fixture(scope="module")
def service() -> Iterator[dict[str, Any]]:
    """A service whose documents nobody changes."""
    with serving(documents()) as ready:
        yield ready


@pytest.fixture(scope="module")
def client(service: dict[str, Any]) -> Iterator[Client]:
    """A client of it that sees the whole district."""
    with speaking(service) as client:
        yield client


@pytest.fixture(scope="module")
def one_school(service: dict[str, Any]) -> Iterator[Client]:
    """A client of it that sees one school."""
    with speaking(service, "school") as client:
        yield client


def test_the_secret_goes_in_the_header_or_in_the_body(client: Client):
    """client_credentials by Basic or body."""
    way_in = client.way_in
    named = {"client_id": way_in["key"], "client_secret": way_in["secret"]}
    grant = {"grant_type": "client_credentials"}
    by_body = requests.post(
        f"{client.ready['edfi_url']}/oauth/token", data={**grant, **named}, timeout=20
    )
    assert (by_body.status_code, by_body.json()["expires_in"]) == (200, 3600)
    assert client.ask_token().status_code == 200


def test_the_secret_goes_in_one_of_them_only(client: Client):
    """Never both."""
    way_in = client.way_in
    both = {
        "grant_type": "client_credentials",
        "client_id": way_in["key"],
        "client_secret": way_in["secret"],
    }
    assert client.ask_token(data=both).status_code == 400


def test_a_wrong_secret_is_refused(client: Client):
    """401 invalid_client."""
    answer = client.ask_token(auth=(client.way_in["key"], "no"))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_there_are_15_tokens_a_client():
    """15 live tokens, then 429 too-many-tokens."""
    with serving(documents()) as ready, speaking(ready) as client:
        answers = [client.ask_token() for _ in range(15)]
    assert [one.status_code for one in answers] == [200] * 14 + [429]
    assert answers[-1].json()["type"].endswith("authentication:too-many-tokens")


@pytest.mark.parametrize("told", [None, "Bearer x", "Bearer", "Basic eDp5"])
def test_without_a_token_nothing_is_told(client: Client, told: str | None):
    """401 authentication problem."""
    url = f"{client.ready['edfi_url']}/data/v3/ed-fi/students"
    headers = {} if told is None else {"Authorization": told}
    answer = requests.get(url, headers=headers, timeout=20)
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:ed-fi:api:security:authentication"


def info(client: Client) -> dict[str, Any]:
    """What token_info says of the client's token."""
    token = client.bearer["Authorization"].partition(" ")[2]
    told: dict[str, Any] = client.call("POST", "oauth/token_info", data={"token": token}).json()
    return told


def test_token_info_names_organizations_and_operations(client: Client):
    """token_info: organizations, claim set, what may be done with each resource."""
    told = info(client)
    assert [one["education_organization_id"] for one in told["education_organizations"]] == [
        DISTRICT
    ]
    may = {one["resource"]: one["operations"] for one in told["resources"]}
    assert "Create" in may["/ed-fi/students"]
    assert told["claim_set"]["name"] == "SIS Vendor"


def test_token_info_shows_that_a_client_only_reads(service: dict[str, Any]):
    """A narrower client: nothing but reading."""
    with speaking(service, "reader") as reader:
        assert {tuple(one["operations"]) for one in info(reader)["resources"]} == {
            ("Read", "ReadChanges")
        }


def test_a_client_without_a_claim_is_denied_the_resource(service: dict[str, Any]):
    """403 access-denied:resource for what its token_info lacks."""
    with speaking(service, "narrow") as narrow:
        answer = narrow.get("grades")
        told = {one["resource"] for one in info(narrow)["resources"]}
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("access-denied:resource")
    assert "/ed-fi/grades" not in told


@pytest.mark.parametrize(
    ("resource", "all_", "own"),
    [
        ("students", 3, 2),
        ("studentSchoolAssociations", 3, 2),
        ("sections", 2, 1),
        ("sessions", 2, 1),
        ("studentSectionAssociations", 3, 2),
        ("staffs", 1, 1),
        ("contacts", 1, 1),
        ("schools", 2, 2),
        ("gradeLevelDescriptors", 2, 2),
    ],
)
def test_a_client_of_one_school_sees_its_own(
    client: Client, one_school: Client, resource: str, all_: int, own: int
):
    """Authorization filters lists silently, and Total-Count with them."""
    counted = [
        int(one.get(resource, totalCount="true").headers["Total-Count"])
        for one in (client, one_school)
    ]
    assert counted == [all_, own]
    assert len(one_school.list(resource)) == own


def test_a_student_of_another_school_is_denied_by_id(client: Client, one_school: Client):
    """403, with a hint at the association."""
    [other] = client.list("students", studentUniqueId="s3")
    answer = one_school.get(f"students/{other['id']}")
    assert (answer.status_code, one_school.list("students", studentUniqueId="s3")) == (403, [])


def test_a_client_of_one_school_hears_of_its_own_deletes():
    """/deletes are filtered as lists are."""
    with (
        serving(documents()) as ready,
        speaking(ready) as client,
        speaking(ready, "school") as narrow,
    ):
        for document in client.list("studentSectionAssociations"):
            client.data("DELETE", f"studentSectionAssociations/{document['id']}")
        told = [
            [one["keyValues"]["schoolId"] for one in c.list("studentSectionAssociations/deletes")]
            for c in (client, narrow)
        ]
    assert told == [[HIGH, HIGH, MIDDLE], [HIGH, HIGH]]


def test_a_client_of_one_school_hears_of_its_own_people_going():
    """A student who was at the school once is told as deleted, another one is not."""
    with (
        serving(documents()) as ready,
        speaking(ready) as client,
        speaking(ready, "school") as narrow,
    ):
        paths = [f"students/{one['id']}" for one in client.list("students")[1:]]
        for resource in ("studentSectionAssociations", "studentSchoolAssociations"):
            for key in ("s2", "s3"):
                [document] = client.list(resource, studentUniqueId=key)
                client.data("DELETE", f"{resource}/{document['id']}")
        assert [client.data("DELETE", path).status_code for path in paths] == [204, 204]
        [told] = narrow.list("students/deletes")
    assert told["keyValues"] == {"studentUniqueId": "s2"}


def test_an_association_that_ended_can_hide_the_student():
    """Ending an enrolment may hide the student, where the service is so."""
    with serving(documents()) as ready, speaking(ready) as client:
        [place] = client.list("studentSchoolAssociations", studentUniqueId="s3")
        ended = {**place, "exitWithdrawDate": "2026-01-09"}
        assert client.data("PUT", f"studentSchoolAssociations/{place['id']}", json=ended).ok
        before = client.list("students", studentUniqueId="s3")
        client.switch_on("ended-hides")
        assert (len(before), client.list("students", studentUniqueId="s3")) == (1, [])


def test_practice_calls_need_the_secret(client: Client):
    """Anyone on this computer reaches the loopback address: being here is no proof."""
    url = f"{client.ready['edfi_control_url']}/facts"
    assert requests.get(url, headers=client.bearer, timeout=20).status_code == 401
    assert client.control("GET", "facts").json()["counts"]["students"] == 3
