"""Students, staff and contacts: one user each, whatever associations tell of them."""

from typing import Any

import pytest

from app.connectors.contract import Row
from app.connectors.edfi.descriptors import Words, own_meanings
from app.connectors.edfi.telling import FIELDS, tell
from app.roster.values import UNSAID

Told = dict[str, Any]

PLACES = "studentSchoolAssociations"
FACTS = "studentEducationOrganizationAssociations"
FAMILY = "studentContactAssociations"
ASSIGNMENTS = "staffEducationOrganizationAssignmentAssociations"
SCHOOLS = "staffSchoolAssociations"


def word(name: str, value: str) -> str:
    return f"uri://ed-fi.org/{name}Descriptor#{value}"


def row(
    resource: str,
    parts: dict[str, list[Told]],
    entity: str = "users",
    words: Words | None = None,
) -> Row:
    return tell(entity, resource, "k", parts, words or Words())[0]


def told(*args: Any, **named: Any) -> Told:
    """What is said, by field; what is unsaid is left out."""
    said = zip(FIELDS[named.get("entity", "users")], row(*args, **named).patch, strict=True)
    return {name: value for name, value in said if value is not UNSAID}


def student(**more: Any) -> Told:
    return {"studentUniqueId": "s1", "firstName": "Zoë", "lastSurname": "Núñez", **more}


def place(school: int, entry: str, grade: str = "Ninth grade", **more: Any) -> Told:
    return {
        "schoolReference": {"schoolId": school},
        "studentReference": {"studentUniqueId": "s1"},
        "entryDate": entry,
        "entryGradeLevelDescriptor": word("GradeLevel", grade),
        **more,
    }


def facts(org: int, **more: Any) -> Told:
    return {
        "educationOrganizationReference": {"educationOrganizationId": org},
        "studentReference": {"studentUniqueId": "s1"},
        **more,
    }


def family(contact: str, relation: str | None, student: str = "s1", **more: Any) -> Told:
    said = {"relationDescriptor": word("Relation", relation)} if relation else {}
    return {
        "contactReference": {"contactUniqueId": contact},
        "studentReference": {"studentUniqueId": student},
        **said,
        **more,
    }


def pupil(places: list[Told] | None = None, of: list[Told] | None = None) -> Told:
    parts = {"students": [student()], PLACES: places or [], FACTS: of or []}
    return told("students", parts)


def mail(address: str, kind: str, **more: Any) -> Told:
    type_ = word("ElectronicMailType", kind)
    return {"electronicMailTypeDescriptor": type_, "electronicMailAddress": address, **more}


def phone(number: str, kind: str, **more: Any) -> Told:
    type_ = word("TelephoneNumberType", kind)
    return {"telephoneNumberTypeDescriptor": type_, "telephoneNumber": number, **more}


# -- students --------------------------------------------------------------------------------------


def test_a_student_has_the_names_and_the_number_of_the_document():
    """Names, preferred names and the unique id."""
    document = student(middleName=" Ana ", preferredFirstName="Zo", preferredLastSurname="Nun")
    said = told("students", {"students": [document]})
    assert said == {
        "given_name": "Zoë",
        "middle_name": "Ana",
        "family_name": "Núñez",
        "preferred_first_name": "Zo",
        "preferred_last_name": "Nun",
        "identifier": "s1",
    }


def test_who_attends_two_schools_is_one_user_with_two_roles():
    """The school marked as primary tells grade and primary school."""
    said = pupil(
        [
            place(101, "2026-08-17", "Ninth grade", primarySchool=True),
            place(102, "2026-09-01", "Tenth grade", primarySchool=False),
        ]
    )
    assert said["roles"] == (
        ("student", "101", "primary", "2026-08-17", None),
        ("student", "102", "secondary", "2026-09-01", None),
    )
    assert (said["primary_org"], said["grades"]) == ("101", ("09",))


def test_a_place_that_is_left_ends_its_role_and_stays():
    """A transfer: the school left has an end, the school entered is the primary one."""
    said = pupil(
        [
            place(101, "2025-08-17", primarySchool=True, exitWithdrawDate="2026-10-01"),
            place(102, "2026-10-02", "Tenth grade"),
        ]
    )
    assert said["roles"] == (
        ("student", "101", None, "2025-08-17", "2026-10-02"),
        ("student", "102", None, "2026-10-02", None),
    )
    assert (said["primary_org"], said["grades"]) == ("102", ("10",))


