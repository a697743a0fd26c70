"""Records joined of several resources, followed through windows of changes (SEMANTICS A5, A6, D3).

The measure is always the same: what somebody knows who read once and then only changes is what
somebody is told who reads everything now.
"""

from typing import Any

import pytest

from app.connectors.contract import Gone, Row
from app.errors import AuthError
from tests.connectors.edfi.follower import Follower, add, change, contact, following, id_of, remove
from tests.practice.edfi.client import serving
from tests.practice.edfi.small_district import (
    HIGH,
    MIDDLE,
    YEAR,
    at_school,
    descriptor,
    documents,
    seat,
    section_reference,
    student,
)

CLASS = f"sections/ALG-1|{HIGH}|{YEAR}|ALG-{HIGH}|Fall"


def places(follower: Follower, key: str) -> list[str]:
    """The organizations where somebody has a role."""
    told = follower.entities["users"].value(key, "roles")
    return [role[1] for role in told]


# -- joins --


def test_one_person_at_two_schools_is_one_user(both):
    """Two associations are two roles of one record (A5)."""
    follower, owner = both
    add(owner, "studentSchoolAssociations", at_school("s1", MIDDLE))
    users = follower.read("users")
    assert places(follower, "students/s1") == [str(HIGH), str(MIDDLE)]
    assert users.told.count("students/s1") == 1


def test_nobody_is_told_in_two_pages(both):
    """A whole read of a join tells each record once, and as many as the service states (C5)."""
    follower, _ = both
    follower.page_size = 2
    users = follower.read("users")
    assert len(users.told) == len(set(users.told)) == 5
    assert {page.total for page in users.pages} == {None, 5}
    assert users.doubts == []


def test_a_part_that_changes_tells_its_record_whole(both):
    """In a window one changed association is enough, and nobody else is told (A5)."""
    follower, owner = both
    follower.read("users")
    change(owner, "studentSchoolAssociations", {"studentUniqueId": "s2"}, primarySchool=True)
    add(owner, "studentSchoolAssociations", at_school("s2", MIDDLE))
    users = follower.read("users")
    assert users.told == ["students/s2"]
    assert places(follower, "students/s2") == [str(HIGH), str(MIDDLE)]
    follower.agrees("users")


def test_a_part_that_was_deleted_leaves_its_record(both):
    """A deleted association takes its role along, and ends nobody (A5, D3)."""
    follower, owner = both
    add(owner, "studentSchoolAssociations", at_school("s1", MIDDLE))
    follower.read("users")
    remove(owner, "studentSchoolAssociations", studentUniqueId="s1", schoolId=MIDDLE)
    users = follower.read("users")
    assert places(follower, "students/s1") == [str(HIGH)]
    assert users.ended == []
    follower.agrees("users")


def test_a_guardian_moves_schools_with_the_child(both):
    """A guardian's roles are where the children are, though nothing of the guardian changed."""
    follower, owner = both
    assert owner.data("POST", "studentContactAssociations", json=mother("s1")).status_code == 200
    follower.read("users")
    assert places(follower, "contacts/c1") == [str(HIGH)]
    add(owner, "studentSchoolAssociations", at_school("s1", MIDDLE))
    users = follower.read("users")
    assert places(follower, "contacts/c1") == [str(HIGH), str(MIDDLE)]
    assert users.told == ["contacts/c1", "students/s1"]
    follower.agrees("users")


def test_a_child_more_changes_guardian_and_child(both):
    """An association of two people tells both anew."""
    follower, owner = both
    assert owner.data("POST", "studentContactAssociations", json=mother("s1")).status_code == 200
    follower.read("users")
    add(owner, "studentContactAssociations", mother("s3"))
    users = follower.read("users")
    assert sorted(users.told) == ["contacts/c1", "students/s3"]
    assert places(follower, "contacts/c1") == [str(HIGH), str(MIDDLE)]
    remove(owner, "studentContactAssociations", studentUniqueId="s3", contactUniqueId="c1")
    follower.read("users")
    assert places(follower, "contacts/c1") == [str(HIGH)]
    follower.agrees("users")


def test_guardians_are_read_only_where_they_are_wanted(both):
    """Without them neither contacts nor relations are asked for, and nothing is said of them."""
    follower, _ = both
    with following({**follower_ready(follower)}, guardians="off") as (plain, _):
        users = plain.read("users")
        assert not any(key.startswith("contacts/") for key in users.rows)
        assert "Contact" not in users.pages[0].scope


MOTHER = {
    "contactReference": {"contactUniqueId": "c1"},
    "relationDescriptor": descriptor("Relation", "Mother"),
}


