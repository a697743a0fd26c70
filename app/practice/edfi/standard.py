"""What the Ed-Fi Data Standard 5.0 says of the resources served here: fields, parts, references.

One word a field: its name; `#` where it is part of the natural key, `!` where it is required
otherwise; then what it is: `:75` a text of so many characters, `:whole`, `:number`, `:bool`,
`:date`, `:moment` or `:time`, `*address` a list of such parts, `=period` one such part. A name that
ends in Descriptor is a descriptor, one that ends in Reference refers to what it is called, or to
what stands after `>`.
"""

RESOURCES = {
    "stateEducationAgencies": (
        "categories!*organizationCategory stateEducationAgencyId#:whole "
        "accountabilities*stateEducationAgencyAccountability addresses*organizationAddress "
        "federalFunds*stateEducationAgencyFederalFunds "
        "identificationCodes*organizationIdentificationCode indicators*organizationIndicator "
        "institutionTelephones*organizationInstitutionTelephone "
        "internationalAddresses*internationalAddress nameOfInstitution!:75 "
        "operationalStatusDescriptor shortNameOfInstitution:75 webSite:255"
    ),
    "educationServiceCenters": (
        "categories!*organizationCategory educationServiceCenterId#:whole "
        "stateEducationAgencyReference addresses*organizationAddress "
        "identificationCodes*organizationIdentificationCode indicators*organizationIndicator "
        "institutionTelephones*organizationInstitutionTelephone "
        "internationalAddresses*internationalAddress nameOfInstitution!:75 "
        "operationalStatusDescriptor shortNameOfInstitution:75 webSite:255"
    ),
    "localEducationAgencies": (
        "categories!*organizationCategory localEducationAgencyId#:whole "
        "educationServiceCenterReference "
        "parentLocalEducationAgencyReference>localEducationAgencyReference "
        "stateEducationAgencyReference accountabilities*accountability "
        "addresses*organizationAddress charterStatusDescriptor federalFunds*federalFunds "
        "identificationCodes*organizationIdentificationCode indicators*organizationIndicator "
        "institutionTelephones*organizationInstitutionTelephone "
        "internationalAddresses*internationalAddress localEducationAgencyCategoryDescriptor! "
        "nameOfInstitution!:75 operationalStatusDescriptor shortNameOfInstitution:75 webSite:255"
    ),
    "schools": (
        "educationOrganizationCategories!*organizationCategory gradeLevels!*gradeLevel "
        "schoolId#:whole charterApprovalSchoolYearTypeReference>schoolYearTypeReference "
        "localEducationAgencyReference addresses*organizationAddress "
        "administrativeFundingControlDescriptor charterApprovalAgencyTypeDescriptor "
        "charterStatusDescriptor identificationCodes*organizationIdentificationCode "
        "indicators*organizationIndicator institutionTelephones*organizationInstitutionTelephone "
        "internationalAddresses*internationalAddress internetAccessDescriptor "
        "magnetSpecialProgramEmphasisSchoolDescriptor nameOfInstitution!:75 "
        "operationalStatusDescriptor schoolCategories*category schoolTypeDescriptor "
        "shortNameOfInstitution:75 titleIPartASchoolDesignationDescriptor webSite:255"
    ),
    "schoolYearTypes": "schoolYear#:whole currentSchoolYear!:bool schoolYearDescription!:50",
    "gradingPeriods": (
        "gradingPeriodDescriptor# gradingPeriodName#:60 schoolReference# schoolYearTypeReference# "
        "beginDate!:date endDate!:date periodSequence:whole totalInstructionalDays!:whole"
    ),
    "sessions": (
        "sessionName#:60 schoolReference# schoolYearTypeReference# academicWeeks*academicWeek "
        "beginDate!:date endDate!:date gradingPeriods*gradingPeriod termDescriptor! "
        "totalInstructionalDays!:whole"
    ),
    "courses": (
        "courseCode#:60 identificationCodes!*courseIdentificationCode "
        "educationOrganizationReference# academicSubjects*academicSubject careerPathwayDescriptor "
        "competencyLevels*competencyLevel courseDefinedByDescriptor courseDescription:1024 "
        "courseGPAApplicabilityDescriptor courseTitle!:60 dateCourseAdopted:date "
        "highSchoolCourseRequirement:bool learningStandards*learningStandard "
        "levelCharacteristics*levelCharacteristic maxCompletionsForCredit:whole "
        "maximumAvailableCreditConversion:number maximumAvailableCredits:number "
        "maximumAvailableCreditTypeDescriptor minimumAvailableCreditConversion:number "
        "minimumAvailableCredits:number minimumAvailableCreditTypeDescriptor numberOfParts!:whole "
        "offeredGradeLevels*gradeLevel timeRequiredForCompletion:whole"
    ),
    "courseOfferings": (
        "localCourseCode#:60 courseReference! schoolReference# sessionReference# "
        "courseLevelCharacteristics*levelCharacteristic curriculumUseds*curriculumUsed "
        "instructionalTimePlanned:whole localCourseTitle:60 offeredGradeLevels*gradeLevel"
    ),
    "classPeriods": (
        "classPeriodName#:60 schoolReference# meetingTimes*meetingTime "
        "officialAttendancePeriod:bool"
    ),
    "locations": (
        "classroomIdentificationCode#:60 schoolReference# maximumNumberOfSeats:whole "
        "optimalNumberOfSeats:whole"
    ),
    "sections": (
        "sectionIdentifier#:255 courseOfferingReference# locationReference "
        "locationSchoolReference>schoolReference availableCreditConversion:number "
        "availableCredits:number availableCreditTypeDescriptor characteristics*characteristic "
        "classPeriods*classPeriod courseLevelCharacteristics*levelCharacteristic "
        "educationalEnvironmentDescriptor instructionLanguageDescriptor "
        "mediumOfInstructionDescriptor offeredGradeLevels*gradeLevel officialAttendancePeriod:bool "
        "populationServedDescriptor programs*program sectionName:100 sectionTypeDescriptor "
        "sequenceOfCourse:whole"
    ),
    "contacts": (
        "contactUniqueId#:32 personReference addresses*address electronicMails*electronicMail "
        "firstName!:75 genderIdentity:60 generationCodeSuffix:10 "
        "highestCompletedLevelOfEducationDescriptor internationalAddresses*internationalAddress "
        "languages*spokenLanguage lastSurname!:75 loginId:60 maidenName:75 middleName:75 "
        "otherNames*otherName personalIdentificationDocuments*identificationDocument "
        "personalTitlePrefix:30 preferredFirstName:75 preferredLastSurname:75 sexDescriptor "
        "telephones*telephone"
    ),
    "students": (
        "studentUniqueId#:32 personReference birthCity:30 birthCountryDescriptor birthDate!:date "
        "birthInternationalProvince:150 birthSexDescriptor birthStateAbbreviationDescriptor "
        "citizenshipStatusDescriptor dateEnteredUS:date firstName!:75 generationCodeSuffix:10 "
        "identificationDocuments*identificationDocument lastSurname!:75 maidenName:75 "
        "middleName:75 multipleBirthStatus:bool otherNames*otherName "
        "personalIdentificationDocuments*identificationDocument personalTitlePrefix:30 "
        "preferredFirstName:75 preferredLastSurname:75 visas*visa"
    ),
    "staffs": (
        "staffUniqueId#:32 personReference addresses*staffAddress "
        "ancestryEthnicOrigins*ancestryEthnicOrigin birthDate:date citizenshipStatusDescriptor "
        "credentials*credential electronicMails*electronicMail firstName!:75 genderIdentity:60 "
        "generationCodeSuffix:10 highestCompletedLevelOfEducationDescriptor "
        "highlyQualifiedTeacher:bool hispanicLatinoEthnicity:bool "
        "identificationCodes*staffIdentificationCode "
        "identificationDocuments*identificationDocument "
        "internationalAddresses*internationalAddress languages*staffLanguage lastSurname!:75 "
        "loginId:60 maidenName:75 middleName:75 otherNames*otherName "
        "personalIdentificationDocuments*identificationDocument personalTitlePrefix:30 "
        "preferredFirstName:75 preferredLastSurname:75 races*race recognitions*recognition "
        "sexDescriptor telephones*telephone tribalAffiliations*tribalAffiliation visas*visa "
        "yearsOfPriorProfessionalExperience:number yearsOfPriorTeachingExperience:number"
    ),
    "studentSchoolAssociations": (
        "entryDate#:date calendarReference classOfSchoolYearTypeReference>schoolYearTypeReference "
        "graduationPlanReference nextYearSchoolReference>schoolReference schoolReference# "
        "schoolYearTypeReference studentReference# "
        "alternativeGraduationPlans*alternativeGraduationPlan educationPlans*educationPlan "
        "employedWhileEnrolled:bool enrollmentTypeDescriptor entryGradeLevelDescriptor! "
        "entryGradeLevelReasonDescriptor entryTypeDescriptor exitWithdrawDate:date "
        "exitWithdrawTypeDescriptor fullTimeEquivalency:number nextYearGradeLevelDescriptor "
        "primarySchool:bool repeatGradeIndicator:bool residencyStatusDescriptor schoolChoice:bool "
        "schoolChoiceBasisDescriptor schoolChoiceTransfer:bool termCompletionIndicator:bool"
    ),
    "studentEducationOrganizationAssociations": (
        "educationOrganizationReference# studentReference# "
        "addresses*studentEducationOrganizationAssociationAddress "
        "ancestryEthnicOrigins*ancestryEthnicOrigin barrierToInternetAccessInResidenceDescriptor "
        "cohortYears*cohortYear disabilities*disability electronicMails*electronicMail "
        "genderIdentity:60 hispanicLatinoEthnicity:bool "
        "internationalAddresses*internationalAddress internetAccessInResidence:bool "
        "internetAccessTypeInResidenceDescriptor internetPerformanceInResidenceDescriptor "
        "languages*studentEducationOrganizationAssociationLanguage "
        "limitedEnglishProficiencyDescriptor loginId:60 primaryLearningDeviceAccessDescriptor "
        "primaryLearningDeviceAwayFromSchoolDescriptor primaryLearningDeviceProviderDescriptor "
        "profileThumbnail:255 races*race sexDescriptor "
        "studentCharacteristics*studentCharacteristic "
        "studentIdentificationCodes*studentIdentificationCode studentIndicators*studentIndicator "
        "supporterMilitaryConnectionDescriptor telephones*telephone "
        "tribalAffiliations*tribalAffiliation"
    ),
    "studentContactAssociations": (
        "contactReference# studentReference# contactPriority:whole contactRestrictions:250 "
        "emergencyContactStatus:bool legalGuardian:bool livesWith:bool primaryContactStatus:bool "
        "relationDescriptor"
    ),
    "staffEducationOrganizationAssignmentAssociations": (
        "beginDate#:date staffClassificationDescriptor# credentialReference "
        "educationOrganizationReference# "
        "employmentStaffEducationOrganizationEmploymentAssociationReference"
        ">staffEducationOrganizationEmploymentAssociationReference "
        "staffReference# endDate:date fullTimeEquivalency:number orderOfAssignment:whole "
        "positionTitle:100"
    ),
    "staffSchoolAssociations": (
        "programAssignmentDescriptor# calendarReference schoolReference# schoolYearTypeReference "
        "staffReference# academicSubjects*academicSubject gradeLevels*gradeLevel"
    ),
    "studentSectionAssociations": (
        "beginDate#:date sectionReference# studentReference# attemptStatusDescriptor endDate:date "
        "homeroomIndicator:bool programs*program repeatIdentifierDescriptor "
        "teacherStudentDataLinkExclusion:bool"
    ),
    "staffSectionAssociations": (
        "beginDate#:date sectionReference# staffReference# classroomPositionDescriptor! "
        "endDate:date highlyQualifiedTeacher:bool percentageContribution:number "
        "teacherStudentDataLinkExclusion:bool"
    ),
    "gradebookEntries": (
        "gradebookEntryIdentifier#:60 namespace#:255 gradingPeriodReference sectionReference "
        "dateAssigned!:date description:1024 dueDate:date dueTime:time "
        "gradebookEntryTypeDescriptor learningStandards*learningStandard maxPoints:number "
        "sourceSectionIdentifier!:255 title!:100"
    ),
    "studentGradebookEntries": (
        "gradebookEntryReference# studentReference# assignmentLateStatusDescriptor "
        "competencyLevelDescriptor dateFulfilled:date diagnosticStatement:1024 "
        "letterGradeEarned:20 numericGradeEarned:number pointsEarned:number "
        "submissionStatusDescriptor timeFulfilled:time"
    ),
    "grades": (
        "gradeTypeDescriptor# gradingPeriodReference# studentSectionAssociationReference# "
        "currentGradeAsOfDate:date currentGradeIndicator:bool diagnosticStatement:1024 "
        "gradeEarnedDescription:64 learningStandardGrades*learningStandardGrade "
        "letterGradeEarned:20 numericGradeEarned:number performanceBaseConversionDescriptor"
    ),
    "assessments": (
        "academicSubjects!*academicSubject assessmentIdentifier#:60 namespace#:255 "
        "educationOrganizationReference adaptiveAssessment:bool assessedGradeLevels*gradeLevel "
        "assessmentCategoryDescriptor assessmentFamily:60 assessmentForm:60 assessmentTitle!:255 "
        "assessmentVersion:whole contentStandard=contentStandard "
        "identificationCodes*identificationCode languages*language maxRawScore:number "
        "nomenclature:100 performanceLevels*performanceLevel periods*period "
        "platformTypes*platformType programs*program revisionDate:date scores*score "
        "sections*section"
    ),
    "objectiveAssessments": (
        "identificationCode#:60 assessmentReference# "
        "parentObjectiveAssessmentReference>objectiveAssessmentReference academicSubjectDescriptor "
        "assessmentItems*assessmentItem description:1024 learningStandards*learningStandard "
        "maxRawScore:number nomenclature:100 percentOfAssessment:number "
        "performanceLevels*performanceLevel scores*score"
    ),
    "studentAssessments": (
        "studentAssessmentIdentifier#:60 assessmentReference# "
        "reportedSchoolReference>schoolReference schoolYearTypeReference studentReference# "
        "accommodations*accommodation administrationDate:moment administrationEndDate:moment "
        "administrationEnvironmentDescriptor administrationLanguageDescriptor "
        "assessedMinutes:whole eventCircumstanceDescriptor eventDescription:1024 items*item "
        "performanceLevels*assessmentPerformanceLevel period=studentAssessmentPeriod "
        "platformTypeDescriptor reasonNotTestedDescriptor reportedSchoolIdentifier:60 "
        "retestIndicatorDescriptor scoreResults*assessmentScoreResult serialNumber:60 "
        "studentObjectiveAssessments*studentObjectiveAssessment whenAssessedGradeLevelDescriptor"
    ),
}
"""The fields of each resource, in the order in which data must be loaded."""

