"""What tells that two records are one, whatever key each has (SEMANTICS A3, D5). Pure.

Within one SIS it is the fields that identify (``identifiers``). Between two SISs it is the rules
below: each says of a pair of records whether they agree, and how far that is to be trusted. What
the engine does with it is ``engine.matching``'s to say.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias

from app.roster import persons
from app.roster.schema import EntityType, FieldType
from app.roster.stored import list_text, list_value
from app.roster.values import Elements, Plain
from app.text import N_

# -- within one SIS ---------------------------------------------------------------------------


@lru_cache(maxsize=64)
def identifying(entity: EntityType) -> tuple[FieldType, ...]:
    """The fields that identify; none where nothing but its key tells a record."""
    return tuple(one for one in entity.fields if one.identifies)


@lru_cache(maxsize=64)
def _places(entity: EntityType) -> tuple[tuple[str, int, tuple[int, ...]], ...]:
    """How each of them is told, its place, and the places of the key in its elements."""
    return tuple(
        (f"{field.name}:", field.index, tuple(map(kind.names.index, kind.key)))
        if isinstance(kind := field.kind, Elements)
        else (f"{field.name}:", field.index, ())
        for field in identifying(entity)
    )


def identifiers(entity: EntityType, values: Sequence[Plain]) -> set[str]:
    """Everything in ``values`` (stored form) that identifies, as texts that say of which field.

    Two records that share one may be the same person. Of an element it is the key that identifies,
    if its last part says anything; a placeholder does not.
    """
    found: set[str] = set()
    for told, index, places in _places(entity):
        value = values[index]
        if not isinstance(value, str):
            continue
        if not places:
            if not persons.says_nothing(value):
                found.add(told + value)
            continue
        for part in list_value(value):
            key = [part[place] for place in places]
            if key[-1] is not None and not persons.says_nothing(str(key[-1])):
                found.add(f"{told}{list_text(key)}")
    return found


# -- between two SISs -------------------------------------------------------------------------

Told: TypeAlias = Mapping[str, Plain]
"""What is known of a record: canonical values by field, references as record ids.

Of a person also what demographics tell, of a class also the dates of its terms.
"""


MARKED = "users"
"""The entity whose records are looked for by their marks; all others by a field of their own."""

SAID_BY_DEMOGRAPHICS = persons.BIRTH_DATE
"""What is told of a person by demographics."""

TERM_DATES = "term_dates"
"""(first day, last day) of the terms of a class, as far as these tell them."""


class Confidence(enum.StrEnum):
    """How far it is to be trusted that two records are one."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    """A person has to say so."""


@dataclass(frozen=True)
class Rule:
    """What two records of different SISs have in common when they are one."""

    entity: str
    word: str
    label: str
    """In words, to be translated where it is shown."""
    same: tuple[str, ...] = ()
    """Fields of which both say something, and the same; records are looked for by them."""
    also: Callable[[Told, Told], bool] | None = None
    """What else holds."""
    confidence: Confidence = Confidence.CERTAIN
    sole: bool = False
    """Certain only where neither SIS has a second record of which it holds."""
    shared: Callable[[Told], set[Any]] | None = None
    """What it compares, where that is something that families share: then it says nothing unless
    the names agree as well, and nobody else of that sort has it at either SIS."""
    apart: Callable[[Told, Told], float] | None = None
    """How far two are from each other: where several agree, the nearest one is meant."""
    any_of: bool = False
    """Of several at no distance the oldest is meant: nothing tells them apart."""
    reads: tuple[str, ...] = ()
    """Fields that ``also`` and ``apart`` look at."""

    @property
    def name(self) -> str:
        """What the settings and the command line call it."""
        return f"{self.entity}.{self.word}"

    def agree(self, one: Told, other: Told) -> bool:
        """Whether it holds of two; what is blank agrees with nothing."""
        for name in self.same:
            if one[name] is None or one[name] != other[name]:
                return False
        return self.also is None or self.also(one, other)


def _equal(name: str, one: Told, other: Told) -> bool:
    return one[name] is not None and one[name] == other[name]


def _days(name: str) -> Callable[[Told, Told], float]:
    """How many days lie between two dates; a blank is further than any date."""

    def apart(one: Told, other: Told) -> float:
        days = [str(side[name])[:10] for side in (one, other) if side[name] is not None]
        if len(days) < 2:
            return 0 if not days else 1_000_000
        return abs((date.fromisoformat(days[0]) - date.fromisoformat(days[1])).days)

    return apart


def _other(name: str) -> Callable[[Told, Told], float]:
    """A pair that agrees on a further field is nearer than one that does not."""
    return lambda one, other: float(one[name] is None or one[name] != other[name])


# -- people --


def _own_number(one: Told, other: Told) -> bool:
    """What the one goes by is among the other's further IDs."""
    number = persons.said("identifier")
    return any(number(a) & persons.own_ids(b) for a, b in ((one, other), (other, one)))


