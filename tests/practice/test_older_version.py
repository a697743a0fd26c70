"""OneRoster 1.1 over the same district."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.practice.vocabulary import OLDER_KINDS
from tests.practice.client import GRADEBOOK, OLDER, ROSTERS, Client, speaking

SCOPE = "https://purl.imsglobal.org/spec/or/v1p1/scope/"
NOW = "2026-03-03T10:00:00Z"


def references(value: Any) -> Iterator[dict[str, str]]:
    """Every reference in a record."""
    if isinstance(value, dict):
        if "href" in value:
            yield value
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@pytest.mark.parametrize("name", [*OLDER_KINDS])
def test_a_record_has_the_fields_of_1_1(reader: Client, name: str):
    """Nothing that only 1.2 has is told, and references stay at the one address of 1.1."""
    records = reader.everything(name, base=OLDER)
    assert records
    assert set().union(*records) <= OLDER_KINDS[name].fields
    assert all(f"{OLDER}/" in each["href"] for each in references(records))


def test_it_is_the_same_district(reader: Client):
    """Both versions tell the same records in the same order."""
    for name in ROSTERS:
        keys = [record["sourcedId"] for record in reader.everything(name)]
        assert [record["sourcedId"] for record in reader.everything(name, base=OLDER)] == keys


def test_a_user_has_one_role_and_its_orgs(reader: Client):
    """1.1 has a role and orgs in the place of roles: the primary role, each org once."""
    words = {"student", "teacher", "parent", "guardian", "aide", "administrator"}
    older = {user["sourcedId"]: user for user in reader.everything("users", base=OLDER)}
    assert {user["role"] for user in older.values()} <= words
    for newer in reader.everything("users"):
        user = older[newer["sourcedId"]]
        assert user["enabledUser"] == newer["enabledUser"]
        orgs = dict.fromkeys(role["org"]["sourcedId"] for role in newer["roles"])
        assert [org["sourcedId"] for org in user["orgs"]] == list(orgs)


def test_the_parts_are_those_of_1_2(reader: Client):
    """Schools, terms, students, teachers and what belongs to a class are told as in 1.2."""
    [class_] = reader.older("classes", limit=1).json()["classes"]
    key, school = class_["sourcedId"], class_["school"]["sourcedId"]
    for path in (
        *("schools", "terms", "gradingPeriods", "students", "teachers"),
        *(f"classes/{key}/students", f"schools/{school}/classes/{key}/teachers"),
        *(f"schools/{school}/enrollments", f"terms/{class_['terms'][0]['sourcedId']}/classes"),
    ):
        keys = [record["sourcedId"] for record in reader.everything(path)]
        assert keys
        assert [record["sourcedId"] for record in reader.everything(path, base=OLDER)] == keys


def test_its_lists_are_filtered_sorted_and_paged(reader: Client):
    """limit, offset, sort, filter and fields hold for the fields of 1.1."""
    query = {"filter": "role='teacher'", "sort": "familyName", "fields": "familyName,role"}
    teachers = reader.everything("users", base=OLDER, limit=10, **query)
    assert len(teachers) > 10
    assert {user["role"] for user in teachers} == {"teacher"}
    names = [user["familyName"] for user in teachers]
    assert names == sorted(names)
    for wrong in ({"filter": "roles='x'"}, {"fields": "pronouns"}, {"sort": "primaryOrg"}):
        assert reader.older("users", **wrong).status_code == 400


def test_a_single_record_has_its_envelope(reader: Client):
    """A read by sourcedId gives the record of the list; what is not there is 404."""
    for name, kind in OLDER_KINDS.items():
        [record] = reader.older(name, limit=1).json()[name]
        assert reader.older(f"{name}/{record['sourcedId']}").json() == {kind.singular: record}
        assert reader.older(f"{name}/nothing").status_code == 404


def test_what_only_1_2_has_is_not_there(reader: Client):
    """Score scales, assessments and creating by POST are unknown to 1.1."""
    for path in ("scoreScales", "assessmentLineItems", "users/x/resources", "classes/x/categories"):
        assert reader.older(path).status_code == 404
    assert reader.call("POST", f"{OLDER}/classes/x/lineItems", json={}).status_code == 405


def test_it_has_scopes_of_its_own(unchanged_service: dict[str, Any]):
    """A token with scopes of the other version opens nothing."""
    with speaking(unchanged_service, f"{SCOPE}roster-core.readonly") as client:
        assert client.older("users").status_code == 200
        assert client.older("demographics").status_code == 403
        assert client.older("results").status_code == 403
        assert client.roster("users").status_code == 403
    newer = SCOPE.replace("v1p1", "v1p2")
    with speaking(unchanged_service, f"{newer}roster.readonly") as client:
        assert client.older("users").status_code == 403


def test_a_line_item_of_1_1_is_put_read_and_deleted(own: Client):
    """1.1 says less of a line item; what it cannot say is kept, or follows from the class."""
    [item] = own.older("lineItems", limit=1).json()["lineItems"]
    path, mine = f"{OLDER}/lineItems/{item['sourcedId']}", {**item, "title": "Field trip"}
    before = own.grade(f"lineItems/{item['sourcedId']}").json()["lineItem"]
    assert own.call("PUT", path, json={"lineItem": mine}).status_code == 201
    after = own.grade(f"lineItems/{item['sourcedId']}").json()["lineItem"]
    when = after["dateLastModified"]
    assert after == {**before, "title": "Field trip", "dateLastModified": when}
    told = own.older(f"lineItems/{item['sourcedId']}").json()["lineItem"]
    assert told == {**mine, "dateLastModified": when}
    mine["sourcedId"] = "mine"
    assert own.call("PUT", f"{OLDER}/lineItems/mine", json={"lineItem": mine}).status_code == 201
    kept = own.grade("lineItems/mine").json()["lineItem"]
    assert kept["school"] == before["school"]
    assert own.call("DELETE", f"{OLDER}/lineItems/mine").status_code == 204
    assert own.older("lineItems/mine").status_code == 404


def test_a_result_may_call_its_user_a_student(own: Client):
    """1.1 has several names for one kind of reference; a mark is kept, and 1.2 tells it too."""
    [result] = own.older("results", limit=1, filter="scoreStatus='fully graded'").json()["results"]
    result["student"]["type"] = "student"
    result.update(sourcedId="mine", score=1.5, comment="Again")
    assert own.call("PUT", f"{OLDER}/results/mine", json={"result": result}).status_code == 201
    kept = own.grade("results/mine").json()["result"]
    assert (kept["score"], kept["comment"], kept["student"]["type"]) == (1.5, "Again", "user")


@pytest.mark.parametrize(
    "change",
    [
        {"scoreScale": {"href": "x", "sourcedId": "x", "type": "scoreScale"}},
        {"gradingPeriod": None},
        {"class": {"href": "x", "sourcedId": "nowhere", "type": "class"}},
        {"class": "nowhere"},
        {"status": "gone"},
        {"category": {"href": "x", "sourcedId": [], "type": {}}},
    ],
)
def test_what_is_no_line_item_of_1_1_is_422(own: Client, change: dict[str, Any]):
    """A field of 1.2, a missing one or a reference to nothing is refused and not kept."""
    [item] = own.older("lineItems", limit=1).json()["lineItems"]
    body = {**item, **change, "sourcedId": "mine"}
    body = {name: said for name, said in body.items() if said is not None}
    assert own.call("PUT", f"{OLDER}/lineItems/mine", json={"lineItem": body}).status_code == 422
    assert own.older("lineItems/mine").status_code == 404


def test_a_school_day_is_told_in_both_versions(own: Client):
    """What changed since a moment is the same in 1.1, tombstones included."""
    own.everything("users", base=OLDER)
    at = own.pass_day(leavers=3)["at"]
    since = f"dateLastModified>='{at}'"
    newer = {user["sourcedId"]: user["status"] for user in own.everything("users", filter=since)}
    older = own.everything("users", base=OLDER, filter=since)
    assert {user["sourcedId"]: user["status"] for user in older} == newer
    assert "tobedeleted" in newer.values()
    assert own.everything("results", base=OLDER)
    assert own.everything("results", base=GRADEBOOK)
