"""Where an Ed-Fi service is found, and what is asked of it (Ed-Fi Discovery API 1.0; EDFI.md)."""

from typing import Any

import pytest

from app.connectors.edfi.discovery import candidates
from app.connectors.edfi.granted import CREATE, READ, granted
from app.connectors.edfi.vocabulary import RESOURCES
from app.errors import AuthError, ConfigError, ContractError, TransientError
from tests.connectors.edfi.small_service import DATA, SmallService, client_of
from tests.connectors.http_server import plain, serving

STUDENTS = RESOURCES["students"]


def located(client):
    client(client.service.locate())
    return client.service.places


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "/",
        "/data/v3",
        "/data/v3/ed-fi/students",
        "/oauth/token",
        "/metadata",
        "/docs/index.html",
    ],
)
def test_the_service_is_found_from_whatever_was_pasted(small, pasted):
    """The base, or any of the addresses that a host hands out."""
    with client_of(small, base_url=f"{small.url}{small.base}{pasted}") as client:
        assert located(client).data == small.url + DATA


def test_the_service_is_found_from_the_name_of_the_server(small):
    """Many stand in a folder called api."""
    small.base = "/api"
    with client_of(small, base_url=small.url) as client:
        assert located(client).data == small.url + DATA


def test_candidates_are_few_and_on_one_origin():
    """Nobody is asked that was not named."""
    found = candidates("https://Sis.example.org//a//b/c/d/e/f/data/v3/")
    assert found[0] == "https://sis.example.org/a/b/c/d/e/f/"
    assert len(found) == len(set(found)) <= 6
    assert all(each.startswith("https://sis.example.org/") for each in found)


def test_every_path_is_the_one_that_the_service_tells(small):
    """Paths vary, and slashes with them; a token info that is not told is beside the token."""
    small.urls = {
        "OAuth": f"{small.url}//local//sign-in/token/",
        "DataManagementApi": "/local/v3.3b//",
        "tokenInfo": f"{small.url}/local/who/",
    }
    small.routes["/local/sign-in/token"] = plain(200, b'{"access_token": "t"}')
    small.routes["/local/who"] = plain(404)
    with client_of(small) as client:
        places = located(client)
    assert (places.token, places.data) == (
        f"{small.url}/local/sign-in/token",
        f"{small.url}/local/v3.3b",
    )
    assert places.token_info == f"{small.url}/local/who"


@pytest.mark.parametrize("path", ["/v7.3/api/", f"{DATA}/ed-fi/students"])
def test_another_host_does_not_answer_for_the_service(small, path):
    """A redirect of the discovery document, or of a list, to another origin is an error, and what
    that one would say is not even asked for."""
    with serving(SmallService()) as other, client_of(small) as client:
        small.routes[path] = plain(302, location=other.url + path)
        with pytest.raises(ContractError, match="redirect_elsewhere"):
            client(client.service.ask(STUDENTS.path))
        assert other.seen == []


def test_what_a_service_calls_itself_leads_nowhere_else(small):
    """Its paths are taken for the origin that was asked, a token goes there alone (DESIGN 8)."""
    small.urls = {
        name: url.replace(small.url, "https://inner.example:8443")
        for name, url in small.urls.items()
    }
    with client_of(small) as client:
        places = located(client)
        assert (places.data, places.elsewhere) == (small.url + DATA, "inner.example")
        assert client(client.service.ask("ed-fi/students")).status == 200


def test_a_year_and_an_instance_are_filled_in(small):
    """Where a service leaves them open; what is not set is asked for by its own name."""
    data = f"{small.url}/{{tenantIdentifier}}/{{schoolYearFromRoute:range(2000,2099)}}/data/v3"
    small.urls["dataManagementApi"] = data
    with client_of(small, school_year="2027", instance="north") as client:
        assert located(client).data == f"{small.url}/north/2027/data/v3"
    cases: tuple[tuple[Any, str], ...] = (
        ({"instance": "n"}, "school_year"),
        ({"school_year": "2027"}, "instance"),
    )
    for given, wanting in cases:
        with client_of(small, **given) as client, pytest.raises(ConfigError) as caught:
            located(client)
        assert (caught.value.code, caught.value.parameters["setting"]) == (
            "edfi_place_open",
            wanting,
        )


