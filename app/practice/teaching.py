"""Courses, classes, who sits in them and who teaches them, while the district is built."""

from collections import defaultdict
from dataclasses import dataclass, field

from .curriculum import ADVISORY, BANDS, GENERAL, GRADES, Subject, homeroom, specials, timetable
from .dice import Dice
from .population import Person, School

SEAT_TARGET = 27
PERIODS = 6
LOAD = 5


@dataclass(slots=True)
class Course:
    """A course of the district's catalogue."""

    key: str
    code: str
    title: str
    grade: int
    subject: Subject


@dataclass(slots=True)
class Section:
    """A class: a course taught to some pupils; `semester` is 0 for the whole year."""

    key: str
    code: str
    title: str
    type: str
    course: Course
    school: School
    semester: int
    period: int
    room: str
    pupils: list[Person]
    teachers: list[Person] = field(default_factory=list)


class Catalogue:
    """The courses that were taught at least once, in the order of their first section."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._courses: dict[str, Course] = {}
        self._numbers: dict[str, int] = defaultdict(int)

    def course(self, title: str, grade: int, subject: Subject) -> Course:
        """The course of this title."""
        found = self._courses.get(title)
        if found is None:
            self._numbers[subject.prefix] += 1
            code = f"{subject.prefix}{GRADES[grade]}{self._numbers[subject.prefix]:02d}"
            found = Course(self._dice.guid(), code, title, grade, subject)
            self._courses[title] = found
        return found

    def all(self) -> list[Course]:
        """Every course."""
        return list(self._courses.values())


def _cohorts(pupils: list[Person]) -> list[list[Person]]:
    count = -(-len(pupils) // SEAT_TARGET)
    return [pupils[position::count] for position in range(count)]


class Timetabler:
    """Makes the sections of one school after the other."""

    def __init__(self, catalogue: Catalogue, dice: Dice) -> None:
        self._catalogue = catalogue
        self._dice = dice
        self._count: dict[str, int] = defaultdict(int)

    def _section(
        self,
        school: School,
        title: str,
        grade: int,
        subject: Subject,
        pupils: list[Person],
        period: int = 0,
        semester: int = 0,
        type_: str = "scheduled",
    ) -> Section:
        course = self._catalogue.course(title, grade, subject)
        self._count[school.key] += 1
        number = self._count[school.key]
        label = f"{title} - Period {period}" if period else f"{title} - Section {number}"
        room = f"Room {100 + self._dice.below(8) * 100 + self._dice.below(40)}"
        code = f"{school.code}-{course.code}-{number:03d}"
        return Section(
            self._dice.guid(), code, label, type_, course, school, semester, period, room, pupils
        )

    def sections(self, school: School) -> list[Section]:
        """All classes of a school; a pupil is never in two of them at the same time."""
        made: list[Section] = []
        for grade in BANDS[school.band].grades:
            pupils = [pupil for pupil in school.pupils if pupil.grade == grade]
            self._dice.shuffle(pupils)
            if school.band == 0:
                made.extend(self._elementary(school, grade, pupils))
            elif pupils:
                made.extend(self._secondary(school, grade, pupils))
        return made

    def _elementary(self, school: School, grade: int, pupils: list[Person]) -> list[Section]:
        made: list[Section] = []
        for number, cohort in enumerate(_cohorts(pupils)):
            made.append(
                self._section(school, homeroom(grade), grade, GENERAL, cohort, type_="homeroom")
            )
            options = specials(grade)
            subject, title = options[number % len(options)]
            period = 1 + (grade + number) % PERIODS
            made.append(self._section(school, title, grade, subject, cohort, period))
        return made

    def _secondary(self, school: School, grade: int, pupils: list[Person]) -> list[Section]:
        cohorts = _cohorts(pupils)
        made: list[Section] = []
        if school.band == 1:
            made.extend(
                self._section(
                    school, f"Advisory {grade}", grade, ADVISORY, cohort, type_="homeroom"
                )
                for cohort in cohorts
            )
        # Cohort i has slot j in period i + j, so nothing clashes; cohorts that meet in the same
        # period are mixed anew for every subject, so classmates differ from class to class.
        for start in range(min(PERIODS, len(cohorts))):
            together = cohorts[start::PERIODS]
            pool = [pupil for cohort in together for pupil in cohort]
            for slot in timetable(grade):
                self._dice.shuffle(pool)
                period = 1 + (start + slot.period) % PERIODS
                for number in range(len(together)):
                    title = slot.courses[(start + number) % len(slot.courses)]
                    seated = pool[number :: len(together)]
                    made.append(
                        self._section(
                            school, title, grade, slot.subject, seated, period, slot.semester
                        )
                    )
        return made


def staff_needed(sections: list[Section]) -> list[list[Section]]:
    """The sections of one school divided among as few teachers as their periods allow.

    One homeroom in an elementary school is a teacher's whole work; elsewhere a teacher has up to
    five periods of one subject, and an advisory group besides.
    """
    loads: list[list[Section]] = []
    advisories: list[Section] = []
    by_subject: dict[str, dict[tuple[int, int], list[Section]]] = {}
    for section in sections:
        if section.course.subject is ADVISORY:
            advisories.append(section)
        elif section.type == "homeroom":
            loads.append([section])
        else:
            meets = (section.period, section.semester)
            by_subject.setdefault(section.course.subject.name, {}).setdefault(meets, []).append(
                section
            )
    for meetings in by_subject.values():
        while any(meetings.values()):
            load: list[Section] = []
            for waiting in sorted(meetings.values(), key=len, reverse=True):
                if waiting and len(load) < LOAD:
                    load.append(waiting.pop())
            loads.append(load)
    if not loads:
        return [[section] for section in advisories]
    for number, section in enumerate(advisories):
        loads[number % len(loads)].append(section)
    return loads
