"""The OneRoster names of what the service speaks: collections, their fields, the scopes."""

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
        _kind(
            "assessmentLineItems",
            "assessmentLineItem",
            "title description class parentAssessmentLineItem scoreScale resultValueMin"
            " resultValueMax learningObjectiveSet",
        ),
        _kind(
            "assessmentResults",
            "assessmentResult",
            "assessmentLineItem student score textScore scoreDate scoreScale scorePercentile"
            " scoreStatus comment learningObjectiveSet inProgress incomplete late missing",
        ),
    )
}

RESOURCE_KINDS = {
    "resources": _kind(
        "resources",
        "resource",
        "title roles importance vendorResourceId vendorId applicationId",
    )
}

KINDS = {**ROSTERING_KINDS, **GRADEBOOK_KINDS, **RESOURCE_KINDS}

_OLDER_USER = _kind(
    "users",
    "user",
    "username userIds enabledUser givenName familyName middleName role identifier email sms phone"
    " agents orgs grades password",
)
_OLDER_ITEM = _kind(
    "lineItems",
    "lineItem",
    "title description assignDate dueDate class category gradingPeriod resultValueMin"
    " resultValueMax",
)
_OLDER_RESULT = _kind("results", "result", "lineItem student scoreStatus score scoreDate comment")

OLDER_KINDS = {
    **ROSTERING_KINDS,
    "users": _OLDER_USER,
    "categories": _kind("categories", "category", "title"),
    "lineItems": _OLDER_ITEM,
    "results": _OLDER_RESULT,
    **RESOURCE_KINDS,
}
"""The records as OneRoster 1.1 has them."""

ROSTER = "roster.readonly"
ROSTER_CORE = "roster-core.readonly"
ROSTER_DEMOGRAPHICS = "roster-demographics.readonly"
GRADEBOOK_READ = "gradebook.readonly"
GRADEBOOK_CORE = "gradebook-core.readonly"
GRADEBOOK_PUT = "gradebook.createput"
GRADEBOOK_POST = "gradebook.createpost"
GRADEBOOK_DELETE = "gradebook.delete"
ASSESSMENT_READ = "assessment.readonly"
ASSESSMENT_PUT = "assessment.createput"
ASSESSMENT_DELETE = "assessment.delete"
RESOURCE = "resource.readonly"
RESOURCE_CORE = "resource-core.readonly"

_SCOPE = "https://purl.imsglobal.org/spec/or/{}/scope/{}"


def scope(version: str, name: str) -> str:
    """The scope of this name in a version (`v1p1`, `v1p2`), as tokens carry it."""
    return _SCOPE.format(version, name)


_NEWER = (
    *(ROSTER, ROSTER_CORE, ROSTER_DEMOGRAPHICS),
    *(GRADEBOOK_READ, GRADEBOOK_CORE, GRADEBOOK_PUT, GRADEBOOK_POST, GRADEBOOK_DELETE),
    *(ASSESSMENT_READ, ASSESSMENT_PUT, ASSESSMENT_DELETE),
    *(RESOURCE, RESOURCE_CORE),
)
_OLDER = (
    *(ROSTER, ROSTER_CORE, ROSTER_DEMOGRAPHICS),
    *(GRADEBOOK_READ, GRADEBOOK_PUT, GRADEBOOK_DELETE),
    RESOURCE,
)

# What this service grants, in the order in which it says so.
OFFERED_SCOPES = tuple(
    scope(version, name)
    for version, names in (("v1p2", _NEWER), ("v1p1", _OLDER))
    for name in names
)
