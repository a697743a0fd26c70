"""Values of the roster are put into Ed-Fi documents, and nothing else in them is touched (F2)."""

from copy import deepcopy
from typing import Any

import pytest

from app.connectors.edfi.descriptors import Unheard, Words
from app.connectors.edfi.telling import FIELDS, back, tell
from app.connectors.edfi.telling.back import Unsayable, Wanting, changed, made, source
from app.connectors.edfi.vocabulary import resources
from tests.practice.edfi.official_document import faults, require_documents

Told = dict[str, Any]

PLACES = "studentSchoolAssociations"
FACTS = "studentEducationOrganizationAssociations"
FAMILY = "studentContactAssociations"
CLASS = "sections/ALG-1|101|2027|ALG-1-03|Fall"
PERIOD = "gradingPeriods/uri://ed-fi.org/GradingPeriodDescriptor#First Six Weeks|Six 1|101|2027"
SEAT = "2026-08-17|ALG-1|101|2027|ALG-1-03|Fall|s1"
REPORT = (
    "grades/ALG-1|101|2027|ALG-1-03|Fall|uri://ed-fi.org/GradingPeriodDescriptor#First Six Weeks"
    "|Six 1|101|2027|uri://ed-fi.org/GradeTypeDescriptor#Final"
)
EXTENSION = {"_ext": {"tx": {"bus": 7}}, "unheardOf": [1, {"a": None}]}


def word(name: str, value: str, whose: str = "ed-fi.org") -> str:
    return f"uri://{whose}/{name}Descriptor#{value}"


def both_ways(resource: str, document: Told, **values: Any) -> Told:
    """The document with the values, after proving that everything else is as it was."""
    before = deepcopy(document)
    after = changed(resource, document, values, Words())
    assert document == before
    assert after["_ext"] == EXTENSION["_ext"]
    assert after["unheardOf"] == EXTENSION["unheardOf"]
    return after


# -- people ----------------------------------------------------------------------------------------


def test_names_are_replaced_and_blank_ones_left_out():
    """What the values do not speak of goes back as it was read (F2)."""
    document = {
        "studentUniqueId": "s1",
        "firstName": "Zoe",
        "middleName": "Ana",
        "lastSurname": "Nunez",
        "otherNames": [{"firstName": "Z"}],
        **EXTENSION,
    }
    after = both_ways("students", document, given_name="Zoë", middle_name=None)
    assert after == {**{n: v for n, v in document.items() if n != "middleName"}, "firstName": "Zoë"}


def test_a_name_that_the_standard_asks_for_cannot_be_blanked():
    """A document without it would be refused for another reason."""
    with pytest.raises(Wanting) as caught:
        changed("students", {}, {"given_name": None}, Words())
    assert caught.value.fields == ("given_name",)


MAILS: list[dict[str, Any]] = [
    {
        "electronicMailTypeDescriptor": word("ElectronicMailType", "Home/Personal"),
        "electronicMailAddress": "home@x.org",
    },
    {
        "electronicMailTypeDescriptor": word("ElectronicMailType", "Work", "d.org"),
        "electronicMailAddress": "Work@x.org",
        "doNotPublishIndicator": True,
    },
]


def test_the_email_that_counts_is_replaced_in_its_place():
    """Other addresses, and what else is told of this one, stay."""
    document = {"electronicMails": MAILS, **EXTENSION}
    after = both_ways(FACTS, document, email="new@x.org")
    new = {**MAILS[1], "electronicMailAddress": "new@x.org"}
    assert after["electronicMails"] == [MAILS[0], new]


def test_an_email_in_other_letters_is_the_same():
    """It is written as it was, since upper and lower case mean the same (A1)."""
    after = both_ways(FACTS, {"electronicMails": MAILS, **EXTENSION}, email="work@x.org")
    assert after["electronicMails"] == MAILS


def test_a_blank_email_goes_and_others_stay():
    """The list is left out where nothing is left in it."""
    after = both_ways(FACTS, {"electronicMails": MAILS, **EXTENSION}, email=None)
    assert after["electronicMails"] == MAILS[:1]
    after = both_ways(FACTS, {"electronicMails": MAILS[1:], **EXTENSION}, email=None)
    assert "electronicMails" not in after


