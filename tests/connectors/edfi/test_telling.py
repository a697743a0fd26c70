"""Ed-Fi documents are told in the values of the roster (docs/edfi.md has the table)."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from app.connectors.contract import Row
from app.connectors.edfi.descriptors import Words, own_meanings
from app.connectors.edfi.telling import FIELDS, MEMBERS, TELLERS, keys_told, tell
from app.connectors.edfi.vocabulary import RESOURCES, resources
from app.engine.told import log_parameters
from app.roster.entities import ENTITIES
from app.roster.values import UNSAID

Told = dict[str, Any]


def word(name: str, value: str) -> str:
    return f"uri://ed-fi.org/{name}Descriptor#{value}"


def rows(
    entity: str,
    resource: str,
    document: Mapping[str, Any],
    parts: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    words: Words | None = None,
    standard: int = 5,
) -> tuple[Row, ...]:
    key = resources(standard)[resource].key_in(document)
    return tell(entity, resource, key, {**(parts or {}), resource: [document]}, words or Words())


def told(*args: Any, **named: Any) -> Told:
    """What the record says, by field; what is unsaid is left out."""
    row = rows(*args, **named)[0]
    named_values = zip(FIELDS[args[0]], row.patch, strict=True)
    return {name: value for name, value in named_values if value is not UNSAID}


# -- schools, the calendar, courses and sections ---------------------------------------------------


def school(**more: Any) -> Told:
    return {"schoolId": 101, "nameOfInstitution": "Lincoln", **more}


def test_a_school():
    """Its own number, its district, and the number that the district gave it."""
    system = "educationOrganizationIdentificationSystemDescriptor"
    codes = [
        {system: word("X", "NCES"), "identificationCode": "99"},
        {system: word("X", "LEA"), "identificationCode": "L7"},
    ]
    document = school(
        identificationCodes=codes, localEducationAgencyReference={"localEducationAgencyId": 10}
    )
    (row,) = rows("orgs", "schools", document)
    assert row.key == "101"
    assert dict(zip(FIELDS["orgs"], row.patch, strict=True)) == {
        "name": "Lincoln",
        "type": "school",
        "identifier": "L7",
        "parent": "10",
    }


def test_an_organization_without_codes_goes_by_its_id():
    """The education organization id stands where no other number is told."""
    assert told("orgs", "schools", school())["identifier"] == "101"


@pytest.mark.parametrize(
    ("resource", "member", "references", "type_", "parent"),
    [
        ("localEducationAgencies", "localEducationAgencyId", {}, "district", None),
        (
            "localEducationAgencies",
            "localEducationAgencyId",
            {
                "parentLocalEducationAgencyReference": {"localEducationAgencyId": 3},
                "stateEducationAgencyReference": {"stateEducationAgencyId": 1},
            },
            "district",
            "3",
        ),
        (
            "educationServiceCenters",
            "educationServiceCenterId",
            {"stateEducationAgencyReference": {"stateEducationAgencyId": 1}},
            "local",
            "1",
        ),
        ("stateEducationAgencies", "stateEducationAgencyId", {}, "state", None),
    ],
)
def test_other_organizations(
    resource: str, member: str, references: Told, type_: str, parent: str | None
):
    """Each sort has its type; the nearest above is what it is part of."""
    said = told("orgs", resource, {member: 7, "nameOfInstitution": "N", **references})
    assert (said["type"], said["parent"]) == (type_, parent)


def test_a_school_year_has_no_dates_of_its_own():
    """Dates that Ed-Fi does not tell are unsaid, not blank and not made up (A2)."""
    document = {"schoolYear": 2027, "schoolYearDescription": "2026-2027", "currentSchoolYear": True}
    assert told("academic_sessions", "schoolYearTypes", document) == {
        "title": "2026-2027",
        "type": "schoolYear",
        "school_year": "2027",
    }


SESSION: dict[str, Any] = {
    "sessionName": "Fall",
    "schoolReference": {"schoolId": 101},
    "schoolYearTypeReference": {"schoolYear": 2027},
    "beginDate": "2026-08-17",
    "endDate": "2026-12-18",
    "termDescriptor": word("Term", "Fall Semester"),
    "gradingPeriods": [
        {
            "gradingPeriodReference": {
                "gradingPeriodDescriptor": word("GradingPeriod", "First Six Weeks"),
                "gradingPeriodName": "Six 1",
                "schoolId": 101,
                "schoolYear": 2027,
            }
        }
    ],
}


def test_a_session():
    """Title, days, type by its term, and the school year; its parent only where it can be known."""
    assert told("academic_sessions", "sessions", SESSION) == {
        "title": "Fall",
        "start_date": "2026-08-17",
        "end_date": "2026-12-19",
        "type": "semester",
        "school_year": "2027",
    }


def lasting(name: str, begin: str, end: str) -> Told:
    return {**SESSION, "sessionName": name, "beginDate": begin, "endDate": end}


@pytest.mark.parametrize(
    ("siblings", "parent"),
    [
        ([], "schoolYearTypes/2027"),
        ([lasting("Spring", "2027-01-04", "2027-05-27")], "schoolYearTypes/2027"),
        ([lasting("Same", "2026-08-17", "2026-12-18")], "schoolYearTypes/2027"),
        ([lasting("Odd", "soon", "later")], "schoolYearTypes/2027"),
        (
            [
                lasting("Year", "2026-08-17", "2027-05-27"),
                lasting("Autumn", "2026-08-01", "2026-12-18"),
                lasting("Quarter", "2026-08-17", "2026-10-16"),
            ],
            "sessions/101|2027|Autumn",
        ),
    ],
)
def test_a_session_is_part_of_the_shortest_one_around_it(siblings: list[Told], parent: str):
    """Ed-Fi has the days to know; where none is around it, it is part of the school year."""
    args = ("academic_sessions", "sessions", SESSION, {"siblings": siblings})
    assert told(*args)["parent"] == parent


def test_an_unknown_term_leaves_the_type_unsaid_with_a_warning():
    """The warning names the descriptor, and the list of unmapped ones has it (A2)."""
    words = Words()
    document = {**SESSION, "termDescriptor": word("Term", "Mud Season")}
    (row,) = rows("academic_sessions", "sessions", document, words=words)
    assert row.patch[FIELDS["academic_sessions"].index("type")] is UNSAID
    assert row.warnings == (("type", "odd_descriptor TermDescriptor#Mud Season"),)
    assert words.unmapped == {"TermDescriptor#Mud Season": 1}


PERIOD = {
    "gradingPeriodDescriptor": word("GradingPeriod", "First Six Weeks"),
    "gradingPeriodName": "Six 1",
    "schoolReference": {"schoolId": 101},
    "schoolYearTypeReference": {"schoolYear": 2027},
    "beginDate": "2026-08-17",
    "endDate": "2026-09-25",
}


def test_the_log_names_the_descriptor_in_a_sentence():
    """Whoever reads the log learns which word it was and where to explain it."""
    parameters: dict[str, Any] = {
        "field": "type",
        "what": "odd_descriptor TermDescriptor#Mud Season",
    }
    said = log_parameters("academic_sessions", parameters)["what"]
    assert "TermDescriptor#Mud Season" in str(said)
    assert "settings" in str(said)


def test_warnings_are_of_a_bounded_number():
    """A service that says ever new words is warned of by the descriptor alone, in the end."""
    words, warnings = Words(), set[tuple[str, str]]()
    for number in range(2_000):
        document = {**SESSION, "termDescriptor": word("Term", f"Season {number}")}
        warnings.update(rows("academic_sessions", "sessions", document, words=words)[0].warnings)
    assert len(warnings) <= 501
    assert ("type", "odd_descriptor TermDescriptor") in warnings


def test_a_grading_period_is_part_of_the_session_that_lists_it():
    """Where none lists it, of its school year; where sessions are not read, nothing is said."""
    args = ("academic_sessions", "gradingPeriods", PERIOD)
    assert told(*args, {"sessions": [SESSION]})["parent"] == "sessions/101|2027|Fall"
    assert told(*args, {"sessions": []})["parent"] == "schoolYearTypes/2027"
    assert "parent" not in told(*args)


def test_a_grading_period_of_the_standard_4_goes_by_its_number():
    """It has a sequence instead of a name; its descriptor is its title."""
    document = {**PERIOD, "periodSequence": 1}
    del document["gradingPeriodName"]
    listing = {
        **SESSION,
        "gradingPeriods": [
            {
                "gradingPeriodReference": {
                    "gradingPeriodDescriptor": word("GradingPeriod", "First Six Weeks"),
                    "periodSequence": 1,
                    "schoolId": 101,
                    "schoolYear": 2027,
                }
            }
        ],
    }
    args = ("academic_sessions", "gradingPeriods", document, {"sessions": [listing]})
    said = told(*args, standard=4)
    assert (said["title"], said["parent"]) == ("First Six Weeks", "sessions/101|2027|Fall")


def test_a_course():
    """Code, title, grades, subjects and the organization that offers it."""
    document = {
        "courseCode": "ALG-1",
        "courseTitle": "Algebra I",
        "educationOrganizationReference": {"educationOrganizationId": 10},
        "academicSubjects": [{"academicSubjectDescriptor": word("AcademicSubject", "Mathematics")}],
        "offeredGradeLevels": [
            {"gradeLevelDescriptor": word("GradeLevel", "Tenth grade")},
            {"gradeLevelDescriptor": word("GradeLevel", "Ninth grade")},
        ],
    }
    assert told("courses", "courses", document) == {
        "title": "Algebra I",
        "course_code": "ALG-1",
        "grades": ("09", "10"),
        "subjects": ("Mathematics",),
        "org": "10",
    }


def test_a_course_of_the_standard_3_has_one_subject():
    """There the subject is a member of its own."""
    document = {
        "courseCode": "A",
        "courseTitle": "A",
        "educationOrganizationReference": {"educationOrganizationId": 10},
        "academicSubjectDescriptor": word("AcademicSubject", "Science"),
    }
    assert told("courses", "courses", document, standard=3)["subjects"] == ("Science",)


PLACE = {"localCourseCode": "ALG-1", "schoolId": 101, "schoolYear": 2027, "sessionName": "Fall"}
SECTION = {
    "sectionIdentifier": "ALG-1-03",
    "sectionName": "Algebra I, period 3",
    "courseOfferingReference": PLACE,
    "locationReference": {"classroomIdentificationCode": "B 204", "schoolId": 101},
    "classPeriods": [{"classPeriodReference": {"classPeriodName": "3", "schoolId": 101}}],
}
OFFERING = {
    "localCourseCode": "ALG-1",
    "localCourseTitle": "Algebra One",
    "courseReference": {"courseCode": "ALG-1", "educationOrganizationId": 10},
    "offeredGradeLevels": [{"gradeLevelDescriptor": word("GradeLevel", "Ninth grade")}],
}
CLASS = "sections/ALG-1|101|2027|ALG-1-03|Fall"


def test_a_section_with_its_offering_is_a_class():
    """Course and grades come from the offering, term and school from the reference to it."""
    (row,) = rows("classes", "sections", SECTION, {"courseOfferings": [OFFERING]})
    assert row.key == CLASS
    assert dict(zip(FIELDS["classes"], row.patch, strict=True)) == {
        "title": "Algebra I, period 3",
        "class_code": "ALG-1-03",
        "location": "B 204",
        "grades": ("09",),
        "course": "courses/ALG-1|10",
        "school": "101",
        "terms": ("sessions/101|2027|Fall",),
        "periods": ("3",),
    }


def test_a_section_without_a_name_takes_the_title_of_its_offering():
    """Then the code of the course."""
    document = {**SECTION, "sectionName": None}
    args = ("classes", "sections", document)
    assert told(*args, {"courseOfferings": [OFFERING]})["title"] == "Algebra One"
    assert told(*args, {"courseOfferings": []})["title"] == "ALG-1"


def test_a_section_whose_offering_is_not_read_says_nothing_of_it():
    """Course and grades are unsaid, so nothing that is known of them changes (A2)."""
    said = told("classes", "sections", SECTION)
    assert "course" not in said
    assert "grades" not in said


# -- enrollments -----------------------------------------------------------------------------------

SEAT = {**PLACE, "sectionIdentifier": "ALG-1-03"}


def test_the_place_of_a_student():
    """One that has ended stays; its end is the day after the last (OneRoster 1.2, endDate)."""
    document = {
        "studentReference": {"studentUniqueId": "s1"},
        "sectionReference": SEAT,
        "beginDate": "2026-08-17",
        "endDate": "2026-10-01",
    }
    assert told("enrollments", "studentSectionAssociations", document) == {
        "user": "students/s1",
        "class": CLASS,
        "school": "101",
        "role": "student",
        "begin_date": "2026-08-17",
        "end_date": "2026-10-02",
    }


@pytest.mark.parametrize(
    ("position", "role", "primary"),
    [
        ("Teacher of Record", "teacher", True),
        ("Assistant Teacher", "teacher", False),
        ("Substitute Teacher", "teacher", False),
        ("Instructional Aide", "aide", False),
    ],
)
def test_the_place_of_a_teacher(position: str, role: str, primary: bool):
    """The teacher of record is the primary teacher."""
    document = {
        "staffReference": {"staffUniqueId": "t1"},
        "sectionReference": SEAT,
        "beginDate": "2026-08-17",
        "classroomPositionDescriptor": word("ClassroomPosition", position),
    }
    said = told("enrollments", "staffSectionAssociations", document)
    assert (said["user"], said["role"], said["primary"]) == ("staffs/t1", role, primary)


def test_a_place_of_the_standard_4_has_a_key_without_its_day():
    """The key is the one that the service's own standard makes."""
    document = {
        "staffReference": {"staffUniqueId": "t1"},
        "sectionReference": SEAT,
        "beginDate": "2026-08-17",
    }
    args = ("enrollments", "staffSectionAssociations", document)
    assert rows(*args)[0].key.startswith("staffSectionAssociations/2026-08-17|")
    assert (
        rows(*args, standard=4)[0].key == "staffSectionAssociations/ALG-1|101|2027|ALG-1-03|Fall|t1"
    )