def test_another_year_than_the_current_one_can_be_read(small):
    """Services that keep years apart tell the address of the current one."""
    small.urls["dataManagementApi"] = f"{small.url}/data/v3/2026"
    with client_of(small, school_year="2025") as client:
        places = located(client)
    assert places.data == f"{small.url}/data/v3/2025"


@pytest.mark.parametrize(
    ("told", "api", "standard"),
    [
        ({"version": "7.3", "dataModels": [{"name": "Ed-Fi", "version": "5.2.0"}]}, (7, 3), 5),
        ({"version": "v6.1.2", "dataModels": [{"name": "ed-fi", "version": "4.0.0-a"}]}, (6, 1), 4),
        (
            {
                "Version": "5.3",
                "DataModels": [
                    {"Name": "TPDM", "Version": "1"},
                    {"Name": "Ed-Fi", "Version": "3.3.0-b"},
                ],
            },
            (5, 3),
            3,
        ),
        ({"version": "8.0", "dataModels": [{"name": "Ed-Fi", "version": "6.1.0"}]}, (8, 0), 6),
        ({"version": "5.1"}, (5, 1), 3),
        ({"version": "6.2", "dataModels": "none"}, (6, 2), 4),
        ({}, (0, 0), 5),
    ],
)
def test_what_is_spoken_is_taken_from_the_service(small, told, api, standard):
    """In whatever casing, and guessed from the version where the standard is not told."""
    small.version = told
    with client_of(small) as client:
        located(client)
        assert (client.service.api, client.service.standard) == (api, standard)
    names = {one.name for one in client.service.resources.values()}
    assert ("parents" in names, "contacts" in names) == (standard <= 4, standard > 4)


def test_a_service_that_is_none_is_told(small):
    """Neither a page nor another sort of JSON is taken for a service."""
    for body in (b"<html>hello</html>", b'{"urls": {}}', b"[]", b""):
        small.routes = {"*": plain(200, body)}
        with client_of(small) as client, pytest.raises(ContractError) as caught:
            located(client)
        assert caught.value.code == "edfi_not_found"


def test_a_service_of_the_second_generation_is_told(small):
    """It has other resources and another way in."""
    small.routes = {"*": plain(200, b'{"version": "2.5", "apiMode": "Sandbox"}')}
    with client_of(small) as client, pytest.raises(ConfigError) as caught:
        located(client)
    assert caught.value.code == "edfi_too_old"


def test_a_service_in_trouble_is_not_taken_for_none(small):
    """What may pass is told as that."""
    small.routes = {"*": plain(503)}
    with client_of(small) as client, pytest.raises(TransientError):
        located(client)
    assert not client.service.known


def test_it_is_located_once(small, client):
    """Whatever is asked afterwards."""
    for _ in range(3):
        client(client.service.ask("ed-fi/students"))
    assert sum(path.rstrip("/") == small.base for path in small.paths()) == 1
    assert sum(path.endswith("token_info") for path in small.paths("POST")) == 1


def test_a_request_is_below_the_resources_and_authorized(small, client):
    """With its parameters as the API has them; what may write is sent once unless told."""
    ask, service = client, client.service
    query = {"limit": 0, "totalCount": True, "lastSurname": "O’Neil & Co"}
    request = ask(service.request("ed-fi/students", query, headers=[("Use-Snapshot", "true")]))
    assert request.url == (
        f"{small.url}{DATA}/ed-fi/students"
        "?limit=0&totalCount=true&lastSurname=O%E2%80%99Neil%20%26%20Co"
    )
    assert ("Use-Snapshot", "true") in request.headers
    assert (request.origin, request.repeatable) == (small.url, True)
    post = ask(service.request("ed-fi/students", method="POST", body=b"{}"))
    assert (post.repeatable, ("Content-Type", "application/json") in post.headers) == (False, True)
    again = ask(service.request("ed-fi/students", method="POST", body=b"{}", repeatable=True))
    assert again.repeatable