def test_a_first_email_has_a_type_that_the_district_uses():
    """Its own descriptor where it has been seen, the standard's otherwise."""
    words = Words()
    (new,) = changed("contacts", {}, {"email": "a@x.org"}, words)["electronicMails"]
    assert new["electronicMailTypeDescriptor"] == word("ElectronicMailType", "Home/Personal")
    words.meaning("ElectronicMailTypeDescriptor", word("ElectronicMailType", "Personal", "d.org"))
    (new,) = changed("contacts", {}, {"email": "a@x.org"}, words)["electronicMails"]
    assert new["electronicMailTypeDescriptor"] == word("ElectronicMailType", "Personal", "d.org")


def test_the_telephone_that_counts_is_replaced_and_a_fax_stays():
    """One that only is written in another way is left as it is (A1)."""
    kind = "telephoneNumberTypeDescriptor"
    fax = {kind: word("TelephoneNumberType", "Fax"), "telephoneNumber": "1"}
    home = {kind: word("TelephoneNumberType", "Home"), "telephoneNumber": "(950) 342 7522"}
    document = {"telephones": [fax, home], **EXTENSION}
    assert both_ways("contacts", document, phone="9503427522") == document
    after = both_ways("contacts", document, phone="9500000000")
    assert after["telephones"] == [fax, {**home, "telephoneNumber": "9500000000"}]


def test_a_telephone_that_also_takes_texts_is_kept_apart():
    """A new number for texts leaves the telephone its number."""
    shared = {
        "telephoneNumberTypeDescriptor": word("TelephoneNumberType", "Mobile"),
        "telephoneNumber": "950",
        "textMessageCapabilityIndicator": True,
    }
    after = both_ways("contacts", {"telephones": [shared], **EXTENSION}, sms="951")
    assert [one["telephoneNumber"] for one in after["telephones"]] == ["950", "951"]
    assert [one.get("textMessageCapabilityIndicator") for one in after["telephones"]] == [
        None,
        True,
    ]


def test_ids_come_and_go_and_what_no_roster_reads_stays():
    """A social security number is neither read nor lost."""
    kind = "studentIdentificationSystemDescriptor"
    by = "assigningOrganizationIdentificationCode"
    ssn = {kind: word("S", "SSN"), by: "US", "identificationCode": "078"}
    state = {kind: word("S", "State", "d.org"), by: "TX", "identificationCode": "7001"}
    local = {kind: word("S", "Local"), by: "10", "identificationCode": "L1"}
    document = {
        "educationOrganizationReference": {"educationOrganizationId": 10},
        "studentIdentificationCodes": [ssn, state, local],
        **EXTENSION,
    }
    after = both_ways(FACTS, document, user_ids=(("schoolId", "S5"), ("stateId", "7001")))
    assert after["studentIdentificationCodes"] == [
        ssn,
        state,
        {
            kind: word("StudentIdentificationSystem", "School"),
            by: "10",
            "identificationCode": "S5",
        },
    ]


def test_one_race_more():
    """Others stay, among them those that no roster has a field for."""
    told = [{"raceDescriptor": word("Race", name)} for name in ("Other", "White")]
    after = both_ways(FACTS, {"races": told, **EXTENSION}, asian=True, white=False)
    assert after["races"] == [told[0], {"raceDescriptor": word("Race", "Asian")}]


def test_two_or_more_races_has_no_word_of_its_own():
    """It is told by telling them; where the district has a word, that is used."""
    told = [{"raceDescriptor": word("Race", name)} for name in ("Asian", "White")]
    several = {"demographic_race_two_or_more_races": True}
    assert changed(FACTS, {"races": told}, several, Words()) == {"races": told}
    with pytest.raises(Unsayable):
        changed(FACTS, {"races": told[:1]}, several, Words())
    words = Words()
    own = word("Race", "Multiracial", "d.org")
    words.meaning("RaceDescriptor", own)
    assert changed(FACTS, {}, several, words) == {"races": [{"raceDescriptor": own}]}


def test_what_means_the_same_stays_in_the_districts_words():
    """A descriptor is not replaced by another that says the same."""
    own = {"sexDescriptor": word("Sex", "F", "d.org"), **EXTENSION}
    assert both_ways(FACTS, own, sex="female") == own


# -- associations ----------------------------------------------------------------------------------