def _called_alike(one: Told, other: Told) -> bool:
    return _equal("birth_date", one, other) and all(
        persons.same_letters(name, one, other) for name in ("given_name", "family_name")
    )


def contradiction(entity: str, one: Told, other: Told) -> str | None:
    """What speaks plainly against two being one, though a rule says so; its word, or ``None``."""
    if entity == MARKED:
        return persons.against(one, other)
    if entity == "demographics" and None not in (one["birth_date"], other["birth_date"]):
        return None if _equal("birth_date", one, other) else "birth_date"
    return None


# -- everything else --


def _parts(one: Told, name: str) -> Sequence[Sequence[Plain]]:
    return one[name] or ()


def _same_term(one: Told, other: Told) -> bool:
    return bool(set(_parts(one, "terms")) & set(_parts(other, "terms")))


def _at_once(one: Told, other: Told) -> bool:
    """A term in common, or terms that overlap, where both name terms.

    One SIS may say both semesters, and the other the whole year.
    """
    if _same_term(one, other) or not (_parts(one, "terms") and _parts(other, "terms")):
        return True
    return any(
        first < end and start < last
        for first, last in _parts(one, TERM_DATES)
        for start, end in _parts(other, TERM_DATES)
    )


def _class_apart(one: Told, other: Told) -> float:
    """A class of the same terms is nearer than one of the same course."""
    return (not _same_term(one, other)) * 2 + _other("course")(one, other)


def _not_apart(one: Told, other: Told) -> bool:
    """Dates in common, where both tell them."""
    dates = [side[name] for side in (one, other) for name in ("start_date", "end_date")]
    if None in dates:
        return True
    first, last, start, end = map(str, dates)
    return first < end and start < last


def _undated(one: Told, other: Told) -> bool:
    """Of a school year one side tells no dates; dates that differ are no year in common."""
    return one["type"] == "schoolYear" and None in (one["start_date"], other["start_date"])


def _due_alike(one: Told, other: Told) -> bool:
    mine, theirs = one["due_date"], other["due_date"]
    return mine is not None and theirs is not None and str(mine)[:10] == str(theirs)[:10]


def _same_vendor(one: Told, other: Told) -> bool:
    return one["vendor_id"] is None or other["vendor_id"] in (None, one["vendor_id"])


def _user(word: str, label: str, holds: Callable[[Told, Told], bool], **more: Any) -> Rule:
    """A rule about people of one sort, who are looked for by their marks."""

    def also(one: Told, other: Told) -> bool:
        return holds(one, other) and persons.same_sort(one, other)

    reads = ("identifier", "user_ids", "roles", "user_master_identifier", "email", *persons.NAMES)
    return Rule(MARKED, word, label, also=also, reads=reads, **more)


def _same(told: Callable[[Told], set[Any]]) -> Callable[[Told, Told], bool]:
    """Whether two have any of what is told of them in common."""
    return lambda one, other: bool(told(one) & told(other))


_EMAIL = persons.said("email")

