"""What a registrar should mend, by school: record, field, what it is now, what it should be.

``store.quality`` finds what does not add up; here it is decided whom a flaw concerns and how bad it
is, and it is put in words for both front ends. What a rule and its remedy are called stands in
``app.text``, under ``quality_`` and ``mend_`` with the rule's name.
"""

import enum
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import attrgetter

from app.engine.judging import schools_of
from app.engine.limits import DISTRICT, NO_STAFF
from app.engine.told import cell, part_word, value_text, word
from app.roster.entities import ENTITIES
from app.roster.schema import referred
from app.roster.stored import list_value
from app.roster.values import Choice, Elements, Plain
from app.store import quality, reads
from app.store.database import Database
from app.store.differences import titled
from app.store.finding import keys, sources
from app.store.quality import Flaw
from app.text import N_, _, sentence


class Grade(enum.Enum):
    """How bad a flaw is."""

    FAULT = "fault"
    NOTE = "note"

    @property
    def word(self) -> str:
        """It, for a person."""
        return _(_GRADES[self])


_GRADES = {Grade.FAULT: N_("Fault"), Grade.NOTE: N_("Note")}


class Who(enum.Enum):
    """What somebody is at present, as far as rules tell people apart."""

    STUDENT = "student"
    TEACHER = "teacher"
    STAFF = "staff"
    OTHER = "other"
    """Guardians, parents and relatives."""
    NOBODY = "nobody"
    """Without a role that has not ended."""


Graded = Grade | Mapping[Who, Grade]
"""How bad it is; where that depends on who it is, others are not told."""

RULES: Mapping[str, Graded] = {
    "teacher_missing": Grade.FAULT,
    "class_missing": {Who.STUDENT: Grade.FAULT, Who.TEACHER: Grade.NOTE},
    "role_missing": {Who.NOBODY: Grade.FAULT},
    "email_missing": {Who.STAFF: Grade.FAULT, Who.STUDENT: Grade.NOTE},
    "username_missing": {Who.STAFF: Grade.FAULT, Who.STUDENT: Grade.NOTE},
    "email_shared": Grade.FAULT,
    "username_shared": Grade.FAULT,
    "local_id_shared": Grade.FAULT,
    "master_id_shared": Grade.FAULT,
    "person_several": Grade.NOTE,
    "school_differs": Grade.FAULT,
    "reference_ended": Grade.FAULT,
    "reference_unknown": Grade.FAULT,
    "value_missing": Grade.FAULT,
    "range_reversed": Grade.FAULT,
    "session_outside": Grade.FAULT,
    "primaries_several": Grade.FAULT,
    "local_correction": Grade.FAULT,
    "student_missing": Grade.NOTE,
    "terms_over": Grade.NOTE,
    "word_unknown": Grade.NOTE,
}
"""Every rule, in the order in which they are told."""

_SHARED = {
    "email_shared": ({Who.STUDENT, Who.STAFF},),
    "username_shared": ({Who.STUDENT, Who.STAFF},),
    "local_id_shared": ({Who.STUDENT}, {Who.STAFF}, {Who.OTHER}),
    "master_id_shared": ({Who.STUDENT}, {Who.STAFF}, {Who.OTHER}),
}
"""Among whom a value has to be somebody's own: guardians share an address, and a student may have
the number of a teacher. Whoever has the same name too is told among everybody."""

_SHARES = {field: _SHARED[rule] for rule, (field, _value_of) in quality.OWN.items()}

_SMALL = {"agents", "resources"}
"""Fields of which a reference that leads nowhere is no more than a note."""

BATCH = 500
"""Lines that are put in words at once."""


@dataclass(frozen=True)
class Line:
    """One flaw in one school; a person of two schools is told in both."""

    school: int
    """0 is for what belongs to no school."""
    grade: Grade
    flaw: Flaw
    alike: int = 0
    """How many others share the value, of whom ``flaw.other`` is one."""


@dataclass(frozen=True)
class Report:
    """All lines: by school, faults before notes, then by rule and record."""

    lines: Sequence[Line]
    schools: Mapping[int, str]
    """What the schools are called that have a line; 0 is the district."""

    def counts(self) -> Counter[tuple[int, str, Grade]]:
        """How many lines each school has of each rule and grade."""
        return Counter((one.school, one.flaw.rule, one.grade) for one in self.lines)