# -- change versions --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "versions"),
    [
        ({"oldestChangeVersion": 5, "newestChangeVersion": 9}, (5, 9)),
        ({"OldestChangeVersion": 5, "NewestChangeVersion": "9"}, (5, 9)),
        ({"newestChangeVersion": 0}, (0, 0)),
    ],
)
def test_change_versions_are_understood_in_any_casing(small, client, said, versions):
    """It differed before 6.0."""
    small.versions = (200, said)
    assert client(client.service.change_versions()) == versions


@pytest.mark.parametrize("status", [403, 404, 405])
def test_a_service_without_change_queries_is_asked_for_them_once(small, client, status):
    """And then read whole, always."""
    small.versions = (status, {})
    assert client(client.service.change_versions()) is None
    assert client(client.service.change_versions()) is None
    assert sum(path.endswith("availableChangeVersions") for path in small.paths()) == 1


def test_change_queries_are_looked_for_where_they_usually_are(small, client):
    """Where the service does not tell their address, as older ones do not."""
    del small.urls["changeQueries"]
    assert client(client.service.change_versions()) == (0, 4711)


def test_change_queries_can_be_switched_off(small):
    """Then nobody asks for them."""
    with client_of(small, change_queries="off") as client:
        assert client(client.service.change_versions()) is None
    assert not small.seen or not any(path.endswith("Versions") for path in small.paths())


@pytest.mark.parametrize("said", [{"newestChangeVersion": -1}, {"newest": 3}, b"<html></html>"])
def test_a_change_version_that_is_none_is_an_error(small, client, said):
    """A window without an end would lose changes."""
    small.versions = (200, said)
    with pytest.raises(ContractError):
        client(client.service.change_versions())


@pytest.mark.parametrize(
    ("wanted", "there", "used", "told"),
    [("on", True, True, []), ("on", False, False, ["edfi_no_snapshot"]), ("off", True, False, [])],
)
def test_a_snapshot_is_read_from_where_it_is_wanted_and_there(small, wanted, there, used, told):
    """Its versions are those of the window then; where there is none that is told."""
    small.snapshot = there
    with client_of(small, snapshots=wanted) as client:
        assert client(client.service.change_versions()) == (0, 4711)
        assert client.service.snapshot is used
        assert [one.code for one in client.service.news] == told


# -- what the key may do ----------------------------------------------------------------------


def test_what_lies_below_another_organization_does_not_bound_the_key(small, client):
    """A school that is opened tomorrow is within the same reach."""
    located(client)
    assert [one.id for one in client.service.granted.organizations] == ["255901"]
    reach = client.service.granted.reach
    _, said = small.info
    opened = {
        "education_organization_id": 7,
        "type": "edfi.School",
        "local_education_agency_id": 255901,
    }
    said["education_organizations"].append(opened)
    with client_of(small) as later:
        located(later)
        assert later.service.granted.below == {"255901001", "7"}
        assert later.service.granted.reach == reach


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_a_service_that_does_not_tell_what_a_key_may_do_is_read_all_the_same(small, status):
    """Nothing is taken to be forbidden then."""
    small.info = (status, {})
    with client_of(small) as client:
        located(client)
        assert client.service.known
        assert client.service.granted.allows("ed-fi/students", READ) is None


def test_a_service_that_fails_to_tell_it_is_no_service_without_it(small, client):
    """Or what is read would be of another scope today, and of the first one tomorrow."""
    small.info = (500, {})
    with pytest.raises(TransientError):
        located(client)
    assert not client.service.known


