"""Why is this class empty? One sentence about the roll of a class, from what is known of it. Pure.

Of an empty class the first reason that explains it is told: what waits here, then what the SIS says
right now, where it was asked, then what happened, then what was never there. Of a full one it is
what concerns most of the roll, and all is well only where every line of it says so. The sentence
is a code with parameters (``app.text.sentence``); ``when`` among them is an instant, for the front
end to word.
"""

import enum
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from app.errors import Parameter
from app.store.history import APPROVAL, SYNC, Origin
from app.store.rolls import ClassFacts, Seat, stays

STUDENT, TEACHER = "student", "teacher"
NAMED = 3
"""So many people are named where some are missing."""


class Leads(enum.Enum):
    """Where the next step is."""

    NOWHERE = enum.auto()
    TO_CHANGE_SET = enum.auto()
    TO_APPROVAL = enum.auto()
    TO_UNREADABLE = enum.auto()
    TO_SCOPE = enum.auto()
    TO_SYNC = enum.auto()
    """To syncing this class."""


@dataclass(frozen=True)
class Verdict:
    """The sentence, and where it leads: to the change set ``id``, or to a connector, ``name``."""

    code: str
    parameters: dict[str, Parameter] = field(default_factory=dict)
    leads: Leads = Leads.NOWHERE
    id: int | None = None
    name: str | None = None
    well: bool = False
    """Nothing is wrong."""
    size: int = 0
    """How many of the roll it is about: of several facts the greatest is told."""


@dataclass(frozen=True)
class OnRoll:
    """What a SIS has just said of the roll."""

    name: str
    students: int
    there_alone: int = 0
    """How many students it lists who are not here,"""
    here_alone: int = 0
    """and how many are here whom it does not list."""
    complete: bool = True
    kept_out: int = 0
    """How many students it lists whom a person has taken out here; none of ``there_alone``."""
    unread: int = 0
    """How many it lists so that they could not be understood,"""
    otherwise: int = 0
    """and how many people, teachers too, of whom it says something else in any other way."""


def verdict(facts: ClassFacts, today: str, now: Sequence[OnRoll] = ()) -> Verdict:
    """What to say of a class today; ``now``: what each SIS said that was asked just now."""
    students = [one for one in facts.seats if one.role == STUDENT and one.counts(today)]
    if not facts.alive:
        return Verdict("class_has_ended", {"count": len(students)})
    reasons = _OF_A_FULL_ONE if students else _OF_AN_EMPTY_ONE
    for reason in reasons:
        if found := reason(facts, students, today, now):
            return found
    raise AssertionError("the last reason always holds")


_Reason = Callable[[ClassFacts, list[Seat], str, Sequence[OnRoll]], Verdict | None]


# -- a class without students -----------------------------------------------------------------


