"""The district: its collections, and the questions that a school day and the service ask them."""

from collections.abc import Iterable
from datetime import date

import msgspec

from .building import FEWEST_STUDENTS, MOST_STUDENTS, Builder
from .collection import Collection, Index
from .wire import Record, decode, encode, moment_text


class _Ref(msgspec.Struct):
    sourcedId: str


class _Role(msgspec.Struct):
    role: str
    org: _Ref


class _User(msgspec.Struct):
    status: str
    roles: list[_Role]
    grades: list[str] = []


class _Class(msgspec.Struct):
    course: _Ref
    school: _Ref
    terms: list[_Ref]


class _Enrollment(msgspec.Struct):
    status: str
    user: _Ref
    class_: _Ref = msgspec.field(name="class")
    school: _Ref = msgspec.field()
    role: str = msgspec.field()


_user = msgspec.json.Decoder(_User).decode
_class = msgspec.json.Decoder(_Class).decode
_enrollment = msgspec.json.Decoder(_Enrollment).decode


def _roles_said(row: bytes) -> Iterable[str]:
    return {role.role for role in _user(row).roles}


def _school_roles_said(row: bytes) -> Iterable[str]:
    return {f"{role.role}@{role.org.sourcedId}" for role in _user(row).roles}


def _live_pupils_said(row: bytes) -> Iterable[str]:
    user = _user(row)
    if user.status != "active" or user.roles[0].role != "student":
        return ()
    return ("student", *(f"{user.roles[0].org.sourcedId}/{grade}" for grade in user.grades))


class District:
    """One invented school district.

    The same seed, number of students and day give byte-identical records. Raises ValueError for
    a number of students outside 20 to 250,000.
    """

    def __init__(self, seed: int, students: int, today: date) -> None:
        if not FEWEST_STUDENTS <= students <= MOST_STUDENTS:
            raise ValueError(
                f"A practice district has {FEWEST_STUDENTS} to {MOST_STUDENTS:,} students, "
                f"not {students:,}."
            )
        self.seed = seed
        self.students = students
        self.today = today
        self.day = 0
        self.lessons = 0
        built, self.next_number = Builder(seed, students, today).build()
        self.collections = {name: Collection(name, rows) for name, rows in built.items()}
        # When each tombstone was set up, by school day: they are cleared away after a while.
        self.tombstone_days: dict[tuple[str, str], int] = {}

    @property
    def version(self) -> int:
        """Grows with every change of any collection."""
        return sum(collection.version for collection in self.collections.values())

    def latest(self) -> int:
        """The newest dateLastModified of all, in milliseconds."""
        return max(collection.latest() for collection in self.collections.values())

    def record(self, collection: str, key: str) -> Record | None:
        """One record decoded, or None."""
        row = self.collections[collection].get(key)
        return None if row is None else decode(row)

    def write(self, collection: str, moment: int, document: Record) -> None:
        """Hold a record, new or changed, as last modified at this moment."""
        record = {
            "sourcedId": document["sourcedId"],
            "status": document.get("status", "active"),
            "dateLastModified": moment_text(moment),
        }
        record.update((name, value) for name, value in document.items() if name not in record)
        self.collections[collection].put(
            record["sourcedId"], moment, encode(record), tombstone=record["status"] != "active"
        )

    def end(self, collection: str, key: str, moment: int) -> None:
        """Turn a record into its tombstone. Raises KeyError when there is none."""
        document = self.record(collection, key)
        if document is None:
            raise KeyError(key)
        document["status"] = "tobedeleted"
        self.write(collection, moment, document)
        self.tombstone_days[collection, key] = self.day

    def drop(self, collection: str, key: str) -> None:
        """Let a record vanish without a trace. Raises KeyError when there is none."""
        self.collections[collection].drop(key)
        self.tombstone_days.pop((collection, key), None)

    # Questions. Each index is built at its first use and kept up to date by its collection.

    def users_by_role(self) -> Index:
        """Users, tombstones too, by role: `student`."""
        return self.collections["users"].index("role", _roles_said)

    def users_by_role_at_school(self) -> Index:
        """Users, tombstones too, by role and org: `student@KEY`."""
        return self.collections["users"].index("role at school", _school_roles_said)

    def live_pupils(self) -> Index:
        """Students without tombstones, all under `student`, and by school and grade: `KEY/07`."""
        return self.collections["users"].index("live pupils", _live_pupils_said)

    def classes_by(self, field: str) -> Index:
        """Classes by `course`, `school` or `term`."""
        said = {
            "course": lambda row: (_class(row).course.sourcedId,),
            "school": lambda row: (_class(row).school.sourcedId,),
            "term": lambda row: [term.sourcedId for term in _class(row).terms],
        }[field]
        return self.collections["classes"].index(field, said)

    def courses_of_school(self, school: str) -> list[str]:
        """The courses that have a class at this school, sorted."""
        rows = map(self.collections["classes"].get, self.classes_by("school").keys(school))
        return sorted({_class(row).course.sourcedId for row in rows if row is not None})

    def enrollments_by(self, field: str) -> Index:
        """Enrollments, tombstones too, by `user`, `class` or `school`."""
        said = {
            "user": lambda row: (_enrollment(row).user.sourcedId,),
            "class": lambda row: (_enrollment(row).class_.sourcedId,),
            "school": lambda row: (_enrollment(row).school.sourcedId,),
        }[field]
        return self.collections["enrollments"].index(field, said)

    def live_seats(self, field: str, key: str) -> list[tuple[str, str, str, str]]:
        """The enrollments without tombstones of a `user` or `class`.

        Each as enrollment, user, class and role, in the order of the enrollments' sourcedIds.
        """
        enrollments = self.collections["enrollments"]
        seats: list[tuple[str, str, str, str]] = []
        for enrollment in self.enrollments_by(field).keys(key):
            row = enrollments.get(enrollment)
            assert row is not None
            told = _enrollment(row)
            if told.status == "active":
                seats.append((enrollment, told.user.sourcedId, told.class_.sourcedId, told.role))
        return seats
