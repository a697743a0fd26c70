"""A school day passes: pupils move, arrive, leave and change their names; a teacher changes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

from . import names
from .curriculum import GRADES
from .dice import Dice
from .district import District
from .population import (
    Register,
    demographics_record,
    guardian_record,
    role_records,
    student_login,
    student_record,
)
from .wire import Record, decode, reference

# A tombstone stands for this many school days, then the SIS clears it away.
TOMBSTONE_DAYS = 5


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much happens on a day, in students; `teachers` in classes that change their teacher.

    `vanish` students go without tombstones, as records of real services sometimes do: their user,
    demographics and enrollments are simply not there any more.
    """

    moves: int
    new: int
    leavers: int
    renames: int
    teachers: int
    vanish: int


def usual_sizes(students: int) -> Sizes:
    """An ordinary day: about 0.3 % of the students are touched, and at least one in each way."""
    touched = students * 0.003
    return Sizes(
        moves=max(1, round(touched * 0.4)),
        new=max(1, round(touched * 0.25)),
        leavers=max(1, round(touched * 0.2)),
        renames=max(1, round(touched * 0.15)),
        teachers=max(1, students // 5000),
        vanish=0,
    )


def asked_sizes(asked: Mapping[str, object], district: District) -> Sizes:
    """The usual sizes with those asked for in their place. Raises ValueError with a sentence."""
    known = {each.name for each in fields(Sizes)}
    sizes = asdict(usual_sizes(district.students))
    for name, value in asked.items():
        if name not in known:
            raise ValueError(f"A school day has no '{name}'; it has {', '.join(sorted(known))}.")
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ValueError(f"'{name}' must be a whole number, 0 or more.")
        sizes[name] = value
    taken = sizes["moves"] + sizes["leavers"] + sizes["renames"] + sizes["vanish"]
    present = len(district.live_pupils().keys("student"))
    if taken >= present:
        raise ValueError(f"The day would touch {taken} students, but only {present} are here.")
    if sizes["new"] > district.students:
        raise ValueError("More new students than the district began with are no school day.")
    if sizes["teachers"] > len(district.collections["classes"]):
        raise ValueError("More classes would change their teacher than there are.")
    return Sizes(**sizes)


@dataclass(slots=True)
class Account:
    """Which sourcedIds of one collection a day changed.

    `removed` were live and are now tombstones or gone; the gone ones are also in `vanished`.
    `purged` were tombstones and are gone.
    """

    created: set[str] = field(default_factory=set)
    updated: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    vanished: set[str] = field(default_factory=set)
    purged: set[str] = field(default_factory=set)

    def told(self) -> dict[str, list[str]]:
        """The account as it is sent, sorted."""
        return {each.name: sorted(getattr(self, each.name)) for each in fields(self)}


def pass_day(district: District, moment: int, sizes: Sizes) -> dict[str, dict[str, list[str]]]:
    """Let one school day pass; everything it touches is last modified at `moment`.

    Deterministic from the district, the number of the day and the sizes. Answers with the account
    of each collection that changed.
    """
    district.day += 1
    return _Day(district, moment).run(sizes)


class Hand:
    """Changes records at one moment, and keeps account of it.

    What changes is noted where it is changed, so the account cannot forget anything.
    """

    def __init__(self, district: District, moment: int) -> None:
        self.district = district
        self._moment = moment
        self._accounts: dict[str, Account] = {}

    def told(self) -> dict[str, dict[str, list[str]]]:
        """The account of each collection that changed."""
        return {name: account.told() for name, account in sorted(self._accounts.items())}

    def account(self, collection: str) -> Account:
        """The account of one collection."""
        return self._accounts.setdefault(collection, Account())

    def create(self, collection: str, document: Record) -> None:
        """A new record."""
        self.district.write(collection, self._moment, document)
        self.account(collection).created.add(document["sourcedId"])

    def update(self, collection: str, document: Record) -> None:
        """A record as it is from now on."""
        self.district.write(collection, self._moment, document)
        account = self.account(collection)
        if document["sourcedId"] not in account.created:
            account.updated.add(document["sourcedId"])

    def remove(self, collection: str, key: str) -> None:
        """A record is a tombstone from now on."""
        self.district.end(collection, key, self._moment)
        account = self.account(collection)
        account.updated.discard(key)
        account.removed.add(key)


class _Day:
    def __init__(self, district: District, moment: int) -> None:
        self._district = district
        self._dice = Dice(district.seed, district.students, "day", district.day)
        self._hand = Hand(district, moment)
        year = district.record("academicSessions", self._year_key())
        assert year is not None
        self._school_year = int(year["schoolYear"])

    def _year_key(self) -> str:
        sessions = self._district.collections["academicSessions"]
        return next(
            key
            for key, row in zip(sessions, sessions.rows, strict=True)
            if decode(row)["type"] == "schoolYear"
        )

    def run(self, sizes: Sizes) -> dict[str, dict[str, list[str]]]:
        self._clear_away()
        pupils = self._district.live_pupils().keys("student")
        chosen = iter(
            self._dice.sample(pupils, sizes.leavers + sizes.vanish + sizes.moves + sizes.renames)
        )
        # Each pupil has one thing happen to them, so a day is easy to follow on a screen.
        for _ in range(sizes.leavers):
            self._leave(next(chosen))
        for _ in range(sizes.vanish):
            self._vanish(next(chosen))
        for _ in range(sizes.moves):
            self._move(next(chosen))
        for _ in range(sizes.renames):
            self._rename(next(chosen))
        for _ in range(sizes.new):
            self._arrive()
        classes = list(self._district.collections["classes"])
        for key in self._dice.sample(classes, sizes.teachers):
            self._change_teacher(key)
        return self._hand.told()

    def _clear_away(self) -> None:
        limit = self._district.day - TOMBSTONE_DAYS
        for (collection, key), day in sorted(self._district.tombstone_days.items()):
            if day <= limit:
                self._district.drop(collection, key)
                self._hand.account(collection).purged.add(key)

    def _user(self, key: str) -> Record:
        document = self._district.record("users", key)
        assert document is not None
        return document

    def _enroll(self, user: str, class_key: str, role: str, primary: str) -> None:
        class_ = self._district.record("classes", class_key)
        assert class_ is not None
        self._hand.create(
            "enrollments",
            {
                "sourcedId": self._dice.guid(),
                "user": reference("user", user),
                "class": reference("class", class_key),
                "school": class_["school"],
                "role": role,
                "primary": primary,
            },
        )

    def _seats(self, pupil: str) -> list[tuple[str, str]]:
        """The live enrollments of a pupil, each with its class."""
        return [(key, class_) for key, _, class_, _ in self._district.live_seats("user", pupil)]

    # Leaving.

    def _leave(self, pupil: str) -> None:
        for enrollment, _ in self._seats(pupil):
            self._hand.remove("enrollments", enrollment)
        guardians = self._guardians(pupil)
        self._hand.remove("users", pupil)
        self._hand.remove("demographics", pupil)
        for guardian in guardians:
            self._let_go(guardian, pupil)

    def _guardians(self, pupil: str) -> list[str]:
        return [agent["sourcedId"] for agent in self._user(pupil).get("agents", ())]

    def _let_go(self, guardian: str, pupil: str) -> None:
        """A guardian without a child in school leaves too, unless they work here."""
        document = self._user(guardian)
        document["agents"] = [agent for agent in document["agents"] if agent["sourcedId"] != pupil]
        if not document["agents"] and document["roles"][0]["role"] in ("parent", "guardian"):
            self._hand.remove("users", guardian)
            return
        self._follow_children(document)

    def _follow_children(self, document: Record) -> None:
        """Give a guardian a role at each school of their children, and keep their own work."""
        family = [
            (role["role"], role["org"]["sourcedId"])
            for role in document["roles"]
            if role["role"] in ("parent", "guardian")
        ]
        roles = [
            (role["role"], role["org"]["sourcedId"])
            for role in document["roles"]
            if role["role"] not in ("parent", "guardian")
        ]
        word = family[0][0] if family else "parent"
        for agent in document["agents"]:
            # A child who vanished from the records leaves its school open.
            child = self._district.record("users", agent["sourcedId"])
            if child is not None:
                wanted = (word, child["primaryOrg"]["sourcedId"])
                if wanted not in roles:
                    roles.append(wanted)
        if not roles:
            roles = family
        document["roles"] = role_records(roles)
        self._hand.update("users", document)

    def _vanish(self, pupil: str) -> None:
        gone = [("enrollments", key) for key, _ in self._seats(pupil)]
        for collection, key in (*gone, ("users", pupil), ("demographics", pupil)):
            self._district.drop(collection, key)
            account = self._hand.account(collection)
            account.updated.discard(key)
            account.removed.add(key)
            account.vanished.add(key)

    # Moving.

    def _move(self, pupil: str) -> None:
        document = self._user(pupil)
        others = self._schools_with(document)
        stays = not others or self._dice.chance(0.5)
        if stays and self._move_class(pupil):
            return
        if others:
            self._move_school(document, self._dice.pick(others))

    def _schools_with(self, pupil: Record) -> list[str]:
        """The other schools that have pupils of this grade."""
        here, grade = pupil["primaryOrg"]["sourcedId"], pupil["grades"][0]
        spots = (
            value.split("/") for value in self._district.live_pupils().values() if "/" in value
        )
        return [school for school, taught in spots if taught == grade and school != here]

    def _move_class(self, pupil: str) -> bool:
        """Another section of the same course at the same school; False when there is none."""
        seats = self._seats(pupil)
        self._dice.shuffle(seats)
        taken = {class_ for _, class_ in seats}
        for enrollment, class_key in seats:
            class_ = self._district.record("classes", class_key)
            assert class_ is not None
            here, school = self._district.classes_by("school"), class_["school"]["sourcedId"]
            options = [
                key
                for key in self._district.classes_by("course").keys(class_["course"]["sourcedId"])
                if here.has(school, key) and key not in taken
            ]
            if options:
                self._hand.remove("enrollments", enrollment)
                self._enroll(pupil, self._dice.pick(options), "student", "false")
                return True
        return False

    def _move_school(self, document: Record, school: str) -> None:
        pupil = document["sourcedId"]
        for enrollment, _ in self._seats(pupil):
            self._hand.remove("enrollments", enrollment)
        classes = self._classes_of_a_classmate(school, document["grades"][0])
        document["roles"] = role_records([("student", school)])
        document["primaryOrg"] = reference("org", school)
        self._hand.update("users", document)
        for class_ in classes:
            self._enroll(pupil, class_, "student", "false")
        for guardian in self._guardians(pupil):
            self._follow_children(self._user(guardian))

    def _classes_of_a_classmate(self, school: str, grade: str) -> list[str]:
        """A timetable without clashes: that of somebody already there."""
        classmates = self._district.live_pupils().keys(f"{school}/{grade}")
        if not classmates:
            return []
        return [class_ for _, class_ in self._seats(self._dice.pick(classmates))]

    # Arriving, and changing one's name.

    def _arrive(self) -> None:
        dice = self._dice
        spots = [value for value in self._district.live_pupils().values() if "/" in value]
        school, grade = dice.pick(spots).split("/")
        classes = self._classes_of_a_classmate(school, grade)
        register = Register(dice, self._district.next_number)
        family = names.family_name(dice)
        child = register.person(family)
        child.grade = GRADES.index(grade)
        child.roles.append(("student", school))
        guardians = [register.person(family) for _ in range(dice.between(1, 2))]
        self._district.next_number = register.next_number
        child.agents = [guardian.key for guardian in guardians]
        self._hand.create("users", student_record(child, dice))
        self._hand.create("demographics", demographics_record(child, self._school_year, dice))
        for guardian in guardians:
            guardian.roles.append(("parent", school))
            guardian.agents.append(child.key)
            self._hand.create("users", guardian_record(guardian, dice))
        for class_ in classes:
            self._enroll(child.key, class_, "student", "false")

    def _rename(self, pupil: str) -> None:
        document = self._user(pupil)
        family = document["familyName"]
        while family == document["familyName"]:
            family = names.family_name(self._dice)
        document["familyName"] = family
        username, email = student_login(family, document["givenName"], int(document["identifier"]))
        document["username"], document["email"] = username, email
        self._hand.update("users", document)

    # Teaching.

    def _change_teacher(self, class_key: str) -> None:
        class_ = self._district.record("classes", class_key)
        assert class_ is not None
        school = class_["school"]["sourcedId"]
        here = {
            user: key
            for key, user, _, role in self._district.live_seats("class", class_key)
            if role == "teacher"
        }
        leading = [
            key
            for key in here.values()
            if (self._district.record("enrollments", key) or {}).get("primary") == "true"
        ]
        team = self._district.users_by_role_at_school().keys(f"teacher@{school}")
        options = [teacher for teacher in team if teacher not in here]
        if not options:
            return
        for enrollment in leading:
            self._hand.remove("enrollments", enrollment)
        self._enroll(self._dice.pick(options), class_key, "teacher", "true")
