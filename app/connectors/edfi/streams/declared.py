"""Which resources tell the records of an entity: anchors, and the parts that are joined to them.

A stream is declared here and nowhere else. Its resources are read in the order in which they stand,
which matters twice: what tells how documents hang together (``Through``) comes before what is
handed on by it, and what is shared before whoever shares it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from app.connectors.edfi.settings import Settings
from app.connectors.edfi.telling import MEMBERS
from app.connectors.edfi.vocabulary import BETWEEN, RESOURCES

SEVERAL = frozenset({("assessment_results", "studentAssessments")})
"""Where one document may tell several records: (entity, resource)."""

MANY = frozenset({("line_items", "grades")})
"""Where one record is told by many documents, each of which says the same of it."""


def _picked(resource: str, names: tuple[str, ...]) -> Callable[[str], str]:
    """What picks parts of the natural key of a resource, as another one's natural key.

    Parts are taken by their place: an older standard may call them otherwise.
    """
    places = [RESOURCES[resource].names.index(name) for name in names]
    return lambda key: BETWEEN.join([key.split(BETWEEN)[place] for place in places])


@dataclass(frozen=True)
class Owned:
    """Each document of ``resource`` belongs to one record of the resource ``of``.

    ``by`` are the parts of its natural key that are the natural key of that record.
    """

    resource: str
    of: str
    by: tuple[str, ...]

    @cached_property
    def owner(self) -> Callable[[str], str]:
        """The natural key of the record, from that of the document."""
        return _picked(self.resource, self.by)


@dataclass(frozen=True)
class Shared:
    """Records of the resource ``of`` share documents of ``resource``.

    ``by`` are the parts of the natural key of such a record that are the document's.
    """

    resource: str
    of: str
    by: tuple[str, ...]

    @cached_property
    def wanted(self) -> Callable[[str], str]:
        """The natural key of the document, from that of the record."""
        return _picked(self.of, self.by)


@dataclass(frozen=True)
class Through:
    """Records of ``of`` are told what belongs to those whom they hang together with.

    ``via`` is the resource whose documents belong to both: to ``of``, and to the owner of what
    ``resource`` has.
    """

    resource: str
    of: str
    via: Owned
    """Through whose documents, as they belong to a record of ``of``."""
    other: Owned
    """The same documents, as they belong to those others."""
    theirs: Owned
    """What is handed on, as it belongs to those others."""


@dataclass(frozen=True)
class Listed:
    """Sessions that belong to records of ``of`` without a word of it in their keys.

    They stand under ``name`` among the parts of a record.
    """

    name: str
    of: str
    alike: int
    """So many parts of the record's key say which sessions belong to it."""

    def place(self, key: str) -> str:
        """Under which key the sessions of a record are kept."""
        return BETWEEN.join(key.split(BETWEEN)[: self.alike])


LISTING = Listed("sessions", "gradingPeriods", 4)
"""The sessions that list a grading period."""
SIBLINGS = Listed("siblings", "sessions", 2)
"""The other sessions of the same school and school year."""


@dataclass(frozen=True)
class Stream:
    """How an entity is read."""

    entity: str
    resources: tuple[str, ...]
    """All that is read, in the order of reading."""
    anchors: tuple[str, ...]
    """Those of which each document is a record, in the order of telling."""
    owned: tuple[Owned, ...] = ()
    shared: tuple[Shared, ...] = ()
    through: tuple[Through, ...] = ()
    listed: tuple[Listed, ...] = ()
    """What belongs to records without telling so by its key (``grouping``)."""
    grouped: bool = False
    """Records are small in number, always read whole, and some of them may be one."""
    paired: bool = False
    """A member of staff and a contact may be one person (``pairs``)."""
    straight: bool = False
    """Documents are told as they come: nothing but what they share was read before them."""

    @property
    def stated(self) -> bool:
        """Whether every document is one record, so that their number is known beforehand."""
        return not self.grouped and not any(
            (self.entity, name) in SEVERAL | MANY for name in self.anchors
        )


def _straight(entity: str, *resources: str) -> Stream:
    return Stream(entity, resources, resources, straight=True)


def _owned(resource: str, of: str, *by: str) -> Owned:
    return Owned(resource, of, by)


