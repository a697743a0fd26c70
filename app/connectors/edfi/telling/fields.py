"""Which fields of the roster an Ed-Fi service can speak of at all (SEMANTICS A2). Data alone.

What is missing here, such as pronouns, no document of the standard tells; what some sorts of record
tell and others do not, such as the grades of a member of staff, is unsaid for those.
"""

from collections.abc import Mapping

from app.roster.entities import ENTITIES


def _spoken(entity: str, fields: str) -> tuple[str, ...]:
    """The fields in the order of the roster."""
    told = fields.split()
    return tuple(name for name in ENTITIES[entity].field_names if name in told)


_SPOKEN = {
    "orgs": "name type identifier parent",
    "academic_sessions": "title start_date end_date type parent school_year",
    "courses": "title course_code grades subjects org",
    "classes": "title class_code location grades course school terms periods",
    "users": (
        "given_name middle_name family_name preferred_first_name preferred_last_name username "
        "identifier user_ids email sms phone primary_org roles grades agents"
    ),
    "demographics": (
        "user birth_date sex american_indian_or_alaska_native asian black_or_african_american "
        "native_hawaiian_or_other_pacific_islander white demographic_race_two_or_more_races "
        "hispanic_or_latino_ethnicity country_of_birth_code state_of_birth_abbreviation "
        "city_of_birth"
    ),
    "enrollments": "user class school role primary begin_date end_date",
    "categories": "title",
    "line_items": (
        "title description assign_date due_date class school category grading_period "
        "result_value_max"
    ),
    "results": (
        "line_item student class score_status score text_score score_date comment late missing"
    ),
    "assessment_line_items": "title parent_assessment_line_item result_value_min result_value_max",
    "assessment_results": (
        "assessment_line_item student score_status score text_score score_percentile score_date"
    ),
}

FIELDS: Mapping[str, tuple[str, ...]] = {
    entity: _spoken(entity, fields) for entity, fields in _SPOKEN.items()
}
"""By entity, in the order of the roster; what is not spoken of here is never changed by a read."""

_NAMED = "firstName middleName lastSurname preferredFirstName preferredLastSurname"
_REACHED = "loginId electronicMails telephones"
_READ = {
    "stateEducationAgencies": "nameOfInstitution identificationCodes stateEducationAgencyId",
    "educationServiceCenters": (
        "nameOfInstitution identificationCodes educationServiceCenterId "
        "stateEducationAgencyReference"
    ),
    "localEducationAgencies": (
        "nameOfInstitution identificationCodes localEducationAgencyId "
        "parentLocalEducationAgencyReference educationServiceCenterReference "
        "stateEducationAgencyReference"
    ),
    "schools": "nameOfInstitution identificationCodes schoolId localEducationAgencyReference",
    "schoolYearTypes": "schoolYear schoolYearDescription",
    "sessions": (
        "sessionName beginDate endDate termDescriptor schoolReference schoolYearTypeReference "
        "gradingPeriods"
    ),
    "gradingPeriods": (
        "gradingPeriodDescriptor gradingPeriodName periodSequence beginDate endDate "
        "schoolReference schoolYearTypeReference"
    ),
    "courses": (
        "courseTitle courseCode offeredGradeLevels academicSubjects academicSubjectDescriptor "
        "educationOrganizationReference"
    ),
    "courseOfferings": (
        "localCourseCode localCourseTitle offeredGradeLevels courseReference sessionReference"
    ),
    "sections": (
        "sectionIdentifier sectionName courseOfferingReference locationReference "
        "offeredGradeLevels classPeriods"
    ),
    "contacts": f"contactUniqueId parentUniqueId personReference {_NAMED} {_REACHED}",
    "students": (
        f"studentUniqueId {_NAMED} birthDate birthCity birthCountryDescriptor "
        "birthStateAbbreviationDescriptor birthSexDescriptor"
    ),
    "staffs": f"staffUniqueId personReference identificationCodes {_NAMED} {_REACHED}",
    "studentSchoolAssociations": (
        "entryDate exitWithdrawDate primarySchool entryGradeLevelDescriptor schoolReference "
        "studentReference"
    ),
    "studentEducationOrganizationAssociations": (
        f"{_REACHED} studentIdentificationCodes sexDescriptor races hispanicLatinoEthnicity "
        "educationOrganizationReference studentReference"
    ),
    "studentContactAssociations": (
        "contactReference parentReference studentReference relationDescriptor legalGuardian "
        "primaryContactStatus"
    ),
    "staffEducationOrganizationAssignmentAssociations": (
        "beginDate endDate staffClassificationDescriptor orderOfAssignment "
        "educationOrganizationReference staffReference"
    ),
    "staffSchoolAssociations": "programAssignmentDescriptor schoolReference staffReference",
    "studentSectionAssociations": "beginDate endDate sectionReference studentReference",
    "staffSectionAssociations": (
        "beginDate endDate sectionReference staffReference classroomPositionDescriptor"
    ),
    "gradebookEntries": (
        "gradebookEntryIdentifier namespace title gradebookEntryTitle description dateAssigned "
        "dueDate dueTime sectionReference gradebookEntryTypeDescriptor gradingPeriodReference "
        "maxPoints"
    ),
    "studentGradebookEntries": (
        "gradebookEntryReference studentReference studentSectionAssociationReference "
        "pointsEarned numericGradeEarned letterGradeEarned dateFulfilled diagnosticStatement "
        "submissionStatusDescriptor assignmentLateStatusDescriptor"
    ),
    "grades": (
        "gradeTypeDescriptor gradingPeriodReference studentSectionAssociationReference "
        "numericGradeEarned letterGradeEarned gradeEarnedDescription currentGradeAsOfDate "
        "diagnosticStatement"
    ),
    "assessments": "assessmentIdentifier namespace assessmentTitle maxRawScore scores",
    "objectiveAssessments": (
        "identificationCode description maxRawScore scores assessmentReference "
        "parentObjectiveAssessmentReference"
    ),
    "studentAssessments": (
        "studentAssessmentIdentifier assessmentReference studentReference administrationDate "
        "scoreResults performanceLevels studentObjectiveAssessments"
    ),
    "gradebookEntryTypeDescriptors": "namespace codeValue shortDescription",
}

MEMBERS: Mapping[str, frozenset[str]] = {
    resource: frozenset(members.split()) for resource, members in _READ.items()
}
"""By resource, the members of its documents that are read, those of its natural key among them.

What else a document has, such as health and home addresses, need not be kept by anybody.
"""
