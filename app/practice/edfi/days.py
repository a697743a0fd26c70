"""A school day passes in the ODS: people come, leave, move and change their names, and keys change.

It works on the documents that are there, whoever wrote them, so it passes in a district of files
too. It is the Ed-Fi side's own day: nothing of it reaches the OneRoster side.
"""

from collections.abc import Callable

from .. import names
from ..dice import Dice
from ..population import Person, Register, demographics_record, guardian_record, student_record
from ..wire import Record
from .account import Account, Before
from .moves import Moves
from .projection import persons
from .projection.places import grade_of
from .shelf import Item, decode
from .sizes import OdsSizes, present_students, students_taken
from .store import Ods
from .vocabulary import Document

FIRST_NUMBER = 2_000_001
"""Who comes on the Ed-Fi side alone has numbers from here: they are nobody's on the other side."""


class SchoolDays:
    """The days of one ODS: deterministic from its documents, the seed, and the sizes of each."""

    def __init__(self, ods: Ods, seed: int) -> None:
        self.ods = ods
        self.day = 0
        """How many have passed."""
        self.next_number = FIRST_NUMBER
        self._seed = seed

    def pass_day(self, at: int, sizes: OdsSizes) -> Account:
        """Let a school day pass at a moment; what it `created`, `updated`, `deleted`, `rekeyed`.

        By resource, in key values; of what was rekeyed the `old` and the `new`.
        """
        self.day += 1
        before = Before(self.ods)
        _Day(self, Dice(self._seed, "edfi day", self.day), Moves(self.ods, at)).run(sizes)
        return before.account()


