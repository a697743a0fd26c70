"""The faults of the service: how they are switched, and that each does what it says."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from app.practice.faults import CATALOGUE, Setting, parsed
from tests.practice.client import GRADEBOOK, Client, serving, speaking

STUDENTS = 60


@pytest.fixture(scope="module")
def service() -> Iterator[dict[str, Any]]:
    """A service of which each test switches all faults off again."""
    with serving(students=STUDENTS, seed=7) as ready:
        yield ready


@pytest.fixture
def client(service: dict[str, Any]) -> Iterator[Client]:
    """A client of the service, whose faults end with the test."""
    with speaking(service) as client:
        yield client
        assert client.control("DELETE", "faults").status_code == 200


def switch_on(client: Client, name: str, **told: Any) -> None:
    answer = client.control("POST", "faults", json={"name": name, **told})
    assert answer.status_code == 200, answer.text


def on(client: Client) -> dict[str, Any]:
    """How each fault that is on is on, as the service tells it."""
    told = client.control("GET", "faults").json()["faults"]
    return {fault["name"]: fault["on"] for fault in told if fault["on"] is not None}


# -- switching --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("login-page", Setting("login-page", 1)),
        ("slow=0.5", Setting("slow", 0.5)),
        ("server-error=503@users:2", Setting("server-error", 503, "users", 2)),
        ("rate-limited@token", Setting("rate-limited", 1, "token")),
        ("keyless-row:7", Setting("keyless-row", 1, "", 7)),
    ],
)
def test_a_fault_is_written_as_name_value_collection_times(text: str, setting: Setting):
    """Only the name must be said; the number is then the usual one."""
    assert parsed(text) == setting


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is not NAME"),
        ("no-such", "There is no fault 'no-such'; there are rate-limited,"),
        ("slow=fast", "'slow' takes a number from 0 to 600: seconds."),
        ("server-error=200", "a whole number from 500 to 599"),
        ("server-error=503.5", "a whole number from 500 to 599"),
        ("login-page=1", "takes no number"),
        ("login-page@nowhere", "not of 'nowhere'"),
        ("keyless-row@token", "not of 'token'"),
        ("client-refused@users", "a fault of all tokens"),
        ("lost-answer@users", "can be a fault of categories, lineItems, results, scoreScales"),
        ("slow:0", "a whole number, 1 or more"),
        ("slow:often", "a whole number, 1 or more"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(text: str, sentence: str):
    """Whoever mistypes a fault is told what there is."""
    with pytest.raises(ValueError, match=sentence):
        parsed(text)


def test_the_catalogue_is_told_and_all_is_off_at_first(client: Client):
    """GET tells every fault in words, with what its number means."""
    told = client.control("GET", "faults").json()["faults"]
    assert [fault["name"] for fault in told] == list(CATALOGUE)
    assert all(fault["does"] and fault["on"] is None for fault in told)
    slow = next(fault for fault in told if fault["name"] == "slow")
    assert slow["number"] == {"means": "seconds", "usual": 2.0}


def test_faults_are_switched_on_and_off_one_by_one_and_together(client: Client):
    """POST replaces an earlier setting, DELETE takes a name or all."""
    switch_on(client, "no-list", collection="users")
    switch_on(client, "wrong-total", value=3)
    switch_on(client, "no-list", collection="orgs", times=2)
    assert on(client) == {
        "no-list": {"value": None, "collection": "orgs", "left": 2},
        "wrong-total": {"value": 3, "collection": None, "left": None},
    }
    client.control("DELETE", "faults/no-list")
    assert list(on(client)) == ["wrong-total"]
    client.control("DELETE", "faults")
    assert on(client) == {}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("{}", "There is no fault 'None'"),
        ("[]", "Expected `object`"),
        ("nonsense", "JSON is malformed"),
        ('{"name": "slow", "value": true}', "takes a number"),
        ('{"name": "slow", "value": "2"}', "takes a number"),
        ('{"name": "slow", "times": 1.5}', "a whole number, 1 or more"),
        ('{"name": "slow", "collection": ["users"]}', "can be a fault of"),
        ('{"name": "slow", "often": 2}', "A fault has no 'often'"),
    ],
)
def test_a_bad_request_is_a_400_that_says_why(client: Client, body: str, sentence: str):
    """Nothing is switched on by a request that is not understood."""
    answer = client.control("POST", "faults", data=body)
    assert answer.status_code == 400
    assert sentence in answer.json()["imsx_description"]
    assert on(client) == {}


def test_only_who_started_it_may_switch(client: Client):
    """A token of a client is not enough; an unknown fault is not there."""
    for method, path in (("GET", ""), ("POST", ""), ("DELETE", ""), ("DELETE", "/slow")):
        answer = client.call(method, f"/practice/faults{path}", json={"name": "slow"})
        assert answer.status_code == 401
    assert client.control("DELETE", "faults/no-such").status_code == 404


def test_a_fault_happens_so_often_and_only_where_it_is_told_to(client: Client):
    """Two requests for users fail, the third does not, and no other ever did."""
    switch_on(client, "server-error", value=503, collection="users", times=2)
    asked = ("orgs", "users", "users/nobody", "classes", "users")
    assert [client.roster(path).status_code for path in asked] == [200, 503, 503, 200, 200]
    assert on(client) == {}


def test_practice_calls_and_tokens_go_right_while_all_else_goes_wrong(client: Client):
    """A fault can always be switched off; tokens fail only when that is asked for."""
    switch_on(client, "server-error")
    assert client.roster("orgs").status_code == 500
    assert client.control("GET", "facts").status_code == 200
    assert client.ask_token(scope=client.ready["scope"]).status_code == 200
    switch_on(client, "server-error", collection="token")
    assert client.roster("orgs").status_code == 200
    assert client.ask_token(scope=client.ready["scope"]).status_code == 500


def test_a_service_can_begin_with_faults():
    """What the command line says is on from the first request, and the records are whole."""
    with serving(students=STUDENTS, faults=["no-content@orgs:1"]) as ready, speaking(ready) as own:
        assert own.roster("orgs").status_code == 204
        assert len(own.roster("orgs").json()["orgs"]) == ready["counts"]["orgs"]


# -- whole answers ----------------------------------------------------------------------------


def test_answers_in_the_place_of_the_service(client: Client):
    """Too many requests, with and without a time to wait; a page; nothing; no permission."""
    switch_on(client, "rate-limited", value=55)
    answer = client.roster("orgs")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "55")
    client.control("DELETE", "faults")
    switch_on(client, "rate-limited-silently", times=1)
    answer = client.roster("orgs")
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, False)
    switch_on(client, "login-page", times=1)
    answer = client.roster("orgs")
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (200, "text/html")
    switch_on(client, "no-content", times=1)
    assert (client.roster("orgs").status_code, client.roster("orgs").status_code) == (204, 200)
    switch_on(client, "forbidden", times=1)
    assert client.roster("orgs").status_code == 403


def test_half_an_answer_is_admitted_or_not(client: Client):
    """Broken off, the length that was stated does not arrive; truncated, it does."""
    whole = client.roster("orgs").content
    switch_on(client, "truncated-answer", times=1)
    answer = client.roster("orgs")
    assert answer.content == whole[: len(whole) // 2]
    assert answer.headers["Content-Length"] == str(len(answer.content))
    switch_on(client, "broken-off", times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="Connection broken"):
        client.roster("orgs")
    assert client.roster("orgs").content == whole


def test_a_lost_answer_is_to_a_write_that_was_kept(client: Client):
    """Reads go well meanwhile; a record that was put, and one that was deleted, are so."""
    body = {
        "sourcedId": "lost",
        "status": "active",
        "dateLastModified": "2026-03-03T10:00:00Z",
        "title": "Effort",
    }
    path = f"{GRADEBOOK}/categories/lost"
    switch_on(client, "lost-answer", collection="categories")
    for method, after in (("PUT", 200), ("DELETE", 404)):
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="Connection broken"):
            client.call(method, path, json={"category": body})
        assert client.call("GET", path).status_code == after


@pytest.mark.parametrize(
    ("fault", "status"), [("rate-limited", 429), ("server-error", 500), ("forbidden", 403)]
)
def test_a_write_can_go_wrong_like_a_read(client: Client, fault: str, status: int):
    """And nothing is kept of it then."""
    switch_on(client, fault, collection="lineItems", times=1)
    path = f"{GRADEBOOK}/lineItems/never"
    assert client.call("PUT", path, data=b"{}").status_code == status
    assert client.call("GET", path).status_code == 404


def test_a_slow_service_answers_late(client: Client):
    """So many seconds later, and right."""
    switch_on(client, "slow", value=0.2)
    began = time.monotonic()
    assert client.roster("orgs").status_code == 200
    assert time.monotonic() - began >= 0.2


# -- tokens -----------------------------------------------------------------------------------


def test_tokens_end_early(service: dict[str, Any], client: Client):
    """After some requests, or before the time that they were given for."""
    switch_on(client, "revoked-tokens", value=2)
    assert [client.roster("orgs").status_code for _ in range(3)] == [200, 200, 401]
    client.control("DELETE", "faults")
    switch_on(client, "short-lived-tokens", value=0.1, times=1)
    granted = client.ask_token(scope=client.ready["scope"]).json()
    assert granted["expires_in"] == 3600
    client.bearer = {"Authorization": f"Bearer {granted['access_token']}"}
    until = time.monotonic() + 10
    while client.roster("orgs").status_code == 200:
        assert time.monotonic() < until
    assert client.roster("orgs").status_code == 401
    switch_on(client, "client-refused", times=1)
    refused = client.ask_token(scope=client.ready["scope"])
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


# -- lists ------------------------------------------------------------------------------------


def keys(client: Client, **params: Any) -> list[str]:
    """The keys of one page of users."""
    return [record["sourcedId"] for record in client.roster("users", **params).json()["users"]]


def test_what_a_list_leaves_out_or_repeats(client: Client):
    """No list, half of the records, one twice; the total counts what is sent."""
    right = keys(client, limit=1000)
    switch_on(client, "no-list", times=1)
    assert client.roster("users").json() == {}
    switch_on(client, "withheld-rows", value=75, times=1)
    answer = client.roster("users", limit=1000)
    assert len(answer.json()["users"]) == int(answer.headers["X-Total-Count"]) == len(right) // 4
    switch_on(client, "repeated-row", times=1)
    assert keys(client, limit=1000) == [right[0], *right]
    assert keys(client, limit=1000) == right


def test_rows_that_cannot_be_read(client: Client):
    """The first of the list, whatever the page: odd, no JSON, or without a key."""
    switch_on(client, "odd-row", value=2)
    first, second, third = client.roster("users", limit=3).json()["users"]
    assert (first["givenName"], second["roles"]) == ([[]], [[]])
    assert isinstance(first["sourcedId"], str)
    assert isinstance(third["givenName"], str)
    assert client.roster("users", limit=3, offset=2).json()["users"][0] == third
    client.control("DELETE", "faults")
    switch_on(client, "keyless-row", times=1)
    assert "sourcedId" not in client.roster("users", limit=1).json()["users"][0]
    switch_on(client, "unreadable-row", times=1)
    with pytest.raises(requests.exceptions.JSONDecodeError):
        client.roster("users", limit=1).json()


@pytest.mark.parametrize("name", ["drifting-rows", "balanced-drift"])
def test_rows_drift_while_they_are_paged(client: Client, name: str):
    """One leaves before the offset with each page, also by its key; balanced, one comes for it."""
    right = keys(client, limit=1000)
    newcomers = 2 if name == "balanced-drift" else 0
    switch_on(client, name, value=2, times=4)
    assert keys(client, limit=5) == right[:5]
    for left in (1, 2, 2):
        answer = client.roster("users", limit=1000, offset=5)
        shown = [record["sourcedId"] for record in answer.json()["users"]]
        come = min(left, newcomers)
        assert shown == right[5 + left : len(right) - newcomers + come]
        assert int(answer.headers["X-Total-Count"]) == len(right) - newcomers + come - left
        gone = client.roster(f"users/{right[0]}").status_code
        assert gone == (404 if name in on(client) else 200)
    assert keys(client, limit=1000) == right


def test_what_is_said_about_a_list(client: Client):
    """No headers, a total too high, another total and another revision each time."""
    total = int(client.roster("users").headers["X-Total-Count"])
    switch_on(client, "missing-headers", times=1)
    assert not {"X-Total-Count", "Link"} & client.roster("users").headers.keys()
    switch_on(client, "wrong-total", value=4, times=1)
    assert int(client.roster("users").headers["X-Total-Count"]) == total + 4
    switch_on(client, "changing-total")
    switch_on(client, "changing-revision")
    said = [client.roster("users").headers for _ in range(3)]
    assert [int(each["X-Total-Count"]) for each in said] == [total + 1, total + 2, total + 3]
    assert [each["X-List-Revision"] for each in said] == ["1", "2", "3"]


def test_a_query_is_not_obeyed(client: Client):
    """A smaller page, the first page, another order, everything."""
    right = keys(client, limit=1000)
    switch_on(client, "clamped-limit", value=7)
    assert keys(client, limit=1000, offset=3) == right[3:10]
    client.control("DELETE", "faults")
    switch_on(client, "offset-ignored")
    assert keys(client, limit=5, offset=50) == right[:5]
    client.control("DELETE", "faults")
    switch_on(client, "filter-ignored")
    assert keys(client, limit=1000, filter="dateLastModified>'2999-01-01'") == right
    client.control("DELETE", "faults")
    for name in ("sort-ignored", "unstable-order"):
        switch_on(client, name, times=1)
        shown = keys(client, limit=1000, sort="sourcedId")
        assert shown != right
        assert sorted(shown) == right


def test_what_is_refused_only_where_it_is_asked_for(client: Client):
    """Sorting and filtering fail with the status that was said; a plain read does not."""
    switch_on(client, "sort-refused")
    switch_on(client, "filter-refused", value=500)
    assert client.roster("users").status_code == 200
    assert client.roster("users", sort="sourcedId").status_code == 400
    assert client.roster("users", filter="status='active'").status_code == 500
