"""Rostering reads over HTTP: paging, filters, orders, fields, parts and refusals."""

from email.utils import parsedate_to_datetime

import pytest

from tests.practice.client import ROSTERS, Client


@pytest.mark.parametrize("name", ROSTERS)
@pytest.mark.parametrize("limit", [7, 1000])
def test_paging_closes(reader: Client, name: str, limit: int):
    """Page after page gives every record once, sorted, as many as the total says."""
    if limit == 7 and name in ("users", "enrollments"):
        limit = 97
    answer = reader.roster(name, limit=1)
    keys = [record["sourcedId"] for record in reader.everything(name, limit=limit)]
    assert keys == sorted(set(keys))
    assert len(keys) == int(answer.headers["X-Total-Count"]) == reader.ready["counts"][name]


def test_a_page_says_where_its_neighbours_are(reader: Client):
    """Link has next, prev, first and last, and keeps the rest of the query."""
    answer = reader.roster("users", limit=100, offset=200, sort="familyName")
    total = int(answer.headers["X-Total-Count"])
    offsets = {}
    for name, link in answer.links.items():
        assert "limit=100" in link["url"]
        assert "sort=familyName" in link["url"]
        offsets[name] = int(link["url"].split("offset=")[1].split("&")[0])
    last = (total - 1) // 100 * 100
    assert offsets == {"first": 0, "prev": 100, "next": 300, "last": last}


def test_limits(reader: Client):
    """100 records unless more are asked for; beyond the end is an empty page."""
    assert len(reader.roster("users").json()["users"]) == 100
    assert len(reader.roster("users", limit=400).json()["users"]) == 400
    beyond = reader.roster("users", offset=10**6)
    assert beyond.json() == {"users": []}
    assert "next" not in beyond.links


def test_the_answer_says_when(reader: Client):
    """There is an HTTP Date, so a client can measure the difference of the clocks."""
    assert parsedate_to_datetime(reader.roster("orgs").headers["Date"]).tzinfo is not None


