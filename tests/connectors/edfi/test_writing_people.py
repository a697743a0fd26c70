"""Students and contacts are written: each document read, changed and sent back (SEMANTICS F)."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.connectors.contract import Change, Outcome
from tests.connectors.edfi.desk import BIRTH, EVERYTHING, Desk, desk_at, open_district, said
from tests.connectors.edfi.follower import contact
from tests.practice.edfi.client import Client, serving, speaking
from tests.practice.edfi.small_district import (
    HIGH,
    MIDDLE,
    at_school,
    descriptor,
    documents,
    school_document,
    student,
)

MAIL, PHONE = "ElectronicMailType", "TelephoneNumberType"


@pytest.fixture(scope="module")
def sis() -> Iterator[Client]:
    with open_district() as somebody:
        yield somebody


@pytest.fixture
def desk(sis: Client) -> Iterator[Desk]:
    with desk_at(sis) as made:
        yield made


def role(
    school: int, begin: str | None = None, end: str | None = None, rank: str | None = "primary"
):
    return ("student", str(school), rank, begin, end)


def newcomer(key: str, **more: Any) -> Change:
    patch = {
        "given_name": "Zoë",
        "family_name": "Núñez",
        "identifier": key,
        "roles": (role(HIGH, "2025-09-01"),),
        "grades": ("09",),
        **more,
    }
    present = {name: value for name, value in patch.items() if value is not None}
    return Change("users", "create", f"ours-{key}", present, beside=BIRTH)


def facts(desk: Desk, key: str, **members: Any) -> None:
    """What the high school tells of a student."""
    desk.post(
        "studentEducationOrganizationAssociations",
        {
            "educationOrganizationReference": {"educationOrganizationId": HIGH},
            "studentReference": {"studentUniqueId": key},
            **members,
        },
    )


# -- making --


def test_a_new_student_is_made_with_their_school_and_all_that_is_known(desk: Desk):
    """Student, association with the school, what the school tells, and the guardian, in the order
    in which they refer to each other; the key is the natural one (F3, F4)."""
    told = {"email": "zoe@d.example", "agents": (("contacts/c1", "mother"),)}
    result = desk.push(newcomer("n1", **told))
    assert (result.outcome, result.key) == (Outcome.DONE, "students/n1")
    assert [path for _, path in desk.watched.writes] == [
        "students",
        "studentSchoolAssociations",
        "studentEducationOrganizationAssociations",
        "studentContactAssociations",
    ]
    row = said("users", result.row)
    assert {name: row[name] for name in ("given_name", "grades", *told)} == {
        "given_name": "Zoë",
        "grades": ("09",),
        **told,
    }


def test_a_student_has_the_birth_date_of_their_demographics(desk: Desk):
    """Ed-Fi has no student without one; it is told beside the change (``Change.beside``)."""
    desk.push(newcomer("n2"))
    assert desk.one("students", studentUniqueId="n2")["birthDate"] == "2010-05-05"


def test_without_demographics_no_student_is_made(desk: Desk):
    """Nothing is invented, and nothing sent that the settings keep back."""
    result = desk.push(newcomer("n3"), demographics="off")
    assert (result.outcome, result.words) == (Outcome.REFUSED, "edfi_birth_date_off")
    assert desk.watched.writes == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"identifier": None}, "edfi_no_unique_id"),
        ({"grades": None}, "edfi_push_blank"),
        ({"roles": (("teacher", str(HIGH), "primary", None, None),)}, "edfi_person_not_made"),
        ({"grades": ("09", "10")}, "edfi_push_odd"),
    ],
)
def test_what_ed_fi_cannot_have_is_refused_before_anything_is_sent(
    desk: Desk, more: dict[str, Any], words: str
):
    """In words that say what is missing (F5)."""
    result = desk.push(newcomer("n4", **more))
    assert (result.outcome, result.words.split(" ")[0]) == (Outcome.REFUSED, words)
    assert desk.watched.writes == []


def test_a_student_who_is_there_already_with_other_values_is_not_overwritten(desk: Desk):
    """A creation that finds the natural key taken is no creation: both sides are told (F2)."""
    desk.enrolled("n5")
    result = desk.push(newcomer("n5"))
    assert (result.outcome, result.key) == (Outcome.MOVED, "students/n5")
    assert said("users", result.row)["given_name"] == "Lisa"
    assert desk.watched.writes == []


def test_what_is_missing_of_a_student_who_is_there_is_filled_in(desk: Desk):
    """Equal values are nothing to write, blank ones yield (B3)."""
    desk.enrolled("n6")
    place = (role(HIGH, "2025-08-25"),)
    change = newcomer("n6", given_name="Lisa", family_name="Woods", roles=place, username="lisa")
    result = desk.push(change)
    assert result.outcome is Outcome.DONE
    assert desk.watched.writes == [("POST", "studentEducationOrganizationAssociations")]


def test_a_student_whom_nobody_has_yet_is_seen_once_a_school_of_ours_does(desk: Desk):
    """403 until the association is there: it is made, and what the student says by then is told
    and not overwritten (F2)."""
    desk.post("students", student("n7"))
    result = desk.push(newcomer("n7"))
    assert (result.outcome, result.key) == (Outcome.MOVED, "students/n7")
    assert said("users", result.row)["given_name"] == "Lisa"
    assert said("users", result.row)["roles"] == (role(HIGH, "2025-09-01"),)


@pytest.mark.parametrize("who", ["student", "parent"])
def test_a_key_of_one_school_makes_nobody(desk: Desk, who: str):
    """Somebody with that ID may be at another school, where the key does not see them: what is
    theirs is not written over, and the change waits (F2, F3)."""
    anybody = "students" if who == "student" else "contacts"
    elsewhere = {"student": student("k1"), "parent": contact("k1")}[who]
    desk.post(anybody, elsewhere)
    if who == "student":
        desk.post("studentSchoolAssociations", at_school("k1", MIDDLE))
        change = newcomer("k1")
    else:
        of = {"studentReference": {"studentUniqueId": "s3"}}
        desk.post(
            "studentContactAssociations", {"contactReference": {"contactUniqueId": "k1"}, **of}
        )
        patch = {"given_name": "Bo", "family_name": "Ray", "identifier": "k1"}
        roles = (("parent", str(HIGH), None, None, None),)
        agents = (("students/s2", "father"),)
        change = Change("users", "create", "ours", {**patch, "roles": roles, "agents": agents})
    before = desk.one(anybody, **{f"{anybody[:-1]}UniqueId": "k1"})
    result = desk.push(change, client="school")
    assert result.outcome is Outcome.WAITING_ON
    assert result.words.startswith("edfi_waits_for_reach ")
    assert desk.watched.writes == []
    assert desk.one(anybody, **{f"{anybody[:-1]}UniqueId": "k1"}) == before


def test_a_key_of_one_school_goes_on_writing_to_whom_it_sees(desk: Desk):
    """Found by the natural key, a student is there: what is missing of them is sent."""
    desk.enrolled("k2")
    change = Change("users", "update", "students/k2", {"given_name": "Liz"}, {"given_name": "Lisa"})
    assert desk.push(change, client="school").outcome is Outcome.DONE


def test_a_key_of_all_schools_of_a_district_sees_it():
    """No organization is the district, and yet nobody of it is out of sight."""
    one_school = [(name, one) for name, one in documents() if str(MIDDLE) not in str(one)]
    students = [one for one in one_school if "'s3'" not in str(one)]
    with serving(students) as ready, speaking(ready) as owner, desk_at(owner) as desk:
        assert desk.push(newcomer("k3"), client="school").outcome is Outcome.DONE


# -- failing on the way --


def test_a_student_waits_for_a_school_that_is_not_there_and_then_goes_through(desk: Desk):
    """The unresolved reference is waited for (F5); nothing is made twice."""
    change = newcomer("w1", roles=(role(255901777, "2025-09-01"),))
    result = desk.push(change)
    assert result.outcome is Outcome.WAITING_ON
    assert result.words.startswith("edfi_waits_for_")
    categories = desk.one("schools", schoolId=HIGH)["educationOrganizationCategories"]
    desk.post("schools", school_document(255901777, categories))
    assert desk.push(change).outcome is Outcome.DONE


@pytest.mark.parametrize("answered", [1, 2, 3])
@pytest.mark.parametrize("arrives", [True, False])
def test_a_crash_between_the_documents_of_a_student_loses_and_doubles_nothing(
    desk: Desk, answered: int, arrives: bool
):
    """After a lost answer it is unknown; looked for, it is not whole; sent again, it is (F3)."""
    key = f"c{answered}{arrives:d}"
    change = newcomer(key, email="zoe@d.example", agents=(("contacts/c1", "mother"),))
    desk.watched.lost_after, desk.watched.arrives = answered, arrives
    assert desk.push(change).outcome is Outcome.UNKNOWN
    desk.watched.mended()
    found = desk.confirm(change)
    whole = answered == 3 and arrives
    assert found.outcome is (Outcome.DONE if whole else Outcome.MOVED)
    result = desk.push(change)
    assert (result.outcome, result.key) == (Outcome.DONE, f"students/{key}")
    assert desk.confirm(change).outcome is Outcome.DONE
    assert len(desk.all("studentSchoolAssociations", studentUniqueId=key)) == 1
    assert len(desk.all("studentEducationOrganizationAssociations", studentUniqueId=key)) == 1


def test_a_change_of_which_a_part_was_taken_is_not_told_as_if_nothing_was(desk: Desk):
    """The row as it is now says what arrived; what is left is refused by itself next time (F5)."""
    desk.enrolled("p1")
    before, mail = {"given_name": ("Lisa", "Liz")}, "x" * 150 + "@d.example"
    result = desk.update("users", "students/p1", **before, email=(None, mail))
    assert result.outcome is Outcome.MOVED
    assert said("users", result.row)["given_name"] == "Liz"
    left = desk.update("users", "students/p1", email=(None, mail))
    assert left.outcome is Outcome.REFUSED
    assert "electronicMail" in left.words
    assert "correlationId" in left.words


# -- changing --


def test_a_changed_email_leaves_everything_else_of_the_document(desk: Desk):
    """Other addresses, telephones and extensions go back as they were read (F2)."""
    key = desk.enrolled("k1")
    others: dict[str, Any] = {
        "electronicMails": [
            {
                "electronicMailAddress": "old@d.example",
                "electronicMailTypeDescriptor": descriptor(MAIL, "Work"),
                "primaryEmailAddressIndicator": True,
            },
            {
                "electronicMailAddress": "home@d.example",
                "electronicMailTypeDescriptor": descriptor(MAIL, "Home/Personal"),
            },
        ],
        "telephones": [
            {
                "telephoneNumber": "555-1",
                "telephoneNumberTypeDescriptor": descriptor(PHONE, "Home"),
            }
        ],
        "_ext": {"district": {"bus": "12"}},
    }
    facts(desk, "k1", **others)
    result = desk.update("users", key, email=("old@d.example", "new@d.example"))
    assert result.outcome is Outcome.DONE
    now = desk.one("studentEducationOrganizationAssociations", studentUniqueId="k1")
    others["electronicMails"][0]["electronicMailAddress"] = "new@d.example"
    assert {name: now.get(name) for name in others} == others


def test_a_value_goes_into_the_document_that_is_there(desk: Desk):
    """A second one beside it, or one in its place, would hide or erase what it tells."""
    key = desk.enrolled("k2")
    facts(desk, "k2", loginId="lisa", hispanicLatinoEthnicity=True)
    assert desk.update("users", key, email=(None, "l@d.example")).outcome is Outcome.DONE
    now = desk.one("studentEducationOrganizationAssociations", studentUniqueId="k2")
    assert (now["loginId"], now["hispanicLatinoEthnicity"]) == ("lisa", True)


def test_another_school_makes_an_association_and_the_left_one_gets_its_last_day(desk: Desk):
    """Nothing of the history of the SIS is deleted."""
    key = desk.enrolled("r1")
    stays, comes = role(HIGH, "2025-08-25"), role(MIDDLE, "2025-10-01")
    assert desk.update("users", key, roles=((stays,), (comes,))).outcome is Outcome.DONE
    places = desk.all("studentSchoolAssociations", studentUniqueId="r1")
    ended = {one["schoolReference"]["schoolId"]: one.get("exitWithdrawDate") for one in places}
    assert ended.keys() == {HIGH, MIDDLE}
    assert ended[MIDDLE] is None
    assert ended[HIGH] == "2025-09-30"


def test_a_role_that_has_not_begun_is_deleted(desk: Desk):
    """It never was: there is no history to keep."""
    key = desk.enrolled("r2")
    later = at_school("r2", MIDDLE, entryDate="2026-01-07", primarySchool=False)
    desk.post("studentSchoolAssociations", later)
    stays, goes = role(HIGH, "2025-08-25", rank=None), role(MIDDLE, "2026-01-07", rank="secondary")
    assert desk.update("users", key, roles=((stays, goes), (stays,))).outcome is Outcome.DONE
    assert len(desk.all("studentSchoolAssociations", studentUniqueId="r2")) == 1


def test_a_changed_first_day_changes_the_key_of_the_association_in_place(desk: Desk):
    """The service cascades it; there is one association, not two."""
    key = desk.enrolled("r3")
    was, is_ = role(HIGH, "2025-08-25"), role(HIGH, "2025-08-28")
    assert desk.update("users", key, roles=((was,), (is_,))).outcome is Outcome.DONE
    place = desk.one("studentSchoolAssociations", studentUniqueId="r3")
    assert place["entryDate"] == "2025-08-28"


def test_a_changed_grade_is_the_grade_of_the_association(desk: Desk):
    """``entryGradeLevelDescriptor`` is told nowhere else."""
    key = desk.enrolled("r4")
    assert desk.update("users", key, grades=(("09",), ("10",))).outcome is Outcome.DONE
    place = desk.one("studentSchoolAssociations", studentUniqueId="r4")
    assert place["entryGradeLevelDescriptor"].endswith("#Tenth grade")


def test_a_word_that_the_sis_does_not_have_is_refused_by_its_name(desk: Desk):
    """The service's own list of descriptors is asked before one is sent that nobody has said."""
    key = desk.enrolled("r5")
    result = desk.update("users", key, grades=(("09",), ("12",)))
    assert result.outcome is Outcome.REFUSED
    assert result.words.startswith("edfi_descriptor_missing ")
    assert "GradeLevelDescriptor" in result.words
    assert desk.watched.writes == []