def test_operations_are_told_by_resource():
    """In the casing of the service; what is not listed is not allowed."""
    found = granted(
        {"resources": [{"resource": "/ed-fi/Students", "operations": ["Read", "ReadChanges"]}]}
    )
    assert found.allows("ed-fi/students", READ) is True
    assert found.allows("ed-fi/students", CREATE) is False
    assert found.allows("ed-fi/schools", READ) is False


@pytest.mark.parametrize(
    "said", [None, [], {"education_organizations": [3, {"x": 1}], "resources": 5}]
)
def test_odd_answers_tell_nothing_and_harm_nobody(said):
    """Whatever came."""
    found = granted(said)
    assert (found.organizations, found.operations) == ((), None)


# -- the scope of what is read ----------------------------------------------------------------


def scope(small, **settings) -> str:
    with client_of(small, **settings) as client:
        located(client)
        return client.service.scope_of("users", [STUDENTS], filtered=False)


def test_two_like_reads_have_one_scope(small):
    """Whatever the order of the resources (SEMANTICS C5)."""
    with client_of(small) as client:
        located(client)
        both = [STUDENTS, RESOURCES["staffs"]]
        told = client.service.scope_of("users", both, filtered=False)
        assert told == client.service.scope_of("users", both[::-1], filtered=False)
        assert told != client.service.scope_of("users", both[:1], filtered=False)
        assert told != client.service.scope_of("users", both, filtered=True)


def test_a_key_of_another_reach_reads_another_scope(small):
    """What only the other one sees has not ended (SEMANTICS D2)."""
    before = scope(small)
    _, said = small.info
    small.info = (200, {**said, "education_organizations": said["education_organizations"][1:]})
    assert scope(small) != before
    small.info = (200, {**said, "claim_set": {"name": "Another"}})
    assert scope(small) != before


def test_the_address_does_not_count_where_the_source_has_a_name(small):
    """A service that moves is still the same roster."""
    named, unnamed = scope(small, source="ours"), scope(small)
    small.urls["dataManagementApi"] = f"{small.url}/v7.4/api/data/v3"
    assert scope(small, source="ours") == named
    assert scope(small) != unnamed


# -- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, b"{}", AuthError, "token_refused"),
        (403, b"{}", AuthError, "edfi_forbidden"),
        (404, b"", ContractError, "edfi_no_resource"),
        (400, b'{"title": "Bad Request", "correlationId": "c-1"}', ContractError, "edfi_refused"),
        (400, b'{"message": "no"}', ContractError, "unexpected_status"),
        (200, b"<html></html>", ContractError, "answer_is_html"),
        (200, b"[{", ContractError, "answer_not_json"),
    ],
)
def test_what_was_not_asked_for_is_told_by_its_sort(small, client, status, body, kind, code):
    """With the correlation id, by which the host of the service finds it in its log."""
    small.closed["ed-fi/students"] = (status, body)
    response = client(client.service.ask("ed-fi/students"))
    error = client.service.refusal(response, STUDENTS)
    assert (type(error), error.code) == (kind, code)
    if code == "edfi_refused":
        assert (error.parameters["words"], error.parameters["correlation"]) == (
            "Bad Request",
            "c-1",
        )


def test_the_namespace_is_set_or_taken_from_what_the_key_may_use(small):
    """In that order; where neither tells one, it is one of our own."""
    with client_of(small) as client:
        own = client.service.namespace
        located(client)
        assert client.service.namespace == "uri://grand-bend.example" != own
    with client_of(small, namespace=" uri://ours.example ") as client:
        located(client)
        assert client.service.namespace == "uri://ours.example"


def test_settings_that_cannot_work_are_refused_before_anything_is_asked(small):
    """Each by its name."""
    cases: tuple[tuple[Any, str], ...] = (
        ({"base_url": ""}, "base_url"),
        ({"key": " "}, "key"),
        ({"secret": ""}, "secret"),
    )
    for given, wanting in cases:
        with pytest.raises(ConfigError) as caught, client_of(small, **given):
            pass
        assert caught.value.parameters["setting"] == wanting
    assert small.seen == []