PLACE = {
    "studentReference": {"studentUniqueId": "s1"},
    "schoolReference": {"schoolId": 101},
    "entryDate": "2026-08-17",
    "entryGradeLevelDescriptor": word("GradeLevel", "09", "d.org"),
    "residencyStatusDescriptor": word("ResidencyStatus", "Resident"),
    **EXTENSION,
}


def test_a_role_ends_and_a_grade_changes_in_the_association():
    """The grade is said in the standard's word; the one that is there stays where it is meant."""
    after = both_ways(PLACES, PLACE, end_date="2026-10-01", grades=("09",))
    assert after == {**PLACE, "exitWithdrawDate": "2026-09-30"}
    after = both_ways(PLACES, PLACE, grades=("10",))
    assert after["entryGradeLevelDescriptor"] == word("GradeLevel", "Tenth grade")


def test_two_grades_of_one_place_cannot_be_said():
    """An association has one grade."""
    with pytest.raises(Unsayable) as caught:
        changed(PLACES, PLACE, {"grades": ("09", "10")}, Words())
    assert caught.value.fields == ("grades",)


def test_a_school_is_marked_as_primary():
    """Primary, secondary, or neither."""
    assert both_ways(PLACES, PLACE, role_type="primary")["primarySchool"] is True
    assert both_ways(PLACES, PLACE, role_type="secondary")["primarySchool"] is False
    marked = {**PLACE, "primarySchool": True}
    assert "primarySchool" not in both_ways(PLACES, marked, role_type=None)


def test_a_relation_is_said_in_its_own_word():
    """In the same words it stays; a word that is no descriptor cannot be said."""
    document = {"relationDescriptor": word("Relation", "Mother", "d.org"), **EXTENSION}
    assert both_ways(FAMILY, document, relation="mother") == document
    after = both_ways(FAMILY, document, relation="grandmother")
    assert after["relationDescriptor"] == word("Relation", "Grandmother")
    with pytest.raises(Unsayable):
        changed(FAMILY, document, {"relation": "godparent"}, Words())


@pytest.mark.parametrize(
    ("values", "position"),
    [
        ({"primary": False}, "Assistant Teacher"),
        ({"role": "aide", "primary": False}, "Instructional Aide"),
        ({"role": "teacher", "primary": True}, "Lead"),
        ({"role": "teacher"}, "Lead"),
    ],
)
def test_role_and_being_primary_are_one_word(values: Told, position: str):
    """What is not said of the two stays as it is."""
    lead = word("ClassroomPosition", "Lead Teacher", "d.org")
    document = {"classroomPositionDescriptor": lead, **EXTENSION}
    after = both_ways("staffSectionAssociations", document, **values)
    wanted = lead if position == "Lead" else word("ClassroomPosition", position)
    assert after["classroomPositionDescriptor"] == wanted


def test_a_primary_aide_cannot_be_said():
    """Ed-Fi's teacher of record is a teacher."""
    values = {"role": "aide", "primary": True}
    with pytest.raises(Unsayable):
        changed("staffSectionAssociations", {}, values, Words())


# -- gradebook, grades, assessments ----------------------------------------------------------------


def test_a_due_date_keeps_its_time():
    """A first moment of a day needs no time, unless one was told before."""
    args = "gradebookEntries"
    day = both_ways(args, {"dueDate": "2026-09-01", **EXTENSION}, due_date="2026-09-08T00:00:00Z")
    assert (day["dueDate"], "dueTime" in day) == ("2026-09-08", False)
    timed = both_ways(args, {**EXTENSION}, due_date="2026-09-08T15:30:00Z")
    assert (timed["dueDate"], timed["dueTime"]) == ("2026-09-08", "15:30:00")
    gone = both_ways(args, {"dueDate": "x", "dueTime": "y", **EXTENSION}, due_date=None)
    assert gone == EXTENSION


def test_a_grading_period_is_the_one_of_the_sections_school():
    """Sessions of several schools may be one record; a reference names one school's."""
    document = {"sectionReference": {"schoolId": 102}, **EXTENSION}
    after = both_ways("gradebookEntries", document, grading_period=PERIOD)
    assert after["gradingPeriodReference"] == {
        "gradingPeriodDescriptor": word("GradingPeriod", "First Six Weeks"),
        "gradingPeriodName": "Six 1",
        "schoolId": 102,
        "schoolYear": 2027,
    }