class _Day:
    def __init__(self, days: SchoolDays, dice: Dice, moves: Moves) -> None:
        self._days = days
        self._ods = days.ods
        self._dice = dice
        self._moves = moves

    def run(self, sizes: OdsSizes) -> None:
        chosen = iter(self._dice.sample(list(present_students(self._ods)), students_taken(sizes)))
        steps: tuple[tuple[int, Callable[[Item], None]], ...] = (
            (sizes.leavers, self._moves.leave),
            (sizes.removed, self._remove),
            (sizes.moves, self._move),
            (sizes.transfers, self._transfer),
            (sizes.seconds, self._second),
            (sizes.renames, self._rename),
        )
        # Each student has one thing happen to them, so a day is easy to follow on a screen.
        for count, step in steps:
            for _ in range(count):
                step(next(chosen))
        for _ in range(sizes.new):
            self._arrive()
        for item in self._some("staffSectionAssociations", sizes.teachers):
            self._change_teacher(item)
        for item in self._some("staffSchoolAssociations", sizes.staff):
            self._move_staff(item)
        self._recreate(sizes.recreated)
        for item in self._some("sections", sizes.sections):
            self._moves.rename_section(item, self._days.day)
        for item in self._dice.sample(self._taught_in(), sizes.sessions):
            self._moves.rename_session(item, self._days.day)

    def _taught_in(self) -> list[Item]:
        """The sessions in which there are classes: the others have nothing that follows."""
        offerings = self._ods.shelves["courseOfferings"]
        sessions = self._ods.items("sessions")
        return [item for item in sessions if offerings.referring("sessions", item.key)]

    def _some(self, resource: str, count: int) -> list[Item]:
        return self._dice.sample(self._ods.items(resource), count)

    # Students.

    def _remove(self, attended: Item) -> None:
        self._moves.forget(_unique(attended))

    def _move(self, attended: Item) -> None:
        """Another section of what a student takes; the seat before ends, or is deleted."""
        unique = _unique(attended)
        seats = self._moves.seats(unique)
        self._dice.shuffle(seats)
        for seat in seats:
            options = self._moves.sections_beside(seat)
            if options:
                self._moves.seat(seat, unique, self._dice.pick(options))
                if self._dice.chance(0.7):
                    self._moves.end("studentSectionAssociations", seat)
                else:
                    self._moves.remove("studentSectionAssociations", seat)
                return

    def _transfer(self, attended: Item) -> None:
        """Another school with the same grade; the one before has a last day."""
        options = [school for school, same in self._other_schools(attended) if same]
        if options:
            self._moves.leave(attended)
            school = self._dice.pick(options)
            self._enter(_unique(attended), school, decode(attended.body), primary=True)

    def _second(self, attended: Item) -> None:
        """A second school, with the same grade if there is one: some take a class far ahead."""
        others = self._other_schools(attended)
        same = [school for school, same in others if same]
        options = same or [school for school, _ in others]
        if options:
            school = self._dice.pick(options)
            self._enter(_unique(attended), school, decode(attended.body), primary=False)

    def _other_schools(self, attended: Item) -> list[tuple[int, bool]]:
        """The schools that a student does not attend, each with whether it has their grade."""
        grade = decode(attended.body)["entryGradeLevelDescriptor"]
        attending = {
            decode(item.body)["schoolReference"]["schoolId"]
            for item in self._moves.attended(_unique(attended))
        }
        schools = [decode(item.body) for item in self._ods.items("schools")]
        return [
            (
                int(school["schoolId"]),
                any(each["gradeLevelDescriptor"] == grade for each in school["gradeLevels"]),
            )
            for school in schools
            if school["schoolId"] not in attending
        ]

    def _enter(self, unique: str, school: int, like: Document, *, primary: bool) -> None:
        """A student attends a school from today on, and sits where a classmate does.

        At a second school only in one section.
        """
        association = {
            **like,
            "entryDate": self._moves.today,
            "schoolReference": {"schoolId": school},
            "studentReference": {"studentUniqueId": unique},
            "primarySchool": primary,
        }
        self._moves.put(("studentSchoolAssociations", association))
        there = [
            (item, decode(item.body)["entryGradeLevelDescriptor"])
            for item in self._ods.shelves["studentSchoolAssociations"].referring(
                "schools", str(school)
            )
            if _unique(item) != unique and b'"exitWithdrawDate"' not in item.body
        ]
        same = [item for item, grade in there if grade == like["entryGradeLevelDescriptor"]]
        classmates = same or [item for item, _ in there]
        if not classmates:
            return
        seats = self._moves.seats(_unique(self._dice.pick(classmates)), school)
        for seat in seats if primary else seats[:1]:
            self._moves.seat(seat, unique, decode(seat.body)["sectionReference"])

    def _rename(self, attended: Item) -> None:
        unique = _unique(attended)
        student = self._ods.find("students", unique)
        assert student is not None
        before = decode(student.body)["lastSurname"]
        family = before
        while family == before:
            family = names.family_name(self._dice)
        self._moves.change("students", student, lastSurname=family)

    # Arriving.

    def _arrive(self) -> None:
        dice = self._dice
        like = decode(dice.pick(list(present_students(self._ods))).body)
        school = int(like["schoolReference"]["schoolId"])
        register = Register(dice, self._days.next_number)
        family = names.family_name(dice)
        child = register.person(family)
        child.grade = grade_of(like["entryGradeLevelDescriptor"])
        child.roles.append(("student", str(school)))
        guardians = [register.person(family) for _ in range(dice.between(1, 2))]
        self._days.next_number = register.next_number
        demographics = demographics_record(child, int(self._moves.today[:4]), dice)
        user = student_record(child, dice)
        self._moves.put(persons.student(user, demographics))
        fresh = {name: value for name, value in like.items() if name in _OF_A_NEWCOMER}
        self._enter(user["identifier"], school, fresh, primary=True)
        district = self._district_of(school)
        if district is not None:
            races = persons.stated_races(demographics)
            self._moves.put(persons.known(user, demographics, district, races))
        self._family(user["identifier"], guardians)

    def _district_of(self, school: int) -> int | None:
        item = self._ods.find("schools", str(school))
        reference = decode(item.body).get("localEducationAgencyReference") if item else None
        return int(reference["localEducationAgencyId"]) if reference else None

    def _family(self, unique: str, guardians: list[Person]) -> None:
        told: list[tuple[str, str]] = []
        for guardian in guardians:
            guardian.roles.append(("parent", "school"))
            user: Record = guardian_record(guardian, self._dice)
            self._moves.put(persons.contact(user))
            told.append((user["identifier"], persons.relation(user) or ""))
        for document in persons.family(unique, told):
            self._moves.put(document)

    # Teaching.

    def _change_teacher(self, taught: Item) -> None:
        school = decode(taught.body)["sectionReference"]["schoolId"]
        if options := self._moves.successors(taught, school):
            self._moves.hand_over(taught, self._dice.pick(options))

    def _move_staff(self, works: Item) -> None:
        """Somebody works at another school from today on; colleagues take over what they teach."""
        document = decode(works.body)
        unique = document["staffReference"]["staffUniqueId"]
        school = document["schoolReference"]["schoolId"]
        others = [decode(item.body)["schoolId"] for item in self._ods.items("schools")]
        options = [other for other in others if other != school]
        if not options:
            return
        there = self._dice.pick(options)
        for taught in self._moves.taught(unique, school):
            if team := self._moves.successors(taught, school):
                self._moves.hand_over(taught, self._dice.pick(team))
            else:
                self._moves.end("staffSectionAssociations", taught)
        self._reassign(unique, school, there)
        self._moves.remove("staffSchoolAssociations", works)
        self._moves.put(
            ("staffSchoolAssociations", {**document, "schoolReference": {"schoolId": there}})
        )

    def _reassign(self, unique: str, school: int, there: int) -> None:
        resource = "staffEducationOrganizationAssignmentAssociations"
        for item in self._ods.shelves[resource].referring("staffs", unique):
            document = decode(item.body)
            here = document["educationOrganizationReference"]["educationOrganizationId"] == school
            if here and "endDate" not in document:
                self._moves.end(resource, item)
                told = {
                    **document,
                    "beginDate": self._moves.today,
                    "educationOrganizationReference": {"educationOrganizationId": there},
                }
                self._moves.put((resource, told))

    # Created again.

    def _recreate(self, count: int) -> None:
        """Associations with contacts and of teachers, and each third time a whole student."""
        for number in range(count):
            if number % 3 == 2:
                present = list(present_students(self._ods))
                if not present:
                    continue
                student = self._ods.find("students", _unique(self._dice.pick(present)))
                assert student is not None
                self._moves.recreate("students", student)
            else:
                resource = ("studentContactAssociations", "staffSectionAssociations")[number % 3]
                for item in self._some(resource, 1):
                    self._moves.recreate(resource, item)


_OF_A_NEWCOMER = frozenset({"entryGradeLevelDescriptor", "schoolYearTypeReference"})
"""What a newcomer has in common with a classmate."""


def _unique(item: Item) -> str:
    return str(decode(item.body)["studentReference"]["studentUniqueId"])
