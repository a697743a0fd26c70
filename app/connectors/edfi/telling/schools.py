"""Education organizations, the calendar, courses and sections, as a roster tells them."""

from collections.abc import Sequence

from app.connectors.contract import Row
from app.connectors.edfi.descriptors import NOTHING, Words
from app.connectors.edfi.keys import record_key
from app.connectors.edfi.telling import references
from app.connectors.edfi.telling.days import end_after, length
from app.connectors.edfi.telling.fields import FIELDS
from app.connectors.edfi.telling.patch import Parts, Patch, at, listed, named
from app.connectors.edfi.vocabulary import Document

_ORG_TYPES = {
    "stateEducationAgencies": "state",
    "educationServiceCenters": "local",
    "localEducationAgencies": "district",
    "schools": "school",
}
SCHOOLS = "schools"
_LEA, _ESC, _SEA = "localEducationAgencyId", "educationServiceCenterId", "stateEducationAgencyId"
_ABOVE = {
    "schools": (("localEducationAgencyReference", _LEA),),
    "localEducationAgencies": (
        ("parentLocalEducationAgencyReference", _LEA),
        ("educationServiceCenterReference", _ESC),
        ("stateEducationAgencyReference", _SEA),
    ),
    "educationServiceCenters": (("stateEducationAgencyReference", _SEA),),
}
"""By resource, where the organizations stand that one is part of, the nearest first."""

_OF = {
    _LEA: "localEducationAgencies",
    _ESC: "educationServiceCenters",
    _SEA: "stateEducationAgencies",
}
"""The resource of an organization, by what its id is called."""


def org(resource: str, key: str, parts: Parts, words: Words) -> Row:
    """An education organization of any sort."""
    (document,) = parts[resource]
    patch = Patch("orgs", FIELDS["orgs"], words)
    patch.say("name", at(document, "nameOfInstitution"))
    patch.say("type", _ORG_TYPES[resource])
    patch.say("identifier", _org_identifier(document, words) or key)
    patch.say("parent", _parent(resource, document))
    return patch.row(record_key(resource, key))


def _org_identifier(document: Document, words: Words) -> object:
    """The number that the district itself gives, else the state's, else the nation's."""
    ranks = ("district", "state", "nation")
    found = []
    for code in listed(document, "identificationCodes"):
        system = words.word(
            "EducationOrganizationIdentificationSystemDescriptor",
            at(code, "educationOrganizationIdentificationSystemDescriptor"),
        )
        if at(code, "identificationCode") and system != NOTHING:
            rank = ranks.index(system) if system in ranks else len(ranks)
            found.append((rank, str(code["identificationCode"])))
    return min(found)[1] if found else None


def above(resource: str, document: Document) -> list[tuple[str, str]]:
    """The organizations that one is part of, each by resource and id, the nearest first."""
    told = ((_OF[name], at(document, of, name)) for of, name in _ABOVE.get(resource, ()))
    return [(name, str(id_)) for name, id_ in told if id_ is not None]


def _parent(resource: str, document: Document) -> str | None:
    nearest = next((id_ for _, id_ in above(resource, document)), None)
    return references.key_of(SCHOOLS, nearest)


def school_year(key: str, parts: Parts, words: Words) -> Row:
    """A school year. It has no dates in Ed-Fi, and none are made up."""
    (document,) = parts["schoolYearTypes"]
    patch = Patch("academic_sessions", FIELDS["academic_sessions"], words)
    patch.say("title", at(document, "schoolYearDescription") or at(document, "schoolYear"))
    patch.say("type", "schoolYear")
    patch.say("school_year", at(document, "schoolYear"))
    return patch.row(record_key("schoolYearTypes", key))


def session(key: str, parts: Parts, words: Words) -> Row:
    """A session of a school: a semester, a term.

    It is part of the shortest session around it, among its ``siblings``: the other sessions of the
    same school and school year; else of the school year.
    """
    (document,) = parts["sessions"]
    patch = Patch("academic_sessions", FIELDS["academic_sessions"], words)
    patch.say("title", at(document, "sessionName"))
    _say_days(patch, document)
    patch.choose("type", "TermDescriptor", at(document, "termDescriptor"))
    if "siblings" in parts:
        around = [one for one in parts["siblings"] if _is_around(one, document)]
        patch.say("parent", _shortest(around) or references.school_year(document))
    patch.say("school_year", at(document, "schoolYearTypeReference", "schoolYear"))
    return patch.row(record_key("sessions", key))


