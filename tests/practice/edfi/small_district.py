"""A district of a handful of Ed-Fi documents: two schools, a class in each, three students."""

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]

DISTRICT, HIGH, MIDDLE = 255901, 255901001, 255901044
YEAR = 2026
TERM = "Fall"


def descriptor(kind: str, code: str) -> str:
    """A descriptor's URI as Ed-Fi has it."""
    return f"uri://ed-fi.org/{kind}Descriptor#{code}"


def student(key: str, first: str = "Lisa", **more: Any) -> Document:
    """A student with what is required."""
    return {
        "studentUniqueId": key,
        "firstName": first,
        "lastSurname": "Woods",
        "birthDate": "2010-09-13",
        **more,
    }


def at_school(key: str, school: int = HIGH, **more: Any) -> Document:
    """A studentSchoolAssociation."""
    return {
        "studentReference": {"studentUniqueId": key},
        "schoolReference": {"schoolId": school},
        "entryDate": "2025-08-25",
        "entryGradeLevelDescriptor": descriptor("GradeLevel", "Ninth grade"),
        **more,
    }


def section_reference(school: int = HIGH, term: str = TERM) -> Document:
    """What refers to the class of a school."""
    return {
        "localCourseCode": "ALG-1",
        "schoolId": school,
        "schoolYear": YEAR,
        "sectionIdentifier": f"ALG-{school}",
        "sessionName": term,
    }


def session(school: int = HIGH, name: str = TERM) -> Document:
    """A session of a school."""
    return {
        "sessionName": name,
        "schoolReference": {"schoolId": school},
        "schoolYearTypeReference": {"schoolYear": YEAR},
        "beginDate": "2025-08-25",
        "endDate": "2025-12-19",
        "termDescriptor": descriptor("Term", "Fall Semester"),
        "totalInstructionalDays": 81,
    }


def seat(key: str, school: int = HIGH) -> Document:
    """A studentSectionAssociation."""
    return {
        "studentReference": {"studentUniqueId": key},
        "sectionReference": section_reference(school),
        "beginDate": "2025-08-25",
    }


def documents(extra: int = 0) -> Iterator[tuple[str, Document]]:
    """All of it, in dependency order; `extra` more students, all at the first school."""
    for code in ("Ninth grade", "Tenth grade"):
        yield (
            "gradeLevelDescriptors",
            {
                "codeValue": code,
                "namespace": "uri://ed-fi.org/GradeLevelDescriptor",
                "shortDescription": code,
            },
        )
    category = [
        {"educationOrganizationCategoryDescriptor": descriptor("EducationOrganizationCategory", x)}
        for x in ("Local Education Agency", "School")
    ]
    yield (
        "localEducationAgencies",
        {
            "localEducationAgencyId": DISTRICT,
            "nameOfInstitution": "Grand Bend",
            "categories": category[:1],
            "localEducationAgencyCategoryDescriptor": descriptor(
                "LocalEducationAgencyCategory", "Independent"
            ),
        },
    )
    for school in (HIGH, MIDDLE):
        yield "schools", school_document(school, category[1:])
    yield (
        "schoolYearTypes",
        {"schoolYear": YEAR, "currentSchoolYear": True, "schoolYearDescription": "2025-2026"},
    )
    for school in (HIGH, MIDDLE):
        yield "sessions", session(school)
    yield (
        "courses",
        {
            "courseCode": "ALG-1",
            "educationOrganizationReference": {"educationOrganizationId": DISTRICT},
            "courseTitle": "Algebra I",
            "numberOfParts": 1,
            "identificationCodes": [
                {
                    "courseIdentificationSystemDescriptor": descriptor(
                        "CourseIdentificationSystem", "LEA course code"
                    ),
                    "identificationCode": "ALG-1",
                }
            ],
        },
    )
    for school in (HIGH, MIDDLE):
        told = section_reference(school)
        yield (
            "courseOfferings",
            {
                "localCourseCode": "ALG-1",
                "schoolReference": {"schoolId": school},
                "sessionReference": {
                    name: told[name] for name in ("schoolId", "schoolYear", "sessionName")
                },
                "courseReference": {"courseCode": "ALG-1", "educationOrganizationId": DISTRICT},
            },
        )
    for school in (HIGH, MIDDLE):
        told = section_reference(school)
        identifier = told.pop("sectionIdentifier")
        yield "sections", {"sectionIdentifier": identifier, "courseOfferingReference": told}
    yield "contacts", {"contactUniqueId": "c1", "firstName": "Ada", "lastSurname": "Woods"}
    places = {"s1": HIGH, "s2": HIGH, "s3": MIDDLE}
    places |= {f"x{index:05d}": HIGH for index in range(extra)}
    for key in places:
        yield "students", student(key)
    yield "staffs", {"staffUniqueId": "t1", "firstName": "Rosa", "lastSurname": "Hill"}
    for key, school in places.items():
        yield "studentSchoolAssociations", at_school(key, school)
    yield (
        "studentContactAssociations",
        {
            "contactReference": {"contactUniqueId": "c1"},
            "studentReference": {"studentUniqueId": "s1"},
        },
    )
    yield (
        "staffEducationOrganizationAssignmentAssociations",
        {
            "beginDate": "2020-08-01",
            "staffClassificationDescriptor": descriptor("StaffClassification", "Teacher"),
            "educationOrganizationReference": {"educationOrganizationId": HIGH},
            "staffReference": {"staffUniqueId": "t1"},
        },
    )
    for key in ("s1", "s2", "s3"):
        yield "studentSectionAssociations", seat(key, places[key])
    yield (
        "staffSectionAssociations",
        {
            "beginDate": "2025-08-25",
            "sectionReference": section_reference(),
            "staffReference": {"staffUniqueId": "t1"},
            "classroomPositionDescriptor": descriptor("ClassroomPosition", "Teacher of Record"),
        },
    )


