"""The words of OneRoster 1.1 and 1.2: services, collections, scopes, status words, grades."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from app.roster.entities import ENTITIES
from app.roster.schema import EntityType

V1P1, V1P2 = "1.1", "1.2"
"""The versions that are spoken."""

SCOPES = {
    V1P1: "https://purl.imsglobal.org/spec/or/v1p1/scope/",
    V1P2: "https://purl.imsglobal.org/spec/or/v1p2/scope/",
}
"""What the names of the scopes begin with."""

SCOPE = SCOPES[V1P2]
ROSTER = f"{SCOPE}roster.readonly"
ROSTER_CORE = f"{SCOPE}roster-core.readonly"
DEMOGRAPHICS = f"{SCOPE}roster-demographics.readonly"

GRADEBOOK = f"{SCOPE}gradebook.readonly"
GRADEBOOK_CORE = f"{SCOPE}gradebook-core.readonly"
CREATE_PUT = f"{SCOPE}gradebook.createput"
CREATE_POST = f"{SCOPE}gradebook.createpost"
DELETE = f"{SCOPE}gradebook.delete"

ASSESSMENT = f"{SCOPE}assessment.readonly"
ASSESSMENT_PUT = f"{SCOPE}assessment.createput"
ASSESSMENT_DELETE = f"{SCOPE}assessment.delete"

RESOURCE = f"{SCOPE}resource.readonly"
RESOURCE_CORE = f"{SCOPE}resource-core.readonly"

_SINCE_V1P2 = frozenset(
    {CREATE_POST, GRADEBOOK_CORE, RESOURCE_CORE, ASSESSMENT, ASSESSMENT_PUT, ASSESSMENT_DELETE}
)
"""The scopes that OneRoster 1.1 does not have."""


def scopes_in(version: str, scopes: Iterable[str]) -> tuple[str, ...]:
    """The scopes of OneRoster 1.2 as ``version`` calls them, as far as it has them."""
    if version == V1P2:
        return tuple(scopes)
    older = (scope for scope in scopes if scope not in _SINCE_V1P2)
    return tuple(SCOPES[version] + scope.removeprefix(SCOPE) for scope in older)


_ASKED: Mapping[str, Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "demographics": {"read": ((DEMOGRAPHICS,),)},
    "gradebook": {
        "read": ((GRADEBOOK,), (GRADEBOOK_CORE,)),
        "write": (
            (GRADEBOOK, CREATE_PUT, CREATE_POST, DELETE),
            (GRADEBOOK, CREATE_PUT, DELETE),
            (GRADEBOOK,),
            (GRADEBOOK_CORE,),
        ),
    },
    "resources": {"read": ((RESOURCE,), (RESOURCE_CORE,))},
    "assessments": {
        "read": ((ASSESSMENT,),),
        "write": ((ASSESSMENT, ASSESSMENT_PUT, ASSESSMENT_DELETE), (ASSESSMENT,)),
    },
}
"""What to ask for where something is switched on, widest first."""


ScopeParts: TypeAlias = tuple[tuple[str, ...], ...]
"""What to ask a token for, part by part; each part has what may be asked for it, widest first."""


def scope_parts(version: str, **switched: str) -> ScopeParts:
    """What to ask a token for where nothing is set.

    Nothing can be done without the first part. ``switched`` has the settings ``demographics``,
    ``gradebook``, ``resources`` and ``assessments``; what is not named is off.
    """
    parts: list[tuple[tuple[str, ...], ...]] = [((ROSTER,), (ROSTER_CORE,))]
    parts += [asked.get(switched.get(name, "off"), ()) for name, asked in _ASKED.items()]
    told = (dict.fromkeys(" ".join(scopes_in(version, way)) for way in part) for part in parts)
    return tuple(ways for part in told if (ways := tuple(filter(None, part))))


def as_of_v1p2(scope: str) -> str:
    """A scope of any version by its name in OneRoster 1.2; any other word as it is."""
    return SCOPE + scope.removeprefix(SCOPES[V1P1]) if scope.startswith(SCOPES[V1P1]) else scope


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

LONE_ROLE = "primary"
"""What the only role that a person has in an organization is: there must be one, and only one,
primary role in each (OneRoster 1.2, Role, roleType), and 1.1 knows of one role alone."""


@dataclass(frozen=True)
class Stream:
    """One collection: where it is read, what holds its rows on the wire, how it is written."""

    entity: EntityType
    """With the fields that the version has."""
    collection: str
    """The path, and the key of a page's rows."""
    singular: str
    """The key of a single record."""
    service: str
    """``rostering``, ``gradebook`` or ``resources``."""
    scopes: tuple[str, ...]
    """Any of these permits reading it; the first is the usual one. All by their names in 1.2."""
    switch: str = ""
    """The setting that has it read, or written; blank where it always is read."""
    dispensable: Mapping[int, str] = field(default_factory=dict)
    """Statuses that only leave this stream out, with the code of why; others fail the sync."""
    writing: Mapping[str, str] = field(default_factory=dict)
    """The scope that permits ``put``, ``post`` or ``delete``, where the standard has that."""
    required: frozenset[str] = frozenset()
    """Of what can be written: the fields without which the standard takes no record."""
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


