"""The descriptors that the practice district uses, and what each word of the roster is in them.

Most are the standard's own. The kinds of gradebook entries are the district's: a descriptor in its
own namespace, as real districts have them.
"""

from collections.abc import Iterator

from ...population import DOMAIN
from ...wire import Record

NAMESPACE = f"uri://{DOMAIN}"
"""What the district makes itself is in this namespace."""

_STANDARD = "uri://ed-fi.org"

_VALUES = {
    "AcademicSubject": (
        "Computer and Information Sciences",
        "English Language Arts",
        "Fine and Performing Arts",
        "Foreign Language and Literature",
        "Mathematics",
        "Other",
        "Physical, Health, and Safety Education",
        "Science",
        "Social Studies",
    ),
    "AssessmentCategory": ("Benchmark test",),
    "AssessmentReportingMethod": ("Percentile", "Scale score"),
    "AssignmentLateStatus": ("Late",),
    "ClassroomPosition": ("Assistant Teacher", "Teacher of Record"),
    "Country": ("CN", "GT", "IN", "MX", "PH", "SO", "UA", "US", "VN"),
    "CourseIdentificationSystem": ("LEA course code",),
    "EducationOrganizationCategory": ("Local Education Agency", "School"),
    "EducationOrganizationIdentificationSystem": ("LEA",),
    "ElectronicMailType": ("Home/Personal", "Organization", "Work"),
    "ExitWithdrawType": ("Transferred",),
    "GradeLevel": (
        "Kindergarten",
        "First grade",
        "Second grade",
        "Third grade",
        "Fourth grade",
        "Fifth grade",
        "Sixth grade",
        "Seventh grade",
        "Eighth grade",
        "Ninth grade",
        "Tenth grade",
        "Eleventh grade",
        "Twelfth grade",
    ),
    "GradeType": ("Grading Period",),
    "GradingPeriod": (
        "First Nine Weeks",
        "Second Nine Weeks",
        "Third Nine Weeks",
        "Fourth Nine Weeks",
    ),
    "LocalEducationAgencyCategory": ("Regular public school district",),
    "ProgramAssignment": ("Regular Education",),
    "Race": (
        "American Indian or Alaska Native",
        "Asian",
        "Black or African American",
        "Native Hawaiian or Pacific Islander",
        "White",
    ),
    "ReasonNotTested": ("Other",),
    "Relation": ("Father", "Guardian", "Mother", "Parent"),
    "ResultDatatypeType": ("Decimal", "Integer"),
    "SchoolCategory": ("Elementary School", "High School", "Middle School"),
    "Sex": ("Female", "Male"),
    "StaffClassification": (
        "Counselor",
        "Instructional Aide",
        "LEA Administrator",
        "LEA System Administrator",
        "Other",
        "Principal",
        "School Administrator",
        "Teacher",
    ),
    "StaffIdentificationSystem": ("District", "State"),
    "StateAbbreviation": ("OR",),
    "StudentIdentificationSystem": ("State",),
    "SubmissionStatus": ("Excused", "Missing", "Not submitted", "Submitted"),
    "TelephoneNumberType": ("Mobile",),
    "Term": (
        "Fall Semester",
        "First Quarter",
        "Fourth Quarter",
        "Second Quarter",
        "Spring Semester",
        "Third Quarter",
        "Year Round",
    ),
}

_UNUSED = {
    "AssessmentReportingMethod": ("Proficiency level", "Raw score"),
    "AssignmentLateStatus": ("On time",),
    "ClassroomPosition": ("Substitute Teacher", "Support Teacher"),
    "Country": ("BR", "CA", "CO", "DE", "FR", "GB", "JP", "KR"),
    "ElectronicMailType": ("Other",),
    "GradeLevel": (
        *("Infant/toddler", "Preschool/Prekindergarten", "Transitional Kindergarten"),
        *("Grade 13", "Postsecondary", "Ungraded", "Other"),
    ),
    "GradeType": ("Final", "Mid-Term Grade", "Progress Report", "Semester"),
    "Race": ("Choose Not to Respond", "Other"),
    "Relation": (
        *("Aunt", "Brother", "Foster parent", "Grandfather", "Grandmother", "Neighbor"),
        *("Other", "Sister", "Stepfather", "Stepmother", "Uncle"),
    ),
    "ResultDatatypeType": ("Level", "Percentage", "Percentile", "Range"),
    "Sex": ("Not Selected",),
    "StateAbbreviation": ("AZ", "CA", "CO", "FL", "ID", "NM", "NY", "TX", "WA"),
    "StudentIdentificationSystem": ("District", "Local", "Other", "School"),
    "TelephoneNumberType": ("Fax", "Home", "Other", "Work"),
}
"""More of the standard's, which no document of the district refers to: clients may write them."""


def uri(kind: str, value: str) -> str:
    """A descriptor of the standard as documents refer to it, such as `GradeLevel`, `First grade`.

    Raises KeyError for one that this district does not use.
    """
    if value not in _VALUES[kind]:
        raise KeyError(f"{kind}#{value}")
    return f"{_STANDARD}/{kind}Descriptor#{value}"


def own(kind: str, value: str) -> str:
    """A descriptor of the district's own."""
    return f"{NAMESPACE}/{kind}Descriptor#{value}"


def descriptor(kind: str, value: str, namespace: str = _STANDARD) -> tuple[str, Record]:
    """A descriptor as a document: its resource, and what the resource says of it."""
    document = {
        "codeValue": value,
        "namespace": f"{namespace}/{kind}Descriptor",
        "shortDescription": value[:75],
    }
    return f"{kind[0].lower()}{kind[1:]}Descriptors", document


def standard() -> Iterator[tuple[str, Record]]:
    """The standard's, by resource: all that are used, and more."""
    for kind, values in _VALUES.items():
        for value in (*values, *_UNUSED.get(kind, ())):
            yield descriptor(kind, value)


GRADE_LEVELS = _VALUES["GradeLevel"]
"""In the order of the grades of the curriculum."""

SUBJECTS = {
    "English Language Arts": "English Language Arts",
    "Mathematics": "Mathematics",
    "Science": "Science",
    "Social Studies": "Social Studies",
    "Visual and Performing Arts": "Fine and Performing Arts",
    "Physical Education": "Physical, Health, and Safety Education",
    "Computer Science": "Computer and Information Sciences",
    "World Languages": "Foreign Language and Literature",
}
"""What is not among them is `Other`."""

CLASSIFICATIONS = {
    "aide": "Instructional Aide",
    "counselor": "Counselor",
    "districtAdministrator": "LEA Administrator",
    "principal": "Principal",
    "siteAdministrator": "School Administrator",
    "systemAdministrator": "LEA System Administrator",
    "teacher": "Teacher",
}

RACES = {
    "americanIndianOrAlaskaNative": "American Indian or Alaska Native",
    "asian": "Asian",
    "blackOrAfricanAmerican": "Black or African American",
    "nativeHawaiianOrOtherPacificIslander": "Native Hawaiian or Pacific Islander",
    "white": "White",
}

SEXES = {"female": "Female", "male": "Male"}

TERMS = {
    "Fall Semester": "Fall Semester",
    "Spring Semester": "Spring Semester",
    "Quarter 1": "First Quarter",
    "Quarter 2": "Second Quarter",
    "Quarter 3": "Third Quarter",
    "Quarter 4": "Fourth Quarter",
}
"""By the title of the term; the session of the whole year is `Year Round`."""
