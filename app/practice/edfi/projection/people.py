"""The people of the district: who attends and works where, the families, and who sits in what.

A user of OneRoster who works here and has children here too is two documents in Ed-Fi, a staff
member and a contact, with the same unique id.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from ...dice import Dice
from ...district import District
from ...wire import Record, decode
from . import persons
from .places import Documents, Places
from .words import RACES

_DAY = timedelta(days=1)


class People:
    """The people of a district as documents; each method tells one user or one enrollment."""

    def __init__(self, district: District, places: Places) -> None:
        self._district = district
        self._places = places
        # By what others refer to everybody: the unique id, and what a guardian is to the children.
        self._ids: dict[str, str] = {}
        self._relations: dict[str, str] = {}
        for user in self._users():
            self._ids[user["sourcedId"]] = user["identifier"]
            if (relation := persons.relation(user)) is not None:
                self._relations[user["sourcedId"]] = relation

    def documents(self) -> Documents:
        """Everybody, and then all that says who belongs to whom and sits where."""
        entries = self._entries()
        for user in self._users():
            yield from self.pupil(user, entries.get(user["sourcedId"], self._places.first_day))
        for user in self._users():
            yield from self.employee(user)
        for user in self._users():
            yield from self.contact(user)
        for user in self._users():
            yield from self.family(user)
        for role in ("student", "teacher"):
            for row in self._district.collections["enrollments"].rows:
                enrollment = decode(row)
                if enrollment["status"] == "active" and enrollment["role"] == role:
                    yield from self.seat(enrollment)

    def _users(self) -> Iterator[Record]:
        for row in self._district.collections["users"].rows:
            user = decode(row)
            if user["status"] == "active":
                yield user

    def _entries(self) -> dict[str, str]:
        """When those pupils came who came after the school year had begun, by sourcedId."""
        entries: dict[str, str] = {}
        from_the_start: set[str] = set()
        for row in self._district.collections["enrollments"].rows:
            enrollment = decode(row)
            user = enrollment["user"]["sourcedId"]
            if enrollment["status"] != "active" or enrollment["role"] != "student":
                continue
            if "beginDate" in enrollment:
                from_the_start.add(user)
            else:
                day = begun(enrollment)
                entries[user] = min(entries.get(user, day), day)
        return {user: day for user, day in entries.items() if user not in from_the_start}

    def pupil(self, user: Record, entry: str) -> Documents:
        """A student, their school since that day, and what the district knows of them.

        Nothing of anybody else.
        """
        if not persons.is_pupil(user):
            return
        demographics = self._district.record("demographics", user["sourcedId"])
        # A student never goes without these, nor these without the student.
        assert demographics is not None
        school = self._places.org_id(_org(user["roles"][0]))
        unique, grade = user["identifier"], user["grades"][0]
        yield persons.student(user, demographics)
        yield persons.attends(unique, school, self._places.year, grade, entry)
        yield persons.known(user, demographics, self._places.lea, self._races(demographics))

    def _races(self, demographics: Record) -> list[str]:
        """OneRoster may say that there are two or more; Ed-Fi says which."""
        if demographics["demographicRaceTwoOrMoreRaces"] != "true":
            return persons.stated_races(demographics)
        dice = Dice(self._district.seed, "races", demographics["sourcedId"])
        return sorted(dice.sample(tuple(RACES.values()), 2))

    def employee(self, user: Record) -> Documents:
        """Somebody who works here, and as what; nothing of anybody else."""
        jobs = persons.jobs(user)
        if not jobs:
            return
        unique = user["identifier"]
        yield persons.employee(user)
        # Most have been here for some years.
        hired = date(self._places.year - 1 - int(unique[1:]) % 12, 8, 1).isoformat()
        for order, job in enumerate(jobs, start=1):
            org = self._places.org_id(_org(job))
            yield persons.assigned(unique, org, job["role"], hired, order)
        for school in dict.fromkeys(_org(job) for job in jobs):
            if self._places.is_school(school):
                yield persons.works_at(unique, self._places.org_id(school), self._places.year)

    def contact(self, user: Record) -> Documents:
        """A guardian; nothing of anybody else."""
        if persons.relation(user) is not None:
            yield persons.contact(user)

    def family(self, user: Record) -> Documents:
        """The guardians of a pupil who are still here; nothing of anybody else."""
        if persons.is_pupil(user):
            agents = [agent["sourcedId"] for agent in user["agents"]]
            yield from persons.family(
                user["identifier"],
                (
                    (self._ids[key], self._relations[key])
                    for key in agents
                    if key in self._relations
                ),
            )

    def seat(self, enrollment: Record, begin: str | None = None) -> Documents:
        """Who sits in a class or teaches it; nothing where the class or the person is no more.

        `begin` is the first day where the enrollment itself does not decide it.
        """
        class_ = enrollment["class"]["sourcedId"]
        section = self._places.sections.get(class_)
        unique = self._ids.get(enrollment["user"]["sourcedId"])
        if section is None or unique is None:
            return
        begin = begin or begun(enrollment)
        if enrollment["role"] == "student":
            homeroom = self._places.is_homeroom(class_)
            resource, document = persons.sits(unique, section, begin, homeroom)
        else:
            leads = enrollment["primary"] == "true"
            resource, document = persons.teaches(unique, section, begin, leads)
        if "endDate" in enrollment:
            # OneRoster says the first day after it.
            last = date.fromisoformat(enrollment["endDate"]) - _DAY
            document["endDate"] = last.isoformat()
        yield resource, document


def begun(enrollment: Record) -> str:
    """The first day of an enrollment; one that was made later says it by its making."""
    return str(enrollment.get("beginDate") or enrollment["dateLastModified"][:10])


def _org(role: Record) -> str:
    return str(role["org"]["sourcedId"])