# -- gradebook -------------------------------------------------------------------------------------


def test_a_gradebook_entry():
    """A day is its first moment; a due time is taken as UTC."""
    document = {
        "gradebookEntryIdentifier": "q3",
        "namespace": "uri://x.org",
        "title": "Quiz 3",
        "dateAssigned": "2026-09-01",
        "dueDate": "2026-09-08",
        "dueTime": "15:30:00",
        "sectionReference": SEAT,
        "gradebookEntryTypeDescriptor": word("GradebookEntryType", "Quiz"),
        "gradingPeriodReference": SESSION["gradingPeriods"][0]["gradingPeriodReference"],
        "maxPoints": 20,
    }
    (row,) = rows("line_items", "gradebookEntries", document)
    assert row.key == "gradebookEntries/q3|uri://x.org"
    assert dict(zip(FIELDS["line_items"], row.patch, strict=True)) == {
        "title": "Quiz 3",
        "description": None,
        "assign_date": "2026-09-01T00:00:00Z",
        "due_date": "2026-09-08T15:30:00Z",
        "class": CLASS,
        "school": "101",
        "category": "gradebookEntryTypeDescriptors/uri://ed-fi.org/GradebookEntryTypeDescriptor|Quiz",
        "grading_period": (
            "gradingPeriods/uri://ed-fi.org/GradingPeriodDescriptor#First Six Weeks|Six 1|101|2027"
        ),
        "result_value_max": 20.0,
    }


