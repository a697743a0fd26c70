"""The descriptors of the Ed-Fi Data Standard whose words a roster has words for. Data alone.

Each meaning has the words that say it; the first one is what the standard says itself, and what is
written where a district has no word of its own.
"""

from collections.abc import Mapping

from app.roster.entities import GRADES, ROLE, SCORE_STATUS

_ORDINALS = (
    *("First", "Second", "Third", "Fourth", "Fifth", "Sixth"),
    *("Seventh", "Eighth", "Ninth", "Tenth", "Eleventh", "Twelfth", "Thirteenth"),
)


def _numbered(number: int, ordinal: str) -> tuple[str, ...]:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number, "th")
    short = f"{number}{ending}"
    plain = (f"{ordinal} grade", ordinal, str(number), f"{number:02}", short, f"{short} grade")
    by_number = (f"Grade {number}", f"Grade {number:02}")
    return (*by_number, *plain) if number > 12 else (*plain, *by_number)


_GRADE_LEVELS: Mapping[str, tuple[str, ...]] = {
    "IT": ("Infant/toddler", "Infant", "Toddler", "IT"),
    "PR": ("Preschool", "Early Education", "Early Childhood", "PR", "P3", "PS3"),
    "PK": (
        *("Preschool/Prekindergarten", "Prekindergarten", "Pre-Kindergarten", "Pre-K", "PreK"),
        *("PK", "P4", "PK3", "PK4"),
    ),
    "TK": ("Transitional Kindergarten", "TK", "Junior Kindergarten", "Jr Kindergarten", "JK"),
    "KG": ("Kindergarten", "KG", "K", "0", "00", "Kindergarten grade"),
    **{f"{number:02}": _numbered(number, ordinal) for number, ordinal in enumerate(_ORDINALS, 1)},
    "PS": ("Postsecondary", "Post-secondary", "PS"),
    "UG": ("Ungraded", "No grade level", "UG"),
    "Other": ("Other", "Adult Education"),
}

_POSITIONS = {
    "primary teacher": ("Teacher of Record", "Lead Teacher", "Primary Teacher"),
    "teacher": (
        *("Assistant Teacher", "Support Teacher", "Substitute Teacher", "Co-Teacher"),
        *("Team Teacher", "Teacher"),
    ),
    "aide": ("Instructional Aide", "Aide", "Teacher Aide", "Paraprofessional"),
    "proctor": ("Proctor",),
}

_CLASSIFICATIONS = {
    "teacher": ("Teacher", "Substitute Teacher", "Support Teacher"),
    "principal": ("Principal",),
    "siteAdministrator": (
        *("School Administrator", "School Leader", "Assistant Principal", "Vice Principal"),
        "Dean of Students",
    ),
    # The system administrator of OneRoster runs computers, that of Ed-Fi runs a district.
    "districtAdministrator": (
        *("LEA Administrator", "LEA System Administrator", "Superintendent"),
        *("Assistant Superintendent", "Deputy Superintendent"),
    ),
    "administrator": ("State Administrator", "Administrator"),
    "counselor": (
        *("Counselor", "School Counselor", "Elementary and Secondary School Counselor"),
        *("Elementary School Counselor", "Secondary School Counselor", "Guidance Counselor"),
    ),
    # An aide is whoever helps and is none of the others (OneRoster 1.2, RoleEnum).
    "aide": (
        *("Instructional Aide", "Paraprofessional", "Teacher Aide", "Instructional Coordinator"),
        *("Art Therapist", "Athletic Trainer", "Certified Interpreter", "Department Head"),
        *("Librarian", "Librarians/Media Specialists", "Library/Media Support Staff", "Nurse"),
        *("LEA Administrative Support Staff", "LEA Specialist", "Music Therapist"),
        *("Occupational Therapist", "Operational Support", "Other", "Physical Therapist"),
        *("Psychologist", "School Administrative Support Staff", "School Nurse"),
        *("School Psychologist", "School Specialist", "Social Worker", "Speech Pathologist"),
        *("Speech Therapist", "Student Support Services Staff", "Support Services Staff"),
        *("Volunteer", "Other Staff", "Coach"),
    ),
}