def test_guardians_come_change_and_go_with_their_associations(desk: Desk):
    """What the association says besides the relation stays (F2)."""
    key = desk.enrolled("a1")
    one = ("contacts/c1", "mother")
    assert desk.update("users", key, agents=(None, (one,))).outcome is Outcome.DONE
    query = {"studentUniqueId": "a1"}
    desk.edit("studentContactAssociations", query, livesWith=True)
    other = ("contacts/c1", "grandmother")
    assert desk.update("users", key, agents=((one,), (other,))).outcome is Outcome.DONE
    assert desk.one("studentContactAssociations", **query)["livesWith"] is True
    assert desk.update("users", key, agents=((other,), None)).outcome is Outcome.DONE
    assert desk.all("studentContactAssociations", **query) == []


def test_a_new_contact_waits_for_a_student(desk: Desk):
    """Nobody would see it: it would pass for ended as soon as it was made (D1)."""
    patch: dict[str, Any] = {"given_name": "Bo", "family_name": "Ray", "identifier": "c7"}
    patch["roles"] = (("parent", str(HIGH), "primary", None, None),)
    waiting = desk.create("users", **patch)
    assert waiting.outcome is Outcome.WAITING_ON
    assert desk.watched.writes == []
    patch["agents"] = (("students/s2", "father"),)
    result = desk.create("users", **patch)
    assert (result.outcome, result.key) == (Outcome.DONE, "contacts/c7")
    assert said("users", result.row)["agents"] == (("students/s2", "father"),)


