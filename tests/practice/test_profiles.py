"""The lasting habits of real services: each is what its name says, and goes without a trace."""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from app.practice.habits import CATALOGUE
from tests.practice.client import (
    GRADEBOOK,
    OLDER,
    RESOURCES,
    ROSTERING,
    Client,
    serving,
    speaking,
    start,
)
from tests.practice.signing import Signer

SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
NOW = "2026-03-03T10:00:00Z"
HREF = re.compile(r'"href":"([^"]*)"')
Records = list[dict[str, Any]]
Take = Callable[..., None]


@pytest.fixture(scope="module")
def habitual() -> Iterator[Client]:
    """A service on which a school day has passed, so that there are tombstones."""
    with serving(students=300, seed=7) as ready, speaking(ready) as client:
        client.pass_day(leavers=4)
        yield client


@pytest.fixture
def take(habitual: Client) -> Iterator[Take]:
    """Has the service take on habits for one test."""

    def on(*names: str) -> None:
        for name in names:
            answer = habitual.control("POST", "profiles", json={"name": name})
            assert answer.status_code == 200, answer.text

    yield on
    assert habitual.control("DELETE", "profiles").status_code == 200


def category(key: str = "mine") -> dict[str, Any]:
    body = {"sourcedId": key, "status": "active", "dateLastModified": NOW, "title": "Effort"}
    return {"category": body}


def keys(records: Records) -> list[str]:
    return [record["sourcedId"] for record in records]


# The catalogue and its switches.


def test_the_catalogue_is_told_and_switched(habitual: Client, take: Take):
    """Each profile has a sentence, is switched on and off by name, and tells whether it is on."""
    told = habitual.control("GET", "profiles").json()["profiles"]
    assert [each["name"] for each in told] == list(CATALOGUE)
    assert not any(each["on"] for each in told)
    take("nulls", "x-count")
    told = habitual.control("GET", "profiles").json()["profiles"]
    assert [each["name"] for each in told if each["on"]] == ["nulls", "x-count"]
    told = habitual.control("DELETE", "profiles/nulls").json()["profiles"]
    assert [each["name"] for each in told if each["on"]] == ["x-count"]
    assert habitual.control("DELETE", "profiles/kindness").status_code == 404
    assert habitual.call("GET", "/practice/profiles").status_code == 401


@pytest.mark.parametrize(
    "body", [{"name": "kindness"}, {}, {"name": ["nulls"]}, {"name": "only-1.2"}]
)
def test_what_cannot_be_is_refused(habitual: Client, take: Take, body: dict[str, Any]):
    """An unknown profile, or one that contradicts another that is on, is 400 with the reason."""
    take("only-1.1")
    answer = habitual.control("POST", "profiles", json=body)
    assert answer.status_code == 400
    assert "profile" in answer.text or "contradicts 'only-1.1'" in answer.text


@pytest.mark.parametrize("name", [*CATALOGUE])
def test_a_profile_goes_without_a_trace(habitual: Client, name: str):
    """Once it is off, lists are the bytes that they were before."""
    paths = [f"{ROSTERING}/users", f"{OLDER}/users", f"{ROSTERING}/classes", f"{OLDER}/results"]

    def bodies() -> list[bytes]:
        answers = [habitual.call("GET", path, params={"limit": 50}) for path in paths]
        return [answer.content for answer in answers]

    before = bodies()
    assert habitual.control("POST", "profiles", json={"name": name}).status_code == 200
    bodies()
    assert habitual.control("DELETE", f"profiles/{name}").status_code == 200
    assert bodies() == before


def test_a_service_begins_with_its_profiles():
    """Profiles named at the start are on from the first request, several together."""
    profiles = ["only-1.1", "no-totals", "nulls"]
    with serving(students=40, profiles=profiles) as ready, speaking(ready) as client:
        assert client.roster("users").status_code == 404
        answer = client.older("users", limit=1)
        assert "X-Total-Count" not in answer.headers
        assert None in answer.json()["users"][0].values()


def test_a_contradiction_keeps_a_service_from_starting():
    """Profiles that contradict each other are refused in a sentence before anything is served."""
    with start(profiles=["only-1.1", "only-1.2"]) as program:
        told, errors = program.communicate(timeout=20)
    assert (program.returncode, told) == (1, "")
    assert errors == "'only-1.2' contradicts 'only-1.1', which is on.\n"


