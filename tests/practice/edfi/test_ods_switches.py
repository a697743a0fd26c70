"""Each switch of the practice Ed-Fi does what its catalogue says, and no more once it is off."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
import requests

from tests.practice.edfi.client import Client, serving, speaking
from tests.practice.edfi.small_district import documents, student


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    """A client of one service for all tests, which switch on and off."""
    with serving(documents(extra=17)) as ready, speaking(ready) as client:
        yield client


@pytest.fixture
def client(shared: Client) -> Iterator[Client]:
    """The same, with all switches off again afterwards."""
    yield shared
    shared.switch_off()


def discovered(client: Client) -> dict[str, Any]:
    """The discovery document."""
    told: dict[str, Any] = requests.get(client.ready["edfi_url"], timeout=20).json()
    return told


def cut_short(client: Client, method: str, **more: Any) -> bool:
    """Whether the answer to a request for students ends before its end."""
    url = f"{client.ready['edfi_url']}/data/v3/ed-fi/students"
    with requests.request(
        method, url, headers=client.bearer, stream=True, timeout=20, **more
    ) as answer:
        try:
            _ = answer.content
        except requests.exceptions.ChunkedEncodingError:
            return True
    return False


@pytest.mark.parametrize(
    ("name", "status", "pause"),
    [("rate-limited", 429, "1"), ("unavailable", 503, "1"), ("server-error", 500, None)],
)
def test_faults_of_whole_answers_pass(client: Client, name: str, status: int, pause: str | None):
    """As often as it was told, then no more; with Retry-After where it belongs."""
    client.switch_on(name, times=1)
    first, second = client.get("students"), client.get("students")
    assert (first.status_code, first.headers.get("Retry-After")) == (status, pause)
    assert second.status_code == 200


def test_answers_can_take_their_time(client: Client):
    """Each answer is held back."""
    client.switch_on("slow", value=0.2, times=1)
    assert client.get("students").elapsed.total_seconds() >= 0.2


def test_a_fault_can_be_of_one_resource(client: Client):
    """Other resources are answered."""
    client.switch_on("server-error", value=502, resource="staffs")
    assert (client.get("staffs").status_code, client.get("schools").status_code) == (502, 200)


def test_a_lock_error_fails_a_write_and_writes_nothing(client: Client):
    """500, and the same write goes through the next time."""
    client.switch_on("lock-error", times=1)
    answers = [client.data("POST", "students", json=student("s1", "Ann")) for _ in range(2)]
    assert [one.status_code for one in answers] == [500, 200]


def test_parallel_writes_lock_each_other(client: Client):
    """Lock errors as 500 under parallel load, none when they come one by one."""
    client.switch_on("locks-under-load")

    def write(number: int) -> int:
        url = f"{client.ready['edfi_url']}/data/v3/ed-fi/students"
        body = student("s1", f"Ann{number}")
        return requests.post(url, json=body, headers=client.bearer, timeout=20).status_code

    with ThreadPoolExecutor(4) as pool:
        together = set(pool.map(write, range(8)))
    assert together == {200, 500}
    assert {write(number) for number in range(3)} == {200}


def test_a_lost_answer_was_carried_out(client: Client):
    """The connection ends, what was written is there."""
    client.switch_on("lost-answer", times=1)
    assert cut_short(client, "POST", json=student("s2", "Lost"))
    assert client.list("students", studentUniqueId="s2")[0]["firstName"] == "Lost"


def test_answers_can_end_in_the_middle(client: Client):
    """By closing the connection, or as if they were whole."""
    client.switch_on("broken-off", times=1)
    assert cut_short(client, "GET")
    client.switch_on("truncated-answer", times=1)
    with pytest.raises(requests.JSONDecodeError):
        client.get("students").json()


def test_pages_for_people_come_in_the_place_of_answers(client: Client):
    """A log-in page with 200; refusals as pages."""
    client.switch_on("login-page", times=1)
    assert client.get("students").headers["Content-Type"].startswith("text/html")
    client.switch_on("page-errors")
    assert client.get("students", limit=999).text.startswith("<!DOCTYPE html>")


def test_one_document_of_a_page_is_no_json(client: Client):
    """The rest of the page is as it is."""
    client.switch_on("unreadable-row", times=1)
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(client.get("students").content)
    client.switch_on("keyless-row", times=1)
    assert ["studentUniqueId" in one for one in client.list("students", limit=2)] == [False, True]


def test_totals_can_be_wrong_or_missing(client: Client):
    """Total-Count."""
    client.switch_on("wrong-total", value=7, times=1)
    assert client.get("students", totalCount="true").headers["Total-Count"] == "27"
    client.switch_on("no-total", times=1)
    assert "Total-Count" not in client.get("students", totalCount="true").headers


def test_pages_can_be_smaller_than_asked_for(client: Client):
    """A clamped limit."""
    client.switch_on("clamped-limit", value=5)
    assert len(client.list("students", offset=0, limit=20)) == 5


def test_rows_move_between_two_pages(client: Client):
    """Offset paging: each page after the first has lost a row."""
    client.switch_on("drifting-rows")
    pages = [client.list("students", offset=offset, limit=10) for offset in (0, 10)]
    found = [one["studentUniqueId"] for page in pages for one in page]
    assert (len(found), len(set(found))) == (20, 19)


def test_a_part_can_be_withheld_and_not_counted(client: Client):
    """Total-Count agrees with what is sent."""
    client.switch_on("withheld-rows", value=50)
    answer = client.get("students", totalCount="true")
    assert len(answer.json()) == int(answer.headers["Total-Count"]) < 20


@pytest.mark.parametrize("name", ["no-rows", "no-resource"])
def test_a_resource_can_be_out_of_order(client: Client, name: str):
    """It has nothing, whether it is listed or asked for by an id, or is not there at all; others
    answer as ever."""
    [one] = client.list("students", limit=1)
    client.switch_on(name, resource="students")
    assert client.get(f"students/{one['id']}").status_code == 404
    answer = client.get("students", totalCount="true")
    if name == "no-rows":
        assert (answer.json(), answer.headers["Total-Count"]) == ([], "0")
    else:
        assert answer.status_code == 404
    assert client.list("schools")


def test_tokens_can_be_forgotten(client: Client):
    """A token that was good is 401, a new one is good."""
    client.switch_on("tokens-forgotten", times=1)
    assert client.get("students").status_code == 401
    client.bearer["Authorization"] = f"Bearer {client.token()}"
    assert client.get("students").status_code == 200


@pytest.mark.parametrize("name", ["absolute-expiry", "text-expiry"])
def test_how_long_a_token_lives_is_said_oddly(client: Client, name: str):
    """An absolute epoch; a number in quotes."""
    client.switch_on(name)
    said = client.ask_token().json()["expires_in"]
    assert (said == "3600") if name == "text-expiry" else (said > 1_700_000_000)


@pytest.mark.parametrize(("name", "refused"), [("basic-only", "body"), ("body-only", "header")])
def test_credentials_can_be_wanted_in_one_place(client: Client, name: str, refused: str):
    """Basic or body."""
    client.switch_on(name)
    named = {"client_id": client.way_in["key"], "client_secret": client.way_in["secret"]}
    grant = {"grant_type": "client_credentials"}
    url = f"{client.ready['edfi_url']}/oauth/token"
    statuses = {
        "body": requests.post(url, data={**grant, **named}, timeout=20).status_code,
        "header": client.ask_token().status_code,
    }
    assert statuses.pop(refused) == 401
    assert list(statuses.values()) == [200]


def test_addresses_can_have_slashes_too_many(client: Client):
    """Discovery with double slashes; the addresses themselves are as ever."""
    client.switch_on("double-slashes")
    assert "/edfi//data/v3" in discovered(client)["urls"]["dataManagementApi"]
    assert client.get("students").status_code == 200


def test_data_can_stand_below_a_year(client: Client):
    """The address that discovery tells is the one, and no other."""
    client.switch_on("year-path")
    url = discovered(client)["urls"]["dataManagementApi"] + "ed-fi/students"
    assert requests.get(url, headers=client.bearer, timeout=20).status_code == 200
    assert client.get("students").status_code == 404


def test_addresses_can_be_left_untold(client: Client):
    """Some services do not say where change queries and token_info are."""
    client.switch_on("untold-urls")
    assert not {"changeQueries", "tokenInfo"} & discovered(client)["urls"].keys()
    assert client.newest() > 0


def test_change_queries_can_be_missing(client: Client):
    """404 for versions, deletes and key changes."""
    client.switch_on("no-change-queries")
    versions = client.call("GET", "changeQueries/v1/availableChangeVersions")
    assert [versions.status_code, client.get("students/deletes").status_code] == [404, 404]


def test_page_tokens_can_be_refused(client: Client):
    """No Next-Page-Token, no partitions, pageToken unheard of."""
    client.switch_on("no-cursor")
    assert "Next-Page-Token" not in client.get("students").headers
    assert client.get("students/partitions").status_code == 404


def test_empty_pages_carry_a_token(client: Client):
    """Whoever stops at an empty page misses the rest."""
    client.switch_on("empty-pages")
    sizes, token = [], ""
    while True:
        more = {"pageToken": token} if token else {}
        answer = client.get("students", pageSize=10, **more)
        sizes.append(len(answer.json()))
        if "Next-Page-Token" not in answer.headers:
            break
        token = answer.headers["Next-Page-Token"]
    assert sizes == [0, 10, 0, 10, 0]


def test_names_can_begin_with_capitals(client: Client):
    """Ids, change versions."""
    client.switch_on("mixed-case")
    assert "Id" in client.list("students")[0]
    versions = client.call("GET", "changeQueries/v1/availableChangeVersions").json()
    assert set(versions) == {"OldestChangeVersion", "NewestChangeVersion"}


def test_fields_that_no_standard_knows_are_told(client: Client):
    """Extensions and local fields; empty lists; no links."""
    for name in ("extra-fields", "empty-lists", "no-links"):
        client.switch_on(name)
    [told] = client.list("studentSchoolAssociations", studentUniqueId="s1")
    assert told["_ext"] == {"practice": {"note": "own"}}
    assert (told["localNote"], told["educationPlans"]) == ("own", [])
    assert "link" not in told["schoolReference"]


def test_the_catalogue_says_what_is_on(client: Client):
    """GET switches: each with what it does, and how it is on."""
    client.switch_on("clamped-limit", value=7, resource="students", times=3)
    told = {one["name"]: one for one in client.control("GET", "switches").json()["switches"]}
    assert told["clamped-limit"]["on"] == {"value": 7, "resource": "students", "left": 3}
    assert told["no-links"]["on"] is None


@pytest.mark.parametrize(
    "asked",
    [
        {"name": "nothing"},
        {"name": "no-links", "times": 2},
        {"name": "clamped-limit", "value": 0},
        {"name": "slow", "resource": "nobody"},
        {"name": "slow", "often": 2},
    ],
)
def test_what_cannot_be_switched_on_is_refused(client: Client, asked: dict[str, Any]):
    """400 with a sentence."""
    answer = client.control("POST", "switches", json=asked)
    assert (answer.status_code, bool(answer.json()["errors"])) == (400, True)


def test_ways_to_be_that_contradict_each_other_are_refused(client: Client):
    """Two versions at once."""
    client.switch_on("api-5.3")
    assert client.control("POST", "switches", json={"name": "api-6.2"}).status_code == 400
