"""The gradebook over HTTP: reads, writes, and what is refused."""

from typing import Any

import pytest

from tests.practice.client import GRADEBOOK, Client

NOW = "2026-03-03T10:00:00Z"


def line_item(client: Client, key: str = "mine") -> dict[str, Any]:
    """A line item like one that is there, under another sourcedId."""
    [template] = client.grade("lineItems", limit=1).json()["lineItems"]
    return {**template, "sourcedId": key, "title": "Field trip report"}


def put(client: Client, path: str, body: dict[str, Any]) -> int:
    return client.call("PUT", f"{GRADEBOOK}/{path}", json=body).status_code


def test_the_gradebook_is_made_when_it_is_asked_for(own: Client):
    """Until then the facts have none; then it has all its collections."""
    assert own.control("GET", "facts").json()["gradebook"] is None
    assert own.everything("results", base=GRADEBOOK)
    book = own.control("GET", "facts").json()["gradebook"]
    assert set(book) == {
        *("categories", "lineItems", "results", "scoreScales"),
        *("assessmentLineItems", "assessmentResults"),
    }
    assert all(counts["live"] > 0 for counts in book.values())


def test_results_belong_to_students_of_the_class(reader: Client):
    """Each result is for a line item of a class in which its student sits."""
    [item] = reader.grade("lineItems", limit=1).json()["lineItems"]
    class_ = item["class"]["sourcedId"]
    students = {user["sourcedId"] for user in reader.everything(f"classes/{class_}/students")}
    results = reader.everything(f"classes/{class_}/results", base=GRADEBOOK)
    assert results
    assert {result["student"]["sourcedId"] for result in results} == students
    one = results[0]["student"]["sourcedId"]
    path = f"classes/{class_}/students/{one}/results"
    theirs = [r for r in results if r["student"]["sourcedId"] == one]
    assert reader.everything(path, base=GRADEBOOK) == theirs
    items = reader.everything(f"classes/{class_}/lineItems", base=GRADEBOOK)
    assert len(items) == 2
    of_items = [
        result
        for each in items
        for result in reader.everything(
            f"classes/{class_}/lineItems/{each['sourcedId']}/results", base=GRADEBOOK
        )
    ]
    assert sorted(r["sourcedId"] for r in of_items) == [r["sourcedId"] for r in results]
    used = {each["category"]["sourcedId"] for each in items}
    categories = reader.everything(f"classes/{class_}/categories", base=GRADEBOOK)
    assert {category["sourcedId"] for category in categories} == used


def test_score_scales_are_found_by_class_and_school(reader: Client):
    """A score scale is that of its class, and of the school of its class."""
    [scale] = reader.grade("scoreScales", limit=1).json()["scoreScales"]
    key = scale["class"]["sourcedId"]
    class_ = reader.roster(f"classes/{key}").json()["class"]
    assert reader.everything(f"classes/{key}/scoreScales", base=GRADEBOOK) == [scale]
    school = class_["school"]["sourcedId"]
    assert scale in reader.everything(f"schools/{school}/scoreScales", base=GRADEBOOK)


def test_what_is_put_is_read_back_and_deleted(own: Client):
    """A category: created, replaced, read, deleted, gone; the server says when."""
    body = {
        "sourcedId": "mine",
        "status": "active",
        "dateLastModified": NOW,
        "title": "Effort",
        "weight": 5.5,
        "metadata": {"ours": [1, 2]},
    }
    assert put(own, "categories/mine", {"category": body}) == 201
    first = own.grade("categories/mine").json()["category"]
    assert {**first, "dateLastModified": NOW} == body
    assert first["dateLastModified"] > NOW
    assert put(own, "categories/mine", {"category": {**body, "title": "Zeal"}}) == 201
    second = own.grade("categories/mine").json()["category"]
    assert second["title"] == "Zeal"
    assert second["dateLastModified"] > first["dateLastModified"]
    since = f"dateLastModified>'{first['dateLastModified']}'"
    assert own.everything("categories", base=GRADEBOOK, filter=since) == [second]
    for status in (204, 404):
        answer = own.call("DELETE", f"{GRADEBOOK}/categories/mine")
        assert answer.status_code == status
    assert own.grade("categories/mine").status_code == 404


def test_a_score_scale_can_be_put(own: Client):
    """Score scales are written like the others."""
    [scale] = own.grade("scoreScales", limit=1).json()["scoreScales"]
    scale.update(sourcedId="mine", title="Pass or not")
    assert put(own, "scoreScales/mine", {"scoreScale": scale}) == 201
    kept = own.grade("scoreScales/mine").json()["scoreScale"]
    assert {**kept, "dateLastModified": ""} == {**scale, "dateLastModified": ""}


def test_posted_line_items_get_keys_of_the_server(own: Client):
    """POST answers with pairs, in order, and the records stand under the allotted keys."""
    items = [line_item(own, "tmp-1"), line_item(own, "tmp-2")]
    for path in (
        f"classes/{items[0]['class']['sourcedId']}/lineItems",
        f"schools/{items[0]['school']['sourcedId']}/lineItems",
    ):
        answer = own.call("POST", f"{GRADEBOOK}/{path}", json={"lineItems": items})
        assert answer.status_code == 201
        pairs = answer.json()["sourcedIdPairs"]
        assert [pair["suppliedSourcedId"] for pair in pairs] == ["tmp-1", "tmp-2"]
        for pair in pairs:
            key = pair["allocatedSourcedId"]
            kept = own.grade(f"lineItems/{key}").json()["lineItem"]
            assert (kept["sourcedId"], kept["title"]) == (key, "Field trip report")
        assert own.grade("lineItems/tmp-1").status_code == 404