PARTS = {
    "academicSubject": "academicSubjectDescriptor#",
    "academicWeek": "academicWeekReference!",
    "accommodation": "accommodationDescriptor#",
    "accountability": (
        "gunFreeSchoolsActReportingStatusDescriptor schoolChoiceImplementStatusDescriptor "
        "schoolYearTypeReference!"
    ),
    "address": (
        "addressTypeDescriptor# stateAbbreviationDescriptor# city#:30 postalCode#:17 "
        "streetNumberName#:150 localeDescriptor apartmentRoomSuiteNumber:50 buildingSiteNumber:20 "
        "congressionalDistrict:30 countyFIPSCode:5 doNotPublishIndicator:bool latitude:20 "
        "longitude:20 nameOfCounty:30 periods*between"
    ),
    "alternativeGraduationPlan": "alternativeGraduationPlanReference!>graduationPlanReference",
    "ancestryEthnicOrigin": "ancestryEthnicOriginDescriptor#",
    "assessmentItem": "assessmentItemReference!",
    "assessmentPerformanceLevel": (
        "assessmentReportingMethodDescriptor# performanceLevelDescriptor# "
        "performanceLevelIndicatorName:60"
    ),
    "assessmentScoreResult": (
        "assessmentReportingMethodDescriptor# resultDatatypeTypeDescriptor! result!:35"
    ),
    "category": "schoolCategoryDescriptor#",
    "characteristic": "sectionCharacteristicDescriptor#",
    "classPeriod": "classPeriodReference!",
    "cohortYear": "cohortYearTypeDescriptor# termDescriptor schoolYearTypeReference!",
    "competencyLevel": "competencyLevelDescriptor#",
    "between": "beginDate#:date endDate:date",
    "spokenLanguage": "languageDescriptor# uses*languageUse",
    "contentStandard": (
        "publicationStatusDescriptor beginDate:date endDate:date publicationDate:date "
        "publicationYear:whole title!:75 uri:255 version:50 "
        "mandatingEducationOrganizationReference>educationOrganizationReference "
        "authors*contentStandardAuthor"
    ),
    "contentStandardAuthor": "author#:100",
    "courseIdentificationCode": (
        "courseIdentificationSystemDescriptor# assigningOrganizationIdentificationCode:60 "
        "courseCatalogURL:255 identificationCode!:60"
    ),
    "credential": "credentialReference!",
    "curriculumUsed": "curriculumUsedDescriptor#",
    "disability": (
        "disabilityDescriptor# disabilityDeterminationSourceTypeDescriptor disabilityDiagnosis:80 "
        "orderOfDisability:whole designations*disabilityDesignation"
    ),
    "disabilityDesignation": "disabilityDesignationDescriptor#",
    "educationPlan": "educationPlanDescriptor#",
    "electronicMail": (
        "electronicMailTypeDescriptor# electronicMailAddress#:128 doNotPublishIndicator:bool "
        "primaryEmailAddressIndicator:bool"
    ),
    "federalFunds": (
        "fiscalYear#:whole innovativeDollarsSpent:number "
        "innovativeDollarsSpentStrategicPriorities:number innovativeProgramsFundsReceived:number "
        "schoolImprovementAllocation:number schoolImprovementReservedFundsPercentage:number "
        "stateAssessmentAdministrationFunding:number "
        "supplementalEducationalServicesFundsSpent:number "
        "supplementalEducationalServicesPerPupilExpenditure:number"
    ),
    "gradeLevel": "gradeLevelDescriptor#",
    "gradingPeriod": "gradingPeriodReference!",
    "identificationCode": (
        "assessmentIdentificationSystemDescriptor# assigningOrganizationIdentificationCode:60 "
        "identificationCode!:60"
    ),
    "identificationDocument": (
        "identificationDocumentUseDescriptor# personalInformationVerificationDescriptor# "
        "issuerCountryDescriptor documentExpirationDate:date documentTitle:60 "
        "issuerDocumentIdentificationCode:60 issuerName:150"
    ),
    "internationalAddress": (
        "addressTypeDescriptor# countryDescriptor! addressLine1!:150 addressLine2:150 "
        "addressLine3:150 addressLine4:150 beginDate:date endDate:date latitude:20 longitude:20"
    ),
    "item": (
        "assessmentItemResultDescriptor! responseIndicatorDescriptor assessmentResponse:255 "
        "descriptiveFeedback:1024 itemNumber:whole rawScoreResult:number timeAssessed:30 "
        "assessmentItemReference!"
    ),
    "language": "languageDescriptor#",
    "languageUse": "languageUseDescriptor#",
    "learningStandard": "learningStandardReference!",
    "learningStandardGrade": (
        "performanceBaseConversionDescriptor diagnosticStatement:1024 letterGradeEarned:20 "
        "numericGradeEarned:number learningStandardReference!"
    ),
    "levelCharacteristic": "courseLevelCharacteristicDescriptor#",
    "meetingTime": "endTime#:time startTime#:time",
    "organizationAddress": (
        "addressTypeDescriptor# stateAbbreviationDescriptor# city#:30 postalCode#:17 "
        "streetNumberName#:150 localeDescriptor apartmentRoomSuiteNumber:50 buildingSiteNumber:20 "
        "congressionalDistrict:30 countyFIPSCode:5 doNotPublishIndicator:bool latitude:20 "
        "longitude:20 nameOfCounty:30 periods*between"
    ),
    "organizationCategory": "educationOrganizationCategoryDescriptor#",
    "organizationIdentificationCode": (
        "educationOrganizationIdentificationSystemDescriptor# identificationCode!:60"
    ),
    "organizationIndicator": (
        "indicatorDescriptor# indicatorGroupDescriptor indicatorLevelDescriptor designatedBy:60 "
        "indicatorValue:60 periods*between"
    ),
    "organizationInstitutionTelephone": (
        "institutionTelephoneNumberTypeDescriptor# telephoneNumber!:24"
    ),
    "otherName": (
        "otherNameTypeDescriptor# firstName!:75 generationCodeSuffix:10 lastSurname!:75 "
        "middleName:75 personalTitlePrefix:30"
    ),
    "performanceLevel": (
        "assessmentReportingMethodDescriptor# performanceLevelDescriptor# "
        "resultDatatypeTypeDescriptor maximumScore:35 minimumScore:35 "
        "performanceLevelIndicatorName:60"
    ),
    "period": "assessmentPeriodDescriptor# beginDate:date endDate:date",
    "platformType": "platformTypeDescriptor#",
    "program": "programReference!",
    "race": "raceDescriptor#",
    "recognition": (
        "recognitionTypeDescriptor# achievementCategoryDescriptor achievementCategorySystem:60 "
        "achievementTitle:60 criteria:150 criteriaURL:255 evidenceStatement:150 imageURL:255 "
        "issuerName:150 issuerOriginURL:255 recognitionAwardDate:date "
        "recognitionAwardExpiresDate:date recognitionDescription:80"
    ),
    "score": (
        "assessmentReportingMethodDescriptor# resultDatatypeTypeDescriptor maximumScore:35 "
        "minimumScore:35"
    ),
    "section": "sectionReference!",
    "staffAddress": (
        "addressTypeDescriptor# stateAbbreviationDescriptor# city#:30 postalCode#:17 "
        "streetNumberName#:150 localeDescriptor apartmentRoomSuiteNumber:50 buildingSiteNumber:20 "
        "congressionalDistrict:30 countyFIPSCode:5 doNotPublishIndicator:bool latitude:20 "
        "longitude:20 nameOfCounty:30 periods*between"
    ),
    "staffIdentificationCode": (
        "staffIdentificationSystemDescriptor# assigningOrganizationIdentificationCode:60 "
        "identificationCode!:60"
    ),
    "staffLanguage": "languageDescriptor# uses*languageUse",
    "stateEducationAgencyAccountability": (
        "cteGraduationRateInclusion:bool schoolYearTypeReference!"
    ),
    "stateEducationAgencyFederalFunds": "fiscalYear#:whole federalProgramsFundingAllocation:number",
    "studentAssessmentPeriod": "assessmentPeriodDescriptor! beginDate:date endDate:date",
    "studentCharacteristic": ("studentCharacteristicDescriptor# designatedBy:60 periods*between"),
    "studentEducationOrganizationAssociationAddress": (
        "addressTypeDescriptor# stateAbbreviationDescriptor# city#:30 postalCode#:17 "
        "streetNumberName#:150 localeDescriptor apartmentRoomSuiteNumber:50 buildingSiteNumber:20 "
        "congressionalDistrict:30 countyFIPSCode:5 doNotPublishIndicator:bool latitude:20 "
        "longitude:20 nameOfCounty:30 periods*between"
    ),
    "studentEducationOrganizationAssociationLanguage": "languageDescriptor# uses*languageUse",
    "studentIdentificationCode": (
        "studentIdentificationSystemDescriptor# assigningOrganizationIdentificationCode#:60 "
        "identificationCode!:60"
    ),
    "studentIndicator": (
        "indicatorName#:200 designatedBy:60 indicator!:60 indicatorGroup:200 periods*between"
    ),
    "studentObjectiveAssessment": (
        "administrationDate:moment administrationEndDate:moment assessedMinutes:whole "
        "objectiveAssessmentReference! performanceLevels*assessmentPerformanceLevel "
        "scoreResults*assessmentScoreResult"
    ),
    "telephone": (
        "telephoneNumberTypeDescriptor# telephoneNumber#:24 doNotPublishIndicator:bool "
        "orderOfPriority:whole textMessageCapabilityIndicator:bool"
    ),
    "tribalAffiliation": "tribalAffiliationDescriptor#",
    "visa": "visaDescriptor#",
}
"""The fields of what stands inside of resources."""

