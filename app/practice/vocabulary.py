"""The OneRoster 1.2 names of what the service speaks: collections, their fields, the scopes."""

from typing import NamedTuple

_BASE = ("sourcedId", "status", "dateLastModified", "metadata")


class Kind(NamedTuple):
    """A type of record: the collection's name, one record's name, and its fields."""

    plural: str
    singular: str
    fields: frozenset[str]


def _kind(plural: str, singular: str, fields: str) -> Kind:
    return Kind(plural, singular, frozenset(_BASE + tuple(fields.split())))


ROSTERING_KINDS = {
    kind.plural: kind
    for kind in (
        _kind("orgs", "org", "name type identifier parent children"),
        _kind(
            "academicSessions",
            "academicSession",
            "title startDate endDate type parent children schoolYear",
        ),
        _kind(
            "courses",
            "course",
            "title schoolYear courseCode grades subjects org subjectCodes resources",
        ),
        _kind(
            "classes",
            "class",
            "title classCode classType location grades subjects course school terms"
            " subjectCodes periods resources",
        ),
        _kind(
            "users",
            "user",
            "userMasterIdentifier username userIds enabledUser givenName familyName middleName"
            " preferredFirstName preferredMiddleName preferredLastName pronouns roles"
            " userProfiles primaryOrg identifier email sms phone agents grades password resources",
        ),
        _kind("enrollments", "enrollment", "user class school role primary beginDate endDate"),
        _kind(
            "demographics",
            "demographics",
            "birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican"
            " nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces"
            " hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation cityOfBirth"
            " publicSchoolResidenceStatus",
        ),
    )
}

GRADEBOOK_KINDS = {
    kind.plural: kind
    for kind in (
        _kind("categories", "category", "title weight"),
        _kind(
            "lineItems",
            "lineItem",
            "title description assignDate dueDate class school category gradingPeriod"
            " academicSession scoreScale resultValueMin resultValueMax learningObjectiveSet",
        ),
        _kind(
            "results",
            "result",
            "lineItem student class scoreScale scoreStatus score textScore scoreDate comment"
            " learningObjectiveSet inProgress incomplete late missing",
        ),
        _kind("scoreScales", "scoreScale", "title type course class scoreScaleValue"),
    )
}

KINDS = {**ROSTERING_KINDS, **GRADEBOOK_KINDS}

_SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"

ROSTER = f"{_SCOPE}roster.readonly"
ROSTER_CORE = f"{_SCOPE}roster-core.readonly"
ROSTER_DEMOGRAPHICS = f"{_SCOPE}roster-demographics.readonly"
GRADEBOOK_READ = f"{_SCOPE}gradebook.readonly"
GRADEBOOK_CORE = f"{_SCOPE}gradebook-core.readonly"
GRADEBOOK_PUT = f"{_SCOPE}gradebook.createput"
GRADEBOOK_POST = f"{_SCOPE}gradebook.createpost"
GRADEBOOK_DELETE = f"{_SCOPE}gradebook.delete"

# What this service grants, in the order in which it says so.
OFFERED_SCOPES = (
    ROSTER,
    ROSTER_CORE,
    ROSTER_DEMOGRAPHICS,
    GRADEBOOK_READ,
    GRADEBOOK_CORE,
    GRADEBOOK_PUT,
    GRADEBOOK_POST,
    GRADEBOOK_DELETE,
)

# What the standard defines; a scope of services that are not here is understood, not granted.
KNOWN_SCOPES = frozenset(OFFERED_SCOPES) | {
    f"{_SCOPE}{name}"
    for name in (
        "assessment.readonly",
        "assessment.createput",
        "assessment.delete",
        "resource.readonly",
        "resource-core.readonly",
    )
}