def test_staff_are_not_written(desk: Desk):
    """They stay a local correction (F6)."""
    result = desk.update("users", "staffs/t1", given_name=("Rosa", "Rose"))
    assert (result.outcome, result.words) == (Outcome.REFUSED, "edfi_staff_read_only")


# -- others --


def test_what_somebody_else_changed_is_told_and_not_overwritten(desk: Desk):
    """A field that is not what was agreed is reconciled, not pushed (F2)."""
    key = desk.enrolled("o1")
    desk.edit("students", {"studentUniqueId": "o1"}, firstName="Elisabeth")
    result = desk.update("users", key, given_name=("Lisa", "Liz"))
    assert result.outcome is Outcome.MOVED
    assert said("users", result.row)["given_name"] == "Elisabeth"
    assert desk.watched.writes == []


def test_an_edit_between_our_read_and_our_write_is_never_lost(desk: Desk):
    """The ETag no longer holds (412): the row as it is now is told, and nothing was written."""
    key = desk.enrolled("o2")

    def edit(request: object) -> None:
        desk.watched.before = lambda request: None
        desk.edit("students", {"studentUniqueId": "o2"}, middleName="Q")

    desk.watched.before = edit
    result = desk.update("users", key, given_name=("Lisa", "Liz"))
    assert result.outcome is Outcome.MOVED
    assert said("users", result.row)["middle_name"] == "Q"
    assert desk.update("users", key, given_name=("Lisa", "Liz")).outcome is Outcome.DONE
    now = desk.one("students", studentUniqueId="o2")
    assert (now["firstName"], now["middleName"]) == ("Liz", "Q")