def mother(key: str) -> dict[str, Any]:
    """The contact of the district is the mother of a student."""
    return {**MOTHER, "studentReference": {"studentUniqueId": key}}


def follower_ready(follower: Follower) -> dict[str, Any]:
    """What a second follower of the same service needs."""
    clients = {"district": {"key": follower.settings.key, "secret": follower.secret}}
    return {"edfi_url": follower.settings.base_url, "edfi_clients": clients}


def test_an_offering_that_changes_tells_its_sections(both):
    """Sections share an offering: what it says is told of each, and of no others."""
    follower, owner = both
    follower.read("classes")
    change(
        owner,
        "courseOfferings",
        {"localCourseCode": "ALG-1", "schoolId": HIGH},
        localCourseTitle="Algebra I Honors",
    )
    classes = follower.read("classes")
    assert classes.told == [CLASS]
    assert classes.value(CLASS, "title") == "Algebra I Honors"
    follower.agrees("classes")


def test_a_section_moves_to_another_offering(both):
    """Another offering is another natural key: the record is the same, and is told anew (A6)."""
    follower, owner = both
    follower.read("classes")
    offering = section_reference()
    del offering["sectionIdentifier"]
    add(
        owner,
        "courseOfferings",
        {
            "localCourseCode": "ALG-2",
            "localCourseTitle": "Algebra II",
            "schoolReference": {"schoolId": HIGH},
            "sessionReference": {
                name: offering[name] for name in ("schoolId", "schoolYear", "sessionName")
            },
            "courseReference": {"courseCode": "ALG-1", "educationOrganizationId": 255901},
        },
    )
    change(
        owner,
        "sections",
        {"sectionIdentifier": f"ALG-{HIGH}"},
        courseOfferingReference={**offering, "localCourseCode": "ALG-2"},
    )
    classes = follower.read("classes")
    moved = CLASS.replace("ALG-1|", "ALG-2|", 1)
    assert classes.made == []
    assert classes.value(moved, "title") == "Algebra II"
    assert CLASS not in classes.rows
    follower.agrees("classes")


# -- what ends --


def test_a_deleted_record_ends(both):
    """``/deletes`` names the id that is known (D3)."""
    follower, owner = both
    for entity in ("enrollments", "classes", "users"):
        follower.read(entity)
    add(owner, "contacts", contact("c9"))
    follower.read("users")
    remove(owner, "contacts", contactUniqueId="c9")
    remove(owner, "studentSectionAssociations", studentUniqueId="s2")
    assert follower.read("users").ended == ["contacts/c9"]
    [ended] = follower.read("enrollments").ended
    assert ended.endswith("|s2")
    follower.agrees("users")
    follower.agrees("enrollments")


def test_a_person_who_goes_with_all_that_was_theirs_ends(both):
    """The parts are deleted in the same window, and are read after the person (D3)."""
    follower, owner = both
    follower.read("users")
    gone = id_of(owner, "students", studentUniqueId="s1")
    for resource in (
        "studentSectionAssociations",
        "studentContactAssociations",
        "studentSchoolAssociations",
    ):
        remove(owner, resource, studentUniqueId="s1")
    assert owner.data("DELETE", f"students/{gone}").status_code == 204
    assert follower.read("users").ended == ["students/s1"]
    follower.agrees("users")


@pytest.mark.parametrize(
    ("entity", "resource", "query", "document"),
    [
        ("users", "contacts", {"contactUniqueId": "c9"}, contact("c9")),
        ("enrollments", "studentSectionAssociations", {"studentUniqueId": "s2"}, seat("s2")),
    ],
)
def test_deleted_and_made_again_is_not_ended(both, entity, resource, query, document):
    """Of the same natural key in one window, under another id (D3)."""
    follower, owner = both
    if entity == "users":
        add(owner, resource, document)
    follower.read(entity)
    remove(owner, resource, **query)
    add(owner, resource, document)
    told = follower.read(entity)
    assert (told.ended, told.made) == ([], [])
    assert not any(page.tombstones for page in told.pages)
    follower.agrees(entity)


def test_made_and_deleted_in_one_window_is_never_told(both):
    """Nobody knew it."""
    follower, owner = both
    follower.read("users")
    add(owner, "contacts", contact("c9"))
    remove(owner, "contacts", contactUniqueId="c9")
    told = follower.read("users")
    assert (told.told, told.ended) == ([], [])