# Where and in which version.


@pytest.mark.parametrize(
    ("name", "there", "gone"),
    [
        ("only-1.1", OLDER, ROSTERING),
        ("only-1.2", ROSTERING, OLDER),
        ("vendor-path", "/api/ims/oneroster/rostering/v1p1", OLDER),
        ("vendor-path", "/api/ims/oneroster/rostering/v1p2", ROSTERING),
    ],
)
def test_services_stand_elsewhere(habitual: Client, take: Take, name: str, there: str, gone: str):
    """What the habit leaves is there, by links too; the rest is an unknown address."""
    take(name)
    assert len(habitual.everything("users", base=there, limit=300)) > 600
    signer = Signer(habitual.ready)
    assert signer.get(f"{there}/orgs").status_code == 200
    assert habitual.call("GET", f"{gone}/users").status_code == 404


def test_records_of_1_2_stand_at_the_address_of_1_1(habitual: Client, take: Take):
    """All services of 1.2 are at one address then, with its tokens or those of 1.1."""
    take("mislabelled")
    assert "roles" in habitual.older("users", limit=1).json()["users"][0]
    assert habitual.older("lineItems", limit=1).json()["lineItems"][0]["school"]
    assert habitual.older("resources", limit=1).status_code == 200
    assert habitual.call("PUT", f"{OLDER}/categories/m", json=category("m")).status_code == 201
    assert habitual.roster("users").status_code == 404
    with speaking(habitual.ready, f"{SCOPE.replace('v1p2', 'v1p1')}roster.readonly") as client:
        assert client.older("users", limit=1).status_code == 200


# Who may ask.


@pytest.mark.parametrize(
    ("name", "there", "gone"), [("only-1.1", "v1p1", "v1p2"), ("only-1.2", "v1p2", "v1p1")]
)
def test_a_version_that_is_not_there_has_no_scopes(
    habitual: Client, take: Take, name: str, there: str, gone: str
):
    """Its scopes alone are refused, and left out of the grant beside others."""
    take(name)
    old, new = (f"{SCOPE.replace('v1p2', each)}roster.readonly" for each in (gone, there))
    assert habitual.ask_token(scope=old).json()["error"] == "invalid_scope"
    assert habitual.ask_token(scope=f"{old} {new}").json()["scope"] == new


@pytest.mark.parametrize(("name", "by_header"), [("basic-only", True), ("body-only", False)])
def test_credentials_go_one_way_only(habitual: Client, take: Take, name: str, by_header: bool):
    """The other way is refused as a client that is not known."""
    take(name)
    ready = habitual.ready
    who = (ready["client_id"], ready["client_secret"])
    form = {"grant_type": "client_credentials", "scope": ready["scope"]}
    body = {**form, "client_id": who[0], "client_secret": who[1]}
    header = requests.post(ready["token_url"], data=form, auth=who, timeout=20).status_code
    inside = requests.post(ready["token_url"], data=body, timeout=20).status_code
    assert (header, inside) == ((200, 401) if by_header else (401, 200))


def test_a_token_needs_its_cookie(habitual: Client, take: Take):
    """Without the cookie that came with it the token is not known."""
    take("cookie-needed")
    url = f"{habitual.ready['base_url']}{ROSTERING}/orgs"
    with speaking(habitual.ready) as client:
        assert client.roster("orgs").status_code == 200
        assert requests.get(url, headers=client.bearer, timeout=20).status_code == 401


def test_no_tokens_are_given_where_requests_are_signed(habitual: Client, take: Take):
    """The token endpoint refuses the grant; a signed request is answered."""
    take("signed-only")
    assert habitual.ask_token(scope=habitual.ready["scope"]).status_code == 400
    assert Signer(habitual.ready).get(f"{OLDER}/orgs").status_code == 200


def test_less_is_granted_than_asked(habitual: Client, take: Take):
    """The token says so, and does not open demographics."""
    take("grants-less")
    granted = habitual.ask_token(scope=habitual.ready["scope"]).json()["scope"].split()
    assert f"{SCOPE}roster.readonly" in granted
    assert not [name for name in granted if "demographics" in name or "create" in name]
    with speaking(habitual.ready) as client:
        assert client.roster("demographics").status_code == 403