def test_what_is_there_already_is_not_written_again(desk: Desk):
    """Whoever wrote it (F4)."""
    key = desk.enrolled("o3")
    assert desk.update("users", key, given_name=("Lis", "Lisa")).outcome is Outcome.DONE
    assert desk.watched.writes == []


def test_a_student_who_is_gone_is_told_as_gone(desk: Desk):
    """Whether they ended is the reading's to find out (D1)."""
    result = desk.update("users", "students/nobody", given_name=("Lisa", "Liz"))
    assert (result.outcome, result.row) == (Outcome.MOVED, None)


# -- demographics, permissions --


def test_demographics_of_a_student_are_filled_in_where_the_sis_has_none(desk: Desk):
    """They are parts of the student's own documents, so nothing is created but what tells them."""
    desk.enrolled("d1")
    result = desk.create(
        "demographics", user="students/d1", birth_date="2010-09-13", sex="female", asian=True
    )
    assert (result.outcome, result.key) == (Outcome.DONE, "students/d1")
    assert {**said("demographics", result.row), "user": 1}.items() >= {
        ("sex", "female"),
        ("asian", True),
    }


def test_that_somebody_is_of_no_race_is_said_by_saying_nothing(desk: Desk):
    """No document can deny it: what is written besides is, and a race that is told is added."""
    desk.enrolled("d2")
    facts(desk, "d2", sexDescriptor=descriptor("Sex", "Male"))
    changes: dict[str, Any] = {"sex": ("male", "female"), "asian": (None, False)}
    assert desk.update("demographics", "students/d2", **changes).outcome is Outcome.DONE
    result = desk.update("demographics", "students/d2", asian=(False, True))
    assert said("demographics", result.row)["asian"] is True
    assert desk.one("studentEducationOrganizationAssociations", studentUniqueId="d2")["races"]