_MAYBE_ABSENT = {403: "not_permitted", 404: "not_offered"}
"""Few services have everything beside the rosters, and fewer allow everybody to read it."""


def _roster(name: str, singular: str) -> Stream:
    of = ENTITIES[name], camel_case(name), singular
    return Stream(*of, "rostering", (ROSTER, ROSTER_CORE))


def _book(name: str, singular: str, *place: str, required: str, **posting: Any) -> Stream:
    return Stream(
        *(ENTITIES[name], camel_case(name), singular, "gradebook", (GRADEBOOK, GRADEBOOK_CORE)),
        switch="gradebook",
        dispensable=_MAYBE_ABSENT,
        writing={"put": CREATE_PUT, "delete": DELETE, **({"post": CREATE_POST} if posting else {})},
        required=frozenset(required.split()),
        place=place,
        **posting,
    )


def _assessment(name: str, singular: str, *place: str, required: str) -> Stream:
    return Stream(
        *(ENTITIES[name], camel_case(name), singular, "gradebook", (ASSESSMENT,)),
        switch="assessments",
        dispensable=_MAYBE_ABSENT,
        writing={"put": ASSESSMENT_PUT, "delete": ASSESSMENT_DELETE},
        required=frozenset(required.split()),
        place=place,
    )


STREAMS = {
    stream.name: stream
    for stream in (
        _roster("orgs", "org"),
        _roster("academic_sessions", "academicSession"),
        Stream(
            *(ENTITIES["resources"], "resources", "resource", "resources"),
            (RESOURCE, RESOURCE_CORE),
            switch="resources",
            dispensable=_MAYBE_ABSENT,
        ),
        _roster("courses", "course"),
        _roster("classes", "class"),
        _roster("users", "user"),
        Stream(
            *(ENTITIES["demographics"], "demographics", "demographics", "rostering"),
            (DEMOGRAPHICS,),
            switch="demographics",
            dispensable={403: "not_permitted"},
        ),
        _roster("enrollments", "enrollment"),
        _book("categories", "category", required="title"),
        _book("score_scales", "scoreScale", "class", required="title type class score_scale_value"),
        _book(
            "line_items",
            "lineItem",
            *("class", "school"),
            required="title assign_date due_date class school category",
            parent="class",
            known_by=("class", "title", "assign_date", "due_date"),
        ),
        _book(
            "results",
            "result",
            *("line_item", "student"),
            required="line_item student score_status score_date",
            parent="line_item",
            known_by=("line_item", "student"),
        ),
        _assessment("assessment_line_items", "assessmentLineItem", "class", required="title"),
        _assessment(
            "assessment_results",
            "assessmentResult",
            *("assessment_line_item", "student"),
            required="assessment_line_item student score_status score_date",
        ),
    )
}
"""Every stream of OneRoster 1.2, in the order in which they are read: those referred to first."""

_FIELDS_SINCE_V1P2 = {
    "users": "user_master_identifier preferred_first_name preferred_middle_name "
    "preferred_last_name pronouns primary_org resources",
    "categories": "weight",
    "line_items": "school academic_session score_scale learning_objectives",
    "results": "class score_scale text_score learning_objectives in_progress incomplete late "
    "missing",
}
_STREAMS_SINCE_V1P2 = frozenset({"score_scales", "assessment_line_items", "assessment_results"})


def _as_of_v1p1(stream: Stream) -> Stream:
    """A stream as OneRoster 1.1 has it: fewer fields, and nothing is posted."""
    new = _FIELDS_SINCE_V1P2.get(stream.name, "").split()
    fields = [one for one in stream.entity.fields if one.name not in new]
    entity = replace(
        stream.entity,
        fields=tuple(replace(one, index=place) for place, one in enumerate(fields)),
    )
    return replace(
        stream,
        entity=entity,
        writing={way: scope for way, scope in stream.writing.items() if way != "post"},
        # On paper 1.1 asks for more, such as a score for what was not submitted; a SIS that does so
        # too says it in its own words.
        required=stream.required.difference(new),
        place=tuple(name for name in stream.place if name not in new),
        parent="",
        known_by=(),
    )


_OLDER_STREAMS = {
    name: _as_of_v1p1(stream) for name, stream in STREAMS.items() if name not in _STREAMS_SINCE_V1P2
}


def streams(version: str) -> Mapping[str, Stream]:
    """The streams that a version of OneRoster has, in the order in which they are read."""
    return STREAMS if version == V1P2 else _OLDER_STREAMS


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
