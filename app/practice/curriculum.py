"""What is taught: grades, bands of grades, subjects and the courses of each grade."""

from typing import NamedTuple

# CEDS codes, lowest first. The position in this tuple is the number used while building.
GRADES = ("KG", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12")


class Band(NamedTuple):
    """A kind of school: which grades it has and how big it should be."""

    name: str
    code: str
    grades: tuple[int, ...]
    pupils: int


ELEMENTARY = Band("Elementary School", "ES", (0, 1, 2, 3, 4, 5), 400)
MIDDLE = Band("Middle School", "MS", (6, 7, 8), 720)
HIGH = Band("High School", "HS", (9, 10, 11, 12), 1350)
BANDS = (ELEMENTARY, MIDDLE, HIGH)


def band_of(grade: int) -> int:
    """The position in BANDS of the kind of school that has this grade."""
    return 0 if grade <= 5 else 1 if grade <= 8 else 2


class Subject(NamedTuple):
    """A subject with its two-digit area code of the School Courses for the Exchange of Data."""

    name: str
    code: str
    prefix: str


ENGLISH = Subject("English Language Arts", "01", "ELA")
MATHEMATICS = Subject("Mathematics", "02", "MAT")
SCIENCE = Subject("Science", "03", "SCI")
SOCIAL_STUDIES = Subject("Social Studies", "04", "SOC")
ARTS = Subject("Visual and Performing Arts", "05", "ART")
PHYSICAL_EDUCATION = Subject("Physical Education", "08", "PED")
COMPUTING = Subject("Computer Science", "10", "CSC")
GENERAL = Subject("General", "22", "GEN")
ADVISORY = Subject("Advisory", "22", "ADV")
LANGUAGES = Subject("World Languages", "24", "LAN")


class Slot(NamedTuple):
    """One line of a pupil's timetable: the subject, the courses it may be, and the semester.

    `semester` is 0 for the whole year, otherwise 1 or 2; two slots of one `period` that meet in
    different semesters share it.
    """

    subject: Subject
    courses: tuple[str, ...]
    period: int
    semester: int = 0


_ELECTIVES_HIGH = (
    "Studio Art",
    "Concert Band",
    "Drama",
    "Photography",
    "Choir",
    "Ceramics",
    "Digital Media",
)
_LANGUAGE_LEVELS = {9: "I", 10: "II", 11: "III", 12: "IV"}
_HIGH_CORE = {
    9: ("English 9", "Algebra I", "Biology", "World Geography"),
    10: ("English 10", "Geometry", "Chemistry", "World History"),
    11: ("English 11: American Literature", "Algebra II", "Physics", "U.S. History"),
    12: ("English 12: World Literature", "Precalculus", "Environmental Science", "Civics"),
}


def specials(grade: int) -> tuple[tuple[Subject, str], ...]:
    """What elementary homerooms go out for; each takes one of these."""
    label = "Kindergarten" if grade == 0 else f"Grade {grade}"
    return (
        (ARTS, f"Music, {label}"),
        (ARTS, f"Art, {label}"),
        (PHYSICAL_EDUCATION, f"Physical Education, {label}"),
    )


def homeroom(grade: int) -> str:
    """The title of the course that a homeroom of this grade is."""
    return "Kindergarten" if grade == 0 else f"Grade {grade} Homeroom"


def timetable(grade: int) -> tuple[Slot, ...]:
    """The slots of a pupil in the grades 6 to 12, in six periods that never clash."""
    if grade <= 8:
        return (
            Slot(ENGLISH, (f"English Language Arts {grade}",), 0),
            Slot(MATHEMATICS, (f"Mathematics {grade}", f"Accelerated Mathematics {grade}"), 1),
            Slot(SCIENCE, (f"Integrated Science {grade}",), 2),
            Slot(SOCIAL_STUDIES, (f"Social Studies {grade}",), 3),
            Slot(PHYSICAL_EDUCATION, (f"Physical Education {grade}",), 4),
            Slot(ARTS, (f"Band {grade}", f"Art {grade}", f"Theater {grade}"), 5),
        )
    english, mathematics, science, social = _HIGH_CORE[grade]
    level = _LANGUAGE_LEVELS[grade]
    return (
        Slot(ENGLISH, (english,), 0),
        Slot(MATHEMATICS, (mathematics, f"Honors {mathematics}"), 1),
        Slot(SCIENCE, (science,), 2),
        Slot(SOCIAL_STUDIES, (social,), 3),
        Slot(LANGUAGES, tuple(f"{name} {level}" for name in ("Spanish", "French", "ASL")), 4),
        Slot(PHYSICAL_EDUCATION, (f"Health and Fitness {grade}",), 5, 1),
        Slot(ARTS, tuple(f"{name} {level}" for name in _ELECTIVES_HIGH), 5, 2),
    )
