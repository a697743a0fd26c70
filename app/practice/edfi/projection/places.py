"""Where and when: the district, its schools, their year, and what is taught in it.

OneRoster has one calendar for the whole district, and a class may have several terms. In Ed-Fi each
school has sessions of its own, and a section belongs to exactly one of them: a class that lasts all
year is a section of the session `Year Round`, which each school has beside its semesters. So a
class is one section, never two halves with the same people in them.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cached_property

from ...curriculum import BANDS, GRADES
from ...district import District
from ...wire import Record, decode
from .words import GRADE_LEVELS, SUBJECTS, TERMS, uri

Documents = Iterator[tuple[str, Record]]
"""Documents, each with the resource that it belongs to."""

_DAY = timedelta(days=1)
_SCHOOL_NUMBERS = 1000
_NINE_WEEKS = ("First", "Second", "Third", "Fourth")


class Places:
    """The district's own frame, as every other document refers to it.

    OneRoster ends a session on the first day after it, Ed-Fi on its last day; here it is Ed-Fi's.
    """

    def __init__(self, district: District) -> None:
        self._district = district
        orgs = self._live("orgs")
        self._orgs = {org["sourcedId"]: org for org in orgs}
        whole = next(org for org in orgs if org["type"] == "district")
        self.lea = int(whole["identifier"])
        self._district_key = whole["sourcedId"]
        sessions = self._live("academicSessions")
        self._terms = {each["sourcedId"]: each for each in sessions}
        year = next(each for each in sessions if each["type"] == "schoolYear")
        self.year = int(year["schoolYear"])
        self._year_name = year["title"]
        semesters = [each for each in sessions if each["type"] == "semester"]
        self.first_day = min(each["startDate"] for each in semesters)
        self.last_day = max(_last_day(each) for each in semesters)
        self.grading_periods = {
            each["sourcedId"]: {**each, "endDate": _last_day(each)}
            for each in sessions
            if each["type"] == "gradingPeriod"
        }

    def _live(self, collection: str) -> list[Record]:
        rows = map(decode, self._district.collections[collection].rows)
        return [row for row in rows if row["status"] == "active"]

    # What others refer to.

    def org_id(self, org: str) -> int:
        """The education organization id of an org. Raises KeyError."""
        if org == self._district_key:
            return self.lea
        # A code is two letters and a number that no other school has: ES001.
        return self.lea * _SCHOOL_NUMBERS + int(self._orgs[org]["identifier"][2:])

    def is_school(self, org: str) -> bool:
        """Whether this org is a school."""
        return org in self._orgs and org != self._district_key

    def session(self, class_: Record) -> Record:
        """The name, first and last day of the session in which a class is taught."""
        if len(class_["terms"]) > 1:
            return {
                "sessionName": self._year_name,
                "beginDate": self.first_day,
                "endDate": self.last_day,
            }
        term = self._terms[class_["terms"][0]["sourcedId"]]
        return {
            "sessionName": term["title"],
            "beginDate": term["startDate"],
            "endDate": _last_day(term),
        }

    @cached_property
    def sections(self) -> dict[str, Record]:
        """The reference to the section that each class is, by the class's sourcedId."""
        return {
            class_["sourcedId"]: {
                **self._offering(class_),
                "sectionIdentifier": class_["classCode"],
            }
            for class_ in self._live("classes")
        }

    @cached_property
    def _homerooms(self) -> frozenset[str]:
        classes = self._live("classes")
        return frozenset(
            class_["sourcedId"] for class_ in classes if class_["classType"] == "homeroom"
        )

    def is_homeroom(self, class_: str) -> bool:
        """Whether this class is the one that its pupils are at home in."""
        return class_ in self._homerooms

    @cached_property
    def _course_codes(self) -> dict[str, str]:
        return {course["sourcedId"]: course["courseCode"] for course in self._live("courses")}

    def _offering(self, class_: Record) -> Record:
        return {
            "localCourseCode": self._course_codes[class_["course"]["sourcedId"]],
            "schoolId": self.org_id(class_["school"]["sourcedId"]),
            "schoolYear": self.year,
            "sessionName": self.session(class_)["sessionName"],
        }

    def grading_period(self, period: str, school: int) -> Record:
        """The reference to a grading period at a school. Raises KeyError."""
        title = self.grading_periods[period]["title"]
        return {**self._period_key(title), "schoolId": school, "schoolYear": self.year}

    def _period_key(self, title: str) -> Record:
        quarter = int(title.split()[1])
        return {
            "gradingPeriodDescriptor": uri(
                "GradingPeriod", f"{_NINE_WEEKS[quarter - 1]} Nine Weeks"
            ),
            "gradingPeriodName": title,
        }

    # The documents.

    def documents(self) -> Documents:
        """The orgs, the school year, the courses and the sections."""
        schools = [org for key, org in self._orgs.items() if self.is_school(key)]
        yield "localEducationAgencies", self._agency()
        for school in schools:
            yield "schools", self._school(school)
        yield (
            "schoolYearTypes",
            {
                "schoolYear": self.year,
                "currentSchoolYear": True,
                "schoolYearDescription": f"{self.year - 1}-{self.year}",
            },
        )
        ids = [self.org_id(school["sourcedId"]) for school in schools]
        for school_id in ids:
            yield from self._calendar(school_id)
        for course in self._live("courses"):
            yield "courses", self._course(course)
        yield from self._taught()

    def _agency(self) -> Record:
        name = self._orgs[self._district_key]["name"]
        return {
            "localEducationAgencyId": self.lea,
            "categories": [_category("Local Education Agency")],
            "identificationCodes": [_code(str(self.lea))],
            "localEducationAgencyCategoryDescriptor": uri(
                "LocalEducationAgencyCategory", "Regular public school district"
            ),
            "nameOfInstitution": name,
        }

    def _school(self, school: Record) -> Record:
        [band] = [band for band in BANDS if school["identifier"].startswith(band.code)]
        return {
            "schoolId": self.org_id(school["sourcedId"]),
            "educationOrganizationCategories": [_category("School")],
            "gradeLevels": [grade_level(GRADES[grade]) for grade in band.grades],
            "identificationCodes": [_code(school["identifier"])],
            "localEducationAgencyReference": {"localEducationAgencyId": self.lea},
            "nameOfInstitution": school["name"],
            "schoolCategories": [{"schoolCategoryDescriptor": uri("SchoolCategory", band.name)}],
        }

    def _calendar(self, school: int) -> Documents:
        here = {
            "schoolReference": {"schoolId": school},
            "schoolYearTypeReference": {"schoolYear": self.year},
        }
        ordered = sorted(self.grading_periods.values(), key=lambda each: str(each["startDate"]))
        for number, period in enumerate(ordered, start=1):
            begin, end = period["startDate"], period["endDate"]
            yield (
                "gradingPeriods",
                {
                    **self._period_key(period["title"]),
                    **here,
                    **_days(begin, end),
                    "periodSequence": number,
                },
            )
        yield (
            "sessions",
            {
                "sessionName": self._year_name,
                **here,
                **_days(self.first_day, self.last_day),
                "termDescriptor": uri("Term", "Year Round"),
            },
        )
        for term in self._terms.values():
            if term["type"] not in ("semester", "term"):
                continue
            session = {
                "sessionName": term["title"],
                **here,
                **_days(term["startDate"], _last_day(term)),
                "termDescriptor": uri("Term", TERMS[term["title"]]),
            }
            listed = [
                {"gradingPeriodReference": self.grading_period(each["sourcedId"], school)}
                for each in ordered
                if each["parent"]["sourcedId"] == term["sourcedId"]
            ]
            if listed:
                session["gradingPeriods"] = listed
            yield "sessions", session

    def _course(self, course: Record) -> Record:
        return {
            "courseCode": course["courseCode"],
            "educationOrganizationReference": {"educationOrganizationId": self.lea},
            "academicSubjects": _subjects(course),
            "courseTitle": course["title"],
            "identificationCodes": [
                {
                    "courseIdentificationSystemDescriptor": uri(
                        "CourseIdentificationSystem", "LEA course code"
                    ),
                    "identificationCode": course["courseCode"],
                }
            ],
            "numberOfParts": 1,
            "offeredGradeLevels": _grade_levels(course),
        }

    def _taught(self) -> Documents:
        titles = {course["courseCode"]: course["title"] for course in self._live("courses")}
        classes = self._live("classes")
        offered: dict[tuple[object, ...], Record] = {}
        periods: set[tuple[int, str]] = set()
        rooms: set[tuple[int, str]] = set()
        for class_ in classes:
            offering = self._offering(class_)
            offered.setdefault(tuple(offering.values()), class_)
            school = offering["schoolId"]
            periods.update((school, period) for period in class_.get("periods", ()))
            rooms.add((school, class_["location"]))
        for school, period in sorted(periods):
            yield (
                "classPeriods",
                {"classPeriodName": period, "schoolReference": {"schoolId": school}},
            )
        for school, room in sorted(rooms):
            yield (
                "locations",
                {"classroomIdentificationCode": room, "schoolReference": {"schoolId": school}},
            )
        for class_ in offered.values():
            offering = self._offering(class_)
            code, school = offering.pop("localCourseCode"), offering["schoolId"]
            yield (
                "courseOfferings",
                {
                    "localCourseCode": code,
                    "courseReference": {"courseCode": code, "educationOrganizationId": self.lea},
                    "localCourseTitle": titles[code],
                    "offeredGradeLevels": _grade_levels(class_),
                    "schoolReference": {"schoolId": school},
                    "sessionReference": offering,
                },
            )
        for class_ in classes:
            yield "sections", self._section(class_)

    def _section(self, class_: Record) -> Record:
        offering = self._offering(class_)
        school = offering["schoolId"]
        document: Record = {
            "sectionIdentifier": class_["classCode"],
            "courseOfferingReference": offering,
            "locationReference": {
                "classroomIdentificationCode": class_["location"],
                "schoolId": school,
            },
            "locationSchoolReference": {"schoolId": school},
            "offeredGradeLevels": _grade_levels(class_),
            "sectionName": class_["title"],
            "sequenceOfCourse": 1,
        }
        if "periods" in class_:
            document["classPeriods"] = [
                {"classPeriodReference": {"classPeriodName": period, "schoolId": school}}
                for period in class_["periods"]
            ]
        return document


