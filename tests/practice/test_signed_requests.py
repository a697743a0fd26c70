"""OAuth 1.0a and the static bearer token."""

from typing import Any

import pytest
import requests

from app.practice.oauth1 import base_string, signature
from tests.practice.client import GRADEBOOK, OLDER, RESOURCES, ROSTERING, Client
from tests.practice.signing import Signer


@pytest.fixture(params=["HMAC-SHA1", "HMAC-SHA256"])
def signer(request: pytest.FixtureRequest, unchanged_service: dict[str, Any]) -> Signer:
    """Signs for the service that no test may change."""
    return Signer(unchanged_service, request.param)


def test_the_base_string_is_that_of_the_rfc():
    """RFC 5849, 3.4.1.1: its request has its base string, from decoded parameters."""
    parameters = [
        ("b5", "=%3D"),
        ("a3", "a"),
        ("c@", ""),
        ("a2", "r b"),
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
        ("oauth_signature", "bYT5CMsGcbgUdFHObYMEfcx6bsw="),
        ("c2", ""),
        ("a3", "2 q"),
    ]
    assert base_string("post", "HTTP://EXAMPLE.COM:80/request", parameters) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D"
        "%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e"
        "4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9"
        "d7dh3k39sjv7"
    )


def test_the_signature_is_that_of_the_rfc():
    """RFC 5849, 1.2: its request for a photo has its signature."""
    parameters = [
        ("file", "vacation.jpg"),
        ("size", "original"),
        ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
        ("oauth_token", "nnch734d00sl2jdk"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131202"),
        ("oauth_nonce", "chapoH"),
    ]
    base = base_string("GET", "http://photos.example.net/photos", parameters)
    told = signature("HMAC-SHA1", base, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00")
    assert told == "MdpQcU8iPSUjWoN/UDMsK2sui9I="


@pytest.mark.parametrize(
    "path",
    [
        f"{OLDER}/users?limit=1",
        f"{OLDER}/lineItems?limit=1",
        f"{OLDER}/demographics?limit=1&filter=familyName%3D%27x%27&offset=",
        f"{ROSTERING}/users?limit=1&filter=status%3D%27active%27%20AND%20givenName~%27a+%C3%A9%27",
        f"{GRADEBOOK}/assessmentResults?limit=1",
        f"{RESOURCES}/resources?limit=1&fields=sourcedId%2Ctitle",
        f"{OLDER}/users/a%20strange%2Fkey~",
    ],
)
def test_a_signed_request_needs_no_token(signer: Signer, path: str):
    """Any address answers a request that the client signed, whatever stands in path and query."""
    assert signer.get(path).status_code in (200, 400, 404)


def test_a_signed_write_is_taken(own: Client):
    """Signed with the client's secret, a PUT and a DELETE are carried out."""
    url = f"{own.ready['base_url']}{OLDER}/categories/mine"
    signer, body = Signer(own.ready), {"sourcedId": "mine", "status": "active", "title": "Effort"}
    body["dateLastModified"] = "2026-03-03T10:00:00Z"
    for verb, status in (("PUT", 201), ("DELETE", 204)):
        headers = {"Authorization": signer.header(verb, url)}
        answer = requests.request(verb, url, json={"category": body}, headers=headers, timeout=20)
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    "said",
    [
        {"secret": "another"},
        {"oauth_consumer_key": "somebody"},
        {"oauth_token": "surplus"},
        {"oauth_version": "2.0"},
        {"oauth_timestamp": "1"},
        {"oauth_timestamp": "9999999999"},
        {"oauth_timestamp": "soon"},
        {"oauth_nonce": ""},
        {"oauth_signature_method": "PLAINTEXT"},
    ],
)
def test_a_wrong_signature_is_401(signer: Signer, said: dict[str, str]):
    """What another signed, or at another time or in another way, is refused with a clear body."""
    answer = signer.get(f"{OLDER}/users", **said)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("OAuth")
    [field] = answer.json()["imsx_CodeMinor"]["imsx_codeMinorField"]
    assert field["imsx_codeMinorFieldValue"] == "unauthorisedrequest"


def test_a_signature_is_for_one_request_only(signer: Signer):
    """The same nonce a second time is 401, and a signature fits no other query."""
    url = f"{signer.ready['base_url']}{OLDER}/orgs"
    headers = {"Authorization": signer.header("GET", url)}
    statuses = [requests.get(url, headers=headers, timeout=20).status_code for _ in range(2)]
    assert statuses == [200, 401]
    headers = {"Authorization": signer.header("GET", url)}
    assert requests.get(f"{url}?limit=1", headers=headers, timeout=20).status_code == 401


@pytest.mark.parametrize("header", ["OAuth", "OAuth x", 'OAuth oauth_nonce="a"', "OAuth a=b,c=d"])
def test_a_header_that_says_too_little_is_401(unchanged_service: dict[str, Any], header: str):
    """A header that cannot be read, or lacks a part, is refused and no trouble."""
    url = f"{unchanged_service['base_url']}{OLDER}/orgs"
    answer = requests.get(url, headers={"Authorization": header}, timeout=20)
    assert answer.status_code == 401


def test_the_bearer_token_needs_no_asking(unchanged_service: dict[str, Any]):
    """The static token of this start opens every service."""
    headers = {"Authorization": f"Bearer {unchanged_service['bearer_token']}"}
    for base, name in ((OLDER, "users"), (ROSTERING, "demographics"), (RESOURCES, "resources")):
        url = f"{unchanged_service['base_url']}{base}/{name}?limit=1"
        assert requests.get(url, headers=headers, timeout=20).status_code == 200