def test_a_gradebook_entry_of_the_standard_3():
    """It goes by its day, title and section; what students earned refers to it by them."""
    entry = {
        "gradebookEntryTitle": "Quiz 3",
        "dateAssigned": "2026-09-01",
        "sectionReference": SEAT,
    }
    (row,) = rows("line_items", "gradebookEntries", entry, standard=3)
    of = {"gradebookEntryTitle": "Quiz 3", "dateAssigned": "2026-09-01", **SEAT}
    earned = {
        "gradebookEntryReference": of,
        "studentSectionAssociationReference": {
            **SEAT,
            "beginDate": "2026-08-17",
            "studentUniqueId": "s1",
        },
        "numericGradeEarned": 7,
    }
    said = told("results", "studentGradebookEntries", earned, standard=3)
    assert (said["line_item"], said["student"], said["class"]) == (row.key, "students/s1", CLASS)


def earned(**more: Any) -> Told:
    document = {
        "gradebookEntryReference": {"gradebookEntryIdentifier": "q3", "namespace": "uri://x.org"},
        "studentReference": {"studentUniqueId": "s1"},
        **more,
    }
    return told("results", "studentGradebookEntries", document)


def test_what_a_student_earned():
    """Points before a number; the letter in words; the day, the comment."""
    said = earned(
        pointsEarned=18.5,
        numericGradeEarned=92,
        letterGradeEarned="A-",
        dateFulfilled="2026-09-08",
        diagnosticStatement="well done",
    )
    assert said["line_item"] == "gradebookEntries/q3|uri://x.org"
    assert (said["score"], said["text_score"], said["score_status"]) == (18.5, "A-", "fully graded")
    assert (said["score_date"], said["comment"]) == ("2026-09-08", "well done")
    assert earned(numericGradeEarned=92)["score"] == 92.0