REFERENCES = {
    "stateEducationAgency": "stateEducationAgencyId",
    "educationServiceCenter": "educationServiceCenterId",
    "localEducationAgency": "localEducationAgencyId",
    "schoolYearType": "schoolYear",
    "school": "schoolId",
    "educationOrganization": "educationOrganizationId",
    "course": "courseCode educationOrganizationId",
    "session": "schoolId schoolYear sessionName",
    "courseOffering": "localCourseCode schoolId schoolYear sessionName",
    "location": "classroomIdentificationCode schoolId",
    "person": "personId sourceSystemDescriptor",
    "calendar": "calendarCode schoolId schoolYear",
    "graduationPlan": "educationOrganizationId graduationPlanTypeDescriptor graduationSchoolYear",
    "student": "studentUniqueId",
    "contact": "contactUniqueId",
    "credential": "credentialIdentifier stateOfIssueStateAbbreviationDescriptor",
    "staffEducationOrganizationEmploymentAssociation": (
        "educationOrganizationId employmentStatusDescriptor hireDate staffUniqueId"
    ),
    "staff": "staffUniqueId",
    "section": "localCourseCode schoolId schoolYear sectionIdentifier sessionName",
    "gradingPeriod": "gradingPeriodDescriptor gradingPeriodName schoolId schoolYear",
    "gradebookEntry": "gradebookEntryIdentifier namespace",
    "studentSectionAssociation": (
        "beginDate localCourseCode schoolId schoolYear sectionIdentifier sessionName "
        "studentUniqueId"
    ),
    "assessment": "assessmentIdentifier namespace",
    "objectiveAssessment": "assessmentIdentifier identificationCode namespace",
    "program": "educationOrganizationId programName programTypeDescriptor",
    "learningStandard": "learningStandardId",
    "assessmentItem": "assessmentIdentifier identificationCode namespace",
    "classPeriod": "classPeriodName schoolId",
    "academicWeek": "schoolId weekIdentifier",
}
"""What a reference to each says: the natural key of what it refers to."""
