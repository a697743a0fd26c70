"""One person, or one seat of theirs, as Ed-Fi documents, from a record in the manner of OneRoster.

Whoever calls says the ids of the places: nothing here asks the district. So a school day of the
Ed-Fi side tells its newcomers in the same way as the district is told.
"""

from collections.abc import Iterable

from ... import names
from ...wire import Record
from .places import Documents, grade_level
from .words import CLASSIFICATIONS, RACES, SEXES, uri

STATE_IDS = 8_000_000_000
"""The state ids of staff begin here; those of students a thousand million before."""

FAMILY = ("parent", "guardian", "relative")
"""What guardians are to the children."""

_STATE = "OR"


def is_pupil(user: Record) -> bool:
    """Whether this user is a student first of all."""
    return bool(user["roles"][0]["role"] == "student")


def jobs(user: Record) -> list[Record]:
    """What a user works as here."""
    return [role for role in user["roles"] if role["role"] in CLASSIFICATIONS]


def relation(user: Record) -> str | None:
    """What a user is to their children here; None for somebody who has none."""
    words = [role["role"] for role in user["roles"] if role["role"] in FAMILY]
    if not words:
        return None
    if words[0] != "parent":
        return "Guardian"
    given = user["givenName"]
    her, his = given in names.GIRLS, given in names.BOYS
    return "Parent" if her == his else "Mother" if her else "Father"


def student(user: Record, demographics: Record) -> tuple[str, Record]:
    """A student, whom a school and the district say more about."""
    document = {
        "studentUniqueId": user["identifier"],
        **_names(user),
        "birthDate": demographics["birthDate"],
        "birthCountryDescriptor": uri("Country", demographics["countryOfBirthCode"]),
    }
    if "cityOfBirth" in demographics:
        document["birthCity"] = demographics["cityOfBirth"]
        document["birthStateAbbreviationDescriptor"] = uri(
            "StateAbbreviation", demographics["stateOfBirthAbbreviation"]
        )
    return "students", document


def attends(unique: str, school: int, year: int, grade: str, entry: str) -> tuple[str, Record]:
    """Which school a student attends, in which grade, and since when."""
    document = {
        "entryDate": entry,
        "schoolReference": {"schoolId": school},
        "studentReference": {"studentUniqueId": unique},
        **_entered(grade),
        "primarySchool": True,
        "schoolYearTypeReference": {"schoolYear": year},
    }
    return "studentSchoolAssociations", document


def _entered(grade: str) -> Record:
    return {"entryGradeLevelDescriptor": grade_level(grade)["gradeLevelDescriptor"]}


def known(
    user: Record, demographics: Record, district: int, races: Iterable[str]
) -> tuple[str, Record]:
    """What the district knows of a student: how to reach them, and who they say they are."""
    document: Record = {
        "educationOrganizationReference": {"educationOrganizationId": district},
        "studentReference": {"studentUniqueId": user["identifier"]},
        "electronicMails": [email(user["email"], "Organization")],
        "hispanicLatinoEthnicity": demographics["hispanicOrLatinoEthnicity"] == "true",
        "loginId": user["username"],
        "sexDescriptor": uri("Sex", SEXES[demographics["sex"]]),
        "studentIdentificationCodes": [
            {
                "studentIdentificationSystemDescriptor": uri(
                    "StudentIdentificationSystem", "State"
                ),
                "assigningOrganizationIdentificationCode": _STATE,
                "identificationCode": user["userIds"][0]["identifier"],
            }
        ],
    }
    if found := [{"raceDescriptor": uri("Race", race)} for race in races]:
        document["races"] = found
    return "studentEducationOrganizationAssociations", document


def stated_races(demographics: Record) -> list[str]:
    """The races that OneRoster says by name."""
    return [value for name, value in RACES.items() if demographics[name] == "true"]