_RELATIONS = {
    "parent": (
        *("Parent", "Mother", "Father", "Stepmother", "Stepfather", "Step-mother", "Step-father"),
        *("Step Parent", "Stepparent", "Adoptive Mother", "Adoptive Father", "Adoptive Parent"),
        *("Adoptive parents", "Natural mother", "Natural father", "Birth mother", "Birth father"),
    ),
    "guardian": (
        *("Guardian", "Legal Guardian", "Court appointed guardian", "Foster parent"),
        *("Foster mother", "Foster father", "Agency representative", "State agency"),
        *("Surrogate parent", "Caregiver", "Caretaker", "Custodian"),
    ),
    "relative": (
        *("Other relative", "Relative", "Grandparent", "Grandmother", "Grandfather"),
        *("Great aunt", "Great uncle", "Great Grandparent", "Great Grandmother"),
        *("Great Grandfather", "Aunt", "Uncle", "Brother", "Sister", "Sibling", "Stepbrother"),
        *("Stepsister", "Stepsibling", "Half-brother", "Half-sister", "Foster brother"),
        *("Foster sister", "Brother-in-law", "Sister-in-law", "Mother-in-law", "Father-in-law"),
        *("Cousin", "Nephew", "Niece", "Husband", "Wife", "Spouse", "Partner"),
        *("Domestic partner", "Fiance", "Fiancee", "Significant other", "Life partner"),
        *("Father's significant other", "Mother's significant other", "Son", "Daughter"),
        *("Step-son", "Step-daughter", "Stepson", "Stepdaughter", "Adopted son"),
        *("Adopted daughter", "Grandson", "Granddaughter", "Former husband", "Former wife"),
    ),
    # They stand by a student, but nobody's roster has a role for them.
    "none": (
        *("Other", "Unknown", "None", "Unrelated", "Friend", "Family friend", "Neighbor"),
        *("Emergency contact", "Employer", "Employee", "Doctor", "Dentist", "Physician"),
        *("Daycare", "Child care provider", "Ward", "Dependent", "Roommate", "Self"),
        *("Probation officer", "Social worker", "Case worker", "Minister or priest", "Attorney"),
    ),
}

_RACES = {
    "american_indian_or_alaska_native": (
        *("American Indian or Alaska Native", "American Indian - Alaska Native"),
        "American Indian/Alaska Native",
    ),
    "asian": ("Asian",),
    "black_or_african_american": (
        *("Black or African American", "Black - African American", "Black/African American"),
        "Black",
    ),
    "native_hawaiian_or_other_pacific_islander": (
        *("Native Hawaiian or Pacific Islander", "Native Hawaiian - Pacific Islander"),
        *("Native Hawaiian or Other Pacific Islander", "Native Hawaiian/Other Pacific Islander"),
        "Native Hawaiian/Pacific Islander",
    ),
    "white": ("White",),
    "demographic_race_two_or_more_races": (
        *("Two or More Races", "Two or more", "Multiracial", "Multi-racial", "Multiple races"),
    ),
    "hispanic_or_latino_ethnicity": (
        *("Hispanic or Latino", "Hispanic/Latino", "Hispanic", "Hispanic or Latino/a"),
    ),
    "none": (
        *("Choose Not to Respond", "Other", "Unknown", "Not specified", "Declined"),
        *("Middle Eastern or North African",),
    ),
}

_TERMS = {
    "semester": (
        *("Semester", "Fall Semester", "Spring Semester", "First Semester", "Second Semester"),
        *("Summer Semester", "Semester 1", "Semester 2", "Winter Semester"),
    ),
    "term": (
        *("Term", "First Trimester", "Second Trimester", "Third Trimester", "Trimester"),
        *("Fall Trimester", "Winter Trimester", "Spring Trimester", "Fall Quarter"),
        *("Winter Quarter", "Spring Quarter", "Summer Quarter", "First Quarter", "Quarter"),
        *("Second Quarter", "Third Quarter", "Fourth Quarter", "Quarter 1", "Quarter 2"),
        *("Quarter 3", "Quarter 4", "Quinmester", "MiniTerm", "Mini Term", "Summer Term"),
        *("Summer", "Intersession", "Long Session", "Short Session", "Fall Term", "Winter Term"),
        *("Spring Term", "Other", "Quad 1", "Quad 2", "Quad 3", "Quad 4"),
    ),
    "schoolYear": ("Year Round", "Full Year", "Twelve Month", "Full School Year", "School Year"),
    "gradingPeriod": ("Six Weeks", "Nine Weeks"),
}

_MAILS = {
    "work": (
        *("Work", "Organization", "Organizational", "School", "District", "Student"),
        *("Work/Organization", "Staff"),
    ),
    "home": ("Home/Personal", "Home", "Personal"),
    "other": ("Other", "Unknown"),
}

_TELEPHONES = {
    "mobile": ("Mobile", "Cell", "Cellular"),
    "home": ("Home",),
    "work": ("Work", "Main"),
    "other": ("Other", "Unlisted", "Emergency 1", "Emergency 2", "Alternate"),
    "none": ("Fax", "Pager"),
}

# What an identifier is called where several kinds of SIS call it so (the roster's ``UserId.type``).
# Numbers that the state's offices give to people, not to pupils, are never read.
_PERSON_IDS = {
    "stateId": ("State", "State ID", "SEA", "State Education Agency", "SSID", "State Student ID"),
    "districtId": ("District", "Local", "LEA", "District ID", "Local Education Agency"),
    "schoolId": ("School", "School ID"),
    "employeeId": ("Employee", "Employee ID", "Human Resources"),
    "none": ("SSN", "Social Security Number", "Medicaid", "Health Record", "Drivers License"),
}
_ORG_IDS = {
    "district": ("LEA", "District", "Local", "School", "Local Education Agency"),
    "state": ("SEA", "State", "State Education Agency"),
    "nation": ("NCES", "Federal"),
    "other": ("Other", "Other Federal", "ACT", "CEEB", "IPEDS", "DUNS", "OPEID"),
}