def _listed_there(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    for one in now:
        if count := one.students - one.kept_out:
            told: dict[str, Parameter] = {"name": one.name, "count": count}
            return Verdict("class_filled_there", told, Leads.TO_SYNC, name=one.name)
    return None


def _wait(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    for name, counts in facts.waiting.items():
        if count := counts.get("create", 0) + counts.get("update", 0):
            told: dict[str, Parameter] = {"name": name, "count": count}
            return Verdict("class_waits", told, Leads.TO_APPROVAL, name=name)
    return None


def _ended(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    gone = [one for one in facts.seats if one.role == STUDENT and not one.alive]
    told = [one.ended for one in gone if one.ended is not None]
    if not told:
        return None
    newest = max(told, key=lambda origin: origin.change_set)
    by_it = [one for one in told if one.change_set == newest.change_set]
    return _emptied(newest, len(by_it), whole=len(by_it) == len(gone))


def _emptied(origin: Origin, count: int, *, whole: bool) -> Verdict:
    by_sis = origin.kind in (SYNC, APPROVAL) and origin.connector is not None
    how = origin.kind if by_sis else "person"
    code = f"class_emptied_by_{how}" if whole else f"class_last_left_by_{how}"
    told: dict[str, Parameter] = {
        "count": count,
        "set": origin.change_set,
        "name": origin.connector,
        "who": origin.author,
        "when": origin.at,
    }
    return Verdict(code, told, Leads.TO_CHANGE_SET, id=origin.change_set)


def _left(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    ends = [one.values["end_date"] for one in facts.seats if one.role == STUDENT and one.alive]
    if not ends:
        return None
    return Verdict("class_left", {"count": len(ends), "day": max(ends)})


def _unreadable(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    for name, count in facts.unreadable.items():
        told: dict[str, Parameter] = {"name": name, "count": count, "students": len(students)}
        code = "class_rows_unreadable" if students else "class_unreadable"
        return Verdict(code, told, Leads.TO_UNREADABLE, name=name)
    return None


def _outside(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    for link in facts.links:
        if link.outside:
            told: dict[str, Parameter] = {"name": link.connector}
            return Verdict("class_outside", told, Leads.TO_SCOPE, name=link.connector)
    return None


def _incomplete(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    sure = {one.name for one in now if one.complete}
    for name, reading in facts.readings.items():
        if not reading.complete and name not in sure:
            told: dict[str, Parameter] = {"name": name, "when": reading.at}
            return Verdict("class_read_in_part", told, Leads.TO_SYNC, name=name)
    return None


def _ahead(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    if facts.begins is None or facts.begins <= today:
        return None
    return Verdict("class_term_ahead", {"day": facts.begins}, well=True)


def _never(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    names = _names(facts)
    if not names:
        return Verdict("class_of_our_own_empty", {"who": facts.made.who})
    told: dict[str, Parameter] = {"names": _listed(names)}
    if all(any(one.name == name and one.complete for one in now) for name in names):
        return Verdict("class_empty_there_too", told)
    if not facts.readings:
        return Verdict("class_never_read", told, Leads.TO_SYNC, name=names[0])
    return Verdict("class_never_filled", told)


# -- a class with students --------------------------------------------------------------------


def _greatest(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    found = [one for fact in _SIZED if (one := fact(facts, students, today, now))]
    return max(found, key=lambda one: one.size, default=None)


def _sized(
    code: str,
    students: Sequence[Seat],
    count: int,
    name: str | None = None,
    leads: Leads = Leads.NOWHERE,
    **more: Parameter,
) -> Verdict:
    """A fact about so many of the roll of a class with students."""
    told: dict[str, Parameter] = {"students": len(students), "count": count, **more}
    if name is not None:
        told["name"] = name
    return Verdict(code, told, leads, name=name, size=count)


def _changes_wait(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    for name, counts in facts.waiting.items():
        if count := sum(counts.values()):
            return _sized("class_changes_wait", students, count, name, Leads.TO_APPROVAL)
    return None


def _differs(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    for one in now:
        more, fewer = one.there_alone, one.here_alone if one.complete else 0
        if not more and not fewer:
            continue
        kept = None if more else _kept_here(students, one.name)
        if kept is not None and kept.size >= fewer:  # no sync brings these together
            told = {**kept.parameters, "count": fewer}
            return replace(kept, code="class_exceeds_kept", parameters=told, size=fewer)
        code = "class_differs" if more and fewer else "class_misses" if more else "class_exceeds"
        found = _sized(code, students, more or fewer, one.name, Leads.TO_SYNC, fewer=fewer)
        return replace(found, size=more + fewer)
    return None


def _kept_out(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    listed = {one.name: one.kept_out for one in now}
    for name in _names(facts):
        last = sum(one.role == STUDENT and _kept(one, name, today) for one in facts.seats)
        if count := listed.get(name, last):
            return _sized("class_keeps_out", students, count, name)
    return None


def _kept(seat: Seat, name: str, today: str) -> bool:
    """Whether it was taken out here, and a SIS listed it when it was last read."""
    return seat.taken_out and bool(seat.there.get(name)) and stays(seat.values, today)


def _let_go(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    """Who is no more at the SIS, and here yet: what waited was refused, or its approval undone."""
    for name in _not_asked(facts, now):
        if kept := _kept_here(students, name):
            return kept
        if gone := sum(_gone(one, name) for one in students):
            return _sized("class_let_go_there", students, gone, name)
    return None


def _kept_here(students: Sequence[Seat], name: str) -> Verdict | None:
    """Those of whom somebody has decided that they stay, and by which change set."""
    gone = [one for one in students if _gone(one, name)]
    by = max((one.answer.change_set for one in gone if one.answer is not None), default=None)
    if by is None:
        return None
    told = _sized("class_kept_here", students, len(gone), name, Leads.TO_CHANGE_SET, set=by)
    return replace(told, id=by)


def _asked_again(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    """What was refused, and is open again as nobody has been asked about it since."""
    for name in _not_asked(facts, now):
        open_ = [one for one in facts.seats if name in one.again and name not in one.waits]
        by = max((one.answer.change_set for one in open_ if one.answer is not None), default=None)
        if by is None:
            continue
        dropped = sum(one.again[name] for one in open_ if one in students)
        code = "class_dropped_asked_again" if dropped else "class_changes_asked_again"
        count = dropped or len(open_)
        return replace(_sized(code, students, count, name, Leads.TO_CHANGE_SET, set=by), id=by)
    return None


def _gone(seat: Seat, name: str) -> bool:
    """Whether it was not there any more when a SIS was last read; what waits is told as that."""
    return seat.there.get(name) is False and name not in seat.waits


def _missing(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    missing = [one for one in students if not one.person]
    if not missing:
        return None
    names = [one.name or f"#{one.values['user']}" for one in missing]
    return _sized("class_people_missing", students, len(missing), people=_listed(names))


def _told_in_part(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    for one in now:
        if not one.complete or one.unread:
            told: dict[str, Parameter] = {"name": one.name, "count": len(students)}
            return Verdict("class_told_in_part", told)
    return None


def _otherwise(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    for one in now:
        if one.otherwise:
            return _sized("class_told_otherwise", students, one.otherwise, one.name)
    others = [one for one in facts.seats if one.role != STUDENT]
    for name in _not_asked(facts, now):
        gone = sum(_gone(one, name) and one.counts(today) for one in others)
        if count := gone + sum(_kept(one, name, today) for one in others):
            return _sized("class_told_otherwise", students, count, name, Leads.TO_SYNC)
    return None


def _not_told(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    untold = [one for one in students if all(said is None for said in one.there.values())]
    if not facts.readings or now or not untold:
        return None
    return _sized("class_not_told", students, len(untold))


def _names(facts: ClassFacts) -> list[str]:
    """The connectors that know the class."""
    return list(dict.fromkeys(link.connector for link in facts.links))


def _not_asked(facts: ClassFacts, now: Sequence[OnRoll]) -> list[str]:
    """Those of which no better is known than what they said when they were last read."""
    return [name for name in _names(facts) if name not in {one.name for one in now if one.complete}]


def _no_teacher(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    if any(one.role == TEACHER and one.counts(today) for one in facts.seats):
        return None
    return Verdict("class_without_teacher", {"count": len(students)})


def _over(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    if facts.ends is None or facts.ends >= today:
        return None
    return Verdict("class_term_over", {"count": len(students), "day": facts.ends})


def _in_order(
    facts: ClassFacts, students: list[Seat], today: str, now: Sequence[OnRoll]
) -> Verdict | None:
    told: dict[str, Parameter] = {"count": len(students)}
    if now:
        names = _listed([one.name for one in now])
        return Verdict("class_agrees_now", {**told, "names": names}, well=True)
    if facts.readings:
        name, reading = max(facts.readings.items(), key=lambda one: one[1].at)
        told |= {"name": name, "when": reading.at}
        return Verdict("class_in_order", told, well=True)
    return Verdict("class_in_order_here", told, well=True)


_OF_AN_EMPTY_ONE: tuple[_Reason, ...] = (
    _wait, _listed_there, _ended, _left, _unreadable, _outside, _incomplete, _ahead, _never,
)  # fmt: skip
_OF_A_FULL_ONE: tuple[_Reason, ...] = (
    _greatest, _unreadable, _incomplete, _told_in_part, _no_teacher, _over, _otherwise, _not_told,
    _in_order,
)  # fmt: skip
_SIZED: tuple[_Reason, ...] = (
    _changes_wait, _differs, _kept_out, _let_go, _asked_again, _missing,
)  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    """Some of the names, each once, in the order in which they come."""
    counted = Counter(names)
    shown = ", ".join(list(counted)[:NAMED])
    return f"{shown}, …" if len(counted) > NAMED else shown
