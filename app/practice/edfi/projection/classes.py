"""What is taught: the courses of the district, and the sections of each school."""

from ...wire import Record
from .places import Documents, Places, grade_level, subject_of
from .words import uri


class Classes:
    """The courses and classes of a district as documents."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def documents(self) -> Documents:
        """Courses, class periods, rooms, offerings, sections."""
        for course in self._places.live("courses"):
            yield "courses", self._course(course)
        yield from self._taught()

    def _course(self, course: Record) -> Record:
        return {
            "courseCode": course["courseCode"],
            "educationOrganizationReference": {"educationOrganizationId": self._places.lea},
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
        titles = {course["courseCode"]: course["title"] for course in self._places.live("courses")}
        classes = self._places.live("classes")
        offered: dict[tuple[object, ...], Record] = {}
        periods: set[tuple[int, str]] = set()
        rooms: set[tuple[int, str]] = set()
        for class_ in classes:
            offering = self._places.offering(class_)
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
            offering = self._places.offering(class_)
            code, school = offering.pop("localCourseCode"), offering["schoolId"]
            yield (
                "courseOfferings",
                {
                    "localCourseCode": code,
                    "courseReference": {
                        "courseCode": code,
                        "educationOrganizationId": self._places.lea,
                    },
                    "localCourseTitle": titles[code],
                    "offeredGradeLevels": _grade_levels(class_),
                    "schoolReference": {"schoolId": school},
                    "sessionReference": offering,
                },
            )
        for class_ in classes:
            yield "sections", self._section(class_)

    def _section(self, class_: Record) -> Record:
        offering = self._places.offering(class_)
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


def _grade_levels(record: Record) -> list[Record]:
    return [grade_level(grade) for grade in record["grades"]]


def _subjects(record: Record) -> list[Record]:
    return [{"academicSubjectDescriptor": subject_of(name)} for name in record["subjects"]]
