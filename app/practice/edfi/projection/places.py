"""What every document refers to: the ids of schools, sessions, grading periods and sections.

OneRoster has one calendar for the whole district, and a class may have several terms. In Ed-Fi each
school has sessions of its own, and a section belongs to exactly one of them: a class that lasts all
year is a section of the session `Year Round`, which each school has beside its semesters. So a
class is one section, never two halves with the same people in them.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property

from ...curriculum import GRADES
from ...district import District
from ...wire import Record, decode
from .words import GRADE_LEVELS, SUBJECTS, uri

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
        orgs = self.live("orgs")
        self.orgs = {org["sourcedId"]: org for org in orgs}
        whole = next(org for org in orgs if org["type"] == "district")
        self.lea = int(whole["identifier"])
        self.district_key = whole["sourcedId"]
        sessions = self.live("academicSessions")
        self.terms = {each["sourcedId"]: each for each in sessions}
        year = next(each for each in sessions if each["type"] == "schoolYear")
        self.year = int(year["schoolYear"])
        self.year_name = year["title"]
        semesters = [each for each in sessions if each["type"] == "semester"]
        self.first_day = min(each["startDate"] for each in semesters)
        self.last_day = max(last_day(each) for each in semesters)
        self.grading_periods = {
            each["sourcedId"]: {**each, "endDate": last_day(each)}
            for each in sessions
            if each["type"] == "gradingPeriod"
        }

    def live(self, collection: str) -> list[Record]:
        """The records of a collection that are no tombstones."""
        rows = map(decode, self._district.collections[collection].rows)
        return [row for row in rows if row["status"] == "active"]

    # What others refer to.

    def org_id(self, org: str) -> int:
        """The education organization id of an org. Raises KeyError."""
        if org == self.district_key:
            return self.lea
        # A code is two letters and a number that no other school has: ES001.
        return self.lea * _SCHOOL_NUMBERS + int(self.orgs[org]["identifier"][2:])

    def is_school(self, org: str) -> bool:
        """Whether this org is a school."""
        return org in self.orgs and org != self.district_key

    def session(self, class_: Record) -> Record:
        """The name, first and last day of the session in which a class is taught."""
        if len(class_["terms"]) > 1:
            return {
                "sessionName": self.year_name,
                "beginDate": self.first_day,
                "endDate": self.last_day,
            }
        term = self.terms[class_["terms"][0]["sourcedId"]]
        return {
            "sessionName": term["title"],
            "beginDate": term["startDate"],
            "endDate": last_day(term),
        }

    @cached_property
    def sections(self) -> dict[str, Record]:
        """The reference to the section that each class is, by the class's sourcedId."""
        return {
            class_["sourcedId"]: {
                **self.offering(class_),
                "sectionIdentifier": class_["classCode"],
            }
            for class_ in self.live("classes")
        }

    @cached_property
    def _homerooms(self) -> frozenset[str]:
        classes = self.live("classes")
        return frozenset(
            class_["sourcedId"] for class_ in classes if class_["classType"] == "homeroom"
        )

    def is_homeroom(self, class_: str) -> bool:
        """Whether this class is the one that its pupils are at home in."""
        return class_ in self._homerooms

    @cached_property
    def course_codes(self) -> dict[str, str]:
        """What each course is called, by its sourcedId."""
        return {course["sourcedId"]: course["courseCode"] for course in self.live("courses")}

    def offering(self, class_: Record) -> Record:
        """The reference to the offering of a course that a class belongs to."""
        return {
            "localCourseCode": self.course_codes[class_["course"]["sourcedId"]],
            "schoolId": self.org_id(class_["school"]["sourcedId"]),
            "schoolYear": self.year,
            "sessionName": self.session(class_)["sessionName"],
        }

    def grading_period(self, period: str, school: int) -> Record:
        """The reference to a grading period at a school. Raises KeyError."""
        title = self.grading_periods[period]["title"]
        return {**self.period_key(title), "schoolId": school, "schoolYear": self.year}

    def period_key(self, title: str) -> Record:
        """How references call a grading period of this title, such as Quarter 1 Final."""
        quarter = int(title.split()[1])
        return {
            "gradingPeriodDescriptor": uri(
                "GradingPeriod", f"{_NINE_WEEKS[quarter - 1]} Nine Weeks"
            ),
            "gradingPeriodName": title,
        }


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


def last_day(session: Record) -> str:
    """The last day of a session of OneRoster, which says the first one after it."""
    return (date.fromisoformat(session["endDate"]) - _DAY).isoformat()