def test_tokens_may_end_early(habitual: Client, take: Take):
    """A token is not known any more long before the end that it states."""
    take("short-tokens")
    with speaking(habitual.ready) as client:
        assert client.roster("orgs").status_code == 200
        assert client.ask_token(scope=client.ready["scope"]).json()["expires_in"] == 3600
        ends = time.monotonic() + 10
        while client.roster("orgs").status_code == 200:
            assert time.monotonic() < ends


def test_scopes_may_be_untold(habitual: Client, take: Take):
    """The token answer has no scope, as RFC 6749 allows where all were granted."""
    take("scopes-untold")
    assert "scope" not in habitual.ask_token(scope=habitual.ready["scope"]).json()


def test_a_missing_scope_looks_like_a_failed_write(habitual: Client, take: Take):
    """A write without its scope is 400; a read is 403 as ever."""
    take("vague-refusals")
    with speaking(habitual.ready, f"{SCOPE}gradebook.readonly") as client:
        answer = client.call("PUT", f"{GRADEBOOK}/categories/x", json=category("x"))
        assert answer.status_code == 400
        assert "scope" not in answer.text
        assert client.roster("users").status_code == 403


# How values are written.


@pytest.mark.parametrize("base", [ROSTERING, OLDER])
def test_grades_are_written_in_words(habitual: Client, take: Take, base: str):
    """Ordinals, bare numbers, ungraded, and several grades in one text."""
    take("grades-in-words")
    of_pupils = {user["grades"][0] for user in habitual.everything("students", base=base)}
    assert {"Sixth grade", "6", "UG", "Kindergarten"} <= of_pupils
    of_classes = {class_["grades"][0] for class_ in habitual.everything("classes", base=base)}
    assert {"KG,01,02", "6"} <= of_classes


@pytest.mark.parametrize(
    ("base", "name", "field"),
    [
        (ROSTERING, "users", "enabledUser"),
        (OLDER, "enrollments", "primary"),
        (ROSTERING, "demographics", "white"),
    ],
)
def test_booleans_come_without_quotes(
    habitual: Client, take: Take, base: str, name: str, field: str
):
    """true and false are JSON's own."""
    take("native-booleans")
    assert {each[field] for each in habitual.everything(name, base=base)} == {True, False}


@pytest.mark.parametrize(
    ("base", "name", "field", "words"),
    [
        (ROSTERING, "classes", "classType", {"Scheduled", "Homeroom"}),
        (OLDER, "demographics", "sex", {"Male", "Female"}),
        (OLDER, "enrollments", "role", {"Student", "Teacher"}),
        (ROSTERING, "orgs", "type", {"School", "District"}),
    ],
)
def test_the_case_of_words_drifts(
    habitual: Client, take: Take, base: str, name: str, field: str, words: set[str]
):
    """Words of vocabularies begin with a capital."""
    take("drifting-case")
    assert {each[field] for each in habitual.everything(name, base=base)} == words


def test_roles_drift_too(habitual: Client, take: Take):
    """So do the words inside a user's roles, and what a reference is of stays."""
    take("drifting-case")
    [user] = habitual.roster("students", limit=1).json()["users"]
    assert (user["roles"][0]["role"], user["roles"][0]["roleType"]) == ("Student", "Primary")
    assert user["roles"][0]["org"]["type"] == "org"


def test_what_ended_is_inactive(habitual: Client, take: Take):
    """A tombstone has the word of OneRoster 1.0."""
    take("says-inactive")
    statuses = Counter(user["status"] for user in habitual.everything("users"))
    assert statuses["inactive"] >= 4
    assert set(statuses) == {"active", "inactive"}


def test_words_are_its_own(habitual: Client, take: Take):
    """Values outside the vocabularies begin with ext:."""
    take("extended-values")
    types = {class_["classType"] for class_ in habitual.everything("classes")}
    assert types == {"scheduled", "ext:advisory"}
    roles = {role["role"] for user in habitual.everything("users") for role in user["roles"]}
    assert "ext:paraprofessional" in roles
    assert "ext:nonbinary" in {each["sex"] for each in habitual.everything("demographics")}
    statuses = {each["scoreStatus"] for each in habitual.everything("results", base=GRADEBOOK)}
    assert "ext:excused" in statuses


