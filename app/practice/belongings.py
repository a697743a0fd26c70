"""What of the gradebook belongs to what: to a class, a school, a student, a line item."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec

from .answers import unknown
from .collection import Index
from .sis import Sis


class _Ref(msgspec.Struct):
    sourcedId: str


# What keeps a record from being deleted: (collection, field) that may point at it.
_USERS = {
    "categories": (("lineItems", "category"),),
    "scoreScales": (("lineItems", "scoreScale"), ("assessmentLineItems", "scoreScale")),
    "assessmentLineItems": (("assessmentLineItems", "parentAssessmentLineItem"),),
}
# What ends with a record: marks mean nothing without what they are for.
_MARKS = {
    "lineItems": ("results", "lineItem"),
    "assessmentLineItems": ("assessmentResults", "assessmentLineItem"),
}


class Belongings:
    """Answers for the gradebook of one SIS.

    The parts take what a path says, by name, and give sourcedIds in order; 404 for what is unknown.
    """

    def __init__(self, sis: Sis) -> None:
        self._sis = sis

    def is_used(self, name: str, key: str) -> bool:
        """Whether something points at this record that does not end with it."""
        return any(self._by(*user).keys(key) for user in _USERS.get(name, ()))

    def marks(self, name: str, key: str) -> list[tuple[str, str]]:
        """The results that end with this record, as (collection, sourcedId)."""
        if name not in _MARKS:
            return []
        results, field = _MARKS[name]
        return [(results, result) for result in self._by(results, field).keys(key)]

    def class_(self, said: dict[str, str]) -> str:
        """The class of a path."""
        if said["class"] not in self._sis.district.collections["classes"]:
            raise unknown("class", said["class"])
        return said["class"]

    def school(self, said: dict[str, str]) -> str:
        """The school of a path."""
        org = self._sis.district.record("orgs", said["school"])
        if org is None or org["type"] != "school":
            raise unknown("school", said["school"])
        return said["school"]

    def items_of_class(self, said: dict[str, str]) -> Sequence[str]:
        """The line items of a class."""
        return self._by("lineItems", "class").keys(self.class_(said))

    def categories_of_class(self, said: dict[str, str]) -> Sequence[str]:
        """The categories of the line items of a class."""
        rows = map(self._sis.books()["lineItems"].get, self.items_of_class(said))
        found = {key for row in rows if row is not None for key in _pointed(row, "category")}
        return sorted(found)

    def results_of_class(self, said: dict[str, str]) -> Sequence[str]:
        """The results of the line items of a class."""
        by_item = self._by("results", "lineItem")
        return [key for item in self.items_of_class(said) for key in by_item.keys(item)]

    def results_of_item(self, said: dict[str, str]) -> Sequence[str]:
        """The results of a line item of a class."""
        if said["item"] not in self.items_of_class(said):
            raise unknown("lineItem of this class", said["item"])
        return self._by("results", "lineItem").keys(said["item"])

    def results_of_student(self, said: dict[str, str]) -> Sequence[str]:
        """The results of a student in a class."""
        of_class = self.results_of_class(said)
        if said["student"] not in self._sis.district.collections["users"]:
            raise unknown("student", said["student"])
        own = set(self._by("results", "student").keys(said["student"]))
        return [key for key in of_class if key in own]

    def scales_of_class(self, said: dict[str, str]) -> Sequence[str]:
        """The score scales of a class."""
        return self._by("scoreScales", "class").keys(self.class_(said))

    def scales_of_school(self, said: dict[str, str]) -> Sequence[str]:
        """The score scales of the classes of a school."""
        by_class = self._by("scoreScales", "class")
        classes = self._sis.district.classes_by("school").keys(self.school(said))
        return [key for class_ in classes for key in by_class.keys(class_)]

    def _by(self, name: str, field: str) -> Index:
        """The records of a collection by what their reference of this name points at."""
        return self._sis.books()[name].index(field, lambda row: _pointed(row, field))


def _pointed(row: bytes, field: str) -> tuple[str, ...]:
    target = _decoder(field)(row).target
    return () if target is None else (target.sourcedId,)


@cache
def _decoder(field: str) -> Any:
    """Reads one reference of a record and skips all else, which is several times as fast."""
    fields = [("target", _Ref | None, msgspec.field(name=field, default=None))]
    return msgspec.json.Decoder(msgspec.defstruct("_Pointing", fields)).decode
