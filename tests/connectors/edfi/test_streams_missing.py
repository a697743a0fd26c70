"""What a whole reading misses is a candidate and no more, be it a part of what (SEMANTICS D1)."""

from typing import Any

import pytest

from app.connectors.conformance import run
from app.connectors.contract import Doubt, Row
from app.connectors.edfi.streams import sweeping
from app.errors import AuthError, ContractError
from app.roster.values import UNSAID
from tests.connectors.edfi.follower import Followed, add, change, following, remove
from tests.practice.edfi.client import Client, serving
from tests.practice.edfi.small_district import (
    HIGH,
    MIDDLE,
    NAMED,
    SEAT,
    YEAR,
    at_school,
    documents,
    gradebook,
)

CLASS = f"sections/ALG-1|{HIGH}|{YEAR}|ALG-{HIGH}|Fall"
KEYS: dict[str, dict[str, Any]] = {
    "students": {"studentUniqueId": "s1"},
    "staffs": {"staffUniqueId": "t1"},
    "studentSchoolAssociations": {
        "entryDate": "2025-08-25",
        "schoolId": HIGH,
        "studentUniqueId": "s1",
    },
    "studentSectionAssociations": {
        "beginDate": "2025-08-25",
        "localCourseCode": "ALG-1",
        "schoolId": HIGH,
        "schoolYear": YEAR,
        "sectionIdentifier": f"ALG-{HIGH}",
        "sessionName": "Fall",
        "studentUniqueId": "s1",
    },
    "courseOfferings": {
        "localCourseCode": "ALG-1",
        "schoolId": HIGH,
        "schoolYear": YEAR,
        "sessionName": "Fall",
    },
    "sessions": {"schoolId": HIGH, "schoolYear": YEAR, "sessionName": "Fall"},
}


def hide(owner: Client, resource: str) -> None:
    """The key may see a document of the first student's no more."""
    told = owner.control("POST", "hide", json={"resource": resource, "key": KEYS[resource]})
    assert told.status_code == 200, told.text


def notes(one: Followed) -> list[Doubt]:
    """What the last pull told beside its rows."""
    return [note for page in one.pages for note in page.notes]


def withheld(owner: Client, resource: str, percent: int = 100) -> None:
    """From now on lists leave out documents of a resource, and count only the rest."""
    owner.switch_on("withheld-rows", resource=resource, value=percent)


# -- parts --


@pytest.mark.parametrize(
    ("entity", "resource"),
    [
        ("users", "studentSchoolAssociations"),
        ("users", "staffSchoolAssociations"),
        ("users", "studentContactAssociations"),
        ("users", "studentEducationOrganizationAssociations"),
        ("demographics", "studentEducationOrganizationAssociations"),
        ("classes", "courseOfferings"),
    ],
)
def test_a_list_that_leaves_parts_out_takes_nothing_away(both, entity, resource):
    """A part that is missing from its list, and is there when it is asked for, stays; nothing is
    proved by such a list (D1, C5)."""
    follower, owner = both
    add(owner, "staffSchoolAssociations", TEACHES)
    add(owner, "studentEducationOrganizationAssociations", FACTS)
    before = dict(follower.read(entity).rows)
    withheld(owner, resource)
    told = [[doubt.code for doubt in follower.read(entity, whole=True).doubts] for _ in range(3)]
    assert told == [[], ["row_still_there"], ["row_still_there"]]
    assert follower.entities[entity].rows == before


@pytest.mark.parametrize(
    ("entity", "resource"),
    [("users", "studentSchoolAssociations"), ("classes", "courseOfferings")],
)
def test_a_part_that_may_not_be_read_stands_as_it_was(both, entity, resource):
    """Refused by its id it is not gone: that is told once, and is no doubt (D1)."""
    follower, owner = both
    before = dict(follower.read(entity).rows)
    hide(owner, resource)
    first = follower.read(entity, whole=True)
    assert (first.rows, first.doubts) == (before, [])
    [note] = notes(first)
    assert (note.code, note.parameters["count"]) == ("edfi_kept_unseen", 1)
    again = follower.read(entity, whole=True)
    assert (again.rows, again.doubts, notes(again)) == (before, [], [])


def test_a_part_that_is_gone_goes(both):
    """Neither its key nor its id is there: the role ends, and nothing else does (A5)."""
    follower, owner = both
    add(owner, "studentSchoolAssociations", at_school("s1", MIDDLE))
    follower.read("users")
    remove(owner, "studentSchoolAssociations", studentUniqueId="s1", schoolId=MIDDLE)
    users = follower.read("users", whole=True)
    assert [role[1] for role in users.value("students/s1", "roles")] == [str(HIGH)]
    assert users.doubts == []
    follower.agrees("users")