_SEOA = "studentEducationOrganizationAssociations"
_ATTEND = _owned("studentSchoolAssociations", "students", "studentUniqueId")
_ABOUT = _owned(_SEOA, "students", "studentUniqueId")
_GUARDED = _owned("studentContactAssociations", "students", "studentUniqueId")
_GUARDS = _owned("studentContactAssociations", "contacts", "contactUniqueId")
_GRADED = Shared("gradebookEntries", "studentGradebookEntries", RESOURCES["gradebookEntries"].names)
_WORKS = (
    _owned("staffEducationOrganizationAssignmentAssociations", "staffs", "staffUniqueId"),
    _owned("staffSchoolAssociations", "staffs", "staffUniqueId"),
)


SESSIONS, PERIODS = "sessions", "gradingPeriods"
GROUPED = (SESSIONS, PERIODS)
"""Of these a document a school may be one record."""


_DEMOGRAPHIC = frozenset(
    (
        *("birthDate", "birthCity", "birthCountryDescriptor", "birthStateAbbreviationDescriptor"),
        *("birthSexDescriptor", "sexDescriptor", "races", "hispanicLatinoEthnicity"),
    )
)


def members(entity: str, resource: str) -> frozenset[str]:
    """The members of a document that may be kept for an entity.

    What the roster does not tell, such as health and home addresses, is not kept; demographic facts
    are only where they were asked for, and nothing else is there.
    """
    named = {place[0] for place in RESOURCES[resource].places}
    if entity == "results" and resource == "gradebookEntries":
        return frozenset({*named, "sectionReference"})
    told = MEMBERS[resource]
    wanted = told & _DEMOGRAPHIC if entity == "demographics" else told - _DEMOGRAPHIC
    return wanted | named


def _users(settings: Settings) -> Stream:
    works = tuple(one.resource for one in _WORKS)
    if settings.guardians == "off":
        return Stream(
            "users",
            ("students", "staffs", _SEOA, *works, "studentSchoolAssociations"),
            ("students", "staffs"),
            owned=(_ATTEND, _ABOUT, *_WORKS),
        )
    return Stream(
        "users",
        (
            "contacts",
            "students",
            "staffs",
            "studentContactAssociations",
            _SEOA,
            *works,
            "studentSchoolAssociations",
        ),
        ("contacts", "staffs", "students"),
        paired=True,
        owned=(_GUARDS, _GUARDED, _ATTEND, _ABOUT, *_WORKS),
        through=(Through("studentSchoolAssociations", "contacts", _GUARDS, _GUARDED, _ATTEND),),
    )


def streams(settings: Settings) -> Mapping[str, Stream]:
    """The streams that the settings ask for, by entity, in the order in which they are read."""
    offering = RESOURCES["courseOfferings"].names
    found = [
        _straight(
            "orgs",
            "stateEducationAgencies",
            "educationServiceCenters",
            "localEducationAgencies",
            "schools",
        ),
        Stream(
            "academic_sessions",
            ("schoolYearTypes", "sessions", "gradingPeriods"),
            ("schoolYearTypes", "sessions", "gradingPeriods"),
            listed=(LISTING, SIBLINGS),
            grouped=True,
        ),
        _straight("courses", "courses"),
        Stream(
            "classes",
            ("courseOfferings", "sections"),
            ("sections",),
            shared=(Shared("courseOfferings", "sections", offering),),
        ),
        _users(settings),
    ]
    if settings.demographics != "off":
        found.append(Stream("demographics", ("students", _SEOA), ("students",), owned=(_ABOUT,)))
    found.append(_straight("enrollments", "studentSectionAssociations", "staffSectionAssociations"))
    gradebook, grades = settings.gradebook != "off", settings.grades != "off"
    if gradebook:
        found.append(_straight("categories", "gradebookEntryTypeDescriptors"))
    if gradebook or grades:
        items, scores = ("gradebookEntries",), ("studentGradebookEntries",)
        also = ("grades",) if grades else ()
        found += [
            _straight("line_items", *(items if gradebook else ()), *also),
            Stream(
                "results",
                (*items, *scores, *also) if gradebook else also,
                (*scores, *also) if gradebook else also,
                shared=(_GRADED,) if gradebook else (),
                straight=True,
            ),
        ]
    if settings.assessments != "off":
        found += [
            _straight("assessment_line_items", "assessments", "objectiveAssessments"),
            _straight("assessment_results", "studentAssessments"),
        ]
    return {one.entity: one for one in found}