def test_a_score_goes_where_a_score_stands():
    """Into the points, unless a number is what tells it; blank is blank in both."""
    args = "studentGradebookEntries"
    assert both_ways(args, {**EXTENSION}, score=7.5)["pointsEarned"] == 7.5
    number = {"numericGradeEarned": 80, **EXTENSION}
    assert both_ways(args, number, score=85.0) == {**number, "numericGradeEarned": 85.0}
    points = {"pointsEarned": 8, "numericGradeEarned": 80, **EXTENSION}
    assert both_ways(args, points, score=9.0) == {**points, "pointsEarned": 9.0}
    assert both_ways(args, points, score=None) == EXTENSION


@pytest.mark.parametrize(
    "values",
    [
        {"score_status": "submitted", "missing": False},
        {"score_status": "not submitted", "missing": True},
        {"score_status": "not submitted", "missing": False},
        {"score_status": "exempt", "missing": False},
        {"score_status": "partially graded", "missing": False},
        {"score_status": "submitted", "missing": False, "late": True},
        {"score_status": "submitted", "missing": False, "late": False},
        {"score_status": None, "missing": None, "late": None},
        {"score_status": "fully graded", "score": 7.0, "text_score": "B"},
        {"score_date": "2026-09-01", "comment": "well done"},
    ],
)
@pytest.mark.parametrize("status", [None, "Submitted", "Late", "Missing", "Excused"])
@pytest.mark.parametrize("lateness", [None, "Late"])
def test_what_is_written_of_a_result_reads_the_same(
    values: Told, status: str | None, lateness: str | None
):
    """Whatever was told before, what is read after the write is what was sent (F4)."""
    document: Told = {
        "gradebookEntryReference": {"gradebookEntryIdentifier": "q3", "namespace": "n"},
        "studentReference": {"studentUniqueId": "s1"},
    }
    if status:
        document["submissionStatusDescriptor"] = word("SubmissionStatus", status)
    if lateness:
        document["assignmentLateStatusDescriptor"] = word("AssignmentLateStatus", lateness)
    said = reread("results", "studentGradebookEntries", document, values)
    told = {name: value for name, value in values.items() if name not in ("late", "missing")}
    assert {name: said[name] for name in told} == told
    # That something is not missing is what nobody says who does not say that it is.
    assert (said["missing"] is True) == (values.get("missing", status == "Missing") is True)
    assert (said["late"] is True) == (
        values.get("late", lateness == "Late" or status == "Late") is True
    )


def reread(entity: str, resource: str, document: Told, values: Told) -> Told:
    after = changed(resource, document, values, Words())
    (row, *_) = tell(entity, resource, "k", {resource: [after]}, Words())
    return dict(zip(FIELDS[entity], row.patch, strict=True))


def result(method: str, value: str) -> Told:
    return {
        "assessmentReportingMethodDescriptor": word("AssessmentReportingMethod", method),
        "resultDatatypeTypeDescriptor": word("ResultDatatypeType", "Integer"),
        "result": value,
    }


def test_a_score_of_an_assessment_is_replaced_in_its_own_method():
    """A scale score stays one; other results stay as they are."""
    results = [result("Lexile Measure", "700"), result("Scale score", "214")]
    document = {"scoreResults": results, **EXTENSION}
    after = both_ways("studentAssessments", document, score=220.0)
    assert after["scoreResults"] == [results[0], result("Scale score", "220")]


def test_what_is_written_of_an_assessment_reads_the_same():
    """Score, percentile, level and day (F4)."""
    values = {
        "score": 31.5,
        "score_percentile": 71.0,
        "text_score": "Proficient",
        "score_date": "2026-10-05",
        "score_status": "fully graded",
    }
    document = {"studentReference": {"studentUniqueId": "s1"}}
    said = reread("assessment_results", "studentAssessments", document, values)
    assert {name: said[name] for name in values} == values
    levels = [{"performanceLevelDescriptor": word("PerformanceLevel", "Basic", "d.org")}]
    said = reread("assessment_results", "studentAssessments", {"performanceLevels": levels}, values)
    assert said["text_score"] == "Proficient"


# -- which document --------------------------------------------------------------------------------


