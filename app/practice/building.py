"""Builds every record of a new district from a seed, a number of students and a day."""

from collections.abc import Iterable
from datetime import date, timedelta

from . import names
from .curriculum import BANDS, GRADES
from .dice import Dice
from .population import (
    Household,
    Person,
    Register,
    School,
    demographics_record,
    guardian_record,
    households,
    schools,
    settle,
    staff_record,
    student_record,
)
from .sessions import SchoolYear, school_year
from .teaching import Catalogue, Section, Timetabler, staff_needed
from .wire import Record, encode, midnight, moment_text, reference

FEWEST_STUDENTS = 20
MOST_STUDENTS = 250_000
FIRST_NUMBER = 100_001

Built = dict[str, list[tuple[str, int, bytes]]]


class Moments:
    """When the records were last touched: anywhere in the months before a day, mostly long ago."""

    DAYS = 240

    def __init__(self, today: date, dice: Dice) -> None:
        # The last day is left free: a day begins in some places before it does in UTC, and no
        # record may seem to come from the future.
        end = midnight(today - timedelta(days=1))
        span = self.DAYS * 86_400_000
        drawn = [end - int(span * (1 - dice.random() ** 2)) - 1 for _ in range(4000)]
        self._drawn = [(moment, moment_text(moment)) for moment in drawn]
        self._dice = dice

    def draw(self) -> tuple[int, str]:
        """A moment in milliseconds and as text."""
        return self._dice.pick(self._drawn)


