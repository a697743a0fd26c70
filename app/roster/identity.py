"""What tells that two records are one, whatever key each has (SEMANTICS A3, D5). Pure.

Within one SIS it is the fields that identify (``identifiers``). Between two SISs it is the rules
below: each says of a pair of records whether they agree, and how far that is to be trusted. What
the engine does with it is ``engine.matching``'s to say.
"""

import enum
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias

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
    if its last part says anything.
    """
    found: set[str] = set()
    for told, index, places in _places(entity):
        value = values[index]
        if not isinstance(value, str):
            continue
        if not places:
            found.add(told + value)
            continue
        for part in list_value(value):
            key = [part[place] for place in places]
            if key[-1] is not None:
                found.add(f"{told}{list_text(key)}")
    return found


# -- between two SISs -------------------------------------------------------------------------

Told: TypeAlias = Mapping[str, Plain]
"""What is known of a record: canonical values by field, references as record ids.

Of a person also what demographics tell, of a class also the dates of its terms.
"""


SAID_BY_DEMOGRAPHICS = "birth_date"
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


@lru_cache(maxsize=4096)
def _folded(text: Plain) -> str:
    """A text without case, accents and marks."""
    plain = unicodedata.normalize("NFKD", str(text or "")).casefold()
    return "".join(char for char in plain if char.isalnum() or char == " ")


def _letters(text: Plain) -> str:
    return _folded(text).replace(" ", "")


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

_GUARDIANS = frozenset({"guardian", "parent", "relative"})
_STATE = frozenset({"ssid", "sasid"})


def sorts(one: Told) -> set[str]:
    """What sort of person somebody is in the first place; none where nothing is said.

    ``student``, ``guardian`` or ``staff``: by the primary roles; where none is told primary, who
    works there or goes there is that before being somebody's guardian. A teacher who is a parent as
    well is told by some SISs as one person, and by others as two.
    """
    roles = [role for role in _parts(one, "roles") if role[0]]
    told = {_sort(str(role)) for role, _org, kind, *_ in roles if kind == "primary"}
    told = told or {_sort(str(role)) for role, *_ in roles}
    return told - {"guardian"} or told


def _sort(role: str) -> str:
    return "student" if role == "student" else "guardian" if role in _GUARDIANS else "staff"


def _same_sort(one: Told, other: Told) -> bool:
    mine, theirs = sorts(one), sorts(other)
    return not mine or not theirs or bool(mine & theirs)


def _parts(one: Told, name: str) -> Sequence[Sequence[Plain]]:
    return one[name] or ()


def _ids(one: Told) -> set[tuple[str, str]]:
    """(kind, identifier) of the other IDs, the kinds folded."""
    return {(_letters(kind), str(id_)) for kind, id_ in _parts(one, "user_ids") if id_ is not None}


def _state_ids(one: Told) -> set[str]:
    return {id_ for kind, id_ in _ids(one) if kind.startswith("state") or kind in _STATE}


def _natural(one: Told, other: Told) -> bool:
    """What the one goes by is among the other's further IDs."""
    return any(
        a["identifier"] is not None and a["identifier"] in {id_ for _, id_ in _ids(b)}
        for a, b in ((one, other), (other, one))
    ) and _same_sort(one, other)


def _same_email(one: Told, other: Told) -> bool:
    """Families share an address: of guardians the given name has to agree as well."""
    if not _equal("email", one, other) or not _same_sort(one, other):
        return False
    if "guardian" not in sorts(one) | sorts(other):
        return True
    return bool(_folded(one["given_name"])) and (
        _folded(one["given_name"]) == _folded(other["given_name"])
    )


def _namesakes(one: Told, other: Told) -> bool:
    return _equal("birth_date", one, other) and all(
        _letters(one[name]) and _letters(one[name]) == _letters(other[name])
        for name in ("given_name", "family_name")
    )


_NAMES = (
    "given_name",
    "middle_name",
    "family_name",
    "preferred_first_name",
    "preferred_middle_name",
    "preferred_last_name",
)


def _name_words(one: Told) -> set[str]:
    return {word for name in _NAMES for word in _folded(one[name]).split()}


def _said(name: str) -> Callable[[Told], set[Any]]:
    return lambda one: {one[name]} - {None}


_AGAINST: Mapping[str, tuple[tuple[str, Callable[[Told], set[Any]]], ...]] = {
    "users": (
        ("birth_date", _said("birth_date")),
        ("state_id", _state_ids),
        ("master_id", _said("user_master_identifier")),
        ("names", _name_words),
    ),
    "demographics": (("birth_date", _said("birth_date")),),
}


def contradiction(entity: str, one: Told, other: Told) -> str | None:
    """What speaks plainly against two being one, though a rule says so; its word, or ``None``."""
    for word, told in _AGAINST.get(entity, ()):
        mine, theirs = told(one), told(other)
        if mine and theirs and not mine & theirs:
            return word
    return None


# -- everything else --


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


def _user(word: str, label: str, also: Callable[[Told, Told], bool], **more: Any) -> Rule:
    """A rule about people, who are looked for by their marks."""
    reads = ("identifier", "user_ids", "roles", "user_master_identifier", "email", *_NAMES)
    return Rule("users", word, label, also=also, reads=reads, **more)


RULES: tuple[Rule, ...] = (
    Rule("orgs", "identifier", N_("The identifier and the type are the same"),
         ("identifier", "type")),
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
    _user("state-id", N_("A state ID is the same"),
          lambda one, other: bool(_state_ids(one) & _state_ids(other))),
    _user("district-number", N_("The local ID is the same, of the same sort of person"),
          lambda one, other: _equal("identifier", one, other) and _same_sort(one, other)),
    _user("master-id", N_("The master ID is the same"),
          lambda one, other: _equal("user_master_identifier", one, other)),
    _user("natural-key", N_("The local ID of one is among the other IDs of the other"), _natural),
    _user("other-id", N_("One of the other IDs is the same, of the same kind"),
          lambda one, other: bool(_ids(one) & _ids(other)) and _same_sort(one, other)),
    _user("email", N_("The email address is the same; of guardians the given name, too"),
          _same_email),
    _user("name-and-birth-date", N_("The name and the birth date are the same"), _namesakes,
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

MARKED = "users"
"""The entity whose records are looked for by their marks; all others by a field of their own."""


def marks(entity: EntityType, values: Sequence[Plain]) -> set[str]:
    """By what a record is found, as texts, of ``values`` in stored form.

    Its ``identifiers``, and of a person every other ID without its kind, and the email address.
    """
    found = identifiers(entity, values)
    if entity.name == MARKED:
        ids, email = (values[entity.by_name[name].index] for name in ("user_ids", "email"))
        parts = list_value(ids) if isinstance(ids, str) else ()
        found.update(f"id:{id_}" for _, id_ in parts if id_ is not None)
        if isinstance(email, str):
            found.add(f"email:{email}")
    return found


def sought(entity: EntityType, values: Sequence[Plain]) -> set[str]:
    """By which marks others are looked for that may be the same as a person."""
    found = marks(entity, values)
    ids = {text.removeprefix("id:") for text in found if text.startswith("id:")}
    found.update(f"identifier:{id_}" for id_ in ids)
    own = values[entity.by_name["identifier"].index]
    if isinstance(own, str):
        found.add(f"id:{own}")
    return found


@lru_cache(maxsize=64)
def marked(entity: EntityType) -> tuple[FieldType, ...]:
    """The fields that marks are made of."""
    more = ("email",) if entity.name == MARKED else ()
    return (*identifying(entity), *(entity.by_name[name] for name in more))