def test_an_old_service_that_tells_only_ids_ends_records():
    """Up to 5.3 ``/deletes`` has no natural keys: the shelf knows what had the id (D3)."""
    with serving(documents()) as ready, following(ready) as (who, owner):
        owner.switch_on("api-5.3")
        for entity in ("users", "enrollments"):
            who.read(entity)
        remove(owner, "studentSectionAssociations", studentUniqueId="s2")
        [ended] = who.read("enrollments").ended
        assert ended.endswith("|s2")
        assert who.read("users").ended == []
        who.agrees("enrollments")


def test_silent_absence_ends_nobody(both):
    """Whoever a window leaves out in silence stays as they are (D3)."""
    follower, owner = both
    follower.read("users")
    key = {"studentUniqueId": "s2"}
    owner.control("POST", "hide", json={"resource": "students", "key": key})
    told = follower.read("users")
    assert (told.ended, told.told) == ([], [])
    assert "students/s2" in told.rows


# -- one record --


def test_a_record_is_read_by_its_key(both):
    """With all that belongs to it, as a pull tells it (DESIGN §5)."""
    follower, owner = both
    add(owner, "studentSchoolAssociations", at_school("s1", MIDDLE))
    users = follower.read("users")
    for key in ("contacts/c1", "students/s1", "staffs/t1"):
        found = follower.fetch("users", key)
        assert isinstance(found, Row)
        assert found == users.rows[key]


@pytest.mark.parametrize("key", ["students/nobody", "students/s1|s2", "sections/x", "", "s1"])
def test_what_is_not_there_is_gone(both, key):
    """A key that no document has, or that is none at all."""
    follower, _ = both
    assert follower.fetch("users", key) is Gone.NOT_FOUND


def test_what_is_hidden_is_not_gone():
    """Whoever a whole read misses and the key may not read is there nevertheless (D1)."""
    with serving(documents()) as ready, following(ready) as (who, owner):
        owner.switch_on("ended-hides")
        who.read("users")
        change(
            owner,
            "studentSchoolAssociations",
            {"studentUniqueId": "s2"},
            exitWithdrawDate="2025-09-30",
        )
        assert "students/s2" in who.read("users", whole=True).told
        # Another program that looks later knows it, too.
        with pytest.raises(AuthError, match="edfi_forbidden"):
            who.fetch("users", "students/s2")


# -- whoever sees a part --


def test_a_narrower_key_takes_nothing_from_records():
    """What the key may no longer read is kept, as long as the wider scope did not lose it (D2)."""
    with serving(documents()) as ready, following(ready) as (who, owner):
        add(owner, "studentSchoolAssociations", at_school("s1", MIDDLE))
        wide = who.read("users")
        with following(ready, "school") as (narrow, _):
            narrow.entities["users"] = wide
            told = narrow.read("users", whole=True)
            assert "students/s3" not in told.told
            assert set(places(narrow, "students/s1")) == {str(HIGH), str(MIDDLE)}


def test_a_part_that_may_not_be_read_is_left_unsaid():
    """What nobody may read is neither told nor taken for gone (A2)."""
    with serving(documents()) as ready, following(ready) as (who, owner):
        who.read("users")
        owner.switch_on("forbidden", resource="studentSchoolAssociations")
        told = who.read("users", whole=True)
        notes = {note.code for page in told.pages for note in page.notes}
        assert notes == {"edfi_left_out"}
        assert str(who.entities["users"].value("students/s1", "roles")) == "UNSAID"


def test_a_part_that_may_be_read_again_is_told_by_a_whole_read(both):
    """Its changes alone would tell too little: until then nothing is said of it (A2)."""
    follower, owner = both
    owner.switch_on("forbidden", resource="studentSchoolAssociations")
    follower.read("users")
    owner.switch_off()
    add(owner, "studentSchoolAssociations", at_school("s1", MIDDLE))
    change(owner, "students", {"studentUniqueId": "s1"}, firstName="Anna")
    users = follower.read("users")
    assert users.value("students/s1", "given_name") == "Anna"
    assert str(users.value("students/s1", "roles")) == "UNSAID"
    follower.read("users", whole=True)
    assert places(follower, "students/s1") == [str(HIGH), str(MIDDLE)]


def test_who_comes_into_reach_is_told_whole():
    """Made in an earlier window and seen from the association on: no window has the student."""
    with serving(documents()) as ready, following(ready) as (who, owner):
        add(owner, "students", student("s9"))
        who.read("users")
        assert "students/s9" not in who.entities["users"].rows
        add(owner, "studentSchoolAssociations", at_school("s9"))
        assert who.read("users").made == ["students/s9"]
        assert places(who, "students/s9") == [str(HIGH)]
        who.agrees("users")
