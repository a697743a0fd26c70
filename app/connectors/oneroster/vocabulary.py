"""The words of OneRoster 1.2 rostering: collections, scopes, status words, grades."""

from dataclasses import dataclass

from app.roster.entities import ENTITIES
from app.roster.schema import EntityType

SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
ROSTER = f"{SCOPE}roster.readonly"
ROSTER_CORE = f"{SCOPE}roster-core.readonly"
DEMOGRAPHICS = f"{SCOPE}roster-demographics.readonly"

SCOPE_CHOICES = (
    (ROSTER, DEMOGRAPHICS),
    (ROSTER_CORE, DEMOGRAPHICS),
    (ROSTER,),
    (ROSTER_CORE,),
)
"""What to ask a token for where nothing is set, widest first; strict services refuse too much."""

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
    """One rostering collection: where it is read, and what holds its rows on the wire."""

    entity: EntityType
    collection: str
    """The path, and the key of a page's rows."""
    singular: str
    """The key of a single record."""
    scopes: frozenset[str]
    """Any of these permits reading it."""

    @property
    def name(self) -> str:
        """The canonical entity's name."""
        return self.entity.name


_ROSTERING = frozenset({ROSTER, ROSTER_CORE})


def _stream(name: str, singular: str, scopes: frozenset[str] = _ROSTERING) -> Stream:
    return Stream(ENTITIES[name], camel_case(name), singular, scopes)


def camel_case(name: str) -> str:
    """The standard's own spelling of a canonical name: ``given_name`` is ``givenName``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


STREAMS = {
    stream.name: stream
    for stream in (
        _stream("orgs", "org"),
        _stream("academic_sessions", "academicSession"),
        _stream("courses", "course"),
        _stream("classes", "class"),
        _stream("users", "user"),
        _stream("demographics", "demographics", frozenset({DEMOGRAPHICS})),
        _stream("enrollments", "enrollment"),
    )
}
"""Every rostering stream, in the order in which they are read: those referred to first."""

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