@pytest.mark.parametrize(("name", "value"), [("nulls", None), ("empty-texts", "")])
@pytest.mark.parametrize("base", [ROSTERING, OLDER])
def test_what_is_missing_is_written(
    habitual: Client, take: Take, name: str, value: str | None, base: str
):
    """A field without a value is there, with nothing in it."""
    take(name)
    users = habitual.everything("users", base=base)
    assert {user["sms"] for user in users} == {value}
    assert {"phone" in user and "middleName" in user for user in users} == {True}


@pytest.mark.parametrize(
    ("name", "moment", "day"),
    [
        ("dates-for-moments", r"\d{4}-\d\d-\d\d", r"\d{4}-\d\d-\d\dT00:00:00\.000Z"),
        ("doubled-zone", r"\S+T[\d:.]+\+00:00Z", r"\d{4}-\d\d-\d\d"),
        ("no-zone", r"\S+T[\d:.]+", r"\d{4}-\d\d-\d\d"),
    ],
    ids=("dates-for-moments", "doubled-zone", "no-zone"),
)
@pytest.mark.parametrize("base", [ROSTERING, OLDER])
def test_moments_are_written_oddly(
    habitual: Client, take: Take, name: str, moment: str, day: str, base: str
):
    """Only how they are written is odd: a filter by moments finds what it should."""
    since = "dateLastModified>='2026-02-01T00:00:00.000Z'"
    before = keys(habitual.everything("enrollments", base=base, filter=since))
    take(name)
    found = habitual.everything("enrollments", base=base, filter=since)
    assert keys(found) == before
    assert all(re.fullmatch(moment, each["dateLastModified"]) for each in found)
    days = [each["beginDate"] for each in found if "beginDate" in each]
    assert days
    assert all(re.fullmatch(day, each) for each in days)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("relative-hrefs", "/ims/oneroster/"),
        ("tilde-hrefs", "~/ims/oneroster/"),
        ("local-hrefs", "http://localhost:8080/ims/oneroster/"),
    ],
)
def test_hrefs_lead_nowhere(habitual: Client, take: Take, name: str, start: str):
    """Every reference of either version has such an address."""
    take(name)
    for base, path in ((ROSTERING, "users"), (OLDER, "enrollments"), (GRADEBOOK, "results")):
        hrefs = HREF.findall(habitual.call("GET", f"{base}/{path}").text)
        assert hrefs
        assert all(href.startswith(start) for href in hrefs)


def test_what_is_read_oddly_may_be_written_back(habitual: Client, take: Take):
    """A record goes back as it was read, whatever its words, and stays what it was."""
    [result] = habitual.grade("results", limit=1, filter="scoreStatus='exempt'").json()["results"]
    path = f"{GRADEBOOK}/results/{result['sourcedId']}"
    take("nulls", "native-booleans", "extended-values", "dates-for-moments", "relative-hrefs")
    odd = habitual.call("GET", path).json()
    assert odd["result"]["scoreStatus"] == "ext:excused"
    assert habitual.call("PUT", path, json=odd).status_code == 201
    habitual.control("DELETE", "profiles")
    kept = habitual.call("GET", path).json()["result"]
    assert kept == {**result, "dateLastModified": kept["dateLastModified"]}


# Which records there are.


@pytest.mark.parametrize(
    ("name", "collection", "types"),
    [("hidden-district", "orgs", {"school"}), ("hidden-terms", "academicSessions", None)],
)
@pytest.mark.parametrize("base", [ROSTERING, OLDER])
def test_some_are_hidden_and_referred_to(
    habitual: Client, take: Take, name: str, collection: str, types: set[str] | None, base: str
):
    """Nobody sees them, by key neither; what refers to them still does."""
    before = habitual.everything(collection, base=base)
    take(name)
    after = habitual.everything(collection, base=base)
    assert {each["type"] for each in after} == (types or {"schoolYear", "gradingPeriod"})
    hidden = set(keys(before)) - set(keys(after))
    assert hidden & {each["parent"]["sourcedId"] for each in after if "parent" in each}
    path = f"{base}/{collection}/{min(hidden)}"
    assert habitual.call("GET", path).status_code == 404
    if name == "hidden-terms":
        [class_] = habitual.call("GET", f"{base}/classes", params={"limit": 1}).json()["classes"]
        assert class_["terms"][0]["sourcedId"] in hidden


