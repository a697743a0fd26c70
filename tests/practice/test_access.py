"""Tokens, scopes and the secret."""

from typing import Any

import pytest
import requests

from tests.practice.client import GRADEBOOK, ROSTERING, Client, speaking

SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"


@pytest.mark.parametrize("by_header", [True, False])
def test_a_token_is_given_for_the_secret(unchanged_service: dict[str, Any], by_header: bool):
    """Client credentials go by Basic header or in the body."""
    who = (unchanged_service["client_id"], unchanged_service["client_secret"])
    form = {"grant_type": "client_credentials", "scope": f"{SCOPE}roster.readonly"}
    if not by_header:
        form.update(client_id=who[0], client_secret=who[1])
    answer = requests.post(
        unchanged_service["token_url"], data=form, auth=who if by_header else None, timeout=20
    )
    told = answer.json()
    assert answer.status_code == 200
    assert told["token_type"].lower() == "bearer"
    assert told["expires_in"] > 0
    assert told["scope"] == f"{SCOPE}roster.readonly"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("auth", [("practice", "wrong"), ("somebody", None), None])
def test_no_token_without_the_secret(unchanged_service: dict[str, Any], auth: Any):
    """A wrong client, a wrong secret or none is 401 with OAuth's own error body."""
    if auth and auth[1] is None:
        auth = (auth[0], unchanged_service["client_secret"])
    answer = requests.post(
        unchanged_service["token_url"],
        data={"grant_type": "client_credentials", "scope": f"{SCOPE}roster.readonly"},
        auth=auth,
        timeout=20,
    )
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert "Basic" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": f"{SCOPE}roster.readonly {SCOPE}roster.write"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": f"{SCOPE}roster.readonly", "grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_scopes_are_checked(reader: Client, form: dict[str, str], error: str):
    """A scope must be asked for, and known; only client credentials are granted."""
    answer = reader.ask_token(**form)
    assert answer.status_code == 400
    assert answer.json()["error"] == error


def test_the_token_says_what_was_granted(reader: Client):
    """The grant names the scopes that were asked for, of either version, and no others."""
    asked = {f"{SCOPE}assessment.readonly", f"{SCOPE.replace('v1p2', 'v1p1')}roster.readonly"}
    assert set(reader.ask_token(scope=" ".join(asked)).json()["scope"].split()) == asked


@pytest.mark.parametrize("bearer", [None, "Bearer wrong", "Basic eDp5", "Bearer"])
def test_no_answer_without_a_token(reader: Client, bearer: str | None):
    """Without a valid token every read is 401 in the standard's form."""
    headers = {} if bearer is None else {"Authorization": bearer}
    for path in (f"{ROSTERING}/users", f"{GRADEBOOK}/results"):
        answer = reader.call("GET", path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        [field] = answer.json()["imsx_CodeMinor"]["imsx_codeMinorField"]
        assert field["imsx_codeMinorFieldValue"] == "unauthorisedrequest"


def test_each_scope_opens_its_own_doors(unchanged_service: dict[str, Any]):
    """A read outside the token's scope is 403; demographics need a scope of their own."""
    allowed = {
        "roster.readonly": {"users", "schools/*/classes"},
        "roster-core.readonly": {"users"},
        "roster-demographics.readonly": {"demographics"},
        "gradebook.readonly": set(),
    }
    for scope, opens in allowed.items():
        with speaking(unchanged_service, f"{SCOPE}{scope}") as client:
            for path in ("users", "demographics", "schools/*/classes"):
                answer = client.roster(path)
                expected = {200, 404} if path in opens else {403}
                assert answer.status_code in expected, (scope, path)
                if answer.status_code == 403:
                    [field] = answer.json()["imsx_CodeMinor"]["imsx_codeMinorField"]
                    assert field["imsx_codeMinorFieldValue"] == "forbidden"


def test_writing_the_gradebook_needs_its_scopes(unchanged_service: dict[str, Any]):
    """Reading rights do not write: PUT, POST and DELETE are 403."""
    with speaking(unchanged_service, f"{SCOPE}gradebook.readonly") as client:
        for method, path in (
            ("PUT", "categories/x"),
            ("DELETE", "categories/x"),
            ("POST", "classes/x/lineItems"),
        ):
            answer = client.call(method, f"{GRADEBOOK}/{path}", json={})
            assert answer.status_code == 403


def test_practice_calls_need_the_secret(reader: Client):
    """An access token, or nothing, is not enough to let a day pass."""
    url = reader.ready["control_url"]
    for headers in ({}, reader.bearer, {"Authorization": "Bearer ü"}):
        sent = {name: value.encode("utf-8") for name, value in headers.items()}
        assert requests.post(f"{url}/day", headers=sent, timeout=20).status_code == 401
        assert requests.get(f"{url}/facts", headers=sent, timeout=20).status_code == 401


def test_the_service_is_on_the_loopback_only(unchanged_service: dict[str, Any]):
    """The address announced is this computer's own."""
    assert unchanged_service["base_url"].startswith("http://127.0.0.1:")