def test_who_comes_back_to_a_school_has_one_role_there():
    """Of several places at one school the one that counts most tells the role (A4)."""
    said = pupil(
        [
            place(101, "2025-08-17", exitWithdrawDate="2026-01-31"),
            place(101, "2026-08-17"),
        ]
    )
    assert said["roles"] == (("student", "101", "primary", "2026-08-17", None),)


def test_the_only_school_is_the_primary_one():
    """Unless it is marked as another's; of several unmarked ones nobody says it."""
    assert pupil([place(101, "2026-08-17")])["roles"][0][2] == "primary"
    marked = place(101, "2026-08-17", primarySchool=False)
    assert pupil([marked])["roles"][0][2] == "secondary"
    both = pupil([place(101, "2026-08-17"), place(102, "2026-08-17")])
    assert [role[2] for role in both["roles"]] == [None, None]


def test_the_order_of_documents_changes_nothing():
    """A service may tell associations in any order (A1)."""
    places = [place(101, "2026-08-17"), place(102, "2026-08-17"), place(103, "2025-01-01")]
    assert pupil(places) == pupil(places[::-1])


def test_a_student_without_places_has_no_role():
    """Where associations are read and there are none, roles and grades are blank."""
    said = pupil([])
    assert (said["roles"], said["grades"], said["primary_org"]) == (None, None, None)


def test_what_is_not_read_is_unsaid():
    """Without permission for the associations nothing is said of what they tell (A2)."""
    said = told("students", {"students": [student()]})
    assert not {"roles", "grades", "email", "user_ids", "agents"} & said.keys()


def test_an_unknown_grade_is_unsaid_with_a_warning_that_names_the_descriptor():
    """Never the person: the warning has the field and the descriptor (A2)."""
    parts = {"students": [student()], PLACES: [place(101, "2026-08-17", "Sprouts")]}
    found = row("students", parts)
    assert found.patch[FIELDS["users"].index("grades")] is UNSAID
    assert found.warnings == (("grades", "odd_descriptor GradeLevelDescriptor#Sprouts"),)
    words = Words(own_meanings("GradeLevelDescriptor#Sprouts=PK"))
    assert told("students", parts, words=words)["grades"] == ("PK",)


def test_the_email_that_counts():
    """The one marked primary, else work before home; case is folded."""
    mails = [mail("home@x.org", "Home/Personal"), mail("Work@X.org", "Organization")]
    assert pupil(of=[facts(10, electronicMails=mails)])["email"] == "work@x.org"
    marked = [mail("home@x.org", "Home/Personal", primaryEmailAddressIndicator=True), mails[1]]
    assert pupil(of=[facts(10, electronicMails=marked)])["email"] == "home@x.org"


def test_the_telephone_that_counts():
    """By the order of priority; a fax is none; one that takes texts is told as such too."""
    phones = [
        phone("(950) 1", "Fax", orderOfPriority=1),
        phone("(950) 2", "Work", orderOfPriority=3),
        phone("(950) 3", "Home", orderOfPriority=2),
        phone("(950) 4", "Mobile", orderOfPriority=4, textMessageCapabilityIndicator=True),
    ]
    said = pupil(of=[facts(10, telephones=phones)])
    assert (said["phone"], said["sms"]) == ("9503", "9504")


def test_the_primary_school_speaks_before_other_organizations():
    """Scalars come from a declared row; what it does not tell the next one does (A5)."""
    of = [
        facts(10, loginId="district", electronicMails=[mail("d@x.org", "Work")]),
        facts(101, loginId="school"),
    ]
    said = pupil([place(101, "2026-08-17")], of)
    assert (said["username"], said["email"]) == ("school", "d@x.org")


def test_the_ids_of_a_student():
    """By the system that gave them; numbers that no roster should hold are left out."""
    codes = [
        {"studentIdentificationSystemDescriptor": word("S", system), "identificationCode": code}
        for system, code in [("State", "7001"), ("SSN", "078-05-1120"), ("Bus Card", "B1")]
    ]
    said = pupil(of=[facts(10, studentIdentificationCodes=codes)])
    assert said["user_ids"] == (("Bus Card", "B1"), ("stateId", "7001"))


def test_the_contacts_of_a_student():
    """Agents with their relation: the standard's words in lower case, a district's as they are."""
    parts = {
        "students": [student()],
        FAMILY: [family("c1", "Mother"), family("c2", "Host Uncle"), family("c3", None)],
    }
    assert told("students", parts)["agents"] == (
        ("contacts/c1", "mother"),
        ("contacts/c2", "Host Uncle"),
        ("contacts/c3", None),
    )