@pytest.mark.parametrize("name", ["user-per-school", "user-per-role"])
@pytest.mark.parametrize("base", [ROSTERING, OLDER])
def test_a_person_is_several_users(habitual: Client, take: Take, name: str, base: str):
    """One for each school or role, by one identifier; enrollments point at the one of theirs."""
    whole = {user["identifier"]: user for user in habitual.everything("users")}
    seats = habitual.everything("enrollments", base=base)
    take(name)
    parts: dict[str, Records] = defaultdict(list)
    users = habitual.everything("users", base=base)
    for user in users:
        parts[user["identifier"]].append(user)
    assert len(set(keys(users))) == len(users) > len(whole)
    assert set(parts) == set(whole)
    for identifier, some in parts.items():
        roles = whole[identifier]["roles"]
        field = "role" if name == "user-per-role" else "org"
        each = {str(role[field]) for role in roles}
        assert len(some) == len(each)
        assert whole[identifier]["sourcedId"] in keys(some)
    here = {user["sourcedId"]: user for user in users}
    for before, seat in zip(seats, habitual.everything("enrollments", base=base), strict=True):
        user = here[seat["user"]["sourcedId"]]
        assert user["identifier"] in parts
        assert seat["user"]["href"].endswith(seat["user"]["sourcedId"])
        assert seat["user"]["sourcedId"].startswith(before["user"]["sourcedId"])
        if base == OLDER:
            assert user["role"] == seat["role"]
            assert seat["school"]["sourcedId"] in keys(user["orgs"])


def test_the_parts_of_a_person_have_their_classes(habitual: Client, take: Take):
    """Who is a teacher and a parent is a teacher once, and is found by the key told."""
    take("user-per-role")
    teachers = habitual.everything("teachers", base=OLDER)
    assert {user["role"] for user in teachers} == {"teacher"}
    people = Counter(user["identifier"] for user in habitual.everything("users", base=OLDER))
    doubled = [user for user in teachers if people[user["identifier"]] > 1]
    assert doubled
    [parent] = habitual.everything(
        "users", base=OLDER, filter=f"identifier='{doubled[0]['identifier']}' AND role!='teacher'"
    )
    assert habitual.older(f"teachers/{doubled[0]['sourcedId']}/classes").json()["classes"]
    assert habitual.older(f"users/{parent['sourcedId']}/classes").status_code == 200
    assert habitual.older(f"users/{parent['sourcedId']}").json()["user"] == parent


def test_students_are_issued_again(habitual: Client, take: Take):
    """Some have another sourcedId everywhere, and are who they were."""
    before = {user["identifier"]: user for user in habitual.everything("students")}
    take("reissued-students")
    after = {user["identifier"]: user for user in habitual.everything("students")}
    anew = {
        before[number]["sourcedId"]: user["sourcedId"]
        for number, user in after.items()
        if user["sourcedId"] != before[number]["sourcedId"]
    }
    assert 3 <= len(anew) <= 15
    for name in ("users", "enrollments", "demographics"):
        text = habitual.roster(name, limit=10_000).text
        assert not [old for old in anew if f'"{old}"' in text]
        assert all(f'"{new}"' in text for new in anew.values())
    text = habitual.grade("results", limit=10_000).text
    assert not [old for old in anew if f'"{old}"' in text]


def test_usernames_are_empty_and_emails_shared(habitual: Client, take: Take):
    """Students and families share the empty username, siblings an email."""
    take("empty-usernames", "shared-emails")
    students = habitual.everything("students")
    assert {user["username"] for user in students} == {""}
    assert max(Counter(user["email"] for user in students).values()) > 1
    assert all(user["username"] for user in habitual.everything("teachers", base=OLDER))