def grading_period(key: str, parts: Parts, words: Words) -> Row:
    """A grading period; it is part of the session that lists it, else of its school year."""
    (document,) = parts["gradingPeriods"]
    patch = Patch("academic_sessions", FIELDS["academic_sessions"], words)
    descriptor = at(document, "gradingPeriodDescriptor")
    word = words.word("GradingPeriodDescriptor", descriptor)
    patch.say("title", at(document, "gradingPeriodName") or word)
    _say_days(patch, document)
    patch.say("type", "gradingPeriod")
    own = record_key("gradingPeriods", key)
    if "sessions" in parts:
        patch.say("parent", _listing(own, parts["sessions"]) or references.school_year(document))
    patch.say("school_year", at(document, "schoolYearTypeReference", "schoolYear"))
    return patch.row(own)


def _listing(period: str, sessions: Sequence[Document]) -> str | None:
    """The session that lists a grading period; the shortest, where several do."""
    return _shortest(
        [
            one
            for one in sessions
            if period
            in map(
                references.grading_period, named(one, "gradingPeriods", "gradingPeriodReference")
            )
        ]
    )


def _days(document: Document) -> tuple[str, str]:
    return str(at(document, "beginDate") or ""), str(at(document, "endDate") or "")


def _is_around(outer: Document, inner: Document) -> bool:
    """Whether a session has all the days of another, and more."""
    (begin, end), (first, last) = _days(outer), _days(inner)
    return "" < begin <= first <= last <= end and (begin, end) != (first, last)


def _shortest(sessions: Sequence[Document]) -> str | None:
    """The key of the shortest of these sessions; of those alike the least key."""
    found = [(length(*_days(one)), key) for one in sessions if (key := _own_key(one)) is not None]
    return min(found)[1] if found else None


def _own_key(document: Document) -> str | None:
    school, year = at(document, "schoolReference"), at(document, "schoolYearTypeReference")
    name = at(document, "sessionName")
    return references.key_of("sessions", at(school, "schoolId"), at(year, "schoolYear"), name)


def _say_days(patch: Patch, document: Document) -> None:
    patch.say("start_date", at(document, "beginDate"))
    patch.say("end_date", end_after(at(document, "endDate")))


def course(key: str, parts: Parts, words: Words) -> Row:
    """A course."""
    (document,) = parts["courses"]
    patch = Patch("courses", FIELDS["courses"], words)
    patch.say("title", at(document, "courseTitle") or at(document, "courseCode"))
    patch.say("course_code", at(document, "courseCode"))
    _say_grades(patch, document)
    subjects = named(document, "academicSubjects", "academicSubjectDescriptor")
    alone = at(document, "academicSubjectDescriptor")  # up to the standard 3 there is one
    said = [words.word("AcademicSubjectDescriptor", one) for one in subjects or [alone]]
    patch.say("subjects", said)
    patch.say("org", references.organization(document))
    return patch.row(record_key("courses", key))


def section(key: str, parts: Parts, words: Words) -> Row:
    """A section, with what the course offering tells that it belongs to."""
    (document,) = parts["sections"]
    place = at(document, "courseOfferingReference")
    offering = next(iter(parts.get("courseOfferings", ())), None)
    patch = Patch("classes", FIELDS["classes"], words)
    titles = (
        *(at(document, "sectionName"), at(offering, "localCourseTitle")),
        *(at(place, "localCourseCode"), at(document, "sectionIdentifier")),
    )
    if titles[0] or "courseOfferings" in parts:
        patch.say("title", next((title for title in titles if title), None))
    patch.say("class_code", at(document, "sectionIdentifier"))
    patch.say("location", at(document, "locationReference", "classroomIdentificationCode"))
    if at(document, "offeredGradeLevels") or "courseOfferings" in parts:
        _say_grades(patch, document if at(document, "offeredGradeLevels") else offering)
    if offering is not None:
        patch.say("course", references.course(at(offering, "courseReference")))
    patch.say("school", references.key_of("schools", at(place, "schoolId")))
    patch.say("terms", [references.session(place)])
    taught = named(document, "classPeriods", "classPeriodReference")
    patch.say("periods", [at(one, "classPeriodName") for one in taught])
    return patch.row(record_key("sections", key))


def _say_grades(patch: Patch, document: Document | None) -> None:
    offered = named(document, "offeredGradeLevels", "gradeLevelDescriptor")
    patch.choose_all("grades", "GradeLevelDescriptor", offered)


def category(key: str, parts: Parts, words: Words) -> Row:
    """A sort of gradebook entry, by its descriptor."""
    (document,) = parts["gradebookEntryTypeDescriptors"]
    patch = Patch("categories", FIELDS["categories"], words)
    said = at(document, "codeValue")
    word = words.word("GradebookEntryTypeDescriptor", f"{at(document, 'namespace')}#{said}")
    patch.say("title", (word if word != said else None) or at(document, "shortDescription") or said)
    return patch.row(record_key("gradebookEntryTypeDescriptors", key))