# -- demographics ----------------------------------------------------------------------------------


def demographics(*of: Told, **more: Any) -> Told:
    parts = {"students": [student(**more)], FACTS: [*of]}
    return told("students", parts, entity="demographics")


def races(*names: str, **more: Any) -> Told:
    return facts(10, races=[{"raceDescriptor": word("Race", name)} for name in names], **more)


def test_demographics_of_a_student():
    """Birth from the student, sex, race and ethnicity from the organization; one key for both."""
    found = row(
        "students",
        {
            "students": [
                student(
                    birthDate="2012-05-01",
                    birthCity="Austin",
                    birthCountryDescriptor=word("Country", "US"),
                    birthStateAbbreviationDescriptor=word("StateAbbreviation", "TX"),
                )
            ],
            FACTS: [
                races("White", sexDescriptor=word("Sex", "Female"), hispanicLatinoEthnicity=False)
            ],
        },
        entity="demographics",
    )
    assert found.key == "students/k"
    said = dict(zip(FIELDS["demographics"], found.patch, strict=True))
    assert said == {
        "user": "students/k",
        "birth_date": "2012-05-01",
        "sex": "female",
        "american_indian_or_alaska_native": False,
        "asian": False,
        "black_or_african_american": False,
        "native_hawaiian_or_other_pacific_islander": False,
        "white": True,
        "demographic_race_two_or_more_races": False,
        "hispanic_or_latino_ethnicity": False,
        "country_of_birth_code": "US",
        "state_of_birth_abbreviation": "TX",
        "city_of_birth": "Austin",
    }


def test_who_is_of_several_races_is_so():
    """Two races told are two or more."""
    said = demographics(races("White", "Asian"))
    assert (said["white"], said["asian"]) == (True, True)
    assert said["demographic_race_two_or_more_races"] is True


@pytest.mark.parametrize("answer", [(), ("Choose Not to Respond",)])
def test_of_a_question_that_was_not_answered_nothing_is_said(answer: tuple[str, ...]):
    """Who chose not to respond is of no race known, which denies nothing that others know."""
    said = demographics(races(*answer))
    assert "white" not in said
    assert "demographic_race_two_or_more_races" not in said


def test_an_unknown_race_leaves_all_of_them_unsaid():
    """Nobody can say which race somebody is not, while one that they are is not understood."""
    said = demographics(races("White", "Martian"))
    assert "white" not in said
    assert "asian" not in said


def test_the_sex_at_birth_stands_in():
    """Where the organization tells none."""
    said = demographics(facts(10), birthSexDescriptor=word("Sex", "Male"))
    assert said["sex"] == "male"


# -- staff -----------------------------------------------------------------------------------------


def assignment(org: int, classification: str, begin: str = "2020-08-01", **more: Any) -> Told:
    return {
        "educationOrganizationReference": {"educationOrganizationId": org},
        "staffReference": {"staffUniqueId": "t1"},
        "staffClassificationDescriptor": word("StaffClassification", classification),
        "beginDate": begin,
        **more,
    }


def employee(assignments: list[Told], schools: list[int] | None = None, **more: Any) -> Told:
    document = {"staffUniqueId": "t1", "firstName": "Ada", "lastSurname": "Li", **more}
    at = [{"schoolReference": {"schoolId": one}} for one in schools or []]
    return told("staffs", {"staffs": [document], ASSIGNMENTS: assignments, SCHOOLS: at})


def test_staff_have_the_role_of_their_assignment():
    """Login and email stand in the document itself."""
    said = employee(
        [assignment(101, "Principal")],
        loginId="ali",
        electronicMails=[mail("ada@x.org", "Work")],
        identificationCodes=[
            {
                "staffIdentificationSystemDescriptor": word("S", "State"),
                "identificationCode": "9",
            }
        ],
    )
    assert said["roles"] == (("principal", "101", None, "2020-08-01", None),)
    assert (said["username"], said["email"], said["primary_org"]) == ("ali", "ada@x.org", "101")
    assert said["user_ids"] == (("stateId", "9"),)
    assert "grades" not in said


def test_staff_teach_where_they_are_without_an_assignment():
    """An association with a school tells of a teacher, unless an assignment there says more."""
    said = employee([assignment(101, "Principal")], [101, 102])
    assert [role[:2] for role in said["roles"]] == [("principal", "101"), ("teacher", "102")]