@pytest.mark.parametrize(
    ("submission", "lateness", "status", "late", "missing"),
    [
        (None, None, None, UNSAID, UNSAID),
        ("Submitted", None, "submitted", UNSAID, False),
        ("Submitted", "Late", "submitted", True, False),
        ("Late", None, "submitted", True, False),
        ("Missing", None, "not submitted", UNSAID, True),
        ("Not submitted", None, "not submitted", UNSAID, False),
        ("Excused", None, "exempt", UNSAID, False),
        ("Submitted", "On time", "submitted", False, False),
    ],
)
def test_whether_it_was_handed_in(
    submission: str | None,
    lateness: str | None,
    status: str | None,
    late: object,
    missing: object,
):
    """Status, late and missing come from two descriptors; without a word nothing is said."""
    more = {}
    if submission:
        more["submissionStatusDescriptor"] = word("SubmissionStatus", submission)
    if lateness:
        more["assignmentLateStatusDescriptor"] = word("AssignmentLateStatus", lateness)
    said = earned(**more)
    assert said["score_status"] == status
    assert [said.get(name, UNSAID) for name in ("late", "missing")] == [late, missing]


GRADE = {
    "gradeTypeDescriptor": word("GradeType", "Final"),
    "gradingPeriodReference": SESSION["gradingPeriods"][0]["gradingPeriodReference"],
    "studentSectionAssociationReference": {
        **SEAT,
        "beginDate": "2026-08-17",
        "studentUniqueId": "s1",
    },
    "numericGradeEarned": 88,
    "letterGradeEarned": "B+",
    "diagnosticStatement": "steady",
}


