"""The words of OneRoster 1.2: services, collections, scopes, status words, grades."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.roster.entities import ENTITIES
from app.roster.schema import EntityType

SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
ROSTER = f"{SCOPE}roster.readonly"
ROSTER_CORE = f"{SCOPE}roster-core.readonly"
DEMOGRAPHICS = f"{SCOPE}roster-demographics.readonly"

GRADEBOOK = f"{SCOPE}gradebook.readonly"
GRADEBOOK_CORE = f"{SCOPE}gradebook-core.readonly"
CREATE_PUT = f"{SCOPE}gradebook.createput"
CREATE_POST = f"{SCOPE}gradebook.createpost"
DELETE = f"{SCOPE}gradebook.delete"

_ROSTER_CHOICES = (
    (ROSTER, DEMOGRAPHICS),
    (ROSTER_CORE, DEMOGRAPHICS),
    (ROSTER,),
    (ROSTER_CORE,),
)
_GRADEBOOK_CHOICES = {
    "off": ((),),
    "read": ((GRADEBOOK,), ()),
    "write": (
        (GRADEBOOK, CREATE_PUT, CREATE_POST, DELETE),
        (GRADEBOOK, CREATE_PUT, DELETE),
        (GRADEBOOK,),
        (),
    ),
}


def scope_choices(gradebook: str) -> tuple[str, ...]:
    """What to ask a token for where nothing is set, widest first; strict services refuse too much.

    ``gradebook`` is the setting of that name: ``off``, ``read`` or ``write``.
    """
    return tuple(
        " ".join(roster + book)
        for book in _GRADEBOOK_CHOICES[gradebook]
        for roster in _ROSTER_CHOICES
    )


SERVICE_PATH = "/ims/oneroster"
ROSTERING_PATH = "/rostering/v1p2"

TOKEN_PATHS = (
    "/token",
    "/oauth/token",
    "/oauth2/token",
    "/connect/token",
    "/oauth/access_token",
    "/api/oauth/token",
)
"""Where a token endpoint may stand on the service's own origin, where none is set."""

REVISION_HEADERS = ("x-list-revision", "list-revision", "x-revision")
"""What some services send with a page to say that the whole list has changed since the last."""

ACTIVE = frozenset({None, "", "active", "Active", "ACTIVE"})
"""Nothing said is alive. A word of its own (``inactive``) is alive too, with a warning: only the
standard's own word ends a record."""

TOBEDELETED = "tobedeleted"


@dataclass(frozen=True)
class Stream:
    """One collection: where it is read, what holds its rows on the wire, how it is written."""

    entity: EntityType
    collection: str
    """The path, and the key of a page's rows."""
    singular: str
    """The key of a single record."""
    service: str
    """``rostering``, which nobody can write to, or ``gradebook``."""
    scopes: tuple[str, ...]
    """Any of these permits reading it; the first is the usual one."""
    dispensable: Mapping[int, str] = field(default_factory=dict)
    """Statuses that only leave this stream out, with the code of why; others fail the sync."""
    place: tuple[str, ...] = ()
    """The fields that say what a record belongs to: told when it is created, never changed."""
    parent: str = ""
    """Of what can be posted: the field that names the record it is posted to."""
    known_by: tuple[str, ...] = ()
    """Of what can be posted: the fields by which it is found again under a key of the SIS's own."""

    @property
    def name(self) -> str:
        """The canonical entity's name."""
        return self.entity.name


_SPELT = {
    "item_value_lhs": "itemValueLHS",
    "item_value_rhs": "itemValueRHS",
    "learning_objectives": "learningObjectiveSet",
}


def camel_case(name: str) -> str:
    """The standard's own spelling of a canonical name: ``given_name`` is ``givenName``."""
    first, *rest = name.split("_")
    return _SPELT.get(name) or first + "".join(word.capitalize() for word in rest)


def _roster(name: str, singular: str) -> Stream:
    of = ENTITIES[name], camel_case(name), singular
    return Stream(*of, "rostering", (ROSTER, ROSTER_CORE))


def _book(name: str, singular: str, *place: str, **posting: Any) -> Stream:
    of = ENTITIES[name], camel_case(name), singular
    scopes = GRADEBOOK, GRADEBOOK_CORE
    # Few services have the whole gradebook, and fewer allow everybody to read it.
    dispensable = {403: "not_permitted", 404: "not_offered"}
    return Stream(*of, "gradebook", scopes, dispensable, place, **posting)


STREAMS = {
    stream.name: stream
    for stream in (
        _roster("orgs", "org"),
        _roster("academic_sessions", "academicSession"),
        _roster("courses", "course"),
        _roster("classes", "class"),
        _roster("users", "user"),
        Stream(
            ENTITIES["demographics"],
            "demographics",
            "demographics",
            "rostering",
            (DEMOGRAPHICS,),
            {403: "not_permitted"},
        ),
        _roster("enrollments", "enrollment"),
        _book("categories", "category"),
        _book("score_scales", "scoreScale", "class"),
        _book(
            "line_items",
            "lineItem",
            *("class", "school"),
            parent="class",
            known_by=("class", "title", "assign_date", "due_date"),
        ),
        _book(
            "results",
            "result",
            *("line_item", "student"),
            parent="line_item",
            known_by=("line_item", "student"),
        ),
    )
}
"""Every stream, in the order in which they are read: those referred to first."""

_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh"),
    *("eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth"),
)
_NAMED_GRADES = {
    "IT": "it infant toddler infant/toddler",
    "PR": "pr preschool",
    "PK": "pk prek pre-k p4 prekindergarten pre-kindergarten",
    "TK": "tk transitionalkindergarten",
    "KG": "kg k kindergarten 0 00",
    "PS": "ps postsecondary",
    "UG": "ug ungraded",
    "Other": "other",
}


def _grades() -> dict[str, str]:
    found = {word: code for code, words in _NAMED_GRADES.items() for word in words.split()}
    for number, ordinal in enumerate(_ORDINALS, 1):
        ending = {1: "st", 2: "nd", 3: "rd"}.get(number, "th")
        for word in (f"{number}", f"{number:02}", ordinal, f"{number}{ending}"):
            found[word] = f"{number:02}"
    return found


_GRADES = _grades()


def grade(text: str) -> str:
    """The CEDS code of a grade however it is written: ``Sixth grade``, ``6`` and ``06`` are ``06``.

    A word that is no known grade stays as it was said.
    """
    word = text.strip().lower().replace(" ", "").replace(".", "")
    for around in ("gradelevel", "grade"):
        word = word.removeprefix(around).removesuffix(around) or word
    return _GRADES.get(word, text)
