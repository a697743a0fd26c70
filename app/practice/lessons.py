"""Lessons: what somebody at the SIS does so that there is something to merge, and to approve."""

from collections.abc import Iterator

import msgspec

from . import names
from .days import Hand
from .dice import Dice
from .district import District
from .wire import Record

LESSONS = ("office", "classes")
"""`office`: the office of one school brings contact data up to date. `classes`: a school loses most
of its enrollments, as it does when somebody exports the wrong term."""

PHONES, EMAILS, CALLED = 24, 6, 4
"""How many people the office changes: the phone of so many, the email of others, the name that
others are called by."""
KEPT = 0.1
"""The part of its enrollments that a school keeps."""


class Lesson(msgspec.Struct):
    """What was done: at which school, what changed, and which field of whom."""

    school: str
    changed: dict[str, dict[str, list[str]]]
    fields: dict[str, str] = {}


def school_for(district: District, name: str) -> str:
    """The school that a lesson is about. Raises ValueError with a sentence where it cannot be."""
    if name not in LESSONS:
        raise ValueError(f"There is no lesson '{name}'; there are {', '.join(LESSONS)}.")
    school = _largest(district, by_seats=name == "classes")
    if school is None:
        raise ValueError("No school has anybody in a class any more.")
    return school


def give(district: District, name: str, moment: int) -> Lesson:
    """Do it; everything it touches is last modified at `moment`.

    Deterministic from the district and the number of lessons before. Raises as `school_for`.
    """
    school = school_for(district, name)
    district.lessons += 1
    dice = Dice(district.seed, district.students, "lesson", district.lessons)
    hand = Hand(district, moment)
    fields = _office(hand, dice, school) if name == "office" else _lose_classes(hand, dice, school)
    title = district.record("orgs", school)
    assert title is not None
    return Lesson(title["name"], hand.told(), fields)


def _largest(district: District, *, by_seats: bool) -> str | None:
    """The school with the most live students, or with the most live enrollments of students."""
    schools = district.classes_by("school").values()
    sizes = {
        school: len(_seats(district, school) if by_seats else _people(district, "student", school))
        for school in schools
    }
    found = max(sizes, key=lambda school: (sizes[school], school), default=None)
    return found if found is not None and sizes[found] else None


def _people(district: District, role: str, school: str) -> list[Record]:
    """Who has that role there, without tombstones."""
    keys = district.users_by_role_at_school().keys(f"{role}@{school}")
    found = (district.record("users", key) for key in keys)
    return [one for one in found if one is not None and one["status"] == "active"]


def _seats(district: District, school: str) -> list[str]:
    """The live enrollments of students there."""
    return [
        seat
        for class_ in district.classes_by("school").keys(school)
        for seat, _user, _class, role in district.live_seats("class", class_)
        if role == "student"
    ]


def _lose_classes(hand: Hand, dice: Dice, school: str) -> dict[str, str]:
    seats = _seats(hand.district, school)
    for seat in dice.sample(seats, len(seats) - int(KEPT * len(seats))):
        hand.remove("enrollments", seat)
    return {}


def _office(hand: Hand, dice: Dice, school: str) -> dict[str, str]:
    """Whose what was changed: an area code, a new mail domain, the name somebody goes by."""
    fields: dict[str, str] = {}
    for document, field, value in _corrections(hand.district, dice, school):
        document[field] = value
        hand.update("users", document)
        fields[document["sourcedId"]] = field
    return fields


def _corrections(district: District, dice: Dice, school: str) -> Iterator[tuple[Record, str, str]]:
    parents = [one for one in _people(district, "parent", school) if "phone" in one]
    here_alone = [one for one in parents if len(one["roles"]) == 1]
    for parent in dice.sample(here_alone or parents, PHONES):
        number = parent["phone"].rpartition(" ")[2]
        yield parent, "phone", f"({dice.between(201, 989)}) {number}"
    pupils = dice.sample(_people(district, "student", school), EMAILS + CALLED)
    for pupil in pupils[:EMAILS]:
        person, _, domain = pupil["email"].partition("@")
        yield pupil, "email", f"{person}.{dice.between(2, 99)}@{domain}"
    for pupil in pupils[EMAILS:]:
        usual = names.SHORT_FORMS.get(pupil["givenName"], pupil["givenName"][:3])
        yield pupil, "preferredFirstName", f"{usual} {pupil['familyName'][0]}."