def test_the_document_that_told_a_value_is_the_one_to_change():
    """Of a role the one at that school, of the grade the primary one, of facts the first told."""
    there = {"schoolReference": {"schoolId": 102}, "entryDate": "2026-09-01"}
    left = {**PLACE, "exitWithdrawDate": "2026-08-31"}
    facts = [
        {"educationOrganizationReference": {"educationOrganizationId": 10}, "loginId": "a"},
        {"educationOrganizationReference": {"educationOrganizationId": 102}, "sexDescriptor": "x"},
    ]
    parts: dict[str, Any] = {PLACES: [left, there], FACTS: facts}
    words = Words()
    assert source(PLACES, parts, "101", words) == 0
    assert source(PLACES, parts, "grades", words) == 1
    assert source(PLACES, parts, "103", words) is None
    assert source(FACTS, parts, "username", words) == 0
    assert source(FACTS, parts, "sex", words) == 1
    assert source(FACTS, parts, "email", words) is None
    family = [{"contactReference": {"contactUniqueId": "c1"}}]
    assert source(FAMILY, {FAMILY: family}, "contacts/c1", words) == 0
    assert source(FAMILY, {FAMILY: family}, "contacts/c2", words) is None


# -- descriptors that the service has --------------------------------------------------------------


def test_a_descriptor_that_the_service_lacks_is_never_written():
    """It is asked which ones it has, and what is lacking is named."""
    words = Words(asks=True)
    missing = {"missing": True, "score_status": "not submitted"}
    with pytest.raises(Unheard) as unheard:
        changed("studentGradebookEntries", {}, missing, words)
    assert unheard.value.name == "SubmissionStatusDescriptor"
    words.has("SubmissionStatusDescriptor", [word("SubmissionStatus", "Submitted", "d.org")])
    with pytest.raises(Unsayable) as caught:
        changed("studentGradebookEntries", {}, missing, words)
    assert set(caught.value.lacking) == {("SubmissionStatusDescriptor", "missing")}
    words.has("SubmissionStatusDescriptor", [word("SubmissionStatus", "MISSING", "d.org")])
    after = changed("studentGradebookEntries", {}, missing, words)
    assert after["submissionStatusDescriptor"] == word("SubmissionStatus", "MISSING", "d.org")


# -- new documents ---------------------------------------------------------------------------------

PERSON = {"identifier": "p1", "given_name": "Zoë", "family_name": "Núñez", "middle_name": None}
NEW: dict[str, Told] = {
    "students": {**PERSON, "birth_date": "2012-05-01", "country_of_birth_code": "US"},
    "contacts": {**PERSON, "email": "a@x.org", "phone": "950", "sms": "951", "username": "z"},
    FACTS: {
        "user": "students/s1",
        "org": "10",
        "email": "a@x.org",
        "user_ids": (("stateId", "9"), ("Bus Card", "B")),
        "sex": "female",
        "white": True,
        "asian": False,
        "hispanic_or_latino_ethnicity": False,
    },
    PLACES: {
        "user": "students/s1",
        "org": "101",
        "role": "student",
        "role_type": "primary",
        "begin_date": "2026-08-17",
        "end_date": None,
        "grades": ("09",),
    },
    FAMILY: {"user": "students/s1", "agent": "contacts/c1", "relation": "mother"},
    "studentSectionAssociations": {
        "user": "students/s1",
        "class": CLASS,
        "role": "student",
        "begin_date": "2026-08-17",
        "end_date": "2026-12-18",
    },
    "staffSectionAssociations": {
        "user": "staffs/t1",
        "class": CLASS,
        "role": "teacher",
        "primary": True,
        "begin_date": "2026-08-17",
    },
    "gradebookEntries": {
        "class": CLASS,
        "identifier": "q3",
        "namespace": "uri://x.org",
        "title": "Quiz 3",
        "description": "fractions",
        "assign_date": "2026-09-01T00:00:00Z",
        "due_date": "2026-09-08T15:30:00Z",
        "category": (
            "gradebookEntryTypeDescriptors/uri://ed-fi.org/GradebookEntryTypeDescriptor|Quiz"
        ),
        "grading_period": PERIOD,
        "result_value_max": 20.0,
    },
    "studentGradebookEntries": {
        "line_item": "gradebookEntries/q3|uri://x.org",
        "student": "students/s1",
        "score": 18.5,
        "text_score": "A-",
        "score_date": "2026-09-08",
        "comment": "well done",
        "late": True,
        "missing": False,
        "score_status": "fully graded",
    },
    "grades": {
        "line_item": REPORT,
        "association": SEAT,
        "student": "students/s1",
        "score": 88.0,
        "text_score": "B+",
        "comment": "steady",
        "score_status": "fully graded",
    },
    "studentAssessments": {
        "assessment_line_item": "assessments/MAP|uri://x.org",
        "student": "students/s1",
        "identifier": "r1",
        "score": 31.0,
        "text_score": "Proficient",
        "score_percentile": 71.0,
        "score_date": "2026-10-05",
        "score_status": "fully graded",
    },
}