def grade_level(grade: str) -> Record:
    """A grade as a document lists it."""
    return {"gradeLevelDescriptor": uri("GradeLevel", GRADE_LEVELS[GRADES.index(grade)])}


def grade_of(descriptor: str) -> int:
    """The position of a grade among those of the curriculum; the middle one for another word."""
    _, _, value = descriptor.partition("#")
    return GRADE_LEVELS.index(value) if value in GRADE_LEVELS else len(GRADE_LEVELS) // 2


def subject_of(name: str) -> str:
    """The descriptor of a subject of the curriculum."""
    return uri("AcademicSubject", SUBJECTS.get(name, "Other"))


def _grade_levels(record: Record) -> list[Record]:
    return [grade_level(grade) for grade in record["grades"]]


def _subjects(record: Record) -> list[Record]:
    return [{"academicSubjectDescriptor": subject_of(name)} for name in record["subjects"]]


def _category(value: str) -> Record:
    return {"educationOrganizationCategoryDescriptor": uri("EducationOrganizationCategory", value)}


def _code(value: str) -> Record:
    return {
        "educationOrganizationIdentificationSystemDescriptor": uri(
            "EducationOrganizationIdentificationSystem", "LEA"
        ),
        "identificationCode": value,
    }


def _last_day(session: Record) -> str:
    return (date.fromisoformat(session["endDate"]) - _DAY).isoformat()


def _days(begin: str, end: str) -> Record:
    first, last = date.fromisoformat(begin), date.fromisoformat(end)
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return {
        "beginDate": begin,
        "endDate": end,
        "totalInstructionalDays": _school_days(every),
    }


def _school_days(days: Iterable[date]) -> int:
    return sum(day.weekday() < 5 for day in days)
