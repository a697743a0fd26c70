"""How the practice Ed-Fi is read (domain/EDFI.md, Paging): pages, cursors, filters, ids."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.practice.edfi.client import Client, serving, speaking
from tests.practice.edfi.small_district import HIGH, MIDDLE, documents

STUDENTS = 63


@pytest.fixture(scope="module")
def service() -> Iterator[dict[str, Any]]:
    """A service that nobody changes, with more students than fit on a page."""
    with serving(documents(extra=STUDENTS - 3)) as ready:
        yield ready


@pytest.fixture(scope="module")
def client(service: dict[str, Any]) -> Iterator[Client]:
    """A client of it."""
    with speaking(service) as client:
        yield client


def keys(answer: requests.Response) -> list[str]:
    """Whom a page of students is about."""
    assert answer.status_code == 200, answer.text
    return [str(one["studentUniqueId"]) for one in answer.json()]


def test_a_page_has_25_unless_told(client: Client):
    """The usual limit is 25."""
    assert len(client.list("students")) == 25


def test_all_pages_by_offset_are_all_documents(client: Client):
    """Offset and limit cut the list into pages that neither overlap nor leave gaps."""
    found = [
        key
        for offset in range(0, 80, 20)
        for key in keys(client.get("students", offset=offset, limit=20))
    ]
    assert (len(found), len(set(found))) == (STUDENTS, STUDENTS)


@pytest.mark.parametrize("limit", ["501", "-1", "x", ""])
def test_a_limit_that_cannot_be_is_refused(client: Client, limit: str):
    """Over 500: 400, a parameter problem."""
    answer = client.get("students", limit=limit)
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:ed-fi:api:bad-request:parameter-validation-failed"


def test_a_count_costs_no_documents(client: Client):
    """limit=0 with totalCount: Total-Count and an empty list."""
    answer = client.get("students", limit=0, totalCount="true")
    assert (answer.json(), answer.headers["Total-Count"]) == ([], str(STUDENTS))


def test_no_total_unless_asked(client: Client):
    """Total-Count is there with totalCount=true alone."""
    assert "Total-Count" not in client.get("students").headers


def test_following_the_tokens_reads_all(client: Client):
    """Cursor paging: until Next-Page-Token is absent, which may be with an empty page."""
    found: list[str] = []
    answer = client.get("students", pageSize=20)
    while token := answer.headers.get("Next-Page-Token"):
        found += keys(answer)
        answer = client.get("students", pageSize=20, pageToken=token)
    assert (answer.json(), len(found), len(set(found))) == ([], STUDENTS, STUDENTS)


def test_tokens_and_offsets_do_not_mix(client: Client):
    """pageToken with offset: 400."""
    token = client.get("students", pageSize=20).headers["Next-Page-Token"]
    assert client.get("students", pageToken=token, offset=5).status_code == 400
    assert client.get("students", pageToken="?").status_code == 400


def test_partitions_are_all_documents(client: Client):
    """/partitions?number=n: as many tokens, each read to its end."""
    tokens = client.get("students/partitions", number=4).json()["pageTokens"]
    found: list[str] = []
    for token in tokens:
        following: str | None = token
        while following is not None:
            answer = client.get("students", pageSize=7, pageToken=following)
            found += keys(answer)
            following = answer.headers.get("Next-Page-Token")
    assert (len(tokens), len(found), len(set(found))) == (4, STUDENTS, STUDENTS)


def test_a_list_can_be_asked_for_by_the_parts_of_a_key(client: Client):
    """Every part of the natural key and every simple field is a filter."""
    assert keys(client.get("students", studentUniqueId="s2")) == ["s2"]
    [section] = client.list("sections", schoolId=MIDDLE, sessionName="Fall")
    assert section["sectionIdentifier"] == f"ALG-{MIDDLE}"
    found = client.get("students", firstName="Lisa", totalCount="true", limit=0)
    assert found.headers["Total-Count"] == str(STUDENTS)
    assert client.list("students", firstName="Nobody") == []
    assert client.list("students", studentUniqueId="") == []


def test_what_is_read_by_id_has_an_etag(client: Client):
    """GET by id: the ETag of the body's _etag, and 304 for whoever has it."""
    [listed] = client.list("students", studentUniqueId="s1")
    path = f"students/{listed['id']}"
    answer = client.get(path)
    assert answer.json() == listed
    assert answer.headers["ETag"] == f'"{listed["_etag"]}"'
    again = client.data("GET", path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_references_have_links(client: Client):
    """A link says the resource and the id of what is referred to."""
    [school] = client.list("schools", schoolId=HIGH)
    [session] = client.list("sessions", schoolId=HIGH)
    assert session["schoolReference"]["link"] == {
        "rel": "School",
        "href": f"/ed-fi/schools/{school['id']}",
    }


def test_what_is_not_there_is_404(client: Client):
    """Unknown ids and unknown resources."""
    assert client.get("students/0123456789abcdef").status_code == 404
    assert client.get("student").status_code == 404
    assert client.call("GET", "data/v4/ed-fi/students").status_code == 404


def test_methods_that_are_not_taken_are_405(client: Client):
    """PUT and DELETE of a list, POST of an id."""
    for method, path in (("PUT", "students"), ("DELETE", "students"), ("POST", "students/x")):
        assert client.data(method, path, json={}).status_code == 405


def test_ids_are_the_same_at_the_next_start(client: Client):
    """The ids of a database stay what they are."""
    with serving(documents(extra=STUDENTS - 3)) as ready, speaking(ready) as other:
        assert other.list("sections") == client.list("sections")


def test_discovery_tells_where_everything_is(client: Client):
    """GET of the address itself, without a token: version, data model, addresses."""
    told = requests.get(client.ready["edfi_url"], timeout=20).json()
    assert (told["version"], told["dataModels"][0]["version"]) == ("7.3", "5.0.0")
    for name in ("dependencies", "oauth", "dataManagementApi", "changeQueries", "tokenInfo"):
        assert told["urls"][name].startswith(client.ready["edfi_url"])


def test_the_dependencies_put_what_is_referred_to_first(client: Client):
    """The dependencies document: its order is one in which all can be loaded."""
    told = client.call("GET", "metadata/data/v3/dependencies").json()
    order = {one["resource"].rpartition("/")[2]: one["order"] for one in reversed(told)}
    for first, then in (
        ("schools", "sessions"),
        ("sessions", "courseOfferings"),
        ("courseOfferings", "sections"),
        ("students", "studentSchoolAssociations"),
        ("sections", "studentSectionAssociations"),
        ("studentSectionAssociations", "grades"),
    ):
        assert order[first] < order[then], (first, then)