def test_posted_results_stand_under_their_line_item(own: Client):
    """Results go by line item, or by class and academic session; they end with the line item."""
    item = line_item(own)
    class_ = item["class"]["sourcedId"]
    assert put(own, "lineItems/mine", {"lineItem": item}) == 201
    student = own.everything(f"classes/{class_}/students")[0]
    [template] = own.grade("results", limit=1).json()["results"]
    result = {
        **{k: template[k] for k in ("sourcedId", "status", "dateLastModified", "scoreDate")},
        "lineItem": {**template["lineItem"], "sourcedId": "mine"},
        "student": {**template["student"], "sourcedId": student["sourcedId"]},
        "scoreStatus": "fully graded",
        "score": 1.0,
    }
    [session] = own.roster("academicSessions", limit=1).json()["academicSessions"]
    for path in (
        "lineItems/mine/results",
        f"classes/{class_}/academicSessions/{session['sourcedId']}/results",
    ):
        answer = own.call("POST", f"{GRADEBOOK}/{path}", json={"results": [result]})
        assert answer.status_code == 201, answer.text
    kept = own.everything(f"classes/{class_}/lineItems/mine/results", base=GRADEBOOK)
    assert len(kept) == 2
    assert own.call("DELETE", f"{GRADEBOOK}/lineItems/mine").status_code == 204
    for each in kept:
        assert own.grade(f"results/{each['sourcedId']}").status_code == 404


def test_a_category_in_use_is_not_deleted(own: Client):
    """What line items refer to stays until they are gone."""
    key = line_item(own)["category"]["sourcedId"]
    answer = own.call("DELETE", f"{GRADEBOOK}/categories/{key}")
    assert answer.status_code == 422
    [field] = answer.json()["imsx_CodeMinor"]["imsx_codeMinorField"]
    assert field["imsx_codeMinorFieldValue"] == "deletefailure"
    assert own.grade(f"categories/{key}").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"title": None},
        {"title": ""},
        {"status": "inactive"},
        {"dueDate": "soon"},
        {"shoeSize": 9},
        {"resultValueMin": 5, "resultValueMax": 1},
        {"class": {"href": "x", "sourcedId": "nowhere", "type": "class"}},
        {"class": {"href": "x", "sourcedId": "nowhere", "type": "org"}},
        {"category": {"sourcedId": "x", "type": "category"}},
        {"sourcedId": "another"},
    ],
)
def test_a_wrong_line_item_is_422(own: Client, change: dict[str, Any]):
    """What is not a line item of the document, or points nowhere, is refused and not kept."""
    body = {**line_item(own), **change}
    if body["title"] is None:
        del body["title"]
    answer = own.call("PUT", f"{GRADEBOOK}/lineItems/mine", json={"lineItem": body})
    assert answer.status_code == 422
    assert answer.json()["imsx_severity"] == "error"
    assert own.grade("lineItems/mine").status_code == 404


def test_one_wrong_record_keeps_all_from_being_posted(own: Client):
    """A POST is kept whole or not at all."""
    good, bad = line_item(own, "good"), {**line_item(own, "bad"), "status": "gone"}
    path = f"{GRADEBOOK}/classes/{good['class']['sourcedId']}/lineItems"
    before = own.everything("lineItems", base=GRADEBOOK)
    answer = own.call("POST", path, json={"lineItems": [good, bad]})
    assert answer.status_code == 422
    assert own.everything("lineItems", base=GRADEBOOK) == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "classes/nowhere/lineItems"),
        ("POST", "schools/nowhere/lineItems"),
        ("DELETE", "results/nothing"),
        ("GET", "classes/nowhere/results"),
    ],
)
def test_what_is_not_there_is_404(own: Client, method: str, path: str):
    """An unknown class, school or record is the standard's unknown object."""
    answer = own.call(method, f"{GRADEBOOK}/{path}", json={"lineItems": []})
    assert answer.status_code == 404
    assert "imsx_CodeMinor" in answer.json()


def test_a_score_outside_its_line_item_is_422(own: Client):
    """A score must lie between the line item's least and greatest value."""
    [result] = own.grade("results", limit=1).json()["results"]
    result.update(score=100_000, sourcedId="mine")
    assert put(own, "results/mine", {"result": result}) == 422
    result.update(score=0)
    assert put(own, "results/mine", {"result": result}) == 201


def test_a_body_that_is_no_json_is_400(own: Client):
    """Bytes that cannot be read are told apart from records that are wrong."""
    answer = own.call("PUT", f"{GRADEBOOK}/categories/x", data=b"{")
    assert answer.status_code == 400


def test_a_method_that_is_not_there_is_405(own: Client):
    """Allow names what an address takes."""
    answer = own.call("POST", f"{GRADEBOOK}/categories/x", json={})
    assert answer.status_code == 405
    allowed = {method.strip() for method in answer.headers["Allow"].split(",")}
    assert {"GET", "PUT", "DELETE"} <= allowed
