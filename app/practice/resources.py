"""The resources of the district, and who uses which: made when they are first asked for."""

from collections.abc import Sequence
from datetime import timedelta

from .collection import Collection
from .dice import Dice
from .district import District
from .wire import Record, decode, encode, midnight, moment_text

_VENDORS = ("Quill & Compass", "Larkspur Learning", "Northlight Press")
_KINDS = (
    ("Textbook", "primary", ("student", "teacher")),
    ("Teacher edition", "primary", ("teacher",)),
    ("Practice workbook", "secondary", ("student",)),
)


class Resources:
    """One collection, and which of it courses, classes and users have.

    Deterministic from the district's seed and number of students: courses never change.
    """

    def __init__(self, district: District) -> None:
        self._district = district
        self._dice = Dice(district.seed, district.students, "resources")
        self._end = midnight(district.today - timedelta(days=1))
        self._rows: list[tuple[str, int, bytes]] = []
        self._of_course: dict[str, dict[str, str]] = {}
        for row in district.collections["courses"].rows:
            course = decode(row)
            self._of_course[course["sourcedId"]] = {
                title: self._keep(f"{title}: {course['title']}", importance, roles)
                for title, importance, roles in _KINDS
            }
        self._reader = self._keep("Screen reader", "secondary", ("student", "aide"))
        self.collection = Collection("resources", self._rows)

    def _keep(self, title: str, importance: str, roles: Sequence[str]) -> str:
        dice = self._dice
        key, moment = dice.guid(), self._end - 1 - dice.below(200 * 86_400_000)
        record: Record = {
            "sourcedId": key,
            "status": "active",
            "dateLastModified": moment_text(moment),
            "title": title,
            "roles": list(roles),
            "importance": importance,
            "vendorResourceId": f"R{100_000 + len(self._rows)}",
            "vendorId": dice.pick(_VENDORS),
            "applicationId": f"reader-{dice.between(1, 3)}",
        }
        self._rows.append((key, moment, encode(record)))
        return key

    def of_course(self, course: str) -> list[str]:
        """What a course is taught with, sorted."""
        return sorted(self._of_course.get(course, {}).values())

    def of_class(self, class_: str) -> list[str]:
        """What a class uses: what its course has, but for the workbook in one class of three."""
        record = self._district.record("classes", class_)
        has = self._of_course.get(record["course"]["sourcedId"], {}) if record else {}
        frugal = self._dice_of(class_).chance(1 / 3)
        return sorted(key for title, key in has.items() if not (frugal and title == _KINDS[2][0]))

    def of_user(self, user: str) -> list[str]:
        """What somebody uses besides: teachers their editions, one student in ten a reader."""
        seats = self._district.live_seats("user", user)
        teaches = {class_ for _, _, class_, role in seats if role == "teacher"}
        rows = map(self._district.collections["classes"].get, teaches)
        courses = {decode(row)["course"]["sourcedId"] for row in rows if row is not None}
        own = {self._of_course[course][_KINDS[1][0]] for course in courses}
        if not teaches and seats and self._dice_of(user).chance(0.1):
            own.add(self._reader)
        return sorted(own)

    def _dice_of(self, key: str) -> Dice:
        return Dice(self._district.seed, "resources", key)