def test_resources_are_named(habitual: Client, take: Take):
    """A class, its course and its teacher refer to the resources that they use."""
    take("named-resources")
    resources = set(keys(habitual.everything("resources", base=RESOURCES)))
    for name in ("classes", "courses"):
        for each in habitual.everything(name):
            assert {used["sourcedId"] for used in each["resources"]} <= resources
    assert any("resources" in user for user in habitual.everything("teachers"))


def test_tombstones_are_cleared_away_at_once(habitual: Client, take: Take):
    """Who left is not there any more, in lists and by key."""
    left = habitual.everything("users", filter="status='tobedeleted'")
    assert left
    take("purges-early")
    assert {user["status"] for user in habitual.everything("users")} == {"active"}
    assert habitual.roster(f"users/{left[0]['sourcedId']}").status_code == 404


def test_dates_stay_when_records_change(own: Client):
    """A school day leaves dateLastModified alone, so that asking for changes finds none."""
    assert own.control("POST", "profiles", json={"name": "frozen-dates"}).status_code == 200
    before = {user["sourcedId"]: user for user in own.everything("users")}
    at = own.pass_day(renames=5)["at"]
    after = {user["sourcedId"]: user for user in own.everything("users")}
    changed = [key for key in before if before[key] != after.get(key)]
    assert len(changed) >= 5
    assert all(before[key]["dateLastModified"] == after[key]["dateLastModified"] for key in changed)
    assert own.everything("users", filter=f"dateLastModified>='{at}'") == []


def test_a_clock_may_be_ahead(habitual: Client, take: Take):
    """Every moment is two minutes later, for filters too."""
    [latest] = habitual.roster("users", sort="dateLastModified", orderBy="desc", limit=1).json()[
        "users"
    ]
    take("fast-clock")
    since = f"dateLastModified>'{latest['dateLastModified']}'"
    assert latest["sourcedId"] in keys(habitual.everything("users", filter=since))


# How lists are answered.


def test_the_total_is_x_count(habitual: Client, take: Take):
    """There is neither X-Total-Count nor Link."""
    take("x-count")
    answer = habitual.roster("users", limit=5)
    assert int(answer.headers["x-count"]) > 600
    assert not {"X-Total-Count", "Link"} & answer.headers.keys()


def test_a_bound_is_left_out(habitual: Client, take: Take):
    """>= finds what > finds."""
    [user] = habitual.roster("users", limit=1).json()["users"]
    since = f"dateLastModified>='{user['dateLastModified']}'"
    assert user["sourcedId"] in keys(habitual.everything("users", filter=since))
    take("excludes-the-bound")
    assert user["sourcedId"] not in keys(habitual.everything("users", filter=since))


def test_five_are_answered_at_a_time(habitual: Client, take: Take):
    """Of twenty requests at once some are refused for a second; one after another all go."""
    take("five-at-once")
    url = f"{habitual.ready['base_url']}{ROSTERING}/orgs"

    def ask(_: int) -> requests.Response:
        return requests.get(url, headers=habitual.bearer, timeout=20)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(20)))
    assert {answer.status_code for answer in answers} == {200, 429}
    assert {a.headers["Retry-After"] for a in answers if a.status_code == 429} == {"1"}
    assert {ask(0).status_code for _ in range(3)} == {200}


@pytest.mark.parametrize(
    ("name", "query", "expected"),
    [
        ("clamps", {"limit": 5000}, (200, 500)),
        ("no-filters", {"filter": "status='active'"}, (500, None)),
        ("no-sorting", {"sort": "familyName"}, (400, None)),
    ],
)
def test_some_faults_are_there_to_stay(
    habitual: Client, take: Take, name: str, query: dict[str, Any], expected: tuple[int, int | None]
):
    """A habit that is a fault goes on when all faults are switched off."""
    take(name)
    assert habitual.control("DELETE", "faults").status_code == 200
    for _ in range(2):
        answer = habitual.roster("users", **query)
        found = len(answer.json()["users"]) if answer.status_code == 200 else None
        assert (answer.status_code, found) == expected