def employee(user: Record) -> tuple[str, Record]:
    """Somebody who works here."""
    number = int(user["identifier"][1:])
    document = {
        "staffUniqueId": user["identifier"],
        **_names(user),
        "electronicMails": [email(user["email"], "Work")],
        "identificationCodes": [
            _staff_code("District", user["identifier"]),
            _staff_code("State", str(STATE_IDS + number * 7)),
        ],
        "loginId": user["username"],
    }
    return "staffs", document


def assigned(unique: str, org: int, role: str, begin: str, order: int) -> tuple[str, Record]:
    """As what somebody works at a school or for the district."""
    document = {
        "beginDate": begin,
        "educationOrganizationReference": {"educationOrganizationId": org},
        "staffClassificationDescriptor": uri("StaffClassification", CLASSIFICATIONS[role]),
        "staffReference": {"staffUniqueId": unique},
        "orderOfAssignment": order,
    }
    return "staffEducationOrganizationAssignmentAssociations", document


def works_at(unique: str, school: int, year: int) -> tuple[str, Record]:
    """At which school somebody works."""
    document = {
        "programAssignmentDescriptor": uri("ProgramAssignment", "Regular Education"),
        "schoolReference": {"schoolId": school},
        "schoolYearTypeReference": {"schoolYear": year},
        "staffReference": {"staffUniqueId": unique},
    }
    return "staffSchoolAssociations", document


def contact(user: Record) -> tuple[str, Record]:
    """A guardian."""
    document = {
        "contactUniqueId": user["identifier"],
        **_names(user),
        "loginId": user["username"],
    }
    if "email" in user:
        kind = "Work" if jobs(user) else "Home/Personal"
        document["electronicMails"] = [email(user["email"], kind)]
    if "phone" in user:
        document["telephones"] = [
            {
                "telephoneNumberTypeDescriptor": uri("TelephoneNumberType", "Mobile"),
                "telephoneNumber": user["phone"],
                "orderOfPriority": 1,
            }
        ]
    return "contacts", document


def family(unique: str, guardians: Iterable[tuple[str, str]]) -> Documents:
    """The guardians of a student, each by unique id and relation; the first is the primary one."""
    for priority, (guardian, word) in enumerate(guardians, start=1):
        yield (
            "studentContactAssociations",
            {
                "contactReference": {"contactUniqueId": guardian},
                "studentReference": {"studentUniqueId": unique},
                "contactPriority": priority,
                "emergencyContactStatus": True,
                "legalGuardian": True,
                "livesWith": True,
                "primaryContactStatus": priority == 1,
                "relationDescriptor": uri("Relation", word),
            },
        )


def sits(unique: str, section: Record, begin: str, homeroom: bool) -> tuple[str, Record]:
    """A student in a section."""
    document = {
        "beginDate": begin,
        "sectionReference": section,
        "studentReference": {"studentUniqueId": unique},
        "homeroomIndicator": homeroom,
    }
    return "studentSectionAssociations", document


def teaches(unique: str, section: Record, begin: str, leads: bool) -> tuple[str, Record]:
    """A teacher of a section; who leads it is its teacher of record."""
    position = "Teacher of Record" if leads else "Assistant Teacher"
    document = {
        "beginDate": begin,
        "sectionReference": section,
        "staffReference": {"staffUniqueId": unique},
        "classroomPositionDescriptor": uri("ClassroomPosition", position),
    }
    return "staffSectionAssociations", document


def email(address: str, kind: str) -> Record:
    """An address of a kind, as documents list it."""
    return {
        "electronicMailAddress": address,
        "electronicMailTypeDescriptor": uri("ElectronicMailType", kind),
    }


def _names(user: Record) -> Record:
    told = {"firstName": user["givenName"], "lastSurname": user["familyName"]}
    told.update((name, user[name]) for name in ("middleName", "preferredFirstName") if name in user)
    return told


def _staff_code(system: str, code: str) -> Record:
    return {
        "staffIdentificationSystemDescriptor": uri("StaffIdentificationSystem", system),
        "identificationCode": code,
    }