class Builder:
    """One use: `build` gives the records of each collection and the next free person number."""

    def __init__(self, seed: int, students: int, today: date) -> None:
        self._students = students
        self._root = (seed, students)
        self._moments = Moments(today, self._dice("moments"))
        self._year: SchoolYear = school_year(today, self._dice("sessions"))
        self._built: Built = {
            name: []
            for name in (
                "orgs",
                "academicSessions",
                "courses",
                "classes",
                "users",
                "enrollments",
                "demographics",
            )
        }
        self._usernames: dict[str, int] = {}

    def _dice(self, purpose: str) -> Dice:
        # A stream of its own for each part: what one part draws never shifts another.
        return Dice(*self._root, purpose)

    def _keep(self, collection: str, document: Record) -> None:
        moment, text = self._moments.draw()
        key = document.pop("sourcedId")
        record = {"sourcedId": key, "status": "active", "dateLastModified": text}
        record.update(document)
        self._built[collection].append((key, moment, encode(record)))

    def build(self) -> tuple[Built, int]:
        """All records. Deterministic: the same arguments give the same bytes."""
        register = Register(self._dice("people"), FIRST_NUMBER)
        by_band = schools(self._students, self._dice("schools"))
        families = households(self._students, register, self._dice("families"))
        settle(families, by_band, self._dice("homes"))
        every_school = [school for row in by_band for school in row]

        catalogue = Catalogue(self._dice("courses"))
        timetabler = Timetabler(catalogue, self._dice("classes"))
        sections_by_school = [(school, timetabler.sections(school)) for school in every_school]

        district = self._orgs(every_school)
        for document in self._year.records():
            self._keep("academicSessions", document)
        self._courses(catalogue, district)
        self._people(district, families, sections_by_school, register)
        dice = self._dice("enrollments")
        for _, sections in sections_by_school:
            for section in sections:
                self._class(section, dice)
        return self._built, register.next_number

    def _orgs(self, every_school: list[School]) -> str:
        dice = self._dice("orgs")
        district, state = dice.guid(), dice.guid()
        self._keep(
            "orgs",
            {
                "sourcedId": district,
                "name": f"{dice.pick(names.DISTRICTS)} Unified School District",
                "type": "district",
                "identifier": f"{4_100_000 + dice.below(99_999)}",
                # The state is nobody's to see here: a reference without a record, as real
                # services have them.
                "parent": reference("org", state),
                "children": [school.org() for school in every_school],
            },
        )
        for school in every_school:
            self._keep(
                "orgs",
                {
                    "sourcedId": school.key,
                    "name": school.name,
                    "type": "school",
                    "identifier": school.code,
                    "parent": reference("org", district),
                },
            )
        return district

    def _courses(self, catalogue: Catalogue, district: str) -> None:
        for course in catalogue.all():
            self._keep(
                "courses",
                {
                    "sourcedId": course.key,
                    "title": course.title,
                    "schoolYear": reference("academicSession", self._year.year.key),
                    "courseCode": course.code,
                    "grades": [GRADES[course.grade]],
                    "subjects": [course.subject.name],
                    "org": reference("org", district),
                    "subjectCodes": [course.subject.code],
                },
            )

    def _people(
        self,
        district: str,
        families: list[Household],
        sections_by_school: list[tuple[School, list[Section]]],
        register: Register,
    ) -> None:
        dice = self._dice("staff")
        guardians = [guardian for family in families for guardian in family.guardians]
        employed: set[str] = set()

        def hire(role: str, org: str, parent_chance: float = 0.0) -> Person:
            """Somebody new, or now and then a parent of the district who also works for it."""
            person = dice.pick(guardians) if dice.chance(parent_chance) else None
            if person is None or person.key in employed:
                person = register.person(names.family_name(dice))
            employed.add(person.key)
            person.roles.insert(0, (role, org))
            staff.append(person)
            return person

        staff: list[Person] = []
        for role in ("districtAdministrator", "districtAdministrator", "systemAdministrator"):
            hire(role, district)
        for school, sections in sections_by_school:
            hire("principal", school.key)
            for _ in range(len(school.pupils) // 600):
                hire("siteAdministrator", school.key)
            for _ in range(len(school.pupils) // 350 if BANDS[school.band].code != "ES" else 0):
                hire("counselor", school.key)
            for _ in range(1 + len(school.pupils) // 200):
                hire("aide", school.key)
            team: list[Person] = []
            for load in staff_needed(sections):
                teacher = hire("teacher", school.key, 0.04)
                team.append(teacher)
                for section in load:
                    section.teachers.append(teacher)
            for section in sections:
                if dice.chance(0.06):
                    helper = dice.pick(team)
                    if helper not in section.teachers:
                        section.teachers.append(helper)
        details = self._dice("details")
        self._families(families, employed, details)
        for person in staff:
            self._keep("users", staff_record(person, self._staff_username(person), details))

    def _families(self, families: list[Household], employed: set[str], dice: Dice) -> None:
        for family in families:
            for child in family.children:
                self._keep("users", student_record(child, dice))
                self._keep("demographics", demographics_record(child, self._year.ends, dice))
            for guardian in family.guardians:
                if guardian.key not in employed:
                    self._keep("users", guardian_record(guardian, dice))

    def _staff_username(self, person: Person) -> str:
        name = f"{names.account_form(person.given)}.{names.account_form(person.family)}"
        again = self._usernames.get(name, 0)
        self._usernames[name] = again + 1
        return f"{name}{again + 1}" if again else name

    def _class(self, section: Section, dice: Dice) -> None:
        course = section.course
        terms = self._year.semesters
        if section.semester:
            terms = terms[section.semester - 1 : section.semester]
        org = section.school.org()
        document: Record = {
            "sourcedId": section.key,
            "title": section.title,
            "classCode": section.code,
            "classType": section.type,
            "location": section.room,
            "grades": [GRADES[course.grade]],
            "subjects": [course.subject.name],
            "course": reference("course", course.key),
            "school": org,
            "terms": [reference("academicSession", term.key) for term in terms],
            "subjectCodes": [course.subject.code],
        }
        if section.period:
            document["periods"] = [str(section.period)]
        self._keep("classes", document)
        self._enroll(section, org, terms[0].start.isoformat(), terms[-1].end.isoformat(), dice)

    def _enroll(self, section: Section, org: Record, begin: str, end: str, dice: Dice) -> None:
        class_ = reference("class", section.key)
        kept = self._built["enrollments"]
        draw, guid = self._moments.draw, dice.guid
        for user, role, primary in _seats(section):
            moment, text = draw()
            key = guid()
            record = {
                "sourcedId": key,
                "status": "active",
                "dateLastModified": text,
                "user": reference("user", user),
                "class": class_,
                "school": org,
                "role": role,
                "primary": primary,
                "beginDate": begin,
                "endDate": end,
            }
            kept.append((key, moment, encode(record)))


def _seats(section: Section) -> Iterable[tuple[str, str, str]]:
    for pupil in section.pupils:
        yield pupil.key, "student", "false"
    for position, teacher in enumerate(section.teachers):
        yield teacher.key, "teacher", "false" if position else "true"