def test_a_fault_passes_where_a_habit_is_the_same(habitual: Client, take: Take):
    """A fault that is told of a habit's kind goes first, and the habit is there after it."""
    take("clamps")
    fault = {"name": "clamped-limit", "value": 7, "times": 1}
    assert habitual.control("POST", "faults", json=fault).status_code == 200
    sizes = [len(habitual.roster("users", limit=900).json()["users"]) for _ in range(2)]
    assert sizes == [7, 500]


def test_totals_and_orders_may_be_missing(habitual: Client, take: Take):
    """No totals, an order of change alone, or another for each page."""
    take("no-totals", "sorts-by-change")
    answer = habitual.roster("users", limit=700, sort="sourcedId")
    assert "X-Total-Count" not in answer.headers
    moments = [user["dateLastModified"] for user in answer.json()["users"]]
    assert moments == sorted(moments)
    habitual.control("DELETE", "profiles")
    take("loses-while-paging")
    pages = [habitual.roster("users", limit=100, offset=at).json()["users"] for at in (0, 100, 200)]
    found = [key for page in pages for key in keys(page)]
    assert len(set(found)) < len(found)


# How it refuses, and is written to.


def test_errors_have_four_shapes(habitual: Client, take: Take):
    """Each is JSON or a page of its own, for refusals and for unknown addresses."""
    shapes = {"": "imsx_codeMajor", "flat-errors": "statusInfoSet", "worded-errors": "error"}
    for name, field in shapes.items():
        if name:
            take(name)
        for path in ("users/nobody", "shoes"):
            answer = habitual.roster(path)
            assert answer.status_code == 404
            assert field in answer.json()
        habitual.control("DELETE", "profiles")
    take("page-errors")
    answer = habitual.roster("users/<b>")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "&lt;b&gt;" in answer.text


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("puts-answer-200", (200, 200, 204)),
        ("puts-new-404", (404, None, 404)),
        ("deletes-answer-200", (201, 201, 200)),
        ("no-deletes", (201, 201, 405)),
        ("no-category-writes", (405, None, 404)),
    ],
)
@pytest.mark.parametrize("base", [GRADEBOOK, OLDER])
def test_writes_are_answered_otherwise(
    habitual: Client, take: Take, name: str, statuses: tuple[int, int | None, int], base: str
):
    """A new record, the same again, and its end have the statuses of the habit."""
    take(name)
    path = f"{base}/categories/mine"
    put = [habitual.call("PUT", path, json=category()).status_code for _ in range(2)]
    assert put == [statuses[0], statuses[1] or statuses[0]]
    assert habitual.call("DELETE", path).status_code == statuses[2]
    habitual.control("DELETE", "profiles")
    habitual.call("DELETE", path)


def test_a_record_that_is_there_is_put(habitual: Client, take: Take):
    """Where new ones are 404, one that is there is changed."""
    take("puts-new-404")
    [there] = habitual.grade("categories", limit=1).json()["categories"]
    path = f"{GRADEBOOK}/categories/{there['sourcedId']}"
    assert habitual.call("PUT", path, json={"category": there}).status_code == 201


@pytest.mark.parametrize("base", [GRADEBOOK, OLDER])
def test_fully_graded_is_refused(habitual: Client, take: Take, base: str):
    """Another status of the same result is taken."""
    path = f"{base}/results"
    query = {"limit": 1, "filter": "scoreStatus='fully graded'"}
    [result] = habitual.call("GET", path, params=query).json()["results"]
    take("no-fully-graded")
    for status, answer in (("fully graded", 422), ("submitted", 201)):
        body = {"result": {**result, "scoreStatus": status}}
        url = f"{path}/{result['sourcedId']}"
        assert habitual.call("PUT", url, json=body).status_code == answer


@pytest.mark.parametrize("base", [GRADEBOOK, OLDER])
def test_the_gradebook_is_not_listed_by_class(habitual: Client, take: Take, base: str):
    """The whole collections are there, and those of a class an unknown address."""
    [item] = habitual.call("GET", f"{base}/lineItems", params={"limit": 1}).json()["lineItems"]
    path = f"{base}/classes/{item['class']['sourcedId']}/lineItems"
    assert habitual.call("GET", path).status_code == 200
    take("not-by-class")
    assert habitual.call("GET", path).status_code == 404
    assert habitual.call("GET", f"{base}/lineItems").status_code == 200
