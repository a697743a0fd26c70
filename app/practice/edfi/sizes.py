"""How much happens on a school day of the ODS."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields

from .shelf import Item, decode
from .store import Ods

_SESSIONS_EVERY = 5


@dataclass(frozen=True, slots=True)
class OdsSizes:
    """How much happens on a day, mostly in students.

    `leavers` have a last day at their school; of `removed` every document is deleted. `moves`
    change a section, `transfers` their school, `seconds` attend a second school besides. `teachers`
    are sections that change their teacher of record, `staff` move to another school. `sessions` and
    `sections` have another name, which changes the natural keys of all in them. `recreated` are
    documents deleted and created again as they were.
    """

    new: int
    leavers: int
    removed: int
    moves: int
    transfers: int
    seconds: int
    renames: int
    teachers: int
    staff: int
    sessions: int
    sections: int
    recreated: int


def usual_sizes(students: int, day: int) -> OdsSizes:
    """An ordinary day: about 0.3 % of the students are touched; each fifth day a session too."""
    touched = students * 0.003
    return OdsSizes(
        new=max(1, round(touched * 0.25)),
        leavers=max(1, round(touched * 0.15)),
        removed=max(1, round(touched * 0.05)),
        moves=max(1, round(touched * 0.3)),
        transfers=max(1, round(touched * 0.1)),
        seconds=max(1, round(touched * 0.02)),
        renames=max(1, round(touched * 0.15)),
        teachers=max(1, students // 5000),
        staff=max(1, students // 10000),
        sessions=int(day % _SESSIONS_EVERY == 0),
        sections=1,
        recreated=max(1, round(touched * 0.05)),
    )


def asked_sizes(asked: Mapping[str, object], ods: Ods, day: int) -> OdsSizes:
    """The usual sizes of a day of this number, with those asked for in their place.

    Raises ValueError with a sentence.
    """
    students = len(ods.shelves["students"].items)
    sizes = asdict(usual_sizes(students, day))
    for name, value in asked.items():
        if name not in sizes:
            known = ", ".join(each.name for each in fields(OdsSizes))
            raise ValueError(f"A school day of the ODS has no '{name}'; it has {known}.")
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ValueError(f"'{name}' must be a whole number, 0 or more.")
        sizes[name] = value
    told = OdsSizes(**sizes)
    present = sum(1 for _ in present_students(ods))
    if (taken := students_taken(told)) > present:
        raise ValueError(f"The day would touch {taken} students, but only {present} are here.")
    if told.new and not present:
        raise ValueError("Nobody attends a school here, so nobody can arrive in a class.")
    if told.new > max(students, 20):
        raise ValueError("More new students than there are here are no school day.")
    return told


def students_taken(sizes: OdsSizes) -> int:
    """How many students have something happen to them, newcomers aside."""
    return (
        sizes.leavers
        + sizes.removed
        + sizes.moves
        + sizes.transfers
        + sizes.seconds
        + sizes.renames
    )


def present_students(ods: Ods) -> Iterator[Item]:
    """What each student who is here attends now: the first of their schools, as an association."""
    seen: set[str] = set()
    for item in ods.shelves["studentSchoolAssociations"].items.values():
        if b'"exitWithdrawDate"' in item.body:
            continue
        unique = decode(item.body)["studentReference"]["studentUniqueId"]
        if unique not in seen and ods.find("students", unique) is not None:
            seen.add(unique)
            yield item
