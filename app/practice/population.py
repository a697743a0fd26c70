"""The people of the district: families with children and guardians, and who works where."""

from dataclasses import dataclass, field

from . import names
from .curriculum import BANDS, GRADES, band_of
from .dice import Dice
from .wire import Record, reference

DOMAIN = "practice-district.example"


@dataclass(slots=True)
class School:
    """A school while the district is built."""

    key: str
    name: str
    code: str
    band: int
    pupils: list["Person"] = field(default_factory=list)

    def org(self) -> Record:
        """A reference to this school."""
        return reference("org", self.key)


@dataclass(slots=True)
class Person:
    """A user while the district is built; `roles` are pairs of role and org, the primary first."""

    key: str
    number: int
    given: str
    family: str
    sex: str
    grade: int = -1
    roles: list[tuple[str, str]] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Household:
    """Children who share their guardians."""

    children: list[Person]
    guardians: list[Person]


class Register:
    """Hands out people, each with a sourcedId and a number that nobody else has."""

    def __init__(self, dice: Dice, first_number: int) -> None:
        self._dice = dice
        self.next_number = first_number

    def person(self, family: str, sex: str | None = None) -> Person:
        """A new person with this family name."""
        dice = self._dice
        chosen = sex or ("female" if dice.chance(0.5) else "male")
        given = dice.pick(names.GIRLS if chosen == "female" else names.BOYS)
        number = self.next_number
        self.next_number += 1
        return Person(dice.guid(), number, given, family, chosen)


def households(students: int, register: Register, dice: Dice) -> list[Household]:
    """Families with exactly this many children in school altogether."""
    families: list[Household] = []
    left = students
    while left:
        family = names.family_name(dice)
        size = min(left, 1 + dice.weighted((0.5, 0.35, 0.12, 0.03)))
        grade = dice.below(len(GRADES))
        children: list[Person] = []
        for _ in range(size):
            child = register.person(family)
            child.grade = grade
            children.append(child)
            # Twins now and then, otherwise one to four grades apart, round the end of the scale.
            if not dice.chance(0.04):
                grade = (grade + dice.between(1, 4)) % len(GRADES)
        left -= size
        guardians = [register.person(family)]
        if dice.chance(0.66):
            shares = dice.chance(0.75)
            guardians.append(register.person(family if shares else names.family_name(dice)))
        families.append(Household(children, guardians))
    return families


def schools(students: int, dice: Dice) -> list[list[School]]:
    """The schools by band; each band has as many as its grades need, and at least one."""
    built: list[list[School]] = []
    number = 0
    for position, band in enumerate(BANDS):
        pupils = students * len(band.grades) / len(GRADES)
        row: list[School] = []
        for _ in range(max(1, round(pupils / band.pupils))):
            title = f"{names.school_name(number)} {band.name}"
            number += 1
            row.append(School(dice.guid(), title, f"{band.code}{number:03d}", position))
        built.append(row)
    return built