def test_a_report_grade_is_a_result_of_its_section_period_and_type():
    """The line item is told by each of its grades alike."""
    (item,) = rows("line_items", "grades", GRADE)
    said = told("results", "grades", GRADE)
    assert said["line_item"] == item.key
    assert (said["score"], said["text_score"], said["student"]) == (88.0, "B+", "students/s1")
    other = {
        **GRADE,
        "studentSectionAssociationReference": {**SEAT, "beginDate": "x", "studentUniqueId": "s2"},
    }
    assert rows("line_items", "grades", other)[0] == item
    assert keys_told("line_items", "grades", "any", other) == (item.key,)
    by_name = dict(zip(FIELDS["line_items"], item.patch, strict=True))
    assert by_name["title"] == "Final grade · First Six Weeks"
    assert by_name["class"] == CLASS


def test_a_category():
    """The sort of an entry, by its descriptor; the key is what entries refer to."""
    document = {
        "namespace": "uri://ed-fi.org/GradebookEntryTypeDescriptor",
        "codeValue": "HW",
        "shortDescription": "Homework",
    }
    (row,) = rows("categories", "gradebookEntryTypeDescriptors", document)
    assert (
        row.key == "gradebookEntryTypeDescriptors/uri://ed-fi.org/GradebookEntryTypeDescriptor|HW"
    )
    assert row.patch == ("Homework",)
    words = Words(own_meanings("GradebookEntryTypeDescriptor#HW=Work at home"))
    assert rows("categories", "gradebookEntryTypeDescriptors", document, words=words)[0].patch == (
        "Work at home",
    )


# -- assessments -----------------------------------------------------------------------------------

TAKEN = {
    "studentAssessmentIdentifier": "r1",
    "assessmentReference": {"assessmentIdentifier": "MAP", "namespace": "uri://x.org"},
    "studentReference": {"studentUniqueId": "s1"},
    "administrationDate": "2026-10-05T09:00:00Z",
    "scoreResults": [
        {
            "assessmentReportingMethodDescriptor": word("AssessmentReportingMethod", "Percentile"),
            "result": "71",
        },
        {
            "assessmentReportingMethodDescriptor": word("AssessmentReportingMethod", "Scale score"),
            "result": "214",
        },
        {
            "assessmentReportingMethodDescriptor": word("AssessmentReportingMethod", "Raw score"),
            "result": "31",
        },
    ],
    "performanceLevels": [
        {"performanceLevelDescriptor": word("PerformanceLevel", "Proficient")},
    ],
    "studentObjectiveAssessments": [
        {
            "objectiveAssessmentReference": {
                "assessmentIdentifier": "MAP",
                "identificationCode": "Fractions",
                "namespace": "uri://x.org",
            },
            "scoreResults": [
                {
                    "assessmentReportingMethodDescriptor": word(
                        "AssessmentReportingMethod", "Raw score"
                    ),
                    "result": "9",
                }
            ],
        }
    ],
}