def test_a_former_assignment_is_a_role_with_an_end():
    """Whoever is still assigned comes before whoever was."""
    said = employee(
        [assignment(101, "Teacher", endDate="2024-06-30"), assignment(102, "Counselor")]
    )
    assert said["roles"] == (
        ("counselor", "102", None, "2020-08-01", None),
        ("teacher", "101", None, "2020-08-01", "2024-07-01"),
    )


def test_the_order_of_assignments_tells_the_primary_one():
    """As the district has numbered them."""
    said = employee(
        [
            assignment(101, "Counselor", "2024-08-01", orderOfAssignment=2),
            assignment(102, "Teacher", "2020-08-01", orderOfAssignment=1),
        ]
    )
    assert said["primary_org"] == "102"
    assert "primary_org" not in employee([assignment(101, "Teacher"), assignment(102, "Teacher")])


def test_an_unknown_classification_leaves_roles_unsaid():
    """A role left out would be one that ended (A4)."""
    said = employee([assignment(101, "Wizard"), assignment(102, "Teacher")])
    assert "roles" not in said


# -- contacts --------------------------------------------------------------------------------------


def contact(of: list[Told], places: list[Told], **more: Any) -> Told:
    document = {"contactUniqueId": "c1", "firstName": "Eva", "lastSurname": "Dyer", **more}
    return told("contacts", {"contacts": [document], FAMILY: of, PLACES: places})


def test_a_contact_is_what_they_are_at_the_schools_of_their_students():
    """The relation tells the role; the students are their agents."""
    said = contact([family("c1", "Mother")], [place(101, "2026-08-17"), place(102, "2026-08-17")])
    assert [role[:2] for role in said["roles"]] == [("parent", "101"), ("parent", "102")]
    assert [role[2] for role in said["roles"]] == [None, None]
    assert said["agents"] == (("students/s1", "mother"),)


def test_a_contact_of_two_students_has_one_role_a_school():
    """It ends when the last of their students has left."""
    left = place(101, "2025-08-17", exitWithdrawDate="2026-10-01")
    other = {**place(101, "2026-08-17"), "studentReference": {"studentUniqueId": "s2"}}
    of = [family("c1", "Father"), family("c1", "Father", "s2")]
    assert contact(of, [left])["roles"] == (("parent", "101", None, None, "2026-10-02"),)
    assert contact(of, [left, other])["roles"] == (("parent", "101", None, None, None),)


def test_the_legal_guardian_is_a_guardian():
    """Whatever the relation, unless it is a parent."""
    for relation, role in [("Grandmother", "guardian"), ("Mother", "parent"), (None, "guardian")]:
        said = contact([family("c1", relation, legalGuardian=True)], [place(101, "2026-08-17")])
        assert said["roles"][0][0] == role
    plain = contact([family("c1", "Grandmother")], [place(101, "2026-08-17")])
    assert plain["roles"][0][0] == "relative"


def test_a_neighbor_has_no_role():
    """Whoever stands by a student without being family or guardian is an agent alone."""
    said = contact([family("c1", "Neighbor")], [place(101, "2026-08-17")])
    assert (said["roles"], said["agents"]) == (None, (("students/s1", "neighbor"),))


def test_the_email_of_a_contact_is_the_one_at_home():
    """Home before work, the other way round than for staff."""
    mails = [mail("work@x.org", "Work"), mail("home@x.org", "Home/Personal")]
    assert contact([], [], electronicMails=mails)["email"] == "home@x.org"


def test_a_parent_of_the_standard_4_is_a_contact():
    """``parents`` with ``parentReference`` read the same, under the newest name."""
    parts = {
        "contacts": [{"parentUniqueId": "c1", "firstName": "Eva", "lastSurname": "Dyer"}],
        FAMILY: [
            {
                "parentReference": {"parentUniqueId": "c1"},
                "studentReference": {"studentUniqueId": "s1"},
                "relationDescriptor": word("Relation", "Mother"),
            }
        ],
        PLACES: [place(101, "2026-08-17")],
    }
    said = told("contacts", parts)
    assert (said["identifier"], said["roles"][0][:2]) == ("c1", ("parent", "101"))
    of_student = told("students", {"students": [student()], FAMILY: parts[FAMILY]})
    assert of_student["agents"] == (("contacts/c1", "mother"),)