def test_a_part_made_anew_is_no_doubt(both):
    """Deleted and made again: its old id is gone, though something has its key (D3)."""
    follower, owner = both
    follower.read("users")
    document = at_school("s3", MIDDLE)
    remove(owner, "studentSchoolAssociations", studentUniqueId="s3")
    add(owner, "studentSchoolAssociations", document)
    users = follower.read("users", whole=True)
    assert users.doubts == []
    follower.agrees("users")


def test_of_very_many_parts_the_rest_stands(both, monkeypatch):
    """So many are asked for in one reading; the others wait for the next ones (D1)."""
    monkeypatch.setattr(sweeping, "MOST", 1)
    follower, owner = both
    follower.read("users")
    for student, school in (("s1", HIGH), ("s3", MIDDLE)):
        remove(owner, "studentSectionAssociations", studentUniqueId=student)
        remove(owner, "studentSchoolAssociations", studentUniqueId=student, schoolId=school)
    left = []
    for _ in range(3):
        users = follower.read("users", whole=True)
        assert users.doubts == []
        roles = [users.value(f"students/{key}", "roles") for key in ("s1", "s2", "s3")]
        left.append((sum(map(bool, roles)), [note.code for note in notes(users)]))
    assert left == [(2, ["edfi_kept_unasked"]), (1, []), (1, [])]


def test_a_resource_that_answers_nothing_takes_no_roles_away(both):
    """An outage of one resource: an empty list, and nothing to be read by its id either."""
    follower, owner = both
    before = dict(follower.read("users").rows)
    owner.switch_on("no-rows", resource="studentSchoolAssociations")
    users = follower.read("users", whole=True)
    assert users.rows == before
    assert [note.code for note in notes(users)] == ["edfi_kept_unasked"]
    owner.switch_off()
    assert follower.read("users", whole=True).rows == before


def test_all_parts_of_a_sort_may_go(both):
    """Two whole readings that agree are believed, where each part is gone by its id (D1)."""
    follower, owner = both
    follower.read("users")
    remove(owner, "studentContactAssociations", studentUniqueId="s1")
    for _ in range(2):
        users = follower.read("users", whole=True)
        assert users.doubts == []
    assert not users.value("students/s1", "agents")
    follower.read("users", whole=True)
    follower.agrees("users")


def test_who_is_no_part_of_a_term_any_more_is_asked_for(both):
    """The session that a term goes by is hidden: the term goes by it all the same (A5, D1)."""
    follower, owner = both
    before = dict(follower.read("academic_sessions").rows)
    assert f"sessions/{HIGH}|{YEAR}|Fall" in before
    hide(owner, "sessions")
    terms = follower.read("academic_sessions", whole=True)
    assert (terms.rows, terms.doubts) == (before, [])
    assert not any(page.rekeys for page in terms.pages)


# -- records --


@pytest.mark.parametrize(
    ("entity", "resource", "key"),
    [
        ("users", "students", "students/s1"),
        ("users", "staffs", "staffs/t1"),
        (
            "enrollments",
            "studentSectionAssociations",
            f"studentSectionAssociations/2025-08-25|ALG-1|{HIGH}|{YEAR}|ALG-{HIGH}|Fall|s1",
        ),
    ],
)
def test_who_is_hidden_stands_quietly(both, entity, resource, key):
    """A record that the key may not read any more is no candidate day after day: it is told as it
    was, what it says included, or that it says nothing new (D1, A2)."""
    follower, owner = both
    before = dict(follower.read(entity).rows)
    hide(owner, resource)
    said = []
    for _ in range(3):
        told = follower.read(entity, whole=True)
        assert key in told.told
        assert told.doubts == []
        assert told.pages[-1].total is None
        said.append([note.code for note in notes(told)])
        row = told.rows[key]
        assert isinstance(row, Row)
        if entity == "users":
            assert row == before[key]
        else:
            assert set(row.patch) == {UNSAID}
    assert said == [["edfi_kept_unseen"], [], []]
    owner.control("POST", "show", json={})
    assert follower.read(entity, whole=True).rows == before


def test_a_member_of_staff_whose_last_place_has_gone_stands_quietly_without_it():
    """By it the key had seen them: their document is there still, and is refused. It was the only
    place there was, so that two whole readings have to agree about it (A5, D1)."""
    with serving(documents()) as ready, following(ready) as (who, owner):
        before = who.read("users").value("staffs/t1", "family_name")
        remove(owner, "staffEducationOrganizationAssignmentAssociations", staffUniqueId="t1")
        assert owner.list("staffs") == []
        said = []
        for _ in range(3):
            users = who.read("users", whole=True)
            assert (users.doubts, users.ended) == ([], [])
            assert users.value("staffs/t1", "family_name") == before
            told = [note.code for note in notes(users)]
            said.append((len(users.value("staffs/t1", "roles") or ()), told))
    assert said == [(1, ["edfi_kept_unseen", "edfi_kept_unasked"]), (0, []), (0, [])]