RULES: tuple[Rule, ...] = (
    Rule("orgs", "identifier", N_("The identifier and the type are the same"),
         ("identifier", "type"), lambda one, _: not persons.says_nothing(str(one["identifier"]))),
    Rule("orgs", "name", N_("The name and the type are the same, and no other’s"),
         ("name", "type"), sole=True),
    Rule("academic_sessions", "dates", N_("The type and the dates are the same"),
         ("start_date", "end_date", "type"), apart=_other("title"), any_of=True,
         reads=("title",)),
    Rule("academic_sessions", "name",
         N_("The title, the type and the school year are the same, and no other’s"),
         ("title", "type", "school_year"), _not_apart, sole=True, reads=("start_date", "end_date")),
    Rule("academic_sessions", "year", N_("The school year is the same, and one side has no dates"),
         ("school_year", "type"), _undated, sole=True, reads=("start_date",)),
    Rule("courses", "code-and-org", N_("The course code and the school are the same"),
         ("course_code", "org")),
    Rule("courses", "code", N_("The course code is the same, and no other’s"),
         ("course_code",), sole=True),
    Rule("classes", "code", N_("The class code, the school and a term are the same"),
         ("class_code", "school"), _at_once, apart=_class_apart, reads=("terms", "course")),
    _user("state-id", N_("A state ID is the same"), _same(persons.state_ids)),
    _user("district-number", N_("The local ID is the same, of the same sort of person"),
          _same(persons.said("identifier"))),
    _user("master-id", N_("The master ID is the same"),
          _same(persons.said("user_master_identifier"))),
    _user("natural-key", N_("The local ID of one is among the other IDs of the other"),
          _own_number),
    _user("other-id", N_("One of the other IDs is the same, and so are the names"),
          _same(persons.ids), shared=persons.ids),
    _user("email", N_("The email address is the same, and so are the names"),
          _same(_EMAIL), shared=_EMAIL),
    _user("name-and-birth-date", N_("The name and the birth date are the same"), _called_alike,
          confidence=Confidence.POSSIBLE),
    Rule("demographics", "person", N_("They are of the same person"), ("user",),
         reads=("birth_date",)),
    Rule("enrollments", "place", N_("The person, the class and the role are the same"),
         ("user", "class", "role"), apart=_days("begin_date"), reads=("begin_date",)),
    Rule("categories", "title", N_("The title is the same, and no other’s"), ("title",),
         sole=True),
    Rule("line_items", "work", N_("The class, the title and the due date are the same, and no "
                                  "other’s"),
         ("class", "title"), _due_alike, sole=True, reads=("due_date",)),
    Rule("results", "work", N_("The line item and the student are the same"),
         ("line_item", "student")),
    Rule("resources", "vendor-id", N_("The vendor’s ID is the same"),
         ("vendor_resource_id",), _same_vendor, reads=("vendor_id",)),
    Rule("assessment_line_items", "title", N_("The title is the same, and no other’s"),
         ("title",), sole=True),
    Rule("assessment_results", "assessment", N_("The assessment and the student are the same"),
         ("student", "assessment_line_item"), apart=_days("score_date"), reads=("score_date",)),
)  # fmt: skip
"""Every rule, those of an entity in the order in which they are trusted."""

BY_NAME: Mapping[str, Rule] = {one.name: one for one in RULES}


@lru_cache(maxsize=64)
def told_of(entity: EntityType) -> tuple[FieldType, ...]:
    """The fields of an entity that its rules look at."""
    names = dict.fromkeys(
        name for rule in rules_of(entity.name) for name in (*rule.same, *rule.reads)
    )
    return tuple(entity.by_name[name] for name in names)


@lru_cache(maxsize=64)
def rules_of(entity: str) -> tuple[Rule, ...]:
    """The rules of an entity, the most trusted first."""
    return tuple(one for one in RULES if one.entity == entity)


# -- what people are looked for by --


def marks(entity: EntityType, values: Sequence[Plain]) -> set[str]:
    """By what a record is found, as texts, of ``values`` in stored form.

    Its ``identifiers``, and of a person every other ID without its kind, and the email address.
    """
    found = identifiers(entity, values)
    if entity.name == MARKED:
        ids, email = (values[entity.by_name[name].index] for name in ("user_ids", "email"))
        parts = list_value(ids) if isinstance(ids, str) else ()
        numbers = {str(id_) for _, id_ in parts if id_ is not None}
        found.update(f"id:{id_}" for id_ in numbers if not persons.says_nothing(id_))
        if isinstance(email, str) and not persons.no_mailbox(email):
            found.add(f"email:{email}")
    return found


def sought(entity: EntityType, values: Sequence[Plain]) -> set[str]:
    """By which marks others are looked for that may be the same as a person."""
    found = marks(entity, values)
    ids = {text.removeprefix("id:") for text in found if text.startswith("id:")}
    found.update(f"identifier:{id_}" for id_ in ids)
    own = values[entity.by_name["identifier"].index]
    if isinstance(own, str) and not persons.says_nothing(own):
        found.add(f"id:{own}")
    return found


@lru_cache(maxsize=64)
def marked(entity: EntityType) -> tuple[FieldType, ...]:
    """The fields that marks are made of."""
    more = ("email",) if entity.name == MARKED else ()
    return (*identifying(entity), *(entity.by_name[name] for name in more))