def test_races_of_a_student_of_whom_none_is_told_are_made_with_the_rest(desk: Desk):
    """Of a creation what is not there yet is written, though nothing is said of it there (B3)."""
    desk.enrolled("d3")
    told: dict[str, Any] = {
        "user": "students/d3",
        "birth_date": "2010-09-13",
        "white": True,
        "asian": False,
    }
    result = desk.create("demographics", **told)
    assert result.outcome is Outcome.DONE
    row = said("demographics", result.row)
    assert (row["white"], row["asian"]) == (True, False)


def test_demographics_of_whom_the_sis_does_not_have_wait(desk: Desk):
    """They belong to the student (F5)."""
    result = desk.create("demographics", user="students/nobody", sex="female")
    assert result.outcome is Outcome.WAITING_ON


@pytest.mark.parametrize(("entity", "switch"), [("users", "rosters"), ("results", "gradebook")])
def test_what_is_only_read_is_refused(desk: Desk, entity: str, switch: str):
    """By the settings of the connector, whatever the key may do."""
    off = dict.fromkeys((switch, "grades"), "read")
    result = desk.push(Change(entity, "update", "students/s1", {}), **{**EVERYTHING, **off})
    assert (result.outcome, result.words) == (Outcome.REFUSED, "edfi_reading_alone")


def test_a_key_that_may_only_read_writes_nothing(desk: Desk):
    """What ``token_info`` tells is heeded before anything is sent."""
    change = Change("users", "update", "students/s1", {"given_name": "Liz"})
    result = desk.push(change, client="reader")
    assert (result.outcome, result.words) == (Outcome.REFUSED, "edfi_not_permitted")
    assert desk.watched.writes == []


def test_a_new_contact_is_confirmed_by_what_contacts_tell(desk: Desk):
    """Their roles are those of the students, and other IDs no contact has: neither is missed."""
    change = Change(
        "users",
        "create",
        "ours",
        {
            "given_name": "Bo",
            "family_name": "Ray",
            "identifier": "c8",
            "roles": (("parent", str(HIGH), None, None, None),),
            "user_ids": (("LDAP", "bray"),),
            "agents": (("students/s2", "father"),),
        },
    )
    desk.watched.lost_after = 1
    assert desk.push(change).outcome is Outcome.UNKNOWN
    desk.watched.mended()
    assert desk.push(change).outcome is Outcome.DONE
    assert desk.confirm(change).outcome is Outcome.DONE


def test_a_part_that_somebody_deleted_meanwhile_is_told_and_not_refused(desk: Desk):
    """404 between read and write: what is there now is told (F2)."""
    key = desk.enrolled("o4")
    desk.post("studentSchoolAssociations", at_school("o4", MIDDLE, primarySchool=False))
    (place,) = [
        one
        for one in desk.all("studentSchoolAssociations", studentUniqueId="o4")
        if one["schoolReference"]["schoolId"] == MIDDLE
    ]

    def removed(request: object) -> None:
        desk.watched.before = lambda request: None
        desk.sis.data("DELETE", f"studentSchoolAssociations/{place['id']}")

    desk.watched.before = removed
    high = role(HIGH, "2025-08-25", rank=None)
    was, is_ = (role(MIDDLE, "2025-08-25", end, "secondary") for end in (None, "2025-11-01"))
    result = desk.update("users", key, roles=((high, was), (high, is_)))
    assert result.outcome is Outcome.MOVED
    assert len(said("users", result.row)["roles"]) == 1