@dataclass(frozen=True)
class Told:
    """A line in words."""

    school: str
    grade: str
    what: str
    record: str
    field: str
    now: str
    wanted: str
    """What it should be."""
    type: str
    key: str
    """What the record is known as at its SIS."""


HEADINGS = (
    N_("School"), N_("Kind"), N_("What"), N_("Record"), N_("Field"), N_("Now"), N_("Should be"),
    N_("Record type"), N_("Key"),
)  # fmt: skip
"""Over the words of a ``Told``, in their order."""


def report(
    database: Database,
    today: str,
    *,
    connector: str | None = None,
    school: int | None = None,
    rules: Collection[str] = tuple(RULES),
) -> Report:
    """What is to be mended of the live records; of those that a ``connector`` knows alone.

    Raises ``NotFound`` for a connector that there is not.
    """
    if connector is not None:
        reads.connector(database, connector)
    found = [
        line
        for line in _lines(quality.flaws(database, today, connector), today)
        if line.flaw.rule in rules and school in (None, line.school)
    ]
    schools = schools_named(database, {line.school for line in found})
    order = {rule: place for place, rule in enumerate(RULES)}

    def place(line: Line) -> tuple[bool, str, int, bool, int, int]:
        name, flaw = schools.get(line.school, "").casefold(), line.flaw
        where = line.school == DISTRICT, name, line.school
        return *where, line.grade is Grade.NOTE, order[flaw.rule], flaw.record

    return Report(sorted(found, key=place), schools)


def schools_named(database: Database, ids: Collection[int]) -> dict[int, str]:
    """What schools are called; of several of one name, also which SIS each is from."""
    called = reads.titles(database, ("orgs", ids))
    alike = Counter(called.values())
    several = [id_ for id_, name in called.items() if alike[name] > 1]
    of = sources(database, several)
    found = {id_: called.get(id_) or _("A school that is not there (#{id})").format(id=id_)
             for id_ in ids}  # fmt: skip
    for id_ in several:
        found[id_] = _("{name} (“{connector}”)").format(name=called[id_], connector=of.get(id_, ""))
    return {**found, DISTRICT: _("The district")}


# -- whom it concerns, and how bad it is --------------------------------------------------------


def _lines(flaws: Iterator[Flaw], today: str) -> Iterator[Line]:
    """Each flaw as it is told, where it is."""
    for (rule, *_what), group in groupby(flaws, attrgetter("rule", "entity", "field", "now")):
        if rule == "word_unknown":
            yield from _by_school(group, today)
            continue
        for one, alike in _concerned(rule, group, today):
            grade = _grade(one, today)
            if grade is not None:
                for school in _schools(one, today):
                    yield Line(school, grade, one, alike)


def _by_school(group: Iterator[Flaw], today: str) -> Iterator[Line]:
    """Flaws that are mended together, once for each school: the first, and how many are alike."""
    first: dict[int, Flaw] = {}
    counts = Counter[int]()
    for one in group:
        for school in _schools(one, today):
            first.setdefault(school, one)
            counts[school] += 1
    for school, one in first.items():
        grade = _grade(one, today)
        if grade is not None:
            yield Line(school, grade, one, counts[school] - 1)


def _concerned(rule: str, group: Iterator[Flaw], today: str) -> Iterator[tuple[Flaw, int]]:
    """Those of a group whom the rule concerns; who share a value, each with how many others."""
    if rule not in _SHARED and rule != "person_several":
        yield from ((one, 0) for one in group)
        return
    everybody = [(one, _who(one.place, today)) for one in group]
    groups: Sequence[set[Who]] = _SHARED.get(rule, ({*Who},))
    if rule == "person_several":
        field = everybody[0][0].field
        if any(all(who & among for _one, who in everybody) for among in _SHARES[field]):
            return  # that is a fault of its own already
    for among in groups:
        holders = [one for one, who in everybody if who & among]
        for before, one in enumerate(holders, -1):
            if len(holders) > 1:
                yield one._replace(other=holders[before].record), len(holders) - 1


def _grade(flaw: Flaw, today: str) -> Grade | None:
    """How bad it is; ``None`` where it is none for such a person."""
    graded = RULES[flaw.rule]
    if isinstance(graded, Grade):
        small = flaw.rule.startswith("reference_") and flaw.field in _SMALL
        return Grade.NOTE if small else graded
    who = _who(flaw.place, today)
    return next((grade for one, grade in graded.items() if one in who), None)