def school_document(school: int, categories: list[Document]) -> Document:
    """A school of the district."""
    return {
        "schoolId": school,
        "nameOfInstitution": f"School {school}",
        "educationOrganizationCategories": categories,
        "gradeLevels": [{"gradeLevelDescriptor": descriptor("GradeLevel", "Ninth grade")}],
        "localEducationAgencyReference": {"localEducationAgencyId": DISTRICT},
    }


SIX_WEEKS = descriptor("GradingPeriod", "First Six Weeks")
PERIOD = {
    "gradingPeriodDescriptor": SIX_WEEKS,
    "gradingPeriodName": "Weeks 1 to 6",
    "schoolReference": {"schoolId": HIGH},
    "schoolYearTypeReference": {"schoolYear": YEAR},
    "beginDate": "2025-08-25",
    "endDate": "2025-10-03",
    "periodSequence": 1,
    "totalInstructionalDays": 29,
}
NAMED = {
    "gradingPeriodDescriptor": SIX_WEEKS,
    "gradingPeriodName": "Weeks 1 to 6",
    "schoolId": HIGH,
    "schoolYear": YEAR,
}
SEAT = {"beginDate": "2025-08-25", "studentUniqueId": "s1", **section_reference()}


def gradebook() -> Iterator[tuple[str, Document]]:
    """More of it: a grading period, an entry of the gradebook, a score and a grade."""
    yield "gradingPeriods", PERIOD
    yield (
        "gradebookEntries",
        {
            "gradebookEntryIdentifier": "g1",
            "namespace": "uri://ed-fi.org",
            "title": "Fractions",
            "dateAssigned": "2025-09-10",
            "sourceSectionIdentifier": f"ALG-{HIGH}",
            "sectionReference": section_reference(),
            "gradingPeriodReference": NAMED,
        },
    )
    yield (
        "studentGradebookEntries",
        {
            "gradebookEntryReference": {
                "gradebookEntryIdentifier": "g1",
                "namespace": "uri://ed-fi.org",
            },
            "studentReference": {"studentUniqueId": "s1"},
            "numericGradeEarned": 93,
        },
    )
    yield (
        "grades",
        {
            "gradeTypeDescriptor": descriptor("GradeType", "Grading Period"),
            "gradingPeriodReference": NAMED,
            "studentSectionAssociationReference": SEAT,
            "letterGradeEarned": "A",
        },
    )