_LATENESS = {
    "late": ("Late", "Submitted late", "Turned in late", "Yes", "True"),
    "on time": ("On time", "Not late", "Submitted on time", "No", "False"),
}
_SUBMISSIONS = {
    "submitted": (
        *("Submitted", "Turned in", "Received", "Complete", "Completed", "On time", "Resubmitted"),
        *("Pending review", "Returned"),
    ),
    "late": ("Late", "Submitted late"),
    "missing": ("Missing", "Not turned in"),
    "not submitted": (
        *("Not submitted", "Unsubmitted", "Incomplete", "Created", "New", "Draft", "Assigned"),
        "Reclaimed by student",
    ),
    "exempt": ("Excused", "Exempt"),
    "partially graded": ("Partially graded",),
    "fully graded": ("Graded", "Fully graded"),
}
_REPORTING = {
    "raw": ("Raw score", "Number score", "Points"),
    "scale": ("Scale score", "Vertical score", "Standard score", "T-score", "Composite Score"),
    "percentile": (
        *("Percentile", "Percentile rank", "National Percentile", "National percentile rank"),
        *("Normal curve equivalent percentile",),
    ),
    "words": (
        *("Proficiency level", "Letter grade/mark", "Pass-fail", "Achievement/proficiency level"),
        *(
            "Mastery level",
            "Workplace readiness score",
            "Grade equivalent or grade-level indicator",
        ),
        *("Level", "Ordinal Scale", "Graduation score"),
    ),
    "number": (
        *("Other", "Percent", "Percentage", "Composite rating", "Growth/value-added/indexing"),
        *("Lexile Measure", "Quantile Measure", "Stanine score", "Stanine", "Z-score"),
        *("C-scaled scores", "College Board examination scores", "Normal curve equivalent"),
        *("International Baccalaureate score", "RIT scale score", "Theta", "Sten score"),
        *("Standard age score", "Ratio IQ's", "Standard error measurement", "Rank"),
        *("Reading readiness score", "Percentage correct", "ACT score", "Adaptive scale score"),
    ),
}

STANDARD: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "GradeLevelDescriptor": _GRADE_LEVELS,
    "ClassroomPositionDescriptor": _POSITIONS,
    "StaffClassificationDescriptor": _CLASSIFICATIONS,
    "RelationDescriptor": _RELATIONS,
    "SexDescriptor": {
        "female": ("Female", "F"),
        "male": ("Male", "M"),
        "unspecified": ("Not Selected", "Not Specified", "Unknown", "Unspecified", "U"),
        "other": ("Other", "Non-binary", "Nonbinary", "X"),
    },
    "RaceDescriptor": _RACES,
    "TermDescriptor": _TERMS,
    "ElectronicMailTypeDescriptor": _MAILS,
    "TelephoneNumberTypeDescriptor": _TELEPHONES,
    "StudentIdentificationSystemDescriptor": _PERSON_IDS,
    "StaffIdentificationSystemDescriptor": _PERSON_IDS,
    "EducationOrganizationIdentificationSystemDescriptor": _ORG_IDS,
    "AssignmentLateStatusDescriptor": _LATENESS,
    "SubmissionStatusDescriptor": _SUBMISSIONS,
    "AssessmentReportingMethodDescriptor": _REPORTING,
    "ResultDatatypeTypeDescriptor": {
        "integer": ("Integer",),
        "decimal": ("Decimal",),
        "level": ("Level",),
    },
}
"""By descriptor and meaning, the words that have it."""

_STAFF = tuple(
    one for one in ROLE.words if one not in ("student", "parent", "guardian", "relative")
)
FREE = frozenset(
    {
        "AcademicSubjectDescriptor",
        "CountryDescriptor",
        "EducationOrganizationIdentificationSystemDescriptor",
        "GradeTypeDescriptor",
        "GradebookEntryTypeDescriptor",
        "GradingPeriodDescriptor",
        "PerformanceLevelDescriptor",
        "StaffIdentificationSystemDescriptor",
        "StateAbbreviationDescriptor",
        "StudentIdentificationSystemDescriptor",
    }
)
"""Those whose words are told as they are, unless somebody says how to tell them."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    **{name: tuple(meanings) for name, meanings in STANDARD.items() if name not in FREE},
    "GradeLevelDescriptor": GRADES,
    "ClassroomPositionDescriptor": ("primary teacher", *_STAFF),
    "StaffClassificationDescriptor": _STAFF,
    "SubmissionStatusDescriptor": (*SCORE_STATUS.words, "late", "missing"),
}
"""What the words of a descriptor can mean, for whoever explains those of a district."""