def test_since_gives_what_was_modified_since(reader: Client):
    """The bounds of dateLastModified choose exactly, each with and without its own moment."""
    everyone = reader.everything("users")
    moments = sorted(user["dateLastModified"] for user in everyone)
    low, high = moments[len(moments) // 3], moments[-20]
    for sign, passes in {
        ">=": lambda moment: moment >= low,
        ">": lambda moment: moment > low,
        "<=": lambda moment: moment <= low,
        "<": lambda moment: moment < low,
        "=": lambda moment: moment == low,
        "!=": lambda moment: moment != low,
    }.items():
        found = reader.everything("users", filter=f"dateLastModified{sign}'{low}'")
        assert found == [user for user in everyone if passes(user["dateLastModified"])], sign
    between = f"dateLastModified>'{low}' AND dateLastModified<='{high}'"
    found = reader.everything("users", filter=between)
    assert found == [user for user in everyone if low < user["dateLastModified"] <= high]


def test_since_takes_dates_and_zones(reader: Client):
    """A bare date is midnight in UTC, and an offset is taken into account."""
    wanted = reader.everything("users", filter="dateLastModified>='2026-02-01T00:00:00.000Z'")
    assert wanted
    for text in ("2026-02-01", "2026-02-01T00:00:00Z", "2026-01-31T19:00:00-05:00"):
        assert reader.everything("users", filter=f"dateLastModified>='{text}'") == wanted


def test_filters_join_and_or(reader: Client):
    """AND binds closer than OR, as everywhere."""
    text = "grades='03' AND enabledUser='true' OR roles.role='principal'"
    expected = [
        user
        for user in reader.everything("users")
        if (user.get("grades") == ["03"] and user["enabledUser"] == "true")
        or any(role["role"] == "principal" for role in user["roles"])
    ]
    assert expected
    assert reader.everything("users", filter=text) == expected


def test_contains_ignores_case(reader: Client):
    """~ finds a part of a value, in small letters or capitals."""
    everyone = reader.everything("users")
    expected = [user for user in everyone if "son" in user["familyName"].lower()]
    assert expected
    assert reader.everything("users", filter="familyName~'SON'") == expected


def test_an_apostrophe_needs_no_escape(reader: Client):
    """A name with an apostrophe can be asked for as it is."""
    everyone = reader.everything("users")
    name = next(u["familyName"] for u in everyone if "'" in u["familyName"])
    found = reader.everything("users", filter=f"familyName='{name}' AND status='active'")
    assert found == [user for user in everyone if user["familyName"] == name]


def test_sorting_is_stable_in_both_directions(reader: Client):
    """Sorted by a field that is not unique, pages still give every record once."""
    up = reader.everything("users", sort="familyName", limit=83)
    down = reader.everything("users", sort="familyName", orderBy="desc", limit=83)
    assert [u["familyName"] for u in up] == sorted(u["familyName"] for u in up)
    assert [u["familyName"] for u in down] == sorted((u["familyName"] for u in up), reverse=True)
    assert len({u["sourcedId"] for u in up}) == len({u["sourcedId"] for u in down}) == len(up)
    assert reader.everything("users", sort="sourcedId") == reader.everything("users")
    assert (
        reader.everything("users", sort="sourcedId", orderBy="desc")
        == reader.everything("users")[::-1]
    )


def test_fields_are_all_that_comes(reader: Client):
    """With `fields`, a record has those alone, in pages and single reads."""
    page = reader.roster("users", fields="sourcedId,givenName", limit=5).json()["users"]
    assert all(set(user) == {"sourcedId", "givenName"} for user in page)
    one = reader.roster(f"users/{page[0]['sourcedId']}", fields="givenName").json()
    assert one == {"user": {"givenName": page[0]["givenName"]}}


def test_every_record_can_be_read_by_its_sourced_id(reader: Client):
    """A single read gives the record of the page, in its own envelope."""
    for name in ROSTERS:
        [page] = reader.roster(name, limit=3).json().values()
        for record in page:
            answer = reader.roster(f"{name}/{record['sourcedId']}").json()
            assert list(answer.values()) == [record]


def test_schools_terms_and_people_are_parts(reader: Client):
    """schools, terms, gradingPeriods, students and teachers are what their names say."""
    parts = {
        "schools": ("orgs", lambda record: record["type"] == "school"),
        "terms": ("academicSessions", lambda r: r["type"] in ("term", "semester")),
        "gradingPeriods": ("academicSessions", lambda r: r["type"] == "gradingPeriod"),
        "students": ("users", lambda r: any(role["role"] == "student" for role in r["roles"])),
        "teachers": ("users", lambda r: any(role["role"] == "teacher" for role in r["roles"])),
    }
    for name, (whole, belongs) in parts.items():
        everything = reader.everything(whole)
        inside = [record for record in everything if belongs(record)]
        outside = [record for record in everything if not belongs(record)]
        assert inside
        assert reader.everything(name) == inside
        assert reader.roster(f"{name}/{inside[0]['sourcedId']}").status_code == 200
        assert reader.roster(f"{name}/{outside[0]['sourcedId']}").status_code == 404


def test_parts_of_schools_and_classes_follow_the_enrollments(reader: Client):
    """What a school, class, course, term or person has is what the whole collections say."""
    enrollments = reader.everything("enrollments")
    classes = reader.everything("classes")
    class_ = classes[0]
    school, key = class_["school"]["sourcedId"], class_["sourcedId"]
    seats = [e for e in enrollments if e["class"]["sourcedId"] == key]

    def keys(path: str) -> list[str]:
        return [record["sourcedId"] for record in reader.everything(path)]

    def users(role: str) -> list[str]:
        return sorted(e["user"]["sourcedId"] for e in seats if e["role"] == role)

    for prefix in ("", f"schools/{school}/"):
        assert keys(f"{prefix}classes/{key}/students") == users("student")
        assert keys(f"{prefix}classes/{key}/teachers") == users("teacher")
    assert reader.everything(f"schools/{school}/classes/{key}/enrollments") == seats
    of_school = [e for e in enrollments if e["school"]["sourcedId"] == school]
    assert reader.everything(f"schools/{school}/enrollments") == of_school
    there = [c for c in classes if c["school"]["sourcedId"] == school]
    assert reader.everything(f"schools/{school}/classes") == there
    courses = sorted({c["course"]["sourcedId"] for c in there})
    assert keys(f"schools/{school}/courses") == courses
    taught = [c for c in classes if c["course"]["sourcedId"] == courses[0]]
    assert reader.everything(f"courses/{courses[0]}/classes") == taught
    term = class_["terms"][0]["sourcedId"]
    meeting = [c for c in classes if term in [t["sourcedId"] for t in c["terms"]]]
    assert reader.everything(f"terms/{term}/classes") == meeting
    assert len(keys(f"terms/{term}/gradingPeriods")) == 4
    assert keys(f"schools/{school}/terms") == keys("terms")
    assert set(users("student")) <= set(keys(f"schools/{school}/students"))
    assert set(users("teacher")) <= set(keys(f"schools/{school}/teachers"))
    for role in ("student", "teacher"):
        person = users(role)[0]
        theirs = sorted(
            e["class"]["sourcedId"] for e in enrollments if e["user"]["sourcedId"] == person
        )
        assert keys(f"{role}s/{person}/classes") == theirs == keys(f"users/{person}/classes")


@pytest.mark.parametrize(
    ("query", "minor"),
    [
        ({"filter": "shoeSize='9'"}, "invalid_filter_field"),
        ({"filter": "familyName=Smith"}, "invalid_filter_field"),
        ({"filter": "familyName='Smith' XOR status='active'"}, "invalid_filter_field"),
        ({"filter": "dateLastModified>='yesterday'"}, "invalid_filter_field"),
        ({"fields": "givenName,shoeSize"}, "invalid_selection_field"),
        ({"sort": "shoeSize"}, "invalid_selection_field"),
        ({"orderBy": "sideways"}, "invaliddata"),
        ({"limit": "0"}, "invaliddata"),
        ({"limit": "many"}, "invaliddata"),
        ({"offset": "-1"}, "invaliddata"),
    ],
)
def test_a_query_that_makes_no_sense_is_400(reader: Client, query: dict[str, str], minor: str):
    """What cannot be understood is refused with the standard's code, never ignored."""
    answer = reader.roster("users", **query)
    assert answer.status_code == 400
    told = answer.json()
    assert told["imsx_codeMajor"] == "failure"
    assert told["imsx_severity"] == "error"
    [field] = told["imsx_CodeMinor"]["imsx_codeMinorField"]
    assert field["imsx_codeMinorFieldValue"] == minor


@pytest.mark.parametrize(
    "path",
    [
        "users/nobody",
        "classes/none/students",
        "schools/none/classes",
        "students/nobody/classes",
        "terms/never/classes",
        "courses/none/classes",
        "shoes",
    ],
)
def test_what_is_not_there_is_404(reader: Client, path: str):
    """An unknown sourcedId or address is the standard's unknown object."""
    answer = reader.roster(path)
    assert answer.status_code == 404
    [field] = answer.json()["imsx_CodeMinor"]["imsx_codeMinorField"]
    assert field["imsx_codeMinorFieldValue"] == "unknownobject"


def test_rostering_cannot_be_written(reader: Client):
    """Any write to rostering is 405, and Allow says what goes."""
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        answer = reader.call(method, "/ims/oneroster/rostering/v1p2/users", json={})
        assert answer.status_code == 405
        assert answer.json()["imsx_codeMajor"] == "unsupported"
        assert "GET" in answer.headers["Allow"]