@pytest.mark.parametrize("resource", sorted(NEW))
def test_a_new_document_is_valid(resource: str):
    """With everything in it, and with no more than it needs: as the official schema has it."""
    require_documents()
    least = {field: NEW[resource][field] for field in back.required(resource)}
    for values in (NEW[resource], least):
        assert faults(made(resource, values, Words()), resource) == []


@pytest.mark.parametrize("resource", sorted(NEW))
def test_a_new_document_says_its_natural_key(resource: str):
    """The key can be read from what is sent, so nothing is sent twice (F3)."""
    assert resources()[resource].key_in(made(resource, NEW[resource], Words()))


@pytest.mark.parametrize(
    ("resource", "field"),
    [(resource, field) for resource in sorted(NEW) for field in back.REQUIRED[resource]],
)
def test_a_new_document_without_what_it_needs_is_not_made(resource: str, field: str):
    """What is missing is named by its field."""
    with pytest.raises(Wanting) as caught:
        made(resource, {**NEW[resource], field: None}, Words())
    assert caught.value.fields == (field,)


def test_new_documents_of_older_standards():
    """Parents up to the standard 4, entries by date and title in the standard 3."""
    contact = made("contacts", NEW["contacts"], Words(), standard=4)
    assert resources(4)["contacts"].key_in(contact) == "p1"
    family = made(FAMILY, NEW[FAMILY], Words(), standard=4)
    assert resources(4)[FAMILY].key_in(family) == "c1|s1"
    entry = {name: NEW["gradebookEntries"][name] for name in ("class", "title", "assign_date")}
    old = made("gradebookEntries", entry, Words(), standard=3)
    assert resources(3)["gradebookEntries"].key_in(old).startswith("2026-09-01|Quiz 3|ALG-1|")


def test_a_report_grade_stands_for_its_line_item():
    """Section, period and type come out of the key of the line item as they went into it."""
    document = made("grades", NEW["grades"], Words())
    (row,) = tell("results", "grades", "k", {"grades": [document]}, Words())
    said = dict(zip(FIELDS["results"], row.patch, strict=True))
    assert (said["line_item"], said["student"]) == (REPORT, "students/s1")


def test_every_field_that_can_be_written_is_held_by_a_document():
    """The table of fields and the ways to write them agree."""
    for entity, anchors in back.HELD.items():
        for held in anchors.values():
            for resource, fields in held.items():
                for field in fields:
                    assert field in FIELDS[entity]
                    if field not in ("roles", "agents"):
                        attempt(resource, field)


def attempt(resource: str, field: str) -> None:
    """Blanking it is done, but for what the standard asks for."""
    needed = field in ("grades", "role", "primary") or field in back.REQUIRED[resource]
    if needed:
        with pytest.raises((Wanting, Unsayable), match=field):
            changed(resource, {}, {field: None}, Words())
    else:
        assert changed(resource, {}, {field: None}, Words()) == {}


@pytest.mark.parametrize(
    ("resource", "values"),
    [
        (PLACES, {"org": "schools/x"}),
        (PLACES, {"role": "teacher"}),
        (FAMILY, {"agent": "students/s1"}),
        ("studentSectionAssociations", {"class": "courses/A|1"}),
        ("gradebookEntries", {"category": "categories/9"}),
        ("students", {"pronouns": "they"}),
    ],
)
def test_what_ed_fi_has_no_word_for_is_named(resource: str, values: Told):
    """References to other things, other roles, fields that it does not know."""
    with pytest.raises(Unsayable) as caught:
        changed(resource, {}, values, Words())
    assert caught.value.fields == (*values,)