def test_a_students_assessment_and_its_parts_are_a_row_each():
    """A raw score before a scale score; percentile and level beside it."""
    whole, part = rows("assessment_results", "studentAssessments", TAKEN)
    fields = FIELDS["assessment_results"]
    assert whole.key == "studentAssessments/MAP|uri://x.org|r1|s1"
    assert dict(zip(fields, whole.patch, strict=True)) == {
        "assessment_line_item": "assessments/MAP|uri://x.org",
        "student": "students/s1",
        "score_status": "fully graded",
        "score": 31.0,
        "text_score": "Proficient",
        "score_percentile": 71.0,
        "score_date": "2026-10-05",
    }
    assert part.key == "studentAssessments/MAP|uri://x.org|r1|s1|Fractions"
    said = dict(zip(fields, part.patch, strict=True))
    assert said["assessment_line_item"] == "objectiveAssessments/MAP|Fractions|uri://x.org"
    assert (said["score"], said["score_date"]) == (9.0, "2026-10-05")
    natural = RESOURCES["studentAssessments"].key_in(TAKEN)
    told_keys = keys_told("assessment_results", "studentAssessments", natural, TAKEN)
    assert told_keys == (whole.key, part.key)


def test_the_range_is_told_in_the_way_that_tells_the_score():
    """The raw maximum where there is one, else the range of the scale score."""
    method = "assessmentReportingMethodDescriptor"
    scores = [
        {method: word("AssessmentReportingMethod", "Percentile"), "maximumScore": "99"},
        {
            method: word("AssessmentReportingMethod", "Scale score"),
            "minimumScore": "200",
            "maximumScore": "800",
        },
    ]
    document = {"assessmentIdentifier": "MAP", "namespace": "uri://x.org", "scores": scores}
    said = told("assessment_line_items", "assessments", document)
    assert (said["result_value_min"], said["result_value_max"]) == (200.0, 800.0)
    said = told("assessment_line_items", "assessments", {**document, "maxRawScore": 40})
    assert (said["result_value_min"], said["result_value_max"]) == (None, 40.0)


def test_objectives_are_part_of_what_they_refer_to():
    """Of another objective where one is told, else of the assessment."""
    of = {"assessmentIdentifier": "MAP", "namespace": "uri://x.org"}
    document = {"identificationCode": "Fractions", "assessmentReference": of, "maxRawScore": 10}
    said = told("assessment_line_items", "objectiveAssessments", document)
    assert said["parent_assessment_line_item"] == "assessments/MAP|uri://x.org"
    assert (said["title"], said["result_value_max"]) == ("Fractions", 10.0)
    above = {**of, "identificationCode": "Numbers"}
    deeper = {**document, "parentObjectiveAssessmentReference": above}
    assert (
        told("assessment_line_items", "objectiveAssessments", deeper)["parent_assessment_line_item"]
        == "objectiveAssessments/MAP|Numbers|uri://x.org"
    )


# -- what holds for all ----------------------------------------------------------------------------


def test_what_is_spoken_stands_in_the_order_of_the_roster():
    """Every entity that is told has its fields, all of them the roster's (A2)."""
    assert {entity for entity, _ in TELLERS} == set(FIELDS)
    for entity, fields in FIELDS.items():
        names = ENTITIES[entity].field_names
        assert list(fields) == [name for name in names if name in fields]


@pytest.mark.parametrize(("entity", "resource"), sorted(TELLERS))
@pytest.mark.parametrize(
    "odd", [None, 7, "text", [], {}, [None, 3, "x", {}], {"a": {"b": []}}, True]
)
def test_no_document_is_too_odd_to_be_told(entity: str, resource: str, odd: object):
    """Whatever stands in its members costs those values and never the row (A2, C6)."""
    document = dict.fromkeys(MEMBERS[resource], odd)
    parts = {name: [dict.fromkeys(MEMBERS[name], odd)] for name in MEMBERS if name != resource}
    found = tell(entity, resource, "a|b", {**parts, resource: [document]}, Words())
    assert found[0].key
    assert all(len(row.patch) == len(FIELDS[entity]) for row in found)


def test_a_value_that_is_none_of_its_kind_is_unsaid_with_a_warning():
    """One odd value costs that value (A2)."""
    (row,) = rows("academic_sessions", "sessions", {**SESSION, "beginDate": "soon"})
    assert row.patch[FIELDS["academic_sessions"].index("start_date")] is UNSAID
    assert row.warnings == (("start_date", "odd_date"),)