@lru_cache(maxsize=8192)
def _who(roles: str | None, today: str) -> frozenset[Who]:
    """What somebody of these roles is."""
    found = set[Who]()
    running = False
    for part in list_value(roles) or ():
        if part[_ORG] is None or (part[_END] is not None and part[_END] <= today):
            continue
        running = True
        if part[_ROLE] == "student":
            found.add(Who.STUDENT)
        elif part[_ROLE] is not None and part[_ROLE] not in NO_STAFF:
            found.add(Who.STAFF)
            if part[_ROLE] == "teacher":
                found.add(Who.TEACHER)
    return frozenset(found or {Who.OTHER if running else Who.NOBODY})


def _schools(flaw: Flaw, today: str) -> Sequence[int]:
    """Where it is told; of somebody without a role, where there was one."""
    if flaw.rule == "role_missing":
        before = {part[_ORG] for part in flaw.now or () if part[_ORG] is not None}
        return sorted(before) or (flaw.other or DISTRICT,)
    return schools_of(ENTITIES[flaw.entity], flaw.place, today)


_ROLES = ENTITIES["users"].by_name["roles"].kind
assert isinstance(_ROLES, Elements)
_ROLE, _ORG, _END = map(_ROLES.names.index, ("role", "org", "end_date"))


# -- in words -----------------------------------------------------------------------------------


def rule_text(rule: str) -> str:
    """What is the matter."""
    return sentence(f"quality_{rule}")


def told(database: Database, lines: Sequence[Line], schools: Mapping[int, str]) -> Iterator[Told]:
    """The lines in words, in their order, so many at a time."""
    for start in range(0, len(lines), BATCH):
        batch = lines[start : start + BATCH]
        called = titled(database, {(one.flaw.entity, one.flaw.record) for one in batch})
        meant = _meant(batch)
        titles = reads.titles(database, *meant.items())
        known = keys(database, [*called, *(id_ for ids in meant.values() for id_ in ids)])
        for one in batch:
            yield _told(one, schools, called, titles, known)


def _meant(lines: Sequence[Line]) -> dict[str, set[int]]:
    """The records that the values of flaws refer to, or that they are about, by entity."""
    found: dict[str, set[int]] = {}
    for flaw in (one.flaw for one in lines):
        if flaw.other is not None:
            found.setdefault(flaw.entity, set()).add(flaw.other)
        field = ENTITIES[flaw.entity].by_name.get(flaw.field)
        if field is None or not field.references:
            continue
        for value in (flaw.now, flaw.wanted):
            if isinstance(value, tuple):
                for target, ids in referred(field, value):
                    found.setdefault(target, set()).update(ids)
            elif isinstance(value, int):
                found.setdefault(field.references[0][1], set()).add(value)
    return found


def _told(
    line: Line,
    schools: Mapping[int, str],
    called: Mapping[int, str],
    titles: Mapping[int, str],
    known: Mapping[int, str],
) -> Told:
    flaw = line.flaw
    what = rule_text(flaw.rule)
    if flaw.connector:
        what = _("{what} (“{name}”)").format(what=what, name=flaw.connector)
    return Told(
        school=schools[line.school],
        grade=line.grade.word,
        what=what,
        record=called.get(flaw.record) or f"#{flaw.record}",
        field=part_word(flaw.entity, flaw.field) if flaw.field else "",
        now=_value(flaw, flaw.now, titles, known),
        wanted=sentence(
            f"mend_{flaw.rule}",
            {
                "wanted": _value(flaw, flaw.wanted, titles, known) or _("blank"),
                "other": titles.get(flaw.other or 0) or f"#{flaw.other}",
                "count": line.alike,
            },
        ),
        type=_(ENTITIES[flaw.entity].one),
        key=known.get(flaw.record, ""),
    )


def _value(flaw: Flaw, value: Plain, titles: Mapping[int, str], known: Mapping[int, str]) -> str:
    """A value as a person reads it; a record by its title, or by the key that the SIS has told."""
    field = ENTITIES[flaw.entity].by_name.get(flaw.field)
    if field is None or value is None:
        return cell(value)
    if isinstance(value, tuple):
        return value_text(field, value, titles) or ""
    if field.references and isinstance(value, int):
        return " · ".join(filter(None, (titles.get(value), known.get(value)))) or f"#{value}"
    return word(value) if isinstance(field.kind, Choice) else cell(value)