def test_whoever_is_hidden_and_deleted_ends(both):
    """Asked for with every whole reading, what is gone by now is not told."""
    follower, owner = both
    follower.read("enrollments")
    [key] = [key for key in follower.entities["enrollments"].rows if key.endswith("|s1")]
    hide(owner, "studentSectionAssociations")
    assert key in follower.read("enrollments", whole=True).told
    owner.control("POST", "show", json={})
    remove(owner, "studentSectionAssociations", studentUniqueId="s1")
    assert key not in follower.read("enrollments", whole=True).told


def test_records_that_a_list_leaves_out_are_no_proof(both):
    """Found by its key, one is enough to see that the list was not whole (D1)."""
    follower, owner = both
    follower.read("enrollments")
    withheld(owner, "studentSectionAssociations", 50)
    told = follower.read("enrollments", whole=True)
    assert [doubt.code for doubt in told.doubts] == ["row_still_there"]


def test_a_report_line_item_of_hidden_grades_is_not_gone():
    """No grade of it is listed, nor gone by its id: read by its key it is not to be read (D1)."""
    with serving([*documents(), *gradebook()]) as ready, following(ready) as (who, owner):
        one = who.read("line_items")
        [key] = [key for key in one.rows if key.startswith("grades/")]
        [grade] = owner.list("grades")
        told = {**PERIOD_OF_GRADE, "gradeTypeDescriptor": grade["gradeTypeDescriptor"]}
        owner.control("POST", "hide", json={"resource": "grades", "key": told})
        connector, one.pages = who.connector(), []
        run(connector.pull("line_items", None, one.shelf), who.transport, one.take)
        assert key not in one.told
        with pytest.raises(AuthError, match="edfi_forbidden"):
            who.fetch("line_items", key)


def test_a_resource_that_is_not_there_any_more_says_nothing_of_its_documents(both):
    """A 404 of the whole resource is not one of the document, also where it is asked for by its
    id (D1)."""
    follower, owner = both
    follower.read("enrollments")
    [key] = [key for key in follower.entities["enrollments"].rows if key.endswith("|s1")]
    hide(owner, "studentSectionAssociations")
    one, connector = follower.entities["enrollments"], follower.connector()
    run(connector.pull("enrollments", None, one.shelf), follower.transport, one.take)
    owner.switch_on("no-resource", resource="studentSectionAssociations")
    with pytest.raises(ContractError, match="edfi_no_resource"):
        follower.fetch("enrollments", key)
    with pytest.raises(ContractError, match="edfi_no_resource"):
        follower.read("enrollments", whole=True)


@pytest.mark.parametrize("whole", [False, True], ids=["window", "whole"])
def test_a_part_of_a_resource_that_is_not_there_any_more_stands(both, whole):
    """What told a part of the records answered before, and is a 404 now: nothing is said of it."""
    follower, owner = both
    follower.read("users")
    owner.switch_on("no-resource", resource="studentSchoolAssociations")
    change(owner, "students", {"studentUniqueId": "s1"}, firstName="Anna")
    users = follower.read("users", whole=whole)
    assert users.value("students/s1", "given_name") == "Anna"
    assert users.value("students/s1", "roles") is UNSAID
    assert users.ended == []


def test_a_key_that_loses_a_school_ends_nobody():
    """Without token_info nobody says so: what is out of reach is refused by its id (D2)."""
    with serving(documents()) as ready, following(ready) as (who, owner):
        owner.switch_on("no-token-info")
        before = {entity: dict(who.read(entity).rows) for entity in ("users", "classes")}
        with following(ready, "school") as (narrow, _):
            narrow.entities = who.entities
            for entity, rows in before.items():
                told = narrow.read(entity, whole=True)
                assert set(told.told) == set(rows)
                assert (told.rows, told.doubts) == (rows, [])


PERIOD_OF_GRADE = {
    **{name: SEAT[name] for name in SEAT},
    **NAMED,
    "gradingPeriodSchoolYear": YEAR,
}
TEACHES = {
    "schoolReference": {"schoolId": HIGH},
    "staffReference": {"staffUniqueId": "t1"},
    "programAssignmentDescriptor": "uri://ed-fi.org/ProgramAssignmentDescriptor#Regular Education",
}
FACTS = {
    "educationOrganizationReference": {"educationOrganizationId": HIGH},
    "studentReference": {"studentUniqueId": "s1"},
    "sexDescriptor": "uri://ed-fi.org/SexDescriptor#Female",
    "electronicMails": [
        {
            "electronicMailAddress": "s1@example.org",
            "electronicMailTypeDescriptor": "uri://ed-fi.org/ElectronicMailTypeDescriptor#Other",
        }
    ],
}
