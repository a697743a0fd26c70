"""Assessments with their results, and resources with whoever uses them."""

import pytest

from tests.practice.client import GRADEBOOK, OLDER, RESOURCES, Client, speaking

SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
NOW = "2026-03-03T10:00:00Z"
HREF = "https://sis.example/x"


def reference(type_: str, key: str) -> dict[str, str]:
    return {"href": HREF, "sourcedId": key, "type": type_}


def test_each_pupil_of_a_tested_grade_has_a_result(reader: Client):
    """The parts of a test are for grades; their results are of the pupils of these."""
    items = {
        item["sourcedId"]: item for item in reader.everything("assessmentLineItems", base=GRADEBOOK)
    }
    parts = {key: item for key, item in items.items() if "parentAssessmentLineItem" in item}
    assert all(item["parentAssessmentLineItem"]["sourcedId"] in items for item in parts.values())
    results = reader.everything("assessmentResults", base=GRADEBOOK)
    grades = {user["sourcedId"]: user["grades"] for user in reader.everything("students")}
    for result in results:
        item = parts[result["assessmentLineItem"]["sourcedId"]]
        [grade] = grades[result["student"]["sourcedId"]]
        assert item["title"].endswith(f"grade {int(grade)}")
        assert result["scoreStatus"] == "exempt" or 200 <= result["score"] <= 800
    tested = [
        key for key, said in grades.items() if said[0] in ("03", "04", "05", "06", "07", "08")
    ]
    assert len(results) == 2 * len(tested)


def test_assessments_are_put_and_deleted(own: Client):
    """A line item with a part, a result for it; what is used stays, results go with their item."""
    base = {"status": "active", "dateLastModified": NOW, "title": "Retake", "resultValueMax": 10.0}
    mine = {**base, "sourcedId": "mine"}
    parent = reference("assessmentLineItem", "mine")
    part = {**base, "sourcedId": "part", "parentAssessmentLineItem": parent}
    [student] = own.roster("students", limit=1).json()["users"]
    result = {
        "sourcedId": "mark",
        "status": "active",
        "dateLastModified": NOW,
        "assessmentLineItem": reference("assessmentLineItem", "part"),
        "student": reference("user", student["sourcedId"]),
        "scoreDate": "2026-03-03",
        "scoreStatus": "fully graded",
        "score": 9.0,
        "scorePercentile": 88.5,
    }

    def put(path: str, name: str, body: object) -> int:
        return own.call("PUT", f"{GRADEBOOK}/{path}", json={name: body}).status_code

    assert put("assessmentLineItems/part", "assessmentLineItem", part) == 422
    assert put("assessmentLineItems/mine", "assessmentLineItem", mine) == 201
    assert put("assessmentLineItems/part", "assessmentLineItem", part) == 201
    high = {**result, "score": 11.0}
    assert put("assessmentResults/mark", "assessmentResult", high) == 422
    assert put("assessmentResults/mark", "assessmentResult", result) == 201
    kept = own.grade("assessmentResults/mark").json()["assessmentResult"]
    assert {**kept, "dateLastModified": NOW} == result
    assert own.call("DELETE", f"{GRADEBOOK}/assessmentLineItems/mine").status_code == 422
    for path in ("assessmentLineItems/part", "assessmentLineItems/mine"):
        assert own.call("DELETE", f"{GRADEBOOK}/{path}").status_code == 204
    assert own.grade("assessmentResults/mark").status_code == 404


@pytest.mark.parametrize("name", ["assessment.readonly", "gradebook.readonly"])
def test_assessments_have_scopes_of_their_own(unchanged_service: dict[str, str], name: str):
    """Reading the gradebook does not read assessments, nor the other way round; neither writes."""
    with speaking(unchanged_service, f"{SCOPE}{name}") as client:
        assessed = client.grade("assessmentResults", limit=1).status_code
        marked = client.grade("results", limit=1).status_code
        assert (assessed, marked) == ((200, 403) if "assess" in name else (403, 200))
        for method in ("PUT", "DELETE"):
            answer = client.call(method, f"{GRADEBOOK}/assessmentResults/x", json={})
            assert answer.status_code == 403


def test_resources_are_used_by_courses_classes_and_users(reader: Client):
    """What a class uses is of its course; a teacher has the teacher edition of what is taught."""
    all_ = {each["sourcedId"]: each for each in reader.everything("resources", base=RESOURCES)}
    for class_ in reader.roster("classes", limit=20).json()["classes"]:
        course = class_["course"]["sourcedId"]
        has = reader.everything(f"courses/{course}/resources", base=RESOURCES)
        uses = reader.everything(f"classes/{class_['sourcedId']}/resources", base=RESOURCES)
        assert uses
        assert all(each in has for each in uses)
        assert all(all_[each["sourcedId"]] == each for each in has)
        [teacher, *_] = reader.everything(f"classes/{class_['sourcedId']}/teachers")
        own = reader.everything(f"users/{teacher['sourcedId']}/resources", base=RESOURCES)
        assert {each["sourcedId"] for each in own} & {each["sourcedId"] for each in has}
    of_class = f"classes/{class_['sourcedId']}/resources"
    assert reader.everything(of_class, base=OLDER) == uses


def test_a_student_may_have_a_resource_of_their_own(reader: Client):
    """A few students have a reader; nobody else has anything without teaching."""
    found = [
        reader.everything(f"users/{student['sourcedId']}/resources", base=RESOURCES)
        for student in reader.roster("students", limit=60).json()["users"]
    ]
    titles = {each["title"] for some in found for each in some}
    assert titles == {"Screen reader"}
    assert [] in found


def test_resources_are_read_by_key_and_cannot_be_written(reader: Client):
    """One by its sourcedId; an unknown one, or the resources of nothing, is 404; a write 405."""
    [one] = reader.call("GET", f"{RESOURCES}/resources", params={"limit": 1}).json()["resources"]
    path = f"{RESOURCES}/resources/{one['sourcedId']}"
    assert reader.call("GET", path).json() == {"resource": one}
    assert reader.call("PUT", path, json={}).status_code == 405
    for path in ("resources/x", "classes/x/resources", "courses/x/resources", "users/x/resources"):
        assert reader.call("GET", f"{RESOURCES}/{path}").status_code == 404


def test_core_reads_whole_collections_of_resources_only(unchanged_service: dict[str, str]):
    """resource-core does not reach the resources of this class and the like."""
    with speaking(unchanged_service, f"{SCOPE}resource-core.readonly") as client:
        assert client.call("GET", f"{RESOURCES}/resources").status_code == 200
        assert client.call("GET", f"{RESOURCES}/classes/x/resources").status_code == 403