def settle(families: list[Household], by_band: list[list[School]], dice: Dice) -> None:
    """Give every family a neighbourhood, and with it every child a school by grade.

    A neighbourhood feeds one elementary, one middle and one high school, so siblings in the same
    band meet in the same school.
    """
    neighbourhoods = len(by_band[0])
    for family in families:
        home = dice.below(neighbourhoods)
        attended: list[str] = []
        for child in family.children:
            row = by_band[band_of(child.grade)]
            school = row[home * len(row) // neighbourhoods]
            school.pupils.append(child)
            child.roles.append(("student", school.key))
            child.agents = [guardian.key for guardian in family.guardians]
            if school.key not in attended:
                attended.append(school.key)
        for guardian in family.guardians:
            role = "parent" if guardian.family == family.children[0].family else "guardian"
            guardian.roles.extend((role, key) for key in attended)
            guardian.agents = [child.key for child in family.children]


def role_records(roles: list[tuple[str, str]]) -> list[Record]:
    """The roles of a user document; the first is the primary one."""
    return [
        {
            "roleType": "secondary" if position else "primary",
            "role": role,
            "org": reference("org", key),
        }
        for position, (role, key) in enumerate(roles)
    ]


def student_login(family: str, given: str, number: int) -> tuple[str, str]:
    """The username and email of a student; both follow the family name."""
    name = f"{names.account_form(given)[0]}{names.account_form(family)[:12]}{number % 100000:05d}"
    return name, f"{name}@students.{DOMAIN}"


def _names(person: Person, dice: Dice) -> Record:
    stated: Record = {"givenName": person.given, "familyName": person.family}
    draw = dice.random()
    if draw < 0.22:
        stated["middleName"] = dice.pick(names.GIRLS if person.sex == "female" else names.BOYS)
    preferred = names.OWN_SCRIPT.get(person.given) or names.SHORT_FORMS.get(person.given)
    if preferred and dice.chance(0.6):
        stated["preferredFirstName"] = preferred
    if draw > 0.97:
        stated["pronouns"] = "they/them/theirs"
    return stated


def student_record(person: Person, dice: Dice) -> Record:
    """The user document of a student, without status and dateLastModified."""
    username, email = student_login(person.family, person.given, person.number)
    org = person.roles[0][1]
    return {
        "sourcedId": person.key,
        "username": username,
        "userIds": [{"type": "stateId", "identifier": f"{7_000_000_000 + person.number * 7}"}],
        "enabledUser": "false" if dice.chance(0.01) else "true",
        **_names(person, dice),
        "roles": role_records(person.roles),
        "primaryOrg": reference("org", org),
        "identifier": str(person.number),
        "email": email,
        "agents": [reference("user", key) for key in person.agents],
        "grades": [GRADES[person.grade]],
    }


def guardian_record(person: Person, dice: Dice) -> Record:
    """The user document of a guardian, without status and dateLastModified."""
    name = f"{names.account_form(person.given)}.{names.account_form(person.family)}"
    record: Record = {
        "sourcedId": person.key,
        "username": f"p{person.number}",
        "enabledUser": "true" if dice.chance(0.9) else "false",
        **_names(person, dice),
        "roles": role_records(person.roles),
        "identifier": str(person.number),
    }
    if dice.chance(0.92):
        record["email"] = f"{name}{person.number % 1000}@mail.example"
    if dice.chance(0.8):
        record["phone"] = f"555-01{person.number % 100:02d}"
    record["agents"] = [reference("user", key) for key in person.agents]
    return record


def staff_record(person: Person, username: str, dice: Dice) -> Record:
    """The user document of somebody who works here, without status and dateLastModified."""
    record: Record = {
        "sourcedId": person.key,
        "userMasterIdentifier": f"E{person.number}",
        "username": username,
        "userIds": [{"type": "employeeId", "identifier": f"E{person.number}"}],
        "enabledUser": "true",
        **_names(person, dice),
        "roles": role_records(person.roles),
        "primaryOrg": reference("org", person.roles[0][1]),
        "identifier": f"E{person.number}",
        "email": f"{username}@{DOMAIN}",
    }
    if person.agents:
        record["agents"] = [reference("user", key) for key in person.agents]
    return record


_RACES = (
    ("white", 0.46),
    ("blackOrAfricanAmerican", 0.16),
    ("asian", 0.1),
    ("americanIndianOrAlaskaNative", 0.02),
    ("nativeHawaiianOrOtherPacificIslander", 0.01),
    ("demographicRaceTwoOrMoreRaces", 0.07),
    ("", 0.18),
)
_RACE_FIELDS = (
    "americanIndianOrAlaskaNative",
    "asian",
    "blackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander",
    "white",
    "demographicRaceTwoOrMoreRaces",
)
_WEIGHTS = tuple(weight for _, weight in _RACES)
_COUNTRIES = ("MX", "VN", "IN", "PH", "GT", "SO", "UA", "CN")


def demographics_record(person: Person, school_year: int, dice: Dice) -> Record:
    """The demographics of a student, without status and dateLastModified."""
    born = school_year - 6 - person.grade
    race = _RACES[dice.weighted(_WEIGHTS)][0]
    native = dice.chance(0.9)
    record: Record = {
        "sourcedId": person.key,
        "birthDate": f"{born}-{dice.between(1, 12):02d}-{dice.between(1, 28):02d}",
        "sex": person.sex,
    }
    for name in _RACE_FIELDS:
        record[name] = "true" if name == race else "false"
    record["hispanicOrLatinoEthnicity"] = "true" if dice.chance(0.28) else "false"
    record["countryOfBirthCode"] = "US" if native else dice.pick(_COUNTRIES)
    if native:
        record["stateOfBirthAbbreviation"] = "OR"
        record["cityOfBirth"] = dice.pick(names.CITIES)
    record["publicSchoolResidenceStatus"] = "01652"
    return record
